"""The shipped session tables against `exchange_calendars`, and against dates known by name."""

from __future__ import annotations

import doctest
import importlib.util
import os
import pickle
import subprocess
import sys
from bisect import bisect_left, bisect_right
from dataclasses import FrozenInstanceError
from datetime import date, datetime, time, timedelta
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xl_compliance.rules import sessions
from xl_compliance.rules.sessions import Calendar, OutsideCalendar, calendar

# exchange_calendars 4.13 itself trips this warning of pandas 3.1.
pytestmark = pytest.mark.filterwarnings("ignore:Series.values returning")

ROOT = Path(__file__).resolve().parents[2]
FIRST = date(2000, 1, 1)
LAST = date(2027, 12, 31)
DAYS = [FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1)]
MICS = {"NASDAQ": "XNYS", "NYSE": "XNYS", "TSX": "XTSE"}


@pytest.fixture(scope="module")
def source() -> ModuleType:
    """exchange_calendars: optional on a desk, never in continuous integration."""
    if importlib.util.find_spec("exchange_calendars") is None:
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail("exchange_calendars is not installed: the session tables went unchecked")
        pytest.skip("exchange_calendars is not installed; it is the reference for this test")
    import exchange_calendars

    return exchange_calendars


@pytest.fixture(scope="module", params=MICS)
def pair(request: pytest.FixtureRequest, source: ModuleType) -> tuple[Calendar, dict]:
    """A calendar of ours and the source's local opening and closing times by session."""
    theirs = source.get_calendar(MICS[request.param], start=FIRST, end=LAST)
    opens = theirs.opens.dt.tz_convert(theirs.tz)
    closes = theirs.closes.dt.tz_convert(theirs.tz)
    hours = {d.date(): (opens[d].time(), closes[d].time()) for d in theirs.sessions}
    assert str(theirs.tz) == calendar(request.param).timezone
    return calendar(request.param), hours


def test_every_day_has_the_hours_of_the_source(pair):
    ours, hours = pair
    for day in DAYS:
        assert ours.is_session(day) == (day in hours), day
        if day in hours:
            assert (ours.opening_time(day), ours.closing_time(day)) == hours[day], day
        else:
            for ask in (ours.opening_time, ours.closing_time):
                with pytest.raises(ValueError, match="not a session"):
                    ask(day)
        assert ours.closes_early(day) == (day in hours and hours[day][1] < time(16)), day


def test_every_neighbour_is_that_of_the_source(pair):
    ours, hours = pair
    listed = sorted(hours)
    for day in DAYS:
        before, through = bisect_left(listed, day), bisect_right(listed, day)
        for ask, index in (
            (ours.session_before, before - 1),
            (ours.session_on_or_before, through - 1),
            (ours.session_on_or_after, before),
            (ours.session_after, through),
        ):
            if 0 <= index < len(listed):
                assert ask(day) == listed[index], (ask.__name__, day)
            else:
                with pytest.raises(OutsideCalendar, match=str(day)):
                    ask(day)


def test_windows_are_those_of_the_source(pair):
    ours, hours = pair
    listed = sorted(hours)
    assert ours.between(FIRST, LAST) == tuple(listed)
    for end in range(5, len(listed) + 1):
        assert ours.ending_at(listed[end - 1], 5) == tuple(listed[end - 5 : end])


def test_the_shipped_tables_are_what_the_generator_writes(source, tmp_path, capsys):
    path = ROOT / "tests" / "generate_sessions.py"
    spec = importlib.util.spec_from_file_location("generate_sessions", path)
    generator = importlib.util.module_from_spec(spec)
    # dataclasses look their module up by name
    sys.modules[spec.name] = generator
    try:
        spec.loader.exec_module(generator)
        assert generator.main(["--check"]) == 0, capsys.readouterr().out
        assert generator.main(["--check"], tmp_path) == 1  # nothing there yet
        assert generator.main([], tmp_path) == 0
        assert generator.main(["--check"], tmp_path) == 0
        table = tmp_path / "tsx.toml"
        text = table.read_text(encoding="utf-8")
        table.write_text(text.replace(source.__version__, "0.0"), encoding="utf-8")
        assert generator.main(["--check"], tmp_path) == 0  # another release, the same sessions
        table.write_text(text.replace("2008-02-18 Family Day\n", ""), encoding="utf-8")
        assert generator.main(["--check"], tmp_path) == 1
    finally:
        del sys.modules[spec.name]


