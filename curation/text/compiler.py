"""The compiler: ordered rules in, one DuckDB expression out. The engine never sees Python again until the rows are done."""

from collections.abc import Iterable

from curation.text.rules import Rule


def compile_rules(rules: Iterable[Rule], expression: str) -> str:
    """The SQL expression that applies the rules, one inside the other, to the text expression `expression`."""
    for rule in rules:
        expression = compile_rule(rule, expression)
    return expression


def compile_rule(rule: Rule, text: str) -> str:
    """One rule over one SQL text expression."""
    if rule.function:
        return f"{rule.function}({text})"
    if rule.backwards:
        return f"reverse(regexp_replace(reverse({text}), {literal(rule.pattern)}, {literal(rule.replacement)}, 'g'))"
    if rule.pattern:
        return f"regexp_replace({text}, {literal(rule.pattern)}, {literal(rule.replacement)}, 'g')"
    if rule.delete:
        # RE2 with a constant class is twice as fast as translate(), which builds its table for every row.
        return f"regexp_replace({text}, {literal(_class(rule.delete))}, '', 'g')"
    if rule.characters:
        return _characters(rule.characters, text)
    if rule.collapse:
        return _collapse(rule, text)
    raise ValueError(f"rule {rule.name} does nothing")


def literal(value: str) -> str:
    """A SQL string literal."""
    return "'" + value.replace("'", "''") + "'"


def _class(characters: str) -> str:
    return "[" + "".join(f"\\x{{{ord(c):x}}}" for c in characters) + "]"


def _characters(mapping: dict[str, str], text: str) -> str:
    """translate() for one-to-one maps, a lookup by character for the rest; rows with none of the characters skip both."""
    single = {a: b for a, b in mapping.items() if len(b) == 1}
    gone = [a for a, b in mapping.items() if not b]
    many = {a: b for a, b in mapping.items() if len(b) > 1}
    changed = "s"
    if many:
        table = "MAP {" + ", ".join(f"{literal(a)}: {literal(b)}" for a, b in many.items()) + "}"
        changed = f"array_to_string(list_transform(string_split({changed}, ''), lambda c: coalesce({table}[c], c)), '')"
    if single or gone:
        changed = f"translate({changed}, {literal(''.join(single) + ''.join(gone))}, {literal(''.join(single.values()))})"
    return _where(f"regexp_matches(s, {literal(_class(''.join(mapping)))})", changed, text)


def _collapse(rule: Rule, text: str) -> str:
    """RE2 has no back-references: one pattern a letter, tried only where some letter runs on."""
    runs = "|".join(f"\\x{{{ord(c):x}}}{{3,}}" for c in rule.collapse)
    changed = "s"
    for letter, keep in rule.collapse.items():
        changed = f"regexp_replace({changed}, {literal(f'{_class(letter)}{{3,}}')}, {literal(letter * keep)}, 'g')"
    collapsed = _where(f"regexp_matches(s, {literal(runs)})", changed, text)
    for letter in rule.halve:
        collapsed = f"replace({collapsed}, {literal(letter * 2)}, {literal(letter)})"
    return collapsed


def _where(condition: str, changed: str, text: str) -> str:
    """`changed` where `condition` holds, both over `s`, which is bound to `text` so that `text` is computed once."""
    return f"list_transform([{text}], lambda s: CASE WHEN {condition} THEN {changed} ELSE s END)[1]"
