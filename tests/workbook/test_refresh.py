"""Refreshing stored results: right ones where they can be had, nothing else touched, all told."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from click.testing import CliRunner

from xl_compliance import call
from xl_compliance.cli import main
from xl_compliance.workbook.calls import same_value
from xl_compliance.workbook.engine import serial_of
from xl_compliance.workbook.examples import EXAMPLES
from xl_compliance.workbook.refresh import Refreshed, recomputed, refresh, told
from xl_compliance.workbook.snapshot import NOT_CALCULATED, read
from xl_compliance.workbook.template import write_workbook

SHIPPED = sorted((Path(__file__).parents[2] / "workbooks").glob("*.xlsx"))
PERCENT = call("ISSUANCEPCT", 20, 100)


def parts(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {it.filename: archive.read(it) for it in archive.infolist()}


def a_model(path: Path, *formulas: tuple[str, str, Any]) -> Path:
    """20 in A1, 100 in A2, and these formulas with these stored results."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("S")
        sheet.write_column("A1", [20, 100])
        for address, formula, value in formulas:
            sheet.write_formula(address, formula, None, value)
    return path


def refreshed(tmp_path: Path, *formulas: tuple[str, str, Any]) -> tuple[Refreshed, Any]:
    source, target = a_model(tmp_path / "a.xlsx", *formulas), tmp_path / "b.xlsx"
    done = refresh(source, target)
    return done, read(target).sheets[0]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_workbooks_need_none(path: Path, tmp_path: Path) -> None:
    done = refresh(path, tmp_path / "b.xlsx")
    assert done.calls > 50
    assert (done.changes, done.left) == ((), ())
    assert parts(path) == parts(tmp_path / "b.xlsx")


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_finishing_step_of_shipped_workbooks_stores_what_a_refresh_does(
    name: str, tmp_path: Path
) -> None:
    """openpyxl drops every stored result; a refresh brings back each, whoever worked it out."""
    finished, without, again = (tmp_path / it for it in ("a.xlsx", "b.xlsx", "c.xlsx"))
    write_workbook(finished, EXAMPLES[name])
    openpyxl.load_workbook(finished).save(without)
    done = refresh(without, again)
    assert done.left == ()
    compared = 0
    for one, other in zip(read(finished).sheets, read(again).sheets, strict=True):
        for position, cell in one.cells.items():
            if cell.formula is not None:
                found = other.cells[position]
                assert found.formula == cell.formula
                right, stored = serial_of(cell.value, False), serial_of(found.value, False)
                assert same_value(right, stored), (one.name, position, cell, found)
                compared += 1
    assert compared == len(done.changes) > 500


def test_a_chain_is_recomputed_in_its_order(tmp_path: Path) -> None:
    done, sheet = refreshed(
        tmp_path,
        ("E1", "=D1+1", 1.5),
        ("D1", "=C1*2", 0.5 * 2 - 0.5),
        ("C1", "=ISSUANCEPCT(B1,A2)", 0.25),
        ("B1", "=A1", 20),
        ("F1", "=ISSUANCEPCT(E1,10)", 0.15),
        ("G1", "=SUM(A1:A2)", 120),
    )
    assert [(it.address, it.before) for it in done.changes] == [
        ("C1", 0.25),
        ("D1", 0.5),
        ("E1", 1.5),
        ("F1", 0.15),
    ]
    assert done.left == ()
    assert [sheet.cell(it).value for it in ("C1", "D1", "E1")] == [0.2, 0.4, 1.4]
    assert sheet.cell("F1").value == call("ISSUANCEPCT", 1.4, 10)


def test_what_is_right_is_not_touched(tmp_path: Path) -> None:
    done, _ = refreshed(tmp_path, ("C1", "=ISSUANCEPCT(A1,A2)", PERCENT), ("D1", "=C1*2", 77))
    assert done.changes == ()
    assert parts(tmp_path / "a.xlsx") == parts(tmp_path / "b.xlsx")


def test_a_workbook_without_our_calls_is_copied(tmp_path: Path) -> None:
    done, _ = refreshed(tmp_path, ("D1", "=A1*2", 77))
    assert done == Refreshed(0, (), ())
    assert parts(tmp_path / "a.xlsx") == parts(tmp_path / "b.xlsx")


@pytest.mark.parametrize(
    ("formula", "stored", "why"),
    [
        ("=NOW()+C1", 5, "NOW gives another result"),
        ("=[1]Book!A1+C1", 5, "another workbook"),
        ("=C1*2", 0.77, "another result than the file"),
        ("=NOSUCH(C1)", 5, "NOSUCH is not known"),
        ("=OFFSET(C1,0,0)", 5, "OFFSET"),
    ],
)
def test_a_formula_that_cannot_be_recomputed_is_left_and_listed(
    tmp_path: Path, formula: str, stored: float, why: str
) -> None:
    done, sheet = refreshed(
        tmp_path,
        ("C1", "=ISSUANCEPCT(A1,A2)", 0.25),
        ("D1", formula, stored),
        ("E1", "=D1+1", stored + 1),
        ("F1", "=A1+1", 21),
    )
    assert [it.address for it in done.changes] == ["C1"]
    assert [it.address for it in done.left] == ["D1", "E1"]
    assert why in done.left[0].why
    assert "rests on S!D1" in done.left[1].why
    assert (sheet.cell("D1").value, sheet.cell("E1").value) == (stored, stored + 1)


