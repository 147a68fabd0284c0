"""A client that asks without end and believes nothing: ``python -m tests.torture.asking``.

It reads one JSON object: the port, how many requests, the seed, and what every edition answers
(see ``editions``). It prints what it saw as one JSON object. Every answer must be, to the byte,
that of the edition which its ``Dataset-Version`` names; every walk must meet each claim that all
editions have once, and no claim twice.
"""

from __future__ import annotations

import http.client
import json
import random
import sys
import time
from typing import Any

from tests.torture.editions import GZIP, claim_digest, digest

PATIENCE = 120.0
"""Seconds without an answer, after which it counts as none."""
SORTS = ("-announced", "announced", "-content")


class Client:
    """Keeps a connection for some requests, as clients do, and counts what happens to it."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.port, self.rng = given["port"], random.Random(given["seed"])
        self.told = {each["version"]: each for each in given["told"]}
        self.always = set(given["always"])
        self.left: int = given["requests"]
        self.asked = self.walks = self.unchanged = 0
        self.lost: list[tuple[float, float, bool]] = []
        """From when to when a request waited that got no answer, and whether others went before it
        on the connection: a worker that leaves closes idle ones, and what is sent into them is
        never begun.
        """
        self.wrong: list[str] = []
        self.versions: dict[str, int] = {}
        self.tags: dict[str, str] = {}
        self._connection: http.client.HTTPConnection | None = None
        self._used = 0

    def run(self) -> dict[str, Any]:
        paths = list(next(iter(self.told.values()))["answers"])
        while self.asked < self.left:
            if self.rng.random() < 0.02:
                self._walk()
            else:
                self._check(self.rng.choice(paths))
        kept = ("asked", "walks", "unchanged", "lost", "wrong", "versions")
        return {name: getattr(self, name) for name in kept}

    def _check(self, path: str) -> None:
        headers = {"Accept-Encoding": "gzip"} if path.endswith(GZIP) else {}
        held = self.tags.get(path)
        if held is not None and self.rng.random() < 0.2:
            headers["If-None-Match"] = held
        status, got, body = self._answer(path.removesuffix(GZIP), headers)
        version = got.get("Dataset-Version", "none")
        known = self.told.get(version)
        if status == 304 and "If-None-Match" in headers and got["ETag"] == held:
            self.unchanged += 1
        elif status != 200 or known is None:
            self._is_wrong(f"{path}: {status} {version} {body[:200]!r}")
        elif known["answers"][path] != digest(body):
            self._is_wrong(f"{path}: not the answer of {version}: {body[:200]!r}")
        else:
            self.tags[path] = got["ETag"]

    def _walk(self) -> None:
        sort, limit = self.rng.choice(SORTS), self.rng.randrange(5, 30)
        path: str | None = f"/v1/claims?sort={sort}&limit={limit}"
        met: list[str] = []
        while path is not None:
            status, got, body = self._answer(path, {})
            version = got.get("Dataset-Version", "none")
            if status != 200 or version not in self.told:
                self._is_wrong(f"{path}: {status} {version} {body[:200]!r}")
                return
            page = json.loads(body)
            claims = {claim["id"]: claim_digest(claim) for claim in page["data"]}
            if page["meta"]["dataset"]["version"] != version or not (
                claims.items() <= self.told[version]["claims"].items()
            ):
                self._is_wrong(f"{path}: claims that {version} has not")
            met += [claim["id"] for claim in page["data"]]
            path = page["links"]["next"]
        if len(met) != len(set(met)) or not self.always <= set(met):
            missing = sorted(self.always - set(met))
            self._is_wrong(f"a walk by {sort} met {len(met)}, skipped {missing}")
        self.walks += 1

    def _answer(
        self, path: str, headers: dict[str, str]
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """The answer, asked for again where the connection was lost; that is written down."""
        since = time.monotonic()
        while True:
            if self._connection is None or self._used > self.rng.randrange(10, 200):
                self._close()
                self._connection = http.client.HTTPConnection("127.0.0.1", self.port, PATIENCE)
            reused, self._used = self._used > 0, self._used + 1
            started = time.monotonic()
            try:
                self._connection.request("GET", path, headers=headers)
                reply = self._connection.getresponse()
                body = reply.read()
            except (OSError, http.client.HTTPException) as error:
                cut = isinstance(error, http.client.IncompleteRead)
                self.lost.append((started, time.monotonic(), reused and not cut))
                self._close()
                if time.monotonic() - since > PATIENCE:
                    raise SystemExit(f"nobody answers {path} any more: {error}") from error
                time.sleep(0.01)
                continue
            self.asked += 1
            version = reply.headers.get("Dataset-Version", "none")
            self.versions[version] = self.versions.get(version, 0) + 1
            return reply.status, reply.headers, body

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection, self._used = None, 0

    def _is_wrong(self, what: str) -> None:
        if len(self.wrong) < 20:
            self.wrong.append(what)


if __name__ == "__main__":
    print(json.dumps(Client(json.load(sys.stdin)).run()))
