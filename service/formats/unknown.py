"""Values of filters that name no record: they are answered, and said."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from schemas.filters import LISTED, vocabulary_of
from schemas.parameters import NONE
from schemas.query import ClaimQuery
from service.store.protocol import Store
from service.store.vocabulary import Vocabulary

MAX_COMPARED = 1_000
"""Records of a vocabulary up to which the nearest one is looked for."""
MAX_SUGGESTED = 3
"""Values of one request for which the nearest is looked for: a comparison with all the records
takes some 50 ms at most."""

_VOCABULARIES = {name: each for name in LISTED if (each := vocabulary_of(name)) is not None}
"""Of the list filters whose values are ids of records."""


def unknown_values(
    values: Mapping[str, Any], store: Store, ends: Mapping[str, str] | None = None
) -> list[dict[str, str | None]]:
    """The values of list filters that are ids of no record (UnknownValue of the contract).

    ``ends`` names the vocabularies of further parameters, which take one id each.
    """
    ends = ends or {}
    named = [(name, vocabulary, values.get(name, ())) for name, vocabulary in _VOCABULARIES.items()]
    named += [(name, vocabulary, (values[name],)) for name, vocabulary in ends.items()]
    unknown = []
    for name, vocabulary, ids in named:
        asked = [value for value in ids if value != NONE or name in ends]
        if asked:
            records = store.vocabularies[vocabulary]
            known = records.records(asked)
            unknown += [(name, value, records) for value in asked if value not in known]
    said = [
        {
            "parameter": name,
            "value": value,
            "did_you_mean": _nearest(value, vocabulary) if place < MAX_SUGGESTED else None,
        }
        for place, (name, value, vocabulary) in enumerate(sorted(unknown, key=lambda u: u[:2]))
    ]
    said += [_unlike_any(value) for value in _unknown_claims(values.get("id", ()), store)]
    return sorted(said, key=lambda one: (str(one["parameter"]), str(one["value"])))


def _unknown_claims(ids: tuple[str, ...], store: Store) -> list[str]:
    """The ids of which there is no claim, retired ones among them."""
    asked = tuple(each for each in ids if each != NONE)
    if not asked:
        return []
    bodies = store.search(ClaimQuery(id=asked, limit=len(asked))).bodies
    known = {json.loads(body)["id"] for body in bodies}
    return [each for each in asked if each not in known]


def _unlike_any(claim: str) -> dict[str, str | None]:
    """An id of a claim is random, so that none is near to another."""
    return {"parameter": "id", "value": claim, "did_you_mean": None}


def _nearest(value: str, vocabulary: Vocabulary) -> str | None:
    """The id of the record whose id or one of whose names is nearest to a value."""
    if len(vocabulary) > MAX_COMPARED:
        return None
    names = dict(reversed([*_names(vocabulary)]))  # of two alike the first
    nearest = difflib.get_close_matches(value, names, n=1)
    return names[nearest[0]] if nearest else None


def _names(vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """What each record may be called in an id, and its id; the ids themselves first."""
    by_id = {record["id"]: record for record in vocabulary}
    yield from ((identifier, identifier) for identifier in by_id)
    names = vocabulary.names(by_id)
    for identifier, record in by_id.items():
        for name in (names[identifier], *record.get("other_names", ())):
            yield "-".join(name.casefold().split()), identifier
