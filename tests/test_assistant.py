"""The MCP server through the SDK's own client, in this process, on the service."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from policy_claims.parameters import FILTERS
from service.app import create_app
from service.config import Config
from tests import samples
from tests.in_process import URL, Application, async_client_of, client_of
from tests.wire import app_of, sample_store, shipped_store

pytestmark = pytest.mark.slow

PAIR = {"earlier": "wpk-plenary-2022-12", "later": "wpk-plenary-2023-12"}
GOAL = "clm_tepv4g4s"
EXAMPLES: dict[str, dict[str, Any]] = {
    "search_claims": {"topic": "nuclear"},
    "get_claim": {"id": GOAL},
    "claim_history": {"id": GOAL},
    "count_claims": {"by": "kind"},
    "compare_occasions": PAIR,
    "list_vocabulary": {"vocabulary": "topics"},
    "recent_changes": {},
    "about_dataset": {},
    "cite": {"id": GOAL},
}
"""Arguments with which each tool has an answer."""


@pytest.fixture(scope="module")
def shipped() -> Application:
    return Application(create_app(Config(access_log=False), shipped_store()))


Session = Callable[[Any], Coroutine[Any, Any, Any]]


def connected(app: Application, use: Session) -> Any:
    """What is returned by a function of a client of the server."""
    mcp = pytest.importorskip("mcp")
    from policy_claims.assistant.server import server_of

    async def used() -> Any:
        async with mcp.Client(server_of(async_client_of(app))) as session:
            return await use(session)

    return asyncio.run(used())


def calls(app: Application, *asked: tuple[str, dict[str, Any]]) -> list[Any]:
    async def each(session: Any) -> list[Any]:
        return [await session.call_tool(name, arguments) for name, arguments in asked]

    return list(connected(app, each))


def call(app: Application, name: str, **arguments: Any) -> Any:
    (result,) = calls(app, (name, arguments))
    assert not result.is_error, result.content[0].text
    return result.structured_content


def test_there_are_at_most_ten_tools_that_only_read_and_say_what_they_take(
    shipped: Application,
) -> None:
    async def listed(session: Any) -> Any:
        return (await session.list_tools()).tools

    tools = {tool.name: tool for tool in connected(shipped, listed)}
    assert tools.keys() == EXAMPLES.keys()
    assert len(tools) <= 10
    for tool in tools.values():
        assert tool.description
        assert tool.annotations.read_only_hint
        assert tool.input_schema["additionalProperties"] is False
    for name in ("search_claims", "count_claims"):
        arguments = tools[name].input_schema["properties"]
        assert arguments.keys() >= FILTERS.keys()
        assert all(arguments[name]["description"] for name in FILTERS)


def test_each_tool_has_an_answer_that_names_its_data_set_and_is_concise(
    shipped: Application,
) -> None:
    for (name, _), result in zip(EXAMPLES.items(), calls(shipped, *EXAMPLES.items()), strict=True):
        assert not result.is_error, result.content[0].text
        text = result.content[0].text
        assert json.loads(text) == result.structured_content
        assert len(text) < 16_000, name
        assert shipped_store().dataset.version in text, name


def test_a_search_finds_what_the_client_finds_page_by_page(shipped: Application) -> None:
    with client_of(shipped) as client:
        ids = [claim["id"] for claim in client.claims(topic=["nuclear", "defence"], q="-kim")]
    asked = {"topic": ["nuclear", "defence"], "q": "-kim", "most": 3}
    found, cursor = [], None
    while True:
        page = call(shipped, "search_claims", **asked, cursor=cursor)
        assert page["total"] == len(ids)
        found += page["claims"]
        cursor = page["next"]
        if cursor is None:
            break
    assert [claim["id"] for claim in found] == ids
    assert all(claim["link"] == f"{URL}/claims/{claim['id']}" for claim in found)


def test_years_may_be_numbers_and_lists_may_be_one_value(shipped: Application) -> None:
    years: tuple[Any, ...] = (2024, "2024", [2024], ["2024"])
    results = calls(shipped, *(("search_claims", {"horizon": year}) for year in years))
    totals = {result.structured_content["total"] for result in results}
    assert len(totals) == 1
    assert totals != {0}


def test_counts_are_those_of_the_service_largest_first(shipped: Application) -> None:
    answer = call(shipped, "count_claims", by=["topic"], distinct=True, most=3)
    with client_of(shipped) as client:
        counts = client.counts(by="topic", distinct=True)
    assert answer["total"] == counts.meta["total"]
    assert answer["groups"] == len(counts.data)
    assert [row["count"] for row in answer["counts"]] == sorted(
        (row["count"] for row in counts.data), reverse=True
    )[:3]


def test_a_vocabulary_is_found_by_words_of_a_name(shipped: Application) -> None:
    agents = call(shipped, "list_vocabulary", vocabulary="agents", find="JONG kim")
    assert "kim-jong-un" in [record["id"] for record in agents["records"]]
    other_name = call(shipped, "list_vocabulary", vocabulary="agents", find="dprk")
    assert "north-korea" in [record["id"] for record in other_name["records"]]
    assert call(shipped, "list_vocabulary", vocabulary="topics", most=2)["total"] > 2


def test_changes_can_be_followed_from_call_to_call() -> None:
    sample = Application(app_of(sample_store()))
    first = call(sample, "recent_changes", most=2)
    assert len(first["changes"]) == 2
    assert call(sample, "recent_changes", since=first["next"])["changes"] == []
    every = call(sample, "recent_changes", since=0, most=100)["changes"]
    assert every[-2:] == first["changes"]


def test_a_retired_claim_is_told_as_one() -> None:
    sample = Application(app_of(sample_store()))
    superseded, withdrawn, history = calls(
        sample,
        ("get_claim", {"id": samples.SUPERSEDED}),
        ("get_claim", {"id": samples.WITHDRAWN}),
        ("claim_history", {"id": samples.WITHDRAWN}),
    )
    assert superseded.structured_content["superseded"] == [samples.SUPERSEDED]
    assert withdrawn.is_error
    assert "withdrawn on" in withdrawn.content[0].text
    assert history.structured_content["changes"][-1]["change"] == "withdrawn"


def test_what_is_refused_is_told_with_what_was_meant(shipped: Application) -> None:
    rows: tuple[tuple[str, dict[str, Any], str], ...] = (
        ("search_claims", {"tpoic": "nuclear"}, "tpoic"),
        ("search_claims", {"sort": "-anounced"}, "did you mean -announced?"),
        ("search_claims", {"horizon": "20"}, "horizon"),
        ("count_claims", {"by": "topics"}, "did you mean topic?"),
        ("count_claims", {}, "by"),
        ("get_claim", {"id": "clm_zzzzzzzz"}, "404"),
        ("list_vocabulary", {"vocabulary": "people"}, "vocabulary"),
        ("recent_changes", {"since": 10_000}, "409"),
        ("search_claims", {"most": 1000}, "most"),
    )
    results = calls(shipped, *((name, arguments) for name, arguments, _ in rows))
    for (name, _, said), result in zip(rows, results, strict=True):
        assert result.is_error, name
        assert said in result.content[0].text, name


def test_an_id_that_names_nothing_is_told(shipped: Application) -> None:
    found = call(shipped, "search_claims", speaker="kcnaa")
    assert found["total"] == 0
    assert found["unknown"][0]["did_you_mean"] == "kcna"
