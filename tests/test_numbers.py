"""Numbers are the totals of what they lead to: of the group of a count, of a link on a page."""

from __future__ import annotations

import functools
import itertools
import json
import random
import re
from collections import Counter, deque
from collections.abc import Iterator
from typing import cast
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from schemas.filters import DIMENSIONS
from schemas.parameters import NONE
from schemas.query import ClaimQuery
from schemas.records.vocabularies import VOCABULARIES
from service.compiler import open_fixtures
from service.explorer.filters import FACETS, OPEN
from service.explorer.views.counts import LARGE
from service.store.protocol import Store
from tests import records
from tests.tables import each_row
from tests.test_pages import Elements
from tests.varied import varied_store
from tests.wire import LargeStore, app_of

pytestmark = pytest.mark.slow

# --- counts -------------------------------------------------------------------------------------

OTHERS: tuple[dict[str, object], ...] = (
    {},
    {"date_match": "certain"},
    {"goals_only": True, "distinct": True},
    {"topic": ("defence", "space"), "sourced": True},
    {"place": ("coast", NONE), "date_match": "certain"},
)
"""What may be asked beside what is counted by."""
PAIRS = random.Random(1).sample([*itertools.permutations(DIMENSIONS, 2)], 60)


def claims_of(store: Store) -> Iterator[records.Record]:
    return (json.loads(body) for body in store.export(ClaimQuery()).bodies)


@pytest.fixture
def shipped_store(app: Flask) -> Store:
    store: Store = app.extensions["claims.provider"].current()
    return store


def wrong_groups(store: Store, *by: str) -> list[object]:
    """The groups of counts whose number is not the total of the filters that their keys make."""
    return [
        (asked, group, total)
        for asked in OTHERS
        if asked.keys().isdisjoint(by)
        for group in store.counts(ClaimQuery(**asked), by).groups
        for keys in [{name: (key or NONE,) for name, key in zip(by, group.keys, strict=True)}]
        if (total := store.search(ClaimQuery(**asked, **keys, limit=1)).total) != group.count
    ]


@each_row("name", DIMENSIONS)
def test_a_group_holds_what_the_filter_of_its_key_finds(name: str) -> None:
    assert wrong_groups(varied_store(600, open_ends=True), name) == []


@each_row("by", [*PAIRS, *((name,) for name in DIMENSIONS)])
def test_groups_hold_what_the_filters_of_their_keys_find(by: tuple[str, ...]) -> None:
    assert wrong_groups(varied_store(120, open_ends=True), *by) == []


def test_each_variety_of_value_is_among_what_is_counted() -> None:
    store = varied_store(600, open_ends=True)
    for name in DIMENSIONS:
        keys = {group.keys[0] for group in store.counts(ClaimQuery(), (name,)).groups}
        assert len(keys) > 1, name
    kinds = Counter(
        (date["edtf"][:2] == "..", date["edtf"][-2:] == "..", "?" in date["edtf"])
        for claim in claims_of(store)
        if (date := claim["dates"]["announced"])
    )
    assert len(kinds) == 6


# --- what is narrower ---------------------------------------------------------------------------


def lineage(store: Store, vocabulary: str, key: str, identifier: str) -> list[str]:
    """A record and all that it lies under, the nearest first."""
    record = store.vocabularies[vocabulary].record(identifier)
    above = record and record[key]
    return [identifier, *(lineage(store, vocabulary, key, above["id"]) if above else [])]


HIERARCHIES = [("topic", "topics", "broader"), ("place", "places", "within")]


@pytest.mark.parametrize(("name", "vocabulary", "key"), HIERARCHIES)
@pytest.mark.parametrize("shipped", [True, False])
def test_a_topic_and_a_place_hold_what_is_narrower(
    shipped_store: Store, shipped: bool, name: str, vocabulary: str, key: str
) -> None:
    store = shipped_store if shipped else varied_store(120, open_ends=False)
    under = Counter(
        identifier
        for claim in claims_of(store)
        for identifier in {
            one for tag in claim[vocabulary] for one in lineage(store, vocabulary, key, tag["id"])
        }
    )
    tags = Counter(tag["id"] for claim in claims_of(store) for tag in claim[vocabulary])
    assert under != tags
    for record in store.vocabularies[vocabulary]:
        identifier = record["id"]
        found = store.search(ClaimQuery(**{name: (identifier,)})).total
        assert found == record["claim_count"] == under[identifier], identifier
    if name == "topic":
        for identifier, count in tags.items():
            assert store.search(ClaimQuery(topic_exact=(identifier,))).total == count


