"""Formulas answered on the values that a workbook holds: copies of one form all by one function.

What `plain_engine` answers as the engine does is worked out here, by Python functions that a form
is made into once; parts that are the same for all copies are worked out once. Whatever else a
formula asks goes to the engine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any, Final, NamedTuple

from xl_compliance.functions import calling
from xl_compliance.functions.registry import Function, find
from xl_compliance.rules.exact import exactly
from xl_compliance.workbook.compiled import formula_engine, is_failure
from xl_compliance.workbook.engine import (
    MOST_CALLS,
    Answer,
    Engine,
    Inner,
    Job,
    Position,
    Value,
    as_argument,
    as_result,
    as_shown,
    counted,
    dated,
    kind_of,
    serial_of,
    write_down,
)
from xl_compliance.workbook.forms import Form
from xl_compliance.workbook.plain_engine import (
    Beyond,
    Compiler,
    Compute,
    Failed,
    Node,
    Token,
    error,
    is_known,
    plain,
    tree,
)
from xl_compliance.workbook.references import COUNTED, PREFIX, Area, Place, Rewritten
from xl_compliance.workbook.snapshot import CellValue, ExcelError, Sheet, Snapshot, parse_address

_FEW: Final = 32
"""So many formulas without a copy are worked out sooner than the engine starts."""

_KEPT: Final = 4_096
_CONSTANT: Final = ("literal", "truth", "array", "left out")
_AS_THEY_ARE: Final = frozenset({str, bool, type(None)})
_UNSEEN: Final = object()
_ROWS: Final = 512
_SMALL: Final = 64
_OFTEN: Final = 4
"""Ranges of more than a few cells are laid out here until that is so many times all cells."""


class Asked(NamedTuple):
    """A formula to answer: its form, and where it stands."""

    form: Form
    sheet: Sheet
    row: int
    column: int
    formula: str


class Calculation:
    """Answers formulas of one workbook; each sees what cells hold, never another's new answer."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._engine = Engine(snapshot)
        self._cells = _Cells(snapshot)
        self._computes: dict[Form, Any] = {}
        self._answered: dict[str, list[tuple[int, int]]] = {}

    def answers(self, asked: Mapping[int, Asked]) -> dict[int, Answer]:
        """The answer to each of some formulas, by the number under which it is asked."""
        # What is there once the engine answers quicker, but for the time that it takes to start.
        alone_too = sum(not it.form.is_copied for it in asked.values()) <= _FEW
        chosen = {key: it for key, it in asked.items() if alone_too or it.form.is_copied}
        answers = self._at_once(chosen)
        left = {key: it for key, it in asked.items() if key not in answers}
        return answers | self._by_engine(left) if left else answers

    @exactly  # in whose arithmetic each call would run, but for entering it once
    def _at_once(self, asked: Mapping[int, Asked]) -> dict[int, Answer]:
        """The answers that are worked out here."""
        found = ((key, self._worked_out(it)) for key, it in asked.items())
        return {key: answer for key, answer in found if answer is not None}

    def _worked_out(self, asked: Asked) -> Answer | None:
        """An answer worked out here; None where the engine has to be asked."""
        form, sheet, row, column, _ = asked
        compute = self._computes.get(form, _UNSEEN)
        if compute is _UNSEEN:
            if len(self._computes) >= _KEPT:
                self._computes.clear()
            compute = self._computes[form] = self._cells.compute_of(form)
        if compute is None or (row, column) in sheet.arrays:
            return None
        calls = self._cells.calls = []
        try:
            value = compute(form.moved(row, column))
        except Failed as problem:
            value = error(problem.kind)
        except (Beyond, RecursionError):
            return None
        if value.__class__ is list:
            return None
        self._answered.setdefault(sheet.name, []).append((row, column))
        return Answer(((as_shown(value),),), tuple(calls))

    def _by_engine(self, asked: Mapping[int, Asked]) -> dict[int, Answer]:
        jobs: list[tuple[int, Job]] = []
        areas: list[Area] = []
        for key, it in asked.items():
            rewritten = it.form.rewritten_at(it.formula, it.row, it.column, key)
            areas += rewritten.areas
            jobs.append((key, job_of(it.sheet, it.row, it.column, rewritten)))
        for name in {it.sheet.name for it in asked.values()} & self._answered.keys():
            self._engine.keep_free(name, self._answered.pop(name))
        self._engine.feed(areas)
        return self._engine.evaluate(jobs)

    def put(self, position: Position, value: Value) -> None:
        """Put another value in the place of one that the workbook holds."""
        self._engine.put(position, value)
        self._cells.put(position, value)


