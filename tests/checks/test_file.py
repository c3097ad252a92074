"""What a file hides, loses or cannot hold: each is said, and what is near it is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile_bases import Parts, packed, sheet_part
from hostile_corpus import base, replaced

from xl_compliance.batch.results import WorkbookReport
from xl_compliance.batch.run import check_workbook
from xl_compliance.checks.findings import Finding

BOOK = "xl/workbook.xml"


@pytest.fixture
def report(tmp_path: Path):
    """The report of a workbook of these parts."""

    def checked(parts: Parts) -> WorkbookReport:
        path = tmp_path / "a.xlsx"
        path.write_bytes(packed(parts))
        found = check_workbook(path)
        assert not found.failure, found.failure
        return found

    return checked


def of(report: WorkbookReport, code: str) -> list[Finding]:
    return [it for it in report.findings if it.code == code]


@pytest.mark.parametrize("name", ["deal", "model", "cap"])
def test_a_sound_workbook_has_nothing_of_the_kind(report, name):
    found = report(base(name))
    odd = ("FIL001", "FIL002", "FIL003", "FIL004", "INP001", "INP009", "INP010", "CAP016")
    odd += ("MDL008", "MDL009", "MDL010", "MDL011")
    assert not {it.code for it in found.findings} & set(odd)


def model(old: bytes, new: bytes) -> Parts:
    parts = base("model")
    return replaced(parts, sheet_part(parts, "Model"), old, new)


def test_a_sheet_without_content_and_a_formula_without_text_were_not_read(report):
    listed = replaced(base("cap"), BOOK, b"</sheets>", b'<sheet name="Old" sheetId="7"/></sheets>')
    (it,) = of(report(listed), "FIL001")
    assert (it.verdict, it.sheet) == ("REVIEW", "Old")
    shared = model(b"<f>ISSUANCEPCT(A2,B2)</f>", b'<f t="shared" si="4"/>')
    (it,) = of(report(shared), "FIL001")
    assert (it.verdict, it.cell) == ("REVIEW", "C2")


@pytest.mark.parametrize(("given", "said"), [("1", True), ("true", True), ("0", False)])
def test_days_from_1904_are_said(report, given, said):
    parts = replaced(base("cap"), BOOK, b"<workbookPr", f'<workbookPr date1904="{given}"'.encode())
    assert bool(of(report(parts), "FIL002")) is said


def test_hidden_rows_columns_and_sheets_are_counted(report):
    parts = base("cap")
    sheet = sheet_part(parts, "Cap")
    hidden = replaced(parts, sheet, b'<row r="5"', b'<row hidden="1" r="5"')
    hidden = replaced(hidden, sheet, b'<row r="6"', b"<row hidden='true' r='6'")
    columns = b'<cols><col min="3" max="99999999" hidden="1"/></cols><sheetData>'
    hidden = replaced(hidden, sheet, b"<sheetData>", columns)
    (it,) = of(report(hidden), "FIL003")
    assert it.verdict == "NOTE"
    assert '2 rows and 3 columns of "Cap"' in it.message
    away = replaced(parts, BOOK, b'name="Cap"', b'name="Cap" state="veryHidden"')
    (it,) = of(report(away), "FIL003")
    assert 'sheet "Cap"' in it.message


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("[1]Sheet1!A1", "refers to another workbook"),
        ("FOO(3)", "FOO is not known here"),
        ("5000000+0*RAND()", "RAND gives another result whenever the workbook calculates"),
        ("1000*2", "it gives another result than the file holds"),
        (
            "Prices!J90*2",
            "which rests on Prices!J90, =[1]Sheet1!A1: [1]Sheet1!A1 refers to another",
        ),
        ("2500000*2", ""),
        ("Prices!J80*2", ""),
    ],
)
def test_an_input_from_a_formula_that_is_not_borne_out_is_a_warning(report, formula, said):
    parts = base("deal")
    sheet = sheet_part(parts, "Classes")
    given = f'<c r="D6"><f>{formula}</f><v>5000000</v></c>'.encode()
    parts = replaced(parts, sheet, b'<c r="D6"><v>5000000</v></c>', given)
    behind = b'<row r="80"><c r="J80"><f>1250000*2</f><v>2500000</v></c></row>'
    behind += b'<row r="90"><c r="J90"><f>[1]Sheet1!A1</f><v>2500000</v></c></row></sheetData>'
    parts = replaced(parts, sheet_part(parts, "Prices"), b"</sheetData>", behind)
    found = of(report(parts), "INP011")
    places = [(it.verdict, it.sheet, it.cell) for it in found]
    assert places == ([("REVIEW", "Classes", "D6")] if said else [])
    assert all(said in it.message for it in found)


@pytest.mark.parametrize("encoding", ["utf-7", "shift_jis", "x-none", "rot13", "idna"])
@pytest.mark.parametrize("named", ["xl/workbook.xml", "Cap"])
def test_an_encoding_that_no_workbook_has_is_said(tmp_path, encoding, named):
    parts = base("cap")
    part = named if "/" in named else sheet_part(parts, named)
    xml = parts[part].partition(b"?>")[2] if parts[part].startswith(b"<?xml") else parts[part]
    declared = f'<?xml version="1.0" encoding="{encoding}"?>'.encode()
    path = tmp_path / "odd.xlsx"
    path.write_bytes(packed(parts | {part: declared + xml}))
    failure = check_workbook(path).failure
    assert failure.startswith("odd.xlsx: one of its parts is in an encoding that is not read here")
    assert "Expected an Excel workbook whose parts are in UTF-8 or UTF-16" in failure
    assert "save it under a new name" in failure


@pytest.mark.parametrize("kind", ["swift", "by openpyxl"])
def test_rows_and_columns_without_a_size_are_hidden(report, kind):
    parts = base("cap")
    sheet = sheet_part(parts, "Cap")
    flat = replaced(parts, sheet, b'<row r="5"', b'<row r="5" ht="0" customHeight="1"')
    flat = replaced(flat, sheet, b'<row r="6"', b'<row r="6" ht="0.0" customHeight="1"')
    columns = b'<cols><col min="3" max="3" width="0" customWidth="1"/></cols><sheetData>'
    flat = replaced(flat, sheet, b"<sheetData>", columns)
    if kind != "swift":
        flat = replaced(flat, sheet, b'width="0"', b"width = '0'")
    (it,) = of(report(flat), "FIL003")
    assert '2 rows and 1 columns of "Cap"' in it.message


def test_rows_of_a_common_height_are_seen(report):
    parts = base("cap")
    tall = replaced(parts, sheet_part(parts, "Cap"), b'<row r="5"', b'<row r="5" ht="15.75"')
    assert not of(report(tall), "FIL003")


def test_rows_written_out_are_seen_where_all_others_are_hidden(report):
    """With zeroHeight only rows that are not written out are hidden, and those hold nothing."""
    parts = base("cap")
    form = b'<sheetFormatPr defaultRowHeight="15" zeroHeight="1"/><sheetData>'
    assert not of(report(replaced(parts, sheet_part(parts, "Cap"), b"<sheetData>", form)), "FIL003")


def test_empty_rows_that_are_hidden_are_no_news(report):
    parts = base("cap")
    sheet = sheet_part(parts, "Cap")
    empty = replaced(parts, sheet, b"</sheetData>", b'<row r="90" hidden="1"/></sheetData>')
    assert not of(report(empty), "FIL003")


@pytest.mark.parametrize(("area", "under"), [("B5:C5", "C5"), ("A1:XFD1048576", "B5"), ("B5", "")])
def test_a_number_under_a_merged_cell_is_seen_by_nobody(report, area, under):
    parts = base("cap")
    merge = f'</sheetData><mergeCells><mergeCell ref="{area}"/></mergeCells>'.encode()
    merged = replaced(parts, sheet_part(parts, "Cap"), b"</sheetData>", merge)
    assert [it.cell for it in of(report(merged), "FIL004")] == ([under] if under else [])


def test_a_number_stored_as_text_in_an_input_sheet(report):
    parts = base("deal")
    text = replaced(parts, sheet_part(parts, "Classes"), b'<c r="D6"><v>5000000</v></c>', b"~")
    cell = b'<c r="D6" t="str"><v>5,000,000</v></c>'
    found = report(replaced(text, sheet_part(parts, "Classes"), b"~", cell))
    (it,) = of(found, "INP009")
    assert (it.verdict, it.cell) == ("NOTE", "D6")
    assert [it.verdict for it in of(found, "NDQ007")] == ["REQUIRED"], "it is read all the same"


@pytest.mark.parametrize(
    ("count", "said"), [("999999999999999", False), ("9007199254740993", True)]
)
def test_a_count_that_excel_does_not_hold_to_the_last_share(report, count, said):
    parts = base("deal")
    sheet = sheet_part(parts, "Classes")
    large = replaced(parts, sheet, b"<v>5000000</v>", f"<v>{count}</v>".encode())
    assert [it.cell for it in of(report(large), "INP010")] == (["D6"] if said else [])
    called = model(b'<c r="B2"><v>5000000</v></c>', f'<c r="B2"><v>{count}</v></c>'.encode())
    assert {it.cell for it in of(report(called), "MDL009")} == ({"C2", "D2"} if said else set())


def test_a_call_inside_a_name_is_not_recomputed(report):
    name = b"<definedNames><definedName name='Vote'>NASDAQ5635D(9,10,Model!$A$2,1)</definedName>"
    (it,) = of(report(replaced(base("model"), BOOK, b"<definedNames>", name)), "MDL010")
    assert it.verdict == "REVIEW"
    own = b"<definedNames><definedName name='Vote'>LAMBDA(x,ISSUANCEPCT(x,1))</definedName>"
    assert not of(report(replaced(base("model"), BOOK, b"<definedNames>", own)), "MDL010")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("'C:\\x\\other.xlam'!ISSUANCEPCT(A2,B2)", True),
        ("Module1.ISSUANCEPCT(A2,B2)", True),
        ("[1]!ISSUANCEPCT(A2,B2)", False),
        ("XLC.ISSUANCEPCT(A2,B2)", False),
        ('"Other!ISSUANCEPCT("', False),
    ],
)
def test_a_function_of_another_file_that_is_named_as_ours(report, call, said):
    parts = model(b"ISSUANCEPCT(A2,B2)", call.encode())
    assert [it.cell for it in of(report(parts), "MDL011")] == (["C2"] if said else [])


def test_an_answer_typed_in_at_the_end_of_a_column_of_calls(report):
    cell = b'<c r="D2" t="str"><f>NASDAQ5635D(9.99,10,A2,B2)</f><v>REQUIRED</v></c>'
    (it,) = of(report(model(cell, b'<c r="D2" t="str"><v>NOT REQUIRED</v></c>')), "MDL008")
    assert it.cell == "D2"
    assert not of(report(model(cell, b'<c r="D2" t="str"><v>see note</v></c>')), "MDL008")


def test_a_holding_in_words_is_counted_as_nothing_and_said(report):
    parts = base("cap")
    sheet = sheet_part(parts, "Cap")
    words = b'<c r="B5" t="str"><v>4,000,000 shares</v></c>'
    found = report(replaced(parts, sheet, b'<c r="B5"><v>4000000</v></c>', words))
    assert ("REVIEW", "B5") in {(it.verdict, it.cell) for it in of(found, "CAP003")}
    dash = report(
        replaced(parts, sheet, b'<c r="C5"><v>0</v></c>', b'<c r="C5" t="str"><v>-</v></c>')
    )
    assert not of(dash, "CAP003")


HIDES = b"<numFmts count='1'><numFmt numFmtId='199' formatCode=';;;'/></numFmts><fonts"


def with_a_format_that_hides(name: str, sheet: str, cell: bytes) -> Parts:
    """The workbook with one cell in a format of its own that shows nothing."""
    parts = base(name)
    styles = parts["xl/styles.xml"]
    count = styles.partition(b"<cellXfs")[2].partition(b"</cellXfs>")[0].count(b"<xf ")
    parts = replaced(parts, "xl/styles.xml", b"<fonts", HIDES, 1)
    new = b'<xf numFmtId="199" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    parts = replaced(parts, "xl/styles.xml", b"</cellXfs>", new)
    styled = cell[:-1] + b' s="%d">' % count
    return replaced(parts, sheet_part(parts, sheet), cell, styled)


def test_an_input_whose_number_format_shows_nothing_is_told_like_a_hidden_row(report):
    (it,) = of(report(with_a_format_that_hides("deal", "Classes", b'<c r="D6">')), "FIL003")
    assert it.verdict == "NOTE"
    assert it.message == (
        'hidden, and read like everything else: D6 of "Classes", whose number format shows nothing'
    )


def test_a_blank_cell_whose_number_format_shows_nothing_hides_nothing(report):
    parts = with_a_format_that_hides("deal", "Classes", b'<c r="D6">')
    sheet = sheet_part(parts, "Classes")
    assert not of(report(replaced(parts, sheet, b"<v>5000000</v>", b"")), "FIL003")
