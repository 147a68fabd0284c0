"""Writes ``policy_claims/types.py``: the records and parameters of ``openapi.yaml`` as TypedDicts.

    python generate.py ../../openapi.yaml > policy_claims/types.py

A class has the name of its object in the contract and a docstring with its description. A list of
values that the contract calls *closed* becomes a ``Literal``; an *open* one is ``str``, because a
later version of the service may send a value that is not known today.
"""

from __future__ import annotations

import keyword
import re
import sys
import textwrap
from pathlib import Path
from typing import Any

import yaml

Json = dict[str, Any]
WIDTH = 100
HEADER = '''\
"""Records and parameters of the API. Generated from openapi.yaml by generate.py: do not edit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import {imports}

Words = str | Iterable[str]
"""One value or several, any of which may match."""
Numbers = int | str | Iterable[int | str]
"""One year or grade, or several."""
Day = dt.date | str
"""A calendar day; as text ``YYYY-MM-DD``."""
Days = Day | Iterable[Day]
'''
IMPORTS = ("Any", "Literal", "NotRequired", "TypedDict")
COLUMN = re.compile(r"^\| `([a-z0-9_]+)` \| ([a-z]+) \|", re.MULTILINE)
"""A row of a table of columns: its name and its type."""
WIDER = {"YearFilter": "Numbers", "CredibilityFilter": "Numbers", "DayFilter": "Days"}
"""The types of list arguments whose values may be other than text, by what the values are."""
NAMES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


# The keyword arguments of methods: class, base class, and the operations whose query parameters
# they are (those that all of these have and the base class has not).
# fmt: off
KEYWORDS = (
    ("ComparedFilters", "TypedDict", "exportComparisonCsv countClaims listClaims",
     "Which claims of two occasions: filters are joined by AND, the values of one by OR."),
    ("Filters", "ComparedFilters", "countClaims listClaims",
     "Which claims: filters are joined by AND, the values of one by OR."),
    ("ExportParameters", "Filters", "exportClaimsNdjson",
     "Which claims, and in which order."),
    ("ClaimsParameters", "ExportParameters", "listClaims",
     "Which claims, in which order, how many a page (1 to 100), and where to continue."),
    ("CountsParameters", "Filters", "countClaims",
     "Which claims to count, by which one or two dimensions."),
    ("TableParameters", "ExportParameters", "countClaims",
     "The parameters of all tables: ``by`` is for counts, ``sort`` for the others."),
    ("CompareParameters", "ComparedFilters", "compareOccasions listDocuments",
     "Which claims to compare, how many topics a page (1 to 100), and where to continue."),
    ("ListParameters", "TypedDict", "listDocuments listAgents compareOccasions",
     "How many records a page (1 to 100), and where to continue."),
    ("HistoryParameters", "TypedDict", "getClaimHistory",
     "The ``seq`` after which to begin, and how many changes a page (1 to 100)."),
    ("ChangesParameters", "TypedDict", "listChanges",
     "Where to begin, in which feed, and how many changes a page (1 to 100)."),
)
# fmt: on


