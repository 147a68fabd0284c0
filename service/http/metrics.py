"""Prometheus metrics; loaded only where the ``metrics`` extra is installed.

Counts of several workers are added up by prometheus-client's multiprocess mode, where
``PROMETHEUS_MULTIPROC_DIR`` names a directory.
"""

from __future__ import annotations

import datetime as dt
import functools
import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_accept_header

from service.http.problem_types import PROBLEM_TYPE, PROBLEMS
from service.store.protocol import DatasetUnavailable

if TYPE_CHECKING:
    from werkzeug.routing import Map

    from service.http.front import Exchange
    from service.store.provider import Provider

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Bounds of the histogram: an answer from the cache takes a tenth of a millisecond, the export of a
large data set seconds."""
_COUNTERS = (
    (
        "claims_http_requests",
        "Answers given, those of the response cache included.",
        ("route", "method", "status"),
    ),
    ("claims_response_cache_hits", "Answers that were kept from an earlier request.", ("route",)),
    (
        "claims_http_problems",
        "Requests that were refused or failed, by the problem type of the answer.",
        ("type",),
    ),
    (
        "claims_dataset_loads",
        "Data sets that were opened, or refused, after the first one was looked for.",
        ("result",),
    ),
)
"""Name, description and labels."""
STATES = ("ready", "degraded", "unavailable")
"""Of the data set, as ``/readyz`` shows them; "unavailable" is a 503 there."""
LOADED = ("opened", "refused")
"""What becomes of a data set that is published while the service runs."""
_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
_MAX_ACCEPT = 512
"""Characters of ``Accept`` that are read. What Prometheus sends is shorter."""
_MAX_MEMOISED = 128
"""Characters. Paths of the service are shorter; the route of a longer one is looked up each time,
so that what is remembered stays small whatever is sent."""


def _prefers_openmetrics(accept: str) -> bool:
    """Whether OpenMetrics is wanted more than the text format, in any version of either. The
    library's own choice fails on versions that are no numbers, and repeats them.
    """
    wanted: dict[str, float] = {}
    for kind, quality in parse_accept_header(accept[:_MAX_ACCEPT]):
        name = kind.partition(";")[0].strip().lower()
        wanted[name] = max(wanted.get(name, 0.0), quality)
    return wanted.get("application/openmetrics-text", 0) > wanted.get("text/plain", 0)


class Metrics(Collector):
    """What is counted, in this process or for all workers of a server together; and, as a
    collector, which data set this worker answers from.
    """

    def __init__(self, provider: Provider, url_map: Map) -> None:
        self._provider, self._routes = provider, url_map.bind("")
        self._registry = CollectorRegistry()
        counters = [
            Counter(name, about, labels, registry=self._registry)
            for name, about, labels in _COUNTERS
        ]
        self._requests, self._hits, self._problems, self._loads = counters
        self._seconds = Histogram(
            "claims_http_request_duration_seconds",
            "Seconds from the request to the last byte of the answer.",
            ("route",),
            registry=self._registry,
            buckets=_SECONDS,
        )
        self._in_flight = Gauge(
            "claims_http_requests_in_flight",
            "Requests that are being answered.",
            registry=self._registry,
            multiprocess_mode="livesum",
        )
        provider.on_load = lambda result: self._loads.labels(result).inc()
        self._begin_at_zero()
        self._memoised_route = functools.lru_cache(maxsize=1024)(self._route)
        # Looking them up by their labels would cost more than counting does; the labels are few.
        self._children = functools.cache(self._labelled)

    def _begin_at_zero(self) -> None:
        """Makes the series that alarms are set on before anything is counted: in one that begins
        at 1 no increase is seen (prometheus.io, "Avoid missing metrics").
        """
        for result in LOADED:
            self._loads.labels(result)
        for slug in PROBLEMS:
            self._problems.labels(slug)

    def exposition(self, accept: str) -> tuple[bytes, str]:
        """Everything in the form that ``Accept`` asks for, OpenMetrics or else the Prometheus text
        format, and the media type of that.
        """
        registry = CollectorRegistry()
        registry.register(self)
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        else:
            registry.register(self._registry)
        if _prefers_openmetrics(accept):
            text: bytes = openmetrics.generate_latest(registry)  # type: ignore[no-untyped-call]
            return text, openmetrics.CONTENT_TYPE_LATEST
        return generate_latest(registry), PROMETHEUS

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The data set, of which there is nothing but its state while there is none."""
        try:
            active = self._provider.active()
            state = "degraded" if active.refused else "ready"
        except DatasetUnavailable:
            active, state = None, "unavailable"
        states = GaugeMetricFamily(
            "claims_dataset_state",
            "Whether the newest data set is served, an older one, or none: one of them is 1.",
            labels=["state"],
        )
        for each in STATES:
            states.add_metric([each], each == state)
        yield states
        if active is None:
            return
        dataset = active.store.dataset
        info = GaugeMetricFamily(
            "claims_dataset_info", "The data set that is served.", labels=["version"]
        )
        info.add_metric([dataset.version], 1)
        yield info
        age = int(time.time() - dt.datetime.fromisoformat(dataset.built_at).timestamp())
        yield GaugeMetricFamily(
            "claims_dataset_age_seconds", "Seconds since the data set was built.", value=age
        )

    def begin(self) -> None:
        """Counts a request that comes in."""
        self._in_flight.inc()

    def count(self, exchange: Exchange) -> None:
        """Counts one answer."""
        self._in_flight.dec()
        if slug := exchange.environ.get(PROBLEM_TYPE):
            self._problems.labels(slug).inc()
        path, method = exchange.environ.get("PATH_INFO", ""), exchange.environ["REQUEST_METHOD"]
        route = self._route(path) if len(path) > _MAX_MEMOISED else self._memoised_route(path)
        requests, duration, hits = self._children(
            route, method if method in _METHODS else "other", exchange.status
        )
        requests.inc()
        duration.observe(exchange.seconds())
        if exchange.cached:
            hits.inc()

    def _route(self, path: str) -> str:
        """The route of a path: as many as operations, while paths are endless."""
        try:
            rule, _ = self._routes.match(path, return_rule=True)
        except HTTPException:
            return "none"
        return rule.rule

    def _labelled(self, route: str, method: str, status: str) -> tuple[Counter, Histogram, Counter]:
        requests = self._requests.labels(route, method, status)
        return requests, self._seconds.labels(route), self._hits.labels(route)
