"""A claim as evidence to be read: everything in it said in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.query import ClaimQuery
from service.explorer import words
from service.explorer.dates import Dated
from service.store.protocol import Store

MOST_RELATED = 24
"""Relations that a page spells out; a claim restated a thousand times is counted instead."""
_LOOKED_UP = 500

Claim = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Related:
    """A relation seen from this claim; ``statement`` is what the other one says."""

    phrase: str
    id: str
    statement: str | None
    rationale: str | None


@dataclass(frozen=True, slots=True)
class Confidence:
    """One of the two questions: the answer in words, on how many steps it stands, and why."""

    answer: str
    step: int
    steps: int
    score: int | None
    rationale: str


@dataclass(frozen=True, slots=True)
class Card:
    """A claim, and what its codes mean."""

    claim: Claim
    kind: str
    kind_meaning: str
    attribution: str
    attribution_meaning: str
    announced: Dated | None
    occurred: Dated | None
    horizon: Dated | None
    specificity: str | None
    said: Confidence
    holds: Confidence
    related: list[Related]
    more_related: int

    @property
    def address(self) -> str:
        return f"/claims/{self.claim['id']}"


def cards(claims: Iterable[Claim], store: Store) -> list[Card]:
    """Claims with the statements of those they are related to, looked up all at once."""
    listed = list(claims)
    known = {claim["id"]: claim for claim in listed}
    wanted = {ref["claim"] for claim in listed for ref in _references(claim)[:MOST_RELATED]}
    known |= claims_by_id(wanted - set(known), store)
    return [_card(claim, known) for claim in listed]


def claims_by_id(ids: Iterable[str], store: Store) -> dict[str, Claim]:
    wanted = tuple(sorted(ids))[:_LOOKED_UP]
    if not wanted:
        return {}
    page = store.search(ClaimQuery(id=wanted, limit=len(wanted)))
    return {claim["id"]: claim for claim in map(json.loads, page.bodies)}


def _references(claim: Claim) -> list[Mapping[str, Any]]:
    return [*claim["relations"], *claim["related_from"]]


def _card(claim: Claim, known: Mapping[str, Claim]) -> Card:
    goal, dates = claim["goal"], claim["dates"]
    related = _related(claim, known)
    return Card(
        claim,
        *words.KIND[claim["kind"]],
        *words.ATTRIBUTION[claim["attribution"]],
        announced=Dated.of(dates["announced"]),
        occurred=Dated.of(dates["occurred"]),
        horizon=Dated.of(goal["horizon"]) if goal else None,
        specificity=words.SPECIFICITY[goal["specificity"]] if goal else None,
        said=_said(claim["confidence"]["attribution"]),
        holds=_holds(claim["confidence"]["content"]),
        related=related[:MOST_RELATED],
        more_related=max(0, len(related) - MOST_RELATED),
    )


def _said(given: Mapping[str, Any]) -> Confidence:
    levels = tuple(words.LEVEL)
    step = 1 + levels.index(given["level"])
    answer = words.LEVEL[given["level"]]
    return Confidence(answer, step, len(levels), given["score"], given["rationale"])


def _holds(given: Mapping[str, Any]) -> Confidence:
    """Credibility counts down from 1, and 6 stands outside the scale."""
    credibility = given["credibility"]
    answer = words.CREDIBILITY[credibility]
    return Confidence(answer, 6 - credibility, 5, given["score"], given["rationale"])


def _related(claim: Claim, known: Mapping[str, Claim]) -> list[Related]:
    """Relations from this claim, then those to it; the reason for these stands in the others."""
    ours = [
        Related(words.RELATION[r["type"]][0], r["claim"], _statement(r, known), r["rationale"])
        for r in claim["relations"]
    ]
    theirs = [
        Related(
            words.RELATION[r["type"]][1],
            r["claim"],
            _statement(r, known),
            _reason(r, claim["id"], known),
        )
        for r in claim["related_from"]
    ]
    return ours + theirs


def _statement(reference: Mapping[str, Any], known: Mapping[str, Claim]) -> str | None:
    other = known.get(reference["claim"])
    return None if other is None else str(other["statement"])


def _reason(reference: Mapping[str, Any], to: str, known: Mapping[str, Claim]) -> str | None:
    """The reason that the other claim gives for its relation to this one."""
    other = known.get(reference["claim"])
    for relation in other["relations"] if other is not None else ():
        if (relation["type"], relation["claim"]) == (reference["type"], to):
            return str(relation["rationale"])
    return None
