"""Worksheet functions about any rule: the working, the law in force, the version."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from xl_compliance import __version__
from xl_compliance.functions.cells import DAY, TEXT
from xl_compliance.functions.registry import Argument, Result, Shape, one, worksheet_function
from xl_compliance.rules.outcome import Malformed, NotEnoughData, Outcome
from xl_compliance.rules.parameters import Rule, Threshold, all_rules

FAMILY: Final = "Any rule"


@worksheet_function(
    "EXPLAIN",
    FAMILY,
    one("function", TEXT, "Name of the function, in quotes"),
    Argument("arguments", TEXT, Shape.REST, "The same arguments as in the call", optional=True),
    result=Result.TABLE,
)
def explain(function: str | None, *arguments: Any) -> Outcome:
    """The working behind a call: inputs as read, each step, each threshold, the headroom, the
    result with its reason, and the source.

    Formula: spills Item, Value, Test and Source, headers first.

    Errors: `#VALUE!` for a name that is not one of our functions. An error of the call itself is
    shown as its result, with the reason.

    Example:
        >>> call("EXPLAIN", "UNITFLOOR", 10, 10)[-1]
        ['Result', 10.125, 'Minimum Price plus the value of the warrants', '']

    Source: the rule behind each function.

    Judgement: none.
    """
    # The calling module reads this registry, so it is reached from here only when called.
    from xl_compliance.functions import calling

    if function is None:
        raise NotEnoughData("the name of a function is not given")
    try:
        table = calling.explain(function, *arguments)
    except KeyError:
        raise Malformed(f'"{function}" is not one of our worksheet functions') from None
    return Outcome(tuple(tuple(row) for row in table), "the working")


@worksheet_function(
    "RULEINFO",
    FAMILY,
    one("rule", TEXT, "A rule id such as NASDAQ-5635D, NASDAQ-FAQ-279, TSX-606 or SEC-13D3"),
    one("as_of", DAY, "Date whose law is shown", "the law in force today"),
    result=Result.TABLE,
)
def ruleinfo(rule: str | None, as_of: date | None) -> Outcome:
    """A rule's thresholds as they stand on a date, with their source and verification.

    Formula: spills title, test, threshold, strictness, in force from and to, source and
    verification, headers first; one row a parameter, or one row where a rule has none.

    Errors: `#N/A` for a rule id that is not known, or none given.

    Example:
        >>> call("RULEINFO", "NASDAQ-5635D")[1][2:4]
        ['20%', '>=']

    Source: the parameter files of the product.

    Judgement: none; "unverified" marks what rests on practice or memory.
    """
    if rule is None:
        raise NotEnoughData("no rule id is given")
    known = {entry.id: entry for entry in all_rules()}
    entry = known.get(rule.upper())
    if entry is None:
        raise NotEnoughData(f'"{rule}" is not a rule id; known: {", ".join(sorted(known))}')
    header = (
        "Title",
        "Test",
        "Threshold",
        "Strictness",
        "In force from",
        "In force to",
        "Source",
        "Verification",
    )
    return Outcome((header, *_rows(entry, as_of)), "the law as data")


def _rows(rule: Rule, as_of: date | None) -> list[tuple[Any, ...]]:
    if not rule.parameters:
        return [(rule.title, rule.decides, "", "", "", "", rule.source, "")]
    day = date.today() if as_of is None else as_of
    in_force = [each.on(day) for each in rule.parameters.values() if each.on(day).covers(day)]
    return [_row(rule, threshold) for threshold in in_force]


def _row(rule: Rule, threshold: Threshold) -> tuple[Any, ...]:
    return (
        rule.title,
        threshold.title,
        threshold.shown,
        threshold.strictness,
        threshold.start or "",
        threshold.end or "",
        threshold.source,
        threshold.verification,
    )


@worksheet_function("XLCVERSION", FAMILY, result=Result.TEXT)
def xlcversion() -> Outcome:
    """The version of xl-compliance that answers.

    Formula: the package version.

    Errors: none.

    Example:
        >>> call("XLCVERSION")
        '0.1.0'

    Source: the package.

    Judgement: none.
    """
    return Outcome(__version__, "the package version")
