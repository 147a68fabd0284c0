"""Units of two readings matched one to one: those that make the same claim of the same passage."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from schemas.records.reading import unit_names
from service.curation.readings import Reading
from service.curation.rules.words import folded

LEAST_LIKENESS = 0.42
"""Units less alike than this are no pair (1 is one span and one statement)."""
_OVERLAP, _COVER, _WORDS = 0.3, 0.2, 0.5
"""Weights of what is shared of both spans, of what the longer has of the shorter, and of words."""
_SCALE = 1_000_000
"""Weights are whole numbers, so that a matching is the same on every machine."""


class ReadUnit(NamedTuple):
    """A unit that is a claim: its document, its name in the reading, its span and its claim."""

    document: str
    name: str
    start: int
    end: int
    claim: Mapping[str, Any]


class Matched(NamedTuple):
    """The pairs in the order of the text, and the units that only one of two readings has."""

    pairs: Sequence[tuple[ReadUnit, ReadUnit]]
    only_a: Sequence[ReadUnit]
    only_b: Sequence[ReadUnit]


def claim_units(reading: Reading) -> list[ReadUnit]:
    """The units of a reading that are claims."""
    named = zip(unit_names(reading["units"]), reading["units"], strict=True)
    return [
        ReadUnit(reading["document"], name, unit["start"], unit["end"], unit["claim"])
        for name, unit in named
        if unit["decision"] == "claim"
    ]


def match(a: Sequence[ReadUnit], b: Sequence[ReadUnit]) -> Matched:
    """The best matching overall: no other has a larger sum of likenesses.

    Units are alike by their spans, which overlap, and their statements.
    """
    import networkx

    graph = networkx.Graph()
    for one, other, likeness in _alike(a, b):
        graph.add_edge(("a", one), ("b", other), weight=round(likeness * _SCALE))
    edges = networkx.max_weight_matching(graph)
    found = {dict([one, other])["a"]: dict([one, other])["b"] for one, other in edges}
    taken = {*found.values()}
    return Matched(
        [(a[one], b[found[one]]) for one in sorted(found)],
        [unit for n, unit in enumerate(a) if n not in found],
        [unit for n, unit in enumerate(b) if n not in taken],
    )


def _alike(a: Sequence[ReadUnit], b: Sequence[ReadUnit]) -> Iterator[tuple[int, int, float]]:
    """The units that may be a pair, with their likeness."""
    others = sorted(enumerate(b), key=lambda each: each[1].start)
    longest = max((unit.end - unit.start for unit in b), default=0)
    for one, unit in enumerate(a):
        for other, against in others:
            if against.start >= unit.end:
                break
            if against.start > unit.start - longest:
                found = likeness(unit, against)
                if found >= LEAST_LIKENESS:
                    yield one, other, found


def likeness(a: ReadUnit, b: ReadUnit) -> float:
    """How far two units make the same claim of the same passage, from 0 to 1."""
    shared = min(a.end, b.end) - max(a.start, b.start)
    if shared <= 0 or a.document != b.document:
        return 0.0
    both = max(a.end, b.end) - min(a.start, b.start)
    shorter = min(a.end - a.start, b.end - b.start)
    one, other = _triples(a), _triples(b)
    words = len(one & other) / (len(one | other) or 1)
    return _OVERLAP * shared / both + _COVER * shared / shorter + _WORDS * words


def _triples(unit: ReadUnit) -> frozenset[str]:
    """Each three characters in a row of a statement: a likeness in any script."""
    statement = folded(f" {unit.claim.get('statement') or ''} ")
    return frozenset(statement[n : n + 3] for n in range(len(statement) - 2))
