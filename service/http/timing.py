"""Where the time of a request went, for the ``Server-Timing`` header (W3C Server Timing)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_KEY = "claims.timing"


class timed:  # noqa: N801  # used like the functions of contextlib
    """Adds the time of a step; a step inside another is taken out of the outer one."""

    __slots__ = ("_before", "_inner", "_step", "_steps")

    def __init__(self, environ: WSGIEnvironment, step: str) -> None:
        self._steps: dict[str, float] = environ.setdefault(_KEY, {})
        self._step = step

    def __enter__(self) -> None:
        self._inner, self._before = sum(self._steps.values()), time.perf_counter()

    def __exit__(self, *_: object) -> None:
        spent = time.perf_counter() - self._before
        inner = sum(self._steps.values()) - self._inner
        self._steps[self._step] = self._steps.get(self._step, 0.0) + spent - inner


def note(environ: WSGIEnvironment, step: str, seconds: float) -> None:
    """Adds a step that was timed already."""
    environ.setdefault(_KEY, {})[step] = seconds


def server_timing(environ: WSGIEnvironment, total: float) -> str:
    """The steps in milliseconds, in the order they ended, and the total."""
    steps = {**environ.get(_KEY, {}), "total": total}
    return ", ".join(f"{step};dur={seconds * 1000:.3f}" for step, seconds in steps.items())
