"""The filters beside the claims: their values, how many claims each would leave, what is chosen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from schemas.confidence import CREDIBILITY_SCORES, LEVEL_SCORES
from schemas.dataset import Group
from schemas.query import DATE_MATCHES, SORTS
from service.explorer.counts import Tally
from service.explorer.state import State
from service.explorer.words import CREDIBILITY, LEVEL, value_name

SHOWN, ALL = 7, 12
"""Values of a filter that stand on the page: the first seven, or all of twelve. The rest are a
search or a page away."""

TITLES = {
    "kind": "Kind of claim",
    "topic": "Topic",
    "horizon": "Target year of a goal",
    "occasion": "Occasion",
    "speaker": "Who says it",
    "actor": "Who acts",
    "addressee": "To whom",
    "about": "About whom",
    "source": "Anywhere in the chain",
    "attribution": "How it is reported",
    "document": "Document",
}
_OPEN = ("kind", "topic", "horizon")
"""Filters that stand open from the start; of the others one sees the name first."""
SCALARS = {
    "goals_only": "Announced goals only",
    "distinct": "Restatements left out",
    "announced_from": "Announced from",
    "announced_to": "Announced until",
    "occurred_from": "Happened from",
    "occurred_to": "Happened until",
    "date_match": "Dates",
    "min_attribution": "Was it said, at least",
    "min_content": "Does it hold, at least",
    "q": "Text",
    "id": "Claim ids",
}
SORT_WORDS = {
    "-announced": "Newest announcement first",
    "announced": "Oldest announcement first",
    "-occurred": "Newest event first",
    "occurred": "Oldest event first",
    "-content": "Most credible first",
    "relevance": "Best match first",
}
DATE_MATCH_WORDS = {"possible": "may fall there", "certain": "must fall there"}
assert set(SORT_WORDS) == set(SORTS)
assert set(DATE_MATCH_WORDS) == set(DATE_MATCHES)


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter; ``count`` is how many claims it would leave beside the others."""

    value: str
    name: str
    count: int | None
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """A filter that takes several values."""

    name: str
    title: str
    choices: list[Choice]
    size: int
    without: int
    opened: bool
    all: str
    waiting: bool = False
    """Whether its values are counted when it is opened."""

    @property
    def chosen(self) -> int:
        return sum(choice.chosen for choice in self.choices)

    @property
    def more(self) -> int:
        """How many values do not stand on the page."""
        return max(0, self.size - len(self.choices))


def facets(state: State, tally: Tally) -> list[Facet]:
    """Every filter by value, each counted under all filters but itself."""
    return [_facet(name, state, tally) for name in TITLES]


def _facet(name: str, state: State, tally: Tally) -> Facet:
    chosen: tuple[str, ...] = state.values[name]
    if tally.large and name not in _OPEN:
        return _waiting(name, state, tally)
    groups, without = values_of(name, state, tally)
    shown = groups[: ALL if len(groups) <= ALL else SHOWN]
    counts = {group.keys[0]: group.count for group in groups}
    hidden = [key for key in chosen if key not in {group.keys[0] for group in shown}]
    extra = [(key, counts.get(key, 0)) for key in hidden]
    top = [(str(group.keys[0]), group.count) for group in shown]
    return Facet(
        name=name,
        title=TITLES[name],
        choices=[choice(name, key, count, state, tally) for key, count in top + extra],
        size=len(groups) + sum(key not in counts for key in hidden),
        without=without,
        opened=name in _OPEN or bool(chosen),
        all=state.changed().address(f"/values/{name}"),
    )


def _waiting(name: str, state: State, tally: Tally) -> Facet:
    chosen: tuple[str, ...] = state.values[name]
    return Facet(
        name=name,
        title=TITLES[name],
        choices=[choice(name, key, None, state, tally) for key in chosen],
        size=max(tally.values(name), len(chosen)),
        without=0,
        opened=bool(chosen),
        all=state.changed().address(f"/values/{name}"),
        waiting=True,
    )


def values_of(name: str, state: State, tally: Tally) -> tuple[list[Group], int]:
    """The values of a filter under all others, the largest first, years the latest first; and how
    many claims have none.
    """
    groups = tally.groups(state.without(name).query, name)
    valued = [group for group in groups if group.keys[0] is not None]
    without = sum(group.count for group in groups if group.keys[0] is None)
    if name == "horizon":
        valued.sort(key=lambda group: str(group.keys[0]), reverse=True)
    return valued, without


def choice(name: str, key: str, count: int | None, state: State, tally: Tally) -> Choice:
    named = value_name(name, key) if name in ("kind", "attribution") else tally.name(name, key)
    return Choice(key, named, count, key in state.values[name])


@dataclass(frozen=True, slots=True)
class Step:
    """A threshold, in words, and how many claims reach it."""

    value: int
    name: str
    count: int | None
    chosen: bool


def switches(state: State, tally: Tally) -> list[Choice]:
    """The filters that are on or off."""
    return [
        Choice(
            name,
            SCALARS[name],
            tally.total(state.changed(**{name: True}).query),
            bool(state.values[name]),
        )
        for name in ("goals_only", "distinct")
    ]


def thresholds(name: str, state: State, tally: Tally) -> list[Step]:
    """The steps of a confidence that one can ask for at least; a value between two is one more."""
    if name == "min_attribution":
        steps = {score: LEVEL[level] for level, score in LEVEL_SCORES.items()}
    else:
        steps = {score: CREDIBILITY[grade] for grade, score in CREDIBILITY_SCORES.items() if score}
    given = state.values[name]
    if given is not None:
        steps.setdefault(given, f"A score of {given}")
    uncounted = tally.large and bool(state.filters)
    return [
        Step(
            score,
            word,
            None if uncounted else tally.total(state.changed(**{name: score}).query),
            score == given,
        )
        for score, word in sorted(steps.items(), reverse=True)
    ]


@dataclass(frozen=True, slots=True)
class Applied:
    """A filter that is on, in words, and the address of the page without it."""

    title: str
    words: str
    off: str


def applied(state: State, tally: Tally) -> Iterator[Applied]:
    """Everything that narrows the claims at present."""
    for name, value in state.filters.items():
        if name in TITLES:
            for key in value:
                named = choice(name, key, None, state, tally).name
                yield Applied(TITLES[name], named, state.without(name, key).address())
        else:
            yield Applied(SCALARS[name], _words(name, value), state.without(name).address())


def _words(name: str, value: Any) -> str:
    if value is True:
        return ""
    if name == "date_match":
        return DATE_MATCH_WORDS[str(value)]
    return ", ".join(value) if isinstance(value, tuple) else str(value)
