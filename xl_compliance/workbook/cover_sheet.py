"""What the Cover sheet holds: the answers, the sheets, the version, the sources, how to refresh."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from xl_compliance.workbook.expressions import At, Formula, ours
from xl_compliance.workbook.input_sheets import COVER_SHEET
from xl_compliance.workbook.sheet_forms import DAY, FIRST_COLUMN, TEXT, Grid

WIDTHS: Final = (40, 26, 96)
_LABEL, _VALUE, _MEANING = range(FIRST_COLUMN, FIRST_COLUMN + 3)

Answered = tuple[str, At, str]
"""A question, the cell with its answer, and what the answer means."""

_DEAL_SOURCES: Final = (
    (
        "Nasdaq",
        "Nineteen Nasdaq FAQs on shareholder approval, published 31 Jul 2012 to 30 Jun 2020",
        "Listing Rules 5635(a) to (d), 5640 and 5250(e)(2) as the FAQs and published pages give "
        "them. What is not in a source document is marked so.",
    ),
    (
        "SEC",
        "Schedule 13D and Rules 13d-1 to 13d-5",
        "Beneficial ownership, the cover page and its due dates, before and after 5 Feb 2024.",
    ),
)
_OFFERING_SOURCES: Final = (
    (
        "TSX",
        "TSX Company Manual, sections 606 and 607",
        "As amended on 20 Apr 2023, with the responses of the staff.",
    ),
)
_REFRESH: Final = (
    (
        "With the functions installed",
        "Change a blue cell: every answer follows, as with Excel's own functions.",
    ),
    (
        "Without them",
        "The answers shown are those stored with the file, by the version above. After a change "
        "run: xl-compliance refresh FILE.xlsx -o NEW.xlsx",
    ),
    (
        "The whole examination",
        "xl-compliance check FILE.xlsx weighs what a cell cannot and says what to fill in; with "
        "--working it shows how. The file is only read.",
    ),
    (
        "Every threshold",
        "xl-compliance rules lists each with its dates, its source and how far it is verified.",
    ),
)


@dataclass(frozen=True)
class Listed:
    """A sheet of the workbook and what stands on it."""

    name: str
    title: str
    entered: bool


def cover(
    title: str,
    answers: Sequence[Answered],
    sheets: Iterable[Listed],
    has_deal: bool,
    has_offering: bool,
) -> tuple[Grid, tuple[int, int]]:
    """The sheet, and the first and last row of the list of sheets."""
    grid = Grid(
        COVER_SHEET,
        title,
        "Not legal advice. A blank never turns into a no; what the rules leave open is REVIEW.",
        print_titles="1:3",
    )
    row = 5
    if answers:
        row = _section(grid, row, "Answers", "Answer", "What it means")
        for question, at, meaning in answers:
            row = _line(grid, row, question, at, meaning)
        row += 1
    first = row = _section(grid, row, "Sheets", "What it is", "What stands there")
    for sheet in sheets:
        kind = "Inputs, in blue" if sheet.entered else "Formulas"
        row = _line(grid, row, sheet.name, kind, sheet.title)
    last, row = row - 1, row + 1
    row = _section(grid, row, "Version and sources", "", "")
    row = _line(
        grid,
        row,
        "xl-compliance",
        ours("XLCVERSION"),
        "The version whose rules gave the answers in this file.",
    )
    sources = (*(_DEAL_SOURCES if has_deal else ()), *(_OFFERING_SOURCES if has_offering else ()))
    for rules, source, scope in sources:
        row = _line(grid, row, rules, "", f"{source}. {scope}")
    row = _section(grid, row + 1, "How to refresh", "", "")
    for how, what in _REFRESH:
        row = _line(grid, row, how, "", what)
    return grid, (first, last)


def _section(grid: Grid, row: int, title: str, value: str, meaning: str) -> int:
    grid.put(row, _LABEL, title, "section")
    for column, text in ((_VALUE, value), (_MEANING, meaning)):
        if text:
            grid.put(row, column, text, "section")
    grid.sections.append(row)
    return row + 1


def _line(grid: Grid, row: int, label: str, value: Formula | str, meaning: str) -> int:
    grid.put(row, _LABEL, label, "label")
    if isinstance(value, Formula):
        form = DAY if label.endswith("day") else TEXT
        grid.put(row, _VALUE, value, "answer", form)
    elif value:
        grid.put(row, _VALUE, value, "note")
    grid.put(row, _MEANING, meaning, "meaning")
    return row + 1
