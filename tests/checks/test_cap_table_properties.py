"""Clean cap tables of every shape are never called wrong; a planted fault always is."""

from __future__ import annotations

from cap_table_shapes import (
    SHAPES,
    Company,
    Computed,
    found_in,
    law_firm,
    letter,
    ownership_view,
    value_of,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from xl_compliance.checks.findings import Severity
from xl_compliance.checks.registry import run_checks
from xl_compliance.workbook.snapshot import parse_address

NAMES = ("Ana Diaz", "Birch Ventures II, L.P.", "Cho Min", "Delta Fund", "E. Okafor", "Fir LLC")
CLASSES = ("Common Stock", "Series Seed Preferred", "Series A-1 Preferred")
RIGHTS = ("Stock Options", "Warrants")
COUNTS = st.integers(0, 40_000_000) | st.sampled_from((0, 0, 1, 100, 1_000_000))
WRONG = (Severity.ERROR, Severity.WARNING)


@st.composite
def companies(draw):
    names = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=6, unique=True))
    plain = draw(st.integers(1, 3))
    rights = draw(st.integers(1, 2))
    classes = (*CLASSES[:plain], *RIGHTS[:rights])
    held = tuple(tuple(draw(COUNTS) for _ in classes) for _ in names)
    pool = draw(st.integers(0, 5_000_000))
    company = Company(tuple(names), classes, held, rights, pool)
    assume(sum(company.basic) and all(company.diluted))
    return company


def grave(grid):
    return [it for it in run_checks(found_in(grid)) if it.severity in WRONG]


@settings(max_examples=60)
@given(companies(), st.sampled_from(SHAPES), st.sampled_from((None, 2, 3, 4, 6)))
def test_a_clean_table_is_never_called_wrong(company, shape, places):
    grid = shape(company, places)
    tables = found_in(grid).tables
    assert len(tables) == 1, shape.__name__
    assert grave(grid) == []


@settings(max_examples=60)
@given(companies(), st.sampled_from(SHAPES))
def test_every_number_of_a_table_is_read(company, shape):
    grid = shape(company)
    (table,) = found_in(grid).tables
    read = {cell.address for row in table.rows for cell in row.cells.values()}
    rows = {row.number for row in table.rows}
    numbers = {
        address
        for address, entry in grid.items()
        if isinstance(value_of(entry), (int, float)) and parse_address(address)[0] in rows
    }
    assert numbers <= read


def changed(grid, address, value):
    return {**grid, address: value}


@settings(max_examples=60)
@given(companies(), st.sampled_from((law_firm, ownership_view)), st.integers(1, 999), st.data())
def test_a_total_that_does_not_tie_is_found(company, shape, by, data):
    grid = shape(company)
    (table,) = found_in(grid).tables
    column = data.draw(st.sampled_from(table.shares))
    address = table.totals[-1].cell(column).address
    wrong = changed(grid, address, value_of(grid[address]) + by)
    places = {it.cell for it in grave(wrong) if it.code == "CAP005"}
    assert address in places


@settings(max_examples=60)
@given(companies(), st.integers(1, 999), st.data())
def test_a_row_that_does_not_add_up_is_found(company, by, data):
    grid = law_firm(company)
    row = data.draw(st.integers(5, 4 + len(company.names)))
    address = f"{letter(len(company.classes) + 3)}{row}"
    wrong = changed(grid, address, value_of(grid[address]) + by)
    found = grave(wrong)
    assert any(it.cell == address or address in " ".join(it.inputs) for it in found), found


@settings(max_examples=60)
@given(companies(), st.sampled_from((2, 3, 4)), st.sampled_from((-3, -2, 2, 3)), st.data())
def test_a_percentage_beyond_its_rounding_is_found(company, places, ticks, data):
    grid = law_firm(company, places)
    row = data.draw(st.integers(5, 4 + len(company.names)))
    address = f"{letter(len(company.classes) + 4)}{row}"
    wrong = changed(grid, address, round(grid[address] + ticks / 10**places, places))
    assume(len(company.names) > 2)
    found = [it for it in grave(wrong) if it.code in ("CAP007", "CAP008", "CAP005", "CAP010")]
    assert any(it.cell == address for it in found if it.code != "CAP005"), found


@settings(max_examples=40)
@given(companies(), st.data())
def test_a_negative_holding_is_found(company, data):
    row = data.draw(st.integers(5, 4 + len(company.names)))
    wrong = changed(law_firm(company), f"B{row}", -1)
    assert any(it.code == "CAP013" and it.cell == f"B{row}" for it in grave(wrong))


@settings(max_examples=40)
@given(companies(), st.data())
def test_a_number_stored_as_text_is_found(company, data):
    row = data.draw(st.integers(5, 4 + len(company.names)))
    grid = law_firm(company)
    wrong = changed(grid, f"B{row}", f"{value_of(grid[f'B{row}']):,}")
    assert any(it.code == "CAP004" and it.cell == f"B{row}" for it in grave(wrong))


@settings(max_examples=40)
@given(companies())
def test_a_formula_without_result_is_said_and_never_a_zero(company):
    from xl_compliance.workbook.snapshot import NOT_CALCULATED

    grid = {
        address: Computed(entry.formula, NOT_CALCULATED) if isinstance(entry, Computed) else entry
        for address, entry in law_firm(company).items()
    }
    assert {it.code for it in grave(grid)} == {"CAP003"}
