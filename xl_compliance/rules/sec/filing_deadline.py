"""By when a Schedule 13D and its amendments have to be filed (Rules 13d-1(a), 13d-2(a), 0-3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from xl_compliance.rules.business_days import business_days_later, holiday, on_or_after
from xl_compliance.rules.outcome import (
    UNKNOWN,
    Fact,
    NotEnoughData,
    Outcome,
    OutOfDomain,
    Step,
    assumed,
    note,
)
from xl_compliance.rules.parameters import Threshold, rules_in

RULE: Final = rules_in("sec/filing_deadline")["SEC-13D-DUE"]
INITIAL: Final = RULE["initial"]
COUNTING: Final = RULE["counting"]
AMENDING: Final = RULE["amending"]
AMENDMENT: Final = RULE["amendment"]

BUSINESS_DAYS: Final = "BUSINESS DAYS"
PROMPTLY: Final = "PROMPTLY"


def due(event: date, amendment: Fact = None, as_of: date | None = None) -> Outcome:
    """The last day in time, or PROMPTLY for an amendment under the law before 5 Feb 2024.

    >>> due(date(2024, 11, 27)).value, due(date(2013, 7, 8)).value
    (datetime.date(2024, 12, 5), datetime.date(2013, 7, 18))
    >>> due(date(2013, 7, 8), amendment=True).value
    'PROMPTLY'
    """
    if amendment is UNKNOWN:
        raise NotEnoughData("whether it is an amendment is not decided; it is due sooner")
    law = event if as_of is None else as_of
    if amendment is not True:
        days, counting = INITIAL.on(law), COUNTING.on(law)
    else:
        counting = AMENDING.on(law)
        if counting.word == PROMPTLY:
            return _promptly(event, counting)
        days = AMENDMENT.on(law)
    last = _last_day(event, int(days.value), counting)

    def working() -> Iterator[Step]:
        if amendment is None:
            yield assumed("amendment", "not given: read as an initial Schedule 13D")
        yield Step("Event", event, f"the law of {law}")
        yield Step("Days", int(days.value), counting.word.lower(), days.source)
        yield from _kept(event, last)
        yield Step("Due", last, f"a {last:%A}")
        yield note(
            "days on which an order of the President closed departments once are counted as "
            "business days: the earlier date is the safe one"
        )

    reason = f"{days.value} {counting.word.lower()} after {event}"
    return Outcome(last, reason, (days, counting), working)


def _promptly(event: date, counting: Threshold) -> Outcome:
    return Outcome(
        PROMPTLY,
        "no number of days was fixed for amendments",
        (counting,),
        lambda: (Step("Event", event), Step("Amendment", PROMPTLY, "", counting.source)),
    )


def _last_day(event: date, days: int, counting: Threshold) -> date:
    try:
        if counting.word == BUSINESS_DAYS:
            return business_days_later(event, days)
        return on_or_after(event + timedelta(days=days))
    except OverflowError:
        raise OutOfDomain(f"{days} days after {event} is beyond the last date") from None


def _kept(event: date, last: date) -> Iterator[Step]:
    """The holidays on the way."""
    for number in range(1, (last - event).days + 1):
        day = event + timedelta(days=number)
        if name := holiday(day):
            yield Step("Holiday", day, name, "5 U.S.C. 6103")
