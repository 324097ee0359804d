"""One small dump in every format, as its tool writes it, with what it holds. Our own words; MARK stands in every text and name."""

import csv
import io
import json
import zipfile
from dataclasses import dataclass, field
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from curation.sources.dump import Comment, Item, Pair, Post

MARK = "كلمة مزروعة لا تظهر ابدا في رسالة ولا في سجل المرفوضات"
ASKS, ANSWERS, THANKS = f"عندي وجع في الركبة {MARK}", f"حط كمادات وريح ركبتك {MARK}", f"شكرا يا دكتور {MARK}"
NAME = f"سلوى {MARK}"
Thread = tuple[str, str, list[tuple[str, str, int]]]  # id and text of a post, id, text and depth of its comments


@dataclass
class Sample:
    reader: str
    content: bytes
    holds: list[Any]
    options: dict[str, Any] = field(default_factory=dict)
    rejects: list[str] = field(default_factory=list)


def simplified(item: Item) -> Any:
    """What the tests compare: ids, texts and places in the thread."""
    if isinstance(item, Post):
        return item.native_id, item.text, [(c.native_id, c.text, c.depth) for c in item.comments]
    if isinstance(item, Comment):
        return item.native_id, item.text, item.depth, item.under
    return (item.question, item.answer, item.specialty) if isinstance(item, Pair) else item.reason


def as_json(value: Any, **options: Any) -> str:
    return json.dumps(value, ensure_ascii=False, **options)


def as_csv(rows: list[list[Any]], encoding: str = "utf-8", **options: Any) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, **options).writerows(rows)
    return text.getvalue().encode(encoding)


def _scraped(number: int, **more: Any) -> dict[str, Any]:
    """A post as facebook-scraper 0.2.59 gives it; many keys are null."""
    reply = {"comment_id": "22", "comment_url": None, "commenter_id": "7", "commenter_url": None, "commenter_name": NAME}
    reply |= {"commenter_meta": None, "comment_text": THANKS, "comment_time": None, "comment_image": None, "comment_reactors": []}
    reply |= {"comment_reactions": None, "comment_reaction_count": None}
    comment = reply | {"comment_id": "21", "commenter_id": "8", "comment_text": ANSWERS, "comment_reaction_count": 4, "replies": [reply]}
    post = {"post_id": str(number), "text": ASKS, "post_text": ASKS, "shared_text": "", "original_text": None}
    post |= {"time": "2023-01-02 10:00:00", "timestamp": None, "likes": 3, "comments": 2, "shares": 0, "post_url": None, "link": None}
    post |= {"links": [], "user_id": "7", "username": NAME, "images": [], "reactions": None, "comments_full": [comment], "reactors": None}
    return post | more


def _threads(*numbers: int) -> list[Thread]:
    return [(str(number), ASKS, [("21", ANSWERS, 1), ("22", THANKS, 2)]) for number in numbers]


def _scraped_csv() -> bytes:
    comments = repr(_scraped(1)["comments_full"]).replace("'comment_time': None", "'comment_time': datetime.datetime(2024, 1, 1, 11, 0)")
    columns = ["post_id", "text", "post_text", "time", "likes", "comments", "user_id", "username", "images", "comments_full"]
    rows = [[_scraped(number)[column] for column in columns[:-1]] + [comments] for number in (11, 12)]
    return as_csv([columns, *rows, ["13", "", "", "", "0", "0", "", "", "[]", ""]], "cp1256")


def _graph(number: int, **more: Any) -> dict[str, Any]:
    person = {"name": NAME, "id": "7"}
    reply = {"created_time": "2018-01-01T12:00:00+0000", "from": person, "message": THANKS, "id": "22"}
    comment = reply | {"message": ANSWERS, "id": "21", "like_count": 2, "comments": {"data": [reply], "paging": {"cursors": {}}}}
    comments = {"data": [comment], "paging": {"cursors": {"before": "MQ=="}}, "summary": {"total_count": 1}}
    post = {"created_time": "2018-01-01T10:00:00+0000", "message": ASKS, "id": str(number), "permalink_url": "", "comments": comments}
    return post | more


