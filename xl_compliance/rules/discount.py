"""The discount of a price to a reference price."""

from __future__ import annotations

from xl_compliance.rules.exact import Exact, exactly, minus, percent, quotient
from xl_compliance.rules.outcome import Outcome, Step


@exactly
def discount(price: Exact, reference: Exact) -> Outcome:
    """(reference - price) / reference; a premium is negative.

    >>> from decimal import Decimal
    >>> discount(Decimal("0.85"), 1).value
    Decimal('0.15')
    """
    value = discount_of(price, reference)
    return Outcome(
        value,
        "a discount" if value > 0 else "no discount",
        working=lambda: (
            Step("Price", price),
            Step("Reference price", reference),
            Step("Discount", percent(value)),
        ),
    )


@exactly
def discount_of(price: Exact, reference: Exact) -> Exact:
    """The bare fraction, of numbers or of columns of them."""
    return quotient(minus(reference, price), reference)
