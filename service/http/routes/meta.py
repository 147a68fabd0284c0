"""For programs: the contract, and whether the service is up."""

from flask import Response, abort, current_app, request

from schemas.query import NoParameters
from service import contract
from service.formats.envelopes import JSON, stamp
from service.http.replies import constant_reply, uncached_reply
from service.http.routes.blueprint import api, parse_query, provider, store_if_any
from service.store.dataset_format import canonical

_NO_PARAMETERS = NoParameters()


def _contract() -> tuple[bytes, bytes]:
    return contract.served_contract(store_if_any(), current_app.config["PUBLIC_URL"])


@api.get("/openapi.yaml")
def get_contract_yaml() -> Response:
    parse_query(_NO_PARAMETERS)
    return constant_reply(_contract()[0], "application/yaml")


@api.get("/openapi.json")
def get_contract_json() -> Response:
    parse_query(_NO_PARAMETERS)
    return constant_reply(_contract()[1], JSON)


@api.get("/healthz")
def get_health() -> Response:
    parse_query(_NO_PARAMETERS)
    return uncached_reply(canonical({"status": "ok"}), JSON)


@api.get("/readyz")
def get_readiness() -> Response:
    parse_query(_NO_PARAMETERS)
    current = provider().active()
    current.store.ping()
    reason = current.refused and f"The newest data set is refused. {current.refused}"
    status = "degraded" if reason else "ready"
    dataset = stamp(current.store)
    return uncached_reply(canonical({"status": status, "dataset": dataset, "reason": reason}), JSON)


@api.get("/metrics")
def get_metrics() -> Response:
    metrics = current_app.extensions["claims.metrics"]
    if metrics is None:
        abort(404, "This service was installed without its metrics.")
    parse_query(_NO_PARAMETERS)
    return uncached_reply(*metrics.exposition(request.headers.get("Accept", "")))
