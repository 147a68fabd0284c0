"""A worker's data set replaced again and again: ``python -m tests.torture.moving_on``.

It reads one JSON object: the directory to serve from, two data sets, and how often to put one in
the place of the other. Each is asked, and an export is half read, before the other takes its place
and its directory is removed; then the export is read to its end. It prints what the process held
after the first tenth and at the end, and what was wrong.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from service.app import create_app
from service.config import Config
from tests.torture.editions import PATHS

SETTLING = 1.5
"""Seconds in which a thread of the search engine notices that its index is gone."""


def held(out: Path) -> dict[str, int]:
    """What the process has: memory of its own, open files, mapped files of data sets, threads."""
    time.sleep(SETTLING)
    status = Path("/proc/self/status").read_text()
    anonymous = re.search(r"RssAnon:\s+(\d+) kB", status)
    threads = re.search(r"Threads:\s+(\d+)", status)
    assert anonymous is not None
    assert threads is not None
    return {
        "kB": int(anonymous[1]),
        "files": len(os.listdir("/proc/self/fd")),  # noqa: PTH208  # one of them is this listing's
        "mappings": Path("/proc/self/maps").read_text().count(f" {out}/"),
        "threads": int(threads[1]),
    }


def put(source: Path, out: Path) -> None:
    """Makes a data set the current one, and removes the other."""
    shutil.copytree(source, out / source.name)
    link = out / ".link"
    link.symlink_to(source.name)
    link.replace(out / "current")
    for path in out.iterdir():
        if not path.is_symlink() and path.name != source.name:
            shutil.rmtree(path)


def main(given: dict[str, Any]) -> dict[str, Any]:
    out, sets, times = Path(given["out"]), [Path(s) for s in given["sets"]], given["times"]
    out.mkdir()
    put(sets[0], out)
    app = create_app(Config(datasets=out, access_log=False))
    provider, client = app.extensions["claims.provider"], app.test_client()
    wrong, before = 0, None
    for number in range(1, times + 1):
        for path in PATHS:
            wrong += client.get(path).headers["Dataset-Version"] != sets[(number - 1) % 2].name
        export = client.get("/v1/claims.ndjson?sort=announced", buffered=False)
        pieces: Any = iter(export.response)
        put(sets[number % 2], out)
        provider.look()
        wrong += len(b"".join(pieces)) != int(export.headers["Content-Length"])
        export.close()
        wrong += client.get("/v1/dataset").headers["Dataset-Version"] != sets[number % 2].name
        if number == times // 10:
            before = held(out)
    return {"wrong": wrong, "before": before, "after": held(out)}


if __name__ == "__main__":
    print(json.dumps(main(json.load(sys.stdin))))
