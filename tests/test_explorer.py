"""The explorer: what it shows is what the API answers, and it forgives what the API refuses."""

from __future__ import annotations

import functools
import json
import re
from collections import Counter
from collections.abc import Iterable
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from schemas import date as dates
from schemas.filters import DIMENSIONS, LISTED, TITLES
from schemas.query import SORTS, ClaimQuery, ClaimsParameters, FilterParameters
from schemas.records import change, claim, provenance
from schemas.records.dataset import Counts, Page
from service.compiler import Fixtures, open_fixtures
from service.explorer import filters, words
from service.explorer.assets import assets
from service.explorer.filter_names import applied
from service.explorer.names import ARTICLE
from service.explorer.state import PageState, read_state
from service.explorer.views import pages
from service.explorer.views.counts import LARGE, Tally
from service.explorer.views.goals import matrix
from service.explorer.views.pages import explore
from service.explorer.views.timeline import LANES, Scale
from service.explorer.words import date_words
from service.store.protocol import Store
from tests import hostile, records, samples
from tests.strategies import DATES
from tests.tables import each_row
from tests.test_pages import Elements
from tests.varied import varied_store
from tests.wire import LargeStore, app_of, sample_store, store_of

pytestmark = pytest.mark.slow

QUERIES = (
    "",
    "topic=nuclear",
    "topic=agriculture,nuclear&goals_only=true",
    "q=war&kind=directive",
    "horizon=2023&sort=announced",
    "occurred_from=2023-01-01&date_match=certain&min_attribution=50",
    "speaker=kcna&limit=3",
    "id=clm_b0qp991b",
    "topic=no-such-topic",
)


PAIRS = (
    "from=wpk-plenary-2022-12&to=wpk-plenary-2023-12",
    "from=wpk-plenary-2023-12&to=wpk-plenary-2021-12",
    "from=wpk-plenary-2022-12&to=no-such-occasion",
)


def link(path: str, query: str = "") -> str:
    return f"{path}?{query}" if query else path


def state_of(query: str) -> PageState:
    return read_state(query.encode(), link)


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    reply = client.get(path)
    assert reply.status_code == status
    return Elements(reply.text).text


@pytest.fixture
def store(app: Any) -> Store:
    found: Store = app.extensions["claims.provider"].current()
    return found


def store_of_claims(claims: list[records.Record], topics: dict[str, str] | None = None) -> Store:
    return open_fixtures(records.fixtures(claims, topics=topics))


@pytest.fixture(scope="module")
def generated() -> Store:
    """380 claims over 30 years, every third date uncertain, 160 of them goals.

    Each of 320 topics has one claim; the first topic has 60 more, of one occasion.
    """
    topics = {f"topic-{number:03}": f"Topic {number}" for number in range(320)}
    claims = [
        records.claim(
            number,
            announced=f"{1990 + number % 30}-06" + "?" * (number % 3 == 0),
            occurred=f"{1990 + number % 30}-05-0{1 + number % 9}",
            kind=("goal", "event")[number % 2 or number >= 320],
            goal=(records.goal("2030" if number % 4 else None), None)[number % 2 or number >= 320],
            topics=[topic],
            occasion=tuple(records.OCCASIONS)[number % 2 and number < 320],
        )
        for number, topic in enumerate([*topics, *["topic-000"] * 60])
    ]
    return store_of_claims(claims, topics)


# --- words --------------------------------------------------------------------------------------


@each_row(
    ("said", "codes"),
    [
        (words.KIND, claim.KINDS),
        (words.ATTRIBUTION, claim.ATTRIBUTIONS),
        (words.SPECIFICITY, claim.SPECIFICITIES),
        (words.RELATION, claim.RELATIONS),
        (words.FIDELITY, provenance.FIDELITIES),
        (words.EVIDENCE, provenance.EVIDENCE_ROLES),
        (words.DATE_OF_CLAIM, claim.DatesSchema().fields),
        (words.LEVEL, claim.LEVEL_SCORES),
        (words.CREDIBILITY, claim.CREDIBILITY_SCORES),
        (words.BASIS, dates.BASES),
        (words.CHANGE, change.CHANGES),
        (filters.SORTS, SORTS),
        (TITLES, FilterParameters().fields.keys() - {"date_match", "q"}),
    ],
)
def test_every_code_has_words(said: Iterable[Any], codes: Iterable[Any]) -> None:
    assert set(said) == set(codes)


