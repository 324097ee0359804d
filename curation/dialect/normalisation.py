"""Into MSA whatever a text is written in: Arabizi first in Arabic letters, then the words of its region as those of any dialect.

The two passes are one list of changes over the text as it was. Where both changed a word, its change names both rules; each can be
refused by its own name. What the check of either pass does not let through keeps the whole text as it was.
"""

import re
from collections.abc import Collection, Sequence

from curation.dialect import msa
from curation.dialect.arabizi.latin_words import ZONES, kind
from curation.dialect.arabizi.lexicon import rules
from curation.dialect.arabizi.transliteration import AND, transliterate
from curation.dialect.lexicon import entries
from curation.dialect.msa import LATIN, NUMBER, Change, applied
from curation.dialect.polarity import letters_deny_alike
from curation.errors import TibyanError
from curation.schema import SPOKEN

ARABIZI = "arabizi"
# Numbers with their units, and codes: an opinion of its own on what transliteration may not touch.
MEASURES = re.compile(
    r"(?<!\w)(?:\d[.,]?\d+\w*|(?:mg|g|mmol)/d?l|"
    r"\d+ ?(?:mg|mcg|µg|ml|kg|g|iu|ui|cm|mm|mmol|x)(?!\w)|(?:b|d|k|t|vit\w*|omega|covid)\d+(?!\w))",
    re.IGNORECASE,
)


def checked(text: str, dialect: str | None, refused: Collection[str] = ()) -> tuple[str, list[Change], bool]:
    """The text in MSA as far as the rules reach, the changes, and whether a check failed: then the text is as it was, without changes."""
    if dialect != ARABIZI:
        return msa.checked(text, dialect, refused)
    in_letters = transliterate(text, refused)
    if not letters_kept(text, in_letters.changes):
        return text, [], True
    normalised, changes, failed = msa.checked(in_letters.text, in_letters.region, refused)
    return (text, [], True) if failed else (normalised, composed(text, in_letters.changes, changes), False)


def check_refused(refused: Collection[str]) -> None:
    """Raises TibyanError where one of these is the name of no rule."""
    known = {entry.rule for dialect in SPOKEN for entry in entries(dialect)} | rules()
    if unknown := sorted(set(refused) - known):
        raise TibyanError(
            f"params.yaml: dialect.refused: {', '.join(unknown)}: no rule is called so. `tibyan explain` says what they are called; "
            f"where a change has several, with '{AND.strip()}' between them, name one."
        )


def letters_kept(text: str, changes: Sequence[Change]) -> bool:
    """Whether no number, unit, code, placeholder or drug was touched, all else stands as before, and what denies is what denied."""
    after = applied(text, changes)
    starts, ends = [change.start for change in changes], [change.end for change in changes]
    outside = "\n".join(text[a:b] for a, b in zip((0, *ends), (*starts, len(text)), strict=True))
    if any(pattern.findall(outside) != pattern.findall(after) for pattern in (NUMBER, LATIN)):
        return False
    closed = [match.span() for pattern in (ZONES, MEASURES) for match in pattern.finditer(text)]
    if any(start < change.end and change.start < end for start, end in closed for change in changes):
        return False
    drugs = (word for change in changes for word in change.form.lower().split() if kind(word) == "drug")
    return next(drugs, None) is None and all(letters_deny_alike(change.form, change.msa) for change in changes)


def composed(text: str, first: Sequence[Change], second: Sequence[Change]) -> list[Change]:
    """One list of changes over `text` that does what `first` does to it, and then `second` to what came of that.

    Changes of the two passes that have a character in common are one, from where the first of them begins to where the last ends.
    """
    between = applied(text, first)
    made, moved = [], 0  # where the outcomes of the first pass stand
    for change in first:
        start = change.start + moved
        made.append((start, start + len(change.msa), change))
        moved += len(change.msa) - len(change.form)
    stretches: list[tuple[int, int]] = []
    for start, end in sorted([*((start, end) for start, end, _ in made), *((change.start, change.end) for change in second)]):
        if stretches and start < stretches[-1][1]:
            start, end = stretches[-1][0], max(end, stretches.pop()[1])
        stretches.append((start, end))
    changes, moved = [], 0
    for start, end in stretches:
        inner = [change for begin, _, change in made if start <= begin < end]
        outer = [change for change in second if start <= change.start < end]
        longer = sum(len(change.msa) - len(change.form) for change in inner)
        stretch = slice(start - moved, end - moved - longer)
        became = applied(between[start:end], [change._replace(start=change.start - start, end=change.end - start) for change in outer])
        rule = AND.join(dict.fromkeys(change.rule for change in (*inner, *outer)))
        changes.append(Change(stretch.start, stretch.stop, text[stretch], became, rule))
        moved += longer
    return changes
