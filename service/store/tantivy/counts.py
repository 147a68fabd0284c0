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
            return self._nested(by)
        if len(firsts) > len(seconds):
            found = self._split(by[1], by[0], seconds, len(firsts))
            return [((second, first), count) for (first, second), count in found]
        return self._split(by[0], by[1], firsts, len(seconds))

    def _split(self, outer: str, inner: str, values: Groups, most: int) -> Groups:
        """The pairs of some outer values at a time; of one that alone may have too many, its inner
        values as those of one field, of which there may be any number.
        """
        found: Groups = []
        for batch in _batches(values, most):
            if len(batch) == 1:
                within = self._values(inner, self._among(outer, batch))
                found += [((batch[0], value), count) for (value,), count in within]
            else:
                found += self._halved(outer, inner, batch)
        return found

    def _halved(self, outer: str, inner: str, batch: list[str]) -> Groups:
        """The pairs of some outer values; in two parts where they have more than were expected."""
        if len(batch) == 1:
            return self._split(outer, inner, [((batch[0],), _BATCH)], _BATCH)
        try:
            return self._nested((outer, inner), batch)
        except ValueError:  # too many buckets
            middle = len(batch) // 2
            parts = batch[:middle], batch[middle:]
            return [group for part in parts for group in self._halved(outer, inner, part)]

    def _nested(self, by: tuple[str, ...], only: list[str] | None = None) -> Groups:
        within = {"terms": {"field": by[1], "size": _BUCKETS}}
        outer: dict[str, Any] = {"field": by[0], "size": _BUCKETS}
        matching = self._matching
        if only is not None:
            outer["include"] = only
            matching = self._among(by[0], only)
        asked = {"outer": {"terms": outer, "aggs": {"inner": within}}}
        found = self._searcher.aggregate(matching, asked)["outer"]["buckets"]
        return [
            ((bucket["key"], inner["key"]), inner["doc_count"])
            for bucket in found
            for inner in bucket["inner"]["buckets"]
        ]

    def _among(self, field: str, values: list[str]) -> Query:
        any_of = self._match.any_term(field, values)
        return Query.boolean_query([(Occur.Must, self._matching), (Occur.Must, any_of)])

    def _values(self, field: str, matching: Query) -> Groups:
        found = self._searcher.terms_with_prefix(field, "", filter_query=matching)
        return [((term,), count) for term, count in found if count]


def _batches(values: Groups, most: int) -> Iterator[list[str]]:
    """Outer values that have about so many pairs together, if each of their claims has one; each
    has ``most`` at the most.
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
