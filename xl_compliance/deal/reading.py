"""Reading a deal from the input sheets of a workbook.

Every cell is read by the same kinds as a worksheet function's argument. What cannot be read
becomes a `Problem` that names file, sheet, cell, what was read and what is expected; the value
then counts as not given, never as zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from xl_compliance.deal.model import (
    CoverRows,
    Deal,
    EarlierIssuance,
    Facts,
    FilingFacts,
    GroupMember,
    Input,
    OfferingInsider,
    OfferingScenario,
    Position,
    PriceRow,
    Problem,
    Purchaser,
    Security,
    SessionClose,
    ShareClass,
    StatedFigure,
    SubmittedElement,
)
from xl_compliance.rules.outcome import RuleError
from xl_compliance.workbook.input_sheets import (
    ALL_TABLES,
    CLASSES,
    DEAL,
    FAMILIES,
    FIELD_HEADER,
    FILING,
    FILING_FACTS,
    GROUPS,
    HOLDERS,
    INSIDERS,
    ISSUANCES,
    OFFERINGS,
    PRICES,
    PURCHASERS,
    SECURITIES,
    SESSION_CLOSES,
    STATED,
    SUBMISSION,
    VALUE_HEADER,
    Entry,
    InputTable,
)
from xl_compliance.workbook.snapshot import (
    NOT_CALCULATED,
    Cell,
    ExcelError,
    Sheet,
    Snapshot,
    Table,
    TableCell,
    UnreadableWorkbook,
)

R = TypeVar("R")


def has_input_sheets(snapshot: Snapshot) -> bool:
    """Whether a workbook holds any of our input tables."""
    return any(snapshot.table(table.name) for table in ALL_TABLES)


def read_deal(snapshot: Snapshot) -> Deal:
    """The deal in a workbook; raises `UnreadableWorkbook` where it has none of our sheets."""
    if not has_input_sheets(snapshot):
        raise UnreadableWorkbook(
            snapshot.path,
            "none of the input sheets is in this workbook, and no cap table was found in it",
            f"sheets {', '.join(dict.fromkeys(table.sheet for table in ALL_TABLES))}",
            "Start from a workbook written by: xl-compliance template OUT.xlsx",
        )
    reader = _Reader(snapshot)
    return Deal(
        path=snapshot.path,
        facts=reader.facts(DEAL, Facts),
        classes=reader.rows(CLASSES, ShareClass),
        prices=reader.rows(PRICES, PriceRow),
        securities=reader.rows(SECURITIES, Security),
        purchasers=reader.rows(PURCHASERS, Purchaser),
        holders=reader.rows(HOLDERS, Position),
        issuances=reader.rows(ISSUANCES, EarlierIssuance),
        filing_facts=reader.facts(FILING_FACTS, FilingFacts),
        filing=reader.rows(FILING, CoverRows),
        offerings=reader.rows(OFFERINGS, OfferingScenario),
        insiders=reader.rows(INSIDERS, OfferingInsider),
        session_closes=reader.rows(SESSION_CLOSES, SessionClose),
        submission=reader.rows(SUBMISSION, SubmittedElement),
        groups=reader.rows(GROUPS, GroupMember),
        stated=reader.rows(STATED, StatedFigure),
        problems=tuple(reader.problems),
    )


class _Reader:
    """Reads tables and collects what could not be read."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.problems: list[Problem] = []
        # A table is missed only beside others of its family.
        self._expected = {
            table.name
            for family in FAMILIES
            if any(snapshot.table(table.name) for table in family)
            for table in family
            if not table.newer
        }

    def rows(self, definition: InputTable, row_type: type[R]) -> tuple[R, ...]:
        """One record a row; rows without any entry are left out."""
        table = self._table(definition)
        if table is None:
            return ()
        found = _matched(definition, table)
        self._report_missing(definition, table, found)
        read = []
        for row in self.snapshot.rows(table):
            cells = {key: row[header] for key, header in found.items()}
            if all(_is_empty(place.cell) for place in cells.values()):
                continue
            read.append(row_type(**self._record(definition, table, cells)))
        self._report_below(table)
        return tuple(read)

    def _report_below(self, table: Table) -> None:
        """What stands under the last row of a table is easily taken for a part of it."""
        sheet = self.snapshot.sheet(table.sheet)
        if sheet is None:
            return
        next_row = table.first_row + table.row_count
        columns = range(table.first_column, table.first_column + len(table.headers))
        for row in (next_row, *self._rows_further_down(sheet, table, next_row)):
            for column in columns:
                if not _is_empty(sheet.cell(row, column)):
                    self.problems.append(
                        Problem(
                            table.sheet,
                            sheet.address(row, column),
                            f'below the last row of table "{table.name}", so it is not read: drag '
                            "the corner of the table down over it, or clear it",
                        )
                    )
                    return

    def _rows_further_down(self, sheet: Sheet, table: Table, next_row: int) -> list[int]:
        """Rows after a gap that look like rows of the table: several cells, a number among them.

        A remark in one cell is none, and where two tables share a sheet nobody can tell whose.
        """
        if sum(each.sheet == table.sheet for each in self.snapshot.tables) > 1:
            return []
        last = table.first_column + len(table.headers)
        rows: dict[int, list[object]] = {}
        for (row, column), cell in sheet.cells.items():
            if row > next_row and table.first_column <= column < last and not _is_empty(cell):
                rows.setdefault(row, []).append(cell.value)
        return [
            row
            for row, values in sorted(rows.items())
            if len(values) > 1 and any(_is_number(value) for value in values)
        ]

    def facts(self, definition: InputTable, record_type: type[R]) -> R:
        """One record for a table of facts, a field a row."""
        table = self._table(definition)
        cells: dict[str, TableCell] = {}
        if table is not None:
            labels = {_folded(entry.label): entry.key for entry in definition.entries}
            for row in self._fact_rows(table):
                key = labels.get(_folded(row[FIELD_HEADER].cell.value))
                if key is not None:
                    cells[key] = row[VALUE_HEADER]
            self._report_missing(definition, table, cells)
        return record_type(**self._record(definition, table, cells))

    def _fact_rows(self, table: Table) -> Iterator[dict[str, TableCell]]:
        if FIELD_HEADER in table.headers and VALUE_HEADER in table.headers:
            yield from self.snapshot.rows(table)

    def _table(self, definition: InputTable) -> Table | None:
        table = self.snapshot.table(definition.name)
        if table is None and definition.name in self._expected:
            what = "sheet" if self.snapshot.sheet(definition.sheet) is None else "table"
            name = definition.sheet if what == "sheet" else definition.name
            self.problems.append(
                Problem(
                    definition.sheet,
                    "",
                    f'the {what} "{name}" is missing; what it would hold is read as not given. '
                    "Copy it from a workbook written by: xl-compliance template OUT.xlsx",
                    missing=True,
                )
            )
        return table

    def _report_missing(
        self, definition: InputTable, table: Table, found: Mapping[str, object]
    ) -> None:
        lost = [
            entry.label
            for entry in definition.entries
            if entry.key not in found and not entry.newer
        ]
        if not lost:
            return
        what = "row" if definition.facts else "column"
        listed = ", ".join(f'"{label}"' for label in lost)
        self.problems.append(
            Problem(
                table.sheet,
                "",
                f'table "{table.name}" has no {what} {listed}; read as not given. '
                "Copy it from a workbook written by: xl-compliance template OUT.xlsx",
                missing=True,
            )
        )

    def _record(
        self, definition: InputTable, table: Table | None, cells: Mapping[str, TableCell]
    ) -> dict[str, Input[Any]]:
        sheet = table.sheet if table else definition.sheet
        return {
            entry.key: self._input(entry, sheet, cells.get(entry.key))
            for entry in definition.entries
        }

    def _input(self, entry: Entry, sheet: str, place: TableCell | None) -> Input[Any]:
        if place is None:
            return Input(None, sheet, "", entry.label)
        try:
            value = _read(entry, place.cell)
        except RuleError as problem:
            said = str(problem)
            expected = "" if "expected" in said else f"; {entry.kind.expects} expected"
            message = f"{entry.label}: {said}{expected}"
            self.problems.append(Problem(sheet, place.address, message))
            value = None
        return Input(value, sheet, place.address, entry.label)


