"""camel-tools' classifiers in place of the words: the same columns, each label the right dialect, and every failure a sentence."""

import ast
import importlib.util
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from curation import identify_dialect
from curation.dialect.classifiers.camel import CamelIdentifier
from curation.dialect.classifiers.labels import dialects_of
from curation.errors import TibyanError
from curation.params import Params
from curation.schema import ARABIC_DIALECTS
from tests.curation.camel_data import CITIES, SENTENCES, write_catalogue, write_corpora
from tests.curation.dialect_backends import ARABIZI, ENGLISH, LONG, TEXTS, params_of, same_whatever_the_threads


def constants(model: str) -> dict[str, Any]:
    """The literal constants of a module of camel_tools.dialectid, which cannot be imported without its data."""
    spec = importlib.util.find_spec("camel_tools")
    assert spec and spec.submodule_search_locations
    source = (Path(spec.submodule_search_locations[0]) / "dialectid" / f"{model}.py").read_text(encoding="utf-8")
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = node.value.args[0] if isinstance(node.value, ast.Call) and node.value.args else node.value
            try:
                found[node.targets[0].id] = ast.literal_eval(value)
            except ValueError:
                continue
    return found


@pytest.mark.parametrize(("model", "count"), [("model6", 6), ("model26", 26)])
def test_every_label_of_camel_is_of_its_country(model: str, count: int) -> None:
    names = constants(model)
    labels = sorted(names["_DEFAULT_LABELS"])
    assert len(labels) == count
    by_city = dialects_of(labels, {}, model)
    assert by_city == dialects_of([names["_LABEL_TO_COUNTRY_MAP"][label] for label in labels], {}, model)
    by_region = dialects_of([names["_LABEL_TO_REGION_MAP"][label] for label in labels], {}, model)
    # MADAR's regions have no Iraq, and agree in all else.
    assert {label for label, a, b in zip(labels, by_city, by_region, strict=True) if a != b} <= {"BAG", "BAS", "MOS"}
    assert all(dialect == by_city[labels.index(city)] for dialect, cities in CITIES.items() for city in cities if city in labels)


CAMEL = ("camel_tools.data", "camel_tools.dialectid", "camel_tools.cli")