NO_SESSION = [
    ("NASDAQ", "2001-09-11", "attacks of September 11, a Tuesday"),
    ("NASDAQ", "2001-09-12", "markets stayed closed"),
    ("NASDAQ", "2001-09-13", "markets stayed closed; Toronto had reopened"),
    ("NASDAQ", "2001-09-14", "markets stayed closed, a Friday"),
    ("NASDAQ", "2004-06-11", "national day of mourning, Ronald Reagan"),
    ("NASDAQ", "2007-01-02", "national day of mourning, Gerald Ford"),
    ("NASDAQ", "2012-10-29", "Hurricane Sandy, a Monday"),
    ("NYSE", "2012-10-30", "Hurricane Sandy, a Tuesday"),
    ("NASDAQ", "2018-12-05", "national day of mourning, George H. W. Bush"),
    ("NYSE", "2025-01-09", "national day of mourning, Jimmy Carter"),
    ("NASDAQ", "2022-06-20", "Juneteenth, first observed in 2022; the 19th was a Sunday"),
    ("NASDAQ", "2023-06-19", "Juneteenth on its own day"),
    ("NASDAQ", "2024-03-29", "Good Friday"),
    ("TSX", "2024-03-29", "Good Friday"),
    ("NASDAQ", "2015-04-03", "Good Friday, although the jobs report came out"),
    ("NASDAQ", "2020-07-03", "Independence Day observed: the 4th was a Saturday"),
    ("NASDAQ", "2021-07-05", "Independence Day observed: the 4th was a Sunday"),
    ("NASDAQ", "2021-12-24", "Christmas observed: the 25th was a Saturday"),
    ("NASDAQ", "2023-01-02", "New Year's Day observed: the 1st was a Sunday"),
    ("NASDAQ", "2024-11-28", "Thanksgiving, fourth Thursday of November"),
    ("TSX", "2001-09-11", "attacks of September 11"),
    ("TSX", "2001-09-12", "Toronto stayed closed"),
    ("TSX", "2008-02-18", "the first Family Day in Ontario"),
    ("TSX", "2024-02-19", "Family Day, third Monday of February"),
    ("TSX", "2024-05-20", "Victoria Day, Monday before 25 May"),
    ("TSX", "2024-08-05", "Civic Holiday, first Monday of August"),
    ("TSX", "2024-10-14", "Thanksgiving in Canada, second Monday of October"),
    ("TSX", "2024-12-26", "Boxing Day on its own day"),
    ("TSX", "2020-12-28", "Boxing Day moved: the 26th was a Saturday"),
    ("TSX", "2021-12-27", "Christmas moved: the 25th was a Saturday"),
    ("TSX", "2021-12-28", "Boxing Day moved: the 26th was a Sunday"),
    ("TSX", "2022-12-27", "second day off: Christmas was a Sunday"),
    ("TSX", "2022-01-03", "New Year's Day moved: the 1st was a Saturday"),
    ("TSX", "2023-07-03", "Canada Day moved: the 1st was a Saturday"),
    ("NASDAQ", "2024-03-30", "a Saturday"),
    ("TSX", "2024-03-31", "a Sunday"),
]

FULL_SESSION = [
    ("NASDAQ", "2001-09-10", "the day before the attacks"),
    ("NASDAQ", "2001-09-17", "the reopening"),
    ("TSX", "2001-09-13", "Toronto reopened before New York"),
    ("NASDAQ", "2012-10-26", "the Friday before Hurricane Sandy"),
    ("NASDAQ", "2012-10-31", "the reopening after Hurricane Sandy"),
    ("TSX", "2012-10-29", "Hurricane Sandy did not close Toronto"),
    ("NASDAQ", "2018-12-04", "the day before the mourning"),
    ("TSX", "2018-12-05", "Toronto traded through the American mourning"),
    ("TSX", "2025-01-09", "Toronto traded through the American mourning"),
    ("NASDAQ", "2021-06-18", "Juneteenth was law, but not yet observed by the exchanges"),
    ("NASDAQ", "2021-12-31", "New Year's Day on a Saturday moves no session in New York"),
    ("NASDAQ", "2027-12-31", "the same, and the last day of the range"),
    ("NASDAQ", "2024-04-01", "Easter Monday"),
    ("TSX", "2024-04-01", "Easter Monday"),
    ("NASDAQ", "2024-10-14", "Columbus Day: federal offices close, the exchanges do not"),
    ("NASDAQ", "2024-11-11", "Veterans Day: the same"),
    ("TSX", "2024-11-11", "Remembrance Day: no exchange holiday"),
    ("TSX", "2024-09-30", "Day for Truth and Reconciliation: no exchange holiday"),
    ("TSX", "2022-09-19", "funeral of Queen Elizabeth II: the exchange stayed open"),
    ("TSX", "2007-02-19", "a year before the first Family Day"),
    ("TSX", "2024-11-29", "day after the American Thanksgiving: a full day in Toronto"),
    ("TSX", "2024-07-04", "Independence Day is not a Canadian holiday"),
    ("NASDAQ", "2024-07-01", "Canada Day is not an American holiday"),
    ("NASDAQ", "2024-12-26", "Boxing Day is not an American holiday"),
    ("NASDAQ", "2020-07-02", "the eve of an observed Independence Day is a full day"),
    ("NASDAQ", "2021-12-23", "the eve of an observed Christmas is a full day"),
    ("TSX", "2021-12-29", "the session after a moved Boxing Day"),
    ("TSX", "2024-12-31", "New Year's Eve is a full day"),
]

