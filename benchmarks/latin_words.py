"""Write into curation/lexicons/latin_words.csv the words that are no Arabizi: English of medicine, and names of drugs.

    python -m benchmarks.latin_words

Rows whose source is `own` are written by hand and stay. English: words of the English side of TICO-19 (CC0) that stand there in small
letters. Drugs: the first word of the commercial names, and the words of the scientific ones, of the Egyptian drug list (CC0). A word that
the lexicon of Arabizi has is left to it, or to a row of `own`. Only single words leave the two.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable

from benchmarks.setting import ROOT, SHARED
from curation.lexicons import load

TARGET = ROOT / "curation" / "lexicons" / "latin_words.csv"
TICO, DRUGS = SHARED / "tico19" / "all.en-ar.tmx", SHARED / "egyptian_drugs" / "egyptian-drugs.csv"
MIN_COUNT = 3  # of an English word
MIN_PACKS = 2  # that a commercial name is sold in
SHORTEST, SHORTEST_DRUG = 3, 5  # letters: shorter names of drugs are words of Arabizi as well


def main() -> None:
    """Count, choose, write."""
    with TARGET.open(encoding="utf-8", newline="") as file:
        own = [row for row in csv.DictReader(file) if row["source"] == "own"]
    taken = {row["word"] for row in own} | {row["word"] for row in load("arabizi_words")}
    rows = list(own)
    for kind, source, words in ("english", "tico19", english()), ("drug", "egyptian_drugs", drugs()):
        new = sorted(set(words) - taken)
        taken.update(new)
        rows += [{"word": word, "kind": kind, "source": source} for word in new]
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ("word", "kind", "source"), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{TARGET.relative_to(ROOT)}: {len(rows):,} words")


def english() -> Iterable[str]:
    """Words of the English side; names, which mostly have a capital, are not among them."""
    text = TICO.read_text(encoding="utf-8")
    sides = re.findall(r'<tuv xml:lang="en"[^>]*>\s*<seg>(.*?)</seg>', text, re.DOTALL)
    counts = Counter(word for side in sides for word in re.findall(r"(?<![\w&])[A-Za-z]+(?![\w;])", side))
    return (word for word, n in counts.items() if word.islower() and len(word) >= SHORTEST and n >= MIN_COUNT)


def drugs() -> Iterable[str]:
    """First words of commercial names that are sold in several packs, and every word of scientific names."""
    with DRUGS.open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    first = Counter(match[0].lower() for row in listed if (match := re.match(r"[A-Za-z]+(?![\w'])", row["commercial_name_en"])))
    scientific = Counter(word.lower() for row in listed for word in re.findall(r"[A-Za-z]+", row["scientific_name"]))
    for counts in first, scientific:
        yield from (word for word, n in counts.items() if n >= MIN_PACKS and len(word) >= SHORTEST_DRUG)


if __name__ == "__main__":
    main()
