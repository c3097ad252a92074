"""Sums of a cap table's cells, exact, and the room that rounding leaves them.

A number that was rounded is given the room its own digits leave, and no more. What is asked of
many rows is added up once from the top, so that the sum of any stretch is one subtraction.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache, wraps
from itertools import accumulate
from typing import Any, Concatenate, Final, ParamSpec, TypeVar, cast

from xl_compliance.deal.cap_table import CapTable, Column
from xl_compliance.deal.cap_table_cells import Holding, decimals_of
from xl_compliance.rules.exact import Exact, exactly, magnitude, times, total
from xl_compliance.workbook.number_formats import decimals_shown, shows_percent

P = ParamSpec("P")
T = TypeVar("T")

COMPUTED: Final = Decimal("1e-12")
"""A quotient and a sum that Excel computed agree with the exact ones to this part of themselves."""
_FLOAT_DIGITS = 15


def kept(
    function: Callable[Concatenate[CapTable, P], T],
) -> Callable[Concatenate[CapTable, P], T]:
    """Answer in exact arithmetic, once for each table: several checks ask the same of it."""
    computed = exactly(function)

    @wraps(function)
    def answer(table: CapTable, *args: P.args, **kwargs: P.kwargs) -> T:
        question = (function, *args)
        if question not in table.kept:
            table.kept[question] = computed(table, *args, **kwargs)
        return cast(T, table.kept[question])

    return cast(Callable[Concatenate[CapTable, P], T], answer)


# ---------------------------------------------------------------- room for rounding


def half_a_unit(places: int) -> Decimal:
    """Half of what the last of so many decimals counts."""
    return Decimal((0, (5,), -places - 1))


def room_of_shares(cell: Holding) -> Fraction:
    """How far a count of shares may stand from the exact one because it was rounded.

    None for a whole number, unless it counts thousands.
    """
    if cell.value is None:
        return Fraction(0)
    return Fraction(_room_of_shares(cell.value, cell.formula, cell.rounded))


def _room_of_shares(value: Exact, formula: str, rounded: bool) -> Exact:
    if rounded and not formula:
        return half_a_unit(decimals_of(value))
    if not isinstance(value, Decimal):
        return 0
    if formula:
        return Decimal((0, (1,), value.adjusted() - _FLOAT_DIGITS + 1))
    return half_a_unit(decimals_of(value))


def add(cells: Iterable[Holding]) -> tuple[Fraction, Fraction]:
    """The exact sum of the numbers in some cells, and the room that their rounding leaves it."""
    whole, parts, slack = 0, Fraction(0), Fraction(0)
    for cell in cells:
        if isinstance(cell.value, int):
            whole += cell.value
            if cell.rounded and cell.value:
                slack += room_of_shares(cell)
        elif cell.value is not None:
            parts += Fraction(cell.value)
            slack += room_of_shares(cell)
    return parts + whole, slack


@kept
def rooms_of_shares(table: CapTable, column: Column) -> list[Exact] | None:
    """The room of each count of a column, by row; None where no cell was rounded.

    A total that is 0 has room of its own where it counts thousands; to a sum 0 adds none.
    """
    cells = table.of(column)
    if cells.all_whole and not cells.rounded:
        return None
    values = enumerate(cells.values)
    return [
        0 if value is None else _room_of_shares(value, cells.formula(index), cells.rounded)
        for index, value in values
    ]


class PercentRooms:
    """How far each percentage of a column may stand from the exact one because it was rounded.

    A computed cell has the room of 15 digits. A typed one has half a unit of what its number
    format shows, or without a format of its last decimal, or of the finest one beside it.
    """

    def __init__(self, table: CapTable, column: Column) -> None:
        self._table, self._column, self._cells = table, column, table.of(column)

    @cached_property
    def places(self) -> list[int]:
        """How many decimals each number has, 0 where there is none."""
        return list(map(decimals_of, self._cells.values))

    @cached_property
    def given(self) -> list[Exact | None]:
        """The room of each cell; None for a typed one, whose room the decimals beside it give."""
        return [self._given(index) for index in range(len(self._cells.values))]

    def _given(self, index: int) -> Exact | None:
        value = self._cells.values[index]
        if value is None:
            return 0
        formula = self._cells.formula(index)
        if formula and "ROUND" not in formula.upper():
            return times(magnitude(value), COMPUTED)
        if magnitude(value) > 1:
            return None
        code = self._table.format_of(self._cells.lines[index], self._column.number)
        return _shown_room(code)

    def finest(self, rows: Iterable[int]) -> int:
        """The most decimals that a number in some rows has."""
        places = self.places
        return max((places[row] for row in rows), default=0)

    def of(self, row: int, places: int = 0) -> Exact:
        """The room of one cell, `places` being the finest in its column."""
        given = self.given[row]
        return half_a_unit(max(self.places[row], places)) if given is None else given

    @exactly
    def of_all(self, rows: Sequence[int]) -> Exact:
        """The room of some cells together."""
        places = self.finest(rows)
        given = [self.given[row] for row in rows]
        typed = given.count(None)
        return total([*(it for it in given if it is not None), half_a_unit(places) * typed])


@lru_cache(maxsize=256)
def _shown_room(code: str) -> Decimal | None:
    """Half a unit of what a number format of percentages shows; None for any other format."""
    shown = decimals_shown(code)
    return half_a_unit(shown) if shows_percent(code) and shown is not None else None


@kept
def percent_rooms(table: CapTable, column: Column) -> PercentRooms:
    """The rooms of a column of percentages."""
    return PercentRooms(table, column)


# ---------------------------------------------------------------- running sums


class Running:
    """The sums of some rows of a column, from the first row down to any other.

    `rows` are their places in the table, ascending. To be used under exact arithmetic.
    """

    def __init__(self, table: CapTable, column: Column, rows: Sequence[int]) -> None:
        self._table, self._column, self.rows = table, column, rows
        self._cells = table.of(column)

    def stretch(self, start: int, stop: int) -> range:
        """Which of the rows stand from one place in the table up to another."""
        return range(bisect_left(self.rows, start), bisect_left(self.rows, stop))

    @cached_property
    def sums(self) -> list[Exact]:
        """The sum of the rows above each."""
        numbers = self._cells.numbers
        return list(accumulate([numbers[row] for row in self.rows], initial=0))

    def sum(self, part: range) -> Exact:
        """The sum of a stretch."""
        return self.sums[part.stop] - self.sums[part.start]  # type: ignore[operator]

    @cached_property
    def _slacks(self) -> list[Exact] | None:
        rooms = rooms_of_shares(self._table, self._column)
        if rooms is None:
            return None
        numbers = self._cells.numbers
        return list(accumulate([rooms[row] if numbers[row] else 0 for row in self.rows], initial=0))

    def slack(self, part: range) -> Exact:
        """The room of a stretch of counts of shares."""
        if self._slacks is None:
            return 0
        return self._slacks[part.stop] - self._slacks[part.start]  # type: ignore[operator]

    @cached_property
    def _rooms(self) -> PercentRooms:
        return percent_rooms(self._table, self._column)

    @cached_property
    def _given(self) -> tuple[list[Exact], list[int]]:
        given = [self._rooms.given[row] for row in self.rows]
        typed = accumulate([it is None for it in given], initial=0)
        return list(accumulate([it or 0 for it in given], initial=0)), list(typed)

    @cached_property
    def _places(self) -> list[int]:
        return [self._rooms.places[row] for row in self.rows]

    def given(self, part: range) -> Exact:
        """The room of the percentages of a stretch whose own formula or format gives it."""
        sums, _ = self._given
        return sums[part.stop] - sums[part.start]  # type: ignore[operator]

    def typed(self, part: range) -> int:
        """How many percentages of a stretch have the room that the decimals beside them give."""
        _, counts = self._given
        return counts[part.stop] - counts[part.start]

    def finest(self, part: range) -> int:
        """The most decimals that a percentage of a stretch has."""
        return max(self._places[part.start : part.stop], default=0)

    @cached_property
    def without_texts(self) -> Running:
        """The same rows without those whose number is stored as text."""
        texts = self._cells.texts
        if not texts:
            return self
        return Running(self._table, self._column, [row for row in self.rows if row not in texts])


def row_sums_of(table: CapTable, columns: Sequence[Column]) -> Sequence[Exact]:
    """The sum of each row over some columns."""
    numbers = [table.of(column).numbers for column in columns]
    if len(numbers) == 1:
        return numbers[0]
    return list(map(_sum, zip(*numbers, strict=True))) if numbers else [0] * len(table.rows)


def row_slacks_of(table: CapTable, columns: Sequence[Column]) -> list[Exact] | None:
    """The room of each row's sum over some columns, None where there is none."""
    found = []
    for column in columns:
        rooms, numbers = rooms_of_shares(table, column), table.of(column).numbers
        if rooms is not None:
            pairs = zip(rooms, numbers, strict=True)
            found.append([room if number else 0 for room, number in pairs])
    return list(map(_sum, zip(*found, strict=True))) if found else None


_sum: Callable[[Any], Any] = sum
