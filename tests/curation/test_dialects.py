"""Which dialect: the table of weights, the labels made of it, what is learnt and what is not."""

from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation import identify_dialect
from curation.api import DIALECT
from curation.dialect import learning
from curation.dialect.rates import learnt
from curation.dialect.tagger import WEIGHTS, hand_weights, identify, varieties, weights_of
from curation.engine import write_table
from curation.errors import TibyanError
from curation.lexicons import load
from curation.schema import ARABIC_DIALECTS, DIALECTS, MIXED, SPOKEN, UNKNOWN

SENTENCES = [  # (dialect, variety, text, why)
    ("EGY", None, "بقالي يومين عندي مغص جامد ومش عارفة آكل حاجة، أعمل إيه", "plain Egyptian"),
    ("EGY", "Sudanese", "الشافع بتاعي طوالي ببكي وما داير ياكل، لي شنو كده يا دكتور", "counted to the Nile"),
    ("LEV", None, "صرلي جمعة بطني عم يوجعني وما بعرف شو بدي آكل", "plain Levantine"),
    ("GLF", None, "ولدي من أمس حرارته مرتفعة ومب راضي ياكل شي، وش أسوي له", "plain Gulf"),
    ("GLF", "Yemeni", "اشتي علاج للمعدة، ذلحين يومين وانا ما اقدر آكل", "counted to the Gulf"),
    ("IRQ", None, "هسه صارلي يومين بطني توجعني هواية وماكو فايدة بالدوا، شسوي", "plain Iraqi"),
    ("MGR", "Moroccan", "دابا هادي سيمانة وأنا كنحس بالدوخة بزاف، واش هادشي خطير", "ka-prefix, daba"),
    ("MGR", "Algerian", "راني نعاني من المعدة ودرك ماكاش حتى دوا نفعني", "rani, dork"),
    ("MGR", "Tunisian", "راسي يوجع فيا برشا وما نجمش نرقد، شنوا نعمل يعيشك", "barsha, nnajjem"),
    ("MGR", "Libyan", "راسي يوجع فيا هلبا من امس، شني ندير", "halba"),
    ("MSA", None, "أعاني منذ شهرين من آلام في أسفل الظهر تزداد عند الجلوس، فهل أحتاج إلى أشعة؟", "plain MSA"),
    (MIXED, None, "شو هاد ليه مش عارف اعمل ايه هلق بدي حل دلوقتي", "Levantine and Egyptian, word by word"),
    (UNKNOWN, None, "حبوب الوجه", "two words that all have"),
]


@pytest.mark.parametrize(("dialect", "variety", "text", "why"), SENTENCES, ids=[f"{d} {w}" for d, _, _, w in SENTENCES])
def test_sentences(dialect: str, variety: str | None, text: str, why: str) -> None:
    (row,) = identify_dialect([text]).to_pylist()
    assert (row["dialect"], row["dialect_variety"]) == (dialect, variety), row


def test_a_variety_is_of_the_dialect_that_was_found_and_of_no_other() -> None:
    texts = ["شو هاد، هلق بدي حل لهالشي وعم حس فيه برشا", "راسي يوجع فيا برشا ودابا كنحس بالدوخة بزاف"]
    assert identify_dialect(texts)["dialect_variety"].to_pylist() == [None, None]


def test_evidence_names_the_strongest_words_first_with_their_weights() -> None:
    (row,) = identify_dialect(["دلوقتي عايز اعرف ايه الدوا ده"]).to_pylist()
    shown = [float(of.rpartition("+")[2]) for of in row["evidence"]]
    assert row["dialect"] == "EGY" and shown == sorted(shown, reverse=True) and any(of.startswith("دلوقتي ") for of in row["evidence"])


ANYTHING = [*(text for *_, text, _ in SENTENCES), "", "صداع", "the baby has a fever and does not eat", "😀"]


@cache
def alone(text: str) -> dict[str, Any]:
    row: dict[str, Any] = identify_dialect([text]).to_pylist()[0]
    return row


@settings(max_examples=10, deadline=None)
@given(st.lists(st.sampled_from(ANYTHING), max_size=9))
def test_a_text_is_scored_alone(texts: list[str]) -> None:
    """Whatever stands beside it, and however often."""
    assert identify_dialect(texts).to_pylist() == [alone(text) for text in texts]


def test_temperature_flattens_and_confidence_makes_unknown() -> None:
    text = ["صرلي جمعة بطني عم يوجعني"]
    (sharp,), (flat,) = (identify_dialect(text, DIALECT.model_copy(update={"temperature": t})).to_pylist() for t in (1.0, 5.0))
    assert flat["p_lev"] < sharp["p_lev"] and flat["dialect"] in ("LEV", UNKNOWN)
    (sure,) = identify_dialect(text, DIALECT.model_copy(update={"min_confidence": 1.0})).to_pylist()
    assert sure["dialect"] == UNKNOWN and sure["p_lev"] == sharp["p_lev"]


