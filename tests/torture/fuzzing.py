"""Asks the service what the grammar makes up, on every core, and gathers what was wrong."""

from __future__ import annotations

import functools
import json
import logging
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent import futures
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any, Self

from flask import Flask

from service.app import create_app
from service.compiler import Fixtures, open_fixtures
from service.config import Config
from service.store.protocol import Store
from tests import hostile, samples
from tests.conftest import WORKED_EXAMPLE
from tests.lives import KINDS, Curator
from tests.torture.grammar import Grammar, Known, Request
from tests.torture.judging import Answer, faults, leaks, operation_of, thorough_faults

CHUNK = 2_000
"""Requests made from one seed; a fault names its chunk."""
THOROUGH, TWICE = 500, 50
"""One answer of so many is validated to the last key, and is asked for with another cache."""
CACHES = (0, 300_000, 64 * 1024 * 1024)
"""Bytes of the response cache: none, so few that answers push each other out, and the default."""
_VARYING = ("Server-Timing", "X-Request-ID")
_DOCUMENTED = ("GET", "HEAD", "OPTIONS")
_RETIRED = ("clm_6w3h9pqe", "clm_x4t7m2dk", samples.SUPERSEDED, samples.WITHDRAWN)
_SHOWN = 20
_STDOUT = 1
_BUILT = 1_700_000_000
"""Seconds since 1970, a while ago: of a day that lies ahead the answers tell the time instead."""


