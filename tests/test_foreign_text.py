"""Texts in other languages on the pages: set apart from our words, and told in their language.

Every page is walked of a data set whose texts all run from right to left, in two languages. What
stands inside our text must be isolated from it (UAX #9, section 2.7; HTML, ``bdi`` and ``dir``),
and what a document says has that document's language (WCAG 2.2, success criterion 3.1.2).
"""

import functools
import string
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask.testing import FlaskClient

from schemas.records.vocabularies import TEXT_USES, VOCABULARIES
from service.explorer.filters import FACETS
from tests.samples import FIRST, SECOND, Data, sample
from tests.wire import app_of, store_of

pytestmark = pytest.mark.slow

LANGUAGES = {FIRST: "ar", SECOND: "fa"}
TEXT_KEYS = {
    *("statement", "name", "label", "definition", "title", "rationale", "details", "text"),
    *("reason", "note", "hedges", "cue", "other_names", "dateline"),
}
_ARABIC = "ابتثجحخدذرزسشصضطظعغفقكلمنه"
_TURNED = str.maketrans(string.ascii_letters, _ARABIC * 2)
_VOID = {"meta", "link", "input", "br", "img", "hr", "wbr"}
_SINGLE_LINES = {"title", "option"}
"""Elements that hold text alone, where characters must isolate it."""


def turned(value: Any, key: str = "") -> Any:
    """A record whose texts run from right to left, each as long as before."""
    if isinstance(value, dict):
        return {name: turned(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [turned(each, key) for each in value]
    is_text = key in TEXT_KEYS and isinstance(value, str) and value not in TEXT_USES
    return value.translate(_TURNED) if is_text else value


def from_right_to_left() -> Data:
    data: Data = turned(sample())
    for document in data["documents"]:
        document["language"] = LANGUAGES[document["id"]]
    return data


@functools.cache
def said_by_documents() -> dict[str, str]:
    """What documents say, and the language that they say it in."""
    data = from_right_to_left()
    found = {document["title"]: document["language"] for document in data["documents"]}
    for claim in data["claims"]:
        for quote in claim["quotes"]:
            found[quote["text"]] = LANGUAGES[quote["document"]]
        (language, *others) = {LANGUAGES[place["document"]] for place in claim["evidence"]}
        if not others:
            found |= dict.fromkeys(claim["hedges"], language)
    return found


def is_foreign(text: str) -> bool:
    return any(unicodedata.bidirectional(c) in ("R", "AL") for c in text)


def is_ours(text: str) -> bool:
    return any(c in string.ascii_letters for c in text)


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    parent: "Element | None" = None
    own: list[str] = field(default_factory=list)
    """Text in it that no isolating element within it holds."""

    def isolates(self) -> bool:
        return self.tag == "bdi" or self.attributes.get("dir") == "auto"

    def line(self) -> Iterator["Element"]:
        """The element and all that it lies in."""
        element: Element | None = self
        while element is not None:
            yield element
            element = element.parent


class Page(HTMLParser):
    """What is wrong with a page, and the addresses it leads to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open = Element("page", {})
        self.isolated: dict[int, Element] = {}
        self.wrong: list[str] = []
        self.seen: set[str] = set()
        self.links: list[str] = []
        self.feed(html)
        for element in self.isolated.values():
            if is_ours("".join(element.own)):
                self.wrong.append(f"our words in an isolate: {element.own}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        for name, value in attrs:
            if name == "href" and tag == "a" and value:
                self.links.append(value)
            harmless = name in ("href", "content") or attributes.get("type") == "hidden"
            if value and is_foreign(value) and not harmless and attributes.get("dir") != "auto":
                self.check_characters(value, f"{tag} {name}")
        element = Element(tag, attributes, self.open)
        if tag not in _VOID:
            self.open = element

    def handle_endtag(self, tag: str) -> None:
        for element in self.open.line():
            if element.tag == tag and element.parent is not None:
                self.open = element.parent
                return

    def handle_data(self, data: str) -> None:
        if self.open.tag == "script":  # data for search engines, which nobody sees
            return
        isolate = next((e for e in self.open.line() if e.isolates()), None)
        if isolate is not None:
            isolate.own.append(data)
        if not is_foreign(data) or self.open.tag == "script":  # which is data, never shown
            return
        if self.open.tag in _SINGLE_LINES:
            self.check_characters(data, self.open.tag)
        elif isolate is None:
            self.wrong.append(f"not isolated, in {self.open.tag}: {data.strip()}")
        else:
            self.isolated[id(isolate)] = isolate
            self.check_language(data.strip())

    def check_characters(self, text: str, where: str) -> None:
        """In an attribute or a line of text alone: within U+2068 and U+2069 (or cut off there)."""
        inside = False
        for character in text:
            inside = character == "\u2068" or (inside and character != "\u2069")
            if is_foreign(character) and not inside:
                self.wrong.append(f"not isolated, in {where}: {text}")
                return

    def check_language(self, text: str) -> None:
        language = said_by_documents().get(text)
        tags = (e.attributes["lang"] for e in self.open.line() if "lang" in e.attributes)
        if language is not None:
            self.seen.add(text)
            if (found := next(tags, None)) != language:
                self.wrong.append(f"{found} is not {language}, in {self.open.tag}: {text}")


def shape(address: str) -> tuple[str, ...]:
    """What pages of one kind have in common: the path, and the names of the parameters."""
    parts = urlsplit(address)
    return parts.path, *sorted(name for name, _ in parse_qsl(parts.query))


@pytest.fixture(scope="module")
def walked() -> dict[str, Page]:
    """Every page that can be reached, of each kind the first, and some that readers write."""
    client: FlaskClient = app_of(store_of(from_right_to_left())).test_client()
    word = next(iter(said_by_documents())).split()[0]
    left = ["/", f"/?q={word}", f"/?q=x&topic={word}&limit={word}", f"/?document={FIRST}"]
    left += [f"/values/document?find={word}", f"/values/topic?find={word}{word}"]
    left += [f"/values/{name}" for name in FACETS]
    left += [f"/{name}/{one['id']}" for name in VOCABULARIES for one in sample()[name][:2]]
    left += [*(f"/{name}" for name in VOCABULARIES), "/new", "/dataset"]
    left += [f"/claims/{change['claim']}" for change in sample()["changes"]]
    pages: dict[str, Page] = {}
    shapes = set()
    while left:
        address = left.pop(0).partition("#")[0]
        if not address.startswith("/") or address in pages or shape(address) in shapes:
            continue
        if "topic" not in address and "q=" not in address:
            shapes.add(shape(address))
        if len(pages) > 110:
            break
        answer = client.get(address, follow_redirects=True)
        assert answer.status_code in (200, 404, 410), address
        if answer.mimetype == "text/html":
            pages[address] = Page(answer.text)
            left += pages[address].links
    return pages


def test_no_page_mixes_a_foreign_text_with_ours(walked: dict[str, Page]) -> None:
    assert len(walked) > 40
    assert len({urlsplit(address).path for address in walked}) > 20
    wrong = {f"{address}: {fault}" for address, page in walked.items() for fault in page.wrong}
    assert not wrong, "\n".join(sorted(wrong)[:30])


def test_all_that_documents_say_is_told_in_their_language(walked: dict[str, Page]) -> None:
    """Which of the faults are about it, the test before says; here that all of it was seen."""
    seen = {text for page in walked.values() for text in page.seen}
    assert seen == set(said_by_documents())
    assert set(said_by_documents().values()) == {"ar", "fa"}
