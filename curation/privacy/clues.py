"""What each piece of a text between blanks says of what could be found there at all, for the first look (first_look.py).

A piece becomes two characters: the number of the first is made of the bits that say which rules are worth trying, that of the second
of those that say what part it could have in a name. A name is then looked for where a pattern over the second ones finds a place for it.
"""

import re
from functools import cache, reduce
from operator import or_

from curation.privacy import vocabulary as v
from curation.privacy.cues import KIN
from curation.privacy.known import WORD, KnownNames
from curation.privacy.patterns import PLACEHOLDER

# Which rules: names where a piece is NAMED, or one is CALLED and another LISTED.
AT, LINK, NUMBER, MAIL, APP, CUE, STREET, NAMED, CALLED, LISTED = (1 << n for n in range(10))
FINDS = AT | LINK | NUMBER | MAIL | APP | CUE | STREET
SHAPES = (
    (AT, re.compile("@")),
    # what each pattern of links cannot be without, and not mg/dl
    (LINK, re.compile(r"(?i)//|www|[a-z0-9_-]\.[a-z]|(?:fb|facebook|\.php|groups|posts)[/?]|^\.?(?:com|net|org)(?![a-z0-9])")),
    (NUMBER, re.compile(r"\d")),
    (MAIL, re.compile(r"(?i)[^@]@|^@$|gmail|hotmail|yahoo|outlook|icloud|جيميل|هوتميل|ياهو|^\(?(?:at)\)?$")),
    (CUE, re.compile(r"(?i)c\.i|n°|[a-z]{2}\d{2}|#")),
)
MEANINGS = (
    (APP, v.APP_WORD),
    (CUE, v.ID_WORD),
    (STREET, v.STREET_WORD),
    (NAMED, v.PLAIN | v.SELDOM | v.TITLE | v.SURE | v.RELATIVE | v.DOCTOR_D),
    (CALLED, v.KUNYA | v.VOCATIVE),
    (LISTED, v.GIVEN),
)
# The part in a name. HOT needs no neighbour. Behind what INTRODUCES stands what is KNOWN as part of a name, or a RARE word with what BEARS
# it out behind it, or with a sign before it («د / شوشان»); behind a GIVEN name that is a word too a KNOWN one, or one with an ARTICLE.
HOT, INTRODUCES, GIVEN, KNOWN, RARE, ARTICLE, BEARS, WORDLESS = (1 << n for n in range(8))
PARTS = (
    (HOT, v.PLAIN | v.SURE),
    (INTRODUCES, v.CUES | v.DOCTOR_D),
    (GIVEN, v.GIVEN),
    (KNOWN, v.GIVEN | v.BINDER),
    (BEARS, v.BINDER),
)
SHORT = 6  # characters: such a number comes again and again, a longer one once
LONG = 30
MOST_KEPT = 500_000  # pieces learnt, 60 MB; 430,000 pairs have more, but those come once or twice
_LATIN_HANDLE = re.compile(r"@[A-Za-z][A-Za-z0-9_.]*$")
ARTICLES = ("ال", "el", "al")
AGES = ("عمر", "عند", "سن", "3omr", "3and", "3end")
_AGE = re.compile(rf"[،,]?(?:{'|'.join(AGES)}|\d)")  # names.AFTER_PERSON begins so
ENDS = "،,.؟?!؛…"
_ARABIC = re.compile(r"[\u0621-\u063a\u0641-\u064a]+")
_ARABIC_MAIL = re.compile("جيميل|هوتميل|ياهو")
_ONE_WORD = re.compile(r"[^\W\d_]+\W*")


class Clues(dict[str, str]):
    """For a piece of text between blanks its two characters; learnt as texts come, so that each costs one look-up."""

    def __init__(self, known: KnownNames | None) -> None:
        self.known = known

    def __missing__(self, piece: str) -> str:
        rules, part = self._word(piece) if piece.isalpha() else self._mixed(piece)
        sign = _sign(rules, part)
        often = len(piece) <= SHORT or (len(piece) < LONG and not rules & (AT | LINK | NUMBER | MAIL))
        if often and len(self) < MOST_KEPT:
            self[piece] = sign  # another number or address comes once: keeping it would only fill the table
        return sign

    def _word(self, piece: str) -> tuple[int, int]:
        """Of a piece that is one word and nothing else."""
        found = v.look_up(piece)
        if not found[0]:
            return 0, WORDLESS  # a stroke
        rules, part = self._meant(*found)
        if piece[0].isascii() or piece[-1].isascii():
            rules |= _shapes(piece)
        return rules, part | (BEARS if piece.startswith(AGES) else 0)

    def _mixed(self, piece: str) -> tuple[int, int]:
        if not piece:
            return 0, WORDLESS  # Arrow sees one before a blank that begins a text
        if piece.isdecimal():
            return NUMBER, WORDLESS | BEARS
        word = piece.rstrip(ENDS)
        if _ARABIC.fullmatch(word) and word != "د":
            rules, part = map(ord, self[word])
            return rules | (MAIL if _ARABIC_MAIL.search(word) else 0), part
        if piece[0] == "@" and _LATIN_HANDLE.match(piece):
            return AT, HOT
        if piece[0] == "[" and PLACEHOLDER.fullmatch(piece):
            return 0, WORDLESS
        words = [found for found in map(v.look_up, WORD.findall(piece)) if found[0]]  # a vowel sign that stands alone is no word
        rules, part = 0, 0 if words else WORDLESS
        for found in words:
            more = self._meant(*found)
            rules, part = rules | more[0], part | more[1]
        if any(meaning & v.DOCTOR_D for _, meaning, _ in words):
            part |= HOT  # «د.» before any word that is no frequent one
        if not _ONE_WORD.fullmatch(piece):  # one of its words can stand behind another, or behind a sign
            part |= HOT if part & (INTRODUCES | GIVEN) and part & (KNOWN | RARE) else KNOWN if part & RARE else 0
        return rules | _shapes(piece), part | (BEARS if _AGE.match(piece) else 0)

    def _meant(self, folded: str, meaning: int, _: int) -> tuple[int, int]:
        rules, part = _bits_of(meaning) if meaning else (0, 0)
        if v.is_family(folded):
            part |= RARE | BEARS
            if folded.startswith(ARTICLES):
                part |= ARTICLE
        if folded[:2] == "ال":
            if folded[-1] == "ي":
                rules |= LISTED
                part |= BEARS  # names.NISBA, and what is too short for it
            if folded == "الاسم":
                return rules | NAMED, part | HOT
        if folded in _first_parts():
            part |= KNOWN
        if folded in KIN:
            part |= KNOWN
        if folded in ("عبد", "abd") or (self.known is not None and folded in self.known.longest):
            rules, part = rules | NAMED, part | HOT
        return rules, part


@cache
def _bits_of(meaning: int) -> tuple[int, int]:
    rules, part = (reduce(or_, (bit for bit, meant in table if meaning & meant), 0) for table in (MEANINGS, PARTS))
    return rules, part


@cache
def _sign(rules: int, part: int) -> str:
    """The same string for the same bits: there are a few hundred of them under all pieces."""
    return chr(rules) + chr(part)


def _shapes(piece: str) -> int:
    return reduce(or_, (bit for bit, shape in SHAPES if shape.search(piece)), 0)


@cache
def _first_parts() -> frozenset[str]:
    """نور of نور الدين: with the second part a name, whatever the word alone is."""
    return frozenset(name.partition(" ")[0] for name in v.given_names() if " " in name)
