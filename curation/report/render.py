"""Values into the page. Everything is escaped; a missing value is an error, never an empty place."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, UndefinedError
from markupsafe import Markup

from curation.errors import TibyanError

PAGE = "page.html.jinja"
UNITS = ("B", "kB", "MB", "GB")


def render_page(values: dict[str, Any], sections: dict[str, Any]) -> str:
    """The page: each section of `sections`, which maps its name to its figures, by the template of its name, with `values` for all.

    Raises TibyanError naming the value that a template asks for and the run does not have.
    """
    environment = Environment(
        loader=PackageLoader("curation.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"count": count, "share": share, "size": size, "value": value, "words": words}
    values = values | {name: environment.get_template(f"{name}.jinja").module for name in ("charts", "tables", "texts")}
    bodies = {name: Markup(_render(environment, f"sections/{name}.jinja", values | {"s": s})) for name, s in sections.items()}
    return _render(environment, PAGE, values | {"found": sections, "bodies": bodies})


def _render(environment: Environment, template: str, values: dict[str, Any]) -> str:
    try:
        return environment.get_template(template).render(values)
    except UndefinedError as error:
        raise TibyanError(f"curation/report/{template}: {error.message}. Give it in the module of its name, or take it out.") from None


def count(number: int) -> str:
    """1408 as 1,408."""
    return f"{number:,}"


def share(part: float, whole: float = 1) -> str:
    """A share in per cent with one digit; a dash where there is nothing to take it of."""
    return f"{100 * part / whole:.1f}%" if whole else "–"


def size(number: int) -> str:
    """Bytes as people say them."""
    amount, unit = float(number), 0
    while amount >= 1000 and unit < len(UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.0f} {UNITS[unit]}" if unit == 0 else f"{amount:.1f} {UNITS[unit]}"


def value(content: Any) -> str:
    """A metric as another stage wrote it: a dash for nothing, thousands apart, decimals as they are."""
    if content is None:
        return "–"
    if isinstance(content, bool):
        return "yes" if content else "no"
    return count(content) if isinstance(content, int) else str(content)


def words(name: str) -> str:
    """A key of a hand-over as words: question_too_short."""
    return name.replace("_", " ")
