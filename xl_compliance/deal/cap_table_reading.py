"""Finds the cap tables in a workbook that other people made.

A table starts at a header over names ("Shareholder", "Name", "Stakeholder") with columns of shares
to its right; title rows above do not matter, and a header may stand on several rows. It goes on
over single blank rows until its last total, two blank rows, or the next header, and beyond them
where a total further down adds up the rows on both sides. A table is taken only where shares are
counted; what merely resembles one, or might go on, is listed as not understood.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from math import isclose
from typing import Final

from xl_compliance.deal.cap_table import CapTable, CapTables, Column, NotUnderstood, Row
from xl_compliance.deal.cap_table_cells import (
    NO_VALUE,
    CellKind,
    Cells,
    counts,
    number_in,
)
from xl_compliance.deal.cap_table_words import (
    Role,
    RowKind,
    column_role,
    holder_header,
    in_thousands,
    is_class_name,
    is_class_word,
    numbers_lines,
    row_kind,
    words_of,
)
from xl_compliance.rules.exact import Exact, exactly
from xl_compliance.workbook.calls import filled_by_calls
from xl_compliance.workbook.input_sheets import ALL_TABLES
from xl_compliance.workbook.number_formats import Formats
from xl_compliance.workbook.our_sheets import CALCULATED
from xl_compliance.workbook.sheet_structure import LAST_ROW
from xl_compliance.workbook.snapshot import (
    NOT_CALCULATED,
    CellValue,
    ExcelError,
    Sheet,
    Snapshot,
    format_address,
)

# Rows of header text that may stand over or under the row with the names' header.
_HEADER_ABOVE, _HEADER_BELOW = 2, 2
# A gap between two rounds of one table is one or two columns wide.
_WIDEST_GAP = 2
_TITLE_ROWS = 6
_BLANK_ROWS = 2
# Beyond these many blank rows nothing belongs to the table above; a total is looked for so far.
_WIDEST_BREAK, _LOOK_AHEAD = 8, 2000


def find_cap_tables(
    snapshot: Snapshot,
    formats: Formats | None = None,
    skip: Collection[str] = (),
) -> CapTables:
    """Every cap table of a workbook, hidden sheets included.

    `formats` are the number formats of its cells; `skip` names sheets that are not searched. Our
    own input sheets never are.
    """
    ours = {table.name for table in ALL_TABLES}
    own = {table.sheet.casefold() for table in snapshot.tables if table.name in ours}
    left_out = own | {name.casefold() for name in skip}
    tables: list[CapTable] = []
    doubts: list[NotUnderstood] = []
    for sheet in snapshot.sheets:
        if sheet.name.casefold() in left_out or (own and sheet.name in CALCULATED):
            continue
        found, unclear = _on_sheet(sheet, formats)
        tables += found
        doubts += unclear
    return CapTables(snapshot.path, tuple(tables), tuple(doubts))


_NOTHING: Final[Mapping[int, CellValue]] = {}


@dataclass(frozen=True)
class _Grid:
    """What is not blank on a sheet: values by row and column, formulas by column and row."""

    sheet: Sheet
    rows: Mapping[int, Mapping[int, CellValue]]
    formulas: Mapping[int, Mapping[int, str]]
    last: int

    @staticmethod
    def of(sheet: Sheet) -> _Grid:
        rows: dict[int, dict[int, CellValue]] = {}
        formulas: dict[int, dict[int, str]] = {}
        cells, line = dict[int, CellValue](), 0
        for row, column, value, formula in _entries(sheet):
            if value is None or (isinstance(value, str) and not value.strip()):
                continue
            if row != line:
                cells, line = rows.setdefault(row, {}), row
            cells[column] = value
            if formula:
                try:
                    formulas[column][row] = formula
                except KeyError:
                    formulas[column] = {row: formula}
        return _Grid(sheet, rows, formulas, max(rows, default=0))

    def row(self, number: int) -> Mapping[int, CellValue]:
        return self.rows.get(number, _NOTHING)


def _entries(sheet: Sheet) -> Iterable[tuple[int, int, CellValue, str | None]]:
    """Row, column, value and formula of every cell."""
    listed = getattr(sheet.cells, "in_rows", None)
    if listed is not None:
        found: Iterable[tuple[int, int, CellValue, str | None]] = listed()
        return found
    return ((row, column, cell.value, cell.formula) for (row, column), cell in sheet.cells.items())


_Bounds = tuple[int, int, int, int]


def _on_sheet(sheet: Sheet, formats: Formats | None) -> tuple[list[CapTable], list[NotUnderstood]]:
    grid = _Grid.of(sheet)
    tables: list[CapTable] = []
    doubts: list[NotUnderstood] = []
    taken = _Taken(filled_by_calls(sheet))
    for row in sorted(grid.rows):
        taken.move_to(row)
        for column in _heads(grid.row(row), taken.columns):
            if column in taken.columns:
                continue
            table = _table_at(grid, row, column, formats)
            if table is None:
                continue
            numbers = [it.number for it in table.columns]
            bounds = (row, min(numbers), table.rows[-1].number, max(numbers))
            reason = _why_not(grid, table, row, column)
            if reason is None:
                tables.append(table)
                doubts += (*_unread_columns(table), *_unread_rows(grid, table, column))
                taken.add(bounds)
            elif reason:
                doubts.append(NotUnderstood(sheet.name, format_address(row, column), reason))
                taken.add(bounds)
    return tables, doubts


class _Taken:
    """The columns of one row, and then of those below it, that are part of something found.

    Each of the bounds is a first row and column, and a last row and column.
    """

    def __init__(self, found: Iterable[_Bounds]) -> None:
        self.columns: set[int] = set()
        self._ahead = sorted(found, reverse=True)
        self._here: list[_Bounds] = []
        self._last = 0

    def move_to(self, row: int) -> None:
        """Turn to a row further down."""
        begun = len(self._here)
        while self._ahead and self._ahead[-1][0] <= row:
            self._here.append(self._ahead.pop())
        if self._last < row or len(self._here) > begun:
            self._here = [it for it in self._here if it[2] >= row]
            self._look()

    def add(self, bounds: _Bounds) -> None:
        """Take what begins in the row."""
        self._here.append(bounds)
        self._look()

    def _look(self) -> None:
        self.columns = {column for _, c0, _, c1 in self._here for column in range(c0, c1 + 1)}
        self._last = min((it[2] for it in self._here), default=LAST_ROW)


def _heads(cells: Mapping[int, CellValue], taken: Collection[int]) -> list[int]:
    """The columns of a row where a text stands that may head names."""
    return sorted(
        [
            column
            for column, value in cells.items()
            if column not in taken and isinstance(value, str) and _heads_names(value)
        ]
    )


def _heads_names(value: CellValue) -> bool:
    return isinstance(value, str) and bool(holder_header(value))


def _why_not(grid: _Grid, table: CapTable, row: int, column: int) -> str | None:
    """None for a cap table; why it is not read for what resembles one; `""` for anything else."""
    strength = holder_header(grid.row(row)[column])
    counted = [c for c in table.shares if table.has_numbers(c)]
    named = [c for c in counted if is_class_name(c.name)]
    percents = [c for c in table.percents if table.has_numbers(c)]
    sums = [c for c in counted if c.role.is_sum]
    if strength == "strong" and counted and (percents or sums or len(counted) > 1 or named):
        return None
    if strength == "strong" and table.shares and _pending(table):
        return None
    classed = [c for c in named if c.role is not Role.CLASS or is_class_word(c.name)]
    if strength == "weak" and named and (percents or (len(named) > 1 and classed)):
        return None
    if strength == "class" and counted and (percents or sums) and (named or _of_classes(table)):
        return None
    if strength == "strong" and percents:
        return (
            f'"{table.columns[0].name}" heads names and percentages, but no column of shares was '
            "found beside them, so nothing of it was checked; a mapping can say what the columns "
            "are"
        )
    return ""


def _of_classes(table: CapTable) -> bool:
    return any(is_class_word(row.label) for row in table.leaves)


def _pending(table: CapTable) -> bool:
    missing = [table.of(column).pending for column in table.shares]
    return any(place in it for it in missing for place in table.leaf_places)


def _unread_columns(table: CapTable) -> Iterator[NotUnderstood]:
    for column in table.columns:
        if column.role is Role.UNKNOWN:
            yield NotUnderstood(
                table.sheet,
                column.address,
                f'what column {column.letter} ("{column.name}") holds is not understood, so it '
                "was not checked; a mapping can say what it is",
            )


def _unread_rows(grid: _Grid, table: CapTable, column: int) -> Iterator[NotUnderstood]:
    """Rows below a table that look like more of it, and that no total ties to it."""
    last, columns = table.rows[-1].number, [it.number for it in table.columns]
    open_ended = not table.totals
    rows: list[_Line] = []
    for number, kind in _rows_below(grid, last + 1, column, columns):
        if rows and number - rows[-1][0] > _BLANK_ROWS + 1:
            break
        rows.append((number, kind))
    totals = [number for number, kind in rows if kind is RowKind.TOTAL]
    if not any(kind.is_leaf for _, kind in rows) or not (totals or open_ended):
        return
    first, end = rows[0][0], totals[-1] if totals else rows[-1][0]
    # A second section's total and a grand total under it, and not some other calculation.
    sections = len(totals) == 2 and totals[1] - totals[0] <= _BLANK_ROWS
    yield NotUnderstood(
        table.sheet,
        format_address(first, column),
        f"rows {first} to {end} stand below the cap table and were not read as part of it, because "
        "no total adds up the rows above and below the break; a mapping can say that they are",
        grave=open_ended or sections,
    )


# ---------------------------------------------------------------- one table


def _table_at(grid: _Grid, row: int, column: int, formats: Formats | None) -> CapTable | None:
    columns = _header_columns(grid, row, column)
    first = _first_body_row(grid, row, column, columns)
    if first is None or len(columns) < 2:
        return None
    headers = _header_texts(grid, row, first, columns, column)
    body = list(_body(grid, first, column, columns))
    if not body:
        return None
    lines = [number for number, _ in body]
    described, cells = _columns(grid, row, column, headers, lines)
    cells = _rounded(grid, row, described, cells)
    labels = [_label(_label_value(grid.row(line), column, columns)) for line in lines]
    kinds = _Kinds(labels, [kind for _, kind in body], described, cells).settled()
    rows = zip(lines, kinds, labels, strict=True)
    return CapTable(
        sheet=grid.sheet.name,
        visible=grid.sheet.visible,
        header_row=row,
        columns=described,
        rows=tuple(Row(index, *it, column, cells) for index, it in enumerate(rows)),
        cells=cells,
        of_classes=holder_header(grid.row(row)[column]) == "class",
        formats=formats,
    )


def _header_columns(grid: _Grid, row: int, column: int) -> list[int]:
    """The columns under one header row: over narrow gaps, up to the next header of names."""
    near = range(row - _HEADER_ABOVE, row + _HEADER_BELOW + 1)
    headed = {
        number
        for line in near
        for number, value in grid.row(line).items()
        if isinstance(value, str) and (line == row or number > column)
    }
    main = grid.row(row)
    columns, blank = [column], 0
    for number in range(column + 1, max(headed, default=column) + 1):
        if number in main and _heads_names(main[number]) and _is_far_head(main[number]):
            break
        if number not in headed:
            blank += 1
            if blank > _WIDEST_GAP:
                break
            continue
        columns.append(number)
        blank = 0
    before = column - 1
    while before >= 1 and before in main and isinstance(main[before], str):
        columns.insert(0, before)
        before -= 1
    return columns


def _is_far_head(text: object) -> bool:
    return holder_header(text) == "strong"


def _first_body_row(grid: _Grid, row: int, column: int, columns: Sequence[int]) -> int | None:
    """The first row with a name and a number (or a formula without a result) beside it."""
    others = [it for it in columns if it > column]
    for number in range(row + 1, row + 2 + _HEADER_BELOW + _BLANK_ROWS * 2):
        cells = grid.row(number)
        label = cells.get(column)
        if label is None or label is NOT_CALCULATED:
            continue
        if _has_numbers(cells, others) and not _is_header_row(label, cells, others):
            return number
    return None


def _header_texts(
    grid: _Grid, row: int, first: int, columns: Sequence[int], column: int
) -> dict[int, str]:
    """The headers of the columns: their own words, those stacked on them, and their group's."""
    above = _is_header_line(grid, row - 1, column)
    twice = _is_header_line(grid, row - 2, column)
    below = [line for line in range(row + 1, first) if _is_header_line(grid, line, column)]
    found: dict[int, str] = {}
    for number in columns:
        over = row - 1 if number > column and above else row
        over -= over < row and twice
        lines = [_text(grid.row(line).get(number)) for line in (*range(over, row + 1), *below)]
        own = " ".join(filter(None, lines))
        group = _group(grid, row - 1, number, column) if over < row else ""
        found[number] = f"{group} {own}".strip() if group and group not in own else own
    return found


