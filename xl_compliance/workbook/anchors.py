"""What a cell means to a reader: its table and header, and what its row is about.

`Purchasers!D9` turns into another cell when a row is put in above it. `Purchasers[Bought] Smith`
does not, and so that is what a baseline remembers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property

from xl_compliance.workbook.snapshot import Sheet, Snapshot, Table, format_address, parse_address

_NOTHING = frozenset(("n/a", "na", "nil", "none", "tbd"))


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
        return _joined(sheet.name, *labels.of(row, column))


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
    # Rows without a name are told apart by their place: a finding must not pass for another one.
    return f"row {row - table.first_row + 1}"


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

    def of(self, row: int, column: int) -> tuple[str, ...]:
        """What a cell is of: its row's label and its column's header, and which table's header.

        Where a label is missing the row or column stands for it, so that no two cells are one.
        """
        if column in self._places[0].get(row, ()):
            return (str(self._sheet.cell(row, column).value),)
        beside, (above, which) = self.beside(row, column), self.above(row, column)
        header = f"{above} ({which})" if which > 1 else above
        address = format_address(row, column)
        if not beside and not above:
            return (address,)
        letters = address.rstrip("0123456789")
        return (beside or f"row {row}", header or f"column {letters}")

    def beside(self, row: int, column: int) -> str:
        """The first text of the row, to the left: what names it."""
        places = self._places[0].get(row, [])
        return str(self._sheet.cell(row, places[0]).value) if places and places[0] < column else ""

    def above(self, row: int, column: int) -> tuple[str, int]:
        """The nearest header above, and the how manieth of that text it is in its column."""
        places = self._places[1].get(column, [])
        texts = [str(self._sheet.cell(at, column).value) for at in places if at < row]
        headers = [" ".join(text.split()) for text in texts if _may_head(text)]
        return (headers[-1], headers.count(headers[-1])) if headers else ("", 0)


def _may_head(text: str) -> bool:
    """Words, not a number that is stored as text or what people write for nothing."""
    return text.strip().casefold() not in _NOTHING and any(map(str.isalpha, text))


def _joined(*parts: str) -> str:
    return " / ".join(" ".join(part.split()) for part in parts if part.strip())
