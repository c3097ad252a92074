"""An independent reading of the SEC rules, with `Fraction` and the `holidays` library alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import floor
from typing import Any

import holidays

Number = int | Decimal | Fraction


@cache
def _off() -> Any:
    return holidays.country_holidays("US", observed=True)


def works(day: date) -> bool:
    """Whether the federal government works."""
    return day.weekday() < 5 and day not in _off()


def due(event: date, amendment: bool, law: date) -> date | str:
    """Day by day, without a calendar of ours."""
    if law >= date(2024, 2, 5):
        left, day = (2 if amendment else 5), event
        while left:
            day += timedelta(days=1)
            left -= works(day)
        return day
    if amendment:
        return "PROMPTLY"
    day = event + timedelta(days=10)
    while not works(day):
        day += timedelta(days=1)
    return day


def blocker_max(limit: Number, outstanding: Number, held: Number) -> int:
    """By bisection on the definition: the most that keeps ownership at or below the limit."""
    least, most = 0, int(Fraction(outstanding) / (1 - Fraction(limit))) + 2

    def within(shares: int) -> bool:
        return Fraction(held) + shares <= Fraction(limit) * (Fraction(outstanding) + shares)

    if not within(0):
        return 0
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (middle, most) if within(middle) else (least, middle)
    return least


def required(held: Number, counted: Number, outstanding: Number) -> str:
    """More than five percent."""
    part = Fraction(held) + Fraction(counted)
    over = part * 100 > 5 * (Fraction(outstanding) + Fraction(counted))
    return "REQUIRED" if over else "NOT REQUIRED"


def material(before: Number, after: Number, outstanding: Number) -> str:
    """One percent of the class moved."""
    moved = abs(Fraction(after) - Fraction(before))
    return "REQUIRED" if moved * 100 >= Fraction(outstanding) else "REVIEW"


def row_13(fraction: Number, places: int, rounding: str) -> str:
    """Half up or cut off at so many decimals of a percentage."""
    scaled = Fraction(fraction) * 100 * 10**places
    whole = floor(scaled + Fraction(1, 2)) if rounding == "HALF UP" else floor(scaled)
    digits = f"{whole:0{places + 1}d}"
    text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return f"{text}%"


def cover(
    powers: Sequence[Number | None], aggregate: Number, stated: Number, base: Number, rights: Number
) -> str:
    """Rows 7 to 13 with everything given; `stated` has one decimal at most."""
    seven, eight, nine, ten = (Fraction(row or 0) for row in powers)
    least, most = max(seven + eight, nine + ten), seven + eight + nine + ten
    tenths = floor(
        Fraction(aggregate) / (Fraction(base) + Fraction(rights)) * 1000 + Fraction(1, 2)
    )
    ties = Fraction(stated) * 1000 == tenths and rights <= aggregate
    return "OK" if least <= aggregate <= most and ties else "BREACH"


Line = tuple[str, str, Number, Number, int, Number | None, str | None]
"""Holder, class, held, right, days until exercisable, blocker, group."""


def ownership(
    lines: Sequence[Line], classes: dict[str, int]
) -> dict[tuple[str, str, str], tuple[Fraction, Fraction]]:
    """Shares and denominator of each holder and group in each class, line by line."""
    counted: dict[int, Fraction] = {}
    for number, (_, _, _, right, days, limit, _) in enumerate(lines):
        if limit is None:
            counted[number] = Fraction(right) if days <= 60 else Fraction(0)
    limited = [number for number in range(len(lines)) if number not in counted]
    for number in sorted(limited, key=lambda n: (lines[n][5], n)):
        holder, stock, _, right, days, limit, _ = lines[number]
        mine = [n for n, line in enumerate(lines) if line[:2] == (holder, stock)]
        rights = sum((counted.get(n, Fraction(0)) for n in mine), Fraction(0))
        own = sum((Fraction(lines[n][2]) for n in mine), Fraction(0)) + rights
        assert limit is not None
        room = blocker_max(limit, classes[stock] + rights, own)
        counted[number] = min(Fraction(right), Fraction(room)) if days <= 60 else Fraction(0)
    found: dict[tuple[str, str, str], tuple[Fraction, Fraction]] = {}
    for number, (holder, stock, held, _, _, _, group) in enumerate(lines):
        for kind, name in (("Holder", holder), ("Group", group)):
            if name is not None:
                owned, base = found.get(
                    (kind, name, stock), (Fraction(0), Fraction(classes[stock]))
                )
                rights = counted[number]
                found[kind, name, stock] = (owned + Fraction(held) + rights, base + rights)
    return found
