"""Filters, search, addresses and the back button, without a page being loaded anew."""

from __future__ import annotations

import json
import time
from urllib.request import urlopen

import pytest

from tests.browser.chromium import Browser

ALL = "61 claims"
"""What the heading says where nothing narrows the claims."""


def stay(browser: Browser) -> None:
    """Marks the page, so that one can tell whether it was loaded anew."""
    browser.run("window.stayed = true")


def stayed(browser: Browser) -> bool:
    return browser.run("return window.stayed === true") is True


def shown(browser: Browser) -> list[str]:
    script = "return [...document.querySelectorAll('.list h3')].map((claim) => claim.id)"
    found: list[str] = browser.run(script)
    return found


def from_api(browser: Browser, address: str) -> list[str]:
    with urlopen(browser.base + address) as answer:
        return [claim["id"] for claim in json.load(answer)["data"]]


def until_shown(browser: Browser, query: str) -> None:
    """Waits for as many claims as the API counts, under the address that says so."""
    with urlopen(f"{browser.base}/v1/claims?{query}") as answer:
        total = json.load(answer)["meta"]["total"]
    browser.until_found(f"{total} of {ALL}")
    assert browser.query == query


def test_a_filter_narrows_the_claims_and_the_address_says_so(browser: Browser) -> None:
    browser.open("/")
    stay(browser)
    browser.find("#topic-economy").click()
    until_shown(browser, "topic=economy")
    assert browser.find("#topic-economy").is_selected()
    assert browser.run("return document.activeElement.id") == "topic-economy"
    browser.find("#kind-event").click()
    until_shown(browser, "kind=event&topic=economy")
    browser.find("#topic-defence").click()
    until_shown(browser, "kind=event&topic=defence,economy")
    browser.find("#topic-economy").click()
    until_shown(browser, "kind=event&topic=defence")
    assert stayed(browser)


@pytest.mark.parametrize(
    "query",
    [
        "topic=economy",
        "q=drones",
        "kind=directive,goal&sort=announced",
        "horizon=2023",
        "goals_only=true&distinct=true",
        "announced_from=2023-01-01&date_match=certain",
        "min_attribution=85&min_content=70&speaker=kcna",
        "occasion=wpk-plenary-2022-12&limit=3",
        "document=doc_jb5kxzpf&attribution=narrator&sort=-content",
        "id=clm_b0qp991b,clm_tch2savb",
    ],
)
def test_a_deep_link_shows_what_the_api_answers(browser: Browser, query: str) -> None:
    browser.open(f"/?{query}")
    assert shown(browser) == from_api(browser, f"/v1/claims?{query}")
    link = browser.find("#request .line a").get_attribute("href") or ""
    assert sorted(link.partition("?")[2].split("&")) == sorted(query.split("&"))


def test_search_as_one_types_waits_for_a_pause_and_keeps_the_caret(browser: Browser) -> None:
    browser.open("/")
    stay(browser)
    for key in "drones":
        browser.find("#q").send_keys(key)
    browser.until(lambda: browser.query == "q=drones")
    browser.until_found(f"{len(from_api(browser, '/v1/claims?q=drones'))} of {ALL}")
    assert browser.run("return document.activeElement.id") == "q"
    browser.find("#q").send_keys(" north")
    browser.until(lambda: browser.query == "q=drones+north")
    assert browser.find("#q").get_attribute("value") == "drones north"
    assert browser.find("#sort option:checked").text == "Best match first"
    browser.driver.back()  # a search is one step, however many keys it took
    browser.until_found(ALL)
    assert browser.find("#q").get_attribute("value") == ""
    assert stayed(browser)


def test_what_is_typed_while_an_answer_is_under_way_is_not_lost(browser: Browser) -> None:
    browser.open("/")
    slow = {"offline": False, "latency": 500, "downloadThroughput": -1, "uploadThroughput": -1}
    browser.tell("Network.emulateNetworkConditions", **slow)
    try:
        browser.find("#q").send_keys("mil")
        browser.until(lambda: browser.query == "q=mil")
        time.sleep(0.35)  # the answer comes between these keys and the question they lead to
        browser.find("#q").send_keys("itary")
        browser.until(lambda: browser.query == "q=military")
        until_shown(browser, "q=military")
        assert browser.find("#q").get_attribute("value") == "military"
    finally:
        browser.tell("Network.emulateNetworkConditions", **{**slow, "latency": 0})


