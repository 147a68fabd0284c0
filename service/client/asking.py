"""What the methods of the client have in common: how they ask, and what they make of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import quote

import requests
from urllib3.util import Retry

from service.client.answers import Answer, Listing
from service.client.cache import Cache, MemoryCache
from service.client.errors import UnexpectedAnswer
from service.client.parameters import query_text
from service.client.transport import RETRIES, TIMEOUT, Transport


class Asking:
    """A connection to one service; see ``service.client.Client`` for the settings."""

    def __init__(
        self,
        base_url: str,
        *,
        cache: Cache | Literal["memory"] | None = "memory",
        timeout: tuple[float, float] = TIMEOUT,
        retries: int | Retry = RETRIES,
        across_datasets: bool = False,
        session: requests.Session | None = None,
    ) -> None:
        kept = MemoryCache() if cache == "memory" else cache
        again = retries if isinstance(retries, Retry) else RETRIES.new(total=retries)
        self._transport = Transport(base_url, session, kept, timeout, again)
        self._across = across_datasets

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
        """Let connections go."""
        self._transport.close()

    def _answer(self, path: str) -> Answer[Any, Any]:
        reply = self._transport.get(path)
        body = reply.json()
        try:
            data, meta = body["data"], body["meta"]
            meta["dataset"]["version"]  # every answer of the service has it
            onward = body.get("links", {}).get("next")
        except (AttributeError, KeyError, TypeError):
            raise UnexpectedAnswer(f"{path}: JSON without data and meta") from None
        return Answer(data, meta, path, reply.superseded, reply.unchanged, onward)

    def _record(self, collection: str, identifier: str) -> Answer[Any, Any]:
        return self._answer(f"{collection}/{quoted(identifier)}")

    def _listing(
        self, path: str, parameters: Mapping[str, Any], across_datasets: bool = False
    ) -> Listing[Any, Any]:
        return Listing(self._answer, address(path, parameters), across_datasets or self._across)


def quoted(identifier: str) -> str:
    """An id as one step of a path, whatever is in it."""
    return quote(identifier, safe="")


def address(path: str, parameters: Mapping[str, Any]) -> str:
    """Path and query. Raises ``TypeError`` for a value that is of no kind the API has."""
    query = query_text(parameters)
    return f"{path}?{query}" if query else path
