"""Mappings: a TOML file that says where the cap tables of a workbook are and what they hold.

One table of the file is one cap table: its sheet, the row of its header, its first and last rows,
the column with the names, what each further column holds, and the rows that are no holders.

    workbook = "captable-*.xlsx"
    skip = ["Old cap table"]

    [[table]]
    sheet = "Cap"
    header = 4
    first_row = 5
    last_row = 12
    names = "B"

    [table.columns]
    C = "class"
    D = { role = "class", name = "Series A" }
    E = "fully diluted"
    F = "percent fully diluted"

    [table.rows]
    11 = "pool"
    12 = "total"

`workbook` is a pattern for the names of the files that the mapping is for; without it, it is for
every workbook with one of its sheets. Sheets that it does not name are searched as always.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from xl_compliance.deal.cap_table import CapTable, CapTables, Column, Row
from xl_compliance.deal.cap_table_cells import Cells, is_blank
from xl_compliance.deal.cap_table_reading import find_cap_tables
from xl_compliance.deal.cap_table_words import Role, RowKind
from xl_compliance.workbook.number_formats import Formats
from xl_compliance.workbook.snapshot import (
    CellValue,
    Sheet,
    Snapshot,
    format_address,
    parse_address,
)

_ROLES = {role.value: role for role in Role if role is not Role.HOLDER}
_KINDS = {kind.value: kind for kind in RowKind}
_TABLE_KEYS = ("sheet", "header", "first_row", "last_row", "names", "columns", "rows")
_LAST_ROW = 1_048_576


class MappingMistake(Exception):
    """Something in a mapping file that cannot be used, and what to write instead.

    >>> print(MappingMistake(Path("map.toml"), "table 1, columns.C", '"clas"', 'a role: "class"'))
    map.toml: table 1, columns.C: "clas" was read. Expected a role: "class".
    """

    def __init__(self, path: Path, key: str, read: str, expected: str) -> None:
        super().__init__(path, key, read, expected)
        self.path, self.key, self.read, self.expected = path, key, read, expected

    def __str__(self) -> str:
        where = f"{self.key}: " if self.key else ""
        return f"{self.path.name}: {where}{self.read} was read. Expected {self.expected}."


@dataclass(frozen=True, slots=True)
class MappedTable:
    """One cap table as a mapping lays it down."""

    sheet: str
    header: int
    first_row: int
    last_row: int
    names: int
    columns: tuple[tuple[int, Role, str], ...]
    rows: tuple[tuple[int, RowKind], ...]


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping file."""

    path: Path
    workbook: str
    skip: tuple[str, ...]
    tables: tuple[MappedTable, ...]

    def is_for(self, snapshot: Snapshot) -> bool:
        """Whether the mapping speaks of this workbook."""
        if self.workbook:
            return fnmatch(snapshot.path.name.casefold(), self.workbook.casefold())
        named = [table.sheet for table in self.tables] or list(self.skip)
        return any(snapshot.sheet(name) for name in named)


def read_cap_tables(snapshot: Snapshot, mapping: Mapping | None = None) -> CapTables:
    """The cap tables of a workbook: those a mapping lays down, and those found by themselves.

    Raises `MappingMistake` where the mapping is for this workbook and names a sheet it lacks.
    """
    formats = Formats(snapshot)
    if mapping is None or not mapping.is_for(snapshot):
        return find_cap_tables(snapshot, formats)
    laid_down = [
        _laid_down(snapshot, mapping, index, formats) for index in range(len(mapping.tables))
    ]
    skip = [*mapping.skip, *(table.sheet for table in laid_down)]
    found = find_cap_tables(snapshot, formats, skip)
    return CapTables(snapshot.path, (*laid_down, *found.tables), found.not_understood)


def _laid_down(snapshot: Snapshot, mapping: Mapping, index: int, formats: Formats) -> CapTable:
    table = mapping.tables[index]
    sheet = snapshot.sheet(table.sheet)
    if sheet is None:
        known = ", ".join(f'"{it.name}"' for it in snapshot.sheets)
        key = f"table {index + 1}, sheet"
        expected = f"a sheet of {snapshot.path.name}: {known}"
        raise MappingMistake(mapping.path, key, f'"{table.sheet}"', expected)
    columns = [_column(sheet, table, table.names, Role.HOLDER, "")]
    columns += [_column(sheet, table, *described) for described in table.columns]
    columns.sort(key=lambda it: it.number)
    lines = [
        number
        for number in range(table.first_row, table.last_row + 1)
        if any(not is_blank(sheet.cell(number, it.number).value) for it in columns)
    ]
    cells = {
        it.number: _cells(sheet, it.number, lines) for it in columns if it.role is not Role.HOLDER
    }
    return CapTable(
        sheet=sheet.name,
        visible=sheet.visible,
        header_row=table.header,
        columns=tuple(columns),
        rows=tuple(_rows(sheet, table, columns, lines, cells)),
        cells=cells,
        mapped=True,
        formats=formats,
    )


