"""The problem types (RFC 9457) and the one writer of ``application/problem+json``.

Without Flask: the application answers with it, and so does the server for what never reaches it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

MEDIA_TYPE = "application/problem+json"


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
    ProblemType("gone", "Gone", 410),
    ProblemType("method-not-allowed", "Method not allowed", 405),
    ProblemType("too-long", "Request line too long", 414),
    ProblemType("too-many-requests", "Too many requests", 429),
    ProblemType("internal-error", "Internal error", 500),
    ProblemType("service-unreachable", "Service unreachable", 502),
    ProblemType("overloaded", "Overloaded", 503),
    ProblemType("dataset-unavailable", "Data set unavailable", 503),
)
PROBLEMS = {problem.slug: problem for problem in _TYPES}
"""By slug. What each means, and what to do about it, is on the page ``/problems/{slug}``."""


def render(
    slug: str,
    detail: str,
    request_id: str,
    *,
    instance: str = "/",
    status: int | None = None,
    extensions: Mapping[str, Any] | None = None,
) -> tuple[int, dict[str, str], bytes]:
    """The status, the headers of its own and the body of a problem answer (section 3.1).

    ``instance`` is the percent-encoded path that was requested; nothing else of a request is
    repeated.
    """
    status = status or PROBLEMS[slug].status
    members = {
        "type": f"/problems/{slug}",
        "title": PROBLEMS[slug].title,
        "status": status,
        "detail": detail,
        "instance": instance,
        "request_id": request_id,
        **(extensions or {}),
    }
    body = json.dumps(members, separators=(",", ":")).encode()
    return status, own_headers(MEDIA_TYPE, body), body


def own_headers(media_type: str, body: bytes) -> dict[str, str]:
    """The headers of an answer that must never be reused (RFC 9111, section 5.2.2.5)."""
    length = str(len(body))
    return {"Content-Type": media_type, "Content-Length": length, "Cache-Control": "no-store"}
