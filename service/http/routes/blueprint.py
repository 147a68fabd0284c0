"""Where the routes are gathered, and what every view begins with: the question and the store."""

from __future__ import annotations

import functools

from flask import Blueprint, current_app, request

from schemas.parameters import Parameters
from service.http.replies import link
from service.http.timing import timed
from service.parsed_query import Asked
from service.store.protocol import Store
from service.store.provider import ActiveStore

api = Blueprint("api", __name__)


def store() -> Store:
    """The store that answers this request, whole. Raises ``DatasetUnavailable``."""
    current: Store = current_app.extensions["claims.provider"].current()
    return current


def served() -> ActiveStore:
    """What answers, and whether something newer is refused. Raises ``DatasetUnavailable``."""
    active: ActiveStore = current_app.extensions["claims.provider"].active()
    return active


def asked(schema: type[Parameters]) -> Asked:
    """Reads the query string. Raises ``QueryRefused``."""
    with timed(request.environ, "parse"):
        return Asked.read(request.path, request.query_string, _instance(schema), link)


@functools.cache
def _instance(schema: type[Parameters]) -> Parameters:
    """One instance for all requests: making one costs more than reading with it."""
    return schema()
