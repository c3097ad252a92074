"""Every threshold as dated data.

A parameter file stands beside the rule module of the same name: `nasdaq/warrants.toml` holds what
`xl_compliance.rules.nasdaq.warrants` decides with. Each parameter has a value, a unit, its
strictness, and versions, each with the dates between which it was in force, its source and how
far that source has been verified:

`source document`   stands in one of the three documents the product is built on
`published page`    read on a published page that is named
`unverified`        from practice or memory; shown to the user as such
"""

from __future__ import annotations

import operator
import pkgutil
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from math import inf
from time import time as seconds_now
from typing import Any, Final

from xl_compliance.rules.exact import Exact, percent, plain, times

VERIFICATIONS: Final = ("source document", "published page", "unverified")
UNITS: Final = (
    "fraction",
    "USD",
    "USD per warrant",
    "CAD per security",
    "sessions",
    "months",
    "days",
    "purchasers",
    "local time",
    "regime",
    "decimal places",
)
_COUNTED_UNITS: Final = frozenset({"sessions", "months", "days", "purchasers", "decimal places"})
FILES: Final = (
    "nasdaq/aggregation",
    "nasdaq/director_rights",
    "nasdaq/minimum_price",
    "nasdaq/issuance_size",
    "nasdaq/private_placement",
    "nasdaq/warrants",
    "nasdaq/acquisition",
    "nasdaq/change_of_control",
    "nasdaq/convertible_price",
    "nasdaq/equity_compensation",
    "nasdaq/equity_line",
    "nasdaq/future_priced",
    "nasdaq/generic_proxy",
    "nasdaq/listing_notice",
    "nasdaq/public_offering",
    "nasdaq/reorganization",
    "nasdaq/voting_rights",
    "nasdaq/deal_fixes",
    "tsx/prospectus_offering",
    "tsx/net_proceeds",
    "tsx/reference_close",
    "tsx/offering_notice",
    "tsx/market_price",
    "tsx/private_placement",
    "sec/beneficial_ownership",
    "sec/schedule_13d",
    "sec/filing_duty",
    "sec/filing_deadline",
)

_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
}


@dataclass(frozen=True, slots=True)
class Threshold:
    """A parameter as it stands on a date.

    `value` is an exact number; a regime or a time of day is a `word`. `strictness` is the
    comparison that makes the test true, empty where the value is not compared with anything.
    `shown` is the value as a reader expects it (`20%`), `test` the same with its strictness
    (`>= 20%`).
    """

    rule: str
    name: str
    title: str
    unit: str
    strictness: str
    value: Exact
    word: str
    shown: str
    test: str
    start: date | None
    end: date | None
    source: str
    verification: str

    def met_by(self, part: Exact, whole: Exact = 1) -> bool:
        """Whether `part` of `whole` meets the test, by cross-multiplication.

        Call it under `exactly`: the product is a decimal's.
        """
        try:
            line = whole * self.value  # type: ignore[operator]
        except TypeError:
            line = times(whole, self.value)
        return _COMPARE[self.strictness](part, line)

    def covers(self, day: date) -> bool:
        """Whether it is in force on that day."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)

    def in_force(self) -> str:
        """When it is in force, in words."""
        if self.start is None and self.end is None:
            return "at the date of the source"
        start = f"from {self.start}" if self.start else ""
        return f"{start} to {self.end}".strip() if self.end else start


@dataclass(frozen=True, slots=True)
class Parameter:
    """One threshold through time, oldest version first."""

    versions: tuple[Threshold, ...]
    settled: float = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "settled", _reached_everywhere(self.versions[-1].start))

    def on(self, day: date | None = None) -> Threshold:
        """The version in force on `day`, or today."""
        versions = self.versions
        if len(versions) == 1:
            return versions[0]
        if day is None and seconds_now() > self.settled:
            return versions[-1]
        when = date.today() if day is None else day
        for version in reversed(versions):
            if version.start is None or version.start <= when:
                return version
        return versions[0]


def _reached_everywhere(day: date | None) -> float:
    """The time from which it is that day or a later one in every time zone.

    Asking for the time is much cheaper than asking for the date.
    """
    if day is None:
        return inf
    return (datetime.combine(day, time.min, UTC) + timedelta(days=1)).timestamp()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its stable id, what it decides, where it stands, its parameters by name."""

    id: str
    title: str
    source: str
    decides: str
    parameters: Mapping[str, Parameter]

    def __getitem__(self, name: str) -> Parameter:
        return self.parameters[name]


@cache
def rules_in(file: str) -> Mapping[str, Rule]:
    """The rules of one parameter file, by id, for example `rules_in("nasdaq/warrants")`."""
    data = pkgutil.get_data(__name__, f"{file}.toml")
    if data is None:
        raise FileNotFoundError(f"parameter file {file}.toml is not in the package")
    tables = tomllib.loads(data.decode("utf-8"))["rule"]
    return {table["id"]: _rule(table) for table in tables}


def all_rules() -> Iterator[Rule]:
    """Every rule of every parameter file."""
    for file in FILES:
        yield from rules_in(file).values()


def _rule(table: Mapping[str, Any]) -> Rule:
    return Rule(
        id=table["id"],
        title=table["title"],
        source=table["source"],
        decides=table["decides"],
        parameters={
            name: Parameter(tuple(_versions(table, name, body)))
            for name, body in table.get("parameter", {}).items()
        },
    )


def _versions(table: Mapping[str, Any], name: str, body: Mapping[str, Any]) -> Iterator[Threshold]:
    strictness = body.get("strictness", "")
    for version in body["versions"]:
        value = _number(version["value"], body["unit"])
        shown = _shown(version["value"], value, body["unit"])
        yield Threshold(
            rule=table["id"],
            name=name,
            title=body["title"],
            unit=body["unit"],
            strictness=strictness,
            value=value,
            word=version["value"],
            shown=shown,
            test=f"{strictness} {shown}".strip(),
            start=version.get("from"),
            end=version.get("to"),
            source=version["source"],
            verification=version["verification"],
        )


def _number(text: str, unit: str) -> Exact:
    if unit in ("regime", "local time"):
        return 0
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else number


def _shown(text: str, value: Exact, unit: str) -> str:
    if unit in ("regime", "local time"):
        return text
    if unit == "fraction":
        return percent(value)
    return f"{plain(value)} {unit}" if unit in _COUNTED_UNITS else plain(value)
