"""Number formats that show nothing of what a cell holds, such as `;;;`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import date, time
from typing import Final

from xl_compliance.workbook.snapshot import CellValue, ExcelError

_PIECE: Final = re.compile(r'"([^"]*)"?|\\(.)|\[([^\]]*)\]|[_*](.)|(;)|(.)', re.DOTALL)
_CONDITION: Final = re.compile(r"(<=|>=|<>|<|>|=)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)")
_NUMBERS: Final = 3
_COMPARED: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}
_PROBES: Final[tuple[CellValue, ...]] = (1.5, -1.5, "x")


def shows_nothing(code: str, value: CellValue) -> bool:
    """Whether a cell of this number format looks empty though it holds this value.

    A zero may: dashes and blanks for zeros are how tables are read.

    >>> [shows_nothing(code, 5) for code in (";;;", "0;-0;;@", '""', '[>9]0;"";', "General")]
    [True, False, True, True, False]
    >>> [shows_nothing(";;;", "x"), shows_nothing(";;", "x"), shows_nothing("0;;;@", 0)]
    [True, False, False]
    """
    if value is None or isinstance(value, ExcelError) or not code:
        return False
    return _hidden_by(_sections(code), value)


def _hidden_by(sections: list[tuple[str, bool]], value: CellValue) -> bool:
    if isinstance(value, bool | str):
        return bool(value != "" and len(sections) > _NUMBERS and not sections[_NUMBERS][1])
    number = 1.0 if isinstance(value, date | time) else value
    return isinstance(number, int | float) and number != 0 and not _shown(sections, number)


def may_show_nothing(code: str) -> bool:
    """Whether there are values of which a number format shows nothing.

    >>> [may_show_nothing(code) for code in (";;;", "0;-0;;@", '[=1]"OK";[=0]"Error";General')]
    [True, False, False]
    """
    sections = _sections(code)
    if any(condition for condition, _ in sections):
        return not all(shows for _, shows in sections)
    return bool(code) and any(_hidden_by(sections, probe) for probe in _PROBES)


def _shown(sections: list[tuple[str, bool]], number: float) -> bool:
    of_numbers = sections[:_NUMBERS]
    conditions = [condition for condition, _ in of_numbers]
    if not any(conditions) and len(of_numbers) > 1:
        conditions = [">0" if len(of_numbers) > 2 else ">=0", "<0", ""][: len(of_numbers)]
    for condition, (_, shows) in zip(conditions, of_numbers, strict=True):
        if not condition or _holds(condition, number):
            return shows
    return True  # Excel fills such a cell with number signs


def _holds(condition: str, number: float) -> bool:
    match = _CONDITION.fullmatch(condition)
    assert match is not None
    return _COMPARED[match[1]](number, float(match[2]))


def _sections(code: str) -> list[tuple[str, bool]]:
    """The condition of each section of a format, and whether anything is to be seen of it."""
    found = [("", False)]
    for quoted, escaped, bracketed, beside, ends, other in _PIECE.findall(code):
        condition, shows = found[-1]
        if ends:
            found.append(("", False))
        elif bracketed:
            match = _CONDITION.fullmatch(bracketed)
            found[-1] = (match[0] if match else condition, shows or bracketed.startswith("$"))
        elif not beside:
            found[-1] = (condition, shows or bool(f"{quoted}{escaped}{other}".strip()))
    return found
