"""Which characters a text may have, swept over all of Unicode, and that each one is served whole.

The properties are those of Python's ``unicodedata``; noncharacters are a formula (Unicode, chapter
23.7).
"""

import csv
import functools
import io
import itertools
import json
import unicodedata
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
import requests
from flask.testing import FlaskClient

from schemas.fields import Printed, Text
from service.compiler import check_fixtures, open_fixtures
from service.curation import verify
from tests import records
from tests.samples import write
from tests.wire import app_of

INVISIBLE = ("\u00ad", "\u200b", "\u2060", "\ufeff", "\u115f", "\u3164", "\ufe0f", "\U000e0041")
"""Some of the characters that show nothing, of each kind one."""
BLANKS = (" ", "\u00a0", "\u3000", "\u2003", "\u2800")
LINE_ENDS = ("\n", "\v", "\f", "\r", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029")


def every() -> Iterator[str]:
    """All characters, the unassigned ones among them."""
    return map(chr, range(0x110000))


def refused(character: str) -> bool:
    """Whether a text of ours is not to hold it: by property, not by list."""
    number = ord(character)
    noncharacter = number & 0xFFFE == 0xFFFE or 0xFDD0 <= number <= 0xFDEF
    turns = unicodedata.bidirectional(character) in (
        *("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"),
    )
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or noncharacter or turns


@functools.cache
def odd() -> list[str]:
    return [c for c in every() if refused(c)]


def wrongly_told(takes: Callable[[str], bool], not_to_take: list[str]) -> list[str]:
    """The characters that are taken and should not be, and the runs of others of which one is not.

    A run has at most 64, and shows a letter at either end.
    """
    taken = [hex(ord(c)) for c in not_to_take if takes(f"a{c}b")]
    apart = {*not_to_take}
    others = (c for c in every() if c not in apart)
    runs = iter(lambda: "".join(itertools.islice(others, 64)), "")
    return taken + [f"{run!a}" for run in runs if not takes(f"a{run}b")]


@pytest.mark.slow
def test_a_text_takes_each_character_but_those_that_its_properties_refuse() -> None:
    assert wrongly_told(Text().takes, odd()) == []


@pytest.mark.slow
def test_a_quotation_takes_every_character_that_a_document_can_have() -> None:
    surrogates = [chr(code) for code in range(0xD800, 0xE000)]
    assert wrongly_told(Printed().takes, surrogates) == []


@pytest.mark.parametrize("field", [Text(), Printed()], ids=["text", "quotation"])
def test_a_text_shows_something(field: Text) -> None:
    nothing = (*INVISIBLE, *BLANKS)
    for one in nothing:
        for other in nothing:
            assert not field.takes(one + other), (one, other)
            assert field.takes(f"{one}x{other}")


def test_no_character_without_a_shape_is_a_text() -> None:
    """Blanks and marks of format that no property calls visible; a few of the latter are drawn."""
    drawn = {"\u06dd", "\u070f", "\u08e2", "\U000110bd", "\U000110cd"}
    drawn |= {*map(chr, range(0x600, 0x606)), "\u0890", "\u0891", "\ufff9", "\ufffa", "\ufffb"}
    drawn |= {*map(chr, range(0x13430, 0x13440))}
    for character in every():
        shapeless = unicodedata.category(character) in ("Cf", "Zs") and character not in drawn
        assert not (shapeless and Text().takes(character)), hex(ord(character))


@pytest.mark.parametrize(
    "between", ["\r\n", "\r", "\n", "\t", "\u2028", "\x85", "\f", "\x00", "\ufffe"]
)
def test_a_quotation_over_any_character_agrees_with_its_document(
    tmp_path: Path, between: str
) -> None:
    said = f"We will plant{between}a million trees"
    text = f"Line one.{between}He said: “{said}” on Friday.{between}"
    (tmp_path / "a.txt").write_bytes(text.encode())
    quote = {**records.quote(said), "start": text.index(said), "end": text.index(said) + len(said)}
    claim = records.claim(1, quotes=[quote], attribution="mixed", sources=records.chain("ministry"))
    fixtures = {kind: list(found) for kind, found in records.fixtures([claim]).items()}
    fixtures["documents"][0]["file"] = "a.txt"
    found = check_fixtures(write(fixtures, tmp_path / "data"))
    verified = verify(found, tmp_path).documents[0]
    assert verified.quotes == 1
    assert not any("quote" in reason for _, reason in verified.mismatches)


# --- what is taken is served --------------------------------------------------------------------

STEP = 97
"""A prime, so that the sweep falls on every block in time; all of the odd ones are in it."""


@functools.cache
def quoted() -> list[str]:
    """The characters swept over, in quotations of 900."""
    written = [c for c in odd() if unicodedata.category(c) != "Cs"]
    steps = itertools.islice(every(), 0, None, STEP)
    swept = [*written, *(c for c in steps if unicodedata.category(c) not in ("Cs", "Cn"))]
    return [f"a{''.join(swept[at : at + 900])}b" for at in range(0, len(swept), 900)]


class Visible(HTMLParser):
    """The texts of the quotations on a page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "blockquote":
            self.inside = True
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "blockquote"

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.texts[-1] += data


@pytest.fixture(scope="module")
def quoting() -> FlaskClient:
    """A claim for each of the quotations."""
    made = [
        records.claim(number, quotes=[records.quote(text)], attribution="mixed",
                      sources=records.chain("ministry"))
        for number, text in enumerate(quoted())
    ]  # fmt: skip
    return app_of(open_fixtures(records.fixtures(made))).test_client()


def by_str(content: bytes) -> list[str]:
    """As httpx does too, whose ``iter_lines`` cuts where ``str.splitlines`` does."""
    return content.decode().splitlines()


def by_requests(content: bytes) -> list[str]:
    answer = requests.Response()
    answer.raw, answer.encoding = io.BytesIO(content), "utf-8"
    return list(answer.iter_lines(decode_unicode=True))


@pytest.mark.parametrize("lines_of", [by_str, by_requests, bytes.splitlines])
@pytest.mark.parametrize("query", ["", "?kind=event"], ids=["verbatim", "filtered"])
def test_no_reader_of_lines_cuts_a_claim(
    quoting: FlaskClient, lines_of: Callable[[bytes], list[str]], query: str
) -> None:
    found = [json.loads(line) for line in lines_of(quoting.get(f"/v1/claims.ndjson{query}").data)]
    assert [claim["quotes"][0]["text"] for claim in found] == quoted()


def test_every_character_comes_back_from_json_and_csv(quoting: FlaskClient) -> None:
    for number, text in enumerate(quoted()):
        claim = quoting.get(f"/v1/claims/{records.claim_id(number)}").get_json()["data"]
        assert claim["quotes"][0]["text"] == text
    rows = csv.DictReader(io.StringIO(quoting.get("/v1/quotes.csv").data.decode(), newline=""))
    assert [row["text"] for row in rows] == quoted()


def test_a_page_shows_a_sign_for_what_html_cannot_hold(quoting: FlaskClient) -> None:
    """HTML refuses controls, surrogates and noncharacters (section 13.2.3.5); the rest stands."""
    for number, text in enumerate(quoted()):
        page = quoting.get(f"/claims/{records.claim_id(number)}").data.decode()
        reader = Visible()
        reader.feed(page)
        html = "".join(
            "\ufffd" if refused(c) and c not in "\t\n\r\f\u2028\u2029" and not _turns(c) else c
            for c in text
        )
        assert html in reader.texts


def _turns(character: str) -> bool:
    return unicodedata.category(character) == "Cf"


def test_each_end_of_a_line_within_a_quotation_is_escaped(quoting: FlaskClient) -> None:
    lines = quoting.get("/v1/claims.ndjson").data.decode().split("\n")
    assert not [(end, n) for end in LINE_ENDS for n, line in enumerate(lines) if end in line]


@pytest.mark.slow
def test_no_other_character_ends_a_line() -> None:
    assert tuple(c for c in every() if len(f"a{c}b".splitlines()) > 1) == LINE_ENDS
