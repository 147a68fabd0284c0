"""The filters of the pages: what each is called, and what its values are called.

Names and vocabularies come from the table of filters (``schemas.filters``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.confidence import CREDIBILITY_SCORES, LEVEL_SCORES
from schemas.filters import DIMENSIONS, FILTERS, TITLES, Terms, Years, vocabulary_of
from service.explorer.words import ATTRIBUTION, CREDIBILITY, KIND, LEVEL
from service.store.protocol import Store

FACETS = tuple(
    row.name
    for row in FILTERS
    if isinstance(row, Terms | Years) and row.is_filter and row.name in DIMENSIONS
)
"""Filters whose values are listed with their counts, in the order of the form."""
OPEN = ("kind", "topic", "horizon")
"""Facets that are open from the start and counted in data sets of any size."""
COUNTED_BY_BUILD = ("topic", "document", "occasion")
"""Filters for which ``claim_count`` of a vocabulary record is the count without other filters."""
SORTS = {
    "-announced": "Newest announcement first",
    "announced": "Oldest announcement first",
    "-occurred": "Newest event first",
    "occurred": "Oldest event first",
    "-content": "Most credible first",
    "relevance": "Best match first",
}
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


def title(name: str) -> str:
    """What a filter is called."""
    return {**TITLES, "date_match": "Dates", "q": "Text"}.get(name, name)


def records(name: str, store: Store) -> Mapping[str, Mapping[str, Any]]:
    """The vocabulary records that a filter's values name; empty for a filter of other values."""
    vocabulary = vocabulary_of(name)
    return store.vocabularies[vocabulary].records if vocabulary else {}


def value_name(name: str, value: str, store: Store) -> str:
    """What a value of a filter is called; the value itself where nothing names it."""
    code = _CODES.get(name, {}).get(value)
    vocabulary = vocabulary_of(name)
    known = store.vocabularies[vocabulary].name(value) if vocabulary else None
    return code or known or value


def has_words(name: str, value: str, text: str, store: Store) -> bool:
    """Whether each word of ``text`` occurs in a value, its name or one of its other names."""
    other_names = records(name, store).get(value, {}).get("other_names", ())
    whole = " ".join([value, value_name(name, value, store), *other_names]).casefold()
    return all(word in whole for word in text.casefold().split())
