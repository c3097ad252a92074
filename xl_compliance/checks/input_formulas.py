"""Checks of inputs that a formula gives: what no recomputation bears out is said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Final, NamedTuple

from xl_compliance.checks.findings import Finding
from xl_compliance.checks.registry import NOT_BORNE_OUT, Check, check
from xl_compliance.rules.outcome import REVIEW
from xl_compliance.workbook.calculation import job_of
from xl_compliance.workbook.calls import (
    NO_ENGINE,
    filled_by_arrays,
    formulas_of,
    same_value,
)
from xl_compliance.workbook.compiled import formula_engine
from xl_compliance.workbook.engine import (
    Answer,
    Engine,
    Job,
    check_functions,
    check_inputs,
    serial_of,
    unknown_values,
)
from xl_compliance.workbook.input_sheets import ALL_TABLES, VALUE_HEADER
from xl_compliance.workbook.references import Area, NotRecomputable, References
from xl_compliance.workbook.snapshot import (
    NOT_CALCULATED,
    ExcelError,
    Snapshot,
    format_address,
    parse_address,
)

SOURCE = "the formulas behind the input sheets"
_LISTED: Final = 5
_NOT_READ: Final = "its formula was not read"
_OTHER_RESULT: Final = "recomputed, it gives another result than the file holds"


class _Place(NamedTuple):
    """A cell by its sheet's name."""

    sheet: str
    row: int
    column: int

    def __str__(self) -> str:
        return f"{self.sheet}!{format_address(self.row, self.column)}"


@check(NOT_BORNE_OUT, "Input from a formula that is not borne out", "INPUT", SOURCE, Snapshot)
def unverified(check: Check, snapshot: Snapshot) -> Iterator[Finding]:
    """An input that rests on a formula which gives another result, or cannot be recomputed here.

    Its stored value is read as it is; a verdict of no that rests on it is `REVIEW`. A formula
    cannot be recomputed where it reaches into another workbook, changes by itself or uses an
    unknown function.

    To do: Recalculate and save the workbook in Excel. Where the formula reaches elsewhere, compare
    its value with the document it comes from, or type that in with its source.
    """
    places = list(_inputs(snapshot))
    if not places:
        return
    doubts = _Recomputed(snapshot).doubts(places)
    if not doubts:
        return
    shown = "; ".join(f"{place}, {why}" for place, why in list(doubts.items())[:_LISTED])
    more = f"; and {len(doubts) - _LISTED} more" if len(doubts) > _LISTED else ""
    message = (
        f"{shown}{more}. What the file holds was read as it is, and the verdicts rest on it: "
        "calculate and save it in Excel, and compare the value with its source"
    )
    first = next(iter(doubts))
    yield Finding(
        check.code,
        check.title,
        check.rule,
        REVIEW,
        message,
        first.sheet,
        format_address(first.row, first.column),
        inputs=tuple(map(str, doubts)),
        source=check.source,
    )


def _inputs(snapshot: Snapshot) -> Iterator[_Place]:
    """The input cells that a formula fills with a result."""
    for definition in ALL_TABLES:
        table = snapshot.table(definition.name)
        sheet = snapshot.sheet(table.sheet) if table else None
        if table is None or sheet is None:
            continue
        filled = filled_by_arrays(sheet)
        labels = {VALUE_HEADER} if definition.facts else {it.label for it in definition.entries}
        known = {" ".join(label.casefold().split()) for label in labels}
        for row in snapshot.rows(table):
            for header, it in row.items():
                value, formula = it.cell.value, it.cell.formula
                if not (formula or filled):
                    continue
                if value in (None, NOT_CALCULATED) or isinstance(value, ExcelError):
                    continue
                place = parse_address(it.address)
                is_filled = formula is not None or place in filled
                if is_filled and " ".join(header.casefold().split()) in known:
                    yield _Place(sheet.name, *place)


