"""Claims: paged, one by one, exported whole, and counted."""

from __future__ import annotations

from flask import Response

from schemas.fields import CLAIM_ID
from schemas.query import (
    ClaimsParameters,
    CountsCsvParameters,
    CountsParameters,
    CsvParameters,
    ExportParameters,
    NoParameters,
)
from service.formats import envelopes, tables
from service.formats.bodies import Body, claim_lines, claim_rows
from service.formats.envelopes import JSON, NDJSON
from service.http.problems import not_found
from service.http.replies import data_reply, exported, listed, table
from service.http.routes.blueprint import api, asked, store


@api.get("/v1/claims")
def list_claims() -> Response:
    question, source = asked(ClaimsParameters), store()
    return listed(source, question, lambda: source.search(question.query))


@api.get("/v1/claims/<claim>")
def get_claim(claim: str) -> Response:
    if not CLAIM_ID.fullmatch(claim):
        return not_found("claim")
    asked(NoParameters)
    source = store()
    return data_reply(
        source.dataset,
        JSON,
        "",
        lambda: Body(envelopes.single(source.get(claim), source.dataset)),
    )


@api.get("/v1/claims.csv")
def export_claims_csv() -> Response:
    return claim_table(tables.CLAIMS)


@api.get("/v1/claims.ndjson")
def export_claims_ndjson() -> Response:
    question, source = asked(ExportParameters), store()
    return data_reply(
        source.dataset,
        NDJSON,
        question.text,
        lambda: claim_lines(exported(source, question)),
        filename=f"claims-{source.dataset.version}.ndjson",
    )


@api.get("/v1/quotes.csv")
def export_quotes_csv() -> Response:
    return claim_table(tables.QUOTES)


def claim_table(rows: tables.Table) -> Response:
    """A CSV file over the claims that the query string asks for."""
    question, source = asked(CsvParameters), store()
    return table(
        source,
        question,
        rows.name,
        lambda excel: claim_rows(exported(source, question), rows, excel),
    )


@api.get("/v1/counts")
def count_claims() -> Response:
    question, source = asked(CountsParameters), store()
    return data_reply(
        source.dataset, JSON, question.text, lambda: Body(envelopes.counts_page(source, question))
    )


@api.get("/v1/counts.csv")
def export_counts_csv() -> Response:
    question, source = asked(CountsCsvParameters), store()
    return table(
        source,
        question,
        "counts",
        lambda excel: Body(tables.counts_csv(envelopes.count_rows(source, question)[0], excel)),
    )
