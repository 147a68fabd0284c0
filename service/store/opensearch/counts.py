"""How many claims fall into each group: one dimension or two, however many groups there are."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.query import ClaimQuery
from schemas.records.dataset import Counts, Group
from service.store.opensearch.door import Door, JsonObject
from service.store.opensearch.matching import matching
from service.store.protocol import Counted
from service.store.search.index_fields import NO_VALUE
from service.store.search.open_years import Ends, Groups, ends, flags, merged

MAX_VALUES = 1_000
"""Values of a dimension that are counted at once. Where there are more the engine says so
(``sum_other_doc_count``), and they are counted page by page."""
PAGE_OF_GROUPS = 20_000
"""Each page looks at every claim that matches. The engine allows 65,535."""


def bodies_of(counted: Counted) -> list[JsonObject]:
    """The searches that count: one for each way of being open at an end, the first of which has
    the total too; where counting demands more than the query, one more for the total.
    """
    query, by = counted
    bodies = [{**_body(query, by, way), "aggs": _terms(by)} for way in ends(by)]
    total = {"size": 0, "query": matching(query)}
    return bodies if total["query"] == bodies[0]["query"] else [*bodies, total]


def _body(query: ClaimQuery, by: tuple[str, ...], way: Ends) -> JsonObject:
    return {"size": 0, "query": matching(query, by, flags(by, way))}


def _terms(by: tuple[str, ...]) -> JsonObject:
    name, *others = by
    counted: JsonObject = {"terms": {"field": name, "size": MAX_VALUES}}
    return {"groups": {**counted, "aggs": _terms(tuple(others))} if others else counted}


def counts_of(
    counted: Counted, index: str, door: Door, answers: Sequence[JsonObject] | None
) -> Counts:
    """The counts, from the answers to ``bodies_of``; of what they do not hold whole, or where there
    are none, page by page.
    """
    query, by = counted
    ways = ends(by)
    if answers is None:
        total = door.searches(index, [{"size": 0, "query": matching(query)}])
        answers = [*({} for _ in ways), *total]
    found = []
    for way, answer in zip(ways, answers, strict=False):
        terms = answer.get("aggregations", {}).get("groups")
        if terms is None or not _is_whole(terms, by):
            found.append((way, _by_pages(_body(query, by, way), by, index, door)))
        else:
            found.append((way, _groups(terms, by)))
    groups = [
        Group(tuple(None if key == NO_VALUE else key for key in keys), count)
        for keys, count in merged(by, found)
    ]
    last = answers[-1] if len(answers) > len(ways) else answers[0]
    return Counts(sorted(groups, key=_largest_first), last["hits"]["total"]["value"])


def _is_whole(terms: JsonObject, by: tuple[str, ...]) -> bool:
    """Whether no group was left out, on the whole and within each group."""
    inner = (bucket["groups"] for bucket in terms["buckets"]) if by[1:] else ()
    return not terms["sum_other_doc_count"] and all(_is_whole(each, by[1:]) for each in inner)


def _groups(terms: JsonObject, by: tuple[str, ...]) -> Groups:
    if not by[1:]:
        return [((bucket["key"],), bucket["doc_count"]) for bucket in terms["buckets"]]
    return [
        ((bucket["key"], *keys), count)
        for bucket in terms["buckets"]
        for keys, count in _groups(bucket["groups"], by[1:])
    ]


def _by_pages(body: JsonObject, by: tuple[str, ...], index: str, door: Door) -> Groups:
    groups: Groups = []
    sources = [{f"key{place}": {"terms": {"field": name}}} for place, name in enumerate(by)]
    composite: JsonObject = {"size": PAGE_OF_GROUPS, "sources": sources}
    while True:
        (answer,) = door.searches(index, [{**body, "aggs": {"groups": {"composite": composite}}}])
        found = answer["aggregations"]["groups"]
        groups += [(tuple(one["key"].values()), one["doc_count"]) for one in found["buckets"]]
        if "after_key" not in found:
            return groups
        composite = {**composite, "after": found["after_key"]}


def _largest_first(group: Group) -> tuple[object, ...]:
    """Count descending, then the keys, groups without a value last."""
    return (-group.count, [(key is None, key or "") for key in group.keys])
