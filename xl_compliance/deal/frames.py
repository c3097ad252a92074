"""The ownership table between data frames: `xl_compliance.ownership_table`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from xl_compliance.functions.cells import (
    DAY,
    FACT,
    HOLDING,
    LIMIT,
    OUTSTANDING,
    RATIO,
    TEXT,
    VOTES_PER_SHARE,
    Kind,
    day_or,
)
from xl_compliance.rules.exact import Exact, quotient, to_float
from xl_compliance.rules.outcome import RuleError
from xl_compliance.rules.sec import ownership_table as rule
from xl_compliance.rules.sec.beneficial_ownership import APPROVAL
from xl_compliance.rules.sec.ownership_table import Position, Row, StockClass

if TYPE_CHECKING:
    from pandas import DataFrame

_POSITION_KINDS: Final[Mapping[str, Kind]] = {
    "holder": TEXT,
    "class": TEXT,
    "held": HOLDING,
    "rights": HOLDING,
    "exercisable_on": day_or(APPROVAL),
    "blocker": LIMIT,
    "control_purpose": FACT,
    "group": TEXT,
    "ratio": RATIO,
    "converts": TEXT,
}
_CLASS_KINDS: Final[Mapping[str, Kind]] = {
    "class": TEXT,
    "outstanding": OUTSTANDING,
    "votes_per_share": VOTES_PER_SHARE,
}
_GROUP_KINDS: Final[Mapping[str, Kind]] = {"group": TEXT, "member": TEXT}
_MOST_TOLD: Final = 10
_LARGEST_WHOLE: Final = 10**15


class OwnershipInputError(ValueError):
    """Data that no ownership table can be made of; `problems` has one line each."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        told = list(self.problems[:_MOST_TOLD])
        if len(self.problems) > _MOST_TOLD:
            told.append(f"and {len(self.problems) - _MOST_TOLD} more")
        super().__init__("\n".join(told))


def ownership_table(
    holders: DataFrame,
    classes: DataFrame,
    *,
    as_of: object = None,
    groups: DataFrame | None = None,
) -> DataFrame:
    """Who beneficially owns how much of each class: positions in, the table out.

    `holders` has one row a position, with the columns `holder` and `held`, `rights` (shares) or
    both, 0 for none, and where needed `class`, `exercisable_on` (a date, or APPROVAL where it
    takes a vote), `blocker` (a fraction such as 0.0999), `control_purpose`, `group`, `ratio`
    (shares per security, where `rights` counts securities) and `converts` (the class given up,
    whose votes count already). `classes` has `class`, `outstanding` and, for votes,
    `votes_per_share`.
    `groups`, with `group` and `member`, names every member: its positions go to the group.

    The result has, class by class, one row a holder and then one a group. `percent_of_class` and
    `percent_of_votes` are fractions, nearest to the exact quotient. Rows that rest on something
    not given have the status NEEDS INPUT and no figures there; `why` names it.

    Raises `OwnershipInputError`, which lists every cell that cannot be read and every member of a
    group that holds nothing.

    >>> import pandas as pd
    >>> holders = pd.DataFrame({"holder": ["Fund"], "held": [0], "rights": [2870756]})
    >>> classes = pd.DataFrame({"class": ["Common"], "outstanding": [5059747]})
    >>> table = ownership_table(holders, classes)
    >>> int(table["denominator"][0]), round(float(table["percent_of_class"][0]), 3)
    (7930503, 0.362)

    Source: 17 CFR 240.13d-3(d)(1)(i), 240.13d-5(b). Judgement: what is a group; blockers are
    applied holder by holder, and `REVIEW` where taking a group together would count fewer.
    """
    problems: list[str] = []
    columns = _columns("holders", holders, _POSITION_KINDS, ("holder",), problems)
    stock = _columns("classes", classes, _CLASS_KINDS, ("class", "outstanding"), problems)
    day = _as_of(as_of, problems)
    if not problems and not {"held", "rights"} & set(holders.columns):
        problems.append('holders: no column "held" and none "rights": one of them is needed')
    # A column that is not there says that nobody has any; a blank in one says nothing.
    for key in ("held", "rights"):
        if key not in holders:
            columns[key] = (0,) * len(holders)
    if groups is not None:
        named = _columns("groups", groups, _GROUP_KINDS, ("group", "member"), problems)
        if not problems:
            columns["group"] = _joined(columns, named, problems)
    for label, holder in zip(holders.index, columns.get("holder", ()), strict=False):
        if holder is None:
            problems.append(f'holders, row {label}, column "holder": no name is given')
    if problems:
        raise OwnershipInputError(problems)
    try:
        table = rule.ownership_table(_positions(columns), _classes(stock), day)
    except RuleError as problem:
        raise OwnershipInputError([str(problem)]) from None
    return _frame(table)


def _columns(
    name: str,
    frame: DataFrame,
    kinds: Mapping[str, Kind],
    needed: Sequence[str],
    problems: list[str],
) -> dict[str, Sequence[Any]]:
    """Every column as the rule takes it; what cannot be read is told with its row and column."""
    for column in frame.columns:
        if column not in kinds:
            problems.append(
                f'{name}: column "{column}" is not one of {", ".join(kinds)}: '
                "rename it, or leave it out"
            )
    problems += [f'{name}: the column "{it}" is missing' for it in needed if it not in frame]
    twice = set(frame.columns[frame.columns.duplicated()])
    problems += [f'{name}: the column "{it}" is there twice' for it in frame if it in twice]
    blank = (None,) * len(frame)
    return {
        key: _column(name, frame, key, kind, problems) if key in {*frame} - twice else blank
        for key, kind in kinds.items()
    }


