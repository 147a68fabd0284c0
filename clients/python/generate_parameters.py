"""Writes ``policy_claims/parameters.py``: the parameters of ``openapi.yaml`` with what they mean.

    python generate_parameters.py ../../openapi.yaml > policy_claims/parameters.py

The options of the command and the arguments of the assistant's tools are made from them.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import yaml
from generate import Contract, Json

HEADER = '''\
"""Parameters of the API. Generated from openapi.yaml by generate_parameters.py: do not edit."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Parameter(NamedTuple):
    """A query parameter. A ``list`` takes several values, with commas between; ``values`` are those
    that are known, where the contract lists them.
    """

    type: Literal["list", "string", "integer", "boolean"]
    description: str
    values: tuple[str, ...] = ()
'''
FILTERS = ("countClaims", "listClaims")
"""Operations that have all filters, and no other parameter, in common."""
OTHERS = (("SORT", "listClaims", "sort"), ("BY", "countClaims", "by"))
"""Parameters that are no filters: name of the constant, operation, name."""
SENTENCE = re.compile(r".*?[.:](?= [A-Z`]|$)")


def generate(document: Json) -> str:
    """The text of the module, not laid out."""
    contract = Contract(document)
    first, second = (parameters(contract, operation) for operation in FILTERS)
    rows = "".join(f'    "{name}": {first[name]},\n' for name in first if name in second)
    text = f'{HEADER}\n\nFILTERS = {{\n{rows}}}\n"""Which claims: the filters, by name."""\n'
    for constant, operation, name in OTHERS:
        text += f"{constant} = {parameters(contract, operation)[name]}\n"
    return text


def parameters(contract: Contract, operation: str) -> dict[str, str]:
    """The source text of the parameters of an operation, by name."""
    declared = map(contract.resolve, contract.operations[operation]["parameters"])
    return {p["name"]: row(contract, p) for p in declared if p["in"] == "query"}


def row(contract: Contract, parameter: Json) -> str:
    schema = contract.resolve(parameter["schema"])
    kind = "list" if schema.get("type") == "array" else schema.get("type", "string")
    words = " ".join(parameter["description"].split())
    sentence = SENTENCE.match(words)
    description = sentence[0] if sentence else words
    values = known(contract, schema.get("items", schema))
    listed = f", {values!r}" if values else ""
    return f"Parameter({kind!r}, {description!r}{listed})"


def known(contract: Contract, schema: Json) -> tuple[str, ...]:
    """The values that a schema lists, also where it takes others."""
    schema = contract.resolve(schema)
    options: list[Any] = [schema, *map(contract.resolve, schema.get("anyOf", ()))]
    return tuple(str(value) for option in options for value in option.get("enum", ()))


if __name__ == "__main__":
    sys.stdout.write(generate(yaml.safe_load(Path(sys.argv[1]).read_text(encoding="utf-8"))))
