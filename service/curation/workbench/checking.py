"""What is to be done in a claim of a reading, and what is wrong with it: the faults of its schema
and of the rules, each at its place in the claim as the reading has it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from schemas.faults import Breach, flatten, shown
from schemas.records.claim import CuratedClaimSchema
from schemas.records.reading_claim import CLAIM_KEYS
from service.compiler.rules.records import claim_breaches
from service.curation.adding import claim_of_unit, place_in_unit
from service.curation.readings import Unit
from service.curation.rules import Known, Rules
from service.curation.rules.times import WITH_MATTER

Steps = tuple[object, ...]

_ITSELF = "clm_00000000"
_ANOTHER = "clm_00000001"
"""Ids that stand for those of the claim and of another unit, which have none yet."""
_PARTIES = ("actors", "addressees", "about")
_NEUTRAL: dict[str, Any] = {
    "topics": [],
    "actors": [],
    "dates": {"announced": None, "occurred": None, "refers_to": None},
    "confidence": {
        "attribution": {"level": "moderate", "rationale": "open"},
        "content": {"credibility": 6, "rationale": "open"},
    },
}
"""What stands for keys that are still open, so that the others can be held to the rules."""


@dataclass(frozen=True, slots=True)
class ClaimFault:
    """Something to do (``todo``), to mend (``error``) or to think over (``warning``), at the place
    that the ``steps`` lead to.
    """

    steps: Steps
    severity: str
    found: str
    allowed: str
    rule: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "steps": list(self.steps),
            "severity": self.severity,
            "found": self.found,
            "allowed": self.allowed,
            "rule": self.rule,
        }


def blocks(faults: list[ClaimFault]) -> bool:
    """Whether a claim with these faults is unfinished."""
    return any(fault.severity != "warning" for fault in faults)


class Checker:
    """Holds claims of one document to the schema of a claim and to the rules."""

    def __init__(self, document: Mapping[str, Any], text: str, known: Known) -> None:
        self.document, self.text, self.known = document, text, known

    def faults(self, unit: Unit) -> list[ClaimFault]:
        """Everything that is open or wrong in the claim of a unit."""
        claim = self._curated(unit)
        try:
            loaded = CuratedClaimSchema().load(claim)
        except ValidationError as error:
            breaches = list(flatten(error.messages, claim))
            faults = [fault_of(breach) for breach in breaches]
            faults += self._by_rules(_patched(claim, breaches, self), _paths(breaches))
        else:
            faults = list(self._by_rules(loaded, set()))
        faults += _undecided(claim)
        faults += self._undescribed(claim)
        return [_in_reading(fault) for fault in faults]

    def _curated(self, unit: Unit) -> dict[str, Any]:
        """The claim as a curated one, with what a program knows of it."""
        read = unit.get("claim") or {}
        names = {each["claim"]: _ANOTHER for each in _to_units(read)}
        reading = {"document": self.document["id"]}
        claim = claim_of_unit(reading, {**unit, "claim": read}, self.text, names)
        given = claim.get("confidence") or {}
        claim["confidence"] = {"attribution": {}, "content": {}, **given}
        return {**claim, "id": _ITSELF, "revision": 1, "recorded_at": "2000-01-01"}

    def _by_rules(self, claim: dict[str, Any], open_paths: set[Steps]) -> Iterator[ClaimFault]:
        """The breaches of rules, but for those at places that are open."""
        if open_paths & {("kind",), ("attribution",)}:
            return
        breaches = claim_breaches(claim, self.known)
        for breach in breaches:
            if not _under(breach[0], open_paths):
                steps, value, allowed = breach
                yield ClaimFault(steps, "error", shown(value), allowed)
        if any("the id of one of" in allowed for _, _, allowed in breaches):
            return
        for finding in Rules(self.known, self._text_of).check(0, claim):
            if not _under(finding.steps, open_paths):
                yield ClaimFault(
                    finding.steps,
                    finding.rule.severity,
                    finding.found,
                    finding.allowed,
                    finding.rule.name,
                )

    def _undescribed(self, claim: Mapping[str, Any]) -> Iterator[ClaimFault]:
        """The agents of which only the name was drafted."""
        named = [(key, n, each) for key in _PARTIES for n, each in enumerate(claim.get(key) or ())]
        named += [
            ("sources", n, link.get("agent")) for n, link in enumerate(claim.get("sources") or ())
        ]
        for key, n, identifier in named:
            agent = self.known["agents"].get(identifier)
            if agent is not None and agent["kind"] is None:
                allowed = "an agent whose kind is told: take it away, and pick it again"
                yield ClaimFault((key, n), "error", shown(agent["name"]), allowed)

    def _text_of(self, document: str) -> str | None:
        return self.text if document == self.document["id"] else None


def _to_units(claim: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The relations of a claim that lead to other units of the reading."""
    for relation in claim.get("relations") or ():
        if "claim" in relation and not relation["claim"].startswith("clm_"):
            yield relation


