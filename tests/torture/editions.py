"""Editions of one data set, each telling its number in every claim, and what a service answers
from each of them, to the byte.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from dataclasses import dataclass
from typing import Any

from service.app import create_app
from service.compiler import Fixtures, open_fixtures
from service.config import Config
from tests import records

COMMON, COMING = 60, 40
"""Claims that every edition has, and claims of which each edition has some."""
WORDS = ("harvest", "rocket", "meeting", "railway", "bridge")

GZIP = " gzip"
"""Stands behind a path that is asked with ``Accept-Encoding: gzip``."""
ONE = records.claim_id(7)
PATHS = (
    *("/v1/claims?limit=5", "/v1/claims?limit=25&sort=announced", "/v1/claims?topic=food"),
    *("/v1/claims?q=harvest&limit=3", f"/v1/claims/{ONE}", f"/v1/claims/{ONE}.jsonld"),
    *("/v1/claims.csv", "/v1/claims.ndjson", "/v1/quotes.csv", f"/v1/claims/{ONE}/history"),
    *("/v1/counts?by=topic", "/v1/counts.csv?by=kind", "/v1/counts?by=topic,announced_year"),
    *("/v1/agents?limit=3", "/v1/topics", "/v1/topics/food", "/v1/documents", "/v1/occasions"),
    *("/v1/dataset", "/v1/dataset.jsonld", "/v1/changes?since=0&limit=5"),
    *("/v1/compare?from=meeting-2022&to=meeting-2023", "/", "/?topic=food", f"/claims/{ONE}"),
    *("/compare?from=meeting-2022&to=meeting-2023", "/goals", "/values/topic"),
)
_GZIPPED = b"\x1f\x8b"
_OF_ITS_FEED = re.compile(rb'"feed":(?:"[0-9a-f]{16}"|\{[^}]*\})|\b[0-9a-f]{40}\b')
"""The name of a feed and why it began, and positions in it, which are of 40 digits."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a service tells of one edition: a hash of every answer and of every claim."""

    version: str
    answers: dict[str, str]
    claims: dict[str, str]


def edition(number: int) -> Fixtures:
    """The curated records of one edition; an agent's name tells the edition as well."""
    rng = random.Random(number)
    coming = rng.sample(range(COMMON, COMMON + COMING), COMING // 2)
    claims = [_claim(n, number) for n in (*range(COMMON), *sorted(coming))]
    names = {"north": f"North, edition {number}"}
    return records.fixtures(claims, agents=names, topics={"food": f"Food {number}"})


def _claim(number: int, edition: int) -> records.Record:
    """Where it stands in any order is the same in every edition; what it says is not."""
    rng = random.Random(f"claim {number}")
    text = f"{rng.choice(WORDS)} {number} of edition {edition}"
    return records.claim(
        number,
        announced=f"20{rng.randrange(10, 24)}-{rng.randrange(1, 13):02}",
        statement=f"Edition {edition} has the {text}.",
        kind="goal",
        topics=[rng.choice(list(records.TOPICS))],
        goal=records.goal("2024"),
        occasion=rng.choice(list(records.OCCASIONS)),
        quotes=[records.quote(f"the {text}")],
        confidence=records.confidence("moderate", rng.randrange(2, 7)),
    )


def always_there() -> list[str]:
    """The claims of every edition."""
    return [records.claim_id(number) for number in range(COMMON)]


def told(number: int) -> Told:
    """What is to be answered from an edition, by a service that knows no other."""
    store = open_fixtures(edition(number))
    client = create_app(Config(access_log=False, cache_bytes=0), store).test_client()
    answers = {}
    for path in PATHS:
        for kind, headers in (("", {}), (GZIP, {"Accept-Encoding": "gzip"})):
            reply = client.get(path, headers=headers)
            assert reply.status_code == 200, path
            assert reply.headers["Dataset-Version"] == store.dataset.version
            answers[path + kind] = digest(reply.get_data())
    lines = client.get("/v1/claims.ndjson").get_data().splitlines()
    claims = {claim["id"]: claim_digest(claim) for claim in map(json.loads, lines)}
    return Told(store.dataset.version, answers, claims)


def digest(content: bytes) -> str:
    """Of all that an answer says but its feed, which what was published before it decides."""
    plain = gzip.decompress(content) if content.startswith(_GZIPPED) else content
    return hashlib.sha256(_OF_ITS_FEED.sub(b"", plain)).hexdigest()


def claim_digest(claim: Any) -> str:
    return digest(json.dumps(claim).encode())
