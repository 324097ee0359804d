"""`tibyan publish --model`: a run with its card and, where it is ours, its base; what it refuses."""

import json
from pathlib import Path

from curation.publishing.folder import file_digest
from tests.curation.evaluated import evaluation
from tests.curation.on_loopback import at, publish, refused, released
from tests.hub_server import Hub


def put_a_run(method: str = "lora") -> None:
    folder = Path("models/lora_ce")
    folder.mkdir(parents=True)
    (Path("models/base")).mkdir()
    Path("models/base/model.safetensors").write_bytes(bytes(range(256)))
    Path("models/base/config.json").write_text("{}", encoding="utf-8")
    recipe = {
        "recipe": {"name": "lora_ce", "method": method, "loss": "severity_weighted", "weights": [0.5, 1.0, 1.5]},
        "base": {"name": "tiny-gpt2", "sha256": "ab", "prompt": {"before": "سؤال: ", "after": "\nجواب:", "lead": " "}},
    }
    recipe["dataset"] = {"name": "arabic-medical-qa", "version": "0.1.0", "sha256": file_digest(Path("data/interim/built.parquet"))}
    (folder / "recipe.json").write_text(json.dumps(recipe), encoding="utf-8")
    if method == "full":
        for name in ("config.json", "tokenizer_config.json"):
            (folder / name).write_text("{}", encoding="utf-8")
        (folder / "model.safetensors").write_bytes(b"\0" * 64)
    else:
        (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "models/base"}', encoding="utf-8")
        (folder / "adapter_model.safetensors").write_bytes(b"\0" * 64)
    train = {
        "question_column": "question",
        "steps": 4,
        "seed": 7,
        "trainable_parameters": 64,
        "validation_loss": 6.1,
        "weight_min": 0.8,
        "weight_max": 1.2,
    }
    Path("reports/metrics/train_lora_ce.json").write_text(json.dumps(train), encoding="utf-8")
    Path("reports/evaluation.json").write_text(json.dumps(evaluation()), encoding="utf-8")


def test_a_run_is_published_with_its_card_and_its_base(ready: Path, hub: Hub) -> None:
    put_a_run()
    done = publish("--model", "lora_ce", repo="org/lora")
    assert done.exit_code == 0 and "v0.1.0 published, private: 6 added" in done.output, done.output
    files = at(hub.repos["models/org/lora"], "v0.1.0")
    assert sorted(files) == [
        "README.md",
        "adapter_config.json",
        "adapter_model.safetensors",
        "base/config.json",
        "base/model.safetensors",
        "recipe.json",
    ]
    card = files["README.md"].decode()
    f1 = {name: system["metrics"]["f1"] for name, system in evaluation()["systems"].items()}
    shown = {name: f"{of['value']:.3f} ({of['low']:.3f} to {of['high']:.3f})" for name, of in f1.items()}
    assert f"| **this recipe** | {shown['lora_ce']} |" in card and f"| nearest embedding, baseline | {shown['nearest_embedding']} |" in card
    assert (
        f"The mean of 2 runs, seeds 7, 2, of which this is one; their BERTScore F1 has a standard deviation of {f1['lora_ce']['sd']}."
        in card
    )
    assert "95 % intervals over 200 paired" in card and 'from_pretrained(folder + "/base")' in card
    assert "weights 0.5, 1.0, 1.5 of mild" in card and "| forum | forum-terms | annotations-only |" in card
    assert "nothing to do" in publish("--model", "lora_ce", repo="org/lora").output


def test_a_run_trained_whole_is_published_without_the_base(ready: Path, hub: Hub) -> None:
    put_a_run("full")
    done = publish("--model", "lora_ce", repo="org/whole")
    assert done.exit_code == 0, done.output
    files = at(hub.repos["models/org/whole"], "v0.1.0")
    assert sorted(files) == ["README.md", "config.json", "model.safetensors", "recipe.json", "tokenizer_config.json"]
    card = files["README.md"].decode()
    assert "library_name: transformers" in card and "peft" not in card.lower() and "- lora" not in card
    assert 'AutoModelForCausalLM.from_pretrained("org/whole")' in card and "All weights, fine-tuned" in card
    assert "`سؤال: …⏎جواب:`" in card
    Path("models/lora_ce/tokenizer_config.json").unlink()
    assert "models/lora_ce/tokenizer_config.json: not there" in refused("--model", "lora_ce")


def test_an_encoder_decoder_is_loaded_as_one(ready: Path, hub: Hub) -> None:
    put_a_run()
    Path("models/lora_ce/adapter_config.json").write_text('{"task_type": "SEQ_2_SEQ_LM"}', encoding="utf-8")
    assert publish("--model", "lora_ce", repo="org/t5").exit_code == 0
    card = at(hub.repos["models/org/t5"], "v0.1.0")["README.md"].decode()
    assert "AutoModelForSeq2SeqLM.from_pretrained" in card and "CausalLM" not in card


def test_a_folder_as_base_has_a_digest_and_is_not_ours_to_publish(ready: Path, hub: Hub) -> None:
    put_a_run()
    path = Path("models/lora_ce/recipe.json")
    recipe = json.loads(path.read_text(encoding="utf-8"))
    recipe["base"] |= {"name": "mine", "revision": None}
    path.write_text(json.dumps(recipe), encoding="utf-8")
    done = publish("--model", "lora_ce", repo="org/lora")
    assert done.exit_code == 0, done.output
    files = at(hub.repos["models/org/lora"], "v0.1.0")
    assert sorted(files) == ["README.md", "adapter_config.json", "adapter_model.safetensors", "recipe.json"]
    assert "A LoRA adapter over `mine`" in files["README.md"].decode()


def test_a_run_that_read_held_back_texts_stays_private(ready: Path, hub: Hub) -> None:
    put_a_run()
    released()
    assert "has read texts that may not be given on (forum, ward). Publish it without --public" in refused("--model", "lora_ce", "--public")
    assert "models/none/recipe.json: not there. Trained are lora_ce" in refused("--model", "none")
    made = evaluation()
    made["systems"]["lora_ce"]["runs"] = ["lora_ce-2"]
    Path("reports/evaluation.json").write_text(json.dumps(made), encoding="utf-8")
    assert "reports/evaluation.json: says nothing of lora_ce. Name it in the stages answer" in refused("--model", "lora_ce")
    Path("reports/evaluation.json").unlink()
    assert "reports/evaluation.json: not there" in refused("--model", "lora_ce")
    recipe = Path("models/lora_ce/recipe.json")
    recipe.write_text(recipe.read_text().replace(file_digest(Path("data/interim/built.parquet")), "ab" * 32))
    assert "trained on other rows than data/interim/built.parquet holds" in refused("--model", "lora_ce")
    assert hub.repos == {}
