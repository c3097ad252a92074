"""How the numbers of a cap table hang together: what each sum adds up and each percent is of.

A table rarely says which rows a total adds up, or which shares a percentage is of. Both are learnt
from the numbers: the reading that fits most rows is taken, and only then are the rows that do not
fit it departures. Where no reading fits half of the rows nothing is called wrong; it is said that
the column is not understood. Comparisons are exact; a number that was rounded is given the room
its own digits leave, and no more.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Final

from xl_compliance.deal.cap_table import CapTable, Column, Row
from xl_compliance.deal.cap_table_sums import (
    COMPUTED,
    Running,
    add,
    half_a_unit,
    kept,
    percent_rooms,
    rooms_of_shares,
    row_slacks_of,
    row_sums_of,
)
from xl_compliance.deal.cap_table_words import Role, RowKind, words_of
from xl_compliance.rules.exact import Exact, magnitude, minus, plus, quotient, times, total
from xl_compliance.workbook.snapshot import parse_address

_Choices = list[tuple[Column, ...]]


# ---------------------------------------------------------------- totals of columns


@dataclass(frozen=True, slots=True)
class TotalTie:
    """A total that no reading explains.

    `nearest` is what the rows above add up to, `rows` those rows; `cause` names the row left out
    or counted twice where one row explains the difference; `sure` is False where the table is too
    intricate to say which rows the total should add up.
    """

    row: Row
    column: Column
    nearest: Exact
    rows: tuple[Row, ...]
    cause: str
    sure: bool


@kept
def column_ties(table: CapTable) -> tuple[TotalTie, ...]:
    """The totals at the foot of columns that are not what any rows above them add up to."""
    checked = [it for it in table.columns if it.role.is_shares or it.role.is_percent]
    columns = [_ColumnTotals(table, column) for column in checked]
    return tuple(tie for row in table.totals for tie in _untied_of(row, columns))


def _untied_of(row: Row, columns: Sequence[_ColumnTotals]) -> Iterator[TotalTie]:
    compared = [it for it in columns if it.is_compared(row)]
    off = [it for it in compared if not it.ties(row)]
    for column in off:
        yield column.untied(row, tied=len(compared) > len(off))


_Reading = list[tuple[Running, int, int]]
"""The rows that a total may add up: stretches of running sums, from one place to another."""


class _ColumnTotals:
    """The totals of one column, put to every reading of the rows that each may add up.

    A total adds up rows above it, or the holders below it where it stands on top.
    """

    def __init__(self, table: CapTable, column: Column) -> None:
        self._table, self._column, self._cells = table, column, table.of(column)
        self._first_leaf = table.leaf_places[0] if table.leaf_places else len(table.rows)

    # -- rows, and their sums

    def _places(self, *kinds: RowKind) -> list[int]:
        return [row.index for row in self._table.rows if row.kind in kinds]

    @cached_property
    def _leaves(self) -> Running:
        return Running(self._table, self._column, self._table.leaf_places)

    @cached_property
    def _holders(self) -> Running:
        return Running(self._table, self._column, self._places(RowKind.HOLDER))

    @cached_property
    def _pools(self) -> Running:
        return Running(self._table, self._column, self._places(RowKind.POOL))

    @cached_property
    def _totals(self) -> Running:
        return Running(self._table, self._column, self._places(RowKind.TOTAL))

    @cached_property
    def _bounds(self) -> list[int]:
        return self._places(RowKind.TOTAL, RowKind.SECTION)

    @cached_property
    def _spelled_out(self) -> _SpelledOut:
        return _SpelledOut(self._cells.numbers, self._table.leaf_places)

    @cached_property
    def _not_spelled_out(self) -> Running:
        return Running(self._table, self._column, self._spelled_out.kept)

    # -- which totals are compared

    @cached_property
    def _first_number(self) -> int:
        values = self._cells.values
        return next((it for it in self._table.leaf_places if values[it] is not None), self._end)

    @cached_property
    def _first_missing(self) -> int:
        pending = self._cells.pending
        if not pending:
            return self._end
        return next((it for it in self._table.leaf_places if it in pending), self._end)

    @property
    def _end(self) -> int:
        return len(self._table.rows)

    def _is_on_top(self, row: Row) -> bool:
        return row.index < self._first_leaf

    def _stop(self, row: Row) -> int:
        return self._end if self._is_on_top(row) else row.index

    def is_compared(self, row: Row) -> bool:
        """Whether a total is a number, over numbers of which none is missing."""
        if self._cells.values[row.index] is None:
            return False
        stop = self._stop(row)
        return self._first_number < stop <= self._first_missing

    # -- whether a total ties

    def ties(self, row: Row) -> bool:
        """Whether a total is what some reading of the rows adds up to."""
        texts = bool(self._cells.texts)
        return any(
            self._adds_to(row.index, reading)
            or (texts and self._adds_to(row.index, _without_texts(reading)))
            for reading in self._readings(row)
        )

    def _adds_to(self, place: int, reading: _Reading) -> bool:
        parts = [(running, running.stretch(start, stop)) for running, start, stop in reading]
        found = total([running.sum(part) for running, part in parts])
        distance = magnitude(minus(found, self._cells.numbers[place]))
        if not distance:
            return True
        if self._column.role.is_percent:
            return distance <= COMPUTED or distance <= self._percent_slack(place, parts)
        rooms = rooms_of_shares(self._table, self._column)
        if rooms is None:
            return False
        return distance <= total([rooms[place], *(running.slack(part) for running, part in parts)])

    def _percent_slack(self, place: int, parts: Sequence[tuple[Running, range]]) -> Exact:
        rooms = percent_rooms(self._table, self._column)
        places = max((it.finest(part) for it, part in parts), default=0)
        typed = half_a_unit(places) * sum(it.typed(part) for it, part in parts)
        return total(
            [*(it.given(part) for it, part in parts), typed, rooms.of(place, places), COMPUTED]
        )

    def _readings(self, row: Row) -> Iterator[_Reading]:
        """The rows that a total may add up, those that decide soonest first."""
        stop = self._stop(row)
        yield [(self._leaves, 0, stop)]
        if _may_leave_out_pools(row, self._column):
            yield [(self._holders, 0, stop)]
        if not self._is_on_top(row):
            yield from self._readings_of_parts(stop)
        yield self._without_details(stop)

    def _readings_of_parts(self, stop: int) -> Iterator[_Reading]:
        bounds = self._bounds[: bisect_left(self._bounds, stop)]
        for bound in reversed(bounds):
            yield [(self._leaves, bound + 1, stop)]
        totals = self._totals.rows[: bisect_left(self._totals.rows, stop)]
        if not totals:
            return
        yield [(self._totals, 0, stop), (self._leaves, bounds[-1] + 1, stop)]
        for place in totals:
            yield [(self._totals, place, place + 1), (self._leaves, place + 1, stop)]
        # Totals that happen to be as large explain none of the holders who stand under them.
        if not self._holders.stretch(totals[-1], stop):
            yield [(self._totals, 0, stop)]
            yield [(self._totals, 0, stop), (self._pools, 0, stop)]
            yield from ([(self._totals, place, place + 1)] for place in totals)

    def _without_details(self, stop: int) -> _Reading:
        """The leaves without those that spell out the row above them."""
        end, rest = self._spelled_out.above(stop)
        found: _Reading = [(self._not_spelled_out, 0, end)]
        if rest:
            found.append((Running(self._table, self._column, rest), 0, stop))
        return found

    # -- what is said of one that does not

    def untied(self, row: Row, tied: bool) -> TotalTie:
        """What a total that no reading explains comes nearest to."""
        stop, on_top = self._stop(row), self._is_on_top(row)
        running, part = self._leaves, self._leaves.stretch(0, stop)
        above = [] if on_top else self._totals.rows[: bisect_left(self._totals.rows, stop)]
        if above and not self._leaves.stretch(above[-1], stop):
            running, part = self._totals, self._totals.stretch(0, stop)
        places = running.rows[part.start : part.stop]
        found = running.sum(part)
        missing = minus(found, self._cells.numbers[row.index])
        odd, how = self._odd_row(places, missing, running.slack(part))
        cause = f'the difference is row {odd.number} ("{odd.label}"), which it {how}' if odd else ""
        sure = odd.kind is not RowKind.POOL if odd else tied or self._is_plain(row)
        rows = tuple(self._table.rows[place] for place in places)
        return TotalTie(row, self._column, quotient(found, 1), rows, cause, sure)

    def _is_plain(self, row: Row) -> bool:
        """Whether only holders stand above a total with a name."""
        others = self._table.first_other_leaf if self._is_on_top(row) else self._table.first_other
        return bool(row.label) and self._stop(row) <= others

    def _odd_row(
        self, places: Sequence[int], missing: Exact, slack: Exact
    ) -> tuple[Row | None, str]:
        """The one row whose number is the difference, and what the total does with it."""
        numbers, rows = self._cells.numbers, self._table.rows
        low, high = minus(missing, slack), plus(missing, slack)
        for place in places:
            value = numbers[place]
            if value and low <= value <= high:
                return rows[place], "leaves out"
            if value and -high <= value <= -low:
                return rows[place], "counts twice"
        return None, ""


def _without_texts(reading: _Reading) -> _Reading:
    return [(running.without_texts, start, stop) for running, start, stop in reading]


class _SpelledOut:
    """Leaves that spell out the row above them, certificate by certificate.

    `kept` are the places of the others, as far as the rows are read from the top.
    """

    def __init__(self, numbers: Sequence[Exact], leaves: Sequence[int]) -> None:
        self._numbers, self._leaves = numbers, leaves
        self._starts = list(_blocks(numbers, leaves, 0, len(leaves)))
        self.kept = [leaves[start] for start in self._starts]

    def above(self, stop: int) -> tuple[int, list[int]]:
        """Up to which place `kept` holds above a row, and the rest of the places kept there."""
        end = bisect_left(self._leaves, stop)
        if end == len(self._leaves):
            return stop, []
        block = bisect_left(self._starts, end)
        if block == len(self._starts) or self._starts[block] != end:
            # The row cuts through what spells out another one: read anew from there.
            begin = self._starts[block - 1]
            rest = _blocks(self._numbers, self._leaves, begin, end)
            return self._leaves[begin], [self._leaves[start] for start in rest]
        return stop, []


def _blocks(numbers: Sequence[Exact], leaves: Sequence[int], start: int, end: int) -> Iterator[int]:
    """Where each row begins that spells out no other one, among the leaves."""
    while start < end:
        yield start
        start += 1 + _details(numbers, leaves, start, end)


def _details(numbers: Sequence[Exact], leaves: Sequence[int], start: int, end: int) -> int:
    """How many of the next rows add up to a row; at least two, or none."""
    whole, found = numbers[leaves[start]], 0
    for place in range(start + 1, end):
        found += numbers[leaves[place]]  # type: ignore[assignment]
        if found >= whole:
            count = place - start
            return count if found == whole and whole > 0 and count > 1 else 0
    return 0


def without_details(table: CapTable, rows: Sequence[Row], column: Column) -> list[Row]:
    """The rows without those that spell out the row above them, in one column."""
    places = [row.index for row in rows]
    blocks = _blocks(table.of(column).numbers, places, 0, len(places))
    return [rows[start] for start in blocks]


def _may_leave_out_pools(row: Row, column: Column) -> bool:
    basic = column.role in (Role.OUTSTANDING, Role.PERCENT_BASIC)
    return basic or bool({"outstanding", "issued"} & set(words_of(row.label).split()))


# ---------------------------------------------------------------- totals of rows


@dataclass(frozen=True, slots=True)
class RowSum:
    """What a column of sums adds up in each row, and the rows where it does not.

    `doubtful` are rows that depart and are alone in holding some class, so that a conversion
    ratio would explain them as well as a mistake; `otherwise` are rows whose formula computes
    something else than a sum of the row.
    """

    column: Column
    parts: tuple[Column, ...]
    departures: tuple[Row, ...]
    doubtful: tuple[Row, ...]
    otherwise: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class NoReading:
    """A column whose numbers no reading explains."""

    column: Column
    compared: int


@kept
def row_sums(table: CapTable) -> tuple[RowSum | NoReading, ...]:
    """What each column of sums adds up across the classes."""
    found = (_row_sum(table, column) for column in table.columns if column.role.is_sum)
    return tuple(reading for reading in found if reading is not None)


def _row_sum(table: CapTable, column: Column) -> RowSum | NoReading | None:
    values = table.of(column).values
    rows = [it for it in (*table.leaves, *table.totals) if values[it.index] is not None]
    leaves = [it.index for it in rows if it.kind.is_leaf]
    best: tuple[tuple[Column, ...], list[int]] | None = None
    for parts in _candidates(table, column, rows):
        # A total of the column departs because a row above it does, or as a sum of its own.
        compared, off = _departing(table, column, parts, leaves)
        if not compared or len(off) * 2 > compared:
            continue
        if best is None or len(off) < len(best[1]):
            best = (parts, off)
        if not off:
            break
    if best is None:
        candidates = any(True for _ in _candidates(table, column, rows))
        held = sum(bool(values[it.index]) for it in rows)
        return NoReading(column, held) if candidates and held else None
    return _described(table, column, *best, rows)


def _candidates(
    table: CapTable, column: Column, rows: Sequence[Row]
) -> Iterator[tuple[Column, ...]]:
    """The columns that a column of sums may add up, each choice of them once."""
    seen = set()
    for parts in _parts(table, column, rows):
        numbers = tuple(it.number for it in parts)
        if numbers not in seen:
            seen.add(numbers)
            yield parts


def _departing(
    table: CapTable, column: Column, parts: Sequence[Column], leaves: Sequence[int]
) -> tuple[int, list[int]]:
    """How many leaves can be compared with some columns, and which do not add them up."""
    cells, totals = [table.of(it) for it in parts], table.of(column).numbers
    pending = frozenset[int]().union(*(it.pending for it in cells))
    if pending:
        leaves = [place for place in leaves if place not in pending]
    sums = row_sums_of(table, parts)
    off = [place for place in leaves if sums[place] != totals[place]]
    if off:
        off = _beyond_rounding(table, column, parts, off)
    pools = table.pool_places
    uncertain = [place for place in leaves if not totals[place] or place in pools]
    without = {
        place
        for place in uncertain
        if not (
            totals[place] and any(it.values[place] is not None for it in cells)
            if place in pools
            else totals[place] or any(it.numbers[place] for it in cells)
        )
    }
    return len(leaves) - len(without), [place for place in off if place not in without]


def _beyond_rounding(
    table: CapTable, column: Column, parts: Sequence[Column], places: Sequence[int]
) -> list[int]:
    """Where a sum is not that of its row as far as rounding tells, texts counted or left out."""
    texts = frozenset[int]().union(*(table.of(it).texts for it in parts))
    far = _beyond_room(table, column, parts, places)
    if not texts:
        return far
    return [
        place
        for place in far
        if place not in texts
        or _beyond_room(
            table, column, [it for it in parts if place not in table.of(it).texts], [place]
        )
    ]


def _beyond_room(
    table: CapTable, column: Column, parts: Sequence[Column], places: Sequence[int]
) -> list[int]:
    rooms, slacks = rooms_of_shares(table, column), row_slacks_of(table, parts)
    numbers, totals = [table.of(it).numbers for it in parts], table.of(column).numbers

    def distance(place: int) -> Exact:
        return magnitude(minus(sum((it[place] for it in numbers), start=0), totals[place]))

    if rooms is None and slacks is None:
        return [place for place in places if distance(place)]
    given, more = rooms or [0] * len(totals), slacks or [0] * len(totals)
    return [place for place in places if distance(place) > plus(given[place], more[place])]


def _described(
    table: CapTable,
    column: Column,
    parts: tuple[Column, ...],
    off: Sequence[int],
    rows: Sequence[Row],
) -> RowSum:
    """The rows that depart from a sum, by what may be behind it."""
    departing = frozenset(off)
    fitting = [it for it in rows if it.index not in departing]
    unseen = column.role is Role.FULLY_DILUTED and not any(it.role is Role.RIGHT for it in parts)
    otherwise: list[Row] = []
    rest: list[Row] = []
    for row in (table.rows[place] for place in off):
        computes = _computes_otherwise(table.of(column).formula(row.index), row.number)
        other = computes or (unseen and _exceeds(row, column, parts))
        (otherwise if other else rest).append(row)
    common = _held_by_others(table, fitting)
    doubtful = [it for it in rest if not _holds_only(table, it, common)]
    sure = [it for it in rest if _holds_only(table, it, common)]
    if _one_ratio(doubtful, column, parts, fitting):
        otherwise, doubtful = [*otherwise, *doubtful], []
    return RowSum(column, parts, tuple(sure), tuple(doubtful), tuple(otherwise))


def _held_by_others(table: CapTable, others: Sequence[Row]) -> frozenset[int]:
    """The columns of holdings in which some holder among these rows holds something."""
    places = [it.index for it in others if it.kind is RowKind.HOLDER]
    columns = [it for it in table.shares if it.role.is_holding]
    return frozenset(
        it.number for it in columns if any(table.of(it).numbers[place] for place in places)
    )


def _holds_only(table: CapTable, row: Row, common: Collection[int]) -> bool:
    """Whether a row holds nothing but what holders whose sum fits hold too."""
    held = [it.number for it in table.shares if it.role.is_holding and row.value(it)]
    return all(number in common for number in held)


def _one_ratio(
    rows: Sequence[Row], column: Column, parts: Sequence[Column], others: Sequence[Row]
) -> bool:
    """Whether one conversion ratio of one class explains all of at least two rows."""
    if len(rows) < 2:
        return False
    for part in parts:
        if any(it.value(part) for it in others if it.kind.is_leaf):
            continue
        ratios = set()
        for row in rows:
            rest = add(row.cell(it) for it in parts if it is not part)[0]
            held = Fraction(row.value(part) or 0)
            ratios.add((Fraction(row.value(column) or 0) - rest) / held if held else None)
        if len(ratios) == 1 and None not in ratios:
            return True
    return False


def _exceeds(row: Row, column: Column, parts: Sequence[Column]) -> bool:
    """Whether a fully diluted count has room for rights that no column shows."""
    return Fraction(row.value(column) or 0) > add(row.cell(it) for it in parts)[0]


def _computes_otherwise(formula: str, number: int) -> bool:
    return bool(formula) and not _added_in_row(formula, number)


def _parts(table: CapTable, column: Column, rows: Sequence[Row]) -> Iterator[tuple[Column, ...]]:
    """The columns that a column of sums may add up, those of its own formulas first."""
    yield from _formula_parts(table, column, rows)
    before = [it for it in table.shares if it.number < column.number]
    held = [it for it in before if it.role.is_holding]
    plain = [it for it in held if it.role is Role.CLASS]
    unconverted = [it for it in held if not _as_converted(it)]
    converted = [it for it in held if _as_converted(it)]
    twins = {_stem(it) for it in converted}
    ahead = [it for it in held if _as_converted(it) or _stem(it) not in twins]
    sums = [it for it in before if it.role.is_sum]
    groups = [held, plain, unconverted, [it for it in plain if not _as_converted(it)]]
    groups += [ahead, [it for it in ahead if it.role is Role.CLASS]]
    if sums:
        since = [it for it in before if it.number > sums[-1].number]
        groups += [[sums[-1], *since], [sums[-1], *(it for it in since if it.role.is_holding)]]
        groups += [sums, [*sums, *since], since]
        groups += [[it, *(h for h in held if h.role is Role.RIGHT)] for it in sums]
        groups += [[it, *(h for h in before if h.number > it.number)] for it in sums]
    groups += [before[start:] for start in range(len(before))]
    for group in groups:
        if len(group) > 1 or any(it.role.is_holding for it in group):
            yield tuple(group)


def _as_converted(column: Column) -> bool:
    return "converted" in words_of(column.name).split()


def _stem(column: Column) -> str:
    dropped = {"as", "if", "converted", "outstanding", "issued", "shares", "stock"}
    return " ".join(
        word
        for word in words_of(column.name).split()
        if word not in dropped and not word[0].isdigit()
    )


_SUM = re.compile(r"=\+?(SUM\([^()]*\)|[$A-Z0-9+:,\s]+)", re.IGNORECASE)
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?", re.IGNORECASE)


def _formula_parts(
    table: CapTable, column: Column, rows: Sequence[Row]
) -> Iterator[tuple[Column, ...]]:
    """The columns that most formulas of the column add up in their own row."""
    counts: dict[tuple[int, ...], int] = {}
    known: dict[str, tuple[int, ...]] = {}
    cells = table.of(column)
    for row in rows:
        formula = cells.formula(row.index)
        if not formula or not row.kind.is_leaf:
            continue
        # Formulas that differ in nothing but the number of their row add up the same columns.
        alike = formula.replace(str(row.number), "\0")
        if alike not in known:
            known[alike] = _added_in_row(formula, row.number)
        numbers = known[alike]
        if numbers:
            counts[numbers] = counts.get(numbers, 0) + 1
    for numbers in sorted(counts, key=lambda it: -counts[it]):
        parts = tuple(it for it in table.columns if it.number in numbers)
        if len(parts) == len(numbers) or all(it.role.is_shares for it in parts):
            yield parts
        return


def _added_in_row(formula: str, number: int) -> tuple[int, ...]:
    if not formula or not _SUM.fullmatch(formula):
        return ()
    found: set[int] = set()
    for first, line, last, end in _REFERENCE.findall(formula):
        if int(line) != number or (end and int(end) != number):
            return ()
        start = parse_address(f"{first}1")[1]
        stop = parse_address(f"{last}1")[1] if last else start
        found.update(range(start, stop + 1))
    return tuple(sorted(found))


# ---------------------------------------------------------------- percentages


@dataclass(frozen=True, slots=True)
class Basis:
    """What a column of percentages is of.

    `parts` are the columns of shares whose sum it divides by `whole`, which stands in `place` (a
    row) or is the sum of the rows; `scale` is 1 for fractions and 100 for percentage points.
    `bound` is False where the header says otherwise than the numbers.
    """

    column: Column
    parts: tuple[Column, ...]
    whole: Exact
    place: Row | None
    scale: int
    bound: bool
    departures: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class NoBasis:
    """Percentages that are not those of any shares in the table.

    `implied` is the number of shares by which all of them divide `parts`, where there is one.
    """

    column: Column
    parts: tuple[Column, ...]
    implied: Exact | None
    whole: Exact | None
    computed: bool


@kept
def percent_basis(table: CapTable, column: Column) -> Basis | NoBasis | None:
    """What the percentages in a column are of; None where there is nothing to compare."""
    values = table.of(column).values
    rows = [it for it in (*table.leaves, *table.totals) if values[it.index] is not None]
    if not any(values[it.index] for it in rows):
        return None
    bound, others = _share_columns(table, column)
    best: Basis | None = None
    for is_bound, parts in [*((True, it) for it in bound), *((False, it) for it in others)]:
        shares = _PercentOf(table, column, parts, rows)
        for whole, place in shares.wholes():
            for scale in (1, 100):
                most = len(best.departures) - 1 if best is not None else len(rows)
                off = shares.departing(whole, scale, most if is_bound else 0)
                if off is None:
                    continue
                departures = tuple(table.rows[it] for it in off)
                basis = Basis(column, parts, whole, place, scale, is_bound, departures)
                if not off:
                    return basis
                best = basis
    return best or _no_basis(table, column, rows, (*bound, *others))


class _PercentOf:
    """A column of percentages, put to some columns of shares that they may be of."""

    def __init__(
        self, table: CapTable, column: Column, parts: tuple[Column, ...], rows: Sequence[Row]
    ) -> None:
        self._table, self._column, self._parts = table, column, parts
        self._values = table.of(column).numbers
        self._shares = row_sums_of(table, parts)
        self._slacks = row_slacks_of(table, parts)
        self.compared = [it.index for it in _compared(table, column, parts, rows)]
        self._leaves = [it for it in self.compared if table.rows[it].kind.is_leaf]

    def wholes(self) -> Iterator[tuple[Exact, Row | None]]:
        """The numbers of shares that the percentages may be of, each once."""
        if not self.compared:
            return
        seen: set[Exact] = set()
        for number, place in self._sums():
            if number > 0 and number not in seen:
                seen.add(number)
                yield number, place

    def _sums(self) -> Iterator[tuple[Exact, Row | None]]:
        table, shares = self._table, self._shares
        for row in reversed(table.totals):
            yield shares[row.index], row
        yield sum((shares[it] for it in table.leaf_places), start=0), None
        if self._column.role is not Role.PERCENT_DILUTED:
            holders = (it.index for it in table.leaves if it.kind is RowKind.HOLDER)
            yield sum((shares[it] for it in holders), start=0), None

    def departing(self, whole: Exact, scale: int, most: int) -> list[int] | None:
        """The leaves whose percentage is not their part of a whole.

        None where there are more than `most`, or where they outnumber those that fit. A total of
        rounded percentages is 99.9% or 100.1%; it is checked as a sum.
        """
        compared = len(self.compared)
        most = min(most, compared // 2, compared - 1)
        off: list[int] = []
        far = self._far_off(whole, scale)
        if len(far) > most and self._surely_off(far, whole, scale) > most:
            return None
        for place in far:
            if not self._is_share(place, whole, scale):
                off.append(place)
                if len(off) > most:
                    return None
        return off

    @cached_property
    def _floats(self) -> tuple[list[float], list[float]]:
        return list(map(float, self._values)), list(map(float, self._shares))

    @cached_property
    def _blur(self) -> float:
        """How far floats can be from the distances of the percentages, were they exact.

        Each is off by less than 2^-50 of itself; numbers that are further apart than the largest
        percentage depart by far.
        """
        return max((abs(self._floats[0][it]) for it in self._leaves), default=0.0) * 2**-46

    def _far_off(self, whole: Exact, scale: int) -> Sequence[int]:
        """The leaves that may depart: of the others floats are sure, and so need not be exact."""
        if not _TINY < float(whole) < _HUGE:
            return self._leaves
        factor, (parts, shares) = scale / float(whole), self._floats
        sure = float(COMPUTED) * scale * 0.99 - self._blur
        far = [it for it in self._leaves if not -sure <= parts[it] - shares[it] * factor <= sure]
        if len(far) < len(self._leaves) // 8 or not sure > 0:
            return far
        rooms, blur = self._float_rooms, self._blur
        return [it for it in far if not abs(parts[it] - shares[it] * factor) < rooms[it] - blur]

    def _surely_off(self, places: Sequence[int], whole: Exact, scale: int) -> int:
        """Of how many leaves floats are sure that they depart."""
        if self._slacks or not _TINY < float(whole) < _HUGE:
            return 0
        factor, (parts, shares), rooms = scale / float(whole), self._floats, self._float_rooms
        more = float(COMPUTED) * scale * 1.01 + self._blur
        return sum(
            abs(parts[it] - shares[it] * factor) * 0.99 > rooms[it] * 1.01 + more for it in places
        )

    @cached_property
    def _float_rooms(self) -> list[float]:
        """The room of each percentage, a little less than it is."""
        rooms = percent_rooms(self._table, self._column)
        return [float(rooms.of(it, self._finest)) * 0.999 for it in range(len(self._values))]

    def _is_share(self, place: int, whole: Exact, scale: int) -> bool:
        room = percent_rooms(self._table, self._column).of(place, self._finest)
        part, shares = self._values[place], self._shares[place]
        slack = plus(self._slacks[place], times(whole, COMPUTED)) if self._slacks else None
        slack = times(whole, COMPUTED) if slack is None else slack
        # All of it times the whole, so that nothing is divided.
        distance = magnitude(minus(times(part, whole), times(shares, scale)))
        return distance <= plus(times(room, whole), times(slack, scale))

    @cached_property
    def _finest(self) -> int:
        return percent_rooms(self._table, self._column).finest(self.compared)


_TINY, _HUGE = 1e-290, 1e290


def _rows_with_any(table: CapTable, columns: Sequence[Column]) -> Sequence[object]:
    """By row, whether any of some columns has a number other than 0."""
    numbers = [table.of(it).numbers for it in columns]
    if len(numbers) == 1:
        return numbers[0]
    return list(map(any, zip(*numbers, strict=True))) if numbers else [False] * len(table.rows)


def _compared(
    table: CapTable, column: Column, parts: Sequence[Column], rows: Sequence[Row]
) -> list[Row]:
    """The rows whose percentage can be compared with their shares in some columns."""
    values, held = table.of(column).numbers, _rows_with_any(table, parts)
    pending = frozenset[int]().union(*(table.of(it).pending for it in parts))
    return [
        it
        for it in rows
        if it.index not in pending
        and (
            held[it.index] and values[it.index]
            if it.kind is RowKind.TOTAL
            else held[it.index] or values[it.index]
        )
    ]


def _share_columns(table: CapTable, column: Column) -> tuple[_Choices, _Choices]:
    """The shares that a header says its percentages are of, and the other ones."""
    near = sorted(table.shares, key=lambda it: (it.number > column.number, -it.number))
    diluted: _Choices = [(it,) for it in near if it.role is Role.FULLY_DILUTED]
    basic: _Choices = [(it,) for it in near if it.role is Role.OUTSTANDING]
    sums: _Choices = [(it,) for it in near if it.role is Role.TOTAL]
    single: _Choices = [(it,) for it in near if it.role.is_holding]
    changed: _Choices = [(it,) for it in near if it.role is Role.CHANGE]
    every = tuple(it for it in table.shares if it.role.is_holding)
    plain = tuple(it for it in every if it.role is Role.CLASS)
    held: _Choices = [it for it in (every, plain) if it]
    if column.role is Role.PERCENT_DILUTED:
        bound = diluted or sums + (held[:1] if not basic else []) or basic
    elif column.role is Role.PERCENT_BASIC:
        bound = basic or sums + held[-1:]
    else:
        nearest = sorted(diluted + basic + sums, key=lambda it: near.index(it[0]))
        bound = list(dict.fromkeys(nearest + held + single))
    rest = dict.fromkeys(diluted + basic + sums + held + single + changed)
    return bound, [it for it in rest if it not in bound]


def _no_basis(
    table: CapTable, column: Column, rows: Sequence[Row], candidates: Sequence[tuple[Column, ...]]
) -> NoBasis:
    leaves = [it for it in rows if it.kind.is_leaf]
    cells = table.of(column)
    for parts in candidates:
        compared = [it.index for it in _compared(table, column, parts, leaves)]
        implied = _implied(table, column, parts, compared)
        if implied is not None:
            shares = row_sums_of(table, parts)
            whole = sum((shares[it] for it in table.leaf_places), start=0)
            computed = all(cells.formula(it) for it in compared)
            return NoBasis(column, parts, implied, whole, computed)
    computed = all(cells.formula(it.index) for it in leaves)
    first = candidates[0] if candidates else ()
    return NoBasis(column, first, None, None, computed)


def _implied(
    table: CapTable, column: Column, classes: Sequence[Column], rows: Sequence[int]
) -> Exact | None:
    """The one number of shares that the percentages of at least two rows are of."""
    parts, shares = table.of(column).numbers, row_sums_of(table, classes)
    rooms, held = percent_rooms(table, column), _rows_with_any(table, classes)
    known = [it for it in rows if parts[it] and held[it]]
    if len(known) < 2:
        return None
    largest = max(known, key=lambda it: abs(parts[it]))  # type: ignore[arg-type,return-value]
    whole = Fraction(shares[largest]) / Fraction(parts[largest])
    whole = Fraction(round(whole)) if abs(whole - round(whole)) < _NEAR_WHOLE else whole
    if whole <= 0:
        return None
    places = rooms.finest(rows)
    fits = all(
        abs(Fraction(parts[it]) - Fraction(shares[it]) / whole)
        <= Fraction(rooms.of(it, places)) * 2 + Fraction(COMPUTED)
        for it in rows
    )
    return quotient(whole, 1) if fits else None


_NEAR_WHOLE: Final = Fraction(1, 200)


# ---------------------------------------------------------------- swapped columns and cells


@kept
def swapped_columns(table: CapTable) -> tuple[tuple[Column, Column], ...]:
    """Pairs of a column of shares holding fractions and one of percentages holding counts."""
    pairs = []
    for percent in table.percents:
        counts = _held(table, percent)
        if not counts or max(counts) <= 100 or not all(map(_is_whole, counts)):
            continue
        for shares in table.shares:
            parts = _held(table, shares)
            if len(parts) == len(counts) and _are_fractions(parts):
                pairs.append((shares, percent))
                break
    return tuple(pairs)


def _held(table: CapTable, column: Column) -> list[Exact]:
    """The numbers of a column's holders and pools that are not 0."""
    numbers = table.of(column).numbers
    return [numbers[place] for place in table.leaf_places if numbers[place]]


