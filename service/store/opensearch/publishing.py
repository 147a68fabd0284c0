"""A built data set becomes the one that the cluster's services answer from.

Until the alias moves, the data set before is served; it is kept for a while, and removed by its
exact name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import orjson

from schemas.filters import DIMENSIONS
from schemas.query import ClaimQuery
from schemas.records.vocabularies import VOCABULARIES
from schemas.tables.claims import CLAIM_TABLES
from service.store.dataset_format import Dataset, open_dataset
from service.store.files import line_spans
from service.store.opensearch.door import Address, Door, JsonObject
from service.store.opensearch.loading import LoadFailed, load, parts_of
from service.store.opensearch.mapping import (
    ALIAS,
    INDEX,
    RECORD_PROPERTIES,
    claims_body,
    claims_index,
    described,
    index_body,
    record_index,
)
from service.store.opensearch.merging import merge
from service.store.opensearch.store import OpenSearchStore, open_store
from service.store.protocol import Store

KEPT = 3
"""Published data sets that stay: enough to go back, and for services that have yet to move on."""
CLAIMS_OF_A_SHARD = 5_000_000
"""Some eight gigabytes. A search is as slow as its slowest shard, and each costs something."""
_CHECKED = 200
"""Claims, chosen by chance, that are compared byte for byte."""
_SAMPLES = 16
"""Of them, those by which a service tells whether it would make the same index."""
_SECONDS = 60.0
"""For a request of the publisher, who can wait."""
_HOURS = 6

Track = Callable[..., Iterable[object]]
"""Shows progress, as ``service.compiler.progress.Progress``."""


class Publisher:
    """Puts one built data set into the cluster, beside what is there."""

    def __init__(self, directory: Path, address: Address, whole: Store) -> None:
        """``whole`` answers from the same directory, and is what the cluster is compared with."""
        self._directory, self._address, self._whole = directory, address, whole
        self._door, self._dataset = Door(address), open_dataset(directory)
        self._meta = self._described()
        self._claims = claims_index(self._dataset.info.version, self._meta)
        self._records = record_index(self._claims)
        self.indices = (self._claims, self._records)

    def publish(
        self,
        prove: Callable[[Store], None],
        track: Track,
        *,
        shards: int | None = None,
        replicas: int = 1,
        loaders: int = 1,
        kept: int = KEPT,
    ) -> OpenSearchStore:
        """Loads, proves and serves the data set; gives the store over it. So many data sets stay.

        Raises ``LoadFailed`` or ``DatasetUnavailable``; unless it was the removal of an old one
        that failed, the one before is served then.
        """
        if not self._is_protected():
            self._create(shards or 1 + self._dataset.info.counts["claims"] // CLAIMS_OF_A_SHARD)
            parts = load(self._directory, self._address, self._claims, loaders)
            total = 1 + len(parts_of(self._dataset))
            for _ in track(parts, total=total, description="Loading parts"):
                pass
            merge(self._door, self.indices, self._dataset.info.counts["claims"])
        store = self._proved()
        prove(store)
        if not self._is_protected():
            self._keep_counts(store)
        self._protect(replicas)
        self._serve()
        self._remove_old(kept)
        return store

    def _ask(self, method: str, path: str, body: object = None, **params: str) -> Any:
        return self._door.ask(method, path, body, seconds=_SECONDS, params=params)

    def _listed(self, what: str, **params: str) -> list[dict[str, str]]:
        found: list[dict[str, str]] = self._ask("GET", f"/_cat/{what}", format="json", **params)
        return found

    def _served(self) -> list[str]:
        return [each["index"] for each in self._listed(f"aliases/{ALIAS}")]

    def _there(self) -> set[str]:
        return {each["index"] for each in self._listed(f"indices/{self._claims}*", h="index")}

    def _is_protected(self) -> bool:
        """Whether a publish before this one loaded and proved it, and no more can be written."""
        if not self._there().issuperset(self.indices):
            return False
        found = self._ask("GET", f"/{','.join(self.indices)}/_settings", flat_settings="true")
        blocked = [each["settings"].get("index.blocks.write") for each in found.values()]
        return blocked == ["true", "true"]

    def _create(self, shards: int) -> None:
        """Makes the indices, unless a publish before this one has."""
        there = self._there()
        bodies = {
            self._claims: claims_body(shards, self._meta),
            self._records: index_body(RECORD_PROPERTIES, 1),
        }
        for name in self.indices:
            if name not in there:
                self._ask("PUT", f"/{name}", bodies[name])

    def _described(self) -> JsonObject:
        samples = (body for _, body in islice(_some_claims(self._dataset), _SAMPLES))
        records, files = self._dataset.records, self._whole.files
        return described(self._dataset.info, samples, records, files)

    def _proved(self) -> OpenSearchStore:
        """The store, after it answered as the directory does. Raises ``LoadFailed``."""
        store = open_store(self._door, self._claims)
        everything = ClaimQuery(limit=1)
        _expect(store.dataset, self._dataset.info, "the description")
        _expect(store.search(everything), self._whole.search(everything), "the first claim")
        size = store.export(everything).ndjson_bytes
        _expect(size, len(self._dataset.claims), "bytes of all claims")
        for name in (f"{table.name}.csv" for table in CLAIM_TABLES):
            if (file := self._whole.files.get(name)) is not None:
                rows = store.rows(everything, name.removesuffix(".csv"))
                _expect(rows.size, len(file.content), f"bytes of {name}")
        counted = [(everything, (name,)) for name in DIMENSIONS]
        for (_, by), counts in zip(counted, store.answers([], counted)[1], strict=True):
            _expect(counts, self._whole.counts(everything, by), f"claims by {by[0]}")
        for identifier, body in _some_claims(self._dataset):
            _expect(store.get(identifier), body, f"the claim {identifier}")
        self._prove_records(store)
        return store

    def _prove_records(self, store: OpenSearchStore) -> None:
        changes = self._whole.changes(0, 1).total
        _expect(store.changes(0, 1).total, changes, "changes")
        _expect(store.log_digest(changes), self._whole.log_digest(changes), "the log's digest")
        stones = [each.retired for each in self._dataset.vocabularies.values()]
        expected = {name: len(self._dataset.vocabularies[name]) for name in VOCABULARIES}
        expected["tombstone"] = sum(map(len, [self._dataset.retired, *stones]))
        bodies = [{"size": 0, "query": {"term": {"kind": kind}}} for kind in expected]
        found = self._door.searches(self._records, bodies, _SECONDS)
        totals = [answer["hits"]["total"]["value"] for answer in found]
        _expect(totals, [*expected.values()], f"records of each kind ({', '.join(expected)})")

    def _keep_counts(self, store: OpenSearchStore) -> None:
        """Puts beside the records what was counted of the data set as a whole: by each dimension,
        and whatever the pages were asked for while it was proved.
        """
        for place, document in store.standing.documents():
            self._ask("PUT", f"/{self._records}/_doc/{quote(place, safe='')}", document)
        self._ask("POST", f"/{self._records}/_refresh")

    def _protect(self, replicas: int) -> None:
        """No index is written any more, and each shard is there more than once."""
        settings = {"index": {"blocks.write": True, "number_of_replicas": replicas}}
        names = ",".join(self.indices)
        self._ask("PUT", f"/{names}/_settings", settings)
        for _ in range(int(_HOURS * 3600 / (_SECONDS / 2))):
            params = {"wait_for_status": "green", "timeout": f"{_SECONDS / 2:.0f}s"}
            found = self._door.client.transport.perform_request(
                "GET", f"/_cluster/health/{names}", params=params, timeout=_SECONDS, ignore=(408,)
            )
            if not found["timed_out"]:
                return
        raise LoadFailed(f"{names}: the copies of its shards are not there after {_HOURS} hours")

    def _serve(self) -> None:
        """Moves the alias in one step."""
        others = [name for name in self._served() if name != self._claims]
        actions = [{"remove": {"index": name, "alias": ALIAS}} for name in others]
        added = {"add": {"index": self._claims, "alias": ALIAS}}
        self._ask("POST", "/_aliases", {"actions": [*actions, added]})

    def _remove_old(self, kept: int) -> None:
        """Removes all but the newest, each by its name."""
        listed = self._listed(f"indices/{ALIAS}-*", h="index,creation.date")
        made = {each["index"]: int(each["creation.date"]) for each in listed}
        claims = sorted((n for n in made if INDEX.fullmatch(n)), key=made.__getitem__, reverse=True)
        for name in [name for name in claims if name != self._claims][kept - 1 :]:
            for index in (name, f"{name}-record"):
                if index in made:
                    self._ask("DELETE", f"/{index}")


def _some_claims(dataset: Dataset) -> Iterable[tuple[str, bytes]]:
    """Some claims by chance, always the same of one data set: their ids and canonical bytes."""
    chance = Random(dataset.info.digest)  # noqa: S311  # nosec B311  # nothing is secret
    claims = dataset.claims
    for _ in range(min(_CHECKED, dataset.info.counts["claims"])):
        at = claims.rfind(b"\n", 0, chance.randrange(len(claims))) + 1
        start, end = next(iter(islice(line_spans(claims, at), 1)))
        body = claims[start:end]
        yield orjson.loads(body)["id"], body


def _expect(found: object, wanted: object, what: str) -> None:
    if found != wanted:
        raise LoadFailed(f"{what}: the cluster has {found!s:.200}; wanted: {wanted!s:.200}")