def _is_header_line(grid: _Grid, line: int, column: int) -> bool:
    """Whether a row beside the header's own carries words of headers, not a title."""
    texts = [_text(value) for number, value in grid.row(line).items() if number > column]
    texts = [text for text in texts if text]
    if len(texts) == 1:
        return column_role(texts[0]) is not Role.UNKNOWN and len(words_of(texts[0]).split()) <= 3
    return bool(texts)


def _group(grid: _Grid, line: int, number: int, column: int) -> str:
    """The text of a merged cell over several columns, where one stands to the left."""
    cells = grid.row(line)
    if not cells or min(cells) <= column or number in cells:
        return ""
    for left in range(number - 1, column, -1):
        if left in cells:
            return _text(cells[left])
        if left not in grid.row(line + 1):
            return ""
    return ""


def _text(value: CellValue) -> str:
    if not isinstance(value, str) or isinstance(value, ExcelError) or len(value) > 120:
        return ""
    return " ".join(value.split())


_Line = tuple[int, RowKind]


class _Side:
    """The rows on one side of a break, and what their numbers come to in each column.

    They are added up, as far as they have come, only when a total is compared with them.
    """

    def __init__(self, grid: _Grid, columns: Sequence[int]) -> None:
        self.lines: list[_Line] = []
        self._grid = grid
        self._sums: dict[int, list[float]] = {column: [0, 0] for column in columns}
        self._added = 0

    def sums(self) -> Mapping[int, list[float]]:
        """By column, the sum of the holders and pools, and that of the totals."""
        for line, kind in self.lines[self._added :]:
            if kind.is_leaf or kind is RowKind.TOTAL:
                for column, value in self._grid.row(line).items():
                    if column in self._sums:
                        self._sums[column][not kind.is_leaf] += _plain_number(value)
        self._added = len(self.lines)
        return self._sums


