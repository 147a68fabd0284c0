"""A crowd that asks: ``python -m tests.torture.crowd PORT SECONDS SEED (RATE | NUMBER at once)``.

With a rate, requests begin on time whether or not others were answered, each on a connection of its
own, as a crowd does that does not know of each other; "at once" keeps so many going, one after the
other. Each asks something that nobody asked before, and waits PATIENCE seconds for the whole
answer. What became of every one of them is printed as JSON.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import json
import random
import sys
import time
from collections import Counter

PATIENCE = 5.0
WARMING = 0.5
"""Seconds at the start in which what was answered is not counted: no queue is full yet."""


class Crowd:
    """What became of those that asked, and when the good answers came."""

    def __init__(self, port: int, seed: str) -> None:
        self.port, self.rng = port, random.Random(seed)
        self.outcomes: Counter[str] = Counter()
        self.good_at: list[float] = []
        self.slowest: dict[str, float] = {}
        self.numbers = itertools.count()

    def request(self) -> bytes:
        """A count of many groups, which costs some sixty milliseconds; the dates make it new."""
        first = dt.date(1900, 1, 1) + dt.timedelta(days=self.rng.randrange(10_000))
        last = dt.date(2100, 1, 1) + dt.timedelta(days=self.rng.randrange(10_000))
        path = f"/v1/counts?by=topic,actor&announced_from={first}&announced_to={last}"
        return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()

    async def ask(self) -> None:
        """One request; whatever happens to it is written down."""
        loop, begun = asyncio.get_running_loop(), time.perf_counter()
        asking = Asking(self.request(), loop.create_future())
        try:
            # From an address of its own: nginx limits what one address may ask.
            number = next(self.numbers)
            source = f"127.2.{number // 250 % 250}.{number % 250 + 1}"
            await loop.create_connection(
                lambda: asking, "127.0.0.1", self.port, local_addr=(source, 0)
            )
            outcome = await asking.outcome
        except ConnectionRefusedError:
            outcome = "connection refused"
        ended = time.perf_counter()
        self.outcomes[outcome] += 1
        self.slowest[outcome] = max(self.slowest.get(outcome, 0.0), ended - begun)
        if outcome == "200":
            self.good_at.append(ended)

    async def at_rate(self, rate: float, seconds: float) -> None:
        start, asked = time.perf_counter(), []
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, start + number / rate - time.perf_counter()))
            asked.append(asyncio.create_task(self.ask()))
        await asyncio.gather(*asked)

    async def at_once(self, concurrency: int, seconds: float) -> None:
        end = time.perf_counter() + seconds

        async def going() -> None:
            while time.perf_counter() < end:
                await self.ask()

        await asyncio.gather(*(going() for _ in range(concurrency)))


class Asking(asyncio.Protocol):
    """One request on a connection of its own, which ends with the answer; quicker than streams."""

    def __init__(self, request: bytes, outcome: asyncio.Future[str]) -> None:
        self.outcome, self._request, self._pieces = outcome, request, list[bytes]()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(self._request)
        self._late = asyncio.get_running_loop().call_later(PATIENCE, transport.abort)

    def data_received(self, data: bytes) -> None:
        self._pieces.append(data)

    def connection_lost(self, exc: Exception | None) -> None:
        in_time = asyncio.get_running_loop().time() < self._late.when()
        self._late.cancel()
        self.outcome.set_result(judged(b"".join(self._pieces)) if in_time else "no answer in time")


def judged(answer: bytes) -> str:
    """The status of a whole answer, or what is wrong with it."""
    head, end, body = answer.partition(b"\r\n\r\n")
    line, *fields = head.decode("latin-1").lower().split("\r\n")
    headers = dict(field.partition(": ")[::2] for field in fields)
    if not end or len(body) != int(headers.get("content-length", -1)):
        return "connection lost"
    status = line.split()[1]
    return status if status != "503" else _refusal(headers, body)


def _refusal(headers: dict[str, str], body: bytes) -> str:
    """Whether a 503 says what the contract says: a problem, and when to come back."""
    problem = headers.get("content-type") == "application/problem+json"
    told = headers.get("retry-after", "").isdigit()
    whole = problem and json.loads(body)["status"] == 503
    return "503" if whole and told else "503 that is not as promised"


def main() -> None:
    port, seconds, seed, number, *at_once = sys.argv[1:]
    crowd, begun = Crowd(int(port), seed), time.perf_counter()
    if at_once:
        asyncio.run(crowd.at_once(int(number), float(seconds)))
    else:
        asyncio.run(crowd.at_rate(float(number), float(seconds)))
    first, last = begun + WARMING, begun + float(seconds)
    good = sum(first <= moment <= last for moment in crowd.good_at)
    found = {
        "outcomes": dict(crowd.outcomes),
        "goodput": good / (last - first),
        "asked": crowd.outcomes.total(),
        "seconds": time.perf_counter() - begun,
        "cpu": time.process_time(),
        "slowest": crowd.slowest,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
