"""Processes that help with a build. Each has a connection of its own, and a thread that waits for
it: when one is lost, at whatever moment, its connection ends and its thread knows.

(The standard library's pool shares one pipe among all: of a process that is lost in the middle of
a result the pool waits for the rest for ever.)
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle  # nosec B403
import queue
import tempfile
import threading
from collections.abc import Callable
from concurrent import futures
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

from service.compiler.desk import Desk, Part, Plan

Result = TypeVar("Result")
Work = Callable[[Desk, Part], Result]

# Started anew, not forked: the parent has threads (progress, search engine) that a fork would leave
# behind in the middle of whatever they hold.
_CONTEXT = multiprocessing.get_context("spawn")


class HelperLost(RuntimeError):
    """A process that was to help is gone."""


class Helpers:
    """Some processes, each of which works on one part at a time."""

    def __init__(self, plan: Plan, number: int) -> None:
        self._plan_file = _written(plan)
        self._idle: queue.SimpleQueue[_Helper] = queue.SimpleQueue()
        self._all = [_Helper(self._plan_file.name) for _ in range(number)]
        for helper in self._all:
            self._idle.put(helper)
        self._threads = futures.ThreadPoolExecutor(number)

    def hand(self, work: Work[Result], part: Part) -> futures.Future[Result]:
        """The result to come. It raises ``HelperLost``, or what the work raised."""
        return self._threads.submit(self._done, work, part)

    def _done(self, work: Work[Result], part: Part) -> Result:
        helper = self._idle.get()
        try:
            return helper.do(work, part)
        finally:
            self._idle.put(helper)

    def close(self) -> None:
        """Ends them; what is under way is of no use any more."""
        for helper in self._all:
            helper.end()
        self._threads.shutdown(cancel_futures=True)
        self._plan_file.close()


class _Helper:
    """One process, and this end of the connection to it."""

    def __init__(self, plan_file: str) -> None:
        self._connection, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_help, args=(theirs, plan_file), daemon=True)
        with suppress(OSError):  # lost before it was told what to do: its connection ends too
            self._process.start()
        theirs.close()  # so that the process alone has it, and its end is the connection's

    def do(self, work: Work[Result], part: Part) -> Result:
        try:
            self._connection.send((work, part))
            done, outcome = self._connection.recv()
        except (EOFError, OSError):
            raise HelperLost from None
        if not done:
            raise outcome
        result: Result = outcome
        return result

    def end(self) -> None:
        with suppress(AttributeError, ValueError):  # it was never there
            self._process.kill()
            self._process.join()


def _written(plan: Plan) -> Any:
    """The plan in a file that is gone once it is closed, readable by its maker alone.

    Handed over when a process is started, a plan of more than some 64 kB would make the parent wait
    for ever for a process that is lost before it has read all of it.
    """
    file = tempfile.NamedTemporaryFile(prefix="policy-claims-")  # noqa: SIM115  # kept open
    pickle.dump(plan, file)
    file.flush()
    return file


def _help(connection: Connection, plan_file: str) -> None:
    """What a process does: it ends with its parent, and it keeps nothing that refers to itself."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    gc.disable()
    with Path(plan_file).open("rb") as file:
        desk = Desk(pickle.load(file))  # noqa: S301  # nosec B301  # our own, nobody else's
    with suppress(EOFError, OSError):  # the parent is gone
        while True:
            work, part = connection.recv()
            connection.send(_outcome(work, desk, part))


def _outcome(work: Work[Any], desk: Desk, part: Part) -> tuple[bool, Any]:
    try:
        return True, work(desk, part)
    except Exception as error:  # noqa: BLE001  # it is raised again where it is waited for
        return False, error


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
