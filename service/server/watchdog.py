"""Notices requests that are stuck in the application, so that their worker can be replaced."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any


class Watchdog:
    """WSGI layer that records since when each thread has been inside the application.

    A step is the call of the application or the production of one piece of a body. Sending to the
    client is part of none: a client that reads slowly is no fault of the worker.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self._since: dict[int, float] = {}

    def __call__(self, environ: Any, start_response: Any) -> Iterator[bytes]:
        with self._step():
            body = self._app(environ, start_response)
        return self._pieces(body)

    def longest_step(self) -> float:
        """Seconds that the oldest step under way has taken so far."""
        now = time.monotonic()
        return now - min(self._since.copy().values(), default=now)

    def _pieces(self, body: Iterable[bytes]) -> Iterator[bytes]:
        pieces = iter(body)
        try:
            while True:
                with self._step():
                    piece = next(pieces, None)
                if piece is None:
                    return
                yield piece
        finally:
            if hasattr(body, "close"):
                body.close()

    @contextmanager
    def _step(self) -> Iterator[None]:
        self._since[threading.get_ident()] = time.monotonic()
        try:
            yield
        except Exception:
            raise
        except BaseException as error:  # a panic of native code would end gunicorn's main loop
            raise RuntimeError("the application panicked") from error
        finally:
            del self._since[threading.get_ident()]
