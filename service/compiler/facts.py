"""What the rules between records need to know of one: small, so that a million fit in memory."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from schemas.date import expanded
from service.compiler.read import Record
from service.store.dataset_format import canonical
from service.store.keys import default_position

Mention = tuple[str, str]
"""A vocabulary, and the id of a record in it."""


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


def written(facts: Facts, mentioned: set[Mention]) -> bytes:
    """Facts and mentions as one line."""
    return canonical([*facts, sorted(mentioned)])


def read(line: bytes) -> tuple[Facts, set[Mention]]:
    """What ``written`` wrote."""
    *values, relations, mentioned = json.loads(line)
    pairs = tuple((type_, target) for type_, target in relations)
    return Facts._make([*values, pairs]), {(name, found) for name, found in mentioned}


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


def read_change(values: list[Any]) -> Change:
    """A change from its values as JSON has them."""
    seq, claim, revision, recorded_at, change, replaced_by, previous, reason = values
    before = None if previous is None else (previous[0], previous[1], previous[2])
    return Change(seq, claim, revision, recorded_at, change, replaced_by, before, reason)
