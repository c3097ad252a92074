"""Worksheet functions for rights of directors and votes, proxies, reorganizations and notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from xl_compliance.functions.cells import (
    AMOUNT,
    DAY,
    DIRECTORS,
    FACT,
    HOLDING,
    MONTHS,
    RATIO,
    SHARES,
    STATED_FRACTION,
    STATEMENT,
    TOTAL_VOTES,
    word,
)
from xl_compliance.functions.nasdaq_approval import FAMILY, SHARES_AND_VOTES
from xl_compliance.functions.registry import Result, one, summed, worksheet_function
from xl_compliance.rules.exact import Exact
from xl_compliance.rules.nasdaq import (
    director_rights,
    generic_proxy,
    listing_notice,
    reorganization,
    voting_rights,
)
from xl_compliance.rules.outcome import Fact, Outcome, Unknown

_NO_PURPOSE: Final = ("NONE", "NO", "NA", "-")


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


@worksheet_function(
    "DIRECTOROWNERSHIP",
    FAMILY,
    summed("investor_votes", HOLDING, "Votes the investor has now; 0 for none"),
    summed(
        "convertible_without_payment",
        HOLDING,
        "Votes of the investor's non-voting securities that convert at once, at its option, "
        "without payment; 0 for none",
    ),
    summed("total_votes", TOTAL_VOTES, "Votes of all holders, without those of the conversion"),
    rules=("NASDAQ-FAQ-292",),
)
def directorownership(
    investor_votes: Sequence[Exact],
    convertible_without_payment: Sequence[Exact],
    total_votes: Sequence[Exact],
) -> Outcome:
    """The voting share that counts for rights to designate directors: conversions that need no
    payment are added to both sides, warrants never.

    Formula: (investor votes + conversions) / (total votes + conversions), as a fraction.

    Errors: `#NUM!` where more votes are held than there are, or for negative numbers; `#DIV/0!`
    where there are no votes; `#N/A` where one is not given.

    Example:
        >>> round(call("DIRECTOROWNERSHIP", 0, 1853351, 5059747), 6)
        0.268093

    Source: Nasdaq FAQ 292 (2 Feb 2016).

    Judgement: whether a security is non-voting and converts immediately; the FAQ speaks of an
    ownership position and of voting power as of one thing.
    """
    return director_rights.ownership(investor_votes, convertible_without_payment, total_votes)


@worksheet_function(
    "DIRECTORRIGHTS",
    FAMILY,
    one("designees", DIRECTORS, "Directors the investor may nominate or designate"),
    summed("votes_at_appointment", HOLDING, "Votes of the investor when first appointed"),
    summed("total_votes_at_appointment", TOTAL_VOTES, "Votes of all holders then"),
    one("board_size", RATIO, "Number of directors"),
    one(
        "minimum_ownership",
        STATED_FRACTION,
        "Ownership below which the agreement ends the rights, as a fraction",
        "none stated",
    ),
    one("step_down", FACT, "Whether the rights fall as the stake falls", "none stated"),
    summed("votes_now", HOLDING, "Votes of the investor today", "as at appointment"),
    summed("total_votes_now", TOTAL_VOTES, "Votes of all holders today", "as at appointment"),
    result=Result.VERDICT,
    words=("BREACH", "REVIEW", "OK", "NEEDS INPUT"),
    rules=("NASDAQ-FAQ-292",),
)
def directorrights(
    designees: Exact | None,
    votes_at_appointment: Sequence[Exact],
    total_votes_at_appointment: Sequence[Exact],
    board_size: Exact | None,
    minimum_ownership: Exact | None,
    step_down: Fact,
    votes_now: Sequence[Exact],
    total_votes_now: Sequence[Exact],
) -> Outcome:
    """Whether rights to designate directors are in proportion to the votes, then and now, and end
    as the stake falls.

    Formula: BREACH where designees exceed DIRECTORSEATS at appointment; REVIEW where they exceed
    it only today, or none are left below the minimum, or no step-down or minimum of at least 5% is
    stated; OK otherwise. Whole directors.

    Errors: `#NUM!` where more votes are held than there are, for negative numbers, or designees or
    a board that are no whole number; `#DIV/0!` where there are no votes. What is needed and not
    given is NEEDS INPUT, as is one of today's two votes without the other.

    Example:
        >>> call("DIRECTORRIGHTS", 3, 30, 100, 10, 0.05, True)
        'OK'
        >>> call("DIRECTORRIGHTS", 4, 30, 100, 10, 0.05, True)
        'BREACH'

    Source: Nasdaq FAQ 292 (2 Feb 2016).

    Judgement: what a material decline is; troubled companies; observers and chief executives; a
    minimum below the 5% that Nasdaq is known to have allowed. Nobody must resign during a term.
    """
    return director_rights.rights(
        designees,
        votes_at_appointment,
        total_votes_at_appointment,
        board_size,
        minimum_ownership,
        step_down,
        votes_now,
        total_votes_now,
    )


@worksheet_function(
    "VOTINGRIGHTS",
    FAMILY,
    one("disparate_reduction", FACT, "Whether votes of existing holders are disparately reduced"),
    one(
        "shareholder_approved",
        FACT,
        "Whether shareholders approved; it changes nothing",
        "it changes nothing",
    ),
    result=Result.VERDICT,
    words=("BREACH", "OK", "REVIEW", "NEEDS INPUT"),
    rules=("NASDAQ-FAQ-296",),
)
def votingrights(disparate_reduction: Fact, shareholder_approved: Fact) -> Outcome:
    """Whether a corporate action breaches the Voting Rights Rule; shareholders' approval never
    cures it.

    Formula: BREACH where votes are disparately reduced, approved or not; OK where they are not.

    Errors: `#VALUE!` for a fact that cannot be read. Not given is NEEDS INPUT.

    Example:
        >>> call("VOTINGRIGHTS", True, True)
        'BREACH'

    Source: Listing Rule 5640; Nasdaq FAQ 296 (31 Jul 2012).

    Judgement: what a disparate reduction is (IM-5640).
    """
    return voting_rights.voting_rights(disparate_reduction, shareholder_approved)


@worksheet_function(
    "GENERICPROXY",
    FAMILY,
    one(
        "kind",
        word(
            generic_proxy.PRIVATE_PLACEMENT,
            generic_proxy.ACQUISITIONS,
            generic_proxy.EQUITY_COMPENSATION,
            undecided=True,
        ),
        "PRIVATE PLACEMENT, ACQUISITIONS or EQUITY COMPENSATION",
    ),
    one("max_shares", SHARES, "Maximum number of shares that the proxy discloses"),
    one("max_dollars", AMOUNT, "Maximum dollar amount that it discloses"),
    one("max_discount", STATED_FRACTION, "Maximum discount to the market that it discloses"),
    one("purpose", STATEMENT, "Purpose that it discloses, in words"),
    one("months", MONTHS, "Time frame that it discloses, in months"),
    one(
        "change_of_control",
        FACT,
        "Whether it relates to a potential change of control",
        "needed",
    ),
    one(
        "controller_named",
        FACT,
        "Whether the potential new controlling shareholder is named",
        "a missing disclosure where control may change",
    ),
    result=Result.VERDICT,
    words=("MAY BE SUFFICIENT", "INSUFFICIENT", "REVIEW", "NEEDS INPUT"),
    rules=("NASDAQ-FAQ-286",),
)
def genericproxy(
    kind: str | Unknown | None,
    max_shares: Exact | None,
    max_dollars: Exact | None,
    max_discount: Exact | None,
    purpose: str | Fact,
    months: Exact | None,
    change_of_control: Fact,
    controller_named: Fact,
) -> Outcome:
    """Whether a proposal to approve a transaction without named investors or terms may be
    sufficient: five disclosures, and the controller where control may change.

    Formula: INSUFFICIENT for acquisitions and equity compensation, and where a disclosure is
    missing; REVIEW beyond three months; MAY BE SUFFICIENT otherwise. Discount as a fraction.

    Errors: `#NUM!` for negative numbers or a discount above 1; `#VALUE!` for another kind. A blank
    disclosure is a missing one; a blank kind or change of control is NEEDS INPUT.

    Example:
        >>> call("GENERICPROXY", "PRIVATE PLACEMENT", 5000000, 10000000, 0.2, "PIPE", 3, False)
        'MAY BE SUFFICIENT'

    Source: Nasdaq FAQ 286 (10 Oct 2018).

    Judgement: whether shareholders have enough information; more than three months.
    """
    stated = purpose if isinstance(purpose, str) and purpose.upper() not in _NO_PURPOSE else None
    disclosures = generic_proxy.Disclosures(max_shares, max_dollars, max_discount, stated, months)
    return generic_proxy.generic_proxy(kind, disclosures, change_of_control, controller_named)


@worksheet_function(
    "REORGANIZATION",
    FAMILY,
    one("court_ordered", FACT, "Whether the issuance is made under a court-ordered reorganization"),
    result=Result.VERDICT,
    words=("REVIEW", "NEEDS INPUT"),
    rules=("NASDAQ-FAQ-287",),
)
def reorganizationreview(court_ordered: Fact) -> Outcome:
    """Whether an issuance under a court-ordered reorganization needs approval: REVIEW, because the
    source has the question and no answer.

    Formula: none.

    Errors: `#VALUE!` for a fact that cannot be read. Not given is NEEDS INPUT.

    Example:
        >>> call("REORGANIZATION", True)
        'REVIEW'

    Source: Nasdaq FAQ 287 (31 Jul 2012), the question only.

    Judgement: all of it.
    """
    return reorganization.reorganization(court_ordered)


@worksheet_function(
    "NASDAQLAS",
    FAMILY,
    *SHARES_AND_VOTES,
    one(
        "change_of_control",
        FACT,
        "Whether the issuance may result in a change of control",
        "needed unless required",
    ),
    one(
        "insider_acquisition",
        FACT,
        "Whether it is for an acquisition in which one insider has 5%, or all together 10%",
        "needed unless required",
    ),
    one(
        "unapproved_equity_plan",
        FACT,
        "Whether it is an equity plan that shareholders have not approved",
        "needed unless required",
    ),
    result=Result.VERDICT,
    words=("REQUIRED", "NOT REQUIRED", "REVIEW", "NEEDS INPUT"),
    rules=("NASDAQ-5250E2",),
)
def nasdaqlas(
    issuable: Sequence[Exact],
    outstanding: Sequence[Exact],
    votes_issuable: Sequence[Exact],
    votes_outstanding: Sequence[Exact],
    change_of_control: Fact,
    insider_acquisition: Fact,
    unapproved_equity_plan: Fact,
) -> Outcome:
    """Whether Nasdaq must be notified before an issuance (Listing of Additional Shares): above 10%
    of shares or votes, or one of three triggers.

    Formula: REQUIRED where issuable > 10% of outstanding, in shares or in votes, or a trigger is
    TRUE; NOT REQUIRED only with every trigger FALSE; a trigger UNKNOWN is REVIEW.

    Errors: `#NUM!` for negative numbers; `#DIV/0!` where nothing is outstanding; `#VALUE!` for what
    cannot be read. What is needed and not given is NEEDS INPUT.

    Example:
        >>> call("NASDAQLAS", 500000, 5000000, None, None, False, False, False)
        'NOT REQUIRED'
        >>> call("NASDAQLAS", 500001, 5000000)
        'REQUIRED'

    Source: Listing Rule 5250(e)(2); Nasdaq FAQ 382, published page.

    Judgement: whether control may change; companies that list only ADRs or ADSs are exempt.
    """
    return listing_notice.notification(
        issuable,
        outstanding,
        votes_issuable,
        votes_outstanding,
        change_of_control,
        insider_acquisition,
        unapproved_equity_plan,
    )


@worksheet_function(
    "LASDUE",
    FAMILY,
    one("issuance_date", DAY, "Date of the issuance"),
    result=Result.DATES,
    rules=("NASDAQ-5250E2",),
)
def lasdue(issuance_date: date) -> Outcome:
    """The last day on which the notification of an issuance is in time: 15 calendar days before.

    Formula: issuance date - 15 days; not moved off a weekend, which would make it late.

    Errors: `#N/A` where no date is given; `#VALUE!` for what is no date.

    Example:
        >>> call("LASDUE", "2013-07-08")
        datetime.date(2013, 6, 23)

    Source: Listing Rule 5250(e)(2); Nasdaq FAQ 382, published page.

    Judgement: inducement grants have their own date.
    """
    return listing_notice.latest_notice(issuance_date)
