"""The first look at texts: one look-up for each piece between blanks says what could be found in it at all.

It decides nothing: what it passes over the rules would pass over too, only slower.
"""

import re
from functools import reduce
from operator import or_

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from curation.privacy.clues import (
    ARTICLE,
    BEARS,
    CALLED,
    GIVEN,
    HOT,
    INTRODUCES,
    KNOWN,
    LISTED,
    NAMED,
    RARE,
    WORDLESS,
    Clues,
)
from curation.privacy.known import KnownNames

Numbers = npt.NDArray[np.uint16]
Flags = npt.NDArray[np.bool_]


def _class(*bits: int) -> str:
    return "[" + "".join(re.escape(chr(n)) for n in range(1, 2 * WORDLESS) if any(n & bit for bit in bits)) + "]"


_W = _class(WORDLESS) + "*"
_PLACE = (
    f"{_class(HOT)}"
    f"|{_class(INTRODUCES)}(?:{_W}{_class(KNOWN)}|{_W}{_class(RARE)}{_W}{_class(BEARS)}|{_class(WORDLESS)}+{_class(RARE)})"
    f"|{_class(GIVEN)}{_W}{_class(KNOWN, ARTICLE)}"
)
NAME_PLACE = re.compile(_PLACE)
NAME_PLACE_BYTES = re.compile(_PLACE.encode("latin-1"))
_CLUES: dict[int, Clues] = {}


def clues_of(known: KnownNames | None) -> Clues:
    """The clues of one list of names; those of the list before are dropped."""
    clues = _CLUES.get(id(known))
    if clues is None or clues.known is not known:
        for key in [key for key in _CLUES if key != id(None)]:
            del _CLUES[key]
        clues = _CLUES[id(known)] = Clues(known)
    return clues


def first_look(text: str, clues: Clues) -> tuple[int, bool, bool]:
    """The bits of the rules that are worth trying, whether names are looked for, and whether there is a place for one in this very text."""
    signs = "".join(map(clues.__getitem__, text.split()))
    rules = reduce(or_, map(ord, set(signs[::2])), 0)
    named = bool(rules & NAMED or (rules & CALLED and rules & LISTED))
    return rules, named, named and NAME_PLACE.search(signs[1::2]) is not None


def first_look_at_all(texts: pa.Array, clues: Clues) -> tuple[Numbers, Flags, Flags]:
    """`first_look` for each of many texts (large strings, null as empty), as three arrays: each distinct piece is looked up once."""
    lists = pc.utf8_split_whitespace(texts)
    pieces = lists.flatten().dictionary_encode()
    signs = "".join(map(clues.__getitem__, pieces.dictionary.to_pylist())).encode("utf-16-le")
    rules_of, part_of = np.frombuffer(signs, np.uint16).reshape(-1, 2).T
    places = pieces.indices.to_numpy()
    ends = np.cumsum(pc.list_value_length(lists).fill_null(0).to_numpy())
    starts = np.concatenate(([0], ends[:-1]))
    rules = np.zeros(len(texts), np.uint16)
    filled = starts < ends
    if filled.any():
        rules[filled] = np.bitwise_or.reduceat(rules_of[places], starts[filled])
    named = ((rules & NAMED) != 0) | (((rules & CALLED) != 0) & ((rules & LISTED) != 0))
    parts = part_of.astype(np.uint8)[places].tobytes()
    has_place = named.copy()
    for i in np.flatnonzero(named).tolist():
        has_place[i] = NAME_PLACE_BYTES.search(parts, starts[i], ends[i]) is not None
    return rules, named, has_place
