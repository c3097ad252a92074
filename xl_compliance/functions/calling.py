"""Calling a worksheet function: read, decide, render; spill; explain.

`call` is what every host reaches. It never raises for anything a cell can hold: malformed input,
missing data and error values come back as the error values Excel shows.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from typing import Any, Final

from xl_compliance.functions.cells import ErrorValue, Raw, is_blank, is_range, rows_of
from xl_compliance.functions.long_ranges import LONG, column_of, without_columns
from xl_compliance.functions.registry import (
    REGISTRY,
    Argument,
    Function,
    Result,
    Shape,
    find,
    first_error_value,
)
from xl_compliance.functions.uncollected import uncollected
from xl_compliance.rules.exact import NotExact, exactly, plain, to_float, total
from xl_compliance.rules.outcome import UNKNOWN, Malformed, Moment, Outcome, Part, RuleError
from xl_compliance.rules.parameters import Threshold

Scalar = float | int | str | bool | date
Table = list[list[Scalar]]

TOO_LARGE: Final = "#NUM!"
_LARGEST: Final = int(sys.float_info.max)
DOES_NOT_FIT: Final = "#N/A"
_ROWS_TOLD: Final = 50
HEADERS: Final = ("Item", "Value", "Test", "Source")


def call(name: str, *arguments: Raw) -> Scalar | Table:
    """What the cell answers.

    `name` in any spelling, arguments as a spreadsheet holds them: numbers, texts, dates, error
    values, and ranges as lists of rows. Returns a scalar, or rows where a range spills. Raises
    `KeyError` for a name that is not ours, and nothing else.

    >>> call("ISSUANCEPCT", 1500000, [[5000000], [3000000]])
    0.1875
    >>> call("DISCOUNTPCT", [[8.5], [9]], 10)
    [[0.15], [0.1]]
    >>> call("ISSUANCEPCT", "#REF!", 5000000)
    '#REF!'
    """
    function = REGISTRY.get(name) or find(name)
    try:
        return rendered(function.decide(*function.read(arguments)))
    except NotExact:
        return _without_columns(function, arguments)
    except RuleError as problem:
        # A range is no single value, so a call that spills comes here too: single cells, which are
        # nearly all calls, are not asked first whether they are ranges.
        return _spilled_or_error(problem, function, arguments)


def _without_columns(function: Function, arguments: Sequence[Raw]) -> Scalar | Table:
    try:
        return rendered(function.decide(*without_columns(function.read(arguments))))
    except RuleError as problem:
        return _error(problem, function, arguments)


def _spilled_or_error(
    problem: RuleError, function: Function, arguments: Sequence[Raw]
) -> Scalar | Table:
    try:
        if _spills(function, arguments):
            return _spilled(function, arguments)
    except RuleError as of_the_range:
        problem = of_the_range
    return _error(problem, function, arguments)


def outcome(name: str, *arguments: Raw) -> Outcome:
    """The outcome behind a call that does not spill; raises `RuleError` where a cell shows one."""
    function = find(name)
    return function.decide(*without_columns(function.read(arguments)))


def explain(name: str, *arguments: Raw) -> Table:
    """The working of a call: `Item | Value | Test | Source`, headers first.

    >>> explain("CUSIPVALID", "375175106")[-1][:3]
    ['Result', True, 'the check digit is right']
    """
    headers: list[Scalar] = list(HEADERS)
    return exactly(lambda: [headers, *_explained(find(name), arguments)])()


def rendered(answer: Outcome) -> Scalar | Table:
    """An outcome's value as a cell holds it."""
    value = answer.value
    if value.__class__ is str:
        word: str = value
        return word
    if isinstance(value, tuple):
        return [
            list(map(_scalar, row)) if isinstance(row, tuple) else [_scalar(row)] for row in value
        ]
    return _scalar(value)


def _scalar(value: Any) -> Scalar:
    if value is True or value is False:
        return bool(value)
    if isinstance(value, (Decimal, Fraction)):
        try:
            return to_float(value)
        except OverflowError:
            return TOO_LARGE
    if isinstance(value, int) and abs(value) > _LARGEST:
        return TOO_LARGE
    result: Scalar = value
    return result


def _error(problem: RuleError, function: Function, arguments: Sequence[Raw]) -> str:
    if isinstance(problem, ErrorValue) or function.result is Result.TABLE:
        return problem.excel
    return first_error_value(arguments) or problem.excel