def _column(sheet: Sheet, table: MappedTable, number: int, role: Role, name: str) -> Column:
    header = sheet.cell(table.header, number)
    address = format_address(table.header, number)
    shown = name or _label(header.value)
    return Column(number, role, shown or f"column {address[: -len(str(table.header))]}", address)


def _label(value: CellValue) -> str:
    return "" if is_blank(value) else " ".join(str(value).split())


def _cells(sheet: Sheet, column: int, lines: Sequence[int]) -> Cells:
    found = [sheet.cell(line, column) for line in lines]
    raw = [None if is_blank(it.value) else it.value for it in found]
    written = {line: it.formula for line, it in zip(lines, found, strict=True) if it.formula}
    return Cells(column, lines, raw, written)


def _rows(
    sheet: Sheet,
    table: MappedTable,
    columns: Sequence[Column],
    lines: Sequence[int],
    cells: dict[int, Cells],
) -> Iterator[Row]:
    kinds = dict(table.rows)
    counted = [cells[it.number] for it in columns if it.role.is_shares or it.role.is_percent]
    for index, number in enumerate(lines):
        leaf = any(it.raw[index] is not None for it in counted)
        kind = kinds.get(number, RowKind.HOLDER if leaf else RowKind.SECTION)
        label = _label(sheet.cell(number, table.names).value)
        yield Row(index, number, kind, label, table.names, cells)


# ---------------------------------------------------------------- reading the file


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file. Raises `MappingMistake` for whatever in it cannot be used."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        reason = f"no file ({problem.strerror})"
        raise MappingMistake(path, "", reason, "a mapping file (TOML)") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        expected = "TOML, as xl-compliance inspect --write-mapping writes it"
        raise MappingMistake(path, "", f"something else than TOML ({problem})", expected) from None
    reader = _Reader(path)
    reader.known(data, ("workbook", "skip", "table"), "")
    tables = reader.of(data, "table", list, "tables, each under [[table]]", [])
    skip = reader.of(data, "skip", list, "a list of sheet names", [])
    return Mapping(
        path=path,
        workbook=reader.of(data, "workbook", str, "the name of a workbook", ""),
        skip=tuple(reader.text(name, "skip", "the name of a sheet") for name in skip),
        tables=tuple(reader.table(it, f"table {n}, ") for n, it in enumerate(tables, start=1)),
    )


