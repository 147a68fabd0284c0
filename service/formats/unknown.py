"""Values of filters that are ids of no record: they find nothing, and the answer names them."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from itertools import zip_longest
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

_VOCABULARIES = {
    **{name: each for name in LISTED if (each := vocabulary_of(name)) is not None},
    **dict.fromkeys(("from", "to"), "occasions"),
}
"""Of the parameters whose values are ids of records; of the last two the value is one id."""


def unknown_values(values: Mapping[str, Any], store: Store) -> list[dict[str, str | None]]:
    """The values that are ids of no record (UnknownValue of the contract)."""
    unknown = []
    for name, vocabulary in _VOCABULARIES.items():
        value = values.get(name) or ()
        ids = [value] if isinstance(value, str) else [each for each in value if each != NONE]
        known = store.vocabularies[vocabulary].records(ids) if ids else {}
        unknown += [(name, each, vocabulary) for each in ids if each not in known]
    suggestions = [
        _nearest(value, store.vocabularies[vocabulary])
        for _, value, vocabulary in sorted(unknown)[:MAX_SUGGESTED]
    ]
    entries = [
        {"parameter": name, "value": value, "did_you_mean": nearest}
        for (name, value, _), nearest in zip_longest(sorted(unknown), suggestions)
    ]
    # An id of a claim is random, so that none is near to another.
    claims = _unknown_claims(values.get("id", ()), store)
    entries += [{"parameter": "id", "value": each, "did_you_mean": None} for each in claims]
    return sorted(entries, key=lambda entry: (str(entry["parameter"]), str(entry["value"])))


def _unknown_claims(ids: tuple[str, ...], store: Store) -> list[str]:
    """The ids of which there is no claim, retired ones among them."""
    ids = tuple(each for each in ids if each != NONE)
    if not ids:
        return []
    bodies = store.search(ClaimQuery(id=ids, limit=len(ids))).bodies
    known = {json.loads(body)["id"] for body in bodies}
    return [each for each in ids if each not in known]


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
