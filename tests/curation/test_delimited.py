"""Rows of delimited text: read in blocks they are what they are line by line, quotes that do not add up included."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from curation.sources import delimited
from curation.sources.dump import Dump

PIECES = st.sampled_from(['"', '""', ",", ",", "\n", "\n", "\r\n", "\r", "a", "سؤال", " ", "\0", '"a,b"', '"x\ny"', "\u2028", "\x0b", ",,"])


def rows(content: str, block: int | None) -> list[tuple[int, list[str] | None]]:
    """As the module reads it, with blocks of so many characters; None: without blocks."""
    size, by_block = delimited.BLOCK, delimited._Lines.block
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_text(content, encoding="utf-8", newline="")
        try:
            if block is None:
                delimited._Lines.block = lambda self: iter(())
            else:
                delimited.BLOCK = block
            return list(delimited.rows_of(Dump(path)))
        finally:
            delimited.BLOCK, delimited._Lines.block = size, by_block


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=40), st.sampled_from([1, 5, 16, 1 << 20]))
def test_blocks_change_nothing(pieces: list[str], block: int) -> None:
    content = "q,a\n" + "".join(pieces)
    assert rows(content, block) == rows(content, None)


def test_a_stray_quote_costs_its_own_row_wherever_a_block_ends() -> None:
    content = 'q,a\nw,x\n"stray,y\nu,v\n"l\nm",n\n'
    expected = [(1, ["q", "a"]), (2, ["w", "x"]), (3, None), (4, ["u", "v"]), (6, ["l\nm", "n"])]
    assert [rows(content, block) for block in (None, 3, 1 << 20)] == [expected] * 3
