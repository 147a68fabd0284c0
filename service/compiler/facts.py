"""What the rules between records need to know of each: small, so that a million fit in memory; and
what follows from the relations between claims.
"""

from __future__ import annotations

import graphlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from schemas.date import expanded
from service.compiler.read import Record
from service.store.keys import default_position

Mention = tuple[str, str]
"""A vocabulary, and the id of a record in it."""
JOINING = ("restates", "supports")
"""Relations that bring a further witness for the same proposition, in either direction."""


class Facts(NamedTuple):
    """Of a claim. ``position`` is its place in default order, ``origin`` the first of its chain."""

    id: str
    position: int
    origin: str
    narrated: bool
    credibility: int
    goal: bool
    quotes: int
    revision: int
    recorded_at: str
    relations: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, claim: Record) -> Facts:
        return cls(
            claim["id"],
            default_position(claim["id"], expanded(claim["dates"]["announced"])),
            claim["sources"][0]["agent"],
            claim["attribution"] == "narrator",
            claim["confidence"]["content"]["credibility"],
            claim["goal"] is not None,
            len(claim["quotes"]),
            claim["revision"],
            claim["recorded_at"],
            tuple((relation["type"], relation["claim"]) for relation in claim["relations"]),
        )

    def targets(self, types: tuple[str, ...]) -> list[str]:
        """The claims it is related to in one of some ways."""
        return [target for type_, target in self.relations if type_ in types]

    @property
    def restates(self) -> bool:
        return any(type_ == "restates" for type_, _ in self.relations)


def mentions(claim: Record) -> set[Mention]:
    """The records of the vocabularies that a claim names, as the filters of the API find them."""
    found = {("documents", place["document"]) for place in (*claim["evidence"], *claim["quotes"])}
    found.update(("topics", topic) for topic in claim["topics"])
    for key in ("actors", "addressees", "about"):
        found.update(("agents", agent) for agent in claim[key])
    found.update(("agents", link["agent"]) for link in claim["sources"])
    if claim["occasion"] is not None:
        found.add(("occasions", claim["occasion"]))
    return found


class Change(NamedTuple):
    """Of an entry in the record of changes; ``previous`` is id, revision and day of the claim
    before, ``reason`` that of a retirement.
    """

    seq: int
    claim: str
    revision: int
    recorded_at: str
    change: str
    replaced_by: str | None
    previous: tuple[str, int, str] | None
    reason: str | None

    @classmethod
    def of(cls, change: Record) -> Change:
        before = change["previous"]
        retires = change["change"] in ("superseded", "withdrawn")
        return cls(
            change["seq"],
            change["claim"],
            change["revision"],
            change["recorded_at"],
            change["change"],
            change["replaced_by"],
            before and (before["id"], before["revision"], before["recorded_at"]),
            change["reason"] if retires else None,
        )

    @property
    def retires(self) -> bool:
        return self.change in ("superseded", "withdrawn")


def restatement_cycles(claims: Sequence[Facts]) -> Iterator[tuple[int, list[str]]]:
    """A circle of restatements, if there is one: the place of a claim in it, and its ids."""
    targets = {claim.id: claim.targets(("restates",)) for claim in claims if claim.restates}
    try:
        graphlib.TopologicalSorter(targets).prepare()
    except graphlib.CycleError as error:
        cycle = error.args[1]
        yield next(n for n, claim in enumerate(claims) if claim.id == cycle[0]), cycle


def independent_origins(claims: Sequence[Facts], agents: Sequence[Record]) -> dict[str, int]:
    """By claim id, how many distinct origins stand behind it; of claims left out it is one.

    The origin of a chain is its first agent, or the origin group that agent
    shares. Counted are the claim itself and the claims joined to it directly
    by ``restates`` or ``supports``, either way; not theirs in turn, since a
    claim that supports another says nothing of what a third one restates.

    A document's own voice that restates a claim is no witness of its own: a
    headline rests on the dispatch that the text below it cites.
    """
    group = {agent["id"]: agent["origin_group"] or agent["id"] for agent in agents}
    joined = {claim.id: claim.targets(JOINING) for claim in claims if claim.relations}
    involved = {*joined, *(target for targets in joined.values() for target in targets)}
    by_id = {claim.id: claim for claim in claims if claim.id in involved}
    origin = {identifier: _origin(by_id[identifier], by_id, group) for identifier in by_id}
    behind = {identifier: {own} for identifier, own in origin.items()}
    for identifier, targets in joined.items():
        for target in targets:
            behind[identifier].add(origin[target])
            behind[target].add(origin[identifier])
    return {identifier: len(origins) for identifier, origins in behind.items() if len(origins) > 1}


def _origin(claim: Facts, by_id: Mapping[str, Facts], group: Mapping[str, str]) -> str:
    """Who stands behind a claim; of restatements there are no circles."""
    while claim.narrated:
        restated = claim.targets(("restates",))
        if not restated:
            break
        claim = by_id[restated[0]]
    return group.get(claim.origin, claim.origin)


def related_from(claims: Sequence[Facts]) -> dict[str, list[dict[str, Any]]]:
    """By claim id, the relations that point to it, in the order of their claims' ids."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for claim in sorted((claim for claim in claims if claim.relations), key=lambda c: c.id):
        for type_, target in claim.relations:
            found[target].append({"type": type_, "claim": claim.id})
    return dict(found)
