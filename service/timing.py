"""Where the time of a request went, for the ``Server-Timing`` header (W3C Server Timing)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_KEY = "claims.timing"


@contextmanager
def timed(environ: WSGIEnvironment, step: str) -> Iterator[None]:
    """Adds the time of a step; a step inside another is taken out of the outer one."""
    steps: dict[str, float] = environ.setdefault(_KEY, {})
    before, inner = time.perf_counter(), sum(steps.values())
    try:
        yield
    finally:
        spent = time.perf_counter() - before
        steps[step] = steps.get(step, 0.0) + spent - (sum(steps.values()) - inner)


def note(environ: WSGIEnvironment, step: str, seconds: float) -> None:
    """Adds a step that was timed already."""
    environ.setdefault(_KEY, {})[step] = seconds


def server_timing(environ: WSGIEnvironment, total: float) -> str:
    """The steps in milliseconds, in the order they ended, and the total."""
    steps = {**environ.get(_KEY, {}), "total": total}
    return ", ".join(f"{step};dur={seconds * 1000:.3f}" for step, seconds in steps.items())