def _body(
    grid: _Grid, first: int, column: int, columns: Sequence[int]
) -> Iterator[tuple[int, RowKind]]:
    """The rows of a table with what their labels say, up to where it ends."""
    closed, last, above = False, first - 1, _Side(grid, columns)
    others = [it for it in columns if it != column]
    holders = False
    number = first
    while number <= grid.last:
        cells = grid.row(number)
        label, numbers = _label_value(cells, column, columns), _has_numbers(cells, others)
        if label is None and not numbers:
            number += 1
            if closed or number - last > _BLANK_ROWS:
                if not _goes_on(grid, number, column, columns, above):
                    return
                number, closed = _next_row(grid, number, column, columns), False
                last = number - 1
            continue
        if label is not None and _is_header_row(label, cells, others):
            return
        name = _label(label)
        text = words_of(name)
        kind = row_kind(name) if numbers else RowKind.SECTION
        if closed and kind not in _BELOW and not _ADJUSTS.search(text):
            if not _goes_on(grid, number, column, columns, above):
                return
            closed = False
        if kind is RowKind.TOTAL:
            closed = closed or (holders and not text.startswith(("sub", "total of")))
            closed = closed and not _is_part_total(text)
        above.lines.append((number, kind))
        holders = holders or kind.is_leaf
        yield number, kind
        last = number
        number += 1