@each_row(
    ("edtf", "said"),
    [
        ("2022", "2022"),
        ("2022-12?", "December 2022"),
        ("2022-02-03", "3 February 2022"),
        ("199X", "the 1990s"),
        ("2022-12-26?/2022-12-28?", "26–28 December 2022"),
        ("2022-11/2022-12", "November–December 2022"),
        ("2022-11-29/2022-12-01", "29 November – 1 December 2022"),
        ("2022-12-29?/2023-01-01?", "29 December 2022 – 1 January 2023"),
        ("2017/2022", "2017–2022"),
        ("2017/2022-03", "2017 – March 2022"),
        ("../2023-12-28", "by 28 December 2023 at the latest"),
        ("2030/..", "from 2030 on"),
        ("2022/2022", "2022"),
        ("/2022-12-28", "by 28 December 2022"),
        ("2022/", "from 2022, the end unknown"),
        ("2022~", "2022"),
        ("2022-21%", "spring 2022"),
        ("2022-24", "winter 2022"),
        ("2022-26", "summer 2022 (northern hemisphere)"),
        ("2022-31", "autumn 2022 (southern hemisphere)"),
        ("2022-33", "the first quarter of 2022"),
        ("2022-21/2022-23", "between spring and autumn 2022"),
        ("2022-24/2023", "between winter 2022 and 2023"),
        ("/2022-36?", "by the fourth quarter of 2022"),
        ("2022-22/..", "from summer 2022 on"),
    ],
)
def test_dates_are_said_as_a_reader_would(edtf: str, said: str) -> None:
    assert date_words(edtf) == said


@each_row("edtf", DATES)
def test_the_target_period_of_a_goal_reads_as_english(edtf: str) -> None:
    said = words.horizon_words(edtf)
    assert re.match("(for|by|from|between) ", said)
    assert not re.search("for (by|from|between)|[?~%]|None", said)
    doubted = {word for mark, word in (("?", "uncertain"), ("~", "approximate")) if mark in edtf}
    doubted |= {"uncertain", "approximate"} if "%" in edtf else set()
    assert set(words.doubts(edtf).replace(" and ", " ").split()) == doubted


# --- what was asked -----------------------------------------------------------------------------


@each_row(
    ("query", "left_out", "kept"),
    [
        ("limit=1000", ["limit"], ""),
        ("limit=0&limit=2", ["limit", "limit"], ""),
        ("topic=nuclear,No+Slug", ["topic"], "topic=nuclear"),
        ("topic=nuclear&topic=space", [], "topic=nuclear,space"),
        ("topic=,,nuclear,", [], "topic=nuclear"),
        ("kind=goal,goals", ["kind"], "kind=goal"),
        ("announced_from=2022-02-30", ["announced_from"], ""),
        ("q=%00", ["q"], ""),
        ("q=" + "x" * 300, ["q"], ""),
        ("cursor=zzz&sort=newest", ["cursor", "sort"], ""),
        ("q=&topic=&unheard=of", [], ""),
        ("horizn=2024&topics=space&utm_source=a&q=x", ["horizn", "topics"], "q=x"),
        ("goals_only=yes&distinct=true", ["goals_only"], "distinct=true"),
        ("horizon=" + ",".join(map(str, range(2000, 2025))), ["horizon"] * 5, None),
    ],
)
def test_what_cannot_be_used_is_left_out_and_named(
    client: FlaskClient, query: str, left_out: list[str], kept: str | None
) -> None:
    state = state_of(query)
    assert [fault.parameter for fault in state.ignored] == left_out
    if kept is not None:
        assert state.text == kept
    page = text_of(client, f"/?{query}")
    assert ("Ignored" in page) == bool(left_out)
    for fault in state.ignored:
        assert (fault.meant or fault.allowed) in page


@given(st.binary(max_size=60))
def test_every_query_string_has_a_reading_that_the_api_takes(query: bytes) -> None:
    again = state_of(read_state(query, link).text)
    assert again.ignored == ()
    assert again.values == read_state(query, link).values


@each_row("query", QUERIES)
def test_the_request_beside_the_claims_gives_the_claims(client: FlaskClient, query: str) -> None:
    page = client.get(f"/?{query}").text
    found = re.search(r'data-path="([^"]+)" data-csv="([^"]+)"', page)
    assert found is not None
    request, table = map(unescape, found.groups())
    answer = client.get(request).json
    assert answer is not None
    assert re.findall(r'<h3 id="(clm_\w+)"', page) == [each["id"] for each in answer["data"]]
    heading = re.search(r'id="found"[^>]*>([\d,]+) ', page)
    assert heading is not None
    assert int(heading[1]) == answer["meta"]["total"]
    assert client.get(table).text.count("\nclm_") == answer["meta"]["total"]


