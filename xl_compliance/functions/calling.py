"""Calling a worksheet function: read, decide, render; spill; explain.

`call` is what every host reaches. It never raises for anything a cell can hold: malformed input,
missing data and error values come back as the error values Excel shows.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal, getcontext, setcontext
from fractions import Fraction
from functools import cached_property
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
    read_cells,
)
from xl_compliance.functions.uncollected import uncollected
from xl_compliance.rules.exact import EXACT, NotExact, exactly, plain, to_float, total
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
    outer = getcontext()
    setcontext(EXACT)
    try:
        values = function.read(arguments)
        if function.answer is None:
            return rendered(function.decide(*values))
        value = function.answer(*values)
        return value if value.__class__ is str else _scalar(value)
    except NotExact:
        return _without_columns(function, arguments)
    except RuleError as problem:
        # A range is no single value, so a call that spills comes here too: single cells, which are
        # nearly all calls, are not asked first whether they are ranges.
        return _spilled_or_error(problem, function, arguments)
    finally:
        setcontext(outer)


def _without_columns(function: Function, arguments: Sequence[Raw]) -> Scalar | Table:
    try:
        return _answer(function, without_columns(function.read(arguments)))
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
    single = [
        grids[position][0][0] if position in grids else raw
        for position, raw in enumerate(arguments)
    ]
    stretched = {
        position: grid for position, grid in grids.items() if len(grid) > 1 or len(grid[0]) > 1
    }
    if not stretched:
        return call(function.name, *single)
    heights = {len(grid) for grid in stretched.values()} - {1} or {1}
    widths = {len(grid[0]) for grid in stretched.values()} - {1} or {1}
    rows, columns = min(heights), min(widths)
    cells = {position: _stretched(grid, rows, columns) for position, grid in stretched.items()}
    answers = _spilled_cells(function, single, cells)
    if columns == max(widths) == 1:
        return _as_rows(answers + [DOES_NOT_FIT] * (max(heights) - rows))
    beyond: list[Scalar] = [DOES_NOT_FIT] * (max(widths) - columns)
    table = [answers[row * columns : (row + 1) * columns] + beyond for row in range(rows)]
    return table + [[DOES_NOT_FIT] * max(widths) for _ in range(max(heights) - rows)]


def _stretched(grid: Sequence[Sequence[Raw]], rows: int, columns: int) -> list[Raw]:
    """The cells of a range row by row; its one row or column again wherever there are more."""
    lines = grid[:rows] if len(grid) > 1 else [grid[0]] * rows
    if len(grid[0]) == columns:
        return list(chain.from_iterable(lines))
    if len(grid[0]) > 1:
        return [cell for line in lines for cell in line[:columns]]
    return [line[0] for line in lines for _ in range(columns)]


@exactly
def _spilled_cells(
    function: Function, single: Sequence[Raw], columns: dict[int, list[Raw]]
) -> list[Scalar]:
    """One result a cell; what all of them share is read, summed and looked through once."""
    cells = _Cells(function, single, columns)
    height = len(next(iter(columns.values())))
    if at_once := cells.at_once():
        answers, left_open = at_once
    else:
        answers, left_open = [None] * height, range(height)
    for row in left_open:
        answers[row] = cells.answer(row)
    return answers


class _Cells:
    """The cells of a call that spills, and what they share."""

    def __init__(
        self, function: Function, single: Sequence[Raw], columns: dict[int, list[Raw]]
    ) -> None:
        self.function, self.single, self.columns = function, single, columns
        self.problem: RuleError | None = None
        self.shared: list[Any] = []
        before = len(single)
        try:
            self.shared = function.read_but(columns, single)
        except RuleError as problem:
            before, self.problem = self._first_problem(problem)
        # In every row the error is the first one from the left, wherever it stands.
        self.positions = [position for position in columns if position < before]
        self.readers = [function.readers[position] for position in self.positions]

    def _first_problem(self, problem: RuleError) -> tuple[int, RuleError]:
        """The first argument that cannot be read, by its position, and why."""
        cells = zip(self.function.readers, self.single, strict=False)
        for position, (reader, raw) in enumerate(cells):
            if position not in self.columns:
                try:
                    read_cells((reader,), (raw,))
                except RuleError as of_this_one:
                    return position, of_this_one
        return len(self.single), problem

    def at_once(self) -> tuple[list[Any], Sequence[int]] | None:
        """The answers of all rows but some left open; None where no column holds the numbers."""
        figure = self.function.figure
        if figure is None or self.problem is not None:
            return None
        if len(next(iter(self.columns.values()))) < LONG:
            return None
        values = list(self.shared)
        for position, cells in self.columns.items():
            kind = self.function.arguments[position].kind
            values[position] = column_of(cells, kind, zeros=kind.zero == "a number")
            if values[position] is None:
                return None
        try:
            result: Any = figure(*values)
            answers: tuple[list[Any], Sequence[int]] = result.answers()
        except NotExact:
            return None
        return answers

    def answer(self, row: int) -> Scalar:
        """What the cell of that row shows; call it under `exactly`."""
        cells = [self.columns[position][row] for position in self.positions]
        try:
            values = read_cells(self.readers, cells)
            if self.problem is not None:
                return self._error(self.problem, row)
            return self._decided(values)
        except RuleError as problem:
            return self._error(problem, row)

    def _decided(self, values: Sequence[Any]) -> Scalar:
        for position, value in zip(self.positions, values, strict=True):
            self.shared[position] = value
        try:
            return _only(_answer(self.function, self.shared))
        except NotExact:
            self.shared = without_columns(self.shared)
            return _only(_answer(self.function, self.shared))

    def _error(self, problem: RuleError, row: int) -> str:
        arguments = list(self._error_values)
        for position, cells in self.columns.items():
            arguments[position] = cells[row]
        return _error(problem, self.function, arguments)

    @cached_property
    def _error_values(self) -> list[str | None]:
        """What of each argument decides which error a row shows: the first error value in it."""
        return [first_error_value((raw,)) for raw in self.single]


def _as_rows(answers: Sequence[Scalar]) -> Table:
    """One row an answer.

    Without the collector, which would look through all that is there while the rows, among which
    there are no cycles, are made.
    """
    with uncollected():
        return [[answer] for answer in answers]


def _answer(function: Function, values: Sequence[Any]) -> Scalar | Table:
    if function.answer is None:
        return rendered(function.decide(*values))
    value = function.answer(*values)
    return value if value.__class__ is str else _scalar(value)


def _only(answer: Scalar | Table) -> Scalar:
    return answer[0][0] if isinstance(answer, list) else answer


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
        yield _row(argument.name, _as_given(raw), "as given", "")


def _as_given(raw: Raw) -> str:
    try:
        text = str(raw)
    except ValueError:  # Python writes out no whole number of more than 4,300 digits
        return "a number with more digits than are shown"
    return text if len(text) <= 80 else f"{text[:77]}..."


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
