"""Somebody's classifier in place of the words: the same columns, each label the right dialect, and every failure a sentence."""

import ast
import importlib.util
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation import identify_dialect
from curation.api import DIALECT
from curation.dialect.classifiers.camel import CamelIdentifier
from curation.dialect.classifiers.labels import dialects_of
from curation.dialect.classifiers.transformer import DialectClassifier
from curation.dialect.identify import identify, load_classifier
from curation.engine import Session, open_session
from curation.errors import TibyanError
from curation.params import DialectParams, Params
from curation.schema import ARABIC_DIALECTS, HAND_OVERS
from curation.stages import dialect as stage
from tests.curation.camel_data import CITIES, SENTENCES, write_catalogue, write_corpora

TEXTS = [sentence for sentences in SENTENCES.values() for sentence in sentences]
LONG = " ".join(TEXTS * 3)
ARABIZI = "ana 3andi waga3 fe batni mn embare7 w msh 3aref a3mel eh"
ENGLISH = "I have had a headache since yesterday and nothing helps me"


def params_of(**changes: Any) -> DialectParams:
    return DialectParams.model_validate(DIALECT.model_dump() | changes)


# camel-tools


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


# transformers


Saved = Callable[..., str]


@pytest.fixture(scope="module")
def save(tmp_path_factory: pytest.TempPathFactory) -> Saved:
    """A folder with a small BERT over pieces of our own sentences that chooses between the labels."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    specials = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"]
    tokenizer.train_from_iterator(TEXTS, trainers.WordPieceTrainer(vocab_size=200, special_tokens=specials))
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)])
    names = {"pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]", "unk_token": "[UNK]"}
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names)

    def write(*labels: str, seed: int = 0, name: str = "did", **changes: Any) -> str:
        folder = tmp_path_factory.mktemp("model") / name
        torch.manual_seed(seed)
        config = BertConfig(
            vocab_size=len(fast), hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
            max_position_embeddings=64, initializer_range=0.5, id2label=dict(enumerate(labels)), **changes,
        )  # fmt: skip
        BertForSequenceClassification(config).save_pretrained(folder)
        fast.save_pretrained(folder)
        return str(folder)

    return write


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def classifier(model: str, **changes: Any) -> DialectClassifier:
    made = load_classifier(params_of(backend="transformers", model=model, **changes))
    assert isinstance(made, DialectClassifier)
    return made


SETS = [
    ("EGY", "GLF", "LAV", "MSA", "NOR"),
    ("Egypt", "Iraq", "Jordan", "Lebanon", "Libya", "Saudi_Arabia", "Sudan", "Yemen"),
    tuple(city for cities in CITIES.values() for city in cities),
]


@pytest.mark.parametrize("labels", SETS, ids=["regions", "countries", "cities"])
def test_scores_are_the_models_own_summed_by_dialect(save: Saved, labels: tuple[str, ...]) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    folder = save(*labels)
    model, tokenizer = AutoModelForSequenceClassification.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    result = classifier(folder).probabilities(TEXTS)
    of_label = dialects_of(labels, {}, "")
    for text, row in zip(TEXTS, result, strict=True):
        with torch.no_grad():
            scores = model(**tokenizer(text, return_tensors="pt")).logits[0].softmax(-1).tolist()
        expected = [sum(score for score, dialect in zip(scores, of_label, strict=True) if dialect == d) for d in ARABIC_DIALECTS]
        assert row.tolist() == pytest.approx(expected, abs=1e-5)
    assert result.dtype == np.float64 and np.allclose(result.sum(axis=1), 1, atol=1e-12)
    assert len({tuple(row) for row in result}) > len(TEXTS) // 2, "a model that says the same of all tests nothing"


def test_a_score_is_the_texts_own_in_any_batch_order_and_number_of_threads(save: Saved) -> None:
    import torch

    folder = save(*SETS[2])
    texts = [*TEXTS, LONG, *(f"{text} {number}" for text in TEXTS for number in (5, 50, 500))]
    expected = classifier(folder, batch_size=1).probabilities(texts)
    before = torch.get_num_threads()
    try:
        for batch_size, threads in ((3, 1), (64, 1), (64, 2)):
            torch.set_num_threads(threads)
            found = classifier(folder, batch_size=batch_size).probabilities(texts[::-1])[::-1]
            assert (found == expected).all(), (batch_size, threads)
    finally:
        torch.set_num_threads(before)


def test_the_end_of_a_long_text_is_not_read_and_counted(save: Saved) -> None:
    made = classifier(save(*SETS[0]))
    beginning, other = made.probabilities([LONG, LONG + " " + TEXTS[0]])
    assert made.truncated == 2 and (beginning == other).all()
    made.probabilities(TEXTS)
    assert made.truncated == 2


def test_what_looks_like_a_special_token_is_a_patients_text(save: Saved) -> None:
    made = classifier(save(*SETS[0]))
    plain_text, with_mark = made._ids(["صداع", "صداع [SEP] [PAD]"])
    assert plain_text.count(2) == 1 == with_mark.count(2) and 0 not in with_mark


def test_a_decoder_without_padding_is_a_classifier_too(save: Saved, tmp_path: Path) -> None:
    from transformers import AutoTokenizer, GPT2Config, GPT2ForSequenceClassification

    AutoTokenizer.from_pretrained(save("EGY", "LEV")).save_pretrained(tmp_path)
    config = GPT2Config(
        vocab_size=300, n_embd=16, n_layer=1, n_head=2, n_positions=64, id2label={0: "EGY", 1: "LEV"}, initializer_range=0.5
    )
    GPT2ForSequenceClassification(config).save_pretrained(tmp_path)
    one, three = (classifier(str(tmp_path), batch_size=size).probabilities(TEXTS) for size in (1, 3))
    assert (one == three).all() and len({tuple(row) for row in one}) > len(TEXTS) // 2


def test_labels_of_no_name_are_given(save: Saved) -> None:
    folder = save("LABEL_0", "LABEL_1")
    with pytest.raises(TibyanError, match=r"^dialect\.labels: nothing says which dialect LABEL_0, LABEL_1 of .*did is\. Write"):
        classifier(folder)
    result = classifier(folder, labels={"LABEL_0": "MSA", "LABEL_1": "IRQ"}).probabilities(TEXTS)
    assert np.allclose(result[:, [0, 4]].sum(axis=1), 1)
    with pytest.raises(TibyanError, match=r"^dialect\.labels: .* has no label LABEL_7; it has LABEL_0, LABEL_1\.$"):
        classifier(folder, labels={"LABEL_7": "MSA"})


@pytest.mark.parametrize("name", ["no/such/folder", "someone/no-such-model"])
def test_a_model_that_is_not_there(name: str) -> None:
    with pytest.raises(TibyanError, match=rf"^dialect\.model: {name} cannot be loaded \(.*\)\. Name a folder with a sequence classifier"):
        classifier(name)


def test_a_model_without_its_head_is_not_made_up(save: Saved) -> None:
    from transformers import BertModel

    folder = save("EGY", "LEV")
    BertModel.from_pretrained(folder).save_pretrained(folder)
    with pytest.raises(TibyanError, match=r"^dialect\.model: .* has no weights for classifier\.bias, nor for 1 other parameters"):
        classifier(folder)


@pytest.mark.parametrize("changes", [{"problem_type": "multi_label_classification"}, {"problem_type": "regression"}])
def test_a_model_that_does_not_choose_is_no_classifier(save: Saved, changes: dict[str, Any]) -> None:
    with pytest.raises(TibyanError, match=r"^dialect\.model: .* does not choose one label of several"):
        classifier(save("EGY", "LEV", **changes))


def test_a_model_whose_scores_are_no_numbers_is_a_sentence(save: Saved) -> None:
    made = classifier(save("EGY", "LEV"))
    made._model.classifier.bias.data.fill_(float("nan"))
    with pytest.raises(TibyanError, match=r"^dialect\.model: .* answers with what is no number"):
        made.probabilities(TEXTS)


def test_memory_and_other_failures_name_their_key(save: Saved, monkeypatch: pytest.MonkeyPatch) -> None:
    made = classifier(save("EGY", "LEV"), batch_size=5)

    def fails(message: str) -> None:
        def forward(**_: object) -> None:
            raise RuntimeError(message)

        monkeypatch.setattr(made, "_model", type("Model", (), {"device": "cpu", "__call__": lambda self, **given: forward(**given)})())

    fails("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
    with pytest.raises(TibyanError, match=r"^dialect\.batch_size: 5 texts at a time do not fit into memory"):
        made.probabilities(TEXTS)
    fails("expected scalar type Double but found Float")
    with pytest.raises(TibyanError, match=r"^dialect\.model: .* fails on a text \(expected scalar type Double but found Float\)"):
        made.probabilities(TEXTS)


def test_a_folder_is_named_by_what_is_in_it(save: Saved) -> None:
    first, again, other = (classifier(save("EGY", "LEV", seed=seed)).scorer for seed in (0, 0, 1))
    assert first == again != other
    assert first.startswith("transformers:did@") and len(first) == len("transformers:did@") + 12
    with pytest.raises(TibyanError, match=r"^dialect\.revision: .* is a folder and has no main; set it to null\.$"):
        classifier(save("EGY", "LEV"), revision="main")


def test_a_hub_model_is_named_by_its_commit(save: Saved, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = "0123456789" * 4
    repository = tmp_path / "models--someone--did"  # as the hub's cache lays it out
    shutil.copytree(save("EGY", "LEV"), repository / "snapshots" / commit)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(commit)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    for revision in (None, "main", commit):
        assert classifier("someone/did", revision=revision).scorer == f"transformers:someone/did@{commit}"


def test_thresholds_and_temperature_are_for_every_backend(save: Saved, con: duckdb.DuckDBPyConnection) -> None:
    made = classifier(save(*SETS[2]))
    languages = ["ar"] * len(TEXTS) + ["arabizi", "en", None]
    values = zip(range(len(languages)), [*TEXTS, ARABIZI, ENGLISH, None], languages, strict=True)
    con.execute("CREATE TABLE texts (id BIGINT, text VARCHAR, language VARCHAR)")
    con.executemany("INSERT INTO texts VALUES (?, ?, ?)", [list(row) for row in values])

    def tags(**changes: float) -> list[dict[str, Any]]:
        found = identify(con, con.sql("SELECT id, text, text AS key, language FROM texts"), params_of(**changes), made)
        return list(found.order("id").to_arrow_table().to_pylist())

    rows = tags(min_confidence=0.0)  # what is made of chance is sure of little
    for row in rows[: len(TEXTS)]:
        assert row[f"p_{row['dialect'].lower()}"] == max(row[f"p_{d.lower()}"] for d in ARABIC_DIALECTS) and row["p_arabizi"] == 0
    assert [row["dialect"] for row in rows[len(TEXTS) :]] == ["arabizi", None, None]
    assert rows[-2]["p_msa"] is None and rows[-3]["p_arabizi"] == 1 and not any(row["evidence"] for row in rows)
    assert [row["dialect"] for row in tags(min_confidence=1.0)] == ["unknown"] * len(TEXTS) + ["arabizi", None, None]
    assert all(abs(row["p_msa"] - 1 / 6) < 0.01 for row in tags(temperature=1000.0)[: len(TEXTS)])
    assert [row["dialect"] for row in tags(temperature=0.01, min_confidence=0.0)] == [row["dialect"] for row in rows]


@settings(deadline=None, max_examples=25)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=30), max_size=4))
def test_any_text_has_probabilities(save: Saved, texts: list[str]) -> None:
    if not ANY:
        ANY.append(classifier(save("EGY", "LEV")))
    found = ANY[0].probabilities(texts)
    assert found.shape == (len(texts), 6) and np.allclose(found.sum(axis=1), 1)


ANY: list[DialectClassifier] = []  # loaded for the first example


# The stage


def write_cleaned(session: Session, texts: list[str]) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in HAND_OVERS["cleaned"].items())
    session.con.execute(f"CREATE OR REPLACE TEMP TABLE written ({columns})")
    for i, text in enumerate(texts):
        language = "arabizi" if text == ARABIZI else "en" if text == ENGLISH else "ar"
        session.con.execute(
            "INSERT INTO written (record_id, question, question_key, language) VALUES (?, ?, ?, ?)", [f"{i:04}", text, text, language]
        )
    session.write(session.con.table("written"), "cleaned", order_by="record_id")


@pytest.mark.parametrize("backend", ["camel", "transformers"])
def test_the_stage_is_the_same_whatever_the_threads(
    backend: str, project: Path, params: Params, save: Saved, camel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = {"transformers": save(*SETS[2]), "camel": None}[backend]
    wanted = params.model_copy(update={"dialect": params_of(backend=backend, model=model)})
    monkeypatch.setattr("curation.engine.BLOCK", 20)
    monkeypatch.setattr("curation.dialect.identify.TEXTS", 7)
    made = []
    for threads in ("1", "3"):
        monkeypatch.setenv("TIBYAN_THREADS", threads)
        with open_session(params.engine) as session:
            write_cleaned(session, [*TEXTS * 2, LONG, ARABIZI, ENGLISH])
            stage.run(session, wanted)
            rows = session.read("dialect").fetchall()
            scorers = {row[list(HAND_OVERS["dialect"]).index("dialect_scorer")] for row in rows}
        made.append((project / "data/interim/dialect.parquet").read_bytes())
        made.append((project / "reports/metrics/dialect.json").read_bytes())
    assert made[:2] == made[2:] and len(rows) == 2 * len(TEXTS) + 3
    (scorer,) = scorers
    assert scorer.startswith({"camel": "camel_did26", "transformers": "transformers:did@"}[backend])
    cut = {"camel": 0, "transformers": 1}[backend]
    assert f'"texts_not_read_to_their_end": {cut}'.encode() in made[1]
