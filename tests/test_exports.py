"""Exports hold what the pages hold: the same claims, values and totals, in forms for others.

CSV is read back with the standard library and compared with the JSON; what a spreadsheet might run
is asked for with a data set whose texts are hostile.
"""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from schemas.tables.on_request import COUNTS
from service.compiler import open_fixtures
from service.formats.envelopes import MAX_BUFFERED_BYTES
from service.formats.tables import csv_chunks
from tests import records
from tests.contract_tools import documented_columns, operation
from tests.samples import POSITION_AT, sample
from tests.tables import each_row
from tests.wire import app_of, store_of

pytestmark = pytest.mark.slow

Row = dict[str, str]
Json = dict[str, Any]

FILTERS = (
    *("", "kind=goal", "kind=goal,directive", "goals_only=true", "distinct=true"),
    *("goals_only=true&distinct=true", "attribution=direct,mixed", "horizon=2024", "horizon=2022"),
    *("announced_from=2023-01-01", "announced_to=2022-12-31&date_match=certain"),
    *("occurred_from=2022-01-01&occurred_to=2023-12-31", "date_match=certain&horizon=2023,2024"),
    *("min_attribution=60", "min_content=50", "min_content=50&min_attribution=85"),
    *("q=plan", "q=nuclear", "q=-nuclear", "q=%22nuclear+weapons%22", "q=!", "q=war+-nuclear"),
    *("sort=announced", "sort=-occurred", "sort=occurred", "sort=-content", "sort=relevance"),
    *("q=war&sort=announced", "q=nuclear&kind=goal&sort=-content", "topic=nothing-of-this-name"),
    "id=clm_zzzzzzzz",
)


def read(content: bytes) -> list[Row]:
    """A CSV file by its header row, every row of the same length."""
    text = content.decode("utf-8")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert all(len(row) == len(rows[0]) for row in rows)
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def lines(content: bytes) -> list[Json]:
    assert content == b"" or content.endswith(b"\n")
    return [json.loads(line) for line in content.split(b"\n")[:-1]]


