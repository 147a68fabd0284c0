"""Asks at a fixed rate, in a process of its own; prints latencies as JSON.

A latency runs from the moment the request was due, so that a server that stalls is charged for
those that had to wait as well.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from pathlib import Path

CONNECTIONS = 8


def ask(port: int, paths: list[str], due: list[float], found: list[float], bad: list[str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    for path, moment in zip(paths, due, strict=True):
        time.sleep(max(0.0, moment - time.perf_counter()))
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            if response.status == 200:
                found.append(time.perf_counter() - moment)
            else:
                bad.append(str(response.status))
        except (OSError, http.client.HTTPException) as error:
            bad.append(str(error))
            connection.close()
    connection.close()


def main() -> int:
    port, file, offset, rate, seconds = sys.argv[1:]
    paths = Path(file).read_text().split()
    count = int(float(rate) * float(seconds))
    wanted = [paths[(int(offset) + n) % len(paths)] for n in range(count)]
    start = time.perf_counter() + 0.1
    due = [start + n / float(rate) for n in range(count)]
    found: list[float] = []
    bad: list[str] = []
    threads = [
        threading.Thread(
            target=ask,
            args=(int(port), wanted[n::CONNECTIONS], due[n::CONNECTIONS], found, bad),
        )
        for n in range(CONNECTIONS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"latencies_ms": sorted(round(1000 * x, 3) for x in found), "bad": len(bad)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