def test_a_circle_is_left_and_listed(tmp_path: Path) -> None:
    done, _ = refreshed(
        tmp_path,
        ("C1", "=ISSUANCEPCT(A1,A2)", 0.25),
        ("D1", "=E1+C1", 1),
        ("E1", "=D1/2", 1),
        ("F1", "=ISSUANCEPCT(F2,1)", 1),
        ("F2", "=F1", 1),
    )
    assert {it.address for it in done.left} == {"D1", "E1", "F1", "F2"}
    assert all("rests on itself" in it.why for it in done.left)


def test_what_was_never_calculated_is(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "S"
    for address, value in {
        "A1": 20,
        "A2": "=A1*5",
        "B1": "=ISSUANCEPCT(A1,A2)",
        "B2": "=B1&B3",
    }.items():
        book.active[address] = value
    book.save(tmp_path / "a.xlsx")
    done = refresh(tmp_path / "a.xlsx", tmp_path / "b.xlsx")
    assert {(it.address, it.before, it.after) for it in done.changes} == {
        ("A2", None, 100),
        ("B1", None, 0.2),
        ("B2", None, "0.2"),
    }
    assert read(tmp_path / "a.xlsx").sheets[0].cell("A2").value is NOT_CALCULATED
    assert read(tmp_path / "b.xlsx").sheets[0].cell("B2").value == "0.2"


@pytest.mark.parametrize("given", [0.5, None])
def test_an_array_is_stored_cell_by_cell(tmp_path: Path, given: float | None) -> None:
    path = tmp_path / "a.xlsx"
    right = [0.15, 0.1]
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("S")
        sheet.write_column("A1", [8.5, 9])
        sheet.write_dynamic_array_formula("C1:C2", "=DISCOUNTPCT(A1:A2,10)", None, 0.15)
        if given is None:
            sheet.write_blank("C2", None, book.add_format({"bold": True}))
        else:
            sheet.write_number("C2", given)
    done = refresh(path, tmp_path / "b.xlsx")
    assert [it.address for it in done.changes] == ["C2"]
    found = read(tmp_path / "b.xlsx").sheets[0]
    assert [found.cell(it).value for it in ("C1", "C2")] == right
    assert found.cell("C2").formula is None
    values = openpyxl.load_workbook(tmp_path / "b.xlsx", data_only=True)["S"]
    assert [values[it].value for it in ("C1", "C2")] == right


def test_no_other_part_differs(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("S")
        sheet.write_formula("A1", "=ISSUANCEPCT(20,100)", None, 0.25)
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=S!$A$1:$A$2"})
        sheet.insert_chart("C3", chart)
        sheet.add_sparkline("B1", {"range": "S!A1:A5"})
        sheet.write_comment("A1", "note")
    refresh(path, tmp_path / "b.xlsx")
    before, after = parts(path), parts(tmp_path / "b.xlsx")
    assert {name for name in before if before[name] != after[name]} == {"xl/worksheets/sheet1.xml"}
    one, other = before["xl/worksheets/sheet1.xml"], after["xl/worksheets/sheet1.xml"]
    assert one.replace(b"<v>0.25</v>", b"<v>0.2</v>") == other


def test_the_results_are_told_for_a_reader(tmp_path: Path) -> None:
    path = a_model(tmp_path / "a.xlsx", ("C1", "=ISSUANCEPCT(A1,A2)", 0.25), ("D1", "=NOW()+C1", 1))
    lines = list(told(recomputed(read(path))[0]))
    assert lines[0] == "S!C1: 0.25 -> 0.2   =ISSUANCEPCT(A1,A2)"
    assert lines[1].startswith("S!D1: left as it is, NOW gives another result")
    assert lines[-1] == "1 cell calls our functions: 1 result stored, 1 left as before"


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["refresh", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, " ".join(result.output.split())


def test_the_command(tmp_path: Path) -> None:
    source, target = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    a_model(source, ("C1", "=ISSUANCEPCT(A1,A2)", 0.25))
    code, output = run(source, "-o", target)
    assert code == 0
    assert "S!C1: 0.25 -> 0.2" in output
    assert read(target).sheets[0].cell("C1").value == 0.2
    assert run(source, "-o", target)[0] == 2
    assert run(source, "-o", target, "--force")[0] == 0
    a_model(source, ("C1", "=ISSUANCEPCT(A1,A2)", 0.25), ("D1", "=NOW()+C1", 1))
    assert run(source, "-o", target, "--force")[0] == 1


@pytest.mark.parametrize(
    ("target", "said"),
    [("b.xls", "must end in .xlsx"), ("no/b.xlsx", "is not a folder"), ("a.xlsx", "there already")],
)
def test_the_command_refuses(tmp_path: Path, target: str, said: str) -> None:
    source = a_model(tmp_path / "a.xlsx", ("C1", "=ISSUANCEPCT(A1,A2)", 0.25))
    before = source.read_bytes()
    code, output = run(source, "-o", tmp_path / target)
    assert (code, source.read_bytes()) == (2, before)
    assert said in output


def test_the_command_never_writes_over_its_source(tmp_path: Path) -> None:
    source = a_model(tmp_path / "a.xlsx", ("C1", "=ISSUANCEPCT(A1,A2)", 0.25))
    before = source.read_bytes()
    code, output = run(source, "-o", source, "--force")
    assert (code, source.read_bytes()) == (2, before)
    assert "is the source" in output


def test_the_command_on_what_is_no_workbook(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04 cut")
    code, output = run(tmp_path / "a.xlsx", "-o", tmp_path / "b.xlsx")
    assert code == 2
    assert "cut short or damaged" in output
    assert not (tmp_path / "b.xlsx").exists()
