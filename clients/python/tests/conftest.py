"""A server on the loopback interface that plays scripted answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from script import AT_ONCE, Script, scripted

from policy_claims import Client


@pytest.fixture
def script() -> Iterator[Script]:
    with scripted() as script:
        yield script


@pytest.fixture
def client(script: Script) -> Iterator[Client]:
    with Client(script.url, retries=AT_ONCE) as client:
        yield client