class _Cells:
    """The values of a workbook as `plain_engine` takes them, and forms as functions of them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.version = 0
        self.calls: list[Inner] = []
        self.epoch_1904 = snapshot.epoch_1904
        self._sheets = {sheet.name: sheet for sheet in snapshot.sheets}
        self._values: dict[str, _SheetValues] = {}
        self._spent = 0
        self._most = _OFTEN * sum(_size(sheet) for sheet in snapshot.sheets)
        self._shared: dict[Node, Compute] = {}
        self._ours: dict[str, Callable[..., Any]] = {}

    def compute_of(self, form: Form) -> Compute | None:
        """A form as a function of how far away a copy is; None where the engine has to answer."""
        rewritten = form.rewritten
        functions = rewritten.functions
        if len(rewritten.calls) > MOST_CALLS or functions.intersection(COUNTED):
            return None
        if not all(map(is_known, functions)):
            return None
        if self._spent > self._most and any(it.size > _SMALL for it in rewritten.areas):
            return None
        try:
            whole = _without_numbers(tree(_tokens(rewritten.formula)))
            return _Copies(self, form, whole).compute(whole)
        except (Beyond, RecursionError):
            return None

    def spend(self, area: Area) -> None:
        """Lay out a range, while those laid out are a few times what the workbook holds."""
        if area.size > _SMALL:
            if self._spent > self._most:
                raise Beyond("many large ranges, which the engine adds up quicker")
            self._spent += area.size

    def ours(self, name: str) -> Callable[..., Any]:
        """What answers one of our functions in a formula, and writes the call down."""
        if name not in self._ours:
            self._ours[name] = self._answering(find(name))
        return self._ours[name]

    def _answering(self, function: Function) -> Callable[..., Any]:
        name, epoch_1904 = function.name, self.epoch_1904

        def answer(*given: Any) -> Any:
            arguments = tuple(dated(function, list(given), True)) if epoch_1904 else given
            result = calling.call(name, *arguments)
            write_down(self.calls, Inner(function, arguments, result))
            return as_result(result, epoch_1904)

        return answer

    def shared(self, node: Node, compute: Callable[[], Compute]) -> Compute:
        """The function of a part that is the same in all copies, of whatever form."""
        try:
            hash(node)
        except TypeError:  # it has a list of constants
            return _Once(self, compute())
        if node not in self._shared:
            if len(self._shared) >= _KEPT:
                self._shared.clear()
            self._shared[node] = _Once(self, compute())
        return self._shared[node]

    def on_sheet(self, name: str) -> _SheetValues:
        """The values of a sheet."""
        if name not in self._values:
            self._values[name] = _SheetValues(self._sheets[name], self.epoch_1904)
        return self._values[name]

    def put(self, position: Position, value: Value) -> None:
        """Put another value in the place of one that the workbook holds."""
        sheet, row, column = position
        self.on_sheet(sheet).put(row, column, value)
        self.version += 1


class _SheetValues:
    """The values of one sheet as formulas see them, read so many rows of a column at a time."""

    def __init__(self, sheet: Sheet, epoch_1904: bool) -> None:
        self._sheet = sheet
        self._epoch_1904 = epoch_1904
        self._read: dict[tuple[int, int], list[Any]] = {}

    def value(self, row: int, column: int) -> Any:
        """What a cell holds."""
        place = column, row // _ROWS
        return (self._read.get(place) or self._part(place))[row % _ROWS]

    def column(self, column: int, first: int, last: int) -> list[Any]:
        """What the cells of a column hold, from one row to another."""
        places = range(first // _ROWS, last // _ROWS + 1)
        parts = (self._read.get((column, it)) or self._part((column, it)) for it in places)
        skipped = first - places.start * _ROWS
        return list(chain.from_iterable(parts))[skipped : skipped + last - first + 1]

    def put(self, row: int, column: int, value: Value) -> None:
        """Put another value there."""
        place = column, row // _ROWS
        (self._read.get(place) or self._part(place))[row % _ROWS] = _plain(value, self._epoch_1904)

    def _part(self, place: tuple[int, int]) -> list[Any]:
        column, part = place
        first = part * _ROWS  # there is no row 0, so the first part begins with a blank
        held: list[CellValue] = [] if part else [None]
        held += self._sheet.column(column, max(first, 1), first + _ROWS - 1)
        epoch_1904 = self._epoch_1904
        self._read[place] = [
            it if it.__class__ in _AS_THEY_ARE else _plain(it, epoch_1904) for it in held
        ]
        return self._read[place]


def _plain(value: CellValue, epoch_1904: bool) -> Any:
    kind = value.__class__
    if kind is float or kind is int:
        number: Any = value
        return float(number) if abs(number) <= sys.float_info.max else error("Num")
    if isinstance(value, ExcelError):
        return error(kind_of(value))
    held = serial_of(value, epoch_1904)
    return float(held) if type(held) is int else held


def _size(sheet: Sheet) -> int:
    used = sheet.dimension
    return Area(sheet.name, *used).size if used else 0


class _Once:
    """A part that gives the same in all copies: worked out once, and anew when cells change."""

    def __init__(self, cells: _Cells, compute: Compute) -> None:
        self._cells = cells
        self._compute = compute
        self._version = -1
        self._value: Any = None
        self._problem: Exception | None = None
        self._calls: list[Inner] = []

    def __call__(self, at: Any) -> Any:
        if self._version != self._cells.version:
            self._work_out(at)
        for inner in self._calls:
            write_down(self._cells.calls, inner)
        if self._problem is not None:
            raise self._problem.with_traceback(None)
        return self._value

    def _work_out(self, at: Any) -> None:
        calls, self._cells.calls = self._cells.calls, []
        self._problem = None
        try:
            self._value = self._compute(at)
        except (Failed, Beyond) as problem:
            self._problem = problem
        finally:
            self._calls, self._cells.calls = self._cells.calls, calls
        self._version = self._cells.version


class _Copies(Compiler):
    """Makes a form's tree into functions of how many rows and columns a copy is away."""

    def __init__(self, workbook: _Cells, form: Form, whole: Node) -> None:
        names = dict.fromkeys(it.function.name for it in form.rewritten.calls)
        ours: dict[str, Callable[..., Any]] = {PREFIX + name: workbook.ours(name) for name in names}
        counting = {PREFIX + name: partial(counted, name) for name in COUNTED}
        super().__init__(self._cells_of, ours | counting, workbook.epoch_1904)
        self._workbook = workbook
        self._last = form.last
        self._places = _placed(whole, form)
        self._moving: dict[int, bool] = {}

    def compute(self, node: Node) -> Compute:
        """The function that works out a tree; one that is the same for all copies only once."""
        if node.kind in _CONSTANT or self._moves(node) or _is_long(node):
            return super().compute(node)
        return self._workbook.shared(node, lambda: super(_Copies, self).compute(node))

    def of_ours(self, function: Callable[..., Any], parts: Sequence[Node]) -> Compute:
        """A call of ours, its arguments as our functions are given them."""
        if isinstance(function, partial):  # ROWS or COLUMNS around one
            return super().of_ours(function, parts)
        given = [self._argument(part) for part in parts]
        return lambda at: plain(function(*[it(at) for it in given]))

    def _argument(self, part: Node) -> Compute:
        # A range is no error value on its way, at most a cell with one.
        given = self.compute(part) if part.kind == "range" else self.given(part)
        if self._moves(part):
            return lambda at: as_argument(given(at))
        return _Once(self._workbook, lambda at: as_argument(given(at)))

    def _moves(self, node: Node) -> bool:
        found = self._moving.get(id(node))
        if found is None:
            place = self._places.get(id(node))
            found = any(place.moves) if place else any(map(self._moves, node.parts))
            self._moving[id(node)] = found
        return found

    def _cells_of(self, node: Node) -> Compute:
        place, last = self._places[id(node)], self._last
        sheet = self._workbook.on_sheet(place.area.sheet)
        value = sheet.value
        top, left, bottom, right = place.ends
        if (top, left, *place.moves[:2]) == (bottom, right, *place.moves[2:]):
            down, across = place.moves[:2]
            return lambda at: value(top + at[0] if down else top, left + at[1] if across else left)

        def values(at: tuple[int, int]) -> Any:
            area = place.at(*at, last)
            self._workbook.spend(area)
            if area.size == 1:
                return value(area.top, area.left)
            columns = [
                sheet.column(column, area.top, area.bottom)
                for column in range(area.left, area.right + 1)
            ]
            return [list(row) for row in zip(*columns, strict=True)]

        return values