class Contract:
    """An OpenAPI document, and the classes that were generated from its schemas so far."""

    def __init__(self, document: Json) -> None:
        self.document = document
        self.operations: dict[str, Json] = {
            operation["operationId"]: operation
            for path, methods in document["paths"].items()
            if path.startswith("/v1/")  # neither pages for people nor health
            for operation in methods.values()
        }
        self.classes: dict[str, str] = {}
        """Source text by name, each after those that it refers to."""

    def add_records(self) -> None:
        """Generates what stands under ``data`` and ``meta`` in the JSON answers, all the way in."""
        for operation in self.operations.values():
            answer = self.resolve(operation["responses"]["200"])["content"].get("application/json")
            envelope = self.resolve(answer["schema"]).get("properties", {}) if answer else {}
            if "data" in envelope:
                self.annotation(envelope["data"], "Data")
                self.annotation(envelope["meta"], "Meta")

    def resolve(self, node: Json) -> Json:
        while "$ref" in node:
            target: Any = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            node = target
        return node

    def annotation(self, schema: Json, name: str) -> str:
        """The type of a value; ``name`` is for a class where the schema has none of its own."""
        if "$ref" in schema:
            name, schema = schema["$ref"].rpartition("/")[2], self.resolve(schema)
            if "enum" in schema and is_closed(schema):
                self.classes.setdefault(name, f"{name} = {literal(schema['enum'])}\n")
                return name
        if "enum" in schema and is_closed(schema):
            return literal(schema["enum"])
        if {"type": "string"} in schema.get("anyOf", ()):  # an open list
            return "str"
        if options := schema.get("oneOf", schema.get("anyOf")):
            return " | ".join(self.annotation(option, name) for option in options)
        kinds = schema.get("type", [])
        kinds = [kinds] if isinstance(kinds, str) else kinds
        return " | ".join(self.of_kind(kind, schema, name) for kind in kinds) or "Any"

    def of_kind(self, kind: str, schema: Json, name: str) -> str:
        if kind == "array":
            return f"list[{self.annotation(schema['items'], name)}]"
        if kind == "object":
            if name not in self.classes:
                self.classes[name] = self.record(name, schema)
            return name
        return NAMES[kind]

    def record(self, name: str, schema: Json) -> str:
        fields = {
            key: self.annotation(value, name + key.title().replace("_", ""))
            for key, value in schema["properties"].items()
        }
        optional = fields.keys() - set(schema["required"])
        fields |= {key: f"NotRequired[{fields[key]}]" for key in optional}
        description = " ".join(schema["description"].split("\n\n")[0].split())
        if any(keyword.iskeyword(key) for key in fields):
            entries = "".join(f'        "{key}": {kind},\n' for key, kind in fields.items())
            text = docstring(description, indent="")
            return f'{name} = TypedDict(\n    "{name}",\n    {{\n{entries}    }},\n)\n{text}'
        return class_source(f"{name}(TypedDict)", description, fields)

    def columns(self) -> dict[str, str]:
        """The types of the columns of all tables, by name: the same in each table."""
        found: dict[str, str] = {}
        for operation in self.operations.values():
            for name, kind in COLUMN.findall(operation["description"]):
                if found.setdefault(name, kind) != kind:
                    raise ValueError(f"the column {name} is {found[name]} and {kind}")
        return found

    def add_keywords(self) -> None:
        """Generates the classes of keyword arguments."""
        parameters: dict[str, dict[str, str]] = {"TypedDict": {}}  # those of the base included
        for name, base, operations, description in KEYWORDS:
            first, *others = map(self.query_parameters, operations.split())
            shared = first.keys() - parameters[base].keys()
            own = {n: first[n] for n in first if n in shared.intersection(*others)}
            parameters[name] = parameters[base] | own
            self.classes[name] = class_source(f"{name}({base}, total=False)", description, own)

    def query_parameters(self, operation: str) -> dict[str, str]:
        """The names of an operation's parameters and the types of their arguments."""
        parameters = map(self.resolve, self.operations[operation]["parameters"])
        return {p["name"]: self.accepted(p["schema"]) for p in parameters if p["in"] == "query"}

    def accepted(self, schema: Json) -> str:
        """The type of an argument, which is wider than that of the same value in an answer."""
        reference = schema.get("$ref", "").rpartition("/")[2]
        if reference == "Day":
            return "Day"
        if "enum" in self.resolve(schema):  # what this version of the contract accepts
            return literal(self.resolve(schema)["enum"])
        if schema.get("type") != "array":
            return self.annotation(schema, reference)
        if (kind := WIDER.get(schema["items"].get("$ref", "").rpartition("/")[2])) is not None:
            return kind
        item = self.annotation(schema["items"], reference)
        return "Words" if item == "str" else f"{item} | Iterable[{item}]"


def is_closed(schema: Json) -> bool:
    return "Closed list" in schema.get("description", "")


def literal(values: list[Any]) -> str:
    words = (f'"{value}"' if isinstance(value, str) else str(value) for value in values)
    return f"Literal[{', '.join(words)}]"


def docstring(description: str, indent: str) -> str:
    """A docstring of one or more lines."""
    text = f'{indent}"""{description}"""'
    if len(text) <= WIDTH:
        return f"{text}\n"
    lines = textwrap.wrap(description, WIDTH - len(indent) - 3)
    body = "".join(f"{indent}{line}\n" for line in lines[1:])
    return f'{indent}"""{lines[0]}\n{body}{indent}"""\n'


def class_source(head: str, description: str, fields: dict[str, str]) -> str:
    entries = "".join(f"    {key}: {kind}\n" for key, kind in fields.items())
    return f"class {head}:\n{docstring(description, '    ')}\n{entries}"


def generate(document: Json) -> str:
    """The text of the module."""
    contract = Contract(document)
    contract.add_records()
    contract.add_keywords()
    body = "".join(f"\n\n{source}" for source in contract.classes.values())
    imports = [name for name in IMPORTS if re.search(rf"\b{name}\b", body)]
    columns = "".join(f'    "{name}": "{kind}",\n' for name, kind in contract.columns().items())
    table = f'\n\nCOLUMNS = {{\n{columns}}}\n"""The types of the columns of tables, by name."""\n'
    return HEADER.format(imports=", ".join(imports)) + body + (table if columns else "")


if __name__ == "__main__":
    sys.stdout.write(generate(yaml.safe_load(Path(sys.argv[1]).read_text(encoding="utf-8"))))
