"""SQL of the checks: conditions of a row, and queries for the rows at fault. `{batch}` is the suite's table."""

from curation.text.characters import ARABIC_INDIC, EXTENDED_ARABIC_INDIC, WESTERN

TOLERANCE = 1e-6  # of a sum of probabilities


def holds(condition: str) -> str:
    """The rows where `condition` is not true. Null is not true, so an all-null column never passes."""
    return f"SELECT record_id FROM {{batch}} WHERE ({condition}) IS NOT TRUE"


def one_row_in(hand_over: str) -> str:
    """The record ids that do not stand exactly once in `hand_over`, and those there that the batch lacks."""
    return f"""SELECT record_id FROM (SELECT DISTINCT record_id, true AS here FROM {{batch}}) AS ours
        FULL JOIN (SELECT record_id, count(*) AS there FROM {hand_over} GROUP BY record_id) AS theirs USING (record_id)
        WHERE here IS NULL OR there IS DISTINCT FROM 1"""


def in_one_split(column: str) -> str:
    """The records whose value of `column` stands in more than one split."""
    return f"""SELECT record_id FROM {{batch}} JOIN (
            SELECT {column} FROM split JOIN selected USING (record_id) GROUP BY {column}
            HAVING count(DISTINCT split) > 1
        ) AS torn USING ({column})"""


def in_range(columns: list[str]) -> str:
    """Each is a probability."""
    return " AND ".join(f"{column} BETWEEN 0 AND 1" for column in columns)


def sums_to_one(columns: list[str]) -> str:
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


def numbers_kept(side: str) -> str:
    """Cleaning kept every number of a row of `raw, before, after`; what has no such row has kept all.

    Arabizi greetings have digits for letters (3afak), which go with the greeting: beside small Latin letters, which
    placeholders do not have, numbers may be missing at the ends, but none may differ.
    """
    before, after = f"{side}.before", f"{side}.after"
    kept = f"{before} = {after} OR (regexp_matches({side}.raw, '[a-z]') AND contains({before}, {after}))"
    return f"CASE WHEN {side}.record_id IS NULL THEN true ELSE coalesce({kept}, false) END"
