"""What a text rule is: a row of data that the compiler turns into SQL."""

from dataclasses import dataclass, field
from typing import Literal


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
    piece: str = ""  # SQL over the text `p` that `pattern` found, in place of `replacement`
    grouped: bool = False  # `p` is the first group of the pattern, with what stands around it for its finding only
    within: str = ""  # of a grouped rule: RE2 of the words of the text that it may change; the pattern is looked for in these alone
    backwards: bool = False  # the pattern is for the text from its end: RE2 is fast from where it starts
    collapse: dict[str, int] = field(default_factory=dict)  # runs of a character become so many
    shortest_run: int = 3  # of `collapse`, and never shorter than what is left of it
    function: str = ""  # a DuckDB function of one text
    only_where: tuple[str, ...] = ()  # RE2, any of them: a quick look that saves the rule where it cannot change anything
    block: str = ""  # RE2: a look before that one, taken once for neighbouring rules of the same block; what it finds are its pieces
    needs: str = ""  # RE2 of what stands in the pieces of each text that the rule changes: they are shorter to search than the text
