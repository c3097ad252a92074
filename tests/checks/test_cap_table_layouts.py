"""Layouts that look like mistakes and are none, each with the mistake that it must not hide."""

from __future__ import annotations

import pytest
from cap_table_shapes import found_in, put

from xl_compliance.checks.findings import Severity
from xl_compliance.checks.registry import run_checks


def table(*rows):
    grid = {}
    for number, row in enumerate(rows, start=1):
        put(grid, number, list(row))
    return grid


def wrong(grid):
    tables = found_in(grid)
    assert len(tables.tables) == 1
    return {
        (it.code, it.cell)
        for it in run_checks(tables)
        if it.severity in (Severity.ERROR, Severity.WARNING)
    }


TOTAL_ON_TOP = (
    ("Shareholder", "Common", "Series A", "Total", "% Ownership"),
    ("Total", 600, 400, 1000, 1),
    ("Ana", 500, 0, 500, 0.5),
    ("Ben", 100, 100, 200, 0.2),
    ("Cho", 0, 300, 300, 0.3),
)
CERTIFICATES = (
    ("Stockholder", "Shares", "% Ownership"),
    ("Fund A", 300, 0.3),
    ("CS-1", 100, 0.1),
    ("CS-2", 200, 0.2),
    ("Fund B", 700, 0.7),
    ("Total", 1000, 1),
)
CONVERSION_RATIO = (
    ("Shareholder", "Common", "Series A", "Fully diluted"),
    ("Ana", 500, 0, 500),
    ("Ben", 100, 0, 100),
    ("Cho", 0, 300, 360),
    ("Dee", 50, 100, 170),
    ("Total", 650, 400, 1130),
)
PERCENT_BY_CLASS = (
    ("Shareholder", "Common", "% of Common", "Series A", "% of Series A", "Total", "% of Total"),
    ("Ana", 600, 0.75, 0, 0, 600, 0.6),
    ("Ben", 200, 0.25, 50, 0.25, 250, 0.25),
    ("Cho", 0, 0, 150, 0.75, 150, 0.15),
    ("Total", 800, 1, 200, 1, 1000, 1),
)
MERGED_NAMES = (
    ("Shareholder", "Share Class", "Shares", "% of Total"),
    ("Ana", "Common", 500, 0.5),
    (None, "Series A", 100, 0.1),
    ("Ben", "Common", 300, 0.3),
    (None, "Series A", 100, 0.1),
)
VESTED = (
    ("Name", "Common", "Options", "Vested options", "Unvested options", "Fully diluted", "% FD"),
    ("Ana", 500, 0, 0, 0, 500, 0.5),
    ("Ben", 100, 200, 150, 50, 300, 0.3),
    ("Cho", 100, 100, 20, 80, 200, 0.2),
    ("Total", 700, 300, 170, 130, 1000, 1),
)
REPEATED_TOTAL = (
    ("Shareholder", "Common", "Options", "Fully diluted", "% Fully diluted"),
    ("Founders", None, None, None, None),
    ("Ana", 500, 0, 500, 0.5),
    ("Total founders", 500, 0, 500, 0.5),
    ("Ben", 100, 200, 300, 0.3),
    ("Cho", 100, 100, 200, 0.2),
    ("Total others", 200, 300, 500, 0.5),
    ("Total", 700, 300, 1000, 1),
    ("Total fully diluted", 700, 300, 1000, 1),
)
RATIO_IN_TOTAL = (("Shareholder", "Common", "Series A", "Total"), *CONVERSION_RATIO[1:])
CLEAN = {
    "ratio in the total": RATIO_IN_TOTAL,
    "total on top": TOTAL_ON_TOP,
    "certificates under their holder": CERTIFICATES,
    "conversion ratio": CONVERSION_RATIO,
    "percentages by class": PERCENT_BY_CLASS,
    "merged names": MERGED_NAMES,
    "vested and unvested": VESTED,
    "repeated total": REPEATED_TOTAL,
}


@pytest.mark.parametrize("rows", CLEAN.values(), ids=CLEAN)
def test_a_clean_layout_is_not_called_wrong(rows):
    assert wrong(table(*rows)) == set()


def changed(rows, number, column, value):
    lines = [list(row) for row in rows]
    lines[number - 1][column - 1] = value
    return table(*lines)


FAULTS = {
    "total on top": (TOTAL_ON_TOP, 2, 2, 601, ("CAP005", "B2")),
    "certificates": (CERTIFICATES, 6, 2, 1001, ("CAP005", "B6")),
    "diluted by what is not shown": (CONVERSION_RATIO, 5, 4, 171, ("CAP005", "D6")),
    "a ratio that one row breaks": (RATIO_IN_TOTAL, 5, 4, 171, ("CAP006", "D5")),
    "percentage of a class": (PERCENT_BY_CLASS, 3, 3, 0.35, ("CAP007", "C3")),
    "merged names": (MERGED_NAMES, 3, 4, 0.4, ("CAP007", "D3")),
    "vested": (VESTED, 3, 6, 310, ("CAP006", "F3")),
    "subtotal": (REPEATED_TOTAL, 4, 2, 510, ("CAP005", "B4")),
    "repeated total": (REPEATED_TOTAL, 9, 2, 701, ("CAP005", "B9")),
}


@pytest.mark.parametrize(("rows", "row", "column", "value", "place"), FAULTS.values(), ids=FAULTS)
def test_its_mistake_is_found(rows, row, column, value, place):
    assert place in wrong(changed(rows, row, column, value))
