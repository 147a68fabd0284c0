"""What a request brings: one answer, a listing that is read page by page, an export that flows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Generic, Self, TypeVar
from urllib.parse import urlsplit

import requests

from service.client.about import ListMeta
from service.client.errors import ConnectionFailed, DatasetChanged, UnexpectedAnswer
from service.client.records import Claim

DataT = TypeVar("DataT")
MetaT = TypeVar("MetaT")
ListMetaT = TypeVar("ListMetaT", bound=ListMeta)
_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer(Generic[DataT, MetaT]):
    """``data`` and ``meta`` as the contract has them; ``meta["dataset"]`` names the data.

    ``path`` is what was asked for. ``superseded`` has the ids of the claims that were replaced on
    the way to this one, the one asked for first; it is empty for a claim that still stands.
    ``unchanged`` says that the service had nothing new to send (a 304).
    """

    data: DataT
    meta: MetaT
    path: str
    superseded: tuple[str, ...] = ()
    unchanged: bool = False
    next: str | None = None


class Listing(Generic[DataT, ListMetaT]):
    """All records of a question, asked for page by page while they are read.

    Nothing is asked before the first record is. Each iteration starts anew; pages that have not
    changed are not sent again. Raises ``DatasetChanged`` when a page comes from another dataset
    than the one before, unless the client was made with ``across_datasets=True``.
    """

    def __init__(
        self,
        ask: Callable[[str], Answer[list[DataT], ListMetaT]],
        first: str,
        across_datasets: bool,
    ) -> None:
        self._ask, self._first, self._across = ask, first, across_datasets

    def __iter__(self) -> Iterator[DataT]:
        for page in self.pages():
            yield from page.data

    def pages(self) -> Iterator[Answer[list[DataT], ListMetaT]]:
        """The pages themselves, each with its ``meta``."""
        path: str | None = self._first
        before = None
        while path is not None:
            page = self._ask(path)
            version = page.meta["dataset"]["version"]
            if before is not None and version != before and not self._across:
                raise DatasetChanged(before, version)
            yield page
            onward = _onward(page.next)
            if onward == path:
                raise UnexpectedAnswer(f"{path}: the next page is this one")
            path, before = onward, version

    @property
    def total(self) -> int:
        """How many records there are, exactly: one request."""
        return self._ask(self._first).meta["total"]


def _onward(link: str | None) -> str | None:
    """Path and query of a link: a service may know itself under another name (PUBLIC_URL)."""
    if link is None:
        return None
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


class ClaimStream(Iterator[Claim]):
    """Claims of one answer, read as they come: one dataset, however long it takes.

    The connection is let go at the end, at ``close`` and at the end of a ``with``. A stream that
    is cut short raises ``ConnectionFailed``: what was read is then not all there is.
    """

    def __init__(self, answer: requests.Response, path: str) -> None:
        self.dataset_version: str | None = answer.headers.get("Dataset-Version")
        self._answer, self._path = answer, path
        self._claims = self._read()

    def _read(self) -> Iterator[Claim]:
        read = 0
        try:
            with self._answer:
                for line in self._answer.iter_lines(_CHUNK):
                    yield json.loads(line)
                    read += 1
        except requests.RequestException as error:
            lost = f"{self._path}: the connection was lost after {read} claims: {error}"
            raise ConnectionFailed(lost) from error

    def __next__(self) -> Claim:
        return next(self._claims)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Lets the connection go; nothing more can be read."""
        self._claims = iter(())
        self._answer.close()
