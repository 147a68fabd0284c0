"""The store: what a claims service can be asked, whatever answers it.

A store is for reading alone; nothing in it changes a claim. The default is
``service.store.tantivy.store``, a search index over a compiled data set.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from schemas.query import ClaimQuery
from schemas.records.change import CLAIM, Changes
from schemas.records.dataset import (
    Counts,
    DatasetInfo,
    Export,
    FileDescription,
    Page,
    Rows,
    StoredFile,
    Tombstone,
)
from service.store.vocabulary import Vocabulary

RELEVANCE_WINDOW = 10_000
"""How far a walk by relevance leads: scores depend on the whole data set, so its position is a
plain number, and the engine must hold every hit before it in memory."""

RETRY_SECONDS = 10
"""How long a failed load is left alone: a bad file must not cost every request a load."""
Counted = tuple[ClaimQuery, tuple[str, ...]]
"""What is counted: the claims of a query by one or two dimensions."""


class ClaimNotFound(LookupError):
    """No claim has, or ever had, this id."""


class RecordRetired(LookupError):
    """The record was withdrawn or superseded; ``tombstone`` says when, why and by what."""

    def __init__(self, tombstone: Tombstone) -> None:
        super().__init__(tombstone.id)
        self.tombstone = tombstone


class ClaimRetired(RecordRetired):
    """A claim that was withdrawn or superseded."""


class FileMissing(LookupError):
    """A file that this data set does not have, though another one may; says why."""


class VersionGone(LookupError):
    """A data set that was published and is kept no longer; ``newest`` is the one that answers."""

    def __init__(self, version: str, newest: str) -> None:
        super().__init__(f"The data set {version} is kept no longer; the newest is {newest}.")
        self.newest = newest


class ResultTooLarge(ValueError):
    """More claims than the form that was asked for can hold; says how many, and what to do."""


class HistoryChanged(LookupError):
    """A position in another history than that of the data set that is served."""


class DatasetUnavailable(RuntimeError):
    """There is no data set to answer from; the message says why and where.

    ``reason`` names the file and no directory: it may be told to anybody.
    ``retry_after`` is when it is worth asking again, in seconds.
    """

    def __init__(
        self, reason: str, place: Path | None = None, retry_after: int = RETRY_SECONDS
    ) -> None:
        super().__init__(reason if place is None else f"{place} is no data set to serve: {reason}")
        self.reason, self.retry_after = reason, retry_after


class EngineUnreachable(DatasetUnavailable):
    """The engine does not answer at present, and nothing is known to be wrong with the data set."""


class EnginePanicked(RuntimeError):
    """The search engine below a store failed in its own code."""


class Store(Protocol):
    """One data set, ready to be asked. Safe for use by several threads at once.

    An answer is whole and exact, or there is none: every method may raise
    ``DatasetUnavailable``, and so may an export that is being read. What tells
    of the data set itself (``dataset``) is at hand without asking.
    """

    @property
    def dataset(self) -> DatasetInfo:
        """Which data set this is."""

    @property
    def vocabularies(self) -> Mapping[str, Vocabulary]:
        """The vocabularies by name (``schemas.records.vocabularies.VOCABULARIES``)."""

    @property
    def files(self) -> Mapping[str, StoredFile]:
        """The files of the data set that may be had whole, by name; a store may have none."""

    @property
    def described(self) -> Mapping[str, FileDescription]:
        """What is recorded of each file that was built, also of those that the store has not."""

    def get(self, claim_id: str) -> bytes:
        """The canonical JSON of one claim. Raises ``ClaimNotFound`` or ``ClaimRetired``."""

    def search(self, query: ClaimQuery) -> Page:
        """One page, in the query's order, with the exact total.

        Nulls sort last and ties by id, in every order but relevance.
        """

    def answers(
        self, pages: Sequence[ClaimQuery], counts: Sequence[Counted] = ()
    ) -> tuple[list[Page], list[Counts]]:
        """What ``search`` and ``counts`` answer to each of several questions, in their order; asked
        all at once where the engine is reached over a network.
        """

    def export(self, query: ClaimQuery) -> Export:
        """The whole result in the query's order; ``limit`` and ``cursor`` mean nothing here.

        Raises ``DatasetUnavailable`` while it is read, too: what was read by
        then is right, and not the whole.
        """

    def rows(self, query: ClaimQuery, table: str) -> Rows:
        """The rows that the same claims make in a table of claims, in the query's order
        (``schemas.tables.claims.CLAIM_TABLES``, by name).
        """

    def counts(self, query: ClaimQuery, by: tuple[str, ...]) -> Counts:
        """How many claims fall into each group of one or two dimensions, largest first."""

    def changes(
        self, since: int, limit: int, identifier: str | None = None, kind: str = CLAIM
    ) -> Changes:
        """At most ``limit`` changes after the one numbered ``since``, oldest first, retirements
        included; of one claim, retired or not, where an id is given, or of a record of another
        ``kind``.

        Raises ``ClaimNotFound`` for the id of a claim that was never used. A
        record of another kind may be there without a change.
        """

    def log_digest(self, seq: int) -> str | None:
        """16 hexadecimal digits that tell the changes from the first to the one numbered ``seq``
        from any others, and so does their feed if it took the place of another; ``None`` where
        there are not so many changes.
        """

    def ping(self) -> None:
        """Returns when the store can answer. Raises ``DatasetUnavailable``."""