def _column(
    name: str, frame: DataFrame, key: str, kind: Kind, problems: list[str]
) -> Sequence[Any]:
    series = frame[key]
    cells = series.tolist()
    if kind is HOLDING and series.dtype.kind in "iu" and cells and _all_whole(cells):
        return list(cells)
    read = _reader(kind)
    values: list[Any] = []
    for label, cell in zip(frame.index, cells, strict=True):
        try:
            values.append(read(cell))
        except RuleError as problem:
            values.append(None)
            expected = "" if "expected" in str(problem) else f"; {kind.expects} expected"
            problems.append(
                f'{name}, row {label}, column "{key}": {problem}{expected}{_meant(kind, cell)}'
            )
    return values


def _all_whole(cells: Sequence[int]) -> bool:
    """Whether every whole number can be taken as it is."""
    return min(cells) >= 0 and max(cells) < _LARGEST_WHOLE


def _reader(kind: Kind) -> Callable[[Any], Any]:
    if not kind.numeric:
        return kind.read

    def read(cell: Any) -> Exact | None:
        number: Exact | None = kind.read(cell)
        return None if number is None else kind.checked(number, numeric_result=True)

    return read


def _meant(kind: Kind, cell: Any) -> str:
    """A percentage typed without its sign."""
    if kind is LIMIT and isinstance(cell, (int, float)) and 1 < cell <= 100:
        return f" (for {cell}% enter {cell / 100:.6g})"
    return ""


def _as_of(as_of: object, problems: list[str]) -> date | None:
    try:
        day: date | None = DAY.read(as_of)
    except RuleError as problem:
        problems.append(f"as_of: {problem}")
        return None
    return day


def _joined(
    columns: Mapping[str, Sequence[Any]], named: Mapping[str, Sequence[Any]], problems: list[str]
) -> list[str | None]:
    """The group of each position: its own, or the one its holder is a member of."""
    group_of: dict[str, str] = {}
    known = {_folded(holder) for holder in columns["holder"]}
    for group, member in zip(named["group"], named["member"], strict=True):
        if group is None or member is None:
            problems.append("groups: a row without its group or its member")
        elif _folded(member) not in known:
            problems.append(
                f'groups: "{member}", a member of "{group}", has no position among the holders: '
                "enter it, with 0 held and 0 rights where it holds nothing"
            )
        elif _folded(group_of.setdefault(_folded(member), group)) != _folded(group):
            problems.append(
                f'groups: "{member}" is in two groups: name the group on each position instead'
            )
    joined = []
    for own, holder in zip(columns["group"], columns["holder"], strict=True):
        group = group_of.get(_folded(holder))
        if own and group and _folded(own) != _folded(group):
            problems.append(
                f'groups: "{holder}" is a member of "{group}", but a position of it says "{own}": '
                "the group's row would leave that position out"
            )
        joined.append(own or group)
    return joined


def _folded(name: str | None) -> str:
    return " ".join((name or "").casefold().split())


def _positions(columns: Mapping[str, Sequence[Any]]) -> list[Position]:
    return list(
        map(
            Position,
            columns["holder"],
            columns["class"],
            columns["held"],
            columns["rights"],
            columns["exercisable_on"],
            columns["blocker"],
            columns["control_purpose"],
            columns["group"],
            columns["ratio"],
            columns["converts"],
        )
    )


def _classes(columns: Mapping[str, Sequence[Any]]) -> list[StockClass]:
    names = [name or "" for name in columns["class"]]
    return list(map(StockClass, names, columns["outstanding"], columns["votes_per_share"]))


def _frame(table: Sequence[Row]) -> DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "name": [row.name for row in table],
            "row": [row.kind.value for row in table],
            "class": [row.of for row in table],
            "held": _shares(pd, [row.held for row in table]),
            "rights_counted": _shares(pd, [row.counted for row in table]),
            "rights_not_counted": _shares(pd, [row.not_counted for row in table]),
            "beneficially_owned": _shares(pd, [row.shares for row in table]),
            "denominator": _shares(pd, [row.base for row in table]),
            "percent_of_class": [_part(row.shares, row.base) for row in table],
            "percent_of_votes": [_part(row.votes, row.votes_base) for row in table],
            "status": [row.status for row in table],
            "why": [row.reason for row in table],
        }
    )


def _part(shares: Exact | None, base: Exact | None) -> float:
    """The float nearest to the exact quotient; not a number where it is not known."""
    if shares is None or not base:
        return float("nan")
    if isinstance(shares, int) and isinstance(base, int):
        return shares / base
    return to_float(quotient(shares, base))


def _shares(pd: Any, figures: Sequence[Exact | None]) -> Any:
    """Whole shares as integers; decimals, where there is a fraction of a share, as they are."""
    if all(figure is None or isinstance(figure, int) for figure in figures):
        return pd.array(figures, dtype="Int64")
    return pd.Series(list(figures), dtype=object)
