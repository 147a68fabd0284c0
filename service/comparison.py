"""Two occasions side by side: by topic, restatements folded, with the relations between them.

A topic without claims on one side is called absent from the record, never dropped: that nothing was
recorded is no evidence about the goals that were announced.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.dataset import Page
from schemas.filters import ServedClaim
from schemas.query import ClaimQuery
from service.formats.envelopes import Body, ParsedQuery, list_page
from service.store.dataset_format import canonical
from service.store.protocol import Store

MAX_CLAIMS = 25
"""Claims listed of one occasion on one topic, and restatements listed with each of them."""
MAX_RELATIONS = 100
"""Relations listed on one topic."""
MAX_IDS = 500
"""Claims asked for by one question to the store."""
_PRESENCE = {(True, True): "both", (True, False): "only_from", (False, True): "only_to"}

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
    sides = one, other = OccasionClaims(store, first), OccasionClaims(store, second)
    topics = sorted(one.on_topic.keys() | other.on_topic.keys())
    after = [topic for topic in topics if cursor is None or topic > cursor]
    page = after[:limit]
    for side in sides:
        side.read(page)
    edges = _edges(one, other)
    names = store.vocabularies["topics"]
    rows = [_row({"id": topic, "name": names.name(topic)}, one, other, edges) for topic in page]
    following = page[-1] if len(after) > limit else None
    return Comparison(one.summary(), other.summary(), rows, len(topics), following)


def comparison_page(query: ParsedQuery, store: Store) -> Body:
    """A page of a comparison."""
    values = query.values
    ends = values["from"], values["to"]
    compared = compare_occasions(store, *ends, values["cursor"], values["limit"])
    page = Page([*map(canonical, compared.rows)], compared.total, compared.next_cursor)
    return list_page(page, query, store, **{"from": compared.first, "to": compared.second})


class OccasionClaims:
    """The claims of one occasion: counted on every topic, and read for the topics of a page."""

    def __init__(self, store: Store, occasion: str) -> None:
        self._store, self._occasion = store, occasion
        self._total, self.on_topic = self._count(distinct=False)
        self._distinct, self._distinct_on_topic = self._count(distinct=True)
        self._listed: dict[str, list[ServedClaim]] = {}
        self.claims: dict[str, ServedClaim] = {}
        self._restated_by: defaultdict[str, list[str]] = defaultdict(list)

    def _count(self, *, distinct: bool) -> tuple[int, dict[str, int]]:
        query = ClaimQuery(occasion=(self._occasion,), distinct=distinct)
        counts = self._store.counts(query, ("topic",))
        return counts.total, {g.keys[0]: g.count for g in counts.groups if g.keys[0] is not None}

    def _search(self, **filters: Any) -> list[ServedClaim]:
        query = ClaimQuery(occasion=(self._occasion,), **filters)
        return [json.loads(body) for body in self._store.search(query).bodies]

    def read(self, topics: Iterable[str]) -> None:
        """Reads the claims to list on some topics, and what restates them."""
        for topic in topics:
            listed = []
            if topic in self._distinct_on_topic:
                listed = self._search(topic=(topic,), distinct=True, limit=MAX_CLAIMS)
            self._listed[topic] = listed
            self.claims |= {claim["id"]: claim for claim in listed}
        self._follow_restatements()

    def _follow_restatements(self) -> None:
        """Finds the claims of this occasion that restate a listed one, directly or in steps.

        Restatements lead in no circle, and each claim gets so many at most.
        """
        newest = [(identifier, identifier) for identifier in self.claims]
        while newest:
            steps = [(root, other) for root, claim in newest for other in self._restating(claim)]
            self.claims |= self.find(other for _, other in steps)
            newest = []
            for root, other in steps:
                named = self._restated_by[root]
                if other in self.claims and other not in named and len(named) < MAX_CLAIMS:
                    named.append(other)
                    newest.append((root, other))

    def _restating(self, identifier: str) -> list[str]:
        related = self.claims[identifier]["related_from"]
        return [each["claim"] for each in related if each["type"] == "restates"][:MAX_CLAIMS]

    def find(self, identifiers: Iterable[str]) -> dict[str, ServedClaim]:
        """By id, those of some claims that belong to the occasion."""
        ids = sorted(set(identifiers))
        slices = [tuple(ids[start : start + MAX_IDS]) for start in range(0, len(ids), MAX_IDS)]
        return {
            claim["id"]: claim
            for part in slices
            for claim in self._search(id=part, limit=len(part))
        }

    def related(self) -> Iterator[str]:
        """The other end of every relation of a claim read here."""
        for claim in self.claims.values():
            for relation in (*claim["relations"], *claim["related_from"]):
                yield relation["claim"]

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
            "claims": [
                {
                    **{key: claim[key] for key in ("id", "statement", "kind", "goal")},
                    "speaker": claim["sources"][0]["agent"],
                    "restated_by": sorted(self._restated_by[claim["id"]]),
                }
                for claim in self._listed[topic]
            ],
        }

    def ids_on(self, topic: str) -> Iterator[str]:
        """The claims listed on a topic, and those that restate them."""
        for claim in self._listed[topic]:
            yield claim["id"]
            yield from self._restated_by[claim["id"]]


def _edges(one: OccasionClaims, other: OccasionClaims) -> Mapping[str, set[Edge]]:
    """By the id of either end, the relations between a claim read here and the other occasion."""
    first = one.claims | one.find(other.related())
    second = other.claims | other.find(one.related())
    edges: defaultdict[str, set[Edge]] = defaultdict(set)
    for sources, targets in ((first, second), (second, first)):
        for source, claim in sources.items():
            for relation in claim["relations"]:
                target = relation["claim"]
                if target in targets:
                    edge = (source, relation["type"], target, relation["rationale"])
                    edges[source].add(edge)
                    edges[target].add(edge)
    return edges


def _row(
    topic: dict[str, Any],
    first: OccasionClaims,
    second: OccasionClaims,
    edges: Mapping[str, set[Edge]],
) -> dict[str, Any]:
    """One topic (ComparedTopic)."""
    name = topic["id"]
    ids = (*first.ids_on(name), *second.ids_on(name))
    relations = sorted({edge for identifier in ids for edge in edges.get(identifier, ())})
    return {
        "topic": topic,
        "presence": _PRESENCE[name in first.on_topic, name in second.on_topic],
        "from": first.topic_summary(name),
        "to": second.topic_summary(name),
        "relation_count": len(relations),
        "relations": [
            dict(zip(("claim", "type", "other", "rationale"), edge, strict=True))
            for edge in relations[:MAX_RELATIONS]
        ],
    }
