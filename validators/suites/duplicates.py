"""duplicates: that clusters are clusters, each with the one member that represents it."""

from curation.params import Params
from validators.checks import CRITICAL, Check, Suite, one_of, required, table_checks
from validators.conditions import holds

KINDS = ("exact", "near")
SIDES = ("cluster_id", "answer_cluster_id", "pair_cluster_id")
NOT_ONE_REPRESENTATIVE = """SELECT record_id FROM {batch} JOIN (
        SELECT cluster_id FROM {batch} GROUP BY cluster_id HAVING count(*) FILTER (is_representative) <> 1
    ) AS torn USING (cluster_id)"""


def suite(params: Params) -> Suite:
    return Suite(
        "duplicates",
        "FROM duplicates",
        "`dvc repro --force duplicates`; where it comes back, curation/duplicates is at fault.",
        (
            *table_checks(min_rows=1),
            *required(
                {
                    "cluster_id": "splits are made of clusters",
                    "is_representative": "selection goes by it",
                    "pair_cluster_id": "selection goes by it",
                }
            ),
            Check("duplicate_kind_vocabulary", CRITICAL, one_of("duplicate_kind", KINDS), "exact, near, or null for a text of its own"),
            Check("answer_duplicate_kind_vocabulary", CRITICAL, one_of("answer_duplicate_kind", KINDS), "the same of answers"),
            *(Check(f"{side}_is_a_member", CRITICAL, _led_by_no_member(side), "a cluster is named by one of its own") for side in SIDES),
            Check("one_representative", CRITICAL, NOT_ONE_REPRESENTATIVE, "of each asking one record stays"),
            Check(
                "representative_names_it",
                CRITICAL,
                holds("is_representative = (record_id = cluster_id)"),
                "the record that stays is the one that the others point to",
            ),
        ),
        files=("duplicates",),
    )


def _led_by_no_member(side: str) -> str:
    """The records whose cluster is named by no record, or by one of another cluster."""
    return f"""SELECT b.record_id FROM {{batch}} AS b LEFT JOIN {{batch}} AS lead ON b.{side} = lead.record_id
        WHERE b.{side} IS NOT NULL AND lead.{side} IS DISTINCT FROM b.{side}"""
