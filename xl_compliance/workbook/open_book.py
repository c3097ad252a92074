"""Reads a workbook that is open in Excel, saved or not, into the same frozen data as a file.

What is read are the few members of xlwings' `Book` that its engines have in common: sheets with
their used range, tables, names. Excel has calculated everything, so a value is never missing. Which
cells an array fills is not among these members: they read as cells with values of their own.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from xl_compliance.excel.handed_over import error_of_number
from xl_compliance.functions.cells import error_value
from xl_compliance.workbook.snapshot import (
    Cell,
    CellValue,
    DefinedName,
    ExcelError,
    Sheet,
    Snapshot,
    Table,
)

Rows = Sequence[Sequence[Any]]

_MOST_EXACT: Final = 10**15
# A time of day without a date is a moment of Excel's day 0.
_FIRST_DAY: Final = datetime(1900, 1, 1)


def snapshot_of(
    book: Any, formulas: Mapping[str, Rows] | None = None, without: Sequence[str] = ()
) -> Snapshot:
    """What an `xlwings.Book` holds now.

    `formulas` are those of each sheet's used range, where the engine hands them over only when
    awaited; `without` names sheets to leave out.
    """
    left_out = {name.casefold() for name in without}
    sheets = [sheet for sheet in book.sheets if sheet.name.casefold() not in left_out]
    return Snapshot(
        path=Path(book.name),
        sheets=tuple(_sheet(sheet, formulas) for sheet in sheets),
        tables=tuple(_table(sheet, table) for sheet in sheets for table in sheet.tables),
        defined_names=tuple(map(_name, book.names)),
        epoch_1904=False,
    )


async def formulas_of(book: Any) -> dict[str, Rows]:
    """The formulas of each sheet's used range, from an engine that must be asked for them."""
    return {sheet.name: rows_of(await sheet.used_range.get_formula()) for sheet in book.sheets}


def rows_of(block: Any) -> Rows:
    """A block of cells as rows, whatever it is for one cell."""
    if not isinstance(block, list | tuple):
        return [[block]]
    return block if isinstance(block[0], list | tuple) else [block]


def _sheet(sheet: Any, formulas: Mapping[str, Rows] | None) -> Sheet:
    used = sheet.used_range
    values = _in_full(used, used.options(ndim=2, err_to_str=True).value)
    texts = rows_of(used.formula) if formulas is None else formulas[sheet.name]
    return Sheet(
        sheet.name, bool(sheet.visible), dict(_cells(used.row, used.column, values, texts))
    )


def _cells(
    top: int, left: int, values: Rows, texts: Rows
) -> Iterator[tuple[tuple[int, int], Cell]]:
    for down, (row, formulas) in enumerate(zip(values, texts, strict=True)):
        for right, (value, text) in enumerate(zip(row, formulas, strict=True)):
            formula = _formula(text, value)
            if value is None and formula is None:
                continue
            yield (top + down, left + right), Cell(_value(value, formula), formula)


def _formula(text: Any, value: Any) -> str | None:
    """A formula; a text that looks like one is its own value."""
    is_formula = isinstance(text, str) and text.startswith("=") and text != value
    return text if is_formula else None


def _in_full(used: Any, values: Rows) -> Rows:
    """Excel hands over cells in a currency format at four decimals; all stand beneath."""
    if not any(isinstance(cell, Decimal) for row in values for cell in row):
        return values
    beneath = rows_of(used.api.Value2)
    return [
        [full if isinstance(cell, Decimal) else cell for cell, full in zip(*pair, strict=True)]
        for pair in zip(values, beneath, strict=True)
    ]


def _value(value: Any, formula: str | None) -> CellValue:
    """A cell's value as a file gives it."""
    if value is None:
        return "" if formula else None
    if isinstance(value, datetime):
        moment = (value + timedelta(microseconds=500_000)).replace(microsecond=0, tzinfo=None)
        return moment.time() if moment < _FIRST_DAY else moment
    if isinstance(value, str):
        error = error_value(value)
        return ExcelError(error) if error else value
    if isinstance(value, bool | date | time):
        return value
    error = error_of_number(value)
    if error:
        return ExcelError(error)
    number: float = value
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < _MOST_EXACT
    return int(number) if is_whole else number


def _table(sheet: Any, table: Any) -> Table:
    whole = table.range
    rows, columns = whole.shape
    headers = rows_of(table.header_row_range.value)[0] if table.show_headers else [""] * columns
    lines = int(bool(table.show_headers))
    return Table(
        name=table.display_name,
        sheet=sheet.name,
        first_row=whole.row + lines,
        first_column=whole.column,
        headers=tuple(str(header) for header in headers),
        row_count=rows - lines - int(bool(table.show_totals)),
        has_headers=bool(table.show_headers),
        has_totals=bool(table.show_totals),
    )


def _name(name: Any) -> DefinedName:
    """A sheet's own name stands behind the sheet's, in quotes where that needs them."""
    sheet, _, own = name.name.rpartition("!")
    scope = sheet.strip("'").replace("''", "'") if sheet else None
    return DefinedName(own, str(name.refers_to or "").removeprefix("="), scope)
