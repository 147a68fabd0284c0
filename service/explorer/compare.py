"""Year against year: two occasions side by side, topic by topic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.fields import SLUG
from schemas.parameters import query_text
from schemas.query import DEFAULT_LIMIT, CompareParameters
from service.comparison import MAX_RELATIONS, compare_occasions
from service.explorer.claims import claims_by_id
from service.explorer.filters import applied_filters
from service.explorer.state import PageState, page_parameter, read_state
from service.formats.comparison import ENDS
from service.formats.envelopes import Link
from service.formats.unknown import unknown_values
from service.store.protocol import Store

MAX_RESTATEMENTS = 6
"""Restatements of one claim that are spelled out; the others are counted."""
MAX_OFFERS = 200
"""Occasions in the select lists; of more, the ones with most claims."""


_PARAMETERS = CompareParameters()
_OWN = {"occasion": (), "sort": None, "limit": DEFAULT_LIMIT, "cursor": None}
"""The parameters of claims that the page has not, or takes in another sense."""


@dataclass(frozen=True, slots=True)
class AskedPair:
    """Two occasions, the filters of the claims to compare, and the topic after which the page
    starts; empty where there is none.
    """

    first: str
    second: str
    after: str
    state: PageState

    def address(self, after: str = "") -> str:
        return self._address(self.state, after)

    @property
    def path_of_table(self) -> str:
        return self.address().replace("/compare", "/v1/compare.csv", 1)

    @property
    def identity(self) -> str:
        """Everything in the query string that the page depends on."""
        return f"{self.address(self.after)} {self.state.identity}"

    def swapped(self) -> str:
        return AskedPair(self.second, self.first, "", self.state).address()

    def claims(self, occasion: str, **values: Any) -> str:
        """The address of the list of the claims that are compared of one occasion."""
        return self.state.changed(occasion=(occasion,), **values).claims()

    def applied(self, store: Store) -> list[dict[str, str | None]]:
        """Every filter that is set, and the address of the page without it."""
        return [
            {**one, "off": self._address(without)}
            for one, without in applied_filters(self.state, store)
        ]

    def _address(self, state: PageState, after: str = "") -> str:
        if not self.first:
            return "/compare"
        values = {name: value for name, value in state.values.items() if name not in _OWN}
        values |= {"from": self.first, "to": self.second, "cursor": after or None}
        return f"/compare?{query_text(values, _PARAMETERS)}"


def read_pair(query_string: bytes, store: Store, link: Link) -> AskedPair:
    """The occasions of a query string; the two latest of one series unless it names two."""
    ends = [page_parameter(query_string, name) for name in ("from", "to")]
    first, second = ends if all(map(SLUG.fullmatch, ends)) else _two_latest(store)
    after = page_parameter(query_string, "cursor")
    state = read_state(query_string, link)
    ignored = tuple(fault for fault in state.ignored if fault.parameter not in _OWN)
    state = PageState({**state.values, **_OWN}, ignored, link)
    return AskedPair(first, second, after if SLUG.fullmatch(after) else "", state)


def comparison(pair: AskedPair, store: Store) -> dict[str, Any]:
    """What the template reads; without two occasions ``sides`` and ``topics`` are empty.

    ``sides`` are ids with records, ``None`` for an occasion that is not in the data set, and how
    many claims of it are compared; ``topics`` are ComparedTopic of the contract.
    """
    records = {record["id"]: record for record in store.vocabularies["occasions"]}
    ids = (pair.first, pair.second)
    query = pair.state.query
    result = compare_occasions(store, *ids, pair.after or None, DEFAULT_LIMIT, query)
    others = result.other_relations[:MAX_RELATIONS]
    ends = {"from": pair.first, "to": pair.second}
    unknown = unknown_values({**pair.state.values, **ends}, store.vocabularies, ENDS)
    return {
        "pair": pair,
        "offers": _offers(records.values(), ids),
        "sides": [
            (side["id"], records.get(side["id"]), side)
            for side in (result.first, result.second)
            if pair.first
        ],
        "topics": result.rows,
        "topic_count": result.total,
        "relation_count": result.relation_count,
        "other_relations": others,
        "other_relation_count": len(result.other_relations),
        "standings": result.standings,
        "statements": _statements(result.rows, others, store),
        "applied": pair.applied(store),
        "unknown": unknown if pair.first else [],
        "max_restatements": MAX_RESTATEMENTS,
        "next": pair.address(result.next_cursor) if result.next_cursor else None,
    }


def _two_latest(store: Store) -> tuple[str, str]:
    """The two latest occasions with claims, of one series where a series has two."""
    occasions = [o for o in store.vocabularies["occasions"] if o["claim_count"]]
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


def _statements(
    topics: Iterable[Mapping[str, Any]], others: Iterable[Mapping[str, Any]], store: Store
) -> dict[str, str]:
    """By id, the statements of all claims that topics and further relations name."""
    claims = [claim for row in topics for end in ("from", "to") for claim in row[end]["claims"]]
    statements = {claim["id"]: claim["statement"] for claim in claims}
    relations = [*others, *(each for row in topics for each in row["relations"])]
    ids = {each[end] for each in relations for end in ("claim", "other")}
    ids |= {one for claim in claims for one in claim["restated_by"][:MAX_RESTATEMENTS]}
    further = claims_by_id(ids - set(statements), store)
    return statements | {key: claim["statement"] for key, claim in further.items()}
