"""Two occasions side by side: nothing is dropped, nothing is said that the record does not hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask

from service.comparison import MAX_RELATIONS, Comparison, compare_occasions
from service.comparison.occasion import MAX_CLAIMS
from service.compiler import open_fixtures
from service.store.protocol import Store
from tests.contract_tools import ContractClient
from tests.records import OCCASIONS, claim, claim_id, fixtures, relation

FIRST, SECOND = "wpk-plenary-2022-12", "wpk-plenary-2023-12"
BOTH = f"/v1/compare?from={FIRST}&to={SECOND}"
ONE, OTHER = sorted(OCCASIONS)[:2]

Json = dict[str, Any]


def asked(client: ContractClient, url: str) -> Json:
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    body: Json = answer.get_json()
    return body


def rows(client: ContractClient, url: str = BOTH) -> dict[str, Json]:
    return {row["topic"]["id"]: row for row in asked(client, f"{url}&limit=100")["data"]}


def claims_of(client: ContractClient, occasion: str) -> list[Json]:
    found: list[Json] = asked(client, f"/v1/claims?occasion={occasion}&limit=100")["data"]
    return found


def restates(record: Mapping[str, Any]) -> bool:
    return any(each["type"] == "restates" for each in record["relations"])


# --- what is shown ------------------------------------------------------------------------------


def test_every_topic_of_either_occasion_is_there(client: ContractClient) -> None:
    topics = {
        topic["id"]
        for occasion in (FIRST, SECOND)
        for each in claims_of(client, occasion)
        for topic in each["topics"]
    }
    assert {*rows(client)} == topics
    assert {row["presence"] for row in rows(client).values()} <= {"both", "only_from", "only_to"}


@pytest.mark.parametrize(("side", "occasion"), [("from", FIRST), ("to", SECOND)])
def test_each_side_lists_its_claims_with_restatements_counted_and_named(
    client: ContractClient, side: str, occasion: str
) -> None:
    claims = claims_of(client, occasion)
    for topic, row in rows(client).items():
        on_topic = [each for each in claims if topic in {t["id"] for t in each["topics"]}]
        distinct = [each["id"] for each in on_topic if not restates(each)]
        assert [each["id"] for each in row[side]["claims"]] == distinct
        assert row[side]["total"] == len(distinct)
        assert row[side]["restatements"] == len(on_topic) - len(distinct)
        for each in row[side]["claims"]:
            assert each["restated_by"] == sorted(
                other["id"] for other in claims if ("restates", each["id"]) in plain(other)
            )


def plain(record: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Type and target of its relations."""
    return {(each["type"], each["claim"]) for each in record["relations"]}


def test_a_claim_in_short_is_the_claim(client: ContractClient) -> None:
    for row in rows(client).values():
        for each in (*row["from"]["claims"], *row["to"]["claims"]):
            whole = asked(client, f"/v1/claims/{each['id']}")["data"]
            for key in ("id", "statement", "kind", "goal"):
                assert each[key] == whole[key]
            assert each["speaker"] == whole["sources"][0]["agent"]


def test_the_relations_are_all_that_lead_from_one_occasion_to_the_other(
    client: ContractClient,
) -> None:
    ids = [{each["id"] for each in claims_of(client, each)} for each in (FIRST, SECOND)]
    expected = {
        (each["id"], found["type"], found["claim"], found["rationale"])
        for each in (*claims_of(client, FIRST), *claims_of(client, SECOND))
        for found in each["relations"]
        if any(each["id"] in here and found["claim"] in there for here, there in (ids, ids[::-1]))
    }
    page = asked(client, f"{BOTH}&limit=100")
    listed = [each for row in page["data"] for each in row["relations"]]
    told = [
        (each["claim"], each["type"], each["other"], each["rationale"])
        for each in (*listed, *page["meta"]["other_relations"])
    ]
    assert expected
    assert sorted(told) == sorted(expected), "each once"


def test_turned_round_the_comparison_is_the_same(client: ContractClient) -> None:
    turned = rows(client, f"/v1/compare?from={SECOND}&to={FIRST}")
    presence = {"both": "both", "only_from": "only_to", "only_to": "only_from"}
    for topic, row in rows(client).items():
        other = turned[topic]
        assert (row["from"], row["to"]) == (other["to"], other["from"])
        assert row["presence"] == presence[other["presence"]]
        assert row["relations"] == other["relations"]


# --- every pair is answered ---------------------------------------------------------------------


def test_an_occasion_that_does_not_exist_has_no_claims_and_no_name(client: ContractClient) -> None:
    page = asked(client, f"/v1/compare?from={FIRST}&to=no-such-occasion")
    nothing = {"id": "no-such-occasion", "name": None, "total": 0, "restatements": 0}
    assert page["meta"]["to"] == nothing
    assert page["data"]
    for row in page["data"]:
        assert row["presence"] is None
        none: Json = {"total": 0, "restatements": 0, "record": "no_such_occasion", "claims": []}
        assert row["to"] == none
        assert row["relations"] == []


def test_two_occasions_that_do_not_exist_are_an_empty_page(client: ContractClient) -> None:
    page = asked(client, "/v1/compare?from=nothing&to=nowhere")
    assert (page["data"], page["meta"]["total"], page["links"]["next"]) == ([], 0, None)


def test_an_occasion_can_be_compared_with_itself(client: ContractClient) -> None:
    for row in rows(client, f"/v1/compare?from={FIRST}&to={FIRST}").values():
        assert row["from"] == row["to"]
        assert row["presence"] == "both"


