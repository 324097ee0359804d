"""JSON objects out of whatever tools write: arrays with empty slots, no final bracket, objects concatenated or one a line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from curation.sources.dump import Reject, open_text

BLOCK = 1 << 20
BETWEEN = " \t\r\n,[]"
_decoder = json.JSONDecoder(strict=False)  # control characters inside strings happen


def objects(path: Path) -> Iterator[tuple[str, dict[str, Any]] | Reject]:
    """Every top-level object with its position (`object 12`); a Reject for each piece that is not one. Memory: the largest object."""
    number = 0
    with open_text(path) as file:
        buffer, ended = file.read(BLOCK).removeprefix("\ufeff"), False
        while True:
            buffer = buffer.lstrip(BETWEEN)
            if not buffer:
                if ended or not (buffer := file.read(BLOCK)):
                    return
                continue
            try:
                value, end = _decoder.raw_decode(buffer)
            except (json.JSONDecodeError, RecursionError) as error:
                if not ended and _may_go_on(error, buffer):
                    more = file.read(max(BLOCK, len(buffer)))
                    ended = not more
                    buffer += more
                    continue
                number += 1
                yield Reject(f"object {number}", "damaged_json", "truncated" if ended else "not valid JSON")
                buffer = _next_object(buffer)
                continue
            number += 1
            if isinstance(value, dict):
                yield f"object {number}", value
            elif value is not None:
                yield Reject(f"object {number}", "not_an_object", type(value).__name__)
            buffer = buffer[end:]


def _may_go_on(error: Exception, buffer: str) -> bool:
    """Whether the object may only have been cut by the end of the buffer."""
    if not isinstance(error, json.JSONDecodeError):
        return False
    return error.msg.startswith("Unterminated string") or error.pos >= len(buffer) - 16


def _next_object(buffer: str) -> str:
    """From the next line that begins an object on: dumps put one a line."""
    starts = [i for i in (buffer.find("\n{", 1), buffer.find(",{", 1)) if i >= 0]
    return buffer[min(starts) + 1 :] if starts else ""
