"""build: every row that stays for training, and of these what may be published as datasets/<name>/, only past an open gate."""

import json
import shutil
from collections import Counter
from importlib import metadata
from pathlib import Path
from typing import Any

from curation.engine import METRICS, Session, write_folder, write_json, write_text
from curation.errors import TibyanError
from curation.params import BuildParams, Params
from curation.publishing.card import TEMPLATE, render_card, sections, size_category
from curation.publishing.citation import citation_cff
from curation.publishing.configs import CONFIGS
from curation.publishing.croissant import croissant
from curation.publishing.dataset import Sizes, write_configs
from curation.publishing.folder import CHANGELOG, MADE, dataset_folder, folder_digest, tag_name
from curation.publishing.hashes import annotations_key
from curation.publishing.joining import JOIN, join_settings
from curation.schema import BUILT, DIALECT_LABELS, NO, SEVERITIES, SPLITS, YES
from curation.stages import main
from validators.gate import check_open

NOT_STATED = "not stated"


def run(session: Session, params: Params) -> str:
    gate = check_open(session.folder)
    folder, key = dataset_folder(params.build), annotations_key()
    rows = session.read("selected").join(session.read("split"), "record_id").join(session.read("sources"), "source", how="left")
    session.write(rows.project(", ".join(BUILT)), "built", order_by="record_id")
    built = session.read("built")
    if lost := built.filter("redistributable IS NULL").aggregate("count(*)").fetchall()[0][0]:
        raise TibyanError(f"{lost} records are of a source whose terms nobody gave. Run `dvc repro`, which reads them with the dumps.")
    with write_folder(folder) as beside:
        _keep(folder, beside)
        sizes = write_configs(session.con, built, key, beside)
        if not sizes:
            raise TibyanError(f"{folder}: no source may be published. Set redistributable under ingest.inputs in params.yaml.")
        card = render_card(folder / TEMPLATE, _card_values(session, params, folder, sizes, gate))
        write_text(beside / "README.md", card)
        write_text(beside / "CITATION.cff", citation_cff(params.build))
        write_json(beside / "croissant.json", croissant(beside, params.build, sections(card), _scorers(session)))
        write_json(beside / JOIN, join_settings(params, key))
    write_json(MADE, _made(session, params.build, folder, gate))
    counts = ", ".join(f"{config} {sum(of.values())}" for config, of in sizes.items())
    return f"{session.count('built')} rows to train on; {folder}: {counts}"


def _keep(folder: Path, beside: Path) -> None:
    """What a person wrote goes along."""
    for name in (TEMPLATE, CHANGELOG):
        if not (folder / name).is_file():
            raise TibyanError(f"{folder / name}: not there. Copy the one of datasets/arabic-medical-qa there and write what is yours.")
        shutil.copyfile(folder / name, beside / name)


def _card_values(session: Session, params: Params, folder: Path, sizes: Sizes, gate: dict[str, Any]) -> dict[str, Any]:
    ingest = _metrics("ingest")
    redacted: Counter[str] = Counter()
    for kinds in ingest["redacted"].values():
        redacted.update(kinds)
    configs = [_config(session, config, sizes[config.name]) for config in CONFIGS if config.name in sizes]
    return {
        "build": params.build.model_dump(),
        "clean": params.clean.model_dump(),
        "folder": folder.as_posix(),
        "revision": tag_name(params.build),
        "tibyan": metadata.version("tibyan"),
        "configs": configs,
        "splits": list(SPLITS),
        "size_category": size_category(max(sum(of.values()) for of in sizes.values())),
        "gate": gate,
        "ingest": ingest,
        "select": _metrics("select"),
        "sources": _sources(session, ingest["by_source"]),
        "dialects": [name for name in DIALECT_LABELS if any(name in config["dialects"] for config in configs)],
        "severities": list(SEVERITIES),
        "scorers": dict(zip(("dialect", "severity", "quality"), _scorers(session), strict=True)),
        "largest": _largest(session),
        "redacted": dict(sorted(redacted.items())),
    }


def _config(session: Session, config: Any, sizes: dict[str, int]) -> dict[str, Any]:
    """What the card says of a config; its rows are those of the built ones of which it has something."""
    public = f"redistributable = '{YES}'"
    rows = {"default": public, "sft": f"{public} AND answer IS NOT NULL", "annotations": f"redistributable <> '{NO}'"}
    where = f"FROM {_built(session)} WHERE {rows[config.name]}"
    dialects = session.counts(f"SELECT coalesce(dialect, 'unknown'), count(*) {where} GROUP BY ALL")
    severities = session.counts(f"SELECT severity, count(*) {where} GROUP BY ALL")
    return {**config._asdict(), "sizes": sizes, "dialects": dialects, "severities": severities}


def _sources(session: Session, records: dict[str, int]) -> list[dict[str, Any]]:
    terms = session.read("sources").order("source").to_arrow_table().to_pylist()
    return [{k: v or NOT_STATED for k, v in source.items()} | {"records": records.get(source["source"], 0)} for source in terms]


def _scorers(session: Session) -> list[str]:
    names = ("dialect_scorer", "severity_scorer", "quality_scorer")
    return list(session.read("built").aggregate(", ".join(f"max({name})" for name in names)).fetchall()[0])


def _largest(session: Session) -> dict[str, Any]:
    """The label and the source that most of what is published has, with their shares in per cent."""
    found: dict[str, Any] = {}
    for name, column in (("dialect", "coalesce(dialect, 'unknown')"), ("source", "source")):
        counts = session.counts(f"SELECT {column}, count(*) FROM {_built(session)} WHERE redistributable <> '{NO}' GROUP BY ALL")
        found[name] = max(sorted(counts), key=lambda label: counts[label])
        found[f"{name}_share"] = round(100 * counts[found[name]] / sum(counts.values()))
    return found


def _made(session: Session, build: BuildParams, folder: Path, gate: dict[str, Any]) -> dict[str, Any]:
    """What `tibyan publish` looks at: of which data the folder is made, and what it may be missing."""
    sources = (
        session.read("sources").filter(f"(licence IS NULL OR trim(licence) = '') AND redistributable <> '{NO}'").order("source").fetchall()
    )
    unhashed = session.number(
        f"SELECT count(*) FROM read_parquet('{folder}/annotations/*.parquet') WHERE NOT in_default AND text_hash IS NULL"
    )
    return {
        "name": build.name,
        "version": build.version,
        "gate": gate["digest"],
        "folder": folder_digest(folder),
        "without_licence": [row[0] for row in sources],
        "without_hash": unhashed,
    }


def _built(session: Session) -> str:
    return f"read_parquet('{session.folder / 'built.parquet'}')"


def _metrics(stage: str) -> dict[str, Any]:
    path = METRICS / f"{stage}.json"
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, json.JSONDecodeError):
        raise TibyanError(f"{path}: cannot be read. Run `dvc repro`, which makes it first.") from None


if __name__ == "__main__":
    main(run)
