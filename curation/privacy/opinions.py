r"""Whether personal data is left in a text, by two opinions: the redactor, and patterns that are not the redactor's.

Not the redactor's own patterns: the point is to see what those miss. They are RE2, for DuckDB and Arrow, and have no look-around.
RE2's \d is ASCII, so \p{Nd} stands for the digits of every script. What looks alike and is none has to pass: doses, dates, decimals
of any length, and sentences that run together without a blank ("ta3bana.ma 3raft").
"""

import re
from collections import Counter
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from curation.privacy.first_look import Flags
from curation.privacy.pieces import Batch
from curation.privacy.redaction import redact_text, redactions

BEFORE = r"(?:^|[^\p{Nd}.,٫/])"  # no number goes on here
GAP = r"[ .()-]{0,3}"
YEAR = r"(?:19|20|١٩|٢٠)\p{Nd}{2}"
DATE = rf"{YEAR}[-/.]\p{{Nd}}{{1,2}}[-/.]\p{{Nd}}{{1,2}}|\p{{Nd}}{{1,2}}[-/.]\p{{Nd}}{{1,2}}[-/.]{YEAR}"
UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
NO_PHONE = f"{DATE}|{UUID}"  # taken out before phones are looked for

PERSONAL_DATA = {
    "email": r"(?i)[a-z0-9._%+-]+\s?@\s?[a-z0-9-]+\.[a-z]{2,}",
    "link": r"(?i)https?://[\p{L}\p{N}]|www\.[a-z0-9]|(?:^|[^\p{L}\p{N}_@.-])(?:[a-z0-9-]+\.)+(?:com|net|org|edu|gov)(?:$|[^a-z0-9])"
    r"|(?:^|[^a-z0-9])(?:wa\.me|t\.me|m\.me|fb\.me|bit\.ly|goo\.gl|youtu\.be)/",
    # with a Latin letter or a stroke in it: a plain Arabic word on an @ may be a word, and the redactor's lists are better judges of that
    "handle": r"(?:^|[^\p{L}\p{N}_])@(?:[\p{L}\p{N}_.]*[A-Za-z_][\p{L}\p{N}_.]+|[\p{L}\p{N}_.]+[A-Za-z_])",
    # nine digits in a run; eight to fifteen after + or 00; eight to twelve from a leading zero on, gaps allowed
    "phone": rf"{BEFORE}\p{{Nd}}{{9}}|(?:\+|{BEFORE}[0٠۰]{{2}})(?:{GAP}\p{{Nd}}){{8,15}}(?:$|\P{{Nd}})"
    rf"|{BEFORE}[0٠۰][1-9١-٩۱-۹](?:{GAP}\p{{Nd}}){{6,10}}(?:$|\P{{Nd}})",
}

