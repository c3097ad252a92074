"""Which session's close an offering is measured against, and from when a close may be used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from xl_compliance.rules.exact import Exact, plain
from xl_compliance.rules.outcome import (
    REVIEW,
    Malformed,
    Moment,
    NotEnoughData,
    Outcome,
    Step,
    assumed,
    note,
)
from xl_compliance.rules.parameters import Threshold, rules_in
from xl_compliance.rules.sessions import Calendar, OutsideCalendar, calendar

RULE: Final = rules_in("tsx/reference_close")["TSX-606-CLOSE"]
SEASONING: Final = RULE["seasoning"]


def reference_close(
    closes: Sequence[Exact | None],
    dates: Sequence[date | None],
    announced_at: Moment,
    disseminated_at: Moment | None = None,
) -> Outcome:
    """The close of the last session completed before announcement.

    Material information disseminated before must be seasoned by then.

    >>> from datetime import time
    >>> days = [date(2024, 5, 6), date(2024, 5, 9)]
    >>> reference_close([10, 9], days, Moment(days[0], time(17))).value
    10
    """
    series = _series(closes, dates)
    sessions = calendar("TSX")
    try:
        return _reference_close(sessions, series, announced_at, disseminated_at)
    except OutsideCalendar as outside:
        raise NotEnoughData(str(outside)) from None


def seasoned_from(disseminated_at: Moment, as_of: date | None = None) -> Outcome:
    """The first session whose close may be used once material information is disseminated.

    >>> from datetime import time
    >>> seasoned_from(Moment(date(2024, 5, 3), time(18))).value
    datetime.date(2024, 5, 6)
    """
    sessions = calendar("TSX")
    seasoning = SEASONING.on(as_of or disseminated_at.day)
    try:
        candidates = _completed_after(sessions, disseminated_at)
    except OutsideCalendar as outside:
        raise NotEnoughData(str(outside)) from None
    if seasoning.end is None and len(candidates) > 1 and disseminated_at.time is None:
        raise NotEnoughData(
            f"{disseminated_at.day} is a session: give the time of day, because before the open "
            "that day's close may be used and after the close it may not"
        )

    def working() -> Iterator[Step]:
        if as_of is None:
            yield assumed("as_of", "not given: the rule in force on the day of dissemination")
        yield from _dissemination_steps(sessions, disseminated_at, seasoning)

    if seasoning.end is not None:
        return Outcome(
            REVIEW,
            f"before {SEASONING.versions[-1].start} TSX took {seasoning.shown} as a benchmark and "
            "weighed shorter times",
            (seasoning,),
            working,
        )
    if len(candidates) > 1:
        return Outcome(
            REVIEW,
            "disseminated while the session was open: whether a part of a session is enough is not "
            "stated",
            (seasoning,),
            working,
        )
    return Outcome(
        candidates[0], "the first session completed after dissemination", (seasoning,), working
    )


def _reference_close(
    sessions: Calendar,
    series: Mapping[date, Exact],
    announced_at: Moment,
    disseminated_at: Moment | None,
) -> Outcome:
    completed = _completed_before(sessions, announced_at)
    seasoning = SEASONING.on(announced_at.day)
    if disseminated_at is not None:
        first = _surely_seasoned(sessions, disseminated_at, seasoning)
        if completed[0] < first:
            raise NotEnoughData(
                f"material information of {disseminated_at} is not seasoned at the close of "
                f"{completed[0]}: the first close that may surely be used is that of {first}"
            )
    found = [_close_of(series, day) for day in completed]
    if found[0] != found[-1]:
        raise NotEnoughData(
            f"announced on {announced_at} without a time of day: {plain(found[0])} before the "
            f"close, {plain(found[-1])} after it"
        )
    session = completed[-1]

    def working() -> Iterator[Step]:
        yield Step("Announced", str(announced_at))
        yield Step("Last session completed before announcement", session, "", RULE.source)
        yield Step("Closing price", found[-1], "", RULE.source)
        yield from _timing_notes(sessions, series, announced_at, session)
        if disseminated_at is None:
            yield assumed(
                "disseminated_at",
                "not given: read as no material information that is not seasoned",
                "TSX response 3",
            )
        else:
            yield from _dissemination_steps(sessions, disseminated_at, seasoning)
        yield note(
            "TSX may take another price where the close does not appear appropriate",
            "TSX response 1(c)",
        )

    return Outcome(
        found[-1],
        f"the close of {session}, the last session completed before announcement",
        (seasoning,) if disseminated_at is not None else (),
        working,
    )


def _completed_before(sessions: Calendar, announced_at: Moment) -> tuple[date, ...]:
    """The last session completed then; two, where the time of day would decide and is not given."""
    day, clock = announced_at.day, announced_at.time
    if not sessions.is_session(day):
        return (sessions.session_before(day),)
    if clock is None:
        return sessions.session_before(day), day
    # The close itself completes the session; an early close is the close.
    return (day,) if clock >= sessions.closing_time(day) else (sessions.session_before(day),)


def _completed_after(sessions: Calendar, disseminated_at: Moment) -> tuple[date, ...]:
    """The first session completed after dissemination.

    Two, where the session was open or the time of day is not given: that day or the next.
    """
    day, clock = disseminated_at.day, disseminated_at.time
    if not sessions.is_session(day):
        return (sessions.session_on_or_after(day),)
    if clock is not None and clock < sessions.opening_time(day):
        return (day,)
    if clock is not None and clock > sessions.closing_time(day):
        return (sessions.session_after(day),)
    return day, sessions.session_after(day)


def _surely_seasoned(sessions: Calendar, disseminated_at: Moment, seasoning: Threshold) -> date:
    """The first close that may be used under every reading."""
    session = _completed_after(sessions, disseminated_at)[-1]
    for _ in range(1, int(seasoning.value)):
        session = sessions.session_after(session)
    return session


def _series(closes: Sequence[Exact | None], dates: Sequence[date | None]) -> Mapping[date, Exact]:
    if len(closes) != len(dates):
        raise Malformed(f"{len(closes)} closes and {len(dates)} dates: give one date a close")
    series: dict[date, Exact] = {}
    for close, day in zip(closes, dates, strict=True):
        if close is None and day is None:
            continue
        if close is None or day is None:
            what = f"{day} has no close" if close is None else f"{plain(close)} has no date"
            raise NotEnoughData(f"closing prices: {what}")
        if day in series:
            raise Malformed(f"closing prices: {day} stands there twice")
        series[day] = close
    return series


def _close_of(series: Mapping[date, Exact], day: date) -> Exact:
    if day not in series:
        raise NotEnoughData(f"the close of {day}, which counts, is missing")
    return series[day]


def _timing_notes(
    sessions: Calendar, series: Mapping[date, Exact], announced_at: Moment, session: date
) -> Iterator[Step]:
    day = announced_at.day
    if not sessions.is_session(day):
        yield note(f"{day} is not a session of TSX")
    elif announced_at.time == sessions.closing_time(day):
        yield note("announced exactly at the close: read as after it")
    elif announced_at.time is None:
        yield note("announced without a time of day: the close before and that day's are the same")
    if sessions.closes_early(day):
        yield note(f"{day} closed early at {sessions.closing_time(day):%H:%M}: that is the close")
    if any(later > session for later in series):
        yield note(
            "later closes are not used: no re-set while the offering is marketed",
            "TSX response 1(c)",
        )


def _dissemination_steps(
    sessions: Calendar, disseminated_at: Moment, seasoning: Threshold
) -> Iterator[Step]:
    candidates = _completed_after(sessions, disseminated_at)
    yield Step("Material information disseminated", str(disseminated_at), "", seasoning.source)
    yield Step(
        "First session completed after it",
        " or ".join(map(str, candidates)),
        f"{plain(seasoning.value)} completed",
        seasoning.source,
    )
    day = disseminated_at.day
    if sessions.closes_early(day):
        yield note(f"{day} closed early at {sessions.closing_time(day):%H:%M}: that is the close")
