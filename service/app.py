"""The application: all wiring, nothing else."""

from __future__ import annotations

import importlib.util
import logging
from typing import TYPE_CHECKING

from flask import Flask

from service.compiler import SHIPPED, open_fixtures
from service.config import Config
from service.explorer.texts import DocumentTexts
from service.http import problems
from service.http.front import Front
from service.http.routes import api
from service.http.routes.blueprint import Service
from service.store.catalogue import Catalogue, DirectoryCatalogue
from service.store.kept import KeptDatasets
from service.store.protocol import Store
from service.store.provider import Provider, ReloadingProvider, StoreProvider
from service.store.tantivy.store import open_store

if TYPE_CHECKING:
    from werkzeug.routing import Map

    from service.http.metrics import Metrics
    from service.store.opensearch.door import Address


def create_app(config: Config | None = None, store: Store | None = None) -> Flask:
    """The service, answering from ``store`` or from what ``config`` names.

    A data set that cannot be opened leaves the service up: it answers 503 and
    says why in its log.
    """
    config = Config.from_env() if config is None else config
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    app = Service("service", static_folder=None)
    app.config["PUBLIC_URL"] = config.public_url
    app.config["SECURITY_CONTACT"] = config.security_contact
    app.url_map.merge_slashes = False  # //v1/claims is not /v1/claims, and no redirect says it is
    app.register_blueprint(api)
    problems.register(app)
    is_published = store is None and (config.dataset is None or bool(config.store))
    kept = KeptDatasets(config.datasets if is_published else None)
    provider = _provider(config, kept) if store is None else StoreProvider(lambda: store)
    metrics = _metrics(provider, app.url_map)
    app.extensions |= {
        "claims.provider": provider,
        "claims.metrics": metrics,
        "claims.kept": kept,
        "claims.texts": DocumentTexts(config.documents),
    }
    app.wsgi_app = Front(  # type: ignore[method-assign]
        app.wsgi_app,
        provider,
        cache_bytes=config.cache_bytes,
        access_log=config.access_log,
        metrics=metrics,
    )
    return app


def _provider(config: Config, kept: KeptDatasets) -> Provider:
    """Hands out the store of the settings: a cluster, else one data set, a directory of them or the
    fixtures.
    """
    if config.store:
        return ReloadingProvider(_cluster(config, kept))
    if config.dataset is None and config.datasets is not None:
        return ReloadingProvider(DirectoryCatalogue(config.datasets, open_store))
    return StoreProvider(lambda: load_store(config))


def _metrics(provider: Provider, url_map: Map) -> Metrics | None:
    """What counts answers; ``None`` without the extra ``metrics``."""
    if importlib.util.find_spec("prometheus_client") is None:
        return None
    from service.http.metrics import Metrics

    return Metrics(provider, url_map)


def _cluster(config: Config, kept: KeptDatasets) -> Catalogue:
    """What is published in a cluster; loads the client of it, which few services need."""
    from service.store.opensearch.catalogue import AliasCatalogue
    from service.store.opensearch.door import Door

    return AliasCatalogue(Door(cluster_address(config)), kept)


def cluster_address(config: Config, nodes: tuple[str, ...] = ()) -> Address:
    """Where the cluster of the settings is, or ``nodes`` of another, and how to be let in."""
    from service.store.opensearch.door import Address

    login = config.store_user, config.store_password
    return Address(nodes or config.store, config.store_ca, *login, config.store_seconds)


def load_store(config: Config) -> Store:
    """The store that the settings name. Raises ``DatasetUnavailable`` or ``DataRefused``."""
    if config.dataset is not None:
        return open_store(config.dataset)
    return open_fixtures(config.fixtures or SHIPPED, config.epoch)