def _is_whole(number: Exact) -> bool:
    return not isinstance(number, Decimal) or number == number.to_integral_value()


def _are_fractions(numbers: Sequence[Exact]) -> bool:
    if min(numbers) <= 0 or max(numbers) > 100 or all(map(_is_whole, numbers)):
        return False
    return max(numbers) <= 1 or magnitude(minus(sum(numbers, start=0), 100)) <= 1


@kept
def swapped_cells(table: CapTable) -> tuple[tuple[Row, Column, Column, str], ...]:
    """Cells of shares that hold a percentage, with the column of percentages beside them."""
    return tuple(_swapped_cells(table))


def _swapped_cells(table: CapTable) -> Iterator[tuple[Row, Column, Column, str]]:
    skip = {column for pair in swapped_columns(table) for column in pair}
    small = {
        shares: _small_counts(table, shares)
        for shares in table.shares
        if shares not in skip and shares.role is not Role.CHANGE
    }
    for percent in table.percents:
        if percent in skip:
            continue
        for shares, places in small.items():
            for row in (table.rows[place] for place in places):
                how = _swapped(row, shares, percent)
                if how:
                    yield row, shares, percent, how


def _small_counts(table: CapTable, column: Column) -> list[int]:
    """Where no more than a hundred shares stand in a column whose counts are mostly larger."""
    numbers = table.of(column).numbers
    counts = _held(table, column)
    if len(counts) < 2 or sum(it > 100 for it in counts) * 2 <= len(counts):
        return []
    return [place for place in table.leaf_places if numbers[place] and numbers[place] <= 100]


def _swapped(row: Row, shares: Column, percent: Column) -> str:
    count, part = row.value(shares), row.value(percent)
    if not count or not part or count > 100:
        return ""
    counted, parted = Fraction(count), Fraction(part)
    if 0 < counted <= 100 < parted and parted.denominator == 1:
        return "the two have changed places"
    if counted.denominator != 1 and counted <= 100 and counted in (parted, parted * 100):
        return "the count of shares is the percentage again"
    return ""
