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
    FRACTION,
    HOLDING,
    OUTSTANDING,
    PRICE,
    SHARES,
    VOTES,
    VOTES_OUTSTANDING,
    word,
)
from xl_compliance.functions.registry import Result, one, summed, worksheet_function
from xl_compliance.rules.exact import Exact
from xl_compliance.rules.nasdaq import (
    acquisition,
    change_of_control,
    equity_compensation,
    private_placement,
)
from xl_compliance.rules.outcome import Fact, Outcome, Unknown

FAMILY: Final = "Nasdaq: verdicts"
ONE_VOTE: Final = "one vote per share where there is one class"

_VOTES: Final = (
    summed("votes_issuable", VOTES, "Votes of what is issuable", ONE_VOTE),
    summed("votes_outstanding", VOTES_OUTSTANDING, "Votes outstanding before", ONE_VOTE),
)
# What a size test takes: of an acquisition, and of a notification.
SHARES_AND_VOTES: Final = (
    summed(
        "issuable",
        SHARES,
        "Every share issuable: at closing, by conversion or exercise, earn-outs, penalty shares, "
        "assumed awards",
    ),
    summed("outstanding", OUTSTANDING, "Shares of all classes outstanding before the transaction"),
    *_VOTES,
)


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
    *_VOTES,
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
    answer=private_placement.verdict_alone,
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
    "NASDAQ5635A",
    FAMILY,
    *SHARES_AND_VOTES,
    one(
        "insider_interest",
        FRACTION,
        "Largest interest of one director, officer or Substantial Shareholder in the target or the "
        "consideration; 0 for none",
        "needed from 5% on",
    ),
    one(
        "insiders_together_interest",
        FRACTION,
        "Interest of all such persons together; 0 for none",
        "needed from 5% on",
    ),
    one(
        "public_offering_for_cash",
        FACT,
        "Whether the shares are sold in a public offering for cash",
        "read as no",
    ),
    result=Result.VERDICT,
    words=("REQUIRED", "NOT REQUIRED", "REVIEW", "NEEDS INPUT"),
    rules=("NASDAQ-5635A",),
)
def nasdaq5635a(
    issuable: Sequence[Exact],
    outstanding: Sequence[Exact],
    votes_issuable: Sequence[Exact],
    votes_outstanding: Sequence[Exact],
    insider_interest: Exact | None,
    insiders_together_interest: Exact | None,
    public_offering_for_cash: Fact,
) -> Outcome:
    """Whether shareholders must approve an issuance in an acquisition under Listing Rule 5635(a):
    20% or more of shares or votes, or 5% or more where insiders have an interest.

    Formula: REQUIRED where issuable >= 20% of outstanding, in shares or in votes, and it is no
    public offering for cash; or where issuable >= 5% and one insider has >= 5%, or all together
    >= 10%. NOT REQUIRED from 5% on needs both interests, or the joint one below 5%.

    Errors: `#NUM!` for negative numbers, an interest above 1, or less together than one alone;
    `#DIV/0!` where nothing is outstanding; `#VALUE!` for what cannot be read. What is needed and
    not given is NEEDS INPUT.

    Example:
        >>> call("NASDAQ5635A", 1000000, 5000000)
        'REQUIRED'
        >>> call("NASDAQ5635A", 999999, 5000000, None, None, 0, 0)
        'NOT REQUIRED'

    Source: Listing Rule 5635(a), as described on published pages (Dec 2015, Nasdaq FAQ 382);
    Nasdaq FAQ 182 and 288 (31 Jul 2012) for the percentage.

    Judgement: what is potentially issuable (earn-outs, assumed awards); whether an offering beside
    the acquisition is public.
    """
    return acquisition.shareholder_approval(
        issuable,
        outstanding,
        votes_issuable,
        votes_outstanding,
        insider_interest,
        insiders_together_interest,
        public_offering_for_cash,
    )


