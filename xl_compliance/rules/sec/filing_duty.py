"""When a Schedule 13D has to be filed (Rule 13d-1(a)), and when amended (Rule 13d-2(a))."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from xl_compliance.rules.exact import (
    Exact,
    exactly,
    magnitude,
    minus,
    percent,
    plain,
    plus,
    quotient,
    times,
    total,
)
from xl_compliance.rules.outcome import (
    NEEDS_INPUT,
    NOT_REQUIRED,
    REQUIRED,
    REVIEW,
    Fact,
    Outcome,
    OutOfDomain,
    Step,
    assumed,
    headroom,
    note,
)
from xl_compliance.rules.parameters import rules_in
from xl_compliance.rules.sec.beneficial_ownership import (
    RIGHT_TO_ACQUIRE,
    Dates,
    Rights,
    Standing,
    paired,
    standing,
)

_RULES: Final = rules_in("sec/filing_duty")
RULE: Final = _RULES["SEC-13D1"]
OWNERSHIP: Final = RULE["ownership"]
AMENDMENT_RULE: Final = _RULES["SEC-13D2"]
MATERIAL: Final = AMENDMENT_RULE["material"]


@exactly
def schedule_13d(
    held: Sequence[Exact],
    rights: Rights,
    outstanding: Sequence[Exact],
    exercisable_on: Dates = (),
    as_of: date | None = None,
    control_purpose: Fact = None,
) -> Outcome:
    """Whether a holder beneficially owns more than five percent of the class.

    What is not known can only add to the percentage: REQUIRED without it stands.

    >>> schedule_13d([250000], [0], [5000000]).value, schedule_13d([250001], [0], [5000000]).value
    ('NOT REQUIRED', 'REQUIRED')
    """
    line, limit = OWNERSHIP.on(as_of), RIGHT_TO_ACQUIRE.on(as_of)
    lines = (line, limit)
    if not outstanding:
        return Outcome(NEEDS_INPUT, "outstanding is not given", lines)
    sure, doubtful, left_open = _split(rights, exercisable_on, as_of, control_purpose)
    own, base = total(held), total(outstanding)
    if own > base:
        raise OutOfDomain(f"{plain(own)} held of {plain(base)} outstanding")
    shares, deemed = plus(own, total(sure)), plus(base, total(sure))
    unknown = [] if held else ["held is not given"]
    unknown += [] if rights else ["rights are not given; 0 for none"]
    # Whatever becomes of a doubtful right, it cannot matter below the line with it.
    if doubtful is None or line.met_by(plus(shares, doubtful), plus(deemed, doubtful)):
        unknown += left_open
    over = line.met_by(shares, deemed)

    def working() -> Iterator[Step]:
        yield Step("Held", own)
        yield Step("Rights counted", total(sure), f"within {limit.shown}", limit.source)
        if rights and all(day is None for day in exercisable_on):
            yield assumed("exercisable_on", "not given: every right counts")
        elif control_purpose is None:
            yield assumed("control_purpose", "not given: read as not held to change control")
        for reason in dict.fromkeys([*unknown, *left_open]):
            yield note(reason)
        yield Step("Deemed outstanding for this holder", deemed, "outstanding + rights counted")
        part = percent(quotient(shares, deemed), line.value)
        yield Step("Percentage of the class", part, line.test, line.source)
        yield headroom("Shares to the line", minus(times(line.value, deemed), shares))
        yield note("whether a short form (Schedule 13G) may be filed instead is not tested")

    if over:
        return Outcome(REQUIRED, f"more than {line.shown} of the class", lines, working)
    if unknown:
        word = REVIEW if unknown == [Standing.CONTINGENT.text] else NEEDS_INPUT
        return Outcome(word, "; ".join(unknown), lines, working)
    return Outcome(NOT_REQUIRED, f"not more than {line.shown} of the class", lines, working)


def _split(
    rights: Rights, exercisable_on: Dates, as_of: date | None, control_purpose: Fact
) -> tuple[list[Exact], Exact | None, list[str]]:
    """The rights that count for sure, the shares of those in doubt, and why they are.

    The shares in doubt are None where they are not given either.
    """
    limit = RIGHT_TO_ACQUIRE.on(as_of)
    dated = any(day is not None for day in exercisable_on)
    sure: list[Exact] = []
    doubtful: Exact | None = 0
    reasons: list[str] = []
    for right, day in paired(rights, exercisable_on if dated else ()):
        stands = standing(day, dated, as_of, control_purpose, limit)
        if right is None:
            doubtful = None
            reasons.append("the shares of a right are not given")
        elif stands.counts:
            sure.append(right)
        elif stands is not Standing.BEYOND:
            doubtful = None if doubtful is None else plus(doubtful, right)
            reasons.append(stands.reason(limit))
    return sure, doubtful, list(dict.fromkeys(reasons))


@exactly
def material_change(
    shares_before: Exact | None, shares_after: Exact | None, outstanding: Exact | None
) -> Outcome:
    """Whether an acquisition or disposition is material by its size alone.

    >>> material_change(1848384, 2870756, 5059747).value
    'REQUIRED'
    """
    line = MATERIAL.on()
    if shares_before is None or shares_after is None or outstanding is None:
        return Outcome(NEEDS_INPUT, "shares before, after or outstanding are not given", (line,))
    moved = magnitude(minus(shares_after, shares_before))
    large = line.met_by(moved, outstanding)
    verb = "acquired" if shares_after > shares_before else "disposed of"

    def working() -> Iterator[Step]:
        part = percent(quotient(moved, outstanding), line.value)
        yield Step(f"Shares {verb}", moved)
        yield Step("Of the class", part, line.test, line.source)
        yield headroom("Shares to the line", minus(times(line.value, outstanding), moved))
        for label, shares in (("before", shares_before), ("after", shares_after)):
            yield Step(f"Percentage {label}", percent(quotient(shares, outstanding)), "not tested")
        yield note("the percentages are of the shares outstanding alone, without rights")

    if large:
        return Outcome(REQUIRED, f"{line.shown} of the class or more {verb}", (line,), working)
    return Outcome(
        REVIEW, f"less than {line.shown}: may be material all the same", (line,), working
    )
