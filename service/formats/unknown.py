"""Values of filters that name no record: they are answered, and said."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from schemas.filters import LISTED, vocabulary_of
from schemas.parameters import NONE
from schemas.records.dataset import Vocabulary

MAX_COMPARED = 1_000
"""Records of a vocabulary up to which the nearest one is looked for."""
MAX_SUGGESTED = 3
"""Values of one request for which the nearest is looked for: a comparison with all the records
takes some 50 ms at most."""


def unknown_values(
    values: Mapping[str, Any],
    vocabularies: Mapping[str, Vocabulary],
    ends: Mapping[str, str] | None = None,
) -> list[dict[str, str | None]]:
    """The values of list filters that are ids of no record (UnknownValue of the contract).

    ``ends`` names the vocabularies of further parameters, which take one id each.
    """
    ends = ends or {}
    lists = {name: vocabulary_of(name) for name in LISTED.keys() & values.keys()}
    named = [(name, vocabulary, values[name]) for name, vocabulary in lists.items() if vocabulary]
    named += [(name, vocabulary, (values[name],)) for name, vocabulary in ends.items()]
    unknown = [
        (name, value, vocabularies[vocabulary])
        for name, vocabulary, ids in named
        for value in ids
        if (value != NONE or name in ends) and value not in vocabularies[vocabulary].records
    ]
    return [
        {
            "parameter": name,
            "value": value,
            "did_you_mean": _nearest(value, vocabulary) if place < MAX_SUGGESTED else None,
        }
        for place, (name, value, vocabulary) in enumerate(sorted(unknown, key=lambda u: u[:2]))
    ]


def _nearest(value: str, vocabulary: Vocabulary) -> str | None:
    """The id of the record whose id or one of whose names is nearest to a value."""
    if len(vocabulary.records) > MAX_COMPARED:
        return None
    names = dict(reversed([*_names(vocabulary)]))  # of two alike the first
    nearest = difflib.get_close_matches(value, names, n=1)
    return names[nearest[0]] if nearest else None


def _names(vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """What each record may be called in an id, and its id; the ids themselves first."""
    yield from ((identifier, identifier) for identifier in vocabulary.records)
    for identifier, record in vocabulary.records.items():
        for name in (vocabulary.name(identifier), *record.get("other_names", ())):
            yield "-".join(str(name).casefold().split()), identifier