class _Recomputed:
    """The formulas behind some cells, each recomputed on the values that the file holds."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._formulas = {
            sheet.name: {(row, column): text for row, column, text in formulas_of(sheet)}
            for sheet in snapshot.sheets
        }
        # For each cell that a formula fills, where that stands: mostly in the cell itself.
        self._behind = {
            sheet.name: {at: at for at in self._formulas[sheet.name]} | filled_by_arrays(sheet)
            for sheet in snapshot.sheets
        }
        self._rests_on: dict[_Place, tuple[_Place, ...]] = {}
        self._problems: dict[_Place, str] = {}

    def doubts(self, places: Iterable[_Place]) -> dict[_Place, str]:
        """Those of the cells that are not borne out, each with the reason."""
        places = list(places)
        if formula_engine() is None:
            return dict.fromkeys(places, NO_ENGINE)
        self._recompute(places)
        return {place: why for place in places if (why := self._doubt(place))}

    def _recompute(self, places: list[_Place]) -> None:
        references = References(self._snapshot)
        unknown = unknown_values(self._snapshot)
        order = list(dict.fromkeys(places))
        known = set(order)
        areas: set[Area] = set()
        jobs: list[tuple[int, Job]] = []
        for key, place in enumerate(order):  # which grows by what its cells rest on
            sheet = self._snapshot.sheet(place.sheet)
            assert sheet is not None
            formula = self._behind[place.sheet][place.row, place.column]
            if formula != (place.row, place.column):
                self._follow(place, [_Place(place.sheet, *formula)], order, known)
                continue
            text = self._formulas[place.sheet][formula]
            if text == "=":
                self._problems[place] = _NOT_READ
                continue
            try:
                it = references.rewrite(text, *place, key)
                self._follow(place, self._inside(it.areas), order, known)
                check_functions(it)
                check_inputs(it.areas, unknown)
            except NotRecomputable as why:
                self._problems[place] = f"{text[:60]}: {why}"
                continue
            areas.update(it.areas)
            jobs.append((key, job_of(sheet, place.row, place.column, it)))
        engine = Engine(self._snapshot)
        engine.feed(areas)
        for key, answer in engine.evaluate(jobs).items():
            if problem := self._differs(order[key], answer):
                self._problems[order[key]] = problem

    def _follow(
        self, place: _Place, behind: Iterable[_Place], order: list[_Place], known: set[_Place]
    ) -> None:
        """Note what a cell rests on, and what of that is still to be looked at."""
        self._rests_on[place] = tuple(dict.fromkeys(behind))
        order += [each for each in self._rests_on[place] if each not in known]
        known.update(self._rests_on[place])

    def _differs(self, place: _Place, answer: Answer) -> str:
        text = self._formulas[place.sheet][place.row, place.column][:60]
        if answer.problem:
            return f"{text}: {answer.problem}"
        sheet = self._snapshot.sheet(place.sheet)
        assert sheet is not None
        for down, line in enumerate(answer.values):
            for across, right in enumerate(line):
                cell = sheet.cell(place.row + down, place.column + across)
                stored = serial_of(cell.value, self._snapshot.epoch_1904)
                is_blank = stored is None and right == ""
                if not is_blank and not same_value(stored, right):
                    return f"{text}: {_OTHER_RESULT}"
        return ""

    def _inside(self, areas: Iterable[Area]) -> Iterator[_Place]:
        """The cells within some areas that formulas fill."""
        for area in areas:
            formulas = self._behind.get(area.sheet, {})
            rows = range(area.top, area.bottom + 1)
            columns = range(area.left, area.right + 1)
            found: Iterable[tuple[int, int]] = formulas
            if len(rows) * len(columns) < len(formulas):
                found = product(rows, columns)
            for row, column in found:
                if row in rows and column in columns and (row, column) in formulas:
                    yield _Place(area.sheet, row, column)

    def _doubt(self, place: _Place) -> str:
        """The first reason on the way from a cell to what it rests on."""
        seen, waiting = {place}, [place]
        for each in waiting:
            if each in self._problems:
                said = self._problems[each]
                return said if each == place else f"which rests on {each}, {said}"
            following = [it for it in self._rests_on.get(each, ()) if it not in seen]
            waiting += following
            seen.update(following)
        return ""
