"""The service of tomorrow: it answers like that of today, but that every open list of the contract
has grown by a member which no client was generated with.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from tests.contract_tools import Json, Operation, contract, operations, resolved
from tests.live import WsgiApp

TOMORROW = "of-tomorrow"
"""The member that no client knows."""


def open_lists() -> set[str]:
    """The components whose values may become more: known values, or any text."""
    return {name for name, schema in contract()["components"]["schemas"].items() if _open(schema)}


def _open(schema: Json) -> bool:
    return any("/Known" in branch.get("$ref", "") for branch in schema.get("anyOf", ()))


class Grown:
    """An application in front of another; ``grown`` counts what it changed, by list."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app
        self.grown: Counter[str] = Counter()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        started: list[Any] = []
        environ.pop("HTTP_ACCEPT_ENCODING", None)
        parts = self._app(environ, lambda *begin: started.extend(begin))
        body = b"".join(parts)
        status, headers = started[:2]
        schema = _schema_of(environ["PATH_INFO"], int(status[:3]))
        if schema is not None:
            body = json.dumps(self._with_tomorrow(schema, json.loads(body))).encode()
            headers = [(k, v) for k, v in headers if k.lower() not in ("content-length", "etag")]
            headers.append(("Content-Length", str(len(body))))
        start_response(status, headers)
        return [body]

    def _with_tomorrow(self, schema: Json, value: Any) -> Any:
        """The value, with every text that an open list gives replaced."""
        name = schema.get("$ref", "").rpartition("/")[2]
        schema = resolved(schema)
        if _open(schema):
            if not isinstance(value, str):
                return value
            self.grown[name] += 1
            return TOMORROW
        for branch in _branches(schema):
            value = self._with_tomorrow(branch, value)
        if isinstance(value, dict):
            return {key: self._member(schema, key, each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._with_tomorrow(schema.get("items", {}), each) for each in value]
        return value

    def _member(self, schema: Json, key: str, value: Any) -> Any:
        known = schema.get("properties", {}).get(key, schema.get("additionalProperties"))
        return self._with_tomorrow(known, value) if isinstance(known, dict) else value


def _branches(schema: Json) -> list[Json]:
    return [each for word in ("allOf", "anyOf", "oneOf") for each in schema.get(word, ())]


def _schema_of(path: str, status: int) -> Json | None:
    """What the contract says of the JSON that a path answers with a status."""
    operation = _operation(path)
    if operation is None or status not in operation.responses:
        return None
    for media_type, content in operation.responses[status].get("content", {}).items():
        if "json" in media_type and "ndjson" not in media_type:
            schema: Json = content["schema"]
            return schema
    return None


def _operation(path: str) -> Operation | None:
    """The operation of a path; where several could be meant, the one that says most of it."""
    fitting = [
        operation
        for operation in operations()
        if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(operation.path)), path)
    ]
    return max(fitting, key=lambda operation: len(operation.path), default=None)
