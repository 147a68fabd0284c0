"""Work on many records: chunk by chunk, in several processes where there are enough records.

The results come in the order of the chunks, so that a data set does not depend on how many
processes made it.
"""

import ctypes
import itertools
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

CHUNK = 1_000
"""Records that are worked on and sent at a time, some megabytes."""
FEW = 20_000
"""Records up to which one process is as fast."""
_AHEAD = 8
"""Chunks that may be under way or wait to be taken: they bound the memory."""
_PR_SET_PDEATHSIG = 1

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")
MakeExecutor = Callable[[], Executor]
"""Makes what runs one step of the build, such as a pool of processes. They must be forked when the
first task is submitted: what the step works with is inherited, never sent."""


class BuildFailed(RuntimeError):
    """The build could not go on, through no fault of the data."""


def processes(count: int | None = None) -> Executor:
    """A pool of forked processes: as many as there are cores for this one, or a ``count``."""
    number, context = count or len(os.sched_getaffinity(0)), multiprocessing.get_context("fork")
    return ProcessPoolExecutor(number, context, _begin, (os.getpid(),))


def executor_for(records: int) -> MakeExecutor | None:
    """What runs the steps of a build of so many records; ``None`` is this process alone.

    So it is for few records, on one core, and where a system cannot tell the cores (macOS, whose
    own libraries do not stand a fork).
    """
    known = hasattr(os, "sched_getaffinity")
    return processes if known and records > FEW and len(os.sched_getaffinity(0)) > 1 else None


_work: dict[int, Callable[[Any], Any]] = {}
"""What is done with the chunks of a step, by the number of the step."""
_numbers = itertools.count()


def mapped(
    work: Callable[[Chunk], Result], chunks: Iterable[Chunk], executor: MakeExecutor | None
) -> Iterator[Result]:
    """The results of some work on each chunk, in their order, by a plain ``map`` without an
    ``executor``.

    Processes are forked at the first ``next``. Few chunks are under way at a time, unlike with
    ``Executor.map``, which before Python 3.14 would gather every result in memory. Raises
    ``BuildFailed`` when a process ends.
    """
    if executor is None:
        yield from map(work, chunks)
        return
    number = next(_numbers)
    _work[number] = work
    try:
        with executor() as pool:
            under_way = deque[Future[Result]]()
            try:
                for chunk in chunks:
                    under_way.append(pool.submit(_do, number, chunk))
                    if len(under_way) >= _AHEAD:
                        yield under_way.popleft().result()
                while under_way:
                    yield under_way.popleft().result()
            finally:
                for future in under_way:
                    future.cancel()
    except BrokenProcessPool as error:
        reason = "a process of the build was ended, perhaps since memory ran out"
        raise BuildFailed(f"{reason}; nothing was built") from error
    finally:
        del _work[number]


def _do(number: int, chunk: Any) -> Any:
    return _work[number](chunk)


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
