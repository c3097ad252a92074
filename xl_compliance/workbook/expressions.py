"""Formulas as small trees, so that a cell's text and its stored result have one definition.

`text` is what stands in the cell, `value` what Excel would show there. Our own functions answer
by `xl_compliance.functions.calling.call`; of Excel's, only those that our sheets use are here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, Protocol

from xl_compliance.functions.calling import call
from xl_compliance.functions.spellings import bare
from xl_compliance.rules.exact import from_number, quotient, to_float
from xl_compliance.workbook.snapshot import ExcelError, format_address

Value = bool | int | float | str | date | None
Rows = list[list[Value]]
Answer = Value | Rows

NOT_AVAILABLE: Final = ExcelError("#N/A")
NO_REFERENCE: Final = ExcelError("#REF!")
NO_DIVISION: Final = ExcelError("#DIV/0!")
WRONG_KIND: Final = ExcelError("#VALUE!")

# These show an error that stands anywhere in their ranges; the others pass over it.
_STOPPED_BY_ERRORS: Final = frozenset({"SUM", "MIN", "MAX", "SUMIFS"})
# A column name with any of these stands in brackets of its own.
_SPECIAL: Final = frozenset("\t\n\r,:.[]#'\"{}$^&*+=-></")
_SERIAL_BASE: Final = datetime(1899, 12, 30)
_LOOSEST, _COMPARING, _JOINING, _ADDING, _MULTIPLYING, _WHOLE = range(6)


class Inputs(Protocol):
    """What a formula can refer to."""

    def fact(self, name: str) -> Value:
        """The value behind a defined name."""

    def column(self, table: str, header: str) -> Sequence[Value]:
        """A column of a table, blank rows included."""

    def cell(self, sheet: str, row: int, column: int) -> Value:
        """The value of a cell."""


class Formula(ABC):
    """A node of the tree."""

    strength: int = _WHOLE

    @abstractmethod
    def text(self, sheet: str) -> str:
        """The formula without its `=`, as it stands on a sheet."""

    @abstractmethod
    def value(self, inputs: Inputs) -> Answer:
        """What Excel shows; an `ExcelError` where that is an error."""

    def inside(self, sheet: str, strength: int) -> str:
        """The text as an operand, in parentheses where it binds less than what it stands in."""
        text = self.text(sheet)
        return text if self.strength > strength else f"({text})"


# ---------------------------------------------------------------- what formulas refer to


@dataclass(frozen=True)
class Literal(Formula):
    """A text, whole number or truth value written in the formula."""

    content: str | int | bool

    def text(self, sheet: str) -> str:
        """Texts in quotes."""
        if isinstance(self.content, str):
            return '"' + self.content.replace('"', '""') + '"'
        return str(self.content).upper()

    def value(self, inputs: Inputs) -> Answer:
        """The content."""
        return self.content


@dataclass(frozen=True)
class Name(Formula):
    """A defined name of one cell."""

    name: str

    def text(self, sheet: str) -> str:
        """The name."""
        return self.name

    def value(self, inputs: Inputs) -> Answer:
        """The value of its cell."""
        return inputs.fact(self.name)


@dataclass(frozen=True)
class Column(Formula):
    """A column of a table: `Prices[Official close]`."""

    table: str
    header: str

    def text(self, sheet: str) -> str:
        """The structured reference."""
        inner = f"[{self.header}]" if _SPECIAL & set(self.header) else self.header
        return f"{self.table}[{inner}]"

    def value(self, inputs: Inputs) -> Answer:
        """One row a cell."""
        return [[cell] for cell in inputs.column(self.table, self.header)]


@dataclass(frozen=True)
class At(Formula):
    """One cell. `fixed_row` pins the row where the reference starts a growing range."""

    sheet: str
    row: int
    column: int
    fixed_row: bool = False

    def text(self, sheet: str) -> str:
        """The address, with its sheet where that is another one."""
        address = format_address(self.row, self.column)
        if self.fixed_row:
            address = address.rstrip("0123456789") + f"${self.row}"
        return address if sheet == self.sheet else f"{self.sheet}!{address}"

    def value(self, inputs: Inputs) -> Answer:
        """The cell's own value."""
        return inputs.cell(self.sheet, self.row, self.column)


