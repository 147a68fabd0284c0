"""From answers of the store to bytes: JSON envelopes and whole exports. No Flask."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from schemas.change import served_change
from schemas.dataset import DatasetInfo, Export, Page, Vocabulary
from schemas.filters import vocabulary_of
from schemas.parameters import Parameters, query_text, read_parameters
from schemas.query import ClaimQuery, claim_query
from service.formats.tables import Table
from service.store.dataset_format import canonical
from service.store.protocol import Store

CSV = "text/csv; charset=utf-8; header=present"
NDJSON = "application/x-ndjson"
JSON = "application/json"
JSON_LD = "application/ld+json"
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
MAX_BUFFERED_BYTES = 1024 * 1024
"""Bytes up to which a CSV file is made before it is sent, so that its length is known."""
_CHUNK_BYTES = 256 * 1024

Link = Callable[[str, str], str]
"""Makes an address within the service of a path and a query string."""


@dataclass(frozen=True, slots=True)
class Body:
    """The content of an answer; of a stream also its ``size`` in bytes.

    Without a ``size`` a stream is sent in chunks (RFC 9112, section 7.1).
    ``next_page`` is the address of the page that follows, if one does.
    """

    content: bytes | Iterator[bytes]
    next_page: str | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """The parameters of one request; ``text`` is the canonical query string."""

    path: str
    values: dict[str, Any]
    text: str
    schema: Parameters
    link: Link

    @classmethod
    def read(cls, path: str, query_string: bytes, schema: Parameters, link: Link) -> ParsedQuery:
        """Reads a query string strictly. Raises ``QueryRefused``."""
        values = read_parameters(query_string, schema)
        return cls(path, values, query_text(values, schema), schema, link)

    @property
    def claims(self) -> ClaimQuery:
        """Which claims are asked for."""
        return claim_query(self.values)

    def links(self, **following: Any) -> dict[str, str | None]:
        """The addresses of this page and of the next: the same query but for some values, or
        ``None`` when one of them is.
        """
        next_page = None
        if None not in following.values():
            text = query_text({**self.values, **following}, self.schema)
            next_page = self.link(self.path, text)
        return {"self": self.link(self.path, self.text), "next": next_page}


def stamp(dataset: DatasetInfo) -> dict[str, str]:
    """Which data set an answer comes from."""
    return {"version": dataset.version, "built_at": dataset.built_at}


def single(body: bytes, dataset: DatasetInfo) -> Body:
    """One record that is canonical JSON already."""
    return Body(b'{"data":%b,"meta":%b}' % (body, canonical({"dataset": stamp(dataset)})))


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


def page_of(rows: list[Any], meta: dict[str, Any], links: dict[str, Any], store: Store) -> Body:
    """A page of records that are made for it."""
    meta = {**meta, "dataset": stamp(store.dataset)}
    return Body(canonical({"data": rows, "meta": meta, "links": links}), links.get("next"))


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

    def name(key: str | None, dimension: str) -> str | None:
        vocabulary = vocabulary_of(dimension)
        if key is None or vocabulary is None:
            return key
        return store.vocabularies[vocabulary].name(key)

    by = query.values["by"]
    counts = store.counts(query.claims, by)
    rows = []
    for group in counts.groups:
        names = map(name, group.keys, by)
        (key, key2), (name1, name2) = [*group.keys, None][:2], [*names, None][:2]
        rows.append({"key": key, "name": name1, "key2": key2, "name2": name2, "count": group.count})
    return rows, counts.total


def counts_page(store: Store, query: ParsedQuery) -> Body:
    """Every group of a count, in one answer."""
    rows, total = count_rows(store, query)
    links = {"self": query.link(query.path, query.text)}
    return page_of(rows, {"by": query.values["by"], "total": total}, links, store)


def changes_page(store: Store, query: ParsedQuery, claim_id: str | None = None) -> Body:
    """A page of changes, of one claim or of all, as asked with ``since`` and ``limit``.

    Raises ``ClaimNotFound`` for an id that was never used.
    """
    since, limit = query.values["since"], query.values["limit"]
    changes = store.changes(since, limit, claim_id)
    rows = [served_change(*state) for state in changes.states]
    last = rows[-1]["seq"] if rows else since
    meta = {"total": changes.total, "limit": limit, "last_seq": last}
    return page_of(rows, meta, query.links(since=last if changes.more else None), store)


def dataset_record(
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


def claim_table(export: Export, table: Table, excel: bool) -> Body:
    """A CSV file over claims; its length is known if it is small."""
    chunks = table.chunks(map(orjson.loads, export.bodies), excel)
    first: list[bytes] = []
    for chunk in chunks:
        first.append(chunk)
        if sum(map(len, first)) > MAX_BUFFERED_BYTES:
            return Body(itertools.chain(first, chunks))
    return Body(b"".join(first))


def claim_lines(export: Export) -> Body:
    """Every claim on a line; the whole data set as it lies there, of which each chunk is copied
    when it is sent.
    """
    whole = export.verbatim
    if whole is not None:
        starts = range(0, len(whole), _CHUNK_BYTES)
        return Body((whole[at : at + _CHUNK_BYTES] for at in starts), size=len(whole))
    return Body(_joined(export.bodies), size=export.ndjson_bytes)


def _joined(bodies: Iterable[bytes]) -> Iterator[bytes]:
    """Lines in chunks worth a system call each."""
    chunk: list[bytes] = []
    size = 0
    for body in bodies:
        chunk += (body, b"\n")
        size += len(body) + 1
        if size >= _CHUNK_BYTES:
            yield b"".join(chunk)
            chunk.clear()
            size = 0
    yield b"".join(chunk)
