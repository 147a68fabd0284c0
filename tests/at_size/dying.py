"""Builds that end by SIGKILL before a chosen one of all the changes they make on disk.

``python -m tests.at_size.dying`` reads a line for each build, JSON: the number of the change (0 for
none), the directory of fixtures, the directory of data sets. It answers each with the status that
``waitpid`` gives. Each build is a fork of one process, since loading the code takes longest.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from service.compiler import build_dataset

CHANGING = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "os.link", "os.symlink"}
"""Audit events (PEP 578) that tell of a change before it is made, beside ``open`` for writing."""
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def die_before(number: int) -> None:
    """From now on this process counts what it changes, and does not live to make that change."""
    made = 0

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal made
        if event in CHANGING or (event == "open" and arguments[2] & WRITING):
            made += 1
            if made == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


def build(number: int, fixtures: str, out: str) -> int:
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, sys.stdout.fileno())
    os.dup2(quiet, sys.stderr.fileno())
    die_before(number)
    build_dataset(Path(fixtures), Path(out))
    return 0


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os._exit(build(*json.loads(line)))
        print(os.waitpid(child, 0)[1], flush=True)


if __name__ == "__main__":
    sys.dont_write_bytecode = True  # another change on disk, and none of the build's
    main()
