"""Data sets that grow as curators make them grow: every event in the life of every kind of record.

A curator here keeps fixtures and appends the change of each event. What was true after each change
is remembered apart, so that whatever is served can be compared with it.
"""

import copy
from collections.abc import Mapping
from typing import Any

from service.compiler import Fixtures
from tests import records

Json = dict[str, Any]
Key = tuple[str, str]

KINDS = ("claim", "document", "agent", "topic", "occasion", "place")
EVENTS = ("created", "revised", "superseded", "withdrawn")


class Curator:
    """Fixtures, and what has happened to them."""

    def __init__(self) -> None:
        made = records.fixtures([records.claim(1)])
        self.records: dict[str, dict[str, Json]] = {
            kind: {each["id"]: dict(each) for each in made[f"{kind}s"]} for kind in KINDS
        }
        self.changes: list[Json] = [dict(change) for change in made["changes"]]
        self.day, self.made = 2, 100
        self._own: set[Key] = set()
        self.retired: dict[Key, str | None] = {}
        """What was retired, with what replaced it."""

    def data(self) -> dict[str, list[Json]]:
        """What lies in the directory today."""
        kinds = {f"{kind}s": [*by_id.values()] for kind, by_id in self.records.items()}
        return copy.deepcopy({**kinds, "changes": self.changes})

    def fixtures(self) -> Fixtures:
        """The same as fixtures that lie in memory."""
        return Fixtures(self.data())

    def create(self, kind: str) -> str:
        """A new record of a kind; gives its id."""
        self.made += 1
        record = _new(kind, self.made)
        if "revision" in record:
            record |= {"recorded_at": self.today()}
        self.records[kind][record["id"]] = record
        self._own.add((kind, record["id"]))
        self._append((kind, record["id"]), "created", None)
        return str(record["id"])

    def revise(self, kind: str, identifier: str) -> None:
        """Other words for a record."""
        self.made += 1
        before = self.records[kind][identifier]
        name = {"claim": "statement", "document": "title", "topic": "label"}.get(kind, "name")
        record = {**before, name: f"Other words, number {self.made}."}
        self.records[kind][identifier] = record
        change = self._append((kind, identifier), "revised", before)
        if "revision" in record:
            record |= {"revision": change["revision"], "recorded_at": change["recorded_at"]}

    def retire(self, kind: str, identifier: str, heir: str | None) -> None:
        """Takes a record out, for good or in favour of another."""
        before = self.records[kind].pop(identifier)
        what = "withdrawn" if heir is None else "superseded"
        self._append((kind, identifier), what, before, heir)
        self.retired[kind, identifier] = heir

    def live(self, kind: str, event: str, identifier: str) -> str:
        """Lets an event happen to a record; gives the id that the next one may happen to."""
        if event == "revised":
            self.revise(kind, identifier)
        elif event == "superseded":
            heir = self.create(kind)
            self.retire(kind, identifier, heir)
            return heir
        elif event == "withdrawn":
            self.retire(kind, identifier, None)
            return self.create(kind)
        return identifier if event == "revised" else self.create(kind)

    def free(self, kind: str) -> list[str]:
        """The records of a kind that were made since the beginning: nothing refers to them."""
        return [each for each in self.records[kind] if (kind, each) in self._own]

    def today(self) -> str:
        return f"2024-{1 + self.day // 28:02}-{1 + self.day % 28:02}"

    def _append(self, key: Key, what: str, previous: Json | None, heir: str | None = None) -> Json:
        kind, identifier = key
        record = {"kind": kind, "id": identifier}
        named = {"claim": identifier} if kind == "claim" else {"record": record}
        earlier = [c for c in self.changes if key_of(c) == key]
        change = {
            "claim": None,
            "record": None,
            **named,
            "seq": len(self.changes) + 1,
            "revision": 1 + (earlier[-1]["revision"] if earlier else previous is not None),
            "recorded_at": self.today(),
            "change": what,
            "reason": None if what == "created" else f"It was {what}.",
            "replaced_by": heir,
            "previous": copy.deepcopy(previous),
        }
        self.changes.append(change)
        return change


def key_of(change: Mapping[str, Any]) -> Key:
    """Which record a curated change is about."""
    record = change.get("record")
    return (record["kind"], record["id"]) if record else ("claim", change["claim"])


def _new(kind: str, number: int) -> Json:
    """A record that nothing refers to, and whose id was never used."""
    name, slug = f"{kind} {number}".title(), f"{kind}-{number}"
    if kind == "claim":
        return records.claim(number, statement=f"Statement {number}.")
    made = records.fixtures()
    record = copy.deepcopy(dict(next(iter(made[f"{kind}s"]))))
    record["id"] = f"doc_{number:08}" if kind == "document" else slug
    record["label" if kind == "topic" else "title" if kind == "document" else "name"] = name
    if kind == "document":
        record["file"] = f"{slug}.txt"
    return record
