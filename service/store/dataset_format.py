"""Compiled data sets on disk (docs/dataset-format.md).

Of one its files, its manifest and its identity; of a directory of them which is current, and which
others there are.
"""

import hashlib
import os
import re
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import orjson
from marshmallow import ValidationError

from schemas.faults import faults_at, flatten
from schemas.filter_kinds import ServedRecords
from schemas.records.change import CLAIM
from schemas.records.dataset import (
    DATA_FILES,
    DESCRIPTION,
    SCHEMA_VERSION,
    DatasetInfo,
    Feed,
    ManifestSchema,
    StoredFile,
    Tombstone,
)
from schemas.records.description import Description
from schemas.records.vocabularies import VOCABULARIES
from service.store.files import (
    Buffer,
    expect,
    line_spans,
    mapped,
    read_json,
    refused_at,
    regular,
)
from service.store.vocabulary_file import Records, RecordsVocabulary

MANIFEST = "manifest.json"
CLAIMS = "claims.ndjson"
CHANGES = "changes.ndjson"
RETIRED = "retired.ndjson"
INDEX = "index"
EXPORTS = "exports"
"""The directory of what is made of the claims to be handed out whole: CSV, compressed, Parquet."""
INDEX_HASHES = "index/files.json"
"""Hash and size of everything that is made of the content: the index, the exports, the manifest."""
MANIFEST_FROM_INDEX = f"../{MANIFEST}"
EXPORTS_FROM_INDEX = f"../{EXPORTS}/"
"""How the manifest is called among those hashes, and how the names of the exports begin."""
CURRENT = "current"
"""The symbolic link to the data set that is to be served."""
PUBLISHED = ".published"
"""A file with the versions that were published, a line each, the last one at the end, be they there
or not. What is not named there was only built, and is nobody's to remove."""
_MOST_LISTED = 64 * 1024
_IDENTITY = tuple(key.name for key in fields(DatasetInfo) if key.name not in ("about", "feed"))
"""What the manifest tells of a data set, as it stands there."""
VERSION = re.compile("[0-9a-f]{16}")
"""The name of a data set's directory."""

_LINE_ENDS = {end.encode(): f"\\u{ord(end):04x}".encode() for end in "\x85\u2028\u2029"}
"""What reads as the end of a line beside the control characters, which JSON escapes anyway
(``str.splitlines``, and with it ``iter_lines`` of httpx and requests), and its escape."""


def canonical(value: Any) -> bytes:
    """Canonical JSON of a value: keys in the order given, no blanks, UTF-8, on a single line by
    everybody's account.
    """
    text = orjson.dumps(value)
    if text.isascii():
        return text
    for end, escaped in _LINE_ENDS.items():
        text = text.replace(end, escaped)
    return text


@dataclass(frozen=True, slots=True)
class Dataset:
    """The records of one data set, mapped into memory, and the layout of its index."""

    info: DatasetInfo
    index_layout: str
    claims: Buffer
    changes: Buffer
    vocabularies: Mapping[str, RecordsVocabulary]
    retired: Mapping[str, Tombstone]
    files: Mapping[str, StoredFile]

    @property
    def records(self) -> ServedRecords:
        """The records of every vocabulary by id."""
        return {name: vocabulary.by_id for name, vocabulary in self.vocabularies.items()}


def vocabularies_in(files: Mapping[str, Buffer]) -> ServedRecords:
    """The records of every vocabulary by id, from the files of a data set by name."""
    return {name: Records(files[f"{name}.ndjson"]) for name in VOCABULARIES}


def content_digest(described: Mapping[str, Mapping[str, Any]]) -> str:
    """The SHA-256 of the content files as they are described, by hash and size."""
    return hashlib.sha256(canonical([SCHEMA_VERSION, described])).hexdigest()


