"""Worksheet functions for warrants sold with common stock (FAQ 278, 279)."""

from __future__ import annotations

from datetime import date
from typing import Final

from xl_compliance.functions.cells import DAY, FACT, FLOOR_PRICE, PRICE, RATIO, day_or, word
from xl_compliance.functions.registry import Argument, Result, one, worksheet_function
from xl_compliance.rules.exact import Exact
from xl_compliance.rules.nasdaq import adjustments, warrants
from xl_compliance.rules.outcome import Fact, Outcome

FAMILY: Final = "Nasdaq: warrants"

_MIN_PRICE: Final = one("min_price", PRICE, "The Minimum Price")
_EXERCISE: Final = one(
    "exercise_price", FLOOR_PRICE, "The warrant's exercise price; 0 is a penny warrant"
)
_COVERAGE: Final = one(
    "warrants_per_share", RATIO, "Warrants sold with each share", "one warrant per share"
)
_LOWEST: Final = one(
    "lowest_exercise_price",
    FLOOR_PRICE,
    "The lowest exercise price an adjustment could lead to; 0 where nothing stops it",
    "no lower exercise price",
)


def _lowest(help: str) -> Argument:
    return one("lowest_exercise_price", FLOOR_PRICE, help)


@worksheet_function(
    "WARRANTVALUE",
    FAMILY,
    _MIN_PRICE,
    _EXERCISE,
    _LOWEST,
    rules=("NASDAQ-FAQ-279",),
    figure=warrants.value_of,
)
def warrantvalue(
    min_price: Exact, exercise_price: Exact, lowest_exercise_price: Exact | None
) -> Outcome:
    """The value attributed to a warrant sold with common stock: $0.125 and whatever it is, or
    could be, in the money.

    Formula: 0.125 + max(0, Minimum Price - lowest exercise price it could have), per warrant.

    Errors: `#NUM!` for a Minimum Price of 0 or a negative price; `#N/A` where one is not given.

    Example:
        >>> call("WARRANTVALUE", 10, 10, 7)
        3.125

    Source: Nasdaq FAQ 279 (10 Oct 2018).

    Judgement: which adjustments count. FAQ 280 measures structured warrants in a public offering
    by Black-Scholes instead.
    """
    return warrants.warrant_value(min_price, exercise_price, lowest_exercise_price)


@worksheet_function(
    "UNITFLOOR",
    FAMILY,
    _MIN_PRICE,
    _EXERCISE,
    _COVERAGE,
    _LOWEST,
    rules=("NASDAQ-FAQ-279", "NASDAQ-FAQ-277"),
    figure=warrants.floor_of,
)
def unitfloor(
    min_price: Exact,
    exercise_price: Exact,
    warrants_per_share: Exact | None,
    lowest_exercise_price: Exact | None,
) -> Outcome:
    """The lowest unit price at which the common stock in the unit is not discounted.

    Formula: Minimum Price + warrants per share x value of each warrant. A price per unit of one
    share.

    Errors: `#NUM!` for a Minimum Price or coverage of 0 or a negative number; `#N/A` where a price
    is not given.

    Example:
        >>> call("UNITFLOOR", 1.43, 1.43)
        1.555

    Source: Nasdaq FAQ 279 (10 Oct 2018).

    Judgement: a fraction of a warrant is valued in proportion, which the FAQ does not state. Where
    the lowest exercise price is below the Minimum Price, FAQ 277 still makes it a discounted
    issuance.
    """
    return warrants.unit_floor(min_price, exercise_price, warrants_per_share, lowest_exercise_price)


