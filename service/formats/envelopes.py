"""From answers of the store to JSON: envelopes, pages of vocabularies, counts. No Flask."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from schemas.dataset import DatasetInfo, Page, Vocabulary
from schemas.filters import vocabulary_of
from service.parsed_query import Asked, Link
from service.store.dataset_format import canonical
from service.store.protocol import Store

CSV = "text/csv; charset=utf-8; header=present"
NDJSON = "application/x-ndjson"
JSON = "application/json"
JSON_LD = "application/ld+json"

Answer = tuple[dict[str, Any], str | None]
"""A page that is still to be serialised, and the address of the next, if there is one."""


def stamp(dataset: DatasetInfo) -> dict[str, str]:
    """Which data set an answer comes from."""
    return {"version": dataset.version, "built_at": dataset.built_at}


def list_page(
    page: Page, limit: int, links: Mapping[str, str | None], dataset: DatasetInfo
) -> bytes:
    """A page of records that are canonical JSON already: joined, never parsed again."""
    meta = {
        "total": page.total,
        "limit": limit,
        "next_cursor": page.next_cursor,
        "dataset": stamp(dataset),
    }
    parts = page.bodies[:] or [b""]
    parts[0] = b'{"data":[' + parts[0]
    parts[-1] += b'],"meta":%b,"links":%b}' % (canonical(meta), canonical(links))
    return b",".join(parts)  # the one copy that is made of all of it


def single(body: bytes, dataset: DatasetInfo) -> bytes:
    """One record that is canonical JSON already."""
    return b'{"data":%b,"meta":%b}' % (body, canonical({"dataset": stamp(dataset)}))


def vocabulary_page(vocabulary: Vocabulary, limit: int, cursor: str | None) -> Page:
    """A page of a vocabulary in id order, after the id that ``cursor`` names."""
    ids = list(vocabulary.records)
    start = bisect_right(ids, cursor or "")
    page = ids[start : start + limit]
    bodies = [canonical(vocabulary.records[identifier]) for identifier in page]
    return Page(bodies, len(ids), page[-1] if start + limit < len(ids) else None)


def count_rows(store: Store, asked: Asked) -> tuple[list[dict[str, Any]], int]:
    """Flat rows with the same keys whether one dimension was asked for or two; and the total."""
    by = asked.values["by"]
    counts = store.counts(asked.query, by)
    rows = []
    for group in counts.groups:
        keys = [*group.keys, None][:2]
        named = [
            _name(key, along, store.vocabularies) for key, along in zip(group.keys, by, strict=True)
        ]
        names = [*named, None][:2]
        row = {"key": keys[0], "name": names[0], "key2": keys[1], "name2": names[1]}
        rows.append({**row, "count": group.count})
    return rows, counts.total


def _name(key: str | None, dimension: str, vocabularies: Mapping[str, Vocabulary]) -> str | None:
    vocabulary = vocabulary_of(dimension)
    if key is None or vocabulary is None:
        return key
    return vocabularies[vocabulary].name(key)


def counts_page(store: Store, asked: Asked) -> bytes:
    """Every group of a count, in one answer."""
    rows, total = count_rows(store, asked)
    meta = {"by": list(asked.values["by"]), "total": total, "dataset": stamp(store.dataset)}
    return canonical({"data": rows, "meta": meta, "links": {"self": asked.here}})


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
