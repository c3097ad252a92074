"""What hosts that know only numbers, texts and rows hand over, as our functions take it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from xl_compliance.functions.cells import Raw

# Beyond, a number is read at 15 significant digits, which an integer would not be.
_MOST_EXACT: Final = 10**15


def as_given(arguments: Sequence[Raw]) -> list[Raw]:
    """The arguments up to the last one given, alike on all hosts, so that the working shows alike.

    Whole numbers are integers, an empty text is nothing, one cell is a value.

    >>> as_given((((1.0,), ("",)), ((9.0,),), None, None))
    [[[1], [None]], 9]
    """
    given = [_argument(raw) for raw in arguments]
    while given and given[-1] is None:
        given.pop()
    return given


def _argument(raw: Raw) -> Raw:
    if not isinstance(raw, list | tuple):
        return _cell(raw)
    rows = [[_cell(cell) for cell in row] for row in raw]
    return rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else rows


def _cell(raw: Raw) -> Raw:
    if raw == "":
        return None
    whole = isinstance(raw, float) and raw.is_integer() and abs(raw) < _MOST_EXACT
    return int(raw) if whole else raw
