"""Year against year: two occasions side by side, topic by topic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.fields import SLUG
from schemas.query import DEFAULT_LIMIT
from service.comparison import compare_occasions
from service.explorer.claims import claims_by_id
from service.explorer.state import page_parameter
from service.store.protocol import Store

MAX_RESTATEMENTS = 6
"""Restatements of one claim that are spelled out; the others are counted."""
MAX_OFFERS = 200
"""Occasions in the select lists; of more, the ones with most claims."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two occasions, and the topic after which the page starts; empty where there is none."""

    first: str
    second: str
    after: str

    def address(self, after: str = "") -> str:
        cursor = f"&cursor={after}" if after else ""
        return f"/compare?from={self.first}&to={self.second}{cursor}" if self.first else "/compare"


def read_pair(query_string: bytes, store: Store) -> Pair:
    """The occasions of a query string; the two latest of one series unless it names two."""
    ends = [page_parameter(query_string, name) for name in ("from", "to")]
    first, second = ends if all(map(SLUG.fullmatch, ends)) else _two_latest(store)
    after = page_parameter(query_string, "cursor")
    return Pair(first, second, after if SLUG.fullmatch(after) else "")


def comparison(pair: Pair, store: Store) -> dict[str, Any]:
    """What the template reads; without two occasions ``sides`` and ``topics`` are empty.

    ``sides`` are ids with records, ``None`` for an occasion that is not in the data set;
    ``topics`` are ComparedTopic of the contract.
    """
    records = store.vocabularies["occasions"].records
    ids = (pair.first, pair.second)
    result = compare_occasions(store, *ids, pair.after or None, DEFAULT_LIMIT)
    return {
        "pair": pair,
        "offers": _offers(records.values(), ids),
        "sides": [(identifier, records.get(identifier)) for identifier in ids if identifier],
        "topics": result.rows,
        "statements": _statements(result.rows, store),
        "max_restatements": MAX_RESTATEMENTS,
        "next": pair.address(result.next_cursor) if result.next_cursor else None,
    }


def _two_latest(store: Store) -> tuple[str, str]:
    """The two latest occasions with claims, of one series where a series has two."""
    occasions = [o for o in store.vocabularies["occasions"].records.values() if o["claim_count"]]
    occasions.sort(key=lambda o: o["dates"]["earliest"] or o["dates"]["latest"] or "", reverse=True)
    for latest in occasions:
        earlier = [o for o in occasions if o["series"] == latest["series"] and o is not latest]
        if earlier:
            return str(earlier[0]["id"]), str(latest["id"])
    return (occasions[1]["id"], occasions[0]["id"]) if len(occasions) > 1 else ("", "")


def _offers(
    records: Iterable[Mapping[str, Any]], selected: tuple[str, ...]
) -> list[Mapping[str, Any]]:
    """The occasions to choose from, the selected ones among them."""
    by_size = sorted(records, key=lambda o: (o["id"] not in selected, -o["claim_count"]))
    return sorted(by_size[:MAX_OFFERS], key=lambda o: (o["series"], o["dates"]["earliest"] or ""))


def _statements(topics: Iterable[Mapping[str, Any]], store: Store) -> dict[str, str]:
    """By id, the statements of all claims that the topics name; of retired ones there is none."""
    claims = [claim for row in topics for end in ("from", "to") for claim in row[end]["claims"]]
    statements = {claim["id"]: claim["statement"] for claim in claims}
    ids = {each[end] for row in topics for each in row["relations"] for end in ("claim", "other")}
    ids |= {one for claim in claims for one in claim["restated_by"][:MAX_RESTATEMENTS]}
    others = claims_by_id(ids - set(statements), store)
    return statements | {key: claim["statement"] for key, claim in others.items()}
