"""Which side was taken of each difference, and why; kept in a file of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Container, Mapping
from pathlib import Path

from service.compiler.disk import replace_file
from service.compiler.pending import EditRefused
from service.curation.workbench.session import Conflict

Decision = Mapping[str, str]
"""The side that was ``taken``, ``a`` or ``b``, and the ``reason``."""


class Decisions:
    """The decisions of a file, by the keys of what differs. Raises ``EditRefused`` for a file that
    was broken.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.made: Mapping[str, Decision] = _read(path)
        self._lock = threading.Lock()

    def add(
        self,
        key: str,
        decision: Decision,
        keys: Container[str],
        then: Callable[[Mapping[str, Decision]], None] = lambda made: None,
    ) -> None:
        """Takes one side of what has one of the ``keys``; ``then`` is done with all decisions.

        Raises ``Conflict`` and ``OSError``, and what ``then`` raises; nothing is decided then.
        """
        if key not in keys or decision["taken"] not in ("a", "b"):
            raise Conflict("Nothing differs in that")
        if not decision["reason"].strip():
            raise Conflict("Say why: each difference is decided with a reason")
        with self._lock:
            kept = {"taken": decision["taken"], "reason": decision["reason"].strip()}
            made = {**self.made, key: kept}
            then(made)
            told = json.dumps(made, indent=2, ensure_ascii=False) + "\n"
            replace_file(self.path, told.encode())
            self.made = made


def _read(path: Path) -> dict[str, Decision]:
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_bytes())
        return {
            key: {"taken": str(each["taken"]), "reason": str(each["reason"])}
            for key, each in found.items()
        }
    except (ValueError, AttributeError, KeyError, TypeError):
        raise EditRefused(
            f"{path} was broken: put it right, or remove it to decide all again"
        ) from None
