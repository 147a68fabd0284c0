"""Processes and what they cost, read from /proc: a server is its whole tree of processes."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / "benchmarks" / ".cache"

TICK = os.sysconf("SC_CLK_TCK")
SERVER_CORE, CLIENT_CORE = "0", "1"
"""One core serves and another asks, so that neither takes time from the other."""


class NotMeasured(Exception):
    """A step that could not be done here; the message says why, and the results repeat it."""


def pinned(command: Sequence[str], core: str) -> list[str]:
    """The command held to one core, where the machine has two to tell apart."""
    if shutil.which("taskset") and len(os.sched_getaffinity(0)) > 1:
        return ["taskset", "-c", core, *command]
    return list(command)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the command's name, which may hold blanks."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def tree(root: int) -> list[int]:
    """A process and all that descend from it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parents.setdefault(int(_stat(int(entry.name))[1]), []).append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        found.append(waiting.pop())
        waiting += parents.get(found[-1], [])
    return found


def cpu_seconds(root: int) -> float:
    """Processor time of a tree, in user and system mode; of its ended children as well."""
    ticks = 0
    for pid in tree(root):
        with contextlib.suppress(OSError):
            ticks += sum(int(field) for field in _stat(pid)[11:15])
    return ticks / TICK


def memory(pids: Sequence[int]) -> dict[str, float]:
    """Megabytes of some processes together: resident, proportional and anonymous.

    Shared pages are counted once in ``pss`` and ``anonymous`` (Pss_Anon), in ``rss`` by each.
    """
    names = {"Rss": "rss", "Pss": "pss", "Pss_Anon": "anonymous"}
    total = dict.fromkeys(names.values(), 0.0)
    for pid in pids:
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                name, _, value = line.partition(":")
                if name in names:
                    total[names[name]] += int(value.split()[0]) / 1024
    return total


class Running:
    """A program that was started here, and is stopped here by the ids of its processes."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        self.name, self.process, self.log = name, process, log
        self.ending = signal.SIGTERM

    @property
    def pid(self) -> int:
        return self.process.pid

    def cpu_seconds(self) -> float:
        return cpu_seconds(self.pid)

    def memory(self) -> dict[str, float]:
        return memory(tree(self.pid))

    def stop(self, patience: float = 15) -> None:
        if self.process.poll() is not None:
            return
        others = [pid for pid in tree(self.pid) if pid != self.pid]
        self.process.send_signal(self.ending)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(patience)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(patience)
        for pid in others:
            if _is_one_of(pid, self.pid):  # left behind, and no stranger that got its number
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)

    def last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return " / ".join(lines[-3:])[-400:]


def _is_one_of(pid: int, session: int) -> bool:
    """Whether a process is in the session that a program was started in."""
    try:
        return os.getsid(pid) == session
    except OSError:
        return False


@contextlib.contextmanager
def started(
    name: str,
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    core: str | None = SERVER_CORE,
    user: str | None = None,
) -> Iterator[Running]:
    """Runs a program for as long as the block lasts, whatever happens in it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    log = CACHE / f"{name.replace(' ', '-').replace('/', '-')}.log"
    options: dict[str, Any] = {} if user is None else {"user": user}
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(command) if core is None else pinned(command, core),
            cwd=ROOT if user is None else "/",
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=output,
            start_new_session=True,
            **options,
        )
    running = Running(name, process, log)
    try:
        yield running
    finally:
        running.stop()


def fetch(port: int, path: str, timeout: float = 10) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return response.status, headers, response.read()
    finally:
        connection.close()


def wait_until_ready(running: Running, port: int, path: str, seconds: float = 60) -> float:
    """Seconds until the first 200. Raises ``NotMeasured`` when none comes."""
    begun = time.perf_counter()
    while time.perf_counter() - begun < seconds:
        if running.process.poll() is not None:
            raise NotMeasured(f"{running.name} ended by itself: {running.last_words()}")
        with contextlib.suppress(OSError, http.client.HTTPException):
            if fetch(port, path)[0] == 200:
                return time.perf_counter() - begun
        time.sleep(0.002)
    raise NotMeasured(f"{running.name} did not answer 200 within {seconds:.0f} s")


def run(command: Sequence[str], *, timeout: float, core: str | None = CLIENT_CORE) -> str:
    """What a program prints. Raises ``NotMeasured`` when it fails or takes too long."""
    whole = list(command) if core is None else pinned(command, core)
    try:
        done = subprocess.run(
            whole, cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotMeasured(f"{' '.join(command[:3])}: {error}") from error
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines()[-2:]
        raise NotMeasured(f"{' '.join(command[:3])}: {' / '.join(words)}")
    return done.stdout
