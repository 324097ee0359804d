"""Near-duplicates of questions, answers and pairs: against brute force, whatever the order and the threads, each rule by example."""

import random
import re
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curation import find_duplicates
from curation.api import DUPLICATES
from curation.duplicates import find_clusters
from curation.duplicates.clusters import near
from curation.duplicates.components import join, settle
from curation.duplicates.keys import Keys, keys_of
from curation.duplicates.shingles import mixed
from curation.duplicates.similarity import Shingles, likeness
from curation.duplicates.sketches import Sketches
from curation.engine import METRICS, open_session
from curation.params import DuplicatesParams, Params, SelectParams
from curation.schema import HAND_OVERS, SCORES
from curation.selection import thresholds
from curation.stages import duplicates
from curation.text.phrases import fold

BASE = "عندي ألم شديد في أسفل الظهر من أسبوعين ويزيد مع الجلوس الطويل واستعملت مسكنات بدون فائدة"
OTHER = "سؤال آخر تماما عن تساقط الشعر بعد الولادة وهل له علاقة بنقص الحديد أو الغدة"
CONTAINMENT = DUPLICATES.model_copy(update={"measure": "containment"})


def clusters(texts: list[str], params: DuplicatesParams = DUPLICATES) -> list[int]:
    """As in a notebook: folding included."""
    return [int(c) for c in find_duplicates(texts, params)["cluster_id"].to_pylist()]


EXAMPLES = [
    ("spelling", BASE, BASE.replace("ألم", "الم").replace("أسفل", "اسفل") + "!!", True),
    ("stretched letters and vowel signs", BASE, BASE.replace("شديد", "شدييييد").replace("ظهر", "ظَهْر"), True),
    ("a slip of the finger", BASE, BASE.replace("الجلوس", "الجولس"), True),
    ("a greeting before, thanks after", BASE, "يا دكتور " + BASE + " وشكرا", True),
    ("another asking", BASE, OTHER, False),
    ("another dose", "اخد كونكور 5 ملغ الصبح والضغط لسه عالي", "اخد كونكور 10 ملغ الصبح والضغط لسه عالي", False),
    ("another point", "جرعة الدواء 2.5 ملغ كل يوم قبل النوم مباشرة", "جرعة الدواء 25 ملغ كل يوم قبل النوم مباشرة", False),
    ("another pressure", "قياس الضغط عند والدي 140/90 هل يحتاج علاج", "قياس الضغط عند والدي 140/95 هل يحتاج علاج", False),
    ("another age", "بنتي عمرها 3 سنين وعندها كحة بالليل وحرارة", "بنتي عمرها 9 سنين وعندها كحة بالليل وحرارة", False),
    ("numbers in another order", "السكر 120 صايم و 180 فاطر هل هذا طبيعي", "السكر 180 فاطر و 120 صايم هل هذا طبيعي", True),
    ("the same number in other digits", "عمري 35 سنة وعندي دوخة من امبارح", "عمري ٣٥ سنة وعندي دوخة من امبارح", True),
    ("short, a letter dropped", "ايه علاج الكحة الناشفة", "ايه علاج الكحه الناشف", True),
    ("short, another organ", "ايه علاج التهاب الاذن", "ايه علاج التهاب اللثة", False),
    ("two letters against three", "كم", "كما", False),
]


@pytest.mark.parametrize(("one", "other", "same"), [e[1:] for e in EXAMPLES], ids=[e[0] for e in EXAMPLES])
def test_examples(one: str, other: str, same: bool) -> None:
    assert (clusters([one, other]) == [0, 0]) is same


def test_numbers_are_words_like_others_where_params_say_so() -> None:
    doses = ["اخد كونكور 5 ملغ الصبح والضغط لسه عالي", "اخد كونكور 7 ملغ الصبح والضغط لسه عالي"]
    assert clusters(doses) == [0, 1]
    assert clusters(doses, DUPLICATES.model_copy(update={"numbers": "same"})) == [0, 0]


