"""Worksheet functions that answer whether shareholders must approve (Listing Rule 5635)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from xl_compliance.functions.cells import (
    BOOK_VALUE,
    DAY,
    FACT,
    FLOOR_PRICE,
    HOLDING,
    OUTSTANDING,
    PRICE,
    RATIO,
    SHARES,
    TOTAL_VOTES,
    VOTES,
    VOTES_OUTSTANDING,
)
from xl_compliance.functions.registry import Result, one, summed, worksheet_function
from xl_compliance.rules.exact import Exact
from xl_compliance.rules.nasdaq import director_rights, private_placement
from xl_compliance.rules.outcome import Fact, Outcome

FAMILY: Final = "Nasdaq: verdicts"
ONE_VOTE: Final = "one vote per share where there is one class"


@worksheet_function(
    "NASDAQ5635D",
    FAMILY,
    one(
        "price",
        PRICE,
        "Effective price of the common stock: EFFECTIVEPRICE, or the lowest conversion price",
    ),
    one("min_price", PRICE, "The Minimum Price"),
    summed(
        "issuable",
        SHARES,
        "Every share issuable, with warrant shares that join, aggregated "
        "earlier issuances and sales by insiders",
    ),
    summed(
        "outstanding",
        OUTSTANDING,
        "Shares of all classes outstanding before the first aggregated closing",
    ),
    summed("votes_issuable", VOTES, "Votes of what is issuable", ONE_VOTE),
    summed("votes_outstanding", VOTES_OUTSTANDING, "Votes outstanding before", ONE_VOTE),
    one("public_offering", FACT, "Whether it is a public offering", "read as no"),
    one("signed_on", DAY, "Date of the binding agreement", "the rule in force today"),
    one(
        "book_value",
        BOOK_VALUE,
        "Book value per share; tested only before 26 Sep 2018",
        "needed only before 26 Sep 2018",
    ),
    one(
        "closing_bid",
        PRICE,
        "Consolidated closing bid; tested only before 26 Sep 2018",
        "needed only before 26 Sep 2018",
    ),
    one(
        "lowest_exercise_price",
        FLOOR_PRICE,
        "The lowest price any security of the deal could be "
        "exercised or converted at; 0 where nothing stops it",
        "no lower exercise price",
    ),
    result=Result.VERDICT,
    words=("REQUIRED", "NOT REQUIRED", "REVIEW", "NEEDS INPUT"),
    rules=("NASDAQ-5635D", "NASDAQ-FAQ-277", "NASDAQ-FAQ-280"),
)
def nasdaq5635d(
    price: Exact | None,
    min_price: Exact | None,
    issuable: Sequence[Exact],
    outstanding: Sequence[Exact],
    votes_issuable: Sequence[Exact],
    votes_outstanding: Sequence[Exact],
    public_offering: Fact,
    signed_on: date | None,
    book_value: Exact | None,
    closing_bid: Exact | None,
    lowest_exercise_price: Exact | None,
) -> Outcome:
    """Whether shareholders must approve an issuance under Listing Rule 5635(d): not public, below
    the Minimum Price, 20% or more of shares or votes.

    Formula: REQUIRED where price < Minimum Price and issuable >= 20% of outstanding, in shares or
    in votes, and it is not a public offering. Signed before 26 Sep 2018 the greater of book value
    and closing bid replaces the Minimum Price. Prices per share.

    Errors: `#NUM!` for negative numbers; `#DIV/0!` where nothing is outstanding; `#VALUE!` for what
    cannot be read. What is needed and not given is NEEDS INPUT; book value and closing bid given
    without signed_on are NEEDS INPUT where the two rules differ.

    Example:
        >>> call("NASDAQ5635D", 9.99, 10, 1000000, 5000000)
        'REQUIRED'
        >>> call("NASDAQ5635D", 9.99, 10, 999999, 5000000)
        'NOT REQUIRED'

    Source: Listing Rule 5635(d); Nasdaq FAQ 271 (26 Nov 2019), 277 (10 Oct 2018), 280 (30 Jun
    2020), 1649 (16 Oct 2018).

    Judgement: public offerings with a discount above 50% or a price that can be reset, and prices
    that could fall below the Minimum Price, are REVIEW.
    """
    return private_placement.shareholder_approval(
        price,
        min_price,
        issuable,
        outstanding,
        votes_issuable,
        votes_outstanding,
        public_offering,
        signed_on,
        book_value,
        closing_bid,
        lowest_exercise_price,
    )


@worksheet_function(
    "DIRECTORSEATS",
    FAMILY,
    summed("investor_votes", HOLDING, "Votes of the investor in the election of directors"),
    summed("total_votes", TOTAL_VOTES, "Votes of all holders; 1 where a percentage is given"),
    one("board_size", RATIO, "Number of directors"),
    rules=("NASDAQ-FAQ-292",),
)
def directorseats(
    investor_votes: Sequence[Exact], total_votes: Sequence[Exact], board_size: Exact
) -> Outcome:
    """How many directors an investor may designate: its share of the votes, rounded up, but no
    majority of the board below half of the votes.

    Formula: ceil(investor votes x board / total votes); below 50% of the votes, at most half of
    the board. Whole directors.

    Errors: `#NUM!` where more votes are held than there are, for negative numbers or a board that
    is not a whole number above 0; `#DIV/0!` where there are no votes; `#N/A` where one is not
    given.

    Example:
        >>> call("DIRECTORSEATS", 0.30, 1, 7), call("DIRECTORSEATS", 0.45, 1, 5)
        (3, 2)

    Source: Nasdaq FAQ 292 (2 Feb 2016).

    Judgement: troubled companies, observers, and step-down terms; the test is at the initial
    appointment.
    """
    return director_rights.seats(investor_votes, total_votes, board_size)
