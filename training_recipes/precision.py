"""In what precision a model is computed and held, and whether this machine has it."""

from importlib.util import find_spec

import torch
from transformers import BitsAndBytesConfig

from curation.errors import TibyanError

QUANTISED = "qlora_nf4"  # the method whose base is held in four bits
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16, None: torch.float32}


def check_device(method: str, precision: str) -> None:
    """Raise TibyanError where this machine cannot do what the run asks for: another precision would be another experiment."""
    mixed_precision(precision)
    if method == QUANTISED:
        nf4()


def mixed_precision(wanted: str) -> dict[str, bool]:
    """`bf16` and `fp16` of TrainingArguments. Raises TibyanError when the device has not got what is asked for.

    A CPU has bf16 when asked: three times as fast as float32 where it has the instructions, and slow but right where it has not.
    """
    gpu = torch.cuda.is_available()
    has_bf16 = not gpu or torch.cuda.is_bf16_supported(including_emulation=False)
    if wanted == "auto":
        wanted = ("bf16" if has_bf16 else "fp16") if gpu else "fp32"
    if (wanted == "bf16" and not has_bf16) or (wanted == "fp16" and not gpu):
        raise TibyanError(f"train.precision: {wanted} needs a GPU that has it, and there is none here. Set it to auto in params.yaml.")
    return {"bf16": wanted == "bf16", "fp16": wanted == "fp16"}


def nf4() -> BitsAndBytesConfig:
    """Four bits as QLoRA has them (arXiv:2305.14314): NormalFloat, quantised twice. Raises TibyanError without bitsandbytes."""
    if find_spec("bitsandbytes") is None:
        raise TibyanError(f"{QUANTISED}: four bits need bitsandbytes. Run `pip install bitsandbytes`, or choose a recipe of lora.")
    compute = next((DTYPES[name] for name, on in mixed_precision("auto").items() if on), torch.float32)
    return BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=compute)
