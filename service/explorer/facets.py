"""The form beside the claims: each filter's values, the claims each would leave, what is set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from service.explorer.counts import Tally
from service.explorer.filters import (
    FACETS,
    OPEN,
    SWITCHES,
    THRESHOLDS,
    TITLES,
    has_words,
    records,
    value_name,
)
from service.explorer.state import PageState
from service.store.protocol import Store

_SHOWN, _ALL = 7, 12
"""Values of a facet on the explorer's page: seven, or all when there are at most twelve."""
MAX_VALUES = 300
"""Values on the page of one facet."""


@dataclass(frozen=True, slots=True)
class Option:
    """A value to choose; ``count`` claims would be left with it alone beside the other filters."""

    value: str | int
    name: str
    count: int | None
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter by its values: ``size`` of them there are, ``without`` claims have none."""

    name: str
    title: str
    options: list[Option]
    size: int
    without: int
    open: bool
    waiting: bool
    """Whether the values are counted only when the facet is opened (by a script); until then
    ``size`` is the number of values there may be at most."""


def facet(name: str, state: PageState, tally: Tally) -> Facet:
    """A filter with its largest values and the chosen ones."""
    waiting = tally.large and name not in OPEN
    counts, without = ({}, 0) if waiting else _values(name, state, tally)
    chosen: tuple[str, ...] = state.values[name]
    values = list(counts)[: _ALL if len(counts) <= _ALL else _SHOWN]
    values += [value for value in chosen if value not in values]
    return Facet(
        name=name,
        title=TITLES[name],
        options=[
            _option(name, value, None if waiting else counts.get(value, 0), state, tally.store)
            for value in values
        ],
        size=len(records(name, tally.store)) if waiting else len(counts),
        without=without,
        open=name in OPEN or bool(chosen),
        waiting=waiting,
    )


def all_values(name: str, find: str, state: PageState, tally: Tally) -> dict[str, Any]:
    """What the page of one facet reads: the values with each word of ``find`` in their names.

    ``hidden`` are the chosen values that are not on the page; its form sends them along.
    """
    counts, without = _values(name, state, tally)
    chosen: tuple[str, ...] = state.values[name]
    matches = [value for value in counts if has_words(name, value, find, tally.store)]
    values = sorted(matches, key=lambda value: value not in chosen)[:MAX_VALUES]
    return {
        "title": TITLES[name],
        "options": [_option(name, value, counts[value], state, tally.store) for value in values],
        "size": len(counts),
        "without": without,
        "matching": len(matches),
        "hidden": [value for value in chosen if value not in values],
    }


def _values(name: str, state: PageState, tally: Tally) -> tuple[dict[str, int], int]:
    """The claims of each value under all other filters, and how many claims have no value.

    Largest first, years latest first.
    """
    groups = tally.counts(state.without(name).query, name).groups
    counts = {group.keys[0]: group.count for group in groups}
    without = counts.pop(None, 0)
    values = sorted(counts, key=str, reverse=True) if name == "horizon" else counts
    return {str(value): counts[value] for value in values}, without


def _option(name: str, value: str, count: int | None, state: PageState, store: Store) -> Option:
    return Option(value, value_name(name, value, store), count, value in state.values[name])


def switches(state: PageState, tally: Tally) -> list[Option]:
    """The filters that are on or off."""

    def option(name: str) -> Option:
        count = tally.total(state.changed(**{name: True}).query)
        return Option(name, TITLES[name], count, state.values[name] is True)

    return [option(name) for name in SWITCHES]


def thresholds(name: str, state: PageState, tally: Tally) -> list[Option]:
    """The steps of a confidence scale, highest first; a score between two steps is one more.

    In a large data set they are counted on the page without filters alone.
    """
    score = state.values[name]
    steps = dict(THRESHOLDS[name])
    if score is not None:
        steps.setdefault(score, f"A score of {score}")

    def option(step: int) -> Option:
        count = None
        if not (tally.large and state.filters):
            count = tally.total(state.changed(**{name: step}).query)
        return Option(step, steps[step], count, step == score)

    return [option(step) for step in sorted(steps, reverse=True)]


def applied(state: PageState, store: Store) -> Iterator[dict[str, str]]:
    """Every filter value that is set: its title, its words, the address without it (``off``)."""
    for name, value in state.filters.items():
        values = value if isinstance(value, tuple) else () if value is True else (value,)
        words = [value_name(name, str(one), store) for one in values]
        if name in FACETS:
            offs = [state.without(name, one) for one in values]
        else:
            words, offs = [", ".join(words)], [state.without(name)]
        for each, off in zip(words, offs, strict=True):
            yield {"title": TITLES.get(name, name), "words": each, "off": off.claims()}