def test_back_and_forward_lead_through_what_was_asked(browser: Browser) -> None:
    browser.open("/?kind=goal")
    stay(browser)
    browser.find("#topic-defence").click()
    until_shown(browser, "kind=goal&topic=defence")
    browser.find("#goals_only").click()
    until_shown(browser, "goals_only=true&kind=goal&topic=defence")
    browser.driver.back()
    browser.until(lambda: not browser.find("#goals_only").is_selected())
    until_shown(browser, "kind=goal&topic=defence")
    browser.driver.back()
    until_shown(browser, "kind=goal")
    assert browser.find("#kind-goal").is_selected()
    assert not browser.find("#topic-defence").is_selected()
    browser.driver.forward()
    until_shown(browser, "kind=goal&topic=defence")
    assert browser.find("#topic-defence").is_selected()
    assert stayed(browser)


def test_a_cell_of_the_table_leads_to_its_goals(browser: Browser) -> None:
    browser.open("/")
    stay(browser)
    row = next(r for r in browser.all(".matrix tbody tr") if r.text.startswith("Defence"))
    cell = row.find_element("css selector", "td a")
    assert cell.text.endswith("1")
    cell.click()
    until_shown(browser, "distinct=true&goals_only=true&horizon=2023&topic=defence")
    browser.until(lambda: browser.run("return document.activeElement.id") == "found")
    top = browser.run("return document.getElementById('claims').getBoundingClientRect().top")
    assert abs(top) < 100, "the claims are in sight"
    assert stayed(browser)


def test_a_filter_in_use_can_be_taken_away(browser: Browser) -> None:
    browser.open("/?topic=nuclear,space&q=missile")
    labels = [one.text.strip() for one in browser.all(".applied a")]
    assert labels[-1] == "Clear all"
    assert len(labels) == 4
    next(a for a in browser.all(".applied a") if "missile" in a.text).click()
    until_shown(browser, "topic=nuclear,space")
    assert browser.find("#q").get_attribute("value") == ""
    browser.find(".applied .all").click()
    browser.until_found(ALL)
    assert browser.query == ""


def test_order_and_pages(browser: Browser) -> None:
    browser.open("/")
    browser.find("#sort option[value='-content']").click()
    first = from_api(browser, "/v1/claims?sort=-content")
    browser.until(lambda: shown(browser) == first)
    assert browser.query == "sort=-content"
    browser.find(".pages a[rel=next]").click()
    browser.until(lambda: "cursor=" in browser.query)
    browser.until(lambda: shown(browser) != first)
    assert not set(first) & set(shown(browser))
    browser.find(".pages a").click()
    browser.until(lambda: shown(browser) == first)


def test_a_value_that_has_no_room_is_found_by_its_name(browser: Browser) -> None:
    browser.open("/")
    browser.find("#facet-actor > summary").click()
    browser.find("#find-actor-text").send_keys("experts")
    browser.until(lambda: len(browser.all("#facet-actor .choices li")) == 1)
    browser.find("#facet-actor .choices input").click()
    until_shown(browser, "actor=global-experts-2023")


def test_values_of_a_very_large_data_set_are_counted_when_asked_for(
    browser: Browser, large_site: str
) -> None:
    browser.base = large_site
    browser.open("/?kind=event&limit=7")
    assert not browser.all("#facet-speaker .choices li")
    browser.find("#facet-speaker > summary").click()
    browser.until(lambda: len(browser.all("#facet-speaker .choices li")) > 3)
    assert browser.find("#facet-speaker .choices .n").text.isdigit()


def test_what_the_reader_opened_stays_open(browser: Browser) -> None:
    browser.open("/")
    browser.find("#facet-speaker > summary").click()
    details = browser.all(".claim details")[0]
    browser.find("#speaker-kcna").click()
    browser.until(lambda: "speaker=kcna" in browser.query)
    assert browser.find("#facet-speaker").get_attribute("open") is not None
    assert details is not None


def test_without_scripts_the_form_asks_by_itself(browser: Browser) -> None:
    browser.scripts(on=False)
    browser.size(800)
    browser.open("/")
    assert len(shown(browser)) == 25
    assert len(browser.all(".matrix td a")) >= 7
    browser.find("#filters > summary").click()
    browser.find("#topic-economy").click()
    browser.find("#topic-defence").click()
    browser.find("#ask .submit button").click()
    browser.until(lambda: "topic=defence&topic=economy" in browser.address)
    assert shown(browser) == from_api(browser, "/v1/claims?topic=defence,economy")
    assert browser.find("#topic-economy").is_selected()
    assert browser.address.endswith("#claims")
    assert not browser.find("#request .copies").is_displayed()


def test_a_service_that_cannot_be_reached_is_said_and_nothing_is_lost(browser: Browser) -> None:
    browser.open("/")
    browser.tell("Network.setBlockedURLs", urls=["*topic=economy*"])
    try:
        browser.find("#topic-economy").click()
        browser.until(
            lambda: (
                "could not be reached"
                in browser.run("return document.getElementById('status').textContent")
            )
        )
        assert len(shown(browser)) == 25
    finally:
        browser.tell("Network.setBlockedURLs", urls=[])
    browser.messages()
