"""What the copy buttons put on the clipboard works where it is meant to be pasted."""

from __future__ import annotations

import shutil
import subprocess
import sys
from urllib.request import urlopen

import pytest

from tests.browser.chromium import Browser

ASKED = '/?q="new major goals"&topic=defence&limit=2'


@pytest.fixture
def page(browser: Browser) -> Browser:
    browser.tell(
        "Browser.grantPermissions",
        origin=browser.base,
        permissions=["clipboardReadWrite", "clipboardSanitizedWrite"],
    )
    browser.open(ASKED)
    return browser


def copied(browser: Browser, what: str) -> str:
    button = browser.find(f"button[data-copy={what}]")
    button.click()
    browser.until(lambda: "Copied" in (button.get_attribute("data-said") or ""))
    script = "navigator.clipboard.readText().then(arguments[0])"
    return str(browser.driver.execute_async_script(script))


def first_claim(browser: Browser) -> str:
    return browser.find(".list h3").get_attribute("id") or ""


def test_the_url_answers_with_the_claims_shown(page: Browser) -> None:
    url = copied(page, "url")
    assert url.startswith(f"{page.base}/v1/claims?")
    with urlopen(url) as answer:
        assert first_claim(page) in answer.read().decode()


def test_the_csv_link_is_a_csv_file(page: Browser) -> None:
    with urlopen(copied(page, "csv")) as answer:
        assert answer.headers.get_content_type() == "text/csv"
        assert first_claim(page) in answer.read().decode()


def test_the_curl_command_runs(page: Browser) -> None:
    command = copied(page, "curl")
    assert command.startswith("curl ")
    if shutil.which("curl") is None:
        pytest.skip("curl cannot be found")
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert first_claim(page) in done.stdout


def test_the_python_code_runs(page: Browser) -> None:
    """Of all pages of the result, though this page shows the first two claims."""
    page.open("/?q=military&topic=defence&limit=2")
    code = copied(page, "python") + "print(claims[0]['id'], len(claims), page['meta']['total'])\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, found, total = done.stdout.split()
    assert first == first_claim(page)
    assert 2 < int(found) == int(total)


def test_the_python_code_of_a_claim_runs(page: Browser) -> None:
    page.open("/claims/clm_b0qp991b")
    code = copied(page, "python") + "print(data['id'])\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "clm_b0qp991b"


def test_the_citation_names_the_claim_and_the_data_set(page: Browser) -> None:
    page.open("/claims/clm_b0qp991b")
    citation = copied(page, "citation")
    version = page.text(".bottom code")
    assert citation.startswith("“KCNA reported")
    assert "clm_b0qp991b" in citation
    assert version in citation
    assert f"{page.base}/claims/clm_b0qp991b (accessed 20" in citation


def test_a_reader_is_told_that_it_was_copied(page: Browser) -> None:
    copied(page, "url")
    assert page.run("return document.getElementById('status').textContent") == "Copied: URL"
