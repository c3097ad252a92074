"""The worksheet function that spills an ownership table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import zip_longest
from typing import Any, Final

from xl_compliance.functions.cells import (
    DAY,
    FACT,
    HOLDING,
    LIMIT,
    OUTSTANDING,
    RATIO,
    TEXT,
    VOTES_PER_SHARE,
)
from xl_compliance.functions.registry import Result, one, rows, worksheet_function
from xl_compliance.functions.sec import FAMILY, WHEN
from xl_compliance.rules.exact import Exact, percent, plain
from xl_compliance.rules.outcome import (
    NEEDS_INPUT,
    Fact,
    Malformed,
    NotEnoughData,
    Outcome,
    Step,
    assumed,
    note,
)
from xl_compliance.rules.sec import ownership_table
from xl_compliance.rules.sec.ownership_table import Position, Row, StockClass

HEADERS: Final = (
    "Name",
    "Row",
    "Class",
    "Held",
    "Rights counted",
    "Rights not counted",
    "Beneficially owned",
    "Denominator",
    "% of class",
    "% of votes",
    "Status",
    "Why",
)
"""The columns of the table, in its first row."""


@worksheet_function(
    "OWNERSHIPTABLE",
    FAMILY,
    rows("holder", TEXT, "Who holds each position; one holder can have several"),
    rows("held", HOLDING, "Shares held, row by row; 0 for none"),
    rows("rights", HOLDING, "Shares that one right can acquire, row by row; 0 for none"),
    rows("outstanding", OUTSTANDING, "Shares outstanding, class by class"),
    rows("exercisable_on", WHEN, "First day of exercise, or APPROVAL", "every right counts"),
    one("as_of", DAY, "Date the sixty days run from", "needed with dates"),
    rows("of_class", TEXT, "Class of each position", "the only class"),
    rows("class_names", TEXT, "Names of the classes, in the order of outstanding", "one class"),
    rows(
        "votes_per_share",
        VOTES_PER_SHARE,
        "Votes of a share, class by class",
        "one where there is one class",
    ),
    rows("group", TEXT, "Group that shares the position", "no groups"),
    rows("blocker", LIMIT, "Blocker on each right, such as 9.99%", "no blockers"),
    rows("control_purpose", FACT, "Whether the right is held to change control", "read as no"),
    rows("ratio", RATIO, "Shares per security, where rights counts securities", "one for one"),
    rows("converts", TEXT, "Class given up on conversion, whose votes count already", "none"),
    result=Result.TABLE,
    rules=("SEC-13D3",),
)
def ownershiptable(
    holder: Sequence[str | None],
    held: Sequence[Exact | None],
    rights: Sequence[Exact | None],
    outstanding: Sequence[Exact | None],
    exercisable_on: Sequence[date | str | None],
    as_of: date | None,
    of_class: Sequence[str | None],
    class_names: Sequence[str | None],
    votes_per_share: Sequence[Exact | None],
    group: Sequence[str | None],
    blocker: Sequence[Exact | None],
    control_purpose: Sequence[Fact],
    ratio: Sequence[Exact | None],
    converts: Sequence[str | None],
) -> Outcome:
    """The ownership table: positions in; class by class one row a holder out, then one a group;
    headers first.

    Formula: owned = held + rights counted within 60 days; % of class = owned / (outstanding + own
    rights counted). A blocker caps its right at floor((limit x base - owned) / (1 - limit)), the
    tightest first. A group has each position of its members once. % of votes takes every class at
    its votes a share; shares that convert are not counted with both votes.

    Errors: `#N/A` for a position without its holder, or without its class where there are several;
    `#VALUE!` for columns of different length, or a
    class that is not listed or listed twice; `#NUM!` for negative numbers or a blocker above 1;
    `#DIV/0!` for a class of no shares. A row that rests on a blank says NEEDS INPUT, and why;
    REVIEW where names differ in points and commas only, or all hold more than is outstanding.

    Example:
        >>> call("OWNERSHIPTABLE", "Fund", 0, 2870756, 5059747)[1][:8]
        ['Fund', 'Holder', '', 0, 2870756, 0, 2870756, 7930503]

    Source: 17 CFR 240.13d-3(d)(1)(i), 240.13d-5(b); blockers are contract.

    Judgement: what is a group; whether a blocker counts affiliates (each is applied to its holder
    alone, and is REVIEW where taking a group together would count fewer); votes of rights are
    counted as if exercised, as proxy statements do. A right to shares that are outstanding already
    goes under held: it adds none to the denominator.
    """
    columns = (
        held,
        rights,
        exercisable_on,
        blocker,
        control_purpose,
        group,
        of_class,
        ratio,
        converts,
    )
    positions = tuple(_positions(holder, columns))
    classes = _classes(outstanding, class_names, votes_per_share)
    table = ownership_table.ownership_table(positions, classes, as_of)

    def working() -> Iterator[Step]:
        if not exercisable_on:
            yield assumed("exercisable_on", "not given: every right counts")
        elif not control_purpose:
            yield assumed("control_purpose", "not given: read as not held to change control")
        for row in table:
            part = NEEDS_INPUT if row.fraction is None else percent(row.fraction)
            base = "" if row.base is None else f"of {plain(row.base)}: {part}"
            yield Step(f"{row.name} {row.of}".strip(), row.shares, base, row.reason)
        yield note("blockers are applied holder by holder; where a group decides: REVIEW")

    return Outcome(
        (HEADERS, *map(shown, table)),
        f"{len(positions)} positions, {len(classes)} classes",
        ownership_table.thresholds(as_of),
        working,
    )


def shown(row: Row) -> tuple[Any, ...]:
    """A row as cells: what is not known is NEEDS INPUT."""
    part, votes = row.fraction, row.voting_fraction
    return (
        row.name,
        row.kind.value,
        row.of,
        row.held,
        _or_open(row.counted),
        row.not_counted,
        _or_open(row.shares),
        _or_open(row.base),
        _or_open(part),
        _or_open(votes),
        row.status,
        row.reason or _why(row),
    )


def _why(row: Row) -> str:
    if row.not_counted:
        return "rights not counted as in its members' rows"
    return "every right counts" if row.counted else "no rights"


def _or_open(figure: Exact | None) -> Exact | str:
    return NEEDS_INPUT if figure is None else figure


def _positions(
    holders: Sequence[str | None], columns: Iterable[Sequence[Any]]
) -> Iterator[Position]:
    """The rows of the range that are not blank in all."""
    given = [column or (None,) * len(holders) for column in columns]
    if any(len(column) != len(holders) for column in given):
        lengths = ", ".join(str(len(column)) for column in (holders, *given))
        raise Malformed(f"columns of different length: {lengths}")
    for number, (holder, *cells) in enumerate(zip(holders, *given, strict=True), 1):
        if holder is None:
            if any(cell is not None for cell in cells):
                raise NotEnoughData(f"position {number}: no holder is given")
            continue
        held, rights, day, limit, control, group, of, ratio, converts = cells
        yield Position(holder, of, held, rights, day, limit, control, group, ratio, converts)


def _classes(
    outstanding: Sequence[Exact | None],
    names: Sequence[str | None],
    votes: Sequence[Exact | None],
) -> tuple[StockClass, ...]:
    classes = []
    for number, (count, name, each) in enumerate(zip_longest(outstanding, names, votes), 1):
        if count is None and name is None and each is None:
            continue
        if name is None and len(outstanding) > 1:
            raise NotEnoughData(f"class {number}: no name is given")
        classes.append(StockClass(name or "", count, each))
    return tuple(classes)
