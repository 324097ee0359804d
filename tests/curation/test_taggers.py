"""Dialect: what the word lists say of sentences that no list holds whole; and whether the lists are sound."""

import pytest

from curation import identify_dialect
from curation.lexicons import load
from curation.schema import DIALECTS, SEVERITIES

SENTENCES = [
    ("EGY", "عايز اعرف ايه الدوا ده وباخده ازاي دلوقتي"),
    ("LEV", "شو لازم اعمل هلق لاني كتير تعبانة وما عم نام"),
    ("GLF", "ابغى اعرف وش السبب لان ولدي الحين تعبان مره"),
    ("IRQ", "شنو العلاج هسه اكو علاج لو ماكو"),
    ("MGR", "واش كاين شي دوا بزاف عليا ديال المعدة دابا"),
    ("MSA", "أعاني منذ أسبوعين من ألم في المعدة، فما هو العلاج الذي تنصحون به؟"),
    ("arabizi", "ana 3andi waga3 fe batni mn embare7 w msh 3aref a3mel eh"),
]


@pytest.mark.parametrize(("dialect", "text"), SENTENCES, ids=[d for d, _ in SENTENCES])
def test_marked_sentences(dialect: str, text: str) -> None:
    (row,) = identify_dialect([text]).to_pylist()
    assert row["dialect"] == dialect
    assert row["evidence"] or dialect == "arabizi"


def test_probabilities_sum_to_one_and_unmarked_text_is_no_certainty() -> None:
    rows = identify_dialect([text for _, text in SENTENCES] + ["صداع"]).to_pylist()
    for row in rows:
        assert sum(row[f"p_{d.lower()}"] for d in DIALECTS) == pytest.approx(1, abs=1e-5)
    assert rows[-1]["p_msa"] < 0.6


def test_other_languages_and_nulls_have_no_dialect() -> None:
    rows = identify_dialect(["I have had a headache since yesterday and nothing helps me", None, "😀"]).to_pylist()
    assert [row["dialect"] for row in rows] == [None, None, None]


def test_lexicons_are_sound() -> None:
    assert {row["dialect"] for row in load("dialect_words")} == set(DIALECTS) - {"arabizi"}
    assert {row["level"] for row in (*load("severity_cues"), *load("severity_combinations"))} == set(SEVERITIES)
    assert not any(c.isdigit() for row in load("msa_words") for c in row["form"] + row["msa"])
    for name, keys in (
        ("dialect_words", ("form", "dialect")),
        ("msa_words", ("dialect", "form", "part_of_speech", "condition")),
        ("severity_cues", ("phrase",)),
    ):
        seen = [tuple(row[k] for k in keys) for row in load(name)]
        assert len(seen) == len(set(seen)), name
