"""Reading in one pass and by openpyxl: the same snapshot, whoever wrote the file and however."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from xl_compliance.workbook import snapshot as snapshots
from xl_compliance.workbook.sheet_xml import Grid, SheetReader, UnusualSheet
from xl_compliance.workbook.snapshot import (
    NOT_CALCULATED,
    Cell,
    ExcelError,
    Sheet,
    UnreadableWorkbook,
    open_package,
    read,
)

SHIPPED = sorted((Path(__file__).parents[2] / "workbooks").glob("*.xlsx"))
SOFFICE = shutil.which("soffice")
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def by_openpyxl(path: Path) -> tuple[Sheet, ...]:
    with open_package(path) as package:
        return snapshots._read_sheets_by_openpyxl(package)


def typed(sheet: Sheet) -> dict[tuple[int, int], tuple[type, Cell]]:
    return {place: (type(cell.value), cell) for place, cell in sheet.cells.items()}


def assert_same(path: Path) -> tuple[Sheet, ...]:
    """Both readers give the same; the sheets as the fast one gives them."""
    fast, slow = read(path).sheets, by_openpyxl(path)
    assert [it.name for it in fast] == [it.name for it in slow]
    for one, other in zip(fast, slow, strict=True):
        assert isinstance(one.cells, Grid), "read in one pass, not by openpyxl"
        assert typed(one) == typed(other)
        assert one.cells == other.cells
        assert one.dimension == other.dimension
        assert one.arrays == other.arrays
        assert (one.hidden_rows, one.hidden_columns) == (other.hidden_rows, other.hidden_columns)
    return fast


def dates_and_text(book: Any, sheet: Any) -> None:
    sheet.write_datetime(0, 0, datetime(2024, 3, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
    sheet.write_number(1, 0, 0.4, book.add_format({"num_format": "h:mm"}))
    sheet.write_string(2, 0, "text")


def with_rows(path: Path, rows: str, head: str = "", strings: str = "") -> Path:
    """A workbook whose only sheet has this XML for its rows."""
    of_xlsxwriter(path, dates_and_text)
    with zipfile.ZipFile(path) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    sheet = f'<worksheet xmlns="{MAIN}">{head}<sheetData>{rows}</sheetData></worksheet>'
    texts = f'<sst xmlns="{MAIN}">{strings}</sst>'
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members:
            if name == "xl/worksheets/sheet1.xml":
                content = sheet.encode()
            if strings and name == "xl/sharedStrings.xml":
                content = texts.encode()
            archive.writestr(name, content)
    return path


def of_xlsxwriter(path: Path, fill: Callable[[Any, Any], None], **options: object) -> Path:
    with xlsxwriter.Workbook(str(path), dict(options)) as book:
        fill(book, book.add_worksheet("S"))
    return path


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_the_shipped_workbooks(path: Path) -> None:
    assert_same(path)


def many_kinds(book: Any, sheet: Any) -> None:
    day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    clock = book.add_format({"num_format": "h:mm"})
    span = book.add_format({"num_format": "[h]:mm"})
    sheet.write_row(0, 0, [1, 1.5, "text", True, -7, 1e300, 0.1 + 0.2, "a & b <c> 'd' \"e\""])
    sheet.write_datetime(1, 0, datetime(2024, 3, 1, 9, 30), day)
    sheet.write_number(1, 1, 0.25, clock)
    sheet.write_number(1, 2, 1.25, span)
    sheet.write_number(1, 3, -5, day)
    sheet.write_number(1, 4, 60, day)
    sheet.write_blank(1, 5, None, day)
    sheet.write_formula(2, 0, '=IF(A1>0,"<yes> & ","no")', None, "<yes> & ")
    sheet.write_formula(2, 1, "=1/0", None, "#DIV/0!")
    sheet.write_formula(2, 2, "=A1=1", None, True)
    sheet.write_formula(2, 3, '=""', None, "")
    sheet.write_array_formula(3, 0, 4, 0, "{=A1:A2*2}", None, 2)
    sheet.write_dynamic_array_formula(5, 0, 6, 0, "=A1:A2*3", None, 3)
    sheet.write_string(8, 25, "far away")
    sheet.set_row(4, None, None, {"hidden": True})
    sheet.set_row(11, None, None, {"hidden": True})
    sheet.set_column(2, 3, 10, None, {"hidden": True})


@pytest.mark.parametrize("epoch_1904", [False, True])
def test_a_workbook_of_xlsxwriter(tmp_path: Path, epoch_1904: bool) -> None:
    path = of_xlsxwriter(tmp_path / "a.xlsx", many_kinds, date_1904=epoch_1904)
    (sheet,) = assert_same(path)
    assert sheet.cell("A2").value == datetime(2024, 3, 1, 9, 30)
    assert sheet.cell("B3") == Cell(ExcelError("#DIV/0!"), "=1/0")
    assert sheet.arrays == {(4, 1): "A4:A5", (6, 1): "A6:A7"}
    assert sheet.hidden_rows == {5, 12}
    assert sheet.hidden_columns == {3, 4}


def test_a_workbook_of_openpyxl(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append([1, 1.5, "text", True, datetime(2024, 3, 1), time(9, 30), timedelta(hours=30)])
    sheet.append([date(2024, 3, 1), '=A1&" <&> "', "=1/0", None, "_x000D_", "é 東京"])
    sheet["A3"] = ArrayFormula("A3:A4", "=A1:A2*2")
    sheet["B3"] = DataTableFormula("B3:B4", dt2D="1", dtr="1", r1="B1", r2="B2")
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["C"].hidden = True
    book.create_sheet("empty")
    path = tmp_path / "a.xlsx"
    book.save(path)
    first, second = assert_same(path)
    assert first.cell("B2") == Cell(NOT_CALCULATED, '=A1&" <&> "')
    assert second.cells == {}
    assert second.dimension is None


def converted(path: Path, folder: Path, kind: str) -> Path:
    assert SOFFICE is not None
    subprocess.run(
        [
            SOFFICE,
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            *("--headless", "--convert-to", kind, "--outdir", str(folder), str(path)),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    return folder / f"{path.stem}.{kind}"


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
def test_true_and_false_that_libreoffice_saved_are_what_they_were(tmp_path: Path) -> None:
    """It writes them as formulas with a number: a 0 would not be the answer that was given."""
    rows = (
        '<row r="1"><c r="A1" t="n"><f aca="false">FALSE()</f><v>0</v></c>'
        '<c r="B1"><f>TRUE()</f><v>1</v></c><c r="C1"><f>1*FALSE()</f><v>0</v></c></row>'
        '<row r="2"><c r="A2" unknown="1"><f>FALSE()</f><v>0</v></c></row>'
    )
    (sheet,) = assert_same(with_rows(tmp_path / "saved.xlsx", rows))
    values = [sheet.cell(*place).value for place in ((1, 1), (1, 2), (1, 3), (2, 1))]
    assert values == [False, True, 0, False]
    assert [type(value) for value in values] == [bool, bool, int, bool]


def test_a_workbook_saved_by_libreoffice(tmp_path: Path) -> None:
    source = of_xlsxwriter(tmp_path / "a.xlsx", many_kinds)
    (tmp_path / "out").mkdir()
    (sheet,) = assert_same(converted(source, tmp_path / "out", "xlsx"))
    assert sheet.cell("C1").value == "text"
    assert sheet.hidden_rows >= {5}


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_other_formats_give_values_only(tmp_path: Path, kind: str) -> None:
    source = of_xlsxwriter(tmp_path / "a.xlsx", many_kinds)
    (tmp_path / "out").mkdir()
    found = read(converted(source, tmp_path / "out", kind))
    assert found.values_only
    (sheet,) = found.sheets
    assert sheet.cell("C1") == Cell("text")
    assert sheet.cell("A2") == Cell(datetime(2024, 3, 1, 9, 30))
    assert sheet.cell("Z9") == Cell("far away")
    assert sheet.cell("A3").formula is None


@pytest.mark.parametrize("name", ["a.xls", "a.xlsb", "a.ODS"])
@pytest.mark.parametrize("content", [b"", b"any", b"PK\x03\x04 cut short"])
def test_another_format_that_is_none(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableWorkbook, match=f"{name}: .* save it as .xlsx"):
        read(path)


ROWS = {
    "in order": '<row r="1"><c r="A1"><v>1</v></c></row>',
    "rows and cells without places": "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>",
    "rows without cells": '<row r="1"/><row r="3" hidden="1"/><row r="4"><c r="B4"><v>1</v></c></row><row r="9"/>',
    "no rows": "",
    "other attributes": '<row r="1" spans="1:2" ht="15" x="y"><c r="A1" cm="1" s="0" t="n"><v>1</v></c></row>',
    "attributes in another order": '<row r="1"><c t="b" r="A1"><v>1</v></c></row>',
    "inline text": '<row r="1"><c r="A1" t="inlineStr"><is><t> a </t></is></c><c r="B1"><v>2</v></c></row>',
    "rich inline text": '<row r="1"><c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r><rPh sb="0" eb="1"><t>no</t></rPh></is></c></row>',
    "an inline text that is missing": '<row r="1"><c r="A1" t="inlineStr"/></row>',
    "empty values": '<row r="1"><c r="A1"><v></v></c><c r="B1"><v/></c><c r="C1" t="str"><v></v></c></row>',
    "formulas without results": '<row r="1"><c r="A1"><f>B1</f></c><c r="B1"><f>C1</f><v/></c><c r="C1" t="str"><f>D1</f><v></v></c><c r="D1" t="str"><f>E1</f></c></row>',
    "empty formulas": '<row r="1"><c r="A1"><f/><v>1</v></c><c r="B1"><f></f><v>1</v></c></row>',
    "attributes of formulas": '<row r="1"><c r="A1"><f ca="1">NOW()</f><v>1</v></c><c r="B1"><f xml:space="preserve"> A1 </f><v>1</v></c></row>',
    "shared formulas": '<row r="1"><c r="A1"><f t="shared" ref="A1:A3" si="0">B1*$C$1&amp;"A1"</f><v>1</v></c></row><row r="2"><c r="A2"><f t="shared" si="0"/><v>2</v></c><c r="B2"/></row><row r="3"><c r="A3"><f t="shared" si="0"></f><v>3</v></c></row>',
    "a shared formula without its first": '<row r="1"><c r="A1"><f t="shared" si="7"/><v>1</v></c></row>',
    "shared formulas down a table": "".join(
        f'<row r="{row}"><c r="A{row}"><v>{row}</v></c><c r="B{row}"><f t="shared"'
        + (' ref="B1:B150" si="0">A1*$A$1&amp;"A1"</f>' if row == 1 else ' si="0"/>')
        + f'<v>{row}</v></c><c r="C{row}"><f t="shared"'
        + (' ref="C1:C150" ca="1" si="1">SUM(A1:B1,A:A)</f>' if row == 1 else ' ca="1" si="1"/>')
        + f"<v>{row}</v></c></row>"
        for row in range(1, 151)
    ),
    "an array": '<row r="1"><c r="A1" cm="1"><f t="array" ref="A1:A2">B1:B2&gt;0</f><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>',
    "a what-if table": '<row r="1"><c r="A1"><f t="dataTable" ref="A1:A2" dt2D="0" dtr="1" r1="B1"/><v>1</v></c></row>',
    "errors": '<row r="1"><c r="A1" t="e"><v>#REF!</v></c><c r="B1" t="e"><f>X</f><v>#SPILL!</v></c></row>',
    "dates spelled out": '<row r="1"><c r="A1" t="d"><v>2024-03-01T16:00:00</v></c><c r="B1" t="d"><v>2024-03-01</v></c><c r="C1" t="d"><v>16:00:00</v></c></row>',
    "dates": '<row r="1"><c r="A1" s="1"><v>45000.5</v></c><c r="B1" s="1"><v>0</v></c><c r="C1" s="1"><v>-5</v></c><c r="D1" s="1"><v>99999999</v></c><c r="E1" s="2"><v>0.25</v></c><c r="F1" s="2"><v>1.25</v></c></row>',
    "numbers": '<row r="1"><c r="A1"><v>9.760999999999999</v></c><c r="B1"><v>12345678901234567890</v></c><c r="C1"><v>1.0</v></c><c r="D1"><v>1E-3</v></c><c r="E1"><v> 7 </v></c></row>',
    "entities": '<row r="1"><c r="A1" t="str"><f>"&lt;"&amp;"&#233;&#x6771;"</f><v>&lt;&#233;&#x6771;&gt;&quot;&apos;&amp;</v></c></row>',
    "spelled-out characters": '<row r="1"><c r="A1" t="str"><v>a_x000D_b_x005F_x0041_</v></c></row>',
    "line breaks": '\r\n <row r="1">\r\n<c r="A1" t="str"><v>a\r\nb</v></c>\r\n</row>\n',
    "texts": '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c></row>',
    "hidden": '<row r="1" hidden="true"><c r="A1"><v>1</v></c></row><row r="2" hidden="0"><c r="A2"><v>1</v></c></row>',
    "an extension in a cell": '<row r="1"><c r="A1"><v>1</v><extLst><ext uri="x"/></extLst></c><c r="B1"><v>2</v></c></row>',
}
STRINGS = {
    "plain": "<si><t>a</t></si><si><t> b_x000D_ </t></si><si><t/></si>",
    "escaped twice": "<si><t>_x005F_x0041_</t></si><si><t>&amp;amp;</t></si><si/>",
    "rich": "<si><r><t>a</t></r><r><t> b</t></r><rPh sb='0' eb='1'><t>no</t></rPh></si><si><t>c\r\nd</t></si><si><t>e</t></si>",
}


@pytest.mark.parametrize(
    ("rows", "strings"), [*((it, "plain") for it in ROWS), *(("texts", it) for it in STRINGS)]
)
def test_rows_however_they_are_written(tmp_path: Path, rows: str, strings: str) -> None:
    head = '<cols><col min="2" max="3" hidden="1" width="9"/><col min="5" max="5"/></cols>'
    assert_same(with_rows(tmp_path / "a.xlsx", ROWS[rows], head, STRINGS[strings]))


UNUSUAL = {
    "a comment": '<row r="1"><!-- <c r="A1"><v>9</v></c> --><c r="A1"><v>1</v></c></row>',
    "a section": '<row r="1"><c r="A1" t="str"><v><![CDATA[</row>]]></v></c></row>',
    "an instruction": '<row r="1"><?x y?><c r="A1"><v>1</v></c></row>',
}


@pytest.mark.parametrize("rows", UNUSUAL)
def test_what_one_pass_does_not_follow_openpyxl_reads(tmp_path: Path, rows: str) -> None:
    path = with_rows(tmp_path / "a.xlsx", UNUSUAL[rows])
    with open_package(path) as package, pytest.raises(UnusualSheet):
        SheetReader(package).read(package.sheets[0].part)
    (sheet,) = read(path).sheets
    assert sheet.cell("A1").value in (1, "</row>")
    assert len(sheet.cells) == 1


BROKEN = {
    "an entity of its own": '<row r="1"><c r="A1" t="str"><v>&own;</v></c></row>',
    "an element left open": '<row r="1"><c r="A1"><v>1</v></row>',
    "rows left open": '<row r="1"><c r="A1"><v>1</v></c>',
    "no number": '<row r="1"><c r="A1"><v>abc</v></c></row>',
}


@pytest.mark.parametrize("rows", BROKEN)
def test_broken_rows_are_told(tmp_path: Path, rows: str) -> None:
    with pytest.raises(UnreadableWorkbook, match="damaged"):
        read(with_rows(tmp_path / "a.xlsx", BROKEN[rows]))


# What programs read in different ways, in the order of rows, cells and values; each also with a
# comment before it, so that both readers meet it.
CONTRADICTORY = {
    "a row twice": (
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1"><c r="A1"><v>2</v></c></row>',
        "row 1 stands there twice",
    ),
    "a row of a number that is none": ('<row r="-1"><c><v>1</v></c></row>', 'the number "-1"'),
    "a row beyond the last": ('<row r="1048577"><c><v>1</v></c></row>', 'the number "1048577"'),
    "a column twice": (
        '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
        "holds a cell twice",
    ),
    "a column beyond the last": ('<row r="1"><c r="XFE1"><v>1</v></c></row>', "column XFE"),
    "a cell of another row": (
        '<row r="1"><c r="A1"><v>1</v></c><c r="B2"><v>2</v></c></row>',
        "row 1 holds a cell that says it is B2",
    ),
    "something between cells": (
        '<row r="1"><c r="A1"><v>1</v></c><x r="B1"><v>2</v></x></row>',
        "between the cells of row 1 stands something else",
    ),
    "two values": ('<row r="1"><c r="A1"><v>1</v><v>2</v></c></row>', "two values or formulas"),
    "a text that is not there": ('<row r="1"><c r="A1" t="s"><v>77</v></c></row>', 'text "77"'),
    "a text before the first": ('<row r="1"><c r="A1" t="s"><v>-1</v></c></row>', 'text "-1"'),
    "a value beside a text": (
        '<row r="1"><c r="A1" t="inlineStr"><v>7</v><is><t>8</t></is></c></row>',
        "holds a value and a text",
    ),
    "a text said to be a number": (
        '<row r="1"><c r="A1"><is><t>7</t></is></c></row>',
        'of type "n"',
    ),
}


@pytest.mark.parametrize("before", ["", "<!-- -->"], ids=["in one pass", "by parsing"])
@pytest.mark.parametrize("case", CONTRADICTORY)
def test_a_sheet_that_contradicts_itself_is_refused(tmp_path: Path, case: str, before: str) -> None:
    rows, said = CONTRADICTORY[case]
    path = with_rows(tmp_path / "a.xlsx", before + rows, strings=STRINGS["plain"])
    with pytest.raises(UnreadableWorkbook, match="this file is damaged") as told:
        read(path)
    assert said in str(told.value)


ONCE_MISREAD = {
    "rows in single quotes stand where they say": (
        "<row r='3' hidden='1'><c r='A3'><v>7</v></c></row>",
        {(3, 1): 7},
    ),
    "a text said to be spelled out that is a value": (
        '<row r="1"><c r="A1" t="inlineStr"><v>7</v></c></row>',
        {(1, 1): "7"},
    ),
    "a format that is not given": ('<row r="1"><c r="A1" s=""><v>7</v></c></row>', {(1, 1): 7}),
}


@pytest.mark.parametrize("case", ONCE_MISREAD)
def test_what_was_misread_once(tmp_path: Path, case: str) -> None:
    rows, values = ONCE_MISREAD[case]
    (sheet,) = read(with_rows(tmp_path / "a.xlsx", rows)).sheets
    assert {place: cell.value for place, cell in sheet.cells.items()} == values
    assert sheet.hidden_rows == ({3} if "hidden" in rows else set())


TEXTS = st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
VALUES = st.one_of(
    st.integers(-(10**15), 10**15),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    TEXTS,
    st.sampled_from(["#REF!", "=A1", "_x0041_", "a\nb", "  ", "0", "TRUE"]),
    st.datetimes(datetime(1900, 3, 1), datetime(2100, 1, 1)),
)
CELLS = st.dictionaries(
    st.tuples(st.integers(0, 6), st.integers(0, 30)),
    st.tuples(VALUES, st.sampled_from([None, "=1+1", '=IF(A1<2,"&","")', "=SUM(B$1:C9)"])),
    max_size=25,
)


@settings(max_examples=60)
@given(cells=CELLS, epoch_1904=st.booleans())
def test_any_workbook(tmp_path_factory: Any, cells: dict[Any, Any], epoch_1904: bool) -> None:
    def fill(book: Any, sheet: Any) -> None:
        day = book.add_format({"num_format": "d/m/yy h:mm"})
        for (row, column), (value, formula) in cells.items():
            if isinstance(value, datetime):
                sheet.write_datetime(row, column, value.replace(microsecond=0), day)
            elif formula:
                sheet.write_formula(row, column, formula, None, value)
            elif isinstance(value, bool):
                sheet.write_boolean(row, column, value)
            elif isinstance(value, str):
                sheet.write_string(row, column, value)
            else:
                sheet.write_number(row, column, value)

    if epoch_1904:
        cells = {k: v for k, v in cells.items() if not isinstance(v[0], datetime)}
    path = tmp_path_factory.mktemp("any") / "a.xlsx"
    assert_same(of_xlsxwriter(path, fill, date_1904=epoch_1904))


def test_a_sheet_longer_than_what_is_read_at_once(tmp_path: Path, monkeypatch: Any) -> None:
    from xl_compliance.workbook import sheet_xml

    monkeypatch.setattr(sheet_xml, "_CHUNK", 700)
    path = of_xlsxwriter(
        tmp_path / "a.xlsx",
        lambda _, sheet: [sheet.write_row(row, 0, [row, f"t{row}"]) for row in range(300)],
    )
    (sheet,) = assert_same(path)
    assert len(sheet.cells) == 600
    assert dict(sheet.cells.items()) == {place: sheet.cells[place] for place in sheet.cells}
