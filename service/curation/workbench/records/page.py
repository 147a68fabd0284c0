"""One record while it is revised, replaced or withdrawn: what is open, and how it is written."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from marshmallow import ValidationError

from schemas.faults import flatten, shown
from schemas.fields import Text
from schemas.records.change import CURATED, RecordKey, without_empty
from schemas.records.dataset import MAX_REASON
from service.compiler.disk import replace_file
from service.compiler.pending import EditRefused
from service.curation.references import named_records
from service.curation.workbench.checking import ClaimFault, fault_of
from service.curation.workbench.lock import ReadingLock
from service.curation.workbench.records.form import FIXED, form_of
from service.curation.workbench.revising import DIRECTORY
from service.curation.workbench.session import Conflict
from service.curation.writers import records
from service.curation.writers.files.layout import sparse
from service.curation.writers.proving import Proving
from service.curation.writers.session import CuratedRecord, Session

NEW = "new"
"""Stands for the id of a record that is made on the page; a program makes it of the name."""
_REASON = Text(MAX_REASON)
TypedForm = Mapping[str, Any]
"""What stands on a page: the ``record``, why (``reason``), and of a replacement ``how`` (``new`` or
``there``) and ``by`` which record."""


@dataclass(frozen=True, slots=True)
class RecordTask:
    """What is to become of which record, with the reason that was given so far. One that is to be
    added has ``NEW`` for its id.
    """

    key: RecordKey
    what: str
    reason: str | None


class RecordPage:
    """What a page shows of a record, and writes. What is typed is kept in the file at ``path``.

    ``outcome`` says what was written, once it was: how many changes, and the id of a record that
    was made, or replaces the one of the ``task``. ``done`` is set when that was told.
    """

    def __init__(self, session: Session, task: RecordTask, proving: Proving) -> None:
        self.task, self.proving = task, proving
        self.directory, self._why = session.directory, session.why
        self.path = self.directory / DIRECTORY / f"{task.key.kind}.{task.key.id}.{task.what}.json"
        self.before: CuratedRecord = {} if self.is_new else session.find(task.key) or {}
        self.record: dict[str, Any] = {}
        if not self.is_new:
            self.record = CURATED[task.key.kind]().load(dict(self.before))
        self.form = form_of(task.key.kind)
        self.fixtures = session.fixtures
        self.outcome: tuple[int, str | None] | None = None
        self.done = threading.Event()
        self._lock = threading.Lock()

    @property
    def is_new(self) -> bool:
        """Whether it is a record that there is not yet."""
        return self.task.what == "add"

    @property
    def may_be_new(self) -> bool:
        """Whether another record may be made here to replace this one."""
        return self.task.what == "supersede" and self.task.key.kind != "document"

    def begun(self) -> TypedForm:
        """What was typed before, else the record as it is. Raises ``EditRefused``."""
        if not self.path.exists():
            return {"record": self.record, "reason": self.task.reason}
        try:
            left = json.loads(self.path.read_bytes())
            before, said = left["before"], {**left["said"]}
        except (ValueError, KeyError, TypeError):
            raise EditRefused(f"{self.path} was broken: remove the file to begin again") from None
        if before != self.before:
            raise EditRefused(
                f"{self.path} was begun before {self.task.key.id} was changed: remove the file to "
                "begin again"
            )
        return said if self.task.reason is None else {**said, "reason": self.task.reason}

    def keep(self, said: TypedForm) -> None:
        """Keeps what is typed, so that nothing is lost. Raises ``OSError``."""
        with self._lock:
            if self.outcome is None:
                kept = json.dumps({"before": self.before, "said": said}, indent=2)
                replace_file(self.path, f"{kept}\n".encode())

    def faults(self, said: TypedForm) -> list[ClaimFault]:
        """What is open or wrong, as far as that can be told without the other records."""
        return [*self._faults(said)]

    def _faults(self, said: TypedForm) -> Iterator[ClaimFault]:
        if self.task.what in ("add", "revise") or said.get("how") == "new":
            try:
                self._loaded(said)
            except ValidationError as error:
                for steps, value, allowed in flatten(error.messages, error.data):
                    yield fault_of((("record", *steps), value, allowed))
        elif self.task.what == "supersede":
            by = said.get("by")
            others = {each["id"] for each in self.fixtures[f"{self.task.key.kind}s"]}
            if by is None or by not in others - {self.task.key.id}:
                severity = "todo" if by is None else "error"
                yield ClaimFault(("by",), severity, shown(by), f"another {self.task.key.kind}")
        reason = said.get("reason")
        if not (_REASON.takes(reason) or (self.is_new and reason is None)):
            severity = "todo" if reason is None else "error"
            found = "nothing" if reason is None else shown(reason)
            yield ClaimFault(("reason",), severity, found, _REASON.allowed)

    def _loaded(self, said: TypedForm) -> dict[str, Any]:
        """The record as the page has it, with what a program knows. Raises ``ValidationError``."""
        record = said.get("record")
        if not isinstance(record, dict):
            raise ValidationError({"record": ["an object"]}, data=dict(said))
        typed = {key: value for key, value in record.items() if key not in FIXED}
        fixed = {key: self.record[key] for key in FIXED if key in self.record}
        fixed.setdefault("id", self.task.key.id)
        loaded: dict[str, Any] = CURATED[self.task.key.kind]().load({**typed, **fixed})
        return loaded

    def write(self, said: TypedForm) -> None:
        """Writes the change, or nothing. Raises ``Conflict``, ``DataRefused``, ``EditRefused`` and
        ``OSError`` with what is to be done.
        """
        if left := self.faults(said):
            raise Conflict(f"{len(left)} left to do")
        with self._lock:
            if self.outcome is not None:
                raise Conflict("It is written already; close this page")
            why = replace(self._why, reason=said.get("reason"))
            with Session(self.directory, why) as session:
                if not self.is_new and session.find(self.task.key) != self.before:
                    raise Conflict(
                        f"{self.task.key.id} was changed meanwhile. Nothing was written over it: "
                        "stop this command, and give it again"
                    )
                by = self._written(session, said)
                self.outcome = len(session.added["changes"]), by

    def _written(self, session: Session, said: TypedForm) -> str | None:
        """Commits; gives the id of the record that replaces this one."""
        key = self.task.key
        if self.task.what == "withdraw":
            records.withdraw(session, key)
            return None
        if self.task.what == "revise":
            after = self._loaded(said)
            if without_empty(after) == without_empty(self.record):
                raise Conflict("Nothing was changed yet")
            session.revise(key, after)
            session.commit()
            return None
        if self.task.what == "supersede" and said.get("how") != "new":
            return records.supersede(session, key, said["by"], self.proving)
        typed = {name: value for name, value in self._loaded(said).items() if name not in FIXED}
        whole = records.new_record(session, key.kind, typed, self.proving.documents, self.path.name)
        made = session.create(key.kind, sparse(whole))
        if self.task.what == "supersede":
            return records.put_in_place(session, key, made, {}, self.proving)
        session.commit()
        return made

    def named_by(self) -> list[RecordKey]:
        """The records that refer to this one."""
        if self.is_new:
            return []
        return [
            RecordKey(kind, record["id"])
            for kind, schema in CURATED.items()
            for record in map(schema().load, self.fixtures[f"{kind}s"])
            if self.task.key in named_records(record, kind)
        ]


def open_record(
    session: Session, task: RecordTask, proving: Proving
) -> tuple[RecordPage, ReadingLock]:
    """The page of a record, and the lock that it holds. Raises ``ReadingInUse``, ``EditRefused``
    or ``OSError``.
    """
    page = RecordPage(session, task, proving)
    with ReadingLock.opening(page.path) as lock:
        page.begun()
        return page, lock
