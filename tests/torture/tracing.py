"""Publishes under strace: what calls of the system they make, and what becomes of a failing one."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.torture.promises import ROOT

PATIENCE = 60.0
"""Seconds for what should take less than one, before it counts as hanging."""
WATCHED = "%file,%desc"
"""Every call that names a file or uses an open one."""
_LOCKED = re.compile(r" flock\(\d+<([^>]*)>")
_NOT_CLOSED = re.compile(r" close\(\d+<([^>]*)>\).*\(INJECTED\)")
_CLOSED = re.compile(r"^(\d+) +close\(\d+(?:<([^>]*)>)?", re.MULTILINE)
_CALL = re.compile(r"^(\d+) +(\w+)\(", re.MULTILINE)


def installed() -> bool:
    """Whether strace can be run here, and may watch a process."""
    if shutil.which("strace") is None:
        return False
    tried = subprocess.run(["strace", "-f", "-o", "/dev/null", "true"], check=False)
    return tried.returncode == 0


@dataclass(frozen=True, slots=True)
class Run:
    """One publish that was watched."""

    status: int
    trace: str
    said: str
    hung: bool = False

    @property
    def injected(self) -> bool:
        return "(INJECTED)" in self.trace or "killed by SIGKILL" in self.trace

    @property
    def kept_a_lock(self) -> bool:
        """Whether the close that failed would have let go of a lock. Linux lets go of it whatever
        close returns; strace does not let the call through, so that the lock is kept, and whoever
        takes it next waits for ever.
        """
        failed = _NOT_CLOSED.findall(self.trace)
        return any(path in _LOCKED.findall(self.trace) for path in failed)

    def unlocking(self) -> set[int]:
        """At which of its times, in any thread, a close lets go of a lock."""
        locked = set(_LOCKED.findall(self.trace))
        made: Counter[str] = Counter()
        found = set()
        for thread, path in _CLOSED.findall(self.trace):
            made[thread] += 1
            if path in locked:
                found.add(made[thread])
        return found

    def counts(self) -> dict[str, int]:
        """How often each call was made, in the thread that made it most often: strace counts for
        each thread apart.
        """
        made = Counter(_CALL.findall(self.trace))
        most: dict[str, int] = {}
        for (_, name), count in made.items():
            most[name] = max(count, most.get(name, 0))
        return most


class Publisher:
    """Starts publishes, or what else a ``module`` does, that are watched from their first step."""

    def __init__(self, where: Path, module: str = "tests.torture.publishing") -> None:
        self._log, self._trace = where / "said", where / "trace"
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def publish(self, fixtures: Path, out: Path, *options: str) -> Run:
        return self.watch([str(fixtures), str(out)], *options)

    def watch(self, arguments: list[str], *options: str) -> Run:
        """Does it with its arguments under strace, which has ``options``."""
        assert self._process.stdin is not None
        line = json.dumps([*arguments, str(self._log)])
        print(line, file=self._process.stdin, flush=True)
        child = int(self._read())
        _wait_for(child, "State:\tT")
        command = ["strace", "-f", "-y", "-s", "0", "-o", str(self._trace), *options]
        strace = subprocess.Popen([*command, "-p", str(child)], stderr=subprocess.DEVNULL)
        hung = False
        _wait_for(child, "TracerPid:\t[1-9]")
        os.kill(child, signal.SIGCONT)
        try:
            strace.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            hung = True
            os.kill(child, signal.SIGKILL)
            strace.wait()
        status = os.waitstatus_to_exitcode(int(self._read()))
        trace = self._trace.read_text(errors="replace")
        return Run(status, trace, self._log.read_text(errors="replace"), hung)

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def close(self) -> None:
        self._process.communicate()


def _wait_for(pid: int, state: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not re.search(state, Path(f"/proc/{pid}/status").read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.001)
