"""The corpora that say which dialect their texts are in: what dialect words are learnt from and measured on. None of the texts leaves.

A corpus is a function that yields (dialect, text). Those of ../shared/data are read from there. `FETCHED` are public repositories that
have to be brought beside it (`--fetched FOLDER` of the scripts that use them: one folder each, as named here); a corpus whose folder is
absent is left out, and the figures say which were there.
"""

import csv
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple
from xml.etree import ElementTree

import pyarrow as pa
import yaml

from benchmarks.setting import ROOT, SHARED
from curation.dialect.learning import LABELLED
from curation.text.phrases import fold

Said = Iterator[tuple[str, str]]
MOST = 4_000  # texts of a dialect of a corpus: more of one corpus teach its topics
SEED = 0  # which of them
QADI = "dataset/test/strat_test_set.csv"
NO_WORDS = re.compile(r"https?://\S+|@\w+|<LF>|\b(?:USER|URL|RT|HASH|MENTION|EOS)\b")
ARABIC, LATIN = re.compile(r"[ء-ي]"), re.compile(r"[A-Za-z]")
COUNTRIES = {"EG": "EGY", "SD": "EGY", "YE": "GLF", "IQ": "IRQ"} | dict.fromkeys(("PL", "JO", "LB", "SY"), "LEV")
COUNTRIES |= dict.fromkeys(("KW", "QA", "SA", "BH", "AE", "OM"), "GLF") | dict.fromkeys(("LY", "DZ", "MA", "TN"), "MGR")


class Corpus(NamedTuple):
    """Where it is, what it is under, how it is read; `learnt` where its licence lets words be learnt from it, else it measures alone."""

    folder: str
    licence: str
    read: Callable[[Path], Said]
    learnt: bool = True


def _arsarcasm(folder: Path) -> Said:
    classes = {"msa": "MSA", "egypt": "EGY", "gulf": "GLF", "levant": "LEV", "magreb": "MGR"}
    for name in ("training_data.csv", "testing_data.csv"):
        yield from ((classes[row["dialect"]], row["tweet"]) for row in _rows(folder / name))


def _shami(folder: Path) -> Said:
    for path in sorted(folder.glob("*.txt")):
        yield from (("LEV", line) for line in path.read_text(encoding="utf-8").splitlines())


def _afrisenti(folder: Path) -> Said:
    for path in sorted(folder.glob("*.tsv")):
        yield from (("MGR", row["tweet"]) for row in _rows(path, delimiter="\t"))


def _dialogues(folder: Path) -> Said:
    classes = {"LEV": "LEV", "EGY": "EGY", "GUL": "GLF"}
    for row in _rows(folder / "dataset.csv"):
        yield from ((classes[column[-3:]], text) for column, text in row.items())


def _saudi_irony(folder: Path) -> Said:
    yield from (("GLF", row["Tweets with Decoded emojis"]) for row in _rows(folder / "SaudiIrony.csv"))


def _araegi(folder: Path) -> Said:
    yield from (("EGY", row["Tweet"]) for row in _rows(folder / "AraEGI-All" / "AraEGI-All_test_split.csv"))


def _iraqitext(folder: Path) -> Said:
    yield from (("IRQ", phrase) for phrase in json.loads((folder / "dictionary.json").read_text(encoding="utf-8")))


def _facepager(folder: Path) -> Said:
    yield from (("IRQ", row.get("message") or "") for row in _rows(folder / "fbds1.txt", delimiter=";"))


def _darija(folder: Path) -> Said:
    yield from (("MGR", row["sentence"]) for row in _rows(folder / "dataset.csv"))


def _tico19(folder: Path) -> Said:
    yield from (("MSA", part.text or "") for part in ElementTree.parse(folder / "all.en-ar.tmx").iter("seg"))


def _aramed(folder: Path) -> Said:
    yield from (("MSA", row["Answer details 1"]) for row in _rows(folder / "Sample_AraMed.csv"))  # doctors' answers


def _mentalqa(folder: Path) -> Said:
    with (folder / "Train_Dev.tsv").open(encoding="utf-8", newline="") as file:
        yield from (("MSA", row[1]) for row in csv.reader(file, delimiter="\t") if len(row) > 1)  # answers


def _sample(folder: Path) -> Said:
    for path in sorted(folder.glob("*.yaml")):
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
        yield from ((written["dialect"], question[side]) for question in written["questions"] for side in ("question", "rephrased"))


def _el_haj(folder: Path) -> Said:
    classes = {"EGY": "EGY", "GLF": "GLF", "LAV": "LEV", "NOR": "MGR", "MSA": "MSA"}
    for part, ending in (("Training", ""), ("Testing", "_TEST")):
        for name, dialect in classes.items():
            for path in sorted((folder / "ArabicSharedTask" / part / f"{part}Plain" / f"{name}{ending}").glob("*.txt")):
                yield dialect, path.read_text(encoding="utf-8", errors="replace")


def _tsac(folder: Path) -> Said:
    for path in sorted(folder.glob("*.txt")):
        yield from (("MGR", line) for line in path.read_text(encoding="utf-8", errors="replace").splitlines())


def _qcri(folder: Path) -> Said:
    for name, dialect in {"egy": "EGY", "glf": "GLF", "lev": "LEV", "mgr": "MGR"}.items():
        words: dict[tuple[str, str, str], list[str]] = {}
        for row in _rows(folder / f"seg_plus_pos_{name}.txt", "\t", csv.QUOTE_NONE):
            words.setdefault((row["Fold"], row["SubFold"], row["SentID"]), []).append(row["Word"] or "")
        yield from ((dialect, " ".join(of)) for of in words.values())


