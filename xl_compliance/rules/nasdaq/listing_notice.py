"""The Listing of Additional Shares notification, and its last day (Listing Rule 5250(e)(2))."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from xl_compliance.rules.exact import Exact, exactly
from xl_compliance.rules.nasdaq.issuance_size import issuance_steps, reaches
from xl_compliance.rules.outcome import (
    NEEDS_INPUT,
    NOT_REQUIRED,
    REQUIRED,
    REVIEW,
    UNKNOWN,
    Fact,
    Outcome,
    OutOfDomain,
    Step,
    note,
    said,
)
from xl_compliance.rules.parameters import rules_in

RULE: Final = rules_in("nasdaq/listing_notice")["NASDAQ-5250E2"]
SIZE: Final = RULE["size"]
NOTICE: Final = RULE["notice"]


@exactly
def notification(
    issuable: Sequence[Exact],
    outstanding: Sequence[Exact],
    votes_issuable: Sequence[Exact] = (),
    votes_outstanding: Sequence[Exact] = (),
    change_of_control: Fact = None,
    insider_acquisition: Fact = None,
    unapproved_equity_plan: Fact = None,
) -> Outcome:
    """Whether Nasdaq must be notified: above 10%, or one of three triggers.

    >>> notification([500000], [5000000], (), (), False, False, False).value
    'NOT REQUIRED'
    >>> notification([500001], [5000000]).value
    'REQUIRED'
    """
    line = SIZE.on()
    shares_and_votes = (issuable, outstanding, votes_issuable, votes_outstanding)
    triggers = {
        "change of control": change_of_control,
        "acquisition with an insider's interest": insider_acquisition,
        "equity plan without approval": unapproved_equity_plan,
    }
    verdict, reason = _verdict(reaches(line, *shares_and_votes), triggers)

    def working() -> Iterator[Step]:
        yield from issuance_steps(line, *shares_and_votes, RULE.source)
        for item, fact in triggers.items():
            yield Step(item.capitalize(), said(fact), "", RULE.source)
        yield note("a company that lists only ADRs or ADSs is exempt", RULE.source)

    return Outcome(verdict, reason, (line, NOTICE.on()), working)


def latest_notice(issuance_date: date) -> Outcome:
    """The last day on which the notification is in time.

    >>> latest_notice(date(2013, 7, 8)).value
    datetime.date(2013, 6, 23)
    """
    line = NOTICE.on()
    try:
        day = issuance_date - timedelta(days=int(line.value))
    except OverflowError:
        raise OutOfDomain(f"{line.shown} before {issuance_date} is before the first date") from None

    def working() -> Iterator[Step]:
        yield Step("Issuance", issuance_date)
        yield Step("Latest notification", day, f"{line.shown} before, calendar days", line.source)
        if day.strftime("%w") in "06":
            yield note("a weekend: the days are calendar days, so a later one would be too late")
        yield note("inducement grants have their own, later date", RULE.source)

    return Outcome(day, "calendar days before the issuance", (line,), working)


def _verdict(large: bool | None, triggers: dict[str, Fact]) -> tuple[str, str]:
    met = [item for item, fact in triggers.items() if fact is True]
    if large:
        met.insert(0, f"size {SIZE.on().test}")
    if met:
        return REQUIRED, ", ".join(met)
    undecided = [item for item, fact in triggers.items() if fact is UNKNOWN]
    if undecided:
        return REVIEW, f"not decided: {', '.join(undecided)}"
    missing = [item for item, fact in triggers.items() if fact is None]
    if large is None:
        missing.insert(0, "shares or votes, issuable or outstanding")
    if missing:
        return NEEDS_INPUT, f"not given: {', '.join(missing)}"
    return NOT_REQUIRED, f"size not {SIZE.on().test}, and no other trigger"
