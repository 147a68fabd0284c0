"""Probes: small requests, each on a fresh connection, with a deadline for the whole answer."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


def probe(port: int, path: str, seconds: float) -> float | None:
    """How long a whole 200 took, if it came within so many seconds."""
    begun = time.perf_counter()
    left = seconds
    received = b""
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), left) as connection:
        head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        while (left := begun + seconds - time.perf_counter()) > 0:
            connection.settimeout(left)
            piece = connection.recv(65536)
            if not piece:
                whole = received.startswith(b"HTTP/1.1 200 ")
                return time.perf_counter() - begun if whole else None
            received += piece
    return None


@dataclass
class Probes:
    """What probes came to; ``None`` for one that was not answered with 200 in time."""

    deadline: float
    took: list[float | None] = field(default_factory=list)

    @property
    def answered(self) -> list[float]:
        return [seconds for seconds in self.took if seconds is not None]

    def summary(self) -> str:
        """``40 of 40 probes answered, at worst after 0.12 s``."""
        share = f"{len(self.answered)} of {len(self.took)}"
        worst = f", at worst after {max(self.answered):.2f} s" if self.answered else ""
        return f"{share}{worst}"


@contextmanager
def probing(
    port: int, paths: tuple[str, ...], each_second: float, deadline: float
) -> Iterator[Probes]:
    """Probes while the block lasts, begun on time whether or not the ones before were answered."""
    probes, ended, threads = Probes(deadline), threading.Event(), []

    def one(path: str) -> None:
        probes.took.append(probe(port, path, deadline))

    def all_of_them() -> None:
        number = 0
        while not ended.wait(1 / each_second):
            thread = threading.Thread(target=one, args=(paths[number % len(paths)],))
            thread.start()
            threads.append(thread)
            number += 1

    clock = threading.Thread(target=all_of_them)
    clock.start()
    try:
        yield probes
    finally:
        ended.set()
        clock.join()
        for thread in threads:
            thread.join()
