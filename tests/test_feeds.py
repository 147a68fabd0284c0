"""What feed readers are given: Atom by feedparser, JSON Feed by the rules of jsonfeed.org 1.1."""

from __future__ import annotations

import calendar
import time
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import pytest
from flask.testing import FlaskClient

from schemas.query import ClaimQuery
from service.compiler import open_fixtures
from service.formats.discovery.feed_forms import Entry, NewsFeed, as_atom, as_json_feed
from service.formats.discovery.feeds import newest
from tests.contract_tools import ContractClient
from tests.tables import each_row
from tests.wire import app_of, sample_store

FEEDS = ("/v1/claims", "/v1/changes")
FILTERS = (
    "",
    "q=war",
    "topic=defence",
    "kind=goal,directive&limit=3",
    "topic=none",
    "distinct=true",
)


def parsed(client: FlaskClient, target: str) -> Any:
    found = feedparser.parse(client.get(target).data)
    assert not found.bozo, found.bozo_exception
    assert found.version == "atom10"
    return found


@each_row("query", FILTERS)
def test_both_forms_of_a_feed_say_the_same(client: ContractClient, query: str) -> None:
    atom = parsed(client, f"/v1/claims.atom?{query}")
    feed = client.get(f"/v1/claims.feed.json?{query}").get_json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"] == atom.feed.title
    assert [item["id"] for item in feed["items"]] == [entry.id for entry in atom.entries]
    for item, entry in zip(feed["items"], atom.entries, strict=True):
        assert item["title"] == entry.title
        assert item["url"] == entry.link
        assert item["content_text"] == entry.content[0].value
        moment = datetime.fromisoformat(item["date_modified"])
        assert calendar.timegm(entry.updated_parsed) == moment.timestamp()
        assert item["tags"] == [tag.term for tag in entry.get("tags", [])]


@each_row("query", FILTERS)
def test_a_feed_of_a_search_has_the_claims_of_the_search(
    client: ContractClient, query: str
) -> None:
    page = client.get(f"/v1/claims?{query}").get_json()
    listed = client.get(f"/v1/claims.feed.json?{query}").get_json()["items"]
    assert len(listed) == len(page["data"])
    if page["meta"]["total"] <= page["meta"]["limit"]:
        ids = {item["id"].rpartition(":")[2] for item in listed}
        assert ids == {claim["id"] for claim in page["data"]}
    days = [item["date_modified"] for item in listed]
    assert days == sorted(days, reverse=True)
    for item in listed:
        assert client.get(item["url"]).status_code == 200


@pytest.mark.parametrize("limit", [1, 5, 20, 61])
def test_of_many_claims_a_feed_tells_those_that_were_changed_last(limit: int) -> None:
    """Compared with all changes read from the first to the last."""
    store = open_fixtures()
    order: dict[str, int] = {}
    for change, _ in store.changes(0, 10_000).states:
        if change["claim"]:
            order[change["claim"]] = change["seq"]
    living = {claim["id"]: claim for claim in newest(ClaimQuery(limit=100), store)}
    last = sorted(living, key=lambda each: order[each], reverse=True)[:limit]
    told = newest(ClaimQuery(limit=limit), store)
    assert {claim["id"] for claim in told} == set(last)


def test_the_feed_of_changes_tells_the_newest_first_and_each_with_an_id_of_its_own(
    worked_client: ContractClient,
) -> None:
    log = worked_client.get("/v1/changes?limit=100").get_json()
    items = worked_client.get("/v1/changes.feed.json?limit=100").get_json()["items"]
    numbers = [int(item["id"].rpartition("-")[2]) for item in items]
    assert numbers == [change["seq"] for change in reversed(log["data"])]
    for item, change in zip(items, reversed(log["data"]), strict=True):
        assert item["tags"] == [change["subject"]["kind"], change["change"]]
        assert (change["reason"] or "was recorded") in item["content_text"]
        assert worked_client.get(item["url"]).status_code in (200, 308, 410)
    few = worked_client.get("/v1/changes.feed.json?limit=2").get_json()["items"]
    assert few == items[:2]


@each_row("path", FEEDS)
def test_what_is_typed_as_a_page_is_one(client: ContractClient, path: str) -> None:
    """Of every kind of record, whatever became of it."""
    feed = parsed(client, f"{path}.atom?limit=100")
    for each in (feed.feed, *feed.entries):
        (page,) = (link.href for link in each.links if link.rel == "alternate")
        assert client.get(page, follow_redirects=True).mimetype == "text/html", page


def test_a_reader_tells_the_feed_of_a_search_from_others(client: ContractClient) -> None:
    titles = [parsed(client, f"/v1/claims.atom?{query}").feed.title for query in FILTERS]
    whole = client.get("/v1/dataset").get_json()["data"]["title"]
    assert titles[0] == whole
    assert len(set(titles)) == len(titles)
    assert all(title.endswith(whole) for title in titles)
    title = parsed(client, "/v1/claims.atom?topic=defence,none&goals_only=true&q=war").feed.title
    assert title == f"Announced goals only · war · Topic: Defence, none · {whole}"


def test_an_entry_keeps_its_id_and_the_feed_too(client: ContractClient) -> None:
    """Whatever becomes of the data set; two questions have two feeds."""
    asked = ["", "?q=war", "?topic=defence", "?limit=3"]
    ids = {parsed(client, f"/v1/claims.atom{query}").feed.id for query in asked}
    ids |= {parsed(client, "/v1/changes.atom").feed.id}
    assert len(ids) == len(asked) + 1
    again = app_of(open_fixtures()).test_client()
    assert parsed(again, "/v1/claims.atom?q=war").feed.id in ids


def test_a_text_that_no_xml_can_hold_is_shown_with_a_sign_in_its_place() -> None:
    """Python's own parser refuses what is no XML."""
    hostile = "a\x00b\x0bc\ufffed <&>\"']]> \ud83d\ude00".encode("utf-16", "surrogatepass")
    text = hostile.decode("utf-16")
    entry = Entry("urn:a", "/a", text, text, "2026-11-28", text, (text,))
    feed = NewsFeed("urn:f", text, "/f", "/", text, "2026-11-28T00:00:00Z", [entry])
    root = ET.fromstring(as_atom(feed))
    title = root.findtext("{*}entry/{*}title")
    assert title is not None
    assert title.replace("\ufffd", "") == "abcd <&>\"']]> \U0001f600"
    assert b"\\u0000" in as_json_feed(feed)


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_is_told_apart_from_its_page_and_cached_like_one(
    client: ContractClient, path: str
) -> None:
    for ending, kind in (("atom", "application/atom+xml"), ("feed.json", "application/feed+json")):
        answer = client.get(f"{path}.{ending}")
        assert answer.mimetype == kind
        held = {"If-None-Match": answer.headers["ETag"]}
        assert client.get(f"{path}.{ending}", headers=held).status_code == 304


def test_readers_find_the_feeds_in_the_pages(client: FlaskClient) -> None:
    text = client.get("/?topic=defence").text
    assert 'href="/v1/changes.atom" type="application/atom+xml"' in text
    assert 'href="/v1/claims.atom?topic=defence" type="application/atom+xml"' in text
    sorted_page = client.get("/?topic=defence&sort=announced&limit=5").text
    assert 'href="/v1/claims.atom?topic=defence"' in sorted_page


def test_a_feed_costs_little(client: FlaskClient) -> None:
    store = sample_store()
    began = time.process_time()
    for _ in range(5):
        newest(ClaimQuery(limit=2), store)
    assert time.process_time() - began < 1
