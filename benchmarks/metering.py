"""What questions to a cluster cost, in processor time of its nodes and of this process."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from benchmarks.questions import Asker, Question
from service.store.opensearch.store import OpenSearchStore
from service.store.protocol import Store
from tests.opensearch.cluster import Cluster


class Size(NamedTuple):
    """A data set in both stores, and what they are asked."""

    claims: int
    far: OpenSearchStore
    near: Store
    asker: Asker


@dataclass
class Sum:
    """What some questions of one kind cost: seconds of the nodes, of the client, of the store in
    this process, and how long each was waited for.
    """

    number: int = 0
    cluster: float = 0.0
    client: float = 0.0
    near: float = 0.0
    waited: list[float] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """In milliseconds for each."""
        parts = {"cluster": self.cluster, "client": self.client, "near": self.near}
        told = {f"{name}_cpu_ms": _milliseconds(each, self.number) for name, each in parts.items()}
        return {**told, "p50_ms": round(1000 * statistics.median(self.waited), 2)}


def _milliseconds(seconds: float, number: int) -> float:
    return round(1000 * seconds / number, 3)


class Meter:
    """Processor time of the nodes and of this process with its children, and time that passes."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def read(self) -> tuple[float, float, float]:
        return self._cluster.cpu_seconds, _own_seconds(), time.perf_counter()

    @contextmanager
    def over(self, number: int, told: dict[str, Any]) -> Iterator[None]:
        """Puts into ``told`` the milliseconds for each of ``number`` things done in the block."""
        before = self.read()
        yield
        spent = (after - begun for after, begun in zip(self.read(), before, strict=True))
        for name, seconds in zip(("cluster_cpu", "client_cpu", "passed"), spent, strict=True):
            told[f"{name}_ms"] = _milliseconds(seconds, number)


def _own_seconds() -> float:
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def ask(store: Store, question: Question) -> object:
    if question.by:
        return store.counts(question.query, question.by)
    if question.identifier:
        return store.get(question.identifier)
    return store.search(question.query)


def measured(
    meter: Meter, size: Size, asked: Sequence[Question], into: Sum
) -> list[tuple[object, object]]:
    """The answers of both stores; adds to a sum what they cost."""
    cluster, client, _ = meter.read()
    far = [_waited(size.far, question, into.waited) for question in asked]
    after = meter.read()
    near = [ask(size.near, question) for question in asked]
    into.number += len(asked)
    into.cluster += after[0] - cluster
    into.client += after[1] - client
    into.near += meter.read()[1] - after[1]
    return list(zip(far, near, strict=True))


def _waited(store: Store, question: Question, waited: list[float]) -> object:
    begun = time.perf_counter()
    answer = ask(store, question)
    waited.append(time.perf_counter() - begun)
    return answer
