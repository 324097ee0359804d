"""Near-duplicates: recall, precision, time and memory of ours, rensa, datasketch and DuckDB alone on planted copies of real texts.

Texts are all distinct keys of ../shared/data, and copies of them made here: characters edited, words swapped, a number changed, words put
before or after. Truth is the Jaccard similarity of Python's own sets: of each copy and its original, and of every pair among 5,000 texts.
Of rensa and datasketch the time includes taking the keys apart and verifying in Python, as a user of theirs would. A part of `make bench`.
"""

import csv
import random
import re
import sys
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import measured
from benchmarks.document import megabytes
from benchmarks.measured import Cost, Figures
from benchmarks.near_duplicates_by import MEANS, THRESHOLD, needs, shingles
from benchmarks.setting import ROOT, SHARED, Setting
from curation.api import DUPLICATES
from curation.duplicates import find_clusters
from curation.text.phrases import with_key

ORIGINALS, EVERY_PAIR, QUICK_KEYS, SEED = 4_000, 5_000, 3_000, 20250910
SHORTEST, FOR_COPIES = 8, 40  # characters of a key: to take part, and to be copied
NUMBER = re.compile(r"[0-9]+")
LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهوي"


class Copy(NamedTuple):
    """A planted copy: what was done, the row of the original, its own row."""

    kind: str
    original: int
    row: int


def real_keys() -> list[str]:
    """Every distinct key of every cell and line of the shared data, sorted."""
    csv.field_size_limit(1 << 30)
    texts: set[str] = set()
    for path in sorted(SHARED.rglob("*")):
        if path.suffix in (".csv", ".tsv") or path.name == "fbds1.txt":
            separator = "\t" if path.suffix == ".tsv" else ";" if path.suffix == ".txt" else ","
            with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
                texts.update(cell for row in csv.reader(file, delimiter=separator) for cell in row)
        elif path.suffix == ".txt":
            texts.update(path.read_text(encoding="utf-8", errors="replace").splitlines())
    with duckdb.connect() as con:
        table = con.from_arrow(pa.table({"text": pa.array(sorted(texts), pa.string())}))
        keys = with_key(table, "text", "key").project("key").filter(f"length(key) >= {SHORTEST}").distinct().order("key")
        return [row[0] for row in keys.fetchall()]


def edited(rng: random.Random, key: str, share: float) -> str:
    """So many of its letters replaced, dropped or doubled; digits and blanks stay."""
    letters = list(key)
    places = [i for i, c in enumerate(letters) if not c.isdigit() and c != " "]
    for i in rng.sample(places, min(max(round(share * len(key)), 1), len(places))):
        letters[i] = rng.choice((rng.choice(LETTERS), "", letters[i] + rng.choice(LETTERS)))
    return "".join(letters)


def swapped(rng: random.Random, key: str) -> str:
    """Two words next to each other change places."""
    words = key.split(" ")
    i = rng.randrange(max(len(words) - 1, 1))
    return " ".join([*words[:i], *reversed(words[i : i + 2]), *words[i + 2 :]])


def renumbered(rng: random.Random, key: str) -> str:
    """One number becomes another."""
    found = rng.choice(list(NUMBER.finditer(key)))
    return key[: found.start()] + str(int(found[0]) + rng.randint(1, 9)) + key[found.end() :]


BEFORE, AFTER = ("لو سمحت يا دكتور", "سوالي هو", "ارجو الرد"), ("وشكرا لك", "ما الحل", "الله يعافيك")
KINDS = {
    "5 % of characters edited": lambda rng, key: edited(rng, key, 0.05),
    "10 % of characters edited": lambda rng, key: edited(rng, key, 0.1),
    "20 % of characters edited": lambda rng, key: edited(rng, key, 0.2),
    "two words swapped": swapped,
    "words put before": lambda rng, key: f"{rng.choice(BEFORE)} {key}",
    "words put after": lambda rng, key: f"{key} {rng.choice(AFTER)}",
    "a number changed": renumbered,
}


