"""The quick look before the text rules passes over no text that they change."""

import pyarrow as pa
from duckdb import DuckDBPyConnection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.params import Params
from curation.text.compiler import levels, may_change
from curation.text.folding import key_rules
from curation.text.rule import Rule
from curation.text.rules import text_rules

WRITTEN = """
    السلام عليكم|عندي صداع|شكرا|وجزاكم الله خيرا| |  |\n|.|،|؟|!!|...|ـ|1ـ2|٣|۴|½|°|م\u0651|\u200f|\u00a0|<br>|&amp;|ﷲ|ﻻ|ی|😀|👍🏽
    |#صداع_نصفي|_|هههههه|آلم|ممم|e\u0301|لو سمحتم|وجع
"""
PIECES = st.sampled_from(WRITTEN.split("|"))
TEXTS = st.one_of(st.lists(PIECES, max_size=5).map(" ".join), st.lists(PIECES, max_size=5).map("".join), st.text(max_size=12))


def changed(con: DuckDBPyConnection, texts: list[str], rules: tuple[Rule, ...]) -> tuple[set[str], set[str]]:
    """The texts that the look says may change, and those that do."""
    table = con.from_arrow(pa.table({"s": pa.array(sorted(set(texts)), pa.string())}))
    chain = table.project("s, s AS t")
    for level in levels(rules, "t"):
        chain = chain.project(f"s, {level}")
    seen = table.filter(may_change(rules, "s"))
    return tuple({text for (text,) in found.fetchall()} for found in (seen, chain.filter("t <> s").project("s")))  # type: ignore[return-value]


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, min_size=150, max_size=300))
def test_what_changes_is_seen(con: DuckDBPyConnection, params: Params, texts: list[str]) -> None:
    for rules in (text_rules(params.clean), key_rules()):
        seen, change = changed(con, texts, rules)
        assert change <= seen


def test_a_clean_text_is_not_seen(con: DuckDBPyConnection, params: Params) -> None:
    clean = "عندي صداع منذ 3 أيام، وأخذت 500 ملغ. هل أحتاج إلى تحليل؟"
    assert changed(con, [clean, clean + "!!!"], text_rules(params.clean)) == ({clean + "!!!"}, {clean + "!!!"})
