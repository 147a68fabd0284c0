"""Proof that the breaking-change check is awake: each break planted here must be refused.

Every break is planted alone into a copy of the released contract, and oasdiff must object to it by
the rule that fits; additions are planted as well, and must pass. Exit 1 if any verdict is wrong.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from contract_diff import differences, load, released

Node = dict[str, Any]


class Contract:
    """A contract with the ways to the parts that breaks are planted in."""

    def __init__(self, document: Node) -> None:
        self.document = document

    def resolve(self, node: Node) -> Node:
        """Follow local references to the object that is meant, so that a change is seen there."""
        while "$ref" in node:
            found: Any = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step.replace("~1", "/").replace("~0", "~")]
            node = found
        return node

    def operation(self, path: str) -> Node:
        operation: Node = self.document["paths"][path]["get"]
        return operation

    def parameter(self, path: str, name: str) -> Node:
        """The parameter object, wherever it stands."""
        everywhere = self.document["paths"][path].get("parameters", [])
        for parameter in [*self.operation(path)["parameters"], *everywhere]:
            if self.resolve(parameter)["name"] == name:
                return self.resolve(parameter)
        raise KeyError(name)

    def parameter_schema(self, path: str, name: str) -> Node:
        """The schema of the parameter, or of the members of a list parameter."""
        schema = self.resolve(self.parameter(path, name)["schema"])
        return self.resolve(schema["items"]) if "items" in schema else schema

    def content(self, path: str) -> Node:
        content: Node = self.resolve(self.operation(path)["responses"]["200"])["content"]
        return content

    def claim(self) -> Node:
        """The schema of one claim, found through the path that serves it."""
        envelope = self.resolve(self.content("/v1/claims/{id}")["application/json"]["schema"])
        return self.resolve(envelope["properties"]["data"])

    def inner(self, *keys: str) -> Node:
        """The schema of an object inside a claim, also where it may be null instead."""
        found = self.claim()
        for key in keys:
            node = self.resolve(found["properties"][key])
            choices = node.get("oneOf") or node.get("anyOf") or [node]
            found = next(
                self.resolve(choice) for choice in choices if "properties" in self.resolve(choice)
            )
        return found


def _remove_parameter(contract: Contract) -> None:
    operation = contract.operation("/v1/claims")
    operation["parameters"] = [
        parameter
        for parameter in operation["parameters"]
        if contract.resolve(parameter)["name"] != "topic"
    ]


def _new_required_parameter(contract: Contract) -> None:
    contract.operation("/v1/claims")["parameters"].append(
        {"name": "token", "in": "query", "required": True, "schema": {"type": "string"}}
    )


def _other_media_type(contract: Contract) -> None:
    content = contract.content("/v1/claims.csv")
    content["text/plain"] = content.pop("text/csv")


def _change_schema(path: str, name: str, **changes: object) -> Callable[[Contract], None]:
    return lambda contract: contract.parameter_schema(path, name).update(changes)


def _shorten_list(contract: Contract) -> None:
    schema = contract.resolve(contract.parameter("/v1/claims", "topic")["schema"])
    schema["maxItems"] -= 1


def _drop_key(contract: Contract) -> None:
    claim = contract.claim()
    del claim["properties"]["statement"]
    claim["required"].remove("statement")


def _drop_inner_key(contract: Contract) -> None:
    inner = contract.inner("goal")
    del inner["properties"]["horizon"]
    inner["required"].remove("horizon")


def _rewrite_key(**schema: object) -> Callable[[Contract], object]:
    return lambda contract: contract.claim()["properties"].update(statement=schema)


#: What is planted, and the rule of oasdiff that must object.
BREAKS: dict[str, tuple[str, Callable[[Contract], object]]] = {
    "a path removed": (
        "api-path-removed-without-deprecation",
        lambda c: c.document["paths"].pop("/v1/topics"),
    ),
    "a parameter removed": ("request-parameter-removed", _remove_parameter),
    "a parameter made required": (
        "request-parameter-became-required",
        lambda c: c.parameter("/v1/claims", "topic").update(required=True),
    ),
    "a required parameter added": ("new-required-request-parameter", _new_required_parameter),
    "a value of a parameter removed": (
        "request-parameter-enum-value-removed",
        lambda c: c.parameter_schema("/v1/claims", "kind")["enum"].pop(),
    ),
    "a maximum lowered": (
        "request-parameter-max-decreased",
        _change_schema("/v1/claims", "limit", maximum=50),
    ),
    "a longest length lowered": (
        "request-parameter-max-length-decreased",
        _change_schema("/v1/claims", "q", maxLength=20),
    ),
    "a list shortened": ("request-parameter-max-items-decreased", _shorten_list),
    "a pattern tightened": (
        "request-parameter-pattern-changed",
        _change_schema("/v1/claims", "cursor", pattern="^[0-9]{16}$"),
    ),
    "a default changed": (
        "request-parameter-default-value-changed",
        _change_schema("/v1/claims", "limit", default=10),
    ),
    "a response key removed": ("response-required-property-removed", _drop_key),
    "a key of an object that may be null removed": (
        "response-required-property-removed",
        _drop_inner_key,
    ),
    "a response key made optional": (
        "response-property-became-optional",
        lambda c: c.claim()["required"].remove("statement"),
    ),
    "a response key of another type": (
        "response-property-type-changed",
        _rewrite_key(type="integer"),
    ),
    "a response key made nullable": (
        "response-property-became-nullable",
        _rewrite_key(type=["string", "null"]),
    ),
    "a media type replaced": ("response-media-type-removed", _other_media_type),
    "a success removed": (
        "response-success-status-removed",
        lambda c: c.operation("/v1/claims")["responses"].pop("200"),
    ),
    "a value added to a list that is closed": (
        "response-property-enum-value-added",
        lambda c: c.inner("dates", "announced")["properties"]["basis"]["enum"].append("fresh"),
    ),
    "a problem status removed": (
        "response-non-success-status-removed",
        lambda c: c.operation("/v1/claims/{id}")["responses"].pop("410"),
    ),
}

ADDITIONS: dict[str, Callable[[Contract], object]] = {
    "a value of a list that is open": lambda c: c.resolve(c.claim()["properties"]["kind"])[
        "enum"
    ].append("fresh"),
    "a dimension, which is open too": lambda c: c.document["components"]["schemas"]["Dimension"][
        "enum"
    ].append("fresh"),
    "nothing": lambda c: None,
    "an optional parameter": lambda c: c.operation("/v1/claims")["parameters"].append(
        {"name": "fresh", "in": "query", "schema": {"type": "string"}}
    ),
    "a response key": lambda c: c.claim()["properties"].update(fresh={"type": "string"}),
    "a path": lambda c: c.document["paths"].update(
        {"/v1/fresh": {"get": {"responses": {"200": {"description": "Fresh."}}}}}
    ),
}


def objections(baseline: Path, plant: Callable[[Contract], object]) -> set[str]:
    """The rules that object to a copy of the released contract with one thing planted in it."""
    changed = load(baseline)
    plant(Contract(changed))
    with tempfile.TemporaryDirectory() as folder:
        revision = Path(folder, "openapi.yaml")
        # JSON is YAML too, and keeps every value of the type it has.
        revision.write_text(json.dumps(changed), encoding="utf-8")
        return {difference.id for difference in differences(baseline, revision)}


def main() -> int:
    """Plant everything, say what became of it, and fail if any verdict is wrong."""
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        baseline = released(folder)
        for name, (rule, plant) in BREAKS.items():
            found = objections(baseline, plant)
            wrong += rule not in found
            verdict = "refused" if rule in found else "MISSED"
            print(f"{verdict}: {name} {sorted(found)}")
        for name, plant in ADDITIONS.items():
            found = objections(baseline, plant)
            wrong += bool(found)
            verdict = "REFUSED" if found else "accepted"
            print(f"{verdict}: {name} added {sorted(found)}")
    print(f"{len(BREAKS)} breaks and {len(ADDITIONS)} additions planted, {wrong} judged wrongly")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
