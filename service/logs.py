"""Request ids and the access log, as WSGI middleware, so that cached answers and refusals are
logged like the rest.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.wsgi import ClosingIterator

from service.timing import server_timing

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,128}")
_KEY = "claims.request_id"
_access = logging.getLogger("claims.access")


def request_id(environ: WSGIEnvironment) -> str:
    """The id of a request: the client's own when it is well-formed, else a new one."""
    if _KEY not in environ:
        given = environ.get("HTTP_X_REQUEST_ID", "")
        environ[_KEY] = given if WELL_FORMED.fullmatch(given) else os.urandom(16).hex()
    return str(environ[_KEY])


def configure(access_log: bool) -> None:
    """Plain messages on standard error, one JSON line a request on standard output."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    if access_log and not _access.handlers:
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(logging.Formatter("%(message)s"))
        _access.addHandler(handler)
    _access.setLevel(logging.INFO if access_log else logging.CRITICAL)
    _access.propagate = False


class RequestLog:
    """Gives every answer its ``X-Request-ID`` and ``Server-Timing``, and writes one JSON line."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        seen: dict[str, Any] = {"status": 0, "bytes": None}

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            seen["status"] = int(status.split(" ", 1)[0])
            seen["bytes"] = next((v for n, v in headers if n == "Content-Length"), None)
            own = [
                ("X-Request-ID", request_id(environ)),
                ("Server-Timing", server_timing(environ, time.perf_counter() - started)),
            ]
            return start_response(status, headers + own, exc_info)

        body = self._app(environ, start)
        return ClosingIterator(body, [lambda: _write(environ, seen, time.perf_counter() - started)])


def _write(environ: WSGIEnvironment, seen: dict[str, Any], seconds: float) -> None:
    """One line: JSON in ASCII, so that no input can break out of it."""
    size = seen["bytes"]
    line = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "request_id": request_id(environ),
        "method": environ.get("REQUEST_METHOD"),
        "path": environ.get("PATH_INFO"),
        "query": environ.get("QUERY_STRING"),
        "status": seen["status"],
        "bytes": None if size is None else int(size),
        "ms": round(seconds * 1000, 3),
        "client": environ.get("REMOTE_ADDR"),
        "user_agent": environ.get("HTTP_USER_AGENT"),
    }
    _access.info(json.dumps(line))
