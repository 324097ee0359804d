"""The tables of characters that the text rules are made of, from the libraries that know them."""

import unicodedata

import emoji
from camel_tools.utils.normalize import normalize_unicode
from pyarabic.araby import HAMZAT

from curation.text.charsets import charset, ranges

# Letters proper: elongation looks at these only, so that 1000 is never 100.
LETTERS = "".join(sorted(c for c in charset("AR_CHARSET") if unicodedata.category(c) == "Lo")) + "پچژگڤ"
PLAIN_LETTERS = "".join(chr(c) for c in (*range(0x0621, 0x063B), *range(0x0641, 0x064B)))  # those of the Arabic keyboard
TASHKEEL = "".join(sorted(charset("AR_DIAC_CHARSET")))
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
        *range(0x180B, 0x1810),
        *range(0xFE00, 0xFE0F),
    )
)
SPACES = "".join(chr(c) for c in (0x000B, 0x0085, 0x00A0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000))
# camel-tools adds to Unicode's NFKC what it lacks or has in Persian letters: ﷽ and ﷼.
PRESENTATION_FORMS = {
    chr(c): normalize_unicode(chr(c)) for c in (*range(0xFB50, 0xFDFE), *range(0xFE70, 0xFEFD)) if normalize_unicode(chr(c)) != chr(c)
}
ARABIC_INDIC, EXTENDED_ARABIC_INDIC, WESTERN = "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "0123456789"
JOINER, SELECTOR = "\u200d", "\ufe0f"  # what joins the pictures of a family, and what makes a picture of a sign
# In emoji's table stand the digits, #, *, ©, ® and ™ too, as parts of sequences: they are text here.
NOT_EMOJI = set(WESTERN + "#*©®™" + INVISIBLE)
EMOJI = "".join(sorted({c for sequence in emoji.EMOJI_DATA for c in sequence} - NOT_EMOJI - {SELECTOR} | {"\u20e3"}))
PUNCTUATION = "".join(sorted(c for c in charset("UNICODE_PUNCT_CHARSET") | charset("UNICODE_SYMBOL_CHARSET") if c not in "%٪°½¼¾/."))
CONTROL = "".join(chr(c) for c in (*range(9), *range(0x0E, 0x20), *range(0x7F, 0x85), *range(0x86, 0xA0)))
PRIVATE = "".join(chr(c) for c in range(0xE000, 0xF900))  # icons of fonts; the rules use some themselves
LOST = "\ufffd"  # what a reader writes for bytes that are no character


# What a canonical composition can change: marks, and characters that Unicode decomposes for good.
COMPOSED = r"\pM|[^\x{0}-\x{33f}\x{370}-\x{957}\x{2020}-\x{20ff}\x{2200}-\x{2328}\x{fb50}-\x{fdff}\x{fe10}-\x{ffff}]"
# The signs whose runs say no more than one of them.
STRETCHED_SIGNS = "!؟?،,؛;.-*=~^|"


def odd(digits: str) -> str:
    """RE2 of what most texts have none of: anything but letters of Arabic and ASCII, usual punctuation, blanks, digits that stay."""
    ascii_ = "".join(chr(c) for c in range(0x20, 0x7F) if chr(c) not in "<&#_" and (digits != "arabic" or chr(c) not in WESTERN))
    return any_of(ascii_ + "\t\n\f\r" + PLAIN_LETTERS + "،؛؟").replace("[", "[^", 1)


def any_of(characters: str) -> str:
    """A character class of ranges: RE2 compiles 1,400 emoji as a few dozen of them."""
    return "[" + "".join(f"\\x{{{a:x}}}" if a == b else f"\\x{{{a:x}}}-\\x{{{b:x}}}" for a, b in ranges(characters)) + "]"


def hamza_folding() -> dict[str, str]:
    """Every hamza on the letter that carries it, as people type it who leave it out."""
    seats = {"ALEF": "ا", "WAW": "و", "YEH": "ي"}
    folded = {c: next((seat for name, seat in seats.items() if name in unicodedata.name(c)), "") for c in HAMZAT}
    return {**folded, "ٱ": "ا", "آ": "ا", "ء": ""}
