"""How many shares a fixed value or a cashless exercise leads to (FAQ 1143)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xl_compliance.rules.exact import Exact, exactly, floor, minus, quotient, times
from xl_compliance.rules.outcome import Outcome, Step, assumed, note
from xl_compliance.rules.parameters import rules_in

RULE: Final = rules_in("nasdaq/future_priced")["NASDAQ-FAQ-1143"]


@exactly
def shares_for_value(
    fixed_value: Exact,
    price: Exact,
    floor_price: Exact | None = None,
    share_cap: Exact | None = None,
) -> Outcome:
    """Whole shares for a fixed value at that price, no lower than a floor, no more than a cap.

    >>> shares_for_value(1000000, 1).value, shares_for_value(1000000, 1, 2).value
    (1000000, 500000)
    """
    counted = price if floor_price is None else max(price, floor_price)
    uncapped = floor(quotient(fixed_value, counted))
    shares = uncapped if share_cap is None else min(uncapped, floor(share_cap))
    bounded = bool(floor_price) or share_cap is not None

    def working() -> Iterator[Step]:
        yield Step("Fixed value", fixed_value)
        yield Step("Price", price)
        if floor_price is None:
            yield assumed("floor", "not given: read as none", RULE.source)
        else:
            yield Step("Floor", floor_price, "", RULE.source)
        yield Step("Price that counts", counted, "the price, or the floor where it is higher")
        yield Step("Shares before a cap", uncapped, "rounded down")
        if share_cap is None:
            yield assumed("share_cap", "not given: read as none", RULE.source)
        else:
            yield Step("Share cap", share_cap, "", RULE.source)
        yield from _notes(bounded, bool(floor_price))

    return Outcome(
        shares,
        "bounded by a floor or a cap" if bounded else "no floor and no cap: no end as prices fall",
        (),
        working,
    )


@exactly
def net_exercise(warrants: Exact, exercise_price: Exact, market_price: Exact) -> Outcome:
    """Whole shares from a cashless exercise; none out of the money.

    >>> net_exercise(100000, 5, 10).value, net_exercise(100000, 5, 4).value
    (50000, 0)
    """
    in_the_money = max(minus(market_price, exercise_price), 0)
    shares = floor(quotient(times(warrants, in_the_money), market_price))

    def working() -> Iterator[Step]:
        yield Step("Warrants", warrants)
        yield Step("Exercise price", exercise_price)
        yield Step("Market price", market_price)
        yield Step("In the money", in_the_money, "", RULE.source)
        yield Step("Shares", shares, "rounded down", RULE.source)
        yield note(
            "what counts as issuable is every share the warrant could lead to, not this number",
            RULE.source,
        )

    return Outcome(shares, "in the money over the market price", (), working)


def _notes(bounded: bool, has_floor: bool) -> Iterator[Step]:
    if not bounded:
        yield note("more shares as the price falls, without end", RULE.source)
    if has_floor:
        yield note("a floor counts only where it adjusts for reverse splits", RULE.source)
    yield note(
        "Nasdaq assumes the most dilution in the shortest time; whether it raises public-interest "
        "concerns is for judgement",
        RULE.source,
    )
