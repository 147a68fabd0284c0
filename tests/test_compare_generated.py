"""Comparisons of generated claims: what they say is what searches find, in JSON and in CSV."""

from __future__ import annotations

import csv
import functools
import io
import itertools
import random
import re
from typing import Any
from urllib.parse import urlencode

import pytest

from service.comparison import compare_occasions
from service.compiler import open_fixtures
from service.store.protocol import Store
from tests import records
from tests.contract_tools import ContractClient
from tests.tables import each_row
from tests.wire import app_of

pytestmark = pytest.mark.slow

Json = dict[str, Any]

SELECTIONS: tuple[dict[str, str], ...] = (
    {},
    {"goals_only": "true"},
    {"distinct": "true"},
    {"topic": "space,defence"},
    {"topic_exact": "space", "date_match": "certain", "announced_from": "2022-06-01"},
    {"kind": "goal,event", "horizon": "none,2024"},
    {"announced_from": "2022-11-01"},
    {"q": "nothing"},
)
ONE, OTHER = records.OCCASIONS
PAIRS = [(ONE, OTHER), (OTHER, ONE), (ONE, ONE), (ONE, "meeting-2032")]
SEEDS = range(2)
CASES = [*itertools.product(SEEDS, PAIRS, SELECTIONS)]


@functools.cache
def generated(seed: int) -> Store:
    """Claims of two occasions that have some topics in common, with relations of many kinds."""
    rng = random.Random(seed)
    topics = {each: rng.sample([*records.TOPICS], 3) for each in records.OCCASIONS}
    claims = []
    for number in range(60):
        occasion = rng.choice((ONE, OTHER))
        goal = records.goal(rng.choice((None, "2024"))) if rng.random() < 0.5 else None
        related = {
            rng.randrange(number): rng.choice(("continues", "escalates", "restates", "contrasts"))
            for _ in range(rng.randint(0, min(number, 3)))
        }
        claims.append(
            records.claim(
                number,
                announced=f"2022-{rng.randint(1, 12):02}",
                kind="goal" if goal else rng.choice(("event", "forecast")),
                goal=goal,
                topics=rng.sample(topics[occasion], rng.randint(1, 2)),
                occasion=occasion,
                relations=[
                    records.relation(kind, records.claim_id(other))
                    for other, kind in related.items()
                ],
            )
        )
    return open_fixtures(records.fixtures(claims))


@functools.cache
def client_of(seed: int) -> ContractClient:
    return ContractClient(app_of(generated(seed)))


class Case:
    """A comparison, and what claims there are to judge it by."""

    def __init__(self, seed: int, pair: tuple[str, str], selection: dict[str, str]) -> None:
        self.client, self.pair, self.selection = client_of(seed), pair, selection
        self.query = urlencode({"from": pair[0], "to": pair[1], **selection})
        self.answer = self._json(f"/v1/compare?{self.query}&limit=100")
        self.rows: list[Json] = self.answer["data"]
        self.meta: Json = self.answer["meta"]
        self.selected = {each: self.claims(occasion=each, **selection) for each in pair}
        self.recorded = {each: self.claims(occasion=each) for each in pair}

    def _json(self, url: str) -> Json:
        reply = self.client.get(url)
        assert reply.status_code == 200, reply.text
        body: Json = reply.get_json()
        return body

    def claims(self, **filters: str) -> dict[str, Json]:
        page = self._json("/v1/claims?" + urlencode({**filters, "limit": "100"}))
        return {claim["id"]: claim for claim in page["data"]}

    def __repr__(self) -> str:
        return f"the comparison {self.query}"

    def sides(self) -> list[tuple[str, str]]:
        return [*zip(("from", "to"), self.pair, strict=True)]


@functools.cache
def case_of(number: int) -> Case:
    return Case(*CASES[number])


of_each_case = each_row("case", lambda: map(case_of, range(len(CASES))))


def tags(claim: Json) -> set[str]:
    return {topic["id"] for topic in claim["topics"]}


@of_each_case
def test_a_relation_is_listed_once_and_only_where_both_claims_have_the_topic(case: Case) -> None:
    first, second = (case.selected[each] for each in case.pair)
    expected = {
        (claim["id"], each["type"], each["claim"])
        for here, there in ((first, second), (second, first))
        for claim in here.values()
        for each in claim["relations"]
        if each["claim"] in there
    }
    listed = []
    rows = {row["topic"]["id"] for row in case.rows}
    for row in case.rows:
        topic = row["topic"]["id"]
        assert row["relation_count"] == len(row["relations"])
        for each in row["relations"]:
            ends = [(first | second)[each[end]] for end in ("claim", "other")]
            assert all(topic in tags(end) for end in ends)
            assert each["topics"] == sorted(tags(ends[0]) & tags(ends[1]))
            assert topic == min(rows.intersection(each["topics"]))
            listed.append((each["claim"], each["type"], each["other"]))
    for each in case.meta["other_relations"]:
        assert rows.isdisjoint(each["topics"])
        listed.append((each["claim"], each["type"], each["other"]))
    assert sorted(listed) == sorted(expected)
    assert case.meta["relation_count"] == len(listed)
    assert case.meta["other_relation_count"] == len(case.meta["other_relations"])
    for row in case.rows:
        topic = row["topic"]["id"]
        under = [each for other in case.rows if other is not row for each in other["relations"]]
        assert row["relations_elsewhere"] == sum(topic in each["topics"] for each in under)


