"""The compiler: ordered rules in, DuckDB expressions out. The engine never sees Python again until the rows are done."""

from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from itertools import groupby
from typing import NamedTuple, cast

import duckdb

from curation.text.characters import any_of
from curation.text.rule import Rule

PIECES = "_pieces"  # the column of a chain that holds what the look of a block found in the text, null where it found nothing


class Step(NamedTuple):
    """SQL over a text expression, to be done where `look` is true of it: always where there is none."""

    change: Callable[[str], str]
    look: Callable[[str], str] | None = None
    needs: str = ""  # RE2: see Rule

    def sql(self, text: str, only: str = "") -> str:
        """The changed text. Where it looks first, or is done `only` where that condition holds, it names the text more than once."""
        looks = " AND ".join(filter(None, (only, self.look and self.look(text))))
        return f"CASE WHEN {looks} THEN {self.change(text)} ELSE {text} END" if looks else self.change(text)


def compile_rules(rules: Iterable[Rule], text: str) -> str:
    """The one SQL expression that applies the rules, one inside the other, to the text expression `text`."""
    for _, step in _steps(rules):
        # Bound by a lambda, so that `text` is computed once. DuckDB compiles the patterns in it for every 2,048 rows: see `levels`.
        text = f"list_transform([{text}], lambda s: {step.sql('s')})[1]" if step.look else step.sql(text)
    return text


def levels(rules: Iterable[Rule], column: str) -> list[str]:
    """The same as a chain of projections over any table with that column, which each replaces: the faster form for a whole table."""
    chain: list[str] = []
    pending = column
    for block, steps in groupby(_steps(rules), key=lambda found: found[0]):
        if block:
            chain += [f"* REPLACE ({pending} AS {column})", *_block(block, [step for _, step in steps], column)]
            pending = column
            continue
        for _, step in steps:
            if step.look and pending != column:
                chain.append(f"* REPLACE ({pending} AS {column})")
                pending = column
            pending = step.sql(pending)
    return [level for level in (*chain, f"* REPLACE ({pending} AS {column})") if level != f"* REPLACE ({column} AS {column})"]


def _block(look: str, steps: list[Step], column: str) -> Iterator[str]:
    """The levels of a block. What its look finds becomes a column, in which the steps look first; one that did something renews it."""
    found = f"array_to_string(regexp_extract_all({column}, {literal(look)}), '')" if any(step.needs for step in steps) else "''"
    yield f"*, CASE WHEN {_matches(look)(column)} THEN {found} END AS {PIECES}"
    for step, then in zip(steps, (*steps[1:], None), strict=True):
        here = _matches(step.needs)(PIECES) if step.needs else f"{PIECES} IS NOT NULL"
        yield f"* REPLACE ({step.sql(column, here)} AS {column})"
        if then and then.needs:
            yield f"* REPLACE (CASE WHEN {here} THEN {found} ELSE {PIECES} END AS {PIECES})"
    yield f"* EXCLUDE ({PIECES})"


def applied(table: duckdb.DuckDBPyRelation, rules: Iterable[Rule], column: str) -> duckdb.DuckDBPyRelation:
    """The table with the rules applied to one of its columns of text."""
    return projected(table, levels(rules, column))


def projected(table: duckdb.DuckDBPyRelation, chain: Iterable[str]) -> duckdb.DuckDBPyRelation:
    """The table through a chain of projections in one query: DuckDB would bind a relation again at each of a hundred."""
    through = table.query("_given", reduce(lambda q, level: f"SELECT {level} FROM ({q})", chain, "FROM _given"))
    return cast(duckdb.DuckDBPyRelation, through)  # None for a statement without rows, which a projection never is


def applied_sql(query: str, rules: Iterable[Rule], column: str) -> str:
    """The same for a query of rows."""
    return reduce(lambda q, level: f"SELECT {level} FROM ({q})", levels(rules, column), query)


