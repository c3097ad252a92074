"""The Black-Scholes value by which FAQ 280 measures structured warrants."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, isfinite, log, sqrt
from statistics import NormalDist
from typing import Final

from xl_compliance.rules.exact import Exact, from_number, percent, to_float
from xl_compliance.rules.nasdaq.public_offering import DISCOUNT_RULE
from xl_compliance.rules.outcome import Outcome, OutOfDomain, Step, assumed, note

_STANDARD: Final = NormalDist()


def black_scholes(
    spot: Exact,
    strike: Exact,
    years: Exact,
    rate: Exact,
    volatility: Exact,
    dividend_yield: Exact | None = None,
) -> Outcome:
    """A European call; rate, volatility and yield a year, continuously compounded.

    >>> from decimal import Decimal as D
    >>> black_scholes(10, 8, 5, D("0.04"), D("0.9")).value
    Decimal('7.48573143263')
    """
    numbers = (spot, strike, years, rate, volatility, dividend_yield or 0)
    try:
        value = _value(*map(to_float, numbers))
    except (ArithmeticError, ValueError):
        value = float("nan")
    if not isfinite(value):
        raise OutOfDomain("these numbers are beyond what the model can value")
    # The model is no exact arithmetic: digits in which machines could differ are left out.
    result = from_number(float(f"{value:.12g}"))

    def working() -> Iterator[Step]:
        for item, number in zip(("Spot", "Strike", "Years"), numbers, strict=False):
            yield Step(item, number)
        yield Step("Rate", percent(rate), "a year, continuously compounded")
        yield Step("Volatility", percent(volatility), "a year")
        if dividend_yield is None:
            yield assumed("dividend_yield", "not given: read as none")
        else:
            yield Step("Dividend yield", percent(dividend_yield), "a year")
        yield Step(
            "Value of each warrant", result, "equal to, or greater than", DISCOUNT_RULE.source
        )
        yield note("Nasdaq attributes this or more; it names no volatility", DISCOUNT_RULE.source)

    return Outcome(result, "European call by Black-Scholes", (), working)


def _value(
    spot: float, strike: float, years: float, rate: float, volatility: float, dividend: float
) -> float:
    forward = spot * exp(-dividend * years)
    if strike == 0:
        return forward
    discounted = strike * exp(-rate * years)
    spread = volatility * sqrt(years)
    upper = (log(spot) - log(strike) + (rate - dividend) * years) / spread + spread / 2
    value = forward * _STANDARD.cdf(upper) - discounted * _STANDARD.cdf(upper - spread)
    # A call is worth no more than the share and no less than what it is in the money.
    return min(max(value, forward - discounted, 0.0), forward) if value == value else value