def asked(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def walk(client: FlaskClient, query: str, limit: int = 7) -> tuple[list[Json], int]:
    """Every claim of a walk from page to page, and the total that each page named."""
    found: list[Json] = []
    totals = set()
    path: str | None = asked("/v1/claims", f"{query}&limit={limit}".strip("&"))
    while path is not None:
        page = client.get(path).get_json()
        found += page["data"]
        totals.add(page["meta"]["total"])
        assert page["meta"]["next_cursor"] is None or len(page["data"]) == limit
        path = page["links"]["next"]
    (total,) = totals
    return found, total


def one_with(client: FlaskClient, dimension: str) -> str:
    """The commonest key of a dimension, to filter by."""
    groups = client.get(f"/v1/counts?by={dimension}").get_json()["data"]
    return next(str(group["key"]) for group in groups if group["key"] is not None)


def assert_agreement(client: FlaskClient, query: str) -> None:
    """The page walk, NDJSON, both CSV files and the counts name the same claims and total."""
    pages, total = walk(client, query)
    assert len(pages) == total
    assert lines(client.get(asked("/v1/claims.ndjson", query)).data) == pages
    assert [row["id"] for row in read(client.get(asked("/v1/claims.csv", query)).data)] == [
        claim["id"] for claim in pages
    ]
    quotes = read(client.get(asked("/v1/quotes.csv", query)).data)
    assert [(row["claim"], row["text"]) for row in quotes] == [
        (claim["id"], quote["text"]) for claim in pages for quote in claim["quotes"]
    ]
    filters = re.sub(r"&?sort=[a-z-]+", "", query).strip("&")
    counts = client.get(f"/v1/counts?by=kind&{filters}".strip("&")).get_json()
    assert counts["meta"]["total"] == total
    assert sum(group["count"] for group in counts["data"]) == total
    for overlapping in ("topic", "source", "topic,horizon"):
        asked_for = f"/v1/counts?by={overlapping}&{filters}".strip("&")
        assert client.get(asked_for).get_json()["meta"]["total"] == total, "it counts claims"
    found = {group["key"]: group["count"] for group in counts["data"]}
    kinds = [claim["kind"] for claim in pages]
    assert found == {kind: kinds.count(kind) for kind in set(kinds)}


@each_row("query", FILTERS)
def test_pages_exports_and_counts_hold_the_same_claims(client: FlaskClient, query: str) -> None:
    assert_agreement(client, query)


@each_row(
    "dimension",
    [
        "topic",
        "actor",
        "addressee",
        "about",
        "source",
        "speaker",
        "document",
        "occasion",
        "place",
        "horizon",
    ],
)
def test_a_group_of_a_count_holds_what_its_filter_finds(
    client: FlaskClient, dimension: str
) -> None:
    query = f"{dimension}={one_with(client, dimension)}"
    assert_agreement(client, query)
    groups = client.get(f"/v1/counts?by={dimension}").get_json()["data"]
    for group in groups:
        if group["key"] is not None:
            page = client.get(f"/v1/claims?{dimension}={group['key']}&limit=1").get_json()
            assert page["meta"]["total"] == group["count"]


def test_a_walk_of_any_step_finds_the_same(client: FlaskClient) -> None:
    whole, total = walk(client, "", 100)
    for limit in (1, 2, 13):
        assert walk(client, "", limit) == (whole, total)


# --- CSV ----------------------------------------------------------------------------------------


def joined(values: list[str]) -> str:
    return "; ".join(values)


def ids(references: list[Json]) -> str:
    return " ".join(reference["id"] for reference in references)


def date(value: Json | None, key: str) -> Any:
    return (value or {}).get(key)


TARGET = ("value", "unit", "baseline", "indicator")


TRUTH = {None: None, True: "true", False: "false"}


def expected_row(claim: Json) -> Json:
    """The row of a claim as the contract describes it, column by column."""
    dates, goal, confidence = claim["dates"], claim["goal"] or {}, claim["confidence"]
    horizon = goal.get("horizon")
    years = (
        {(horizon or {}).get(end, "")[:4] for end in ("earliest", "latest")} if horizon else {""}
    )
    places = [*claim["evidence"], *claim["quotes"]]
    row = {
        **{key: claim[key] for key in ("id", "statement", "kind")},
        **{key: ids(claim[key]) for key in ("topics", "actors", "addressees", "about", "places")},
        "actor_names": joined([actor["name"] for actor in claim["actors"]]),
        "occasion": claim["occasion"] and claim["occasion"]["id"],
        "goal_specificity": goal.get("specificity"),
        "goal_details": goal.get("details"),
        "horizon": date(horizon, "edtf"),
        "horizon_year": years.pop() if len(years) == 1 else "",
        "speaker": claim["sources"][0]["agent"]["id"],
        "speaker_name": claim["sources"][0]["agent"]["name"],
        "sources": " ".join(link["agent"]["id"] for link in claim["sources"]),
        "attribution": claim["attribution"],
        "quotes": joined([quote["text"] for quote in claim["quotes"]]),
        "documents": " ".join(dict.fromkeys(place["document"]["id"] for place in places)),
        "hedges": joined(claim["hedges"]),
        "attribution_level": confidence["attribution"]["level"],
        "attribution_score": confidence["attribution"]["score"],
        "content_credibility": confidence["content"]["credibility"],
        "content_score": confidence["content"]["score"],
        "restates": " ".join(r["claim"] for r in claim["relations"] if r["type"] == "restates"),
        **{key: claim[key] for key in ("independent_origins", "revision", "recorded_at")},
    }
    target = goal.get("target") or {}
    documents = {place["document"]["id"]: place["document"] for place in places}
    row |= {
        "document_statuses": " ".join(each["status"] for each in documents.values()),
        "sourced": json.dumps(claim["sourced"]),
        "alternatives": len(claim["alternatives"]),
        "goal_elaborated": TRUTH[goal.get("elaborated")],
        **{f"goal_target_{key}": target.get(key) for key in TARGET},
        "goal_condition": goal.get("condition"),
    }
    for name in ("announced", "occurred", "refers_to"):
        row[name] = date(dates[name], "edtf")
        for key in ("earliest", "latest", "basis"):
            row[f"{name}_{key}"] = date(dates[name], key)
    return {key: "" if value is None else str(value) for key, value in row.items()}


@pytest.mark.parametrize("which", ["client", "sample_client"])
def test_a_row_says_what_the_json_says(request: pytest.FixtureRequest, which: str) -> None:
    client: FlaskClient = request.getfixturevalue(which)
    claims = lines(client.get("/v1/claims.ndjson").data)
    rows = read(client.get("/v1/claims.csv").data)
    assert claims
    assert rows == [expected_row(claim) for claim in claims]


def test_a_quote_row_says_what_the_json_says(client: FlaskClient) -> None:
    claims = lines(client.get("/v1/claims.ndjson").data)
    expected = [
        {
            "claim": claim["id"],
            "text": quote["text"],
            "speaker": quote["speaker"]["id"],
            "speaker_name": quote["speaker"]["name"],
            "document": quote["document"]["id"],
            "document_title": quote["document"]["name"],
            "start": str(quote["start"]),
            "end": str(quote["end"]),
            "kind": claim["kind"],
            "attribution": claim["attribution"],
            "announced": date(claim["dates"]["announced"], "edtf") or "",
            "announced_earliest": date(claim["dates"]["announced"], "earliest") or "",
            "announced_latest": date(claim["dates"]["announced"], "latest") or "",
            "occasion": date(claim["occasion"], "id") or "",
        }
        for claim in claims
        for quote in claim["quotes"]
    ]
    assert expected
    assert read(client.get("/v1/quotes.csv").data) == expected


@pytest.mark.parametrize("by", ["kind", "topic", "topic,horizon", "occasion,specificity"])
def test_a_count_row_says_what_the_json_says(client: FlaskClient, by: str) -> None:
    groups = client.get(f"/v1/counts?by={by}").get_json()["data"]
    rows = read(client.get(f"/v1/counts.csv?by={by}").data)
    assert rows == [
        {key: "" if value is None else str(value) for key, value in group.items()}
        for group in groups
    ]


TABLES = {
    "/v1/claims.csv": "exportClaimsCsv",
    "/v1/quotes.csv": "exportQuotesCsv",
    "/v1/counts.csv": "exportCountsCsv",
}


@pytest.mark.parametrize("path", TABLES)
def test_columns_stand_in_the_documented_order(client: FlaskClient, path: str) -> None:
    found = operation(TABLES[path])
    columns = documented_columns(found.responses[200]["content"]["text/csv"])
    header = client.get(f"{path}?by=kind" if "counts" in path else path).data.split(b"\r\n")[0]
    assert header.decode().split(",") == columns


@pytest.mark.parametrize("path", [*TABLES, "/v1/claims.ndjson"])
@pytest.mark.parametrize("query", ["", "q=nothing-of-this-kind-anywhere"])
def test_an_export_is_whole_and_plain_and_has_a_name(
    client: FlaskClient, path: str, query: str
) -> None:
    by = "by=kind" if "counts" in path else ""
    reply = client.get(asked(path, f"{by}&{query}".strip("&")))
    version = client.get("/v1/dataset").get_json()["data"]["version"]
    name, _, form = path.removeprefix("/v1/").partition(".")
    assert reply.headers["Content-Disposition"] == f'inline; filename="{name}-{version}.{form}"'
    assert int(reply.headers["Content-Length"]) == len(reply.data)
    assert "Transfer-Encoding" not in reply.headers
    assert not reply.data.startswith(b"\xef\xbb\xbf")
    if form == "csv":
        assert reply.data.endswith(b"\r\n")
        assert reply.mimetype == "text/csv"
        assert reply.mimetype_params["charset"] == "utf-8"
    else:
        assert reply.mimetype == "application/x-ndjson"
        assert b"\r" not in reply.data


@pytest.fixture(scope="module")
def long() -> FlaskClient:
    """Claims whose CSV is longer than what is made before it is sent."""
    text = "The harvest grew. " * 100
    claims = [records.claim(n, statement=f"{n}. {text}".strip()) for n in range(700)]
    return app_of(open_fixtures(records.fixtures(claims))).test_client()


@pytest.mark.parametrize("query", ["?excel=true", "?excel=true&kind=event"])
def test_a_long_table_is_whole_though_its_length_is_not_known_before(
    long: FlaskClient, query: str
) -> None:
    reply = long.get(f"/v1/claims.csv{query}")
    assert len(reply.data) > MAX_BUFFERED_BYTES
    assert "Content-Length" not in reply.headers
    assert len(read(reply.data.removeprefix(b"\xef\xbb\xbf"))) == 700
    assert "Content-Length" not in long.head(f"/v1/claims.csv{query}").headers


@pytest.mark.parametrize("path", ["/v1/claims.ndjson", "/v1/claims.csv"])
def test_the_length_of_lines_is_known_however_long(long: FlaskClient, path: str) -> None:
    for query in ("", "?kind=event", "?kind=event&sort=announced"):
        reply = long.get(f"{path}{query}")
        assert int(reply.headers["Content-Length"]) == len(reply.data) > MAX_BUFFERED_BYTES
        assert long.head(f"{path}{query}").headers["Content-Length"] == str(len(reply.data))


# --- for a spreadsheet --------------------------------------------------------------------------

DANGEROUS = ("=", "+", "-", "@", "\t", "\n", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""First characters that spreadsheets take for a formula or strip before one."""
HARMLESS = ("plain", "a=1", " =1", "'=1", "1", "\u2212one", '"=1"', "é", "; =1", "(=1)")
HARD = ('a"b', 'a,"b', "a\nb", "a;b", '"', '""', ",", "a\tb", "핵", "😀", "a\u2028b", "a'b")
"""Texts that a careless writer of CSV breaks."""


@pytest.fixture(scope="module")
def hostile() -> FlaskClient:
    """A data set with each of these texts as the statement of a claim and as a quote."""
    data = sample()
    base = data["claims"][POSITION_AT]
    (quoted,) = base["quotes"]
    texts = [f"{first}1+1" for first in DANGEROUS] + [*HARMLESS, *HARD]
    for number, text in enumerate(texts):
        identifier = f"clm_1000{number:04d}"
        quote = {**quoted, "text": text, "end": quoted["start"] + len(text)}
        stated = re.sub("[\n\t\u2028]", "=", text)  # one line, unlike a quote
        claim = {**base, "id": identifier, "statement": stated, "quotes": [quote], "relations": []}
        data["claims"].append(claim)
        created = {**data["changes"][0], "seq": len(data["changes"]) + 1, "claim": identifier}
        data["changes"].append(created)
    return app_of(store_of(data)).test_client()


def texts_of(client: FlaskClient, path: str) -> tuple[list[str], list[str]]:
    """Statements or quotes as JSON has them and as a CSV file has them."""
    claims = [c for c in lines(client.get("/v1/claims.ndjson").data) if c["id"] >= "clm_1"]
    rows = read(client.get(path).data.removeprefix(b"\xef\xbb\xbf"))
    if "quotes.csv" in path:
        kept = [row["text"] for row in rows if row["claim"] >= "clm_1"]
        return [quote["text"] for claim in claims for quote in claim["quotes"]], kept
    return [claim["statement"] for claim in claims], [
        row["statement"] for row in rows if row["id"] >= "clm_1"
    ]


@pytest.mark.parametrize("path", ["/v1/claims.csv", "/v1/quotes.csv"])
def test_by_default_every_text_comes_back_to_the_character(hostile: FlaskClient, path: str) -> None:
    written, found = texts_of(hostile, path)
    assert len(written) == len(DANGEROUS) + len(HARMLESS) + len(HARD)
    assert found == written


@pytest.mark.parametrize("path", ["/v1/claims.csv?excel=true", "/v1/quotes.csv?excel=true"])
def test_for_a_spreadsheet_no_cell_starts_like_a_formula(hostile: FlaskClient, path: str) -> None:
    assert hostile.get(path).data.startswith(b"\xef\xbb\xbf")
    assert hostile.get(path).data.count(b"\xef\xbb\xbf") == 1
    written, found = texts_of(hostile, path)
    assert found == [f"'{text}" if text.startswith(DANGEROUS) else text for text in written]
    for row in read(hostile.get(path).data.removeprefix(b"\xef\xbb\xbf")):
        assert not any(cell.startswith(DANGEROUS) for cell in row.values())


@each_row("first", [*DANGEROUS, "\r", "\0"])
def test_every_text_column_is_made_safe(first: str) -> None:
    """Names, cues and keys too, whatever a curator or another store put there."""
    texts = {"key": f"{first}1", "name": first, "name2": f"{first}a"}
    row = {**texts, "key2": None, "count": -5}
    safe = b"".join(csv_chunks(COUNTS, [row], excel=True)).decode("utf-8-sig")
    (cells,) = list(csv.DictReader(io.StringIO(safe, newline="")))
    assert [cells["key"], cells["name"], cells["name2"]] == [
        f"'{first}1",
        f"'{first}",
        f"'{first}a",
    ]
    assert (cells["key2"], cells["count"]) == ("", "-5")


def test_numbers_stay_numbers(client: FlaskClient) -> None:
    numeric = ("horizon_year", "attribution_score", "content_credibility", "content_score")
    for query in ("", "?excel=true"):
        for row in read(client.get(f"/v1/claims.csv{query}").data.removeprefix(b"\xef\xbb\xbf")):
            for column in (*numeric, "independent_origins", "revision"):
                assert re.fullmatch("[0-9]*", row[column])


def test_a_spreadsheet_gets_the_same_rows(client: FlaskClient) -> None:
    """Of the shipped data nothing needs protection, so that nothing differs but the mark."""
    for path in ("/v1/claims.csv", "/v1/quotes.csv", "/v1/counts.csv"):
        by = "by=topic&" if "counts" in path else ""
        plain = client.get(f"{path}?{by}excel=false").data
        marked = client.get(f"{path}?{by}excel=true").data.removeprefix(b"\xef\xbb\xbf")
        assert len(read(marked)) == len(read(plain))
        for row, other in zip(read(marked), read(plain), strict=True):
            for column, cell in row.items():
                assert cell.removeprefix("'") == other[column] or cell == other[column]
