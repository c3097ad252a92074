"""Cap tables as they stand in a workbook: columns, rows and cells with what each one is.

A cap table here is frozen data, found by `deal/cap_table_reading.py` or laid down in a mapping
file. Every value keeps its cell, so that whatever is said of it can name the place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from functools import cached_property
from pathlib import Path

from xl_compliance.deal.cap_table_words import Role, RowKind
from xl_compliance.deal.model import Input, ShareClass
from xl_compliance.rules.exact import Exact
from xl_compliance.workbook.snapshot import format_address


class CellKind(Enum):
    """What kind of thing a cell of a cap table holds."""

    BLANK = "blank"
    NUMBER = "number"
    TEXT_NUMBER = "number stored as text"
    TEXT = "text"
    ERROR = "error"
    NOT_CALCULATED = "not calculated"


@dataclass(frozen=True, slots=True)
class Holding:
    """A cell of a cap table.

    `value` is exact, and None where the cell holds no number; `read` is what stands in it;
    `format` is its number format where that was read; `rounded` says that it counts thousands or
    millions.
    """

    address: str
    kind: CellKind
    value: Exact | None = None
    read: str = ""
    formula: str = ""
    format: str = ""
    rounded: bool = False

    @property
    def is_number(self) -> bool:
        """A number, also one stored as text."""
        return self.value is not None

    @property
    def places(self) -> int:
        """How many decimals the number has."""
        if not isinstance(self.value, Decimal):
            return 0
        exponent = self.value.normalize().as_tuple().exponent
        return max(0, -exponent) if isinstance(exponent, int) else 0


BLANK_HOLDING = Holding("", CellKind.BLANK)


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a cap table: who or what it is for, and its cells by column number."""

    number: int
    kind: RowKind
    label: str
    address: str
    cells: Mapping[int, Holding]

    def cell(self, column: Column) -> Holding:
        """The cell in a column, a blank one where nothing stands."""
        return self.cells.get(column.number, BLANK_HOLDING)

    def value(self, column: Column) -> Exact | None:
        """The number in a column, or None."""
        return self.cell(column).value


@dataclass(frozen=True, eq=False)
class CapTable:
    """A cap table: where it stands, its columns and its rows, header and totals included.

    Two tables are never equal: what is worked out about one is kept under the table itself.
    """

    sheet: str
    visible: bool
    header_row: int
    columns: Sequence[Column]
    rows: Sequence[Row]
    of_classes: bool = False
    mapped: bool = False

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
