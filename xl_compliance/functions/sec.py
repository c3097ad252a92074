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
    LIMIT,
    OUTSTANDING,
    PLACES,
    RATIO,
    SHARES,
    TEXT,
    day_or,
    word,
)
from xl_compliance.functions.registry import Result, one, rows, summed, worksheet_function
from xl_compliance.rules.exact import Exact
from xl_compliance.rules.outcome import Fact, Outcome
from xl_compliance.rules.sec import (
    beneficial_ownership,
    blocker,
    conversion,
    cusip,
    filing_deadline,
    filing_duty,
    schedule_13d,
)

FAMILY: Final = "SEC: beneficial ownership and Schedule 13D"

WHEN: Final = day_or(beneficial_ownership.APPROVAL)

_HELD: Final = summed("held", HOLDING, "Shares held; 0 for none")
_RIGHTS: Final = rows("rights", HOLDING, "Shares each right can acquire; 0 for none")
_DATES: Final = rows(
    "exercisable_on",
    WHEN,
    "First day on which each right can be exercised; APPROVAL where that takes a vote",
    "every right counts",
)
_AS_OF: Final = one("as_of", DAY, "Date the sixty days run from", "needed with dates")
_CONTROL: Final = one(
    "control_purpose",
    FACT,
    "Whether the rights were acquired to change control: then they count at any date",
    "read as no",
)
_PLACES: Final = one(
    "places", PLACES, "Decimal places of the percentage", "one, as the form has it"
)
_ROUNDING: Final = one("rounding", word(*schedule_13d.ROUNDINGS), "HALF UP or CUT OFF", "half up")


@worksheet_function(
    "WITHIN60DAYS",
    FAMILY,
    one("exercisable_on", WHEN, "First day on which the right can be exercised, or APPROVAL"),
    one("as_of", DAY, "Date the sixty days run from"),
    result=Result.TRUTH,
    words=("TRUE", "FALSE", "REVIEW", "NEEDS INPUT"),
    rules=("SEC-13D3",),
)
def within60days(exercisable_on: date | str | None, as_of: date | None) -> Outcome:
    """Whether a right to acquire shares can be exercised within sixty days, day 60 included.

    Formula: exercisable_on - as_of <= 60 days; a day in the past is within. APPROVAL, for a right
    that waits for a shareholder vote, is REVIEW.

    Errors: `#VALUE!` for what is neither a date nor APPROVAL; a blank is NEEDS INPUT.

    Example:
        >>> call("WITHIN60DAYS", "2012-02-07", "2011-12-09")
        True

    Source: 17 CFR 240.13d-3(d)(1)(i).

    Judgement: a contingency outside the holder's control keeps a right out until it is lifted;
    rights held to change control count at any date.
    """
    return beneficial_ownership.within_sixty_days(exercisable_on, as_of)


@worksheet_function(
    "BENEFICIALSHARES", FAMILY, _HELD, _RIGHTS, _DATES, _AS_OF, _CONTROL, rules=("SEC-13D3",)
)
def beneficialshares(
    held: Sequence[Exact],
    rights: Sequence[Exact | None],
    exercisable_on: Sequence[date | str | None],
    as_of: date | None,
    control_purpose: Fact,
) -> Outcome:
    """Shares beneficially owned: held, and acquirable within sixty days.

    Formula: held + rights whose first exercise date is at most 60 days after as_of; without dates,
    all rights. Fractional shares are taken as they are.

    Errors: `#N/A` for dates without as_of, a right without its date or that waits for a vote
    (APPROVAL), or held or rights not given;
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
    exercisable_on: Sequence[date | str | None],
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

    Judgement: as BENEFICIALSHARES. A right to shares that are outstanding already, such as a call
    on somebody else's, is no right to new shares and stays out of the denominator: enter it as
    held.
    """
    return beneficial_ownership.beneficial_percentage(
        held, rights, outstanding, exercisable_on, as_of, control_purpose
    )


