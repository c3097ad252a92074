"""What was understood of the cap tables in a workbook, for a person and for a program."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from xl_compliance.batch.text import escaped_json, visible
from xl_compliance.deal.cap_table import CapTable, CapTables, Column, Row
from xl_compliance.deal.cap_table_cells import CellKind, Holding
from xl_compliance.deal.cap_table_ties import Basis, NoBasis, RowSum, percent_basis, row_sums
from xl_compliance.deal.cap_table_words import Role, RowKind
from xl_compliance.rules.exact import exactly, from_number, magnitude, percent, plain

SCHEMA: Final = "xl-compliance-cap-tables/1"
_WIDEST = 24


@exactly
def render(found: CapTables) -> str:
    """The cap tables as text: each column with its meaning, each cell as it was read."""
    lines = [found.path.name]
    for table in found.tables:
        lines += ["", *_table(table)]
    if not found.tables:
        lines += ["", "  No cap table was found. A mapping can say where one is."]
    if found.not_understood:
        lines += ["", "  Not understood"]
        lines += [f"    {it.sheet}!{it.address}: {it.message}" for it in found.not_understood]
    return "\n".join(visible(line) for line in lines) + "\n"


def _table(table: CapTable) -> Iterator[str]:
    hidden = "" if table.visible else " (hidden sheet)"
    how = "as the mapping says" if table.mapped else "found by its header"
    yield f"  {table.sheet}!{table.region}{hidden}, {how} in row {table.header_row}"
    sums = {it.column.number: it for it in row_sums(table) if isinstance(it, RowSum)}
    for column in table.columns:
        yield f"    {column.letter:>3}  {column.role.value:<22} {column.name}{_adds(column, sums)}"
        basis = percent_basis(table, column) if column.role.is_percent else None
        if basis is not None:
            yield f"         {'':<22} {_of(basis)}"
    yield ""
    yield from _cells(table)


def _adds(column: Column, sums: dict[int, RowSum]) -> str:
    found = sums.get(column.number)
    if found is None:
        return " (as the header assumes)" if column.assumed else ""
    return f" = {' + '.join(it.letter for it in found.parts)}"


def _of(basis: Basis | NoBasis) -> str:
    if isinstance(basis, NoBasis):
        return "of what is not understood"
    parts = " + ".join(it.letter for it in basis.parts)
    where = f"row {basis.place.number}" if basis.place else "the sum of the rows"
    points = " in percentage points" if basis.scale == 100 else ""
    return f"{parts} / {plain(from_number(basis.whole))} ({where}){points}"


def _cells(table: CapTable) -> Iterator[str]:
    columns = [it for it in table.columns if it.role.is_shares or it.role.is_percent]
    lines = [["row", "is", "name", *(it.letter for it in columns)]]
    for row in table.rows:
        shown = [_shown(row, row.cell(it), it) for it in columns]
        lines.append([str(row.number), row.kind.value, _short(row.label), *shown])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        left = [f"{text:<{width}}" for text, width in zip(line[:3], widths, strict=False)]
        right = [f"{text:>{width}}" for text, width in zip(line[3:], widths[3:], strict=True)]
        yield "    " + "  ".join([*left, *right]).rstrip()


def _shown(row: Row, cell: Holding, column: Column) -> str:
    if cell.value is not None:
        part = column.role.is_percent or row.kind is RowKind.PERCENT
        small = part and magnitude(cell.value) <= 1
        text = percent(cell.value) if small else plain(from_number(cell.value))
        return f'"{text}"' if cell.kind is CellKind.TEXT_NUMBER else text
    return _short(cell.read) if cell.kind in (CellKind.TEXT, CellKind.ERROR) else _gap(cell)


def _gap(cell: Holding) -> str:
    return "not calculated" if cell.kind is CellKind.NOT_CALCULATED else ""


def _short(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 3]}..."


def as_json(found: CapTables) -> str:
    """The cap tables as indented JSON with a final newline: every cell with what it was read as."""
    data = {
        "schema": SCHEMA,
        "workbook": found.path.name,
        "tables": [_table_data(table) for table in found.tables],
        "not_understood": [
            {"sheet": it.sheet, "cell": it.address or None, "message": it.message}
            for it in found.not_understood
        ],
    }
    return escaped_json(json.dumps(data, indent=2, ensure_ascii=False)) + "\n"


def _table_data(table: CapTable) -> dict[str, Any]:
    return {
        "sheet": table.sheet,
        "hidden": not table.visible,
        "region": table.region,
        "header_row": table.header_row,
        "from_mapping": table.mapped,
        "columns": [
            {
                "column": it.letter,
                "role": it.role.value,
                "name": it.name,
                "unit": it.unit or None,
                "header": it.address,
            }
            for it in table.columns
        ],
        "rows": [_row_data(table, row) for row in table.rows],
    }


def _row_data(table: CapTable, row: Row) -> dict[str, Any]:
    cells = [(it, row.cell(it)) for it in table.columns if it.role is not Role.HOLDER]
    return {
        "row": row.number,
        "is": row.kind.value,
        "name": row.label,
        "cell": row.address,
        "cells": [
            {
                "cell": cell.address,
                "role": column.role.value,
                "kind": cell.kind.value,
                "value": None if cell.value is None else str(cell.value),
                "read": cell.read,
                "formula": cell.formula or None,
            }
            for column, cell in cells
            if cell.address
        ],
    }
