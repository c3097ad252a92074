"""Copies of a formula are answered by its form as each is answered when it stands alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xl_compliance.workbook import calculation
from xl_compliance.workbook.calls import CallCell, ModelCalls
from xl_compliance.workbook.forms import Forms
from xl_compliance.workbook.references import NotRecomputable, References, number_of
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
NAMES = (
    DefinedName("price", "=Model!$B$2"),
    DefinedName("closes", "=Model!$A$1:$A$4"),
    DefinedName("beside", "=Model!XFD1"),
    DefinedName("twice", "=SUM(Model!$A$1:$A$3)*2"),
)
TABLE = Table("T", "Model", 2, 1, ("One", "It's [2]"), 3)


def model(cells: Mapping[tuple[int, int], Cell], epoch_1904: bool = False) -> Snapshot:
    other = {(1, 1): Cell(3), (2, 1): Cell(4.5), (3, 2): Cell("A1")}
    sheets = (Sheet("Model", True, cells), Sheet("A1 'x", True, {k: v for k, v in other.items()}))
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
        st.sampled_from(["T[[#This Row],[It''s '[2']]]", "{1,2;3,TRUE}", "#N/A", "a1", "Nowhere!A1"]),
    )
    ours = st.sampled_from(
        ["ISSUANCEPCT", "XLC.ISSUANCEPCT", "_xldudf_DISCOUNTPCT", "MINPRICE", "TSX_606", "CUSIPVALID"]
        + ["WITHIN60DAYS", "EXCHANGECAP", "BENEFICIALPCT", "EXPLAIN", "TSXVWAP", "NASDAQ5635D"]
    )
    excel = st.sampled_from(
        ["SUM", "IF", "ROUND", "IFERROR", "_xlfn.IFNA", "AND", "N", "MAX", "INDEX", "ROWS", "COUNT"]
        + ["ISNUMBER", "VALUE", "SUMIF", "VLOOKUP", "TODAY", "UNHEARD", "DATE", "SUMPRODUCT", "ABS"]
    )

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
        before, moved_row = written[-1][-2:], (row + int(down) - 1) % LAST_ROW + 1
        if across:
            moved_column = (column + int(across) - 1) % LAST_COLUMN + 1
            written.append(format_address(moved_row, moved_column) + rest)
        elif before == "$A":
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


@settings(max_examples=250)
@given(models())
def test_copies_of_a_form_are_answered_as_each_alone(snapshot: Snapshot) -> None:
    def cells(it: Snapshot) -> list[str]:
        return list(map(told, ModelCalls(it).cells))

    assert cells(snapshot) == plainly(snapshot, cells)
