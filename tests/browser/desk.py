"""A person at the workbench: keys that are pressed, and how many characters that were."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from service.curation.workbench.lock import ReadingLock
from service.curation.workbench.opening import open_session
from service.curation.workbench.serving import MakeApp, workbench_server
from service.curation.workbench.session import ReadingSession
from service.curation.workbench.views import create_workbench
from tests.browser.chromium import Browser

CURRENT = (
    "return [...document.querySelectorAll('#text .current')].map((e) => e.textContent).join('')"
)


class Record(NamedTuple):
    """A record as a person looks for it: some letters, its name, and what a new one is asked."""

    letters: str
    name: str
    said: tuple[str, ...] = ()


class Source(NamedTuple):
    """Who says it, and the reporting word."""

    record: Record
    cue: str


class Pick(NamedTuple):
    """Something to be picked, a date or a reason, by how it begins."""

    words: str


Answer = str | int | Pick | Source | Record
"""A text that is written, the number of a choice, what is picked, or a record."""
Answers = Mapping[str, Answer]
"""By the path of a field."""


class Person:
    """Types on the keys of a keyboard, and sees what the page says."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.characters = 0
        self.typed: list[str] = []

    def press(self, *keys: str) -> None:
        """Single keys, and those that are no characters."""
        for key in keys:
            self.characters += key.isprintable() and len(key) == 1 and not key >= "\ue000"
            ActionChains(self.browser.driver).send_keys(key).perform()

    def chord(self, *keys: str) -> None:
        """Several keys at once, the last of them pressed while the others are held."""
        chain = ActionChains(self.browser.driver)
        for key in keys[:-1]:
            chain.key_down(key)
        chain.send_keys(keys[-1])
        for key in keys[:-1]:
            chain.key_up(key)
        chain.perform()

    def write(self, text: str) -> None:
        """A text, into the field that has the focus."""
        self.characters += len(text)
        self.typed.append(text)
        ActionChains(self.browser.driver).send_keys(text).perform()

    def keep(self) -> None:
        """Keeps the claim, and waits until it is written."""
        before = self.browser.text("#count")
        self.chord(Keys.CONTROL, Keys.ENTER)
        self.browser.until(lambda: self.browser.text("#count") != before, self.left())

    def go_to(self, words: str) -> None:
        """The next passage with some words."""
        for _ in range(60):
            if words in self.passage:
                return
            before = self.passage
            self.press("j")
            self.browser.until(lambda before=before: self.passage != before, f"no {words!r}")
        raise AssertionError(f"no passage has {words!r}")

    @property
    def passage(self) -> str:
        """The current passage, as the page shows it."""
        return str(self.browser.run(CURRENT))

    def decide_against(self, reason: str) -> None:
        """No claim of the next passage that is to do, for the reason of a key."""
        before = self.browser.text("#count")
        self.press("x")
        self.browser.until(lambda: self.browser.find("#why").is_displayed())
        self.press(reason)
        self.browser.until(lambda: self.browser.text("#count") != before)

    def fill(self, answers: Answers) -> None:
        """Goes with Enter from one thing to do to the next, and says what there is to say of it."""
        done = set()
        for _ in range(40):
            self.settled()
            if "left" not in self.browser.text("#left-to-do"):
                return
            self.press(Keys.ENTER)
            path = self.focused
            assert path in answers, f"{path}: {self.left()} {self.browser.text('#claim')}"
            assert path not in done, f"{path} again: {self.browser.text('#claim')}"
            done.add(path)
            self.answer(answers[path])
        raise AssertionError(self.left())

    def answer(self, answer: Answer) -> None:
        if isinstance(answer, str):
            self.write(answer)
        elif isinstance(answer, int):
            self.press(str(answer))
        elif isinstance(answer, Pick):
            self.pick(answer.words)
        elif isinstance(answer, Source):
            self.take_record(answer.record)
            self.press(Keys.TAB)
            self.write(answer.cue)
        else:
            self.take_record(answer)

    def pick(self, words: str) -> None:
        """A candidate; Tab leads from one to the next."""
        for _ in range(14):
            label = str(self.browser.run("return document.activeElement.textContent"))
            if label.partition(": ")[2].startswith(words) or label.startswith(f"{words} "):
                self.press(Keys.SPACE)
                return
            self.press(Keys.TAB)
        raise AssertionError(f"{words} cannot be picked")

    def take_record(self, record: Record) -> None:
        """A record by some letters of its name; a new one, where the list has none of that name."""
        self.write(record.letters)
        names = [each.text for each in self.browser.all(".picker .options:not([hidden]) li bdi")]
        if names and names[0] == record.name and len(names) > 1:
            self.press(Keys.ENTER)
            return
        self.press(*[Keys.BACK_SPACE] * len(record.letters))
        self.write(record.name)
        self.press(Keys.ARROW_UP, Keys.ENTER)
        self.browser.until(lambda: self.browser.find("#record").is_displayed())
        for answer in record.said:
            self.write(answer)
            self.press(Keys.TAB)
        self.press(Keys.ENTER)
        self.browser.until(
            lambda: not self.browser.find("#record").is_displayed(),
            self.browser.text("#record"),
        )

    def left(self) -> str:
        """What the page says is still to do."""
        fields = self.browser.all(".field.todo .label, .field.wrong .label")
        return ", ".join(field.text for field in fields) + self.browser.text("#problem")

    def settled(self) -> None:
        """Waits until everything that was typed is checked."""
        form = self.browser.find("#claim")
        self.browser.until(lambda: form.get_attribute("aria-busy") == "false", self.left())

    @property
    def focused(self) -> str:
        """The label of the field with the focus; empty in the text."""
        return str(
            self.browser.run(
                "return document.activeElement.closest('.field')?.dataset.path ?? "
                "document.activeElement.id"
            )
        )

    @property
    def selected(self) -> str:
        return str(self.browser.run("return document.getSelection().toString()"))


@contextmanager
def opened(directory: Path, file: Path, coder: str = "jr") -> Iterator[tuple[str, ReadingSession]]:
    """The address of a workbench that answers, and its session."""
    session, lock = open_session(directory, file, coder)
    with serving(lambda place: create_workbench(session, place), lock) as address:
        yield address, session


@contextmanager
def serving(make: MakeApp, lock: ReadingLock) -> Iterator[str]:
    """The address under which an application answers."""
    server, place = workbench_server(make, lock)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield place.address
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        lock.close()
