"""Work on many records: chunk by chunk, in several processes where there are enough records.

The results come in the order of the chunks, so that a data set does not depend on how many
processes made it. What is sent to a process is plain data and the names of functions, and what it
reads lies in a directory that all of them share: so they may be on other machines.
"""

import ctypes
import functools
import hashlib
import multiprocessing
import os

# What this build wrote is read, by its hash, and nothing else.
import pickle  # nosec B403  # nosemgrep: no-code-from-data
import signal
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

CHUNK = 1_000
"""Records that are worked on and sent at a time, some megabytes."""
FEW = 20_000
"""Records up to which one process is as fast."""
_PR_SET_PDEATHSIG = 1

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")


class BuildFailed(RuntimeError):
    """The build could not go on, through no fault of the data."""


class Workers(NamedTuple):
    """What runs the steps of a build, such as a pool of processes or a cluster.

    ``ahead`` chunks may be under way or wait to be taken: they bound the memory. The ``directory``
    is that of the build, which all workers can read under this path.
    """

    executor: Executor
    ahead: int = 8
    directory: Path = Path()


def processes(count: int | None = None) -> Executor:
    """A pool of forked processes: as many as there are cores for this one, or a ``count``."""
    number, context = count or len(os.sched_getaffinity(0)), multiprocessing.get_context("fork")
    return ProcessPoolExecutor(number, context, _begin, (os.getpid(),))


@contextmanager
def workers_for(records: int, workers: Workers | None, directory: Path) -> Iterator[Workers | None]:
    """What runs the steps of a build of so many records in a directory: the ``workers`` that were
    given, else a pool of processes; ``None`` is this process alone.

    So it is for few records, on one core, and where a system cannot tell the cores (macOS, whose
    own libraries do not stand a fork).
    """
    known = hasattr(os, "sched_getaffinity")
    if workers is not None:
        yield workers._replace(directory=directory)
    elif known and records > FEW and len(os.sched_getaffinity(0)) > 1:
        with processes() as pool:
            yield Workers(pool, directory=directory)
    else:
        yield None


def mapped(
    work: Callable[[Chunk], Result], chunks: Iterable[Chunk], workers: Workers | None
) -> Iterator[Result]:
    """The results of some work on each chunk, in their order, by a plain ``map`` without
    ``workers``, who read the work from a file.

    Few chunks are under way at a time, unlike with ``Executor.map``, which before Python 3.14
    would gather every result in memory. Raises ``BuildFailed`` when a process ends.
    """
    if workers is None:
        yield from map(work, chunks)
        return
    number, name = tempfile.mkstemp(prefix=".work-", dir=workers.directory)
    content = pickle.dumps(work)
    digest = hashlib.sha256(content).hexdigest()
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
        del content  # of many documents it is large
        under_way = deque[Future[Result]]()
        try:
            for chunk in chunks:
                under_way.append(workers.executor.submit(_do, name, digest, chunk))
                if len(under_way) >= workers.ahead:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()
    except (BrokenExecutor, CancelledError) as error:
        reason = "a process of the build was ended, perhaps since memory ran out"
        raise BuildFailed(f"{reason}; nothing was built") from error
    finally:
        Path(name).unlink()


def _do(name: str, digest: str, chunk: Any) -> Any:
    return _work(name, digest)(chunk)


@functools.lru_cache(maxsize=1)
def _work(name: str, digest: str) -> Callable[[Any], Any]:
    """The work in a file, which is read only if it has the hash that came with the chunk: reading
    it runs code.
    """
    content = Path(name).read_bytes()
    if hashlib.sha256(content).hexdigest() != digest:
        raise BuildFailed(f"{name} is not as the build wrote it; nothing was built")
    work: Callable[[Any], Any] = pickle.loads(content)  # noqa: S301  # nosec B301
    return work


def _begin(parent: int) -> None:
    """Prepares a process of the pool: it ends with its parent, whose locks it has inherited, and
    writes nothing, since a thread of its parent may have been writing when it was forked.
    """
    libc = ctypes.CDLL(None)
    if hasattr(libc, "prctl"):
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it was gone before it could be asked for
        os._exit(1)
    sys.stdout = sys.stderr = None  # as where there is no terminal
