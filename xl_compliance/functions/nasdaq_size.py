"""Worksheet functions for the size of an issuance (FAQ 182, 288, 283)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from xl_compliance.functions.cells import (
    DAY,
    FACT,
    HOLDING,
    OUTSTANDING,
    RATIO,
    SHARES,
    VOTES_OUTSTANDING,
    word,
)
from xl_compliance.functions.registry import Result, one, summed, worksheet_function
from xl_compliance.rules.exact import Exact
from xl_compliance.rules.nasdaq import aggregation, issuance_size
from xl_compliance.rules.outcome import Fact, Outcome

FAMILY: Final = "Nasdaq: size"


@worksheet_function(
    "ISSUANCEPCT",
    FAMILY,
    summed(
        "issuable",
        SHARES,
        "Every share issued or potentially issuable: conversion, exercise, "
        "earn-outs, penalty shares, assumed awards",
    ),
    summed(
        "outstanding",
        OUTSTANDING,
        "Shares of all classes issued and outstanding before the "
        "transaction; no option, warrant or convertible",
    ),
    rules=("NASDAQ-FAQ-182",),
    answer=issuance_size.percentage_shown,
)
def issuancepct(issuable: Sequence[Exact], outstanding: Sequence[Exact]) -> Outcome:
    """The size of an issuance: everything issuable over the shares of all classes outstanding
    before it, as a fraction.

    Formula: sum(issuable) / sum(outstanding), exactly. For aggregated deals give all issuances,
    over the count before the first closing.

    Errors: `#DIV/0!` where nothing is outstanding; `#NUM!` for a negative number or nothing
    issuable; `#N/A` where one of the two is not given.

    Example:
        >>> call("ISSUANCEPCT", 1500000, [[5000000], [3000000]])
        0.1875

    Source: Nasdaq FAQ 182 and 288 (31 Jul 2012); FAQ 283 (31 Jul 2012) for aggregated deals.

    Judgement: what is potentially issuable under a provision without floor or cap.
    """
    return issuance_size.issuance_percentage(issuable, outstanding)


@worksheet_function(
    "EXCHANGECAP",
    FAMILY,
    summed(
        "outstanding",
        OUTSTANDING,
        "Shares of all classes outstanding before the first issuance that counts",
    ),
    summed("issued", HOLDING, "Shares already issued under the cap", "none issued"),
    one(
        "convention",
        word(
            "STRICT",
            "19.99%",
            also={0.1999: "19.99%", "0.1999": "19.99%", Decimal("0.1999"): "19.99%"},
        ),
        "STRICT, or 19.99% as caps are usually drafted",
        "STRICT",
    ),
    summed(
        "votes_outstanding",
        VOTES_OUTSTANDING,
        "Votes outstanding, where they differ from shares",
        "only shares are measured",
    ),
    one(
        "votes_per_new_share",
        RATIO,
        "Votes each new share has; needed with votes_outstanding",
        "only shares are measured",
    ),
    rules=("NASDAQ-EXCHANGE-CAP", "NASDAQ-5635D"),
)
def exchangecap(
    outstanding: Sequence[Exact],
    issued: Sequence[Exact],
    convention: str | None,
    votes_outstanding: Sequence[Exact],
    votes_per_new_share: Exact | None,
) -> Outcome:
    """The most shares that can still be issued without reaching 20% of shares, and of votes where
    they are given.

    Formula: STRICT is ceil(20% x outstanding) - 1 - issued; 19.99% is floor(19.99% x outstanding)
    - issued; never below 0. Whole shares.

    Errors: `#DIV/0!` where nothing is outstanding; `#N/A` where only one of the two vote arguments
    is given; `#NUM!` for negative numbers.

    Example:
        >>> call("EXCHANGECAP", 5059747), call("EXCHANGECAP", 5059747, None, "19.99%")
        (1011949, 1011443)

    Source: Listing Rule 5635(d), Nasdaq FAQ 182 (31 Jul 2012); the 19.99% convention is drafting
    practice and unverified.

    Judgement: which earlier issuances Nasdaq would aggregate.
    """
    return issuance_size.exchange_cap(
        outstanding,
        issued,
        convention or issuance_size.STRICT,
        votes_outstanding,
        votes_per_new_share,
    )


@worksheet_function(
    "NASDAQAGGREGATION",
    FAMILY,
    one("first_closing", DAY, "Closing date of the first transaction"),
    one("second_closing", DAY, "Closing date of the second"),
    one("common_investors", FACT, "Whether the two have investors in common", "needed"),
    one("planned", FACT, "Whether the second was planned or expected at the first", "needed"),
    one("contingent", FACT, "Whether one is contingent on the other", "needed"),
    one("same_use_of_proceeds", FACT, "Same use of proceeds or plan of financing", "needed"),
    one("same_board_approval", FACT, "Approved by the board at the same time", "needed"),
    result=Result.VERDICT,
    words=("NOT AGGREGATED", "REVIEW", "NEEDS INPUT"),
    rules=("NASDAQ-FAQ-283",),
)
def nasdaqaggregation(
    first_closing: date | None,
    second_closing: date | None,
    common_investors: Fact,
    planned: Fact,
    contingent: Fact,
    same_use_of_proceeds: Fact,
    same_board_approval: Fact,
) -> Outcome:
    """Whether two issuances are counted as one: NOT AGGREGATED only where they are more than six
    months apart and every link is stated to be absent.

    Formula: second closing later than the same day six months after the first, and five links
    FALSE. A link TRUE or UNKNOWN, or six months or less, is REVIEW.

    Errors: `#VALUE!` for a date or fact that cannot be read. A date, or a link beyond six months,
    that is not given is NEEDS INPUT.

    Example:
        >>> call("NASDAQAGGREGATION", "2013-02-25", "2013-07-08", True)
        'REVIEW'

    Source: Nasdaq FAQ 283 (31 Jul 2012).

    Judgement: almost all of it; common investors can lengthen the period.
    """
    return aggregation.aggregation(
        first_closing,
        second_closing,
        common_investors,
        planned,
        contingent,
        same_use_of_proceeds,
        same_board_approval,
    )
