"""Results stored beside formulas: what changes in the file, what does not, and who reads it."""

import csv
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table
from python_calamine import CalamineWorkbook

from xl_compliance.workbook.cached_values import LONGEST_TEXT, Result, store_cached_values
from xl_compliance.workbook.snapshot import (
    NOT_CALCULATED,
    CellValue,
    ExcelError,
    UnreadableWorkbook,
    read,
)

FIRST = "xl/worksheets/sheet1.xml"
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SOFFICE = shutil.which("soffice")

needs_libreoffice = pytest.mark.skipif(
    SOFFICE is None and os.environ.get("CI") != "true",
    reason="LibreOffice (soffice) is not installed; install libreoffice-calc to run this test",
)

RESULTS: dict[str, Result] = {
    "A1": 1.43,
    "A2": 1_250_000,
    "A3": 0.1 + 0.2,
    "A4": "REQUIRED",
    "A5": '  Smith & "Jones" <it\'s> Łódź 東京 🙂 ',
    "A6": "two\nlines\tand a tab",
    "A7": True,
    "A8": False,
    "A9": ExcelError("#N/A"),
    "A10": ExcelError("#DIV/0!"),
    "A11": "#N/A",
    "A12": -1e-7,
    "A13": "",
    "A14": "=A1",
    "A15": 1e300,
    "A16": "TRUE",
}

# LibreOffice takes numbers and texts as stored. It calculates formulas that resulted in TRUE or
# FALSE, an error or "" again, and has no such function here.
KEPT_BY_LIBREOFFICE = [
    address
    for address, result in RESULTS.items()
    if result != "" and not isinstance(result, bool | ExcelError)
]


def saved(book: Workbook, path: Path) -> Path:
    book.save(path)
    return path


def formulas(path: Path, count: int = len(RESULTS)) -> Path:
    """A workbook with formulas that no program here can calculate, so that none replaces them."""
    book = Workbook()
    for row in range(1, count + 1):
        book.active.cell(row, 1, f"=MINPRICE(B{row})")
        book.active.cell(row, 2, f"text {row}")
    return saved(book, path)