def test_a_country_is_that_of_the_nearest_place_that_tells_one() -> None:
    store = varied_store(120, open_ends=False)
    known = {record["id"]: record for record in store.vocabularies["places"]}
    expected: Counter[str | None] = Counter()
    for claim in claims_of(store):
        lines = [lineage(store, "places", "within", place["id"]) for place in claim["places"]]
        codes = [[known[one]["country"] for one in line if known[one]["country"]] for line in lines]
        expected.update({code[0] for code in codes if code} or {None})
    groups = store.counts(ClaimQuery(), ("country",)).groups
    assert {group.keys[0]: group.count for group in groups} == expected
    assert expected.keys() == {"KP", "KR", None}


# --- pages --------------------------------------------------------------------------------------

STARTS = (
    "/",
    "/goals",
    "/compare",
    "/?date_match=certain",
    "/?horizon=none&sort=announced",
    "/?q=so&announced_year=2022,2023",
    "/?topic=space,none&place=none",
    "/?sourced=false&country=KP&limit=3",
    "/?announced_from=2022-06-01&announced_to=2023-06-30&date_match=certain",
    "/goals?speaker=none,agency",
    "/compare?from=meeting-2022&to=meeting-2023",
    *(f"/{name}" for name in VOCABULARIES),
)
MOST_PAGES = {"/": 16, "/claims": 4, "/values": 24, "/compare": 4, "/goals": 4}
MOST_PAGES |= {f"/{name}": 4 for name in VOCABULARIES}
"""Pages that are walked of each kind."""
MOST_LINKS = 300
"""Links that are followed in one data set."""
SHOWN = re.compile(r'id="found"[^>]*>([\d,]+) |class="lead">([\d,]+) ')


def many_topics() -> Store:
    """More topics and years than a page lists, and claims without almost everything."""
    topics = {f"topic-{number:03}": f"Topic {number}" for number in range(320)}
    claims = [
        records.claim(
            number,
            announced=f"{1990 + number % 30}-06" + "?" * (number % 3 == 0),
            goal=records.goal(f"{2000 + number % 70}") if number % 2 else None,
            topics=[topic],
            occasion=[*records.OCCASIONS, None][number % 3],
        )
        for number, topic in enumerate([*topics, *["topic-000"] * 90])
    ]
    return open_fixtures(records.fixtures(claims, topics=topics))


@pytest.fixture(params=["shipped", "empty", "varied", "many"], scope="module")
def walked(request: pytest.FixtureRequest) -> tuple[FlaskClient, dict[str, str]]:
    """A client over a data set, and the text of all its pages, or enough of each kind."""
    if request.param == "shipped":
        app = request.getfixturevalue("app")
    elif request.param == "empty":
        app = app_of(open_fixtures(records.fixtures()))
    else:
        app = app_of(
            varied_store(600, open_ends=True) if request.param == "varied" else many_topics()
        )
    client = FlaskClient(app, app.response_class)
    return client, dict(walk(client))


@functools.lru_cache(maxsize=200)
def elements_of(page: str) -> Elements:
    return Elements(page)


def walk(client: FlaskClient) -> Iterator[tuple[str, str]]:
    """The pages that links lead to, the nearest first."""
    seen, left, waiting = set[str](), Counter(MOST_PAGES), deque(STARTS)
    while waiting:
        path = waiting.popleft()
        kind = "/" + urlsplit(path).path.split("/")[1]
        if path in seen or not left[kind]:
            continue
        seen.add(path)
        left[kind] -= 1
        reply = client.get(path)
        assert reply.status_code == 200, path
        yield path, reply.text
        links = elements_of(reply.text).named("a")
        waiting.extend(link["href"].partition("#")[0] or path for link in links)


