"""Thread to pair: which comments answer the post, and what else belongs to it. The rules are rows; DuckDB applies them to all threads."""

from dataclasses import dataclass

import duckdb

from curation.params import IngestParams


@dataclass(frozen=True)
class Rule:
    """A comment for which `condition` holds is no answer."""

    name: str
    condition: str
    why: str


SAME_ACCOUNT = "CASE WHEN {0}.author IS NOT NULL AND {1}.author IS NOT NULL THEN {0}.author = {1}.author ELSE {0}.name = {1}.name END"
NOT_AN_ANSWER = (
    Rule("empty", "c.words = 0", "a sticker or a picture"),
    Rule(
        "asker",
        f"{SAME_ACCOUNT.format('c', 'p')} AND NOT by_page",
        "the asker adds to the question, and thanks; a page that posts others' questions answers them",
    ),
    Rule("advertisement", "list_contains(c.tags, 'advertisement')", "sells something"),
    Rule("prayer", "list_contains(c.tags, 'prayer')", "wishes well"),
    Rule("up", "list_contains(c.tags, 'up')", "lifts the post"),
    Rule("follow", "list_contains(c.tags, 'follow')", "waits for others' answers"),
    Rule("same", "list_contains(c.tags, 'same')", "has the same trouble"),
    Rule("thanks", "list_contains(c.tags, 'thanks')", "thanks"),
    Rule("non_answer", "list_contains(c.tags, 'non_answer')", "sends the asker to private messages"),
    Rule("question", "c.asks AND c.words < 20", "asks back, or asks something else"),
    Rule("too_short", "c.words < $min_answer_words", "a tag, a name, one word"),
)
PASTED = frozenset({"advertisement", "prayer", "up", "follow", "same", "thanks", "non_answer"})  # tags of what no text gains by

PAGE_POSTS = 5  # an account with so many posts,
PAGE_SHARE = 0.2  # and this share of its file, is the page or its keeper: members of a group post now and then
SUBSTANTIAL = 10  # words; a short wish that no list knows gets many reactions too, and doctors' answers are rarely shorter
# The best first. Position comes last, so that equal comments are chosen the same way at every run.
PREFERENCE = f"by_page DESC, by_expert DESC, c.words >= {SUBSTANTIAL} DESC, c.reactions DESC, c.depth, c.words DESC, c.position"


def answers(con: duckdb.DuckDBPyConnection, params: IngestParams) -> duckdb.DuckDBPyRelation:
    """`post, position, rank, answer_rule` of the chosen comments, at most `max_answers` a post.

    Reads the tables `posts` (`post, file, author, name`) and `tagged` (`post, position, author, name, reactions, depth, words, asks,
    tags`). Accounts are hashes. `answer_rule` says why this one: of the page, of an account that answers many, the only candidate, the
    one with most reactions, the only one of substance, the first of equals.
    """
    excluded = " OR ".join(f"coalesce({rule.condition}, false)" for rule in NOT_AN_ANSWER)
    excluded = excluded.replace("$min_answer_words", str(params.min_answer_words))
    return con.sql(f"""
        WITH pages AS (
            SELECT file, author FROM posts JOIN (SELECT file, count(*) AS posts FROM posts GROUP BY file) USING (file)
            WHERE author IS NOT NULL GROUP BY file, author, posts
            HAVING count(*) >= greatest({PAGE_POSTS}, {PAGE_SHARE} * posts)),
        candidates AS (
            SELECT c.*, p.file, coalesce(p.author, p.name) AS asker, coalesce(c.author, c.name) AS account,
                   pages.author IS NOT NULL AS by_page
            FROM tagged c JOIN posts p USING (post) LEFT JOIN pages ON pages.file = p.file AND pages.author = c.author
            WHERE NOT ({excluded})),
        experts AS (
            SELECT file, account FROM candidates WHERE account IS NOT NULL GROUP BY ALL
            HAVING count(DISTINCT coalesce(asker, post::VARCHAR)) >= {params.expert_answers}),
        ranked AS (
            SELECT c.*, experts.account IS NOT NULL AS by_expert, row_number() OVER w AS rank,
                   count(*) OVER (PARTITION BY c.post) AS candidates,
                   lead(c.reactions) OVER w AS next_reactions, lead(c.words) OVER w AS next_words
            FROM candidates c LEFT JOIN experts USING (file, account)
            WINDOW w AS (PARTITION BY c.post ORDER BY {PREFERENCE}))
        SELECT post, position, rank,
               CASE WHEN by_page THEN 'by_page' WHEN by_expert THEN 'answers_many'
                    WHEN candidates = 1 THEN 'only_candidate'
                    WHEN rank = 1 AND words >= {SUBSTANTIAL} AND next_words < {SUBSTANTIAL} THEN 'only_substantial'
                    WHEN rank = 1 AND reactions > next_reactions THEN 'most_reactions'
                    WHEN rank = 1 THEN 'first_of_equals' ELSE 'further_answer' END AS answer_rule
        FROM ranked WHERE rank <= {params.max_answers}""")


def follow_ups(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """`post, rank, asked, answered`: what the asker added before the chosen answer, and what the answerer added under it, a line each.

    Reads `posts`, `tagged` and `chosen` (see `answers`) and `comments` (`post, position, text`). An exchange is within one branch of the
    thread, or at its top; thanks, prayers and the like stay out.
    """
    plain = " AND ".join(f"NOT list_contains(f.tags, '{tag}')" for tag in sorted(PASTED))
    return con.sql(f"""
        WITH said AS (
            SELECT a.post, a.rank, f.position, {SAME_ACCOUNT.format("f", "p")} AS by_asker, {SAME_ACCOUNT.format("f", "c")} AS by_answerer,
                   f.position < c.position AS before, f.branch = c.branch AS together, f.depth = 1 AS top
            FROM chosen a JOIN tagged c USING (post, position) JOIN posts p USING (post)
            JOIN tagged f ON f.post = a.post AND f.position <> a.position
            WHERE f.words > 1 AND {plain})
        SELECT post, rank,
               string_agg(text, chr(10) ORDER BY position) FILTER (by_asker AND NOT by_answerer AND before AND (together OR top)) AS asked,
               string_agg(text, chr(10) ORDER BY position) FILTER (by_answerer AND NOT by_asker AND NOT before AND together) AS answered
        FROM said JOIN comments USING (post, position) GROUP BY ALL""")
