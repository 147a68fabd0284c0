"""Every route, in the order of ``openapi.yaml``."""

from __future__ import annotations

import functools

from flask import Blueprint, Response, abort, current_app, request

from schemas.fields import CLAIM_ID, DOCUMENT_ID, SLUG
from schemas.parameters import Parameters
from schemas.query import (
    ClaimsParameters,
    CountsCsvParameters,
    CountsParameters,
    CsvParameters,
    DocumentsParameters,
    ExportParameters,
    NoParameters,
    VocabularyParameters,
)
from service import __version__, assets, contract, pages, renderers, tables
from service.asking import Asked
from service.bodies import Body, claim_lines, claim_rows
from service.problems import KINDS, not_found
from service.renderers import JSON, NDJSON
from service.replies import (
    ASSET_CACHE,
    content_reply,
    data_reply,
    exported,
    link,
    listed,
    plain_reply,
    table,
)
from service.store import DatasetUnavailable, Store
from service.store.dataset import canonical
from service.timing import timed

HTML = "text/html; charset=utf-8"
YAML = "application/yaml"

api = Blueprint("api", __name__)


def store() -> Store:
    """The store that answers this request, whole. Raises ``DatasetUnavailable``."""
    current: Store = current_app.extensions["claims.supply"].current()
    return current


def asked(schema: type[Parameters]) -> Asked:
    """Reads the query string. Raises ``QueryRefused``."""
    with timed(request.environ, "parse"):
        return Asked.read(request.path, request.query_string, _instance(schema), link)


@functools.cache
def _instance(schema: type[Parameters]) -> Parameters:
    """One instance for all requests: making one costs more than reading with it."""
    return schema()


def claim_table(rows: tables.Table) -> Response:
    """A CSV file over the claims that the query string asks for."""
    question, source = asked(CsvParameters), store()
    return table(
        source,
        question,
        rows.name,
        lambda excel: claim_rows(exported(source, question), rows, excel),
    )


# --- claims -------------------------------------------------------------------------------------


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
        lambda: Body(renderers.single(source.get(claim), source.dataset)),
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


# --- counts -------------------------------------------------------------------------------------


@api.get("/v1/counts")
def count_claims() -> Response:
    question, source = asked(CountsParameters), store()
    return data_reply(
        source.dataset, JSON, question.text, lambda: Body(renderers.counts_page(source, question))
    )


@api.get("/v1/counts.csv")
def export_counts_csv() -> Response:
    question, source = asked(CountsCsvParameters), store()
    return table(
        source,
        question,
        "counts",
        lambda excel: Body(tables.counts_csv(renderers.count_rows(source, question)[0], excel)),
    )


# --- vocabularies -------------------------------------------------------------------------------


@api.get("/v1/documents", defaults={"name": "documents"})
@api.get("/v1/agents", defaults={"name": "agents"})
@api.get("/v1/topics", defaults={"name": "topics"})
@api.get("/v1/occasions", defaults={"name": "occasions"})
def list_vocabulary(name: str) -> Response:
    question = asked(DocumentsParameters if name == "documents" else VocabularyParameters)
    source, limit, cursor = store(), question.values["limit"], question.values["cursor"]
    vocabulary = source.vocabularies[name]
    return listed(source, question, lambda: renderers.vocabulary_page(vocabulary, limit, cursor))


@api.get("/v1/documents/<identifier>", defaults={"name": "documents"})
@api.get("/v1/agents/<identifier>", defaults={"name": "agents"})
@api.get("/v1/topics/<identifier>", defaults={"name": "topics"})
@api.get("/v1/occasions/<identifier>", defaults={"name": "occasions"})
def get_vocabulary_record(name: str, identifier: str) -> Response:
    if not (DOCUMENT_ID if name == "documents" else SLUG).fullmatch(identifier):
        return not_found(name.removesuffix("s"))
    asked(NoParameters)
    source = store()
    record = source.vocabularies[name].records.get(identifier)
    if record is None:
        return not_found(name.removesuffix("s"))
    body = canonical(record)
    return data_reply(
        source.dataset, JSON, "", lambda: Body(renderers.single(body, source.dataset))
    )


@api.get("/v1/dataset")
def get_dataset() -> Response:
    asked(NoParameters)
    dataset = store().dataset
    about = renderers.about(dataset, __version__, contract.codebook_version(), link)
    return data_reply(dataset, JSON, "", lambda: Body(renderers.single(canonical(about), dataset)))


# --- for people ---------------------------------------------------------------------------------


@api.get("/")
def get_home() -> Response:
    try:
        dataset = store().dataset
    except DatasetUnavailable:
        dataset = None
    return content_reply(pages.home(dataset), HTML)


@api.get("/docs")
def get_docs() -> Response:
    return content_reply(pages.docs(), HTML)


@api.get("/codebook")
def get_codebook() -> Response:
    return content_reply(pages.codebook(), HTML)


@api.get("/problems/<slug>")
def get_problem_type(slug: str) -> Response:
    if slug not in KINDS:
        return not_found("problem type")
    return content_reply(pages.problem_type(KINDS[slug]), HTML)


@api.get("/static/<version>/<name>")
def get_asset(version: str, name: str) -> Response:
    asset = assets.assets().get(name)
    if asset is None or asset.version != version:
        abort(404)
    return content_reply(asset.content, asset.media_type, ASSET_CACHE)


# --- the contract and health --------------------------------------------------------------------


@api.get("/openapi.yaml")
def get_contract_yaml() -> Response:
    asked(NoParameters)
    return content_reply(contract.carried("openapi.yaml"), YAML)


@api.get("/openapi.json")
def get_contract_json() -> Response:
    asked(NoParameters)
    return content_reply(contract.contract_json(), JSON)


@api.get("/healthz")
def get_health() -> Response:
    asked(NoParameters)
    return plain_reply(canonical({"status": "ok"}), JSON)


@api.get("/readyz")
def get_readiness() -> Response:
    asked(NoParameters)
    source = store()
    source.ping()
    ready = {"status": "ready", "dataset": renderers.stamp(source.dataset), "reason": None}
    return plain_reply(canonical(ready), JSON)
