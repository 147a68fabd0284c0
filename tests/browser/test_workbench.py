"""The workbench in a real Chromium: by keys alone, to the character, whole and quick."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys

from service.curation.workbench.lock import ReadingLock
from service.curation.workbench.opening import open_settlement
from service.curation.workbench.session import ReadingSession
from service.curation.workbench.views import create_settling
from tests.browser.chromium import SCHEMES, Browser
from tests.browser.desk import CURRENT, Person, opened, serving
from tests.browser.test_looks import PICTURES, TOO_WIDE, violations
from tests.reading_desk import TEXT, claim_of, make_set
from tests.test_settling import TEXT as SETTLED
from tests.test_settling import of_bob, read_by

QUICK = 100
"""Milliseconds within which the page answers a key."""


@pytest.fixture
def desk(tmp_path: Path, browser: Browser) -> Iterator[ReadingSession]:
    """The workbench on a small document, open in the browser."""
    with opened(tmp_path, make_set(tmp_path)) as (address, session):
        show(browser, address)
        yield session
        browser.driver.get("about:blank")


@pytest.fixture
def person(browser: Browser, desk: ReadingSession) -> Person:
    return Person(browser)


def show(browser: Browser, address: str) -> None:
    browser.base = address
    browser.size(1440)
    browser.open("")
    browser.until(lambda: browser.run("return 'ready' in document.body.dataset"))


def on_disk(session: ReadingSession) -> list[dict[str, Any]]:
    units: list[dict[str, Any]] = json.loads(session.path.read_text("utf-8"))["units"]
    return units


def words(unit: dict[str, Any]) -> str:
    return TEXT[unit["start"] : unit["end"]]


def current(browser: Browser) -> str:
    return str(browser.run(CURRENT))


def until_saved(browser: Browser) -> None:
    browser.until(lambda: browser.text("#saved") == "Saved", browser.text("#problem"))


# To the character.


def test_the_text_is_shown_to_the_character(browser: Browser, desk: ReadingSession) -> None:
    assert browser.run("return document.getElementById('text').textContent") == TEXT


@pytest.mark.parametrize(
    "passage",
    [
        "director, Zoë Mårtens 🏗️",
        "cranes 🏗🏗",
        "🏗🏗” by 2030.",
        "הנמל ייפתח מחדש.",
        "te\u0301xt",
        "2030\r\n\r\nHARBOURTON",
    ],
)
def test_a_selection_is_counted_in_code_points(
    browser: Browser, desk: ReadingSession, person: Person, passage: str
) -> None:
    """As a mouse selects it, by places in text nodes, and as ``c`` makes a claim of it."""
    at = TEXT.index(passage)
    browser.run(
        """
        const wanted = arguments[0], root = document.getElementById("text");
        const at = root.textContent.indexOf(wanted), ends = [at, at + wanted.length];
        const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
        const range = document.createRange();
        for (let node, past = 0; (node = walker.nextNode()); past += node.data.length) {
          const inside = (place) => past <= place && place <= past + node.data.length;
          if (inside(ends[0])) range.setStart(node, ends[0] - past);
          if (inside(ends[1])) { range.setEnd(node, ends[1] - past); break; }
        }
        getSelection().removeAllRanges();
        getSelection().addRange(range);
        """,
        passage,
    )
    person.press("c")
    span = (at, at + len(passage))
    browser.until(
        lambda: span in [(u["start"], u["end"]) for u in on_disk(desk)], str(on_disk(desk))
    )
    browser.until(lambda: current(browser) == passage)


def test_words_are_selected_by_keys(browser: Browser, person: Person) -> None:
    person.press("j")
    browser.until(lambda: current(browser).startswith("HARBOURTON"))
    person.press(Keys.ARROW_RIGHT)
    assert person.selected == "HARBOURTON"
    person.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert person.selected == "port"
    person.chord(Keys.SHIFT, Keys.ARROW_RIGHT)
    person.chord(Keys.SHIFT, Keys.ARROW_RIGHT)
    assert person.selected == "port director, Zoë"
    person.chord(Keys.CONTROL, Keys.SHIFT, Keys.ARROW_LEFT)
    assert person.selected == "port director, Zo"
    person.press(Keys.ARROW_LEFT)
    assert person.selected == "The"


# What the keys do.


def test_a_passage_is_split_and_put_together_again(
    browser: Browser, desk: ReadingSession, person: Person
) -> None:
    before = on_disk(desk)
    person.press("j", *[Keys.ARROW_RIGHT] * 12, "s")
    browser.until(lambda: len(on_disk(desk)) == len(before) + 1)
    halves = [words(unit) for unit in on_disk(desk)][1:3]
    assert halves[0].startswith("HARBOURTON")
    assert halves[0].endswith("that the")
    assert halves[1].startswith("port “will buy")
    person.press("u")
    browser.until(lambda: on_disk(desk) == before)


def test_a_claim_of_a_selection_leaves_the_rest_to_do(
    browser: Browser, desk: ReadingSession, person: Person
) -> None:
    person.press(Keys.ARROW_RIGHT)
    person.chord(Keys.SHIFT, Keys.ARROW_RIGHT)
    person.chord(Keys.SHIFT, Keys.ARROW_RIGHT)
    person.press("c")
    browser.until(lambda: next(words(u) for u in on_disk(desk)) == "Port to double")
    assert [words(unit) for unit in on_disk(desk)][1] == "its cranes by 2030"
    assert person.focused == "statement"


def test_no_claim_has_a_reason(browser: Browser, desk: ReadingSession, person: Person) -> None:
    person.press("x")
    browser.until(lambda: browser.find("#why").is_displayed())
    person.press("s")
    browser.until(lambda: on_disk(desk)[0]["why"] == "said_elsewhere")
    assert on_disk(desk)[0]["decision"] == "none"
    browser.until(lambda: current(browser) != "Port to double its cranes by 2030")
    assert browser.text("#count").startswith("1 of")


# Nothing is lost.


def test_what_is_typed_is_saved_without_being_kept(
    browser: Browser, desk: ReadingSession, person: Person
) -> None:
    person.press(Keys.ENTER)
    person.write("The port plans")
    until_saved(browser)
    assert on_disk(desk)[0]["claim"]["statement"] == "The port plans"
    person.press(Keys.ESCAPE, "j")
    browser.until(lambda: not current(browser).startswith("Port"))
    browser.open("")
    browser.until(lambda: browser.run("return 'ready' in document.body.dataset"))
    assert browser.find("textarea").get_attribute("value") == "The port plans"


def test_a_closed_page_loses_nothing_that_is_typed(
    browser: Browser, desk: ReadingSession, person: Person
) -> None:
    """Closed the moment the last letter is there, before anything is saved by itself."""
    person.press(Keys.ENTER)
    person.write("The port plans")
    assert browser.text("#saved") == "Not saved yet"
    browser.driver.get("about:blank")
    browser.until(
        lambda: (on_disk(desk)[0]["claim"] or {}).get("statement") == "The port plans",
        str(on_disk(desk)[0]),
    )


def test_a_reading_that_cannot_be_finished_is_saved_all_the_same(
    browser: Browser, desk: ReadingSession, person: Person
) -> None:
    person.press(Keys.ENTER)
    person.write("The port plans")
    browser.find("#finish").click()
    browser.until(lambda: "Shift and j" in browser.text("#problem"))
    assert browser.text("#saved") == "Saved"
    assert on_disk(desk)[0]["claim"]["statement"] == "The port plans"
    browser.messages()


def test_a_killed_server_loses_nothing_that_is_typed(
    browser: Browser, tmp_path: Path, desk: ReadingSession, person: Person
) -> None:
    browser.tell("Network.setBlockedURLs", urls=["*/units", "*/check"])
    try:
        person.press(Keys.ENTER)
        person.write("The port plans more.")
        browser.until(lambda: "does not answer" in browser.text("#problem"))
        assert browser.find("textarea").get_attribute("value") == "The port plans more."
    finally:
        browser.tell("Network.setBlockedURLs", urls=[])
    person.write(" And more.")
    until_saved(browser)
    assert not browser.find("#problem").is_displayed()
    assert on_disk(desk)[0]["claim"]["statement"] == "The port plans more. And more."
    browser.messages()


def test_two_windows_keep_both(browser: Browser, desk: ReadingSession, person: Person) -> None:
    person.press(Keys.ENTER)
    unit = desk.units()[0]
    other = {**unit, "claim": {"statement": "Of another window."}}
    desk.splice([other.pop("tag")], [other])
    person.write("Of this window.")
    until_saved(browser)
    statements = [u["claim"]["statement"] for u in on_disk(desk)[:2]]
    assert statements == ["Of another window.", "Of this window."]
    browser.messages()


# How it looks, sounds and feels.


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [360, 1024, 1440])
def test_axe_finds_nothing(browser: Browser, desk: ReadingSession, scheme: str, width: int) -> None:
    person = Person(browser)
    browser.scheme(scheme)
    browser.size(width)
    unit = desk.units()[0]
    kept = {**unit, "decision": "claim", "claim": claim_of(unit)}
    proposed = {
        "written": {},
        "filled": {"addressees": []},
        "offered": {"kind": "goal", "fidelity": "mixed"},
        "ranked": {"topics": ["ports"], "actors": ["zoe-martens", "harbour-post"]},
    }
    offered = {**desk.units()[1], "proposed": proposed}
    desk.splice([kept.pop("tag")], [kept])
    desk.splice([offered.pop("tag")], [offered])
    browser.open("")
    browser.until(lambda: browser.run("return 'ready' in document.body.dataset"))
    assert violations(browser) == []
    person.press("j")
    browser.run("document.querySelector(\"[aria-label='Actors']\").focus()")
    person.settled()
    browser.picture(PICTURES / f"workbench-{width}-{scheme}.png", whole=False)
    assert violations(browser) == []
    assert browser.run(TOO_WIDE) == []
    person.press(Keys.ESCAPE, "?")
    assert violations(browser) == []
    browser.picture(PICTURES / f"workbench-keys-{width}-{scheme}.png", whole=False)
    assert browser.messages() == []


def test_what_is_typed_at_once_goes_into_a_field(
    browser: Browser, desk: ReadingSession, person: Person
) -> None:
    """Whether or not it is known yet what is to do: letters in the text are commands."""
    browser.tell("Network.setBlockedURLs", urls=["*/check"])
    try:
        show(browser, browser.base)
        person.press(Keys.ENTER)
        person.write("In this window.")
        until_saved(browser)
    finally:
        browser.tell("Network.setBlockedURLs", urls=[])
        browser.messages()
    assert on_disk(desk)[0]["claim"]["statement"] == "In this window."


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("s", "Put the cursor where the second part begins"),
        ("e", "Select the words of this claim first"),
        ("h", "Select the hedging words first"),
        ("k", "This is the first passage"),
        ("u", "There is nothing to undo"),
    ],
)
def test_a_key_that_can_do_nothing_says_so_to_those_who_look(
    browser: Browser, person: Person, key: str, said: str
) -> None:
    person.press(key)
    browser.until(lambda: said in browser.text("#status"))
    assert browser.find("#status").rect["height"] > 20
    person.press("j")
    browser.until(lambda: browser.text("#status").startswith("Passage 2"))
    assert browser.find("#status").rect["height"] < 2  # it is heard, and seen in the text


def test_what_can_be_picked_is_in_sight(
    browser: Browser, desk: ReadingSession, person: Person
) -> None:
    """Of every field, however far down it is, and however low the window."""
    browser.size(1280, 420)
    for label in ("Actors", "Addressees", "About"):
        browser.run(f"document.querySelector(\"[aria-label='{label}']\").focus()")
        person.write("o")
        lowest, end = browser.run(
            "const of = (each) => document.querySelector(each).getBoundingClientRect().bottom;"
            "return [of('.options:not([hidden])'), of('#claim')]"
        )
        assert lowest <= end, label


def test_the_page_asks_nobody_else(browser: Browser, desk: ReadingSession) -> None:
    assert all(each.url.startswith(browser.base) for each in browser.transfers())
    assert browser.messages() == []


def test_single_keys_can_be_turned_off(
    browser: Browser, desk: ReadingSession, person: Person
) -> None:
    person.press("?")
    browser.find("#single-keys").click()
    person.press(Keys.ESCAPE, "j")
    assert current(browser).startswith("Port")
    person.press("?")
    assert not browser.find("#help").is_displayed()
    browser.find("#help-button").click()
    browser.find("#single-keys").click()
    person.press(Keys.ESCAPE, "j")
    browser.until(lambda: not current(browser).startswith("Port"))


TIMES = """
const [key, done] = arguments;
const began = performance.now();
const target = document.activeElement;
target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
const wait = () => requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
wait();
"""


@pytest.mark.parametrize("broken", [True, False])
def test_a_long_document_answers_each_key_at_once(
    browser: Browser, tmp_path: Path, broken: bool
) -> None:
    """100,000 characters and 500 passages, in paragraphs and in a single one."""
    sentence = (
        "The minister said that the port 🏗 “would be open again” by the summer of {}, and no "
    )
    sentence += (
        "later; nobody else who was asked about it wanted to say so in public, since the plan "
    )
    sentence += "is not decided yet, they said."
    parts = [sentence.format(2027 + n % 9) for n in range(500)]
    text = ("\n\n" if broken else " ").join(parts)
    assert len(text) >= 100_000
    times: dict[str, list[float]] = {}
    with opened(tmp_path, make_set(tmp_path, text)) as (address, session):
        assert len(session.units()) == 500
        show(browser, address)
        person = Person(browser)
        for key in [*"jjjjjjjjjjkk1i2m3d", "ArrowRight", "ArrowRight", "ArrowRight", "s", *"jjju"]:
            took = browser.driver.execute_async_script(TIMES, key)
            times.setdefault(key, []).append(took)
            time.sleep(0.15)
        person.press(Keys.ENTER)
        began = time.perf_counter()
        person.write("x")
        assert time.perf_counter() - began < 1
        browser.until(lambda: len(session.units()) == 500)
    typical = {key: statistics.median(each) for key, each in times.items()}
    print({key: [round(time) for time in each] for key, each in times.items()})
    assert max(typical.values()) <= QUICK, typical


@pytest.mark.parametrize("scheme", SCHEMES)
def test_two_readings_are_settled_by_keys(browser: Browser, tmp_path: Path, scheme: str) -> None:
    make_set(tmp_path, SETTLED)
    files = (
        read_by(tmp_path, "ada", lambda _, claim: claim),
        read_by(tmp_path, "bob", of_bob),
    )
    opened_both = open_settlement(tmp_path, files, None)
    settlement = opened_both.settlement
    lock = ReadingLock(settlement.path)
    browser.scheme(scheme)
    with serving(lambda place: create_settling(opened_both, place), lock) as address:
        show(browser, address)
        person = Person(browser)
        assert violations(browser) == []
        assert browser.run(TOO_WIDE) == []
        browser.picture(PICTURES / f"settle-{scheme}.png", whole=False)
        for n, side in enumerate("bab", 1):
            person.press(side)
            person.write("So says the text.")
            person.press(Keys.ENTER)
            browser.until(lambda n=n: f"{n} of 3" in browser.text("#count"))
        assert settlement.reading(settlement.decisions)["finished"]
        browser.driver.get("about:blank")
