"""A document that a page may not show is marked in the browser of whoever has the file."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.app import create_app
from service.config import Config
from tests.browser.chromium import Browser
from tests.browser.conftest import served
from tests.browser.test_looks import violations
from tests.samples import FIRST, GOAL, SECOND, write
from tests.test_cli import digest, honest, overlaid, text_of

LINE_ENDS = {"LF": "\n", "CRLF": "\r\n"}


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


def in_lines(ends: str) -> str:
    """The first document with line ends at two places that no claim is about."""
    return overlaid(text_of(FIRST), {100: ends, 160: ends})


@pytest.fixture(scope="module", params=LINE_ENDS)
def site_of_lines(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """The address of a service whose first document has line ends of one kind, and its text."""
    data, text = honest(), in_lines(LINE_ENDS[request.param])
    data["documents"][0]["sha256"] = digest(text)
    fixtures = write(data, tmp_path_factory.mktemp("lines"))
    with served(create_app(Config(fixtures=fixtures, access_log=False))) as base:
        yield base, text


def give(browser: Browser, file: str) -> str:
    """What the page says of a file."""
    status = browser.find(".drop [role=status]")
    browser.find(".drop input").send_keys(file)
    told = ("SHA-256", "to the byte", "the same text")
    browser.until(lambda: any(words in status.text for words in told))
    return status.text


def marked(browser: Browser, kind: str = "") -> str:
    marks = browser.all(f".shown mark{kind}")
    return "".join(str(mark.get_property("textContent")) for mark in marks)


def test_a_claim_shows_its_passage_in_the_file_of_the_reader(
    reader: Browser, tmp_path: Path
) -> None:
    reader.open(f"/claims/{GOAL}")
    reader.transfers()
    assert "to the byte" in give(reader, file_of(FIRST, tmp_path))
    claim = next(each for each in honest()["claims"] if each["id"] == GOAL)
    (place,) = claim["evidence"]
    assert marked(reader) == text_of(FIRST)[place["start"] : place["end"]]
    assert [marked(reader, ".quoted")] == [quote["text"] for quote in claim["quotes"]]
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


def test_a_copy_with_other_line_ends_or_a_byte_order_mark_is_recognised(
    browser: Browser, site_of_lines: tuple[str, str], tmp_path: Path
) -> None:
    """As an editor, a mail program or a version control system leaves it."""
    browser.base, text = site_of_lines
    claim = next(each for each in honest()["claims"] if each["id"] == GOAL)
    (place,) = claim["evidence"]
    lines, file = re.sub("\r\n", "\n", text), tmp_path / "copy.txt"
    for mark in ("", "\ufeff"):
        for ends in ("\n", "\r\n", "\r"):
            copy = mark + lines.replace("\n", ends)
            file.write_bytes(copy.encode())
            browser.open(f"/claims/{GOAL}")
            said = give(browser, str(file))
            assert marked(browser) == text[place["start"] : place["end"]], (said, copy)
            assert ("to the byte" in said) == (copy == text)
            assert ("other line ends" in said) == (copy.removeprefix(mark) != text)
            assert ("a byte order mark" in said) == bool(mark)


@pytest.mark.parametrize("change", [("Plan", "plan"), ("\n", "\n\n"), ("\n", " ")])
def test_a_copy_with_another_character_is_another_file(
    browser: Browser, site_of_lines: tuple[str, str], tmp_path: Path, change: tuple[str, str]
) -> None:
    browser.base, text = site_of_lines
    file = tmp_path / "copy.txt"
    file.write_bytes(("\ufeff" + text.replace(*change)).encode())
    browser.open(f"/claims/{GOAL}")
    assert ("another file" in give(browser, str(file))) == (change[0] in text)


def test_a_file_that_is_no_text_is_another_file(reader: Browser, tmp_path: Path) -> None:
    file = tmp_path / "picture"
    file.write_bytes(b"\x89PNG\r\n\xff")
    reader.open(f"/claims/{GOAL}")
    assert "another file" in give(reader, str(file))


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