def planted(keys: list[str]) -> tuple[list[str], list[Copy]]:
    """The keys with copies appended, one of each kind of ORIGINALS keys; none that is a key already."""
    rng = random.Random(SEED)
    long = [i for i, key in enumerate(keys) if len(key) >= FOR_COPIES]
    numbered = [i for i in long if NUMBER.search(keys[i])]
    everything, known, copies = list(keys), set(keys), []
    for kind, change in KINDS.items():
        pool = numbered if change is renumbered else long
        for i in rng.sample(pool, min(ORIGINALS, len(pool))):
            copy = " ".join(change(rng, keys[i]).split())
            if copy not in known:
                known.add(copy)
                copies.append(Copy(kind, i, len(everything)))
                everything.append(copy)
    return everything, copies


def jaccard(one: str, other: str) -> float:
    """True, of the shingles that all means share."""
    a, b = shingles(one), shingles(other)
    return len(a & b) / len(a | b)


def every_pair(keys: list[str], rows: list[int]) -> list[tuple[int, int]]:
    """All pairs among `rows` of at least the threshold, each compared with each through the shingles that they share."""
    sets = [shingles(keys[row]) for row in rows]
    places: dict[str, list[int]] = defaultdict(list)
    for i, members in enumerate(sets):
        for member in members:
            places[member].append(i)
    arrays = {member: np.array(found) for member, found in places.items()}
    sizes = np.array([len(members) for members in sets])
    found = []
    for i, members in enumerate(sets):
        shared = np.bincount(np.concatenate([arrays[member] for member in members]), minlength=len(rows))
        alike = np.flatnonzero(shared >= THRESHOLD * (sizes + sizes[i] - shared))
        found += [(rows[i], rows[j]) for j in alike.tolist() if j < i]
    return found


def scores(keys: list[str], labels: Any, near: list[tuple[int, int]]) -> Figures:
    """Recall over the true pairs; precision of joins (a cluster of n, held together by true pairs in k parts, has n - k right of n - 1),
    and of the pairs that stand in one cluster, of clusters of up to 50."""
    together = sum(labels[a] == labels[b] for a, b in near)
    clusters: dict[int, list[int]] = defaultdict(list)
    for row, label in enumerate(labels.tolist()):
        clusters[label].append(row)
    joins = right = pairs = right_pairs = 0
    for members in clusters.values():
        if 1 < len(members) <= 50:
            linked = every_pair(keys, members)
            parts = {row: row for row in members}
            for a, b in linked:
                low, high = sorted((_part(parts, a), _part(parts, b)))
                parts[high] = low
            joins += len(members) - 1
            right += len(members) - len({_part(parts, row) for row in members})
            pairs += len(members) * (len(members) - 1) // 2
            right_pairs += len(linked)
    return {
        "recall": together / len(near),
        "precision_of_joins": right / max(joins, 1),
        "precision_of_pairs": right_pairs / max(pairs, 1),
        "clusters": sum(len(members) > 1 for members in clusters.values()),
        "largest": max(map(len, clusters.values())),
    }


def _part(parts: dict[int, int], row: int) -> int:
    while parts[row] != row:
        row = parts[row]
    return row


def by_kind(keys: list[str], copies: list[Copy]) -> list[Figures]:
    """Our own defaults, in which numbers keep texts apart: how many copies of each kind end up with their original."""
    table = pa.table({"id": [f"{i:07d}" for i in range(len(keys))], "key": keys, "preference": [0] * len(keys)})
    with duckdb.connect() as con:
        found = dict(find_clusters(con, con.from_arrow(table), DUPLICATES).project("id, cluster_id").fetchall())
    rows = []
    for kind in KINDS:
        of = [copy for copy in copies if copy.kind == kind]
        merged = sum(found[f"{copy.original:07d}"] == found[f"{copy.row:07d}"] for copy in of)
        similarity = float(np.median([jaccard(keys[copy.original], keys[copy.row]) for copy in of])) if of else 0.0
        rows.append({"kind": kind, "copies": len(of), "similarity": similarity, "together": merged / max(len(of), 1)})
    return rows


