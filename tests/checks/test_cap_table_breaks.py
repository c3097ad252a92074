"""Tables whose end, names or units mislead: right ones pass, and the same fault in each is found."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from xl_compliance.batch.run import check_snapshot
from xl_compliance.workbook.snapshot import Cell, Sheet, Snapshot, parse_address

Line = list[Any]
GAP: Line = []
HEAD = ["Shareholder", "Common", "Series A", "Total", "% of total"]


@dataclass(frozen=True)
class Table:
    """A right table, and faults: the cell, what is typed there, and the cell that is named."""

    lines: list[Line]
    faults: dict[str, tuple[Any, str]] = field(default_factory=dict)
    notes: bool = False


def named(name: str) -> Table:
    """A table with a holder whose name reads like something else."""
    lines = [
        HEAD,
        [name, 600, 0, 600, 0.6],
        ["Ben Ito", 300, 0, 300, 0.3],
        ["Cho Fund", 0, 100, 100, 0.1],
        ["Total", 900, 100, 1000, 1],
    ]
    return Table(lines, {"D2": (700, "D2"), "E2": (0.7, "E2"), "B5": (1000, "B5")})


FOUNDERS = [["Ana Diaz", 4000, None, 4000, 0.4], ["Ben Ito", 1000, None, 1000, 0.1]]
FUNDS = [["Alpha Fund", None, 3500, 3500, 0.35], ["Beta Fund", None, 1500, 1500, 0.15]]
WHOLE = ["Total", 5000, 5000, 10_000, 1]
SECTION_HEAD = ["Shareholder", "Shares", "% of total"]
COMMON = [["Ana Diaz", 4000, 0.4], ["Ben Ito", 1000, 0.1]]
PREFERRED = [["Alpha Fund", 3500, 0.35], ["Beta Fund", 1500, 0.15]]

TABLES = {
    "two blank rows between founders and funds": Table(
        [HEAD, *FOUNDERS, GAP, GAP, *FUNDS, GAP, GAP, WHOLE],
        {"B10": (5001, "B10"), "D6": (3600, "D6"), "E7": (0.25, "E7")},
    ),
    "three blank rows before the total": Table(
        [HEAD, *FOUNDERS, *FUNDS, GAP, GAP, GAP, WHOLE], {"B9": (5001, "B9")}
    ),
    "sections with subtotals and two blank rows": Table(
        [
            SECTION_HEAD,
            *COMMON,
            ["Total Common", 5000, 0.5],
            GAP,
            GAP,
            *PREFERRED,
            ["Total Preferred", 5000, 0.5],
            GAP,
            GAP,
            ["Grand Total", 10_000, 1],
        ],
        {"B12": (10_001, "B12"), "B4": (5001, "B4"), "B8": (1501, "B9")},
    ),
    "two sections that are as large": Table(
        [
            SECTION_HEAD,
            ["Common"],
            *COMMON,
            ["Total Common", 5000, 0.5],
            ["Preferred"],
            *PREFERRED,
            ["Total Preferred", 5000, 0.5],
            ["Grand Total", 10_000, 1],
        ],
        {"B8": (1501, "B9"), "B5": (5001, "B5"), "B10": (10_001, "B10")},
    ),
    "every section's total is called Total": Table(
        [
            ["Shareholder", "Common", "Total shares"],
            ["Ana Diaz", 4000, 4000],
            ["Ben Ito", 1100, 1100],
            ["Total", 5100, 5100],
            ["Investors"],
            ["Alpha Fund", 3500, 3500],
            ["Beta Fund", 1500, 1500],
            ["Total", 5000, 5000],
            ["Grand Total", 10_100, 10_100],
        ],
        {"C6": (3600, "C6"), "B9": (10_101, "B9"), "B8": (5001, "B8")},
    ),
    "treasury shares are taken off": Table(
        [
            ["Shareholder", "Common", "%"],
            ["Ana Diaz", 6000, 0.6],
            ["Ben Ito", 5000, 0.5],
            ["Treasury shares", -1000, -0.1],
            ["Total outstanding", 10_000, 1],
        ],
        {"B5": (10_001, "B5"), "C3": (0.4, "C3")},
    ),
    "treasury shares under the total": Table(
        [
            ["Shareholder", "Common", "Total shares"],
            ["Ana Diaz", 6000, 6000],
            ["Ben Ito", 4000, 4000],
            ["Total issued", 10_000, 10_000],
            ["Less: treasury shares", -1000, -1000],
            ["Total outstanding", 9000, 9000],
        ],
        {"B6": (9001, "B6"), "B4": (10_001, "B4")},
    ),
    "shares in thousands": Table(
        [
            ["(shares in thousands)"],
            ["Shareholder", "Common", "Preferred", "Total"],
            ["Ana Diaz", 333, 0, 333],
            ["Ben Ito", 333, 0, 333],
            ["Alpha Fund", 333, 100.5, 433.5],
            ["Total", 1000, 100.5, 1100],
        ],
        {"B6": (1005, "B6"), "D5": (450, "D5")},
    ),
    "a headed column in thousands": Table(
        [
            ["Shareholder", "Common (000s)", "%"],
            ["Ana Diaz", 333, 0.333],
            ["Ben Ito", 333, 0.333],
            ["Cho Fund", 333, 0.333],
            ["Total", 1000, 1],
        ],
        {"B5": (1005, "B5"), "C3": (0.36, "C3")},
    ),
    "use of proceeds under the table": Table(
        [HEAD, *FOUNDERS, *FUNDS, WHOLE, GAP, ["Use of proceeds"], ["R&D", 9], ["Total", 9]],
        {"B6": (5001, "B6")},
        notes=True,
    ),
    "the word Total beside the names": Table(
        [
            ["No.", "Shareholder", "Ordinary", "Preference", "Total", "%"],
            [1, "Ana Diaz", 100, 0, 100, 0.25],
            [2, "Ben Ito", 100, 100, 200, 0.5],
            [3, "Cho Fund", 0, 100, 100, 0.25],
            ["Total", None, 200, 200, 400, 1],
        ],
        {"C5": (300, "C5"), "F3": (0.4, "F3")},
    ),
    "one row a class": Table(
        [
            ["Class of Stock", "Authorized", "Outstanding", "% of FD"],
            ["Common", 10_000, 5000, 0.5],
            ["Series A Preferred", 4000, 3000, 0.3],
            ["Options outstanding", None, 1000, 0.1],
            ["Options available", None, 1000, 0.1],
            ["Total", None, 10_000, 1],
        ],
        {"C6": (11_000, "C6"), "D3": (0.4, "D3")},
    ),
    "one row a class, one column a holder": Table(
        [
            ["Class", "Ana", "Ben", "VC", "Total"],
            ["Common", 100, 200, 0, 300],
            ["Series A", 0, 0, 300, 300],
            ["Total", 100, 200, 300, 600],
        ],
        {"E4": (700, "E4"), "D3": (200, "E3")},
    ),
    **{
        f'a holder called "{name}"': named(name)
        for name in (
            "Price Family Trust",
            "Dollar General",
            "Conversion Labs",
            "Ratio Ventures",
            "Total Energies SE",
            "2022 Convertible Notes (Acme)",
            "Warrant Partners",
            "Reserve Fund LP",
            "Ownership Group",
        )
    },
}


def findings(lines: list[Line]):
    cells = {
        (row, column): Cell(value)
        for row, line in enumerate(lines, start=1)
        for column, value in enumerate(line, start=1)
        if value is not None
    }
    sheet = Sheet("Cap table", True, cells)
    report = check_snapshot(Snapshot(Path("cap.xlsx"), (sheet,), (), (), False))
    assert not report.failure, report.failure
    return report.findings


def changed(lines: list[Line], address: str, value: Any) -> list[Line]:
    row, column = parse_address(address)
    copied = [list(line) for line in lines]
    copied[row - 1][column - 1] = value
    return copied


@pytest.mark.parametrize("name", TABLES)
def test_a_right_table_passes(name):
    table = TABLES[name]
    verdicts = {it.verdict for it in findings(table.lines)}
    assert verdicts <= ({"OK", "NOTE"} if table.notes else {"OK"})


FAULTS = [(name, address) for name, table in TABLES.items() for address in table.faults]


@pytest.mark.parametrize(("name", "address"), FAULTS, ids=[f"{n}-{a}" for n, a in FAULTS])
def test_a_fault_in_it_is_found(name, address):
    value, where = TABLES[name].faults[address]
    found = findings(changed(TABLES[name].lines, address, value))
    assert where in {it.cell for it in found if it.verdict in ("BREACH", "REVIEW")}


def test_rows_under_a_break_that_no_total_ties_are_said():
    lines = [["Shareholder", "Common", "Total"], ["Ana Diaz", 5, 5], ["Ben Ito", 6, 6], GAP, GAP]
    found = findings([*lines, ["Cho Fund", 7, 7]])
    assert [(it.code, it.cell, it.verdict) for it in found if it.verdict != "OK"] == [
        ("CAP002", "A6", "REVIEW")
    ]


def test_a_second_section_whose_grand_total_is_wrong_is_said():
    lines = changed(
        changed(TABLES["every section's total is called Total"].lines, "B9", 1), "C9", 1
    )
    found = [it for it in findings(lines) if it.verdict == "REVIEW"]
    assert [(it.code, it.cell) for it in found] == [("CAP002", "A5")]


@pytest.mark.parametrize(
    ("numbers", "said"),
    [([1, 2, 3], []), ([1, 2, 1], []), ([100, 100, 0], ["A5"]), ([1, 3, 2], ["A5"])],
)
def test_a_column_before_the_names_counts_lines_or_shares(numbers, said):
    """Only 1, 2, 3 is taken for the number of the line: anything else may be shares."""
    _, *holders, total = TABLES["the word Total beside the names"].lines
    lines = [[number, *line[1:]] for number, line in zip(numbers, holders, strict=True)]
    for head in ("No.", "#", "S. No."):
        found = findings(
            [[head, "Shareholder", "Ordinary", "Preference", "Total", "%"], *lines, total]
        )
        assert [it.cell for it in found if it.code == "CAP003"] == said, head


def test_peers_in_a_comparison_are_no_holders():
    lines = [
        ["S.No.", "Name", "No. Eq. Shares Cr.", "No. Eq. Shares PY Cr.", "ROE %", "ROCE %"],
        [1, "Ultra Cement", 29.47, 29.47, 11.1, 12.66],
        [2, "Grand Cement", 68.05, 68.05, 4.98, 8.01],
    ]
    sheet = Sheet(
        "Comps",
        True,
        {
            (row, column): Cell(value)
            for row, line in enumerate(lines, start=1)
            for column, value in enumerate(line, start=1)
        },
    )
    report = check_snapshot(Snapshot(Path("dcf.xlsx"), (sheet,), (), (), False))
    assert not report.findings
    assert "no cap table was found" in report.failure