_ADJUSTS = re.compile(r"^(less|plus)\b|\btreasury\b")
_BELOW = (RowKind.TOTAL, RowKind.PERCENT, RowKind.MEMO, RowKind.POOL)


def _has_numbers(cells: Mapping[int, CellValue], columns: Sequence[int]) -> bool:
    """Whether a number stands in any of some columns of a row, or where one is missing."""
    return any(column in cells and counts(cells[column]) for column in columns)


def _label_value(cells: Mapping[int, CellValue], column: int, columns: Sequence[int]) -> CellValue:
    """What names a row: the cell under the names, or "Total" in a column to their left."""
    if column in cells:
        return cells[column]
    left = (cells[it] for it in columns if it < column and it in cells)
    return next((it for it in left if row_kind(_text(it)) is RowKind.TOTAL), None)


def _next_row(grid: _Grid, number: int, column: int, columns: Sequence[int]) -> int:
    """The next row in which something of a table stands."""
    return next(_rows_below(grid, number, column, columns), (number, None))[0]


def _rows_below(grid: _Grid, start: int, column: int, columns: Sequence[int]) -> Iterator[_Line]:
    """The rows with labels or numbers from a row on, up to a header or a wide break."""
    last = start - 1
    others = [it for it in columns if it != column]
    for number in range(start, min(grid.last, start + _LOOK_AHEAD) + 1):
        cells = grid.row(number)
        label, numbers = _label_value(cells, column, columns), _has_numbers(cells, others)
        if label is None and not numbers:
            if number - last > _WIDEST_BREAK:
                return
            continue
        if label is not None and _is_header_row(label, cells, others):
            return
        last = number
        yield number, row_kind(_label(label)) if numbers else RowKind.SECTION


