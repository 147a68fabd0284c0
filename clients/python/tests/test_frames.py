"""CSV tables as DataFrames: typed columns, and every text as it was."""

from __future__ import annotations

import sys

import pytest
from script import Script, Scripted

from policy_claims import Client, UnexpectedAnswer
from policy_claims.frames import frame


@pytest.fixture(scope="module", autouse=True)
def pandas() -> None:
    """Loaded by the tests alone, since each process that runs tests reads this module."""
    pytest.importorskip("pandas", minversion="2.2")


def test_texts_stay_texts_and_only_an_empty_field_is_missing() -> None:
    csv = (
        "statement,topics,recorded_at,revision\r\n"
        "NA,null,0001-01-01,1\r\n"
        '"a ""b"", c\r\nd",007,9999-12-31,\r\n'
        "None,=1+1,,3\r\n"
        "é농업,,2023-01-01,\r\n"
    )
    table = frame(csv.encode(), None)
    assert list(table["statement"]) == ["NA", 'a "b", c\r\nd', "None", "é농업"]
    assert list(table["topics"])[:3] == ["null", "007", "=1+1"]
    assert table["topics"].isna().tolist() == [False, False, False, True]
    assert table["revision"].sum() == 4
    days = table["recorded_at"]
    assert (days[0].year, days[1].year) == (1, 9999)
    assert days.isna().tolist() == [False, False, True, False]
    assert "dataset_version" not in table.attrs


def test_a_column_that_a_later_version_adds_is_text() -> None:
    assert str(frame(b"revision,new\r\n1,2\r\n", None).dtypes["new"]) == "string"


def test_a_table_names_its_dataset_also_when_it_has_no_rows(script: Script, client: Client) -> None:
    headers = (("Content-Type", "text/csv; charset=utf-8"), ("Dataset-Version", "v7"))
    script.plays(Scripted(200, b"id,revision,recorded_at\r\n", headers))
    table = client.to_dataframe(kind="goal")
    assert table.attrs["dataset_version"] == "v7"
    assert [str(kind) for kind in table.dtypes] == ["string", "Int64", "datetime64[s]"]
    assert script.paths == ["/v1/claims.csv?kind=goal"]


def test_an_answer_that_is_no_csv_is_refused(script: Script, client: Client) -> None:
    script.plays(Scripted(200, b"<html>", (("Content-Type", "text/html"),)))
    with pytest.raises(UnexpectedAnswer):
        client.to_dataframe()


def test_without_pandas_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="pip install 'pandas"):
        frame(b"id\r\n", None)
