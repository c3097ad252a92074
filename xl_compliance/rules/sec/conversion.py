"""Share counts and prices behind a filing's footnotes."""

from __future__ import annotations

from typing import Final

from xl_compliance.rules.exact import Exact, exactly, floor, plain, quotient, times
from xl_compliance.rules.outcome import Outcome, Step

SOURCE: Final = "Giga-tronics Schedule 13D/A (17 Jul 2013), note 1 and Item 3"


@exactly
def converted_shares(preferred: Exact, ratio: Exact) -> Outcome:
    """Whole common shares into which preferred shares convert.

    >>> from decimal import Decimal as D
    >>> converted_shares(D("5111.86"), 100).value
    511186
    """
    product = times(preferred, ratio)
    return Outcome(
        floor(product),
        "exact product, rounded down to whole shares",
        working=lambda: (
            Step("Preferred shares", preferred),
            Step("Common per preferred", ratio),
            Step("Product", product),
            Step("Whole shares", floor(product), "rounded down", SOURCE),
        ),
    )


@exactly
def price_per_share(paid: Exact, shares: Exact) -> Outcome:
    """What was paid, over the shares it was paid for.

    >>> from decimal import Decimal as D
    >>> price_per_share(D("730995.98"), 511186).value
    Decimal('1.43')
    """
    price = quotient(paid, shares)
    return Outcome(
        price,
        "total over shares",
        working=lambda: (
            Step("Total paid", paid),
            Step("Shares", shares),
            Step("Price per share", plain(price, 8), "", SOURCE),
        ),
    )