def _responses(*numbers: int) -> list[dict[str, Any]]:
    story = {"created_time": "2018-01-01T10:00:00+0000", "story": "", "id": "99"}
    return [{"data": [_graph(number), story], "paging": {"next": ""}} for number in numbers]


def _facepager() -> bytes:
    columns = ["id", "parent_id", "level", "object_id", "object_type", "query_status", "query_time", "query_type", "name", "message"]
    rows = [
        ["1", "", "0", "page", "seed", "", "", "", "", ""],
        ["2", "1", "1", "9_1", "data", "fetched (200)", "", "Facebook:/<Object ID>/feed", "", ASKS],
        ["3", "1", "1", "9_9", "data", "fetched (200)", "", "", "", ""],
        ["4", "2", "2", "9_2", "data", "fetched (200)", "", "", NAME, ANSWERS],
        ["5", "2", "2", "9_3", "offcut", "", "", "", "", ""],
        ["6", "4", "3", "9_4", "data", "fetched (200)", "", "", NAME, THANKS],
    ]
    return as_csv([columns, *rows], "utf-8-sig", delimiter=";", quoting=csv.QUOTE_ALL)


def _mojibake(value: Any) -> bytes:
    """As Meta writes it: the bytes of UTF-8 as Latin-1 characters, escaped."""

    def broken(part: Any) -> Any:
        if isinstance(part, str):
            return part.encode().decode("latin-1")
        if isinstance(part, list):
            return [broken(item) for item in part]
        return {key: broken(item) for key, item in part.items()} if isinstance(part, dict) else part

    return json.dumps(broken(value), indent=2).encode()


_META_POST = {"timestamp": 1672653600, "attachments": [], "data": [{"post": ASKS}, {"update_timestamp": 1672653600}], "title": NAME}
_META_COMMENT = {
    "timestamp": 1672653600,
    "title": NAME,
    "data": [{"comment": {"timestamp": 1672653600, "comment": ANSWERS, "author": NAME}}],
}
_LABELLED = {"timestamp": 1672653600, "media": [], "label_values": [{"label": "النص", "value": ASKS}], "fbid": "31"}

_TANGLE = (
    "User Name,Facebook Id,Likes at Posting,Followers at Posting,Post Created,Post Created Date,Post Created Time,Type,Total Interactions"
)
_TANGLE += ",Likes,Comments,Shares,URL,Message,Link,Final Link,Image Text,Link Text,Description,Overperforming Score"


def _crowdtangle(first: str) -> bytes:
    columns = [first, *_TANGLE.split(",")]
    row = {"Post Created": "2021-07-06 16:45:20 EDT", "Facebook Id": "7", "URL": "https://example.org/1", "Message": ASKS, first: NAME}
    empty = {"URL": "https://example.org/2", "Total Interactions": "1,204"}
    return as_csv([columns, *([r.get(c, "") for c in columns] for r in (row, empty))], "utf-8-sig")


_LIBRARY = {"id": "51", "mcl_url": "", "creation_time": "2023-05-01T10:00:00Z", "modified_time": "", "text": ASKS, "lang": "ar"}
_LIBRARY |= {"hashtags": "[]", "content_type": "posts", "post_owner.id": "7", "post_owner.name": NAME, "statistics.like_count": "3"}
_PAGE = {
    "id": "61",
    "name": NAME,
    "shares": 0,
    "likes": 2,
    "comments": 1,
    "content": ASKS,
    "posted_on": "2022-01-01T00:00:00",
    "video": [],
    "image": [],
}
_PAGE |= {"post_url": "https://example.org/61"}
_APIFY = {
    "facebookUrl": "",
    "url": "",
    "time": "2024-01-01T10:00:00.000Z",
    "user": {"id": "7", "name": NAME},
    "text": ASKS,
    "legacyId": "71",
}
_APIFY |= {
    "likesCount": 1,
    "commentsCount": 2,
    "sharesCount": 0,
    "groupTitle": "",
    "topComments": [{"id": "72", "text": ANSWERS, "likesCount": 5}],
}

