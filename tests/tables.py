"""Large tables whose rows take a fraction of a millisecond, all of them in one test.

A test of its own for each row costs more than most rows do: it is collected, numbered and reported
by three processes.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import pytest

MOST_TOLD = 5
"""Rows that fail of which is told what happened; of the others, their number."""


def each_row(
    names: str | tuple[str, ...], rows: Iterable[Any] | Callable[[], Iterable[Any]]
) -> Callable[[Callable[..., None]], Any]:
    """Goes through all rows in one test, the failing ones included, each with what it was given.

    Written as ``pytest.mark.parametrize`` is, for tests that leave their fixtures as they were.
    Rows that take time to find are given as a function, which is called when the test runs.
    """
    keys = names.split(",") if isinstance(names, str) else names

    def through_all(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def tested(*arguments: Any, **fixtures: Any) -> None:
            failures: list[BaseException] = []
            table = rows() if callable(rows) else rows
            number = 0
            for number, values in enumerate(table, 1):  # noqa: B007  # it is told below
                row = dict(zip(keys, _values(values, len(keys)), strict=True))
                try:
                    test(*arguments, **fixtures, **row)
                except (Exception, pytest.fail.Exception) as failure:  # noqa: BLE001  # it is told below
                    failure.add_note(f"given {row!r:.1000}")
                    failures.append(failure)
            if failures:
                told = f"{len(failures)} of {number} rows"
                raise BaseExceptionGroup(told, failures[:MOST_TOLD])

        signature = inspect.signature(test)
        others = [p for name, p in signature.parameters.items() if name not in keys]
        tested.__signature__ = signature.replace(parameters=others)  # type: ignore[attr-defined]
        return tested

    return through_all


def _values(row: Any, width: int) -> Iterable[Any]:
    """The values of a row, which may have been written for ``pytest.mark.parametrize``."""
    if hasattr(row, "marks") and hasattr(row, "values"):
        return tuple(row.values)
    return (row,) if width == 1 else tuple(row)
