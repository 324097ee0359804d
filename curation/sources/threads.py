"""Thread to pair: which comments answer the post. The rules are rows; DuckDB applies them to all threads at once."""

from dataclasses import dataclass

import duckdb


@dataclass(frozen=True)
class Rule:
    """A comment for which `condition` holds is no answer."""

    name: str
    condition: str
    why: str


NOT_AN_ANSWER = (
    Rule("empty", "c.text = ''", "a sticker or a picture"),
    Rule(
        "asker",
        "CASE WHEN c.author IS NOT NULL AND p.author IS NOT NULL THEN c.author = p.author ELSE c.author_name = p.author_name END",
        "the asker adds to the question, and thanks",
    ),
    Rule("advertisement", "list_contains(c.tags, 'advertisement')", "sells something"),
    Rule("prayer", "list_contains(c.tags, 'prayer')", "wishes well"),
    Rule("up", "list_contains(c.tags, 'up')", "lifts the post"),
    Rule("follow", "list_contains(c.tags, 'follow')", "waits for others' answers"),
    Rule("same", "list_contains(c.tags, 'same')", "has the same trouble"),
    Rule("thanks", "list_contains(c.tags, 'thanks')", "thanks"),
    Rule("non_answer", "list_contains(c.tags, 'non_answer')", "sends the asker to private messages"),
    Rule("question", r"regexp_matches(c.text, '[?؟]\s*$') AND c.words < 20", "asks back, or asks something else"),
    Rule("too_short", "c.words < $min_answer_words", "a tag, a name, one word"),
)

SUBSTANTIAL = 10  # words; a short wish that no list knows gets many reactions too, and doctors' answers are rarely shorter
# The best first. Position comes last, so that equal comments are chosen the same way at every run.
PREFERENCE = f"c.words >= {SUBSTANTIAL} DESC, c.reactions DESC, c.depth, c.words DESC, c.position"


def answers(
    con: duckdb.DuckDBPyConnection,
    posts: duckdb.DuckDBPyRelation,
    comments: duckdb.DuckDBPyRelation,
    max_answers: int,
    min_answer_words: int,
) -> duckdb.DuckDBPyRelation:
    """`post, text, answer_rule` of the chosen comments, at most `max_answers` a post.

    `posts` has `post, author, author_name`; `comments` has `post, position, text, author, author_name, reactions, depth, words, tags`.
    `answer_rule` says why this one: the only candidate, the one with most reactions, the only one of substance, the first of equals.
    """
    posts.create_view("_posts", replace=True)
    comments.create_view("_comments", replace=True)
    excluded = " OR ".join(f"coalesce({rule.condition}, false)" for rule in NOT_AN_ANSWER).replace(
        "$min_answer_words", str(min_answer_words)
    )
    return con.sql(f"""
        WITH candidates AS (
            SELECT c.*, row_number() OVER w AS rank, count(*) OVER (PARTITION BY c.post) AS candidates,
                   lead(c.reactions) OVER w AS next_reactions, lead(c.words) OVER w AS next_words
            FROM _comments c JOIN _posts p USING (post) WHERE NOT ({excluded})
            WINDOW w AS (PARTITION BY c.post ORDER BY {PREFERENCE}))
        SELECT post, position, text, rank,
               CASE WHEN candidates = 1 THEN 'only_candidate'
                    WHEN rank = 1 AND words >= {SUBSTANTIAL} AND next_words < {SUBSTANTIAL} THEN 'only_substantial'
                    WHEN rank = 1 AND reactions > next_reactions THEN 'most_reactions'
                    WHEN rank = 1 THEN 'first_of_equals' ELSE 'further_answer' END AS answer_rule
        FROM candidates WHERE rank <= {max_answers}""")
