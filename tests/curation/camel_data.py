"""A folder as `camel_data` leaves it, with both models of camel-tools trained on sentences written here, for want of MADAR.

Their language models, which camel-tools only reads, are written in ARPA by hand.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

# Six ways to say the same; each city of a dialect says it with its own name.
SENTENCES = {
    "MSA": ("أعاني من ألم شديد في المعدة منذ أسبوعين", "ما سبب هذا الصداع وما علاجه", "هل يجوز تناول هذا الدواء أثناء الحمل"),
    "EGY": ("عندي وجع جامد في معدتي بقاله اسبوعين", "ايه سبب الصداع ده وعلاجه ايه", "ينفع اخد الدوا ده وانا حامل دلوقتي"),
    "LEV": ("عندي وجع كتير قوي بمعدتي من اسبوعين", "شو سبب هالصداع وشو علاجه", "فيني اخد هالدوا وانا حامل هلق"),
    "GLF": ("فيني الم قوي في بطني من اسبوعين", "وش سبب هالصداع ووش علاجه", "يصير اخذ هالدوا وانا حامل الحين"),
    "IRQ": ("عندي وجع هواية بمعدتي صارله اسبوعين", "شنو سبب هذا الصداع وشنو علاجه", "اكدر اخذ هذا الدوا واني حامل هسه"),
    "MGR": ("كنحس بالحريق بزاف فالمعدة ديالي هادي سيمانتين", "شنو سباب هاد الصداع واش عندو دوا", "واش نقدر ناخد هاد الدوا وانا حاملة دابا"),
}
CITIES = {
    "MSA": {"MSA": "الفصحى"},
    "EGY": {"CAI": "القاهرة", "ALX": "اسكندرية", "ASW": "اسوان", "KHA": "الخرطوم"},
    "LEV": {"BEI": "بيروت", "DAM": "الشام", "ALE": "حلب", "AMM": "عمان", "SAL": "السلط", "JER": "القدس"},
    "GLF": {"DOH": "الدوحة", "RIY": "الرياض", "JED": "جدة", "MUS": "مسقط", "SAN": "صنعاء"},
    "IRQ": {"BAG": "بغداد", "BAS": "البصرة", "MOS": "الموصل"},
    "MGR": {"RAB": "الرباط", "FES": "فاس", "ALG": "الجزائر", "TUN": "تونس", "SFX": "صفاقس", "TRI": "طرابلس", "BEN": "بنغازي"},
}
SIX = ("BEI", "CAI", "DOH", "MSA", "RAB", "TUN")
CATALOGUE = {
    "version": "1.6",
    "packages": {},
    "components": {
        "DialectID": {"default": "model26", "datasets": {name: {"path": f"dialectid/{name}"} for name in ("model6", "model26")}}
    },
}


def write_catalogue(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "catalogue.json").write_text(json.dumps(CATALOGUE), encoding="utf-8")
    (folder / "versions.json").write_text(json.dumps({"dialectid-model6": "1.1.2"}), encoding="utf-8")


def write_corpora(folder: Path) -> None:
    """The language models and the training sets where camel-tools looks for them. CAMELTOOLS_DATA is to name the folder."""
    said = {city: [f"{s} {name}" for s in SENTENCES[dialect]] for dialect, cities in CITIES.items() for city, name in cities.items()}
    for model, cities in (("model6", SIX), ("model26", tuple(said))):
        data = folder / "data" / "dialectid" / model
        for kind in ("word", "char"):
            (data / "lm" / kind).mkdir(parents=True)
        for city in cities:
            write_arpa(data / "lm" / "word" / f"{city}.arpa", [sentence.split() for sentence in said[city]])
            spelt = [list(" <SPACE> ".join(" ".join(word) for word in sentence.split()).split()) for sentence in said[city]]
            write_arpa(data / "lm" / "char" / f"{city}.arpa", spelt)
        for corpus, listed in (("corpus_6", SIX), ("corpus_26", tuple(said))):
            rows = [f"{sentence}\t{city}" for city in listed for sentence in said[city]]
            (data / f"{corpus}_train.tsv").write_text("\n".join(["ar\tdialect", *rows]) + "\n", encoding="utf-8")


def write_arpa(path: Path, sentences: Iterable[list[str]]) -> None:
    """A bigram model with add-one smoothing; kenlm reads none of lower order."""
    marked = [["<s>", *words, "</s>"] for words in sentences]
    words = Counter(word for sentence in marked for word in sentence)
    pairs = Counter(pair for sentence in marked for pair in pairwise(sentence))
    total = sum(words.values()) + len(words) + 1
    lines = ["\\data\\", f"ngram 1={len(words) + 1}", f"ngram 2={len(pairs)}", "", "\\1-grams:", f"{math.log10(1 / total):.4f}\t<unk>\t0"]
    for word, count in sorted(words.items()):
        probability = -99 if word == "<s>" else math.log10((count + 1) / total)
        lines.append(f"{probability:.4f}\t{word}" + ("" if word == "</s>" else "\t-0.3010"))
    lines += ["", "\\2-grams:"]
    lines += [f"{math.log10(count / (2 * words[first])):.4f}\t{first} {second}" for (first, second), count in sorted(pairs.items())]
    path.write_text("\n".join([*lines, "", "\\end\\", ""]), encoding="utf-8")
