"""A document that a page may not show is marked in the browser of whoever has the file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.app import create_app
from service.config import Config
from tests.browser.chromium import Browser
from tests.browser.conftest import served
from tests.browser.test_looks import violations
from tests.samples import FIRST, GOAL, SECOND, write
from tests.test_cli import honest, text_of


@pytest.fixture(scope="module")
def private_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service on data whose documents it does not have, and may not show."""
    fixtures = write(honest(), tmp_path_factory.mktemp("private"))
    with served(create_app(Config(fixtures=fixtures, access_log=False))) as base:
        yield base


@pytest.fixture
def reader(browser: Browser, private_site: str) -> Browser:
    browser.base = private_site
    return browser


def file_of(document: str, directory: Path, more: str = "") -> str:
    path = directory / "mine.txt"
    path.write_bytes((text_of(document) + more).encode())
    return str(path)


def give(browser: Browser, file: str) -> str:
    """What the page says of a file."""
    status = browser.find(".drop [role=status]")
    browser.find(".drop input").send_keys(file)
    browser.until(lambda: "SHA-256" in status.text or "to the byte" in status.text)
    return status.text


def marked(browser: Browser) -> str:
    return "".join(str(mark.get_property("textContent")) for mark in browser.all(".shown mark"))


def test_a_claim_shows_its_passage_in_the_file_of_the_reader(
    reader: Browser, tmp_path: Path
) -> None:
    reader.open(f"/claims/{GOAL}")
    reader.transfers()
    assert "to the byte" in give(reader, file_of(FIRST, tmp_path))
    claim = next(each for each in honest()["claims"] if each["id"] == GOAL)
    (place,) = claim["evidence"]
    assert marked(reader) == text_of(FIRST)[place["start"] : place["end"]]
    loaded = [each for each in reader.transfers() if not each.url.endswith("/icon.svg")]
    assert loaded == [], "nothing leaves the browser"
    assert reader.messages() == []
    assert violations(reader) == []


def test_a_document_is_shown_as_the_service_would_show_it(reader: Browser, tmp_path: Path) -> None:
    reader.open(f"/documents/{SECOND}")
    give(reader, file_of(SECOND, tmp_path))
    shown = reader.run("return document.querySelector('.shown').textContent")
    assert shown == text_of(SECOND).strip()
    spans = json.loads(reader.find(".drop").get_attribute("data-spans") or "")
    inside = {at for span in spans for at in range(span["start"], span["end"])}
    assert marked(reader) == "".join(text_of(SECOND)[at] for at in sorted(inside))


def test_another_file_is_refused_and_named(reader: Browser, tmp_path: Path) -> None:
    reader.open(f"/claims/{GOAL}")
    said = give(reader, file_of(FIRST, tmp_path, " "))
    assert "another file" in said
    assert hashlib.sha256((text_of(FIRST) + " ").encode()).hexdigest() in said
    assert not reader.all(".shown mark")


def test_a_hash_is_right_where_the_browser_has_none(reader: Browser) -> None:
    """Over http SubtleCrypto is missing, but on this machine."""
    reader.open(f"/claims/{GOAL}")
    script = reader.run(
        "return performance.getEntriesByType('resource').map((e) => e.name)"
        ".find((name) => name.endsWith('/hash.js'))"
    )
    for size in (0, 1, 55, 56, 63, 64, 65, 1000):
        content = bytes(range(256)) * 4
        found = reader.driver.execute_async_script(
            "const [address, bytes, done] = arguments;"
            "import(address).then(({ computed }) => done([...computed(new Uint8Array(bytes))]));",
            script,
            list(content[:size]),
        )
        assert bytes(found) == hashlib.sha256(content[:size]).digest(), size
