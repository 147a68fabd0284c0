"""Debian's packages that the benchmarks run: found, or installed where that is allowed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from benchmarks.machine import NotMeasured

NEEDED = {"wrk": "wrk", "nginx": "nginx-light", "postgres": "postgresql-15"}
_PLACES = ("/usr/sbin", "/usr/bin", "/usr/lib/postgresql/15/bin")


def program(name: str) -> str:
    """Where a program is. Raises ``NotMeasured``."""
    found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(_PLACES))
    if found is None:
        package = NEEDED.get(name, name)
        raise NotMeasured(f"{name} is not here (Debian's package {package})")
    return found


def install_missing() -> None:
    """Installs what is missing when root asks on Debian; no service of theirs is started."""
    missing = []
    for name, package in NEEDED.items():
        try:
            program(name)
        except NotMeasured:
            missing.append(package)
    if not missing or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print("Installing", *missing, flush=True)
    # In "run level" 1 packages do not start their services.
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *missing]):
        subprocess.run(
            ["apt-get", "-qq", *command], env=env, check=False, timeout=600, capture_output=True
        )


def version(name: str, *arguments: str) -> str:
    """The first line in which a program names its version; where it is missing, that."""
    try:
        done = subprocess.run(
            [program(name), *arguments], capture_output=True, text=True, timeout=10, check=False
        )
    except NotMeasured:
        return "not here"
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[0] if lines else Path(name).name
