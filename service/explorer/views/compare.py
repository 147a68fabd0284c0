"""Year against year: two occasions side by side, topic by topic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.parameters import query_text
from schemas.patterns import SLUG
from schemas.query import DEFAULT_LIMIT, CompareParameters
from service.comparison import MAX_RELATIONS, SIDES, Comparison, compare_occasions
from service.explorer.filter_names import applied_filters
from service.explorer.names import with_article
from service.explorer.state import PageState, page_parameter, read_state
from service.explorer.views.claims import claims_by_id
from service.explorer.words import RELATION
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
    whole = len(result.rows) == result.total
    goals = goal_by_goal(result) if whole else None
    rows = [_row(row, goals, store) for row in result.rows]
    others = _without(result.other_relations, goals)
    ends = {"from": pair.first, "to": pair.second}
    unknown = unknown_values({**pair.state.values, **ends}, store)
    return {
        "pair": pair,
        "offers": _offers(records.values(), ids),
        "sides": [
            (side["id"], records.get(side["id"]), side)
            for side in (result.first, result.second)
            if pair.first
        ],
        "topics": rows,
        "goals": goals,
        "topic_count": result.total,
        "relation_count": result.relation_count,
        "other_relations": others[:MAX_RELATIONS],
        "other_relation_count": len(others),
        "standings": result.standings,
        "statements": _statements(result.rows, result.other_relations[:MAX_RELATIONS], store),
        "applied": pair.applied(store),
        "unknown": unknown if pair.first else [],
        "max_restatements": MAX_RESTATEMENTS,
        "next": pair.address(result.next_cursor) if result.next_cursor else None,
    }


@dataclass(frozen=True, slots=True)
class GoalByGoal:
    """The goals of two occasions, restatements left out: ``pairs`` that a relation joins, and the
    goals of either that none joins to one of the other.

    A pair is the goal of the first occasion, the relation read from it in words, the goal of the
    second, and the reason.
    """

    totals: tuple[int, int]
    pairs: list[dict[str, Any]]
    alone: tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]
    relations: list[Mapping[str, Any]]


def goal_by_goal(result: Comparison) -> GoalByGoal:
    """The goals among all the claims that are compared."""
    first, second = (
        {one["id"]: one for row in result.rows for one in row[end]["claims"] if one["goal"]}
        for end in SIDES
    )
    relations = [*(each for row in result.rows for each in row["relations"])]
    relations += result.other_relations
    pairs, joining = [], []
    for each in relations:
        for here, there, phrase in (("claim", "other", 0), ("other", "claim", 1)):
            if each[here] in first and each[there] in second and each not in joining:
                joining.append(each)
                ends = {"first": first[each[here]], "second": second[each[there]]}
                words = RELATION[each["type"]][phrase]
                pairs.append({**ends, "phrase": words, "rationale": each["rationale"]})
    joined = {pair[end]["id"] for pair in pairs for end in ("first", "second")}
    alone = tuple(
        [one for key, one in side.items() if key not in joined] for side in (first, second)
    )
    return GoalByGoal((len(first), len(second)), pairs, (alone[0], alone[1]), joining)


def _without(relations: list[Any], goals: GoalByGoal | None) -> list[Any]:
    """The relations that are not shown goal by goal."""
    return relations if goals is None else [one for one in relations if one not in goals.relations]


def _row(row: Mapping[str, Any], goals: GoalByGoal | None, store: Store) -> dict[str, Any]:
    """A topic as the page shows it: each relation once, speakers by the names of pages."""
    left = _without(row["relations"], goals)
    shown = len(row["relations"]) - len(left)
    sides = {
        end: {
            **row[end],
            "claims": [
                {**claim, "speaker": with_article(claim["speaker"], store)}
                for claim in row[end]["claims"]
            ],
        }
        for end in SIDES
    }
    return {
        **row,
        **sides,
        "relations": left,
        "relation_count": row["relation_count"] - shown,
        "relations_elsewhere": row["relations_elsewhere"] + shown,
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