def may_change(rules: Iterable[Rule], text: str) -> str:
    """A SQL condition that is false only where the rules leave the text as it is: all their looks, much cheaper than the rules."""
    looks = []
    for block, group in groupby(rules, key=lambda rule: rule.block):
        seen = " OR ".join(look(text) for look in _looks(tuple(group)))
        looks.append(f"({_matches(block)(text)} AND ({seen}))" if block else seen)
    return f"({' OR '.join(looks)})"


def _looks(rules: tuple[Rule, ...]) -> Iterator[Callable[[str], str]]:
    """Conditions of which one is true where one of the rules changes a text that those before it leave as it is."""
    if characters := "".join("".join(_mapping(rule)) for rule in rules if _of_characters(rule)):
        yield _matches(any_of(characters))
    for rule in rules:
        if rule.only_where:
            yield _matches(*rule.only_where)
        elif rule.collapse:
            yield _matches(runs_of(rule.collapse, rule.shortest_run))
        elif rule.function:
            yield lambda s, function=rule.function: f"{function}({s}) <> {s}"  # type: ignore[misc]
        elif rule.backwards:
            yield lambda s, pattern=rule.pattern: f"regexp_matches(reverse({s}), {literal(pattern)})"  # type: ignore[misc]
        elif rule.pattern:
            yield _matches(rule.pattern)


def literal(value: str) -> str:
    """A SQL string literal."""
    return "'" + value.replace("'", "''") + "'"


def _steps(rules: Iterable[Rule]) -> Iterator[tuple[str, Step]]:
    """The block of each step and the step. Neighbouring rules about single characters become one."""
    for (of_characters, block), group in groupby(rules, key=lambda rule: (_of_characters(rule), rule.block)):
        if of_characters:
            yield from ((block, step) for step in _characters(reduce(_composed, map(_mapping, group))))
        else:
            yield from ((block, step) for rule in group for step in _step(rule))


def _of_characters(rule: Rule) -> bool:
    return bool(rule.delete or rule.characters) and not rule.only_where


def _step(rule: Rule) -> Iterator[Step]:
    look = _matches(*rule.only_where) if rule.only_where else None
    if rule.delete or rule.characters:
        yield from (Step(step.change, look, rule.needs) for step in _characters(_mapping(rule)))
    elif rule.collapse:
        yield _collapse(rule)._replace(needs=rule.needs)
    elif rule.grouped:
        yield _grouped_pieces(rule)
    else:
        yield Step(_whole(rule), look, rule.needs)


def _whole(rule: Rule) -> Callable[[str], str]:
    """The rule as a function of one text."""
    if rule.function:
        return lambda s: f"{rule.function}({s})"
    if not rule.pattern:
        raise ValueError(f"rule {rule.name} does nothing")
    if rule.piece:
        return lambda s: _pieces(s, literal(rule.pattern), rule.piece)
    arguments = f"{literal(rule.pattern)}, {literal(rule.replacement)}, 'g'"
    if rule.backwards:
        # So much is left of it; turned back it would not always be what it was, since reverse() keeps some marks behind their letters.
        return lambda s: f"left({s}, length(regexp_replace(reverse({s}), {arguments})))"
    return lambda s: f"regexp_replace({s}, {arguments})"


def _pieces(text: str, pattern: str, piece: str) -> str:
    """What stands between the pieces that the pattern finds, and each piece changed."""
    both = f"list_zip(string_split_regex({text}, {pattern}), regexp_extract_all({text}, {pattern}))"
    changed = f"list_transform([z[2]], lambda p: {piece})[1]"
    return f"array_to_string(list_transform({both}, lambda z: z[1] || CASE WHEN z[2] IS NULL THEN '' ELSE {changed} END), '')"


