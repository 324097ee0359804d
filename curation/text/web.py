"""Leftovers of web pages: entities become their characters, tags go. A < that opens no tag is a comparison and stays: p<0.05."""

from html.entities import name2codepoint
from typing import Any

from curation.text.characters import ARABIC_INDIC, CONTROL, EXTENDED_ARABIC_INDIC, WESTERN, any_of
from curation.text.compiler import literal
from curation.text.rule import Rule

# The 252 names of HTML 4 and &apos;. Those of mathematics that HTML 5 added stand in no dump.
NAMES = {**{name: chr(point) for name, point in name2codepoint.items()}, "apos": "'"}
AMPERSAND = "(?:amp|#0*38|#[xX]0*26)"
DIGIT = "[0-9٠-٩۰-۹]"
ENTITY = rf"&(?:{AMPERSAND};)*(?:#{DIGIT}{{1,7}}|#[xX][0-9a-fA-F]{{1,6}}|{'|'.join(sorted(NAMES, reverse=True))});|&nbsp"
# Numbers 128 to 159 are the signs of Windows-1252 (HTML, "numeric character reference end state").
WINDOWS_1252 = "".join(bytes([b]).decode("cp1252", errors="replace") for b in range(128, 160))

BLOCKS = (
    "address|article|aside|blockquote|body|br|center|dd|div|dl|dt|figure|footer|form|h[1-6]|head|header|hr|html|li|main|nav|ol|p|pre|"
    "section|table|tbody|td|tfoot|th|thead|title|tr|ul"
)
INLINE = (
    "a|abbr|audio|b|big|button|cite|code|del|em|font|i|iframe|img|input|ins|label|link|mark|meta|o:p|path|q|s|small|source|span|strike|"
    "strong|sub|sup|svg|tt|u|video|wbr"
)
ATTRIBUTE = r"""(?:\s+[A-Za-z][\w:-]*=(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>]+))"""
UNSHOWN = r"<!--(?:[^-]|-[^-]|--[^>])*-->|(?i:<(?:script|style)(?:\s[^<>]*)?>[^<]*</(?:script|style)>)|<!DOCTYPE[^<>]*>"
TAG = f"(?i:</?(?:{BLOCKS}|{INLINE}){ATTRIBUTE}*(?:>| ?/>))"


def web_rules(block: str, invisible: str) -> tuple[Rule, ...]:
    """The rules, in order: an escaped tag is a tag only when its entities are characters."""
    hidden = any_of(invisible + "".join(c for c in CONTROL if c < "\x80"))

    def rule(name: str, why: str, pattern: str, look: str, replacement: str = "", piece: str = "") -> Rule:
        source = "HTML 4, Python html.entities" if piece else "HTML"
        change: dict[str, Any] = {"pattern": pattern, "replacement": replacement, "piece": piece}
        return Rule(name, "text", why, source, **change, only_where=(look,), block=block, needs=look)

    return (
        rule("html_hidden", "a mark that is not seen splits a tag", hidden, "[<&]"),
        rule("html_entity", "an entity stands for its character, however often it was escaped", ENTITY, "&", piece=_character("p")),
        rule("html_ampersand", "the last of many escapes", f"&(?:{AMPERSAND};)+", "&", "&"),
        rule("html_comment", "what a page does not show", UNSHOWN, "<", " "),
        rule("html", "tags of known names", TAG, "<", " "),
    )


def _character(entity: str) -> str:
    """SQL for the character of an entity. ASCII letters, digits, # and ; stay escaped: they could make entities."""
    name = f"regexp_extract({entity}, '(#?[0-9A-Za-z٠-٩۰-۹]+);?$', 1)"
    digits = f"translate(n[2:], {literal(ARABIC_INDIC + EXTENDED_ARABIC_INDIC)}, {literal(WESTERN * 2)})"
    point = f"CASE WHEN n[2] IN ('x', 'X') THEN ('0x' || n[3:])::INTEGER ELSE {digits}::INTEGER END"
    shown = f"""CASE
        WHEN c < 32 THEN ' '
        WHEN c IN (35, 59) OR c BETWEEN 48 AND 57 OR c BETWEEN 65 AND 90 OR c BETWEEN 97 AND 122 THEN {entity}
        WHEN c BETWEEN 128 AND 159 THEN {literal(WINDOWS_1252)}[c - 127]
        WHEN c BETWEEN 55296 AND 57343 OR c > 1114111 THEN chr(65533)
        ELSE chr(c) END"""
    numbered = f"list_transform([{point}], lambda c: {shown})[1]"
    named = f"MAP {{{', '.join(f'{literal(a)}: {literal(b)}' for a, b in NAMES.items())}}}[n]"
    return f"list_transform([{name}], lambda n: CASE WHEN n[1] = '#' THEN {numbered} ELSE {named} END)[1]"
