"""Pages for people: strict policies that the pages keep to, and no dead or foreign address."""

from __future__ import annotations

import hashlib
import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.explorer.assets import assets
from service.explorer.views.pages import error_page
from service.http.problem_types import PROBLEMS
from tests.contract_tools import contract
from tests.tables import each_row

SLUGS = [*PROBLEMS]
CLAIM = contract()["components"]["parameters"]["ClaimIdInPath"]["example"]
EXPLORER = ("/", f"/claims/{CLAIM}", "/compare", "/goals", "/values/topic", "/values/document")
PAGES = (*EXPLORER, "/docs", "/codebook", *(f"/problems/{slug}" for slug in SLUGS))
LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}
"""Elements whose address a browser asks for by itself, or may."""
ALLOWED_WITHOUT_SOURCE = frozenset({"application/json", "application/ld+json"})
"""Types of script elements that are data, never run."""

Tag = tuple[str, dict[str, str]]


class Elements(HTMLParser):
    """Every element of a page with its attributes; elements that were opened must be closed."""

    VOID = frozenset({"meta", "link", "br", "hr", "img", "input", "source", "wbr", "col"})

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Tag] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute twice in {tag}"
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def named(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.found if name == tag]


ANSWERS: dict[str, TestResponse] = {}
"""What was answered, by address: several tests look at the same pages."""


def answer_to(client: FlaskClient, address: str) -> TestResponse:
    if address not in ANSWERS:
        ANSWERS[address] = client.get(address)
    return ANSWERS[address]


def page(client: FlaskClient, path: str) -> Elements:
    reply = answer_to(client, path)
    assert reply.status_code == 200
    assert reply.content_type == "text/html; charset=utf-8"
    return Elements(reply.get_data(as_text=True))


@each_row("path", PAGES)
def test_nothing_on_a_page_is_inline(client: FlaskClient, path: str) -> None:
    """The policy would block it, in silence."""
    for tag, attributes in page(client, path).found:
        assert tag not in ("style", "base", "object", "embed", "iframe", "frame", "applet")
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        assert not any("javascript:" in value.lower() for value in attributes.values())
        if tag == "script":
            assert "src" in attributes or attributes.get("type") in ALLOWED_WITHOUT_SOURCE
        if tag == "meta":
            assert attributes.get("http-equiv", "").lower() not in ("refresh", "set-cookie")


@each_row("path", PAGES)
def test_the_policy_of_a_page_allows_only_our_own_files(client: FlaskClient, path: str) -> None:
    given = answer_to(client, path).headers["Content-Security-Policy"]
    policy = dict(part.split(" ", 1) for part in given.split("; "))
    assert policy["default-src"] == "'none'"
    for source in ("script-src", "style-src", "connect-src"):
        assert policy[source] == "'self'"
    assert policy["img-src"] == "'self' data:"
    assert not {"unsafe-inline", "unsafe-eval", "http", "*"} & set(re.split("[ ';:]", given))


@each_row("path", PAGES)
def test_nothing_is_loaded_from_elsewhere(client: FlaskClient, path: str) -> None:
    for tag, attributes in page(client, path).found:
        address = attributes.get(LOADED.get(tag, ""), "")
        assert not urlsplit(address).netloc
        assert urlsplit(address).scheme in ("", "data")
        assert "srcset" not in attributes
        if tag == "form":
            assert not urlsplit(attributes.get("action", "")).netloc


@pytest.mark.slow
@each_row("path", PAGES)
def test_every_address_on_a_page_answers(client: FlaskClient, path: str) -> None:
    elements = page(client, path)
    identifiers = {attributes.get("id") for _, attributes in elements.found}
    internal = set()
    for _, attributes in elements.found:
        for name in ("href", "src"):
            parts = urlsplit(attributes.get(name, "") or "#")
            if parts.netloc:
                assert parts.scheme == "https"
            elif not parts.path and not parts.query:
                assert not parts.fragment or parts.fragment in identifiers
            elif parts.scheme in ("", "http"):
                internal.add(urljoin(path, parts._replace(fragment="").geturl()))
    assert internal
    for address in internal:
        reply = answer_to(client, address)
        assert reply.status_code == 200, address
        assert reply.data


@each_row("path", PAGES)
def test_a_page_says_what_it_is_and_in_which_language(client: FlaskClient, path: str) -> None:
    elements = page(client, path)
    assert elements.named("html")[0]["lang"] == "en"
    assert len(elements.named("title")) == 1
    assert len(elements.named("main")) == 1  # of /docs, where there is no script
    assert {"charset": "utf-8"} in elements.named("meta")
    assert any(meta.get("name") == "viewport" for meta in elements.named("meta"))
    assert all("alt" in image for image in elements.named("img"))
    if path != "/docs":  # there Swagger UI writes the headings
        assert len(elements.named("h1")) == 1


@each_row("path", PAGES)
@each_row(
    "query", ["utm_source=x", "q=", "topic=&horizon=", "%FF=%FF", "a" * 2000, "&&&", "<script>=1"]
)
def test_pages_ignore_unknown_parameters(client: FlaskClient, path: str, query: str) -> None:
    plain, asked = answer_to(client, path), client.get(f"{path}?{query}")
    assert asked.status_code == 200
    assert asked.data == plain.data
    assert asked.headers["ETag"] == plain.headers["ETag"]


