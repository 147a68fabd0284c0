"""Everything is reached and done with the keyboard alone, and one sees where one is."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.browser.chromium import Browser

FOCUS = """
const at = document.activeElement, style = getComputedStyle(at);
return [at.tagName, at.id || at.textContent.trim().slice(0, 40),
        style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        at.getBoundingClientRect().width > 0];
"""


def press(browser: Browser, *keys: str) -> None:
    for key in keys:
        ActionChains(browser.driver).send_keys(key).perform()


def focused(browser: Browser) -> str:
    return str(browser.run("return document.activeElement.id"))


def tab_to(browser: Browser, identifier: str, most: int = 200) -> None:
    for _ in range(most):
        if focused(browser) == identifier:
            return
        press(browser, Keys.TAB)
    raise AssertionError(f"{identifier} is not reached with {most} tabs")


def test_the_first_stop_skips_to_the_content(browser: Browser) -> None:
    browser.open("/")
    press(browser, Keys.TAB)
    assert browser.run("return document.activeElement.className") == "skip"
    assert browser.find(".skip").location["x"] >= 0
    press(browser, Keys.ENTER)
    assert browser.address == "/#content"
    press(browser, Keys.TAB)
    assert browser.run("return document.getElementById('content').contains(document.activeElement)")


def test_the_search_is_reached_within_ten_stops(browser: Browser) -> None:
    for width in (390, 1280):
        browser.size(width)
        for path in ("/", "/?topic=defence"):
            browser.open(path)
            tab_to(browser, "q", 10)


def test_a_filter_is_set_and_a_card_opened_by_keys(browser: Browser) -> None:
    browser.open("/")
    tab_to(browser, "topic-economy")
    press(browser, Keys.SPACE)
    browser.until_found("11 of 61 claims")
    assert focused(browser) == "topic-economy", "one goes on from where one was"
    for _ in range(80):
        press(browser, Keys.TAB)
        if browser.run("return document.activeElement.matches('.claim summary')"):
            break
    press(browser, Keys.ENTER)
    assert browser.run("return document.activeElement.parentElement.open")


@pytest.mark.parametrize("path", ["/", "/claims/clm_b0qp991b", "/compare", "/values/actor"])
def test_every_stop_shows_where_one_is(browser: Browser, path: str) -> None:
    browser.open(path)
    stops = []
    for _ in range(70):
        press(browser, Keys.TAB)
        tag, name, outlined, there = browser.run(FOCUS)
        if tag == "BODY":
            break
        stops.append((tag, name))
        assert outlined, f"{tag} {name} shows no outline"
        assert there, f"{tag} {name} has no room"
    assert len(set(stops)) > 8


def test_a_search_is_put_with_enter_at_once(browser: Browser) -> None:
    browser.open("/")
    tab_to(browser, "q")
    press(browser, *"famine", Keys.ENTER)
    browser.until(lambda: browser.query == "q=famine")
    assert focused(browser) == "q"
