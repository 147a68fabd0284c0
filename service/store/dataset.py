"""A compiled data set: canonical files with their hashes, in memory or in a directory."""

from __future__ import annotations

import hashlib
import json
import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from schemas.dataset import SCHEMA_VERSION, DatasetInfo, ManifestSchema, Tombstone, Vocabulary
from schemas.faults import faults_in
from service.store import VOCABULARIES, DatasetUnavailable
from service.store.records import Records

MANIFEST = "manifest.json"
CLAIMS = "claims.ndjson"
CHANGES = "changes.ndjson"
RETIRED = "retired.json"
INDEX = "index"
INDEX_HASHES = "index/files.json"
DATA_FILES = (CLAIMS, CHANGES, RETIRED, *(f"{name}.json" for name in VOCABULARIES))
HASHED_AT_OPENING = 64 * 1024 * 1024
"""Bytes up to which a file's hash is compared at every opening. Reading gigabytes would cost each
worker seconds; of larger files the size is compared, and the build has proved the rest."""
INDEX_LAYOUT = 3
"""Raised when the index holds something else, or something in another way."""

Buffer = bytes | mmap.mmap


def canonical(value: Any) -> bytes:
    """Canonical JSON: keys in the order given, no blanks, UTF-8, no NaN."""
    return _encode(value).encode()


def canonical_text(text: str | None) -> bytes:
    """Canonical JSON of a text or of none, without the encoder for all that there may be."""
    return b"null" if text is None else encode_basestring(text).encode()


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


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
    """The manifest of files, each described by hash and size; indented, since people read it too.

    The digest, and so the version, is a hash over the hashes of all files, the
    schema and the index layout.
    """
    described = {name: dict(files[name]) for name in DATA_FILES}
    content = canonical([SCHEMA_VERSION, INDEX_LAYOUT, described])
    digest = hashlib.sha256(content).hexdigest()
    manifest = {
        "schema_version": SCHEMA_VERSION,
        "index_layout": INDEX_LAYOUT,
        "version": digest[:16],
        "digest": digest,
        "built_at": built_at,
        "counts": dict(counts),
        "files": described,
    }
    return json.dumps(manifest, indent=2).encode() + b"\n"


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


def open_dataset(directory: Path) -> Dataset:
    """Opens a built data set, nearly all of it mapped into memory, every file checked.

    Raises ``DatasetUnavailable``.
    """
    manifest: Any = None
    try:
        files = {MANIFEST: (directory / MANIFEST).read_bytes()}
        manifest = json.loads(files[MANIFEST])
        ManifestSchema().load(manifest)
        _expect(manifest["index_layout"] == INDEX_LAYOUT, directory / MANIFEST, "index layout")
        for name in DATA_FILES:
            check_file(directory / name, manifest["files"][name])
        files[RETIRED] = (directory / RETIRED).read_bytes()
        large = {name: mapped(directory / name) for name in DATA_FILES if name != RETIRED}
        return from_files(files, large)
    except ValidationError as error:
        faults = faults_in(str(directory / MANIFEST), error.messages, manifest)
        raise DatasetUnavailable("\n".join(map(str, faults))) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = f"{type(error).__name__}: {error}"
        where = f"{directory} is no data set to serve (its {MANIFEST} names what belongs to it)"
        raise DatasetUnavailable(f"{where}: {reason}") from error


def mapped(path: Path) -> Buffer:
    """A file, mapped into memory, whose pages all workers share."""
    with path.open("rb") as file:
        if path.stat().st_size == 0:
            return b""  # an empty file cannot be mapped
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def describe_file(path: Path) -> dict[str, Any]:
    """What ``describe`` says of a file on disk, which is not held in memory for it."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"sha256": digest, "bytes": path.stat().st_size}


def check_file(path: Path, recorded: Mapping[str, Any]) -> None:
    """Compares a file with what was recorded of it. Raises ``ValueError`` or ``OSError``."""
    _expect(path.stat().st_size == recorded["bytes"], path, "size")
    if recorded["bytes"] <= HASHED_AT_OPENING:
        _expect(describe_file(path)["sha256"] == recorded["sha256"], path, "hash")


def _expect(held: bool, path: Path, what: str) -> None:
    if not held:
        raise ValueError(f"the {what} of {path.name} is not the one expected; build it again")
