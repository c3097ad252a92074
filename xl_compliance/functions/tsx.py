"""Worksheet functions for Toronto Stock Exchange, sections 606 and 607."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from xl_compliance.functions.cells import (
    AMOUNT,
    DAY,
    FACT,
    FRACTION,
    HOLDING,
    MOMENT,
    OUTSTANDING,
    PRICE,
    PURCHASERS,
    SHARES,
    STATEMENT,
    word,
)
from xl_compliance.functions.registry import (
    Argument,
    Result,
    one,
    rows,
    summed,
    worksheet_function,
)
from xl_compliance.rules.exact import Exact
from xl_compliance.rules.outcome import Fact, Moment, Outcome
from xl_compliance.rules.tsx import (
    market_price,
    net_proceeds,
    offering_notice,
    private_placement,
    reference_close,
)
from xl_compliance.rules.tsx import prospectus_offering as rule

FAMILY: Final = "TSX"

# A holder's position: there always is one, so the 0 of a link to an empty cell is not given.
POSITION: Final = replace(FRACTION, zero="not given")

_OFFERING: Final[tuple[Argument, ...]] = (
    one("offer_price", PRICE, "Offering price per security"),
    one("close", PRICE, "TSX closing price of the last session completed before announcement"),
    one("broadly_marketed", FACT, "Whether the offering is broadly marketed: TSXBROADLYMARKETED"),
    one("offering_shares", SHARES, "Securities offered, without the over-allotment option"),
    rows("insider_purchases", HOLDING, "Securities each insider buys; 0 where no insider buys"),
    rows(
        "insider_holdings",
        HOLDING,
        "Securities each insider held before, in the same order",
        "needed where an insider buys",
    ),
    summed(
        "outstanding",
        OUTSTANDING,
        "Securities outstanding before the offering",
        "needed where an insider buys",
    ),
    rows(
        "insider_net_price",
        PRICE,
        "Net proceeds per security from each insider",
        "the same terms for insiders and others",
    ),
    one(
        "public_net_price",
        PRICE,
        "Net proceeds per security from other purchasers",
        "the same terms for insiders and others",
    ),
    one("as_of", DAY, "Date that picks the rule in force", "the rule in force today"),
    one(
        "exemption",
        word("LIFE", "WKSI", "NONE", undecided=True),
        "LIFE for the listed issuer financing exemption; WKSI changes nothing",
        "none",
    ),
    one(
        "over_allotment_shares",
        HOLDING,
        "Securities under the over-allotment option; pro rata shares leave it out",
        "not shown",
    ),
)


def _offering(arguments: Sequence[Any]) -> rule.Offering:
    """The offering; the arguments above stand in the order of its fields."""
    return rule.Offering(*arguments)


@worksheet_function(
    "TSX606",
    FAMILY,
    *_OFFERING,
    result=Result.VERDICT,
    words=(
        "606",
        "607 INSIDER EXCESS",
        "607 ALL INSIDER PURCHASES",
        "607 WHOLE OFFERING",
        "REVIEW",
        "NEEDS INPUT",
    ),
    rules=("TSX-606",),
)
def tsx606(*arguments: Any) -> Outcome:
    """Where section 606 sends a prospectus offering: accepted under 606, or section 607 for the
    insiders' excess, all insider purchases, or the whole offering.

    Formula: not broadly marketed is the whole offering; discount to the close above 15% is all
    insider purchases; otherwise each insider's purchase beyond holdings x offering / outstanding,
    in whole securities, rounded down, insider by insider. Prices per security.

    Errors: `#N/A` where an insider has a purchase or a holding without the other; `#NUM!` for
    negative numbers, holdings above what is outstanding, one by one or together, or purchases
    above what is offered with the over-allotment option; `#DIV/0!` where nothing is outstanding;
    `#VALUE!` for insider columns of different length. What is needed and not given is NEEDS INPUT.

    Example:
        >>> call("TSX606", 0.85, 1.00, True, 1000000, 100000, 10, 100)
        '606'
        >>> call("TSX_606", 8.49, 10, True, 1000000, 10000, 10, 100)
        '607 ALL INSIDER PURCHASES'

    Source: TSX Company Manual s. 606(b)(i)-(iv), Appendix D; TSX responses 1(c), 2, Other (d), (e),
    (f) (20 Apr 2023).

    Judgement: before 20 Apr 2023, when five factors decided; an exempt offering that is not broadly
    marketed; a net price beyond 15% where the offering price is not. That others' purchases stay
    under 606 beyond 15% is an inference.
    """
    return rule.route(_offering(arguments))


@worksheet_function("TSX606EXCESS", FAMILY, *_OFFERING, rules=("TSX-606",))
def tsx606excess(*arguments: Any) -> Outcome:
    """How many securities of a prospectus offering section 607 applies to.

    Formula: 0 under 606; the insiders' excess over pro rata, or all they buy on lower net terms;
    all insider purchases; or the whole offering. Whole securities where the inputs are.

    Errors: `#N/A` where TSX606 answers REVIEW or NEEDS INPUT; otherwise as TSX606.

    Example:
        >>> call("TSX606EXCESS", 8.50, 10, True, 1000000, [[150000], [20000]], [[10], [5]], 100)
        50000

    Source: TSX Company Manual s. 606(b)(i)-(iv), Appendix D (20 Apr 2023).

    Judgement: as TSX606.
    """
    return rule.securities_under_607(_offering(arguments))


@worksheet_function(
    "TSXBROADLYMARKETED",
    FAMILY,
    one("purchasers", PURCHASERS, "Actual purchasers, insiders among them"),
    one(
        "dealers_notified",
        FACT,
        "Made known to the selling group or the equity capital markets "
        "desks at substantially all Canadian dealers",
        "needed below 50 purchasers",
    ),
    one("marketed_outside_canada", FACT, "Marketed only outside Canada", "read as no"),
    result=Result.TRUTH,
    words=("TRUE", "FALSE", "REVIEW", "NEEDS INPUT"),
    rules=("TSX-606",),
)
def tsxbroadlymarketed(
    purchasers: Exact | None, dealers_notified: Fact, marketed_outside_canada: Fact
) -> Outcome:
    """Whether a prospectus offering is broadly marketed: at least 50 actual purchasers, or made
    known to dealers.

    Formula: TRUE at 50 purchasers or more, insiders among them, or with dealers notified; below 50
    without it FALSE; marketed outside Canada only, REVIEW.

    Errors: `#NUM!` for a number of purchasers that is negative or not whole. Fewer than 50 and
    dealers not given is NEEDS INPUT.

    Example:
        >>> call("TSXBROADLYMARKETED", 50), call("TSXBROADLYMARKETED", 49)
        (True, 'NEEDS INPUT')

    Source: TSX Company Manual s. 606, note 1, Appendix D; TSX responses 4(b), 4(c), 4(d) (20 Apr
    2023).

    Judgement: what "substantially all" dealers are, and marketing abroad. TSX needs confirmation
    with the final documentation.
    """
    return rule.broadly_marketed(purchasers, dealers_notified, marketed_outside_canada)


@worksheet_function(
    "TSXPRORATA",
    FAMILY,
    one("insider_shares", HOLDING, "Securities the insider held before the offering"),
    summed("outstanding", OUTSTANDING, "Securities outstanding before the offering"),
    one("offering_shares", SHARES, "Securities offered, without the over-allotment option"),
    rules=("TSX-606",),
)
def tsxprorata(
    insider_shares: Exact, outstanding: Sequence[Exact], offering_shares: Exact
) -> Outcome:
    """An insider's pro rata share of an offering, in whole securities.

    Formula: floor(insider's holdings x offering / outstanding), exactly.

    Errors: `#NUM!` where more is held than outstanding, for negative numbers or an offering of 0;
    `#DIV/0!` where nothing is outstanding; `#N/A` where one is not given.

    Example:
        >>> call("TSXPRORATA", 1000000, 3000000, 3000000)
        1000000

    Source: TSX Company Manual s. 606(b)(i), (iii), Appendix D (20 Apr 2023).

    Judgement: the base (outstanding before the offering, not diluted), the over-allotment option
    (left out) and rounding (down) are not stated in the text.
    """
    return rule.pro_rata(insider_shares, outstanding, offering_shares)


@worksheet_function(
    "TSXNETPRICE",
    FAMILY,
    one("offer_price", PRICE, "Offering price per security"),
    one("commission", FRACTION, "Commission as a fraction of the price; 0 for none", "none"),
    one("fee", FRACTION, "Fee to the purchaser as a fraction of the price; 0 for none", "none"),
    rules=("TSX-606-NET-PROCEEDS",),
)
def tsxnetprice(offer_price: Exact, commission: Exact | None, fee: Exact | None) -> Outcome:
    """Net proceeds to the issuer per security, after commission and fee.

    Formula: offer_price x (1 - commission - fee), exactly.

    Errors: `#NUM!` for a price of 0 or below, a commission or fee outside 0 to 1, or together above
    1; `#N/A` where the price is not given.

    Example:
        >>> call("TSXNETPRICE", 10, 0.06, 0.03)
        9.1

    Source: TSX responses 1(f), 2 (20 Apr 2023).

    Judgement: what else reduces what the issuer receives, such as expenses that it reimburses.
    """
    return net_proceeds.net_price(offer_price, commission, fee)


@worksheet_function(
    "TSXNETTEST",
    FAMILY,
    one("offer_price", PRICE, "Offering price per security"),
    one("commission", FRACTION, "Commission on others' purchases, as a fraction; 0 for none"),
    one("insider_fee", FRACTION, "Fee paid to the insider, as a fraction; 0 for none"),
    one(
        "insider_commission",
        FRACTION,
        "Commission on the insider's purchase, as a fraction; 0 for none",
        "the commission",
    ),
    result=Result.VERDICT,
    words=("606", "607", "NEEDS INPUT"),
    rules=("TSX-606-NET-PROCEEDS",),
)
def tsxnettest(
    offer_price: Exact | None,
    commission: Exact | None,
    insider_fee: Exact | None,
    insider_commission: Exact | None,
) -> Outcome:
    """Whether an insider who is paid a fee, or buys without an underwriter, stays under section
    606: 607 where the issuer nets less than from others.

    Formula: 607 where price x (1 - insider commission - fee) is below price x (1 - commission);
    equal or more is 606. Per security.

    Errors: `#NUM!` for a price below 0, a fraction outside 0 to 1, or commission and fee together
    above 1. What is needed and not given is NEEDS INPUT.

    Example:
        >>> call("TSXNETTEST", 10, 0.06, 0.0601, 0), call("TSXNETTEST", 10, 0.06, 0.06, 0)
        ('607', '606')

    Source: TSX response 2 (20 Apr 2023).

    Judgement: none; TSX asks the issuer to disclose the actual proceeds.
    """
    return net_proceeds.insider_route(offer_price, commission, insider_fee, insider_commission)


@worksheet_function(
    "TSXCONCURRENT",
    FAMILY,
    one("prospectus_net", PRICE, "Net proceeds per security of the prospectus offering"),
    one("placement_net", PRICE, "Net proceeds per security of the concurrent private placement"),
    result=Result.VERDICT,
    words=("606 IF WAIVED", "607", "NEEDS INPUT"),
    rules=("TSX-606-NET-PROCEEDS",),
)
def tsxconcurrent(prospectus_net: Exact | None, placement_net: Exact | None) -> Outcome:
    """Whether section 607 may be waived for a private placement at the same time as a prospectus
    offering.

    Formula: 606 IF WAIVED where the placement's net proceeds per security are the same or more;
    less is 607.

    Errors: `#NUM!` for a price below 0. What is needed and not given is NEEDS INPUT.

    Example:
        >>> call("TSXCONCURRENT", 9.40, 9.40), call("TSXCONCURRENT", 9.40, 9.39)
        ('606 IF WAIVED', '607')

    Source: TSX response 1(f) (20 Apr 2023).

    Judgement: the waiver is TSX's. Section 606 then applies with its limits on insiders: put the
    placement's insiders into TSX606.
    """
    return net_proceeds.concurrent_placement(prospectus_net, placement_net)


@worksheet_function(
    "TSXREFERENCECLOSE",
    FAMILY,
    rows("closes", PRICE, "TSX closing prices: the last trade of each session"),
    rows("dates", DAY, "The session of each close, in any order"),
    one("announced_at", MOMENT, "When the offering is announced, Toronto time"),
    one(
        "disseminated_at",
        MOMENT,
        "When the latest material information was disseminated, Toronto time",
        "no material information that is not seasoned",
    ),
    rules=("TSX-606-CLOSE",),
)
def tsxreferenceclose(
    closes: Sequence[Exact | None],
    dates: Sequence[date | None],
    announced_at: Moment,
    disseminated_at: Moment | None,
) -> Outcome:
    """The closing price that an offering is measured against: that of the last session completed
    before announcement.

    Formula: the close of the announcement day where it is announced at or after the close (an early
    close is the close), else of the session before. Later closes are not used: there is no re-set
    while the offering is marketed.

    Errors: `#N/A` where that close is missing, where material information is not surely seasoned by
    then (TSXSEASONEDFROM), where an announcement without a time of day would decide, or outside the
    shipped calendar (2000 to 2027); `#VALUE!` for a date that stands there twice; `#NUM!` for a
    price of 0 or below.

    Example:
        >>> call("TSXREFERENCECLOSE", [[10], [9]], [["2024-05-06"], ["2024-05-09"]],
        ...      "2024-05-06 17:00")
        10

    Source: TSX Company Manual s. 606(b)(i)-(iii), Appendix D; TSX responses 1(c), 3, Other (b), (c)
    (20 Apr 2023).

    Judgement: TSX may take another price where the close does not appear appropriate. The close
    itself counts as completed. Announced before 20 Apr 2023, five sessions after dissemination are
    asked for, which was a benchmark.
    """
    return reference_close.reference_close(closes, dates, announced_at, disseminated_at)


@worksheet_function(
    "TSXSEASONEDFROM",
    FAMILY,
    one("disseminated_at", MOMENT, "When material information is disseminated, Toronto time"),
    one("as_of", DAY, "Date that picks the rule in force", "the day of dissemination"),
    result=Result.DATES,
    rules=("TSX-606-CLOSE",),
)
def tsxseasonedfrom(disseminated_at: Moment, as_of: date | None) -> Outcome:
    """The first session whose close may be used once material information is disseminated, or
    REVIEW.

    Formula: before the open, or on a day without a session, the first session from that day; after
    the close (an early close is the close), the next session; from the open to the close, REVIEW;
    before 20 Apr 2023, REVIEW.

    Errors: `#N/A` where the day is a session and no time of day is given, where nothing is given,
    or outside the shipped calendar (2000 to 2027).

    Example:
        >>> call("TSXSEASONEDFROM", "2024-05-03 18:00")
        datetime.date(2024, 5, 6)
        >>> call("TSXSEASONEDFROM", "2024-05-06 12:00")
        'REVIEW'

    Source: TSX responses 3, Other (b), Other (c) (20 Apr 2023); Staff Notice 2023-0002.

    Judgement: a part of a session; before 20 Apr 2023 the five-day benchmark, which TSX could
    shorten.
    """
    return reference_close.seasoned_from(disseminated_at, as_of)


@worksheet_function(
    "TSX606NOTICE",
    FAMILY,
    one("insider_interest", STATEMENT, 'Any insider\'s interest and its nature; "None" where none'),
    one("control_effect", STATEMENT, 'How control could be materially affected; "None" where not'),
    one("broadly_marketed", FACT, "Whether the offering was broadly marketed"),
    one("if_as_and_when", FACT, 'Whether an "if, as and when issued" market may be requested'),
    result=Result.VERDICT,
    words=("OK", "INCOMPLETE"),
    rules=("TSX-606-NOTICE",),
)
def tsx606notice(
    insider_interest: str | Fact,
    control_effect: str | Fact,
    broadly_marketed: Fact,
    if_as_and_when: Fact,
) -> Outcome:
    """Whether the letter beside a preliminary prospectus states all four things that section 606(a)
    asks for.

    Formula: OK where the first two are stated in words and the last two as TRUE or FALSE; else
    INCOMPLETE, and the working names what is missing. TRUE or FALSE alone does not state the nature
    of an interest, nor how control could be affected; "None" does.

    Errors: `#VALUE!` where one of the last two is neither TRUE, FALSE nor UNKNOWN. A blank, and
    UNKNOWN, is a missing statement.

    Example:
        >>> call("TSX606NOTICE", "A director buys 10,000", "None", True, False)
        'OK'
        >>> call("TSX606NOTICE", True, "None", True, False)
        'INCOMPLETE'

    Source: TSX Company Manual s. 606(a)(i)-(iv), Appendix D (20 Apr 2023).

    Judgement: whether the words say enough.
    """
    return offering_notice.notice(
        insider_interest, control_effect, broadly_marketed, if_as_and_when
    )


@worksheet_function(
    "TSXVWAP",
    FAMILY,
    rows("values", AMOUNT, "Value traded on TSX in each of five sessions"),
    rows("volumes", SHARES, "Volume traded in the same sessions"),
    rules=("TSX-MARKET-PRICE",),
)
def tsxvwap(values: Sequence[Exact | None], volumes: Sequence[Exact | None]) -> Outcome:
    """Market price: the volume-weighted average of exactly five sessions.

    Formula: total value / total volume, exactly; no mean of daily averages. Returns a price per
    security.

    Errors: `#N/A` for fewer or more than five sessions, or a value without its volume; `#VALUE!`
    for columns of different length; `#NUM!` for a value or volume of 0 or below.

    Example:
        >>> call("TSXVWAP", [[10000], [20400], [5100], [30900], [10200]],
        ...      [[1000], [2000], [500], [3000], [1000]])
        10.213333333333333

    Source: TSX Company Manual Part I, definition of market price.

    Judgement: a session without a trade, trades that TSX may leave out, and a market with more
    volume than TSX. That these are the last five sessions is for the user.
    """
    return market_price.market_price(values, volumes)


@worksheet_function(
    "TSXMAXDISCOUNT",
    FAMILY,
    one("market_price", PRICE, "Market price per security: TSXVWAP"),
    rules=("TSX-607",),
)
def tsxmaxdiscount(market_price: Exact) -> Outcome:
    """The largest discount to the market price that section 607 allows, as a fraction.

    Formula: 25% up to 0.50, 20% from 0.51 to 2.00, 15% above 2.00.

    Errors: `#N/A` between 0.50 and 0.51, where the text has a hole, and where nothing is given;
    `#NUM!` for a price of 0 or below.

    Example:
        >>> call("TSXMAXDISCOUNT", 2), call("TSXMAXDISCOUNT", 2.0001)
        (0.2, 0.15)

    Source: TSX Company Manual s. 607(e); the bands up to 2.00 are unverified.

    Judgement: the hole between 0.50 and 0.51.
    """
    return private_placement.maximum_discount(market_price)


@worksheet_function(
    "TSX607",
    FAMILY,
    one("price", PRICE, "Price per security"),
    one("market_price", PRICE, "Market price per security: TSXVWAP"),
    summed("issuable", SHARES, "Securities issuable, those under warrants included"),
    summed("outstanding", OUTSTANDING, "Securities outstanding before closing, not diluted"),
    one(
        "insider_issuable_6m",
        HOLDING,
        "Securities issued or issuable to insiders in six months, this placement included; 0 for "
        "none",
        "needed unless already required",
    ),
    one(
        "largest_holder_after",
        POSITION,
        "Largest holder's votes after, as a fraction",
        "needed unless already required",
    ),
    one(
        "largest_holder_before",
        POSITION,
        "The same holder's votes before, as a fraction",
        "below 20%",
    ),
    result=Result.VERDICT,
    words=("REQUIRED", "NOT REQUIRED", "REVIEW", "NEEDS INPUT"),
    rules=("TSX-607",),
)
def tsx607(
    price: Exact | None,
    market_price: Exact | None,
    issuable: Sequence[Exact],
    outstanding: Sequence[Exact],
    insider_issuable_6m: Exact | None,
    largest_holder_after: Exact | None,
    largest_holder_before: Exact | None,
) -> Outcome:
    """Whether security holders must approve what section 607 applies to: for its discount, its
    size, its insiders, or a holder newly at 20%.

    Formula: REQUIRED where the discount is above TSXMAXDISCOUNT; or below the market price and more
    than 25% of those outstanding; or more than 10% to insiders in six months, even at the market
    price; or a holder newly at 20% of the votes or more.

    Errors: `#NUM!` for negative numbers or a holder above 1; `#DIV/0!` where nothing is
    outstanding. What is needed and not given is NEEDS INPUT, unless approval is required already.

    Example:
        >>> call("TSX_607", 8.50, 10, 2500000, 10000000, 0, 0.1)
        'NOT REQUIRED'
        >>> call("TSX_607", 8.50, 10, 2500001, 10000000, 0, 0.1)
        'REQUIRED'

    Source: TSX Company Manual s. 607(c), (e), (g), s. 604(a)(i); TSX response Other (d) (20 Apr
    2023). The working says how far each threshold is verified.

    Judgement: a market price between 0.50 and 0.51 with a discount above 20% and up to 25%; a
    holder at 20% before who gets more; a position below 20% may affect control too.
    """
    return private_placement.approval(
        private_placement.Placement(
            price,
            market_price,
            issuable,
            outstanding,
            insider_issuable_6m,
            largest_holder_after,
            largest_holder_before,
        )
    )
