"""A store in a cluster of OpenSearch: one published data set, by the names of its indices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

import orjson

from schemas.filter_kinds import ServedRecord
from schemas.query import ClaimQuery
from schemas.records.change import CLAIM, Changes, RecordKey
from schemas.records.dataset import (
    Counts,
    DatasetInfo,
    Export,
    FileDescription,
    Page,
    Rows,
    StoredFile,
)
from schemas.records.vocabularies import VOCABULARIES
from schemas.tables.claims import CLAIM_TABLES
from service.store.csv_lines import exactly, line_writer
from service.store.dataset_format import CLAIMS
from service.store.opensearch.counts import bodies_of, counts_of
from service.store.opensearch.door import Door, JsonObject, TooManyGroups
from service.store.opensearch.mapping import (
    BODY,
    LENGTH,
    claims_index,
    entries_digest,
    files_of,
    info_of,
    layout,
    length_of,
    record_index,
)
from service.store.opensearch.matching import matching
from service.store.opensearch.pages import claim_of, page_body, page_from
from service.store.opensearch.records import (
    RemoteChanges,
    RemoteVocabulary,
    tombstone_id,
    tombstone_of,
)
from service.store.opensearch.standing import StandingCounts
from service.store.protocol import (
    ClaimNotFound,
    ClaimRetired,
    Counted,
    DatasetUnavailable,
)
from service.store.vocabulary import Vocabulary

CHUNK = 5_000
"""Claims of an export that are taken at a time: some eight megabytes."""
CHUNK_SECONDS = 10.0
"""Within which a chunk must be there; an export is no page that somebody waits for. Shorter than
clients and proxies wait for the next byte."""
_PIECE = 1 << 20
"""Bytes of a file that are read at a time."""


class OpenSearchStore:
    """Answers from one data set in the cluster, whatever is published beside it meanwhile.

    Its indices are never written again, so that every answer is of the same data.
    """

    def __init__(
        self,
        door: Door,
        index: str,
        info: DatasetInfo,
        described: Mapping[str, FileDescription],
        files: Mapping[str, StoredFile],
    ) -> None:
        """``index`` is that of the claims; ``described`` are the files that were built, and
        ``files`` those that the cluster has.
        """
        self.index, self.described, self.files = index, described, files
        self._door, self._info = door, info
        self._vocabularies = {n: RemoteVocabulary(door, info, index, n) for n in VOCABULARIES}
        self._changes = RemoteChanges(door, info, index)
        self.standing = StandingCounts(door, index)

    @property
    def dataset(self) -> DatasetInfo:
        return self._info

    @property
    def vocabularies(self) -> Mapping[str, Vocabulary]:
        return self._vocabularies

    def get(self, claim_id: str) -> bytes:
        if not claim_id:
            raise ClaimNotFound(claim_id)
        retired = record_index(self.index), tombstone_id(CLAIM, claim_id)
        claim, tombstone = self._door.documents([(self.index, claim_id), retired])
        if claim is not None:
            body: str = claim[BODY]
            return body.encode()
        if (stone := tombstone_of(tombstone)) is not None:
            raise ClaimRetired(stone)
        raise ClaimNotFound(claim_id)

    def search(self, query: ClaimQuery) -> Page:
        return self.answers([query])[0][0]

    def counts(self, query: ClaimQuery, by: tuple[str, ...]) -> Counts:
        return self.answers([], [(query, by)])[1][0]

    def answers(
        self, pages: Sequence[ClaimQuery], counts: Sequence[Counted] = ()
    ) -> tuple[list[Page], list[Counts]]:
        known = [self.standing.get(each) for each in counts]
        asked = [each for each, found in zip(counts, known, strict=True) if found is None]
        answered, counted = self._asked(pages, asked) if pages or asked else ([], [])
        for each, found in zip(asked, counted, strict=True):
            self.standing.keep(each, found)
        fresh = iter(counted)
        return answered, [next(fresh) if found is None else found for found in known]

    def _asked(
        self, pages: Sequence[ClaimQuery], counts: Sequence[Counted]
    ) -> tuple[list[Page], list[Counts]]:
        """The answers of the cluster, in one trip where no count has too many groups."""
        listed = [page_body(query) for query in pages]
        counted = [bodies_of(each) for each in counts]
        groups: list[list[JsonObject] | None]
        try:
            flat = [body for bodies in counted for body in bodies]
            found = iter(self._door.searches(self.index, [*listed, *flat]))
            answered = [page_from(query, next(found)) for query in pages]
            groups = [[next(found) for _ in bodies] for bodies in counted]
        except TooManyGroups:
            found = iter(self._door.searches(self.index, listed))
            answered = [page_from(query, next(found)) for query in pages]
            groups = [*map(self._unless_too_many, counted)]
        return answered, [
            counts_of(each, self.index, self._door, some)
            for each, some in zip(counts, groups, strict=True)
        ]

    def _unless_too_many(self, bodies: Sequence[JsonObject]) -> list[JsonObject] | None:
        """The answers that count, ``None`` where there are more groups than the engine counts at
        once.
        """
        try:
            return self._door.searches(self.index, bodies)
        except TooManyGroups:
            return None

    def export(self, query: ClaimQuery) -> Export:
        if query.is_everything and (file := self.files.get(CLAIMS)) is not None:
            total, content = self._info.counts["claims"], file.content
            return Export(total, len(content), self._all(query, total), [content])
        total, size = self._total_and_sum(query, LENGTH)
        return Export(total, size + total, self._all(query, total))

    def rows(self, query: ClaimQuery, table: str) -> Rows:
        """The rows are made as they are sent; how long they are was counted when they were loaded,
        and is looked at again.
        """
        file = self.files.get(f"{table}.csv")
        if query.is_everything and file is not None:
            content = file.content
            pieces = (content[at : at + _PIECE] for at in range(0, len(content), _PIECE))
            return Rows(len(content), pieces, content)
        made, write = next(each for each in CLAIM_TABLES if each.name == table), line_writer()
        total, size = self._total_and_sum(query, length_of(table))
        header, claims = write(made.header), map(orjson.loads, self._all(query, total))
        lines = map(write, chain.from_iterable(map(made.cells, claims)))
        size += len(header)
        return Rows(size, exactly(size, chain([header], lines)))

    def _total_and_sum(self, query: ClaimQuery, field: str) -> tuple[int, int]:
        """How many claims match, and the sum of a field over all of them."""
        body: JsonObject = {"size": 0, "query": matching(query)}
        body["aggs"] = {field: {"sum": {"field": field}}}
        (answer,) = self._door.searches(self.index, [body])
        return answer["hits"]["total"]["value"], int(answer["aggregations"][field]["value"])

    def _all(self, query: ClaimQuery, total: int) -> Iterator[bytes]:
        """Every claim of a result; raises ``DatasetUnavailable`` rather than end too early."""
        asked = replace(query, cursor=None, limit=CHUNK)
        body = {**page_body(asked), "size": CHUNK, "track_total_hits": False}
        body.pop("from", None)
        left = total
        while left > 0:
            (answer,) = self._door.searches(self.index, [body], CHUNK_SECONDS)
            hits = answer.get("hits", {}).get("hits", ())
            if not hits:
                raise DatasetUnavailable("the search cluster ended an export before its end")
            yield from map(claim_of, hits)
            left -= len(hits)
            body["search_after"] = hits[-1]["sort"]

    def changes(
        self, since: int, limit: int, identifier: str | None = None, kind: str = CLAIM
    ) -> Changes:
        key = None if identifier is None else RecordKey(kind, identifier)
        return self._changes.read(since, limit, key)

    def log_digest(self, seq: int) -> str | None:
        return self._changes.digest(seq)

    def ping(self) -> None:
        """Asks every shard of both indices."""
        for index in (self.index, record_index(self.index)):
            self._door.searches(index, [{"size": 0}])


class _ById(Mapping[str, ServedRecord]):
    """The records of a vocabulary by id, each looked up when it is asked for."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def __getitem__(self, identifier: str) -> ServedRecord:
        return self._vocabulary.records((identifier,))[identifier]

    def __iter__(self) -> Iterator[str]:
        return (record["id"] for record in self._vocabulary)

    def __len__(self) -> int:
        return len(self._vocabulary)


