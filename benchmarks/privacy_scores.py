"""How much personal data redaction finds, and what it takes that is none: counts over texts whose answer is known."""

import csv
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.setting import ROOT
from curation import clean
from curation.params import InputParams
from curation.privacy.names import known_names
from curation.privacy.patterns import KINDS
from curation.privacy.redaction import Span, redact_text
from curation.sources.dump import Comment, Pair, Post
from curation.sources.inputs import all_readings, read

CASES = ROOT / "tests" / "curation" / "privacy_cases" / "cases.csv"
DOSES = CASES.with_name("doses.csv")
SAMPLE = ROOT / "data" / "sample"
PLACEHOLDER = re.compile(rf"\[({'|'.join(KINDS)})\]")
# Where two placeholders stand beside each other, what a value must begin with says where the one before ends.
BEGINS = {"NAME": r"\D+?", "PHONE": r"[+(]?\s?\d.*?", "ID": r"(?:[A-Za-z]{1,4}[-/ ]?)?\d.*?"}
Counts = Counter[str]


class Case(NamedTuple):
    """A text, where personal data stands in it, and whose dialect it is."""

    text: str
    planted: tuple[Span, ...]
    dialect: str
    split: str = ""


class Event(NamedTuple):
    """One thing to count: `planted` and what became of it (`found`, `partial`, `missed`; `renamed` when found as another kind), or
    `given`, a placeholder, and whether it stands on nothing planted (`false`) or takes words around it along (`wide`)."""

    what: str
    kind: str
    dialect: str


def cases(path: Path = CASES) -> list[Case]:
    """The cases written by hand."""
    return [Case(r["text"], planted(r["text"], r["expected"]), r["dialect"], r["split"]) for r in rows(path)]


def rows(path: Path) -> list[dict[str, str]]:
    """A CSV under the names of its header."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def planted(text: str, expected: str) -> tuple[Span, ...]:
    """The places in `text` of the placeholders of `expected`."""
    literals = PLACEHOLDER.split(expected)[::2]
    kinds = PLACEHOLDER.findall(expected)
    for groups in ([BEGINS.get(kind, r"\S.*?") for kind in kinds], [".+?" for _ in kinds]):
        pattern = "".join(re.escape(a) + f"({b})" for a, b in zip(literals, groups, strict=False)) + re.escape(literals[-1])
        if match := re.fullmatch(pattern, text, re.DOTALL):
            return tuple(Span(*match.span(i), kind) for i, kind in enumerate(kinds, start=1))
    raise ValueError(f"{CASES.name}: a text differs from its expected one outside the placeholders: {expected!r}")


def judge(case: Case, given: Iterable[tuple[int, int, str]]) -> Iterator[Event]:
    """What became of the planted pieces of a case, and what the placeholders `given` stand on. Blanks do not count."""
    spans = [Span(*span) for span in given]
    seen = {i for i, character in enumerate(case.text) if not character.isspace()}
    covered = {i for span in spans for i in range(span.start, span.end)}
    wanted = {i for span in case.planted for i in range(span.start, span.end)}
    for span in case.planted:
        places = seen & set(range(span.start, span.end))
        state = "found" if places <= covered else "partial" if places & covered else "missed"
        yield Event("planted", span.kind, case.dialect)
        yield Event(state, span.kind, case.dialect)
        over = {other.kind for other in spans if other.start < span.end and span.start < other.end}
        if over and span.kind not in over:
            yield Event("renamed", span.kind, case.dialect)
    for span in spans:
        places = seen & set(range(span.start, span.end))
        yield Event("given", span.kind, case.dialect)
        if not places & wanted:
            yield Event("false", span.kind, case.dialect)
        elif places - wanted:
            yield Event("wide", span.kind, case.dialect)


def redacted(cases: Iterable[Case]) -> list[Event]:
    """All events of the cases under the redactor."""
    return [event for case in cases for event in judge(case, redact_text(case.text)[1])]


def tally(events: Iterable[Event], group: Callable[[Event], str]) -> dict[str, Counts]:
    """How often each thing happened, by group."""
    counts: dict[str, Counts] = {}
    for event in events:
        counts.setdefault(group(event), Counter())[event.what] += 1
    return counts


# The sample: the places of what was planted in its dumps are known.


def sample_cases() -> Iterator[tuple[Case, list[Span]]]:
    """Every text of the sample's dumps with what was planted, and what redaction finds with the file's account names known."""
    known: dict[tuple[str, str, str], list[Span]] = {}
    for row in rows(SAMPLE / "known" / "personal_data.csv"):
        key = row["file"], row["row"], row["comment_id"] or row["native_id"]
        known.setdefault(key, []).append(Span(int(row["start"]), int(row["end"]), row["kind"]))
    for [(dump, reader)] in all_readings(InputParams(path=str(path)) for path in sorted((SAMPLE / "raw").iterdir())):
        items = list(read(dump, reader))
        names = known_names(filter(None, map(_author_name, _everything(items))))
        texts = {(dump.path.name, *key): text for item in items for key, text in _texts(item)}
        for key, text in texts.items():
            yield Case(text, tuple(known.pop(key, ())), ""), redact_text(text, known=names)[1]
    if known:
        raise ValueError(f"{sum(map(len, known.values()))} planted pieces of the sample stand in no text that a reader gives")


def _everything(items: Iterable[Any]) -> Iterator[Any]:
    for item in items:
        yield item
        yield from item.comments if isinstance(item, Post) else ()


def _author_name(item: Any) -> str | None:
    return item.author_name if isinstance(item, Post | Comment) else None


def _texts(item: Any) -> Iterator[tuple[tuple[str, str], str]]:
    """The texts of an item under (row, id), as the sample's known answers name them."""
    if isinstance(item, Pair):
        row = item.position.split()[-1]
        yield (row, ""), item.question
        yield (row, "a_body"), item.answer or ""
    elif isinstance(item, Post):
        yield ("", item.native_id), item.text
        yield from ((("", comment.native_id), comment.text) for comment in item.comments)
    elif isinstance(item, Comment):
        yield ("", item.native_id), item.text


