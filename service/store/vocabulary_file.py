"""A vocabulary as it lies in a data set: a file of one record a line."""

import functools
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

import orjson

from schemas.filter_kinds import ServedRecord
from schemas.records.dataset import Tombstone
from service.store.files import Buffer, line_spans
from service.store.vocabulary import Vocabulary

_CACHED = 4_096
"""Parsed records that are held: all but the documents of a large data set."""


class Records(Mapping[str, ServedRecord]):
    """The records of a file with one a line, by id and in the order of the file.

    A worker holds ids and offsets alone: as dictionaries, the documents of a
    million claims would take 60 MB. Raises ``ValueError`` for a line that is no
    JSON, ``LookupError`` or ``TypeError`` for one that is no record.
    """

    def __init__(self, content: Buffer) -> None:
        self._starts: dict[str, int] = {
            orjson.loads(content[start:end])["id"]: start for start, end in line_spans(content)
        }
        # No reference back to this object, so that its file is closed with its last user.
        self._at = functools.lru_cache(maxsize=_CACHED)(functools.partial(_parse, content))

    def __getitem__(self, identifier: str) -> ServedRecord:
        return self._at(self._starts[identifier])

    def __iter__(self) -> Iterator[str]:
        return iter(self._starts)

    def __len__(self) -> int:
        return len(self._starts)


def _parse(content: Buffer, start: int) -> ServedRecord:
    """The record whose line begins there."""
    start, end = next(line_spans(content, start))
    record: ServedRecord = orjson.loads(content[start:end])
    return record


class RecordsVocabulary(Vocabulary):
    """A vocabulary whose records are at hand, by id and in id order."""

    def __init__(
        self,
        by_id: Mapping[str, ServedRecord],
        name_key: str,
        retired: Mapping[str, Tombstone] | None = None,
    ) -> None:
        super().__init__(name_key)
        self.by_id, self.retired, self._ids = by_id, retired or {}, list(by_id)

    def __len__(self) -> int:
        return len(self._ids)

    def records(self, ids: Iterable[str]) -> Mapping[str, ServedRecord]:
        return {each: self.by_id[each] for each in ids if each in self.by_id}

    def page(self, after: str, limit: int) -> list[ServedRecord]:
        start = bisect_right(self._ids, after)
        return [self.by_id[each] for each in islice(self._ids, start, start + limit)]

    def tombstone(self, identifier: str) -> Tombstone | None:
        return self.retired.get(identifier)
