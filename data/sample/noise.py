"""noise: how people really type. Each function shows one habit; none touches a number, a unit or a negation."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

LETTERS = "ء-ي"
WESTERN, INDIC = "0123456789", "٠١٢٣٤٥٦٧٨٩"
TO_INDIC = str.maketrans(WESTERN, INDIC)
TO_WESTERN = str.maketrans(INDIC + "٫", WESTERN + ".")
WORD = re.compile(rf"[{LETTERS}]+")
LATIN = re.compile(r"[A-Za-z]")
DIGIT = re.compile(r"\d")
END_OF_WORD = rf"(?![{LETTERS}])"

WORDS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "spelling.yaml").read_text(encoding="utf-8"))
JOINING = "بتثجحخسشصضطظعغفقكلمنهي"  # letters that join to the next: a stroke can stretch behind them
NEAR_KEYS = {"ق": "ف", "ف": "ق", "ت": "ن", "ن": "ت", "س": "ش", "ش": "س", "ح": "خ", "ج": "ح", "ب": "ي", "ك": "م"}
INVISIBLE = ["\u200f", "\u200e", "\u200c", "\u200b", "\u2060", "\ufeff"]

Change = Callable[[random.Random, str], str]


@dataclass(frozen=True)
class Noise:
    """One habit with the share of posts that show it; `dialects` where it has its own share."""

    change: Change
    share: float
    dialects: tuple[tuple[str, float], ...] = ()


def safe_words(text: str, length: int = 4) -> list[tuple[int, int]]:
    """Places of Arabic words that can bear a slip: not short, not protected, no number beside them."""
    tokens = [(m.start(), m.end()) for m in re.finditer(r"\S+", text)]
    numeric = [bool(DIGIT.search(text[a:b])) for a, b in tokens]
    places = []
    for i, (a, b) in enumerate(tokens):
        word = WORD.search(text, a, b)
        if word is None or any(numeric[max(0, i - 1) : i + 2]) or LATIN.search(text[a:b]):
            continue
        if len(word[0]) >= length and word[0] not in WORDS["protected"] and not text[a:b].startswith("#"):
            places.append(word.span())
    return places


def _in_one_word(rng: random.Random, text: str, length: int, change: Callable[[str], str]) -> str:
    if not (places := safe_words(text, length)):
        return text
    start, end = rng.choice(places)
    return text[:start] + change(text[start:end]) + text[end:]


def elongate(rng: random.Random, text: str) -> str:
    """كتييير: a long vowel drawn out."""

    def stretch(word: str) -> str:
        at = [i for i, c in enumerate(word) if i and c in "اوي" and word[i - 1] != c]
        if not at:
            return word
        i = rng.choice(at)
        return word[:i] + word[i] * rng.randint(3, 6) + word[i + 1 :]

    return _in_one_word(rng, text, 4, stretch)


def elongate_latin(rng: random.Random, text: str) -> str:
    """ktiiir: a vowel drawn out, in words without digits."""
    return _on_vowel(rng, text, rng.randint(3, 5))


def drop_vowel(rng: random.Random, text: str) -> str:
    """nzeef for nazeef, in words without digits."""
    return _on_vowel(rng, text, 0)


def _on_vowel(rng: random.Random, text: str, times: int) -> str:
    places = [m.start() for m in re.finditer(r"(?<=[a-z])[aeiou](?=[a-z]*\b)", text)]
    places = [i for i in places if not DIGIT.search(_token(text, i))]
    if not places:
        return text
    i = rng.choice(places)
    return text[:i] + text[i] * times + text[i + 1 :]


def _token(text: str, i: int) -> str:
    return text[text.rfind(" ", 0, i) + 1 :].split(" ", 1)[0]


def stretch_stroke(rng: random.Random, text: str) -> str:
    """Tatweel behind a letter that joins."""

    def tatweel(word: str) -> str:
        at = [i for i, c in enumerate(word[:-1]) if c in JOINING and word[i + 1] != "ء"]
        if not at:
            return word
        i = rng.choice(at) + 1
        return word[:i] + "ـ" * rng.randint(1, 4) + word[i:]

    return _in_one_word(rng, text, 4, tatweel)


def typo(rng: random.Random, text: str) -> str:
    """Two letters swapped, one lost or doubled, or its neighbour on the keyboard."""

    def slip(word: str) -> str:
        i = rng.randrange(2, len(word) - 2) if len(word) > 5 else 2
        kind = rng.choice(("swap", "drop", "double", "near"))
        if kind == "near" and word[i] in NEAR_KEYS:
            return word[:i] + NEAR_KEYS[word[i]] + word[i + 1 :]
        if kind == "swap":
            return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
        return word[:i] + word[i + 1 :] if kind == "drop" else word[:i] + word[i] + word[i:]

    return _in_one_word(rng, text, 5, slip)


def drop_filler(rng: random.Random, text: str) -> str:
    """One word fewer, of those that carry nothing."""
    words = text.split(" ")
    at = [i for i, w in enumerate(words[1:-1], start=1) if w in WORDS["fillers"]]
    if at:
        del words[rng.choice(at)]
    return " ".join(words)


def drop_hamza(rng: random.Random, text: str) -> str:
    """أ إ آ typed as ا."""
    return re.sub("[أإآ]", "ا", text)


def _replace_words(rng: random.Random, text: str, table: dict[str, str], most: int) -> str:
    found = [m for m in WORD.finditer(text) if m[0] in table]
    chosen = sorted(rng.sample(found, min(most, len(found))), key=lambda m: -m.start())
    for m in chosen:
        text = text[: m.start()] + table[m[0]] + text[m.end() :]
    return text


def add_hamza(rng: random.Random, text: str) -> str:
    """أنا for انا and the like."""
    return _replace_words(rng, text, WORDS["hamza"], 3)


def add_tashkeel(rng: random.Random, text: str) -> str:
    """Vowel signs on a word or two."""
    return _replace_words(rng, text, WORDS["tashkeel"], rng.randint(1, 2))


def heh_for_teh(rng: random.Random, text: str) -> str:
    """حبه for حبة."""
    return re.sub("ة" + END_OF_WORD, "ه", text)


def teh_for_heh(rng: random.Random, text: str) -> str:
    """The other way round, where the word is feminine by its article: الحراره, المعده."""
    return re.sub(rf"\bال([{LETTERS}]{{3,}})ه" + END_OF_WORD, r"ال\1ة", text)


def maqsura_for_yeh(rng: random.Random, text: str) -> str:
    """فى for في."""
    return re.sub("ي" + END_OF_WORD, "ى", text)


def yeh_for_maqsura(rng: random.Random, text: str) -> str:
    """الي for الى."""
    return re.sub("ى" + END_OF_WORD, "ي", text)


def indic_digits(rng: random.Random, text: str) -> str:
    """٣ for 3, but not in Latin words such as B12."""
    separator = rng.random() < 0.3
    words = [w if LATIN.search(w) else w.translate(TO_INDIC) for w in text.split(" ")]
    text = " ".join(words)
    return re.sub(rf"(?<=[{INDIC}])\.(?=[{INDIC}])", "٫", text) if separator else text


def other_digits(rng: random.Random, text: str) -> str:
    """The digits in the other script."""
    return text.translate(TO_WESTERN) if re.search(f"[{INDIC}]", text) else indic_digits(rng, text)


def punctuation(rng: random.Random, text: str) -> str:
    """Runs of marks, dots for commas."""
    if rng.random() < 0.5:
        text = (
            text.replace("، ", rng.choice([" .. ", ",", " ، ", " ", "... "]))
            if not DIGIT.search(text)
            else text.replace("، ", " .. ")
        )
    asks = text[-1:] in "؟?"
    end = rng.choice(["؟؟", "؟؟؟؟", "؟!", "!!!", "??", " ؟"]) if asks else rng.choice(["....", "..", " ...", "!!"])
    return text.rstrip("؟?.! ") + end


def no_punctuation(rng: random.Random, text: str) -> str:
    """No marks at all."""
    text = re.sub(r"[؟!]+", "", text)
    return re.sub(r"، ", " ", text).rstrip(". ") if not DIGIT.search(text) else text


def invisible(rng: random.Random, text: str) -> str:
    """Zero-width and direction marks that telephones leave."""
    for _ in range(rng.randint(1, 3)):
        spaces = [i for i, c in enumerate(text) if c == " "]
        if spaces:
            i = rng.choice(spaces) + rng.randint(0, 1)
            text = text[:i] + rng.choice(INVISIBLE) + text[i:]
    return text


def bidi(rng: random.Random, text: str) -> str:
    """A direction mark before, or embedding marks around."""
    return "\u202b" + text + "\u202c" if rng.random() < 0.5 else "\u200f" + text


def ligature(rng: random.Random, text: str) -> str:
    """ﷲ and ﻻ, as some keyboards give them."""
    text = text.replace("الله", "ﷲ")
    return re.sub(r"(?<![\w])لا", "ﻻ", text)


def nbsp(rng: random.Random, text: str) -> str:
    """A no-break space."""
    return _one_space(rng, text, "\u00a0")


def html(rng: random.Random, text: str) -> str:
    """What a copy from a web page leaves."""
    if ". " in text and rng.random() < 0.6:
        return text.replace(". ", ".<br>", 1)
    return _one_space(rng, text, rng.choice(["&nbsp;", " &nbsp;", "<br/>"]))


def _one_space(rng: random.Random, text: str, instead: str) -> str:
    spaces = [i for i, c in enumerate(text) if c == " "]
    if not spaces:
        return text
    i = rng.choice(spaces)
    return text[:i] + instead + text[i + 1 :]


def persian_keyboard(rng: random.Random, text: str) -> str:
    """ی and ک for ي and ك."""
    return text.replace("ي", "ی").replace("ى", "ی").replace("ك", "ک")


NOISES = (
    Noise(drop_hamza, 0.25),
    Noise(add_hamza, 0.08, (("MSA", 0.0),)),
    Noise(heh_for_teh, 0.22, (("MSA", 0.06),)),
    Noise(teh_for_heh, 0.06),
    Noise(maqsura_for_yeh, 0.03, (("EGY", 0.15), ("MGR", 0.0))),
    Noise(yeh_for_maqsura, 0.06),
    Noise(indic_digits, 0.22, (("MGR", 0.02),)),
    Noise(punctuation, 0.22),
    Noise(no_punctuation, 0.08),
    Noise(elongate, 0.2, (("MSA", 0.06),)),
    Noise(add_tashkeel, 0.05, (("MSA", 0.08),)),
    Noise(stretch_stroke, 0.06),
    Noise(persian_keyboard, 0.015),
    Noise(ligature, 0.03),
    Noise(nbsp, 0.04),
    Noise(html, 0.015),
    Noise(invisible, 0.05),
    Noise(bidi, 0.025),
)
LATIN_NOISES = (Noise(elongate_latin, 0.2), Noise(nbsp, 0.04), Noise(html, 0.015), Noise(invisible, 0.05))


def numbers(text: str) -> str:
    """The digits of a text in order, in one script: what no noise may change."""
    return "".join(c for c in text.translate(TO_WESTERN) if c in WESTERN)


def noisy(rng: random.Random, text: str, dialect: str, level: float = 1.0) -> str:
    """The text with each habit at its share times `level`."""
    result = text
    for noise in LATIN_NOISES if dialect == "arabizi" and LATIN.search(text) else NOISES:
        if rng.random() < dict(noise.dialects).get(dialect, noise.share) * level:
            result = noise.change(rng, result)
    if numbers(result) != numbers(text):
        raise AssertionError(f"noise changed a number: {text!r} became {result!r}")
    return result


def asked_again(rng: random.Random, text: str, dialect: str) -> str:
    """The same question from another member: a word or two fewer, a slip or two, perhaps other digits."""
    result = text
    for _ in range(rng.randint(1, 2)):
        result = drop_filler(rng, result)
    if dialect == "arabizi":
        for _ in range(rng.randint(1, 3)):
            result = drop_vowel(rng, result)
        return noisy(rng, result, dialect)
    for _ in range(rng.randint(0, 2)):
        result = typo(rng, result)
    if rng.random() < 0.4:
        result = other_digits(rng, result)
    return noisy(rng, result, dialect)


def with_emoji(rng: random.Random, dialect: str, share: float, kind: bool = False) -> str:
    """An emoji or a run of one to stand behind a text, or nothing."""
    if rng.random() >= share:
        return ""
    if rng.random() < 0.1 and dialect in WORDS["flags"]:
        return " " + rng.choice(WORDS["flags"][dialect])
    return rng.choice(["", " "]) + rng.choice(WORDS["kind_emoji"] if kind else WORDS["emoji"]) * rng.choice(
        [1, 1, 1, 2, 3]
    )


def encodes(text: str, encoding: str) -> bool:
    """Whether the encoding can hold the text."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
