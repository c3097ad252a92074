"""The average price of all sales under an equity line, commitment shares counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from xl_compliance.rules.exact import Exact, exactly, plus, quotient, times, total
from xl_compliance.rules.outcome import (
    Malformed,
    NotEnoughData,
    Outcome,
    Step,
    assumed,
    note,
)
from xl_compliance.rules.parameters import rules_in

RULE: Final = rules_in("nasdaq/equity_line")["NASDAQ-EQUITY-LINE"]


@exactly
def average_price(
    prices: Sequence[Exact | None],
    shares: Sequence[Exact | None],
    commitment_shares: Sequence[Exact] = (),
) -> Outcome:
    """Total paid over shares sold and commitment shares; rows blank in both are dropped.

    >>> average_price([10, 12], [100, 300], [50]).value
    Fraction(92, 9)
    """
    sales = _sales(prices, shares)
    paid = total(times(price, count) for price, count in sales)
    sold, given = total(count for _, count in sales), total(commitment_shares)
    value = quotient(paid, plus(sold, given))

    def working() -> Iterator[Step]:
        yield Step("Sales", len(sales))
        yield Step("Total paid", paid)
        yield Step("Shares sold", sold)
        if commitment_shares:
            yield Step("Commitment shares", given, "issued for no payment")
        else:
            yield assumed("commitment_shares", "not given: read as none", RULE.source)
        yield Step("Average price", value, "total paid over all shares", RULE.source)
        yield note(
            "held against the base price of the agreement: the Minimum Price at signing and what "
            "was added for commitment shares and warrants",
            RULE.source,
        )

    return Outcome(value, "total paid over shares sold and commitment shares", (), working)


def _sales(
    prices: Sequence[Exact | None], shares: Sequence[Exact | None]
) -> list[tuple[Exact, Exact]]:
    if len(prices) != len(shares):
        raise Malformed(f"{len(prices)} prices and {len(shares)} share counts: give both a sale")
    sales = []
    for number, (price, count) in enumerate(zip(prices, shares, strict=True), 1):
        if price is None and count is None:
            continue
        if price is None or count is None:
            missing = "price" if price is None else "share count"
            raise NotEnoughData(f"row {number} has no {missing}: a sale needs both")
        sales.append((price, count))
    return sales
