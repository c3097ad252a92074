"""What a cell means to a reader: its table and header, and what its row is about.

`Purchasers!D9` turns into another cell when a row is put in above it. `Purchasers[Bought] Smith`
does not, and so that is what a baseline remembers.
"""

from __future__ import annotations

from bisect import bisect_left
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
        self._headers: dict[int, tuple[list[int], list[tuple[str, int]]]] = {}

    @cached_property
    def _places(self) -> tuple[Mapping[int, int], Mapping[int, list[int]]]:
        """The first column with a text in each row, and the rows with one in each column."""
        first: dict[int, int] = {}
        columns: dict[int, list[int]] = defaultdict(list)
        for (row, column), cell in self._sheet.cells.items():
            if isinstance(cell.value, str):
                first[row] = min(column, first.get(row, column))
                columns[column].append(row)
        return first, columns

    def of(self, row: int, column: int) -> tuple[str, ...]:
        """What a cell is of: its row's label and its column's header, and which table's header.

        Where a label is missing the row or column stands for it, so that no two cells are one.
        """
        value = self._sheet.cell(row, column).value
        if isinstance(value, str):
            return (str(value),)
        beside, (above, which) = self.beside(row, column), self.above(row, column)
        header = f"{above} ({which})" if which > 1 else above
        address = format_address(row, column)
        if not beside and not above:
            return (address,)
        letters = address.rstrip("0123456789")
        return (beside or f"row {row}", header or f"column {letters}")

    def beside(self, row: int, column: int) -> str:
        """The first text of the row, to the left: what names it."""
        first = self._places[0].get(row, column)
        return str(self._sheet.cell(row, first).value) if first < column else ""

    def above(self, row: int, column: int) -> tuple[str, int]:
        """The nearest header above, and the how manieth of that text it is in its column."""
        if column not in self._headers:
            self._headers[column] = self._headers_of(column)
        rows, headers = self._headers[column]
        before = bisect_left(rows, row)
        return headers[before - 1] if before else ("", 0)

    def _headers_of(self, column: int) -> tuple[list[int], list[tuple[str, int]]]:
        """The rows of a column's headers, and each header with its number among its likes."""
        rows: list[int] = []
        headers: list[tuple[str, int]] = []
        counts: dict[str, int] = defaultdict(int)
        for row in sorted(self._places[1].get(column, ())):
            text = str(self._sheet.cell(row, column).value)
            if _may_head(text):
                header = " ".join(text.split())
                counts[header] += 1
                rows.append(row)
                headers.append((header, counts[header]))
        return rows, headers


def _may_head(text: str) -> bool:
    """Words, not a number that is stored as text or what people write for nothing."""
    return text.strip().casefold() not in _NOTHING and any(map(str.isalpha, text))


def _joined(*parts: str) -> str:
    return " / ".join(" ".join(part.split()) for part in parts if part.strip())
