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
    plus,
    quotient,
    times,
    total,
)
from xl_compliance.rules.nasdaq.voting_rights import BREACH, OK
from xl_compliance.rules.outcome import (
    NEEDS_INPUT,
    REVIEW,
    Fact,
    Outcome,
    OutOfDomain,
    Step,
    assumed,
    headroom,
    note,
    said,
)
from xl_compliance.rules.parameters import rules_in

RULE: Final = rules_in("nasdaq/director_rights")["NASDAQ-FAQ-292"]
HALF: Final = RULE["half"]
ACCEPTED_MINIMUM: Final = RULE["accepted_minimum"]


@exactly
def seats(
    investor_votes: Sequence[Exact], total_votes: Sequence[Exact], board_size: Exact
) -> Outcome:
    """The investor's share of the board, rounded up, short of a majority it does not hold.

    >>> seats([30], [100], 7).value, seats([40], [100], 3).value, seats([50], [100], 5).value
    (3, 1, 3)
    """
    own, every = total(investor_votes), total(total_votes)
    line = HALF.on()
    rounded, value = _seats(own, every, board_size)
    held_back = value < rounded

    def working() -> Iterator[Step]:
        share = quotient(own, every)
        yield Step("Voting power", percent(share, line.value), line.test, RULE.source)
        yield Step("Share of the board", times(share, board_size), "rounded up", RULE.source)
        if held_back:
            yield Step("Rounded up", rounded, "a majority of the board: stepped down", RULE.source)
        yield Step("Directors", value)

    reason = "rounding up would give a majority" if held_back else "voting power, rounded up"
    return Outcome(value, reason, (line,), working)


@exactly
def ownership(
    investor_votes: Sequence[Exact],
    convertible_without_payment: Sequence[Exact],
    total_votes: Sequence[Exact],
) -> Outcome:
    """The voting share that counts: conversions that need no payment are added to both.

    >>> from fractions import Fraction
    >>> ownership([0], [1853351], [5059747]).value == Fraction(1853351, 6913098)
    True
    """
    own, added, every = (
        total(investor_votes),
        total(convertible_without_payment),
        total(total_votes),
    )
    _check_votes(own, every)
    value = quotient(plus(own, added), plus(every, added))

    def working() -> Iterator[Step]:
        yield Step("Votes of the investor", own)
        yield Step("Votes from conversion without payment", added, "added to both", RULE.source)
        yield Step("Votes of all holders", every, "without those of the conversion")
        yield Step("Voting power", percent(value, HALF.on().value), "", RULE.source)
        yield note("warrants are never counted: their exercise needs a payment", RULE.source)

    return Outcome(value, "votes that need no further payment", (), working)


@exactly
def rights(
    designees: Exact | None,
    votes_at_appointment: Sequence[Exact],
    total_votes_at_appointment: Sequence[Exact],
    board_size: Exact | None,
    minimum_ownership: Exact | None = None,
    step_down: Fact = None,
    votes_now: Sequence[Exact] = (),
    total_votes_now: Sequence[Exact] = (),
) -> Outcome:
    """Whether rights to designate directors are in proportion, then and now.

    >>> from decimal import Decimal as D
    >>> rights(3, [30], [100], 10, D("0.05"), True).value, rights(4, [30], [100], 10).value
    ('OK', 'BREACH')
    """
    lines = (HALF.on(), ACCEPTED_MINIMUM.on())
    if (
        designees is None
        or board_size is None
        or not votes_at_appointment
        or not total_votes_at_appointment
    ):
        reason = "designees, votes at appointment, all votes or the size of the board not given"
        return Outcome(NEEDS_INPUT, reason, lines)
    if designees != floor(designees):
        raise OutOfDomain(f"{plain(designees)} designees: a whole number is needed")
    then = total(votes_at_appointment), total(total_votes_at_appointment)
    now = _now(then, votes_now, total_votes_now)
    _, allowed = _seats(*then, board_size)
    allowed_now = None if now is None else _seats_now(now, board_size, minimum_ownership)

    def working() -> Iterator[Step]:
        yield Step("Designees", designees)
        yield from _ownership_steps("at appointment", then, allowed)
        if not votes_now and not total_votes_now:
            yield assumed("votes_now", "not given: read as at appointment", RULE.source)
            yield assumed("total_votes_now", "not given: read as at appointment", RULE.source)
        if now is not None and allowed_now is not None:
            yield from _ownership_steps("now", now, allowed_now)
        line = ACCEPTED_MINIMUM.on()
        shown = None if minimum_ownership is None else percent(minimum_ownership, line.value)
        yield Step("Minimum ownership of the agreement", shown, line.test, line.source)
        yield Step("Step-down in the agreement", said(step_down), "", RULE.source)
        yield headroom("Designees left at appointment", allowed - floor(designees))
        yield note("nobody must resign during a term", RULE.source)

    if designees > allowed:
        return Outcome(BREACH, "more designees than the votes at appointment allow", lines, working)
    doubts = _doubts(designees, allowed_now, minimum_ownership, step_down)
    if doubts:
        return Outcome(REVIEW, "; ".join(doubts), lines, working)
    if now is None:
        return Outcome(NEEDS_INPUT, "only one of the two votes of today is given", lines, working)
    return Outcome(OK, "in proportion, with a minimum and a step-down", lines, working)


def _now(
    then: tuple[Exact, Exact], votes: Sequence[Exact], every: Sequence[Exact]
) -> tuple[Exact, Exact] | None:
    """The votes of today; None where only one of the two is given."""
    if not votes and not every:
        return then
    return (total(votes), total(every)) if votes and every else None


def _seats(own: Exact, every: Exact, board_size: Exact) -> tuple[int, int]:
    """The share of the board rounded up, and what is left of it below half of the votes."""
    _check_votes(own, every)
    if board_size != floor(board_size):
        raise OutOfDomain(f"a board of {plain(board_size)}: a whole number is needed")
    rounded = ceiling(quotient(times(own, board_size), every))
    if HALF.on().met_by(own, every) and 2 * rounded > board_size:
        return rounded, floor(quotient(board_size, 2))
    return rounded, rounded


def _seats_now(now: tuple[Exact, Exact], board_size: Exact, minimum: Exact | None) -> int:
    """The seats of today's votes: none below the minimum of the agreement."""
    own, every = now
    _, allowed = _seats(own, every, board_size)
    return 0 if minimum is not None and own < times(every, minimum) else allowed


def _check_votes(own: Exact, every: Exact) -> None:
    if own > every:
        raise OutOfDomain(f"{plain(own)} votes held of {plain(every)}")


def _doubts(
    designees: Exact, allowed_now: int | None, minimum: Exact | None, step_down: Fact
) -> list[str]:
    line = ACCEPTED_MINIMUM.on()
    doubts = []
    if allowed_now is not None and designees > allowed_now:
        doubts.append("more designees than today's votes allow: the rights must step down")
    if minimum is None:
        doubts.append("no minimum ownership is stated")
    elif line.met_by(minimum):
        doubts.append(f"a minimum {line.test}, lower than Nasdaq is known to have allowed")
    if step_down is not True:
        doubts.append(f"step-down: {said(step_down)}")
    return doubts


def _ownership_steps(when: str, votes: tuple[Exact, Exact], allowed: int) -> Iterator[Step]:
    share = percent(quotient(*votes), HALF.on().value, ACCEPTED_MINIMUM.on().value)
    yield Step(f"Voting power {when}", share, "", RULE.source)
    yield Step(f"Directors allowed {when}", allowed, "rounded up, no majority below half")
