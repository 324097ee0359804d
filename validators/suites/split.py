"""split: train, validation and test, and that nothing of one stands in another."""

from curation.params import Params
from curation.schema import SPLITS
from validators import conditions as sql
from validators.checks import CRITICAL, WARNING, Check, Suite, expect, one_of, required, table_checks
from validators.conditions import counted_as, in_one_split, one_row_in, shares_apart
from validators.contamination import no_overlap

WITHOUT_A_CLASS = "SELECT split AS place, count(DISTINCT severity) AS observed FROM {batch} GROUP BY split HAVING observed < 3"


def suite(params: Params) -> Suite:
    limits = params.validate_
    sizes = {name: expect("ColumnSumToBeBetween", column=f"is_{name}", min_value=limits.min_rows_per_split) for name in SPLITS}
    leak = "the same in train and test makes every score too good"
    apart = "validation and test have to look like the whole, or a score on them says nothing of it"
    return Suite(
        "split",
        f"""SELECT record_id, split, cluster_id, question_key, severity, dialect, {sql.flags("split", SPLITS)}
            FROM split LEFT JOIN selected USING (record_id)""",
        "Too few rows: add data or change `split` in params.yaml. A leak: compare `split` with `validate` there.",
        (
            *table_checks(min_rows=1),
            Check("one_row_in_selected", CRITICAL, one_row_in("selected"), "each selected record has one split"),
            *required({"split": "a record outside every split is lost", "cluster_id": "leaks are found by it"}),
            Check("split_vocabulary", CRITICAL, one_of("split", SPLITS), "three splits, no other"),
            Check(
                "counts_add_up",
                CRITICAL,
                counted_as("split", {name: f"SELECT count(*) FROM split WHERE split = '{name}'" for name in SPLITS}),
                "the file holds what `split` counted",
                "`dvc repro --force split`.",
            ),
            Check("cluster_in_one_split", CRITICAL, in_one_split("cluster_id"), leak),
            Check("question_in_one_split", CRITICAL, in_one_split("question_key"), leak),
            *no_overlap(),
            *(Check(f"rows_of_{name}", CRITICAL, size, "too few to train or to score on") for name, size in sizes.items()),
            Check("split_shares", WARNING, _shares(params), "the splits are not of the sizes that `split` in params.yaml asks for"),
            Check("severities_in_splits", WARNING, WITHOUT_A_CLASS, "a class that is missing cannot be scored"),
            Check("severity_balance", WARNING, shares_apart("severity", "split", limits.max_share_apart), apart),
            Check("dialect_balance", WARNING, shares_apart("dialect", "split", limits.max_share_apart), apart),
        ),
        files=("split",),
    )


def _shares(params: Params) -> str:
    """The splits whose share of the rows is further from what was asked for than `validate.max_share_apart`."""
    asked = {"validation": params.split.validation, "test": params.split.test}
    asked["train"] = 1 - sum(asked.values())
    rows = ", ".join(f"('{name}', {share})" for name, share in asked.items())
    return f"""SELECT place, round(share, 4) AS observed FROM (VALUES {rows}) AS asked(place, wanted)
        JOIN (SELECT split AS place, count(*) / sum(count(*)) OVER () AS share FROM {{batch}} GROUP BY split) USING (place)
        WHERE abs(share - wanted) > {params.validate_.max_share_apart}"""
