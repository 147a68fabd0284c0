"""The vocabularies and the changes of a data set, which lie in the index of its records."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from schemas.filter_kinds import ServedRecord
from schemas.records.change import CLAIM, RETIRING, Changes, RecordKey, State, record_of
from schemas.records.dataset import DatasetInfo, Tombstone
from schemas.records.vocabularies import VOCABULARIES
from service.store.opensearch.door import Door, JsonObject
from service.store.opensearch.mapping import BODY, record_index
from service.store.protocol import ClaimNotFound
from service.store.vocabulary import Vocabulary
from service.store.vocabulary_file import RecordsVocabulary

MAX_HELD = 4_096
"""Records up to which a vocabulary is read once and held; of a larger one as many."""
_DIGESTS = 10_000
"""Digests of the log that are held, for those who follow it."""


def record_id(kind: str, identifier: str) -> str:
    """The id of a record in its index; ``kind`` is a vocabulary."""
    return f"{kind}/{identifier}"


def tombstone_id(kind: str, identifier: str) -> str:
    return f"tombstone/{kind}/{identifier}"


def change_id(seq: int) -> str:
    return f"change/{seq}"


def tombstone_of(document: JsonObject | None) -> Tombstone | None:
    return None if document is None else Tombstone(**orjson.loads(document[BODY]))


class RemoteVocabulary(Vocabulary):
    """A vocabulary in the cluster: held whole if it is small, else those of its records that were
    asked for last.
    """

    def __init__(self, door: Door, info: DatasetInfo, claims: str, name: str) -> None:
        """``claims`` is the index of the claims, ``name`` that of the vocabulary."""
        super().__init__(VOCABULARIES[name].name_key)
        self._door, self._index, self._name = door, record_index(claims), name
        self._size = info.counts[name]
        self._held: OrderedDict[str, ServedRecord] = OrderedDict()
        self._whole: RecordsVocabulary | None = None
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._size

    def records(self, ids: Iterable[str]) -> Mapping[str, ServedRecord]:
        wanted = [*dict.fromkeys(ids)]
        if not wanted or not self._size:
            return {}
        if self._size <= MAX_HELD:
            return self._all().records(wanted)
        with self._lock:
            known = {each: self._held[each] for each in wanted if each in self._held}
        absent = [each for each in wanted if each not in known]
        places = [(self._index, record_id(self._name, each)) for each in absent]
        found = zip(absent, self._door.documents(places), strict=True)
        known |= {each: orjson.loads(doc[BODY]) for each, doc in found if doc is not None}
        with self._lock:
            self._held |= known
            while len(self._held) > MAX_HELD:
                self._held.popitem(last=False)
        return {each: known[each] for each in wanted if each in known}

    def page(self, after: str, limit: int) -> list[ServedRecord]:
        if self._size <= MAX_HELD:
            return self._all().page(after, limit)
        return self._read(after, limit)

    def tombstone(self, identifier: str) -> Tombstone | None:
        kind = VOCABULARIES[self._name].singular
        (found,) = self._door.documents([(self._index, tombstone_id(kind, identifier))])
        return tombstone_of(found)

    def _all(self) -> RecordsVocabulary:
        if self._whole is None:
            records = self._read("", MAX_HELD) if self._size else []
            self._whole = RecordsVocabulary({one["id"]: one for one in records}, self.name_key)
        return self._whole

    def _read(self, after: str, limit: int) -> list[ServedRecord]:
        body: JsonObject = {
            "query": {"term": {"kind": self._name}},
            "sort": [{"id": "asc"}],
            "search_after": [after],
            "size": limit,
        }
        (answer,) = self._door.searches(self._index, [body])
        return [orjson.loads(hit["_source"][BODY]) for hit in answer["hits"].get("hits", ())]


class RemoteChanges:
    """The changes of a data set in the cluster, by number and by record."""

    def __init__(self, door: Door, info: DatasetInfo, claims: str) -> None:
        """``claims`` is the index of the claims."""
        self._door, self._index = door, record_index(claims)
        self._claims, self._salt = claims, info.feed.salt
        self._digests: dict[int, str] = {}

    def read(self, since: int, limit: int, key: RecordKey | None) -> Changes:
        """At most ``limit`` changes after the one numbered ``since``, of one record or of all.

        Raises ``ClaimNotFound`` for the id of a claim that was never used.
        """
        terms: list[JsonObject] = [{"term": {"kind": "change"}}]
        if key is not None:
            terms.append({"term": {"id": "/".join(key)}})
        body: JsonObject = {
            "query": {"bool": {"filter": terms}},
            "sort": [{"seq": "asc"}],
            "search_after": [since],
            "size": limit + 1,
        }
        (answer,) = self._door.searches(self._index, [body])
        total: int = answer["hits"]["total"]["value"]
        if key is not None and key.kind == CLAIM and not total:
            raise ClaimNotFound(key.id)
        found = [hit["_source"] for hit in answer["hits"].get("hits", ())]
        return Changes(self._with_states(found[:limit]), total, len(found) > limit)

    def digest(self, seq: int) -> str | None:
        """16 hexadecimal digits that stand for the changes up to one, ``None`` beyond the last."""
        if seq == 0:
            return hashlib.sha256(self._salt).hexdigest()[:16]
        if seq not in self._digests:
            (found,) = self._door.documents([(self._index, change_id(seq))])
            if found is None:
                return None
            self._remember([found])
        return self._digests[seq]

    def _with_states(self, found: Sequence[JsonObject]) -> list[tuple[Mapping[str, Any], State]]:
        """Changes with the state that each led to: what the next one of its record changed, or what
        is served today.
        """
        self._remember(found)
        changes = [orjson.loads(each[BODY]) for each in found]
        places: dict[int, tuple[str, str]] = {}
        for change, each in zip(changes, found, strict=True):
            kind, identifier = record_of(change)
            if change["change"] in RETIRING:
                continue
            if each.get("next") is not None:
                places[change["seq"]] = self._index, change_id(each["next"])
            elif kind == CLAIM:
                places[change["seq"]] = self._claims, identifier
            else:
                places[change["seq"]] = self._index, record_id(f"{kind}s", identifier)
        states: dict[int, State] = {}
        looked_up = self._door.documents(places.values())
        for seq, (_, identifier), document in zip(places, places.values(), looked_up, strict=True):
            assert document is not None, identifier
            state = orjson.loads(document[BODY])
            states[seq] = state["previous"] if identifier.startswith("change/") else state
        return [(change, states.get(change["seq"])) for change in changes]

    def _remember(self, found: Iterable[JsonObject]) -> None:
        if len(self._digests) > _DIGESTS:
            self._digests.clear()
        self._digests |= {each["seq"]: each["digest"] for each in found}
