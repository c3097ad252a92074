"""Stores right results in a copy of a workbook: our calls, and the formulas that rest on them.

Formulas are taken in the order in which they rest on one another. A formula of Excel's own is
recomputed only where something it rests on has changed, and only where the engine gives, on the
values that the file holds, the result that the file holds: else it is left as it is and listed.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from xl_compliance.functions.uncollected import uncollected
from xl_compliance.workbook.cached_values import Result, store_cached_values
from xl_compliance.workbook.calculation import Asked, Calculation, size_of
from xl_compliance.workbook.calls import find_calls, formulas_of, same_value
from xl_compliance.workbook.engine import (
    Answer,
    Position,
    Value,
    check_inputs,
    serial_of,
    unusual_errors,
)
from xl_compliance.workbook.forms import Form, Forms
from xl_compliance.workbook.references import Area, NotRecomputable
from xl_compliance.workbook.snapshot import (
    NOT_CALCULATED,
    SIGNATURE_LOST,
    Cell,
    ExcelError,
    Sheet,
    Snapshot,
    format_address,
    open_package,
    read,
)
from xl_compliance.workbook.versions import version_of

_LONGEST: Final = 80
_CIRCLE: Final = "it rests on itself, or on formulas that do"


@dataclass(frozen=True)
class Change:
    """A cell whose stored result is another one now; `before` is None where it held none."""

    sheet: str
    address: str
    formula: str
    before: Value
    after: Value


@dataclass(frozen=True)
class Left:
    """A formula that should have been recomputed and could not be, and why."""

    sheet: str
    address: str
    formula: str
    why: str


@dataclass(frozen=True)
class Refreshed:
    """What became of a workbook: how many cells call our functions, what changed, what did not."""

    calls: int
    changes: tuple[Change, ...]
    left: tuple[Left, ...]
    signed: bool = False


def refresh(source: str | Path, target: str | Path) -> Refreshed:
    """Write a copy of a workbook in which our calls, and what rests on them, show right results.

    Nothing but stored results differs from the source. Raises `UnreadableWorkbook` for a source
    that is no workbook, and `ValueError` where the target is the source.
    """
    version = version_of(Path(source))
    snapshot = read(source)
    refreshed, results = recomputed(snapshot)
    store_cached_values(source, target, results, version)
    with open_package(Path(source)) as package:
        return replace(refreshed, signed=package.signed)


def recomputed(snapshot: Snapshot) -> tuple[Refreshed, dict[tuple[str, str], Result]]:
    """What a refresh of a workbook changes, and the results to store, by sheet and address."""
    ours = {(sheet.name, row, column) for sheet, row, column, _, _ in find_calls(snapshot)}
    if not ours:
        return Refreshed(0, (), ()), {}
    with uncollected():
        work = _Refresh(snapshot, ours)
        work.run()
    results: dict[tuple[str, str], Result] = {
        (change.sheet, change.address): change.after
        for change in work.changes
        if change.after is not None
    }
    return Refreshed(len(ours), tuple(work.changes), tuple(work.left)), results


def told(refreshed: Refreshed) -> Iterator[str]:
    """What became of a workbook, line by line, for a reader."""
    for change in refreshed.changes:
        before = "nothing" if change.before is None else _shown(change.before)
        place = f"{change.sheet}!{change.address}"
        yield f"{place}: {before} -> {_shown(change.after)}   {_short(change.formula)}"
    for left in refreshed.left:
        yield f"{left.sheet}!{left.address}: left as it is, {left.why}   {_short(left.formula)}"
    if refreshed.signed:
        yield SIGNATURE_LOST
    cells = "cell calls" if refreshed.calls == 1 else "cells call"
    results = "result" if len(refreshed.changes) == 1 else "results"
    yield (
        f"{refreshed.calls} {cells} our functions: {len(refreshed.changes)} {results} stored, "
        f"{len(refreshed.left)} left as before"
    )


def _shown(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str) and not isinstance(value, ExcelError):
        return f'"{_short(value)}"'
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


@dataclass
class _Formula:
    """A formula cell on its way: what it rests on, and what has become of it."""

    sheet: Sheet
    row: int
    column: int
    text: str
    ours: bool
    form: Form | None = None
    problem: str = ""
    changed: bool = False
    unknown: bool = False
    rests_on: set[Area] = field(default_factory=set)

    @property
    def cell(self) -> Cell:
        return self.sheet.cell(self.row, self.column)

    @property
    def position(self) -> Position:
        return self.sheet.name, self.row, self.column

    @property
    def calculated(self) -> bool:
        return self.cell.value is not NOT_CALCULATED

    @property
    def address(self) -> str:
        return format_address(self.row, self.column)


class _Refresh:
    """One refresh: the formulas in their order, and two engines, of before and of now."""

    def __init__(self, snapshot: Snapshot, ours: set[Position]) -> None:
        self._snapshot = snapshot
        self._unusual = unusual_errors(snapshot)
        self._before = Calculation(snapshot)
        self._now = Calculation(snapshot)
        self._formulas = [
            _Formula(sheet, row, column, text, (sheet.name, row, column) in ours)
            for sheet in snapshot.sheets
            for row, column, text in formulas_of(sheet)
        ]
        self._take_apart()
        self._inside = _formulas_in_areas(self._formulas)
        self.changes: list[Change] = []
        self.left: list[Left] = []

    def run(self) -> None:
        """Recompute what has to be, level by level."""
        waiting = {
            key: sum(bool(self._inside[area]) for area in it.rests_on)
            for key, it in enumerate(self._formulas)
        }
        unresolved = {area: len(inside) for area, inside in self._inside.items()}
        readers: dict[Area, list[int]] = {}
        areas_of: dict[int, list[Area]] = {}
        for key, it in enumerate(self._formulas):
            for area in it.rests_on:
                readers.setdefault(area, []).append(key)
        for area, inside in self._inside.items():
            for key in inside:
                areas_of.setdefault(key, []).append(area)
        ready = [key for key, count in waiting.items() if not count]
        done: set[int] = set()
        while ready:
            self._level(ready)
            done.update(ready)
            following: list[int] = []
            for area in (area for key in ready for area in areas_of.get(key, ())):
                unresolved[area] -= 1
                if unresolved[area]:
                    continue
                for reader in readers.get(area, ()):
                    waiting[reader] -= 1
                    if not waiting[reader]:
                        following.append(reader)
            ready = following
        for key, it in enumerate(self._formulas):
            if key not in done and (it.ours or not it.calculated or self._rests_on_change(it)):
                self._leave(it, _CIRCLE)

    def _take_apart(self) -> None:
        forms = Forms(self._snapshot)
        for key, it in enumerate(self._formulas):
            try:
                it.form = forms.of(it.text, *it.position, key)
                if it.form.problem:
                    raise NotRecomputable(it.form.problem)
                areas = it.form.areas_at(it.row, it.column)
                check_inputs(areas, self._unusual)
                it.rests_on = set(areas)
            except NotRecomputable as why:
                it.problem = str(why)
                it.rests_on = set(forms.references.plain_areas(it.text, it.sheet.name))

    # ------------------------------------------------------------ one level

    def _level(self, keys: Iterable[int]) -> None:
        wanted: list[tuple[int, _Formula]] = []
        for key in keys:
            it = self._formulas[key]
            if not (it.ours or not it.calculated or self._rests_on_change(it)):
                continue
            source = self._unknown_source(it)
            if it.problem:
                self._leave(it, it.problem)
            elif source:
                self._leave(it, f"it rests on {source}, which could not be recomputed")
            else:
                wanted.append((key, it))
        self._trust(wanted)
        answers = self._now.answers(_asked(wanted))
        for key, it in wanted:
            answer = answers.get(key, Answer(problem=it.problem))
            if answer.problem:
                self._leave(it, answer.problem)
            else:
                self._take(it, answer)

    def _trust(self, wanted: Sequence[tuple[int, _Formula]]) -> None:
        """Formulas of Excel's own for which the engine does not give what the file holds."""
        known = [
            (key, it)
            for key, it in wanted
            if not it.ours and it.calculated and not self._rests_on_uncalculated(it)
        ]
        answers = self._before.answers(_asked(known))
        for key, it in known:
            answer = answers[key]
            stored = serial_of(it.cell.value, self._snapshot.epoch_1904)
            if answer.problem:
                it.problem = answer.problem
            elif not same_value(stored, answer.value):
                it.problem = "on the values before, the engine gives another result than the file"

    def _take(self, it: _Formula, answer: Answer) -> None:
        for down, line in enumerate(answer.values):
            for across, after in enumerate(line):
                row, column = it.row + down, it.column + across
                cell = it.sheet.cell(row, column)
                before = serial_of(cell.value, self._snapshot.epoch_1904)
                if before is None and (down or across):
                    before = ""  # a snapshot holds no empty text of a cell without a formula
                if cell.value is not NOT_CALCULATED and same_value(before, after):
                    continue
                it.changed = True
                self._now.put((it.sheet.name, row, column), after)
                address = format_address(row, column)
                self.changes.append(Change(it.sheet.name, address, it.text, before, after))

    def _leave(self, it: _Formula, why: str) -> None:
        it.unknown = True
        self.left.append(Left(it.sheet.name, it.address, it.text, why))

    def _precedents(self, it: _Formula) -> Iterable[_Formula]:
        return (self._formulas[key] for area in it.rests_on for key in self._inside[area])

    def _rests_on_change(self, it: _Formula) -> bool:
        return any(other.changed or other.unknown for other in self._precedents(it))

    def _rests_on_uncalculated(self, it: _Formula) -> bool:
        return any(not other.calculated for other in self._precedents(it))

    def _unknown_source(self, it: _Formula) -> str:
        for other in self._precedents(it):
            if other.unknown:
                return f"{other.sheet.name}!{other.address}"
        return ""


