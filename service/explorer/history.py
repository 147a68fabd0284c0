"""What happened to a claim, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.explorer.dates import in_words
from service.explorer.words import CHANGE
from service.history import history
from service.store.protocol import Store


@dataclass(frozen=True, slots=True)
class Change:
    """One step in the life of a claim; ``fields`` are those that it changed."""

    words: str
    revision: int
    day: str
    on: str
    reason: str | None
    fields: list[str]


def changes(claim_id: str, store: Store) -> list[Change]:
    """Oldest first. Raises ``ClaimNotFound``."""
    return [_change(change) for change in history(store, claim_id)]


def _change(change: Mapping[str, Any]) -> Change:
    return Change(
        CHANGE[change["change"]],
        change["revision"],
        change["recorded_at"],
        in_words(change["recorded_at"]),
        change["reason"],
        [difference["field"].strip("/") for difference in change["differences"]],
    )
