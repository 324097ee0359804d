"""Which planted personal data can still be found in the records; what comes out names none of it."""

import re
import unicodedata
from collections.abc import Callable
from typing import Any

MAX_IDS = 10
TO_WESTERN = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "0123456789" * 2)
GAPS = re.compile(r"[\s.()/+-]")
Posts = list[dict[str, str]]


def leaks(known: Posts, posts: Posts, texts: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """By kind: places and values planted, values at stake, and those left in `texts`, pairs of record_id and text.

    At stake is what stands in a post or in the answer that was to be chosen, or was found left. What stands in no
    record because its comment was never chosen says nothing about redaction.
    """
    answer_of = {(post["file"], post["native_id"]): post["answer_native_id"] for post in posts if post["native_id"]}
    files = {post["file"] for post in posts}
    by_kind: dict[str, Posts] = {}
    for row in known:
        if row["file"] in files:
            by_kind.setdefault(row["kind"], []).append(row)
    return [_of_kind(kind, rows, answer_of, texts) for kind, rows in sorted(by_kind.items())]


def _of_kind(kind: str, rows: Posts, answer_of: dict[tuple[str, str], str], texts: list[tuple[str, str]]) -> dict[str, Any]:
    fold = FOLD.get(kind, _squeezed)
    wanted = {value: fold(value) for value in sorted({row["value"] for row in rows})}
    folded = [(record_id, fold(text)) for record_id, text in texts]
    found = [(record_id, value) for record_id, text in folded for value, key in wanted.items() if key in text]
    left = {value for _, value in found}
    exposed = {row["value"] for row in rows if _in_record(row, answer_of)} | left
    return {
        "kind": kind,
        "places": len(rows),
        "values": len(wanted),
        "at_stake": len(exposed),
        "left": len(left),
        "recall": round(1 - len(left) / len(exposed), 4) if exposed else None,
        "record_ids": sorted({record_id for record_id, _ in found})[:MAX_IDS],
    }


def _in_record(row: dict[str, str], answer_of: dict[tuple[str, str], str]) -> bool:
    """The post itself, the answer of a table's row, or the comment that was to be chosen."""
    return row["comment_id"] in ("", "a_body", answer_of.get((row["file"], row["native_id"])))


def _seen(text: str) -> str:
    return "".join(c for c in text if unicodedata.category(c) != "Cf")


def _squeezed(text: str) -> str:
    """Without blanks, marks and case: an address is the same however it is spaced."""
    return "".join(_seen(text).casefold().split())


def _digits(text: str) -> str:
    """Numbers without the gaps in them, in one script."""
    return "".join(c if c.isdecimal() else " " for c in GAPS.sub("", _seen(text).translate(TO_WESTERN))).strip()


def _words(text: str) -> str:
    """Words between single blanks: a name is not found inside a longer word."""
    found = re.findall(r"\w+", _seen(text).casefold())
    return f" {' '.join(found)} "


FOLD: dict[str, Callable[[str], str]] = {"PHONE": _digits, "NAME": _words}
