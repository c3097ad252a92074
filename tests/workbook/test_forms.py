"""Copies of a formula are answered by its form as each is answered when it stands alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xl_compliance.workbook import calculation
from xl_compliance.workbook.calls import CallCell, ModelCalls
from xl_compliance.workbook.engine import Unknown
from xl_compliance.workbook.forms import Form, Forms, relative
from xl_compliance.workbook.references import NotRecomputable, References, clipped
from xl_compliance.workbook.refresh import recomputed
from xl_compliance.workbook.snapshot import (
    NOT_CALCULATED,
    Cell,
    DefinedName,
    ExcelError,
    Sheet,
    Snapshot,
    Table,
    format_address,
)

VALUES: list[Any] = [
    *(1, 2, 5, 7, 100, 2.5, 0.1, 0.85, 1e-7, 1 / 3, 123456789012345, 12345678901234567, 10**400),
    *(None, None, "", "x", "12", "TRUE", " 3 ", "2024-03-01", True, False, date(2024, 3, 1)),
    *(ExcelError("#N/A"), ExcelError("#DIV/0!"), ExcelError("#BUSY!"), NOT_CALCULATED),
]
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
OURS = ["ISSUANCEPCT", "XLC.ISSUANCEPCT", "_xldudf_DISCOUNTPCT", "MINPRICE", "TSX_606", "TSXVWAP"]
OURS += ["EXCHANGECAP", "BENEFICIALPCT", "EXPLAIN", "NASDAQ5635D", "CUSIPVALID", "WITHIN60DAYS"]
EXCEL = ["SUM", "IF", "ROUND", "IFERROR", "_xlfn.IFNA", "AND", "N", "MAX", "INDEX", "ROWS", "COUNT"]
EXCEL += ["ISNUMBER", "VALUE", "SUMIF", "VLOOKUP", "TODAY", "UNHEARD", "DATE", "SUMPRODUCT", "ABS"]
NAMES = (
    DefinedName("price", "=Model!$B$2"),
    DefinedName("closes", "=Model!$A$1:$A$4"),
    DefinedName("beside", "=Model!XFD1"),
    DefinedName("twice", "=SUM(Model!$A$1:$A$3)*2"),
)
TABLE = Table("T", "Model", 2, 1, ("One", "It's [2]"), 3)


def model(cells: Mapping[tuple[int, int], Cell], epoch_1904: bool = False) -> Snapshot:
    other = {(1, 1): Cell(3), (2, 1): Cell(4.5), (3, 2): Cell("A1")}
    sheets = (Sheet("Model", True, cells), Sheet("A1 'x", True, other))
    return Snapshot(Path("model.xlsx"), sheets, (TABLE,), NAMES, epoch_1904)


# ---------------------------------------------------------------- formulas as they are copied


def _reference() -> st.SearchStrategy[str]:
    """`<row,column>` is a reference that moves, so far from the formula's own cell."""
    sheets = st.sampled_from(["", "", "", "Model!", "'A1 ''x'!"])
    corner = st.sampled_from(
        ["<0,-1>", "<0,-2>", "<-1,-1>", "<1,-3>", "$A<0>", "<-1>$2", "$B$2", "$A$1", "<2,1>"]
    )
    area = st.one_of(
        corner,
        st.tuples(corner, corner).map(":".join),
        st.sampled_from(["$A:$A", "B:B", "1:1", "$2:3", "$A$1:$B$4", "A$1:$A<0>", "$A$1:$A$1"]),
    )
    return st.tuples(sheets, area).map("".join)


def _formulas() -> st.SearchStrategy[str]:
    leaves = st.one_of(
        _reference(),
        st.sampled_from(["0", "1", "2.5", "100", "15%", "1E-3", "TRUE", '"x"', '"A1"', '"50%d"']),
        st.sampled_from(["price", "closes", "beside", "twice", "nothing", "T[One]", "T[@One]"]),
        st.sampled_from(
            ["T[[#This Row],[It''s '[2']]]", "{1,2;3,TRUE}", "#N/A", "a1", "Nowhere!A1"]
        ),
    )
    ours, excel = st.sampled_from(OURS), st.sampled_from(EXCEL)

    def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        signs = st.sampled_from(["+", "-", "*", "/", "&", "=", "<>", ">", "<=", "^", " ", ":"])
        arguments = st.lists(st.one_of(inner, inner, st.just("")), max_size=4).map(",".join)
        return st.one_of(
            st.tuples(ours, arguments).map(lambda it: f"{it[0]}({it[1]})"),
            st.tuples(ours, arguments).map(lambda it: f"{it[0]}({it[1]})"),
            st.tuples(excel, arguments).map(lambda it: f"{it[0]}({it[1]})"),
            st.tuples(inner, signs, inner).map("".join),
            inner.map(lambda it: f"({it})"),
            inner.map(lambda it: f"-{it}%"),
        )

    return st.tuples(ours, st.lists(st.recursive(leaves, larger, max_leaves=5), max_size=4)).map(
        lambda it: f"={it[0]}({','.join(it[1])})"
    )


