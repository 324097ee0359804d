"""The card, Croissant and citation of a dataset: the run's own numbers, and what libraries make of them."""

import json
import re
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from huggingface_hub import DatasetCard

from curation.errors import TibyanError
from curation.params import Params
from curation.publishing.card import render_card, sections, size_category
from curation.publishing.citation import citation_cff
from curation.publishing.configs import CONFIGS
from curation.publishing.croissant import RAI, croissant
from curation.schema import SPLITS
from tests.curation.small_dataset import FOLDER, ROOT

TEMPLATE = ROOT / FOLDER / "card.md.jinja"


@pytest.fixture
def card(built_once: Path) -> str:
    return (built_once / FOLDER / "README.md").read_text(encoding="utf-8")


def test_the_hub_reads_the_configs_and_the_licence(card: str) -> None:
    data = DatasetCard(card).data.to_dict()
    assert data["language"] == ["ar"] and data["license"] == "cc0-1.0" and data["size_categories"] == ["n<1K"]
    assert [config["config_name"] for config in data["configs"]] == [config.name for config in CONFIGS]
    assert [part["path"] for part in data["configs"][1]["data_files"]] == [f"sft/{split}.parquet" for split in SPLITS]
    assert [config.get("default", False) for config in data["configs"]] == [True, False, False]


def test_the_card_says_on_which_terms_and_how_many(card: str) -> None:
    said = sections(card)
    assert "| clinic | 40 | CC-BY-4.0 | yes | written for this test | not needed |" in said["Where it comes from"]
    assert "| ward | 12 | not stated | no | not stated | not stated |" in said["Where it comes from"]
    assert "Of 72 records 72 were kept" in said["Where it comes from"]
    assert "git checkout arabic-medical-qa-v0.1.0\nmake repro" in said["How it was made"]
    rows = [line for line in said["Dialects and severity"].splitlines() if line.startswith(("| mild", "| moderate", "| critical"))]
    assert [sum(int(row.split("|")[place]) for row in rows) for place in (2, 3, 4)] == [40, 40, 60]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{{ builds.name }}", "'builds' is undefined"),
        ("{{ build.url }}", "has no attribute 'url'"),
        ("{{ sources[0].licence }}", "has no attribute 'licence'"),
        ("{% if build %}\n{{ build.name", "line 2 is no template"),
    ],
)
def test_a_missing_value_is_an_error(text: str, named: str, tmp_path: Path) -> None:
    template = tmp_path / "card.md.jinja"
    template.write_text(text, encoding="utf-8")
    with pytest.raises(TibyanError, match=re.escape(named)):
        render_card(template, {"build": {"name": "x"}, "sources": [{"source": "forum", "licence": None}]})


def test_sizes_are_the_hubs_names() -> None:
    assert [size_category(n) for n in (0, 999, 1000, 430_000, 4_300_000)] == ["n<1K", "n<1K", "1K<n<10K", "100K<n<1M", "1M<n<10M"]


def test_the_measured_limits_are_those_of_the_documents() -> None:
    template = " ".join(TEMPLATE.read_text(encoding="utf-8").split())
    privacy = (ROOT / "docs/privacy.md").read_text(encoding="utf-8").partition("### Held out, by kind")[2].partition("###")[0]
    kinds = {cells[1]: cells[2:] for line in privacy.splitlines() if len(cells := [c.strip() for c in line.split("|")]) > 3}
    planted, found, partly = kinds["all"][:3]
    assert f"of {planted} planted pieces {found} went whole and {partly} in part" in template
    assert (
        f"of {kinds['PHONE'][0]} phone numbers {kinds['PHONE'][1]}, of {kinds['NAME'][0]} names of persons only {kinds['NAME'][1]}"
        in template
    )
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shares = re.findall(r"\d+ %", template.partition("## Limits")[2].partition("## Removal")[0])
    assert len(shares) == 3 and all(share in readme for share in shares)


def test_mlcroissant_reads_the_rows(built_once: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mlc = pytest.importorskip("mlcroissant", reason="of the extra `dev`")
    monkeypatch.setenv("CROISSANT_CACHE", str(built_once / "cache"))
    dataset = mlc.Dataset(jsonld=str(built_once / FOLDER / "croissant.json"))
    assert dataset.metadata.ctx.issues.errors == set()
    assert {re.sub(r".*schema.org/(\w+).*", r"\1", issue) for issue in dataset.metadata.ctx.issues.warnings} <= {"datePublished"}
    assert len(dataset.metadata.record_sets) == len(CONFIGS) * len(SPLITS)
    for config, split in (("default", "test"), ("annotations", "validation")):
        rows = list(dataset.records(f"{config}/{split}"))
        folder = "data" if config == "default" else config
        ids = pq.read_table(built_once / FOLDER / folder / f"{split}.parquet")["record_id"].to_pylist()
        assert [row[f"{config}/{split}/record_id"].decode() for row in rows] == ids


def test_the_rai_fields_are_the_cards_words(built_once: Path, card: str) -> None:
    said = sections(card)
    content = json.loads((built_once / FOLDER / "croissant.json").read_text(encoding="utf-8"))
    assert {name: content[f"rai:{name}"] for name in RAI} == {name: said[heading] for name, heading in RAI.items()}
    assert content["rai:machineAnnotationTools"] == ["words_v1", "linear_v1", "quality_v1"]


def test_a_card_without_such_a_section_is_refused(params: Params, tmp_path: Path) -> None:
    with pytest.raises(TibyanError, match="no section 'Removal', which"):
        croissant(tmp_path, params.build, dict.fromkeys(set(RAI.values()) - {"Removal"}, "said"), [])


def test_the_citation_has_what_the_format_asks_for(params: Params) -> None:
    content: dict[str, Any] = yaml.safe_load(citation_cff(params.build))
    assert {"cff-version", "message", "title", "authors"} <= set(content) and content["cff-version"] == "1.2.0"
    assert content["license"] == "CC0-1.0" and content["version"] == params.build.version
    assert "license" not in yaml.safe_load(citation_cff(params.build.model_copy(update={"license": "other"})))
