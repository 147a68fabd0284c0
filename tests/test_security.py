"""What SECURITY.md says: that the tests it names exist, and that the service asks nobody."""

from __future__ import annotations

import ast
import re
import socket
from pathlib import Path
from typing import NoReturn

import pytest

from tests.contract_tools import ContractClient, operations
from tests.tables import each_row

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
ITEMS = re.findall(r"^\| (API\d+) .*\|$", TEXT, re.MULTILINE)
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)))


def test_every_risk_has_its_row() -> None:
    assert [f"API{number}" for number in range(1, 11)] == ITEMS


def test_tests_are_named_in_one_form_only() -> None:
    assert len(NAMED) > 20
    assert TEXT.count("::") == len(re.findall(r"`tests/[\w/]+\.py::test_\w+`", TEXT))


@each_row(("file", "name"), NAMED)
def test_named_test_exists(file: str, name: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_service_connects_to_nothing(
    client: ContractClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("an outgoing connection")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for operation in operations():
        if operation.method == "GET":
            answer = client.get(operation.address, query_string=operation.required)
            assert answer.status_code < 500
