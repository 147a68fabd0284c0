"""A data set that cannot be opened leaves the service up, and is tried again, but not too often."""

from __future__ import annotations

import json
import re
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.faults import DataRefused, Fault
from service.app import create_app
from service.compiler import build_dataset
from service.config import Config
from service.store.catalogue import Candidate
from service.store.files import written
from service.store.protocol import (
    RETRY_SECONDS,
    DatasetUnavailable,
    EngineUnreachable,
    Store,
)
from service.store.provider import Provider, ReloadingProvider, StoreProvider
from tests.samples import GOAL, REMOVED, sample, write
from tests.wire import ask, sample_store


class Clock:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(time, "monotonic", made.monotonic)
    return made


class Loading:
    """Loads after so many failures; counts how often it was asked to."""

    def __init__(self, failures: int, error: Exception | None = None) -> None:
        self.failures, self.tried = failures, 0
        self.error = error or DatasetUnavailable("not there yet")

    def __call__(self) -> Store:
        self.tried += 1
        if self.tried <= self.failures:
            raise self.error
        return sample_store()


def test_a_store_is_loaded_once(clock: Clock) -> None:
    loading = Loading(0)
    provider = StoreProvider(loading)
    for _ in range(3):
        assert provider.current() is sample_store()
        clock.now += 10 * RETRY_SECONDS
    assert loading.tried == 1


ERRORS: dict[Exception, str] = {
    DatasetUnavailable("no such file", Path("/srv/secret")): "no such file",
    DataRefused([Fault("/srv/secret/claims.json", "/0", "nothing", "something")]): "1 fault(s)",
    OSError("/srv/secret: disk on fire"): "OSError",
    ValueError("/srv/secret: half a file"): "ValueError",
}
"""Failures, and what anybody is told of them: no directory."""


@pytest.mark.parametrize(("error", "told"), ERRORS.items(), ids=lambda each: type(each).__name__)
def test_a_failed_load_leaves_the_service_up_and_says_why(
    clock: Clock, caplog: pytest.LogCaptureFixture, error: Exception, told: str
) -> None:
    provider = StoreProvider(Loading(99, error))
    with pytest.raises(DatasetUnavailable, match=f"^{re.escape(told)}$"):
        provider.current()
    assert str(error).splitlines()[0] in caplog.text


def test_a_failed_load_is_repeated_once_its_time_has_come(clock: Clock) -> None:
    loading = Loading(2)
    provider = StoreProvider(loading)
    for waited, tried in ((0, 1), (RETRY_SECONDS - 0.1, 1), (0.1, 2), (0, 2), (0.1, 2)):
        clock.now += waited
        with pytest.raises(DatasetUnavailable):
            provider.current()
        assert loading.tried == tried
    clock.now += RETRY_SECONDS
    assert provider.current() is sample_store()
    assert loading.tried == 3


