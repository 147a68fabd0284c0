"""What is requested and what the answers mean, apart from sending.

An exchange is a generator: it yields the path of each request, is sent the ``Reply``, and returns
its result. ``Client`` sends with requests and ``AsyncClient`` with httpx; all else is here, once.
Exchanges raise ``ServiceError``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from policy_claims.errors import DatasetChanged, UnexpectedAnswer, problem_answer
from policy_claims.reply import Reply

DataT = TypeVar("DataT")
MetaT = TypeVar("MetaT")
ResultT = TypeVar("ResultT")
Exchange = Generator[str, Reply, ResultT]

MAX_REDIRECTS = 10
_RECORD = re.compile(r"(/v1/[a-z]+/)([a-z0-9_-]+)")


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


def address(text: str) -> str:
    """The address of a service, without a slash at the end. Raises ``ValueError``."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
        raise ValueError(f"{text!r} is no address such as http://127.0.0.1:8000")
    return text.rstrip("/")


def follow(path: str) -> Exchange[tuple[Reply, tuple[str, ...]]]:
    """A 200, and the ids of the superseded records that redirected to it.

    A superseded record is a 308 to the one that replaced it. Only the path of a redirect is used,
    at the client's base URL: the service may have another public name, and credentials are for the
    base URL alone.
    """
    superseded: list[str] = []
    while True:
        reply = yield path
        location = reply.location
        if location is None:
            return checked(reply, path), tuple(superseded)
        source, target = _RECORD.fullmatch(path), _RECORD.fullmatch(urlsplit(location).path)
        same_kind = source and target and source[1] == target[1]
        if not (source and target and same_kind) or len(superseded) == MAX_REDIRECTS:
            raise UnexpectedAnswer(f"{path}: redirected to {location}")
        superseded.append(source[2])
        path = target[0]


def checked(reply: Reply, path: str) -> Reply:
    """A 200; raises for any other answer."""
    if reply.status >= HTTPStatus.BAD_REQUEST:
        raise problem_answer(reply)
    if reply.status != HTTPStatus.OK:
        raise UnexpectedAnswer(f"{path}: status {reply.status}")
    return reply


def answer(path: str) -> Exchange[Answer[Any, Any]]:
    """A JSON answer."""
    reply, superseded = yield from follow(path)
    _expect("JSON", "application/json", reply, path)
    try:
        body = json.loads(reply.content)
        data, meta = body["data"], body["meta"]
        meta["dataset"]["version"]  # part of every answer
        link = body.get("links", {}).get("next")
    except (ValueError, AttributeError, KeyError, TypeError):
        raise UnexpectedAnswer(f"{path}: JSON without data and meta") from None
    return Answer(data, meta, path, superseded, reply.unchanged, link and _path(link))


def csv(path: str) -> Exchange[Reply]:
    """A table."""
    reply, _ = yield from follow(path)
    _expect("CSV", "text/csv", reply, path)
    return reply


def text(path: str) -> Exchange[str]:
    """A text in UTF-8, of whatever kind."""
    reply, _ = yield from follow(path)
    return reply.content.decode()


def _expect(name: str, media_type: str, reply: Reply, path: str) -> None:
    if reply.media_type != media_type:
        raise UnexpectedAnswer(f"{path}: expected {name}, got {reply.media_type or 'no type'}")


def _path(link: str) -> str:
    """Path and query: the service may have another public name (PUBLIC_URL)."""
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}"


class Walk:
    """The way from page to page. ``path`` is that of the next page, None after the last."""

    def __init__(self, first: str, across_datasets: bool) -> None:
        self.path: str | None = first
        self._across, self._version = across_datasets, ""

    def advance(self, page: Answer[Any, Any]) -> None:
        """Goes on from a page that was read. Raises ``DatasetChanged`` where it is from another
        dataset than the page before, unless the walk may go across datasets.
        """
        version = page.meta["dataset"]["version"]
        if self._version not in ("", version) and not self._across:
            raise DatasetChanged(self._version, version)
        if page.next == self.path:
            raise UnexpectedAnswer(f"{self.path}: the next page is the same page")
        self.path, self._version = page.next, version


class Lines:
    """Lines out of chunks of bytes. Nothing but a line feed ends a line (NDJSON)."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that the chunk completes."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        return lines

    def end(self) -> list[bytes]:
        """What follows the last line feed, where there is anything."""
        return [self._rest] if self._rest else []
