"""What the Headroom sheet holds: shares against the line, and the ways out of a vote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from xl_compliance.rules.nasdaq.deal_fixes import HEADERS
from xl_compliance.workbook.expressions import (
    At,
    Formula,
    If,
    Literal,
    Name,
    Operation,
    Stretch,
    equal,
    excel,
    ours,
)
from xl_compliance.workbook.input_sheets import HEADROOM_SHEET
from xl_compliance.workbook.sheet_forms import (
    BLANK,
    FIRST_COLUMN,
    NEEDS_INPUT,
    ONE,
    SHARES,
    TEXT,
    ZERO,
    Block,
    Grid,
    any_of,
    column,
    compare,
    if_known,
    is_number,
    or_needs_input,
)

FIRST, LAST = 7, 9
"""The rows of the chart; its headings stand above."""
CHART_ROW: Final = 25
_CHART_ROWS: Final = 21

_WAYS_FIRST: Final = 13
_WAYS: Final = 10
DAYS: Final = (f"C{_WAYS_FIRST}:C{_WAYS_FIRST + _WAYS - 1}", f'LEFT($B{_WAYS_FIRST},5)="DEFER"')
"""The cells that hold a day where the way is one, and the test for it."""
_LABEL, _COUNTED, _MOST, _LEFT_OVER, _MEANING = range(FIRST_COLUMN, FIRST_COLUMN + 5)
_FIGURE: Final = "#,##0.####"


@dataclass(frozen=True)
class Drawn:
    """What the sheet draws on."""

    securities: Block
    units: Block
    classes: Block
    issuances: Block
    counted: At
    reference: At
    price: At
    unit_price: At
    left_open: Formula


def headroom(drawn: Drawn) -> Grid:
    """The sheet over the lines of Workings and the answers of Checks."""
    grid = Grid(
        HEADROOM_SHEET,
        "Headroom",
        "Shares left before a vote, and what would avoid one. Live formulas; nothing is entered "
        "here.",
        print_titles="1:3",
        down_to=CHART_ROW + _CHART_ROWS,
    )
    _section(grid, FIRST - 2, "Shares before a vote under Listing Rule 5635(d)")
    headings = ("Counted together", "Shares counted", "Most without a vote", "Left (over)", "")
    _headings(grid, FIRST - 1, headings)
    for row, (label, shares, most, meaning) in enumerate(_rows(drawn), FIRST):
        grid.put(row, _LABEL, label, "label")
        at = grid.put(row, _COUNTED, shares, "result", SHARES)
        cap = grid.put(row, _MOST, most, "expected", SHARES)
        grid.put(
            row, _LEFT_OVER, if_known(at, cap, then=Operation(cap, "-", at)), "expected", SHARES
        )
        grid.put(row, _MEANING, meaning, "meaning")
    _section(grid, _WAYS_FIRST - 2, "Ways out of a vote, without earlier issuances")
    _headings(grid, _WAYS_FIRST - 1, HEADERS)
    grid.headings += [FIRST - 1, _WAYS_FIRST - 1]
    for line in range(1, _WAYS + 1):
        _way(grid, _WAYS_FIRST + line - 1, line, drawn)
    return grid


def _section(grid: Grid, row: int, title: str) -> None:
    grid.put(row, _LABEL, title, "section")
    grid.sections.append(row)


def _headings(grid: Grid, row: int, headings: tuple[str, ...]) -> None:
    for place, heading in enumerate(headings, FIRST_COLUMN):
        numbers = _COUNTED <= place <= _LEFT_OVER
        grid.put(row, place, heading, "heading of numbers" if numbers else "heading")


def _rows(drawn: Drawn) -> list[tuple[str, Formula, Formula, str]]:
    securities, units, issuances = drawn.securities, drawn.units, drawn.issuances
    without = excel("SUMIFS", units.all("counted"), securities.all("part"), Literal("<>WARRANT"))
    most = or_needs_input(ours("EXCHANGECAP", drawn.classes.all("common")))
    shares, first = issuances.all("shares"), issuances.all("first")
    unknown = excel(
        "OR",
        any_of(shares, NEEDS_INPUT),
        any_of(first, NEEDS_INPUT),
        any_of(issuances.all("before"), NEEDS_INPUT),
    )
    linked = compare(excel("COUNT", shares), ">", ZERO)
    # Where this deal closes first, the count before it is the one.
    later = If(linked, compare(excel("MIN", first), ">", Name("closing_date")), Literal(True))
    together = Operation(drawn.counted, "+", excel("SUM", shares))
    before = excel(
        "INDEX", issuances.all("before"), excel("MATCH", excel("MIN", first), first, ZERO)
    )
    return [
        (
            "Without warrants",
            if_known(drawn.counted, then=without),
            most,
            "What is issued or converts, with earn-outs, penalty shares and assumed awards.",
        ),
        (
            "This deal, as counted",
            If(is_number(drawn.counted), drawn.counted, NEEDS_INPUT),
            most,
            "With the warrants that join, within the share cap, and sales by insiders.",
        ),
        (
            "With earlier issuances that may join",
            If(unknown, NEEDS_INPUT, if_known(drawn.counted, then=together)),
            If(
                unknown,
                NEEDS_INPUT,
                If(later, most, or_needs_input(ours("EXCHANGECAP", before))),
            ),
            "FAQ 283: all of them, over the count before the first closing.",
        ),
    ]


def _way(grid: Grid, row: int, line: int, drawn: Drawn) -> None:
    """One row of DEALFIXES, whose own first row are the headings above.

    The position is counted off a range, so that every row holds the same formula.
    """
    fixes, simple = _fixes(drawn), _simple(drawn)
    down = Stretch(At(HEADROOM_SHEET, 1, 1, fixed_row=True), At(HEADROOM_SHEET, line + 1, 1))
    position = excel("ROWS", down)
    beyond = compare(excel("ROWS", fixes), "<", position)
    for offset, role in enumerate(("label", "result", "expected", "result", "meaning")):
        place = FIRST_COLUMN + offset
        nth = _ORDINALS[offset]
        there = If(beyond, _NOTHING, excel("INDEX", fixes, position, nth))
        otherwise = _OPEN if line == 1 and place == _LABEL else _NOTHING
        form = _FIGURE if place in (_COUNTED, _MOST) else TEXT
        grid.put(row, place, If(simple, there, otherwise), role, form)


# LibreOffice does not keep an empty text as the stored result of a formula.
_NOTHING: Final = Literal(" ")
_ORDINALS: Final = tuple(map(Literal, range(1, 6)))
_OPEN: Final = Literal("several parts, or something is not known: run check")


def _fixes(drawn: Drawn) -> Formula:
    """DEALFIXES of the deal's one unit, with at most one kind of warrant."""
    securities, units = drawn.securities, drawn.units
    current = (securities.all("current"), ONE)
    sold = excel(
        "SUMIFS", securities.all("issued"), *current, securities.all("part"), Literal("SOLD")
    )
    warrant = excel("MATCH", ONE, _warrant_lines(drawn), ZERO)

    def of_the_warrant(formula: Formula) -> Formula:
        return If(_has_warrant(drawn), formula, BLANK)

    return ours(
        "DEALFIXES",
        If(is_number(drawn.unit_price), drawn.unit_price, drawn.price),
        drawn.reference,
        sold,
        drawn.classes.all("common"),
        of_the_warrant(excel("INDEX", column("Securities", "exercise_price"), warrant)),
        of_the_warrant(excel("INDEX", units.all("coverage"), warrant)),
        of_the_warrant(excel("INDEX", securities.all("strike"), warrant)),
        Name("closing_date"),
        of_the_warrant(excel("INDEX", column("Securities", "first_exercisable"), warrant)),
        excel("N", Name("insider_sales")),
        BLANK,
        BLANK,
        Name("public_offering"),
    )


