"""What must hold before anything is published; each that does not is one sentence with what to do."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from curation.engine import INTERIM
from curation.errors import TibyanError
from curation.params import BuildParams
from curation.privacy.audit import audit
from curation.publishing.folder import MADE, ROWS, dataset_folder, folder_digest, read_made, tag_name
from curation.publishing.hashes import KEY_FILE, KEY_VARIABLE
from curation.publishing.versions import git
from validators.checks import BUILT_VALIDATION, CRITICAL
from validators.gate import check_open

NO_LICENCE = {"", "unknown", "tbd"}


def check_built(build: BuildParams) -> dict[str, Any]:
    """The gate is open for this data, and the folder is what was built past it. Returns what `build` wrote of it."""
    gate, folder = check_open(INTERIM), dataset_folder(build)
    made = read_made()
    if (made.get("name"), made.get("version")) != (build.name, build.version):
        raise TibyanError(f"{MADE}: of {made.get('name')} {made.get('version')}, not of what params.yaml says. Run `dvc repro build`.")
    if made.get("gate") != gate["digest"]:
        raise TibyanError(f"{folder}: was built from other data than passed the gate. Run `dvc repro build`.")
    if not folder.is_dir() or made.get("folder") != folder_digest(folder):
        raise TibyanError(
            f"{folder}: differs from what was built past the gate. Run `dvc repro -f -s build`; changes belong in its template."
        )
    return made


def check_rows(build: BuildParams) -> None:
    """The rows of the folder were looked at as they were written, and nothing critical was found."""
    folder = dataset_folder(build)
    try:
        found = json.loads(BUILT_VALIDATION.read_text(encoding="utf-8"))
        failed = [check["name"] for check in found["checks"] if check["severity"] == CRITICAL and not check["success"]]
    except (OSError, ValueError, KeyError, TypeError):
        raise TibyanError(f"{BUILT_VALIDATION}: not there. Run `dvc repro`, which looks at {folder} as it was written.") from None
    if found.get("rows") != folder_digest(folder, ROWS):
        raise TibyanError(f"{BUILT_VALIDATION}: is of other rows than are in {folder}. Run `dvc repro`.")
    if failed:
        raise TibyanError(f"{folder}: {', '.join(failed)} failed on the rows as they were written. `tibyan gate explain built` says more.")


def check_licences(build: BuildParams, made: dict[str, Any]) -> None:
    """Of the dataset, and of every source that something is published of."""
    if build.license.strip().lower() in NO_LICENCE:
        raise TibyanError(f"params.yaml: build.license is {build.license!r}. Name the licence by the Hub's id, e.g. cc-by-4.0.")
    card = (dataset_folder(build) / "README.md").read_text(encoding="utf-8")
    if build.license == "other" and "\nlicense_name:" not in card.partition("\n---\n")[0]:
        raise TibyanError(
            "build.license is 'other', which does not say which. Write license_name and license_link below it in card.md.jinja."
        )
    if without := made["without_licence"]:
        raise TibyanError(f"no licence is given for {', '.join(without)}. Set `licence` of their inputs in params.yaml, then `dvc repro`.")


def check_hashes(made: dict[str, Any]) -> None:
    """Texts that are not published have their hash, or nobody can ever tell them."""
    if made["without_hash"]:
        raise TibyanError(
            f"{made['without_hash']} annotations have no hash of their text, for want of a key. Make one with `tibyan datasets key`, or "
            f"put yours into {KEY_VARIABLE} or {KEY_FILE}, then `dvc repro -f -s build`."
        )


def check_no_personal_data(paths: list[Path]) -> None:
    """The leak scanner finds nothing in any file."""
    found = [one for one in audit(paths) if one.counts]
    if found:
        kinds = sum((one.counts for one in found), Counter[str]())
        named = ", ".join(f"{kind} {n}" for kind, n in sorted(kinds.items()))
        places = f"{found[0].file}{f' and {len(found) - 1} more' if found[1:] else ''}"
        raise TibyanError(f"personal data in {places}: {named}. `tibyan audit-privacy {paths[0]}` says where; mend the rules, `dvc repro`.")


def check_released(build: BuildParams) -> None:
    """The card's commands lead to this version: its tag is there."""
    if not git("tag", "--list", tag_name(build)).strip():
        raise TibyanError(f"{tag_name(build)}: no such git tag, and the card names it. Make it with `tibyan release`.")
