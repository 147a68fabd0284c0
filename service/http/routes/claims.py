"""Claims: paged, one by one, exported whole, and counted."""

from __future__ import annotations

from schemas import query as schemas
from service.formats import tables
from service.formats.bodies import Body, claim_lines, claim_rows
from service.formats.envelopes import CSV, NDJSON, count_rows, counts_page, list_page, single
from service.http.routes.blueprint import operation
from service.parsed_query import ParsedQuery
from service.store.protocol import Store


@operation("/v1/claims", schemas.ClaimsParameters)
def list_claims(query: ParsedQuery, store: Store) -> Body:
    return list_page(store.search(query.claims), query, store.dataset)


@operation("/v1/claims/<claim>")
def get_claim(_: ParsedQuery, store: Store, claim: str) -> Body:
    return single(store.get(claim), store.dataset)


@operation("/v1/claims.csv", schemas.CsvParameters, CSV)
def export_claims_csv(query: ParsedQuery, store: Store) -> Body:
    return claim_rows(store.export(query.claims), tables.CLAIMS, query.values["excel"])


@operation("/v1/claims.ndjson", schemas.ExportParameters, NDJSON)
def export_claims_ndjson(query: ParsedQuery, store: Store) -> Body:
    return claim_lines(store.export(query.claims))


@operation("/v1/quotes.csv", schemas.CsvParameters, CSV)
def export_quotes_csv(query: ParsedQuery, store: Store) -> Body:
    return claim_rows(store.export(query.claims), tables.QUOTES, query.values["excel"])


@operation("/v1/counts", schemas.CountsParameters)
def count_claims(query: ParsedQuery, store: Store) -> Body:
    return counts_page(store, query)


@operation("/v1/counts.csv", schemas.CountsCsvParameters, CSV)
def export_counts_csv(query: ParsedQuery, store: Store) -> Body:
    return Body(tables.counts_csv(count_rows(store, query)[0], query.values["excel"]))
