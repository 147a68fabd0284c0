"""Where a process of the build works: what it must know, and the files it opened for itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.compiler.checks import Known
from service.compiler.kept import Kept, opened
from service.compiler.lines import LineReader

Handle = Any
"""A record itself, or the place of its line."""
Part = Sequence[Any]

MOST_LINE = 1_000_000
"""Bytes of a line; what is longer is no record."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What each process must know: the vocabularies, the files, and what may be used again."""

    known: Known | None
    names: Mapping[str, str]
    paths: Mapping[str, Path]
    out: Path | None
    moved: tuple[bytes, ...] | None


class Desk:
    """Where a process works: the plan, and the files it opened for itself."""

    def __init__(self, plan: Plan) -> None:
        self.known, self.names = plan.known, plan.names
        self._readers = {name: LineReader(path) for name, path in plan.paths.items()}
        self.kept: Mapping[str, Kept] = opened(plan.out, plan.moved) if plan.out else {}

    def raw(self, name: str, handle: Handle) -> bytes | None:
        """The line of a record; ``None`` where the record itself was handed over.

        Of a line too long for any record only the beginning.
        """
        reader = self._readers.get(name)
        if reader is None:
            return None
        offset, length = handle
        return reader.read((offset, min(length, MOST_LINE + 1)))
