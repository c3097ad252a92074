"""Lines of Workings and answers of Checks on classes, purchasers, stated figures, other rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from xl_compliance.rules.nasdaq.adjustments import LOWERING
from xl_compliance.workbook.expressions import (
    At,
    Formula,
    If,
    Literal,
    Name,
    Operation,
    equal,
    excel,
    is_blank,
    ours,
)
from xl_compliance.workbook.input_sheets import VOTES_ONLY
from xl_compliance.workbook.sheet_forms import (
    BLANK,
    DAY,
    FALSE,
    NAME,
    NEEDS_INPUT,
    ONE,
    PRICE,
    SHARES,
    TEXT,
    TRUE,
    ZERO,
    Block,
    Line,
    LineFormula,
    any_of,
    column,
    compare,
    entries_of,
    given_then,
    is_number,
    known,
    named_in,
)

DIFFERENCE: Final = "#,##0.00##;(#,##0.00##);0"

CLASS_COLUMNS: Final[Sequence[LineFormula]] = (
    ("line", "Line", NAME),
    ("class", "Class", NAME),
    ("as", "Counts as", NAME),
    ("common", "Common shares", SHARES),
    ("each", "Votes per common share", SHARES),
    ("votes", "Votes", SHARES),
)
PURCHASER_COLUMNS: Final[Sequence[LineFormula]] = (
    ("line", "Line", NAME),
    ("purchaser", "Purchaser", NAME),
    ("investor", "Investor or group", NAME),
    ("security", "Security", NAME),
    ("bought", "Common shares bought", SHARES),
    ("rights", "Of them by a right", SHARES),
    ("earlier", "Rights before", SHARES),
    ("before", "Held and rights before", SHARES),
    ("owned", "Investor owns after", SHARES),
    ("base", "Base after", SHARES),
    ("control", "5635(b)", TEXT),
    ("relationship", "Relationship", NAME),
    ("less", "Pays less than others (1/0)", TEXT),
    ("price", "Price by the bid", PRICE),
    ("insider", "5635(c)", TEXT),
)
STATED_COLUMNS: Final[Sequence[LineFormula]] = (
    ("line", "Line", NAME),
    ("figure", "Figure", NAME),
    ("security", "Security", NAME),
    ("stated", "Stated", PRICE),
    ("ours", "Worked out", PRICE),
    ("gap", "Stated less worked out", DIFFERENCE),
)

_VOTES_ONLY: Final = Literal(VOTES_ONLY)
_REQUIRED, _NOT_REQUIRED = Literal("REQUIRED"), Literal("NOT REQUIRED")
_REVIEW, _NOT_PRESUMED = Literal("REVIEW"), Literal("NOT PRESUMED")
_NO_RECIPIENTS: Final = ("NONE", "SUBSTANTIAL SHAREHOLDER")


def within_the_cap(shares: Formula) -> Formula:
    """Shares of the deal within the agreement's cap, with sales by insiders."""
    cap = Name("share_cap")
    no_cap = compare(excel("N", cap), "<", Literal(1))
    capped = If(no_cap, shares, excel("MIN", shares, cap))
    return Operation(capped, "+", excel("N", Name("insider_sales")))


# ---------------------------------------------------------------- classes


def class_line(block: Block, row: int, _checks: object) -> Line:
    """A class: its shares where it is common stock, and its votes."""

    def cell(key: str) -> At:
        return block.at(key, row)

    entry = entries_of("Classes", cell("line"))
    count, votes = entry("outstanding"), entry("votes_per_share")
    common = compare(cell("as"), "<>", _VOTES_ONLY)
    line = {
        "as": If(is_blank(entry("counts_as")), Literal("COMMON"), entry("counts_as")),
        "common": If(common, If(is_blank(count), BLANK, count), BLANK),
        "each": If(excel("AND", common, is_number(votes)), votes, BLANK),
        "votes": If(is_number(count, votes), Operation(count, "*", votes), BLANK),
    }
    return {
        "class": named_in("Classes", "name", cell("line")),
        **{key: given_then(cell("class"), formula) for key, formula in line.items()},
    }


def votes_each(classes: Block, pick: str) -> Formula:
    """The most or fewest votes of a new share, where every class says how many it has."""
    votes, entered = (
        excel("COUNT", classes.all("votes")),
        excel("COUNTA", column("Classes", "name")),
    )
    several = compare(entered, ">", ONE)
    every = equal(votes, entered)
    return If(excel("AND", several, every), excel(pick, classes.all("each")), BLANK)


