"""The explorer: all that its page shows, from one question."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from schemas.dataset import DatasetInfo
from service.explorer.cards import Card, cards
from service.explorer.counts import Tally
from service.explorer.facets import (
    SORT_WORDS,
    Applied,
    Choice,
    Facet,
    Step,
    applied,
    facets,
    switches,
    thresholds,
)
from service.explorer.matrix import Matrix, matrix
from service.explorer.state import State
from service.explorer.timeline import Dates, Years, timeline
from service.store.protocol import Store

TOPICS, YEARS = 12, 6
"""Rows and columns of the table of goals that one can still take in at a glance."""


@dataclass(frozen=True, slots=True)
class View:
    """What the template of the explorer reads."""

    state: State
    dataset: DatasetInfo
    total: int
    sources: int
    matrix: Matrix
    timeline: Dates | Years
    facets: list[Facet]
    switches: list[Choice]
    said: list[Step]
    holds: list[Step]
    applied: list[Applied]
    cards: list[Card]
    next_cursor: str | None

    @property
    def counts(self) -> Mapping[str, int]:
        return self.dataset.counts

    @property
    def by_year(self) -> bool:
        return isinstance(self.timeline, Years)

    @property
    def dated(self) -> bool:
        """Whether a filter on dates is on."""
        return any("_from" in n or "_to" in n or n == "date_match" for n in self.state.filters)

    @property
    def sure(self) -> bool:
        """Whether a filter on confidence is on."""
        return any(name.startswith("min_") for name in self.state.filters)

    @property
    def order(self) -> str:
        return self.state.query.order

    @property
    def usual_order(self) -> str:
        """The order that holds where none is asked for."""
        return self.state.changed(sort=None).query.order

    @property
    def orders(self) -> list[tuple[str, str]]:
        """Every order there is for this question; relevance needs words to be relevant to."""
        known = SORT_WORDS if self.state.values["q"] else SORT_WORDS.keys() - {"relevance"}
        return [(name, words) for name, words in SORT_WORDS.items() if name in known]

    # Addresses.

    @property
    def canonical(self) -> str:
        return self.state.address()

    @property
    def api(self) -> str:
        return self.state.api()

    @property
    def csv(self) -> str:
        return self.state.api("/v1/claims.csv")

    @property
    def ndjson(self) -> str:
        return self.state.api("/v1/claims.ndjson")

    @property
    def quotes(self) -> str:
        return self.state.api("/v1/quotes.csv")

    @property
    def all_goals(self) -> str:
        return self.state.changed().address("/goals")

    @property
    def cleared(self) -> str:
        return self.state.cleared().address()

    @property
    def first(self) -> str:
        return self.state.changed().address()

    @property
    def next(self) -> str | None:
        if self.next_cursor is None:
            return None
        return self.state.changed(cursor=self.next_cursor).address()

    @property
    def upcoming(self) -> int:
        return int(self.state.values["limit"])


def explore(state: State, store: Store) -> View:
    """Asks the store everything that the page shows."""
    tally = Tally(store)
    page = store.search(state.query)
    return View(
        state=state,
        dataset=store.dataset,
        total=page.total,
        sources=tally.sources(),
        matrix=matrix(state, tally, store, TOPICS, YEARS),
        timeline=timeline(state, page.total, store, tally),
        facets=facets(state, tally),
        switches=switches(state, tally),
        said=thresholds("min_attribution", state, tally),
        holds=thresholds("min_content", state, tally),
        applied=list(applied(state, tally)),
        cards=cards(map(json.loads, page.bodies), store),
        next_cursor=page.next_cursor,
    )
