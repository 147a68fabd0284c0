"""Counts for one page, each taken from the store at most once.

The explorer shows a dozen counts; at a million claims each costs milliseconds.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

from schemas.dataset import Counts
from schemas.query import DEFAULT_LIMIT, ClaimQuery
from service.explorer.filters import THRESHOLDS
from service.store.protocol import Store

LARGE = 100_000
"""Claims from which on only the open facets are counted with the page, the others when opened."""
CERTAIN: dict[str, dict[str, Any]] = {
    name: {"date_match": "certain", f"{name}_from": "0001-01-01", f"{name}_to": "9999-12-31"}
    for name in ("announced", "occurred")
}
"""Filters that pass every claim with such a date, unless the date is uncertain (``?``)."""
_OF_FIRST_PAGE = frozenset(
    [
        ClaimQuery(),
        ClaimQuery(goals_only=True),
        ClaimQuery(distinct=True),
        ClaimQuery(goals_only=True, distinct=True),
        *(ClaimQuery(**certain) for certain in CERTAIN.values()),
        *(ClaimQuery(**{name: score}) for name, steps in THRESHOLDS.items() for score in steps),
    ]
)
"""Queries whose counts are cached as long as their store lives: the page without filters needs
them, and so does each single filter, since its own values are counted without it."""

_Cache = dict[tuple[ClaimQuery, tuple[str, ...]], Counts]
_cache: WeakKeyDictionary[Store, _Cache] = WeakKeyDictionary()


class Tally:
    """Counts of one store for one page."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._of_page: _Cache = {}

    @property
    def large(self) -> bool:
        return self.store.dataset.counts["claims"] >= LARGE

    def counts(self, query: ClaimQuery, *by: str) -> Counts:
        """Every group, largest first, and the total; the query's order and page have no effect."""
        plain = replace(query, sort=None, limit=DEFAULT_LIMIT, cursor=None)
        in_first = plain in _OF_FIRST_PAGE
        cache = _cache.setdefault(self.store, {}) if in_first else self._of_page
        if (plain, by) not in cache:
            cache[plain, by] = self._count(plain, by)
        return cache[plain, by]

    def total(self, query: ClaimQuery) -> int:
        """How many claims match."""
        return self.counts(query).total

    def sources(self) -> int:
        """How many agents occur in attribution chains."""
        return sum(g.keys[0] is not None for g in self.counts(ClaimQuery(), "source").groups)

    def _count(self, query: ClaimQuery, by: tuple[str, ...]) -> Counts:
        if not by:
            return Counts([], self.store.search(replace(query, limit=1)).total)
        return self.store.counts(query, by)
