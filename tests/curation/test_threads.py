"""Thread to pair, on dumps written here: which comment answers, why, and by which id a record is known again."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest

from curation.ingestion import load_items, record_id
from curation.pairing import pair_up
from curation.params import InputParams, Params, load_params
from curation.privacy.takedown import load_takedown
from curation.sources.inputs import all_readings

ROOT = Path(__file__).parents[2]
Row = dict[str, Any]
ASKER = "900"  # and other members are other people under every post,
PAGE, DOCTOR = "100", "200"  # these two are the same


@dataclass(frozen=True)
class Said:
    """A comment: what it says, its reactions, whose it is, and the replies under it."""

    text: str
    likes: int = 0
    by: str | None = "901"
    replies: tuple["Said", ...] = ()


def comment(said: Said, number: str, asking: str) -> Row:
    replies = [comment(reply, f"{number}{i}", asking) for i, reply in enumerate(said.replies, start=1)]
    row: Row = {"comment_id": number, "comment_text": said.text, "comment_reaction_count": said.likes}
    account = said.by if said.by is None or said.by in (PAGE, DOCTOR) else f"{said.by}-{asking}"
    return row | {"commenter_id": account, "replies": replies}


def post(text: str, *comments: Said, number: str = "1", **more: Any) -> Row:
    thread = [comment(said, f"{number}0{i}", number) for i, said in enumerate(comments, start=1)]
    return {"post_id": number, "post_text": text, "user_id": f"{ASKER}-{number}", "comments_full": thread, **more}


def write_dump(path: Path, *posts: Row) -> Path:
    path.write_text(json.dumps(posts, ensure_ascii=False), encoding="utf-8")
    return path


def ranked(inputs: list[Path | InputParams], params: Params, **ingest: Any) -> list[Row]:
    """Every version of every record, as `pair_up` leaves them."""
    entries = [i if isinstance(i, InputParams) else InputParams(path=str(i)) for i in inputs]
    settings = params.ingest.model_copy(update=ingest)
    with TemporaryDirectory() as folder, duckdb.connect() as con:
        load_items(con, all_readings(entries), settings, load_takedown(), Counter(), Path(folder))
        pair_up(con, settings, load_takedown())
        return con.sql("FROM ranked ORDER BY post, rank, version").to_arrow_table().to_pylist()


def answers(rows: list[Row]) -> list[tuple[str | None, str | None]]:
    return [(row["answer_raw"], row["answer_rule"]) for row in rows if row["version"] == 1]


EGY = "بنتي عندها كحة ناشفة بقالها اسبوع ومش بتنام منها اعمل ايه"
LEV = "معي وجع بضهري من شهر وما عم يروح شو لازم اعمل"
GLF = "ولدي فيه حساسية بجلده من امس وش اسوي له"
IRQ = "امي ضغطها صاعد من الصبح وراسها يوجعها شنو انطيها"
MGR = "عندي حريق فالمعدة كل ليلة واش كاين شي دوا"

ANSWERS = {
    EGY: "اديها سوائل دافية وبخاخ محلول ملح ولو السخونية طلعت اكشفي عليها",
    LEV: "لازم تصوري رنين للضهر وخدي مسكن بعد الاكل وابعدي عن حمل الاشيا التقيلة",
    GLF: "ادهني له مرطب بدون عطور ثلاث مرات باليوم واذا انتشر وديه لدكتور جلدية",
    IRQ: "خلوها ترتاح وقيسوا الضغط بعد نص ساعة واذا بقى عالي اخذوها للطوارئ",
    MGR: "نقصي من القهوة والحار وتعشاي بكري وخودي دوا الحموضة قبل الفطور شهر",
}
# Each stands above the answer of its dialect, with more reactions, and is none.
NO_ANSWERS = {
    "the asker adds to the question": (EGY, Said("هي عمرها سنتين ومعندهاش سخونية خالص يا دكتور", 9, ASKER)),
    "asks back": (EGY, Said("هي بتاخد اي دوا دلوقتي وعندها كام سنة؟", 6)),
    "a prayer": (LEV, Said("الله يشفيك ويعافيك يا رب العالمين", 30)),
    "the same trouble": (LEV, Said("انا متلك وما لقيت حل ابدا", 7)),
    "up": (GLF, Said("رفع رفع للاهمية رفع", 8)),
    "up in Latin letters": (GLF, Said("up up up up", 8)),
    "thanks": (GLF, Said("مشكوره الله يعطيك العافية يا دكتور", 5)),
    "sent to private messages": (IRQ, Said("دزيتلك خاص شوفي الخاص حبيبتي", 12)),
    "waits for others": (IRQ, Said("متابعة وياكم بانتظار الرد", 4)),
    "an advertisement": (MGR, Said("عرض خاص على كريم الركبة والتوصيل متوفر لكل المدن للطلب على الواتس", 50)),
    "one word": (MGR, Said("صبر", 9)),
    "a sticker": (MGR, Said("", 40)),
}
REPLY = Said(ANSWERS[IRQ], 1, "902")
WISH = Said("ان شالله بتصيري احسن بكرا", 60)
SCAN = Said("ديري فيبروسكوبي عند طبيب المعدة باش تعرفي السبب قبل ما تاخدي شي دوا", 4, "902")
DEEPER = Said(ANSWERS[EGY] + " عند دكتور صدر كويس", 3, "902")
BLESSED = Said(ANSWERS[GLF] + " والله يشفيه ويعافيه")
HURRY = Said("اخذيها للمستشفى هسه لا تتأخرين", 3, "902")
# Question, comments, the one that answers, and the rule that says why.
THREADS = {
    "a doctor replies under a question": (IRQ, [Said("شكد عمرها وعدها سكر؟", 2, replies=(REPLY,))], REPLY, "only_candidate"),
    "a liked wish no list knows": (LEV, [WISH, Said(ANSWERS[LEV], 1)], Said(ANSWERS[LEV], 1), "only_substantial"),
    "more reactions": (MGR, [Said(ANSWERS[MGR], 1), SCAN], SCAN, "most_reactions"),
    "short ones, more reactions": (IRQ, [Said("انطيها حبة الضغط مالتها", 1), HURRY], HURRY, "most_reactions"),
    "equal, one deeper": (EGY, [Said("شكرا", 0, ASKER, (DEEPER,)), Said(ANSWERS[EGY], 3)], Said(ANSWERS[EGY], 3), "first_of_equals"),
    "equal in all": (GLF, [Said(ANSWERS[GLF]), Said(ANSWERS[GLF] + ".")], Said(ANSWERS[GLF]), "first_of_equals"),
    "a blessing at the end": (GLF, [BLESSED], BLESSED, "only_candidate"),
    "no candidate": (MGR, [Said("متابعة معكم"), Said("الله يشافيها", 3)], None, None),
    "no comment": (EGY, [], None, None),
}
THREADS |= {name: (q, [c, Said(ANSWERS[q])], Said(ANSWERS[q]), "only_candidate") for name, (q, c) in NO_ANSWERS.items()}


@pytest.fixture(scope="module")
def chosen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str | None, str | None]]:
    """The answer and the rule of each of THREADS, all in one dump."""
    posts = [post(question, *said, number=str(i)) for i, (question, said, *_) in enumerate(THREADS.values(), start=1)]
    path = write_dump(tmp_path_factory.mktemp("threads") / "d.json", *posts)
    return dict(zip(THREADS, answers(ranked([path], load_params(ROOT / "params.yaml"))), strict=True))


@pytest.mark.parametrize("name", THREADS)
def test_which_comment_answers(name: str, chosen: dict[str, tuple[str | None, str | None]]) -> None:
    *_, answer, rule = THREADS[name]
    assert chosen[name] == (answer.text if answer else None, rule)


RANA, SURAYA = {"id": "5", "name": "رنا"}, {"id": "6", "name": "ثريا"}
ACCOUNTS = {  # of the asker, of a commenter whose comment would be an answer: whether it is one
    "no from": ({}, {}, True),
    "asker only": ({"from": RANA}, {}, True),
    "commenter only": ({}, {"from": SURAYA}, True),
    "a namesake": ({"from": RANA}, {"from": RANA | {"id": "6"}}, True),
    "renamed": ({"from": RANA}, {"from": SURAYA | {"id": "5"}}, False),
    "names only": ({"from": {"name": "رنا"}}, {"from": {"name": "رنا"}}, False),
}


def test_the_asker_is_known_by_account_else_by_name(tmp_path: Path, params: Params) -> None:
    feed = []
    for i, (asker, commenter, _) in enumerate(ACCOUNTS.values()):
        thread = {"data": [{"id": f"1_{i}_1", "message": ANSWERS[LEV], **commenter}]}
        time = "2020-05-01T10:00:00+0000"
        feed.append({"id": f"1_{i}", "message": LEV, "created_time": time, "comments": thread, **asker})
    path = tmp_path / "feed.json"
    path.write_text(json.dumps({"data": feed}, ensure_ascii=False), encoding="utf-8")
    answered = [answer is not None for answer, _ in answers(ranked([path], params))]
    assert dict(zip(ACCOUNTS, answered, strict=True)) == {name: expected for name, (*_, expected) in ACCOUNTS.items()}


SECOND = "جربي كمادات دافية عالضهر كل مسا ومشي خفيف نص ساعة كل يوم"


def test_two_answers_are_two_records(tmp_path: Path, params: Params) -> None:
    path = write_dump(tmp_path / "d.json", post(LEV, Said(SECOND, 1), Said("كمان اسبحي كل يوم"), Said(ANSWERS[LEV], 5)))
    rows = ranked([path], params, max_answers=2)
    assert answers(rows) == [(ANSWERS[LEV], "most_reactions"), (SECOND, "further_answer")]
    assert len({row["record_id"] for row in rows}) == 2
    assert rows[0]["record_id"] == ranked([path], params)[0]["record_id"]  # asking for more renames none


def test_min_answer_words(tmp_path: Path, params: Params) -> None:
    path = write_dump(tmp_path / "d.json", post(IRQ, Said("اخذيها للطوارئ هسه حبيبتي", 1)))
    assert answers(ranked([path], params)) == [("اخذيها للطوارئ هسه حبيبتي", "only_candidate")]
    assert answers(ranked([path], params, min_answer_words=5)) == [(None, None)]


def test_scraped_again_with_more_comments_the_newer_wins(tmp_path: Path, params: Params) -> None:
    time = {"time": "2024-03-01 09:00:00"}
    older = write_dump(tmp_path / "1.json", post(LEV, **time), post(EGY, Said(ANSWERS[EGY]), number="2", **time))
    newer = write_dump(tmp_path / "2.json", post(LEV, Said(ANSWERS[LEV]), **time))
    rows = ranked([older, newer], params)
    assert Counter(row["version"] for row in rows) == {1: 2, 2: 1}
    assert set(answers(rows)) == {(ANSWERS[LEV], "only_candidate"), (ANSWERS[EGY], "only_candidate")}
    (kept,) = ranked([newer], params)
    assert kept["record_id"] in {row["record_id"] for row in ranked([older], params)}


def test_an_older_scrape_read_last_does_not_take_the_answer_away(tmp_path: Path, params: Params) -> None:
    time = {"time": "2024-03-01 09:00:00"}
    with_answer = write_dump(tmp_path / "1.json", post(LEV, Said(ANSWERS[LEV]), **time))
    without = write_dump(tmp_path / "2.json", post(LEV, **time))
    assert answers(ranked([with_answer, without], params)) == [(ANSWERS[LEV], "only_candidate")]


def test_of_two_answers_that_changed_places_each_stands_once(tmp_path: Path, params: Params) -> None:
    older = write_dump(tmp_path / "1.json", post(LEV, Said(ANSWERS[LEV], 5), Said(SECOND, 1)))
    newer = write_dump(tmp_path / "2.json", post(LEV, Said(ANSWERS[LEV], 5), Said(SECOND, 9)))
    found = [answer for answer, _ in answers(ranked([older, newer], params, max_answers=2))]
    assert sorted(found, key=str) == sorted([ANSWERS[LEV], SECOND])


def test_further_answers_without_comment_ids_are_all_kept(tmp_path: Path, params: Params) -> None:
    dump = post(LEV, Said(ANSWERS[LEV], 5), Said(SECOND, 3), Said(SECOND.replace("مسا", "صبح"), 1))
    for row in dump["comments_full"]:
        row["comment_id"] = None
    assert len(answers(ranked([write_dump(tmp_path / "d.json", dump)], params, max_answers=3))) == 3


def test_other_sources_other_ids(tmp_path: Path, params: Params) -> None:
    path = write_dump(tmp_path / "d.json", post(GLF, Said(ANSWERS[GLF])))
    inputs = [InputParams(path=str(path), source=name) for name in ("group_a", "group_b")]
    rows = ranked(inputs, params)
    assert [row["source"] for row in rows] == ["group_a", "group_b"]
    assert [row["version"] for row in rows] == [1, 1] and len({row["record_id"] for row in rows}) == 2


def table(path: Path, rows: list[tuple[str, str, str]], **columns: str) -> InputParams:
    lines = [",".join(cells) for cells in [("no", "ask", "reply"), *rows]]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return InputParams(path=str(path), source="clinic", columns={"question": "ask", "answer": "reply", **columns})


def test_a_table_without_native_id_gets_ids_by_content(tmp_path: Path, params: Params) -> None:
    rows = [("1", EGY, ANSWERS[EGY]), ("2", LEV, ANSWERS[LEV]), ("3", EGY, ANSWERS[EGY]), ("4", EGY, ANSWERS[MGR])]
    found = ranked([table(tmp_path / "a.csv", rows)], params)
    moved = ranked([table(tmp_path / "b.csv", rows[::-1])], params)
    assert {row["record_id"] for row in found} == {row["record_id"] for row in moved}
    assert Counter(row["version"] for row in found) == {1: 3, 2: 1}  # the same row twice is one record
    assert found[0]["record_id"] == record_id("\x1f".join(("clinic", EGY, ANSWERS[EGY])))


def test_a_table_with_native_id_keeps_its_ids_when_the_text_is_mended(tmp_path: Path, params: Params) -> None:
    before = ranked([table(tmp_path / "a.csv", [("1", EGY, ANSWERS[EGY])], native_id="no")], params)
    after = ranked([table(tmp_path / "a.csv", [("1", EGY + " ارجو الرد", ANSWERS[EGY])], native_id="no")], params)
    assert before[0]["record_id"] == after[0]["record_id"] == record_id("clinic\x1f1")


def test_an_account_that_answers_many_askers_goes_before_reactions(tmp_path: Path, params: Params) -> None:
    liked = Said(SECOND, 50)
    posts = [post(LEV, liked, Said(ANSWERS[LEV], 0, DOCTOR), number=str(i)) for i in range(1, 6)]
    path = write_dump(tmp_path / "d.json", *posts)
    assert answers(ranked([path], params, expert_answers=5)) == [(ANSWERS[LEV], "answers_many")] * 5
    assert answers(ranked([path], params, expert_answers=6)) == [(SECOND, "most_reactions")] * 5


def test_who_only_wishes_well_answers_nobody(tmp_path: Path, params: Params) -> None:
    posts = [post(LEV, Said("الله يشفيك ويعافيك يا رب العالمين", 9, DOCTOR), number=str(i)) for i in range(1, 8)]
    posts.append(post(IRQ, Said(ANSWERS[IRQ], 0, DOCTOR), Said(ANSWERS[IRQ] + " يوميا", 5), number="9"))
    assert answers(ranked([write_dump(tmp_path / "d.json", *posts)], params))[-1] == (ANSWERS[IRQ] + " يوميا", "most_reactions")


def test_a_page_answers_the_questions_that_it_posts_for_others(tmp_path: Path, params: Params) -> None:
    posts = [post(GLF, Said(ANSWERS[GLF], 0, PAGE), Said(SECOND, 30), number=str(i), user_id=PAGE) for i in range(1, 7)]
    assert answers(ranked([write_dump(tmp_path / "d.json", *posts)], params)) == [(ANSWERS[GLF], "by_page")] * 6
    few = answers(ranked([write_dump(tmp_path / "e.json", *posts[:4])], params))  # a member who asks often is no page
    assert few == [(SECOND, "only_candidate")] * 4


EXCHANGE = (
    Said("هي عمرها سنتين ومفيش سخونية", 0, ASKER),
    Said(
        "الكحة دي من امتى وفيها بلغم؟",
        1,
        "902",
        (
            Said("من اسبوع ومفيهاش بلغم خالص", 0, ASKER),
            Said(ANSWERS[EGY], 3, "902"),
            Said("تسلم ايدك يا دكتور", 0, ASKER),
            Said("ولو زادت بالليل اعمليلها جلسة بخار", 0, "902"),
        ),
    ),
    Said("وانا كمان بنتي عندها نفس الكحة دي من زمان", 0, "903"),
)
ADDED = {
    "none": (EGY, ANSWERS[EGY]),
    "question": (f"{EGY}\n{EXCHANGE[0].text}\n{EXCHANGE[1].replies[0].text}", ANSWERS[EGY]),
    "answer": (EGY, f"{ANSWERS[EGY]}\n{EXCHANGE[1].replies[3].text}"),
}
ADDED["both"] = (ADDED["question"][0], ADDED["answer"][1])


@pytest.mark.parametrize("joined", ADDED)
def test_what_asker_and_answerer_added_can_be_joined(joined: str, tmp_path: Path, params: Params) -> None:
    path = write_dump(tmp_path / "d.json", post(EGY, *EXCHANGE))
    (row,) = ranked([path], params, join_follow_ups=joined)
    assert (row["question_raw"], row["answer_raw"]) == ADDED[joined]
    assert row["record_id"] == ranked([path], params)[0]["record_id"]  # the parameter renames no record
