"""Arabic that was read with the wrong code page, put right where whole words of it decode to Arabic.

UTF-8 writes an Arabic letter as two bytes, the first of them D8 to DB. Read as Windows-1252 or Latin-1 they are Ø Ù Ú Û and a sign,
read as Windows-1256 they are ط ظ ع غ and a sign. A text is touched only where two such pairs stand together, each of which is a letter
of Arabic: é alone, or ط before a comma, is none.
"""

import unicodedata

from curation.text.characters import any_of
from curation.text.charsets import charset
from curation.text.compiler import literal
from curation.text.rule import Rule

LOST = "\ufffd"
# What two bytes may stand for: what Arabic is written with, the letters of its neighbours that dumps have, and their digits.
WRITTEN = (
    "".join(sorted(c for c in charset("AR_CHARSET") if "\u0600" <= c <= "\u06ff")) + "،؛؟٪٫٬" + "پچژڤگکیھہۀےںٹڈڑ" + "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹"
)


def shown(byte: int, code_page: str) -> str:
    """What one byte looks like in a code page; where it has no sign, the control character that readers put there."""
    return bytes([byte]).decode(code_page, errors="ignore") or chr(byte)


def _pairs(code_page: str) -> tuple[str, str]:
    """RE2 of one Arabic letter so misread: any pair, and the pairs that no writer types (a sign of no script behind the letter)."""
    after: dict[int, set[int]] = {}
    for character in WRITTEN:
        lead, trail = character.encode()
        after.setdefault(lead, set()).add(trail)
    every, odd = [], []
    for lead, trails in sorted(after.items()):
        signs = {shown(b, code_page) for b in trails} | {chr(b) for b in trails}
        unread = LOST if lead == 0xD9 else ""  # of the bytes without a sign only ف (D9 81) is a letter
        every.append(shown(lead, code_page) + any_of("".join(signs) + unread))
        odd.append(shown(lead, code_page) + any_of("".join(c for c in signs if not _typed(c))))
    return f"(?:{'|'.join(every)})", f"(?:{'|'.join(odd)})"


def _typed(sign: str) -> bool:
    """Whether people type the sign behind a word: a letter, a mark of punctuation, a blank. The ˆ of و counts as a letter in Unicode."""
    return (sign.isalpha() and sign not in "ˆƒ") or sign in "،؛؟…’”»!%" or unicodedata.category(sign) in ("Zs", "Cf", "Mn")


def _trail(code_page: str) -> str:
    """RE2 of any byte behind the first of a character."""
    return any_of("".join(shown(b, code_page) + chr(b) for b in range(0x80, 0xC0)) + LOST)


def _as_bytes(text: str, code_page: str) -> str:
    """SQL for the text with one character U+0080 to U+00FF for each byte that it was."""
    signs = {shown(b, code_page): chr(b) for b in range(0x80, 0x100) if shown(b, code_page) != chr(b)} | {LOST: "\x81"}
    return f"translate({text}, {literal(''.join(signs))}, {literal(''.join(signs.values()))})"


def _decoded(text: str) -> str:
    """SQL for the characters that a text of such bytes stands for, by the arithmetic of UTF-8: 5 + 6, 4 + 6 + 6 or 3 + 6 + 6 + 6 bits."""
    two = "(ord(s[1]) - 192) * 64 + ord(s[2]) - 128"
    three = "((ord(s[1]) - 224) * 64 + ord(s[2]) - 128) * 64 + ord(s[3]) - 128"
    four = "(((ord(s[1]) - 240) * 64 + ord(s[2]) - 128) * 64 + ord(s[3]) - 128) * 64 + ord(s[4]) - 128"
    sequences = f"regexp_extract_all({text}, '[Â-ß].|[à-ï]..|ð...')"
    point = f"CASE length(s) WHEN 2 THEN {two} WHEN 3 THEN {three} ELSE {four} END"
    return f"array_to_string(list_transform({sequences}, lambda s: chr(({point})::INTEGER)), '')"


_TRAIL = _trail("cp1252")
LATIN, LATIN_ODD = _pairs("cp1252")
ARABIC, ARABIC_ODD = _pairs("cp1256")
# One character that is no Arabic letter, misread.
LATIN_SIGN = f"[ÂÃÅÆË]{_TRAIL}|â{_TRAIL}{_TRAIL}|ï{_TRAIL}{_TRAIL}|ð{_TRAIL}{_TRAIL}{_TRAIL}"
ARABIC_SIGN = f"â{_trail('cp1256')}{{2}}|آ[°½¼¾«]"
# Twice: Ø to Û became Ã and a sign, and the sign behind them two or three characters.
_LEAD = "Ã" + any_of("".join(shown(b, "cp1252") + chr(b) for b in range(0x98, 0x9C)))
TWICE = f"(?:{_LEAD}(?:[ÂÅÆË]{_TRAIL}|â{_TRAIL}{_TRAIL})){{2}}"
# Where a text is taken to be misread.
LATIN_LOOK, ARABIC_LOOK, LEGACY_LOOK = f"{LATIN}{{2}}", f"{ARABIC_ODD}{ARABIC}|{ARABIC}{ARABIC_ODD}", "Çá[À-ÿ]{2}"
ARABIC_NEEDS = any_of("".join(sign for b in range(0x80, 0xC0) for sign in (shown(b, "cp1256"), chr(b)) if not _typed(sign)))
# Windows-1256 itself, read as Windows-1252: one sign a letter, and the article is Çá.
LEGACY = {a: b for n in (0xA1, 0xBA, 0xBF, *range(0xC0, 0x100)) if (a := shown(n, "cp1252")) != (b := shown(n, "cp1256"))}


def mojibake_rules(block: str) -> tuple[Rule, ...]:
    """The rules, for twice misread text first: what it becomes is misread once."""

    def rule(name: str, why: str, pattern: str, code_page: str, look: str, needs: str) -> Rule:
        piece = _decoded(_as_bytes("p", code_page))
        return Rule(name, "text", why, "Python codecs", pattern=pattern, piece=piece, only_where=(look,), block=block, needs=needs)

    return (
        rule("mojibake_twice", "Ã˜Â§Ã™â€ž was Ø§Ù„ was ال", f"(?:{LATIN_SIGN})+", "cp1252", TWICE, "Ã"),
        rule(
            "mojibake",
            "Ø§Ù„ was ال, UTF-8 read as Windows-1252",
            f"(?:{LATIN}|{LATIN_SIGN}){{2,}}|{LATIN_ODD}|{LATIN_SIGN}",
            "cp1252",
            LATIN_LOOK,
            "[Ø-Û]",
        ),
        rule(
            "mojibake_arabic",
            "ط§ظ„ was ال, UTF-8 read as Windows-1256",
            f"(?:{ARABIC}|{ARABIC_SIGN}){{2,}}|{ARABIC_ODD}|{ARABIC_SIGN}",
            "cp1256",
            ARABIC_LOOK,
            ARABIC_NEEDS,
        ),
        Rule(
            "mojibake_legacy",
            "text",
            "ÇáÓáÇã was السلام, Windows-1256 read as Windows-1252",
            "Python codecs",
            characters=LEGACY,
            only_where=(LEGACY_LOOK,),
            block=block,
            needs="Ç",
        ),
    )
