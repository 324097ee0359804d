"""How many letters a text has, in SQL: what `select` decides by, and `split` and the gate after it."""

PERSIAN = {"ی": "ي", "ک": "ك", "ھ": "ه", "ہ": "ه"}  # letters of Persian keyboards that look like ours, and which they stand for
LETTER = r"\p{L}"  # RE2


def letters(text: str) -> str:
    """The number of letters."""
    return f"length(regexp_replace({text}, '[^{LETTER}]+', '', 'g'))"


def at_least(text: str, least: int | str) -> str:
    """The text has so many letters. Its beginning mostly tells, and counting letters is slow."""
    return f"CASE WHEN {letters(f'left({text}, 2 * ({least}))')} >= {least} THEN true ELSE {letters(text)} >= {least} END"


def at_most(text: str, most: int | str) -> str:
    """The text has no more letters. Mostly it has no more characters."""
    return f"CASE WHEN length({text}) <= {most} THEN true ELSE {letters(text)} <= {most} END"
