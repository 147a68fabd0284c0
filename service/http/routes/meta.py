"""For programs: the contract, and whether the service is up."""

from __future__ import annotations

from flask import Response, current_app

from schemas.query import NoParameters
from service import contract
from service.formats import envelopes
from service.formats.envelopes import JSON
from service.http.problems import problem
from service.http.replies import content_reply, plain_reply
from service.http.routes.blueprint import api, asked, served
from service.store.dataset_format import canonical

YAML = "application/yaml"
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
"""The Prometheus text format; never another, whatever ``Accept`` says."""


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
    found = served()
    found.store.ping()
    reason = found.refused and f"The newest data set is refused. {found.refused}"
    ready = {
        "status": "degraded" if reason else "ready",
        "dataset": envelopes.stamp(found.store.dataset),
        "reason": reason,
    }
    return plain_reply(canonical(ready), JSON)


@api.get("/metrics")
def get_metrics() -> Response:
    metrics = current_app.extensions["claims.metrics"]
    if metrics is None:
        return problem("not-found", "This service was installed without its metrics.")
    asked(NoParameters)
    return plain_reply(metrics.exposition(), PROMETHEUS)
