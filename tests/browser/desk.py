"""A person at the workbench: keys that are pressed, and how many characters that were."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from service.curation.workbench.opening import open_session
from service.curation.workbench.serving import workbench_server
from service.curation.workbench.session import Session
from tests.browser.chromium import Browser


class Person:
    """Types on the keys of a keyboard, and sees what the page says."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.characters = 0
        self.typed: list[str] = []

    def press(self, *keys: str) -> None:
        """Single keys, and those that are no characters."""
        for key in keys:
            self.characters += key.isprintable() and len(key) == 1 and not "\ue000" <= key
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

    def left(self) -> str:
        """What the page says is still to do."""
        fields = self.browser.all(".field.todo .label, .field.wrong .label")
        return ", ".join(field.text for field in fields) + self.browser.text("#problem")

    def settled(self) -> None:
        """Waits until everything that was typed is checked."""
        self.browser.run("return new Promise((done) => setTimeout(done, 350))")

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
def opened(directory: Path, file: Path, coder: str = "jr") -> Iterator[tuple[str, Session]]:
    """The address of a workbench that answers, and its session."""
    session, lock = open_session(directory, file, coder)
    server, place = workbench_server(session, lock)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield place.address, session
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        lock.close()
