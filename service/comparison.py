"""Two occasions side by side: by topic, restatements folded, with the relations between them.

A topic without claims on one side is called absent from the record, never dropped: that nothing was
recorded is no evidence about the goals that were announced.
"""

from __future__ import annotations

import itertools
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.filters import ServedClaim
from schemas.query import ClaimQuery
from service.formats.bodies import Body
from service.formats.envelopes import stamp
from service.parsed_query import ParsedQuery
from service.store.dataset_format import canonical
from service.store.protocol import Store

MAX_CLAIMS = 25
"""Claims listed of one occasion on one topic, and restatements listed with each of them."""
MAX_RELATIONS = 100
"""Relations listed on one topic."""
MAX_IDS = 500
"""Claims asked for by one question to the store."""

Edge = tuple[str, str, str, str]
"""A relation: claim, type, other claim, rationale."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Some topics of two occasions, out of ``total``.

    ``first``, ``second`` and ``rows`` are as the contract has them
    (ComparedOccasion, ComparedTopic).
    """

    first: dict[str, Any]
    second: dict[str, Any]
    rows: list[dict[str, Any]]
    total: int
    next_cursor: str | None


def compare_occasions(
    store: Store, first: str, second: str, cursor: str | None = None, limit: int = 100
) -> Comparison:
    """The topics of two occasions in id order, at most ``limit`` after the one in ``cursor``.

    An id that names no occasion has no claims.
    """
    sides = (OccasionClaims(store, first), OccasionClaims(store, second))
    topics = sorted(sides[0].on_topic.keys() | sides[1].on_topic.keys())
    after = [topic for topic in topics if cursor is None or topic > cursor]
    page = after[:limit]
    for side in sides:
        side.read(page)
    edges: defaultdict[str, set[Edge]] = defaultdict(set)
    for edge in (*sides[0].relations_to(sides[1]), *sides[1].relations_to(sides[0])):
        edges[edge[0]].add(edge)
        edges[edge[2]].add(edge)
    rows = [_row(store, topic, sides, edges) for topic in page]
    following = page[-1] if len(after) > limit else None
    return Comparison(sides[0].summary(), sides[1].summary(), rows, len(topics), following)