def test_the_home_page_leads_machines_to_the_machine_entries(client: FlaskClient) -> None:
    relations = {
        relation: attributes["href"]
        for attributes in page(client, "/").named("link")
        for relation in attributes["rel"].split()
    }
    assert relations["service-desc"] == "/openapi.json"
    assert relations["service-doc"] == "/docs"
    assert relations["alternate"].startswith("/v1/claims")


@each_row("path", PAGES)
def test_the_title_of_a_page_stands_before_the_links_within_it(
    client: FlaskClient, path: str
) -> None:
    main = client.get(path).text.partition("<main")[2]
    before, title, _ = main.partition("<h1")
    assert title
    assert "<nav" not in before


def test_the_home_page_says_which_data_there_is(client: FlaskClient) -> None:
    dataset = client.get("/v1/dataset").get_json()["data"]
    text = page(client, "/").text
    assert dataset["version"] in text
    assert str(dataset["counts"]["claims"]) in text


@pytest.mark.parametrize("path", EXPLORER)
def test_without_data_a_page_says_so_and_still_leads_on(
    empty_client: FlaskClient, path: str
) -> None:
    """As a 503, so that no cache takes it for the page."""
    reply = empty_client.get(path)
    assert (reply.status_code, reply.headers["Cache-Control"]) == (503, "no-store")
    assert reply.content_type == "text/html; charset=utf-8"
    addresses = {attributes["href"] for attributes in Elements(reply.text).named("a")}
    assert {"/docs", "/codebook"} <= addresses


@pytest.mark.parametrize("status", [400, 404, 405, 410, 414, 500, 503])
def test_an_error_page_says_what_happened_and_needs_no_data(status: int) -> None:
    page = error_page(status, "not-found", "A <title>", "What & why.", "4bf92f3577b34da6")
    elements = Elements(page.decode())
    assert [tag for tag, _ in elements.found].count("h1") == 1
    assert f"Error {status}" in elements.text
    assert elements.text.count("A <title>") == 2, "in the head and as the heading, escaped"
    assert "What & why." in elements.text
    assert "4bf92f3577b34da6" in elements.text
    assert {"/docs", "/codebook", "/problems/not-found"} <= {
        link["href"] for link in elements.named("a")
    }


@pytest.mark.parametrize("path", ["/claims/clm_zzzzzzzz", "/values/colour"])
def test_what_is_not_there_has_an_error_page(client: FlaskClient, path: str) -> None:
    reply = client.get(path)
    assert (reply.status_code, reply.content_type) == (404, "text/html; charset=utf-8")
    assert "Error 404" in Elements(reply.text).text


def test_the_contract_is_drawn_from_our_own_files(client: FlaskClient) -> None:
    """Swagger UI asks nobody else: neither for the contract nor to have it validated."""
    scripts = [attributes["src"] for attributes in page(client, "/docs").named("script")]
    (settings,) = (
        client.get(address).get_data(as_text=True) for address in scripts if "docs" in address
    )
    assert "/openapi." in settings
    assert re.search(r"validatorUrl:\s*null", settings)
    assert "http" not in settings.replace("https?", "")


@each_row("slug", SLUGS)
def test_each_problem_type_has_a_living_page(client: FlaskClient, slug: str) -> None:
    elements = page(client, f"/problems/{slug}")
    assert f"/problems/{slug}" in elements.text
    assert len(elements.text.split()) > 40, "it explains, and says how to mend it"


def test_the_codebook_is_the_version_the_data_set_names(client: FlaskClient) -> None:
    codebook = client.get("/v1/dataset").get_json()["data"]["codebook"]
    assert f"Version: {codebook['version']}" in page(client, codebook["link"]).text


# --- assets -------------------------------------------------------------------------------------


@each_row("name", assets())
def test_an_asset_lies_under_the_hash_of_its_content(client: FlaskClient, name: str) -> None:
    address = assets()[name].address
    version = address.split("/")[2]
    reply = client.get(address)
    assert reply.status_code == 200
    assert len(version) >= 16
    assert hashlib.sha256(reply.data).hexdigest().startswith(version)
    assert "immutable" in reply.headers["Cache-Control"]
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    for other in ("0" * len(version), version[:-1], version.upper() + "x", f"{version}/.."):
        assert client.get(f"/static/{other}/{name}").status_code == 404


@pytest.mark.parametrize("name", [name for name in assets() if name.endswith(".css")])
def test_style_sheets_load_nothing(name: str) -> None:
    style = assets()[name].content.decode()
    assert "@import" not in style
    assert all(target.startswith("data:") for target in re.findall(r"url\(\s*['\"]?([^)]*)", style))
    assert "expression(" not in style


def test_a_picture_runs_nothing() -> None:
    for name, asset in assets().items():
        if name.endswith(".svg"):
            assert b"<script" not in asset.content
            assert not re.search(rb"\son\w+=", asset.content)
            assert b"href=" not in asset.content
