"""Our functions for just what a rival does, in one process: clean, language, near-duplicates and the thresholds of select about those.

    python -m benchmarks.like_for_like IN OUT.parquet [--without-langdetect]

IN is a CSV of q_body, a_body, category or the hand-over `records` of ingest; params.yaml is the working directory's. Out come the rows that
are kept, with their number in the CSV or their record_id.
"""

import argparse
from pathlib import Path

import duckdb

from curation.duplicates import find_clusters
from curation.engine import Session, open_session, write_parquet
from curation.params import Params, load_params
from curation.selection import thresholds
from curation.text.cleaning import clean_texts
from curation.text.language import identify_language
from validators.conditions import letters

# Reasons of select that need nothing but texts, language and clusters.
LANGUAGES = ("other_language", "little_arabic")
REASONS = ("question_too_short", "question_too_long", "no_answer", "answer_too_short", "duplicate", *LANGUAGES)


def read(session: Session, path: Path) -> duckdb.DuckDBPyRelation:
    """`id, question_raw, answer_raw, specialty`."""
    if path.suffix == ".parquet":
        return session.con.read_parquet(str(path)).project("record_id AS id, question_raw, answer_raw, specialty")
    read = f"read_csv('{path}', header = true, all_varchar = true)"
    return session.con.sql(f"""
        SELECT printf('%09d', row_number() OVER () - 1) AS id, q_body AS question_raw, a_body AS answer_raw, category AS specialty
        FROM {read}""")


def kept(session: Session, rows: duckdb.DuckDBPyRelation, params: Params, with_langdetect: bool = True) -> duckdb.DuckDBPyRelation:
    """`row, question, answer, specialty` of the rows that no threshold drops."""
    con = session.con
    rows.create("raw")
    for side in ("question", "answer"):
        clean_texts(con.sql(f"SELECT id, {side}_raw AS text FROM raw"), params.clean).create(f"{side}s")
    questions = con.sql("SELECT id, text FROM questions")
    identify_language(con, questions, ask=with_langdetect).create("languages")
    keyed = con.sql("SELECT id, key, 0 AS preference FROM questions")  # of a cluster the first row stays, as with the rivals
    find_clusters(con, keyed, params.duplicates).create("clusters")
    tagged = con.sql(f"""
        SELECT raw.id AS row, q.text AS question, a.text AS answer, raw.specialty, language, arabic_share, is_representative,
               NULL::VARCHAR AS dialect, {letters("q.text")} AS question_letters, {letters("a.text")} AS answer_letters
        FROM raw JOIN questions q USING (id) JOIN answers a USING (id) JOIN languages USING (id) JOIN clusters USING (id)""")
    reasons = [reason for reason in REASONS if with_langdetect or reason != "other_language"]
    drops = [threshold.condition for threshold in thresholds(params.select) if threshold.reason in reasons]
    return tagged.filter(" AND ".join(f"NOT coalesce({drop}, false)" for drop in drops)).project("row, question, answer, specialty")


def main() -> None:
    """One process, from reading to writing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("input", type=Path)
    parser.add_argument("parquet", type=Path)
    parser.add_argument("--without-langdetect", action="store_true")
    asked = parser.parse_args()
    params = load_params()
    with open_session(params.engine) as session:
        rows = kept(session, read(session, asked.input), params, not asked.without_langdetect)
        write_parquet(rows, asked.parquet, "row")


if __name__ == "__main__":
    main()
