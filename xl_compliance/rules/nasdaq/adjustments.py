"""The lowest price a provision could lead to (FAQ 276, 277, 1143)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xl_compliance.rules.exact import Exact, exactly
from xl_compliance.rules.outcome import NotEnoughData, Outcome, Step, assumed
from xl_compliance.rules.parameters import rules_in

RULE: Final = rules_in("nasdaq/private_placement")["NASDAQ-FAQ-277"]

IGNORED: Final = frozenset({"NONE", "SPLIT"})
LOWERING: Final = frozenset({"ANTIDILUTION", "VOLUNTARY", "RESET", "FUTUREPRICED"})


@exactly
def lowest_price(price: Exact, adjustment: str | None, floor: Exact | None = None) -> Outcome:
    """The price itself without such a provision, else its floor, or 0 where there is none.

    >>> lowest_price(10, "ANTIDILUTION", 8).value, lowest_price(10, "VOLUNTARY").value
    (8, 0)
    >>> lowest_price(10, "SPLIT").value
    10
    """
    if adjustment is None:
        raise NotEnoughData("adjustment is not given: NONE says that there is none")
    lowered = adjustment in LOWERING
    value = min(price, floor or 0) if lowered else price

    def working() -> Iterator[Step]:
        yield Step("Price", price)
        yield Step(
            "Adjustment", adjustment, "lowers the price" if lowered else "left aside", RULE.source
        )
        if lowered and floor is None:
            yield assumed("floor", "not given: read as none, the price can fall to 0", RULE.source)
        elif lowered:
            yield Step("Floor", floor)

    reason = "the price could fall to it" if lowered else "no provision lowers the price"
    return Outcome(value, reason, (), working)
