"""What lies between two programs on a network: it can be cut, and it can end TLS."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path


class Wire:
    """A port on loopback whose connections are passed on to another one.

    ``is_cut`` says of a connection, by the process that it comes from, whether
    nothing passes at present; what was sent then arrives later, as on a
    network. With a ``context`` the wire ends TLS.
    """

    def __init__(
        self,
        to: int,
        is_cut: Callable[[int], bool] = lambda _: False,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.to, self.context, self._is_cut = to, context, is_cut
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def drop(self) -> None:
        """Ends all connections."""
        while self._open:
            _end(self._open.pop())

    def close(self) -> None:
        _end(self._listener)
        self._listener.close()
        self.drop()

    def _accept(self) -> None:
        while True:
            try:
                connection, (_, port) = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(connection, port), daemon=True).start()

    def _join(self, near: socket.socket, port: int) -> None:
        origin = owner_of(port)
        try:
            if self.context is not None:
                near = self.context.wrap_socket(near, server_side=True)
            far = socket.create_connection(("127.0.0.1", self.to))
        except OSError:
            near.close()
            return
        self._open += [near, far]
        with near, far:
            back = threading.Thread(target=self._pass_on, args=(far, near, origin), daemon=True)
            back.start()
            self._pass_on(near, far, origin)
            back.join()

    def _pass_on(self, sender: socket.socket, receiver: socket.socket, origin: int) -> None:
        with contextlib.suppress(OSError):
            while data := sender.recv(65_536):
                while self._is_cut(origin):
                    time.sleep(0.05)
                receiver.sendall(data)
        for each in (sender, receiver):
            _end(each)


def _end(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def owner_of(port: int) -> int:
    """The process of this machine that holds the end of a connection with a port; 0 where none is
    found.
    """
    inodes = {f"socket:[{inode}]" for inode in _inodes(port)}
    for directory in Path("/proc").glob("[0-9]*/fd"):
        if not inodes.isdisjoint(_links(directory)):
            return int(directory.parent.name)
    return 0


def _inodes(port: int) -> Iterator[str]:
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]


def _links(directory: Path) -> Iterator[str]:
    with contextlib.suppress(OSError):
        for each in directory.iterdir():
            with contextlib.suppress(OSError):
                yield str(each.readlink())
