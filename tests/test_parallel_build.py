"""A build by several processes makes what a build by one does, and says what is wrong alike."""

from __future__ import annotations

import functools
import json
import multiprocessing
import os
import select
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from schemas.faults import DataRefused
from schemas.query import ClaimQuery
from service.compiler import BuildFailed, Fixtures, build_dataset
from service.compiler.parallel import CHUNK, Workers, mapped, processes
from service.store.tantivy.store import open_store
from tests.records import claim, fixtures, relation
from tests.samples import write

CLAIMS = CHUNK + 100
EXECUTORS: dict[str, Callable[[], AbstractContextManager[Executor | None]]] = {
    "one process": nullcontext,
    "two processes": functools.partial(processes, 2),
    "two threads": functools.partial(ThreadPoolExecutor, 2),
}


def workers(executor: Executor | None) -> Workers | None:
    return None if executor is None else Workers(executor)


@pytest.fixture(scope="module")
def many() -> Fixtures:
    """Somewhat more claims than a chunk holds, in another order than that of their days."""
    claims = [
        claim(number, f"20{number % 23:02}", statement=f"Statement {number}: “so”.")
        for number in range(1, CLAIMS + 1)
    ]
    claims[5]["relations"] = [relation("supports", claims[-1]["id"])]
    return fixtures(claims)


_FAULTS = ({"kind": "rumour"}, {"topics": ["nothing"]})
"""One that the schema finds, and one that is found beside the vocabularies."""


def edited(many: Fixtures, *places: int) -> dict[str, Any]:
    """The records as they are written, the claims and changes at some places with faults."""
    data = {name: [*many[name]] for name in many}
    for place in places:
        data["claims"][place] = data["claims"][place] | _FAULTS[place % 2]
        data["changes"][place] = data["changes"][place] | {"recorded_at": "yesterday"}
    return data


def by_line(data: dict[str, Any], directory: Path) -> Path:
    write(data, directory)
    for name in ("claims", "changes"):
        (directory / f"{name}.json").unlink()
        lines = "".join(f"{json.dumps(record)}\n" for record in data[name])
        (directory / f"{name}.ndjson").write_text(lines)
    return directory


def files(place: Path) -> dict[str, bytes]:
    """Everything of a data set that does not differ from build to build."""
    paths = (path for path in place.rglob("*") if path.is_file() and path.parent.name != "index")
    return {str(path.relative_to(place)): path.read_bytes() for path in paths}


@pytest.mark.slow
def test_however_many_processes_build_they_build_the_same(many: Fixtures, tmp_path: Path) -> None:
    source = by_line(edited(many), tmp_path / "in")
    built = {}
    for name, make in EXECUTORS.items():
        with make() as executor:
            out = tmp_path / name
            built[name] = build_dataset(source, out, durable=False, workers=workers(executor))
    one = files(built["one process"])
    assert len(one["claims.ndjson"].splitlines()) == CLAIMS
    for name, place in built.items():
        assert place.name == built["one process"].name, name
        assert files(place) == one, name
    store = open_store(built["two processes"])
    quoted = ClaimQuery(q="1050", limit=1)
    (body,) = store.search(quoted).bodies
    assert json.loads(body)["statement"] == "Statement 1050: “so”."
    (row,) = b"".join(store.rows(quoted, "claims").pieces).splitlines()[1:]
    assert b"Statement 1050" in row


@pytest.mark.slow
@pytest.mark.parametrize("faulty", [(3, CHUNK - 1, CHUNK, CHUNK + 7), tuple(range(7, CLAIMS))])
def test_faults_are_reported_alike(many: Fixtures, faulty: tuple[int, ...], tmp_path: Path) -> None:
    source = by_line(edited(many, *faulty), tmp_path / "in")
    reports = []
    for make in EXECUTORS.values():
        with make() as executor, pytest.raises(DataRefused) as refused:
            build_dataset(source, tmp_path / "out", workers=workers(executor))
        reports.append(str(refused.value))
    assert "/kind" in reports[0]
    assert "/topics/0" in reports[0]
    assert set(reports) == {reports[0]}
    assert not (tmp_path / "out").exists()


def _killed() -> Executor:
    """A pool whose only process is ended by another program as soon as it begins."""

    def end() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    return ProcessPoolExecutor(1, multiprocessing.get_context("fork"), end)


def test_a_process_that_is_killed_fails_the_build(tmp_path: Path) -> None:
    ended = r"a process of the build was ended.*nothing was built"
    with _killed() as executor, pytest.raises(BuildFailed, match=ended):
        build_dataset(fixtures([claim(1)]), tmp_path / "out", workers=Workers(executor))
    assert not (tmp_path / "out").exists()


def test_the_processes_end_with_the_one_that_was_killed() -> None:
    """Else they would hold its locks for ever: the pipe is closed when the last one is gone."""
    reading, writing = os.pipe()
    parent = os.fork()
    if parent == 0:
        try:
            os.close(reading)
            pool = processes(2)
            pool.submit(os.write, writing, b"begun").result()
            signal.pause()
        finally:
            os._exit(1)
    os.close(writing)
    assert os.read(reading, 5) == b"begun"
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    assert select.select([reading], [], [], 10)[0]
    assert os.read(reading, 1) == b""
    os.close(reading)


def test_work_that_is_not_as_the_build_wrote_it_is_not_read(tmp_path: Path) -> None:
    """To read it would run what somebody else put there."""

    def chunks() -> Iterator[list[int]]:
        (file,) = tmp_path.iterdir()
        file.write_bytes(file.read_bytes().replace(b"sum", b"max"))
        yield [1, 2]

    with ThreadPoolExecutor(1) as pool:
        made = mapped(sum, chunks(), Workers(pool, directory=tmp_path))
        with pytest.raises(BuildFailed, match="not as the build wrote it"):
            next(made)
    assert not [*tmp_path.iterdir()]
