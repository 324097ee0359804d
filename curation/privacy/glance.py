"""A glance at many texts at once: in which of them the redactor can find anything at all.

It is the first look of clues.py, told by the same clues, but each distinct piece of a block of texts is looked up once, and all the rest
is done in Arrow and NumPy. What is passed over here `redact_text` would give back as it is.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curation.privacy import clues as c
from curation.privacy.redaction import TRIED

Bits = NDArray[np.uint32]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]

IS_BLANK = np.isin(np.arange(256), [*b"\t\n\v\f\r "])  # by the bytes of UTF-8
OTHER_BLANKS = r"[\x1c-\x1f\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]"  # of str.split
LINK_APART = r"(?i)//|[a-z][/?]|www|com|net|org"  # no link that blanks part is without: finer than clues.LINK_SIGN
# RE2 of what phones.MANY_DIGITS finds, of UUIDs, and of some more: the redactor decides.
LONG_NUMBER = r"(?:\p{Nd}\P{Nd}{0,3}){7}|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-"


def worth_redacting(texts: pa.LargeStringArray, names: bool = True) -> Flags:
    """For each text whether `redact_text` may change it. None may be null."""
    pieces, first = _pieces(texts)
    rules, parts = _signs(pieces)
    bits = np.bitwise_or.reduceat(np.append(rules, np.uint32(0)), first)
    bits[np.diff(first, append=len(rules)) == 0] = 0  # what has no pieces
    worth = _any(bits, TRIED) | (_any(bits, c.NUMBER) & _any(bits, c.CUE)) | matches(texts, LONG_NUMBER)
    worth |= _any(bits, c.STOP) & matches(texts, LINK_APART)
    if names:
        worth |= (_any(bits, c.NAMED) | (_any(bits, c.CALLED) & _any(bits, c.LISTED))) & _has_place(parts, first)
    return worth


def matches(texts: pa.LargeStringArray, pattern: str) -> Flags:
    """In which texts the RE2 pattern stands."""
    found: Flags = pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
    return found


def _pieces(texts: pa.LargeStringArray) -> tuple[pa.LargeStringArray, Places]:
    """The pieces between blanks of all texts, each with the blanks behind it, and the number of the first piece of each text."""
    _, offsets, data = texts.buffers()
    bounds = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    characters = np.frombuffer(data or b"", np.uint8)[bounds[0] : bounds[-1]]  # of the texts themselves: nothing is copied
    bounds = bounds - bounds[0]
    blank = IS_BLANK[characters]
    begins = np.append(True, blank)
    begins[bounds] = True
    starts = np.flatnonzero(begins[:-1] & ~blank)
    buffers = [None, pa.py_buffer(np.append(starts, bounds[-1])), pa.py_buffer(characters)]
    return pa.Array.from_buffers(pa.large_string(), len(starts), buffers), np.searchsorted(starts, bounds[:-1])


def _signs(pieces: pa.LargeStringArray) -> tuple[Bits, Bits]:
    """Which rules each piece asks for and what part it could have in a name, as in clues.py."""
    coded = pieces.dictionary_encode()
    distinct = pc.ascii_rtrim_whitespace(coded.dictionary)
    signs = "".join(map(c.clues_of(None).__getitem__, distinct.to_pylist()))
    rules, parts = np.frombuffer(signs.encode("utf-32-le"), np.uint32).reshape(-1, 2).T
    rules = np.where(matches(distinct, OTHER_BLANKS), np.uint32(c.AT), rules)  # two pieces or more, and rare: worth a closer look
    numbers = coded.indices.to_numpy()
    return rules[numbers], parts[numbers]


def _has_place(parts: Bits, first: Places) -> Flags:
    """Which texts have a place for a name: all are searched as one string, with what no name reaches over before each of them."""
    places = np.insert(parts, first, 0)
    begins = first + np.arange(len(first))
    found = [place.start() for place in c.NAME_PLACE.finditer(places.tobytes().decode("utf-32-le"))]
    has_place = np.zeros(len(first), bool)
    has_place[np.searchsorted(begins, found, side="right") - 1] = True
    return has_place


def _any(bits: Bits, of: int) -> Flags:
    return (bits & np.uint32(of)) != 0
