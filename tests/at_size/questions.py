"""Questions drawn at random from what a data set holds: frequent values and rare ones, some that
nothing has, days at the edges of real dates, words and phrases of real claims.
"""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Callable, Mapping
from typing import Any

from schemas.query import DATE_MATCHES, SORTS, ClaimQuery
from service.store.dataset_format import Dataset
from service.store.files import line_spans
from tests.reference_store import DIMENSIONS, FILTERS

PARAMETERS = (
    *FILTERS,
    *("horizon", "goals_only", "distinct", "min_attribution", "min_content"),
    *("announced_from", "announced_to", "occurred_from", "occurred_to"),
    *("q", "q", "q"),
)
"""What a question may ask for; words more often, since they are asked in many ways."""
ORDERS = (None, *SORTS)
LONGEST = 200
_SAMPLED = 3_000
_MISSING = {"id": "clm_zzzzzzzz", "document": "doc_zzzzzzzz"}
_SCORES = (0, 10, 11, 15, 16, 30, 50, 51, 70, 71, 85, 86, 90, 91, 100)
_ODD = ("...", "-", '""', '-""', "--x", "id:clm", "x*", "[a TO z]", '"open', "a AND b")

Claim = Mapping[str, Any]


class Questions:
    """Draws questions about one data set; the same random numbers draw the same questions."""

    def __init__(self, dataset: Dataset, rng: random.Random) -> None:
        self._rng = rng
        spans = list(line_spans(dataset.claims))
        chosen = rng.sample(spans, min(_SAMPLED, len(spans)))
        self._claims = [json.loads(dataset.claims[start:end]) for start, end in chosen]
        self._values = {
            name: sorted({value for c in self._claims for value in DIMENSIONS[name](c) if value})
            for name in (*FILTERS, "horizon")
        }

    def many(self, number: int) -> list[ClaimQuery]:
        """So many questions. Each parameter in turn is asked for, alone or with others, and each
        order comes with each parameter.
        """
        first = self._rng.randrange(len(PARAMETERS))
        return [
            self.one(
                *dict.fromkeys((PARAMETERS[place % len(PARAMETERS)], *self._others())),
                sort=ORDERS[place // len(PARAMETERS) % len(ORDERS)],
                limit=self._rng.choice((1, 2, 25, 100)),
                date_match=self._rng.choice(DATE_MATCHES),
            )
            for place in range(first, first + number)
        ]

    def one(self, *names: str, **given: Any) -> ClaimQuery:
        """A question that asks for these parameters, mostly with one claim in mind."""
        claims = self._rng.sample(self._claims, 50)
        along = DIMENSIONS.get(names[0], len)
        claim = next((claim for claim in claims if along(claim)), claims[0])
        values = {name: self._drawn(name, claim) for name in names}
        if "q" in names and self._rng.getrandbits(1):
            given = {**given, "sort": None}
        return ClaimQuery(**values, **given)

    def _others(self) -> list[str]:
        return self._rng.choices(PARAMETERS, k=self._rng.choice((0, 0, 1, 1, 2, 3)))

    def _drawn(self, name: str, claim: Claim) -> Any:
        if name == "q":
            return self._text(claim)
        if name in ("goals_only", "distinct"):
            return True
        if name.startswith("min_"):
            return self._rng.choice(_SCORES)
        if name.endswith(("_from", "_to")):
            return self._day(claim["dates"][name.partition("_")[0]])
        return self._some(name, claim)

    def _some(self, name: str, claim: Claim) -> tuple[str, ...]:
        """One to four values of a dimension, of many claims or of few; some that no claim has."""
        of_claim = [value for value in DIMENSIONS[name](claim) if value]
        values = self._values[name] or ["of-nothing"]
        rare = self._rng.choices(values, k=self._rng.choice((1, 1, 3)))
        missing = [_MISSING.get(name, "0003" if name == "horizon" else "of-nothing")]
        several = [*of_claim, *rare]
        chosen = self._rng.choice((of_claim, of_claim, several, several, several + missing, rare))
        return tuple(sorted(set(chosen or self._rng.choice((rare, missing)))))

    def _day(self, date: Mapping[str, Any] | None) -> str:
        """A day at the edge of a date, or next to it; any day where there is no date."""
        edges = [day for end in ("earliest", "latest") if date and (day := date[end])]
        day = dt.date.fromisoformat(self._rng.choice(edges or ["2015-06-30", "2021-01-01"]))
        beside = day.toordinal() + self._rng.choice((-1, 0, 0, 1))
        return dt.date.fromordinal(min(max(beside, 1), dt.date.max.toordinal())).isoformat()

    def _text(self, claim: Claim) -> str:
        """Words and phrases that stand in one claim, wanted or not."""
        draws: list[Callable[[], str]] = [
            lambda: self._run(claim, 1),
            lambda: f"{self._run(claim, 1)} {self._run(claim, 1)}",
            lambda: self._phrase(claim),
            lambda: f"{self._phrase(claim)} {self._run(claim, 1)}",
            lambda: f"{self._run(claim, 1)} -{self._run(self._another(), 1)}",
            lambda: f"{self._run(claim, 1)} -{self._phrase(self._another())}",
            lambda: f"-{self._run(claim, 1)}",
            lambda: f"-{self._phrase(claim)} -{self._run(self._another(), 1)}",
            lambda: " ".join(self._run(claim, 1) for _ in range(4)),
            lambda: f"{self._rng.choice(_ODD)} {self._run(claim, 1)}",
            lambda: self._rng.choice(_ODD),
        ]
        return self._rng.choice(draws)()[:LONGEST].strip() or "agent"

    def _another(self) -> Claim:
        return self._rng.choice(self._claims)

    def _phrase(self, claim: Claim) -> str:
        return f'"{self._run(claim, self._rng.choice((2, 2, 3, 5)))}"'

    def _run(self, claim: Claim, size: int) -> str:
        """Words of one text of a claim as they follow each other, not too many letters of them."""
        named = [*claim["topics"], *claim["actors"], *(link["agent"] for link in claim["sources"])]
        texts = [claim["statement"], *(quote["text"] for quote in claim["quotes"])]
        text = self._rng.choice([*texts, *texts, self._rng.choice(named)["name"]])
        said = text.replace('"', " ").split() or ["the"]
        start = self._rng.randrange(max(1, len(said) - size + 1))
        return " ".join(word[:20] for word in said[start : start + size])
