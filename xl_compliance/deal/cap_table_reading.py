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
from decimal import Decimal
from math import isclose
from typing import Any

from xl_compliance.deal.cap_table import (
    CapTable,
    CapTables,
    CellKind,
    Column,
    Holding,
    NotUnderstood,
    Row,
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
from xl_compliance.rules.exact import Exact, from_number
from xl_compliance.workbook.calls import filled_by_calls
from xl_compliance.workbook.input_sheets import ALL_TABLES
from xl_compliance.workbook.number_formats import Formats
from xl_compliance.workbook.our_sheets import CALCULATED
from xl_compliance.workbook.snapshot import (
    NOT_CALCULATED,
    Cell,
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
_NUMBER = re.compile(r"[(\s]*[-+]?\s*[$€£]?\s*\d[\d,'\s]*(\.\d+)?\s*%?\s*\)?")
_SMALLEST, _LARGEST = 1e-300, 1e300
_NO_VALUE = frozenset(("", "-", "–", "—", "n/a", "na", "nil", "none"))


def find_cap_tables(
    snapshot: Snapshot,
    formats: Formats | None = None,
    skip: Collection[str] = (),
) -> CapTables:
    """Every cap table of a workbook, hidden sheets included.

    `formats` gives the cells their number formats; `skip` names sheets that are not searched. Our
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
        found, unclear = _on_sheet(sheet)
        tables += [with_formats(table, formats) for table in found]
        doubts += unclear
    return CapTables(snapshot.path, tuple(tables), tuple(doubts))


def with_formats(table: CapTable, formats: Formats | None) -> CapTable:
    """The table with the number formats of its percentages."""
    if formats is None or not table.percents:
        return table
    wanted = {column.number for column in (*table.percents, *table.shares)}
    codes = formats.of(table.sheet)
    rows = [
        replace(
            row,
            cells={
                column: replace(cell, format=code)
                if column in wanted and (code := codes.get((row.number, column)))
                else cell
                for column, cell in row.cells.items()
            },
        )
        for row in table.rows
    ]
    return replace(table, rows=tuple(rows))


@dataclass(frozen=True)
class _Grid:
    """The cells of a sheet by row, and by row and column."""

    sheet: Sheet
    rows: Mapping[int, Mapping[int, Cell]]
    last: int

    @staticmethod
    def of(sheet: Sheet) -> _Grid:
        rows: dict[int, dict[int, Cell]] = {}
        for (row, column), cell in sheet.cells.items():
            if not is_blank(cell):
                rows.setdefault(row, {})[column] = cell
        return _Grid(sheet, rows, max(rows, default=0))

    def row(self, number: int) -> Mapping[int, Cell]:
        return self.rows.get(number, {})


def _on_sheet(sheet: Sheet) -> tuple[list[CapTable], list[NotUnderstood]]:
    grid = _Grid.of(sheet)
    tables: list[CapTable] = []
    doubts: list[NotUnderstood] = []
    taken = list(filled_by_calls(sheet))
    for row in sorted(grid.rows):
        heads = [c for c, cell in sorted(grid.row(row).items()) if _heads_names(cell)]
        for column in heads:
            if any(r0 <= row <= r1 and c0 <= column <= c1 for r0, c0, r1, c1 in taken):
                continue
            table = _table_at(grid, row, column)
            if table is None:
                continue
            numbers = [it.number for it in table.columns]
            bounds = (row, min(numbers), max(it.number for it in table.rows), max(numbers))
            reason = _why_not(grid, table, row, column)
            if reason is None:
                tables.append(table)
                doubts += (*_unread_columns(table), *_unread_rows(grid, table, column))
                taken.append(bounds)
            elif reason:
                doubts.append(NotUnderstood(sheet.name, format_address(row, column), reason))
                taken.append(bounds)
    return tables, doubts


def _heads_names(cell: Cell) -> bool:
    return isinstance(cell.value, str) and bool(holder_header(cell.value))


def _why_not(grid: _Grid, table: CapTable, row: int, column: int) -> str | None:
    """None for a cap table; why it is not read for what resembles one; `""` for anything else."""
    strength = holder_header(grid.row(row)[column].value)
    counted = [c for c in table.shares if any(r.cell(c).is_number for r in table.leaves)]
    named = [c for c in counted if is_class_name(c.name)]
    percents = [c for c in table.percents if any(r.cell(c).is_number for r in table.leaves)]
    sums = [c for c in counted if c.role.is_sum]
    pending = _pending(table)
    if strength == "strong" and counted and (percents or sums or len(counted) > 1 or named):
        return None
    if strength == "strong" and pending and table.shares:
        return None
    classed = [c for c in named if c.role is not Role.CLASS or is_class_word(c.name)]
    if strength == "weak" and named and (percents or (len(named) > 1 and classed)):
        return None
    of_classes = named or any(is_class_word(row.label) for row in table.leaves)
    if strength == "class" and counted and of_classes and (percents or sums):
        return None
    if strength == "strong" and percents:
        return (
            f'"{table.columns[0].name}" heads names and percentages, but no column of shares was '
            "found beside them, so nothing of it was checked; a mapping can say what the columns "
            "are"
        )
    return ""


def _pending(table: CapTable) -> bool:
    return any(
        row.cell(column).kind in (CellKind.NOT_CALCULATED, CellKind.ERROR)
        for row in table.leaves
        for column in table.shares
    )


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
    for number, _, kind in _rows_below(grid, last + 1, column, columns):
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


def _table_at(grid: _Grid, row: int, column: int) -> CapTable | None:
    columns = _header_columns(grid, row, column)
    first = _first_body_row(grid, row, column, columns)
    if first is None or len(columns) < 2:
        return None
    headers = {number: _header_text(grid, row, first, number, column) for number in columns}
    body = list(_body(grid, first, column, columns))
    if not body:
        return None
    described = _columns(grid, row, column, headers, [number for number, _ in body])
    rows = [_row(grid.row(number), number, column, described, kind) for number, kind in body]
    rows = _rounded(grid, row, described, rows)
    strength = holder_header(grid.row(row)[column].value)
    return CapTable(
        sheet=grid.sheet.name,
        visible=grid.sheet.visible,
        header_row=row,
        columns=described,
        rows=tuple(_with_odd_names(list(_settled(rows, described)), described)),
        of_classes=strength == "class",
    )


def _header_columns(grid: _Grid, row: int, column: int) -> list[int]:
    """The columns under one header row: over narrow gaps, up to the next header of names."""
    near = range(row - _HEADER_ABOVE, row + _HEADER_BELOW + 1)
    headed = {
        number
        for line in near
        for number, cell in grid.row(line).items()
        if isinstance(cell.value, str) and (line == row or number > column)
    }
    main = grid.row(row)
    columns, blank = [column], 0
    for number in range(column + 1, max(headed, default=column) + 1):
        if number in main and _heads_names(main[number]) and _is_far_head(main[number].value):
            break
        if number not in headed:
            blank += 1
            if blank > _WIDEST_GAP:
                break
            continue
        columns.append(number)
        blank = 0
    before = column - 1
    while before >= 1 and before in main and isinstance(main[before].value, str):
        columns.insert(0, before)
        before -= 1
    return columns


def _is_far_head(text: object) -> bool:
    return holder_header(text) == "strong"


def _first_body_row(grid: _Grid, row: int, column: int, columns: Sequence[int]) -> int | None:
    """The first row with a name and a number (or a formula without a result) beside it."""
    for number in range(row + 1, row + 2 + _HEADER_BELOW + _BLANK_ROWS * 2):
        cells = grid.row(number)
        label = cells.get(column)
        if label is None or label.value is NOT_CALCULATED:
            continue
        beside = [cells[it] for it in columns if it > column and it in cells]
        if any(map(_counts, beside)) and not _is_header_row(label, beside):
            return number
    return None


def _counts(cell: Cell) -> bool:
    value = cell.value
    if value is NOT_CALCULATED or isinstance(value, ExcelError):
        return True
    if isinstance(value, (bool, date, time)):
        return False
    return isinstance(value, (int, float)) or _number_in(value) is not None


def _header_text(grid: _Grid, row: int, first: int, number: int, column: int) -> str:
    """The header of a column: its own words, those stacked on it, and its group's."""
    over = row if number <= column or not _is_header_line(grid, row - 1, column) else row - 1
    over -= over < row and _is_header_line(grid, row - 2, column)
    below = [line for line in range(row + 1, first) if _is_header_line(grid, line, column)]
    lines = [_text(grid.row(line).get(number)) for line in (*range(over, row + 1), *below)]
    own = " ".join(filter(None, lines))
    group = _group(grid, row - 1, number, column) if over < row else ""
    return f"{group} {own}".strip() if group and group not in own else own


def _is_header_line(grid: _Grid, line: int, column: int) -> bool:
    """Whether a row beside the header's own carries words of headers, not a title."""
    texts = [_text(cell) for number, cell in grid.row(line).items() if number > column]
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


def _text(cell: Cell | None) -> str:
    value = cell.value if cell else None
    if not isinstance(value, str) or isinstance(value, ExcelError) or len(value) > 120:
        return ""
    return " ".join(value.split())


_Line = tuple[int, RowKind]


def _body(
    grid: _Grid, first: int, column: int, columns: Sequence[int]
) -> Iterator[tuple[int, RowKind]]:
    """The rows of a table with what their labels say, up to where it ends."""
    closed, last, above = False, first - 1, list[_Line]()
    number = first
    while number <= grid.last:
        label, beside = _parts_of(grid, number, column, columns)
        numbers = any(map(_counts, beside))
        if label is None and not numbers:
            number += 1
            if closed or number - last > _BLANK_ROWS:
                if not _goes_on(grid, number, column, columns, above):
                    return
                number, closed = _next_row(grid, number, column, columns), False
                last = number - 1
            continue
        if label is not None and _is_header_row(label, beside):
            return
        text = words_of(_label(label))
        kind = row_kind(_label(label)) if numbers else RowKind.SECTION
        below = (RowKind.TOTAL, RowKind.PERCENT, RowKind.MEMO, RowKind.POOL)
        if closed and kind not in below and not _ADJUSTS.search(text):
            if not _goes_on(grid, number, column, columns, above):
                return
            closed = False
        whole = kind is RowKind.TOTAL and not text.startswith(("sub", "total of"))
        closed = closed or (whole and any(it.is_leaf for _, it in above))
        above.append((number, kind))
        closed = closed and not _is_part_total(text, kind)
        yield number, kind
        last = number
        number += 1


_ADJUSTS = re.compile(r"^(less|plus)\b|\btreasury\b")


def _parts_of(
    grid: _Grid, number: int, column: int, columns: Sequence[int]
) -> tuple[Cell | None, list[Cell]]:
    """The label of a row, and its other cells."""
    cells = grid.row(number)
    beside = [cells[it] for it in columns if it != column and it in cells]
    return _label_cell(cells, column, columns), beside


def _label_cell(cells: Mapping[int, Cell], column: int, columns: Sequence[int]) -> Cell | None:
    """The cell that names a row: under the names, or "Total" in a column to their left."""
    if column in cells:
        return cells[column]
    left = (cells[it] for it in columns if it < column and it in cells)
    return next((it for it in left if row_kind(_text(it)) is RowKind.TOTAL), None)


def _next_row(grid: _Grid, number: int, column: int, columns: Sequence[int]) -> int:
    """The next row in which something of a table stands."""
    return next(_rows_below(grid, number, column, columns), (number, None, None))[0]


def _rows_below(
    grid: _Grid, start: int, column: int, columns: Sequence[int]
) -> Iterator[tuple[int, Cell | None, RowKind]]:
    """The rows with labels or numbers from a row on, up to a header or a wide break."""
    last = start - 1
    for number in range(start, min(grid.last, start + _LOOK_AHEAD) + 1):
        label, beside = _parts_of(grid, number, column, columns)
        numbers = any(map(_counts, beside))
        if label is None and not numbers:
            if number - last > _WIDEST_BREAK:
                return
            continue
        if label is not None and _is_header_row(label, beside):
            return
        last = number
        yield number, label, row_kind(_label(label)) if numbers else RowKind.SECTION


def _goes_on(
    grid: _Grid, start: int, column: int, columns: Sequence[int], above: Sequence[_Line]
) -> bool:
    """Whether a total further down adds up the rows above a break together with those below."""
    below: list[_Line] = []
    for number, _, kind in _rows_below(grid, start, column, columns):
        if kind is RowKind.TOTAL and _adds_both(grid, number, columns, above, below):
            return True
        below.append((number, kind))
    return False


def _adds_both(
    grid: _Grid, total: int, columns: Sequence[int], above: Sequence[_Line], below: Sequence[_Line]
) -> bool:
    """Whether a row adds up the holders, or the totals, of both sides of a break."""
    sides = {"below"} if not below else set[str]()
    for column in columns:
        value = _plain_number(grid, total, column)
        for kinds in ((RowKind.HOLDER, RowKind.POOL), (RowKind.TOTAL,)):
            first = sum(_plain_number(grid, row, column) for row, kind in above if kind in kinds)
            second = sum(_plain_number(grid, row, column) for row, kind in below if kind in kinds)
            if (first or second) and isclose(value, first + second, rel_tol=1e-9):
                sides |= {"above"} if first else set()
                sides |= {"below"} if second else set()
    return {"above", "below"} <= sides


def _plain_number(grid: _Grid, row: int, column: int) -> float:
    cell = grid.row(row).get(column)
    value = cell.value if cell else None
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else 0


def _is_part_total(text: str, kind: RowKind) -> bool:
    """A total of one kind of holder, such as "Total founders": the table goes on below it."""
    whole = {"shares", "units", "stock", "outstanding", "issued", "and", "fully", "diluted"}
    whole |= {"capitalization", "capitalisation", "capital", "equity", "cap", "table", "number"}
    whole |= {"of", "all", "grand", "total", "totals", "company", "holders", "shareholders"}
    whole |= {"stockholders", "stakeholders", "ownership", "securities", "as", "converted"}
    return kind is RowKind.TOTAL and not set(text.split()) <= whole


def _is_header_row(label: Cell, beside: Sequence[Cell]) -> bool:
    """Whether a row heads names again: its other cells are words."""
    words = sum(_is_text(cell) and not _counts(cell) for cell in beside)
    return _heads_names(label) and words > sum(map(_counts, beside))


def _is_text(cell: Cell) -> bool:
    return isinstance(cell.value, str) and not isinstance(cell.value, ExcelError)


def _label(cell: Cell | None) -> str:
    value = cell.value if cell else None
    if value is None or value is NOT_CALCULATED:
        return ""
    return " ".join(str(value).split())


def _columns(
    grid: _Grid, row: int, column: int, headers: Mapping[int, str], body: Sequence[int]
) -> tuple[Column, ...]:
    described: list[Column] = []
    for number, name in headers.items():
        cells = [grid.row(line)[number] for line in body if number in grid.row(line)]
        role = Role.HOLDER if number == column else _role(name, cells)
        if number < column and _numbers_lines(name, cells):
            role = Role.OTHER
        place = number if number in grid.row(row) else _first_headed(grid, row, number)
        address = format_address(place if number not in grid.row(row) else row, number)
        described.append(Column(number, role, name, address))
    return _with_plain_counts(_with_neighbours(described, grid, body))


def _first_headed(grid: _Grid, row: int, number: int) -> int:
    near = range(row - _HEADER_ABOVE, row + _HEADER_BELOW + 1)
    return next((line for line in near if line > 0 and number in grid.row(line)), row)


def _role(name: str, cells: Sequence[Cell]) -> Role:
    """What a column holds: its header's word, unless the cells are words or dates."""
    if not any(_counts(cell) for cell in cells):
        return Role.TEXT
    if any(isinstance(cell.value, (date, time)) for cell in cells):
        return Role.OTHER
    role = column_role(name)
    texts = [cell for cell in cells if _is_text(cell) and _number_in(cell.value) is None]
    texts = [cell for cell in texts if str(cell.value).strip().casefold() not in _NO_VALUE]
    return Role.TEXT if len(texts) * 2 > len(cells) and not role.is_percent else role


def _numbers_lines(name: str, cells: Sequence[Cell]) -> bool:
    """Whether a column before the names counts the lines: 1, 2, 3, anew in each section."""
    if not numbers_lines(name):
        return False
    previous: float = 0
    for value in (cell.value for cell in cells if _counts(cell)):
        if not isinstance(value, int | float) or value not in (1, previous + 1):
            return False
        previous = value
    return True


def _with_neighbours(columns: Sequence[Column], grid: _Grid, body: Sequence[int]) -> list[Column]:
    """A column of whole numbers between two classes is a class, whatever its header."""
    result = list(columns)
    for index, column in enumerate(columns):
        if column.role is not Role.UNKNOWN or not index:
            continue
        before, after = result[index - 1].role, _next_known(columns, index)
        short = len(words_of(column.name)) <= 2
        numbers = [
            cell.value
            for line in body
            if (cell := grid.row(line).get(column.number)) and isinstance(cell.value, (int, float))
        ]
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


def _row(
    cells: Mapping[int, Cell], number: int, column: int, columns: Sequence[Column], kind: RowKind
) -> Row:
    return Row(
        number=number,
        kind=kind,
        label=_label(_label_cell(cells, column, [it.number for it in columns])),
        address=format_address(number, column),
        cells={
            it.number: holding(format_address(number, it.number), cells[it.number])
            for it in columns
            if it.number in cells and it.number != column
        },
    )


def _rounded(grid: _Grid, header: int, columns: Sequence[Column], rows: list[Row]) -> list[Row]:
    """The rows, with the counts marked that a title or their header says are in thousands."""
    titles = [
        _text(cell)
        for line in range(max(1, header - _TITLE_ROWS), header)
        for cell in grid.row(line).values()
    ]
    everywhere = any(map(in_thousands, titles))
    marked = [it for it in columns if it.role.is_shares and (everywhere or in_thousands(it.name))]
    if not marked:
        return rows
    numbers = {it.number for it in marked}
    return [
        replace(
            row,
            cells={
                number: replace(cell, rounded=True) if number in numbers else cell
                for number, cell in row.cells.items()
            },
        )
        for row in rows
    ]


def _settled(rows: Sequence[Row], columns: Sequence[Column]) -> Iterator[Row]:
    """Rows whose kind their numbers tell better than their labels."""
    shares = [column for column in columns if column.role.is_shares]
    percents = [column for column in columns if column.role.is_percent]
    seen: list[Row] = []
    for index, row in enumerate(rows):
        kind = row.kind
        if kind is RowKind.PERCENT and not _all_small(row, shares):
            kind = RowKind.TOTAL if "total" in words_of(row.label) else RowKind.HOLDER
        if kind is RowKind.HOLDER and not row.label:
            described = any(it.kind is CellKind.TEXT for it in row.cells.values())
            last = index == len(rows) - 1 and not described
            kind = RowKind.TOTAL if last or _adds_up(row, seen, shares) else kind
        if kind is RowKind.TOTAL and _stands_alone(row, seen, shares):
            kind = RowKind.HOLDER
        if kind is RowKind.HOLDER and _outside_totals(row, seen, shares, percents):
            kind = RowKind.TOTAL
        if kind.is_leaf and not any(row.cell(it).kind is not CellKind.BLANK for it in shares):
            kind = kind if any(row.cell(it).is_number for it in percents) else RowKind.MEMO
        settled = replace(row, kind=kind)
        seen.append(settled)
        yield settled


def _with_odd_names(rows: list[Row], columns: Sequence[Column]) -> list[Row]:
    """Holders whose names read like something else ("Price Family Trust", "Total Energies").

    They are holders where the first total of all rows adds up in more columns with them; in a
    table without such a total, where they stand among holders.
    """
    shares = [column for column in columns if column.role.is_shares]
    end = next((i for i in range(len(rows)) if _is_whole_total(rows, i)), None)
    leaves = [index for index, row in enumerate(rows) if row.kind.is_leaf]
    odd = [
        index
        for index, row in enumerate(rows[:end])
        if any(row.cell(it).is_number for it in shares)
        and (row.kind is RowKind.MEMO or _is_odd_total(rows, index, shares))
    ]
    if end is None:
        odd = [i for i in odd if leaves and leaves[0] < i < leaves[-1]]
        odd = [i for i in odd if rows[i].kind is RowKind.MEMO]
        return _as_holders(rows, odd)
    best, most = list[int](), _tied(rows, end, shares, ())
    for chosen in (*([index] for index in odd), odd):
        tied = _tied(rows, end, shares, chosen)
        if tied > most:
            best, most = chosen, tied
    return _as_holders(rows, best)


def _is_whole_total(rows: Sequence[Row], index: int) -> bool:
    row = rows[index]
    if row.kind is not RowKind.TOTAL or _is_part_total(words_of(row.label), RowKind.TOTAL):
        return False
    return any(it.kind.is_leaf for it in rows[:index])


def _is_odd_total(rows: Sequence[Row], index: int, shares: Sequence[Column]) -> bool:
    row = rows[index]
    part = _is_part_total(words_of(row.label), row.kind)
    return part and not _adds_up(row, rows[:index], shares)


def _tied(rows: Sequence[Row], end: int, shares: Sequence[Column], also: Sequence[int]) -> int:
    """In how many columns a total adds up the holders above it, with some more rows."""
    more = frozenset(also)
    added = [row for i, row in enumerate(rows[:end]) if row.kind.is_leaf or i in more]
    return sum(
        bool(total) and total == sum((row.value(it) or 0 for row in added), start=0)
        for it in shares
        if (total := rows[end].value(it)) is not None
    )


def _as_holders(rows: Sequence[Row], chosen: Collection[int]) -> list[Row]:
    return [
        replace(row, kind=RowKind.HOLDER) if index in chosen else row
        for index, row in enumerate(rows)
    ]


def _stands_alone(row: Row, seen: Sequence[Row], shares: Sequence[Column]) -> bool:
    """A subtotal right under another one, with no rows of its own: a line of its own."""
    part = _is_part_total(words_of(row.label), RowKind.TOTAL)
    if not part or not seen or seen[-1].kind is not RowKind.TOTAL:
        return False
    return not _adds_up(row, seen, shares)


def _all_small(row: Row, shares: Sequence[Column]) -> bool:
    values = [value for it in shares if (value := row.value(it)) is not None]
    return all(-1 <= value <= 100 for value in values)


def _adds_up(row: Row, seen: Sequence[Row], shares: Sequence[Column]) -> bool:
    """Whether every number of a row is the sum of the holders above it."""
    compared = [(value, it) for it in shares if (value := row.value(it)) is not None]
    if not compared or sum(it.kind.is_leaf for it in seen) < 2:
        return False
    return all(
        value == sum((it.value(column) or 0 for it in seen if it.kind.is_leaf), start=0)
        for value, column in compared
    )


_ISSUED_LABEL = re.compile(r"\b(issued|granted|outstanding)\b")


def _outside_totals(
    row: Row, seen: Sequence[Row], shares: Sequence[Column], percents: Sequence[Column]
) -> bool:
    """A line such as "Options issued and outstanding" that repeats what the rows above add to."""
    if not _ISSUED_LABEL.search(words_of(row.label)):
        return False
    return not any(row.cell(it).is_number for it in percents) and _adds_up(row, seen, shares)


# ---------------------------------------------------------------- one cell


def is_blank(cell: Cell) -> bool:
    """Whether a cell holds nothing to read."""
    value = cell.value
    return value is None or (isinstance(value, str) and not value.strip())


def holding(address: str, cell: Cell) -> Holding:
    """A cell of a cap table from a cell of the sheet."""
    value = cell.value
    formula = cell.formula or ""
    if value is NOT_CALCULATED:
        return Holding(address, CellKind.NOT_CALCULATED, None, formula, formula)
    if isinstance(value, ExcelError):
        return Holding(address, CellKind.ERROR, None, str(value), formula)
    if isinstance(value, (bool, date, time)):
        return Holding(address, CellKind.TEXT, None, str(value), formula)
    if isinstance(value, (int, float)):
        return _numeric(address, value, formula)
    text = str(value or "").strip()
    if text.casefold() in _NO_VALUE:
        return Holding(address, CellKind.BLANK, None, text, formula)
    number = _number_in(text)
    kind = CellKind.TEXT if number is None else CellKind.TEXT_NUMBER
    return Holding(address, kind, number, text, formula)


def _numeric(address: str, value: int | float, formula: str) -> Holding:
    if value and not _SMALLEST <= abs(value) <= _LARGEST:  # no sum of it could be shown
        return Holding(address, CellKind.ERROR, None, f"{value}"[:40], formula)
    try:
        return Holding(address, CellKind.NUMBER, from_number(value), str(value), formula)
    except ValueError:
        return Holding(address, CellKind.ERROR, None, str(value), formula)


def _number_in(value: Any) -> Exact | None:
    """The number that a text spells, a percentage as a fraction, or None.

    >>> _number_in("1,000,000"), _number_in("12.5%"), _number_in("(500)"), _number_in("Series A")
    (1000000, Decimal('0.125'), -500, None)
    """
    text = str(value).strip() if isinstance(value, str) else ""
    if not text or not _NUMBER.fullmatch(text):
        return None
    digits = re.sub(r"[^\d.]", "", text)
    sign = -1 if text.startswith("(") or "-" in text else 1
    number = Decimal(digits) * sign
    return from_number(number / 100 if "%" in text else number)