def _goes_on(grid: _Grid, start: int, column: int, columns: Sequence[int], above: _Side) -> bool:
    """Whether a total further down adds up the rows above a break together with those below."""
    below = _Side(grid, columns)
    for number, kind in _rows_below(grid, start, column, columns):
        if kind is RowKind.TOTAL and _adds_both(grid.row(number), columns, above, below):
            return True
        below.lines.append((number, kind))
    return False


def _adds_both(
    total: Mapping[int, CellValue], columns: Sequence[int], above: _Side, below: _Side
) -> bool:
    """Whether a row adds up the holders, or the totals, of both sides of a break."""
    sides = {"below"} if not below.lines else set[str]()
    over, under = above.sums(), below.sums()
    for column in columns:
        value = _plain_number(total.get(column))
        for first, second in zip(over[column], under[column], strict=True):
            if (first or second) and isclose(value, first + second, rel_tol=1e-9):
                sides |= {"above"} if first else set()
                sides |= {"below"} if second else set()
    return {"above", "below"} <= sides


def _plain_number(value: CellValue) -> float:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else 0


_WHOLE = frozenset(("shares", "units", "stock", "outstanding", "issued", "and", "fully"))
_WHOLE |= {"diluted", "capitalization", "capitalisation", "capital", "equity", "cap", "table"}
_WHOLE |= {"number", "of", "all", "grand", "total", "totals", "company", "holders", "shareholders"}
_WHOLE |= {"stockholders", "stakeholders", "ownership", "securities", "as", "converted"}


def _is_part_total(text: str) -> bool:
    """A total of one kind of holder, such as "Total founders": the table goes on below it."""
    return not set(text.split()) <= _WHOLE


def _is_header_row(label: CellValue, cells: Mapping[int, CellValue], others: Sequence[int]) -> bool:
    """Whether a row heads names again: its other cells are words."""
    if not _heads_names(label):
        return False
    beside = [cells[it] for it in others if it in cells]
    words = sum(_is_text(value) and not counts(value) for value in beside)
    return words > sum(map(counts, beside))


def _is_text(value: CellValue) -> bool:
    return isinstance(value, str) and not isinstance(value, ExcelError)


def _label(value: CellValue) -> str:
    if value is None or value is NOT_CALCULATED:
        return ""
    return " ".join(str(value).split())


def _columns(
    grid: _Grid, row: int, column: int, headers: Mapping[int, str], lines: Sequence[int]
) -> tuple[tuple[Column, ...], dict[int, Cells]]:
    """The columns of a table, and the cells of those beside the names."""
    described: list[Column] = []
    cells: dict[int, Cells] = {}
    rows = [grid.row(line) for line in lines]
    for number, name in headers.items():
        raw = [it.get(number) for it in rows]
        role = Role.HOLDER if number == column else _role(name, raw)
        if number < column and _numbers_lines(name, raw):
            role = Role.OTHER
        place = row if number in grid.row(row) else _first_headed(grid, row, number)
        described.append(Column(number, role, name, format_address(place, number)))
        if number != column:
            cells[number] = Cells(number, lines, raw, grid.formulas.get(number, {}))
    return _with_plain_counts(_with_neighbours(described, cells)), cells


def _first_headed(grid: _Grid, row: int, number: int) -> int:
    near = range(row - _HEADER_ABOVE, row + _HEADER_BELOW + 1)
    return next((line for line in near if line > 0 and number in grid.row(line)), row)


_NUMBERS: Final = frozenset((int, float, type(None)))


def _role(name: str, raw: Sequence[CellValue]) -> Role:
    """What a column holds: its header's word, unless the cells are words or dates."""
    types = set(map(type, raw))
    if types <= _NUMBERS:
        return column_role(name) if types & {int, float} else Role.TEXT
    values = [value for value in raw if value is not None]
    if not any(map(counts, values)):
        return Role.TEXT
    if any(isinstance(value, (date, time)) for value in values):
        return Role.OTHER
    role = column_role(name)
    return Role.TEXT if _mostly_words(values) and not role.is_percent else role


