"""dumps: posts written down as the tools write them, quirks included."""

import csv
import io
import json
import os
import random
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

os.environ["OPENPYXL_LXML"] = "False"  # with lxml, which other packages bring, the same workbook is other bytes
from openpyxl import Workbook
from threads import Comment, Post, everything

GROUPS = {
    "facebook_scraper_egypt.json": "301234567890123",
    "facebook_scraper_levant.csv": "302345678901234",
    "facebook_scraper_maghreb.jsonl": "303456789012345",
    "graph_api_gulf.json": "304567890123456",
    "graph_api_iraq.jsonl": "305678901234567",
    "facepager_mixed.csv": "306789012345678",
}
# MAQA's twenty names, with spaces that do not belong there.
STRAY_SPACES = {
    "الطب العام": "الطب العام ",
    "امراض الدم": " امراض الدم",
    "امراض القلب و الشرايين": "امراض القلب  و الشرايين",
    "طب الاسنان": "طب الاسنان ",
    "انف اذن وحنجرة": "انف  اذن وحنجرة",
    "جراحة عامة": " جراحة عامة ",
    "امراض المسالك البولية والتناسلية": "امراض المسالك البولية والتناسلية ",
}
COLUMNS = ("q_body", "a_body", "category")
ZIP_TIME = (2025, 9, 10, 0, 0, 0)
Writer = Callable[[random.Random, list[Post], Path], None]


def _sometimes(rng: random.Random, value: Any, share: float = 0.05) -> Any:
    """The value, or the null that scrapers leave here and there."""
    return None if rng.random() < share else value


def _reactions(rng: random.Random, count: int) -> dict[str, int] | None:
    if not count:
        return None
    likes = rng.randint(count // 2, count)
    return (
        {"like": likes, "care" if rng.random() < 0.5 else "love": count - likes} if likes < count else {"like": count}
    )


# facebook-scraper


def _scraped_comment(rng: random.Random, group: str, comment: Comment, reply: bool) -> dict[str, Any]:
    known = rng.random() >= 0.06  # an account that can no longer be opened
    counted = rng.random() < 0.7
    record = {
        "comment_id": comment.native_id,
        "comment_url": f"https://facebook.com/{comment.native_id}",
        "commenter_id": comment.author.native_id if known else None,
        "commenter_url": f"https://facebook.com/profile.php?id={comment.author.native_id}" if known else None,
        "commenter_name": comment.author.name,
        "commenter_meta": "Author"
        if comment.role in ("thanks", "follow_up")
        else _sometimes(rng, "Top contributor", 0.95),
        "comment_text": comment.content.text,
        "comment_time": _sometimes(rng, comment.when.replace(minute=0, second=0)),
        "comment_image": None,
        "comment_reactors": [],
        "comment_reactions": _reactions(rng, comment.reactions),
        "comment_reaction_count": comment.reactions or None if counted else None,
    }
    if not reply:
        record["replies"] = [_scraped_comment(rng, group, r, reply=True) for r in comment.replies]
    return record


def _scraped(rng: random.Random, post: Post) -> dict[str, Any]:
    group = GROUPS[post.file]
    text = post.content.text or None
    picture = post.known.kind == "picture"
    image = f"https://scontent.example/v/t39/{post.native_id}_n.jpg" if picture else None
    count = rng.choice([0, 1, 2, 3, 4, 6, 9, 15])
    total = len(everything(post))
    return {
        "post_id": post.native_id,
        "text": text,
        "post_text": _sometimes(rng, text, 0.02),
        "shared_text": None if rng.random() < 0.5 else "",
        "original_text": None,
        "time": _sometimes(rng, post.when, 0.03),
        "timestamp": _sometimes(rng, int((post.when - post.when.replace(1970, 1, 1, 0, 0, 0)).total_seconds())),
        "image": image,
        "images": [image] if image else [],
        "video": None,
        "likes": count,
        "comments": total + rng.choice([0, 0, 0, 1, 3]),
        "shares": rng.choice([0, 0, 0, 1, 2]),
        "post_url": f"https://m.facebook.com/groups/{group}/permalink/{post.native_id}/",
        "link": None,
        "links": [],
        "user_id": _sometimes(rng, post.author.native_id, 0.04),
        "username": _sometimes(rng, post.author.name),
        "user_url": f"https://facebook.com/profile.php?id={post.author.native_id}",
        "is_live": False,
        "available": True,
        "comments_full": [_scraped_comment(rng, group, c, reply=False) for c in post.comments]
        or (None if rng.random() < 0.3 else []),
        "reactors": None,
        "reactions": _reactions(rng, count),
        "reaction_count": count or None,
    }


def facebook_json(rng: random.Random, posts: list[Post], path: Path) -> None:
    """As `facebook-scraper --format json` writes: indented, escaped, a comma even for a post that it leaves out."""
    pieces = []
    for post in posts:
        record = json.dumps(_scraped(rng, post), default=str, indent=4)
        pieces += ["", record] if rng.random() < 0.05 and pieces else [record]
    path.write_text("[\n," + ",".join(pieces) + "\n]", encoding="utf-8", newline="")


def facebook_jsonl(rng: random.Random, posts: list[Post], path: Path) -> None:
    """As most people dump what get_posts yields."""
    lines = (json.dumps(_scraped(rng, post), default=str, ensure_ascii=False) for post in posts)
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8", newline="")


def facebook_csv(rng: random.Random, posts: list[Post], path: Path) -> None:
    """csv.DictWriter over the same dictionaries: nested cells become Python's repr, datetime.datetime(...) included."""
    records = [_scraped(rng, post) for post in posts]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(records[0]), extrasaction="ignore")
        writer.writeheader()
        writer.writerows(records)


