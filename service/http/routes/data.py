"""The operations on data: what each answers with, once its query is read and its store is there."""

from __future__ import annotations

import json

from flask import abort, current_app

from schemas import query as schemas
from schemas.parameters import Parameters
from service import __version__, contract
from service.comparison import comparison_page
from service.formats import envelopes, tables
from service.formats.envelopes import CSV, JSON_LD, NDJSON, Body, ParsedQuery, single
from service.formats.jsonld.linked import linked_claim, linked_dataset
from service.formats.jsonld.nodes import Nodes
from service.http.replies import link
from service.http.routes.blueprint import operation
from service.store.dataset_format import canonical
from service.store.protocol import Store


@operation("/v1/claims", schemas.ClaimsParameters)
def list_claims(query: ParsedQuery, store: Store) -> Body:
    return envelopes.list_page(store.search(query.claims), query, store.dataset)


@operation("/v1/claims/<claim>")
def get_claim(_: ParsedQuery, store: Store, claim: str) -> Body:
    return single(store.get(claim), store.dataset)


@operation("/v1/claims/<claim>.jsonld", media_type=JSON_LD)
def get_claim_jsonld(_: ParsedQuery, store: Store, claim: str) -> Body:
    record = json.loads(store.get(claim))
    return Body(canonical(linked_claim(record, store.dataset, _nodes(store))))


@operation("/v1/claims/<claim>/history", schemas.ChangesParameters)
def get_claim_history(query: ParsedQuery, store: Store, claim: str) -> Body:
    return envelopes.changes_page(store, query, claim)


@operation("/v1/changes", schemas.ChangesParameters)
def list_changes(query: ParsedQuery, store: Store) -> Body:
    return envelopes.changes_page(store, query)


@operation("/v1/claims.csv", schemas.CsvParameters, CSV)
def export_claims_csv(query: ParsedQuery, store: Store) -> Body:
    export = store.export(query.claims)
    return envelopes.claim_table(export, tables.CLAIMS, query.values["excel"])


@operation("/v1/claims.ndjson", schemas.ExportParameters, NDJSON)
def export_claims_ndjson(query: ParsedQuery, store: Store) -> Body:
    return envelopes.claim_lines(store.export(query.claims))


@operation("/v1/quotes.csv", schemas.CsvParameters, CSV)
def export_quotes_csv(query: ParsedQuery, store: Store) -> Body:
    export = store.export(query.claims)
    return envelopes.claim_table(export, tables.QUOTES, query.values["excel"])


@operation("/v1/counts", schemas.CountsParameters)
def count_claims(query: ParsedQuery, store: Store) -> Body:
    return envelopes.counts_page(store, query)


@operation("/v1/counts.csv", schemas.CountsCsvParameters, CSV)
def export_counts_csv(query: ParsedQuery, store: Store) -> Body:
    rows, _ = envelopes.count_rows(store, query)
    return Body(tables.counts_csv(rows, query.values["excel"]))


@operation("/v1/compare", schemas.CompareParameters)
def compare_occasions(query: ParsedQuery, store: Store) -> Body:
    return comparison_page(store, query)


def serve_vocabulary(name: str, parameters: type[Parameters]) -> None:
    """Registers the list of a vocabulary and its single records."""

    @operation(f"/v1/{name}", parameters)
    def list_records(query: ParsedQuery, store: Store) -> Body:
        return envelopes.vocabulary_page(store.vocabularies[name], query, store.dataset)

    @operation(f"/v1/{name}/<identifier>")
    def get_record(_: ParsedQuery, store: Store, identifier: str) -> Body:
        record = store.vocabularies[name].records.get(identifier)
        if record is None:
            abort(404, f"There is no {name.removesuffix('s')} with this id.")
        return single(canonical(record), store.dataset)


serve_vocabulary("documents", schemas.DocumentsParameters)
serve_vocabulary("agents", schemas.VocabularyParameters)
serve_vocabulary("topics", schemas.VocabularyParameters)
serve_vocabulary("occasions", schemas.VocabularyParameters)


@operation("/v1/dataset")
def get_dataset(_: ParsedQuery, store: Store) -> Body:
    versions = (__version__, contract.codebook_version())
    record = envelopes.dataset_record(store.dataset, *versions, link)
    return single(canonical(record), store.dataset)


@operation("/v1/dataset.jsonld", media_type=JSON_LD)
def get_dataset_jsonld(_: ParsedQuery, store: Store) -> Body:
    return Body(canonical(linked_dataset(store.dataset, _nodes(store))))


def _nodes(store: Store) -> Nodes:
    return Nodes(store.vocabularies, current_app.config["PUBLIC_URL"])
