"""The default store: a tantivy index over a compiled data set."""

from __future__ import annotations

import functools
import json
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from tantivy import Index, Order, Query, Searcher, SearchResult

from schemas.change import Changes
from schemas.dataset import Counts, DatasetInfo, Export, Group, Page, Vocabulary
from schemas.query import ClaimQuery
from service.store.change_log import CHANGES_INDEX, ChangeLog
from service.store.dataset_format import INDEX, INDEX_HASHES, Dataset, open_dataset
from service.store.files import Buffer, mapped, read_json, refused_at
from service.store.keys import SORT_KEYS
from service.store.protocol import RELEVANCE_WINDOW, ClaimNotFound, ClaimRetired
from service.store.tantivy.counts import Counter
from service.store.tantivy.index import LENGTH, PLACE, Searchers, layout, open_index, span
from service.store.tantivy.matching import Matcher
from service.store.tantivy.panics import panics_are_errors

_CHUNK = 1_000
"""Claims an export takes from the index at a time, so that its memory does not grow with it."""
_RANKED_CHUNK = 20_000
"""The same by relevance, where each time everything is ranked anew."""

MAX_TOTALS = 256
"""Queries whose totals are remembered; the longest take some 25 KB of memory each."""

Hits = list[tuple[Any, Any]]


class TantivyStore:
    """Answers from the index; bodies are slices of the data set's canonical bytes."""

    def __init__(self, dataset: Dataset, index: Index, log: ChangeLog) -> None:
        self._dataset, self._index, self._log = dataset, index, log
        self._match = Matcher(index.schema)
        self._searchers = Searchers(index)
        # Nothing refers back to the store, which is gone, with its files, when its last user is.
        count = functools.partial(_count, self._searchers, self._match)
        self._count = functools.lru_cache(maxsize=MAX_TOTALS)(count)

    @property
    def dataset(self) -> DatasetInfo:
        return self._dataset.info

    @property
    def vocabularies(self) -> Mapping[str, Vocabulary]:
        return self._dataset.vocabularies

    @panics_are_errors
    def get(self, claim_id: str) -> bytes:
        if claim_id in self._dataset.retired:
            raise ClaimRetired(self._dataset.retired[claim_id])
        hits = self._searcher.search(self._match.term("id", claim_id), 1).hits
        if not hits:
            raise ClaimNotFound(claim_id)
        return self._bodies(hits)[0]

    @panics_are_errors
    def search(self, query: ClaimQuery) -> Page:
        if query.order == "relevance":
            return self._ranked_page(query)
        hits, remaining = self._ordered(query, _start(query), query.limit)
        total = remaining if query.cursor is None else self._total(query)
        more = remaining > len(hits)
        return Page(self._bodies(hits), total, f"{hits[-1][0]:016x}" if more else None)

    @panics_are_errors
    def export(self, query: ClaimQuery) -> Export:
        whole = replace(query, cursor=None)
        matching, total = self._match.matching(whole), self._total(whole)
        lengths = self._searcher.aggregate(matching, {LENGTH: {"sum": {"field": LENGTH}}})
        ndjson_bytes = int(lengths[LENGTH]["value"]) + total
        everything = whole == ClaimQuery(limit=whole.limit)
        verbatim = self._dataset.claims if everything else None
        return Export(total, ndjson_bytes, self._all(whole, total), verbatim)

    @panics_are_errors
    def counts(self, query: ClaimQuery, by: tuple[str, ...]) -> Counts:
        counter = Counter(self._searcher, self._match, self._match.matching(query))
        counted = counter.singles(by[0]) if len(by) == 1 else counter.pairs(by)
        groups = [Group(tuple(key or None for key in keys), count) for keys, count in counted]
        return Counts(sorted(groups, key=_largest_first), self._total(query))

    def changes(self, since: int, limit: int, claim_id: str | None = None) -> Changes:
        return self._log.read(since, limit, claim_id, self._active)

    def _active(self, ids: Sequence[str]) -> dict[str, Any]:
        bodies = self.search(ClaimQuery(id=tuple(ids), limit=len(ids))).bodies
        return {claim["id"]: claim for claim in map(json.loads, bodies)}

    @panics_are_errors
    def ping(self) -> None:
        self._searcher.search(Query.all_query(), 1)

    def check(self) -> None:
        """Raises ``ValueError`` when the index is not of as many claims as the data set has."""
        found, claims = self._searcher.num_docs, self.dataset.counts["claims"]
        if found != claims:
            raise ValueError(f"{INDEX}: found {found} claims, but {claims} were recorded")
        self.ping()

    @property
    def _searcher(self) -> Searcher:
        return self._searchers.own

    def _total(self, query: ClaimQuery) -> int:
        """How many claims match; remembered, since every page of a walk tells it."""
        return self._count(replace(query, sort=None, limit=1, cursor=None))

    @panics_are_errors
    def _ordered(self, query: ClaimQuery, start: int, limit: int) -> tuple[Hits, int]:
        """Hits after a position in an order other than relevance, and how many there are."""
        order = SORT_KEYS[query.order]
        result = self._searcher.search(
            self._match.matching(query, start), limit, order_by_field=order, order=Order.Asc
        )
        return result.hits, _total_of(result)

    @panics_are_errors
    def _ranked(self, query: ClaimQuery, rank: int, limit: int) -> tuple[Hits, int]:
        """Hits from a rank on by relevance, and how many there are in all."""
        result = self._searcher.search(self._match.matching(query), limit, offset=rank)
        return result.hits, _total_of(result)

    def _ranked_page(self, query: ClaimQuery) -> Page:
        start = _start(query)
        if start >= RELEVANCE_WINDOW:
            return Page([], self._total(query), None)
        end = min(start + query.limit, RELEVANCE_WINDOW)
        hits, total = self._ranked(query, start, end - start)
        more = end < min(total, RELEVANCE_WINDOW)
        return Page(self._bodies(hits), total, f"{end:016x}" if more else None)

    def _all(self, query: ClaimQuery, total: int) -> Iterator[bytes]:
        """Runs while the answer is sent, so what it calls guards against panics by itself.

        A client may be slow to take it: what is held meanwhile is the places of a chunk.
        """
        if query.order == "relevance":
            for rank in range(0, total, _RANKED_CHUNK):
                yield from self._read(self._places(self._ranked(query, rank, _RANKED_CHUNK)[0]))
            return
        start = 0
        while hits := self._ordered(query, start, _CHUNK)[0]:
            start = hits[-1][0]
            yield from self._read(self._places(hits))

    def _bodies(self, hits: Hits) -> list[bytes]:
        return [*self._read(self._places(hits))]

    def _read(self, places: Iterable[int]) -> Iterator[bytes]:
        claims = self._dataset.claims
        return (claims[span(place)] for place in places)

    @panics_are_errors
    def _places(self, hits: Hits) -> array[int]:
        """Where the bytes of claims lie."""
        found = self._searcher.fast_field_values(PLACE, [address for _, address in hits])
        if None in found:
            raise LookupError("the index holds a claim that has no place; build it again")
        return array("Q", cast("list[int]", found))


