"""schemathesis holds the service to the contract: all checks, examples, and walks by links; and
each link is followed once, as the contract says it.

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
from dataclasses import dataclass, field
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
from schemathesis.engine.run import PhaseName
from werkzeug.test import TestResponse

from tests.contract_tools import (
    ROOT,
    ContractClient,
    Operation,
    contract,
    operation,
    operations,
    read_yaml,
    resolved,
)
from tests.tables import each_row

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

pytestmark = pytest.mark.slow

PHASES = {"examples": 1, "fuzzing": 1, "stateful": 20}
"""How many requests or walks are made up, where a phase makes up any; the examples are as many as
the contract has."""
OFF = ("coverage",)
"""Phases that are tried elsewhere."""

SEED = 4


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


def settings() -> SchemathesisConfig:
    """The shared settings, the same requests each time."""
    read = tomllib.loads((ROOT / "schemathesis.toml").read_text(encoding="utf-8"))
    read["seed"] = SEED
    read["generation"] |= {"deterministic": True, "database": "none"}
    read["phases"] = {
        **{phase: {"enabled": False} for phase in OFF},
        **{phase: {"generation": {"max-examples": most}} for phase, most in PHASES.items()},
    }
    return SchemathesisConfig.from_dict(read)


def told(recorder: ScenarioRecorder) -> Iterator[tuple[str, str | None]]:
    """Each check of a scenario, with what it found wrong and how to ask for that again."""
    for checks in recorder.checks.values():
        for check in checks:
            wrong = check.failure_info
            text = wrong and f"{wrong.failure.title}: {wrong.failure.message}\n{wrong.code_sample}"
            yield check.name, str(text) if text else None


@dataclass
class Tried:
    """What was tried in a phase."""

    checks: set[str] = field(default_factory=set)
    """Those that were made."""
    wrong: list[str] = field(default_factory=list)
    """What they found wrong."""
    labels: set[str] = field(default_factory=set)
    """Of the operations."""


@pytest.fixture(scope="module")
def tried(app: Flask) -> dict[str, Tried]:
    """All phases, one after the other."""
    own = copy.deepcopy(contract())  # schemathesis writes links of its own into it
    schema = schemathesis.openapi.from_dict(own, config=settings())
    schema.app = Uncompressed(app)
    phases = {phase: Tried() for phase in PHASES}
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError):
            phase = event.phase or PhaseName.EXAMPLES
            phases[phase.value].wrong.append(f"{event.label}: {event.value}")
        elif isinstance(event, events.FatalError):
            raise event.exception
        elif isinstance(event, events.ScenarioFinished):
            of_phase = phases[event.phase.value]
            cases = event.recorder.cases.values()
            of_phase.labels |= {node.value.operation.label for node in cases}
            for name, fault in told(event.recorder):
                of_phase.checks.add(name)
                of_phase.wrong += [fault] if fault else []
    return phases


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
def test_every_answer_is_what_the_contract_says(tried: dict[str, Tried], phase: str) -> None:
    wanted, found = {f"{each.method} {each.path}" for each in reached(phase)}, tried[phase]
    assert not found.wrong, "\n\n".join(found.wrong[:5])
    assert found.checks == set(CHECKS.get_all_names())
    if phase == "stateful":  # where a walk leads is chance
        assert len(found.labels & wanted) > len(wanted) / 2
    else:
        assert found.labels == wanted


LINKS = [
    pytest.param(each, resolved(link), id=f"{each.id}-{name}")
    for each in operations()
    for name, link in each.responses.get(200, {}).get("links", {}).items()
]


def found_in(answer: TestResponse, expression: str) -> str | None:
    """What a runtime expression (OpenAPI 3.1, section 4.8.20.4) means in an answer, if anything."""
    if expression.startswith("$response.header."):
        return answer.headers[expression.removeprefix("$response.header.")]
    value = answer.json
    for step in expression.removeprefix("$response.body#/").split("/"):
        if value is None or value == []:
            return None
        value = value[int(step) if isinstance(value, list) else step]
    return None if value is None else str(value)


def answers_of(client: ContractClient, asked: Operation) -> Iterator[TestResponse]:
    """To its documented example, for a page of one record, and for every record of its kind."""
    yield client.get(asked.address, query_string=asked.required)
    if not asked.parameters("path"):
        yield client.get(asked.address, query_string={**asked.required, "limit": "1"})
        return
    kind = asked.path.split("/")[2]
    for record in client.get(f"/v1/{kind}?limit=100").get_json()["data"]:
        yield client.get(asked.path.replace("{id}", record["id"]))


@each_row(("asked", "link"), LINKS)
def test_a_link_of_the_contract_leads_to_an_answer(
    client: ContractClient, asked: Operation, link: dict[str, Any]
) -> None:
    target = operation(link["operationId"])
    expressions, values = link["parameters"], dict[str, str | None]()
    for answer in answers_of(client, asked):
        values = {name: found_in(answer, text) for name, text in expressions.items()}
        if None not in values.values():
            break
    headers = {name[7:]: values.pop(name) for name in [*values] if name.startswith("header.")}
    values = {name.removeprefix("path."): value for name, value in values.items()}
    in_path = {each["name"]: values.pop(each["name"]) for each in target.parameters("path")}
    reply = client.get(target.path.format(**in_path), query_string=values, headers=headers)
    assert reply.status_code == (304 if headers else 200)
