"""Chromium without a window, and the page in it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from xl_compliance.guide.gallery import CHROMIUM
from xl_compliance.web.building import build
from xl_compliance.web.parts import CannotBuild

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "xl-compliance-tests"
PROGRAMS = ("chromium", "chromedriver", "node", "npm")
PATIENCE = 120
_NO_PAGE = "not an origin"


def missing(why: str) -> None:
    """Skip with the reason; where everything must be there, fail."""
    assert os.environ.get("CI") != "true", why
    pytest.skip(why)


def built(folder: Path) -> Path:
    """The page, as the command writes it."""
    absent = [program for program in PROGRAMS if not shutil.which(program)]
    if absent:
        missing(f"not installed: {', '.join(absent)}")
    try:
        content = build(CACHE)
    except CannotBuild as problem:
        missing(str(problem))
    page = folder / "page.html"
    page.write_text(content, encoding="utf-8")
    return page


@contextmanager
def chromium(folder: Path, *flags: str) -> Iterator[webdriver.Chrome]:
    """A browser of its own, with everything that it writes in `folder`."""
    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for flag in (*CHROMIUM, f"--user-data-dir={folder / 'profile'}", *flags):
        options.add_argument(flag)
    downloads = folder / "downloads"
    downloads.mkdir(exist_ok=True)
    # Clicks from a script are no gesture of a user, without whom there is one download only.
    preferences = {
        "download.default_directory": str(downloads),
        "profile.default_content_setting_values.automatic_downloads": 1,
    }
    options.add_experimental_option("prefs", preferences)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(shutil.which("chromedriver"))))
    try:
        yield driver
    finally:
        driver.quit()


class Page:
    """The page in a browser, as someone uses it."""

    def __init__(self, driver: webdriver.Chrome, downloads: Path) -> None:
        self.driver = driver
        self._downloads = downloads

    def open(self, address: str) -> None:
        self.driver.get(address)
        self.driver.execute_script(_WATCH)
        self.until(
            "performance.getEntriesByName('ready').length + performance.getEntriesByName('gone').length"
        )
        assert self.text("status") == "Ready", self.text("status")

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def until(self, condition: str) -> None:
        wait = WebDriverWait(self.driver, PATIENCE, 0.05)
        wait.until(lambda driver: driver.execute_script(f"return Boolean({condition})"))

    def find(self, id: str) -> WebElement:
        return self.driver.find_element(By.ID, id)

    def text(self, id: str) -> str:
        return str(self.run("return document.getElementById(arguments[0]).textContent", id)).strip()

    def rows(self, selector: str) -> list[list[str]]:
        """The cells of a table's body."""
        script = (
            "return Array.from(document.querySelectorAll(arguments[0] + ' tbody tr'), "
            "row => Array.from(row.cells, cell => cell.textContent))"
        )
        found: list[list[str]] = self.run(script, selector)
        return found

    # ------------------------------------------------------------ checking

    def choose(self, *paths: Path) -> None:
        """Give the page files by its button."""
        self._checking(lambda: self.find("pick").send_keys("\n".join(map(str, paths))))

    def drop(self, *paths: Path) -> None:
        """Drop files on the page, as a person drags them."""
        data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}

        def dropped() -> None:
            for kind in ("dragEnter", "dragOver", "drop"):
                event = {"type": kind, "x": 300, "y": 400, "data": data}
                self.driver.execute_cdp_cmd("Input.dispatchDragEvent", event)

        self._checking(dropped)

    def _checking(self, act: Any) -> None:
        before = int(self.run("return document.body.dataset.checked || 0"))
        act()
        self.until(f"Number(document.body.dataset.checked || 0) > {before}")

    def clear(self) -> None:
        """Remove every workbook from the page."""
        for _ in self.rows("#files"):
            button = self.driver.find_element(By.CSS_SELECTOR, "#files button.plain")
            count = len(self.rows("#files"))
            self.run("arguments[0].click()", button)
            self.until(f"document.querySelectorAll('#files tbody tr').length === {count - 1}")
            self.until("document.getElementById('status').textContent.includes('removed')")

    def results(self) -> dict[str, str]:
        """What the page's list says of each workbook."""
        return {row[0]: row[1] for row in self.rows("#files")}

    def saved(self, selector: str, name: str) -> bytes:
        """What a button saves."""
        target = self._downloads / name
        target.unlink(missing_ok=True)
        self.run("document.querySelector(arguments[0]).click()", selector)
        WebDriverWait(self.driver, PATIENCE, 0.05).until(lambda _: target.exists())
        return target.read_bytes()

    def json(self) -> str:
        return self.saved('[data-style="json"]', "compliance-report.json").decode()

    # ------------------------------------------------------------ the calculator

    def function(self, name: str) -> None:
        self.run("document.getElementById('tab-calculator').click()")
        Select(self.find("function")).select_by_value(name)

    def calculated(self, fields: Sequence[str]) -> dict[str, Any]:
        """What the calculator shows for what is in its fields."""
        self.run(
            "document.querySelectorAll('#fields textarea').forEach("
            "(field, place) => { field.value = arguments[0][place] || ''; });"
            "document.body.dataset.answered = '';"
            "document.getElementById('arguments').requestSubmit();",
            list(fields),
        )
        self.until("document.body.dataset.answered")
        return {
            "answer": self.text("answer"),
            "table": self.rows("#answer-table"),
            "working": self.rows("#working"),
            "formula": self.run("return document.getElementById('formula').value"),
        }

    # ------------------------------------------------------------ what must not be

    def violations(self) -> list[str]:
        found: list[str] = self.run("return window.violations")
        return found

    def addresses(self) -> list[str]:
        """Everything that the page has asked for."""
        found: list[str] = self.run(
            "return performance.getEntriesByType('resource').map(entry => entry.name)"
        )
        return found


_WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation',
  event => window.violations.push(event.violatedDirective + ' ' + event.blockedURI));
"""


def addresses_in_net_log(path: Path) -> list[str]:
    """The addresses that pages asked for, out of the browser's log, besides files and data.

    What the browser asks for of itself, such as the time, has no origin.
    """
    log = json.loads(path.read_text(encoding="utf-8"))
    asked = [event["params"] for event in log["events"] if isinstance(event.get("params"), dict)]
    urls = {it["url"] for it in asked if it.get("initiator", _NO_PAGE) != _NO_PAGE}
    return sorted(url for url in urls if not url.startswith(("file:", "blob:", "data:")))
