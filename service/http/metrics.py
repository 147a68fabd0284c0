"""Prometheus metrics, where the ``metrics`` extra is installed.

Where it is not, nothing of this is loaded and no request passes through it.
"""

from __future__ import annotations

import datetime as dt
import functools
import os
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from werkzeug.wsgi import ClosingIterator

from schemas.dataset import DatasetInfo

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_SECONDS = (
    *(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05),
    *(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
"""Bounds of the histogram: an answer from the cache takes a tenth of a millisecond, the export of a
large data set seconds."""
_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FROM_CACHE = "cache;"
"""How ``Server-Timing`` begins for an answer that was kept."""

About = Callable[[], DatasetInfo | None]


class _AboutDataset(Collector):
    """The data set that this worker answers from, as it is when it is asked for."""

    def __init__(self, about: About) -> None:
        self._about = about

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Nothing while there is no data set."""
        dataset = self._about()
        if dataset is None:
            return
        info = GaugeMetricFamily(
            "claims_dataset_info", "The data set that is served.", labels=["version"]
        )
        info.add_metric([dataset.version], 1)
        yield info
        built = dt.datetime.fromisoformat(dataset.built_at).timestamp()
        yield GaugeMetricFamily(
            "claims_dataset_age_seconds",
            "Seconds since the data set was built.",
            value=int(time.time() - built),
        )


class Metrics:
    """What is counted, in this process or for all workers of a server together."""

    def __init__(self, about: About) -> None:
        own = CollectorRegistry()
        self._registry = own
        self._about = _AboutDataset(about)
        self._requests = Counter(
            "claims_http_requests",
            "Answers given, those of the response cache included.",
            ["route", "method", "status"],
            registry=own,
        )
        self._seconds = Histogram(
            "claims_http_request_duration_seconds",
            "Seconds from the request to the last byte of the answer.",
            ["route"],
            buckets=_SECONDS,
            registry=own,
        )
        self._hits = Counter(
            "claims_response_cache_hits",
            "Answers that were kept from an earlier request.",
            ["route"],
            registry=own,
        )
        # Looking them up by their labels would cost more than counting does; the labels are few.
        self._of = functools.cache(self._counts_of)

    def exposition(self) -> bytes:
        """Everything in the Prometheus text format."""
        asked = CollectorRegistry()
        asked.register(self._about)
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:  # set by the server: several processes
            return generate_latest(self._registry) + generate_latest(asked)
        MultiProcessCollector(asked)  # type: ignore[no-untyped-call]
        return generate_latest(asked)

    def count(self, route: str, method: str, status: str, seconds: float, *, hit: bool) -> None:
        """Counts one answer."""
        counts = self._of(route, method if method in _METHODS else "other", status)
        counts[0].inc()
        counts[1].observe(seconds)
        if hit:
            counts[2].inc()

    def _counts_of(
        self, route: str, method: str, status: str
    ) -> tuple[Counter, Histogram, Counter]:
        return (
            self._requests.labels(route, method, status),
            self._seconds.labels(route),
            self._hits.labels(route),
        )


class Measured:
    """Counts every answer, whoever gave it; the outermost of the WSGI applications."""

    def __init__(
        self, app: WSGIApplication, metrics: Metrics, route_of: Callable[[str], str]
    ) -> None:
        self._app, self._metrics = app, metrics
        self._route_of = functools.lru_cache(maxsize=4096)(route_of)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        seen: dict[str, Any] = {"status": "0", "hit": False}

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            timing = next((v for n, v in reversed(headers) if n == "Server-Timing"), "")
            seen.update(status=status[:3], hit=timing.startswith(_FROM_CACHE))
            return start_response(status, headers, exc_info)

        def count() -> None:
            route = self._route_of(environ.get("PATH_INFO", ""))
            self._metrics.count(
                route, environ["REQUEST_METHOD"], seconds=time.perf_counter() - started, **seen
            )

        return ClosingIterator(self._app(environ, start), [count])
