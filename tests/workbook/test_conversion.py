"""Workbooks from one host to another and back: only the spelling of our calls changes."""

from __future__ import annotations

import re
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.formatting.rule import ColorScaleRule, FormulaRule
from openpyxl.styles import PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table, TableFormula

from xl_compliance.cli import HOSTS, main
from xl_compliance.functions.spellings import Host
from xl_compliance.workbook.calls import ModelCalls
from xl_compliance.workbook.conversion import CannotConvert, convert_workbook
from xl_compliance.workbook.single_cells import SingleCells
from xl_compliance.workbook.snapshot import UnreadableWorkbook, read

WORKBOOKS = sorted((Path(__file__).parents[2] / "workbooks").glob("*.xlsx"))
ROUND = (Host.LITE, Host.LIBREOFFICE, Host.CLASSIC)


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def through(path: Path, folder: Path, hosts: tuple[Host, ...]) -> Path:
    for position, host in enumerate(hosts):
        target = folder / f"{position}-{host.value}.xlsx"
        convert_workbook(path, target, host)
        path = target
    return path


def every_place(path: Path) -> None:
    """Our calls wherever a workbook can hold a formula, and beside what looks like one."""
    book = Workbook()
    sheet = book.active
    sheet.title = "It's, (here)"
    sheet.append(["Price", "Shares", "Floor"])
    sheet.append([1.43, 1000000, "=WARRANTVALUE(A2,B2)"])
    sheet.append([1.5, 2000000, "=WARRANTVALUE(A3,B3)"])
    table = Table(displayName="Deals", ref="A1:C3")
    sheet.add_table(table)
    table._initialise_columns()
    for column, header in zip(table.tableColumns, ("Price", "Shares", "Floor"), strict=True):
        column.name = header
    table.tableColumns[2].calculatedColumnFormula = TableFormula(
        attr_text="WARRANTVALUE(Deals[[#This Row],[Price]],B2)"
    )
    sheet["E1"] = '=IF(TSX_606(A2,A3,"Yes",1,0)="606","TSX_606(","<&>")&\'It\'\'s, (here)\'!A1'
    sheet["E2"] = '=EXPLAIN("TSX_606",A2,,"x")'
    sheet["E3"] = ArrayFormula("E3:H9", '=EXPLAIN("NASDAQ5635D",A2:A2,(A3:A3),1,2,,,B2)')
    sheet["E10"] = "=NASDAQ5635D(A2,price,INDEX(Deals[Shares],2),SUM(B2:B3),,,A1)"
    sheet["E11"] = "=MYMINPRICE(A1)+MINPRICE(A2:A6)"
    book.defined_names["price"] = DefinedName("price", attr_text="'It''s, (here)'!$A$2")
    book.defined_names["cap"] = DefinedName("cap", attr_text="EXCHANGECAP('It''s, (here)'!$B$2)")
    sheet.conditional_formatting.add(
        "A2:A3", FormulaRule(["ISSUANCEPCT(A2,B2)>0.2"], fill=PatternFill("solid", "FFFF00"))
    )
    sheet.conditional_formatting.add(
        "B2:B3",
        ColorScaleRule(
            "formula", "EXCHANGECAP(B2)", "FF0000", end_type="formula", end_value='"CUSIPVALID("'
        ),
    )
    validation = DataValidation(type="custom", formula1="CUSIPVALID(A2)")
    validation.add("A2:A3")
    sheet.add_data_validation(validation)
    book.save(path)
    _add_what_openpyxl_cannot_write(path)


