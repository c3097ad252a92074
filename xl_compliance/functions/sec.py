"""Worksheet functions for beneficial ownership and Schedule 13D."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from xl_compliance.functions.cells import (
    AMOUNT,
    DAY,
    FACT,
    FRACTION,
    HOLDING,
    OUTSTANDING,
    RATIO,
    SHARES,
    TEXT,
)
from xl_compliance.functions.registry import Result, one, rows, summed, worksheet_function
from xl_compliance.rules.exact import Exact
from xl_compliance.rules.outcome import Fact, Outcome
from xl_compliance.rules.sec import beneficial_ownership, conversion, cusip, schedule_13d

FAMILY: Final = "SEC: beneficial ownership and Schedule 13D"

_HELD: Final = summed("held", HOLDING, "Shares held; 0 for none")
_RIGHTS: Final = rows("rights", HOLDING, "Shares each right can acquire; 0 for none")
_DATES: Final = rows(
    "exercisable_on", DAY, "First day on which each right can be exercised", "every right counts"
)
_AS_OF: Final = one("as_of", DAY, "Date the sixty days run from", "needed with dates")
_CONTROL: Final = one(
    "control_purpose",
    FACT,
    "Whether the rights were acquired to change control: then they count at any date",
    "read as no",
)


@worksheet_function(
    "BENEFICIALSHARES", FAMILY, _HELD, _RIGHTS, _DATES, _AS_OF, _CONTROL, rules=("SEC-13D3",)
)
def beneficialshares(
    held: Sequence[Exact],
    rights: Sequence[Exact | None],
    exercisable_on: Sequence[date | None],
    as_of: date | None,
    control_purpose: Fact,
) -> Outcome:
    """Shares beneficially owned: held, and acquirable within sixty days.

    Formula: held + rights whose first exercise date is at most 60 days after as_of; without dates,
    all rights. Fractional shares are taken as they are.

    Errors: `#N/A` for dates without as_of, a right without its date, or held or rights not given;
    `#NUM!` for negative numbers; `#VALUE!` for columns of different length.

    Example:
        >>> call("BENEFICIALSHARES", 0, [[999700], [342465], [511186], [506219], [511186]])
        2870756

    Source: 17 CFR 240.13d-3(d)(1)(i).

    Judgement: contingencies outside the holder's control, groups, and what is held to change
    control.
    """
    return beneficial_ownership.beneficial_shares(
        held, rights, exercisable_on, as_of, control_purpose
    )


@worksheet_function(
    "BENEFICIALPCT",
    FAMILY,
    _HELD,
    _RIGHTS,
    summed("outstanding", OUTSTANDING, "Shares of the class outstanding"),
    _DATES,
    _AS_OF,
    _CONTROL,
    rules=("SEC-13D3",),
)
def beneficialpct(
    held: Sequence[Exact],
    rights: Sequence[Exact | None],
    outstanding: Sequence[Exact],
    exercisable_on: Sequence[date | None],
    as_of: date | None,
    control_purpose: Fact,
) -> Outcome:
    """The percentage of a class beneficially owned, as a fraction: the holder's own counted rights
    are added to both sides, nobody else's are.

    Formula: (held + counted rights) / (outstanding + counted rights), exactly.

    Errors: `#NUM!` where more is held than outstanding or a number is negative; `#DIV/0!` where
    nothing is outstanding; otherwise as BENEFICIALSHARES.

    Example:
        >>> call("BENEFICIALPCT", 0, 2870756, 5059747)
        0.361989144950831

    Source: 17 CFR 240.13d-3(d)(1)(i); Giga-tronics Schedule 13D/A (17 Jul 2013), note 2.

    Judgement: as BENEFICIALSHARES.
    """
    return beneficial_ownership.beneficial_percentage(
        held, rights, outstanding, exercisable_on, as_of, control_purpose
    )


@worksheet_function(
    "SC13DROW13",
    FAMILY,
    one("fraction", FRACTION, "The percentage of the class as a fraction, such as 0.362"),
    result=Result.TEXT,
    rules=("SEC-13D",),
)
def sc13drow13(fraction: Exact) -> Outcome:
    """Row 13 of a Schedule 13D cover page: the percentage as text, to one decimal.

    Formula: 100 x fraction, rounded half up to one decimal.

    Errors: `#NUM!` for a fraction above 1 or below 0; `#N/A` where none is given.

    Example:
        >>> call("SC13DROW13", 0.361989141)
        '36.2%'

    Source: filing practice for row 13 of Schedule 13D; unverified.

    Judgement: filings round differently; half up to one decimal is the form's convention.
    """
    return schedule_13d.row_13(fraction)


@worksheet_function(
    "CUSIPVALID",
    FAMILY,
    one("cusip", TEXT, "The nine characters"),
    result=Result.TRUTH,
    words=("TRUE", "FALSE", "NEEDS INPUT"),
)
def cusipvalid(cusip_number: str | None) -> Outcome:
    """Whether a CUSIP has nine characters and a right check digit.

    Formula: the digits of the first eight characters' values, every second one doubled, and the
    check digit add up to a multiple of ten. Spaces and hyphens are left aside.

    Errors: `#VALUE!` for TRUE or FALSE. A blank is NEEDS INPUT. A number that lost its leading
    zeros in a cell is FALSE: store a CUSIP as text.

    Example:
        >>> call("CUSIPVALID", "375175106"), call("CUSIPVALID", "375175107")
        (True, False)

    Source: the CUSIP check digit, modulus 10 double-add-double; tested against python-stdnum.

    Judgement: none. A right check digit does not show that the number was issued.
    """
    # A link to an empty cell arrives as 0.
    return cusip.valid(None if cusip_number == "0" else cusip_number)


@worksheet_function(
    "CONVERTEDSHARES",
    FAMILY,
    one("preferred", HOLDING, "Preferred shares, fractions included"),
    one("ratio", RATIO, "Common shares per preferred share"),
)
def convertedshares(preferred: Exact, ratio: Exact) -> Outcome:
    """Whole common shares into which preferred shares convert.

    Formula: floor(preferred x ratio), the product exact: 5,111.86 x 100 is 511,186.

    Errors: `#NUM!` for negative numbers or a ratio of 0; `#N/A` where one is not given.

    Example:
        >>> call("CONVERTEDSHARES", 5111.86, 100)
        511186

    Source: Giga-tronics Schedule 13D/A (17 Jul 2013), note 1.

    Judgement: whether fractions are rounded down or paid in cash is in the terms.
    """
    return conversion.converted_shares(preferred, ratio)


@worksheet_function(
    "PRICEPERSHARE",
    FAMILY,
    one("total", AMOUNT, "What was paid in all"),
    one("shares", SHARES, "The shares, or warrants, it was paid for"),
)
def pricepershare(paid: Exact, shares: Exact) -> Outcome:
    """The price per share: what was paid over the shares it was paid for.

    Formula: total / shares, exactly.

    Errors: `#NUM!` for 0 or a negative number; `#N/A` where one is not given.

    Example:
        >>> call("PRICEPERSHARE", 730995.98, 511186)
        1.43

    Source: Giga-tronics Schedule 13D/A (17 Jul 2013), Item 3.

    Judgement: none.
    """
    return conversion.price_per_share(paid, shares)
