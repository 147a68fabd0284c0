"""The record of changes, over HTTP: in sequence, with old and new values and the reason."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.records.change import as_curated, differences
from schemas.records.claim import CuratedClaimSchema
from tests.contract_tools import ContractClient

REVISED, HEIR = "clm_b0qp991b", "clm_tch2savb"
SUPERSEDED, WITHDRAWN, UNUSED = "clm_6w3h9pqe", "clm_x4t7m2dk", "clm_zzzzzzzz"
CHANGES = 13
"""Of the worked example."""

Json = dict[str, Any]


def asked(client: ContractClient, url: str) -> Json:
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    body: Json = answer.get_json()
    return body


def followed(client: ContractClient, url: str) -> list[Json]:
    """Every change from an address on, as a client follows ``links.next``."""
    found: list[Json] = []
    following: str | None = url
    while following is not None:
        page = asked(client, following)
        found += page["data"]
        following = page["links"]["next"]
        assert len(found) < 1_000, "a walk without an end"
    return found


# --- every change -------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 2, 5, 100])
def test_a_walk_tells_every_change_once_and_in_sequence(
    worked_client: ContractClient, limit: int
) -> None:
    found = followed(worked_client, f"/v1/changes?limit={limit}")
    assert [change["seq"] for change in found] == list(range(1, CHANGES + 1))


def test_applying_every_change_in_sequence_gives_the_data_as_it_is(
    worked_client: ContractClient,
) -> None:
    held: dict[str, Json] = {}
    for change in followed(worked_client, "/v1/changes?limit=3"):
        assert held.get(change["claim"]) == change["previous"]
        if change["record"] is None:
            del held[change["claim"]]
        else:
            held[change["claim"]] = change["record"]
    served = asked(worked_client, "/v1/claims?limit=100")["data"]
    assert held == {claim["id"]: as_curated(claim) for claim in served}


@pytest.mark.parametrize("by", ["token", "number"])
def test_a_client_follows_by_where_it_was_whether_or_not_anything_came(
    worked_client: ContractClient, by: str
) -> None:
    since, feed, pages = "0", "", 0
    meta: Json = {}
    while (page := asked(worked_client, f"/v1/changes?since={since}{feed}&limit=5"))["data"]:
        meta, pages = page["meta"], pages + 1
        assert meta["last_seq"] == page["data"][-1]["seq"]
        since = meta["next"] if by == "token" else str(meta["last_seq"])
        feed = "" if by == "token" else f"&feed={meta['feed']}"
    assert (pages, page["meta"]["last_seq"]) == (3, CHANGES)
    assert page["meta"]["next"] == meta["next"]
    assert page["links"]["next"] is None


@pytest.mark.parametrize("since", [CHANGES, CHANGES + 1, 999_999_999])
def test_beyond_the_end_is_an_empty_page_that_goes_on_where_it_was_asked(
    worked_client: ContractClient, since: int
) -> None:
    feed = asked(worked_client, "/v1/changes")["meta"]["feed"]
    page = asked(worked_client, f"/v1/changes?since={since}&feed={feed}")
    assert (page["data"], page["links"]["next"]) == ([], None)
    assert (page["meta"]["total"], page["meta"]["last_seq"]) == (CHANGES, since)
    assert (page["meta"]["next"] is None) == (since > CHANGES), "nothing to vouch for"


def test_a_page_that_ends_with_the_last_change_has_none_after_it(
    worked_client: ContractClient,
) -> None:
    feed = asked(worked_client, "/v1/changes")["meta"]["feed"]
    page = worked_client.get(f"/v1/changes?since={CHANGES - 2}&limit=2&feed={feed}")
    assert page.get_json()["links"]["next"] is None
    assert "Link" not in page.headers
    page = worked_client.get(f"/v1/changes?since={CHANGES - 3}&limit=2&feed={feed}")
    token = page.get_json()["meta"]["next"]
    assert page.headers["Link"] == f'</v1/changes?feed={feed}&limit=2&since={token}>; rel="next"'


# --- old and new values -------------------------------------------------------------------------


def test_a_revision_says_what_changed_from_what_to_what_and_why(
    worked_client: ContractClient,
) -> None:
    (change,) = asked(worked_client, f"/v1/claims/{REVISED}/history?since=10")["data"]
    assert change["change"] == "revised"
    assert change["reason"].startswith("The agency is close to the leadership")
    told = {each["field"]: (each["old"], each["new"]) for each in change["differences"]}
    assert set(told) == {"/confidence/content/credibility", "/confidence/content/rationale"}
    assert told["/confidence/content/credibility"] == (3, 2)


def test_the_differences_are_those_of_the_two_states(worked_client: ContractClient) -> None:
    for change in followed(worked_client, "/v1/changes"):
        before, after = change["previous"], change["record"]
        if before is None or after is None:
            assert change["differences"] == []
            continue
        assert change["differences"]
        for each in change["differences"]:
            old, new = before, after
            for step in each["field"].split("/")[1:]:
                old, new = old[step], new[step]
            assert (old, new) == (each["old"], each["new"])


def test_the_states_chain_from_one_change_to_the_next(worked_client: ContractClient) -> None:
    for identifier in (REVISED, SUPERSEDED, WITHDRAWN):
        states = [None]
        for change in asked(worked_client, f"/v1/claims/{identifier}/history")["data"]:
            assert change["previous"] == states[-1]
            states.append(change["record"])


def test_every_state_is_a_record_that_could_be_curated(worked_client: ContractClient) -> None:
    for change in followed(worked_client, "/v1/changes"):
        for state in filter(None, (change["previous"], change["record"])):
            assert CuratedClaimSchema().load(state) == state


DIFFERENT = [
    ({"a": 1}, {"a": 1}, []),
    ({"a": 1}, {"a": 2}, [("/a", 1, 2)]),
    ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, [("/a/c", 2, 3)]),
    ({"a": None}, {"a": {"b": 1}}, [("/a", None, {"b": 1})]),
    ({"a": {"b": 1}}, {"a": None}, [("/a", {"b": 1}, None)]),
    ({"a": [1, 2]}, {"a": [2, 1]}, [("/a", [1, 2], [2, 1])]),
    ({"revision": 1, "recorded_at": "x"}, {"revision": 2, "recorded_at": "y"}, []),
    ({"a": {"revision": 1}}, {"a": {"revision": 2}}, [("/a/revision", 1, 2)]),
]


@pytest.mark.parametrize(("old", "new", "told"), DIFFERENT)
def test_objects_are_compared_key_by_key_and_lists_as_wholes(
    old: Json, new: Json, told: list[tuple[str, Any, Any]]
) -> None:
    found = [(each["field"], each["old"], each["new"]) for each in differences(old, new)]
    assert found == told


# --- the history of a claim ---------------------------------------------------------------------


def test_a_history_is_every_change_of_the_claim_oldest_first(
    worked_client: ContractClient,
) -> None:
    every = followed(worked_client, "/v1/changes")
    for identifier in {change["claim"] for change in every}:
        page = asked(worked_client, f"/v1/claims/{identifier}/history")
        assert page["data"] == [change for change in every if change["claim"] == identifier]
        assert page["meta"]["total"] == len(page["data"])


def test_a_history_can_be_read_in_pages(worked_client: ContractClient) -> None:
    found = followed(worked_client, f"/v1/claims/{REVISED}/history?limit=1")
    assert [change["revision"] for change in found] == [1, 2, 3]


@pytest.mark.parametrize(
    ("identifier", "status", "kinds"),
    [
        (REVISED, 200, ["created", "revised", "revised"]),
        (SUPERSEDED, 308, ["created", "superseded"]),
        (WITHDRAWN, 410, ["created", "withdrawn"]),
    ],
)
def test_a_retired_claim_keeps_its_history(
    worked_client: ContractClient, identifier: str, status: int, kinds: list[str]
) -> None:
    assert worked_client.get(f"/v1/claims/{identifier}").status_code == status
    found = asked(worked_client, f"/v1/claims/{identifier}/history")["data"]
    assert [change["change"] for change in found] == kinds
    assert all(change["reason"] for change in found[1:])


def test_a_superseded_claim_says_in_its_history_what_replaced_it(
    worked_client: ContractClient,
) -> None:
    last = asked(worked_client, f"/v1/claims/{SUPERSEDED}/history")["data"][-1]
    assert (last["replaced_by"], last["record"]) == (HEIR, None)


def test_only_an_id_that_was_never_used_has_no_history(worked_client: ContractClient) -> None:
    assert worked_client.get(f"/v1/claims/{UNUSED}/history").status_code == 404
    held = {"If-None-Match": "*"}
    assert worked_client.get(f"/v1/claims/{UNUSED}/history", headers=held).status_code == 404