def votes_of(shares: Formula, each: Formula) -> Formula:
    """The votes of so many new shares; blank where the votes of one are not known."""
    return If(is_number(shares, each), Operation(shares, "*", each), BLANK)


def votes_outstanding(classes: Block, each: Formula) -> Formula:
    """The votes of all classes; blank where the votes of a share are not known."""
    return If(is_number(each), excel("SUM", classes.all("votes")), BLANK)


# ---------------------------------------------------------------- purchasers


@dataclass(frozen=True)
class Drawn:
    """What the lines of purchasers draw on."""

    securities: Block
    units: Block
    classes: Block
    bid: At


def purchaser_line(block: Block, row: int, drawn: Drawn) -> Line:
    """A purchase: the investor's position after it, and the price where the buyer is an insider."""

    def cell(key: str) -> At:
        return block.at(key, row)

    entry = entries_of("Purchasers", cell("line"))
    line = {
        **_position(block, row, drawn),
        "relationship": Operation(entry("relationship"), "&", BLANK),
        "less": _pays_less(entry, cell),
        "price": If(equal(cell("less"), ONE), NEEDS_INPUT, _by_security("by_bid", cell, drawn)),
        "insider": ours(
            "NASDAQ5635C",
            known(cell("price")),
            known(drawn.bid),
            If(
                excel("OR", *(equal(cell("relationship"), Literal(w)) for w in _NO_RECIPIENTS)),
                Literal("NONE"),
                cell("relationship"),
            ),
            Name("public_offering"),
            If(equal(_by_security("convertible", cell, drawn), ONE), TRUE, FALSE),
            If(equal(_by_security("cheap", cell, drawn), ONE), ZERO, BLANK),
        ),
    }
    return {
        "purchaser": named_in("Purchasers", "name", cell("line")),
        **{key: given_then(cell("purchaser"), formula) for key, formula in line.items()},
    }


def _pays_less(entry: Callable[[str], Formula], cell: Callable[[str], At]) -> Formula:
    """1 where a purchaser pays less than its part of what all pay, in cents of rounding too."""
    names = column("Securities", "name")

    def of_all(key: str) -> Formula:
        return excel("SUMIFS", column("Securities", key), names, cell("security"))

    fair = Operation(
        Operation(of_all("paid"), "*", excel("N", entry("bought"))), "/", of_all("quantity")
    )
    short = compare(Operation(fair, "-", entry("paid")), ">", ZERO)
    stated = excel(
        "AND", is_number(entry("paid"), entry("bought")), compare(of_all("quantity"), ">", ZERO)
    )
    return If(stated, If(short, ONE, ZERO), ZERO)


def _position(block: Block, row: int, drawn: Drawn) -> dict[str, Formula]:
    def cell(key: str) -> At:
        return block.at(key, row)

    entry = entries_of("Purchasers", cell("line"))
    securities = drawn.securities
    current = (securities.all("current"), ONE)
    of_it = (securities.all("security"), cell("security"), *current)
    shares = excel("SUMIFS", securities.all("shares"), *of_it)
    names = column("Securities", "name")
    quantity = excel("SUMIFS", column("Securities", "quantity"), names, cell("security"))
    # Where a conversion price can fall, the most shares are worked out by check alone.
    falling = [
        any_of(
            *of_it,
            securities.all("kind"),
            Literal("CONVERTIBLE"),
            securities.all("adjustment"),
            Literal(each),
        )
        for each in sorted(LOWERING)
    ]
    known_shares = excel(
        "AND", is_number(entry("bought")), compare(quantity, ">", ZERO), compare(shares, ">", ZERO)
    )
    same = (block.all("investor"), cell("investor"))
    unknown = excel(
        "OR", *(any_of(*same, block.all(key), NEEDS_INPUT) for key in ("bought", "before"))
    )
    common = (*current, securities.all("kind"), Literal("COMMON"))
    outside = excel(
        "SUM",
        drawn.classes.all("common"),
        excel("SUMIFS", securities.all("shares"), *common),
        excel("SUMIFS", block.all("rights"), *same),
        excel("SUMIFS", block.all("earlier"), *same),
    )
    return {
        "investor": If(
            is_blank(entry("group")), cell("purchaser"), Operation(entry("group"), "&", BLANK)
        ),
        "security": Operation(entry("security"), "&", BLANK),
        "bought": If(
            excel("OR", *falling),
            NEEDS_INPUT,
            If(
                known_shares,
                Operation(Operation(entry("bought"), "*", shares), "/", quantity),
                NEEDS_INPUT,
            ),
        ),
        "rights": If(
            any_of(*of_it, securities.all("kind"), Literal("COMMON")),
            ZERO,
            excel("N", cell("bought")),
        ),
        "earlier": excel("N", entry("rights_before")),
        "before": If(
            excel(
                "AND",
                *(
                    any_of(
                        column("Purchasers", "name"),
                        cell("purchaser"),
                        column("Purchasers", key),
                        Literal(">=0"),
                    )
                    for key in ("held_before", "rights_before")
                ),
            ),
            Operation(excel("N", entry("held_before")), "+", cell("earlier")),
            NEEDS_INPUT,
        ),
        "owned": If(
            unknown,
            NEEDS_INPUT,
            Operation(
                excel("SUMIFS", block.all("bought"), *same),
                "+",
                excel("SUMIFS", block.all("before"), *same),
            ),
        ),
        "base": If(equal(excel("COUNT", drawn.classes.all("common")), ZERO), NEEDS_INPUT, outside),
        "control": ours(
            "NASDAQ5635B", known(cell("owned")), known(cell("base")), Name("largest_other")
        ),
    }


