"""A formula and its copies: taken apart once, and known again by its text wherever it stands.

Nearly all formulas of a model are one formula copied down or across. A `Form` writes itself as it
would stand in another cell of its sheet; a formula that reads exactly so is a copy of it.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from xl_compliance.workbook.engine import Position, check_functions
from xl_compliance.workbook.limits import limit
from xl_compliance.workbook.references import (
    LITERALS,
    Area,
    NotRecomputable,
    Place,
    References,
    Rewritten,
    number_of,
)
from xl_compliance.workbook.sheet_structure import LAST_COLUMN, LAST_ROW
from xl_compliance.workbook.snapshot import Snapshot, format_address

REFERENCE: Final = re.compile(r"(\$?)([A-Z]{1,3})(\$?)([1-9][0-9]{0,6})(?![A-Za-z0-9_(])")
"""A cell in a formula, its column and its row each with what pins it."""

_KEPT: Final = 4_096
_QUOTED: Final = re.compile(f"({LITERALS.pattern})")
_LONGEST: Final = limit("formula_characters").most
_MOST_CELLS: Final = limit("range_cells").most
_PARTS: Final = re.compile(r"([A-Za-z]+|[0-9]+)")


class _Distance(NamedTuple):
    """How far the row or column of a reference is from the formula's own."""

    is_row: bool
    cells: int


_Piece = str | _Distance


def relative(formula: str, row: int, column: int) -> str:
    """A formula with its references counted from its own cell, so that copies read alike.

    >>> relative("=A7+$B$1+'Q1 2024'!A8", 8, 1)
    "=R[-1]C[0]+R1C2+'Q1 2024'!R[0]C[0]"
    """

    def offset(match: re.Match[str]) -> str:
        pinned, letters, pinned_row, figures = match.groups()
        at_row, at_column = int(figures), number_of(letters)
        down = f"R{at_row}" if pinned_row else f"R[{at_row - row}]"
        across = f"C{at_column}" if pinned else f"C[{at_column - column}]"
        return down + across

    if '"' not in formula and "'" not in formula:
        return REFERENCE.sub(offset, formula)
    pieces = _QUOTED.split(formula)
    pieces[0::2] = [REFERENCE.sub(offset, piece) for piece in pieces[0::2]]
    return "".join(pieces)


class Form:
    """A formula as it stands in one cell and, with its references moved, in others of its sheet.

    `rewritten` is how it reads where it was found first. `problem` says why it is not recomputed,
    `is_copied` whether another cell was found to hold a copy.
    """

    def __init__(
        self, references: References, formula: str, at: Position, rewritten: Rewritten
    ) -> None:
        self.rewritten = rewritten
        self.names = rewritten.names
        self.problem = _problem(rewritten)
        self.last = references.last
        self.is_copied = False
        self._references = references
        self._sheet, self._row, self._column = at
        self._formula = formula
        self._in_column: dict[int, str] = {}

    def reads(self, formula: str, row: int, column: int) -> bool:
        """Whether a formula that stands there is a copy of this one."""
        if self._is_alone:
            return (row, column) == (self._row, self._column)
        is_copy = row in self._rows and self._text(row, column) == formula
        return is_copy and not self._is_too_large(formula, row, column)

    @cached_property
    def shape(self) -> tuple[tuple[str, int], ...]:
        """Our calls in it, each with the number of its arguments."""
        return tuple((it.function.name, len(it.arguments)) for it in self.rewritten.calls)

    @cached_property
    def _is_alone(self) -> bool:
        """Whether copies cannot be told: its own text would not be this."""
        if self.rewritten.places is None:
            return True
        return self._text(self._row, self._column) != self._formula

    def _is_too_large(self, formula: str, row: int, column: int) -> bool:
        """Whether a copy is longer than formulas are taken, or has too large a range."""
        if len(formula) > _LONGEST:
            return True
        return self._grows and any(it.size > _MOST_CELLS for it in self.areas_at(row, column))

    @cached_property
    def _grows(self) -> bool:
        """Whether a range has other sizes in copies."""
        places = self.rewritten.places or ()
        return any(it.moves[:2] != it.moves[2:] for it in places)

    @cached_property
    def _pieces(self) -> "Sequence[_Piece]":
        places = self.rewritten.places or ()
        return list(_pieces(self._formula, (self._row, self._column), places))

    @cached_property
    def _down(self) -> tuple[int, ...]:
        """How far down the rows that move are, in the order of the text."""
        return tuple(it.cells for it in self._pieces if isinstance(it, _Distance) and it.is_row)

    @cached_property
    def _rows(self) -> range:
        return _rows(self.rewritten.places or (), self._down)

    def _text(self, row: int, column: int) -> str:
        text = self._in_column.get(column)
        if text is None:
            text = self._in_column[column] = self._written_in(column)
        return text % tuple([row + down for down in self._down]) if text else ""

    def moved(self, row: int, column: int) -> tuple[int, int]:
        """How many rows and columns a cell is away from the first one."""
        return row - self._row, column - self._column

    def areas_at(self, row: int, column: int) -> tuple[Area, ...]:
        """The cells that a copy rests on."""
        down, across = self.moved(row, column)
        if not (down or across):
            return self.rewritten.areas
        places = self.rewritten.places or ()
        return tuple(dict.fromkeys([it.at(down, across, self.last) for it in places]))

    def rewritten_at(self, formula: str, row: int, column: int, number: int = 0) -> Rewritten:
        """How a copy reads, its calls told from others' by a number."""
        if (row, column) == (self._row, self._column):
            return self.rewritten
        return self._references.rewrite(formula, self._sheet, row, column, number)

    def _written_in(self, column: int) -> str:
        """The text in a column, with `%d` for rows that move; nothing where it cannot stand."""
        text = ""
        for piece in self._pieces:
            if isinstance(piece, str):
                text += piece.replace("%", "%%")
            elif piece.is_row:
                text += "%d"
            elif 1 <= column + piece.cells <= LAST_COLUMN:
                text += format_address(1, column + piece.cells)[:-1]
            else:
                return ""
        return text


