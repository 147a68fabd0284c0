"""The default store: a tantivy index over a compiled data set."""

import functools
import json
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, cast

from tantivy import Index, Order, Query, Searcher, SearchResult

from schemas.query import ClaimQuery
from schemas.records.change import CLAIM, Changes, RecordKey
from schemas.records.dataset import Counts, Export, FileDescription, Group, Page, Rows, StoredFile
from service.store.change_log import CHANGES_INDEX, ChangeLog
from service.store.dataset_format import (
    EXPORTS_FROM_INDEX,
    INDEX,
    INDEX_HASHES,
    Dataset,
    offered_name,
    open_dataset,
)
from service.store.files import MAX_HASHED_BYTES, expect, mapped, read_json, refused_at
from service.store.protocol import RELEVANCE_WINDOW, ClaimNotFound, ClaimRetired, Counted
from service.store.search.index_fields import NO_VALUE, SORT_KEYS
from service.store.search.words import PerThread
from service.store.tantivy.counts import Counter
from service.store.tantivy.index import (
    layout,
    length_of,
    open_index,
    panics_are_errors,
    place_of,
    span,
)
from service.store.tantivy.matching import Matcher

_CHUNK = 1_000
"""Claims an export takes from the index at a time, so that its memory does not grow with it."""
_RANKED_CHUNK = 20_000
"""The same by relevance, where each time everything is ranked anew."""

_MAX_HASHED_EXPORT = 4 * 1024 * 1024
"""Bytes up to which the hash of an export is compared at every opening: no search depends on it,
and to hash all of them would double the time that a worker takes to start."""
MAX_TOTALS = 256
"""Queries whose totals are remembered; the longest take some 25 KB of memory each."""

Hits = list[tuple[Any, Any]]


class TantivyStore:
    """Answers from the index; bodies are slices of the data set's canonical bytes."""

    def __init__(self, dataset: Dataset, index: Index, log: ChangeLog) -> None:
        self.dataset, self.vocabularies = dataset.info, dataset.vocabularies
        self.files = dataset.files
        self.described = {
            name: FileDescription(len(file.content), file.sha256)
            for name, file in dataset.files.items()
        }
        self._claims, self._retired, self._log = dataset.claims, dataset.retired, log
        self._match = Matcher(index.schema)
        self._searcher = PerThread(index.searcher)
        # Nothing refers back to the store, which is gone, with its files, when its last user is.
        count = functools.partial(_count, self._searcher, self._match)
        self._count = functools.lru_cache(maxsize=MAX_TOTALS)(count)

    @panics_are_errors()
    def get(self, claim_id: str) -> bytes:
        if claim_id in self._retired:
            raise ClaimRetired(self._retired[claim_id])
        hits = self._searcher.own.search(self._match.term("id", claim_id), 1).hits
        if not hits:
            raise ClaimNotFound(claim_id)
        return next(self._bodies(hits))

    @panics_are_errors()
    def search(self, query: ClaimQuery) -> Page:
        start = 0 if query.cursor is None else int(query.cursor, 16)
        if query.order == "relevance":
            return self._ranked_page(query, start)
        hits, remaining = self._hits(query, start, query.limit)
        total = remaining if query.cursor is None else self._total(query)
        more = remaining > len(hits)
        return Page([*self._bodies(hits)], total, f"{hits[-1][0]:016x}" if more else None)

    def _ranked_page(self, query: ClaimQuery, start: int) -> Page:
        if start >= RELEVANCE_WINDOW:
            return Page([], self._total(query), None)
        end = min(start + query.limit, RELEVANCE_WINDOW)
        hits, total = self._hits(query, start, end - start)
        more = end < min(total, RELEVANCE_WINDOW)
        return Page([*self._bodies(hits)], total, f"{end:016x}" if more else None)

    @panics_are_errors()
    def export(self, query: ClaimQuery) -> Export:
        whole = replace(query, cursor=None)
        total = self._total(whole)
        size = self._sum(whole, length_of("")) + total
        return Export(
            total, size, self._all(whole, total), [self._claims] if whole.is_everything else None
        )

    @panics_are_errors()
    def rows(self, query: ClaimQuery, table: str) -> Rows:
        whole, content = replace(query, cursor=None), self.files[f"{table}.csv"].content
        start = content.find(b"\r\n") + 2  # of a header, in which no name has a line break
        rows = self._all(whole, self._total(whole), table)
        size = start + self._sum(whole, length_of(table))
        return Rows(size, chain([content[:start]], rows), content if whole.is_everything else None)

    def _sum(self, query: ClaimQuery, field: str) -> int:
        """The sum of a field over all claims that match."""
        matching = self._match.matching(query)
        summed = self._searcher.own.aggregate(matching, {field: {"sum": {"field": field}}})
        return int(summed[field]["value"])

    @panics_are_errors()
    def counts(self, query: ClaimQuery, by: tuple[str, ...]) -> Counts:
        matching = self._match.matching(query, by=by)
        counted = Counter(self._searcher.own, self._match, matching).groups(by)
        groups = [
            Group(tuple(None if key == NO_VALUE else key for key in keys), count)
            for keys, count in counted
        ]
        return Counts(sorted(groups, key=_largest_first), self._total(query))

    def answers(
        self, pages: Sequence[ClaimQuery], counts: Sequence[Counted] = ()
    ) -> tuple[list[Page], list[Counts]]:
        return [*map(self.search, pages)], [self.counts(*counted) for counted in counts]

    def changes(
        self, since: int, limit: int, identifier: str | None = None, kind: str = CLAIM
    ) -> Changes:
        key = None if identifier is None else RecordKey(kind, identifier)
        return self._log.read(since, limit, key, self._active)

    def log_digest(self, seq: int) -> str | None:
        return self._log.digest(seq)

    def _active(self, kind: str, ids: Sequence[str]) -> Mapping[str, Any]:
        if kind != CLAIM:
            return self.vocabularies[f"{kind}s"].records(ids)
        bodies = self.search(ClaimQuery(id=tuple(ids), limit=len(ids))).bodies
        return {claim["id"]: claim for claim in map(json.loads, bodies)}

    @panics_are_errors()
    def ping(self) -> None:
        self._searcher.own.search(Query.all_query(), 1)

    def _total(self, query: ClaimQuery) -> int:
        """How many claims match; remembered, since every page of a walk tells it."""
        return self._count(replace(query, sort=None, limit=1, cursor=None))

    @panics_are_errors()
    def _hits(self, query: ClaimQuery, start: int, limit: int) -> tuple[Hits, int]:
        """Hits after a position in the query's order, and how many there are; by relevance from
        a rank on, and how many there are in all.
        """
        search, order = self._searcher.own.search, SORT_KEYS.get(query.order)
        if order is None:
            result = search(self._match.matching(query), limit, offset=start)
        else:
            matching = self._match.matching(query, start)
            result = search(matching, limit, order_by_field=order, order=Order.Asc)
        return result.hits, _total_of(result)

    def _all(self, query: ClaimQuery, total: int, table: str = "") -> Iterator[bytes]:
        """Runs while the answer is sent, so what it calls guards against panics by itself.

        A client may be slow to take it: what is held meanwhile is the places of a chunk.
        """
        if query.order == "relevance":
            for rank in range(0, total, _RANKED_CHUNK):
                yield from self._bodies(self._hits(query, rank, _RANKED_CHUNK)[0], table)
            return
        start = 0
        while hits := self._hits(query, start, _CHUNK)[0]:
            start = hits[-1][0]
            yield from self._bodies(hits, table)

    @panics_are_errors()
    def _bodies(self, hits: Hits, table: str = "") -> Iterator[bytes]:
        """Slices of the claims, or of a table, each made as it is taken."""
        field, addresses = place_of(table), [address for _, address in hits]
        places = self._searcher.own.fast_field_values(field, addresses)
        if None in places:
            raise LookupError("the index holds a claim that has no place; build it again")
        content = self.files[f"{table}.csv"].content if table else self._claims
        return (content[span(place)] for place in array("Q", cast("list[int]", places)))


