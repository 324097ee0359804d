"""The rules of scope `text`, in order. Each is a row that a reader of Arabic can argue with; adding one touches this file alone.

They make the light text that models train on; `folding` goes on from there to the key for matching.
Doses, lab values and dates pass through both to the digit.
"""

from functools import cache
from typing import Any

from pyarabic.araby import TATWEEL

from curation.params import CleanParams
from curation.text.boilerplate import SEPARATOR, SOFT, closing, closing_look, opener_look, opening, opening_look, tail, tail_look
from curation.text.characters import (
    ARABIC_INDIC,
    COMPOSED,
    CONTROL,
    EMOJI,
    EXTENDED_ARABIC_INDIC,
    INVISIBLE,
    JOINER,
    LOST,
    PRESENTATION_FORMS,
    PRIVATE,
    QURANIC_MARKS,
    SELECTOR,
    SPACES,
    STRETCHED_SIGNS,
    TASHKEEL,
    WESTERN,
    any_of,
    odd,
)
from curation.text.compiler import runs_of
from curation.text.elongation import STRETCHED, elongation_rules
from curation.text.emoji_sequences import joined_emoji, marked_emoji
from curation.text.letters import PERSIAN
from curation.text.mojibake import mojibake_rules
from curation.text.rule import Rule
from curation.text.web import web_rules

TITLE = "\ue004"  # private use, which no text has here: a word before it is not taken for an opening


def text_rules(params: CleanParams) -> tuple[Rule, ...]:
    """The rules of scope `text` under these parameters, in the order in which they run."""
    return (*writing_rules(params), *ends_rules(params))


@cache
def writing_rules(params: CleanParams) -> tuple[Rule, ...]:
    """One way to write what is said."""
    unusual = odd(params.digits)
    blanks = ("  ", "\n", "\t", "\r", "\f")
    return (
        *mojibake_rules(unusual),
        *web_rules(unusual, _invisible(params).replace(JOINER, "")),
        *_characters(params, unusual),
        *_tags(unusual),
        *_runs(params),
        Rule("blanks", "text", "one space is enough", "posts", pattern=r"\s\s+|[^\S ]", replacement=" ", only_where=blanks),
    )


@cache
def ends_rules(params: CleanParams) -> tuple[Rule, ...]:
    """What goes from the ends of a text: words that carry nothing medical, and the signs that they leave."""
    return (*_boilerplate(params), *_edges())


def _invisible(params: CleanParams) -> str:
    """Where emoji are kept, the selector is looked at by rules of its own."""
    return INVISIBLE if params.emoji == "keep" else INVISIBLE + SELECTOR


def _characters(params: CleanParams, block: str) -> tuple[Rule, ...]:
    """One way to write each character. Every rule here needs one that is unusual, so one look saves them all."""
    dropped_tashkeel = "".join(c for c in TASHKEEL if c not in params.keep_tashkeel)

    def rule(name: str, why: str, source: str, **change: Any) -> Rule:
        return Rule(name, "text", why, source, block=block, **change)

    rules = [
        rule("private", "icons of fonts, no letters", "Unicode category Co", delete=PRIVATE),
        *(marked_emoji(block) if params.emoji == "keep" else ()),
        rule("control", "control characters are damage, not writing", "Unicode category Cc", delete=CONTROL),
        rule("invisible", "zero-width and bidi marks are not seen but make equal words differ", "Unicode", delete=_invisible(params)),
        rule("lost", "a character that a reader could not read, often half an emoji", "Unicode U+FFFD", characters={LOST: " "}),
        rule("presentation_forms", "shapes of letters become letters", "Unicode U+FB50-FDFF, U+FE70-FEFF", characters=PRESENTATION_FORMS),
        rule(
            "tatweel_range",
            "1ـ2 is a range, not twelve",
            "posts",
            pattern=rf"(\p{{Nd}}){TATWEEL}+(\p{{Nd}})",
            replacement=r"\1-\2",
            only_where=(TATWEEL,),
            needs=TATWEEL,
        ),
        rule("tatweel", "a stretching stroke, carries no meaning", "PyArabic TATWEEL", delete=TATWEEL),
        rule(
            "tashkeel", "vowel signs are rare in posts and make equal words differ", "camel-tools AR_DIAC_CHARSET", delete=dropped_tashkeel
        ),
        rule("quranic_marks", "recitation signs from pasted verses", "Unicode U+0610-06ED", delete=QURANIC_MARKS),
        rule("spaces", "every blank is a space; RE2's \\s misses U+00A0", "Unicode category Zs", characters=dict.fromkeys(SPACES, " ")),
        rule("persian_letters", "Persian keyboards type ی and ک for ي and ك", "Unicode", characters=PERSIAN),
    ]
    if params.digits != "keep":
        target = WESTERN if params.digits == "western" else ARABIC_INDIC
        digits = {d: t for script in (WESTERN, ARABIC_INDIC, EXTENDED_ARABIC_INDIC) for d, t in zip(script, target, strict=True) if d != t}
        rules.append(rule("digits", "one script of digits, so that 5 is 5", "Unicode", characters=digits))
    nfc = "one code point for one letter, when no mark stands between; NFKC would make 21/2 of 2½"
    rules.append(rule("nfc", nfc, "Unicode UAX 15", function="nfc_normalize", only_where=(COMPOSED,), needs=COMPOSED))
    if params.emoji == "drop":
        pictures = any_of(EMOJI)
        rules.append(rule("emoji", "pictures, not words", "emoji EMOJI_DATA", pattern=pictures, replacement=" ", needs=pictures))
    else:
        rules += joined_emoji(block)
    return tuple(rules)


