"""Worksheet functions for the prices a Nasdaq transaction is measured against (FAQ 271, 272)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from xl_compliance.functions.cells import DAY, MOMENT, PRICE, RATIO, word
from xl_compliance.functions.registry import Result, one, rows, worksheet_function
from xl_compliance.rules import discount as discounts
from xl_compliance.rules.exact import Exact, floor
from xl_compliance.rules.nasdaq import minimum_price
from xl_compliance.rules.outcome import Moment, Outcome, OutOfDomain

FAMILY: Final = "Nasdaq: prices"
NO_DATES: Final = "read as consecutive sessions, oldest first"
NO_SIGNING: Final = "the latest sessions with a price"


@worksheet_function(
    "MINPRICE",
    FAMILY,
    rows(
        "closes", PRICE, "Nasdaq Official Closing Prices; without dates exactly five, oldest first"
    ),
    rows("dates", DAY, "The session of each close, in any order", NO_DATES),
    one("signed_at", MOMENT, "When the binding agreement is signed, New York time", NO_SIGNING),
    rules=("NASDAQ-FAQ-271",),
)
def minprice(
    closes: Sequence[Exact | None], dates: Sequence[date | None], signed_at: Moment | None
) -> Outcome:
    """The Minimum Price: the lower of the last Nasdaq Official Closing Price and the average of
    the last five.

    Formula: min(last close, sum of five closes / 5), exactly. Signed before 16:00 New York, the
    sessions before that day count; at or after 16:00, that day and the four before it. Returns a
    price per share.

    Errors: `#N/A` where a session of the window has no close, where fewer or more than five are
    given without dates, or where a signing day without a time of day would decide; `#VALUE!` for
    a date that stands there twice; `#NUM!` for a price of 0 or below.

    Example:
        >>> call("MINPRICE", [[15.91], [15.89], [15.91], [15.81], [16.13]])
        15.93

    Source: Nasdaq FAQ 271 and 272 (26 Nov 2019); Listing Rule 5635(d).

    Judgement: when an agreement is binding, what an amendment re-prices, and a split inside the
    window are for the user; 16:00:00 counts as after the close and early closes keep 16:00, both
    flagged in the working.
    """
    return minimum_price.minimum_price(closes, dates, signed_at)


@worksheet_function(
    "MARKETVALUE",
    FAMILY,
    rows("bids", PRICE, "Consolidated closing bids; without dates exactly one"),
    rows("dates", DAY, "The session of each bid, in any order", NO_DATES),
    one("signed_at", MOMENT, "When the binding agreement is signed, New York time", NO_SIGNING),
    rules=("NASDAQ-FAQ-271",),
)
def marketvalue(
    bids: Sequence[Exact | None], dates: Sequence[date | None], signed_at: Moment | None
) -> Outcome:
    """Market value: the consolidated closing bid immediately before the binding agreement.

    Formula: the closing bid of the session before signing; signed at or after 16:00 New York,
    that day's. Returns a price per share.

    Errors: `#N/A` where the session that counts has no bid, or more than one bid is given without
    dates; `#VALUE!` for a date that stands there twice; `#NUM!` for a bid of 0 or below.

    Example:
        >>> call("MARKETVALUE", [[10.58], [10.79], [9.02]],
        ...      [["2024-03-07"], ["2024-03-08"], ["2024-03-11"]], "2024-03-11 11:30")
        10.79

    Source: Nasdaq FAQ 271 (26 Nov 2019); Listing Rule 5005(a)(23).

    Judgement: the same timing questions as for the Minimum Price. A closing bid may differ from
    the Official Closing Price, so a price can pass 5635(d) and fail 5635(c).
    """
    return minimum_price.market_value(bids, dates, signed_at)


@worksheet_function(
    "PRICINGDATES",
    FAMILY,
    one("signed_at", MOMENT, "When the binding agreement is signed, on the exchange's clock"),
    one("exchange", word("NASDAQ", "NYSE", "TSX"), "NASDAQ, NYSE or TSX", "NASDAQ"),
    one("count", RATIO, "How many sessions", "5"),
    result=Result.DATES,
    rules=("NASDAQ-FAQ-271",),
)
def pricingdates(signed_at: Moment, exchange: str | None, count: Exact | None) -> Outcome:
    """The sessions whose closes count for an agreement signed then, oldest first.

    Formula: the sessions up to the one before signing; from the close on (16:00 for Nasdaq and
    NYSE, the actual close on TSX) up to that day. Spills one date a row.

    Errors: `#N/A` where the day is a session and no time of day is given, or outside the shipped
    calendar (2000 to 2027); `#NUM!` for a count that is not a whole number above 0.

    Example:
        >>> call("PRICINGDATES", "2024-03-11 11:30", "NASDAQ", 2)
        [[datetime.date(2024, 3, 7)], [datetime.date(2024, 3, 8)]]

    Source: Nasdaq FAQ 271 (26 Nov 2019) for the timing; the exchanges' session calendars.

    Judgement: halted days on which no Official Closing Price was set are sessions here.
    """
    if count is not None and count != floor(count):
        raise OutOfDomain(f"{count} sessions: a whole number is needed")
    return minimum_price.pricing_sessions(signed_at, exchange or "NASDAQ", int(count or 0))


@worksheet_function(
    "DISCOUNTPCT",
    FAMILY,
    one("price", PRICE, "The price per share"),
    one("reference", PRICE, "The price it is compared with"),
    figure=discounts.discount_of,
)
def discountpct(price: Exact, reference: Exact) -> Outcome:
    """The discount of a price to a reference price, as a fraction; a premium is negative.

    Formula: (reference - price) / reference, exactly.

    Errors: `#NUM!` for a price or reference of 0 or below; `#N/A` where one is not given.

    Example:
        >>> call("DISCOUNTPCT", 0.85, 1)
        0.15

    Source: arithmetic; used with Nasdaq FAQ 280 (30 Jun 2020) and TSX s. 606 (20 Apr 2023).

    Judgement: none.
    """
    return discounts.discount(price, reference)
