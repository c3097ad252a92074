"""Checks of the cells that call our functions, in anyone's workbook.

Each call is recomputed on the values that the workbook itself holds. What the functions answer is
left to the rules; these checks say where the workbook shows something else, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from xl_compliance.checks.findings import BREACH, OK, Finding, Severity, severity_of
from xl_compliance.checks.registry import Check, check
from xl_compliance.functions import calling
from xl_compliance.functions.registry import Result, find
from xl_compliance.rules.outcome import NEEDS_INPUT, REVIEW
from xl_compliance.workbook.calls import (
    NO_ENGINE,
    CallCell,
    ModelCalls,
    calls_in_names,
    calls_of_others,
    filled_by_arrays,
)
from xl_compliance.workbook.engine import Inner, serial_of
from xl_compliance.workbook.forms import REFERENCE, relative
from xl_compliance.workbook.input_sheets import ALL_TABLES
from xl_compliance.workbook.our_sheets import CALCULATED
from xl_compliance.workbook.references import Area, OurCall, quoted
from xl_compliance.workbook.snapshot import Cell, ExcelError, Sheet, format_address

SOURCE: Final = "the workbook's own stored values, recomputed"
RULE: Final = "MODEL"

_NUMBER: Final = re.compile(r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?%?")
_LONGEST: Final = 80


@check("MDL001", "Stored result that is not the function's answer", RULE, SOURCE, ModelCalls)
def stale(check: Check, model: ModelCalls) -> Iterator[Finding]:
    """A cell whose stored result is not what its formula gives: out of date, or typed over.

    To do: Recalculate the workbook with the functions installed and save it; where the difference
    stays, restore the formula that was typed over.
    """
    for cell in model.cells:
        if not cell.differing:
            continue
        address, stored, right = cell.differing[0]
        more = len(cell.differing) - 1
        others = f", and {more} more of the cells that it fills" if more else ""
        message = (
            f"{address} holds {_shown(stored)}, {_formula(cell)} gives {_shown(right)} on the "
            f"values in this workbook{others}: out of date or changed by hand. Recalculate and "
            "save it in Excel with the functions installed, or use: xl-compliance refresh"
        )
        yield _finding(check, BREACH, message, cell)


@check("MDL002", "Call that was never calculated", RULE, SOURCE, ModelCalls)
def uncalculated(check: Check, model: ModelCalls) -> Iterator[Finding]:
    """A formula without a stored result: whoever opens the file without the functions sees none.

    To do: Recalculate and save the workbook in Excel with the functions installed, or write the
    answers with xl-compliance refresh.
    """
    for cell in model.cells:
        if cell.calculated:
            continue
        would = "" if cell.problem else f"; it gives {_shown(cell.answer.value)}"
        message = f"{_formula(cell)} has no stored result{would}. Recalculate and save the workbook"
        yield _finding(check, NEEDS_INPUT, message, cell)


@check("MDL003", "Call that shows an error value", RULE, SOURCE, ModelCalls)
def errors(check: Check, model: ModelCalls) -> Iterator[Finding]:
    """A formula that results in an error value, with the reason where the function gives one.

    To do: Correct the argument that the reason names; rely on nothing that rests on the cell until
    it shows an answer.
    """
    for cell in model.cells:
        shown = cell.cell.value if cell.problem else cell.answer.value
        if isinstance(shown, ExcelError):
            message = f"{_formula(cell)} gives {shown}{_reason(cell)}"
            yield _finding(check, NEEDS_INPUT, message, cell)


@check("MDL004", "Constant among formulas", RULE, SOURCE, ModelCalls)
def constants(check: Check, model: ModelCalls) -> Iterator[Finding]:
    """A number typed in as an argument, or in a cell that a call reads, where neighbours are not.

    Near misses that are no finding: a constant in every row, and a column of typed inputs.

    To do: Settle whether the constant is meant. If not, restore the formula or reference that its
    neighbours have; if so, say why beside it.
    """
    by_place = {(cell.sheet, cell.row, cell.column): cell for cell in model.cells}
    seen = _Seen()
    for cell in model.cells:
        for position, text in _typed_arguments(cell, by_place):
            message = (
                f"argument {position} of {_formula(cell)} is the number {text}, where the calls "
                "beside it take it from a cell"
            )
            yield _finding(check, REVIEW, message, cell)
        for sheet, row, column in _typed_cells(model, cell, seen):
            value = _shown(serial_of(sheet.cell(row, column).value, model.snapshot.epoch_1904))
            message = (
                f"{sheet.name}!{format_address(row, column)}, which {_formula(cell)} rests on, "
                f"holds the number {value}, where the cells on both sides hold the same formula"
            )
            yield _finding(check, REVIEW, message, cell)


@check("MDL005", "Answer that needs attention", RULE, SOURCE, ModelCalls)
def verdicts(check: Check, model: ModelCalls) -> Iterator[Finding]:
    """A call that answers REQUIRED, BREACH, 607 ..., INCOMPLETE, REVIEW or NEEDS INPUT.

    On the calculating sheets of our own workbooks the checks of the deal say it in full.

    To do: Read the working (EXPLAIN in the workbook, or xl-compliance check), supply what is
    missing, and take the open question to whoever decides it before closing.
    """
    ours = any(model.snapshot.table(table.name) for table in ALL_TABLES)
    for cell in model.cells:
        if ours and cell.sheet in CALCULATED:
            continue
        if cell.problem:
            verdict = str(cell.cell.value)
            if severity_of(verdict) is not Severity.OK:
                message = f"{_formula(cell)} shows {verdict}, as stored; it was not recomputed"
                yield _finding(check, verdict, message, cell)
            continue
        for inner in cell.inner:
            verdict, count = _gravest(inner)
            if verdict != OK:
                many = f" in {count} cells" if count > 1 else ""
                message = f"{inner.function.name} answers {verdict}{many}{_why(inner)}"
                yield _finding(check, verdict, message, cell, inner)


@check("MDL006", "Call that was not recomputed", RULE, SOURCE, ModelCalls)
def unsupported(check: Check, model: ModelCalls) -> Iterator[Finding]:
    """A formula that cannot be recomputed outside Excel: its stored result was not verified.

    To do: Recalculate in Excel with the functions installed and compare, or rewrite the formula so
    that the call stands in a cell of its own.
    """
    left = [cell for cell in model.cells if cell.problem == NO_ENGINE]
    if left:
        # Said once: what the other checks found must not drown in it.
        calls = (
            "1 cell calls our functions and was"
            if len(left) == 1
            else (f"{len(left)} cells call our functions and were")
        )
        message = (
            f"{calls} not recomputed, so no result is verified: {NO_ENGINE}. xl-compliance check "
            "over the saved workbook recomputes them"
        )
        yield _finding(check, REVIEW, message, left[0])
    for cell in model.cells:
        if cell.problem and cell.problem != NO_ENGINE:
            message = f"{_formula(cell)} was not recomputed, so its result is not verified: "
            yield _finding(check, REVIEW, message + cell.problem, cell)


@check("MDL007", "Workbook of which only values were read", RULE, SOURCE, ModelCalls)
def values_only(check: Check, model: ModelCalls) -> Iterator[Finding]:
    """A workbook in .xls, .xlsb or .ods: calls of our functions in it are not seen.

    To do: Save the workbook as .xlsx or .xlsm in Excel and check that file: formulas are seen there
    only.
    """
    snapshot = model.snapshot
    if not snapshot.values_only:
        return
    message = (
        f"of a {snapshot.path.suffix.lower()} workbook only values are read: formulas, tables and "
        "names are not, and an error value reads as a blank. Save it as .xlsx to have it checked "
        "in full"
    )
    sheet = snapshot.sheets[0].name if snapshot.sheets else ""
    yield Finding(
        check.code, check.title, check.rule, REVIEW, message, sheet, "", source=check.source
    )


@check("MDL008", "Value typed over a call", RULE, SOURCE, ModelCalls)
def typed_over(check: Check, model: ModelCalls) -> Iterator[Finding]:
    """A value without a formula between two cells that hold the same call of ours.

    At the end of a row or column of calls, an answer of theirs that is typed in.

    To do: Restore the formula, or say beside the cell why the value departs from it and who
    approved that.
    """
    told: set[tuple[str, int, int]] = set()
    calls = {(cell.sheet, cell.row, cell.column) for cell in model.cells}
    for cell in model.cells:
        sheet = model.snapshot.sheet(cell.sheet)
        for down, across in ((1, 0), (0, 1)):
            row, column = cell.row + down, cell.column + across
            beyond = row + down, column + across
            if sheet is None or (cell.sheet, *beyond) not in calls:
                continue
            between = sheet.cell(row, column)
            if between.formula is not None or between.value is None:
                continue
            if (row, column) in _filled(sheet) or not _alike(
                sheet, (cell.row, cell.column), beyond
            ):
                continue
            value = _shown(serial_of(between.value, model.snapshot.epoch_1904))
            told.add((cell.sheet, row, column))
            where = "the cells on both sides call"
            yield _typed(check, cell, (row, column), value, where)
    for cell in model.cells:
        for place, value in _typed_answers(model, cell):
            if (cell.sheet, *place) not in told:
                told.add((cell.sheet, *place))
                yield _typed(check, cell, place, value, "the cell beside it calls")


def _typed(check: Check, cell: CallCell, place: tuple[int, int], value: str, where: str) -> Finding:
    address = format_address(*place)
    names = ", ".join(cell.names)
    message = f"{address} holds {value} and no formula, where {where} {names}: typed over?"
    return Finding(
        check.code,
        check.title,
        check.rule,
        REVIEW,
        message,
        cell.sheet,
        address,
        source=check.source,
    )


@lru_cache(maxsize=256)
def _words(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for name in names for word in find(name).words)


def _typed_answers(model: ModelCalls, cell: CallCell) -> Iterator[tuple[tuple[int, int], str]]:
    """Cells beside a call that hold one of its answers in words, typed in."""
    sheet = model.snapshot.sheet(cell.sheet)
    words = _words(cell.names)
    if sheet is None or not words:
        return
    for place in (place for pair in _sides(cell.row, cell.column) for place in pair):
        beside = sheet.cell(*place)
        if isinstance(beside.value, str) and beside.formula is None:
            typed = beside.value.strip().upper() in words
            if typed and place not in _filled(sheet):
                yield place, _shown(beside.value)


@check("MDL011", "Function of another file that is named as ours", RULE, SOURCE, ModelCalls)
def of_others(check: Check, model: ModelCalls) -> Iterator[Finding]:
    """A call such as Other.xlam!MINPRICE(...): what that function does is not known here.

    To do: Settle which functions the model is meant to use, and take the file's name out of the
    formula where ours are.
    """
    for sheet, row, column, name in calls_of_others(model.named_like_ours):
        message = (
            f"{name[:_LONGEST]} is named like a function of ours and is another file's: what it "
            "shows was not recomputed. If it is meant to be ours, write the name alone"
        )
        address = format_address(row, column)
        yield Finding(
            check.code,
            check.title,
            check.rule,
            REVIEW,
            message,
            sheet.name,
            address,
            source=check.source,
        )


@check("MDL010", "Call inside a defined name", RULE, SOURCE, ModelCalls)
def in_names(check: Check, model: ModelCalls) -> Iterator[Finding]:
    """A name that stands for a call of ours: what cells make of it is not recomputed.

    To do: Put the call into a cell, refer to that cell in the name, and check again.
    """
    for name, functions in calls_in_names(model.snapshot):
        message = (
            f'the name "{name.name}" stands for a call of {", ".join(functions)}: cells that use '
            "it were not recomputed. Write the call into a cell"
        )
        sheet = name.sheet or model.snapshot.sheets[0].name
        yield Finding(
            check.code, check.title, check.rule, REVIEW, message, sheet, "", source=check.source
        )


def _filled(sheet: Sheet) -> Collection[tuple[int, int]]:
    """The cells that array formulas fill: they hold values and no formula of their own."""
    return filled_by_arrays(sheet).keys()


def _finding(
    check: Check, verdict: str, message: str, cell: CallCell, inner: Inner | None = None
) -> Finding:
    chosen = inner or (cell.inner[0] if len(cell.inner) == 1 else None)
    return Finding(
        code=check.code,
        title=check.title,
        rule=check.rule,
        verdict=verdict,
        message=message,
        sheet=cell.sheet,
        cell=cell.address,
        inputs=tuple(_place(area) for area in cell.areas),
        source=check.source,
        working=_working(chosen) if chosen else (),
    )


def _place(area: Area) -> str:
    """An area as findings name cells: quotes only where the sheet's name needs them."""
    name = area.sheet if re.fullmatch(r"\w+", area.sheet) else quoted(area.sheet)
    return f"{name}!{area.text.rpartition('!')[2]}"


