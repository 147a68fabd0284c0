"""Pages about the data set as a whole: what is new in it, what it is, how two years compare."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient

from service import cli
from service.config import Config
from service.store.dataset_format import current
from tests.conftest import serving
from tests.samples import write
from tests.test_cli import documents, honest
from tests.test_pages import Elements

__all__ = ["documents"]

pytestmark = pytest.mark.slow

NOTE = re.compile(
    r'<div class="note" id="ignored"><p>Ignored: <q dir="auto">(.*?)</q> .*?</div>', re.DOTALL
)


def text_of(client: FlaskClient, path: str) -> str:
    return " ".join(Elements(client.get(path).text).text.split())


# --- what is new ----------------------------------------------------------------------------------


def changes_of(client: FlaskClient) -> list[Any]:
    found: list[Any] = []
    address = "/v1/changes?since=0&limit=100"
    while address:
        answer = client.get(address).get_json()
        found += answer["data"]
        address = answer["links"]["next"]
    return found


@pytest.mark.parametrize("which", ["client", "sample_client", "worked_client"])
def test_what_is_new_since_a_day_is_what_was_recorded_since(
    request: pytest.FixtureRequest, which: str
) -> None:
    client: FlaskClient = request.getfixturevalue(which)
    changes = changes_of(client)
    for day in sorted({change["recorded_at"] for change in changes}):
        fresh = [change for change in changes if change["recorded_at"] >= day]
        page = client.get(f"/new?since={day}").text
        entries = page.count("<li><p>")
        assert entries == min(len(fresh), 100)
        assert f"{len(fresh)} change" in text_of(client, f"/new?since={day}")
        shown = set(re.findall(r'<li><p><a href="([^"]+)"', page))
        plural = {"claim": "claims", "document": "documents", "occasion": "occasions"}
        for change in fresh if len(fresh) <= 100 else ():
            kind, identifier = change["subject"]["kind"], change["subject"]["id"]
            assert f"/{plural.get(kind, kind + 's')}/{identifier}" in shown
            assert unescape(change["reason"] or "") in unescape(page)
    days = re.findall(r'id="day-([0-9-]+)"', client.get("/new").text)
    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize("since", ["yesterday", "2022-02-30", "2026-1-1", "<b>", "%00", "%FF"])
def test_a_day_that_is_none_is_ignored_and_named(client: FlaskClient, since: str) -> None:
    page, all_of_it = client.get(f"/new?since={since}").text, client.get("/new").text
    note = NOTE.search(page)
    assert note
    assert NOTE.sub("", page) == all_of_it
    shown = unescape(note[1])
    assert shown == unquote(since).replace("\0", "\ufffd")


def test_no_day_is_no_fault(client: FlaskClient) -> None:
    for query in ("", "?since="):
        assert "ignored" not in client.get(f"/new{query}").text


# --- what the data set is -------------------------------------------------------------------------


def test_the_page_of_the_data_set_says_with_what_it_was_compared(
    tmp_path: Path, documents: Path
) -> None:
    fixtures, out = write(honest(), tmp_path / "fixtures"), tmp_path / "out"
    for options in ([], ["--documents", str(documents)]):
        assert cli.main(["publish", str(out), "--fixtures", str(fixtures), *options]) == 0
        client = serving(Config(dataset=current(out), access_log=False)).test_client()
        page, told = text_of(client, "/dataset"), client.get("/v1/dataset").get_json()["data"]
        assert ("was not compared" in page) is (told["verified"] is None)
        if told["verified"]:
            assert f"{told['verified']['spans']} passages" in page
        assert told["version"] in page


def test_a_claim_and_the_data_set_are_cited_with_version_document_and_licence(
    client: FlaskClient,
) -> None:
    about = client.get("/v1/dataset").get_json()["data"]
    claim = client.get("/v1/claims?limit=1").get_json()["data"][0]
    for path in ("/dataset", f"/claims/{claim['id']}"):
        page = text_of(client, path)
        cited = page[page.index("Cite ") :]
        assert path == "/dataset" or claim["evidence"][0]["document"]["name"] in cited
        for words in (about["title"], about["publisher"], about["version"], "CC-BY-4.0"):
            assert words in cited
        links = [link["href"] for link in Elements(client.get(path).text).named("a")]
        assert {link.rpartition("citation.")[2] for link in links if "citation." in link} == {
            "txt",
            "bib",
            "ris",
            "csl.json",
        }


# --- two years ------------------------------------------------------------------------------------

PAIRS = (
    ("client", "wpk-plenary-2022-12", "wpk-plenary-2023-12"),
    ("client", "wpk-plenary-2023-12", "wpk-plenary-2022-12"),
    ("sample_client", "assembly-2021", "assembly-2022"),
)


@pytest.mark.parametrize(("which", "first", "second"), PAIRS)
@pytest.mark.parametrize("filters", ["", "&goals_only=true"])
def test_each_relation_is_shown_once_and_each_goal_side_by_side(
    request: pytest.FixtureRequest, which: str, first: str, second: str, filters: str
) -> None:
    client: FlaskClient = request.getfixturevalue(which)
    query = f"from={first}&to={second}{filters}"
    answer = client.get(f"/v1/compare?{query}").get_json()
    page = unescape(client.get(f"/compare?{query}").text)
    assert page.count('class="phrase"') == answer["meta"]["relation_count"]
    goals = {
        claim["id"]
        for row in answer["data"]
        for end in ("from", "to")
        for claim in row[end]["claims"]
        if claim["goal"]
    }
    if goals:
        section = page[page.index('id="goal-by-goal"') :].partition("</section>")[0]
        assert set(re.findall(r'href="/claims/(\w+)"', section)) == goals