class Forms:
    """The forms of one workbook's formulas."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.references = References(snapshot)
        self._latest: dict[tuple[str, int], Form] = {}
        self._by_key: dict[tuple[str, str], Form] = {}

    def of(self, formula: str, sheet: str, row: int, column: int, number: int) -> Form:
        """The form of a cell's formula; raises `NotRecomputable` as `References.rewrite` does.

        `number` tells its calls of our functions from others', should it be the first of its form.
        """
        place = sheet, column
        form = self._latest.get(place)
        if form is not None and form.reads(formula, row, column):
            return form
        key = sheet, relative(formula, row, column)
        form = self._by_key.get(key)
        if form is not None and form.reads(formula, row, column):
            form.is_copied = True
            self._latest[place] = form
        else:
            rewritten = self.references.rewrite(formula, sheet, row, column, number)
            form = Form(self.references, formula, (sheet, row, column), rewritten)
            if len(self._by_key) >= _KEPT:
                self._by_key.clear()
            self._by_key[key] = form
        return form


def _problem(rewritten: Rewritten) -> str:
    try:
        check_functions(rewritten)
    except NotRecomputable as why:
        return str(why)
    return ""


def _pieces(formula: str, at: tuple[int, int], places: Sequence[Place]) -> Iterator[_Piece]:
    """The formula's text, with the distance of every row and column that moves."""
    source = formula.encode()  # places count bytes
    done = 0
    for place in places:
        if place.written is None:
            continue
        start, address = place.written
        yield source[done:start].decode()
        yield from _address_pieces(address, at)
        done = start + len(address)
    yield source[done:].decode()


def _address_pieces(address: str, at: tuple[int, int]) -> Iterator[_Piece]:
    parts = _PARTS.split(address)
    for before, part in zip(parts[0::2], parts[1::2], strict=False):
        yield before
        if before.endswith("$"):
            yield part
        elif part.isdigit():
            yield _Distance(True, int(part) - at[0])
        else:
            yield _Distance(False, number_of(part) - at[1])


def _rows(places: Sequence[Place], offsets: Sequence[int]) -> range:
    """The rows in which a copy can stand: no reference leaves the sheet, or the table's rows."""
    first = max([1, *(1 - it for it in offsets)])
    last = min([LAST_ROW, *(LAST_ROW - it for it in offsets)])
    for place in places:
        if place.within:
            first, last = max(first, place.within[0]), min(last, place.within[1])
    return range(first, last + 1)
