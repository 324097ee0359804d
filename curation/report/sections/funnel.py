"""The way of the counts: from pieces read to splits, each balance held against what is counted in the data."""

from typing import Any

from curation.errors import TibyanError
from curation.report.material import Material
from curation.schema import SPLITS
from curation.selection import thresholds

UNREAD = "not a record: left out at reading"
FURTHER = "a post with several answers makes several records"


def figures(material: Material) -> list[dict[str, Any]]:
    """Lines of `kind` (minus, plus, total, part), `name`, `count`, `balance` and `note`; totals are counted.

    Raises TibyanError where a total is not what the lines before it leave.
    """
    session, ingest, kept = material.session, material.ingest, material.kept
    unread = session.counts("SELECT reason, count(*) FROM rejects GROUP BY ALL")
    dropped = session.counts("SELECT reject_reason, count(*) FROM tagged WHERE NOT kept GROUP BY ALL")
    splits = session.counts("SELECT coalesce(split, ''), count(*) FROM tagged WHERE kept GROUP BY ALL")
    why = {t.reason: t.why for t in thresholds(material.params.select)}
    reasons = [*why, *sorted(set(dropped) - set(why))]  # in the order in which they are tried
    balance = int(ingest["read"])
    lines = [_line("total", "pieces read", balance, balance)]
    for kind, name, count, note in (
        *(("minus", reason, n, UNREAD) for reason, n in unread.items()),
        ("plus", "further_answers", int(ingest["further_answers"]), FURTHER),
        ("total", "records", material.records, "parsed, redacted, paired"),
        ("total", "cleaned", session.count("cleaned"), "nothing is dropped"),
        ("total", "tagged", session.number("SELECT count(*) FROM tagged"), "nothing is dropped"),
        *(("minus", reason, dropped.get(reason, 0), why.get(reason, "")) for reason in reasons),
        ("total", "kept", kept, "the dataset"),
    ):
        balance += {"minus": -count, "plus": count, "total": 0}[kind]
        if kind == "total" and count != balance:
            raise _apart(f"{balance} pieces by the lines before, {count} {name}")
        if count or kind == "total":
            lines.append(_line(kind, name, count, balance, note))
    in_splits = sum(splits.get(name, 0) for name in SPLITS)
    if in_splits != kept:
        raise _apart(f"{kept} kept, {in_splits} in {', '.join(SPLITS)}")
    return lines + [_line("part", name, splits.get(name, 0), kept) for name in SPLITS]


def _line(kind: str, name: str, count: int, balance: int, note: str = "") -> dict[str, Any]:
    return {"kind": kind, "name": name, "count": count, "balance": balance, "note": note}


def _apart(what: str) -> TibyanError:
    return TibyanError(f"the counts do not add up: {what}. Run `dvc repro --force`.")
