"""Checks of cap tables that other people made: whether the numbers hang together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from xl_compliance.checks.findings import BREACH, NOTE, OK, UNREADABLE, Finding, finding
from xl_compliance.checks.registry import Check, Run, check
from xl_compliance.deal.cap_table import CapTable, CapTables, Column, Row
from xl_compliance.deal.cap_table_cells import CellKind, Holding
from xl_compliance.deal.cap_table_sums import add, kept, percent_rooms
from xl_compliance.deal.cap_table_ties import (
    Basis,
    NoBasis,
    NoReading,
    RowSum,
    column_ties,
    percent_basis,
    row_sums,
    swapped_cells,
    swapped_columns,
    without_details,
)
from xl_compliance.deal.cap_table_words import Role, RowKind, is_deduction, words_of
from xl_compliance.deal.model import Input
from xl_compliance.deal.places import named
from xl_compliance.rules.exact import (
    Exact,
    from_number,
    magnitude,
    minus,
    percent,
    plain,
    plus,
    quotient,
    times,
)
from xl_compliance.rules.outcome import NEEDS_INPUT, REVIEW
from xl_compliance.workbook.number_formats import shows_percent

SOURCE = "arithmetic of the table itself"
RULE = "CAP-TABLE"
_LISTED = 5


def _check(code: str, title: str) -> Callable[[Run], Check]:
    return check(code, title, RULE, SOURCE, takes=CapTables)


@_check("CAP001", "Cap table read")
def read(check: Check, found: CapTables) -> Iterator[Finding]:
    """Each cap table that was found, and what was understood of it."""
    for table in found.tables:
        holders = sum(row.kind is RowKind.HOLDER for row in table.leaves)
        classes = len(table.with_role(Role.CLASS, Role.RIGHT))
        what = "classes" if table.of_classes else "holders"
        hidden = "" if table.visible else " (hidden sheet)"
        message = (
            f"{table.region}{hidden}: {holders} {what}, {classes} columns of holdings, "
            f"{len(table.percents)} of percentages, {len(table.totals)} totals; "
            "xl-compliance inspect shows what each cell was read as"
        )
        yield finding(check, OK, message, table.head(table.holder_column))


@_check("CAP002", "Part of a cap table that is not understood")
def not_understood(check: Check, found: CapTables) -> Iterator[Finding]:
    """What resembles a cap table, or stands in one, and was not checked."""
    for doubt in found.not_understood:
        at: Input[Any] = Input(None, doubt.sheet, doubt.address, "")
        verdict = REVIEW if doubt.grave else NOTE
        yield finding(check, verdict if found.tables else NEEDS_INPUT, doubt.message, at)
    for table in found.tables:
        for column, places in _computed_otherwise(table):
            if column in _swapped(table):
                continue
            message = (
                f'which columns "{column.name}" adds up is not understood'
                + (f" in {places}" if places else "")
                + ", so its rows were not added up; a mapping can say what the columns are"
            )
            yield finding(check, NOTE, message, table.head(column))


def _computed_otherwise(table: CapTable) -> Iterator[tuple[Column, str]]:
    for reading in row_sums(table):
        if isinstance(reading, NoReading):
            yield reading.column, ""
        elif reading.otherwise:
            yield reading.column, _places(table, reading.column, reading.otherwise)


@_check("CAP003", "Cell of a cap table without a number")
def without_number(check: Check, found: CapTables) -> Iterator[Finding]:
    """Error values, words where a number belongs, formulas whose result the file does not hold."""
    for table in found.tables:
        cells = _checked_cells(table, CellKind.ERROR, CellKind.TEXT, CellKind.NOT_CALCULATED)
        for cell in (it for it in cells if it.kind is CellKind.ERROR):
            message = f"{cell.read[:40]}: no number, so what rests on it was not checked"
            yield finding(check, UNREADABLE, message, table.at(cell), [table.at(cell)])
        words = [it for it in cells if it.kind is CellKind.TEXT]
        if words:
            places = [table.at(it) for it in words]
            message = (
                f'"{words[0].read[:40]}" is no number and was counted as nothing'
                + (f", as {_listed(places[1:])} were" if places[1:] else "")
                + ": enter a number, or a dash for none"
            )
            yield finding(check, REVIEW, message, places[0], places)
        pending = [table.at(it) for it in cells if it.kind is CellKind.NOT_CALCULATED]
        if pending:
            message = (
                f"{len(pending)} formulas have no stored result ({_listed(pending)}), so what "
                "rests on them was not checked: open, calculate and save the file"
            )
            yield finding(check, NEEDS_INPUT, message, pending[0], pending)


@_check("CAP004", "Number stored as text")
def text_numbers(check: Check, found: CapTables) -> Iterator[Finding]:
    """A number that Excel holds as text: sums leave it out without a word."""
    for table in found.tables:
        for cell in _checked_cells(table, CellKind.TEXT_NUMBER):
            message = f'"{cell.read}" is text, so SUM leaves it out: enter it as a number'
            yield finding(check, UNREADABLE, message, table.at(cell), [table.at(cell)])


@_check("CAP005", "Total of a column that does not tie")
def column_totals(check: Check, found: CapTables) -> Iterator[Finding]:
    """A total that is not what the rows above it add up to."""
    for table in found.tables:
        swapped = _swapped(table)
        for tie in column_ties(table):
            if tie.column in swapped:
                continue
            cell = tie.row.cell(tie.column)
            label = tie.row.label or "the last row"
            message = (
                f"{label}, {tie.column.name}: {_shown(cell, tie.column)}, but the rows above add "
                f"up to {_number(tie.nearest, tie.column)}"
                + (f"; {tie.cause}" if tie.cause else "")
                + ("" if tie.sure else ". Which rows it should add up is for you to say")
            )
            inputs = [table.at(cell), *(table.at(it.cell(tie.column)) for it in tie.rows)]
            yield finding(check, BREACH if tie.sure else REVIEW, message, table.at(cell), inputs)


@_check("CAP006", "Total of a row that does not tie")
def row_totals(check: Check, found: CapTables) -> Iterator[Finding]:
    """A sum over classes that is not what the classes of that holder add up to."""
    for table in found.tables:
        swapped = _swapped(table)
        for reading in row_sums(table):
            if isinstance(reading, RowSum) and not swapped & {reading.column, *reading.parts}:
                yield from _row_departures(check, table, reading)


def _row_departures(check: Check, table: CapTable, reading: RowSum) -> Iterator[Finding]:
    certain = [(row, True) for row in reading.departures]
    for row, sure in (*certain, *((row, False) for row in reading.doubtful)):
        cell = row.cell(reading.column)
        cells = [row.cell(it) for it in reading.parts]
        total, _ = add(cells)
        message = (
            f"{row.label or 'this row'}, {reading.column.name}: {_shown(cell, reading.column)}, "
            f"but {_letters(reading.parts)} add up to {_figure(_exact(total))}, as they do in the "
            "other rows"
            + ("" if sure else ". A conversion ratio would explain it: compare the terms")
        )
        inputs = [table.at(cell), *(table.at(it) for it in cells if it.address)]
        yield finding(check, BREACH if sure else REVIEW, message, table.at(cell), inputs)


@_check("CAP007", "Percentage that does not follow from the shares")
def percentages(check: Check, found: CapTables) -> Iterator[Finding]:
    """Each percentage recomputed, at the rounding that its own cell shows."""
    for table in found.tables:
        for basis in _bases(table):
            if not isinstance(basis, Basis):
                continue
            for row in basis.departures:
                if not _is_other_scale(table, row, basis) and row.index not in _swapped_rows(table):
                    yield _percent_departure(check, table, basis, row)


def _percent_departure(check: Check, table: CapTable, basis: Basis, row: Row) -> Finding:
    cell = row.cell(basis.column)
    shares = [row.cell(it) for it in basis.parts]
    held, _ = add(shares)
    expected = quotient(_exact(held), basis.whole)
    message = (
        f"{row.label or 'this row'}, {basis.column.name}: {_shown(cell, basis.column)}, but "
        f"{_figure(_exact(held))} of {_figure(basis.whole)} {_of(basis)} is "
        f"{_as_shown(expected, cell)}"
    )
    whole = [basis.place.cell(it) for it in basis.parts] if basis.place else []
    inputs = [table.at(it) for it in (cell, *shares, *whole) if it.address]
    return finding(check, BREACH, message, table.at(cell), inputs)


@_check("CAP008", "Percentages of something else")
def percent_bases(check: Check, found: CapTables) -> Iterator[Finding]:
    """A whole column of percentages that is not of the shares its header names."""
    for table in found.tables:
        for basis in _bases(table):
            if isinstance(basis, NoBasis):
                yield _without_basis(check, table, basis)
            elif not basis.bound and basis.column.role is not Role.PERCENT:
                parts = ", ".join(f'"{it.name}"' for it in basis.parts)
                message = (
                    f'"{basis.column.name}" is each holder\'s part of {parts} '
                    f"({_figure(basis.whole)} in all), not what its header says"
                )
                yield finding(check, REVIEW, message, table.head(basis.column))


def _without_basis(check: Check, table: CapTable, basis: NoBasis) -> Finding:
    name, at = basis.column.name, table.head(basis.column)
    if basis.implied is None or basis.whole is None:
        message = f'"{name}": of which shares these are percentages is not understood'
        verdict = NOTE if not basis.parts or basis.computed else REVIEW
        return finding(check, verdict, f"{message}, so they were not recomputed", at)
    parts = ", ".join(f'"{it.name}"' for it in basis.parts)
    message = (
        f'"{name}" is {parts} out of {_figure(basis.implied)}, but {parts} add up to '
        f"{_figure(basis.whole)} here: "
    )
    if basis.implied > basis.whole:
        message += "shares that are not in this table, or a wrong whole"
        return finding(check, NOTE if basis.computed else REVIEW, message, at)
    message += "the whole leaves some of them out"
    return finding(check, REVIEW, message, at)


@_check("CAP009", "Percentages that do not add up to 100%")
def percent_sums(check: Check, found: CapTables) -> Iterator[Finding]:
    """A column of ownership that is not the whole company, beyond what rounding explains."""
    for table in found.tables:
        for basis in _bases(table):
            values = table.of(basis.column).values
            rows = [it for it in table.leaves if values[it.index] is not None]
            found_sum = _sum_of(table, rows, basis.column)
            scale = basis.scale if isinstance(basis, Basis) else _scale(found_sum)
            distance = magnitude(minus(found_sum, scale))
            if len(rows) < 2 or distance <= _NEAR:
                continue
            rooms = percent_rooms(table, basis.column).of_all([it.index for it in rows])
            slack = plus(rooms, _NEAR)
            if distance <= times(slack, 1 if scale == 1 else 2):
                continue
            if _part_of_company(table, basis, rows):
                continue
            if _whole_without_details(table, basis, rows, slack):
                continue
            sure = isinstance(basis, Basis) and basis.bound
            message = (
                f"{basis.column.name}: the rows add up to {percent(quotient(found_sum, scale))}, "
                "not 100%"
            )
            inputs = [table.at(it.cell(basis.column)) for it in rows]
            at = table.head(basis.column)
            yield finding(check, BREACH if sure else REVIEW, message, at, inputs)


_NEAR = Decimal("1e-9")


def _sum_of(table: CapTable, rows: Sequence[Row], column: Column) -> Exact:
    numbers = table.of(column).numbers
    return sum((numbers[it.index] for it in rows), start=0)


def _whole_without_details(
    table: CapTable, basis: Basis | NoBasis, rows: Sequence[Row], slack: Exact
) -> bool:
    """Whether rows that spell out the one above them are all that is too much."""
    column = basis.parts[0] if basis.parts else basis.column
    others = without_details(table, rows, column)
    found_sum = _sum_of(table, others, basis.column)
    scale = basis.scale if isinstance(basis, Basis) else _scale(found_sum)
    return len(others) < len(rows) and magnitude(minus(found_sum, scale)) <= slack


def _part_of_company(table: CapTable, basis: Basis | NoBasis, rows: Sequence[Row]) -> bool:
    """Whether other findings say why: a wrong row, or a whole with other shares in it."""
    if isinstance(basis, NoBasis):
        return basis.implied is not None
    if basis.departures:
        return True
    held: Exact = sum((_sum_of(table, rows, it) for it in basis.parts), start=0)
    everyone: Exact = sum((_sum_of(table, table.leaves, it) for it in basis.parts), start=0)
    return held != everyone and everyone == basis.whole


@_check("CAP010", "Percentage typed as a whole number")
def whole_percents(check: Check, found: CapTables) -> Iterator[Finding]:
    """17.4 where the cell or its neighbours take 0.174: the cell shows 1740%."""
    for table in found.tables:
        for basis in _bases(table):
            if not isinstance(basis, Basis):
                continue
            for row in basis.departures:
                if _is_other_scale(table, row, basis):
                    cell = row.cell(basis.column)
                    message = (
                        f"{row.label}, {basis.column.name}: {cell.read} where the other rows hold "
                        f"{'fractions' if basis.scale == 1 else 'percentage points'}"
                    )
                    yield finding(check, BREACH, message, table.at(cell), [table.at(cell)])
            if basis.scale == 100:
                yield from _points(check, table, basis)


def _points(check: Check, table: CapTable, basis: Basis) -> Iterator[Finding]:
    rows = [row for row in table.leaves if row.value(basis.column)]
    cells = [row.cell(basis.column) for row in rows]
    if cells and all(_shows_percent(table, basis.column, row) for row in rows):
        message = (
            f"{basis.column.name}: {plain(cells[0].value or 0)} in a cell that shows percentages "
            f"reads {plain((cells[0].value or 0) * 100)}%: divide the column by 100"
        )
        yield finding(check, BREACH, message, table.at(cells[0]), [table.at(it) for it in cells])
        return
    message = f"{basis.column.name}: read as percentage points (100 is the whole company)"
    yield finding(check, NOTE, message, table.head(basis.column))


def _shows_percent(table: CapTable, column: Column, row: Row) -> bool:
    return shows_percent(table.format_of(row.number, column.number))


@_check("CAP011", "Shares and percentages changed places")
def changed_places(check: Check, found: CapTables) -> Iterator[Finding]:
    """A share count that is a percentage, or a percentage that is a share count."""
    for table in found.tables:
        for shares, part in swapped_columns(table):
            message = (
                f'"{shares.name}" holds fractions and "{part.name}" holds counts: the two columns '
                "have changed places, and what rests on them was not checked"
            )
            yield finding(check, BREACH, message, table.head(shares), [table.head(part)])
        said = set()
        for row, shares, part, how in swapped_cells(table):
            cell = row.cell(shares)
            if cell.address in said:
                continue
            said.add(cell.address)
            message = (
                f"{row.label}: {cell.read} under {shares.name}, {row.cell(part).read} under "
                f"{part.name}: {how}"
            )
            inputs = [table.at(cell), table.at(row.cell(part))]
            yield finding(check, BREACH, message, table.at(cell), inputs)


@_check("CAP012", "Holder named twice")
def duplicates(check: Check, found: CapTables) -> Iterator[Finding]:
    """Two rows of one holder, alike in every word: counted twice, or to be added together."""
    for table in found.tables:
        if table.of_classes:
            continue
        named_rows = [it for it in table.leaves if it.kind is RowKind.HOLDER and it.label]
        names = Counter(words_of(row.label) for row in named_rows)
        alike: dict[tuple[str, ...], list[Row]] = {}
        for row in named_rows:
            if names[words_of(row.label)] > 1:
                alike.setdefault(_identity(table, row), []).append(row)
        for same in alike.values():
            held = any(row.value(it) for row in same for it in table.shares)
            if len(same) < 2 or not held:
                continue
            places = [table.name_of(row) for row in same]
            message = (
                f'"{same[0].label}" stands there {len(same)} times ({_listed(places)}): one '
                "holder in several rows, or counted twice?"
            )
            yield finding(check, REVIEW, message, places[1], places)


def _identity(table: CapTable, row: Row) -> tuple[str, ...]:
    texts = [row.cell(it) for it in table.columns if it.role is Role.TEXT]
    words = [it.read for it in texts if it.kind in (CellKind.TEXT, CellKind.NUMBER)]
    return tuple(words_of(text) for text in (row.label, *words))


@_check("CAP013", "Negative holding")
def negative(check: Check, found: CapTables) -> Iterator[Finding]:
    """Fewer shares than none. Treasury shares, and columns of cancellations, may be negative."""
    for table in found.tables:
        columns = [it for it in table.shares if it.role is not Role.CHANGE]
        below = {it: _below_zero(table, it) for it in columns}
        places = frozenset[int]().union(*below.values())
        rows = (it for it in table.leaves if it.index in places)
        for row in (it for it in rows if not is_deduction(it.label)):
            for cell, column in ((row.cell(it), it) for it in columns if row.index in below[it]):
                message = f"{row.label}, {column.name}: {plain(cell.value or 0)} shares held"
                yield finding(check, BREACH, message, table.at(cell), [table.at(cell)])


def _below_zero(table: CapTable, column: Column) -> frozenset[int]:
    return frozenset(place for place, it in enumerate(table.of(column).numbers) if it < 0)


@_check("CAP014", "Fraction of a share")
def fractions(check: Check, found: CapTables) -> Iterator[Finding]:
    """Holdings that are not whole numbers: rounded away in a certificate, kept in a model."""
    for table in found.tables:
        odd = _swapped(table)
        columns = [table.of(it) for it in table.shares if it not in odd]
        parts = [
            it.at(place)
            for it in columns
            if not (it.all_whole or it.rounded)
            for place in table.leaf_places
            if it.numbers[place] != int(it.numbers[place])
        ]
        if not parts:
            continue
        typed = [it for it in parts if not it.formula]
        first, places = (typed or parts)[0], [table.at(it) for it in typed or parts]
        how = "typed in" if typed else "computed, as a price and an amount give them, not rounded:"
        message = (
            f"{len(places)} counts of shares are no whole numbers, {how} {_listed(places)}; the "
            f"first is {plain(first.value or 0)}"
        )
        yield finding(check, REVIEW if typed else NOTE, message, places[0], places)


@_check("CAP015", "Class of the cap table against the Classes sheet")
def classes(check: Check, found: CapTables) -> Iterator[Finding]:
    """The total of a class, and the shares outstanding entered for it."""
    listed = {words_of(row.name.value): row for row in found.classes if row.name.value}
    for table in found.tables if listed else ():
        for name, cells in _class_totals(table):
            row = listed.get(words_of(name))
            if row is None or row.outstanding.value is None or not cells:
                continue
            total, _ = add(cells)
            if total == Fraction(row.outstanding.value):
                continue
            at = table.at(cells[0])
            message = (
                f"{name}: {_figure(_exact(total))} in the cap table, "
                f"{plain(row.outstanding.value)} in {row.outstanding.where}"
            )
            inputs = [row.outstanding, *(table.at(it) for it in cells)]
            yield finding(check, BREACH, message, at, inputs)


def _class_totals(table: CapTable) -> Iterator[tuple[str, list[Holding]]]:
    if table.of_classes:
        for counted in table.with_role(Role.OUTSTANDING, Role.CLASS)[:1]:
            for row in table.leaves:
                cell = row.cell(counted)
                yield row.label, [cell] if cell.is_number else []
        return
    for column in table.with_role(Role.CLASS):
        totals = [row.cell(column) for row in table.totals if row.cell(column).is_number]
        leaves = [row.cell(column) for row in table.leaves if row.cell(column).is_number]
        yield column.name, totals[-1:] or leaves


# ---------------------------------------------------------------- words and figures


def _bases(table: CapTable) -> Iterator[Basis | NoBasis]:
    swapped = _swapped(table)
    for column in table.percents:
        if column in swapped:
            continue
        basis = percent_basis(table, column)
        if basis is not None:
            yield basis


@kept
def _swapped(table: CapTable) -> frozenset[Column]:
    """Columns whose cells have changed places: no other check means anything there."""
    pairs = {column for pair in swapped_columns(table) for column in pair}
    cells = {it for _, shares, part, _ in swapped_cells(table) for it in (shares, part)}
    return frozenset(pairs | cells)


@kept
def _swapped_rows(table: CapTable) -> frozenset[int]:
    return frozenset(row.index for row, *_ in swapped_cells(table))


def _is_other_scale(table: CapTable, row: Row, basis: Basis) -> bool:
    """Whether a percentage is right in points among fractions, or the other way round."""
    cell = row.cell(basis.column)
    held, _ = add(row.cell(it) for it in basis.parts)
    other = 100 if basis.scale == 1 else 1
    expected = held / Fraction(basis.whole) * other
    room = Fraction(percent_rooms(table, basis.column).of(row.index))
    allowed = max(room, Fraction(1, 200) if other == 100 else Fraction(0))
    return bool(held) and abs(Fraction(cell.value or 0) - expected) <= allowed


def _checked_cells(table: CapTable, *kinds: CellKind) -> list[Holding]:
    """The cells of shares and percentages that are of some kinds, row by row."""
    checked = [table.of(it) for it in table.columns if it.role.is_shares or it.role.is_percent]
    checked = [it for it in checked if any(map(it.where, kinds))]
    if not checked:
        return []
    return [
        it.at(row.index)
        for row in table.rows
        if row.kind.is_leaf or row.kind is RowKind.TOTAL
        for it in checked
        if it.kinds[row.index] in kinds
    ]


def _scale(found_sum: Exact) -> int:
    return 100 if found_sum > 10 else 1


def _exact(number: Fraction) -> Exact:
    return quotient(number, 1)


def _figure(number: Exact) -> str:
    """A sum for a reader: as a cell would show it, in 15 digits."""
    try:
        return plain(from_number(Fraction(number)))
    except ValueError:  # more, or less, than any cell holds
        ratio = Fraction(number)
        return f"{Decimal(ratio.numerator) / Decimal(ratio.denominator):.3E}"


def _number(value: Exact, column: Column) -> str:
    small = column.role.is_percent and magnitude(value) <= 2
    return percent(value) if small else _figure(value)


def _shown(cell: Holding, column: Column) -> str:
    return cell.read if cell.value is None else _number(cell.value, column)


def _as_shown(expected: Exact, cell: Holding) -> str:
    close = cell.value is not None and Fraction(cell.value) <= 2
    return percent(expected, *([cell.value] if close and cell.value is not None else []))


def _of(basis: Basis) -> str:
    return f"({basis.place.label})" if basis.place and basis.place.label else "in all"


def _letters(columns: Iterable[Column]) -> str:
    return ", ".join(column.letter for column in columns)


def _places(table: CapTable, column: Column, rows: Iterable[Row]) -> str:
    return _listed([table.at(row.cell(column)) for row in rows])


def _listed(places: Sequence[Input[Any]]) -> str:
    said = named(places[:_LISTED])
    more = len(places) - _LISTED
    return f"{said} and {more} more" if more > 0 else said
