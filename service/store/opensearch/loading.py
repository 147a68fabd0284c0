"""A built data set on its way into the cluster.

It may be sent by any number of loaders, and again after one was killed: a claim that is there
already is refused by its id, and that is no fault.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from opensearchpy.exceptions import OpenSearchException
from opensearchpy.helpers import streaming_bulk

from schemas.records.change import CLAIM, record_of
from schemas.records.vocabularies import VOCABULARIES
from service.store.change_log import CHANGES_INDEX, ChangeLog
from service.store.dataset_format import INDEX, INDEX_HASHES, Dataset, canonical, open_dataset
from service.store.files import line_spans, mapped, read_json
from service.store.opensearch.door import Address, JsonObject
from service.store.opensearch.mapping import BODY, claim_document, record_index
from service.store.opensearch.records import change_id, record_id, tombstone_id

PART_BYTES = 16_000_000
"""Of the claims that one loader is given at a time: some ten thousand claims."""
_CHUNK_BYTES = 4_000_000
"""Of one request, which the smallest node takes without running short of memory."""
_RETRIES = 8
"""Times that what is refused for want of room (429) is sent again, each after twice the time."""
_SECONDS = 60
_CONFLICT = 409


class LoadFailed(RuntimeError):
    """The cluster did not take a data set; the one before is served as it was."""


class Part(NamedTuple):
    """The lines of a data set's claims from one byte to another."""

    start: int
    end: int


def parts_of(dataset: Dataset) -> list[Part]:
    """The claims in parts that begin and end with a line."""
    claims, starts = dataset.claims, [0]
    while (following := starts[-1] + PART_BYTES) < len(claims):
        starts.append(claims.find(b"\n", following) + 1 or len(claims))
    return [Part(*ends) for ends in zip(starts, [*starts[1:], len(claims)], strict=True)]


def load(directory: Path, address: Address, index: str, loaders: int = 1) -> Iterator[Part | None]:
    """Sends the records, then the claims in parts by so many loaders to their ``index``; tells each
    part that is done, the records as ``None``. Raises ``LoadFailed``.
    """
    dataset = open_dataset(directory)
    _send(address, record_index(index), _records(directory, dataset))
    yield None
    jobs = ((directory, address, index, part) for part in parts_of(dataset))
    if loaders == 1:
        yield from map(_load_part, jobs)
        return
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(loaders, mp_context=spawned) as pool:
        yield from pool.map(_load_part, jobs)


def _load_part(job: tuple[Path, Address, str, Part]) -> Part:
    directory, address, index, part = job
    _send(address, index, _claims(open_dataset(directory), part))
    return part


def _claims(dataset: Dataset, part: Part) -> Iterator[tuple[str, JsonObject]]:
    records = dataset.records
    for start, end in line_spans(dataset.claims, part.start):
        if start >= part.end:
            return
        body = dataset.claims[start:end]
        claim = orjson.loads(body)
        yield claim["id"], claim_document(claim, body, records)


def _records(directory: Path, dataset: Dataset) -> Iterator[tuple[str, JsonObject]]:
    """What lies in the index of records, each with its id there."""
    for name, vocabulary in dataset.vocabularies.items():
        for identifier, record in vocabulary.by_id.items():
            body = canonical(record).decode()
            yield record_id(name, identifier), {"kind": name, "id": identifier, BODY: body}
    retired = {VOCABULARIES[name].singular: v.retired for name, v in dataset.vocabularies.items()}
    for kind, stones in {CLAIM: dataset.retired, **retired}.items():
        for identifier, stone in stones.items():
            body = orjson.dumps(stone).decode()
            document = {"kind": "tombstone", "id": identifier, BODY: body}
            yield tombstone_id(kind, identifier), document
    yield from _changes(directory, dataset)


def _changes(directory: Path, dataset: Dataset) -> Iterator[tuple[str, JsonObject]]:
    recorded = read_json(directory / INDEX_HASHES)[CHANGES_INDEX]
    index = mapped(directory / INDEX / CHANGES_INDEX, recorded)
    log = ChangeLog(dataset.changes, index, dataset.info.feed.salt)
    for start, end in line_spans(dataset.changes):
        line = dataset.changes[start:end]
        change = orjson.loads(line)
        seq, key = change["seq"], record_of(change)
        following = log.first_after(key, seq)
        yield (
            change_id(seq),
            {
                "kind": "change",
                "id": "/".join(key),
                "seq": seq,
                "digest": log.digest(seq),
                "next": following and following["seq"],
                BODY: line.decode(),
            },
        )


def _send(address: Address, index: str, documents: Iterable[tuple[str, JsonObject]]) -> None:
    actions: Iterator[dict[str, Any]] = (
        {"_op_type": "create", "_index": index, "_id": identifier, "_source": document}
        for identifier, document in documents
    )
    try:
        sent = streaming_bulk(
            address.client(_RETRIES),
            actions,
            max_chunk_bytes=_CHUNK_BYTES,
            max_retries=_RETRIES,
            initial_backoff=1,
            raise_on_error=False,
            request_timeout=_SECONDS,
            filter_path="errors,items.*.status,items.*.error.type",
        )
        for taken, item in sent:
            (told,) = item.values()
            if not taken and told["status"] != _CONFLICT:
                raise LoadFailed(f"{index}: a document was refused: {told}")
    except (OpenSearchException, OSError) as error:
        raise LoadFailed(f"{index}: {error}") from error
