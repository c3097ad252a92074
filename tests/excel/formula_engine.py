"""Evaluates the text of a LAMBDA by formualizer, its parameters bound by LET to cells.

formualizer 0.13 has LET and LAMBDA, but neither ISOMITTED nor ROUND over a range: these two are
written here, as Excel documents them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import formualizer

_LEFT_OUT = "(left out)"
_SHEET = "Cells"
_PREFIXES = re.compile(r"_xlfn\.|_xlpm\.|_xlop\.")
_PARAMETERS = re.compile(r"LAMBDA\((?P<names>(?:_xlop\.\w+,)+)(?P<body>.*)\)", re.DOTALL)
_ERRORS = {
    "Na": "#N/A",
    "Num": "#NUM!",
    "Value": "#VALUE!",
    "Div": "#DIV/0!",
    "Ref": "#REF!",
    "Name": "#NAME?",
}
_EPOCH = datetime(1899, 12, 30)


def evaluated(stored: str, arguments: Sequence[Any]) -> Any:
    """What a call answers: `stored` is the formula as the file has it."""
    match = _PARAMETERS.fullmatch(stored.replace("_xlfn.LAMBDA", "LAMBDA", 1))
    assert match, f"not a LAMBDA of optional parameters: {stored[:80]}"
    names = re.findall(r"_xlop\.(\w+)", match["names"])
    assert len(arguments) <= len(names)
    book = _book()
    bound = []
    for column, name in enumerate(names, 1):
        given = arguments[column - 1] if column <= len(arguments) else None
        bound.append(f"{name},{_placed(book, column * 4, given)}")
    formula = f"=LET({','.join(bound)},{_PREFIXES.sub('', match['body'])})"
    book.set_formula(_SHEET, 1, 1, formula)
    return _plain(book.evaluate_cell(_SHEET, 1, 1))


def _book() -> formualizer.Workbook:
    book = formualizer.Workbook()
    book.add_sheet(_SHEET)
    book.register_function("ISOMITTED", _is_omitted, min_args=1, max_args=1)
    book.register_function("ROUND", _rounded, min_args=2, max_args=2, allow_override_builtin=True)
    return book


def _is_omitted(value: Any) -> bool:
    return bool(value == _LEFT_OUT)


def _rounded(value: Any, digits: float) -> Any:
    """Half away from zero, of each cell."""
    if isinstance(value, list):
        return [_rounded(each, digits) for each in value]
    if isinstance(value, dict):
        return value
    assert digits == 0
    if value is None:
        return 0.0
    return math.copysign(math.floor(abs(value) + 0.5), value) if abs(value) < 2**52 else value


def _placed(book: formualizer.Workbook, column: int, given: Any) -> str:
    """The argument in cells, and what a formula calls it."""
    if given is None:
        return f'"{_LEFT_OUT}"'
    rows = given if isinstance(given, list) else [[given]]
    rows = [row if isinstance(row, list) else [row] for row in rows]
    for down, row in enumerate(rows, 2):
        for right, value in enumerate(row):
            _put(book, down, column + right, value)
    first, last = _address(2, column), _address(1 + len(rows), column + len(rows[0]) - 1)
    return first if first == last else f"{first}:{last}"


def _put(book: formualizer.Workbook, row: int, column: int, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, str) and value.startswith("#"):
        book.set_formula(_SHEET, row, column, f"={value}")
    elif isinstance(value, date):
        moment = (
            value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
        )
        book.set_value(_SHEET, row, column, (moment - _EPOCH).total_seconds() / 86_400)
    else:
        book.set_value(_SHEET, row, column, value)


def _address(row: int, column: int) -> str:
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"${letters}${row}"


def _plain(answer: Any) -> Any:
    if isinstance(answer, dict):
        return _ERRORS[answer["kind"]]
    return answer