def _tags(block: str) -> tuple[Rule, ...]:
    """A hashtag is its words."""
    tag = r"#[\p{L}\p{N}_]"
    camel = "regexp_replace(p, '(\\p{Ll})(\\p{Lu})', '\\1 \\2', 'g')"

    def rule(name: str, why: str, sign: str, pattern: str, look: str = "", **change: Any) -> Rule:
        return Rule(name, "text", why, "posts", pattern=pattern, only_where=(look or sign,), block=block, needs=sign, **change)

    return (
        rule("hashtag_capitals", "#BreastCancer is two words", "#", f"{tag}+", rf"{tag}*\p{{Ll}}\p{{Lu}}", piece=camel),
        rule("hashtag", "a tag is its words", "#", r"#([\p{L}\p{N}])", replacement=r" \1"),
        rule("underscore", "hashtags join words with _", "_", "_+", replacement=" "),
    )


def _runs(params: CleanParams) -> tuple[Rule, ...]:
    signs = dict.fromkeys(STRETCHED_SIGNS, 1)
    block = f"{STRETCHED}|{runs_of(signs, 3)}"
    return (
        *elongation_rules(params.elongation, block),
        Rule(
            "number_dots",
            "text",
            "5...6 is not 5.6",
            "doses",
            pattern=r"(\p{Nd})(?:\.{3,}|,{3,})",
            replacement=r"\1..",
            block=block,
            needs=r"\.{3}|,{3}",
        ),
        Rule("punctuation_run", "text", "!!!!!! says no more than !", "posts", collapse=signs, block=block, needs=runs_of(signs, 3)),
    )


def _boilerplate(params: CleanParams) -> tuple[Rule, ...]:
    rules = []
    drop = params.boilerplate == "drop"
    if drop:
        why = "openings carry nothing medical"
        doctor_of = "(دكتور[ةه]?)( ال)"
        rules += [
            Rule(
                "title",
                "text",
                "دكتور الاسنان is no address",
                "posts",
                pattern=doctor_of,
                replacement=rf"\1{TITLE}\2",
                only_where=(doctor_of,),
                block=opening_look(),
            ),
            Rule("greeting", "text", why, "lexicons/boilerplate.csv", pattern=opening(), block=opening_look()),
            Rule("title_kept", "text", "as before", "posts", delete=TITLE, only_where=(TITLE,), block=opening_look()),
        ]
    if params.advertisement_tails == "drop":
        rules.append(
            Rule(
                "advertisement_tail",
                "text",
                "how to book or follow is no part of an answer; a tail with a number in it stays",
                "lexicons/advertisement_tails.csv",
                pattern=tail(closings=drop),
                replacement=r"\1",
                backwards=True,
                only_where=(opener_look(),),
                block=tail_look(closings=drop),
            )
        )
    if drop:
        why = "closings carry nothing medical"
        rules.append(
            Rule(
                "closing",
                "text",
                why,
                "lexicons/boilerplate.csv",
                pattern=closing(),
                replacement=r"\1",
                backwards=True,
                only_where=(closing_look(),),
            )
        )
    return tuple(rules)


def _edges() -> tuple[Rule, ...]:
    """What removed openings and closings leave behind. A point or minus before a number is the number's: -2.5 of a lens."""
    leading = rf"^{SEPARATOR}+($|[^\p{{Nd}}\x{{fe0f}}\x{{20e3}}{SEPARATOR[1:]})|^{SEPARATOR}*{SOFT}([.-]*\p{{Nd}})"
    trailing = r"[\s،,؛;:*~-]+$"
    return (
        Rule(
            "leading_punctuation",
            "text",
            "what a removed opening leaves behind",
            "posts",
            pattern=leading,
            replacement=r"\1\2",
            only_where=(f"^{SEPARATOR}",),
        ),
        Rule("trailing_punctuation", "text", "what a removed closing leaves behind", "posts", pattern=trailing, only_where=(trailing,)),
    )
