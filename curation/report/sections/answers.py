"""Answers: how many there are, how each was chosen, how long they are, and how often one answer stands under many questions."""

from typing import Any

from curation.report.material import Material
from curation.report.queries import cross, rows

# `answer_rule` of records, as curation/sources/threads.py and readers of tables give it.
RULES = {
    "given": "a table says so",
    "by_page": "the page's own",
    "answers_many": "an account that answers many askers",
    "only_candidate": "the only comment that could be one",
    "most_reactions": "more reactions than the others",
    "only_substantial": "the only one of substance",
    "first_of_equals": "the first of equals: chosen by nothing better",
    "further_answer": "another answer to the same question",
    "none": "no comment answers",
}
LENGTHS = ((0, 50), (50, 100), (100, 200), (200, 400), (400, 800), (800, None))  # letters, from, up to


def figures(material: Material) -> dict[str, Any]:
    """By rule of choice the records and the kept; the kept by letters of their answer; answers that stand under several questions."""
    session = material.session
    by_rule = rows(
        session,
        """
        SELECT coalesce(answer_rule, 'none') AS name, count(*) AS records, count(*) FILTER (kept) AS kept,
               quantile_disc(answer_letters, 0.5) FILTER (kept) AS letters
        FROM tagged GROUP BY 1 ORDER BY records DESC, name""",
    )
    lengths = [
        {"name": f"{low} to {high}" if high else f"{low} and more", "short": f"{low}+", "kept": session.number(_within(low, high))}
        for low, high in LENGTHS
    ]
    most = material.params.split.stock_askings
    stock, under = session.con.execute(f"""
        SELECT count(*), coalesce(sum(n), 0)::BIGINT FROM (
            SELECT count(*) AS n FROM duplicates SEMI JOIN (FROM tagged WHERE kept) USING (record_id)
            WHERE answer_cluster_id IS NOT NULL GROUP BY answer_cluster_id HAVING n > {most})""").fetchall()[0]
    return {
        "answered": session.number("SELECT count(*) FROM tagged WHERE answered"),
        "rows": [row | {"why": RULES.get(row["name"], "")} for row in by_rule],
        "by_source": cross(session, "SELECT source, coalesce(answer_rule, 'none'), count(*) FROM tagged GROUP BY ALL"),
        "rules": [row["name"] for row in by_rule],
        "lengths": lengths,
        "stock": stock,
        "under": under,
        "most": most,
    }


def _within(low: int, high: int | None) -> str:
    return f"SELECT count(*) FROM tagged WHERE kept AND answer_letters >= {low}" + (f" AND answer_letters < {high}" if high else "")
