"""What hosts that know only numbers, texts and rows hand over, as our functions take it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from xl_compliance.functions.cells import Raw

# Beyond, a number is read at 15 significant digits, which an integer would not be.
_MOST_EXACT: Final = 10**15


# How Excel's newer error values arrive: xlwings names the seven oldest and passes these on as the
# COM error numbers they are, which would read as negative numbers.
_ERROR_NUMBERS: Final = {
    2043: "#GETTING_DATA",
    2045: "#SPILL!",
    2046: "#CONNECT!",
    2047: "#BLOCKED!",
    2048: "#UNKNOWN!",
    2049: "#FIELD!",
    2050: "#CALC!",
}
_FIRST_ERROR: Final = -2146826288  # 0x800A07D0: #NULL!, number 2000
_LAST_ERROR: Final = _FIRST_ERROR + 999


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


def error_of_number(cell: Raw) -> str | None:
    """The error value behind a COM error number, or None for anything else.

    >>> error_of_number(-2146826243), error_of_number(5)
    ('#SPILL!', None)
    """
    if type(cell) is int and _FIRST_ERROR <= cell <= _LAST_ERROR:
        return _ERROR_NUMBERS.get(cell - _FIRST_ERROR + 2000, "#VALUE!")
    return None