class _Reader:
    """Reads the parts of a mapping file and says where one cannot be used."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def table(self, data: Any, at: str) -> MappedTable:
        if not isinstance(data, dict):
            raise self.mistake(at.rstrip(", "), data, "a table under [[table]]")
        self.known(data, _TABLE_KEYS, at)
        header = self.row(data, "header", at, 1)
        first = self.row(data, "first_row", at, header + 1)
        last = self.row(data, "last_row", at, first)
        names = self.letter(data.get("names"), f"{at}names")
        columns = self.of(data, "columns", dict, "columns under [table.columns]", {}, at)
        rows = self.of(data, "rows", dict, "rows under [table.rows]", {}, at)
        described = tuple(self.column(key, it, f"{at}columns.{key}") for key, it in columns.items())
        if not any(role.is_shares for _, role, _ in described):
            expected = 'at least one column that is "class", "right", "total" or the like'
            raise self.mistake(f"{at}columns", columns, expected)
        if names in (number for number, *_ in described):
            raise self.mistake(f"{at}columns", columns, "the column of the names not among them")
        return MappedTable(
            sheet=self.text(data.get("sheet"), f"{at}sheet", "the name of a sheet"),
            header=header,
            first_row=first,
            last_row=last,
            names=names,
            columns=described,
            rows=tuple(self.kind(key, it, at, first, last) for key, it in rows.items()),
        )

    def column(self, key: str, data: Any, at: str) -> tuple[int, Role, str]:
        name = ""
        if isinstance(data, dict):
            self.known(data, ("role", "name"), f"{at}.")
            name = self.of(data, "name", str, "a name", "", f"{at}.")
            data = data.get("role")
        return self.letter(key, at), self.word(data, _ROLES, at, "what the column holds"), name

    def kind(self, key: str, data: Any, at: str, first: int, last: int) -> tuple[int, RowKind]:
        where = f"{at}rows.{key}"
        if not key.isdigit() or not first <= int(key) <= last:
            raise self.mistake(where, key, f"the number of a row from {first} to {last}")
        return int(key), self.word(data, _KINDS, where, "what the row is")

    def word(self, data: Any, words: dict[str, Any], at: str, what: str) -> Any:
        if isinstance(data, str) and data.casefold().strip() in words:
            return words[data.casefold().strip()]
        close = get_close_matches(str(data).casefold(), words, n=1)
        listed = ", ".join(f'"{word}"' for word in words)
        hint = f' (did you mean "{close[0]}"?)' if close else ""
        raise self.mistake(at, data, f"{what}: one of {listed}{hint}")

    def letter(self, data: Any, at: str) -> int:
        try:
            return parse_address(f"{data}1")[1] if isinstance(data, str) else _not_a_letter()
        except ValueError:
            raise self.mistake(at, data, 'the letter of a column, such as "B"') from None

    def row(self, data: dict[str, Any], key: str, at: str, least: int) -> int:
        value = data.get(key)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _LAST_ROW:
            raise self.mistake(f"{at}{key}", value, f"the number of a row, {least} or more")
        return value

    def text(self, data: Any, at: str, what: str) -> str:
        if not isinstance(data, str) or not data.strip():
            raise self.mistake(at, data, what)
        return data

    def of(
        self, data: dict[str, Any], key: str, kind: type, what: str, default: Any, at: str = ""
    ) -> Any:
        value = data.get(key, default)
        if not isinstance(value, kind):
            raise self.mistake(f"{at}{key}", value, what)
        return value

    def known(self, data: dict[str, Any], keys: Sequence[str], at: str) -> None:
        for key in data:
            if key not in keys:
                listed = ", ".join(keys)
                raise self.mistake(f"{at}{key}", data[key], f"one of the keys {listed}")

    def mistake(self, at: str, data: Any, expected: str) -> MappingMistake:
        read = "nothing" if data is None else _written(data)
        return MappingMistake(self.path, at, read, expected)


def _not_a_letter() -> int:
    raise ValueError


def _written(data: Any) -> str:
    text = f'"{data}"' if isinstance(data, str) else str(data)
    return text if len(text) <= 60 else f"{text[:57]}..."


# ---------------------------------------------------------------- writing one


def mapping_text(found: CapTables) -> str:
    """The mapping of what was found, as TOML to be edited."""
    roles = ", ".join(f'"{word}"' for word in _ROLES)
    kinds = ", ".join(f'"{word}"' for word in _KINDS)
    lines = [
        "# What xl-compliance understood of the cap tables in this workbook, to be corrected.",
        f"# A column is one of {roles}.",
        f"# A row is one of {kinds}; rows that are not listed are holders.",
        f"workbook = {_quoted(found.path.name)}",
        "skip = []",
    ]
    for table in found.tables:
        lines += ["", *_table_lines(table)]
    for doubt in found.not_understood:
        lines += ["", f"# {doubt.sheet}!{doubt.address}: {_comment(doubt.message)}"]
    return "\n".join(lines) + "\n"


def _table_lines(table: CapTable) -> Iterator[str]:
    yield "[[table]]"
    yield f"sheet = {_quoted(table.sheet)}"
    yield f"header = {table.header_row}"
    yield f"first_row = {table.rows[0].number}"
    yield f"last_row = {table.rows[-1].number}"
    yield f'names = "{table.holder_column.letter}"'
    yield ""
    yield "[table.columns]"
    for column in table.columns:
        if column.role is not Role.HOLDER:
            name = f", name = {_quoted(column.name)}" if column.name else ""
            yield f'{column.letter} = {{ role = "{column.role.value}"{name} }}'
    others = [row for row in table.rows if row.kind is not RowKind.HOLDER]
    if others:
        yield ""
        yield "[table.rows]"
        yield from (f'{it.number} = "{it.kind.value}"  # {_comment(it.label)}' for it in others)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    plain = "".join(it if it.isprintable() else f"\\u{ord(it):04x}" for it in escaped)
    return f'"{plain}"'


def _comment(text: str) -> str:
    return "".join(it if it.isprintable() else " " for it in text)
