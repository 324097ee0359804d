"""Sources: what came of each, why records were dropped, and how long and how Arabic its texts are."""

from typing import Any

from curation.report.material import Material
from curation.report.queries import cross, mean, rows
from curation.schema import SPLITS

FATES = ("kept", "repeats another", "dropped for another reason")


def figures(material: Material) -> dict[str, Any]:
    """By source: pieces left out at reading, records, answered, dropped, kept, the kept by split; medians; dropped by reason."""
    by_split = ", ".join(f"count(*) FILTER (split = '{name}') AS {name}" for name in SPLITS)
    table = rows(
        material.session,
        f"""
        SELECT source, coalesce(any_value(rejected), 0) AS rejected, count(record_id) AS records,
               count(*) FILTER (answered) AS answered, count(*) FILTER (NOT kept) AS dropped,
               count(*) FILTER (kept) AS kept, count(*) FILTER (reject_reason = 'duplicate') AS repeats, {by_split},
               quantile_disc(question_letters, 0.5) AS question_letters,
               quantile_disc(answer_letters, 0.5) FILTER (answered) AS answer_letters,
               round({mean("arabic_share")}, 4) AS arabic_share, round({mean("confidence")}, 4) AS confidence
        FROM tagged FULL JOIN (SELECT source, count(*) AS rejected FROM rejects GROUP BY source) USING (source)
        GROUP BY source ORDER BY source""",
    )
    reasons = cross(material.session, "SELECT reject_reason, source, count(*) FROM tagged WHERE NOT kept GROUP BY ALL")
    fates = [(row["source"], [row["kept"], row["repeats"], row["dropped"] - row["repeats"]]) for row in table]
    return {"rows": table, "names": [row["source"] for row in table], "reasons": reasons, "fates": fates, "fate_names": FATES}
