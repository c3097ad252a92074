"""Reads the cells of a worksheet in one pass over its XML: values and formula texts together.

Rows as every spreadsheet program writes them are taken apart by one regular expression; a row
that is written in any other way is parsed as XML. `UnusualSheet` says that a sheet is not written
as this module expects; the caller then reads it by openpyxl, which gives the same cells.
"""

import re
from collections.abc import Callable, Collection, ItemsView, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any, Final, NamedTuple
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from xl_compliance.workbook.collector import uncollected
from xl_compliance.workbook.format_codes import BUILT_IN, kind_of_format
from xl_compliance.workbook.limits import TooMuch, limit
from xl_compliance.workbook.sheet_structure import (
    MAIN,
    DamagedSheet,
    check_parts,
    column_of,
    filled_area,
    hidden_columns,
    is_no_size,
    merged_in,
    moment_of,
    number_of_column,
    out_of_sight,
    row_of,
    table_parts_in,
    text_index,
)
from xl_compliance.workbook.snapshot import (
    NOT_CALCULATED,
    TRUTHS,
    Cell,
    CellValue,
    Dimension,
    ExcelError,
    Package,
    data_table_text,
    format_address,
    from_serial_of_kind,
    spelled_out_date,
    truth_behind,
    unescaped,
)

_CHUNK: Final = 1 << 22
_PLAIN: Final = ord(">")
_MEMO: Final = 100_000
_WORKSHEET: Final = re.compile(rb"<worksheet\b[^>]*>")
_SHEET_DATA: Final = re.compile(rb"<sheetData\s*(/?)>")
_ROW: Final = re.compile(rb"\s*<row\b([^>]*?)(/?)>\s*")
_ROW_NUMBER: Final = re.compile(rb'(?<!\S)r="([^"]*)"')
_ROW_ATTRIBUTES: Final = re.compile(rb'(?:\s+[\w:.-]+="[^"<]*")*+\s*+')
_SINGLY_QUOTED: Final = re.compile(rb"""(?:\s+[\w:.-]+=(?:'[^'<"]*'|"[^"<']*"))*+\s*+""")
_ROWS_ELSEWHERE: Final = re.compile(rb"<(?:row|sheetData)[\s/>]")
_HIDDEN: Final = re.compile(rb'(?<!\S)hidden="(?:1|true)"')
_HEIGHT: Final = re.compile(rb'(?<!\S)ht="([^"]*)"')
_COLUMN: Final = re.compile(rb"<col\b([^>]*)>")
_HIDDEN_OTHERWISE: Final = re.compile(rb"""(?:hidden|width)(?:\s+=|=\s+|=\s*')""")
# The column and row of a cell, its attributes, the inside of its formula element, the beginning of
# a text spelled out, the value. The inside of a formula is the end of its start tag and its text,
# or a slash where the element is empty.
_CELL: Final = re.compile(
    rb'<c r="([A-Z]++)([0-9]++)"([^>/]*+)(?:/>|>(?:<f([^>/]*+(?:>[^<]*+(?=</f)|/))(?:</f)?>)?+'
    rb'(?:(?:<v(?: xml:space="preserve")?+>|(<is>)<t(?: xml:space="preserve")?+>(?!<))([^<]*+)'
    rb"(?:</v>|</t></is>)|<v ?/>)?+</c>)"
)
_GROUPS: Final = 7
_ATTRIBUTES: Final = re.compile(rb'\s+(?:(s)="(\d+)"|(t)="(\w+)"|(?:cm|vm|ph)="\w+")')
_ATTRIBUTE: Final = re.compile(rb'\s+([\w:]+)="([^"]*)"')
_ENTITY: Final = re.compile(r"&(?:#(\d+)|#x([0-9A-Fa-f]+)|(amp|lt|gt|quot|apos));|&")
_UNKNOWN_ENTITY: Final = re.compile(rb"&(?!(?:#\d+|#x[0-9A-Fa-f]+|amp|lt|gt|quot|apos);)")
_ENTITIES: Final = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_SIMPLE_STRING: Final = re.compile(
    rb'<si><t(?: xml:space="preserve")?>([^<]*)</t></si>|<si><t ?/></si>|<si ?/>'
)

