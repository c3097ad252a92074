"""From what a spreadsheet hands over to what a rule takes.

A `Kind` reads one cell: a number at 15 significant digits, a date, a fact, a word. Blank, zero,
UNKNOWN and error values mean what the contract of the worksheet functions says, and nothing else
is guessed: what cannot be read raises a `RuleError` that names what was read and what is expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from math import isnan
from typing import Any, Final, Literal

from xl_compliance.rules.exact import Exact, from_float, from_number, plain
from xl_compliance.rules.outcome import (
    UNKNOWN,
    Fact,
    Malformed,
    Moment,
    NothingOutstanding,
    OutOfDomain,
    RuleError,
)

Raw = Any

ERROR_VALUES: Final = frozenset(
    {
        "#NULL!",
        "#DIV/0!",
        "#VALUE!",
        "#REF!",
        "#NAME?",
        "#NUM!",
        "#N/A",
        "#GETTING_DATA",
        "#SPILL!",
        "#CONNECT!",
        "#BLOCKED!",
        "#UNKNOWN!",
        "#FIELD!",
        "#CALC!",
        "#BUSY!",
        "#EXTERNAL!",
        "#PYTHON!",
        "#TIMEOUT!",
    }
)

FACT_WORDS: Final[Mapping[str, Fact]] = {
    "TRUE": True,
    "YES": True,
    "FALSE": False,
    "NO": False,
    "PRECLUDED": False,
    "UNKNOWN": UNKNOWN,
    "REVIEW": UNKNOWN,
    "LIKELY PUBLIC": UNKNOWN,
    "NOT PRESUMED": UNKNOWN,
    "NEEDS INPUT": None,
}
_NO_STATEMENT: Final[Mapping[str, Fact]] = {
    "TRUE": True,
    "YES": True,
    "FALSE": False,
    "UNKNOWN": UNKNOWN,
    "REVIEW": UNKNOWN,
    "TBC": UNKNOWN,
    "TBD": UNKNOWN,
    "N/A": None,
    "NEEDS INPUT": None,
}

_NUMBER: Final = re.compile(
    r"(?P<open>\()?(?P<sign>[-+])?(?P<currency>[$£€])?(?P<sign2>[-+])?"
    r"(?P<whole>\d{1,3}(?:,\d{3})+|\d+)?(?P<fraction>\.\d*)?(?P<exponent>[eE][-+]?\d{1,3})?"
    r"(?P<percent>%)?(?P<close>\))?",
    re.ASCII,
)
_ISO: Final = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(\.\d+)?)?)?", re.ASCII
)
_SERIAL_BASE: Final = date(1899, 12, 30)
# Excel counts a 29 February 1900 that never was; serials up to it run one day behind.
_PHANTOM_LEAP_DAY: Final = 60
_LAST_SERIAL: Final = 2_958_465
_SECONDS_A_DAY: Final = 86_400


class ErrorValue(RuleError):
    """An Excel error value that came in: it is the result."""

    def __init__(self, text: str) -> None:
        super().__init__(f"the argument holds {text}")
        self.excel = text


def error_value(raw: Raw) -> str | None:
    """The error value that a cell holds, or None."""
    if isinstance(raw, str) and raw.startswith("#"):
        text = raw.strip().upper()
        return text if text in ERROR_VALUES else None
    return None


def is_blank(raw: Raw) -> bool:
    """An empty cell, an empty or blank text, or a missing value of a data frame."""
    if raw is None:
        return True
    if isinstance(raw, str):
        return not raw.strip()
    return _is_nan(raw)


def _is_nan(raw: Raw) -> bool:
    """NaN, and the missing values of a data frame: NA and NaT."""
    if isinstance(raw, Decimal):
        return raw.is_nan()
    if isinstance(raw, float):
        return isnan(raw)
    return type(raw).__name__ in ("NAType", "NaTType")


def read_number(raw: Raw) -> Exact | None:
    """A number or numeric text, exactly.

    >>> read_number(5111.86), read_number("1,250,000"), read_number("15%"), read_number("")
    (Decimal('5111.86'), 1250000, Decimal('0.15'), None)
    """
    kind = type(raw)
    if kind is float or kind is int:
        # NaN is the one number that is not itself: a missing value of a data frame.
        return _finite(raw) if raw == raw else None
    if raw is None:
        return None
    if kind is str:
        return _number_from_text(raw)
    if isinstance(raw, bool) or kind.__name__ in ("bool_", "bool"):
        raise Malformed(f"{str(raw).upper()} is not a number")
    if is_blank(raw):
        return None
    if isinstance(raw, (Decimal, Fraction, int, float)):
        return _finite(raw)
    if hasattr(raw, "item") and getattr(raw, "size", 0) == 1:
        return read_number(raw.item())
    raise Malformed(f"{_quoted(raw)} is not a number")


def _finite(raw: float | Decimal | Fraction) -> Exact:
    try:
        return from_float(raw) if raw.__class__ is float else from_number(raw)
    except ValueError as problem:
        raise OutOfDomain(str(problem)) from None


def _number_from_text(text: str) -> Exact | None:
    # Excel's VALUE() takes plain spaces away, and no others.
    stripped = text.strip(" \t\r\n")
    if not text.strip():
        return None
    if error_value(stripped):
        raise ErrorValue(stripped.upper())
    match = _NUMBER.fullmatch(stripped)
    if match is None or not _well_formed(match):
        raise Malformed(f"{_quoted(text)} is not a number{_hint(stripped)}")
    digits = (match["whole"] or "0").replace(",", "") + (match["fraction"] or "")
    number = Decimal(digits + (match["exponent"] or ""))
    if match["percent"]:
        number = number.scaleb(-2)
    if match["open"] or "-" in (match["sign"], match["sign2"]):
        number = -number
    return _finite(number)


def _well_formed(match: re.Match[str]) -> bool:
    has_digits = match["whole"] or len(match["fraction"] or "") > 1
    one_sign = not (match["sign"] and match["sign2"])
    brackets = bool(match["open"]) == bool(match["close"])
    bare = not (match["open"] and (match["sign"] or match["sign2"]))
    return bool(has_digits and one_sign and brackets and bare)


def _hint(text: str) -> str:
    """What the typing slip may have been, where it can be seen."""
    if re.fullmatch(r"[\d.,]*[oO][\d.,oO]*", text):
        return " (letter O?)"
    if re.fullmatch(r"\d+,\d{1,2}", text):
        return " (decimal comma? use a point)"
    if not text.isascii() and any(character.isspace() for character in text):
        return " (a space that is not a plain one?)"
    if any(character.isdigit() and not character.isascii() for character in text):
        return " (digits that are not 0-9?)"
    return ""


def read_fact(raw: Raw) -> Fact:
    """TRUE/FALSE, Yes/No, 1 for yes; UNKNOWN; a 0 is not given.

    >>> read_fact("yes"), read_fact(1), read_fact(0), read_fact("UNKNOWN")
    (True, True, None, <Unknown.UNKNOWN: 'UNKNOWN'>)
    """
    if isinstance(raw, bool) or type(raw).__name__ == "bool_":
        return bool(raw)
    if is_blank(raw):
        return None
    if isinstance(raw, str):
        word = " ".join(raw.upper().replace("_", " ").split())
        if word in FACT_WORDS:
            return FACT_WORDS[word]
        if error_value(raw):
            raise ErrorValue(word)
    number = _number_or_nothing(raw)
    if number == 1:
        return True
    if number == 0:
        return None
    raise Malformed(f"{_quoted(raw)} is neither TRUE, FALSE nor UNKNOWN")


def _number_or_nothing(raw: Raw) -> Exact | None:
    try:
        return read_number(raw)
    except Malformed:
        return None


def read_moment(raw: Raw) -> Moment | None:
    """A date, with its time of day where it has one.

    >>> str(read_moment(45359.6875)), str(read_moment("2024-03-08"))
    ('2024-03-08 16:30:00', '2024-03-08')
    """
    if isinstance(raw, datetime):
        return None if _is_nan(raw) else _moment_of(raw)
    if isinstance(raw, date):
        return Moment(raw)
    if is_blank(raw):
        return None
    if isinstance(raw, str):
        return _moment_from_text(raw)
    if isinstance(raw, bool):
        raise Malformed(f"{str(raw).upper()} is not a date")
    number = read_number(raw)
    return None if not number else _moment_from_serial(number)


def _moment_of(raw: datetime) -> Moment:
    if raw.tzinfo is not None:
        raise Malformed(f"{raw} has a time zone; times are on the exchange's own clock")
    return Moment.of(_to_second(raw))


def _to_second(when: datetime) -> datetime:
    try:
        return (when + timedelta(microseconds=500_000)).replace(microsecond=0)
    except OverflowError:
        raise OutOfDomain(f"{when} is beyond the last date") from None


def _moment_from_text(text: str) -> Moment:
    stripped = text.strip()
    if error_value(stripped):
        raise ErrorValue(stripped.upper())
    match = _ISO.fullmatch(stripped)
    if match is None:
        raise Malformed(f"{_quoted(text)} is not a date; write 2024-03-08 or 2024-03-08 16:30")
    *parts, fraction = match.groups()
    year, month, day, hour, minute, second = (int(part or 0) for part in parts)
    microseconds = int(float(fraction or 0) * 1_000_000)
    try:
        when = datetime(year, month, day, hour, minute, second, microseconds)
        return Moment.of(_to_second(when))
    except ValueError:
        raise Malformed(f"{_quoted(text)} is not a date that exists") from None


def _moment_from_serial(serial: Exact) -> Moment:
    seconds = int(Fraction(serial) * _SECONDS_A_DAY + Fraction(1, 2))
    days, second = divmod(seconds, _SECONDS_A_DAY)
    if serial < 1 or days > _LAST_SERIAL:
        raise OutOfDomain(f"{plain(serial)} is not the serial number of a date")
    base = _SERIAL_BASE if days > _PHANTOM_LEAP_DAY else _SERIAL_BASE + timedelta(days=1)
    when = datetime.combine(base, time()) + timedelta(days=days, seconds=second)
    return Moment.of(when)


def read_day(raw: Raw) -> date | None:
    """A date; a time of day is left aside."""
    moment = read_moment(raw)
    return None if moment is None else moment.day


def read_text(raw: Raw) -> str | None:
    """Text as it stands; a whole number as its digits."""
    if is_blank(raw):
        return None
    if error_value(raw):
        raise ErrorValue(str(raw).strip().upper())
    if isinstance(raw, bool):
        raise Malformed(f"{str(raw).upper()} is not a text")
    if isinstance(raw, (int, float, Decimal)):
        return f"{read_number(raw)}"
    return str(raw).strip()


def read_statement(raw: Raw) -> str | Fact:
    """A statement in words; a bare TRUE or FALSE as it is; None where nothing is said."""
    if isinstance(raw, bool) or type(raw).__name__ == "bool_":
        return bool(raw)
    text = read_text(raw)
    if text is None or not any(character.isalpha() for character in text):
        return None
    spelled = " ".join(text.upper().replace("_", " ").split())
    return _NO_STATEMENT.get(spelled, text)


def _quoted(raw: Raw) -> str:
    text = str(raw)
    return f'"{text[:40]}..."' if len(text) > 43 else f'"{text}"'


Zero = Literal["a number", "not given", "out of domain", "nothing outstanding"]


@dataclass(frozen=True, slots=True)
class Kind:
    """What an argument takes.

    `expects` completes "... expected" in a message, `unit` stands in the documentation. For kinds
    that read numbers, `zero` says what 0 means, `negative` whether it may be below zero, `least`
    the smallest value above 0 that is allowed and `most` the largest.
    """

    name: str
    expects: str
    unit: str
    read: Callable[[Raw], Any]
    numeric: bool = False
    zero: Zero = "a number"
    negative: bool = False
    least: int = 0
    most: int | None = None
    words: tuple[str, ...] = ()

    def checked(self, number: Exact, numeric_result: bool) -> Exact | None:
        """The number where it is in the kind's domain; None where its 0 is read as not given."""
        if 0 < number < self.least:
            raise OutOfDomain(f"it is below {self.least}; {self.expects} expected")
        if number > 0 and self.most is None:
            return number
        if number == 0 and self.zero != "a number":
            if self.zero == "nothing outstanding":
                raise NothingOutstanding("0: nothing is outstanding")
            if self.zero == "out of domain" or numeric_result:
                raise OutOfDomain(f"0 is read as not given; {self.expects} expected")
            return None
        if number < 0 and not self.negative:
            raise OutOfDomain(f"{plain(number)} is negative; {self.expects} expected")
        if self.most is not None and number > self.most:
            raise OutOfDomain(f"{plain(number)} is above {self.most}; {self.expects} expected")
        return number


