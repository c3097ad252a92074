"""The page in Chromium: from opening to ready, each shipped workbook, and a long cap table.

Memory is that of Python in the page, which never gives any back.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from browser import Page, built, chromium
from goals import Goal

WORKBOOKS = sorted((Path(__file__).parents[2] / "workbooks").glob("*.xlsx"))
ROWS = 5_000
GOALS = [
    Goal("open the page until it is ready", "test_open_until_ready", seconds=4),
    Goal(f"check a cap table of {ROWS:,} rows in the page", "test_long_cap_table", seconds=1.5),
]


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def page(page_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    folder = tmp_path_factory.mktemp("browser")
    with chromium(folder) as driver:
        opened = Page(driver, folder / "downloads")
        opened.open(page_file.as_uri())
        yield opened


@pytest.fixture(scope="module")
def cap_table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("caps") / "caps.xlsx"
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Caps")
    classes = ["Common", "Series A", "Series B", "Options", "Warrants"]
    sheet.append(["Stockholder", *classes, "Total"])
    totals = [0] * (len(classes) + 1)
    for number in range(1, ROWS + 1):
        held = [number * 10, number % 7 * 100, number % 5 * 50, number % 3, 25]
        line = [*held, sum(held)]
        totals = [one + other for one, other in zip(totals, line, strict=True)]
        sheet.append([f"Holder {number}", *line])
    sheet.append(["Total", *totals])
    book.save(path)
    return path


def test_open_until_ready(benchmark: Any, page_file: Path, page: Page) -> None:
    benchmark.pedantic(page.open, args=(page_file.as_uri(),), rounds=3)
    benchmark.extra_info["file_mb"] = round(page_file.stat().st_size / 1e6, 1)


@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.stem)
def test_shipped_workbook(benchmark: Any, page: Page, path: Path) -> None:
    def alone() -> tuple[tuple[Path], dict[str, Any]]:
        page.clear()
        return (path,), {}

    benchmark.pedantic(page.choose, setup=alone, rounds=3, warmup_rounds=1)
    assert "could not" not in page.text("status")


def test_long_cap_table(benchmark: Any, page: Page, page_file: Path, cap_table: Path) -> None:
    page.open(page_file.as_uri())
    benchmark.pedantic(page.choose, args=(cap_table,), rounds=3, warmup_rounds=1)
    benchmark.extra_info["memory_mb"] = int(page.run("return document.body.dataset.memory")) >> 20
    assert page.results()["caps.xlsx"].startswith("0 to act on")
