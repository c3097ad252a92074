"""Number formats by number, and which of them show dates: as openpyxl has them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.styles import numbers

from xl_compliance.workbook.format_codes import BUILT_IN, kind_of_format


def test_the_built_in_formats_are_those_of_openpyxl_whose_accounting_format_lacks_semicolons():
    accounting = 44
    assert BUILT_IN[accounting].replace(";", "") == numbers.BUILTIN_FORMATS[accounting]
    for number in {*BUILT_IN, *numbers.BUILTIN_FORMATS} - {accounting}:
        assert BUILT_IN[number] == numbers.BUILTIN_FORMATS[number]


PIECES = ("0", "#,##0", "d", "mmm", "yyyy", "h", "ss", "S", ".0", ";", "[h]", "[HH]", "[mm]", "[s]")
QUOTES = ('"', "[Red]", "[", "]", "[$-409]", "[hhh]", "[days]", "\\", "_", "*", "\n", " ", "@", "ſ")


@given(st.lists(st.sampled_from(PIECES + QUOTES), max_size=10).map("".join))
def test_a_format_shows_dates_where_openpyxl_says_so(code):
    shown = numbers.is_date_format(code) and not numbers.is_timedelta_format(code)
    assert (kind_of_format(code) != "number") == shown


def test_checking_a_table_with_dates_and_percentages_does_not_load_openpyxl(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Holder", "Common", "Percent", "Since"])
        for row, shares in enumerate((600, 400), 1):
            sheet.write_row(row, 0, [f"Holder {row}", shares])
            sheet.write_number(row, 2, shares / 1000, book.add_format({"num_format": "0.00%"}))
            sheet.write_number(row, 3, 45_000, book.add_format({"num_format": "d mmm yyyy"}))
    code = (
        "import sys; from pathlib import Path; from xl_compliance.batch.run import check_workbook;"
        "report = check_workbook(Path(sys.argv[1])); assert report.findings, report;"
        "print(sorted({'openpyxl', 'numpy'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    assert (said.stdout, said.stderr) == ("[]\n", "")
