"""What the rules between records need to know of each: small, so that a million fit in memory; and
what follows from the relations between claims.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from schemas.change import CLAIM, RETIRING, record_of
from schemas.date import expanded
from schemas.vocabularies import CLAIM_REFERENCES, VOCABULARIES, VocabularyKind
from service.compiler.read import PlainRecord
from service.store.index_fields import default_position

References = Iterator[tuple[tuple[object, ...], Any, Any, str]]
"""Of each id in a record the steps to it, what holds it, under which key, and its vocabulary."""
RecordsById = Mapping[str, Mapping[str, PlainRecord]]
"""The records of each vocabulary."""
JOINING = ("restates", "supports")
"""Relations that bring a further witness for the same proposition, in either direction."""


class ClaimFacts(NamedTuple):
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
    def of(cls, claim: PlainRecord) -> ClaimFacts:
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

    def targets(self, *types: str) -> list[str]:
        """The claims it is related to in one of some ways."""
        return [target for type_, target in self.relations if type_ in types]


class ChangeFacts(NamedTuple):
    """Of a change to the record of a ``kind`` with an ``id``.

    ``previous`` is the id of the record before, and of a claim its revision and day as well.
    """

    seq: int
    kind: str
    id: str
    revision: int
    recorded_at: str
    change: str
    reason: str | None
    replaced_by: str | None
    previous: tuple[str, int | None, str | None] | None

    @classmethod
    def of(cls, change: PlainRecord) -> ChangeFacts:
        before = change["previous"]
        known = before and (before["id"], before.get("revision"), before.get("recorded_at"))
        key = record_of(change)
        values = {name: change.get(name) for name in cls._fields}
        return cls(**values | {"kind": key.kind, "id": key.id, "previous": known})

    @property
    def retires(self) -> bool:
        return self.change in RETIRING


def claim_references(claim: PlainRecord) -> References:
    """Where a claim refers to the vocabularies."""
    yield ("occasion",), claim, "occasion", "occasions"
    for key, inner, vocabulary in CLAIM_REFERENCES:
        for n, item in enumerate(claim[key]):
            if inner is None:
                yield (key, n), claim[key], n, vocabulary
            else:
                yield (key, n, inner), item, inner, vocabulary


def vocabulary_references(record: PlainRecord, kind: VocabularyKind) -> References:
    """Where a record of a vocabulary refers to others."""
    for key, vocabulary in kind.references.items():
        yield (key,), record, key, vocabulary


def references_of(record: PlainRecord, kind: str) -> References:
    """Where a record of any kind, named in the singular, refers to the vocabularies."""
    if kind == CLAIM:
        return claim_references(record)
    return vocabulary_references(record, VOCABULARIES[f"{kind}s"])


def independent_origins(
    claims: Sequence[ClaimFacts], agents: Mapping[str, PlainRecord]
) -> dict[str, int]:
    """By claim id, how many distinct origins stand behind it; of claims left out it is one.

    The origin of a chain is its first agent, or the origin group that agent
    shares. Counted are the claim itself and the claims joined to it directly
    by ``restates`` or ``supports``, either way; not theirs in turn, since a
    claim that supports another says nothing of what a third one restates.

    A document's own voice that restates a claim is no witness of its own: a
    headline rests on the dispatch that the text below it cites.
    """
    group = {name: agent["origin_group"] or name for name, agent in agents.items()}
    joined = {claim.id: claim.targets(*JOINING) for claim in claims if claim.relations}
    involved = {*joined, *(target for targets in joined.values() for target in targets)}
    by_id = {claim.id: claim for claim in claims if claim.id in involved}
    origin = {identifier: _origin(by_id[identifier], by_id, group) for identifier in by_id}
    behind = {identifier: {own} for identifier, own in origin.items()}
    for identifier, targets in joined.items():
        for target in targets:
            behind[identifier].add(origin[target])
            behind[target].add(origin[identifier])
    return {identifier: len(origins) for identifier, origins in behind.items() if len(origins) > 1}


def _origin(claim: ClaimFacts, by_id: Mapping[str, ClaimFacts], group: Mapping[str, str]) -> str:
    """The origin of a claim; of restatements there are no circles."""
    while claim.narrated and (restated := claim.targets("restates")):
        claim = by_id[restated[0]]
    return group.get(claim.origin, claim.origin)


def related_from(claims: Sequence[ClaimFacts]) -> dict[str, list[dict[str, Any]]]:
    """By claim id, the relations that point to it, in the order of their claims' ids."""
    related: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for claim in sorted((claim for claim in claims if claim.relations), key=lambda c: c.id):
        for type_, target in claim.relations:
            related[target].append({"type": type_, "claim": claim.id})
    return related
