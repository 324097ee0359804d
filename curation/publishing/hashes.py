"""The keyed hash of a text that is not published: who has the text and the key can tell that it is the same, nobody can guess it."""

import hmac
from hashlib import blake2b
from pathlib import Path

import duckdb
import pyarrow as pa

from curation.errors import TibyanError
from curation.privacy.keys import find_key, new_key

KEY_FILE = Path("data/annotations.key")
KEY_VARIABLE = "TIBYAN_ANNOTATIONS_KEY"
DIGEST_BYTES = 20
BLOCK = 16_384  # rows whose texts are held at a time
CHECKED = "tibyan annotations"  # the hash of this stands beside the annotations and tells whether a key is theirs


def annotations_key() -> bytes | None:
    """From the environment or data/annotations.key; None when there is neither. Raises TibyanError where it is no key."""
    return find_key(KEY_FILE, KEY_VARIABLE)


def make_annotations_key() -> None:
    """Make data/annotations.key. Raises TibyanError where there is a key already: hashes of another would not fit it."""
    if annotations_key() is not None:
        raise TibyanError(f"there is a key already, in {KEY_VARIABLE} or {KEY_FILE}. Keep it: hashes published with it fit no other.")
    new_key(KEY_FILE)


def hashed(rows: duckdb.DuckDBPyRelation, key: bytes | None) -> pa.Table:
    """`record_id, text_hash` of rows with question and answer: 40 hex digits of both, cleaned. No rows without a key."""
    ids: list[str] = []
    hashes: list[str] = []
    for block in rows.project("record_id, question, answer").to_arrow_reader(BLOCK) if key else ():
        record_ids, questions, answers = (column.to_pylist() for column in block.columns)
        ids += record_ids
        pairs = zip(questions, answers, strict=True)
        hashes += [_digest(key or b"", f"{question}\x1f{answer or ''}", b"text") for question, answer in pairs]
    return pa.table({"record_id": pa.array(ids, pa.string()), "text_hash": pa.array(hashes, pa.string())})


def key_check(key: bytes) -> str:
    """What tells a key without telling it."""
    return _digest(key, CHECKED, b"key")


def fits(key: bytes, check: str) -> bool:
    """Whether hashes with this check were made with this key."""
    return hmac.compare_digest(key_check(key), check)


def _digest(key: bytes, value: str, person: bytes) -> str:
    return blake2b(value.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES, key=key, person=person).hexdigest()
