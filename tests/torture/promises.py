"""What a test promises, and tells: the marker that says it, and the file it is kept in."""

from __future__ import annotations

import json
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
    "A cluster",
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


def tell_of(item: Any, figure: str, *, full: bool, seed: int) -> None:
    """Keeps what a test saw, at ``full`` length or shortened."""
    FIGURES.mkdir(parents=True, exist_ok=True)
    item.user_properties.append(("figure", figure))
    told = {**promise_of(item).as_json(), "figure": figure, "full": full, "seed": seed}
    content = json.dumps(told, indent=2, ensure_ascii=False) + "\n"
    (FIGURES / f"{item.name}.json").write_text(content, encoding="utf-8")


def promise_of(item: Any) -> Promise:
    marker = item.get_closest_marker("torture")
    assert marker is not None, f"{item.nodeid} makes no promise"
    area, promise, broken = marker.args
    return Promise(area, promise, broken, item.nodeid)
