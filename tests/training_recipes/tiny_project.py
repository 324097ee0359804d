"""A dataset of our own sentences, and parameters so small that a stage takes a second; for the `project` fixture."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curation.params import Params
from training_recipes import base_model
from training_recipes.records import BUILT

COMPLAINTS = {
    "mild": [
        "عندي زكام خفيف من يومين",
        "بشرتي جافة في الشتاء",
        "رجلي تؤلمني بعد المشي الطويل",
        "اشعر بحموضة بعد الاكل",
    ],
    "moderate": [
        "حرارتي 39 منذ ثلاثة ايام",
        "ضغطي 150 على 95 هذا الاسبوع",
        "عندي حرقة بول مع وجع ظهر",
        "السكر صايم 180",
    ],
    "critical": ["ابي عنده الم صدر وتعرق بارد", "ابني مش قادر يتنفس", "زوجتي تنزف وهي حامل", "فقدت النظر في عيني فجأة"],
}
ANSWERS = {
    "mild": "لا تقلق، اشرب ماء كثيرا وارتح، وراجع الطبيب ان استمر الامر اسبوعا.",
    "moderate": "راجع الطبيب خلال يومين واعمل التحاليل المطلوبة قبل اي دواء.",
    "critical": "هذه حالة طارئة، اذهب الى اقرب مستشفى الان ولا تنتظر.",
}
PROBABILITIES = {"mild": (0.8, 0.15, 0.05), "moderate": (0.2, 0.6, 0.2), "critical": (0.05, 0.15, 0.8)}
DIALECTS = ("MSA", "EGY")
SPECIALTIES = ("امراض باطنية", None, "امراض الاطفال", None)
PEOPLE = ["صباح الخير", "يا دكتور", "السلام عليكم", "لو سمحتم", "ارجو الرد", "من فضلكم"]


def rows(split: str, count: int) -> list[dict[str, Any]]:
    """Records with every severity in turn, the latest first, since a reader may not count on the order."""
    made = []
    for i in range(count):
        severity = list(COMPLAINTS)[i % 3]
        complaint = COMPLAINTS[severity][i // 3 % 4]
        p_mild, p_moderate, p_critical = PROBABILITIES[severity]
        made.append(
            {
                "record_id": f"{split}-{i:03}",
                "question": f"{PEOPLE[i % 6]}، {complaint}، ماذا افعل؟",
                "question_msa": f"{complaint}، ماذا افعل؟",
                "answer": f"{ANSWERS[severity]} {complaint.split()[0]}.",
                "dialect": DIALECTS[i % 2],
                "specialty": SPECIALTIES[i % 4],
                "severity": severity,
                "p_mild": p_mild,
                "p_moderate": p_moderate,
                "p_critical": p_critical,
            }
        )
    return made[::-1]


def write_split(split: str, content: list[dict[str, Any]]) -> None:
    """Put these rows in the place of those of the split in data/interim/built.parquet."""
    BUILT.parent.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist(content, schema=None if content else SCHEMA)
    parts = [table.append_column("split", pa.array([split] * len(table), pa.string()))]
    if BUILT.exists():
        before = pq.read_table(BUILT)
        parts.append(before.filter(pc.not_equal(before["split"], split)))
    pq.write_table(pa.concat_tables([part for part in parts if len(part)] or parts[:1]), BUILT)


SCHEMA = pa.Table.from_pylist(rows("train", 2)).schema


def write_dataset() -> None:
    for split, count in (("train", 32), ("validation", 6), ("test", 7)):
        write_split(split, rows(split, count))


def shrink(params: Params) -> Params:
    base = {
        "name": "tiny-gpt2",
        "vocabulary": 400,
        "width": 32,
        "layers": 2,
        "heads": 2,
        "context": 96,
        "steps": 6,
        "batch": 8,
    }
    train = {"steps": 4, "batch": 8, "accumulation": 1, "max_length": 96, "warmup_steps": 0, "lora_dropout": 0.0}
    evaluate = {"max_examples": 6, "max_new_tokens": 12, "batch": 4, "layer": 4, "bootstrap": 200}
    changes = {"base_model": base, "train": train, "evaluate": evaluate}
    sections = {name: getattr(params, name).model_copy(update=change) for name, change in changes.items()}
    return with_threads(params.model_copy(update=sections), 1)


def with_threads(params: Params, threads: int) -> Params:
    """One thread is the faster here: two wait for each other after every tiny sum."""
    names = ("base_model", "train", "evaluate")
    return params.model_copy(update={n: getattr(params, n).model_copy(update={"threads": threads}) for n in names})


def with_train(params: Params, **changes: Any) -> Params:
    return params.model_copy(update={"train": params.train.model_copy(update=changes)})


def with_base(params: Params, **changes: Any) -> Params:
    return params.model_copy(update={"base_model": params.base_model.model_copy(update=changes)})


def prepare(params: Params) -> Params:
    """The dataset and models/base in the working directory; returns the small parameters."""
    small = shrink(params)
    write_dataset()
    base_model.run(small)
    return small


def contents(*folders: str) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for folder in folders for path in sorted(Path(folder).rglob("*")) if path.is_file()}