# What stands in files and looks like personal data, with the reason why it is none.
MACHINE_MADE = (
    (
        r"(?<![0-9A-Za-z])(?=[0-9]*[a-f])(?:[0-9a-f]{12}|[0-9a-f]{16}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128}|(?:[0-9a-f]{2}/?)?[0-9a-f]{30}(?:\.dir)?)(?![0-9A-Za-z])",
        "record ids, the report's digests, md5 (and how DVC names files by it), sha and blake: hexadecimal with a letter in it",
    ),
    (rf"(?<![0-9a-fA-F]){UUID}(?![0-9a-fA-F])", "UUIDs, which number records and not persons"),
    (r"(?<![\d.,])-?(?:0|[1-9]\d{0,5})\.\d{6,}(?:[eE][+-]?\d+)?(?![\d.])", "measured numbers in full precision"),
    (r"(?<!\d)(?:19|20)\d\d-?[01]\d-?[0-3]\d[T _][0-2]\d:?[0-5]\d(?::?[0-5]\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?(?!\d)", "ISO 8601 times"),
    (r"(?m)^\s*(?:size|nfiles): \d+$", "sizes in DVC's own files"),
    (r"data:[a-z]+/[a-z0-9.+-]+(?:;[a-z0-9=-]+)*;base64,[A-Za-z0-9+/=\s]*", "pictures and fonts inside a page"),
    (r"(?<![\w@])@(?:charset|container|font-face|import|keyframes|layer|media|namespace|page|property|supports)\b", "rules of CSS"),
    (r"(?m)^@(?:context|id|json|language|type|vocab)$", "words of JSON-LD, as croissant.json has them"),
)
# Links of our own documents that lead to nobody; in tables of texts there are no such exceptions.
OWN_LINKS = (
    (r"www\.w3\.org/", "names of XML and SVG namespaces, not addresses"),
    (r"huggingface\.co/docs/", "documentation"),
    (r"arxiv\.org/abs/", "papers"),
    (r"doi\.org/10\.", "papers"),
    (r"creativecommons\.org/(?:licenses|publicdomain)/", "licences"),
    (r"www\.apache\.org/licenses/", "licences"),
    (r"schema\.org/", "the vocabulary of dataset metadata"),
    (r"schemas\.(?:openxmlformats\.org|microsoft\.com)/", "names of XML namespaces in office files"),
    (r"purl\.org/dc/", "names of XML namespaces in office files"),
    (r"(?:mlcommons\.org|mlcommons\.github\.io)/croissant", "the vocabulary of dataset metadata"),
)
MANY = 400_000  # texts remembered as clean: the same text stands in several hand-overs and again in DVC's cache
_PATTERNS = {kind.upper(): pattern for kind, pattern in PERSONAL_DATA.items()}
_SUSPECT = "|".join(f"(?:{pattern})" for pattern in PERSONAL_DATA.values())
_HARMLESS = tuple(re.compile(pattern) for pattern, _ in MACHINE_MADE)
_OWN = re.compile(rf"(?i)(?:https?://)?(?<![\w.-])(?:{'|'.join(pattern for pattern, _ in OWN_LINKS)})[^\s\"'<>()\[\]{{}}]*")


@dataclass
class Judge:
    """Both opinions over many texts. Texts found clean are remembered by a number, so that each is judged once."""

    names: bool = True  # whether names of persons are looked for
    _clean: set[int] = field(default_factory=set, repr=False)

    def find(self, batch: Batch) -> dict[int, Counter[str]]:
        """For the position of each text of the batch with personal data its kinds and how often."""
        texts, names = batch.texts, self.names and batch.names
        numbers = [hash((text, batch.own, names)) for text in texts]
        fresh = [i for i, number in enumerate(numbers) if number not in self._clean]
        suspects = suspected(pa.array([texts[i] for i in fresh], pa.large_string()), names)
        close = [fresh[n] for n in suspects.nonzero()[0]]
        found = {i: kinds for i in close if (kinds := _look_closely(texts[i], batch.own, names, batch.starts.get(i, 0)))}
        if len(self._clean) > MANY:
            self._clean.clear()
        self._clean.update(numbers[i] for i in fresh if i not in found)
        return found


def suspected(texts: pa.LargeStringArray, names: bool = True) -> Flags:
    """In which texts one of the opinions finds anything, before what only looks like personal data is set aside. None may be null."""
    suspects: Flags = pc.match_substring_regex(texts, _SUSPECT).to_numpy(zero_copy_only=False)
    for i, _, _ in redactions(texts, names):
        suspects[i] = True
    return suspects


def _look_closely(text: str, own: bool, names: bool, start: int) -> Counter[str]:
    """The kinds in a text without what machines write into files, from `start` on."""
    for pattern in (*_HARMLESS, *((_OWN,) if own else ())):
        text = pattern.sub(lambda match: "\n" * len(match.group()), text)
    redacted, spans = redact_text(text, names)
    kinds = Counter(span.kind for span in spans if span.end > start)
    rest = pa.array([redacted], pa.large_string())
    for kind, pattern in _PATTERNS.items():
        if kind == "PHONE":
            rest = pc.replace_substring_regex(rest, NO_PHONE, " ")
        kinds[kind] += pc.count_substring_regex(rest, pattern)[0].as_py()
    return +kinds
