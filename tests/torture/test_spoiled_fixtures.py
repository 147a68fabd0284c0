"""Whatever fixture files hold, they are taken, or refused with file and place."""

from __future__ import annotations

from collections.abc import Callable

from tests.torture.conftest import SEED
from tests.torture.loading import MOST_MEMORY, loaded
from tests.torture.promises import promises

Many = Callable[[int, int], int]
Tell = Callable[[str], None]

SECONDS = 3
"""Of CPU, for a few kilobytes of fixtures; nearly always it is a few thousandths of one."""


@promises(
    "Hostile input",
    "Fixtures spoiled in any way are refused with file and JSON pointer, or taken and then served "
    "as the contract says; no other error, no endless load, no memory without a bound.",
    broken="`parse_json` does not catch `RecursionError`; spans are checked before references are.",
)
def test_spoiled_fixtures_are_taken_or_refused(many: Many, tell: Tell) -> None:
    found = loaded(many(20_000, 1_200), SEED)
    assert not found.faults, "\n".join(found.faults)
    assert found.slowest < SECONDS, found.slowest_case
    assert min(found.taken, found.served, found.ways["claims"], found.ways["values"]) > 0
    megabytes = found.grown / 2**20
    tell(
        f"{found.cases:,} sets: {found.cases - found.taken:,} refused with {found.told:,} faults, "
        f"{found.taken:,} taken, {found.served:,} of them served, 0 other errors; "
        f"{found.slowest * 1000:,.0f} ms of CPU and {megabytes:,.0f} MB of memory more at most "
        f"(bound: {MOST_MEMORY / 2**20:,.0f} MB)"
    )