def _by_security(key: str, cell: Callable[[str], At], drawn: Drawn) -> Formula:
    """A number of the purchaser's security on its line; NEEDS INPUT where there is none."""
    units, name = drawn.units, cell("security")
    found = any_of(units.all("security"), name, units.all(key), Literal(">=0"))
    return If(found, excel("SUMIFS", units.all(key), units.all("security"), name), NEEDS_INPUT)


# ---------------------------------------------------------------- stated figures


def stated_line(block: Block, row: int, figures: Mapping[str, Formula]) -> Line:
    """A stated figure, ours beside it, and the difference."""

    def cell(key: str) -> At:
        return block.at(key, row)

    entry = entries_of("Stated", cell("line"))
    worked_out: Formula = Literal("run check")
    for figure, formula in figures.items():
        worked_out = If(equal(cell("figure"), Literal(figure)), formula, worked_out)
    both = is_number(cell("stated"), cell("ours"))
    line = {
        "security": Operation(entry("security"), "&", BLANK),
        "stated": If(is_blank(entry("stated")), NEEDS_INPUT, entry("stated")),
        "ours": worked_out,
        "gap": If(both, Operation(cell("stated"), "-", cell("ours")), BLANK),
    }
    return {
        "figure": named_in("Stated", "figure", cell("line")),
        **{key: given_then(cell("figure"), formula) for key, formula in line.items()},
    }


# ---------------------------------------------------------------- other rules


@dataclass(frozen=True)
class Totals:
    """What the verdicts beside 5635(d) draw on."""

    every: At
    most_votes: At
    classes: Block
    purchasers: Block
    units: Block
    left_open: Formula


_Row = tuple[str, Formula, str, str, str]


