"""How many directors an investor may designate (FAQ 292)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from xl_compliance.rules.exact import (
    Exact,
    ceiling,
    exactly,
    floor,
    percent,
    plain,
    quotient,
    times,
    total,
)
from xl_compliance.rules.outcome import Outcome, OutOfDomain, Step
from xl_compliance.rules.parameters import rules_in

RULE: Final = rules_in("nasdaq/director_rights")["NASDAQ-FAQ-292"]
HALF: Final = RULE["half"]


@exactly
def seats(
    investor_votes: Sequence[Exact], total_votes: Sequence[Exact], board_size: Exact
) -> Outcome:
    """The investor's share of the board, rounded up, short of a majority it does not hold.

    >>> seats([30], [100], 7).value, seats([40], [100], 3).value, seats([50], [100], 5).value
    (3, 1, 3)
    """
    own, every = total(investor_votes), total(total_votes)
    if own > every:
        raise OutOfDomain(f"{plain(own)} votes held of {plain(every)}")
    if board_size != floor(board_size):
        raise OutOfDomain(f"a board of {plain(board_size)}: a whole number is needed")
    line = HALF.on()
    rounded = ceiling(quotient(times(own, board_size), every))
    held_back = line.met_by(own, every) and 2 * rounded > board_size
    value = floor(quotient(board_size, 2)) if held_back else rounded

    def working() -> Iterator[Step]:
        share = quotient(own, every)
        yield Step("Voting power", percent(share, line.value), line.test, RULE.source)
        yield Step("Share of the board", times(share, board_size), "rounded up", RULE.source)
        if held_back:
            yield Step("Rounded up", rounded, "a majority of the board: stepped down", RULE.source)
        yield Step("Directors", value)

    reason = "rounding up would give a majority" if held_back else "voting power, rounded up"
    return Outcome(value, reason, (line,), working)
