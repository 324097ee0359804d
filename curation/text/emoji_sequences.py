"""Emoji that are kept stay whole: inside a sequence the joiner and the picture selector, invisible elsewhere, belong to the picture."""

from curation.text.characters import EMOJI, JOINER, SELECTOR, any_of
from curation.text.rule import Rule

# Private use, which no text has here: they hold joiners and selectors while those that stand elsewhere go.
JOINED, SELECTED = "\ue002", "\ue003"
PICTURES = any_of(EMOJI)
BASES = any_of(EMOJI + "0123456789٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹#*©®™")


def marked_emoji(block: str) -> tuple[Rule, ...]:
    """Before invisible characters go."""
    return (
        _rule("emoji_selector", "❤ and its selector are one picture", f"({BASES}){SELECTOR}", rf"\1{SELECTED}", SELECTOR, block),
        Rule(
            "selector",
            "text",
            "a picture selector behind no picture",
            "Unicode",
            delete=SELECTOR,
            only_where=(SELECTOR,),
            block=block,
            needs=SELECTOR,
        ),
        _rule("emoji_joiner", "a family is one picture", f"([{PICTURES[1:-1]}{SELECTED}]){JOINER}", rf"\1{JOINED}", JOINER, block),
    )


def joined_emoji(block: str) -> tuple[Rule, ...]:
    """After that."""
    return (
        _rule("emoji_joined", "the joiner comes back between two pictures", f"{JOINED}({PICTURES})", rf"{JOINER}\1", JOINED, block),
        Rule(
            "emoji_selected",
            "text",
            "the selector comes back behind its picture",
            "Unicode UTS 51",
            characters={SELECTED: SELECTOR, JOINED: ""},
            only_where=(SELECTED, JOINED),
            block=block,
            needs=f"{SELECTED}|{JOINED}",
        ),
    )


def _rule(name: str, why: str, pattern: str, replacement: str, look: str, block: str) -> Rule:
    source = "Unicode UTS 51"
    return Rule(name, "text", why, source, pattern=pattern, replacement=replacement, only_where=(look,), block=block, needs=look)