def run(setting: Setting) -> Figures:
    """All figures. Raises SystemExit with one sentence where the shared data or a library is missing."""
    if not SHARED.exists():
        raise SystemExit("near-duplicates are measured on ../shared/data beside the repository, and it is not there.")
    for name in MEANS:
        needs(name)
    keys = real_keys()
    keys, copies = planted(keys[:: len(keys) // QUICK_KEYS] if setting.quick else keys)
    rng = random.Random(SEED)
    # And copies with their originals, so that there is something to find.
    subset = {*rng.sample(range(len(keys)), min(EVERY_PAIR * 3 // 4, len(keys)))}
    subset |= {row for copy in rng.sample(copies, min(EVERY_PAIR // 8, len(copies))) for row in (copy.row, copy.original)}
    near_copies = [(copy.original, copy.row) for copy in copies if jaccard(keys[copy.original], keys[copy.row]) >= THRESHOLD]
    near_subset = every_pair(keys, sorted(subset))
    path = setting.place / "keys.parquet"
    pq.write_table(pa.table({"key": keys}), path)
    runs = [(name, threads) for name in MEANS for threads in (1, 2)]
    out = {of: setting.place / f"labels_{i}.npy" for i, of in enumerate(runs)}
    costs = setting.repeated(*(partial(_measured, name, threads, path, out[name, threads]) for name, threads in runs))
    results = []
    for (name, threads), cost in zip(runs, costs, strict=True):
        labels = np.load(out[name, threads])
        of = {"copies": scores(keys, labels, near_copies), "every_pair": scores(keys, labels, near_subset)["recall"]}
        same = bool(np.array_equal(labels, np.load(out[name, 1])))
        results.append({"name": name, "threads": threads, **cost, **of, "same_as_one_thread": same})
    return {
        "keys": len(keys) - len(copies),
        "copies": len(copies),
        "near_copies": len(near_copies),
        "subset": len(subset),
        "near_in_subset": len(near_subset),
        "results": results,
        "by_kind": by_kind(keys, copies),
    }


def _measured(name: str, threads: int, path: Path, out: Path) -> Cost:
    return measured.run([sys.executable, "-m", "benchmarks.near_duplicates_by", name, str(path), str(out)], ROOT, THREADS=str(threads))


def section(figures: Figures) -> str:
    """Markdown."""
    lines = [
        "## Near-duplicates",
        "",
        f"{figures['keys']:,} distinct keys of the shared data and {figures['copies']:,} planted copies. {figures['near_copies']:,} of "
        f"them have a Jaccard similarity of {THRESHOLD} and more with their original; among {figures['subset']:,} texts compared each with "
        f"each, {figures['near_in_subset']:,} pairs do. Same shingles, same threshold, every candidate verified.",
        "",
        "| by | threads | seconds | processor s | peak MB | recall, copies | recall, every pair | precision, joins | pairs in a cluster |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for r in figures["results"]:
        of = r["copies"]
        lines.append(
            f"| {r['name']} | {r['threads']} | {r['seconds']:.1f} | {r['cpu']:.1f} | {megabytes(r['peak'])} | {of['recall']:.4f} "
            f"| {r['every_pair']:.4f} | {of['precision_of_joins']:.4f} | {of['precision_of_pairs']:.4f} |"
        )
    lines += [
        "",
        "Recall: true pairs that end up in one cluster. Joins: of what holds a cluster together, the part that true pairs justify. The "
        "last column: of the pairs that stand in one cluster, those that are alike themselves and not only through others.",
        "",
        f"With the defaults of params.yaml (threshold {DUPLICATES.threshold}, of short texts {DUPLICATES.short_threshold}, numbers "
        f"{DUPLICATES.numbers}):",
        "",
        "| planted copies | how many | median Jaccard similarity | in one cluster with their original |",
        "|---|---|---|---|",
        *(f"| {row['kind']} | {row['copies']:,} | {row['similarity']:.2f} | {row['together']:.1%} |" for row in figures["by_kind"]),
        "",
    ]
    return "\n".join(lines)
