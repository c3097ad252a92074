"""Reads a workbook into plain, frozen data: cell values, formula texts, tables and names.

The file is opened for reading only. A workbook that cannot be read raises
`UnreadableWorkbook`, which says what was found, what was expected and what to do.
"""

import math
import os
import posixpath
import re
import stat
import unicodedata
import warnings
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import cached_property, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final, NamedTuple, overload
from urllib.parse import unquote
from xml.etree.ElementTree import Element, ParseError
from zipfile import BadZipFile, ZipFile

from defusedxml import DefusedXmlException

from xl_compliance.workbook.archives import Bounds, first_fault
from xl_compliance.workbook.format_codes import kind_of_format
from xl_compliance.workbook.limits import TooMuch, limit
from xl_compliance.workbook.sheet_structure import (
    LAST_COLUMN,
    LAST_ROW,
    MAIN,
    DamagedSheet,
    filled_area,
    structure_by_parsing,
)
from xl_compliance.workbook.xml_parts import parsed

EXPECTED: Final = "an Excel workbook (.xlsx or .xlsm)"
SUFFIXES: Final = (".xlsx", ".xlsm")
VALUES_ONLY: Final = (".xls", ".xlsb", ".ods")
"""Kinds of workbook of which only the values are read: no formulas, tables or names."""

SIGNATURE_LOST: Final = "The workbook is signed; the signature does not hold for the copy."

