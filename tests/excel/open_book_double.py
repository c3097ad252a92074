"""A double of the few members of `xlwings.Book` that a check uses, as Excel's engines give them.

`described` reads a real workbook by openpyxl into plain data (JSON takes it, so that the same book
stands in Pyodide): numbers as floats, dates as moments, error values as text, a formula's result
apart from its text. `Book` answers from it and keeps what is written.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any


def described(path: Path) -> dict[str, Any]:
    from openpyxl import load_workbook

    values, formulas = load_workbook(path, data_only=True), load_workbook(path)
    names = [[name, f"={each.attr_text}"] for name, each in formulas.defined_names.items()]
    for sheet in formulas.worksheets:
        names += [
            [f"'{sheet.title}'!{n}", f"={d.attr_text}"] for n, d in sheet.defined_names.items()
        ]
    return {
        "name": path.name,
        "names": names,
        "sheets": [_sheet(values[each.title], each) for each in formulas.worksheets],
    }


def _sheet(values: Any, formulas: Any) -> dict[str, Any]:
    shape = formulas.max_row, formulas.max_column
    return {
        "name": formulas.title,
        "visible": formulas.sheet_state == "visible",
        "values": _grid(shape, lambda row, column: _value(values.cell(row, column).value)),
        "formulas": _grid(shape, lambda row, column: _formula(formulas.cell(row, column).value)),
        "tables": [
            {
                "name": table.displayName,
                "ref": table.ref,
                "headers": table.headerRowCount != 0,
                "totals": bool(table.totalsRowCount),
            }
            for table in formulas.tables.values()
        ],
    }


def _grid(shape: tuple[int, int], cell: Any) -> list[list[Any]]:
    return [
        [cell(row, column) for column in range(1, shape[1] + 1)] for row in range(1, shape[0] + 1)
    ]


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"date": value.isoformat()}
    if value == "":
        return None
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _formula(value: Any) -> str:
    text = getattr(value, "text", value)
    return "" if text is None else str(text)


def in_arrays(path: Path) -> set[str]:
    """The cells that arrays fill, as findings name them: only a file says which these are."""
    from openpyxl.utils import range_boundaries

    from xl_compliance.workbook.snapshot import read

    return {
        f"{sheet.name}!{sheet.address(row, column)}"
        for sheet in read(path).sheets
        for area in sheet.arrays.values()
        for left, top, right, bottom in [range_boundaries(area)]
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
        if area.partition(":")[0] != area.partition(":")[2]
    }


class Currency(Decimal):
    """A cell in a currency format, which Excel hands over at four decimals."""

    full: float

    @classmethod
    def of(cls, full: float) -> Currency:
        cell = cls(str(round(full, 4)))
        cell.full = full
        return cell


class Range:
    """A block of a sheet; what is written to it stands in the sheet from then on."""

    def __init__(self, sheet: Sheet, first: tuple[int, int], last: tuple[int, int]) -> None:
        self.sheet, self.first, self.last = sheet, first, last
        self.row, self.column = first
        self.shape = last[0] - first[0] + 1, last[1] - first[1] + 1
        self.font = SimpleNamespace()

    @property
    def api(self) -> Any:
        """COM's own range: in `Value2` a cell in a currency format has every decimal."""
        rows = self._rows(self.sheet.values)
        return SimpleNamespace(
            Value2=tuple(tuple(getattr(cell, "full", cell) for cell in row) for row in rows)
        )

    def options(self, ndim: int, err_to_str: bool) -> Any:
        assert (ndim, err_to_str) == (2, True), "an error value would be read as a blank"
        return SimpleNamespace(value=self._rows(self.sheet.values))

    @property
    def value(self) -> Any:
        rows = self._rows(self.sheet.values)
        if self.shape == (1, 1):
            return rows[0][0]
        return rows[0] if self.shape[0] == 1 else rows

    @value.setter
    def value(self, rows: list[list[Any]]) -> None:
        assert self.shape == (len(rows), len(rows[0]))
        for down, row in enumerate(rows):
            for right, cell in enumerate(row):
                shown = cell[1:] if isinstance(cell, str) and cell.startswith("'") else cell
                self.sheet.put(self.row + down, self.column + right, shown or None, cell)

    @property
    def formula(self) -> Any:
        if not self.sheet.book.synchronous:
            raise NotImplementedError("Use 'await myrange.get_formula()'")
        rows = tuple(map(tuple, self._rows(self.sheet.formulas)))
        return rows[0][0] if self.shape == (1, 1) else rows

    async def get_formula(self) -> Any:
        return self._rows(self.sheet.formulas)

    def _rows(self, grid: list[list[Any]]) -> list[list[Any]]:
        def at(row: int, column: int) -> Any:
            inside = row <= len(grid) and grid and column <= len(grid[0])
            cell = grid[row - 1][column - 1] if inside else None
            return datetime.fromisoformat(cell["date"]) if isinstance(cell, dict) else cell

        return [
            [at(row, column) for column in range(self.column, self.last[1] + 1)]
            for row in range(self.row, self.last[0] + 1)
        ]


class Sheet:
    """A worksheet."""

    def __init__(self, book: Book, data: dict[str, Any]) -> None:
        self.book, self.name, self.visible = book, data["name"], data["visible"]
        self.values, self.formulas = data["values"], data["formulas"]
        self.tables = [Table(self, each) for each in data["tables"]]
        self.active = False

    @property
    def used_range(self) -> Range:
        return Range(
            self, (1, 1), (max(len(self.values), 1), max(map(len, self.values), default=1))
        )

    def range(self, first: tuple[int, int], last: tuple[int, int] | None = None) -> Range:
        return Range(self, first, last or first)

    def clear(self) -> None:
        self.values, self.formulas = [], []

    def activate(self) -> None:
        self.active = True

    def put(self, row: int, column: int, value: Any, text: Any) -> None:
        for grid, cell in ((self.values, value), (self.formulas, text)):
            while len(grid) < row:
                grid.append([None] * max((len(each) for each in grid), default=column))
            for each in grid:
                each.extend([None] * (column - len(each)))
            grid[row - 1][column - 1] = cell


class Table:
    """A table."""

    def __init__(self, sheet: Sheet, data: dict[str, Any]) -> None:
        first, last = (_position(text) for text in data["ref"].split(":"))
        self.display_name, self.range = data["name"], Range(sheet, first, last)
        self.show_headers, self.show_totals = data["headers"], data["totals"]
        self.header_row_range = Range(sheet, first, (first[0], last[1]))


def _position(address: str) -> tuple[int, int]:
    letters = address.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(address[len(letters) :]), column


class Sheets(list):  # type: ignore[type-arg]
    """The sheets, in order."""

    def __init__(self, book: Book) -> None:
        self.book = book

    def add(self, name: str, after: Sheet) -> Sheet:
        assert name.casefold() not in [sheet.name.casefold() for sheet in self], "Excel refuses it"
        empty = {"name": name, "visible": True, "values": [], "formulas": [], "tables": []}
        sheet = Sheet(self.book, empty)
        self.insert(self.index(after) + 1, sheet)
        return sheet


class Book:
    """An open workbook; `synchronous` is an engine that reads formulas at once."""

    def __init__(self, data: dict[str, Any], synchronous: bool = True) -> None:
        self.name, self.synchronous = data["name"], synchronous
        self.names = [SimpleNamespace(name=name, refers_to=text) for name, text in data["names"]]
        self.sheets = Sheets(self)
        self.sheets += [Sheet(self, each) for each in data["sheets"]]
