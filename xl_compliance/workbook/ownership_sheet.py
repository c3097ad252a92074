"""What the Ownership sheet of the input workbook holds: every formula, once.

Who owns how much of each class after the deal and before it, by calls of OWNERSHIPTABLE; below,
the positions and classes as the calls take them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from xl_compliance.functions.sec_ownership import HEADERS
from xl_compliance.workbook.check_sheets import issued_in_this_deal
from xl_compliance.workbook.expressions import (
    At,
    Formula,
    If,
    IfNa,
    Literal,
    Name,
    Operation,
    Stretch,
    equal,
    excel,
    is_blank,
    ours,
)
from xl_compliance.workbook.input_sheets import OWNERSHIP_SHEET, VOTES_ONLY
from xl_compliance.workbook.sheet_forms import (
    BLANK,
    DAY,
    FIRST_COLUMN,
    NEEDS_INPUT,
    ONE,
    PERCENT,
    SHARES,
    STATUS,
    TEXT,
    ZERO,
    Grid,
    as_word,
    class_reported,
    compare,
    entries_of,
    given_then,
    is_number,
    named_in,
)

_LIMIT: Final = "0.0##%"
_VOTES: Final = "#,##0.##"

# Columns of OWNERSHIPTABLE with their number formats.
_TABLE: Final[Sequence[tuple[str, str]]] = (
    ("Name", "name"),
    ("Row", "name"),
    ("Class", "name"),
    ("Held", SHARES),
    ("Rights counted", SHARES),
    ("Rights not counted", SHARES),
    ("Beneficially owned", SHARES),
    ("Denominator", SHARES),
    ("% of class", PERCENT),
    ("% of votes", PERCENT),
    ("Status", "name"),
    ("Why", "meaning"),
)
# Heading, column of OWNERSHIPTABLE, and whether that is before the deal.
_CHANGES: Final[Sequence[tuple[str, str, bool]]] = (
    ("% of class, before", "% of class", True),
    ("% of class, after", "% of class", False),
    ("% of votes, before", "% of votes", True),
    ("% of votes, after", "% of votes", False),
)
_CHANGE_FORM: Final = "0.00%"
_POSITIONS: Final[Sequence[tuple[str, str, str]]] = (
    ("holder", "Holder", "name"),
    ("group", "Group", "name"),
    ("of_class", "Class", "name"),
    ("held", "Held", SHARES),
    ("rights", "Right to acquire", SHARES),
    ("held_before", "Held before", SHARES),
    ("rights_before", "Right before", SHARES),
    ("exercisable_on", "Exercisable on", DAY),
    ("blocker", "Blocker", _LIMIT),
    ("control_purpose", "Held for control", "name"),
    ("in_deal", "In deal (1/0)", TEXT),
    ("security", "Security", "name"),
    ("converts", "Converts", "name"),
)
_CLASSES: Final[Sequence[tuple[str, str, str]]] = (
    ("name", "Class", "name"),
    ("votes", "Votes per share", _VOTES),
    ("before", "Outstanding before", SHARES),
    ("after", "Outstanding after", SHARES),
    ("stock", "Counts as shares (1/0)", SHARES),
)
WIDTHS: Final = (7, 30, 17, 17, 15, 15, 15, 16, 15, 14, 14, 14, 46, 17)


_FEWEST_ROWS: Final = 12


@dataclass(frozen=True)
class Chart:
    """Where the chart stands, and the table that it shows: `before` and the column after it."""

    anchor: tuple[int, int]
    header: int
    first: int
    lines: int
    names: int
    classes: int
    before: int


def ownership_sheet(lines: Mapping[str, int]) -> tuple[Grid, Chart]:
    """The Ownership sheet over tables with that many rows each, and where its chart belongs."""
    sheet = _Ownership(lines)
    sheet.fill()
    return sheet.grid, sheet.chart


def owned_by(lines: Mapping[str, int]) -> Callable[[Formula], Formula]:
    """The shares that a holder or group owns of the class reported, from the table of results."""
    sheet = _Ownership(lines)

    def owned(name: Formula) -> Formula:
        stock = class_reported()
        group, holder = (
            (sheet.result("Name"), name, sheet.result("Class"), stock, sheet.result("Row"), word)
            for word in (Literal("Group"), Literal("Holder"))
        )
        shares = sheet.result("Beneficially owned")
        of_group, of_holder = excel("SUMIFS", shares, *group), excel("SUMIFS", shares, *holder)
        return If(
            compare(excel("COUNTIFS", *group), ">", ZERO),
            of_group,
            If(compare(excel("COUNTIFS", *holder), ">", ZERO), of_holder, NEEDS_INPUT),
        )

    return owned


class _Block:
    """Lines below each other, a column a key."""

    def __init__(self, first: int, lines: int, keys: Sequence[str]) -> None:
        self.first, self.last = first, first + lines - 1
        self.places = {key: FIRST_COLUMN + 1 + at for at, key in enumerate(keys)}

    def all(self, key: str) -> Stretch:
        place = self.places[key]
        return Stretch(
            At(OWNERSHIP_SHEET, self.first, place, fixed_row=True),
            At(OWNERSHIP_SHEET, self.last, place, fixed_row=True),
        )

    def at(self, key: str, row: int) -> At:
        return At(OWNERSHIP_SHEET, row, self.places[key])


class _Ownership:
    """Lays out the results, the chart, the positions and the classes, in that order."""

    def __init__(self, lines: Mapping[str, int]) -> None:
        self.grid = Grid(
            OWNERSHIP_SHEET,
            "Beneficial ownership",
            "From Holders and Classes, by the function OWNERSHIPTABLE. Nothing is entered here.",
        )
        self._lines = lines
        # Most holders have several positions. Where the lines are too few the sheet says so.
        self._capacity = max(_FEWEST_ROWS, lines["Holders"] * 4 // 5)
        self._first = 12
        self._changes = self._first + self._capacity + 3
        self.chart = Chart(
            anchor=(self._changes - 1, FIRST_COLUMN + 8),
            header=self._changes - 1,
            first=self._changes,
            lines=self._capacity,
            names=FIRST_COLUMN + 1,
            classes=FIRST_COLUMN + 2,
            before=FIRST_COLUMN + 3,
        )
        keys = [key for key, _, _ in _POSITIONS]
        top = self._changes + self._capacity + 3
        self._positions = _Block(top, lines["Holders"], keys)
        below = self._positions.last + 4
        self._classes = _Block(below, lines["Classes"], [key for key, _, _ in _CLASSES])

    def result(self, heading: str) -> Stretch:
        """A column of the table of results."""
        place = FIRST_COLUMN + 1 + [key for key, _ in _TABLE].index(heading)
        last = self._first + self._capacity - 1
        return Stretch(
            At(OWNERSHIP_SHEET, self._first, place, fixed_row=True),
            At(OWNERSHIP_SHEET, last, place, fixed_row=True),
        )

    def fill(self) -> None:
        """Write every cell."""
        self._counts()
        self._results()
        self._headed(self._positions, "Positions, as the table takes them", _POSITIONS)
        for row in range(self._positions.first, self._positions.last + 1):
            self._position(row)
        self._headed(self._classes, "Classes", _CLASSES)
        for row in range(self._classes.first, self._classes.last + 1):
            self._class(row)

    # ------------------------------------------------------------ results

    def _counts(self) -> None:
        self._section(5, "How it is counted")
        put, value = self.grid.put, FIRST_COLUMN + 2
        event = Name("event_date")
        labels = (
            "Sixty days run from",
            "Rows of the table",
            "All of them shown",
        )
        for row, label in enumerate(labels, 6):
            put(row, FIRST_COLUMN + 1, label, "label")
        closing = given_then(Name("closing_date"), Name("closing_date"))
        self._as_of = put(6, value, If(is_blank(event), closing, event), "formula", DAY)
        counted = excel("COUNT", self._positions.all("held"))
        # Not every program passes an error value on through ROWS: some say one row.
        size = Operation(excel("ROWS", self._table(before=False)), "-", ONE)
        self._count = put(
            7,
            value,
            If(
                compare(counted, ">", ZERO),
                If(compare(IfNa(size, ZERO), ">", ZERO), size, NEEDS_INPUT),
                ZERO,
            ),
            "formula",
        )
        put(
            8,
            value,
            If(
                is_number(self._count),
                If(compare(self._count, ">", excel("ROWS", self.result("Name"))), ZERO, ONE),
                ZERO,
            ),
            "status",
            STATUS,
        )

    def _table(self, before: bool) -> Formula:
        p, c = self._positions, self._classes
        suffix = "_before" if before else ""
        return ours(
            "OWNERSHIPTABLE",
            p.all("holder"),
            p.all(f"held{suffix}"),
            p.all(f"rights{suffix}"),
            c.all("before" if before else "after"),
            p.all("exercisable_on"),
            self._as_of,
            p.all("of_class"),
            c.all("name"),
            c.all("votes"),
            p.all("group"),
            p.all("blocker"),
            p.all("control_purpose"),
            BLANK,
            p.all("converts"),
        )

    def _results(self) -> None:
        self._section(self._first - 2, "Who owns how much after the deal")
        self._headings(self._first - 1, _TABLE)
        self._section(self._changes - 2, "Before the deal and after")
        changes = [("Name", "name"), ("Class", "name")]
        changes += [(heading, _CHANGE_FORM) for heading, _, _ in _CHANGES]
        self._headings(self._changes - 1, changes)
        for number in range(1, self._capacity + 1):
            row = self._first + number - 1
            line = self.grid.put(row, FIRST_COLUMN, number, "line")
            for place, (key, form) in enumerate(_TABLE, FIRST_COLUMN + 1):
                self._put(row, place, self._result(line, key, before=False), form)
            row = self._changes + number - 1
            line = self.grid.put(row, FIRST_COLUMN, number, "line")
            for place, key in ((FIRST_COLUMN + 1, "Name"), (FIRST_COLUMN + 2, "Class")):
                self._put(row, place, self._result(line, key, before=False), "name")
            for place, (_, key, before) in enumerate(_CHANGES, FIRST_COLUMN + 3):
                self._put(row, place, self._result(line, key, before), _CHANGE_FORM)

    def _result(self, line: At, key: str, before: bool) -> Formula:
        """A figure of the table; blank below its last row."""
        column_number = Literal(HEADERS.index(key) + 1)
        figure = excel("INDEX", self._table(before), Operation(line, "+", ONE), column_number)
        shown = If(compare(line, ">", self._count), BLANK, figure)
        return If(is_number(self._count), shown, self._count if key == "Status" else BLANK)

    # ------------------------------------------------------------ what goes in

    def _position(self, row: int) -> None:
        line = self.grid.put(row, FIRST_COLUMN, row - self._positions.first + 1, "line")
        entry = entries_of("Holders", line)

        def cell(key: str) -> At:
            return self._positions.at(key, row)

        held, rights, security = entry("held"), entry("rights"), entry("security")
        names, stock = self._classes.all("name"), self._classes.all("stock")
        names_a_class = compare(excel("COUNTIFS", names, security, stock, ONE), ">", ZERO)
        the_only_one = If(
            equal(excel("SUM", stock), ONE),
            excel("INDEX", names, excel("MATCH", ONE, stock, ZERO)),
            BLANK,
        )
        gone = compare(cell("in_deal"), "=", ONE)
        formulas: dict[str, Formula] = {
            "holder": named_in("Holders", "name", line),
            "group": _or_blank(entry("group")),
            "of_class": If(
                is_blank(entry("of_class")),
                If(
                    is_blank(entry("name")),
                    BLANK,
                    If(names_a_class, _or_blank(security), the_only_one),
                ),
                entry("of_class"),
            ),
            "held": _blank_beside_nothing(held, rights),
            "rights": _blank_beside_nothing(rights, held),
            "held_before": given_then(cell("held"), If(gone, ZERO, cell("held"))),
            "rights_before": given_then(cell("rights"), If(gone, ZERO, cell("rights"))),
            "exercisable_on": _or_blank(entry("exercisable_on")),
            "blocker": _or_blank(entry("blocker")),
            "control_purpose": given_then(
                entry("control_purpose"), as_word(entry("control_purpose"))
            ),
            "converts": _or_blank(entry("converts")),
            "in_deal": given_then(
                cell("security"), If(issued_in_this_deal(self._lines, security), ONE, ZERO)
            ),
            "security": _or_blank(security),
        }
        for key, _, form in _POSITIONS:
            self._put(row, self._positions.places[key], formulas[key], form)

    def _class(self, row: int) -> None:
        line = self.grid.put(row, FIRST_COLUMN, row - self._classes.first + 1, "line")
        entry = entries_of("Classes", line)
        after = entry("outstanding_after")
        formulas: dict[str, Formula] = {
            "name": named_in("Classes", "name", line),
            "votes": _or_blank(entry("votes_per_share")),
            "before": _or_blank(entry("outstanding")),
            "after": If(is_blank(after), _or_blank(entry("outstanding")), after),
            "stock": given_then(
                entry("name"), If(equal(entry("counts_as"), Literal(VOTES_ONLY)), ZERO, ONE)
            ),
        }
        for key, _, form in _CLASSES:
            self._put(row, self._classes.places[key], formulas[key], form)

    # ------------------------------------------------------------ placing

    def _put(self, row: int, place: int, formula: Formula, form: str) -> None:
        words = form in ("name", "meaning")
        self.grid.put(row, place, formula, form if words else "formula", TEXT if words else form)

    def _section(self, row: int, title: str) -> None:
        self.grid.put(row, FIRST_COLUMN, title, "section")
        self.grid.sections.append(row)

    def _headings(self, row: int, headings: Sequence[tuple[str, str]]) -> None:
        self.grid.headings.append(row)
        self.grid.put(row, FIRST_COLUMN, "Line", "heading")
        for place, (heading, form) in enumerate(headings, FIRST_COLUMN + 1):
            words = form in ("name", "meaning")
            self.grid.put(row, place, heading, "heading" if words else "heading of numbers")

    def _headed(self, block: _Block, title: str, columns: Sequence[tuple[str, str, str]]) -> None:
        self._section(block.first - 2, title)
        self._headings(block.first - 1, [(heading, form) for _, heading, form in columns])


def _blank_beside_nothing(shares: Formula, others: Formula) -> Formula:
    """A blank stands for none only beside shares of the other kind."""
    nothing = equal(excel("N", others), ZERO)
    return If(excel("AND", is_blank(shares), nothing), BLANK, excel("N", shares))


def _or_blank(formula: Formula) -> Formula:
    """What was entered; blank where nothing was, which a bare reference shows as 0."""
    return given_then(formula, formula)
