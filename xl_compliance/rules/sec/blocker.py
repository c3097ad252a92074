"""Blockers: clauses that keep a holder from exercising beyond a percentage of the class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from xl_compliance.rules.exact import (
    Exact,
    exactly,
    floor,
    minus,
    percent,
    plain,
    plus,
    quotient,
    times,
    total,
)
from xl_compliance.rules.outcome import Outcome, OutOfDomain, Step, assumed

SOURCE: Final = "beneficial ownership limitation of the warrant or preferred stock (contract)"


@exactly
def most_exercisable(
    limit: Exact, outstanding: Sequence[Exact], held: Sequence[Exact] = ()
) -> Outcome:
    """Most whole shares that can be acquired with ownership afterwards not above `limit`.

    Each share acquired stands in the holder's numerator and denominator.

    >>> from decimal import Decimal as D
    >>> most_exercisable(D("0.0499"), [5059747]).value
    265741
    """
    base, own = total(outstanding), total(held)
    if own > base:
        raise OutOfDomain(f"{plain(own)} held of {plain(base)} outstanding")
    most = room(limit, base, own)

    def working() -> Iterator[Step]:
        if not held:
            yield assumed("held", "not given: nothing is held")
        yield Step("Outstanding", base)
        yield Step("Held", own)
        yield Step("Limit", percent(limit), f"<= {percent(limit)} after exercise", SOURCE)
        yield Step("Most exercisable", most, "(limit x outstanding - held) / (1 - limit), floor")
        for label, shares in (("With it", most), ("With one more", most + 1)):
            after = quotient(plus(own, shares), plus(base, shares))
            yield Step(label, percent(after, limit), "held + exercised over outstanding + it")

    reason = "nothing can be exercised" if not most else "one share more exceeds the limit"
    return Outcome(most, reason, (), working)


def room(limit: Exact, base: Exact, own: Exact) -> int:
    """Whole shares up to the limit, not below 0; call it under `exactly`."""
    if limit >= 1:
        raise OutOfDomain("a limit of 100% limits nothing")
    share = quotient(minus(times(limit, base), own), minus(1, limit))
    return max(0, floor(share))
