"""Warrants sold with common stock: their value (FAQ 279) and their shares (FAQ 278)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from xl_compliance.rules.dates import months_later
from xl_compliance.rules.exact import (
    Exact,
    exactly,
    larger,
    magnitude,
    minus,
    plain,
    plus,
    smaller,
    times,
)
from xl_compliance.rules.outcome import (
    NEEDS_INPUT,
    REVIEW,
    UNKNOWN,
    Fact,
    Outcome,
    Step,
    assumed,
    headroom,
    note,
)
from xl_compliance.rules.parameters import rules_in

VALUE_RULE: Final = rules_in("nasdaq/warrants")["NASDAQ-FAQ-279"]
SHARES_RULE: Final = rules_in("nasdaq/warrants")["NASDAQ-FAQ-278"]
RESET_RULE: Final = rules_in("nasdaq/private_placement")["NASDAQ-FAQ-277"]
ATTRIBUTED_VALUE: Final = VALUE_RULE["attributed_value"]
NOT_EXERCISABLE: Final = SHARES_RULE["not_exercisable"]

APPROVAL: Final = "APPROVAL"


@exactly
def warrant_value(
    minimum_price: Exact, exercise_price: Exact, lowest_exercise_price: Exact | None = None
) -> Outcome:
    """$0.125 and whatever the warrant is, or could be, in the money.

    >>> warrant_value(10, 10, 7).value
    Decimal('3.125')
    """
    value = value_of(minimum_price, exercise_price, lowest_exercise_price)

    def working() -> Iterator[Step]:
        yield from _value_steps(minimum_price, exercise_price, lowest_exercise_price)

    return Outcome(
        value, "attributed value plus the amount in the money", (ATTRIBUTED_VALUE.on(),), working
    )


@exactly
def unit_floor(
    minimum_price: Exact,
    exercise_price: Exact,
    warrants_per_share: Exact | None = None,
    lowest_exercise_price: Exact | None = None,
) -> Outcome:
    """The lowest unit price at which the common stock in the unit is not discounted.

    >>> unit_floor(10, 10).value
    Decimal('10.125')
    """
    result = floor_of(minimum_price, exercise_price, warrants_per_share, lowest_exercise_price)

    def working() -> Iterator[Step]:
        yield from _value_steps(minimum_price, exercise_price, lowest_exercise_price)
        yield from _coverage_steps(warrants_per_share)
        yield Step("Unit floor", result, f">= {plain(result)}", VALUE_RULE.source)
        yield from _reset_notes(minimum_price, exercise_price, lowest_exercise_price)

    return Outcome(
        result, "Minimum Price plus the value of the warrants", (ATTRIBUTED_VALUE.on(),), working
    )


@exactly
def effective_price(
    unit_price: Exact,
    minimum_price: Exact,
    exercise_price: Exact,
    warrants_per_share: Exact | None = None,
    lowest_exercise_price: Exact | None = None,
) -> Outcome:
    """What the common stock is sold at once the warrants' value is taken out of the unit.

    >>> from decimal import Decimal as D
    >>> effective_price(D("1.555"), D("1.44"), D("1.43")).value
    Decimal('1.420')
    """
    result = effective_price_of(
        unit_price, minimum_price, exercise_price, warrants_per_share, lowest_exercise_price
    )
    short = minus(minimum_price, result)

    def working() -> Iterator[Step]:
        yield Step("Unit price", unit_price)
        yield from _value_steps(minimum_price, exercise_price, lowest_exercise_price)
        yield from _coverage_steps(warrants_per_share)
        yield Step(
            "Effective price of the common stock",
            result,
            f"< {plain(minimum_price)}",
            VALUE_RULE.source,
        )
        yield headroom(
            "Short of the Minimum Price" if short > 0 else "Above the Minimum Price",
            magnitude(short),
        )
        yield from _reset_notes(minimum_price, exercise_price, lowest_exercise_price)

    return Outcome(
        result,
        "below the Minimum Price: discounted" if short > 0 else "not discounted",
        (ATTRIBUTED_VALUE.on(),),
        working,
    )


@exactly
def shares_aggregated(
    closing: date | None,
    first_exercisable: date | str | None,
    minimum_price: Exact | None,
    lowest_exercise_price: Exact | None,
    common_discounted: Fact = None,
) -> Outcome:
    """Whether the shares under the warrants are counted with discounted common stock.

    >>> shares_aggregated(date(2024, 1, 15), date(2024, 7, 15), 10, 10).value
    False
    """
    months = int(NOT_EXERCISABLE.on().value)
    late = _late_enough(closing, first_exercisable, months)
    cheap = _below(lowest_exercise_price, minimum_price)
    value, reason = _aggregated(late, cheap, common_discounted)

    def working() -> Iterator[Step]:
        if closing is not None:
            yield Step(
                f"{months} months after closing",
                months_later(closing, months),
                f"first exercisable {NOT_EXERCISABLE.on().test} after closing",
                SHARES_RULE.source,
            )
        if first_exercisable is not None:
            yield Step("First exercisable", first_exercisable)
        if lowest_exercise_price is not None and minimum_price is not None:
            yield Step(
                "Lowest exercise price",
                lowest_exercise_price,
                f">= {plain(minimum_price)}",
                SHARES_RULE.source,
            )
        if common_discounted is None:
            yield assumed("common_discounted", "not given: read as discounted", SHARES_RULE.source)

    return Outcome(value, reason, (NOT_EXERCISABLE.on(),), working)


def _late_enough(closing: date | None, first_exercisable: date | str | None, months: int) -> Fact:
    if first_exercisable == APPROVAL:
        return UNKNOWN
    if closing is None or not isinstance(first_exercisable, date):
        return None
    return first_exercisable >= months_later(closing, months)


def _aggregated(late: Fact, cheap: bool | None, discounted: Fact) -> tuple[bool | str, str]:
    if discounted is False:
        return _beside_undiscounted_common(cheap)
    with_discount = _with_discounted_common(late, cheap)
    if discounted is not UNKNOWN:
        return with_discount
    without = _beside_undiscounted_common(cheap)
    if NEEDS_INPUT in (with_discount[0], without[0]):
        return NEEDS_INPUT, "closing, first exercise date, Minimum Price or lowest price not given"
    if with_discount[0] == without[0]:
        return with_discount
    return REVIEW, "whether the common stock is discounted is not decided, and it matters"


def _beside_undiscounted_common(cheap: bool | None) -> tuple[bool | str, str]:
    if cheap is None:
        return NEEDS_INPUT, "Minimum Price or lowest exercise price not given"
    if cheap:
        return REVIEW, "an exercise price below the Minimum Price is itself a discount (FAQ 277)"
    return False, "the common stock is not discounted and the warrants stay at the Minimum Price"


def _with_discounted_common(late: Fact, cheap: bool | None) -> tuple[bool | str, str]:
    if late is UNKNOWN:
        return REVIEW, "exercisable only after a vote: whether that is a true condition"
    if late is False:
        return True, "exercisable too soon after closing"
    if cheap:
        return True, "can be exercised below the Minimum Price"
    if late is None or cheap is None:
        return NEEDS_INPUT, "closing, first exercise date, Minimum Price or lowest price not given"
    return False, "not exercisable for long enough after closing and never below the Minimum Price"


def _below(price: Exact | None, reference: Exact | None) -> bool | None:
    return None if price is None or reference is None else price < reference


def lowest(exercise_price: Exact, lowest_exercise_price: Exact | None) -> Exact:
    """The lowest exercise price the warrant could have."""
    if lowest_exercise_price is None:
        return exercise_price
    return smaller(exercise_price, lowest_exercise_price)


@exactly
def value_of(
    minimum_price: Exact, exercise_price: Exact, lowest_price: Exact | None = None
) -> Exact:
    """The bare value of a warrant, of numbers or of columns of them."""
    return plus(
        ATTRIBUTED_VALUE.on().value,
        _in_the_money(minimum_price, lowest(exercise_price, lowest_price)),
    )


def _in_the_money(minimum_price: Exact, strike: Exact) -> Exact:
    return larger(0, minus(minimum_price, strike))


@exactly
def floor_of(
    minimum_price: Exact,
    exercise_price: Exact,
    warrants_per_share: Exact | None = None,
    lowest_price: Exact | None = None,
) -> Exact:
    """The bare unit floor, of numbers or of columns of them."""
    return plus(
        minimum_price,
        _taken_out(minimum_price, exercise_price, warrants_per_share, lowest_price),
    )


@exactly
def effective_price_of(
    unit_price: Exact,
    minimum_price: Exact,
    exercise_price: Exact,
    warrants_per_share: Exact | None = None,
    lowest_price: Exact | None = None,
) -> Exact:
    """The bare effective price, of numbers or of columns of them."""
    return minus(
        unit_price,
        _taken_out(minimum_price, exercise_price, warrants_per_share, lowest_price),
    )


def _taken_out(
    minimum_price: Exact,
    exercise_price: Exact,
    warrants_per_share: Exact | None,
    lowest_price: Exact | None,
) -> Exact:
    value = value_of(minimum_price, exercise_price, lowest_price)
    if warrants_per_share is None:
        return value
    return times(value, warrants_per_share)


def _value_steps(
    minimum_price: Exact, exercise_price: Exact, lowest_price: Exact | None
) -> Iterator[Step]:
    strike = lowest(exercise_price, lowest_price)
    yield Step("Lowest exercise price", strike)
    if lowest_price is None:
        yield assumed("lowest_exercise_price", "not given: read as no lower exercise price")
    yield Step(
        "In the money, or could be", _in_the_money(minimum_price, strike), "", VALUE_RULE.source
    )
    yield Step(
        "Value of each warrant",
        value_of(minimum_price, exercise_price, lowest_price),
        f"{ATTRIBUTED_VALUE.on().shown} + in the money",
        VALUE_RULE.source,
    )


def _coverage_steps(warrants_per_share: Exact | None) -> Iterator[Step]:
    if warrants_per_share is None:
        yield assumed("warrants_per_share", "not given: read as one warrant per share")
        return
    yield Step("Warrants per share", warrants_per_share)
    if warrants_per_share != 1:
        yield note(
            "the FAQ values each warrant; a fraction of one is valued in proportion",
            VALUE_RULE.source,
        )


def _reset_notes(
    minimum_price: Exact, exercise_price: Exact, lowest_price: Exact | None
) -> Iterator[Step]:
    if lowest(exercise_price, lowest_price) < minimum_price:
        yield note(
            "a lowest exercise price below the Minimum Price makes it a discounted issuance "
            "under FAQ 277 whatever the unit costs",
            RESET_RULE.source,
        )
