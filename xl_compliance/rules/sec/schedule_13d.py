"""How a Schedule 13D cover page states its figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xl_compliance.rules.exact import Exact, exactly, plain, rounded_half_up, times, total
from xl_compliance.rules.outcome import NEEDS_INPUT, Outcome, Step, assumed
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


@exactly
def row_11_among_powers(
    sole_voting: Exact | None,
    shared_voting: Exact | None,
    sole_dispositive: Exact | None,
    shared_dispositive: Exact | None,
    aggregate: Exact | None,
) -> Outcome:
    """Whether row 11 lies between the larger of rows 7+8 and 9+10 and all four together.

    Blank sole rows are read as zero.

    >>> row_11_among_powers(None, 2870756, None, 2870756, 2870756).value
    True
    >>> row_11_among_powers(None, 2870765, None, 2870756, 2870756).value
    False
    """
    if shared_voting is None or shared_dispositive is None or aggregate is None:
        return Outcome(NEEDS_INPUT, "row 8, 10 or 11 is not given")
    voting = total([sole_voting or 0, shared_voting])
    dispositive = total([sole_dispositive or 0, shared_dispositive])
    least, most = max(voting, dispositive), total([voting, dispositive])
    inside = least <= aggregate <= most

    def working() -> Iterator[Step]:
        if sole_voting is None or sole_dispositive is None:
            yield assumed("sole rows", "blank: read as zero")
        yield Step("Rows 7 + 8", voting)
        yield Step("Rows 9 + 10", dispositive)
        yield Step("Row 11", aggregate, f"from {plain(least)} to {plain(most)}")

    side = "below the larger of rows 7+8 and 9+10" if aggregate < least else "above all four rows"
    reason = "row 11 fits rows 7 to 10" if inside else f"row 11 is {side}"
    return Outcome(inside, reason, (), working)