def forget_camel() -> dict[str, ModuleType]:
    """camel-tools reads where its data is once a process."""
    return {name: sys.modules.pop(name) for name in [*sys.modules] if name.startswith(CAMEL)}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both models of camel-tools, trained by its own code."""
    folder = tmp_path_factory.mktemp("camel")
    write_catalogue(folder)
    write_corpora(folder)
    forget_camel()
    with pytest.MonkeyPatch.context() as patch, pytest.warns(UserWarning):
        patch.setenv("CAMELTOOLS_DATA", str(folder))
        patch.setenv("HOME", str(folder))
        from camel_tools.dialectid import model6, model26

        model6.train_default_model()
        model26.train_default_model()
    forget_camel()
    return folder


@pytest.fixture
def camel(trained: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("CAMELTOOLS_DATA", str(trained))
    monkeypatch.setenv("HOME", str(trained))
    forget_camel()
    yield trained
    forget_camel()


@pytest.mark.parametrize(("model", "scorer"), [("model6", "camel_did6@1.1.2"), ("model26", "camel_did26")])
def test_camels_scores_are_summed_by_dialect(camel: Path, model: str, scorer: str) -> None:
    identifier = CamelIdentifier(model)
    assert identifier.scorer == scorer
    from camel_tools.dialectid import DIDModel6, DIDModel26

    predicted = {"model6": DIDModel6, "model26": DIDModel26}[model].pretrained().predict(TEXTS)
    result = identifier.probabilities(TEXTS)
    for row, prediction in zip(result, predicted, strict=True):
        expected = [sum(score for city, score in prediction.scores.items() if city in CITIES[d]) for d in ARABIC_DIALECTS]
        assert row.tolist() == pytest.approx(expected, abs=2e-5)
    if model == "model26":
        written = [dialect for dialect, sentences in SENTENCES.items() for _ in sentences]
        assert [ARABIC_DIALECTS[i] for i in result.argmax(axis=1)] == written
    else:
        assert (result[:, ARABIC_DIALECTS.index("IRQ")] == 0).all()


def test_camels_score_of_a_text_is_its_own(camel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    identifier = CamelIdentifier("model26")
    texts = [*TEXTS, LONG, "", "؟"]
    together = identifier.probabilities(texts)
    monkeypatch.setattr("curation.dialect.classifiers.camel.TEXTS", 2)
    assert (identifier.probabilities(texts[::-1])[::-1] == together).all()
    assert (np.vstack([identifier.probabilities([text]) for text in texts]) == together).all()
    assert identifier.probabilities([]).shape == (0, 6)
    assert np.allclose(together.sum(axis=1), 1)


def test_camel_has_the_columns_of_the_words(camel: Path) -> None:
    texts = [SENTENCES["EGY"][1], ARABIZI, ENGLISH, None]
    words, cities = identify_dialect(texts), identify_dialect(texts, params_of(backend="camel"))
    assert cities.schema == words.schema
    assert cities["dialect"].to_pylist() == ["EGY", "arabizi", None, None]
    assert cities["evidence"].to_pylist() == [[], [], [], []]


def no_network(*arguments: object, **options: object) -> None:
    raise AssertionError("the network is asked for")


@pytest.mark.parametrize("model", [None, "model6"])
def test_without_its_data_camel_downloads_nothing_and_names_the_command(
    model: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket.socket, "connect", no_network)
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    monkeypatch.setenv("CAMELTOOLS_DATA", str(tmp_path / "camel"))
    with pytest.raises(TibyanError) as caught:
        identify_dialect(TEXTS, params_of(backend="camel", model=model))
    message = str(caught.value)
    assert message.startswith(f"dialect.backend: camel cannot load {model or 'model26'} (no data of camel-tools is installed)")
    assert f"`camel_data -i dialectid-{model or 'model26'}`" in message and "CAMELTOOLS_DATA" in message
    assert not (tmp_path / "camel").exists()


def broken(what: str, folder: Path) -> None:
    """What may be wrong with a folder that has a catalogue."""
    if what == "no model":
        shutil.rmtree(folder / "data")
    elif what == "a damaged model":
        for path in folder.rglob("*.dill"):
            path.write_bytes(path.read_bytes()[:1000])
    elif what == "no language model":
        (folder / "data/dialectid/model6/lm/word/CAI.arpa").unlink()
    else:
        (folder / "catalogue.json").write_text("{", encoding="utf-8")


@pytest.mark.parametrize("what", ["no model", "a damaged model", "no language model", "a damaged catalogue"])
def test_every_failure_of_camel_is_that_sentence(camel: Path, what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(camel, tmp_path / "copy")
    broken(what, tmp_path / "copy")
    monkeypatch.setenv("CAMELTOOLS_DATA", str(tmp_path / "copy"))
    with pytest.raises(TibyanError, match=r"^dialect\.backend: camel cannot load model6 \(.+\)\. Install its data with `camel_data -i"):
        CamelIdentifier("model6")


def test_a_label_that_camel_has_not_had_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = SimpleNamespace(predict=lambda texts: [SimpleNamespace(top="NEW", scores={"CAI": 0.4, "NEW": 0.6}) for _ in texts])
    stand_in = ModuleType("camel_tools.dialectid")
    stand_in.DIDModel6 = stand_in.DIDModel26 = SimpleNamespace(pretrained=lambda: model)  # type: ignore[attr-defined]
    write_catalogue(tmp_path)
    monkeypatch.setenv("CAMELTOOLS_DATA", str(tmp_path))
    monkeypatch.setitem(sys.modules, "camel_tools.dialectid", stand_in)
    with pytest.raises(TibyanError, match=r"^dialect\.labels: nothing says which dialect NEW of camel-tools model6 is"):
        CamelIdentifier("model6")


def test_the_stage_is_the_same_whatever_the_threads(project: Path, params: Params, camel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    same_whatever_the_threads("camel", None, "camel_did26", 0, project, params, monkeypatch)
