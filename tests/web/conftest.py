"""One page and one browser for all tests of the page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Page, built, chromium


@pytest.fixture(scope="session")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="session")
def opened(page_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("browser")
    with chromium(folder) as driver:
        page = Page(driver, folder / "downloads")
        page.open(page_file.as_uri())
        yield page


@pytest.fixture
def page(opened: Page) -> Page:
    """The open page, with no workbook on it."""
    opened.clear()
    return opened
