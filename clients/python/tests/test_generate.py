"""The generated types: equal to what is committed, and what each form of a schema becomes."""

from __future__ import annotations

import ast
import runpy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

HOME = Path(__file__).resolve().parent.parent
GENERATOR = runpy.run_path(str(HOME / "generate.py"))
CONTRACT = HOME.parent.parent / "openapi.yaml"

CLOSED = {"type": "string", "enum": ["a", "b"], "description": "Closed list."}
OPEN = {"type": "string", "enum": ["a", "b"], "description": "Open list."}
OBJECT = {
    "type": "object",
    "description": "An object.",
    "required": ["a"],
    "properties": {"a": {"type": "string"}, "b": {"type": "integer"}},
}
SCHEMAS = {"Closed": CLOSED, "Open": OPEN, "Object": OBJECT, "Day": {"type": "string"}}


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def contract() -> Any:
    return GENERATOR["Contract"]({"paths": {}, "components": {"schemas": SCHEMAS}})


@cache
def contract_as_it_is() -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the pure reader takes seconds
    return yaml.load(CONTRACT.read_text(encoding="utf-8"), Loader=loader)


def test_the_committed_types_are_those_of_the_contract() -> None:
    if not CONTRACT.is_file():
        pytest.skip("the contract is not part of the source archive of the client")
    text = GENERATOR["generate"](contract_as_it_is())
    committed = (HOME / "policy_claims" / "types.py").read_text(encoding="utf-8")
    assert committed == text, "run: make client-types"


def test_the_committed_parameters_are_those_of_the_contract(monkeypatch: Any) -> None:
    if not CONTRACT.is_file():
        pytest.skip("the contract is not part of the source archive of the client")
    monkeypatch.syspath_prepend(HOME)
    generate = runpy.run_path(str(HOME / "generate_parameters.py"))["generate"]
    made = generate(contract_as_it_is())
    committed = (HOME / "policy_claims" / "parameters.py").read_text(encoding="utf-8")
    assert ast.dump(ast.parse(made)) == ast.dump(ast.parse(committed)), "run: make client-types"


@pytest.mark.parametrize(
    ("schema", "annotation"),
    [
        ({"type": "string"}, "str"),
        ({"type": ["integer", "null"]}, "int | None"),
        ({"type": "array", "items": {"type": "string"}}, "list[str]"),
        ({}, "Any"),
        (CLOSED, 'Literal["a", "b"]'),
        ({"type": ["integer", "null"], "enum": [1, None], "description": "Closed list."},
         "Literal[1, None]"),
        (OPEN, "str"),
        ({"anyOf": [reference("Closed"), {"type": "string"}]}, "str"),
        (reference("Closed"), "Closed"),
        (reference("Open"), "str"),
        (reference("Object"), "Object"),
        ({"oneOf": [reference("Object"), {"type": "null"}]}, "Object | None"),
        (OBJECT, "ParentKey"),
    ],
)  # fmt: skip
def test_a_schema_becomes_an_annotation(schema: dict[str, Any], annotation: str) -> None:
    assert contract().annotation(schema, "ParentKey") == annotation


@pytest.mark.parametrize(
    ("schema", "annotation"),
    [
        ({"type": "boolean"}, "bool"),
        (reference("Day"), "Day"),
        ({"type": "string", "enum": ["up", "down"]}, 'Literal["up", "down"]'),
        (reference("Closed"), 'Literal["a", "b"]'),
        ({"type": "array", "items": reference("Open")}, "Words"),
        ({"type": "array", "items": reference("Closed")}, "Closed | Iterable[Closed]"),
    ],
)
def test_an_argument_may_be_one_value_or_several(schema: dict[str, Any], annotation: str) -> None:
    assert contract().accepted(schema) == annotation


def test_a_key_that_may_be_absent_is_not_required() -> None:
    generated = contract()
    generated.annotation(reference("Object"), "")
    assert generated.classes["Object"] == (
        'class Object(TypedDict):\n    """An object."""\n\n    a: str\n    b: NotRequired[int]\n'
    )


def test_a_key_that_is_a_keyword_of_python_is_written_as_a_call() -> None:
    generated = contract()
    properties = {"from": {"type": "string"}}
    schema = {**OBJECT, "required": ["from"], "properties": properties}
    generated.annotation(schema, "Side")
    assert '"from": str,\n' in generated.classes["Side"]
    assert generated.classes["Side"].startswith('Side = TypedDict(\n    "Side",\n')
