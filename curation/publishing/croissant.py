"""croissant.json: what is in the dataset for machines, after Croissant 1.0 and its RAI vocabulary; the words are the card's own.

https://docs.mlcommons.org/croissant/docs/croissant-spec.html, https://docs.mlcommons.org/croissant/docs/croissant-rai-spec.html
"""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pyarrow.types as kinds

from curation.errors import TibyanError
from curation.params import BuildParams
from curation.publishing.citation import cite_as
from curation.publishing.configs import CONFIGS, Config
from curation.publishing.folder import file_digest

# Which section of the card says what Croissant's RAI vocabulary asks for.
RAI = {
    "dataCollection": "Where it comes from",
    "dataUseCases": "Intended use",
    "dataSocialImpact": "Out-of-scope use",
    "dataPreprocessingProtocol": "What cleaning did",
    "dataAnnotationProtocol": "Dialects and severity",
    "personalSensitiveInformation": "Personal data",
    "dataBiases": "Known biases",
    "dataLimitations": "Limits",
    "dataReleaseMaintenancePlan": "Removal",
}
CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def croissant(folder: Path, build: BuildParams, sections: dict[str, str], scorers: list[str]) -> dict[str, Any]:
    """The metadata of the Parquet files in `folder`. Raises TibyanError where the card lacks a section that RAI asks for."""
    if missing := [heading for heading in RAI.values() if not sections.get(heading)]:
        raise TibyanError(f"the card has no section '{missing[0]}', which croissant.json needs. Write it in card.md.jinja.")
    files = [(config, path) for config in CONFIGS for path in sorted((folder / config.folder).glob("*.parquet"))]
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": build.name,
        "description": f"{build.pretty_name}: Arabic medical questions and answers with dialect and severity.",
        "version": build.version,
        "license": build.license,
        "inLanguage": "ar",
        "keywords": ["medical", "arabic", "dialect", "severity"],
        "creator": [{"@type": "sc:Organization", "name": name} for name in build.authors],
        "citeAs": cite_as(build),
        "distribution": [_file(folder, path) for _, path in files],
        "recordSet": [_record_set(config, folder, path) for config, path in files],
        **{f"rai:{name}": sections[heading] for name, heading in RAI.items()},
        "rai:machineAnnotationTools": scorers,
        "rai:annotationsPerItem": "none by persons",
    }


def _file(folder: Path, path: Path) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": _id(folder, path),
        "name": _id(folder, path),
        "contentUrl": _id(folder, path),
        "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": "application/x-parquet",
        "sha256": file_digest(path),
    }


def _record_set(config: Config, folder: Path, path: Path) -> dict[str, Any]:
    name, meanings = f"{config.name}/{path.stem}", dict(config.columns)
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": f"{config.what}, split {path.stem}",
        "key": {"@id": f"{name}/record_id"},
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{name}/{column.name}",
                "name": column.name,
                "description": meanings[column.name],
                "dataType": _kind(column.type),
                "source": {"fileObject": {"@id": _id(folder, path)}, "extract": {"column": column.name}},
            }
            for column in pq.read_schema(path)
            if not kinds.is_list(column.type)  # messages: Croissant 1.0 has no lists of structures
        ],
    }


def _kind(kind: Any) -> str:
    if kinds.is_boolean(kind):
        return "sc:Boolean"
    return "sc:Float" if kinds.is_floating(kind) else "sc:Integer" if kinds.is_integer(kind) else "sc:Text"


def _id(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()
