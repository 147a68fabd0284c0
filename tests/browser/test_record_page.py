"""The page of one record in Chromium: by keys alone, seen by everybody, in both schemes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from schemas.records.change import RecordKey
from service.curation.recording import Occurrence
from service.curation.workbench.lock import ReadingLock
from service.curation.workbench.records.page import NEW, RecordPage, RecordTask, open_record
from service.curation.workbench.records.views import create_record_page
from service.curation.workbench.views import create_settling
from service.curation.writers.proving import Proving
from service.curation.writers.session import Session
from tests.browser.chromium import SCHEMES, Browser
from tests.browser.desk import Person, serving
from tests.browser.test_looks import PICTURES, TOO_WIDE, violations
from tests.curating import CLAIMS, given, records, run, with_claims
from tests.test_clashes import choices_of, parted

UNTOUCHED = "Maren\u00a0Oduvald"
"""What a page that made blanks alike would change."""
PAGES = [
    ("agent", "council-chair", "revise"),
    ("document", "doc_ferr1es0", "revise"),
    ("topic", "ferries", "supersede"),
    ("place", "ellery-sound", "withdraw"),
    ("agent", NEW, "add"),
    ("claim", CLAIMS[0]["id"], "withdraw"),
    ("occasion", "spring-meeting-2029", "revise"),
]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    directory = with_claims(tmp_path / "ferries")
    there = {"id": "ellery-sound", "name": "Ellery Sound", "country": "NO"}
    source = given(tmp_path / "place.json", there)
    assert run("add", "--kind", "place", "--from", source, "--fixtures", directory).status == 0
    return directory


@contextmanager
def opened(
    browser: Browser, place: Path, kind: str, identifier: str, what: str
) -> Iterator[RecordPage]:
    task = RecordTask(RecordKey(kind, identifier), what, None)
    with Session(place, Occurrence(None, "2029-06-01")) as session:
        page, lock = open_record(session, task, Proving(place / "documents"))
    with serving(lambda where: create_record_page(page, where), lock) as address:
        browser.base = address
        browser.size(1280)
        show(browser)
        yield page
        browser.driver.get("about:blank")


def show(browser: Browser) -> None:
    browser.open("")
    browser.until(lambda: browser.run("return 'ready' in document.body.dataset"))


@pytest.mark.parametrize(("kind", "identifier", "what"), PAGES)
def test_everybody_can_use_it(
    browser: Browser, place: Path, kind: str, identifier: str, what: str
) -> None:
    with opened(browser, place, kind, identifier, what):
        for scheme in SCHEMES:
            browser.scheme(scheme)
            for width in (390, 1280):
                browser.size(width)
                show(browser)
                browser.picture(PICTURES / f"record-{what}-{kind}-{width}-{scheme}.png")
                assert violations(browser) == []
                assert browser.run(TOO_WIDE) == []
        assert browser.messages() == []


def test_a_record_is_revised_by_keys(browser: Browser, place: Path) -> None:
    person = Person(browser)
    chair, *others = records(place, "agents")
    given(place / "agents.json", [{**chair, "name": UNTOUCHED}, *others])
    with opened(browser, place, "agent", "council-chair", "revise") as page:
        assert person.focused == "record.name"
        person.press(Keys.TAB, Keys.TAB)  # past the kind, of which one is chosen
        while browser.run("return document.activeElement.matches('button')"):
            person.press(Keys.TAB)
        assert person.focused == "record.other_names"
        person.write("the chair")
        person.press(Keys.ENTER)
        browser.until(lambda: "Kept" in browser.text("#saved"))
        show(browser)
        assert "the chair" in browser.text("[data-path='record.other_names']")
        person.press(Keys.ENTER)
        assert person.focused == "reason"
        person.write("The gazette calls her so.")
        person.chord(Keys.CONTROL, Keys.ENTER)
        browser.until(page.done.is_set, browser.text("#problem"))
        browser.until(lambda: "1 change is written" in browser.text("#record"))
        assert violations(browser) == []
    assert records(place, "agents")[0]["name"] == UNTOUCHED
    assert records(place, "agents")[0]["other_names"] == ["Oduvald", "council chair", "the chair"]
    assert records(place, "changes")[-1]["reason"] == "The gazette calls her so."


def test_what_is_wrong_is_told_where_it_stands(browser: Browser, place: Path) -> None:
    person = Person(browser)
    with opened(browser, place, "agent", "council-chair", "revise") as page:
        person.press(Keys.ENTER)
        person.write("So.")
        browser.run("document.querySelector(\"[data-path='record.country'] input\").focus()")
        person.write("Norway")
        person.chord(Keys.CONTROL, Keys.ENTER)
        browser.until(lambda: "3166" in browser.text("[data-path='record.country'] .faults"))
        assert person.focused == "record.country"
        assert not page.done.is_set()


def test_a_record_is_replaced_by_keys(browser: Browser, place: Path) -> None:
    person = Person(browser)
    with opened(browser, place, "topic", "labour", "supersede") as page:
        assert person.focused == "by"
        person.write("transp")
        person.press(Keys.ENTER)
        browser.until(lambda: "Transport" in browser.text("[data-path='by']"))
        browser.until(lambda: not browser.all("[data-path='by'].todo"))
        person.press(Keys.ENTER)
        assert person.focused == "reason"
        person.write("One topic is enough.")
        person.chord(Keys.CONTROL, Keys.ENTER)
        browser.until(page.done.is_set, browser.text("#problem"))
    assert "labour" not in [each["id"] for each in records(place, "topics")]
    assert next(t for t in records(place, "topics") if t["id"] == "seafarers")["broader"] == (
        "transport"
    )


def test_a_record_that_others_refer_to_says_by_which(browser: Browser, place: Path) -> None:
    person = Person(browser)
    with opened(browser, place, "topic", "labour", "withdraw") as page:
        assert "seafarers" in browser.text("#named-by")
        person.write("So.")
        person.chord(Keys.CONTROL, Keys.ENTER)
        browser.until(lambda: "topics.json" in browser.text("#problem"))
        assert not page.done.is_set()


def test_what_clashes_in_a_merge_is_decided_by_keys(browser: Browser, tmp_path: Path) -> None:
    person = Person(browser)
    both = parted(tmp_path)
    chosen = choices_of(both)
    lock = ReadingLock(both[0] / "merge.json")
    with serving(lambda where: create_settling(chosen, where), lock) as address:
        browser.base = address
        for scheme in SCHEMES:
            browser.scheme(scheme)
            for width in (390, 1280):
                browser.size(width)
                show(browser)
                browser.picture(PICTURES / f"merge-{width}-{scheme}.png")
                assert violations(browser) == []
                assert browser.run(TOO_WIDE) == []
        for number in range(1, 5):
            person.press("a")
            person.write("Ours.")
            person.press(Keys.ENTER)
            browser.until(lambda n=number: f"{n} of 4" in browser.text("#count"))
        browser.driver.get("about:blank")
    assert chosen.left == 0