def _formula(cell: CallCell) -> str:
    text = cell.cell.formula or ""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value) if isinstance(value, int | ExcelError) else f'"{value}"'


# ---------------------------------------------------------------- what a call answered


def _gravest(inner: Inner) -> tuple[str, int]:
    """The gravest word among the answers of a call, and how many cells show it."""
    if inner.function.result not in (Result.VERDICT, Result.TRUTH):
        return OK, 0
    rows = inner.result if isinstance(inner.result, list) else [[inner.result]]
    words = [value for row in rows for value in row if isinstance(value, str)]
    order = list(Severity)
    gravest = min(words, key=lambda word: order.index(severity_of(word)), default=OK)
    if severity_of(gravest) is Severity.OK:
        return OK, 0
    return gravest, words.count(gravest)


def _working(inner: Inner) -> tuple[tuple[str, str, str, str], ...]:
    table = calling.explain(inner.function.name, *inner.arguments)
    return tuple((str(a), _cell(b), str(c), str(d)) for a, b, c, d in table[1:])


def _cell(value: Any) -> str:
    return str(value).upper() if isinstance(value, bool) else str(value)


def _why(inner: Inner) -> str:
    reason = calling.explain(inner.function.name, *inner.arguments)[-1][2]
    return f": {reason}" if reason and not isinstance(inner.result, list) else ""


