"""From answers of the store to bytes: JSON envelopes and whole exports. No Flask."""

import itertools
import mmap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from schemas.filters import vocabulary_of
from schemas.parameters import Parameters, query_text
from schemas.query import ClaimQuery, claim_query
from schemas.records.dataset import Page
from schemas.tables.on_request import COUNTS, tidy_counts
from service import __version__
from service.contract import codebook_version
from service.formats.tables import csv_chunks
from service.formats.unknown import unknown_values
from service.store.dataset_format import canonical
from service.store.protocol import Store

CSV = "text/csv; charset=utf-8; header=present"
NDJSON = "application/x-ndjson"
JSON = "application/json"
JSON_LD = "application/ld+json"
GZIP = "application/gzip"
PARQUET = "application/vnd.apache.parquet"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA_TYPES = {"csv": CSV, "ndjson": NDJSON, "gz": GZIP, "parquet": PARQUET, "xlsx": XLSX}
"""Of exports, by how their names end."""


def file_type(name: str) -> str:
    """The media type of a file, by how its name ends."""
    return MEDIA_TYPES.get(name.rpartition(".")[2], JSON)


WHOLE_FILES = ("claims.csv.gz", "claims.ndjson.gz", "quotes.csv.gz", "claims.parquet")
"""Exports that are made when the data set is built, and handed out without any filter."""
_MADE_ON_REQUEST = (
    "claims.csv",
    "claims.ndjson",
    "quotes.csv",
    "sources.csv",
    "relations.csv",
    "claims.xlsx",
)
EXPORTS = tuple(
    (name, file_type(name).partition(";")[0], f"/v1/{name}")
    for name in (*_MADE_ON_REQUEST, *WHOLE_FILES)
)
"""Name, media type and path of each form in which all claims can be had."""
CODE_LICENCE = "MIT"
QUOTATIONS = "Quotations remain their authors'; they are reproduced for citation alone."
MAX_BUFFERED_BYTES = 1024 * 1024
"""Bytes up to which a CSV file is made before it is sent, so that its length is known."""

Link = Callable[[str, str], str]
"""Makes an address within the service of a path and a query string."""


Content = bytes | mmap.mmap | Iterator[bytes]


@dataclass(frozen=True, slots=True)
class Body:
    """The content of an answer, or what makes it; of a stream also its ``size`` in bytes.

    A stream without a ``size`` is sent whole if it is small, else in chunks (RFC 9112, section
    7.1).
    ``next_page`` is the address of the page that follows, if one does; ``cite_as`` the one by which
    the record is cited.
    """

    content: Content | Callable[[], Content]
    next_page: str | None = None
    size: int | None = None
    cite_as: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """The parameters of one request; ``text`` is the canonical query string."""

    path: str
    values: dict[str, Any]
    text: str
    schema: Parameters
    link: Link

    @property
    def claims(self) -> ClaimQuery:
        """Which claims are asked for."""
        return claim_query(self.values)

    def links(self, **following: Any) -> dict[str, str | None]:
        """The addresses of this page and, if it is one of several, of the next: the same query but
        for some values, or ``None`` when one of them is.
        """
        links: dict[str, str | None] = {"self": self.link(self.path, self.text)}
        if None in following.values():
            links["next"] = None
        elif following:
            text = query_text({**self.values, **following}, self.schema)
            links["next"] = self.link(self.path, text)
        return links


def stamp(store: Store) -> dict[str, str]:
    """Which data set an answer comes from."""
    return {"version": store.dataset.version, "built_at": store.dataset.built_at}


def single(body: bytes, store: Store) -> Body:
    """One record that is canonical JSON already."""
    return Body(b'{"data":%b,"meta":%b}' % (body, canonical({"dataset": stamp(store)})))


def page_of(
    bodies: list[bytes], meta: dict[str, Any], query: ParsedQuery, store: Store, **following: Any
) -> Body:
    """A page of records that are canonical JSON already: joined, never parsed again.

    ``following`` are the values of the query for the next page, if the answer has pages.
    """
    links = query.links(**following)
    meta = {**meta, "dataset": stamp(store)}
    parts = bodies[:] or [b""]
    parts[0] = b'{"data":[' + parts[0]
    parts[-1] += b'],"meta":%b,"links":%b}' % (canonical(meta), canonical(links))
    return Body(b",".join(parts), links.get("next"))  # the one copy that is made of all of it


def list_page(page: Page, query: ParsedQuery, store: Store, **meta: Any) -> Body:
    """A page of a list that goes on at a cursor."""
    cursor = page.next_cursor
    meta = {"total": page.total, "limit": query.values["limit"], "next_cursor": cursor, **meta}
    return page_of(page.bodies, meta, query, store, cursor=cursor)


def claims_page(query: ParsedQuery, store: Store) -> Body:
    unknown = unknown_values(query.values, store)
    return list_page(store.search(query.claims), query, store, unknown=unknown)


