"""The record of changes: one canonical JSON line each in a mapped file, and where its lines lie.

``changes.ndjson`` is never held parsed. Beside it lies an index of three columns of unsigned
64-bit numbers, mapped as well: where the line of each change begins (their ``seq`` is gap-free
from 1, so that a place in the column is a ``seq``), and two columns that lead from a claim to its
changes. A worker holds none of it in memory of its own.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from schemas.change import RETIRING, Changes, State
from schemas.fields import CLAIM_ID
from service.store.files import Buffer
from service.store.keys import id_number
from service.store.protocol import ClaimNotFound

CHANGES_INDEX = "changes.index"
"""The file's name, in the directory of the search index: it is computed, like that."""
_MARK = int.from_bytes(b"changes1", "little")
"""Read as another number where the bytes of a number lie the other way round."""
_WIDTH = 8

Change = dict[str, Any]
Find = Callable[[Sequence[str]], Mapping[str, State]]
"""Claims by their ids, those that are there."""


def changes_index(entries: Iterable[tuple[str, int]]) -> bytes:
    """The index of a file of changes, from each change's claim and the bytes of its line.

    The bytes count the line feed. What is given is read once and in order, so
    that it may be made while the lines are written. It takes some 80 bytes of
    memory for each change while the claims are put in order, 24 at the end.
    """
    starts, claims = array("Q", [0]), array("Q")
    for claim, size in entries:
        starts.append(starts[-1] + size)
        claims.append(id_number(claim))
    by_claim = sorted(range(len(claims)), key=claims.__getitem__)  # stable: a claim's in order
    head = array("Q", [_MARK, len(claims)])
    columns = (starts, array("Q", (claims[n] for n in by_claim)), array("Q", by_claim))
    return b"".join(column.tobytes() for column in (head, *columns))


def entries_of(lines: Buffer) -> Iterator[tuple[str, int]]:
    """What ``changes_index`` reads, from a file of changes as it lies there."""
    start, size = 0, len(lines)
    while start < size:
        end = lines.find(b"\n", start) + 1
        yield json.loads(lines[start:end])["claim"], end - start
        start = end


class ChangeLog:
    """Reads a file of changes by ``seq`` and by claim. Safe for use by several threads at once."""

    def __init__(self, lines: Buffer, index: Buffer | None = None) -> None:
        """Without an index one is made, which suits changes that are in memory themselves.

        Raises ``ValueError`` for an index of another file or of another form.
        """
        numbers = memoryview(changes_index(entries_of(lines)) if index is None else index)
        if len(numbers) % _WIDTH or len(numbers) < 3 * _WIDTH:
            raise ValueError(f"{CHANGES_INDEX} is no index of changes; build it again")
        column = numbers.cast("Q")
        count = column[1]
        if column[0] != _MARK or len(column) != 3 + 3 * count or column[2 + count] != len(lines):
            raise ValueError(f"{CHANGES_INDEX} is not of these changes; build it again")
        self._lines, self._count = lines, count
        self._starts = column[2 : 3 + count]
        self._claims = column[3 + count : 3 + 2 * count]
        self._places = column[3 + 2 * count :]

    def read(self, since: int, limit: int, claim_id: str | None, find: Find) -> Changes:
        """At most ``limit`` changes after the one numbered ``since``, of one claim or of all.

        ``find`` gives active claims as they are served. Raises
        ``ClaimNotFound`` for an id that was never used.
        """
        places = range(self._count) if claim_id is None else self._places_of(claim_id)
        if claim_id is not None and not len(places):
            raise ClaimNotFound(claim_id)
        start = bisect_left(places, since)  # the change numbered n stands at the place n - 1
        found = [self._at(place) for place in places[start : start + limit]]
        more = start + len(found) < len(places)
        return Changes(self._with_states(found, find), len(places), more)

    def _with_states(self, changes: list[Change], find: Find) -> list[tuple[Change, State]]:
        """Each change with the state that it led to: what the next one changed, or what is served
        today, which is asked for at once.
        """
        states: dict[int, State] = {}
        newest: dict[str, int] = {}
        for change in changes:
            if change["change"] in RETIRING:
                states[change["seq"]] = None
            elif (following := self._following(change)) is not None:
                states[change["seq"]] = following["previous"]
            else:
                newest[change["claim"]] = change["seq"]
        active = find(sorted(newest)) if newest else {}
        states |= {seq: active[claim] for claim, seq in newest.items()}
        return [(change, states[change["seq"]]) for change in changes]

    def _following(self, change: Change) -> Change | None:
        """The next change of the same claim."""
        places = self._places_of(change["claim"])
        later = bisect_left(places, change["seq"])
        return self._at(places[later]) if later < len(places) else None

    def _places_of(self, claim_id: str) -> Sequence[int]:
        if not CLAIM_ID.fullmatch(claim_id):
            return ()
        number = id_number(claim_id)
        first = bisect_left(self._claims, number)
        return self._places[first : bisect_right(self._claims, number, lo=first)]

    def _at(self, place: int) -> Change:
        change: Change = json.loads(self._lines[self._starts[place] : self._starts[place + 1]])
        return change
