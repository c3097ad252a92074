"""What a baseline remembers a cell by."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from xl_compliance.workbook.anchors import Anchors
from xl_compliance.workbook.snapshot import (
    Cell,
    ExcelError,
    Sheet,
    Snapshot,
    Table,
    format_address,
)

HEADERS = ("Name", "Bought")


def book(cells: dict[tuple[int, int], object], rows: int = 2, first: int = 5) -> Anchors:
    table = Table("Purchasers", "Purchasers", first, 2, HEADERS, rows)
    sheet = Sheet("Purchasers", True, {at: Cell(value) for at, value in cells.items()})
    return Anchors(Snapshot(Path("a.xlsx"), (sheet,), (table,), (), False))


def test_a_cell_of_a_table_is_known_by_header_and_name():
    assert (
        book({(5, 2): "Smith", (5, 3): 100}).of("Purchasers", "C5") == "Purchasers[Bought] / Smith"
    )


def test_a_row_put_in_above_changes_nothing():
    before = book({(5, 2): "Smith", (5, 3): 100}).of("Purchasers", "C5")
    after = book({(5, 2): "Jones", (6, 2): "Smith", (6, 3): 100}).of("Purchasers", "C6")
    assert before == after


def test_a_row_is_named_by_its_date_where_it_has_no_name():
    anchors = book({(5, 2): datetime(2024, 3, 8), (5, 3): 10})
    assert anchors.of("Purchasers", "C5") == "Purchasers[Bought] / 2024-03-08 00:00:00"


def test_a_row_without_a_name_is_its_place_so_that_no_other_passes_for_it():
    assert book({}).of("Purchasers", "C6") == "Purchasers[Bought] / row 2"
    assert book({(5, 3): 7, (6, 3): 8}).of("Purchasers", "C5") == "Purchasers[Bought] / row 1"


def test_outside_tables_the_texts_beside_and_above_name_a_cell():
    cells = {(20, 3): "Common", (20, 1): "Holder", (21, 1): "A. Smith", (21, 3): 100, (22, 3): 5}
    assert book(cells).of("Purchasers", "C21") == "Purchasers / A. Smith / Common"
    assert book(cells).of("Purchasers", "A21") == "Purchasers / A. Smith"
    assert book(cells).of("Purchasers", "C22") == "Purchasers / row 22 / Common"


def test_two_tables_of_the_same_holders_on_one_sheet_stay_apart():
    """A finding fixed in the first must not let the same one pass in the second."""
    cells = {}
    for first in (20, 30):
        cells |= {(first, 1): "Holder", (first, 3): "Total", (first + 1, 1): "A. Smith"}
        cells[first + 1, 3] = 100
    anchors = book(cells)
    assert anchors.of("Purchasers", "C21") == "Purchasers / A. Smith / Total"
    assert anchors.of("Purchasers", "C31") == "Purchasers / A. Smith / Total (2)"


def test_a_number_stored_as_text_and_a_dash_are_no_headers():
    cells = {(20, 1): "Holder", (20, 3): "Common", (21, 1): "A", (21, 3): "1,000"}
    cells |= {(22, 1): "B", (22, 3): "n/a", (23, 1): "C", (23, 3): 5}
    assert book(cells).of("Purchasers", "C23") == "Purchasers / C / Common"


def test_a_cell_with_no_label_at_all_is_its_address():
    assert book({(40, 7): 5}).of("Purchasers", "G40") == "Purchasers / G40"
    assert book({(40, 1): "Price", (40, 7): 5}).of("Purchasers", "G40") == (
        "Purchasers / Price / column G"
    )


def test_what_is_no_cell_is_its_sheet():
    assert book({}).of("Purchasers", "") == "Purchasers"
    assert book({}).of("Elsewhere", "A1") == "Elsewhere"
    assert book({}).of("Purchasers", "not a cell") == "Purchasers"
    assert book({(5, 2): "Smith"}).of("Purchasers", "C5:C6") == "Purchasers[Bought] / Smith"


TEXTS = ("Holder", "Total", " Total ", "Total\n", "n/a", "-", "12", "", "A. Smith")
VALUES = st.sampled_from((*TEXTS, 0, 1.5, True, None, ExcelError("#REF!")))
PLACES = st.tuples(st.integers(1, 9), st.integers(1, 4))


@given(st.dictionaries(PLACES, VALUES, max_size=24), st.lists(PLACES, min_size=1, max_size=12))
def test_labels_are_those_found_by_going_through_the_sheet_for_each_cell(cells, asked):
    anchors = book({at: value for at, value in cells.items() if value is not None}, rows=0)
    for row, column in asked:
        expected = " / ".join(["Purchasers", *_labels(cells, row, column)])
        assert anchors.of("Purchasers", format_address(row, column)) == expected


def _labels(cells: dict[tuple[int, int], object], row: int, column: int) -> list[str]:
    texts = {at: value for at, value in cells.items() if isinstance(value, str)}
    if (row, column) in texts:
        return [joined] if (joined := " ".join(texts[row, column].split())) else []
    left = min((c for r, c in texts if r == row), default=column)
    beside = texts[row, left] if left < column else ""
    above = [texts[r, column] for r in range(1, row) if (r, column) in texts]
    headers = [" ".join(it.split()) for it in above if re.search("[A-Za-z]", it) and it != "n/a"]
    count = headers.count(headers[-1]) if headers else 0
    header = f"{headers[-1]} ({count})" if count > 1 else "".join(headers[-1:])
    if not beside and not header:
        return [format_address(row, column)]
    letters = format_address(row, column).rstrip("0123456789")
    shown = [beside or f"row {row}", header or f"column {letters}"]
    return [" ".join(it.split()) for it in shown if it.strip()]
