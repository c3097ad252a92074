"""What the Scenarios and ByInsider sheets of an offering workbook hold: every formula, once.

Scenarios has one column a scenario: what was entered above, what section 606 makes of it below.
ByInsider goes line by line through the insiders and sorts their figures by scenario, under the
same column letters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from xl_compliance.functions.cells import DAY as DAY_KIND
from xl_compliance.functions.cells import FACT, FRACTION, HOLDING, MOMENT, OUTSTANDING
from xl_compliance.functions.cells import PRICE as PRICE_KIND
from xl_compliance.functions.cells import SHARES as SHARES_KIND
from xl_compliance.rules.parameters import Parameter
from xl_compliance.rules.tsx import private_placement, prospectus_offering
from xl_compliance.workbook.expressions import (
    At,
    Formula,
    If,
    IfNa,
    Literal,
    Operation,
    Stretch,
    equal,
    excel,
    is_blank,
    ours,
)
from xl_compliance.workbook.input_sheets import BY_INSIDER_SHEET, OFFERINGS, SCENARIOS_SHEET, Entry
from xl_compliance.workbook.sheet_forms import (
    BLANK,
    DAY,
    FALSE,
    FIRST_COLUMN,
    NEEDS_INPUT,
    ONE,
    PERCENT,
    PRICE,
    SHARES,
    STATUS,
    TEXT,
    TRUE,
    ZERO,
    Grid,
    agree,
    as_word,
    column,
    compare,
    entries_of,
    given_then,
    if_known,
    is_number,
    or_needs_input,
    source_of,
)

MOMENT_FORM: Final = "dd-mmm-yyyy hh:mm"
SIGNED_PRICE: Final = "#,##0.00##;(#,##0.00##)"
FIRST_SCENARIO: Final = 4
"""The column of the first scenario, on both sheets."""

_LINE_ROW: Final = 5
_NAME_ROW: Final = 6
_MEANING: Final = 3
_FORMS: Final = {
    PRICE_KIND: PRICE,
    SHARES_KIND: SHARES,
    HOLDING: SHARES,
    OUTSTANDING: SHARES,
    FRACTION: "0.0##%",
    DAY_KIND: DAY,
    MOMENT: MOMENT_FORM,
}
# The rest of what is entered for a scenario is the letter, which is too long to stand beside it.
_LINKED: Final = tuple(
    entry
    for entry in OFFERINGS.entries
    if entry.key not in ("name", "as_of") and not entry.key.startswith("letter")
)
_LETTER: Final = ("letter_interest", "letter_control", "letter_marketed", "letter_when_issued")
_NONE: Final = Literal("none")
_RULE_606: Final = Literal("TSX-606")
_RULE_607: Final = Literal("TSX-607")
_THRESHOLD_COLUMN: Final = Literal(3)


def offering_sheets(lines: Mapping[str, int]) -> tuple[Grid, Grid]:
    """The Scenarios and ByInsider sheets over tables with that many rows each."""
    insiders = _Insiders(lines["Insiders"], lines["Offerings"])
    scenarios = _Scenarios(insiders, lines["Offerings"])
    insiders.fill(scenarios)
    return scenarios.grid, insiders.grid


def _known(formula: Formula) -> Formula:
    return If(is_number(formula), formula, BLANK)


def _linked(entry: Entry, cell: Formula) -> Formula:
    """What was entered; blank where nothing was."""
    return If(is_blank(cell), BLANK, as_word(cell) if entry.kind is FACT else cell)


# ---------------------------------------------------------------- insider by insider


@dataclass(frozen=True)
class _Lines:
    """A block with one line an insider."""

    first: int
    last: int

    def stretch(self, place: int) -> Stretch:
        return Stretch(
            At(BY_INSIDER_SHEET, self.first, place, fixed_row=True),
            At(BY_INSIDER_SHEET, self.last, place, fixed_row=True),
        )


_LINE_COLUMNS: Final[Sequence[tuple[str, str, str]]] = (
    ("line", "Line", TEXT),
    ("name", "Insider", TEXT),
    ("scenario", "Scenario", TEXT),
    ("at", "Line on Offerings", TEXT),
    ("held", "Held before", SHARES),
    ("bought", "Bought", SHARES),
    ("pro_rata", "Pro rata share", SHARES),
    ("room", "Room left, (over)", SHARES),
    ("over", "Over (1/0)", TEXT),
    ("own_terms", "Own terms (1/0)", TEXT),
    ("net", "Net price to issuer", PRICE),
)
_PLACES: Final = {key: place for place, (key, _, _) in enumerate(_LINE_COLUMNS, FIRST_COLUMN)}
_SORTED: Final = (
    ("bought", "Bought, by scenario", SHARES),
    ("held", "Held before, by scenario", SHARES),
    ("net", "Net price to the issuer, by scenario, where an insider has terms of its own", PRICE),
)


class _Insiders:
    """Lays the blocks out first, so that Scenarios can refer to them, and fills them afterwards."""

    def __init__(self, lines: int, scenarios: int) -> None:
        self.grid = Grid(
            BY_INSIDER_SHEET,
            "Insider by insider",
            "Line by line, from Insiders and Offerings. Nothing is entered here.",
        )
        self._scenarios = scenarios
        row = 5
        self._titles = [row]
        self.lines = _Lines(row + 2, row + 1 + lines)
        self.sorted: dict[str, _Lines] = {}
        for key, _, _ in _SORTED:
            row += lines + 3
            self._titles.append(row)
            self.sorted[key] = _Lines(row + 2, row + 1 + lines)

    def all(self, key: str) -> Stretch:
        """A column of the lines."""
        return self.lines.stretch(_PLACES[key])

    def fill(self, scenarios: _Scenarios) -> None:
        """Write every line, now that the cells of Scenarios are known."""
        self._title(self._titles[0], "Pro rata share and terms, line by line")
        for place, (_, heading, form) in enumerate(_LINE_COLUMNS, FIRST_COLUMN):
            role = "heading of numbers" if form != TEXT or place > FIRST_COLUMN + 2 else "heading"
            self.grid.put(self._titles[0] + 1, place, heading, role)
        self._body(self.lines, FIRST_COLUMN + len(_LINE_COLUMNS) - 1)
        for row in range(self.lines.first, self.lines.last + 1):
            self._line(row)
        for title, (key, heading, form) in zip(self._titles[1:], _SORTED, strict=True):
            self._title(title, heading)
            self._sort(title + 1, key, form, scenarios)

    def _title(self, row: int, title: str) -> None:
        self.grid.put(row, FIRST_COLUMN, title, "section")
        self.grid.sections.append(row)
        self.grid.headings.append(row + 1)

    def _body(self, lines: _Lines, right: int) -> None:
        self.grid.bodies.append((lines.first, FIRST_COLUMN, lines.last, right))

    def _line(self, row: int) -> None:
        def cell(key: str) -> At:
            return At(self.grid.name, row, _PLACES[key])

        self.grid.put(row, FIRST_COLUMN, row - self.lines.first + 1, "line")
        entry = entries_of("Insiders", cell("line"))
        of_scenario = entries_of("Offerings", cell("at"))
        scenario, own = entry("scenario"), entry("commission")
        pro_rata = ours(
            "TSXPRORATA", entry("held"), of_scenario("outstanding"), of_scenario("size")
        )
        net = ours(
            "TSXNETPRICE",
            of_scenario("offer_price"),
            If(is_blank(own), of_scenario("commission"), own),
            entry("fee"),
        )
        found = compare(cell("at"), ">", ZERO)
        given = {
            "at": IfNa(excel("MATCH", scenario, column("Offerings", "name"), ZERO), ZERO),
            "held": _linked_number(entry("held")),
            "bought": _linked_number(entry("bought")),
            "pro_rata": If(
                excel("AND", found, is_number(cell("held"))), or_needs_input(pro_rata), BLANK
            ),
            "room": If(
                is_number(cell("pro_rata"), cell("bought")),
                Operation(cell("pro_rata"), "-", cell("bought")),
                BLANK,
            ),
            "over": If(
                is_number(cell("room")), If(compare(cell("room"), "<", ZERO), ONE, ZERO), BLANK
            ),
            "own_terms": If(
                excel(
                    "OR", compare(own, "<>", BLANK), compare(excel("N", entry("fee")), ">", ZERO)
                ),
                ONE,
                ZERO,
            ),
            "net": If(found, or_needs_input(net), BLANK),
        }
        formulas: dict[str, Formula] = {
            "scenario": _text_of(scenario),
            "name": given_then(cell("scenario"), _text_of(entry("name"))),
            **{key: given_then(cell("scenario"), formula) for key, formula in given.items()},
        }
        for key, _, form in _LINE_COLUMNS[1:]:
            role = "name" if key in ("name", "scenario") else "formula"
            self.grid.put(row, _PLACES[key], formulas[key], role, form)

    def _sort(self, heading: int, key: str, form: str, scenarios: _Scenarios) -> None:
        block = self.sorted[key]
        self.grid.put(heading, FIRST_COLUMN, "Line", "heading")
        self.grid.put(heading, FIRST_COLUMN + 1, "Insider", "heading")
        self._body(block, FIRST_SCENARIO + self._scenarios - 1)
        for at in range(self._scenarios):
            place = FIRST_SCENARIO + at
            name = At(SCENARIOS_SHEET, _NAME_ROW, place)
            self.grid.put(heading, place, given_then(name, name), "heading of numbers")
        for row in range(block.first, block.last + 1):
            line = self.lines.first + row - block.first
            self.grid.put(row, FIRST_COLUMN, row - block.first + 1, "line")
            name = At(self.grid.name, line, _PLACES["name"])
            self.grid.put(row, FIRST_COLUMN + 1, given_then(name, name), "name")
            for at in range(self._scenarios):
                place = FIRST_SCENARIO + at
                here = equal(
                    At(self.grid.name, line, _PLACES["at"]),
                    At(SCENARIOS_SHEET, _LINE_ROW, place, fixed_row=True),
                )
                value: Formula = _known(At(self.grid.name, line, _PLACES[key]))
                if key == "net":
                    own_terms = scenarios.at("own_terms", place)
                    value = If(compare(own_terms, ">", ZERO), value, BLANK)
                self.grid.put(row, place, If(here, value, BLANK), "formula", form)


def _text_of(cell: Formula) -> Formula:
    return Operation(cell, "&", BLANK)


def _linked_number(cell: Formula) -> Formula:
    return If(is_blank(cell), BLANK, cell)


# ---------------------------------------------------------------- scenarios side by side


class _Scenarios:
    """One column a scenario, section by section."""

    def __init__(self, insiders: _Insiders, scenarios: int) -> None:
        self.grid = Grid(
            SCENARIOS_SHEET,
            "Scenarios",
            "One column a scenario. Every answer is a live formula over the input sheets; a blank "
            "input never turns into a no.",
            print_titles=f"1:{_NAME_ROW}",
        )
        self._insiders = insiders
        self._places = range(FIRST_SCENARIO, FIRST_SCENARIO + scenarios)
        self._source = FIRST_SCENARIO + scenarios
        self._rows: dict[str, int] = {}
        self._row = _NAME_ROW + 1
        self._header()
        self._inputs()
        self._close()
        self._marketing()
        self._price()
        self._insider_totals()
        self._route()
        self._beside()

    def at(self, key: str, place: int) -> At:
        """The cell of a row in a scenario's column."""
        return At(self.grid.name, self._rows[key], place)

    def _header(self) -> None:
        grid = self.grid
        grid.headings += [_LINE_ROW, _NAME_ROW]
        grid.put(_LINE_ROW, FIRST_COLUMN, "Line on Offerings", "meaning")
        for number, place in enumerate(self._places, 1):
            line = grid.put(_LINE_ROW, place, number, "expected")
            names = column("Offerings", "name")
            shown = If(
                compare(line, ">", excel("ROWS", names)),
                BLANK,
                _text_of(excel("INDEX", names, line)),
            )
            grid.put(_NAME_ROW, place, shown, "heading of numbers")
        grid.put(_NAME_ROW, FIRST_COLUMN, "Scenario", "heading")
        grid.put(_NAME_ROW, _MEANING, "What it means", "heading")
        grid.put(_NAME_ROW, self._source, "Source", "heading")

    def _section(self, title: str) -> None:
        self.grid.put(self._row, FIRST_COLUMN, title, "section")
        self.grid.sections.append(self._row)
        self._row += 1

    def _put(
        self,
        key: str,
        label: str,
        formula: Callable[[int], Formula],
        meaning: str,
        source: str = "",
        *,
        form: str = TEXT,
        role: str = "expected",
    ) -> None:
        row = self._rows[key] = self._row
        self._row += 1
        main = role == "result"
        self.grid.put(row, FIRST_COLUMN, label, "total" if main else "label")
        self.grid.put(row, _MEANING, meaning, "meaning")
        for place in self._places:
            name = At(self.grid.name, _NAME_ROW, place, fixed_row=True)
            self.grid.put(row, place, given_then(name, formula(place)), role, form)
        self.grid.put(row, self._source, source, "source")

    def _entry(self, place: int) -> Callable[[str], Formula]:
        return entries_of("Offerings", At(self.grid.name, _LINE_ROW, place, fixed_row=True))

    def _inputs(self) -> None:
        self._section("As entered on Offerings")
        for entry in _LINKED:

            def linked(place: int, entry: Entry = entry) -> Formula:
                return _linked(entry, self._entry(place)(entry.key))

            self._put(entry.key, entry.label, linked, entry.help, form=_form(entry))

        def as_of(place: int) -> Formula:
            entered = self._entry(place)("as_of")
            return If(is_blank(entered), self.at("announced_at", place), entered)

        self._put("as_of", "Law as of", as_of, "As entered, else the day of announcement", form=DAY)

    def _close(self) -> None:
        self._section("Closing price")
        closes, days = column("SessionCloses", "close"), column("SessionCloses", "day")

        def reference(place: int) -> Formula:
            announced, told = self.at("announced_at", place), self.at("disseminated_at", place)
            return or_needs_input(ours("TSXREFERENCECLOSE", closes, days, announced, told))

        self._put(
            "reference",
            "Reference close",
            reference,
            "Last session completed before announcement; NEEDS INPUT where it is not on Closes or "
            "information is not seasoned",
            source_of("TSXREFERENCECLOSE"),
            form=PRICE,
        )
        self._put(
            "close_agrees",
            "Close used is the reference close",
            lambda place: agree(self.at("reference", place), self.at("close", place)),
            "Error where another close is used; blank where there is nothing to compare",
            source_of("TSXREFERENCECLOSE"),
            form=STATUS,
            role="status",
        )

        def in_time(place: int) -> Formula:
            day, announced = self.at("close_date", place), self.at("announced_at", place)
            late = compare(day, ">", announced)
            return If(is_number(day, announced), If(late, ZERO, ONE), BLANK)

        self._put(
            "close_in_time",
            "Close taken before announcement",
            in_time,
            "There is no re-set while the offering is marketed",
            "TSX response 1(c) (20 Apr 2023)",
            form=STATUS,
            role="status",
        )

        def seasoned_from(place: int) -> Formula:
            told = self.at("disseminated_at", place)
            answer = or_needs_input(ours("TSXSEASONEDFROM", told, self.at("as_of", place)))
            return If(is_blank(told), _NONE, answer)

        self._put(
            "seasoned_from",
            "Close may be used from",
            seasoned_from,
            "First session completed after material information; none where there was none",
            source_of("TSXSEASONEDFROM"),
            form=DAY,
        )

        def seasoned(place: int) -> Formula:
            day, first = self.at("close_date", place), self.at("seasoned_from", place)
            early = compare(day, "<", first)
            return If(is_number(day, first), If(early, ZERO, ONE), BLANK)

        self._put(
            "seasoned",
            "Material information seasoned",
            seasoned,
            "At the close used",
            source_of("TSXSEASONEDFROM"),
            form=STATUS,
            role="status",
        )

    def _marketing(self) -> None:
        self._section("Broadly marketed")

        def broadly(place: int) -> Formula:
            keys = ("purchasers", "dealers_notified", "marketed_abroad")
            return as_word(ours("TSXBROADLYMARKETED", *(self.at(key, place) for key in keys)))

        self._put(
            "broadly",
            "Broadly marketed",
            broadly,
            "Actual purchasers, insiders among them, or dealers notified",
            source_of("TSXBROADLYMARKETED"),
        )

        def counted(place: int) -> Formula:
            refused = equal(self.at("confirmed", place), FALSE)
            undecided = excel(
                "AND",
                equal(self.at("confirmed", place), Literal("UNKNOWN")),
                equal(self.at("broadly", place), TRUE),
            )
            return If(refused, FALSE, If(undecided, Literal("UNKNOWN"), self.at("broadly", place)))

        self._put(
            "counted",
            "Counted as broadly marketed",
            counted,
            "FALSE where the confirmation was due and not given: TSX reverts to section 607",
            "TSX response 4(b) (20 Apr 2023)",
        )

    def _price(self) -> None:
        self._section("Price")

        def used(place: int) -> Formula:
            entered = self.at("close", place)
            return If(is_blank(entered), self.at("reference", place), entered)

        self._put(
            "used",
            "Close the price is measured from",
            used,
            "As entered, else the reference close",
            form=PRICE,
        )

        def discount(place: int) -> Formula:
            price, close = self.at("offer_price", place), self.at("used", place)
            return if_known(price, close, then=Operation(ONE, "-", Operation(price, "/", close)))

        self._put(
            "discount",
            "Discount to the close",
            discount,
            "For the eye: the route compares exactly",
            form=PERCENT,
        )

        def line(place: int) -> Formula:
            info = ours("RULEINFO", _RULE_606, self.at("as_of", place))
            at = Literal(_row_of(prospectus_offering.RULE.parameters, prospectus_offering.DISCOUNT))
            return If(
                compare(at, ">", excel("ROWS", info)),
                _NONE,
                excel("VALUE", excel("INDEX", info, at, _THRESHOLD_COLUMN)),
            )

        self._put(
            "line",
            "Discount line in force",
            line,
            "Beyond it section 607 applies to all insider purchases; none before 20 April 2023",
            source_of("TSX606"),
            form=PERCENT,
        )

        def floor(place: int) -> Formula:
            close, beyond = self.at("used", place), self.at("line", place)
            lowest = Operation(close, "*", Operation(ONE, "-", beyond))
            return If(is_number(beyond), if_known(close, then=lowest), BLANK)

        self._put(
            "floor",
            "Lowest price within the discount",
            floor,
            "At this price the discount is on the line, not beyond it",
            source_of("TSX606"),
            form=PRICE,
        )

        def headroom(place: int) -> Formula:
            price, lowest = self.at("offer_price", place), self.at("floor", place)
            return If(is_number(price, lowest), Operation(price, "-", lowest), BLANK)

        self._put(
            "headroom",
            "Price above that",
            headroom,
            "Per security; in parentheses where the price is below",
            form=SIGNED_PRICE,
        )

    def _insider_totals(self) -> None:
        self._section("Insiders")
        insiders = self._insiders

        def sorted_by(key: str, place: int) -> Stretch:
            return insiders.sorted[key].stretch(place)

        def total(key: str) -> Callable[[int], Formula]:
            def of(place: int) -> Formula:
                line = At(self.grid.name, _LINE_ROW, place, fixed_row=True)
                return excel("SUMIFS", insiders.all(key), insiders.all("at"), line)

            return of

        def entered(place: int, then: Formula) -> Formula:
            none = equal(excel("COUNT", sorted_by("bought", place)), ZERO)
            return If(none, NEEDS_INPUT, then)

        self._put(
            "buying",
            "Insiders who buy",
            lambda place: entered(
                place, excel("COUNTIF", sorted_by("bought", place), Literal(">0"))
            ),
            "Line by line on ByInsider; a line with 0 bought says that nobody buys",
            form=SHARES,
        )
        self._put(
            "bought",
            "Bought by insiders",
            lambda place: entered(place, excel("SUM", sorted_by("bought", place))),
            "All insiders together",
            form=SHARES,
        )
        self._put(
            "pro_rata",
            "Pro rata shares, added up",
            total("pro_rata"),
            "For comparison only: one insider's unused room offsets nobody else's excess",
            source_of("TSXPRORATA"),
            form=SHARES,
        )
        self._put(
            "over",
            "Insiders over their own share",
            total("over"),
            "Tested insider by insider",
            source_of("TSX606"),
            form=SHARES,
        )
        self._put(
            "own_terms",
            "Insiders on terms of their own",
            total("own_terms"),
            "Paid a fee, or buying at another commission",
            "TSX response 2 (20 Apr 2023)",
            form=SHARES,
        )

        def public(place: int) -> Formula:
            price, commission = self.at("offer_price", place), self.at("commission", place)
            wanted = excel(
                "OR",
                compare(self.at("own_terms", place), ">", ZERO),
                compare(self.at("placement_net", place), "<>", BLANK),
            )
            missing = If(wanted, NEEDS_INPUT, BLANK)
            answer = or_needs_input(ours("TSXNETPRICE", price, commission))
            return If(is_blank(commission), missing, answer)

        self._put(
            "public_net",
            "Net price from other purchasers",
            public,
            "What the issuer keeps per security",
            source_of("TSXNETPRICE"),
            form=PRICE,
        )
        self._put(
            "insider_net",
            "Lowest net price from an insider",
            lambda place: If(
                equal(excel("COUNT", sorted_by("net", place)), ZERO),
                BLANK,
                excel("MIN", sorted_by("net", place)),
            ),
            "Where an insider has terms of its own",
            source_of("TSXNETTEST"),
            form=PRICE,
        )

    def _route(self) -> None:
        self._section("Section 606")

        def arguments(place: int) -> tuple[Formula, ...]:
            def at(key: str) -> At:
                return self.at(key, place)

            by = self._insiders.sorted
            own = compare(at("own_terms"), ">", ZERO)
            return (
                at("offer_price"),
                _known(at("used")),
                at("counted"),
                at("size"),
                by["bought"].stretch(place),
                by["held"].stretch(place),
                at("outstanding"),
                by["net"].stretch(place),
                If(own, _known(at("public_net")), BLANK),
                at("as_of"),
                at("exemption"),
                at("over_allotment"),
            )

        self._put(
            "route",
            "Route",
            lambda place: or_needs_input(ours("TSX606", *arguments(place))),
            "606: generally accepted. 607: private placement rules for what is named",
            source_of("TSX606"),
            role="result",
        )
        self._put(
            "excess",
            "Securities to section 607",
            lambda place: IfNa(ours("TSX606EXCESS", *arguments(place)), self.at("route", place)),
            "How many securities section 607 applies to",
            source_of("TSX606EXCESS"),
            form=SHARES,
            role="result",
        )

        def rest(place: int) -> Formula:
            size, excess = self.at("size", place), self.at("excess", place)
            return If(is_number(size, excess), Operation(size, "-", excess), BLANK)

        self._put(
            "rest",
            "Stay under section 606",
            rest,
            "That others' purchases stay where the discount is beyond the line is an inference",
            source_of("TSX606"),
            form=SHARES,
        )

        def to_607(place: int, then: Formula) -> Formula:
            excess, base = self.at("excess", place), self.at("outstanding", place)
            any_left = If(compare(excess, ">", ZERO), then, BLANK)
            return If(is_number(excess, base), any_left, BLANK)

        self._put(
            "share",
            "Of those outstanding",
            lambda place: to_607(
                place, Operation(self.at("excess", place), "/", self.at("outstanding", place))
            ),
            "What section 607 applies to, not diluted",
            source_of("TSX607"),
            form=PERCENT,
        )
        for key, label, threshold, meaning in (
            (
                "dilution",
                "607: line below the market price",
                private_placement.DILUTION,
                "More than this part of those outstanding needs a vote where below market",
            ),
            (
                "insider_line",
                "607: line for insiders",
                private_placement.INSIDERS,
                "More than this to insiders in six months needs a vote, even at market",
            ),
        ):
            at = Literal(_row_of(private_placement.RULE.parameters, threshold))

            def line(place: int, at: Literal = at) -> Formula:
                info = ours("RULEINFO", _RULE_607, self.at("as_of", place))
                return to_607(place, excel("VALUE", excel("INDEX", info, at, _THRESHOLD_COLUMN)))

            self._put(key, label, line, meaning, source_of("TSX607"), form=PERCENT)

    def _beside(self) -> None:
        self._section("Beside the offering")

        def notice(place: int) -> Formula:
            statements = [self._entry(place)(key) for key in _LETTER]
            blank = excel("AND", *map(is_blank, statements))
            answer = If(blank, NEEDS_INPUT, ours("TSX606NOTICE", *statements))
            return If(equal(self.at("line", place), _NONE), _NONE, answer)

        self._put(
            "notice",
            "Letter under 606(a)",
            notice,
            "Whether it states all four things; none before 20 April 2023",
            source_of("TSX606NOTICE"),
        )

        def placement(place: int) -> Formula:
            net = self.at("placement_net", place)
            answer = ours("TSXCONCURRENT", _known(self.at("public_net", place)), net)
            return If(is_blank(net), _NONE, answer)

        self._put(
            "concurrent",
            "Concurrent private placement",
            placement,
            "606 IF WAIVED: nets the same or more; its insiders then count under section 606",
            source_of("TSXCONCURRENT"),
        )
        self._put(
            "version",
            "xl-compliance version",
            lambda place: ours("XLCVERSION"),
            "Version of the functions that answered",
        )


def _form(entry: Entry) -> str:
    return "#,##0" if entry.key == "purchasers" else _FORMS.get(entry.kind, TEXT)


def _row_of(parameters: Mapping[str, Parameter], wanted: Parameter) -> int:
    """The row of a parameter in the answer of RULEINFO, below its headings."""
    return 2 + list(parameters.values()).index(wanted)
