"""A workbook open in Excel is checked as its file is, and what is found goes to a sheet of it."""

from __future__ import annotations

import asyncio
import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from open_book_double import Book, Currency, described, in_arrays

from xl_compliance.batch.open_book import HEADERS, TITLE, check_book, check_book_async
from xl_compliance.batch.run import check_workbook
from xl_compliance.checks.findings import Finding
from xl_compliance.workbook.open_book import snapshot_of
from xl_compliance.workbook.snapshot import ExcelError, read

WORKBOOKS = sorted((Path(__file__).parents[2] / "workbooks").glob("*.xlsx"))
OFFERING = WORKBOOKS[0].with_name("tsx-offering.xlsx")


def _comparable(findings: tuple[Finding, ...], path: Path) -> list[Finding]:
    """Without what only a file says: where a finding is anchored, which cells an array fills."""
    filled = in_arrays(path)
    return [replace(each, anchor="") for each in findings if each.place not in filled]


@pytest.fixture(scope="module", params=WORKBOOKS, ids=[path.stem for path in WORKBOOKS])
def shipped(request: pytest.FixtureRequest) -> tuple[Path, dict[str, Any]]:
    return request.param, described(request.param)


def test_the_findings_are_those_of_batch_mode(shipped: tuple[Path, dict[str, Any]]) -> None:
    path, data = shipped
    batch = check_workbook(path)
    report = check_book(Book(copy.deepcopy(data)))
    assert report.failure == batch.failure
    assert _comparable(report.findings, path) == _comparable(batch.findings, path)


def test_the_snapshot_is_that_of_the_file(shipped: tuple[Path, dict[str, Any]]) -> None:
    path, data = shipped
    file, open_book = read(path), snapshot_of(Book(copy.deepcopy(data)))
    assert open_book.tables == file.tables
    assert [sheet.name for sheet in open_book.sheets] == [sheet.name for sheet in file.sheets]
    for ours, theirs in zip(open_book.sheets, file.sheets, strict=True):
        assert ours.visible == theirs.visible
        values = {place: cell.value for place, cell in theirs.cells.items()}
        assert {place: cell.value for place, cell in ours.cells.items()} == values
    assert {name.name for name in open_book.defined_names} == {
        name.name for name in file.defined_names if not name.name.startswith("_xlnm.")
    }


def test_findings_stand_on_the_sheet_with_links(tmp_path: Path) -> None:
    book = Book(described(OFFERING))
    report = check_book(book)
    sheet = book.sheets[-1]
    assert (sheet.name, sheet.active, sheet.values[0][0]) == ("Compliance", True, TITLE)
    assert tuple(sheet.values[3]) == HEADERS
    assert len(sheet.values) == 4 + len(report.findings)
    for finding, row in zip(report.findings, sheet.values[4:], strict=True):
        assert row[:4] == [finding.severity.value, finding.verdict, finding.title, finding.message]
        if finding.cell:
            target = f"#'{finding.sheet}'!{finding.cell}"
            assert row[4] == f'=HYPERLINK("{target}","{finding.place}")'
    assert any(finding.verdict == "606" for finding in report.findings)


def test_checked_again_the_sheet_is_written_anew() -> None:
    book = Book(described(OFFERING))
    first = check_book(book)
    written = copy.deepcopy(book.sheets[-1].values)
    sheets = [sheet.name for sheet in book.sheets]
    book.sheets[-1].put(200, 1, "left over", "left over")
    assert check_book(book).findings == first.findings, "the sheet itself is not checked"
    assert [sheet.name for sheet in book.sheets] == sheets
    assert book.sheets[-1].values == written


def test_what_is_changed_in_the_open_workbook_counts() -> None:
    book = Book(described(OFFERING))
    before = check_book(book).findings
    table = next(
        each for sheet in book.sheets for each in sheet.tables if each.display_name == "Offerings"
    )
    headers = table.header_row_range.value
    column = table.range.column + headers.index("Offer price")
    table.range.sheet.put(table.range.row + 1, column, 0.01, 0.01)
    assert check_book(book).findings != before


def test_a_sheet_of_that_name_that_is_not_ours_is_left_alone() -> None:
    book = Book(described(OFFERING))
    mine = book.sheets.add("compliance", after=book.sheets[0])
    mine.put(1, 1, "Our own notes", "Our own notes")
    for _ in range(2):
        check_book(book)
    assert mine.values == [["Our own notes"]]
    assert [sheet.name for sheet in book.sheets].count("Compliance 2") == 1


def test_a_workbook_without_our_sheets_says_so() -> None:
    book = Book(described(OFFERING))
    del book.sheets[1:]
    book.sheets[0].clear()
    book.sheets[0].tables = []
    report = check_book(book)
    assert "none of the input sheets" in report.failure
    assert book.sheets[-1].values[1][0] == f"Not checked: {report.failure}"


def test_text_that_excel_would_calculate_stays_text() -> None:
    book = Book(described(OFFERING))
    check_book(book)
    typed = [cell for row in book.sheets[-1].formulas[4:] for cell in row if cell]
    calculated = [cell for cell in typed if cell[0] in "=+-@0123456789"]
    assert calculated
    assert all(cell.startswith("=HYPERLINK(") for cell in calculated)
    assert "'606" in typed


def test_where_formulas_must_be_awaited(shipped: tuple[Path, dict[str, Any]]) -> None:
    path, data = shipped
    report = asyncio.run(check_book_async(Book(copy.deepcopy(data), synchronous=False)))
    assert _comparable(report.findings, path) == _comparable(check_workbook(path).findings, path)


def test_error_values_of_either_engine() -> None:
    data = described(OFFERING)
    data["sheets"][0]["values"][0][:2] = ["#SPILL!", -2146826243]
    cells = snapshot_of(Book(data)).sheets[0].cells
    assert cells[1, 1].value == cells[1, 2].value == ExcelError("#SPILL!")
    assert isinstance(cells[1, 2].value, ExcelError)


def test_currency_cells_keep_every_decimal() -> None:
    data = described(OFFERING)
    data["sheets"][0]["values"][0][:2] = [Currency.of(9.99996), Currency.of(5.0)]
    cells = snapshot_of(Book(data)).sheets[0].cells
    assert (cells[1, 1].value, cells[1, 2].value) == (9.99996, 5)
