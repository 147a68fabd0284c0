"""The one table from exception to problem: everything raised leaves through here."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestURITooLarge

from schemas.problem import Problem, QueryRefused
from service.http.logs import request_id
from service.store.protocol import ClaimNotFound, ClaimRetired, DatasetUnavailable
from service.store.provider import RETRY_SECONDS

MEDIA_TYPE = "application/problem+json"

_log = logging.getLogger("claims")


@dataclass(frozen=True, slots=True)
class Kind:
    """A problem type: its slug, what it is called, its status, and what to do about it."""

    slug: str
    title: str
    status: int
    meaning: str
    remedy: str


KINDS: Mapping[str, Kind] = {
    kind.slug: kind
    for kind in (
        Kind(
            "invalid-parameter",
            "Invalid parameter",
            400,
            "A query parameter is empty, repeated, missing, ill-formed or out of range. Nothing is "
            "clamped or ignored, so that no answer is ever to another question than the one asked.",
            "The member “errors” names every parameter at fault, what was given and what is "
            "allowed. Correct them all and ask again.",
        ),
        Kind(
            "unknown-parameter",
            "Unknown parameter",
            400,
            "The request names a query parameter that this operation does not have.",
            "The member “errors” names it, lists the parameters there are and, for a near miss, "
            "the one probably meant. Remove or rename it and ask again.",
        ),
        Kind(
            "bad-request",
            "Bad request",
            400,
            "What arrived is no well-formed HTTP request, so it was refused before it was read "
            "any further. The status is 400, or 408 for a request that did not arrive in time, 413 "
            "for a body that is too large, 417 for an expectation that cannot be met, 431 for "
            "header fields that are too large, 501 for a transfer coding that is not known here.",
            "Look at the client, or at a proxy between: it sends malformed HTTP.",
        ),
        Kind(
            "not-found",
            "Not found",
            404,
            "There is nothing at this path, or no record with this id.",
            "Look for the id with the list it belongs to. Paths end without a slash.",
        ),
        Kind(
            "gone",
            "Gone",
            410,
            "The claim with this id was withdrawn. Ids are permanent and never used again, so this "
            "one will not come back.",
            "The member “tombstone” says when the claim was withdrawn and why.",
        ),
        Kind(
            "method-not-allowed",
            "Method not allowed",
            405,
            "The service is for reading: it answers GET, HEAD and OPTIONS.",
            "Ask with GET. The header “Allow” lists the methods of the path.",
        ),
        Kind(
            "too-long",
            "Request line too long",
            414,
            "The request line is longer than 8,190 bytes.",
            "Ask in several requests, or filter by something that names fewer values.",
        ),
        Kind(
            "too-many-requests",
            "Too many requests",
            429,
            "Your address asked more often than a proxy in front of the service allows. Others may "
            "share the address.",
            "Wait as many seconds as the header “Retry-After” gives, then ask more slowly. For "
            "many claims ask once for an export, not for each of them, and send “If-None-Match”.",
        ),
        Kind(
            "internal-error",
            "Internal error",
            500,
            "The service failed in a way it should not have. Nothing about your request is wrong.",
            "Try again; if it fails again, report the “request_id” to whoever runs the service.",
        ),
        Kind(
            "service-unreachable",
            "Service unreachable",
            502,
            "A proxy in front of the service got no answer from it. The status is 502, or 504 when "
            "it waited for too long.",
            "Try again after the seconds that the header “Retry-After” gives.",
        ),
        Kind(
            "overloaded",
            "Overloaded",
            503,
            "More was asked of the service than it can answer, and this request had waited too "
            "long for its turn. Nothing about the request is wrong.",
            "Try again after the seconds that the header “Retry-After” gives, and ask less often.",
        ),
        Kind(
            "dataset-unavailable",
            "Data set unavailable",
            503,
            "The service is up but has no data set that it could open.",
            "Try again after the seconds that the header “Retry-After” gives. Whoever runs the "
            "service finds the reason in its log.",
        ),
    )
}


def register(app: Flask) -> None:
    """Sends everything that is raised through the table."""
    table: Mapping[type[Exception], Callable[[Any], Response]] = {
        QueryRefused: _query_refused,
        ClaimNotFound: lambda _: problem("not-found", "There is no claim with this id."),
        ClaimRetired: _retired,
        DatasetUnavailable: _unavailable,
        NotFound: lambda _: problem("not-found", "There is nothing at this path."),
        MethodNotAllowed: _method_not_allowed,
        RequestURITooLarge: lambda _: problem("too-long", "The request line is too long."),
        HTTPException: _http_error,
        Exception: _internal_error,
    }
    for error, answer in table.items():
        app.register_error_handler(error, answer)


def problem(
    slug: str, detail: str, *, status: int | None = None, extensions: dict[str, Any] | None = None
) -> Response:
    """A problem answer (RFC 9457); never cached, and nothing of the request in it but its path."""
    kind = KINDS[slug]
    body = Problem(
        type=f"/problems/{slug}",
        title=kind.title,
        status=status or kind.status,
        detail=detail,
        instance=quote(request.path),
        request_id=request_id(request.environ),
        extensions=extensions or {},
    )
    text = json.dumps(body.as_json(), separators=(",", ":"))
    response = Response(text, status=body.status, content_type=MEDIA_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


def not_found(what: str) -> Response:
    return problem("not-found", f"There is no {what} with this id.")


def _query_refused(error: QueryRefused) -> Response:
    unknown = all(fault.unknown for fault in error.faults)
    names = ", ".join(dict.fromkeys(fault.parameter for fault in error.faults))
    return problem(
        "unknown-parameter" if unknown else "invalid-parameter",
        f"The query string was refused for {len(error.faults)} fault(s): {names}.",
        extensions={"errors": [fault.as_json() for fault in error.faults]},
    )


def _retired(error: ClaimRetired) -> Response:
    tombstone = error.tombstone
    if tombstone.replaced_by is not None:
        response = Response(status=308)
        response.headers["Location"] = f"/v1/claims/{tombstone.replaced_by}{_form()}"
        response.headers["Cache-Control"] = "no-store"
        del response.headers["Content-Type"]
        return response
    return problem(
        "gone",
        "The claim was withdrawn.",
        extensions={
            "tombstone": {
                "id": tombstone.id,
                "withdrawn_on": tombstone.withdrawn_on,
                "reason": tombstone.reason,
            }
        },
    )


def _form() -> str:
    """The end of the path that asks for another form of a claim: it leads to that form again."""
    return ".jsonld" if request.path.endswith(".jsonld") else ""


def _unavailable(_: DatasetUnavailable) -> Response:
    response = problem("dataset-unavailable", "There is no data set to answer from at present.")
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _method_not_allowed(error: MethodNotAllowed) -> Response:
    response = problem("method-not-allowed", "This path is for reading alone.")
    response.headers["Allow"] = ", ".join(sorted(error.valid_methods or ("GET", "HEAD", "OPTIONS")))
    return response


def _http_error(error: HTTPException) -> Response:
    """Whatever else Flask raises about a request is the request's fault."""
    if error.code is None or error.code >= 500:
        return _internal_error(error)
    return problem("bad-request", "The request is not well-formed.")


def _internal_error(error: Exception) -> Response:
    _log.error("request %s failed", request_id(request.environ), exc_info=error)
    return problem("internal-error", "The service failed; nothing is wrong with the request.")