_TRUTHS: Final = {b"0": False, b"1": True, b"false": False, b"true": True}
_LONGEST_NUMBER: Final = 308

Convert = Callable[[bytes], CellValue]


class UnusualSheet(Exception):
    """A sheet written in a way that only a full XML reader follows."""


class _Row(NamedTuple):
    """The cells of a row: where each column stands in the lists, values as read, formulas.

    A formula is kept as it stands in the XML, after a `>`, until someone asks for it.
    """

    places: Mapping[int, int]
    values: Sequence[CellValue]
    formulas: Sequence[str | bytes | None] | None

    def used(self) -> Collection[int]:
        """The columns of cells that are not blank."""
        if None not in self.values:
            return self.places.keys()
        formulas = self.formulas or [None] * len(self.values)
        return [
            column
            for column, place in self.places.items()
            if self.values[place] is not None or formulas[place] is not None
        ]

    def at(self, place: int) -> tuple[CellValue, str | None]:
        """Value and formula."""
        value = self.values[place]
        formula = self.formulas[place] if self.formulas else None
        if isinstance(formula, bytes):
            return value, f"={text_of(formula[1:])}"
        return value, formula


class Grid(Mapping[tuple[int, int], Cell]):
    """The cells of a sheet by row and column, kept row by row; a `Cell` is made when asked for."""

    def __init__(self, rows: dict[int, _Row]) -> None:
        self._rows = rows

    def __getitem__(self, position: tuple[int, int]) -> Cell:
        row, column = position
        found = self._rows[row]
        value, formula = found.at(found.places[column])
        if value is None and formula is None:
            raise KeyError(position)
        return Cell(value, formula)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return ((row, column) for row, column, _, _ in self.in_rows())

    def items(self) -> ItemsView[tuple[int, int], Cell]:
        """Position and cell, each row looked up once."""
        return _Items(self)

    def __len__(self) -> int:
        return sum(1 for _ in self.in_rows())

    def __bool__(self) -> bool:
        return any(True for _ in self.in_rows())

    def in_rows(self) -> Iterator[tuple[int, int, CellValue, str | None]]:
        """Row, column, value and formula of every cell, without making `Cell` objects."""
        for row, found in self._rows.items():
            values, formulas = found.values, found.formulas
            for column, place in found.places.items():
                value = values[place]
                if formulas is not None and formulas[place] is not None:
                    yield row, column, *found.at(place)
                elif value is not None:
                    yield row, column, value, None

    def formulas(self) -> Iterator[tuple[int, int, str]]:
        """Row, column and text of every formula."""
        for row, found in self._rows.items():
            if found.formulas is not None:
                for column, place in found.places.items():
                    if found.formulas[place] is not None:
                        yield row, column, found.at(place)[1] or ""

    def all_values(self) -> Iterator[tuple[tuple[int, int], CellValue]]:
        """Position and value of every cell, blank ones included."""
        for row, found in self._rows.items():
            for column, place in found.places.items():
                yield (row, column), found.values[place]

    def dimension(self) -> Dimension | None:
        """The used rectangle."""
        rows: list[int] = []
        columns: set[int] = set()
        for row, found in self._rows.items():
            used = found.used()
            if used:
                rows.append(row)
                columns.update(used)
        if not rows:
            return None
        return Dimension(min(rows), min(columns), max(rows), max(columns))


class _Items(ItemsView[tuple[int, int], Cell]):
    _mapping: Grid

    def __iter__(self) -> Iterator[tuple[tuple[int, int], Cell]]:
        for row, column, value, formula in self._mapping.in_rows():
            yield (row, column), Cell(value, formula)


@dataclass(frozen=True)
class Cells:
    """What a worksheet's XML says: its cells, what is hidden and merged, its tables' relations.

    `lost` has the cells whose formula is written at another cell that is not there.
    """

    grid: Mapping[tuple[int, int], Cell]
    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]
    arrays: Mapping[tuple[int, int], str]
    merged: tuple[str, ...] = ()
    table_parts: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


class _Plan(NamedTuple):
    """How rows of one shape are read: columns, converters, and what a formula without value is.

    `inline` says which cells spell their text out.
    """

    places: dict[int, int]
    converts: list[Convert]
    uncalculated: Sequence[CellValue]
    inline: Sequence[bool]


