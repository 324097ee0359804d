"""Stretched letters: كتيييير is كتير, but the stretched form of a word that doubles a letter keeps two: مممكن is ممكن.

Only runs of three letters or more are looked at, so that a letter written twice stays as typed. Which words double stands in
lexicons/doubled_words.csv; they are found at the start of a word, behind و, ف and the article, each of their letters stretched or not.
"""

import re
from typing import Any

from curation.lexicons import load
from curation.text.characters import LETTERS, any_of
from curation.text.compiler import literal, runs_of
from curation.text.rule import Rule

STRETCHED = runs_of(dict.fromkeys(LETTERS, 1), 3)
# Not ب, ك, س: بعددد is a stretched بعد and no ب before عدد. What is written with them stands in the list: بسبب.
BEFORE = "ي*?[وف]*(?:[بك]*ا+ل+|ل{2,})??"


def elongation_rules(keep: int, block: str) -> tuple[Rule, ...]:
    """A letter three times or more becomes `keep` (1 or 2) of it; with 1, words that double keep both."""
    why = "stretched letters: كتيييير is كتير"
    stretched = Rule("elongation", "text", why, "posts", collapse=dict.fromkeys(LETTERS, keep), block=block, needs=STRETCHED)
    if keep > 1:
        return (stretched,)
    start = f"(?:^|[^{any_of(LETTERS)[1:]})"

    def rule(name: str, why: str, source: str, pattern: str, **change: Any) -> Rule:
        return Rule(name, "text", why, source, pattern=pattern, block=block, **change)

    words = doubled_words()
    listed = f"{start}{BEFORE}({'|'.join(map(_stretched, words))})"
    letters = any_of(LETTERS)
    return (
        rule(
            "doubled_words",
            "مممكن is ممكن, not مكن",
            "lexicons/doubled_words.csv",
            listed,
            piece=_doubled("p", words),
            grouped=True,
            within=f"{letters}*(?:{STRETCHED}){letters}*",
        ),
        rule(
            "article",
            "اللللي keeps the lam of the article and its own",
            "posts",
            f"({start}[وفبك]*ا+)ل{{3,}}([^لا])",
            replacement=r"\1لل\2",
            needs="ل{3}",
        ),
        rule("laughter", "هههههه keeps two", "posts", f"({start})ه{{3,}}", replacement=r"\1هه", needs="ه{3}"),
        stretched,
    )


def doubled_words() -> tuple[str, ...]:
    """The listed words, the longest first."""
    return tuple(sorted((row["word"] for row in load("doubled_words")), key=lambda w: (-len(w), w)))


def skeleton(word: str) -> str:
    """The word with every letter once."""
    return re.sub(r"(.)\1+", r"\1", word)


def _doubled(word: str, words: tuple[str, ...]) -> str:
    """SQL for the listed word that a stretched one is. Of two with one skeleton, as تكرر and تتكرر, one doubles its first letter."""
    once = f"array_to_string(list_filter(string_split({word}, ''), lambda c, i: i = 1 OR c <> {word}[i - 1]), '')"
    first = {skeleton(w): w for w in words if w[0] == w[1]}
    other = {skeleton(w): w for w in words if w[0] != w[1]}
    return f"coalesce(CASE WHEN {word}[1] = {word}[2] THEN {_map(first)}[{once}] END, {_map(other)}[{once}], {_map(first)}[{once}])"


def _map(listed: dict[str, str]) -> str:
    return "MAP {" + ", ".join(f"{literal(a)}: {literal(b)}" for a, b in listed.items()) + "}"


def _stretched(word: str) -> str:
    """RE2 of the word with every letter stretched or not, and two at least where it doubles."""
    return re.sub(r"(.)\1*", lambda run: f"{run[1]}{{{len(run[0])},}}" if len(run[0]) > 1 else f"{run[1]}+", word)
