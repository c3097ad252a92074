"""How a Schedule 13D cover page states its figures."""

from __future__ import annotations

from typing import Final

from xl_compliance.rules.exact import Exact, exactly, rounded_half_up, times
from xl_compliance.rules.outcome import Outcome, Step
from xl_compliance.rules.parameters import rules_in

RULE: Final = rules_in("sec/schedule_13d")["SEC-13D"]
PLACES: Final = RULE["places"]


@exactly
def row_13(fraction: Exact) -> Outcome:
    """The percentage of row 13 as text, rounded half up to one decimal.

    >>> from decimal import Decimal as D
    >>> row_13(D("0.361989141")).value
    '36.2%'
    """
    places = PLACES.on()
    text = f"{rounded_half_up(times(fraction, 100), int(places.value))}%"
    return Outcome(
        text,
        "rounded half up",
        (places,),
        lambda: (Step("Fraction", fraction), Step("Row 13", text, "", places.source)),
    )
