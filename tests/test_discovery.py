"""What programs look for on every site."""

from __future__ import annotations

import datetime as dt
import re
import struct
import urllib.robotparser
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from schemas.query import ClaimQuery
from schemas.records.vocabularies import VOCABULARIES
from service.config import Config, SettingRefused
from service.formats.discovery import files as discovery
from tests.conftest import serving
from tests.contract_tools import ContractClient
from tests.wire import sample_store

PUBLIC = "https://claims.example.org"
NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def address(path: str, query: str) -> str:
    return f"{PUBLIC}{path}{'?' if query else ''}{query}"


@pytest.fixture(scope="module")
def public_client() -> ContractClient:
    contact = "mailto:security@example.org"
    config = Config(access_log=False, public_url=PUBLIC, security_contact=contact, cache_bytes=0)
    client = serving(config).test_client()
    assert isinstance(client, ContractClient)
    return client


def locations(xml: bytes) -> list[str]:
    return [str(each.text) for each in ET.fromstring(xml).iter(f"{NAMESPACE}loc")]


def test_robots_may_read_pages_and_data_and_no_combination_of_filters(
    public_client: FlaskClient,
) -> None:
    text = public_client.get("/robots.txt").text
    rules = urllib.robotparser.RobotFileParser()
    rules.parse(line for line in text.splitlines() if "*?" not in line)  # it knows no wildcard
    for path in ("/", "/claims/clm_b0qp991b", "/v1/dataset.jsonld", "/sitemap.xml"):
        assert rules.can_fetch("any", path), path
    assert not rules.can_fetch("any", "/values/topic")
    assert "Disallow: /*?" in text
    assert rules.site_maps() == [f"{PUBLIC}/sitemap.xml"]


def test_the_sitemap_lists_every_claim_and_record_and_only_pages_that_are_there(
    public_client: FlaskClient,
) -> None:
    answer = public_client.get("/sitemap.xml")
    listed = locations(answer.data)
    total = public_client.get("/v1/claims?limit=1").get_json()["meta"]["total"]
    assert len([each for each in listed if "/claims/clm_" in each]) == total
    assert len(listed) == len(set(listed))
    for name in VOCABULARIES:
        records = public_client.get(f"/v1/{name}?limit=100").get_json()["data"]
        pages = {f"{PUBLIC}/{name}", *(f"{PUBLIC}/{name}/{one['id']}" for one in records)}
        assert pages <= set(listed)
    for each in listed:
        assert each.startswith(f"{PUBLIC}/")
        assert public_client.get(urlsplit(each).path).status_code == 200
    changed = ET.fromstring(answer.data).iter(f"{NAMESPACE}lastmod")
    assert {len(str(each.text)) for each in changed} == {len("2026-11-28")}


@pytest.mark.parametrize("part_bytes", [1, 300, 1_000, 4_096, 10**6])
def test_the_parts_of_a_sitemap_hold_each_claim_once(part_bytes: int) -> None:
    store = sample_store()
    whole = locations(discovery.sitemap(store, address).content)  # type: ignore[arg-type]
    size = sum(map(len, store.export(ClaimQuery()).verbatim or ()))
    index = discovery.sitemap(store, address, part_bytes).content
    if size <= part_bytes:
        assert locations(index) == whole  # type: ignore[arg-type]
        assert discovery.sitemap_part(0, store, address, part_bytes) is None
        return
    parts = locations(index)  # type: ignore[arg-type]
    assert parts == [f"{PUBLIC}/sitemap/{n}.xml" for n in range(-(-size // part_bytes))]
    if part_bytes == 1:
        return  # as many parts as bytes
    found = [discovery.sitemap_part(n, store, address, part_bytes) for n in range(len(parts))]
    listed = [each for part in found if part for each in locations(part.content)]  # type: ignore[arg-type]
    assert listed == whole
    assert discovery.sitemap_part(len(parts), store, address, part_bytes) is None


def test_a_part_that_is_not_there_is_a_404(client: FlaskClient) -> None:
    for number in ("0", "1", "9" * 30, "-1", "x"):
        assert client.get(f"/sitemap/{number}.xml").status_code == 404


def test_what_language_models_are_told_names_the_data_and_leads_somewhere(
    public_client: FlaskClient,
) -> None:
    text = public_client.get("/llms.txt").text
    about = public_client.get("/v1/dataset").get_json()["data"]
    title, _, summary = text.split("\n")[:3]
    assert title == f"# {about['title']}"
    assert summary == f"> {' '.join(about['description'].split())}"
    links = re.findall(r"^- \[[^\]]+\]\(([^)]+)\): \S", text, re.MULTILINE)
    assert len(links) > 8
    for each in links:
        path = urlsplit(each).path
        needed = {"/v1/counts": "?by=topic", "/v1/compare": "?from=a&to=b"}.get(path, "")
        assert public_client.get(path + needed).status_code == 200, each


def test_the_catalogue_of_the_api_leads_to_its_description(public_client: FlaskClient) -> None:
    for method in ("GET", "HEAD"):
        answer = public_client.open("/.well-known/api-catalog", method=method)
        assert 'profile="https://www.rfc-editor.org/info/rfc9727"' in answer.content_type
        assert answer.headers["Link"] == '</.well-known/api-catalog>; rel="api-catalog"'
    catalogue, service = public_client.get("/.well-known/api-catalog").get_json()["linkset"]
    assert catalogue["item"] == [{"href": service["anchor"]}]
    for relation in ("service-desc", "service-doc", "service-meta", "status"):
        for target in service[relation]:
            found = public_client.get(urlsplit(target["href"]).path)
            assert (found.status_code, found.mimetype) == (200, target["type"])


def test_a_contact_for_security_is_told_where_one_is_set(
    public_client: FlaskClient, client: FlaskClient
) -> None:
    text = public_client.get("/.well-known/security.txt").text
    told = dict(line.split(": ", 1) for line in text.splitlines())
    assert told["Contact"] == "mailto:security@example.org"
    assert told["Canonical"] == f"{PUBLIC}/.well-known/security.txt"
    left = dt.datetime.fromisoformat(told["Expires"]) - dt.datetime.now(dt.UTC)
    assert dt.timedelta(days=30) < left < dt.timedelta(days=365)
    unset = client.get("/.well-known/security.txt")
    assert (unset.status_code, unset.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "contact", ["security@example.org", "http://example.org", "mailto:a\nContact: x", "mailto:"]
)
def test_what_is_no_contact_is_refused(contact: str) -> None:
    with pytest.raises(SettingRefused, match="SECURITY_CONTACT"):
        Config.from_env({"SECURITY_CONTACT": contact})


def test_the_icon_is_one_that_every_browser_reads(client: FlaskClient) -> None:
    """An ICO file whose pictures lie within it, each a PNG of the size that is told."""
    content = client.get("/favicon.ico").data
    reserved, kind, pictures = struct.unpack_from("<HHH", content)
    assert (reserved, kind, pictures) == (0, 1, 2)
    for number in range(pictures):
        entry = struct.unpack_from("<BBBBHHII", content, 6 + 16 * number)
        picture = content[entry[7] : entry[7] + entry[6]]
        assert picture.startswith(b"\x89PNG\r\n\x1a\n")
        assert struct.unpack_from(">II", picture, 16) == entry[:2]


def test_without_data_only_what_is_about_data_is_missing(empty_client: FlaskClient) -> None:
    for path in ("/robots.txt", "/llms.txt", "/.well-known/api-catalog", "/favicon.ico"):
        assert empty_client.get(path).status_code == 200
    assert empty_client.get("/sitemap.xml").status_code == 503
