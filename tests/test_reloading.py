"""Serving from a directory of data sets: the current one, and the next as soon as it is there."""

from __future__ import annotations

import errno
import gc
import json
import os
import shutil
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.query import ClaimQuery
from service.app import create_app
from service.compiler import build_dataset
from service.config import Config
from service.store.catalogue import DirectoryCatalogue
from service.store.protocol import RETRY_SECONDS, DatasetUnavailable, Store
from service.store.provider import ReloadingProvider
from service.store.tantivy.store import open_store
from tests.contract_tools import ContractClient
from tests.publishing import publish as publish_anew
from tests.samples import GOAL, GOAL_AT, edited, sample, write
from tests.wire import ask

pytestmark = pytest.mark.slow

Edition = Callable[[int], Path]


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    """Fixtures of which each number gives another data set."""
    made: dict[int, Path] = {}

    def edition(number: int) -> Path:
        if number not in made:
            data = edited(sample(), (f"/claims/{GOAL_AT}/statement", f"Edition {number}."))
            made[number] = write(data, tmp_path_factory.mktemp("fixtures"))
        return made[number]

    return edition


FIRST_ONES: dict[Path, Path] = {}
"""Directories in which nothing but fixtures was published, by these."""


def publish(fixtures: Path, out: Path) -> Path:
    """Publishes fixtures; where they are the first, by a copy of what that gave the last time."""
    if out.exists():
        return publish_anew(fixtures, out)
    if fixtures not in FIRST_ONES:
        FIRST_ONES[fixtures] = fixtures.parent / f"{fixtures.name}-out"
        publish_anew(fixtures, FIRST_ONES[fixtures])
    shutil.copytree(FIRST_ONES[fixtures], out, symlinks=True)
    return (out / "current").resolve()


