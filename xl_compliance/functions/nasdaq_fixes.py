"""Worksheet function for the ways out of a vote under Listing Rule 5635(d)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from xl_compliance.functions.cells import (
    DAY,
    FACT,
    FLOOR_PRICE,
    HOLDING,
    OUTSTANDING,
    PRICE,
    RATIO,
    SHARES,
    VOTES_OUTSTANDING,
    VOTES_PER_SHARE,
    day_or,
)
from xl_compliance.functions.registry import Result, one, summed, worksheet_function
from xl_compliance.rules.exact import Exact, exactly, times, total
from xl_compliance.rules.nasdaq import deal_fixes
from xl_compliance.rules.nasdaq.warrants import lowest
from xl_compliance.rules.outcome import Fact, NotEnoughData, Outcome

FAMILY: Final = "Nasdaq: verdicts"


@worksheet_function(
    "DEALFIXES",
    FAMILY,
    one("unit_price", PRICE, "Price of one share with the warrants sold with it"),
    one("min_price", PRICE, "The price the deal is compared with: the Minimum Price"),
    summed("shares", SHARES, "Shares sold or issuable on conversion, without the warrants"),
    summed("outstanding", OUTSTANDING, "Shares of all classes outstanding before"),
    one("exercise_price", FLOOR_PRICE, "Exercise price of the warrants", "no warrants"),
    one("warrants_per_share", RATIO, "Warrants per share", "one per share"),
    one(
        "lowest_exercise_price",
        FLOOR_PRICE,
        "Lowest exercise price an adjustment could lead to",
        "no lower exercise price",
    ),
    one("closing", DAY, "Closing date", "deferring the exercise is not among the ways"),
    one(
        "first_exercisable",
        day_or("APPROVAL"),
        "First day of exercise, or APPROVAL",
        "exercisable at closing",
    ),
    summed("issued_before", HOLDING, "Shares of earlier issuances counted together", "none"),
    summed("votes_outstanding", VOTES_OUTSTANDING, "Votes outstanding before", "one per share"),
    one("votes_per_new_share", VOTES_PER_SHARE, "Votes of one new share", "one per share"),
    one("public_offering", FACT, "Whether it is a public offering", "read as no"),
    result=Result.TABLE,
    rules=("NASDAQ-DEAL-FIXES", "NASDAQ-5635D", "NASDAQ-FAQ-278", "NASDAQ-FAQ-279"),
)
def dealfixes(
    unit_price: Exact | None,
    min_price: Exact | None,
    shares: Sequence[Exact],
    outstanding: Sequence[Exact],
    exercise_price: Exact | None,
    warrants_per_share: Exact | None,
    lowest_exercise_price: Exact | None,
    closing: date | None,
    first_exercisable: date | str | None,
    issued_before: Sequence[Exact],
    votes_outstanding: Sequence[Exact],
    votes_per_new_share: Exact | None,
    public_offering: Fact,
) -> Outcome:
    """The headroom of a deal under Listing Rule 5635(d) and, where approval is required, every way
    out with its figure.

    Formula: spills Way, To, And, Approval then and What it takes, headers first. Every way is put
    to the rule again: it reaches the verdict shown, and one tick less (one share, one day, $0.0001)
    does not. Prices per share.

    Errors: `#N/A` where a price, the shares or the count outstanding is not given, or only one of
    the two on votes; `#DIV/0!` where nothing is outstanding; `#NUM!` for negative numbers.

    Example:
        >>> [row[:2] for row in call("DEALFIXES", 9.99, 10, 1000000, 5000000)[4:]]
        [['RAISE UNIT PRICE', 10.0], ['CAP SHARES', 999999], ['SEEK THE VOTE', '-']]

    Source: Listing Rule 5635(d); Nasdaq FAQ 277, 278 and 279 (10 Oct 2018); IM-5635-2 on share
    caps, not verified.

    Judgement: whether a cap binds for the life of the deal, whether warrants deferred are a true
    delay, and every way that leads to REVIEW.
    """
    if unit_price is None or min_price is None:
        raise NotEnoughData("a price is not given")
    if bool(votes_outstanding) != (votes_per_new_share is not None):
        raise NotEnoughData("votes outstanding and votes per new share are needed together")
    unit = deal_fixes.Unit(
        total(shares),
        unit_price,
        _warrants(
            total(shares),
            exercise_price,
            warrants_per_share,
            lowest_exercise_price,
            first_exercisable or closing,
        ),
    )
    return deal_fixes.table(
        deal_fixes.Terms(
            (unit,),
            min_price,
            tuple(outstanding),
            closing,
            issued=total(issued_before),
            votes_outstanding=tuple(votes_outstanding),
            votes_per_new_share=votes_per_new_share,
            public_offering=public_offering,
        )
    )


@exactly
def _warrants(
    shares: Exact,
    exercise_price: Exact | None,
    per_share: Exact | None,
    lowest_exercise_price: Exact | None,
    first_exercisable: date | str | None,
) -> tuple[deal_fixes.Warrants, ...]:
    if exercise_price is None:
        return ()
    return (
        deal_fixes.Warrants(
            times(shares, 1 if per_share is None else per_share),
            exercise_price,
            lowest(exercise_price, lowest_exercise_price),
            first_exercisable,
        ),
    )
