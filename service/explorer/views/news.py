"""What is new: the latest changes of claims and of the records that they name, day by day."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from schemas.fields import is_day
from schemas.records.change import CLAIM, State, served_change
from schemas.records.vocabularies import VOCABULARIES
from service.store.protocol import Store

MAX_SHOWN = 100
"""Changes on the page."""
MAX_LOOKED_AT = 2_000
"""How far back the page looks; most data sets have fewer changes."""
_VOCABULARY = {kind.singular: kind for kind in VOCABULARIES.values()}


def news(asked: str, store: Store) -> dict[str, Any]:
    """The changes that were recorded on the day ``asked`` (``YYYY-MM-DD``) or later, the newest
    first; all of them where it is empty or no day, which is said.
    """
    since = asked if is_day(asked) else ""
    total = store.changes(0, 1).total
    first = max(0, total - MAX_LOOKED_AT)
    states = store.changes(first, MAX_LOOKED_AT).states if total else []
    fitting = [state for state in states if state[0]["recorded_at"] >= since]
    ordered = sorted(fitting, key=_place)
    newest = ordered[: -MAX_SHOWN - 1 : -1]
    return {
        "since": since,
        "ignored": "" if since else asked,
        "total": len(fitting),
        "more": len(fitting) > MAX_SHOWN or (bool(first) and len(fitting) == len(states)),
        "latest": max((state[0]["recorded_at"] for state in states), default=None),
        "days": list(_by_day([_told(served_change(*state)) for state in newest])),
    }


def _place(state: tuple[Mapping[str, Any], State]) -> tuple[str, bool, int]:
    """The later, the further on; of one day the claims after the records that they name."""
    change = state[0]
    return change["recorded_at"], change["claim"] is not None, change["seq"]


def _by_day(changes: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for day, some in itertools.groupby(changes, key=lambda change: str(change["recorded_at"])):
        yield day, list(some)


def _told(change: Mapping[str, Any]) -> dict[str, Any]:
    """A change with the name and the address of the page of its record."""
    kind, identifier = change["subject"]["kind"], change["subject"]["id"]
    state = change["record"] or change["previous"] or {}
    if kind == CLAIM:
        name, address = state.get("statement"), f"/claims/{identifier}"
    else:
        vocabulary = _VOCABULARY[kind]
        name, address = state.get(vocabulary.name_key), f"/{vocabulary.name}/{identifier}"
    return {**change, "kind": kind, "name": name or identifier, "address": address}
