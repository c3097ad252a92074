"""Section 607, as far as section 606 sends securities there: discount, size, insiders, control."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from xl_compliance.rules.discount import discount_of
from xl_compliance.rules.exact import (
    Exact,
    ceiling,
    exactly,
    floor,
    magnitude,
    minus,
    percent,
    plain,
    quotient,
    times,
    total,
)
from xl_compliance.rules.outcome import (
    NEEDS_INPUT,
    NOT_REQUIRED,
    REQUIRED,
    REVIEW,
    UNKNOWN,
    Fact,
    NotEnoughData,
    Outcome,
    Step,
    assumed,
    headroom,
    note,
)
from xl_compliance.rules.parameters import Threshold, rules_in

RULE: Final = rules_in("tsx/private_placement")["TSX-607"]
LOW_PRICE: Final = RULE["low_price"]
MIDDLE_PRICE: Final = RULE["middle_price"]
HIGH_PRICE: Final = RULE["high_price"]
LOW_DISCOUNT: Final = RULE["low_discount"]
MIDDLE_DISCOUNT: Final = RULE["middle_discount"]
HIGH_DISCOUNT: Final = RULE["high_discount"]
DILUTION: Final = RULE["dilution"]
INSIDERS: Final = RULE["insiders"]
INSIDERS_WINDOW: Final = RULE["insiders_window"]
CONTROL: Final = RULE["control"]


@dataclass(frozen=True, slots=True)
class Placement:
    """A placement as it is put to section 607.

    Prices are per security; the sequences hold one number a component or class and are empty where
    nothing is given. The holder's positions are fractions of the votes.
    """

    price: Exact | None
    market_price: Exact | None
    issuable: Sequence[Exact]
    outstanding: Sequence[Exact]
    insider_issuable: Exact | None = None
    holder_after: Exact | None = None
    holder_before: Exact | None = None


@dataclass(frozen=True, slots=True)
class _Band:
    """Where a market price stands, in words, by which lines, and its maximum discount.

    Two discounts in the hole between the lower bands, for which the text names neither.
    """

    where: str
    prices: tuple[Threshold, ...]
    discounts: tuple[Threshold, ...]

    def beyond(self, price: Exact, market_price: Exact) -> Fact:
        """Whether the discount is beyond the band; UNKNOWN where the two of the hole disagree."""
        given = minus(market_price, price)
        answers = {line.met_by(given, market_price) for line in self.discounts}
        return answers.pop() if len(answers) == 1 else UNKNOWN


@exactly
def maximum_discount(market_price: Exact) -> Outcome:
    """The maximum discount for a market price.

    >>> from decimal import Decimal as D
    >>> maximum_discount(D("0.50")).value, maximum_discount(2).value
    (Decimal('0.25'), Decimal('0.20'))
    """
    band = _band(market_price)
    if len(band.discounts) > 1:
        raise NotEnoughData(
            f"{plain(market_price)} is {band.where}: the bands do not meet, and the text names no "
            "maximum discount for it"
        )
    (line,) = band.discounts

    def working() -> Iterator[Step]:
        yield Step("Market price", market_price, band.where, line.source)
        yield headroom("Lowest price within the discount", _lowest(market_price, line))

    return Outcome(line.value, "the band of that market price", (*band.prices, line), working)


@exactly
def approval(placement: Placement) -> Outcome:
    """Whether security holders must approve.

    >>> from decimal import Decimal as D
    >>> approval(Placement(D("8.50"), 10, [2500000], [10000000], 0, D("0.10"))).value
    'NOT REQUIRED'
    >>> approval(Placement(D("8.50"), 10, [2500001], [10000000], 0, D("0.10"))).value
    'REQUIRED'
    """
    band = None if placement.market_price is None else _band(placement.market_price)
    limbs = (
        (_beyond_the_band(placement, band), "the discount to the market price is beyond its band"),
        (_diluting(placement), f"issued below the market price and {DILUTION.on().test}"),
        (_to_insiders(placement), f"insiders take {INSIDERS.on().test}"),
        (_to_a_holder(placement), f"a holder is newly at {CONTROL.on().test}"),
    )
    lines = (*band.prices, *band.discounts) if band else ()
    return Outcome(
        *_verdict(limbs),
        (*lines, DILUTION.on(), INSIDERS.on(), INSIDERS_WINDOW.on(), CONTROL.on()),
        lambda: _working(placement, band),
    )


def limits_on_insiders(outstanding: Sequence[Exact]) -> Iterator[Step]:
    """The limits of section 607 that apply where only insider purchases are under it.

    Call it under `exactly`.
    """
    for line, paragraph, what in (
        (DILUTION.on(), "s. 607(g)(i)", "below the market price"),
        (INSIDERS.on(), "s. 607(g)(ii)", f"to insiders in {INSIDERS_WINDOW.on().shown}"),
    ):
        most = floor(times(total(outstanding), line.value)) if outstanding else None
        yield Step(
            f"{paragraph}: most securities {what} without approval",
            most,
            f"not {line.test} of those outstanding",
            f"{line.source} [{line.verification}]",
        )


def _band(market_price: Exact) -> _Band:
    low, middle, high = LOW_PRICE.on(), MIDDLE_PRICE.on(), HIGH_PRICE.on()
    if high.met_by(market_price):
        return _Band(high.test, (high,), (HIGH_DISCOUNT.on(),))
    if middle.met_by(market_price):
        where = f"{middle.test} and not {high.test}"
        return _Band(where, (middle, high), (MIDDLE_DISCOUNT.on(),))
    if low.met_by(market_price):
        return _Band(low.test, (low,), (LOW_DISCOUNT.on(),))
    where = f"neither {low.test} nor {middle.test}"
    return _Band(where, (low, middle), (LOW_DISCOUNT.on(), MIDDLE_DISCOUNT.on()))


def _lowest(market_price: Exact, line: Threshold) -> Exact:
    return times(market_price, minus(1, line.value))


def _verdict(limbs: Sequence[tuple[Fact, str]]) -> tuple[str, str]:
    required = [reason for answer, reason in limbs if answer is True]
    if required:
        return REQUIRED, "; ".join(required)
    if any(answer is None for answer, _ in limbs):
        return NEEDS_INPUT, "not required by what is given, and something needed is not given"
    undecided = [reason for answer, reason in limbs if answer is UNKNOWN]
    if undecided:
        return REVIEW, f"left to judgement whether {'; '.join(undecided)}"
    return NOT_REQUIRED, "within the discount, the size, the insiders' and the control limits"


def _beyond_the_band(placement: Placement, band: _Band | None) -> Fact:
    if placement.price is None or placement.market_price is None or band is None:
        return None
    return band.beyond(placement.price, placement.market_price)


def _diluting(placement: Placement) -> Fact:
    """Below the market price and more than 25%: either half settles it when it is false."""
    below = None
    if placement.price is not None and placement.market_price is not None:
        below = placement.price < placement.market_price
    large = None
    if placement.issuable and placement.outstanding:
        large = DILUTION.on().met_by(total(placement.issuable), total(placement.outstanding))
    if below is False or large is False:
        return False
    return None if below is None or large is None else True


def _to_insiders(placement: Placement) -> Fact:
    if placement.insider_issuable == 0:
        return False
    if placement.insider_issuable is None or not placement.outstanding:
        return None
    return INSIDERS.on().met_by(placement.insider_issuable, total(placement.outstanding))


def _to_a_holder(placement: Placement) -> Fact:
    line = CONTROL.on()
    if placement.holder_after is None:
        return None
    if not line.met_by(placement.holder_after):
        return False
    if placement.holder_before is None or not line.met_by(placement.holder_before):
        return True
    # Such a holder is not newly there; whether more votes affect control is for judgement.
    return UNKNOWN if placement.holder_after > placement.holder_before else False


def _working(placement: Placement, band: _Band | None) -> Iterator[Step]:
    yield from _price_steps(placement, band)
    yield from _size_steps(placement)
    yield from _insider_steps(placement)
    yield from _control_steps(placement)


def _price_steps(placement: Placement, band: _Band | None) -> Iterator[Step]:
    yield Step("Price", placement.price)
    price, market = placement.price, placement.market_price
    if market is None or band is None:
        yield Step("Market price", None)
        return
    yield Step("Market price", market, band.where, RULE.source)
    if len(band.discounts) > 1:
        yield note("the bands do not meet: the text names no discount for this market price")
    if price is not None:
        fractions = [line.value for line in band.discounts]
        shown = percent(discount_of(price, market), *fractions)
        tests = " or ".join(line.test for line in band.discounts)
        yield Step("Discount to the market price", shown, tests, band.discounts[0].source)
    for line in band.discounts:
        yield headroom(
            "Lowest price within the discount", _lowest(market, line), f"not {line.test}"
        )


def _size_steps(placement: Placement) -> Iterator[Step]:
    line = DILUTION.on()
    price, market = placement.price, placement.market_price
    if price is not None and market is not None and price >= market:
        yield note("not below the market price: the limit on size does not apply", line.source)
    if placement.issuable and placement.outstanding:
        part = total(placement.issuable)
        yield from _share_steps("Issuable", part, line, placement.outstanding)


def _insider_steps(placement: Placement) -> Iterator[Step]:
    line, window = INSIDERS.on(), INSIDERS_WINDOW.on()
    if placement.insider_issuable is not None and placement.outstanding:
        item = f"To insiders in {window.shown}"
        yield from _share_steps(item, placement.insider_issuable, line, placement.outstanding)


def _share_steps(
    item: str, part: Exact, line: Threshold, outstanding: Sequence[Exact]
) -> Iterator[Step]:
    whole = total(outstanding)
    shown = percent(quotient(part, whole), line.value)
    yield Step(f"{item}, of those outstanding", shown, line.test, line.source)
    gap = floor(times(whole, line.value)) - ceiling(part)
    yield headroom(f"{item}: securities {'left' if gap >= 0 else 'over'}", abs(gap))


def _control_steps(placement: Placement) -> Iterator[Step]:
    line = CONTROL.on()
    after, before = placement.holder_after, placement.holder_before
    if after is None:
        return
    yield Step("Largest holder after", percent(after, line.value), line.test, line.source)
    if before is not None:
        yield Step("The same holder before", percent(before, line.value), line.test, line.source)
    elif line.met_by(after):
        yield assumed("largest_holder_before", "not given: read as below the line, so newly at it")
    yield headroom("To the line", percent(magnitude(minus(after, line.value))))
    if not line.met_by(after):
        yield note(
            "a position below the line may affect control too: that is for judgement", line.source
        )
