"""Whether the XML of a worksheet holds together, so that nothing in it is passed over in silence.

A program that reads a row given twice keeps one of the two; one that meets a cell in the wrong row
guesses. No spreadsheet program writes such a sheet, and Excel calls it damaged: so does this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Final
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse

from xl_compliance.workbook.limits import TooMuch, limit

MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LAST_ROW: Final = limit("rows").most
LAST_COLUMN: Final = limit("columns").most

_MERGED: Final = re.compile(rb'<mergeCell\s[^>]*?ref\s*=\s*["\']([^"\']*)["\']')
_TABLE_PART: Final = re.compile(rb'<tablePart\s[^>]*?:id\s*=\s*["\']([^"\']*)["\']')
_ADDRESS: Final = re.compile(r"([A-Za-z]{1,3})([1-9][0-9]{0,6})")
_ID: Final = re.compile(r"\{http.*/relationships\}id")
_NUMBER: Final = re.compile(r"\s*[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\s*")
_LEAST_SIZE: Final = 0.5  # points of height or characters of width: below it nothing can be read
_TYPES: Final = frozenset({"n", "s", "str", "inlineStr", "b", "e", "d"})
_CELL_PARTS: Final = frozenset({"f", "v", "is", "extLst"})


class DamagedSheet(Exception):
    """A sheet whose XML contradicts itself; the message says how, without the sheet's name."""


