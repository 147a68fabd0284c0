"""A Chromium, and the service to look at, on a free port of this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from service.app import create_app
from service.compiler import SHIPPED, open_fixtures
from service.config import Config
from tests import hostile
from tests.browser.chromium import Browser, missing
from tests.conftest import WORKED_EXAMPLE
from tests.wire import LargeStore


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address under which an application answers."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The service on the data that comes with it."""
    with served(create_app(Config(access_log=False))) as base:
        yield base


@pytest.fixture(scope="session")
def retired_site() -> Iterator[str]:
    """The service on data with a withdrawn claim, a superseded one and a revised one."""
    with served(create_app(Config(fixtures=WORKED_EXAMPLE, access_log=False))) as base:
        yield base


@pytest.fixture(scope="session")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service on claims with markup, endless words and writing from right to left."""
    fixtures = hostile.write(tmp_path_factory.mktemp("hostile"))
    with served(create_app(Config(fixtures=fixtures, access_log=False))) as base:
        yield base


@pytest.fixture(scope="session")
def large_site() -> Iterator[str]:
    """The service on the data that comes with it, which says that it has a million claims."""
    store: Any = LargeStore(open_fixtures(SHIPPED), 1_000_000)
    with served(create_app(Config(access_log=False), store)) as base:
        yield base


@pytest.fixture(scope="session")
def empty_site() -> Iterator[str]:
    """The service without a data set."""
    app = create_app(Config(dataset=Path("no-such-data-set"), access_log=False))
    with served(app) as base:
        yield base


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    absent = missing()
    if absent:
        pytest.skip(f"NOT TESTED: {' and '.join(absent)} cannot be found")
    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture
def browser(chromium: Browser, site: str) -> Browser:
    """At a desk: 1,280 px wide, light, scripts on, looking at the data that comes with it."""
    chromium.base = site
    chromium.scripts(on=True)
    chromium.size(1280)
    chromium.scheme("light")
    return chromium
