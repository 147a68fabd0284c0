"""On which machine, with which versions, of which state of the project something was measured."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

from benchmarks.machine import ROOT
from benchmarks.packages import version

PACKAGES = ("tantivy", "Flask", "marshmallow", "gunicorn", "fastapi", "pydantic", "uvicorn",
            "uvloop", "httptools", "datasette", "psycopg")  # fmt: skip


def machine() -> dict[str, str]:
    told = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in told if "model name" in line), "unknown")
    kilobytes = int(Path("/proc/meminfo").read_text().split()[1])
    load = os.getloadavg()[0]
    return {
        "processor": model,
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{kilobytes / 1024**2:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}, {_distribution()}",
        "load at the start": f"{load:.2f}" + (" (not a quiet machine)" if load > 0.7 else ""),
    }


def versions() -> dict[str, str]:
    found = {"Python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not here"
    found["PostgreSQL"] = version("postgres", "--version")
    found["nginx"] = version("nginx", "-v")
    found["wrk"] = version("wrk", "-v").partition(" Copyright")[0]
    return found


def revision() -> str:
    """The commit, and whether anything was changed since."""

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=20
        )
        return done.stdout.strip()

    commit = git("rev-parse", "--short=12", "HEAD")
    if not commit:
        return "unknown"
    return commit + (" and changes after it" if git("status", "--porcelain", "-uno") else "")


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return "unknown distribution"