class Clock:
    """A monotonic clock that a test moves."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(time, "monotonic", made.monotonic)
    return made


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def follow(out: Path, period: float = 3600.0) -> ReloadingProvider:
    """A provider whose thread sleeps: a test looks when it wants to."""
    return ReloadingProvider(DirectoryCatalogue(out, open_store), period)


def statement(store: Store) -> str:
    return str(json.loads(store.get(GOAL))["statement"])


def spoil(place: Path, name: str = "claims.ndjson") -> None:
    content = bytearray((place / name).read_bytes())
    content[len(content) // 2] ^= 1
    (place / name).write_bytes(content)


def test_the_current_one_is_served_and_the_next_takes_its_place(
    editions: Edition, out: Path
) -> None:
    publish(editions(1), out)
    provider = follow(out)
    before, number = provider.current(), provider.edition
    assert statement(before) == "Edition 1."
    provider.look()
    assert provider.current() is before
    publish(editions(2), out)
    provider.look()
    assert statement(provider.current()) == "Edition 2."
    assert provider.edition > number
    assert statement(before) == "Edition 1.", "whoever has begun with it ends with it"


def test_what_was_published_earlier_may_be_current_again(editions: Edition, out: Path) -> None:
    first = publish(editions(1), out)
    provider = follow(out)
    publish(editions(2), out)
    provider.look()
    publish(editions(1), out)
    provider.look()
    assert provider.current().dataset.version == first.name
    assert provider.edition == 3


def test_a_newer_one_that_is_refused_changes_nothing(
    editions: Edition, out: Path, caplog: pytest.LogCaptureFixture
) -> None:
    publish(editions(1), out)
    provider = follow(out)
    number = provider.edition
    bad = publish(editions(2), out)
    spoil(bad)
    for _ in range(3):
        provider.look()
    found = provider.active()
    assert (statement(found.store), found.edition) == ("Edition 1.", number)
    assert found.refused is not None
    assert bad.name in found.refused
    assert "claims.ndjson" in found.refused
    assert str(out) not in found.refused
    assert len(caplog.records) == 1, "told once"
    assert str(bad) in caplog.text
    publish(editions(3), out)
    provider.look()
    assert statement(provider.current()) == "Edition 3."
    assert provider.active().refused is None


def test_beside_a_refused_one_the_last_good_one_goes_on(editions: Edition, out: Path) -> None:
    """Though one that was published in between could be opened."""
    publish(editions(1), out)
    provider = follow(out)
    publish(editions(2), out)
    spoil(publish(editions(3), out))
    provider.look()
    assert statement(provider.current()) == "Edition 1."


def test_a_refused_one_that_is_mended_is_served(editions: Edition, out: Path, clock: Clock) -> None:
    publish(editions(1), out)
    provider = follow(out)
    bad = publish(editions(2), out)
    spoil(bad)
    provider.look()
    spoil(bad)  # the bit is as it was
    provider.look()
    assert statement(provider.current()) == "Edition 1.", "it was tried a moment ago"
    clock.now += RETRY_SECONDS
    provider.look()
    assert statement(provider.current()) == "Edition 2."


def test_a_refused_one_is_tried_ever_more_rarely(
    editions: Edition, out: Path, clock: Clock
) -> None:
    publish(editions(1), out)
    tried: list[Path] = []

    def opened(place: Path, whole: bool) -> Store:
        tried.append(place)
        return open_store(place, whole=whole)

    provider = ReloadingProvider(DirectoryCatalogue(out, opened), 3600.0)
    spoil(publish(editions(2), out))
    tried.clear()
    for _ in range(3600):
        provider.look()
        clock.now += 1
    assert 6 <= len(tried) <= 13


@pytest.mark.parametrize("name", ["manifest.json", "claims.ndjson", "index/files.json"])
def test_at_the_start_the_newest_valid_one_is_served(
    editions: Edition, out: Path, name: str
) -> None:
    publish(editions(1), out)
    publish(editions(2), out)
    spoil(publish(editions(3), out), name)
    provider = follow(out)
    assert statement(provider.current()) == "Edition 2."
    assert provider.active().refused is not None


def test_a_link_that_leads_nowhere_leaves_the_newest_valid_one(
    editions: Edition, out: Path
) -> None:
    publish(editions(1), out)
    shutil.rmtree(publish(editions(2), out))
    provider = follow(out)
    assert statement(provider.current()) == "Edition 1."
    assert provider.active().refused is not None


def test_without_the_link_the_newest_is_served(editions: Edition, out: Path) -> None:
    build_dataset(editions(1), out)
    os.utime(build_dataset(editions(2), out), (1, 1))
    provider = follow(out)
    assert statement(provider.current()) == "Edition 1."
    assert provider.active().refused is None
    publish(editions(2), out)
    (out / "current").unlink()
    provider.look()
    assert statement(provider.current()) == "Edition 2."


def test_a_directory_that_is_not_named_by_its_content_is_refused(
    editions: Edition, out: Path
) -> None:
    place = publish(editions(1), out)
    provider = follow(out)
    other = place.with_name("0123456789abcdef")
    shutil.copytree(place, other)
    (out / "current").unlink()
    (out / "current").symlink_to(other.name)
    provider.look()
    assert "/version" in str(provider.active().refused)
    assert provider.current().dataset.version == place.name


@pytest.mark.parametrize("there", [False, True])
def test_the_service_waits_for_the_first_one(editions: Edition, out: Path, there: bool) -> None:
    if there:
        spoil(publish(editions(1), out))
    app = create_app(Config(datasets=out, access_log=False))
    for path in ("/v1/claims", "/readyz", "/"):
        reply = ask(app, path)
        assert reply.status == 503
        assert reply.headers["Retry-After"] == str(RETRY_SECONDS)
        assert str(out).encode() not in reply.body
    assert ask(app, "/healthz").status == 200
    publish(editions(2), out)
    app.extensions["claims.provider"].look()
    assert ask(app, f"/v1/claims/{GOAL}").json["data"]["statement"] == "Edition 2."


def test_readiness_says_what_is_refused(editions: Edition, out: Path) -> None:
    first = publish(editions(1), out)
    app = create_app(Config(datasets=out, access_log=False))
    app.test_client_class = ContractClient
    assert app.test_client().get("/readyz").get_json()["status"] == "ready"
    spoil(publish(editions(2), out))
    app.extensions["claims.provider"].look()
    told = app.test_client().get("/readyz")
    assert told.status_code == 200
    assert told.get_json()["status"] == "degraded"
    assert told.get_json()["dataset"]["version"] == first.name
    assert "claims.ndjson" in told.get_json()["reason"]
    assert str(out) not in told.get_json()["reason"]


def test_no_answer_of_the_data_set_before_is_repeated(editions: Edition, out: Path) -> None:
    """Nor taken for unchanged."""
    publish(editions(1), out)
    app = create_app(Config(datasets=out, access_log=False))
    before = [ask(app, "/v1/claims?limit=3") for _ in range(2)][1]
    second = publish(editions(2), out)
    app.extensions["claims.provider"].look()
    tag = {"If-None-Match": before.headers["ETag"]}
    after = ask(app, "/v1/claims?limit=3", headers=tag)
    assert after.status == 200
    assert after.headers["Dataset-Version"] == second.name


@pytest.fixture
def unhashed(editions: Edition, tmp_path: Path) -> Callable[..., Store]:
    """Opens a data set of which every file is large, so that damage is not seen unless it is
    compared whole: else what is opened is a sound copy.
    """
    copies = tmp_path / "copies"
    for number in (1, 2):
        build_dataset(editions(number), copies)

    def opened(place: Path, whole: bool) -> Store:
        return open_store(place if whole else copies / place.name, whole=whole)

    return opened


def test_at_the_start_large_files_are_compared_later(
    editions: Edition, out: Path, unhashed: Callable[..., Store]
) -> None:
    publish(editions(1), out)
    spoil(publish(editions(2), out), "changes.ndjson")
    provider = ReloadingProvider(DirectoryCatalogue(out, unhashed), 3600.0)
    assert statement(provider.current()) == "Edition 2.", "it could be opened"
    provider.prove()
    assert statement(provider.current()) == "Edition 1."
    assert "changes.ndjson" in str(provider.active().refused)


def test_what_is_found_to_be_damaged_does_not_answer_though_nothing_else_can(
    editions: Edition, out: Path, unhashed: Callable[..., Store]
) -> None:
    spoil(publish(editions(1), out), "changes.ndjson")
    provider = ReloadingProvider(DirectoryCatalogue(out, unhashed), 3600.0)
    provider.prove()
    with pytest.raises(DatasetUnavailable, match=r"changes\.ndjson"):
        provider.current()
    publish(editions(2), out)
    provider.look()
    assert statement(provider.current()) == "Edition 2."


def test_a_newer_one_is_compared_whole_before_it_answers(
    editions: Edition, out: Path, unhashed: Callable[..., Store]
) -> None:
    publish(editions(1), out)
    provider = ReloadingProvider(DirectoryCatalogue(out, unhashed), 3600.0)
    provider.current()
    spoil(publish(editions(2), out), "changes.ndjson")
    provider.look()
    assert statement(provider.current()) == "Edition 1."


def test_the_first_request_does_not_wait_for_that(
    editions: Edition, out: Path, unhashed: Callable[..., Store]
) -> None:
    """A worker may have started long before it is asked for the first time."""
    publish(editions(1), out)
    provider = ReloadingProvider(DirectoryCatalogue(out, unhashed), 3600.0)
    spoil(publish(editions(2), out), "changes.ndjson")
    assert statement(provider.current()) == "Edition 2."
    provider.follow()
    assert statement(provider.current()) == "Edition 1."
    assert "changes.ndjson" in str(provider.active().refused)


@pytest.mark.parametrize("part", [".", "index", "claims.ndjson"])
def test_one_that_is_removed_while_it_is_opened_leaves_the_next(
    editions: Edition, out: Path, part: str
) -> None:
    """As when much is published in a short time, and only the last three are kept."""
    publish(editions(1), out)
    doomed = [publish(editions(2), out)]

    def opened(place: Path, whole: bool) -> Store:
        if doomed and place == doomed[0]:
            gone = doomed.pop() / part
            publish(editions(3), out)
            gone.rename(out / "gone")
        return open_store(place, whole=whole)

    provider = ReloadingProvider(DirectoryCatalogue(out, opened), 3600.0)
    assert statement(provider.current()) == "Edition 3."
    assert provider.active().refused is None


ERRORS = (OSError(errno.EMFILE, "Too many open files"), MemoryError(), RuntimeError("secret"))


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_whatever_goes_wrong_while_opening_is_a_refusal(
    editions: Edition, out: Path, error: Exception
) -> None:
    publish(editions(1), out)
    failing = [False]

    def opened(place: Path, whole: bool) -> Store:
        if failing[0]:
            raise error
        return open_store(place, whole=whole)

    provider = ReloadingProvider(DirectoryCatalogue(out, opened), 3600.0)
    failing[0] = True
    publish(editions(2), out)
    provider.look()
    assert statement(provider.current()) == "Edition 1."
    assert "secret" not in str(provider.active().refused)


def threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name.endswith("(_follow)")}


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def test_the_thread_starts_with_the_first_request_and_ends_with_the_provider(
    editions: Edition, out: Path
) -> None:
    publish(editions(1), out)
    held, others = [follow(out, 0.01)], threads()
    provider = weakref.proxy(held[0])
    assert not threads() - others, "a fork would not take it along"
    publish(editions(2), out)
    assert statement(provider.current()) == "Edition 2.", "the first request sees what came before"
    assert len(threads() - others) == 1
    publish(editions(3), out)
    assert within(30, lambda: statement(provider.current()) == "Edition 3.")
    assert len(threads() - others) == 1
    held.clear()
    assert within(30, lambda: not threads() - others)


def test_a_fork_has_a_thread_of_its_own(editions: Edition, out: Path) -> None:
    publish(editions(1), out)
    provider = follow(out, 0.01)
    provider.current()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            publish(editions(2), out)
            provider.current()
            publish(editions(3), out)
            status = 0 if within(30, lambda: statement(provider.current()) == "Edition 3.") else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_data_set_is_let_go_at_once(editions: Edition, out: Path) -> None:
    """Without waiting for the collector of cycles, which may come late."""
    publish(editions(1), out)
    provider = follow(out)
    provider.current().search(ClaimQuery(topic=("trade",)))
    assert provider.current().vocabularies["topics"].record("trade")
    old = weakref.ref(provider.current())
    publish(editions(2), out)
    gc.disable()
    try:
        provider.look()
        assert old() is None
    finally:
        gc.enable()


def test_a_pinned_data_set_wins(editions: Edition, out: Path, tmp_path: Path) -> None:
    publish(editions(1), out)
    pinned = build_dataset(editions(2), tmp_path / "pinned")
    app = create_app(Config(dataset=pinned, datasets=out, access_log=False))
    assert ask(app, "/readyz").json["dataset"]["version"] == pinned.name
