"""Claims together with the claims that they are related to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from schemas.filter_kinds import ServedClaim
from schemas.query import ClaimQuery
from schemas.records.change import served_change
from schemas.records.claim import standing
from service.explorer.names import with_articles
from service.explorer.words import RELATION
from service.store.protocol import Store

MAX_CHANGES = 100
"""Changes of a claim that its page shows."""
MAX_RELATIONS = 24
"""Relations of a claim that are spelled out; the others are counted."""
_MAX_LOOKUPS = 500
_TOLD = (
    *("name", "label", "definition", "kind", "other_names", "dates", "part_of", "within"),
    *("country", "identifiers", "codes"),
)
"""What the page of a claim tells of the records that it names."""


def cards(claims: Iterable[ServedClaim], store: Store) -> list[dict[str, Any]]:
    """Each ``claim`` with its first ``MAX_RELATIONS`` relations, outgoing ones before incoming, and
    with the ``languages`` of the documents that it cites, by id; ``language`` if they have one; and
    with the ``standing`` of those documents.

    All related claims are read in one search.
    """
    page = {claim["id"]: with_articles(claim, store) for claim in claims}
    ends = {key: [*claim["relations"], *claim["related_from"]] for key, claim in page.items()}
    ids = {end["claim"] for some in ends.values() for end in some[:MAX_RELATIONS]}
    by_id = page | claims_by_id(ids - set(page), store)
    return [
        {
            "claim": claim,
            "standing": standing(claim),
            "relations": [_relation(end, key, by_id) for end in ends[key][:MAX_RELATIONS]],
            "relation_count": len(ends[key]),
            **_languages(claim, store),
        }
        for key, claim in page.items()
    ]


def _languages(claim: ServedClaim, store: Store) -> dict[str, Any]:
    ids = {place["document"]["id"] for place in (*claim["evidence"], *claim["quotes"])}
    documents = store.vocabularies["documents"].records(ids)
    languages = {identifier: record["language"] for identifier, record in documents.items()}
    language, *others = set(languages.values())
    return {"languages": languages, "language": None if others else language}


def claims_by_id(ids: Iterable[str], store: Store) -> dict[str, ServedClaim]:
    """Claims by id, at most ``_MAX_LOOKUPS``; retired ones are left out."""
    first = tuple(sorted(ids))[:_MAX_LOOKUPS]
    if not first:
        return {}
    page = store.search(ClaimQuery(id=first, limit=len(first)))
    return {claim["id"]: claim for claim in map(json.loads, page.bodies)}


def _relation(
    end: Mapping[str, Any], claim_id: str, by_id: Mapping[str, ServedClaim]
) -> dict[str, Any]:
    """A relation as read from one claim; the reason of an incoming one is the other claim's."""
    other = by_id.get(end["claim"], {})
    outgoing, incoming = RELATION[end["type"]]
    backs = reversed(other.get("relations", ()))  # of two reasons the first
    reasons = {(back["type"], back["claim"]): back["rationale"] for back in backs}
    return {
        "id": end["claim"],
        "phrase": outgoing if "rationale" in end else incoming,
        "statement": other.get("statement"),
        "standing": standing(other) if other else [],
        "rationale": end.get("rationale", reasons.get((end["type"], claim_id))),
    }


def documents_of(claim: ServedClaim, store: Store) -> list[Mapping[str, Any]]:
    """The documents that a claim rests on."""
    ids = dict.fromkeys(place["document"]["id"] for place in claim["evidence"])
    documents = store.vocabularies["documents"].records(ids)
    return [documents[identifier] for identifier in ids]


def records_of(claim: ServedClaim, store: Store) -> list[Mapping[str, Any]]:
    """The records that a claim names, but for its documents, each once; null for a key of
    ``_TOLD`` that its kind does not have.
    """
    occasions = [claim["occasion"]] if claim["occasion"] else []
    speakers = [link["agent"] for link in claim["sources"] if link["role"] != "publisher"]
    agents = [*speakers, *claim["actors"], *claim["addressees"], *claim["about"]]
    named = {"agents": agents, "topics": claim["topics"], "occasions": occasions}
    named["places"] = claim["places"]
    return [
        {**dict.fromkeys(_TOLD), **records[identifier], "vocabulary": name}
        for name, references in named.items()
        for ids in [dict.fromkeys(reference["id"] for reference in references)]
        for records in [store.vocabularies[name].records(ids)]
        for identifier in ids
    ]


def changes(claim_id: str, store: Store) -> list[dict[str, Any]]:
    """The first changes of a claim, oldest first. Raises ``ClaimNotFound``."""
    return [served_change(*state) for state in store.changes(0, MAX_CHANGES, claim_id).states]
