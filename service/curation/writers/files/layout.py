"""How records lie in a file, kept: what an edit does not change stays as it was, to the byte.

So a change of one key is a change of one line, in whichever layout a person chose.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

from schemas.records.change import without_empty

WrittenRecord = Mapping[str, Any]
EMPTY: tuple[Any, ...] = (None, [], {})

_BLANKS = re.compile(r"[ \t\n\r]*")
_decode = json.JSONDecoder().raw_decode


@dataclass(frozen=True, slots=True)
class FileEdit:
    """What becomes of the records of a file: other records in the place of those with some ids
    (``None`` takes one out), and further ones at the end.
    """

    replaced: Mapping[Any, WrittenRecord | None] = field(default_factory=dict)
    added: Sequence[WrittenRecord] = ()

    def __bool__(self) -> bool:
        return bool(self.replaced or self.added)


class _Piece(NamedTuple):
    start: int
    end: int
    record: WrittenRecord


def edited_list(text: str, edit: FileEdit, key: str = "id") -> str:
    """A JSON list of records after an edit; ``key`` tells its records apart."""
    pieces = list(_pieces(text))
    between = [text[a.end : b.start] for a, b in pairwise(pieces)]
    usual = between[0] if between else ",\n  "
    indent = usual.rpartition("\n")[2] if "\n" in usual else None
    by_line = bool(pieces) and "\n" not in text[pieces[-1].start : pieces[-1].end]
    written = "" if not pieces else text[: pieces[0].start]
    last: int | None = None
    for number, piece in enumerate(pieces):
        record = edit.replaced.get(piece.record[key], piece.record)
        if record is None:
            continue
        if last is not None:
            written += between[number - 1] if last == number - 1 else usual
        same = record is piece.record
        own = "\n" not in text[piece.start : piece.end]
        written += text[piece.start : piece.end] if same else _text(record, indent, own)
        last = number
    for record in edit.added:
        if not pieces:
            written += "[\n  " if last is None else usual
        elif last is not None:
            written += usual
        written += _text(record, indent, by_line)
        last = -1
    if last is None:
        return "[]\n"
    return written + (text[pieces[-1].end :] if pieces else "\n]\n")


def _pieces(text: str) -> Iterator[_Piece]:
    """Where each record of a valid list stands."""
    place = _BLANKS.match(text, text.index("[") + 1).end()  # type: ignore[union-attr]
    while text[place] != "]":
        record, end = _decode(text, place)
        yield _Piece(place, end, record)
        place = _BLANKS.match(text, end).end()  # type: ignore[union-attr]
        if text[place] == ",":
            place = _BLANKS.match(text, place + 1).end()  # type: ignore[union-attr]


def _text(record: WrittenRecord, indent: str | None, by_line: bool) -> str:
    if by_line or indent is None:
        return json.dumps(record, ensure_ascii=False)
    return json.dumps(record, ensure_ascii=False, indent=2).replace("\n", f"\n{indent}")


def edited_lines(lines: Iterable[bytes], edit: FileEdit, key: str = "id") -> Iterator[bytes]:
    """A file with a record a line after an edit, line by line."""
    names = [json.dumps(name).encode() for name in edit.replaced]
    for line in lines:
        if any(name in line for name in names):
            record = json.loads(line)
            after = edit.replaced.get(record[key], record)
            if after is not record:
                if after is not None:
                    yield _line(after)
                continue
        yield line + b"\n"
    yield from map(_line, edit.added)


def _line(record: WrittenRecord) -> bytes:
    return json.dumps(record, ensure_ascii=False).encode() + b"\n"


def in_the_manner_of(old: Any, new: Any, absent: Mapping[str, Any] | None = None) -> Any:
    """A record in the order of the keys in which the one before it was written; what that left out,
    and what still has the value that it then stands for, stays out.
    """
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        meant = absent or {}
        kept = {key: in_the_manner_of(old[key], new[key]) for key in old if key in new}
        further = {
            key: sparse(value)
            for key, value in new.items()
            if key not in old
            and without_empty(value) not in EMPTY
            and not (key in meant and value == meant[key])
        }
        return kept | further
    if isinstance(old, list) and isinstance(new, list):
        known = [in_the_manner_of(a, b) for a, b in zip(old, new, strict=False)]
        return known + [sparse(value) for value in new[len(known) :]]
    return sparse(new)


def sparse(value: Any) -> Any:
    """A value as a program writes it first: without keys that mean nothing."""
    return without_empty(value)


def with_note(change: WrittenRecord, notes: Mapping[str, str]) -> WrittenRecord:
    """A change with what ``notes`` have of its claim behind the reason, its keys in their order."""
    note = notes.get(change.get("claim", ""))
    if note is None:
        return change
    reason = " ".join(filter(None, (change.get("reason"), note)))
    ordered = {"reason": reason, "replaced_by": change.get("replaced_by")}
    last = {"previous": change.get("previous")}
    rest = {key: value for key, value in change.items() if key not in (*ordered, *last)}
    return {key: v for key, v in (rest | ordered | last).items() if v is not None}
