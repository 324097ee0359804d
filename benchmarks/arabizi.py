"""How far Arabizi gets into Arabic letters, and from there into MSA: a section of docs/dialect.md.

Words against the gold list (arabizi_words_gold.csv) and against another's lexicon, sentences against their MSA, real texts of Morocco for
what is left and how fast it goes. The half of a gold word is told by a checksum of its region and itself. Only counts leave it.
"""

import csv
import json
import re
import time
import zlib
from collections.abc import Callable, Sequence

import duckdb
import pyarrow as pa

from benchmarks.document import number, table
from benchmarks.setting import ROOT, SHARED
from curation.dialect.arabizi.known_words import known
from curation.dialect.arabizi.latin_words import FOREIGN, groups, kind, typed, weights
from curation.dialect.arabizi.letters import by_letters
from curation.dialect.arabizi.lexicon import lexicon
from curation.dialect.arabizi.transliteration import transliterate
from curation.dialect.arabizi.words import spelt
from curation.dialect.lexicon import folded
from curation.dialect.msa import LATIN
from curation.dialect.normalisation import checked
from curation.lexicons import load
from curation.schema import SPOKEN
from curation.text.language import identify_language

GOLD = ROOT / "benchmarks" / "arabizi_words_gold.csv"
OTHERS = SHARED / "arabizikit" / "lexicon.json"
OTHERS_REGIONS = {"egyptian": "EGY", "levantine": "LEV", "gulf": "GLF", "maghrebi": "MGR"}
TWEETS, ENGLISH = SHARED / "afrisenti" / "ary", SHARED / "tico19" / "all.en-ar.tmx"
REGION_OF = {
    **dict.fromkeys(("EG",), "EGY"),
    **dict.fromkeys(("JO", "LB", "PS", "SY"), "LEV"),
    **dict.fromkeys(("AE", "KW", "SA", "YE", "QA", "BH", "OM"), "GLF"),
    **dict.fromkeys(("IQ",), "IRQ"),
    **dict.fromkeys(("DZ", "MA", "TN"), "MGR"),
}
FOLDS = 5
Reader = Callable[[str, str], str]


def section(sentences: Sequence[dict[str, str]], chrf: Callable[[Sequence[str], Sequence[str]], float]) -> str:
    """The section; `sentences` are the written ones, `chrf` measures texts against references."""
    return "\n\n".join((LISTS.format(**lists()), words(), left_alone(), in_sentences(sentences, chrf), tweets()))


def lists() -> dict[str, str]:
    """How many rows there are."""
    kinds = [row["kind"] for row in load("latin_words")]
    rows = load("arabizi_words")
    telling = len({row["word"] for row in rows if row["tells"]})
    by_region = ", ".join(f"{sum(region in row['region'].split() for row in rows):,} of {region}" for region in SPOKEN)
    shared = sum(row["region"] == "all" for row in rows)
    return {
        "rows": f"{len(rows):,}",
        "by_region": f"{by_region}, {shared:,} of all",
        "telling": f"{telling:,}",
        "letters": f"{len(load('arabizi_letters')):,}",
        **{name: f"{kinds.count(name):,}" for name in ("english", "french", "drug")},
    }


