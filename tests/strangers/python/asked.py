"""What every generated client is asked, and how it tells what it got. See test_generated.py."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from enum import Enum
from typing import Any

TODAY, TOMORROW, CLAIM, FROM, TO = sys.argv[1:6]
MEMBER = "of-tomorrow"
"""A member of an open list that was unknown when the client was generated."""


def written(value: Any) -> str:
    """A value of a list, however a generator wraps it."""
    for name in ("actual_instance", "root"):
        value = getattr(value, name, value)
    return str(value.value if isinstance(value, Enum) else value)


def unknown(*values: Iterable[Any]) -> None:
    """Ends unless each list has the unknown member."""
    for number, each in enumerate(values):
        if MEMBER not in map(written, each):
            sys.exit(f"list {number} has no unknown member")


def tell(ids: Iterable[Any], status: int, parameters: Iterable[str]) -> None:
    """The ids of the claims that a filter with two values found, and a refusal, as it was read."""
    found = {"ids": [written(each) for each in ids], "status": int(status)}
    print(json.dumps({**found, "parameters": list(parameters)}))
