"""Which ids there are, as far as files that may be faulty tell.

So each fault is told at once, and none that is a mere consequence of another: a record that is
faulty by itself is there all the same for those that refer to it.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from schemas.faults import Fault
from schemas.records.vocabularies import VOCABULARIES
from service.compiler.read import Fixtures, Lines, id_in
from service.compiler.rules.facts import Facts
from service.compiler.strict_json import parse_json

Ids = Mapping[str, Container[str]]
"""By vocabulary, the ids that may be referred to."""


class Anything(Container[str]):
    """Every id: of a file that cannot be read, nobody can tell which it has."""

    def __contains__(self, identifier: object) -> bool:
        return True


class ClaimIds(Container[str]):
    """The ids of the claims, the faulty ones among them."""

    def __init__(self, facts: Facts, faulty: Container[str]) -> None:
        self._facts, self._faulty = facts, faulty

    def __contains__(self, identifier: object) -> bool:
        found = self._facts.find("SELECT 1 FROM claim WHERE id = ?", identifier)
        return identifier in self._faulty or any(found)


def ids_in(raw: Iterable[Any], readable: bool = True) -> Container[str]:
    """The ids of records; all there might be, where one has none that can be read."""
    ids = [*raw]
    if not readable or not all(isinstance(each, str) for each in ids):
        return Anything()
    return {*ids}


def vocabulary_ids(fixtures: Fixtures) -> Ids:
    """The ids of the records of each vocabulary, the faulty ones among them."""
    return {
        name: ids_in(
            fixtures.raw_ids.get(name) or [record["id"] for record in fixtures[name]],
            name not in fixtures.unread,
        )
        for name in VOCABULARIES
    }


def is_whole(fixtures: Fixtures) -> bool:
    """Whether every record of the vocabularies is valid by itself."""
    read = fixtures.places.items()
    return not fixtures.unread and all(
        len(places) == len(fixtures.raw_ids[name]) for name, places in read
    )


def at_places(faults: Iterable[Fault], places: Any) -> Iterator[Fault]:
    """Faults whose pointers count valid records, with pointers that count all of them."""
    for fault in faults:
        _, number, *rest = fault.pointer.split("/")
        yield replace(fault, pointer="/".join(["", str(places[int(number)]), *rest]))


def with_records(faults: Iterable[Fault], fixtures: Fixtures) -> Iterator[Fault]:
    """Faults with the ids of the records in which they stand."""
    listed = [*faults]
    kinds = {fixtures.file(kind): kind for kind in fixtures}
    wanted: dict[str, dict[int, Any]] = {kind: {} for kind in fixtures}
    for fault in listed:
        if (
            fault.file in kinds
            and (number := fault.pointer.split("/")[1:2])
            and number[0].isdigit()
        ):
            wanted[kinds[fault.file]][int(number[0])] = None
    for kind, found in wanted.items():
        if found:
            _find(fixtures, kind, found)
    for fault in listed:
        number = fault.pointer.split("/")[1:2]
        place = int(number[0]) if number and number[0].isdigit() else -1
        identifier = wanted.get(kinds.get(fault.file, ""), {}).get(place)
        yield replace(fault, record=identifier) if _is_printable(identifier) else fault


def _find(fixtures: Fixtures, kind: str, found: dict[int, Any]) -> None:
    """Finds the ids at some places of a file, in one pass over it."""
    records = fixtures[kind]
    if kind in fixtures.raw_ids:
        found |= {n: each for n, each in enumerate(fixtures.raw_ids[kind]) if n in found}
    elif isinstance(records, Lines):
        for number, line in enumerate(records.raw()):
            if number in found:
                try:
                    found[number] = _id_of(parse_json(line))
                except ValueError:
                    continue
    else:
        found |= {n: _id_of(records[n]) for n in found if n < len(records)}


def _id_of(record: Any) -> Any:
    """The id of a record, or of the one that a change is about."""
    changed = id_in(record, "record")
    return id_in(record) or id_in(record, "claim") or id_in(changed)


def _is_printable(identifier: Any) -> bool:
    """Whether a fault may show it: a terminal obeys control characters."""
    return (
        isinstance(identifier, str)
        and identifier.isascii()
        and identifier.isprintable()
        and 0 < len(identifier) <= 64
    )
