"""The Nasdaq rules beyond 5635(d) a second time, from the contract and the digest.

As in `rule_oracle`: numbers are `Fraction`, what is not given is None, and a verdict is the set of
words that would be right. What is not given may be anything it could be; only where the answers
then differ does it matter.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import product

from rule_oracle import (
    NEEDS_INPUT,
    NOT_REQUIRED,
    REQUIRED,
    REVIEW,
    UNKNOWN,
    Fact,
    Number,
    Verdict,
    warrant_value,
)

Sizes = Sequence[Number] | None


def _may_be(fact: Fact) -> tuple[bool, ...]:
    return (fact,) if isinstance(fact, bool) else (True, False)


def _word(words: set[str], blank: bool, undecided: bool) -> set[Verdict]:
    """One word where every possibility leads to it, else what a blank or an UNKNOWN gives."""
    if len(words) == 1:
        return set(words)
    return ({NEEDS_INPUT} if blank else set()) | ({REVIEW} if undecided else set())


def size_over(
    line: Fraction,
    strictly: bool,
    issuable: Sizes,
    outstanding: Sizes,
    votes_issuable: Number | None,
    votes_outstanding: Number | None,
) -> set[bool]:
    """Whether a share of shares or votes could be at the line (`strictly`: beyond it)."""

    def there(part: Number, whole: Number) -> bool:
        share = Fraction(part) / Fraction(whole)
        return share > line if strictly else share >= line

    if issuable is None or outstanding is None:
        shares = {True, False}
    else:
        shares = {there(sum(issuable), sum(outstanding))}
    if votes_issuable is not None and votes_outstanding is not None:
        votes = {there(votes_issuable, votes_outstanding)}
    elif votes_issuable is None and votes_outstanding is None and len(outstanding or ()) == 1:
        return shares
    else:
        votes = {True, False}
    return {a or b for a, b in product(shares, votes)}


def acquisition(
    issuable: Sizes,
    outstanding: Sizes,
    votes_issuable: Number | None = None,
    votes_outstanding: Number | None = None,
    one: Number | None = None,
    together: Number | None = None,
    public: Fact = None,
) -> set[Verdict]:
    """Listing Rule 5635(a); `#NUM!` where all insiders have less than one."""
    if one is not None and together is not None and together < one:
        return {"#NUM!"}
    sizes = (issuable, outstanding, votes_issuable, votes_outstanding)
    large = size_over(Fraction(20, 100), False, *sizes)
    larger = size_over(Fraction(5, 100), False, *sizes)
    interested = {
        individual >= Fraction(5, 100) or joint >= Fraction(10, 100)
        for individual in _between(one, 0, 1 if together is None else together)
        for joint in _between(together, one or 0, 1)
    }
    is_public = _may_be(False if public is None else public)
    words = {
        REQUIRED if (a and not p) or (b and c) else NOT_REQUIRED
        for a, b, c, p in product(large, larger, interested, is_public)
        if b or not a
    }
    blank = max(len(large), len(larger), len(interested)) > 1
    return _word(words, blank, public == UNKNOWN)


def _between(given: Number | None, least: Number, most: Number) -> tuple[Number, ...]:
    return (least, most) if given is None else (given,)


def change_of_control(owned: Sizes, base: Sizes) -> Verdict:
    """Listing Rule 5635(b)."""
    if owned is None or base is None:
        return NEEDS_INPUT
    return REVIEW if 5 * Fraction(sum(owned)) >= sum(base) else "NOT PRESUMED"


INSIDERS = ("DIRECTOR", "OFFICER", "EMPLOYEE", "CONSULTANT")


def equity_compensation(
    price: Number | None,
    bid: Number | None,
    recipient: str | None,
    public: Fact = None,
    convertible: Fact = None,
    strike: Number | None = None,
) -> set[Verdict]:
    """Listing Rule 5635(c); `strike` is the lowest exercise price of warrants sold with it."""
    if recipient == "NONE":
        return {NOT_REQUIRED}
    if price is None or bid is None:
        return {NEEDS_INPUT}
    who = (recipient,) if recipient in (*INSIDERS, "CONTROLLED ENTITY") else (*INSIDERS, "NONE")

    def verdict(person: str, is_public: bool) -> str:
        if person == "NONE":
            return NOT_REQUIRED
        at_the_bid = price == bid and convertible in (True, UNKNOWN)
        cheap = price >= bid and strike is not None and strike < bid
        if price >= bid and not at_the_bid and not cheap:
            return NOT_REQUIRED
        if is_public:
            return REVIEW if (bid - Fraction(price)) / bid > Fraction(1, 2) else NOT_REQUIRED
        return REVIEW if at_the_bid or cheap or person == "CONTROLLED ENTITY" else REQUIRED

    words = {
        verdict(person, is_public)
        for person, is_public in product(who, _may_be(False if public is None else public))
    }
    return _word(words, recipient is None, UNKNOWN in (public, recipient))


def public_offering(
    firm: Fact, registered: Fact, marketed: Fact, purchasers: int | None, discount: Number | None
) -> Verdict:
    """FAQ 280 and 1741, with the product's own lines at 50 purchasers and 45%."""
    if discount is not None and discount > Fraction(1, 2):
        return "PRECLUDED"
    if firm is registered is marketed is purchasers is discount is None:
        return NEEDS_INPUT
    stated = firm is True and registered is True and marketed is True
    if stated and purchasers is not None and discount is not None:
        return "LIKELY PUBLIC" if purchasers >= 50 and discount < Fraction(45, 100) else REVIEW
    return REVIEW


