"""Cap tables as they stand in a workbook: columns, rows and cells with what each one is.

A cap table here is frozen data, found by `deal/cap_table_reading.py` or laid down in a mapping
file. Every value keeps its cell, so that whatever is said of it can name the place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from xl_compliance.deal.cap_table_cells import BLANK_HOLDING, Cells, Holding
from xl_compliance.deal.cap_table_words import Role, RowKind
from xl_compliance.deal.model import Input, ShareClass
from xl_compliance.rules.exact import Exact
from xl_compliance.workbook.number_formats import Formats
from xl_compliance.workbook.snapshot import format_address


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column of a cap table: its number on the sheet, what it holds, and its header."""

    number: int
    role: Role
    name: str
    address: str = ""
    assumed: bool = False

    @property
    def letter(self) -> str:
        """The letter of the column."""
        return format_address(1, self.number)[:-1]

    @property
    def unit(self) -> str:
        """What its numbers count."""
        if self.role.is_shares:
            return "shares"
        if self.role.is_percent:
            return "share of the company"
        return "money" if self.role is Role.MONEY else ""


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """A row of a cap table: who or what it is for, and its cells by column number.

    `index` is its place among the rows of the table, `names` the column of the names.
    """

    index: int
    number: int
    kind: RowKind
    label: str
    names: int
    columns: Mapping[int, Cells]

    @property
    def address(self) -> str:
        """The cell with the name."""
        return format_address(self.number, self.names)

    @property
    def cells(self) -> dict[int, Holding]:
        """The cells in which something stands, by column number."""
        found = ((number, cells.at(self.index)) for number, cells in self.columns.items())
        return {number: cell for number, cell in found if cell.address}

    def cell(self, column: Column) -> Holding:
        """The cell in a column, a blank one where nothing stands."""
        cells = self.columns.get(column.number)
        return BLANK_HOLDING if cells is None else cells.at(self.index)

    def value(self, column: Column) -> Exact | None:
        """The number in a column, or None."""
        cells = self.columns.get(column.number)
        return None if cells is None else cells.values[self.index]


@dataclass(frozen=True, eq=False)
class CapTable:
    """A cap table: where it stands, its columns and its rows, header and totals included.

    `cells` has the cells of the rows, column by column. `formats` are the number formats of the
    workbook, which are read when the first one is asked for. Two tables are never equal: what is
    worked out about one is kept in it, as `kept`.
    """

    sheet: str
    visible: bool
    header_row: int
    columns: Sequence[Column]
    rows: Sequence[Row]
    cells: Mapping[int, Cells]
    of_classes: bool = False
    mapped: bool = False
    formats: Formats | None = None
    kept: dict[Any, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def holder_column(self) -> Column:
        """The column with the names."""
        return next(column for column in self.columns if column.role is Role.HOLDER)

    @cached_property
    def leaves(self) -> tuple[Row, ...]:
        """The rows that totals add up: holders and pools."""
        return tuple(row for row in self.rows if row.kind.is_leaf)

    @cached_property
    def totals(self) -> tuple[Row, ...]:
        """The rows that are totals or subtotals."""
        return tuple(row for row in self.rows if row.kind is RowKind.TOTAL)

    @cached_property
    def leaf_places(self) -> list[int]:
        """The places of the leaves among the rows."""
        return [row.index for row in self.leaves]

    @cached_property
    def pool_places(self) -> frozenset[int]:
        """The places of the pools among the rows."""
        return frozenset(row.index for row in self.leaves if row.kind is RowKind.POOL)

    @cached_property
    def first_other(self) -> int:
        """The place of the first row that is no holder."""
        return next((it.index for it in self.rows if it.kind is not RowKind.HOLDER), len(self.rows))

    @cached_property
    def first_other_leaf(self) -> int:
        """The place of the first row that totals add up and that is no holder."""
        others = (it.index for it in self.leaves if it.kind is not RowKind.HOLDER)
        return next(others, len(self.rows))

    def of(self, column: Column) -> Cells:
        """The cells of a column; those of the names hold no numbers."""
        cells = self.cells.get(column.number)
        return self._names if cells is None else cells

    @cached_property
    def _names(self) -> Cells:
        lines = [row.number for row in self.rows]
        return Cells(self.holder_column.number, lines, [None] * len(lines), {})

    def has_numbers(self, column: Column) -> bool:
        """Whether any holder or pool has a number in a column."""
        values = self.of(column).values
        return any(values[place] is not None for place in self.leaf_places)

    @cached_property
    def _codes(self) -> Mapping[tuple[int, int], str]:
        return {} if self.formats is None else self.formats.of(self.sheet)

    def format_of(self, row: int, column: int) -> str:
        """The number format of the cell in a row and column of the sheet, `""` for a plain one."""
        return self._codes.get((row, column), "")

    def with_role(self, *roles: Role) -> tuple[Column, ...]:
        """The columns that have one of these roles, from left to right."""
        return tuple(column for column in self.columns if column.role in roles)

    @cached_property
    def shares(self) -> tuple[Column, ...]:
        """The columns that count shares."""
        return tuple(column for column in self.columns if column.role.is_shares)

    @cached_property
    def percents(self) -> tuple[Column, ...]:
        """The columns that hold a share of the company."""
        return tuple(column for column in self.columns if column.role.is_percent)

    @property
    def region(self) -> str:
        """The rectangle from the header to the last row, such as `A4:K63`."""
        last = self.rows[-1].number if self.rows else self.header_row
        numbers = [column.number for column in self.columns]
        first = format_address(self.header_row, min(numbers))
        return f"{first}:{format_address(last, max(numbers))}"

    def at(self, cell: Holding, label: str = "") -> Input[Exact]:
        """A cell as an input that findings can name."""
        return Input(cell.value, self.sheet, cell.address, label)

    def head(self, column: Column) -> Input[str]:
        """The header of a column as an input that findings can name."""
        return Input(column.name, self.sheet, column.address, column.name)

    def name_of(self, row: Row) -> Input[str]:
        """The name in a row as an input that findings can name."""
        return Input(row.label, self.sheet, row.address, row.label)


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Something that looks like part of a cap table and was not read as one.

    `grave` where a mistake in it could pass unseen.
    """

    sheet: str
    address: str
    message: str
    grave: bool = False


@dataclass(frozen=True, slots=True)
class CapTables:
    """All cap tables of a workbook, what was not understood, and the classes of its deal."""

    path: Path
    tables: Sequence[CapTable]
    not_understood: Sequence[NotUnderstood] = ()
    classes: Sequence[ShareClass] = field(default=())