def words() -> str:
    """Exact matches and character error rate of single words: by all rules, without the lexicon, by letters alone."""
    readers: dict[str, Reader] = {
        "all rules": _read,
        "without the lexicon": lambda word, region: known(word, region) or by_letters(word, region) or "",
        "letters alone": lambda word, region: by_letters(word, region) or "",
    }
    with GOLD.open(encoding="utf-8") as file:
        gold = [(row["word"], row["region"], row["arabic"]) for row in csv.DictReader(file)]
    halves = {"open": 0, "held out": 1}
    lists = {name: [row for row in gold if zlib.crc32(f"{row[1]} {row[0]}".encode()) % 2 == n] for name, n in halves.items()}
    if OTHERS.exists():
        entries = json.loads(OTHERS.read_text(encoding="utf-8"))["entries"]
        lists["arabizikit"] = [(word, OTHERS_REGIONS.get(entry["dialect"], ""), entry["ar"]) for word, entry in entries.items()]
    body = []
    for name, chosen in lists.items():
        pairs = [[(folded(read(typed(word), region)), folded(arabic)) for word, region, arabic in chosen] for read in readers.values()]
        exact = (f"{sum(a == b for a, b in of) / len(of):.1%}" for of in pairs)
        errors = (f"{sum(_edits(a, b) for a, b in of) / sum(len(b) for _, b in of):.1%}" for of in pairs)
        listed = sum(typed(word) in lexicon() for word, *_ in chosen) / len(chosen)
        body.append((name, len(chosen), f"{listed:.0%}", *(f"{a}, {b}" for a, b in zip(exact, errors, strict=True))))
    return WORDS + table(("list", "words", "in the lexicon", *readers), body)


def left_alone() -> str:
    """Of words that were left out of the counts of letter groups, how many are left alone by their letters."""
    listed = [(row["word"], row["kind"]) for row in load("latin_words")]
    ours = sorted({row["word"] for row in load("arabizi_words")} - {word for word, _ in listed})
    found: dict[str, list[bool]] = {}
    for fold in range(FOLDS):
        inside = {word for word in (*ours, *(word for word, _ in listed)) if zlib.crc32(word.encode()) % FOLDS == fold}
        odds = weights((word for word, _ in listed if word not in inside), (word for word in ours if word not in inside))
        for word, name in (*listed, *((word, "Arabizi") for word in ours)):
            if word in inside and word.isalpha():
                found.setdefault(name, []).append(sum(odds.get(group, 0.0) for group in groups(word)) > FOREIGN)
    return LETTERS + table(
        ("kind", "words", "left alone"), [(name, f"{len(of):,}", f"{sum(of) / len(of):.1%}") for name, of in found.items()]
    )


def in_sentences(sentences: Sequence[dict[str, str]], chrf: Callable[[Sequence[str], Sequence[str]], float]) -> str:
    """chrF++ towards the written MSA as written, in Arabic letters, in MSA."""
    body = []
    for half in ("open", "held_out"):
        rows = [row for row in sentences if row["dialect"] == "arabizi" and row["half"] == half]
        texts, references = [row["text"] for row in rows], [row["msa"] for row in rows]
        spelled, done = [transliterate(text) for text in texts], [checked(text, "arabizi") for text in texts]
        scores = (chrf(of, references) for of in (texts, [found.text for found in spelled], [text for text, *_ in done]))
        regions = sum(found.region == REGION_OF[row["country"]] for found, row in zip(spelled, rows, strict=True))
        left = _latin([found.text for found in spelled]) / _latin(texts)
        failed = sum(failed for *_, failed in done)
        body.append((half.replace("_", " "), len(rows), *map(number, scores), f"{left:.0%}", f"{regions} of {len(rows)}", failed))
    header = (
        "half",
        "sentences",
        "chrF++ as written",
        "in Arabic letters",
        "in MSA",
        "Latin words left",
        "region found",
        "left by the check",
    )
    return SENTENCES + table(header, body)