def _mostly_words(values: Sequence[CellValue]) -> bool:
    texts = [it for it in values if isinstance(it, str) and not isinstance(it, ExcelError)]
    words = [it for it in texts if it.strip().casefold() not in NO_VALUE and number_in(it) is None]
    return len(words) * 2 > len(values)


def _numbers_lines(name: str, raw: Sequence[CellValue]) -> bool:
    """Whether a column before the names counts the lines: 1, 2, 3, anew in each section."""
    if not numbers_lines(name):
        return False
    previous: float = 0
    for value in (it for it in raw if it is not None and counts(it)):
        if not isinstance(value, (int, float)) or value not in (1, previous + 1):
            return False
        previous = value
    return True


def _with_neighbours(columns: Sequence[Column], cells: Mapping[int, Cells]) -> list[Column]:
    """A column of whole numbers between two classes is a class, whatever its header."""
    result = list(columns)
    for index, column in enumerate(columns):
        if column.role is not Role.UNKNOWN or not index:
            continue
        before, after = result[index - 1].role, _next_known(columns, index)
        short = len(words_of(column.name)) <= 2
        numbers = [it for it in cells[column.number].raw if isinstance(it, (int, float))]
        sided = before.is_shares and (after.is_shares or short)
        sided = sided or (after.is_shares and (short or before is Role.HOLDER))
        if sided and all(float(it).is_integer() for it in numbers):
            result[index] = replace(column, role=Role.CLASS, assumed=True)
    return result


def _next_known(columns: Sequence[Column], index: int) -> Role:
    return next((c.role for c in columns[index + 1 :] if c.role is not Role.UNKNOWN), Role.UNKNOWN)


def _with_plain_counts(columns: Iterable[Column]) -> tuple[Column, ...]:
    """Where nothing else counts shares, "Shares issued" are the shares held."""
    described = tuple(columns)
    if any(it.role.is_holding or it.role.is_sum for it in described):
        return described
    return tuple(replace(it, role=Role.CLASS) if it.role is Role.CHANGE else it for it in described)


def _rounded(
    grid: _Grid, header: int, columns: Sequence[Column], cells: Mapping[int, Cells]
) -> dict[int, Cells]:
    """The cells, with the counts marked that a title or their header says are in thousands."""
    titles = [
        _text(value)
        for line in range(max(1, header - _TITLE_ROWS), header)
        for value in grid.row(line).values()
    ]
    everywhere = any(map(in_thousands, titles))
    marked = [it for it in columns if it.role.is_shares and (everywhere or in_thousands(it.name))]
    return {**cells, **{it.number: replace(cells[it.number], rounded=True) for it in marked}}