def _reason(cell: CallCell) -> str:
    for inner in cell.inner:
        if isinstance(inner.result, str) and inner.result.startswith("#"):
            return f"; {inner.function.name}{_why(inner)}"
    return ""


# ---------------------------------------------------------------- constants among formulas


def _typed_arguments(
    cell: CallCell, by_place: dict[tuple[str, int, int], CallCell]
) -> Iterator[tuple[int, str]]:
    """Arguments, counted from 1, that are numbers here and references on both sides."""
    typed = [
        (number, position, text)
        for number, call in enumerate(_calls(cell))
        for position, text in enumerate(call.arguments)
        if _NUMBER.fullmatch(text)
    ]
    if not typed:
        return
    for pair in _sides(cell.row, cell.column):
        beside = [it for place in pair if (it := by_place.get((cell.sheet, *place)))]
        if len(beside) < len(pair) or any(_shape(it) != _shape(cell) for it in beside):
            continue
        others = [_calls(it) for it in beside]
        for number, position, text in typed:
            if all(_is_from_a_cell(it[number].arguments[position]) for it in others):
                yield position + 1, text
        return


def _calls(cell: CallCell) -> Sequence[OurCall]:
    """Its calls as the first of its copies has them: a number is a number there, too."""
    return cell.form.rewritten.calls if cell.form else ()


