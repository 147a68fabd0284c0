"""Every error of the application becomes an answer here.

A path of a page for people gets an HTML page, every other path ``application/problem+json``. The
path alone decides, never ``Accept``: no cache keeps answers apart by that header.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestURITooLarge

from schemas.faults import QueryRefused
from service.explorer.pages import error_page
from service.http.problem_types import PROBLEMS, own_headers, render
from service.http.replies import HTML
from service.store.protocol import ClaimNotFound, ClaimRetired, DatasetUnavailable
from service.store.provider import RETRY_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import WSGIEnvironment

RETRY_AFTER_SECONDS = 2
"""When the client of an overloaded service may come again."""
_PAGE = re.compile("/|/(?:goals|compare|docs|codebook)|/(?:claims|values|problems)/[^/]+")
_FAILED = "The service failed; nothing is wrong with the request."
_log = logging.getLogger("claims")


class WSGIResponse(NamedTuple):
    """An answer as WSGI has it: the status line, the headers, and the body in pieces."""

    status: str
    headers: list[tuple[str, str]]
    body: Iterable[bytes]


def is_page(path: str) -> bool:
    """Whether a path is that of a page for people."""
    return _PAGE.fullmatch(path) is not None


def register(app: Flask) -> None:
    """Answers everything that is raised in a view."""
    handlers: Mapping[type[Exception], Callable[[Any], Response]] = {
        QueryRefused: _query_refused,
        ClaimNotFound: lambda _: _problem("not-found", "There is no claim with this id."),
        ClaimRetired: _retired,
        DatasetUnavailable: lambda _: _problem(
            "dataset-unavailable",
            "There is no data set to answer from at present.",
            {"Retry-After": str(RETRY_SECONDS)},
        ),
        NotFound: _not_found,
        MethodNotAllowed: lambda error: _problem(
            "method-not-allowed",
            "This path is for reading alone.",
            {"Allow": ", ".join(sorted(error.valid_methods or ("GET", "HEAD", "OPTIONS")))},
        ),
        RequestURITooLarge: lambda _: _problem("too-long", "The request line is too long."),
        HTTPException: _http_error,
        Exception: _internal_error,
    }
    for error, handler in handlers.items():
        app.register_error_handler(error, handler)


def overloaded(environ: WSGIEnvironment) -> WSGIResponse:
    """The answer to a request that waited for too long."""
    detail = "The service has more to answer than it can."
    response = _outside_flask(environ, "overloaded", detail)
    response.headers.append(("Retry-After", str(RETRY_AFTER_SECONDS)))
    return response


def failed(environ: WSGIEnvironment, error: Exception) -> WSGIResponse:
    """The answer to a request for which the application raised, before anything was sent."""
    _log_failure(environ, error)
    return _outside_flask(environ, "internal-error", _FAILED)


def _outside_flask(environ: WSGIEnvironment, slug: str, detail: str) -> WSGIResponse:
    """An answer in place of the application's. Nothing of the request is in it, not even the
    path: what is refused, or failed, may be anything.
    """
    status, headers, body = _render(environ, slug, detail, "/", {})
    chunks = [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
    return WSGIResponse(f"{status} {HTTPStatus(status).phrase}", [*headers.items()], chunks)


def _render(
    environ: WSGIEnvironment, slug: str, detail: str, instance: str, extensions: Mapping[str, Any]
) -> tuple[int, dict[str, str], bytes]:
    """The status, headers and body of a page or of a problem, as the path asks for; of a problem
    too where the page itself fails.
    """
    request_id, kind = environ["HTTP_X_REQUEST_ID"], PROBLEMS[slug]
    if is_page(environ.get("PATH_INFO", "")):
        try:
            page = error_page(kind.status, slug, kind.title, detail, request_id)
        except Exception as error:  # noqa: BLE001  # the error that led here must be answered
            _log_failure(environ, error)
        else:
            return kind.status, own_headers(HTML, page), page
    return render(slug, detail, request_id, instance=instance, extensions=extensions)


def _log_failure(environ: WSGIEnvironment, error: Exception) -> None:
    _log.error("request %s failed", environ["HTTP_X_REQUEST_ID"], exc_info=error)


def _problem(
    slug: str, detail: str, headers: Mapping[str, str] | None = None, **extensions: Any
) -> Response:
    """The answer to a request that failed."""
    status, own, body = _render(request.environ, slug, detail, quote(request.path), extensions)
    return Response(body, status, {**own, **(headers or {})})


def _internal_error(error: Exception) -> Response:
    _log_failure(request.environ, error)
    return _problem("internal-error", _FAILED)


def _query_refused(error: QueryRefused) -> Response:
    unknown = all(fault.unknown for fault in error.faults)
    names = ", ".join(dict.fromkeys(fault.parameter for fault in error.faults))
    return _problem(
        "unknown-parameter" if unknown else "invalid-parameter",
        f"The query string was refused for {len(error.faults)} fault(s): {names}.",
        errors=[fault.as_json() for fault in error.faults],
    )


def _not_found(error: NotFound) -> Response:
    """``abort(404, detail)`` says what is missing; Flask alone says nothing that is of use."""
    default = error.description == NotFound.description
    return _problem("not-found", "There is nothing at this path." if default else error.description)


def _retired(error: ClaimRetired) -> Response:
    tombstone = error.tombstone
    if tombstone.replaced_by is not None:
        # The same form of the claim that replaced it: data, linked data or the page.
        location = request.path.replace(tombstone.id, tombstone.replaced_by)
        response = Response(status=308, headers={"Location": location, "Cache-Control": "no-store"})
        del response.headers["Content-Type"]
        return response
    withdrawn = {key: getattr(tombstone, key) for key in ("id", "withdrawn_on", "reason")}
    return _problem("gone", "The claim was withdrawn.", tombstone=withdrawn)


def _http_error(error: HTTPException) -> Response:
    """Whatever else Flask raises about a request is the request's fault."""
    if error.code is None or error.code >= 500:
        return _internal_error(error)
    return _problem("bad-request", "The request is not well-formed.")
