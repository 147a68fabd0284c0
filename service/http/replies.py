"""Answers with what HTTP asks of them: ETag and 304, caching, compression, CORS, policies."""

from __future__ import annotations

import datetime as dt
import functools
import gzip
import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Response, current_app, request
from werkzeug.http import http_date

from schemas.dataset import DatasetInfo, Export, Page
from service import __version__
from service.formats import envelopes
from service.formats.bodies import Body
from service.formats.envelopes import CSV, JSON, Answer
from service.http.cache import CANONICAL
from service.http.headers import API_POLICY, COMMON, DATA_CACHE, PAGE_POLICY
from service.http.negotiation import has_already, takes_gzip
from service.http.timing import timed
from service.parsed_query import Asked
from service.store.dataset_format import canonical
from service.store.protocol import Store

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

ASSET_CACHE = "public, max-age=31536000, immutable"
_COMPRESSED = (
    "application/json",
    "application/ld+json",
    "text/html",
    "application/yaml",
    "text/css",
    "text/javascript",
)
_GZIP_LEVEL = 1
"""Level 6 costs four times what rendering the page does."""


Make = Callable[[], Body]


def link(path: str, query: str = "") -> str:
    """An address within the service: relative, or behind PUBLIC_URL. Never from the Host header."""
    prefix: str = current_app.config["PUBLIC_URL"]
    return f"{prefix}{path}{'?' if query else ''}{query}"


def data_reply(
    dataset: DatasetInfo,
    media_type: str,
    query: str,
    make: Make,
    *,
    filename: str | None = None,
) -> Response:
    """An answer from one data set. Its tag is known, and a 304 given, before ``make`` runs."""
    named = {
        "Dataset-Version": dataset.version,
        "Last-Modified": _as_http_date(dataset.built_at),
    }
    if filename is not None:
        named["Content-Disposition"] = f'inline; filename="{filename}"'
    identity = (dataset.digest, dataset.built_at, current_app.config["PUBLIC_URL"], query)
    return _tagged(identity, media_type, make, DATA_CACHE, named)


@functools.cache
def _as_http_date(instant: str) -> str:
    return http_date(dt.datetime.fromisoformat(instant))


def listed(source: Store, question: Asked, search: Callable[[], Page]) -> Response:
    """A page of records, with the link to the next."""

    def make() -> Body:
        with timed(request.environ, "search"):
            page = search()
        links = question.links(page.next_cursor)
        content = envelopes.list_page(page, question.values["limit"], links, source.dataset)
        return Body(content, next_link(links["next"]))

    return data_reply(source.dataset, JSON, question.text, make)


def paged(source: Store, question: Asked, search: Callable[[], Answer]) -> Response:
    """A page that was made as plain data, with the link to the next."""

    def make() -> Body:
        with timed(request.environ, "search"):
            page, following = search()
        return Body(canonical(page), next_link(following))

    return data_reply(source.dataset, JSON, question.text, make)


def exported(source: Store, question: Asked) -> Export:
    """The whole result of a question, read as it is sent."""
    with timed(request.environ, "search"):
        return source.export(question.query)


def table(source: Store, question: Asked, name: str, make: Callable[[bool], Body]) -> Response:
    """A CSV file, to be shown or saved under a name that says which data set it is of."""
    filename, excel = f"{name}-{source.dataset.version}.csv", question.values["excel"]
    return data_reply(source.dataset, CSV, question.text, lambda: make(excel), filename=filename)


def content_reply(content: bytes, media_type: str, cache: str = DATA_CACHE) -> Response:
    """An answer that does not depend on the data set: the contract, a page, an asset."""
    digest = hashlib.sha256(content).hexdigest()
    return _tagged((digest,), media_type, lambda: Body(content), cache, {})


def plain_reply(content: bytes, media_type: str) -> Response:
    """An answer that is never kept: health and readiness."""
    response = Response(content, content_type=media_type)
    response.headers["Cache-Control"] = "no-store"
    return response


class _Whole(Response):
    """An answer whose bytes are all there, sent as it stands, with headers that many share.

    Flask's own way checks and copies every header twice, and looks for a length that is known.
    """

    shared: tuple[tuple[str, str], ...] = ()

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        start(self.status, [*self.headers, *self.shared])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else self.iter_encoded()


def _tagged(
    identity: tuple[str, ...], media_type: str, make: Make, cache: str, headers: Mapping[str, str]
) -> Response:
    environ = request.environ
    accepted = takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
    squeezed = accepted and media_type.startswith(_COMPRESSED)
    environ[CANONICAL] = f"{request.path}?{identity[-1]}"
    tag = _tag(*identity, __version__, request.path, "gzip" if squeezed else "identity")
    held = environ.get("HTTP_IF_NONE_MATCH", "")
    if has_already(held, tag):
        if held.strip() == "*":
            make()  # a tag is only held of what there is; the asterisk says nothing of that
        response = Response(status=304)
        del response.headers["Content-Type"]
    else:
        with timed(environ, "render"):
            response = _made(make(), media_type, squeezed)
    response.headers.extend({"ETag": f'"{tag}"', **headers})
    if isinstance(response, _Whole):
        response.shared = _shared(cache, media_type)
    else:
        # Also with a 304, whose headers replace those of the page that the client kept.
        response.headers.extend(_shared(cache, media_type))
    return response


@functools.cache
def _shared(cache: str, media_type: str) -> tuple[tuple[str, str], ...]:
    """The headers of every tagged answer of a kind."""
    return (
        ("Cache-Control", cache),
        ("Content-Security-Policy", _policy(media_type)),
        *COMMON.items(),
    )


def _made(body: Body, media_type: str, squeezed: bool) -> Response:
    content, headers = body.content, {"Content-Type": media_type, **body.headers}
    if not isinstance(content, bytes):
        response = Response(content, headers=headers)
        if body.size is not None:
            response.headers["Content-Length"] = str(body.size)
        return response
    if squeezed:
        content = gzip.compress(content, _GZIP_LEVEL, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return _Whole(content, headers=headers)


def _tag(*parts: str) -> str:
    """A strong tag: a hash of all that decides the bytes."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def finish(response: Response) -> Response:
    """Puts the headers of every answer on it, refusals included."""
    if isinstance(response, _Whole):
        return response
    if request.method == "OPTIONS" and response.status_code == 200:
        _preflight(response)
    if "Vary" not in response.headers:
        response.headers.extend(COMMON)
        response.headers.setdefault("Content-Security-Policy", _policy(response.content_type or ""))
    return response


def _policy(media_type: str) -> str:
    return PAGE_POLICY if media_type.startswith("text/html") else API_POLICY


def _preflight(response: Response) -> None:
    """Answers an OPTIONS request: what may be asked, also from a page of another origin."""
    response.status_code = 204
    del response.headers["Content-Type"]
    response.headers.update(
        {
            "Allow": "GET, HEAD, OPTIONS",
            "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
            "Access-Control-Allow-Headers": "If-None-Match, X-Request-ID",
            "Access-Control-Max-Age": "86400",
            "Cache-Control": "no-store",
        }
    )


def next_link(target: str | None) -> dict[str, str]:
    """The ``Link`` header of a page that another follows (RFC 8288)."""
    if target is None:
        return {}
    return {"Link": f'<{quote(target, safe="/:?&=%,+[]")}>; rel="next"'}