def _spills(function: Function, arguments: Sequence[Raw]) -> bool:
    for argument, raw in zip(function.arguments, arguments, strict=False):
        if argument.shape is Shape.ONE and is_range(raw):
            return True
    return False


def _spilled(function: Function, arguments: Sequence[Raw]) -> Scalar | Table:
    """One result a cell: rows and columns of one stretch, shapes that do not fit give #N/A."""
    function.check_count(arguments)
    grids = {
        position: grid
        for position, (argument, raw) in enumerate(zip(function.arguments, arguments, strict=False))
        if argument.shape is Shape.ONE and (grid := rows_of(raw)) is not None
    }
    height = max(len(grid) for grid in grids.values())
    width = max(len(grid[0]) for grid in grids.values())
    if height == width == 1:
        return call(function.name, *_at(arguments, grids, 0, 0))
    if width == 1 and all(len(grid) in (1, height) for grid in grids.values()):
        return _spilled_column(function, arguments, grids, height)
    return [
        [_spilled_cell(function, arguments, grids, row, column) for column in range(width)]
        for row in range(height)
    ]


@exactly
def _spilled_column(
    function: Function,
    arguments: Sequence[Raw],
    grids: dict[int, Sequence[Sequence[Raw]]],
    height: int,
) -> Table:
    """One result a row; what all rows share is read once."""
    single = _at(arguments, grids, 0, 0)
    columns = {
        position: list(chain.from_iterable(grid))
        for position, grid in grids.items()
        if len(grid) == height
    }
    try:
        shared = function.read_but(columns, single)
    except RuleError:
        # In every row the error is the first one from the left, wherever it stands.
        return [
            [_only(call(function.name, *_at(arguments, grids, row, 0)))] for row in range(height)
        ]
    answers: list[Any] = [None] * height
    left_open: Sequence[int] = range(height)
    if at_once := _at_once(function, shared, columns):
        answers, left_open = at_once
    one_by_one = [(position, function.reader(position)) for position in columns]
    for row in left_open:
        try:
            for position, reader in one_by_one:
                shared[position] = reader(columns[position][row])
            answers[row] = _only(_answer(function, shared))
        except RuleError:
            answers[row] = _only(call(function.name, *_at(arguments, grids, row, 0)))
    return _as_rows(answers)


def _as_rows(answers: Sequence[Scalar]) -> Table:
    """One row an answer.

    Without the collector, which would look through all that is there while the rows, among which
    there are no cycles, are made.
    """
    with uncollected():
        return [[answer] for answer in answers]


def _at_once(
    function: Function, shared: Sequence[Any], columns: dict[int, list[Raw]]
) -> tuple[list[Any], Sequence[int]] | None:
    """The answers of all rows but some left open; None where no column holds the numbers."""
    figure = function.figure
    if figure is None or len(next(iter(columns.values()))) < LONG:
        return None
    values = list(shared)
    for position, cells in columns.items():
        kind = function.arguments[position].kind
        values[position] = column_of(cells, kind, zeros=kind.zero == "a number")
        if values[position] is None:
            return None
    try:
        result: Any = figure(*values)
        answers: tuple[list[Any], Sequence[int]] = result.answers()
    except NotExact:
        return None
    return answers


def _answer(function: Function, values: Sequence[Any]) -> Scalar | Table:
    if function.figure is not None:
        return _scalar(function.figure(*values))
    return rendered(function.decide(*values))


def _only(answer: Scalar | Table) -> Scalar:
    return answer[0][0] if isinstance(answer, list) else answer


def _spilled_cell(
    function: Function,
    arguments: Sequence[Raw],
    grids: dict[int, Sequence[Sequence[Raw]]],
    row: int,
    column: int,
) -> Scalar:
    if any(not _reaches(grid, row, column) for grid in grids.values()):
        return DOES_NOT_FIT
    return _only(call(function.name, *_at(arguments, grids, row, column)))


def _reaches(grid: Sequence[Sequence[Raw]], row: int, column: int) -> bool:
    return (len(grid) == 1 or row < len(grid)) and (len(grid[0]) == 1 or column < len(grid[0]))


def _at(
    arguments: Sequence[Raw], grids: dict[int, Sequence[Sequence[Raw]]], row: int, column: int
) -> list[Raw]:
    single = list(arguments)
    for position, grid in grids.items():
        cells = grid[row if len(grid) > 1 else 0]
        single[position] = cells[column if len(cells) > 1 else 0]
    return single


