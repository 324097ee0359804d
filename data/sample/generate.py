"""generate: raw dumps and their known answers out of the written material.

`python data/sample/generate.py [--output FOLDER]`, seeded: two runs write the same bytes.
"""

import argparse
import csv
import random
from collections import Counter
from pathlib import Path
from typing import Any

import yaml
from dumps import WRITERS, graph_id
from noise import encodes
from people import MIXED, Text
from speech import Place, Seed, Village
from threads import Comment, Known, Post, add_thread, asked, everything, posted, posted_again

HERE = Path(__file__).resolve().parent
SEED = 20250910
DIALECTS = ("EGY", "LEV", "GLF", "IRQ", "MGR", "MSA", "arabizi")
# How many posts of each kind beside every written asking once.
ASKED_AGAIN, POSTED_AGAIN, UNANSWERED = 220, 190, 100
ADVERTISEMENTS, BARE_PICTURES, PICTURES, GREETINGS, EMPTY = 100, 30, 40, 32, 14

PLACES = {
    p.file: p
    for p in (
        Place("facebook_scraper_egypt.json", "EGY"),
        Place("facebook_scraper_levant.csv", "LEV"),
        Place("facebook_scraper_maghreb.jsonl", "MGR"),
        Place("graph_api_gulf.json", "GLF"),
        Place("graph_api_iraq.jsonl", "IRQ"),
        Place("facepager_mixed.csv", None),
        Place("maqa_sample.xlsx", None, table=True),
        Place("maqa_sample.csv", None, table=True, encoding="cp1256", lines=False),
    )
}
FILES = tuple(PLACES)
GROUPS = tuple(p.file for p in PLACES.values() if not p.table)
# Shares in the order of FILES: egypt, levant, maghreb, gulf, iraq, facepager, xlsx, csv.
SHARES = {
    "EGY": (69, 1, 0, 3, 0, 4, 17, 6),
    "LEV": (2, 69, 0, 3, 1, 4, 15, 6),
    "GLF": (1, 1, 0, 72, 1, 5, 15, 5),
    "IRQ": (0, 1, 0, 3, 74, 5, 14, 3),
    "MGR": (1, 0, 78, 1, 0, 4, 14, 2),
    "MSA": (6, 6, 4, 8, 5, 4, 47, 20),
    "arabizi/EGY": (60, 0, 0, 34, 0, 6, 0, 0),
    "arabizi/LEV": (0, 55, 0, 20, 20, 5, 0, 0),
    "arabizi/MGR": (0, 0, 96, 0, 0, 4, 0, 0),
}
POSTS_COLUMNS = (
    *("file", "native_id", "row", "kind", "seed_id", "dialect", "severity"),
    *("duplicate_group", "answer_expected", "answer_native_id"),
)
PERSONAL_COLUMNS = ("file", "native_id", "row", "comment_id", "kind", "start", "end", "value")
COUNTS = "<!-- counts: written by generate.py -->", "<!-- /counts -->"


def shares_of(dialect: str, region: str | None) -> tuple[int, ...]:
    """How the posts of a dialect are spread over FILES."""
    return SHARES[f"arabizi/{region}" if dialect == "arabizi" else dialect]


def place_for(rng: random.Random, seed: Seed) -> Place:
    """A file for a seed's posts; one with an old code page only where that can hold the written words."""
    shares = shares_of(seed["dialect"], seed.get("region"))
    words = "".join(seed[key] for key in ("question", "rephrased", "answer", "answer_rephrased"))
    holds = [not place.encoding or encodes(words, place.encoding) for place in PLACES.values()]
    return PLACES[rng.choices(FILES, [s * h for s, h in zip(shares, holds, strict=True)])[0]]


def group_for(rng: random.Random, dialect: str, region: str | None = None) -> Place:
    """The file of a group, no table, for posts that are no question."""
    shares = zip(FILES, shares_of(dialect, region), strict=True)
    return PLACES[rng.choices(FILES, [s * (file in GROUPS) for file, s in shares])[0]]


def answer_to(asking: str) -> str:
    """The two askings of a seed get different answers."""
    return "answer" if asking == "question" else "answer_rephrased"


