"""Long ranges at once give what the rule gives number by number: the same values, the same types."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
import rule_oracle as oracle
from hypothesis import example, given
from hypothesis import strategies as st

from xl_compliance import call, columns, explain
from xl_compliance.functions import long_ranges
from xl_compliance.functions.cells import HOLDING, PRICE, read_number
from xl_compliance.functions.registry import all_functions, find
from xl_compliance.rules.exact import exactly, from_float, from_number, plus, quotient

ROWS = long_ranges.LONG + 3
FIGURES = [function.name for function in all_functions() if function.figure]
ONE_VALUE = {
    "DISCOUNTPCT": 2,
    "WARRANTVALUE": 3,
    "UNITFLOOR": 4,
    "EFFECTIVEPRICE": 5,
}
SUMMED_OR_ROWS = {
    "ISSUANCEPCT": lambda a, b: (a, b),
    "BENEFICIALSHARES": lambda a, b: (a, b),
    "BENEFICIALPCT": lambda a, b: (a, b, 1e12),
    "TSX606": lambda a, b: (8.5, 10, True, 40_000_003, a, b, 250_000_007),
    "TSX606EXCESS": lambda a, b: (8.5, 10, True, 40_000_003, a, b, 250_000_007),
    "NASDAQ5635D": lambda a, b: (9.99, 10, a, b, 1, 5),
}

CENTS = st.integers(1, 2_000).map(lambda n: n / 100)
TICKS = st.integers(1, 200_000).map(lambda n: n / 10_000)
AWKWARD = st.sampled_from(
    [
        None,
        "",
        " ",
        "1,250.50",
        "15%",
        "#REF!",
        "#N/A",
        "abc",
        True,
        False,
        0.0,
        -0.0,
        0,
        -1.5,
        1,
        10**15 - 1,
        10**15,
        10**400,
        2**53,
        2.0**53,
        1e15,
        999999999999999.0,
        99999999999999.5,
        1e300,
        5e-324,
        1e-9,
        0.1 + 0.2,
        1 / 3,
        100 * 1.1,
        0.15000000000000002,
        float("nan"),
        float("inf"),
        Decimal("12.345"),
        Fraction(1, 3),
    ]
)
ANY_FLOAT = st.floats(allow_nan=True, allow_infinity=True)
PLAIN_COLUMN = st.one_of(CENTS, TICKS, st.integers(0, 50_000).map(float))
MIXED_COLUMN = st.one_of(CENTS, CENTS, CENTS, TICKS, AWKWARD, ANY_FLOAT)


@st.composite
def ranges(draw: st.DrawFn, cells: st.SearchStrategy[Any], rows: int = ROWS) -> list[list[Any]]:
    """A long column made of a few drawn cells, over and over."""
    drawn = draw(st.lists(cells, min_size=1, max_size=12))
    step = draw(st.integers(1, 12))
    return [[drawn[row * step % len(drawn)]] for row in range(rows)]


@contextmanager
def number_by_number() -> Iterator[None]:
    makers = long_ranges._MAKERS[:]
    long_ranges._MAKERS.clear()
    try:
        yield
    finally:
        long_ranges._MAKERS[:] = makers


def typed(answer: Any) -> Any:
    """The answer with its types: 0 is not 0.0, and -0.0 is neither."""
    if isinstance(answer, list):
        return [[(type(cell), repr(cell)) for cell in row] for row in answer]
    return type(answer), repr(answer)


def single(name: str, arguments: list[Any], row: int) -> Any:
    return call(name, *[a[row][0] if isinstance(a, list) else a for a in arguments])


def test_columns_are_made_here() -> None:
    assert [columns.column_of] == long_ranges._MAKERS
    assert sorted(ONE_VALUE) == sorted(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
@given(st.data())
def test_spilled_is_each_row_called(name: str, data: st.DataObject) -> None:
    arguments = [
        data.draw(st.one_of(ranges(PLAIN_COLUMN), ranges(MIXED_COLUMN), MIXED_COLUMN))
        for _ in range(ONE_VALUE[name])
    ]
    if not any(isinstance(argument, list) for argument in arguments):
        arguments[0] = data.draw(ranges(MIXED_COLUMN))
    at_once = call(name, *arguments)
    assert typed(at_once) == typed([[single(name, arguments, row)] for row in range(ROWS)])
    with number_by_number():
        assert typed(call(name, *arguments)) == typed(at_once)


@pytest.mark.parametrize("name", SUMMED_OR_ROWS)
@given(st.data())
def test_a_range_at_once_is_the_range_number_by_number(name: str, data: st.DataObject) -> None:
    cells = data.draw(st.sampled_from([PLAIN_COLUMN, PLAIN_COLUMN, MIXED_COLUMN]))
    arguments = SUMMED_OR_ROWS[name](data.draw(ranges(cells)), data.draw(ranges(cells)))
    at_once = call(name, *arguments)
    with number_by_number():
        assert typed(call(name, *arguments)) == typed(at_once)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("xl_compliance.functions.registry.LONG", 10**9)
            assert typed(call(name, *arguments)) == typed(at_once)


@given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 400))
def test_each_insider_on_the_line(part: int, most: int, others: int) -> None:
    """Pro rata that comes out whole, and one security to either side."""
    held = [[float(n % most + 1)] for n in range(ROWS)]
    outstanding = int(sum(h for (h,) in held)) + others
    offering = max(1, outstanding * part // 20)
    room = [int(h) * offering // outstanding for (h,) in held]
    bought = [[float(max(0, r + n % 3 - 1))] for n, r in enumerate(room)]
    expected = sum(max(0, int(b) - r) for (b,), r in zip(bought, room, strict=True))
    answer = call("TSX606EXCESS", 9, 10, True, offering, bought, held, outstanding)
    if any(b for (b,) in bought):
        assert typed(answer) == typed(expected)


def test_discounts_on_the_line() -> None:
    """Every pair of cents below 100 on the side of 15% where it is; floats misplace some."""
    references = [[(n + 1) * 20 / 100] for n in range(500)]
    prices = [[(n + 1) * 17 / 100] for n in range(500)]
    assert {answer for (answer,) in call("DISCOUNTPCT", prices, references)} == {0.15}
    inexact = {(r - p) / r for (p,), (r,) in zip(prices, references, strict=True)}
    assert len(inexact) > 1


def test_insiders_who_hold_more_together_than_there_is() -> None:
    arguments = ("TSX606", 9, 10, True, 1000, [[1.0]] * ROWS, [[10.0]] * ROWS)
    assert call(*arguments, 10 * ROWS) == "606"
    assert call(*arguments, 10 * ROWS - 1) == "#NUM!"
    reason = f"insiders hold {10 * ROWS:,} together of {10 * ROWS - 1:,} outstanding"
    assert reason in str(explain(*arguments, 10 * ROWS - 1)[-1])


@pytest.mark.parametrize("place", [0, 100, ROWS - 1])
def test_an_insider_who_holds_more_than_there_is(place: int) -> None:
    held = [[10.0] for _ in range(ROWS)]
    held[place] = [101.0]
    arguments = ("TSX606", 9, 10, True, 1000, [[1.0]] * ROWS, held, 100)
    assert call(*arguments) == "#NUM!"
    assert f"insider {place + 1} holds" in str(explain(*arguments)[-1])


def test_sums_beyond_what_floats_hold() -> None:
    shares = [[999_999_999_999_999.0] for _ in range(ROWS)]
    assert call("BENEFICIALSHARES", 0, shares) == 999_999_999_999_999 * ROWS
    excess = call("TSX606EXCESS", 9, 10, True, 1e14, shares, shares, 1e18)
    room = 999_999_999_999_999 * 10**14 // 10**18
    assert excess == (999_999_999_999_999 - room) * ROWS


def test_the_working_of_a_long_range_has_every_row() -> None:
    shares = [[1.5] for _ in range(ROWS)]
    items = [row[0] for row in explain("ISSUANCEPCT", shares, 1e6)]
    assert f"Issuable, component {ROWS}" in items


@given(st.lists(st.one_of(CENTS, TICKS, ANY_FLOAT), min_size=1, max_size=40))
@example([0.1 + 0.2, 0.3])
@example([1e22, 123456789012345.6])
def test_a_column_holds_what_a_cell_is_read_as(cells: list[float]) -> None:
    column = columns.column_of(list(cells), HOLDING, True)
    assert column is not None
    for row, cell in enumerate(cells):
        if column.numbers[row] == column.numbers[row]:  # type: ignore[attr-defined]
            assert column[row] == from_number(cell)
            assert type(column[row]) is type(from_number(cell))


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(0.1 + 0.2)
@example(99999999999999.95)
@example(123456789012.345)
@example(1e-5)
@example(5e-324)
def test_a_float_is_read_at_fifteen_digits(number: float) -> None:
    assert from_float(number) == Decimal(f"{number:.15g}")


NUMBERS = st.one_of(
    st.integers(-(10**18), 10**18),
    st.decimals(
        allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9
    ),
    st.fractions(max_denominator=10**6),
)


@given(NUMBERS, NUMBERS)
def test_quotients_and_sums_are_exact(a: Any, b: Any) -> None:
    assert Fraction(exactly(plus)(a, b)) == Fraction(a) + Fraction(b)
    if b:
        ratio = quotient(a, b)
        assert Fraction(ratio) == Fraction(a) / Fraction(b)
        assert isinstance(ratio, int) == (Fraction(ratio).denominator == 1)


@pytest.mark.parametrize("function", all_functions(), ids=lambda function: function.name)
@given(cell=st.one_of(AWKWARD, ANY_FLOAT, CENTS))
def test_what_is_made_to_read_quickly_reads_the_same(function: Any, cell: Any) -> None:
    def outcome_of(read: Any) -> Any:
        try:
            return repr(read())
        except Exception as problem:
            return repr(problem)

    for argument in function.arguments[:4]:
        quick = argument.reader(function.numeric)
        assert outcome_of(lambda: quick(cell)) == outcome_of(  # noqa: B023
            lambda: argument.read(cell, function.numeric)  # noqa: B023
        )


def test_reading_and_kind_agree() -> None:
    assert find("DISCOUNTPCT").arguments[0].kind is PRICE
    assert oracle.nearest_float(Fraction(read_number(0.15))) == 0.15
