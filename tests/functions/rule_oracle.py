"""The rules a second time, written from the contract and the digest and not from the product.

Every number is a `Fraction`. A quantity that is not given is None; a fact is True, False, None or
`UNKNOWN`. A verdict is the set of words that would be right: where the documents leave two
readings open (a blank beside an UNKNOWN), both stand in it.

What is not given is read as "either way": the verdict is taken for every value that the missing
piece could have, and only where they differ does it matter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import product

UNKNOWN = "UNKNOWN"
NEEDS_INPUT = "NEEDS INPUT"
REVIEW = "REVIEW"
REQUIRED = "REQUIRED"
NOT_REQUIRED = "NOT REQUIRED"

Number = Fraction | int
Fact = bool | str | None
Verdict = str | bool


def nearest_float(number: Number) -> float:
    """The float nearest to a fraction."""
    exact = Fraction(number)
    return exact.numerator / exact.denominator


def six_months_after(day: date) -> date:
    """The same day six months on, or the last day of a month that has no such day."""
    year, month = (day.year, day.month + 6) if day.month <= 6 else (day.year + 1, day.month - 6)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def either_way(
    verdict: Callable[..., Verdict], *facts: Iterable[bool], blank: bool, undecided: bool
) -> set[Verdict]:
    """The verdict where some facts may be one or the other.

    `blank` and `undecided` say whether what is open is not given, UNKNOWN, or both.
    """
    words = {verdict(*combination) for combination in product(*facts)}
    if len(words) == 1:
        return words
    open_words: set[Verdict] = set()
    if blank:
        open_words.add(NEEDS_INPUT)
    if undecided:
        open_words.add(REVIEW)
    return open_words


def _possible(fact: Fact) -> tuple[bool, ...]:
    return (fact,) if isinstance(fact, bool) else (True, False)


# Nasdaq: prices and size


def minimum_price(closes: Sequence[Fraction]) -> Fraction:
    """Lower of the last close and the average of five."""
    assert len(closes) == 5
    return min(closes[-1], sum(closes, Fraction()) / 5)


def counting_sessions(
    sessions: Sequence[date], signed: date, after_close: bool, count: int
) -> list[date]:
    """The sessions whose closes count."""
    known = [day for day in sessions if day < signed or (after_close and day == signed)]
    return known[-count:]


def reaches_twenty_per_cent(part: Number, whole: Number) -> bool:
    """20% or more."""
    return Fraction(part) / Fraction(whole) >= Fraction(20, 100)


def strict_cap(outstanding: Number, issued: Number = 0) -> int:
    """Shares that can still be issued without reaching 20%."""
    return max(0, math.ceil(Fraction(outstanding) / 5) - 1 - int(issued))


def drafted_cap(outstanding: Number, issued: Number = 0) -> int:
    """Shares left under a cap of 19.99%."""
    return max(0, math.floor(Fraction(outstanding) * Fraction(1999, 10000)) - int(issued))


def private_placement(
    price: Number | None,
    min_price: Number | None,
    issuable: Sequence[Number] | None,
    outstanding: Sequence[Number] | None,
    votes_issuable: Number | None = None,
    votes_outstanding: Number | None = None,
    public_offering: Fact = None,
    signed_on: date | None = None,
    book_value: Number | None = None,
    closing_bid: Number | None = None,
    lowest_exercise_price: Number | None = None,
) -> set[Verdict]:
    """Listing Rule 5635(d)."""
    if signed_on is None and book_value is not None and closing_bid is not None:
        # Both rules could apply: a signing date left out must not hide an approval.
        pair = [
            private_placement(
                price, min_price, issuable, outstanding, votes_issuable, votes_outstanding,
                public_offering, day, book_value, closing_bid, lowest_exercise_price,
            )
            for day in (date(2018, 9, 25), date(2018, 9, 26))
        ]  # fmt: skip
        return pair[0] if pair[0] == pair[1] else {NEEDS_INPUT, REQUIRED}
    if signed_on is not None and signed_on < date(2018, 9, 26):
        known = book_value is not None and closing_bid is not None
        reference = max(book_value, closing_bid) if known else None
    else:
        reference = min_price
    size = _size(issuable, outstanding, votes_issuable, votes_outstanding)
    prices = _prices(price, reference, lowest_exercise_price)
    # Not given: read as no.
    public = _possible(False if public_offering is None else public_offering)

    def verdict(big: bool, price_facts: tuple[bool, bool, bool], is_public: bool) -> str:
        below, deep, resettable = price_facts
        if not big:
            return NOT_REQUIRED
        if is_public:
            return REVIEW if deep or resettable else NOT_REQUIRED
        if below:
            return REQUIRED
        return REVIEW if resettable else NOT_REQUIRED

    words = either_way(
        verdict,
        size,
        prices,
        public,
        blank=len(size) > 1 or len(prices) > 1,
        undecided=public_offering == UNKNOWN,
    )
    # Of a public offering whose size is not given, the stricter word is as good as NEEDS INPUT; of
    # one whose votes alone are open, the contract says NEEDS INPUT.
    no_size = issuable is None or outstanding is None
    if public_offering is True and no_size and all(deep or reset for _, deep, reset in prices):
        words.add(REVIEW)
    return words


def _size(
    issuable: Sequence[Number] | None,
    outstanding: Sequence[Number] | None,
    votes_issuable: Number | None,
    votes_outstanding: Number | None,
) -> tuple[bool, ...]:
    shares: tuple[bool, ...] = (True, False)
    if issuable is not None and outstanding is not None:
        shares = (reaches_twenty_per_cent(sum(issuable), sum(outstanding)),)
    if votes_issuable is not None and votes_outstanding is not None:
        votes: tuple[bool, ...] = (reaches_twenty_per_cent(votes_issuable, votes_outstanding),)
    elif (
        votes_issuable is None
        and votes_outstanding is None
        and outstanding is not None
        and len(outstanding) == 1
    ):
        return shares  # one vote per share
    else:
        votes = (True, False)
    return tuple({a or b for a, b in product(shares, votes)})


def _prices(
    price: Number | None, reference: Number | None, lowest: Number | None
) -> tuple[tuple[bool, bool, bool], ...]:
    """Below, more than 50% below, and a lowest price below; every combination that can be."""
    if reference is None:
        resets = (False,) if lowest is None else (True, False)
        below_deep = ((False, False), (True, False), (True, True))
    elif price is None:
        resets = (False,) if lowest is None else (lowest < reference,)
        below_deep = ((False, False), (True, False), (True, True))
    else:
        resets = (False,) if lowest is None else (lowest < reference,)
        discount = 1 - Fraction(price) / Fraction(reference)
        below_deep = ((discount > 0, discount > Fraction(1, 2)),)
    return tuple((below, deep, reset) for (below, deep), reset in product(below_deep, resets))


def aggregation(first: date | None, second: date | None, factors: Sequence[Fact]) -> set[Verdict]:
    """FAQ 283."""

    def verdict(far: bool, *linked: bool) -> str:
        return "NOT AGGREGATED" if far and not any(linked) else REVIEW

    if first is None or second is None:
        # "A date missing: NEEDS INPUT", unless a factor settles it: both words are defensible.
        return {NEEDS_INPUT, REVIEW} if {True, UNKNOWN} & set(factors) else {NEEDS_INPUT}
    far = second > six_months_after(first)
    return either_way(
        verdict,
        (far,),
        *map(_possible, factors),
        blank=None in factors,
        undecided=UNKNOWN in factors,
    )


# Nasdaq: warrants


def warrant_value(min_price: Number, exercise: Number, lowest: Number | None = None) -> Fraction:
    """FAQ 279: 0.125 and what it is, or could be, in the money."""
    could_have = Fraction(exercise if lowest is None else min(exercise, lowest))
    return Fraction(125, 1000) + max(Fraction(0), Fraction(min_price) - could_have)


def unit_floor(
    min_price: Number, exercise: Number, coverage: Number = 1, lowest: Number | None = None
) -> Fraction:
    """Lowest unit price at which the common is not discounted."""
    return Fraction(min_price) + Fraction(coverage) * warrant_value(min_price, exercise, lowest)


def warrants_aggregate(
    closing: date | None,
    first_exercisable: date | str | None,
    min_price: Number | None,
    lowest: Number | None,
    common_discounted: Fact = None,
) -> set[Verdict]:
    """FAQ 278."""
    by_vote = first_exercisable == "APPROVAL"
    late: tuple[bool, ...] = (True, False)
    if closing is not None and isinstance(first_exercisable, date):
        late = (first_exercisable >= six_months_after(closing),)
    elif by_vote:
        late = (True,)
    cheap: tuple[bool, ...] = (True, False)
    if min_price is not None and lowest is not None:
        cheap = (lowest < min_price,)

    def verdict(is_late: bool, is_cheap: bool, discounted: bool) -> Verdict:
        if not discounted:
            return REVIEW if is_cheap else False
        if by_vote:
            return REVIEW
        return not is_late or is_cheap

    return either_way(
        verdict,
        late,
        cheap,
        _possible(True if common_discounted is None else common_discounted),
        blank=len(late) > 1 or len(cheap) > 1,
        undecided=common_discounted == UNKNOWN,
    )


# TSX


def pro_rata(held: Number, outstanding: Number, offering: Number) -> int:
    """Holdings x offering / outstanding, whole securities, rounded down."""
    return math.floor(Fraction(held) * Fraction(offering) / Fraction(outstanding))


def beyond_fifteen(price: Number, close: Number) -> bool:
    """More than 15% below the close."""
    return (Fraction(close) - Fraction(price)) / Fraction(close) > Fraction(15, 100)


def tsx_606(
    price: Number,
    close: Number,
    broadly_marketed: Fact,
    offering: Number,
    insiders: Sequence[tuple[Number, Number, Number | None]],
    outstanding: Number,
    public_net: Number | None = None,
    as_of: date | None = None,
    life: bool = False,
) -> tuple[str, Number | None]:
    """Section 606 with everything given; insiders are (bought, held, net price)."""
    if as_of is not None and as_of < date(2023, 4, 20):
        return REVIEW, None
    if broadly_marketed == UNKNOWN:
        return REVIEW, None
    if broadly_marketed is None:
        return NEEDS_INPUT, None
    if broadly_marketed is False:
        return (REVIEW, None) if life else ("607 WHOLE OFFERING", offering)
    buying = [insider for insider in insiders if insider[0] > 0]
    if not buying:
        return "606", 0
    if beyond_fifteen(price, close):
        return "607 ALL INSIDER PURCHASES", sum(bought for bought, _, _ in buying)
    nets = [net for _, _, net in buying]
    if public_net is not None or any(net is not None for net in nets):
        if public_net is None or any(net is None for net in nets):
            return NEEDS_INPUT, None
        if any(beyond_fifteen(net, close) for net in [*nets, public_net]):
            return REVIEW, None
    excess: Number = 0
    for bought, held, net in buying:
        if net is not None and net < public_net:
            excess += bought
        else:
            excess += max(0, bought - pro_rata(held, outstanding, offering))
    return ("607 INSIDER EXCESS", excess) if excess else ("606", 0)


def broadly_marketed(
    purchasers: int | None, dealers: Fact = None, abroad: Fact = None
) -> set[Verdict]:
    """Section 606, note 1."""

    def verdict(enough: bool, notified: bool, outside: bool) -> Verdict:
        if enough or notified:
            return True
        return REVIEW if outside else False

    if purchasers is not None and purchasers < 50 and abroad is True and dealers is not True:
        return {REVIEW}
    enough = (True, False) if purchasers is None else (purchasers >= 50,)
    return either_way(
        verdict,
        enough,
        _possible(dealers),
        _possible(False if abroad is None else abroad),
        blank=purchasers is None or dealers is None,
        undecided=UNKNOWN in (dealers, abroad),
    )


def insider_nets_less(
    price: Number, commission: Number, fee: Number, insider_commission: Number | None = None
) -> bool:
    """TSX response 2: what the issuer keeps of an insider's price against what it keeps of others'."""
    paid = commission if insider_commission is None else insider_commission
    return price * (1 - Fraction(paid) - Fraction(fee)) < price * (1 - Fraction(commission))


def vwap(values: Sequence[Number], volumes: Sequence[Number]) -> Fraction:
    """Total value over total volume."""
    assert len(values) == len(volumes) == 5
    return Fraction(sum(values)) / Fraction(sum(volumes))


def maximum_discounts(market_price: Number) -> tuple[Fraction, ...]:
    """Section 607(e): the discount of the band, or both where the price is in the hole."""
    if market_price <= Fraction(50, 100):
        return (Fraction(25, 100),)
    if market_price < Fraction(51, 100):
        return Fraction(25, 100), Fraction(20, 100)
    return (Fraction(20, 100),) if market_price <= 2 else (Fraction(15, 100),)


def tsx_607(
    price: Number | None,
    market_price: Number | None,
    issuable: Number | None,
    outstanding: Number | None,
    insiders: Number | None,
    holder_after: Number | None,
    holder_before: Number | None = None,
) -> str:
    """Section 607: what could still be, for everything that is not given."""
    priced = price is not None and market_price is not None
    sized = issuable is not None and outstanding is not None
    required, open_question, judgement = False, False, False
    if priced:
        discount = 1 - Fraction(price) / Fraction(market_price)
        beyond = {discount > most for most in maximum_discounts(market_price)}
        required |= beyond == {True}
        judgement |= len(beyond) > 1
    else:
        open_question = True
    below = price < market_price if priced else None
    large = Fraction(issuable, outstanding) > Fraction(25, 100) if sized else None
    if below is not False and large is not False:
        required |= below is True and large is True
        open_question |= below is None or large is None
    if insiders is None or (insiders and outstanding is None):
        open_question = True
    elif insiders:
        required |= Fraction(insiders, outstanding) > Fraction(10, 100)
    if holder_after is None:
        open_question = True
    elif holder_after >= Fraction(20, 100):
        new = holder_before is None or holder_before < Fraction(20, 100)
        required |= new
        judgement |= not new and holder_after > holder_before
    if required:
        return REQUIRED
    if open_question:
        return NEEDS_INPUT
    return REVIEW if judgement else NOT_REQUIRED


Sessions = dict[date, tuple[datetime, datetime]]


def last_completed(sessions: Sessions, announced: datetime) -> date:
    """Walk back, day by day, to a session that was over by then."""
    day = announced.date()
    while day not in sessions or sessions[day][1] > announced:
        day -= timedelta(days=1)
    return day


def first_completed_after(sessions: Sessions, disseminated: datetime) -> date | None:
    """Walk on, day by day, to a session that had not begun; None where one was under way."""
    day = disseminated.date()
    if day in sessions and sessions[day][0] <= disseminated <= sessions[day][1]:
        return None
    while day not in sessions or sessions[day][0] <= disseminated:
        day += timedelta(days=1)
    return day


# SEC


def counted_rights(
    rights: Sequence[tuple[Number, date | None]], as_of: date | None, control: bool = False
) -> Fraction:
    """Rights acquirable within sixty days; without dates, all of them."""
    return sum(
        (
            Fraction(shares)
            for shares, day in rights
            if day is None or control or (as_of is not None and day <= as_of + timedelta(days=60))
        ),
        Fraction(),
    )


def beneficial_fraction(held: Number, counted: Number, outstanding: Number) -> Fraction:
    """The holder's own counted rights above and below the line."""
    return (Fraction(held) + Fraction(counted)) / (Fraction(outstanding) + Fraction(counted))


def row_13(fraction: Number) -> str:
    """Per cent to one decimal, half up."""
    tenths = math.floor(Fraction(fraction) * 1000 + Fraction(1, 2))
    return f"{tenths // 10}.{tenths % 10}%"
