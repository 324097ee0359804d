"""base_model: the model that recipes adapt. tiny-gpt2 is pretrained here on the train split alone; others are named, not copied.

`tiny-gpt2` knows nothing but 450 pairs: it shows that the way from data to score works, and which way the recipes pull.
"""

import sys
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from curation.engine import METRICS, write_folder, write_json
from curation.errors import TibyanError
from curation.params import OWN, BaseModelParams, Params
from curation.pretrained import commit_of
from training_recipes.catalogue import PromptFormat
from training_recipes.models import BASE, DESCRIPTION, check_length, load_model, resolve
from training_recipes.progress import last_tenth
from training_recipes.prompts import Example, format_of, make_example, set_format, whole_text
from training_recipes.records import Record, digest, read_split
from training_recipes.running import main, make_deterministic
from training_recipes.trainer import Schedule, fit, plain_loss

END = "<|endoftext|>"


def run(params: Params) -> str:
    """Make models/base and reports/metrics/base_model.json.

    There `train_loss` is per token of whole texts, the last tenth of the steps; `validation_loss` is per answer token,
    as in the metrics of the recipes, which start from it; `tokens` are those of the train split, once.
    """
    wanted = params.base_model
    described = resolve(wanted)
    form = PromptFormat(**described["prompt"])
    make_deterministic(wanted.seed, wanted.threads)
    train = read_split("train")
    validation = read_split("validation")
    losses, learned = list[float](), list[Example]()
    with write_folder(BASE) as folder:
        if wanted.name == OWN:
            tokenizer = train_tokenizer(train, wanted, form)
            model = new_model(tokenizer, wanted)
            learned = [whole_text(example) for example in _examples(train, tokenizer, wanted.context)]
            losses = pretrain(model, learned, tokenizer, wanted)
            save(model, tokenizer, described, folder)
        else:
            # The commit that is loaded, not the branch: every run then reads the same weights.
            described["revision"] = commit_of(described["name"], described["revision"], "base_model.revision")
            model, tokenizer = load_model(described["name"], described["revision"], form)
            write_json(folder / DESCRIPTION, described)
        check_length(model, wanted.context, "base_model.context")
        held_out = plain_loss(model, _examples(validation, tokenizer, wanted.context), tokenizer.pad_token_id, wanted.batch)
    metrics = {
        "parameters": model.num_parameters(),
        "vocabulary": len(tokenizer),
        "steps": len(losses),
        "tokens": sum(len(example.ids) for example in learned),
        "train_loss": round(last_tenth(losses), 4) if losses else None,
        "validation_loss": round(held_out, 4),
    }
    write_json(METRICS / "base_model.json", metrics)
    return f"{wanted.name}, {metrics['parameters']:,} parameters, validation loss {metrics['validation_loss']}"


def train_tokenizer(records: list[Record], params: BaseModelParams, form: PromptFormat | None = None) -> Any:
    """Byte-level BPE: no text is unknown to it. It has fewer pieces than asked for where no more of them repeat."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    if params.vocabulary <= len(alphabet):
        raise TibyanError(f"base_model.vocabulary: {params.vocabulary} is too small; bytes alone need {len(alphabet) + 1}.")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=params.vocabulary,
        min_frequency=2,
        special_tokens=[END],
        initial_alphabet=alphabet,
        show_progress=False,
    )
    form = form or format_of(tokenizer)
    tokenizer.train_from_iterator((f"{form.before}{r.question}{form.after}{form.lead}{r.answer}" for r in records), trainer)
    made = PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token=END, eos_token=END, pad_token=END, model_max_length=params.context)
    set_format(made, form)
    return made


def new_model(tokenizer: Any, params: BaseModelParams) -> Any:
    """A GPT-2 with random weights. Without dropout: so few passes do not overfit, and it costs a third of the time."""
    if params.width % params.heads:
        raise TibyanError(f"base_model.heads: {params.heads} must divide base_model.width ({params.width}).")
    end = tokenizer.eos_token_id
    config = GPT2Config(
        vocab_size=len(tokenizer),
        n_positions=params.context,
        n_embd=params.width,
        n_layer=params.layers,
        n_head=params.heads,
        bos_token_id=end,
        eos_token_id=end,
        pad_token_id=end,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
    )
    return GPT2LMHeadModel(config)


def pretrain(model: Any, examples: list[Example], tokenizer: Any, params: BaseModelParams) -> list[float]:
    """Next-token prediction over whole examples, prompt and answer; the loss of each step is returned."""
    schedule = Schedule(
        steps=params.steps,
        batch=params.batch,
        learning_rate=params.learning_rate,
        seed=params.seed,
        warmup_steps=params.steps // 10,
    )
    return fit("base_model", model, examples, tokenizer.pad_token_id, schedule)


def save(model: Any, tokenizer: Any, described: dict[str, Any], folder: Path) -> None:
    """Weights, configuration, tokenizer and base.json, which holds the digest that recipes are tied to."""
    model.config.use_cache = True  # the Trainer turns it off
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    write_json(folder / DESCRIPTION, described | {"sha256": digest(folder / "model.safetensors")})


def _examples(records: list[Record], tokenizer: Any, length: int) -> list[Example]:
    return [make_example(tokenizer, record.question, record.answer, length) for record in records]


if __name__ == "__main__":
    main("base_model", run, sys.argv[1:])
