"""The filters of the pages: what each is called, and what its values are called.

Names and vocabularies come from the table of filters (``schemas.filters``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas import filters as table
from schemas.claim import CREDIBILITY_SCORES, LEVEL_SCORES
from service.explorer.words import ATTRIBUTION, CREDIBILITY, KIND, LEVEL
from service.store.protocol import Store

FACETS = tuple(name for name in table.DIMENSIONS if name in table.filter_parameters())
"""Filters whose values are listed with their counts, in the order of the form."""
SWITCHES = tuple(row.name for row in table.FILTERS if isinstance(row, table.Flag))
"""Filters that are on or off."""
OPEN = ("kind", "topic", "horizon")
"""Facets that are open from the start and counted in data sets of any size."""
SORTS = {
    "-announced": "Newest announcement first",
    "announced": "Oldest announcement first",
    "-occurred": "Newest event first",
    "occurred": "Oldest event first",
    "-content": "Most credible first",
    "relevance": "Best match first",
}
TITLES = {**table.TITLES, "date_match": "Dates", "q": "Text"}
"""What each query parameter that narrows the claims is called."""
THRESHOLDS: Mapping[str, Mapping[int, str]] = {
    "min_attribution": {score: LEVEL[level] for level, score in LEVEL_SCORES.items()},
    "min_content": {
        score: CREDIBILITY[grade] for grade, score in CREDIBILITY_SCORES.items() if score
    },
}
"""The scores that mean a step of each scale, and the step in words."""
_CODES: Mapping[str, Mapping[str, str]] = {
    "kind": {code: name for code, (name, _) in KIND.items()},
    "attribution": {code: name for code, (name, _) in ATTRIBUTION.items()},
    "date_match": {"possible": "may fall there", "certain": "must fall there"},
}


def records(name: str, store: Store) -> Mapping[str, Mapping[str, Any]]:
    """The vocabulary records that a filter's values name; empty for a filter of other values."""
    vocabulary = table.vocabulary_of(name)
    return store.vocabularies[vocabulary].records if vocabulary else {}


def value_name(name: str, value: str, store: Store) -> str:
    """What a value of a filter is called; the value itself where nothing names it."""
    vocabulary = table.vocabulary_of(name)
    if vocabulary is not None:
        return store.vocabularies[vocabulary].name(value) or value
    return _CODES.get(name, {}).get(value, value)


def has_words(name: str, value: str, text: str, store: Store) -> bool:
    """Whether each word of ``text`` occurs in a value, its name or one of its other names."""
    other_names = records(name, store).get(value, {}).get("other_names", ())
    whole = " ".join([value, value_name(name, value, store), *other_names]).casefold()
    return all(word in whole for word in text.casefold().split())