class _Kinds:
    """What the rows of a table are: their numbers tell it better than their labels."""

    def __init__(
        self,
        labels: Sequence[str],
        kinds: Sequence[RowKind],
        columns: Sequence[Column],
        cells: Mapping[int, Cells],
    ) -> None:
        self._labels = labels
        self._kinds = list(kinds)
        self._cells = cells
        self._shares = [cells[it.number] for it in columns if it.role.is_shares]
        self._percents = [cells[it.number] for it in columns if it.role.is_percent]
        self._above = _Leaves(self._kinds, self._shares)

    @exactly
    def settled(self) -> list[RowKind]:
        """The kind of each row."""
        blank = [it.where(CellKind.BLANK) for it in self._shares]
        empty = frozenset.intersection(*blank) if blank else range(len(self._kinds))
        for index, kind in enumerate(self._kinds):
            settled = self._settled(index, kind)
            if index in empty and settled.is_leaf:
                settled = settled if self._has_number(index, self._percents) else RowKind.MEMO
            self._kinds[index] = settled
        for index in self._odd_names():
            self._kinds[index] = RowKind.HOLDER
        return self._kinds

    def _settled(self, index: int, kind: RowKind) -> RowKind:
        label = self._labels[index]
        if kind is RowKind.PERCENT and not self._all_small(index):
            kind = RowKind.TOTAL if "total" in words_of(label) else RowKind.HOLDER
        if kind is RowKind.HOLDER and not label:
            described = any(it.kinds[index] is CellKind.TEXT for it in self._cells.values())
            last = index == len(self._labels) - 1 and not described
            kind = RowKind.TOTAL if last or self._adds_up(index) else kind
        if kind is RowKind.TOTAL and self._stands_alone(index):
            kind = RowKind.HOLDER
        if kind is RowKind.HOLDER and self._repeats(index):
            kind = RowKind.TOTAL
        return kind

    def _all_small(self, index: int) -> bool:
        values = [it.values[index] for it in self._shares]
        return all(-1 <= value <= 100 for value in values if value is not None)

    def _stands_alone(self, index: int) -> bool:
        """A subtotal right under another one, with no rows of its own: a line of its own."""
        if not index or self._kinds[index - 1] is not RowKind.TOTAL:
            return False
        return _is_part_total(words_of(self._labels[index])) and not self._adds_up(index)

    def _repeats(self, index: int) -> bool:
        """A line such as "Options issued and outstanding", of what the rows above add up to."""
        if not _ISSUED_LABEL.search(words_of(self._labels[index])):
            return False
        return not self._has_number(index, self._percents) and self._adds_up(index)

    def _adds_up(self, index: int) -> bool:
        """Whether every number of a row is the sum of the holders above it."""
        compared = [n for n, it in enumerate(self._shares) if it.values[index] is not None]
        if not compared:
            return False
        sums = self._above.sums(index)
        if self._above.count < 2:
            return False
        return all(self._shares[n].values[index] == sums[n] for n in compared)

    def _has_number(self, index: int, columns: Sequence[Cells]) -> bool:
        return any(it.values[index] is not None for it in columns)

    def _odd_names(self) -> Sequence[int]:
        """Holders whose names read like something else ("Price Family Trust", "Total Energies").

        They are holders where the first total of all rows adds up in more columns with them; in a
        table without such a total, where they stand among holders.
        """
        leaves = [index for index, kind in enumerate(self._kinds) if kind.is_leaf]
        end = self._first_whole_total(leaves[0]) if leaves else None
        if end is None:
            inner = range(leaves[0] + 1, leaves[-1]) if leaves else ()
            odd = [index for index in inner if self._kinds[index] is RowKind.MEMO]
            return [index for index in odd if self._has_number(index, self._shares)]
        odd = self._odd_rows(end)
        sums = _Leaves(self._kinds, self._shares).sums(end)
        best, most = list[int](), self._tied(end, sums, ())
        for chosen in (*([index] for index in odd), odd):
            tied = self._tied(end, sums, chosen)
            if tied > most:
                best, most = chosen, tied
        return best

    def _first_whole_total(self, first_leaf: int) -> int | None:
        below = range(first_leaf + 1, len(self._kinds))
        totals = (index for index in below if self._kinds[index] is RowKind.TOTAL)
        return next((it for it in totals if not _is_part_total(words_of(self._labels[it]))), None)

    def _odd_rows(self, end: int) -> list[int]:
        """The rows above a total that may be holders under another name."""
        self._above = _Leaves(self._kinds, self._shares)
        return [
            index
            for index, kind in enumerate(self._kinds[:end])
            if (kind is RowKind.MEMO or (kind is RowKind.TOTAL and self._is_odd_total(index)))
            and self._has_number(index, self._shares)
        ]

    def _is_odd_total(self, index: int) -> bool:
        return _is_part_total(words_of(self._labels[index])) and not self._adds_up(index)

    def _tied(self, end: int, sums: Sequence[Exact], also: Sequence[int]) -> int:
        """In how many columns a total adds up the holders above it, with some more rows."""
        return sum(
            bool(total := it.numbers[end])
            and total == sum((it.numbers[n] for n in also), start=above)
            for it, above in zip(self._shares, sums, strict=True)
        )


class _Leaves:
    """What the holders and pools above a row add up to; it is asked of one row after the other."""

    def __init__(self, kinds: Sequence[RowKind], columns: Sequence[Cells]) -> None:
        self.count = 0
        self._kinds, self._columns = kinds, columns
        self._sums: list[Exact] = [0] * len(columns)
        self._next = 0

    def sums(self, end: int) -> list[Exact]:
        """The sum in each column of the leaves above a row."""
        leaves = [index for index in range(self._next, end) if self._kinds[index].is_leaf]
        for place, column in enumerate(self._columns):
            numbers = column.numbers
            self._sums[place] = sum([numbers[it] for it in leaves], start=self._sums[place])
        self.count += len(leaves)
        self._next = end
        return self._sums


_ISSUED_LABEL = re.compile(r"\b(issued|granted|outstanding)\b")
