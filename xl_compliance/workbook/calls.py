"""Our calls in a workbook that someone else made: where they stand, and what they should show."""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from xl_compliance.functions.cells import error_value
from xl_compliance.workbook.compiled import formula_engine, is_failure
from xl_compliance.workbook.engine import (
    Answer,
    Engine,
    Inner,
    Job,
    Value,
    check_inputs,
    known_to_engine,
    serial_of,
    unknown_values,
)
from xl_compliance.workbook.references import (
    COUNTED,
    Area,
    NotRecomputable,
    OurCall,
    References,
    Rewritten,
    hint_of_our_names,
    our_function,
    without_texts,
)
from xl_compliance.workbook.snapshot import (
    NOT_CALCULATED,
    Cell,
    DefinedName,
    ExcelError,
    Sheet,
    Snapshot,
    format_address,
    parse_address,
)

# Double precision holds 15 digits; a sum taken in another order differs in the last of 17.
_TOLERANCE: Final = 1e-12
_CALLED: Final = re.compile(r"(?<!\w)(\w++)\s*+\(")
_TEXTS: Final = re.compile(r'"(?:[^"]|"")*"')
_OTHERS: Final = re.compile(r"(?:'(?:[^']|'')+'!|[\w\[\].]+[!.])(\w+)(?=\s*\()")
_BEHIND: Final = re.compile(r"[!.](\w++)\s*+\(")
_LAMBDA: Final = re.compile(r"(?:_xlfn\.)?LAMBDA\(", re.IGNORECASE)
Placed = tuple[Sheet, int, int, str]
"""A formula and where it stands: sheet, row, column, text."""

NO_ENGINE: Final = "formualizer, which calculates formulas, is not installed here"
"""The problem of every call where there is nothing to recompute it with, as in a browser."""


@dataclass(frozen=True)
class CallCell:
    """A formula cell that calls our functions, and what came of recomputing it.

    `names` are the functions it calls, `areas` the cells it rests on, `calls` its calls as they
    are written, `inner` the same as they were evaluated. Where `problem` is not empty it says why
    the cell could not be recomputed, and `answer` is empty.
    """

    sheet: str
    row: int
    column: int
    cell: Cell
    names: tuple[str, ...]
    areas: tuple[Area, ...] = ()
    calls: tuple[OurCall, ...] = ()
    answer: Answer = field(default_factory=Answer)
    problem: str = ""
    differing: tuple[tuple[str, Value, Value], ...] = ()

    @property
    def address(self) -> str:
        """The cell's name."""
        return format_address(self.row, self.column)

    @property
    def inner(self) -> tuple[Inner, ...]:
        """Our calls as they were evaluated."""
        return self.answer.inner

    @property
    def calculated(self) -> bool:
        """Whether the file holds a result."""
        return self.cell.value is not NOT_CALCULATED


def find_calls(snapshot: Snapshot) -> Iterator[tuple[Sheet, int, int, str, tuple[str, ...]]]:
    """Formulas that call our functions, in any spelling; never a name inside a text."""
    yield from _calls_among(named_like_ours(snapshot))


def _calls_among(
    formulas: Iterable[Placed],
) -> Iterator[tuple[Sheet, int, int, str, tuple[str, ...]]]:
    for sheet, row, column, formula in formulas:
        names = _names_in(formula)
        if names:
            yield sheet, row, column, formula, names


def named_like_ours(snapshot: Snapshot) -> Iterator[Placed]:
    """Formulas with a function that is named like ours, were it inside a text.

    Asking each name once is ten times faster than asking each formula, and that ten times faster
    than taking every formula apart.
    """
    hint, asked = hint_of_our_names(), dict[str, bool]()
    for sheet in snapshot.sheets:
        for row, column, formula in formulas_of(sheet):
            for name in _CALLED.findall(formula):
                if name not in asked:
                    asked[name] = hint.search(f"{name}(") is not None
                if asked[name]:
                    yield sheet, row, column, formula
                    break


def calls_of_others(formulas: Iterable[Placed]) -> Iterator[tuple[Sheet, int, int, str]]:
    """Those that call a function of our name in another file or module, and that name."""
    for sheet, row, column, formula in formulas:
        outside = _TEXTS.sub("", formula)
        if not any(map(our_function, _BEHIND.findall(outside))):
            continue  # far quicker told than by what may stand before such a name
        for match in _OTHERS.finditer(outside):
            if our_function(match[0]) is None and our_function(match[1]) is not None:
                yield sheet, row, column, match[0]
                break


def calls_in_names(snapshot: Snapshot) -> Iterator[tuple[DefinedName, tuple[str, ...]]]:
    """Names that stand for calls of our functions; a LAMBDA is a function itself, not a call."""
    hint = hint_of_our_names()
    for name in snapshot.defined_names:
        text = name.refers_to.removeprefix("=")
        if not _LAMBDA.match(text) and hint.search(text):
            names = _names_in(f"={text}")
            if names:
                yield name, names


def formulas_of(sheet: Sheet) -> Iterator[tuple[int, int, str]]:
    """Row, column and text of every formula of a sheet."""
    listed = getattr(sheet.cells, "formulas", None)
    if listed is not None:
        yield from listed()
        return
    for (row, column), cell in sheet.cells.items():
        if cell.formula is not None:
            yield row, column, cell.formula


def filled_by_calls(sheet: Sheet) -> Iterator[tuple[int, int, int, int]]:
    """The ranges that array formulas with our calls fill: first row and column, last of both."""
    for (row, column), area in sheet.arrays.items():
        formula = sheet.cell(row, column).formula
        if formula and _names_in(formula):
            first, _, last = area.partition(":")
            yield (*parse_address(first), *parse_address(last or first))


