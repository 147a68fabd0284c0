"""Results of requests: one answer, a list over pages, a stream."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar
from urllib.parse import urlsplit

import requests

from policy_claims.connection import Connection, media_type
from policy_claims.errors import ConnectionFailed, DatasetChanged, UnexpectedAnswer
from policy_claims.types import ChangesMeta, Claim, ComparisonMeta, PageMeta

DataT = TypeVar("DataT")
MetaT = TypeVar("MetaT")
ListMetaT = TypeVar("ListMetaT", bound=PageMeta | ChangesMeta | ComparisonMeta)
_CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Answer(Generic[DataT, MetaT]):
    """``data`` and ``meta`` as in the contract; ``meta["dataset"]`` identifies the data.

    ``path`` is what was requested, ``next`` the path of the next page. ``superseded`` has the ids
    of the records that this one replaced on the way from the requested id. ``unchanged`` means that
    the service answered 304 and the data is from the cache.
    """

    data: DataT
    meta: MetaT
    path: str
    superseded: tuple[str, ...] = ()
    unchanged: bool = False
    next: str | None = None


def fetch(connection: Connection, path: str) -> Answer[Any, Any]:
    """The JSON answer of a path. Raises ``ServiceError``."""
    response, superseded = connection.get(path)
    if media_type(response) != "application/json":
        raise UnexpectedAnswer(f"{path}: expected JSON, got {media_type(response) or 'no type'}")
    try:
        body = response.json()
        data, meta = body["data"], body["meta"]
        meta["dataset"]["version"]  # part of every answer
        link = body.get("links", {}).get("next")
    except (requests.JSONDecodeError, AttributeError, KeyError, TypeError):
        raise UnexpectedAnswer(f"{path}: JSON without data and meta") from None
    unchanged = getattr(response, "revalidated", False)  # set by requests-cache
    return Answer(data, meta, path, superseded, unchanged, link and _path(link))


def _path(link: str) -> str:
    """Path and query: the service may have another public name (PUBLIC_URL)."""
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}"


class Listing(Generic[DataT, ListMetaT]):
    """All records that match, requested page by page during an iteration.

    Nothing is requested before the first record is read; each iteration starts anew. Raises
    ``DatasetChanged`` when a page is from another dataset than the page before, unless
    ``across_datasets`` is set. ``meta`` is that of the page that was read last.
    """

    meta: ListMetaT

    def __init__(
        self,
        fetch_page: Callable[[str], Answer[list[DataT], ListMetaT]],
        first: str,
        across_datasets: bool,
    ) -> None:
        self._fetch_page, self._first, self._across = fetch_page, first, across_datasets

    def __iter__(self) -> Iterator[DataT]:
        for page in self.pages():
            yield from page.data

    def pages(self) -> Iterator[Answer[list[DataT], ListMetaT]]:
        """The pages, each with its ``meta``."""
        path: str | None = self._first
        before = None
        while path is not None:
            page = self._fetch_page(path)
            version = page.meta["dataset"]["version"]
            if before not in (None, version) and not self._across:
                raise DatasetChanged(str(before), version)
            self.meta = page.meta
            yield page
            if page.next == path:
                raise UnexpectedAnswer(f"{path}: the next page is the same page")
            path, before = page.next, version

    @property
    def total(self) -> int:
        """The exact number of records, from one request."""
        return self._fetch_page(self._first).meta["total"]


class ClaimStream(Iterator[Claim]):
    """The claims of one answer, parsed as they arrive; all are from one dataset.

    Use it in a ``with`` statement, or read it to the end, so that the connection is released.
    Raises ``ConnectionFailed`` when the connection is lost before the end.
    """

    def __init__(self, response: requests.Response, path: str) -> None:
        self.dataset_version: str | None = response.headers.get("Dataset-Version")
        self._response, self._path = response, path
        self._claims = self._parse()

    def _parse(self) -> Iterator[Claim]:
        count = 0
        try:
            with self._response:
                for line in self._response.iter_lines(_CHUNK_BYTES):
                    yield json.loads(line)
                    count += 1
        except requests.RequestException as error:
            message = f"{self._path}: the connection was lost after {count} claims: {error}"
            raise ConnectionFailed(message) from error

    def __next__(self) -> Claim:
        return next(self._claims)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Releases the connection; no more claims can be read."""
        self._claims = iter(())
        self._response.close()
