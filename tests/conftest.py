"""What all tests share: profiles for generated tests, and readable failures in shared suites."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from werkzeug.routing import Rule

from service.app import create_app
from service.config import Config
from tests import samples
from tests.contract_tools import ContractClient

# Until all tests are collected, next to nothing is garbage.
gc.disable()

pytest.register_assert_rewrite("tests.store_contract")

# An example may build a whole data set: no deadline, and a first one that warms caches is slow.
settings.register_profile(
    "default",
    max_examples=12,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "thorough", settings.get_profile("default"), max_examples=1_000, derandomize=False
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def build_addresses_lazily() -> None:
    """Werkzeug compiles two functions for each route of an application, to build addresses with.
    Hundreds of applications are made here, and few build any: each is compiled when it is called.
    """
    compile_builder = Rule._compile_builder  # noqa: SLF001

    def compile_later(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled: list[Callable[..., tuple[str, str]]] = []

        def build(_: Rule, **values: Any) -> tuple[str, str]:
            if not compiled:
                compiled.append(compile_builder(rule, append_unknown))
            return compiled[0](rule, **values)

        return build

    Rule._compile_builder = compile_later  # type: ignore[assignment,method-assign]  # noqa: SLF001


build_addresses_lazily()

MEMORY = Path("/dev/shm")
MEMORY_BYTES = 1_000_000_000
"""Free bytes that a run may need there: it takes a third of them."""


def pytest_configure(config: pytest.Config) -> None:
    """Hundreds of small data sets are built, and a disk that each is flushed to takes longer than
    the rest of the build: they lie in memory. What is about disks or size stays on a disk."""
    lean = "not at_size" in config.option.markexpr and "not torture" in config.option.markexpr
    if lean and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_BYTES:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was collected stays until the end: the collector of garbage need not look at it, and
    need not look at the rest as often as where little memory is free."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(400_000, 5, 10)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """What is unreachable by now tells so here, once; pytest looks five times through the rest."""
    gc.collect()
    gc.freeze()


WORKED_EXAMPLE = Path(__file__).resolve().parent / "fixtures" / "worked-example"
"""Curated fixtures in which every kind of change happens (see the README there)."""


def serving(config: Config) -> Flask:
    """An application whose test clients hold every answer to the contract."""
    app = create_app(config)
    app.test_client_class = ContractClient
    return app


@pytest.fixture(scope="session")
def app() -> Flask:
    """The service on the data that comes with it, every answer made anew: what a repeated answer
    is, tests/test_cache.py compares with it."""
    return serving(Config(access_log=False, cache_bytes=0))


@pytest.fixture
def client(app: Flask) -> ContractClient:
    """Asks the service; an answer that the contract does not allow fails the test."""
    return ContractClient(app, app.response_class)


@pytest.fixture(scope="session")
def sample_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The service on a small data set that has a superseded and a withdrawn claim."""
    fixtures = samples.write(samples.sample(), tmp_path_factory.mktemp("sample"))
    return serving(Config(fixtures=fixtures, access_log=False, cache_bytes=0))


@pytest.fixture
def sample_client(sample_app: Flask) -> ContractClient:
    return ContractClient(sample_app, sample_app.response_class)


@pytest.fixture(scope="session")
def worked_app() -> Flask:
    """The service on the worked example: a claim revised twice, one superseded, one withdrawn."""
    return serving(Config(fixtures=WORKED_EXAMPLE, access_log=False, cache_bytes=0))


@pytest.fixture
def worked_client(worked_app: Flask) -> ContractClient:
    return ContractClient(worked_app, worked_app.response_class)


@pytest.fixture(scope="session")
def empty_app() -> Flask:
    """The service with no data set that it could open."""
    return serving(Config(dataset=Path("no-such-data-set"), access_log=False))


@pytest.fixture
def empty_client(empty_app: Flask) -> ContractClient:
    return ContractClient(empty_app, empty_app.response_class)
