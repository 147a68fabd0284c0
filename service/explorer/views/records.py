"""The pages of people, documents, topics, occasions and places, and the lists of them.

Each leads to the claims that name the record, by the filters of the explorer: a number is the total
of the list behind it.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.folding import fold
from schemas.records.vocabularies import VOCABULARIES
from service.explorer.names import MAX_READ, display_name, is_article, own_language, with_articles
from service.explorer.state import PageState
from service.explorer.texts import DocumentTexts, passages
from service.explorer.views.counts import Tally
from service.explorer.words import plural
from service.formats.envelopes import Link
from service.store.protocol import RecordRetired, Store

MAX_RECORDS = 200
"""Records on a page of a list."""
MAX_BRIEF = 6
"""Claims of each kind on the page of a record; the others are behind a link."""
MAX_OF_DOCUMENT = 200
MAX_PARTS = 60

TITLES = {
    "topics": ("Topics", "What the claims are about"),
    "agents": ("People and organisations", "Who says, does, is told and is spoken of"),
    "documents": ("Documents", "The texts that the claims are taken from"),
    "occasions": ("Occasions", "At which things were announced or done"),
    "places": ("Places", "Where what is claimed happens or applies"),
}
"""The lists, in the order of their tabs: what each is called, and what it holds."""
_GOALS = {"goals_only": True, "distinct": True}
ROLES: Mapping[str, tuple[tuple[str, str, Mapping[str, Any]], ...]] = {
    "agents": (
        ("speaker", "Says", {}),
        ("actor", "Acts or announces", {}),
        ("addressee", "Is told to act", {}),
        ("about", "Is spoken of", {}),
    ),
    "documents": (("document", "Claims", {}), ("document", "Distinct goals", _GOALS)),
    "topics": (("topic", "Claims", {}), ("topic", "Distinct goals", _GOALS)),
    "occasions": (("occasion", "Claims", {}), ("occasion", "Distinct goals", _GOALS)),
    "places": (("place", "Claims", {}), ("place", "Distinct goals", _GOALS)),
}
"""What is counted of the records of each list: the filter, a title, and what else is asked."""
_PARTS = {
    "topics": ("broader", "Narrower topics"),
    "places": ("within", "Places within it"),
    "occasions": ("part_of", "In the course of it"),
}
"""The key that leads from a record to a larger one, and what its smaller ones are called."""


class RecordNotFound(LookupError):
    """There is no such record in a vocabulary."""


@dataclass(frozen=True, slots=True)
class Role:
    """The claims that name a record in one way: ``claims`` are the first of ``total``, which
    ``number`` says in words.
    """

    title: str
    number: str
    total: int
    address: str
    claims: list[Mapping[str, Any]]
    whole: bool


def record(
    vocabulary: str, identifier: str, store: Store, link: Link, texts: DocumentTexts
) -> dict[str, Any]:
    """The page of one record. Raises ``RecordNotFound`` or ``RecordRetired``."""
    known = store.vocabularies[vocabulary]
    tombstone, one = known.tombstone(identifier), known.record(identifier)
    if tombstone is not None:
        raise RecordRetired(tombstone)
    if one is None:
        raise RecordNotFound(vocabulary, identifier)
    roles = list(_roles(vocabulary, identifier, store))
    claims = [claim for role in roles if role.whole for claim in role.claims]
    of_document = vocabulary == "documents"
    shown = passages(claims, one, texts, excerpt=False) if of_document else None
    return {
        "vocabulary": vocabulary,
        "lists": TITLES,
        "singular": VOCABULARIES[vocabulary].singular,
        "record": one,
        "name": display_name(vocabulary, identifier, store),
        "unnamed": of_document and is_article(one["publisher"]["id"], store),
        "article": vocabulary == "agents" and is_article(identifier, store),
        "published": _published(identifier, store) if vocabulary == "agents" else [],
        "roles": roles,
        "shown": shown,
        "numbers": {claim["id"]: number for number, claim in enumerate(claims, 1)},
        "statements": {claim["id"]: claim["statement"] for claim in claims},
        "parts": _parts(vocabulary, identifier, store),
        "series": _series(one, store) if vocabulary == "occasions" else [],
        "api": link(f"/v1/{vocabulary}/{identifier}", ""),
    }


def _roles(vocabulary: str, identifier: str, store: Store) -> Iterator[Role]:
    """The ways in which claims name the record; of goals and all claims the goals come first."""
    empty = PageState.empty()
    for parameter, title, more in sorted(ROLES[vocabulary], key=lambda role: not role[2]):
        state = empty.changed(**{parameter: (identifier,)}, **more)
        whole = vocabulary == "documents" and not more
        page = store.search(state.changed(limit=MAX_OF_DOCUMENT if whole else MAX_BRIEF).query)
        claims = [with_articles(json.loads(body), store) for body in page.bodies]
        if whole:
            claims.sort(key=lambda claim: _first_place(claim, identifier))
        if page.total:
            named = ("goal", "goals") if more else ("claim", "claims")
            number = plural(page.total, *named)
            yield Role(title, number, page.total, state.claims(), claims, whole)


def _first_place(claim: Mapping[str, Any], document: str) -> tuple[int, int]:
    """Where the first passage of a document begins and ends that a claim rests on, so that numbers
    rise as marks do; else the first quotation.
    """

    def within(places: list[Mapping[str, Any]]) -> list[tuple[int, int]]:
        return [(p["start"], p["end"]) for p in places if p["document"]["id"] == document]

    return min(within(claim["evidence"]) or within(claim["quotes"]))


def _all(vocabulary: str, store: Store) -> Iterator[Mapping[str, Any]]:
    """The records of a vocabulary in id order, as many as a page can afford to read."""
    return itertools.islice(store.vocabularies[vocabulary], MAX_READ)


def _published(agent: str, store: Store) -> list[Mapping[str, Any]]:
    """The first documents that an agent published."""
    documents = _all("documents", store)
    return [each for each in documents if each["publisher"]["id"] == agent][:MAX_PARTS]


def _parts(vocabulary: str, identifier: str, store: Store) -> dict[str, Any] | None:
    """The records directly below one, and what they are called; ``None`` where there are none."""
    if vocabulary not in _PARTS:
        return None
    key, title = _PARTS[vocabulary]
    below = [one for one in _all(vocabulary, store) if one[key] and one[key]["id"] == identifier]
    name_key = VOCABULARIES[vocabulary].name_key
    named = [{"id": one["id"], "name": one[name_key]} for one in below[:MAX_PARTS]]
    return {"title": title, "records": named} if below else None


def _series(occasion: Mapping[str, Any], store: Store) -> list[Mapping[str, Any]]:
    """The occasions of the same series, this one among them, in the order of time."""
    if occasion["series"] is None:
        return []
    same = [one for one in _all("occasions", store) if one["series"] == occasion["series"]]
    return sorted(same, key=_begins)[:MAX_PARTS] if len(same) > 1 else []


def _begins(record: Mapping[str, Any]) -> str:
    date = record.get("dates") or record.get("published") or {}
    return str(date.get("earliest") or date.get("latest") or "")


# --- lists --------------------------------------------------------------------------------------


def listed(vocabulary: str, find: str, page: int, store: Store) -> dict[str, Any]:
    """A page of the records of a vocabulary with ``find`` in their names, and their counts."""
    tally = Tally(PageState.empty(), store)
    columns = [_Column(tally, *role) for role in ROLES[vocabulary]]
    records = [one for one in _all(vocabulary, store) if _matches(vocabulary, one, find, store)]
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
        return _tree(records, _PARTS[vocabulary][0], columns[0])
    if vocabulary == "agents":
        counts = {one["id"]: sum(each.count(one["id"]) for each in columns) for one in records}
        by_size = sorted(records, key=lambda one: (-counts[one["id"]], one["name"]))
        return [(one, 0) for one in by_size]
    return [(one, 0) for one in sorted(records, key=_begins, reverse=True)]


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
