"""The Python client's documentation runs, and its arguments are the parameters of the contract."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import policy_claims
from policy_claims import types
from service.app import create_app
from service.config import Config
from tests.contract_tools import operation
from tests.live import served
from tests.tables import each_row
from tests.wire import shipped_store

README = Path(__file__).resolve().parent.parent / "clients" / "python" / "README.md"
EXAMPLE_URL = "http://127.0.0.1:8000"
MODULES = ["policy_claims"] + [
    f"policy_claims.{module.name}" for module in pkgutil.iter_modules(policy_claims.__path__)
]
EXAMPLES = [
    example
    for name in MODULES
    for example in doctest.DocTestFinder().find(importlib.import_module(name), name)
    if example.examples
]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(create_app(Config(access_log=False), shipped_store())) as service:
        yield service.url


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_in_a_docstring_runs(example: doctest.DocTest, url: str) -> None:
    runner = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL)
    output: list[str] = []
    for step in example.examples:
        step.source = step.source.replace(EXAMPLE_URL, url)
    runner.run(example, out=output.append)
    assert not runner.failures, "\n".join(output)


def test_the_examples_of_the_readme_run(url: str) -> None:
    text = README.read_text(encoding="utf-8").replace(EXAMPLE_URL, url)
    example = doctest.DocTestParser().get_doctest(text, {}, "README.md", str(README), 0)
    assert len(example.examples) >= 10
    output: list[str] = []
    runner = doctest.DocTestRunner()
    runner.run(example, out=output.append)
    assert not runner.failures, "\n".join(output)


def test_most_methods_have_an_example() -> None:
    assert len(EXAMPLES) >= 11


@each_row(
    ("identifier", "arguments", "positional"),
    [
        ("listClaims", types.ClaimsParameters, set()),
        ("exportClaimsNdjson", types.ExportParameters, set()),
        ("countClaims", types.CountsParameters, set()),
        ("listDocuments", types.ListParameters, set()),
        ("listAgents", types.ListParameters, set()),
        ("listTopics", types.ListParameters, set()),
        ("listOccasions", types.ListParameters, set()),
        ("listPlaces", types.ListParameters, set()),
        ("listChanges", types.ChangesParameters, set()),
        ("getClaimHistory", types.HistoryParameters, set()),
        ("compareOccasions", types.CompareParameters, {"from", "to"}),
    ],
)
def test_the_keyword_arguments_are_the_parameters_of_the_operation(
    identifier: str, arguments: Any, positional: set[str]
) -> None:
    names = {parameter["name"] for parameter in operation(identifier).parameters("query")}
    assert set(typing.get_type_hints(arguments)) | positional == names


def test_the_parameters_of_the_tables_are_those_of_all_three() -> None:
    names = {
        parameter["name"]
        for identifier in ("exportClaimsCsv", "exportQuotesCsv", "exportCountsCsv")
        for parameter in operation(identifier).parameters("query")
    }
    assert set(typing.get_type_hints(types.TableParameters)) == names - {"excel", "tidy"}
