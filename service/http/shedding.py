"""Under more load than can be answered: what has waited too long for its turn is told so at once,
and the time goes to those whose answer still finds them waiting.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from schemas.problem import Problem
from service.http.headers import API_POLICY, COMMON, HEALTH_PATHS, WAITED
from service.http.logs import request_id

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MOST_WAITED = 1.0
"""Seconds for a thread; an answer itself takes milliseconds."""
RETRY_SECONDS = 2


class Shedding:
    """Answers 503 in place of an application that a request has waited for too long."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ.get(WAITED, 0.0) <= MOST_WAITED or environ["PATH_INFO"] in HEALTH_PATHS:
            return self._app(environ, start)
        return _refusal(environ, start)


def _refusal(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    """The problem ``overloaded``, which names nothing of the request: that would take time, which
    is short.
    """
    problem = Problem(
        type="/problems/overloaded",
        title="Overloaded",
        status=HTTPStatus.SERVICE_UNAVAILABLE.value,
        detail="The service has more to answer than it can.",
        instance="/",
        request_id=request_id(environ),
        extensions={},
    )
    body = json.dumps(problem.as_json(), separators=(",", ":")).encode()
    headers = [
        ("Content-Type", "application/problem+json"),
        ("Content-Length", str(len(body))),
        ("Retry-After", str(RETRY_SECONDS)),
        ("Cache-Control", "no-store"),
        ("Content-Security-Policy", API_POLICY),
        *COMMON.items(),
    ]
    start("503 Service Unavailable", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
