"""What a baseline remembers a cell by."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from xl_compliance.workbook.anchors import Anchors
from xl_compliance.workbook.snapshot import Cell, Sheet, Snapshot, Table

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


def test_a_blank_row_is_its_column():
    assert book({}).of("Purchasers", "C6") == "Purchasers[Bought]"


def test_outside_tables_the_texts_beside_and_above_name_a_cell():
    cells = {(20, 3): "Common", (20, 1): "Holder", (21, 1): "A. Smith", (21, 3): 100, (22, 3): 5}
    assert book(cells).of("Purchasers", "C21") == "Purchasers / A. Smith / Common"
    assert book(cells).of("Purchasers", "A21") == "Purchasers / A. Smith / Holder"
    assert book(cells).of("Purchasers", "C22") == "Purchasers / Common"


def test_what_is_no_cell_is_its_sheet():
    assert book({}).of("Purchasers", "") == "Purchasers"
    assert book({}).of("Elsewhere", "A1") == "Elsewhere"
    assert book({}).of("Purchasers", "not a cell") == "Purchasers"
    assert book({(5, 2): "Smith"}).of("Purchasers", "C5:C6") == "Purchasers[Bought] / Smith"
