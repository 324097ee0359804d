"""SQL of the checks: conditions of a row, and queries for the rows at fault. `{batch}` is the suite's table."""

from collections.abc import Sequence

from curation.text.characters import ARABIC_INDIC, EXTENDED_ARABIC_INDIC, WESTERN
from curation.text.compiler import literal

TOLERANCE = 1e-6  # of a sum of probabilities


def holds(condition: str) -> str:
    """The rows where `condition` is not true. Null is not true, so an all-null column never passes."""
    return f"SELECT record_id FROM {{batch}} WHERE ({condition}) IS NOT TRUE"


def one_row_in(hand_over: str) -> str:
    """The record ids that do not stand exactly once in `hand_over`, and those there that the batch lacks."""
    return f"""SELECT record_id FROM (SELECT DISTINCT record_id, true AS here FROM {{batch}}) AS ours
        FULL JOIN (SELECT record_id, count(*) AS there FROM {hand_over} GROUP BY record_id) AS theirs USING (record_id)
        WHERE here IS NULL OR there IS DISTINCT FROM 1"""


def counted_as(stage: str, counts: dict[str, str]) -> str:
    """The counts of a stage's metrics, by name, that are not what their SQL finds in the hand-overs: these are of two runs."""
    found = " UNION ALL ".join(f"SELECT {literal(name)} AS place, ({sql})::BIGINT AS observed" for name, sql in counts.items())
    return f"""SELECT place, observed FROM ({found}) LEFT JOIN (FROM counted WHERE stage = {literal(stage)}) ON place = name
        WHERE n IS DISTINCT FROM observed"""


def in_one_split(column: str) -> str:
    """The records whose value of `column` stands in more than one split."""
    return f"""SELECT record_id FROM {{batch}} JOIN (
            SELECT {column} FROM split JOIN selected USING (record_id) GROUP BY {column}
            HAVING count(DISTINCT split) > 1
        ) AS torn USING ({column})"""


def median_of(column: str, between: tuple[float, float], group: str, least: int) -> str:
    """The groups of at least `least` rows whose median of a column lies outside the two bounds, with the median."""
    median = f"quantile_disc({column}, 0.5)"
    return f"""SELECT {group} AS place, {median} AS observed FROM {{batch}} WHERE {group} IS NOT NULL AND {column} IS NOT NULL
        GROUP BY {group} HAVING count(*) >= {least} AND {median} NOT BETWEEN {between[0]} AND {between[1]}"""


def shares_apart(label: str, group: str, most: float) -> str:
    """The groups whose share of some label is further from that of all rows than `most` and three standard errors, and how far."""
    return f"""WITH cells AS (
            SELECT place, label, coalesce(n, 0) AS n, sum(coalesce(n, 0)) OVER (PARTITION BY place) AS rows,
                   sum(coalesce(n, 0)) OVER (PARTITION BY label) / sum(coalesce(n, 0)) OVER () AS overall
            FROM (SELECT DISTINCT {group} AS place FROM {{batch}} WHERE {group} IS NOT NULL)
            CROSS JOIN (SELECT DISTINCT {label} AS label FROM {{batch}})
            LEFT JOIN (SELECT {group} AS place, {label} AS label, count(*) AS n FROM {{batch}} GROUP BY ALL) USING (place, label))
        SELECT place, round(max(abs(n / rows - overall)), 4) AS observed FROM cells
        WHERE abs(n / rows - overall) > {most} + 3 * sqrt(overall * (1 - overall) / rows) GROUP BY place"""


def in_range(columns: Sequence[str]) -> str:
    """Each is a probability."""
    return " AND ".join(f"{column} BETWEEN 0 AND 1" for column in columns)


def sums_to_one(columns: Sequence[str]) -> str:
    """Together they are a distribution."""
    return f"abs({' + '.join(columns)} - 1) <= {TOLERANCE}"


def most_probable(label: str, names: tuple[str, ...]) -> str:
    """The label's probability is the greatest, alone or together with others."""
    own = " ".join(f"WHEN '{name}' THEN p_{name.lower()}" for name in names)
    return f"CASE {label} {own} END >= greatest({', '.join(f'p_{name.lower()}' for name in names)})"


def flags(column: str, values: tuple[str, ...]) -> str:
    """One 0/1 column `is_<value>` a value, for a batch: their means are shares, their sums are sizes."""
    return ", ".join(f"coalesce({column} = '{value}', false)::INTEGER AS is_{value}" for value in values)


def numbers(text: str) -> str:
    """The numbers of a text in Western digits, in order, each between blanks: ' 3 1000 '."""
    found = rf"array_to_string(regexp_extract_all({text}, '\p{{Nd}}+|$'), ' ')"  # the empty one at the end is for the last blank
    return f"translate(' ' || {found}, '{ARABIC_INDIC}{EXTENDED_ARABIC_INDIC}', '{WESTERN * 2}')"


# Of a row of `raw, before, after`, the last two being numbers. Arabizi greetings have digits for letters (3afak), which go with the
# greeting: beside small Latin letters, which placeholders do not have, numbers may be missing at the ends, but none may differ.
NUMBERS_KEPT = "before = after OR (regexp_matches(raw, '[a-z]') AND contains(before, after))"
