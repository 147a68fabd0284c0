"""Answers with what HTTP asks of them (RFC 9110): validators, conditional requests, content
codings.
"""

from __future__ import annotations

import datetime as dt
import functools
import gzip
import hashlib
import mmap
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from flask import Response, current_app, g, request
from werkzeug.datastructures import Headers as Fields
from werkzeug.http import http_date, parse_date, parse_etags

from schemas.records.dataset import DatasetInfo
from service import __version__
from service.formats.envelopes import Body, Content, buffered
from service.http.cache import accepts_gzip
from service.http.headers import DATA_CACHE
from service.http.ranges import cut, requested_range

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HTML = "text/html; charset=utf-8"
_COMPRESSIBLE = (
    *("application/json", "application/ld+json", "application/yaml"),
    *("text/html", "text/css", "text/javascript", "text/plain", "application/xml"),
    *("application/linkset+json", "application/feed+json", "application/atom+xml"),
)
_GZIP_LEVEL = 1
"""Level 6 costs four times what rendering the page does."""
_TIMING = "parse;dur={:.3f}, search;dur={:.3f}, render;dur={:.3f}, total;dur={:.3f}"
_PRECONDITIONS = ("HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE")


class ExportFile(NamedTuple):
    """An answer that is a file: the name to save it under, and the path of the description of its
    columns, if there is one.
    """

    filename: str
    description: str = ""


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
    cache_control: str = DATA_CACHE,
    export: ExportFile | None = None,
    source: str = "",
) -> Response:
    """An answer from one data set; ``query`` is the canonical query string, ``source`` the hash of
    the file that the answer is taken from, which may be made anew under the same version.
    """
    headers = {
        "Cache-Control": cache_control,
        "Dataset-Version": dataset.version,
        "Last-Modified": _last_modified(dataset.built_at),
    }
    public = current_app.config["PUBLIC_URL"]
    verified = dataset.verified["at"] if dataset.verified else ""
    identity = (dataset.digest, dataset.built_at, verified, dataset.feed.id, public, query, source)
    if export is not None:
        headers["Content-Disposition"] = f'inline; filename="{export.filename}"'
        if export.description:
            target = link(export.description)
            headers["Link"] = f'<{target}>; rel="describedby"; type="application/json"'
    return _conditional_reply(make, media_type, identity, headers, ranged=export is not None)


def is_conditional(environ: WSGIEnvironment) -> bool:
    """Whether a request is to fail unless the answer is a certain one."""
    return any(name in environ for name in _PRECONDITIONS)


def precondition_holds(environ: WSGIEnvironment, headers: Mapping[str, str] | Fields) -> bool:
    """What a request demands of the answer that has these headers (RFC 9110, section 13.2.2, steps
    1 and 2): one of some tags, compared strongly, or else not to be newer than a date.
    """
    wanted = environ.get("HTTP_IF_MATCH")
    if wanted is not None:
        tags = parse_etags(wanted)
        return tags.star_tag or tags.contains(headers.get("ETag", "").strip('"'))
    since = parse_date(environ.get("HTTP_IF_UNMODIFIED_SINCE"))
    modified = parse_date(headers.get("Last-Modified"))
    return since is None or modified is None or modified <= since


def constant_reply(content: bytes, media_type: str, cache_control: str = DATA_CACHE) -> Response:
    """An answer that its content alone identifies: the contract, a page, an asset."""
    identity = (hashlib.sha256(content).hexdigest(),)
    headers = {"Cache-Control": cache_control}
    return _conditional_reply(lambda: Body(content), media_type, identity, headers)


def uncached_reply(content: bytes, media_type: str, status: int = 200) -> Response:
    """An answer that no cache may keep (RFC 9111, section 5.2.2.5)."""
    headers = {"Content-Type": media_type, "Cache-Control": "no-store"}
    return BufferedResponse(content, status, headers)


