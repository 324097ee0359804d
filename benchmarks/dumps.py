"""Large dumps made out of the sample's written questions: a facebook-scraper JSON and a MAQA workbook, for measuring only.

Numbers in the texts, their lengths, their order and the names of the accounts vary, so that texts differ as they do in a real dump.
Seeded. Like the sample: invented, nobody's.
"""

import json
import math
import random
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

import yaml

ROOT = Path(__file__).resolve().parents[1]
WRITTEN = ROOT / "data" / "sample" / "written"
SEED = 20250910
ACCOUNTS = 40_000
COMMENTS = 10  # under a post, on average
NUMBER = re.compile(r"(?<![A-Za-z0-9])[0-9]+(?![A-Za-z0-9])")
MEASURED = ("عمري {} ووزني {} كيلو", "ضغطي {}/{}", "السكر صايم {} وبعد الاكل {}", "من {} يوم وباخد {} ملغ", "التحليل طلع {} والنسبة {}")
Counts = dict[str, int]


class Account(NamedTuple):
    """An invented account."""

    native_id: str
    name: str


class Writer:
    """Texts and accounts in the sample's words."""

    def __init__(self) -> None:
        self.rng = random.Random(SEED)
        written = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(WRITTEN.glob("*.yaml"))]
        asked = [question for dialect in written for question in dialect["questions"]]
        self.questions = [q[key] for q in asked for key in ("question", "rephrased")]
        self.answers = [q[key] for q in asked for key in ("answer", "answer_rephrased")]
        self.specialties = sorted({q["specialty"] for q in asked})
        self.shouts = [line for dialect in written for lines in dialect["comments"].values() for line in lines]
        names = [name.split() for dialect in written for of in dialect["names"].values() for name in of]
        given, family = (sorted({name[i] for name in names if len(name) == 2 and name[0] != "عبد"}) for i in (0, 1))
        arabic, latin = ([[word for word in words if word.isascii() is ascii] for words in (given, family)] for ascii in (False, True))
        self.accounts = [Account(f"1000{self.rng.randrange(10**10, 10**11)}", self._name(arabic, latin)) for _ in range(ACCOUNTS)]

    def _name(self, arabic: list[list[str]], latin: list[list[str]]) -> str:
        choose = self.rng.choice
        given, family = latin if self.rng.random() < 0.1 else arabic
        middle = [choose(given)] if self.rng.random() < 0.4 else []
        return " ".join([choose(given), *middle, choose(family)])

    def measured(self) -> str:
        return self.rng.choice(MEASURED).format(self.rng.randint(3, 99), self.rng.randint(40, 400))

    def varied(self, text: str) -> str:
        """Other numbers of as many digits."""
        return NUMBER.sub(lambda m: str(self.rng.randrange(10 ** (len(m[0]) - 1), 10 ** len(m[0]))), text)

    def phone(self) -> str:
        return f"01{self.rng.choice('0125')}{self.rng.randrange(10**8):08d}"

    def post(self) -> str:
        text = f"{self.varied(self.rng.choice(self.questions))} {self.measured()}"
        return f"{text} ورقمي {self.phone()}" if self.rng.random() < 0.05 else text

    def comment(self) -> str:
        """Half a word or two, a fifth calling somebody by name, the others an answer or a part of one."""
        kind = self.rng.random()
        if kind < 0.5:
            return self.rng.choice(self.shouts)
        if kind < 0.7:
            return f"{self.rng.choice(self.accounts).name} {self.rng.choice(self.shouts)}"
        answer = self.varied(self.rng.choice(self.answers))
        if kind < 0.85:
            answer = answer.split(".")[0]
        return f"{answer} واتس {self.phone()}" if kind > 0.97 else answer

    def of_length(self, pool: list[str], mean: float) -> str:
        """Texts of the pool, one after the other, as many characters as people write: log-normal around the mean."""
        wanted = int(self.rng.lognormvariate(math.log(mean) - 0.125, 0.5))
        pieces, length = [self.measured()], 0
        while length < wanted:
            pieces.append(self.varied(self.rng.choice(pool)))
            length = sum(map(len, pieces)) + len(pieces) - 1
        pieces = [*pieces[1:], pieces[0]]
        return " ".join(pieces)[:wanted].rpartition(" ")[0] or pieces[0]


# facebook-scraper. Its own writer, json.dumps with an indent, is slow: templates hold the indent, only texts are encoded.


def _template(record: dict[str, Any], margin: str) -> str:
    """A record as json.dumps(indent=4) writes it; what is `$name` in it becomes a slot for encoded JSON."""
    lines = indent(json.dumps(record, indent=4), margin).lstrip()
    return re.sub(r'"\$(\w+)"', r"%(\1)s", lines.replace("%", "%%"))


