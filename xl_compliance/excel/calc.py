"""What goes between a cell of LibreOffice Calc and our functions.

Calc hands over numbers, texts, and ranges as rows of them. It has no truth values (TRUE is the
number 1, FALSE the number 0) and no dates (a number with a format). A blank cell is the number 0,
in a range an empty text; an omitted argument is nothing. An error value never arrives: Calc itself
gives it back.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from itertools import product
from typing import Any, Final

from xl_compliance.excel.handed_over import as_given
from xl_compliance.functions.calling import HEADERS, Scalar, Table, call
from xl_compliance.functions.cells import Raw, error_value
from xl_compliance.functions.registry import Argument, Function, Result, Shape, find

# Calc's own numbers of the error values. A cell that holds one is a number to it: "not a number",
# with the error as its last bits.
_ERROR_NUMBERS: Final = {
    "#NULL!": 521,
    "#DIV/0!": 532,
    "#VALUE!": 519,
    "#REF!": 524,
    "#NAME?": 525,
    "#NUM!": 503,
    "#N/A": 32767,
}
_OTHER_ERROR: Final = _ERROR_NUMBERS["#VALUE!"]
# With more, their readings are too many to compare.
_MOST_DOUBTS: Final = 6
_NOT_A_NUMBER: Final = 0x7FF8_0000_0000_0000
_DAY_0: Final = date(1899, 12, 30)

Rows = tuple[tuple[float | str, ...], ...]

# A text that reaches Calc in an array is equal to no other text (seen in 7.4): in a formula,
# ="REQUIRED" would be FALSE beside a cell that shows REQUIRED. So words come one at a time, and
# only numbers, dates and tables, which are there to be read, come in rows.
_IN_ROWS: Final = frozenset({Result.NUMBER, Result.DATES, Result.TABLE})


def answers_in_rows(function: Function) -> bool:
    """Whether a function hands Calc rows, of one cell for a single answer; else one value."""
    return function.result in _IN_ROWS


def cell(name: str, arguments: Sequence[Raw], day_0: date = _DAY_0) -> float | str | Rows:
    """What a cell of Calc shows.

    `day_0` is the day that the document's dates count from. A range where a word answers for one
    value is #VALUE!. A 0 may be a blank cell: where that makes a difference, NEEDS INPUT or #N/A.

    >>> cell("ISSUANCEPCT", (1500000.0, ((5000000.0,), (3000000.0,))))
    ((0.1875,),)
    >>> cell("NASDAQ5635D", (9.99, 10.0, 1000000.0, 5000000.0))
    'REQUIRED'
    >>> [cell("TSX606", (7.0, 10.0, 1.0, 1000000.0, insiders)) for insiders in (0.0, "0")]
    ['NEEDS INPUT', '606']
    """
    function = find(name)
    later = (day_0 - _DAY_0).days
    given = _with_dates(function, as_given(arguments), later)
    result = _answer(function, given, _doubtful(function, arguments))
    if not answers_in_rows(function):
        return error_number("#VALUE!") if isinstance(result, list) else _shown(result, False, later)
    in_table = function.result is Result.TABLE and isinstance(result, list)
    rows = result if isinstance(result, list) else [[result]]
    return tuple(tuple(_shown(value, in_table, later) for value in row) for row in rows)


def _doubtful(function: Function, arguments: Sequence[Raw]) -> list[int]:
    """Where a 0 stands that a blank cell may have become on its way: not in a range."""
    paired = _paired(function, list(arguments))
    return [at for at, (_, raw) in enumerate(paired) if isinstance(raw, float) and raw == 0]


def _answer(function: Function, given: list[Raw], doubtful: list[int]) -> Scalar | Table:
    """The answer, where each reading of a doubtful 0 leads to the same; else that input is needed.

    A 0 that is never a value of its own is a blank. Both readings count where it may be one.
    """
    paired = _paired(function, given)
    open_ones = []
    for position in doubtful:
        if position >= len(given):
            continue
        kind = paired[position][0].kind
        if kind.numeric and kind.zero == "a number":
            open_ones.append(position)
        else:
            given[position] = None
    if len(open_ones) > _MOST_DOUBTS:
        return _not_known(function, given, open_ones)
    answers = [_called(function, read) for read in _readings(given, open_ones)]
    if all(answer == answers[0] for answer in answers):
        return call(function.name, *as_given(given))
    return _not_known(function, given, open_ones)


def _readings(given: list[Raw], doubtful: list[int]) -> Iterator[list[Raw]]:
    for values in product((0, None), repeat=len(doubtful)):
        read = list(given)
        for position, value in zip(doubtful, values, strict=True):
            read[position] = value
        yield read


def _called(function: Function, read: list[Raw]) -> Scalar | Table:
    """The answer; of a working, the answer that it explains."""
    if function.name == "EXPLAIN" and read and _is_ours(read[0]):
        return call(str(read[0]), *as_given(read[1:]))
    return call(function.name, *as_given(read))


def _not_known(function: Function, given: list[Raw], doubtful: list[int]) -> Scalar | Table:
    if function.name != "EXPLAIN":
        return "#N/A" if function.numeric else "NEEDS INPUT"
    named = _paired(function, given)
    names = ", ".join(named[position][0].name for position in doubtful)
    explained = _explained(given[0])
    answer: Scalar = "#N/A" if explained.numeric else "NEEDS INPUT"
    why = (
        f"{names}: to LibreOffice a blank cell is 0, and here that makes a difference. Write the "
        'cell as a range (B7:B7), or the 0 as a text ("0")'
    )
    return [list(HEADERS), ["Result", answer, why, ""]]


def _with_dates(function: Function, given: list[Raw], later: int) -> list[Raw]:
    """The arguments, with the dates of a document that counts from another day as Excel's."""
    if not later:
        return given
    dated = [_later(argument, raw, later) for argument, raw in _paired(function, given)]
    return dated + given[len(dated) :]


def _paired(function: Function, given: list[Raw]) -> list[tuple[Argument, Raw]]:
    pairs = list(zip(function.arguments, given, strict=False))
    if pairs and pairs[-1][0].shape is Shape.REST:
        rest = len(function.arguments) - 1
        return pairs[:rest] + _paired(_explained(given[0]), given[rest:])
    return pairs


def _explained(name: Raw) -> Function:
    return find(str(name) if _is_ours(name) else "XLCVERSION")


def _is_ours(name: Raw) -> bool:
    try:
        find(str(name))
    except KeyError:
        return False
    return True


def _later(argument: Argument, raw: Raw, days: int) -> Raw:
    if isinstance(raw, list):
        return [[_later(argument, one, days) for one in row] for row in raw]
    is_date = isinstance(raw, int | float) and raw and argument.kind.unit.startswith("date")
    return raw + days if is_date else raw


def _shown(value: Any, in_table: bool, later: int) -> float | str:
    """A result as Calc takes it; a table is there to be read, so errors are text in it."""
    if isinstance(value, str):
        return error_number(value) if error_value(value) and not in_table else value
    if isinstance(value, date):
        return _serial(value) - later
    return float(value)


def _serial(value: date) -> float:
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    return (moment - datetime.combine(_DAY_0, time())).total_seconds() / 86_400


def error_number(error: str) -> float:
    """The number that Calc shows as an error value."""
    bits = _NOT_A_NUMBER | _ERROR_NUMBERS.get(error, _OTHER_ERROR)
    number: float = struct.unpack("<d", struct.pack("<Q", bits))[0]
    return number
