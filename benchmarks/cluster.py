"""What a cluster costs beside one machine, in processor time: ``python -m benchmarks.cluster``.

Starts three nodes of OpenSearch, loads synthetic data sets, and asks both stores the same things.
Processor time of the nodes is read from the system, so that other work on the machine does not
count; seconds that somebody waits are told too, and mean something on a quiet machine alone.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any

from benchmarks.generate import generate
from benchmarks.questions import Asker, Question
from service.compiler import build_dataset
from service.store.dataset_format import CHANGES, CLAIMS
from service.store.opensearch.door import Address, Door
from service.store.opensearch.publishing import Publisher
from service.store.opensearch.store import OpenSearchStore, open_store
from service.store.protocol import Store
from service.store.tantivy.store import open_store as open_directory
from tests.opensearch.cluster import ARTEFACTS, Cluster, missing

ASKED, WARM = 60, 20
"""Questions of a kind that are measured, and those before them that are not."""
SHARDS = 3


class Meter:
    """Processor time of the nodes and of this process, and the time that passes."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def read(self) -> tuple[float, float, float]:
        used = resource.getrusage(resource.RUSAGE_SELF)
        return self._cluster.cpu_seconds, used.ru_utime + used.ru_stime, time.perf_counter()

    @contextmanager
    def over(self, number: int, told: dict[str, Any]) -> Iterator[None]:
        """Puts into ``told`` the milliseconds for each of ``number`` things done in the block."""
        before = self.read()
        yield
        spent = (after - begun for after, begun in zip(self.read(), before, strict=True))
        for name, seconds in zip(("cluster_cpu", "client_cpu", "passed"), spent, strict=True):
            told[f"{name}_ms"] = round(1000 * seconds / number, 3)


def ask(store: Store, question: Question) -> object:
    if question.by:
        return store.counts(question.query, question.by)
    if question.identifier:
        return store.get(question.identifier)
    return store.search(question.query)


def measured(meter: Meter, each: Callable[[Question], object], asked: list[Question]) -> Any:
    told: dict[str, Any] = {}
    for question in asked[:WARM]:
        each(question)
    waited = []
    with meter.over(len(asked[WARM:]), told):
        for question in asked[WARM:]:
            begun = time.perf_counter()
            each(question)
            waited.append(1000 * (time.perf_counter() - begun))
    return {**told, "p50_ms": round(statistics.median(waited), 2)}


def loaded(cluster: Cluster, meter: Meter, place: Path) -> tuple[OpenSearchStore, dict[str, Any]]:
    """A store over a data set in the cluster, and what it cost to put it there."""
    address, near = Address(tuple(cluster.urls), seconds=60.0), open_directory(place)
    total = near.dataset.counts["claims"]
    told: dict[str, Any] = {}
    with meter.over(total, told):
        publisher = Publisher(place, address, near)
        how = {"shards": SHARDS, "replicas": 0}
        name = publisher.publish(lambda _: None, lambda items, **_: items, **how).index
    stats = cluster.ask("GET", f"/{name},{name}-record/_stats/store")["indices"]
    sizes = {each: stats[each]["primaries"]["store"]["size_in_bytes"] for each in stats}
    told["index_bytes"] = round(sizes[name] / total)
    told["record_bytes"] = round(sizes[f"{name}-record"] / total)
    told["data_bytes"] = round(((place / CLAIMS).stat().st_size) / total)
    told["change_bytes"] = round(((place / CHANGES).stat().st_size) / total)
    return open_store(Door(address), name), told


def compared(cluster: Cluster, home: Path, claims: int, warm_up: int) -> dict[str, Any]:
    """Every kind of question to both stores, after so many that nobody measures: a JVM takes some
    thousands until it has compiled what it needs, and five times as long for each until then.
    """
    meter = Meter(cluster)
    generate(home / f"fixtures-{claims}", claims)
    place = build_dataset(home / f"fixtures-{claims}", home / "built", durable=False)
    far, told = loaded(cluster, meter, place)
    rows: dict[str, Any] = {"loading, each claim": told}
    near, asker = open_directory(place), Asker(place / CLAIMS)
    streams = [asker.questions(kind) for kind in asker.kinds]
    for question in islice(chain.from_iterable(zip(*streams, strict=True)), warm_up):
        ask(far, question)
    for kind in asker.kinds:
        asked = list(islice(asker.questions(kind), ASKED + WARM))
        right = [ask(near, question) for question in asked]
        equal = sum(ask(far, each) == answer for each, answer in zip(asked, right, strict=True))
        rows[kind] = {
            "equal": f"{equal} of {len(asked)}",
            "far": measured(meter, lambda question: ask(far, question), asked),
            "near": measured(meter, lambda question: ask(near, question), asked),
        }
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, nargs="+", default=[20_000, 200_000])
    parser.add_argument("--warm-up", type=int, default=5_000)
    options = parser.parse_args()
    if reason := missing():
        print(f"NOT MEASURED: {reason}", file=sys.stderr)
        return 3
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="measured-", dir=ARTEFACTS) as home:
        cluster = Cluster.start(Path(home) / "nodes", quick=False)
        try:
            for claims in options.claims:
                rows = compared(cluster, Path(home), claims, options.warm_up)
                rows["memory of the nodes, MB"] = round(cluster.resident_bytes / 1e6)
                print(json.dumps({str(claims): rows}, indent=1))
        finally:
            cluster.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