def _numeric(name: str, expects: str, unit: str, zero: Zero = "a number", **more: Any) -> Kind:
    return Kind(name, expects, unit, read_number, numeric=True, zero=zero, **more)


PRICE: Final = _numeric("price", "a price such as 12.50", "currency per share", "not given")
BOOK_VALUE: Final = _numeric(
    "book value",
    "a book value per share such as 12.50",
    "currency per share",
    "not given",
    negative=True,
)
FLOOR_PRICE: Final = _numeric(
    "exercise price", "a price such as 12.50, or 0 where there is no floor", "currency per share"
)
AMOUNT: Final = _numeric("amount", "an amount such as 63,898.25", "currency", "not given")
PAYMENT: Final = _numeric(
    "payment", "an amount such as 63,898.25, or 0 where nothing is paid separately", "currency"
)
SHARES: Final = _numeric("shares", "a number of shares above 0", "shares", "not given")
SHARE_CAP: Final = _numeric(
    "share cap", "a number of shares from 1 on, or blank for no cap", "shares", "not given", least=1
)
VOTES: Final = _numeric("votes", "a number of votes above 0", "votes", "not given")
OUTSTANDING: Final = _numeric(
    "outstanding", "the shares outstanding, above 0", "shares", "nothing outstanding"
)
VOTES_OUTSTANDING: Final = _numeric(
    "votes outstanding", "the votes outstanding, above 0", "votes", "not given"
)
VOTES_PER_SHARE: Final = _numeric("votes per share", "the votes of one share, 0 for none", "votes")
TOTAL_VOTES: Final = _numeric(
    "total votes", "the votes of all holders, above 0", "votes", "nothing outstanding"
)
HOLDING: Final = _numeric("holding", "a number of shares, 0 for none", "shares")
RATIO: Final = _numeric("ratio", "a number above 0", "per share", "out of domain")
FRACTION: Final = _numeric(
    "fraction", "a fraction from 0 to 1, such as 0.15 or 15%", "fraction", most=1
)
# There always is one where it is stated, so the 0 of a link to an empty cell is not given.
STATED_FRACTION: Final = replace(FRACTION, zero="not given")
DISCOUNT: Final = _numeric(
    "discount",
    "a fraction such as 0.06, or below 0 for a premium",
    "fraction",
    negative=True,
    most=1,
)
RATE: Final = _numeric(
    "rate", "a rate a year such as 0.04 or 4%", "fraction a year", negative=True, most=1
)
VOLATILITY: Final = _numeric(
    "volatility", "a volatility a year such as 0.9 or 90%", "fraction a year", "out of domain"
)
YEARS: Final = _numeric("years", "a number of years above 0", "years", "out of domain")
MONTHS: Final = _numeric("months", "a number of months above 0", "months", "not given")
DIRECTORS: Final = _numeric("directors", "a number of directors above 0", "directors", "not given")
WARRANT_VALUE: Final = _numeric(
    "warrant value", "a value such as 0.125, or 0 for no warrants", "currency per warrant"
)
LIMIT: Final = _numeric(
    "limit", "a fraction between 0 and 1, such as 9.99%", "fraction", "out of domain", most=1
)
PLACES: Final = _numeric("places", "a whole number of decimal places, such as 1", "places")
PURCHASERS: Final = _numeric(
    "purchasers", "a number of purchasers above 0", "purchasers", "not given"
)
FIGURE: Final = _numeric("figure", "a number such as 1.43 or 20.2%", "any", negative=True)
FACT: Final = Kind("fact", "TRUE, FALSE or UNKNOWN", "yes/no", read_fact)
DAY: Final = Kind("date", "a date", "date", read_day)
MOMENT: Final = Kind(
    "date and time",
    "a date, with a time where it matters",
    "date and time, exchange's clock",
    read_moment,
)
TEXT: Final = Kind("text", "a text", "text", read_text)
STATEMENT: Final = Kind("statement", 'words, such as "None"', "text", read_statement)


