"""What the Checks and Workings sheets of the input workbook hold: every formula, once.

Workings goes line by line through securities, holders, reporting persons and earlier issuances;
Checks draws the answers together. Both only place formulas: how they look is for the template.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from xl_compliance.functions.registry import find
from xl_compliance.rules.nasdaq.adjustments import LOWERING
from xl_compliance.rules.nasdaq.private_placement import MINIMUM_PRICE
from xl_compliance.workbook.expressions import (
    At,
    Column,
    ErrorCount,
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
from xl_compliance.workbook.input_sheets import ALL_TABLES, CHECKS_SHEET

WORKINGS_SHEET: Final = "Workings"

SHARES: Final = "#,##0;(#,##0);0"
PRICE: Final = "#,##0.00##"
PERCENT: Final = "0.000%"
ROUNDED_PERCENT: Final = "0.0##%"
DAY: Final = "dd-mmm-yyyy"
STATUS: Final = '[=1]"OK";[=0]"Error";General'
TEXT: Final = "General"
NAME: Final = "@"
"""Not a number format but a mark: words, which stand to the left."""

FIRST_COLUMN: Final = 2
CHECK_HEADERS: Final = (
    "Check",
    "Result",
    "Expected / as filed",
    "Status",
    "What it means",
    "Source",
)
_CHECK, _RESULT, _EXPECTED, _STATUS, _MEANING, _SOURCE = range(2, 8)

BLANK: Final = Literal("")
NEEDS_INPUT: Final = Literal("NEEDS INPUT")
_OPEN: Final = Literal("OPEN")
_OPEN_WORDS: Final = ("NEEDS INPUT", "REVIEW", "REQUIRED")
ZERO, ONE = Literal(0), Literal(1)
TRUE: Final = Literal("TRUE")
FALSE: Final = Literal("FALSE")
_COUNTED, _APART = Literal("counted"), Literal("not counted")
_WARRANT: Final = Literal("WARRANT")
_NOT_A_WARRANT: Final = Literal("<>WARRANT")
_RULE: Final = Literal("NASDAQ-5635D")


@dataclass(frozen=True)
class Placed:
    """What stands in a cell: a formula or a label, and in which part it plays."""

    content: Formula | str | int
    role: str
    number_format: str = TEXT


@dataclass
class Grid:
    """A sheet of formulas, cell by cell. `sections` and `headings` are rows, `bodies` areas."""

    name: str
    title: str
    help: str
    cells: dict[tuple[int, int], Placed] = field(default_factory=dict)
    sections: list[int] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    bodies: list[tuple[int, int, int, int]] = field(default_factory=list)
    print_titles: str = "1:3"

    def put(
        self, row: int, column: int, content: Formula | str | int, role: str, form: str = TEXT
    ) -> At:
        """Place something and get the reference to it."""
        self.cells[row, column] = Placed(content, role, form)
        return At(self.name, row, column)


def check_sheets(
    lines: Mapping[str, int], owned_by: Callable[[Formula], Formula] | None = None
) -> tuple[Grid, Grid]:
    """The Workings and Checks sheets over tables with that many rows each.

    `owned_by` gives the shares that a holder or group owns where a blocker limits them.
    """
    workings = _Workings(lines, owned_by)
    checks = _Checks(workings)
    workings.fill(checks)
    checks.fill()
    return workings.grid, checks.grid


# ---------------------------------------------------------------- short forms


_LABELS: Final = {
    (table.name, entry.key): entry.label for table in ALL_TABLES for entry in table.entries
}


def column(table: str, key: str) -> Column:
    """The column of an entry."""
    return Column(table, _LABELS[table, key])


def compare(left: Formula, operator: str, right: Formula) -> Operation:
    """Two formulas and what stands between them."""
    return Operation(left, operator, right)


def is_number(*formulas: Formula) -> Formula:
    """Whether every one of them is a number."""
    tests = [excel("ISNUMBER", formula) for formula in formulas]
    return tests[0] if len(tests) == 1 else excel("AND", *tests)


def _known(formula: Formula) -> Formula:
    """A result as an argument: blank where it is a word instead of a number."""
    return If(is_number(formula), formula, BLANK)


def if_known(*formulas: Formula, then: Formula) -> Formula:
    """NEEDS INPUT where one of the formulas is not a number."""
    return If(is_number(*formulas), then, NEEDS_INPUT)


def or_needs_input(formula: Formula) -> Formula:
    """NEEDS INPUT where data are missing."""
    return IfNa(formula, NEEDS_INPUT)


def as_word(truth: Formula) -> Formula:
    """TRUE and FALSE as text, other words as they are.

    LibreOffice shows no stored truth value where it does not know the function behind it.
    """
    return If(
        equal(truth, Literal(True)),
        TRUE,
        If(equal(truth, Literal(False)), FALSE, truth),
    )


def given_then(formula: Formula, then: Formula) -> Formula:
    """Blank where the formula is."""
    return If(is_blank(formula), BLANK, then)


def agree(result: Formula, expected: Formula) -> Formula:
    """1 or 0; blank where there is nothing to compare."""
    missing = excel("OR", is_blank(expected), is_blank(result), equal(result, NEEDS_INPUT))
    return If(missing, BLANK, If(equal(result, expected), ONE, ZERO))


def _any(*criteria: Formula) -> Formula:
    return compare(excel("COUNTIFS", *criteria), ">", ZERO)


def source_of(function: str) -> str:
    """The source that a worksheet function's documentation names."""
    paragraphs = find(function).document.split("\n\n")
    source = next(text for text in paragraphs if text.startswith("Source:"))
    text = " ".join(source.removeprefix("Source:").split()).rstrip(".")
    return text[0].upper() + text[1:]


# ---------------------------------------------------------------- Workings


