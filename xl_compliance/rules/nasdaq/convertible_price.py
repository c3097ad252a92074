"""What a convertible is issued at, and whether that is a discount (FAQ 276, 277, 279, 1136)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from xl_compliance.rules.exact import Exact, exactly, magnitude, minus, plain, quotient
from xl_compliance.rules.nasdaq import warrants
from xl_compliance.rules.outcome import (
    NEEDS_INPUT,
    Outcome,
    OutOfDomain,
    Step,
    assumed,
    headroom,
    note,
)
from xl_compliance.rules.parameters import rules_in

RULES: Final = rules_in("nasdaq/convertible_price")
RULE: Final = RULES["NASDAQ-FAQ-276"]
SETTLEMENT_RULE: Final = RULES["NASDAQ-FAQ-1136"]


@dataclass(frozen=True, slots=True)
class Terms:
    """A convertible, and the warrants sold with it where there are any; prices per share."""

    conversion_price: Exact | None
    exercise_price: Exact | None = None
    warrants_per_share: Exact | None = None
    lowest_conversion_price: Exact | None = None
    lowest_exercise_price: Exact | None = None

    @property
    def lowest_conversion(self) -> Exact | None:
        """The lowest conversion price that is known."""
        return _lower(self.conversion_price, self.lowest_conversion_price)

    @property
    def lowest_exercise(self) -> Exact | None:
        """The lowest exercise price that is known."""
        return _lower(self.exercise_price, self.lowest_exercise_price)

    @property
    def has_warrants(self) -> bool:
        """Whether anything is said about warrants."""
        return self.lowest_exercise is not None or self.warrants_per_share is not None


@exactly
def conversion_price(
    principal: Exact,
    max_shares: Exact,
    max_cash: Exact | None = None,
    of_which_accrued_interest: Exact | None = None,
) -> Outcome:
    """Principal, less cash other than accrued interest, over the most shares.

    >>> from decimal import Decimal as D
    >>> conversion_price(1000000, 100000, 50000).value
    Decimal('9.5')
    """
    cash, accrued = max_cash or 0, of_which_accrued_interest or 0
    if accrued > cash:
        raise OutOfDomain(f"{plain(accrued)} of accrued interest in {plain(cash)} of cash")
    deducted = minus(cash, accrued)
    left = minus(principal, deducted)
    if left < 0:
        raise OutOfDomain(f"{plain(deducted)} of cash for {plain(principal)} of principal")
    value = quotient(left, max_shares)

    def working() -> Iterator[Step]:
        yield Step("Principal", principal)
        if max_cash is None:
            yield assumed("max_cash", "not given: read as no cash at conversion", RULE.source)
        else:
            yield Step("Most cash at conversion", max_cash, "make-whole, foregone interest")
        if of_which_accrued_interest is None:
            yield assumed("of_which_accrued_interest", "not given: read as none", RULE.source)
        else:
            yield Step("Of which accrued interest", accrued, "not deducted", RULE.source)
        yield Step("Value converted", left)
        yield Step("Most shares", max_shares, "every make-whole share included", RULE.source)
        yield Step("Conversion price", value, "", RULE.source)
        yield note("flexible settlement counts as settlement in shares", SETTLEMENT_RULE.source)

    return Outcome(value, "value converted over the most shares", (), working)


@exactly
def discounted(terms: Terms, minimum_price: Exact | None) -> Outcome:
    """True unless every price stays where FAQ 276, 277 and 279 want it.

    >>> from decimal import Decimal as D
    >>> discounted(Terms(D("10.125"), 10), 10).value, discounted(Terms(D("10.12"), 10), 10).value
    (False, True)
    """
    value, reason = _discounted(terms, minimum_price)

    def working() -> Iterator[Step]:
        yield from _conversion_steps(terms)
        yield from _warrant_steps(terms, minimum_price)
        yield from _line_steps(terms, minimum_price)
        yield note("flexible settlement counts as settlement in shares", SETTLEMENT_RULE.source)
        yield note(
            "a sale to an insider is held against the closing bid instead: NASDAQ5635C", RULE.source
        )

    used = (warrants.ATTRIBUTED_VALUE.on(),) if terms.has_warrants else ()
    return Outcome(value, reason, used, working)


def _discounted(terms: Terms, minimum_price: Exact | None) -> tuple[bool | str, str]:
    if minimum_price is None:
        return NEEDS_INPUT, "the Minimum Price is not given"
    conversion, exercise = terms.lowest_conversion, terms.lowest_exercise
    if exercise is not None and exercise < minimum_price:
        return True, "an exercise price is, or could fall, below the Minimum Price"
    line = _line(terms, minimum_price)
    if conversion is not None and conversion < line:
        return True, "the conversion price is, or could fall, below the Minimum Price with warrants"
    if terms.conversion_price is None:
        return NEEDS_INPUT, "the conversion price is not given"
    if terms.has_warrants and terms.exercise_price is None:
        return NEEDS_INPUT, "warrants are sold with it, and their exercise price is not given"
    return False, "no conversion or exercise price can be too low"


def _line(terms: Terms, minimum_price: Exact) -> Exact:
    """The lowest conversion price that is no discount."""
    if not terms.has_warrants:
        return minimum_price
    # Warrants whose price is not given are worth at least what one out of the money is.
    strike = terms.lowest_exercise if terms.lowest_exercise is not None else minimum_price
    return warrants.unit_floor(minimum_price, strike, terms.warrants_per_share).number


def _lower(price: Exact | None, lowest: Exact | None) -> Exact | None:
    if price is None or lowest is None:
        return lowest if price is None else price
    return min(price, lowest)


def _conversion_steps(terms: Terms) -> Iterator[Step]:
    yield Step("Conversion price", terms.conversion_price)
    if terms.lowest_conversion_price is None:
        yield assumed(
            "lowest_conversion_price", "not given: read as no lower conversion price", RULE.source
        )
    else:
        yield Step("Lowest conversion price", terms.lowest_conversion_price, "", RULE.source)


def _warrant_steps(terms: Terms, minimum_price: Exact | None) -> Iterator[Step]:
    source = warrants.VALUE_RULE.source
    if not terms.has_warrants:
        yield assumed("exercise_price", "not given: read as no warrants", source)
        yield assumed("warrants_per_share", "not given: read as no warrants", source)
        yield assumed("lowest_exercise_price", "not given: read as no warrants", source)
        return
    test = "" if minimum_price is None else f">= {plain(minimum_price)}"
    yield Step("Exercise price", terms.exercise_price, test, source)
    if terms.lowest_exercise_price is None:
        yield assumed("lowest_exercise_price", "not given: read as no lower exercise price", source)
    else:
        yield Step("Lowest exercise price", terms.lowest_exercise_price, test, source)
    if terms.warrants_per_share is None:
        yield assumed("warrants_per_share", "not given: read as one warrant per share", source)
    else:
        yield Step("Warrants per share", terms.warrants_per_share)


def _line_steps(terms: Terms, minimum_price: Exact | None) -> Iterator[Step]:
    conversion = terms.lowest_conversion
    if minimum_price is None or conversion is None:
        return
    line = _line(terms, minimum_price)
    yield Step("Lowest price it could convert at", conversion, f">= {plain(line)}", RULE.source)
    gap = minus(conversion, line)
    yield headroom("Above the line" if gap >= 0 else "Short of the line", magnitude(gap))
