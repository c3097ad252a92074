"""Checks of our calls in models of others: one planted fault each, and a near miss."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from xl_compliance import call
from xl_compliance.batch.run import check_workbook
from xl_compliance.checks.findings import Finding, Severity
from xl_compliance.checks.model_calls import _Seen
from xl_compliance.workbook import calls
from xl_compliance.workbook.references import Area

SOFFICE = shutil.which("soffice")


def percent(row: int) -> float:
    answer = call("ISSUANCEPCT", 100 * row, 100_000)
    assert isinstance(answer, float)
    return answer


def clean(path: Path, **changed: tuple[str, Any]) -> Path:
    """Ten rows of ISSUANCEPCT, right and beside one another; `changed` has other formulas."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Model")
        for row in range(1, 11):
            sheet.write_number(f"A{row}", 100 * row)
            sheet.write_formula(f"B{row}", f"=A{row}*1", None, 100 * row)
            sheet.write_formula(f"C{row}", f"=ISSUANCEPCT(B{row},$E$1)", None, percent(row))
        sheet.write_number("E1", 100_000)
        for address, (formula, value) in changed.items():
            if formula:
                sheet.write_formula(address, formula, None, value)
            else:
                sheet.write_number(address, value)
    return path


def found(path: Path, code: str = "") -> list[Finding]:
    report = check_workbook(path)
    assert report.failure == ""
    return [it for it in report.findings if not code or it.code == code]


def test_a_right_model_has_no_finding(tmp_path: Path) -> None:
    assert found(clean(tmp_path / "a.xlsx")) == []


def test_a_stored_result_that_is_out_of_date(tmp_path: Path) -> None:
    path = clean(tmp_path / "a.xlsx", C4=("=ISSUANCEPCT(B4,$E$1)", 0.25))
    (it,) = found(path)
    assert (it.code, it.verdict, it.severity) == ("MDL001", "BREACH", Severity.ERROR)
    assert it.place == "Model!C4"
    assert it.inputs == ("Model!B4", "Model!E1")
    assert "C4 holds 0.25, =ISSUANCEPCT(B4,$E$1) gives 0.004" in it.message
    assert it.working[-1][0] == "Result"


def test_a_result_that_differs_in_the_last_digit_of_a_double_is_the_same(tmp_path: Path) -> None:
    path = clean(tmp_path / "a.xlsx", C4=("=ISSUANCEPCT(B4,$E$1)", percent(4) * (1 + 2**-52)))
    assert found(path) == []


def test_a_wrong_word_a_wrong_kind_and_a_wrong_error(tmp_path: Path) -> None:
    path = clean(
        tmp_path / "a.xlsx",
        G1=("=NASDAQ5635D(9.99,10,100,1000000)", "REQUIRED"),
        G2=('=CUSIPVALID("375175106")', "TRUE"),
        G3=("=ISSUANCEPCT(1/0,1)", "#N/A"),
    )
    assert [it.cell for it in found(path, "MDL001")] == ["G1", "G2", "G3"]


