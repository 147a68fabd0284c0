"""Commands that wait to be watched: ``python -m tests.torture.adding``, as ``publishing`` does it.

A line is the arguments of ``policy-claims`` and where to write what it says.
"""

from __future__ import annotations

import json
import os
import signal
import sys

from service import cli


def run(*arguments: str) -> int:
    *command, log = arguments
    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(said, sys.stdout.fileno())
    os.dup2(said, sys.stderr.fileno())
    os.close(said)
    os.kill(os.getpid(), signal.SIGSTOP)
    status = cli.main(command)
    sys.stdout.flush()
    sys.stderr.flush()
    return status


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            status = 70
            try:
                status = run(*json.loads(line))
            finally:
                os._exit(status)
        print(child, flush=True)
        print(os.waitpid(child, 0)[1], flush=True)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    main()
