"""The prices a deal is compared with: Minimum Price, closing bid, book value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from xl_compliance.deal.model import Deal, PriceRow, once
from xl_compliance.deal.places import named
from xl_compliance.rules.exact import Exact
from xl_compliance.rules.nasdaq import minimum_price
from xl_compliance.rules.nasdaq.private_placement import price_compared_with
from xl_compliance.rules.outcome import Moment, Outcome, RuleError
from xl_compliance.rules.parameters import Threshold

ON_THE_CLOSE = "signed at 16:00 sharp or after an early close, which the FAQs leave open"


@dataclass(frozen=True, slots=True)
class Price:
    """A price that a rule worked out, or why it could not."""

    value: Exact | None
    outcome: Outcome | None
    problem: str


@dataclass(frozen=True, slots=True)
class Reference:
    """What an issuance is compared with, under the rule of its signing date."""

    value: Exact | None
    regime: Threshold
    minimum_price: Price
    closing_bid: Price


@once
def reference(deal: Deal) -> Reference:
    """The price this issuance is compared with."""
    signed = deal.facts.signed_at.value
    lowest = _price(minimum_price.minimum_price, deal, "close")
    bid = _price(minimum_price.market_value, deal, "bid")
    value, regime = price_compared_with(
        lowest.value, signed.day if signed else None, deal.facts.book_value.value, bid.value
    )
    if signed is None:
        return Reference(None, regime, lowest, bid)
    return Reference(value, regime, lowest, bid)


def _price(work_out: Any, deal: Deal, key: str) -> Price:
    """A price from the rows that have one; a session without it is missed by its date.

    The sheet takes its rows in any order, so prices without dates say nothing here.
    """
    rows = [row for row in deal.prices if getattr(row, key).value is not None]
    undated = [row.day for row in rows if row.day.value is None]
    if undated:
        return Price(None, None, f"the dates in {named(undated)} are not given")
    prices = [getattr(row, key).value for row in rows]
    try:
        outcome = work_out(prices, [row.day.value for row in rows], deal.facts.signed_at.value)
    except RuleError as problem:
        return Price(None, None, str(problem))
    return Price(outcome.number, outcome, "")


def signed_on_the_other_side(deal: Deal) -> Deal | None:
    """The deal as if signed on the other side of the close, where the FAQs leave that open.

    At 16:00 sharp, and between an early close and 16:00.
    """
    place = deal.facts.signed_at
    other = minimum_price.other_side_of_the_close(place.value) if place.value else None
    if other is None:
        return None
    return replace(deal, facts=replace(deal.facts, signed_at=replace(place, value=other)))


def sessions_that_count(signed: Moment | None, count: int = 0) -> Sequence[date]:
    """The sessions whose closes count; none where a time of day would decide."""
    if signed is None:
        return ()
    try:
        days = minimum_price.pricing_sessions(signed, count=count)
    except RuleError:
        return ()
    assert isinstance(days.value, tuple)
    return [day for day in days.value if isinstance(day, date)]


@once
def splits_in_window(deal: Deal) -> tuple[PriceRow, ...]:
    """Rows that say a split took effect between the first session that counts and signing.

    The closes before it are prices of other shares; a split on the first session changes nothing.
    """
    signed = deal.facts.signed_at.value
    days = sessions_that_count(signed)
    if signed is None or not days:
        return tuple(row for row in deal.prices if row.split.value is not None)
    return tuple(
        row
        for row in deal.prices
        if row.split.value is not None
        and (row.day.value is None or days[0] < row.day.value <= max(days[-1], signed.day))
    )