def test_addresses_of_the_api_stand_behind_the_public_address(store: Store) -> None:
    page = app_of(store, public_url="https://claims.example").test_client().get("/?topic=space")
    assert 'data-path="https://claims.example/v1/claims?topic=space"' in page.text
    assert '<a href="https://claims.example/?' not in page.text


@pytest.mark.parametrize("path", ["/", "/goals", "/values/topic", "/compare"])
def test_another_question_is_another_page_and_a_held_one_is_a_304(
    client: FlaskClient, path: str
) -> None:
    other = "?from=wpk-plenary-2021-12&to=wpk-plenary-2022-12&topic=space&find=x"
    first, second = client.get(path), client.get(path + other)
    assert first.headers["ETag"] != second.headers["ETag"]
    held = {"If-None-Match": second.headers["ETag"]}
    assert client.get(path + other, headers=held).status_code == 304
    assert client.get(path, headers=held).status_code == 200


def test_every_filter_of_the_api_is_in_the_form(client: FlaskClient) -> None:
    """What has nothing to choose from is sent along."""
    unlisted = LISTED.keys() - {*filters.FACETS, "id"}
    assert fields_of(client, "/?limit=7").keys() == (
        ClaimsParameters().fields.keys() - unlisted - {"cursor"}
    )
    for name in unlisted:
        assert fields_of(client, f"/?{name}=none")[name] == "none"


def fields_of(client: FlaskClient, path: str) -> dict[str | None, str | None]:
    page = Elements(client.get(path).text)
    fields = [field for tag in ("input", "select") for field in page.named(tag)]
    return {field.get("name"): field.get("value") for field in fields}


# --- filters, table, timeline -------------------------------------------------------------------


@pytest.mark.parametrize("query", QUERIES)
def test_a_value_counts_the_claims_it_would_leave(store: Store, query: str) -> None:
    state = state_of(query)
    view = explore(state, store)
    assert [facet["name"] for facet in view["facets"]] == list(filters.FACETS)
    for facet in view["facets"]:
        name, options = facet["name"], facet["options"]
        assert len({option.value for option in options}) == len(options)
        for option in options:
            left = store.search(state.changed(**{name: (option.value,)}).query).total
            assert option.count == left, f"{name} {option.value}"
            assert option.chosen == (option.value in state.values[name])
    for switch in view["switches"]:
        left = store.search(state.changed(**{switch.value: True}).query).total
        assert switch.count == left
    for name, steps in view["thresholds"].items():
        for step in steps:
            assert step.count == store.search(state.changed(**{name: step.value}).query).total


def test_a_filter_that_the_tables_lack_is_shown_under_its_own_name(store: Store) -> None:
    values = {**state_of("topic=nuclear").values, "unlisted": ("one", "two"), "since": 3}
    assert [
        (one["title"], one["words"]) for one in applied(PageState(values, (), link), store)
    ] == [
        ("Topic", "Nuclear weapons"),
        ("unlisted", "one, two"),
        ("since", "3"),
    ]


@pytest.mark.parametrize("query", QUERIES)
def test_the_table_leaves_no_goal_out(store: Store, query: str) -> None:
    state = state_of(query)
    table = explore(state, store)["matrix"]
    base = state.changed(goals_only=True, distinct=True, topic=(), horizon=()).query
    groups = store.counts(base, ("topic", "horizon")).groups
    assert table["goals"] == store.search(base).total
    assert sum(cell["count"] for _, cells in table["rows"] for cell in cells) == sum(
        group.count for group in groups
    )


def test_a_table_with_no_room_for_all_says_how_many_are_left_out(store: Store) -> None:
    tally = Tally(state_of(""), store)
    table = matrix(tally, max_topics=3, max_years=1)
    whole = matrix(tally, max_topics=99, max_years=99)
    assert (len(table["rows"]), len(table["years"])) == (3, 1)
    assert table["more_topics"] == len(whole["rows"]) - 3
    assert table["more_years"] == len(whole["years"]) - 1