def numbers(path: str, page: str) -> Iterator[tuple[str, int]]:
    """Every number of a page that leads somewhere, with the address: that of its link, or that of
    the page after its value was chosen, all other values of the filter left.
    """
    query = parse_qsl(urlsplit(path).query)
    select = ""
    for tag, attributes in elements_of(page).found:
        if tag == "select":
            select = attributes["name"]
        if "data-total" in attributes:
            address = attributes.get("href", "").partition("#")[0]
            if tag != "a":
                name = select if tag == "option" else attributes["name"]
                others = [pair for pair in query if pair[0] not in (name, "cursor")]
                address = "/?" + urlencode([*others, (name, attributes["value"])])
            yield address, int(attributes["data-total"])


def total_behind(client: FlaskClient, address: str) -> int:
    """The total on the page that an address leads to: of claims, or of values."""
    shown = SHOWN.search(client.get(address).text)
    assert shown, address
    return int((shown[1] or shown[2]).replace(",", ""))


def claims_behind(client: FlaskClient, address: str) -> int:
    """The total of the same address of the API, which answers sooner than the page."""
    pairs = [pair for pair in parse_qsl(urlsplit(address).query) if pair[0] != "limit"]
    answer = client.get("/v1/claims?" + urlencode([*pairs, ("limit", "1")])).json
    assert answer is not None
    total: int = answer["meta"]["total"]
    return total


def test_a_number_on_a_page_is_the_total_behind_its_link(
    walked: tuple[FlaskClient, dict[str, str]],
) -> None:
    client, pages = walked
    found = sorted({each for path, page in pages.items() for each in numbers(path, page)})
    assert found
    if len(found) > MOST_LINKS:
        found = random.Random(1).sample(found, MOST_LINKS)
    wrong = [
        (address, number, behind)
        for address, number in found
        for count in [claims_behind if address.startswith("/?") else total_behind]
        if (behind := count(client, address)) != number
    ]
    assert wrong == []


def test_a_page_of_claims_shows_the_total_that_the_api_gives(
    walked: tuple[FlaskClient, dict[str, str]],
) -> None:
    client, pages = walked
    for path in pages:
        if path.startswith("/?"):
            assert total_behind(client, path) == claims_behind(client, path), path


_LINKED = r'(?:<a [^>]*>)?(?:<span class="sr">[^<]*</span>)?([\d,]+)<'
NUMBER = re.compile(rf'class="n">{_LINKED}|<dd>{_LINKED}|<td[^>]*>{_LINKED}')


def test_every_number_in_a_table_or_a_list_leads_somewhere(
    walked: tuple[FlaskClient, dict[str, str]],
) -> None:
    """The number is marked on a link or a control close to it.

    That of origins alone has none, since no filter finds the claims of one: it is the total that
    the data set tells.
    """
    client, pages = walked
    cited = client.get("/v1/dataset").get_json()["data"]["counts"]["origins"]
    for path, page in pages.items():
        for match in NUMBER.finditer(page):
            number = next(filter(None, match.groups())).replace(",", "")
            around = page[max(0, match.start() - 900) : match.end()]
            if around.removesuffix(match[0]).endswith(
                (">origins cited</dt>", ">origin cited</dt>")
            ):
                assert number == str(cited)
                continue
            assert f'data-total="{number}"' in around, (path, match[0])


def test_numbers_are_right_where_only_what_is_in_sight_is_counted() -> None:
    app = app_of(cast("Store", LargeStore(many_topics(), LARGE)))
    client = FlaskClient(app, app.response_class)
    for path in ("/", "/?topic=topic-001,none", "/?speaker=none"):
        page = client.get(path).text
        assert page.count("data-waiting") == len(FACETS) - len(OPEN)
        left = [each for each in numbers(path, page) if each[1] != LARGE]
        assert left
        for address, number in left:
            count = claims_behind if address.startswith("/?") else total_behind
            assert count(client, address) == number, address
