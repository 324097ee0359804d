"""threads: one post with its comments, as a group would have it, and what is known of it."""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import people
from noise import elongate, noisy, with_emoji
from people import Account, Text
from speech import Place, Seed, Village, Writer

FIRST_DAY, LAST_DAY = datetime(2019, 1, 1), datetime(2024, 12, 31, 23, 0)
# How busy a group is at each hour from midnight on.
HOURS = (6, 4, 2, 1, 1, 1, 1, 2, 3, 5, 6, 6, 6, 6, 5, 5, 6, 7, 8, 9, 10, 11, 11, 9)
ROLES = {"prayer": 30, "up": 14, "follow": 18, "same": 18, "non_answer": 12, "advertisement": 5}
THREAD_LENGTHS = (0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6, 7)  # comments beside the answer
ABOUT_CHILD = re.compile("ابنك|طفلك|وليدك|ولادك|ابني|ولدي|بنتي|Ebny|البيبي|ماما$")
FOR_HER = re.compile("اشفها|عليها|يشفيها|يشافيها|سلامتها|فرحها|عنها|يسترها|لها|eiha|afiha")
FOR_HIM = re.compile(r"يشفيه|يعافيه|عليه|يقومه|شفاه|اشفه|ألبسه|سلامته|يشافيه|عنه|بيه|معاه|يحفظه|eeh\b|3aleh|ychafih$")
TO_MAN, TO_WOMAN = re.compile(r"دكتور\b|doctor\b|مشكور\b|خويا"), re.compile("دكتورة|مشكوره|tbiba")


@dataclass
class Comment:
    """A comment or a reply; `role` says what it is in the thread."""

    role: str
    content: Text
    author: Account
    native_id: str
    when: datetime
    reactions: int = 0
    replies: list["Comment"] = field(default_factory=list)


@dataclass(frozen=True)
class Known:
    """What the generator knows of a post: the columns of known/posts.csv that do not depend on the file."""

    kind: str
    dialect: str = ""
    seed_id: str = ""
    severity: str = ""
    asking: str = ""
    answer: str = ""


@dataclass
class Post:
    """A post or, in a table, a row: there `answer` is its a_body."""

    known: Known
    file: str
    content: Text
    author: Account
    native_id: str
    when: datetime
    specialty: str
    comments: list[Comment] = field(default_factory=list)
    answer: Comment | None = None
    row: int | None = None


def asked(
    village: Village,
    seed: Seed,
    asking: str,
    place: Place,
    answer: str | None,
    again: bool = False,
    picture: str = "",
) -> Post:
    """One asking of a seed with its thread; without `answer` nobody answers."""
    kind = "picture" if picture else "question" if answer else "no_answer"
    known = Known(kind, seed["dialect"], seed["id"], seed["severity"], asking, answer or "")
    region = seed.get("region")
    author = village.member(seed["dialect"], region, people.woman_writes(seed[asking]))
    writer = Writer(seed["dialect"], region, author)
    content = village.question(seed, asking, place, writer, again, picture)
    post = posted(village, known, place, content, seed["specialty"], author)
    add_thread(village, post, place, seed)
    return post


def posted(
    village: Village, known: Known, place: Place, content: Text, specialty: str, author: Account | None = None
) -> Post:
    """A post without comments."""
    author = author or village.member(known.dialect or place.dialect or "EGY")
    return Post(known, place.file, content, author, people.native_id(village.rng), a_time(village), specialty)


def posted_again(village: Village, seed: Seed, post: Post, place: Place) -> Post:
    """The same person posts the same text in another group, or once more in this one; another doctor may answer."""
    native_id = people.native_id(village.rng)
    again = replace(post, file=place.file, native_id=native_id, when=a_time(village), comments=[], answer=None)
    add_thread(village, again, place, seed)
    return again


def a_time(village: Village) -> datetime:
    """Some moment of 2019 to 2024, rather in the evening."""
    rng = village.rng
    day = FIRST_DAY + timedelta(days=rng.randint(0, 2180))
    hour = rng.choices(range(24), HOURS)[0]
    return day + timedelta(hours=hour, minutes=rng.randint(0, 59), seconds=rng.randint(0, 59))


def everything(post: Post) -> list[Comment]:
    """All comments and replies of a post in the order of the dump."""
    return _flat(post.comments)


def _flat(comments: list[Comment]) -> list[Comment]:
    return [c for comment in comments for c in (comment, *_flat(comment.replies))]


