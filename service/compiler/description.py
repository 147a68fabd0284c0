"""What a build computes and checks for the description of a data set."""

import difflib
from collections import Counter
from collections.abc import Iterator
from typing import Any

from schemas.faults import Breach, Fault, faults_at
from schemas.records.dataset import DESCRIPTION
from schemas.records.vocabularies import VOCABULARIES
from service.compiler.read import Fixtures, PlainRecord
from service.compiler.rules.facts import RecordsById

MAX_COVERED = 100
"""Places and topics that a description names, those of most claims."""


def origin_group_faults(fixtures: Fixtures) -> Iterator[Fault]:
    """Origin groups of agents that the data set does not declare, where it declares them."""
    groups = fixtures.about["origin_groups"]
    if groups is not None:
        declared = [group["id"] for group in groups]
        yield from faults_at(fixtures.file("agents"), _undeclared(fixtures, declared))


def _undeclared(fixtures: Fixtures, declared: list[str]) -> Iterator[Breach]:
    for place, agent in enumerate(fixtures["agents"]):
        group = agent["origin_group"]
        if group is not None and group not in declared:
            near = difflib.get_close_matches(group, declared, n=1)
            meant = f" (meant {near[0]}?)" if near else ""
            allowed = f"one of the origin groups that {DESCRIPTION} declares{meant}"
            yield (place, "origin_group"), group, allowed


class Coverage:
    """Collects what claims cover, claim by claim."""

    def __init__(self) -> None:
        self.first: str | None = None
        self.last: str | None = None

    def add(self, claim: PlainRecord) -> None:
        """Widens the days by those on which a served claim may have been announced or occurred.

        An open or unknown end of a date adds none.
        """
        dates = (claim["dates"]["announced"], claim["dates"]["occurred"])
        self.reach(*(date[end] for date in dates if date for end in ("earliest", "latest")))

    def reach(self, *ends: str | None) -> None:
        """Widens the days by others, as far as these are known."""
        days = [day for day in (self.first, self.last, *ends) if day]
        self.first, self.last = min(days, default=None), max(days, default=None)

    def record(self, claim_counts: Counter[tuple[str, str]], known: RecordsById) -> dict[str, Any]:
        """The coverage as it is served."""
        ordered = sorted(claim_counts.items(), key=lambda item: (-item[1], item[0]))
        covered: dict[str, list[dict[str, str]]] = {"places": [], "topics": []}
        for (name, identifier), _ in ordered:
            if name in covered and len(covered[name]) < MAX_COVERED:
                called = known[name][identifier][VOCABULARIES[name].name_key]
                covered[name].append({"id": identifier, "name": called})
        return {"first": self.first, "last": self.last, **covered}
