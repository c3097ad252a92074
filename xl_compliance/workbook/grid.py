"""The cells of one worksheet, kept row by row or, where many rows are alike, column by column.

A cell with a formula has a value, if only `NOT_CALCULATED`: one without a value is blank.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import ItemsView, Iterable, Iterator, Mapping, Sequence, ValuesView
from itertools import chain, groupby, repeat
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from xl_compliance.workbook.cell_values import GENERAL, text_of, texts_of
from xl_compliance.workbook.snapshot import Cell, CellValue, Dimension

if TYPE_CHECKING:
    from xl_compliance.workbook.shared_formulas import SharedFormula

_OWN: Final = frozenset({bytes, type(None)})

Placed = tuple[int, int, CellValue, str | None]


class Row(NamedTuple):
    """The cells of a row: where each column stands in the lists, values, formulas, formats.

    The lists follow the order of `places`.
    A formula is kept as it stands in the XML, after a `>`, until someone asks for those of the row.
    """

    number: int
    places: Mapping[int, int]
    values: Sequence[CellValue]
    formulas: list[str | bytes | None] | None
    codes: Sequence[str]

    def holds(self, row: int) -> bool:
        """Whether this is that row."""
        return row == self.number

    def cell(self, row: int, column: int) -> tuple[CellValue, str | None]:
        """Value and formula of a cell; neither where it is blank."""
        place = self.places.get(column)
        return (None, None) if place is None else (self.values[place], self._text(place))

    def _text(self, place: int) -> str | None:
        formula = self.formulas[place] if self.formulas else None
        return f"={text_of(formula[1:])}" if isinstance(formula, bytes) else formula

    def code(self, row: int, column: int) -> str:
        """The number format of a cell; a plain one where it is blank."""
        place = self.places.get(column)
        return GENERAL if place is None or self.values[place] is None else self.codes[place]

    def cells(self) -> Iterator[Placed]:
        """Row, column, value and formula of every cell that is not blank."""
        row = self.number
        texts = repeat(None) if self.formulas is None else self._texts()
        placed = zip(self.places, self.values, texts, strict=False)
        return iter([(row, column, value, it) for column, value, it in placed if value is not None])

    def texts(self) -> Iterator[tuple[int, int, str]]:
        """Row, column and text of every formula."""
        if self.formulas is None:
            return iter(())
        row, placed = self.number, zip(self.places, self._texts(), strict=True)
        return iter([(row, column, text) for column, text in placed if text is not None])

    def _texts(self) -> list[Any]:
        formulas: list[Any] = self.formulas or []
        for place, formula in enumerate(formulas):
            if isinstance(formula, bytes):
                formulas[place] = f"={text_of(formula[1:])}"
        return formulas

    def held(self) -> Iterator[tuple[tuple[int, int], CellValue]]:
        """Position and value of every cell with a value."""
        for column, place in self.places.items():
            if self.values[place] is not None:
                yield (self.number, column), self.values[place]

    def used(self) -> Dimension | None:
        """The rectangle around what it holds."""
        columns = [column for (_, column), _ in self.held()]
        if not columns:
            return None
        return Dimension(self.number, min(columns), self.number, max(columns))

    def put_values(self, column: int, first: int, found: list[CellValue]) -> None:
        """Put what a column holds into a list that begins with a row."""
        place = self.places.get(column)
        if place is not None and 0 <= self.number - first < len(found):
            found[self.number - first] = self.values[place]

    def put_formulas(self, column: int, first: int, found: list[str | None]) -> None:
        """Put the formulas of a column into a list that begins with a row."""
        place = self.places.get(column)
        if place is not None and 0 <= self.number - first < len(found):
            found[self.number - first] = self._text(place)


class Block(NamedTuple):
    """Rows that follow one another and are alike, column by column, from left to right.

    A column without value or formula is left out; `gaps` tells of blank cells in the others.
    Formulas are kept as they stand in the XML, a shared one at each cell that has it. `codes` has
    the number format of a column or, where they differ, that of each cell.
    """

    rows: range
    columns: Mapping[int, Sequence[CellValue]]
    formulas: Mapping[int, Sequence[bytes | SharedFormula | None]]
    codes: Mapping[int, str | Sequence[str]]
    gaps: bool

    def holds(self, row: int) -> bool:
        """Whether it has that row."""
        return row in self.rows

    def cell(self, row: int, column: int) -> tuple[CellValue, str | None]:
        """Value and formula of a cell; neither where it is blank."""
        values = self.columns.get(column)
        if values is None:
            return None, None
        place, formulas = row - self.rows.start, self.formulas.get(column)
        formula = None if formulas is None else formulas[place]
        if formula is None or isinstance(formula, bytes):
            return values[place], None if formula is None else f"={text_of(formula)}"
        return values[place], formula.text(row, column)

    def code(self, row: int, column: int) -> str:
        """The number format of a cell; a plain one where it is blank."""
        values, place = self.columns.get(column), row - self.rows.start
        if values is None or values[place] is None:
            return GENERAL
        code = self.codes[column]
        return code if isinstance(code, str) else code[place]

    def cells(self) -> Iterator[Placed]:
        """Row, column, value and formula of every cell that is not blank."""
        if not self.columns:
            return iter(())
        texts: Iterable[Iterable[str | None]] = repeat(repeat(None))
        if self.formulas:
            texts = zip(*(self._texts(column) for column in self.columns), strict=False)
        by_row = zip(self.rows, zip(*self.columns.values(), strict=True), texts, strict=False)
        columns = tuple(self.columns)
        placed: Iterator[Placed] = chain.from_iterable(
            zip(repeat(row), columns, values, formulas, strict=False)
            for row, values, formulas in by_row
        )
        return (it for it in placed if it[2] is not None) if self.gaps else placed

    def _texts(self, column: int) -> Iterable[str | None]:
        formulas = self.formulas.get(column)
        return repeat(None) if formulas is None else _texts(formulas, self.rows.start, column)

    def texts(self) -> Iterator[tuple[int, int, str]]:
        """Row, column and text of every formula."""
        if not self.formulas:
            return
        by_row = zip(*map(self._texts, self.formulas), strict=True)
        for row, texts in zip(self.rows, by_row, strict=True):
            for column, text in zip(self.formulas, texts, strict=True):
                if text is not None:
                    yield row, column, text

    def held(self) -> Iterator[tuple[tuple[int, int], CellValue]]:
        """Position and value of every cell with a value."""
        for row, values in zip(self.rows, zip(*self.columns.values(), strict=True), strict=False):
            for column, value in zip(self.columns, values, strict=True):
                if value is not None:
                    yield (row, column), value

    def used(self) -> Dimension | None:
        """The rectangle around what it holds."""
        if not self.columns:
            return None
        first, last = self.rows[0], self.rows[-1]
        if self.gaps:
            rows = {row for (row, _), _ in self.held()}
            first, last = min(rows), max(rows)
        return Dimension(first, min(self.columns), last, max(self.columns))

    def put_values(self, column: int, first: int, found: list[CellValue]) -> None:
        """Put what a column holds into a list that begins with a row."""
        values = self.columns.get(column)
        if values is not None:
            self._put(values, first, found)

    def put_formulas(self, column: int, first: int, found: list[str | None]) -> None:
        """Put the formulas of a column into a list that begins with a row."""
        formulas = self.formulas.get(column)
        if formulas is not None:
            self._put(_texts(formulas, self.rows.start, column), first, found)

    def _put(self, held: Sequence[Any], first: int, found: list[Any]) -> None:
        start = max(self.rows.start, first)
        end = min(self.rows.stop, first + len(found))
        if start < end:
            skip = self.rows.start
            found[start - first : end - first] = held[start - skip : end - skip]


def _texts(
    formulas: Sequence[bytes | SharedFormula | None], row: int, column: int
) -> list[str | None]:
    """Formulas down a column, from a row on, as text."""
    if _OWN.issuperset(map(type, formulas)):
        return _own_texts(formulas)  # type: ignore[arg-type]
    texts: list[str | None] = []
    for formula, cells in groupby(formulas):
        rows = range(row + len(texts), row + len(texts) + sum(1 for _ in cells))
        if formula is None or isinstance(formula, bytes):
            texts += _own_texts([formula] * len(rows))
        else:
            texts += formula.texts(rows, column)
    return texts


def _own_texts(formulas: Sequence[bytes | None]) -> list[str | None]:
    """Formulas that are written at their cells, as text."""
    written = [formula for formula in formulas if formula is not None]
    texts = [f"={text}" for text in texts_of(written)]
    if len(written) == len(formulas):
        return [*texts]
    following = iter(texts)
    return [None if formula is None else next(following) for formula in formulas]


class Grid(Mapping[tuple[int, int], Cell]):
    """The cells of a sheet by row and column; a `Cell` is made when asked for.

    It is put together from parts in the order of the file. No row is in two of them, and a block
    stands below all that came before it.
    """

    def __init__(self) -> None:
        self._parts: dict[int, Row | Block] = {}
        self._blocks: list[Block] = []
        self._firsts: list[int] = []
        self.last = 0

    def add_row(self, row: Row) -> None:
        """Take in a row, at any place that `holds` nothing."""
        self._parts[row.number] = row
        self.last = max(self.last, row.number)

    def add_block(self, block: Block) -> None:
        """Take in a block, below the `last` row so far."""
        self._parts[block.rows.start] = block
        self._blocks.append(block)
        self._firsts.append(block.rows.start)
        self.last = block.rows[-1]

    def holds(self, row: int) -> bool:
        """Whether a row with cells was taken in, be they blank."""
        return row <= self.last and self._part(row) is not None

    def _part(self, row: int) -> Row | Block | None:
        """The part that has a row."""
        found = self._parts.get(row)
        if found is None and (place := bisect_right(self._firsts, row)):
            block = self._blocks[place - 1]
            return block if block.holds(row) else None
        return found

    def _parts_within(self, first: int, last: int) -> Iterator[Row | Block]:
        """The parts that have any of these rows, and maybe others."""
        if last - first >= len(self._parts):
            yield from self._parts.values()
            return
        begun = self._part(first)
        if begun is not None:
            yield begun
        for row in range(first + 1, last + 1):
            if row in self._parts:
                yield self._parts[row]

    def at(self, row: int, column: int) -> tuple[CellValue, str | None]:
        """Value and formula of a cell, without making a `Cell`; neither where it is blank."""
        part = self._part(row)
        return (None, None) if part is None else part.cell(row, column)

    def __getitem__(self, position: tuple[int, int]) -> Cell:
        value, formula = self.at(*position)
        if value is None:
            raise KeyError(position)
        return Cell(value, formula)

    def get(self, position: tuple[int, int], default: Any = None) -> Any:
        """The cell there, or what is given for a blank one."""
        value, formula = self.at(*position)
        return default if value is None else Cell(value, formula)

    def __contains__(self, position: object) -> bool:
        return self.get(position) is not None  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return ((row, column) for row, column, _, _ in self.in_rows())

    def items(self) -> ItemsView[tuple[int, int], Cell]:
        """Position and cell, each row looked up once."""
        return _Items(self)

    def values(self) -> ValuesView[Cell]:
        """Every cell, each row looked up once."""
        return _Values(self)

    def __len__(self) -> int:
        return sum(1 for _ in self.in_rows())

    def __bool__(self) -> bool:
        return any(True for _ in self.in_rows())

    def in_rows(self) -> Iterator[Placed]:
        """Row, column, value and formula of every cell, without making `Cell` objects."""
        return chain.from_iterable(part.cells() for part in self._parts.values())

    def formulas(self) -> Iterator[tuple[int, int, str]]:
        """Row, column and text of every formula."""
        return chain.from_iterable(part.texts() for part in self._parts.values())

    def all_values(self) -> Iterator[tuple[tuple[int, int], CellValue]]:
        """Position and value of every cell with a value."""
        return chain.from_iterable(part.held() for part in self._parts.values())

    def column(self, column: int, first_row: int, last_row: int) -> list[CellValue]:
        """The values of a column from one row to another, None for blank cells."""
        found: list[CellValue] = [None] * max(0, last_row - first_row + 1)
        for part in self._parts_within(first_row, last_row):
            part.put_values(column, first_row, found)
        return found

    def column_formulas(self, column: int, first_row: int, last_row: int) -> list[str | None]:
        """The formulas of a column from one row to another, None for cells without one."""
        found: list[str | None] = [None] * max(0, last_row - first_row + 1)
        for part in self._parts_within(first_row, last_row):
            part.put_formulas(column, first_row, found)
        return found

    def number_formats(self) -> Mapping[tuple[int, int], str]:
        """The number formats of cells that are not blank, but those of plain cells."""
        return _NumberFormats(self)

    def number_format(self, row: int, column: int) -> str:
        """The number format of a cell; a plain one where it is blank."""
        part = self._part(row)
        return GENERAL if part is None else part.code(row, column)

    def dimension(self) -> Dimension | None:
        """The used rectangle."""
        used = [it for part in self._parts.values() if (it := part.used())]
        if not used:
            return None
        return Dimension(
            min(it.first_row for it in used),
            min(it.first_column for it in used),
            max(it.last_row for it in used),
            max(it.last_column for it in used),
        )


class _Items(ItemsView[tuple[int, int], Cell]):
    _mapping: Grid

    def __iter__(self) -> Iterator[tuple[tuple[int, int], Cell]]:
        for row, column, value, formula in self._mapping.in_rows():
            yield (row, column), Cell(value, formula)


class _Values(ValuesView[Cell]):
    _mapping: Grid

    def __iter__(self) -> Iterator[Cell]:
        for _, _, value, formula in self._mapping.in_rows():
            yield Cell(value, formula)


class _NumberFormats(Mapping[tuple[int, int], str]):
    """The number formats of a grid, looked up when asked for."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid

    def __getitem__(self, position: tuple[int, int]) -> str:
        code = self._grid.number_format(*position)
        if code == GENERAL:
            raise KeyError(position)
        return code

    def get(self, position: tuple[int, int], default: Any = None) -> Any:
        """The number format there, or what is given for a cell without one."""
        code = self._grid.number_format(*position)
        return default if code == GENERAL else code

    def __iter__(self) -> Iterator[tuple[int, int]]:
        for row, column, _, _ in self._grid.in_rows():
            if self._grid.number_format(row, column) != GENERAL:
                yield row, column

    def __len__(self) -> int:
        return sum(1 for _ in self)
