"""The Flask application, the blueprint of all routes, and how operations on data are registered."""

import functools
import time
from collections.abc import Callable

from flask import Blueprint, Flask, Request, Response, abort, current_app, g, request
from werkzeug.exceptions import MethodNotAllowed, NotFound, RequestURITooLarge
from werkzeug.routing import MapAdapter

from schemas.parameters import Parameters, query_text, read_parameters
from schemas.patterns import CLAIM_ID, DOCUMENT_ID, SLUG
from schemas.query import NoParameters
from service.formats.discovery.citations import today
from service.formats.discovery.datapackage import DATAPACKAGE, TABLES
from service.formats.envelopes import JSON, MEDIA_TYPES, Body, ParsedQuery
from service.http.replies import ExportFile, link, reply
from service.store.protocol import DatasetUnavailable, Store
from service.store.provider import Provider

MAX_REQUEST_LINE = 8190
"""Bytes, as in the settings of gunicorn, which would go no higher; a request whose parameters are
all allowed can be longer, and the contract documents the 414 that it gets."""
_METHODS = "GET, HEAD, OPTIONS"
_PREFLIGHT = {
    "Allow": _METHODS,
    "Access-Control-Allow-Methods": _METHODS,
    # The star stands for every header but the first; the others are for browsers without it.
    "Access-Control-Allow-Headers": (
        "*, Authorization, If-None-Match, X-Request-ID, traceparent, tracestate, baggage"
    ),
    "Access-Control-Max-Age": "86400",
    "Cache-Control": "no-store",
}
_IDS = {"claim": CLAIM_ID, "document": DOCUMENT_ID}
"""By kind of record; other ids are slugs."""


class Service(Flask):
    """Finds the view by path and method alone, and says what may be asked."""

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Flask would read the Host header as well, for redirects and links that none here has."""
        if request is None:
            return super().create_url_adapter(request)
        return MapAdapter(self.url_map, "", "", "", "http", request.path, request.method)

    def make_default_options_response(self) -> Response:
        """Answers an OPTIONS request, also to a page of another origin."""
        response = Response(status=204, headers=_PREFLIGHT)
        del response.headers["Content-Type"]
        return response


api = Blueprint("api", __name__)

PARAMETERS: dict[str, Parameters] = {}
"""By path: what the query string of an operation on data is read with."""

View = Callable[..., Body]


def operation(
    path: str,
    view: View,
    parameters: type[Parameters] = NoParameters,
    media_type: str = JSON,
    *,
    dated: bool = False,
) -> None:
    """Registers an operation on data, whose answer ``view`` makes of the query, the store, and the
    id in the path if there is one.

    What comes before is the same for all: 404 for an ill-formed id, 400 for a faulty query, 503
    without a data set, 304 for an answer that the client has. A file is named by its data set. An
    answer that is ``dated`` has the day in it, and is asked for anew each time.
    """
    schema = PARAMETERS[path] = parameters()
    kind, file = path.split("/")[2].removesuffix("s"), path.rpartition("/")[2]

    def respond(**ids: str) -> Response:
        if not all(_IDS.get(kind, SLUG).fullmatch(identifier) for identifier in ids.values()):
            abort(404, f"There is no {kind} with this id.")
        query, store = parse_query(schema), provider().current()
        make = functools.partial(view, query, store, **ids)
        if dated:
            identity = f"{query.text} {today()}"
            return reply(make, store.dataset, media_type, identity, cache_control="no-cache")
        is_export = media_type in MEDIA_TYPES.values()
        export = export_file(file, store.dataset.version) if is_export else None
        built = store.described.get(file)
        source = built.sha256 if built else ""
        return reply(make, store.dataset, media_type, query.text, export=export, source=source)

    api.add_url_rule(path, path.replace(".", "_"), respond)


def export_file(file: str, version: str, description: str = f"/v1/{DATAPACKAGE}") -> ExportFile:
    """How an export is to be saved; ``description`` tells the columns of the tables that lie in
    the data set.
    """
    name, _, form = file.partition(".")
    is_table = name in {table.name for table in TABLES}
    return ExportFile(f"{name}-{version}.{form}", description if is_table else "")


def parse_query(schema: Parameters) -> ParsedQuery:
    """Reads the query string. Raises ``QueryRefused``."""
    values = read_parameters(request.query_string, schema)
    return ParsedQuery(request.path, values, query_text(values, schema), schema, link)


def provider() -> Provider:
    """What hands out the store that answers."""
    here: Provider = current_app.extensions["claims.provider"]
    return here


def store_if_any() -> Store | None:
    """The store that answers; ``None`` while there is none, for what is answered all the same."""
    try:
        return provider().current()
    except DatasetUnavailable:
        return None


@api.before_app_request
def refuse_odd_requests() -> None:
    """Refuses a target that werkzeug would take for another one, and one that is too long.

    Gunicorn refuses an over-long line before us, and a method that is not in capital letters;
    another server in front may not. werkzeug takes ``//v1/claims`` and ``/v1%2Fclaims`` for
    ``/v1/claims``, redirects an empty path to the address in the Host header, which is never
    repeated here, and takes ``head`` for ``HEAD`` (RFC 9110, section 9.1: another method).
    """
    g.started = time.perf_counter()
    environ = request.environ
    path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
    target = environ.get("RAW_URI", "")  # as it was sent; some servers tell the path alone
    method = environ["REQUEST_METHOD"]
    length = max(len(target), len(path) + len(query) + bool(query))
    if len(method) + length + len("  HTTP/1.1") > MAX_REQUEST_LINE:
        raise RequestURITooLarge
    encoded_slash = "%2f" in target.partition("?")[0].lower()
    if not path.startswith("/") or path.startswith("//") or encoded_slash:
        raise NotFound
    if method != method.upper() and request.routing_exception is None:
        raise MethodNotAllowed
