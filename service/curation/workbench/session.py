"""What one workbench works on: a document, its reading, and the records it refers to."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from schemas.records.claim import CuratedClaimSchema
from schemas.records.reading import NEW_RECORDS, unit_names
from schemas.records.reading_claim import CLAIM_KEYS
from schemas.records.vocabularies import VOCABULARIES
from service.compiler.read import Fixtures
from service.curation import readings
from service.curation.proof import known_records
from service.curation.readings import Unit
from service.curation.workbench.checking import Checker, ClaimFault, blocks
from service.curation.writers.from_reading import NOT_JUDGED

_IS_EMPTY = {key: value for key, value in CuratedClaimSchema().absent.items() if key in CLAIM_KEYS}
"""What is meant by the keys that a finished claim leaves out."""


class Conflict(RuntimeError):
    """What is to be written does not follow from what is there; says what to do."""


def tag_of(unit: Unit) -> str:
    """A digest of a unit, by which a page says which one it means."""
    content = orjson.dumps(unit, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()[:16]


class ReadingSession:
    """The reading of one coder while it is written; every step is on disk before it is told."""

    def __init__(
        self,
        path: Path,
        reading: readings.Reading,
        document: Mapping[str, Any],
        text: str,
        fixtures: Fixtures,
    ) -> None:
        self.path, self.reading = path, reading
        self.document, self.text = document, text
        self.fixtures = fixtures
        self._lock = threading.Lock()
        self._signature = _signature(path)

    @property
    def known(self) -> dict[str, dict[str, Any]]:
        """The records by vocabulary and id, those that the reading adds among them as ``add`` will
        make them.
        """
        known = {name: {**records} for name, records in known_records(self.fixtures).items()}
        for name in NEW_RECORDS:
            known[name] = {each["id"]: each for each in self.reading[name]} | known[name]
        for agent in self.reading["agents"]:
            if agent["reliability"] is None and known["agents"][agent["id"]] is agent:
                known["agents"][agent["id"]] = {**agent, "reliability": NOT_JUDGED}
        return known

    def check(self, unit: Unit) -> list[ClaimFault]:
        """What is open or wrong in the claim of a unit."""
        return Checker(self.document, self.text, self.known).faults(unit)

    def splice(self, removed: Sequence[str], added: Iterable[Unit]) -> dict[str, Any]:
        """Puts units in the place of those with some tags, and writes the reading.

        A claim that is not finished is kept as one to do. Gives the new units,
        their faults, and the other units whose relations follow a changed span.
        Raises ``Conflict``, ``DataRefused`` or ``OSError``; then nothing is changed.
        """
        with self._lock:
            before = self.reading["units"]
            old = self._tagged(removed)
            fresh, faults = self._prepared(added)
            units = [unit for unit in before if not any(unit is each for each in old)]
            units = sorted([*units, *fresh], key=lambda unit: (unit["start"], unit["end"]))
            renamed = _renamed(before, units, old, fresh)
            self._write({**self.reading, "units": [each for _, each in renamed]})
            told = [
                {"tag": tag_of(was), "unit": self._tag(unit)}
                for was, unit in renamed
                if was is not unit and not any(was is each for each in fresh)
            ]
            places = {id(was): unit for was, unit in renamed}
            return {
                "units": [self._tag(places[id(unit)]) for unit in fresh],
                "faults": [[fault.as_json() for fault in each] for each in faults],
                "related": told,
                "finished": self.reading["finished"],
            }

    def _tagged(self, tags: Sequence[str]) -> list[Unit]:
        """The units with some tags. Raises ``Conflict``."""
        left, found = Counter(tags), []
        for unit in self.reading["units"] if left else ():
            tag = tag_of(unit)
            if left[tag]:
                left[tag] -= 1
                found.append(unit)
        if left.total():
            raise Conflict(
                "This passage was kept in another window meanwhile. Nothing of yours was written "
                "over it: reload this page to see it; copy first what you typed here"
            )
        return found

    def _prepared(self, added: Iterable[Unit]) -> tuple[list[Unit], list[list[ClaimFault]]]:
        """Units as they are kept, and the faults of each."""
        fresh, faults = [], []
        for unit in added:
            claim, proposed = unit["claim"], unit["proposed"]
            found = [] if claim is None else self.check(unit)
            kept = {**unit, "changed": _changed(proposed, claim)}
            if unit["decision"] == "claim" and blocks(found):
                kept["decision"] = "todo"
            elif unit["decision"] == "claim":
                kept["claim"] = {**_IS_EMPTY, **claim}
            fresh.append(kept)
            faults.append(found)
        return fresh, faults

    def finish(self, finished: bool) -> None:
        """Says whether the reading is done. Raises as ``splice`` does."""
        with self._lock:
            if finished and (left := sum(u["decision"] == "todo" for u in self.reading["units"])):
                raise Conflict(
                    f"{left} passage(s) are still to do: Shift and j leads to the next one"
                )
            self._write({**self.reading, "finished": finished})

    def add_record(self, vocabulary: str, record: dict[str, Any]) -> dict[str, Any]:
        """Adds a record to the reading, which ``add`` makes later, or puts it in the place of the
        one with its id. Raises ``ValidationError``, and as ``splice`` does.
        """
        with self._lock:
            made = VOCABULARIES[vocabulary].curated().load(record)
            others = [each for each in self.reading[vocabulary] if each["id"] != made["id"]]
            self._write({**self.reading, vocabulary: [*others, made]})
            return dict(made)

    def _write(self, reading: readings.Reading) -> None:
        if _signature(self.path) != self._signature:
            raise Conflict(
                f"{self.path.name} was changed outside the workbench since it was opened. Nothing "
                "was written over it: stop the workbench and start it again to go on from what "
                "the file has now; this page sends what you have typed then"
            )
        if any(unit["decision"] == "todo" for unit in reading["units"]):
            reading = {**reading, "finished": False}
        readings.write(self.path, reading)
        self.reading, self._signature = reading, _signature(self.path)

    def units(self) -> list[Unit]:
        """The units, each with its tag and its name."""
        return [self._tag(unit) for unit in self.reading["units"]]

    def _tag(self, unit: Unit) -> Unit:
        return {**unit, "tag": tag_of(unit)}

    def new_records(self) -> dict[str, set[str]]:
        """The ids of the records that the reading adds, by vocabulary."""
        return {name: {each["id"] for each in self.reading[name]} for name in NEW_RECORDS}


def _signature(path: Path) -> tuple[int, int, int] | None:
    """What tells whether a file was replaced or written to; of none ``None``."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _changed(
    proposed: Mapping[str, Any] | None, claim: Mapping[str, Any] | None
) -> list[str] | None:
    """The keys in which a claim differs from what was filled in or offered; ``None`` where one of
    the two is not there.
    """
    if proposed is None or claim is None:
        return None
    offers = {**proposed["filled"], **proposed["offered"]}
    return [key for key in CLAIM_KEYS if key in offers and _differs(offers[key], claim.get(key))]


