"""Is anything that is locked known to be vulnerable? Asks pip-audit and ``npm audit``.

There are three answers, and the third is the reason for this program: known to be vulnerable (exit
status 1), nothing known (0), and NOT AUDITED (3), where the advisories could not be asked, as on a
machine without a way to them. Both tools are easily misread there: pip-audit without ``--strict``
prints "No known vulnerabilities found" after it asked nobody.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SECONDS = 180
"""For one lock file; a registry that does not answer must not hold the checks up for long."""

CLEAN, VULNERABLE, NOT_AUDITED = 0, 1, 3
WORDS = {CLEAN: "AUDITED", VULNERABLE: "VULNERABLE", NOT_AUDITED: "NOT AUDITED"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known of one lock file."""

    status: int
    reason: str


def python_locks() -> list[Path]:
    requirements = sorted((ROOT / "requirements").glob("*.txt"))
    return [*requirements, *sorted(ROOT.glob("*/requirements.txt"))]


def npm_locks() -> list[Path]:
    places = (".ci/npm", "examples/*", "tests/strangers/npm")
    return sorted(lock for place in places for lock in ROOT.glob(f"{place}/package-lock.json"))


def audit_python(lock: Path, tool: Sequence[str]) -> Outcome:
    """Strictly, which gives up at the first package that nobody knows; then, since that would hide
    what is known of the others, once more without.
    """
    strictly = _pip_audit(lock, [*tool, "--strict"])
    if isinstance(strictly, dict):
        return judged(strictly["dependencies"])
    loosely = _pip_audit(lock, tool)
    known = judged(loosely["dependencies"]) if isinstance(loosely, dict) else None
    if known is not None and known.status == VULNERABLE:
        return known
    return Outcome(NOT_AUDITED, strictly)


def _pip_audit(lock: Path, tool: Sequence[str]) -> dict[str, Any] | str:
    """The report, or why there is none. The exit status is 1 for either, so it tells nothing."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.json")
        options = ["--disable-pip", "--progress-spinner", "off", "--timeout", "15"]
        output = ["--format", "json", "--output", str(report)]
        said = _said([*tool, *options, *output, "--requirement", str(lock)])
        if report.is_file():
            found: dict[str, Any] = json.loads(report.read_bytes())
            return found
    last = said.rpartition("\n")[2].removeprefix("ERROR:pip_audit._cli:")
    return last or "pip-audit said nothing"


def judged(dependencies: Sequence[dict[str, Any]]) -> Outcome:
    """What a report of pip-audit means."""
    hit = [f"{d['name']} {d['version']}" for d in dependencies if d.get("vulns")]
    skipped = [d["skip_reason"] for d in dependencies if "skip_reason" in d]
    if hit:
        return Outcome(VULNERABLE, ", ".join(hit))
    if skipped or not dependencies:
        return Outcome(NOT_AUDITED, skipped[0] if skipped else "the report names no packages")
    return Outcome(CLEAN, f"{len(dependencies)} packages, nothing known against them")


def audit_npm(lock: Path, tool: Sequence[str]) -> Outcome:
    """A report has counts; what npm prints when it could not ask is JSON as well, without any."""
    said = _said([*tool, "audit", "--package-lock-only", "--json"], cwd=lock.parent)
    try:
        report = json.loads(said)
    except ValueError:
        return Outcome(NOT_AUDITED, said.partition("\n")[0] or "npm said nothing")
    counts = report.get("metadata")
    if counts is None:
        return Outcome(NOT_AUDITED, str(report.get("message", report)))
    if counts["vulnerabilities"]["total"]:
        return Outcome(VULNERABLE, ", ".join(report["vulnerabilities"]))
    total = counts["dependencies"]["total"]
    return Outcome(CLEAN, f"{total} packages, nothing known against them")


def _said(command: Sequence[str], cwd: Path = ROOT) -> str:
    """What a program wrote: its standard output, or else its errors."""
    try:
        done = subprocess.run(
            command, cwd=cwd, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return done.stdout.strip() or done.stderr.strip()


def outcomes() -> Iterator[tuple[Path, Outcome]]:
    pip_audit = str(Path(sys.executable).parent / "pip-audit")
    for lock in python_locks():
        yield lock, audit_python(lock, [pip_audit])
    for lock in npm_locks():
        yield lock, audit_npm(lock, ["npm"])


def report(found: Iterable[tuple[Path, Outcome]]) -> int:
    """A line for each lock file, and the worst of them as the exit status."""
    statuses = []
    for lock, outcome in found:
        statuses.append(outcome.status)
        print(f"{WORDS[outcome.status]}: {lock.relative_to(ROOT)}: {outcome.reason}", flush=True)
    if VULNERABLE in statuses:
        return VULNERABLE
    if NOT_AUDITED in statuses:
        print(f"NOT AUDITED: {statuses.count(NOT_AUDITED)} of {len(statuses)} lock files. This is")
        print("no failure and no success: run it where the advisories of PyPI and npm are.")
        return NOT_AUDITED
    return CLEAN


if __name__ == "__main__":
    sys.exit(report(outcomes()))