def _grouped_pieces(rule: Rule) -> Step:
    """The same for the first group of the pattern, wherever else in the text that string stands too; the longest first."""

    def words(text: str) -> str:
        return f"array_to_string(regexp_extract_all({text}, {literal(rule.within)}), ' ')"

    def change(text: str) -> str:
        groups = f"list_distinct(regexp_extract_all({words(text)}, {literal(rule.pattern)}, 1))"
        found = f"list_transform({groups}, lambda p: {{'n': length(p), 'p': p}})"
        return f"list_reduce(list_transform(list_reverse_sort({found}), lambda f: f.p), lambda t, p: replace(t, p, {rule.piece}), {text})"

    return Step(change, lambda text: _matches(rule.pattern)(words(text)), rule.needs)


def _mapping(rule: Rule) -> dict[str, str]:
    return {**dict.fromkeys(rule.delete, ""), **rule.characters}


def _composed(first: dict[str, str], then: dict[str, str]) -> dict[str, str]:
    """What both maps do, one after the other."""
    return {**then, **{a: "".join(then.get(c, c) for c in b) for a, b in first.items()}}


def _characters(mapping: dict[str, str]) -> Iterator[Step]:
    """One replacement for each ligature that is there, one pass for what goes, translate() where a one-to-one map has anything to do.

    Each needs one of its characters.
    """
    single = {a: b for a, b in mapping.items() if len(b) == 1 and a != b}
    many = {a: b for a, b in mapping.items() if len(b) > 1}
    gone = "".join(a for a, b in mapping.items() if not b)
    if many:  # one look-up for each that stands in the text: a map is searched from its start
        table = "MAP {" + ", ".join(f"{literal(a)}: {literal(b)}" for a, b in many.items()) + "}"
        ligature = any_of("".join(many))
        yield Step(
            lambda s: (
                f"list_reduce(list_distinct(regexp_extract_all({s}, {literal(ligature)})), lambda t, c: replace(t, c, {table}[c]), {s})"
            ),
            _matches(ligature),
            ligature,
        )
    together = len(gone) <= len(single)  # RE2 with a constant class is twice as fast as translate(), which builds its table for every row
    if gone and not together:
        yield Step(lambda s: f"regexp_replace({s}, {literal(any_of(gone))}, '', 'g')", needs=any_of(gone))
    if single:
        before = "".join(single) + (gone if together else "")  # a character without one in its place goes
        yield Step(
            lambda s: f"translate({s}, {literal(before)}, {literal(''.join(single.values()))})", _matches(any_of(before)), any_of(before)
        )


def _collapse(rule: Rule) -> Step:
    """RE2 has no back-references: the runs that stand in a text are listed, and each is replaced, the longer of a character first."""
    runs = runs_of(rule.collapse, rule.shortest_run)
    kept: dict[int, str] = {}
    for character, keep in rule.collapse.items():
        kept[keep] = kept.get(keep, "") + character
    usual, *others = sorted(kept, key=lambda keep: -len(kept[keep]))
    whens = "".join(f" WHEN contains({literal(kept[n])}, r[1]) THEN {n}" for n in others)
    length = f"CASE{whens} ELSE {usual} END" if others else str(usual)
    return Step(lambda s: shorter_runs(s, runs, length), _matches(*(rule.only_where or (runs,))))


def runs_of(keep: dict[str, int], shortest: int) -> str:
    """RE2 of a run of any of these characters that is longer than what is kept of it."""
    return "|".join(f"\\x{{{ord(c):x}}}{{{max(shortest, n + 1)},}}" for c, n in keep.items())


def shorter_runs(text: str, runs: str, length: str) -> str:
    """SQL that leaves `length` (SQL over the run `r`) of each run in the text."""
    found = f"list_reverse_sort(list_distinct(regexp_extract_all({text}, {literal(runs)})))"
    return f"list_reduce({found}, lambda t, r: replace(t, r, left(r, {length})), {text})"


def _matches(*patterns: str) -> Callable[[str], str]:
    """SQL condition: any of the patterns stands in the text. DuckDB makes a plain search of a pattern that is a word."""
    return lambda s: "(" + " OR ".join(f"regexp_matches({s}, {literal(pattern)})" for pattern in patterns) + ")"
