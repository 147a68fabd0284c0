"""Claims that are about to be written, held to their documents and to the rules of the codebook."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from schemas.faults import pointer
from service.compiler.pending import EditRefused
from service.compiler.read import Fixtures
from service.curation.proof import known_records
from service.curation.rules import RULES, Finding, Rules
from service.curation.rules.findings import Rule
from service.curation.texts import ProvedTexts, compared


class Origin(NamedTuple):
    """Where a claim was read: in which file, at which place in it, and what it is called there."""

    file: str
    steps: tuple[object, ...]
    name: str


class RefusedByProof(EditRefused):
    """Claims that are not as their documents print them, or break a rule; says each of them."""


@dataclass(frozen=True, slots=True)
class Proving:
    """How claims are proved: with the documents of a directory, and with warnings that a curator
    ``accepted``, each by the name of its rule, for a reason.
    """

    documents: Path
    accepted: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)

    def prove(self, before: Fixtures, after: Fixtures, changed: Iterable[str]) -> dict[str, str]:
        """What to tell of each claim with its change: the warnings that were accepted.

        Raises ``RefusedByProof`` for every error in the ``changed`` claims, and
        for every warning that is new there or in another claim, and not accepted.
        """
        ids = {*changed}
        texts = ProvedTexts(known_records(after)["documents"], self.documents)
        refused = [*self._unprinted(after, ids, texts)]
        readable = not refused
        found = [*_findings(after, ids, self._rules(after, readable))]
        old = {_key(each) for _, each in _findings(before, ids, self._rules(before, readable))}
        notes: dict[str, str] = {}
        for place, finding in found:
            new = _key(finding) not in old
            if finding.rule.refuses and (new or finding.claim in ids):
                refused.append(self._line(after, place, finding))
            elif new and finding.rule.name in self.accepted:
                note = f"{finding.rule.name}: {self.accepted[finding.rule.name]}"
                if note not in notes.get(finding.claim, ""):
                    notes[finding.claim] = " ".join(filter(None, (notes.get(finding.claim), note)))
            elif new:
                refused.append(self._line(after, place, finding))
        if refused:
            left = (each.rule for _, each in found if each.rule.name not in self.accepted)
            raise RefusedByProof("\n".join(refused) + _advice(left))
        return notes

    def _rules(self, fixtures: Fixtures, readable: bool) -> Rules:
        """The rules, those of the text only where it is as it was recorded."""
        known = known_records(fixtures)
        return Rules(
            known, ProvedTexts(known["documents"], self.documents).text if readable else None
        )

    def _unprinted(self, after: Fixtures, ids: set[str], texts: ProvedTexts) -> Iterator[str]:
        """What the documents of claims do not print as it is recorded."""
        documents: dict[str, None] = {}
        for claim in after["claims"]:
            if claim["id"] in ids:
                documents |= dict.fromkeys(each["document"] for each in claim["evidence"])
                for name, _, reason in compared(claim, texts):
                    if reason is not None:
                        yield f"{self._name(claim['id'])}: {reason} in {name}"
        for name in documents:
            for _, reason in texts.mismatches(name):
                yield f"{texts.path(name)}: {reason}"

    def _name(self, claim: str) -> str:
        origin = self.origins.get(claim)
        return claim if origin is None else f"{origin.file} {pointer(*origin.steps)} {origin.name}"

    def _line(self, after: Fixtures, place: int, finding: Finding) -> str:
        origin = self.origins.get(finding.claim)
        if origin is None:
            return finding.line(after.file("claims"), place)
        return finding.at(origin.file, origin.steps, origin.name)


def _findings(fixtures: Fixtures, ids: set[str], rules: Rules) -> Iterator[tuple[int, Finding]]:
    """What is found in the claims of some ids, and between all claims."""
    for place, claim in enumerate(fixtures["claims"]):
        if claim["id"] in ids:
            yield from ((place, finding) for finding in rules.check(place, claim))
        else:
            rules.note(place, claim)
    yield from rules.between()


def _key(finding: Finding) -> tuple[Any, ...]:
    return finding.rule.name, finding.claim, finding.steps


def _advice(rules: Iterable[Rule]) -> str:
    warned = next((rule.name for rule in rules if not rule.refuses), None)
    if warned is None:
        return ""
    return f"\na warning is accepted with a reason: --accept {warned}:REASON"


def accepted_rule(text: str) -> tuple[str, str]:
    """The rule and the reason of ``RULE:reason``. Raises ``ValueError``."""
    name, _, reason = text.partition(":")
    rule = next((rule for rule in RULES if rule.name == name.strip()), None)
    if rule is None or not reason.strip():
        raise ValueError(f"{text!r} is no RULE:reason, with the name of a rule as check prints it")
    if rule.refuses:
        raise ValueError(f"{rule.name} is an error, which nobody can accept")
    return rule.name, reason.strip()