def _add_what_openpyxl_cannot_write(path: Path) -> None:
    """A shared formula, one with character references, and a validation of Excel 2010."""
    cells = (
        b'<row r="20"><c r="A20" cm="1"><f t="shared" ref="A20:A21" si="0">'
        b"UNITFLOOR(&#66;2,&quot;1&quot;)</f><v>1</v></c></row>"
        b'<row r="21"><c r="A21"><f t="shared" si="0"/><v>2</v></c></row>'
        b'<row r="22"><c r="A22"><f><![CDATA[IF(MINPRICE(A1)<5,"<b>",0)]]></f></c></row></sheetData>'
    )
    extension = (
        b'<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" xmlns:x14="http://schemas.'
        b'microsoft.com/office/spreadsheetml/2009/9/main"><x14:dataValidations count="1" '
        b'xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:dataValidation>'
        b"<x14:formula1><xm:f>CUSIPVALID(A3)</xm:f></x14:formula1><xm:sqref>A3</xm:sqref>"
        b"</x14:dataValidation></x14:dataValidations></ext></extLst></worksheet>"
    )
    held = parts(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in held.items():
            if name == "xl/worksheets/sheet1.xml":
                content = content.replace(b"</sheetData>", cells)
                content = content.replace(b"</worksheet>", extension)
            archive.writestr(name, content)


@pytest.fixture
def everywhere(tmp_path: Path) -> Path:
    path = tmp_path / "everywhere.xlsx"
    every_place(path)
    return path


def test_every_place_is_converted(everywhere: Path, tmp_path: Path) -> None:
    converted = convert_workbook(everywhere, tmp_path / "lite.xlsx", Host.LITE)
    text = b"".join(parts(tmp_path / "lite.xlsx").values()).decode(errors="replace")
    for expected in (
        "<f>_xldudf_XLC_WARRANTVALUE(A2,B2)</f>",
        "_xldudf_XLC_WARRANTVALUE(Deals[[#This Row],[Price]],B2)</calculatedColumnFormula>",
        'IF(_xldudf_XLC_TSX606(A2,A3,"Yes",1,0)="606","TSX_606(","&lt;&amp;&gt;")',
        '_xldudf_XLC_EXPLAIN("TSX_606",A2,,"x")',
        "MYMINPRICE(A1)+_xldudf_XLC_MINPRICE(A2:A6)",
        "_xldudf_XLC_EXCHANGECAP('It''s, (here)'!$B$2)</definedName>",
        "<formula>_xldudf_XLC_ISSUANCEPCT(A2,B2)&gt;0.2</formula>",
        '<cfvo type="formula" val="_xldudf_XLC_EXCHANGECAP(B2)" />',
        'val="&quot;CUSIPVALID(&quot;"',
        "<formula1>_xldudf_XLC_CUSIPVALID(A2)</formula1>",
        "<xm:f>_xldudf_XLC_CUSIPVALID(A3)</xm:f>",
        "_xldudf_XLC_UNITFLOOR(&#66;2,&quot;1&quot;)</f>",
        '<![CDATA[IF(_xldudf_XLC_MINPRICE(A1)<5,"<b>",0)]]>',
        'cm="1"',
    ):
        assert expected in text, expected
    assert converted.calls["WARRANTVALUE"] == 3
    assert converted.total == 15


def told(cell: str) -> str:
    """A single cell as Calc hands it over whole: blank, 0 and FALSE apart."""
    return f'IF(ISLOGICAL({cell}),IF({cell},"TRUE","FALSE"),{cell}:{cell})'


def test_single_cells_are_told_apart_for_calc(everywhere: Path, tmp_path: Path) -> None:
    convert_workbook(everywhere, tmp_path / "calc.xlsx", Host.LIBREOFFICE)
    text = b"".join(parts(tmp_path / "calc.xlsx").values()).decode(errors="replace")
    for expected in (
        f"<f>XLC.WARRANTVALUE({told('A2')},{told('B2')})</f>",
        f'XLC.EXPLAIN("TSX_606",{told("A2")},,"x")',
        f'XLC.EXPLAIN("NASDAQ5635D",(A2:A2),((A3:A3)),1,2,,,{told("B2")})',
        f"XLC.NASDAQ5635D({told('A2')},{told('price')},{told('INDEX(Deals[Shares],2)')},"
        f"SUM(B2:B3),,,{told('A1')})",
        f"XLC.UNITFLOOR({told('&#66;2')},&quot;1&quot;)</f>",
        'val="XLC.EXCHANGECAP(' + told("B2").replace('"', "&quot;") + ')"',
    ):
        assert expected in text, expected


@pytest.mark.parametrize("start", Host)
def test_round_and_back_every_byte_is_as_it_was(
    everywhere: Path, tmp_path: Path, start: Host
) -> None:
    first = through(everywhere, tmp_path, (start,))
    (tmp_path / "round").mkdir()
    back = through(first, tmp_path / "round", (*ROUND, *ROUND, start))
    assert parts(back) == parts(first)
    if start is Host.CLASSIC:
        assert parts(back) == parts(everywhere)


@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.stem)
def test_shipped_workbooks_come_back_byte_for_byte(path: Path, tmp_path: Path) -> None:
    first = through(path, tmp_path, (Host.CLASSIC,))
    back = through(first, tmp_path, ROUND)
    before, after = parts(first), parts(back)
    assert list(before) == list(after)
    assert [name for name in before if before[name] != after[name]] == []
    if "lite" not in path.stem:
        assert parts(path) == after
    lite = parts(tmp_path / "0-lite.xlsx")
    changed = {name for name in before if before[name] != lite[name]}
    assert changed
    assert all("worksheets/" in name for name in changed)