@dataclass(frozen=True)
class Stretch(Formula):
    """Cells of one column, from one to the other."""

    first: At
    last: At

    def text(self, sheet: str) -> str:
        """The range, such as `D$8:D19`."""
        here = self.first.sheet
        first, last = self.first.text(here), self.last.text(here)
        return f"{first}:{last}" if sheet == here else f"{here}!{first}:{last}"

    def value(self, inputs: Inputs) -> Answer:
        """One row a cell."""
        rows = range(self.first.row, self.last.row + 1)
        return [[inputs.cell(self.first.sheet, row, self.first.column)] for row in rows]


# ---------------------------------------------------------------- calls


@dataclass(frozen=True)
class Ours(Formula):
    """A worksheet function of ours."""

    name: str
    arguments: tuple[Formula, ...]

    def text(self, sheet: str) -> str:
        """The call in the bare spelling."""
        return _call_text(bare(self.name), self.arguments, sheet)

    def value(self, inputs: Inputs) -> Answer:
        """What the function answers."""
        answer = call(self.name, *(argument.value(inputs) for argument in self.arguments))
        return _with_errors(answer)


def ours(name: str, *arguments: Formula) -> Ours:
    """A call of one of our functions."""
    return Ours(name, arguments)


def _with_errors(answer: Any) -> Answer:
    if isinstance(answer, list):
        return [[_with_error(cell) for cell in row] for row in answer]
    return _with_error(answer)


def _with_error(cell: Any) -> Value:
    is_error = isinstance(cell, str) and cell.startswith("#")
    return ExcelError(cell) if is_error else cell


@dataclass(frozen=True)
class If(Formula):
    """One of two results."""

    condition: Formula
    then: Formula
    otherwise: Formula

    def text(self, sheet: str) -> str:
        """The call."""
        return _call_text("IF", (self.condition, self.then, self.otherwise), sheet)

    def value(self, inputs: Inputs) -> Answer:
        """Only the branch that applies is calculated."""
        condition = _single(self.condition.value(inputs))
        if isinstance(condition, ExcelError):
            return condition
        return (self.then if condition else self.otherwise).value(inputs)


@dataclass(frozen=True)
class IfNa(Formula):
    """Another result where data are missing; every other error stays visible."""

    tried: Formula
    otherwise: Formula

    def text(self, sheet: str) -> str:
        """The call; files keep it with the prefix of functions newer than the format."""
        return _call_text("_xlfn.IFNA", (self.tried, self.otherwise), sheet)

    def value(self, inputs: Inputs) -> Answer:
        """What was tried, unless it is #N/A."""
        tried = self.tried.value(inputs)
        return self.otherwise.value(inputs) if tried == NOT_AVAILABLE else tried


@dataclass(frozen=True)
class Excel(Formula):
    """A function of Excel."""

    name: str
    arguments: tuple[Formula, ...]

    def text(self, sheet: str) -> str:
        """The call."""
        return _call_text(self.name, self.arguments, sheet)

    def value(self, inputs: Inputs) -> Answer:
        """The function's answer; an error in a single argument is the result."""
        values = [argument.value(inputs) for argument in self.arguments]
        checked = _cells(*values) if self.name in _STOPPED_BY_ERRORS else values
        if self.name != "ISNUMBER":
            for value in checked:
                if isinstance(value, ExcelError):
                    return value
        return _EXCEL[self.name](*values)


def excel(name: str, *arguments: Formula) -> Excel:
    """A call of one of Excel's functions."""
    return Excel(name, arguments)


@dataclass(frozen=True)
class ErrorCount(Formula):
    """How many cells of a range hold an error value."""

    cells: Stretch

    def text(self, sheet: str) -> str:
        """Counted without an array formula."""
        return f"SUMPRODUCT(--ISERROR({self.cells.text(sheet)}))"

    def value(self, inputs: Inputs) -> Answer:
        """The count."""
        return sum(isinstance(cell, ExcelError) for cell in _cells(self.cells.value(inputs)))