CLOSES_AT_ONE = [
    ("NASDAQ", "2024-11-29", "day after Thanksgiving"),
    ("NYSE", "2025-11-28", "day after Thanksgiving"),
    ("NASDAQ", "2024-12-24", "Christmas Eve"),
    ("NASDAQ", "2024-07-03", "day before Independence Day"),
    ("NASDAQ", "2013-07-03", "Wednesday before a Thursday Independence Day, from 2013"),
    ("NASDAQ", "2002-07-05", "Friday after a Thursday Independence Day, before 2013"),
    ("NASDAQ", "2003-12-26", "the one early close on the day after Christmas"),
    ("TSX", "2024-12-24", "Christmas Eve"),
    ("TSX", "2021-12-24", "Christmas Eve in Toronto while New York observes Christmas"),
    ("TSX", "2010-12-24", "Christmas Eve"),
]


@pytest.mark.parametrize(("exchange", "day", "reason"), NO_SESSION)
def test_no_session(exchange, day, reason):
    assert not calendar(exchange).is_session(date.fromisoformat(day)), reason
    assert not calendar(exchange).closes_early(date.fromisoformat(day)), reason


@pytest.mark.parametrize(("exchange", "day", "reason"), FULL_SESSION)
def test_full_session(exchange, day, reason):
    assert calendar(exchange).is_session(date.fromisoformat(day)), reason
    assert calendar(exchange).opening_time(date.fromisoformat(day)) == time(9, 30), reason
    assert calendar(exchange).closing_time(date.fromisoformat(day)) == time(16), reason
    assert not calendar(exchange).closes_early(date.fromisoformat(day)), reason


@pytest.mark.parametrize(("exchange", "day", "reason"), CLOSES_AT_ONE)
def test_early_close(exchange, day, reason):
    assert calendar(exchange).closing_time(date.fromisoformat(day)) == time(13), reason
    assert calendar(exchange).opening_time(date.fromisoformat(day)) == time(9, 30), reason
    assert calendar(exchange).closes_early(date.fromisoformat(day)), reason


@pytest.mark.parametrize("exchange", MICS)
@pytest.mark.parametrize("day", [FIRST - timedelta(1), LAST + timedelta(1), date.min, date.max])
def test_a_day_outside_the_range_is_never_answered(exchange, day):
    ours = calendar(exchange)
    questions = [
        ours.is_session,
        ours.closing_time,
        ours.opening_time,
        ours.closes_early,
        ours.session_on_or_before,
        ours.session_before,
        ours.session_on_or_after,
        ours.session_after,
        lambda day: ours.ending_at(day, 1),
        lambda day: ours.between(day, LAST),
        lambda day: ours.between(FIRST, day),
    ]
    for ask in questions:
        with pytest.raises(OutsideCalendar) as raised:
            ask(day)
        for named in (exchange, day, FIRST, LAST):
            assert str(named) in str(raised.value)


