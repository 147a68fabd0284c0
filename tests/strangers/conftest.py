"""What could not be tried is said at the end."""

from __future__ import annotations

from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reasons = {
        str(report.longrepr[2]).removeprefix("Skipped: ").removeprefix("NOT CHECKED: ")
        for report in terminalreporter.stats.get("skipped", ())
    }
    for reason in sorted(reasons):
        terminalreporter.write_line(f"NOT CHECKED: {reason}")