def _warrant_lines(drawn: Drawn) -> Stretch:
    return drawn.units.all("is_warrant")


def _has_warrant(drawn: Drawn) -> Formula:
    return compare(excel("SUM", _warrant_lines(drawn)), ">", ZERO)


def _simple(drawn: Drawn) -> Formula:
    """One security sold at a price, one kind of warrant at most, every figure known."""
    securities, units = drawn.securities, drawn.units
    current = (securities.all("current"), ONE)

    def count(part: str) -> Formula:
        return excel("COUNTIFS", *current, securities.all("part"), Literal(part))

    one_warrant = compare(excel("SUM", _warrant_lines(drawn)), "<", Literal(2))
    in_unit = If(
        _has_warrant(drawn),
        excel(
            "AND",
            equal(excel("COUNT", units.all("coverage")), ONE),
            equal(excel("COUNT", securities.all("strike")), ONE),
        ),
        Literal(True),
    )
    no_cap = compare(excel("N", Name("share_cap")), "<", ONE)
    falling = excel("SUM", units.all("falls"))
    one_class = compare(excel("COUNTA", column("Classes", "name")), "<", Literal(2))
    return excel(
        "AND",
        equal(count("SOLD"), ONE),
        equal(count("SHARES ONLY"), ZERO),
        one_warrant,
        in_unit,
        no_cap,
        one_class,
        equal(falling, ZERO),
        equal(drawn.left_open, Literal(False)),
        is_number(drawn.reference, drawn.price, drawn.counted),
    )