def open_store(door: Door, index: str, *, whole: bool = False) -> OpenSearchStore:
    """A store over the data set of an index of claims, tried once; ``whole`` compares how many
    claims there are with how many were recorded. Raises ``DatasetUnavailable``.

    What the index holds of some claims is compared with what it would hold if
    it was made today, as an update of the service may compute other values.
    """
    told = door.ask("GET", f"/{index}/_mapping")
    another = f"{index}: made by another version of the service; publish again"
    try:
        meta = told[index]["mappings"]["_meta"]
        if meta.get("layout") != layout():
            raise DatasetUnavailable(another)
        info = info_of(meta)
        if claims_index(info.version, meta) != index:
            raise ValueError("its name is that of another data set")
        store = OpenSearchStore(door, index, info, *files_of(meta))
        records = {n: _ById(v) for n, v in store.vocabularies.items()}
        entries = entries_digest(map(store.get, meta["samples"]), records)
    except (ValueError, LookupError, TypeError) as error:
        raise DatasetUnavailable(f"{index}: {error}") from error
    if entries != meta["entries"]:
        raise DatasetUnavailable(another)
    store.ping()
    store.standing.read()
    if whole and (found := store.search(ClaimQuery(limit=1)).total) != info.counts["claims"]:
        raise DatasetUnavailable(f"{index}: {found} claims; {info.counts['claims']} were recorded")
    return store