def test_a_call_that_was_never_calculated(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "Model"
    book.active["A1"] = 20
    book.active["B1"] = "=ISSUANCEPCT(A1,100)"
    book.active["B2"] = "=A1+1"
    book.save(path)
    (it,) = found(path)
    assert (it.code, it.verdict, it.place) == ("MDL002", "NEEDS INPUT", "Model!B1")
    assert "it gives 0.2" in it.message


def test_a_call_that_shows_an_error(tmp_path: Path) -> None:
    error = call("ISSUANCEPCT", -1, 100)
    path = clean(tmp_path / "a.xlsx", G1=("=ISSUANCEPCT(-1,100)", error))
    (it,) = found(path)
    assert (it.code, it.verdict, it.place) == ("MDL003", "NEEDS INPUT", "Model!G1")
    assert "-1 is negative" in it.message


def test_an_error_that_the_formula_catches_is_none(tmp_path: Path) -> None:
    assert found(clean(tmp_path / "a.xlsx", G1=("=IFERROR(ISSUANCEPCT(-1,100),0)", 0))) == []


@pytest.mark.parametrize(
    ("address", "formula"), [("C4", "=ISSUANCEPCT(400,$E$1)"), ("C4", "=ISSUANCEPCT(B4,100000)")]
)
def test_an_argument_typed_among_references(tmp_path: Path, address: str, formula: str) -> None:
    path = clean(tmp_path / "a.xlsx", **{address: (formula, percent(4))})
    (it,) = found(path)
    assert (it.code, it.verdict, it.place) == ("MDL004", "REVIEW", "Model!C4")
    assert "where the calls beside it take it from a cell" in it.message


def test_a_cell_typed_over_among_formulas(tmp_path: Path) -> None:
    path = clean(tmp_path / "a.xlsx", B4=("", 400))
    (it,) = found(path)
    assert (it.code, it.place) == ("MDL004", "Model!C4")
    assert "Model!B4" in it.message
    assert "holds the number 400" in it.message


def test_cells_typed_over_in_ranges_that_overlap_are_told_once_and_row_by_row(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Model")
        for row in range(1, 10):
            sheet.write_number(f"A{row}", row)
            for column in "BC":
                typed = (column, row) in (("C", 3), ("B", 5), ("B", 7))
                if typed:
                    sheet.write_number(f"{column}{row}", row)
                else:
                    sheet.write_formula(f"{column}{row}", f"=A{row}*1", None, row)
        for row, last in enumerate((4, 6, 8, 8), 1):
            value = call("ISSUANCEPCT", last * (last + 1), 1000)
            sheet.write_formula(f"E{row}", f"=ISSUANCEPCT(SUM(B$1:C{last}),1000)", None, value)
    told = [(it.cell, it.message.split(",")[0]) for it in found(path, "MDL004")]
    assert told == [("E1", "Model!C3"), ("E2", "Model!B5"), ("E3", "Model!B7")]


AREAS = st.tuples(st.integers(1, 9), st.integers(1, 4), st.integers(0, 6), st.integers(0, 3))


@given(st.lists(AREAS.map(lambda it: Area("S", it[0], it[1], it[0] + it[2], it[1] + it[3]))))
def test_a_cell_of_many_ranges_is_looked_at_once(areas: list[Area]) -> None:
    seen, looked_at = _Seen(), []
    for area in filter(seen.is_new, areas):
        looked_at += list(seen.new_in(area))
    cells = {
        (row, column)
        for it in areas
        for row in range(it.top, it.bottom + 1)
        for column in range(it.left, it.right + 1)
    }
    assert sorted(looked_at) == sorted(cells)


def test_a_value_typed_over_a_call(tmp_path: Path) -> None:
    (it,) = found(clean(tmp_path / "a.xlsx", C4=("", 0.25)))
    assert (it.code, it.verdict, it.place) == ("MDL008", "REVIEW", "Model!C4")
    assert "0.25" in it.message


def test_a_value_beside_different_calls_or_filled_by_an_array_is_not_typed_over(
    tmp_path: Path,
) -> None:
    path = clean(
        tmp_path / "a.xlsx",
        G1=("=ISSUANCEPCT(A1,$E$1)", percent(1)),
        G2=("", 0.25),
        G3=("=ISSUANCEPCT(B3,$E$1)", percent(3)),
    )
    assert found(path) == []
    path = tmp_path / "b.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Model")
        sheet.write_column("A1", [8.5, 9, 8.5, 9])
        for first in (1, 3):
            area = f"C{first}:C{first + 1}"
            formula = f"=DISCOUNTPCT(A{first}:A{first + 1},10)"
            sheet.write_dynamic_array_formula(area, formula, None, 0.15)
            sheet.write_number(f"C{first + 1}", 0.1)
    assert found(path) == []


def test_constants_everywhere_and_inputs_are_no_constants_among_formulas(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Model")
        for row in range(1, 11):
            sheet.write_number(f"A{row}", 100 * row)  # a column of inputs
            formula = f"=ISSUANCEPCT(A{row},100000)"  # the same constant in every row
            sheet.write_formula(f"B{row}", formula, None, percent(row))
    assert found(path) == []


@pytest.mark.parametrize(
    ("formula", "verdict", "severity"),
    [
        ("=NASDAQ5635D(9.99,10,1000000,5000000)", "REQUIRED", Severity.ERROR),
        ("=NASDAQ5635D(9.99,,1000000,5000000)", "NEEDS INPUT", Severity.WARNING),
        (
            "=TSX_606(0.84,1,TRUE,1000000,100000,10,100)",
            "607 ALL INSIDER PURCHASES",
            Severity.ERROR,
        ),
    ],
)
def test_an_answer_that_needs_attention(
    tmp_path: Path, formula: str, verdict: str, severity: Severity
) -> None:
    (it,) = found(clean(tmp_path / "a.xlsx", G1=(formula, verdict)))
    assert (it.code, it.verdict, it.severity) == ("MDL005", verdict, severity)
    assert it.place == "Model!G1"
    assert it.working


def test_an_answer_hidden_in_a_formula_needs_attention_too(tmp_path: Path) -> None:
    formula = '=IF(NASDAQ5635D(9.99,10,1000000,5000000)="REQUIRED",1,0)'
    (it,) = found(clean(tmp_path / "a.xlsx", G1=(formula, 1)))
    assert (it.code, it.verdict) == ("MDL005", "REQUIRED")


def test_an_answer_in_order_needs_none(tmp_path: Path) -> None:
    formula = "=NASDAQ5635D(9.99,10,100,5000000)"
    assert found(clean(tmp_path / "a.xlsx", G1=(formula, "NOT REQUIRED"))) == []


def test_what_is_not_recomputed_is_said_and_its_stored_verdict_too(tmp_path: Path) -> None:
    formula = "=NASDAQ5635D([1]Deal!A1,10,100,5000000)"
    verdict, unverified = found(clean(tmp_path / "a.xlsx", G1=(formula, "REQUIRED")))
    assert (verdict.code, verdict.verdict) == ("MDL005", "REQUIRED")
    assert "as stored" in verdict.message
    assert (unverified.code, unverified.verdict) == ("MDL006", "REVIEW")
    assert "another workbook" in unverified.message


def test_where_nothing_can_be_recomputed_it_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In xlwings Lite nothing calculates: 488 such findings hid six that had to be acted on."""
    monkeypatch.setattr(calls, "formula_engine", lambda: None)
    (only,) = [
        each
        for each in check_workbook(clean(tmp_path / "model.xlsx")).findings
        if each.code == "MDL006"
    ]
    assert only.place == "Model!C1"
    assert only.verdict == "REVIEW"
    assert only.message.startswith("10 cells call our functions and were not recomputed")


def test_another_programs_volatile_formula_is_no_concern(tmp_path: Path) -> None:
    assert found(clean(tmp_path / "a.xlsx", G1=("=TODAY()+[1]Deal!A1", 1))) == []


def saved_by_libreoffice(path: Path, kind: str = "xlsx") -> Path:
    assert SOFFICE is not None
    folder = path.parent / "saved"
    folder.mkdir()
    profile = f"-env:UserInstallation={(path.parent / 'profile').as_uri()}"
    command = [SOFFICE, profile, "--headless", "--convert-to", kind, "--outdir", str(folder), path]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return folder / f"{path.stem}.{kind}"


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
def test_a_model_saved_by_libreoffice_without_the_functions(tmp_path: Path) -> None:
    """It shows #NAME? where it knows no function; that is an error value that is not ours."""
    path = saved_by_libreoffice(clean(tmp_path / "a.xlsx", C4=("=ISSUANCEPCT(B4,$E$1)", 0.25)))
    findings = found(path, "MDL001")
    assert "C4" in [it.cell for it in findings]
    assert all("gives 0.0" in it.message for it in findings)


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
def test_of_a_workbook_in_another_format_only_values_are_read(tmp_path: Path) -> None:
    from xl_compliance.checks.registry import run_checks
    from xl_compliance.workbook.calls import ModelCalls
    from xl_compliance.workbook.snapshot import read

    path = saved_by_libreoffice(clean(tmp_path / "a.xlsx"), "ods")
    (it,) = run_checks(None, ModelCalls(read(path)))
    assert (it.code, it.verdict, it.place) == ("MDL007", "REVIEW", "Model")
    assert "Save it as .xlsx" in it.message


def test_rows_of_an_error_value_are_that_error_value(tmp_path: Path) -> None:
    """Excel hands the error on, the engine counts one row: no stored result is called wrong."""
    formula = '=_xlfn.IFNA(ROWS(MINPRICE({1}))-1,"NEEDS INPUT")'
    assert found(clean(tmp_path / "a.xlsx", G1=(formula, "NEEDS INPUT"))) == []
    (it,) = found(clean(tmp_path / "b.xlsx", G1=(formula, 0)), "MDL001")
    assert it.verdict == "BREACH"
    for formula in (
        '=ROWS(EXPLAIN("UNITFLOOR",1.43,1.43))>1',
        '=COLUMNS( EXPLAIN("UNITFLOOR",1.43,1.43) )=4',
        "=ROWS(ISSUANCEPCT(1,100))=1",
    ):
        assert found(clean(tmp_path / "c.xlsx", G1=(formula, True))) == [], formula


def test_rows_of_more_than_a_call_are_not_recomputed_rather_than_wrong(tmp_path: Path) -> None:
    formula = '=_xlfn.IFNA(ROWS(MINPRICE({1})&"")-1,"NEEDS INPUT")'
    path = clean(tmp_path / "a.xlsx", G1=(formula, "NEEDS INPUT"))
    assert found(path, "MDL001") == []
    (it,) = found(path, "MDL006")
    assert it.verdict == "REVIEW"
    assert "ROWS of an error value" in it.message


def test_a_number_with_an_exponent_in_every_row_is_no_reference_beside_a_constant(
    tmp_path: Path,
) -> None:
    """1E5 has the look of cell E5."""
    formulas = {f"G{row}": ("=ISSUANCEPCT(1E5,1000000)", 0.1) for row in range(1, 4)}
    assert found(clean(tmp_path / "a.xlsx", **formulas), "MDL004") == []
    other = {**formulas, "G2": ("=ISSUANCEPCT(200000,1000000)", 0.2)}
    assert found(clean(tmp_path / "b.xlsx", **other), "MDL004") == []


def test_a_typed_over_call_is_told_where_a_sheet_has_the_name_of_a_cell(tmp_path: Path) -> None:
    """Copies that refer to 'Q1 2024' read alike."""
    formula = "=ISSUANCEPCT('Q1 2024'!A{0},1000000)"
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet, other = book.add_worksheet("Model"), book.add_worksheet("Q1 2024")
        other.write_column(0, 0, [100_000, 200_000, 300_000])
        for row in (1, 3):
            sheet.write_formula(row - 1, 0, formula.format(row), None, row / 10)
        sheet.write_number(1, 0, 0.25)
    (it,) = found(path, "MDL008")
    assert it.cell == "A2"
