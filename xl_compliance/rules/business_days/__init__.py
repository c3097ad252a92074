"""On which days the federal government works: the days that a filing's deadline counts.

The holidays stand in the file beside this module. They are not those of an exchange: on Good
Friday the exchanges rest and filings are due, on Columbus Day it is the other way round.

>>> from datetime import date
>>> is_business_day(date(2024, 3, 29)), is_business_day(date(2024, 10, 14))
(True, False)
"""

from __future__ import annotations

import pkgutil
import tomllib
from calendar import day_name
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, Final

from xl_compliance.rules.outcome import NotEnoughData

__all__ = ["business_days_later", "holiday", "is_business_day", "on_or_after"]

_WEEK: Final = 7
_SATURDAY, _SUNDAY = 5, 6
_ONE_DAY: Final = timedelta(days=1)


def is_business_day(day: date) -> bool:
    """Whether `day` is neither on a weekend nor a federal holiday.

    Raises `NotEnoughData` for a day outside the file.

    >>> is_business_day(date(2021, 12, 31))  # New Year's Day 2022 was a Saturday
    False
    """
    return day.weekday() < _SATURDAY and holiday(day) is None


def holiday(day: date) -> str | None:
    """The holiday kept on `day`, by its name.

    >>> holiday(date(2022, 6, 20))
    'Juneteenth National Independence Day'
    """
    table = _table()
    if not table.first <= day <= table.last:
        raise NotEnoughData(f"{day} is outside the calendar, {table.first} to {table.last}")
    return _kept_in(day.year).get(day)


def on_or_after(day: date) -> date:
    """`day`, or the next business day after it.

    >>> on_or_after(date(2024, 11, 28))
    datetime.date(2024, 11, 29)
    """
    while not is_business_day(day):
        day += _ONE_DAY
    return day


def business_days_later(day: date, count: int) -> date:
    """The business day that is so many after `day`, which is not counted itself.

    >>> business_days_later(date(2024, 11, 27), 5)
    datetime.date(2024, 12, 5)
    """
    for _ in range(count):
        day = on_or_after(day + _ONE_DAY)
    return day


@dataclass(frozen=True, slots=True)
class _Holiday:
    """A holiday as the file has it. `day` is 0 where it stands on the nth weekday instead."""

    name: str
    month: int
    day: int
    weekday: int
    nth: int
    start: date
    end: date

    def kept_in(self, year: int) -> date:
        """The day off that belongs to this year's holiday, which can lie in the year before."""
        if not self.day:
            return self._nth_weekday(year)
        day = date(year, self.month, self.day)
        moved = {_SATURDAY: -_ONE_DAY, _SUNDAY: _ONE_DAY}
        return day + moved.get(day.weekday(), timedelta())

    def _nth_weekday(self, year: int) -> date:
        if self.nth < 0:
            day = date(year, self.month + 1, 1) - _ONE_DAY
            return day - timedelta(days=(day.weekday() - self.weekday) % _WEEK)
        day = date(year, self.month, 1)
        first = day + timedelta(days=(self.weekday - day.weekday()) % _WEEK)
        return first + timedelta(days=_WEEK * (self.nth - 1))


@dataclass(frozen=True, slots=True)
class _Table:
    """The file. `first` and `last` are the days between which it answers."""

    first: date
    last: date
    holidays: tuple[_Holiday, ...]


@cache
def _kept_in(year: int) -> Mapping[date, str]:
    """The days off in a year; next year's New Year's Day can be one of them."""
    return dict(_days_off(year))


def _days_off(year: int) -> Iterator[tuple[date, str]]:
    for each in _table().holidays:
        for belongs_to in (year, year + 1):
            day = each.kept_in(belongs_to)
            if day.year == year and each.start <= day <= each.end:
                yield day, each.name


@cache
def _table() -> _Table:
    data = pkgutil.get_data(__name__, "federal_holidays.toml")
    if data is None:
        raise FileNotFoundError(f"federal_holidays.toml is missing from {__name__}")
    content = tomllib.loads(data.decode("utf-8"))
    return _Table(content["first"], content["last"], tuple(map(_holiday, content["holiday"])))


def _holiday(entry: Mapping[str, Any]) -> _Holiday:
    weekday = entry.get("weekday")
    return _Holiday(
        name=entry["name"],
        month=entry["month"],
        day=entry.get("day", 0),
        weekday=list(day_name).index(weekday) if weekday else 0,
        nth=entry.get("nth", 0),
        start=entry.get("from", date.min),
        end=entry.get("to", date.max),
    )
