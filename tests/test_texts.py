"""Texts of documents on the pages: shown as far as they may be, from the right file, marked."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from service.app import create_app
from service.compiler import Fixtures, open_fixtures
from service.config import Config
from service.explorer.texts import Paragraph, paragraphs
from service.store.protocol import Store
from tests.samples import FIRST, GOAL, SECOND, Data
from tests.test_cli import documents, honest, text_of

__all__ = ["documents"]

pytestmark = pytest.mark.slow

Serve = Callable[..., FlaskClient]
MARKED = re.compile(r"<mark[^>]*>(.*?)</mark>", re.DOTALL)


@functools.cache
def store_with(text: str) -> Store:
    """A data set whose documents may be shown so far."""
    data: Data = honest()
    for document in data["documents"]:
        document["text"] = text
    return open_fixtures(Fixtures(data))


@pytest.fixture
def serve(documents: Path) -> Serve:
    """A client of such data, and of a directory of documents."""

    def client(text: str, directory: Path | None = documents) -> FlaskClient:
        config = Config(documents=directory, access_log=False)
        return create_app(config, store_with(text)).test_client()

    return client


def passages_of(client: FlaskClient, claim: str) -> list[str]:
    record = client.get(f"/v1/claims/{claim}").get_json()["data"]
    return [
        text_of(place["document"]["id"])[place["start"] : place["end"]]
        for place in record["evidence"]
    ]


def telling(document: str) -> set[str]:
    """Runs of a text that nothing but the text has."""
    text = text_of(document)
    return {text[at : at + 30] for at in range(0, len(text) - 30, 10)}


# --- what may be shown ----------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["show", "excerpt"])
def test_a_claim_shows_its_passage_marked(serve: Serve, text: str) -> None:
    client = serve(text)
    page = client.get(f"/claims/{GOAL}").text
    marked = unescape("".join(MARKED.findall(page)))
    assert marked == "".join(passages_of(client, GOAL))
    assert 'class="drop"' not in page


def test_a_claim_shows_what_it_quotes_within_its_passage(serve: Serve) -> None:
    client = serve("excerpt")
    claims = client.get("/v1/claims?limit=100").get_json()["data"]
    quoting = [claim for claim in claims if claim["quotes"]]
    assert quoting
    for claim in claims:
        page = client.get(f"/claims/{claim['id']}").text
        told = re.findall(r'<mark class="[^"]*quoted[^"]*">(.*?)</mark>', page, re.DOTALL)
        places = {(q["document"]["id"], q["start"], q["end"]) for q in claim["quotes"]}
        words = [text_of(document)[start:end] for document, start, end in sorted(places)]
        assert unescape("".join(told)) == "".join(words)
        assert ("What is quoted is underlined" in page) == bool(words)


def test_a_document_shows_its_whole_text_with_every_passage_marked(serve: Serve) -> None:
    client = serve("show")
    for document in (FIRST, SECOND):
        page = client.get(f"/documents/{document}").text
        shown = "".join(re.findall(r'<p class="text"[^>]*>(.*?)</p>', page, re.DOTALL))
        assert unescape(re.sub("<[^>]+>", "", shown)) == text_of(document).strip()
        claims = client.get(f"/v1/claims?document={document}").get_json()["data"]
        for claim in claims:
            assert f'href="/claims/{claim["id"]}"' in page


def test_a_text_that_may_not_be_shown_is_nowhere_on_any_page(serve: Serve) -> None:
    client = serve("none")
    claims = client.get("/v1/claims?limit=100").get_json()["data"]
    paths = ["/", f"/documents/{FIRST}", f"/documents/{SECOND}"]
    for path in (*paths, *(f"/claims/{claim['id']}" for claim in claims)):
        page = unescape(client.get(path).text)
        assert not any(run in page for run in telling(FIRST) | telling(SECOND)), path
        assert "<mark" not in page
    assert "may not be shown" in client.get(f"/documents/{FIRST}").text


@pytest.mark.parametrize("damage", ["another byte", "no file", "no directory", "too long"])
def test_a_text_that_is_not_the_recorded_one_is_not_shown_and_the_page_says_why(
    serve: Serve, documents: Path, damage: str
) -> None:
    """Also where it was shown a moment before."""
    client, reason = serve("show"), {"another byte": "SHA-256 differs", "too long": "too long"}
    assert "<mark" in client.get(f"/claims/{GOAL}").text
    for file in documents.iterdir():
        if damage == "another byte":
            file.write_text(file.read_text(encoding="utf-8") + " ", encoding="utf-8")
        elif damage == "too long":
            file.write_bytes(b"x" * 2_000_000)
        else:
            file.unlink()
    if damage == "no directory":
        client = serve("show", None)
    for path in (f"/claims/{GOAL}", f"/documents/{FIRST}"):
        page = client.get(path).text
        assert "<mark" not in page
        assert reason.get(damage, "does not have its file") in page
        assert 'class="drop"' in page


def test_a_page_with_a_text_is_asked_for_again(serve: Serve) -> None:
    shown, withheld = serve("show"), serve("none")
    for path in (f"/claims/{GOAL}", f"/documents/{FIRST}"):
        answer = shown.get(path)
        assert answer.headers["Cache-Control"] == "no-cache"
        again = shown.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.headers["Cache-Control"]) == (304, "no-cache")
        assert withheld.get(path).headers["Cache-Control"].startswith("public")


def test_what_a_reader_needs_to_mark_a_file_is_on_the_page_and_no_text_of_it(serve: Serve) -> None:
    client = serve("none")
    record = client.get(f"/v1/documents/{FIRST}").get_json()["data"]
    page = client.get(f"/documents/{FIRST}").text
    assert f'data-sha256="{record["sha256"]}"' in page
    for claim in client.get(f"/v1/claims?document={FIRST}").get_json()["data"]:
        for place in claim["evidence"]:
            assert place["document"]["id"] != FIRST or place["sha256"] in page


# --- paragraphs -----------------------------------------------------------------------------------

TEXTS = st.text(st.sampled_from("ab. \n–수\U0001f600\t\r"), max_size=80)


def spans_in(
    text: str, places: list[tuple[int, int]], *, quoted: bool = False
) -> list[dict[str, Any]]:
    ordered = sorted((min(a, b, len(text)), min(max(a, b), len(text))) for a, b in places)
    return [
        {
            "start": start,
            "end": end,
            "sha256": "",
            "claim": f"c{number}",
            "number": None if quoted else number,
            "quoted": quoted,
        }
        for number, (start, end) in enumerate(ordered, 1)
        if start < end
    ]


PLACES = st.lists(st.tuples(st.integers(0, 80), st.integers(0, 80)), max_size=6)


def letters(text: str) -> str:
    return "".join(text.split())


def characters(some: list[Paragraph], least: int = 0) -> str:
    found = (piece for one in some for piece in one.pieces if piece.depth >= least)
    return letters("".join(piece.text for piece in found))


@given(TEXTS, PLACES)
def test_a_text_in_paragraphs_is_the_text_and_what_is_marked_is_the_passages(
    text: str, places: list[tuple[int, int]]
) -> None:
    spans = spans_in(text, places)
    found = paragraphs(text, spans)
    assert characters(found) == letters(text)
    inside = {at for span in spans for at in range(span["start"], span["end"])}
    assert characters(found, 1) == letters("".join(text[at] for at in sorted(inside)))
    several = [at for at in sorted(inside) if sum(s["start"] <= at < s["end"] for s in spans) > 1]
    assert characters(found, 2) == letters("".join(text[at] for at in several))


@given(TEXTS, PLACES, PLACES)
def test_a_quotation_is_told_from_the_passages_and_changes_none_of_them(
    text: str, places: list[tuple[int, int]], quotes: list[tuple[int, int]]
) -> None:
    passages, quotations = spans_in(text, places), spans_in(text, quotes, quoted=True)
    found = paragraphs(text, [*passages, *quotations])
    assert characters(found) == letters(text)
    for least in (1, 2):
        assert characters(found, least) == characters(paragraphs(text, passages), least)
    inside = {at for span in quotations for at in range(span["start"], span["end"])}
    told = "".join(piece.text for one in found for piece in one.pieces if piece.quoted)
    assert letters(told) == letters("".join(text[at] for at in sorted(inside)))


@given(TEXTS, PLACES)
def test_an_excerpt_is_the_paragraphs_with_a_passage(
    text: str, places: list[tuple[int, int]]
) -> None:
    spans = spans_in(text, places)
    whole, part = paragraphs(text, spans), paragraphs(text, spans, excerpt=True)
    kept = [one for one in whole if any(piece.depth for piece in one.pieces)]
    assert [one.pieces for one in part] == [one.pieces for one in kept]
