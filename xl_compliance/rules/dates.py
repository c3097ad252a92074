"""Calendar arithmetic that rules share."""

from __future__ import annotations

from calendar import monthrange
from datetime import MAXYEAR, date

from xl_compliance.rules.outcome import OutOfDomain


def months_later(day: date, months: int) -> date:
    """The same day so many months on, or the last day of that month where it has no such day.

    >>> months_later(date(2023, 8, 31), 6)
    datetime.date(2024, 2, 29)
    """
    index = day.month - 1 + months
    year, month = day.year + index // 12, index % 12 + 1
    if year > MAXYEAR:
        raise OutOfDomain(f"{months} months after {day} is beyond the last date")
    return date(year, month, min(day.day, monthrange(year, month)[1]))
