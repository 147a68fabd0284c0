"""The Python client has the types of the contract, runs its own examples, loads no service."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import subprocess
import sys
import types
import typing
from collections.abc import Iterator
from typing import Any

import pytest

import service.client
from service.app import create_app
from service.client import about, changes, comparing, parameters, records
from service.config import Config
from tests.contract_tools import Json, contract, operation
from tests.live import served

MODULES = ["service.client"] + [
    f"service.client.{module.name}" for module in pkgutil.iter_modules(service.client.__path__)
]
EXAMPLE_URL = "http://127.0.0.1:8000"


def test_importing_the_client_loads_nothing_of_the_service() -> None:
    program = "from service.client import Client; import sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert not loaded & {"flask", "gunicorn", "tantivy", "werkzeug", "jinja2", "marshmallow"}
    assert not loaded & {"pandas", "numpy"}
    ours = {name for name in loaded if name.partition(".")[0] == "service"}
    assert ours - {"service"} <= set(MODULES)


# --- examples -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(create_app(Config(access_log=False))) as service:
        yield service.url


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_docstrings_run(name: str, url: str) -> None:
    module = importlib.import_module(name)
    runner = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL)
    said: list[str] = []
    for example in doctest.DocTestFinder().find(module, name):
        for step in example.examples:
            step.source = step.source.replace(EXAMPLE_URL, url)
        runner.run(example, out=said.append)
    assert not runner.failures, "\n".join(said)


def test_there_are_examples() -> None:
    found = [
        example
        for name in MODULES
        for example in doctest.DocTestFinder().find(importlib.import_module(name), name)
        if example.examples
    ]
    assert len(found) >= 8


# --- records ------------------------------------------------------------------------------------


def records_of_the_client() -> list[tuple[str, Any]]:
    return [
        (name, value)
        for module in (records, changes, comparing, about)
        for name, value in vars(module).items()
        if typing.is_typeddict(value) and value.__module__ == module.__name__
        if value.__name__ in contract()["components"]["schemas"]
    ]


def described(schema: Json) -> Any:
    """The Python type of a schema: its name, where it is an object with one."""
    if not schema.keys() & {"$ref", "oneOf", "type"}:
        return "Any"
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        target = contract()["components"]["schemas"][name]
        return name if target.get("type") == "object" else described(target)
    if "oneOf" in schema:
        return frozenset().union(*(_options(described(each)) for each in schema["oneOf"]))
    if schema["type"] == "object":
        return frozenset(
            {key: described(value) for key, value in schema["properties"].items()}.items()
        )
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if "enum" in schema and "Closed list" in schema["description"]:
        return ("literal", *schema["enum"])
    names = {"string": "str", "integer": "int", "null": "None"}
    options = [
        ("list", described(schema["items"])) if kind == "array" else names[kind] for kind in kinds
    ]
    return options[0] if len(options) == 1 else frozenset(options)


def _options(one: Any) -> frozenset[Any]:
    return one if isinstance(one, frozenset) else frozenset({one})


def annotated(kind: Any) -> Any:
    """A type in the same words."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        return ("literal", *arguments)
    if origin is list:
        return ("list", annotated(arguments[0]))
    if origin is types.UnionType:
        return frozenset(map(annotated, arguments))
    if typing.is_typeddict(kind) and kind.__name__ not in contract()["components"]["schemas"]:
        inside = typing.get_type_hints(kind)
        return frozenset({key: annotated(value) for key, value in inside.items()}.items())
    return "None" if kind is types.NoneType else kind.__name__


@pytest.mark.parametrize(("name", "record"), records_of_the_client())
def test_a_record_has_the_keys_and_types_that_the_contract_states(name: str, record: Any) -> None:
    schema = contract()["components"]["schemas"][name]
    typed = {key: annotated(kind) for key, kind in typing.get_type_hints(record).items()}
    stated = {key: described(value) for key, value in schema["properties"].items()}
    assert typed == stated
    assert record.__required_keys__ == frozenset(schema["required"])


# --- parameters ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("identifier", "stated"),
    [
        ("listClaims", parameters.ClaimsParameters),
        ("exportClaimsNdjson", parameters.ExportParameters),
        ("countClaims", parameters.CountsParameters),
        ("listDocuments", parameters.VocabularyParameters),
        ("listAgents", parameters.VocabularyParameters),
        ("listTopics", parameters.VocabularyParameters),
        ("listOccasions", parameters.VocabularyParameters),
        ("listChanges", parameters.ChangesParameters),
        ("getClaimHistory", parameters.ChangesParameters),
    ],
)
def test_the_keyword_arguments_are_the_parameters_of_the_operation(
    identifier: str, stated: Any
) -> None:
    names = {parameter["name"] for parameter in operation(identifier).parameters("query")}
    assert set(typing.get_type_hints(stated)) == names


def test_a_comparison_takes_two_occasions_and_the_parameters_of_a_list() -> None:
    names = {parameter["name"] for parameter in operation("compareOccasions").parameters("query")}
    assert names == {"from", "to", *typing.get_type_hints(parameters.VocabularyParameters)}


def test_the_parameters_of_the_tables_are_those_of_all_three() -> None:
    names = {
        parameter["name"]
        for identifier in ("exportClaimsCsv", "exportQuotesCsv", "exportCountsCsv")
        for parameter in operation(identifier).parameters("query")
    }
    assert set(typing.get_type_hints(parameters.TableParameters)) == names - {"excel"}


@pytest.mark.parametrize(
    ("name", "words"), [("sort", parameters.Sort), ("date_match", parameters.DateMatch)]
)
def test_the_words_of_a_parameter_are_those_of_the_contract(name: str, words: Any) -> None:
    found = next(p for p in operation("listClaims").parameters("query") if p["name"] == name)
    assert set(typing.get_args(words)) == set(found["schema"]["enum"])
