"""What is measured over HTTP: interleaved rounds, a fixed rate, the start, memory, an export."""

from __future__ import annotations

import contextlib
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.machine import (
    NotMeasured,
    Running,
    fetch,
    free_port,
    memory,
    run,
    started,
    tree,
    wait_until_ready,
)
from benchmarks.packages import program
from benchmarks.plan import Plan
from benchmarks.servers import GUNICORN, Contestant, contestants, nginx_static, save_page, service
from service.store.dataset_format import CLAIMS, EXPORTS

LUA = Path(__file__).with_name("load.lua")
CONNECTIONS = 16
CHECKED = 10
"""Pages that are looked at, whether they came from the cache of answers."""
SLOW = 20
"""Answers a second below which a server is asked for longer, over two connections."""

Figures = dict[str, Any]


def compare(dataset: Path, plan: Plan, *, small: bool, skipped: list[str]) -> Figures:
    """Rounds over all servers in turn, so that a slow minute of the machine meets all alike."""
    page = save_page(dataset)
    results: Figures = {}
    with contextlib.ExitStack() as stack:
        running: dict[str, Contestant] = {}
        for name, start in contestants(dataset, page, small=small).items():
            try:
                running[name] = stack.enter_context(start())
            except (NotMeasured, OSError) as error:
                skipped.append(f"{name}: {error}")
        places, slow = dict.fromkeys(running, 0), set()
        for name, contestant in running.items():  # warm, and of no account
            warm = _loaded(contestant, 0, plan.warm_seconds)
            places[name] += _asked(warm)
            results[name] = {"rounds": []}
            if warm["requests"] < SLOW * plan.warm_seconds:
                slow.add(name)
        for _ in range(plan.rounds):
            for name, contestant in running.items():
                found = (
                    _loaded(contestant, places[name], 4 * plan.round_seconds, connections=2)
                    if name in slow
                    else _loaded(contestant, places[name], plan.round_seconds)
                )
                places[name] += _asked(found)
                results[name]["rounds"].append(found)
        for name, contestant in running.items():
            results[name].update(_summary(results[name]["rounds"]))
            results[name]["from_cache"] = _from_cache(contestant, places[name])
            results[name]["paced"] = _paced(contestant, places[name] + CHECKED, plan)
            results[name]["memory"] = contestant.running.memory()
            results[name]["page_bytes"] = _page_bytes(contestant)
    return results


def _asked(found: Figures) -> int:
    """Pages a round asked for: those answered, and one on each connection when time was up."""
    return int(found["requests"]) + CONNECTIONS


def _page_bytes(contestant: Contestant) -> float:
    """The mean of some of the pages that were asked for."""
    paths = contestant.paths.read_text().split()[:10]
    return statistics.mean(len(fetch(contestant.port, path, timeout=30)[2]) for path in paths)


def _from_cache(contestant: Contestant, offset: int) -> int:
    """Of the pages next in turn, how many the service answers without looking for them."""
    paths = contestant.paths.read_text().split()
    turn = [paths[(offset + n) % len(paths)] for n in range(CHECKED)]
    found = [fetch(contestant.port, path, timeout=30)[1] for path in turn]
    return sum(headers.get("server-timing", "").startswith("cache") for headers in found)


def _settled(contestant: Contestant) -> None:
    """Waits until the server has dropped what nobody waits for any more."""
    for _ in range(300):
        before = contestant.running.cpu_seconds()
        time.sleep(0.1)
        if contestant.running.cpu_seconds() - before <= 0.02:
            return


def _loaded(
    contestant: Contestant, offset: int, seconds: float, connections: int = CONNECTIONS
) -> Figures:
    """As many requests as go through in a time, over connections that are kept."""
    before, begun = contestant.running.cpu_seconds(), time.perf_counter()
    printed = run(
        [program("wrk"), "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s",
         "-s", str(LUA), f"http://127.0.0.1:{contestant.port}", "--",
         str(contestant.paths), str(offset)],
        timeout=seconds + 60,
    )  # fmt: skip
    cpu = contestant.running.cpu_seconds() - before
    busy = cpu / (time.perf_counter() - begun)
    _settled(contestant)
    line = next(line for line in printed.splitlines() if line.startswith("RESULT "))
    found: Figures = json.loads(line.removeprefix("RESULT "))
    found["rps"] = found["requests"] / found["seconds"]
    found["cpu_us"] = 1e6 * cpu / found["requests"] if found["requests"] else None
    found["busy"], found["connections"] = busy, connections
    return found


def _summary(rounds: list[Figures]) -> Figures:
    """Medians over the rounds."""
    kinds = ("rps", "cpu_us", "p50_ms", "p99_ms", "busy")
    known = {kind: [r[kind] for r in rounds if r[kind] is not None] for kind in kinds}
    medians = {kind: statistics.median(found) if found else None for kind, found in known.items()}
    return {**medians, "errors": sum(r["errors"] for r in rounds)}


