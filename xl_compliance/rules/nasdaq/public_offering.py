"""Whether an offering is a public one, and its discount (FAQ 280, FAQ 1741)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xl_compliance.rules.discount import discount_of
from xl_compliance.rules.exact import Exact, exactly, minus, percent, plain, plus, times
from xl_compliance.rules.outcome import (
    NEEDS_INPUT,
    REVIEW,
    Fact,
    NotEnoughData,
    Outcome,
    Step,
    assumed,
    headroom,
    note,
    said,
)
from xl_compliance.rules.parameters import rules_in

RULES: Final = rules_in("nasdaq/public_offering")
DISCOUNT_RULE: Final = RULES["NASDAQ-FAQ-280"]
RULE: Final = RULES["NASDAQ-FAQ-1741"]
DEEP_DISCOUNT: Final = DISCOUNT_RULE["deep_discount"]
PLAIN_VANILLA: Final = DISCOUNT_RULE["plain_vanilla_value"]
PURCHASERS: Final = RULE["purchasers"]
MODERATE_DISCOUNT: Final = RULE["moderate_discount"]

PRECLUDED: Final = "PRECLUDED"
LIKELY_PUBLIC: Final = "LIKELY PUBLIC"


@exactly
def offering_discount(
    unit_price: Exact,
    minimum_price: Exact,
    attributed_value: Exact | None = None,
    warrants_per_share: Exact | None = None,
) -> Outcome:
    """The discount to the Minimum Price once the warrants' value is taken out of the unit.

    >>> from decimal import Decimal as D
    >>> offering_discount(D("5.12"), 10, D("0.125")).value
    Decimal('0.5005')
    """
    if warrants_per_share is not None and not attributed_value:
        raise NotEnoughData("warrants per share are given, and no value of a warrant")
    each = attributed_value or 0
    common = minus(unit_price, times(each, 1 if warrants_per_share is None else warrants_per_share))
    value = discount_of(common, minimum_price)
    line = DEEP_DISCOUNT.on()

    def working() -> Iterator[Step]:
        yield Step("Unit price", unit_price)
        yield from _attributed_steps(each, attributed_value, warrants_per_share)
        yield Step("Price of the common stock", common, "", DISCOUNT_RULE.source)
        yield Step(
            "Discount to the Minimum Price", percent(value, line.value), line.test, line.source
        )
        least = plus(times(minimum_price, minus(1, line.value)), minus(unit_price, common))
        yield headroom("Lowest unit price not beyond the line", least, f"not {line.test}")
        yield note("no discount is a safe harbor", DISCOUNT_RULE.source)

    return Outcome(value, "value of the warrants taken out of the unit", (line,), working)


@exactly
def prefunded_price(price_paid: Exact, nominal_exercise_price: Exact) -> Outcome:
    """What a pre-funded warrant costs in all: the price paid and the exercise price left.

    >>> from decimal import Decimal as D
    >>> prefunded_price(D("9.999"), D("0.001")).value
    Decimal('10.000')
    """
    value = plus(price_paid, nominal_exercise_price)

    def working() -> Iterator[Step]:
        yield Step("Price paid", price_paid)
        yield Step("Exercise price left to pay", nominal_exercise_price)
        yield Step("Price of the share under it", value, "", DISCOUNT_RULE.source)
        yield note("the shares under it still count as issuable", DISCOUNT_RULE.source)

    return Outcome(value, "price paid plus exercise price", (), working)


@exactly
def public_offering(
    firm_commitment: Fact,
    registered: Fact,
    broadly_marketed: Fact = None,
    purchasers: Exact | None = None,
    discount: Exact | None = None,
) -> Outcome:
    """`PRECLUDED`, `LIKELY PUBLIC` or `REVIEW`; never a flat yes.

    >>> from decimal import Decimal as D
    >>> public_offering(True, True, True, 250, D("0.06")).value
    'LIKELY PUBLIC'
    """
    facts = {
        "Firm commitment": firm_commitment,
        "Registered": registered,
        "Broadly marketed": broadly_marketed,
    }
    lines = (DEEP_DISCOUNT.on(), PURCHASERS.on(), MODERATE_DISCOUNT.on())
    verdict, reason = _verdict(facts, purchasers, discount)

    def working() -> Iterator[Step]:
        for item, fact in facts.items():
            yield Step(item, said(fact), "", RULE.source)
        deep, enough, moderate = lines
        yield Step("Purchasers", purchasers, enough.test, enough.source)
        shown = None if discount is None else percent(discount, deep.value, moderate.value)
        yield Step("Discount to the Minimum Price", shown, deep.test, deep.source)
        if discount is not None:
            yield headroom(
                "Discount to the line", percent(minus(deep.value, discount)), f"not {deep.test}"
            )
        yield note(
            "Nasdaq weighs the type of offering, its marketing, its distribution, the price and "
            "control of the company (IM-5635-3), and may object to any deep discount (Rule 5101)",
            RULE.source,
        )

    return Outcome(verdict, reason, lines, working)


def _verdict(
    facts: dict[str, Fact], purchasers: Exact | None, discount: Exact | None
) -> tuple[str, str]:
    if discount is not None and DEEP_DISCOUNT.on().met_by(discount):
        return PRECLUDED, "the discount typically precludes a public offering"
    if purchasers is None and discount is None and all(fact is None for fact in facts.values()):
        return NEEDS_INPUT, "nothing is given"
    doubts = [f"{item.lower()}: {said(fact)}" for item, fact in facts.items() if fact is not True]
    if purchasers is None:
        doubts.append("purchasers: not given")
    elif not PURCHASERS.on().met_by(purchasers):
        doubts.append(f"{plain(purchasers)} purchasers, not {PURCHASERS.on().test}")
    if discount is None:
        doubts.append("discount: not given")
    elif not MODERATE_DISCOUNT.on().met_by(discount):
        doubts.append(f"a discount that is not {MODERATE_DISCOUNT.on().test}")
    if doubts:
        return REVIEW, f"left to judgement: {'; '.join(doubts)}"
    return LIKELY_PUBLIC, "generally public, and no certainty (FAQ 1741)"


def _attributed_steps(
    each: Exact, attributed_value: Exact | None, warrants_per_share: Exact | None
) -> Iterator[Step]:
    line = PLAIN_VANILLA.on()
    if attributed_value is None:
        yield assumed("attributed_value", "not given: read as no warrants", DISCOUNT_RULE.source)
        return
    yield Step("Value of each warrant", each, f"{line.shown} where plain vanilla", line.source)
    if each < line.value:
        yield note(
            f"below the {line.shown} of a plain vanilla warrant: a structured one is valued at "
            "BLACKSCHOLES or more",
            DISCOUNT_RULE.source,
        )
    if warrants_per_share is None:
        yield assumed("warrants_per_share", "not given: read as one warrant per share")
    else:
        yield Step("Warrants per share", warrants_per_share)
