"""A small cache of whole answers, in front of Flask: the data set is immutable, so an answer given
once holds until another data set is served.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from service.http.negotiation import has_already, takes_gzip
from service.http.timing import note

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CANONICAL = "claims.canonical"
"""Where the application says under which canonical request an answer may be kept."""
LARGEST_ANSWER = 1024 * 1024
"""Exports are larger than that, or soon will be; they are no use to keep."""
COSTLY_SECONDS = 0.002
"""An answer that took as long is kept at once, another when it is asked for again: to keep what
nobody asks for twice costs a tenth of what making it did, since it takes the place of memory that
the processor has at hand."""
MOST_REMEMBERED = 10_000
"""Answers that were not kept, but would be the next time."""
MOST_SPELLINGS = 8
"""Different spellings of one request that find its answer; more of them are a probe, not a user."""

_NOT_IN_304 = {"content-type", "content-length", "content-encoding", "last-modified", "link"}

Headers = list[tuple[str, str]]
Key = tuple[str, bool]
"""The canonical request, and whether gzip is taken."""
Spelling = tuple[str, str, str, bool]
"""The target as it was sent, its decoded path, its query, and whether gzip is taken. Targets with
one path between them, such as ``/v1%2Fclaims``, need not have one answer."""


@dataclass(slots=True)
class Kept:
    """One answer, whole: its body once, in the one encoding that it has."""

    key: Key
    headers: Headers
    body: bytes
    tag: str
    spellings: list[Spelling] = field(default_factory=list)

    def answer(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answers again what was answered before; a conditional request with 304."""
        if has_already(environ.get("HTTP_IF_NONE_MATCH", ""), self.tag):
            rest = [h for h in self.headers if h[0].lower() not in _NOT_IN_304]
            start("304 NOT MODIFIED", rest)
            return []
        start("200 OK", list(self.headers))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [self.body]


class ResponseCache:
    """Keeps answers up to a number of bytes, the least recently asked for leaving first."""

    def __init__(
        self,
        app: WSGIApplication,
        edition: Callable[[], int],
        most_bytes: int,
        costly: float = COSTLY_SECONDS,
    ) -> None:
        """``edition`` tells which data set answers: a number that none had before it."""
        self._app, self._edition = app, edition
        self._most_bytes, self._costly = most_bytes, costly
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._spelled: dict[Spelling, Kept] = {}
        self._once: dict[Key, None] = {}
        self._bytes = 0
        self._kept_of = 0

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._app(environ, start)
        gzip = takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
        target, path = environ.get("RAW_URI", ""), environ.get("PATH_INFO", "")
        spelling = (target, path, environ.get("QUERY_STRING", ""), gzip)
        started = time.perf_counter()
        kept = self._find(spelling)
        if kept is None:
            return self._ask(environ, start, spelling, started)
        note(environ, "cache", time.perf_counter() - started)
        return kept.answer(environ, start)

    def _find(self, spelling: Spelling) -> Kept | None:
        with self._lock:
            self._renew(self._edition())
            kept = self._spelled.get(spelling)
            if kept is None:
                return None
            self._kept.move_to_end(kept.key)
            return kept

    def _ask(
        self,
        environ: WSGIEnvironment,
        start: StartResponse,
        spelling: Spelling,
        started: float,
    ) -> Iterable[bytes]:
        """Lets the application answer, and keeps the answer where it may be kept."""
        edition = self._edition()
        told: dict[str, Any] = {}

        def telling(status: str, headers: Headers, exc_info: Any = None) -> Any:
            told.update(status=status, headers=headers)
            return start(status, headers, exc_info)

        answer = self._app(environ, telling)
        canonical = environ.get(CANONICAL)
        whole = environ["REQUEST_METHOD"] == "GET" and told.get("status", "").startswith("200")
        if canonical is None or not whole:
            return answer
        key = canonical, spelling[-1]
        if time.perf_counter() - started < self._costly and self._is_new(key):
            return answer
        headers = dict(told["headers"])
        largest = min(LARGEST_ANSWER, self._most_bytes)
        if int(headers.get("Content-Length", largest + 1)) > largest:
            return answer
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        tag = headers["ETag"].strip('"')
        self._keep(Kept(key, told["headers"], body, tag), spelling, edition)
        return [body]

    def _is_new(self, key: Key) -> bool:
        """Whether an answer was not asked for lately; from now on it was."""
        with self._lock:
            if key in self._once:
                del self._once[key]
                return False
            self._once[key] = None
            if len(self._once) > MOST_REMEMBERED:
                del self._once[next(iter(self._once))]
            return True

    def _keep(self, kept: Kept, spelling: Spelling, edition: int) -> None:
        """``edition`` is what answered before the question was asked: while it still does, it is
        what the answer is of.
        """
        with self._lock:
            if edition != self._edition():
                return
            self._renew(edition)
            kept = self._kept.setdefault(kept.key, kept)
            if not kept.spellings:
                self._bytes += len(kept.body)
            if len(kept.spellings) < MOST_SPELLINGS and spelling not in self._spelled:
                kept.spellings.append(spelling)
                self._spelled[spelling] = kept
            while self._bytes > self._most_bytes and self._kept:
                self._drop(self._kept.popitem(last=False)[1])

    def _drop(self, kept: Kept) -> None:
        self._bytes -= len(kept.body)
        for spelling in kept.spellings:
            del self._spelled[spelling]

    def _renew(self, edition: int) -> None:
        """Lets go of all that another data set answered."""
        if edition == self._kept_of:
            return
        self._kept_of = edition
        self._kept.clear()
        self._spelled.clear()
        self._once.clear()
        self._bytes = 0
