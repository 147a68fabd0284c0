"""A page of another site asks the service from Chromium, with the headers that pages send."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from service.app import create_app
from service.config import Config
from tests.browser.chromium import Browser, missing
from tests.live import Service, served
from tests.wire import shipped_store

pytestmark = pytest.mark.strangers

HEADERS = {
    "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "tracestate": "vendor=1",
    "baggage": "user=1",
    "Content-Type": "application/json",
    "Authorization": "Bearer of-a-library",
    "X-Requested-With": "XMLHttpRequest",
    "X-Request-ID": "of-a-page",
    "Cache-Control": "no-cache",
    "If-None-Match": '"of-yesterday"',
    "Range": "bytes=0-9",
    "Prefer": "return=minimal",
}
"""As OpenTelemetry, Sentry, axios, swagger-typescript-api and jQuery send them unasked."""
FETCH = """
const [url, headers, done] = arguments;
fetch(url, {headers}).then(async (answer) => done({
  status: answer.status, length: (await answer.text()).length,
  seen: ["ETag", "Link", "Dataset-Version", "X-Request-ID"].filter((n) => answer.headers.has(n)),
}), (error) => done({error: String(error)}));
"""


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with served(create_app(Config(access_log=False), shipped_store())) as found:
        yield found


@pytest.fixture(scope="module")
def page() -> Iterator[Browser]:
    """A page that another server gave."""
    if absent := " and no ".join(missing()):
        pytest.skip(f"NOT CHECKED: pages of other sites, since there is no {absent}")
    elsewhere = Flask(__name__)
    elsewhere.add_url_rule("/", "page", lambda: "<!doctype html><title>Elsewhere</title>")
    browser = Browser()
    try:
        with served(elsewhere) as site:
            browser.driver.get(site.url)
            yield browser
    finally:
        browser.close()


def fetch(page: Browser, url: str, headers: dict[str, str]) -> Any:
    page.driver.set_script_timeout(20)
    return page.driver.execute_async_script(FETCH, url, headers)


@pytest.mark.parametrize("name", [*HEADERS, "all of them"])
def test_a_page_of_another_site_may_send_a_usual_header(
    name: str, page: Browser, service: Service
) -> None:
    headers = {name: HEADERS[name]} if name in HEADERS else HEADERS
    found = fetch(page, f"{service.url}/v1/claims?kind=goal", headers)
    assert found.get("status") == 200, found
    assert found["length"] > 1000
    assert {"ETag", "Dataset-Version", "X-Request-ID"} <= set(found["seen"])


def test_a_page_of_another_site_reads_a_refusal(page: Browser, service: Service) -> None:
    found = fetch(page, f"{service.url}/v1/claims?kind=nonsense", HEADERS)
    assert found.get("status") == 400, found
    assert found["length"] > 100


def test_a_page_of_another_site_reads_a_part_of_an_export(page: Browser, service: Service) -> None:
    found = fetch(page, f"{service.url}/v1/claims.csv", {"Range": "bytes=0-9"})
    assert (found.get("status"), found.get("length")) == (206, 10), found