@of_each_case
def test_no_verdict_contradicts_a_search(case: Case) -> None:
    broader = records.BROADER
    for row in case.rows:
        topic = row["topic"]["id"]
        near = {topic, broader.get(topic), *(one for one in broader if broader[one] == topic)}
        absent = {}
        for side, occasion in case.sides():
            recorded = case.recorded[occasion].values()
            on_topic = [claim for claim in recorded if topic in tags(claim)]
            selected = [claim for claim in on_topic if claim["id"] in case.selected[occasion]]
            absent[side] = not any(near & tags(claim) for claim in recorded)
            if occasion not in records.OCCASIONS:
                verdict = "no_such_occasion"
            elif selected:
                verdict = "listed"
            elif on_topic:
                verdict = "not_selected"
            else:
                verdict = "absent" if absent[side] else "related_topic"
            assert row[side]["record"] == verdict
            assert row[side]["total"] + row[side]["restatements"] == len(selected)
            if verdict == "absent":
                assert case.claims(occasion=occasion, topic=topic) == {}
        if {*case.pair} <= {*records.OCCASIONS}:
            assert row["presence"] == (
                "only_to" if absent["from"] else "only_from" if absent["to"] else "both"
            )
        else:
            assert row["presence"] is None


@of_each_case
def test_an_occasion_that_does_not_exist_is_named_with_the_nearest(case: Case) -> None:
    unknown = {"parameter": "to", "value": "meeting-2032", "did_you_mean": OTHER}
    expected = [] if {*case.pair} <= {*records.OCCASIONS} else [unknown]
    assert [{**one, "did_you_mean": OTHER} for one in case.meta["unknown"]] == expected
    assert all(one["did_you_mean"] in records.OCCASIONS for one in case.meta["unknown"])


@of_each_case
def test_the_sides_are_what_the_filters_find(case: Case) -> None:
    for side, occasion in case.sides():
        found = case.selected[occasion]
        counted = case.meta[side]
        assert counted["total"] + counted["restatements"] == len(found)
        for row in case.rows:
            topic = row["topic"]["id"]
            more = {"occasion": occasion, "topic_exact": topic, "distinct": "true"}
            behind = case.claims(**{**case.selection, **more})
            assert row[side]["total"] == len(behind)
            assert [each["id"] for each in row[side]["claims"]] == [*behind][:25]


@of_each_case
def test_the_csv_is_the_json(case: Case) -> None:
    text = case.client.get(f"/v1/compare.csv?{case.query}").text
    lines = [*csv.DictReader(io.StringIO(text, newline=""))]
    rows = {row["topic"]["id"]: row for row in case.rows}
    for line in lines:
        claim = case.selected[line["occasion"]][line["claim"]]
        assert line["statement"] == claim["statement"]
        if line["topic"]:
            row = rows[line["topic"]]
            other = "to" if line["side"] == "from" else "from"
            assert line["presence"] == (row["presence"] or "")
            assert line["other_side"] == row[other]["record"]
    under = {(line["topic"], line["side"], line["claim"]) for line in lines if line["topic"]}
    for topic, row in rows.items():
        for side, occasion in case.sides():
            on_topic = {c for c, claim in case.selected[occasion].items() if topic in tags(claim)}
            assert {c for t, s, c in under if (t, s) == (topic, side)} == on_topic
            assert {each["id"] for each in row[side]["claims"]} <= on_topic
    told = [
        (line["topic"], line["claim"], line["relation"], line["related_claim"], line["rationale"])
        for line in lines
        if line["relation"]
    ]
    places = [*((row["topic"]["id"], row["relations"]) for row in case.rows)]
    expected = [
        (topic, each["claim"], each["type"], each["other"], each["rationale"])
        for topic, relations in (*places, ("", case.meta["other_relations"]))
        for each in relations
    ]
    assert sorted(told) == sorted(expected)


@of_each_case
def test_a_number_on_the_page_is_the_total_behind_its_link(case: Case) -> None:
    page = case.client.get(f"/compare?{case.query}").text
    links = re.findall(r'href="(/[^"]*)" data-total="(\d+)"', page)
    assert links
    for address, number in links:
        query = address.replace("&amp;", "&").partition("?")[2].partition("#")[0]
        answer = case.client.get(f"/v1/claims?{query}").get_json()
        assert answer["meta"]["total"] == int(number), address


def test_each_verdict_and_each_place_of_a_relation_is_among_the_cases() -> None:
    cases = [*map(case_of, range(len(CASES)))]
    rows = [row for each in cases for row in each.rows]
    verdicts = {row[side]["record"] for row in rows for side in ("from", "to")}
    assert verdicts == {"listed", "not_selected", "related_topic", "absent", "no_such_occasion"}
    assert {row["presence"] for row in rows} == {"both", "only_from", "only_to", None}
    assert any(row["relations"] for row in rows)
    assert any(row["relations_elsewhere"] for row in rows)
    assert any(each.meta["other_relations"] for each in cases)


class CountingStore:
    """A store that counts the questions it is asked."""

    def __init__(self, store: Store) -> None:
        self._store, self.questions = store, 0

    def __getattr__(self, name: str) -> Any:
        if name in ("answers", "search", "counts", "export", "get", "changes"):
            self.questions += 1
        return getattr(self._store, name)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_comparison_asks_the_store_at_most_three_times(seed: int) -> None:
    store = CountingStore(generated(seed))
    compare_occasions(store, ONE, OTHER)
    assert store.questions <= 3