def test_the_table_that_ships() -> None:
    table = pq.read_table(WEIGHTS)
    keys = table["phrase_key"].to_pylist()
    assert keys[0] == "" and len(set(keys)) == len(keys) and WEIGHTS.stat().st_size < 3e6
    assert max(key.count(" ") for key in keys) < 8, "a phrase, never a sentence"
    assert {key for key, _ in hand_weights()} <= set(keys), "learn it again: `python -m benchmarks.dialect_identification --learn`"
    topics = {row["form"] for row in load("dialect_topics")} - {key for key, _ in hand_weights()}
    assert not topics & set(keys)


def test_varieties_belong_to_one_dialect() -> None:
    of = {}
    for variety, dialect in varieties().values():
        assert dialect in SPOKEN and of.setdefault(variety, dialect) == dialect
    assert set(of) == {"Sudanese", "Yemeni", "Tunisian", "Algerian", "Moroccan", "Libyan"}


def corpora(rows: list[tuple[str, str, str]]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(learning.LABELLED.names, row, strict=True)) for row in rows], learning.LABELLED)


FILLERS = ("ورد", "شجر", "بحر", "جبل", "نهر", "طريق")
# Three corpora of each class; a topic of one corpus, a mark of a class in all, and a word that all have.
INVENTED = [
    (f"{mark} {topic if corpus.endswith('1') else 'قمر'} بيت {FILLERS[i % len(FILLERS)]}", dialect, corpus)
    for dialect, mark, topic in (("EGY", "طاخم", "زاهر"), ("LEV", "شاقور", "ناهد"), ("MSA", "لطالما", "باهر"))
    for corpus in (f"{dialect}1", f"{dialect}2", f"{dialect}3")
    for i in range(40)
]


def test_a_mark_is_learnt_and_the_topic_of_one_corpus_is_not() -> None:
    with duckdb.connect() as con:
        given_ = corpora(INVENTED)
        phrases = learning.vocabulary(con, given_)
        found = learning.look(con, given_, phrases)
        weights = learnt(found, np.ones(len(given_), bool), len(phrases))
    at = {phrase: weights[i] for i, phrase in enumerate(phrases)}
    for mark, dialect in (("طاخم", "EGY"), ("شاقور", "LEV"), ("لطالما", "MSA")):
        assert at[mark].argmax() == ARABIC_DIALECTS.index(dialect) and at[mark].max() > 10 * np.abs(at["بيت"]).max()
    assert "زاهر" not in at, "one corpus alone has it"


def test_learning_is_the_same_again_and_its_table_is_read(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        first, second = (learning.learn(con, corpora(INVENTED)) for _ in range(2))
    assert first.equals(second)
    write_table(first, tmp_path / "mine.parquet")
    own = DIALECT.model_copy(update={"weights": str(tmp_path / "mine.parquet")})
    (row,) = identify_dialect(["طاخم قمر ورد"], own).to_pylist()
    assert row["p_egy"] > 2 * row["p_lev"] and row["evidence"][0].startswith("طاخم ")


def test_a_table_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "cut.parquet").write_bytes(WEIGHTS.read_bytes()[:1000])
    pq.write_table(pq.read_table(WEIGHTS).slice(1), tmp_path / "no_bias.parquet")
    pq.write_table(pa.table({"word": ["a"]}), tmp_path / "other.parquet")
    for name in ("cut", "no_bias", "other", "absent"):
        with pytest.raises(TibyanError, match=rf"{name}\.parquet: .*curation\.dialect\.learning"):
            weights_of(str(tmp_path / f"{name}.parquet"))


def test_corpora_with_a_class_that_is_none() -> None:
    with duckdb.connect() as con, pytest.raises(TibyanError, match="dialect Egyptian: none of MSA, EGY"):
        learning.learn(con, corpora([*INVENTED, ("اي نص", "Egyptian", "x")]))


def test_threads_change_nothing() -> None:
    texts = [text for *_, text, _ in SENTENCES] * 50
    rows = pa.table({"id": range(len(texts)), "key": texts, "language": ["ar"] * len(texts)})
    found = []
    for threads in (1, 3):
        with duckdb.connect(config={"threads": threads}) as con:
            found.append(identify(con, con.from_arrow(rows), DIALECT).order("id").to_arrow_table())
    assert found[0].equals(found[1])
    sums = sum((found[0][f"p_{name.lower()}"].to_numpy() for name in DIALECTS), np.zeros(len(texts)))
    assert np.allclose(sums, 1) and not pc.any(pc.is_null(found[0]["dialect"])).as_py()
