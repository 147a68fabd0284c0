"""Claims of every variety, drawn at random: values that are open, uncertain, wide or missing."""

from __future__ import annotations

import functools
import random

from schemas.records.claim import ATTRIBUTIONS, KINDS, LEVEL_SCORES, SPECIFICITIES
from service.compiler import open_fixtures
from service.store.protocol import Store
from tests import records
from tests.strategies import INTERVALS, OPEN, POINTS

CLOSED = (*POINTS, *(f"{point}?" for point in POINTS), *INTERVALS)
"""Dates with both ends, but for those of thousands of years."""


@functools.cache
def varied_store(claims: int, open_ends: bool, seed: int = 1) -> Store:
    """A store over so many claims; with ``open_ends`` some dates have an end that is not given."""
    rng = random.Random(seed)
    dates = (*CLOSED, *OPEN) if open_ends else CLOSED
    made = [_claim(number, rng, dates) for number in range(claims)]
    return open_fixtures(records.fixtures(made))


def _claim(number: int, rng: random.Random, dates: tuple[str, ...]) -> records.Record:
    def some(values: object, least: int = 0) -> list[str]:
        known = list(values)  # type: ignore[call-overload]
        return rng.sample(known, rng.randint(least, 2))

    def date() -> str | None:
        return rng.choice((None, rng.choice(dates)))

    kind = rng.choice(KINDS)
    with_goal = kind == "goal" or rng.random() < 0.3
    document = rng.choice(records.DOCUMENTS)
    attribution = rng.choice(ATTRIBUTIONS)
    said_by = [] if attribution == "narrator" else some(records.AGENTS, least=1)
    restated = [records.relation("restates", records.claim_id(rng.randrange(max(1, number))))]
    return records.claim(
        number,
        date(),
        date(),
        kind=kind,
        topics=some(records.TOPICS, least=1),
        actors=some(records.AGENTS, least=1),
        addressees=some(records.AGENTS),
        about=some(records.AGENTS),
        occasion=rng.choice((None, *records.OCCASIONS)),
        places=some(records.PLACES),
        goal=records.goal(date(), rng.choice(SPECIFICITIES)) if with_goal else None,
        sources=records.chain(*said_by, document=document),
        attribution=attribution,
        quotes=[records.quote("so it is", document=document)],
        evidence=[records.evidence(document)],
        confidence=records.confidence(rng.choice(tuple(LEVEL_SCORES)), rng.randint(2, 6)),
        relations=restated if number and rng.random() < 0.3 else [],
    )