def tweets() -> str:
    """Real texts: how many are called Arabizi, what is left of their Latin words, and how fast."""
    if not TWEETS.exists() or not ENGLISH.exists():
        return "The Moroccan tweets (afrisenti) were not there.\n"
    written = []
    for path in sorted(TWEETS.glob("*.tsv")):
        with path.open(encoding="utf-8") as file:
            written += [row["tweet"] for row in csv.DictReader(file, delimiter="\t")]
    latin = [text for text in written if len(re.findall("[A-Za-z]", text)) > max(len(re.findall("[ء-ي]", text)), 7)]
    english = re.findall(r'<tuv xml:lang="en"[^>]*>\s*<seg>(.*?)</seg>', ENGLISH.read_text(encoding="utf-8"), re.DOTALL)
    arabizi = _called_arabizi(latin)
    seconds = []
    for _ in range(2):  # the first time words are learnt
        start = time.process_time()
        done = [checked(text, "arabizi") for text in arabizi]
        seconds.append(time.process_time() - start)
    spelled = [transliterate(text) for text in arabizi]
    rules = [part for found in spelled for change in found.changes for part in change.rule.split(" + ")]
    return TWEETS_SAID.format(
        latin=f"{len(latin):,}",
        arabizi=f"{len(arabizi):,}",
        share=f"{len(arabizi) / len(latin):.0%}",
        english=len(_called_arabizi(english)),
        segments=f"{len(english):,}",
        maghrebi=f"{sum(found.region == 'MGR' for found in spelled) / len(spelled):.0%}",
        unknown=f"{sum(found.region is None for found in spelled) / len(spelled):.0%}",
        left=f"{_latin([found.text for found in spelled]) / _latin(arabizi):.0%}",
        by_letters=f"{sum(rule == 'arabizi_letters' for rule in rules) / len(rules):.0%}",
        failed=sum(failed for *_, failed in done),
        first=number(len(arabizi) / seconds[0]),
        second=number(len(arabizi) / seconds[1]),
    )


def _called_arabizi(texts: Sequence[str]) -> list[str]:
    with duckdb.connect() as con:
        rows = con.from_arrow(pa.table({"id": pa.array(range(len(texts)), pa.int64()), "text": pa.array(texts, pa.string())}))
        found = identify_language(con, rows, ask=False).filter("language = 'arabizi'").order("id").project("id").fetchall()
    return [texts[i] for (i,) in found]


def _read(word: str, region: str) -> str:
    """As in a text of that region that consists of it."""
    if kind(word) and word not in lexicon():
        return word
    found = spelt(word, region or None)
    return found.arabic if found else ""


def _latin(texts: Sequence[str]) -> int:
    return sum(len(LATIN.findall(text)) for text in texts)


def _edits(a: str, b: str) -> int:
    """Levenshtein's distance."""
    distances = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, distances[0] = distances[0], i
        for j, y in enumerate(b, 1):
            diagonal, distances[j] = distances[j], min(distances[j] + 1, distances[j - 1] + 1, diagonal + (x != y))
    return distances[-1]


LISTS = """## Arabizi

A question in Latin letters is first put into Arabic ones, then into MSA by the rules of the region that its marked words tell; where
they tell none it stays in Arabic letters. {rows} spellings of words are in `curation/lexicons/arabizi_words.csv` ({by_region}),
{telling} of which tell Arabizi from other languages; {letters} readings of letters in `arabizi_letters.csv`; {english} words of English,
{french} of French and {drug} names of drugs that are left alone in `latin_words.csv`."""
WORDS = """### Words

Exact match and character error rate, hamza, ة and ى aside. The gold list (`benchmarks/arabizi_words_gold.csv`) was written before the
lexicon and the table; a checksum puts half of it aside, on which nothing was tuned. Both were written by the same hand, which is why most
of its words are in the lexicon: what the rules do with words that nobody thought of is the column without the lexicon, where a word is
looked for among the Arabic words of the other lists by its consonants, and read by its letters where none is near. The lexicon of
arabizikit is another's; nothing was tuned on it.

"""
LETTERS = """### What is left alone

A word of neither list is judged by its groups of three letters. Each fifth of the lists judged by the other four:

"""
SENTENCES = """### Sentences of Arabizi

"""
TWEETS_SAID = """### Real texts

Of {latin} Moroccan tweets in Latin letters (afrisenti; French and English ones among them) {arabizi} are called Arabizi ({share});
of {segments} English segments (TICO-19) {english}. Of those tweets {maghrebi} are found Maghrebi, {unknown} of no region; {left} of their
Latin words stay Latin; {by_letters} of the words changed are read as known words or by letters, the others by the lexicon; {failed} are
left by the check. On one core {first} texts a second where most words are new, {second} when they have been seen."""
