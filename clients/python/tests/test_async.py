"""The asynchronous client when the service, or the way to it, misbehaves."""

from __future__ import annotations

import ast
import asyncio
import runpy
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
import pytest
from script import AT_ONCE, DROPPED, Script, Scripted

from policy_claims import AsyncClient, ConnectionFailed, ServiceError, Unavailable, UnexpectedAnswer
from policy_claims.exchanges import Lines

HOME = Path(__file__).resolve().parent.parent
GOOD = Scripted()
LINES = b'{"id": "a\xe2\x80\xa8b"}\n{"id": "c"}'
"""A line separator of Unicode is no end of a line."""


def asked(
    script: Script, call: Callable[[AsyncClient], Coroutine[Any, Any, Any]], **how: Any
) -> Any:
    async def called() -> Any:
        async with AsyncClient(script.url, retries=how.pop("retries", AT_ONCE), **how) as client:
            return await call(client)

    return asyncio.run(called())


async def exported(client: AsyncClient) -> list[str]:
    async with client.export() as claims:
        return [claim["id"] async for claim in claims]


@pytest.mark.parametrize(
    "failure", [Scripted(503), DROPPED, Scripted(sent=10)], ids=["503", "reset", "cut short"]
)
def test_what_passes_is_asked_again_up_to_five_times(script: Script, failure: Scripted) -> None:
    script.plays(failure, failure, GOOD)
    assert asked(script, lambda client: client.dataset()).path == "/v1/dataset"
    assert len(script.paths) == 3
    script.plays(failure)
    with pytest.raises((Unavailable, ConnectionFailed)):
        asked(script, lambda client: client.dataset())
    assert len(script.paths) == 8
    with pytest.raises(ServiceError):
        asked(script, lambda client: client.dataset(), retries=0)
    assert len(script.paths) == 9


def test_the_wait_is_that_of_retry_after(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("anyio.sleep", sleep)
    for stated in ("7", "86400", "soon"):
        script.plays(Scripted(503, headers=(("Retry-After", stated),)), GOOD)
        asked(script, lambda client: client.dataset())
    assert waits == [7, 60, 0]


def test_what_is_no_answer_of_this_service_is_never_taken_for_one(script: Script) -> None:
    for answer in (
        Scripted(200, b"<html>", (("Content-Type", "text/html"),)),
        Scripted(200, b"{}"),
        Scripted(206),
        Scripted(301, b"", (("Location", "https://elsewhere.example/v1/dataset"),)),
    ):
        script.plays(answer)
        with pytest.raises(UnexpectedAnswer):
            asked(script, lambda client: client.dataset())


def test_an_export_that_is_cut_short_never_looks_complete(script: Script) -> None:
    for sent in (0, 5, len(LINES) - 1):
        script.plays(Scripted(200, LINES, (("Dataset-Version", "v7"),), sent))
        with pytest.raises(ConnectionFailed):
            asked(script, exported)
    script.plays(Scripted(200, LINES))
    assert asked(script, exported) == ["a\u2028b", "c"]


def test_lines_are_the_same_however_they_are_cut_into_chunks() -> None:
    text = LINES + b"\n\r\x0b\n\nlast"
    for size in range(1, len(text) + 1):
        lines = Lines()
        chunks = (text[start : start + size] for start in range(0, len(text), size))
        found = [line for chunk in chunks for line in lines.feed(chunk)]
        assert found + lines.end() == text.split(b"\n"), size


def test_a_session_of_ones_own_is_used_as_it_is_and_left_open() -> None:
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Authorization"])
        return httpx.Response(200, content=GOOD.body, headers=dict(GOOD.headers))

    async def asked_twice() -> None:
        transport = httpx.MockTransport(answer)
        headers = {"Authorization": "Bearer token"}
        async with httpx.AsyncClient(transport=transport, headers=headers) as session:
            for _ in range(2):
                async with AsyncClient("http://service.example", session=session) as client:
                    await client.dataset()

    asyncio.run(asked_twice())
    assert seen == ["Bearer token"] * 2


def test_the_service_can_tell_the_client_by_its_name(script: Script) -> None:
    script.plays(GOOD)
    asked(script, lambda client: client.dataset())
    assert script.headers[0]["User-Agent"].startswith("policy-claims-client/")


def test_the_committed_client_is_made_from_the_synchronous_one() -> None:
    package = HOME / "policy_claims"
    generate = runpy.run_path(str(HOME / "generate_async.py"))["generate"]
    made = generate((package / "client.py").read_text(encoding="utf-8"))
    committed = (package / "aio" / "client.py").read_text(encoding="utf-8")
    assert ast.dump(ast.parse(made)) == ast.dump(ast.parse(committed)), "run: make client-types"
