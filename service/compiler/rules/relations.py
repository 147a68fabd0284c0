"""Relations between claims that cannot all hold: those in a circle, and those that exclude each
other.
"""

import graphlib
from collections.abc import Iterator, Sequence

from schemas.faults import Breach, Fault, pointer
from service.compiler.rules.facts import ClaimFacts

ONE_WAY: tuple[tuple[str, frozenset[str], frozenset[str]], ...] = (
    ("restatements", frozenset({"restates"}), frozenset()),
    ("details", frozenset({"details"}), frozenset()),
    ("parts", frozenset({"part_of"}), frozenset()),
    (
        "relations in time",
        frozenset({"continues", "escalates", "responds_to", "fulfils", "abandons"}),
        frozenset({"causes"}),
    ),
)
"""Relations that cannot run in a circle, for example since each leads to something earlier: those
that lead forwards, and those that say the same from the other end."""
EXCLUSIVE = (
    ("supports", "refutes"),
    ("supports", "denies"),
    ("restates", "refutes"),
    ("restates", "denies"),
    ("fulfils", "abandons"),
)
"""Relations of which one claim cannot have both to the same other."""


def circles(file: str, claims: Sequence[ClaimFacts]) -> Iterator[Fault]:
    """The first circle of each kind of relation that runs one way."""
    places = {claim.id: place for place, claim in enumerate(claims)}
    related = [claim for claim in claims if claim.relations]
    for words, forwards, backwards in ONE_WAY:
        after: dict[str, list[str]] = {}
        for claim in related:
            for type_, target in claim.relations:
                if target not in places:
                    continue  # a fault of its own, or a claim that is faulty by itself
                if type_ in forwards:
                    after.setdefault(claim.id, []).append(target)
                elif type_ in backwards:
                    after.setdefault(target, []).append(claim.id)
        try:
            graphlib.TopologicalSorter(after).prepare()
        except graphlib.CycleError as error:
            cycle = error.args[1]
            steps = pointer(places[cycle[0]], "relations")
            yield Fault(file, steps, " → ".join(cycle), f"{words} without a circle")


def contradictions(claims: Sequence[ClaimFacts]) -> Iterator[Breach]:
    """No claim says of another both that it holds and that it does not."""
    for place, claim in enumerate(claims):
        if len(claim.relations) < 2:
            continue
        for n, (type_, target) in enumerate(claim.relations):
            for one, other in EXCLUSIVE:
                if type_ == other and (one, target) in claim.relations:
                    yield (place, "relations", n, "type"), other, f"not beside {one} of {target}"
