"""The image, which CI builds and runs in a step of its own (``make container``)."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.torture.conftest import FULL
from tests.torture.promises import ROOT, promises


@promises(
    "Deployment",
    "The image builds, runs as nobody with nothing but reading allowed, in little memory, keeps "
    "the contract, and ends an answer under way before it obeys SIGTERM.",
    broken="The Dockerfile without USER: it ran as 0. `graceful_timeout = 1`: it did not wait for "
    "the answer.",
)
def test_the_image_is_what_it_should_be(tell: Callable[[str], None]) -> None:
    if not FULL:
        pytest.skip("run by make container")
    command = [sys.executable, ".ci/container.py"]
    run = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=1200
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "NOT CHECKED" not in run.stdout, run.stdout
    told = re.findall(r"^ok: (.+)$", run.stdout, re.MULTILINE)
    assert len(told) == 9, run.stdout
    tell("; ".join(told[2:]) + ".")