@dataclass(frozen=True)
class _Block:
    """Lines of one kind below each other: its columns by name."""

    sheet: str
    first: int
    last: int
    columns: Mapping[str, int]

    def at(self, name: str, row: int) -> At:
        return At(self.sheet, row, self.columns[name])

    def all(self, name: str) -> Stretch:
        """The whole column, fixed, so that it reads the same in every line."""
        return self.between(name, self.last, last_fixed=True)

    def until(self, name: str, row: int) -> Stretch:
        """The column down to a line."""
        return self.between(name, row, last_fixed=False)

    def between(self, name: str, last: int, last_fixed: bool) -> Stretch:
        place = self.columns[name]
        return Stretch(
            At(self.sheet, self.first, place, fixed_row=True),
            At(self.sheet, last, place, fixed_row=last_fixed),
        )


_HEADING_OF: Final = {NAME: "heading", STATUS: "heading of statuses"}
_LineFormula = tuple[str, str, str]
"""Key, heading and number format of a column."""

_SECURITY_COLUMNS: Final[Sequence[_LineFormula]] = (
    ("line", "Line", NAME),
    ("security", "Security", NAME),
    ("kind", "Kind", NAME),
    ("current", "In this deal (1/0)", TEXT),
    ("shares", "Common shares", SHARES),
    ("each", "Paid per common share", PRICE),
    ("lowest", "Lowest price it can reach", PRICE),
    ("strike", "Lowest exercise price", PRICE),
    ("adjustment", "Price adjustment", NAME),
    ("issuable", "Issuable so far, this deal", SHARES),
    ("size", "% of outstanding", PERCENT),
)
_UNIT_COLUMNS: Final[Sequence[_LineFormula]] = (
    ("line", "Line", NAME),
    ("security", "Security", NAME),
    ("with", "Sold with", NAME),
    ("in_unit", "In a unit (1/0)", TEXT),
    ("coverage", "Warrants per share", PRICE),
    ("own_floor", "Unit floor, this warrant", PRICE),
    ("own_price", "Effective price, this warrant", PRICE),
    ("price", "Unit price", PRICE),
    ("floor", "Unit floor", PRICE),
    ("sold_at", "Common sold at", PRICE),
    ("joins", "Warrant shares", TEXT),
    ("counted", "Shares counted", SHARES),
    ("loose", "In no unit, below value (1/0)", TEXT),
)
_HOLDER_COLUMNS: Final[Sequence[_LineFormula]] = (
    ("line", "Line", NAME),
    ("holder", "Holder", NAME),
    ("group", "Group", NAME),
    ("security", "Security", NAME),
    ("held", "Held", SHARES),
    ("rights", "Right to acquire", SHARES),
    ("owned", "Beneficially owned", SHARES),
    ("shares", "Shares of the security", SHARES),
    ("status", "Right ties", STATUS),
)
_PERSON_COLUMNS: Final[Sequence[_LineFormula]] = (
    ("line", "Line", NAME),
    ("person", "Reporting person", NAME),
    ("position", "Position of", NAME),
    ("held", "Held", SHARES),
    ("parts", "All parts added up", SHARES),
    ("owned", "Row 11, worked out", SHARES),
    ("row_11", "Row 11, as filed", SHARES),
    ("ties_11", "Row 11 ties", STATUS),
    ("exact", "Percent of class", PERCENT),
    ("percent", "Row 13, worked out", TEXT),
    ("row_13", "Row 13, as filed", TEXT),
    ("ties_13", "Row 13 ties", STATUS),
)
_ISSUANCE_COLUMNS: Final[Sequence[_LineFormula]] = (
    ("line", "Line", NAME),
    ("transaction", "Transaction", NAME),
    ("closing", "Closing date", DAY),
    ("investors", "Common investors", TEXT),
    ("verdict", "Counted together", TEXT),
    ("together", "Issuable together", SHARES),
    ("size", "% of outstanding before it", PERCENT),
)


