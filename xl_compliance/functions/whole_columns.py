"""Columns of exact numbers on the standard library: long ranges where nothing quicker is there.

A column holds whole numbers and one power of ten by which all of them are divided. A cell `x` is
taken as `n / 10**k` only where dividing `n` by `10**k` gives `x` back, with `n < 10**15` and
`k <= 15`: then `x` is the float nearest to a decimal of at most 15 digits, and that decimal is what
15 digits of `x` show, which is how a cell is read. Whole numbers of Python are never rounded, and
neither are sums, differences and products of them; an answer is one division, rounded once.

A row that is not taken is left open and computed by the rule number by number: blanks, errors,
texts, numbers outside the domain of an argument or with more digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import repeat
from math import isfinite
from operator import add, floordiv, mul, sub, truediv
from typing import Any, Final

from xl_compliance.functions.cells import Kind, Raw
from xl_compliance.rules.exact import SIGNIFICANT_DIGITS, Column, Exact, NotExact, exactly

_BEYOND_DIGITS: Final = 10**SIGNIFICANT_DIGITS
_SAMPLE: Final = 256
# What stands in a row that is left open: no operation fails on it, and no answer is taken from it.
_OPEN: Final = 1.0


def column_of(cells: list[Raw], kind: Kind, zeros: bool) -> Column | None:
    """The cells as a column; None where hardly any of them holds a number."""
    numbers, left_open = _in_domain(_floats(cells), kind, zeros)
    if 2 * len(left_open) > len(cells):
        return None
    whole, places, misfits = _whole(numbers, _places(numbers[:_SAMPLE]))
    if misfits:
        further = _places([numbers[row] for row in misfits])
        if further > places:
            whole, places, misfits = _whole(numbers, further)
    return _Whole(whole, places, left_open | misfits)


def _floats(cells: list[Raw]) -> list[float]:
    """The cells as floats, NaN where one is no number that a float holds."""
    if set(map(type, cells)) == {float}:
        return cells
    return [
        cell
        if cell.__class__ is float
        else float(cell)
        if cell.__class__ is int and abs(cell) < _BEYOND_DIGITS
        else float("nan")
        for cell in cells
    ]


def _in_domain(numbers: list[float], kind: Kind, zeros: bool) -> tuple[list[float], frozenset[int]]:
    """The numbers, those outside the kind's domain replaced, and the rows of these."""
    most = float(_BEYOND_DIGITS if kind.most is None else kind.most)
    if all(map(isfinite, numbers)) and max(numbers) <= most:
        least = min(numbers)
        if least > 0 or (zeros and least == 0):
            return numbers, frozenset()
    outside = frozenset(
        row
        for row, number in enumerate(numbers)
        if not (0.0 < number <= most or (zeros and number == 0.0))
    )
    return [_OPEN if row in outside else number for row, number in enumerate(numbers)], outside


def _places(numbers: Sequence[float]) -> int:
    """The most decimals that one of them has, of those with no more than 15 digits."""
    return max(map(_decimals, numbers), default=0)


def _decimals(number: float) -> int:
    text = repr(number)
    if len(text) > SIGNIFICANT_DIGITS + 1 or "e" in text:
        return 0
    fraction = text.partition(".")[2]
    return 0 if fraction == "0" else len(fraction)


def _whole(numbers: list[float], places: int) -> tuple[list[int], int, frozenset[int]]:
    """The numbers times a power of ten, its exponent, and the rows where that does not fit."""
    if not places and all(map(float.is_integer, numbers)) and max(numbers) < _BEYOND_DIGITS:
        return list(map(int, numbers)), 0, frozenset()
    power = 10.0**places
    whole = [round(number * power) for number in numbers]
    again = list(map(truediv, whole, repeat(power)))
    if again == numbers and max(whole) < _BEYOND_DIGITS:
        return whole, places, frozenset()
    misfits = frozenset(
        row
        for row, (number, times, back) in enumerate(zip(numbers, whole, again, strict=True))
        if back != number or times >= _BEYOND_DIGITS
    )
    return whole, places, misfits


