"""Worksheet functions for convertibles and future priced securities (FAQ 276, 1136, 1143)."""

from __future__ import annotations

from typing import Final

from xl_compliance.functions.cells import AMOUNT, FLOOR_PRICE, PAYMENT, PRICE, RATIO, SHARES
from xl_compliance.functions.registry import Result, one, worksheet_function
from xl_compliance.rules.exact import Exact
from xl_compliance.rules.nasdaq import convertible_price, future_priced
from xl_compliance.rules.outcome import Outcome

FAMILY: Final = "Nasdaq: convertibles"


@worksheet_function(
    "CONVERSIONPRICE",
    FAMILY,
    one("principal", AMOUNT, "Principal amount converted"),
    one("max_shares", SHARES, "Most shares it could convert into, make-whole shares included"),
    one(
        "max_cash",
        PAYMENT,
        "Most cash paid at conversion: make-whole, foregone interest, accrued interest",
        "no cash at conversion",
    ),
    one("of_which_accrued_interest", PAYMENT, "Accrued interest in that cash", "none"),
    rules=("NASDAQ-FAQ-276", "NASDAQ-FAQ-1136"),
)
def conversionprice(
    principal: Exact,
    max_shares: Exact,
    max_cash: Exact | None,
    of_which_accrued_interest: Exact | None,
) -> Outcome:
    """The effective conversion price of a convertible: principal, less cash other than accrued
    interest, over the most shares.

    Formula: (principal - (most cash - accrued interest)) / most shares, exactly. A price per share.

    Errors: `#NUM!` for a principal or share count of 0, negative amounts, more accrued interest
    than cash, or more other cash than principal; `#N/A` where one is not given.

    Example:
        >>> call("CONVERSIONPRICE", 1000000, 100000, 50000)
        9.5
        >>> call("CONVERSIONPRICE", 1000000, 100000, 30000, 30000)
        10

    Source: Nasdaq FAQ 276 (26 Nov 2019); flexible settlement, FAQ 1136 (2 Mar 2015): a settlement
    in cash, shares or both that leaves the conversion price as it is counts as one in shares.

    Judgement: which events change the capital structure and are ignored; foregone interest, which
    is deducted, against accrued interest, which is not.
    """
    return convertible_price.conversion_price(
        principal, max_shares, max_cash, of_which_accrued_interest
    )


@worksheet_function(
    "CONVERTIBLEDISCOUNTED",
    FAMILY,
    one("conversion_price", PRICE, "Conversion price: CONVERSIONPRICE"),
    one("min_price", PRICE, "The Minimum Price"),
    one(
        "exercise_price",
        FLOOR_PRICE,
        "Exercise price of warrants sold with it; 0 is a penny warrant",
        "no warrants",
    ),
    one("warrants_per_share", RATIO, "Warrants sold with each share", "one warrant per share"),
    one(
        "lowest_conversion_price",
        FLOOR_PRICE,
        "The lowest conversion price an adjustment could lead to; 0 where nothing stops it",
        "no lower conversion price",
    ),
    one(
        "lowest_exercise_price",
        FLOOR_PRICE,
        "The lowest exercise price an adjustment could lead to; 0 where nothing stops it",
        "no lower exercise price",
    ),
    result=Result.TRUTH,
    words=("TRUE", "FALSE", "NEEDS INPUT"),
    rules=("NASDAQ-FAQ-276", "NASDAQ-FAQ-277", "NASDAQ-FAQ-279", "NASDAQ-FAQ-1136"),
)
def convertiblediscounted(
    conversion_price: Exact | None,
    min_price: Exact | None,
    exercise_price: Exact | None,
    warrants_per_share: Exact | None,
    lowest_conversion_price: Exact | None,
    lowest_exercise_price: Exact | None,
) -> Outcome:
    """Whether a convertible, with the warrants sold with it, is issued at a discount to the Minimum
    Price.

    Formula: FALSE only where the lowest conversion price >= Minimum Price + warrants per share x
    (0.125 + amount in the money), and every exercise price stays >= Minimum Price. Per share.

    Errors: `#NUM!` for negative prices or a coverage of 0; `#VALUE!` for what cannot be read. What
    is needed and not given is NEEDS INPUT; so is the exercise price once coverage or a lowest
    exercise price is given.

    Example:
        >>> call("CONVERTIBLEDISCOUNTED", 10.125, 10, 10)
        False
        >>> call("CONVERTIBLEDISCOUNTED", 10.12, 10, 10)
        True

    Source: Nasdaq FAQ 276 (26 Nov 2019), 277 (10 Oct 2018), 279 (10 Oct 2018), 1136 (2 Mar 2015).

    Judgement: which adjustments are for splits and ignored. Insiders are held against the closing
    bid instead (NASDAQ5635C).
    """
    return convertible_price.discounted(
        convertible_price.Terms(
            conversion_price,
            exercise_price,
            warrants_per_share,
            lowest_conversion_price,
            lowest_exercise_price,
        ),
        min_price,
    )


@worksheet_function(
    "FUTUREPRICEDSHARES",
    FAMILY,
    one("fixed_value", AMOUNT, "The fixed dollar value surrendered for shares"),
    one("price", PRICE, "Share price at the time"),
    one("floor", FLOOR_PRICE, "Lowest price that counts; 0 where there is none", "no floor"),
    one("share_cap", SHARES, "Most shares", "no cap"),
    rules=("NASDAQ-FAQ-1143",),
)
def futurepricedshares(
    fixed_value: Exact, price: Exact, floor: Exact | None, share_cap: Exact | None
) -> Outcome:
    """How many whole shares a fixed value leads to at a price: more as the price falls, unless a
    floor or a cap stops it.

    Formula: value / max(price, floor), rounded down, no more than the cap.

    Errors: `#NUM!` for a value, price or cap of 0 or a negative number; `#N/A` where the value or
    the price is not given.

    Example:
        >>> call("FUTUREPRICEDSHARES", 1000000, 1), call("FUTUREPRICEDSHARES", 1000000, 1, 2)
        (1000000, 500000)

    Source: Nasdaq FAQ 1143 (11 Feb 2016).

    Judgement: whether the security raises public-interest concerns (IM-5635-4); a floor must adjust
    for reverse splits.
    """
    return future_priced.shares_for_value(fixed_value, price, floor, share_cap)


@worksheet_function(
    "NETEXERCISESHARES",
    FAMILY,
    one("warrants", SHARES, "Warrants exercised"),
    one("exercise_price", FLOOR_PRICE, "The warrant's exercise price; 0 is a penny warrant"),
    one("market_price", PRICE, "Share price at exercise"),
    rules=("NASDAQ-FAQ-1143",),
)
def netexerciseshares(warrants: Exact, exercise_price: Exact, market_price: Exact) -> Outcome:
    """How many whole shares a cashless exercise leads to; none at or out of the money.

    Formula: warrants x max(0, market price - exercise price) / market price, rounded down.

    Errors: `#NUM!` for warrants or a market price of 0, or a negative number; `#N/A` where one is
    not given.

    Example:
        >>> call("NETEXERCISESHARES", 100000, 5, 10), call("NETEXERCISESHARES", 100000, 5, 5)
        (50000, 0)

    Source: Nasdaq FAQ 1143 (11 Feb 2016).

    Judgement: a provision that gives shares out of the money is a future priced security, and one
    share per warrant for no payment works like a penny warrant.
    """
    return future_priced.net_exercise(warrants, exercise_price, market_price)
