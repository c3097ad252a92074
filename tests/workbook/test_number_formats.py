"""Number formats, as different programs write them."""

from __future__ import annotations

import openpyxl
import pytest
import xlsxwriter

from xl_compliance.workbook.number_formats import Formats, decimals_shown, shows_percent

CODES = {"A1": "0.0%", "B2": "#,##0", "C3": "0.00%", "D4": '0.0" %"', "E5": "yyyy-mm-dd"}


def by_openpyxl(path):
    book = openpyxl.Workbook()
    for address, code in CODES.items():
        book.active[address] = 1
        book.active[address].number_format = code
    book.active["F6"] = 1
    book.save(path)


def by_xlsxwriter(path):
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Sheet")
    for address, code in CODES.items():
        sheet.write(address, 1, book.add_format({"num_format": code}))
    sheet.write("F6", 1)
    book.close()


@pytest.mark.parametrize("write", [by_openpyxl, by_xlsxwriter])
def test_formats_of_cells(write, tmp_path):
    path = tmp_path / "formats.xlsx"
    write(path)
    codes = Formats(path)
    assert codes.of("Sheet") == {
        (1, 1): "0.0%",
        (2, 2): "#,##0",
        (3, 3): "0.00%",
        (4, 4): '0.0" %"',
        (5, 5): "yyyy-mm-dd",
    }
    assert codes.of("No such sheet") == {}


def test_a_file_read_for_its_values_has_no_formats(tmp_path):
    assert Formats(tmp_path / "old.xls").of("Sheet") == {}


@pytest.mark.parametrize(
    ("code", "percent", "decimals"),
    [
        ("0%", True, 2),
        ("0.00%", True, 4),
        ("0.0##%", True, 5),
        ("#,##0.00_);(#,##0.00)", False, 2),
        ('0.0" %"', False, 1),
        ("[Red]0.0%;-0.0%", True, 3),
        ("General", False, None),
        ("# ?/?", False, None),
        ("0.00E+00", False, None),
        ("@", False, None),
    ],
)
def test_what_a_format_shows(code, percent, decimals):
    assert (shows_percent(code), decimals_shown(code)) == (percent, decimals)
