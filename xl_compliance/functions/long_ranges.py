"""Long ranges of numbers: read at once, and computed with at once where something can.

Read number by number, 100,000 cells cost more than what is done with them. Here a range of plain
numbers becomes a `Column`, by whatever maker of columns has registered itself or else by the
standard library; what no column can hold exactly is read as ever, so the answers are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any, Final

from xl_compliance.functions import whole_columns
from xl_compliance.functions.cells import Kind, Raw
from xl_compliance.rules.exact import Column, Exact, Parts, from_float

# From here on what it costs to begin is earned back.
LONG: Final = 256

ColumnOf = Callable[[list[Raw], Kind, bool], Column | None]
"""Makes a column of raw cells of a kind, with or without zeros among them.

Rows that it cannot hold exactly are left open in it.
"""

_MAKERS: Final[list[ColumnOf]] = []


def use(maker: ColumnOf) -> None:
    """Register what makes columns."""
    _MAKERS[:] = [maker]


def column_of(cells: list[Raw], kind: Kind, zeros: bool) -> Column | None:
    """The cells as a column, some rows perhaps left open; None where they cannot be one."""
    if not kind.numeric or kind.least:
        return None
    for made in _MAKERS:
        column = made(cells, kind, zeros)
        if column is not None:
            return column
    return whole_columns.column_of(cells, kind, zeros)


def all_numbers(cells: list[Raw], kind: Kind, zeros: bool) -> Sequence[Exact] | None:
    """The numbers where every cell is one that the kind takes as it is, and not all are 0."""
    column = column_of(cells, kind, zeros)
    if column is not None and column.is_complete():
        return column
    if set(map(type, cells)) != {float} or not all(map(isfinite, cells)):
        return None
    least, most = min(cells), max(cells)
    if not most or least < 0 or (least == 0 and not zeros):
        return None
    if kind.most is not None and most > kind.most:
        return None
    return Parts(map(from_float, cells))


def without_columns(values: Sequence[Any]) -> list[Any]:
    """What a rule receives, with columns taken apart into their numbers."""
    return [Parts(value) if isinstance(value, Column) else value for value in values]