@each_row("query", ["", "goals_only=true"])
@each_row("name", filters.FACETS)
def test_a_facet_tells_how_many_claims_have_no_value(name: str, query: str) -> None:
    state, store = state_of(query), sample_store()
    claims = [json.loads(body) for body in store.export(state.query).bodies]
    known = {
        vocabulary: {record["id"]: record for record in records}
        for vocabulary, records in store.vocabularies.items()
    }
    without = sum(not [*DIMENSIONS[name].terms(claim, known)] for claim in claims)
    facets = {facet["name"]: facet for facet in filters.form(Tally(state, store))["facets"]}
    assert facets[name]["without"] == without


OPTION = re.compile(r'name="(\w+)" value="([^"]+)" id="[^"]+" checked data-total="(\d+)"')
BEHIND = re.compile(r'id="found"[^>]*>([\d,]+) ')


@functools.cache
def goals_for(horizon: str) -> FlaskClient:
    """The service on three goals for one time."""
    claims = [records.claim(n, goal=records.goal(horizon)) for n in range(3)]
    return app_of(store_of_claims(claims)).test_client()


@each_row("horizon", ["2025/..", "../2023", "2021/2025", "202X", "2030"])
@each_row("year", ["2019", "2022", "2024", "2029", "2030", "2031", "9999"])
def test_a_chosen_year_tells_what_it_finds_though_no_date_names_it(horizon: str, year: str) -> None:
    page = goals_for(horizon).get(f"/?horizon={year}").text
    ((_, value, number),) = [each for each in OPTION.findall(page) if each[0] == "horizon"]
    assert value == year
    match = BEHIND.search(page)
    assert match is not None
    assert match[1] == number


def compared(pair: str) -> str:
    return f"/compare?{pair}"


@each_row("name", filters.FACETS)
def test_claims_without_a_value_are_counted_with_and_without_other_filters(
    client: FlaskClient, name: str
) -> None:
    for filtered in ("", "&kind=event" if name != "kind" else "&topic=nuclear"):
        answer = client.get(f"/v1/counts?by={name}{filtered}").json
        assert answer is not None
        without = [row["count"] for row in answer["data"] if row["key"] is None]
        lead = text_of(client, f"/values/{name}?{filtered}")
        found = re.search(r"([\d,]+) claims? names? none", lead)
        assert [int(found[1].replace(",", ""))] == without if found else without == []


@pytest.mark.parametrize("query", QUERIES)
def test_the_timeline_has_every_date_once(store: Store, query: str) -> None:
    state = state_of(query)
    view = explore(state, store)
    claims = [json.loads(body) for body in store.export(state.query).bodies]
    for name, lane in zip(LANES, view["timeline"]["lanes"], strict=True):
        marks = lane["marks"]
        shown = Counter(claim["dates"][name]["edtf"] for claim in claims if claim["dates"][name])
        if state.values["date_match"] == "possible":
            assert {mark["edtf"] for mark in marks} == set(shown)
            assert all(mark["count"] >= shown[mark["edtf"]] for mark in marks)
        said = {(date_words(mark["edtf"], short=True), "?" in mark["edtf"]) for mark in marks}
        assert len(said) == len(marks)
        for mark in marks:
            assert 0 <= mark["start"] <= mark["end"] <= 100


def test_of_many_claims_the_timeline_counts_years_as_the_api_does(generated: Store) -> None:
    timeline = explore(state_of(""), generated)["timeline"]
    for place, name in enumerate(("announced", "occurred")):
        counts = generated.counts(ClaimQuery(), (f"{name}_year",)).groups
        known = {group.keys[0]: group.count for group in counts if group.keys[0]}
        shown = {year: bar["count"] for year, bars in timeline["rows"] if (bar := bars[place])}
        assert shown == dict(sorted(known.items())[-24:])
        assert timeline["more"] == 6
        for year, bars in timeline["rows"]:
            bar = bars[place]
            if bar is not None:
                dated: dict[str, Any] = {
                    f"{name}_from": f"{year}-01-01",
                    f"{name}_to": f"{year}-12-31",
                }
                certain = generated.search(ClaimQuery(date_match="certain", **dated)).total
                # What is certain may last longer than its year, and then is certain of none.
                assert certain <= bar["certain"] <= bar["count"]


@pytest.mark.parametrize("name", ["announced", "occurred"])
def test_a_bar_of_some_years_has_the_claims_that_it_leads_to(name: str) -> None:
    """Though some claims may be of a year that is asked for and of one that is not."""
    store, years = varied_store(600, open_ends=True), ("2022", "2023")
    state = state_of(f"{name}_year={','.join(years)}")
    timeline = explore(state, store)["timeline"]
    place = ("announced", "occurred").index(name)
    bars = {year: bars[place] for year, bars in timeline["rows"] if bars[place]}
    assert [*bars] == [*years]
    for year, bar in bars.items():
        filters: dict[str, Any] = {f"{name}_year": (year,)}
        assert bar["count"] == store.search(ClaimQuery(**filters)).total