class _Workings:
    """Lays the blocks out first, so that Checks can refer to them, and fills them afterwards."""

    def __init__(
        self,
        lines: Mapping[str, int],
        owned_by: Callable[[Formula], Formula] | None = None,
    ) -> None:
        self._owned_by = owned_by
        self.grid = Grid(
            WORKINGS_SHEET,
            "Workings",
            "Line by line, from the input sheets. Nothing is entered here.",
        )
        self._next_row = 5
        self.securities = self._block(
            "Securities: common shares, prices and size", _SECURITY_COLUMNS, lines["Securities"]
        )
        self.units = self._block(
            "Units and warrants: prices and the shares that count",
            _UNIT_COLUMNS,
            lines["Securities"],
        )
        self.holders = self._block(
            "Holders: shares beneficially owned", _HOLDER_COLUMNS, lines["Holders"]
        )
        self.persons = self._block(
            "Reporting persons: rows 11 and 13", _PERSON_COLUMNS, lines["Filing"]
        )
        self.issuances = self._block(
            "Earlier issuances: counted together with this deal",
            _ISSUANCE_COLUMNS,
            lines["Issuances"],
        )

    def _block(self, title: str, headings: Sequence[_LineFormula], lines: int) -> _Block:
        row = self._next_row
        self.grid.put(row, FIRST_COLUMN, title, "section")
        self.grid.sections.append(row)
        self.grid.headings.append(row + 1)
        for place, (_, heading, form) in enumerate(headings, FIRST_COLUMN):
            self.grid.put(row + 1, place, heading, _HEADING_OF.get(form, "heading of numbers"))
        first, last = row + 2, row + 1 + lines
        self.grid.bodies.append((first, FIRST_COLUMN, last, FIRST_COLUMN + len(headings) - 1))
        self._next_row = last + 2
        columns = {key: place for place, (key, _, _) in enumerate(headings, FIRST_COLUMN)}
        return _Block(self.grid.name, first, last, columns)

    def fill(self, checks: _Checks) -> None:
        """Write every line, now that the cells of Checks are known."""
        blocks: tuple[tuple[_Block, Sequence[_LineFormula], Callable[..., _Line]], ...] = (
            (self.securities, _SECURITY_COLUMNS, self._security),
            (self.units, _UNIT_COLUMNS, self._unit),
            (self.holders, _HOLDER_COLUMNS, self._holder),
            (self.persons, _PERSON_COLUMNS, self._person),
            (self.issuances, _ISSUANCE_COLUMNS, self._issuance),
        )
        for block, headings, line_of in blocks:
            formats = {key: form for key, _, form in headings}
            for row in range(block.first, block.last + 1):
                self.grid.put(row, FIRST_COLUMN, row - block.first + 1, "line")
                line = line_of(block, row, checks)
                for key, formula in line.items():
                    form = formats[key]
                    role = {STATUS: "status", NAME: "name"}.get(form, "formula")
                    form = TEXT if form == NAME else form
                    self.grid.put(row, block.columns[key], formula, role, form)

    def _security(self, block: _Block, row: int, checks: _Checks) -> _Line:
        def cell(key: str) -> At:
            return block.at(key, row)

        entry = entries_of("Securities", cell("line"))
        ratio = entry("ratio")
        one_for_one = excel(
            "AND",
            is_blank(ratio),
            excel("OR", equal(cell("kind"), _WARRANT), equal(cell("kind"), Literal("COMMON"))),
        )
        unknown_so_far = _any(
            block.until("current", row), ONE, block.until("shares", row), NEEDS_INPUT
        )
        issuable = excel("SUMIFS", block.until("shares", row), block.until("current", row), ONE)
        here = equal(cell("current"), ONE)
        paid = entry("paid")
        line = {
            "kind": Operation(entry("kind"), "&", BLANK),
            "current": If(
                excel(
                    "OR",
                    is_blank(entry("transaction")),
                    equal(entry("transaction"), Name("transaction")),
                ),
                ONE,
                ZERO,
            ),
            "shares": or_needs_input(
                ours("CONVERTEDSHARES", entry("quantity"), If(one_for_one, ONE, ratio))
            ),
            "each": if_known(
                cell("shares"),
                then=If(
                    excel("AND", equal(cell("kind"), _WARRANT), equal(paid, ZERO)),
                    If(is_blank(paid), NEEDS_INPUT, ZERO),
                    or_needs_input(ours("PRICEPERSHARE", paid, cell("shares"))),
                ),
            ),
            "lowest": If(equal(cell("kind"), _WARRANT), BLANK, _lowest(cell("each"), entry)),
            "strike": If(
                excel("AND", here, equal(cell("kind"), _WARRANT)),
                If(
                    is_blank(entry("exercise_price")),
                    NEEDS_INPUT,
                    # 0 is a penny warrant: nothing can lower it.
                    If(
                        equal(entry("exercise_price"), ZERO),
                        ZERO,
                        _lowest(entry("exercise_price"), entry),
                    ),
                ),
                BLANK,
            ),
            "adjustment": If(
                is_blank(entry("adjustment")), Literal("not stated"), entry("adjustment")
            ),
            "issuable": If(here, If(unknown_so_far, NEEDS_INPUT, issuable), BLANK),
            "size": If(
                here,
                if_known(
                    cell("issuable"),
                    then=or_needs_input(
                        ours("ISSUANCEPCT", cell("issuable"), column("Classes", "outstanding"))
                    ),
                ),
                BLANK,
            ),
        }
        return {
            "security": named("Securities", "name", cell("line")),
            **{key: given_then(cell("security"), formula) for key, formula in line.items()},
        }

    def _unit(self, block: _Block, row: int, checks: _Checks) -> _Line:
        def cell(key: str) -> At:
            return block.at(key, row)

        other, same = self.securities, self.securities.first + row - block.first

        def of(key: str) -> At:
            return other.at(key, same)

        entry = entries_of("Securities", cell("line"))
        reference = checks.reference
        warrant = equal(of("kind"), _WARRANT)
        warrants = excel("COUNTIFS", block.all("with"), cell("security"))
        unit_price = excel("SUMIFS", block.all("price"), block.all("security"), cell("with"))
        sold = compare(warrants, ">", ZERO)
        own = (cell("coverage"), of("strike"), reference)
        terms = (reference, entry("exercise_price"), cell("coverage"), of("strike"))
        bases = _any(other.all("current"), ONE, other.all("kind"), _NOT_A_WARRANT)
        fallen = Operation(of("each"), "-", of("lowest"))
        others = Operation(warrants, "-", ONE)
        line = {
            "in_unit": If(
                warrant,
                If(
                    is_blank(cell("with")),
                    ZERO,
                    If(
                        _any(
                            other.all("security"),
                            cell("with"),
                            other.all("current"),
                            ONE,
                            other.all("kind"),
                            _NOT_A_WARRANT,
                        ),
                        ONE,
                        ZERO,
                    ),
                ),
                ONE,
            ),
            "coverage": self._for_a_warrant_in_a_unit(
                warrant,
                cell,
                If(
                    _any(other.all("security"), cell("with"), other.all("shares"), Literal(">0")),
                    if_known(
                        of("shares"),
                        then=Operation(
                            of("shares"),
                            "/",
                            excel(
                                "SUMIFS",
                                other.all("shares"),
                                other.all("security"),
                                cell("with"),
                            ),
                        ),
                    ),
                    NEEDS_INPUT,
                ),
            ),
            "own_floor": self._for_a_warrant_in_a_unit(
                warrant, cell, if_known(*own, then=or_needs_input(ours("UNITFLOOR", *terms)))
            ),
            "own_price": self._for_a_warrant_in_a_unit(
                warrant,
                cell,
                If(
                    compare(unit_price, ">", ZERO),
                    if_known(*own, then=or_needs_input(ours("EFFECTIVEPRICE", unit_price, *terms))),
                    NEEDS_INPUT,
                ),
            ),
            "price": If(
                warrant,
                BLANK,
                If(
                    sold,
                    If(
                        _any(
                            block.all("with"),
                            cell("security"),
                            other.all("each"),
                            NEEDS_INPUT,
                        ),
                        NEEDS_INPUT,
                        if_known(
                            of("each"),
                            then=ours(
                                "PRICEPERSHARE",
                                Operation(
                                    entry("paid"),
                                    "+",
                                    excel(
                                        "SUMIFS",
                                        column("Securities", "paid"),
                                        column("Securities", "sold_with"),
                                        cell("security"),
                                    ),
                                ),
                                of("shares"),
                            ),
                        ),
                    ),
                    BLANK,
                ),
            ),
            "floor": If(
                excel("OR", warrant, equal(warrants, ZERO)),
                BLANK,
                If(
                    _any(block.all("with"), cell("security"), block.all("own_floor"), NEEDS_INPUT),
                    NEEDS_INPUT,
                    Operation(
                        excel(
                            "SUMIFS", block.all("own_floor"), block.all("with"), cell("security")
                        ),
                        "-",
                        Operation(others, "*", reference),
                    ),
                ),
            ),
            "sold_at": If(
                warrant,
                If(equal(cell("in_unit"), ONE), BLANK, of("strike")),
                If(
                    sold,
                    If(
                        _any(
                            block.all("with"),
                            cell("security"),
                            block.all("own_price"),
                            NEEDS_INPUT,
                        ),
                        NEEDS_INPUT,
                        if_known(
                            of("lowest"),
                            then=Operation(
                                Operation(
                                    excel(
                                        "SUMIFS",
                                        block.all("own_price"),
                                        block.all("with"),
                                        cell("security"),
                                    ),
                                    "-",
                                    Operation(others, "*", cell("price")),
                                ),
                                "-",
                                fallen,
                            ),
                        ),
                    ),
                    of("lowest"),
                ),
            ),
            # REVIEW and NEEDS INPUT are counted: leaving shares out could hide an approval.
            "joins": If(
                warrant,
                If(
                    bases,
                    If(
                        equal(
                            ours(
                                "WARRANTSAGGREGATE",
                                Name("closing_date"),
                                entry("first_exercisable"),
                                _known(reference),
                                _known(of("strike")),
                                checks.discounted,
                            ),
                            Literal(False),
                        ),
                        _APART,
                        _COUNTED,
                    ),
                    _COUNTED,
                ),
                BLANK,
            ),
            "counted": If(equal(cell("joins"), _APART), ZERO, of("shares")),
            # Sold for less than its attributed value outside any unit: part of the stock's price?
            "loose": If(
                excel("AND", warrant, bases, equal(cell("in_unit"), ZERO)),
                if_known(
                    reference,
                    of("strike"),
                    of("each"),
                    then=If(
                        compare(of("each"), "<", ours("WARRANTVALUE", reference, of("strike"))),
                        ONE,
                        ZERO,
                    ),
                ),
                BLANK,
            ),
        }
        here = equal(of("current"), ONE)
        return {
            "security": If(here, of("security"), BLANK),
            "with": If(
                excel("AND", here, warrant),
                Operation(entry("sold_with"), "&", BLANK),
                BLANK,
            ),
            **{key: given_then(cell("security"), formula) for key, formula in line.items()},
        }

    @staticmethod
    def _for_a_warrant_in_a_unit(
        warrant: Formula, cell: Callable[[str], At], formula: Formula
    ) -> Formula:
        return If(excel("AND", warrant, equal(cell("in_unit"), ONE)), formula, BLANK)

    def _holder(self, block: _Block, row: int, checks: _Checks) -> _Line:
        def cell(key: str) -> At:
            return block.at(key, row)

        entry = entries_of("Holders", cell("line"))
        held, rights, day = entry("held"), entry("rights"), entry("exercisable_on")
        shares = excel(
            "SUMIFS",
            self.securities.all("shares"),
            self.securities.all("security"),
            cell("security"),
        )
        line = {
            "group": Operation(entry("group"), "&", BLANK),
            "security": Operation(entry("security"), "&", BLANK),
            "held": If(is_blank(held), BLANK, held),
            "rights": If(is_blank(rights), BLANK, rights),
            "owned": If(
                excel("AND", is_number(held), equal(excel("N", rights), ZERO)),
                held,
                If(
                    is_blank(day),
                    NEEDS_INPUT,
                    or_needs_input(ours("BENEFICIALSHARES", held, rights, day, Name("event_date"))),
                ),
            ),
            "shares": If(
                excel("OR", equal(excel("N", rights), ZERO), equal(shares, ZERO)),
                BLANK,
                shares,
            ),
            # One security can have several holders: their rights are added up.
            "status": given_then(
                cell("shares"),
                agree(
                    excel("SUMIFS", block.all("rights"), block.all("security"), cell("security")),
                    cell("shares"),
                ),
            ),
        }
        return {
            "holder": named("Holders", "name", cell("line")),
            **{key: given_then(cell("holder"), formula) for key, formula in line.items()},
        }

    def _person(self, block: _Block, row: int, checks: _Checks) -> _Line:
        def cell(key: str) -> At:
            return block.at(key, row)

        lines = self.holders
        entry = entries_of("Filing", cell("line"))
        position = cell("position")
        same_group = (lines.all("group"), position)
        same_holder = (
            lines.all("holder"),
            position,
            lines.all("group"),
            Operation(Literal("<>"), "&", position),
        )

        def over_the_position(key: str) -> Formula:
            return Operation(
                excel("SUMIFS", lines.all(key), *same_group),
                "+",
                excel("SUMIFS", lines.all(key), *same_holder),
            )

        positions = Operation(excel("COUNTIFS", *same_group), "+", excel("COUNTIFS", *same_holder))
        unknown = Operation(
            excel("COUNTIFS", *same_group, lines.all("owned"), NEEDS_INPUT),
            "+",
            excel("COUNTIFS", *same_holder, lines.all("owned"), NEEDS_INPUT),
        )
        filed_11, filed_13 = entry("aggregate"), entry("percent")
        none_found = equal(positions, ZERO)
        line = {
            "position": If(is_blank(entry("position")), cell("person"), entry("position")),
            "held": If(none_found, NEEDS_INPUT, over_the_position("held")),
            "parts": If(
                none_found,
                NEEDS_INPUT,
                self._owned(position, Operation(cell("held"), "+", over_the_position("rights"))),
            ),
            "owned": self._owned(
                position,
                If(
                    excel("OR", none_found, compare(unknown, ">", ZERO)),
                    NEEDS_INPUT,
                    over_the_position("owned"),
                ),
            ),
            "row_11": If(is_blank(filed_11), NEEDS_INPUT, filed_11),
            "ties_11": If(
                is_number(cell("owned"), cell("row_11")),
                agree(cell("owned"), cell("row_11")),
                BLANK,
            ),
            "exact": if_known(
                cell("owned"),
                then=or_needs_input(
                    ours(
                        "BENEFICIALPCT",
                        cell("held"),
                        Operation(cell("owned"), "-", cell("held")),
                        Name("outstanding_stated"),
                    )
                ),
            ),
            "percent": if_known(cell("exact"), then=ours("SC13DROW13", cell("exact"))),
            "row_13": or_needs_input(ours("SC13DROW13", filed_13)),
            "ties_13": If(
                equal(cell("row_13"), NEEDS_INPUT),
                BLANK,
                agree(cell("percent"), cell("row_13")),
            ),
        }
        return {
            "person": named("Filing", "name", cell("line")),
            **{key: given_then(cell("person"), formula) for key, formula in line.items()},
        }

    def _owned(self, position: At, otherwise: Formula) -> Formula:
        """By the ownership table where a blocker stands on one of the position's lines."""
        if self._owned_by is None:
            return otherwise
        blocked = [
            _any(column("Holders", key), position, column("Holders", "blocker"), Literal(">0"))
            for key in ("name", "group")
        ]
        return If(excel("OR", *blocked), self._owned_by(position), otherwise)

    def _issuance(self, block: _Block, row: int, checks: _Checks) -> _Line:
        def cell(key: str) -> At:
            return block.at(key, row)

        entry = entries_of("Issuances", cell("line"))
        investor = entry("investor")
        names = column("Purchasers", "name")
        apart = equal(cell("verdict"), Literal("NOT AGGREGATED"))
        line = {
            "closing": If(is_blank(entry("closing")), BLANK, entry("closing")),
            "investors": If(
                excel("AND", compare(investor, "<>", BLANK), _any(names, investor)),
                TRUE,
                given_then(entry("common_investors"), as_word(entry("common_investors"))),
            ),
            "verdict": ours(
                "NASDAQAGGREGATION",
                entry("closing"),
                Name("closing_date"),
                cell("investors"),
                *map(
                    entry,
                    ("planned", "contingent", "same_use_of_proceeds", "same_board_approval"),
                ),
            ),
            "together": If(
                apart,
                BLANK,
                if_known(
                    checks.counted,
                    entry("issuable"),
                    then=Operation(checks.counted, "+", entry("issuable")),
                ),
            ),
            "size": If(
                apart,
                BLANK,
                if_known(
                    cell("together"),
                    then=or_needs_input(
                        ours("ISSUANCEPCT", cell("together"), entry("outstanding_before"))
                    ),
                ),
            ),
        }
        return {
            "transaction": named("Issuances", "transaction", cell("line")),
            **{key: given_then(cell("transaction"), formula) for key, formula in line.items()},
        }


