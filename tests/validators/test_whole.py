"""Faults of whole tables, and that no check is left which no test has seen fail; and how severe each is."""

import re

# Where each class, split or score has a check of its own, one of them is planted.
FAMILY = re.compile(r"^(selected/share_of_|selected/enough_|split/rows_of_|quality/question_)(?!dialect$|letters)\w+?((?:_not_null)?)$")
NOT_CRITICAL = {
    "ingested/asked_at_plausible": "warning",
    "cleaned/question_clean_twice": "warning",
    "cleaned/answer_clean_twice": "warning",
    "selected/question_is_not_answer": "warning",
    "selected/median_question_letters": "warning",
    "selected/median_answer_letters": "warning",
    "selected/share_of_*": "warning",
    "selected/enough_*": "warning",
    "selected/dialects": "warning",
    "selected/question_has_no_name": "warning",
    "selected/answer_has_no_name": "warning",
    "selected/question_msa_has_no_name": "warning",
    "selected/share_with_dialect": "info",
    "split/split_shares": "warning",
    "split/severities_in_splits": "warning",
    "split/severity_balance": "warning",
    "split/dialect_balance": "warning",
    "drift/drift_of_*": "warning",
    "drift/held_out_stays_out": "warning",
    "drift/released_records_kept": "warning",
    "drift/no_released_version": "info",
}
CANNOT_FAIL = {"drift/no_released_version"}  # it says that there is nothing to compare with


def family(name):
    return re.sub(r"^drift/drift_of_\w+$", "drift/drift_of_*", FAMILY.sub(r"\1*\2", name))


def failed(checks):
    return {name for name, check in checks.items() if not check["success"]}


def test_faults_of_whole_tables_are_caught_with_their_places(spoilt):
    report, expected = spoilt
    caught = {name: report.checks[name]["places"] for name in expected if not report.checks[name]["success"]}
    assert caught == expected


def test_every_check_has_been_seen_to_fail(faults, spoilt, moved, nothing, all_suites):
    seen = set().union(*(failed(checks) for checks in (faults[0].checks, spoilt[0].checks, moved[0].checks, nothing.empty, nothing.null)))
    every = {f"{suite.name}/{check.name}" for suite in all_suites for check in suite.checks} | set(moved[0].checks)
    assert {family(name) for name in every} - {family(name) for name in seen} == CANNOT_FAIL


def test_what_closes_the_gate(faults, moved):
    checks = {**faults[0].checks, **moved[0].checks}
    assert {family(n): c["severity"] for n, c in checks.items() if c["severity"] != "critical"} == NOT_CRITICAL