def _placed(whole: Node, form: Form) -> dict[int, Place]:
    """What of each range in a tree moves, by the range's identity."""
    ranges = list(_ranges(whole))
    places = form.rewritten.places
    if places is None:
        return {id(node): Place(area, area[1:]) for node in ranges if (area := _area(node))}
    if [_area(node) for node in ranges] != [place.area for place in places]:
        raise Beyond("its references are not those that are written")
    return dict(zip(map(id, ranges), places, strict=True))


def _is_long(node: Node) -> bool:
    """Whether a range has more cells than are kept beside what is made of them."""
    return node.kind == "range" and _area(node).size > _KEPT


def _area(node: Node) -> Area:
    sheet, first, last = node.value
    return Area(sheet, *first, *last)


def _ranges(node: Node) -> Iterator[Node]:
    if node.kind == "range":
        yield node
    for part in node.parts:
        yield from _ranges(part)


def _without_numbers(node: Node) -> Node:
    """A tree without the numbers that tell calls of ours in different cells from one another."""
    parts = tuple(map(_without_numbers, node.parts))
    is_ours = node.kind == "call" and node.value.startswith(PREFIX)
    if is_ours and node.value.removeprefix(PREFIX) not in COUNTED:
        parts = parts[1:]
    return Node(node.kind, node.value, parts)


def _tokens(formula: str) -> list[Token]:
    try:
        return [
            Token(str(it.token_type), str(it.subtype), it.value, it.start, it.end)
            for it in formula_engine().tokenize(formula)
        ]
    except BaseException as problem:
        if not is_failure(problem):
            raise
        raise Beyond("the formula cannot be taken apart") from None


def job_of(sheet: Sheet, row: int, column: int, rewritten: Rewritten) -> Job:
    """The formula to calculate, as large as the range that it fills."""
    return Job((sheet.name, row, column), rewritten.formula, *size_of(sheet, row, column))


def size_of(sheet: Sheet, row: int, column: int) -> tuple[int, int]:
    """How many rows and columns a formula fills."""
    fills = sheet.arrays.get((row, column), "")
    if ":" not in fills:
        return 1, 1
    first, last = (parse_address(it) for it in fills.split(":"))
    return last[0] - first[0] + 1, last[1] - first[1] + 1
