"""On which days, and until what time, Nasdaq, the NYSE and TSX trade.

The tables beside this module are generated; their headers name the source and the range.

>>> from datetime import date
>>> nasdaq = calendar("NASDAQ")
>>> nasdaq.ending_at(date(2024, 7, 5), 3)
(datetime.date(2024, 7, 2), datetime.date(2024, 7, 3), datetime.date(2024, 7, 5))
>>> nasdaq.closing_time(date(2024, 7, 3))
datetime.time(13, 0)
"""

from __future__ import annotations

import pkgutil
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from functools import cache

__all__ = ["Calendar", "OutsideCalendar", "calendar"]

_FILES = {"NASDAQ": "nasdaq.toml", "NYSE": "nasdaq.toml", "TSX": "tsx.toml"}


class OutsideCalendar(ValueError):
    """A date outside the shipped range, or an answer that would lie outside it.

    >>> from datetime import date
    >>> calendar("TSX").is_session(date(1999, 12, 31))
    Traceback (most recent call last):
    xl_compliance.rules.sessions.OutsideCalendar: 1999-12-31 is outside the TSX calendar, \
2000-01-01 to 2027-12-31
    """


@dataclass(frozen=True, slots=True)
class _Table:
    """One table file. Days are proleptic Gregorian ordinals, ascending in `sessions`."""

    first: date
    last: date
    timezone: str
    opens: time
    closes: time
    early: Mapping[int, time]
    sessions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The trading sessions of one exchange, from `first` to `last` inclusive.

    Days are calendar days at the exchange, times are local to it (`timezone`). A datetime counts
    as its date: bring an instant to `timezone` before asking. Every method raises
    `OutsideCalendar` for a day, or an answer, outside the range.

    >>> calendar("TSX")
    Calendar(exchange='TSX', first=datetime.date(2000, 1, 1), \
last=datetime.date(2027, 12, 31), timezone='America/Toronto')
    """

    exchange: str
    first: date
    last: date
    timezone: str
    _table: _Table = field(repr=False, compare=False)

    def is_session(self, day: date) -> bool:
        """Whether the exchange trades on `day`, an early close included.

        >>> calendar("NYSE").is_session(date(2012, 10, 29))  # Hurricane Sandy
        False
        """
        index = self._sessions_before(day)
        sessions = self._table.sessions
        return index < len(sessions) and sessions[index] == day.toordinal()

    def closing_time(self, day: date) -> time:
        """The local time at which the session of `day` ends, early closes included.

        ValueError when `day` is not a session.

        >>> calendar("TSX").closing_time(date(2024, 12, 24))
        datetime.time(13, 0)
        """
        self._require_session(day)
        return self._table.early.get(day.toordinal(), self._table.closes)

    def opening_time(self, day: date) -> time:
        """The local time at which the session of `day` begins.

        ValueError when `day` is not a session.

        >>> calendar("TSX").opening_time(date(2024, 12, 24))
        datetime.time(9, 30)
        """
        self._require_session(day)
        return self._table.opens

    def closes_early(self, day: date) -> bool:
        """Whether `day` is a session that ends before the usual close; False on any other day.

        >>> calendar("NASDAQ").closes_early(date(2024, 11, 29))  # day after Thanksgiving
        True
        >>> calendar("NASDAQ").closes_early(date(2024, 11, 28))  # Thanksgiving: no session
        False
        """
        return self._ordinal(day) in self._table.early

    def session_on_or_before(self, day: date) -> date:
        """`day` when it is a session, else the latest session before it.

        >>> calendar("NASDAQ").session_on_or_before(date(2001, 9, 16))
        datetime.date(2001, 9, 10)
        """
        return self._session(self._sessions_through(day) - 1, "on or before", day)

    def session_before(self, day: date) -> date:
        """The latest session strictly before `day`.

        >>> calendar("NASDAQ").session_before(date(2001, 9, 17))
        datetime.date(2001, 9, 10)
        """
        return self._session(self._sessions_before(day) - 1, "before", day)

    def session_on_or_after(self, day: date) -> date:
        """`day` when it is a session, else the earliest session after it.

        >>> calendar("TSX").session_on_or_after(date(2021, 12, 25))
        datetime.date(2021, 12, 29)
        """
        return self._session(self._sessions_before(day), "on or after", day)

    def session_after(self, day: date) -> date:
        """The earliest session strictly after `day`.

        >>> calendar("TSX").session_after(date(2021, 12, 24))
        datetime.date(2021, 12, 29)
        """
        return self._session(self._sessions_through(day), "after", day)

    def ending_at(self, session: date, count: int) -> tuple[date, ...]:
        """The `count` sessions that end with `session`, oldest first.

        ValueError when `session` is not a session or `count` is below one.

        >>> calendar("TSX").ending_at(date(2024, 2, 20), 2)  # Family Day was the 19th
        (datetime.date(2024, 2, 16), datetime.date(2024, 2, 20))
        """
        if count < 1:
            raise ValueError(f"count is {count}: at least one session is needed")
        self._require_session(session)
        end = self._sessions_through(session)
        if count > end:
            raise OutsideCalendar(
                f"the {count} sessions ending {session} are not all in {self._range()}"
            )
        return tuple(map(date.fromordinal, self._table.sessions[end - count : end]))

    def between(self, first: date, last: date) -> tuple[date, ...]:
        """The sessions from `first` to `last`, both included, oldest first.

        Empty when there is none, and when `last` is before `first`.

        >>> calendar("NASDAQ").between(date(2025, 1, 8), date(2025, 1, 10))
        (datetime.date(2025, 1, 8), datetime.date(2025, 1, 10))
        """
        start, end = self._sessions_before(first), self._sessions_through(last)
        return tuple(map(date.fromordinal, self._table.sessions[start:end]))

    def _ordinal(self, day: date) -> int:
        ordinal = day.toordinal()
        if not self.first.toordinal() <= ordinal <= self.last.toordinal():
            raise OutsideCalendar(f"{day} is outside {self._range()}")
        return ordinal

    def _sessions_before(self, day: date) -> int:
        return bisect_left(self._table.sessions, self._ordinal(day))

    def _sessions_through(self, day: date) -> int:
        return bisect_right(self._table.sessions, self._ordinal(day))

    def _session(self, index: int, relation: str, day: date) -> date:
        if not 0 <= index < len(self._table.sessions):
            raise OutsideCalendar(f"no session {relation} {day} in {self._range()}")
        return date.fromordinal(self._table.sessions[index])

    def _require_session(self, day: date) -> None:
        if not self.is_session(day):
            raise ValueError(f"{day} is not a session of {self.exchange}")

    def _range(self) -> str:
        return f"the {self.exchange} calendar, {self.first} to {self.last}"


def calendar(exchange: str) -> Calendar:
    """The calendar of an exchange: "NASDAQ", "NYSE" or "TSX", in any case.

    Read on first use, then kept. KeyError, naming the known exchanges, for any other name.

    >>> calendar("nyse").timezone
    'America/New_York'
    >>> calendar("LSE")
    Traceback (most recent call last):
    KeyError: "no calendar for 'LSE'; known: NASDAQ, NYSE, TSX"
    """
    name = exchange.upper()
    if name not in _FILES:
        raise KeyError(f"no calendar for {exchange!r}; known: {', '.join(_FILES)}")
    return _calendar(name)


@cache
def _calendar(name: str) -> Calendar:
    table = _load(_FILES[name])
    return Calendar(name, table.first, table.last, table.timezone, table)


@cache
def _load(file: str) -> _Table:
    # pkgutil rather than a path: the package must also work from inside a zip.
    data = pkgutil.get_data(__name__, file)
    if data is None:
        raise FileNotFoundError(f"{file} is missing from {__name__}")
    content = tomllib.loads(data.decode())
    first: date = content["first"]
    last: date = content["last"]
    closed = {_parse(line.split()[0]) for line in content["closed"].splitlines()}
    early = [line.split()[:2] for line in content["closes_early"].splitlines()]
    days = range(first.toordinal(), last.toordinal() + 1)
    return _Table(
        first=first,
        last=last,
        timezone=content["timezone"],
        opens=content["opens"],
        closes=content["closes"],
        early={_parse(day): time.fromisoformat(close) for day, close in early},
        # Ordinal 1 is a Monday: Saturdays leave 6 and Sundays 0.
        sessions=tuple(day for day in days if 0 < day % 7 < 6 and day not in closed),
    )


def _parse(text: str) -> int:
    return date.fromisoformat(text).toordinal()
