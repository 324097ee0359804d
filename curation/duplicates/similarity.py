"""How alike two keys are: the true Jaccard similarity or containment of their sets of shingles, for many pairs at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curation.duplicates.keys import Keys
from curation.duplicates.shingles import Hashes, Rows

CHARACTERS, WORDS = 0x2545F491, 0x61C88647  # salts: a word is another shingle than the same characters


@dataclass(frozen=True)
class Shingles:
    """What a key is taken apart into: runs of so many characters and, where `words` is not 0, runs of so many words."""

    characters: int
    words: int = 0


@dataclass(frozen=True)
class Likeness:
    """For each pair the sizes of both sets and of what they share; `numbers`: the shorter key's numbers that the longer lacks."""

    first: Rows
    second: Rows
    shared: Rows
    numbers: Rows

    @property
    def jaccard(self) -> NDArray[np.float64]:
        union = self.first + self.second - self.shared
        return self.shared / np.maximum(union, 1)

    @property
    def containment(self) -> NDArray[np.float64]:
        """How much of the smaller set stands in the other."""
        return self.shared / np.maximum(np.minimum(self.first, self.second), 1)


def likeness(keys: Keys, a: Rows, b: Rows, shingles: Shingles, numbers: bool = False) -> Likeness:
    """Of the keys in rows a[i] and b[i], for every i. `numbers` is worked out only where asked for."""
    block = keys.rows(np.stack([a, b], axis=1).ravel())
    members = [_members(*block.characters(shingles.characters, CHARACTERS))]
    if shingles.words:
        members.append(_members(*block.words(shingles.words, WORDS)))
    sizes, shared = _shared(np.concatenate(members), len(a))
    missing = np.zeros(len(a), np.int64)
    if numbers:
        hashes, sides = block.numbers()
        of_side, common = _shared(_packed(sides, hashes), len(a))
        shorter = (keys.lengths[a] > keys.lengths[b]).astype(np.int64)
        missing = of_side[np.arange(len(a)), shorter] - common
    return Likeness(sizes[:, 0], sizes[:, 1], shared, missing)


def _members(hashes: Hashes, first: Rows, count: Rows) -> NDArray[np.uint64]:
    """The shingles of every side, packed, in any order; those between two rows left out."""
    sides = np.repeat(np.arange(len(count)), count)
    places = np.arange(len(sides)) + np.repeat(first - (np.cumsum(count) - count), count)
    return _packed(sides, hashes[places])


def _packed(sides: Rows, hashes: Hashes) -> NDArray[np.uint64]:
    """Pair, hash and side in one number, so that what both sides of a pair have stands together when sorted."""
    side = sides.astype(np.uint64)
    return ((side >> np.uint64(1)) << np.uint64(33)) | (hashes.astype(np.uint64) << np.uint64(1)) | (side & np.uint64(1))


def _shared(members: NDArray[np.uint64], pairs: int) -> tuple[Rows, Rows]:
    """(pairs, 2): how many different hashes each side has; (pairs): how many of them both have."""
    members.sort()
    members = members[np.append(True, members[1:] != members[:-1])] if len(members) else members
    sides = ((members >> np.uint64(33)) << np.uint64(1) | (members & np.uint64(1))).astype(np.int64)
    sizes = np.bincount(sides, minlength=2 * pairs).reshape(pairs, 2)
    both = members[1:][(members[1:] >> np.uint64(1)) == (members[:-1] >> np.uint64(1))]
    return sizes, np.bincount((both >> np.uint64(33)).astype(np.int64), minlength=pairs)
