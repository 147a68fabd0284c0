"""The records of a vocabulary, parsed one by one, are those of its file."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.store.dataset_format import canonical
from service.store.vocabulary_file import Records

MISLEADING = ('},{"id":"b"', '[{"id":"c"}]', '\\},{\\"id\\":\\"d\\"', "\\", '"', "é\u2028\n", "")


def lines_of(records: list[dict[str, Any]]) -> bytes:
    return b"".join(canonical(record) + b"\n" for record in records)


def expected(records: list[dict[str, Any]]) -> dict[str, Any]:
    return {record["id"]: record for record in records}


@given(st.lists(st.tuples(st.text(), st.none() | st.text()), max_size=5))
def test_records_are_those_of_the_file(drawn: list[tuple[str, str | None]]) -> None:
    records = [
        {
            "id": f"r-{n}",
            "name": name,
            "broader": broader and {"id": "r-0", "name": broader},
            "parts": [{"id": "r-0", "name": name}],
        }
        for n, (name, broader) in enumerate(drawn)
    ]
    found = Records(lines_of(records))
    assert dict(found) == expected(records) == json.loads(json.dumps(dict(found)))
    assert list(found) == [record["id"] for record in records]
    assert len(found) == len(records)


@pytest.mark.parametrize("text", MISLEADING)
def test_a_text_that_looks_like_a_record_is_none(text: str) -> None:
    records = [{"id": f"r-{n}", "name": text, "other_names": [text, text]} for n in range(3)]
    assert dict(Records(lines_of(records))) == expected(records)


def test_an_id_that_names_nothing_is_no_record() -> None:
    found = Records(lines_of([{"id": "a", "publisher": {"id": "b"}}]))
    assert found.get("b") is None
    assert "b" not in found


@pytest.mark.parametrize(
    "content", [b"{\n", b'[{"id":"a"}]\n', b'{"name":"a"}\n', b"\n", b"\xff\n", b"null\n"]
)
def test_a_line_that_is_no_record_is_refused(content: bytes) -> None:
    with pytest.raises((ValueError, LookupError, TypeError)):
        Records(content)
