"""Problem details (RFC 9457) made without Flask: for what is answered before the application."""

from __future__ import annotations

import json

from schemas.problem import Problem
from service.http.headers import API_POLICY, COMMON


def render(
    status: int, slug: str, title: str, detail: str, request_id: str
) -> tuple[dict[str, str], bytes]:
    """The headers and the body of a problem that repeats nothing of its request.

    It names the service itself as the instance, not the target, which may be unreadable.
    """
    problem = Problem(
        type=f"/problems/{slug}",
        title=title,
        status=status,
        detail=detail,
        instance="/",
        request_id=request_id,
        extensions={},
    )
    body = json.dumps(problem.as_json(), separators=(",", ":")).encode()
    headers = {
        "Content-Type": "application/problem+json",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "Content-Security-Policy": API_POLICY,
        **COMMON,
    }
    return headers, body
