"""The text rules, in order. Each is a row that a reader of Arabic can argue with; adding one touches this file alone.

Scope `text` makes the light text that models train on; scope `key` goes on from there to the folded form used for matching only.
Doses, lab values and dates pass through both to the digit.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Literal

import emoji
from camel_tools.utils.charsets import AR_CHARSET, AR_DIAC_CHARSET, UNICODE_PUNCT_CHARSET, UNICODE_SYMBOL_CHARSET
from pyarabic.araby import HAMZAT, TATWEEL

from curation.lexicons import load
from curation.params import CleanParams


@dataclass(frozen=True)
class Rule:
    """One change of a text. Exactly one of `delete`, `characters`, `pattern`, `collapse` or `function` says what it does."""

    name: str
    scope: Literal["text", "key"]
    why: str
    source: str
    delete: str = ""  # these characters go
    characters: dict[str, str] = field(default_factory=dict)  # each of these becomes that (any length)
    pattern: str = ""  # RE2, replaced everywhere
    replacement: str = ""
    backwards: int = 0  # the pattern is for the text from its end and shows within so many characters: RE2 is fast from where it starts
    collapse: dict[str, int] = field(default_factory=dict)  # runs of a character become so many
    shortest_run: int = 3  # of `collapse`, and never shorter than what is left of it
    function: str = ""  # a DuckDB function of one text
    only_where: str = ""  # RE2: a quick look that saves the rule where it cannot change anything


# Letters proper: elongation looks at these only, so that 1000 is never 100.
LETTERS = "".join(sorted(c for c in AR_CHARSET if unicodedata.category(c) == "Lo")) + "پچژگڤ"
TASHKEEL = "".join(sorted(c for c in AR_DIAC_CHARSET))
QURANIC_MARKS = "".join(chr(c) for c in (*range(0x0610, 0x061B), *range(0x06D6, 0x06DD), *range(0x06DF, 0x06E9), *range(0x06EA, 0x06EE)))
INVISIBLE = "".join(
    chr(c)
    for c in (
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2065),
        *range(0x2066, 0x2070),
        0xFEFF,
        0x00AD,
        0x061C,
    )
)
SPACES = "".join(chr(c) for c in (0x00A0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000))
PRESENTATION_FORMS = {
    chr(c): unicodedata.normalize("NFKC", chr(c))
    for c in (*range(0xFB50, 0xFDFE), *range(0xFE70, 0xFEFD))
    if unicodedata.normalize("NFKC", chr(c)) != chr(c)
}
ARABIC_INDIC, EXTENDED_ARABIC_INDIC, WESTERN = "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "0123456789"
# In emoji's table stand the digits, #, *, ©, ® and ™ too, as parts of sequences: they are text here.
NOT_EMOJI = set(WESTERN + "#*©®™" + INVISIBLE)
EMOJI = "".join(sorted({c for sequence in emoji.EMOJI_DATA for c in sequence} - NOT_EMOJI | {"\ufe0f", "\u20e3"}))
PUNCTUATION = "".join(sorted(c for c in UNICODE_PUNCT_CHARSET | UNICODE_SYMBOL_CHARSET if c not in "%٪°½¼¾/."))
CONTROL = "".join(chr(c) for c in (*range(9), *range(0x0E, 0x20), *range(0x7F, 0x85), *range(0x86, 0xA0)))


BLANKS = r"\s\s|[^\S ]"
# What a canonical composition can change: marks, and characters that Unicode decomposes for good.
COMPOSED = r"\pM|[^\x{0}-\x{33f}\x{370}-\x{957}\x{2020}-\x{20ff}\x{2200}-\x{2328}\x{fb50}-\x{fdff}\x{fe10}-\x{ffff}]"


def text_rules(params: CleanParams) -> tuple[Rule, ...]:
    """The rules of scope `text` under these parameters, in the order in which they run."""
    dropped_tashkeel = "".join(c for c in TASHKEEL if c not in params.keep_tashkeel)
    rules = [
        Rule(
            "html",
            "text",
            "leftovers of web pages",
            "dumps",
            pattern=r"<br ?/?>|</?(?:p|div|span|b|i|a)(?: [^<>]*)?>|&nbsp;",
            replacement=" ",
            only_where="[<&]",
        ),
        Rule(
            "html_entity",
            "text",
            "an entity stands for its character",
            "HTML",
            pattern="&(?:amp;)*quot;",
            replacement='"',
            only_where="&",
        ),
        Rule(
            "html_ampersand",
            "text",
            "an entity stands for its character",
            "HTML",
            pattern="&(?:amp;)+",
            replacement="&",
            only_where="&",
        ),
        Rule(
            "tatweel_range",
            "text",
            "1ـ2 is a range, not twelve",
            "posts",
            pattern=r"(\p{Nd})ـ+(\p{Nd})",
            replacement=r"\1-\2",
            only_where=TATWEEL,
        ),
        Rule("control", "text", "control characters are damage, not writing", "Unicode category Cc", delete=CONTROL),
        Rule(
            "invisible",
            "text",
            "zero-width and bidi marks are not seen but make equal words differ",
            "Unicode",
            delete=INVISIBLE,
        ),
        Rule(
            "presentation_forms",
            "text",
            "shapes of letters become letters",
            "Unicode U+FB50-FDFF, U+FE70-FEFF",
            characters=PRESENTATION_FORMS,
        ),
        Rule("tatweel", "text", "a stretching stroke, carries no meaning", "PyArabic TATWEEL", delete=TATWEEL),
        Rule(
            "tashkeel",
            "text",
            "vowel signs are rare in posts and make equal words differ",
            "camel-tools AR_DIAC_CHARSET",
            delete=dropped_tashkeel,
        ),
        Rule("quranic_marks", "text", "recitation signs from pasted verses", "Unicode U+0610-06ED", delete=QURANIC_MARKS),
        Rule(
            "spaces",
            "text",
            "every blank is a space; RE2's \\s misses U+00A0",
            "Unicode category Zs",
            characters=dict.fromkeys(SPACES, " "),
        ),
        Rule(
            "persian_letters",
            "text",
            "Persian keyboards type ی and ک for ي and ك",
            "Unicode",
            characters={"ی": "ي", "ک": "ك", "ھ": "ه", "ہ": "ه"},
        ),
    ]
    if params.digits != "keep":
        target = WESTERN if params.digits == "western" else ARABIC_INDIC
        digits = {d: t for script in (WESTERN, ARABIC_INDIC, EXTENDED_ARABIC_INDIC) for d, t in zip(script, target, strict=True) if d != t}
        rules.append(Rule("digits", "text", "one script of digits, so that 5 is 5", "Unicode", characters=digits))
    rules.append(
        Rule(
            "nfc",
            "text",
            "one code point for one letter, when no mark stands between; NFKC would make 21/2 of 2½",
            "Unicode UAX 15",
            function="nfc_normalize",
            only_where=COMPOSED,
        )
    )
    if params.emoji == "drop":
        rules.append(Rule("emoji", "text", "pictures, not words", "emoji EMOJI_DATA", pattern=_any_of(EMOJI), replacement=" "))
    rules += [
        Rule(
            "elongation",
            "text",
            "stretched letters: كتيييير is كتير; الله keeps its two lams and laughter two ha",
            "posts",
            collapse={c: 2 if c in "له" else params.elongation for c in LETTERS},
        ),
        Rule("hashtag", "text", "a tag is its words", "posts", pattern=r"#([\p{L}\p{N}])", replacement=r" \1", only_where="#"),
        Rule("underscore", "text", "hashtags join words with _", "posts", pattern="_+", replacement=" ", only_where="_"),
        Rule(
            "punctuation_run",
            "text",
            "!!!!!! says no more than !",
            "posts",
            collapse=dict.fromkeys("!؟?،,؛;.-*=~^|", 1),
        ),
        Rule("blanks", "text", "one space is enough", "posts", pattern=r"\s+", replacement=" ", only_where=BLANKS),
    ]
    if params.boilerplate == "drop":
        rules += [
            Rule(
                "greeting",
                "text",
                "openings carry nothing medical",
                "lexicons/boilerplate.csv",
                pattern=_opening(),
                replacement="",
            ),
            Rule(
                "closing",
                "text",
                "closings carry nothing medical",
                "lexicons/boilerplate.csv",
                pattern=_closing(),
                replacement=r"\1",
                backwards=2 * max(map(len, _listed("end"))),  # twice, for letters that still stand twice and separators
            ),
        ]
    rules += [
        Rule(
            "leading_punctuation",
            "text",
            "what a removed opening leaves behind",
            "posts",
            pattern=r"^[\s،,.؛;:!؟?*~-]+",
            replacement="",
        ),
        Rule(
            "trailing_punctuation",
            "text",
            "what a removed closing leaves behind",
            "posts",
            pattern=r"[\s،,؛;:*~-]+$",
            replacement="",
        ),
        Rule("trim", "text", "no blanks at the ends", "posts", function="trim"),
    ]
    return tuple(rules)


def key_rules() -> tuple[Rule, ...]:
    """The rules of scope `key`, to be run after those of scope `text`. They fold on purpose and never reach the training text."""
    digits = {d: w for script in (ARABIC_INDIC, EXTENDED_ARABIC_INDIC) for d, w in zip(script, WESTERN, strict=True)}
    point, slash = "\ue000", "\ue001"  # private use: they hold decimal points and slashes while other punctuation goes
    return (
        Rule("key_digits", "key", "numbers stay, in one script", "Unicode", characters=digits),
        Rule("key_marks", "key", "every vowel sign", "camel-tools AR_DIAC_CHARSET", delete=TASHKEEL + QURANIC_MARKS),
        Rule("key_case", "key", "Panadol is panadol", "posts", function="lower"),
        Rule("key_hamza", "key", "أ إ آ ٱ are typed as ا, ؤ as و, ئ as ي", "PyArabic HAMZAT", characters=_hamza_folding()),
        Rule("key_endings", "key", "ة is typed as ه and ى as ي, and back", "posts", characters={"ة": "ه", "ى": "ي"}),
        Rule("key_point", "key", "2.5 is not 25", "doses", pattern="([0-9])[.,٫]([0-9])", replacement=rf"\1{point}\2"),
        Rule("key_slash", "key", "140/90 is not 14090", "doses", pattern="([0-9])/([0-9])", replacement=rf"\1{slash}\2"),
        Rule(
            "key_punctuation",
            "key",
            "punctuation is typed at random",
            "camel-tools charsets",
            pattern=_any_of(PUNCTUATION + "./"),
            replacement=" ",
        ),
        Rule(
            "key_numbers",
            "key",
            "the points and slashes of numbers come back",
            "doses",
            characters={point: ".", slash: "/"},
        ),
        Rule("key_emoji", "key", "pictures, not words", "emoji EMOJI_DATA", pattern=_any_of(EMOJI), replacement=" "),
        Rule(
            "key_doubles",
            "key",
            "ممكن and مممكن; two lams stay, or اللي would be إلى",
            "posts",
            collapse={c: 2 if c == "ل" else 1 for c in LETTERS},
            shortest_run=2,
        ),
        Rule("key_blanks", "key", "one space is enough", "posts", pattern=r"\s+", replacement=" ", only_where=BLANKS),
        Rule("key_trim", "key", "no blanks at the ends", "posts", function="trim"),
    )


def _hamza_folding() -> dict[str, str]:
    seats = {"ALEF": "ا", "WAW": "و", "YEH": "ي"}
    folded = {c: next((seat for name, seat in seats.items() if name in unicodedata.name(c)), "") for c in HAMZAT}
    return {**folded, "ٱ": "ا", "آ": "ا", "ء": ""}


def _any_of(characters: str) -> str:
    """A character class of ranges: RE2 compiles 1,400 emoji as a few dozen of them."""
    points = sorted({ord(c) for c in characters})
    ranges: list[list[int]] = []
    for point in points:
        if ranges and point == ranges[-1][1] + 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return "[" + "".join(f"\\x{{{a:x}}}" if a == b else f"\\x{{{a:x}}}-\\x{{{b:x}}}" for a, b in ranges) + "]"


SEPARATOR = r"[\s،,.؛;:!؟?*~-]"


def _opening() -> str:
    """Any run of the listed openings at the start, in whatever spelling of hamza, ة and ى, each letter stretched or not."""
    alternatives = "|".join(spelling_pattern(phrase) for phrase in _listed("start"))
    return rf"^{SEPARATOR}*(?:و?(?:{alternatives})(?:{SEPARATOR}+|$))+"


def _closing() -> str:
    """The same for closings, over the reversed text. What stands right before them is kept: it may end the question."""
    one = "(?:" + "|".join(spelling_pattern(phrase[::-1]) for phrase in _listed("end")) + ")و?"
    return rf"^{SEPARATOR}*(?:{one}{SEPARATOR}+)*{one}({SEPARATOR}|$)"


def _listed(position: Literal["start", "end"]) -> list[str]:
    """The boilerplate of one end, the longest first."""
    return sorted((row["phrase"] for row in load("boilerplate") if row["position"] == position), key=lambda p: (-len(p), p))


SPELLINGS = {"ا": "[اأإآٱ]+", "ه": "[هة]+", "ي": "[يىئ]+", "و": "[وؤ]+", " ": r"[\s،,]+"}
FOLDED = str.maketrans("أإآٱةىئؤ", "اااا" + "هييو")


def spelling_pattern(phrase: str) -> str:
    """RE2 pattern of a phrase that matches it as people type it: any hamza, ة or ه, ى or ي, letters stretched."""
    letters = phrase.translate(FOLDED)
    return "".join(SPELLINGS.get(c, f"{re.escape(c)}+" if c.isalpha() else re.escape(c)) for c in letters)
