"""The rules of scope `key`, to be run after those of scope `text`. They fold on purpose and never reach the training text."""

from curation.text.characters import (
    ARABIC_INDIC,
    EMOJI,
    EXTENDED_ARABIC_INDIC,
    JOINER,
    LETTERS,
    PUNCTUATION,
    QURANIC_MARKS,
    SELECTOR,
    TASHKEEL,
    WESTERN,
    any_of,
    hamza_folding,
)
from curation.text.rule import Rule

POINT, SLASH = "\ue000", "\ue001"  # private use, which no text has here: they hold points and slashes while other punctuation goes


def key_rules() -> tuple[Rule, ...]:
    """The rules in the order in which they run."""
    digits = {d: w for script in (ARABIC_INDIC, EXTENDED_ARABIC_INDIC) for d, w in zip(script, WESTERN, strict=True)}
    signs = any_of(PUNCTUATION + "./" + EMOJI)
    marks, joiners, capitals = TASHKEEL + QURANIC_MARKS, JOINER + SELECTOR, r"\p{Lu}|\p{Lt}"
    number = "[.٫]?[0-9][.,٫/]|[.٫][0-9]"
    rare = f"{capitals}|{any_of(''.join(digits) + marks + joiners)}|{number}"  # what one text in four has
    return (
        Rule("key_hamza", "key", "أ إ آ ٱ are typed as ا, ؤ as و, ئ as ي", "PyArabic HAMZAT", characters=hamza_folding()),
        Rule("key_endings", "key", "ة is typed as ه and ى as ي, and back", "posts", characters={"ة": "ه", "ى": "ي"}),
        Rule(
            "key_case",
            "key",
            "Panadol is panadol",
            "posts",
            function="lower",
            only_where=(capitals,),
            block=rare,
            needs=capitals,
        ),
        Rule("key_digits", "key", "numbers stay, in one script", "Unicode", characters=digits, block=rare),
        Rule("key_marks", "key", "every vowel sign", "camel-tools AR_DIAC_CHARSET", delete=marks, block=rare),
        Rule("key_joiners", "key", "what joins pictures that were kept", "Unicode UTS 51", delete=joiners, block=rare),
        Rule(
            "key_point",
            "key",
            "2.5 is not 25, and .5 not 5",
            "doses",
            pattern=r"([0-9])[.,٫]|(^|[^\p{L}\p{N}])[.٫]",
            replacement=rf"\1\2{POINT}",
            block=rare,
            needs=number,
        ),
        Rule("key_slash", "key", "140/90 is not 14090", "doses", pattern="([0-9])/", replacement=rf"\1{SLASH}", block=rare, needs="/"),
        Rule(
            "key_number_end",
            "key",
            "a point behind a number ends a sentence",
            "doses",
            pattern=f"[{POINT}{SLASH}]+([^0-9]|$)",
            replacement=r" \1",
            only_where=(POINT, SLASH),
            block=rare,
        ),
        Rule(
            "key_punctuation",
            "key",
            "punctuation is typed at random, emoji are pictures and not words",
            "camel-tools charsets, emoji EMOJI_DATA",
            pattern=f" *{signs}[ {signs[1:]}*",  # with the blanks around, which would take a pass of their own
            replacement=" ",
        ),
        Rule(
            "key_numbers",
            "key",
            "the points and slashes of numbers come back",
            "doses",
            characters={POINT: ".", SLASH: "/"},
            only_where=(POINT, SLASH),
        ),
        Rule(
            "key_doubles",
            "key",
            "ممكن and مممكن; two lams stay, or اللي would be إلى",
            "posts",
            collapse={c: 2 if c == "ل" else 1 for c in LETTERS},
            shortest_run=2,
        ),
        Rule("key_blanks", "key", "one space is enough", "posts", pattern="  +", replacement=" ", only_where=("  ",)),
        Rule("key_trim", "key", "no blanks at the ends", "posts", function="trim", only_where=("^ ", " $")),
    )
