"""Drift: the measures against scipy and by hand, a version that moved, one that did not, and none."""

import json
import math

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon

from curation.drift import COLUMNS, counts_by_bin, jensen_shannon, population_stability, released_rows
from curation.errors import TibyanError
from curation.schema import DRIFTING

COUNTS = st.dictionaries(st.sampled_from("abcdefg"), st.integers(1, 10_000), min_size=1)


@given(COUNTS, COUNTS)
def test_jensen_shannon_is_scipys(before, now):
    bins = sorted({*before, *now})
    theirs = jensenshannon(*([counts.get(b, 0) for b in bins] for counts in (before, now)), base=2)
    assert jensen_shannon(before, now) == pytest.approx(0 if math.isnan(theirs) else theirs**2, abs=1e-6)


@given(COUNTS, COUNTS)
def test_population_stability_is_symmetric_and_nothing_only_where_shares_agree(before, now):
    psi = population_stability(before, now)
    assert psi >= 0 and psi == pytest.approx(population_stability(now, before), abs=1e-6)
    assert population_stability(before, before) == 0


@pytest.mark.parametrize(
    ("before", "now", "psi", "why"),
    [
        ({"a": 9_999_500, "b": 9_999_500}, {"a": 9_999_500, "b": 9_999_500}, 0.0, "nothing moved"),
        ({"a": 500_000, "b": 500_000}, {"a": 600_000, "b": 400_000}, 0.2 * math.log(1.5) / 2, "(0.1 ln 1.2) - (0.1 ln 0.8)"),
        ({"a": 90, "b": 10}, {"a": 10, "b": 90}, 2 * (80 / 101) * math.log(90.5 / 10.5), "half a row in each bin"),
        ({"a": 100}, {"b": 100}, 2 * (100 / 101) * math.log(100.5 / 0.5), "an empty bin is no infinity"),
    ],
)
def test_population_stability_by_hand(before, now, psi, why):
    expected = 0.1 * math.log(1.2) - 0.1 * math.log(0.8) if "ln 1.2" in why else psi
    assert population_stability(before, now) == pytest.approx(expected, abs=1e-5), why


def test_numbers_fall_into_the_tenths_of_the_earlier_version(con):
    con.execute("CREATE TABLE before AS SELECT i::DOUBLE AS arabic_share FROM range(1000) t(i)")
    con.execute("CREATE TABLE now AS SELECT (i + 500)::DOUBLE AS arabic_share FROM range(1000) t(i) UNION ALL SELECT NULL")
    before, now = counts_by_bin(con, "before", "now")["arabic_share"]
    assert sorted(before.values()) == pytest.approx([100] * 10, abs=1) and "null" not in before
    assert now["null"] == 1 and now["9"] == pytest.approx(600, abs=1) and sum(now.values()) == 1001


def test_one_value_alone_is_one_bin(con):
    con.execute("CREATE TABLE before AS SELECT 1.0::DOUBLE AS arabic_share FROM range(50)")
    assert counts_by_bin(con, "before", "before")["arabic_share"] == ({"0": 50}, {"0": 50})


def test_a_version_that_moved_warns_for_each_column(moved):
    report, folder = moved
    failed = {name: check for name, check in report.checks.items() if not check["success"]}
    assert set(failed) == {*(f"drift/drift_of_{name}" for name in COLUMNS), "drift/held_out_stays_out", "drift/released_records_kept"}
    assert all(check["severity"] == "warning" for check in failed.values())
    assert failed["drift/held_out_stays_out"]["records"] == 96 and failed["drift/held_out_stays_out"]["record_ids"][0] == "r000002"
    assert failed["drift/released_records_kept"]["observed"] == 0.8
    metrics = json.loads((folder / "reports/metrics/drift.json").read_text())
    assert (metrics["rows"], metrics["records"]) == ({"released": 150, "now": 120}, {"kept": 120, "gone": 30, "new": 0})
    assert metrics["columns"]["source"]["jensen_shannon"] == 1 and metrics["columns"]["dialect"]["psi"] > 5
    assert failed["drift/drift_of_dialect"]["observed"] == metrics["columns"]["dialect"]["psi"]


def test_the_same_version_again_passes_from_either_layout(hand_overs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = hand_overs.good()
    joined = {row["record_id"]: row for row in hand_overs.join_selected(rows)}
    for split in ("train", "validation", "test"):  # as the Hub names files, without the columns of letters
        ids = [row["record_id"] for row in rows["split"] if row["split"] == split]
        kept = [{k: v for k, v in joined[i].items() if not k.endswith("_letters") and k != "arabic_share"} for i in ids]
        path = tmp_path / f"released/data/{split}-00000-of-00001.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(kept), path)
    report = hand_overs.validate(rows, tmp_path, released=str(tmp_path / "released"))
    assert [name for name, check in report.checks.items() if not check["success"]] == []
    columns = json.loads((tmp_path / "reports/metrics/drift.json").read_text())["columns"]
    assert set(columns) == set(COLUMNS) - {"arabic_share"} and {c["psi"] for c in columns.values()} == {0.0}
    assert columns["question_letters"] == {"psi": 0.0, "jensen_shannon": 0.0}


def test_no_released_version_says_so_and_passes(hand_overs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    checks = hand_overs.validate(hand_overs.good(30), tmp_path).checks
    assert [name for name in checks if name.startswith("drift/")] == ["drift/no_released_version"]
    assert checks["drift/no_released_version"]["success"] and "names no version" in checks["drift/no_released_version"]["reason"]


def test_a_folder_that_is_no_version_is_one_sentence(tmp_path):
    with pytest.raises(TibyanError, match=r"holds no data/\*\.parquet of a released version\. Name its folder in validate\.released"):
        released_rows(tmp_path)


def test_every_column_that_drifts_can_be_read():
    assert tuple(COLUMNS) == DRIFTING


def test_half_a_row_keeps_small_counts_finite():
    assert np.isfinite(population_stability({"a": 1}, {"b": 1}))