def left_in_records() -> dict[str, dict[str, Any]]:
    """What the report's stage counted in the records of the last `dvc repro`, by kind; empty where there is none."""
    path = ROOT / "reports" / "planted.json"
    counted = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {row["kind"]: row for row in counted.get("personal_data", [])}


# Doses.

NUMBER = re.compile(r"\d+(?:[.,/]\d+)*|[\u00bc-\u00be\u2150-\u215e]")
MARKS = str.maketrans({"٫": ".", "٬": ","})
MEASURES = {
    "doses and concentrations": re.compile(
        r"(?i)(?<![\w.,٫])\d{1,7}(?:[.,٫]\d+)?\s?(?:ملغ|ملغم|مغ|ملجم|مجم|ملي|مل|ملم|جم|غم|غرام|جرام|وحدة|وحده|mg|mcg|ml|gm?|gr|iu|cc)(?!\w)"
    ),
    "per cent": re.compile(r"(?<![\w.,٫])\d{1,3}(?:[.,٫]\d+)?\s?[%٪](?!\w)"),
    "blood pressures": re.compile(r"(?<![\w/.-])(?:[7-9]\d|1\d\d|2[0-4]\d)\s?[/\\]\s?(?:[4-9]\d|1[0-4]\d)(?![\w/.-])"),
}


def numbers(text: str) -> list[str]:
    """The numbers of a text in order, in one set of digits and decimal marks."""
    western = "".join(str(unicodedata.digit(c)) if c.isdecimal() else c for c in text.translate(MARKS))
    return NUMBER.findall(western)


def changed_doses(texts: list[str]) -> Counts:
    """How many texts lost or changed a number in redaction, and how many in redaction and light cleaning."""
    after = [redact_text(text)[0] for text in texts]
    cleaned = [text or "" for text in clean(after)["text"].to_pylist()]
    counts: Counts = Counter(texts=len(texts))
    counts["numbers"] = sum(len(numbers(text)) for text in texts)
    counts["redacted"] = sum(numbers(a) != numbers(b) for a, b in zip(texts, after, strict=True))
    counts["cleaned"] = sum(numbers(a) != numbers(b) for a, b in zip(texts, cleaned, strict=True))
    counts["placeholders"] = sum(len(PLACEHOLDER.findall(text)) for text in after)
    return counts


def measured_values(texts: Iterable[str]) -> dict[str, Counts]:
    """For each kind of measured value how many stand in the texts, and how many of them redaction touches."""
    counts = {kind: Counter({"texts": 0}) for kind in MEASURES}
    for text in texts:
        found = [(kind, match.span()) for kind, pattern in MEASURES.items() for match in pattern.finditer(text)]
        if not found:
            continue
        spans = redact_text(text)[1]
        for kind, (start, end) in found:
            counts[kind]["there"] += 1
            counts[kind]["touched"] += any(span.start < end and start < span.end for span in spans)
    return counts