def test_nulls_and_empty_texts_stand_alone() -> None:
    assert find_duplicates([None, None, "", "😀"])["is_representative"].to_pylist() == [True] * 4
    assert len(find_duplicates([])) == 0


QUOTED = BASE + " والدكتور قال لي انزلاق غضروفي بسيط ولم يصف غير الراحة"
QUOTING = [f"{QUOTED} وسؤالي الآن {OTHER}", f"قرأت لمريض كتب: {QUOTED}. وأنا مثله لكني {OTHER}"]


@pytest.mark.parametrize("longer", QUOTING)
def test_a_question_quoted_in_a_longer_one(longer: str) -> None:
    assert clusters([QUOTED, longer]) == [0, 1]
    assert clusters([QUOTED, longer], CONTAINMENT) == [0, 0]
    assert clusters([QUOTED + " من 3 شهور", longer], CONTAINMENT) == [0, 1], "a number that the longer one lacks"
    assert clusters([QUOTED, longer + " عمري 40"], CONTAINMENT) == [0, 0], "a number of the longer one's own"


def test_what_is_short_is_contained_in_nothing() -> None:
    longer = "عندي صداع من يومين مع غثيان وزغللة في العين وما نفع معي البنادول ولا النوم في غرفة مظلمة"
    assert clusters(["عندي صداع من يومين مع غثيان", longer], CONTAINMENT) == [0, 1]


def shingles(text: str, short: bool) -> set[str]:
    width = DUPLICATES.short_characters if short else DUPLICATES.characters
    runs = {text[i : i + width] for i in range(len(text) - width + 1)}
    return runs if short else runs | {f"word {word}" for word in text.split(" ")}


def alike(keys: list[str]) -> list[tuple[int, int]]:
    """Every pair of rows that is to be one cluster, by Python's own sets."""
    numbers = [sorted(re.findall(r"[0-9][0-9./]*", key)) for key in keys]
    sets = {short: [shingles(key, short) for key in keys] for short in (False, True)}
    pairs = []
    for a in range(len(keys)):
        for b in range(a):
            short = min(len(keys[a]), len(keys[b])) <= DUPLICATES.short
            one, other = sets[short][a], sets[short][b]
            threshold = DUPLICATES.short_threshold if short else DUPLICATES.threshold
            if numbers[a] == numbers[b] and len(one & other) >= threshold * len(one | other):
                pairs.append((b, a))
    return pairs


ORGANS = ["ظهر", "بطن", "رأس", "ركبة", "معدة", "عين", "أذن", "أسنان", "جلد"]
SIGNS = ["ألم", "صداع", "حرارة", "كحة", "دوخة", "حكة", "تنميل", "حامل", "دواء", "تحليل", "أشعة", "5", "12", "2.5"]


