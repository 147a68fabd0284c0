"""Answers with what HTTP asks of them: validators, conditional requests, caching, compression."""

from __future__ import annotations

import datetime as dt
import functools
import gzip
import hashlib
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Response, current_app, g, request
from werkzeug.http import http_date, parse_etags

from schemas.dataset import DatasetInfo
from service import __version__
from service.formats.envelopes import Body
from service.http.caching import accepts_gzip
from service.http.headers import DATA_CACHE

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HTML = "text/html; charset=utf-8"
_COMPRESSIBLE = (
    *("application/json", "application/ld+json", "application/yaml"),
    *("text/html", "text/css", "text/javascript"),
)
_GZIP_LEVEL = 1
"""Level 6 costs four times what rendering the page does."""


class BufferedResponse(Response):
    """A response whose body is in memory and whose headers are complete.

    Flask's own way checks and copies every header once more, and looks for the length.
    """

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response(self.status, self.headers.to_wsgi_list())
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self.data]


def reply(
    make: Callable[[], Body],
    dataset: DatasetInfo,
    media_type: str,
    query: str = "",
    filename: str | None = None,
) -> Response:
    """An answer from one data set; ``query`` is the canonical query string."""
    headers = {"Dataset-Version": dataset.version, "Last-Modified": _http_date(dataset.built_at)}
    if filename is not None:
        headers["Content-Disposition"] = f'inline; filename="{filename}"'
    identity = (dataset.digest, dataset.built_at, current_app.config["PUBLIC_URL"], query)
    return _conditional_reply(make, media_type, identity, headers)


def constant_reply(content: bytes, media_type: str, cache_control: str = DATA_CACHE) -> Response:
    """An answer that does not depend on the data set: the contract, a page, an asset."""
    identity = (hashlib.sha256(content).hexdigest(),)
    return _conditional_reply(lambda: Body(content), media_type, identity, {}, cache_control)


def uncached_reply(content: bytes, media_type: str, status: int = 200) -> Response:
    """An answer that no cache may keep (RFC 9111, section 5.2.2.5)."""
    return Response(content, status, {"Content-Type": media_type, "Cache-Control": "no-store"})


def _conditional_reply(
    make: Callable[[], Body],
    media_type: str,
    identity: tuple[str, ...],
    headers: dict[str, str],
    cache_control: str = DATA_CACHE,
) -> Response:
    """The whole answer, or a 304 before anything is made for a client that names the entity tag
    (RFC 9110, section 13.1.2). ``If-None-Match: *`` asks whether there is any representation, which
    only ``make`` knows.

    ``identity`` is all that decides the bytes, but for the version of the service, the path and
    the content coding.
    """
    selected, environ = time.perf_counter(), request.environ
    gzipped = media_type.startswith(_COMPRESSIBLE) and accepts_gzip(
        environ.get("HTTP_ACCEPT_ENCODING", "")
    )
    text = "\n".join((*identity, __version__, request.path, "gzip" if gzipped else "identity"))
    etag = hashlib.sha256(text.encode()).hexdigest()[:32]
    headers = {"ETag": f'"{etag}"', "Cache-Control": cache_control, **headers}
    tags = parse_etags(environ.get("HTTP_IF_NONE_MATCH"))
    if not tags.star_tag and tags.contains_weak(etag):
        return _not_modified(headers)
    body = make()
    if tags.star_tag:
        return _not_modified(headers)
    return _complete(body, {"Content-Type": media_type, **headers}, gzipped, selected)


def _not_modified(headers: dict[str, str]) -> Response:
    response = Response(status=304, headers=headers)
    del response.headers["Content-Type"]
    return response


def _complete(body: Body, headers: dict[str, str], gzipped: bool, selected: float) -> Response:
    """A whole answer; ``selected`` is when it was known which."""
    found, content, size = time.perf_counter(), body.content, body.size
    if body.next_page is not None:
        target = quote(body.next_page, safe="/:?&=%,+[]")
        headers["Link"] = f'<{target}>; rel="next"'  # RFC 8288
    if isinstance(content, bytes):
        if gzipped:
            content = gzip.compress(content, _GZIP_LEVEL, mtime=0)
            headers["Content-Encoding"] = "gzip"
        size = len(content)
    if size is not None:
        headers["Content-Length"] = str(size)
    now = time.perf_counter()
    search = 0.0 if headers["Content-Type"] == HTML else found - selected
    steps = {"parse": selected - g.started, "search": search}
    steps |= {"render": now - selected - search, "total": now - g.started}
    timing = [f"{step};dur={seconds * 1000:.3f}" for step, seconds in steps.items()]
    headers["Server-Timing"] = ", ".join(timing)  # W3C Server Timing, in milliseconds
    kind = BufferedResponse if isinstance(content, bytes) else Response
    return kind(content, headers=headers)


@functools.lru_cache(maxsize=8)
def _http_date(instant: str) -> str:
    return http_date(dt.datetime.fromisoformat(instant))


def link(path: str, query: str = "") -> str:
    """An address within the service: relative, or behind PUBLIC_URL. Never from the Host header."""
    prefix: str = current_app.config["PUBLIC_URL"]
    return f"{prefix}{path}{'?' if query else ''}{query}"
