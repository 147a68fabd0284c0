"""A page of claims: what the cluster is asked for it, and what its answer tells."""

from __future__ import annotations

from schemas.query import ClaimQuery
from schemas.records.dataset import Page
from service.store.opensearch.door import JsonObject
from service.store.opensearch.mapping import BODY, signed, unsigned
from service.store.opensearch.matching import matching
from service.store.protocol import RELEVANCE_WINDOW
from service.store.search.index_fields import SORT_KEYS

_RANKED: list[JsonObject] = [{"_score": "desc"}, {SORT_KEYS["-announced"]: "asc"}]
"""By relevance, of equals as the default order has them."""


def page_body(query: ClaimQuery) -> JsonObject:
    """The search for a page, and for one claim more, which tells whether another page follows."""
    start = 0 if query.cursor is None else int(query.cursor, 16)
    body: JsonObject = {"query": matching(query)}
    if query.order == "relevance":
        first = min(start, RELEVANCE_WINDOW)
        size = min(query.limit, RELEVANCE_WINDOW - first)
        return {**body, "sort": _RANKED, "from": first if size else 0, "size": size}
    body |= {"sort": [{SORT_KEYS[query.order]: "asc"}], "size": query.limit + 1}
    return {**body, "search_after": [signed(start)]} if start else body


def page_from(query: ClaimQuery, answer: JsonObject) -> Page:
    """The page that an answer to ``page_body`` holds."""
    hits, total = answer["hits"].get("hits", []), answer["hits"]["total"]["value"]
    shown = hits[: query.limit]
    bodies = [*map(claim_of, shown)]
    if query.order == "relevance":
        start = 0 if query.cursor is None else int(query.cursor, 16)
        end = start + len(bodies)
        more = bool(bodies) and end < min(total, RELEVANCE_WINDOW)
        return Page(bodies, total, f"{end:016x}" if more else None)
    more = len(hits) > query.limit
    return Page(bodies, total, f"{unsigned(shown[-1]['sort'][0]):016x}" if more else None)


def claim_of(hit: JsonObject) -> bytes:
    """The canonical bytes of a claim that was found."""
    body: str = hit["_source"][BODY]
    return body.encode()
