"""How the numbers of a cap table hang together: what each sum adds up and each percent is of.

A table rarely says which rows a total adds up, or which shares a percentage is of. Both are learnt
from the numbers: the reading that fits most rows is taken, and only then are the rows that do not
fit it departures. Where no reading fits half of the rows nothing is called wrong; it is said that
the column is not understood. Comparisons are exact; a number that was rounded is given the room
its own digits leave, and no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from xl_compliance.deal.cap_table import CapTable, CellKind, Column, Holding, Row
from xl_compliance.deal.cap_table_words import Role, RowKind, words_of
from xl_compliance.rules.exact import Exact
from xl_compliance.workbook.number_formats import decimals_shown, shows_percent
from xl_compliance.workbook.snapshot import parse_address

_HALF = Fraction(1, 2)
_Choices = list[tuple[Column, ...]]
_FLOAT_DIGITS = 15
# A quotient and a sum that Excel computed agree with the exact ones to this part of themselves.
_COMPUTED = Fraction(1, 10**12)
# Several checks ask the same of one table, one after the other.
_KEPT = 256


# ---------------------------------------------------------------- room for rounding


def finest(cells: Iterable[Holding]) -> int:
    """The most decimals that a number among some cells has."""
    return max((cell.places for cell in cells), default=0)


def room(cell: Holding, places: int = 0) -> Fraction:
    """How far the number in a cell may stand from the exact one because it was rounded.

    A computed cell has the room of 15 digits. A typed one has half a unit of what its number
    format shows, or without a format of its last decimal, `places` being the finest in its column.
    """
    if cell.value is None:
        return Fraction(0)
    exact = Fraction(cell.value)
    if cell.formula and "ROUND" not in cell.formula.upper():
        return abs(exact) * _COMPUTED
    shown = decimals_shown(cell.format)
    if shows_percent(cell.format) and shown is not None and abs(exact) <= 1:
        return Fraction(1, 2 * 10**shown)
    return Fraction(1, 2 * 10 ** max(cell.places, places))


def room_of_shares(cell: Holding) -> Fraction:
    """The same for a count of shares: none for a whole number, unless it counts thousands."""
    value = cell.value
    if cell.rounded and not cell.formula:
        return Fraction(1, 2 * 10**cell.places)
    if not isinstance(value, Decimal):
        return Fraction(0)
    if cell.formula:
        return Fraction(Decimal(1).scaleb(value.adjusted() - _FLOAT_DIGITS + 1))
    return Fraction(1, 2 * 10**cell.places)


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


@lru_cache(maxsize=_KEPT)
def column_ties(table: CapTable) -> tuple[TotalTie, ...]:
    """The totals at the foot of columns that are not what any rows above them add up to."""
    return tuple(_untied_totals(table))


def _untied_totals(table: CapTable) -> Iterator[TotalTie]:
    checked = [it for it in table.columns if it.role.is_shares or it.role.is_percent]
    for row in table.totals:
        above = _added_by(table, row)
        columns = [it for it in checked if row.cell(it).is_number and _countable(above, it)]
        off = [it for it in columns if not _ties(row, it, above)]
        for column in off:
            yield _untied(table, row, column, above, tied=len(columns) > len(off))


def _added_by(table: CapTable, row: Row) -> list[Row]:
    """The rows that a total can add up: those above it, or below it where it stands on top."""
    above = [it for it in table.rows if it.number < row.number]
    if any(it.kind.is_leaf for it in above):
        return above
    return [it for it in table.rows if it.kind.is_leaf]


def _countable(above: Sequence[Row], column: Column) -> bool:
    """Whether a column's cells can be added up: numbers somewhere, and none without a value."""
    cells = [row.cell(column) for row in above if row.kind.is_leaf]
    unknown = (CellKind.NOT_CALCULATED, CellKind.ERROR)
    return any(it.is_number for it in cells) and not any(it.kind in unknown for it in cells)


def _ties(row: Row, column: Column, above: Sequence[Row]) -> bool:
    return any(_equal(row, column, rows) for rows in _readings(row, column, above))


def _equal(row: Row, column: Column, rows: Sequence[Row]) -> bool:
    cells = [it.cell(column) for it in rows]
    plain = [it for it in cells if it.kind is not CellKind.TEXT_NUMBER]
    return any(_adds_to(row.cell(column), some, column) for some in (cells, plain))


def _adds_to(total: Holding, cells: Sequence[Holding], column: Column) -> bool:
    if total.value is None:
        return True
    found, slack = add(cells)
    if column.role.is_percent:
        places = finest(cells)
        slack = sum((room(it, places) for it in cells), start=room(total, places)) + _COMPUTED
    else:
        slack += room_of_shares(total)
    return abs(found - Fraction(total.value)) <= slack


