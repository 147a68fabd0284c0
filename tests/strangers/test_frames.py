"""Data frames: each library reads each export from its address, with nothing configured, and finds
the columns, the rows and, where the form has types, the types of the table.
"""

from __future__ import annotations

import csv
import io
import json
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from policy_claims.types import COLUMNS
from schemas.tables.claims import CLAIM_TABLES, CLAIMS
from schemas.tables.vocabularies import VOCABULARY_TABLES
from service.app import create_app
from service.config import Config
from tests.live import Service, served
from tests.wire import shipped_store

pytestmark = [pytest.mark.strangers, pytest.mark.filterwarnings("default")]

FILTERED = "kind=goal&sort=announced"
CSVS = (
    *(f"{name}.csv" for name in ("claims", "quotes", "sources", "relations", *VOCABULARY_TABLES)),
    *(f"{table.name}.csv?{FILTERED}" for table in CLAIM_TABLES),
    *("counts.csv?by=topic,horizon", "counts.csv?by=topic,horizon&tidy=true"),
    "compare.csv?from=wpk-plenary-2022-12&to=wpk-plenary-2023-12",
    "datasets/current/claims.csv",
)
LINES = ("claims.ndjson", f"claims.ndjson?{FILTERED}", "datasets/current/claims.ndjson")


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with served(create_app(Config(access_log=False), shipped_store())) as found:
        yield found


def content(service: Service, what: str) -> bytes:
    with urllib.request.urlopen(f"{service.url}/v1/{what}", timeout=30) as answer:
        found: bytes = answer.read()
    return found


def plain(service: Service, what: str) -> tuple[list[str], int]:
    """The head of a CSV file and its number of rows, by the standard library."""
    text = content(service, what).decode()
    head, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    return head, len(rows)


def pandas_csv(url: str) -> Any:
    return pytest.importorskip("pandas").read_csv(url)


def pandas_lines(url: str) -> Any:
    return pytest.importorskip("pandas").read_json(url, lines=True)


def polars(call: str, **options: Any) -> Callable[[str], Any]:
    def read(url: str) -> Any:
        frame = getattr(pytest.importorskip("polars"), call)(url, **options)
        return frame.collect() if call.startswith("scan") else frame

    return read


def arrow_csv(url: str) -> Any:
    reader = pytest.importorskip("pyarrow.csv")
    with urllib.request.urlopen(url, timeout=30) as answer:
        return reader.read_csv(io.BytesIO(answer.read())).to_pandas()


READ_CSV = {
    "pandas.read_csv": pandas_csv,
    "polars.read_csv": polars("read_csv"),
    "polars.scan_csv": polars("scan_csv"),
    "pyarrow.csv.read_csv": arrow_csv,
}
READ_LINES = {
    "pandas.read_json": pandas_lines,
    "polars.read_ndjson": polars("read_ndjson"),
    "polars.scan_ndjson": polars("scan_ndjson"),
}


@pytest.mark.parametrize("what", CSVS)
@pytest.mark.parametrize("name", READ_CSV)
def test_a_table_is_read_from_its_address(service: Service, name: str, what: str) -> None:
    frame = READ_CSV[name](f"{service.url}/v1/{what}")
    head, rows = plain(service, what)
    assert list(frame.columns) == head
    assert len(frame) == rows


@pytest.mark.parametrize("what", LINES)
@pytest.mark.parametrize("name", READ_LINES)
def test_lines_are_read_from_their_address(service: Service, name: str, what: str) -> None:
    frame = READ_LINES[name](f"{service.url}/v1/{what}")
    lines = content(service, what).splitlines()
    assert list(frame.columns) == list(json.loads(lines[0]))
    assert len(frame) == len(lines)


@pytest.mark.parametrize("what", ["claims.csv.gz", "quotes.csv.gz"])
def test_a_compressed_table_is_read_from_its_address(service: Service, what: str) -> None:
    head, rows = plain(service, what.removesuffix(".gz"))
    for name in ("pandas.read_csv", "polars.read_csv", "polars.scan_csv"):
        frame = READ_CSV[name](f"{service.url}/v1/{what}")
        assert (list(frame.columns), len(frame)) == (head, rows), name