DAY = st.dates().map(lambda day: day.isoformat())


@given(st.lists(st.tuples(DAY, DAY).map(sorted), min_size=1, max_size=30))
def test_a_scale_keeps_days_in_their_order(spans: list[list[str]]) -> None:
    scale = Scale((first, last) for first, last in spans)
    days = sorted({day for span in spans for day in span})
    places = [place for day in days for place in (scale.start(day), scale.end(day))]
    assert places == sorted(places)
    assert 0 <= places[0] <= places[-1] <= 100
    starts = [tick["start"] for tick in scale.ticks]
    assert starts == sorted(starts)
    assert all(tick["width"] > 0 for tick in scale.ticks)
    assert len(scale.ticks) <= 33


class Counting(LargeStore):
    """A large store that counts its calls."""

    counted = searched = 0

    def counts(self, query: ClaimQuery, by: tuple[str, ...]) -> Counts:
        self.counted += 1
        return self._store.counts(query, by)

    def search(self, query: ClaimQuery) -> Page:
        self.searched += 1
        return self._store.search(query)


def test_a_large_data_set_is_counted_for_what_is_in_sight_alone(generated: Store) -> None:
    counting: Any = Counting(generated, LARGE)
    explore(state_of(""), counting)
    assert counting.counted <= 10
    counting.counted = counting.searched = 0
    explore(state_of(""), counting)
    assert counting.counted == 0, "the first page is counted once a data set"
    explore(state_of("kind=event"), counting)
    assert counting.counted <= 10
    assert counting.searched <= 10


# --- all values ---------------------------------------------------------------------------------


def test_values_are_found_by_any_of_their_names(client: FlaskClient) -> None:
    page = text_of(client, "/values/source?find=central+NEWS")
    assert "Korean Central News Agency" in page
    assert "Kim Jong Un" not in page
    for typed in ("ＣＥＮＴＲＡＬ néws", "cen\u00adtral", "kcna"):
        address = f"/values/source?{urlencode({'find': typed})}"
        assert "Korean Central News Agency" in text_of(client, address)
    assert "No value with" in text_of(client, "/values/source?find=nobody")


def test_values_keep_what_else_is_asked(client: FlaskClient) -> None:
    page = Elements(client.get("/values/topic?kind=goal&topic=defence&q=goals").text)
    sent = {field["name"]: field.get("value") for field in page.named("input")}
    assert (sent["kind"], sent["q"]) == ("goal", "goals")
    ticked = [field["value"] for field in page.named("input") if "checked" in field]
    assert ticked == ["defence"]


def test_more_values_than_a_page_holds_are_cut_and_said(generated: Store) -> None:
    page = text_of(app_of(generated).test_client(), "/values/topic")
    assert "The first 300 of 320" in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", ""),
        ("topic=economy", "11 claims · Topic: Economy · "),
        ("topic=economy&goals_only=true", "3 claims · Topic: Economy · Announced goals only · "),
        (
            "horizon=2024,none&q=war&kind=goal",
            "0 claims · Text: war · Kind of claim: Goal · Target year",
        ),
        ("id=clm_b0qp991b", "1 claim · Claim ids: clm_b0qp991b · "),
        ("topic=econmy", "0 claims · Topic: econmy · "),
    ],
)
def test_the_title_of_a_search_says_what_is_asked_for(
    client: FlaskClient, query: str, words: str
) -> None:
    """Tabs, bookmarks and links that are shared show nothing else."""
    whole = "Policy goals of North Korea&#39;s year-end party meetings, 2022 and 2023"
    (title,) = re.findall("<title>(.*)</title>", client.get(f"/?{query}").text)
    assert title.startswith(words or whole)
    assert title.endswith(whole)


def test_an_unknown_filter_has_no_page(client: FlaskClient) -> None:
    assert client.get("/values/colour").status_code == 404


# --- claims -------------------------------------------------------------------------------------


def called(agent: Any) -> str:
    """What a page calls an agent."""
    return ARTICLE if agent["name"].startswith("Unnamed publisher") else agent["name"]


