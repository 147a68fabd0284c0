"""Relations between claims that cannot all hold: those in a circle, and those that exclude each
other.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from operator import itemgetter

from schemas.faults import Breach, Fault, pointer
from service.compiler.rules.facts import Facts

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


_FORWARDS = """
    INSERT OR IGNORE INTO step SELECT ?, relation.place, claim.place
    FROM relation JOIN claim ON claim.id = relation.target WHERE relation.type = ?"""
_BACKWARDS = """
    INSERT OR IGNORE INTO step SELECT ?, claim.place, relation.place
    FROM relation JOIN claim ON claim.id = relation.target WHERE relation.type = ?"""


def circles(file: str, facts: Facts, claims: int) -> Iterator[Fault]:
    """A circle of each kind of relation that runs one way; the file has so many ``claims``.

    A relation to no claim is a fault of its own, or leads to one that is faulty by itself.
    """
    for words, forwards, backwards in ONE_WAY:
        for types, sql in ((forwards, _FORWARDS), (backwards, _BACKWARDS)):
            for type_ in sorted(types):
                facts.run(sql, words, type_)
        starts = facts.find("SELECT DISTINCT place FROM step WHERE way = ?", words)

        def after(place: int, way: str = words) -> list[int]:
            targets = "SELECT target FROM step WHERE way = ? AND place = ?"
            return [target for (target,) in facts.find(targets, way, place)]

        if circle := _circle(starts, after, claims):
            find = "SELECT id FROM claim WHERE place = ?"
            ids = [identifier for place in circle for (identifier,) in facts.find(find, place)]
            at = pointer(circle[0], "relations")
            yield Fault(file, at, " → ".join(ids), f"{words} without a circle")


def _circle(
    starts: Iterable[tuple[int]], after: Callable[[int], list[int]], places: int
) -> list[int]:
    """The first circle that is met from the ``starts`` on, its first place at the end once more.

    Takes a byte for each place: whether it is on the way, or leads to no circle.
    """
    on_the_way, done = 1, 2
    state = bytearray(places)
    for (start,) in starts:
        path, further = ([start], [after(start)]) if not state[start] else ([], [])
        while path:
            state[path[-1]] = on_the_way
            target = further[-1].pop() if further[-1] else None
            if target is None:
                state[path.pop()] = done
                further.pop()
            elif state[target] == on_the_way:
                return [*path[path.index(target) :], target]
            elif state[target] != done:
                path.append(target)
                further.append(after(target))
    return []


def contradictions(facts: Facts) -> Iterator[Breach]:
    """No claim says of another both that it holds and that it does not."""
    relations = facts.find("SELECT place, type, target FROM relation ORDER BY place, n")
    for place, rows in groupby(relations, key=itemgetter(0)):
        related = [(type_, target) for _, type_, target in rows]
        for n, (type_, target) in enumerate(related):
            for one, other in EXCLUSIVE:
                if type_ == other and (one, target) in related:
                    yield (place, "relations", n, "type"), other, f"not beside {one} of {target}"
