"""Stores results beside the formulas of a workbook, as if Excel had calculated them.

openpyxl writes formulas without values, so whoever opens such a workbook without our functions
sees nothing. The copy made here differs from its source in the results of the named cells only.
"""

import math
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape
from zipfile import ZipFile, ZipInfo

from xl_compliance.workbook.snapshot import (
    ExcelError,
    Package,
    SheetPart,
    failures_told,
    format_address,
    open_package,
    parse_address,
)
from xl_compliance.workbook.versions import Version, refuse_another

Result = bool | int | float | str | date | ExcelError
"""What a formula can result in; `ExcelError` and `bool` are told apart from their base types."""

LONGEST_TEXT: Final = 32_767
"""The most characters that Excel keeps in a cell."""

_MAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_PATH_OF_CELL = ("worksheet", "sheetData", "row", "c")
_START_TAG = re.compile(rb"""<([^\s/>]+)((?:\s+[^\s=]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(/?)>""")
# vm points to a rich value, which Excel would show in place of the result stored here.
_STALE = re.compile(rb"""\s+(?:t|vm)\s*=\s*(?:"[^"]*"|'[^']*')""")
_NEEDS_ESCAPE = re.compile(r"[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")

_Position = tuple[int, int]


def store_cached_values(
    source: str | Path,
    target: str | Path,
    values: Mapping[tuple[str, str], Result],
    version: Version | None = None,
) -> None:
    """Write a copy of a workbook in which formula cells carry these results.

    `values` maps sheet name and address to a result; a cell that an array formula fills counts as
    a formula cell. Every other byte of every part stays as it
    is, and so does the workbook's own instruction to calculate when loaded. `version` is the one
    that the results were worked out from.

    Raises `ValueError` where the target is the source, a cell is not a formula of the workbook
    or a result cannot be stored, and `UnreadableWorkbook` for a source that is no workbook.
    """
    source, target = Path(source), Path(target)
    if same_file(source, target):
        raise ValueError(f"{target} is the source: name another file for the copy")
    with open_package(source) as package:
        refuse_another(source, version)
        with failures_told(source):
            members = [(info, package.archive.read(info)) for info in package.archive.infolist()]
        changed = {
            package.member(sheet.part): _with_results(package, sheet, results)
            for sheet, results in _by_sheet(package, values).items()
        }
        members = [(info, changed.get(info.filename, content)) for info, content in members]
        write_package(target, members, package.archive.comment)


def same_file(source: Path, target: Path) -> bool:
    """Whether two paths lead to one file, whether it is there yet or not."""
    if target.exists() and source.exists():
        return source.samefile(target)
    return os.path.realpath(source) == os.path.realpath(target)


def _by_sheet(
    package: Package, values: Mapping[tuple[str, str], Result]
) -> dict[SheetPart, dict[_Position, Result]]:
    sheets = {sheet.name.casefold(): sheet for sheet in package.sheets}
    grouped: dict[SheetPart, dict[_Position, Result]] = {}
    for (name, address), result in values.items():
        sheet = sheets.get(name.casefold())
        if sheet is None:
            raise ValueError(f"{_reference(name, address)}: the workbook has no sheet {name!r}")
        results = grouped.setdefault(sheet, {})
        position = parse_address(address)
        if position in results:
            raise ValueError(f"{_reference(name, address)} is given twice")
        results[position] = result
    return grouped


def _reference(sheet: str, address: str) -> str:
    quoted = sheet if sheet.isalnum() else "'" + sheet.replace("'", "''") + "'"
    return f"{quoted}!{address}"


# ---------------------------------------------------------------- where the cells are


@dataclass
class _FormulaCell:
    """Byte offsets of a cell: its start, the end of its formula, and its stale contents.

    `filled` is for a cell that has no formula of its own but lies in the range of an array's.
    """

    start: int
    formula_end: int = -1
    filled: bool = False
    stale: list[tuple[int, int]] = field(default_factory=list)


