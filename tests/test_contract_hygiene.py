"""What generators of clients make of the contract: names that clash with nothing, lists that may
grow, an address, and an answer for every status."""

from __future__ import annotations

import builtins
import keyword
import typing
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from service.config import Config
from tests.conftest import serving
from tests.contract_tools import ContractClient, Json, contract, operations, read_yaml, resolved

TYPESCRIPT = """
Array ArrayBuffer BigInt Boolean DataView Date Error Function Infinity Intl Iterator JSON Map Math
NaN Number Object Promise Proxy RangeError Reflect RegExp Set String Symbol TypeError WeakMap
WeakRef WeakSet undefined

Awaited Capitalize ConstructorParameters Exclude Extract InstanceType Lowercase NonNullable Omit
Parameters Partial Pick Readonly Record Required ReturnType Uncapitalize Uppercase

Attr Audio Blob Body Cache Comment Crypto Document Element Event File FormData Headers History Image
Location Lock Navigator Node Notification Option Path2D Performance Permissions Plugin Range Report
Request Response Screen Selection Storage Text Touch URL Window Worker
"""
"""ECMAScript's names, TypeScript's own, and those of lib.dom that a record might have."""
SHADOWED = {
    *TYPESCRIPT.split(),
    *dir(builtins),
    *typing.__all__,
    *keyword.kwlist,
    "Export",
    "Import",
}
SECTIONS = ("schemas", "parameters")
"""Components that become types; headers and responses do not."""


def inner(node: Any, place: str = "") -> Iterator[tuple[str, Json]]:
    """Every object below a node of the contract with its place; examples are none of them."""
    if isinstance(node, dict):
        yield place, node
        for key, value in node.items():
            if key not in ("example", "examples"):
                yield from inner(value, f"{place}/{key}")
    elif isinstance(node, list):
        for number, member in enumerate(node):
            yield from inner(member, f"{place}/{number}")


def answered() -> Iterator[tuple[str, Json]]:
    """Every schema that an answer may have, its references followed once each."""
    seen, waiting = set(), [("", r) for o in operations() for r in o.responses.values()]
    while waiting:
        place, node = waiting.pop()
        for where, found in inner(node, place):
            yield where, found
            if (target := found.get("$ref")) is not None and target not in seen:
                seen.add(target)
                waiting.append((target, resolved({"$ref": target})))


def test_an_open_list_of_an_answer_takes_any_text() -> None:
    """In what a generator makes of it too: an ``enum`` refuses the value of tomorrow."""
    for place, schema in answered():
        if "Open list" in " ".join(str(schema.get("description", "")).split()):
            known, text = schema["anyOf"]
            assert known["$ref"] == place.replace("/schemas/", "/schemas/Known"), place
            assert text == {"type": "string"} or set(text) == {"type", "format"}, place


def test_an_enum_of_an_answer_is_closed_or_is_what_an_open_list_knows() -> None:
    for place, schema in answered():
        if "enum" in schema and "/Linked" not in place:
            closed = "Closed list" in " ".join(schema["description"].split())
            assert closed != ("/schemas/Known" in place), place


def test_every_list_of_values_is_a_component_with_a_name_of_its_own() -> None:
    listed = [place for place, schema in inner(contract()) if "enum" in schema]
    assert [place for place in listed if place.count("/") != 3] == []
    values = Counter(
        str(component["enum"])
        for component in contract()["components"]["schemas"].values()
        if "enum" in component
    )
    assert [each for each, times in values.items() if times > 1] == []


def test_no_component_is_called_like_a_type_of_a_language_or_like_another() -> None:
    names = [name for section in SECTIONS for name in contract()["components"][section]]
    assert SHADOWED.isdisjoint(names)
    assert [name for name, times in Counter(names).items() if times > 1] == []


def test_no_property_is_called_like_its_object() -> None:
    """openapi-python-client makes a module and a class of one name of it."""
    for name, schema in contract()["components"]["schemas"].items():
        assert name.lower() not in {key.lower() for key in schema.get("properties", ())}, name


def test_every_component_is_used_and_every_reference_leads_somewhere() -> None:
    wanted = {node["$ref"] for _, node in inner(contract()) if "$ref" in node}
    wanted |= {  # examples are looked through by nobody else
        value["$ref"]
        for _, node in inner(contract()["paths"])
        for value in node.get("examples", {}).values()
        if isinstance(value, dict) and "$ref" in value
    }
    there = {
        f"#/components/{section}/{name}"
        for section, components in contract()["components"].items()
        for name in components
    }
    assert wanted == there


def test_every_operation_says_what_any_other_failure_looks_like() -> None:
    for each in operations():
        default = resolved(each.definition["responses"]["default"])
        (content,) = default["content"].items()
        assert content[0] == "application/problem+json", each.id
        assert content[1]["schema"] == {"$ref": "#/components/schemas/Problem"}, each.id


BY_NAME = ("getMetrics", "getDatasetFile")
"""Prometheus asks for either form of the metrics; of a file its name decides."""


def test_no_operation_is_a_page_for_people() -> None:
    for each in operations():
        for status, response in each.responses.items():
            assert "text/html" not in response.get("content", {}), (each.id, status)
            if each.id not in BY_NAME:
                assert len(response.get("content", {})) <= 1, (each.id, status)


@pytest.mark.parametrize("fixtures", [None, "sample"])
def test_the_contract_is_served_with_the_public_address(
    fixtures: str | None, sample_app: Any, client: ContractClient
) -> None:
    """Of the shipped data and of other data; a generated client then has an address to ask."""
    if fixtures is None:
        app = serving(Config(access_log=False, public_url="https://claims.example.org"))
    else:
        app = sample_app
        app.config["PUBLIC_URL"] = "https://claims.example.org"
    try:
        asking = app.test_client()
        as_json, as_yaml = asking.get("/openapi.json").json, asking.get("/openapi.yaml").text
    finally:
        app.config["PUBLIC_URL"] = ""
    assert as_json == read_yaml(as_yaml)
    (server,) = as_json["servers"]
    assert server["url"] == "https://claims.example.org"
    assert client.get("/openapi.json").json["servers"][0]["url"] == "/"  # type: ignore[index]
