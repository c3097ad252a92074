"""Beneficial ownership: shares held and rights to acquire within sixty days (Rule 13d-3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from enum import Enum
from itertools import zip_longest
from typing import Final

from xl_compliance.rules.exact import Column, Exact, exactly, percent, plain, quotient, total
from xl_compliance.rules.outcome import (
    NEEDS_INPUT,
    REVIEW,
    UNKNOWN,
    Fact,
    Malformed,
    NotEnoughData,
    Outcome,
    OutOfDomain,
    Step,
    assumed,
    headroom,
    note,
)
from xl_compliance.rules.parameters import Threshold, rules_in

RULE: Final = rules_in("sec/beneficial_ownership")["SEC-13D3"]
RIGHT_TO_ACQUIRE: Final = RULE["right_to_acquire"]

APPROVAL: Final = "APPROVAL"
"""In place of a date: exercisable only after a vote that the holder does not decide."""

Rights = Sequence[Exact | None]
When = date | str
Dates = Sequence[When | None]


class Standing(Enum):
    """Whether a right counts. `counts` is None where it is not known."""

    UNDATED = True, "no date: counted"
    WITHIN = True, "within {limit}"
    CONTROL = True, "held to change control: counted at any date"
    BEYOND = False, "more than {limit} away"
    CONTINGENT = False, "turns on a shareholder vote: for review"
    NO_DATE = None, "the date of first exercise is not given"
    NO_COUNTING_DATE = None, "the date the {limit} run from is not given"
    CONTROL_UNDECIDED = None, "more than {limit} away, and held for control or not is undecided"

    def __init__(self, counts: bool | None, text: str) -> None:
        self.counts = counts
        self.text = text

    def reason(self, limit: Threshold) -> str:
        """Why, for a reader."""
        return self.text.format(limit=limit.shown)


def standing(
    day: When | None, dated: bool, as_of: date | None, control_purpose: Fact, limit: Threshold
) -> Standing:
    """How one right stands; `dated` says that dates are given for the rights at all.

    >>> standing(date(2012, 2, 7), True, date(2011, 12, 9), None, RIGHT_TO_ACQUIRE.on())
    <Standing.WITHIN: (True, 'within {limit}')>
    """
    if day == APPROVAL:
        return Standing.CONTINGENT
    if not dated:
        return Standing.UNDATED
    if control_purpose is True:
        return Standing.CONTROL
    if day is None:
        return Standing.NO_DATE
    if as_of is None:
        return Standing.NO_COUNTING_DATE
    assert isinstance(day, date)
    if limit.met_by((day - as_of).days):
        return Standing.WITHIN
    return Standing.CONTROL_UNDECIDED if control_purpose is UNKNOWN else Standing.BEYOND


def within_sixty_days(exercisable_on: When | None, as_of: date | None) -> Outcome:
    """Whether a right can be exercised within sixty days, the sixtieth included.

    >>> within_sixty_days(date(2012, 2, 7), date(2011, 12, 9)).value
    True
    >>> within_sixty_days("APPROVAL", date(2011, 12, 9)).value
    'REVIEW'
    """
    limit = RIGHT_TO_ACQUIRE.on(as_of)
    if exercisable_on == APPROVAL:
        reason = "a contingency outside the holder's control: not within sixty days until lifted"
        return Outcome(REVIEW, reason, (limit,))
    if exercisable_on is None or as_of is None:
        missing = "as_of" if exercisable_on else "exercisable_on"
        return Outcome(NEEDS_INPUT, f"{missing} is not given", (limit,))
    assert isinstance(exercisable_on, date)
    days = (exercisable_on - as_of).days
    within = limit.met_by(days)

    def working() -> Iterator[Step]:
        yield Step("Days until exercisable", days, limit.test, limit.source)
        yield headroom("Days to the limit", int(limit.value) - days)
        yield note("rights held to change control count at any date")

    reason = f"{days} days away" if days > 0 else "exercisable already"
    return Outcome(within, reason, (limit,), working)


@exactly
def beneficial_shares(
    held: Sequence[Exact],
    rights: Rights,
    exercisable_on: Dates = (),
    as_of: date | None = None,
    control_purpose: Fact = None,
) -> Outcome:
    """Shares held and shares that can be acquired within sixty days.

    >>> beneficial_shares([0], [999700, 342465, 511186, 506219, 511186]).value
    2870756
    """
    counted = _counted(rights, exercisable_on, as_of, control_purpose)
    return Outcome(
        total([total(held), total(counted)]),
        "held and acquirable within sixty days",
        (RIGHT_TO_ACQUIRE.on(as_of),),
        lambda: _working(held, rights, exercisable_on, as_of, control_purpose),
    )


@exactly
def beneficial_percentage(
    held: Sequence[Exact],
    rights: Rights,
    outstanding: Sequence[Exact],
    exercisable_on: Dates = (),
    as_of: date | None = None,
    control_purpose: Fact = None,
) -> Outcome:
    """The holder's percentage of the class: its counted rights are added above and below the line.

    >>> beneficial_percentage([0], [2870756], [5059747]).value
    Fraction(410108, 1132929)
    """
    counted = total(_counted(rights, exercisable_on, as_of, control_purpose))
    own, base = total(held), total(outstanding)
    if own > base:
        raise OutOfDomain(f"{plain(own)} held of {plain(base)} outstanding")
    shares, deemed = total([own, counted]), total([base, counted])
    value = quotient(shares, deemed)

    def working() -> Iterator[Step]:
        yield from _working(held, rights, exercisable_on, as_of, control_purpose)
        yield Step("Outstanding", base)
        yield Step(
            "Deemed outstanding for this holder",
            deemed,
            "outstanding + own rights counted",
            RULE.source,
        )
        yield Step("Percentage of the class", percent(value))

    return Outcome(
        value,
        "own counted rights in numerator and denominator",
        (RIGHT_TO_ACQUIRE.on(as_of),),
        working,
    )


def _counted(
    rights: Rights, exercisable_on: Dates, as_of: date | None, control_purpose: Fact
) -> Sequence[Exact]:
    if isinstance(rights, Column) and not exercisable_on:
        return rights
    return [
        right
        for right, _, counts in _judged(rights, exercisable_on, as_of, control_purpose)
        if counts
    ]


def _judged(
    rights: Rights, exercisable_on: Dates, as_of: date | None, control_purpose: Fact
) -> list[tuple[Exact, When | None, bool]]:
    """Each right with its date and whether it counts; raises where that is not known."""
    if all(day is None for day in exercisable_on):
        return [(right, None, True) for right in rights if right is not None]
    limit = RIGHT_TO_ACQUIRE.on(as_of)
    judged: list[tuple[Exact, When | None, bool]] = []
    for right, day in _pairs(rights, exercisable_on):
        stands = standing(day, True, as_of, control_purpose, limit)
        if stands.counts is None or stands is Standing.CONTINGENT:
            raise NotEnoughData(f"a right of {plain(right)}: {stands.reason(limit)}")
        judged.append((right, day, stands.counts))
    return judged


def _pairs(rights: Rights, exercisable_on: Dates) -> list[tuple[Exact, When]]:
    pairs = []
    for row, (right, day) in enumerate(paired(rights, exercisable_on), 1):
        if right is None or day is None:
            raise NotEnoughData(f"right {row}: a number of shares and a date are needed together")
        pairs.append((right, day))
    return pairs


def paired(rights: Rights, exercisable_on: Dates) -> Iterator[tuple[Exact | None, When | None]]:
    """Each right with its date, without rows that are blank in both; no dates, or one each."""
    if not exercisable_on:
        yield from ((right, None) for right in rights if right is not None)
        return
    if rights and len(rights) != len(exercisable_on):
        raise Malformed(f"{len(rights)} rights and {len(exercisable_on)} exercise dates")
    for right, day in zip_longest(rights, exercisable_on):
        if right is not None or day is not None:
            yield right, day


def _working(
    held: Sequence[Exact],
    rights: Rights,
    exercisable_on: Dates,
    as_of: date | None,
    control_purpose: Fact,
) -> Iterator[Step]:
    limit = RIGHT_TO_ACQUIRE.on(as_of)
    yield Step("Held", total(held))
    judged = _judged(rights, exercisable_on, as_of, control_purpose)
    for number, (right, day, counts) in enumerate(judged, 1):
        when = "no date: counted" if day is None else f"exercisable {day}"
        reading = when if counts else f"{when}: more than {limit.shown} away, not counted"
        yield Step(f"Right {number}", right, reading, limit.source)
    if all(day is None for day in exercisable_on):
        yield assumed("exercisable_on", "not given: every right counts")
    elif control_purpose is None:
        yield assumed("control_purpose", "not given: read as not held to change control")
    counted = [right for right, _, counts in judged if counts]
    yield Step("Beneficially owned", total([*held, *counted]), "", RULE.source)
