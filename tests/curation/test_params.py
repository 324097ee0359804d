"""params.yaml: wrong keys are named, and the API's defaults are the file's."""

from pathlib import Path

import pytest

from curation import api
from curation.errors import TibyanError
from curation.params import Params, load_params
from tests.conftest import ROOT

WRONG = [
    ("elongation: 1", "elongations: 1", "clean.elongations is not a key that exists"),
    ("elongation: 1", "elongation: 7", "clean.elongation: Input should be 1 or 2, it is 7"),
    ("  digits: western", "", "clean.digits is missing"),
    ("prior: [0.46, 0.36, 0.18]", "prior: [0.5, 0.5, 0.5]", "prior must sum to 1, it sums to 1.5"),
    ("  model: null", "  model: model6", "dialect: model model6 is read by backend camel or transformers"),
    ("bands: 25", "bands: 33", "bands (33) must divide permutations (125)"),
    ("engine:", "engine: [", "not valid YAML at line"),
    ("  validation: 0.1", "  validation: 0.95", "must leave something for train"),
    ("asked_years: [1995, 2040]", "asked_years: [2040, 1995]", "validate: asked_years: the first number must not be above the second"),
    ("    question: [30, 500]", "    question: [30]", "validate.median_letters.question"),
    ("    source: 0.25", "    specialty: 0.25", "specialty is no column that drift is measured of; there are source, split"),
    ("severities: {}", "severities: {selected/dialects: fatal}", "validate.severities.selected/dialects"),
    ("engine:  ", "engine: 3\nengines:  ", "params.yaml: engine has no keys. Put them back"),
    ("version: 0.1.0", "version: one", "build.version"),
]


def test_an_empty_file_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    for content in ("", "# nothing", "just words"):
        path.write_text(content, encoding="utf-8")
        with pytest.raises(TibyanError, match=r"params\.yaml: the whole file has no keys\. Put them back; `git checkout "):
            load_params(path)


@pytest.mark.parametrize(("right", "wrong", "sentence"), WRONG, ids=[s for _, _, s in WRONG])
def test_wrong_keys_are_named(tmp_path: Path, right: str, wrong: str, sentence: str) -> None:
    text = (ROOT / "params.yaml").read_text(encoding="utf-8")
    assert right in text
    path = tmp_path / "params.yaml"
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(TibyanError) as caught:
        load_params(path)
    assert sentence in str(caught.value)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(TibyanError, match="cannot be read"):
        load_params(tmp_path / "params.yaml")


def test_the_api_has_the_defaults_of_the_file(params: Params) -> None:
    assert (
        params.clean,
        params.dialect,
        params.severity,
        params.duplicates,
    ) == (api.CLEAN, api.DIALECT, api.SEVERITY, api.DUPLICATES)
