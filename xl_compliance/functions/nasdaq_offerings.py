"""Worksheet functions for public offerings and equity lines (FAQ 280, 1741)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from xl_compliance.functions.cells import (
    DISCOUNT,
    FACT,
    FLOOR_PRICE,
    FRACTION,
    HOLDING,
    PRICE,
    PURCHASERS,
    RATE,
    RATIO,
    SHARES,
    VOLATILITY,
    WARRANT_VALUE,
    YEARS,
)
from xl_compliance.functions.registry import Result, one, rows, summed, worksheet_function
from xl_compliance.rules.exact import Exact
from xl_compliance.rules.nasdaq import equity_line, option_value, public_offering
from xl_compliance.rules.outcome import Fact, Outcome

FAMILY: Final = "Nasdaq: public offerings and equity lines"


@worksheet_function(
    "OFFERINGDISCOUNT",
    FAMILY,
    one("unit_price", PRICE, "What one share and its warrants are offered at"),
    one("min_price", PRICE, "The Minimum Price"),
    one(
        "attributed_value",
        WARRANT_VALUE,
        "Value of each warrant: 0.125 where plain vanilla, BLACKSCHOLES or more where not; 0 where "
        "none are sold",
        "no warrants",
    ),
    one("warrants_per_share", RATIO, "Warrants sold with each share", "one warrant per share"),
    rules=("NASDAQ-FAQ-280",),
)
def offeringdiscount(
    unit_price: Exact,
    min_price: Exact,
    attributed_value: Exact | None,
    warrants_per_share: Exact | None,
) -> Outcome:
    """The discount of an offering to the Minimum Price, once the value of the warrants is taken out
    of the unit, as a fraction.

    Formula: (Minimum Price - (unit price - warrants per share x value)) / Minimum Price; a premium
    is negative.

    Errors: `#NUM!` for a price or coverage of 0 or a negative number; `#N/A` where a price is not
    given, or a coverage without a value.

    Example:
        >>> call("OFFERINGDISCOUNT", 5.125, 10, 0.125), call("OFFERINGDISCOUNT", 5.12, 10, 0.125)
        (0.5, 0.5005)

    Source: Nasdaq FAQ 280 (30 Jun 2020).

    Judgement: which warrants are plain vanilla; placement-agent warrants are left out; no discount
    is a safe harbor. FAQ 279 values a warrant otherwise (EFFECTIVEPRICE).
    """
    return public_offering.offering_discount(
        unit_price, min_price, attributed_value, warrants_per_share
    )


@worksheet_function(
    "BLACKSCHOLES",
    FAMILY,
    one("spot", PRICE, "Share price"),
    one("strike", FLOOR_PRICE, "Exercise price; 0 is a penny warrant"),
    one("years", YEARS, "Years to expiry"),
    one("rate", RATE, "Risk-free rate a year, continuously compounded, such as 0.04"),
    one("volatility", VOLATILITY, "Volatility a year, such as 0.9"),
    one("dividend_yield", FRACTION, "Dividend yield a year, continuously compounded", "none"),
    rules=("NASDAQ-FAQ-280",),
)
def blackscholes(
    spot: Exact,
    strike: Exact,
    years: Exact,
    rate: Exact,
    volatility: Exact,
    dividend_yield: Exact | None,
) -> Outcome:
    """The Black-Scholes value of a warrant, a European call: what Nasdaq attributes at least to
    structured warrants in a public offering.

    Formula: S exp(-qT) N(d1) - K exp(-rT) N(d2), at 12 significant digits. A value per warrant.

    Errors: `#NUM!` for a spot, term or volatility of 0, negative numbers, a rate or yield above 1,
    or numbers beyond the model; `#N/A` where one is not given.

    Example:
        >>> call("BLACKSCHOLES", 10, 8, 5, 0.04, 0.9)
        7.48573143263

    Source: Nasdaq FAQ 280 (30 Jun 2020), which names the model.

    Judgement: which volatility and rate; the FAQ says equal to, or greater than.
    """
    return option_value.black_scholes(spot, strike, years, rate, volatility, dividend_yield)


@worksheet_function(
    "PREFUNDEDPRICE",
    FAMILY,
    one("price_paid", PRICE, "What is paid for the pre-funded warrant"),
    one("nominal_exercise_price", FLOOR_PRICE, "Exercise price left to pay; 0 for none"),
    rules=("NASDAQ-FAQ-280",),
)
def prefundedprice(price_paid: Exact, nominal_exercise_price: Exact) -> Outcome:
    """What the share under a pre-funded warrant is sold at: the price paid and the exercise price
    left.

    Formula: price paid + nominal exercise price. A price per share.

    Errors: `#NUM!` for a price paid of 0 or a negative number; `#N/A` where one is not given.

    Example:
        >>> call("PREFUNDEDPRICE", 9.999, 0.001)
        10.0

    Source: Nasdaq FAQ 280 (30 Jun 2020).

    Judgement: generally no deep discount; the shares under it still count as issuable.
    """
    return public_offering.prefunded_price(price_paid, nominal_exercise_price)


@worksheet_function(
    "PUBLICOFFERING",
    FAMILY,
    one("firm_commitment", FACT, "Whether it is underwritten on a firm commitment"),
    one("registered", FACT, "Whether it is registered with the SEC"),
    one("broadly_marketed", FACT, "Whether it is broadly marketed", "not called public"),
    one("purchasers", PURCHASERS, "Number of purchasers", "not called public"),
    one(
        "discount",
        DISCOUNT,
        "Discount to the Minimum Price, as a fraction: OFFERINGDISCOUNT",
        "not called public",
    ),
    result=Result.VERDICT,
    words=("PRECLUDED", "LIKELY PUBLIC", "REVIEW", "NEEDS INPUT"),
    rules=("NASDAQ-FAQ-1741", "NASDAQ-FAQ-280"),
)
def publicoffering(
    firm_commitment: Fact,
    registered: Fact,
    broadly_marketed: Fact,
    purchasers: Exact | None,
    discount: Exact | None,
) -> Outcome:
    """Whether an offering is likely to be a public one; never a flat yes.

    Formula: PRECLUDED where the discount > 50%; LIKELY PUBLIC where the three facts are TRUE, with
    at least 50 purchasers and a discount < 45%, both lines of this product; REVIEW otherwise.

    Errors: `#NUM!` for a negative number of purchasers or a discount above 1; `#VALUE!` for what
    cannot be read. Nothing given is NEEDS INPUT.

    Example:
        >>> call("PUBLICOFFERING", True, True, True, 250, 0.06)
        'LIKELY PUBLIC'

    Source: Nasdaq FAQ 1741 (30 Jun 2020) and 280 (30 Jun 2020).

    Judgement: all of it but the discount above 50%, which typically precludes. The FAQs name no
    number of purchasers and no safe discount.
    """
    return public_offering.public_offering(
        firm_commitment, registered, broadly_marketed, purchasers, discount
    )


@worksheet_function(
    "AVERAGEPRICE",
    FAMILY,
    rows("prices", PRICE, "Price of each sale under the equity line"),
    rows("shares", SHARES, "Shares of each sale, in the same order"),
    summed("commitment_shares", HOLDING, "Shares issued as commitment fee; 0 for none", "none"),
    rules=("NASDAQ-EQUITY-LINE",),
)
def averageprice(
    prices: Sequence[Exact | None],
    shares: Sequence[Exact | None],
    commitment_shares: Sequence[Exact],
) -> Outcome:
    """The average price of all sales under an equity line, commitment shares counted.

    Formula: sum(price x shares) / (shares sold + commitment shares), exactly. A price per share.

    Errors: `#N/A` for a price without its shares or the other way round, or nothing given;
    `#VALUE!` for columns of different length; `#NUM!` for a price or share count of 0 or below.

    Example:
        >>> call("AVERAGEPRICE", [[10], [12]], [[100], [300]], 60)
        10

    Source: practice under Listing Rule 5635(d), unverified: the average is held against a base
    price.

    Judgement: what the base price must contain, and whether Nasdaq looks at the line as one
    transaction.
    """
    return equity_line.average_price(prices, shares, commitment_shares)
