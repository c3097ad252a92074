"""Formulas that a sheet writes out once, for a whole range: at the first cell, the master.

A formula is taken apart once. At another cell its relative references are moved; all else stays,
so that its text there is put together from pieces.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from openpyxl.formula.tokenizer import Token
from openpyxl.formula.translate import Translator, TranslatorError
from openpyxl.utils import column_index_from_string, get_column_letter

_LAST_COLUMN: Final = 18_278  # ZZZ, which openpyxl takes for the last one


class _Row(NamedTuple):
    """A row that moves with the formula."""

    number: int


class _Column(NamedTuple):
    """A column that moves with the formula."""

    number: int


_Piece = str | _Row | _Column


class SharedFormula:
    """A formula, without its `=`, as it is written at its master.

    >>> discounted = SharedFormula("B2*(1-$C$1)", 2, 4)
    >>> discounted.text(3, 4)
    '=B3*(1-$C$1)'
    >>> discounted.texts(range(9, 11), 5)
    ['=C9*(1-$C$1)', '=C10*(1-$C$1)']
    """

    def __init__(self, text: str, row: int, column: int) -> None:
        self._column = column
        self._pieces = list(_pieces(text))
        rows = [piece.number for piece in self._pieces if isinstance(piece, _Row)]
        columns = [piece.number for piece in self._pieces if isinstance(piece, _Column)]
        self._row_offsets = [number - row for number in rows]
        self._first_row = row - min(rows, default=row) + 1
        self._first_column = column - min(columns, default=column) + 1
        self._last_column = column - max(columns, default=column) + _LAST_COLUMN
        self._unmoved = self._pattern(column)
        moves = any(isinstance(piece, _Row | _Column) for piece in self._pieces)
        self.constant = None if moves else "".join(map(str, self._pieces)).encode()
        """Its characters, if they are the same at every cell."""

    def reaches(self, row: int, column: int) -> bool:
        """Whether its references stay on the sheet at a cell, and below it."""
        return row >= self._first_row and self._first_column <= column <= self._last_column

    def text(self, row: int, column: int) -> str:
        """The formula at a cell. Raises `TranslatorError` where it refers beyond the sheet."""
        pattern = self._pattern_at(row, column)
        return pattern % tuple([row + it for it in self._row_offsets])

    def texts(self, rows: range, column: int) -> list[str]:
        """The formulas down a column, as `text` gives each."""
        pattern = self._pattern_at(rows.start, column)
        if not self._row_offsets:
            return [pattern % ()] * len(rows)
        moved = (range(rows.start + it, rows.stop + it) for it in self._row_offsets)
        return list(map(pattern.__mod__, zip(*moved, strict=True)))

    def _pattern_at(self, row: int, column: int) -> str:
        if not self.reaches(row, column):
            raise TranslatorError("Formula out of range")
        return self._unmoved if column == self._column else self._pattern(column)

    def _pattern(self, column: int) -> str:
        """The text in a column, with a place for each row that moves."""
        shift = column - self._column
        return "=" + "".join(_in_pattern(piece, shift) for piece in self._pieces)


def _in_pattern(piece: _Piece, shift: int) -> str:
    if isinstance(piece, _Row):
        return "%d"
    if isinstance(piece, _Column):
        return str(get_column_letter(piece.number + shift))
    return piece.replace("%", "%%")


def _pieces(text: str) -> Iterator[_Piece]:
    for token in Translator(f"={text}", "A1").get_tokens():
        if token.type == Token.OPERAND and token.subtype == Token.RANGE:
            yield from _reference(token.value)
        else:
            yield token.value


def _reference(text: str) -> Iterator[_Piece]:
    """The pieces of a reference or name, as openpyxl tells them apart.

    The sheet before a name stays, which openpyxl drops: the name of that sheet may be another.
    """
    sheet, name = Translator.strip_ws_name(text)
    if match := Translator.ROW_RANGE_RE.match(name):
        yield from (sheet, _row(match[1]), ":", _row(match[2]))
    elif match := Translator.COL_RANGE_RE.match(name):
        yield from (sheet, _column(match[1]), ":", _column(match[2]))
    elif ":" in name:
        first, *others = name.split(":")
        yield sheet
        yield from _reference(first)
        for other in others:
            yield ":"
            yield from _reference(other)
    elif match := Translator.CELL_REF_RE.match(name):
        yield from (sheet, _column(match[1]), _row(match[2]))
    else:
        yield sheet + name


def _row(text: str) -> _Piece:
    return text if text.startswith("$") else _Row(int(text))


def _column(text: str) -> _Piece:
    return text if text.startswith("$") else _Column(column_index_from_string(text))
