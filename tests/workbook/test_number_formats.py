"""Number formats, as different programs write them."""

from __future__ import annotations

import re
from zipfile import ZipFile

import openpyxl
import pytest
import xlsxwriter

from xl_compliance.workbook.grid import Grid
from xl_compliance.workbook.number_formats import Formats, decimals_shown, shows_percent
from xl_compliance.workbook.snapshot import Cell, Sheet, Snapshot, UnreadableWorkbook, read

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
    codes = Formats(read(path))
    assert codes.of("Sheet") == {
        (1, 1): "0.0%",
        (2, 2): "#,##0",
        (3, 3): "0.00%",
        (4, 4): '0.0" %"',
        (5, 5): "yyyy-mm-dd",
    }
    assert codes.of("No such sheet") == {}


def test_a_file_read_for_its_values_has_no_formats(tmp_path):
    sheet = Sheet("Sheet", True, {(1, 1): Cell(0.5)})
    old = Snapshot(tmp_path / "old.xls", (sheet,), (), (), False, values_only=True)
    assert Formats(old).of("Sheet") == {}


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


def test_formats_are_those_that_openpyxl_reads(tmp_path):
    """Also where the elements of the sheet have a prefix, as some programs write them."""
    path = tmp_path / "plain.xlsx"
    by_xlsxwriter(path)
    prefixed = tmp_path / "prefixed.xlsx"
    with ZipFile(path) as plain, ZipFile(prefixed, "w") as other:
        for name in plain.namelist():
            content = plain.read(name)
            if name.startswith("xl/worksheets/sheet"):
                content = re.sub(rb"<(/?)(\w)", rb"<\1x:\2", content).replace(
                    b"xmlns=", b"xmlns:x="
                )
            other.writestr(name, content)
    sheet = openpyxl.load_workbook(prefixed).active
    shown = {(it.row, it.column): it.number_format for row in sheet for it in row}
    shown = {place: code for place, code in shown.items() if code != "General"}
    assert Formats(read(prefixed)).of("Sheet") == shown == Formats(read(path)).of("Sheet")
    assert not isinstance(read(prefixed).sheets[0].cells, Grid)


def test_a_sheet_that_declares_entities_is_refused(tmp_path):
    path, declared = tmp_path / "plain.xlsx", tmp_path / "declared.xlsx"
    by_xlsxwriter(path)
    with ZipFile(path) as plain, ZipFile(declared, "w") as other:
        for name in plain.namelist():
            content = plain.read(name)
            if name.startswith("xl/worksheets/sheet"):
                content = content.replace(
                    b"<worksheet", b'<!DOCTYPE w [<!ENTITY a "aaaa">]><worksheet', 1
                )
            other.writestr(name, content)
    with pytest.raises(UnreadableWorkbook, match="entities"):
        Formats(read(declared)).of("Sheet")
