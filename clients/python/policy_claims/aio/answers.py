"""Results of requests sent with httpx: a list over pages, a stream."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Generic, Self

import httpx

from policy_claims.answers import ListMetaT
from policy_claims.errors import ConnectionFailed
from policy_claims.exchanges import Answer, DataT, Lines, Walk
from policy_claims.types import Claim


class AsyncListing(Generic[DataT, ListMetaT]):
    """All records that match, as in ``Listing``: for ``async for``."""

    meta: ListMetaT

    def __init__(
        self,
        fetch_page: Callable[[str], Awaitable[Answer[list[DataT], ListMetaT]]],
        first: str,
        across_datasets: bool,
    ) -> None:
        self._fetch_page, self._first, self._across = fetch_page, first, across_datasets

    async def __aiter__(self) -> AsyncIterator[DataT]:
        async for page in self.pages():
            for record in page.data:
                yield record

    async def pages(self) -> AsyncIterator[Answer[list[DataT], ListMetaT]]:
        """The pages, each with its ``meta``."""
        walk = Walk(self._first, self._across)
        while walk.path is not None:
            page = await self._fetch_page(walk.path)
            walk.advance(page)
            self.meta = page.meta
            yield page

    async def total(self) -> int:
        """The exact number of records, from one request."""
        return (await self._fetch_page(self._first)).meta["total"]


class AsyncDownload(AsyncIterator[bytes]):
    """The bytes of one answer as they arrive, requested by ``async with``.

    Raises ``ConnectionFailed`` when the connection is lost before the end.
    """

    dataset_version: str | None = None

    def __init__(self, response: AbstractAsyncContextManager[httpx.Response], path: str) -> None:
        self._response, self._path = response, path

    async def __aenter__(self) -> Self:
        response = await self._response.__aenter__()
        self.dataset_version = response.headers.get("Dataset-Version")
        self._chunks = self._read(response)
        return self

    async def _read(self, response: httpx.Response) -> AsyncIterator[bytes]:
        count = 0
        try:
            async for chunk in response.aiter_bytes():
                yield chunk
                count += len(chunk)
        except httpx.HTTPError as error:
            message = f"{self._path}: the connection was lost after {count} bytes: {error}"
            raise ConnectionFailed(message) from error

    async def __anext__(self) -> bytes:
        return await anext(self._chunks)

    async def __aexit__(self, *_: object) -> None:
        await self._response.__aexit__(None, None, None)


class AsyncClaimStream(AsyncIterator[Claim]):
    """The claims of one answer, parsed as they arrive, requested by ``async with``; all are from
    one dataset. Raises ``ConnectionFailed`` when the connection is lost before the end.
    """

    def __init__(self, download: AsyncDownload) -> None:
        self._download = download

    @property
    def dataset_version(self) -> str | None:
        return self._download.dataset_version

    async def __aenter__(self) -> Self:
        await self._download.__aenter__()
        self._claims = self._parse()
        return self

    async def _parse(self) -> AsyncIterator[Claim]:
        lines = Lines()
        async for chunk in self._download:
            for line in lines.feed(chunk):
                yield json.loads(line)
        for line in lines.end():
            yield json.loads(line)

    async def __anext__(self) -> Claim:
        return await anext(self._claims)

    async def __aexit__(self, *_: object) -> None:
        await self._download.__aexit__(None, None, None)