_SECONDS_PER_DAY = 86_400
_TALL_TABLE = 10_000
_LAST_SERIAL_1900 = 2_958_465
_LARGEST_WHOLE = 2**53
_DAYS_1900_TO_1904 = 1_462
_FICTIONAL_LEAP_DAY = 60
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_STRICT = "{http://purl.oclc.org/ooxml/"
_WORKBOOK_TYPE = re.compile(
    r"application/vnd\.(?:openxmlformats-officedocument\.spreadsheetml\.(?:sheet|template)"
    r"|ms-excel\.(?:sheet|template|addin)\.macroEnabled)\.main\+xml",
    re.IGNORECASE,
)
_CELLS_NOT_READ = ("xlMacrosheet", "xlIntlMacrosheet", "dialogsheet")
_RELATIONSHIP_ID = re.compile(r"\{http.*/relationships\}id")
_A1 = re.compile(r"\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class ExcelError(str):
    """An error value such as `#REF!`. A subclass of `str`, so test for it before text."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"ExcelError({str(self)!r})"


class NotCalculated(Enum):
    """The type of `NOT_CALCULATED`: one member, so that it survives copying and pickling."""

    NOT_CALCULATED = "not calculated"

    def __repr__(self) -> str:
        return self.name


NOT_CALCULATED: Final = NotCalculated.NOT_CALCULATED
"""The value of a formula whose result the file does not hold. It is neither blank nor 0."""

CellValue = bool | int | float | str | date | time | NotCalculated | None


class UnreadableWorkbook(Exception):
    """A file that cannot be read as a workbook, and what to do about it.

    >>> print(UnreadableWorkbook(Path("a.xlsx"), "this file is empty", EXPECTED, "Copy it again"))
    a.xlsx: this file is empty. Expected an Excel workbook (.xlsx or .xlsm). Copy it again.
    """

    def __init__(self, path: Path, read: str, expected: str, remedy: str) -> None:
        super().__init__(path, read, expected, remedy)
        self.path = path
        self.read = read
        self.expected = expected
        self.remedy = remedy

    def __str__(self) -> str:
        name = self.path.name or str(self.path)
        return _one_line(f"{name}: {self.read}. Expected {self.expected}. {self.remedy}.")


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell holds, and the formula it comes from (`"=..."`) if there is one."""

    value: CellValue = None
    formula: str | None = None


BLANK: Final = Cell()


class Dimension(NamedTuple):
    """The smallest rectangle around everything that a sheet holds."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


class Remark(NamedTuple):
    """What a reader of the report should know of how a workbook was read."""

    sheet: str
    address: str
    message: str


@dataclass(frozen=True)
class Sheet:
    """A worksheet. `cells` holds only cells with a value or a formula, by row and column.

    `arrays` has the range that an array formula fills, by the row and column of the formula;
    `merged` the ranges that are merged to one cell.
    """

    name: str
    visible: bool
    cells: Mapping[tuple[int, int], Cell]
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    arrays: Mapping[tuple[int, int], str] = field(default_factory=dict)
    merged: tuple[str, ...] = ()

    @overload
    def cell(self, row: str) -> Cell: ...

    @overload
    def cell(self, row: int, column: int) -> Cell: ...

    def cell(self, row: str | int, column: int = 0) -> Cell:
        """The cell at `"B7"`, or at row 7, column 2; a blank one outside the sheet."""
        position = parse_address(row) if isinstance(row, str) else (row, column)
        return self.cells.get(position, BLANK)

    def column(self, column: int, first_row: int, last_row: int) -> list[CellValue]:
        """What the cells of a column hold, from one row to another."""
        held = getattr(self.cells, "column", None)
        if held is not None:
            found: list[CellValue] = held(column, first_row, last_row)
            return found
        rows = range(first_row, last_row + 1)
        return [self.cells.get((row, column), BLANK).value for row in rows]

    @staticmethod
    def address(row: int, column: int) -> str:
        """The name of a cell: row 7, column 2 is `B7`."""
        return format_address(row, column)

    @cached_property
    def dimension(self) -> Dimension | None:
        """The used rectangle, or None for a sheet with nothing in it."""
        measure = getattr(self.cells, "dimension", None)
        if measure is not None:
            found: Dimension | None = measure()
            return found
        if not self.cells:
            return None
        rows = [row for row, _ in self.cells]
        columns = [column for _, column in self.cells]
        return Dimension(min(rows), min(columns), max(rows), max(columns))


class TableCell(NamedTuple):
    """A cell of a table, and where on the sheet it stands."""

    address: str
    cell: Cell


@dataclass(frozen=True)
class Table:
    """An Excel table. `first_row` and `row_count` cover the data: no headers, no totals."""

    name: str
    sheet: str
    first_row: int
    first_column: int
    headers: tuple[str, ...]
    row_count: int
    has_headers: bool = True
    has_totals: bool = False

    def rows(self, sheet: Sheet) -> Iterator[dict[str, TableCell]]:
        """The data rows, each a mapping from header to address and cell.

        Of a table drawn down to the end of the sheet, rows below all that it holds are left out.
        """
        end = self.first_row + self.row_count
        if self.row_count > _TALL_TABLE:
            used = sheet.dimension
            end = min(end, used.last_row + 1 if used else 0)
        for row in range(self.first_row, end):
            yield {
                header: TableCell(format_address(row, column), sheet.cell(row, column))
                for column, header in enumerate(self.headers, self.first_column)
            }


@dataclass(frozen=True)
class DefinedName:
    """A name and the text it stands for; `sheet` is None for one of the whole workbook."""

    name: str
    refers_to: str
    sheet: str | None = None


@dataclass(frozen=True)
class Snapshot:
    """Everything read from one workbook.

    Where `values_only` is true, formulas, tables and names were not read, and an error value
    reads as a blank cell. `remarks` says what of the file was not read; `hiding_formats` are the
    number formats that may show nothing of what a cell holds.
    """

    path: Path
    sheets: tuple[Sheet, ...]
    tables: tuple[Table, ...]
    defined_names: tuple[DefinedName, ...]
    epoch_1904: bool
    values_only: bool = False
    remarks: tuple[Remark, ...] = ()
    hiding_formats: frozenset[str] = frozenset()

    @cached_property
    def _sheets_by_name(self) -> Mapping[str, Sheet]:
        return {it.name.casefold(): it for it in reversed(self.sheets)}

    @cached_property
    def _tables_by_name(self) -> Mapping[str, Table]:
        return {it.name.casefold(): it for it in reversed(self.tables)}

    @cached_property
    def _names(self) -> Mapping[str, Sequence[DefinedName]]:
        """The defined names that are one name, in capitals or not, in their order."""
        found: dict[str, list[DefinedName]] = defaultdict(list)
        for it in self.defined_names:
            found[it.name.casefold()].append(it)
        return found

    def sheet(self, name: str) -> Sheet | None:
        """The sheet of that name, in capitals or not."""
        return self._sheets_by_name.get(name.casefold())

    def table(self, name: str) -> Table | None:
        """The table of that name, in capitals or not."""
        return self._tables_by_name.get(name.casefold())

    def rows(self, table: Table) -> Iterator[dict[str, TableCell]]:
        """The data rows of a table of this workbook."""
        sheet = self.sheet(table.sheet)
        return table.rows(sheet) if sheet else iter(())

    def defined_name(self, name: str, sheet: str | None = None) -> DefinedName | None:
        """What a name means on a sheet: the sheet's own first, then the workbook's."""
        same = self._names.get(name.casefold(), ())
        scopes = [sheet.casefold(), None] if sheet else [None]
        for scope in scopes:
            for it in same:
                if (it.sheet.casefold() if it.sheet else None) == scope:
                    return it
        return None

    def means_two_things(self, name: DefinedName) -> bool:
        """Whether the same name stands there again for something else."""
        return any(
            it.sheet == name.sheet and it.refers_to != name.refers_to
            for it in self._names.get(name.name.casefold(), ())
        )


def parse_address(address: str) -> tuple[int, int]:
    """Row and column of a cell name.

    >>> parse_address("$B$7")
    (7, 2)
    """
    match = _A1.fullmatch(address)
    if match is None:
        raise ValueError(f"{_one_line(address)!r} is not the address of a cell, such as B7")
    return int(match[2]), _number_of(match[1])


@lru_cache(maxsize=LAST_COLUMN)
def _number_of(letters: str) -> int:
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return column


def format_address(row: int, column: int) -> str:
    """The name of a cell.

    >>> format_address(7, 28)
    'AB7'
    """
    if row < 1 or column < 1:
        raise ValueError(f"row {row}, column {column} is not a cell: both count from 1")
    return f"{_letters_of(column)}{row}"


@lru_cache(maxsize=LAST_COLUMN)
def _letters_of(column: int) -> str:
    letters = ""
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return letters


def read(path: str | Path) -> Snapshot:
    """Read a workbook. Raises `UnreadableWorkbook` for a file that cannot be read as one.

    Of the kinds in `VALUES_ONLY` only the values are read; the snapshot says so.
    """
    path = Path(path) if isinstance(path, str) else path  # one behind a URL is none of pathlib's
    if path.suffix.lower() in VALUES_ONLY:
        from xl_compliance.workbook.other_formats import read_values

        return read_values(path, _bytes(path, VALUES_ONLY))
    with open_package(path) as package, failures_told(path):
        remarks = list(package.remarks())
        sheets = _read_sheets(package, remarks)
        tables = tuple(it for sheet in package.sheets for it in _read_tables(package, sheet))
        _refuse_twice([it.name for it in tables], "tables")
        return Snapshot(
            path=path,
            sheets=sheets,
            tables=tables,
            defined_names=_read_names(package),
            epoch_1904=package.epoch_1904,
            remarks=tuple(remarks),
            hiding_formats=_hiding(package),
        )


def _hiding(package: "Package") -> frozenset[str]:
    from xl_compliance.workbook.unseen import may_show_nothing

    return frozenset(filter(may_show_nothing, set(package.format_codes)))


@contextmanager
def failures_told(path: Path) -> Iterator[None]:
    """Turn whatever goes wrong while a file is read into an `UnreadableWorkbook`."""
    try:
        yield
    except UnreadableWorkbook:
        raise
    except (BadZipFile, zlib.error, EOFError, ParseError) as error:
        raise _damaged(path, error) from error
    except MissingPart as error:
        said = f"this file is damaged: {error.args[0]}"
        raise UnreadableWorkbook(path, said, EXPECTED, _REPAIR) from None
    except DamagedSheet as error:
        said = f"this file is damaged: {error}"
        raise UnreadableWorkbook(path, said, EXPECTED, _REPAIR) from None
    except TooMuch as error:
        raise UnreadableWorkbook(path, str(error), EXPECTED, _WHERE_FROM) from None
    except DefusedXmlException as error:
        raise UnreadableWorkbook(
            path,
            "its XML declares a document type or entities, which no workbook does",
            EXPECTED,
            _WHERE_FROM,
        ) from error
    except Exception as error:
        if _is_of_encoding(error):
            detail = _one_line(str(error))
            said = f"one of its parts is in an encoding that is not read here ({detail})"
            raise UnreadableWorkbook(path, said, _ENCODED, _SAVE_ANEW) from error
        raise UnreadableWorkbook(
            path,
            f"the reader stopped at {_detail(error)}",
            EXPECTED,
            _SAVE_ANEW,
        ) from error


def _is_of_encoding(error: Exception) -> bool:
    """Whether an XML reader did not know the encoding that a part declares."""
    return isinstance(error, UnicodeError) or (
        isinstance(error, ValueError | LookupError) and "encoding" in str(error)
    )


_ENCODED = "an Excel workbook whose parts are in UTF-8 or UTF-16, as every program writes them"
_SAVE_ANEW = "Open it in Excel, save it under a new name and try that copy"

_REPAIR = "Let Excel repair it (File, Open, Open and Repair) and look at what it changed"
_WHERE_FROM = "Check where it comes from before you open it"

# ---------------------------------------------------------------- the file as a package


@dataclass(frozen=True)
class SheetPart:
    """A worksheet as the workbook lists it, and the part of the package that holds it."""

    name: str
    visible: bool
    part: str


@dataclass(frozen=True)
class Relation:
    """One part pointing to another: `kind` is `worksheet`, `table` and the like."""

    id: str
    kind: str
    part: str


class MissingPart(KeyError):
    """A part that the file names and does not hold; the message says which."""


class Package:
    """The zip file behind a workbook, and the way from sheet names to its parts."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.archive = ZipFile(BytesIO(data))
        # Some programs write backslashes, as their own system does.
        names = self.archive.namelist()
        self._names = {name.lower().replace("\\", "/"): name for name in names}
        self._relations: dict[str, tuple[Relation, ...]] = {}

    def __enter__(self) -> "Package":
        return self

    def __exit__(self, *_: object) -> None:
        self.archive.close()

    def has(self, part: str) -> bool:
        """Whether the package holds a part; part names do not distinguish capitals."""
        return part.lower() in self._names

    def member(self, part: str) -> str:
        """The zip member of a part. Raises KeyError naming a part that is missing."""
        if not self.has(part):
            raise MissingPart(f"the part {part} is missing from the file")
        return self._names[part.lower()]

    def relations(self, part: str) -> tuple[Relation, ...]:
        """What a part of the package points to inside it."""
        if part not in self._relations:
            self._relations[part] = tuple(self._related(part))
        return self._relations[part]

    def _related(self, part: str) -> Iterator[Relation]:
        folder, name = posixpath.split(part)
        listing = posixpath.join(folder, "_rels", f"{name}.rels")
        if self.has(listing):
            for node in self.root(listing).findall("{*}Relationship"):
                if node.get("TargetMode") != "External":
                    yield Relation(
                        id=node.get("Id", ""),
                        kind=node.get("Type", "").rpartition("/")[2],
                        part=_target(folder, node.get("Target", "")),
                    )

    def root(self, part: str) -> Element:
        """The XML of a part."""
        return parsed(self.archive.read(self.member(part)))

    def content_type(self, part: str) -> str:
        """What the package says a part is: by its name, or else by its ending."""
        types = self.root("[Content_Types].xml")
        for node in types.iterfind("{*}Override"):
            if node.get("PartName", "").lstrip("/").casefold() == part.casefold():
                return node.get("ContentType", "")
        ending = part.rpartition(".")[2].casefold()
        for node in types.iterfind("{*}Default"):
            if node.get("Extension", "").casefold() == ending:
                return node.get("ContentType", "")
        return ""

    @cached_property
    def workbook_part(self) -> str:
        """The name of the main part, usually `xl/workbook.xml`."""
        named = {it.part for it in self.relations("") if it.kind == "officeDocument"}
        if len(named) > 1:
            raise MissingPart(
                f"{' and '.join(sorted(named))} are both named as the workbook, "
                "and programs differ in which one they read"
            )
        for part in named:
            return part
        raise MissingPart("the part that describes the workbook is missing from the file")

    @cached_property
    def workbook(self) -> Element:
        """The XML of the main part."""
        return self.root(self.workbook_part)

    @cached_property
    def format_codes(self) -> list[str]:
        """The number format of each cell format, in the order in which cells refer to them."""
        from xl_compliance.workbook.sheet_xml import codes_of_styles

        return codes_of_styles(self)

    @cached_property
    def epoch_1904(self) -> bool:
        """Whether dates count from 1904 instead of 1900."""
        properties = self.workbook.find("{*}workbookPr")
        given = "0" if properties is None else properties.get("date1904", "0")
        if given.lower() not in ("0", "1", "false", "true"):
            raise DamagedSheet(f'whether its days count from 1904 is said as "{given[:20]}"')
        return given.lower() in ("1", "true")

    @cached_property
    def signed(self) -> bool:
        """Whether it is digitally signed; a signature does not hold for a changed copy."""
        return any(relation.kind == "origin" for relation in self.relations(""))

    @cached_property
    def _tabs(self) -> list[tuple[str, str, bool]]:
        """Name, relation and visibility of every tab."""
        return [
            (
                node.get("name", ""),
                _relationship_id(node),
                node.get("state", "visible") == "visible",
            )
            for node in self.workbook.findall("{*}sheets/{*}sheet")
        ]

    @cached_property
    def sheet_names(self) -> list[str]:
        """All tabs in order, chart sheets too: `localSheetId` counts them."""
        return [name for name, _, _ in self._tabs]

    @cached_property
    def sheets(self) -> list[SheetPart]:
        """The worksheets in order. Chart, dialog and macro sheets are not worksheets."""
        targets = {it.id: it for it in self.relations(self.workbook_part)}
        sheets = []
        for name, key, visible in self._tabs:
            if not key:  # old .xlsm files list names with nothing behind them
                continue
            if key not in targets:
                raise MissingPart(f"the sheet {name} points to no part of the file")
            if targets[key].kind == "worksheet":
                sheets.append(SheetPart(name, visible, targets[key].part))
            elif self.root(targets[key].part).tag == f"{{{MAIN}}}worksheet":
                said = f'the sheet "{name}" is listed as a {targets[key].kind} and holds cells'
                raise DamagedSheet(said)
        _refuse_twice([it.name for it in sheets], "sheets")
        _refuse_twice([it.part for it in sheets], "sheets lie in the one part that")
        return sheets

    def remarks(self) -> Iterator[Remark]:
        """Which tabs are not read, though something may stand in them."""
        targets = {it.id: it for it in self.relations(self.workbook_part)}
        for name, key, _ in self._tabs:
            if not key:
                yield Remark(name, "", "this sheet is listed, but nothing stands behind it")
            elif targets[key].kind in _CELLS_NOT_READ:
                yield Remark(name, "", "this is a macro or dialog sheet: it was not read")


def _refuse_twice(names: list[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        folded = name.casefold()
        if folded in seen:
            raise DamagedSheet(f'two {what} are named "{name}"')
        seen.add(folded)


def _relationship_id(node: Element) -> str:
    return next((value for key, value in node.items() if _RELATIONSHIP_ID.fullmatch(key)), "")


def _target(folder: str, target: str) -> str:
    """The part that a relation names, which may count from the root or from its own folder."""
    target = unquote(target)
    if target.startswith("/"):
        return posixpath.normpath(target).lstrip("/")
    return posixpath.normpath(posixpath.join(folder, target))


def open_package(path: Path) -> Package:
    """Open a workbook's zip file from memory, or say why this file is not a workbook."""
    data = _bytes(path)
    problem = _problem_of_content(data)
    if problem:
        raise UnreadableWorkbook(path, problem[0], EXPECTED, problem[1])
    try:
        package = Package(data)
    except (BadZipFile, EOFError, ValueError, NotImplementedError) as error:
        raise _damaged(path, error) from error
    with failures_told(path):
        problem = _problem_of_members(package) or _problem_of_archive(package.archive, data)
        problem = problem or _problem_of_workbook(package)
    if problem:
        raise UnreadableWorkbook(path, problem[0], EXPECTED, problem[1])
    return package


def _bytes(path: Path, suffixes: tuple[str, ...] = SUFFIXES) -> bytes:
    problem = _problem_of_name(path.name)
    if problem:
        raise UnreadableWorkbook(path, problem[0], EXPECTED, problem[1])
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            os.listdir(path)  # a search hands over a folder that it could not look into
        problem = _problem_of_kind(found.st_mode) or _problem_of_size(found.st_size)
        problem = problem or _problem_of_suffix(path.suffix.lower(), suffixes)
        if problem is None:
            return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        problem = ("there is no such file", "Check the name and the folder")
    except PermissionError as error:
        problem = (
            f"this {'folder' if path.is_dir() else 'file'} may not be read ({_detail(error)})",
            "Close it where it is open, or ask for permission to read it",
        )
    except (OSError, ValueError) as error:
        problem = (
            f"this file could not be read ({_detail(error)})",
            "Check the drive and the name",
        )
    raise UnreadableWorkbook(path, problem[0], EXPECTED, problem[1])


def _problem_of_name(name: str) -> tuple[str, str] | None:
    if name.startswith("~$"):
        owner = name.removeprefix("~$")
        return (f"this is the lock file of {owner} while that is open", f"Read {owner} instead")
    if name.startswith(".~lock."):
        owner = name.removeprefix(".~lock.").removesuffix("#")
        return (f"this is the lock file of {owner} while that is open", f"Read {owner} instead")
    return None


def _problem_of_kind(mode: int) -> tuple[str, str] | None:
    if stat.S_ISDIR(mode):
        return ("this is a folder", "Name a workbook in it")
    if not stat.S_ISREG(mode):
        return ("this is a device or a pipe, not a file", "Save the workbook as a file first")
    return None


def _problem_of_size(size: int) -> tuple[str, str] | None:
    too_much = limit("file_bytes").passed_by(size)
    return (f"this file has {too_much}", _WHERE_FROM) if too_much else None


def _problem_of_suffix(suffix: str, suffixes: tuple[str, ...]) -> tuple[str, str] | None:
    if suffix in suffixes:
        return None
    known = {
        ".xlsb": "a binary workbook (.xlsb)",
        ".xls": "an old .xls workbook",
        ".xltx": "a workbook template (.xltx)",
        ".xltm": "a workbook template (.xltm)",
        ".ods": "an OpenDocument spreadsheet (.ods)",
        ".csv": "a text file (.csv)",
    }
    found = known.get(suffix) or (f"a {suffix} file" if suffix else "a file without an extension")
    return (f"this is {found}", _save_as("Excel"))


def _problem_of_content(data: bytes) -> tuple[str, str] | None:
    if not data:
        return ("this file is empty (0 bytes)", "Save or copy the workbook again")
    if data.startswith(_OLE2):
        return _problem_of_ole2(data)
    if data.startswith(_ZIP):
        return None
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"urn:schemas-microsoft-com:office:spreadsheet" in start:
        return ("this is an XML Spreadsheet 2003 under an Excel name", _save_as("Excel"))
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<table")) or b"<html" in start:
        return ("this is an HTML page under an Excel name", _save_as("Excel"))
    if start.startswith(b"%pdf"):
        return ("this is a PDF under an Excel name", "Find the workbook that it was printed from")
    if _is_text(data):
        return ("this is a text file (CSV?) under an Excel name", _save_as("Excel"))
    return ("this is not a zip file, as every workbook is", "Save or copy the workbook again")


ENCRYPTED: Final = (
    "this workbook is encrypted with a password",
    "Open it in Excel, remove the password (File, Info, Protect Workbook) and save a copy",
)


def is_encrypted(data: bytes) -> bool:
    """Whether a file is an encrypted package, whatever its name says."""
    return data.startswith(_OLE2) and "EncryptedPackage".encode("utf-16-le") in data


def _problem_of_ole2(data: bytes) -> tuple[str, str]:
    if is_encrypted(data):
        return ENCRYPTED
    return ("this is an old .xls workbook under an .xlsx name", _save_as("Excel"))


def _problem_of_members(package: Package) -> tuple[str, str] | None:
    if package.has("mimetype") and b"opendocument" in package.archive.read("mimetype"):
        return (
            "this is an OpenDocument file (.ods) under an Excel name",
            _save_as("LibreOffice or Excel"),
        )
    if package.has("xl/workbook.bin"):
        return ("this is a binary workbook (.xlsb) under another name", _save_as("Excel"))
    if not package.has("[Content_Types].xml") or not package.has("_rels/.rels"):
        return ("this is a zip file that holds no workbook", "Unpack it and name the workbook")
    if package.has("word/document.xml") or package.has("ppt/presentation.xml"):
        return ("this is a Word or PowerPoint file under an Excel name", "Name the workbook")
    return None


_BOUNDS = Bounds(limit("parts"), limit("part_bytes"), limit("unpacked_bytes"), limit("ratio"))


def _problem_of_archive(archive: ZipFile, data: bytes) -> tuple[str, str] | None:
    fault = first_fault(archive, data, _BOUNDS)
    if fault is None:
        return None
    return (f"{fault.part}: {fault.found}" if fault.part else fault.found, fault.remedy)


def refuse_archive(path: Path, data: bytes, expected: str) -> None:
    """Raise `UnreadableWorkbook` for a zip file of another kind that goes beyond the limits."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            problem = _problem_of_archive(archive, data)
    except (BadZipFile, EOFError, ValueError, NotImplementedError):
        return  # its reader says what is wrong with it
    if problem:
        raise UnreadableWorkbook(path, problem[0], expected, problem[1])


def _problem_of_workbook(package: Package) -> tuple[str, str] | None:
    if package.workbook.tag.startswith(_STRICT):
        return ("this is a Strict Open XML workbook", _save_as("Excel"))
    if package.workbook.tag != f"{{{MAIN}}}workbook":
        return ("its main part is no workbook", "Name the workbook")
    content = package.content_type(package.workbook_part)
    if not _WORKBOOK_TYPE.fullmatch(content):
        said = f'the type of its main part is given as "{_one_line(content)[:80]}"'
        return (f"{said}, which is no workbook", _save_as("Excel"))
    too_many = limit("sheets").passed_by(len(package.sheet_names))
    if too_many:
        return (f"it has {too_many}", _WHERE_FROM)
    if not package.sheets:
        return ("this workbook has no worksheet", "Name a workbook that has one")
    for sheet in package.sheets:
        package.member(sheet.part)
    return None


def _is_text(data: bytes) -> bool:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not any(byte < 9 or 13 < byte < 32 for byte in data[:4096])


def _save_as(program: str) -> str:
    return f"Open it in {program} and save it as .xlsx"


def _damaged(path: Path, error: BaseException) -> UnreadableWorkbook:
    return UnreadableWorkbook(
        path,
        f"this file is cut short or damaged ({_detail(error)})",
        EXPECTED,
        "Copy or download it again, or let Excel repair it (File, Open, Open and Repair)",
    )


def _detail(error: BaseException) -> str:
    """What an exception and those behind it say, the one that started it last."""
    told: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        # str() of a KeyError is the repr of what it was raised with
        said = cause.args[0] if isinstance(cause, KeyError) and cause.args else cause
        text = _one_line(str(said)).rstrip(". ")
        told.append(f"{type(cause).__name__}: {text}" if text else type(cause).__name__)
        cause = cause.__cause__
    return ", because of ".join(told)


def _one_line(text: str) -> str:
    """Text that is safe to print: line breaks become spaces, other controls question marks."""
    text = re.sub(r"\s+", " ", text)
    return "".join("?" if unicodedata.category(it)[0] == "C" else it for it in text).strip()


# ---------------------------------------------------------------- the cells, tables and names


def _read_names(package: Package) -> tuple[DefinedName, ...]:
    scopes: dict[str | None, str | None] = {None: None}
    scopes |= {str(index): name for index, name in enumerate(package.sheet_names)}
    nodes = package.workbook.findall("{*}definedNames/{*}definedName")
    too_many = limit("defined_names").passed_by(len(nodes))
    if too_many:
        raise TooMuch(f"it has {too_many}")
    return tuple(
        DefinedName(node.get("name", ""), node.text or "", scopes[node.get("localSheetId")])
        for node in nodes
        if node.get("localSheetId") in scopes  # one left behind by a deleted sheet means nothing
    )


def _read_tables(package: Package, sheet: SheetPart) -> Iterator[Table]:
    for relation in package.relations(sheet.part):
        if relation.kind == "table":
            yield _table(package.root(relation.part), sheet.name)


def _table(root: Element, sheet: str) -> Table:
    name = root.get("displayName") or root.attrib["name"]
    area = root.get("ref", "")
    first, _, last = area.partition(":")
    try:
        (top, left), (bottom, right) = parse_address(first), parse_address(last or first)
    except ValueError:
        raise DamagedSheet(f'table "{name}" is said to stand at {area[:40]}') from None
    headers = int(root.get("headerRowCount", "1"))
    totals = int(root.get("totalsRowCount", "0"))
    columns = root.findall("{*}tableColumns/{*}tableColumn")
    names = tuple(unescaped(column.get("name", "")) for column in columns)
    _refuse_twice(list(names), f'columns of table "{name}"')
    if not (bottom <= LAST_ROW and right <= LAST_COLUMN and top <= bottom and left <= right):
        raise DamagedSheet(f'table "{name}" is said to stand at {area[:40]}')
    if right - left + 1 != len(names):
        raise DamagedSheet(f'table "{name}" at {area} is said to have {len(names)} columns')
    if headers not in (0, 1) or totals not in (0, 1) or bottom - top + 1 < headers + totals:
        said = f"{headers} rows of headers and {totals} of totals at {area}"
        raise DamagedSheet(f'table "{name}" is said to have {said}')
    return Table(
        name=name,
        sheet=sheet,
        first_row=top + headers,
        first_column=left,
        headers=names,
        row_count=bottom - top + 1 - headers - totals,
        has_headers=headers > 0,
        has_totals=totals > 0,
    )


def _read_sheets(package: Package, remarks: list[Remark]) -> tuple[Sheet, ...]:
    from xl_compliance.workbook.sheet_xml import SheetReader, UnusualSheet

    try:
        reader = SheetReader(package)
        found = []
        for sheet in package.sheets:
            with _damage_of(sheet):
                found.append(reader.read(sheet.part))
    except (UnusualSheet, ValueError, KeyError, IndexError, ParseError):
        # What it cannot read, openpyxl may; and what neither can, openpyxl explains.
        return _read_sheets_by_openpyxl(package)
    for sheet, it in zip(package.sheets, found, strict=True):
        _check_tables(package, sheet, it.table_parts)
        remarks += [Remark(sheet.name, address, _LOST_FORMULA) for address in it.lost]
    return tuple(
        Sheet(
            sheet.name,
            sheet.visible,
            it.grid,
            it.hidden_rows,
            it.hidden_columns,
            it.arrays,
            it.merged,
        )
        for sheet, it in zip(package.sheets, found, strict=True)
    )


_LOST_FORMULA = "its formula is said to be that of a cell which is not there: it was not read"


@contextmanager
def _damage_of(sheet: SheetPart) -> Iterator[None]:
    try:
        yield
    except DamagedSheet as error:
        raise DamagedSheet(f'sheet "{sheet.name}": {error}') from None


def _check_tables(package: Package, sheet: SheetPart, named: Sequence[str]) -> None:
    """A table that the sheet names must be there: what stood in it would be read as nothing."""
    known = {it.id for it in package.relations(sheet.part) if it.kind == "table"}
    for name in named:
        if name not in known:
            raise DamagedSheet(f'sheet "{sheet.name}" has a table ({name}) that is not in the file')


def _read_sheets_by_openpyxl(package: Package) -> tuple[Sheet, ...]:
    """The same cells by openpyxl, slowly: for sheets that are written in an unusual way."""
    from xl_compliance.workbook.sheet_xml import kinds_of_styles, shared_strings

    strings, kinds = shared_strings(package), kinds_of_styles(package)
    structures = []
    for sheet in package.sheets:
        with _damage_of(sheet), package.archive.open(package.member(sheet.part)) as stream:
            structures.append(structure_by_parsing(stream, len(strings)))
        _check_tables(package, sheet, structures[-1].table_parts)
    for part in ("[Content_Types].xml", "docProps/core.xml", "docProps/custom.xml"):
        if package.has(part):
            package.root(part)  # openpyxl reads it too, and this refuses what it should not
    sheets = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they are about what openpyxl could not write again
        formulas = _load(package.data, strings, cached=False)
        values = _load(package.data, strings, cached=True)
        try:
            for sheet, it in zip(package.sheets, structures, strict=True):
                books = formulas[sheet.name], values[sheet.name]
                arrays: dict[tuple[int, int], str] = {}
                cells = _cells(*books, kinds, package.epoch_1904, arrays)
                sheets.append(
                    Sheet(
                        sheet.name,
                        sheet.visible,
                        cells,
                        frozenset(it.hidden_rows),
                        frozenset(it.hidden_columns),
                        arrays,
                        tuple(it.merged),
                    )
                )
        finally:
            formulas.close()
            values.close()
    return tuple(sheets)


def _load(data: bytes, strings: list[str], *, cached: bool) -> Any:
    from openpyxl import load_workbook

    # The read-only way neither blanks what lies under merged cells nor stumbles over drawings
    # and pivot tables. Tables, which it leaves out, are read above.
    book = load_workbook(BytesIO(data), read_only=True, data_only=cached, keep_links=False)
    # openpyxl makes #VALUE! of a serial outside its calendar, and rounds times its own way: with
    # no format known as a date it hands over the number.
    book._date_formats = frozenset()
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # some programs write a dimension that leaves cells out
        # openpyxl takes the escape out of _x005F_x000D_, which then reads as a control character.
        sheet._shared_strings = [_Resolved(text) for text in strings]
    return book


class _Resolved(str):
    """A text in which spelled-out characters are resolved already."""

    __slots__ = ()


def _cells(
    formulas: Any,
    values: Any,
    kinds: list[str],
    epoch_1904: bool,
    arrays: dict[tuple[int, int], str],
) -> dict[tuple[int, int], Cell]:
    texts: dict[tuple[int, int], str] = {}
    for row in formulas.iter_rows():
        for cell in row:
            if cell.data_type == "f":
                texts[cell.row, cell.column] = _formula_text(cell.value)
                if hasattr(cell.value, "text") and cell.value.ref:
                    arrays[cell.row, cell.column] = filled_area(cell.value.ref)
    cells: dict[tuple[int, int], Cell] = {}
    for row in values.iter_rows():
        for cell in row:
            if not hasattr(cell, "row"):  # openpyxl's filler between cells knows no position
                continue
            position = (cell.row, cell.column)
            formula = texts.get(position)
            if formula is None and cell.value is None:
                continue
            style = cell._style_id
            kind = kinds[style] if style < len(kinds) else "number"
            value = _value(cell, formula is not None, kind, epoch_1904)
            cells[position] = Cell(truth_behind(value, formula), formula)
    return cells


def _formula_text(formula: Any) -> str:
    if isinstance(formula, str):
        return formula
    if hasattr(formula, "text"):
        return str(formula.text)
    return data_table_text({key: getattr(formula, key) for key in ("r1", "r2", "dt2D", "dtr")})


def data_table_text(formula: Mapping[str, Any]) -> str:
    """A what-if table as Excel shows it: TABLE(row input cell, column input cell).

    >>> data_table_text({"r1": "B1", "dtr": "1"})
    '=TABLE(B1,)'
    """
    first, second = formula.get("r1") or "", formula.get("r2") or ""
    if formula.get("dt2D") in ("1", "true", True):
        return f"=TABLE({first},{second})"
    return f"=TABLE({first},)" if formula.get("dtr") in ("1", "true", True) else f"=TABLE(,{first})"


def _value(cell: Any, has_formula: bool, kind: str, epoch_1904: bool) -> CellValue:
    value = cell.value
    if value is None:
        # A formula that gave "" has the type of text and no content; one never calculated has
        # no type either.
        return "" if has_formula and cell.data_type == "str" else _missing(has_formula)
    if cell.data_type == "e":
        return ExcelError(value)
    if isinstance(value, str):
        return str(value) if isinstance(value, _Resolved) else unescaped(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return from_serial_of_kind(value, kind, epoch_1904)
    return spelled_out_date(value)


TRUTHS: Final[Mapping[str | bytes | None, bool]] = {
    "=TRUE()": True,
    "=FALSE()": False,
    b">TRUE()": True,
    b">FALSE()": False,
}
"""Formulas of a truth value, as text and as they stand in the XML."""


def truth_behind(value: CellValue, formula: str | bytes | None) -> CellValue:
    """A cell's value; LibreOffice saves TRUE as the formula TRUE() with the number 1 as its result.

    >>> truth_behind(0, "=FALSE()"), truth_behind(0, "=A1"), truth_behind("x", "=TRUE()")
    (False, 0, 'x')
    """
    is_number = isinstance(value, int | float)
    return TRUTHS[formula] if is_number and formula in TRUTHS else value


def spelled_out_date(value: Any) -> CellValue:
    """A date that a cell spells out, as the snapshot holds it: to the second, spans in days."""
    if isinstance(value, timedelta):
        return value.total_seconds() / _SECONDS_PER_DAY
    if isinstance(value, datetime):
        return _to_second(value)
    if isinstance(value, date | time):
        return value
    return str(value)


def number(value: float) -> int | float:
    """A number of a cell: whole ones as `int`, so that 1 and 1.0 are one number.

    >>> number(7.0), number(1.43)
    (7, 1.43)
    """
    return int(value) if value.is_integer() and abs(value) <= _LARGEST_WHOLE else value


def _missing(has_formula: bool) -> CellValue:
    return NOT_CALCULATED if has_formula else None


def _to_second(moment: datetime) -> datetime:
    return (moment + timedelta(microseconds=500_000)).replace(microsecond=0)


def unescaped(text: str) -> str:
    """Resolve `_x000D_`, which is how the format spells characters that XML does not allow.

    >>> unescaped("Price_x000D_ and _x005F_x000D_")
    'Price\\r and _x000D_'
    """
    return _ESCAPED.sub(_unescaped_character, text) if "_x" in text else text


def _unescaped_character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return match[0] if 0xD800 <= code <= 0xDFFF else chr(code)


def from_serial(serial: int | float, number_format: str, epoch_1904: bool) -> CellValue:
    """A number as Excel shows it: a datetime, to the second, where the format is one of dates.

    A number stays one where there is no such date: an elapsed time, a negative number, and 0
    in a date format, which is what a link to an empty cell gives.

    >>> from_serial(45000.5, "yyyy-mm-dd", False)
    datetime.datetime(2023, 3, 15, 12, 0)
    """
    return from_serial_of_kind(serial, kind_of_format(number_format), epoch_1904)


def from_serial_of_kind(serial: int | float, kind: str, epoch_1904: bool) -> CellValue:
    """The same for a format known to show a `number`, a `date` or a `time`."""
    if kind == "number" or not math.isfinite(serial):
        return serial
    if 0 <= serial < 1:
        return _time_of_day(serial) if kind == "time" else serial
    last = _LAST_SERIAL_1900 - (_DAYS_1900_TO_1904 if epoch_1904 else 0)
    if not 0 <= serial <= last:
        return serial
    return _moment(serial, epoch_1904)


def _moment(serial: int | float, epoch_1904: bool) -> datetime | int | float:
    days, fraction = divmod(serial, 1)
    clock = timedelta(seconds=round(fraction * _SECONDS_PER_DAY))
    if epoch_1904:
        return datetime(1904, 1, 1) + timedelta(days=days) + clock
    if days == _FICTIONAL_LEAP_DAY:  # 29 February 1900, which Excel counts and nobody lived
        return serial
    start = datetime(1899, 12, 31) if days < _FICTIONAL_LEAP_DAY else datetime(1899, 12, 30)
    return start + timedelta(days=days) + clock


def _time_of_day(serial: int | float) -> time | int | float:
    seconds = round(serial * _SECONDS_PER_DAY)
    if seconds == _SECONDS_PER_DAY:
        return serial
    return (datetime.min + timedelta(seconds=seconds)).time()
