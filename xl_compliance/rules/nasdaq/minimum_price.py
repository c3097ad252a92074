"""Minimum Price, market value, and the sessions whose prices count (FAQ 271 and 272)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from xl_compliance.rules.exact import Exact, exactly, plain, quotient, total
from xl_compliance.rules.outcome import (
    Malformed,
    Moment,
    NotEnoughData,
    Outcome,
    Step,
    assumed,
    note,
)
from xl_compliance.rules.parameters import rules_in
from xl_compliance.rules.sessions import Calendar, OutsideCalendar, calendar

RULE: Final = rules_in("nasdaq/minimum_price")["NASDAQ-FAQ-271"]
SESSIONS_AVERAGED: Final = RULE["sessions_averaged"]
SESSIONS_OF_MARKET_VALUE: Final = RULE["sessions_of_market_value"]
CLOSE: Final = RULE["close"]

Prices = Sequence[Exact | None]
Dates = Sequence[date | None]


@exactly
def minimum_price(closes: Prices, dates: Dates = (), signed_at: Moment | None = None) -> Outcome:
    """The lower of the last Official Closing Price and the average of the last five.

    >>> from decimal import Decimal as D
    >>> minimum_price([D("15.91"), D("15.89"), D("15.91"), D("15.81"), D("16.13")]).value
    Decimal('15.93')
    """
    count = int(SESSIONS_AVERAGED.on().value)
    return _priced(closes, dates, signed_at, count, "Official close", "Minimum Price")


@exactly
def market_value(bids: Prices, dates: Dates = (), signed_at: Moment | None = None) -> Outcome:
    """The consolidated closing bid of the session that counts.

    >>> from decimal import Decimal as D
    >>> market_value([D("10.79")]).value
    Decimal('10.79')
    """
    count = int(SESSIONS_OF_MARKET_VALUE.on().value)
    return _priced(bids, dates, signed_at, count, "Closing bid", "Market value")


@exactly
def pricing_sessions(signed_at: Moment, exchange: str = "NASDAQ", count: int = 0) -> Outcome:
    """The sessions whose prices count for an agreement signed then, oldest first.

    >>> pricing_sessions(Moment(date(2024, 3, 11), time(11, 30)), count=2).value
    (datetime.date(2024, 3, 7), datetime.date(2024, 3, 8))
    """
    sessions = calendar(exchange)
    count = count or int(SESSIONS_AVERAGED.on().value)
    windows = _windows(sessions, signed_at, count)
    if len(windows) > 1:
        raise NotEnoughData(
            f"{signed_at.day} is a session: give the time of day, because from the close on "
            "that day's price counts"
        )
    return Outcome(
        windows[0],
        f"the {count} sessions whose prices are known at {signed_at}",
        (SESSIONS_AVERAGED.on(), CLOSE.on()),
        lambda: _timing_notes(sessions, signed_at, windows[0]),
    )


def last_close_time(sessions: Calendar, day: date) -> time:
    """When `day`'s price is known: 16:00 for Nasdaq on every session, the actual close on TSX."""
    if sessions.exchange == "TSX":
        return sessions.closing_time(day)
    return time.fromisoformat(CLOSE.on().word)


def other_side_of_the_close(signed_at: Moment) -> Moment | None:
    """A signing on the other side of the close, where the FAQs do not say on which side this is.

    They name 4 p.m.: 16:00:00 itself is read as after it, and on a day that closes early 16:00 is
    kept.

    >>> str(other_side_of_the_close(Moment(date(2024, 3, 11), time(16))))
    '2024-03-11 15:59:59'
    >>> str(other_side_of_the_close(Moment(date(2023, 11, 24), time(13, 30))))
    '2023-11-24 16:00:00'
    """
    sessions, when = calendar("NASDAQ"), signed_at.time
    if when is None or not _is_session(sessions, signed_at.day):
        return None
    close = last_close_time(sessions, signed_at.day)
    if sessions.closes_early(signed_at.day):
        early = sessions.closing_time(signed_at.day) <= when < close
        return Moment(signed_at.day, close) if early else None
    before = datetime.combine(signed_at.day, close) - timedelta(seconds=1)
    return Moment.of(before) if when == close else None


def _windows(sessions: Calendar, signed_at: Moment, count: int) -> list[tuple[date, ...]]:
    """The window that counts; two, where the time of day would decide and is not given."""
    day = signed_at.day
    try:
        before = sessions.session_before(day)
        if not sessions.is_session(day):
            return [sessions.ending_at(before, count)]
        if signed_at.time is None:
            return [sessions.ending_at(before, count), sessions.ending_at(day, count)]
        after_close = signed_at.time >= last_close_time(sessions, day)
        return [sessions.ending_at(day if after_close else before, count)]
    except OutsideCalendar as outside:
        raise NotEnoughData(str(outside)) from None