def _is_from_a_cell(argument: str) -> bool:
    """Whether an argument refers to a cell; 1E5 is a number."""
    return not _NUMBER.fullmatch(argument) and REFERENCE.search(argument) is not None


def _shape(cell: CallCell) -> tuple[tuple[str, int], ...]:
    return cell.form.shape if cell.form else ()


class _Seen:
    """Which cells were looked at: those that a model's calls take lie in many of their ranges."""

    def __init__(self) -> None:
        self._areas: set[Area] = set()
        self._rows: dict[tuple[str, int], bytearray] = {}

    def is_new(self, area: Area) -> bool:
        """Whether that very area was not asked for before."""
        if area in self._areas:
            return False
        self._areas.add(area)
        return True

    def new_in(self, area: Area) -> Iterator[tuple[int, int]]:
        """The cells of an area that were not looked at before, column by column."""
        for column in range(area.left, area.right + 1):
            rows = self._rows.setdefault((area.sheet.casefold(), column), bytearray())
            rows.extend(bytes(max(0, area.bottom + 1 - len(rows))))
            row = rows.find(0, area.top, area.bottom + 1)
            while row >= 0:
                rows[row] = 1
                yield row, column
                row = rows.find(0, row + 1, area.bottom + 1)


def _typed_cells(
    model: ModelCalls, cell: CallCell, seen: _Seen
) -> Iterator[tuple[Sheet, int, int]]:
    """Cells that a call reads which hold a number where both neighbours hold one formula."""
    for area in filter(seen.is_new, cell.areas):
        sheet = model.snapshot.sheet(area.sheet)
        if sheet is not None:
            typed = (
                place for place in seen.new_in(area) if _is_typed_among_formulas(sheet, *place)
            )
            for row, column in sorted(typed):
                yield sheet, row, column


def _is_typed_among_formulas(sheet: Sheet, row: int, column: int) -> bool:
    return _is_typed_number(sheet.cell(row, column)) and any(
        _alike(sheet, one, other) for one, other in _sides(row, column)
    )


def _is_typed_number(cell: Cell) -> bool:
    number = isinstance(cell.value, int | float) and not isinstance(cell.value, bool)
    return cell.formula is None and number


def _alike(sheet: Sheet, one: tuple[int, int], other: tuple[int, int]) -> bool:
    first = sheet.cell(*one).formula
    if not first:
        return False
    second = sheet.cell(*other).formula
    return bool(second) and relative(first, *one) == relative(second or "", *other)


def _sides(row: int, column: int) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """The cells above and below, then those to the left and right."""
    if row > 1:
        yield (row - 1, column), (row + 1, column)
    if column > 1:
        yield (row, column - 1), (row, column + 1)
