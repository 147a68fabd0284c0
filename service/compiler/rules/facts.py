"""What the rules between records need to know of each: small, so that a million fit in memory; and
what follows from the relations between claims.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from schemas.date import expanded
from schemas.records.change import CLAIM, RETIRING, record_of
from schemas.records.vocabularies import CLAIM_REFERENCES, VOCABULARIES, VocabularyKind
from service.compiler.read import PlainRecord
from service.store.search.index_fields import default_position

References = Iterator[tuple[tuple[object, ...], Any, Any, str]]
"""Of each id in a record the steps to it, what holds it, under which key, and its vocabulary."""
RecordsById = Mapping[str, Mapping[str, PlainRecord]]
"""The records of each vocabulary."""


class ClaimFacts(NamedTuple):
    """Of a claim. ``position`` is its place in default order, ``origin`` the first of its chain.

    ``printed_in`` is the document that the origin itself published; empty where
    the origin is no publisher of the evidence.
    """

    id: str
    position: int
    origin: str
    relayers: tuple[str, ...]
    printed_in: str
    narrated: bool
    credibility: int
    goal: bool
    quotes: int
    revision: int
    recorded_at: str
    relations: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, claim: PlainRecord) -> ClaimFacts:
        origin, *through = [source["agent"] for source in claim["sources"]]
        return cls(
            claim["id"],
            default_position(claim["id"], expanded(claim["dates"]["announced"])),
            origin,
            tuple(through[:-1]),
            claim["evidence"][0]["document"] if through[-1:] == [origin] else "",
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
    for n, reading in enumerate(claim["alternatives"]):
        for m, link in enumerate(reading["sources"]):
            yield ("alternatives", n, "sources", m, "agent"), link, "agent", "agents"


def vocabulary_references(record: PlainRecord, kind: VocabularyKind) -> References:
    """Where a record of a vocabulary refers to others."""
    for key, vocabulary in kind.references.items():
        yield (key,), record, key, vocabulary


def references_of(record: PlainRecord, kind: str) -> References:
    """Where a record of any kind, named in the singular, refers to the vocabularies."""
    if kind == CLAIM:
        return claim_references(record)
    return vocabulary_references(record, VOCABULARIES[f"{kind}s"])


def related_from(claims: Sequence[ClaimFacts]) -> dict[str, list[dict[str, Any]]]:
    """By claim id, the relations that point to it, in the order of their claims' ids."""
    related: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for claim in sorted((claim for claim in claims if claim.relations), key=lambda c: c.id):
        for type_, target in claim.relations:
            related[target].append({"type": type_, "claim": claim.id})
    return related
