"""Load shedding: a request that waited too long in front of the application gets a 503 at once,
so that the time goes to requests whose client still waits.

nginx says when it passed a request on (``X-Request-Start: t=1764280000.123``, seconds since the
epoch); it overwrites what a client sends under that name. Without nginx a client that sends the
header can have its own request refused, and nothing else.
"""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from service.http.headers import HEALTH_PATHS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MAX_WAIT_SECONDS = 1.0
"""In front of the application; an answer itself takes milliseconds."""
RETRY_AFTER_SECONDS = 2
_IMPLAUSIBLE_SECONDS = 60.0
"""nginx gives up after 35 s: a longer wait is a clock that is wrong."""
_REQUEST_START = re.compile(r"t=([0-9]{1,12}(?:\.[0-9]{1,6})?)")


def waited_too_long(environ: WSGIEnvironment) -> bool:
    """Whether to refuse a request; questions about the service's health never are."""
    request_start = environ.get("HTTP_X_REQUEST_START")
    if request_start is None or environ["PATH_INFO"] in HEALTH_PATHS:
        return False
    match = _REQUEST_START.fullmatch(request_start)
    waited = time.time() - float(match[1]) if match else 0.0
    return MAX_WAIT_SECONDS < waited <= _IMPLAUSIBLE_SECONDS
