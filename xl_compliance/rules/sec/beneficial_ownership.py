"""Beneficial ownership: shares held and rights to acquire within sixty days (Rule 13d-3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from xl_compliance.rules.exact import Column, Exact, exactly, percent, plain, quotient, total
from xl_compliance.rules.outcome import (
    UNKNOWN,
    Fact,
    Malformed,
    NotEnoughData,
    Outcome,
    OutOfDomain,
    Step,
    assumed,
)
from xl_compliance.rules.parameters import rules_in

RULE: Final = rules_in("sec/beneficial_ownership")["SEC-13D3"]
RIGHT_TO_ACQUIRE: Final = RULE["right_to_acquire"]

Rights = Sequence[Exact | None]
Dates = Sequence[date | None]


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
) -> list[tuple[Exact, date | None, bool]]:
    """Each right with its date and whether it counts."""
    if all(day is None for day in exercisable_on):
        return [(right, None, True) for right in rights if right is not None]
    pairs = _pairs(rights, exercisable_on)
    if control_purpose is True:
        return [(right, day, True) for right, day in pairs]
    if as_of is None:
        raise NotEnoughData("exercise dates are given without the date they are counted from")
    limit = RIGHT_TO_ACQUIRE.on(as_of)
    judged = [(right, day, limit.met_by((day - as_of).days)) for right, day in pairs]
    if control_purpose is UNKNOWN and not all(counts for _, _, counts in judged):
        raise NotEnoughData(
            "a right beyond sixty days counts if it is held for control, which is not decided"
        )
    return [(right, day, counts) for right, day, counts in judged]


def _pairs(rights: Rights, exercisable_on: Dates) -> list[tuple[Exact, date]]:
    if len(rights) != len(exercisable_on):
        raise Malformed(f"{len(rights)} rights and {len(exercisable_on)} exercise dates")
    pairs = []
    for row, (right, day) in enumerate(zip(rights, exercisable_on, strict=True), 1):
        if right is None and day is None:
            continue
        if right is None or day is None:
            raise NotEnoughData(f"right {row}: a number of shares and a date are needed together")
        pairs.append((right, day))
    return pairs


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