def test_an_answer_outside_the_range_is_never_guessed():
    nasdaq, tsx = calendar("NASDAQ"), calendar("TSX")
    first = date(2000, 1, 3)  # the first session of Nasdaq; Toronto's is the 4th
    assert nasdaq.session_on_or_after(FIRST) == first
    assert tsx.session_on_or_after(FIRST) == date(2000, 1, 4)
    assert nasdaq.session_on_or_before(LAST) == LAST
    assert nasdaq.ending_at(first, 1) == (first,)
    for ask in (
        lambda: nasdaq.session_before(first),
        lambda: nasdaq.session_on_or_before(FIRST),
        lambda: nasdaq.session_after(LAST),
        lambda: nasdaq.ending_at(first, 2),
        lambda: tsx.session_on_or_before(date(2000, 1, 3)),
    ):
        with pytest.raises(OutsideCalendar, match="2000-01-01 to 2027-12-31"):
            ask()


def test_a_window_needs_a_session_to_end_with_and_at_least_one_day():
    nasdaq = calendar("NASDAQ")
    with pytest.raises(ValueError, match="2024-11-28 is not a session of NASDAQ"):
        nasdaq.ending_at(date(2024, 11, 28), 5)  # Thanksgiving
    for count in (0, -1):
        with pytest.raises(ValueError, match="at least one"):
            nasdaq.ending_at(date(2024, 11, 27), count)


def test_the_five_sessions_that_span_the_september_closure():
    expected = ("2001-09-06", "2001-09-07", "2001-09-10", "2001-09-17", "2001-09-18")
    window = calendar("NASDAQ").ending_at(date(2001, 9, 18), 5)
    assert window == tuple(map(date.fromisoformat, expected))


def test_between_includes_both_ends_and_may_be_empty():
    tsx = calendar("TSX")
    assert tsx.between(date(2024, 2, 16), date(2024, 2, 20)) == (
        date(2024, 2, 16),
        date(2024, 2, 20),
    )
    assert tsx.between(date(2024, 2, 17), date(2024, 2, 19)) == ()  # weekend and Family Day
    assert tsx.between(date(2024, 2, 20), date(2024, 2, 16)) == ()


def test_a_datetime_counts_as_its_date():
    nasdaq, evening = calendar("NASDAQ"), datetime(2024, 11, 29, 23, 59)
    assert nasdaq.closing_time(evening) == time(13)
    assert nasdaq.session_before(evening) == date(2024, 11, 27)
    assert type(nasdaq.session_on_or_before(evening)) is date


@pytest.mark.parametrize("spelling", ["nasdaq", "Nasdaq", "NASDAQ"])
def test_exchanges_are_found_in_any_case_and_read_once(spelling):
    assert calendar(spelling) is calendar("NASDAQ")


def test_new_york_and_nasdaq_differ_in_name_only():
    nasdaq, nyse = calendar("NASDAQ"), calendar("NYSE")
    assert (nasdaq.exchange, nyse.exchange) == ("NASDAQ", "NYSE")
    assert nasdaq != nyse
    assert nasdaq.between(FIRST, LAST) == nyse.between(FIRST, LAST)


def test_an_unknown_exchange_is_answered_with_the_known_ones():
    with pytest.raises(KeyError, match=r"LSE.*NASDAQ, NYSE, TSX"):
        calendar("LSE")


def test_a_calendar_is_frozen_and_travels_to_worker_processes():
    tsx = calendar("TSX")
    with pytest.raises(FrozenInstanceError):
        tsx.exchange = "NYSE"
    copy = pickle.loads(pickle.dumps(tsx))
    assert copy == tsx
    assert hash(copy) == hash(tsx)
    assert copy.closing_time(date(2024, 12, 24)) == time(13)


@given(st.sampled_from(list(MICS)), st.sampled_from(DAYS[30:-30]), st.integers(1, 15))
def test_the_questions_agree_with_one_another(exchange, day, count):
    ours = calendar(exchange)
    on_or_before, on_or_after = ours.session_on_or_before(day), ours.session_on_or_after(day)
    assert ours.is_session(day) == (on_or_before == day == on_or_after)
    assert ours.session_before(day) < day < ours.session_after(day)
    assert ours.session_after(ours.session_before(on_or_after)) == on_or_after
    window = ours.ending_at(on_or_before, count)
    assert window == ours.between(window[0], day)
    assert len(window) == count
    assert all(map(ours.is_session, window))


def test_use_needs_the_standard_library_only():
    script = (
        "import sys; from xl_compliance.rules import sessions; sessions.calendar('TSX');"
        "print(sorted({'pandas', 'numpy', 'exchange_calendars'} & set(sys.modules)))"
    )
    run = [sys.executable, "-c", script]
    done = subprocess.run(run, capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_the_examples_in_the_docstrings():
    result = doctest.testmod(sessions)
    assert result.attempted >= 14
    assert result.failed == 0
