"""Reads the cells of a worksheet in one pass over its XML: values and formula texts together.

Rows as every spreadsheet program writes them are taken apart by one regular expression; a row
that is written in any other way is parsed as XML. `UnusualSheet` says that a sheet is not written
as this module expects; the caller then reads it by openpyxl, which gives the same cells.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import IO, TYPE_CHECKING, Any, Final
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import fromstring

from xl_compliance.functions.uncollected import uncollected
from xl_compliance.workbook.cell_values import (
    NUMBER,
    NUMBERS,
    SPELLED_OUT,
    Kind,
    Kinds,
    UnusualSheet,
    plain_numbers,
    text_of,
)
from xl_compliance.workbook.format_codes import BUILT_IN, kind_of_format
from xl_compliance.workbook.grid import Grid, Row
from xl_compliance.workbook.limits import TooMuch, limit
from xl_compliance.workbook.row_forms import SHORTEST, WORTH_LEARNING, Form, Forms, Plan
from xl_compliance.workbook.sheet_structure import (
    LAST_ROW,
    MAIN,
    DamagedSheet,
    check_parts,
    column_of,
    filled_area,
    hidden_columns,
    is_no_size,
    merged_in,
    number_of_column,
    out_of_sight,
    row_of,
    table_parts_in,
)
from xl_compliance.workbook.snapshot import (
    NOT_CALCULATED,
    TRUTHS,
    CellValue,
    ExcelError,
    Package,
    data_table_text,
    format_address,
    truth_behind,
    unescaped,
)

if TYPE_CHECKING:
    from xl_compliance.workbook.shared_formulas import SharedFormula

_CHUNK: Final = 1 << 18
_PLAIN: Final = ord(">")
_ROW_END: Final = b"</row>"
_MOST_PLANS: Final = 10_000
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
_ATTRIBUTES_AT, _RAWS_AT = 2, 5
_NEXT_ROW: Final = re.compile(rb"(</row>)?+\s*+<row\b([^>/]*+)>\s*+")
_ATTRIBUTE: Final = re.compile(rb'\s+([\w:]+)="([^"]*)"')
_UNKNOWN_ENTITY: Final = re.compile(rb"&(?!(?:#\d+|#x[0-9A-Fa-f]+|amp|lt|gt|quot|apos);)")
_SIMPLE_STRING: Final = re.compile(
    rb'<si><t(?: xml:space="preserve")?>([^<]*)</t></si>|<si><t ?/></si>|<si ?/>'
)


@dataclass(frozen=True)
class Cells:
    """What a worksheet's XML says: its cells, what is hidden and merged, its tables' relations.

    `lost` has the cells whose formula is written at another cell that is not there.
    """

    grid: Grid
    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]
    arrays: Mapping[tuple[int, int], str]
    merged: tuple[str, ...] = ()
    table_parts: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()


class SheetReader:
    """Reads the worksheets of one package; texts and number formats are read once for all."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._kinds = Kinds(shared_strings(package), package.format_codes, package.epoch_1904)

    def read(self, part: str) -> Cells:
        """The cells of one worksheet. Raises `UnusualSheet` for one to be read otherwise."""
        with self._package.archive.open(self._package.member(part)) as stream, uncollected():
            return _Scan(self._kinds, stream).cells()


