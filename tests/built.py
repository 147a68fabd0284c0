"""Data sets built for a test: in a temporary directory that is gone once they are opened."""

from __future__ import annotations

import functools
import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from tantivy import Index

from schemas.filter_kinds import ServedRecords
from schemas.records.dataset import DATA_FILES
from service.compiler import SHIPPED, Fixtures, Source, build_dataset
from service.store import change_log
from service.store.change_log import ChangeLog
from service.store.dataset_format import (
    INDEX,
    INDEX_HASHES,
    MANIFEST,
    Dataset,
    open_dataset,
)
from service.store.files import Buffer, line_spans, read_json
from service.store.tantivy.index import Spans, index_line, open_index
from service.store.tantivy.store import open_store
from tests.samples import Data

FILES = (MANIFEST, *DATA_FILES)


def records_of(data: Data) -> Fixtures:
    """The records of a sample as fixtures that lie in memory."""
    return Fixtures(data)


def describe(content: bytes) -> dict[str, Any]:
    """What is recorded of a file that holds this."""
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


@contextmanager
def built(source: Source = SHIPPED, epoch: int | None = None) -> Iterator[Path]:
    """A data set that is not flushed to a disk, for as long as the block runs."""
    with tempfile.TemporaryDirectory() as out:
        yield build_dataset(source, Path(out), epoch=epoch, durable=False)


def dataset_of(source: Source = SHIPPED, epoch: int | None = None) -> Dataset:
    """The records of a data set, mapped into memory."""
    with built(source, epoch) as place:
        return open_dataset(place)


def files_of(source: Source = SHIPPED) -> dict[str, bytes]:
    """The files of a data set but for its index, which differs from build to build."""
    with built(source) as place:
        return {name: (place / name).read_bytes() for name in FILES}


def files_of_records(data: Data) -> dict[str, bytes]:
    """The same of records, built once however often they are asked for."""
    return dict(_files_of_text(json.dumps(data)))


@functools.lru_cache(maxsize=64)
def _files_of_text(records: str) -> dict[str, bytes]:
    return files_of(records_of(json.loads(records)))


def changes_index(changes: Buffer) -> bytes:
    """The index of a file of changes."""
    return b"".join(change_log.changes_index(changes))


def parts_of(source: Source = SHIPPED) -> tuple[Dataset, Index, ChangeLog]:
    """What a store is made of, so that a test may put something of its own in the place of one."""
    with built(source) as place:
        dataset = replace(open_dataset(place), files=open_store(place).files)
        index = open_index(place / INDEX, read_json(place / INDEX_HASHES))
        return dataset, index, ChangeLog(dataset.changes, changes_index(dataset.changes))


def entries(claims: Buffer, vocabularies: ServedRecords) -> Iterator[tuple[bytes, Spans]]:
    """What the index is given of each claim of a buffer, but for tables."""
    for start, end in line_spans(claims):
        yield index_line(json.loads(claims[start:end]), vocabularies), {"": (start, end - start)}
