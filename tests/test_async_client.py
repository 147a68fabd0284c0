"""The asynchronous client against the service, and side by side with the synchronous one."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import pytest

from policy_claims import (
    AsyncClient,
    Client,
    DatasetChanged,
    Gone,
    HistoryChanged,
    InvalidRequest,
    NotFound,
)
from policy_claims.aio.answers import AsyncListing
from policy_claims.answers import Listing
from service.app import create_app
from service.config import Config
from tests import samples
from tests.in_process import Application, async_client_of, client_of
from tests.wire import app_of, sample_store, shipped_store, store_of

PAIR = ("wpk-plenary-2022-12", "wpk-plenary-2023-12")
CALLS: tuple[tuple[str, tuple[str, ...], dict[str, Any]], ...] = (
    ("claims", (), {"topic": ["nuclear", "defence"], "limit": 7}),
    ("claims", (), {"q": "été, 농업"}),
    ("claim", ("clm_tepv4g4s",), {}),
    ("export", (), {"goals_only": True}),
    ("download", ("claims.csv",), {"kind": "goal"}),
    ("counts", (), {"by": ["topic", "horizon"]}),
    ("history", ("clm_tepv4g4s",), {}),
    ("record_history", ("agents", "kcna"), {}),
    ("changes", (), {"limit": 50}),
    ("compare", PAIR, {"limit": 3}),
    ("documents", (), {}),
    ("document", ("doc_jb5kxzpf",), {}),
    ("agents", (), {}),
    ("agent", ("kcna",), {}),
    ("topics", (), {}),
    ("topic", ("defence",), {}),
    ("occasions", (), {}),
    ("occasion", (PAIR[0],), {}),
    ("places", (), {}),
    ("place", ("pyongyang",), {}),
    ("dataset", (), {}),
    ("datasets", (), {}),
    ("dataset_version", (shipped_store().dataset.version,), {}),
    ("citation", ("clm_tepv4g4s",), {"form": "bib"}),
    ("citation", (), {}),
)
"""Method, positional and keyword arguments."""
TABLES = {"to_dataframe", "compare_to_dataframe", "to_polars", "compare_to_polars"}
RESTATED = ("/claims/0/statement", "Another wording of the same plan.")


@pytest.fixture(scope="module")
def shipped() -> Application:
    return Application(create_app(Config(access_log=False), shipped_store()))


@pytest.fixture
def sample() -> Application:
    return Application(app_of(sample_store()))


def result(call: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(call)


async def collected(asked: Any) -> Any:
    """What an asynchronous call gives, all of it."""
    if inspect.isawaitable(asked):
        return await asked
    if isinstance(asked, AsyncListing):
        return [record async for record in asked], asked.meta, await asked.total()
    async with asked as stream:
        version = stream.dataset_version
        items = [item async for item in stream]
        return (b"".join(items) if isinstance(items[0], bytes) else items), version


def collected_at_once(asked: Any) -> Any:
    """What a synchronous call gives, all of it."""
    if isinstance(asked, Listing):
        return list(asked), asked.meta, asked.total
    if not hasattr(asked, "dataset_version"):
        return asked
    with asked as stream:
        items = list(stream)
        return (b"".join(items) if isinstance(items[0], bytes) else items), stream.dataset_version


def test_both_clients_ask_the_same_and_return_the_same(shipped: Application) -> None:
    async def each() -> AsyncIterator[tuple[str, Any, list[str]]]:
        async with async_client_of(shipped) as client:
            for name, positional, keywords in CALLS:
                shipped.asked.clear()
                found = await collected(getattr(client, name)(*positional, **keywords))
                yield name, found, [*shipped.asked]

    async def compared() -> None:
        calls = iter(CALLS)
        async for name, found, asked in each():
            _, positional, keywords = next(calls)
            shipped.asked.clear()
            with client_of(shipped) as client:
                expected = collected_at_once(getattr(client, name)(*positional, **keywords))
            assert found == expected, name
            assert asked == shipped.asked, name

    result(compared())


def test_every_method_is_compared_and_has_the_same_arguments() -> None:
    methods = {name for name in vars(Client) if not name.startswith("_")}
    assert methods == {name for name, _, _ in CALLS} | TABLES
    for name in methods:
        one, other = (inspect.signature(getattr(kind, name)) for kind in (Client, AsyncClient))
        assert one.parameters == other.parameters, name


def test_tables_are_the_same(shipped: Application) -> None:
    pytest.importorskip("pandas"), pytest.importorskip("polars")

    async def tables() -> list[Any]:
        async with async_client_of(shipped) as client:
            return [
                await client.to_dataframe(kind="goal"),
                await client.compare_to_dataframe(*PAIR),
                await client.to_polars(kind="goal"),
                await client.compare_to_polars(*PAIR),
            ]

    with client_of(shipped) as client:
        expected = (
            client.to_dataframe(kind="goal"),
            client.compare_to_dataframe(*PAIR),
            client.to_polars(kind="goal"),
            client.compare_to_polars(*PAIR),
        )
    found = result(tables())
    for one, other in zip(found, expected, strict=True):
        assert one.equals(other)
    assert found[0].attrs == expected[0].attrs


def test_errors_are_those_of_the_synchronous_client(sample: Application) -> None:
    async def refused() -> None:
        async with async_client_of(sample) as client:
            with pytest.raises(InvalidRequest) as invalid:
                await client.claims(tpoic="nuclear").total()  # type: ignore[call-arg]
            assert invalid.value.errors[0].did_you_mean == "topic"
            with pytest.raises(NotFound):
                await client.topic("no-such-topic")
            with pytest.raises(Gone) as gone:
                await client.claim(samples.WITHDRAWN)
            assert gone.value.tombstone
            assert gone.value.tombstone.id == samples.WITHDRAWN
            with pytest.raises(InvalidRequest) as unread:
                async with client.export(topic=[]):
                    pass
            assert unread.value.errors[0].parameter == "topic"
            with pytest.raises(HistoryChanged):
                _ = [change async for change in client.changes(since=10_000)]

    result(refused())


def test_a_superseded_claim_leads_to_what_replaced_it(sample: Application) -> None:
    async def claim() -> Any:
        async with async_client_of(sample) as client:
            return await client.claim(samples.SUPERSEDED)

    assert result(claim()).superseded == (samples.SUPERSEDED,)


def test_a_new_dataset_in_the_middle_of_a_walk_is_noticed(sample: Application) -> None:
    edited = app_of(store_of(samples.edited(samples.sample(), RESTATED)))

    async def walked(**arguments: Any) -> list[str]:
        ids = []
        async with async_client_of(sample, **arguments) as client:
            async for claim in client.claims(limit=2):
                ids.append(claim["id"])
                if len(ids) == 2:
                    sample.app = edited
        return ids

    with pytest.raises(DatasetChanged):
        result(walked())
    sample.app = app_of(sample_store())
    walk = result(walked(across_datasets=True))
    with client_of(sample) as client:
        assert walk == [claim["id"] for claim in client.claims()]


def test_an_export_can_be_left_in_the_middle(shipped: Application) -> None:
    async def first() -> str:
        async with async_client_of(shipped) as client, client.export() as claims:
            async for claim in claims:
                return claim["id"]
        return ""

    assert result(first()).startswith("clm_")