@worksheet_function(
    "NASDAQ5635B",
    FAMILY,
    summed(
        "owned_after",
        SHARES,
        "What the investor or group would own or could acquire after the issuance, in shares or in "
        "votes, whichever is the higher share",
    ),
    summed("base_after", OUTSTANDING, "Shares or votes after the issuance, on the same measure"),
    one(
        "largest_other",
        HOLDING,
        "Largest position of any other holder after; 0 for none",
        "read as smaller than the investor's",
    ),
    result=Result.VERDICT,
    words=("NOT PRESUMED", "REVIEW", "NEEDS INPUT"),
    rules=("NASDAQ-5635B",),
)
def nasdaq5635b(
    owned_after: Sequence[Exact], base_after: Sequence[Exact], largest_other: Exact | None
) -> Outcome:
    """Whether an issuance is presumed to result in a change of control under Listing Rule 5635(b):
    20% or more of shares or votes, and the largest position.

    Formula: NOT PRESUMED where owned < 20% of the base; REVIEW from 20% on, the working saying
    whether a change of control is presumed.

    Errors: `#NUM!` for negative numbers or more owned than the base; `#DIV/0!` where the base is 0.
    What is not given is NEEDS INPUT.

    Example:
        >>> call("NASDAQ5635B", 1999999, 10000000), call("NASDAQ5635B", 2000000, 10000000)
        ('NOT PRESUMED', 'REVIEW')

    Source: Listing Rule 5635(b); Nasdaq's working test as copied and described on published pages
    (dodd-frank.com, Dec 2015).

    Judgement: all of it from 20% on; below, other relationships with the company still count.
    """
    return change_of_control.change_of_control(owned_after, base_after, largest_other)


@worksheet_function(
    "NASDAQ5635C",
    FAMILY,
    one("price", PRICE, "The lowest price it can reach: LOWESTPRICE, CONVERSIONPRICE"),
    one("closing_bid", PRICE, "Consolidated closing bid before signing: MARKETVALUE"),
    one(
        "recipient",
        word(
            *equity_compensation.INSIDERS,
            equity_compensation.CONTROLLED_ENTITY,
            equity_compensation.NONE,
            undecided=True,
        ),
        "DIRECTOR, OFFICER, EMPLOYEE, CONSULTANT, CONTROLLED ENTITY (an insider controls it) or "
        "NONE",
    ),
    one("public_offering", FACT, "Whether it is part of a public offering", "read as no"),
    one("convertible", FACT, "Whether a convertible or exercisable security is sold", "read as no"),
    one(
        "lowest_exercise_price",
        FLOOR_PRICE,
        "The lowest price warrants sold with it could be exercised at; 0 where nothing stops it",
        "no warrants sold with it",
    ),
    result=Result.VERDICT,
    words=("REQUIRED", "NOT REQUIRED", "REVIEW", "NEEDS INPUT"),
    rules=(
        "NASDAQ-5635C",
        "NASDAQ-FAQ-275",
        "NASDAQ-FAQ-276",
        "NASDAQ-FAQ-277",
        "NASDAQ-FAQ-280",
    ),
)
def nasdaq5635c(
    price: Exact | None,
    closing_bid: Exact | None,
    recipient: str | Unknown | None,
    public_offering: Fact,
    convertible: Fact,
    lowest_exercise_price: Exact | None,
) -> Outcome:
    """Whether a sale to an insider is equity compensation that shareholders must approve under
    Listing Rule 5635(c): below the closing bid, at any size.

    Formula: REQUIRED where price < closing bid and the recipient is a director, officer, employee
    or consultant; an entity controlled by one is REVIEW. At the bid NOT REQUIRED, a convertible
    REVIEW. Warrants sold with it that can be exercised below the bid are REVIEW. A public offering
    more than 50% below the bid is REVIEW. Prices per share.

    Errors: `#NUM!` for negative prices; `#VALUE!` for another recipient. What is needed and not
    given is NEEDS INPUT.

    Example:
        >>> call("NASDAQ5635C", 9.99, 10, "DIRECTOR"), call("NASDAQ5635C", 10, 10, "DIRECTOR")
        ('REQUIRED', 'NOT REQUIRED')

    Source: Listing Rule 5635(c); Nasdaq FAQ 271 (26 Nov 2019), 275 (10 Oct 2018), 276 (26 Nov
    2019), 277 (10 Oct 2018).

    Judgement: entities an insider controls (accounting, Regulation S-K); equality, where FAQ 276
    asks of convertibles that they be above the bid. Limited partnerships obtain the same approval
    (Listing Rule 5615(a)(4)(H)).
    """
    return equity_compensation.shareholder_approval(
        price, closing_bid, recipient, public_offering, convertible, lowest_exercise_price
    )
