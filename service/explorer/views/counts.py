"""Counts for one page, each taken from the store at most once.

The explorer shows a dozen counts; at a million claims each costs milliseconds.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import MutableMapping
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

from schemas.query import ClaimQuery
from schemas.records.dataset import Counts
from service.explorer.state import PageState
from service.store.protocol import Store

LARGE = 100_000
"""Claims from which on only the open facets are counted with the page, the others when opened."""

_Cache = MutableMapping[tuple[ClaimQuery, tuple[str, ...]], Counts]
_unfiltered: WeakKeyDictionary[Store, _Cache] = WeakKeyDictionary()
"""Counts of the pages without filters, cached as long as their store lives. A page with a single
filter needs some of them too, since the values of that filter are counted without it."""


class Tally:
    """What one page asks, and the counts of its store."""

    def __init__(self, state: PageState, store: Store) -> None:
        self.state, self.store = state, store
        self.large = store.dataset.counts["claims"] >= LARGE
        unfiltered = _unfiltered.setdefault(store, {})
        self._cache: _Cache = ChainMap({}, unfiltered) if state.filters else unfiltered

    def counts(self, query: ClaimQuery, *by: str) -> Counts:
        """Every group, largest first, and the total; the query's order and page have no effect."""
        query = replace(query, sort=None, limit=1, cursor=None)
        if (query, by) not in self._cache:
            store = self.store
            counts = store.counts(query, by) if by else Counts([], store.search(query).total)
            self._cache[query, by] = counts
        return self._cache[query, by]

    def values(self, query: ClaimQuery, name: str) -> tuple[dict[str, int], int]:
        """How many claims have each value of a dimension, largest first, and how many have none."""
        counts = {group.keys[0]: group.count for group in self.counts(query, name).groups}
        without = counts.pop(None, 0)
        return {str(value): count for value, count in counts.items()}, without

    def total(self, name: str, value: Any) -> int:
        """How many claims the page would have with another value of one filter."""
        return self.counts(self.state.changed(**{name: value}).query).total
