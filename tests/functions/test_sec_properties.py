"""The SEC functions against the oracle, over drawn holders, covers, events and blockers."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import holidays
import pandas as pd
import pytest
import sec_oracle as oracle
from hypothesis import given
from hypothesis import strategies as st
from pandas.tseries.holiday import USFederalHolidayCalendar

from xl_compliance import call
from xl_compliance.rules.business_days import holiday, is_business_day

SHARES = st.one_of(
    st.integers(0, 5_000_000), st.integers(0, 500_000_000).map(lambda n: Decimal(n) / 100)
)
OUTSTANDING = st.integers(5_000_000, 90_000_000)
EVENTS = st.one_of(
    st.dates(date(1995, 1, 1), date(2035, 12, 31)),
    st.dates(date(2024, 1, 20), date(2024, 2, 20)),
)


def test_every_holiday_is_the_one_that_holidays_has() -> None:
    """Its list is kept by others, from the same statute."""
    theirs = holidays.country_holidays("US", observed=True, years=range(1971, 2100))
    day, last = date(1971, 1, 1), date(2099, 12, 31)
    differing = []
    while day <= last:
        # The Friday before counts where the Saturday is the holiday itself.
        if day.weekday() < 5 and (holiday(day) is not None) != (day in theirs):
            differing.append((day, holiday(day), theirs.get(day)))
        day += timedelta(days=1)
    assert differing == []


def test_every_holiday_is_the_one_that_pandas_has() -> None:
    theirs = set(USFederalHolidayCalendar().holidays("1986-01-01", "2099-12-31").date)
    days = pd.date_range("1986-01-01", "2099-12-30").date
    ours = {day for day in days if day.weekday() < 5 and not is_business_day(day)}
    assert ours == {day for day in theirs if day.weekday() < 5 and day <= days[-1]}


# Near misses: days that are easily taken for holidays, and easily missed.
@pytest.mark.parametrize(
    ("day", "works", "why"),
    [
        (date(2024, 3, 29), True, "Good Friday is no federal holiday"),
        (date(2024, 11, 29), True, "the day after Thanksgiving"),
        (date(2024, 12, 24), True, "Christmas Eve; closed by an order that year"),
        (date(2025, 1, 20), False, "Martin Luther King, Jr. and the inauguration"),
        (date(2021, 1, 20), True, "an inauguration is kept in the District only"),
        (date(2025, 1, 9), True, "a day of mourning, by order"),
        (date(2020, 6, 19), True, "Juneteenth before it was a federal holiday"),
        (date(2021, 6, 18), False, "the first Juneteenth, kept on the Friday"),
        (date(1985, 1, 21), True, "the third Monday of January before 1986"),
        (date(1986, 1, 20), False, "the first Birthday of Martin Luther King, Jr."),
        (date(2010, 12, 31), False, "New Year's Day 2011 was a Saturday"),
        (date(2023, 1, 2), False, "New Year's Day 2023 was a Sunday"),
        (date(2024, 10, 14), False, "Columbus Day: exchanges trade"),
        (date(1977, 11, 11), True, "Veterans Day was in October until 1977"),
    ],
)
def test_days_that_are_easily_mistaken(day: date, works: bool, why: str) -> None:
    assert is_business_day(day) is works, why


@given(EVENTS, st.booleans(), st.one_of(st.none(), EVENTS))
def test_due(event: date, amendment: bool, as_of: date | None) -> None:
    assert call("SC13DDUE", event, amendment, as_of) == oracle.due(event, amendment, as_of or event)


@given(EVENTS)
def test_due_is_a_business_day_after_the_event(event: date) -> None:
    due = call("SC13DDUE", event)
    assert due > event
    assert oracle.works(due)


@given(st.integers(1, 9_999), st.data())
def test_blocker(limit: int, data: st.DataObject) -> None:
    outstanding = data.draw(st.integers(1, 90_000_000))
    held = data.draw(st.integers(0, outstanding))
    limit_typed = limit / 10_000
    expected = oracle.blocker_max(Fraction(limit, 10_000), outstanding, held)
    assert call("BLOCKERMAX", limit_typed, outstanding, held) == expected


@given(
    SHARES, st.lists(st.tuples(SHARES, st.integers(55, 65)), min_size=1, max_size=4), OUTSTANDING
)
def test_required(held: Any, drawn: list[tuple[Any, int]], outstanding: int) -> None:
    as_of = date(2024, 1, 15)
    rights = [[float(shares)] for shares, _ in drawn]
    days = [[as_of + timedelta(ahead)] for _, ahead in drawn]
    counted = sum(Fraction(shares) for shares, ahead in drawn if ahead <= 60)
    held = min(held, Decimal(outstanding))
    got = call("SC13DREQUIRED", float(held), rights, outstanding, days, as_of)
    assert got == oracle.required(held, counted, outstanding)


@given(st.integers(1, 10**7), st.integers(-2, 2))
def test_required_at_the_line(twentieth: int, ticks: int) -> None:
    held = max(0, twentieth + ticks)
    expected = oracle.required(held, 0, 20 * twentieth)
    assert call("SC13DREQUIRED", held, 0, 20 * twentieth) == expected


@given(st.integers(0, 10**7), st.integers(1, 10**5), st.integers(-2, 2), st.booleans())
def test_material(before: int, hundredth: int, ticks: int, bought: bool) -> None:
    after = max(0, before + (hundredth + ticks) * (1 if bought else -1))
    expected = oracle.material(before, after, 100 * hundredth)
    assert call("SC13DMATERIAL", before, after, 100 * hundredth) == expected


@given(
    st.one_of(
        st.integers(0, 10**6).map(lambda n: Fraction(n, 10**6)),
        st.integers(0, 19_999).map(lambda n: Fraction(2 * n + 1, 40_000)),
    ),
    st.integers(0, 4),
    st.sampled_from(["HALF UP", "CUT OFF"]),
)
def test_row_13(fraction: Fraction, places: int, rounding: str) -> None:
    typed = float(fraction)
    assert call("SC13DROW13", typed, places, rounding) == oracle.row_13(fraction, places, rounding)


@given(st.data())
def test_cover(data: st.DataObject) -> None:
    row = st.integers(0, 500)
    powers = [
        data.draw(st.one_of(st.none(), row)) if n % 2 == 0 else data.draw(row) for n in range(4)
    ]
    aggregate, base = data.draw(st.integers(0, 1_000)), data.draw(st.integers(2_000, 9_000))
    rights = data.draw(st.one_of(st.just(0), st.integers(0, 1_000)))
    exact = Fraction(aggregate, base + rights)
    tenths = int(exact * 1000 + Fraction(1, 2)) + data.draw(st.sampled_from([0, 0, 0, 1, -1]))
    stated = Fraction(max(tenths, 0), 1000)
    got = call("SC13DCOVER", *powers, aggregate, float(stated), base, rights)
    assert got == oracle.cover(powers, aggregate, stated, base, rights)


@given(st.integers(-400, 400))
def test_within_sixty_days(days: int) -> None:
    as_of = date(2024, 1, 15)
    assert call("WITHIN60DAYS", as_of + timedelta(days), as_of) is (days <= 60)


AS_OF = date(2024, 1, 15)
LINES = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", "C"]),
        st.sampled_from(["X", "Y"]),
        st.integers(0, 400),
        st.one_of(st.integers(0, 3_000), st.integers(0, 90_000).map(lambda n: Decimal(n) / 100)),
        st.sampled_from([0, 59, 60, 61, 400]),
        st.sampled_from([None, None, Decimal("0.0499"), Decimal("0.0999"), Decimal("0.1999")]),
        st.sampled_from([None, "G", "H"]),
    ),
    min_size=1,
    max_size=8,
)


@given(LINES, st.integers(4_000, 9_000), st.integers(4_000, 9_000))
def test_ownership_table(lines: list[Any], first: int, second: int) -> None:
    classes = {"X": first, "Y": second}

    def column(place: int) -> list[list[Any]]:
        cells = [line[place] for line in lines]
        return [[float(c) if isinstance(c, Decimal) else c] for c in cells]

    days = [[AS_OF + timedelta(line[4])] for line in lines]
    table = call(
        "OWNERSHIPTABLE",
        column(0),
        column(2),
        column(3),
        [[first], [second]],
        days,
        AS_OF,
        column(1),
        [["X"], ["Y"]],
        [[1], [10]],
        column(6),
        column(5),
    )
    expected = oracle.ownership(lines, classes)
    got = {(row[1], row[0], row[2]): row for row in table[1:]}
    assert set(got) == set(expected)
    for key, (owned, base) in expected.items():
        assert got[key][6:8] == [float(owned), float(base)], key
        assert got[key][8] == float(owned / base), key
    rights = sum(
        Fraction(str(row[4])) + Fraction(str(row[5])) for row in got.values() if row[1] == "Holder"
    )
    assert rights == sum(Fraction(line[3]) for line in lines), "no right is lost"
