"""A text has the language that it is in: that of its document, that of the data set, or English."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.samples import GOAL
from tests.test_foreign_data import ABOUT, app_of, foreign
from tests.test_pages import Elements

pytestmark = pytest.mark.slow

PATHS = ("/", f"/claims/{GOAL}", "/compare", "/topics", "/topics/agriculture", "/dataset", "/new")
OWN_WORDS = ("Claims", "Compare", "Made public", "Was it said?", "Goal by goal", "Topics", "New")


class Languages(Elements):
    """The language of each run of text in the body of a page."""

    def __init__(self, text: str) -> None:
        self.languages = [""]
        self.runs: list[tuple[str, str]] = []
        super().__init__(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.languages.append(dict(attrs).get("lang") or self.languages[-1])

    def handle_endtag(self, tag: str) -> None:
        super().handle_endtag(tag)
        self.languages.pop()

    def handle_data(self, data: str) -> None:
        super().handle_data(data)
        if not {"head", "script"} & set(self.open):
            self.runs.append((data.strip(), self.languages[-1]))


def client_of(directory: Path, languages: list[str]) -> FlaskClient:
    return app_of(foreign(directory, {**ABOUT, "languages": languages})).test_client()


def texts_of(client: FlaskClient) -> set[str]:
    """What the data set says itself: statements, reasons, names and definitions."""
    claims = client.get("/v1/claims?limit=100").get_json()["data"]
    topics = client.get("/v1/topics?limit=100").get_json()["data"]
    confidence = [question for claim in claims for question in claim["confidence"].values()]
    return {
        ABOUT["title"],
        ABOUT["description"],
        *(claim["statement"] for claim in claims),
        *(question["rationale"] for question in confidence),
        *(topic["label"] for topic in topics),
        *(topic["definition"] for topic in topics),
    }


@pytest.mark.parametrize(
    ("languages", "own"), [(["de"], "de"), (["ar-EG"], "ar-EG"), (["en-GB"], "en"), ([], "en")]
)
def test_what_a_data_set_says_has_its_language_where_it_has_one(
    tmp_path: Path, languages: list[str], own: str
) -> None:
    client = client_of(tmp_path, languages)
    texts, seen = texts_of(client), set()
    for path in PATHS:
        for text, language in Languages(client.get(path).text).runs:
            if text in texts and text not in OWN_WORDS:
                assert language == own, (path, text)
                seen.add(text)
            assert text not in OWN_WORDS or language == "en", (path, text)
    assert len(seen) > len(texts) / 2


def test_a_data_set_in_several_languages_says_of_no_text_which(tmp_path: Path) -> None:
    client = client_of(tmp_path, ["de", "fr"])
    for path in PATHS:
        languages = {language for _, language in Languages(client.get(path).text).runs}
        assert not languages & {"de", "fr"}


def test_what_a_document_says_has_the_language_of_the_document(tmp_path: Path) -> None:
    directory = foreign(tmp_path, ABOUT)
    documents = json.loads((directory / "documents.json").read_text(encoding="utf-8"))
    for document in documents:
        document["language"] = "ko"
    (directory / "documents.json").write_text(json.dumps(documents), encoding="utf-8")
    client = app_of(directory).test_client()
    claim = client.get(f"/v1/claims/{GOAL}").get_json()["data"]
    said = {quote["text"] for quote in claim["quotes"]} | {each["title"] for each in documents}
    for path in (f"/claims/{GOAL}", "/documents", f"/documents/{documents[0]['id']}"):
        for text, language in Languages(client.get(path).text).runs:
            assert text not in said or language == "ko", (path, text)