def make_manifest(
    files: Mapping[str, Mapping[str, Any]],
    built_at: str,
    counts: Mapping[str, int],
    layout: str,
    feed: Feed,
    verified: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The manifest of ``DATA_FILES``, each described by hash and size.

    The digest, and so the version, depends on the content and the schema
    version alone: neither on ``built_at``, the layout of the index, the feed nor ``verified``.
    """
    digest = content_digest(files)
    return {
        "schema_version": SCHEMA_VERSION,
        "index_layout": layout,
        "version": digest[:16],
        "digest": digest,
        "built_at": built_at,
        "feed": asdict(feed),
        "verified": verified,
        "counts": dict(counts),
        "files": dict(files),
    }


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
        retired = _tombstones(files[RETIRED])
        expect(len(retired[CLAIM]), manifest["counts"]["retired"], "retired claims")
        vocabularies = {}
        for name, records in vocabularies_in(files).items():
            expect(len(records), manifest["counts"][name], name)
            kind = VOCABULARIES[name]
            vocabularies[name] = RecordsVocabulary(records, kind.name_key, retired[kind.singular])
        return Dataset(
            info=dataset_info(manifest, files),
            index_layout=manifest["index_layout"],
            claims=files[CLAIMS],
            changes=files[CHANGES],
            vocabularies=vocabularies,
            retired=retired[CLAIM],
            files={
                name: StoredFile(content, manifest["files"][name]["sha256"])
                for name, content in files.items()
            },
        )


def dataset_info(manifest: Mapping[str, Any], files: Mapping[str, Buffer]) -> DatasetInfo:
    """Which data set a manifest is of, and how it describes itself."""
    feed, about = Feed(**manifest["feed"]), Description(**orjson.loads(files[DESCRIPTION][:]))
    return DatasetInfo(**identity_of(manifest), feed=feed, about=about)


def identity_of(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What a manifest tells of its data set as it stands there."""
    return {name: manifest[name] for name in _IDENTITY}


def _tombstones(lines: Buffer) -> Mapping[str, Mapping[str, Tombstone]]:
    """What is left of retired records, by kind and id."""
    stones = defaultdict[str, dict[str, Tombstone]](dict)
    for start, end in line_spans(lines):
        stone = Tombstone(**orjson.loads(lines[start:end]))
        stones[stone.kind][stone.id] = stone
    return stones


def read_manifest(directory: Path) -> dict[str, Any]:
    """What a data set says of itself, as far as that can be believed without its files.

    Raises ``ValueError``, ``LookupError`` or ``OSError``.
    """
    manifest: dict[str, Any] = read_json(directory / MANIFEST)
    try:
        ManifestSchema().load(manifest)
    except ValidationError as error:
        faults = faults_at(MANIFEST, flatten(error.messages, manifest))
        raise ValueError("\n".join(map(str, faults))) from error
    described = {name: manifest["files"][name] for name in DATA_FILES}
    expect(manifest["digest"], content_digest(described), f"{MANIFEST} /digest")
    return manifest


def current(directory: Path) -> Path | None:
    """Where ``current`` leads, be anything there or not; ``None`` when there is no such name.

    By its own path, so that all of one data set is read though the link moves on.
    """
    link = directory / CURRENT
    return Path(os.path.realpath(link)) if os.path.lexists(link) else None


def published(directory: Path) -> list[str]:
    """The versions that were published, the last one at the end; none where that is unknown.

    Raises ``OSError`` for a list that is there and cannot be read.
    """
    with suppress(FileNotFoundError, ValueError), regular(directory / PUBLISHED) as file:
        versions = file.read(_MOST_LISTED).decode().split()
        return [version for version in versions if VERSION.fullmatch(version)]
    return []


def candidates(directory: Path) -> list[Path]:
    """The data sets of a directory in the order in which they are to be served, none twice.

    The current one, then those that were published, the last one first, then
    the others, the newest first.
    """
    home, first = Path(os.path.realpath(directory)), current(directory)
    places = [first] if first else []
    with suppress(OSError):  # then the order is that of the directories
        listed = (home / version for version in reversed(published(directory)))
        places += filter(Path.is_dir, listed)
    with suppress(OSError):
        built = (path for path in home.iterdir() if VERSION.fullmatch(path.name))
        places += sorted(built, key=_age, reverse=True)
    return list(dict.fromkeys(places))


def _age(path: Path) -> int:
    with suppress(OSError):  # removed in between
        return path.stat().st_mtime_ns
    return 0
