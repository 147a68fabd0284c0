"""A compiled data set: canonical files with their hashes, in memory or in a directory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from marshmallow import ValidationError

from schemas.dataset import SCHEMA_VERSION, DatasetInfo, ManifestSchema, Tombstone, Vocabulary
from schemas.faults import faults_in
from service.store.files import Buffer, check_file, expect, mapped, read_json, refused_at, written
from service.store.protocol import VOCABULARIES
from service.store.vocabulary_file import Records

MANIFEST = "manifest.json"
CLAIMS = "claims.ndjson"
CHANGES = "changes.ndjson"
RETIRED = "retired.json"
INDEX = "index"
INDEX_HASHES = "index/files.json"
MANIFEST_FROM_INDEX = f"../{MANIFEST}"
"""The manifest among the hashes of the index: its own hashes are of the other files."""
DATA_FILES = (CLAIMS, CHANGES, RETIRED, *(f"{name}.json" for name in VOCABULARIES))
INDEX_LAYOUT = 3
"""Raised when the index holds something else, or something in another way."""


def canonical(value: Any) -> bytes:
    """Canonical JSON: keys in the order given, no blanks, UTF-8."""
    return orjson.dumps(value)


@dataclass(frozen=True, slots=True)
class Dataset:
    """The records of one data set, read once and never changed."""

    info: DatasetInfo
    claims: Buffer
    changes: Buffer
    vocabularies: Mapping[str, Vocabulary]
    retired: Mapping[str, Tombstone]

    def spans(self) -> Iterator[tuple[int, int]]:
        """Offset and length in bytes of every claim, in default order, line feeds left out."""
        start, size = 0, len(self.claims)
        while start < size:
            end = self.claims.find(b"\n", start)
            yield start, end - start
            start = end + 1


def make_manifest(
    files: Mapping[str, Mapping[str, Any]], built_at: str, counts: Mapping[str, int]
) -> bytes:
    """The manifest of files, each described by hash and size.

    The digest, and so the version, is a hash over the hashes of all files, the
    schema and the index layout.
    """
    described = {name: dict(files[name]) for name in DATA_FILES}
    digest = _digest(described)
    manifest = {
        "schema_version": SCHEMA_VERSION,
        "index_layout": INDEX_LAYOUT,
        "version": digest[:16],
        "digest": digest,
        "built_at": built_at,
        "counts": dict(counts),
        "files": described,
    }
    return written(manifest)


def _digest(described: Mapping[str, Mapping[str, Any]]) -> str:
    """A hash over the hashes of all files, the schema and the index layout."""
    files = {name: {key: described[name][key] for key in ("sha256", "bytes")} for name in described}
    return hashlib.sha256(canonical([SCHEMA_VERSION, INDEX_LAYOUT, files])).hexdigest()


def describe(content: bytes) -> dict[str, Any]:
    """What is recorded of a file: its hash and its size in bytes."""
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def from_files(files: Mapping[str, bytes], large: Mapping[str, Buffer] | None = None) -> Dataset:
    """A data set from its files; ``large`` holds those that are mapped."""
    manifest = json.loads(files[MANIFEST])
    info = DatasetInfo(
        version=manifest["version"],
        digest=manifest["digest"],
        built_at=manifest["built_at"],
        schema_version=manifest["schema_version"],
        counts=manifest["counts"],
    )
    held = {**files, **(large or {})}
    vocabularies = {name: Vocabulary(Records(held[f"{name}.json"])) for name in VOCABULARIES}
    retired = {record["id"]: Tombstone(**record) for record in json.loads(files[RETIRED])}
    return Dataset(info, held[CLAIMS], held[CHANGES], vocabularies, retired)


def open_dataset(directory: Path, *, whole: bool = False) -> Dataset:
    """Opens a built data set, nearly all of it mapped into memory, every file checked.

    ``whole`` compares the hashes of large files too. Raises
    ``DatasetUnavailable``.
    """
    with refused_at(directory):
        manifest = read_manifest(directory)
        recorded = manifest["files"]
        held: dict[str, Buffer] = {
            name: mapped(directory / name, recorded[name], whole=whole) for name in DATA_FILES
        }
        files = {MANIFEST: canonical(manifest), RETIRED: bytes(held.pop(RETIRED))}
        dataset = from_files(files, held)
        for name in VOCABULARIES:
            expect(len(dataset.vocabularies[name].records), manifest["counts"][name], name)
        expect(len(dataset.retired), manifest["counts"]["retired"], "retired claims")
        return dataset


def read_manifest(directory: Path) -> dict[str, Any]:
    """What a data set says of itself, as far as that can be believed without its files."""
    manifest = read_json(directory / MANIFEST)
    try:
        ManifestSchema().load(manifest)
    except ValidationError as error:
        faults = faults_in(MANIFEST, error.messages, manifest)
        raise ValueError("\n".join(map(str, faults))) from error
    found: dict[str, Any] = manifest
    expect(found["index_layout"], INDEX_LAYOUT, f"{MANIFEST} /index_layout")
    described = {name: found["files"][name] for name in DATA_FILES}
    expect(found["digest"], _digest(described), f"{MANIFEST} /digest")
    return found


def prove_files(directory: Path) -> None:
    """Compares every byte of a data set with what was recorded. Raises ``DatasetUnavailable``."""
    with refused_at(directory):
        for name, recorded in read_manifest(directory)["files"].items():
            check_file(directory / name, recorded, whole=True)
        for name, recorded in read_json(directory / INDEX_HASHES).items():
            check_file(directory / INDEX / name, recorded, whole=True)
