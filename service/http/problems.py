"""Every error of the application becomes an answer here.

Who prefers ``text/html`` in ``Accept``, as browsers do, gets a page, and everybody else
``application/problem+json``; who prefers neither is answered as the path is, which may be that of
a page. No cache keeps an error, so none need keep the two apart.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from flask import Flask, Response, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestURITooLarge
from werkzeug.http import parse_accept_header

from schemas.faults import QueryRefused
from service.explorer.views.pages import error_page
from service.http.headers import PAGE_PATH, READY_PATH
from service.http.problem_types import MEDIA_TYPE, PROBLEM_TYPE, PROBLEMS, document
from service.http.ranges import RangeNotSatisfiable
from service.http.replies import HTML, is_conditional, precondition_holds, uncached_reply
from service.store.protocol import (
    ClaimNotFound,
    DatasetUnavailable,
    FileMissing,
    HistoryChanged,
    RecordRetired,
    ResultTooLarge,
    VersionGone,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_log = logging.getLogger("claims")
_MAX_ACCEPT = 512
"""Characters. What browsers send is shorter; a longer one states no preference."""


def problem(
    environ: WSGIEnvironment, slug: str, detail: str, instance: str = "/", **extensions: Any
) -> Response:
    """The answer to a request that failed: a page or a problem document, as the client prefers; a
    document too where the page itself fails.
    """
    kind, request_id = PROBLEMS[slug], environ["HTTP_X_REQUEST_ID"]
    environ[PROBLEM_TYPE] = slug
    if _wants_page(environ):
        try:
            page = error_page(kind.status, slug, kind.title, detail, request_id, extensions)
            return uncached_reply(page, HTML, kind.status)
        except Exception as error:  # noqa: BLE001  # the error that led here must be answered
            _log_failure(environ, error)
    body = document(kind, detail, request_id, instance, **extensions)
    return uncached_reply(body, MEDIA_TYPE, kind.status)


def _wants_page(environ: WSGIEnvironment) -> bool:
    accept = environ.get("HTTP_ACCEPT", "")
    preferred = _prefers_html(accept) if len(accept) <= _MAX_ACCEPT else None
    page_path = PAGE_PATH.fullmatch(environ.get("PATH_INFO", "")) is not None
    return page_path if preferred is None else preferred


@functools.lru_cache(maxsize=256)
def _prefers_html(accept: str) -> bool | None:
    """Whether HTML is preferred to JSON (RFC 9110, section 12.5.1); ``None`` for neither."""
    wanted = parse_accept_header(accept, MIMEAccept)
    html = wanted.quality("text/html")
    data = max(wanted.quality(MEDIA_TYPE), wanted.quality("application/json"))
    return None if html == data else html > data


def failure(environ: WSGIEnvironment, error: Exception, instance: str = "/") -> Response:
    """The answer to a request that a fault of the service ended."""
    if isinstance(error, DatasetUnavailable):
        return _unavailable(environ, error, instance)
    _log_failure(environ, error)
    detail = "The service failed; nothing is wrong with the request."
    return problem(environ, "internal-error", detail, instance)


def _unavailable(environ: WSGIEnvironment, error: DatasetUnavailable, instance: str) -> Response:
    """The answer while there is no data set, or only a part of one. ``READY_PATH`` says why, for
    whoever looks after the service.
    """
    why = f": {error.reason.rstrip('.')}" if instance == READY_PATH else ""
    detail = f"There is no data set to answer from at present{why}."
    response = problem(environ, "dataset-unavailable", detail, instance)
    response.headers["Retry-After"] = str(error.retry_after)
    return response


def _log_failure(environ: WSGIEnvironment, error: Exception) -> None:
    _log.error("request %s failed", environ["HTTP_X_REQUEST_ID"], exc_info=error)


def register(app: Flask) -> None:
    """Answers everything that is raised in a view."""
    handlers: Mapping[type[Exception], Callable[[Any], Response]] = {
        QueryRefused: _query_refused,
        ClaimNotFound: lambda _: _refuse("not-found", "There is no claim with this id."),
        RecordRetired: _retired,
        HistoryChanged: lambda error: _refuse("history-changed", str(error)),
        DatasetUnavailable: lambda error: failure(request.environ, error, quote(request.path)),
        NotFound: _not_found,
        MethodNotAllowed: lambda error: _refuse(
            "method-not-allowed",
            "This path is for reading alone.",
            {"Allow": ", ".join(sorted(error.valid_methods or ("GET", "HEAD", "OPTIONS")))},
        ),
        VersionGone: lambda error: _refuse("gone", str(error), newest=error.newest),
        ResultTooLarge: lambda error: _refuse("result-too-large", str(error)),
        FileMissing: lambda error: _refuse("not-found", str(error)),
        RangeNotSatisfiable: lambda error: _refuse(
            "range-not-satisfiable",
            f"The answer has {error.size} bytes; the range begins behind them.",
            {"Content-Range": f"bytes */{error.size}"},
        ),
        RequestURITooLarge: lambda _: _refuse("too-long", "The request line is too long."),
        Exception: _other,
    }
    for error, handler in handlers.items():
        app.register_error_handler(error, handler)
    app.after_request(_precondition)


def _precondition(response: Response) -> Response:
    """Puts a 412 in the place of an answer that fails a precondition of the request; an error stays
    as it is (RFC 9110, section 13.2.1).
    """
    if (
        is_conditional(request.environ)
        and response.status_code in (200, 206, 304)
        and not precondition_holds(request.environ, response.headers)
    ):
        response.close()
        return _refuse("precondition-failed", "The answer is not the one that the request names.")
    return response


def _refuse(
    slug: str, detail: str, headers: Mapping[str, str] | None = None, **extensions: Any
) -> Response:
    response = problem(request.environ, slug, detail, quote(request.path), **extensions)
    response.headers.update(headers or {})
    return response


def _other(error: Exception) -> Response:
    """Whatever else Flask raises about a request is the request's fault."""
    if isinstance(error, HTTPException) and error.code is not None and error.code < 500:
        return _refuse("bad-request", "The request is not well-formed.")
    return failure(request.environ, error, quote(request.path))


def _query_refused(error: QueryRefused) -> Response:
    unknown = all(fault.unknown for fault in error.faults)
    names = ", ".join(dict.fromkeys(fault.parameter for fault in error.faults))
    return _refuse(
        "unknown-parameter" if unknown else "invalid-parameter",
        f"The query string was refused for {len(error.faults)} fault(s): {names}.",
        errors=[fault.as_json() for fault in error.faults],
    )


def _not_found(error: NotFound) -> Response:
    """``abort(404, detail)`` says what is missing; Flask alone says nothing that is of use."""
    default = error.description == NotFound.description
    return _refuse("not-found", "There is nothing at this path." if default else error.description)


def _retired(error: RecordRetired) -> Response:
    tombstone = error.tombstone
    if tombstone.replaced_by is None:
        withdrawn = {key: getattr(tombstone, key) for key in ("id", "withdrawn_on", "reason")}
        return _refuse("gone", f"The {tombstone.kind} was withdrawn.", tombstone=withdrawn)
    # The same form of the record that replaced it: data, linked data or the page.
    before, _, after = request.path.rpartition(tombstone.id)
    location = f"{before}{tombstone.replaced_by}{after}"
    response = Response(status=308, headers={"Location": location, "Cache-Control": "no-store"})
    del response.headers["Content-Type"]
    return response
