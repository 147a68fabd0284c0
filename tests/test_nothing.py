"""Where a search finds nothing, the page names the words that no claim has, and offers questions
that find something.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlencode, urlsplit

import pytest
from flask.testing import FlaskClient

from tests.contract_tools import ContractClient

NOTHING = re.compile(r'<div class="nothing">(.*?)</div>', re.DOTALL)
OFFER = re.compile(r'<li><a href="([^"]*)" data-total="(\d+)">(.*?)</a>', re.DOTALL)
QUOTED = re.compile(r"<q[^>]*>(.*?)</q>")
WORDS = (
    *("nuclear", "agriculture", "announced", "economy", "Kim", "goals", "farm", "war", "for"),
    *("zzzz", "what", "qwerty", "수확", "2023", "2024", "2024?", "2025", "1999", "2999"),
)
PHRASES = ("war preparations", "no such phrase", "economic objectives", "2024 goals")
FILTERS = ("", "topic=defence", "country=KP&sort=announced", "horizon=2023", "limit=5")


def text(page: str) -> str:
    return " ".join(unescape(re.sub("<[^>]+>", "", page)).split())


def total(client: FlaskClient, query: dict[str, str] | str) -> int:
    return int(client.get("/v1/claims", query_string=query).get_json()["meta"]["total"])


def searches(count: int) -> Iterator[tuple[list[str], str]]:
    """Words and phrases of a search, some of them refused, and its text."""
    chance = random.Random(12)
    for _ in range(count):
        words = chance.sample(WORDS, chance.randint(1, 4))
        phrases = chance.sample(PHRASES, chance.choice((0, 0, 1)))
        refused = [f"-{word}" for word in chance.sample(WORDS, chance.choice((0, 0, 1)))]
        wanted = [*words, *(f'"{phrase}"' for phrase in phrases)]
        yield wanted, " ".join(chance.sample([*wanted, *refused], len(wanted) + len(refused)))


def test_what_is_said_and_offered_is_so(client: ContractClient) -> None:
    """Of 120 searches under different filters; the sentences and every number."""
    empty = offers = 0
    for number, (wanted, asked) in enumerate(searches(120)):
        query = "&".join(filter(None, (FILTERS[number % len(FILTERS)], urlencode({"q": asked}))))
        match = NOTHING.search(client.get(f"/?{query}").text)
        assert bool(match) == (total(client, query) == 0), asked
        if match is None:
            continue
        empty += 1
        told = text(match[1])
        missing = [word.strip('"') for word in wanted if not total(client, {"q": word})]
        assert ("No claim of the data set has" in told) == bool(missing), asked
        sentence = match[1].partition("No claim of the data set has")[2].partition("</p>")[0]
        assert sorted(map(unescape, QUOTED.findall(sentence))) == sorted(missing), asked
        for address, count, _ in OFFER.findall(match[1]):
            offers += 1
            found = total(client, urlsplit(unescape(address)).query)
            assert found == int(count) > 0, (asked, address)
    assert empty > 60
    assert offers > 40


@pytest.mark.parametrize("year", [2022, 2023, 2024, 2030, 2999])
@pytest.mark.parametrize("words", ["what was announced for {}?", "{} xyzzy", "goals in {} xyzzy"])
def test_a_year_among_the_words_is_offered_where_there_are_goals_for_it(
    client: ContractClient, year: int, words: str
) -> None:
    page = client.get("/", query_string={"q": words.format(year)}).text
    match = NOTHING.search(page)
    assert match
    count = total(client, {"horizon": str(year)})
    offered = f"Target year {year} {count} claim" in text(match[1])
    assert offered == (count > 0)


def test_a_search_of_no_words_says_so(client: ContractClient) -> None:
    page = client.get("/", query_string={"q": "?! …"}).text
    assert "There is no word to search for in it." in page


def test_nothing_is_offered_without_a_search_or_where_something_is_found(
    client: ContractClient,
) -> None:
    for query in ("", "?q=nuclear", "?topic=defence&country=US", "?topic=nonsense"):
        assert "offers" not in client.get(f"/{query}").text


def test_a_search_of_many_words_is_answered(client: ContractClient) -> None:
    page = client.get("/", query_string={"q": " ".join("abcdefghijklmnopqrstuvwxyz" * 3)}).text
    assert len(QUOTED.findall(page[page.index('class="nothing"') :])) <= 24


def test_what_was_typed_is_shown_as_text(client: ContractClient) -> None:
    page = client.get("/", query_string={"q": "<script>alert(1)</script> 2024"}).text
    assert "<script>alert" not in page