def other_rules(drawn: Totals) -> Iterator[_Row]:
    """Label, formula, meaning, function of the source and number format of each verdict."""
    size = (
        known(drawn.every),
        drawn.classes.all("common"),
        votes_of(known(drawn.every), drawn.most_votes),
        votes_outstanding(drawn.classes, drawn.most_votes),
    )
    kind = Name("deal_kind")
    not_acquired = excel(
        "AND", compare(kind, "<>", BLANK), compare(kind, "<>", Literal("ACQUISITION"))
    )
    acquired = ours(
        "NASDAQ5635A",
        *size,
        Name("insider_interest"),
        Name("insiders_together_interest"),
        Name("public_offering"),
    )
    settled = If(drawn.left_open, NEEDS_INPUT, _NOT_REQUIRED)
    not_small = If(is_blank(kind), NEEDS_INPUT, acquired)
    yield (
        "Listing Rule 5635(a): acquisition",
        If(not_acquired, _NOT_REQUIRED, If(equal(acquired, _NOT_REQUIRED), settled, not_small)),
        "20%, or 5% where an insider has an interest; NOT REQUIRED where it is no acquisition.",
        "NASDAQ5635A",
        TEXT,
    )
    control = _control(drawn)
    yield (
        "Listing Rule 5635(b): change of control",
        control,
        "Investor by investor on Workings; REVIEW from 20% on.",
        "NASDAQ5635B",
        TEXT,
    )
    yield (
        "Listing Rule 5635(c): sales to insiders",
        _gravest(drawn.purchasers.all("insider"), _REQUIRED, NEEDS_INPUT, _REVIEW, _NOT_REQUIRED),
        "Below the closing bid a sale to an insider is equity compensation. Line by line on "
        "Workings.",
        "NASDAQ5635C",
        TEXT,
    )
    yield (
        "Rights to name directors",
        _directors(),
        "Designees against the votes at appointment and today; none where nobody names any.",
        "DIRECTORRIGHTS",
        TEXT,
    )
    may_change = If(
        equal(control, _NOT_PRESUMED), FALSE, If(equal(control, _REVIEW), Literal("UNKNOWN"), BLANK)
    )
    large = ours(
        "NASDAQLAS",
        *size,
        may_change,
        If(not_acquired, FALSE, _insider_acquisition()),
        Name("unapproved_equity_plan"),
    )
    needed = If(equal(large, _NOT_REQUIRED), If(drawn.left_open, NEEDS_INPUT, _NOT_REQUIRED), large)
    yield (
        "Notice of additional shares",
        needed,
        "Above 10%, or where another trigger is met.",
        "NASDAQLAS",
        TEXT,
    )
    due = If(is_number(Name("closing_date")), ours("LASDUE", Name("closing_date")), NEEDS_INPUT)
    yield (
        "Notice: latest day",
        due,
        "Calendar days before the closing.",
        "LASDUE",
        DAY,
    )
    submitted = Name("las_submitted")
    late = If(compare(due, "<", submitted), Literal("LATE"), Literal("IN TIME"))
    yield (
        "Notice: in time",
        If(
            equal(needed, _NOT_REQUIRED),
            Literal("no notice"),
            If(is_number(submitted, due), late, NEEDS_INPUT),
        ),
        "The day of the notice on the Deal sheet against the latest one.",
        "LASDUE",
        TEXT,
    )


def _gravest(words: Formula, *gravest_first: Formula) -> Formula:
    """The first of the words that stands in some line; NEEDS INPUT where no line has any."""
    result: Formula = NEEDS_INPUT
    for word in reversed(gravest_first):
        result = If(any_of(words, word), word, result)
    return result


def _control(drawn: Totals) -> Formula:
    """Where votes and shares differ, NOT PRESUMED by shares alone is not enough."""
    words = drawn.purchasers.all("control")
    several = compare(excel("COUNTA", column("Classes", "name")), ">", ONE)
    # A security without a buyer could be bought by any of them.
    unsold = any_of(drawn.units.all("unsold"), ONE)
    by_shares = If(excel("OR", several, unsold, drawn.left_open), NEEDS_INPUT, _NOT_PRESUMED)
    return _gravest_or(words, by_shares)


def _gravest_or(words: Formula, otherwise: Formula) -> Formula:
    settled = If(any_of(words, _NOT_PRESUMED), otherwise, NEEDS_INPUT)
    return If(any_of(words, _REVIEW), _REVIEW, If(any_of(words, NEEDS_INPUT), NEEDS_INPUT, settled))


def _directors() -> Formula:
    given = [Name(key) for key in ("designees", "board_size", "investor_votes")]
    designees = given[0]
    rights = ours(
        "DIRECTORRIGHTS",
        *map(
            Name,
            (
                "designees",
                "investor_votes",
                "total_votes",
                "board_size",
                "minimum_ownership",
                "step_down",
                "investor_votes_now",
                "total_votes_now",
            ),
        ),
    )
    nothing = excel("AND", *(is_blank(each) for each in given))
    none = excel("AND", is_number(designees), equal(designees, ZERO))
    return If(nothing, Literal("not stated"), If(none, Literal("none"), rights))


def _insider_acquisition() -> Formula:
    """Whether insiders' interests reach the lines of 5635(a)(2); blank where that is not known."""
    one, together = Name("insider_interest"), Name("insiders_together_interest")

    def reaches(interest: Formula, row: int) -> Formula:
        info = ours("RULEINFO", Literal("NASDAQ-5635A"))
        line = excel("VALUE", excel("INDEX", info, Literal(row), Literal(3)))
        short = compare(interest, "<", line)
        return If(is_number(interest), If(short, ZERO, ONE), ZERO)

    reached = Operation(reaches(one, 3), "+", reaches(together, 4))
    settled = If(is_number(one, together), FALSE, BLANK)
    return If(compare(reached, ">", ZERO), TRUE, settled)
