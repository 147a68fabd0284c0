"""What the filters of the pages and their values are called, and those that are set.

Names and vocabularies come from the table of filters (``schemas.filters``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schemas import filters as table
from schemas.filter_kinds import Flag
from schemas.parameters import NONE, value_text
from schemas.records.claim import CREDIBILITY_SCORES, LEVEL_SCORES
from service.explorer.names import display_name, own_language
from service.explorer.state import PageState
from service.explorer.words import ATTRIBUTION, CREDIBILITY, KIND, LEVEL, SPECIFICITY
from service.formats.unknown import unknown_values
from service.store.protocol import Store
from service.store.vocabulary import Vocabulary
from service.store.vocabulary_file import RecordsVocabulary

SWITCHES = tuple(row.name for row in table.FILTERS if type(row) is Flag)
"""Filters that are on or off."""
TITLES = {**table.TITLES, "date_match": "Dates", "q": "Text"}
"""What each query parameter that narrows the claims is called."""
THRESHOLDS: Mapping[str, Mapping[int, str]] = {
    "min_attribution": {score: LEVEL[level] for level, score in LEVEL_SCORES.items()},
    "min_content": {
        score: CREDIBILITY[grade] for grade, score in CREDIBILITY_SCORES.items() if score
    },
}
"""The scores that mean a step of each scale, and the step in words."""
CODES: Mapping[str, Mapping[str, str]] = {
    "kind": {code: name for code, (name, _) in KIND.items()},
    "attribution": {code: name for code, (name, _) in ATTRIBUTION.items()},
    "specificity": SPECIFICITY,
    "attribution_level": LEVEL,
    "credibility": {str(grade): name for grade, name in CREDIBILITY.items()},
    "sourced": {"true": "yes", "false": "no, the document itself says it"},
    "date_match": {"certain": "must fall there"},
}


def named_records(name: str, store: Store) -> Vocabulary:
    """The records that a filter's values name; none for a filter of other values."""
    return store.vocabularies.get(table.vocabulary_of(name) or "", RecordsVocabulary({}, ""))


def value_name(name: str, value: str, store: Store) -> str:
    """What a value of a filter is called; the value itself where nothing names it."""
    if value == NONE:
        return "none stated" if table.LISTED[name].dated else "none named"
    vocabulary = table.vocabulary_of(name)
    named = display_name(vocabulary, value, store) if vocabulary else None
    return named or CODES.get(name, {}).get(value, value)


def value_language(name: str, value: str, store: Store) -> str | None:
    """The language of a value's name: that of its record, as a document has one, else of the data
    set; ``None`` for what the pages say themselves.
    """
    record = named_records(name, store).record(value)
    if record is None:
        return None
    language: str | None = record.get("language") or own_language(store.dataset.about)
    return language


def applied(state: PageState, store: Store) -> Iterator[dict[str, str | None]]:
    """Every filter value that is set: its title, its words and their language, the address without
    it (``off``).
    """
    for one, without in applied_filters(state, store):
        yield {**one, "off": without.claims()}


def applied_filters(
    state: PageState, store: Store
) -> Iterator[tuple[dict[str, str | None], PageState]]:
    """The title of every filter value that is set, its words and their language, and the question
    without it.
    """
    for name, value in state.filters.items():
        values = value if isinstance(value, tuple) else () if name in SWITCHES else (value,)
        words = [value_name(name, value_text(one), store) for one in values]
        languages = [value_language(name, value_text(one), store) for one in values]
        if name in table.LISTED:
            offs = [state.without(name, one) for one in values]
        else:
            words, offs, languages = [", ".join(words)], [state.without(name)], [None]
        for each, off, language in zip(words, offs, languages, strict=True):
            yield {"title": TITLES.get(name, name), "words": each, "language": language}, off


def unknown(state: PageState, store: Store) -> list[dict[str, str | None]]:
    """The ids among the filters that name nothing: what kind of record each would be, the name of
    the one that may have been meant, and the address of the page with that one in its place.
    """
    said = []
    for fault in unknown_values(state.values, store):
        name, value, meant = str(fault["parameter"]), fault["value"], fault["did_you_mean"]
        kind = (table.vocabulary_of(name) or "claims").removesuffix("s")
        one = {"kind": kind, "value": value}
        one["meant"] = one["address"] = None
        if meant is not None:
            others = tuple(sorted({*state.values[name], meant} - {value}))
            one["meant"] = value_name(name, meant, store)
            one["address"] = state.changed(**{name: others}).claims()
        said.append(one)
    return said
