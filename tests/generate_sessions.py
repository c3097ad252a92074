"""Write the trading-session tables in xl_compliance/rules/sessions from `exchange_calendars`.

    python tests/generate_sessions.py            rewrite the tables
    python tests/generate_sessions.py --check    exit 1 when a shipped table differs

`--check` ignores the line that names the `exchange_calendars` release: a new release with the
same sessions needs no new table.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

import exchange_calendars
from exchange_calendars import ExchangeCalendar, us_holidays
from exchange_calendars.exchange_calendar_xtse import September11ClosingsCanada

FIRST = date(2000, 1, 1)
LAST = date(2027, 12, 31)
FOLDER = Path(__file__).resolve().parents[1] / "xl_compliance" / "rules" / "sessions"
GENERATOR_LINE = "# Generator: "


@dataclass(frozen=True)
class Table:
    """One file to write: whose sessions it holds, and what the source calls them."""

    file: str
    mic: str
    exchanges: str
    notes: tuple[str, ...] = ()
    unscheduled: Mapping[str, Iterable[datetime]] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)


TABLES = (
    Table(
        file="nasdaq.toml",
        mic="XNYS",
        exchanges="Nasdaq and the New York Stock Exchange",
        notes=("The two exchanges keep the same sessions and hours, so they share this table.",),
        unscheduled={
            "September 11 attacks": us_holidays.September11Closings,
            "Hurricane Sandy": us_holidays.HurricaneSandyClosings,
            "National Day of Mourning": us_holidays.USNationalDaysofMourning,
        },
        reasons={
            "Dr. Martin Luther King Jr. Day": "Martin Luther King Jr. Day",
            "President's Day": "Presidents' Day",
            "July 4th": "Independence Day",
            "Juneteenth National Independence Day": "Juneteenth",
            "Black Friday": "day after Thanksgiving",
            "Mondays, Tuesdays, and Thursdays Before Independence Day": (
                "day before Independence Day"
            ),
            "Wednesdays Before Independence Day including and after 2013": (
                "day before Independence Day"
            ),
            "Fridays after Independence Day prior to 2013": "day after Independence Day",
        },
    ),
    Table(
        file="tsx.toml",
        mic="XTSE",
        exchanges="Toronto Stock Exchange",
        notes=(
            "The source records no early close before 2010; Christmas Eve of an earlier year",
            "stands here at the usual close although the exchange may have closed early.",
        ),
        unscheduled={"September 11 attacks": September11ClosingsCanada},
        reasons={
            "Labor Day": "Labour Day",
            "Canadian Thanksgiving": "Thanksgiving",
            "Weekend Christmas": "Christmas, in lieu",
            "Weekend Boxing Day": "Boxing Day, in lieu",
            "Christmas Eve Early Close": "Christmas Eve",
        },
    ),
)


def holiday_names(calendar: ExchangeCalendar, table: Table) -> dict[date, str]:
    """The source's own name of every scheduled closure and early close in the range."""
    rules = [calendar.regular_holidays, *(rule for _, rule in calendar.special_closes)]
    names: dict[date, str] = {}
    for rule in rules:
        for stamp, name in rule.holidays(FIRST, LAST, return_name=True).items():
            names[stamp.date()] = table.reasons.get(name, name)
    for reason, stamps in table.unscheduled.items():
        names.update((stamp.date(), reason) for stamp in stamps)
    return names


def sessions_of(calendar: ExchangeCalendar) -> dict[date, tuple[time, time]]:
    """Opening and closing time, local to the exchange, of every session in the range."""
    opens = calendar.opens.dt.tz_convert(calendar.tz)
    closes = calendar.closes.dt.tz_convert(calendar.tz)
    return {
        stamp.date(): (opens[stamp].time(), closes[stamp].time()) for stamp in calendar.sessions
    }


def only(values: Iterable[time], what: str) -> time:
    """The one value there is; the tables have room for no second."""
    found = set(values)
    if len(found) != 1:
        raise SystemExit(f"the format holds one {what}, the source has {sorted(found)}")
    return found.pop()


def weekday_closures(sessions: Mapping[date, object]) -> list[date]:
    """The weekdays of the range without a session."""
    days = [FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1)]
    if any(day.weekday() > 4 for day in sessions):
        raise SystemExit("the format has no room for a session at a weekend")
    return [day for day in days if day.weekday() < 5 and day not in sessions]


def render(table: Table) -> str:
    """The text of one table file."""
    calendar = exchange_calendars.get_calendar(table.mic, start=FIRST, end=LAST)
    sessions = sessions_of(calendar)
    names = holiday_names(calendar, table)
    early = {day: close for day, (_, close) in sessions.items() if close != time(16)}
    opening = only((opens for opens, _ in sessions.values()), "opening time")
    closing = only((close for day, (_, close) in sessions.items() if day not in early), "close")
    lines = [
        f"# Trading sessions: {table.exchanges}, {FIRST} to {LAST}.",
        "# Every Monday to Friday is a session, from `opens` to `closes`, except:",
        "#   closed        day, reason",
        "#   closes_early  day, time of the close, reason",
        "# Times are local to the exchange. The lists are text because 300 TOML keys load slowly.",
        *(f"# {note}" for note in table.notes),
        f"# Source: calendar {table.mic} of exchange_calendars,",
        "# https://github.com/gerrymanoim/exchange_calendars",
        f"{GENERATOR_LINE}tests/generate_sessions.py, {release()}",
        "# Do not edit by hand: run the generator.",
        "",
        f"first = {FIRST}",
        f"last = {LAST}",
        f'timezone = "{calendar.tz}"',
        f"opens = {opening}",
        f"closes = {closing}",
        "",
        "closed = '''",
        *(f"{day} {names.get(day, 'closed')}" for day in weekday_closures(sessions)),
        "'''",
        "",
        "closes_early = '''",
        *(f"{day} {close:%H:%M} {names.get(day, 'early close')}" for day, close in early.items()),
        "'''",
    ]
    return "\n".join(lines) + "\n"


def release() -> str:
    """The source and its version."""
    return f"exchange_calendars {exchange_calendars.__version__}"


def differs(path: Path, text: str) -> bool:
    """Whether the file holds other sessions than the text."""
    if not path.exists():
        return True
    return without_generator(path.read_text(encoding="utf-8")) != without_generator(text)


def without_generator(text: str) -> list[str]:
    """The lines of a table, less the one that names the release it came from."""
    return [line for line in text.splitlines() if not line.startswith(GENERATOR_LINE)]


def main(arguments: Sequence[str], folder: Path = FOLDER) -> int:
    """Write or check the tables; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="exit 1 when a table differs")
    check = parser.parse_args(arguments).check
    status = 0
    for table in TABLES:
        path, text = folder / table.file, render(table)
        if not check:
            path.write_text(text, encoding="utf-8", newline="\n")
        elif differs(path, text):
            print(f"{path.name} differs from what {release()} gives")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
