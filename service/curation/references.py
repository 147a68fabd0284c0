"""What a record refers to: other ids in the place of some, and who refers to whom."""

from collections.abc import Iterator, Mapping
from typing import Any

from schemas.records.change import CLAIM, CURATED, RecordKey
from schemas.records.vocabularies import VOCABULARIES
from service.compiler.rules.facts import references_of


def named_records(record: Mapping[str, Any], kind: str) -> Iterator[RecordKey]:
    """The records to which one of a kind refers, which has all its keys; a claim other claims
    as well.
    """
    for key, _, _ in _references(record, kind):
        yield key


def renamed(
    record: Mapping[str, Any], kind: str, names: Mapping[RecordKey, str]
) -> tuple[dict[str, Any], bool]:
    """A record that refers to others by other ids, and whether it referred to one of those that
    ``names`` has ids for. Of a list of ids none is there twice.
    """
    made: dict[str, Any] = CURATED[kind]().load(dict(record))
    found = [each for each in _references(made, kind) if each[0] in names]
    for key, holder, place in found:
        holder[place] = names[key]
    for _, holder, _ in found:
        if isinstance(holder, list):
            holder[:] = dict.fromkeys(holder)
    return made, bool(found)


def _references(record: Mapping[str, Any], kind: str) -> Iterator[tuple[RecordKey, Any, Any]]:
    """Which records one refers to, what holds the id of each, and under which key."""
    for _, holder, place, vocabulary in references_of(record, kind):
        if holder[place] is not None:
            yield RecordKey(VOCABULARIES[vocabulary].singular, holder[place]), holder, place
    if kind == CLAIM:
        for relation in record["relations"]:
            yield RecordKey(CLAIM, relation["claim"]), relation, "claim"