def questions(village: Village, seeds: list[Seed]) -> list[Post]:
    """Every written asking once; then some asked again, some posted again as they stand, some unanswered."""
    rng = village.rng
    askings = [(seed, asking) for seed in seeds for asking in ("question", "rephrased")]

    first = {}
    for seed, asking in askings:
        first[seed["id"], asking] = asked(village, seed, asking, place_for(rng, seed), answer_to(asking))
    posts = list(first.values())
    for seed, asking in rng.sample(askings, ASKED_AGAIN):
        place = PLACES[first[seed["id"], asking].file] if rng.random() < 0.5 else place_for(rng, seed)
        answer = answer_to(asking) if rng.random() < 0.6 else rng.choice(["answer", "answer_rephrased"])
        posts.append(asked(village, seed, asking, place, answer, again=True))
    for seed, asking in rng.sample(askings, POSTED_AGAIN):
        original, place = first[seed["id"], asking], place_for(rng, seed)
        if place.encoding:  # what a telephone types, an old code page cannot always hold
            place = PLACES[original.file]
        posts.append(posted_again(village, seed, original, place))
    for seed, asking in rng.sample(askings, UNANSWERED):
        posts.append(unanswered(village, seed, asking, place_for(rng, seed)))
    return posts


def unanswered(village: Village, seed: Seed, asking: str, place: Place) -> Post:
    """A question under which nobody answers; in a table a_body is empty or sends the asker elsewhere."""
    post = asked(village, seed, asking, place, None, again=village.rng.random() < 0.5)
    if place.table and village.rng.random() < 0.7:
        line = village.rng.choice(village.written[seed["dialect"]]["comments"]["non_answer"])
        post.answer = Comment("non_answer", Text().add(line), post.author, "", post.when)
    return post


def others(village: Village, seeds: list[Seed]) -> list[Post]:
    """What a group holds beside questions: advertisements, pictures, greetings, other languages, nothing."""
    rng, posts = village.rng, []

    def add(kind: str, dialect: str, place: Place, content: Text, most: int) -> Post:
        post = posted(village, Known(kind, dialect), place, content, rng.choice(seeds)["specialty"])
        add_thread(village, post, place, None, most)
        posts.append(post)
        return post

    for _ in range(ADVERTISEMENTS):
        dialect = rng.choice([d for d in DIALECTS if village.written[d]["ads"]])
        place = group_for(rng, dialect)
        add("advertisement", dialect, place, village.advertisement(dialect), 1)
    for seed in rng.sample(seeds, BARE_PICTURES):
        dialect, region = seed["dialect"], seed.get("region")
        place = group_for(rng, dialect, region)
        add("picture", dialect, place, village.leans_on_picture(dialect, region, place), 3)
    for seed in rng.sample(seeds, PICTURES):
        dialect, region, asking = seed["dialect"], seed.get("region"), rng.choice(["question", "rephrased"])
        line = village.line(dialect, village.written[dialect]["picture"], region)
        answer = answer_to(asking) if rng.random() < 0.6 else None
        posts.append(asked(village, seed, asking, place_for(rng, seed), answer, picture=line))
    for _ in range(GREETINGS):
        dialect = rng.choice(DIALECTS)
        region = rng.choice(MIXED["arabizi"]) if dialect == "arabizi" else None
        place = group_for(rng, dialect, region)
        add("greeting_only", dialect, place, village.greeting_only(dialect), 2)
    for text in village.extras["other_language"]:
        add("other_language", "", PLACES[rng.choice(GROUPS)], Text().add(text), 1)
    for number in range(EMPTY):
        place = PLACES[FILES[number % len(FILES)]]
        post = add("empty", "", place, Text(), 0)
        if place.table:  # an answer whose question is missing
            text = Text().add(rng.choice(seeds)["answer"])
            post.answer = Comment("answer", text, post.author, "", post.when)
    return posts


def native_id(post: Post) -> str:
    """As the reader of the file will name the post; empty in tables."""
    if PLACES[post.file].table:
        return ""
    return post.native_id if post.file.startswith("facebook_scraper") else graph_id(post)


def comment_id(post: Post, comment: Comment) -> str:
    """As the reader of the file will name the comment; empty in tables."""
    if PLACES[post.file].table:
        return ""
    return f"{post.native_id}_{comment.native_id}" if post.file == "facepager_mixed.csv" else comment.native_id


