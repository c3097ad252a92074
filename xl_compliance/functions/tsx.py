"""Worksheet functions for Toronto Stock Exchange, section 606."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from xl_compliance.functions.cells import (
    DAY,
    FACT,
    HOLDING,
    OUTSTANDING,
    PRICE,
    PURCHASERS,
    SHARES,
    word,
)
from xl_compliance.functions.registry import (
    Argument,
    Result,
    one,
    rows,
    summed,
    worksheet_function,
)
from xl_compliance.rules.exact import Exact
from xl_compliance.rules.outcome import Fact, Outcome
from xl_compliance.rules.tsx import prospectus_offering as rule

FAMILY: Final = "TSX"

_OFFERING: Final[tuple[Argument, ...]] = (
    one("offer_price", PRICE, "Offering price per security"),
    one("close", PRICE, "TSX closing price of the last session completed before announcement"),
    one("broadly_marketed", FACT, "Whether the offering is broadly marketed: TSXBROADLYMARKETED"),
    one("offering_shares", SHARES, "Securities offered, without the over-allotment option"),
    rows("insider_purchases", HOLDING, "Securities each insider buys; 0 where no insider buys"),
    rows(
        "insider_holdings",
        HOLDING,
        "Securities each insider held before, in the same order",
        "needed where an insider buys",
    ),
    summed(
        "outstanding",
        OUTSTANDING,
        "Securities outstanding before the offering",
        "needed where an insider buys",
    ),
    rows(
        "insider_net_price",
        PRICE,
        "Net proceeds per security from each insider",
        "the same terms for insiders and others",
    ),
    one(
        "public_net_price",
        PRICE,
        "Net proceeds per security from other purchasers",
        "the same terms for insiders and others",
    ),
    one("as_of", DAY, "Date that picks the rule in force", "the rule in force today"),
    one(
        "exemption",
        word("LIFE", "NONE", undecided=True),
        "LIFE for the listed issuer financing exemption",
        "none",
    ),
    one(
        "over_allotment_shares",
        HOLDING,
        "Securities under the over-allotment option; shown in the working, not tested",
        "not shown",
    ),
)


def _offering(arguments: Sequence[Any]) -> rule.Offering:
    """The offering; the arguments above stand in the order of its fields."""
    return rule.Offering(*arguments)


@worksheet_function(
    "TSX606",
    FAMILY,
    *_OFFERING,
    result=Result.VERDICT,
    words=(
        "606",
        "607 INSIDER EXCESS",
        "607 ALL INSIDER PURCHASES",
        "607 WHOLE OFFERING",
        "REVIEW",
        "NEEDS INPUT",
    ),
    rules=("TSX-606",),
)
def tsx606(*arguments: Any) -> Outcome:
    """Where section 606 sends a prospectus offering: accepted under 606, or section 607 for the
    insiders' excess, all insider purchases, or the whole offering.

    Formula: not broadly marketed is the whole offering; discount to the close above 15% is all
    insider purchases; otherwise each insider's purchase beyond holdings x offering / outstanding,
    in whole securities, rounded down, insider by insider. Prices per security.

    Errors: `#N/A` where an insider has a purchase or a holding without the other; `#NUM!` for
    negative numbers or a holding above what is outstanding; `#DIV/0!` where nothing is
    outstanding; `#VALUE!` for insider columns of different length. What is needed and not given is
    NEEDS INPUT.

    Example:
        >>> call("TSX606", 0.85, 1.00, True, 1000000, 100000, 10, 100)
        '606'
        >>> call("TSX_606", 8.49, 10, True, 1000000, 10000, 10, 100)
        '607 ALL INSIDER PURCHASES'

    Source: TSX Company Manual s. 606(b)(i)-(iv), Appendix D; TSX responses 1(c), 2, Other (e)
    (20 Apr 2023).

    Judgement: before 20 Apr 2023; an exempt offering that is not broadly marketed; a net price
    beyond 15% where the offering price is not. That others' purchases stay under 606 beyond 15%
    is an inference.
    """
    return rule.route(_offering(arguments))


@worksheet_function("TSX606EXCESS", FAMILY, *_OFFERING, rules=("TSX-606",))
def tsx606excess(*arguments: Any) -> Outcome:
    """How many securities of a prospectus offering section 607 applies to.

    Formula: 0 under 606; the insiders' excess over pro rata, or all they buy on lower net terms;
    all insider purchases; or the whole offering. Whole securities where the inputs are.

    Errors: `#N/A` where TSX606 answers REVIEW or NEEDS INPUT; otherwise as TSX606.

    Example:
        >>> call("TSX606EXCESS", 8.50, 10, True, 1000000, [[150000], [20000]], [[10], [5]], 100)
        50000

    Source: TSX Company Manual s. 606(b)(i)-(iv), Appendix D (20 Apr 2023).

    Judgement: as TSX606.
    """
    return rule.securities_under_607(_offering(arguments))


@worksheet_function(
    "TSXBROADLYMARKETED",
    FAMILY,
    one("purchasers", PURCHASERS, "Actual purchasers, insiders among them"),
    one(
        "dealers_notified",
        FACT,
        "Made known to the selling group or the equity capital markets "
        "desks at substantially all Canadian dealers",
        "needed below 50 purchasers",
    ),
    one("marketed_outside_canada", FACT, "Marketed only outside Canada", "read as no"),
    result=Result.TRUTH,
    words=("TRUE", "FALSE", "REVIEW", "NEEDS INPUT"),
    rules=("TSX-606",),
)
def tsxbroadlymarketed(
    purchasers: Exact | None, dealers_notified: Fact, marketed_outside_canada: Fact
) -> Outcome:
    """Whether a prospectus offering is broadly marketed: at least 50 actual purchasers, or made
    known to dealers.

    Formula: TRUE at 50 purchasers or more, insiders among them, or with dealers notified; below 50
    without it FALSE; marketed outside Canada only, REVIEW.

    Errors: `#NUM!` for a number of purchasers that is negative or not whole. Fewer than 50 and
    dealers not given is NEEDS INPUT.

    Example:
        >>> call("TSXBROADLYMARKETED", 50), call("TSXBROADLYMARKETED", 49)
        (True, 'NEEDS INPUT')

    Source: TSX Company Manual s. 606, note 1, Appendix D; TSX responses 4(b), 4(c), 4(d) (20 Apr
    2023).

    Judgement: what "substantially all" dealers are, and marketing abroad. TSX needs confirmation
    with the final documentation.
    """
    return rule.broadly_marketed(purchasers, dealers_notified, marketed_outside_canada)


@worksheet_function(
    "TSXPRORATA",
    FAMILY,
    one("insider_shares", HOLDING, "Securities the insider held before the offering"),
    summed("outstanding", OUTSTANDING, "Securities outstanding before the offering"),
    one("offering_shares", SHARES, "Securities offered, without the over-allotment option"),
    rules=("TSX-606",),
)
def tsxprorata(
    insider_shares: Exact, outstanding: Sequence[Exact], offering_shares: Exact
) -> Outcome:
    """An insider's pro rata share of an offering, in whole securities.

    Formula: floor(insider's holdings x offering / outstanding), exactly.

    Errors: `#NUM!` where more is held than outstanding, for negative numbers or an offering of 0;
    `#DIV/0!` where nothing is outstanding; `#N/A` where one is not given.

    Example:
        >>> call("TSXPRORATA", 1000000, 3000000, 3000000)
        1000000

    Source: TSX Company Manual s. 606(b)(i), (iii), Appendix D (20 Apr 2023).

    Judgement: the base (outstanding before the offering, not diluted), the over-allotment option
    (left out) and rounding (down) are not stated in the text.
    """
    return rule.pro_rata(insider_shares, outstanding, offering_shares)