@worksheet_function(
    "SC13DREQUIRED",
    FAMILY,
    _HELD,
    _RIGHTS,
    summed("outstanding", OUTSTANDING, "Shares of the class outstanding"),
    _DATES,
    _AS_OF,
    _CONTROL,
    result=Result.VERDICT,
    words=("REQUIRED", "NOT REQUIRED", "REVIEW", "NEEDS INPUT"),
    rules=("SEC-13D1", "SEC-13D3"),
)
def sc13drequired(
    held: Sequence[Exact],
    rights: Sequence[Exact | None],
    outstanding: Sequence[Exact],
    exercisable_on: Sequence[date | str | None],
    as_of: date | None,
    control_purpose: Fact,
) -> Outcome:
    """Whether a holder beneficially owns more than 5% of a class and so has to report.

    Formula: REQUIRED where (held + counted rights) > 5% x (outstanding + counted rights), exactly;
    else NOT REQUIRED. What is not given could only add: REQUIRED without it stands, otherwise the
    answer is NEEDS INPUT. REVIEW where it turns on a right that waits for a vote.

    Errors: `#NUM!` where more is held than outstanding; `#DIV/0!` where nothing is outstanding;
    `#VALUE!` for columns of different length.

    Example:
        >>> call("SC13DREQUIRED", 0, 2870756, 5059747)
        'REQUIRED'

    Source: 17 CFR 240.13d-1(a), 240.13d-3(d)(1)(i).

    Judgement: groups; the short form, Schedule 13G, for passive and institutional investors; a
    right to shares that are outstanding already goes under held, as with BENEFICIALPCT.
    """
    return filing_duty.schedule_13d(
        held, rights, outstanding, exercisable_on, as_of, control_purpose
    )


@worksheet_function(
    "SC13DROW13",
    FAMILY,
    one("fraction", FRACTION, "The percentage of the class as a fraction, such as 0.362"),
    _PLACES,
    _ROUNDING,
    result=Result.TEXT,
    rules=("SEC-13D",),
)
def sc13drow13(fraction: Exact, places: Exact | None, rounding: str | None) -> Outcome:
    """Row 13 of a Schedule 13D cover page: the percentage as text, to one decimal.

    Formula: 100 x fraction, rounded half up to one decimal; other places, or CUT OFF, on request.

    Errors: `#NUM!` for a fraction above 1 or below 0, or places that are no whole number up to 12;
    `#N/A` where no fraction is given.

    Example:
        >>> call("SC13DROW13", 0.361989141)
        '36.2%'

    Source: filing practice for row 13 of Schedule 13D; unverified.

    Judgement: filings round differently; half up to one decimal is the form's convention.
    """
    return schedule_13d.row_13(fraction, places, rounding)


@worksheet_function(
    "SC13DCOVER",
    FAMILY,
    one("row7", HOLDING, "Sole voting power; blank as filed"),
    one("row8", HOLDING, "Shared voting power"),
    one("row9", HOLDING, "Sole dispositive power; blank as filed"),
    one("row10", HOLDING, "Shared dispositive power"),
    one("row11", HOLDING, "Aggregate amount beneficially owned"),
    one("row13", FRACTION, "Percent of class as a fraction, such as 36.2%"),
    summed("outstanding", OUTSTANDING, "Shares outstanding that the percentage is based on"),
    summed("rights", HOLDING, "Shares in row 11 that are rights to acquire; 0 for none", "none"),
    _PLACES,
    _ROUNDING,
    result=Result.VERDICT,
    words=("OK", "BREACH", "NEEDS INPUT"),
    rules=("SEC-13D",),
)
def sc13dcover(
    row7: Exact | None,
    row8: Exact | None,
    row9: Exact | None,
    row10: Exact | None,
    row11: Exact | None,
    row13: Exact | None,
    outstanding: Sequence[Exact],
    rights: Sequence[Exact],
    places: Exact | None,
    rounding: str | None,
) -> Outcome:
    """Whether rows 7 to 13 of a Schedule 13D cover page agree with each other.

    Formula: row 11 lies between the larger of rows 7 + 8 and 9 + 10 and all four together, blank
    sole rows read as zero; row 13 is row 11 over outstanding + rights, rounded half up to one
    decimal, or to the decimals it is stated in. A mismatch of row 13 without rights given: NEEDS
    INPUT.

    Errors: `#NUM!` for a percentage above 1, such as 36.2 for 36.2%, or a negative count;
    `#DIV/0!` where nothing is outstanding.

    Example:
        >>> call("SC13DCOVER", None, 2870756, None, 2870756, 2870756, 0.362, 5059747, 2870756)
        'OK'

    Source: Schedule 13D, cover page rows 7 to 13; Giga-tronics Schedule 13D/A (17 Jul 2013).

    Judgement: a disclaimer of beneficial ownership can keep shares out of row 11.
    """
    return schedule_13d.cover(
        row7, row8, row9, row10, row11, row13, outstanding, rights, places, rounding
    )


