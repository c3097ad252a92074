"""What a cell means to a reader: its table and header, and what its row is about.

`Purchasers!D9` turns into another cell when a row is put in above it. `Purchasers[Bought] Smith`
does not, and so that is what a baseline remembers.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property

from xl_compliance.workbook.snapshot import Sheet, Snapshot, Table, parse_address


class Anchors:
    """The anchors of one workbook's cells."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._labels: dict[str, _Labels] = {}

    def of(self, sheet_name: str, address: str) -> str:
        """The anchor of a cell; the sheet alone where there is no such cell."""
        sheet = self._snapshot.sheet(sheet_name)
        if sheet is None or not address:
            return sheet_name
        try:
            row, column = parse_address(address.partition(":")[0])
        except ValueError:
            return sheet_name
        table = next((it for it in self._snapshot.tables if _covers(it, sheet, row, column)), None)
        if table is not None:
            header = table.headers[column - table.first_column]
            return _joined(f"{table.name}[{header}]", _row_label(table, sheet, row))
        labels = self._labels.setdefault(sheet.name, _Labels(sheet))
        return _joined(sheet.name, labels.beside(row, column), labels.above(row, column))


def _covers(table: Table, sheet: Sheet, row: int, column: int) -> bool:
    return (
        table.sheet == sheet.name
        and 0 <= row - table.first_row < table.row_count
        and 0 <= column - table.first_column < len(table.headers)
    )


def _row_label(table: Table, sheet: Sheet, row: int) -> str:
    """The first cell of the row that holds anything but a number: a name, or a date."""
    for column in range(table.first_column, table.first_column + len(table.headers)):
        value = sheet.cell(row, column).value
        if value is not None and not isinstance(value, (bool, int, float)):
            return str(value)
    return ""


class _Labels:
    """The texts of a sheet, found by row and by column."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet

    @cached_property
    def _places(self) -> tuple[Mapping[int, list[int]], Mapping[int, list[int]]]:
        rows: dict[int, list[int]] = defaultdict(list)
        columns: dict[int, list[int]] = defaultdict(list)
        for (row, column), cell in self._sheet.cells.items():
            if isinstance(cell.value, str):
                rows[row].append(column)
                columns[column].append(row)
        for each in (*rows.values(), *columns.values()):
            each.sort()
        return rows, columns

    def beside(self, row: int, column: int) -> str:
        """The text of the row that names it: the cell's own, else the first of the row."""
        places = self._places[0].get(row, [])
        if column in places:
            return str(self._sheet.cell(row, column).value)
        return str(self._sheet.cell(row, places[0]).value) if places and places[0] < column else ""

    def above(self, row: int, column: int) -> str:
        """The nearest text above: a header."""
        places = self._places[1].get(column, [])
        before = bisect_left(places, row)
        return str(self._sheet.cell(places[before - 1], column).value) if before else ""


def _joined(*parts: str) -> str:
    return " / ".join(" ".join(part.split()) for part in parts if part.strip())
