"""Write curation/lexicons/common_words.csv: the frequent words of Arabic texts, by which redaction tells a name from a word.

Usage: python benchmarks/common_words.py FOLDER [FOLDER ...] with folders of CSV, TSV, TXT, JSON and TMX text. Only counts leave it.
A word that mostly follows a given name is a family name and is left out.
"""

import csv
import re
import sys
from collections import Counter
from pathlib import Path

from curation.lexicons import load
from curation.privacy.names import fold_name

MIN_COUNT, MIN_FOLDERS, MAX_AFTER_NAME, MAX_WORDS = 4, 2, 0.25, 25_000
# Words that were taken for family names in real texts.
ALSO = ("الخلد", "خلد", "نعيم", "النعيم", "السونار", "سونار", "ليزر", "الليزر", "التقويم")
TARGET = Path("curation/lexicons/common_words.csv")


def main(folders: list[Path]) -> None:
    """Count, choose, write."""
    names = {fold_name(row["name"]) for row in load("given_names")}
    counts: Counter[str] = Counter()
    after_name: Counter[str] = Counter()
    seen_in: dict[str, set[str]] = {}
    for folder in folders:
        for path in sorted(p for p in folder.rglob("*") if p.suffix in {".csv", ".tsv", ".txt", ".json", ".tmx"}):
            text = path.read_text(encoding="utf-8", errors="ignore")
            previous = ""
            for word in (fold_name(w) for w in re.findall(r"[\u0621-\u0652\u0686\u06af]+|[A-Za-z]+", text)):
                counts[word] += 1
                after_name[word] += previous in names
                seen_in.setdefault(word, set()).add(folder.name)
                previous = word
    kept = [
        word
        for word, n in counts.most_common()
        if n >= MIN_COUNT
        and len(seen_in[word]) >= MIN_FOLDERS
        and word not in names
        and len(word) > 1
        and after_name[word] <= MAX_AFTER_NAME * n
    ][:MAX_WORDS]
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["word"])
        writer.writerows([word] for word in sorted({*kept, *ALSO}))
    print(f"{TARGET}: {len(kept)} words of {len(counts)}")


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