@dataclass
class Seen:
    """What was asked and answered, and what was wrong with it, by the kind of fault."""

    requests: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    covered: set[tuple[str, int]] = field(default_factory=set)
    thorough: int = 0
    twice: int = 0
    lines: int = 0
    slowest: float = 0.0
    slowest_request: str = ""
    scanned: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    faults: dict[str, list[str]] = field(default_factory=dict)

    def fault(self, kind: str, told: str) -> None:
        self.wrong[kind] += 1
        found = self.faults.setdefault(kind, [])
        if len(found) < _SHOWN:
            found.append(told)

    def add(self, other: Seen) -> None:
        for name in ("requests", "thorough", "twice", "lines", "scanned"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        if other.slowest > self.slowest:
            self.slowest, self.slowest_request = other.slowest, other.slowest_request
        self.statuses += other.statuses
        self.covered |= other.covered
        self.wrong += other.wrong
        for kind, found in other.faults.items():
            self.faults[kind] = (self.faults.get(kind, []) + found)[:_SHOWN]


class Lines:
    """Stands for standard output, by its descriptor, and keeps what the access log writes there."""

    def __enter__(self) -> Self:
        self._stdout = os.dup(_STDOUT)
        self._reading, writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.dup2(writing, _STDOUT)
        os.close(writing)
        return self

    def __exit__(self, *_: object) -> None:
        os.dup2(self._stdout, _STDOUT)
        os.close(self._stdout)
        os.close(self._reading)

    def take(self) -> bytes:
        """What was written since the last time."""
        try:
            return os.read(self._reading, 64 * 1024)  # a pipe holds no more
        except BlockingIOError:
            return b""


class Fuzz:
    """A process of the fuzz: the applications it asks, and what it makes requests with."""

    def __init__(self) -> None:
        logging.getLogger("claims").setLevel(logging.CRITICAL)  # a 5xx is found by its status
        self._known_stores = list(stores())
        self._apps = [[_app(store, size) for size in CACHES] for store in self._known_stores]
        self._grammar = Grammar(Random(), Known(self._known_stores, _RETIRED))
        self._lines = Lines()

    def run(self, seed: int, chunk: int, count: int) -> Seen:
        """Asks ``count`` requests of one seed."""
        seen, rng = Seen(), self._grammar.start(f"{seed} {chunk}")
        with self._lines:
            for number in range(count):
                apps = rng.choice(self._apps)
                self._one(seen, self._grammar.request(), apps, rng, f"chunk {chunk} #{number}")
        return seen

    def _one(self, seen: Seen, request: Request, apps: list[Flask], rng: Random, at: str) -> None:
        environ, app = request.environ(), rng.choice(apps)
        started = time.thread_time()
        try:
            answer = answered(app, environ)
        except BaseException as error:  # noqa: BLE001  # a panic is one, and must not come out here
            seen.fault("server error", f"{at}: {request}: {type(error).__name__}: {error}")
            return
        spent = time.thread_time() - started
        if spent > seen.slowest:
            seen.slowest, seen.slowest_request = spent, f"{at}: {request.target[:200]}"
        self._judge(seen, request, environ, answer, at)
        self._read_log(seen, answer, f"{at}: {request}")
        if rng.random() * THOROUGH < 1:
            self._look_closely(seen, request, answer, at)
        if rng.random() * TWICE < 1:
            self._ask_twice(seen, request, apps, at)

    def _judge(
        self, seen: Seen, request: Request, environ: dict[str, Any], answer: Answer, at: str
    ) -> None:
        seen.requests += 1
        seen.statuses[answer.status] += 1
        if answer.status >= 500:
            seen.fault("server error", f"{at}: {request}: {answer.status}")
        for fault in faults(request, environ, answer):
            seen.fault("contract", f"{at}: {request}: {fault}")
        for leak in leaks(request, answer):
            seen.fault("leak", f"{at}: {request}: {leak}")
        seen.scanned += len(answer.body)
        name = operation_of(environ["PATH_INFO"], request.path)
        if name is not None:
            seen.covered.add((name, answer.status))
        self._grammar.tell(request.target, dict(answer.fields).get("ETag"))

    def _read_log(self, seen: Seen, answer: Answer, at: str) -> None:
        lines = self._lines.take()
        seen.lines += lines.count(b"\n")
        if not lines.isascii() or not lines or lines.find(b"\n") != len(lines) - 1:
            seen.fault("log", f"{at}: {lines!r}")
            return
        try:
            told = json.loads(lines)
        except ValueError:
            seen.fault("log", f"{at}: {lines!r}")
            return
        if (told["status"], told["request_id"]) != (
            answer.status,
            dict(answer.fields)["X-Request-ID"],
        ):
            seen.fault("log", f"{at}: the line is of another request: {lines!r}")

    def _look_closely(self, seen: Seen, request: Request, answer: Answer, at: str) -> None:
        environ = request.environ()
        known = operation_of(environ["PATH_INFO"], request.path) is not None
        if not known or answer.status == 414 or request.method not in _DOCUMENTED:
            return  # the form of these was looked at already, and is all there is
        seen.thorough += 1
        for fault in thorough_faults(environ, answer):
            seen.fault("contract", f"{at}: {request}: {fault}")

    def _ask_twice(self, seen: Seen, request: Request, apps: list[Flask], at: str) -> None:
        """Whatever the size of the cache, and whether it holds the answer by now."""
        if request.path.startswith("/metrics"):
            return
        request.headers["X_REQUEST_ID"] = "same"
        answers = [answered(app, request.environ()) for app in (*apps, apps[-1])]
        told = _lasting(request.method, answers)
        self._lines.take()
        seen.twice += 1
        if len(told) > 1:
            seen.fault("cache", f"{at}: {request}: {sorted(told)[:2]}")


def _lasting(method: str, answers: list[Answer]) -> set[tuple[Any, ...]]:
    """All of some answers that may not depend on when they were given: one, if they are the same.

    To HEAD the length may be left unsaid (RFC 9110 section 8.6), and is where no body was made: an
    answer without it is compared as if it said the length that another says.
    """
    lengths = [field for each in answers for field in each.fields if field[0] == "Content-Length"]
    unsaid = lengths[:1] if method == "HEAD" else []
    return {
        (
            each.status,
            tuple(sorted({*unsaid, *(f for f in each.fields if f[0] not in _VARYING)})),
            each.body,
        )
        for each in answers
    }


def answered(app: Flask, environ: dict[str, Any]) -> Answer:
    """The answer of an application, read to its end and closed, as a server does."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, fields: list[tuple[str, str]], exc_info: Any = None) -> Any:
        started.append((status, fields))

    body: Any = app.wsgi_app(environ, start)
    try:
        content = b"".join(body)
    finally:
        if hasattr(body, "close"):
            body.close()
    status, fields = started[-1]
    return Answer(int(status[:3]), fields, content)


def stores() -> Iterator[Store]:
    """The data that comes with the service, a history of every kind, texts hard to show, and a
    record of every kind superseded and another withdrawn.
    """
    yield open_fixtures(epoch=_BUILT)
    yield open_fixtures(WORKED_EXAMPLE, _BUILT)
    with tempfile.TemporaryDirectory() as directory:
        yield open_fixtures(hostile.write(Path(directory)), _BUILT)
    yield open_fixtures(_retiring(), _BUILT)


def _retiring() -> Fixtures:
    curator = Curator()
    for kind in KINDS:
        for event in ("superseded", "withdrawn"):
            curator.live(kind, event, curator.create(kind))
    return curator.fixtures()


def _app(store: Store, cache_bytes: int) -> Flask:
    return create_app(Config(cache_bytes=cache_bytes, access_log=True), store)


@functools.cache
def _fuzz() -> Fuzz:
    return Fuzz()


def _chunk(given: tuple[int, int, int]) -> Seen:
    return _fuzz().run(*given)


@functools.cache
def fuzzed(count: int, seed: int) -> Seen:
    """Everything that was seen in ``count`` requests; the tests that read it share one run."""
    chunks = [(seed, n, min(CHUNK, count - n * CHUNK)) for n in range(-(-count // CHUNK))]
    seen = Seen()
    # Started anew, not forked: an index is opened by the process that reads it.
    with futures.ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        for part in pool.map(_chunk, chunks):
            seen.add(part)
    return seen
