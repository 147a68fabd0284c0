"""Documentation is executed: requests and their answers, programs, commands, names and links.

The word behind the three back quotes of a fenced block says what it is, and so how it is tested:

- ``console``: a request with ``curl``, and its answer;
- ``sh``: commands of a shell, run in the order of the page, in one directory a page;
- ``python``: a program, run against a live server;
- ``text output``: what the block before it prints;
- ``text tree``: a map, whose files and folders exist;
- ``json NAME``: a file of the data set that the page describes;
- ``LANGUAGE from PATH``: an excerpt that stands in that file word for word;
- ``LANGUAGE not run: REASON``: what cannot be executed here.

In what is printed, a line ``…`` stands for any number of lines.
"""

from __future__ import annotations

import configparser
import contextlib
import io
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import Schema

from schemas import change, claim, confidence, date, filters, provenance, query, vocabularies
from service import cli
from service.app import create_app
from service.config import Config
from tests.contract_tools import contract
from tests.live import served

ROOT = Path(__file__).resolve().parent.parent
SERVER = "http://127.0.0.1:8000"
README = "README.md"
PAGES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in (
        *(ROOT / name for name in (README, "SECURITY.md", "CHANGELOG.md", "examples/README.md")),
        *sorted((ROOT / "docs").glob("*.md")),
    )
}


class Block(NamedTuple):
    """A fenced block; ``label`` is what stands behind the fence."""

    page: str
    label: str
    text: str


BLOCKS = [
    Block(page, *found)
    for page, text in PAGES.items()
    for found in re.findall(r"^```([^\n]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
]
RUNNABLE = re.compile(r"console|sh|python|text output|text tree|json [\w.-]+\.json")
EXCERPT = re.compile(r"\w+ from (\S+)")
NOT_RUN = re.compile(r"\w+ not run: \w.+")
OUTSIDE_BLOCKS = {
    page: re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    for page, text in PAGES.items()
}


def blocks(label: str) -> list[Block]:
    return [block for block in BLOCKS if block.label == label]


def name(block: Block) -> str:
    return f"{block.page}: {block.text.splitlines()[0][-60:]}"


def matches(shown: str, printed: str) -> bool:
    """Whether the lines are the same; a line ``…`` stands for any number of them."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "…" else re.escape(line) + "\n"
        for line in shown.splitlines()
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed.splitlines())) is not None


# --- blocks -------------------------------------------------------------------------------------


def test_every_block_says_how_it_is_tested() -> None:
    for block in BLOCKS:
        forms = (RUNNABLE, EXCERPT, NOT_RUN)
        assert any(form.fullmatch(block.label) for form in forms), (block.page, block.label)


def test_output_follows_what_prints_it() -> None:
    for before, block in pairwise(BLOCKS):
        if block.label == "text output":
            assert before.page == block.page
            assert before.label in {"sh", "python"}


@pytest.fixture(scope="module")
def app() -> Flask:
    """The service as it answers users: from the shipped data, repeats from its cache."""
    return create_app(Config(access_log=False))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.mark.parametrize("block", blocks("console"), ids=name)
def test_a_shown_request_gets_the_shown_answer(block: Block, client: FlaskClient) -> None:
    command, _, answer = block.text.partition("\n")
    curl, *filters = command.removeprefix("$ ").split(" | ")
    printed = output_of_curl(shlex.split(curl), client)
    for pipe in filters:
        if pipe == "python3 -m json.tool --no-ensure-ascii":
            printed = json.dumps(json.loads(printed), indent=4, ensure_ascii=False)
        else:
            (number,) = re.fullmatch(r"head -n (\d+)", pipe).groups()  # type: ignore[union-attr]
            printed = "\n".join(printed.splitlines()[: int(number)])
    assert matches(answer, printed), printed


def output_of_curl(words: list[str], client: FlaskClient) -> str:
    """What ``curl`` prints: ``-s`` the body, ``-sI`` status and headers, ``-si`` both."""
    program, option, *rest = words
    assert program == "curl"
    headers = dict(rest[n + 1].split(": ", 1) for n, word in enumerate(rest) if word == "-H")
    (address,) = (word for word in rest if word.startswith(SERVER))
    method = {"-s": "GET", "-sI": "HEAD", "-si": "GET"}[option]
    answer = client.open(address.removeprefix(SERVER), method=method, headers=headers)
    head = [f"HTTP/1.1 {answer.status}", *(f"{key}: {value}" for key, value in answer.headers)]
    shown_head = "" if option == "-s" else "\n".join([*head, "", ""])
    return shown_head + answer.get_data(as_text=True)


@pytest.mark.parametrize("block", blocks("python"), ids=name)
def test_a_shown_program_prints_what_is_shown(block: Block, app: Flask) -> None:
    following = BLOCKS[BLOCKS.index(block) + 1]
    output = following.text if following.label == "text output" else ""
    with served(app) as service:
        done = subprocess.run(
            [sys.executable, "-c", block.text.replace(SERVER, service.url)],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert matches(output, done.stdout), done.stdout


@pytest.mark.parametrize("page", sorted({block.page for block in blocks("sh")}))
def test_the_commands_of_a_page_succeed_in_their_order(page: str, tmp_path: Path) -> None:
    """With the files that the page shows between them."""
    printed = ""
    with contextlib.chdir(tmp_path):
        for _, label, text in (block for block in BLOCKS if block.page == page):
            if label.startswith("json "):
                Path("my-data", label.split()[1]).write_text(text, encoding="utf-8")
            elif label == "text output":
                assert matches(text, printed), printed
            elif label == "sh":
                lines = text.replace("\\\n", " ").splitlines()
                printed = "".join(map(output_of_command, lines))


def output_of_command(line: str) -> str:
    """What a command of a shell prints. Ours run in this process, which saves a second for each."""
    if line.startswith("policy-claims "):
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            assert cli.main(shlex.split(line)[1:]) == 0, line
        return printed.getvalue()
    command = ["bash", "-euo", "pipefail", "-c", line]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("block", [b for b in BLOCKS if EXCERPT.fullmatch(b.label)], ids=name)
def test_an_excerpt_stands_in_its_file(block: Block) -> None:
    path = block.label.split()[-1]
    assert block.text in (ROOT / path).read_text(encoding="utf-8")


def test_every_file_and_folder_of_the_map_exists() -> None:
    (tree,) = (block.text for block in blocks("text tree") if block.page == README)
    folder = ""
    for line in tree.splitlines():
        indent, entry = re.fullmatch(r"( *)(\S+).*", line).groups()  # type: ignore[union-attr]
        folder = folder if indent else entry
        path = ROOT / (folder + entry if indent else entry)
        assert path.exists(), path


# --- links, addresses, names --------------------------------------------------------------------


def anchors(text: str) -> set[str]:
    """The fragments of the headings of a page, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    bare = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in bare}


