"""The compiler: ordered rules in, DuckDB expressions out. The engine never sees Python again until the rows are done."""

from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from itertools import groupby
from typing import NamedTuple

from curation.text.rules import Rule


class Step(NamedTuple):
    """SQL over a text expression; `asks` where it uses the text more than once, to look first whether there is anything to do."""

    sql: Callable[[str], str]
    asks: bool = False


def compile_rules(rules: Iterable[Rule], text: str) -> str:
    """The one SQL expression that applies the rules, one inside the other, to the text expression `text`."""
    for step in _steps(rules):
        # Bound by a lambda, so that `text` is computed once. DuckDB compiles the patterns in it once a block of rows: see `levels`.
        text = f"list_transform([{text}], lambda s: {step.sql('s')})[1]" if step.asks else step.sql(text)
    return text


def levels(rules: Iterable[Rule], column: str) -> list[str]:
    """The same as a chain of projections, each an expression over `column` that is to replace it: the faster form for a whole table."""
    chain = [column]
    for step in _steps(rules):
        if step.asks and chain[-1] != column:
            chain.append(column)
        chain[-1] = step.sql(chain[-1])
    return chain


def where_changed(rules: Iterable[Rule], text: str) -> str:
    """The same as `compile_rules`, for texts that are mostly clean: a quick look, and the rules only where one of them may do something."""
    rules = tuple(rules)
    looks, characters = [], []
    for rule in rules:
        if rule.delete or rule.characters:
            characters.append(_class("".join(_mapping(rule))))
        elif rule.only_where:
            characters.append(rule.only_where)
        elif rule.collapse:
            looks.append(f"regexp_matches({text}, {literal(_runs(rule))})")
        elif rule.function:
            looks.append(f"{rule.function}({text}) <> {text}")
        else:
            place = f"reverse(right({text}, {rule.backwards}))" if rule.backwards else text
            looks.append(f"regexp_matches({place}, {literal(rule.pattern)})")
    if characters:  # together they cost what one of them costs; with longer patterns they would not
        looks.insert(0, f"regexp_matches({text}, {literal('|'.join(characters))})")
    return f"CASE WHEN {' OR '.join(looks)} THEN {compile_rules(rules, text)} ELSE {text} END"


def literal(value: str) -> str:
    """A SQL string literal."""
    return "'" + value.replace("'", "''") + "'"


def _steps(rules: Iterable[Rule]) -> Iterator[Step]:
    """Neighbouring rules about single characters become one."""
    for of_characters, group in groupby(rules, key=lambda rule: bool(rule.delete or rule.characters)):
        if of_characters:
            yield from _characters(reduce(_composed, map(_mapping, group)))
        else:
            yield from map(_step, group)


def _step(rule: Rule) -> Step:
    if rule.only_where:
        return _where(rule.only_where, _whole(rule))
    if rule.backwards:
        return _where(rule.pattern, _whole(rule), lambda s: f"reverse(right({s}, {rule.backwards}))")
    if rule.collapse:
        return _collapse(rule)
    return Step(_whole(rule))


def _whole(rule: Rule) -> Callable[[str], str]:
    """The rule as a function of one text."""
    if rule.function:
        return lambda s: f"{rule.function}({s})"
    if not rule.pattern:
        raise ValueError(f"rule {rule.name} does nothing")
    arguments = f"{literal(rule.pattern)}, {literal(rule.replacement)}, 'g'"
    if rule.backwards:
        return lambda s: f"reverse(regexp_replace(reverse({s}), {arguments}))"
    return lambda s: f"regexp_replace({s}, {arguments})"


def _mapping(rule: Rule) -> dict[str, str]:
    return {**dict.fromkeys(rule.delete, ""), **rule.characters}


def _composed(first: dict[str, str], then: dict[str, str]) -> dict[str, str]:
    """What both maps do, one after the other."""
    return {**then, **{a: "".join(then.get(c, c) for c in b) for a, b in first.items()}}


def _characters(mapping: dict[str, str]) -> Iterator[Step]:
    """One pass for what goes, then translate() for one-to-one maps and a lookup by character for the rest, where there are any of them."""
    gone = "".join(a for a, b in mapping.items() if not b)
    single = {a: b for a, b in mapping.items() if len(b) == 1 and a != b}
    many = {a: b for a, b in mapping.items() if len(b) > 1}
    if gone:  # RE2 with a constant class is twice as fast as translate(), which builds its table for every row
        yield Step(lambda s: f"regexp_replace({s}, {literal(_class(gone))}, '', 'g')")
    if many:
        table = "MAP {" + ", ".join(f"{literal(a)}: {literal(b)}" for a, b in many.items()) + "}"
        spell = f"lambda c: coalesce({table}[c], c)"
        yield _where(_class("".join(many)), lambda s: f"array_to_string(list_transform(string_split({s}, ''), {spell}), '')")
    if single:
        arguments = f"{literal(''.join(single))}, {literal(''.join(single.values()))}"
        yield _where(_class("".join(single)), lambda s: f"translate({s}, {arguments})")


def _collapse(rule: Rule) -> Step:
    """RE2 has no back-references: the runs that stand in a text are listed, and each is replaced, the longer of a character first."""
    runs = _runs(rule)
    kept: dict[int, str] = {}
    for character, keep in rule.collapse.items():
        kept[keep] = kept.get(keep, "") + character
    usual, *others = sorted(kept, key=lambda keep: -len(kept[keep]))
    whens = "".join(f" WHEN contains({literal(kept[n])}, r[1]) THEN {n}" for n in others)
    length = f"CASE{whens} ELSE {usual} END" if others else str(usual)
    shorter = f"lambda t, r: replace(t, r, left(r, {length}))"
    return _where(
        runs, lambda s: f"list_reduce(list_reverse_sort(list_distinct(regexp_extract_all({s}, {literal(runs)}))), {shorter}, {s})"
    )


def _runs(rule: Rule) -> str:
    return "|".join(f"\\x{{{ord(c):x}}}{{{max(rule.shortest_run, keep + 1)},}}" for c, keep in rule.collapse.items())


def _where(pattern: str, changed: Callable[[str], str], place: Callable[[str], str] = str) -> Step:
    """`changed` where the pattern stands in the text, or in that place of it."""
    return Step(lambda s: f"CASE WHEN regexp_matches({place(s)}, {literal(pattern)}) THEN {changed(s)} ELSE {s} END", True)


def _class(characters: str) -> str:
    return "[" + "".join(f"\\x{{{ord(c):x}}}" for c in characters) + "]"
