"""What persons asked to be taken down: a committed list that does not say what is in it, and who it takes.

`data/takedown.csv` holds keyed hashes, made with a key outside git: without it, nobody can test a guess against the list. A list
that cannot be used stops the pipeline; it is never skipped.
"""

import csv
import hmac
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

from curation.engine import write_csv
from curation.errors import TibyanError
from curation.privacy.keys import find_key as key_in
from curation.privacy.keys import new_key

LIST = Path("data/takedown.csv")
KEY_VARIABLE = "TIBYAN_TAKEDOWN_KEY"
COLUMNS = ["kind", "words", "hash"]
RECORD, NATIVE, TEXT, KEY = "record_id", "native_id", "text", "key"
CHECKED = "tibyan takedown list"  # the hash of this stands in the list and tells whether a key is the list's own
DIGEST_BYTES = 20
# Hex digits of a text's hash that are its first word's: few windows of a text have to be hashed as a whole. Without the key they say
# no more than that two entries may begin with the same word.
FIRST = 4
DIGEST = re.compile(rf"[0-9a-f]{{{2 * DIGEST_BYTES}}}")
Row = tuple[str, int, str]


@dataclass(frozen=True)
class Takedown:
    """The entries of a list and the key they were made with; false when there is nothing to take down."""

    rows: frozenset[Row] = frozenset()
    key: bytes = field(default=b"", repr=False)
    texts: dict[int, dict[str, frozenset[str]]] = field(default_factory=dict, repr=False)  # by words, then by the first word's tag

    def __bool__(self) -> bool:
        return bool(self.rows)


def load_takedown(path: Path = LIST) -> Takedown:
    """The list at `path`. Raises TibyanError where it is damaged, or has entries and the key is missing or another one.

    A list that is not there holds nothing: `tibyan ingest-check` works in any folder, and DVC misses its dependency by itself.
    """
    rows = read_rows(path)
    entries = frozenset(row for row in rows if row[0] != KEY)
    if not entries:
        return Takedown()
    key = find_key(path)
    if key is None:
        raise TibyanError(
            f"{path}: has {len(entries)} entries, and their key is missing: set {KEY_VARIABLE} or put {key_file(path)} there, "
            "from whoever keeps it; nothing is ingested without it."
        )
    check_key(path, rows, key)
    texts: dict[int, dict[str, set[str]]] = {}
    for kind, words, digest in entries:
        if kind == TEXT:
            texts.setdefault(words, {}).setdefault(digest[:FIRST], set()).add(digest[FIRST:])
    frozen = {words: {tag: frozenset(rests) for tag, rests in tags.items()} for words, tags in sorted(texts.items())}
    return Takedown(entries, key, frozen)


def matches_native(takedown: Takedown, native_id: str) -> bool:
    """Whether a post or comment of this id, as its dump writes it, was taken down."""
    return bool(takedown) and id_row(takedown.key, NATIVE, native_id) in takedown.rows


def matches_record(takedown: Takedown, record_id: str) -> bool:
    """Whether the record of this id was taken down."""
    return bool(takedown) and id_row(takedown.key, RECORD, record_id) in takedown.rows


def matching_texts(takedown: Takedown, keys: Sequence[str | None]) -> list[bool]:
    """For each folded text whether words that were taken down stand in it, as a run of whole words."""
    if not takedown.texts:
        return [False] * len(keys)
    # The words of a dump are few beside its windows: each is hashed once, or nearly.
    tag = lru_cache(maxsize=1 << 17)(lambda word: _digest(takedown.key, "word", word)[:FIRST])
    wanted = frozenset(first for tags in takedown.texts.values() for first in tags)
    return [key is not None and _holds(takedown, key.split(), tag, wanted) for key in keys]


