"""The reference of the API: what one came for is there at once."""

from __future__ import annotations

from service.app import create_app
from service.config import Config
from tests.browser.chromium import Browser
from tests.browser.conftest import served


def test_an_operation_is_within_the_first_screen_and_the_rest_opens_on_demand(
    browser: Browser,
) -> None:
    browser.size(1280, 800)
    browser.open("/docs")
    browser.until(lambda: browser.all(".opblock"), "the reference was never drawn")
    first = browser.all(".opblock")[0].rect
    assert first["y"] + first["height"] <= 800
    assert browser.text(".opblock").startswith("GET")
    assert not browser.find(".info h2").is_displayed()
    browser.find(".info summary").click()
    browser.until(lambda: browser.find(".info h2").is_displayed(), "it does not open")
    assert "date_match" in browser.text(".info")


def test_requests_go_to_the_host_of_the_page(browser: Browser) -> None:
    """Whatever public address is set: the policy of the page allows no other."""
    with served(
        create_app(Config(access_log=False, public_url="https://elsewhere.example"))
    ) as base:
        browser.base = base
        browser.open("/docs")
        browser.until(lambda: browser.all(".opblock"), "the reference was never drawn")
        browser.find("#operations-Claims-listClaims .opblock-summary-control").click()
        browser.until(lambda: browser.all(".execute"), "the operation does not open")
        browser.find(".execute").click()
        browser.until(lambda: browser.all(".request-url"), "nothing was asked")
        assert f"{base}/v1/claims" in browser.text(".request-url")
