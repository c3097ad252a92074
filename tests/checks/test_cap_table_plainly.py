"""Cap tables worked out column by column are what they are row by row, whatever stands in them.

Each table is one of a shape in which people keep them, with faults, odd cells, subtotals, groups
and breaks put in by chance; `plain_cap_table` goes through it on paper.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import plain_cap_table as plain
from cap_table_shapes import (
    SHAPES,
    Company,
    Computed,
    found_in,
    law_firm,
    letter,
    value_of,
    write_xlsxwriter,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st

from xl_compliance.checks.registry import run_checks
from xl_compliance.deal.cap_table_cells import CellKind, Cells, number_in, what_is
from xl_compliance.deal.cap_table_mapping import read_cap_tables
from xl_compliance.deal.cap_table_sums import kept
from xl_compliance.deal.cap_table_ties import Basis, RowSum, column_ties, percent_basis, row_sums
from xl_compliance.deal.cap_table_words import RowKind, holder_header
from xl_compliance.workbook.snapshot import (
    NOT_CALCULATED,
    ExcelError,
    format_address,
    parse_address,
    read,
)

NAMES = ["Ana Diaz", "Birch Ventures II, L.P.", "Price Family Trust", "Total Energies", "Cho Min"]
NAMES += ["Options granted", "Warrants outstanding", "Less: redeemed", "Founders", "Fir LLC"]
CLASSES = ["Common Stock", "Series Seed Preferred", "Series B Preferred (as converted)", "Class X"]
RIGHTS = ["Stock Options", "Warrants"]
LABELS = ["", "Total", "Total founders", "Subtotal", "Grand total", "Outstanding", "Ownership"]
LABELS += ["Options issued and outstanding", "Founders:", "Price per share", "Option pool", "Name"]
TEXTS = ["n/a", "-", "tbd", "1,000", "12.5%", "(500)", "$5", " ", "2.50", "5 %", "1000000000000000"]
ODD = [ExcelError("#REF!"), NOT_CALCULATED, True, date(2024, 1, 2), *TEXTS]
NUMBERS = [-1, -5000, 0.5, 1234.25, 99.5, 0.174, 17.4, 100, 0, 1e20, 1e301, 999999999999999.5]
NUMBERS += [10**15, 10**15 + 3, 0.1 + 0.2, 2.9999999999999996, float("nan")]
COUNTS = st.integers(0, 40_000_000) | st.sampled_from((0, 0, 1, 50, 100, 1_000_000))


@st.composite
def companies(draw):
    count = draw(st.integers(1, 8))
    rights = draw(st.integers(1, 2))
    classes = (*CLASSES[: draw(st.integers(1, 4))], *RIGHTS[:rights])
    names = tuple(
        draw(st.sampled_from(NAMES)) + draw(st.sampled_from(("", " 2"))) for _ in range(count)
    )
    held = tuple(tuple(draw(COUNTS) for _ in classes) for _ in range(count))
    held = (tuple(it + 1 for it in held[0]), *held[1:])
    return Company(names, classes, held, rights, draw(st.integers(0, 5_000_000)))


def moved(grid, row, by):
    """The grid with what stands from a row on moved down."""
    placed = {parse_address(address): value for address, value in grid.items()}
    return {
        format_address(at + by if at >= row else at, column): value
        for (at, column), value in placed.items()
    }


def with_subtotal(draw, grid, row):
    """A row that adds up some rows above it, or nearly does."""
    first, by = draw(st.integers(1, row)), draw(st.sampled_from((0, 0, 0, 1, -7, 0.01)))
    changed = moved(grid, row, 1)
    changed[f"A{row}"] = draw(st.sampled_from(LABELS))
    for column in sorted({parse_address(it)[1] for it in grid} - {1}):
        entries = (changed.get(f"{letter(column)}{it}") for it in range(first, row))
        values = [value_of(it) for it in entries]
        found = sum(it for it in values if type(it) in (int, float)) + by
        formula = f"=SUM({letter(column)}{first}:{letter(column)}{row - 1})"
        entry = draw(st.sampled_from((found, Computed(formula, found), None)))
        if entry is not None:
            changed[f"{letter(column)}{row}"] = entry
    return changed


def altered(draw, entry):
    """A number that was mistyped, rescaled, rounded or stored as text."""
    value = value_of(entry)
    if type(value) not in (int, float):
        return draw(st.sampled_from(ODD))
    ways = (value + 1, value * 100, value / 100, -value, round(value, 2), value + 0.25, str(value))
    changed = draw(st.sampled_from(ways))
    keeps = isinstance(entry, Computed) and draw(st.booleans())
    formula = entry.formula if keeps else f"=ROUND({value},2)"
    return Computed(formula, changed) if keeps or draw(st.integers(0, 9)) == 0 else changed


@st.composite
def grids(draw):
    grid = draw(st.sampled_from(SHAPES))(draw(companies()), draw(st.sampled_from((None, 2, 4))))
    for _ in range(draw(st.integers(0, 4))):
        address = draw(st.sampled_from(sorted(grid)))
        row, column = parse_address(address)
        how = draw(st.integers(0, 6))
        if how == 0:
            grid = {**grid, address: draw(st.sampled_from([*ODD, *NUMBERS]))}
        elif how == 1:
            grid = {**grid, address: altered(draw, grid[address])}
        elif how == 2:
            grid = {**grid, f"A{row}": draw(st.sampled_from([*LABELS, *NAMES]))}
        elif how in (3, 4) and row > 4:
            grid = with_subtotal(draw, grid, row)
        elif how == 5 and row > 2:
            grid = moved(grid, row, draw(st.sampled_from((1, 2, 4))))
        else:
            values = {it: v for it, v in grid.items() if parse_address(it)[1] == column}
            halves = {it: v + 0.5 for it, v in values.items() if type(v) is int}
            grid = {**grid, **halves}
    return {address: value for address, value in grid.items() if value is not None}


def shown(value):
    return None if value is None else Fraction(value)


def assert_read_plainly(grid, table):
    cells = table.cells
    for row, column, entry in plain.places_of(grid, table):
        index = next(it.index for it in table.rows if it.number == row)
        kind, number = plain.classified(value_of(entry))
        read = cells[column].at(index)
        assert (read.kind, shown(read.value)) == (kind, number), (row, column)
        assert read.formula == (
            entry.formula if isinstance(entry, Computed) and read.address else ""
        )
        assert cells[column].numbers[index] == (number or 0)
        assert (index in cells[column].texts) == (kind is CellKind.TEXT_NUMBER)
        assert (index in cells[column].pending) == (kind in plain.MISSING)
    assert [row.kind for row in table.rows] == plain.kinds(table)


def assert_adds_up_plainly(table):
    ties = [
        (
            it.row.number,
            it.column.number,
            it.nearest,
            [row.number for row in it.rows],
            it.cause,
            it.sure,
        )
        for it in column_ties(table)
    ]
    assert ties == plain.untied(table)
    for reading in row_sums(table):
        expected = plain.row_sum(table, reading.column)
        if not isinstance(reading, RowSum):
            assert expected is None
            continue
        off = (*reading.departures, *reading.doubtful, *reading.otherwise)
        parts = [it.number for it in reading.parts]
        assert (parts, sorted(it.number for it in off)) == expected
    for column in table.percents:
        assert divided(percent_basis(table, column)) == plain.basis(table, column)


def divided(found):
    if not isinstance(found, Basis):
        return None
    place = found.place.number if found.place else None
    departures = [it.number for it in found.departures]
    return [it.number for it in found.parts], found.whole, place, found.scale, departures


@settings(max_examples=150)
@given(grids())
def test_every_cell_and_row_is_what_it_is_by_itself(grid):
    for table in found_in(grid).tables:
        assert_read_plainly(grid, table)


@settings(max_examples=150)
@given(grids())
def test_totals_sums_and_percentages_are_those_of_a_plain_count(grid):
    for table in found_in(grid).tables:
        assert_adds_up_plainly(table)


@settings(max_examples=80)
@given(grids())
def test_what_is_said_of_single_cells_is_said_of_each_by_itself(grid):
    tables = found_in(grid)
    findings = run_checks(tables)
    checked = [
        (table, row, row.cell(column), column)
        for table in tables.tables
        for row in table.rows
        for column in table.columns
        if column.role.is_shares or column.role.is_percent
    ]
    counted = [it for it in checked if it[1].kind.is_leaf or it[1].kind is RowKind.TOTAL]
    texts = [it[2].address for it in counted if it[2].kind is CellKind.TEXT_NUMBER]
    assert [it.cell for it in findings if it.code == "CAP004"] == texts
    errors = [it[2].address for it in counted if it[2].kind is CellKind.ERROR]
    said = [it for it in findings if it.code == "CAP003" and it.verdict == "UNREADABLE"]
    assert [it.cell for it in said] == errors
    beyond = [
        f"{table.sheet}!{cell.address}"
        for table in tables.tables
        for row in table.rows
        for cell in row.cells.values()
        if cell.value is not None and abs(cell.value) >= 10**15
    ]
    assert [at for it in findings if it.code == "CAP016" for at in it.inputs] == beyond


@settings(max_examples=30)
@given(companies(), st.sampled_from(SHAPES), st.sampled_from((2, 3, 4, 6)), st.data())
def test_typed_percentages_have_the_room_that_their_number_formats_show(
    tmp_path_factory, company, shape, places, data
):
    grid = shape(company, places)
    codes = st.sampled_from(("0.0%", "0.00%", "0%", "0.000%", "General", "0.00", '0.0" %"'))
    written = {at: data.draw(codes) for at, it in grid.items() if type(value_of(it)) is float}
    path = write_xlsxwriter(grid, tmp_path_factory.mktemp("formats") / "cap.xlsx", written)
    for table in read_cap_tables(read(path)).tables:
        assert_adds_up_plainly(table)


# ---------------------------------------------------------------- single cells and words

SPELT = st.text(alphabet="0123456789,.'%$€£-+() \u00a0eE", max_size=12)


@settings(max_examples=400)
@given(
    SPELT
    | st.sampled_from(ODD)
    | st.integers(-(10**17), 10**17)
    | st.floats(width=64)
    | st.builds(lambda whole, cents: whole + cents / 100, st.integers(0, 10**9), st.integers(0, 99))
)
@example(999999999999999.5)
@example(2.9999999999999996)
def test_a_value_is_what_it_is_read_as_on_paper(value):
    kind, number = what_is(value)
    assert (kind, shown(number)) == plain.classified(value)


def test_a_column_of_whole_numbers_is_taken_as_it_stands():
    cells = Cells(2, range(1, 5), [3, 0, -2, 10**15 - 1], {})
    assert cells.values is cells.raw
    assert cells.all_whole
    assert not cells.where(CellKind.BLANK)
    larger = Cells(2, range(1, 3), [3, 10**15 + 3], {})
    assert not larger.all_whole
    assert larger.values == [3, number_in("1,000,000,000,000,000")]


WORDS = st.sampled_from(
    [
        "name",
        "of",
        "the",
        "shareholder",
        "stakeholder",
        "holders",
        "investor's",
        "member",
        "Owner",
        "participants",
        "founder",
        "entity",
        "party",
        "partner",
        "purchaser",
        "person",
        "record",
        "legal",
        "full",
        "share",
        "stock",
        "unit",
        "security",
        "class",
        "type",
        "Ana",
        "Fund",
        "Series",
        "[1]",
        "*",
        "series.",
        "equity",
        "class.",
        "holder(s)",
        "legal-name",
    ]
)


@settings(max_examples=300)
@given(st.lists(WORDS, max_size=7).map(" ".join))
@example("Class of securities")
@example("Type of security")
@example("hol'ders")
def test_a_text_is_told_from_a_header_by_its_first_word_only_where_it_is_none(text):
    assert holder_header(text) == plain.holder_header(text)


def test_a_long_table_with_many_subtotals_ties_as_a_short_one_does():
    head = ["Holder", "Common Stock", "Series A Preferred", "Total"]
    lines, sums = [head], [0, 0]
    for group in range(40):
        held = [(group * 7 + it, group + it * 3) for it in range(1, 4)]
        lines += [[f"Holder {group} {it}", *pair, sum(pair)] for it, pair in enumerate(held)]
        sub = [sum(it) for it in zip(*held, strict=True)]
        wrong = 5 if group % 7 == 3 else 0
        lines.append([f"Total series {group}", sub[0] + wrong, sub[1], sum(sub) + wrong])
        sums = [a + b for a, b in zip(sums, sub, strict=True)]
    lines.append(["Grand total", *sums, sum(sums)])
    grid = {
        f"{letter(column)}{row}": value
        for row, line in enumerate(lines, start=1)
        for column, value in enumerate(line, start=1)
    }
    (table,) = found_in(grid).tables
    assert_read_plainly(grid, table)
    assert_adds_up_plainly(table)
    assert {it.row.label for it in column_ties(table)} == {
        f"Total series {it}" for it in range(3, 40, 7)
    }


def test_what_is_worked_out_about_a_table_is_kept_in_it_and_nowhere_else():
    (table,) = found_in(
        law_firm(Company(("Ana", "Bo"), ("Common", "Options"), ((5, 1), (3, 2)), 1, 4))
    ).tables
    asked = []

    @kept
    def question(table, number):
        asked.append(number)
        return number

    assert [question(table, it) for it in (1, 1, 2)] == [1, 1, 2]
    assert asked == [1, 2]
    (other,) = found_in(
        law_firm(Company(("Ana", "Bo"), ("Common", "Options"), ((5, 1), (3, 2)), 1, 4))
    ).tables
    assert question(other, 1) == 1
    assert asked == [1, 2, 1]