def _holds(takedown: Takedown, words: list[str], tag: Callable[[str], str], wanted: frozenset[str]) -> bool:
    for start, word in enumerate(words):
        first = tag(word)
        if first not in wanted:
            continue
        for length, tags in takedown.texts.items():
            rests = tags.get(first)
            if rests and start + length <= len(words):
                window = " ".join(words[start : start + length])
                if _digest(takedown.key, TEXT, window)[:-FIRST] in rests:
                    return True
    return False


def id_row(key: bytes, kind: str, value: str) -> Row:
    """The entry for a record id or a native id."""
    return kind, 1, _digest(key, kind, value.strip())


def text_row(key: bytes, folded: str) -> Row:
    """The entry for a folded text: its number of words, and its hash with its first word's in front."""
    words = folded.split()
    whole = _digest(key, TEXT, " ".join(words))
    return TEXT, len(words), _digest(key, "word", words[0])[:FIRST] + whole[:-FIRST]


def append(path: Path, key: bytes, row: Row) -> bool:
    """Put an entry onto the list, sorted, written beside and renamed; False when it is there already."""
    rows = read_rows(path)
    if rows:
        check_key(path, rows, key)
    if row in rows:
        return False
    check = (KEY, 0, _digest(key, KEY, CHECKED))
    write_csv(path, COLUMNS, [check, *sorted({*rows, row} - {check})])
    return True


def make_key(path: Path) -> bytes:
    """The key of a list, made and kept beside it, for its owner's eyes alone, when there is none. Never for a list that has one."""
    found = find_key(path)
    if found is not None:
        return found
    if read_rows(path):
        raise TibyanError(
            f"{path}: was made with a key that is missing here: set {KEY_VARIABLE} or put {key_file(path)} there, from whoever keeps it."
        )
    return new_key(key_file(path))


def find_key(path: Path) -> bytes | None:
    """The key from the environment, else from the file beside the list; None when there is neither."""
    return key_in(key_file(path), KEY_VARIABLE)


def key_file(path: Path = LIST) -> Path:
    """Where the key of a list lies."""
    return path.with_suffix(".key")


def check_key(path: Path, rows: Sequence[Row], key: bytes) -> None:
    """Raises TibyanError when the list was made with another key, or does not say with which."""
    checks = [digest for kind, _, digest in rows if kind == KEY]
    if len(checks) != 1:
        raise TibyanError(f"{path}: must have one line of kind '{KEY}', it has {len(checks)}. Restore the list as it was committed.")
    if not hmac.compare_digest(checks[0], _digest(key, KEY, CHECKED)):
        raise TibyanError(f"{path}: was made with another key than {KEY_VARIABLE} or {key_file(path)} holds. Put the list's own key there.")


def read_rows(path: Path) -> list[Row]:
    """The lines of a list. Raises TibyanError, naming the line and never what stands in it, where one is damaged."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise TibyanError(f"{path}: cannot be read ({type(error).__name__}). Restore the list as it was committed.") from None
    lines = list(csv.reader(io.StringIO(text)))
    if not lines or lines[0] != COLUMNS:
        raise TibyanError(f"{path}: its first line must be {','.join(COLUMNS)}. Restore the list as it was committed.")
    return list(_rows(path, lines))


def _rows(path: Path, lines: list[list[str]]) -> Iterator[Row]:
    for number, line in enumerate(lines[1:], start=2):
        if not line:
            continue
        kind, words, digest = line if len(line) == len(COLUMNS) else ("", "", "")
        least = {KEY: 0, TEXT: 1, RECORD: 1, NATIVE: 1}.get(kind)
        if least is None or not re.fullmatch(r"\d{1,6}", words, re.ASCII) or int(words) < least or not DIGEST.fullmatch(digest):
            raise TibyanError(f"{path}: line {number} is no entry (kind, words, hash). Restore the list as it was committed.")
        yield kind, int(words), digest


def _digest(key: bytes, kind: str, value: str) -> str:
    return blake2b(value.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES, key=key, person=kind.encode()).hexdigest()
