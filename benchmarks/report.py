"""The figures as a page: the goals first, then everything that was measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import chart, goals
from benchmarks.goals import scale
from benchmarks.plan import Plan

Figures = dict[str, Any]
REMARKS = Path(__file__).with_name("REMARKS.md")
"""Written by hand: of the goals, by their keys, why one is missed and what was tried."""


def page(figures: Figures) -> str:
    """RESULTS.md."""
    parts = [
        "# What was measured",
        "",
        "Written by `make bench`; the raw figures are in [results.json](results.json).",
        "",
        *_about(figures),
        *_goals(figures),
        *_missed(figures),
        *_http(figures),
        *_queries(figures),
        *_rest(figures),
        *_missing(figures),
    ]
    return "\n".join(parts) + "\n"


def picture(figures: Figures) -> str | None:
    """The chart of processor time per page on the smallest data set."""
    size = str(goals.sizes(figures)[0])
    servers = figures["http"].get(size, {})
    values = {name: found["cpu_us"] for name, found in servers.items() if found.get("cpu_us")}
    if not values:
        return None
    title = f"Processor time per page of 25 claims, {scale(int(size))} claims (less is better)"
    return chart.bars(title, "µs", values, "this service")


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for line in lines:
        yield "| " + " | ".join(line) + " |"
    yield ""


def _number(value: float | None, digits: int = 1) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.{digits}f}"


def _about(figures: Figures) -> Iterator[str]:
    told = {**figures["machine"], **figures["versions"]}
    told |= {"state of the project": figures["revision"], "date": figures["date"]}
    told["sizes"] = ", ".join(f"{size:,} claims" for size in figures["settings"]["sizes"])
    yield from _table(("", ""), told.items())
    plan = Plan(**{**figures["settings"], "sizes": tuple(figures["settings"]["sizes"])})
    yield (
        f"Every server has one process on one core; the client has the other. All are running at "
        f"once and are asked in turn, {plan.rounds} rounds of {plan.round_seconds} s each over 16 "
        "kept connections (wrk), after a warm-up. Processor time is that of the server's whole "
        "tree of processes, divided by the answers; ratios are taken within a round, then their "
        f"median. The fixed rate is {plan.rate:g} requests a second, latencies counted from the "
        "moment a request was due."
    )
    yield ""


def _goals(figures: Figures) -> Iterator[str]:
    yield from ("## Goals", "")
    said = {True: "yes", False: "**no**", None: "–"}
    yield from _table(
        ("", "goal", "measured", "reached"),
        [(row.what, row.goal, row.measured, said[row.held]) for row in goals.rows(figures)],
    )


def _missed(figures: Figures) -> Iterator[str]:
    """What is known of each goal that was missed, from REMARKS.md; then what holds in general."""
    remarks = sections(REMARKS.read_text(encoding="utf-8"))
    missed = [row for row in goals.rows(figures) if row.held is False]
    if missed:
        yield from ("## Goals that were missed", "")
    for row in missed:
        yield f"**{row.what}**: {row.measured}, for a goal of {row.goal}."
        yield from (remarks.get(row.key, "Not looked into yet."), "")
    yield from ("## What it took", "", remarks["in general"], "")


def sections(text: str) -> dict[str, str]:
    """The parts of a page by their headings of the second level."""
    parts = (part.partition("\n") for part in f"\n{text}".split("\n## ")[1:])
    return {heading.strip(): content.strip() for heading, _, content in parts}


def _http(figures: Figures) -> Iterator[str]:
    for size, servers in figures["http"].items():
        yield from (f"## Over HTTP, {int(size):,} claims", "")
        if int(size) == goals.sizes(figures)[0]:
            yield from ("![Processor time per page](results.svg)", "")
        head = ("a page of 25 claims", "bytes", "CPU, µs", "req/s", "p50, ms", "p99, ms",
                "fixed rate: p50", "p99", "resident, MB", "anonymous, MB", "errors")  # fmt: skip
        yield from _table(head, [_server(name, found) for name, found in servers.items()])
        yield (
            "Uncached: each request asks for another page of one topic, with its total, so that "
            "no kept answer serves it twice; with more filters: of either of two common topics, "
            "mostly of one kind. The servers of constant bytes answer one page whatever they are "
            "asked. “Looked up” finds the claims on a topic in a dictionary instead of a loop. "
            "nginx answers faster than the client asks, so its requests per second are the "
            "client's limit. “–” under the fixed rate: not every request was answered."
        )
        yield ""


def _server(name: str, found: Figures) -> tuple[str, ...]:
    paced = found.get("paced") or {}
    whole = paced and not paced["bad"]
    slow = found["rounds"][0]["connections"] != 16
    kept = 0 if name == goals.REPEATED else found["from_cache"]
    return (
        name + (f" ({kept} of 10 cached)" if kept else "") + (" (2 connections)" if slow else ""),
        f"{found['page_bytes']:,.0f}",
        _number(found["cpu_us"]),
        _number(found["rps"]),
        _number(found["p50_ms"], 2),
        _number(found["p99_ms"], 2),
        _number(paced["p50"], 2) if whole else "–",
        _number(paced["p99"], 2) if whole else "–",
        _number(found["memory"]["rss"], 0),
        _number(found["memory"]["anonymous"], 0),
        str(found["errors"]),
    )


def _queries(figures: Figures) -> Iterator[str]:
    names = {"ours": "this service", "postgres": "PostgreSQL 15", "naive": "list in Python"}
    for size, engines in figures["queries"].items():
        yield from (f"## In process, {int(size):,} claims: p50 / p99 in ms", "")
        there = [name for name in names if name in engines]
        kinds = list(dict.fromkeys(kind for name in there for kind in engines[name]))
        rows = [[kind, *(_latency(engines[name].get(kind)) for name in there)] for kind in kinds]
        yield from _table(["25 bodies, exact total", *(names[name] for name in there)], rows)
        found = engines.get("ours", {}).get("counts of everything", {}).get("by")
        if found:
            parts = (f"{name} {_number(ms)}" for name, ms in found.items())
            yield "Counts of all claims, first time, ms: " + ", ".join(parts) + "."
            yield ""
    yield (
        "PostgreSQL runs on tables and covering indexes made for these queries, through prepared "
        "statements over a local socket, from memory; its cursor in the middle is asked no "
        "total, and of everything it counts kind × attribution alone. The list is not asked "
        "what a loop would not be written for."
    )
    yield ""


def _latency(found: Figures | None) -> str:
    return "–" if found is None else f"{_number(found['p50'], 2)} / {_number(found['p99'], 2)}"


def _rest(figures: Figures) -> Iterator[str]:
    yield from ("## Building, starting, memory", "")
    lines = [
        (f"{int(size):,} claims", found["error"], "", "")
        if "error" in found
        else (
            f"{int(size):,} claims",
            f"{found['seconds']:.1f} s",
            f"{found['peak_mb']:,.0f} MB",
            f"{found['anonymous_mb']:,.0f} MB",
        )
        for size, found in figures["builds"].items()
    ]
    yield from _table(("build", "time", "peak memory", "of it anonymous"), lines)
    rows = []
    for size in figures["datasets"]:
        start = figures["start"].get(size, {}).get("first_200_seconds")
        workers, parts = figures["memory"].get(size, {}), figures["datasets"][size]["megabytes"]
        extra = workers.get("extra", {})
        rows.append(
            (
                f"{int(size):,}",
                _number(start, 2),
                _number(extra.get("anonymous")),
                _number(extra.get("rss")),
                _number(parts["claims.ndjson"]),
                _number(parts["index"]),
                _number(parts.get("exports")),
            )
        )
    head = ("claims", "start to first 200, s", "an extra worker: anonymous, MB", "resident, MB",
            "claims on disk, MB", "index on disk, MB", "exports on disk, MB")  # fmt: skip
    yield from _table(head, rows)


def _missing(figures: Figures) -> Iterator[str]:
    if figures["skipped"]:
        yield from ("## Not measured in this run", "")
        yield from (f"- {reason}" for reason in figures["skipped"])