class _Finder:
    """Finds the formula cells among the wanted positions, by their offsets in a sheet's XML."""

    def __init__(self, xml: bytes, wanted: Iterable[_Position]) -> None:
        self._xml = xml
        self._wanted = frozenset(wanted)
        self._path: list[str] = []
        self._row = self._column = 0
        self._cell: _FormulaCell | None = None
        self._child_start = 0
        self._arrays: list[tuple[_Position, _Position]] = []
        self.found: dict[_Position, _FormulaCell] = {}
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        parse_utf8(self._parser, xml)
        for position, cell in self.found.items():
            cell.filled = cell.formula_end < 0 and any(
                first[0] <= position[0] <= last[0] and first[1] <= position[1] <= last[1]
                for first, last in self._arrays
            )

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        namespace, _, name = tag.rpartition(" ")
        self._path.append(name if namespace in _MAIN else tag)
        depth = len(self._path)
        if depth == 3 and name == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._column = 0
        elif depth == 4 and tuple(self._path) == _PATH_OF_CELL:
            self._start_cell(attributes.get("r"))
        elif depth == 5:
            if name == "f" and attributes.get("t") == "array" and ":" in attributes.get("ref", ""):
                first, last = attributes["ref"].split(":")
                self._arrays.append((parse_address(first), parse_address(last)))
            if self._cell:
                self._child_start = self._parser.CurrentByteIndex

    def _start_cell(self, address: str | None) -> None:
        # Rows and cells may leave out where they are; then they follow the one before.
        position = parse_address(address) if address else (self._row, self._column + 1)
        self._column = position[1]
        if position in self._wanted:
            self._cell = self.found[position] = _FormulaCell(self._parser.CurrentByteIndex)

    def _end(self, _tag: str) -> None:
        name, depth = self._path.pop(), len(self._path)
        if depth == 3:
            self._cell = None
        elif depth == 4 and self._cell:
            self._end_child(self._cell, name)

    def _end_child(self, cell: _FormulaCell, name: str) -> None:
        end = self._end_of_element(self._child_start)
        if name == "f":
            cell.formula_end = end
        elif name in ("v", "is"):
            cell.stale.append((self._child_start, end))

    def _end_of_element(self, start: int) -> int:
        tag = start_tag(self._xml, start)
        if tag[3]:  # <v/> has no end tag
            return tag.end()
        return self._xml.index(b">", self._parser.CurrentByteIndex) + 1


def parse_utf8(parser: expat.XMLParserType, xml: bytes) -> None:
    """Run a parser over a part; `ValueError` where byte offsets would not be those of the text."""
    parser.XmlDeclHandler = _declaration
    parser.StartDoctypeDeclHandler = _doctype
    if xml.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ValueError("its XML is written in UTF-16, not UTF-8")
    parser.Parse(xml, True)


def _declaration(_version: str, encoding: str | None, _standalone: int) -> None:
    if (encoding or "utf-8").lower() not in ("utf-8", "utf8", "us-ascii"):
        raise ValueError(f"its XML is written in {encoding}, not UTF-8")


def _doctype(*_: object) -> None:
    raise ValueError("its XML declares a document type, which no workbook may")


def start_tag(xml: bytes, start: int) -> re.Match[bytes]:
    """The tag that starts at an offset: its name, its attributes, and "/" where it ends itself."""
    tag = _START_TAG.match(xml, start)
    assert tag is not None, "expat has accepted the XML, so a tag starts here"
    return tag


# ---------------------------------------------------------------- putting results there


def _with_results(package: Package, sheet: SheetPart, results: Mapping[_Position, Result]) -> bytes:
    xml = package.archive.read(package.member(sheet.part))
    try:
        found = _Finder(xml, results).found
    except (ValueError, expat.ExpatError) as error:
        raise ValueError(f"the sheet {sheet.name!r} cannot be read: {error}") from error
    splices: list[tuple[int, int, bytes]] = []
    for position, result in results.items():
        reference = _reference(sheet.name, format_address(*position))
        cell = found.get(position)
        if cell is None or (cell.formula_end < 0 and not cell.filled):
            raise ValueError(f"{reference} is not a formula cell of this workbook")
        kind, text = _stored(reference, result, package.epoch_1904)
        splices += _splices(xml, cell, kind, text)
    return spliced(xml, splices)