def add_thread(village: Village, post: Post, place: Place, seed: Seed | None, most: int = 7) -> None:
    """Comments under a post: the answer that is known of it, if any, among up to `most` others."""
    rng, region = village.rng, seed.get("region") if seed else None
    dialect = post.known.dialect or place.dialect or "EGY"
    if seed and post.known.answer:
        doctor = Writer(dialect, region, village.doctor(dialect, region))
        content = village.answer(seed, post.known.answer, place, seed[post.known.asking], doctor)
        post.answer = _comment(village, "answer", content, doctor.account, post)
    if place.table:
        return
    thread = _others(village, post, place, dialect, region, rng.choice([n for n in THREAD_LENGTHS if n <= most]))
    if post.answer:
        nests = place.file != "facepager_mixed.csv"  # that run fetched posts and comments, no replies
        _rate(village, post.answer, thread)
        _place_answer(village, post.answer, thread, nests)
        if rng.random() < 0.45:
            _asker_comes_back(village, post, dialect, region, thread, nests)
    when = post.when
    for comment in _flat(thread):
        pause = rng.choice([rng.randint(40, 3000), rng.randint(600, 40000)])
        comment.when = when = min(when + timedelta(seconds=pause), LAST_DAY)
    post.comments = thread


def _others(village: Village, post: Post, place: Place, dialect: str, region: str | None, number: int) -> list[Comment]:
    """What members say beside the answer, nobody the same twice."""
    rng, said, comments = village.rng, set[str](), []
    for _ in range(number):
        theirs = dialect if place.dialect is None or rng.random() < 0.4 else place.dialect
        their_region = region if theirs == dialect else None
        if theirs in people.MIXED and their_region is None:
            their_region = rng.choice(people.MIXED[theirs])
        member = village.member(theirs, their_region, None)
        role = rng.choices(list(ROLES), list(ROLES.values()))[0]
        if role == "advertisement":
            content = village.advertisement(theirs if village.written[theirs]["ads"] else "MGR")
        else:
            lines = [x for x in village.written[theirs]["comments"][role] if _speaks_of(x, post.content.text)]
            lines = [x for x in lines if x not in said]
            if not lines:
                continue
            line = village.line(theirs, lines, their_region, member.woman)
            said.add(line)
            content = _said(village, line, role, theirs)
        comment = _comment(village, role, content, member, post)
        comment.reactions = rng.choice([0, 0, 0, 0, 1, 1, 2])
        comments.append(comment)
    return comments


def _said(village: Village, line: str, role: str, dialect: str) -> Text:
    rng = village.rng
    if len(line) > 12:
        line = noisy(rng, line, dialect, 0.35)
    elif rng.random() < 0.1:
        line = elongate(rng, line)
    return Text().add(line + with_emoji(rng, dialect, 0.3 if role in ("prayer", "thanks") else 0.06, kind=True))


def _speaks_of(line: str, question: str) -> bool:
    """Whether a good wish is for her, for him, for a child or for nobody in particular, as the question says."""
    if ABOUT_CHILD.search(line):
        return bool(people.SON.search(question) or people.DAUGHTER.search(question))
    if FOR_HER.search(line):
        return bool(people.HER.search(question))
    return bool(people.HIM.search(question)) if FOR_HIM.search(line) else True


def _rate(village: Village, answer: Comment, others: list[Comment]) -> None:
    """In seven threads of ten the answer has the most reactions."""
    rng = village.rng
    if others and rng.random() >= 0.7:
        answer.reactions, rng.choice(others).reactions = rng.choice([0, 1, 2]), rng.randint(3, 9)
    else:
        answer.reactions = rng.randint(3, 25)


def _place_answer(village: Village, answer: Comment, thread: list[Comment], nests: bool) -> None:
    parents = [c for c in thread if c.role in ("same", "up", "follow")]
    if nests and parents and village.rng.random() < 0.2:
        village.rng.choice(parents).replies.append(answer)
    else:
        thread.insert(village.rng.randint(0, len(thread)), answer)


def _asker_comes_back(
    village: Village, post: Post, dialect: str, region: str | None, thread: list[Comment], nests: bool
) -> None:
    """Thanks, a further question, or both, as a reply to the answer or at the end."""
    rng, answer = village.rng, post.answer
    assert answer is not None
    wrong = TO_MAN if answer.author.woman else TO_WOMAN
    thanks = [x for x in village.written[dialect]["comments"]["thanks"] if not wrong.search(x)]
    lines = {"follow_up": village.extras["follow_ups"][dialect], "thanks": thanks}
    roles = rng.choice([["thanks"], ["thanks"], ["thanks"], ["follow_up"], ["follow_up", "thanks"]])
    for role in roles:
        line = village.line(dialect, lines[role], region, people.woman_writes(post.content.text))
        comment = _comment(village, role, _said(village, line, role, dialect), post.author, post)
        if nests and any(c is answer for c in thread) and rng.random() < 0.6:
            answer.replies.append(comment)
        else:
            thread.append(comment)


def _comment(village: Village, role: str, content: Text, author: Account, post: Post) -> Comment:
    return Comment(role, content, author, people.native_id(village.rng), post.when)
