"""built: the dataset's folder as it was written, row by row what passed the gate, and nothing that may not go out."""

from collections.abc import Sequence

from curation.params import Params
from curation.schema import DIALECT_LABELS, SEVERITIES, SPLITS
from curation.text.compiler import literal
from validators import conditions as sql
from validators.checks import CRITICAL, Check, Suite, one_of, required, table_checks
from validators.conditions import holds, one_row_in
from validators.suites.scored import P_DIALECT, P_SEVERITY

PUBLISHED = "published"  # the rows of the folder's data/*.parquet with their `split`; where it has none, of annotations/*.parquet
PUBLISHABLE = "publishable"  # `record_id` of the rows that the terms of their sources let stand there
ANNOTATED, ANNOTATABLE = "annotated", "annotatable"  # the same of annotations/*.parquet; both empty where there is none
WRONG_COLUMNS = "wrong_columns"  # `check, place`: columns of another type than in the hand-overs, and texts among the annotations
SPLIT_CHANGED = "SELECT record_id FROM {batch} AS b JOIN split AS s USING (record_id) WHERE b.split IS DISTINCT FROM s.split"


def suite(params: Params, columns: Sequence[str], folder: str) -> Suite:
    """`columns` are those that the folder shares with the hand-over `selected`, record_id aside."""
    as_hashes = f"record_id, hash({', '.join(columns)}) AS h"
    changed = f"""SELECT record_id FROM (SELECT {as_hashes} FROM {{batch}}) AS b
        JOIN (SELECT {as_hashes} FROM selected) AS s USING (record_id) WHERE b.h <> s.h"""
    sums = f"({P_DIALECT[0]} IS NULL OR ({sql.sums_to_one(P_DIALECT)})) AND {sql.sums_to_one(P_SEVERITY)}"
    needed = {"source": "a row without source has no licence", "severity": "every question has one", "split": "it is named by its file"}
    if "question" in columns:
        needed["question"] = "a record is a question"
    return Suite(
        "built",
        f"FROM {PUBLISHED}",
        "`dvc repro --force build`; where it comes back, curation/stages/build.py or curation/publishing is at fault.",
        (
            *table_checks(min_rows=1),
            *required(needed),
            Check("types", CRITICAL, _wrong("types"), "a column has another type than the hand-over it comes from"),
            Check("dialect_vocabulary", CRITICAL, one_of("dialect", DIALECT_LABELS), "a dialect that no reader of the card knows"),
            Check("severity_vocabulary", CRITICAL, one_of("severity", SEVERITIES), "three classes, no other"),
            Check("split_vocabulary", CRITICAL, one_of("split", SPLITS), "three splits, no other"),
            Check("p_sum", CRITICAL, holds(sums), "the loss weights by them"),
            Check("rows_are_those_allowed", CRITICAL, one_row_in(PUBLISHABLE), "all rows that may go out are there, and no others"),
            Check("rows_unchanged", CRITICAL, changed, "what passed the gate is what is published: its checks hold for these rows alone"),
            Check("split_unchanged", CRITICAL, SPLIT_CHANGED, "a row stands in the file of its split"),
            Check(
                "annotations_are_those_allowed",
                CRITICAL,
                one_row_in(ANNOTATABLE).replace("{batch}", ANNOTATED),
                "all rows whose scores may go out are there, and no others",
            ),
            Check("annotations_hold_no_text", CRITICAL, _wrong("texts"), "of these rows ids and scores may be given on, and no words"),
        ),
        files=(folder,),
    )


def _wrong(check: str) -> str:
    return f"SELECT place FROM {WRONG_COLUMNS} WHERE name = {literal(check)}"
