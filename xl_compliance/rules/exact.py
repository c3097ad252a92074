"""Exact numbers: what a rule computes with, from the cell to the comparison.

A number is an `int`, a `Decimal` or a `Fraction`, never a `float`. Whole numbers are `int`; a
price keeps the decimals that were typed; a quotient that has no finite decimal is a `Fraction`.
The three compare with each other exactly. Binary floating point would put 364 cent-price pairs
below $100 on the wrong side of a 15% discount.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import (
    MAX_EMAX,
    MIN_EMIN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Clamped,
    Context,
    Decimal,
    DivisionByZero,
    FloatOperation,
    Inexact,
    InvalidOperation,
    Overflow,
    getcontext,
    setcontext,
)
from fractions import Fraction
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

Exact = int | Decimal | Fraction

P = ParamSpec("P")
T = TypeVar("T")

SIGNIFICANT_DIGITS = 15
_LARGEST_EXPONENT = 307
_SMALLEST_EXPONENT = -308
_WHOLE_AT_FULL_PRECISION = 10**SIGNIFICANT_DIGITS

# Rounding is a trap, not a setting: arithmetic under this context is exact or raises. The
# precision holds the product of any two numbers that Excel can store.
EXACT = Context(
    prec=2000,
    Emax=MAX_EMAX,
    Emin=MIN_EMIN,
    traps=[Inexact, InvalidOperation, DivisionByZero, Overflow, Clamped, FloatOperation],
)
_AS_EXCEL_SHOWS = Context(prec=SIGNIFICANT_DIGITS, rounding=ROUND_HALF_EVEN, traps=[])


class NotExact(ArithmeticError):
    """A column cannot compute this exactly: it is to be computed number by number."""


if TYPE_CHECKING:
    _Rows = Sequence[Exact]
else:
    # A plain class: asking whether a number is one of an abstract class takes far longer.
    _Rows = object


class Column(_Rows):
    """The numbers of many rows, computed with at once and exactly.

    It is a sequence of numbers wherever a rule takes one, and a number wherever arithmetic is done:
    row by row with another column, or with one number for all rows. No result is rounded. Whoever
    makes a column defines `+ - * //` and the following; `Any` stands where a number would.
    """

    def is_complete(self) -> bool:
        """Whether every row has a number, and not all are 0."""
        raise NotImplementedError

    def larger(self, other: Any) -> Any:
        """Row by row, the larger of the two numbers."""
        raise NotImplementedError

    def smaller(self, other: Any) -> Any:
        """Row by row, the smaller of the two numbers."""
        raise NotImplementedError

    def over(self, divisor: Any) -> Any:
        """Row by row, the quotient."""
        raise NotImplementedError

    def total(self) -> Exact:
        """The sum of the rows."""
        raise NotImplementedError

    def most(self) -> Exact:
        """The largest number of all rows."""
        raise NotImplementedError


def exactly(function: Callable[P, T]) -> Callable[P, T]:
    """Run `function` under arithmetic that never rounds.

    >>> exactly(lambda: Decimal("5059747.000000000000001") * Decimal("0.2"))()
    Decimal('1011949.4000000000000002')
    """

    @wraps(function)
    def within(*args: P.args, **kwargs: P.kwargs) -> T:
        outer = getcontext()
        if outer is EXACT:
            return function(*args, **kwargs)
        setcontext(EXACT)
        try:
            return function(*args, **kwargs)
        finally:
            setcontext(outer)

    return within


def from_number(number: float | Decimal | Fraction) -> Exact:
    """A number as Excel shows it: 15 significant digits, then exact.

    Raises `ValueError` for a number that is not finite, or that no cell can hold.

    >>> from_number(0.1 + 0.2), from_number(5111.86 * 100), from_number(1e15 / 3)
    (Decimal('0.3'), 511186, 333333333333333)
    """
    if isinstance(number, float):
        return from_float(number)
    if isinstance(number, int):
        if -_WHOLE_AT_FULL_PRECISION < number < _WHOLE_AT_FULL_PRECISION:
            return int(number)
        return _normal(_storable(_AS_EXCEL_SHOWS.create_decimal(number)))
    if isinstance(number, Decimal):
        if not number.is_finite():
            raise ValueError(f"{number} is not a finite number")
        return _normal(_storable(_AS_EXCEL_SHOWS.create_decimal(number)))
    ratio = _AS_EXCEL_SHOWS.divide(Decimal(number.numerator), Decimal(number.denominator))
    return _normal(_storable(ratio))


def _storable(number: Decimal) -> Decimal:
    if number and not _SMALLEST_EXPONENT <= number.adjusted() <= _LARGEST_EXPONENT:
        raise ValueError(f"{number:.3E} is beyond the numbers that a cell can hold")
    return number


def from_float(number: float) -> Exact:
    """A floating-point number as Excel shows it, as `from_number` reads it."""
    if -_WHOLE_AT_FULL_PRECISION < number < _WHOLE_AT_FULL_PRECISION and number.is_integer():
        return int(number)
    # What Python prints is the shortest text that reads back as the number: where it has no more
    # than 15 digits they are Excel's 15.
    return from_decimals(number)


def from_decimals(number: float) -> Exact:
    """As `from_float`, of a number that is known not to be whole."""
    text = repr(number)
    if "." in text and "e" not in text and len(text) <= SIGNIFICANT_DIGITS + 1:
        return Decimal(text)
    text = f"{number:.15g}"
    if "." in text and "e" not in text:
        return Decimal(text)
    if number - number != 0:
        raise ValueError(f"{number} is not a finite number")
    return _normal(Decimal(text))


def _normal(number: Decimal) -> Exact:
    """An `int` where the decimal is a whole number of ordinary size."""
    exponent = number.as_tuple().exponent
    if exponent == 0:
        return int(number)
    if isinstance(exponent, int) and exponent < 0 and number == number.to_integral_value():
        return int(number)
    return number


def quotient(dividend: Exact, divisor: Exact) -> Exact:
    """`dividend / divisor`, exactly.

    >>> quotient(1022372, 5059747), quotient(Decimal("730995.98"), 511186)
    (Fraction(1022372, 5059747), Decimal('1.43'))
    """
    if dividend.__class__ is int and divisor.__class__ is int:
        ratio = Fraction(dividend, divisor)
    elif isinstance(dividend, Column):
        return cast(Exact, dividend.over(divisor))
    else:
        above, below = dividend.as_integer_ratio()
        times_above, times_below = divisor.as_integer_ratio()
        ratio = Fraction(above * times_below, below * times_above)
    denominator = ratio.denominator
    if denominator == 1:
        return ratio.numerator
    twos = (denominator & -denominator).bit_length() - 1
    rest, fives = denominator >> twos, 0
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return ratio
    places = max(twos, fives)
    return EXACT.scaleb(Decimal(ratio.numerator * 10**places // denominator), -places)


def quotient_shown(dividend: Exact, divisor: Exact) -> int | float | Exact:
    """`quotient` as a cell shows it, rounded once: much quicker where nothing computes on.

    >>> quotient_shown(1022372, 5059747), quotient_shown(Decimal("8.5"), Decimal("0.5"))
    (0.20205990536680984, 17)
    """
    if not (dividend.__class__ is int and divisor.__class__ is int):
        above, below = dividend.as_integer_ratio()
        times_above, times_below = divisor.as_integer_ratio()
        dividend, divisor = above * times_below, below * times_above
    try:
        return dividend / divisor if dividend % divisor else dividend // divisor
    except OverflowError:
        return quotient(dividend, divisor)


def plus(a: Exact, b: Exact) -> Exact:
    """The exact sum of two numbers of any kind; call it under `exactly`.

    >>> plus(Decimal("1.5"), Fraction(1, 3))
    Fraction(11, 6)
    """
    try:
        return a + b  # type: ignore[operator]
    except TypeError:
        return Fraction(a) + Fraction(b)


def minus(a: Exact, b: Exact) -> Exact:
    """The exact difference of two numbers of any kind; call it under `exactly`."""
    try:
        return a - b  # type: ignore[operator]
    except TypeError:
        return Fraction(a) - Fraction(b)


def times(a: Exact, b: Exact) -> Exact:
    """The exact product of two numbers of any kind; call it under `exactly`."""
    try:
        return a * b  # type: ignore[operator]
    except TypeError:
        return Fraction(a) * Fraction(b)


def larger(a: Exact, b: Exact) -> Exact:
    """The larger of two numbers, the first where they are equal; of columns, row by row."""
    if isinstance(b, Column):
        return cast(Exact, b.larger(a))
    return a if a >= b else b


def smaller(a: Exact, b: Exact) -> Exact:
    """The smaller of two numbers, the first where they are equal; of columns, row by row."""
    if isinstance(a, Column):
        return cast(Exact, a.smaller(b))
    if isinstance(b, Column):
        return cast(Exact, b.smaller(a))
    return a if a <= b else b


def magnitude(number: Exact) -> Exact:
    """The number without its sign."""
    return minus(0, number) if number < 0 else number


def total(numbers: Iterable[Exact]) -> Exact:
    """The exact sum.

    >>> total([999700, 342465, Decimal("0.5")])
    Decimal('1342165.5')
    """
    if isinstance(numbers, (list, tuple)):
        if len(numbers) == 1:
            only: Exact = numbers[0]
            return only
        if isinstance(numbers, Parts):
            return numbers.sum
    elif isinstance(numbers, Column):
        return numbers.total()
    return _sum(numbers)


class Parts(tuple[Exact, ...]):
    """Numbers of one range: their sum is worked out once, however many rows ask for it."""

    @cached_property
    def sum(self) -> Exact:
        """Their exact sum."""
        return _sum(self)


@exactly
def _sum(numbers: Iterable[Exact]) -> Exact:
    result: Exact = 0
    for number in numbers:
        result = plus(result, number)
    return result


def floor(number: Exact) -> int:
    """The largest whole number that is not above `number`."""
    return number if number.__class__ is int else number.__floor__()


def ceiling(number: Exact) -> int:
    """The smallest whole number that is not below `number`."""
    return number if isinstance(number, int) else number.__ceil__()


def to_float(number: Exact) -> float:
    """The float nearest to `number`: the one rounding, on the way out.

    Raises `OverflowError` beyond what a cell can hold.

    >>> to_float(quotient(1022372, 5059747))
    0.20205990536680984
    """
    if isinstance(number, int):
        return float(number)
    if isinstance(number, Fraction):
        return number.numerator / number.denominator
    result = float(number)
    if result - result != 0:
        raise OverflowError("beyond what a cell can hold")
    return result


def rounded_half_up(number: Exact, places: int) -> Decimal:
    """`number` at so many decimal places, half up, as filings round.

    >>> rounded_half_up(Fraction(1, 8), 2), rounded_half_up(Decimal("36.2489"), 1)
    (Decimal('0.13'), Decimal('36.2'))
    """
    scaled = Fraction(number) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Context(prec=2000, rounding=ROUND_HALF_UP).scaleb(Decimal(whole), -places)


def cut_off(number: Exact, places: int) -> Decimal:
    """`number` at so many decimal places, what is beyond them left out, as some filings do.

    >>> cut_off(Decimal("8.6566"), 2), cut_off(Fraction(-1, 3), 1)
    (Decimal('8.65'), Decimal('-0.3'))
    """
    whole = int(Fraction(number) * 10**places)
    return Context(prec=2000).scaleb(Decimal(whole), -places)


def plain(number: Exact, places: int = 6) -> str:
    """A number for a reader: thousands separated, no exponent.

    A fraction without end is cut after `places` decimals, not rounded: nothing is carried over.

    >>> plain(5059747), plain(Decimal("1.430")), plain(Fraction(2, 3)), plain(Decimal("1E+3"))
    ('5,059,747', '1.43', '0.666666...', '1,000')
    """
    if isinstance(number, int):
        return f"{number:,d}"
    if isinstance(number, Fraction):
        cut = int(number * 10**places)
        sign = "-" if number < 0 and cut == 0 else ""
        return f"{sign}{Decimal(cut).scaleb(-places):,f}..."
    return _untailed(f"{number:,f}")


def _untailed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(fraction: Exact, *lines: Exact, places: int = 3) -> str:
    """A fraction as a percentage that no rounding carries across one of the `lines`.

    Nor is it rounded to a whole percentage that it is not: thresholds stand there.

    >>> percent(quotient(1022372, 5059747)), percent(Decimal("0.2"))
    ('20.206%', '20%')
    >>> percent(quotient(19999999, 100000000)), percent(Decimal("0.19989999"), Decimal("0.1999"))
    ('19.999999%', '19.989999%')
    """
    exact = Fraction(fraction)
    marks = [Fraction(line) for line in lines]
    for digits in range(places, 40):
        shown = rounded_half_up(exact * 100, digits)
        if shown == shown.to_integral_value() and shown != exact * 100:
            continue
        if all(_side(Fraction(shown) / 100, mark) == _side(exact, mark) for mark in marks):
            return f"{_untailed(f'{shown:,f}')}%"
    mark = min((Fraction(round(exact * 100), 100), *marks), key=lambda m: abs(exact - m))
    return f"just {'over' if exact > mark else 'under'} {percent(mark)}"


def _side(number: Fraction, line: Fraction) -> int:
    return (number > line) - (number < line)
