"""Asks one engine every kind of question, in a process of its own; prints latencies as JSON.

``python -m benchmarks.inprocess ENGINE DATASET SECONDS [ADDRESS]``
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.engines import Engine, Naive, Ours, Postgres
from benchmarks.questions import EVERYTHING, Asker, Question
from schemas.query import ClaimQuery
from service.app import create_app
from service.config import Config
from service.store.dataset_format import CLAIMS, MANIFEST

MOST, LEAST, WARMING = 500, 8, 20
REPEATS = 200


def main() -> int:
    name, directory, seconds = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
    claims = json.loads((directory / MANIFEST).read_bytes())["counts"]["claims"]
    engine: Engine
    if name == "ours":
        engine = Ours(directory)
    elif name == "postgres":
        engine = Postgres(sys.argv[4], claims)
    else:
        engine = Naive(directory / CLAIMS)
    gc.freeze()
    results: dict[str, Any] = {}
    asker = Asker(directory / CLAIMS)
    for kind in asker.kinds:
        found = measured(engine, kind, asker.questions(kind), seconds)
        if found is not None:
            results[kind] = found
    # The others are asked one count: what they would do for another differs little.
    dimensions = EVERYTHING if name == "ours" else (("kind", "attribution"),)
    results["counts of everything"] = of_everything(engine, dimensions, seconds)
    if name == "ours":
        results["counts repeated"] = repeated_counts(directory)
    print(json.dumps(results))
    return 0


def measured(
    engine: Engine, kind: str, questions: Iterator[Question], seconds: float
) -> dict[str, float] | None:
    """Latencies of as many questions as fit into a time, after a few that count for nothing."""
    begun = time.perf_counter()
    try:
        for question in islice(questions, WARMING):
            engine.ask(kind, question)
            if time.perf_counter() - begun > seconds:
                break
    except KeyError:
        return None
    latencies: list[float] = []
    begun = time.perf_counter()
    while len(latencies) < MOST:
        question = next(questions)
        latencies.append(timed(partial(engine.ask, kind, question)))
        if time.perf_counter() - begun > seconds and len(latencies) >= LEAST:
            break
    return summary(latencies)


def timed(call: Callable[[], object]) -> float:
    """Milliseconds."""
    begun = time.perf_counter_ns()
    call()
    return (time.perf_counter_ns() - begun) / 1e6


def summary(latencies: list[float]) -> dict[str, float]:
    """Median and 99th percentile in ms; of fewer than a hundred the latter is the largest."""
    ordered = sorted(latencies)
    place = min(len(ordered) - 1, int(len(ordered) * 0.99))
    return {"p50": statistics.median(ordered), "p99": ordered[place], "n": len(ordered)}


def of_everything(
    engine: Engine, dimensions: Sequence[tuple[str, ...]], seconds: float
) -> dict[str, Any]:
    """Counts of all claims, each by an engine that has not been asked it before."""
    by_dimensions: dict[str, list[float]] = {"×".join(by): [] for by in dimensions}
    begun = time.perf_counter()
    for _ in range(5):
        engine.afresh()
        engine.ask("topic page", Question(ClaimQuery(topic=("field-0",))))  # opens what it needs
        for by in dimensions:
            question = Question(ClaimQuery(), by=by)
            latency = timed(partial(engine.ask, "counts of everything", question))
            by_dimensions["×".join(by)].append(latency)
        if time.perf_counter() - begun > 3 * seconds:
            break
    medians = {name: statistics.median(found) for name, found in by_dimensions.items()}
    flat = [latency for found in by_dimensions.values() for latency in found]
    return {**summary(flat), "by": medians}


def repeated_counts(directory: Path) -> dict[str, float]:
    """A count that was asked before, through the whole application but no socket."""
    app = create_app(Config(dataset=directory, access_log=False))
    headers: dict[str, str] = {}

    def respond(status: str, fields: list[tuple[str, str]], *rest: object) -> Callable[..., None]:
        headers.update({name.lower(): value for name, value in fields})
        return lambda data: None

    def ask() -> None:
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": "/v1/counts",
            "QUERY_STRING": "by=kind",
            "RAW_URI": "/v1/counts?by=kind",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": sys.stdin.buffer,
            "wsgi.errors": sys.stderr,
        }
        answer = app.wsgi_app(environ, respond)
        for _ in answer:
            pass
        close = getattr(answer, "close", None)
        if close is not None:
            close()

    first = timed(ask)
    found = summary([timed(ask) for _ in range(REPEATS)])
    cached = "cache" in headers.get("server-timing", "")
    return {**found, "first": first, "from_cache": float(cached)}


if __name__ == "__main__":
    sys.exit(main())
