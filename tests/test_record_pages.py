"""Pages of people, documents, topics, occasions and places: complete, linked, told apart."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.query import ClaimQuery
from schemas.records.vocabularies import VOCABULARIES
from service.compiler import Fixtures, open_fixtures
from service.explorer.names import ARTICLE, display_name
from service.explorer.views.records import ROLES, TITLES
from service.store.protocol import Store
from tests import hostile, samples
from tests.test_pages import Elements
from tests.wire import app_of, store_of

pytestmark = pytest.mark.slow

Json = dict[str, Any]


@pytest.fixture(params=["shipped", "sample", "hostile"], scope="module")
def site(request: pytest.FixtureRequest, app: Flask) -> tuple[FlaskClient, Store]:
    """A client and the store that it asks."""
    if request.param == "shipped":
        store: Store = app.extensions["claims.provider"].current()
    else:
        store = store_of(samples.sample() if request.param == "sample" else hostile.data())
    return app_of(store).test_client(), store


def claims_of(store: Store) -> list[Json]:
    return [json.loads(body) for body in store.export(ClaimQuery()).bodies]


def page_of(client: FlaskClient, path: str) -> Elements:
    reply = client.get(path)
    assert (reply.status_code, reply.mimetype) == (200, "text/html"), path
    return Elements(reply.text)


def test_every_vocabulary_has_a_list_with_a_tab() -> None:
    assert TITLES.keys() == ROLES.keys() == VOCABULARIES.keys()


def test_a_list_leads_to_the_page_of_each_record_and_says_what_it_is_called(
    site: tuple[FlaskClient, Store],
) -> None:
    client, store = site
    for name, vocabulary in store.vocabularies.items():
        page = page_of(client, f"/{name}")
        links = {link["href"] for link in page.named("a")}
        assert {f"/{other}" for other in VOCABULARIES} <= links
        for identifier in [record["id"] for record in vocabulary]:
            assert f"/{name}/{identifier}" in links
            assert (display_name(name, identifier, store) or "") in page.text


def test_the_page_of_a_record_lists_the_claims_that_name_it_and_no_other(
    site: tuple[FlaskClient, Store],
) -> None:
    client, store = site
    for name, vocabulary in store.vocabularies.items():
        for identifier in [record["id"] for record in vocabulary]:
            page = page_of(client, f"/{name}/{identifier}")
            listed = {
                link["href"].rpartition("/")[2]
                for link in page.named("a")
                if link["href"].startswith("/claims/")
            }
            filters = {parameter for parameter, _, _ in ROLES[name]}
            named = {
                json.loads(body)["id"]
                for parameter in filters
                for body in store.export(ClaimQuery(**{parameter: (identifier,)})).bodies
            }
            assert listed <= named, identifier
            assert bool(listed) == bool(named), identifier


def test_the_page_of_a_document_lists_its_claims_in_the_order_of_the_text(
    site: tuple[FlaskClient, Store],
) -> None:
    """Of passages that begin together the one that ends first, since that is where its mark is."""
    client, store = site
    places: dict[str, dict[str, tuple[int, int]]] = {}
    for claim in claims_of(store):
        for key in ("evidence", "quotes"):
            for place in sorted(claim[key], key=lambda place: (place["start"], place["end"])):
                found = places.setdefault(place["document"]["id"], {})
                found.setdefault(claim["id"], (place["start"], place["end"]))
    assert places
    for document, found in places.items():
        text = client.get(f"/documents/{document}").text
        listed = re.findall(r'href="/claims/(\w+)"', text[text.rindex('id="role-') :])
        assert len(listed) == len(found)
        assert [found[claim] for claim in listed] == sorted(found.values())


def test_a_claim_leads_to_the_page_of_whoever_and_whatever_it_names(
    site: tuple[FlaskClient, Store],
) -> None:
    """On its own page, and on its card in a list."""
    client, store = site
    for claim in claims_of(store)[:20]:
        links = {link["href"] for link in page_of(client, f"/claims/{claim['id']}").named("a")}
        listed = {link["href"] for link in page_of(client, f"/?id={claim['id']}").named("a")}
        agents = [*claim["actors"], *claim["addressees"], *claim["about"]]
        chain = {f"/agents/{each['agent']['id']}" for each in claim["sources"]}
        topics = {f"/topics/{each['id']}" for each in claim["topics"]}
        documents = {f"/documents/{each['document']['id']}" for each in claim["evidence"]}
        assert chain | topics | documents <= listed
        occasion = {f"/occasions/{claim['occasion']['id']}"} if claim["occasion"] else set()
        places = {f"/places/{each['id']}" for each in claim["places"]}
        named = {f"/agents/{each['id']}" for each in agents}
        assert chain | topics | documents | occasion | places | named <= links


@pytest.mark.parametrize("name", VOCABULARIES)
def test_a_record_that_is_not_there_has_a_page_that_says_so(client: FlaskClient, name: str) -> None:
    for identifier in ("nobody", "NOT%20AN%20ID", "doc_00000000"):
        reply = client.get(f"/{name}/{identifier}")
        assert (reply.status_code, reply.mimetype) == (404, "text/html")
        assert VOCABULARIES[name].singular in Elements(reply.text).text


def test_records_are_found_by_any_of_their_names(client: FlaskClient) -> None:
    page = page_of(client, "/agents?find=kcna")
    assert "Korean Central News Agency" in page.text
    assert "Kim Jong Un" not in page.text
    assert "is called" in page_of(client, "/agents?find=nobody").text


# --- names ----------------------------------------------------------------------------------------


def test_a_publisher_that_no_document_names_is_called_the_article_itself(
    client: FlaskClient,
) -> None:
    agents = client.get("/v1/agents?limit=100").get_json()["data"]
    unnamed = [agent for agent in agents if agent["name"].startswith("Unnamed publisher")]
    assert unnamed
    paths = ("/", "/compare", "/agents", "/values/speaker", f"/agents/{unnamed[0]['id']}")
    for path in paths:
        page = page_of(client, path).text
        assert "Unnamed publisher" not in page
        assert ARTICLE in page.lower()


def test_names_that_two_records_share_are_told_apart() -> None:
    data = samples.sample()
    for name in ("agents", "topics", "occasions", "places"):
        key = VOCABULARIES[name].name_key
        for record in data[name]:
            record[key] = "One name"
    store = open_fixtures(Fixtures(data))
    client = app_of(store).test_client()
    for name in ("agents", "topics", "occasions", "places"):
        page = unescape(client.get(f"/{name}").text)
        rows = re.findall(rf'<a href="/{name}/[^>]*>([^<]*)</a>', page)
        assert len(rows) == len(data[name])
        assert len(set(rows)) == len(rows), name


# --- the result first -----------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["topic=defence", "q=war", "goals_only=true&kind=goal"])
def test_a_search_shows_its_results_without_the_front_matter(
    client: FlaskClient, query: str
) -> None:
    about = client.get("/v1/dataset").get_json()["data"]
    first, found = client.get("/").text, client.get(f"/?{query}").text
    for page in (first, found):
        main = page.partition("<main")[2]
        order = [main.index(part) for part in ("<h1", 'id="q"', 'id="found"', 'id="matrix"')]
        assert order == sorted(order), "title, search, claims, and only then the table"
        assert about["title"] in unescape(page)
    for words in (unescape(about["description"]), "published by"):
        assert words in unescape(first.partition("<main")[2])
        assert words not in unescape(found.partition("<main")[2])


def test_what_is_found_can_be_taken_along_as_a_whole(client: FlaskClient) -> None:
    page = client.get("/?topic=defence&limit=2").text
    files = unescape(page[page.index('class="files"') :].partition("</ul>")[0])
    links = re.findall('href="([^"]+)"', files)
    assert any("excel=true" in link for link in links)
    total = client.get("/v1/claims?topic=defence").get_json()["meta"]["total"]
    for link in links:
        text = client.get(link).get_data().decode(errors="replace")  # a workbook is no text
        if link.startswith("/v1/claims") and ".xlsx" not in link:
            assert text.count("clm_") >= total