def texts_of(record: Any) -> Iterable[str]:
    """Every text of a record that a reader must find on its page."""
    yield record["statement"]
    yield record["id"]
    for quote in record["quotes"]:
        yield from (quote["text"], called(quote["speaker"]), quote["document"]["name"])
    for part in ("attribution", "content"):
        yield record["confidence"][part]["rationale"]
    for source in record["sources"]:
        yield from filter(None, (called(source["agent"]), source["cue"]))
    for group in ("topics", "actors", "addressees", "about", "places"):
        yield from (called(reference) for reference in record[group])
    yield from record["hedges"]
    for date in (*record["dates"].values(), (record["goal"] or {}).get("horizon")):
        if date is not None:
            yield date_words(date["edtf"])
            yield words.BASIS[date["basis"]]
            yield date["note"] or ""
    goal = record["goal"] or {}
    yield from filter(None, (goal.get("details"), goal.get("condition")))
    yield from (str(value) for value in (goal.get("target") or {}).values() if value is not None)
    for reading in record["alternatives"]:
        yield reading["rationale"]
        yield from (called(link["agent"]) for link in reading["sources"])
    for relation in record["relations"]:
        yield relation["rationale"]
    for place in record["evidence"]:
        yield words.locator_words(place["locator"] or "")
        yield f"{place['start']:,}–{place['end']:,}"
        yield place["sha256"]


@pytest.mark.parametrize("which", ["client", "sample_client"])
def test_the_page_of_a_claim_says_all_that_is_recorded(
    request: pytest.FixtureRequest, which: str
) -> None:
    client: FlaskClient = request.getfixturevalue(which)
    claims = client.get("/v1/claims?limit=100").json
    assert claims is not None
    statements = {each["id"]: each["statement"] for each in claims["data"]}
    reasons: dict[str, list[str]] = {identifier: [] for identifier in statements}
    for each in claims["data"]:
        for relation in each["relations"]:
            reasons[relation["claim"]].append(relation["rationale"])
    for record in claims["data"]:
        page = text_of(client, f"/claims/{record['id']}")
        for text in texts_of(record):
            assert text in page, f"{record['id']}: {text}"
        for other in (*record["relations"], *record["related_from"]):
            assert statements[other["claim"]] in page
        for reason in reasons[record["id"]]:
            assert reason in page, "the reason stands at both ends"
        assert claims["meta"]["dataset"]["version"] in page


@pytest.mark.parametrize("url", [None, "https://news.example.org/a?b=c&d=%22"])
@pytest.mark.parametrize("archived", [None, "https://archive.example.org/2023/a"])
def test_the_page_of_a_claim_leads_to_its_document(url: str | None, archived: str | None) -> None:
    data = samples.sample()
    for document in data["documents"]:
        document |= {"url": url, "archived_url": archived, "accessed": "2023-02-11"}
        document |= {"media_type": "application/pdf"}
    client = app_of(open_fixtures(Fixtures(data))).test_client()
    page = Elements(client.get(f"/claims/{samples.GOAL}").text)
    links = {link["href"] for link in page.named("a")}
    assert {url, archived} - {None} == {
        each for each in links if each.startswith(("https://news.", "https://archive."))
    }
    assert ("application/pdf" in page.text) is (url is not None)
    assert ("11 February 2023" in page.text) is (url is not None or archived is not None)


@pytest.mark.parametrize("status", ["active", "corrected", "retracted"])
def test_a_document_that_does_not_stand_marks_its_claims(status: str) -> None:
    """On their pages and cards, and in the API with each reference to the document."""
    data = samples.sample()
    note = {"date": "2023-02-11", "text": "Its publisher says why."}
    standing = {"status": status, "status_note": None if status == "active" else note}
    for document in data["documents"]:
        document.update(standing)
    client = app_of(open_fixtures(Fixtures(data))).test_client()
    page, listed = text_of(client, f"/claims/{samples.GOAL}"), text_of(client, "/")
    assert (note["text"] in page) is (status != "active")
    assert ("11 February 2023" in page) is (status != "active")
    for other in ("corrected", "retracted"):
        assert (other in page) is (other in listed) is (other == status)
    claim = client.get(f"/v1/claims/{samples.GOAL}").get_json()["data"]
    places = (*claim["evidence"], *claim["quotes"])
    assert {place["document"]["status"] for place in places} == {status}


