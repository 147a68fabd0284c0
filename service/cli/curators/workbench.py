"""Commands that open the workbench, a page on this machine."""

from __future__ import annotations

import argparse
import functools
import signal
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.fields import word
from service.cli.curators.writing import data_set
from service.compiler.pending import EditRefused
from service.curation.workbench.deciding.clashes import ClashChoices
from service.curation.workbench.lock import ReadingLock
from service.curation.workbench.opening import open_session, open_settlement
from service.curation.workbench.records.page import RecordPage
from service.curation.workbench.revising import leave, open_claim

if TYPE_CHECKING:
    from service.curation.workbench.serving import MakeApp


def curate(options: argparse.Namespace) -> int:
    """curate: opens the workbench, a page on this machine, to read a document into claims."""
    from service.curation.workbench.views import create_workbench  # Flask, which few commands need

    session, lock = open_session(data_set(options), options.file, options.coder)
    _serve(lambda place: create_workbench(session, place), lock, options.port, _saved(session.path))
    return _stopped(session.path)


def edit_claim(directory: Path, identifier: str, documents: Path) -> Path:
    """Opens one claim in the workbench until that is stopped; gives the file of its reading."""
    from service.curation.workbench.views import create_workbench

    session, lock = open_claim(directory, identifier, documents)
    print("Keep the claim, finish the reading, and stop the workbench: then it is written.")
    _serve(lambda place: create_workbench(session, place), lock, 0, _saved(session.path))
    _stopped(session.path)
    return session.path


def edit_record(page: RecordPage, lock: ReadingLock) -> None:
    """Opens the page of a record until what it says is written. Raises ``EditRefused`` where it was
    stopped before.
    """
    from service.curation.workbench.records.views import create_record_page

    told = "  write it there, and this command ends; or stop it with Ctrl C"
    _serve(lambda place: create_record_page(page, place), lock, 0, told, page.done)
    if page.outcome is None:
        kept = f"What was typed is in {page.path}: give the command again to go on. "
        there = page.path.exists()
        leave(page.path, remove=False)
        raise EditRefused(f"{kept if there else ''}Stopped before it was written")
    leave(page.path)


def settle(options: argparse.Namespace) -> int:
    """settle: opens a page on which two finished readings of a document are made into one."""
    from service.curation.workbench.views import create_settling  # Flask, which few commands need

    both = options.a, options.b
    opened = open_settlement(data_set(options), both, options.documents)
    path = opened.settlement.path
    make = functools.partial(create_settling, opened)
    _serve(make, ReadingLock(path), options.port, _saved(path))
    return _stopped(path)


def choose(clashes: ClashChoices) -> None:
    """Opens the page of what clashes in a merge until that is stopped. Raises ``EditRefused`` where
    something is left to decide.
    """
    from service.curation.workbench.views import create_settling

    with ReadingLock.opening(clashes.path) as lock:
        told = "  stop it with Ctrl C when each is decided: then the merge is written"
        _serve(functools.partial(create_settling, clashes), lock, 0, told)
    if clashes.left:
        there = clashes.path.exists()
        leave(clashes.path, remove=False)
        kept = f"; what was is in {clashes.path}: give the command again to go on" if there else ""
        raise EditRefused(f"{clashes.left} left to decide{kept}")


def _serve(
    make: MakeApp,
    lock: ReadingLock,
    asked_port: int,
    told: str,
    done: threading.Event | None = None,
) -> None:
    """Answers until interrupted or terminated, in the background too, where Ctrl C is ignored, or
    until it is ``done``. What is ``told`` stands below the address.
    """
    from service.curation.workbench.serving import serve_until, workbench_server

    try:
        server, place = workbench_server(make, lock, asked_port)
        with suppress(KeyboardInterrupt), closing(server.socket):
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.default_int_handler)
            print(f"Workbench: {place.address}\n{told}", flush=True)
            serve_until(server, done)
    finally:
        lock.close()


def _saved(path: Path) -> str:
    return f"  the reading: {path}, saved at every passage you keep\n  stop it with Ctrl C"


def _stopped(path: Path) -> int:
    print(f"\nStopped; the reading is in {path}", flush=True)
    return 0


def coder(text: str) -> str:
    """A short name of a coder, which is part of the name of a file."""
    field = word()
    if not field.takes(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no name of a coder: {field.allowed}")
    return text


def port(text: str) -> int:
    """A port of this machine; 0 is any that is free."""
    if not (text.isascii() and text.isdigit() and int(text) < 65_536):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to 65535")
    return int(text)


def add_options(command: argparse.ArgumentParser) -> None:
    """What ``curate`` is told."""
    _add_port(command)
    command.add_argument("file", type=Path, metavar="FILE", help="the text of a document")
    command.add_argument("--coder", type=coder, required=True, help="who reads, such as jr")


def add_settling_options(command: argparse.ArgumentParser) -> None:
    """What ``settle`` is told."""
    _add_port(command)
    for name in ("a", "b"):
        command.add_argument(name, type=Path, metavar=name.upper(), help="a finished reading")
    told = "directory of the document files (default: documents in the data set)"
    command.add_argument("--documents", type=Path, metavar="DIR", help=told)


def _add_port(command: argparse.ArgumentParser) -> None:
    text = "port of 127.0.0.1 (default: any that is free)"
    command.add_argument("--port", type=port, default=0, help=text)
