"""schemathesis holds the service to the contract: all checks, examples, and walks by links.

What it checks, here and against a live server, stands in ``schemathesis.toml``;
only how long it goes on, and that it does the same each time, is said here.
The phase ``coverage`` takes longer than all others: a live server alone is put
through it (``.ci/live_contract.py``), from the first to the last operation.
"""

from __future__ import annotations

import copy
import functools
import tomllib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from flask import Flask
from schemathesis import DeserializationContext
from schemathesis.checks import CHECKS
from schemathesis.config import SchemathesisConfig
from schemathesis.core.media_types import YAML_MEDIA_TYPES
from schemathesis.core.transport import Response
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder

from tests.contract_tools import (
    ROOT,
    Operation,
    contract,
    operation,
    operations,
    read_yaml,
    resolved,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

pytestmark = pytest.mark.slow

PHASES = {"examples": 1, "fuzzing": 2, "stateful": 30}
"""How many requests or walks are made up, where a phase makes up any; the examples are as many as
the contract has."""
OFF = ("coverage",)
"""Phases that are tried elsewhere."""

SEEDS = (19, 4, 22, 16)
"""Which operations a walk leads to is chance, and other data is other chance: where one seed's
walks leave an operation out, those of the next go on. The first ones reach all of them soonest."""


@functools.lru_cache(maxsize=8)
def contract_of(body: bytes) -> Any:
    """The contract is answered to hundreds of requests, and takes a third of a second to read."""
    return read_yaml(body.decode("utf-8"))


@schemathesis.deserializer(*YAML_MEDIA_TYPES)
def deserialize(_: DeserializationContext, response: Response) -> Any:
    return contract_of(response.content)


class Uncompressed:
    """The service without compression.

    schemathesis asks for it as every client does, but undoes it on a real
    connection alone; compressed answers are tried against a live server.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Any:
        environ.pop("HTTP_ACCEPT_ENCODING", None)
        return self._app.wsgi_app(environ, start)


def settings_for(phase: str, seed: int) -> SchemathesisConfig:
    """The shared settings, for one phase alone, the same requests each time."""
    settings = tomllib.loads((ROOT / "schemathesis.toml").read_text(encoding="utf-8"))
    settings["seed"] = seed
    settings["generation"] |= {"deterministic": True, "max-examples": PHASES[phase]}
    settings["generation"]["database"] = "none"
    settings["phases"] = {each: {"enabled": each == phase} for each in (*PHASES, *OFF)}
    return SchemathesisConfig.from_dict(settings)


def told(recorder: ScenarioRecorder) -> Iterator[tuple[str, str | None]]:
    """Each check of a scenario, with what it found wrong and how to ask for that again."""
    for checks in recorder.checks.values():
        for check in checks:
            wrong = check.failure_info
            text = wrong and f"{wrong.failure.title}: {wrong.failure.message}\n{wrong.code_sample}"
            yield check.name, str(text) if text else None


def tried(app: Flask, phase: str, seed: int) -> tuple[set[str], list[str], set[str]]:
    """The checks that were made in a phase, what they found wrong, and the operations tried."""
    own = copy.deepcopy(contract())  # schemathesis writes links of its own into it
    schema = schemathesis.openapi.from_dict(own, config=settings_for(phase, seed))
    schema.app = Uncompressed(app)
    made, wrong, labels = set(), [], set()
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError):
            wrong.append(f"{event.label}: {event.value}")
        elif isinstance(event, events.FatalError):
            raise event.exception
        elif isinstance(event, events.ScenarioFinished):
            labels |= {node.value.operation.label for node in event.recorder.cases.values()}
            for name, fault in told(event.recorder):
                made.add(name)
                wrong += [fault] if fault else []
    return made, wrong, labels


def reached(phase: str) -> Iterator[Operation]:
    """The operations that a phase has something for: an example, or a link from or to them."""
    for each in operations():
        if phase == "stateful":
            for link in each.responses[200].get("links", {}).values():
                yield each
                yield operation(resolved(link)["operationId"])
        elif phase != "examples" or "parameters" in each.definition:
            yield each


@pytest.mark.parametrize("phase", PHASES)
def test_every_answer_is_what_the_contract_says(app: Flask, phase: str) -> None:
    wanted = {f"{each.method} {each.path}" for each in reached(phase)}
    labels: set[str] = set()
    for seed in SEEDS:
        made, wrong, found = tried(app, phase, seed)
        assert not wrong, "\n\n".join(wrong[:5])
        assert made == set(CHECKS.get_all_names())
        labels |= found
        if labels >= wanted:
            break
    assert labels == wanted