def _readings(row: Row, column: Column, above: Sequence[Row]) -> Iterator[list[Row]]:
    """The rows that a total may add up, the likeliest first."""
    leaves = [it for it in above if it.kind.is_leaf]
    yield leaves
    bounds = [
        index for index, it in enumerate(above) if it.kind in (RowKind.TOTAL, RowKind.SECTION)
    ]
    for index in reversed(bounds):
        yield [it for it in above[index + 1 :] if it.kind.is_leaf]
    if _may_leave_out_pools(row, column):
        yield [it for it in leaves if it.kind is RowKind.HOLDER]
    totals = [it for it in above if it.kind is RowKind.TOTAL]
    if totals:
        yield [*totals, *(it for it in above[bounds[-1] + 1 :] if it.kind.is_leaf)]
    yield without_details(leaves, column)
    holders = [it for it in leaves if it.kind is RowKind.HOLDER]
    for total in totals:
        yield [total, *(it for it in leaves if it.number > total.number)]
    # Totals that happen to be as large explain none of the holders who stand under them.
    if totals and not any(it.number > totals[-1].number for it in holders):
        yield totals
        yield [*totals, *(it for it in leaves if it.kind is RowKind.POOL)]
        yield from ([total] for total in totals)


def without_details(leaves: Sequence[Row], column: Column) -> list[Row]:
    """The rows without those that spell out the row above them, certificate by certificate."""
    kept: list[Row] = []
    index = 0
    while index < len(leaves):
        kept.append(leaves[index])
        index += 1 + _details(leaves[index], leaves[index + 1 :], column)
    return kept


def _details(row: Row, below: Sequence[Row], column: Column) -> int:
    """How many of the next rows add up to a row, in one column; at least two, or none."""
    whole, found = Fraction(row.value(column) or 0), Fraction(0)
    for count, it in enumerate(below, start=1):
        found += Fraction(it.value(column) or 0)
        if found >= whole:
            return count if found == whole and whole > 0 and count > 1 else 0
    return 0


def _may_leave_out_pools(row: Row, column: Column) -> bool:
    basic = column.role in (Role.OUTSTANDING, Role.PERCENT_BASIC)
    return basic or bool({"outstanding", "issued"} & set(words_of(row.label).split()))


def _untied(
    table: CapTable, row: Row, column: Column, above: Sequence[Row], tied: bool
) -> TotalTie:
    rows = next(_readings(row, column, above))
    last = next((it for it in reversed(above) if it.kind is RowKind.TOTAL), None)
    if last is not None and not any(it.number > last.number for it in rows):
        rows = [it for it in above if it.kind is RowKind.TOTAL]
    found, _ = add(it.cell(column) for it in rows)
    missing = found - Fraction(row.cell(column).value or 0)
    odd, how = _odd_row(rows, column, missing)
    cause = f'the difference is row {odd.number} ("{odd.label}"), which it {how}' if odd else ""
    plain = all(it.kind is RowKind.HOLDER for it in above) and bool(row.label)
    sure = odd.kind is not RowKind.POOL if odd else tied or plain
    return TotalTie(row, column, _tidy(found), tuple(rows), cause, sure)


def _odd_row(rows: Sequence[Row], column: Column, missing: Fraction) -> tuple[Row | None, str]:
    """The one row whose number is the difference, and what the total does with it."""
    _, slack = add(it.cell(column) for it in rows)
    for row in rows:
        value = Fraction(row.value(column) or 0)
        if value and abs(value - missing) <= slack:
            return row, "leaves out"
        if value and abs(value + missing) <= slack:
            return row, "counts twice"
    return None, ""


def _tidy(number: Fraction) -> Exact:
    return number.numerator if number.denominator == 1 else number


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


@lru_cache(maxsize=_KEPT)
def row_sums(table: CapTable) -> tuple[RowSum | NoReading, ...]:
    """What each column of sums adds up across the classes."""
    found = (_row_sum(table, column) for column in table.columns if column.role.is_sum)
    return tuple(reading for reading in found if reading is not None)