def _differs(offered: Any, made: Any) -> bool:
    """Whether something differs in what is offered of it; ``made`` may have more keys."""
    if isinstance(offered, dict) and isinstance(made, dict):
        return any(_differs(value, made.get(key)) for key, value in offered.items())
    return bool(offered != made)


def _renamed(
    before: Sequence[Unit], after: Sequence[Unit], old: Sequence[Unit], fresh: Sequence[Unit]
) -> list[tuple[Unit, Unit]]:
    """Each unit, and as it is when its relations name the units they mean by their new names.

    Raises ``Conflict`` where a unit is gone that another one is related to.
    """
    now = {id(unit): name for unit, name in zip(after, unit_names(after), strict=True)}
    if old and fresh:
        now[id(old[0])] = now[id(fresh[0])]
    names = {name: now.get(id(unit)) for unit, name in zip(before, unit_names(before), strict=True)}
    if all(name == other for name, other in names.items()):
        return [(unit, unit) for unit in after]
    return [(unit, _related(unit, names)) for unit in after]


def _related(unit: Unit, names: Mapping[str, str | None]) -> Unit:
    relations = (unit["claim"] or {}).get("relations", ())
    targets = [relation.get("claim") for relation in relations]
    if not any(target in names and names[target] != target for target in targets):
        return unit
    if any(target in names and names[target] is None for target in targets):
        raise Conflict(
            f"Another claim is related to this one: “{unit['claim'].get('statement')}”. Take that "
            "relation away first"
        )
    moved = [{**each, "claim": names.get(each["claim"], each["claim"])} for each in relations]
    return {**unit, "claim": {**unit["claim"], "relations": moved}}
