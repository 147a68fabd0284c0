"""What pages tell search engines and chats, and catalogues by DCAT-AP."""

from __future__ import annotations

import json
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyshacl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from rdflib import Graph
from rdflib.namespace import SH

from service.config import Config
from service.explorer.templating import data_block, render
from tests.conftest import serving
from tests.contract_tools import ContractClient, Json

PUBLIC = "https://claims.example.org"
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # pyshacl's
SHAPES = Path(__file__).resolve().parent / "fixtures" / "shapes" / "dcat-ap.ttl"
CLAIM = "clm_b0qp991b"


class Head(HTMLParser):
    """The linked data of a page, and what its ``meta`` elements tell."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[str] = []
        self.told: dict[str, str] = {}
        self.links: list[dict[str, str]] = []
        self._within = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self._within = tag == "script" and found.get("type") == "application/ld+json"
        if self._within:
            self.blocks.append("")
        if tag == "meta" and "content" in found:
            self.told[found.get("property", found.get("name", ""))] = found["content"]
        if tag == "link":
            self.links.append(found)

    def handle_data(self, data: str) -> None:
        if self._within:
            self.blocks[-1] += data

    def handle_endtag(self, tag: str) -> None:
        self._within = False


@pytest.fixture(scope="module")
def public_app() -> Flask:
    return serving(Config(access_log=False, cache_bytes=0, public_url=PUBLIC))


@pytest.fixture
def public_client(public_app: Flask) -> ContractClient:
    return ContractClient(public_app, public_app.response_class)


def block(client: FlaskClient, path: str) -> Json:
    """The one block of linked data of a page."""
    (text,) = Head(client.get(path).text).blocks
    found: Json = json.loads(text)
    return found


def test_the_front_page_is_a_data_set_to_search_engines(public_client: ContractClient) -> None:
    """Google Dataset Search requires name and description, and reads the others."""
    found = block(public_client, "/")
    about = public_client.get("/v1/dataset").get_json()["data"]
    assert (found["@context"], found["@type"]) == ("https://schema.org/", "Dataset")
    assert (found["name"], found["description"]) == (about["title"], about["description"])
    assert 50 <= len(found["description"]) <= 5000
    assert found["version"] == about["version"]
    assert found["license"].startswith("https://")
    assert found["@id"] == public_client.get("/v1/dataset.jsonld").get_json(force=True)["@id"]
    offered = {each["contentUrl"]: each["encodingFormat"] for each in found["distribution"]}
    assert offered == {export["link"]: export["media_type"] for export in about["exports"]}


def test_the_page_of_a_claim_is_that_claim_to_search_engines(
    public_client: ContractClient,
) -> None:
    for claim in public_client.get("/v1/claims?limit=100").get_json()["data"]:
        found = block(public_client, f"/claims/{claim['id']}")
        linked = public_client.get(f"/v1/claims/{claim['id']}.jsonld").get_json(force=True)
        for key in ("@id", "identifier", "text", "version", "dateModified"):
            assert found[key] == linked[key], key
        assert found.get("datePublished") == linked["datePublished"]
        assert found["isPartOf"]["@id"] == linked["isPartOf"]
        assert [each["@id"] for each in found["appearance"]] == [
            each["@id"] for each in linked["appearance"]
        ]
        assert None not in found.values()


def test_a_page_of_results_is_no_data_set(client: FlaskClient) -> None:
    assert Head(client.get("/?topic=defence").text).blocks == []


def test_no_text_ends_the_block_of_linked_data() -> None:
    hostile = "</script><script>alert(1)</script><!-- ]]> & \u2028"
    text = str(data_block({"text": f"{hostile}\uffff"}))
    (written,) = Head(text).blocks
    assert json.loads(written)["text"] == f"{hostile}\ufffd"
    assert text.count("<script") == text.count("</script>") == 1
    assert "<!--" not in text


@pytest.mark.parametrize("path", ["/", f"/claims/{CLAIM}", "/goals", "/codebook", "/docs"])
def test_a_link_that_is_shared_shows_what_it_leads_to(
    public_client: FlaskClient, path: str
) -> None:
    """The Open Graph protocol requires title, type and picture."""
    head = Head(public_client.get(path).text)
    assert head.told["og:title"]
    assert head.told["og:type"] in ("website", "article")
    assert head.told["og:description"] == head.told["description"]
    picture = head.told["og:image"]
    assert picture.startswith(f"{PUBLIC}/static/")
    answer = public_client.get(picture.removeprefix(PUBLIC))
    assert (answer.status_code, answer.mimetype) == (200, "image/png")


ADDRESSES = (
    *("/", "/?topic=economy", f"/claims/{CLAIM}", "/goals", "/dataset", "/codebook", "/docs"),
    *("/new", "/new?since=2026-11-23", "/values/topic", "/topics", "/agents?find=kim"),
    *("/agents/kcna", "/topics/economy", "/documents/doc_jb5kxzpf", "/places/north-korea"),
    "/compare?from=wpk-plenary-2022-12&to=wpk-plenary-2023-12",
)


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_page_has_one_address_which_is_whole_where_it_is_known(
    client: ContractClient, public_client: ContractClient, path: str
) -> None:
    for asked, base in ((client, ""), (public_client, PUBLIC)):
        head = Head(asked.get(path).text)
        assert [link["href"] for link in head.links if link["rel"] == "canonical"] == [base + path]
        assert head.told.get("og:url") == (PUBLIC + path if base else None)


def test_the_page_of_a_claim_is_described_by_its_statement(client: FlaskClient) -> None:
    claim = client.get(f"/v1/claims/{CLAIM}").get_json()["data"]
    head = Head(client.get(f"/claims/{CLAIM}").text)
    assert head.told["og:description"] == claim["statement"]
    offered = {link["href"] for link in head.links if link["rel"] == "alternate"}
    for ending in ("txt", "bib", "ris", "csl.json"):
        assert f"/v1/claims/{CLAIM}/citation.{ending}" in offered


def test_a_page_without_data_has_a_head_too() -> None:
    head = Head(render("docs.html").decode())
    assert head.told["og:title"]
    assert "og:image" not in head.told


@pytest.mark.parametrize("name", ["app", "sample_app", "worked_app", "public_app"])
def test_catalogues_take_the_description_of_the_data_set(
    request: pytest.FixtureRequest, name: str
) -> None:
    app: Any = request.getfixturevalue(name)
    assert faults_to_a_catalogue(ContractClient(app, app.response_class)) == []


def faults_to_a_catalogue(client: FlaskClient) -> list[str]:
    """By shapes of our own; docs/api.md tells when those of DCAT-AP were tried."""
    text = client.get("/v1/dataset.jsonld").text
    place = "http://localhost/v1/dataset.jsonld"
    graph = Graph().parse(data=text, format="json-ld", publicID=place)
    _, report, said = pyshacl.validate(graph, shacl_graph=Graph().parse(SHAPES))
    return [said for _ in report.objects(None, SH.resultMessage)]


SPOILT: tuple[Callable[[Any], object], ...] = (
    lambda d: d.pop("title"),
    lambda d: d.pop("distribution"),
    lambda d: d["distribution"][0].pop("accessURL"),
    lambda d: d["catalog"].pop("publisher"),
    lambda d: d["publisher"].pop("name"),
    lambda d: d.pop("@included"),
    lambda d: d["service"].pop("endpointURL"),
)


def test_the_shapes_notice_what_is_missing(client: FlaskClient) -> None:
    """Each mandatory key taken away is a fault."""
    whole = json.loads(client.get("/v1/dataset.jsonld").text)
    shapes = Graph().parse(SHAPES)
    for spoil in SPOILT:
        found = json.loads(json.dumps(whole))
        spoil(found)
        graph = Graph().parse(data=json.dumps(found), format="json-ld", publicID="http://a/")
        assert not pyshacl.validate(graph, shacl_graph=shapes)[0]


def test_two_versions_of_a_data_set_are_one_data_set(
    client: FlaskClient, worked_client: FlaskClient
) -> None:
    """To catalogues, which know it by its identifier."""
    for each in (client, worked_client):
        found = json.loads(each.get("/v1/dataset.jsonld").text)
        about = each.get("/v1/dataset").get_json()["data"]
        assert found["@id"] == f"urn:policy-claims:{about['id']}:dataset"
        assert found["version"] not in found["@id"]