def test_topics_are_walked_in_pages(client: ContractClient) -> None:
    whole = asked(client, f"{BOTH}&limit=100")
    for limit in (1, 4, len(whole["data"])):
        found: list[Json] = []
        following: str | None = f"{BOTH}&limit={limit}"
        while following is not None:
            page = asked(client, following)
            assert page["meta"]["total"] == len(whole["data"])
            found += page["data"]
            following = page["links"]["next"]
        assert found == whole["data"]


# --- what the shipped data does not hold --------------------------------------------------------


def compared(*claims: Mapping[str, Any], first: str = ONE, second: str = OTHER) -> Comparison:
    return compare_occasions(store_of(*claims), first, second)


def store_of(*claims: Mapping[str, Any]) -> Store:
    return open_fixtures(fixtures(claims))


def test_what_is_only_restated_at_an_occasion_is_not_called_absent_there() -> None:
    """A claim may restate one of another year; its topic is in the record all the same."""
    found = compared(
        claim(1, occasion=ONE),
        claim(2, occasion=OTHER, relations=[relation("restates", claim_id(1))]),
    )
    (row,) = found.rows
    assert row["presence"] == "both"
    assert row["to"] == {"total": 0, "restatements": 1, "record": "listed", "claims": []}
    assert row["relation_count"] == 1
    assert row["from"]["claims"][0]["restated_by"] == []  # of the same occasion there is none


def test_restatements_of_restatements_are_named_with_the_fullest_statement() -> None:
    found = compared(
        claim(1, occasion=ONE),
        claim(2, occasion=ONE, relations=[relation("restates", claim_id(1))]),
        claim(3, occasion=ONE, relations=[relation("restates", claim_id(2))]),
        claim(4, occasion=ONE, relations=[relation("restates", claim_id(2))]),
    )
    (row,) = found.rows
    assert [each["id"] for each in row["from"]["claims"]] == [claim_id(1)]
    assert row["from"]["claims"][0]["restated_by"] == [claim_id(2), claim_id(3), claim_id(4)]
    assert (row["from"]["total"], row["from"]["restatements"]) == (1, 3)


def test_a_relation_of_a_restatement_is_told_with_the_claim_it_restates() -> None:
    found = compared(
        claim(1, occasion=ONE),
        claim(2, occasion=ONE, relations=[relation("restates", claim_id(1))]),
        claim(3, occasion=OTHER, relations=[relation("continues", claim_id(2))]),
    )
    (row,) = found.rows
    told = [(each["claim"], each["type"], each["other"]) for each in row["relations"]]
    assert told == [(claim_id(3), "continues", claim_id(2))]
    assert claim_id(2) in row["from"]["claims"][0]["restated_by"]


def test_a_relation_between_two_restatements_is_told_though_neither_is_listed() -> None:
    found = compared(
        claim(1, occasion=ONE),
        claim(2, occasion=ONE, relations=[relation("restates", claim_id(1))]),
        claim(3, occasion=OTHER),
        claim(
            4,
            occasion=OTHER,
            relations=[relation("restates", claim_id(3)), relation("escalates", claim_id(2))],
        ),
    )
    (row,) = found.rows
    told = [(each["claim"], each["type"], each["other"]) for each in row["relations"]]
    assert told == [(claim_id(4), "escalates", claim_id(2))]


def test_relations_within_one_occasion_or_out_of_both_are_left_out() -> None:
    found = compared(
        claim(1, occasion=ONE),
        claim(2, occasion=ONE, relations=[relation("details", claim_id(1))]),
        claim(3, relations=[relation("supports", claim_id(1))]),
        claim(4, occasion=OTHER, relations=[relation("contrasts", claim_id(3))]),
    )
    assert [row["relations"] for row in found.rows] == [[]]


def test_long_lists_are_cut_and_say_how_long_they_are() -> None:
    first = [claim(n, occasion=ONE) for n in range(1, MAX_CLAIMS + 4)]
    again = [
        claim(n, occasion=ONE, relations=[relation("restates", claim_id(1))])
        for n in range(100, 100 + MAX_CLAIMS + 1)
    ]
    second = [
        claim(n, occasion=OTHER, relations=[relation("continues", claim_id(1))])
        for n in range(200, 200 + MAX_RELATIONS + 3)
    ]
    (row,) = compared(*first, *again, *second).rows
    side = row["from"]
    assert (side["total"], side["restatements"]) == (MAX_CLAIMS + 3, MAX_CLAIMS + 1)
    assert [each["id"] for each in side["claims"]] == [
        claim_id(n) for n in range(1, MAX_CLAIMS + 1)
    ]
    assert side["claims"][0]["restated_by"] == [claim_id(100 + n) for n in range(MAX_CLAIMS)]
    assert row["relation_count"] == MAX_RELATIONS + 3
    assert len(row["relations"]) == MAX_RELATIONS


def test_restatements_of_restatements_are_listed_with_the_claim_they_restate_in_the_end() -> None:
    steps = [(2, 1), (3, 2), (4, 1)]
    again = [
        claim(n, occasion=ONE, relations=[relation("restates", claim_id(restated))])
        for n, restated in steps
    ]
    (row,) = compared(claim(1, occasion=ONE), *again).rows
    assert row["from"]["claims"][0]["restated_by"] == [claim_id(2), claim_id(3), claim_id(4)]


def test_a_claim_stands_under_each_of_its_topics(app: Flask) -> None:
    store = app.extensions["claims.provider"].current()
    found = compare_occasions(store, FIRST, SECOND)
    under = [
        row["topic"]["id"]
        for row in found.rows
        if "clm_tepv4g4s" in {each["id"] for each in row["to"]["claims"]}
    ]
    assert under == ["agriculture", "food-security"]
    assert found.next_cursor is None
