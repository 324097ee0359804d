"""JSON objects out of whatever tools write: arrays with empty slots, no final bracket, objects concatenated or one a line.

Not ijson: the arrays of facebook-scraper hold empty slots, which no strict parser passes, and a damaged object must cost only itself.
The standard library's decoder reads one object at a time out of a sliding window, so that memory is bounded by the largest object.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from curation.sources.delimited import open_text
from curation.sources.dump import Dump, Reject
from curation.sources.json_window import ANY, Window, leads

DEEPEST = 64  # brackets around the records; no tool writes more than four
Found = tuple[str, dict[str, Any]]
__all__ = ["ANY", "objects"]


def objects(dump: Dump, path: Sequence[str] = (), always: bool = False) -> Iterator[Found | Reject]:
    """Every record with its position (`object 12`); a Reject for each piece that is not one.

    `path` names the keys that lead from an object at the top to the records: `("data",)` for `{"data": [record, …], "paging": …}`; `*`
    is any key whose value is an object. An object without such a key is a record itself, as in JSON lines, unless `always`.
    """
    number = 0
    around: list[int] = []  # for each bracket around, how much of the path lay behind when it opened
    level = 0  # how much of the path lies behind
    with open_text(dump) as file:
        window = Window(file)
        while token := window.see():
            value: Any = None
            if token in "]}":
                level = around.pop() if around else 0
                window.at += 1
            elif token == "[" and len(around) < DEEPEST:
                around.append(level)
                window.at += 1
            elif key := window.key():
                if level < len(path) and leads(path[level], key, token := window.see()):
                    if token == "[" or level + 1 < len(path):
                        around.append(level)
                        level += 1
                        window.at += 1
                    else:
                        value = window.value()
                elif isinstance(skipped := window.value(), Exception):
                    value = skipped
            elif token == "{" and (inside := _envelope(window, path, level)):
                if level == len(path):  # another response begins, whatever the one before was missing
                    around, level = [], 0
                around.append(level)
                window.at = inside
            else:
                value = window.value()
                if always and level < len(path) and not isinstance(value, Exception):
                    value = None
            if value is not None:
                number += 1
                yield _record(value, number, window)


def _record(value: Any, number: int, window: Window) -> Found | Reject:
    position = f"object {number}"
    if isinstance(value, dict):
        return position, value
    if isinstance(value, Exception):
        return Reject(position, "damaged_json", "truncated" if window.is_over() else "not valid JSON")
    return Reject(position, "not_an_object", type(value).__name__)


def _envelope(window: Window, path: Sequence[str], level: int) -> int | None:
    """Where to go on inside the object that begins here, if it leads to records. Among records only the first key is looked at."""
    if not path:
        return None
    return window.key_ahead(path[level]) if level < len(path) else window.key_ahead(path[0], first=True) if path[0] != ANY else None
