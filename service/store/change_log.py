"""The record of changes: a mapped file of one canonical JSON line each, with an index of its lines.

The index is four mapped columns of unsigned 64-bit numbers: where the line of each change begins
(their ``seq`` is gap-free from 1, so that a place in the column is a ``seq``), a digest of the log
up to each, and two columns that lead from a record to its changes. None takes memory of a worker's
own.
"""

from __future__ import annotations

import hashlib
import sqlite3
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import orjson

from schemas.patterns import CLAIM_ID
from schemas.records.change import (
    CLAIM,
    RETIRING,
    Changes,
    RecordKey,
    State,
    record_of,
    without_empty,
)
from service.store.files import Buffer, line_spans, told_of_room
from service.store.protocol import ClaimNotFound
from service.store.search.index_fields import id_number

CHANGES_INDEX = "changes.index"
"""The file's name, in the directory of the search index, since it is computed as well."""
_MARK = int.from_bytes(b"changes2", "little")
"""Read as another number where the bytes of a number lie the other way round."""
_WIDTH, _COLUMNS = 8, 4
_AS_UNSIGNED = "SELECT * FROM change ORDER BY number < 0, number, place"
_OTHER_KIND = 1 << 63
"""Set in the number of a record that is no claim: those of claims have 40 bits."""

Find = Callable[[str, Sequence[str]], Mapping[str, State]]
"""Records of a kind by their ids, those that are there."""


def changes_index(lines: Buffer, salt: bytes = b"") -> Iterator[array[int]]:
    """The index of a file of changes, piece by piece; digests begin with a ``salt``.

    Holds some 32 bytes of memory for each change; what is put in order is so in a temporary file.
    """
    starts, digests, digest = array("Q"), array("Q"), hashlib.sha256(salt)

    def numbered() -> Iterator[tuple[int, int]]:
        for place, (start, end) in enumerate(line_spans(lines)):
            change = orjson.loads(lines[start:end])
            starts.append(start)
            digests.append(_first_bits(digest))
            yield _signed(record_number(record_of(change))), place
            digest.update(orjson.dumps(without_empty(change), option=orjson.OPT_SORT_KEYS))

    with told_of_room(), closing(sqlite3.connect("")) as ordered:
        ordered.execute("CREATE TABLE change (number, place)")
        ordered.executemany("INSERT INTO change VALUES (?, ?)", numbered())
        starts.append(len(lines))
        digests.append(_first_bits(digest))
        yield array("Q", [_MARK, len(starts) - 1])
        yield from (starts, digests)
        numbers, places = array("q"), array("q")
        for number, place in ordered.execute(_AS_UNSIGNED):
            numbers.append(number)
            places.append(place)
        yield from (numbers, places)


def _signed(number: int) -> int:
    """The number that has the same 64 bits, as the database has them."""
    return (number ^ 1 << 63) - (1 << 63)


def _first_bits(digest: Any) -> int:
    """64 bits of the digest so far."""
    return int.from_bytes(digest.digest()[:_WIDTH])


def record_number(key: RecordKey) -> int:
    """A number of 64 bits for a record; of claims they order as the ids do, of others they are
    hashed (two of a million are equal with a probability of one in ten million).
    """
    if key.kind == CLAIM:
        return id_number(key.id)
    hashed = hashlib.blake2b("/".join(key).encode(), digest_size=_WIDTH).digest()
    return int.from_bytes(hashed) | _OTHER_KIND


class ChangeLog:
    """Reads a file of changes by ``seq`` and by record. Safe for use by several threads at once."""

    def __init__(self, lines: Buffer, index: Buffer, salt: bytes = b"") -> None:
        """Raises ``ValueError`` for an index of another file, another feed or another form."""
        column = memoryview(b"" if len(index) % (_COLUMNS * _WIDTH) else index).cast("Q")
        count = len(column) // _COLUMNS - 1
        if [*column[:2]] != [_MARK, count] or column[2 + count] != len(lines):
            raise ValueError(f"{CHANGES_INDEX} is not of these changes; build it again")
        self._lines, self._count = lines, count
        self._starts = column[2 : 3 + count]
        self._digests = column[3 + count : 4 + 2 * count]
        self._numbers = column[4 + 2 * count : 4 + 3 * count]
        self._places = column[4 + 3 * count :]
        if self._digests[0] != _first_bits(hashlib.sha256(salt)):
            raise ValueError(f"{CHANGES_INDEX} is not of this feed; build it again")

    def read(self, since: int, limit: int, key: RecordKey | None, find: Find) -> Changes:
        """At most ``limit`` changes after the one numbered ``since``, of one record or of all.

        ``find`` gives active records as they are served. Raises
        ``ClaimNotFound`` for the id of a claim that was never used.
        """
        places = range(self._count) if key is None else self._places_of(key)
        if key is not None and key.kind == CLAIM and not len(places):
            raise ClaimNotFound(key.id)
        start = bisect_left(places, since)  # the change numbered n stands at the place n - 1
        changes = [self._at(place) for place in places[start : start + limit]]
        states = self._states(changes, find)
        more = start + len(changes) < len(places)
        return Changes([(each, states[each["seq"]]) for each in changes], len(places), more)

    def digest(self, seq: int) -> str | None:
        """16 hexadecimal digits that stand for the changes up to one, ``None`` beyond the last."""
        return f"{self._digests[seq]:016x}" if seq <= self._count else None

    def first_after(self, key: RecordKey, seq: int) -> dict[str, Any] | None:
        """The first change of a record after the one numbered ``seq``, if there is one."""
        places = self._places_of(key)
        later = bisect_left(places, seq)
        return self._at(places[later]) if later < len(places) else None

    def _states(self, changes: list[dict[str, Any]], find: Find) -> dict[int, State]:
        """The state that each change led to, by ``seq``: what the next one changed, or what is
        served today, all of which is looked up at once.
        """
        states: dict[int, State] = {}
        newest: dict[RecordKey, int] = {}
        for change in changes:
            seq, key = change["seq"], record_of(change)
            if change["change"] in RETIRING:
                states[seq] = None
            elif later := self.first_after(key, seq):
                states[seq] = later["previous"]
            else:
                newest[key] = seq
        for kind in {key.kind for key in newest}:
            active = find(kind, sorted(key.id for key in newest if key.kind == kind))
            states |= {newest[RecordKey(kind, each)]: active[each] for each in active}
        return states

    def _places_of(self, key: RecordKey) -> Sequence[int]:
        if key.kind == CLAIM and not CLAIM_ID.fullmatch(key.id):
            return ()
        number = record_number(key)
        first = bisect_left(self._numbers, number)
        return self._places[first : bisect_right(self._numbers, number, lo=first)]

    def _at(self, place: int) -> dict[str, Any]:
        change: dict[str, Any] = orjson.loads(
            self._lines[self._starts[place] : self._starts[place + 1]]
        )
        return change
