"""Claims as a list of dictionaries, asked by looking at each of them."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

Claim = dict[str, Any]


def load(path: Path) -> list[Claim]:
    """The claims of a built data set, in default order."""
    with path.open("rb") as file:
        return [json.loads(line) for line in file]


def on(claim: Claim, topics: set[str]) -> bool:
    return any(topic["id"] in topics for topic in claim["topics"])


def page(claims: Iterable[Claim], topics: set[str], kinds: set[str]) -> list[Claim]:
    """The claims on any of some topics and of any of some kinds; an empty set allows all."""
    return [
        claim
        for claim in claims
        if (not kinds or claim["kind"] in kinds) and (not topics or on(claim, topics))
    ]


def places(claims: Iterable[Claim]) -> dict[str, list[int]]:
    """By topic, where in the list its claims are."""
    found: dict[str, list[int]] = defaultdict(list)
    for number, claim in enumerate(claims):
        for topic in claim["topics"]:
            found[topic["id"]].append(number)
    return found


def between(claims: Iterable[Claim], first: str, last: str) -> list[Claim]:
    """The claims announced within some days, the best supported first."""
    found = []
    for claim in claims:
        date = claim["dates"]["announced"]
        if date and (date["earliest"] or "") <= last and (date["latest"] or "9") >= first:
            found.append(claim)
    return sorted(found, key=lambda claim: -(claim["confidence"]["content"]["score"] or 0))


def saying(claims: Iterable[Claim], word: str) -> list[Claim]:
    """The claims with a word in the statement or a quote (no stems, no ranks)."""
    return [
        claim
        for claim in claims
        if word in claim["statement"] or any(word in quote["text"] for quote in claim["quotes"])
    ]


def counted(claims: Iterable[Claim], key: Callable[[Claim], Any]) -> Counter[Any]:
    return Counter(key(claim) for claim in claims)
