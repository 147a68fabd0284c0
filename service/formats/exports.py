"""Whole results as files: what lies in the data set as it is, the rest made while it is read."""

import itertools
import mmap

import orjson

from schemas.parameters import query_text
from schemas.tables.claims import CLAIMS
from schemas.tables.column import Table
from service.formats.envelopes import Body, ParsedQuery
from service.formats.tables import CHUNK_BYTES, csv_chunks, in_chunks
from service.store.csv_lines import exactly
from service.store.protocol import FileMissing, ResultTooLarge, Store

MAX_ROWS = 50_000
"""Rows of a workbook. To make so many takes some fifteen seconds, in which a worker makes nothing
else; a spreadsheet would hold 1,048,576."""


def claim_table(table: Table, query: ParsedQuery, store: Store) -> Body:
    """A table of claims as CSV: stored rows as they lie, or for a spreadsheet made while it is
    read.
    """
    if query.values["excel"]:
        claims = map(orjson.loads, store.export(query.claims).bodies)
        return Body(csv_chunks(table, claims, excel=True))
    rows = store.rows(query.claims, table.name)
    return Body(in_chunks(rows.pieces) if rows.verbatim is None else rows.verbatim, size=rows.size)


def vocabulary_table(table: Table, query: ParsedQuery, store: Store) -> Body:
    """A vocabulary as CSV, by id."""
    name, excel = f"{table.name}.csv", query.values["excel"]
    if name in store.files and not excel:
        return stored_file(name, query, store)
    chunks = csv_chunks(table, store.vocabularies[table.name], excel)
    built = store.described.get(name)
    if excel or built is None:
        return Body(chunks)
    return Body(exactly(built.bytes, chunks), size=built.bytes)


def stored_file(name: str, _: ParsedQuery, store: Store) -> Body:
    """A file of the data set, whole. Raises ``FileMissing``."""
    file = store.files.get(name)
    if file is None and name in store.described:
        raise FileMissing(
            f"The data set has a {name}, which lies in the directory that it was published from, "
            "not in the cluster that answers here; a service with CLAIMS_DATASETS has both. "
            "Take /v1/claims.csv, /v1/quotes.csv or /v1/claims.ndjson."
        )
    if file is None:
        raise FileMissing(
            f"This data set has no {name}: the service that built it lacks what makes it "
            "(for Parquet the extra `parquet`)."
        )
    return Body(file.content, size=len(file.content))


def claim_lines(query: ParsedQuery, store: Store) -> Body:
    """Every claim on a line; the whole data set as it lies there."""
    export = store.export(query.claims)
    if (parts := export.verbatim) is not None:
        starts = ((part, at) for part in parts for at in range(0, len(part), CHUNK_BYTES))
        chunks = (part[at : at + CHUNK_BYTES] for part, at in starts)
        return Body(parts[0] if len(parts) == 1 else chunks, size=sum(map(len, parts)))
    lines = itertools.chain.from_iterable(zip(export.bodies, itertools.repeat(b"\n")))
    return Body(in_chunks(lines), size=export.ndjson_bytes)


def claim_workbook(query: ParsedQuery, store: Store) -> Body:
    """The claims as an Excel workbook. Raises ``ResultTooLarge``."""
    export, dataset = store.export(query.claims), store.dataset
    if export.total > MAX_ROWS:
        raise ResultTooLarge(
            f"The result has {export.total} claims, and a workbook takes {MAX_ROWS} at most: "
            "narrow it by filters, or take /v1/claims.csv."
        )
    about = dataset.about
    facts = {
        "data set": about.title,
        "version": dataset.version,
        "built at": dataset.built_at,
        "licence": about.licence,
        "attribution": about.attribution,
        "query": query_text(query.values, query.schema),
        "claims": str(export.total),
    }
    texts = {key: text for key, text in facts.items() if text}
    claims = map(orjson.loads, export.bodies)

    def make() -> mmap.mmap:
        from service.formats.workbook import workbook  # to load it takes a fifth of a second

        return workbook(CLAIMS, claims, texts, dataset.built_at)

    return Body(make)
