"""What becomes of a panic in the search engine's own code."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar


class EnginePanicked(RuntimeError):
    """The search engine failed in its own code."""


P = ParamSpec("P")
R = TypeVar("R")


def panics_are_errors(method: Callable[P, R]) -> Callable[P, R]:
    """Makes an error of a Rust panic, which arrives as a ``BaseException`` and would otherwise
    pass every handler and end the worker.
    """

    @functools.wraps(method)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except BaseException as error:
            if type(error).__name__ == "PanicException":
                raise EnginePanicked(f"the search engine panicked: {error}") from error
            raise

    return guarded
