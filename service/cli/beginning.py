"""What ``serve`` begins with: a question to try, and the server in place of the command."""

import os
import re
import sys
from contextlib import suppress
from pathlib import Path

from service.compiler import SHIPPED
from service.config import Config
from service.store.dataset_format import CLAIMS, current
from service.store.files import regular

_FIRST_TOPIC = re.compile(rb'"topics":\s*\[\s*(?:\{\s*"id":\s*)?"([a-z0-9-]{1,64})"')
_BEGINNING_BYTES = 64 * 1024
"""Bytes of a file of claims in which the first claim is looked for."""


def become_the_server() -> int:
    """The server takes the place of this process, so that nothing is given back."""
    command = [sys.executable, "-m", "service.server"]
    os.execv(sys.executable, command)  # noqa: S606  # nosec B606  # no shell is wanted


def example_query(config: Config) -> str:
    """A query that finds something: claims on the first topic of the first claim, or any claims
    where that is not to be had from the first bytes of a file.
    """
    if config.store:
        return "limit=1"
    if config.dataset or config.datasets:
        place = config.dataset or current(config.datasets or Path())
        files = [place / CLAIMS] if place else []
    else:
        fixtures = config.fixtures or SHIPPED
        files = [fixtures / "claims.json", fixtures / CLAIMS]
    for path in files:
        with suppress(OSError, ValueError), regular(path) as file:
            if topic := _FIRST_TOPIC.search(file.read(_BEGINNING_BYTES)):
                return f"topic={topic[1].decode()}&limit=1"
    return "limit=1"
