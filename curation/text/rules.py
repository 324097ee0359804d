"""The rules of scope `text`, in order. Each is a row that a reader of Arabic can argue with; adding one touches this file alone.

They make the light text that models train on; `folding` goes on from there to the key for matching.
Doses, lab values and dates pass through both to the digit.
"""

from pyarabic.araby import TATWEEL

from curation.params import CleanParams
from curation.text.boilerplate import closing, listed, opening
from curation.text.characters import (
    ARABIC_INDIC,
    BLANKS,
    COMPOSED,
    CONTROL,
    EMOJI,
    EXTENDED_ARABIC_INDIC,
    INVISIBLE,
    LETTERS,
    PRESENTATION_FORMS,
    QURANIC_MARKS,
    SPACES,
    TASHKEEL,
    WESTERN,
    any_of,
)
from curation.text.rule import Rule


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
        rules.append(Rule("emoji", "text", "pictures, not words", "emoji EMOJI_DATA", pattern=any_of(EMOJI), replacement=" "))
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
                pattern=opening(),
                replacement="",
            ),
            Rule(
                "closing",
                "text",
                "closings carry nothing medical",
                "lexicons/boilerplate.csv",
                pattern=closing(),
                replacement=r"\1",
                backwards=2 * max(map(len, listed("end"))),  # twice, for letters that still stand twice and separators
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