def test_stored_results_stay(tmp_path: Path) -> None:
    path = WORKBOOKS[0]
    target = through(path, tmp_path, (Host.LIBREOFFICE,))
    before, after = read(path), read(target)
    for one, other in zip(before.sheets, after.sheets, strict=True):
        assert {at: cell.value for at, cell in one.cells.items()} == {
            at: cell.value for at, cell in other.cells.items()
        }


@given(
    st.recursive(
        st.sampled_from(["B7", "$B$7", "Deal!B7", "'It''s'!B7", "price", "INDEX(T[C],2)"]),
        lambda inner: inner.map("({})".format) | inner.map(lambda text: f"{text}:{text}"),
        max_leaves=6,
    )
)
def test_an_argument_comes_back_as_it_was(argument: str) -> None:
    cells = SingleCells([("price", "Deal!$B$7")])
    around = cells.for_calc(argument)
    if around is None:
        assert cells.from_calc(argument) is None
    else:
        assert cells.from_calc(around[0] + argument + around[1]) == argument


@pytest.mark.parametrize("name", ["nasdaq-pipe", "tsx-offering"])
def test_a_workbook_for_calc_is_checked_as_it_was_before(name: str, tmp_path: Path) -> None:
    """What Calc needs around single cells is no reason for a call not to be recomputed."""
    (path,) = (each for each in WORKBOOKS if each.stem == name)
    convert_workbook(path, tmp_path / path.name, Host.LIBREOFFICE)
    before, after = (_recomputed(each) for each in (path, tmp_path / path.name))
    assert before == after


def _recomputed(path: Path) -> list[object]:
    """What came of each call: its arguments without the spelling of calls in them."""
    return [
        (
            cell.address,
            [tuple(each.replace("XLC.", "") for each in call.arguments) for call in cell.calls],
            cell.problem,
            cell.differing,
            cell.answer.values,
        )
        for cell in ModelCalls(read(path)).cells
    ]


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize("host", Host)
def test_a_name_of_ours_that_is_a_lambda_is_refused(tmp_path: Path, host: Host) -> None:
    book = Workbook()
    book.active["A1"] = "=MINPRICE(B1)"
    text = "_xlfn.LAMBDA(_xlpm.x,_xlpm.x)"
    book.defined_names["MINPRICE"] = DefinedName("MINPRICE", attr_text=text)
    path, target = tmp_path / "lambda.xlsx", tmp_path / "out.xlsx"
    book.save(path)
    with pytest.raises(CannotConvert, match=r"lambda\.xlsx: .*MINPRICE as a LAMBDA"):
        convert_workbook(path, target, host)
    assert not target.exists()


def test_a_name_of_ours_that_is_a_lambda_through_another_name_is_refused(tmp_path: Path) -> None:
    """On one sheet alone, too."""
    book = Workbook()
    book.active["A1"] = "=MINPRICE(B1:B5)"
    own = DefinedName("MinPrice", attr_text="lowest")
    book.active.defined_names["MinPrice"] = own
    book.defined_names["MINPRICE"] = DefinedName("MINPRICE", attr_text="Sheet!$B$2")
    book.defined_names["Lowest"] = DefinedName("Lowest", attr_text="_xlfn.LAMBDA(_xlpm.x,1)")
    book.save(tmp_path / "own.xlsx")
    with pytest.raises(CannotConvert, match="as a LAMBDA"):
        convert_workbook(tmp_path / "own.xlsx", tmp_path / "out.xlsx", Host.LITE)