def _names_in(formula: str) -> tuple[str, ...]:
    try:
        tokens: list[Any] = list(formula_engine().tokenize(formula))
    except BaseException as problem:  # there is no engine, or it cannot take the formula apart
        if not is_failure(problem):
            raise
        return _names_by_hint(formula)
    names = [
        function.name
        for token in tokens
        if str(token.token_type) == "Func" and str(token.subtype) == "Open"
        if (function := our_function(token.value[:-1])) is not None
    ]
    return tuple(dict.fromkeys(names))


def _names_by_hint(formula: str) -> tuple[str, ...]:
    """The names in a formula that cannot be taken apart, so that it is at least spoken of."""
    outside = without_texts(formula)
    found = (match[0].strip("_( ") for match in hint_of_our_names().finditer(outside))
    return tuple(dict.fromkeys(it.name for name in found if (it := our_function(name))))


def same_value(one: Value, other: Value) -> bool:
    """Whether two results are the same to a reader: numbers to the digits that a cell holds.

    >>> same_value(0.1 + 0.2, 0.3), same_value(1, True), same_value("606", 606)
    (True, False, False)
    """
    if isinstance(one, bool) or isinstance(other, bool):
        return type(one) is type(other) and one == other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=_TOLERANCE, abs_tol=1e-300)
    return isinstance(one, ExcelError) == isinstance(other, ExcelError) and one == other


class ModelCalls:
    """Our calls in one workbook, each recomputed on the values that the workbook holds."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    @cached_property
    def named_like_ours(self) -> tuple[Placed, ...]:
        """The formulas with a function that is named like ours, be it ours or not."""
        return tuple(named_like_ours(self.snapshot))

    @cached_property
    def cells(self) -> tuple[CallCell, ...]:
        """Every cell that calls our functions, in the order of sheets and rows."""
        found = list(_calls_among(self.named_like_ours))
        if not found:
            return ()
        if formula_engine() is None:
            return tuple(
                CallCell(sheet.name, row, column, sheet.cell(row, column), names, problem=NO_ENGINE)
                for sheet, row, column, _, names in found
            )
        return tuple(_Recomputation(self.snapshot).run(found))


class _Recomputation:
    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._references = References(snapshot)
        self._unknown = unknown_values(snapshot)
        self._engine = Engine(snapshot)

    def run(self, found: list[tuple[Sheet, int, int, str, tuple[str, ...]]]) -> Iterator[CallCell]:
        rewritten: dict[int, Rewritten] = {}
        problems: dict[int, str] = {}
        jobs: list[tuple[int, Job]] = []
        for key, (sheet, row, column, formula, _) in enumerate(found):
            try:
                it = self._references.rewrite(formula, sheet.name, row, column, key)
                check_functions(it)
                check_inputs(it.areas, self._unknown)
            except NotRecomputable as why:
                problems[key] = str(why)
                continue
            rewritten[key] = it
            jobs.append((key, job_of(sheet, row, column, it)))
        self._engine.feed(area for it in rewritten.values() for area in it.areas)
        answers = self._engine.evaluate(jobs)
        for key, (sheet, row, column, _, names) in enumerate(found):
            answer = answers.get(key, Answer())
            problem = problems.get(key) or answer.problem
            problem = problem or _counts_an_error(rewritten[key], answer)
            cell = sheet.cell(row, column)
            areas = rewritten[key].areas if key in rewritten else ()
            calls = rewritten[key].calls if key in rewritten else ()
            differing = () if problem else self._differing(sheet, row, column, answer)
            yield CallCell(
                sheet.name, row, column, cell, names, areas, calls, answer, problem, differing
            )

    def _differing(
        self, sheet: Sheet, row: int, column: int, answer: Answer
    ) -> tuple[tuple[str, Value, Value], ...]:
        """Address, stored and right value of each cell of the formula that shows another one."""
        if sheet.cell(row, column).value is NOT_CALCULATED:
            return ()
        differing = []
        for down, line in enumerate(answer.values):
            for across, right in enumerate(line):
                place = row + down, column + across
                stored = serial_of(sheet.cell(*place).value, self._snapshot.epoch_1904)
                # A cell that an array fills with "" need not be in the file.
                is_blank = stored is None and right == ""
                if not is_blank and not same_value(stored, right):
                    differing.append((format_address(*place), stored, right))
        return tuple(differing)


def check_functions(rewritten: Rewritten) -> None:
    """Raise `NotRecomputable` where a formula uses a function of Excel that the engine has not."""
    known = known_to_engine(rewritten.functions)
    lacking = sorted(name for name in rewritten.functions if not known[name])
    if lacking:
        raise NotRecomputable(f"{lacking[0]} is not known here")


def _counts_an_error(rewritten: Rewritten, answer: Answer) -> str:
    """Why an answer is not to be had: the engine counts an error value as one row or column.

    In Excel, ROWS and COLUMNS of an error value are that error value. Straight around a call of
    ours they are calculated so.
    """
    counting = sorted(set(COUNTED) & {name.upper() for name in rewritten.functions})
    if counting and any(error_value(str(it.result)) for it in answer.inner):
        return f"{counting[0]} of an error value is counted otherwise outside Excel"
    return ""


def job_of(sheet: Sheet, row: int, column: int, rewritten: Rewritten) -> Job:
    """The formula to calculate, as large as the range that it fills."""
    height = width = 1
    fills = sheet.arrays.get((row, column), "")
    if ":" in fills:
        first, last = (parse_address(it) for it in fills.split(":"))
        height, width = last[0] - first[0] + 1, last[1] - first[1] + 1
    return Job((sheet.name, row, column), rewritten.formula, height, width)