def open_store(
    directory: Path, *, whole: bool = False, layout: Callable[[Buffer], str] = layout
) -> TantivyStore:
    """A store over a built data set that was tried once.

    ``whole`` compares the hashes of large files too; ``layout`` is the layout
    of the index that this code reads, for the claims of a data set. Raises
    ``DatasetUnavailable``.
    """
    dataset = open_dataset(directory, whole=whole)
    with refused_at(directory):
        needed = layout(dataset.claims)
        if needed != dataset.index_layout:
            raise ValueError(
                f"{INDEX}: found the layout {dataset.index_layout}; allowed: {needed}. "
                "Mend it with `policy-claims reindex DIRECTORY`, or publish it again"
            )
        recorded = read_json(directory / INDEX_HASHES)
        files = {
            name: mapped(directory / INDEX / name, described, whole=whole)
            for name, described in recorded.items()
        }
        index = panics_are_errors(open_index)(directory / INDEX, recorded)
        store = TantivyStore(dataset, index, ChangeLog(dataset.changes, files[CHANGES_INDEX]))
        store.check()
    return store


def _count(searchers: Searchers, match: Matcher, query: ClaimQuery) -> int:
    if query == ClaimQuery(limit=1):
        return int(searchers.own.num_docs)
    return _total_of(searchers.own.search(match.matching(query), 1))


def _start(query: ClaimQuery) -> int:
    """The position after which a page begins."""
    return 0 if query.cursor is None else int(query.cursor, 16)


def _total_of(result: SearchResult) -> int:
    """How many claims match, whatever the limit; tantivy's stubs leave it out."""
    return int(result.count)  # type: ignore[attr-defined]


def _largest_first(group: Group) -> tuple[Any, ...]:
    """Count descending, then the keys, groups without a value last."""
    return (-group.count, [(key is None, key or "") for key in group.keys])
