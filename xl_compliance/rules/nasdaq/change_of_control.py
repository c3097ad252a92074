"""Whether an issuance is presumed to result in a change of control (Listing Rule 5635(b))."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from xl_compliance.rules.exact import (
    Exact,
    ceiling,
    exactly,
    percent,
    plain,
    quotient,
    times,
    total,
)
from xl_compliance.rules.nasdaq.issuance_size import components
from xl_compliance.rules.outcome import (
    NEEDS_INPUT,
    REVIEW,
    Outcome,
    OutOfDomain,
    Step,
    assumed,
    headroom,
    note,
)
from xl_compliance.rules.parameters import rules_in

RULE: Final = rules_in("nasdaq/change_of_control")["NASDAQ-5635B"]
PRESUMPTION: Final = RULE["presumption"]

NOT_PRESUMED: Final = "NOT PRESUMED"


@exactly
def change_of_control(
    owned_after: Sequence[Exact], base_after: Sequence[Exact], largest_other: Exact | None = None
) -> Outcome:
    """`NOT PRESUMED` below 20%; from 20% on `REVIEW`, with the presumption in the reason.

    >>> change_of_control([1999999], [10000000]).value
    'NOT PRESUMED'
    >>> change_of_control([2000000], [10000000]).value
    'REVIEW'
    """
    line = PRESUMPTION.on()
    if not owned_after or not base_after:
        return Outcome(
            NEEDS_INPUT, "what the investor would own, or the base after, is not given", (line,)
        )
    own, base = total(owned_after), total(base_after)
    _check(own, base, largest_other)
    reached = line.met_by(own, base)

    def working() -> Iterator[Step]:
        yield from components("Owned or acquirable after the issuance", owned_after, RULE.source)
        yield from components("Base after the issuance", base_after, RULE.source)
        yield Step(
            "Position after the issuance",
            percent(quotient(own, base), line.value),
            line.test,
            line.source,
        )
        least = ceiling(times(base, line.value))
        if reached:
            yield headroom("Over the line", ceiling(own) - least + 1, f"{plain(least)} reach it")
        else:
            yield headroom(
                "Left below the line", least - 1 - ceiling(own), f"{plain(least)} reach it"
            )
        if largest_other is None:
            yield assumed("largest_other", "not given: read as smaller than this position")
        else:
            yield Step("Largest other position", largest_other, "", RULE.source)
        yield note(
            "use the higher of shares and votes, rights to acquire included; all facts and "
            "circumstances count",
            line.source,
        )

    if not reached:
        return Outcome(NOT_PRESUMED, "below the line", (line,), working)
    return Outcome(REVIEW, _presumed(own, largest_other), (line,), working)


def _check(own: Exact, base: Exact, largest_other: Exact | None) -> None:
    for position in (own, largest_other):
        if position is not None and position > base:
            raise OutOfDomain(f"{plain(position)} held of {plain(base)}")


def _presumed(own: Exact, largest_other: Exact | None) -> str:
    if largest_other is not None and largest_other > own:
        return (
            "at or above the line, not the largest position: a change of control is not presumed, "
            "and remains for judgement"
        )
    return (
        "at or above the line and the largest position: a change of control is presumed, and all "
        "facts count"
    )
