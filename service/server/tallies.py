"""Where the workers of one server keep the counts that ``/metrics`` adds up.

prometheus-client keeps the counts of each process in files of its own (multiprocess mode). They lie
in memory where that can be, in a directory that the master makes before it forks and removes when
it ends. What a worker counted is kept when it ends, so that no count ever falls: it is added to one
file for all that ended, and the worker's own files go. Loaded by gunicorn before the fork, so this
imports nothing of the application, and nothing of prometheus-client until a worker ends.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Names the directory to prometheus-client; a directory that is set from outside is used, and left
to whoever set it."""
_PREFIX = "policy-claims-metrics-"
_ENDED = "ended"
"""Stands where the process id stands in the name of a living worker's file."""
_LOCK = "lock"


def installed() -> bool:
    """Whether the ``metrics`` extra is."""
    return importlib.util.find_spec("prometheus_client") is not None


def make_directory(within: str | None) -> Path | None:
    """Makes the directory and names it to the workers; ``None`` where there is nothing to do.

    A directory that another server of ours made (its variable is inherited
    when the program is replaced while it runs) is that server's own.
    """
    given = os.environ.get(VARIABLE)
    if not installed() or (given and not Path(given).name.startswith(_PREFIX)):
        return None
    made = tempfile.mkdtemp(prefix=_PREFIX, dir=within)
    os.environ[VARIABLE] = made
    return Path(made)


def remove_directory(made: Path | None) -> None:
    """Removes what ``make_directory`` made."""
    if made is not None:
        shutil.rmtree(made, ignore_errors=True)


def fold(pid: int) -> None:
    """Adds what an ended worker counted to what all ended ones did, and removes its files."""
    if VARIABLE not in os.environ or not installed():
        return
    from prometheus_client.mmap_dict import MmapedDict

    counts: Any = MmapedDict  # it says nothing of its types
    directory = Path(os.environ[VARIABLE])
    with _locked(fcntl.LOCK_EX):
        for path in directory.glob(f"*_{pid}.db"):
            total = counts(str(directory / f"{path.name.rpartition('_')[0]}_{_ENDED}.db"))
            for key, value, _, _ in counts.read_all_values_from_file(str(path)):
                total.write_value(key, total.read_value(key)[0] + value, 0.0)
            total.close()
            path.unlink()


@contextmanager
def reading() -> Iterator[None]:
    """Keeps the files as they are: while one is added to another, neither or both would count."""
    with _locked(fcntl.LOCK_SH):
        yield


@contextmanager
def _locked(how: int) -> Iterator[None]:
    with Path(os.environ[VARIABLE], _LOCK).open("ab") as file:
        fcntl.flock(file, how)  # let go when the file is closed
        yield
