"""What `linear_v1` sees of a text: its words, the letters in them, neighbours, the cues that the word lists found, how much those weigh.

A feature is called by what it is: a word without what is written onto it (`صدر`), three or four letters of one (`~_صد`, `_` its edge), two
neighbours (`ضيق+نفس`), a cue with its context (`critical: chest pain (negation)`), or a step (`critical from 2`: the level's cues that
stand in no context weigh so much together). Cues are read from the evidence of the word lists' scorer: whatever it finds is here.
"""

import re
from functools import cache
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation.schema import SEVERITIES
from curation.text.phrases import PROCLITICS, bare
from curation.text.words import Numbers, Places, distinct, words_of

LINE = re.compile(rf"({'|'.join(SEVERITIES)}): (.+?) \+([0-9]+(?:\.[0-9]+)?)(?: \(([^()]+)\))?")
STEPS = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0)  # a cue weighs 0.3 to 3: from the faintest to two plain ones
WORD = r"[\p{Arabic}]{2,20}|[a-z0-9]{0,9}[a-z][a-z0-9]{1,10}"  # numbers are the measures' matter; of longer ones nothing is learnt
GRAM, PAIR = "~", "+"
# Macro-F1 on the development vignettes, left out: words alone 0.67, with 3 to 4 of their letters 0.71, 2 to 4 0.69, 3 to 5 0.71.
LETTERS = (3, 4)


class Cue(NamedTuple):
    """One line of evidence, read."""

    level: str
    name: str
    weight: float
    context: str | None

    @property
    def feature(self) -> str:
        return f"{self.level}: {self.name}" + (f" ({self.context})" if self.context else "")


@cache
def read_line(line: str) -> Cue | None:
    """A line of evidence as `lexicon_v1` writes it; None where it is a remark and no cue."""
    if found := LINE.fullmatch(line):
        return Cue(found[1], found[2], float(found[3]), found[4])
    return None


class Found(NamedTuple):
    """`ids` of the texts; their distinct `words`, and pairs of a text and a word, each once; `marks` (cues, steps, neighbours) too."""

    ids: pa.Array
    words: pa.Array
    said_by: Places
    said: Places
    marks: list[str]
    marked: Places
    mark: Places


def find_features(con: duckdb.DuckDBPyConnection, texts: duckdb.DuckDBPyRelation, evidence: pa.Table, pairs: list[str] | None) -> Found:
    """`texts` has `id, key`; `evidence` has `id, evidence` of the same texts, ids are numbers; `pairs` are those looked for, None: all."""
    words = words_of(con, texts)
    plain = words.each(con, f"CASE WHEN regexp_full_match(word, '{WORD}') THEN {bare('word', PROCLITICS)} END")[0]
    coded = plain.combine_chunks().dictionary_encode()
    count = max(len(coded.dictionary), 1)
    of_word = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)[words.numbers]
    is_one = of_word >= 0
    said = distinct(words.texts[is_one].astype(np.int64) * count + of_word[is_one])
    marks, marked, mark = _marks(words.ids, evidence)
    beside, of_pair, pair = _pairs(words.texts, of_word, coded.dictionary, pairs)
    both = np.concatenate([marked, of_pair]), np.concatenate([mark, pair + len(marks)])
    return Found(words.ids, coded.dictionary, said // count, said % count, [*marks, *beside], *both)


def _pairs(texts: Numbers, of_word: Places, words: pa.Array, wanted: list[str] | None) -> tuple[list[str], Places, Places]:
    """Pairs of neighbours, and pairs of a text's place and theirs: each once. A word that is none, as a number, has no neighbour."""
    count = max(len(words), 1)
    beside = np.flatnonzero((texts[1:] == texts[:-1]) & (of_word[1:] >= 0) & (of_word[:-1] >= 0))
    code = of_word[beside] * count + of_word[beside + 1]
    if wanted is None:
        known = np.unique(code)
        names = [f"{words[a].as_py()}{PAIR}{words[b].as_py()}" for a, b in zip(known // count, known % count, strict=True)]
    else:
        halves = pa.array([half for name in wanted for half in name.split(PAIR)], pa.string())
        first, second = pc.index_in(halves, value_set=words).fill_null(-1).to_numpy().astype(np.int64).reshape(-1, 2).T
        there = np.flatnonzero((first >= 0) & (second >= 0))
        known = first[there] * count + second[there]
        order = np.argsort(known)
        known, names = known[order], [wanted[i] for i in there[order]]
    if not len(known):
        return [], np.empty(0, np.int64), np.empty(0, np.int64)
    place = np.minimum(np.searchsorted(known, code), len(known) - 1)
    found = known[place] == code
    once = distinct(texts[beside[found]].astype(np.int64) * len(known) + place[found])
    return names, once // len(known), once % len(known)


def features_of(table: str) -> str:
    """SQL over a table with a column `word`: `word, feature` for the word itself and each run of its letters, each once."""
    runs = [f"list_transform(range(1, len(word) + {4 - n}), lambda i: '{GRAM}' || substr('_' || word || '_', i, {n}))" for n in LETTERS]
    return f"SELECT word, unnest(list_distinct(flatten([[word], {', '.join(runs)}]))) AS feature FROM {table}"


def _marks(ids: pa.Array, table: pa.Table) -> tuple[list[str], Places, Places]:
    """The distinct cues and steps, and pairs of a text's place among `ids` and a mark's: each distinct line is read once."""
    lists = table["evidence"].combine_chunks()
    lines = lists.flatten().dictionary_encode()
    line = lines.indices.to_numpy().astype(np.int64)
    named = ids.to_numpy()
    order = np.argsort(named, kind="stable")
    place = order[np.searchsorted(named, table["id"].to_numpy(), sorter=order)]
    text = np.repeat(place, lists.value_lengths().fill_null(0).to_numpy()).astype(np.int64)
    cues = [read_line(of) for of in lines.dictionary.to_pylist()]
    names = sorted({cue.feature for cue in cues if cue})
    number = {name: i for i, name in enumerate(names)}
    of_line = np.array([number[cue.feature] if cue else -1 for cue in cues], np.int64)[line]
    found = [np.stack([text, of_line])[:, of_line >= 0]]
    for level in SEVERITIES:
        weights = np.array([cue.weight if cue and cue.level == level and not cue.context else 0.0 for cue in cues], np.float64)
        sums = np.bincount(text, weights=weights[line], minlength=len(ids)).round(6)
        for step in STEPS:
            reached = np.flatnonzero(sums >= step)
            found.append(np.stack([reached, np.full(len(reached), len(names))]))
            names.append(f"{level} from {step:g}")
    pairs = distinct(np.concatenate([of[0] * len(names) + of[1] for of in found]))
    return names, pairs // len(names), pairs % len(names)