def test_a_workbook_whose_dates_would_arrive_four_years_early_is_refused(tmp_path: Path) -> None:
    """xlwings Lite hands over the number of a date, not the day that it counts from."""
    book = Workbook()
    book.epoch = datetime(1904, 1, 1)
    book.active["A1"] = "=LASDUE(B1)"
    own, out = tmp_path / "own.xlsx", tmp_path / "out.xlsx"
    book.save(own)
    with pytest.raises(CannotConvert, match=r"own\.xlsx counts dates from 1904"):
        convert_workbook(own, out, Host.LITE)
    assert not out.exists()
    convert_workbook(own, out, Host.LIBREOFFICE)


def test_a_formula_that_excel_would_remove_is_not_written(tmp_path: Path) -> None:
    """Excel takes 8,192 characters; a formula that is too long already is left to its owner."""
    book = Workbook()
    fits = "=" + "+".join(["MINPRICE(A1:A5)"] * 290)
    book.active["B5"] = "=" + "+".join(["MINPRICE(A1:A5)"] * 500)
    book.active["B6"] = fits
    own = tmp_path / "own.xlsx"
    book.save(own)
    with pytest.raises(CannotConvert, match=r"in cell B5 of the part xl/.*8192 characters"):
        convert_workbook(own, tmp_path / "out.xlsx", Host.LITE)
    del book.active["B5"]
    book.save(own)
    convert_workbook(own, tmp_path / "out.xlsx", Host.LITE)


def test_the_command_says_that_a_signature_is_lost(tmp_path: Path) -> None:
    own, signed = tmp_path / "own.xlsx", tmp_path / "signed.xlsx"
    every_place(own)
    with zipfile.ZipFile(signed, "w") as archive:
        for name, content in parts(own).items():
            if name == "_rels/.rels":
                origin = (
                    b'<Relationship Id="rIdSigned" Type="http://schemas.openxmlformats.org/package/'
                    b'2006/relationships/digital-signature/origin" '
                    b'Target="_xmlsignatures/origin.sigs"/></Relationships>'
                )
                content = content.replace(b"</Relationships>", origin)
            archive.writestr(name, content)
        archive.writestr("_xmlsignatures/origin.sigs", b"")
    out = str(tmp_path / "out.xlsx")
    result = CliRunner().invoke(main, ["convert", str(signed), out, "--to", "lite"])
    assert result.exit_code == 0
    assert "the signature does not hold for the copy" in result.output
    plain = CliRunner().invoke(main, ["convert", str(own), out, "--to", "lite", "--force"])
    assert "signature" not in plain.output


def test_a_part_in_another_encoding_is_refused(everywhere: Path, tmp_path: Path) -> None:
    held = parts(everywhere)
    path = tmp_path / "utf16.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in held.items():
            if name == "xl/worksheets/sheet1.xml":
                text = re.sub(r"^<\?xml[^>]*\?>", "", content.decode())
                content = f'<?xml version="1.0" encoding="UTF-16"?>{text}'.encode("utf-16")
            archive.writestr(name, content)
    with pytest.raises(UnreadableWorkbook, match=r"sheet1\.xml cannot be read"):
        convert_workbook(path, tmp_path / "out.xlsx", Host.LITE)


def test_the_command_knows_every_host() -> None:
    assert tuple(host.value for host in Host) == HOSTS


def test_a_copy_is_of_the_same_kind(tmp_path: Path) -> None:
    own = tmp_path / "own.xlsx"
    every_place(own)
    arguments = ["convert", str(own), str(tmp_path / "out.xlsm"), "--to", "lite"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert "must end in .xlsx" in result.output


def test_the_command_says_what_it_did_and_never_writes_over(tmp_path: Path) -> None:
    own, out = tmp_path / "own.xlsx", tmp_path / "out.xlsx"
    every_place(own)
    before = own.read_bytes()
    run = CliRunner().invoke
    result = run(main, ["convert", str(own), str(out), "--to", "lite"])
    assert (result.exit_code, result.output) == (0, f"{out}: 15 calls spelled for lite\n")
    again = run(main, ["convert", str(own), str(out), "--to", "lite"])
    assert again.exit_code == 2
    assert "--force replaces it" in again.output
    itself = run(main, ["convert", str(own), str(own), "--to", "lite", "--force"])
    assert itself.exit_code == 2
    assert "name another file" in itself.output
    missing = run(main, ["convert", str(tmp_path / "no.xlsx"), str(out), "--to", "lite", "--force"])
    assert missing.exit_code == 2
    assert "there is no such file" in missing.output
    assert own.read_bytes() == before
