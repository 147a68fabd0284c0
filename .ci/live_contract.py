"""Hold a live server to openapi.yaml: schemathesis with all its checks against gunicorn.

The server is started as a user starts it, on a free port of the loopback interface, and stopped
by its own process id. Exit 0 when no check fails and the server logged no fault of its own.
CONTRACT_SECONDS (120) is how long generated requests go on. Before them come those that
the contract fixes, all of them however long they take: its examples, and each bound and each value
that it names (``coverage``, which is tried nowhere else).
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

#: Enough for the whole run to end by itself; beyond it something hangs.
PATIENCE = 900


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


def _ready(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


@contextmanager
def live_server(log: Path) -> Iterator[int]:
    """The port of a server that is ready; whatever it prints goes to the file."""
    port = _free_port()
    environment = {**os.environ, "HOST": "127.0.0.1", "PORT": str(port)}
    with log.open("wb") as stream:
        server = subprocess.Popen(
            [str(BIN / "policy-claims"), "serve"],
            cwd=ROOT, env=environment, stdout=stream, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            for _ in range(300):
                if _ready(port):
                    break
                if server.poll() is not None:
                    raise SystemExit(f"the server ended by itself:\n{log.read_text()}")
                time.sleep(0.1)
            else:
                raise SystemExit(f"the server was not ready within 30 s:\n{log.read_text()}")
            yield port
        finally:
            server.terminate()
            server.wait(timeout=60)


def try_contract(port: int, *options: str) -> int:
    """Run every phase and every check; 0 when none fails."""
    seconds = os.environ.get("CONTRACT_SECONDS", "120")
    fixed = _try_phases(port, "examples,coverage", *options)
    return _try_phases(port, "fuzzing,stateful", "--max-time", seconds, *options) or fixed


def _try_phases(port: int, phases: str, *options: str) -> int:
    return subprocess.run(
        [
            str(BIN / "schemathesis"), "run", str(ROOT / "openapi.yaml"),
            "--url", f"http://127.0.0.1:{port}",
            "--checks", "all",
            "--phases", phases,
            "--continue-on-failure",
            "--request-timeout", "10",
            *options,
        ],
        cwd=ROOT, timeout=PATIENCE, check=False,
    ).returncode  # fmt: skip


def faults_in(log: str) -> list[str]:
    """The lines in which a server tells of a fault of its own, which no answer need have shown."""
    signs = ("[ERROR]", "[CRITICAL]", "Traceback")
    return [line for line in log.splitlines() if any(sign in line for sign in signs)]


def main() -> int:
    """Start, try, stop, and read the server's log for faults that no answer showed."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "server.log")
        with live_server(log) as port:
            code = try_contract(port)
        faults = faults_in(log.read_text(encoding="utf-8", errors="replace"))
    print("\n".join(faults[:20]))
    print(f"schemathesis ended with {code}; the server logged {len(faults)} faults of its own")
    return code or (1 if faults else 0)


if __name__ == "__main__":
    sys.exit(main())
