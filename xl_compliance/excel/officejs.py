"""What goes between a cell of an Office.js host (xlwings Lite, xlwings Server) and our functions.

xlwings hands over each argument in rows, blank cells as None, error values by their names, dates
as the numbers that they are; it makes real errors of the seven oldest error names, and formatted
numbers of dates.
"""

from __future__ import annotations

import logging
from datetime import date
from typing import Any, Final

from xl_compliance.excel.handed_over import as_given
from xl_compliance.functions.calling import Scalar, Table, call
from xl_compliance.functions.cells import Raw, error_value

logger = logging.getLogger(__name__)

FAILED: Final = "#VALUE!"
# xlwings leaves the names of newer error values as text, which IF would take for an answer.
_REAL_ERRORS: Final = frozenset(
    {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"}
)
# Beyond, an integer would reach JavaScript as a kind of number that Excel does not take.
_MOST_EXACT: Final = 2**53


def cell(name: str, *arguments: Raw) -> Scalar | Table:
    """What a cell shows: a value, or rows that spill.

    >>> cell("ISSUANCEPCT", [[1500000.0]], [[5000000.0], [3000000.0]])
    0.1875
    >>> cell("ISSUANCEPCT", [["#SPILL!"]], [[5000000.0]])
    '#VALUE!'
    """
    try:
        result = call(name, *as_given(arguments))
    except Exception:
        # What is raised, xlwings would show in the cell as text.
        logger.exception("%s failed", name)
        return FAILED
    if isinstance(result, list):
        return [[_shown(value) for value in row] for row in result]
    return _shown(result)


def _shown(value: Any) -> Scalar:
    if isinstance(value, str):
        return FAILED if error_value(value) and value not in _REAL_ERRORS else value
    if isinstance(value, bool | date):
        return value
    number: Scalar = float(value) if abs(value) > _MOST_EXACT else value
    return number