def _call_text(name: str, arguments: Sequence[Formula], sheet: str) -> str:
    return f"{name}({','.join(argument.text(sheet) for argument in arguments)})"


# ---------------------------------------------------------------- operators


@dataclass(frozen=True)
class Operation(Formula):
    """Two operands and what stands between them."""

    left: Formula
    operator: str
    right: Formula

    @property
    def strength(self) -> int:  # type: ignore[override]
        """How tightly the operator binds."""
        return _OPERATORS[self.operator][0]

    def text(self, sheet: str) -> str:
        """The operands with the operator between them."""
        left = self.left.inside(sheet, self.strength - 1)
        return f"{left}{self.operator}{self.right.inside(sheet, self.strength)}"

    def value(self, inputs: Inputs) -> Answer:
        """The operator's result; the first error where there is one."""
        left, right = _single(self.left.value(inputs)), _single(self.right.value(inputs))
        for operand in (left, right):
            if isinstance(operand, ExcelError):
                return operand
        return _OPERATORS[self.operator][1](left, right)


def equal(left: Formula, right: Formula) -> Operation:
    """Whether two values are the same to Excel: a blank is `""`, capitals do not matter."""
    return Operation(left, "=", right)


def is_blank(formula: Formula) -> Operation:
    """Whether a cell is blank or shows nothing."""
    return equal(formula, Literal(""))


def _same(left: Value, right: Value) -> bool:
    left, right = _like(left, right), _like(right, left)
    if isinstance(left, date) and isinstance(right, int | float | date):
        return _number(left) == _number(right)
    if isinstance(right, date) and isinstance(left, int | float):
        return left == _number(right)
    if isinstance(left, str) and isinstance(right, str):
        return left.casefold() == right.casefold()
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _like(value: Value, other: Value) -> Value:
    """A blank takes on the kind of what it is compared with."""
    if value is not None:
        return value
    if isinstance(other, bool):
        return False
    return "" if isinstance(other, str) or other is None else 0


def _number(value: Value) -> int | float | None:
    if value is None:
        return 0
    if isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime.combine(value, time())
        return (moment - _SERIAL_BASE) / timedelta(days=1)
    return value if isinstance(value, int | float) else None


def _arithmetic(work_out: Callable[[Any, Any], Any]) -> Callable[[Value, Value], Value]:
    def worked_out(left: Value, right: Value) -> Value:
        one, other = _number(left), _number(right)
        if one is None or other is None:
            return WRONG_KIND
        try:
            result: Value = work_out(one, other)
        except ZeroDivisionError:
            return NO_DIVISION
        return result

    return worked_out


def _ordered(holds: Callable[[Any, Any], bool]) -> Callable[[Value, Value], Value]:
    def compared(left: Value, right: Value) -> Value:
        one, other = _number(left), _number(right)
        assert one is not None
        assert other is not None, "our formulas put numbers in order, nothing else"
        return holds(one, other)

    return compared


_OPERATORS: Final[Mapping[str, tuple[int, Callable[[Value, Value], Value]]]] = {
    "=": (_COMPARING, _same),
    "<>": (_COMPARING, lambda left, right: not _same(left, right)),
    "<": (_COMPARING, _ordered(lambda left, right: left < right)),
    ">": (_COMPARING, _ordered(lambda left, right: left > right)),
    "&": (_JOINING, lambda left, right: _shown(left) + _shown(right)),
    "+": (_ADDING, _arithmetic(lambda left, right: left + right)),
    "-": (_ADDING, _arithmetic(lambda left, right: left - right)),
    "*": (_MULTIPLYING, _arithmetic(lambda left, right: left * right)),
    "/": (_MULTIPLYING, _arithmetic(lambda left, right: left / right)),
}


def _shown(value: Value) -> str:
    # LibreOffice joins a truth value as 1 or 0, so our formulas never do.
    assert not isinstance(value, bool)
    return "" if value is None else str(value)


# ---------------------------------------------------------------- Excel's functions


