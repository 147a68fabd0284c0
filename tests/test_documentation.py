"""What the pages of documentation say is so: their links, names, paths, commands and tables."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import Schema

from schemas import date, filters, query
from schemas.records import change, claim, provenance, vocabularies
from schemas.records.record import curated
from service.app import create_app
from service.config import Config
from tests.contract_tools import contract
from tests.documentation import BLOCKS, OUTSIDE_BLOCKS, PAGES, README, ROOT, SERVER
from tests.tables import each_row
from tests.wire import shipped_store


@pytest.fixture(scope="module")
def app() -> Flask:
    """The service as it answers users: from the shipped data, repeats from its cache."""
    return create_app(Config(access_log=False), shipped_store())


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


# --- links, addresses, names --------------------------------------------------------------------


def anchors(text: str) -> set[str]:
    """The fragments of the headings of a page, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    bare = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in bare}


def links(page: str) -> Iterator[str]:
    yield from re.findall(r"\]\((?!https?:)([^)\s]+)\)", OUTSIDE_BLOCKS[page])


@each_row("page", PAGES)
def test_links_lead_to_files_and_headings_that_exist(page: str, client: FlaskClient) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        if path.startswith("/"):  # a page of the service, which serves the codebook
            assert client.get(path).status_code == 200
            continue
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), link


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set(), [README]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        for link in links(page):
            target = ((ROOT / page).parent / link.partition("#")[0]).resolve()
            known = str(target.relative_to(ROOT)) if target.is_relative_to(ROOT) else ""
            waiting += [known] if known in PAGES and known not in reached else []
    assert reached == set(PAGES)


def test_every_address_of_the_service_is_answered(client: FlaskClient) -> None:
    found = re.findall(rf"<{SERVER}([^>]*)>", "".join(OUTSIDE_BLOCKS.values()))
    assert len(found) >= 5
    for address in found:
        assert client.get(address).status_code == 200, address


def test_the_goals_that_the_readme_leads_to_are_on_their_page(client: FlaskClient) -> None:
    (address,) = re.findall(rf"<{SERVER}(/\?[^>]*)>", PAGES[README])
    claims = client.get("/v1/claims" + address.removeprefix("/")).get_json()["data"]
    assert claims
    page = client.get(address).get_data(as_text=True)
    assert all(claim["id"] in page for claim in claims)


PLACES = (
    "schemas",
    "service",
    "tests",
    "docs",
    "deploy",
    "clients",
    "examples",
    "benchmarks",
    ".ci",
)
PATH = re.compile(rf"(?:{'|'.join(map(re.escape, PLACES))})/[\w./*-]*")


@each_row("page", [page for page in PAGES if page != "CHANGELOG.md"])
def test_every_path_in_the_text_exists(page: str) -> None:
    for quoted in re.findall(r"`([^`\n]+)`", OUTSIDE_BLOCKS[page]):
        path = quoted.partition("::")[0]
        if PATH.fullmatch(path):
            assert list(ROOT.glob(path.rstrip("/"))), (page, path)


TARGETS = set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_every_target_of_make_in_the_text_exists() -> None:
    for page in PAGES:
        inline = "\n".join(re.findall(r"`([^`\n]+)`", OUTSIDE_BLOCKS[page]))
        code = "\n".join([inline, *(block.text for block in BLOCKS if block.page == page)])
        for target in re.findall(r"\bmake ([a-z][\w-]*)", code):
            assert target in TARGETS, (page, target)


def test_contributing_explains_every_target_that_make_lists() -> None:
    listed = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert listed
    for target in listed:
        assert f"`make {target}`" in PAGES["docs/contributing.md"], target


# --- tables that repeat what the code says ------------------------------------------------------


def first_cells(page: str, heading: str) -> list[str]:
    """What stands in code in the first column of the table under a heading."""
    section = re.split(rf"^#+ {re.escape(heading)}$", PAGES[page], flags=re.MULTILINE)[1]
    table = re.split(r"^#+ ", section, flags=re.MULTILINE)[0]
    rows = re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
    return [cell for row in rows for cell in re.findall(r"`([^`]+)`", row)]


@pytest.mark.parametrize(
    ("heading", "parameters"),
    [
        ("Filters", set(query.FilterParameters().fields)),
        (
            "Order and pages",
            set(query.ClaimsParameters().fields) - set(query.FilterParameters().fields),
        ),
        ("Dimensions", set(filters.DIMENSIONS)),
    ],
)
def test_the_tables_of_the_api_are_complete(heading: str, parameters: set[str]) -> None:
    assert set(first_cells("docs/api.md", heading)) == parameters


