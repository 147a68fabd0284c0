"""A compiled data set on disk: its files, its manifest, its identity (docs/dataset-format.md)."""

from __future__ import annotations

import functools
import hashlib
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import orjson
from marshmallow import ValidationError

from schemas.dataset import (
    CONTENT,
    SCHEMA_VERSION,
    DatasetInfo,
    ManifestSchema,
    Tombstone,
    Vocabulary,
)
from schemas.faults import faults_in
from schemas.vocabularies import VOCABULARIES
from service.store.files import (
    Buffer,
    expect,
    line_spans,
    mapped,
    read_json,
    refused_at,
)

MANIFEST = "manifest.json"
CLAIMS = "claims.ndjson"
CHANGES = "changes.ndjson"
RETIRED = "retired.ndjson"
INDEX = "index"
INDEX_HASHES = "index/files.json"
MANIFEST_FROM_INDEX = f"../{MANIFEST}"
"""The manifest among the hashes of the index."""
DATA_FILES = tuple(f"{name}.ndjson" for name in CONTENT)
"""The files that are the content, a record a line; the index is made from them."""
_CACHED = 4_096
"""Parsed records that are held: all but the documents of a large data set."""


def canonical(value: Any) -> bytes:
    """Canonical JSON: keys in the order given, no blanks, UTF-8."""
    return orjson.dumps(value)


class Records(Mapping[str, Mapping[str, Any]]):
    """The records of a file with one a line, by id and in the order of the file.

    A worker holds ids and offsets alone: as dictionaries, the documents of a
    million claims would take 60 MB. Raises ``ValueError`` for a line that is no
    JSON, ``LookupError`` or ``TypeError`` for one that is no record.
    """

    def __init__(self, content: Buffer) -> None:
        self._places: dict[str, int] = {}
        bounds = array("Q")
        for place, (start, end) in enumerate(line_spans(content)):
            self._places[orjson.loads(content[start:end])["id"]] = place
            bounds.extend((start, end))
        # No reference back to this object, so that its file is closed with its last user.
        self._at = functools.lru_cache(maxsize=_CACHED)(functools.partial(_parse, content, bounds))

    def __getitem__(self, identifier: str) -> Mapping[str, Any]:
        return self._at(self._places[identifier])

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def _parse(content: Buffer, bounds: array[int], place: int) -> Mapping[str, Any]:
    record: Mapping[str, Any] = orjson.loads(content[bounds[2 * place] : bounds[2 * place + 1]])
    return record


@dataclass(frozen=True, slots=True)
class Dataset:
    """The records of one data set, mapped into memory, and the layout of its index."""

    info: DatasetInfo
    index_layout: str
    claims: Buffer
    changes: Buffer
    vocabularies: Mapping[str, Vocabulary]
    retired: Mapping[str, Tombstone]


def make_manifest(
    files: Mapping[str, Mapping[str, Any]], built_at: str, counts: Mapping[str, int], layout: str
) -> dict[str, Any]:
    """The manifest of files, each described by hash and size.

    The digest, and so the version, depends on the content and the schema
    version alone: neither on ``built_at`` nor on the layout of the index.
    """
    described = {name: dict(files[name]) for name in DATA_FILES}
    digest = _digest(described)
    return {
        "schema_version": SCHEMA_VERSION,
        "index_layout": layout,
        "version": digest[:16],
        "digest": digest,
        "built_at": built_at,
        "counts": dict(counts),
        "files": described,
    }


def _digest(described: Mapping[str, Mapping[str, Any]]) -> str:
    files = {name: {key: described[name][key] for key in ("sha256", "bytes")} for name in described}
    return hashlib.sha256(canonical([SCHEMA_VERSION, files])).hexdigest()


def open_dataset(directory: Path, *, whole: bool = False) -> Dataset:
    """Opens a built data set, every file checked; ``whole`` compares the hashes of large files too.

    Raises ``DatasetUnavailable``.
    """
    with refused_at(directory):
        manifest = read_manifest(directory)
        files = {
            name: mapped(directory / name, manifest["files"][name], whole=whole)
            for name in DATA_FILES
        }
        retired = Records(files[RETIRED])
        dataset = Dataset(
            DatasetInfo(**{key.name: manifest[key.name] for key in fields(DatasetInfo)}),
            manifest["index_layout"],
            files[CLAIMS],
            files[CHANGES],
            {
                name: Vocabulary(Records(files[f"{name}.ndjson"]), kind.name_key)
                for name, kind in VOCABULARIES.items()
            },
            {identifier: Tombstone(**retired[identifier]) for identifier in retired},
        )
        for name in VOCABULARIES:
            expect(len(dataset.vocabularies[name].records), manifest["counts"][name], name)
        expect(len(dataset.retired), manifest["counts"]["retired"], "retired claims")
        return dataset


def read_manifest(directory: Path) -> dict[str, Any]:
    """What a data set says of itself, as far as that can be believed without its files.

    Raises ``ValueError``, ``LookupError`` or ``OSError``.
    """
    manifest: dict[str, Any] = read_json(directory / MANIFEST)
    try:
        ManifestSchema().load(manifest)
    except ValidationError as error:
        faults = faults_in(MANIFEST, error.messages, manifest)
        raise ValueError("\n".join(map(str, faults))) from error
    described = {name: manifest["files"][name] for name in DATA_FILES}
    expect(manifest["digest"], _digest(described), f"{MANIFEST} /digest")
    return manifest


def prove_files(directory: Path) -> None:
    """Compares every byte of a data set with what was recorded. Raises ``DatasetUnavailable``."""
    with refused_at(directory):
        for name, recorded in read_manifest(directory)["files"].items():
            mapped(directory / name, recorded, whole=True)
        for name, recorded in read_json(directory / INDEX_HASHES).items():
            mapped(directory / INDEX / name, recorded, whole=True)