def fault_of(breach: Breach) -> ClaimFault:
    """What is to do or to mend, from what a schema says of it."""
    steps, value, allowed = breach
    found = shown(value)
    return ClaimFault(steps, "todo" if found == "nothing" else "error", found, allowed)


def _paths(breaches: list[Breach]) -> set[Steps]:
    """The keys, of a claim or of its dates and confidence, at which something is open or wrong."""
    return {
        steps[: 2 if steps[:1] in (("dates",), ("confidence",)) else 1] for steps, _, _ in breaches
    }


def _under(steps: Steps, paths: set[Steps]) -> bool:
    return any(steps[: len(path)] == path for path in paths)


def _patched(claim: dict[str, Any], breaches: list[Breach], checker: Checker) -> dict[str, Any]:
    """The claim with something neutral in each place that is open or wrong."""
    publisher = {"agent": checker.document["publisher"], "role": "publisher", "cue": None}
    neutral = {**CuratedClaimSchema().absent, **_NEUTRAL, "sources": [publisher]}
    neutral["statement"] = checker.text[claim["evidence"][0]["start"] : claim["evidence"][0]["end"]]
    wrong = _paths(breaches)
    patched = {**neutral, **claim}
    for key in ("confidence", "dates"):
        parts = claim.get(key) or {}
        kept = {name: each for name, each in parts.items() if (key, name) not in wrong}
        patched[key] = {**neutral[key], **kept}
    for path in wrong:
        if len(path) == 1 and path[0] in neutral:
            patched[str(path[0])] = neutral[str(path[0])]
    how = {"fidelity": "paraphrase", "role": "supports", "locator": None}
    evidence = [{**how, **each} for each in claim["evidence"]]
    return {**patched, "evidence": evidence, "goal": patched.get("goal")}


def _undecided(claim: Mapping[str, Any]) -> Iterator[ClaimFault]:
    """Dates that may be null and yet are to be decided (codebook, rule 6)."""
    dates, kind = claim.get("dates") or {}, claim.get("kind")
    wanted = ["announced"]
    timeless = claim.get("attribution") == "narrator" and kind in (
        "assessment",
        "forecast",
        "position",
    )
    if kind != "context" and not timeless:
        wanted.append("occurred")
    if kind in WITH_MATTER:
        wanted.append("refers_to")
    for key in wanted:
        if key not in dates:
            yield ClaimFault(("dates", key), "todo", "nothing", "a date, or none")


def _in_reading(fault: ClaimFault) -> ClaimFault:
    """A fault at its place in the claim of a unit; what is wrong with the span is the passage's."""
    _, *steps = place_in_unit(fault.steps)
    at = tuple(steps) if steps and steps[0] in CLAIM_KEYS else ("fidelity",)
    return ClaimFault(at, fault.severity, fault.found, fault.allowed, fault.rule)