@worksheet_function(
    "SC13DDUE",
    FAMILY,
    one("event_date", DAY, "Date of the event that requires the filing"),
    one("amendment", FACT, "Whether it is an amendment, which is due sooner", "read as no"),
    one("as_of", DAY, "Date whose law is applied", "the law of the event's date"),
    result=Result.DATES,
    rules=("SEC-13D-DUE",),
)
def sc13ddue(event_date: date, amendment: Fact, as_of: date | None) -> Outcome:
    """The last day on which a Schedule 13D, or an amendment, is in time; PROMPTLY where no number
    of days was fixed.

    Formula: from 5 Feb 2024 five business days after the event, amendments two; before, ten
    calendar days, rolled to the next business day, and amendments PROMPTLY. Business days leave
    out weekends and federal holidays.

    Errors: `#N/A` where no event is given, amendment is UNKNOWN, or outside the calendar (1971 to
    2099).

    Example:
        >>> call("SC13DDUE", "2024-11-27")
        datetime.date(2024, 12, 5)

    Source: 17 CFR 240.13d-1(a), 240.13d-2(a), 240.0-3(a); Release 33-11253 (10 Oct 2023).

    Judgement: on which day the event took place; a filing after 10 p.m. Eastern counts as the next
    day's.
    """
    return filing_deadline.due(event_date, amendment, as_of)


@worksheet_function(
    "SC13DMATERIAL",
    FAMILY,
    one("shares_before", HOLDING, "Shares beneficially owned before; 0 for none"),
    one("shares_after", HOLDING, "Shares beneficially owned after; 0 for none"),
    one("outstanding", OUTSTANDING, "Shares of the class outstanding"),
    result=Result.VERDICT,
    words=("REQUIRED", "REVIEW", "NEEDS INPUT"),
    rules=("SEC-13D2",),
)
def sc13dmaterial(
    shares_before: Exact | None, shares_after: Exact | None, outstanding: Exact | None
) -> Outcome:
    """Whether an acquisition or disposition calls for an amendment by its size alone.

    Formula: REQUIRED where |after - before| >= 1% of outstanding; else REVIEW. Percentage points
    are shown, not tested.

    Errors: `#NUM!` for negative numbers; `#DIV/0!` where nothing is outstanding.

    Example:
        >>> call("SC13DMATERIAL", 1848384, 2870756, 5059747)
        'REQUIRED'

    Source: 17 CFR 240.13d-2(a).

    Judgement: less than 1%, and any other change of the facts stated, may be material.
    """
    return filing_duty.material_change(shares_before, shares_after, outstanding)


@worksheet_function(
    "BLOCKERMAX",
    FAMILY,
    one("limit", LIMIT, "The blocker as a fraction, such as 4.99%, 9.99% or 19.99%"),
    summed("outstanding", OUTSTANDING, "Shares of the class outstanding"),
    summed("held", HOLDING, "Shares owned without what the blocker limits", "none"),
)
def blockermax(limit: Exact, outstanding: Sequence[Exact], held: Sequence[Exact]) -> Outcome:
    """Most shares exercisable with ownership after exercise not above the blocker's limit.

    Formula: floor((limit x outstanding - held) / (1 - limit)), not below 0.

    Errors: `#NUM!` for a limit of 0 (an empty cell), or 1 or above, or more held than outstanding;
    `#DIV/0!` where nothing is outstanding; `#N/A` where one is not given.

    Example:
        >>> call("BLOCKERMAX", 0.0499, 5059747)
        265741

    Source: the clause itself (contract); Rule 13d-3(d)(1)(i) for the base.

    Judgement: the clause may count affiliates, and take the shares outstanding from a filing.
    """
    return blocker.most_exercisable(limit, outstanding, held)


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
