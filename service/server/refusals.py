"""The answers to requests that gunicorn refuses before the application sees them.

They repeat nothing of the request or the exception. ``service.http.problem_types`` writes them as
it does for the application.
"""

from __future__ import annotations

from email.utils import formatdate
from http import HTTPStatus
from typing import NamedTuple

from gunicorn.http import errors

from service.http import problem_types
from service.http.headers import API_HEADERS


class Refusal(NamedTuple):
    """The status, the detail, and the type of the problem."""

    status: int
    detail: str
    slug: str = "bad-request"


INTERNAL = Refusal(
    500,
    "The service failed to answer. The request id finds the fault in its log.",
    "internal-error",
)
_TOO_LONG = Refusal(
    414, "The request line is longer than 8,190 bytes. Ask in several requests.", "too-long"
)
_FIELDS = "The request has too many header fields, or one of them is too long."

#: Exceptions of gunicorn's parser; the first row that fits counts, and subclasses come first.
REFUSALS: tuple[tuple[type[Exception], Refusal], ...] = (
    # Faults on this side that gunicorn derives from its parsing errors.
    (errors.ConfigurationProblem, INTERNAL),
    (errors.InvalidResponseHeader, INTERNAL),  # type: ignore[attr-defined]  # not in the stubs
    (errors.InvalidResponseHeaderName, INTERNAL),  # type: ignore[attr-defined]
    (errors.LimitRequestLine, _TOO_LONG),
    (errors.LimitRequestHeaders, Refusal(431, _FIELDS)),
    (errors.UnsupportedTransferCoding, Refusal(501, "The transfer coding is not supported.")),
    (errors.ExpectationFailed, Refusal(417, "The only expectation met is 100-continue.")),
    (errors.ParseException, Refusal(400, "The request is not well-formed HTTP/1.1.")),
)


def refusal_for(exc: BaseException) -> Refusal:
    """The client's fault if gunicorn's parser raised it, else an internal error."""
    return next((refusal for kind, refusal in REFUSALS if isinstance(exc, kind)), INTERNAL)


def render(refusal: Refusal, request_id: str) -> bytes:
    """The whole response, head and body."""
    status, detail, slug = refusal
    # No target was read that could be trusted, so the instance is the service itself.
    _, headers, body = problem_types.render(slug, detail, request_id, status=status)
    headers |= dict(API_HEADERS)
    # Where the next request would begin is unknown (RFC 9112, section 9.3).
    headers |= {"Connection": "close", "Date": formatdate(usegmt=True), "X-Request-ID": request_id}
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body