@pytest.mark.parametrize("status", ["active", "corrected", "retracted"])
def test_a_document_that_does_not_stand_marks_its_claims_wherever_another_names_them(
    status: str,
) -> None:
    """In a comparison also those that are restated or related, and among relations of a claim."""
    here, there = records.OCCASIONS
    marked: dict[str, Any] = {
        "sources": records.chain(document=records.DOCUMENTS[1]),
        "evidence": [records.evidence(records.DOCUMENTS[1])],
    }
    restating = [records.relation("restates", records.claim_id(1))]
    continuing = [records.relation("continues", records.claim_id(1))]
    made = records.fixtures(
        [
            records.claim(1, occasion=here),
            records.claim(2, occasion=here, relations=restating, **marked),
            records.claim(3, occasion=there, relations=continuing, **marked),
        ]
    )
    note = {"date": "2023-02-11", "text": "Its publisher says why."}
    standing = {"status": status, "status_note": None if status == "active" else note}
    first, second, *others = made["documents"]
    data = Fixtures({**made, "documents": [first, {**second, **standing}, *others]})
    client = app_of(open_fixtures(data)).test_client()
    times = 0 if status == "active" else 3
    compared = text_of(client, f"/compare?from={here}&to={there}")
    assert compared.count("from a document") == compared.count(status) == times
    related = text_of(client, f"/claims/{records.claim_id(1)}")
    assert related.count(f"from a document {status}") == min(times, 2)


def test_a_place_in_a_recording_or_a_file_is_said_in_words() -> None:
    said = {"page=3": "page 3", "t=12.5": "at 12.5 seconds", "t=npt:10,20": "t=npt:10,20"}
    assert {locator: words.locator_words(locator) for locator in said} == said


def test_a_withdrawn_claim_shows_its_tombstone(worked_client: FlaskClient) -> None:
    changes = worked_client.get("/v1/claims/clm_x4t7m2dk/history").json
    assert changes is not None
    page = text_of(worked_client, "/claims/clm_x4t7m2dk", 410)
    assert changes["data"][-1]["reason"] in page
    assert "Withdrawn" in page


def test_a_superseded_claim_leads_to_what_replaced_it(worked_client: FlaskClient) -> None:
    reply = worked_client.get("/claims/clm_6w3h9pqe")
    assert (reply.status_code, reply.headers["Location"]) == (308, "/claims/clm_tch2savb")
    assert worked_client.get("/claims/clm_tch2savb").status_code == 200


def test_a_revised_claim_tells_its_revisions(worked_client: FlaskClient) -> None:
    changes = worked_client.get("/v1/claims/clm_b0qp991b/history").json
    assert changes is not None
    page = text_of(worked_client, "/claims/clm_b0qp991b")
    assert page.count("Revised") == 2
    for entry in changes["data"]:
        assert (entry["reason"] or "") in page


@pytest.mark.parametrize("path", ["/claims/clm_zzzzzzzz", "/claims/KCNA", "/claims/a%20b"])
def test_a_claim_that_never_was_has_a_page_that_says_so(client: FlaskClient, path: str) -> None:
    reply = client.get(path)
    assert (reply.status_code, reply.mimetype) == (404, "text/html")
    assert reply.headers["Cache-Control"] == "no-store"
    assert "There is no claim with this id." in reply.text


# --- two occasions ------------------------------------------------------------------------------


@pytest.mark.parametrize("pair", PAIRS)
def test_the_comparison_is_that_of_the_api_and_drops_no_topic(
    client: FlaskClient, pair: str
) -> None:
    answer = client.get(f"/v1/compare?{pair}").json
    assert answer is not None
    page = text_of(client, f"/compare?{pair}")
    absent = 0
    for row in answer["data"]:
        assert row["topic"]["name"] in page
        absent += [row[side]["record"] for side in ("from", "to")].count("absent")
        for relation in row["relations"]:
            assert relation["rationale"] in page
        for side in ("from", "to"):
            for each in row[side]["claims"]:
                assert each["statement"] in page
    assert page.count("Absent from the record") == absent
    assert answer["data"]


def test_unasked_the_two_latest_of_a_series_are_compared(client: FlaskClient) -> None:
    unasked, named = client.get("/compare"), client.get(f"/compare?{PAIRS[0]}")
    assert unasked.data == named.data
    assert client.get("/compare?from=wpk-plenary-2021-12").data == named.data, "one is not two"


# --- data that is hard to show ------------------------------------------------------------------

EVERYWHERE = ("/", "/goals", "/compare", "/values/topic", "/values/speaker", "/values/document")


