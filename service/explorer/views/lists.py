"""The lists of people, documents, topics, occasions and places, with how many claims name each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.folding import fold
from service.explorer.names import display_name, own_language
from service.explorer.state import PageState
from service.explorer.views.counts import Tally
from service.explorer.views.records import PARTS, ROLES, TITLES, begins, records_in
from service.store.protocol import Store

MAX_RECORDS = 200
"""Records on a page."""


def listed(vocabulary: str, find: str, page: int, store: Store) -> dict[str, Any]:
    """A page of the records of a vocabulary with ``find`` in their names, and their counts."""
    tally = Tally(PageState.empty(), store)
    columns = [_Column(tally, *role) for role in ROLES[vocabulary]]
    records = [
        one for one in records_in(vocabulary, store) if _matches(vocabulary, one, find, store)
    ]
    ordered = _ordered(vocabulary, records, columns)
    start = (page - 1) * MAX_RECORDS
    return {
        "vocabulary": vocabulary,
        "tabs": {name: title for name, (title, _) in TITLES.items()},
        "title": TITLES[vocabulary][0],
        "subtitle": TITLES[vocabulary][1],
        "find": find,
        "page": page,
        "more": len(ordered) > start + MAX_RECORDS,
        "size": len(ordered),
        "columns": [column.title for column in columns],
        "rows": [
            {
                "record": one,
                "name": display_name(vocabulary, one["id"], store),
                "language": one.get("language") or own_language(store.dataset.about),
                "depth": depth,
                "cells": [column.cell(one["id"]) for column in columns],
            }
            for one, depth in ordered[start : start + MAX_RECORDS]
        ],
    }


class _Column:
    """The counts of one filter, by the id that it asks for."""

    def __init__(self, tally: Tally, parameter: str, title: str, more: Mapping[str, Any]) -> None:
        self.title, self._parameter = title, parameter
        self._state = tally.state.changed(**more)
        self._counts, _ = tally.values(self._state.query, parameter)

    def count(self, identifier: str) -> int:
        return self._counts.get(identifier, 0)

    def cell(self, identifier: str) -> dict[str, Any]:
        chosen = {self._parameter: (identifier,)}
        address = self._state.changed(**chosen).claims()
        return {"count": self.count(identifier), "address": address}


def _matches(vocabulary: str, one: Mapping[str, Any], find: str, store: Store) -> bool:
    if not find:
        return True
    name = display_name(vocabulary, one["id"], store) or ""
    whole = fold(" ".join([one["id"], name, *one.get("other_names", ())]))
    return all(word in whole for word in fold(find).split())


def _ordered(
    vocabulary: str, records: list[Mapping[str, Any]], columns: list[_Column]
) -> list[tuple[Mapping[str, Any], int]]:
    """Each record and its depth: topics and places below the larger ones, dated ones by date, the
    latest first, people by how much there is of them.
    """
    if vocabulary in ("topics", "places"):
        return _tree(records, PARTS[vocabulary][0], columns[0])
    if vocabulary == "agents":
        counts = {one["id"]: sum(each.count(one["id"]) for each in columns) for one in records}
        by_size = sorted(records, key=lambda one: (-counts[one["id"]], one["name"]))
        return [(one, 0) for one in by_size]
    return [(one, 0) for one in sorted(records, key=begins, reverse=True)]


def _tree(
    records: list[Mapping[str, Any]], key: str, column: _Column
) -> list[tuple[Mapping[str, Any], int]]:
    """Records below the larger ones that they lie in, those with most claims first."""
    present = {one["id"] for one in records}
    below: dict[str | None, list[Mapping[str, Any]]] = {}
    for one in sorted(records, key=lambda one: (-column.count(one["id"]), one["id"])):
        above = one[key]["id"] if one[key] and one[key]["id"] in present else None
        below.setdefault(above, []).append(one)

    ordered = []
    waiting = [(one, 0) for one in reversed(below.get(None, []))]
    while waiting:
        one, depth = waiting.pop()
        ordered.append((one, depth))
        waiting += [(each, depth + 1) for each in reversed(below.get(one["id"], []))]
    return ordered
