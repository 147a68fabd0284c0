"""How claims and the data set are cited: each form by the rules of its readers."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from service.formats.discovery.citations import Citation, as_bibtex, as_csl, as_ris, as_text
from tests import samples
from tests.contract_tools import ContractClient

CLAIM = "clm_b0qp991b"
SUBJECTS = (f"/v1/claims/{CLAIM}", "/v1/dataset")
FORMS = {
    "txt": "text/plain",
    "bib": "application/x-bibtex",
    "ris": "application/x-research-info-systems",
    "csl.json": "application/vnd.citationstyles.csl+json",
}


def today() -> str:
    return dt.datetime.now(dt.UTC).date().isoformat()


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("ending", FORMS)
def test_every_form_names_version_address_and_day(
    client: ContractClient, subject: str, ending: str
) -> None:
    answer = client.get(f"{subject}/citation.{ending}")
    assert answer.mimetype == FORMS[ending]
    assert answer.headers["Cache-Control"] == "no-cache"
    text = answer.text
    assert client.get("/v1/dataset").get_json()["data"]["version"] in text
    assert (f"/claims/{CLAIM}" if "claims" in subject else '"/"') in text.replace("{/}", '"/"') or (
        re.search(r"(?:^|\s)/(?:\s|$)", text)
    )
    forms = (today(), today().replace("-", "/"), json.dumps(list(map(int, today().split("-")))))
    assert any(form.replace(" ", "") in text.replace(" ", "") for form in forms)


def test_the_citation_of_a_claim_names_its_document_and_revision(client: FlaskClient) -> None:
    claim = client.get(f"/v1/claims/{CLAIM}").get_json()["data"]
    title = claim["evidence"][0]["document"]["name"]
    for ending in ("txt", "ris", "csl.json"):
        text = client.get(f"/v1/claims/{CLAIM}/citation.{ending}").text
        assert f"revision {claim['revision']}" in text
        assert title in text
        assert claim["statement"] in text


def test_each_day_of_a_citation_stands_beside_what_it_is_the_day_of(
    sample_client: ContractClient,
) -> None:
    """A claim keeps its day in later data sets, which have theirs."""
    dataset = sample_client.get("/v1/dataset").get_json()["data"]
    built = dataset["built_at"][:10]
    days = set()
    for claim in sample_client.get("/v1/claims").get_json()["data"]:
        text = sample_client.get(f"/v1/claims/{claim['id']}/citation.txt").text
        assert f"revision {claim['revision']} of {claim['recorded_at']}." in text
        assert f"Data set {dataset['version']}, {built}." in text
        days.add(claim["recorded_at"])
    assert days - {built}


def test_a_nameless_publisher_of_a_document_is_not_cited(client: FlaskClient) -> None:
    for claim in client.get("/v1/claims?limit=5").get_json()["data"]:
        text = client.get(f"/v1/claims/{claim['id']}/citation.txt").text
        assert "Unnamed publisher" not in text


def test_a_retired_claim_is_cited_as_it_is_read(sample_client: ContractClient) -> None:
    for ending in FORMS:
        gone = sample_client.get(f"/v1/claims/{samples.WITHDRAWN}/citation.{ending}")
        moved = sample_client.get(f"/v1/claims/{samples.SUPERSEDED}/citation.{ending}")
        assert (gone.status_code, moved.status_code) == (410, 308)
        assert moved.headers["Location"] == (f"/v1/claims/{samples.DIRECTIVE}/citation.{ending}")


@pytest.mark.parametrize(
    ("path", "target"),
    [
        (f"/v1/claims/{CLAIM}", f"/claims/{CLAIM}"),
        (f"/v1/claims/{CLAIM}.jsonld", f"/claims/{CLAIM}"),
        (f"/claims/{CLAIM}", f"/claims/{CLAIM}"),
        ("/v1/dataset", "/"),
        ("/v1/dataset.jsonld", "/"),
    ],
)
def test_an_answer_says_by_which_address_it_is_cited(
    client: FlaskClient, path: str, target: str
) -> None:
    for method in ("GET", "HEAD"):
        assert client.open(path, method=method).headers["Link"] == f'<{target}>; rel="cite-as"'


HOSTILE = "50% of #1 {braces} & \\cmd $x_y^z$ ~ a\nb\r\nER  - \u2028 “ü”"


def hostile() -> Citation:
    day = "2026-11-28"
    return Citation(
        "clm_b0qp991b", HOSTILE, HOSTILE, HOSTILE, day, day, day, "v", "/", None, (HOSTILE,)
    )


def test_no_text_breaks_out_of_its_field() -> None:
    """RIS is read line by line, BibTeX by its braces."""
    lines = as_ris(hostile()).decode().split("\r\n")
    assert lines.pop() == ""
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in lines)
    assert [line for line in lines if line.startswith("ER")] == ["ER  - "]
    assert as_text(hostile()).count(b"\n") == 1
    text, depth = as_bibtex(hostile()).decode(), 0
    for place, each in enumerate(text):
        if text[place - 1] != "\\":
            depth += (each == "{") - (each == "}")
        assert depth >= 0
    assert depth == 0
    assert text.count("@") == 1
    for each in "%#&$_":
        assert not re.search(rf"(?<!\\){re.escape(each)}", text.split("\n", 1)[1]), each
    (item,) = json.loads(as_csl(hostile()))
    assert item["title"] == HOSTILE


def test_what_there_is_nothing_of_is_left_out() -> None:
    day = "2026-11-28"
    plain = Citation("a", "T", None, None, day, day, day, "v", "/", None, ())
    assert b"AU" not in as_ris(plain)
    assert b"author" not in as_bibtex(plain)
    (item,) = json.loads(as_csl(plain))
    known: dict[str, Any] = item
    assert {"author", "container-title", "note"} & known.keys() == set()
    assert as_text(plain).decode() == f"T. Data set v, {day}. / (accessed {day}).\n"
