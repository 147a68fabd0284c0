"""How many claims fall into each group: one dimension or two, however many groups there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tantivy import Occur, Query, Searcher

from service.store.tantivy.matching import Matcher

Groups = list[tuple[tuple[str, ...], int]]

_BUCKETS = 50_000
"""Above 65,000 buckets tantivy ends with an error; past this many a count is split."""
_BATCH = 20_000
"""Pairs expected of one part of a split count: values of claims are not spread evenly."""


class Counter:
    """Counts claims among those that match a query."""

    def __init__(self, searcher: Searcher, match: Matcher, matching: Query) -> None:
        self._searcher, self._match, self._matching = searcher, match, matching

    def singles(self, field: str) -> Groups:
        """Every value of one field, in any number."""
        return self._values(field, self._matching)

    def pairs(self, by: tuple[str, ...]) -> Groups:
        """Every pair of values of two fields, in any number."""
        firsts, seconds = (self.singles(field) for field in by)
        if len(firsts) * len(seconds) <= _BUCKETS:
            return self._nested(by[0], by[1], self._matching)
        if len(firsts) > len(seconds):
            swapped = self._split(by[1], by[0], _batches(seconds, len(firsts)))
            return [((second, first), count) for (first, second), count in swapped]
        return self._split(by[0], by[1], _batches(firsts, len(seconds)))

    def _split(self, outer: str, inner: str, batches: Iterator[list[str]]) -> Groups:
        return [group for batch in batches for group in self._within(outer, inner, batch)]

    def _within(self, outer: str, inner: str, batch: list[str]) -> Groups:
        """The pairs of some outer values, in two parts where they have more than the engine counts
        at once. One value alone may have any number: its pairs are those of a single field.
        """
        any_of = self._match.any_term(outer, batch)
        among = Query.boolean_query([(Occur.Must, self._matching), (Occur.Must, any_of)])
        if len(batch) == 1:
            return [((batch[0], value), count) for (value,), count in self._values(inner, among)]
        try:
            return self._nested(outer, inner, among, include=batch)
        except ValueError:  # too many buckets
            middle = len(batch) // 2
            return self._split(outer, inner, iter((batch[:middle], batch[middle:])))

    def _nested(self, outer: str, inner: str, matching: Query, **only: list[str]) -> Groups:
        terms: dict[str, Any] = {"field": outer, "size": _BUCKETS, **only}
        within = {"terms": {"field": inner, "size": _BUCKETS}}
        counted = self._searcher.aggregate(
            matching, {"outer": {"terms": terms, "aggs": {"inner": within}}}
        )
        return [
            ((bucket["key"], each["key"]), each["doc_count"])
            for bucket in counted["outer"]["buckets"]
            for each in bucket["inner"]["buckets"]
        ]

    def _values(self, field: str, matching: Query) -> Groups:
        found = self._searcher.terms_with_prefix(field, "", filter_query=matching)
        return [((term,), count) for term, count in found if count]


def _batches(values: Groups, most: int) -> Iterator[list[str]]:
    """Outer values that have about ``_BATCH`` pairs together, if each of their claims has one; each
    value has ``most`` pairs at the most.
    """
    batch: list[str] = []
    expected = 0
    for (value,), count in values:
        pairs = min(count, most)
        if batch and expected + pairs > _BATCH:
            yield batch
            batch, expected = [], 0
        batch.append(value)
        expected += pairs
    if batch:
        yield batch