def noisy_copies(seed: int, askings: int, words: int) -> list[str]:
    """Of each asking three copies, each with up to three slips of the finger in its words."""
    rng = random.Random(seed)
    texts = []
    for _ in range(askings):
        text = rng.choices(ORGANS + SIGNS, k=rng.randint(max(words // 3, 1), words))
        for _ in range(3):
            copy = list(text)
            for i in rng.choices(range(len(copy)), k=rng.randint(0, 3)):
                at = rng.randrange(len(copy[i]) + 1)
                copy[i] = copy[i] if copy[i][0].isdigit() else copy[i][:at] + rng.choice("بتسي") + copy[i][at:]
            texts.append(" ".join(copy))
    return texts


@pytest.mark.parametrize(("seed", "words"), [(5, 40), (6, 20), (7, 10)])
def test_clusters_are_the_components_of_every_pair_at_the_threshold(seed: int, words: int) -> None:
    """Texts on both sides of `short`. MinHash may miss one pair in fifty here; it may never join too much."""
    keys = sorted(set(fold(noisy_copies(seed, 90, words))), key=lambda key: (len(key), key.encode()))
    near_ones = np.array(alike(keys)).reshape(-1, 2)
    expected = np.arange(len(keys))
    join(expected, near_ones[:, 0], near_ones[:, 1])
    settle(expected)
    found = near(in_memory(keys), DUPLICATES)
    assert len(near_ones) > 40
    assert (found[near_ones[:, 0]] != found[near_ones[:, 1]]).mean() <= 0.02
    assert np.array_equal(expected[found], expected), "two askings in one cluster"


def in_memory(keys: list[str]) -> Keys:
    columns = {"key": pa.array(keys, pa.string()), "length": pa.array([len(key) for key in keys], pa.int64())}
    table = pa.table(columns | {"row": pa.array(range(len(keys)), pa.int64())})
    chunks = [table.slice(i, 7) for i in range(0, len(keys), 7)]
    return keys_of(pa.concat_tables(chunks) if chunks else table)[0]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("اب 1.😀z", min_size=1, max_size=30), min_size=2, max_size=6, unique=True), st.integers(1, 6), st.integers(0, 3))
def test_likeness_is_that_of_pythons_sets(texts: list[str], characters: int, words: int) -> None:
    texts = sorted({" ".join(text.split()) for text in texts})  # as keys are: blanks between words alone
    keys = in_memory(texts)
    a, b = np.triu_indices(len(texts), 1)
    found = likeness(keys, a, b, Shingles(characters, words))

    def members(text: str) -> set[str]:
        parts = text.split()
        runs = {text[i : i + characters] for i in range(len(text) - characters + 1)}
        return runs | {"w" + " ".join(parts[i : i + words]) for i in range(len(parts) - words + 1 if words else 0)}

    for i, (x, y) in enumerate(zip(a, b, strict=True)):
        one, other = members(texts[x]), members(texts[y])
        assert (found.first[i], found.second[i], found.shared[i]) == (len(one), len(other), len(one & other))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("اب 1.😀z", min_size=1, max_size=40), min_size=2, max_size=8, unique=True), st.integers(1, 6), st.integers(0, 3))
def test_bitmaps_rule_out_no_pair_at_the_threshold(texts: list[str], characters: int, words: int) -> None:
    keys = in_memory(sorted({" ".join(text.split()) or "z" for text in texts}))
    rows, shingles = len(keys.lengths), Shingles(characters, words)
    sketches = Sketches.of_nothing(rows, DUPLICATES)
    sketches.fill(0, keys.block(0, rows), shingles)
    sketches.minima[:] = 0  # as if these agreed: the bitmaps alone decide
    a, b = np.triu_indices(rows, 1)
    jaccard = likeness(keys, a, b, shingles).jaccard
    for threshold in (0.3, 0.7, 1.0):
        assert sketches.promising(a, b, threshold)[jaccard >= threshold].all()


def test_bitmaps_rule_out_what_is_another_asking() -> None:
    keys = in_memory(sorted([BASE, OTHER, QUOTED], key=len))
    sketches = Sketches.of_nothing(3, DUPLICATES)
    sketches.fill(0, keys.block(0, 3), Shingles(DUPLICATES.characters, DUPLICATES.words))
    sketches.minima[:] = 0
    assert not sketches.promising(np.array([0, 0]), np.array([1, 2]), DUPLICATES.threshold).any()


KEYS = st.lists(st.sampled_from(fold([*noisy_copies(8, 12, 14), BASE, BASE + " شكرا", OTHER, "كم الجرعة"])), min_size=1, max_size=25)


