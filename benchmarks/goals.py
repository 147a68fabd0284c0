"""The table that must be reached: each goal, what this run measured, and whether that is enough."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.servers import BARE

Figures = dict[str, Any]
SERVICE, REPEATED = "this service, uncached", "this service, repeated"
MORE = "this service, more filters"
COUNTS = ("counts under a filter", "counts of everything", "counts repeated")


@dataclass(frozen=True)
class Row:
    """``held`` is None where nothing was measured; ``measured`` then says why.

    By its ``key`` a row finds what REMARKS.md says of it.
    """

    key: str
    what: str
    goal: str
    measured: str
    held: bool | None


class Absent(LookupError):
    """A figure that this run did not produce."""


def rows(figures: Figures) -> list[Row]:
    """Every row of the table, in its order."""
    return [row for make in _MAKERS for row in make(figures)]


def _row(key: str, what: str, goal: str, compute: Callable[[], tuple[str, bool]]) -> Row:
    try:
        return Row(key, what, goal, *compute())
    except Absent as absent:
        return Row(key, what, goal, f"not measured: {absent}", None)


def _need(tree: Any, *path: Any) -> Any:
    for step in path:
        if not isinstance(tree, dict) or tree.get(step) is None:
            raise Absent(" / ".join(str(part) for part in path))
        tree = tree[step]
    return tree


def sizes(figures: Figures) -> tuple[int, int]:
    """The smallest and the largest data set of the run."""
    found: list[int] = figures["settings"]["sizes"]
    return min(found), max(found)


def scale(claims: int) -> str:
    return f"{claims // 1_000_000}M" if claims >= 1_000_000 else f"{claims // 1_000}k"


def ratio(figures: Figures, size: int, first: str, second: str, kind: str) -> float:
    """The median over the rounds of one server's figure to another's in the same round."""
    pairs = [_need(figures, "http", str(size), name, "rounds") for name in (first, second)]
    found = [a[kind] / b[kind] for a, b in zip(*pairs, strict=True) if a[kind] and b[kind]]
    if not found:
        raise Absent(f"{first} or {second} answered nothing")
    median: float = statistics.median(found)
    return median


def _against_flask(figures: Figures) -> Iterator[Row]:
    small, large = sizes(figures)

    def uncached() -> tuple[str, bool]:
        found, more = (
            ratio(figures, large, name, "Flask, constant bytes", "rps") for name in (SERVICE, MORE)
        )
        return f"{found:.2f} at {scale(large)} (two or three filters: {more:.2f})", found >= 0.30

    def repeated() -> tuple[str, bool]:
        found = ratio(figures, small, REPEATED, BARE, "cpu_us")
        return f"{found:.2f}x", found <= 1.10

    def saturated() -> tuple[str, bool]:
        found = ratio(figures, large, SERVICE, BARE, "p99_ms")
        return f"{found:.1f}x at {scale(large)}", found <= 5

    yield _row(
        "flask",
        "uncached page, filter and exact total, vs Flask returning constant bytes, req/s",
        "≥ 0.30 at 1M",
        uncached,
    )
    yield _row(
        "bare-wsgi",
        "repeated page vs bare WSGI bytes, both under gunicorn's thread worker, CPU",
        "≤ 1.10x",
        repeated,
    )
    yield _row(
        "saturation",
        "uncached page vs bare WSGI bytes under saturation, 16 connections, p99",
        "≤ 5x",
        saturated,
    )


def _against_frameworks(figures: Figures) -> Iterator[Row]:
    small, _ = sizes(figures)
    peers = {"Flask, marshmallow": (6.0, 12.0), "FastAPI, pydantic": (1.5, 3.5)}
    for peer, least in peers.items():

        def compute(peer: str = peer, least: tuple[float, float] = least) -> tuple[str, bool]:
            found = [ratio(figures, small, peer, ours, "cpu_us") for ours in (SERVICE, REPEATED)]
            held = found[0] >= least[0] and found[1] >= least[1]
            text = f"{found[0]:.1f}x uncached, {found[1]:.1f}x repeated"
            if peer.startswith("Flask"):
                other = f"{peer}, looked up"
                more = [ratio(figures, small, other, o, "cpu_us") for o in (SERVICE, REPEATED)]
                text += f" (its claims looked up by topic: {more[0]:.1f}x, {more[1]:.1f}x)"
            return text, held

        goal = f"≥ {least[0]:g}x better uncached, ≥ {least[1]:g}x repeated"
        key = peer.rpartition(" ")[2]
        yield _row(key, f"page vs {peer}, CPU, {scale(small)} claims", goal, compute)


def _against_datasette(figures: Figures) -> Iterator[Row]:
    for size, least, meant in zip(sizes(figures), (20, 500), ("10k", "1M"), strict=True):

        def compute(size: int = size, least: int = least) -> tuple[str, bool]:
            found = [
                ratio(figures, size, SERVICE, peer, "rps")
                for peer in ("Datasette", "Datasette, no suggestions")
            ]
            text = f"{found[0]:.0f}x at {scale(size)} ({found[1]:.0f}x without facet suggestions)"
            return text, found[0] >= least

        key = f"datasette-{meant.lower()}"
        yield _row(key, "page vs Datasette, req/s, uncached", f"≥ {least}x at {meant}", compute)


def _nginx(figures: Figures) -> Iterator[Row]:
    small, _ = sizes(figures)

    def compute() -> tuple[str, bool]:
        found = ratio(figures, small, "nginx, cache", "nginx, static file", "rps")
        cpu = ratio(figures, small, "nginx, cache", "nginx, static file", "cpu_us")
        return f"{found:.2f} (CPU {cpu:.2f}x)", found >= 0.85

    what = "nginx as cache (configuration: deploy/nginx.conf) vs nginx static, req/s"
    yield _row("nginx", what, "≥ 0.85", compute)


def _queries(figures: Figures) -> Iterator[Row]:
    small, large = sizes(figures)

    def asked(size: int, engine: str) -> dict[str, Figures]:
        found: dict[str, Figures] = _need(figures, "queries", str(size), engine)
        return {kind: value for kind, value in found.items() if kind not in COUNTS}

    def slowest() -> tuple[str, bool]:
        kinds = asked(large, "ours")
        worst = max(kinds, key=lambda kind: kinds[kind]["p99"])
        return f"{kinds[worst]['p99']:.1f} ms ({worst})", kinds[worst]["p99"] <= 10

    def better() -> tuple[str, bool]:
        ours, theirs = asked(large, "ours"), asked(large, "postgres")
        lost = [
            f"{kind} ({ours[kind][q]:.2f} to {theirs[kind][q]:.2f} ms, {q})"
            for kind in theirs
            for q in ("p50", "p99")
            if ours[kind][q] >= theirs[kind][q]
        ]
        held = not [kind for kind in lost if not kind.startswith("cursor in the middle")]
        return ("slower: " + "; ".join(lost)) if lost else "on every kind", held

    def growth() -> tuple[str, bool]:
        few, many = asked(small, "ours"), asked(large, "ours")
        found = {kind: many[kind]["p99"] / few[kind]["p99"] for kind in few}
        worst = max(found, key=lambda kind: found[kind])
        return f"{found[worst]:.0f} ({worst})", found[worst] <= 50

    at = scale(large)
    what = f"slowest non-count query at {at}, in process, warm p99"
    yield _row("queries", what, "≤ 10 ms at 1M", slowest)
    yield _row(
        "postgresql",
        f"queries at {at} vs PostgreSQL 15",
        "better on every kind but the bare cursor",
        better,
    )
    yield from _counts(figures, large)
    what = f"p99 at {at} / p99 at {scale(small)}, worst kind"
    yield _row("growth", what, "≤ 50 (1M to 10k)", growth)


def _counts(figures: Figures, large: int) -> Iterator[Row]:
    def compute() -> tuple[str, bool]:
        found = _need(figures, "queries", str(large), "ours")
        by, again = found["counts of everything"]["by"], found["counts repeated"]
        worst = max(by, key=lambda name: by[name])
        where = "response cache" if again["from_cache"] else "no cache"
        text = f"first {by[worst]:.0f} ms ({worst}), repeated {again['p50']:.3f} ms ({where})"
        return text, by[worst] <= 100 and again["p50"] <= 0.1

    goal = "first ≤ 100 ms, repeated ≤ 0.1 ms at 1M"
    yield _row("counts", f"counts of all claims at {scale(large)} (not split)", goal, compute)


def _starting(figures: Figures) -> Iterator[Row]:
    _, large = sizes(figures)

    def start() -> tuple[str, bool]:
        found = _need(figures, "start", str(large), "first_200_seconds")
        return f"{found:.2f} s at {scale(large)}, interpreter included", found <= 1

    def extra() -> tuple[str, bool]:
        found = _need(figures, "memory", str(large), "extra", "anonymous")
        return f"{found:.0f} MB at {scale(large)}", found <= 64

    def export() -> tuple[str, bool]:
        found = _need(figures, "export", str(large))
        share = found["service_mb_per_s"] / found["nginx_mb_per_s"]
        rates = f"{found['service_mb_per_s']:.0f} and {found['nginx_mb_per_s']:.0f} MB/s"
        return f"{share:.2f} ({rates})", share >= 0.8

    def filtered() -> tuple[str, bool]:
        found = _need(figures, "export", str(large), "filtered_us_per_claim")
        share = found["csv"] / found["ndjson"]
        return (
            f"{share:.1f}x ({found['csv']:.0f} and {found['ndjson']:.1f} µs a claim)",
            share <= 10,
        )

    def files() -> tuple[str, bool]:
        found = _need(figures, "export", str(large), "files_mb_per_s")
        shares = {name: each["service"] / each["nginx"] for name, each in found.items() if each}
        told = ", ".join(f"{name} {share:.2f}" for name, share in shares.items())
        return told, min(shares.values()) >= 0.8

    what = f"full NDJSON export at {scale(large)} vs nginx sendfile, MB/s"
    yield _row("start", "worker start to the first 200", "≤ 1 s at 1M", start)
    yield _row("memory", "anonymous memory per extra worker", "≤ 64 MB at 1M", extra)
    yield _row("export", what, "≥ 0.8", export)
    what = f"other whole exports at {scale(large)} vs nginx sendfile, MB/s"
    yield _row("whole-files", what, "≥ 0.8 each", files)
    what = f"filtered CSV export vs filtered NDJSON export at {scale(large)}, CPU a claim"
    yield _row("filtered-export", what, "≤ 10x", filtered)


def _builds(figures: Figures) -> Iterator[Row]:
    goals: tuple[tuple[str, float, float], ...] = (("100000", 25, 0), ("1000000", 240, 4000))
    for size, most, megabytes in goals:

        def compute(
            size: str = size, most: float = most, megabytes: float = megabytes
        ) -> tuple[str, bool]:
            if int(size) not in figures["settings"]["sizes"]:
                raise Absent(f"this run had no data set of {scale(int(size))}")
            found = _need(figures, "builds", size)
            if "error" in found:
                raise Absent(found["error"])
            held = found["seconds"] <= most and (not megabytes or found["peak_mb"] <= megabytes)
            return f"{found['seconds']:.1f} s, {found['peak_mb']:.0f} MB", held

        goal = f"≤ {most:g} s" + (f" and ≤ {megabytes / 1000:g} GB" if megabytes else "")
        key = f"build-{scale(int(size)).lower()}"
        yield _row(key, f"validated build, {scale(int(size))}", goal, compute)


_MAKERS = (
    _against_flask,
    _against_frameworks,
    _against_datasette,
    _nginx,
    _queries,
    _starting,
    _builds,
)
