"""Proofs that CI runs as steps of their own: they are run here at full length alone."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable

import pytest

from tests.torture.conftest import FULL
from tests.torture.promises import ROOT, promises

Tell = Callable[[str], None]


def made(*goals: str) -> str:
    """What ``make`` says on the way to its goals."""
    if not FULL:
        pytest.skip(f"run by make {' '.join(goals)}")
    run = subprocess.run(
        ["make", *goals], cwd=ROOT, capture_output=True, text=True, check=False, timeout=1800
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


@promises(
    "Deployment",
    "The image builds, runs as nobody with nothing but reading allowed, in little memory, keeps "
    "the contract, and ends an answer under way before it obeys SIGTERM.",
    broken="The Dockerfile without USER: it ran as 0. `graceful_timeout = 1`: it did not wait for "
    "the answer.",
)
def test_the_image_is_what_it_should_be(tell: Tell) -> None:
    said = made("container")
    assert "NOT CHECKED" not in said, said
    told = re.findall(r"^ok: (.+)$", said, re.MULTILINE)
    assert len(told) == 9, said
    tell("; ".join(told[2:]))


@promises(
    "Deployment",
    "bandit and our own semgrep rules find nothing in what is shipped; everything locked is in the "
    "bill of materials; what could not be asked for known vulnerabilities is not called audited.",
    broken="`subprocess.run(..., shell=True)` in `service/` (bandit and semgrep); a lock without "
    "one of the packages (no bill could be made).",
)
def test_what_is_shipped_is_looked_through(tell: Tell) -> None:
    said = made("bandit", "semgrep", "sbom", "audit")
    told = re.findall(
        r"^(?:\d+ rules.*|.*: CycloneDX.*|NOT AUDITED: \d+ of .*)$", said, re.MULTILINE
    )
    assert len(told) >= 2, said
    tell("bandit: nothing; " + "; ".join(line.partition(" This is")[0] for line in told))
