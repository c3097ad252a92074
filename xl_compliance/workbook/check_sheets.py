"""What the Checks and Workings sheets of the input workbook hold: every formula, once.

Workings goes line by line through securities, holders, reporting persons and earlier issuances;
Checks draws the answers together. Both only place formulas: how they look is for the template.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from xl_compliance.rules.nasdaq.adjustments import LOWERING
from xl_compliance.rules.nasdaq.private_placement import MINIMUM_PRICE
from xl_compliance.workbook import deal_lines, headroom_sheet
from xl_compliance.workbook.cover_sheet import Answered
from xl_compliance.workbook.expressions import (
    At,
    ErrorCount,
    Formula,
    If,
    Literal,
    Name,
    Operation,
    Stretch,
    equal,
    excel,
    is_blank,
    ours,
)
from xl_compliance.workbook.input_sheets import CHECKS_SHEET, VOTES_ONLY, WORKINGS_SHEET
from xl_compliance.workbook.sheet_forms import (
    BLANK,
    DAY,
    FALSE,
    FIRST_COLUMN,
    NAME,
    NEEDS_INPUT,
    ONE,
    PERCENT,
    PRICE,
    SHARES,
    STATUS,
    TEXT,
    TRUE,
    ZERO,
    Block,
    Grid,
    Line,
    LineFormula,
    agree,
    any_of,
    as_word,
    class_reported,
    column,
    compare,
    entries_of,
    given_then,
    if_known,
    is_number,
    known,
    named_in,
    or_needs_input,
    source_of,
)

CHECK_HEADERS: Final = (
    "Check",
    "Result",
    "Expected / as filed",
    "Status",
    "What it means",
    "Source",
)
_CHECK, _RESULT, _EXPECTED, _STATUS, _MEANING, _SOURCE = range(2, 8)

_OPEN: Final = Literal("OPEN")
_OPEN_WORDS: Final = ("NEEDS INPUT", "REVIEW", "REQUIRED")
_COUNTED, _APART = Literal("counted"), Literal("not counted")
_WARRANT: Final = Literal("WARRANT")
_NOT_A_WARRANT: Final = Literal("<>WARRANT")
_BASE, _SHARES_ONLY = Literal("SOLD"), Literal("SHARES ONLY")
_PENALTY, _PREFUNDED = Literal("PENALTY"), Literal("PREFUNDED")
_NOT_STATED: Final = Literal("not stated")
_SHARES_ONLY_KINDS: Final = ("EARN-OUT", "PENALTY", "ASSUMED AWARD")
_RULE: Final = Literal("NASDAQ-5635D")
_REQUIRED: Final = Literal("REQUIRED")
_NO_FILING: Final = Literal("no filing")


def check_sheets(
    lines: Mapping[str, int], owned_by: Callable[[Formula], Formula] | None = None
) -> tuple[Grid, Grid]:
    """The Workings and Checks sheets over tables with that many rows each."""
    workings, checks, *_ = deal_sheets(lines, owned_by)
    return workings, checks


def deal_sheets(
    lines: Mapping[str, int], owned_by: Callable[[Formula], Formula] | None = None
) -> tuple[Grid, Grid, Grid, Sequence[Answered]]:
    """Workings, Checks and Headroom, and the answers that the cover shows.

    `owned_by` gives the shares that a holder or group owns where a blocker limits them.
    """
    workings = _Workings(lines, owned_by)
    checks = _Checks(workings)
    workings.fill(checks)
    checks.fill()
    drawn = headroom_sheet.Drawn(
        workings.securities,
        workings.units,
        workings.classes,
        workings.issuances,
        checks.counted,
        checks.reference,
        checks.price,
        checks.unit_price,
        checks.left_open,
    )
    return workings.grid, checks.grid, headroom_sheet.headroom(drawn), checks.answers


# ---------------------------------------------------------------- Workings


_HEADING_OF: Final = {NAME: "heading", STATUS: "heading of statuses"}

_SECURITY_COLUMNS: Final[Sequence[LineFormula]] = (
    ("line", "Line", NAME),
    ("security", "Security", NAME),
    ("kind", "Kind", NAME),
    ("current", "In this deal (1/0)", TEXT),
    ("part", "Part of the deal", TEXT),
    ("belongs", "Part of", NAME),
    ("shares", "Common shares", SHARES),
    ("issued", "With penalty shares", SHARES),
    ("each", "Paid per common share", PRICE),
    ("lowest", "Lowest price it can reach", PRICE),
    ("strike", "Lowest exercise price", PRICE),
    ("adjustment", "Price adjustment", NAME),
    ("issuable", "Issuable so far, this deal", SHARES),
    ("size", "% of outstanding", PERCENT),
)
_UNIT_COLUMNS: Final[Sequence[LineFormula]] = (
    ("line", "Line", NAME),
    ("security", "Security", NAME),
    ("with", "Sold with", NAME),
    ("in_unit", "In a unit (1/0)", TEXT),
    ("coverage", "Warrants per share", PRICE),
    ("own_floor", "Unit floor, this warrant", PRICE),
    ("own_price", "Effective price, this warrant", PRICE),
    ("own_bid", "By the closing bid, this warrant", PRICE),
    ("price", "Unit price", PRICE),
    ("floor", "Unit floor", PRICE),
    ("sold_at", "Common sold at", PRICE),
    ("sold_bid", "Common sold at, by the bid", PRICE),
    ("by_bid", "Insider's price, by the bid", PRICE),
    ("convertible", "Convertible (1/0)", TEXT),
    ("cheap", "Warrants below the bid (1/0)", TEXT),
    ("is_warrant", "Warrant (1/0)", TEXT),
    ("falls", "Price can fall (1/0)", TEXT),
    ("joins", "Warrant shares", TEXT),
    ("counted", "Shares counted", SHARES),
    ("loose", "In no unit, below value (1/0)", TEXT),
    ("unsold", "Without a buyer (1/0)", TEXT),
)
_HOLDER_COLUMNS: Final[Sequence[LineFormula]] = (
    ("line", "Line", NAME),
    ("holder", "Holder", NAME),
    ("group", "Group", NAME),
    ("security", "Security", NAME),
    ("held", "Held", SHARES),
    ("rights", "Right to acquire", SHARES),
    ("owned", "Beneficially owned", SHARES),
    ("shares", "Shares of the security", SHARES),
    ("status", "Right ties", STATUS),
    ("counts", "Of the class reported", TEXT),
)
_PERSON_COLUMNS: Final[Sequence[LineFormula]] = (
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
_ISSUANCE_COLUMNS: Final[Sequence[LineFormula]] = (
    ("line", "Line", NAME),
    ("transaction", "Transaction", NAME),
    ("closing", "Closing date", DAY),
    ("investors", "Common investors", TEXT),
    ("verdict", "Counted together", TEXT),
    ("first", "Closing, if counted", DAY),
    ("shares", "Issuable, if counted", SHARES),
    ("before", "Outstanding before it", SHARES),
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
        self.classes = self._block(
            "Classes: shares of common stock, and votes", deal_lines.CLASS_COLUMNS, lines["Classes"]
        )
        self.purchasers = self._block(
            "Purchasers: positions after the deal, sales to insiders",
            deal_lines.PURCHASER_COLUMNS,
            lines["Purchasers"],
        )
        self.stated = self._block(
            "Figures as stated elsewhere", deal_lines.STATED_COLUMNS, lines["Stated"]
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

    def _block(self, title: str, headings: Sequence[LineFormula], lines: int) -> Block:
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
        return Block(self.grid.name, first, last, columns)

    def fill(self, checks: _Checks) -> None:
        """Write every line, now that the cells of Checks are known."""
        blocks: tuple[tuple[Block, Sequence[LineFormula], Callable[..., Line]], ...] = (
            (self.securities, _SECURITY_COLUMNS, self._security),
            (self.units, _UNIT_COLUMNS, self._unit),
            (self.classes, deal_lines.CLASS_COLUMNS, deal_lines.class_line),
            (self.purchasers, deal_lines.PURCHASER_COLUMNS, self._purchaser),
            (self.stated, deal_lines.STATED_COLUMNS, self._stated),
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

    def _security(self, block: Block, row: int, checks: _Checks) -> Line:
        def cell(key: str) -> At:
            return block.at(key, row)

        entry = entries_of("Securities", cell("line"))
        ratio = entry("ratio")
        one_for_one = excel(
            "AND",
            is_blank(ratio),
            compare(cell("kind"), "<>", Literal("CONVERTIBLE")),
            compare(cell("kind"), "<>", BLANK),
        )
        unknown_so_far = any_of(
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
                # Neither this deal nor an earlier one: nobody counts it.
                If(
                    any_of(column("Issuances", "transaction"), entry("transaction")),
                    ZERO,
                    NEEDS_INPUT,
                ),
            ),
            "shares": or_needs_input(
                ours("CONVERTEDSHARES", entry("quantity"), If(one_for_one, ONE, ratio))
            ),
            "part": If(
                equal(cell("kind"), _WARRANT),
                _WARRANT,
                If(
                    excel(
                        "OR",
                        *(equal(cell("kind"), Literal(kind)) for kind in _SHARES_ONLY_KINDS),
                    ),
                    _SHARES_ONLY,
                    _BASE,
                ),
            ),
            "belongs": If(
                excel("OR", equal(cell("kind"), _WARRANT), equal(cell("kind"), _PENALTY)),
                If(
                    is_blank(entry("sold_with")),
                    _NOT_STATED,
                    Operation(entry("sold_with"), "&", BLANK),
                ),
                BLANK,
            ),
            "issued": self._with_penalty_shares(block, row),
            "each": if_known(
                cell("shares"),
                then=If(
                    equal(cell("part"), _SHARES_ONLY),
                    BLANK,
                    If(
                        excel("AND", equal(cell("kind"), _WARRANT), equal(paid, ZERO)),
                        If(is_blank(paid), NEEDS_INPUT, ZERO),
                        if_known(
                            cell("issued"),
                            then=or_needs_input(
                                ours("PRICEPERSHARE", _price_of(entry, cell), cell("issued"))
                            ),
                        ),
                    ),
                ),
            ),
            "lowest": If(equal(cell("part"), _BASE), _lowest(cell("each"), entry), BLANK),
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
                        ours("ISSUANCEPCT", cell("issuable"), self.classes.all("common"))
                    ),
                ),
                BLANK,
            ),
        }
        return {
            "security": named_in("Securities", "name", cell("line")),
            **{key: given_then(cell("security"), formula) for key, formula in line.items()},
        }

    def _with_penalty_shares(self, block: Block, row: int) -> Formula:
        """The shares a price is paid for: a penalty adds some for nothing."""

        def cell(key: str) -> At:
            return block.at(key, row)

        penalty = (block.all("kind"), _PENALTY, block.all("current"), ONE)
        of_it = (block.all("belongs"), cell("security"))
        unknown = excel(
            "OR",
            any_of(*penalty, block.all("belongs"), _NOT_STATED),
            any_of(*penalty, *of_it, block.all("shares"), NEEDS_INPUT),
        )
        added = excel("SUMIFS", block.all("shares"), *penalty, *of_it)
        return If(
            excel("AND", equal(cell("part"), _BASE), equal(cell("current"), ONE)),
            if_known(
                cell("shares"),
                then=If(unknown, NEEDS_INPUT, Operation(cell("shares"), "+", added)),
            ),
            cell("shares"),
        )

    def _unit(self, block: Block, row: int, checks: _Checks) -> Line:
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
        bases = any_of(other.all("current"), ONE, other.all("part"), _BASE)
        fallen = Operation(of("each"), "-", of("lowest"))
        others = Operation(warrants, "-", ONE)

        def terms(price: Formula) -> tuple[Formula, ...]:
            return price, entry("exercise_price"), cell("coverage"), of("strike")

        def own_price(price: Formula) -> Formula:
            effective = or_needs_input(ours("EFFECTIVEPRICE", unit_price, *terms(price)))
            known_price = if_known(cell("coverage"), of("strike"), price, then=effective)
            return self._for_a_warrant_in_a_unit(
                warrant, cell, If(compare(unit_price, ">", ZERO), known_price, NEEDS_INPUT)
            )

        def sold_at(key: str) -> Formula:
            """The stock of a unit, what the warrants' value leaves; a lone warrant's strike."""
            of_unit = (block.all("with"), cell("security"))
            left = Operation(
                excel("SUMIFS", block.all(key), *of_unit),
                "-",
                Operation(others, "*", cell("price")),
            )
            in_unit = If(
                any_of(*of_unit, block.all(key), NEEDS_INPUT),
                NEEDS_INPUT,
                if_known(of("lowest"), then=Operation(left, "-", fallen)),
            )
            lone = If(equal(cell("in_unit"), ONE), BLANK, of("strike"))
            base = If(sold, in_unit, of("lowest"))
            return If(warrant, lone, If(equal(of("part"), _SHARES_ONLY), BLANK, base))

        own_floor = ours("UNITFLOOR", *terms(reference))
        in_a_unit = excel("AND", warrant, equal(cell("in_unit"), ONE))
        base_of_it = (block.all("security"), cell("with"))
        line = {
            "in_unit": If(
                warrant,
                If(
                    is_blank(cell("with")),
                    ZERO,
                    If(
                        any_of(
                            other.all("security"),
                            cell("with"),
                            other.all("current"),
                            ONE,
                            other.all("part"),
                            _BASE,
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
                    any_of(other.all("security"), cell("with"), other.all("issued"), Literal(">0")),
                    if_known(
                        of("shares"),
                        then=Operation(
                            of("shares"),
                            "/",
                            excel(
                                "SUMIFS",
                                other.all("issued"),
                                other.all("security"),
                                cell("with"),
                            ),
                        ),
                    ),
                    NEEDS_INPUT,
                ),
            ),
            "own_floor": self._for_a_warrant_in_a_unit(
                warrant, cell, if_known(*own, then=or_needs_input(own_floor))
            ),
            "own_price": own_price(reference),
            "own_bid": own_price(checks.bid),
            "price": If(
                warrant,
                BLANK,
                If(
                    sold,
                    If(
                        any_of(
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
                                    _price_of(entry, of),
                                    "+",
                                    excel(
                                        "SUMIFS",
                                        column("Securities", "paid"),
                                        column("Securities", "sold_with"),
                                        cell("security"),
                                    ),
                                ),
                                of("issued"),
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
                    any_of(
                        block.all("with"), cell("security"), block.all("own_floor"), NEEDS_INPUT
                    ),
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
            "sold_at": sold_at("own_price"),
            "sold_bid": sold_at("own_bid"),
            "by_bid": If(
                in_a_unit,
                If(
                    any_of(*base_of_it, block.all("sold_bid"), Literal(">=0")),
                    excel("SUMIFS", block.all("sold_bid"), *base_of_it),
                    NEEDS_INPUT,
                ),
                cell("sold_bid"),
            ),
            "cheap": If(
                is_number(checks.bid),
                If(
                    any_of(
                        block.all("with"),
                        If(in_a_unit, cell("with"), cell("security")),
                        other.all("strike"),
                        Operation(Literal("<"), "&", checks.bid),
                    ),
                    ONE,
                    ZERO,
                ),
                ZERO,
            ),
            "is_warrant": If(warrant, ONE, ZERO),
            "falls": If(
                is_number(of("each"), of("lowest")),
                If(compare(fallen, ">", ZERO), ONE, ZERO),
                ZERO,
            ),
            # A warrant in no unit is exercisable for stock, as a convertible is convertible.
            "convertible": If(
                excel(
                    "OR",
                    any_of(
                        other.all("security"),
                        If(in_a_unit, cell("with"), cell("security")),
                        other.all("kind"),
                        Literal("CONVERTIBLE"),
                    ),
                    excel("AND", warrant, equal(cell("in_unit"), ZERO)),
                ),
                ONE,
                ZERO,
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
                                known(reference),
                                known(of("strike")),
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
            "unsold": If(
                excel(
                    "AND",
                    compare(of("kind"), "<>", Literal("ASSUMED AWARD")),
                    compare(
                        excel(
                            "SUMIFS",
                            column("Purchasers", "bought"),
                            column("Purchasers", "security"),
                            cell("security"),
                        ),
                        "<",
                        excel("N", entry("quantity")),
                    ),
                ),
                ONE,
                ZERO,
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

    def _purchaser(self, block: Block, row: int, checks: _Checks) -> Line:
        drawn = deal_lines.Drawn(self.securities, self.units, self.classes, checks.bid)
        return deal_lines.purchaser_line(block, row, drawn)

    def _stated(self, block: Block, row: int, checks: _Checks) -> Line:
        return deal_lines.stated_line(block, row, checks.figures)

    def _holder(self, block: Block, row: int, checks: _Checks) -> Line:
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
        common = (
            *(column("Classes", "name"), cell("security")),
            *(column("Classes", "counts_as"), Literal(f"<>{VOTES_ONLY}")),
        )
        stock = If(
            is_blank(entry("of_class")),
            If(compare(excel("COUNTIFS", *common), ">", ZERO), cell("security"), BLANK),
            entry("of_class"),
        )
        line = {
            "group": Operation(entry("group"), "&", BLANK),
            "security": Operation(entry("security"), "&", BLANK),
            "held": If(is_blank(held), BLANK, held),
            "rights": If(is_blank(rights), BLANK, rights),
            "owned": If(
                excel(
                    "AND",
                    is_number(held),
                    equal(excel("N", rights), ZERO),
                    excel("OR", is_number(rights), compare(excel("N", held), ">", ZERO)),
                ),
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
            "counts": If(
                excel("OR", equal(stock, BLANK), equal(stock, class_reported())), ONE, ZERO
            ),
        }
        return {
            "holder": named_in("Holders", "name", cell("line")),
            **{key: given_then(cell("holder"), formula) for key, formula in line.items()},
        }

    def _person(self, block: Block, row: int, checks: _Checks) -> Line:
        def cell(key: str) -> At:
            return block.at(key, row)

        lines = self.holders
        entry = entries_of("Filing", cell("line"))
        position = cell("position")
        of_the_class = (lines.all("counts"), ONE)
        same_group = (*of_the_class, lines.all("group"), position)
        same_holder = (
            *of_the_class,
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
            "person": named_in("Filing", "name", cell("line")),
            **{key: given_then(cell("person"), formula) for key, formula in line.items()},
        }

    def _owned(self, position: At, otherwise: Formula) -> Formula:
        """By the ownership table where a blocker stands on one of the position's lines."""
        if self._owned_by is None:
            return otherwise
        blocked = [
            any_of(column("Holders", key), position, column("Holders", "blocker"), Literal(">0"))
            for key in ("name", "group")
        ]
        return If(excel("OR", *blocked), self._owned_by(position), otherwise)

    def _issuance(self, block: Block, row: int, checks: _Checks) -> Line:
        def cell(key: str) -> At:
            return block.at(key, row)

        entry = entries_of("Issuances", cell("line"))
        investor = entry("investor")
        names, groups = column("Purchasers", "name"), column("Purchasers", "group")
        apart = equal(cell("verdict"), Literal("NOT AGGREGATED"))
        line = {
            "closing": If(is_blank(entry("closing")), BLANK, entry("closing")),
            "investors": If(
                excel(
                    "AND",
                    compare(investor, "<>", BLANK),
                    excel("OR", any_of(names, investor), any_of(groups, investor)),
                ),
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
            "first": If(apart, BLANK, If(is_blank(entry("closing")), NEEDS_INPUT, cell("closing"))),
            "shares": If(
                apart, BLANK, If(is_number(entry("issuable")), entry("issuable"), NEEDS_INPUT)
            ),
            "before": If(
                apart,
                BLANK,
                If(
                    is_number(entry("outstanding_before")),
                    entry("outstanding_before"),
                    NEEDS_INPUT,
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
            "transaction": named_in("Issuances", "transaction", cell("line")),
            **{key: given_then(cell("transaction"), formula) for key, formula in line.items()},
        }


def issued_in_this_deal(lines: Mapping[str, int], security: Formula) -> Formula:
    """Whether a security of that name is issued in this transaction, by the lines of Workings."""
    block = _Workings(lines).securities
    return any_of(block.all("security"), security, block.all("current"), ONE)


def _price_of(entry: Callable[[str], Formula], cell: Callable[[str], Formula]) -> Formula:
    """What is paid in all; for a pre-funded warrant its exercise price as well."""
    strike = entry("exercise_price")
    # What the issuer could pay back on conversion is no price of the stock.
    kept = Operation(entry("paid"), "-", excel("N", entry("cash")))
    net = If(is_blank(entry("paid")), BLANK, kept)
    both = Operation(kept, "+", Operation(strike, "*", cell("shares")))
    prefunded = equal(cell("kind"), _PREFUNDED)
    unpaid = excel("OR", is_blank(entry("paid")), equal(entry("paid"), ZERO), is_blank(strike))
    return If(prefunded, If(unpaid, BLANK, both), net)


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
        self.answers: list[Answered] = []
        # The cells that Workings draws on.
        self._scope()
        self._prices()
        self._size()
        self._units()
        self._approval()
        self._other_rules()

    @property
    def left_open(self) -> Formula:
        """What keeps a no from being said, whatever the figures are."""
        sales = is_blank(Name("insider_sales"))
        return excel("OR", sales, any_of(self._w.purchasers.all("less"), ONE), self._left_open())

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

    def _answer(
        self, label: str, result: Formula, meaning: str, source: str, *, form: str = TEXT
    ) -> None:
        """One row that the cover shows too."""
        self.answers.append(
            (label, self._check(label, result, meaning, source, form=form), meaning)
        )

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
        self.answers.insert(
            0, ("Master check", result, "Everything on the sheet Checks, in one word.")
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
            (
                "Results that are required",
                "REQUIRED",
                "An approval, a notice or a filing; 5635(d) in up to two rows.",
            ),
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
        outstanding = self._w.classes.all("common")
        self.outstanding = self._check(
            "Shares outstanding before the transaction",
            If(
                equal(excel("COUNT", outstanding), ZERO),
                NEEDS_INPUT,
                excel("SUM", outstanding),
            ),
            "All classes of common stock; no option, warrant, convertible or voting preferred.",
            "Classes",
            form=SHARES,
        )
        unknown = any_of(w.all("current"), ONE, w.all("shares"), NEEDS_INPUT)
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
        self.cap = cap = self._check(
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
                any_of(w.all(key), NEEDS_INPUT),
                NEEDS_INPUT,
                If(equal(excel("COUNT", w.all(key)), ZERO), no_unit, excel(pick, w.all(key))),
            )

        self.unit_price = self._check(
            "Unit price",
            over_units("price", "MIN"),
            "One common share with the warrants sold with it; the lowest of several units.",
            "Securities: total paid over common shares",
            form=PRICE,
        )
        self.unit_floor = self._check(
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
                    any_of(w.all("sold_at"), NEEDS_INPUT),
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
                any_of(
                    self._w.securities.all("current"),
                    ONE,
                    self._w.securities.all("adjustment"),
                    Literal("not stated"),
                ),
                NEEDS_INPUT,
                If(any_of(self._w.securities.all("current"), ONE), TRUE, NEEDS_INPUT),
            ),
            "A reset or anti-dilution clause can lower the price above; where a line leaves it "
            "open, nothing below says that no approval is needed.",
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
            if_known(
                self.issuable,
                then=deal_lines.within_the_cap(excel("SUM", units.all("counted"))),
            ),
            "Common, convertible and the warrants that join them, within the share cap; with sales "
            "by insiders.",
            source_of("WARRANTSAGGREGATE"),
            form=SHARES,
        )
        signed = Name("signed_at")
        strikes = w.all("strike")
        classes = self._w.classes

        def on(votes_each: Formula) -> Formula:
            return ours(
                "NASDAQ5635D",
                If(is_blank(signed), BLANK, known(self.price)),
                known(self.minimum),
                known(self.counted),
                classes.all("common"),
                deal_lines.votes_of(known(self.counted), votes_each),
                deal_lines.votes_outstanding(classes, votes_each),
                Name("public_offering"),
                signed,
                Name("book_value"),
                known(self.bid),
                self._lowest_strike(strikes),
            )

        self.most_votes, self.fewest_votes = (
            self._check(
                f"{which} votes of a new share",
                deal_lines.votes_each(classes, pick),
                "Of the classes of common stock; blank where there is one class only.",
                "Classes",
            )
            for which, pick in (("Most", "MAX"), ("Fewest", "MIN"))
        )
        by_most, by_fewest = on(self.most_votes), on(self.fewest_votes)
        alone = self._check(
            "Listing Rule 5635(d), this issuance alone",
            If(
                excel(
                    "AND",
                    equal(by_most, _REQUIRED),
                    compare(by_fewest, "<>", _REQUIRED),
                ),
                Literal("REVIEW"),
                by_most,
            ),
            "Without earlier issuances. NEEDS INPUT: a price or count it rests on is blank. "
            "REVIEW also where it turns on the class that is issued.",
            source_of("NASDAQ5635D"),
        )
        verdicts = self._w.issuances.all("verdict")
        earlier = self._check(
            "Earlier issuances counted together",
            If(
                any_of(verdicts, Literal("REVIEW")),
                Literal("REVIEW"),
                If(
                    any_of(verdicts, NEEDS_INPUT),
                    NEEDS_INPUT,
                    If(
                        any_of(verdicts, Literal("NOT AGGREGATED")),
                        Literal("NOT AGGREGATED"),
                        Literal("none listed"),
                    ),
                ),
            ),
            "REVIEW: the deals may be counted as one. Line by line on Workings.",
            source_of("NASDAQAGGREGATION"),
        )
        self._answer(
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
        loose = any_of(w.units.all("loose"), ONE)
        split = compare(excel("COUNT", column("Prices", "split")), ">", ZERO)
        sales = If(at_market, Literal(False), is_blank(Name("insider_sales")))
        less = any_of(w.purchasers.all("less"), ONE)
        return If(
            excel("OR", uncounted, loose, split, sales, less, self._left_open()),
            NEEDS_INPUT,
            If(linked, If(at_market, alone, earlier), alone),
        )

    def _left_open(self) -> Formula:
        """What might make more shares or votes, or a lower price, than the lines above show."""
        w = self._w
        current = (w.securities.all("current"), ONE)
        falling = [
            any_of(*current, w.securities.all("adjustment"), Literal(adjustment))
            for adjustment in sorted(LOWERING)
        ]
        unstated = [
            any_of(
                *current,
                w.securities.all("adjustment"),
                _NOT_STATED,
                w.securities.all("part"),
                Literal(part),
                w.securities.all("kind"),
                Literal("<>COMMON"),
            )
            for part in ("WARRANT", "SOLD")
        ]
        own_votes = compare(excel("COUNT", column("Securities", "votes_each")), ">", ZERO)
        voting_class = excel(
            "AND",
            any_of(w.classes.all("as"), Literal(VOTES_ONLY)),
            compare(excel("COUNTA", column("Securities", "share_class")), ">", ZERO),
        )
        elsewhere = any_of(w.securities.all("current"), NEEDS_INPUT)
        dangling = any_of(w.purchasers.all("bought"), NEEDS_INPUT)
        return excel("OR", *falling, *unstated, own_votes, voting_class, elsewhere, dangling)

    def _other_rules(self) -> None:
        self._section("Other approvals, directors and notice")
        w = self._w
        self.every = self._check(
            "Everything issuable in this deal",
            if_known(self.issuable, then=deal_lines.within_the_cap(self.issuable)),
            "Every security in full, within the share cap; with sales by insiders.",
            source_of("ISSUANCEPCT"),
            form=SHARES,
        )
        drawn = deal_lines.Totals(
            self.every, self.most_votes, w.classes, w.purchasers, w.units, self._left_open()
        )
        for label, formula, meaning, function, form in deal_lines.other_rules(drawn):
            self._answer(label, formula, meaning, source_of(function), form=form)
        self.figures: Mapping[str, Formula] = {
            "MINIMUM PRICE": If(
                compare(excel("COUNT", column("Prices", "split")), ">", ZERO),
                NEEDS_INPUT,
                self.minimum,
            ),
            "MARKET VALUE": self.bid,
            "OUTSTANDING": self.outstanding,
            "ISSUABLE": self.counted,
            "PERCENTAGE": if_known(
                self.counted,
                then=or_needs_input(ours("ISSUANCEPCT", self.counted, w.classes.all("common"))),
            ),
            "UNIT PRICE": self.unit_price,
            "UNIT FLOOR": self.unit_floor,
        }

    def _lowest_strike(self, strikes: Stretch) -> Formula:
        return If(equal(excel("COUNT", strikes), ZERO), BLANK, excel("MIN", strikes))

    @property
    def _waiting(self) -> Formula:
        """What a result on the filing is where it is blank: there may be no filing at all."""
        entered = excel("COUNTA", column("Filing", "name"), Name("event_date"))
        return If(equal(entered, ZERO), _NO_FILING, NEEDS_INPUT)

    def _ownership(self) -> None:
        self._section("Beneficial ownership and Schedule 13D")
        w = self._w.persons
        first = w.first
        self._check(
            "Position tested: first reporting person",
            If(is_blank(w.at("person", first)), self._waiting, w.at("position", first)),
            "The others line by line on Workings.",
            "Filing, Holders",
        )

        def lead(key: str) -> Formula:
            return If(is_blank(w.at("person", first)), self._waiting, w.at(key, first))

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
            If(is_blank(stated), self._waiting, stated),
            "Against the count of a class on Classes.",
            "Filing, Classes",
            form=SHARES,
            expected=If(
                is_blank(stated),
                BLANK,
                If(
                    excel(
                        "OR",
                        any_of(counts, stated),
                        any_of(column("Classes", "outstanding_after"), stated),
                    ),
                    stated,
                    If(equal(excel("COUNT", counts), ZERO), BLANK, excel("SUM", counts)),
                ),
            ),
        )
        for label, name in (("Deal", "cusip"), ("cover page", "filing_cusip")):
            self._check(
                f"CUSIP on the {label}: check digit",
                If(
                    is_blank(Name(name)),
                    self._waiting if name == "filing_cusip" else NEEDS_INPUT,
                    If(equal(ours("CUSIPVALID", Name(name)), Literal(True)), TRUE, FALSE),
                ),
                "TRUE where the ninth character fits the first eight.",
                "CUSIP check digit: modulus 10, double-add-double",
                expected=If(
                    excel("AND", is_blank(Name(name)), equal(self._waiting, _NO_FILING)),
                    BLANK,
                    TRUE,
                )
                if name == "filing_cusip"
                else TRUE,
            )
        self._check(
            "CUSIP on the cover page",
            If(is_blank(Name("filing_cusip")), self._waiting, Name("filing_cusip")),
            "Against the Deal sheet.",
            "Filing, Deal",
            expected=If(
                excel("OR", is_blank(Name("cusip")), is_blank(Name("filing_cusip"))),
                BLANK,
                Name("cusip"),
            ),
        )

    def _rules(self) -> None:
        self._section("Rules and version")
        self._check(
            "Rule in force until",
            _date_or_open(
                excel("INDEX", ours("RULEINFO", _RULE, Name("signed_at")), Literal(3), Literal(6))
            ),
            "Last day of the price test above, where it is no longer in force.",
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
    return If(is_blank(day), Literal("today's rule"), day)
