"""HTML, XML and SVG: what a reader sees, what stands in attributes, scripts and comments, entities decoded."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from io import TextIOBase

from curation.privacy.pieces import OWN_ID, Batch, batch, shown

BLOCK = 1 << 18
# Tags inside a sentence: a number goes on across them.
PHRASE = {"a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark", "q"}
INLINE = PHRASE | {"s", "samp", "small", "span", "strong", "sub", "sup", "tspan", "u", "var", "wbr"}
# Attributes of drawings, as long as nothing but coordinates stands in them.
DRAWN = frozenset(
    ("cx", "cy", "d", "dx", "dy", "height", "points", "r", "rx", "ry", "transform", "viewbox", "width", "x", "x1", "x2", "y", "y1", "y2")
)
COORDINATES = re.compile(r"(?:translate|rotate|scale|matrix|[\d\s.,()%+eEMLHVCSQTAZmlhvcsqtaz-])*")
DIGEST = re.compile(r"[0-9a-f]{12}")  # of an input, as the report writes it: like a record_id, in <code>, and now and then without a letter


class _Page(HTMLParser):
    """Collects (text, place); text inside a sentence is joined across its tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, str]] = []
        self._sentence: list[str] = []
        self._line, self._tag, self._class = 1, "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in INLINE:
            self.flush()
            self._class = dict(attrs).get("class") or ""
        self._tag = tag
        for name, value in attrs:
            if value and not (name in DRAWN and COORDINATES.fullmatch(value)):
                self.found.append((value, f"line {self.getpos()[0]}, attribute {shown(name)}"))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self._tag = ""
        if tag not in INLINE:
            self.flush()

    def handle_data(self, data: str) -> None:
        if not self._sentence:
            self._line = self.getpos()[0]
        own_id = self._tag == "code" and (OWN_ID.fullmatch(data) or (self._class == "digest" and DIGEST.fullmatch(data)))
        self._sentence.append(" " if own_id else data)

    def handle_comment(self, data: str) -> None:
        self.found.append((data, f"line {self.getpos()[0]}, a comment"))

    def handle_decl(self, decl: str) -> None:
        self.handle_comment(decl)

    def handle_pi(self, data: str) -> None:
        self.handle_comment(data)

    def unknown_decl(self, data: str) -> None:
        self.handle_comment(data)

    def flush(self) -> None:
        """What was collected of a sentence becomes a text."""
        text = "".join(self._sentence)
        if text and not text.isspace():
            self.found.append((text, f"line {self._line}"))
        self._sentence = []


def html_batches(file: TextIOBase) -> Iterator[Batch]:
    """The texts of a page, in the order in which they stand."""
    page = _Page()
    for block in iter(lambda: file.read(BLOCK), ""):
        page.feed(block)
        yield _batch(page)
    page.close()
    page.flush()
    yield _batch(page)


def _batch(page: _Page) -> Batch:
    found, page.found = page.found, []
    return batch([text for text, _ in found], lambda i: found[i][1], own=True)
