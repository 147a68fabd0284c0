"""The record of changes: a mapped file of one canonical JSON line each, with an index of its lines.

The index is three mapped columns of unsigned 64-bit numbers: where the line of each change begins
(their ``seq`` is gap-free from 1, so that a place in the column is a ``seq``), and two columns that
lead from a claim to its changes. Neither takes memory of a worker's own.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from schemas.change import RETIRING, Changes, State
from schemas.fields import CLAIM_ID
from service.store.files import Buffer, line_spans
from service.store.index_fields import id_number
from service.store.protocol import ClaimNotFound

CHANGES_INDEX = "changes.index"
"""The file's name, in the directory of the search index, since it is computed as well."""
_MARK = int.from_bytes(b"changes1", "little")
"""Read as another number where the bytes of a number lie the other way round."""
_WIDTH = 8

Find = Callable[[Sequence[str]], Mapping[str, State]]
"""Claims by their ids, those that are there."""


def changes_index(lines: Buffer) -> bytes:
    """The index of a file of changes.

    Takes some 80 bytes of memory for each change while the claims are put in
    order, 24 at the end.
    """
    starts, claims = array("Q"), array("Q")
    for start, end in line_spans(lines):
        starts.append(start)
        claims.append(id_number(orjson.loads(lines[start:end])["claim"]))
    starts.append(len(lines))
    by_claim = sorted(range(len(claims)), key=claims.__getitem__)  # stable: a claim's in order
    head = array("Q", [_MARK, len(claims)])
    columns = (starts, array("Q", (claims[n] for n in by_claim)), array("Q", by_claim))
    return b"".join(column.tobytes() for column in (head, *columns))


class ChangeLog:
    """Reads a file of changes by ``seq`` and by claim. Safe for use by several threads at once."""

    def __init__(self, lines: Buffer, index: Buffer) -> None:
        """Raises ``ValueError`` for an index of another file or of another form."""
        column = memoryview(b"" if len(index) % (3 * _WIDTH) else index).cast("Q")
        count = len(column) // 3 - 1
        if [*column[:2]] != [_MARK, count] or column[2 + count] != len(lines):
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
        changes = [self._at(place) for place in places[start : start + limit]]
        states = self._states(changes, find)
        more = start + len(changes) < len(places)
        return Changes([(each, states[each["seq"]]) for each in changes], len(places), more)

    def _states(self, changes: list[dict[str, Any]], find: Find) -> dict[int, State]:
        """The state that each change led to, by ``seq``: what the next one changed, or what is
        served today, all of which is looked up at once.
        """
        states: dict[int, State] = {}
        newest: dict[str, int] = {}
        for change in changes:
            seq, places = change["seq"], self._places_of(change["claim"])
            later = bisect_left(places, seq)
            if change["change"] in RETIRING:
                states[seq] = None
            elif later < len(places):
                states[seq] = self._at(places[later])["previous"]
            else:
                newest[change["claim"]] = seq
        active = find(sorted(newest)) if newest else {}
        return states | {seq: active[claim] for claim, seq in newest.items()}

    def _places_of(self, claim_id: str) -> Sequence[int]:
        if not CLAIM_ID.fullmatch(claim_id):
            return ()
        number = id_number(claim_id)
        first = bisect_left(self._claims, number)
        return self._places[first : bisect_right(self._claims, number, lo=first)]

    def _at(self, place: int) -> dict[str, Any]:
        change: dict[str, Any] = orjson.loads(
            self._lines[self._starts[place] : self._starts[place + 1]]
        )
        return change
