"""The quick look before the text rules passes over no text that they change."""

import pyarrow as pa
from duckdb import DuckDBPyConnection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation.params import Params
from curation.text.compiler import compile_rules, where_changed
from curation.text.rules import key_rules, text_rules

WRITTEN = """
    السلام عليكم|عندي صداع|شكرا|وجزاكم الله خيرا| |  |\n|.|،|؟|!!|...|ـ|1ـ2|٣|۴|½|°|م\u0651|\u200f|\u00a0|<br>|&amp;|ﷲ|ﻻ|ی|😀|👍🏽
    |#صداع_نصفي|_|هههههه|آلم|ممم|e\u0301|لو سمحتم|وجع
"""
PIECES = st.sampled_from(WRITTEN.split("|"))
TEXTS = st.one_of(st.lists(PIECES, max_size=5).map(" ".join), st.lists(PIECES, max_size=5).map("".join), st.text(max_size=12))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, min_size=40, max_size=100))
def test_the_same_as_all_rules(con: DuckDBPyConnection, params: Params, texts: list[str]) -> None:
    for rules in (text_rules(params.clean), key_rules()):
        table = con.from_arrow(pa.table({"t": pa.array(["عندي صداع", *texts], pa.string())}))
        both = table.project(f"{where_changed(rules, 't')} AS a, {compile_rules(rules, 't')} AS b")
        assert both.filter("a IS DISTINCT FROM b").fetchall() == []


def test_few_clean_texts_take_the_long_way(con: DuckDBPyConnection, params: Params) -> None:
    clean = "عندي صداع منذ 3 أيام، وأخذت 500 ملغ. هل أحتاج إلى تحليل؟"
    assert "THEN" in where_changed(text_rules(params.clean), "t")
    look = where_changed(text_rules(params.clean), "t").partition(" THEN ")[0].removeprefix("CASE WHEN ")
    assert con.execute(f"SELECT {look} FROM (SELECT ? AS t)", [clean]).fetchall() == [(False,)]
    assert con.execute(f"SELECT {look} FROM (SELECT ? AS t)", [clean + "!!!"]).fetchall() == [(True,)]
