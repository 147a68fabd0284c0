"""Results of requests sent with requests: a list over pages, a stream."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Generic, Self, TypeVar

import requests

from policy_claims.errors import ConnectionFailed
from policy_claims.exchanges import Answer, DataT, Lines, Walk
from policy_claims.types import ChangesMeta, Claim, ComparisonMeta, PageMeta

ListMetaT = TypeVar("ListMetaT", bound=PageMeta | ChangesMeta | ComparisonMeta)
_CHUNK_BYTES = 64 * 1024


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
        walk = Walk(self._first, self._across)
        while walk.path is not None:
            page = self._fetch_page(walk.path)
            walk.advance(page)
            self.meta = page.meta
            yield page

    @property
    def total(self) -> int:
        """The exact number of records, from one request."""
        return self._fetch_page(self._first).meta["total"]


class Download(Iterator[bytes]):
    """The bytes of one answer as they arrive.

    Use it in a ``with`` statement, or read it to the end, so that the connection is released.
    Raises ``ConnectionFailed`` when the connection is lost before the end.
    """

    def __init__(self, response: requests.Response, path: str) -> None:
        self.dataset_version: str | None = response.headers.get("Dataset-Version")
        self._response, self._path = response, path
        self._chunks = self._read()

    def _read(self) -> Iterator[bytes]:
        count = 0
        try:
            with self._response:
                for chunk in self._response.iter_content(_CHUNK_BYTES):
                    yield chunk
                    count += len(chunk)
        except requests.RequestException as error:
            message = f"{self._path}: the connection was lost after {count} bytes: {error}"
            raise ConnectionFailed(message) from error

    def __next__(self) -> bytes:
        return next(self._chunks)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Releases the connection; nothing more can be read."""
        self._chunks = iter(())
        self._response.close()


class ClaimStream(Iterator[Claim]):
    """The claims of one answer, parsed as they arrive; all are from one dataset.

    It is closed as a ``Download`` is, and raises what that raises.
    """

    def __init__(self, download: Download) -> None:
        self.dataset_version = download.dataset_version
        self._download = download
        self._claims = self._parse()

    def _parse(self) -> Iterator[Claim]:
        lines = Lines()
        for chunk in self._download:
            yield from map(json.loads, lines.feed(chunk))
        yield from map(json.loads, lines.end())

    def __next__(self) -> Claim:
        return next(self._claims)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Releases the connection; no more claims can be read."""
        self._claims = iter(())
        self._download.close()
