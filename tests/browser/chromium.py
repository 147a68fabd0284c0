"""Chromium as a test drives it: pages in a size and a colour scheme, what they say and ask for."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

SCHEMES = ("light", "dark")
WIDTHS = (390, 768, 1280)
"""A telephone, a tablet, a desk."""
EXTREMES = (320, 2000)
PATIENCE = 10
"""Seconds until a thing that must appear is given up."""

_FLAGS = (
    "--headless=new",
    "--no-sandbox",  # a container of the checks may have no user namespaces
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--lang=en-GB",
)


def missing() -> list[str]:
    """The programs that must be there and are not."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    found = {"chromium": browser, "chromedriver": shutil.which("chromedriver")}
    return [name for name, path in found.items() if path is None]


@dataclass
class Transfer:
    """One request of a page: its address, and how many bytes came over the wire."""

    url: str
    size: int


class Browser:
    """One Chromium; every page begins with an empty cache."""

    def __init__(self) -> None:
        options = Options()
        for flag in _FLAGS:
            options.add_argument(flag)
        options.binary_location = shutil.which("chromium") or "google-chrome"
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
        self.base = ""
        self.size(1024)
        self.scheme("light")

    def close(self) -> None:
        self.driver.quit()

    def tell(self, command: str, **parameters: Any) -> Any:
        """A command of the DevTools protocol."""
        return self.driver.execute_cdp_cmd(command, parameters)

    def size(self, width: int, height: int = 900) -> None:
        self.tell(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def scheme(self, name: str) -> None:
        feature = {"name": "prefers-color-scheme", "value": name}
        self.tell("Emulation.setEmulatedMedia", features=[feature])

    def scripts(self, *, on: bool) -> None:
        self.tell("Emulation.setScriptExecutionDisabled", value=not on)

    def open(self, path: str) -> None:
        """A page from nothing; what earlier pages said and asked for is forgotten."""
        self.driver.get("about:blank")
        self.tell("Network.clearBrowserCache")
        self.messages()
        self.transfers()
        self.driver.get(self.base + path)

    # What is there.

    @property
    def address(self) -> str:
        """Path, query and place of the page."""
        return self.driver.current_url.removeprefix(self.base)

    @property
    def query(self) -> str:
        return urlsplit(self.driver.current_url).query

    def find(self, selector: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        return str(self.find(selector).text)

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    @property
    def found(self) -> str:
        """What the heading of the result says, such as “12 of 61 claims”."""
        return self.text("#found")

    def until(self, condition: Any, what: str = "") -> None:
        """Waits for something that must come true."""
        WebDriverWait(self.driver, PATIENCE, poll_frequency=0.05).until(lambda _: condition(), what)

    def until_found(self, words: str) -> None:
        self.until(lambda: self.found == words, f"{words!r} never came, but {self.found!r}")

    # What it did.

    def messages(self) -> list[str]:
        """What the console was told since the last time."""
        return [str(entry["message"]) for entry in self._log("browser")]

    def transfers(self) -> list[Transfer]:
        """The requests of the page since the last time, those of ``data:`` left out."""
        asked: dict[str, Transfer] = {}
        for entry in self._events():
            parameters = entry["params"]
            if entry["method"] == "Network.requestWillBeSent":
                url = parameters["request"]["url"]
                asked[parameters["requestId"]] = Transfer(url, 0)
            done = entry["method"] == "Network.loadingFinished"
            if done and parameters["requestId"] in asked:
                asked[parameters["requestId"]].size = int(parameters["encodedDataLength"])
        return [one for one in asked.values() if urlsplit(one.url).scheme not in ("data", "about")]

    def _log(self, kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.driver.get_log(kind)  # type: ignore[no-untyped-call]
        return found

    def _events(self) -> Iterator[dict[str, Any]]:
        for entry in self._log("performance"):
            yield json.loads(entry["message"])["message"]

    def picture(self, path: Path, *, whole: bool = True) -> None:
        """A screenshot, of the whole page unless only what is in sight is asked for."""
        box = self.tell("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": box["width"], "height": min(box["height"], 8000)}
        shot = self.tell(
            "Page.captureScreenshot",
            captureBeyondViewport=whole,
            **({"clip": {**clip, "scale": 1}} if whole else {}),
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(shot["data"]))