class SheetReader:
    """Reads the worksheets of one package; texts and number formats are read once for all."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self.strings = shared_strings(package)
        self.kinds = kinds_of_styles(package)
        self._by_kind = {kind: _dates(kind, package.epoch_1904) for kind in ("date", "time")}

    def read(self, part: str) -> Cells:
        """The cells of one worksheet. Raises `UnusualSheet` for one to be read otherwise."""
        with self._package.archive.open(self._package.member(part)) as stream, uncollected():
            return _Scan(self, stream).cells()

    def converter(self, kind: str, style: int) -> Convert:
        """What turns the text of a cell of this type and style into its value."""
        if kind == "n":
            by_date = self._by_kind.get(self.kinds[style] if style < len(self.kinds) else "number")
            return by_date or _number
        if kind == "s":
            return self._text
        try:
            return _CONVERTERS[kind]
        except KeyError:
            raise DamagedSheet(f'a cell is said to be of type "{kind[:20]}"') from None

    def _text(self, raw: bytes) -> str:
        try:
            if raw.isdigit():
                return self.strings[int(raw)]
        except IndexError:
            pass
        return self.strings[text_index(raw.decode(), len(self.strings), "a cell")]


def text_of(raw: bytes) -> str:
    """Characters of XML as text, entities resolved."""
    text = raw.decode()
    return _ENTITY.sub(_entity, text) if "&" in text else text


def _entity(match: re.Match[str]) -> str:
    if match[1]:
        return chr(int(match[1]))
    if match[2]:
        return chr(int(match[2], 16))
    if match[3]:
        return _ENTITIES[match[3]]
    raise UnusualSheet("an entity that XML does not define")


def _number(raw: bytes) -> int | float:
    if b"_" in raw or len(raw) > _LONGEST_NUMBER:  # Python takes the one, and not the other
        return float(raw.replace(b"_", b"?"))
    return float(raw) if b"." in raw or b"E" in raw or b"e" in raw else int(raw)


def _truth(raw: bytes) -> bool:
    return _TRUTHS[raw]


def _moment(raw: bytes) -> CellValue:
    return spelled_out_date(moment_of(text_of(raw)))


_CONVERTERS: Final[Mapping[str, Convert]] = {
    "b": _truth,
    "str": lambda raw: unescaped(text_of(raw)),
    "inlineStr": lambda raw: unescaped(text_of(raw)),
    "e": lambda raw: ExcelError(text_of(raw)),
    "d": _moment,
}


def _dates(kind: str, epoch_1904: bool) -> Convert:
    """A converter of serial numbers; days repeat, so what was read once is kept."""
    known: dict[bytes, CellValue] = {}

    def convert(raw: bytes) -> CellValue:
        if raw not in known:
            if len(known) >= _MEMO:
                known.clear()
            known[raw] = from_serial_of_kind(_number(raw), kind, epoch_1904)
        return known[raw]

    return convert


def shared_strings(package: Package) -> list[str]:
    """The texts that cells of a workbook refer to by number."""
    part = next((it.part for it in package.relations(package.workbook_part) if _is_strings(it)), "")
    if not part or not package.has(part):
        return []
    xml = package.archive.read(package.member(part))
    if b"\r" not in xml and b"<!" not in xml and not xml.startswith((b"\xff\xfe", b"\xfe\xff")):
        simple = _SIMPLE_STRING.findall(xml)
        if len(simple) == len(re.findall(rb"<si[ />]", xml)) == xml.count(b"<si"):
            if b"&" not in xml and b"_x" not in xml:
                return [raw.decode() for raw in simple]
            return [unescaped(text_of(raw)) for raw in simple]
    root = fromstring(xml, forbid_dtd=True)
    return [unescaped(string_content(item)) for item in root.findall("{*}si")]


def _is_strings(relation: Any) -> bool:
    return bool(relation.kind == "sharedStrings")


def string_content(item: Element) -> str:
    """The text of a string item: plain and rich runs, without phonetic hints."""
    runs = [*item.findall("{*}t"), *item.findall("{*}r/{*}t")]
    return "".join(run.text or "" for run in runs)


def kinds_of_styles(package: Package) -> list[str]:
    """For each cell format whether it shows a `number`, a `date` or a `time`."""
    return [kind_of_format(code) for code in codes_of_styles(package)]


def codes_of_styles(package: Package) -> list[str]:
    """The number format of each cell format, in the order in which cells refer to them."""
    related = package.relations(package.workbook_part)
    part = next((it.part for it in related if it.kind == "styles"), "")
    if not part or not package.has(part):
        return []
    root = package.root(part)
    own = {it.get("numFmtId"): it.get("formatCode", "") for it in root.iterfind("{*}numFmts/*")}
    formats = [xf.get("numFmtId", "0") for xf in root.iterfind("{*}cellXfs/{*}xf")]
    too_many = limit("cell_formats").passed_by(len(formats))
    if too_many:
        raise TooMuch(f"it has {too_many}")
    return [own[it] if it in own else BUILT_IN.get(int(it), BUILT_IN[0]) for it in formats]


class _Scan:
    """One pass over the XML of one worksheet."""

    def __init__(self, reader: SheetReader, stream: IO[bytes]) -> None:
        self._reader = reader
        self._stream = stream
        self._rows: dict[int, _Row] = {}
        self._row = 0
        self._hidden: set[int] = set()
        self._plans: dict[tuple[bytes, ...], _Plan | None] = {}
        self._shared: dict[str, Any] = {}
        self._arrays: dict[tuple[int, int], str] = {}
        self._lost: list[str] = []
        self._opening = self._tail = b""

    def cells(self) -> Cells:
        head, rest = self._until_data()
        if rest is not None:
            self._read_rows(rest)
        return Cells(
            Grid(self._rows),
            frozenset(self._hidden),
            frozenset(_hidden_columns(head)),
            self._arrays,
            merged_in(self._tail),
            table_parts_in(self._tail),
            tuple(self._lost),
        )

    def _until_data(self) -> tuple[bytes, bytes | None]:
        """What stands before the rows, and the first of them; None for a sheet without rows."""
        buffer = b""
        while chunk := self._stream.read(_CHUNK):
            buffer += chunk
            if start := _SHEET_DATA.search(buffer):
                head, rest = buffer[: start.start()], buffer[start.end() :]
                self._check_head(head)
                if start[1]:
                    self._check_end(rest + self._stream.read())
                    return head, None
                return head, rest
        raise UnusualSheet("no sheetData")

    def _check_head(self, head: bytes) -> None:
        declared = head[:200].split(b"?>")[0].lower()
        opening = _WORKSHEET.search(head)
        if opening is None or b"<!" in head or head.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise UnusualSheet("its beginning")
        if b"encoding=" in declared and b"utf-8" not in declared:
            raise UnusualSheet("its encoding")
        if (
            MAIN.encode() not in opening[0]
            or _ROWS_ELSEWHERE.search(head)
            or _HIDDEN_OTHERWISE.search(head)
        ):
            raise UnusualSheet("its beginning")
        self._opening = opening[0]

    def _check_end(self, tail: bytes) -> None:
        if b"</worksheet" not in tail[-2000:]:
            raise UnusualSheet("its end")
        if _ROWS_ELSEWHERE.search(tail) or b"<!" in tail:
            raise UnusualSheet("what follows its rows")
        self._tail = tail

    def _read_rows(self, buffer: bytes) -> None:
        while True:
            end = buffer.find(b"</sheetData>")
            last = buffer.rfind(b"</row>", 0, end if end >= 0 else len(buffer)) + len(b"</row>")
            if last >= len(b"</row>"):
                self._rows_in(buffer[: last - len(b"</row>")])
                buffer = buffer[last:]
                end -= last
            if end >= 0:
                if buffer[self._row_start(buffer) : end].strip():
                    raise UnusualSheet("its rows")
                self._check_end(buffer[end:] + self._stream.read())
                return
            chunk = self._stream.read(_CHUNK)
            if not chunk:
                raise UnusualSheet("its end")
            buffer += chunk

    def _rows_in(self, xml: bytes) -> None:
        if b"<!" in xml or b"<?" in xml:
            raise UnusualSheet("comments or sections between its cells")
        if _UNKNOWN_ENTITY.search(xml):
            raise UnusualSheet("an entity that XML does not define")
        xml.decode()
        returns = b"\r" in xml
        for piece in xml.split(b"</row>"):
            start = self._row_start(piece)
            opening = _ROW.match(piece, start)
            if opening is None or opening[2]:
                raise UnusualSheet("its rows")
            self._begin(opening[1])
            body = piece[opening.end() :]
            if (returns and b"\r" in body) or not self._fast(body):
                self._parsed(piece[start:] + b"</row>")

    def _row_start(self, piece: bytes) -> int:
        """Pass over rows without cells; where the first one with cells starts, or the end."""
        position = 0
        while (match := _ROW.match(piece, position)) and match[2]:
            self._begin(match[1])
            position = match.end()
        return position

    def _begin(self, attributes: bytes) -> None:
        if not _ROW_ATTRIBUTES.fullmatch(attributes):
            if not _SINGLY_QUOTED.fullmatch(attributes):
                raise UnusualSheet("the attributes of its rows")
            attributes = attributes.replace(b"'", b'"')
        given = _ROW_NUMBER.search(attributes)
        self._row = row_of(given[1].decode() if given else None, self._row)
        if self._row in self._rows:
            raise DamagedSheet(f"row {self._row} stands there twice")
        height = _HEIGHT.search(attributes)
        if (b"hidden" in attributes and _HIDDEN.search(attributes)) or (
            height and is_no_size(height[1])
        ):
            self._hidden.add(self._row)

    def _fast(self, body: bytes) -> bool:
        """Read a row by the expression; False where some of it is written otherwise."""
        parts = _CELL.split(body)
        if any(parts[0::_GROUPS]):
            return False
        letters, attributes, insides = parts[1::_GROUPS], parts[3::_GROUPS], parts[4::_GROUPS]
        if parts[2::_GROUPS].count(b"%d" % self._row) < len(letters):
            return False  # a cell of another row among them
        shape = tuple(letters + attributes)
        try:
            plan = self._plans[shape]
        except KeyError:
            plan = self._plans[shape] = self._plan(letters, attributes)
        if plan is None or not _spelled_as_said(plan, parts[5::_GROUPS], parts[6::_GROUPS]):
            return False
        values = self._values(plan, parts[6::_GROUPS])
        if insides.count(None) == len(insides):
            self._keep(_Row(plan.places, values, None))
            return True
        if not all(inside is None or inside[0] == _PLAIN for inside in insides):
            insides = self._formulas(plan, insides)
        if None in values:
            for place, formula in enumerate(insides):
                if formula is not None and values[place] is None:
                    values[place] = plan.uncalculated[place]
        if not TRUTHS.keys().isdisjoint(insides):
            values = [truth_behind(*each) for each in zip(values, insides, strict=True)]
        self._keep(_Row(plan.places, values, insides))
        return True

    def _values(self, plan: _Plan, raws: Sequence[bytes | None]) -> list[CellValue]:
        try:
            return [
                convert(raw) if raw else None
                for convert, raw in zip(plan.converts, raws, strict=True)
            ]
        except DamagedSheet as problem:
            raise DamagedSheet(f"row {self._row}: {problem}") from None

    def _keep(self, row: _Row) -> None:
        if row.places:
            self._rows[self._row] = row

    def _plan(self, letters: Sequence[bytes], attributes: Sequence[bytes]) -> _Plan | None:
        """How rows with these columns and attributes are read, if by the expression at all."""
        columns = [number_of_column(it.decode()) for it in letters]
        if len(set(columns)) < len(columns):
            return None
        converts: list[Convert] = []
        uncalculated: list[CellValue] = []
        inline: list[bool] = []
        for text in attributes:
            known = _ATTRIBUTES.sub(b"", text)
            if known.strip():
                return None
            found = {m[1] or m[3]: m[2] or m[4] for m in _ATTRIBUTES.finditer(text)}
            kind = found.get(b"t", b"n").decode()
            converts.append(self._reader.converter(kind, int(found.get(b"s", 0))))
            uncalculated.append("" if kind == "str" else NOT_CALCULATED)
            inline.append(kind == "inlineStr")
        places = dict(zip(columns, range(len(columns)), strict=True))
        return _Plan(places, converts, uncalculated, inline)

    def _formulas(self, plan: _Plan, insides: Sequence[bytes | None]) -> list[str | bytes | None]:
        return [
            inside
            if inside is None or inside[0] == _PLAIN
            else self._formula_inside(inside, column)
            for inside, column in zip(insides, plan.places, strict=True)
        ]

    def _formula_inside(self, inside: bytes, column: int) -> str:
        attributes, _, text = inside.partition(b">")
        found = {m[1].decode(): text_of(m[2]) for m in _ATTRIBUTE.finditer(attributes)}
        return self._formula(found, text_of(text), column)

    def _formula(self, attributes: Mapping[str, str], text: str, column: int) -> str:
        """A formula with attributes: shared ones are written out, what-if tables as TABLE()."""
        kind = attributes.get("t")
        if kind == "dataTable":
            return data_table_text(attributes)
        if kind == "array" and "ref" in attributes:
            self._arrays[self._row, column] = filled_area(attributes["ref"])
        if kind == "shared":
            return self._written_out(attributes.get("si", ""), text, column)
        return f"={text}"

    def _written_out(self, index: str, text: str, column: int) -> str:
        from openpyxl.formula.translate import Translator

        address = format_address(self._row, column)
        if index in self._shared:
            return str(self._shared[index].translate_formula(address))
        if text:
            self._shared[index] = Translator(f"={text}", address)
        else:
            self._lost.append(address)
        return f"={text}"

    # ------------------------------------------------------------ rows written otherwise

    def _parsed(self, row: bytes) -> None:
        root = fromstring(self._opening + row + b"</worksheet>", forbid_dtd=True)
        places: dict[int, int] = {}
        values: list[CellValue] = []
        formulas: list[str | None] = []
        column = 0
        for cell in root[0]:
            if cell.tag != f"{{{MAIN}}}c":
                if cell.tag.endswith("}extLst"):
                    continue
                raise DamagedSheet(f"between the cells of row {self._row} stands something else")
            column = column_of(cell.get("r"), self._row, column)
            address = format_address(self._row, column)
            if column in places:
                raise DamagedSheet(f"row {self._row} holds a cell twice ({address})")
            check_parts(cell, address)
            value, formula = self._cell(cell, column)
            places[column] = len(values)
            values.append(truth_behind(value, formula))
            formulas.append(formula)
        self._keep(_Row(places, values, formulas))

    def _cell(self, cell: Element, column: int) -> tuple[CellValue, str | None]:
        kind = cell.get("t", "n")
        node = cell.find("{*}f")
        formula = None
        if node is not None:
            formula = self._formula(node.attrib, node.text or "", column)
        if kind == "inlineStr" and cell.find("{*}v") is None:
            inline = cell.find("{*}is")
            content = None if inline is None else unescaped(string_content(inline))
            if content is None and formula is not None:
                return NOT_CALCULATED, formula
            return content, formula
        raw = cell.findtext("{*}v")
        if not raw:
            missing = "" if kind == "str" else NOT_CALCULATED
            return None if formula is None else missing, formula
        if kind == "str":
            return unescaped(raw), formula
        if kind == "e":
            return ExcelError(raw), formula
        convert = self._reader.converter(kind, int(cell.get("s") or "0"))
        return convert(raw.encode()), formula


def _spelled_as_said(
    plan: _Plan, spelled: Sequence[bytes | None], raws: Sequence[bytes | None]
) -> bool:
    """Whether the cells that spell a text out are those of the type that does."""
    if True not in plan.inline and spelled.count(None) == len(spelled):
        return True
    return all(
        raw is None or inline == (start is not None)
        for inline, start, raw in zip(plan.inline, spelled, raws, strict=True)
    )


def _hidden_columns(head: bytes) -> Iterator[int]:
    for match in _COLUMN.finditer(head):
        found = {key.decode(): text_of(value) for key, value in _ATTRIBUTE.findall(match[1])}
        if out_of_sight(found.get("hidden"), found.get("width")):
            yield from hidden_columns(found.get("min"), found.get("max"))


__all__ = [
    "Cells",
    "Grid",
    "SheetReader",
    "UnusualSheet",
    "codes_of_styles",
    "kinds_of_styles",
    "shared_strings",
]
