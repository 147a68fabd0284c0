"""The tables as a Data Package (Frictionless Standards, version 1): what their columns are."""

from collections.abc import Mapping
from typing import Any

from schemas.records.dataset import DatasetInfo
from schemas.tables.claims import CLAIM_TABLES
from schemas.tables.column import Column, ColumnType, Table
from schemas.tables.vocabularies import VOCABULARY_TABLES

DATAPACKAGE = "datapackage.json"
TABLES: tuple[Table, ...] = (*CLAIM_TABLES, *VOCABULARY_TABLES.values())
"""The tables that lie in a data set as files."""
_TYPES: dict[ColumnType, dict[str, str]] = {
    "ids": {"type": "list", "delimiter": " ", "itemType": "string"},
    "date": {"type": "date"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "url": {"type": "string", "format": "uri"},
}
"""Other columns are strings. Joined texts are, since a text may hold what joins them."""


def datapackage(dataset: DatasetInfo, files: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The descriptor of a data set, whose ``files`` are described by hash and size.

    Paths are relative to it, so that it holds wherever the files lie side by side.
    """
    about = dataset.about
    described = {
        "name": about.id,
        "id": dataset.digest,
        "title": about.title,
        "description": about.description,
        "version": dataset.version,
        "created": dataset.built_at,
        "homepage": about.homepage,
        "licenses": [_licence(about.licence)] if about.licence else None,
        "contributors": [{"title": about.publisher, "role": "publisher"}]
        if about.publisher
        else None,
        "resources": [_resource(table, files[f"{table.name}.csv"]) for table in TABLES],
    }
    return {key: value for key, value in described.items() if value}


def _licence(name: str) -> dict[str, str]:
    return {"path": name} if "://" in name else {"name": name}


def _resource(table: Table, file: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": table.name,
        "title": table.title,
        "path": f"{table.name}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": file["bytes"],
        "hash": f"sha256:{file['sha256']}",
        "schema": table_schema(table),
    }


def table_schema(table: Table) -> dict[str, Any]:
    """The Table Schema of a table."""
    schema: dict[str, Any] = {
        "fields": [_field(column) for column in table.columns],
        "missingValues": [""],
    }
    if table.key:
        schema["primaryKey"] = [*table.key]
    if table.refers:
        schema["foreignKeys"] = [
            {"fields": [name], "reference": {"resource": other, "fields": ["id"]}}
            for name, other in table.refers
        ]
    return schema


def _field(column: Column) -> dict[str, str]:
    typed = _TYPES.get(column.type, {"type": "string"})
    return {"name": column.name, **typed, "description": column.description}