def _priced(
    prices: Prices, dates: Dates, signed_at: Moment | None, count: int, what: str, name: str
) -> Outcome:
    if all(day is None for day in dates):
        return _without_dates(prices, signed_at, count, what, name)
    series = _series(prices, dates, what)
    sessions = calendar("NASDAQ")
    windows = (
        [_latest_window(sessions, series, count)]
        if signed_at is None
        else _windows(sessions, signed_at, count)
    )
    values = [_lower([_at(series, day, what) for day in window]) for window in windows]
    if len(values) > 1 and values[0] != values[1]:
        raise NotEnoughData(
            f"signed on {signed_at} without a time of day: {plain(values[0])} before the close, "
            f"{plain(values[1])} after it"
        )
    window = windows[0]
    return _outcome(
        [(f"{what} {day}", series[day]) for day in window],
        values[0],
        name,
        lambda: _dated_notes(sessions, series, signed_at, window),
    )


def _without_dates(
    prices: Prices, signed_at: Moment | None, count: int, what: str, name: str
) -> Outcome:
    given = [price for price in prices if price is not None]
    if len(given) != count or len(prices) != count:
        wanted = "exactly one price" if count == 1 else f"exactly {count} prices, oldest first"
        raise NotEnoughData(
            f"without dates {wanted} and no blanks are needed; read {len(given)} of {len(prices)}"
        )

    def notes() -> Iterator[Step]:
        yield assumed("dates", "not given: read as consecutive sessions, oldest first")
        if signed_at is not None:
            yield note(f"signed_at {signed_at} could not be used: the prices have no dates")

    return _outcome(
        [(f"{what} {number}", price) for number, price in enumerate(given, 1)],
        _lower(given),
        name,
        notes,
    )


def _outcome(
    rows: list[tuple[str, Exact]],
    value: Exact,
    name: str,
    notes: Callable[[], Iterator[Step]],
) -> Outcome:
    def working() -> Iterator[Step]:
        for item, price in rows:
            yield Step(item, price, "", RULE.source)
        yield Step("Last", rows[-1][1])
        if len(rows) > 1:
            yield Step(f"Average of {len(rows)}", quotient(total(p for _, p in rows), len(rows)))
        yield Step(name, value, "the lower of last and average" if len(rows) > 1 else "")
        yield from notes()

    if len(rows) == 1:
        return Outcome(value, "the price of the session that counts", (CLOSE.on(),), working)
    reason = "the last close" if value == rows[-1][1] else f"the average of {len(rows)} closes"
    return Outcome(value, f"{name} is {reason}", (SESSIONS_AVERAGED.on(), CLOSE.on()), working)


def _lower(prices: Sequence[Exact]) -> Exact:
    average = quotient(total(prices), len(prices))
    return min(prices[-1], average)


def _series(prices: Prices, dates: Dates, what: str) -> Mapping[date, Exact]:
    if len(prices) != len(dates):
        raise Malformed(f"{len(prices)} prices and {len(dates)} dates: give one date a price")
    series: dict[date, Exact] = {}
    for price, day in zip(prices, dates, strict=True):
        if price is None and day is None:
            continue
        if price is None or day is None:
            raise NotEnoughData(f"{what}: {day or plain(price or 0)} has no {_other(day)}")
        if day in series:
            raise Malformed(f"{what}: {day} stands there twice")
        series[day] = price
    return series


def _other(day: date | None) -> str:
    return "date" if day is None else "price"


def _latest_window(
    sessions: Calendar, series: Mapping[date, Exact], count: int
) -> tuple[date, ...]:
    try:
        return sessions.ending_at(sessions.session_on_or_before(max(series)), count)
    except OutsideCalendar as outside:
        raise NotEnoughData(str(outside)) from None


def _at(series: Mapping[date, Exact], day: date, what: str) -> Exact:
    price = series.get(day)
    if price is None:
        raise NotEnoughData(f"{what} of {day} is missing; the average is never taken over fewer")
    return price


def _dated_notes(
    sessions: Calendar,
    series: Mapping[date, Exact],
    signed_at: Moment | None,
    window: tuple[date, ...],
) -> Iterator[Step]:
    closed = [day for day in sorted(series) if not _is_session(sessions, day)]
    if closed:
        listed = ", ".join(map(str, closed))
        yield note(f"not a session, left out: {listed}")
    if signed_at is None:
        yield assumed("signed_at", f"not given: the latest {len(window)} sessions with a price")
        return
    yield from _timing_notes(sessions, signed_at, window)


def _is_session(sessions: Calendar, day: date) -> bool:
    return sessions.first <= day <= sessions.last and sessions.is_session(day)


def _timing_notes(
    sessions: Calendar, signed_at: Moment, window: tuple[date, ...]
) -> Iterator[Step]:
    yield Step("Signed", str(signed_at), f"prices of {window[0]} to {window[-1]}", RULE.source)
    day = signed_at.day
    if not sessions.is_session(day):
        yield note(f"{day} is not a session of {sessions.exchange}")
        return
    if sessions.exchange != "TSX" and sessions.closes_early(day):
        yield note(
            f"{day} closed early at {sessions.closing_time(day):%H:%M}; the FAQ names 4 p.m., "
            "so 16:00 is kept",
            RULE.source,
        )
    if signed_at.time == last_close_time(sessions, day):
        yield note("signed exactly at the close: read as after it", RULE.source)
