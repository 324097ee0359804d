"""One of two processes that hold a model in FSDP's pieces on CPUs, for test_processes.py: exit code 0 when all is as in one piece."""

import os

import torch
import torch.distributed
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard

from tests.training_recipes.test_trainer import PAD, examples, llama, with_lora
from training_recipes.chunked import in_chunks
from training_recipes.loss import token_form
from training_recipes.processes import is_main, whole_weights
from training_recipes.prompts import collate
from training_recipes.trainer import answer_nll

torch.set_num_threads(1)
torch.distributed.init_process_group("gloo")
mesh = init_device_mesh("cpu", (torch.distributed.get_world_size(),))
batch = collate(examples(4), PAD)

for make in (llama, lambda: with_lora(llama())):
    model = make()
    whole = {name: weight.clone() for name, weight in model.state_dict().items()}

    def gradients(chunk: int | None, model: torch.nn.Module = model) -> dict[str, torch.Tensor]:
        model.zero_grad()
        with in_chunks(model, chunk):
            token_form(*answer_nll(model, model, batch, chunk is not None), batch["weights"]).backward()
        found = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
        return {name: getattr(grad, "full_tensor", lambda grad=grad: grad)().clone() for name, grad in found.items()}

    alone = gradients(None)
    for layer in model.get_decoder().layers:
        fully_shard(layer, mesh=mesh)
    fully_shard(model, mesh=mesh)
    for chunk in (None, 3):
        torch.testing.assert_close(gradients(chunk), alone)
    put_together = whole_weights(model)
    assert put_together is not None and (not is_main() or put_together.keys() == whole.keys())
    assert all(torch.equal(weight, whole[name]) for name, weight in put_together.items())

torch.distributed.barrier()
torch.distributed.destroy_process_group()
os._exit(0)  # all held: on a busy machine a thread of gloo's that still wakes would abort an interpreter that winds down
