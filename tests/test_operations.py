"""Starting, replacing and stopping the server, and workers that hang."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

import pytest

from tests.gunicorn_live import ROOT, STARTING, Gunicorn, gunicorn

pytestmark = pytest.mark.slow

APPLICATION = """
import time

from service.server.worker import ProblemWorker


class HastyWorker(ProblemWorker):
    STUCK_SECONDS = 1.0


def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/hang":
        time.sleep(600)
    if path == "/slow":
        time.sleep(3)
    size = 50_000_000 if path == "/large" else 2
    start_response("200 OK", [("Content-Length", str(size))])
    return [bytes(size)]
"""
HASTY = ("--worker-class", "answering.HastyWorker", "--timeout", "2")


def status_of(port: int, path: str = "/", patience: float = 10.0) -> int:
    """The status of a whole answer on a connection of its own. Raises ``OSError``."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
    try:
        connection.request("GET", path, headers={"Connection": "close"})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except http.client.HTTPException as error:
        raise ConnectionResetError(repr(error)) from error
    finally:
        connection.close()


def eventually(true: Callable[[], object], seconds: float = STARTING) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.05)


def answers(port: int) -> bool:
    with suppress(OSError):
        return status_of(port, "/healthz", 2.0) == 200
    return False


class Clients:
    """Clients that ask all the time, each on a connection of its own."""

    def __init__(self, port: int, patience: float) -> None:
        self.port, self.patience = port, patience
        self.answered: list[int] = []
        self.failed: list[OSError] = []
        self._ended = threading.Event()

    def __enter__(self) -> Clients:
        self._threads = [threading.Thread(target=self._ask) for _ in range(3)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def have_answers(self, number: int) -> bool:
        return len(self.answered) > number

    def _ask(self) -> None:
        while not self._ended.wait(0.05):
            try:
                self.answered.append(status_of(self.port, "/healthz", self.patience))
            except OSError as error:
                self.failed.append(error)


# --- replacing the program ----------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int, Path]]:
    """``policy-claims serve`` with the shipped data, in a process group of its own."""
    port, log = free_port(), tmp_path / "log.txt"
    environment = {**os.environ, "PORT": str(port), "WEB_CONCURRENCY": "1", "ACCESS_LOG": "off"}
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "service.cli", "serve"],
            cwd=ROOT, env=environment, stdout=stream, stderr=stream, start_new_session=True,
        )  # fmt: skip
        try:
            eventually(lambda: answers(port))
            yield process, port, log
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=STARTING)
            eventually(lambda: not answers(port))


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not waited for does not."""
    with suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def test_usr2_replaces_the_program_and_no_request_fails(
    served: tuple[subprocess.Popen[bytes], int, Path],
) -> None:
    """Twice, and the program before goes by either signal that is meant for it."""
    process, port, log = served
    pids = [process.pid]

    def logged(words: str, times: int) -> bool:
        return log.read_text().count(words) == times

    with Clients(port, patience=10.0) as clients:
        for number, farewell in enumerate((signal.SIGTERM, signal.SIGQUIT), 2):
            os.kill(pids[-1], signal.SIGUSR2)
            eventually(partial(logged, "Listening at", number), 15)
            # A worker of each program; the new one then answers for itself.
            eventually(partial(logged, "Booting worker", number))
            time.sleep(2)
            os.kill(pids[-1], farewell)
            eventually(lambda: not is_alive(pids[-1]))
            # It notices within a second that it is alone, and may be replaced from then on.
            eventually(partial(logged, "has been promoted", number - 1))
            pids.append(int(re.findall(r"Listening at: \S+ \((\d+)\)", log.read_text())[-1]))
            enough = len(clients.answered) + 20
            eventually(partial(clients.have_answers, enough))
    assert process.wait(timeout=STARTING) == 0
    assert clients.failed == []
    assert set(clients.answered) == {200}
    assert len(set(pids)) == 3
    os.kill(pids[-1], signal.SIGTERM)


# --- stopping -----------------------------------------------------------------------------------


def test_after_sigterm_new_connections_are_refused_or_answered_and_requests_end(
    tmp_path: Path,
) -> None:
    with gunicorn(tmp_path, APPLICATION) as server:
        eventually(lambda: answers(server.port))
        under_way: list[int] = []
        slow = threading.Thread(target=lambda: under_way.append(status_of(server.port, "/slow")))
        slow.start()
        time.sleep(0.5)
        with Clients(server.port, patience=1.0) as clients:
            server.process.terminate()
            slow.join()
        late = [error for error in clients.failed if isinstance(error, TimeoutError)]
        assert not late, f"{len(late)} of {len(clients.failed)} clients were left waiting"
        assert clients.failed, "it has stopped"
        assert under_way == [200]
        assert server.process.wait(timeout=STARTING) == 0


# --- workers that hang --------------------------------------------------------------------------


def hang(server: Gunicorn, clients: ExitStack, times: int) -> None:
    for _ in range(times):
        sock = clients.enter_context(socket.create_connection(("127.0.0.1", server.port)))
        sock.sendall(b"GET /hang HTTP/1.1\r\nHost: a\r\n\r\n")
    time.sleep(0.5)


def test_worker_whose_threads_all_hang_does_not_say_it_is_healthy(tmp_path: Path) -> None:
    with (
        ExitStack() as clients,
        gunicorn(tmp_path, APPLICATION, "--graceful-timeout", "1") as server,
    ):
        eventually(lambda: answers(server.port))
        hang(server, clients, 4)
        with pytest.raises(TimeoutError):
            status_of(server.port, "/healthz", 2.0)


def test_worker_is_replaced_when_a_request_hangs_and_the_log_says_where(tmp_path: Path) -> None:
    with ExitStack() as clients, gunicorn(tmp_path, APPLICATION, *HASTY) as server:
        eventually(lambda: answers(server.port))
        (before,) = server.workers()
        hang(server, clients, 1)
        eventually(lambda: before not in server.workers() and answers(server.port), 20)
        assert "WORKER TIMEOUT" in server.said()
        assert re.search(r"answering\.py.* in app", server.said())


def test_client_that_reads_slowly_is_no_hanging_request(tmp_path: Path) -> None:
    with gunicorn(tmp_path, APPLICATION, *HASTY) as server, socket.socket() as client:
        eventually(lambda: answers(server.port))
        before = server.workers()
        client.connect(("127.0.0.1", server.port))
        client.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        time.sleep(5)
        received = 0
        while piece := client.recv(1 << 20):
            received += len(piece)
        assert received > 50_000_000
        assert server.workers() == before


# --- what it listens on -------------------------------------------------------------------------


@pytest.mark.parametrize("options", [("--bind", "0.0.0.0:0"), ("--bind", "[::]:0")])
def test_public_address_is_refused_whoever_gives_it(options: tuple[str, ...]) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DIRECT_EXPOSURE"}
    done = subprocess.run(
        [sys.executable, "-m", "service.server", *options],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=STARTING, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "deploy/nginx.conf" in done.stderr
    assert "Traceback" not in done.stderr
