"""A part of a JSON file that slides on: values are decoded out of it one by one, and behind a damaged one reading goes on."""

import io
import json
import re
from typing import Any

BLOCK = 1 << 17  # small, since every JSONDecodeError counts the lines before it
AHEAD, BEHIND = 4096, 256  # characters around the place of reading that can always be seen
LARGEST = 1 << 24  # characters of one object: a thread of some 25,000 comments. What goes on beyond is damage
DEEPEST = 1 << 16  # brackets in brackets that are looked through
PATIENCE = 1 << 26  # characters looked through in vain for the ends of damaged objects, all together
ANY = "*"
_decoder = json.JSONDecoder(strict=False)  # control characters inside strings happen
_between = re.compile(r"[\s,\ufeff]+")
_key = re.compile(r'"((?:[^"\\\n]|\\.){0,200})"\s*:\s*')
_piece = re.compile(r'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"|[][{}\n]')
_indented = re.compile(r"[][{},\ufeff]*([ \t]*)")
_end_of_plain = re.compile(r"(?=[][{},\n])")
_first_key = re.compile(r'\{ *"[^"\\\n]{1,200}"')


def leads(step: str, key: str, token: str) -> bool:
    """Whether this key of an object, with a value that begins so, is the next step of a path."""
    return (step == key and token in ("[", "{")) or (step == ANY and token == "{")


class Window:
    """`at` is where reading stands in `text`."""

    def __init__(self, file: io.TextIOBase) -> None:
        self.text, self.at, self._file, self._ended, self._patience = "", 0, file, False, PATIENCE

    def see(self) -> str:
        """The character that stands behind blanks and commas; nothing at the end."""
        while True:
            if len(self.text) - self.at < AHEAD or self.at > 2 * BLOCK:
                self._more(BLOCK if len(self.text) - self.at < AHEAD else 0)
            blank = _between.match(self.text, self.at)
            if blank is None:
                return self.text[self.at : self.at + 1]
            self.at = blank.end()

    def key(self) -> str | None:
        """The key that begins here, if one does; reading then stands at its value."""
        key = _key.match(self.text, self.at)
        if key is None:
            return None
        self.at = key.end()
        return key[1]

    def key_ahead(self, step: str, first: bool = False) -> int | None:
        """Where in the object that begins here the key stands that leads on, if there is one. `first`: it must be the first."""
        offset = 1
        while True:
            blank = _between.match(self.text, self.at + offset)
            key = _key.match(self.text, blank.end() if blank else self.at + offset)
            if key is not None and key.end() < len(self.text):
                if leads(step, key[1], self.text[key.end()]):
                    return key.start()
                if first or step == ANY:
                    return None
                try:
                    offset = _decoder.raw_decode(self.text, key.end())[1] - self.at
                    continue
                except (ValueError, RecursionError) as error:
                    if not self._is_cut(error):
                        return None
            elif len(self.text) - self.at - offset > AHEAD:
                return None  # the object ends here, or is damaged
            if not self._grow():
                return None

    def value(self) -> Any:
        """The value that begins here; the exception where it is damaged, reading then stands behind it."""
        if self.text.startswith('"', self.at) and not self._ends_in_line():
            self._next(_end_of_plain)
            return ValueError("a string by itself, which would swallow the lines below")
        while True:
            try:
                value, self.at = _decoder.raw_decode(self.text, self.at)
                return value
            except (ValueError, RecursionError) as error:  # a plain ValueError: a number of more than 4,300 digits
                if not (self._is_cut(error) and self._grow()):
                    self._patience -= (failed := getattr(error, "pos", self.at)) - self.at
                    if self._patience < 0:
                        self.at = failed
                    self._skip()
                    return error

    def is_over(self) -> bool:
        return self._ended and self.at >= len(self.text)

    def _is_cut(self, error: Exception) -> bool:
        """Whether the value may only have been cut by the end of the window."""
        if not isinstance(error, json.JSONDecodeError):
            return False
        return error.msg.startswith("Unterminated string") or error.pos >= len(self.text) - 16

    def _ends_in_line(self) -> bool:
        """Whether the string that begins here does."""
        while not _piece.match(self.text, self.at):
            if self.text.find("\n", self.at) >= 0 or not self._grow():
                return False
        return True

    def _grow(self) -> bool:
        """See twice as far. False where the file ends, or where no object goes on so long."""
        seen = len(self.text) - self.at
        if self._ended or seen >= LARGEST:
            return False
        self._more(max(BLOCK, min(seen, LARGEST - seen)))
        return True

    def _skip(self) -> None:
        """Behind the damaged value: where its brackets close, if they do in its line; else where a line begins like the value's own.

        Lines of what is nested in it are indented deeper, or there are none, so that a comment is never taken for a post.
        """
        start = self.at
        if not self.text.startswith(("{", "["), start):
            self._next(_end_of_plain)
            return
        newline = self.text.rfind("\n", max(0, start - BEHIND), start)
        before = _indented.match(self.text, newline + 1, start)
        indent = len(before[1]) if before else 0
        line = rf"\n[ \t]{{0,{indent}}}(?:[\]\[}},][\]\[}}, \t]*)?(?={{)"
        first = _first_key.match(self.text, start)
        end = self._closing()
        if end is None:
            self._next(re.compile(rf"{line}|[,\[] *(?={re.escape(first[0])})" if first else rf"{line}|[\n,]\s*(?={{)"))
        elif self.text[end - 1] == "\n":
            self._next(re.compile(line))
        else:
            self.at = end

    def _closing(self) -> int | None:
        """Behind the bracket that closes the value that begins here, or behind the line's end where that comes first."""
        while True:
            depth = 0
            for found in _piece.finditer(self.text, self.at):
                token = found[0]
                if token in ("{", "["):
                    depth += 1
                elif token in ("}", "]"):
                    depth -= 1
                if token == "\n" or depth <= 0:
                    return found.end()
                if depth > DEEPEST:
                    return None
            self._patience -= len(self.text) - self.at
            if self._patience < 0 or not self._grow():
                return None

    def _next(self, pattern: re.Pattern[str]) -> None:
        """To the next place that looks so."""
        self.at += 1
        while True:
            if found := pattern.search(self.text, self.at):
                self.at = found.end()
                return
            self.at = max(self.at, len(self.text) if self._ended else len(self.text) - AHEAD)
            if self._ended:
                return
            self._more(BLOCK)

    def _more(self, characters: int) -> None:
        more = "" if self._ended else self._file.read(characters)
        self._ended = self._ended or (not more and characters > 0)
        behind = min(self.at, BEHIND)
        self.text, self.at = self.text[self.at - behind :] + more, behind
