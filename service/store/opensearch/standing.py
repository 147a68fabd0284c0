"""Counts of whole data sets: taken when a data set is published, and read by every service.

What a data set holds never changes, and to count a hundred million claims takes seconds of every
node. So the counts that a page without filters shows, and those by one dimension, lie beside the
claims.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

import orjson

from schemas.records.dataset import Counts, Group
from service.store.opensearch.door import Door, JsonObject
from service.store.opensearch.mapping import BODY, record_index
from service.store.protocol import Counted

KIND = "count"
"""The kind of record that such a count is."""
MAX_GROUPS = 100_000
"""Groups that are kept in all, some 20 MB: each worker of a service holds them."""
_MAX_COUNTS = 1_000
_WHOLE = {"goals_only", "distinct", "limit", "sort", "cursor"}
"""The parameters that a question about a whole data set may have."""


class StandingCounts:
    """The counts of one data set as a whole, by what is counted."""

    def __init__(self, door: Door, claims: str) -> None:
        """``claims`` is the index of the claims."""
        self._door, self._index = door, record_index(claims)
        self._counts: dict[str, Counts] = {}
        self._room = MAX_GROUPS
        self._lock = threading.Lock()

    def read(self) -> None:
        """Reads what was kept when the data set was published."""
        body: JsonObject = {
            "query": {"term": {"kind": KIND}},
            "sort": [{"id": "asc"}],
            "size": _MAX_COUNTS,
        }
        (answer,) = self._door.searches(self._index, [body])
        for hit in answer["hits"].get("hits", ()):
            told = orjson.loads(hit["_source"][BODY])
            groups = [Group(tuple(keys), count) for keys, count in told["groups"]]
            self._counts[told["of"]] = Counts(groups, told["total"])
            self._room -= 1 + len(groups)

    def get(self, counted: Counted) -> Counts | None:
        return self._counts.get(_name(counted))

    def keep(self, counted: Counted, counts: Counts) -> None:
        """Keeps a count of a whole data set, if there is room for its groups."""
        name, size = _name(counted), 1 + len(counts.groups)
        if not _WHOLE.issuperset(counted[0].given):
            return
        with self._lock:
            if name not in self._counts and size <= self._room:
                self._counts[name] = counts
                self._room -= size

    def documents(self) -> Iterator[tuple[str, JsonObject]]:
        """The counts that are kept, as they lie in the cluster, each with its id there."""
        for name, counts in self._counts.items():
            groups = [(group.keys, group.count) for group in counts.groups]
            body = orjson.dumps({"of": name, "total": counts.total, "groups": groups}).decode()
            yield f"{KIND}/{name}", {"kind": KIND, "id": name, BODY: body}


def _name(counted: Counted) -> str:
    """What is counted of a whole data set, such as ``goals_only:topic,horizon``; of a question with
    filters the name is that of no count that is kept.
    """
    query, by = counted
    asked = [name for name in query.given if name not in ("limit", "sort", "cursor")]
    return f"{','.join(asked)}:{','.join(by)}"