def on_sheet(results: dict[str, Result], sheet: str = "Sheet") -> dict[tuple[str, str], Result]:
    return {(sheet, address): result for address, result in results.items()}


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_part(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    members = contents(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, change(content) if name == part else content)
    return path


def with_xml(path: Path, xml: str | bytes) -> Path:
    """A workbook whose only sheet is this XML."""
    xml = xml.encode() if isinstance(xml, str) else xml
    return with_part(formulas(path), FIRST, lambda _: xml)


def with_rows(path: Path, rows: str) -> Path:
    return with_xml(
        path, f'<worksheet xmlns="{MAIN.decode()}"><sheetData>{rows}</sheetData></worksheet>'
    )


def stored_rows(tmp_path: Path, rows: str, results: dict[str, Result]) -> str:
    """What becomes of the rows of a sheet."""
    source, target = with_rows(tmp_path / "a.xlsx", rows), tmp_path / "b.xlsx"
    store_cached_values(source, target, on_sheet(results))
    xml = contents(target)[FIRST].decode()
    return xml.partition("<sheetData>")[2].partition("</sheetData>")[0]


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    source, target = formulas(tmp_path / "a.xlsx"), tmp_path / "b.xlsx"
    store_cached_values(source, target, on_sheet(RESULTS))
    return target


class TestReadBack:
    @pytest.mark.parametrize("address", RESULTS)
    def test_by_the_snapshot_reader(self, stored: Path, address: str) -> None:
        cell = read(stored).sheets[0].cell(address)
        assert cell.value == RESULTS[address]
        assert type(cell.value) is type(RESULTS[address])
        assert cell.formula == f"=MINPRICE(B{address[1:]})"

    def test_by_openpyxl(self, stored: Path) -> None:
        sheet = load_workbook(stored, data_only=True).active
        found = {address: sheet[address].value for address in RESULTS}
        assert found == {**RESULTS, "A13": None}  # it reads "" as nothing
        assert [sheet[it].data_type for it in ("A7", "A9", "A11", "A14")] == ["b", "e", "s", "s"]

    def test_by_calamine(self, stored: Path) -> None:
        rows = CalamineWorkbook.from_path(stored).get_sheet_by_index(0).to_python()
        found = {address: row[0] for address, row in zip(RESULTS, rows, strict=True)}
        # it gives errors as "", and has no word for those
        expected = {**RESULTS, "A9": "", "A10": ""}
        assert {it: found[it] for it in RESULTS} == expected

    @needs_libreoffice
    def test_by_libreoffice(self, stored: Path, tmp_path: Path) -> None:
        rows = converted(stored, tmp_path, "csv")
        with rows.open(encoding="utf-8", newline="") as lines:
            shown = (row[0] for row in csv.reader(lines))
            found = dict(zip(RESULTS, shown, strict=True))
        expected = {it: RESULTS[it] for it in KEPT_BY_LIBREOFFICE} | {
            "A1": "1.43",
            "A2": "1250000",
            "A3": "0.3",
            "A12": "-0.0000001",
            "A15": "1E+300",
        }
        assert {it: found[it] for it in KEPT_BY_LIBREOFFICE} == expected

    @needs_libreoffice
    def test_after_libreoffice_saved_it(self, stored: Path, tmp_path: Path) -> None:
        sheet = read(converted(stored, tmp_path, "xlsx")).sheets[0]
        found = {address: sheet.cell(address).value for address in KEPT_BY_LIBREOFFICE}
        # it saves 15 digits
        assert found == {it: RESULTS[it] for it in KEPT_BY_LIBREOFFICE} | {"A3": 0.3}

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(
        result=st.one_of(
            st.text(max_size=40),
            st.text(alphabet="_x0041D \r\n\t&<>\"'", max_size=20),
            st.booleans(),
            st.integers(-(10**17), 10**17),
            st.floats(allow_nan=False, allow_infinity=False),
        )
    )
    def test_whatever_is_stored_is_read(self, tmp_path: Path, result: Result) -> None:
        source, target = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
        if not source.exists():
            formulas(source, 1)
        store_cached_values(source, target, {("Sheet", "A1"): result})
        found = read(target).sheets[0].cell("A1").value
        assert found == result
        assert type(found) is type(result)


def converted(path: Path, folder: Path, suffix: str) -> Path:
    """A workbook as LibreOffice loads and saves it."""
    assert SOFFICE, "LibreOffice (soffice) is missing, and under CI it must not be"
    kind = "csv:Text - txt - csv (StarCalc):44,34,76,1" if suffix == "csv" else suffix
    output = folder / "converted"
    subprocess.run(
        [
            SOFFICE,
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            *("--convert-to", kind, "--outdir", str(output), str(path)),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    return output / f"{path.stem}.{suffix}"


class TestWhatIsWritten:
    @pytest.mark.parametrize(
        ("result", "cell"),
        [
            (7, '<c r="A1" s="1"><f>X()</f><v>7</v></c>'),
            (7.0, '<c r="A1" s="1"><f>X()</f><v>7.0</v></c>'),
            (0.1 + 0.2, '<c r="A1" s="1"><f>X()</f><v>0.30000000000000004</v></c>'),
            (10**16, '<c r="A1" s="1"><f>X()</f><v>10000000000000000</v></c>'),
            (True, '<c r="A1" s="1" t="b"><f>X()</f><v>1</v></c>'),
            (ExcelError("#REF!"), '<c r="A1" s="1" t="e"><f>X()</f><v>#REF!</v></c>'),
            ("#REF!", '<c r="A1" s="1" t="str"><f>X()</f><v>#REF!</v></c>'),
            ("a & <b>", '<c r="A1" s="1" t="str"><f>X()</f><v>a &amp; &lt;b&gt;</v></c>'),
            (" a", '<c r="A1" s="1" t="str"><f>X()</f><v xml:space="preserve"> a</v></c>'),
            ("a\n", '<c r="A1" s="1" t="str"><f>X()</f><v xml:space="preserve">a\n</v></c>'),
            ("a\r\x01", '<c r="A1" s="1" t="str"><f>X()</f><v>a_x000D__x0001_</v></c>'),
            ("_x0041_", '<c r="A1" s="1" t="str"><f>X()</f><v>_x005F_x0041_</v></c>'),
            ("\ud800", '<c r="A1" s="1" t="str"><f>X()</f><v>_xD800_</v></c>'),
            ("", '<c r="A1" s="1" t="str"><f>X()</f><v></v></c>'),
            (date(2024, 3, 1), '<c r="A1" s="1"><f>X()</f><v>45352</v></c>'),
            (datetime(2024, 3, 1, 12), '<c r="A1" s="1"><f>X()</f><v>45352.5</v></c>'),
        ],
    )
    def test_type_and_text_of_a_result(self, tmp_path: Path, result: Result, cell: str) -> None:
        row = '<row r="1"><c r="A1" s="1"><f>X()</f><v/></c></row>'
        assert stored_rows(tmp_path, row, {"A1": result}) == f'<row r="1">{cell}</row>'

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ('<c r="A1"><f>X()</f></c>', '<c r="A1"><f>X()</f><v>7</v></c>'),
            ('<c r="A1"><f>X()</f><v></v></c>', '<c r="A1"><f>X()</f><v>7</v></c>'),
            (
                "<c r='A1' t='str' ><f>X()</f ><v >old</v ></c>",
                "<c r='A1' ><f>X()</f ><v>7</v></c>",
            ),
            ('<c t="e" r="A1"><f>X()</f><v>#N/A</v></c>', '<c r="A1"><f>X()</f><v>7</v></c>'),
            (
                '<c r="A1" t="str"><f>X()</f><v xml:space="preserve"> > /></v></c>',
                '<c r="A1"><f>X()</f><v>7</v></c>',
            ),
            (
                '<c r="A1" t="s" cm="1" vm="2"><f t="array" ref="A1">X("&lt;v/>")</f><v>0</v></c>',
                '<c r="A1" cm="1"><f t="array" ref="A1">X("&lt;v/>")</f><v>7</v></c>',
            ),
            (
                '<c r="A1" t="inlineStr"><f>X()</f><is><t>old</t></is></c>',
                '<c r="A1"><f>X()</f><v>7</v></c>',
            ),
            (
                '<c r="A1"><f t="shared" si="0"/><v>1</v><extLst><ext uri="u"/></extLst></c>',
                '<c r="A1"><f t="shared" si="0"/><v>7</v><extLst><ext uri="u"/></extLst></c>',
            ),
            (
                '<c r="A1"><!-- <f> --><f>X()</f><v>1</v></c>',
                '<c r="A1"><!-- <f> --><f>X()</f><v>7</v></c>',
            ),
            ("<c><f>X()</f></c>", "<c><f>X()</f><v>7</v></c>"),
        ],
    )
    def test_only_the_result_changes(self, tmp_path: Path, before: str, after: str) -> None:
        assert stored_rows(tmp_path, f"<row>{before}</row>", {"A1": 7}) == f"<row>{after}</row>"

    def test_cells_and_rows_that_do_not_say_where_they_are(self, tmp_path: Path) -> None:
        rows = '<row r="3"><c r="B3"/><c><f>X()</f></c></row><row><c/><c><f>Y()</f></c></row>'
        assert stored_rows(tmp_path, rows, {"C3": 1, "B4": 2}) == (
            '<row r="3"><c r="B3"/><c><f>X()</f><v>1</v></c></row>'
            "<row><c/><c><f>Y()</f><v>2</v></c></row>"
        )

    def test_prefixes_and_a_byte_order_mark(self, tmp_path: Path) -> None:
        xml = (
            b"\xef\xbb\xbf<?xml version='1.0' encoding='UTF-8'?>\r\n<!-- \xc5\x81 -->"
            b'<x:worksheet xmlns:x="' + MAIN + b'"><x:sheetData><x:row r="1"><x:c r="A1">'
            b"<x:f>X()</x:f>%b</x:c></x:row></x:sheetData></x:worksheet>"
        )
        source, target = with_xml(tmp_path / "a.xlsx", xml % b"<x:v/>"), tmp_path / "b.xlsx"
        store_cached_values(source, target, {("Sheet", "A1"): "Ł"})
        expected = (xml % b"<x:v>\xc5\x81</x:v>").replace(b'r="A1"', b'r="A1" t="str"')
        assert contents(target)[FIRST] == expected

    def test_a_cell_of_another_vocabulary_is_no_cell(self, tmp_path: Path) -> None:
        row = '<row r="1"><c xmlns="urn:other" r="A1"><f>X()</f></c></row>'
        with pytest.raises(ValueError, match="Sheet!A1 is not a formula cell"):
            stored_rows(tmp_path, row, {"A1": 1})

    def test_a_formula_written_in_the_vocabulary_of_another_is_none(self, tmp_path: Path) -> None:
        row = '<row r="1"><c r="A1"><f xmlns="urn:other">X()</f></c></row>'
        with pytest.raises(ValueError, match="Sheet!A1 is not a formula cell"):
            stored_rows(tmp_path, row, {"A1": 1})

    @pytest.mark.parametrize("epoch_1904", [False, True])
    def test_dates_count_as_the_workbook_does(self, tmp_path: Path, epoch_1904: bool) -> None:
        book = Workbook()
        if epoch_1904:
            book.epoch = CALENDAR_MAC_1904
        book.active["A1"] = "=X()"
        book.active["A1"].number_format = "yyyy-mm-dd h:mm"
        source, target = saved(book, tmp_path / "a.xlsx"), tmp_path / "b.xlsx"
        moment = datetime(2024, 3, 1, 16, 0)
        store_cached_values(source, target, {("Sheet", "A1"): moment})
        assert read(target).sheets[0].cell("A1").value == moment
        assert load_workbook(target, data_only=True).active["A1"].value == moment
        assert CalamineWorkbook.from_path(target).get_sheet_by_index(0).to_python() == [[moment]]


class TestWhatStays:
    @pytest.fixture
    def rich(self, tmp_path: Path) -> Path:
        """Two sheets, one with a name to be quoted, and parts of many kinds."""
        book = Workbook()
        sheet = book.active
        for row in [["Class", "Sum"], ["A & B", "=X(1)"], [" common ", "=X(2)"]]:
            sheet.append(row)
        sheet.add_table(Table(displayName="Classes", ref="A1:B3"))
        sheet["A1"].comment = Comment("a note", "someone")
        other = book.create_sheet('O\'Neil & "Sons" Ł')
        other["B2"] = "=X(3)"
        other["B3"] = ArrayFormula("B3:B4", "=X(4)")
        path = with_shared_string(saved(book, tmp_path / "rich.xlsx"), " common ")
        with zipfile.ZipFile(path, "a") as archive:
            archive.comment = b"a comment on the package"
            chain = b'<calcChain xmlns="' + MAIN + b'"><c r="B2" i="1"/></calcChain>'
            archive.writestr("xl/calcChain.xml", chain)
            archive.writestr("custom/Ł.bin", bytes(range(256)), zipfile.ZIP_STORED)
        return path

    def test_two_sheets_in_one_go(self, rich: Path, tmp_path: Path) -> None:
        other = 'O\'Neil & "Sons" Ł'
        target = tmp_path / "b.xlsx"
        store_cached_values(
            rich, target, {("SHEET", "$b$2"): 1, (other, "B2"): "two", (other.upper(), "B3"): True}
        )
        first, second = read(target).sheets
        assert [first.cell(it).value for it in ("B2", "B3")] == [1, NOT_CALCULATED]
        assert [second.cell(it).value for it in ("B2", "B3", "B4")] == ["two", True, None]
        assert first.cell("A3").value == " common "

    def test_every_other_part_is_the_same(self, rich: Path, tmp_path: Path) -> None:
        target = tmp_path / "b.xlsx"
        store_cached_values(rich, target, {("Sheet", "B2"): "new"})
        before, after = contents(rich), contents(target)
        assert list(after) == list(before)
        assert [name for name in before if before[name] != after[name]] == [FIRST]
        assert "xl/sharedStrings.xml" in before
        assert "xl/calcChain.xml" in before
        assert b'fullCalcOnLoad="1"' in after["xl/workbook.xml"]

    def test_the_entries_of_the_package_keep_their_properties(
        self, rich: Path, tmp_path: Path
    ) -> None:
        target = tmp_path / "b.xlsx"
        store_cached_values(rich, target, {("Sheet", "B2"): 1})
        assert [it for it in entries(target) if it[0] != FIRST] == [
            it for it in entries(rich) if it[0] != FIRST
        ]
        with zipfile.ZipFile(target) as archive:
            assert archive.comment == b"a comment on the package"
            assert archive.testzip() is None

    def test_the_sheet_differs_in_one_place(self, rich: Path, tmp_path: Path) -> None:
        target = tmp_path / "b.xlsx"
        store_cached_values(rich, target, {("Sheet", "B3"): 12.5})
        before, after = contents(rich)[FIRST], contents(target)[FIRST]
        # openpyxl writes an empty element in one of two ways, with lxml and without
        empty = rb"<f>X\(2\)</f>(<v ?/>|<v></v>)"
        assert re.sub(empty, b"<f>X(2)</f><v>12.5</v>", before) == after
        assert before != after

    def test_nothing_to_store_is_a_plain_copy(self, rich: Path, tmp_path: Path) -> None:
        store_cached_values(rich, tmp_path / "b.xlsx", {})
        assert contents(tmp_path / "b.xlsx") == contents(rich)

    def test_the_source_is_not_touched(self, rich: Path, tmp_path: Path) -> None:
        before = (rich.read_bytes(), rich.stat().st_mtime_ns)
        store_cached_values(rich, tmp_path / "b.xlsx", {("Sheet", "B2"): 1})
        assert (rich.read_bytes(), rich.stat().st_mtime_ns) == before

    def test_the_same_input_gives_the_same_bytes(self, rich: Path, tmp_path: Path) -> None:
        for name in ("b.xlsx", "c.xlsx"):
            store_cached_values(rich, tmp_path / name, {("Sheet", "B2"): 1})
        assert (tmp_path / "b.xlsx").read_bytes() == (tmp_path / "c.xlsx").read_bytes()

    @pytest.mark.parametrize("target", ["worksheets/sheet1.xml", "../xl/worksheets/sheet1.xml"])
    def test_relative_targets(self, tmp_path: Path, target: str) -> None:
        source = with_part(
            formulas(tmp_path / "a.xlsx"),
            "xl/_rels/workbook.xml.rels",
            lambda xml: xml.replace(b"/xl/worksheets/sheet1.xml", target.encode()),
        )
        store_cached_values(source, tmp_path / "b.xlsx", {("Sheet", "A1"): 5})
        assert read(tmp_path / "b.xlsx").sheets[0].cell("A1").value == 5


def with_shared_string(path: Path, text: str) -> Path:
    """Move a text of the first sheet to the shared strings, as Excel keeps it."""
    inline = f't="inlineStr"><is><t xml:space="preserve">{text}</t></is>'.encode()
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    relation = f'<Relationship Id="rId99" Type="{kind}" Target="sharedStrings.xml"/></R'.encode()
    override = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{content_type}"/></T'
    assert inline in contents(path)[FIRST]
    with_part(path, FIRST, lambda xml: xml.replace(inline, b't="s"><v>0</v>'))
    with_part(path, "xl/_rels/workbook.xml.rels", lambda xml: xml.replace(b"</R", relation))
    with_part(path, "[Content_Types].xml", lambda xml: xml.replace(b"</T", override.encode()))
    strings = f'<sst xmlns="{MAIN.decode()}"><si><t xml:space="preserve">{text}</t></si></sst>'
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", strings)
    return path


def entries(path: Path) -> list[tuple[object, ...]]:
    with zipfile.ZipFile(path) as archive:
        return [
            (it.filename, it.date_time, it.compress_type, it.external_attr, it.CRC)
            for it in archive.infolist()
        ]


class TestRefused:
    @pytest.mark.parametrize(
        ("name", "message"),
        [
            (("Sheet", "B1"), "Sheet!B1 is not a formula cell of this workbook"),
            (("Sheet", "A99"), "Sheet!A99 is not a formula cell of this workbook"),
            (("No Sheet", "A1"), "'No Sheet'!A1: the workbook has no sheet 'No Sheet'"),
            (("Sheet", "A0"), "'A0' is not the address of a cell"),
        ],
    )
    def test_what_is_no_formula_cell(
        self, tmp_path: Path, name: tuple[str, str], message: str
    ) -> None:
        source = formulas(tmp_path / "a.xlsx")
        with pytest.raises(ValueError, match=message):
            store_cached_values(source, tmp_path / "b.xlsx", {("Sheet", "A1"): 1, name: 2})
        assert list(tmp_path.iterdir()) == [source]

    @pytest.mark.parametrize(
        ("result", "message"),
        [
            (float("nan"), "Sheet!A1: nan is not a number"),
            (float("-inf"), "Sheet!A1: -inf is not a number"),
            ("a" * (LONGEST_TEXT + 1), "Sheet!A1: 32768 characters"),
            (date(1899, 12, 31), "Sheet!A1: 1899-12-31 is before the dates"),
            (
                datetime(2024, 3, 1, tzinfo=timezone(timedelta(hours=-5))),
                "Sheet!A1: .* has a time zone",
            ),
            (None, "Sheet!A1: a cell cannot hold NoneType"),
            (NOT_CALCULATED, "Sheet!A1: a cell cannot hold NotCalculated"),
        ],
    )
    def test_what_no_cell_can_hold(self, tmp_path: Path, result: CellValue, message: str) -> None:
        values: dict[tuple[str, str], Any] = {("Sheet", "A1"): result}
        with pytest.raises(ValueError, match=message):
            store_cached_values(formulas(tmp_path / "a.xlsx"), tmp_path / "b.xlsx", values)

    def test_a_cell_given_twice(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="is given twice"):
            store_cached_values(
                formulas(tmp_path / "a.xlsx"),
                tmp_path / "b.xlsx",
                {("Sheet", "A1"): 1, ("sheet", "$A$1"): 2},
            )

    def test_the_source_as_target(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        source = formulas(tmp_path / "a.xlsx")
        link = tmp_path / "link.xlsx"
        link.symlink_to(source)
        monkeypatch.chdir(tmp_path)
        before = source.read_bytes()
        for target in (source, link, Path("a.xlsx"), tmp_path / "x" / ".." / "a.xlsx"):
            with pytest.raises(ValueError, match="is the source: name another file"):
                store_cached_values(source, target, {("Sheet", "A1"): 1})
        assert source.read_bytes() == before

    @pytest.mark.parametrize(
        ("xml", "message"),
        [
            ("<worksheet/>".encode("utf-16"), "UTF-16, not UTF-8"),
            (
                b"<?xml version='1.0' encoding='ISO-8859-1'?><worksheet/>",
                "in ISO-8859-1, not UTF-8",
            ),
            (b"<!DOCTYPE worksheet><worksheet/>", "declares a document type"),
            (b"<worksheet>", "the sheet 'Sheet' cannot be read: no element found"),
        ],
    )
    def test_xml_that_cannot_be_spliced(self, tmp_path: Path, xml: bytes, message: str) -> None:
        source = with_xml(tmp_path / "a.xlsx", xml)
        with pytest.raises(ValueError, match=message):
            store_cached_values(source, tmp_path / "b.xlsx", {("Sheet", "A1"): 1})

    def test_a_source_that_is_no_workbook(self, tmp_path: Path) -> None:
        source = tmp_path / "a.xlsx"
        source.write_text("Holder,Shares\n")
        with pytest.raises(UnreadableWorkbook, match="text file"):
            store_cached_values(source, tmp_path / "b.xlsx", {})
        with pytest.raises(UnreadableWorkbook, match="no such file"):
            store_cached_values(tmp_path / "no.xlsx", tmp_path / "b.xlsx", {})

    def test_a_failure_leaves_the_old_target_and_nothing_else(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        source, target = formulas(tmp_path / "a.xlsx"), tmp_path / "b.xlsx"
        target.write_bytes(b"the old one")
        monkeypatch.setattr(os, "replace", full)
        with pytest.raises(OSError, match="No space left"):
            store_cached_values(source, target, {("Sheet", "A1"): 1})
        assert target.read_bytes() == b"the old one"
        assert sorted(tmp_path.iterdir()) == [source, target]
