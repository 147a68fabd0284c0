"""What synthetic claims refer to: documents, agents, topics, occasions and dates."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

from benchmarks.drawing import Shares, crockford, shuffled

Record = dict[str, Any]

FIRST_DAY = dt.date(2010, 1, 4)
YEARS = 15
CLAIMS_A_DOCUMENT = 30
DOCUMENT_LENGTH = 20_000
TOPICS = 120
GRADES = "ABCDEF"
AGENT_KINDS = ("person", "state_media", "government", "party_body", "military", "sector",
               "news_outlet", "experts", "officials", "country", "unnamed")  # fmt: skip
_NOTE = "The document gives no day; the passage before names the week."
_MOST_DAYS = 480
"""A date takes the build milliseconds to parse, once for each distinct one. A data set repeats its
dates; the shipped one has a dozen for sixty claims."""


class Dates:
    """A bounded number of distinct dates, and how often each form of them is drawn."""

    ANNOUNCED = Shares({"same": 176, "uncertain": 26, "month": 20, "none": 18, "interval": 10,
                        "year": 6})  # fmt: skip
    OCCURRED = Shares({"none": 100, "day": 76, "uncertain": 28, "month": 22, "year": 12,
                       "interval": 12, "open": 6})  # fmt: skip
    HORIZON = Shares({"none": 70, "year": 120, "uncertain-year": 26, "interval": 20, "decade": 10,
                      "open": 10})  # fmt: skip

    def __init__(self, claims: int) -> None:
        count = max(12, min(_MOST_DAYS, claims // 20))
        step = dt.timedelta(days=YEARS * 365 / count)
        self.days = [(FIRST_DAY + step * n).isoformat() for n in range(count)]
        sparse = self.days[:: max(1, count // 40)]
        years = [str(FIRST_DAY.year + n) for n in range(YEARS)]
        ahead = [str(FIRST_DAY.year + n) for n in range(YEARS + 8)]
        self._pools = {
            "day": [_date(day) for day in self.days],
            "uncertain": [_date(f"{day}?") for day in sparse],
            "month": [_date(day[:7]) for day in sparse],
            "year": [_date(year) for year in years],
            "interval": [_date(f"{a}/{b}") for a, b in zip(years, years[2:], strict=False)],
            "open": [_date(f"{year}/..") for year in years[::5]],
        }
        self._horizons = {
            "year": [_date(year) for year in ahead],
            "uncertain-year": [_date(f"{year}?") for year in ahead[::4]],
            "interval": self._pools["interval"],
            "decade": [_date("201X"), _date("202X")],
            "open": self._pools["open"],
        }

    def of_claim(self, published: Record, rng: random.Random) -> Record:
        announced, occurred = self.ANNOUNCED.draw(rng), self.OCCURRED.draw(rng)
        return {
            "announced": published if announced == "same" else self._one(announced, rng),
            "occurred": self._one(occurred, rng),
        }

    def horizon(self, rng: random.Random) -> Record | None:
        form = self.HORIZON.draw(rng)
        if form == "none":
            return None
        pool = self._horizons[form]
        return pool[rng.getrandbits(16) % len(pool)]

    def _one(self, form: str, rng: random.Random) -> Record | None:
        if form == "none":
            return None
        pool = self._pools[form]
        return pool[rng.getrandbits(16) % len(pool)]


def _date(edtf: str) -> Record:
    if "?" in edtf:
        return {"edtf": edtf, "basis": "inferred", "note": _NOTE}
    return {"edtf": edtf, "basis": "stated" if len(edtf) == 10 else "resolved", "note": None}


class Surroundings:
    """The vocabularies, sized after the number of claims, and which of them a claim refers to."""

    def __init__(self, claims: int, seed: int) -> None:
        self._claims, self._seed = claims, seed
        self.dates = Dates(claims)
        self.agents = [_agent(n) for n in range(max(20, int(2 * claims**0.5)))]
        self._by_id = {agent["id"]: agent for agent in self.agents}
        self.relayers = _of_kind(self.agents, "state_media")
        self._publishers = _of_kind(self.agents, "news_outlet")
        self.topics = [_topic(n) for n in range(TOPICS)]
        self.occasions = list(self._make_occasions(max(4, int(claims**0.5 / 2))))
        self.places: list[Record] = []  # none, so that results compare with earlier ones
        self.documents = list(self._make_documents(max(2, claims // CLAIMS_A_DOCUMENT)))

    def agent_name(self, identifier: str) -> str:
        name: str = self._by_id[identifier]["name"]
        return name

    def origin(self, agent: str) -> str:
        """The origin that an agent's information has, as the build counts them."""
        group: str | None = self._by_id[agent]["origin_group"]
        return group or agent

    def document_of(self, number: int, rng: random.Random) -> Record:
        """Claims come document by document; some documents hold more of them than others."""
        size = len(self.documents)
        near = number * size // self._claims + (rng.getrandbits(4) & rng.getrandbits(4))
        return self.documents[min(near, size - 1)]

    def occasion_of(self, document: Record, rng: random.Random) -> str | None:
        """The occasion of the document's time, for half of the claims."""
        if rng.getrandbits(1):
            return None
        place = hash_of(document["id"]) % len(self.occasions)
        identifier: str = self.occasions[place]["id"]
        return identifier

    def recorded_on(self, number: int) -> str:
        return (dt.date(2025, 1, 1) + dt.timedelta(days=number * 300 // self._claims)).isoformat()

    def _make_documents(self, count: int) -> Iterator[Record]:
        days = self.dates.days
        for n in range(count):
            yield {
                "id": "doc_" + crockford(shuffled(n, self._seed + 7)),
                "title": f"Report {n} on field {n % TOPICS}",
                "publisher": self._publishers[n * 7 % len(self._publishers)],
                "dateline": None if n % 3 else f"CITY {n % 40}",
                "published": _date(days[n * len(days) // count]),
                "language": "en",
                "url": None,
                "file": f"report-{n}.txt",
                "sha256": f"{shuffled(n, self._seed + 8):064x}",
                "length": DOCUMENT_LENGTH,
            }

    def _make_occasions(self, count: int) -> Iterator[Record]:
        days = self.dates.days
        for n in range(count):
            yield {
                "id": f"meeting-{n}",
                "name": f"Meeting {n}",
                "series": f"series-{n % 9}",
                "dates": _date(days[n * len(days) // count]),
                "organizer": self.agents[n % 20]["id"],
            }


def hash_of(identifier: str) -> int:
    """A number that an id always gives; hash() differs from process to process."""
    return int.from_bytes(identifier.encode()[-4:], "big")


def _agent(n: int) -> Record:
    return {
        "id": f"agent-{n}",
        "name": f"Agent {n}",
        "kind": AGENT_KINDS[n % len(AGENT_KINDS)],
        "other_names": [f"Actor {n}"] if n % 5 == 0 else [],
        "reliability": {"grade": GRADES[n % 6], "rationale": "Known for nothing but its number."},
        "origin_group": f"group-{n % 50}" if n % 3 == 0 else None,
    }


def _topic(n: int) -> Record:
    """A dozen wide fields, and ten narrower ones below each."""
    return {
        "id": f"field-{n}",
        "label": f"Field {n}",
        "definition": f"Whatever concerns field {n}.",
        "broader": f"field-{n % 12}" if n >= 12 else None,
        "cap_major": 1 + n % 10,
    }


def _of_kind(agents: list[Record], kind: str) -> list[str]:
    return [agent["id"] for agent in agents if agent["kind"] == kind]
