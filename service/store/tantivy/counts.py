"""How many claims fall into each group: one dimension or two, however many groups there are."""

from contextlib import suppress
from typing import Any

from tantivy import Occur, Query, Searcher

from service.store.search.index_fields import FLAG
from service.store.search.open_years import Groups, ends, flags, merged
from service.store.tantivy.matching import Matcher

_BUCKETS = 50_000
"""Above 65,000 buckets tantivy ends with an error; past this many a count is split."""
_BATCH = 20_000
"""Pairs expected of one part of a split count: values of claims are not spread evenly."""


class Counter:
    """Counts claims among those that match a query."""

    def __init__(self, searcher: Searcher, match: Matcher, matching: Query) -> None:
        self._searcher, self._match, self._matching = searcher, match, matching

    def groups(self, by: tuple[str, ...]) -> Groups:
        """Every value of one field, or every pair of values of two, in any number."""
        parts = ((open_ends, self._flagged(flags(by, open_ends))) for open_ends in ends(by))
        return merged(by, ((way, self._groups(by, some)) for way, some in parts if some))

    def _flagged(self, names: list[str]) -> Query | None:
        """The claims with some flags; ``None`` where there are none."""
        if not names:
            return self._matching
        terms = [(Occur.Must, self._match.term(FLAG, name)) for name in names]
        flagged = Query.boolean_query([(Occur.Must, self._matching), *terms])
        return flagged if self._searcher.search(flagged, 1).hits else None

    def _groups(self, by: tuple[str, ...], matching: Query) -> Groups:
        firsts, *others = (self._values(field, matching) for field in by)
        if not others:
            return firsts
        (first, second), seconds = by, others[0]
        if len(firsts) <= len(seconds):
            return self._pairs(first, second, firsts, seconds, matching)
        # With the fewer values outside, the engine takes two thirds of the time.
        swapped = self._pairs(second, first, seconds, firsts, matching)
        return [(pair[::-1], count) for pair, count in swapped]

    def _pairs(
        self, outer: str, inner: str, outers: Groups, inners: Groups, matching: Query
    ) -> Groups:
        if len(outers) * len(inners) <= _BUCKETS:
            return self._nested(outer, inner, matching)
        return self._split(outer, inner, outers, len(inners), matching)

    def _split(self, outer: str, inner: str, values: Groups, most: int, matching: Query) -> Groups:
        """The pairs of some outer values, each of which has ``most`` at the most; in two parts
        where they may have, or have, more than the engine counts at once. One value alone may have
        any number: its pairs are those of a single field.
        """
        middle = len(values) // 2
        if not middle or sum(min(count, most) for _, count in values) <= _BATCH:
            names = [value for (value,), _ in values]
            any_of = self._match.any_term(outer, names)
            among = Query.boolean_query([(Occur.Must, matching), (Occur.Must, any_of)])
            if not middle:
                return [((names[0], each), count) for (each,), count in self._values(inner, among)]
            with suppress(ValueError):  # too many buckets
                return self._nested(outer, inner, among, include=names)
        halves = (values[:middle], values[middle:])
        return [
            group for half in halves for group in self._split(outer, inner, half, most, matching)
        ]

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
        counted = self._searcher.terms_with_prefix(field, "", filter_query=matching)
        return [((term,), count) for term, count in counted if count]
