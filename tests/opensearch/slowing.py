"""A node that is not dead but slow: it gets a part of one core."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.opensearch.cluster import ClusterNode

_PERIOD = 100_000
"""Microseconds."""
_GROUPS = Path("/sys/fs/cgroup")


@contextmanager
def slowed(node: ClusterNode, share: float) -> Iterator[str]:
    """A node at a ``share`` of one core: by a control group or, where there is none to be had, by
    being stopped most of the time; tells by which.
    """
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(_in_a_group(node.pid, share))
            how = "a control group"
        except OSError:
            stack.enter_context(_stopped_mostly(node, share))
            how = "SIGSTOP and SIGCONT"
        yield how


@contextmanager
def _in_a_group(pid: int, share: float) -> Iterator[None]:
    """Raises ``OSError`` where this process may not make control groups of processor time."""
    first = (_GROUPS / "cpu").is_dir()
    root = _GROUPS / "cpu" if first else _GROUPS
    group, quota = root / f"claims-{pid}", int(_PERIOD * share)
    before = _group_of(pid, "cpu" if first else "")
    group.mkdir()
    try:
        if first:
            (group / "cpu.cfs_period_us").write_text(str(_PERIOD))
            (group / "cpu.cfs_quota_us").write_text(str(quota))
        else:
            (group / "cpu.max").write_text(f"{quota} {_PERIOD}")
        (group / "cgroup.procs").write_text(str(pid))
        yield
    finally:
        with contextlib.suppress(OSError):
            (root / before.lstrip("/") / "cgroup.procs").write_text(str(pid))
        group.rmdir()


def _group_of(pid: int, controller: str) -> str:
    for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            return path
    raise FileNotFoundError(controller)


@contextmanager
def _stopped_mostly(node: ClusterNode, share: float) -> Iterator[None]:
    ended = threading.Event()

    def stop_and_go() -> None:
        while not ended.wait(_PERIOD * share / 1e6):
            node.send(signal.SIGSTOP)
            ended.wait(_PERIOD * (1 - share) / 1e6)
            node.send(signal.SIGCONT)

    thread = threading.Thread(target=stop_and_go)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        node.send(signal.SIGCONT)