# Graph API


def _from(rng: random.Random, account: Any, absent: float) -> dict[str, Any]:
    return {} if rng.random() < absent else {"from": {"name": account.name, "id": account.native_id}}


def _graph_time(when: Any) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%S+0000")


def _graph_comment(rng: random.Random, comment: Comment, absent: float) -> dict[str, Any]:
    record = {
        "created_time": _graph_time(comment.when),
        **_from(rng, comment.author, absent),
        "message": comment.content.text,
        "like_count": comment.reactions,
        "comment_count": len(comment.replies),
        "id": comment.native_id,
    }
    if comment.replies:
        record["comments"] = {
            "data": [_graph_comment(rng, r, absent) for r in comment.replies],
            "paging": _cursors(rng),
        }
    return record


def _cursors(rng: random.Random) -> dict[str, Any]:
    return {"cursors": {"before": "WTI5".ljust(8, "x"), "after": f"WTI5{rng.randint(1000, 9999)}"}}


def _graph_post(rng: random.Random, post: Post, absent: float) -> dict[str, Any]:
    last = max((c.when for c in everything(post)), default=post.when)
    record: dict[str, Any] = {
        "id": graph_id(post),
        "created_time": _graph_time(post.when),
        "updated_time": _graph_time(last),
    }
    if post.content.text:
        record["message"] = post.content.text
    if not post.content.text or post.known.kind == "picture":
        record["story"] = f"{post.author.name} added a new photo to the group."
        record["attachments"] = {
            "data": [{"type": "photo", "url": f"https://www.facebook.com/photo.php?fbid={post.native_id}"}]
        }
    record |= _from(rng, post.author, absent / 2)
    record["permalink_url"] = f"https://www.facebook.com/groups/{GROUPS[post.file]}/permalink/{post.native_id}/"
    if post.comments:
        comments = [_graph_comment(rng, c, absent) for c in post.comments]
        summary = {"order": "chronological", "total_count": len(everything(post)), "can_comment": False}
        record["comments"] = {"data": comments, "paging": _cursors(rng), "summary": summary}
    return record


def graph_id(post: Post) -> str:
    """GROUP_POST."""
    return f"{GROUPS[post.file]}_{post.native_id}"


def _graph_page(rng: random.Random, posts: list[Post], absent: float) -> dict[str, Any]:
    group = GROUPS[posts[0].file]
    feed = f"https://graph.facebook.com/v3.2/{group}/feed?limit={len(posts)}"
    paging = {"previous": f"{feed}&__previous=1", "next": feed}
    return {"data": [_graph_post(rng, p, absent) for p in posts], "paging": paging}


