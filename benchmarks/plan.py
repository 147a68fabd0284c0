"""How much is measured: everything, or what fits into five minutes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """Sizes in claims, times in seconds, a rate in requests per second."""

    sizes: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    rounds: int = 5
    round_seconds: int = 2
    warm_seconds: int = 1
    rate: float = 50.0
    paced_seconds: float = 4.0
    query_seconds: float = 3.0
    starts: int = 5
    exports: int = 3
    build_limit: float = 1200.0
    query_limit: float = 600.0


FULL = Plan()
QUICK = Plan(
    sizes=(10_000, 100_000),
    rounds=1,
    round_seconds=1,
    warm_seconds=1,
    paced_seconds=0.5,
    query_seconds=0.4,
    starts=2,
    exports=1,
    build_limit=100.0,
    query_limit=60.0,
)
