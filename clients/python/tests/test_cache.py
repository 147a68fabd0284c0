"""The directory of a client: answers are revalidated, never trusted, and a bad disk is no error."""

from __future__ import annotations

import logging
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from script import AT_ONCE, DROPPED, Script, Scripted

from policy_claims import Client, ConnectionFailed, Unavailable
from policy_claims.cache import cached_session

pytestmark = pytest.mark.slow


def answer(version: str, etag: str = '"a"', size: int = 0) -> Scripted:
    meta = f'{{"dataset": {{"version": "{version}"}}}}'
    body = f'{{"data": {{"version": "{version}{"x" * size}"}}, "meta": {meta}}}'.encode()
    headers = (
        ("Content-Type", "application/json"),
        ("ETag", etag),
        ("Cache-Control", "public, max-age=60, stale-while-revalidate=300, stale-if-error=86400"),
        ("Vary", "Accept-Encoding"),
    )
    return Scripted(200, body, headers)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "cache"


@pytest.fixture
def client(script: Script, directory: Path) -> Iterator[Client]:
    with Client(script.url, retries=AT_ONCE, cache=directory) as client:
        yield client


def test_every_request_asks_whether_the_cached_answer_is_current(
    script: Script, client: Client
) -> None:
    script.plays(answer("v1"))
    first, second = client.dataset(), client.dataset()
    assert (first.unchanged, second.unchanged) == (False, True)
    assert second.data == first.data
    assert [headers.get("If-None-Match") for headers in script.headers] == [None, '"a"']


def test_a_new_answer_replaces_the_cached_one(script: Script, client: Client) -> None:
    script.plays(answer("v1"), answer("v2", '"b"'))
    client.dataset()
    second, third = client.dataset(), client.dataset()
    assert (second.unchanged, second.data["version"]) == (False, "v2")
    assert (third.unchanged, third.data["version"]) == (True, "v2")


def test_a_cached_answer_never_hides_a_failure(script: Script, client: Client) -> None:
    script.plays(answer("v1"))
    client.dataset()
    for failure, error in (
        (Scripted(503), Unavailable),
        (DROPPED, ConnectionFailed),
        (Scripted(sent=5), ConnectionFailed),
    ):
        script.plays(failure)
        with pytest.raises(error):
            client.dataset()


def test_each_address_has_an_answer_of_its_own(script: Script, client: Client) -> None:
    for number, text in enumerate(("a b", "a+b", "A b", "a,b", "é", "e", "a", "")):
        script.plays(answer(f"v{number}", f'"{number}"'))
        first = next(client.claims(q=text).pages())
        assert not first.unchanged, text
        assert first.meta["dataset"]["version"] == f"v{number}"


def test_a_directory_outlives_its_client(script: Script, client: Client, directory: Path) -> None:
    script.plays(answer("v1"))
    client.dataset()
    with Client(script.url, cache=directory) as other:
        assert other.dataset().unchanged


def test_an_answer_without_an_etag_is_not_cached(script: Script, client: Client) -> None:
    script.plays(Scripted())
    client.dataset()
    assert not client.dataset().unchanged
    assert "If-None-Match" not in script.headers[-1]


def test_a_stream_is_not_cached_and_not_read_ahead(script: Script, client: Client) -> None:
    lines = b'{"id": "a"}\n{"id": "b"}\n'
    script.plays(Scripted(200, lines, (("ETag", '"a"'),)))
    for _ in range(2):
        with client.export() as claims:
            assert [claim["id"] for claim in claims] == ["a", "b"]
    assert "If-None-Match" not in script.headers[-1]
    script.plays(Scripted(200, lines, (("ETag", '"a"'),), sent=14))
    claims = client.export()  # has its headers, and waits to be read
    with pytest.raises(ConnectionFailed):
        list(claims)


def test_a_directory_stays_within_its_size(script: Script, directory: Path) -> None:
    with cached_session(directory, max_bytes=20_000) as session:
        client = Client(script.url, session=session)
        for number in range(30):
            script.plays(answer("v1", f'"{number}"', size=3_000))
            next(client.claims(q=str(number)).pages())
            assert size(directory) <= 20_000
        assert size(directory) > 10_000
        assert next(client.claims(q="29").pages()).unchanged
        assert not next(client.claims(q="0").pages()).unchanged


def size(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.glob("*.json"))


def test_a_directory_is_for_its_owner_alone(client: Client, directory: Path) -> None:
    assert directory.stat().st_mode & 0o077 == 0


def test_a_file_that_was_cut_counts_as_missing(
    script: Script, client: Client, directory: Path
) -> None:
    script.plays(answer("v1"))
    client.dataset()
    (path,) = directory.glob("*.json")
    content = path.read_bytes()
    for length in (0, 1, len(content) // 2, len(content) - 3):
        path.write_bytes(content[:length])
        again = client.dataset()
        assert (again.unchanged, again.data["version"]) == (False, "v1")
    assert client.dataset().unchanged


@pytest.mark.parametrize("damage", ["no directory", "no index"])
def test_a_bad_disk_fails_no_request(
    script: Script, directory: Path, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    script.plays(answer("v1"))
    with Client(script.url, cache=directory) as client, caplog.at_level(logging.WARNING):
        client.dataset()
        if damage == "no directory":
            shutil.rmtree(directory)
        else:
            (directory / "lru.db").write_bytes(b"no database" * 1_000)
        for _ in range(3):
            assert client.dataset().data["version"] == "v1"
    assert "cache" in caplog.text


def test_without_requests_cache_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, directory: Path
) -> None:
    monkeypatch.setitem(sys.modules, "requests_cache", None)
    for name in [name for name in sys.modules if name.startswith("requests_cache.")]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "policy_claims.cache")
    with pytest.raises(ImportError, match=r"pip install 'policy-claims-client\[cache\]'"):
        Client("http://127.0.0.1:1", cache=directory)


def test_a_session_of_ones_own_takes_no_cache(directory: Path) -> None:
    with cached_session(directory) as session, pytest.raises(ValueError, match="session"):
        Client("http://127.0.0.1:1", cache=directory, session=session)