def partition(con: duckdb.DuckDBPyConnection, keys: list[str]) -> list[int]:
    """For each key the number of the first that is in its cluster."""
    table = pa.table({"id": [f"{i:03d}" for i in range(len(keys))], "key": keys, "preference": [-i for i in range(len(keys))]})
    return [int(row[1]) for row in find_clusters(con, con.from_arrow(table), DUPLICATES).order("id").fetchall()]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(KEYS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_cluster(con: duckdb.DuckDBPyConnection, keys: list[str], rng: random.Random) -> None:
    order = rng.sample(range(len(keys)), len(keys))
    before, after = partition(con, keys), partition(con, [keys[i] for i in order])
    together = {frozenset(i for i, c in enumerate(before) if c == cluster) for cluster in before}
    assert together == {frozenset(order[i] for i, c in enumerate(after) if c == cluster) for cluster in after}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(KEYS)
def test_a_row_that_is_like_no_other_changes_no_cluster(con: duckdb.DuckDBPyConnection, keys: list[str]) -> None:
    assert partition(con, [*keys, "qwertyuiop zxcvbnm asdfghjkl 987654321"])[:-1] == partition(con, keys)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(KEYS)
def test_the_same_key_is_one_cluster(con: duckdb.DuckDBPyConnection, keys: list[str]) -> None:
    first: dict[str, int] = {}
    assert all(first.setdefault(key, cluster) == cluster for key, cluster in zip(keys, partition(con, keys), strict=True))


def test_an_odd_number_of_hashes_is_a_bijection() -> None:
    """lowbias32 takes no two numbers to one, so that two shingles stay apart when their polynomials do."""
    assert len(np.unique(mixed(np.arange(1 << 16, dtype=np.uint32), 7))) == 1 << 16


def test_components_know_their_lowest_row() -> None:
    roots = np.arange(8)
    join(roots, np.array([6, 5, 4, 2]), np.array([7, 6, 5, 3]))
    join(roots, np.array([7]), np.array([3]))
    settle(roots)
    assert roots.tolist() == [0, 1, 2, 2, 2, 2, 2, 2]


def test_texts_that_are_all_alike_are_compared_with_a_few_neighbours_and_still_connect() -> None:
    """A template filled in 2,000 ways is one dense bucket in every band."""
    rng = random.Random(3)
    letters = [chr(c) for c in range(ord("ا"), ord("ي"))]
    keys = sorted({f"{BASE} {''.join(rng.choices(letters, k=4))} {OTHER}" for _ in range(2_000)}, key=lambda key: (len(key), key.encode()))
    assert (near(in_memory(keys), DUPLICATES) == 0).all()


# The stage.

STOCK = "راجع طبيب العظام مع صورة أشعة للفقرات وخذ راحة من حمل الأوزان حتى موعد الكشف"
ROWS = [  # record_id, question, answer, its score as an advertisement
    ("a1", BASE, "", 0.0),
    ("a2", BASE.replace("أسفل", "اسفل"), "زوروا عيادتنا الجديدة واحصلوا على خصم كبير على كل الأجهزة هذا الشهر فقط", 0.9),
    ("b1", BASE + " يا ريت رد", STOCK, 0.0),
    ("b2", OTHER, STOCK + " إن شاء الله", 0.0),
    ("b3", OTHER + " شكرا", STOCK, 0.0),
    ("b4", OTHER, "افحصي مخزون الحديد والغدة وفيتامين د ثم راجعينا بالنتائج لتحديد العلاج المناسب لك", 0.0),
    ("c1", "ايش الفرق بين البنادول العادي والبنادول نايت", None, 0.0),
    ("c2", "ايش الفرق بين البنادول العادي والبنادول نايت", None, 0.0),
]


KINDS = {"VARCHAR": pa.string(), "DOUBLE": pa.float64(), "BIGINT": pa.int64(), "VARCHAR[]": pa.list_(pa.string())}


def schema(name: str) -> pa.Schema:
    return pa.schema([(column, KINDS[kind]) for column, kind in HAND_OVERS[name].items()])


@pytest.fixture
def cleaned(project: Path) -> Path:
    keys = {text: key for texts in zip(*[row[1:3] for row in ROWS], strict=True) for text, key in zip(texts, fold_all(texts), strict=True)}
    rows = [{"record_id": i, "question": q, "question_key": keys[q], "answer": a, "answer_key": keys[a]} for i, q, a, _ in ROWS]
    scores = [{"record_id": i, **dict.fromkeys(SCORES, 0.0), "answer_advertisement": advertisement} for i, *_, advertisement in ROWS]
    (project / "data/interim").mkdir(parents=True)
    for name, table in (("cleaned", rows), ("quality", scores)):
        pq.write_table(pa.Table.from_pylist(table, schema(name)), project / f"data/interim/{name}.parquet")
    return project


def fold_all(texts: tuple[str | None, ...]) -> list[str | None]:
    folded = iter(fold([text for text in texts if text is not None]))
    return [None if text is None else next(folded) for text in texts]


def test_questions_answers_and_pairs_have_clusters_of_their_own(cleaned: Path, params: Params) -> None:
    with open_session(params.engine) as session:
        duplicates.run(session, params)
        rows = {r[0]: r[1:] for r in session.read("duplicates").fetchall()}
    question, answer, pair = ({i: row[k] for i, row in rows.items()} for k in (0, 3, 5))
    # Of the three askings of BASE one has no answer and one an advertisement: the third represents them.
    assert {i for i in rows if question[i] == question["a1"]} == {"a1", "a2", "b1"} and question["a1"] == "b1"
    assert {i for i in rows if question[i] == question["b2"]} == {"b2", "b3", "b4"}
    assert answer["a1"] is None and answer["c1"] is None
    assert {i for i in rows if answer[i] == answer["b1"]} == {"b1", "b2", "b3"}, "one answer under two askings"
    assert pair["b2"] == pair["b3"] != pair["b1"] and pair["b4"] == "b4"
    assert pair["c2"] == pair["c1"], "the same question without an answer twice"
    assert [rows["c1"][2], rows["b1"][2], rows["a1"][2], rows["a2"][2]] == ["exact", "exact", "near", "near"]


def test_two_threads_write_the_same_bytes_as_one(cleaned: Path, params: Params, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = pa.array(noisy_copies(9, 1_000, 40))
    columns = {column.name: pa.nulls(len(texts), column.type) for column in schema("cleaned")}
    columns |= {"record_id": pa.array([f"r{i:05d}" for i in range(len(texts))])}
    columns |= dict.fromkeys(("question", "question_key", "answer", "answer_key"), texts)
    pq.write_table(pa.table(columns), cleaned / "data/interim/cleaned.parquet")
    scores = {column.name: pa.nulls(len(texts), column.type) for column in schema("quality")} | {"record_id": columns["record_id"]}
    pq.write_table(pa.table(scores), cleaned / "data/interim/quality.parquet")
    written = []
    for threads in ("1", "2"):
        monkeypatch.setenv("TIBYAN_THREADS", threads)
        with open_session(params.engine) as session:
            duplicates.run(session, params)
        written.append([path.read_bytes() for path in (cleaned / "data/interim/duplicates.parquet", cleaned / METRICS / "duplicates.json")])
    assert written[0] == written[1]


def test_clusters_do_not_depend_on_the_source(con: duckdb.DuckDBPyConnection) -> None:
    """The same question in a forum and in a dump of a group: ids differ, the key does not."""
    table = pa.table({"id": ["forum-9", "group-1", "group-2"], "key": fold([BASE, BASE + "؟؟", OTHER]), "preference": [5, 3, 1]})
    found = find_clusters(con, con.from_arrow(table), DUPLICATES).order("id").fetchall()
    assert found == [("forum-9", "forum-9", True, "exact"), ("group-1", "forum-9", False, "exact"), ("group-2", "group-2", True, None)]


def test_what_is_dropped_of_a_cluster_is_a_choice(params: Params) -> None:
    def condition(choice: str) -> list[str]:
        select = params.select.model_copy(update={"drop_duplicates": choice})
        return [t.condition for t in thresholds(select) if t.reason == "duplicate"]

    assert condition("question") == ["NOT is_representative"]
    assert condition("pair") == ["record_id <> pair_cluster_id"]
    assert condition("none") == []


def test_every_threshold_says_why(params: Params) -> None:
    select: SelectParams = params.select
    assert all(t.why for t in thresholds(select))
    assert len({t.reason for t in thresholds(select)}) == len(thresholds(select))