@dataclass
class Structure:
    """What a worksheet says beside its cells."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[str] = field(default_factory=list)
    table_parts: list[str] = field(default_factory=list)


def merged_in(tail: bytes) -> tuple[str, ...]:
    """The merged ranges in what stands behind the rows."""
    return tuple(it.decode() for it in _MERGED.findall(tail)) if b"<mergeCell" in tail else ()


def table_parts_in(tail: bytes) -> tuple[str, ...]:
    """The relations that the sheet names for its tables."""
    return tuple(it.decode() for it in _TABLE_PART.findall(tail)) if b"<tablePart" in tail else ()


def row_of(text: str | None, before: int) -> int:
    """The number of a row, which counts on where it is not given."""
    if text is None:
        return before + 1
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= LAST_ROW):
        raise DamagedSheet(f'a row has the number "{text[:20]}", where 1 to {LAST_ROW:,} may stand')
    return int(text)


def column_of(address: str | None, row: int, before: int) -> int:
    """The column of a cell of a row, which counts on where it is not given."""
    if address is None:
        return before + 1
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise DamagedSheet(f'row {row} holds a cell with the address "{address[:20]}"')
    if int(match[2]) != row:
        raise DamagedSheet(f"row {row} holds a cell that says it is {match[0]}")
    return number_of_column(match[1])


def number_of_column(letters: str) -> int:
    """The number of a column; no sheet goes beyond XFD."""
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    if column > LAST_COLUMN:
        raise DamagedSheet(f"it has a cell in column {letters}, beyond the last one, XFD")
    return column


def text_index(raw: str, count: int, place: str) -> int:
    """The number of a shared text, which must be one that the file holds."""
    text = raw.strip()
    if not (text.isascii() and text.isdigit() and int(text) < count):
        raise DamagedSheet(f'{place} refers to text "{text[:20]}" of {count:,} in the file')
    return int(text)


def moment_of(text: str) -> Any:
    """A date, a time or a span that a cell spells out. Raises `ValueError`."""
    from openpyxl.utils.datetime import from_ISO8601

    return from_ISO8601(text)


def _is_moment(text: str) -> bool:
    try:
        return moment_of(text) is not None
    except ValueError:
        return False


def check_parts(cell: Element, place: str) -> None:
    """Raise `DamagedSheet` for a cell with two values, or with a text and another type."""
    names = [child.tag.rpartition("}")[2] for child in cell]
    unknown = set(names) - _CELL_PARTS
    if unknown or len(set(names)) < len(names):
        what = f"an element {min(unknown)}" if unknown else "two values or formulas"
        raise DamagedSheet(f"{place} holds {what}")
    if "v" in names and "is" in names:
        raise DamagedSheet(f"{place} holds a value and a text")
    if "is" in names and cell.get("t") != "inlineStr":
        kind = cell.get("t", "n")[:20]
        raise DamagedSheet(f'{place} spells a text out and is said to be of type "{kind}"')


def filled_area(reference: str) -> str:
    """The range that an array formula fills, as it is written; one that is none is refused."""
    ends = [_ADDRESS.fullmatch(it.replace("$", "")) for it in reference.split(":")]
    if len(ends) > 2 or None in ends:
        raise DamagedSheet(f'an array formula is said to fill "{reference[:40]}"')
    rows = [int(it[2]) for it in ends if it]
    columns = [number_of_column(it[1]) for it in ends if it]
    height, width = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    if min(height, width) < 1 or max(rows) > LAST_ROW:
        raise DamagedSheet(f'an array formula is said to fill "{reference[:40]}"')
    too_many = limit("array_cells").passed_by(height * width)
    if too_many:
        raise TooMuch(f"it has {too_many}")
    return reference


def out_of_sight(hidden: str | None, size: str | None) -> bool:
    """Whether a row or column shows nothing: hidden, or of a height or width of next to nothing.

    >>> out_of_sight(None, "0.0"), out_of_sight("1", "15"), out_of_sight(None, "15")
    (True, True, False)
    """
    return hidden in ("1", "true") or (size is not None and is_no_size(size))


def is_no_size(size: str | bytes) -> bool:
    """Whether a height or width leaves nothing to be seen; what is no number says nothing."""
    try:
        return float(size) < _LEAST_SIZE
    except ValueError:
        return False


def hidden_columns(first: str | None, last: str | None) -> range:
    """The columns that one element hides; some programs write ends far beyond the last one."""
    try:
        start, end = int(first or ""), int(last or "")
    except ValueError:
        raise DamagedSheet("its column widths do not say for which columns they are") from None
    return range(max(1, start), min(end, LAST_COLUMN) + 1)


def structure_by_parsing(stream: IO[bytes], texts: int) -> Structure:
    """What a sheet says that is written in an unusual way. Raises `DamagedSheet`."""
    return _Walk(texts).through(stream)


class _Walk:
    def __init__(self, texts: int) -> None:
        self._texts = texts
        self._found = Structure()
        self._row = self._column = 0
        self._rows: set[int] = set()
        self._columns: set[int] = set()
        self._path: list[str] = []

    def through(self, stream: IO[bytes]) -> Structure:
        data = 0
        for event, element in iterparse(stream, events=("start", "end"), forbid_dtd=True):
            if event == "end":
                self._path.pop()
                self._ended(element)
                continue
            self._path.append(element.tag)
            if element.tag == f"{{{MAIN}}}sheetData":
                data += 1
            self._started(element)
        if data != 1:
            raise DamagedSheet("it has no cells" if not data else "it has its cells twice")
        return self._found

    def _started(self, element: Element) -> None:
        if len(self._path) == 1 and element.tag != f"{{{MAIN}}}worksheet":
            name = element.tag.rpartition("}")[2]
            what = f'a "{name}"' if name != "worksheet" else "of another kind"
            raise DamagedSheet(f"it is listed as a worksheet, but is {what} inside")
        if len(self._path) == 2 and element.tag.endswith("}row"):
            raise DamagedSheet("a row stands outside its cells")
        if self._inside("row"):
            self._row = row_of(element.get("r"), self._row)
            if self._row in self._rows:
                raise DamagedSheet(f"row {self._row} stands there twice")
            self._column = 0
            self._columns = set()
            if out_of_sight(element.get("hidden"), element.get("ht")):
                self._found.hidden_rows.add(self._row)
        elif len(self._path) == 4 and self._path[1].endswith("}sheetData"):
            self._cell_begins(element)

    def _inside(self, name: str) -> bool:
        if len(self._path) != 3 or not self._path[1].endswith("}sheetData"):
            return False
        if self._path[2] != f"{{{MAIN}}}{name}":
            raise DamagedSheet("between its rows stands something else")
        return True

    def _cell_begins(self, element: Element) -> None:
        if element.tag != f"{{{MAIN}}}c":
            if element.tag.endswith("}extLst"):
                return
            raise DamagedSheet(f"between the cells of row {self._row} stands something else")
        self._rows.add(self._row)
        self._column = column_of(element.get("r"), self._row, self._column)
        if self._column in self._columns:
            raise DamagedSheet(f"row {self._row} holds a cell twice ({element.get('r')})")
        self._columns.add(self._column)

    def _ended(self, element: Element) -> None:
        depth, name = len(self._path), element.tag.rpartition("}")[2]
        if depth == 3 and name == "c":
            place = element.get("r") or f"a cell of row {self._row}"
            check_parts(element, place)
            if element.get("t") == "inlineStr" and element.findtext("{*}v"):
                raise DamagedSheet(f"{place} is said to spell its text out and holds a value")
            if element.get("t", "n") not in _TYPES:
                raise DamagedSheet(f'{place} is said to be of type "{element.get("t", "")[:20]}"')
            raw = element.findtext("{*}v")
            if raw:
                self._check_value(element.get("t", "n"), raw, place)
            element.clear()
        elif depth == 2 and name == "row":
            element.clear()
        elif depth == 2:
            self._found_beside(name, element.attrib)
        elif depth == 1 and name == "sheetData":
            element.clear()

    def _check_value(self, kind: str, raw: str, place: str) -> None:
        if kind == "s":
            text_index(raw, self._texts, place)
        elif (
            (kind == "n" and not _NUMBER.fullmatch(raw))
            or (kind == "b" and raw not in ("0", "1", "true", "false"))
            or (kind == "d" and not _is_moment(raw))
        ):
            what = {"n": "number", "b": "truth value", "d": "date"}[kind]
            raise DamagedSheet(f'{place} holds "{raw[:20]}" for a {what}')

    def _found_beside(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "col" and out_of_sight(attributes.get("hidden"), attributes.get("width")):
            columns = hidden_columns(attributes.get("min"), attributes.get("max"))
            self._found.hidden_columns.update(columns)
        elif name == "mergeCell":
            self._found.merged.append(attributes.get("ref", ""))
        elif name == "tablePart":
            self._found.table_parts += _ids(attributes)


def _ids(attributes: Mapping[str, str]) -> Iterator[str]:
    return (value for key, value in attributes.items() if _ID.fullmatch(key))