class OccasionClaims:
    """The claims of one occasion: counted on every topic, and read for the topics of a page."""

    def __init__(self, store: Store, occasion: str) -> None:
        self._store, self._occasion = store, occasion
        self._total, self.on_topic = self._counted(distinct=False)
        self._distinct, self._distinct_on_topic = self._counted(distinct=True)
        self._listed: dict[str, list[ServedClaim]] = {}
        self._claims: dict[str, ServedClaim] = {}
        self._restated_by: dict[str, list[str]] = {}

    def _counted(self, *, distinct: bool) -> tuple[int, dict[str, int]]:
        query = ClaimQuery(occasion=(self._occasion,), distinct=distinct)
        counts = self._store.counts(query, ("topic",))
        return counts.total, {g.keys[0]: g.count for g in counts.groups if g.keys[0] is not None}

    def read(self, topics: Iterable[str]) -> None:
        """Reads the claims to list on some topics, and what restates them."""
        for topic in topics:
            bodies = self._first_on(topic) if topic in self._distinct_on_topic else []
            self._listed[topic] = [json.loads(body) for body in bodies]
        self._claims = {claim["id"]: claim for claim in itertools.chain(*self._listed.values())}
        self._restated_by = {identifier: [] for identifier in self._claims}
        self._follow_restatements()

    def _first_on(self, topic: str) -> list[bytes]:
        query = ClaimQuery(
            occasion=(self._occasion,), topic=(topic,), distinct=True, limit=MAX_CLAIMS
        )
        return self._store.search(query).bodies

    def _follow_restatements(self) -> None:
        """Finds the claims of this occasion that restate a listed one, directly or in steps.

        Restatements lead in no circle, and each claim gets so many at most.
        """
        newest = [(identifier, identifier) for identifier in self._claims]
        while newest:
            restating = [
                (root, other) for root, claim in newest for other in self._restating(claim)
            ]
            self._claims |= self.find(identifier for _, identifier in restating)
            newest = [pair for pair in restating if pair[1] in self._claims and self._name(*pair)]

    def _restating(self, identifier: str) -> list[str]:
        related = self._claims[identifier]["related_from"]
        return [each["claim"] for each in related if each["type"] == "restates"][:MAX_CLAIMS]

    def _name(self, root: str, restating: str) -> bool:
        """Names a restatement with the claim that it restates in the end."""
        named = self._restated_by[root]
        if restating in named or len(named) == MAX_CLAIMS:
            return False
        named.append(restating)
        return True

    def find(self, identifiers: Iterable[str]) -> dict[str, ServedClaim]:
        """By id, those of some claims that belong to the occasion."""
        wanted, found = sorted(set(identifiers)), {}
        for start in range(0, len(wanted), MAX_IDS):
            ids = tuple(wanted[start : start + MAX_IDS])
            query = ClaimQuery(id=ids, occasion=(self._occasion,), limit=len(ids))
            for body in self._store.search(query).bodies:
                claim = json.loads(body)
                found[claim["id"]] = claim
        return found

    def relations_to(self, other: OccasionClaims) -> Iterator[Edge]:
        """Relations, either way, of the claims read here to any claim of the other occasion."""
        related = {
            relation["claim"]
            for claim in self._claims.values()
            for relation in (*claim["relations"], *claim["related_from"])
        }
        others = other.find(related)
        yield from _edges(self._claims.values(), others)
        yield from _edges(others.values(), self._claims)

    def summary(self) -> dict[str, Any]:
        """The occasion and the number of its claims (ComparedOccasion)."""
        return {
            "id": self._occasion,
            "name": self._store.vocabularies["occasions"].name(self._occasion),
            "total": self._distinct,
            "restatements": self._total - self._distinct,
        }

    def topic_summary(self, topic: str) -> dict[str, Any]:
        """The claims of the occasion on one topic (ComparedSide)."""
        distinct = self._distinct_on_topic.get(topic, 0)
        return {
            "total": distinct,
            "restatements": self.on_topic.get(topic, 0) - distinct,
            "claims": [self._shortened(claim) for claim in self._listed[topic]],
        }

    def _shortened(self, claim: ServedClaim) -> dict[str, Any]:
        return {
            "id": claim["id"],
            "statement": claim["statement"],
            "kind": claim["kind"],
            "goal": claim["goal"],
            "speaker": claim["sources"][0]["agent"],
            "restated_by": sorted(self._restated_by[claim["id"]]),
        }

    def ids_on(self, topic: str) -> Iterator[str]:
        """The claims listed on a topic, and those that restate them."""
        for claim in self._listed[topic]:
            yield claim["id"]
            yield from self._restated_by[claim["id"]]


def _edges(claims: Iterable[ServedClaim], targets: Mapping[str, ServedClaim]) -> Iterator[Edge]:
    for claim in claims:
        for relation in claim["relations"]:
            if relation["claim"] in targets:
                yield claim["id"], relation["type"], relation["claim"], relation["rationale"]


def _row(
    store: Store,
    topic: str,
    sides: tuple[OccasionClaims, OccasionClaims],
    edges: Mapping[str, set[Edge]],
) -> dict[str, Any]:
    """One topic (ComparedTopic)."""
    first, second = sides
    here = (*first.ids_on(topic), *second.ids_on(topic))
    touching = sorted({edge for identifier in here for edge in edges.get(identifier, ())})
    return {
        "topic": {"id": topic, "name": store.vocabularies["topics"].name(topic)},
        "presence": _presence(topic in first.on_topic, topic in second.on_topic),
        "from": first.topic_summary(topic),
        "to": second.topic_summary(topic),
        "relation_count": len(touching),
        "relations": [
            dict(zip(("claim", "type", "other", "rationale"), edge, strict=True))
            for edge in touching[:MAX_RELATIONS]
        ],
    }


def _presence(in_first: bool, in_second: bool) -> str:
    if in_first and in_second:
        return "both"
    return "only_from" if in_first else "only_to"


def comparison_page(store: Store, query: ParsedQuery) -> Body:
    """A page of a comparison."""
    values = query.values
    found = compare_occasions(
        store, values["from"], values["to"], values["cursor"], values["limit"]
    )
    meta = {
        "total": found.total,
        "limit": values["limit"],
        "next_cursor": found.next_cursor,
        "from": found.first,
        "to": found.second,
        "dataset": stamp(store.dataset),
    }
    links = query.links(cursor=found.next_cursor)
    content = canonical({"data": found.rows, "meta": meta, "links": links})
    return Body(content, links["next"])