class _Whole(Column):
    """Whole numbers over one power of ten, and the rows among them that are left open."""

    def __init__(
        self,
        numbers: list[int],
        places: int,
        left_open: frozenset[int] = frozenset(),
        decimal: bool = False,
    ) -> None:
        self.numbers, self.places, self.left_open = numbers, places, left_open
        # Whether a decimal of the rule came in: the rule's answer is then a decimal in every row.
        self.decimal = decimal
        self._total: Exact | None = None

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, row: Any) -> Any:
        if isinstance(row, slice):
            return list(map(self._number, self.numbers[row]))
        return self._number(self.numbers[row])

    @exactly
    def _number(self, whole: int) -> Exact:
        divided, rest = divmod(whole, 10**self.places)
        return Decimal(whole).scaleb(-self.places).normalize() if rest else divided

    def __iter__(self) -> Iterator[Exact]:
        return map(self._number, self.numbers)

    def count(self, value: Any) -> int:
        """None is in no column: the rows left open are not in one that a rule sees."""
        return 0 if value is None else sum(each == value for each in self)

    def is_complete(self) -> bool:
        """Whether no row is left open, and not all are 0."""
        return not self.left_open and any(self.numbers)

    def __add__(self, other: Any) -> _Whole:
        return self._with(add, other)

    __radd__ = __add__

    def __sub__(self, other: Any) -> _Whole:
        return self._with(sub, other)

    def __rsub__(self, other: Any) -> _Whole:
        return self._with(lambda ours, theirs: theirs - ours, other)

    def __mul__(self, other: Any) -> _Whole:
        them = self._taken(other)
        numbers = list(map(mul, self.numbers, them.numbers))
        return self._made(numbers, self.places + them.places, them)

    __rmul__ = __mul__

    def __floordiv__(self, other: Any) -> _Whole:
        floors = self._with(floordiv, other)
        return _Whole(floors.numbers, 0, floors.left_open, floors.decimal)

    def __floor__(self) -> _Whole:
        if self.places:
            raise NotExact("a floor of decimals")
        return self

    def larger(self, other: Any) -> _Whole:
        """Row by row, the larger of the two numbers."""
        return self._with(max, other)

    def smaller(self, other: Any) -> _Whole:
        """Row by row, the smaller of the two numbers."""
        return self._with(min, other)

    def over(self, divisor: Any) -> Quotient:
        """Row by row, the quotient."""
        ours, theirs = self._aligned(self._taken(divisor))
        return Quotient(ours.numbers, theirs.numbers, ours.left_open | theirs.left_open)

    def most(self) -> Exact:
        """The largest number of all rows."""
        return self._number(max(self.numbers))

    def total(self) -> Exact:
        """The sum of the rows, which must all be there: worked out once."""
        if self.left_open:
            raise NotExact("a row is left open")
        if self._total is None:
            self._total = self._summed(sum(self.numbers))
        return self._total

    @exactly
    def _summed(self, whole: int) -> Exact:
        """An `int` where every row is one, as a sum of numbers one by one has it."""
        power = 10**self.places
        if not self.places or not any(number % power for number in self.numbers):
            integer: Exact = whole // power
            return integer
        return Decimal(whole).scaleb(-self.places)

    def answers(self) -> tuple[list[Any], list[int]]:
        """The rows as cells hold them, and the rows left open."""
        if not self.decimal:
            raise NotExact("whether the rule's numbers are decimals is not known")
        power = 10**self.places
        return [number / power for number in self.numbers], sorted(self.left_open)

    def _with(self, operation: Callable[[int, int], int], other: Any) -> _Whole:
        """Row by row, both numbers over the same power of ten."""
        ours, theirs = self._aligned(self._taken(other))
        try:
            numbers = list(map(operation, ours.numbers, theirs.numbers))
        except ZeroDivisionError:
            raise NotExact("a row is divided by 0") from None
        return ours._made(numbers, ours.places, theirs)

    def _made(self, numbers: list[int], places: int, other: _Whole) -> _Whole:
        left_open = self.left_open | other.left_open
        return _Whole(numbers, places, left_open, self.decimal or other.decimal)

    @exactly
    def _taken(self, other: Any) -> _Whole:
        """The other number as a column: it is one, or the same number in every row."""
        if isinstance(other, _Whole):
            return other
        if isinstance(other, int):
            return _Whole([other] * len(self), 0)
        if not isinstance(other, Decimal):
            raise NotExact(f"{type(other).__name__} in a column")
        exponent = other.as_tuple().exponent
        assert isinstance(exponent, int)
        places = max(-exponent, 0)
        return _Whole([int(other.scaleb(places))] * len(self), places, decimal=True)

    def _aligned(self, other: _Whole) -> tuple[_Whole, _Whole]:
        most = max(self.places, other.places)
        return self._over(most), other._over(most)

    def _over(self, places: int) -> _Whole:
        """The same numbers over a larger power of ten."""
        if places == self.places:
            return self
        power = 10 ** (places - self.places)
        numbers = [number * power for number in self.numbers]
        return _Whole(numbers, places, self.left_open, self.decimal)


class Quotient:
    """Row by row, a quotient of whole numbers: an answer, nothing to compute with."""

    def __init__(
        self, dividends: list[int], divisors: list[int], left_open: frozenset[int]
    ) -> None:
        self.dividends, self.divisors, self.left_open = dividends, divisors, left_open

    def answers(self) -> tuple[list[Any], list[int]]:
        """The rows as cells hold them, and the rows left open.

        A quotient that is a whole number is an `int` to the rule.
        """
        try:
            cells = [
                dividend / divisor if dividend % divisor else dividend // divisor
                for dividend, divisor in zip(self.dividends, self.divisors, strict=True)
            ]
        except ZeroDivisionError:
            raise NotExact("a row is divided by 0") from None
        return cells, sorted(self.left_open)