@worksheet_function(
    "EFFECTIVEPRICE",
    FAMILY,
    one("unit_price", PRICE, "What one share and its warrants cost"),
    _MIN_PRICE,
    _EXERCISE,
    _COVERAGE,
    _LOWEST,
    rules=("NASDAQ-FAQ-279", "NASDAQ-FAQ-277"),
    figure=warrants.effective_price_of,
)
def effectiveprice(
    unit_price: Exact,
    min_price: Exact,
    exercise_price: Exact,
    warrants_per_share: Exact | None,
    lowest_exercise_price: Exact | None,
) -> Outcome:
    """What the common stock is sold at once the value of the warrants is taken out of the unit.

    Formula: unit price - warrants per share x value of each warrant. Below the Minimum Price the
    common stock is discounted.

    Errors: `#NUM!` for a unit price, Minimum Price or coverage of 0 or a negative number; `#N/A`
    where a price is not given.

    Example:
        >>> call("EFFECTIVEPRICE", 1.555, 1.44, 1.43)
        1.42

    Source: Nasdaq FAQ 279 (10 Oct 2018).

    Judgement: as for UNITFLOOR; insiders are measured against the closing bid instead (FAQ 271).
    """
    return warrants.effective_price(
        unit_price, min_price, exercise_price, warrants_per_share, lowest_exercise_price
    )


@worksheet_function(
    "WARRANTSAGGREGATE",
    FAMILY,
    one("closing", DAY, "Closing date of the issuance"),
    one(
        "first_exercisable",
        day_or("APPROVAL"),
        "First day on which the warrant can be exercised, "
        "or APPROVAL where that needs a shareholder vote",
    ),
    _MIN_PRICE,
    _lowest("The lowest exercise price the warrant could have; 0 where nothing stops it"),
    one(
        "common_discounted",
        FACT,
        "Whether the common stock sold with it is discounted",
        "read as discounted",
    ),
    result=Result.TRUTH,
    words=("TRUE", "FALSE", "REVIEW", "NEEDS INPUT"),
    rules=("NASDAQ-FAQ-278",),
)
def warrantsaggregate(
    closing: date | None,
    first_exercisable: date | str | None,
    min_price: Exact | None,
    lowest_exercise_price: Exact | None,
    common_discounted: Fact,
) -> Outcome:
    """Whether the shares under warrants are counted with the discounted common stock they are sold
    with.

    Formula: FALSE only where the warrant cannot be exercised for at least six months after closing
    and never below the Minimum Price; months end on the last day where they have no such day.

    Errors: `#VALUE!` for what cannot be read, `#NUM!` for a negative price. What is needed and not
    given is NEEDS INPUT.

    Example:
        >>> call("WARRANTSAGGREGATE", "2024-01-15", "2024-07-15", 10, 10)
        False
        >>> call("WARRANTSAGGREGATE", "2024-01-15", "2024-07-14", 10, 10)
        True

    Source: Nasdaq FAQ 278 (10 Oct 2018).

    Judgement: whether a vote before exercise is a true condition; a low exercise price beside
    common stock that is not discounted (FAQ 277).
    """
    return warrants.shares_aggregated(
        closing, first_exercisable, min_price, lowest_exercise_price, common_discounted
    )


@worksheet_function(
    "LOWESTPRICE",
    FAMILY,
    one("price", FLOOR_PRICE, "The conversion or exercise price; 0 is a penny warrant"),
    one(
        "adjustment",
        word("NONE", "SPLIT", "ANTIDILUTION", "VOLUNTARY", "RESET", "FUTUREPRICED"),
        "What could lower it: NONE, SPLIT, ANTIDILUTION, VOLUNTARY, RESET or FUTUREPRICED",
    ),
    one("floor", FLOOR_PRICE, "The lowest price the provision can lead to", "none: 0"),
    rules=("NASDAQ-FAQ-277",),
)
def lowestprice(price: Exact, adjustment: str | None, floor: Exact | None) -> Outcome:
    """The lowest price that a provision of a security could lead to.

    Formula: the price under NONE and SPLIT; otherwise the floor, or 0 where there is none.

    Errors: `#N/A` where the adjustment is not given; `#VALUE!` for another word; `#NUM!` for a
    negative number.

    Example:
        >>> call("LOWESTPRICE", 10, "ANTIDILUTION", 8), call("LOWESTPRICE", 10, "VOLUNTARY")
        (8, 0)

    Source: Nasdaq FAQ 276 (26 Nov 2019), 277 (10 Oct 2018), 1143 (11 Feb 2016).

    Judgement: which clause is which; a floor must itself adjust for splits.
    """
    return adjustments.lowest_price(price, adjustment, floor)
