"""How texts stand in the cells of the sheets we write: off the borders, in rows that show all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from xl_compliance.workbook.text_sizes import lines

WORKBOOKS = Path(__file__).parents[2] / "workbooks"
WIDE_AND_NARROW = {"W" * 20: 2, "i" * 60: 1, "W" * 60: 4}


@pytest.mark.parametrize(("text", "taken"), WIDE_AND_NARROW.items())
def test_wide_letters_take_more_room_than_narrow_ones(text: str, taken: int) -> None:
    assert lines(text, 30, 10) == taken


@given(st.text("aW i\n"), st.floats(5, 80), st.sampled_from((8, 9, 10)))
def test_a_wider_column_never_needs_more_lines(text: str, width: float, points: float) -> None:
    needed = lines(text, width, points)
    assert 1 + text.count("\n") <= lines(text, 2 * width, points) <= needed
    assert needed <= lines(text, width, points, bold=True)


@pytest.mark.parametrize("sheet", ["Checks", "Workings", "Ownership", "Headroom"])
def test_no_figure_touches_the_right_border(sheet: str) -> None:
    cells = (cell for row in load_workbook(WORKBOOKS / "cap-table.xlsx")[sheet] for cell in row)
    shown = [cell for cell in cells if cell.value is not None]
    right = [cell for cell in shown if cell.alignment.horizontal == "right"]
    assert right
    assert [cell.coordinate for cell in right if not cell.alignment.indent] == []


def test_rows_of_one_line_are_equally_high() -> None:
    """Rows whose texts stand in one line had two heights: texts were counted, not measured."""
    sheet = load_workbook(WORKBOOKS / "cap-table.xlsx", data_only=True)["Checks"]
    most = (0, 40, 18, 18, 8, 58, 50)
    short = [
        row[0].row
        for row in sheet.iter_rows(min_row=7, max_col=len(most))
        if row[1].style == "Cell: label"
        and all(len(str(cell.value or "")) <= room for cell, room in zip(row, most, strict=True))
    ]
    assert len(short) > 8
    assert len({sheet.row_dimensions[row].height for row in short}) == 1