def offering_discount(
    unit: Number, min_price: Number, value: Number | None, coverage: Number | None
) -> Fraction:
    """FAQ 280."""
    taken_out = Fraction(value or 0) * (1 if coverage is None else coverage)
    return (min_price - (unit - taken_out)) / Fraction(min_price)


def call_value(
    spot: float, strike: float, years: float, rate: float, volatility: float, dividend: float
) -> float:
    """Black-Scholes by put-call parity and the complementary error function."""
    spread = volatility * math.sqrt(years)
    d1 = (math.log(spot / strike) + (rate - dividend + volatility**2 / 2) * years) / spread
    forward, bond = spot * math.exp(-dividend * years), strike * math.exp(-rate * years)

    def below(x: float) -> float:
        return math.erfc(-x / math.sqrt(2)) / 2

    put = bond * below(spread - d1) - forward * below(-d1)
    return put + forward - bond


def conversion_price(
    principal: Number, shares: Number, cash: Number | None, accrued: Number | None
) -> Fraction | None:
    """FAQ 276; None where the amounts contradict each other."""
    deducted = (cash or 0) - (accrued or 0)
    if deducted < 0 or deducted > principal:
        return None
    return (Fraction(principal) - deducted) / shares


def convertible_discounted(
    conversion: Number | None,
    min_price: Number | None,
    exercise: Number | None,
    coverage: Number | None,
    lowest_conversion: Number | None,
    lowest_exercise: Number | None,
) -> set[Verdict]:
    """FAQ 276, 277, 279: over every price that what is not given could be."""
    if min_price is None:
        return {NEEDS_INPUT}
    high = min_price * 100
    warrants = not exercise is coverage is lowest_exercise is None
    verdicts = set()
    for price in (0, high) if conversion is None else (conversion,):
        for strike in (0, high) if exercise is None and warrants else (exercise,):
            low = price if lowest_conversion is None else min(price, lowest_conversion)
            line = Fraction(min_price)
            cheap = False
            if strike is not None:
                low_strike = strike if lowest_exercise is None else min(strike, lowest_exercise)
                line += (coverage or 1) * warrant_value(min_price, low_strike)
                cheap = low_strike < min_price
            verdicts.add(low < line or cheap)
    return verdicts if len(verdicts) == 1 else {NEEDS_INPUT}


def future_priced_shares(
    value: Number, price: Number, floor: Number | None, cap: Number | None
) -> int:
    """FAQ 1143."""
    shares = math.floor(Fraction(value) / max(Fraction(price), Fraction(floor or 0)))
    return shares if cap is None else min(shares, math.floor(cap))


def net_exercise(warrants: Number, exercise: Number, market: Number) -> int:
    """FAQ 1143."""
    return max(0, math.floor(warrants * (1 - Fraction(exercise) / Fraction(market))))


def average_price(sales: Sequence[tuple[Number, Number]], commitment: Number) -> Fraction:
    """Total paid over all shares issued."""
    return Fraction(sum(price * count for price, count in sales)) / (
        sum(count for _, count in sales) + commitment
    )


def seats(own: Number, every: Number, board: int) -> int:
    """FAQ 292: the most directors whose share of the board is no more than rounding up allows."""
    for designees in range(board, 0, -1):
        rounded_up = (designees - 1) * every < own * board
        majority = 2 * designees > board and 2 * own < every
        if rounded_up and not majority:
            return designees
    return 0


def director_rights(
    designees: int | None,
    then: tuple[Number, Number] | None,
    board: int,
    minimum: Number | None,
    step_down: Fact,
    votes_now: Number | None,
    every_now: Number | None,
) -> set[Verdict]:
    """FAQ 292."""
    if designees is None or then is None:
        return {NEEDS_INPUT}
    if designees > seats(*then, board):
        return {"BREACH"}
    if minimum is None or minimum < Fraction(5, 100) or step_down is not True:
        return {REVIEW}
    if (votes_now is None) != (every_now is None):
        return {NEEDS_INPUT}
    own, every = then if votes_now is None or every_now is None else (votes_now, every_now)
    allowed = 0 if Fraction(own, every) < minimum else seats(own, every, board)
    return {REVIEW if designees > allowed else "OK"}


def generic_proxy(
    kind: str | None,
    disclosed: Sequence[object],
    months: Number | None,
    change: Fact,
    named: Fact,
) -> set[Verdict]:
    """FAQ 286."""
    if kind in ("ACQUISITIONS", "EQUITY COMPENSATION"):
        return {"INSUFFICIENT"}
    if months is None or None in disclosed or (change is True and named in (False, None)):
        # A kind that is not given does not heal a missing disclosure.
        return {"INSUFFICIENT"}
    if kind is None or change is None:
        return {NEEDS_INPUT}
    controlled = change is False or named is True
    if kind == UNKNOWN or months > 3 or not controlled:
        return {REVIEW}
    return {"MAY BE SUFFICIENT"}


def notification(
    issuable: Sizes,
    outstanding: Sizes,
    votes_issuable: Number | None,
    votes_outstanding: Number | None,
    triggers: Sequence[Fact],
) -> Verdict:
    """Listing Rule 5250(e)(2): in the order of the contract's sentence."""
    large = size_over(
        Fraction(10, 100), True, issuable, outstanding, votes_issuable, votes_outstanding
    )
    if large == {True} or True in triggers:
        return REQUIRED
    if large == {False} and all(trigger is False for trigger in triggers):
        return NOT_REQUIRED
    return REVIEW if UNKNOWN in triggers else NEEDS_INPUT


def latest_notice(issuance: date) -> date:
    """15 calendar days before."""
    return issuance - timedelta(15)
