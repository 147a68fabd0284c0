"""The form of filters beside the claims: every value with how many claims it would leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from schemas import filters as table
from schemas.folding import fold
from schemas.parameters import NONE, value_text
from schemas.query import DEFAULT_LIMIT
from service.explorer.filter_names import (
    CODES,
    SWITCHES,
    THRESHOLDS,
    TITLES,
    applied,
    named_records,
    value_language,
    value_name,
)
from service.explorer.views.counts import Tally
from service.store.protocol import Store

FACETS = tuple(name for name, row in table.DIMENSIONS.items() if row.in_form)
"""Filters whose values are listed with their counts, in the order of the form."""
_WITHOUT_CONTROL = table.LISTED.keys() - {*FACETS, "id"}
"""Filters that the form sends along, and has nothing to choose for."""
OPEN = ("kind", "topic", "horizon")
"""Facets that are open from the start and counted in data sets of any size."""
SORTS = {
    "-announced": "Made public, latest first",
    "announced": "Made public, earliest first",
    "-occurred": "Happened, latest first",
    "occurred": "Happened, earliest first",
    "-content": "Most credible first",
    "relevance": "Best match first",
}
_SHOWN, _ALL = 7, 12
"""Values of a facet on the explorer's page: seven, or all when there are at most twelve."""
MAX_VALUES = 300
"""Values on the page of one facet."""


@dataclass(frozen=True, slots=True)
class Option:
    """A value to choose; ``count`` claims would be left with it alone beside the other filters.

    ``language`` is that of a document's title.
    """

    value: str | int
    name: str
    count: int | None
    chosen: bool
    language: str | None = None


def form(tally: Tally) -> dict[str, Any]:
    """What the form beside the claims reads."""
    query = tally.state.query
    return {
        "facets": [_facet(name, tally) for name in FACETS],
        "switches": _switches(tally),
        "thresholds": {name: _thresholds(name, tally) for name in THRESHOLDS},
        "voices": _voices(tally),
        "hidden": [pair for pair in tally.state.pairs if pair[0] in _WITHOUT_CONTROL],
        "applied": list(applied(tally.state, tally.store)),
        # Relevance needs words to be relevant to.
        "orders": {name: words for name, words in SORTS.items() if query.q or name != "relevance"},
        "default_order": replace(query, sort=None).order,
        "default_limit": DEFAULT_LIMIT,
    }


def _facet(name: str, tally: Tally) -> dict[str, Any]:
    """A filter with its largest values and the chosen ones, of ``size`` values that there are.

    ``without`` claims have none. The values of one that is ``waiting`` are counted only when it
    is opened (by a script); until then ``size`` is how many there may be at most.
    """
    waiting = tally.large and name not in OPEN
    counts, without = ({}, 0) if waiting else _values(name, tally)
    chosen = tally.state.values[name]
    values = list(counts)[: _ALL if len(counts) <= _ALL else _SHOWN]
    values += [value for value in chosen if value not in (*values, NONE)]
    # A date with an open end may reach a chosen year that no group of a count is named after.
    more = {} if waiting else {v: tally.total(name, (v,)) for v in chosen if v not in counts}
    shown = {value: None if waiting else (counts | more)[value] for value in values}
    return {
        "name": name,
        "title": TITLES[name],
        "options": _options(name, shown, tally),
        "nameless": _options(name, _nameless(without, chosen, waiting), tally),
        "size": len(named_records(name, tally.store)) if waiting else len(counts),
        "without": without,
        "open": name in OPEN or bool(chosen),
        "waiting": waiting,
    }


def _nameless(without: int, chosen: Sequence[str], waiting: bool = False) -> dict[str, int | None]:
    """The claims without a value, if there are any or they are asked for, as a value to choose."""
    return {NONE: None if waiting else without} if without or NONE in chosen else {}


def all_values(name: str, find: str, tally: Tally) -> dict[str, Any]:
    """What the page of one facet reads: the values with each word of ``find`` in their names.

    ``hidden`` are the chosen values that are not on the page; its form sends them along.
    """
    counts, without = _values(name, tally)
    chosen = tally.state.values[name]
    matches = [value for value in counts if _has_words(name, value, find, tally.store)]
    values = sorted(matches, key=lambda value: value not in chosen)[:MAX_VALUES]
    nameless = {} if find else _nameless(without, chosen)
    return {
        "name": name,
        "title": TITLES[name],
        "find": find,
        "state": tally.state,
        "options": _options(name, {value: counts[value] for value in values}, tally),
        "nameless": _options(name, nameless, tally),
        "size": len(counts),
        "without": without,
        "matching": len(matches),
        "hidden": [value for value in chosen if value not in (*values, *nameless)],
    }


def _values(name: str, tally: Tally) -> tuple[dict[str, int], int]:
    """The claims of each value under all other filters, and how many claims have no value.

    Largest first, years latest first.
    """
    counts, without = tally.values(tally.state.without(name).query, name)
    return dict(sorted(counts.items(), reverse=True)) if name == "horizon" else counts, without


def _options(name: str, counts: Mapping[str, int | None], tally: Tally) -> list[Option]:
    chosen = tally.state.values[name]
    return [
        Option(
            value,
            value_name(name, value, tally.store),
            count,
            value in chosen,
            value_language(name, value, tally.store),
        )
        for value, count in counts.items()
    ]


def _has_words(name: str, value: str, text: str, store: Store) -> bool:
    """Whether each word of ``text`` occurs in a value, its name or one of its other names."""
    other_names = (named_records(name, store).record(value) or {}).get("other_names", ())
    whole = fold(" ".join([value, value_name(name, value, store), *other_names]))
    return all(word in whole for word in fold(text).split())


def _switches(tally: Tally) -> list[Option]:
    """The filters that are on or off."""
    values = tally.state.values
    return [Option(name, TITLES[name], tally.total(name, True), values[name]) for name in SWITCHES]


def _voices(tally: Tally) -> list[Option]:
    """Whether a source says it or the document itself."""
    chosen, names = tally.state.values["sourced"], CODES["sourced"]
    return [
        Option(
            value_text(value),
            names[value_text(value)],
            tally.total("sourced", value),
            chosen is value,
        )
        for value in (True, False)
    ]


def _thresholds(name: str, tally: Tally) -> list[Option]:
    """The steps of a confidence scale, highest first; a score between two steps is one more.

    In a large data set they are counted on the page without filters alone.
    """
    score = tally.state.values[name]
    steps = {**({} if score is None else {score: f"A score of {score}"}), **THRESHOLDS[name]}
    uncounted = tally.large and tally.state.filters
    return [
        Option(step, words, None if uncounted else tally.total(name, step), step == score)
        for step, words in sorted(steps.items(), reverse=True)
    ]