def _read(entry: Entry, cell: Cell) -> Any:
    if cell.value is NOT_CALCULATED:
        raise RuleError(f"{cell.formula} has no stored result: open, calculate and save the file")
    if isinstance(cell.value, ExcelError):
        raise RuleError(f"the cell holds {cell.value}")
    value = entry.kind.read(cell.value)
    if value is None or not entry.kind.numeric:
        return value
    return entry.kind.checked(value, numeric_result=False)


def _matched(definition: InputTable, table: Table) -> dict[str, str]:
    """Our keys with the table's own headers, compared without regard to case and spaces."""
    headers = {_folded(header): header for header in table.headers}
    return {
        entry.key: headers[_folded(entry.label)]
        for entry in definition.entries
        if _folded(entry.label) in headers
    }


def _folded(text: object) -> str:
    return " ".join(str(text or "").casefold().split())


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_empty(cell: Cell) -> bool:
    value = cell.value
    return value is None or (isinstance(value, str) and not value.strip())


# A record has exactly the fields that the schema defines for its table.
RECORDS: Mapping[str, type[Any]] = {
    "Deal": Facts,
    "Classes": ShareClass,
    "Prices": PriceRow,
    "Securities": Security,
    "Purchasers": Purchaser,
    "Holders": Position,
    "Groups": GroupMember,
    "Issuances": EarlierIssuance,
    "FilingFacts": FilingFacts,
    "Filing": CoverRows,
    "Offerings": OfferingScenario,
    "Insiders": OfferingInsider,
    "SessionCloses": SessionClose,
    "Submission": SubmittedElement,
    "Stated": StatedFigure,
}