def test_many_requests_at_once_cause_one_load(clock: Clock) -> None:
    loading = Loading(1)
    provider = StoreProvider(loading)
    clock.now += RETRY_SECONDS
    gate = threading.Barrier(8)
    found: list[Store] = []

    def ask_for_it() -> None:
        gate.wait()
        found.append(provider.current())

    threads = [threading.Thread(target=ask_for_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [sample_store()] * 8
    assert loading.tried == 2


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built data set."""
    fixtures = write(sample(), tmp_path_factory.mktemp("fixtures"))
    return build_dataset(fixtures, tmp_path_factory.mktemp("out"))


def test_the_service_recovers_when_the_data_set_arrives(
    clock: Clock, whole: Path, tmp_path: Path
) -> None:
    place = tmp_path / "current"
    app = create_app(Config(dataset=place, access_log=False))
    for path in ("/v1/claims", "/readyz", "/v1/dataset", "/v1/claims.csv"):
        reply = ask(app, path)
        assert reply.status == 503
        assert reply.headers["Retry-After"] == str(RETRY_SECONDS)
    assert ask(app, "/healthz").status == 200
    shutil.copytree(whole, place)
    assert ask(app, "/readyz").status == 503, "it was tried a moment ago"
    clock.now += RETRY_SECONDS
    assert ask(app, "/readyz").json["status"] == "ready"
    assert ask(app, f"/v1/claims/{GOAL}").json["data"]["id"] == GOAL


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def halved(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def garbled(path: Path) -> None:
    path.write_bytes(b"\xff" * path.stat().st_size)


def removed(path: Path) -> None:
    path.unlink()


def altered(path: Path) -> None:
    """One byte is another; the size is the same."""
    content = path.read_bytes()
    path.write_bytes(content[:-3] + b"!" + content[-2:])


DAMAGE = (
    *(("manifest.json", damage) for damage in (emptied, halved, garbled, removed)),
    *(("claims.ndjson", damage) for damage in (emptied, halved, removed)),
    *(("topics.ndjson", damage) for damage in (emptied, halved, garbled, removed, altered)),
    *(("retired.ndjson", damage) for damage in (emptied, altered)),
    *(("index/meta.json", damage) for damage in (emptied, halved, garbled, removed)),
    *(("index/*.idx", damage) for damage in (emptied, halved, removed)),
    *(("index/*.fast", damage) for damage in (emptied, halved, removed)),
    *(("index/*.store", damage) for damage in (emptied, halved, removed)),
    *(("index/*.term", damage) for damage in (emptied, halved, removed)),
)


@pytest.mark.parametrize(
    ("name", "damage"), DAMAGE, ids=[f"{name} {how.__name__}" for name, how in DAMAGE]
)
def test_a_damaged_data_set_is_a_503_and_never_a_crash(
    whole: Path, tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    place = shutil.copytree(whole, tmp_path / "damaged")
    for file in place.glob(name):
        damage(file)
    app = create_app(Config(dataset=place, access_log=False))
    for path in ("/readyz", "/v1/claims", f"/v1/claims/{GOAL}", "/v1/counts?by=kind"):
        reply = ask(app, path)
        assert reply.status == 503
        assert str(tmp_path).encode() not in reply.body


@pytest.mark.parametrize(
    "change",
    [{"schema_version": 99}, {"index_layout": "9" * 16}, {"files": {}}, {"counts": REMOVED}],
)
def test_a_data_set_of_another_time_is_refused(
    whole: Path, tmp_path: Path, change: dict[str, object]
) -> None:
    place = shutil.copytree(whole, tmp_path / "other")
    manifest = json.loads((place / "manifest.json").read_text())
    changed = {key: v for key, v in {**manifest, **change}.items() if v is not REMOVED}
    (place / "manifest.json").write_bytes(written(changed))
    assert ask(create_app(Config(dataset=place, access_log=False)), "/readyz").status == 503


def test_nobody_waits_for_a_load_that_another_request_began(clock: Clock) -> None:
    """A load that fails slowly is made once, and the others are told at once."""
    loads: list[float] = []
    under_way, go_on = threading.Event(), threading.Event()

    def load() -> Store:
        loads.append(0.0)
        if len(loads) > 1:
            under_way.set()
            go_on.wait(10)
        raise DatasetUnavailable("still not there")

    provider = StoreProvider(load)
    clock.now += RETRY_SECONDS
    first = threading.Thread(target=_refused, args=(provider,))
    first.start()
    assert under_way.wait(10)
    for _ in range(5):
        _refused(provider)  # returns while the load is still under way
    go_on.set()
    first.join(10)
    _refused(provider)  # and the failed load is not repeated now
    assert len(loads) == 2


def _refused(provider: Provider) -> None:
    with pytest.raises(DatasetUnavailable):
        provider.current()


class Unsteady:
    """A catalogue of one data set, whose engine is there or not, and can be proved or not."""

    def __init__(self) -> None:
        self.error: Exception | None = None

    def candidates(self) -> list[Candidate]:
        return [Candidate(sample_store().dataset.version, "somewhere")]

    def open(self, candidate: Candidate, *, whole: bool) -> Store:
        if self.error is not None:
            raise self.error
        return sample_store()


@pytest.mark.parametrize("error", [EngineUnreachable("away"), DatasetUnavailable("damaged")])
def test_an_engine_that_is_away_for_a_moment_is_not_a_damaged_data_set(
    clock: Clock, error: DatasetUnavailable
) -> None:
    """What answers goes on to do so, though not proved. At the start it is tried again soon."""
    is_away = isinstance(error, EngineUnreachable)
    catalogue = Unsteady()
    provider = ReloadingProvider(catalogue, period=3600)
    assert provider.current() is sample_store()
    catalogue.error = error
    provider.follow()
    assert bool(provider.edition) is is_away
    if not is_away:
        _refused(provider)
    starting = ReloadingProvider(catalogue, period=3600)
    _refused(starting)
    catalogue.error = None
    clock.now += 1
    starting.follow()
    assert bool(starting.edition) is is_away
