"""Another data set is served as itself: no answer and no page holds a word of the shipped one."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from flask import Flask

from service.cli.beginning import example_query
from service.compiler import SHIPPED, build_dataset
from service.config import Config
from tests.conftest import serving
from tests.contract_tools import ContractClient, Operation, all_paths, written
from tests.samples import faults_in_directory, sample, write
from tests.test_markup import faults_to_a_catalogue

ABOUT: dict[str, Any] = {
    "id": "harvest-watch",
    "title": "Ernteziele der Talrepublik",
    "description": "Was das Ministerium für die Ernte versprach.",
    "publisher": "Institut für Erntefragen",
    "contact": "ernte@example.org",
    "licence": "ODbL-1.0",
    "attribution": "Institut für Erntefragen, Ernteziele",
    "homepage": "https://ernte.example/daten",
    "languages": ["de"],
    "codebook": "regeln.md",
    "codebook_version": "3.1",
    "agreement": {
        "readings": 3,
        "units": 17,
        "dice": 0.81,
        "fields": [{"field": "kind", "percent": 88.2, "alpha": 0.77, "n": 17}],
    },
    "origin_groups": [{"id": "state-media", "label": "Staatliche Medien"}],
}
CODEBOOK = "# Regeln\n\nVersion: 3.1\n\n## Was ein Satz ist\n\nEin Satz ist ein Satz.\n"
OWN = ("Ernteziele der Talrepublik", "Institut für Erntefragen", "ODbL-1.0")
KEPT = ("codebook", "codebook_version")
"""Keys of ``dataset.json`` that are served in another form."""


def foreign(directory: Path, about: dict[str, Any] | None) -> Path:
    """Fixtures of an invented data set with the description that is given."""
    write(sample(), directory)
    (directory / "regeln.md").write_text(CODEBOOK, encoding="utf-8")
    if about is not None:
        (directory / "dataset.json").write_text(json.dumps(about), encoding="utf-8")
    return directory


def app_of(directory: Path) -> Flask:
    return serving(Config(fixtures=directory, access_log=False, cache_bytes=0))


@pytest.fixture(scope="module", params=["described", "undescribed"])
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    about = ABOUT if request.param == "described" else None
    app = app_of(foreign(tmp_path_factory.mktemp("foreign"), about))
    return ContractClient(app, app.response_class)


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> ContractClient:
    app = app_of(foreign(tmp_path_factory.mktemp("described"), ABOUT))
    return ContractClient(app, app.response_class)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # pyshacl's
def test_catalogues_take_a_data_set_however_much_it_says_of_itself(client: ContractClient) -> None:
    assert faults_to_a_catalogue(client) == []


# --- no word of the shipped data ----------------------------------------------------------------


def texts(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for value in node.values():
            yield from texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from texts(value)
    elif isinstance(node, str):
        yield node


def telling(text: str) -> bool:
    """Whether a text can only come from the data: an id with a random part, a name or a sentence;
    not a code such as ``goal``, a date or a slug of one word, which the service has as well."""
    return bool(re.search(r"[A-Z].* |_[0-9a-z]{8}$|[a-z]-[a-z0-9]+-?|[^\x00-\x7f]", text))


@functools.cache
def shipped_words() -> frozenset[str]:
    """What only the shipped data says, as whole words."""
    words = {"Korea", "Korean", "Kim", "Pyongyang", "CC BY", "CC-BY-4.0", "60 claims", "drones"}
    words |= {"creativecommons.org", "year-end"}
    own = set(texts(sample())) | set(texts(ABOUT))
    for file in ("agents", "documents", "occasions", "places", "dataset"):
        words |= set(filter(telling, texts(json.loads((SHIPPED / f"{file}.json").read_text()))))
    topics = json.loads((SHIPPED / "topics.json").read_text())
    words |= {topic["label"] for topic in topics} | {topic["definition"] for topic in topics}
    for claim in json.loads((SHIPPED / "claims.json").read_text()):
        words |= {claim["id"], claim["statement"], *(found["text"] for found in claim["quotes"])}
    return frozenset(words - own - GENERAL)


GENERAL = frozenset({"Space", "Economy"})
"""Labels that are words of English which the service uses in another sense."""


def held(text: str, words: frozenset[str]) -> set[str]:
    return {word for word in words if word in text and _whole(word).search(text)}


@functools.cache
def _whole(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")


def own_values(client: ContractClient) -> dict[str, str]:
    """Values of the served data by the part of a path before them, or by parameter."""
    lists = ("claims", "documents", "agents", "topics", "occasions", "places")
    own = {name: client.get(f"/v1/{name}?limit=1").get_json()["data"][0]["id"] for name in lists}
    return {**own, "from": own["occasions"], "to": own["occasions"]}


def address_of(operation: Operation, own: dict[str, str]) -> str:
    kind = operation.path.partition("/{")[0].rpartition("/")[2]
    in_path = {
        p["name"]: quote(str(own.get(kind, p["example"]))) for p in operation.parameters("path")
    }
    query = {
        p["name"]: own.get(p["name"]) or written(p["example"])
        for p in operation.parameters("query")
        if p.get("required")
    }
    return operation.path.format(**in_path) + (f"?{urlencode(query, safe=',')}" if query else "")


def linked(text: str) -> Iterator[str]:
    """The paths within the service that a page leads to or loads."""
    for address in re.findall(r'(?:href|src|action)="(/[^"]*)"', text):
        yield urlsplit(address.replace("&amp;", "&"))._replace(fragment="").geturl()


def walk(client: ContractClient) -> Iterator[tuple[str, str]]:
    """Every operation of the contract and whatever the pages lead to, each once, with its text."""
    own = own_values(client)
    waiting = [address_of(operation, own) for operation in all_paths()]
    seen: set[str] = set()
    while waiting:
        address = waiting.pop()
        if address in seen or "swagger-ui" in address:  # the files of others
            continue
        seen.add(address)
        answer = client.get(address)
        assert answer.status_code < 500, address
        yield address, answer.get_data().decode("utf-8", "replace")  # an icon is no text
        if answer.mimetype == "text/html" and not urlsplit(address).query:
            waiting += linked(answer.text)


@pytest.mark.slow
def test_no_answer_to_another_data_set_holds_a_word_of_the_shipped_one(
    client: ContractClient,
) -> None:
    words = shipped_words()
    assert len(words) > 150
    faults = {address: found for address, text in walk(client) if (found := held(text, words))}
    assert faults == {}


@pytest.mark.slow
def test_the_words_would_be_found(app: Flask) -> None:
    """The same walk over the shipped data finds them, so that it is no walk past them."""
    shipped = ContractClient(app, app.response_class)
    left = shipped_words()
    for _, text in walk(shipped):
        left -= held(text, left)
        if len(shipped_words()) - len(left) > 100:
            return
    raise AssertionError(f"only {len(shipped_words()) - len(left)} of the words were found")


# --- what it says of itself ---------------------------------------------------------------------


def test_a_data_set_is_told_as_it_describes_itself(described: ContractClient) -> None:
    told = described.get("/v1/dataset").get_json()["data"]
    for key in ABOUT.keys() - {"licence", *KEPT}:
        assert told[key] == ABOUT[key]
    assert told["licence"]["data"] == ABOUT["licence"]
    assert told["codebook"]["version"] == ABOUT["codebook_version"]


def test_nothing_is_claimed_of_a_data_set_that_says_nothing(tmp_path: Path) -> None:
    client = app_of(foreign(tmp_path, None)).test_client()
    told = client.get("/v1/dataset").get_json()["data"]
    assert (told["id"], told["title"], told["languages"]) == ("policy-claims", "Policy claims", [])
    nothing = ("description", "publisher", "contact", "attribution", "homepage", "agreement")
    assert [told[key] for key in (*nothing, "origin_groups")] == [None] * (len(nothing) + 1)
    assert told["licence"]["data"] is None
    linked = client.get("/v1/dataset.jsonld").get_json(force=True)
    assert {linked["license"], *(each["license"] for each in linked["distribution"])} == {None}


def test_what_the_claims_cover_is_computed(described: ContractClient) -> None:
    covered = described.get("/v1/dataset").get_json()["data"]["coverage"]
    claims = described.get("/v1/claims?limit=100").get_json()["data"]
    dates = [c["dates"][key] for c in claims for key in ("announced", "occurred")]
    days = [d[end] for d in dates if d for end in ("earliest", "latest") if d[end]]
    assert (covered["first"], covered["last"]) == (min(days), max(days))
    for name in ("topics", "places"):
        records = described.get(f"/v1/{name}?limit=100").get_json()["data"]
        named = {record["id"] for record in records if record["claim_count"]}
        assert {each["id"] for each in covered[name]} == named


@pytest.mark.parametrize("path", ["/", "/goals", "/compare", "/values/topic", "/claims/{claim}"])
def test_pages_bear_the_name_the_publisher_and_the_licence(
    described: ContractClient, path: str
) -> None:
    claim = described.get("/v1/claims?limit=1").get_json()["data"][0]["id"]
    text = described.get(path.format(claim=claim)).text
    for words in (*OWN, ABOUT["attribution"], ABOUT["homepage"]):
        assert words in text
    if "claim" not in path:  # which is described by its statement
        assert ABOUT["description"] in text
    assert "mailto:ernte@example.org" in text


def test_a_codebook_of_its_own_is_shown_with_its_figures(described: ContractClient) -> None:
    text = described.get("/codebook").text
    for words in (">Regeln</h1>", "Was ein Satz ist", "17 claims", "0.81", "88.2", "0.77"):
        assert words in text


def test_a_codebook_is_told_in_the_language_that_it_is_in(
    described: ContractClient, app: Flask
) -> None:
    own = described.get("/codebook").text
    for tag in (r"<h1[^>]*>Regeln", r"<a[^>]*>Was ein Satz", r"<div[^>]*>\s*<p>Version: 3.1"):
        (found,) = re.findall(tag, own)
        assert 'dir="auto" lang="de"' in found
    carried_along = app.test_client().get("/codebook").text
    assert re.findall(r'(?<=lang=")[^"]+', carried_along) == ["en"]


def test_identifiers_of_linked_data_are_of_one_data_set_alone(
    tmp_path: Path, described: ContractClient
) -> None:
    """Two installations with the same claims under two ids share no identifier."""
    other = app_of(foreign(tmp_path, {**ABOUT, "id": "another"})).test_client()
    claim = described.get("/v1/claims?limit=1").get_json()["data"][0]["id"]
    for path in (f"/v1/claims/{claim}.jsonld", "/v1/dataset.jsonld"):
        pattern = r"urn:policy-claims:(?!terms:)[^\"\\]+"
        ours = set(re.findall(pattern, described.get(path).text))
        theirs = set(re.findall(pattern, other.get(path).text))
        assert ours
        assert not ours & theirs


def test_the_contract_names_values_of_the_data_that_is_served(described: ContractClient) -> None:
    contract = json.loads(described.get("/openapi.json").text)
    parameters = contract["components"]["parameters"]
    own = own_values(described)
    for name, kind in (("ClaimIdInPath", "claims"), ("AgentIdInPath", "agents")):
        assert parameters[name]["example"] == own[kind]
    assert "examples" not in contract["components"]
    assert not [p for p in parameters.values() if "example" in p and not p.get("required")]


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", "terms"),
        ("id", "Harvest"),
        ("title", " "),
        ("contact", "nobody"),
        ("licence", "Creative Commons"),
        ("homepage", "ftp://example.org"),
        ("languages", ["German"]),
        ("languages", None),
        ("codebook", "../regeln.md"),
        ("agreement", {"readings": 1, "units": 1, "dice": None, "fields": []}),
        ("agreement", {"readings": 2, "units": 1, "dice": 1.5, "fields": []}),
        ("origin_groups", [{"id": "state-media", "label": label} for label in ("A", "B")]),
        ("licenze", "MIT"),
    ],
)
def test_a_description_is_held_to_its_form(tmp_path: Path, key: str, value: Any) -> None:
    foreign(tmp_path, {**ABOUT, key: value})
    found = {(fault.file, fault.pointer.split("/")[1]) for fault in faults_in_directory(tmp_path)}
    assert found == {("dataset.json", key)}


def test_all_faults_of_a_description_are_told_together(tmp_path: Path) -> None:
    foreign(tmp_path, {**ABOUT, "id": "terms", "licence": "?", "homepage": "nowhere"})
    assert len(faults_in_directory(tmp_path)) == 3


@pytest.mark.parametrize("content", [None, b"Regeln\n", b"\xff", b""])
def test_a_codebook_that_cannot_be_shown_is_refused(tmp_path: Path, content: bytes | None) -> None:
    foreign(tmp_path, ABOUT)
    (tmp_path / "regeln.md").unlink()
    if content is not None:
        (tmp_path / "regeln.md").write_bytes(content)
    assert [fault.file for fault in faults_in_directory(tmp_path)] == ["regeln.md"]


def test_an_origin_group_that_is_not_declared_is_refused_with_the_one_meant(tmp_path: Path) -> None:
    groups = [{"id": "state-medium", "label": "?"}]
    foreign(tmp_path, {**ABOUT, "origin_groups": groups})
    faults = faults_in_directory(tmp_path)
    assert [fault.pointer for fault in faults] == ["/1/origin_group", "/2/origin_group"]
    assert all("meant state-medium?" in fault.allowed for fault in faults)


def test_a_group_need_not_be_declared_where_none_is(tmp_path: Path) -> None:
    assert faults_in_directory(foreign(tmp_path, {**ABOUT, "origin_groups": None})) == ()


def test_what_a_data_set_says_of_itself_is_part_of_its_version(tmp_path: Path) -> None:
    versions = set[str]()
    for number, about in enumerate((None, ABOUT, {**ABOUT, "title": "Other"})):
        client = app_of(foreign(tmp_path / str(number), about)).test_client()
        versions.add(client.get("/v1/dataset").get_json()["data"]["version"])
    (tmp_path / "1" / "regeln.md").write_text("# Other rules\n")
    client = app_of(tmp_path / "1").test_client()
    versions.add(client.get("/v1/dataset").get_json()["data"]["version"])
    assert len(versions) == 4


def test_the_example_at_the_start_finds_something_in_the_data_that_is_served(
    tmp_path: Path, described: ContractClient
) -> None:
    """Of fixtures and of a built data set; of neither, any claim."""
    fixtures = foreign(tmp_path / "fixtures", ABOUT)
    dataset = build_dataset(fixtures, tmp_path / "built", durable=False)
    for config in (Config(fixtures=fixtures), Config(dataset=dataset)):
        query = example_query(config)
        assert query.startswith("topic=")
        assert described.get(f"/v1/claims?{query}").get_json()["meta"]["total"] > 0
    assert example_query(Config(dataset=tmp_path)) == "limit=1"