_REPLY: dict[str, Any] = {
    "comment_id": "$id",
    "comment_url": "$url",
    "commenter_id": "$account",
    "commenter_url": "$profile",
    "commenter_name": "$name",
    "commenter_meta": None,
    "comment_text": "$text",
    "comment_time": "$time",
    "comment_image": None,
    "comment_reactors": [],
    "comment_reactions": None,
    "comment_reaction_count": "$count",
}
REPLY = _template(_REPLY, " " * 16)
COMMENT = _template({**_REPLY, "replies": "$replies"}, " " * 8)
_POST: dict[str, Any] = {
    "post_id": "$id",
    "text": "$text",
    "post_text": "$text",
    "shared_text": "",
    "original_text": None,
    "time": "$time",
    "timestamp": "$timestamp",
    "image": None,
    "images": [],
    "video": None,
    "likes": "$count",
    "comments": "$total",
    "shares": 0,
    "post_url": "$url",
    "link": None,
    "links": [],
    "user_id": "$account",
    "username": "$name",
    "user_url": "$profile",
    "is_live": False,
    "available": True,
    "comments_full": "$comments",
    "reactors": None,
    "reactions": None,
    "reaction_count": "$count",
}
POST = _template(_POST, "")


def _slots(writer: Writer, native_id: int, text: str, url: str) -> dict[str, Any]:
    rng, encode = writer.rng, json.dumps
    account = rng.choice(writer.accounts)
    when = f"20{rng.randint(18, 23)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d} {rng.randint(0, 23):02d}:00:00"
    return {
        "id": encode(str(native_id)),
        "url": encode(url),
        "account": encode(account.native_id),
        "profile": encode(f"https://facebook.com/profile.php?id={account.native_id}"),
        "name": encode(account.name),
        "text": encode(text),
        "time": encode(when),
        "count": int(rng.expovariate(0.5)),
    }


def _comments(writer: Writer, first: int, count: int) -> str:
    """`count` comments, a third of them replies to the one before."""
    written: list[tuple[dict[str, Any], list[str]]] = []
    for native_id in range(first, first + count):
        slots = _slots(writer, native_id, writer.comment(), f"https://facebook.com/{native_id}")
        if written and writer.rng.random() < 1 / 3:
            written[-1][1].append(REPLY % slots)
        else:
            written.append((slots, []))
    margin = "\n" + " " * 16
    texts = [
        COMMENT % {**slots, "replies": f"[{margin}{f',{margin}'.join(replies)}\n{' ' * 12}]" if replies else "[]"}
        for slots, replies in written
    ]
    return "[\n" + " " * 8 + (",\n" + " " * 8).join(texts) + "\n    ]" if texts else "[]"


def facebook_json(path: Path, size: int) -> Counts:
    """As `facebook-scraper --format json` writes, `size` bytes: indented, escaped, a comma even for a post that it leaves out."""
    writer = Writer()
    posts = comments = 0
    with path.open("w", encoding="ascii", newline="") as file:
        written = file.write("[\n")
        while written < size:
            count = int(writer.rng.expovariate(1 / (COMMENTS + 0.5)))
            number = 2_000_000_000_000 + 1_000 * posts
            slots = _slots(writer, number, writer.post(), f"https://m.facebook.com/groups/301234567890123/permalink/{number}/")
            slots |= {"timestamp": 1_600_000_000 + posts, "total": count, "comments": _comments(writer, 7 * 10**15 + comments, count)}
            written += file.write(("," if writer.rng.random() < 0.05 else "") + "," + POST % slots)
            posts, comments = posts + 1, comments + count
        file.write("\n]")
    return {"posts": posts, "comments": comments}


# MAQA's workbook, as pandas and Excel write one: every text in a table of shared strings, deflated.

_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPE}.sharedStrings+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
}
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
COLUMNS = ("q_body", "a_body", "category")
QUESTION_LENGTH, ANSWER_LENGTH = 250, 300  # characters, on average


def maqa_xlsx(path: Path, rows: int) -> Counts:
    """A workbook of q_body, a_body, category."""
    writer = Writer()
    header = [*COLUMNS, *writer.specialties]
    letters = 0

    def strings() -> Iterator[str]:
        nonlocal letters
        yield from header
        for _ in range(rows):
            for pool, mean in ((writer.questions, QUESTION_LENGTH), (writer.answers, ANSWER_LENGTH)):
                text = writer.of_length(pool, mean)
                text += f" ورقمي {writer.phone()}" if writer.rng.random() < 0.01 else ""
                letters += len(text)
                yield text

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in _PARTS.items():
            book.writestr(name, _XML + text)
        with book.open("xl/sharedStrings.xml", "w") as part:
            total = len(header) + 2 * rows
            part.write(f'{_XML}<sst xmlns="{_SHEET}" count="{3 + 3 * rows}" uniqueCount="{total}">'.encode())
            for text in strings():
                part.write(f'<si><t xml:space="preserve">{escape(text)}</t></si>'.encode())
            part.write(b"</sst>")
        with book.open("xl/worksheets/sheet1.xml", "w") as part:
            part.write(f'{_XML}<worksheet xmlns="{_SHEET}"><dimension ref="A1:C{rows + 1}"/><sheetData>'.encode())
            part.write(_row(1, (0, 1, 2)))
            for row in range(rows):
                category = len(COLUMNS) + writer.rng.randrange(len(writer.specialties))
                part.write(_row(row + 2, (len(header) + 2 * row, len(header) + 2 * row + 1, category)))
            part.write(b"</sheetData></worksheet>")
    return {"rows": rows, "characters": letters}


def _row(number: int, strings: tuple[int, int, int]) -> bytes:
    cells = "".join(f'<c r="{letter}{number}" t="s"><v>{string}</v></c>' for letter, string in zip("ABC", strings, strict=True))
    return f'<row r="{number}">{cells}</row>'.encode()
