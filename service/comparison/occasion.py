"""The selected claims of one occasion, as they are shown beside those of another."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from schemas.filter_kinds import ServedClaim, ServedRecords
from schemas.filters import with_broader
from schemas.records.claim import restated

MAX_CLAIMS = 25
"""Claims listed of one occasion on one topic, and restatements listed with each of them."""

Json = dict[str, Any]


class OccasionClaims:
    """The selected claims of one occasion, newest announcement first, by topic and by id."""

    def __init__(
        self, occasion: str, name: str | None, recorded: set[str], topics: ServedRecords
    ) -> None:
        self.id, self.name = occasion, name
        self.claims: dict[str, ServedClaim] = {}
        self.on_topic: defaultdict[str, list[ServedClaim]] = defaultdict(list)
        self._restated_by: defaultdict[str, list[str]] = defaultdict(list)
        self._recorded, self._topics = recorded, topics

    def add(self, claim: ServedClaim) -> None:
        self.claims[claim["id"]] = claim
        for topic in claim["topics"]:
            self.on_topic[topic["id"]].append(claim)
        for identifier in restated(claim):
            self._restated_by[identifier].append(claim["id"])

    def summary(self) -> Json:
        """The occasion and the number of its claims (ComparedOccasion)."""
        return {"id": self.id, "name": self.name, **_sizes(self.claims.values())}

    def record(self, topic: str) -> str:
        """What the record holds of the occasion on a topic (RecordedOnTopic)."""
        if self.name is None:
            return "no_such_occasion"
        if topic in self.on_topic:
            return "listed"
        if topic in self._recorded:
            return "not_selected"
        broader = with_broader(self._topics, topic)
        narrower = (topic in with_broader(self._topics, each) for each in self._recorded)
        if not self._recorded.isdisjoint(broader) or any(narrower):
            return "related_topic"
        return "absent"

    def on(self, topic: str) -> Json:
        """The claims of the occasion on one topic (ComparedSide)."""
        claims = self.on_topic.get(topic, [])
        distinct = [claim for claim in claims if not restated(claim)]
        return {
            **_sizes(claims),
            "record": self.record(topic),
            "claims": [
                {
                    **{key: claim[key] for key in ("id", "statement", "kind", "goal")},
                    "speaker": claim["sources"][0]["agent"],
                    "restated_by": sorted(self._restating(claim["id"])),
                }
                for claim in distinct[:MAX_CLAIMS]
            ],
        }

    def _restating(self, identifier: str) -> list[str]:
        """The nearest claims of the occasion that restate one, directly or in steps."""
        chain = [identifier]
        for claim in chain:  # which grows meanwhile
            if len(chain) <= MAX_CLAIMS:
                direct = sorted(self._restated_by.get(claim, ()))
                chain += [each for each in direct if each not in chain]
        return chain[1 : MAX_CLAIMS + 1]


def _sizes(claims: Iterable[ServedClaim]) -> dict[str, int]:
    """How many claims restate none, and how many restate another."""
    restating = Counter(bool(restated(claim)) for claim in claims)
    return {"total": restating[False], "restatements": restating[True]}
