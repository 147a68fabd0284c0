"""Answers with what HTTP asks of them: validators, conditional requests, caching, compression."""

from __future__ import annotations

import datetime as dt
import functools
import gzip
import hashlib
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Response, current_app, g, request
from werkzeug.http import http_date, parse_etags

from schemas.dataset import DatasetInfo
from service import __version__
from service.formats.bodies import Body
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


class Representation:
    """What a GET request selects (RFC 9110, section 3.2). Its entity tag is known before its body:
    ``return selected.not_modified() or selected.send(body)``.
    """

    def __init__(
        self,
        media_type: str,
        identity: tuple[str, ...],
        headers: dict[str, str] | None = None,
        cache_control: str = DATA_CACHE,
    ) -> None:
        """``identity`` is all that decides the bytes, but for the version of the service, the path
        and the content coding.
        """
        environ = request.environ
        self._selected = time.perf_counter()
        self._media_type = media_type
        self._gzip = media_type.startswith(_COMPRESSIBLE) and accepts_gzip(
            environ.get("HTTP_ACCEPT_ENCODING", "")
        )
        coding = "gzip" if self._gzip else "identity"
        text = "\n".join((*identity, __version__, request.path, coding))
        self._etag = hashlib.sha256(text.encode()).hexdigest()[:32]
        self._client_has = parse_etags(environ.get("HTTP_IF_NONE_MATCH"))
        self._headers = {"ETag": f'"{self._etag}"', "Cache-Control": cache_control}
        self._headers |= headers or {}

    def not_modified(self) -> Response | None:
        """The 304 for a client that names the entity tag (RFC 9110, section 13.1.2).

        ``If-None-Match: *`` asks whether there is any representation, which only ``send`` knows.
        """
        if self._client_has.star_tag or not self._client_has.contains_weak(self._etag):
            return None
        return self._unchanged()

    def send(self, body: Body) -> Response:
        """The whole answer; 304 if the client has any."""
        found = time.perf_counter()
        if self._client_has.star_tag:
            return self._unchanged()
        content, headers = body.content, {"Content-Type": self._media_type, **self._headers}
        if body.next_page is not None:
            target = quote(body.next_page, safe="/:?&=%,+[]")
            headers["Link"] = f'<{target}>; rel="next"'  # RFC 8288
        if not isinstance(content, bytes):
            if body.size is not None:
                headers["Content-Length"] = str(body.size)
            headers["Server-Timing"] = self._timing(found)
            return Response(content, headers=headers)
        if self._gzip:
            content = gzip.compress(content, _GZIP_LEVEL, mtime=0)
            headers["Content-Encoding"] = "gzip"
        headers |= {"Content-Length": str(len(content)), "Server-Timing": self._timing(found)}
        return BufferedResponse(content, headers=headers)

    def _unchanged(self) -> Response:
        response = Response(status=304, headers=self._headers)
        del response.headers["Content-Type"]
        return response

    def _timing(self, found: float) -> str:
        """Where the time went, in milliseconds (W3C Server Timing)."""
        now = time.perf_counter()
        search = found - self._selected if self._media_type != HTML else 0.0
        steps = {"parse": self._selected - g.started, "search": search}
        steps |= {"render": now - self._selected - search, "total": now - g.started}
        return ", ".join(f"{step};dur={seconds * 1000:.3f}" for step, seconds in steps.items())


def select(
    dataset: DatasetInfo, media_type: str, query: str = "", filename: str | None = None
) -> Representation:
    """A representation of one data set; ``query`` is the canonical query string."""
    headers = {
        "Dataset-Version": dataset.version,
        "Last-Modified": _as_http_date(dataset.built_at),
    }
    if filename is not None:
        headers["Content-Disposition"] = f'inline; filename="{filename}"'
    identity = (dataset.digest, dataset.built_at, current_app.config["PUBLIC_URL"], query)
    return Representation(media_type, identity, headers)


@functools.lru_cache(maxsize=8)
def _as_http_date(instant: str) -> str:
    return http_date(dt.datetime.fromisoformat(instant))


def constant_reply(content: bytes, media_type: str, cache_control: str = DATA_CACHE) -> Response:
    """An answer that does not depend on the data set: the contract, a page, an asset."""
    digest = hashlib.sha256(content).hexdigest()
    selected = Representation(media_type, (digest,), cache_control=cache_control)
    return selected.not_modified() or selected.send(Body(content))


def uncached_reply(content: bytes, media_type: str, status: int = 200) -> Response:
    """An answer that no cache may keep (RFC 9111, section 5.2.2.5)."""
    return Response(content, status, {"Content-Type": media_type, "Cache-Control": "no-store"})


def link(path: str, query: str = "") -> str:
    """An address within the service: relative, or behind PUBLIC_URL. Never from the Host header."""
    prefix: str = current_app.config["PUBLIC_URL"]
    return f"{prefix}{path}{'?' if query else ''}{query}"
