"""The ways our functions are spelled in cells, and the one name behind them."""

from __future__ import annotations

import re
from typing import Final

NAMESPACE: Final = "XLC"

_PREFIX: Final = re.compile(
    r"(?:_xldudf_|_xll\.|_xlfn\.|_xlws\.|\[\d+\]!|'?(?:[^'!]*[\\/])?xl_compliance\.xla[m]?'?!)+",
    re.IGNORECASE,
)
_NAMESPACE: Final = re.compile(rf"{NAMESPACE}[._]", re.IGNORECASE)
_TSX_RULE: Final = re.compile(r"TSX_(\d)")
_A1: Final = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})", re.IGNORECASE)
_R1C1: Final = re.compile(
    r"R(?:\d+|\[-?\d+\])?(?:C(?:\d+|\[-?\d+\])?)?|C(?:\d+|\[-?\d+\])?", re.IGNORECASE
)
_LAST_COLUMN: Final = 16_384
_LAST_ROW: Final = 1_048_576


def canonical(spelling: str) -> str:
    """The name behind any spelling that a cell or a file uses.

    >>> canonical("_xldudf_XLC_MINPRICE"), canonical("tsx_606"), canonical("[1]!UNITFLOOR")
    ('MINPRICE', 'TSX606', 'UNITFLOOR')
    """
    name = _PREFIX.sub("", spelling.strip().lstrip("=@"), count=1)
    name = _NAMESPACE.sub("", name, count=1)
    return _TSX_RULE.sub(r"TSX\1", name.upper(), count=1)


def bare(name: str) -> str:
    """The spelling without a namespace, as the Windows add-in and shipped workbooks use it.

    A name that a spreadsheet would read as a cell address gets an underscore.

    >>> bare("MINPRICE"), bare("TSX606"), bare("TSX606EXCESS")
    ('MINPRICE', 'TSX_606', 'TSX606EXCESS')
    """
    if not is_cell_address(name):
        return name
    letters = name.rstrip("0123456789")
    return f"{letters}_{name[len(letters) :]}"


def is_cell_address(name: str) -> bool:
    """Whether a spreadsheet reads the name as an A1 or R1C1 address.

    >>> is_cell_address("TSX606"), is_cell_address("TSX_606"), is_cell_address("R1C1")
    (True, False, True)
    """
    if _R1C1.fullmatch(name):
        return True
    match = _A1.fullmatch(name)
    if match is None:
        return False
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return column <= _LAST_COLUMN and int(match[2]) <= _LAST_ROW