MAQA = [["q_body", "a_body", "category"], [ASKS, ANSWERS, " امراض باطنية "], ["", "لا سؤال", "x"], [f"سؤال\nفي سطرين، {MARK}", None, None]]
_PAIRS = [(ASKS, ANSWERS, "امراض باطنية"), (f"سؤال\nفي سطرين، {MARK}", None, None)]
_ROWS = [dict(zip(MAQA[0], row, strict=True)) for row in MAQA[1:]]


def zipped(members: dict[str, bytes]) -> bytes:
    """The same bytes at every run."""

    def write(file: Any) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)

    return _written(write)


def workbook(rows: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    with zipfile.ZipFile(io.BytesIO(_written(book.save))) as archive:
        return zipped({name: archive.read(name) for name in archive.namelist() if not name.startswith("docProps")})  # the time stands there


def parquet(rows: list[dict[str, Any]]) -> bytes:
    return _written(lambda file: pq.write_table(pa.Table.from_pylist(rows), file))


def arrow(rows: list[dict[str, Any]]) -> bytes:
    def write(file: Any) -> None:
        table = pa.Table.from_pylist(rows)
        with pa.ipc.new_stream(file, table.schema) as stream:
            stream.write_table(table)

    return _written(write)


def _written(write: Any) -> bytes:
    file = io.BytesIO()
    write(file)
    return file.getvalue()


def _maqa(content: bytes) -> Sample:
    return Sample("table", content, _PAIRS, rejects=["empty_question"])


_FORUM = {
    "result": {
        "took": 3,
        "note": {"items": 2},
        "items": [{"no": 81, "body": ASKS, "replies": {"data": [{"msg": ANSWERS, "user": {"id": 5}}]}}],
    }
}
_PATHS = {"posts": "result.items", "text": "body", "native_id": "no", "comments": "replies.data", "comment_text": "msg"}
_ONE = ("31", ASKS, [])

SAMPLES: dict[str, Sample] = {
    # The slots are those of posts without text; a run that was killed lacks the last bracket.
    "facebook-scraper": Sample("facebook_scraper", f"[\n{as_json(_scraped(11))},,\n,{as_json(_scraped(12))}\n]".encode(), _threads(11, 12)),
    "facebook-scraper, killed": Sample(
        "facebook_scraper", f"[\n,{as_json(_scraped(11))},{as_json(_scraped(12))},\n".encode(), _threads(11, 12)
    ),
    "facebook-scraper, indented": Sample(
        "facebook_scraper", as_json([_scraped(11), _scraped(12)], indent=4).encode("utf-8-sig"), _threads(11, 12)
    ),
    "facebook-scraper lines": Sample("facebook_scraper", f"{as_json(_scraped(11))}\n{as_json(_scraped(12))}\n".encode(), _threads(11, 12)),
    "facebook-scraper stub": Sample("facebook_scraper", b"[\n,\n]", []),
    "facebook-scraper CSV": Sample("facebook_scraper", _scraped_csv(), _threads(11, 12), rejects=["empty_post"]),
    "Graph API": Sample("graph_api", as_json(_responses(11)[0], indent=1).encode(), _threads(11), rejects=["empty_post"]),
    "Graph API, paging first": Sample(
        "graph_api", as_json({"paging": {"next": ""}, "data": [_graph(11), _graph(12)]}).encode(), _threads(11, 12)
    ),
    "Graph API, concatenated": Sample(
        "graph_api", "".join(map(as_json, _responses(11, 12))).encode(), _threads(11, 12), rejects=["empty_post"] * 2
    ),
    "Graph API, a response a line": Sample(
        "graph_api", "\n".join(map(as_json, _responses(11, 12))).encode(), _threads(11, 12), rejects=["empty_post"] * 2
    ),
    "Graph API, a post a line": Sample("graph_api", "\n".join(as_json(_graph(n)) for n in (11, 12)).encode(), _threads(11, 12)),
    "Graph API, a list of responses": Sample(
        "graph_api", as_json(_responses(11, 12)).encode(), _threads(11, 12), rejects=["empty_post"] * 2
    ),
    "Facepager": Sample(
        "facepager", _facepager(), [("9_1", ASKS, []), ("9_2", ANSWERS, 1, "2"), ("9_4", THANKS, 2, "4")], rejects=["empty_post"]
    ),
    "Meta download, posts": Sample("meta_download", _mojibake([_META_POST]), [("", ASKS, [])]),
    "Meta download, group posts": Sample("meta_download", _mojibake({"group_posts_v2": [_META_POST]}), [("", ASKS, [])]),
    "Meta download, comments": Sample("meta_download", _mojibake({"comments_v2": [_META_COMMENT]}), [], rejects=["comment_without_post"]),
    "Meta download, labels": Sample("meta_download", _mojibake([_LABELLED]), [_ONE]),
    "CrowdTangle, pages": Sample("crowdtangle", _crowdtangle("Page Name"), [("https://example.org/1", ASKS, [])], rejects=["empty_post"]),
    "CrowdTangle, groups": Sample("crowdtangle", _crowdtangle("Group Name"), [("https://example.org/1", ASKS, [])], rejects=["empty_post"]),
    "Content Library": Sample("content_library", as_csv([list(_LIBRARY), list(_LIBRARY.values())]), [("51", ASKS, [])]),
    "Content Library JSON": Sample("content_library", as_json({"data": [_LIBRARY]}).encode(), [("51", ASKS, [])]),
    "facebook_page_scraper": Sample(
        "facebook_page_scraper",
        as_json({"61": {k: v for k, v in _PAGE.items() if k != "id"}}).encode(),
        [("https://example.org/61", ASKS, [])],
    ),
    "facebook_page_scraper CSV": Sample("facebook_page_scraper", as_csv([list(_PAGE), list(_PAGE.values())]), [("61", ASKS, [])]),
    "Apify": Sample("apify", as_json([_APIFY], indent=2).encode(), [("71", ASKS, [("72", ANSWERS, 1)])]),
    "MAQA XLSX": _maqa(workbook(MAQA)),
    "MAQA CSV": _maqa(as_csv(MAQA, "utf-8-sig")),
    "MAQA CSV of Windows": _maqa(as_csv(MAQA, "cp1256", delimiter=";")),
    "MAQA Unicode text": _maqa(as_csv(MAQA, "utf-16", delimiter="\t")),
    "MAQA JSON lines": _maqa("\n".join(map(as_json, _ROWS)).encode()),
    "MAQA Parquet": _maqa(parquet(_ROWS)),
    "MAQA Arrow": _maqa(arrow(_ROWS)),
    "table, mapped": Sample(
        "table",
        as_csv([["رقم", "سؤال المريض", "رد"], ["1", ASKS, ANSWERS]], "cp1256"),
        [(ASKS, ANSWERS, None)],
        {"columns": {"question": "سؤال المريض", "answer": "رد"}},
    ),
    "workbook, mapped by number": Sample(
        "table", workbook([[1, ASKS, ANSWERS]]), [(ASKS, ANSWERS, None)], {"columns": {"question": 1, "answer": 2}, "header": False}
    ),
    "nested JSON": Sample("nested", as_json(_FORUM).encode(), [("81", ASKS, [("", ANSWERS, 1)])], {"paths": _PATHS}),
    "nested JSON, a post a line": Sample(
        "nested",
        "\n".join(as_json(post) for post in _FORUM["result"]["items"]).encode(),  # type: ignore[index, union-attr, arg-type]
        [("81", ASKS, [("", ANSWERS, 1)])],
        {"paths": {role: path for role, path in _PATHS.items() if role != "posts"}},
    ),
}