def _single(answer: Answer) -> Value:
    """One value: a range of one cell is that cell."""
    if not isinstance(answer, list):
        return answer
    assert len(answer) == len(answer[0]) == 1, "one value is needed, not a range"
    return answer[0][0]


def _cells(*answers: Answer) -> list[Value]:
    cells: list[Value] = []
    for answer in answers:
        rows = answer if isinstance(answer, list) else [[answer]]
        cells += [cell for row in rows for cell in row]
    return cells


def _numbers(*answers: Answer) -> list[int | float]:
    """Numbers, and dates as the numbers that they are to Excel."""
    found = []
    for cell in _cells(*answers):
        if isinstance(cell, int | float | date) and not isinstance(cell, bool):
            number = _number(cell)
            assert number is not None
            found.append(number)
    return found


def _meets(cell: Value, criterion: Value) -> bool:
    """As COUNTIF compares; our criteria are values, `<>` a value, `<` a number, `>0` or `>=0`."""
    if isinstance(criterion, str) and criterion.startswith("<>"):
        return not _meets(cell, criterion[2:])
    if isinstance(criterion, str) and criterion.startswith("<"):
        return any(number < float(criterion[1:]) for number in _numbers(cell))
    if criterion in (">0", ">=0"):
        least = criterion == ">0"
        return any(number > 0 or (number == 0 and not least) for number in _numbers(cell))
    if cell is None:
        return False
    return _same(cell, criterion)


def _rows_meeting(criteria: Sequence[Answer]) -> list[bool]:
    ranges = [_cells(answer) for answer in criteria[::2]]
    wanted = [_single(answer) for answer in criteria[1::2]]
    return [
        all(_meets(cell, criterion) for cell, criterion in zip(row, wanted, strict=True))
        for row in zip(*ranges, strict=True)
    ]


def _count_if(*criteria: Answer) -> Value:
    return sum(_rows_meeting(criteria))


def _sum_if(summed: Answer, *criteria: Answer) -> Value:
    kept = zip(_cells(summed), _rows_meeting(criteria), strict=True)
    return sum(_numbers(*(cell for cell, meets in kept if meets)))


def _index(table: Answer, row: Answer, column: Answer = 1) -> Answer:
    rows = table if isinstance(table, list) else [[table]]
    at, across = _single(row), _single(column)
    assert isinstance(at, int)
    assert isinstance(across, int)
    return rows[at - 1][across - 1] if at <= len(rows) else NO_REFERENCE


def _match(wanted: Answer, row: Answer, kind: Answer) -> Answer:
    """The position of the same value; our formulas ask for nothing else."""
    assert _single(kind) == 0
    sought = _single(wanted)
    positions = (at for at, cell in enumerate(_cells(row), 1) if _meets(cell, sought))
    return next(positions, NOT_AVAILABLE)


def _value_of(text: Answer) -> Answer:
    """A number, or a percentage as a parameter is shown."""
    shown = _single(text)
    if not isinstance(shown, str):
        return shown
    number = from_number(Decimal(shown.removesuffix("%")))
    return to_float(quotient(number, 100) if shown.endswith("%") else number)


_EXCEL: Final[Mapping[str, Callable[..., Answer]]] = {
    "AND": lambda *answers: all(map(_single, answers)),
    "OR": lambda *answers: any(map(_single, answers)),
    "ISNUMBER": lambda answer: bool(_numbers(answer)) or isinstance(answer, date),
    "COUNT": lambda *answers: len(_numbers(*answers)),
    "COUNTA": lambda *answers: sum(cell is not None for cell in _cells(*answers)),
    "COUNTIF": _count_if,
    "COUNTIFS": _count_if,
    "SUM": lambda *answers: sum(_numbers(*answers)),
    "SUMIFS": _sum_if,
    "MIN": lambda *answers: min(_numbers(*answers), default=0),
    "MAX": lambda *answers: max(_numbers(*answers), default=0),
    "N": lambda answer: sum(_numbers(answer)),
    "ROWS": lambda answer: len(answer) if isinstance(answer, list) else 1,
    "INDEX": _index,
    "MATCH": _match,
    "VALUE": _value_of,
}
