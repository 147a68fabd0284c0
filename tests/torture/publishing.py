"""Publishes that wait to be watched: ``python -m tests.torture.publishing``.

It reads a line for each, JSON: fixtures, the directory of data sets, and where to write what the
publish says. It answers with the id of a process that has stopped, and, once that was told to go
on and has ended, with the status that ``waitpid`` gives. Each is a fork of one process, since
loading the code takes longest. The proof of the answers is left out: it changes nothing on disk.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from service.compiler import BuildFailed
from service.store.protocol import DatasetUnavailable
from tests.publishing import publish as publish_dataset


def publish(fixtures: str, out: str, log: str) -> int:
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(said, sys.stdout.fileno())
    os.dup2(said, sys.stderr.fileno())
    os.close(said)
    os.kill(os.getpid(), signal.SIGSTOP)
    try:
        print(publish_dataset(Path(fixtures), Path(out)), flush=True)
    except (BuildFailed, DatasetUnavailable, OSError) as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    return 0


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            status = 70
            try:
                status = publish(*json.loads(line))
            finally:
                os._exit(status)
        print(child, flush=True)
        print(os.waitpid(child, 0)[1], flush=True)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    main()
