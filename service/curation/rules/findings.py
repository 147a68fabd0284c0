"""What a rule is, and what is found where a claim breaks one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.faults import pointer, shown

CuratedClaim = Mapping[str, Any]
"""A claim as a curator writes it; keys that may be null or empty may be absent."""
Known = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""The records of each vocabulary, by their ids."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the codebook that a program can check.

    ``number`` is that of the codebook's rule, ``None`` for its table of fields.
    A breach of a rule that ``refuses`` is an error: the codebook leaves no
    doubt. Of any other it is a warning, which a curator may answer.
    """

    name: str
    number: int | None
    refuses: bool
    allowed: str

    @property
    def severity(self) -> str:
        return "error" if self.refuses else "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim that breaks a rule: where in it (the steps of a JSON pointer), and what stands there.

    ``allowed`` says what may stand there instead.
    """

    rule: Rule
    claim: str
    steps: tuple[object, ...]
    found: str
    allowed: str

    def line(self, file: str, place: int) -> str:
        """The finding as it is printed; the claim is at a ``place`` of a ``file``."""
        return self.at(file, (place,), self.claim)

    def at(self, file: str, steps: tuple[object, ...], name: str) -> str:
        """The finding as it is printed of a claim that stands elsewhere, under another name."""
        number = "fields" if self.rule.number is None else f"rule {self.rule.number}"
        return (
            f"{file} {pointer(*steps, *self.steps)} {name}: {self.rule.severity}: "
            f"{number} ({self.rule.name}): found {self.found}; allowed: {self.allowed}"
        )


RuleBreach = tuple[Rule, tuple[object, ...], object, str]
"""The rule, the steps to the place in the claim, the value that stands there, and more of what is
allowed there, where the rule alone does not say it."""


def found_in(claim: CuratedClaim, breach: RuleBreach) -> Finding:
    """The finding of a breach in a claim."""
    rule, steps, value, more = breach
    allowed = f"{rule.allowed} ({more})" if more else rule.allowed
    return Finding(rule, claim["id"], steps, shown(value), allowed)
