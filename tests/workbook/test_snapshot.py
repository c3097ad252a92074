"""The snapshot reader: what it keeps apart, what it reads, and what it says when it cannot."""

import io
import os
import pickle
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.workbook.defined_name import DefinedName as NewName
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula
from openpyxl.worksheet.table import Table as NewTable

from xl_compliance.workbook.snapshot import (
    BLANK,
    NOT_CALCULATED,
    Cell,
    CellValue,
    DefinedName,
    ExcelError,
    Sheet,
    Snapshot,
    UnreadableWorkbook,
    format_address,
    from_serial,
    parse_address,
    read,
)

SOFFICE = shutil.which("soffice")
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SHEET = "xl/worksheets/sheet1.xml"


def saved(book: Workbook, path: Path) -> Path:
    book.save(path)
    return path


def simple(path: Path) -> Path:
    book = Workbook()
    book.active["A1"] = 1
    return saved(book, path)


def edited(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """Change one part of a package in place."""
    with zipfile.ZipFile(path) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, content in members:
            archive.writestr(info.filename, change(content) if info.filename == part else content)
    return path


def with_cells(path: Path, cells: str) -> Sheet:
    """The only sheet of a workbook whose sheetData is this XML."""
    simple(path)
    row = f'<row r="1">{cells}</row>'.encode()
    edited(
        path,
        SHEET,
        lambda xml: xml.replace(xml[xml.index(b"<row") : xml.index(b"</sheetData")], row),
    )
    return read(path).sheets[0]


def the_sheet(snapshot: Snapshot, name: str) -> Sheet:
    sheet = snapshot.sheet(name)
    assert sheet is not None
    return sheet


class TestCells:
    def test_every_kind_of_constant_comes_as_itself(self, tmp_path: Path) -> None:
        book = Workbook()
        values = [1, 1.43, True, False, "text", datetime(2024, 3, 1, 16, 0), time(9, 30)]
        book.active.append(values)
        sheet = read(saved(book, tmp_path / "a.xlsx")).sheets[0]
        found = [sheet.cell(1, column).value for column in range(1, len(values) + 1)]
        assert found == values
        assert [type(it) for it in found] == [type(it) for it in values]

    def test_a_date_is_a_datetime_at_midnight(self, tmp_path: Path) -> None:
        book = Workbook()
        book.active["A1"] = date(2024, 3, 1)
        value = read(saved(book, tmp_path / "a.xlsx")).sheets[0].cell("A1").value
        assert value == datetime(2024, 3, 1)
        assert type(value) is datetime

    @pytest.mark.parametrize(
        ("cell", "expected"),
        [
            ('<c r="A1" t="e"><v>#REF!</v></c>', Cell(ExcelError("#REF!"))),
            ('<c r="A1" t="e"><f>B1</f><v>#N/A</v></c>', Cell(ExcelError("#N/A"), "=B1")),
            ('<c r="A1" t="inlineStr"><is><t>#REF!</t></is></c>', Cell("#REF!")),
            ('<c r="A1" t="str"><f>B1</f><v></v></c>', Cell("", "=B1")),
            ('<c r="A1" t="str"><f>B1</f></c>', Cell("", "=B1")),
            ('<c r="A1"><f>B1</f></c>', Cell(NOT_CALCULATED, "=B1")),
            ('<c r="A1"><f>B1</f><v/></c>', Cell(NOT_CALCULATED, "=B1")),
            ('<c r="A1"><f>B1</f><v>0</v></c>', Cell(0, "=B1")),
            ('<c r="A1" t="b"><f>B1</f><v>0</v></c>', Cell(False, "=B1")),
            ('<c r="A1" t="inlineStr"><is><t>=B1</t></is></c>', Cell("=B1")),
            ('<c r="A1" t="d"><v>2024-03-01T16:00:00</v></c>', Cell(datetime(2024, 3, 1, 16))),
            ('<c r="A1" s="0"/>', BLANK),
            ("<c><v>7</v></c>", Cell(7)),
        ],
    )
    def test_error_blank_text_and_not_calculated_stay_apart(
        self, tmp_path: Path, cell: str, expected: Cell
    ) -> None:
        found = with_cells(tmp_path / "a.xlsx", cell).cell("A1")
        assert found == expected
        assert type(found.value) is type(expected.value)

    def test_spelled_out_characters_are_resolved(self, tmp_path: Path) -> None:
        cell = '<c r="A1" t="inlineStr"><is><t>a_x000D_b _x005F_x0041_</t></is></c>'
        assert with_cells(tmp_path / "a.xlsx", cell).cell("A1").value == "a\rb _x0041_"

    def test_text_keeps_its_characters(self, tmp_path: Path) -> None:
        book = Workbook()
        text = '  Smith & "Jones" <it\'s> Łódź 東京 🙂\n second line '
        book.active["A1"] = text
        assert read(saved(book, tmp_path / "a.xlsx")).sheets[0].cell("A1").value == text

    def test_formula_texts(self, tmp_path: Path) -> None:
        book = Workbook()
        sheet = book.active
        sheet["A1"] = "=SUM(B1:B3)"
        sheet["A2"] = ArrayFormula("A2:A3", "=B1:B2*2")
        sheet["A4"] = DataTableFormula("A4:A5", dt2D="1", dtr="1", r1="B1", r2="B2")
        sheet["A6"] = DataTableFormula("A6:A7", r1="B1")
        found = read(saved(book, tmp_path / "a.xlsx")).sheets[0]
        assert [found.cell(it).formula for it in ("A1", "A2", "A4", "A6")] == [
            "=SUM(B1:B3)",
            "=B1:B2*2",
            "=TABLE(B1,B2)",
            "=TABLE(,B1)",
        ]

    def test_shared_formulas_are_written_out(self, tmp_path: Path) -> None:
        sheet = with_cells(
            tmp_path / "a.xlsx",
            '<c r="A1"><f t="shared" ref="A1:B1" si="0">A2*$A$3</f><v>1</v></c>'
            '<c r="B1"><f t="shared" si="0"/><v>2</v></c>',
        )
        assert sheet.cell("B1") == Cell(2, "=B2*$A$3")

    def test_values_under_merged_cells_are_kept(self, tmp_path: Path) -> None:
        book = Workbook()
        book.active.append([1, 2])
        path = saved(book, tmp_path / "a.xlsx")
        merged = b'</sheetData><mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>'
        edited(path, SHEET, lambda xml: xml.replace(b"</sheetData>", merged))
        assert read(path).sheets[0].cell("B1").value == 2

    def test_a_dimension_written_too_small_hides_nothing(self, tmp_path: Path) -> None:
        book = Workbook()
        book.active["C5"] = "here"
        path = saved(book, tmp_path / "a.xlsx")
        edited(
            path, SHEET, lambda xml: xml.replace(b'<dimension ref="C5:C5"', b'<dimension ref="A1"')
        )
        sheet = read(path).sheets[0]
        assert sheet.cell("C5").value == "here"
        assert sheet.dimension == (5, 3, 5, 3)

    def test_outside_is_blank(self, tmp_path: Path) -> None:
        sheet = read(simple(tmp_path / "a.xlsx")).sheets[0]
        assert sheet.cell("$b$7") == sheet.cell(0, 0) == sheet.cell(99, 99) == BLANK
        assert sheet.address(7, 2) == "B7"

    def test_a_style_alone_is_no_cell(self, tmp_path: Path) -> None:
        book = Workbook()
        book.active["D9"].number_format = "0.00"
        sheet = read(saved(book, tmp_path / "a.xlsx")).sheets[0]
        assert sheet.cells == {}
        assert sheet.dimension is None

    def test_an_address_that_is_none(self) -> None:
        for address in ("", "7B", "B", "B0", "B7:C8", "Sheet!B7", "B7\n"):
            with pytest.raises(ValueError, match="is not the address of a cell"):
                parse_address(address)

    @pytest.mark.parametrize(("position", "address"), [((1, 26), "Z1"), ((606, 14158), "TXN606")])
    def test_addresses_there_and_back(self, position: tuple[int, int], address: str) -> None:
        assert format_address(*position) == address
        assert parse_address(address.lower()) == position

    def test_no_cell_before_the_first(self) -> None:
        with pytest.raises(ValueError, match="count from 1"):
            format_address(0, 1)


class TestDates:
    @pytest.mark.parametrize(
        ("serial", "number_format", "epoch_1904", "expected"),
        [
            (45352, "yyyy-mm-dd", False, datetime(2024, 3, 1)),
            (43890, "yyyy-mm-dd", True, datetime(2024, 3, 1)),
            # 16:00 as a binary fraction is a hair short of it
            (45352 + 0.6666666666, "d/m/yy h:mm", False, datetime(2024, 3, 1, 16, 0)),
            (45352.999999, "yyyy-mm-dd", False, datetime(2024, 3, 2)),
            (0.395833333333, "h:mm", False, time(9, 30)),
            (0.5, '[$-de-DE]h:mm "day"', False, time(12, 0)),
            (0, "h:mm", False, time(0, 0)),
            (0.9999999, "h:mm", False, 0.9999999),
            (0, "yyyy-mm-dd", False, 0),
            (0, "yyyy-mm-dd", True, 0),
            (1, "yyyy-mm-dd", False, datetime(1900, 1, 1)),
            (59, "yyyy-mm-dd", False, datetime(1900, 2, 28)),
            (60, "yyyy-mm-dd", False, 60),
            (61, "yyyy-mm-dd", False, datetime(1900, 3, 1)),
            (2_958_465, "yyyy-mm-dd", False, datetime(9999, 12, 31)),
            (2_958_466, "yyyy-mm-dd", False, 2_958_466),
            (2_957_003, "yyyy-mm-dd", True, datetime(9999, 12, 31)),
            (2_957_004, "yyyy-mm-dd", True, 2_957_004),
            (-1, "yyyy-mm-dd", False, -1),
            (1.5, "[h]:mm", False, 1.5),
            (45352, "#,##0.00", False, 45352),
            (45352, "General", False, 45352),
            (45352, '0" days"', False, 45352),
            (float("inf"), "yyyy-mm-dd", False, float("inf")),
        ],
    )
    def test_serials(
        self, serial: float, number_format: str, epoch_1904: bool, expected: CellValue
    ) -> None:
        found = from_serial(serial, number_format, epoch_1904)
        assert found == expected
        assert type(found) is type(expected)

    @pytest.mark.parametrize("epoch_1904", [False, True])
    def test_the_workbook_says_from_when_its_days_count(
        self, tmp_path: Path, epoch_1904: bool
    ) -> None:
        book = Workbook()
        if epoch_1904:
            book.epoch = CALENDAR_MAC_1904
        book.active["A1"] = datetime(2024, 3, 1, 9, 30)
        snapshot = read(saved(book, tmp_path / "a.xlsx"))
        assert snapshot.epoch_1904 is epoch_1904
        assert snapshot.sheets[0].cell("A1").value == datetime(2024, 3, 1, 9, 30)

    def test_a_number_too_large_for_its_date_format_is_no_error_value(self, tmp_path: Path) -> None:
        book = Workbook()
        book.active["A1"] = 12_500_000
        book.active["A1"].number_format = "yyyy-mm-dd"
        found = read(saved(book, tmp_path / "a.xlsx")).sheets[0].cell("A1").value
        assert found == 12_500_000
        assert not isinstance(found, ExcelError)


class TestTablesAndNames:
    @pytest.fixture
    def snapshot(self, tmp_path: Path) -> Snapshot:
        book = Workbook()
        book.active.title = "Cover"
        prices = book.create_sheet("O'Neil & Sons")
        data: list[list[object]] = [
            ["Date", "Close\nUSD"],
            [datetime(2024, 3, 1), 1.43],
            [None, "=1/0"],
            ["Total", 9],
        ]
        for row, values in enumerate(data, 3):
            for column, value in enumerate(values, 2):
                prices.cell(row, column, value)
        table = NewTable(displayName="Prices", ref="B3:C6", totalsRowCount=1)
        prices.add_table(table)
        hidden = book.create_sheet("Hidden")
        hidden.sheet_state = "hidden"
        book.create_sheet("Very").sheet_state = "veryHidden"
        chart = book.create_chartsheet("Chart", 1)
        bars = BarChart()
        bars.add_data(Reference(prices, min_col=3, min_row=4, max_row=5))
        chart.add_chart(bars)
        book.defined_names["Limit"] = NewName("Limit", attr_text="Hidden!$A$1")
        hidden.defined_names["limit"] = NewName("limit", attr_text="Hidden!$A$2")
        path = saved(book, tmp_path / "a.xlsx")
        # Excel counts chart sheets in localSheetId; openpyxl reads it so but writes it otherwise.
        counted = (b'localSheetId="2"', b'localSheetId="3"')
        return read(edited(path, "xl/workbook.xml", lambda xml: xml.replace(*counted)))

    def test_sheets_in_order_with_their_visibility(self, snapshot: Snapshot) -> None:
        assert [(it.name, it.visible) for it in snapshot.sheets] == [
            ("Cover", True),
            ("O'Neil & Sons", True),
            ("Hidden", False),
            ("Very", False),
        ]

    def test_lookup_ignores_capitals(self, snapshot: Snapshot) -> None:
        assert the_sheet(snapshot, "COVER").name == "Cover"
        assert snapshot.table("prices") is snapshot.tables[0]
        assert snapshot.sheet("Nowhere") is None
        assert snapshot.table("Nothing") is None

    def test_a_table_without_its_headers_and_totals(self, snapshot: Snapshot) -> None:
        (table,) = snapshot.tables
        assert (table.sheet, table.first_row, table.first_column) == ("O'Neil & Sons", 4, 2)
        assert (table.headers, table.row_count) == (("Date", "Close\nUSD"), 2)
        rows = list(snapshot.rows(table))
        assert rows[0] == {
            "Date": ("B4", Cell(datetime(2024, 3, 1))),
            "Close\nUSD": ("C4", Cell(1.43)),
        }
        assert rows[1] == {
            "Date": ("B5", BLANK),
            "Close\nUSD": ("C5", Cell(NOT_CALCULATED, "=1/0")),
        }

    def test_a_table_without_header_row(self, tmp_path: Path) -> None:
        book = Workbook()
        book.active.append(["a"])
        book.active.append(["b"])
        book.active.add_table(NewTable(displayName="T", ref="A1:A2"))
        path = saved(book, tmp_path / "a.xlsx")
        headers = (b'headerRowCount="1"', b'headerRowCount="0"')
        edited(path, "xl/tables/table1.xml", lambda xml: xml.replace(*headers))
        snapshot = read(path)
        assert snapshot.tables[0].headers == ("a",)
        assert [row["a"].address for row in snapshot.rows(snapshot.tables[0])] == ["A1", "A2"]

    def test_names_of_a_sheet_come_before_those_of_the_workbook(self, snapshot: Snapshot) -> None:
        own = DefinedName("limit", "Hidden!$A$2", "Hidden")
        general = DefinedName("Limit", "Hidden!$A$1")
        assert snapshot.defined_name("LIMIT", "hidden") == own
        assert snapshot.defined_name("LIMIT", "Cover") == general
        assert snapshot.defined_name("LIMIT") == general
        assert snapshot.defined_name("Other") is None

    def test_a_name_of_a_deleted_sheet_is_passed_over(self, tmp_path: Path) -> None:
        book = Workbook()
        book.active.defined_names["Old"] = NewName("Old", attr_text="#REF!")
        path = saved(book, tmp_path / "a.xlsx")
        gone = (b'localSheetId="0"', b'localSheetId="7"')
        edited(path, "xl/workbook.xml", lambda xml: xml.replace(*gone))
        assert read(path).defined_names == ()

    def test_a_snapshot_travels_between_processes(self, snapshot: Snapshot) -> None:
        again = pickle.loads(pickle.dumps(snapshot))
        assert again == snapshot
        assert the_sheet(again, "O'Neil & Sons").cell("C5").value is NOT_CALCULATED


@pytest.mark.parametrize("absolute", [True, False])
def test_parts_are_found_by_absolute_and_relative_targets(tmp_path: Path, absolute: bool) -> None:
    path = simple(tmp_path / "a.xlsx")
    old, new = b'"/xl/worksheets/', b'"worksheets/'
    if not absolute:
        edited(path, "xl/_rels/workbook.xml.rels", lambda xml: xml.replace(old, new))
    with zipfile.ZipFile(path) as archive:
        expected = old if absolute else new
        assert expected in archive.read("xl/_rels/workbook.xml.rels")
    assert read(path).sheets[0].cell("A1").value == 1


def test_the_file_is_not_touched(tmp_path: Path) -> None:
    path = simple(tmp_path / "a.xlsx")
    path.chmod(stat.S_IREAD)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    read(str(path))
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert list(tmp_path.iterdir()) == [path]


def test_openpyxl_is_imported_only_to_read() -> None:
    code = (
        "import sys, xl_compliance.workbook.snapshot, xl_compliance.workbook.cached_values;"
        "sys.exit('openpyxl' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def zipped(**members: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def an_xlsx(tmp_path: Path) -> bytes:
    return simple(tmp_path / "whole.xlsx").read_bytes()


ENCRYPTED = OLE2 + bytes(600) + "EncryptedPackage".encode("utf-16-le")
OPC = {"[Content_Types].xml": "<Types/>", "_rels/.rels": "<Relationships/>"}
EXPECTED = "Expected an Excel workbook (.xlsx or .xlsm)."
SAVE = f"{EXPECTED} Open it in Excel and save it as .xlsx."
AGAIN = f"{EXPECTED} Save or copy the workbook again."


class TestUnreadable:
    @pytest.mark.parametrize(
        ("name", "content", "message"),
        [
            ("a.xlsx", b"", f"this file is empty (0 bytes). {AGAIN}"),
            (
                "a.xlsx",
                OLE2 + bytes(600) + "Workbook".encode("utf-16-le"),
                f"this is an old .xls workbook under an .xlsx name. {SAVE}",
            ),
            (
                "a.xlsx",
                ENCRYPTED,
                f"this workbook is encrypted with a password. {EXPECTED} Open it in Excel, remove "
                "the password (File, Info, Protect Workbook) and save a copy.",
            ),
            (
                "a.xlsx",
                zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"),
                f"this is an OpenDocument file (.ods) under an Excel name. {EXPECTED} "
                "Open it in LibreOffice or Excel and save it as .xlsx.",
            ),
            (
                "a.xlsx",
                b"\xef\xbb\xbf\r\n<!DOCTYPE HTML><html></html>",
                f"this is an HTML page under an Excel name. {SAVE}",
            ),
            ("a.xlsx", b"<table><tr>", f"this is an HTML page under an Excel name. {SAVE}"),
            (
                "a.xlsx",
                b'<?xml?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
                f"this is an XML Spreadsheet 2003 under an Excel name. {SAVE}",
            ),
            (
                "a.xlsx",
                b"%PDF-1.7\n\x00",
                f"this is a PDF under an Excel name. {EXPECTED} "
                "Find the workbook that it was printed from.",
            ),
            (
                "a.xlsm",
                b"PKG,Holder\r\n1,Smith\r\n",
                f"this is a text file (CSV?) under an Excel name. {SAVE}",
            ),
            (
                "a.xlsx",
                "Holder\tShares".encode("utf-16"),
                f"this is a text file (CSV?) under an Excel name. {SAVE}",
            ),
            (
                "a.xlsx",
                bytes(range(64)),
                f"this is not a zip file, as every workbook is. {AGAIN}",
            ),
            (
                "a.xlsx",
                zipped(**{"notes.txt": "hello"}),
                f"this is a zip file that holds no workbook. {EXPECTED} "
                "Unpack it and name the workbook.",
            ),
            (
                "a.xlsx",
                zipped(**OPC, **{"word/document.xml": "<document/>"}),
                f"this is a Word or PowerPoint file under an Excel name. {EXPECTED} "
                "Name the workbook.",
            ),
            (
                "a.xlsx",
                zipped(**OPC, **{"xl/workbook.bin": ""}),
                f"this is a binary workbook (.xlsb) under another name. {SAVE}",
            ),
            ("a.csv", b"any", f"this is a text file (.csv). {SAVE}"),
            ("a.pages", b"any", f"this is a .pages file. {SAVE}"),
            ("a", b"any", f"this is a file without an extension. {SAVE}"),
            (
                "~$a.xlsx",
                b"any",
                "this is the lock file of a.xlsx while that is open. "
                f"{EXPECTED} Read a.xlsx instead.",
            ),
            (
                ".~lock.a.xlsx#",
                b"any",
                "this is the lock file of a.xlsx while that is open. "
                f"{EXPECTED} Read a.xlsx instead.",
            ),
        ],
    )
    def test_what_the_file_is_instead(
        self, tmp_path: Path, name: str, content: bytes, message: str
    ) -> None:
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(UnreadableWorkbook) as caught:
            read(path)
        assert str(caught.value) == f"{name}: {message}"
        assert caught.value.path == path

    @pytest.mark.skipif(
        SOFFICE is None and os.environ.get("CI") != "true",
        reason="LibreOffice (soffice) is not installed; install libreoffice-calc to run this test",
    )
    @pytest.mark.parametrize(
        ("suffix", "message"),
        [("xls", "this is an old .xls workbook under"), ("ods", "this is an OpenDocument file")],
    )
    def test_real_files_of_another_kind(self, tmp_path: Path, suffix: str, message: str) -> None:
        assert SOFFICE, "LibreOffice (soffice) is missing, and under CI it must not be"
        source, output = simple(tmp_path / "a.xlsx"), tmp_path / "converted"
        profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
        orders = ["--headless", "--convert-to", suffix, "--outdir", str(output), str(source)]
        subprocess.run([SOFFICE, profile, *orders], check=True, capture_output=True, timeout=180)
        renamed = (output / f"a.{suffix}").rename(output / "renamed.xlsx")
        with pytest.raises(UnreadableWorkbook, match=re.escape(f"renamed.xlsx: {message}")):
            read(renamed)

    def test_a_missing_file(self, tmp_path: Path) -> None:
        for path in (tmp_path / "a.xlsx", tmp_path / "nowhere" / "a.xlsx"):
            with pytest.raises(UnreadableWorkbook, match=r"^a\.xlsx: there is no such file\. Exp"):
                read(path)

    def test_a_folder(self, tmp_path: Path) -> None:
        (tmp_path / "a.xlsx").mkdir()
        with pytest.raises(UnreadableWorkbook, match=r"^a\.xlsx: this is a folder\. .* in it\.$"):
            read(tmp_path / "a.xlsx")

    def test_permission_denied(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def denied(_: Path) -> bytes:
            raise PermissionError(13, "Permission denied")

        path = simple(tmp_path / "a.xlsx")
        monkeypatch.setattr(Path, "read_bytes", denied)
        with pytest.raises(
            UnreadableWorkbook, match=r"may not be read \(PermissionError: .*denied"
        ):
            read(path)

    def test_a_name_the_system_refuses(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableWorkbook, match=r"could not be read .* Check the drive"):
            read(tmp_path / ("a" * 300 + ".xlsx"))

    @pytest.mark.parametrize("kept", [0.3, 0.6, 0.99])
    def test_cut_short(self, tmp_path: Path, kept: float) -> None:
        content = an_xlsx(tmp_path)
        path = tmp_path / "a.xlsx"
        path.write_bytes(content[: int(len(content) * kept)])
        with pytest.raises(
            UnreadableWorkbook, match=r"cut short or damaged \(BadZipFile: .*Repair"
        ):
            read(path)

    def test_damaged_inside(self, tmp_path: Path) -> None:
        content = bytearray(an_xlsx(tmp_path))
        path = tmp_path / "a.xlsx"
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            start = archive.getinfo(SHEET).header_offset + 30 + len(SHEET)
        content[start + 20 : start + 40] = bytes(20)
        path.write_bytes(content)
        with pytest.raises(
            UnreadableWorkbook, match=r"^a\.xlsx: this file is cut short or damaged"
        ):
            read(path)

    def test_xml_that_is_not_well_formed(self, tmp_path: Path) -> None:
        path = edited(simple(tmp_path / "a.xlsx"), SHEET, lambda xml: xml[:-20])
        with pytest.raises(
            UnreadableWorkbook, match=r"cut short or damaged \(ParseError: .* Copy or download"
        ):
            read(path)

    def test_what_stands_behind_a_failure_is_told_too(self, tmp_path: Path) -> None:
        path = edited(
            simple(tmp_path / "a.xlsx"), SHEET, lambda xml: xml.replace(b"<v>1<", b"<v>many<")
        )
        with pytest.raises(
            UnreadableWorkbook, match=r'damaged: sheet .* holds "many" for a number'
        ):
            read(path)

    def test_a_sheet_whose_part_is_missing_is_not_passed_over(self, tmp_path: Path) -> None:
        rels = "xl/_rels/workbook.xml.rels"
        path = simple(tmp_path / "a.xlsx")
        edited(path, rels, lambda xml: xml.replace(b"sheet1.xml", b"sheet9.xml"))
        with pytest.raises(UnreadableWorkbook, match=r"the part xl/worksheets/sheet9\.xml is miss"):
            read(path)

    def test_a_sheet_that_points_nowhere_is_not_passed_over(self, tmp_path: Path) -> None:
        path = simple(tmp_path / "a.xlsx")
        edited(path, "xl/workbook.xml", lambda xml: xml.replace(b'r:id="rId1"', b'r:id="rId99"'))
        edited(path, "xl/workbook.xml", lambda xml: xml.replace(b':id="rId1"', b':id="rId99"'))
        with pytest.raises(UnreadableWorkbook, match="the sheet Sheet points to no part"):
            read(path)

    def test_strict_open_xml_is_not_read_as_empty(self, tmp_path: Path) -> None:
        path = edited(
            simple(tmp_path / "a.xlsx"),
            "xl/workbook.xml",
            lambda xml: xml.replace(
                b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                b"http://purl.oclc.org/ooxml/spreadsheetml/main",
            ),
        )
        with pytest.raises(UnreadableWorkbook, match="Strict Open XML"):
            read(path)

    def test_an_entity_bomb_is_refused(self, tmp_path: Path) -> None:
        bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'
        path = edited(simple(tmp_path / "a.xlsx"), SHEET, lambda _: bomb)
        with pytest.raises(UnreadableWorkbook, match="declares a document type"):
            read(path)

    def test_a_name_cannot_forge_a_line_or_steer_a_terminal(self, tmp_path: Path) -> None:
        path = tmp_path / "a\n\x1b[31mPASS\u202e\udce9.xlsx"
        with pytest.raises(UnreadableWorkbook) as caught:
            read(path)
        assert str(caught.value).startswith("a ?[31mPASS??.xlsx: there is no such file.")
        assert "\n" not in str(caught.value)

    def test_the_failure_travels_between_processes(self, tmp_path: Path) -> None:
        with pytest.raises(UnreadableWorkbook) as caught:
            read(tmp_path / "a.xlsx")
        again = pickle.loads(pickle.dumps(caught.value))
        assert str(again) == str(caught.value)
        assert again.remedy == "Check the name and the folder"
