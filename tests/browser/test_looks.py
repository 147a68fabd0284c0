"""Every page in both colour schemes and three widths: accessible, whole, quiet, light, our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.chromium import EXTREMES, SCHEMES, WIDTHS, Browser

ROOT = Path(__file__).resolve().parent.parent.parent
AXE = ROOT / ".ci" / "npm" / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = ROOT / ".artefacts" / "screens"

HEAVIEST = 150_000
"""Bytes that a page may take over the wire, with its style sheets and scripts."""

PAGES = {
    "explorer": "/",
    "explorer-filtered": "/?topic=defence&q=war#claims",
    "explorer-ignored": "/?topic=defence,No+Slug&limit=1000",
    "explorer-nothing": "/?topic=space&kind=goal",
    "explorer-offers": "/?q=what+was+announced+for+2024+war",
    "claim": "/claims/clm_b0qp991b",
    "claim-narrated": "/claims/clm_kbft73he",
    "compare": "/compare",
    "compare-absent": "/compare?from=wpk-plenary-2021-12&to=wpk-plenary-2023-12",
    "goals": "/goals",
    "topics": "/topics",
    "agents": "/agents",
    "documents-found": "/documents?find=military",
    "occasions": "/occasions",
    "places": "/places",
    "topic": "/topics/defence",
    "agent": "/agents/kim-jong-un",
    "article": "/agents/publisher-of-jb5kxzpf",
    "document": "/documents/doc_jb5kxzpf",
    "occasion": "/occasions/wpk-plenary-2022-12",
    "place": "/places/north-korea",
    "new": "/new?since=2026-11-28",
    "dataset": "/dataset",
    "values": "/values/actor",
    "values-found": "/values/actor?find=korea",
    "codebook": "/codebook",
    "problem": "/problems/invalid-parameter",
    "docs": "/docs",
}
REFUSED = {
    "withdrawn": ("retired_site", "/claims/clm_x4t7m2dk"),
    "revised": ("retired_site", "/claims/clm_b0qp991b"),
    "missing": ("site", "/claims/clm_zzzzzzzz"),
    "nowhere": ("site", "/nowhere"),
    "hostile-document": ("hostile_site", "/documents"),
    "hostile-agents": ("hostile_site", "/agents"),
    "unavailable": ("empty_site", "/"),
    "hostile": ("hostile_site", "/"),
    "hostile-claim": ("hostile_site", "/claims/clm_0000000a"),
    "hostile-compare": ("hostile_site", "/compare"),
}

RUN_AXE = """
const done = arguments[0];
const closed = document.querySelectorAll("details:not([open])");
closed.forEach((each) => { each.open = true; });
axe.run(document).then(({ violations }) => {
  closed.forEach((each) => { each.open = false; });
  done(violations.map(({ id, help, nodes }) =>
    `${id}: ${help}: ${nodes.map((n) => n.html).slice(0, 3).join(" | ")}`));
});
"""
SMALL = """
const exempt = (each) => {
  const line = each.parentElement.closest("p, dd, li, h2, td, span, figcaption, cite");
  return getComputedStyle(each).display === "inline" && line &&
    line.textContent.trim().length > each.textContent.trim().length;
};
return [...document.querySelectorAll("a[href], button, input, select, summary")]
  .filter((each) => each.checkVisibility() && !each.closest(".skip, .sr"))
  .map((each) => [each, (each.closest("label") ?? each).getBoundingClientRect()])
  .filter(([each, box]) => (box.width < 24 || box.height < 24) && !exempt(each))
  .slice(0, 8)
  .map(([each, box]) => `${box.width}x${box.height} ${each.outerHTML.slice(0, 120)}`);
"""
"""What is smaller than 24 px either way, but for links within a sentence (WCAG 2.2, 2.5.8)."""
TOO_WIDE = """
const width = document.documentElement.clientWidth;
return [...document.querySelectorAll("body *")].filter((each) =>
  each.getBoundingClientRect().right > width + 1 && !each.closest(".scroll, .sr, .skip, svg, pre"))
  .slice(0, 5).map((each) => each.outerHTML.slice(0, 120));