def _conditional_reply(
    make: Callable[[], Body],
    media_type: str,
    identity: tuple[str, ...],
    headers: dict[str, str],
    *,
    ranged: bool = False,
) -> Response:
    """The whole answer, or a 304 before anything is made for a client that names the entity tag
    (RFC 9110, section 13.1.2). ``If-None-Match: *`` asks whether there is any representation, which
    only ``make`` knows.

    ``identity`` is all that decides the bytes, but for the version of the service, the path and
    the content coding.
    """
    selected, environ = time.perf_counter(), request.environ
    gzipped = media_type.startswith(_COMPRESSIBLE) and accepts_gzip(environ)
    coding = "gzip" if gzipped else "identity"
    text = "\n".join((*identity, __version__, environ["PATH_INFO"], coding))
    etag = hashlib.sha256(text.encode()).hexdigest()[:32]
    headers = {"ETag": f'"{etag}"', "Cache-Control": DATA_CACHE, **headers}
    tags = parse_etags(environ.get("HTTP_IF_NONE_MATCH"))
    if tags.star_tag or not tags.contains_weak(etag):
        body = make()
        if not tags.star_tag:
            headers = {"Content-Type": media_type, **headers}
            return _complete(body, environ, headers, gzipped, selected, ranged=ranged)
    response = Response(status=304, headers=headers)
    del response.headers["Content-Type"], response.headers["Link"]
    return response


def _complete(
    body: Body,
    environ: WSGIEnvironment,
    headers: dict[str, str],
    gzipped: bool,
    selected: float,
    *,
    ranged: bool,
) -> Response:
    """An answer, whole or, where it is ``ranged``, the part of it that is asked for; ``selected``
    is when it was known which.
    """
    made, head = time.perf_counter(), environ["REQUEST_METHOD"] == "HEAD"
    if links := _links(body):
        headers["Link"] = ", ".join(links)
    content, size = _content(body, head)
    status, part = 200, None
    if ranged and (size is not None or head):
        headers["Accept-Ranges"] = "bytes"
        part = None if head or size is None else _requested_part(environ, headers, size)
    if part is not None:
        headers["Content-Range"] = f"bytes {part[0]}-{part[1] - 1}/{size}"
        status, size, content = 206, part[1] - part[0], cut(content, *part)
    elif isinstance(content, mmap.mmap):
        content = cut(content, 0, len(content))
    if gzipped and isinstance(content, bytes):
        # HEAD need not tell a length that costs the whole body (RFC 9110, section 9.3.2).
        content = iter(()) if head else gzip.compress(content, _GZIP_LEVEL, mtime=0)
        headers["Content-Encoding"] = "gzip"
    elif size is not None:
        headers["Content-Length"] = str(size)
    searched = selected if headers["Content-Type"] == HTML else made
    headers["Server-Timing"] = _timing(selected, searched)
    kind = BufferedResponse if isinstance(content, bytes) else Response
    return kind(content, status, headers)


def _timing(selected: float, searched: float) -> str:
    """How long each step took, in milliseconds (W3C Server Timing), from the moments at which it
    was known what is asked for and at which it was found.
    """
    started, now = g.started, time.perf_counter()
    steps = (selected - started, searched - selected, now - searched, now - started)
    return _TIMING.format(*(1000 * seconds for seconds in steps))


def _links(body: Body) -> list[str]:
    """What the header ``Link`` names (RFC 8288), with the relation of RFC 8574."""
    related = {"next": body.next_page, "cite-as": body.cite_as}
    return [
        f'<{quote(target, safe="/:?&=%,+[]")}>; rel="{relation}"'
        for relation, target in related.items()
        if target is not None
    ]


def _content(body: Body, head: bool) -> tuple[Content, int | None]:
    """The content of an answer, and its bytes where they are known; for HEAD nothing is made."""
    content = body.content
    if callable(content):
        content = iter(()) if head else content()
    elif body.size is None and not head and not isinstance(content, bytes | mmap.mmap):
        content = buffered(content)
    if isinstance(content, bytes | mmap.mmap):
        return content, len(content)
    return content, body.size


def _requested_part(
    environ: WSGIEnvironment, headers: dict[str, str], size: int
) -> tuple[int, int] | None:
    """The part of an answer that is asked for, if any; a precondition comes first (RFC 9110,
    section 13.2.2), and what it refuses has no part.
    """
    if not precondition_holds(environ, headers):
        return None
    return requested_range(environ, headers["ETag"], size)


def _last_modified(built_at: str) -> str:
    """When a data set was built; now, if that lies ahead, as where it was recorded in a time zone
    that has tomorrow already (RFC 9110, section 8.8.2.1: never later than ``Date``).
    """
    return _http_date(min(_seconds(built_at), int(time.time())))


_http_date = functools.lru_cache(maxsize=8)(http_date)


@functools.lru_cache(maxsize=8)
def _seconds(instant: str) -> int:
    return int(dt.datetime.fromisoformat(instant).timestamp())


def link(path: str, query: str = "") -> str:
    """An address within the service: relative, or behind PUBLIC_URL. Never from the Host header."""
    prefix: str = current_app.config["PUBLIC_URL"]
    return f"{prefix}{path}{'?' if query else ''}{query}"