def copied(text: str, row: int, column: int) -> str:
    """A formula as it reads in a cell; beyond the last row or column references wrap."""
    pieces = text.split("<")
    written = [pieces[0]]
    for piece in pieces[1:]:
        distance, end, rest = piece.partition(">")
        if not end or any(it not in "0123456789,-" for it in distance) or not distance:
            written.append(f"<{piece}")
            continue
        down, _, across = distance.partition(",")
        before, moved_row = written[-1][-1:], (row + int(down) - 1) % LAST_ROW + 1
        if across:
            moved_column = (column + int(across) - 1) % LAST_COLUMN + 1
            written.append(format_address(moved_row, moved_column) + rest)
        elif before.isalpha():
            written.append(f"{moved_row}{rest}")
        else:
            letters = format_address(1, (column + int(down) - 1) % LAST_COLUMN + 1)[:-1]
            written.append(letters + rest)
    return "".join(written)


ANCHORS = [(1, 1), (1, 3), (2, 4), (3, 4), (4, 4), (5, 4), (2, 6), (3, 6), (3, 7), (9, 3), (1, 27)]


@st.composite
def models(draw: st.DrawFn) -> Snapshot:
    held = draw(st.lists(st.sampled_from(VALUES), min_size=8, max_size=8))
    cells = {(n % 4 + 1, n // 4 + 1): Cell(it) for n, it in enumerate(held) if it is not None}
    for text in draw(st.lists(_formulas(), min_size=1, max_size=3)):
        for row, column in draw(st.lists(st.sampled_from(ANCHORS), min_size=1, max_size=5)):
            stored = draw(st.sampled_from([0, 0.5, "x", NOT_CALCULATED]))
            cells[row, column] = Cell(stored, copied(text, row, column))
    return model(dict(sorted(cells.items())), draw(st.booleans()))


def told(cell: CallCell) -> str:
    """Everything that is known of a cell; 1, 1.0 and TRUE are different."""
    inner = [(it.function.name, it.arguments, it.result) for it in cell.inner]
    calls = [(it.function.name, it.arguments) for it in cell.calls]
    found = (cell.answer.values, inner, cell.problem, cell.differing)
    return repr((cell.sheet, cell.address, cell.names, cell.areas, calls, found))


def plainly(snapshot: Snapshot, what: Any) -> Any:
    """What comes of a workbook where every formula is taken apart alone and goes to the engine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calculation._Cells, "compute_of", lambda *_: None)
        patch.setattr("xl_compliance.workbook.forms.Form.reads", lambda *_: False)
        return what(snapshot)


def answered(snapshot: Snapshot) -> list[str]:
    return list(map(told, ModelCalls(snapshot).cells))


@settings(max_examples=150)
@given(models())
def test_copies_of_a_form_are_answered_as_each_alone(snapshot: Snapshot) -> None:
    assert answered(snapshot) == plainly(snapshot, answered)


@settings(max_examples=50)
@given(models())
def test_a_refresh_stores_the_same_as_formula_by_formula(snapshot: Snapshot) -> None:
    assert repr(recomputed(snapshot)) == repr(plainly(snapshot, recomputed))


EDGES = [(1, 1), (2, 3), (LAST_ROW, 3), (LAST_ROW - 1, LAST_COLUMN), (5, LAST_COLUMN - 1), (9, 27)]


@settings(max_examples=300)
@given(st.lists(_reference(), min_size=1, max_size=3), st.permutations(EDGES))
def test_a_form_reads_its_copies_and_knows_what_they_rest_on(
    references: list[str], places: list[tuple[int, int]]
) -> None:
    snapshot = model({(1, 1): Cell(1), (LAST_ROW, LAST_COLUMN): Cell(1)})
    text = f"=ISSUANCEPCT({','.join(references)})"
    forms, plain = Forms(snapshot), References(snapshot)
    taken: list[tuple[Form, str]] = []
    for row, column in places:
        formula = copied(text, row, column)
        try:
            areas = plain.rewrite(formula, "Model", row, column).areas
        except NotRecomputable:  # too many cells
            with pytest.raises(NotRecomputable):
                forms.of(formula, "Model", row, column, 0)
            continue
        form = forms.of(formula, "Model", row, column, 0)
        taken.append((form, relative(formula, row, column)))
        for it, as_copied in taken:
            if it.reads(formula, row, column):
                assert it.areas_at(row, column) == areas
                assert as_copied == relative(formula, row, column)


def copies(text: str, column: int = 4, rows: int = 40) -> dict[tuple[int, int], Cell]:
    return {(row, column): Cell(0, copied(text, row, column)) for row in range(1, rows + 1)}


def worked_out(snapshot: Snapshot) -> int:
    """How many calls are answered without the engine, all of them as the engine does."""
    asked: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        by_engine = calculation.Calculation._by_engine
        patch.setattr(
            calculation.Calculation,
            "_by_engine",
            lambda self, left: asked.extend(left) or by_engine(self, left),  # type: ignore[func-returns-value]
        )
        found = answered(snapshot)
    assert found == plainly(snapshot, answered)
    return len(found) - len(asked)


@pytest.mark.parametrize(
    "text",
    [
        "=ISSUANCEPCT(<0,-3>,SUM($A$1:$A$900))",
        '=IF(<0,-3>>450,ROUND(ISSUANCEPCT(<0,-3>,<0,-2>),4),"none")',
        "=TSX606(0.85,1,TRUE,<0,-2>,<0,-3>,10,100)",
        "=NASDAQ5635D(<0,-3>,<0,-2>,1.5,2)",
        "=ISSUANCEPCT(<0,-3>,$A$1:$A$900)",
        "=ISSUANCEPCT(SUM(A<0>:A<1>),AVERAGE($A:$A)*10)",
    ],
)
def test_what_models_are_made_of_is_answered_by_the_form(text: str) -> None:
    """Sums of many decimals too, to the last digit."""
    held = {(row, 1): Cell(row * 1.1) for row in range(1, 901)}
    held |= {(row, 2): Cell(row * 10**6 / 7) for row in range(1, 901)}
    assert worked_out(model(held | copies(text))) == 40


def test_running_totals_over_many_rows_go_to_the_engine() -> None:
    """Laid out one by one they would take the square of the rows."""
    held = {(row, 1): Cell(row) for row in range(1, 1_201)}
    text = "=ISSUANCEPCT(A<0>,SUM($A$1:$A<0>))"
    assert 0 < worked_out(model(held | copies(text, rows=1_200))) < 1_200


def test_a_range_over_which_a_form_spills_is_blocked_as_it_was() -> None:
    """The first is an array, which the cell below, answered by its form, does not make room for."""
    cells = {(1, 1): Cell(8.5), (2, 1): Cell(9), **copies("=DISCOUNTPCT($A$1,10)", rows=6)}
    cells[1, 4] = Cell(0.15, "=DISCOUNTPCT(A1:A2,10)")
    assert worked_out(model(cells)) == 5


def test_a_whole_number_of_fifteen_digits_is_rounded_to_as_many_places() -> None:
    """Thirty digits were an error that ended the check."""
    text = "=ISSUANCEPCT(ROUND(123456789012345,15),ROUND(<0,-3>,15))"
    held = {(row, 1): Cell(123456789012345 + row) for row in range(1, 4)}
    assert worked_out(model(held | copies(text, rows=3))) == 3


def test_a_truth_value_and_a_number_are_not_one_constant() -> None:
    cells = {(1, 1): Cell(0, "=TSX606(0.85,1,TRUE,1000000,100000,10,100)")}
    cells[2, 1] = Cell(0, "=TSX606(0.85,1,1,1000000,100000,10,100)")
    assert worked_out(model(cells)) == 2


@pytest.mark.parametrize(
    ("formula", "why"),
    [
        ("=ISSUANCEPCT(A0,1)", "the name A0 is not defined"),
        ("=ISSUANCEPCT(A007,1)", "the name A007 is not defined"),
        ("=ISSUANCEPCT(A1048577,1)", "beyond the last cell"),
    ],
)
def test_what_is_no_cell_is_said_to_be_none(formula: str, why: str) -> None:
    """A row 0 was an error that ended the check."""
    (cell,) = ModelCalls(model({(1, 1): Cell(0, formula)})).cells
    assert why in cell.problem


@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), max_size=8),
    st.tuples(*[st.integers(1, 6)] * 4),
)
def test_the_first_cell_without_a_value_is_the_one_that_a_search_finds(
    places: list[tuple[int, int]], ends: tuple[int, int, int, int]
) -> None:
    area = clipped("Model", ends, (6, 6))
    inside = [
        (row, column)
        for row, column in sorted(places)
        if area.top <= row <= area.bottom and area.left <= column <= area.right
    ]
    unknown = Unknown((("Model", *place), str(place)) for place in places)
    first = unknown.first_in(area)
    assert first == ((("Model", *inside[0]), str(inside[0])) if inside else None)
    assert unknown.first_in(area._replace(sheet="Other")) is None
