"""Annotations and a user's own copy of the raw dumps, put back together: the rows as they were built, texts and all."""

import json
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import duckdb
from pydantic import ValidationError

from curation.engine import SPILL, Session, write_folder, write_parquet
from curation.errors import TibyanError
from curation.ingestion import Found, load_items
from curation.pairing import pair_up
from curation.params import CleanParams, IngestParams, InputParams, Params
from curation.privacy.takedown import load_takedown
from curation.publishing.configs import ANNOTATIONS, DEFAULT
from curation.publishing.hashes import fits, hashed, key_check
from curation.schema import SPLITS
from curation.sources.inputs import all_readings
from curation.text.cleaning import clean_chain
from curation.text.compiler import projected

JOIN = f"{ANNOTATIONS.folder}/join.json"  # how the texts were made: the same settings make the same texts of the same dumps


class Joined(NamedTuple):
    """How many rows: with their text in `default`, restored from the dumps, not in them, there with another text; whether hashes told."""

    public: int
    restored: int
    absent: int
    differing: int
    verified: bool


def join_settings(params: Params, key: bytes | None) -> dict[str, Any]:
    """What `join.json` holds. Where dumps lie is the publisher's business."""
    ingest = params.ingest.model_dump(exclude={"inputs"})
    return {
        "tibyan": metadata.version("tibyan"),
        "ingest": ingest,
        "clean": params.clean.model_dump(),
        "key_check": key_check(key) if key else None,
    }


def join(session: Session, folder: Path, inputs: list[InputParams], key: bytes | None, out: Path) -> Joined:
    """Write `<split>.parquet` of annotations with question and answer into `out`. Raises TibyanError where the key is another one.

    A text that is not the one that was scored is left out where there is a key to tell by; without one it is taken by its id alone.
    """
    settings = _settings(folder)
    verified = bool(key and settings["key_check"])
    if key and settings["key_check"] and not fits(key, settings["key_check"]):
        raise TibyanError(f"{folder / JOIN}: made with another key. Ask the publisher for it, or unset yours to join by ids alone.")
    con = session.con
    try:
        ingest = IngestParams(inputs=inputs, **settings["ingest"])
        clean = CleanParams(**settings["clean"])
    except (ValidationError, TypeError):
        raise TibyanError(f"{folder / JOIN}: of another version of Tibyan ({settings['tibyan']}). Install that one.") from None
    con.read_parquet(str(folder / ANNOTATIONS.folder / "*.parquet"), filename=True).create_view("annotations")
    _default(con, folder).create_view("published")
    with TemporaryDirectory(prefix="join-", dir=SPILL) as spill:
        _restored(con, ingest, clean, Path(spill)).create("restored")
    con.from_arrow(hashed(con.table("restored"), key if verified else None)).create("hashed")
    con.execute(f"""CREATE TABLE texts AS
        SELECT record_id, question, answer, 'public' AS outcome FROM published
        UNION ALL
        SELECT record_id, question, answer, CASE WHEN {verified} AND a.text_hash IS DISTINCT FROM h.text_hash THEN 'differing'
               ELSE 'restored' END FROM annotations a JOIN restored USING (record_id) LEFT JOIN hashed h USING (record_id)
        WHERE NOT in_default""")
    outcomes = session.counts("SELECT outcome, count(*) FROM texts GROUP BY ALL")
    with write_folder(out) as beside:
        for split in SPLITS:
            rows = con.sql(f"""
                SELECT record_id, question, answer, annotations.* EXCLUDE (record_id, filename)
                FROM annotations JOIN texts USING (record_id)
                WHERE outcome <> 'differing' AND parse_filename(filename, true) = '{split}'""")
            write_parquet(rows, beside / f"{split}.parquet", order_by="record_id")
    absent = session.number("SELECT count(*) FROM annotations ANTI JOIN texts USING (record_id)")
    return Joined(outcomes.get("public", 0), outcomes.get("restored", 0), absent, outcomes.get("differing", 0), verified)


def _settings(folder: Path) -> dict[str, Any]:
    try:
        settings = json.loads((folder / JOIN).read_text(encoding="utf-8"))
        return {name: settings[name] for name in ("tibyan", "ingest", "clean", "key_check")}
    except (OSError, ValueError, KeyError, TypeError):
        raise TibyanError(f"{folder / JOIN}: not there, or not whole. Name a folder of a dataset that Tibyan published.") from None


def _default(con: duckdb.DuckDBPyConnection, folder: Path) -> duckdb.DuckDBPyRelation:
    """The rows whose text is published; there may be none."""
    if any((folder / DEFAULT.folder).glob("*.parquet")):
        return con.read_parquet(str(folder / DEFAULT.folder / "*.parquet")).project("record_id, question, answer")
    return con.sql("SELECT '' AS record_id, '' AS question, '' AS answer WHERE false")


def _restored(con: duckdb.DuckDBPyConnection, ingest: IngestParams, clean: CleanParams, spill: Path) -> duckdb.DuckDBPyRelation:
    """`record_id, question, answer` of the dumps: read, redacted and cleaned as the stages `ingest` and `clean` do it."""
    takedown = load_takedown()
    load_items(con, all_readings(ingest.inputs), ingest, takedown, Found(), spill)
    pair_up(con, ingest, takedown)
    records = con.sql("SELECT record_id, question_raw AS question, answer_raw AS answer FROM ranked WHERE version = 1 AND NOT taken_down")
    return projected(records, [*clean_chain(("question", "answer"), clean), "record_id, question, answer"])