def word(*words: str, also: Mapping[Any, str] | None = None, undecided: bool = False) -> Kind:
    """A kind that takes one of a few words.

    `also` lists other spellings of them; `undecided` lets UNKNOWN through to the rule.
    """
    aliases = dict(also or {})

    def read(raw: Raw) -> Any:
        if is_blank(raw):
            return None
        if isinstance(raw, (int, float)) and not isinstance(raw, bool) and raw in aliases:
            return aliases[raw]
        text = read_text(raw)
        spelled = " ".join((text or "").upper().replace("_", " ").split())
        if spelled in words:
            return spelled
        if spelled in aliases:
            return aliases[spelled]
        if undecided and spelled == UNKNOWN.value:
            return UNKNOWN
        if spelled == "NEEDS INPUT" or spelled == "0":
            return None
        raise Malformed(f"{_quoted(raw)} is not one of {', '.join(words)}")

    return Kind("word", f"one of {', '.join(words)}", "word", read, words=tuple(words))


def day_or(*words: str) -> Kind:
    """A kind that takes a date or one of a few words."""

    def read(raw: Raw) -> Any:
        if isinstance(raw, str) and raw.strip().upper() in words:
            return raw.strip().upper()
        return read_day(raw)

    return Kind("date or word", f"a date or {', '.join(words)}", "date", read, words=tuple(words))


