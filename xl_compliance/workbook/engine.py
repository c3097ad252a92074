"""Calculates formulas on the values that a workbook holds, with our functions registered.

Each formula stands alone on a sheet of its own beside the values: it sees what the cells hold,
never what another formula would make of them, so there are no circles and nothing spills over.
"""

import math
import sys
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property, partial
from typing import Any, Final, NamedTuple

from xl_compliance.functions import calling
from xl_compliance.functions.cells import DAY, MOMENT, error_value
from xl_compliance.functions.registry import Argument, Function, all_functions
from xl_compliance.workbook.compiled import formula_engine, is_failure
from xl_compliance.workbook.references import (
    COUNTED,
    NOT_TAKEN_APART,
    OMITTED,
    PREFIX,
    Area,
    NotRecomputable,
    Rewritten,
    our_function,
)
from xl_compliance.workbook.snapshot import (
    NOT_CALCULATED,
    CellValue,
    ExcelError,
    Snapshot,
    format_address,
    number,
)

Value = bool | int | float | str | ExcelError | None
Position = tuple[str, int, int]

_DAYS_1900_TO_1904: Final = 1_462
_FIRST_SHEET: Final = "~formula"
_ERRORS: Final = {
    "#NULL!": "Null",
    "#DIV/0!": "Div",
    "#VALUE!": "Value",
    "#REF!": "Ref",
    "#NAME?": "Name",
    "#NUM!": "Num",
    "#N/A": "Na",
    "#CALC!": "Calc",
    "#SPILL!": "Spill",
}
_ERROR_OF_KIND: Final = {kind: ExcelError(text) for text, kind in _ERRORS.items()}
MOST_CALLS: Final = 8
"""So many calls of a formula are told from one another where an engine asks for them twice."""

_DENSE: Final = 4
_SMALL: Final = 10_000


class Inner(NamedTuple):
    """One of our calls as it was evaluated: the function, what it was given, what it answered."""

    function: Function
    arguments: tuple[Any, ...]
    result: Any


@dataclass(frozen=True)
class Job:
    """A formula to calculate: rewritten, where it stands, and how many cells it fills."""

    at: Position
    formula: str
    height: int = 1
    width: int = 1


class Answer(NamedTuple):
    """What a formula results in, row by row, and our calls on the way; or why there is nothing."""

    values: tuple[tuple[Value, ...], ...] = ()
    inner: tuple[Inner, ...] = ()
    problem: str = ""

    @property
    def value(self) -> Value:
        """What the formula's own cell shows."""
        return self.values[0][0]


def serial_of(value: CellValue, epoch_1904: bool) -> Value:
    """A cell's value as formulas see it: dates and times of day as numbers.

    >>> serial_of(datetime(2024, 3, 1, 12), False)
    45352.5
    """
    if isinstance(value, datetime):
        start = datetime(1904, 1, 1) if epoch_1904 else datetime(1899, 12, 30)
        serial = (value - start) / timedelta(days=1)
        return number(serial - 1 if serial < 61 and not epoch_1904 else serial)
    if isinstance(value, date):
        return serial_of(datetime.combine(value, time()), epoch_1904)
    if isinstance(value, time):
        return (datetime.combine(date.min, value) - datetime.min) / timedelta(days=1)
    return None if value is NOT_CALCULATED else value


def known_to_engine(names: Iterable[str]) -> Mapping[str, bool]:
    """Which of Excel's functions the engine has."""
    found = dict(_KNOWN) | dict.fromkeys(_ANSWERED_OTHERWISE, False)
    missing = [name for name in names if name not in found]
    if missing:
        probe = formula_engine().Workbook()
        probe.add_sheet("S")
        for name in missing:
            # A function that is there may complain about its arguments, but not about its name.
            try:
                probe.set_formula("S", 1, 1, f"={name}()")
                answer = probe.evaluate_cell("S", 1, 1)
            except BaseException as problem:
                if not is_failure(problem):
                    raise
                answer = None
            found[name] = not (isinstance(answer, dict) and answer.get("kind") in _NOT_THERE)
        _KNOWN.update(found)
    return found


_KNOWN: dict[str, bool] = {}
_NOT_THERE: Final = ("Name", "NImpl")
# In Excel the result is the second argument as it is; formualizer makes a text of it.
_ANSWERED_OTHERWISE: Final = ("HYPERLINK",)
_NO_WORDS: Final = "Error"
_UNSAID: Final = "it is nested too deeply, or written as no formula is"


