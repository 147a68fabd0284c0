"""Claims as cards: their codes, dates and confidence in words, their relations and history."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from schemas.change import served_change
from schemas.query import ClaimQuery
from service.explorer import words
from service.explorer.words import DateText, date_words
from service.store.protocol import Store

MAX_CHANGES = 100
"""Changes of a claim that its page shows."""
MAX_RELATIONS = 24
"""Relations of a claim that are spelled out; the others are counted."""
_MAX_LOOKUPS = 500


def cards(claims: Iterable[Mapping[str, Any]], store: Store) -> list[dict[str, Any]]:
    """Claims with the statements of the related ones, which are read in one search."""
    listed = list(claims)
    by_id = {claim["id"]: claim for claim in listed}
    ends = {end["claim"] for claim in listed for end in _relations(claim)[:MAX_RELATIONS]}
    by_id |= claims_by_id(ends - set(by_id), store)
    return [_card(claim, by_id) for claim in listed]


def claims_by_id(ids: Iterable[str], store: Store) -> dict[str, Mapping[str, Any]]:
    """Claims by id, at most ``_MAX_LOOKUPS``; retired ones are left out."""
    first = tuple(sorted(ids))[:_MAX_LOOKUPS]
    if not first:
        return {}
    page = store.search(ClaimQuery(id=first, limit=len(first)))
    return {claim["id"]: claim for claim in map(json.loads, page.bodies)}


def _relations(claim: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [*claim["relations"], *claim["related_from"]]


def _card(claim: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A claim as served, and what the templates say of it in words.

    Of its relations (outgoing first) at most ``MAX_RELATIONS``, and how many more there are.
    """
    goal, dates, confidence = claim["goal"], claim["dates"], claim["confidence"]
    relations = _relations(claim)
    return {
        "claim": claim,
        "address": f"/claims/{claim['id']}",
        "kind": words.KIND[claim["kind"]],
        "attribution": words.ATTRIBUTION[claim["attribution"]],
        "announced": DateText.of(dates["announced"]),
        "occurred": DateText.of(dates["occurred"]),
        "horizon": DateText.of(goal["horizon"]) if goal else None,
        "specificity": words.SPECIFICITY[goal["specificity"]] if goal else None,
        "said": _attribution_steps(confidence["attribution"]),
        "holds": _content_steps(confidence["content"]),
        "relations": [_relation(end, claim, by_id) for end in relations[:MAX_RELATIONS]],
        "more_relations": max(0, len(relations) - MAX_RELATIONS),
    }


def _attribution_steps(confidence: Mapping[str, Any]) -> Mapping[str, Any]:
    """The level in words, and its place on a scale of so many steps."""
    level = confidence["level"]
    step = 1 + list(words.LEVEL).index(level)
    return {**confidence, "answer": words.LEVEL[level], "step": step, "steps": len(words.LEVEL)}


def _content_steps(confidence: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same of credibility, of which 1 is the highest step and 6 is no step at all."""
    grade = confidence["credibility"]
    return {**confidence, "answer": words.CREDIBILITY[grade], "step": 6 - grade, "steps": 5}


def _relation(
    end: Mapping[str, Any], claim: Mapping[str, Any], by_id: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """A relation as read from ``claim``; the reason of an incoming one is the other claim's."""
    other = by_id.get(end["claim"], {})
    outgoing, incoming = words.RELATION[end["type"]]
    reasons = [
        back["rationale"]
        for back in other.get("relations", ())
        if (back["type"], back["claim"]) == (end["type"], claim["id"])
    ]
    return {
        "id": end["claim"],
        "phrase": outgoing if "rationale" in end else incoming,
        "statement": other.get("statement"),
        "rationale": end["rationale"] if "rationale" in end else next(iter(reasons), None),
    }


def changes(claim_id: str, store: Store) -> list[dict[str, Any]]:
    """The first changes of a claim in words, oldest first. Raises ``ClaimNotFound``."""
    states = store.changes(0, MAX_CHANGES, claim_id).states
    return [
        {
            **change,
            "words": words.CHANGE[change["change"]],
            "day": date_words(change["recorded_at"]),
            "fields": [difference["field"].strip("/") for difference in change["differences"]],
        }
        for change in [served_change(*state) for state in states]
    ]
