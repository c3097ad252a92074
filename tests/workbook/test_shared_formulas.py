"""A shared formula says at every cell what openpyxl's Translator makes of it there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.formula.tokenizer import TokenizerError
from openpyxl.formula.translate import Translator, TranslatorError
from openpyxl.utils import get_column_letter

from xl_compliance.workbook.shared_formulas import SharedFormula

MARK = st.sampled_from(("", "$"))
LETTERS = st.one_of(
    st.sampled_from(("A", "B", "Z", "AA", "az", "XFD", "ZZZ")),
    st.integers(1, 18_278).map(get_column_letter),
)
NUMBERS = st.one_of(st.integers(1, 12), st.sampled_from((1_048_576, 9_999_999))).map(str)
COLUMN = st.builds("{}{}".format, MARK, LETTERS)
ROW = st.builds("{}{}".format, MARK, NUMBERS)
CELL = st.builds("{}{}".format, COLUMN, ROW)
NAME = st.sampled_from(
    (
        "Rate",
        "TAX2024",
        "LOG10",
        "A0",
        "A01",
        "R1C1",
        "ABCD1",
        "A1_",
        "x.A1",
        "é1",
        "A1é",
        "_xlfn.A1",
    )
)
AREA = st.one_of(
    CELL,
    NAME,
    st.builds("{}:{}".format, CELL, CELL),
    st.builds("{}:{}".format, COLUMN, COLUMN),
    st.builds("{}:{}".format, ROW, ROW),
    st.builds("{}:{}".format, COLUMN, ROW),
    st.builds("{}:{}:{}".format, CELL, NAME, CELL),
)
SHEET = st.sampled_from(("Data!", "'A1 B2'!", "'it''s 5%'!", "[1]A1!", "A1:C3!", "'a:A1\n:b'!"))
REFERENCE = st.one_of(AREA, AREA, st.builds("{}{}".format, SHEET, AREA))
OTHER = st.sampled_from(
    (
        *(
            "1",
            "1.5E+3",
            "1E5",
            "50%",
            "%d",
            '"A1"',
            '"say ""A1"" %s"',
            "TRUE",
            "#REF!",
            "Data!#REF!",
        ),
        *(
            "Table1[[#This Row],[A1]]",
            "Table1[a%]",
            "[@A1]",
            "{1,2;3,4}",
            "A1#",
            "-A1",
            "(B2)",
            "@A1",
        ),
    )
)
OPERAND = st.one_of(REFERENCE, REFERENCE, REFERENCE, OTHER)
BETWEEN = st.sampled_from(("+", "-", "*", "/", "^", "&", "=", "<>", ",", " ", "  ", "\n", ":", ";"))
CALL = st.builds(
    "{}({}{}{})".format, st.sampled_from(("SUM", "LOG10", "")), OPERAND, BETWEEN, OPERAND
)
PART = st.one_of(OPERAND, CALL)
FORMULA = st.one_of(
    st.builds("{}{}{}".format, PART, BETWEEN, PART),
    st.lists(st.one_of(PART, BETWEEN), min_size=1, max_size=6).map("".join),
    st.text("A1B$:!'\"[]#%+ (),Z09\n", min_size=1, max_size=12),
)
PLACE = st.tuples(
    st.one_of(st.integers(1, 12), st.integers(1, 1_048_576)),
    st.one_of(st.integers(1, 8), st.integers(1, 16_384)),
)


def told(write: Callable[[], str]) -> str:
    """The formula, or the error that is raised instead."""
    try:
        return write()
    except (TranslatorError, TokenizerError, AssertionError, IndexError) as problem:
        return repr(problem)


class _Keeping(Translator):
    """As openpyxl, but for the sheet before a name or an error, which it drops."""

    @classmethod
    def translate_range(cls, range_str: str, rdelta: int, cdelta: int) -> str:
        moved = str(super().translate_range(range_str, rdelta, cdelta))
        sheet, _ = cls.strip_ws_name(range_str)
        return moved if moved.startswith(sheet) else sheet + moved


def by_openpyxl(text: str, master: tuple[int, int], cell: tuple[int, int]) -> str:
    places = [f"{get_column_letter(column)}{row}" for row, column in (master, cell)]
    return str(_Keeping(f"={text}", places[0]).translate_formula(places[1]))


@settings(max_examples=1_000, deadline=None)
@given(FORMULA, PLACE, PLACE)
def test_a_formula_is_moved_as_by_openpyxl(
    text: str, master: tuple[int, int], cell: tuple[int, int]
) -> None:
    for at in (cell, (cell[0], master[1]), (master[0], cell[1])):
        expected = told(lambda at=at: by_openpyxl(text, master, at))
        assert told(lambda at=at: SharedFormula(text, *master).text(*at)) == expected


@settings(max_examples=300, deadline=None)
@given(FORMULA, PLACE, PLACE, st.integers(1, 6))
def test_formulas_down_a_column_are_those_of_its_cells(
    text: str, master: tuple[int, int], first: tuple[int, int], count: int
) -> None:
    rows, column = range(first[0], first[0] + count), first[1]
    try:
        formula = SharedFormula(text, *master)
    except (TokenizerError, AssertionError, IndexError):
        return
    if not formula.reaches(rows[0], column):
        with pytest.raises(TranslatorError):
            formula.text(rows[0], column)
        return
    expected = [by_openpyxl(text, master, (row, column)) for row in rows]
    assert formula.texts(rows, column) == expected
    assert [formula.text(row, column) for row in rows] == expected
    if formula.constant is not None:
        assert set(expected) == {f"={formula.constant.decode()}"}


@pytest.mark.parametrize(
    "text", ["Data!Rate*2", "Data!#REF!+1", "'My deal'!Issued/Data!Outstanding"]
)
def test_the_sheet_before_a_name_stays(text: str) -> None:
    """The name of one sheet was read as that of the workbook, which may stand for another cell."""
    assert SharedFormula(text, 2, 4).text(3, 5) == f"={text}"