def _row_sum(table: CapTable, column: Column) -> RowSum | NoReading | None:
    rows = [it for it in (*table.leaves, *table.totals) if it.cell(column).is_number]
    candidates = list(dict.fromkeys(_parts(table, column, rows)))
    best: tuple[int, int, tuple[Column, ...], list[Row]] | None = None
    for order, parts in enumerate(candidates):
        # A total of the column departs because a row above it does, or as a sum of its own.
        compared = [it for it in rows if it.kind.is_leaf and _comparable(it, parts, column)]
        off = [it for it in compared if not _sums_to(it, parts, column)]
        if not compared or len(off) * 2 > len(compared):
            continue
        if best is None or len(off) < best[0]:
            best = (len(off), order, parts, off)
        if not off:
            break
    if best is None:
        compared = [it for it in rows if it.value(column)]
        return NoReading(column, len(compared)) if candidates and compared else None
    _, _, parts, off = best
    fitting = [it for it in rows if it not in off]
    unseen = column.role is Role.FULLY_DILUTED and not any(it.role is Role.RIGHT for it in parts)
    otherwise = tuple(
        it
        for it in off
        if _computes_otherwise(it.cell(column), it.number)
        or (unseen and _exceeds(it, column, parts))
    )
    rest = [it for it in off if it not in otherwise]
    doubtful = tuple(it for it in rest if _alone(it, table.shares, fitting))
    if _one_ratio(doubtful, column, parts, fitting):
        rest = [it for it in rest if it not in doubtful]
        otherwise, doubtful = (*otherwise, *doubtful), ()
    sure = tuple(it for it in rest if it not in doubtful)
    return RowSum(column, parts, sure, doubtful, otherwise)


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


def _computes_otherwise(cell: Holding, number: int) -> bool:
    return bool(cell.formula) and not _added_in_row(cell.formula, number)


def _comparable(row: Row, parts: Sequence[Column], column: Column) -> bool:
    unknown = (CellKind.NOT_CALCULATED, CellKind.ERROR)
    if any(row.cell(it).kind in unknown for it in parts):
        return False
    if row.kind is RowKind.HOLDER:
        return bool(row.value(column)) or any(row.value(it) for it in parts)
    return bool(row.value(column)) and any(row.cell(it).is_number for it in parts)


def _sums_to(row: Row, parts: Sequence[Column], column: Column) -> bool:
    total, cells = row.cell(column), [row.cell(it) for it in parts]
    if _is_sum(total, cells):
        return True
    plain = [it for it in cells if it.kind is not CellKind.TEXT_NUMBER]
    return len(plain) < len(cells) and _is_sum(total, plain)


def _is_sum(total: Holding, cells: Sequence[Holding]) -> bool:
    found, slack = add(cells)
    return abs(found - Fraction(total.value or 0)) <= slack + room_of_shares(total)


def _alone(row: Row, shares: Sequence[Column], others: Sequence[Row]) -> bool:
    """Whether a row holds something that no holder whose sum fits holds."""
    holding = [it for it in shares if it.role.is_holding and row.value(it)]
    holders = [it for it in others if it.kind is RowKind.HOLDER]
    return row.kind.is_leaf and not all(any(it.value(c) for it in holders) for c in holding)


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
    for row in rows:
        numbers = _added_in_row(row.cell(column).formula, row.number)
        if numbers and row.kind.is_leaf:
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


@lru_cache(maxsize=_KEPT)
def percent_basis(table: CapTable, column: Column) -> Basis | NoBasis | None:
    """What the percentages in a column are of; None where there is nothing to compare."""
    rows = [it for it in (*table.leaves, *table.totals) if it.cell(column).is_number]
    if not any(it.value(column) for it in rows):
        return None
    bound, others = _share_columns(table, column)
    best: tuple[int, Basis] | None = None
    for is_bound, parts in [*((True, it) for it in bound), *((False, it) for it in others)]:
        for basis, off, compared in _bases(table, column, rows, parts, is_bound):
            fits = len(off) * 2 <= compared and compared > len(off)
            if not fits or (off and not is_bound):
                continue
            if not off:
                return basis
            if best is None or len(off) < best[0]:
                best = (len(off), basis)
    if best is not None:
        return best[1]
    return _no_basis(table, column, rows, (*bound, *others))


def _bases(
    table: CapTable, column: Column, rows: Sequence[Row], parts: tuple[Column, ...], bound: bool
) -> Iterator[tuple[Basis, list[Row], int]]:
    compared = [it for it in rows if _both(it, column, parts)]
    if not compared:
        return
    places = finest(it.cell(column) for it in compared)
    for whole, place in _wholes(table, column, parts):
        for scale in (1, 100):
            # A total of rounded percentages is 99.9% or 100.1%; it is checked as a sum.
            leaves = [it for it in compared if it.kind.is_leaf]
            off = [it for it in leaves if not _is_share(it, column, parts, whole, scale, places)]
            basis = Basis(column, parts, _tidy(whole), place, scale, bound, tuple(off))
            yield basis, off, len(compared)


def _both(row: Row, column: Column, parts: Sequence[Column]) -> bool:
    unknown = (CellKind.NOT_CALCULATED, CellKind.ERROR)
    if any(row.cell(it).kind in unknown for it in parts):
        return False
    shares = any(row.value(it) for it in parts)
    if row.kind is RowKind.TOTAL:
        return shares and bool(row.value(column))
    return shares or bool(row.value(column))


