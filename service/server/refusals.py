"""What a request is told that gunicorn refuses by itself: the table, and the bytes of the answer.

Nothing of the request or of the exception is in them. service.http.problem_types writes them as it
does for the application.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import NamedTuple

from gunicorn import util
from gunicorn.http import errors

from service.http import problem_types
from service.http.headers import API_HEADERS

#: gunicorn would name itself here; which program answers is nobody's business but the operator's.
SERVER = "web"


class Refusal(NamedTuple):
    """What to answer: the status, the last part of the problem's type, and a sentence."""

    status: HTTPStatus
    slug: str
    detail: str


def _bad(status: HTTPStatus, detail: str) -> Refusal:
    return Refusal(status, "bad-request", detail)


_MALFORMED = _bad(HTTPStatus.BAD_REQUEST, "The request is not well-formed HTTP/1.1.")
SLOW = _bad(HTTPStatus.REQUEST_TIMEOUT, "The request did not arrive in time.")
INTERNAL = Refusal(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "internal-error",
    "The service failed to answer. The request id finds the fault in its log.",
)

#: From gunicorn's exception to the answer; the first that fits counts, subclasses come first.
REFUSALS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Refusal], ...] = (
    # Faults of ours that gunicorn derives from its parsing errors.
    (
        (
            errors.ConfigurationProblem,
            errors.InvalidResponseHeader,  # type: ignore[attr-defined]  # newer than the stubs
            errors.InvalidResponseHeaderName,  # type: ignore[attr-defined]
        ),
        INTERNAL,
    ),
    (
        errors.LimitRequestLine,
        Refusal(
            HTTPStatus.REQUEST_URI_TOO_LONG,
            "too-long",
            "The request line is longer than 8,190 bytes. Ask in several requests.",
        ),
    ),
    (
        errors.LimitRequestHeaders,
        _bad(
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
            "The request has too many header fields, or one of them is too long.",
        ),
    ),
    # RFC 9112 section 6.1: a transfer coding that the server does not understand.
    (
        errors.UnsupportedTransferCoding,
        _bad(HTTPStatus.NOT_IMPLEMENTED, "The transfer coding is not supported."),
    ),
    (
        errors.ExpectationFailed,
        _bad(HTTPStatus.EXPECTATION_FAILED, "The only expectation met is 100-continue."),
    ),
    (
        errors.InvalidHTTPVersion,
        _bad(HTTPStatus.BAD_REQUEST, "The HTTP version is not 1.0 or 1.1."),
    ),
    (
        errors.InvalidRequestMethod,
        _bad(HTTPStatus.BAD_REQUEST, "The method is not a name in capital letters."),
    ),
    (
        errors.InvalidRequestLine,
        _bad(HTTPStatus.BAD_REQUEST, "The request line is not method, target and version."),
    ),
    (
        (errors.InvalidHeader, errors.InvalidHeaderName, errors.ObsoleteFolding),
        _bad(
            HTTPStatus.BAD_REQUEST,
            "A header field is ill-formed, is missing or there twice, or contradicts another.",
        ),
    ),
    (
        (
            errors.InvalidChunkSize,
            errors.InvalidChunkExtension,
            errors.ChunkMissingTerminator,
        ),
        _bad(HTTPStatus.BAD_REQUEST, "The chunks of the body are ill-formed."),
    ),
    (errors.ParseException, _MALFORMED),
)


def refusal_for(exc: BaseException) -> Refusal:
    """The answer to what gunicorn raised: the client's fault if its parser did, else ours."""
    return next((refusal for kind, refusal in REFUSALS if isinstance(exc, kind)), INTERNAL)


def render(refusal: Refusal, request_id: str) -> bytes:
    """The whole response; nothing in it comes from the request or from the exception."""
    # No target was read that could be trusted, so the instance is the service itself.
    _, headers, body = problem_types.render(
        refusal.slug, refusal.detail, request_id, status=refusal.status.value
    )
    head = [
        f"HTTP/1.1 {refusal.status.value} {refusal.status.phrase}",
        f"Server: {SERVER}",
        f"Date: {util.http_date()}",
        # Where the next request would begin is unknown (RFC 9112 section 9.3).
        "Connection: close",
        f"X-Request-ID: {request_id}",
        *(f"{name}: {value}" for name, value in (*headers.items(), *API_HEADERS)),
    ]
    return "\r\n".join(head).encode("ascii") + b"\r\n\r\n" + body
