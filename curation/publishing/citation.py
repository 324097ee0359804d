"""How the dataset is cited: CITATION.cff (https://citation-file-format.github.io) and a line."""

import yaml

from curation.params import BuildParams

# The Hub's ids of licences in the letters of SPDX, which the format asks for; another is left out.
SPDX = {
    "cc0-1.0": "CC0-1.0",
    "cc-by-4.0": "CC-BY-4.0",
    "cc-by-sa-4.0": "CC-BY-SA-4.0",
    "cc-by-nc-4.0": "CC-BY-NC-4.0",
    "cc-by-nc-sa-4.0": "CC-BY-NC-SA-4.0",
    "odc-by": "ODC-By-1.0",
    "odbl": "ODbL-1.0",
    "mit": "MIT",
    "apache-2.0": "Apache-2.0",
}


def citation_cff(build: BuildParams) -> str:
    """The text of CITATION.cff, format 1.2.0. Without a date: the same version is the same bytes."""
    content = {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it by these metadata.",
        "type": "dataset",
        "title": build.pretty_name,
        "version": build.version,
        **({"license": SPDX[build.license]} if build.license in SPDX else {}),
        "authors": [{"name": name} for name in build.authors],
        "keywords": ["arabic", "medical", "dialect", "severity"],
    }
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=1000)


def cite_as(build: BuildParams) -> str:
    """The same as one line. Not as BibTeX, whose `@misc` is a handle to any scanner."""
    return f"{', '.join(build.authors)}: {build.pretty_name}, version {build.version} (data set)."