def _splices(xml: bytes, cell: _FormulaCell, kind: str, text: str) -> list[tuple[int, int, bytes]]:
    """The replacements in one cell, as start, end and new bytes."""
    tag = start_tag(xml, cell.start)
    attributes = _STALE.sub(b"", tag[2])
    typed = attributes + (f' t="{kind}"'.encode() if kind else b"")
    prefix = tag[1][: -len(b"c")].decode()
    space = ' xml:space="preserve"' if text != text.strip() else ""
    value = f"<{prefix}v{space}>{text}</{prefix}v>".encode()
    if cell.filled and tag[3]:  # <c r="B3"/> has neither content nor end tag
        value = b">" + value + f"</{prefix}c>".encode()
        return [(tag.start(2), tag.end(2), typed), (tag.start(3), tag.end(), value)]
    place = tag.end() if cell.filled else cell.formula_end
    return [
        (tag.start(2), tag.end(2), typed),
        (place, place, value),
        *((start, end, b"") for start, end in cell.stale),
    ]


def spliced(xml: bytes, splices: list[tuple[int, int, bytes]]) -> bytes:
    """The bytes with stretches replaced: start, end and what stands there instead."""
    pieces = []
    position = 0
    for start, end, new in sorted(splices):
        pieces += [xml[position:start], new]
        position = end
    return b"".join([*pieces, xml[position:]])


def _stored(reference: str, result: Result, epoch_1904: bool) -> tuple[str, str]:
    """The type attribute and the text with which the format stores a result."""
    if isinstance(result, ExcelError):
        return "e", escape(result)
    if isinstance(result, bool):
        return "b", str(int(result))
    if isinstance(result, str):
        if len(result) > LONGEST_TEXT:
            raise ValueError(f"{reference}: {len(result)} characters; {LONGEST_TEXT} fit in a cell")
        return "str", escape(_NEEDS_ESCAPE.sub(_escaped_character, result))
    if isinstance(result, int):
        return "", str(int(result))
    if isinstance(result, float):
        if not math.isfinite(result):
            raise ValueError(f"{reference}: {result} is not a number that a cell can hold")
        return "", repr(float(result))
    if isinstance(result, date):
        return "", repr(_serial(reference, result, epoch_1904))
    raise ValueError(f"{reference}: a cell cannot hold {type(result).__name__} {result!r}")


def _escaped_character(match: re.Match[str]) -> str:
    return f"_x{ord(match[0]):04X}_"


def _serial(reference: str, moment: date, epoch_1904: bool) -> int | float:
    """A date as Excel counts it; whole days for a date without a time."""
    timed = isinstance(moment, datetime)
    point = moment if isinstance(moment, datetime) else datetime.combine(moment, time.min)
    if point.tzinfo is not None:
        raise ValueError(f"{reference}: {moment} has a time zone, which a cell cannot hold")
    if point < (datetime(1904, 1, 1) if epoch_1904 else datetime(1900, 3, 1)):
        raise ValueError(f"{reference}: {moment} is before the dates that Excel counts")
    since = point - (datetime(1904, 1, 1) if epoch_1904 else datetime(1899, 12, 30))
    return since.total_seconds() / 86_400 if timed else since.days


# ---------------------------------------------------------------- writing the copy


def write_package(target: Path, members: list[tuple[ZipInfo, bytes]], comment: bytes) -> None:
    """Write beside the target first, so that no one ever finds half a workbook there."""
    unfinished = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        with unfinished.open("xb") as stream, ZipFile(stream, "w") as copy:
            copy.comment = comment
            for info, content in members:
                copy.writestr(_same_entry(info), content)
        os.replace(unfinished, target)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _same_entry(info: ZipInfo) -> ZipInfo:
    entry = ZipInfo(info.filename, info.date_time)
    entry.compress_type = info.compress_type
    entry.comment = info.comment
    entry.create_system = info.create_system
    entry.internal_attr = info.internal_attr
    entry.external_attr = info.external_attr
    return entry