def _asked(formulas: Iterable[tuple[int, _Formula]]) -> dict[int, Asked]:
    return {
        key: Asked(it.form, it.sheet, it.row, it.column, it.text)
        for key, it in formulas
        if it.form and not it.problem
    }


def _formulas_in_areas(formulas: Sequence[_Formula]) -> Mapping[Area, list[int]]:
    """For each area that some formula rests on, the formulas that fill cells of it."""
    columns: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for key, it in enumerate(formulas):
        height, width = size_of(it.sheet, it.row, it.column) if it.form else (1, 1)
        for column in range(it.column, it.column + width):
            places = columns.setdefault((it.sheet.name, column), [])
            places += [(row, key) for row in range(it.row, it.row + height)]
    for places in columns.values():
        places.sort()
    found: dict[Area, list[int]] = {}
    for it in formulas:
        for area in it.rests_on:
            if area not in found:
                found[area] = list(dict.fromkeys(_inside(area, columns)))
    return found


def _inside(area: Area, columns: Mapping[tuple[str, int], list[tuple[int, int]]]) -> Iterable[int]:
    for column in range(area.left, area.right + 1):
        places = columns.get((area.sheet, column), [])
        for row, key in places[bisect_left(places, (area.top, 0)) :]:
            if row > area.bottom:
                break
            yield key
