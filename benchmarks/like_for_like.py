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
from curation.text.cleaning import clean_columns
from curation.text.compiler import projected
from curation.text.language import ask_langdetect, language_chain
from curation.text.letters import letters

# Reasons of select that need nothing but texts, language and clusters.
ROWS, GROUP = "rows.parquet", 8_192
LANGUAGES = ("other_language", "little_arabic")
REASONS = ("question_too_short", "question_too_long", "no_answer", "answer_too_short", "duplicate", *LANGUAGES)


def read(session: Session, path: Path) -> duckdb.DuckDBPyRelation:
    """`id, question_raw, answer_raw, specialty`, from a file with a row group for each thread and more: threads share out row groups."""
    if path.suffix == ".parquet":
        rows = session.con.read_parquet(str(path)).project("record_id AS id, question_raw, answer_raw, specialty")
    else:
        csv = f"read_csv('{path}', header = true, all_varchar = true)"
        rows = session.con.sql(f"""
            SELECT printf('%09d', row_number() OVER () - 1) AS id, q_body AS question_raw, a_body AS answer_raw, category AS specialty
            FROM {csv}""")
    rows.write_parquet(ROWS, compression="uncompressed", row_group_size=GROUP)
    return session.con.read_parquet(ROWS)


def kept(session: Session, rows: duckdb.DuckDBPyRelation, params: Params, with_langdetect: bool = True) -> duckdb.DuckDBPyRelation:
    """`row, question, answer, specialty` of the rows that no threshold drops."""
    con = session.con
    both = clean_columns(
        rows.project("id, specialty, question_raw AS question, answer_raw AS answer"), ("question", "answer"), params.clean
    )
    chain = language_chain("question", with_langdetect)
    counted = f"* EXCLUDE (answer_key), {letters('question')} AS question_letters, {letters('answer')} AS answer_letters"
    ask_langdetect(con)
    projected(both, [*chain, counted]).create("cleaned")
    keyed = con.sql("SELECT id, question_key AS key, 0 AS preference FROM cleaned")  # the first row of a cluster stays, as with the rivals
    find_clusters(con, keyed, params.duplicates).create("clusters")
    tagged = con.sql("SELECT *, id AS row, NULL::VARCHAR AS dialect FROM cleaned JOIN clusters USING (id)")
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
