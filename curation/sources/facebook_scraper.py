"""facebook-scraper 0.2.59: posts as a JSON array (with its empty slots), JSON lines, or CSV whose nested cells are Python repr."""

import ast
from collections.abc import Iterator
from typing import Any

from curation.sources.dump import Comment, Dump, Head, Item, Post, Reject, as_count, as_list, as_text, rows_of
from curation.sources.json_stream import objects

NAME = "facebook_scraper"
STUB = "[,]"  # what a run that found nothing writes


def recognises(head: Head, dump: Dump) -> bool:
    if head.header:
        return {"post_id", "comments_full"} <= set(head.header) or {"post_id", "post_text"} <= set(head.header)
    return ('"post_id"' in head.text and ('"comments_full"' in head.text or '"post_text"' in head.text)) or "".join(
        head.text.split()
    ) == STUB


def read(dump: Dump) -> Iterator[Item]:
    if Head.of(dump.path).header:
        yield from _read_csv(dump)
        return
    for item in objects(dump.path):
        yield item if isinstance(item, Reject) else _post(item[1], item[0])


def _read_csv(dump: Dump) -> Iterator[Item]:
    header: list[str] = []
    for line, row in rows_of(dump.path):
        if not header:
            header = [name.strip() for name in row]
            continue
        position = f"line {line}"
        if len(row) != len(header):
            if row:
                yield Reject(position, "damaged_row", f"{len(row)} cells under {len(header)} columns")
            continue
        post: dict[str, Any] = dict(zip(header, row, strict=True))
        try:
            post["comments_full"] = python_literal(post.get("comments_full") or "None")
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            yield Reject(position, "damaged_comments", "comments_full is not a Python literal")
            post["comments_full"] = None
        yield _post(post, position)


def _post(post: dict[str, Any], position: str) -> Item:
    text = as_text(post.get("post_text")) or as_text(post.get("text"))
    if not text:
        return Reject(position, "empty_post")
    comments: list[Comment] = []
    for comment in as_list(post.get("comments_full")):
        if isinstance(comment, dict):
            comments.append(_comment(comment, depth=1))
            comments += [_comment(reply, depth=2) for reply in as_list(comment.get("replies")) if isinstance(reply, dict)]
    return Post(
        native_id=as_text(post.get("post_id")),
        text=text,
        position=position,
        author=as_text(post.get("user_id")) or None,
        author_name=as_text(post.get("username")) or None,
        time=as_text(post.get("time")) or None,
        comments=tuple(comments),
    )


def _comment(comment: dict[str, Any], depth: int) -> Comment:
    return Comment(
        native_id=as_text(comment.get("comment_id")),
        text=as_text(comment.get("comment_text")),
        author=as_text(comment.get("commenter_id")) or None,
        author_name=as_text(comment.get("commenter_name")) or None,
        time=as_text(comment.get("comment_time")) or None,
        reactions=as_count(comment.get("comment_reaction_count") or comment.get("comment_reactions")),
        depth=depth,
    )


def python_literal(text: str) -> Any:
    """ast.literal_eval that also takes `datetime.datetime(2024, 1, 1, 11, 0)`, as ISO text. Nothing is evaluated."""
    return _literal(ast.parse(text.strip(), mode="eval").body)


def _literal(node: ast.expr) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return [_literal(item) for item in node.elts]
    if isinstance(node, ast.Dict):
        return {_literal(k): _literal(v) for k, v in zip(node.keys, node.values, strict=True) if k is not None}
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_literal(node.operand)
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("datetime"):
        parts = [_literal(argument) for argument in node.args]
        date = "-".join(f"{p:02d}" for p in parts[:3])
        return date + " " + ":".join(f"{p:02d}" for p in (*parts[3:6], 0, 0, 0)[:3])
    raise ValueError("not a literal")