"""


def ready(browser: Browser, path: str) -> None:
    browser.open(path)
    if path == "/docs":
        browser.until(lambda: browser.all(".opblock"), "the reference was never drawn")


def violations(browser: Browser) -> list[str]:
    if not AXE.is_file():
        pytest.fail("axe-core is not installed: make browser")
    if not browser.run("return Boolean(window.axe)"):
        browser.run(AXE.read_text(encoding="utf-8"))
    found: list[str] = browser.driver.execute_async_script(RUN_AXE)
    return found


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_page_fits_every_window_and_axe_finds_nothing(
    browser: Browser, name: str, scheme: str
) -> None:
    """And its pictures are kept, to be looked at."""
    browser.scheme(scheme)
    browser.size(WIDTHS[0])
    ready(browser, PAGES[name])
    for width in (*WIDTHS, *EXTREMES):
        browser.size(width)
        assert browser.run(TOO_WIDE) == [], f"at {width} px"
        assert browser.run("return document.documentElement.scrollWidth") <= width
        if width in WIDTHS:
            browser.picture(PICTURES / f"{name}-{width}-{scheme}.png")
            assert violations(browser) == [], f"at {width} px"
            assert name == "docs" or browser.run(SMALL) == [], f"at {width} px"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_silent_light_and_asks_nobody_else(browser: Browser, name: str) -> None:
    ready(browser, PAGES[name])
    browser.until(lambda: browser.run("return document.readyState") == "complete")
    assert browser.messages() == []
    transfers = browser.transfers()
    assert transfers
    for transfer in transfers:
        assert transfer.url.startswith(f"{browser.base}/"), transfer.url
    if name != "docs":  # Swagger UI alone is ten times that
        assert sum(transfer.size for transfer in transfers) < HEAVIEST


def test_using_the_explorer_is_silent_and_asks_nobody_else(browser: Browser) -> None:
    browser.open("/")
    browser.find("#topic-economy").click()
    browser.until_found("11 of 61 claims")
    browser.find("#q").send_keys("farm")
    browser.until_found("1 of 61 claims")
    browser.driver.back()
    browser.until_found("11 of 61 claims")
    assert browser.messages() == []
    transfers = browser.transfers()
    assert all(transfer.url.startswith(f"{browser.base}/") for transfer in transfers)
    assert sum(transfer.size for transfer in transfers) < HEAVIEST


@pytest.mark.parametrize("path", ["/?topic=defence", "/?q=war&kind=directive", "/?goals_only=true"])
def test_the_first_result_is_in_sight_on_a_telephone(browser: Browser, path: str) -> None:
    browser.size(390)
    browser.open(path)
    first = browser.find(".claim").location["y"]
    assert first < 900
    browser.scripts(on=False)
    browser.open(path)
    assert browser.find(".claim").location["y"] < 900, "without scripts too"


def test_the_first_screen_says_what_it_is_about_and_shows_claims(browser: Browser) -> None:
    browser.open("/")
    parts = ("h1", ".masthead .lead", "#q", ".claim h3", "#matrix-title")
    assert all(browser.find(part).location["y"] < 600 for part in parts)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_scheme_has_its_own_paper(browser: Browser, scheme: str) -> None:
    browser.scheme(scheme)
    browser.open("/")
    paper = browser.run("return getComputedStyle(document.body).backgroundColor")
    light = sum(int(part) for part in paper.strip("rgb()").split(",")) > 3 * 128
    assert light == (scheme == "light")


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("width", [360, 1024])
def test_pages_for_the_worst_of_cases_are_whole_too(
    browser: Browser, name: str, width: int, request: pytest.FixtureRequest
) -> None:
    """Tombstones, nothing there, no data, texts that mean to break the page."""
    site, path = REFUSED[name]
    browser.base = request.getfixturevalue(site)
    browser.size(width)
    browser.open(path)
    assert browser.driver.title != "broken"
    assert browser.run(TOO_WIDE) == []
    assert violations(browser) == []
    browser.picture(PICTURES / f"{name}-{width}-light.png")


def test_a_claim_prints_as_evidence_alone(browser: Browser) -> None:
    browser.open("/claims/clm_b0qp991b")
    browser.tell("Emulation.setEmulatedMedia", media="print")
    try:
        assert browser.find("#citation").is_displayed()
        assert not browser.find(".top nav").is_displayed()
        assert not browser.find(".request").is_displayed()
        browser.picture(PICTURES / "claim-print.png")
    finally:
        browser.tell("Emulation.setEmulatedMedia", media="")
