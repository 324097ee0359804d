"""How far the rules into MSA go: measured, and written to docs/dialect.md.

    python -m benchmarks.dialect

The written sentences with their MSA (dialect_sentences.csv, half of them held out from work on the lexicon), sentences of plain MSA
(msa_sentences.csv), and the Iraqi words and phrases of ../shared/data with theirs, where they are. Only counts leave it.
"""

import csv
import json
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks import arabizi
from benchmarks.against_datatrove import PYTHON
from benchmarks.document import HEADER, at_least, at_most, number, table
from benchmarks.real_texts import distinct_texts
from benchmarks.setting import ROOT, SHARED
from curation.api import normalise_dialect
from curation.dialect.lexicon import PARTS_OF_SPEECH
from curation.dialect.msa import NUMBER, WORD, Change, checked, to_msa
from curation.dialect.polarity import denies_alike
from curation.lexicons import load
from curation.schema import SPOKEN

DOCUMENT = ROOT / "docs" / "dialect.md"
SENTENCES, PLAIN = ROOT / "benchmarks" / "dialect_sentences.csv", ROOT / "benchmarks" / "msa_sentences.csv"
IRAQI = SHARED / "iraqitext" / "dictionary.json"
MOST_CHANGED, THROUGHPUT, CORES = 0.5, 40_000, 2  # of a hundred words of MSA; texts a second
HALVES = {"open": "open", "held_out": "held out"}


def main() -> None:
    """Measure and write the document."""
    DOCUMENT.write_text(
        "\n\n".join((INTRODUCTION, targets(), lexicon(), sentences(), phrases(), plain(), arabizi.section(rows(SENTENCES), chrf), LIMITS))
        + "\n",
        encoding="utf-8",
    )
    print(f"{DOCUMENT.relative_to(ROOT)}: written")