def _is_share(
    row: Row,
    column: Column,
    parts: Sequence[Column],
    whole: Fraction,
    scale: int,
    places: int,
) -> bool:
    cell = row.cell(column)
    shares, slack = add(row.cell(it) for it in parts)
    expected = shares / whole * scale
    allowed = room(cell, places) + (slack / whole + _COMPUTED) * scale
    return abs(Fraction(cell.value or 0) - expected) <= allowed


def _wholes(
    table: CapTable, column: Column, parts: Sequence[Column]
) -> Iterator[tuple[Fraction, Row | None]]:
    """The numbers of shares that percentages of some columns may be of."""
    seen: set[Fraction] = set()

    def once(number: Fraction) -> bool:
        fresh = number > 0 and number not in seen
        seen.add(number)
        return fresh

    for row in reversed(table.totals):
        total, _ = add(row.cell(it) for it in parts)
        if once(total):
            yield total, row
    rows = [row.cell(it) for row in table.leaves for it in parts]
    total, _ = add(rows)
    if once(total):
        yield total, None
    if column.role is not Role.PERCENT_DILUTED:
        holders = [it for it in table.leaves if it.kind is RowKind.HOLDER]
        total, _ = add(row.cell(it) for row in holders for it in parts)
        if once(total):
            yield total, None


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
    for parts in candidates:
        compared = [it for it in leaves if _both(it, column, parts)]
        implied = _implied(compared, column, parts)
        if implied is not None:
            whole, _ = add(row.cell(it) for row in table.leaves for it in parts)
            computed = all(it.cell(column).formula for it in compared)
            return NoBasis(column, parts, _tidy(implied), _tidy(whole), computed)
    computed = all(it.cell(column).formula for it in leaves)
    first = candidates[0] if candidates else ()
    return NoBasis(column, first, None, None, computed)


def _implied(rows: Sequence[Row], column: Column, parts: Sequence[Column]) -> Fraction | None:
    """The one number of shares that the percentages of at least two rows are of."""
    places = finest(it.cell(column) for it in rows)
    known = [it for it in rows if it.value(column) and any(it.value(p) for p in parts)]
    if len(known) < 2:
        return None
    largest = max(known, key=lambda it: abs(Fraction(it.value(column) or 0)))
    shares, _ = add(largest.cell(it) for it in parts)
    whole = shares / Fraction(largest.value(column) or 1)
    whole = Fraction(round(whole)) if abs(whole - round(whole)) < _HALF / 100 else whole
    if whole <= 0:
        return None
    fits = all(
        abs(Fraction(it.value(column) or 0) - _held(it, parts) / whole)
        <= room(it.cell(column), places) * 2 + _COMPUTED
        for it in rows
    )
    return whole if fits else None


def _held(row: Row, parts: Sequence[Column]) -> Fraction:
    return add(row.cell(it) for it in parts)[0]


# ---------------------------------------------------------------- swapped columns and cells


@lru_cache(maxsize=_KEPT)
def swapped_columns(table: CapTable) -> tuple[tuple[Column, Column], ...]:
    """Pairs of a column of shares holding fractions and one of percentages holding counts."""
    pairs = []
    for percent in table.percents:
        counts = _values(table, percent)
        if not counts or any(it.denominator != 1 for it in counts) or max(counts) <= Fraction(100):
            continue
        for shares in table.shares:
            parts = _values(table, shares)
            if len(parts) == len(counts) and _are_fractions(parts):
                pairs.append((shares, percent))
                break
    return tuple(pairs)


def _values(table: CapTable, column: Column) -> list[Fraction]:
    found = [row.value(column) for row in table.leaves]
    return [Fraction(it) for it in found if it]


def _are_fractions(numbers: Sequence[Fraction]) -> bool:
    if any(not 0 < it <= 100 for it in numbers) or all(it.denominator == 1 for it in numbers):
        return False
    return max(numbers) <= 1 or abs(sum(numbers, start=Fraction(-100))) <= 1


@lru_cache(maxsize=_KEPT)
def swapped_cells(table: CapTable) -> tuple[tuple[Row, Column, Column, str], ...]:
    """Cells of shares that hold a percentage, with the column of percentages beside them."""
    return tuple(_swapped_cells(table))


def _swapped_cells(table: CapTable) -> Iterator[tuple[Row, Column, Column, str]]:
    skip = {column for pair in swapped_columns(table) for column in pair}
    for percent in table.percents:
        for shares in table.shares:
            if skip & {percent, shares} or shares.role is Role.CHANGE:
                continue
            counts = [it for row in table.leaves if (it := row.value(shares))]
            if len(counts) < 2 or sum(it > 100 for it in counts) * 2 <= len(counts):
                continue
            for row in table.leaves:
                how = _swapped(row, shares, percent)
                if how:
                    yield row, shares, percent, how


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