def graph_json(rng: random.Random, posts: list[Post], path: Path) -> None:
    """One response, as the Graph API explorer shows it."""
    path.write_text(
        json.dumps(_graph_page(rng, posts, 0.0), ensure_ascii=False, indent=2), encoding="utf-8", newline=""
    )


def graph_jsonl(rng: random.Random, posts: list[Post], path: Path) -> None:
    """One response a line, 25 posts each, from an app that may not see every account."""
    pages = [posts[i : i + 25] for i in range(0, len(posts), 25)]
    lines = (json.dumps(_graph_page(rng, page, 1 / 3), ensure_ascii=False) for page in pages)
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8", newline="")


# Facepager


def facepager(rng: random.Random, posts: list[Post], path: Path) -> None:
    """All cells quoted, `;`, BOM: the posts first, then the comments of each, with Facepager's own notes between."""
    header = [
        "id",
        "parent_id",
        "level",
        "object_id",
        "object_type",
        "query_status",
        "query_time",
        "query_type",
        "name",
        "message",
    ]
    fetched, node = "fetched (200)", 1
    rows: list[list[str]] = []
    nodes: dict[str, int] = {}
    asked = max(p.when for p in posts) + timedelta(days=12)
    for post in posts:
        node += 1
        nodes[post.native_id] = node
        rows.append(
            [
                str(node),
                "1",
                "1",
                graph_id(post),
                "data",
                fetched,
                str(asked),
                "Facebook:/<page-id>/posts",
                "",
                post.content.text,
            ]
        )
    rows.append(
        [
            str(node + 1),
            "1",
            "1",
            GROUPS[posts[0].file],
            "offcut",
            fetched,
            str(asked),
            "Facebook:/<page-id>/posts",
            "",
            "",
        ]
    )
    node += 1
    for post in posts:
        asked += timedelta(seconds=rng.randint(1, 3), microseconds=rng.randint(1, 10**6))
        parent = str(nodes[post.native_id])
        kinds = [("data", f"{post.native_id}_{c.native_id}", _named(rng, c), c.content.text) for c in everything(post)]
        kinds.append(("offcut" if kinds else "empty", graph_id(post), "", ""))
        for kind, object_id, name, message in kinds:
            node += 1
            rows.append(
                [
                    str(node),
                    parent,
                    "2",
                    object_id,
                    kind,
                    fetched,
                    str(asked),
                    "Facebook:/<post-id>/comments",
                    name,
                    message,
                ]
            )
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL).writerows([header, *rows])


def _named(rng: random.Random, comment: Comment) -> str:
    return comment.author.name if rng.random() < 0.3 else ""


# tables


def _table_rows(posts: list[Post]) -> list[list[str | None]]:
    return [
        [
            p.content.text or None,
            p.answer.content.text if p.answer else None,
            STRAY_SPACES.get(p.specialty, p.specialty),
        ]
        for p in posts
    ]


def maqa_xlsx(rng: random.Random, posts: list[Post], path: Path) -> None:
    """MAQA's workbook. Stored, not deflated, with one date on all: the same bytes whatever the zlib."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Sheet1"
    for row in [list(COLUMNS), *_table_rows(posts)]:
        sheet.append(row)
    book.properties.creator = "tibyan"
    buffer = io.BytesIO()
    book.save(buffer)
    stamp = b"2025-09-10T00:00:00Z"
    with zipfile.ZipFile(buffer) as made, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as kept:
        for name in made.namelist():
            data = made.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", stamp, data)
            info = zipfile.ZipInfo(name, ZIP_TIME)
            info.create_system = 0
            kept.writestr(info, data)


def maqa_csv(rng: random.Random, posts: list[Post], path: Path) -> None:
    """Saved by a spreadsheet program on an Arabic Windows."""
    with path.open("w", encoding="cp1256", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *_table_rows(posts)])


WRITERS: dict[str, Writer] = {
    "facebook_scraper_egypt.json": facebook_json,
    "facebook_scraper_levant.csv": facebook_csv,
    "facebook_scraper_maghreb.jsonl": facebook_jsonl,
    "graph_api_gulf.json": graph_json,
    "graph_api_iraq.jsonl": graph_jsonl,
    "facepager_mixed.csv": facepager,
    "maqa_sample.xlsx": maqa_xlsx,
    "maqa_sample.csv": maqa_csv,
}
