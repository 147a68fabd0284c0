"""What follows from relations between claims: circles, shared origins, the view from the other
end.
"""

from __future__ import annotations

import graphlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from service.build.reading import Record

JOINING = ("restates", "supports")
"""Relations that bring a further witness for the same proposition, in either direction."""


def restatement_cycles(claims: Sequence[Record]) -> Iterator[tuple[int, list[str]]]:
    """A circle of restatements, if there is one: the place of a claim in it, and its ids."""
    targets = {claim["id"]: _targets(claim, ("restates",)) for claim in claims}
    try:
        graphlib.TopologicalSorter(targets).prepare()
    except graphlib.CycleError as error:
        cycle = error.args[1]
        places = {claim["id"]: place for place, claim in enumerate(claims)}
        yield places[cycle[0]], cycle


def independent_origins(claims: Sequence[Record], agents: Sequence[Record]) -> dict[str, int]:
    """By claim id, how many distinct origins stand behind it.

    The origin of a chain is its first agent, or the origin group that agent
    shares. Counted are the claim itself and the claims joined to it directly
    by ``restates`` or ``supports``, either way; not theirs in turn, since a
    claim that supports another says nothing of what a third one restates.

    A document's own voice that restates a claim is no witness of its own: a
    headline rests on the dispatch that the text below it cites.
    """
    group = {agent["id"]: agent["origin_group"] or agent["id"] for agent in agents}
    by_id = {claim["id"]: claim for claim in claims}
    origin = {
        claim["id"]: group[_first_told(claim, by_id)["sources"][0]["agent"]] for claim in claims
    }
    behind = {identifier: {own} for identifier, own in origin.items()}
    for claim in claims:
        for target in _targets(claim, JOINING):
            behind[claim["id"]].add(origin[target])
            behind[target].add(origin[claim["id"]])
    return {identifier: len(origins) for identifier, origins in behind.items()}


def _first_told(claim: Record, by_id: Mapping[str, Record]) -> Record:
    """The claim whose source stands behind this one; restatements have no circles."""
    while claim["attribution"] == "narrator":
        restated = _targets(claim, ("restates",))
        if not restated:
            break
        claim = by_id[restated[0]]
    return claim


def related_from(claims: Sequence[Record]) -> dict[str, list[dict[str, Any]]]:
    """By claim id, the relations that point to it, in the order of their claims' ids."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for claim in sorted(claims, key=lambda claim: str(claim["id"])):
        for relation in claim["relations"]:
            found[relation["claim"]].append({"type": relation["type"], "claim": claim["id"]})
    return found


def _targets(claim: Record, types: Sequence[str]) -> list[str]:
    return [relation["claim"] for relation in claim["relations"] if relation["type"] in types]