def open_store(directory: Path, *, whole: bool = False) -> TantivyStore:
    """A store over a built data set that was tried once; ``whole`` compares the hashes of large
    files too. Raises ``DatasetUnavailable``.
    """
    dataset = open_dataset(directory, whole=whole)
    with refused_at(directory):
        needed = layout(dataset.claims, dataset.records)
        if needed != dataset.index_layout:
            raise ValueError(
                f"{INDEX}: found the layout {dataset.index_layout}; allowed: {needed}. "
                "Mend it with `policy-claims reindex DIRECTORY`, or publish it again"
            )
        recorded = read_json(directory / INDEX_HASHES)
        files = {
            name: mapped(directory / INDEX / name, described, whole=whole, most=_most_hashed(name))
            for name, described in recorded.items()
        }
        index = open_index(directory / INDEX, recorded)
        expect(index.searcher().num_docs, dataset.info.counts["claims"], f"claims in {INDEX}")
        log = ChangeLog(dataset.changes, files[CHANGES_INDEX], dataset.info.feed.salt)
        derived = {
            name: StoredFile(content, recorded[path]["sha256"])
            for path, content in files.items()
            if (name := offered_name(path))
        }
        dataset = replace(dataset, files={**dataset.files, **derived})
        store = TantivyStore(dataset, index, log)
        store.ping()
    return store


def _most_hashed(name: str) -> int:
    """Bytes up to which a file that is made of the content is hashed at every opening."""
    return _MAX_HASHED_EXPORT if name.startswith(EXPORTS_FROM_INDEX) else MAX_HASHED_BYTES


def _count(searcher: PerThread[Searcher], match: Matcher, query: ClaimQuery) -> int:
    return _total_of(searcher.own.search(match.matching(query), 1))


def _total_of(result: SearchResult) -> int:
    """How many claims match, whatever the limit; tantivy's stubs leave it out."""
    return int(result.count)  # type: ignore[attr-defined]


def _largest_first(group: Group) -> tuple[Any, ...]:
    """Count descending, then the keys, groups without a value last."""
    return (-group.count, [(key is None, key or "") for key in group.keys])
