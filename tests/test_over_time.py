"""Answers over time: a client that follows the service through many publishes never sees an
older data set after a newer one, and soon sees the newest, whatever was cached.

Each answer by itself is consistent, which other tests check; these are promises about answers one
after another (monotonic reads, bounded staleness).
"""

from __future__ import annotations

import json
import re
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import Client, TestResponse

from service.app import create_app
from service.compiler import SHIPPED
from service.config import Config
from service.store.provider import LOOK_SECONDS
from tests.contract_tools import Operation, operations
from tests.publishing import publish

pytestmark = pytest.mark.slow

EDITIONS = 3
"""The fewest in which what is answered may be older than the one before as well."""
CACHES = {"cached": 64 * 1024 * 1024, "uncached": 0}


def names_its_data_set(operation: Operation) -> bool:
    constant = ("/docs", "/codebook", "/problems/{slug}", "/openapi.", "/healthz")
    return not operation.path.startswith(constant)


FOLLOWED = [operation for operation in operations() if names_its_data_set(operation)]
"""Every GET operation but those that answer the same from any data set."""
FORMS: tuple[dict[str, str], ...] = (
    {},
    {"Accept-Encoding": "gzip"},
    {"Accept-Encoding": "br, gzip;q=0"},
)


@pytest.fixture(scope="module")
def fixtures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The shipped fixtures in several editions, told apart by the name of a topic."""
    found = []
    for number in range(EDITIONS):
        place = tmp_path_factory.mktemp("fixtures") / "edition"
        shutil.copytree(SHIPPED, place)
        topics = json.loads((place / "topics.json").read_text())
        topics[0]["label"] = f"Edition {number}"
        (place / "topics.json").write_text(json.dumps(topics))
        found.append(place)
    return found


class Follower:
    """A client that asks every operation again and again, and notes which data set answered.

    ``order`` is where each version stands in the order of publishing.
    """

    def __init__(self, app: Flask, order: dict[str, int]) -> None:
        self._client, self._order = Client(app), order
        self._last: dict[str, int] = {}
        self._tags: dict[tuple[str, str], tuple[str, int]] = {}
        self.backwards: list[str] = []

    def ask(self, operation: Operation, form: dict[str, str]) -> int:
        """Asks as often as a cache needs; gives the number of the data set of the last answer."""
        held = self._tags.get((operation.id, str(form)))
        number = 0
        for method in ("GET", "HEAD", "GET"):
            number = self._noted(operation, self._open(operation, method, form))
        if held is not None:
            conditional = {**form, "If-None-Match": held[0]}
            reply = self._open(operation, "GET", conditional)
            if reply.status_code == 304:
                number = self._noted(operation, reply, held[1])
        return number

    def _open(self, operation: Operation, method: str, headers: dict[str, str]) -> TestResponse:
        return self._client.open(
            operation.address,
            method=method,
            query_string=operation.required,
            headers=headers,
            buffered=True,
        )

    def _noted(self, operation: Operation, reply: TestResponse, held: int | None = None) -> int:
        version = reply.headers.get("Dataset-Version")
        if version is None and reply.request.method == "HEAD":
            return self._last[operation.id]
        if version is None:  # health and metrics name it in their text
            (version,) = re.findall(r'version"?[=:]"([0-9a-f]{16})"', reply.text)
        number = self._order[version]
        if held is not None:
            assert number == held, "what is unchanged is of the data set that it was of"
        if number < self._last.get(operation.id, -1):
            self.backwards.append(f"{operation.id}: {number} after {self._last[operation.id]}")
        self._last[operation.id] = number
        if "ETag" in reply.headers:
            form = reply.request.headers.get("Accept-Encoding")
            key = (operation.id, str({"Accept-Encoding": form} if form else {}))
            self._tags[key] = reply.headers["ETag"], number
        return number


def forms_of(place: int) -> tuple[dict[str, str], ...]:
    """The plain form and one of the others, in turn: a cache tells them apart."""
    return {}, FORMS[1 + place % 2]


@pytest.mark.parametrize("cache_bytes", CACHES.values(), ids=CACHES)
def test_every_operation_answers_from_the_newest_data_set_and_never_goes_back(
    fixtures: list[Path], tmp_path: Path, cache_bytes: int
) -> None:
    """The provider is told to look, so that nothing may be of the data set before from then on."""
    order = {publish(fixtures[0], tmp_path).name: 0}
    app = create_app(Config(datasets=tmp_path, access_log=False, cache_bytes=cache_bytes))
    follower = Follower(app, order)
    for number in range(EDITIONS):
        order[publish(fixtures[number], tmp_path).name] = number
        app.extensions["claims.provider"].look()
        for place, operation in enumerate(FOLLOWED):
            for form in forms_of(place) if cache_bytes else ({},):
                assert follower.ask(operation, form) == number, operation.id
    assert not follower.backwards


PAUSE_SECONDS = 0.02
"""Between the questions of a client: often enough to fall on every change, and leaves the processor
to the one that measures."""
STALE_SECONDS = LOOK_SECONDS + 4.0
"""A look a second, and the time to open and compare a small data set on a busy machine."""


def test_a_newer_data_set_answers_everything_within_the_bound(
    fixtures: list[Path], tmp_path: Path
) -> None:
    """By the thread that follows the directory, and while others ask, who never go back either."""
    out, beside = tmp_path / "out", tmp_path / "beside"
    order = {publish(place, beside).name: number for number, place in enumerate(fixtures)}
    publish(fixtures[0], out)
    app = create_app(Config(datasets=out, access_log=False))
    follower, others = Follower(app, order), [Follower(app, order) for _ in range(2)]
    with asking_meanwhile(others):
        for number in range(1, EDITIONS):
            publish(fixtures[number], out)
            published = time.monotonic()
            waiting = list(FOLLOWED)
            while waiting and time.monotonic() - published < STALE_SECONDS:
                waiting = [each for each in waiting if follower.ask(each, {}) != number]
                time.sleep(PAUSE_SECONDS)
            assert not waiting
    assert not [told for each in (follower, *others) for told in each.backwards]


@contextmanager
def asking_meanwhile(followers: list[Follower]) -> Iterator[None]:
    """Lets clients ask every operation, each in a thread of its own. Raises what one raised."""
    over = threading.Event()

    def ask_until_over(follower: Follower) -> None:
        while not over.is_set():
            for operation in FOLLOWED:
                follower.ask(operation, {})
                over.wait(PAUSE_SECONDS)

    with ThreadPoolExecutor(len(followers)) as pool:
        asking = [pool.submit(ask_until_over, follower) for follower in followers]
        try:
            yield
        finally:
            over.set()
    for each in asking:
        each.result()