def _qadi(folder: Path) -> Said:
    yield from ((COUNTRIES[row["dialect"]], row["text"]) for row in _rows(folder / QADI))


SHARED_CORPORA = {
    "arsarcasm": Corpus("arsarcasm", "MIT, iabufarha/ArSarcasm-v2", _arsarcasm),
    "shami": Corpus("shami", "Apache-2.0, GU-CLASP/shami-corpus", _shami),
    "afrisenti_arq": Corpus("afrisenti/arq", "CC BY 4.0, afrisenti-semeval/afrisent-semeval-2023", _afrisenti),
    "afrisenti_ary": Corpus("afrisenti/ary", "CC BY 4.0, afrisenti-semeval/afrisent-semeval-2023", _afrisenti),
    "dialogues": Corpus("dialogues_lev_egy_glf", "MIT, tareknaous/dialogue-arabic-dialects", _dialogues),
    "saudi_irony": Corpus("saudi_irony", "CC0, iwan-rg/Saudi-Dialect-Irony-Dataset", _saudi_irony),
    "araegi": Corpus("araegi", "MIT, AhmedHamdi101/AraEGI", _araegi),
    "facepager": Corpus("facepager_covid", "CC0, ebady/Iraqi-Arabic-Dialect-Dataset", _facepager),
    "iraqitext": Corpus("iraqitext", "MIT, CC0, iraqitext 0.3.0", _iraqitext),
    "darija_urgency": Corpus("darija_urgency", "CC BY 4.0, akram-mahboub/algerian-darija-medical-dataset", _darija),
    "tico19": Corpus("tico19", "CC0, tico-19/tico-19.github.io", _tico19),
    "aramed": Corpus("aramed", "MIT, Waadtss/AraMed", _aramed),
    "mentalqa": Corpus("mentalqa", "MIT, hasanhuz/MentalQA", _mentalqa),
    "sample": Corpus(str(ROOT / "data" / "sample" / "written"), "CC0, this project", _sample),
}
FETCHED = {
    "el_haj": Corpus("ArabicDialects", "CC BY 4.0, drelhaj/ArabicDialects @9e94bc1", _el_haj),
    "tsac": Corpus("TSAC", "LGPL-3.0, fbougares/TSAC @3995e70", _tsac, learnt=False),
    "qcri": Corpus("dialectal_arabic_resources", "no licence named, qcri/dialectal_arabic_resources @1d5f52c", _qcri, learnt=False),
    "qadi": Corpus("Arabic-Dialect-Identification", "no licence named, Al0olo/Arabic-Dialect-Identification (QADI)", _qadi, learnt=False),
}
CORPORA = {**SHARED_CORPORA, **FETCHED}
# Of one variety each; QADI has writers of many, and of regions that have none of ours: OTHER.
VARIETIES = {"afrisenti_arq": "Algerian", "afrisenti_ary": "Moroccan", "darija_urgency": "Algerian", "tsac": "Tunisian"}
OF_COUNTRIES = {"SD": "Sudanese", "YE": "Yemeni", "LY": "Libyan", "DZ": "Algerian", "MA": "Moroccan", "TN": "Tunisian"}
OTHER = "other"


def labelled(fetched: Path | None) -> pa.Table:
    """`key, dialect, corpus` of every corpus that is there: each text of one once, at most MOST of a dialect, in a fair order."""
    return _drawn([(name, dialect, text) for name, folder in _there(fetched) for dialect, text in CORPORA[name].read(folder)])


def of_varieties(fetched: Path | None) -> pa.Table:
    """The same of the corpora that say which variety, which stands in the place of `dialect`."""
    rows: list[tuple[str, str, str]] = []
    for name, folder in _there(fetched):
        if name in VARIETIES:
            rows += ((name, VARIETIES[name], text) for _, text in CORPORA[name].read(folder))
        elif name == "qadi":
            rows += ((name, OF_COUNTRIES.get(row["dialect"], OTHER), row["text"]) for row in _rows(folder / QADI))
    return _drawn(rows)


def _there(fetched: Path | None) -> Iterator[tuple[str, Path]]:
    for name, corpus in CORPORA.items():
        folder = (SHARED if name in SHARED_CORPORA else fetched or Path()) / corpus.folder
        if folder.is_dir() and (name in SHARED_CORPORA or fetched):
            yield name, folder


def _drawn(found: list[tuple[str, str, str]]) -> pa.Table:
    rows = [(dialect, name, text) for name, dialect, text in found if text and _is_arabic(text)]
    keys = fold([NO_WORDS.sub(" ", text) for *_, text in rows])
    seen: set[tuple[str, str]] = set()
    counts: Counter[tuple[str, str]] = Counter()
    chosen = []
    order = list(range(len(rows)))
    random.Random(SEED).shuffle(order)
    for i in order:
        dialect, name, _ = rows[i]
        if keys[i] and (name, keys[i]) not in seen and counts[name, dialect] < MOST:
            seen.add((name, keys[i]))
            counts[name, dialect] += 1
            chosen.append((keys[i], dialect, name))
    return pa.Table.from_pylist([dict(zip(LABELLED.names, row, strict=True)) for row in chosen], LABELLED)


def _is_arabic(text: str) -> bool:
    return len(ARABIC.findall(text)) > max(1, len(LATIN.findall(text)))


def _rows(path: Path, delimiter: str = ",", quoting: Literal[0, 3] = csv.QUOTE_MINIMAL) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter, quoting=quoting))