def _explained(function: Function, arguments: Sequence[Raw]) -> Iterator[list[Scalar]]:
    yield _row("Function", function.name, function.signature, "")
    try:
        arguments = _single_cells(function, arguments)
        read = without_columns(function.read(arguments))
        answer = function.decide(*read)
        steps = answer.steps()
    except RuleError as problem:
        yield from _inputs_as_given(function, arguments)
        yield _row("Result", _error(problem, function, arguments), str(problem), "")
        return
    assumed = {step.item for step in steps if step.part is Part.ASSUMED}
    yield from _inputs(function, read, arguments, assumed)
    for step in steps:
        yield _row(step.item, _shown(step.value), step.test, step.source)
    for threshold in answer.thresholds:
        yield _threshold_row(threshold)
    yield _row("Result", _shown_result(answer), answer.reason, "")


def _single_cells(function: Function, arguments: Sequence[Raw]) -> list[Raw]:
    """The arguments with one-cell ranges taken apart; `Malformed` where a call would spill."""
    single = list(arguments)
    for position, argument in enumerate(function.arguments[: len(arguments)]):
        grid = rows_of(arguments[position]) if argument.shape is Shape.ONE else None
        if grid is None:
            continue
        if len(grid) > 1 or len(grid[0]) > 1:
            raise Malformed(
                f"explain one cell at a time: {argument.name} is a range, where the function takes "
                "one value"
            )
        single[position] = grid[0][0]
    return single


def _row(item: str, value: Scalar, test: str, source: str) -> list[Scalar]:
    return [item, value, test, source]


def _threshold_row(threshold: Threshold) -> list[Scalar]:
    test = f"{threshold.test} (in force {threshold.in_force()})".lstrip()
    source = f"{threshold.source} [{threshold.verification}]"
    return _row(threshold.title, threshold.shown, test, source)


def _inputs(
    function: Function, read: Sequence[Any], arguments: Sequence[Raw], explained: set[str]
) -> Iterator[list[Scalar]]:
    for position, (argument, value) in enumerate(zip(function.arguments, read, strict=False)):
        if value is None or value == ():
            if argument.name not in explained:
                yield _row(argument.name, "not given", argument.when_blank, "")
        else:
            raw = arguments[position] if position < len(arguments) else None
            yield _row(argument.name, _input_shown(argument, value), _as_read(argument, raw), "")


def _as_read(argument: Argument, raw: Raw) -> str:
    """A blank cell of a summed range is left out of the sum, which the reader must see."""
    rows = rows_of(raw) if argument.shape is Shape.SUMMED else None
    blanks = sum(is_blank(cell) for row in rows or () for cell in row)
    if not blanks:
        return "as read"
    return f"as read; {blanks} blank {'cell' if blanks == 1 else 'cells'} left out of the sum"


def _inputs_as_given(function: Function, arguments: Sequence[Raw]) -> Iterator[list[Scalar]]:
    for argument, raw in zip(function.arguments, arguments, strict=False):
        text = str(raw)
        yield _row(argument.name, text if len(text) <= 80 else f"{text[:77]}...", "as given", "")


def _input_shown(argument: Argument, value: Any) -> Scalar:
    if argument.shape is Shape.REST:
        return str(value)
    if not isinstance(value, tuple):
        return _shown(value)
    if argument.shape is Shape.SUMMED:
        parts = " + ".join(map(plain, value[:6])) + (" + ..." if len(value) > 6 else "")
        return plain(value[0]) if len(value) == 1 else f"{parts} = {plain(total(value))}"
    shown = ", ".join(str(_as_text(cell)) for cell in value[:6])
    return f"{len(value)}: {shown}{', ...' if len(value) > 6 else ''}"


def _as_text(value: Any) -> str:
    if value is None:
        return "blank"
    return plain(value) if isinstance(value, (int, Decimal, Fraction)) else str(value)


def _shown_result(answer: Outcome) -> Scalar:
    if isinstance(answer.value, tuple):
        if len(answer.value) > _ROWS_TOLD:
            return f"{len(answer.value)} rows"
        return ", ".join(map(str, answer.value))
    return _scalar(answer.value)


def _shown(value: Any) -> Scalar:
    """A value of the working as a cell shows it: decimals as typed, never a rounded float."""
    if value is None:
        return "not given"
    if value is UNKNOWN:
        return "UNKNOWN"
    if isinstance(value, Moment):
        return str(value)
    if isinstance(value, Fraction):
        return plain(value, 9)
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return _scalar(value)