def _paced(contestant: Contestant, offset: int, plan: Plan) -> Figures | None:
    """Latencies at a rate that all can take; null when this one could not."""
    try:
        printed = run(
            [sys.executable, "-m", "benchmarks.paced", str(contestant.port),
             str(contestant.paths), str(offset), str(plan.rate), str(plan.paced_seconds)],
            timeout=plan.paced_seconds + 60,
        )  # fmt: skip
    except NotMeasured:
        return None
    found = json.loads(printed)
    latencies = found["latencies_ms"]
    if not latencies:
        return None
    place = min(len(latencies) - 1, int(len(latencies) * 0.99))
    return {"p50": statistics.median(latencies), "p99": latencies[place], "bad": found["bad"]}


def starting(dataset: Path, plan: Plan) -> Figures:
    """From the start of the command to the first page of claims, interpreter included."""
    seconds = []
    for _ in range(plan.starts):
        port = free_port()
        env = {"CLAIMS_DATASET": str(dataset), "PORT": str(port), "WEB_CONCURRENCY": "1"}
        begun = time.perf_counter()
        with started("service, started", GUNICORN, env=env, core=None) as running:
            wait_until_ready(running, port, "/v1/claims?limit=1")
            seconds.append(time.perf_counter() - begun)
    return {"first_200_seconds": statistics.median(seconds), "all": seconds}


def memory_of_workers(dataset: Path, asked: int = 200) -> Figures:
    """What one more worker costs: the memory of three less that of one, halved."""
    found: Figures = {}
    for workers in (1, 3):
        with service(dataset, workers=workers, core=None) as (running, port):
            wait_until_ready(running, port, "/readyz")
            _ask_each_worker(running.pid, port, workers, asked)
            pids = tree(running.pid)
            found[str(workers)] = {"whole": memory(pids), "processes": len(pids)}
            found["one worker"] = memory([max(pids)])
    few, many = (found[n]["whole"] for n in ("1", "3"))
    found["extra"] = {kind: (many[kind] - few[kind]) / 2 for kind in few}
    return found


def _ask_each_worker(root: int, port: int, workers: int, asked: int) -> None:
    """Enough requests, each on a new connection, that every worker has had its share."""
    paths = ("/v1/claims?topic=field-%d", "/v1/claims?sort=-content&min_attribution=%d",
             "/v1/claims?kind=goal&horizon=20%02d", "/v1/agents/agent-%d")  # fmt: skip
    for number in range(asked * workers):
        fetch(port, paths[number % len(paths)] % (number % 15 + 10), timeout=60)
    assert len(tree(root)) > workers


def _cpu_of_export(running: Running, port: int, form: str, times: int) -> float:
    """Microseconds of processor time a claim that an export of the claims on a topic takes."""
    path = f"/v1/claims.{form}?topic=field-0&kind=goal"
    total = json.loads(fetch(port, f"{path.replace(f'.{form}', '')}&limit=1")[2])["meta"]["total"]
    command = [sys.executable, "-m", "benchmarks.download", str(port), path]
    run(command, timeout=300)  # the first brings the file into memory
    before = running.cpu_seconds()
    for _ in range(times):
        run(command, timeout=300)
    found: float = 1e6 * (running.cpu_seconds() - before) / (times * total)
    return found


WHOLE_FILES = ("claims.csv", "claims.csv.gz", "claims.ndjson.gz", "claims.parquet")
"""Exports that lie in the data set; ``claims.ndjson`` is measured by itself."""


def _rates(ports: tuple[int, int], dataset: Path, name: str, times: int) -> Figures:
    """Megabytes a second of a file from our service and from nginx, in turn."""
    if not (dataset / EXPORTS / name).exists():
        return {}
    found: dict[str, list[float]] = {"service": [], "nginx": []}
    paths = f"/v1/{name}", f"/{EXPORTS}/{name}"
    for _ in range(1 + times):  # the first brings the file into memory
        for server, port, path in zip(found, ports, paths, strict=True):
            command = [sys.executable, "-m", "benchmarks.download", str(port), path]
            one = json.loads(run(command, timeout=300))
            found[server].append(one["bytes"] / one["seconds"] / 1e6)
    return {server: statistics.median(rates[1:]) for server, rates in found.items()}


def export(dataset: Path, plan: Plan) -> Figures:
    """The whole data set from our service and from nginx, in turn; the file is in memory."""
    results: Figures = {"service": [], "nginx": []}
    with service(dataset) as (running, port), nginx_static(dataset, CLAIMS, "nginx, export") as web:
        wait_until_ready(running, port, "/readyz")
        for _ in range(1 + plan.exports):  # the first brings the file into memory
            for name, place, path in (
                ("service", port, "/v1/claims.ndjson"),
                ("nginx", web.port, f"/{CLAIMS}"),
            ):
                command = [sys.executable, "-m", "benchmarks.download", str(place), path]
                results[name].append(json.loads(run(command, timeout=300)))
        results["filtered_us_per_claim"] = {
            form: _cpu_of_export(running, port, form, plan.exports) for form in ("ndjson", "csv")
        }
        results["memory"] = running.memory()
        results["files_mb_per_s"] = {
            name: _rates((port, web.port), dataset, name, plan.exports) for name in WHOLE_FILES
        }
    for name in ("service", "nginx"):
        rates = [one["bytes"] / one["seconds"] / 1e6 for one in results[name][1:]]
        results[f"{name}_mb_per_s"] = statistics.median(rates)
    if results["service"][0]["bytes"] != results["nginx"][0]["bytes"]:
        raise NotMeasured("the export and the file differ in size")
    return results
