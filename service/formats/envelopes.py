"""From answers of the store to JSON: envelopes, pages of vocabularies, counts. No Flask."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from schemas.dataset import DatasetInfo, Page, Vocabulary
from schemas.filters import vocabulary_of
from service.formats.bodies import Body
from service.parsed_query import Link, ParsedQuery
from service.store.dataset_format import canonical
from service.store.protocol import Store

CSV = "text/csv; charset=utf-8; header=present"
NDJSON = "application/x-ndjson"
JSON = "application/json"
JSON_LD = "application/ld+json"


def stamp(dataset: DatasetInfo) -> dict[str, str]:
    """Which data set an answer comes from."""
    return {"version": dataset.version, "built_at": dataset.built_at}


def list_page(page: Page, query: ParsedQuery, dataset: DatasetInfo) -> Body:
    """A page of records that are canonical JSON already: joined, never parsed again."""
    links = query.links(cursor=page.next_cursor)
    meta = {
        "total": page.total,
        "limit": query.values["limit"],
        "next_cursor": page.next_cursor,
        "dataset": stamp(dataset),
    }
    parts = page.bodies[:] or [b""]
    parts[0] = b'{"data":[' + parts[0]
    parts[-1] += b'],"meta":%b,"links":%b}' % (canonical(meta), canonical(links))
    return Body(b",".join(parts), links["next"])  # the one copy that is made of all of it


def single(body: bytes, dataset: DatasetInfo) -> Body:
    """One record that is canonical JSON already."""
    return Body(b'{"data":%b,"meta":%b}' % (body, canonical({"dataset": stamp(dataset)})))


def vocabulary_page(vocabulary: Vocabulary, query: ParsedQuery, dataset: DatasetInfo) -> Body:
    """A page of a vocabulary in id order, after the id that ``cursor`` names."""
    ids, limit = list(vocabulary.records), query.values["limit"]
    start = bisect_right(ids, query.values["cursor"] or "")
    page = ids[start : start + limit]
    bodies = [canonical(vocabulary.records[identifier]) for identifier in page]
    following = page[-1] if start + limit < len(ids) else None
    return list_page(Page(bodies, len(ids), following), query, dataset)


def count_rows(store: Store, query: ParsedQuery) -> tuple[list[dict[str, Any]], int]:
    """Flat rows with the same keys whether one dimension was asked for or two; and the total."""
    by = query.values["by"]
    counts = store.counts(query.claims, by)
    rows = []
    for group in counts.groups:
        names = [
            _name(key, dimension, store.vocabularies)
            for key, dimension in zip(group.keys, by, strict=True)
        ]
        (key, key2), (name, name2) = [*group.keys, None][:2], [*names, None][:2]
        rows.append({"key": key, "name": name, "key2": key2, "name2": name2, "count": group.count})
    return rows, counts.total


def _name(key: str | None, dimension: str, vocabularies: Mapping[str, Vocabulary]) -> str | None:
    vocabulary = vocabulary_of(dimension)
    if key is None or vocabulary is None:
        return key
    return vocabularies[vocabulary].name(key)


def counts_page(store: Store, query: ParsedQuery) -> Body:
    """Every group of a count, in one answer."""
    rows, total = count_rows(store, query)
    meta = {"by": list(query.values["by"]), "total": total, "dataset": stamp(store.dataset)}
    links = {"self": query.link(query.path, query.text)}
    return Body(canonical({"data": rows, "meta": meta, "links": links}))


EXPORTS = (
    ("claims.csv", "text/csv", "/v1/claims.csv"),
    ("claims.ndjson", NDJSON, "/v1/claims.ndjson"),
    ("quotes.csv", "text/csv", "/v1/quotes.csv"),
)
LICENCES = {
    "code": "MIT",
    "data": "CC-BY-4.0",
    "quotations": "Quotations remain their authors'; they are reproduced for citation alone.",
}


def about(
    dataset: DatasetInfo, service_version: str, codebook_version: str, link: Link
) -> dict[str, Any]:
    """The data set as a resource: which one, how large, under which terms, where to get it."""
    return {
        "version": dataset.version,
        "digest": dataset.digest,
        "schema_version": dataset.schema_version,
        "built_at": dataset.built_at,
        "service_version": service_version,
        "licence": LICENCES,
        "codebook": {"version": codebook_version, "link": link("/codebook", "")},
        "counts": dict(dataset.counts),
        "exports": [
            {"name": name, "media_type": media_type, "link": link(path, "")}
            for name, media_type, path in EXPORTS
        ],
    }
