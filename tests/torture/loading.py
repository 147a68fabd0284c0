"""Loads spoiled fixtures on every core, and gathers how each was refused."""

from __future__ import annotations

import json
import logging
import os
import re
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent import futures
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

from schemas.faults import DataRefused, Fault
from schemas.query import ClaimQuery
from service.app import create_app
from service.compiler import check_fixtures, open_fixtures
from service.config import Config
from tests import samples
from tests.built import files_of
from tests.torture.fuzzing import answered
from tests.torture.grammar import Request
from tests.torture.judging import thorough_faults
from tests.torture.spoiling import Files, mutated

CHUNK, CHUNKS = 200, 20
"""Sets of fixtures that are loaded at once, and how often a process does so, or about so."""
SERVED = 20
"""One of so many that were taken is served, and what is asked of it held to the contract."""
MOST_MEMORY = 1536 * 1024 * 1024
"""Bytes of addresses that a process may grow by; what needs more is an error, and so a fault. The
writer of an index reserves half a gigabyte, of which a small data set uses next to nothing."""
_FILES = tuple(f"{name}.{form}" for name in samples.sample() for form in ("json", "ndjson"))
_POINTER = re.compile(r"(?:/[^/]*)*")
_SHOWN = 20


@dataclass
class Loaded:
    """What became of the fixtures."""

    cases: int = 0
    taken: int = 0
    served: int = 0
    told: int = 0
    slowest: float = 0.0
    slowest_case: str = ""
    grown: int = 0
    ways: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def add(self, other: Loaded) -> None:
        for name in ("cases", "taken", "served", "told"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        if other.slowest > self.slowest:
            self.slowest, self.slowest_case = other.slowest, other.slowest_case
        self.grown = max(self.grown, other.grown)
        self.ways += other.ways
        self.faults = (self.faults + other.faults)[:_SHOWN]


def _chunk(given: tuple[int, int, int]) -> Loaded:
    seed, chunk, count = given
    logging.disable(logging.CRITICAL)
    rng, data, found = Random(f"{seed} {chunk}"), samples.sample(), Loaded()
    before = _bounded()
    with tempfile.TemporaryDirectory() as directory:
        for number in range(count):
            done, files = mutated(rng, data)
            for name, content in files.items():
                Path(directory, name).write_bytes(content)
            _load(found, rng, Path(directory), files, f"chunk {chunk} #{number} ({done})")
            for name in files:
                Path(directory, name).unlink()
    found.grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before
    return found


def _bounded() -> int:
    """Bounds the memory of this process, once; the most that it has taken so far. One data set is
    built before that, since Arrow reserves addresses for its tables at first use.
    """
    files_of()
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    if resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY:
        resource.setrlimit(resource.RLIMIT_AS, (used + MOST_MEMORY, resource.RLIM_INFINITY))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _load(found: Loaded, rng: Random, place: Path, files: Files, at: str) -> None:
    found.cases += 1
    found.ways[at.partition("(")[2].partition(":")[0].split(".")[0].rstrip(")")] += 1
    load = rng.choice((check_fixtures, files_of))
    started = time.thread_time()
    try:
        load(place)
    except DataRefused as refused:
        found.told += len(refused.faults)
        found.faults += [f"{at}: {fault}" for fault in _faults_in_refusal(refused, files)]
    except BaseException as error:  # noqa: BLE001  # whatever else comes out is the finding
        found.faults.append(f"{at}: {type(error).__name__}: {error}"[:500])
    else:
        found.taken += 1
        if rng.random() * SERVED < 1:
            found.served += 1
            found.faults += [f"{at}: served: {fault}" for fault in _faults_in_service(place)]
    spent = time.thread_time() - started
    if spent > found.slowest:
        found.slowest, found.slowest_case = spent, at


def _faults_in_refusal(refused: DataRefused, files: Files) -> Iterator[str]:
    """What a curator could not use: no fault, one that names no file, or no place in it."""
    if not refused.faults:
        yield "refused without a fault"
    if not str(refused).isprintable() and not str(refused).replace("\n", "").isprintable():
        yield f"a report that a terminal would obey: {str(refused)[:300]!r}"
    for fault in refused.faults:
        if fault.file not in _FILES or not fault.found or not fault.allowed:
            yield f"a fault that says too little: {fault!r}"
        elif not _leads_somewhere(fault, files):
            yield f"a pointer that leads nowhere: {fault!r}"


def _leads_somewhere(fault: Fault, files: Files) -> bool:
    """Whether a pointer leads to a value, or to where one is missing in what holds it."""
    if not _POINTER.fullmatch(fault.pointer):
        return False
    steps = json.loads(f'"{fault.pointer}"').split("/")[1:]
    node: Any = None
    try:
        content = files[fault.file]
        lines = content.split(b"\n")
        by_line = fault.file.endswith(".ndjson") and steps
        node = json.loads(lines[int(steps.pop(0))] if by_line else content)
    except (KeyError, ValueError, RecursionError):
        return not steps or fault.file.endswith(".ndjson")  # of what is no JSON: the file, a line
    for step in steps[:-1]:
        key = step.replace("~1", "/").replace("~0", "~")
        node = node[int(key)] if isinstance(node, list) else node[key]
    return not steps or isinstance(node, (dict, list))


_ASKED = ("/v1/claims?limit=100", "/v1/claims.csv?excel=true", "/v1/claims.ndjson", "/v1/changes")


def _faults_in_service(place: Path) -> Iterator[str]:
    """What is wrong with answers made of fixtures that were taken."""
    store = open_fixtures(place)
    app = create_app(Config(access_log=False, cache_bytes=0), store)
    claims = [json.loads(body)["id"] for body in store.search(ClaimQuery(limit=100)).bodies]
    pages = [f"/v1/claims/{claim}.jsonld" for claim in claims] + [f"/claims/{c}" for c in claims]
    for target in (*_ASKED, "/", "/goals", "/v1/counts?by=topic,horizon", *pages):
        request = Request("GET", target, {})
        answer = answered(app, request.environ())
        yield from (f"{target}: {fault}" for fault in thorough_faults(request.environ(), answer))


def loaded(count: int, seed: int) -> Loaded:
    """What became of ``count`` sets of spoiled fixtures."""
    chunks = [(seed, n, min(CHUNK, count - n * CHUNK)) for n in range(-(-count // CHUNK))]
    found = Loaded()
    # Fresh processes now and then: the memory they may grow by is bounded, and pieces of what
    # thousands of sets took stay with them. (max_tasks_per_child of Python 3.11 can hang.)
    workers = os.cpu_count() or 1
    for start in range(0, len(chunks), workers * CHUNKS):
        with futures.ProcessPoolExecutor(workers, get_context("spawn")) as pool:
            for part in pool.map(_chunk, chunks[start : start + workers * CHUNKS]):
                found.add(part)
    return found
