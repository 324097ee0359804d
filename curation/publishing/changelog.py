"""CHANGELOG.md of a dataset: one section a version, written from its difference to the last one."""

from curation.publishing.difference import Difference

TITLE = "# Changelog of the dataset\n"
MOST = 12  # columns named of those that changed


def with_section(text: str, version: str, lines: list[str]) -> str:
    """The changelog with a section for this version above all others."""
    body = text.removeprefix(TITLE).strip("\n")
    section = f"## {version}\n\n" + "\n".join(f"- {line}" for line in lines)
    return "\n".join([TITLE, section, *(["", body] if body else []), ""])


def lines_of(found: Difference, since: str) -> list[str]:
    """What a person wants to know before he takes the new version."""
    added, removed = sum(found.added.values()), sum(found.removed.values())
    lines = [f"{found.new} rows; {since} had {found.old}"]
    if added:
        lines.append(f"{added} added: {_listed(found.added)}")
    if removed:
        lines.append(f"{removed} removed: {_listed(found.removed)}")
    if found.changed:
        named = dict(sorted(found.changed.items(), key=lambda item: (-item[1], item[0]))[:MOST])
        more = f", and {len(found.changed) - MOST} other columns" if len(found.changed) > MOST else ""
        lines.append(f"changed in rows of both: {_listed(named)}{more}")
    lines += [f"{label}: {_listed(moves)}" for label, moves in found.shifts.items()]
    moved = {name: value for name, value in found.drift.items() if value > 0}
    lines.append("drift (Jensen-Shannon): " + (", ".join(f"{name} {value:g}" for name, value in moved.items()) or "none"))
    if not (added or removed or found.changed):
        lines.append("the same rows with the same values")
    return lines


def first_lines(rows: dict[str, int]) -> list[str]:
    """Of a first version, with its rows by config."""
    return [f"first version: {_listed(rows)} rows"]


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())
