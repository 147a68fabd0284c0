"""Load shedding: a request that waited too long in front of the application gets a 503 at once,
so that the time goes to requests whose client still waits.

nginx says when it passed a request on (``X-Request-Start: t=1764280000.123``, seconds since the
epoch); it overwrites what a client sends under that name. Without nginx a client that sends the
header can have its own request refused, and nothing else.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from service.http import plain_problems
from service.http.headers import HEALTH_PATHS
from service.http.logs import request_id

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MAX_WAIT_SECONDS = 1.0
"""In front of the application; an answer itself takes milliseconds."""
RETRY_AFTER_SECONDS = 2
_IMPLAUSIBLE_SECONDS = 60.0
"""nginx gives up after 35 s: a longer wait is a clock that is wrong."""
_REQUEST_START = re.compile(r"t=([0-9]{1,12}(?:\.[0-9]{1,6})?)")


class LoadShedding:
    """WSGI layer that answers 503 in place of an application that a request waited too long for."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        waited = seconds_waited(environ.get("HTTP_X_REQUEST_START", ""), time.time())
        if waited <= MAX_WAIT_SECONDS or environ["PATH_INFO"] in HEALTH_PATHS:
            return self._app(environ, start)
        headers, body = plain_problems.render(
            503,
            "overloaded",
            "Overloaded",
            "The service has more to answer than it can.",
            request_id(environ),
        )
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
        start("503 Service Unavailable", list(headers.items()))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def seconds_waited(request_start: str, now: float) -> float:
    """Seconds since ``X-Request-Start``; 0 without it, and where it cannot be true."""
    match = _REQUEST_START.fullmatch(request_start)
    waited = now - float(match[1]) if match else 0.0
    return waited if 0 <= waited <= _IMPLAUSIBLE_SECONDS else 0.0
