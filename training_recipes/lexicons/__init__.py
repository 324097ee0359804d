"""Word lists that answers are judged by, one CSV each; not among those of curation, so that a row here runs no earlier stage again."""

from functools import partial

from curation.lexicons import load as load_from

load = partial(load_from, package=__name__)