_Line = Mapping[str, Formula]


def entries_of(table: str, line: At) -> Callable[[str], Formula]:
    """The cells of a table's row, by line number."""
    return lambda key: excel("INDEX", column(table, key), line)


def issued_in_this_deal(lines: Mapping[str, int], security: Formula) -> Formula:
    """Whether a security of that name is issued in this transaction, by the lines of Workings."""
    block = _Workings(lines).securities
    return _any(block.all("security"), security, block.all("current"), ONE)


def named(table: str, key: str, line: At) -> Formula:
    """The name in a line; blank below the end of the table."""
    names = column(table, key)
    return If(
        compare(line, ">", excel("ROWS", names)),
        BLANK,
        Operation(excel("INDEX", names, line), "&", BLANK),
    )


def _lowest(price: Formula, entry: Callable[[str], Formula]) -> Formula:
    """The lowest price an adjustment could lead to. None stated is read as none, and flagged."""
    adjusted = or_needs_input(ours("LOWESTPRICE", price, entry("adjustment"), entry("floor")))
    return if_known(price, then=If(is_blank(entry("adjustment")), price, adjusted))


# ---------------------------------------------------------------- Checks


class _Checks:
    """The answers, section by section."""

    def __init__(self, workings: _Workings) -> None:
        self.grid = Grid(
            CHECKS_SHEET,
            "Checks",
            "Every answer is a live formula over the input sheets; a blank input never turns "
            "into a no.",
            print_titles="1:5",
        )
        self._w = workings
        self._row = 5
        self.grid.headings.append(self._row)
        for place, heading in enumerate(CHECK_HEADERS, FIRST_COLUMN):
            role = {
                _RESULT: "heading of numbers",
                _EXPECTED: "heading of numbers",
                _STATUS: "heading of statuses",
            }.get(place, "heading")
            self.grid.put(self._row, place, heading, role)
        self._summary = self._row + 2
        self._row = self._summary + 6
        self._first = self._row + 1
        # The cells that Workings draws on.
        self._scope()
        self._prices()
        self._size()
        self._units()
        self._approval()

    def fill(self) -> None:
        """The sections that rest on filled Workings, and the summary of all."""
        self._ownership()
        self._tie_outs()
        self._rules()
        self._totals(self._summary)

    def _section(self, title: str) -> None:
        if self._row != self._first - 1:
            self._row += 1
        self.grid.put(self._row, _CHECK, title, "section")
        self.grid.sections.append(self._row)
        self._row += 1

    def _check(
        self,
        label: str,
        result: Formula,
        meaning: str,
        source: str = "",
        *,
        form: str = TEXT,
        expected: Formula | None = None,
        compared: bool = True,
    ) -> At:
        """One row; with something expected, its status compares the two."""
        row = self._row
        self._row += 1
        self.grid.put(row, _CHECK, label, "label")
        at = self.grid.put(row, _RESULT, result, "result", form)
        if expected is not None:
            beside = self.grid.put(row, _EXPECTED, expected, "expected", form)
            if compared:
                self.grid.put(row, _STATUS, agree(at, beside), "status", STATUS)
        self.grid.put(row, _MEANING, meaning, "meaning")
        self.grid.put(row, _SOURCE, source, "source")
        return at

    def _totals(self, row: int) -> None:
        end, self._row = self._row - 1, row - 1
        self.grid.put(self._row, _CHECK, "Summary", "section")
        self.grid.sections.append(self._row)
        self._row += 1

        def rows(place: int) -> Stretch:
            return Stretch(At(CHECKS_SHEET, self._first, place), At(CHECKS_SHEET, end, place))

        self.grid.put(row, _CHECK, "Master check", "total")
        agreeing = excel("COUNTIF", rows(_STATUS), ONE)
        compared = excel("COUNT", rows(_STATUS))
        wrong = Operation(ErrorCount(rows(_RESULT)), "+", excel("COUNTIF", rows(_STATUS), ZERO))
        open_words = [excel("COUNTIF", rows(_RESULT), Literal(word)) for word in _OPEN_WORDS]
        still_open = excel("SUM", *open_words)
        settled = excel("AND", compare(compared, ">", ZERO), equal(still_open, ZERO))
        result = self.grid.put(
            row,
            _RESULT,
            If(compare(wrong, ">", ZERO), Literal("ERROR"), If(settled, Literal("OK"), _OPEN)),
            "result",
        )
        self.grid.put(
            row,
            _STATUS,
            If(equal(result, Literal("ERROR")), ZERO, If(equal(result, _OPEN), BLANK, ONE)),
            "status",
            STATUS,
        )
        self.grid.put(
            row,
            _MEANING,
            "OK: every comparison below agrees, no formula is in error and nothing is open. OPEN: "
            "something needs input, review or approval, as the next rows count.",
            "meaning",
        )
        self._row = row + 1
        self._check(
            "Comparisons that agree",
            agreeing,
            "Out of the comparisons that could be made.",
            expected=compared,
            compared=False,
        )
        for label, word, meaning in (
            ("Results that need input", "NEEDS INPUT", "An input that matters is blank."),
            ("Results for review", "REVIEW", "The rule leaves it to judgement."),
            ("Approvals required", "REQUIRED", "Shareholders must approve."),
        ):
            self._check(label, excel("COUNTIF", rows(_RESULT), Literal(word)), meaning)
        self._row = end + 1

    def _scope(self) -> None:
        self._section("Scope and completeness")
        self._check(
            "Exchange",
            If(is_blank(Name("exchange")), NEEDS_INPUT, Name("exchange")),
            "Prices, size, units and approval below are tested under Nasdaq's rules.",
            "Deal",
            expected=Literal("NASDAQ"),
        )
        w = self._w
        names = column("Securities", "name")
        quantities = column("Securities", "quantity")
        self._check(
            "Securities carried to Workings",
            excel("COUNT", w.securities.all("shares")),
            "Every security has a name, a quantity and a ratio, and a line on Workings.",
            "Securities",
            expected=_none_is_blank(
                excel("MAX", excel("COUNTA", names), excel("COUNTA", quantities))
            ),
        )
        self._check(
            "Classes with a count",
            excel("COUNT", column("Classes", "outstanding")),
            "A class without its count would make every percentage too large or too small.",
            "Classes",
            expected=_none_is_blank(excel("COUNTA", column("Classes", "name"))),
        )
        self._check(
            "Positions carried to Workings",
            excel("COUNT", w.holders.all("owned")),
            "Every position has a holder, a number and, for a right, its date.",
            "Holders",
            expected=_none_is_blank(excel("COUNTA", column("Holders", "name"))),
        )
        self._check(
            "Reporting persons carried to Workings",
            excel("COUNT", w.persons.all("row_11")),
            "Every reporting person has a line and a row 11 as filed.",
            "Filing",
            expected=_none_is_blank(excel("COUNTA", column("Filing", "name"))),
        )

    def _prices(self) -> None:
        self._section("Prices")
        dates, signed = column("Prices", "day"), Name("signed_at")
        self.minimum = self._check(
            "Minimum Price",
            or_needs_input(ours("MINPRICE", column("Prices", "close"), dates, signed)),
            "Lower of the last official close before signing and the average of the last five.",
            source_of("MINPRICE"),
            form=PRICE,
        )
        self.bid = self._check(
            "Closing bid before signing",
            or_needs_input(ours("MARKETVALUE", column("Prices", "bid"), dates, signed)),
            "Consolidated closing bid of the last session before signing.",
            source_of("MARKETVALUE"),
            form=PRICE,
        )
        info = ours("RULEINFO", _RULE, signed)
        test = self._check(
            "Price test in force at signing",
            excel("INDEX", info, Literal(3), Literal(3)),
            "Signed before 26 September 2018: the greater of book value and closing bid. "
            "No signing date: today's rule.",
            source_of("NASDAQ5635D"),
        )
        book = Name("book_value")
        by_book = if_known(book, self.bid, then=excel("MAX", book, self.bid))
        self.reference = self._check(
            "Price the issuance is compared with",
            If(
                is_blank(signed),
                NEEDS_INPUT,
                If(equal(test, Literal(MINIMUM_PRICE)), self.minimum, by_book),
            ),
            "Below this price the issuance is discounted.",
            source_of("NASDAQ5635D"),
            form=PRICE,
        )

    def _size(self) -> None:
        self._section("Size of the issuance")
        w = self._w.securities
        outstanding = column("Classes", "outstanding")
        self._check(
            "Shares outstanding before the transaction",
            If(
                equal(excel("COUNT", outstanding), ZERO),
                NEEDS_INPUT,
                excel("SUM", outstanding),
            ),
            "All classes of common stock; no option, warrant or convertible.",
            "Classes",
            form=SHARES,
        )
        unknown = _any(w.all("current"), ONE, w.all("shares"), NEEDS_INPUT)
        issuable = excel("SUMIFS", w.all("shares"), w.all("current"), ONE)
        self.issuable = self._check(
            "Shares issuable in this deal",
            If(
                excel("OR", unknown, equal(issuable, ZERO)),
                NEEDS_INPUT,
                issuable,
            ),
            "Every security of this deal, as converted or exercised in full.",
            source_of("ISSUANCEPCT"),
            form=SHARES,
        )
        not_warrants = excel(
            "SUMIFS", w.all("shares"), w.all("current"), ONE, w.all("kind"), _NOT_A_WARRANT
        )
        in_units = excel(
            "SUMIFS", w.all("shares"), w.all("current"), ONE, self._w.units.all("in_unit"), ONE
        )
        for label, shares, meaning in (
            (
                "Size: common and convertible",
                not_warrants,
                "What is issued or converts into common stock.",
            ),
            (
                "Size: with the warrants sold with them",
                in_units,
                "And the warrants that are part of a unit.",
            ),
            (
                "Size: with every security of the deal",
                self.issuable,
                "And everything else issued in it. Security by security on Workings.",
            ),
        ):
            self._check(
                label,
                if_known(
                    self.issuable,
                    then=If(
                        equal(shares, ZERO),
                        BLANK,
                        or_needs_input(ours("ISSUANCEPCT", shares, outstanding)),
                    ),
                ),
                meaning,
                source_of("ISSUANCEPCT"),
                form=PERCENT,
            )
        self._check(
            "Size line in force",
            excel("INDEX", ours("RULEINFO", _RULE, Name("signed_at")), Literal(2), Literal(3)),
            "Approval is a question from this size on, in shares or in votes.",
            source_of("NASDAQ5635D"),
        )
        cap = self._check(
            "Most shares below the line",
            or_needs_input(ours("EXCHANGECAP", outstanding)),
            "The exchange cap: one share more reaches the line.",
            source_of("EXCHANGECAP"),
            form=SHARES,
        )
        self._check(
            "Headroom under the line",
            if_known(cap, self.issuable, then=Operation(cap, "-", self.issuable)),
            "In shares; in parentheses where the deal is over it.",
            source_of("EXCHANGECAP"),
            form=SHARES,
        )

    def _units(self) -> None:
        self._section("Price of the common stock")
        w = self._w.units
        no_unit = Literal("no unit")

        def over_units(key: str, pick: str) -> Formula:
            return If(
                _any(w.all(key), NEEDS_INPUT),
                NEEDS_INPUT,
                If(equal(excel("COUNT", w.all(key)), ZERO), no_unit, excel(pick, w.all(key))),
            )

        self._check(
            "Unit price",
            over_units("price", "MIN"),
            "One common share with the warrants sold with it; the lowest of several units.",
            "Securities: total paid over common shares",
            form=PRICE,
        )
        self._check(
            "Unit floor",
            over_units("floor", "MAX"),
            "Lowest unit price at which the common stock is not discounted; the highest of "
            "several units.",
            source_of("UNITFLOOR"),
            form=PRICE,
        )
        self.price = self._check(
            "Effective price of the common stock",
            If(
                excel(
                    "OR",
                    _any(w.all("sold_at"), NEEDS_INPUT),
                    equal(excel("COUNT", w.all("sold_at")), ZERO),
                ),
                NEEDS_INPUT,
                excel("MAX", excel("MIN", w.all("sold_at")), ZERO),
            ),
            "Once the warrants' value is taken out of the unit; the lowest in the deal.",
            source_of("EFFECTIVEPRICE"),
            form=PRICE,
        )
        self.discounted = self._check(
            "Common stock discounted",
            if_known(
                self.price,
                self.reference,
                then=If(compare(self.price, "<", self.reference), TRUE, FALSE),
            ),
            "TRUE where the effective price is below the price it is compared with.",
            source_of("EFFECTIVEPRICE"),
        )
        self._check(
            "Price adjustments stated",
            If(
                _any(
                    self._w.securities.all("current"),
                    ONE,
                    self._w.securities.all("adjustment"),
                    Literal("not stated"),
                ),
                NEEDS_INPUT,
                If(_any(self._w.securities.all("current"), ONE), TRUE, NEEDS_INPUT),
            ),
            "A blank is read as none; a reset or anti-dilution clause can lower the price above.",
            source_of("LOWESTPRICE"),
        )

    def _approval(self) -> None:
        self._section("Shareholder approval")
        w, units = self._w.securities, self._w.units
        self._check(
            "Warrant shares counted",
            excel("SUMIFS", units.all("counted"), w.all("kind"), _WARRANT),
            "Out of the warrant shares of this deal. REVIEW and NEEDS INPUT are counted.",
            source_of("WARRANTSAGGREGATE"),
            form=SHARES,
            expected=excel(
                "SUMIFS", w.all("shares"), w.all("current"), ONE, w.all("kind"), _WARRANT
            ),
            compared=False,
        )
        self.counted = self._check(
            "Shares counted",
            if_known(self.issuable, then=excel("SUM", units.all("counted"))),
            "Common, convertible and the warrants that join them.",
            source_of("WARRANTSAGGREGATE"),
            form=SHARES,
        )
        signed = Name("signed_at")
        strikes = w.all("strike")
        alone = self._check(
            "Listing Rule 5635(d), this issuance alone",
            ours(
                "NASDAQ5635D",
                If(is_blank(signed), BLANK, _known(self.price)),
                _known(self.minimum),
                _known(self.counted),
                column("Classes", "outstanding"),
                BLANK,
                BLANK,
                Name("public_offering"),
                signed,
                Name("book_value"),
                _known(self.bid),
                self._lowest_strike(strikes),
            ),
            "Without earlier issuances. NEEDS INPUT: a price or count it rests on is blank.",
            source_of("NASDAQ5635D"),
        )
        verdicts = self._w.issuances.all("verdict")
        earlier = self._check(
            "Earlier issuances counted together",
            If(
                _any(verdicts, Literal("REVIEW")),
                Literal("REVIEW"),
                If(
                    _any(verdicts, NEEDS_INPUT),
                    NEEDS_INPUT,
                    If(
                        _any(verdicts, Literal("NOT AGGREGATED")),
                        Literal("NOT AGGREGATED"),
                        Literal("none listed"),
                    ),
                ),
            ),
            "REVIEW: the deals may be counted as one. Line by line on Workings.",
            source_of("NASDAQAGGREGATION"),
        )
        self._check(
            "Approval under Listing Rule 5635(d)",
            If(
                equal(alone, Literal("NOT REQUIRED")),
                self._not_required(alone, earlier),
                alone,
            ),
            "REQUIRED: shareholders must approve before closing. NEEDS INPUT also where a class "
            "lacks its count, a cheap warrant is part of no unit or a price could fall: run check.",
            source_of("NASDAQ5635D"),
        )

    def _not_required(self, alone: Formula, earlier: Formula) -> Formula:
        uncounted = compare(
            excel("COUNT", column("Classes", "outstanding")),
            "<",
            excel("COUNTA", column("Classes", "name")),
        )
        linked = excel("OR", equal(earlier, Literal("REVIEW")), equal(earlier, NEEDS_INPUT))
        w = self._w
        strikes = w.securities.all("strike")
        strikes_hold = If(
            equal(excel("COUNT", strikes), ZERO),
            ONE,
            If(compare(excel("MIN", strikes), "<", self.reference), ZERO, ONE),
        )
        at_market = excel("AND", equal(self.discounted, FALSE), equal(strikes_hold, ONE))
        loose = _any(w.units.all("loose"), ONE)
        falling = excel(
            "OR",
            *(
                _any(
                    w.securities.all("current"),
                    ONE,
                    w.securities.all("adjustment"),
                    Literal(adjustment),
                )
                for adjustment in sorted(LOWERING)
            ),
        )
        return If(
            excel("OR", uncounted, loose, falling),
            NEEDS_INPUT,
            If(linked, If(at_market, alone, earlier), alone),
        )

    def _lowest_strike(self, strikes: Stretch) -> Formula:
        return If(equal(excel("COUNT", strikes), ZERO), BLANK, excel("MIN", strikes))

    def _ownership(self) -> None:
        self._section("Beneficial ownership and Schedule 13D")
        w = self._w.persons
        first = w.first
        self._check(
            "Position tested: first reporting person",
            If(is_blank(w.at("person", first)), NEEDS_INPUT, w.at("position", first)),
            "The others line by line on Workings.",
            "Filing, Holders",
        )

        def lead(key: str) -> Formula:
            return If(is_blank(w.at("person", first)), NEEDS_INPUT, w.at(key, first))

        def filed(key: str) -> Formula:
            return If(equal(w.at(key, first), NEEDS_INPUT), BLANK, w.at(key, first))

        self._check(
            "Row 11: shares beneficially owned",
            lead("owned"),
            "Held, and what can be acquired within sixty days of the event.",
            source_of("BENEFICIALSHARES"),
            form=SHARES,
            expected=filed("row_11"),
        )
        self._check(
            "Parts of the note to row 11, added up",
            lead("parts"),
            "Everything listed for the position, whenever it can be exercised; under a blocker "
            "what it lets through.",
            "Schedule 13D, note to row 11",
            form=SHARES,
            expected=filed("row_11"),
        )
        self._check(
            "Percent of class",
            lead("exact"),
            "The rights are added to the shares owned and to the shares outstanding.",
            source_of("BENEFICIALSHARES"),
            form=PERCENT,
        )
        self._check(
            "Row 13: percent of class",
            lead("percent"),
            "To one decimal, as the form shows it.",
            source_of("SC13DROW13"),
            expected=filed("row_13"),
        )
        for number in ("11", "13"):
            status = w.all(f"ties_{number}")
            self._check(
                f"Reporting persons whose row {number} ties",
                excel("COUNTIF", status, ONE),
                "Out of those for whom both figures are there.",
                "Workings",
                expected=_none_is_blank(excel("COUNT", status)),
            )

    def _tie_outs(self) -> None:
        self._section("Tie-outs and identifiers")
        status = self._w.holders.all("status")
        self._check(
            "Rights that equal the shares of their security",
            excel("COUNTIF", status, ONE),
            "Each right on Holders against quantity times ratio on Securities.",
            "Holders, Securities",
            expected=_none_is_blank(excel("COUNT", status)),
        )
        stated = Name("outstanding_stated")
        counts = column("Classes", "outstanding")
        self._check(
            "Outstanding stated in the filing",
            If(is_blank(stated), NEEDS_INPUT, stated),
            "Against the count of a class on Classes.",
            "Filing, Classes",
            form=SHARES,
            expected=If(
                excel(
                    "OR",
                    _any(counts, stated),
                    _any(column("Classes", "outstanding_after"), stated),
                ),
                stated,
                If(equal(excel("COUNT", counts), ZERO), BLANK, excel("SUM", counts)),
            ),
        )
        for label, name in (("Deal", "cusip"), ("cover page", "filing_cusip")):
            self._check(
                f"CUSIP on the {label}: check digit",
                If(
                    is_blank(Name(name)),
                    NEEDS_INPUT,
                    If(equal(ours("CUSIPVALID", Name(name)), Literal(True)), TRUE, FALSE),
                ),
                "TRUE where the ninth character fits the first eight.",
                "CUSIP check digit: modulus 10, double-add-double",
                expected=TRUE,
            )
        self._check(
            "CUSIP on the cover page",
            If(is_blank(Name("filing_cusip")), NEEDS_INPUT, Name("filing_cusip")),
            "Against the Deal sheet.",
            "Filing, Deal",
            expected=If(is_blank(Name("cusip")), BLANK, Name("cusip")),
        )

    def _rules(self) -> None:
        self._section("Rules and version")
        self._check(
            "Rule in force until",
            _date_or_open(
                excel("INDEX", ours("RULEINFO", _RULE, Name("signed_at")), Literal(3), Literal(6))
            ),
            "Last day of the price test above; open where it is today's.",
            source_of("NASDAQ5635D"),
            form=DAY,
        )
        self._check(
            "xl-compliance version",
            ours("XLCVERSION"),
            "Version of the functions that answered.",
            "",
        )


def _none_is_blank(count: Formula) -> Formula:
    """Nothing to compare with where nothing is entered."""
    return If(equal(count, ZERO), BLANK, count)


def _date_or_open(day: Formula) -> Formula:
    return If(is_blank(day), Literal("open"), day)