def links(page: str) -> Iterator[str]:
    yield from re.findall(r"\]\((?!https?:)([^)\s]+)\)", OUTSIDE_BLOCKS[page])


@pytest.mark.parametrize("page", PAGES)
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


@pytest.mark.parametrize("page", [page for page in PAGES if page != "CHANGELOG.md"])
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


def test_the_table_of_errors_is_complete() -> None:
    slugs = contract()["components"]["parameters"]["ProblemSlugInPath"]["schema"]["enum"]
    assert set(first_cells("docs/api.md", "Errors")) == {f"/problems/{slug}" for slug in slugs}


def test_the_table_of_metrics_is_complete(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)  # lists what has no counts yet
    shown = client.get("/metrics").get_data(as_text=True)
    types = re.findall(r"^# TYPE (\S+)", shown, re.MULTILINE)
    names = {kind for kind in types if not kind.endswith("_created")}  # when a count began
    assert names
    assert set(first_cells("docs/operating.md", "Metrics")) == names


@pytest.mark.parametrize(
    ("heading", "schema"),
    [
        ("`documents.json`", vocabularies.CuratedDocumentSchema),
        ("`agents.json`", vocabularies.CuratedAgentSchema),
        ("`topics.json`", vocabularies.CuratedTopicSchema),
        ("`occasions.json`", vocabularies.CuratedOccasionSchema),
        ("`claims.json`", claim.CuratedClaimSchema),
        ("`changes.json`", change.ChangeSchema),
        ("A date", date.CuratedDateSchema),
        ("A goal", claim.CuratedGoalSchema),
        ("A source", provenance.CuratedSourceSchema),
        ("A quotation", provenance.CuratedQuoteSchema),
        ("A piece of evidence", provenance.CuratedEvidenceSchema),
        ("A relation", claim.RelationSchema),
        ("Confidence", confidence.CuratedConfidenceSchema),
    ],
)
def test_the_fixtures_are_described_key_by_key(heading: str, schema: type[Schema]) -> None:
    assert first_cells("docs/your-data.md", heading) == list(schema().fields)


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
    assert len(CHANGES) == 15


@pytest.mark.parametrize(("title", "files"), CHANGES)
def test_what_a_change_names_is_in_the_files_that_it_names(title: str, files: str) -> None:
    quoted = re.findall(r"`([^`]+)`", files)
    paths = [ROOT / word for word in quoted if (ROOT / word).exists()]
    code = "".join(path.read_text(encoding="utf-8") for path in paths if path.is_file())
    for word in quoted:
        if not (ROOT / word).exists() and not word.startswith("make "):
            assert word in code, (title, word)


def test_pages_are_short() -> None:
    assert len(PAGES[README].splitlines()) <= 180
    assert len(PAGES["SECURITY.md"].splitlines()) <= 90
