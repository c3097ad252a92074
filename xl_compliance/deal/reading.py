"""Reading a deal from the input sheets of a workbook.

Every cell is read by the same kinds as a worksheet function's argument. What cannot be read
becomes a `Problem` that names file, sheet, cell, what was read and what is expected; the value
then counts as not given, never as zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
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
from xl_compliance.functions.cells import DAY, MOMENT
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
from xl_compliance.workbook.sheet_structure import LAST_ROW
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
_ROWS_OF_TITLE = 3


class NothingToCheck(UnreadableWorkbook):
    """A workbook that was read in full and holds no deal, no cap table and no call of ours."""


def has_input_sheets(snapshot: Snapshot) -> bool:
    """Whether a workbook holds any of our input tables, or a sheet that has lost one."""
    return any(snapshot.table(table.name) for table in ALL_TABLES) or bool(lost_tables(snapshot))


def lost_tables(snapshot: Snapshot) -> tuple[InputTable, ...]:
    """The input tables whose sheet and headings are there, while the table itself is not.

    A file loses them when a program that does not know tables saves it; nothing in them would be
    read, and nobody would see it.
    """
    if snapshot.values_only:
        return ()
    found = []
    for table in ALL_TABLES:
        sheet = snapshot.sheet(table.sheet)
        if sheet is not None and not snapshot.table(table.name) and _holds(sheet, table):
            found.append(table)
    return tuple(found)


def _holds(sheet: Sheet, table: InputTable) -> bool:
    labels = {_folded(entry.label) for entry in table.entries}
    texts = {_folded(it.value) for it in sheet.cells.values() if isinstance(it.value, str)}
    return 2 * len(labels & texts) >= max(len(labels), 4)


def read_deal(snapshot: Snapshot) -> Deal:
    """The deal in a workbook; raises `UnreadableWorkbook` where it has none of our sheets.

    That is `NothingToCheck` where no part of the workbook was left unread.
    """
    if not has_input_sheets(snapshot):
        in_part = snapshot.values_only or snapshot.remarks
        raise (UnreadableWorkbook if in_part else NothingToCheck)(
            snapshot.path,
            "none of the input sheets is in this workbook, and no cap table was found in it",
            f"sheets {', '.join(dict.fromkeys(table.sheet for table in ALL_TABLES))}",
            "Start from a workbook written by: xl-compliance template OUT.xlsx; if it is known to "
            "hold nothing to check, accept INP004 for it in the configuration",
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
        texts=tuple(reader.texts),
    )


class _Reader:
    """Reads tables and collects what could not be read."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.problems: list[Problem] = []
        self.texts: list[Input[Any]] = []
        lost = lost_tables(snapshot)
        # A table is missed only beside others of its family, or where its sheet is there.
        self._expected = {table.name for table in lost} | {
            table.name
            for family in FAMILIES
            if any(snapshot.table(table.name) or table in lost for table in family)
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
        return tuple(read)

    def _report_around(self, definition: InputTable, table: Table) -> None:
        """What a reader takes for part of a table and what is not read as such.

        Under a table anything counts that adjoins it; notes may stand further down, figures not.
        """
        sheet = self.snapshot.sheet(table.sheet)
        if sheet is None:
            return
        columns = range(table.first_column, table.first_column + len(table.headers))
        self._report_headers(table, sheet, columns)
        self._report_totals(definition, table, sheet, columns)
        labels = {_folded(entry.label) for entry in definition.entries}
        first, end = self._rows_below(table)
        for (row, column), cell in sorted(
            (place, cell)
            for place, cell in sheet.cells.items()
            if first <= place[0] < end and place[1] in columns
        ):
            is_label = definition.facts and _folded(cell.value) in labels
            if is_label or _is_figure(cell) or (row == first and not _is_empty(cell)):
                message = (
                    f'below the last row of table "{table.name}", so it is not read: drag the '
                    "corner of the table down over it, or clear it"
                )
                self._say(table, sheet.address(row, column), message)
                return

    def _rows_below(self, table: Table) -> tuple[int, int]:
        """The first row below a table, and that of the title of the next table."""
        first = table.first_row + table.row_count + table.has_totals
        tops = [it.first_row - 1 for it in self.snapshot.tables if it.sheet == table.sheet]
        following = [max(top - _ROWS_OF_TITLE, first + 1) for top in tops if top > first]
        return first, min(following, default=LAST_ROW + 1)

    def _report_headers(self, table: Table, sheet: Sheet, columns: range) -> None:
        """A table knows its columns by names of its own, which a reader does not see."""
        row = table.first_row - 1
        if not table.has_headers:
            message = f'the header row of table "{table.name}" is switched off: switch it on'
            self._say(table, sheet.address(table.first_row, columns[0]), message)
            return
        for column, header in zip(columns, table.headers, strict=True):
            shown = sheet.cell(row, column).value
            if _folded(shown) != _folded(header):
                message = (
                    f'the cell says "{_folded(shown)[:40]}", but table "{table.name}" takes this '
                    f'column for "{header[:40]}": type the header again, and look at the column'
                )
                self._say(table, sheet.address(row, column), message)

    def _report_totals(
        self, definition: InputTable, table: Table, sheet: Sheet, columns: range
    ) -> None:
        """A totals row has a word at its head and formulas beside it; anything else is a row."""
        row = table.first_row + table.row_count
        if not table.has_totals:
            return
        for column in columns:
            cell = sheet.cell(row, column)
            is_word = column == columns[0] and isinstance(cell.value, str) and not definition.facts
            if cell.formula is None and not _is_empty(cell) and not is_word:
                message = (
                    f'this is the totals row of table "{table.name}", so it is not read, but '
                    "something is typed into it: switch the totals row off if it is one like others"
                )
                self._say(table, sheet.address(row, column), message)
                return

    def _say(self, table: Table, address: str, message: str) -> None:
        self.problems.append(Problem(table.sheet, address, message))

    def facts(self, definition: InputTable, record_type: type[R]) -> R:
        """One record for a table of facts, a field a row."""
        table = self._table(definition)
        cells: dict[str, TableCell] = {}
        if table is not None:
            labels = {_folded(entry.label): entry.key for entry in definition.entries}
            for row in self._fact_rows(table):
                field = row[FIELD_HEADER]
                key = labels.get(_folded(field.cell.value))
                if key in cells:
                    message = f'"{field.cell.value}" stands there twice: only the first is read'
                    self._say(table, field.address, message)
                elif key is not None:
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
        if table is not None:
            self._report_around(definition, table)
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
        read = Input(value, sheet, place.address, entry.label)
        if value is not None and _is_number_as_text(entry, place.cell):
            self.texts.append(read)
        return read


def _read(entry: Entry, cell: Cell) -> Any:
    if cell.value is NOT_CALCULATED:
        raise RuleError(f"{cell.formula} has no stored result: open, calculate and save the file")
    if isinstance(cell.value, ExcelError):
        raise RuleError(f"the cell holds {cell.value}")
    value = entry.kind.read(cell.value)
    if value is None or not entry.kind.numeric:
        return value
    return entry.kind.checked(value, numeric_result=False)


def _is_number_as_text(entry: Entry, cell: Cell) -> bool:
    number = entry.kind.numeric or entry.kind in (DAY, MOMENT)
    return number and isinstance(cell.value, str) and cell.formula is None


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


def _is_figure(cell: Cell) -> bool:
    value = cell.value
    return isinstance(value, int | float | date) and not isinstance(value, bool)


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
