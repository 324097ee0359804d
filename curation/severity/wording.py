"""The words of the lists as they are written: concepts by their name, verbs in every person, the same denied in every dialect.

`@fever` is a row of severity_concepts; `~حرك` an imperfect in all persons (يحرك, تحرك, كيحرك); `!حرك` the same denied or not possible
(لا يحرك, مش قادر يحرك, ما كيحركش, ميحرك). Anything else is itself. Letters that only some write, or that are typed for one
another, are one (گ and ق, ث and ت), in lists and texts alike.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from curation.lexicons import load
from curation.text.phrases import fold

# By sound: Iraqi and Gulf letters, and interdentals that most dialects turn into stops.
TYPED, PLAIN = "گچپڤڨثذظ", "قكبفقتدض"
PERSONS = ("ي", "ت", "ن", "ا")
PRESENT = ("", "ك", "د", "ه", "ح", "غ")  # written before the person: Moroccan, Iraqi, and the futures of Cairo, the Levant, the Maghreb
JOINED = ("م", "ما", "مب", "ماب", "مك", "ماك", "مد", "ما د")
DOUBLED = re.compile(r"([^ ل])\1+")


def plain(key: str) -> str:
    """SQL for a key with the letters made one."""
    return f"translate({key}, '{TYPED}', '{PLAIN}')"


def folded(words: Iterable[str]) -> list[str]:
    """The keys of words of a list, as the texts' keys are."""
    return [key.translate(str.maketrans(TYPED, PLAIN)) for key in fold(words)]


def spelled(words: str) -> tuple[str, ...]:
    """All keys that a set of words ("@fever|~حرك|سخن") stands for, each once, in a fixed order."""
    return tuple(dict.fromkeys(key for word in opened(words) for key in forms(word)))


@cache
def opened(words: str) -> tuple[str, ...]:
    """The words of a set, each once, those of a concept in its place."""
    found: dict[str, None] = {}
    for word in words.split("|"):
        found.update(dict.fromkeys(opened(_concepts()[word[1:]]) if word.startswith("@") else (word,)))
    return tuple(found)


@cache
def forms(word: str) -> tuple[str, ...]:
    """All keys that one word of a set stands for."""
    keys = _keys()
    if word.startswith("~"):
        return tuple(_once(before + person + keys[word[1:]]) for before in PRESENT for person in PERSONS)
    if word.startswith("!"):
        return tuple(_once(form) for form in _denied(keys[word[1:]]))
    return (keys[word],)


@cache
def _keys() -> dict[str, str]:
    """The key of every word of the lists of words, all folded at once."""
    sets = [row[f"words_{i}"] for row in load("severity_combinations") for i in (1, 2, 3)] + list(_concepts().values())
    words = dict.fromkeys(word.lstrip("~!^") for of in sets for word in of.split("|"))
    listed = [*words, *(row["phrase"] for row in load("severity_denials"))]
    return dict(zip(listed, folded(listed), strict=True))


@cache
def _denials(kind: str) -> list[str]:
    return [_keys()[row["phrase"]] for row in load("severity_denials") if row["kind"] == kind]


@cache
def _concepts() -> dict[str, str]:
    return {row["name"]: row["words"] for row in load("severity_concepts")}


def _denied(stem: str) -> Iterator[str]:
    said = [person + stem for person in PERSONS]
    for verb in said:
        yield from (f"{no} {between}{verb}{end}" for no in _denials("not") for between in ("", "عم ", "ك") for end in ("", "ش"))
        yield from (f"{no} {verb}" for no in _denials("cannot"))
        yield from (f"{no}{verb}{end}" for no in JOINED for end in ("", "ش"))


def _once(key: str) -> str:
    """A letter that was written twice where a person meets its verb, as the keys of texts have it: تتنفس is تنفس."""
    return DOUBLED.sub(r"\1", key)
