"""Columns of exact numbers on numpy: what makes 100,000 rows in one call cheap.

A column holds whole numbers below 2**53 in floats, which hold these exactly, and one power of ten
by which all of them are divided. How a cell gets there, and why the answers are those of the rule
computed number by number:

- A cell `x` is taken as `n / 10**k` only where dividing `n` by `10**k` gives `x` back, with
  `|n| < 10**15` and `k <= 15`. Both are exact as floats and IEEE 754 rounds a quotient
  correctly, so `x` is the float nearest to a decimal of at most 15 digits; that decimal is what 15
  digits of `x` show, which is how a cell is read.
- Sums, differences and products of such numbers are exact while they stay below 2**53. Rounding
  is monotonous, so a result that was rounded is not below 2**53: each result is looked at.
- An answer is one division of two such numbers: rounded once and correctly, as `to_float` rounds.

A row that does not fit is left open (NaN) and computed by the rule number by number: so are blanks,
errors, texts and numbers outside the domain of an argument. numpy is imported when the first long
range comes; where there is none, everything is computed number by number.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from xl_compliance.functions import long_ranges
from xl_compliance.functions.cells import Kind, Raw
from xl_compliance.rules.exact import Column, Exact, NotExact, exactly

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[Any]

_BEYOND_WHOLE: Final = 2.0**53
_BEYOND_DIGITS: Final = 1e15
_MOST_PLACES: Final = 15
_LAST_EXACT_POWER: Final = 22
_SAMPLE: Final = 256


@cache
def _numpy() -> Any:
    try:
        import numpy
    except ImportError:
        return None
    return numpy


def column_of(cells: list[Raw], kind: Kind, zeros: bool) -> Column | None:
    """The cells as a column; None without numpy."""
    np = _numpy()
    if np is None:
        return None
    if not set(map(type, cells)) <= {float, int}:
        cells = [cell if cell.__class__ in (float, int) else None for cell in cells]
    try:
        numbers = np.array(cells, dtype=float)
    except OverflowError:
        return None
    with np.errstate(invalid="ignore", over="ignore"):
        taken = numbers >= 0 if zeros else numbers > 0
        if kind.most is not None:
            taken &= numbers <= kind.most
        if not taken.all():
            numbers[~taken] = np.nan
        places = _places(np, numbers[:_SAMPLE])
        whole = _whole(np, numbers, places)
        if np.isnan(whole).sum() > (~taken).sum():
            places = _places(np, numbers)
            whole = _whole(np, numbers, places)
    return _Whole(whole, places)


def _whole(np: Any, numbers: Floats, places: int) -> Floats:
    """The numbers times a power of ten; NaN where that is not a whole number of 15 digits."""
    power = 10.0**places
    # Adding 0.0 makes a plain zero of a negative one.
    whole = np.rint(numbers * power) + 0.0
    fits = (whole / power == numbers) & (whole < _BEYOND_DIGITS)
    if not fits.all():
        whole[~fits] = np.nan
    return whole  # type: ignore[no-any-return]


def _places(np: Any, numbers: Floats) -> int:
    """With how many decimals most of the numbers fit, and no more decimals than that takes."""
    best, best_count, wanted = 0, -1, np.count_nonzero(~np.isnan(numbers))
    for places in range(_MOST_PLACES + 1):
        count = np.count_nonzero(~np.isnan(_whole(np, numbers, places)))
        if count > best_count:
            best, best_count = places, count
        if count == wanted:
            break
    return best


class _Whole(Column):
    """Whole numbers over one power of ten; NaN is a row left open."""

    def __init__(self, numbers: Floats, places: int, decimal: bool = False) -> None:
        self.numbers, self.places = numbers, places
        # Whether a decimal of the rule came in: the rule's answer is then a decimal in every row.
        self.decimal = decimal
        self._total: Exact | None = None

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, row: Any) -> Any:
        if isinstance(row, slice):
            return [self[each] for each in range(*row.indices(len(self)))]
        return self._number(int(self.numbers[row]))

    @exactly
    def _number(self, whole: int) -> Exact:
        divided, rest = divmod(whole, 10**self.places)
        return Decimal(whole).scaleb(-self.places).normalize() if rest else divided

    def __iter__(self) -> Iterator[Exact]:
        return map(self._number, map(int, self.numbers.tolist()))

    def count(self, value: Any) -> int:
        """None is in no column: the rows left open are not in one that a rule sees."""
        return 0 if value is None else sum(each == value for each in self)

    def is_complete(self) -> bool:
        """Whether no row is left open, and not all are 0."""
        return bool(self.numbers.sum() > 0)

    def __add__(self, other: Any) -> _Whole:
        ours, theirs, places, decimal = self._aligned(other)
        return _Whole(_exact(ours + theirs), places, decimal)

    __radd__ = __add__

    def __sub__(self, other: Any) -> _Whole:
        ours, theirs, places, decimal = self._aligned(other)
        return _Whole(_exact(ours - theirs), places, decimal)

    def __rsub__(self, other: Any) -> _Whole:
        ours, theirs, places, decimal = self._aligned(other)
        return _Whole(_exact(theirs - ours), places, decimal)

    def __mul__(self, other: Any) -> _Whole:
        theirs, places, decimal = _taken_apart(other)
        return _Whole(_exact(self.numbers * theirs), self.places + places, self.decimal or decimal)

    __rmul__ = __mul__

    def __floordiv__(self, other: Any) -> _Whole:
        np = _numpy()
        ours, theirs, _, decimal = self._aligned(other)
        # The floor of the rounded quotient is at most one off; multiplied back it shows.
        ours = _exact(ours + theirs) - theirs
        floor = np.floor(ours / theirs)
        rest = ours - floor * theirs
        floor = floor - (rest < 0) + (rest >= theirs)
        return _Whole(floor, 0, decimal)

    def __floor__(self) -> _Whole:
        if self.places:
            raise NotExact("a floor of decimals")
        return self

    def larger(self, other: Any) -> _Whole:
        """Row by row, the larger of the two numbers."""
        ours, theirs, places, _ = self._aligned(other)
        return _Whole(_numpy().maximum(ours, theirs), places)

    def smaller(self, other: Any) -> _Whole:
        """Row by row, the smaller of the two numbers."""
        ours, theirs, places, _ = self._aligned(other)
        return _Whole(_numpy().minimum(ours, theirs), places)

    def over(self, divisor: Any) -> Quotient:
        """Row by row, the quotient."""
        ours, theirs, _, _ = self._aligned(divisor)
        return Quotient(ours, theirs)

    def most(self) -> Exact:
        """The largest number of all rows."""
        return self._number(int(self.numbers.max()))

    def total(self) -> Exact:
        """The sum of the rows, which must all be there: worked out once."""
        if self._total is None:
            self._total = self._summed()
        return self._total

    def _summed(self) -> Exact:
        np = _numpy()
        largest = np.abs(self.numbers).max()
        if not largest * len(self) < _BEYOND_WHOLE:
            if np.isnan(largest):
                raise NotExact("a row is left open")
            whole = sum(map(int, self.numbers.tolist()))
        else:
            whole = int(self.numbers.sum())
        return self._sum(whole)

    @exactly
    def _sum(self, whole: int) -> Exact:
        """An `int` where every row is one, as a sum of numbers one by one has it."""
        power = 10**self.places
        if not self.places or not _numpy().fmod(self.numbers, float(power)).any():
            integer: Exact = whole // power
            return integer
        return Decimal(whole).scaleb(-self.places)

    def answers(self) -> tuple[list[Any], list[int]]:
        """The rows as cells hold them, and the rows left open."""
        if not self.decimal or self.places > _LAST_EXACT_POWER:
            raise NotExact("whether the rule's numbers are decimals is not known")
        return _answers(self.numbers / 10.0**self.places)

    def _aligned(self, other: Any) -> tuple[Any, Any, int, bool]:
        """Both numbers over the same power of ten."""
        theirs, places, decimal = _taken_apart(other)
        ours, most = self.numbers, max(self.places, places)
        if most > _LAST_EXACT_POWER:
            raise NotExact("too many decimals")
        if self.places < most:
            ours = _exact(ours * 10.0 ** (most - self.places))
        if places < most:
            theirs = _exact(theirs * 10.0 ** (most - places))
        return ours, theirs, most, self.decimal or decimal


class Quotient:
    """Row by row, a quotient of whole numbers: an answer, nothing to compute with."""

    def __init__(self, dividend: Floats, divisor: Floats) -> None:
        self.dividend, self.divisor = dividend, divisor

    def answers(self) -> tuple[list[Any], list[int]]:
        """The rows as cells hold them, and the rows left open."""
        np = _numpy()
        cells, left_open = _answers(self.dividend / self.divisor)
        # A quotient that is a whole number is an `int` to the rule.
        for row in np.flatnonzero(np.fmod(self.dividend, self.divisor) == 0).tolist():
            cells[row] = int(cells[row])
        return cells, left_open


def _answers(numbers: Floats) -> tuple[list[Any], list[int]]:
    return numbers.tolist(), _numpy().flatnonzero(_numpy().isnan(numbers)).tolist()


def _exact(result: Any) -> Any:
    """The result where it was not rounded; NaN where it may have been."""
    np = _numpy()
    if np.ndim(result) == 0:
        if not abs(result) < _BEYOND_WHOLE:
            raise NotExact("a number beyond 2**53")
        return result
    fits = np.abs(result) < _BEYOND_WHOLE
    if not fits.all():
        result[~fits] = np.nan
    return result


@exactly
def _taken_apart(other: Any) -> tuple[Any, int, bool]:
    """Whole numbers, the power of ten they are over, and whether that is a decimal of the rule."""
    if isinstance(other, _Whole):
        return other.numbers, other.places, other.decimal
    if isinstance(other, int):
        return _exact(float(other) if abs(other) < _BEYOND_WHOLE else float("inf")), 0, False
    if not isinstance(other, Decimal):
        raise NotExact(f"{type(other).__name__} in a column")
    exponent = other.as_tuple().exponent
    assert isinstance(exponent, int)
    places = max(-exponent, 0)
    whole = int(other.scaleb(places))
    if not abs(whole) < _BEYOND_WHOLE:
        raise NotExact("a number beyond 2**53")
    return float(whole), places, True


long_ranges.use(column_of)
