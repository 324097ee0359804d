"""Into MSA whatever a text is written in: Arabizi first in Arabic letters, then the words of its region as those of any dialect.

The two passes are one list of changes over the text as it was. Where both changed a word, its change names both rules; each can be
refused by its own name. What the check of either pass does not let through keeps the whole text as it was.
"""

import re
from collections.abc import Collection, Sequence

from curation.dialect import msa
from curation.dialect.arabizi import AND, transliterate
from curation.dialect.arabizi_words import rules
from curation.dialect.latin_words import ZONES, kind
from curation.dialect.lexicon import entries
from curation.dialect.msa import LATIN, NUMBER, Change, applied
from curation.dialect.polarity import letters_deny_alike
from curation.errors import TibyanError
from curation.schema import SPOKEN

ARABIZI = "arabizi"
# Numbers, doses and vitamins: an opinion of its own on what transliteration may not touch.
DOSE_OR_CODE = re.compile(r"\d+|\d{2,}\w*|\d+(?:mg|mcg|ml|kg|g|iu|cm|mm|x)|(?:b|d|k|t|vit\w*|omega|covid)\d+|.*\d{3,}.*|.*[014].*")


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
    """Whether what is written in Arabic letters now was no number, unit, code, placeholder or name of a drug, and all else stands as before."""
    after = applied(text, changes)
    outside = [text[a:b] for a, b in zip((0, *(c.end for c in changes)), (*(c.start for c in changes), len(text)), strict=True)]
    same = all(pattern.findall("\n".join(outside)) == pattern.findall(after) for pattern in (NUMBER, LATIN))
    closed = [match.span() for match in ZONES.finditer(text)]
    untouched = not any(a < change.end and change.start < b for a, b in closed for change in changes)
    taken = (word for change in changes for word in change.form.lower().split())
    return same and untouched and not any(DOSE_OR_CODE.fullmatch(word) or kind(word) == "drug" for word in taken) and all(
        letters_deny_alike(change.form, change.msa) for change in changes
    )


def composed(text: str, first: Sequence[Change], second: Sequence[Change]) -> list[Change]:
    """One list of changes over `text` that does what `first` does to it, and then `second` to what came of that.

    Changes of the two passes that have a character in common are one, from where the first of them begins to where the last ends.
    """
    between = applied(text, first)
    groups: list[tuple[int, int, list[Change], list[Change]]] = []  # a stretch of the text between, and what made it and what it became
    moved, spans = 0, []
    for change in first:
        start = change.start + moved
        spans.append((start, start + len(change.msa), change, True))
        moved += len(change.msa) - len(change.form)
    spans += [(change.start, change.end, change, False) for change in second]
    for start, end, change, is_first in sorted(spans, key=lambda span: (span[0], span[1])):
        if groups and start < groups[-1][1]:
            begin, until, made, became = groups.pop()
            groups.append((begin, max(until, end), made, became))
        else:
            groups.append((start, end, [], []))
        groups[-1][2 if is_first else 3].append(change)
    changes, moved = [], 0  # moved: how much longer the text between is than the text, so far
    for begin, until, made, became in groups:
        longer = sum(len(change.msa) - len(change.form) for change in made)
        start, end = begin - moved, until - moved - longer
        inside = [change._replace(start=change.start - begin, end=change.end - begin) for change in became]
        rules_of = dict.fromkeys(change.rule for change in (*made, *became))
        changes.append(Change(start, end, text[start:end], applied(between[begin:until], inside), AND.join(rules_of)))
        moved += longer
    return changes
