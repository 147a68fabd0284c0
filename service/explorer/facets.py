"""The form beside the claims: each filter's values, the claims each would leave, what is set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from schemas.dataset import Group
from service.explorer.counts import Tally
from service.explorer.filters import (
    FACETS,
    OPEN,
    THRESHOLDS,
    has_words,
    records,
    title,
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
    all: str
    waiting: bool
    """Whether the values are counted only when the facet is opened (by a script)."""

    @property
    def chosen(self) -> int:
        return sum(option.chosen for option in self.options)

    @property
    def more(self) -> bool:
        return self.size > len(self.options)


def facets(state: PageState, tally: Tally, store: Store) -> list[Facet]:
    """Every facet with its largest values and the chosen ones.

    The values are counted under all filters but the facet itself. ``size`` of a facet that is not
    counted yet is the number of values there may be at most.
    """
    return [_facet(name, state, tally, store) for name in FACETS]


def _facet(name: str, state: PageState, tally: Tally, store: Store) -> Facet:
    waiting = tally.large and name not in OPEN
    groups, without = ([], 0) if waiting else _values(name, state, tally)
    counts = {str(group.keys[0]): group.count for group in groups}
    chosen: tuple[str, ...] = state.values[name]
    shown = list(counts)[: _ALL if len(counts) <= _ALL else _SHOWN]
    shown += [value for value in chosen if value not in shown]
    return Facet(
        name=name,
        title=title(name),
        options=[
            _option(name, value, None if waiting else counts.get(value, 0), state, store)
            for value in shown
        ],
        size=len(records(name, store)) if waiting else len(counts),
        without=without,
        open=name in OPEN or bool(chosen),
        all=state.changed().address(f"/values/{name}"),
        waiting=waiting,
    )


def all_values(name: str, find: str, state: PageState, store: Store) -> dict[str, Any]:
    """What the page of one facet reads: the values with each word of ``find`` in their names.

    ``others`` are the parameters that its form sends along: the other filters, and the chosen
    values that are not on the page.
    """
    groups, without = _values(name, state, Tally(store))
    chosen: tuple[str, ...] = state.values[name]
    counts = {str(group.keys[0]): group.count for group in groups}
    matching = [value for value in counts if has_words(name, value, find, store)]
    shown = sorted(matching, key=lambda value: value not in chosen)[:MAX_VALUES]
    return {
        "title": title(name),
        "name": name,
        "options": [_option(name, value, counts[value], state, store) for value in shown],
        "size": len(groups),
        "without": without,
        "find": find,
        "matching": len(matching),
        "filtered": bool(state.without(name).filters),
        "here": f"/values/{name}",
        "canonical": state.changed().address(f"/values/{name}", find=find),
        "back": state.claims(),
        "rest": state.changed().pairs,
        "others": state.without(name).pairs + [(name, v) for v in chosen if v not in shown],
        "counts": state.without(name).api("/v1/counts.csv", by=name),
    }


def _values(name: str, state: PageState, tally: Tally) -> tuple[list[Group], int]:
    """The values under all other filters, largest first, years latest first; and how many claims
    have none.
    """
    groups = tally.counts(state.without(name).query, name).groups
    valued = [group for group in groups if group.keys[0] is not None]
    without = sum(group.count for group in groups if group.keys[0] is None)
    if name == "horizon":
        valued.sort(key=lambda group: str(group.keys[0]), reverse=True)
    return valued, without


def _option(name: str, value: str, count: int | None, state: PageState, store: Store) -> Option:
    return Option(value, value_name(name, value, store), count, value in state.values[name])


def switches(state: PageState, tally: Tally) -> list[Option]:
    """The filters that are on or off."""
    return [
        Option(
            name,
            title(name),
            tally.total(state.changed(**{name: True}).query),
            bool(state.values[name]),
        )
        for name in ("goals_only", "distinct")
    ]


def thresholds(name: str, state: PageState, tally: Tally) -> list[Option]:
    """The steps of a confidence scale, highest first; a score between two steps is one more."""
    score = state.values[name]
    steps = dict(THRESHOLDS[name])
    if score is not None:
        steps.setdefault(score, f"A score of {score}")
    counted = not (tally.large and state.filters)
    return [
        Option(
            step,
            steps[step],
            tally.total(state.changed(**{name: step}).query) if counted else None,
            step == score,
        )
        for step in sorted(steps, reverse=True)
    ]


def applied(state: PageState, store: Store) -> Iterator[dict[str, str]]:
    """Every filter value that is set: its title, its words, the address without it (``off``)."""
    for name, value in state.filters.items():
        if name in FACETS:
            for one in value:
                off = state.without(name, one).claims()
                yield {"title": title(name), "words": value_name(name, one, store), "off": off}
        else:
            words = _words(name, value, store)
            yield {"title": title(name), "words": words, "off": state.without(name).claims()}


def _words(name: str, value: Any, store: Store) -> str:
    if value is True:
        return ""
    values = value if isinstance(value, tuple) else (value,)
    return ", ".join(value_name(name, str(one), store) for one in values)
