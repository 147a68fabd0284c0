"""Where the routes are gathered, and what every view begins with: the question and the store."""

from __future__ import annotations

import functools

from flask import Blueprint, current_app, request

from schemas.parameters import Parameters
from service.asking import Asked
from service.replies import link
from service.store import Store
from service.timing import timed

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
