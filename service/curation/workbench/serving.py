"""The server of a workbench, on 127.0.0.1 alone."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

from flask import Flask
from werkzeug.serving import BaseWSGIServer, make_server

from service.curation.workbench.lock import ReadingLock, WorkbenchPlace, new_token

HOST = "127.0.0.1"


MakeApp = Callable[[WorkbenchPlace], Flask]
"""Makes the application that answers at a place."""


def workbench_server(
    make: MakeApp, lock: ReadingLock, port: int = 0
) -> tuple[BaseWSGIServer, WorkbenchPlace]:
    """A server of the workbench, bound to a port (0: any that is free) and about to serve.

    Where an earlier workbench of this reading was killed, its address is taken
    again, so that a page that is still open goes on. Raises ``OSError`` where
    the port is taken.
    """
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server, place = _bound(make, lock.before, port)
    lock.tell(place)
    return server, place


def serve_until(server: BaseWSGIServer, done: threading.Event | None) -> None:
    """Answers requests until something is ``done``; without that until it is interrupted."""
    if done is not None:

        def stop() -> None:
            done.wait()
            server.shutdown()

        threading.Thread(target=stop, daemon=True).start()
    server.serve_forever(poll_interval=0.1)


def _bound(
    make: MakeApp, before: WorkbenchPlace | None, port: int
) -> tuple[BaseWSGIServer, WorkbenchPlace]:
    """A server on the place of the workbench before, or on another."""
    if before is not None and port in (0, before.port):
        with suppress(OSError):  # somebody else may have that port by now
            return _server(make, _socket(before.port), before.token), before
    listening = _socket(port)
    place = WorkbenchPlace(listening.getsockname()[1], new_token())
    return _server(make, listening, place.token), place


def _socket(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening


def _server(make: MakeApp, listening: socket.socket, token: str) -> BaseWSGIServer:
    port = listening.getsockname()[1]
    app = make(WorkbenchPlace(port, token))
    with listening:  # the server has a descriptor of its own
        return make_server(HOST, port, app, threaded=True, fd=listening.fileno())
