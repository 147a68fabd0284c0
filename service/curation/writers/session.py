"""A data set that is being edited: its records, and the changes that are written with them.

Ids, revisions, days, sequence numbers and the record before are written here, and nowhere typed.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from schemas.faults import Faults
from schemas.records.change import CLAIM, CURATED, RETIRING, RecordKey, record_of
from service.compiler.check import check_records
from service.compiler.pending import Edit, EditRefused, is_there, standing
from service.compiler.read import Fixtures, Lines, read_fixtures
from service.compiler.rules.facts import ChangeFacts
from service.compiler.strict_json import parse_json
from service.curation import unused_ids
from service.curation.recording import Occurrence, next_change
from service.curation.writers.files.layout import (
    FileEdit,
    edited_lines,
    edited_list,
    in_the_manner_of,
    sparse,
    with_note,
)

CuratedRecord = Mapping[str, Any]
_STAMP = ("revision", "recorded_at")


Proof = Callable[[Fixtures], Mapping[str, str]]
"""Looks at the records as they would be, and raises to refuse them. By claim id, gives what is to
be told with its change.
"""


class Session(AbstractContextManager["Session"]):
    """The records of a directory, which are valid, and what is to become of them.

    Nobody else writes there meanwhile. Nothing is written before ``commit``.
    Raises ``DataRefused`` and ``EditRefused``.
    """

    def __init__(self, directory: Path, why: Occurrence) -> None:
        self.why = why
        self._edit = Edit(directory)
        self.edits = defaultdict[str, dict[Any, CuratedRecord | None]](dict)
        self.added = defaultdict[str, list[CuratedRecord]](list)

    def __enter__(self) -> Session:
        if not self._edit.directory.is_dir():
            reason = "there is no such directory: policy-claims init makes a data set"
            raise EditRefused(f"{self._edit.directory}: {reason}")
        self._edit.__enter__()
        try:
            faults = Faults()
            self.fixtures = read_fixtures(self.directory, faults)
            for kind in self.fixtures:
                self._edit.note(self.fixtures.file(kind))
            facts = check_records(self.fixtures, faults).facts
        except BaseException:
            self._edit.__exit__(None, None, None)
            raise
        changes = [ChangeFacts(*row) for row in facts.find("SELECT * FROM change ORDER BY place")]
        self._last: dict[RecordKey, Mapping[str, Any]] = {
            RecordKey(change.kind, change.id): change._asdict() for change in changes
        }
        self._seq = len(changes)
        self._raw: dict[str, dict[str, CuratedRecord]] = {}
        self._taken: dict[str, set[str]] = {}
        return self

    def __exit__(self, *failed: Any) -> None:
        self._edit.__exit__(*failed)

    @property
    def directory(self) -> Path:
        return self._edit.directory

    def has(self, key: RecordKey) -> bool:
        """Whether a record is there, as things stand."""
        return self.find(key) is not None

    def find(self, key: RecordKey) -> CuratedRecord | None:
        """A record as it is written, with what this session made of it."""
        name = f"{key.kind}s"
        if key.id in self.edits[name]:
            return self.edits[name][key.id]
        for record in self.added[name]:
            if record["id"] == key.id:
                return record
        return self._written(name, key.id)

    def _written(self, name: str, identifier: str) -> CuratedRecord | None:
        """The record of an id as it stands in its file."""
        records = self.fixtures[name]
        if isinstance(records, Lines):
            wanted = json.dumps(identifier).encode()
            found = (parse_json(line) for line in records.raw() if wanted in line)
            return next((record for record in found if record["id"] == identifier), None)
        if name not in self._raw:
            path = standing(self.directory, self.fixtures.file(name))
            listed = parse_json(path.read_bytes()) if is_there(path) else []
            self._raw[name] = {record["id"]: record for record in listed}
        return self._raw[name].get(identifier)

    def retired(self, key: RecordKey) -> bool:
        """Whether a record was there, and is no more."""
        last = self._last.get(key)
        return last is not None and last["change"] in RETIRING

    def taken(self, kind: str) -> set[str]:
        """The ids that records of a kind have, or had."""
        if kind not in self._taken:
            there = {record["id"] for record in self.fixtures[f"{kind}s"]}
            self._taken[kind] = there | {key.id for key in self._last if key.kind == kind}
        return self._taken[kind]

    def new_id(self, kind: str) -> str:
        """An id of a claim or a document that nothing has or had."""
        return unused_ids(self.taken(kind), {"claim": "clm_", "document": "doc_"}[kind], 1).pop()

    def create(self, kind: str, record: CuratedRecord, reason: str | None = None) -> str:
        """Adds a record, which has its id; gives the id. ``reason`` is told with the change."""
        key = RecordKey(kind, record["id"])
        if key.id in self.taken(kind):
            gone = "was retired, and an id is used once" if self.retired(key) else "is there"
            raise EditRefused(f"the {kind} {key.id} {gone}")
        self.taken(kind).add(key.id)
        change = self._change(key, "created", None, reason or self.why.reason)
        stamp = {name: change[name] for name in _STAMP} if kind == CLAIM else {}
        self.added[f"{kind}s"].append({**record, **stamp})
        return key.id

    def revise(self, key: RecordKey, record: CuratedRecord, reason: str | None = None) -> None:
        """Puts another record in the place of the one with its id."""
        before = self._known(key)
        change = self._change(key, "revised", before, reason or self.why.reason)
        stamp = {name: change[name] for name in _STAMP} if key.kind == CLAIM else {}
        absent = CURATED[key.kind]().absent
        self._put(key, in_the_manner_of(before, {**record, **stamp}, absent))

    def retire(self, key: RecordKey, heir: str | None = None, reason: str | None = None) -> None:
        """Takes a record out, for good or in favour of an ``heir``."""
        what = "withdrawn" if heir is None else "superseded"
        self._change(key, what, self._known(key), reason or self.why.reason, heir)
        self._put(key, None)

    def append_change(self, change: CuratedRecord) -> None:
        """Adds a change that was recorded elsewhere, with the next number."""
        self._seq += 1
        made = {**change, "seq": self._seq}
        self.added["changes"].append({key: v for key, v in made.items() if v is not None})
        self._last[record_of(change)] = change

    def put(self, key: RecordKey, record: CuratedRecord | None) -> None:
        """Puts a record where it belongs, without a change; ``None`` takes it out."""
        before = self.find(key)
        if before is None and record is not None:
            self.added[f"{key.kind}s"].append(sparse(record))
        elif before is not None:
            absent = CURATED[key.kind]().absent
            self._put(key, record and in_the_manner_of(before, record, absent))

    def _put(self, key: RecordKey, record: CuratedRecord | None) -> None:
        name = f"{key.kind}s"
        mine = [each for each in self.added[name] if each["id"] == key.id]
        if mine:
            place = self.added[name].index(mine[0])
            self.added[name][place : place + 1] = [] if record is None else [record]
        else:
            self.edits[name][key.id] = record

    def _known(self, key: RecordKey) -> CuratedRecord:
        record = self.find(key)
        if record is None:
            gone = "was retired" if self.retired(key) else "is not there"
            raise EditRefused(f"the {key.kind} {key.id} {gone}")
        return record

    def _change(
        self,
        key: RecordKey,
        what: str,
        previous: CuratedRecord | None,
        reason: str | None,
        heir: str | None = None,
    ) -> CuratedRecord:
        why = replace(self.why, reason=reason)
        change = next_change(key, what, self._last.get(key), why, previous, heir)
        self.append_change({"seq": 0, **change})
        return change

    def staged(self) -> Fixtures:
        """The records as they would be, read from the files that would be written.

        Raises ``DataRefused`` with all that is wrong with them.
        """
        for kind in (*self.fixtures,):
            edit = FileEdit(self.edits[kind], self.added[kind])
            if edit:
                self._write(kind, edit)
        faults = Faults()
        fixtures = read_fixtures(self.directory, faults, self._edit.path)
        check_records(fixtures, faults)
        return fixtures

    def commit(self, prove: Proof | None = None) -> int:
        """Writes everything, or nothing; gives the number of changes."""
        fixtures = self.staged()
        if prove is not None and (notes := prove(fixtures)):
            self.added["changes"] = [with_note(change, notes) for change in self.added["changes"]]
            self.staged()
        self._edit.decide()
        return len(self.added["changes"])

    def _write(self, kind: str, edit: FileEdit) -> None:
        key = "seq" if kind == "changes" else "id"
        records, file = self.fixtures[kind], self.fixtures.file(kind)
        if isinstance(records, Lines):
            self._edit.write(file, edited_lines(records.raw(), edit, key))
            return
        path = standing(self.directory, file)
        text = path.read_bytes().decode() if is_there(path) else "[]\n"
        self._edit.write(file, [edited_list(text, edit, key).encode()])

    def write_file(self, name: str, content: bytes) -> None:
        """Writes a further file together with the records, such as a reading."""
        self._edit.write(name, [content])
