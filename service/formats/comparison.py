"""Two occasions side by side, as a page of topics and as a CSV file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from schemas.filter_kinds import ServedClaim
from schemas.records.dataset import Page
from schemas.tables.on_request import COMPARISON
from service.comparison import MAX_RELATIONS, SIDES, Pair, compare_occasions
from service.comparison.occasion import Json, OccasionClaims
from service.formats.envelopes import Body, ParsedQuery, list_page
from service.formats.tables import csv_chunks
from service.formats.unknown import unknown_values
from service.store.dataset_format import canonical
from service.store.protocol import Store

_NO_TOPIC = dict.fromkeys(("topic", "topic_name", "presence", "other_side"))


def comparison_page(query: ParsedQuery, store: Store) -> Body:
    """A page of a comparison."""
    values = query.values
    ends = values["from"], values["to"]
    compared = compare_occasions(store, *ends, values["cursor"], values["limit"], query.claims)
    page = Page([*map(canonical, compared.rows)], compared.total, compared.next_cursor)
    meta = {
        "from": compared.first,
        "to": compared.second,
        "relation_count": compared.relation_count,
        "other_relation_count": len(compared.other_relations),
        "other_relations": compared.other_relations[:MAX_RELATIONS],
        "unknown": unknown_values(values, store),
    }
    return list_page(page, query, store, **meta)


def comparison_table(query: ParsedQuery, store: Store) -> Body:
    """A comparison as CSV, whole."""
    values = query.values

    def make() -> bytes:
        pair = Pair(store, values["from"], values["to"], query.claims)
        return b"".join(csv_chunks(COMPARISON, _lines(pair), values["excel"]))

    return Body(make)


def _lines(pair: Pair) -> Iterator[Json]:
    """What each row of the CSV file tells: a claim under a topic, a relation that it states."""
    for topic in pair.topics:
        stated = _by_claim(pair.relations.get(topic, []))
        about = {
            "topic": topic,
            "topic_name": pair.topic_name(topic),
            "presence": pair.presence(topic),
        }
        for name, side, facing in _facing(pair):
            about |= {"side": name, "occasion": side.id, "other_side": facing.record(topic)}
            for claim in side.on_topic.get(topic, ()):
                for relation in stated.pop(claim["id"], [None]):
                    yield {**about, **_line(pair, claim, relation)}
    others = _by_claim(pair.relations.get(None, []))
    for name, side, _ in _facing(pair):
        for identifier in sorted(others.keys() & side.claims.keys()):
            for relation in others.pop(identifier):
                line = _line(pair, side.claims[identifier], relation)
                yield {**_NO_TOPIC, "side": name, "occasion": side.id, **line}


def _facing(pair: Pair) -> Iterator[tuple[str, OccasionClaims, OccasionClaims]]:
    """Each side: the parameter that names it, itself and the other one."""
    return zip(SIDES, pair.sides, pair.sides[::-1], strict=True)


def _line(pair: Pair, claim: ServedClaim, relation: Json | None) -> Json:
    """A claim, a relation that it states, and the claim at the other end of that."""
    other = relation and relation["other"]
    ends = (side.claims[other] for side in pair.sides if other in side.claims)
    return {"claim": claim, "relation": relation, "other": next(ends, None)}


def _by_claim(relations: Iterable[Json]) -> dict[str, list[Json]]:
    """Relations by the claim that states them."""
    stated: defaultdict[str, list[Json]] = defaultdict(list)
    for relation in relations:
        stated[relation["claim"]].append(relation)
    return stated
