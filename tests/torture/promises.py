"""What a test of this folder promises: the marker that says it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
FIGURES = ROOT / ".artefacts" / "reliability"
"""What the tests told, a file each."""

AREAS = (
    "Curated files",
    "Publishing and reloading",
    "Hostile input",
    "Slow clients and overload",
    "Deployment",
)


@dataclass(frozen=True, slots=True)
class Promise:
    """One row of ``docs/reliability.md``.

    ``broken`` says on which deliberately broken variant the test was seen to fail.
    """

    area: str
    promise: str
    broken: str
    test: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def promises(area: str, promise: str, *, broken: str) -> pytest.MarkDecorator:
    """Marks a test: ``@promises("Hostile input", "No answer is a 5xx.", broken="…")``."""
    assert area in AREAS, area
    return pytest.mark.torture(area, promise, broken)


def promise_of(item: Any) -> Promise:
    marker = item.get_closest_marker("torture")
    assert marker is not None, f"{item.nodeid} makes no promise"
    area, promise, broken = marker.args
    return Promise(area, promise, broken, item.nodeid)