def known_post(post: Post) -> list[Any]:
    """The row of known/posts.csv."""
    known = post.known
    group = f"{known.seed_id}/{known.asking}" if known.seed_id else ""
    expected, answer = "", ""
    if known.answer and post.answer:
        expected, answer = f"{known.seed_id}/{known.answer}", comment_id(post, post.answer)
    about = [known.kind, known.seed_id, known.dialect, known.severity]
    return [post.file, native_id(post), post.row, *about, group, expected, answer]


def known_personal(post: Post) -> list[list[Any]]:
    """The rows of known/personal_data.csv: the post's, then its comments'."""
    texts = [("", post.content)]
    if not PLACES[post.file].table:
        texts += [(comment_id(post, c), c.content) for c in everything(post)]
    elif post.answer:
        texts.append(("a_body", post.answer.content))
    where = [post.file, native_id(post), post.row]
    return [[*where, comment, s.kind, s.start, s.end, s.value] for comment, text in texts for s in text.spans]


def write_table(path: Path, columns: tuple[str, ...], rows: list[list[Any]]) -> None:
    """A CSV in UTF-8."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([columns, *rows])


def counts(posts: list[Post], personal: list[list[Any]]) -> str:
    """The table of README.md: files by kind, then dialects by severity, then kinds of personal data."""
    kinds = ("question", "no_answer", "picture", "advertisement", "greeting_only", "other_language", "empty")
    by_kind = Counter((p.file, p.known.kind) for p in posts)
    lines = [f"| file | {' | '.join(kinds)} | all |", "|---|" + "--:|" * (len(kinds) + 1)]
    for file in FILES:
        row = [by_kind[file, kind] for kind in kinds]
        lines.append(f"| `{file}` | {' | '.join(map(str, row))} | {sum(row)} |")
    row = [sum(by_kind[file, kind] for file in FILES) for kind in kinds]
    lines += [
        f"| all | {' | '.join(map(str, row))} | {sum(row)} |",
        "",
        "| posts of seeds | mild | moderate | critical |",
        "|---|--:|--:|--:|",
    ]
    by_severity = Counter((p.known.dialect, p.known.severity) for p in posts)
    for dialect in DIALECTS:
        lines.append(
            f"| {dialect} | {' | '.join(str(by_severity[dialect, s]) for s in ('mild', 'moderate', 'critical'))} |"
        )
    by_data = Counter(row[4] for row in personal)
    lines += ["", "Personal data (invented): " + ", ".join(f"{n} {kind}" for kind, n in sorted(by_data.items())) + "."]
    return "\n".join(lines)


def write_readme(output: Path, table: str) -> None:
    """README.md with its counts made new."""
    text = (HERE / "README.md").read_text(encoding="utf-8")
    before, rest = text.split(COUNTS[0])
    after = rest.split(COUNTS[1])[1]
    (output / "README.md").write_text(f"{before}{COUNTS[0]}\n{table}\n{COUNTS[1]}{after}", encoding="utf-8", newline="")


def load(name: str) -> Any:
    """A YAML file beside this one."""
    return yaml.safe_load((HERE / name).read_text(encoding="utf-8"))


def generate(output: Path) -> None:
    """raw/, known/ and README.md under `output`."""
    rng = random.Random(SEED)
    written = {dialect: load(f"written/{dialect}.yaml") for dialect in DIALECTS}
    village = Village(rng, written, load("extras.yaml"))
    seeds = [{**question, "dialect": dialect} for dialect in DIALECTS for question in written[dialect]["questions"]]
    posts = [*questions(village, seeds), *others(village, seeds)]
    rng.shuffle(posts)
    (output / "raw").mkdir(parents=True, exist_ok=True)
    (output / "known").mkdir(exist_ok=True)
    for file, write in WRITERS.items():
        mine = [p for p in posts if p.file == file]
        if PLACES[file].table:
            for row, post in enumerate(mine, start=2):  # as a spreadsheet counts: the header is row 1
                post.row = row
        write(rng, mine, output / "raw" / file)
    posts.sort(key=lambda p: FILES.index(p.file))
    personal = [row for post in posts for row in known_personal(post)]
    write_table(output / "known" / "posts.csv", POSTS_COLUMNS, [known_post(p) for p in posts])
    write_table(output / "known" / "personal_data.csv", PERSONAL_COLUMNS, personal)
    write_readme(output, counts(posts, personal))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=HERE, help="folder for raw/, known/ and README.md")
    generate(parser.parse_args().output)
