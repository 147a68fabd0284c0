"""The application: all wiring, nothing else."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from flask import Flask, Request, request
from werkzeug.exceptions import (
    HTTPException,
    MethodNotAllowed,
    NotFound,
    RequestURITooLarge,
)
from werkzeug.routing import MapAdapter

from schemas.dataset import DatasetInfo
from service.compiler import SHIPPED, compile_fixtures
from service.config import Config
from service.http import logs, problems, replies
from service.http.cache import ResponseCache
from service.http.routes import api
from service.http.shedding import LoadShedding
from service.store.dataset_format import prove_files
from service.store.protocol import DatasetUnavailable, Store
from service.store.provider import StoreSupply, Supply
from service.store.reloading import FollowingSupply
from service.store.tantivy.store import TantivyStore, open_store

if TYPE_CHECKING:
    from service.http.metrics import Metrics

LONGEST_REQUEST_LINE = 8190
"""Bytes, as in the settings of gunicorn, which would go no higher; a request whose parameters are
all allowed can be longer, and the contract documents the 414 that it gets."""


def create_app(config: Config | None = None, store: Store | None = None) -> Flask:
    """The service, answering from ``store`` or from what ``config`` names.

    A data set that cannot be opened leaves the service up: it answers 503 and
    says why in its log.
    """
    config = Config.from_env() if config is None else config
    logs.configure()
    app = _Service("service", static_folder=None)
    app.config["PUBLIC_URL"] = config.public_url
    app.url_map.merge_slashes = False  # //v1/claims is not /v1/claims, and no redirect says it is
    supply = _supply(config, store)
    app.extensions["claims.supply"] = supply
    app.before_request(_refuse_odd_requests)
    app.after_request(replies.finish)
    app.register_blueprint(api)
    problems.register(app)
    cache = ResponseCache(app.wsgi_app, lambda: supply.edition, config.cache_bytes)
    app.wsgi_app = logs.RequestLog(LoadShedding(cache), writes=config.access_log)  # type: ignore[method-assign]
    app.extensions["claims.metrics"] = _measured(app, supply) if _has_metrics() else None
    return app


class _Service(Flask):
    """Finds the view by path and method alone."""

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Flask would read the Host header as well, for redirects and links that none here has."""
        if request is None:
            return super().create_url_adapter(request)
        return MapAdapter(self.url_map, "", "", "", "http", request.path, request.method)


def _has_metrics() -> bool:
    """Whether the ``metrics`` extra is installed."""
    return importlib.util.find_spec("prometheus_client") is not None


def _measured(app: Flask, supply: Supply) -> Metrics:
    """Counts what the service answers. The library is loaded where it is installed, and here."""
    from service.http.metrics import Measured, Metrics

    def about() -> DatasetInfo | None:
        try:
            return supply.current().dataset
        except DatasetUnavailable:
            return None

    routes = app.url_map.bind("")

    def route_of(path: str) -> str:
        """The route of a path; there are as many as operations, while paths are endless."""
        try:
            rule, _ = routes.match(path, return_rule=True)
        except HTTPException:
            return "none"
        return rule.rule

    metrics = Metrics(about)
    app.wsgi_app = Measured(app.wsgi_app, metrics, route_of)  # type: ignore[method-assign]
    return metrics


def _supply(config: Config, store: Store | None) -> Supply:
    """A directory of data sets is followed; whatever else is named stays as it is."""
    if store is None and config.dataset is None and config.datasets is not None:
        return FollowingSupply(config.datasets, open_store, prove_files)
    return StoreSupply(lambda: store or load_store(config))


def load_store(config: Config) -> Store:
    """The store that the settings name. Raises ``DatasetUnavailable`` or ``DataRefused``."""
    if config.dataset is not None:
        return open_store(config.dataset)
    return TantivyStore(compile_fixtures(config.fixtures or SHIPPED))


def _refuse_odd_requests() -> None:
    """A target is what it is, and no longer than what is read of one; so is a method.

    Gunicorn refuses an over-long line before us, and a method that is not in capital letters;
    another server in front may not. werkzeug takes ``//v1/claims`` and ``/v1%2Fclaims`` for
    ``/v1/claims``, redirects an empty path to the address in the Host header, which is never
    repeated here, and takes ``head`` for ``HEAD`` (RFC 9110 section 9.1: another method).
    """
    environ = request.environ
    path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
    told = environ.get("RAW_URI", "")  # as it was sent; some servers tell the path alone
    method = environ["REQUEST_METHOD"]
    length = max(len(told), len(path) + len(query) + bool(query))
    if len(method) + length + len("  HTTP/1.1") > LONGEST_REQUEST_LINE:
        raise RequestURITooLarge
    if not path.startswith("/") or path.startswith("//") or "%2f" in told.partition("?")[0].lower():
        raise NotFound
    if method != method.upper() and request.routing_exception is None:
        raise MethodNotAllowed