def rows(path: Path) -> list[dict[str, str]]:
    """A CSV."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def targets() -> str:
    """What is asked of the rules, and what they do."""
    in_dialect = [row for row in rows(SENTENCES) if row["dialect"] in SPOKEN]
    done = [(row["text"], *checked(row["text"], row["dialect"])) for row in in_dialect]
    numbers = sum(NUMBER.findall(text) == NUMBER.findall(after) for text, after, *_ in done)
    alike = [denies_alike(change.form, change.msa) for _, _, changes, _ in done for change in changes]
    return table(
        HEADER,
        [
            at_least("written sentences with the same numbers", 100, 100 * numbers / len(done), "%"),
            at_least("changes that deny just where the dialect did", 100, 100 * sum(alike) / len(alike), "%"),
            at_most("words of MSA changed, the dialect as it is found", MOST_CHANGED, 100 * as_found(), "%"),
            at_least(f"texts a second on {CORES} cores (one measured, doubled)", THROUGHPUT, CORES * speed(), "texts"),
        ],
    )


def as_found() -> float:
    """The share of words that change in sentences of MSA, each in the dialect that it is taken for."""
    texts = [row["text"] for row in rows(PLAIN)]
    changes = normalise_dialect(texts)["changes"].to_pylist()
    return sum(len(WORD.findall(change["form"])) for of in changes for change in of) / _words(texts)


def speed() -> float:
    """Real texts a second on one core, each taken for the dialects in turn, words learnt."""
    texts = [(text, SPOKEN[i % len(SPOKEN)]) for i, text in enumerate(distinct_texts() or [row["text"] for row in rows(SENTENCES)])]
    seconds = []
    for _ in range(2):  # the first time words are learnt
        start = time.process_time()
        for text, dialect in texts:
            checked(text, dialect)
        seconds.append(time.process_time() - start)
    return len(texts) / seconds[-1]


def lexicon() -> str:
    """How many entries there are."""
    counts = Counter((row["dialect"], row["part_of_speech"]) for row in load("msa_words"))
    names = [*SPOKEN, "*"]
    body = [(part, *(f"{counts[name, part]:,}" for name in names)) for part in PARTS_OF_SPEECH]
    body.append(("all", *(f"{sum(counts[name, part] for part in PARTS_OF_SPEECH):,}" for name in names)))
    conditional = sum(bool(row["condition"]) for row in load("msa_words"))
    said = LEXICON.format(total=f"{len(load('msa_words')):,}", conditions=f"{conditional:,}")
    return said + table(("part of speech", *SPOKEN, "all dialects"), body)


def sentences() -> str:
    """chrF++ towards the written MSA, before and after."""
    body = []
    for half, name in HALVES.items():
        for dialect in SPOKEN:
            chosen = [row for row in rows(SENTENCES) if row["dialect"] == dialect and row["half"] == half]
            done = [checked(row["text"], dialect) for row in chosen]
            references = [row["msa"] for row in chosen]
            before, after = (chrf(texts, references) for texts in ([row["text"] for row in chosen], [text for text, *_ in done]))
            share = _changed([changes for _, changes, _ in done]) / _words([row["text"] for row in chosen])
            body.append((dialect, name, len(chosen), number(before), number(after), f"{share:.0%}", sum(failed for *_, failed in done)))
    return SENTENCES_SAID + table(
        ("dialect", "half", "sentences", "chrF++ as written", "in MSA", "words changed", "left by the check"), body
    )


def phrases() -> str:
    """Iraqi words and phrases with their MSA."""
    if not IRAQI.exists():
        return "The Iraqi words and phrases (iraqitext) were not there.\n"
    pairs = json.loads(IRAQI.read_text(encoding="utf-8"))
    in_msa = [to_msa(iraqi, "IRQ")[0] for iraqi in pairs]
    changed = sum(after != iraqi for iraqi, after in zip(pairs, in_msa, strict=True))
    same = sum(after == msa for after, msa in zip(in_msa, pairs.values(), strict=True))
    before, after = (chrf(list(texts), list(pairs.values())) for texts in (pairs, in_msa))
    return IRAQI_SAID.format(n=f"{len(pairs):,}", changed=f"{changed:,}", same=f"{same:,}", before=number(before), after=number(after))


def plain() -> str:
    """What would change in MSA if it were taken for a dialect."""
    texts = [row["text"] for row in rows(PLAIN)]
    shares = [_changed([to_msa(text, dialect)[1] for text in texts]) / _words(texts) for dialect in SPOKEN]
    return PLAIN_SAID.format(n=len(texts)) + table(SPOKEN, [[f"{share:.2%}" for share in shares]])


def chrf(texts: Sequence[str], references: Sequence[str]) -> float:
    """chrF++ (Popović 2017) of a corpus, from 0 to 100, by sacrebleu in the environment of the benchmarks."""
    asked = json.dumps([list(texts), list(references)])
    done = subprocess.run([str(PYTHON), str(ROOT / "benchmarks" / "chrf.py")], input=asked, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout)


def _changed(changes: Sequence[Sequence[Change]]) -> int:
    return sum(len(WORD.findall(change.form)) for of in changes for change in of)


def _words(texts: Sequence[str]) -> int:
    return sum(len(WORD.findall(text)) for text in texts)


INTRODUCTION = """# Into MSA: the figures

Written by `python -m benchmarks.dialect`; do not edit. `question_msa` is the question with what the lexicon knows of its dialect in Modern
Standard Arabic: rules and a word list, no translation. A text is changed by the entries of its own dialect only; MSA passes as it is."""
LEXICON = """## The lexicon

{total} rows of `curation/lexicons/msa_words.csv`, {conditions} of them under a condition on their neighbours. A noun, a verb or an
adjective stands for all that is written onto it (`clitics.csv`).

"""
SENTENCES_SAID = """## Written sentences

Patients' questions written for this project with a reference that stays close to their words (`benchmarks/dialect_sentences.csv`). The
held out half was not looked at while the lexicon and the rules were written; both halves were written by the same hand, and no other
native speaker of each dialect has read them. A reference has case endings and idioms that no word-by-word rule reaches: 100 is for
nobody to have.

"""
IRAQI_SAID = """## Iraqi words and phrases

Of {n} words and phrases of iraqitext {changed} are changed, {same} are then to the letter what the set has; chrF++ {before} as written,
{after} in MSA. Most are of daily talk, not of medicine."""
PLAIN_SAID = """## MSA taken for a dialect

{n} sentences of MSA, most with a word that is also one of some dialect, taken for each dialect on purpose. Words changed:

"""
LIMITS = """## Limits

Gender is not carried over where the MSA noun has another (كحة, سعال): the adjective stays as it was. Moods and cases are not marked.
و behind a verb (they, or him) is left alone. In Arabizi short vowels are not written and s, t, d, z, h stand for two letters each, so that
a word in no list is a guess. Answers are left as they are."""


if __name__ == "__main__":
    main()
