"""The data that comes with the service, counted by hand in the two documents."""

import csv
import io
import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.documentation import ROOT

FIXTURES = ROOT / "service" / "fixtures"
HEADLINE = "clm_90vp2af6"
"""The headline of the report on the meeting of 2023, which announces a goal for 2024."""
MEETINGS = "from=wpk-plenary-2022-12&to=wpk-plenary-2023-12"


def got(client: FlaskClient, path: str) -> Any:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.json


@pytest.mark.parametrize(("year", "goals"), [(2022, 0), (2023, 1), (2024, 5), (2025, 0)])
def test_distinct_goals_of_a_year(client: FlaskClient, year: int, goals: int) -> None:
    found = got(client, f"/v1/claims?goals_only=true&distinct=true&horizon={year}")
    assert found["meta"]["total"] == goals
    rows = got(client, "/v1/counts?by=horizon&goals_only=true&distinct=true")["data"]
    assert sum(row["count"] for row in rows if row["key"] == str(year)) == goals


def test_the_goal_of_the_headline_is_one_for_2024(client: FlaskClient) -> None:
    found = got(client, "/v1/claims?horizon=2024&goals_only=true&limit=100")
    assert HEADLINE in {claim["id"] for claim in found["data"]}


def test_the_documents_print_seven_quotations(client: FlaskClient) -> None:
    text = client.get("/v1/quotes.csv").text
    rows = csv.DictReader(io.StringIO(text, newline=""))
    assert len({(row["document"], row["start"], row["end"]) for row in rows}) == 7


def test_the_meetings_are_compared_by_each_relation_once(client: FlaskClient) -> None:
    found = got(client, f"/v1/compare?{MEETINGS}&limit=100")
    pairs = [
        (relation["claim"], relation["type"], relation["other"])
        for row in found["data"]
        for relation in row["relations"]
    ]
    assert len(pairs) == len(set(pairs)) == found["meta"]["relation_count"]
    for row in found["data"]:
        for relation in row["relations"]:
            assert {relation["claim"], relation["other"]} <= {
                claim["id"] for side in ("from", "to") for claim in row[side]["claims"]
            }


def test_nothing_on_record_is_called_absent(client: FlaskClient) -> None:
    for row in got(client, f"/v1/compare?{MEETINGS}&limit=100")["data"]:
        for side, year in (("from", 2022), ("to", 2023)):
            topic = row["topic"]["id"]
            path = f"/v1/claims?topic={topic}&occasion=wpk-plenary-{year}-12"
            announced = got(client, path)["meta"]["total"]
            record = row[side]["record"]
            assert (record == "listed") == bool(row[side]["claims"])
            assert record != "absent" or announced == 0


def test_both_readings_of_each_document_are_published_and_cover_the_claims() -> None:
    claims = json.loads((FIXTURES / "claims.json").read_text(encoding="utf-8"))
    for document in json.loads((FIXTURES / "documents.json").read_text(encoding="utf-8")):
        shipped = sum(claim["evidence"][0]["document"] == document["id"] for claim in claims)
        for reader in "ab":
            path = FIXTURES / "readings" / f"{document['id']}.{reader}.json"
            reading = json.loads(path.read_text(encoding="utf-8"))
            assert (reading["sha256"], reading["codebook"]) == (document["sha256"], "2.0")
            read = [unit for unit in reading["units"] if unit["decision"] == "claim"]
            assert abs(len(read) - shipped) <= 1
            assert all(0 <= unit["start"] < unit["end"] <= document["length"] for unit in read)
