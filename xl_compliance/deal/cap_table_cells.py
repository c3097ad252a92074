"""The cells of a cap table: what each one holds, read once, column by column."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Context, Decimal
from enum import Enum
from functools import cached_property
from typing import Final, NamedTuple, cast

from xl_compliance.rules.exact import SIGNIFICANT_DIGITS, Exact, from_number
from xl_compliance.workbook.snapshot import NOT_CALCULATED, CellValue, ExcelError, format_address


class CellKind(Enum):
    """What kind of thing a cell of a cap table holds."""

    BLANK = "blank"
    NUMBER = "number"
    TEXT_NUMBER = "number stored as text"
    TEXT = "text"
    ERROR = "error"
    NOT_CALCULATED = "not calculated"

    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True)
class Holding:
    """A cell of a cap table.

    `value` is exact, and None where the cell holds no number; `read` is what stands in it;
    `rounded` says that it counts thousands or millions.
    """

    address: str
    kind: CellKind
    value: Exact | None = None
    read: str = ""
    formula: str = ""
    rounded: bool = False

    @property
    def is_number(self) -> bool:
        """A number, also one stored as text."""
        return self.value is not None

    @property
    def places(self) -> int:
        """How many decimals the number has."""
        return decimals_of(self.value)


BLANK_HOLDING: Final = Holding("", CellKind.BLANK)


def decimals_of(value: Exact | None) -> int:
    """How many decimals a number has."""
    if not isinstance(value, Decimal):
        return 0
    exponent = value.normalize(_DIGITS).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


@dataclass(frozen=True, eq=False)
class Cells:
    """One column of a cap table: what stands in each of its rows, and what each of that is.

    `raw` has the values as they were read, None where nothing stands, in the order of `lines`, the
    numbers of the rows; `formulas` are by the number of the row. What is asked of a column is
    worked out for all of its rows at once, when it is first asked.
    """

    number: int
    lines: Sequence[int]
    raw: Sequence[CellValue]
    formulas: Mapping[int, str]
    rounded: bool = False

    def at(self, index: int) -> Holding:
        """One cell with its place; a blank one without a place where nothing stands."""
        raw = self.raw[index]
        if raw is None:
            return BLANK_HOLDING
        line, kind = self.lines[index], self.kinds[index]
        formula = self.formulas.get(line, "")
        address, value = format_address(line, self.number), self.values[index]
        return Holding(address, kind, value, _read_as(raw, kind, formula), formula, self.rounded)

    def formula(self, index: int) -> str:
        """The formula of one cell, `""` where there is none."""
        return self.formulas.get(self.lines[index], "")

    @cached_property
    def _known(self) -> _Known:
        return _known(self.raw)

    @property
    def kinds(self) -> Sequence[CellKind]:
        """What each cell holds."""
        return self._known.kinds

    @property
    def values(self) -> Sequence[Exact | None]:
        """The number in each cell, None where there is none."""
        return self._known.values

    @property
    def numbers(self) -> Sequence[Exact]:
        """The number in each cell, 0 where there is none."""
        return self._known.numbers

    @property
    def all_whole(self) -> bool:
        """Whether every number is a whole one of ordinary size."""
        return self._known.all_whole

    def where(self, kind: CellKind) -> frozenset[int]:
        """Where the cells of some kind stand."""
        return self._known.places.get(kind, _NOWHERE)

    @property
    def pending(self) -> frozenset[int]:
        """Where a number is missing: errors, and formulas without a result."""
        return self.where(CellKind.ERROR) | self.where(CellKind.NOT_CALCULATED)

    @property
    def texts(self) -> frozenset[int]:
        """Where a number is stored as text, which sums in Excel leave out."""
        return self.where(CellKind.TEXT_NUMBER)

    def may_hold(self, least: int) -> bool:
        """Whether any number may be as large as this; no is sure, without reading them exactly."""
        near, digits = least - least // 100, len(str(least))
        numbers: Sequence[float] = [it for it in self.raw if isinstance(it, (int, float))]
        # What is no number is neither below nor above another one.
        if not -near < min(numbers, default=0) <= max(numbers, default=0) < near:
            return True
        if len(numbers) == len(self.raw):
            return False
        return any(isinstance(it, str) and len(it) >= digits for it in self.raw)


_NOWHERE: Final = frozenset[int]()


class _Known(NamedTuple):
    """What each cell of a column holds; the places of those that hold no number, by kind."""

    kinds: Sequence[CellKind]
    values: Sequence[Exact | None]
    numbers: Sequence[Exact]
    all_whole: bool
    places: Mapping[CellKind, frozenset[int]]


def _known(raw: Sequence[CellValue]) -> _Known:
    if set(map(type, raw)) == {int}:
        whole = cast(Sequence[int], raw)
        if -_ORDINARY < min(whole) <= max(whole) < _ORDINARY:
            return _Known([CellKind.NUMBER] * len(whole), whole, whole, True, {})
    kinds: list[CellKind] = []
    values: list[Exact | None] = []
    for value in raw:
        if value.__class__ is int and -_ORDINARY < value < _ORDINARY:
            kinds.append(CellKind.NUMBER)
            values.append(value)
        else:
            kind, number = _numeric(value) if value.__class__ is float else what_is(value)
            kinds.append(kind)
            values.append(number)
    found: dict[CellKind, list[int]] = {}
    for place, kind in enumerate(kinds):
        if kind is not CellKind.NUMBER:
            found.setdefault(kind, []).append(place)
    numbers = [number or 0 for number in values]
    places = {kind: frozenset(places) for kind, places in found.items()}
    return _Known(kinds, values, numbers, set(map(type, numbers)) <= {int}, places)


# ---------------------------------------------------------------- one cell

_ORDINARY: Final = 10**SIGNIFICANT_DIGITS
_NUMBER = re.compile(r"[(\s]*[-+]?\s*[$€£]?\s*\d[\d,'\s]*(\.\d+)?\s*%?\s*\)?")
_NOT_DIGIT = re.compile(r"[^\d.]")
_SMALLEST, _LARGEST = 1e-300, 1e300
_DIGITS: Final = Context(prec=28)
NO_VALUE: Final = frozenset(("", "-", "–", "—", "n/a", "na", "nil", "none"))
"""What people write for nothing."""


def is_blank(value: CellValue) -> bool:
    """Whether a value is nothing to read."""
    return value is None or (isinstance(value, str) and not value.strip())


def counts(value: CellValue) -> bool:
    """Whether a value is a number, also one stored as text, or stands where one is missing."""
    if isinstance(value, (int, float)):
        return not isinstance(value, bool)
    if isinstance(value, str):
        return isinstance(value, ExcelError) or number_in(value) is not None
    return value is NOT_CALCULATED


def what_is(value: CellValue) -> tuple[CellKind, Exact | None]:
    """What kind of thing a value is in a cap table, and the number where it is one."""
    if value is None:
        return CellKind.BLANK, None
    if value is NOT_CALCULATED:
        return CellKind.NOT_CALCULATED, None
    if isinstance(value, ExcelError):
        return CellKind.ERROR, None
    if isinstance(value, (bool, date, time)):
        return CellKind.TEXT, None
    if isinstance(value, (int, float)):
        return _numeric(value)
    if value.strip().casefold() in NO_VALUE:
        return CellKind.BLANK, None
    number = number_in(value)
    return (CellKind.TEXT if number is None else CellKind.TEXT_NUMBER), number


def _numeric(value: float) -> tuple[CellKind, Exact | None]:
    if value and not _SMALLEST <= abs(value) <= _LARGEST:  # no sum of it could be shown
        return CellKind.ERROR, None
    try:
        return CellKind.NUMBER, from_number(value)
    except ValueError:
        return CellKind.ERROR, None


def _read_as(value: CellValue, kind: CellKind, formula: str) -> str:
    if kind is CellKind.NOT_CALCULATED:
        return formula
    if isinstance(value, ExcelError):
        return str(value)
    if isinstance(value, str):
        return value.strip()
    text = str(value)
    return text[:40] if kind is CellKind.ERROR else text


def number_in(value: object) -> Exact | None:
    """The number that a text spells, a percentage as a fraction, or None.

    >>> number_in("1,000,000"), number_in("12.5%"), number_in("(500)"), number_in("Series A")
    (1000000, Decimal('0.125'), -500, None)
    """
    text = value.strip() if isinstance(value, str) else ""
    if not text or not _NUMBER.fullmatch(text):
        return None
    number = _DIGITS.multiply(Decimal(_NOT_DIGIT.sub("", text)), Decimal(1))
    if "%" in text:
        number = _DIGITS.divide(number, Decimal(100))
    try:
        return from_number(-number if text.startswith("(") or "-" in text else number)
    except ValueError:  # digits without end, which no cell could hold as a number
        return None