def test_compressed_lines_are_read_from_their_address(service: Service) -> None:
    rows = len(content(service, "claims.ndjson").splitlines())
    for name, read in READ_LINES.items():
        assert len(read(f"{service.url}/v1/claims.ndjson.gz")) == rows, name


PANDAS_TYPES = {"date": "object", "integer": "float64", "number": "float64", "boolean": "object"}
POLARS_TYPES = {
    "date": "Date",
    "integer": "Int64",
    "number": "Float64",
    "boolean": "Boolean",
    **dict.fromkeys(("ids", "texts"), "List(String)"),
}


@pytest.mark.parametrize("what", ["claims.parquet", "datasets/current/claims.parquet"])
def test_parquet_has_the_types_of_the_columns(service: Service, what: str) -> None:
    url = f"{service.url}/v1/{what}"
    for call in ("read_parquet", "scan_parquet"):
        frame = polars(call)(url)
        assert len(frame) == len(content(service, "claims.ndjson").splitlines())
        assert {name: str(kind) for name, kind in frame.schema.items()} == {
            column.name: POLARS_TYPES.get(column.type, "String") for column in CLAIMS.columns
        }
    pandas = pytest.importorskip("pandas")
    assert list(pandas.read_parquet(url).columns) == list(CLAIMS.header)


def test_polars_reads_a_part_of_the_parquet_file_by_its_columns(service: Service) -> None:
    lazy = pytest.importorskip("polars").scan_parquet(f"{service.url}/v1/claims.parquet")
    service.asked.clear()
    lazy.select("id").collect()
    assert any("HTTP_RANGE" in environ for environ in service.asked)


def test_duckdb_reads_each_export(service: Service) -> None:
    duckdb = pytest.importorskip("duckdb")
    # Where DuckDB may not fetch its extension itself, a package brings it.
    pytest.importorskip("duckdb_extensions").import_extension("httpfs")
    connection = duckdb.connect()
    connection.execute("LOAD httpfs")
    for what in (*CSVS, *LINES, "claims.parquet"):
        reader = "read_json" if "ndjson" in what else "read_csv"
        reader = "read_parquet" if what.endswith("parquet") else reader
        read = connection.execute(f"SELECT * FROM {reader}('{service.url}/v1/{what}')")
        assert read.fetchall(), what


def test_duckdb_reads_a_downloaded_export(service: Service, tmp_path: Any) -> None:
    """What it makes of the files, where it cannot fetch them itself."""
    duckdb = pytest.importorskip("duckdb")
    for what in ("claims.csv", "quotes.csv", "claims.csv.gz", "claims.ndjson", "claims.parquet"):
        place = tmp_path / what
        place.write_bytes(content(service, what))
        found = duckdb.sql(f"SELECT * FROM '{place}'")
        rows = len(content(service, "claims.ndjson").splitlines())
        assert len(found.fetchall()) == (rows if "quotes" not in what else plain(service, what)[1])
        if "ndjson" not in what:
            table = "quotes" if "quotes" in what else "claims"
            assert found.columns == plain(service, f"{table}.csv")[0]


def test_frictionless_finds_the_data_package_and_its_tables_valid(service: Service) -> None:
    frictionless = pytest.importorskip("frictionless")
    report = frictionless.validate(f"{service.url}/v1/datapackage.json", type="package")
    assert report.valid, report.flatten(["title", "description", "message", "note"])
    package = frictionless.Package(f"{service.url}/v1/datapackage.json")
    for resource in package.resources:
        rows = resource.read_rows()
        assert len(rows) == plain(service, f"{resource.name}.csv")[1]
    fields = {field.name: field.type for field in package.get_resource("claims").schema.fields}
    assert fields["recorded_at"] == "date"
    assert fields["topics"] == "list"
    assert set(fields) <= set(COLUMNS)
