"""Word lists that answers are judged by, one CSV each; not among those of curation, so that a row here runs no earlier stage again."""

from functools import partial

from curation import lexicons

load = partial(lexicons.load, package=__name__)
