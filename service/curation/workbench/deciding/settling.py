"""Two readings of one document made into one: what is equal is taken, the rest is decided.

The result is a reading of its own. Every decision is kept with its reason in a file of its own, and
the reading follows from the two readings and the decisions.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from schemas.records.reading import NEW_RECORDS, unit_names
from service.compiler.pending import EditRefused
from service.curation import readings
from service.curation.agreement.fields import FIELDS
from service.curation.agreement.matching import Matched, ReadUnit, claim_units, match
from service.curation.workbench.deciding.decisions import Decision, Decisions

_PATHS: Mapping[str, str] = {
    "speaker": "sources",
    "attribution chain": "sources",
    "goal given or not": "goal",
    "horizon": "goal.horizon",
    "specificity": "goal.specificity",
    "elaborated": "goal.elaborated",
    "announced": "dates.announced",
    "occurred": "dates.occurred",
    "refers to": "dates.refers_to",
    "first topic": "topics",
    "all topics": "topics",
    "quotations and their speakers": "quotes",
    "restates or not": "relations",
    "level of the attribution": "confidence.attribution",
    "credibility of the content": "confidence.content",
}
"""What is taken from a claim where readings differ in a field; of other fields the key itself."""
WHOLE = "unit"
"""Stands for a claim that only one reading has."""


class OpenDifference(NamedTuple):
    """What is to be decided: a part of a claim that both readings have, or a whole claim.

    ``key`` names it, and lasts as long as the readings do.
    """

    key: str
    path: str
    fields: Sequence[str]
    a: ReadUnit | None
    b: ReadUnit | None


class Settlement:
    """Two finished readings, and what was decided between them."""

    def __init__(self, directory: Path, a: readings.Reading, b: readings.Reading) -> None:
        readings.expect_comparable(a, b)
        self.a, self.b = a, b
        try:
            self._matched: Matched = match(claim_units(a), claim_units(b))
        except ImportError as error:
            raise EditRefused(f"{error}: pip install 'policy-claims[agreement]'") from None
        self.differences = [*_differences(self._matched)]
        coder = f"{a['coder']}-{b['coder']}"
        self.path = readings.path_of(directory, a["document"], coder)
        self._log = Decisions(directory / "settled" / f"{a['document']}.{coder}.json")
        self._coder = coder

    @property
    def decisions(self) -> Mapping[str, Decision]:
        """What was decided, by the keys of the differences."""
        return self._log.made

    @property
    def equal(self) -> int:
        """Pairs in which nothing differs."""
        differ = {id(each.a) for each in self.differences if each.path != WHOLE}
        return sum(id(one) not in differ for one, _ in self._matched.pairs)

    def decide(self, key: str, taken: str, reason: str) -> None:
        """Takes one side of a difference, with a reason; both files are written.

        Raises ``Conflict``, ``DataRefused`` or ``OSError``; then nothing is decided.
        """
        keys = {each.key for each in self.differences}
        self._log.add(key, {"taken": taken, "reason": reason}, keys, self._write)

    def _write(self, decisions: Mapping[str, Decision]) -> None:
        readings.write(self.path, self.reading(decisions))

    def reading(self, decisions: Mapping[str, Decision]) -> readings.Reading:
        """The reading that follows: claims with a difference still open are to do."""
        units = [*self._units(decisions)]
        units.sort(key=lambda unit: (unit["start"], unit["end"]))
        names = {*unit_names(units)}
        for unit in units:
            if "relations" in unit["claim"]:
                unit["claim"]["relations"] = [
                    each
                    for each in unit["claim"]["relations"]
                    if each.get("claim", "clm_").startswith("clm_") or each["claim"] in names
                ]
        both = {
            name: [*{each["id"]: each for each in (*self.b[name], *self.a[name])}.values()]
            for name in NEW_RECORDS
        }
        done = all(each.key in decisions for each in self.differences)
        own = {"coder": self._coder, "drafted_by": None, "finished": done, "units": units}
        return {**self.a, **both, **own}

    def _units(self, decisions: Mapping[str, Decision]) -> Iterator[dict[str, Any]]:
        open_ = {id(each.a or each.b) for each in self.differences if each.key not in decisions}
        chosen: dict[int, list[OpenDifference]] = {}
        for each in self.differences:
            if each.key in decisions:
                chosen.setdefault(id(each.a or each.b), []).append(each)
        for a, b in self._matched.pairs:
            claim = copy.deepcopy(dict(a.claim))
            for each in chosen.get(id(a), ()):
                if decisions[each.key]["taken"] == "b":
                    _take(claim, b.claim, each.path)
            yield _unit(a, claim, id(a) in open_)
        for unit in (*self._matched.only_a, *self._matched.only_b):
            side = "a" if unit in self._matched.only_a else "b"
            own = chosen.get(id(unit), ())
            if not own or decisions[own[0].key]["taken"] == side:
                yield _unit(unit, copy.deepcopy(dict(unit.claim)), id(unit) in open_)


def _differences(matched: Matched) -> Iterator[OpenDifference]:
    for a, b in matched.pairs:
        paths: dict[str, list[str]] = {}
        for field in FIELDS:
            if field.value(a.claim) != field.value(b.claim):
                paths.setdefault(_PATHS.get(field.name, field.name), []).append(field.name)
        for path, fields in paths.items():
            if not any(path.startswith(f"{other}.") for other in paths):
                yield OpenDifference(f"{a.name} {b.name} {path}", path, fields, a, b)
    for unit in matched.only_a:
        yield OpenDifference(f"{unit.name} - {WHOLE}", WHOLE, [WHOLE], unit, None)
    for unit in matched.only_b:
        yield OpenDifference(f"- {unit.name} {WHOLE}", WHOLE, [WHOLE], None, unit)


def part_of(claim: Mapping[str, Any], path: str) -> Any:
    """A part of a claim; ``None`` where it has none."""
    value: Any = claim
    for step in path.split("."):
        value = (value or {}).get(step)
    return value


def _take(claim: dict[str, Any], other: Mapping[str, Any], path: str) -> None:
    """Puts a part of another claim in the place of a claim's own."""
    *above, last = path.split(".")
    for step in above:
        claim[step] = dict(claim.get(step) or {})
        claim = claim[step]
    value = copy.deepcopy(part_of(other, path))
    if value is None and not above and last != "goal":
        claim.pop(last, None)  # an absent key is empty
    else:
        claim[last] = value


def _unit(read: ReadUnit, claim: dict[str, Any], is_open: bool) -> readings.Unit:
    decision = "todo" if is_open else "claim"
    return readings.new_unit(read.start, read.end, decision=decision, claim=claim)
