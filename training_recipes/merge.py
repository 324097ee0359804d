"""merge RUN OUT: the LoRA matrices of a run put into its base model, and the whole written to a folder that needs no PEFT."""

import sys
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers.pytorch_utils import Conv1D

from curation.engine import write_folder, write_json
from curation.errors import TibyanError
from curation.params import Params
from training_recipes.adapters import save_whole
from training_recipes.models import DESCRIPTION, RECIPE, load_adapted, load_base, read_description, recipe_folder
from training_recipes.precision import QUANTISED
from training_recipes.running import main, make_deterministic


def run(params: Params, name: str, out: str) -> str:
    """Make the folder OUT, in float32; it may be `base_model.name`, and is asked as the run was.

    The base of a run over four bits is merged as it was trained over, its four bits written out: merged into the weights that
    were never quantised, it would be another model.
    Raises TibyanError when the run is a whole model already, or OUT holds something else than a merged model.
    """
    folder = Path(out)
    # A run has the first of these alone, and models/base the second.
    if folder.exists() and not all((folder / name).is_file() for name in (RECIPE, DESCRIPTION)):
        raise TibyanError(f"{out}: is there and is no merged model, so that it is not replaced. Name a folder that is not there yet.")
    described = read_description(recipe_folder(name) / RECIPE)
    if (method := described["recipe"]["method"]) == "full":
        raise TibyanError(f"{recipe_folder(name)}: trained whole, so that there is nothing to merge. Use the folder as it is.")
    make_deterministic(params.train.seed, params.train.threads)
    model, tokenizer = load_adapted(name)
    if method == QUANTISED:
        model = PeftModel.from_pretrained(written_out(model.unload(), load_base()[0]), str(recipe_folder(name)))
    merged = model.to(torch.float32).merge_and_unload(safe_merge=True)
    with write_folder(folder) as beside:
        save_whole(merged, tokenizer, described, beside)
        write_json(beside / DESCRIPTION, {"name": f"{described['base']['name']} with {name}", "prompt": described["base"]["prompt"]})
    return f"{merged.num_parameters():,} parameters"


def written_out(quantised: Any, whole: Any) -> Any:
    """`whole`, with the weights that `quantised` holds in four bits as those four bits have them.

    transformers' own `dequantize` leaves linear layers where GPT-2 has its Conv1D, which keeps matrices the other way round.
    """
    from bitsandbytes.functional import dequantize_4bit
    from bitsandbytes.nn import Linear4bit

    for name, module in quantised.named_modules():
        if isinstance(module, Linear4bit):
            layer = whole.get_submodule(name)
            weight = dequantize_4bit(module.weight.data, module.weight.quant_state).to(layer.weight)
            layer.weight.data = (weight.T if isinstance(layer, Conv1D) else weight).contiguous()
    return whole


if __name__ == "__main__":
    main("merge", run, sys.argv[1:], takes=("RUN", "OUT"))