@pytest.fixture(scope="module")
def hostile_client() -> FlaskClient:
    return app_of(store_of(hostile.data())).test_client()


@each_row(
    "path",
    [
        *EVERYWHERE,
        f"/claims/{samples.GOAL}",
        f"/claims/{samples.HEADLINE}",
        f"/claims/{samples.WITHDRAWN}",
        "/?q=%3Cscript%3Ealert(1)%3C/script%3E&limit=%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E",
        "/values/topic?find=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    ],
)
def test_no_text_becomes_markup(hostile_client: FlaskClient, path: str) -> None:
    page = Elements(hostile_client.get(path).text)
    kinds = {"module", "application/ld+json"}  # of which the second is data
    assert {script.get("type") for script in page.named("script")} <= kinds
    assert not page.named("img")
    for _, attributes in page.found:
        assert not any(name.startswith("on") for name in attributes)
    if path in EVERYWHERE and path != "/goals":
        assert "<script>" in page.text
        assert "{{ 7*7 }}" in page.text


def test_a_claim_is_shown_to_the_letter_whatever_it_says(hostile_client: FlaskClient) -> None:
    page = text_of(hostile_client, "/")
    for text in (hostile.MARKUP, hostile.ENDLESS, hostile.FROM_THE_RIGHT, hostile.EAST):
        assert text in page


@pytest.mark.parametrize("path", EVERYWHERE)
def test_an_empty_data_set_has_pages_too(path: str) -> None:
    nothing: samples.Data = {name: [] for name in samples.sample()}
    client = app_of(store_of(nothing)).test_client()
    page = text_of(client, path)
    assert "0 claims" in page or "no" in page.lower()


def test_a_claim_of_which_a_thousand_speak_keeps_its_page_short() -> None:
    data = samples.sample()
    supports = samples.relation("supports", samples.REPORT)
    more = [
        samples.claim(f"clm_0000{number}", samples.FIRST, relations=[supports])
        for number in range(1000, 1100)
    ]
    changes = [
        samples.change(len(data["changes"]) + 1 + place, each["id"])
        for place, each in enumerate(more)
    ]
    data["claims"] += more
    data["changes"] += changes
    client = app_of(store_of(data)).test_client()
    page = client.get(f"/claims/{samples.REPORT}").text
    assert page.count('class="phrase"') <= 24
    assert "relations more" in page


# --- scripts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in assets() if name.endswith(".js")])
def test_what_a_module_imports_is_there(client: FlaskClient, name: str) -> None:
    if name.startswith("swagger"):
        return
    script = assets()[name].content.decode()
    imported = re.findall(r'^import .* from "([^"]+)";$', script, re.MULTILINE)
    assert len(imported) == script.count("\nimport ") + script.startswith("import ")
    for address in imported:
        assert client.get(address).status_code == 200


def test_scripts_write_no_markup() -> None:
    """What the server escaped must not be undone."""
    for path in (Path(pages.__file__).parent / "static").glob("*.js"):
        script = path.read_text(encoding="utf-8")
        for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert way not in script, f"{path.name} uses {way}"


def test_the_sample_store_is_explored_too() -> None:
    view = explore(state_of("q=plan&horizon=2023"), sample_store())
    assert view["total"] == len(view["cards"])


@pytest.mark.parametrize("which", ["client", "sample_client"])
def test_the_page_of_a_claim_tells_who_and_what_it_names(
    request: pytest.FixtureRequest, which: str
) -> None:
    client: FlaskClient = request.getfixturevalue(which)
    told = set()
    for each in map(json.loads, client.get("/v1/claims.ndjson").text.splitlines()):
        shown = unescape(client.get(f"/claims/{each['id']}").text)
        listed = shown[shown.index('id="records"') :]
        named = {"agents": each["actors"], "topics": each["topics"], "places": each["places"]}
        named["occasions"] = [each["occasion"]] if each["occasion"] else []
        for vocabulary, references in named.items():
            for reference in references:
                record = client.get(f"/v1/{vocabulary}/{reference['id']}").get_json()["data"]
                for key in record.keys() & {"country", "identifiers", "codes", "part_of"}:
                    values = record[key] if isinstance(record[key], list) else [record[key]]
                    for value in filter(None, values):
                        words = value if key == "country" else value.get("name") or value.get("id")
                        assert (words or value["code"]) in listed, (each["id"], value)
                        told.add(key)
    assert told >= ({"country", "identifiers"} if which == "client" else {"country", "codes"})
