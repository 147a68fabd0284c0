"""Load shedding: a request that has waited too long for its turn is refused at once, and the time
goes to those whose client is still there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from service.http.headers import HEALTH_PATHS, WAITED

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MAX_WAIT_SECONDS = 1.0
"""For a thread; an answer itself takes milliseconds."""
RETRY_SECONDS = 2
"""After which a refused client may try again."""


def waited_too_long(environ: WSGIEnvironment) -> bool:
    """Whether to refuse a request; questions about the service's health never are."""
    waited: float = environ.get(WAITED, 0.0)
    return waited > MAX_WAIT_SECONDS and environ["PATH_INFO"] not in HEALTH_PATHS
