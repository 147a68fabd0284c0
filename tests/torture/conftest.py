"""What the proofs share: their length, their seed, and where they tell what they saw."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Generator
from functools import partial

import pytest

from tests.torture.promises import tell_of

FULL = os.environ.get("TORTURE") == "full"
SEED = int(os.environ.get("TORTURE_SEED") or 20_261_125)


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> random.Random:
    """Random numbers of a test's own, which the other tests cannot shift."""
    return random.Random(f"{SEED} {request.node.nodeid}")


@pytest.fixture
def many() -> Callable[[int, int], int]:
    """How often to do something: at full length, or in the shorter form that CI runs."""
    return lambda full, short: full if FULL else short


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Tells what a test saw, in a sentence with numbers; it becomes the figure of its promise."""
    return partial(tell_of, request.node, full=FULL, seed=SEED)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Says with a failure how it is repeated."""
    report = yield
    if report.failed:
        length = "TORTURE=full " if FULL else ""
        again = f"{length}TORTURE_SEED={SEED} python -m pytest -m torture '{item.nodeid}'"
        report.sections.append(("To repeat it", again))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the tests saw, for whoever runs one of them again."""
    for report in terminalreporter.stats.get("passed", ()):
        for figure in (value for name, value in report.user_properties if name == "figure"):
            terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}: {figure}")
