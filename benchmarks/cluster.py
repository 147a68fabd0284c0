"""What a cluster costs beside one machine, in processor time: ``python -m benchmarks.cluster``.

Starts three nodes of OpenSearch, loads synthetic data sets of several sizes, and asks both stores
the same things of all sizes in turn, so that other work on the machine falls on each alike.
Processor time of the nodes is read from the system; seconds that somebody waits are told too, and
mean something on a quiet machine alone. Answers are compared. Counts are never taken from the
engine's cache, which keeps those of before.
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import signal
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.generate import generate
from benchmarks.metering import Meter, Size, Sum, ask, measured
from benchmarks.questions import EVERYTHING, Asker, Question
from schemas.query import ClaimQuery
from service.compiler import build_dataset
from service.store.dataset_format import CHANGES, CLAIMS
from service.store.opensearch.counts import PAGE_OF_GROUPS
from service.store.opensearch.door import Address, Door
from service.store.opensearch.publishing import Publisher
from service.store.opensearch.store import OpenSearchStore, open_store
from service.store.tantivy.store import open_store as open_directory
from tests.opensearch.cluster import ARTEFACTS, Cluster, missing

ASKED, COUNTED = 20, 2
"""Questions of a kind in each round, and counts of all claims."""
IDLE_SECONDS = 10.0
GROUPS_OF_TWO = ("topic", "horizon")


def loaded(
    cluster: Cluster, meter: Meter, place: Path, shards: int, loaders: int
) -> tuple[OpenSearchStore, dict[str, Any]]:
    """A store over a data set in the cluster, and what it cost to put it there."""
    address, near = Address(tuple(cluster.urls), seconds=60.0), open_directory(place)
    total = near.dataset.counts["claims"]
    told: dict[str, Any] = {}
    with meter.over(total, told):
        publisher = Publisher(place, address, near)
        how = {"shards": shards, "replicas": 0, "loaders": loaders, "kept": 9}
        name = publisher.publish(lambda _: None, lambda items, **_: items, **how).index
    stats = cluster.ask("GET", f"/{name},{name}-record/_stats/store")["indices"]
    sizes = {each: stats[each]["primaries"]["store"]["size_in_bytes"] for each in stats}
    told["index_bytes"] = round(sizes[name] / total)
    told["record_bytes"] = round(sizes[f"{name}-record"] / total)
    told["data_bytes"] = round(((place / CLAIMS).stat().st_size) / total)
    told["change_bytes"] = round(((place / CHANGES).stat().st_size) / total)
    cluster.ask("PUT", f"/{name}/_settings", json={"index.requests.cache.enable": False})
    return open_store(Door(address), name), told


def built(home: Path, claims: int) -> Path:
    fixtures = home / f"fixtures-{claims}"
    generate(fixtures, claims)
    place = build_dataset(fixtures, home / "built", durable=False)
    shutil.rmtree(fixtures)
    return place


def _streams(asker: Asker) -> dict[str, Iterator[Question]]:
    """Questions of each kind, without end."""
    drawn = {kind: asker.questions(kind) for kind in asker.kinds}
    counted = {
        f"all, by {' and '.join(by)}": itertools.repeat(Question(ClaimQuery(), by))
        for by in EVERYTHING
    }
    return drawn | counted


def _number(kind: str) -> int:
    return COUNTED if kind.startswith("all, by ") else ASKED


def compared(meter: Meter, sizes: Sequence[Size], rounds: int) -> dict[int, dict[str, Any]]:
    """Every kind of question to both stores, the sizes in turn in each round."""
    streams = {size.claims: _streams(size.asker) for size in sizes}
    sums: dict[tuple[int, str], Sum] = defaultdict(Sum)
    equal: dict[tuple[int, str], int] = defaultdict(int)
    for _ in range(rounds):
        for kind, size in itertools.product(streams[sizes[0].claims], sizes):
            asked = list(itertools.islice(streams[size.claims][kind], _number(kind)))
            place = size.claims, kind
            answers = measured(meter, size, asked, sums[place])
            equal[place] += sum(far == near for far, near in answers)
    rows: dict[int, dict[str, Any]] = defaultdict(dict)
    for (claims, kind), total in sums.items():
        same = f"{equal[claims, kind]} of {total.number}"
        rows[claims][kind] = {"equal": same, **total.told()}
    return rows


def page_of_groups(meter: Meter, size: Size, door: Door, rounds: int) -> dict[str, Any]:
    """What one page of a count costs that has too many groups to be counted at once."""
    sources = [{name: {"terms": {"field": name}}} for name in GROUPS_OF_TWO]
    groups = {"composite": {"size": PAGE_OF_GROUPS, "sources": sources}}
    told: dict[str, Any] = {}
    with meter.over(rounds, told):
        for _ in range(rounds):
            door.searches(size.far.index, [{"size": 0, "aggs": {"groups": groups}}])
    return told


def slopes(rows: dict[int, dict[str, Any]]) -> dict[str, float]:
    """Nanoseconds of the nodes that a question costs more for each further claim, from the largest
    data set and the one before it.
    """
    if len(rows) == 1:
        return {}
    small, large = sorted(rows)[-2:]
    names = [kind for kind in rows[large] if "cluster_cpu_ms" in rows[large][kind]]
    more = {k: rows[large][k]["cluster_cpu_ms"] - rows[small][k]["cluster_cpu_ms"] for k in names}
    return {kind: round(1e6 * each / (large - small), 2) for kind, each in more.items()}


def restarted(cluster: Cluster, sizes: Sequence[Size]) -> dict[str, Any]:
    """What it takes until all nodes are there again, and until each data set has answered."""
    for node in cluster.nodes:
        node.stop(signal.SIGTERM)
    begun = time.perf_counter()
    for node in cluster.nodes:
        cluster.start_node(node)
    cluster.wait()
    told: dict[str, Any] = {"seconds": round(time.perf_counter() - begun, 1)}
    for size in sizes:
        begun = time.perf_counter()
        size.far.search(ClaimQuery())
        told[f"first page of {size.claims}, seconds"] = round(time.perf_counter() - begun, 2)
    return {**told, "cluster_cpu_seconds": round(cluster.cpu_seconds, 1)}


def figures(options: argparse.Namespace, cluster: Cluster, home: Path) -> dict[str, Any]:
    meter, door = Meter(cluster), Door(Address(tuple(cluster.urls), seconds=60.0))
    sizes, loads = [], {}
    for number in options.claims:
        place = options.built.get(number) or built(home, number)
        far, loads[number] = loaded(cluster, meter, place, options.shards, options.loaders)
        print(json.dumps({"loading, each claim": {number: loads[number]}}), flush=True)
        sizes.append(Size(number, far, open_directory(place), Asker(place / CLAIMS)))
    idle: dict[str, Any] = {}
    with meter.over(int(IDLE_SECONDS), idle):
        time.sleep(IDLE_SECONDS)
    _warm_up(sizes, options.warm_up)
    rows = compared(meter, sizes, options.rounds)
    for size in sizes:
        groups = page_of_groups(meter, size, door, options.rounds)
        rows[size.claims] |= {"page of groups": groups, "loading, each claim": loads[size.claims]}
    memory = round(cluster.resident_bytes / 1e6)
    return {
        "shards": options.shards,
        "claims": {str(claims): told for claims, told in rows.items()},
        "ns for each further claim": slopes(rows),
        "idle nodes, each second": idle,
        "memory of the nodes, MB": memory,
        "restart": restarted(cluster, sizes),
    }


def _warm_up(sizes: Sequence[Size], number: int) -> None:
    """So many questions that nobody measures: a JVM takes some thousands until it has compiled what
    it needs, and five times as long for each until then.
    """
    streams = [
        (size.far, size.asker.questions(kind)) for size in sizes for kind in size.asker.kinds
    ]
    for far, stream in itertools.islice(itertools.cycle(streams), number):
        ask(far, next(stream))


def _place(text: str) -> tuple[int, Path]:
    number, _, place = text.partition("=")
    return int(number), Path(place)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, nargs="+", default=[20_000, 200_000])
    there = "a data set of so many synthetic claims that was built before"
    parser.add_argument(
        "--built", type=_place, action="append", default=[], metavar="N=DIR", help=there
    )
    parser.add_argument("--shards", type=int, default=3)
    parser.add_argument("--loaders", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--warm-up", type=int, default=5_000)
    parser.add_argument("--home", type=Path, default=ARTEFACTS, help="where there is room")
    options = parser.parse_args()
    options.built = dict(options.built)
    if reason := missing():
        print(f"NOT MEASURED: {reason}", file=sys.stderr)
        return 3
    options.home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="measured-", dir=options.home) as home:
        cluster = Cluster.start(Path(home) / "nodes", quick=False)
        try:
            print(json.dumps(figures(options, cluster, Path(home)), indent=1))
        finally:
            cluster.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