def claim_record(query: ParsedQuery, store: Store, claim: str) -> Body:
    cite_as = query.link(f"/claims/{claim}", "")
    return replace(single(store.get(claim), store), cite_as=cite_as)


def vocabulary_page(name: str, query: ParsedQuery, store: Store) -> Body:
    """A page of a vocabulary in id order, after the id that ``cursor`` names."""
    vocabulary, limit = store.vocabularies[name], query.values["limit"]
    records = vocabulary.page(query.values["cursor"] or "", limit + 1)
    following = records[limit - 1]["id"] if len(records) > limit else None
    bodies = [canonical(record) for record in records[:limit]]
    return list_page(Page(bodies, len(vocabulary), following), query, store)


def count_rows(query: ParsedQuery, store: Store) -> tuple[list[dict[str, Any]], int]:
    """Flat rows with the same keys whether one dimension was asked for or two; and the total."""
    by = query.values["by"]
    counts = store.counts(query.claims, by)
    columns = zip(*(group.keys for group in counts.groups), strict=True)
    names = [_names(dimension, keys, store) for dimension, keys in zip(by, columns, strict=False)]
    rows = []
    for group in counts.groups:
        cells: list[str | int | None] = []
        for key, named in zip(group.keys, names, strict=True):
            cells += [key, named.get(key)]
        cells += [None, None] * (2 - len(by))
        rows.append(dict(zip(COUNTS.header, [*cells, group.count], strict=True)))
    return rows, counts.total


def _names(
    dimension: str, keys: Iterable[str | None], store: Store
) -> Mapping[str | None, str | None]:
    """What the groups along a dimension are called: as the records are, else by their keys."""
    distinct = {key for key in keys if key is not None}
    vocabulary = vocabulary_of(dimension)
    names = store.vocabularies[vocabulary].names(distinct) if vocabulary else {}
    return {key: names.get(key) if vocabulary else key for key in distinct}


_UNITS = {
    (False, False): "claims, restatements among them",
    (False, True): "claims that restate no other",
    (True, False): "claims that announce a goal, restatements among them",
    (True, True): "distinct goals, that is claims that announce a goal and restate no other",
}
"""What is counted (codebook, "What a count counts"), by ``goals_only`` and ``distinct``."""


def counts_page(query: ParsedQuery, store: Store) -> Body:
    """Every group of a count, in one answer."""
    rows, total = count_rows(query, store)
    unknown = unknown_values(query.values, store)
    by, unit = query.values["by"], _UNITS[query.claims.goals_only, query.claims.distinct]
    meta = {"by": by, "unit": unit, "total": total, "unknown": unknown}
    # Written at once: of 100,000 rows written one by one, each would keep far more than its bytes.
    return page_of([canonical(rows)[1:-1]], meta, query, store)


def counts_table(query: ParsedQuery, store: Store) -> Body:
    """The same as CSV; ``tidy`` has the names of the dimensions for heads."""
    table = tidy_counts(query.values["by"]) if query.values["tidy"] else COUNTS

    def make() -> bytes:
        rows, _ = count_rows(query, store)
        return b"".join(csv_chunks(table, rows, query.values["excel"]))

    return Body(make)


def exports_of(store: Store) -> list[tuple[str, str, str]]:
    """Those of ``EXPORTS`` that a data set has."""
    return [each for each in EXPORTS if each[0] not in WHOLE_FILES or each[0] in store.files]


def dataset_record(query: ParsedQuery, store: Store) -> Body:
    """The data set as a resource: which one, how large, under which terms, where to get it."""
    dataset, link = store.dataset, query.link
    about = dataset.about
    texts = ("id", "title", "description", "publisher", "contact", "attribution", "homepage")
    record = {
        **{key: getattr(about, key) for key in texts},
        "languages": about.languages,
        "version": dataset.version,
        "digest": dataset.digest,
        "schema_version": dataset.schema_version,
        "built_at": dataset.built_at,
        "feed": asdict(dataset.feed),
        "service_version": __version__,
        "licence": {"code": CODE_LICENCE, "data": about.licence, "quotations": QUOTATIONS},
        "codebook": {"version": codebook_version(about), "link": link("/codebook", "")},
        "agreement": about.agreement,
        "origin_groups": about.origin_groups,
        "coverage": about.coverage,
        "verified": dataset.verified,
        "counts": dict(dataset.counts),
        "exports": [
            {"name": name, "media_type": media_type, "link": link(path, "")}
            for name, media_type, path in exports_of(store)
        ],
    }
    return replace(single(canonical(record), store), cite_as=link("/", ""))


def buffered(chunks: Iterator[bytes]) -> bytes | Iterator[bytes]:
    """A stream as a whole if it is small, so that its length is known; else the same stream."""
    first: list[bytes] = []
    for chunk in chunks:
        first.append(chunk)
        if sum(map(len, first)) > MAX_BUFFERED_BYTES:
            return itertools.chain(first, chunks)
    return b"".join(first)
