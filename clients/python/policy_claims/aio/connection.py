"""Sending with httpx: time limits and retries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Self

import anyio
import httpx
from urllib3 import HTTPResponse
from urllib3.exceptions import InvalidHeader, MaxRetryError, ProtocolError
from urllib3.util import Retry

from policy_claims.aio.answers import AsyncClaimStream, AsyncDownload, AsyncListing
from policy_claims.connection import RETRIES, TIMEOUT, USER_AGENT
from policy_claims.errors import ConnectionFailed
from policy_claims.exchanges import Answer, Exchange, ResultT, address, answer, checked, csv, text
from policy_claims.frames import frame, polars_frame
from policy_claims.query import resource
from policy_claims.reply import Reply

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl


class AsyncConnection:
    """What ``AsyncClient`` sends its requests with; for the tasks of one event loop."""

    def __init__(
        self,
        base_url: str,
        *,
        timeout: tuple[float, float] = TIMEOUT,
        retries: int | Retry = RETRIES,
        across_datasets: bool = False,
        session: httpx.AsyncClient | None = None,
    ) -> None:
        """How requests are sent.

        ``base_url``         the address of the service.
        ``timeout``          seconds to connect, and seconds without a byte.
        ``retries``          how often to try again after 502, 503, 504 or a lost connection; a
                             ``urllib3.util.Retry`` sets more.
        ``across_datasets``  continue an iteration when a new dataset is published between two
                             pages, instead of raising ``DatasetChanged``.
        ``session``          your own ``httpx.AsyncClient`` with its headers, proxies and
                             transports (of a cache, for instance); it is not closed.
        """
        self.base_url = address(base_url)
        self._retries = retries if isinstance(retries, Retry) else RETRIES.new(total=retries)
        self._session = session or new_session()
        self._closes_session = session is None
        connect, read = timeout
        self._timeout = httpx.Timeout(read, connect=connect)
        self._across = across_datasets

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes the connections."""
        if self._closes_session:
            await self._session.aclose()

    async def _fetch(self, path: str) -> Answer[Any, Any]:
        return await self._run(answer(path))

    def _list(
        self, *steps: str, parameters: Mapping[str, Any], across_datasets: bool = False
    ) -> AsyncListing[Any, Any]:
        path = resource(*steps, parameters={"limit": 100, **parameters})
        return AsyncListing(self._fetch, path, across_datasets or self._across)

    async def _frame(self, path: str) -> pd.DataFrame:
        reply = await self._run(csv(path))
        return frame(reply.content, reply.headers.get("Dataset-Version"))

    async def _polars(self, path: str) -> pl.DataFrame:
        return polars_frame((await self._run(csv(path))).content)

    async def _text(self, path: str) -> str:
        return await self._run(text(path))

    def _claims(self, path: str) -> AsyncClaimStream:
        return AsyncClaimStream(self._download(path))

    def _download(self, path: str) -> AsyncDownload:
        return AsyncDownload(self._stream(path), path)

    @asynccontextmanager
    async def _stream(self, path: str) -> AsyncIterator[httpx.Response]:
        """A 200 whose body is unread."""
        response = await self._send(path, {"Cache-Control": "no-store"}, stream=True)
        try:
            checked(_reply(response, b"" if response.is_success else await response.aread()), path)
            yield response
        finally:
            await response.aclose()

    async def _run(self, exchange: Exchange[ResultT]) -> ResultT:
        try:
            path = next(exchange)
            while True:
                response = await self._send(path)
                path = exchange.send(_reply(response, response.content))
        except StopIteration as end:
            result: ResultT = end.value
            return result

    async def _send(
        self, path: str, headers: dict[str, str] | None = None, stream: bool = False
    ) -> httpx.Response:
        """An answer; the retries are those of the synchronous client, decided by urllib3."""
        retries = self._retries
        while True:
            request = self._session.build_request(
                "GET", self.base_url + path, headers=headers, timeout=self._timeout
            )
            try:
                response = await self._session.send(request, stream=stream, follow_redirects=False)
            except httpx.TransportError as error:
                again = _again(retries, path, error=ProtocolError(str(error)))
                if again is None:
                    raise ConnectionFailed(
                        f"{path}: {str(error) or type(error).__name__}"
                    ) from error
            else:
                again = _after(response, retries, path)
                if again is None:
                    return response
                await response.aclose()
            retries, seconds = again
            await anyio.sleep(seconds)


def new_session() -> httpx.AsyncClient:
    return httpx.AsyncClient(
        headers={"User-Agent": f"{USER_AGENT} python-httpx/{httpx.__version__}"}
    )


def _after(response: httpx.Response, retries: Retry, path: str) -> tuple[Retry, float] | None:
    """As ``_again``; None also for an answer that would be the same again."""
    known = HTTPResponse(status=response.status_code, headers=dict(response.headers))
    if not retries.is_retry("GET", response.status_code, "Retry-After" in response.headers):
        return None
    return _again(retries, path, known)


def _again(
    retries: Retry,
    path: str,
    response: HTTPResponse | None = None,
    error: Exception | None = None,
) -> tuple[Retry, float] | None:
    """The retries that are left and the seconds to wait before; None when all are used."""
    try:
        retries = retries.increment("GET", path, response=response, error=error)
    except (MaxRetryError, ProtocolError):
        return None
    try:
        stated = retries.get_retry_after(response) if response else None
    except InvalidHeader:
        stated = None
    return retries, stated or retries.get_backoff_time()


def _reply(response: httpx.Response, content: bytes) -> Reply:
    return Reply(response.status_code, response.headers, content, response.reason_phrase)
