"""The calculator without a browser: what is typed is what the function receives."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.formula import ArrayFormula

from xl_compliance.functions import calling
from xl_compliance.functions.documented import WorkedCall, worked_calls
from xl_compliance.functions.registry import all_functions, find
from xl_compliance.web.calculator import (
    LONGEST_FORMULA,
    Spelling,
    _pasted,
    answered,
    arguments_of,
    as_typed,
    forms,
    formula,
    spellings,
)
from xl_compliance.workbook.calls import ModelCalls
from xl_compliance.workbook.engine import serial_of
from xl_compliance.workbook.snapshot import read

WORKED = [each for function in all_functions() for each in worked_calls(function)]


def rows(answer) -> list[list]:
    return answer if isinstance(answer, list) else [[answer]]


@pytest.mark.parametrize("worked", WORKED, ids=lambda it: it.function.name)
def test_a_documented_call_survives_being_typed(worked: WorkedCall) -> None:
    typed = as_typed(worked.function, worked.arguments)
    arguments = arguments_of(worked.function, typed)
    name = worked.function.name
    assert calling.call(name, *arguments) == calling.call(name, *worked.arguments)


def test_every_formula_gives_the_answer_in_a_workbook(tmp_path: Path) -> None:
    """The formula of each documented call, in each spelling, calculated from the file."""
    book = openpyxl.Workbook()
    sheet = book.active
    wanted = []
    for worked in WORKED:
        arguments = arguments_of(worked.function, as_typed(worked.function, worked.arguments))
        answer = rows(calling.call(worked.function.name, *worked.arguments))
        for spelling in spellings(worked.function):
            row = len(wanted) * 120 + 1
            text = formula(worked.function, arguments, spelling)
            last = sheet.cell(row + len(answer) - 1, len(answer[0])).coordinate
            sheet.cell(row, 1).value = ArrayFormula(f"A{row}:{last}", text)
            wanted.append([[serial_of(cell, False) for cell in line] for line in answer])
    path = tmp_path / "formulas.xlsx"
    book.save(path)
    cells = ModelCalls(read(path)).cells
    assert [cell.problem for cell in cells] == [""] * len(wanted)
    for cell, answer in zip(cells, wanted, strict=True):
        assert [list(line) for line in cell.answer.values] == answer, cell.cell.formula


def test_the_forms_are_those_of_the_registry() -> None:
    shown = forms()["functions"]
    assert [form["name"] for form in shown] == [it.name for it in all_functions()]
    assert all(form["example"] is not None for form in shown)
    assert all(argument["help"] for form in shown for argument in form["arguments"])
    assert [name for name, _ in forms()["spellings"]] == [it.name for it in Spelling]


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        ("", None),
        ("  ", None),
        ("true", True),
        ("1,250.5", "1,250.5"),
        ("1\n2\n", [["1"], ["2"]]),
        ("1\t2", [["1", "2"]]),
        ("1\t2\r\n3", [["1", "2"], ["3", None]]),
        ("1\n\n2", [["1"], [None], ["2"]]),
        ("\n1\n2\n", [[None], ["1"], ["2"]]),
        ("1\r\n2\r\n\r\n", [["1"], ["2"], [None]]),
        ("\n\n", None),
        ("{1;2}", [["1"], ["2"]]),
        ("{1;2}\n", [["1"], ["2"]]),
        ("1\n", "1"),
        ("1\t\n", [["1", None]]),
        ('"A Fund\nL.P."\t5\r\nB\t6\r\n', [["A Fund\nL.P.", "5"], ["B", "6"]]),
        ('"the ""A""\nFund"\n5', [['the "A"\nFund'], ["5"]]),
        ('"one cell\nalone"', "one cell\nalone"),
        ('"A"\t"B\tC"', [['"A"', "B\tC"]]),
        ('"never closed\n5', [['"never closed'], ["5"]]),
        ('"closed" early\n5', [['"closed" early'], ["5"]]),
    ],
)
def test_cells_are_read_as_they_are_typed_or_pasted(typed: str, read_as: object) -> None:
    function = find("MINPRICE")
    assert arguments_of(function, [typed, "x"])[:1] == [read_as]


@given(st.text('1a" \t\r\n{}'))
def test_pasted_cells_without_a_quoted_break_are_lines_and_tabs(text: str) -> None:
    lines = text.replace('"', "").splitlines() or [""]
    assert _pasted("\n".join(lines) + "\n") == [line.split("\t") for line in lines]


# A mark at the head of a cell is not doubled where nothing in the cell breaks it.
_CELLS = st.from_regex(r'(?!")[1a" ]*|[1a" \t\n]*[\t\n][1a"]*', fullmatch=True)


@given(st.lists(st.tuples(_CELLS, _CELLS).map(list), min_size=2, max_size=4))
def test_cells_of_any_text_come_back_as_they_were_copied(cells: list[list[str]]) -> None:
    (field,) = as_typed(find("MINPRICE"), [cells])
    assert _pasted(field) == cells


def test_a_blank_in_the_middle_of_pasted_cells_stays_a_blank() -> None:
    found = answered("BENEFICIALSHARES", ["0", "100\n\n200"], "CLASSIC")
    assert found["formula"] == '=BENEFICIALSHARES(0,{100;"";200})'


def test_a_number_is_written_as_one_and_a_cusip_as_a_text() -> None:
    number = formula(find("DISCOUNTPCT"), ["1,234.50", "15%"], Spelling.CLASSIC)
    assert number == "=DISCOUNTPCT(1234.5,0.15)"
    assert (
        formula(find("CUSIPVALID"), ["037833100"], Spelling.LITE) == '=XLC.CUSIPVALID("037833100")'
    )


def test_a_formula_that_is_too_long_for_excel_names_its_arguments_instead() -> None:
    closes = [["10.123"]] * LONGEST_FORMULA
    long = formula(find("MINPRICE"), [closes], Spelling.CLASSIC)
    assert long == "=MINPRICE(closes,dates,signed_at)"


def test_an_error_comes_with_its_reason() -> None:
    found = answered("MINPRICE", ["15.9\n15.8O"], "CLASSIC")
    assert found["answer"] == [["#VALUE!"]]
    assert "letter O?" in found["why"]
    assert answered("MINPRICE", ["{1;2"], "CLASSIC")["mistake"].startswith("{1;2: ")
