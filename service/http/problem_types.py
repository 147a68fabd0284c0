"""The problem types (RFC 9457) and the one writer of ``application/problem+json``.

Without Flask: the application answers with it, and so does the server for what never reaches it.
"""

import json
from typing import Any, NamedTuple

MEDIA_TYPE = "application/problem+json"
PROBLEM_TYPE = "claims.problem"
"""The key of a WSGI environment with the slug of the problem that its request was answered with."""


class ProblemType(NamedTuple):
    """A kind of error: the last part of its URI, its title and its usual status."""

    slug: str
    title: str
    status: int


_TYPES = (
    ProblemType("invalid-parameter", "Invalid parameter", 400),
    ProblemType("unknown-parameter", "Unknown parameter", 400),
    ProblemType("bad-request", "Bad request", 400),
    ProblemType("not-found", "Not found", 404),
    ProblemType("history-changed", "History changed", 409),
    ProblemType("gone", "Gone", 410),
    ProblemType("method-not-allowed", "Method not allowed", 405),
    ProblemType("precondition-failed", "Precondition failed", 412),
    ProblemType("too-long", "Request line too long", 414),
    ProblemType("range-not-satisfiable", "Range not satisfiable", 416),
    ProblemType("result-too-large", "Result too large", 422),
    ProblemType("too-many-requests", "Too many requests", 429),
    ProblemType("internal-error", "Internal error", 500),
    ProblemType("service-unreachable", "Service unreachable", 502),
    ProblemType("overloaded", "Overloaded", 503),
    ProblemType("dataset-unavailable", "Data set unavailable", 503),
)
PROBLEMS = {problem.slug: problem for problem in _TYPES}
"""By slug. What each means, and what to do about it, is on the page ``/problems/{slug}``."""


def document(kind: ProblemType, detail: str, request_id: str, instance: str, **more: Any) -> bytes:
    """A problem document (section 3.1), with ``more`` as its extension members (section 3.2).

    ``instance`` is the percent-encoded path that was requested; nothing else of a request is
    repeated.
    """
    members = {
        "type": f"/problems/{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "instance": instance,
        "request_id": request_id,
        **more,
    }
    return json.dumps(members, separators=(",", ":")).encode()
