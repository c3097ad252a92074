"""What a rule gives back, and the words and errors it has.

A rule returns an `Outcome`: the value or verdict, the reason in one sentence, the thresholds it
used, and the working, which is built only when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

from xl_compliance.rules.exact import Exact, exactly

if TYPE_CHECKING:
    from xl_compliance.rules.parameters import Threshold

REQUIRED: Final = "REQUIRED"
NOT_REQUIRED: Final = "NOT REQUIRED"
REVIEW: Final = "REVIEW"
NEEDS_INPUT: Final = "NEEDS INPUT"


class Unknown(Enum):
    """A fact that nobody has decided yet, which is not the same as one that is not given."""

    UNKNOWN = "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN
Fact = bool | Unknown | None


def said(fact: Fact) -> str:
    """A fact in words: TRUE, FALSE, UNKNOWN or not given.

    >>> said(True), said(UNKNOWN), said(None)
    ('TRUE', 'UNKNOWN', 'not given')
    """
    if fact is None:
        return "not given"
    return UNKNOWN.value if fact is UNKNOWN else str(fact).upper()


Value = Exact | bool | str | date | tuple[object, ...]


class RuleError(Exception):
    """Input that a rule cannot answer; `excel` is the error value a cell shows for it."""

    excel = "#VALUE!"


class Malformed(RuleError):
    """The input is not what the argument takes."""

    excel = "#VALUE!"


class OutOfDomain(RuleError):
    """A number that cannot be: a negative price, more held than outstanding."""

    excel = "#NUM!"


class NothingOutstanding(RuleError):
    """A percentage of no shares."""

    excel = "#DIV/0!"


class NotEnoughData(RuleError):
    """Something the answer rests on is not there."""

    excel = "#N/A"


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, with the time of day on the exchange's clock where one was given.

    >>> Moment.of(datetime(2024, 3, 8, 16, 30))
    Moment(day=datetime.date(2024, 3, 8), time=datetime.time(16, 30))
    >>> Moment.of(datetime(2024, 3, 8)).time is None
    True
    """

    day: date
    time: time | None = None

    @classmethod
    def of(cls, when: date | datetime) -> Moment:
        """Midnight is a day without a time: that is how a spreadsheet stores one."""
        if not isinstance(when, datetime):
            return cls(when)
        return cls(when.date(), when.time() if when.time() != time() else None)

    def __str__(self) -> str:
        return f"{self.day}" if self.time is None else f"{self.day} {self.time}"


class Part(Enum):
    """Which part of the working a step belongs to."""

    STEP = "step"
    ASSUMED = "assumed"
    HEADROOM = "headroom"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the working: what was looked at, what it came to, the test, the source."""

    item: str
    value: Value | None
    test: str = ""
    source: str = ""
    part: Part = Part.STEP


def assumed(item: str, reading: str, source: str = "") -> Step:
    """A line for something that was not given, and how it was read."""
    return Step(item, reading, "assumed", source, Part.ASSUMED)


def headroom(item: str, value: Value, test: str = "", source: str = "") -> Step:
    """A line for the distance to a threshold."""
    return Step(item, value, test, source, Part.HEADROOM)


def note(text: str, source: str = "") -> Step:
    """A line that a reader must know about and that changes no figure."""
    return Step("Note", text, "", source, Part.NOTE)


def no_steps() -> Iterable[Step]:
    """The working of an outcome that has none."""
    return ()


class Outcome(NamedTuple):
    """A rule's answer.

    `value` is the number, date or verdict; `reason` one sentence; `thresholds` the parameters in
    force that decided; `working` builds the steps when they are asked for.
    """

    value: Value
    reason: str
    thresholds: tuple[Threshold, ...] = ()
    working: Callable[[], Iterable[Step]] = no_steps

    @property
    def number(self) -> Exact:
        """The value of an outcome that is a number; `TypeError` for any other."""
        if isinstance(self.value, (bool, str, date, tuple)):
            raise TypeError(f"{self.value!r} is not a number")
        return self.value

    def steps(self) -> tuple[Step, ...]:
        """The working, built now."""
        return exactly(lambda: tuple(self.working()))()
