"""Counting for a page: each question is put to the store once, and none that is answered already.

A page of filters asks for a dozen counts; at a million claims each costs milliseconds.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

from schemas.confidence import CREDIBILITY_SCORES, LEVEL_SCORES
from schemas.dataset import Counts, Group
from schemas.query import ClaimQuery
from service.store.protocol import Store

VOCABULARY_OF = {
    "topic": "topics",
    "actor": "agents",
    "addressee": "agents",
    "about": "agents",
    "source": "agents",
    "speaker": "agents",
    "document": "documents",
    "occasion": "occasions",
}
_FIRST, _LAST = "0001-01-01", "9999-12-31"
CERTAIN: dict[str, dict[str, Any]] = {
    "announced": {"date_match": "certain", "announced_from": _FIRST, "announced_to": _LAST},
    "occurred": {"date_match": "certain", "occurred_from": _FIRST, "occurred_to": _LAST},
}
"""Filters that let all claims through whose date carries no ``?``."""
_ALWAYS_ASKED = frozenset(
    [
        ClaimQuery(),
        ClaimQuery(goals_only=True),
        ClaimQuery(distinct=True),
        ClaimQuery(goals_only=True, distinct=True),
        *(ClaimQuery(**certain) for certain in CERTAIN.values()),
        *(ClaimQuery(min_attribution=score) for score in LEVEL_SCORES.values()),
        *(ClaimQuery(min_content=score) for score in filter(None, CREDIBILITY_SCORES.values())),
    ]
)
"""Under these, counts are kept as long as the store: the first page needs them, and so does every
filter that stands alone, since its own values are counted without it."""
LARGE = 100_000
"""Claims from which on a page counts what it shows at once, and the rest when it is opened."""
_COUNTED_BY_THE_BUILD = ("topic", "document", "occasion")
"""Dimensions whose ``claim_count`` in the vocabulary is the count under no filter at all."""

Asked = tuple[ClaimQuery, tuple[str, ...]]
_kept: WeakKeyDictionary[Store, dict[Asked, Counts]] = WeakKeyDictionary()


class Tally:
    """Counts of one store for one page."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._here: dict[Asked, Counts] = {}

    def groups(self, query: ClaimQuery, *by: str) -> list[Group]:
        """Every group, largest first."""
        return self.counts(query, *by).groups

    def counts(self, query: ClaimQuery, *by: str) -> Counts:
        """Groups and total; the order and the page of the query mean nothing here."""
        plain = replace(query, sort=None, limit=25, cursor=None)
        kept = _kept.setdefault(self._store, {}) if plain in _ALWAYS_ASKED else self._here
        if (plain, by) not in kept:
            kept[plain, by] = self._count(plain, by)
        return kept[plain, by]

    @property
    def large(self) -> bool:
        return self._store.dataset.counts["claims"] >= LARGE

    def total(self, query: ClaimQuery) -> int:
        """How many claims match."""
        return self.counts(query).total

    def sources(self) -> int:
        """How many agents stand anywhere in an attribution chain."""
        return sum(group.keys[0] is not None for group in self.groups(ClaimQuery(), "source"))

    def name(self, dimension: str, key: str) -> str:
        """What a value is called; a value that the data set does not know is its own name."""
        vocabulary = VOCABULARY_OF.get(dimension)
        if vocabulary is None:
            return key
        return self._store.vocabularies[vocabulary].name(key) or key

    def _count(self, query: ClaimQuery, by: tuple[str, ...]) -> Counts:
        if not by:
            return Counts([], self._store.search(replace(query, limit=1)).total)
        if query == ClaimQuery() and len(by) == 1 and by[0] in _COUNTED_BY_THE_BUILD:
            return self._from_vocabulary(by[0])
        return self._store.counts(query, by)

    def values(self, dimension: str) -> int:
        """How many values there may be at most, without counting."""
        vocabulary = VOCABULARY_OF.get(dimension)
        return len(self._store.vocabularies[vocabulary].records) if vocabulary else 0

    def _from_vocabulary(self, dimension: str) -> Counts:
        records = self._store.vocabularies[VOCABULARY_OF[dimension]].records
        counted = ((key, record["claim_count"]) for key, record in records.items())
        groups = [Group((key,), count) for key, count in counted if count]
        groups.sort(key=lambda group: (-group.count, group.keys))
        return Counts(groups, self._store.dataset.counts["claims"])
