"""Two occasions side by side: by topic, restatements folded, with the relations between them.

A topic is called absent only where the record holds nothing of an occasion on it, nor on a broader
or narrower one, whatever claims were selected; and never where there is no such occasion. That
nothing was recorded is no evidence about the goals that were announced.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import orjson

from schemas.filter_kinds import ServedClaim, ServedRecord, ServedRecords
from schemas.filters import with_broader
from schemas.query import ClaimQuery
from schemas.records.claim import standing
from schemas.records.dataset import Counts, Page
from service.comparison.occasion import Json, OccasionClaims
from service.store.protocol import Store

_PAGE = 1_000
"""Claims of one search; the first is made together with the counts."""
MAX_RELATIONS = 100
"""Relations listed on one topic."""
SIDES = ("from", "to")
"""The parameters that name the two occasions, and the keys under which an answer describes them."""
_EDGE = ("claim", "type", "other", "rationale")
_PRESENCE = {(True, True): "both", (True, False): "only_from", (False, True): "only_to"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Some topics of two occasions, out of ``total``.

    ``first``, ``second``, ``rows`` and ``other_relations`` (those of no row) are as the contract
    has them (ComparedOccasion, ComparedTopic, ComparedRelation). ``standings``
    says by id of the claims that rest on a corrected or a retracted document that they do.
    """

    first: Json
    second: Json
    rows: list[Json]
    total: int
    next_cursor: str | None
    relation_count: int
    other_relations: list[Json]
    standings: dict[str, list[str]]


def compare_occasions(
    store: Store,
    first: str,
    second: str,
    cursor: str | None = None,
    limit: int = 100,
    query: ClaimQuery | None = None,
) -> Comparison:
    """The topics of two occasions in id order, at most ``limit`` after the one in ``cursor``.

    ``query`` selects the claims to compare, all by default; its occasion, order and page have no
    effect. An id that names no occasion has no claims.
    """
    pair = Pair(store, first, second, query or ClaimQuery())
    after = [topic for topic in pair.topics if cursor is None or topic > cursor]
    page = after[:limit]
    return Comparison(
        first=pair.sides[0].summary(),
        second=pair.sides[1].summary(),
        rows=[pair.row(topic) for topic in page],
        total=len(pair.topics),
        next_cursor=page[-1] if len(after) > limit else None,
        relation_count=sum(map(len, pair.relations.values())),
        other_relations=pair.relations.get(None, []),
        standings={
            claim: statuses
            for side in pair.sides
            for claim, record in side.claims.items()
            if (statuses := standing(record))
        },
    )


class Pair:
    """Two occasions: the topics of their selected claims, and the relations between them by the
    topic under which each is listed; ``None`` where both claims have no topic with a row.
    """

    def __init__(self, store: Store, first: str, second: str, query: ClaimQuery) -> None:
        occasions = tuple(sorted({first, second}))
        selection: Json = {"occasion": occasions, "sort": "-announced", "cursor": None}
        query = replace(query, **selection, limit=_PAGE)
        counted = ClaimQuery(occasion=occasions), ("occasion", "topic_exact")
        (page,), (counts,) = store.answers([query], [counted])
        claims = [*map(orjson.loads, _walk(store, query, page))]
        recorded = _recorded_topics(counts)
        used = {topic["id"] for claim in claims for topic in claim["topics"]}
        used = used.union(*recorded.values())
        records: ServedRecords = {"topics": _with_broader_records(store, used)}
        self._names = store.vocabularies["topics"].names(used)
        names = store.vocabularies["occasions"].names(occasions)
        by_id = {
            one: OccasionClaims(one, names.get(one), recorded[one], records) for one in occasions
        }
        for claim in claims:
            by_id[claim["occasion"]["id"]].add(claim)
        self.sides = by_id[first], by_id[second]
        self.topics = [
            topic
            for topic in sorted(set[str]().union(*(side.on_topic for side in self.sides)))
            if _is_selected(topic, query, with_broader(records, topic))
        ]
        self.relations: defaultdict[str | None, list[Json]] = defaultdict(list)
        self._elsewhere: Counter[str] = Counter()
        self._list_relations()

    def _list_relations(self) -> None:
        """Lists each relation under one topic, and counts it under the others that have a row."""
        rows = set(self.topics)
        by_key = {tuple(one[key] for key in _EDGE): one for one in self._between()}
        for _, relation in sorted(by_key.items()):
            first, *others = [each for each in relation["topics"] if each in rows] or [None]
            self.relations[first].append(relation)
            self._elsewhere.update(others)

    def _between(self) -> Iterator[Json]:
        """The relations from a claim of one occasion to one of the other (ComparedRelation)."""
        for here, there in (self.sides, self.sides[::-1]):
            for claim in here.claims.values():
                for relation in claim["relations"]:
                    other = there.claims.get(relation["claim"])
                    if other is not None:
                        yield {
                            "claim": claim["id"],
                            "type": relation["type"],
                            "other": other["id"],
                            "rationale": relation["rationale"],
                            "topics": sorted(_topics(claim) & _topics(other)),
                        }

    def topic_name(self, topic: str) -> str | None:
        return self._names.get(topic)

    def presence(self, topic: str) -> str | None:
        """Of which occasions the record holds claims on a topic or near it (Presence)."""
        records = [side.record(topic) for side in self.sides]
        if "no_such_occasion" in records:
            return None
        return _PRESENCE[records[0] != "absent", records[1] != "absent"]

    def row(self, topic: str) -> Json:
        """One topic (ComparedTopic)."""
        relations = self.relations.get(topic, [])
        return {
            "topic": {"id": topic, "name": self.topic_name(topic)},
            "presence": self.presence(topic),
            **{name: side.on(topic) for name, side in zip(SIDES, self.sides, strict=True)},
            "relation_count": len(relations),
            "relations_elsewhere": self._elsewhere[topic],
            "relations": relations[:MAX_RELATIONS],
        }


def _topics(claim: ServedClaim) -> set[str]:
    return {topic["id"] for topic in claim["topics"]}


def _walk(store: Store, query: ClaimQuery, page: Page) -> Iterator[bytes]:
    """Every claim that a query asks for, from its first page on."""
    yield from page.bodies
    while page.next_cursor is not None:
        page = store.search(replace(query, cursor=page.next_cursor))
        yield from page.bodies


def _with_broader_records(store: Store, topics: set[str]) -> dict[str, ServedRecord]:
    """The records of topics and of all that are broader, by id; a level of them at a time."""
    records: dict[str, ServedRecord] = {}
    while topics:
        level = store.vocabularies["topics"].records(topics)
        records |= level
        topics = {r["broader"]["id"] for r in level.values() if r["broader"]} - records.keys()
    return records


def _recorded_topics(counts: Counts) -> Mapping[str | None, set[str]]:
    """By occasion, the topics that any claim of it has, from their counts together."""
    topics: defaultdict[str | None, set[str]] = defaultdict(set)
    for occasion, topic in (group.keys for group in counts.groups):
        if topic is not None:
            topics[occasion].add(topic)
    return topics


def _is_selected(topic: str, query: ClaimQuery, broader: Iterable[str]) -> bool:
    """Whether the filters on topics, if there are any, let a row be about this one."""
    within = not query.topic or not set(query.topic).isdisjoint(broader)
    return within and (not query.topic_exact or topic in query.topic_exact)
