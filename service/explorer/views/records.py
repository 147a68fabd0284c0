"""The pages of people, documents, topics, occasions and places.

Each leads to the claims that name the record, by the filters of the explorer: a number is the total
of the list behind it.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.records.vocabularies import VOCABULARIES
from service.explorer.names import MAX_READ, display_name, is_article, with_articles
from service.explorer.state import PageState
from service.explorer.texts import DocumentTexts, passages
from service.explorer.words import plural
from service.formats.envelopes import Link
from service.store.protocol import RecordRetired, Store

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
PARTS = {
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


def records_in(vocabulary: str, store: Store) -> Iterator[Mapping[str, Any]]:
    """The records of a vocabulary in id order, as many as a page can afford to read."""
    return itertools.islice(store.vocabularies[vocabulary], MAX_READ)


def _published(agent: str, store: Store) -> list[Mapping[str, Any]]:
    """The first documents that an agent published."""
    documents = records_in("documents", store)
    return [each for each in documents if each["publisher"]["id"] == agent][:MAX_PARTS]


def _parts(vocabulary: str, identifier: str, store: Store) -> dict[str, Any] | None:
    """The records directly below one, and what they are called; ``None`` where there are none."""
    if vocabulary not in PARTS:
        return None
    key, title = PARTS[vocabulary]
    below = [
        one for one in records_in(vocabulary, store) if one[key] and one[key]["id"] == identifier
    ]
    name_key = VOCABULARIES[vocabulary].name_key
    named = [{"id": one["id"], "name": one[name_key]} for one in below[:MAX_PARTS]]
    return {"title": title, "records": named} if below else None


def _series(occasion: Mapping[str, Any], store: Store) -> list[Mapping[str, Any]]:
    """The occasions of the same series, this one among them, in the order of time."""
    if occasion["series"] is None:
        return []
    same = [one for one in records_in("occasions", store) if one["series"] == occasion["series"]]
    return sorted(same, key=begins)[:MAX_PARTS] if len(same) > 1 else []


def begins(record: Mapping[str, Any]) -> str:
    """The day an occasion begins or a document was published; empty where none is known."""
    date = record.get("dates") or record.get("published") or {}
    return str(date.get("earliest") or date.get("latest") or "")
