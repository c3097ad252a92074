"""Our calls in a workbook that someone else made: where they stand, and what they should show."""

import math
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, Final, NamedTuple

from xl_compliance.functions.cells import error_value
from xl_compliance.functions.uncollected import uncollected
from xl_compliance.workbook.calculation import Asked, Calculation
from xl_compliance.workbook.compiled import formula_engine, is_failure
from xl_compliance.workbook.engine import (
    Answer,
    Inner,
    Value,
    check_inputs,
    serial_of,
    unknown_values,
)
from xl_compliance.workbook.forms import Form, Forms
from xl_compliance.workbook.references import (
    COUNTED,
    Area,
    NotRecomputable,
    OurCall,
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


class CallCell(NamedTuple):
    """A formula cell that calls our functions, and what came of recomputing it.

    `names` are the functions it calls; `form` has the formula taken apart, where that is possible.
    Where `problem` is not empty it says why the cell could not be recomputed, and `answer` is
    empty.
    """

    sheet: str
    row: int
    column: int
    cell: Cell
    names: tuple[str, ...]
    form: Form | None = None
    answer: Answer = Answer()
    problem: str = ""
    differing: tuple[tuple[str, Value, Value], ...] = ()

    @property
    def areas(self) -> tuple[Area, ...]:
        """The cells it rests on."""
        return self.form.areas_at(self.row, self.column) if self.form else ()

    @property
    def calls(self) -> tuple[OurCall, ...]:
        """Its calls as they are written."""
        formula = self.cell.formula or ""
        return self.form.rewritten_at(formula, self.row, self.column).calls if self.form else ()

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
        found: Iterator[tuple[int, int, str]] = listed()
        return found
    return (
        (row, column, cell.formula)
        for (row, column), cell in sheet.cells.items()
        if cell.formula is not None
    )


def filled_by_calls(sheet: Sheet) -> Iterator[tuple[int, int, int, int]]:
    """The ranges that array formulas with our calls fill: first row and column, last of both."""
    for (row, column), area in sheet.arrays.items():
        formula = sheet.cell(row, column).formula
        if formula and _names_in(formula):
            first, _, last = area.partition(":")
            yield (*parse_address(first), *parse_address(last or first))


def filled_by_arrays(sheet: Sheet) -> dict[tuple[int, int], tuple[int, int]]:
    """The cells that array formulas fill, each with that of its formula, which alone has a text."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for place, reference in sheet.arrays.items():
        first, _, last = reference.partition(":")
        (top, left), (bottom, right) = parse_address(first), parse_address(last or first)
        for row in range(top, bottom + 1):
            found.update(((row, column), place) for column in range(left, right + 1))
    return found


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
        formulas = self.named_like_ours
        if not formulas:
            return ()
        if formula_engine() is None:
            return tuple(
                CallCell(sheet.name, row, column, sheet.cell(row, column), names, problem=NO_ENGINE)
                for sheet, row, column, _, names in _calls_among(formulas)
            )
        with uncollected():
            return _Recomputation(self.snapshot).run(formulas)


class _Recomputation:
    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._forms = Forms(snapshot)
        self._unknown = unknown_values(snapshot)

    def run(self, formulas: Iterable[Placed]) -> tuple[CallCell, ...]:
        found: list[CallCell | Asked] = []
        for placed in formulas:
            call = self._found(*placed, len(found))
            if call is not None:
                found.append(call)
        asked = {key: it for key, it in enumerate(found) if isinstance(it, Asked)}
        answers = Calculation(self._snapshot).answers(asked)
        return tuple(
            self._answered(it, answers[key]) if isinstance(it, Asked) else it
            for key, it in enumerate(found)
        )

    def _found(
        self, sheet: Sheet, row: int, column: int, formula: str, key: int
    ) -> CallCell | Asked | None:
        """A formula that calls ours, to be asked or with its problem; None where it does not."""
        try:
            form = self._forms.of(formula, sheet.name, row, column, key)
        except NotRecomputable as why:
            names, problem = _names_in(formula), str(why)
        else:
            names, problem = form.names, form.problem or self._problem_of_inputs(form, row, column)
            if names and not problem:
                return Asked(form, sheet, row, column, formula)
        if not names:
            return None
        return CallCell(sheet.name, row, column, sheet.cell(row, column), names, problem=problem)

    def _problem_of_inputs(self, form: Form, row: int, column: int) -> str:
        if not self._unknown:
            return ""
        try:
            check_inputs(form.areas_at(row, column), self._unknown)
        except NotRecomputable as why:
            return str(why)
        return ""

    def _answered(self, asked: Asked, answer: Answer) -> CallCell:
        form, sheet, row, column, _ = asked
        cell = sheet.cell(row, column)
        problem = answer.problem or _counts_an_error(form, answer)
        differing = () if problem else self._differing(asked, cell, answer)
        return CallCell(sheet.name, row, column, cell, form.names, form, answer, problem, differing)

    def _differing(
        self, asked: Asked, cell: Cell, answer: Answer
    ) -> tuple[tuple[str, Value, Value], ...]:
        """Address, stored and right value of each cell of the formula that shows another one."""
        first = answer.value
        is_alone = len(answer.values) == len(answer.values[0]) == 1
        if is_alone and cell.value == first and cell.value.__class__ is first.__class__:
            return ()
        if cell.value is NOT_CALCULATED:
            return ()
        differing = []
        for down, line in enumerate(answer.values):
            for across, right in enumerate(line):
                place = asked.row + down, asked.column + across
                held = asked.sheet.cell(*place) if down or across else cell
                stored = serial_of(held.value, self._snapshot.epoch_1904)
                # A cell that an array fills with "" need not be in the file.
                is_blank = stored is None and right == ""
                if not is_blank and not same_value(stored, right):
                    differing.append((format_address(*place), stored, right))
        return tuple(differing)


def _counts_an_error(form: Form, answer: Answer) -> str:
    """Why an answer is not to be had: the engine counts an error value as one row or column.

    In Excel, ROWS and COLUMNS of an error value are that error value. Straight around a call of
    ours they are calculated so.
    """
    counting = sorted(form.rewritten.functions.intersection(COUNTED))
    if counting and any(error_value(str(it.result)) for it in answer.inner):
        return f"{counting[0]} of an error value is counted otherwise outside Excel"
    return ""