@pytest.mark.parametrize(
    ("field", "values"), [("kind", claim.KINDS), ("attribution", claim.ATTRIBUTIONS)]
)
def test_the_guide_names_every_value_of_a_field_that_has_a_list(
    field: str, values: tuple[str, ...]
) -> None:
    (meaning,) = re.findall(rf"^\| `{field}` \| (`.*) \|$", PAGES["docs/api.md"], re.MULTILINE)
    assert re.findall("`(.*?)`", meaning) == [*values]


def test_the_table_of_errors_is_complete() -> None:
    types = contract()["components"]["schemas"]["KnownProblemType"]["enum"]
    assert set(first_cells("docs/api.md", "Errors")) == set(types)


def test_the_table_of_metrics_is_complete(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)  # lists what has no counts yet
    shown = client.get("/metrics").get_data(as_text=True)
    types = re.findall(r"^# TYPE (\S+)", shown, re.MULTILINE)
    names = {kind for kind in types if not kind.endswith("_created")}  # when a count began
    assert names
    assert set(first_cells("docs/operating.md", "Metrics")) == names


@each_row(
    ("heading", "schema"),
    [
        ("`documents.json`", curated(vocabularies.DocumentSchema)),
        ("`agents.json`", curated(vocabularies.AgentSchema)),
        ("`topics.json`", curated(vocabularies.TopicSchema)),
        ("`occasions.json`", curated(vocabularies.OccasionSchema)),
        ("`places.json`", curated(vocabularies.PlaceSchema)),
        ("An identifier", curated(vocabularies.IdentifierSchema)),
        ("`claims.json`", claim.CuratedClaimSchema),
        ("`changes.json`", change.ChangeSchema),
        ("A date", curated(date.DateSchema)),
        ("A goal", curated(claim.GoalSchema)),
        ("A source", curated(provenance.SourceSchema)),
        ("A quotation", curated(provenance.QuoteSchema)),
        ("A piece of evidence", curated(provenance.EvidenceSchema)),
        ("A relation", claim.RelationSchema),
        ("Confidence", curated(claim.ConfidenceSchema)),
    ],
)
def test_the_fixtures_are_described_key_by_key(heading: str, schema: type[Schema]) -> None:
    assert first_cells("docs/curated-files.md", heading) == list(schema().fields)


def test_the_table_of_settings_is_complete() -> None:
    sources = (ROOT / "service" / name for name in ("config.py", "server/gunicorn_conf.py"))
    code = "".join(path.read_text(encoding="utf-8") for path in sources)
    names = set(re.findall(r'"([A-Z][A-Z]+(?:_[A-Z]+)*)"', code))
    assert set(first_cells("docs/operating.md", "Settings")) == names


def test_every_direct_dependency_has_its_reason() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    required = setup["options"]["install_requires"]
    names = re.findall(r"^([A-Za-z][\w-]*)", required, re.MULTILINE)
    assert names
    assert set(first_cells("docs/architecture.md", "Dependencies")) == set(names)


def test_the_layers_are_those_that_imports_are_held_to() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    layers = setup["importlinter:contract:downwards"]["layers"].split("\n")
    text = PAGES["docs/architecture.md"].split("from top to bottom:")[1].split("\n\n")[1]
    assert [set(re.findall(r"`(.+?)`", line)) for line in text.splitlines()] == [
        set(re.split(r" [|:] ", layer)) for layer in layers if layer
    ]


CHANGES = re.findall(
    r"^\| (?!---|change )(.+?) \| (.+) \|$",
    PAGES["docs/architecture.md"].split("## Where a change goes")[1].split("\n## ")[0],
    re.MULTILINE,
)


def test_where_each_of_the_typical_changes_goes_is_written_down() -> None:
    assert len(CHANGES) >= 15


@each_row(("title", "files"), CHANGES)
def test_what_a_change_names_is_in_the_files_that_it_names(title: str, files: str) -> None:
    quoted = re.findall(r"`([^`]+)`", files)
    paths = [ROOT / word for word in quoted if (ROOT / word).exists()]
    code = "".join(path.read_text(encoding="utf-8") for path in paths if path.is_file())
    for word in quoted:
        if not (ROOT / word).exists() and not word.startswith("make "):
            assert word in code, (title, word)


def test_pages_are_short() -> None:
    assert len(PAGES[README].splitlines()) <= 150
    assert len(PAGES["SECURITY.md"].splitlines()) <= 90
