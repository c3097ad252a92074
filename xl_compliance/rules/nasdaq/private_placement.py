"""Shareholder approval of a discounted issuance of 20% or more (Listing Rule 5635(d))."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from xl_compliance.rules.discount import discount_of
from xl_compliance.rules.exact import Exact, exactly, magnitude, minus, percent, plain
from xl_compliance.rules.nasdaq.issuance_size import issuance_steps, reaches
from xl_compliance.rules.outcome import (
    NEEDS_INPUT,
    NOT_REQUIRED,
    REQUIRED,
    REVIEW,
    UNKNOWN,
    Fact,
    Outcome,
    Step,
    assumed,
    headroom,
    note,
)
from xl_compliance.rules.parameters import Threshold, rules_in

RULES: Final = rules_in("nasdaq/private_placement")
RULE: Final = RULES["NASDAQ-5635D"]
SIZE: Final = RULE["size"]
PRICE_TEST: Final = RULE["price_test"]
DEEP_DISCOUNT: Final = rules_in("nasdaq/public_offering")["NASDAQ-FAQ-280"]["deep_discount"]

MINIMUM_PRICE: Final = "Minimum Price"
_AT_MARKET: Final = "not priced below the price it is compared with"
_SMALL: Final = "below the size line, in shares and in votes"
_MISSING_SIZE: Final = "shares or votes, issuable or outstanding, are not given"
_MISSING_PRICE: Final = "the price, or the price it is compared with, is not given"


class _Issuance(NamedTuple):
    """What `shareholder_approval` is given, in the order of its arguments."""

    price: Exact | None
    minimum_price: Exact | None
    issuable: Sequence[Exact]
    outstanding: Sequence[Exact]
    votes_issuable: Sequence[Exact]
    votes_outstanding: Sequence[Exact]
    public_offering: Fact
    signed_on: date | None
    book_value: Exact | None
    closing_bid: Exact | None
    lowest_exercise_price: Exact | None


@exactly
def shareholder_approval(
    price: Exact | None,
    minimum_price: Exact | None,
    issuable: Sequence[Exact],
    outstanding: Sequence[Exact],
    votes_issuable: Sequence[Exact] = (),
    votes_outstanding: Sequence[Exact] = (),
    public_offering: Fact = None,
    signed_on: date | None = None,
    book_value: Exact | None = None,
    closing_bid: Exact | None = None,
    lowest_exercise_price: Exact | None = None,
) -> Outcome:
    """Whether shareholders must approve.

    `price` is what the common stock is effectively sold at; the sequences hold one number a
    component or class and are empty where nothing is given.

    >>> from decimal import Decimal as D
    >>> shareholder_approval(D("9.99"), 10, [1000000], [5000000]).value
    'REQUIRED'
    >>> shareholder_approval(D("9.99"), 10, [999999], [5000000]).value
    'NOT REQUIRED'
    """
    given = _Issuance(
        price,
        minimum_price,
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
    today = _under_the_rule_of(given)
    if _is_one_rule(signed_on, book_value, closing_bid):
        return today
    before = given._replace(signed_on=_last_day_of_book_value())
    return _whichever_rule(today, _under_the_rule_of(before))


def verdict_alone(*given: Any) -> str:
    """The value of `shareholder_approval`, given all it takes, and nothing beside it.

    Call it under `exactly`.
    """
    *_, signed_on, book_value, closing_bid, _ = given
    if _is_one_rule(signed_on, book_value, closing_bid):
        return _decide(*given)[0]
    return str(shareholder_approval(*given).value)


def price_compared_with(
    minimum_price: Exact | None,
    signed_on: date | None = None,
    book_value: Exact | None = None,
    closing_bid: Exact | None = None,
) -> tuple[Exact | None, Threshold]:
    """The price an issuance signed then is compared with, and the version of the test."""
    regime = PRICE_TEST.on(signed_on)
    if regime.word == MINIMUM_PRICE:
        return minimum_price, regime
    if book_value is None or closing_bid is None:
        return None, regime
    return max(book_value, closing_bid), regime


def _is_one_rule(
    signed_on: date | None, book_value: Exact | None, closing_bid: Exact | None
) -> bool:
    """Whether a day says which rule is meant, or what the rule before needs is not all given."""
    return signed_on is not None or book_value is None or closing_bid is None


def _last_day_of_book_value() -> date:
    start = PRICE_TEST.versions[-1].start
    assert start is not None
    return start - timedelta(days=1)


def _whichever_rule(today: Outcome, before: Outcome) -> Outcome:
    """Book value and closing bid given without a signing date: the answer of both rules, or none.

    They decide only under the rule before 26 September 2018, so a signing date left out could
    hide an approval.
    """
    if today.value == before.value:
        return today
    return Outcome(
        NEEDS_INPUT,
        f"signed_on is not given: {today.value} under today's rule, {before.value} under the "
        f"rule before {PRICE_TEST.versions[-1].start}, for which book value and bid are given",
        today.thresholds + before.thresholds,
        lambda: (*today.steps(), *before.steps()),
    )


def _under_the_rule_of(given: _Issuance) -> Outcome:
    verdict, reason = _decide(*given)
    used: tuple[Threshold, ...] = (SIZE.on(given.signed_on), PRICE_TEST.on(given.signed_on))
    if given.public_offering not in (None, False):
        used += (DEEP_DISCOUNT.on(given.signed_on),)
    return Outcome(verdict, reason, used, lambda: _working(given))


def _decide(
    price: Exact | None,
    minimum_price: Exact | None,
    issuable: Sequence[Exact],
    outstanding: Sequence[Exact],
    votes_issuable: Sequence[Exact],
    votes_outstanding: Sequence[Exact],
    public_offering: Fact,
    signed_on: date | None,
    book_value: Exact | None,
    closing_bid: Exact | None,
    lowest_exercise_price: Exact | None,
) -> tuple[str, str]:
    """The verdict under the rule of that day, and why."""
    reference, _ = price_compared_with(minimum_price, signed_on, book_value, closing_bid)
    size = reaches(SIZE.on(signed_on), issuable, outstanding, votes_issuable, votes_outstanding)
    below = _below(price, reference)
    resettable = lowest_exercise_price is not None and _below(lowest_exercise_price, reference)
    deep = None
    if public_offering is True:
        deep = _deep(DEEP_DISCOUNT.on(signed_on), price, reference)
    return _verdict(size, below, resettable, deep, public_offering)


def _working(given: _Issuance) -> Iterator[Step]:
    signed_on = given.signed_on
    reference, regime = price_compared_with(
        given.minimum_price, signed_on, given.book_value, given.closing_bid
    )
    yield Step("Rule in force", regime.word, regime.in_force(), regime.source)
    if signed_on is None:
        yield assumed("signed_on", "not given: the rule in force today")
    yield from _price_steps(given, reference, regime)
    yield from issuance_steps(
        SIZE.on(signed_on),
        given.issuable,
        given.outstanding,
        given.votes_issuable,
        given.votes_outstanding,
        RULE.source,
    )
    yield from _public_steps(given.public_offering, DEEP_DISCOUNT.on(signed_on))
    yield from _reset_steps(given.lowest_exercise_price, reference)


def _verdict(
    size: bool | None, below: bool | None, resettable: bool | None, deep: bool | None, public: Fact
) -> tuple[str, str]:
    if size is False:
        at_market = below is False and resettable is False and public is not True
        return NOT_REQUIRED, _AT_MARKET if at_market else _SMALL
    if public is True:
        return _public(size, resettable, deep)
    verdict, reason = _private(size, below, resettable)
    if public is UNKNOWN and verdict in (REQUIRED, REVIEW):
        return REVIEW, "whether it is a public offering is not decided, and it matters"
    return verdict, reason


def _private(size: bool | None, below: bool | None, resettable: bool | None) -> tuple[str, str]:
    if below is None:
        return NEEDS_INPUT, _MISSING_PRICE
    if not below and not resettable:
        return NOT_REQUIRED, _AT_MARKET
    if size is None:
        return NEEDS_INPUT, _MISSING_SIZE
    if below:
        return (
            REQUIRED,
            "not public, below the price compared with, at or above the size line",
        )
    return (
        REVIEW,
        "at or above the size line, and a price could fall below (FAQ 277)",
    )


def _public(size: bool | None, resettable: bool | None, deep: bool | None) -> tuple[str, str]:
    if size is None and (deep or resettable):
        return NEEDS_INPUT, _MISSING_SIZE
    if deep or resettable:
        return REVIEW, "a deep discount or a price that can be reset may not be public (FAQ 280)"
    if deep is None or resettable is None:
        return NEEDS_INPUT, _MISSING_PRICE
    return NOT_REQUIRED, "stated to be a public offering"


def _below(price: Exact | None, reference: Exact | None) -> bool | None:
    return None if price is None or reference is None else price < reference


def _deep(line: Threshold, price: Exact | None, reference: Exact | None) -> bool | None:
    if price is None or reference is None:
        return None
    return line.met_by(minus(reference, price), reference)


def _price_steps(given: _Issuance, reference: Exact | None, regime: Threshold) -> Iterator[Step]:
    price = given.price
    if regime.word == MINIMUM_PRICE:
        if given.book_value is not None:
            yield note("book value is no longer considered", regime.source)
    else:
        yield Step("Book value per share", given.book_value, "", regime.source)
        yield Step("Closing bid", given.closing_bid, "", regime.source)
        if given.minimum_price is not None:
            yield note(
                "the Minimum Price is not the test under the rule of that date", regime.source
            )
    yield Step(f"Price compared with: {regime.word}", reference, "", regime.source)
    if price is None or reference is None:
        return
    yield Step("Price", price, f"< {plain(reference)}", regime.source)
    yield Step("Discount", percent(discount_of(price, reference)))
    gap = minus(price, reference)
    yield headroom(
        "Above the price compared with" if gap >= 0 else "Short of the price compared with",
        magnitude(gap),
    )


def _public_steps(public_offering: Fact, deep_line: Threshold) -> Iterator[Step]:
    if public_offering is None:
        yield assumed("public_offering", "not given: read as no", RULE.source)
    else:
        word = "UNKNOWN" if public_offering is UNKNOWN else str(public_offering).upper()
        yield Step("Public offering", word, f"discount not {deep_line.test}", deep_line.source)


def _reset_steps(lowest_exercise_price: Exact | None, reference: Exact | None) -> Iterator[Step]:
    source = RULES["NASDAQ-FAQ-277"].source
    if lowest_exercise_price is None:
        yield assumed("lowest_exercise_price", "not given: read as no lower exercise price", source)
    elif reference is not None:
        yield Step("Lowest exercise price", lowest_exercise_price, f"< {plain(reference)}", source)