class Engine:
    """A workbook of values beside which formulas are calculated."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._literal = formula_engine().LiteralValue
        self._epoch_1904 = snapshot.epoch_1904
        self._sheets = {sheet.name: sheet for sheet in snapshot.sheets}
        self._order = {name: place for place, name in enumerate(self._sheets)}
        self._fed: set[Area] = set()
        self._fed_sheets: set[str] = set()
        self._new: dict[Position, Value] = {}
        self._calls = _Calls(snapshot.epoch_1904)
        self._scratch: set[str] = set()

    @cached_property
    def _book(self) -> Any:
        engine = formula_engine()
        settings = engine.EvaluationConfig()
        settings.enable_parallel = False
        settings.date_system = "1904" if self._epoch_1904 else "1900"
        book = engine.Workbook(config=engine.WorkbookConfig(eval_config=settings))
        book.set_temporal_egress("serial")
        for name in self._sheets:
            book.add_sheet(name)
        for function in all_functions():
            answer = partial(self._calls.answer, function)
            book.register_function(PREFIX + function.name, answer, min_args=1, max_args=None)
        for name in COUNTED:
            book.register_function(PREFIX + name, partial(counted, name), min_args=1, max_args=1)
        return book

    def feed(self, areas: Iterable[Area]) -> None:
        """Put the values of these cells where formulas can see them."""
        by_sheet: dict[str, list[Area]] = {}
        for area in areas:
            if area not in self._fed:
                self._fed.add(area)
                by_sheet.setdefault(area.sheet, []).append(area)
        self._fed_sheets.update(by_sheet)
        for name, wanted in by_sheet.items():
            for area in _gathered(name, wanted):
                self._book.set_values_batch(name, area.top, area.left, self._block(area))

    def put(self, position: Position, value: Value) -> None:
        """Put another value in the place of one that the workbook holds."""
        sheet, row, column = position
        self._new[position] = value
        if sheet in self._fed_sheets:
            self._book.set_value(sheet, row, column, self._given(value))

    def keep_free(self, sheet: str, places: Sequence[tuple[int, int]]) -> None:
        """No other formula of that sheet spills over these cells: formulas stand there."""
        name = self._beside(sheet)
        for row, column in places:
            self._book.set_value(name, row, column, 0.0)

    def _beside(self, sheet: str) -> str:
        """The sheet on which the formulas of a sheet stand."""
        return self._with_sheet(f"{_FIRST_SHEET}s {self._order[sheet]}")

    def _with_sheet(self, name: str) -> str:
        if name not in self._scratch:
            self._book.add_sheet(name)
            self._scratch.add(name)
        return name

    def evaluate(self, jobs: Sequence[tuple[int, Job]]) -> dict[int, Answer]:
        """Calculate formulas, each with the number under which its calls of our functions come."""
        self._calls.log.clear()
        answers: dict[int, Answer] = {}
        placed: list[tuple[int, Job, str]] = []
        for key, job in jobs:
            name = self._beside(job.at[0])
            if job.height * job.width > 1:
                name = self._with_sheet(f"{_FIRST_SHEET} {key}")
            try:
                self._book.set_formula(name, job.at[1], job.at[2], job.formula)
            except BaseException as problem:
                if not is_failure(problem):
                    raise
                answers[key] = Answer(problem=NOT_TAKEN_APART)
                continue
            placed.append((key, job, name))
        try:
            self._book.evaluate_cells([(name, job.at[1], job.at[2]) for _, job, name in placed])
        except BaseException as problem:
            if not is_failure(problem):
                raise
            said = f"the engine stopped ({' '.join(str(problem).split())})"
            return answers | {key: Answer(problem=said) for key, _, _ in placed}
        for key, job, name in placed:
            answers[key] = self._answer(key, job, name)
        return answers

    def _answer(self, key: int, job: Job, name: str) -> Answer:
        _, row, column = job.at
        values = tuple(
            tuple(
                as_shown(self._book.get_value(name, row + down, column + across))
                for across in range(job.width)
            )
            for down in range(job.height)
        )
        problems = {value for line in values for value in line if isinstance(value, _Unknown)}
        inner = tuple(self._calls.log.get(key, ()))
        if problems:
            return Answer((), inner, f"the engine cannot do this ({problems.pop()})")
        return Answer(values, inner)

    # ------------------------------------------------------------ values in and out

    def _block(self, area: Area) -> list[list[Any]]:
        return [
            [
                self._given(self._value(area.sheet, row, column))
                for column in range(area.left, area.right + 1)
            ]
            for row in range(area.top, area.bottom + 1)
        ]

    def _value(self, sheet: str, row: int, column: int) -> Value:
        if self._new and (sheet, row, column) in self._new:
            return self._new[sheet, row, column]
        return serial_of(self._sheets[sheet].cell(row, column).value, self._epoch_1904)

    def _given(self, value: Value) -> Any:
        if isinstance(value, ExcelError):
            return self._literal.error(kind_of(value), None)
        if type(value) is int:
            value = float(value) if abs(value) <= sys.float_info.max else math.inf
        if type(value) is float and math.isinf(value):
            return self._literal.error("Num", None)
        return value


# ---------------------------------------------------------------- our functions in formulas


class _Calls:
    """Answers the calls of our functions, and writes them down.

    The engine holds on to it, so it does not hold on to the engine: between Python and the engine's
    own language no collector finds such a circle, and nothing of a workbook would ever be let go.
    """

    def __init__(self, epoch_1904: bool) -> None:
        self.log: dict[int, list[Inner]] = {}
        self._epoch_1904 = epoch_1904
        self._answers: dict[str, tuple[Any, Any]] = {}

    def answer(self, function: Function, key: float, *given: Any) -> Any:
        """The answer as a formula goes on with it; `key` is the number of the formula."""
        arguments = dated(function, [as_argument(it) for it in given], self._epoch_1904)
        result, taken = self._answered(function, arguments)
        write_down(self.log.setdefault(int(key), []), Inner(function, tuple(arguments), result))
        return taken

    def _answered(self, function: Function, arguments: Sequence[Any]) -> tuple[Any, Any]:
        """The answer, and as a formula goes on with it.

        Models ask the same many times, a cell of a table each.
        """
        asked = f"{function.name}{arguments!r}"
        if asked not in self._answers:
            result = calling.call(function.name, *arguments)
            self._answers[asked] = result, as_result(result, self._epoch_1904)
        return self._answers[asked]


def write_down(calls: list[Inner], inner: Inner) -> None:
    """Add a call that was evaluated, unless it is there: an engine may ask twice."""
    if not calls or inner not in calls[-MOST_CALLS:]:
        calls.append(inner)


def kind_of(value: ExcelError) -> str:
    """What the engine calls an error value."""
    return _ERRORS.get(value.upper(), "Na")


def as_argument(given: Any) -> Any:
    """What a formula hands over, as our functions are given it."""
    kind = given.__class__
    if kind is list:
        return [[as_argument(cell) for cell in row] for row in given]
    if kind is dict:
        return str(_ERROR_OF_KIND.get(str(given.get("kind")), "#VALUE!"))
    return None if given == OMITTED else given


def dated(function: Function, arguments: list[Any], epoch_1904: bool) -> list[Any]:
    """Our functions count days from 1900: serial numbers of a 1904 workbook are moved on."""
    if not epoch_1904:
        return arguments
    described: Sequence[Argument | None] = function.arguments
    if function.name == "EXPLAIN" and arguments:
        asked = our_function(str(arguments[0]))
        described = [None, *(asked.arguments if asked else ())]
    padded = [*described, *[None] * len(arguments)]
    return [
        _moved_on(given) if argument is not None and _takes_dates(argument) else given
        for argument, given in zip(padded, arguments, strict=False)
    ]


def as_result(result: Any, epoch_1904: bool) -> Any:
    """What our functions answer, as a formula goes on with it."""
    if result.__class__ is float:
        return result
    if isinstance(result, list):
        return [[as_result(cell, epoch_1904) for cell in row] for row in result]
    if isinstance(result, date):
        return serial_of(result, epoch_1904)
    if isinstance(result, str) and (error := error_value(result)):
        return {"type": "Error", "kind": _ERRORS.get(error, "Value")}
    return float(result) if type(result) is int else result


def as_shown(value: Any) -> "Value | _Unknown":
    """What a formula results in, as a cell shows it."""
    if value.__class__ is float:
        return number(value)
    if isinstance(value, dict):
        kind = str(value.get("kind"))
        unsaid = _UNSAID if kind == _NO_WORDS else kind
        return _ERROR_OF_KIND.get(kind) or _Unknown(str(value.get("message") or unsaid))
    if value is None:
        return 0  # a formula whose result is an empty cell shows 0
    shown: Value = value
    return shown


class _Unknown(str):
    """What the engine says where it has no value."""

    __slots__ = ()


def counted(name: str, given: Any) -> Any:
    """The rows or columns of what a call of ours answers; an error value is handed on."""
    if isinstance(given, dict):
        return given
    if not isinstance(given, list):
        return 1.0
    return float(len(given) if name == "ROWS" else len(given[0]))


def _takes_dates(argument: Argument) -> bool:
    return argument.kind in (DAY, MOMENT) or argument.kind.name == "date or word"


def _moved_on(given: Any) -> Any:
    if isinstance(given, list):
        return [[_moved_on(cell) for cell in row] for row in given]
    if isinstance(given, int | float) and not isinstance(given, bool):
        return given + _DAYS_1900_TO_1904
    return given


def _gathered(sheet: str, areas: Sequence[Area]) -> Sequence[Area]:
    """One area around all where most of it is wanted: many small ones take longer to put in."""
    around = Area(
        sheet,
        min(it.top for it in areas),
        min(it.left for it in areas),
        max(it.bottom for it in areas),
        max(it.right for it in areas),
    )
    wanted = sum(it.size for it in areas)
    return [around] if around.size <= max(_SMALL, _DENSE * wanted) else areas


def check_functions(rewritten: Rewritten) -> None:
    """Raise `NotRecomputable` where a formula uses a function of Excel that the engine has not."""
    known = known_to_engine(rewritten.functions)
    lacking = sorted(name for name in rewritten.functions if not known[name])
    if lacking:
        raise NotRecomputable(f"{lacking[0]} is not known here")


class Unknown:
    """Cells of a workbook without a value to go by, each with the reason."""

    def __init__(self, cells: Iterable[tuple[Position, str]]) -> None:
        self._reasons = dict(cells)
        self._rows: dict[tuple[str, int], list[int]] = {}
        for sheet, row, column in sorted(self._reasons):
            self._rows.setdefault((sheet, column), []).append(row)

    def __bool__(self) -> bool:
        return bool(self._reasons)

    def first_in(self, area: Area) -> tuple[Position, str] | None:
        """The first such cell of an area, row by row, and its reason."""
        found = [
            (rows[place], column)
            for column in range(area.left, area.right + 1)
            if (rows := self._rows.get((area.sheet, column)))
            and (place := bisect_left(rows, area.top)) < len(rows)
            and rows[place] <= area.bottom
        ]
        if not found:
            return None
        position = area.sheet, *min(found)
        return position, self._reasons[position]


def check_inputs(areas: Iterable[Area], unknown: Unknown) -> None:
    """Raise `NotRecomputable` where a formula rests on a cell without a value to go by."""
    if not unknown:
        return
    for area in areas:
        found = unknown.first_in(area)
        if found is not None:
            (sheet, row, column), reason = found
            place = f"{sheet}!{format_address(row, column)}"
            raise NotRecomputable(f"it rests on {place}, which {reason}")


def unknown_values(snapshot: Snapshot) -> Unknown:
    """Cells without a value to go by: never calculated, or an error that the engine has not."""
    return _unknown(snapshot, uncalculated=True)


def unusual_errors(snapshot: Snapshot) -> Unknown:
    """Cells with an error value that the engine has not, such as #BUSY!."""
    return _unknown(snapshot, uncalculated=False)


def _unknown(snapshot: Snapshot, *, uncalculated: bool) -> Unknown:
    def cells() -> Iterator[tuple[Position, str]]:
        for sheet in snapshot.sheets:
            for (row, column), value in _values(sheet.cells):
                if value is NOT_CALCULATED and uncalculated:
                    yield (sheet.name, row, column), "was never calculated"
                elif isinstance(value, ExcelError) and value.upper() not in _ERRORS:
                    yield (sheet.name, row, column), f"holds {value}"

    return Unknown(cells())


def _values(cells: Any) -> Iterable[tuple[tuple[int, int], CellValue]]:
    if hasattr(cells, "all_values"):
        yield from cells.all_values()
    else:
        for position, cell in cells.items():
            yield position, cell.value
