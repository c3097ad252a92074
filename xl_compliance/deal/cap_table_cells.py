"""The cells of a cap table: what each one holds, read once, column by column."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Context, Decimal
from enum import Enum
from functools import cached_property
from typing import Final

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
    def _classified(self) -> tuple[list[CellKind], list[Exact | None]]:
        kinds: list[CellKind] = []
        values: list[Exact | None] = []
        number, blank = CellKind.NUMBER, CellKind.BLANK
        for raw in self.raw:
            if raw.__class__ is int and -_ORDINARY < raw < _ORDINARY:
                kinds.append(number)
                values.append(raw)
            elif raw is None:
                kinds.append(blank)
                values.append(None)
            else:
                kind, value = what_is(raw)
                kinds.append(kind)
                values.append(value)
        return kinds, values

    @property
    def kinds(self) -> list[CellKind]:
        """What each cell holds."""
        return self._classified[0]

    @property
    def values(self) -> list[Exact | None]:
        """The number in each cell, None where there is none."""
        return self._classified[1]

    @cached_property
    def numbers(self) -> list[Exact]:
        """The number in each cell, 0 where there is none."""
        return [value or 0 for value in self.values]

    @cached_property
    def all_whole(self) -> bool:
        """Whether every number is a whole one of ordinary size."""
        return set(map(type, self.values)) <= {int, type(None)}

    @cached_property
    def pending(self) -> frozenset[int]:
        """Where a number is missing: errors, and formulas without a result."""
        return self._where(CellKind.ERROR, CellKind.NOT_CALCULATED)

    @cached_property
    def texts(self) -> frozenset[int]:
        """Where a number is stored as text, which sums in Excel leave out."""
        return self._where(CellKind.TEXT_NUMBER)

    @cached_property
    def filled(self) -> frozenset[int]:
        """Where something stands."""
        blank = CellKind.BLANK
        return frozenset(i for i, kind in enumerate(self.kinds) if kind is not blank)

    @cached_property
    def found(self) -> frozenset[CellKind]:
        """The kinds of cells that there are."""
        return frozenset(self.kinds)

    def may_hold(self, least: int) -> bool:
        """Whether any number may be as large as this; no is sure, without reading them exactly."""
        near, digits = least - least // 100, len(str(least))
        return any(
            abs(it) >= near
            if isinstance(it, int | float)
            else isinstance(it, str) and len(it) >= digits
            for it in self.raw
        )

    def _where(self, *kinds: CellKind) -> frozenset[int]:
        if self.found.isdisjoint(kinds):
            return frozenset()
        return frozenset(i for i, kind in enumerate(self.kinds) if kind in kinds)


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
    if isinstance(value, int | float):
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
    if isinstance(value, bool | date | time):
        return CellKind.TEXT, None
    if isinstance(value, int | float):
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
    return from_number(-number if text.startswith("(") or "-" in text else number)