def shared_strings(package: Package) -> list[str]:
    """The texts that cells of a workbook refer to by number."""
    part = next((it.part for it in package.relations(package.workbook_part) if _is_strings(it)), "")
    if not part or not package.has(part):
        return []
    xml = package.archive.read(package.member(part))
    if b"\r" not in xml and b"<!" not in xml and not xml.startswith((b"\xff\xfe", b"\xfe\xff")):
        simple = _SIMPLE_STRING.findall(xml)
        if len(simple) == xml.count(b"<si"):
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
    return [kind_of_format(code) for code in package.format_codes]


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

    def __init__(self, kinds: Kinds, stream: IO[bytes]) -> None:
        self._kinds = kinds
        self._stream = stream
        self._grid = Grid()
        self._row = 0
        self._hidden: set[int] = set()
        self._plans: dict[tuple[bytes, ...], Plan | None] = {}
        self._forms = Forms()
        self._shared: dict[bytes, SharedFormula] = {}
        self._arrays: dict[tuple[int, int], str] = {}
        self._lost: list[str] = []
        self._opening = self._tail = b""

    def cells(self) -> Cells:
        head, rest = self._until_data()
        if rest is not None:
            self._read_rows(rest)
        return Cells(
            self._grid,
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
        while chunk := self._read_on(buffer):
            buffer += chunk
            if start := _SHEET_DATA.search(buffer):
                head, rest = buffer[: start.start()], buffer[start.end() :]
                self._check_head(head)
                if start[1]:
                    self._check_end(rest + self._stream.read())
                    return head, None
                return head, rest
        raise UnusualSheet("no sheetData")

    def _read_on(self, buffer: bytes) -> bytes:
        """What follows in the file; the more, the more could not be made use of yet."""
        return self._stream.read(max(_CHUNK, len(buffer)))

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
            last = buffer.rfind(_ROW_END, 0, end if end >= 0 else len(buffer)) + len(_ROW_END)
            if last >= len(_ROW_END):
                self._rows_in(buffer[:last], is_last=end >= 0)
                buffer = buffer[last:]
                end -= last
            if end >= 0:
                if buffer[self._row_start(buffer) : end].strip():
                    raise UnusualSheet("its rows")
                self._check_end(buffer[end:] + self._stream.read())
                return
            chunk = self._read_on(buffer)
            if not chunk:
                raise UnusualSheet("its end")
            buffer += chunk

    def _rows_in(self, xml: bytes, is_last: bool) -> None:
        if (b"!" in xml and b"<!" in xml) or (b"?" in xml and b"<?" in xml):
            raise UnusualSheet("comments or sections between its cells")
        if b"&" in xml and _UNKNOWN_ENTITY.search(xml):
            raise UnusualSheet("an entity that XML does not define")
        if not xml.isascii():
            xml.decode()
        is_few = is_last and self._forms.form is None and xml.count(_ROW_END) < WORTH_LEARNING
        if is_few and self._few(xml):
            return
        start = 0
        while start < len(xml):
            form = None if b"\r" in xml else self._forms.form
            if form is None:
                start = self._one_by_one(xml, start, len(xml))
            else:
                start = self._by_form(form, xml, start)

    def _by_form(self, form: Form, xml: bytes, start: int) -> int:
        """Read rows of a form, and those between them; until where, if not to the end."""
        alike: list[re.Match[bytes]] = []
        for match in form.expression.finditer(xml, start):
            if match.start() != start:
                self._take(form, xml, alike)
                alike = []
                start = self._one_by_one(xml, start, match.start())
                if self._forms.form is not form:
                    return start
            alike.append(match)
            start = match.end()
        self._take(form, xml, alike)
        return self._one_by_one(xml, start, len(xml))

    def _take(self, form: Form, xml: bytes, alike: Sequence[re.Match[bytes]]) -> None:
        """Take in rows that were matched, as blocks if possible."""
        for rows in _following(alike):
            if len(rows) < SHORTEST or not self._taken(form, rows):
                self._one_by_one(xml, rows[0].start(), rows[-1].end(), learning=False)

    def _taken(self, form: Form, alike: Sequence[re.Match[bytes]]) -> bool:
        """Take in a block; False where it holds anything that is to be told of, or refused."""
        rows = range(int(alike[0][1]), int(alike[-1][1]) + 1)
        if rows[0] <= self._grid.last or rows[-1] > LAST_ROW:
            return False
        groups = zip(*[match.groups() for match in alike], strict=True)
        _, attributes = next(groups), next(groups)
        if not all(map(_ROW_ATTRIBUTES.fullmatch, set(attributes))):
            return False
        try:
            self._grid.add_block(form.block(rows, groups, self._shared))
        except (ValueError, LookupError, ArithmeticError, DamagedSheet):
            return False
        hidden = {it for it in set(attributes) if _is_hidden(it)}
        if hidden:
            self._hidden.update(
                row for row, it in zip(rows, attributes, strict=True) if it in hidden
            )
        self._row = rows[-1]
        return True

    def _few(self, xml: bytes) -> bool:
        """Read rows too few to learn from, their cells told apart all at once.

        False, with nothing read, where any of them is written otherwise or holds anything that is
        to be told of, or refused.
        """
        gaps, *cells = _taken_apart(xml)
        bounds = [place for place, gap in enumerate(gaps) if gap]
        openings = [_NEXT_ROW.fullmatch(gaps[place]) for place in bounds[:-1]]
        if b"\r" in xml or gaps[-1] != _ROW_END or bounds[0] or not all(openings):
            return False
        if [place for place, it in enumerate(openings) if it and not it[1]] != [0]:
            return False  # what ends a row stands before each but the first
        values = self._values_at_once(cells[_ATTRIBUTES_AT], cells[_RAWS_AT])
        if values is None:
            return False
        rows = zip(openings, pairwise(bounds), strict=True)
        for place, (opening, (start, end)) in enumerate(rows):
            self._begin(opening[2] if opening else b"")
            if not self._taken_in([it[start:end] for it in cells], values[start:end]):
                self._parsed(xml.split(_ROW_END)[place] + _ROW_END)
        return True

    def _values_at_once(
        self, attributes: Sequence[bytes], raws: Sequence[bytes | None]
    ) -> list[CellValue] | None:
        """The values of many cells; None where any of them is refused, or not plainly written."""
        try:
            kinds = {it: self._kinds.written(it) for it in set(attributes)}
            converts = {it: kind.converter.one for it, kind in kinds.items() if kind}
            numeric = {it for it, convert in converts.items() if convert is NUMBERS.one}
            cells = list(zip(attributes, raws, strict=True))
            numbers = plain_numbers([raw for it, raw in cells if raw and it in numeric])
            if numbers is None or len(converts) < len(kinds):
                return None
            following = iter(numbers)
            return [
                None if not raw else next(following) if it in numeric else converts[it](raw)
                for it, raw in cells
            ]
        except (ValueError, LookupError, ArithmeticError, DamagedSheet):
            return None

    def _one_by_one(self, xml: bytes, start: int, end: int, learning: bool = True) -> int:
        """Read each row by itself; until where, which may be before the end if a form is found."""
        while (close := xml.find(_ROW_END, start, end)) >= 0:
            self._one(xml[start:close])
            size = close + len(_ROW_END) - start
            start += size
            if learning and self._forms.learned((len(xml) - start) / size):
                return start
        rest = xml[start:end]
        if rest[self._row_start(rest) :].strip():
            raise UnusualSheet("its rows")
        return end

    def _one(self, piece: bytes) -> None:
        start = self._row_start(piece)
        opening = _ROW.match(piece, start)
        if opening is None or opening[2]:
            raise UnusualSheet("its rows")
        self._begin(opening[1])
        body = piece[opening.end() :]
        if b"\r" in body or not self._fast(body):
            self._parsed(piece[start:] + _ROW_END)

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
        if self._grid.holds(self._row):
            raise DamagedSheet(f"row {self._row} stands there twice")
        if _is_hidden(attributes):
            self._hidden.add(self._row)

    def _fast(self, body: bytes) -> bool:
        """Read a row by the expression; False where some of it is written otherwise."""
        gaps, *cells = _taken_apart(body)
        return not any(gaps) and self._taken_in(cells)

    def _taken_in(self, cells: Sequence[list[Any]], values: list[CellValue] | None = None) -> bool:
        """Take in a row by what its cells were taken apart into, and their values if known."""
        letters, rows, attributes, insides, spelled, raws = cells
        if rows.count(b"%d" % self._row) < len(letters):
            return False  # a cell of another row among them
        shape = tuple(letters + attributes)
        try:
            plan = self._plans[shape]
        except KeyError:
            if len(self._plans) >= _MOST_PLANS:
                self._plans.clear()
            plan = self._plans[shape] = self._plan(letters, attributes)
        if plan is None or not _spelled_as_said(plan, spelled, raws):
            return False
        if values is None:
            values = self._values(plan, raws)
        if insides.count(None) == len(insides):
            self._forms.saw(plan, ())
            self._keep(plan, values, None)
            return True
        self._forms.saw(plan, insides)
        formulas: list[str | bytes | None] = insides
        if {inside[0] for inside in insides if inside is not None} != {_PLAIN}:
            formulas = self._formulas(plan, insides)
        if None in values:
            for place, formula in enumerate(formulas):
                if formula is not None and values[place] is None:
                    values[place] = plan.kinds[place].uncalculated
        if not TRUTHS.keys().isdisjoint(formulas):
            values = [truth_behind(*each) for each in zip(values, formulas, strict=True)]
        self._keep(plan, values, formulas)
        return True

    def _values(self, plan: Plan, raws: Sequence[bytes | None]) -> list[CellValue]:
        try:
            return [
                convert(raw) if raw else None
                for convert, raw in zip(plan.converts, raws, strict=True)
            ]
        except DamagedSheet as problem:
            raise DamagedSheet(f"row {self._row}: {problem}") from None

    def _keep(
        self, plan: Plan, values: Sequence[CellValue], formulas: list[str | bytes | None] | None
    ) -> None:
        if plan.places:
            self._grid.add_row(Row(self._row, plan.places, values, formulas, plan.codes))

    def _plan(self, letters: Sequence[bytes], attributes: Sequence[bytes]) -> Plan | None:
        """How rows with these columns and attributes are read, if by the expression at all."""
        columns = [number_of_column(it.decode()) for it in letters]
        if len(set(columns)) < len(columns):
            return None
        kinds: list[Kind] = []
        for text in attributes:
            kind = self._kinds.written(text)
            if kind is None:
                return None
            kinds.append(kind)
        places = dict(zip(columns, range(len(columns)), strict=True))
        return Plan.of(letters, attributes, kinds, places)

    def _formulas(self, plan: Plan, insides: Sequence[Any]) -> list[str | bytes | None]:
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
            return self._written_out(attributes.get("si", "").encode(), text, column)
        return f"={text}"

    def _written_out(self, index: bytes, text: str, column: int) -> str:
        from xl_compliance.workbook.shared_formulas import SharedFormula

        if index in self._shared:
            return self._shared[index].text(self._row, column)
        if text:
            self._shared[index] = SharedFormula(text, self._row, column)
        else:
            self._lost.append(format_address(self._row, column))
        return f"={text}"

    # ------------------------------------------------------------ rows written otherwise

    def _parsed(self, row: bytes) -> None:
        root = fromstring(self._opening + row + b"</worksheet>", forbid_dtd=True)
        places: dict[int, int] = {}
        values: list[CellValue] = []
        formulas: list[str | bytes | None] = []
        codes: list[str] = []
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
            codes.append(self._kinds.code(cell.get("s")))
        if places:
            self._grid.add_row(Row(self._row, places, values, formulas, codes))

    def _cell(self, cell: Element, column: int) -> tuple[CellValue, str | None]:
        kind = cell.get("t", NUMBER)
        node = cell.find("{*}f")
        formula = None
        if node is not None:
            formula = self._formula(node.attrib, node.text or "", column)
        if kind == SPELLED_OUT and cell.find("{*}v") is None:
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
        converter = self._kinds.converter(kind, int(cell.get("s") or "0"))
        return converter.one(raw.encode()), formula


def _taken_apart(xml: bytes) -> list[list[Any]]:
    """What stands between cells, and what stands in each of the groups of those cells."""
    parts = _CELL.split(xml)
    return [parts[group::_GROUPS] for group in range(_GROUPS)]


def _following(alike: Sequence[re.Match[bytes]]) -> Iterator[Sequence[re.Match[bytes]]]:
    """Rows that follow one another by their numbers."""
    numbers = [int(match[1]) for match in alike]
    start = 0
    if numbers and numbers[-1] - numbers[0] != len(numbers) - 1:
        for place in range(1, len(numbers)):
            if numbers[place] != numbers[place - 1] + 1:
                yield alike[start:place]
                start = place
    if alike:
        yield alike[start:]


def _is_hidden(attributes: bytes) -> bool:
    """Whether a row with these attributes shows nothing."""
    if b"h" not in attributes:
        return False
    height = _HEIGHT.search(attributes)
    return bool(b"hidden" in attributes and _HIDDEN.search(attributes)) or bool(
        height and is_no_size(height[1])
    )


def _spelled_as_said(
    plan: Plan, spelled: Sequence[bytes | None], raws: Sequence[bytes | None]
) -> bool:
    """Whether the cells that spell a text out are those of the type that does."""
    if not plan.any_spelled_out and spelled.count(None) == len(spelled):
        return True
    return all(
        raw is None or kind.spelled_out == (start is not None)
        for kind, start, raw in zip(plan.kinds, spelled, raws, strict=True)
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