SINGLE_VALUES: Final = frozenset(
    {float, int, str, bool, type(None), date, datetime, Decimal, Fraction}
)
"""The types of which a value is one cell and never a range."""


def is_range(raw: Raw) -> bool:
    """Whether `raw` is a range and not one value; whether it is well formed is for `rows_of`."""
    if raw.__class__ in SINGLE_VALUES:
        return False
    if isinstance(raw, (list, tuple)) or hasattr(raw, "to_numpy"):
        return True
    return hasattr(raw, "tolist") and bool(getattr(raw, "shape", ()))


def rows_of(raw: Raw) -> Sequence[Sequence[Raw]] | None:
    """The rows of a range, or None where `raw` is a single value.

    A flat list is one column. Data frames and arrays are taken by their values.
    """
    if raw.__class__ in SINGLE_VALUES:
        return None
    if not isinstance(raw, (list, tuple)):
        if hasattr(raw, "to_numpy"):
            raw = raw.to_numpy()
        if not hasattr(raw, "tolist") or not getattr(raw, "shape", ()):
            return None
        raw = raw.tolist()
    if not raw:
        raise Malformed("an empty range")
    if not isinstance(raw[0], (list, tuple)):
        if any(isinstance(cell, (list, tuple)) for cell in raw):
            raise Malformed("a ragged range: its rows are not equally long")
        return [(cell,) for cell in raw]
    width = len(raw[0])
    # Types and lengths as sets: a range may have very many rows.
    if not all(issubclass(kind, (list, tuple)) for kind in set(map(type, raw))):
        raise Malformed("a ragged range: its rows are not equally long")
    if not width or set(map(len, raw)) != {width}:
        raise Malformed("a ragged range: its rows are not equally long")
    of_rows: Sequence[Sequence[Raw]] = raw
    return of_rows
