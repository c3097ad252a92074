"""What a formula of a workbook refers to, and the formula rewritten so that it stands anywhere.

References become plain ranges that name their sheet: defined names, structured references and
3-D references are resolved, whole columns end with the workbook's last row. What cannot be put
so raises `NotRecomputable`, which says why in words for a reader.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from itertools import pairwise
from typing import Any, Final, NamedTuple

from xl_compliance.functions.registry import Function, all_functions, find
from xl_compliance.workbook.compiled import formula_engine, is_failure
from xl_compliance.workbook.limits import limit
from xl_compliance.workbook.single_cells import SingleCells
from xl_compliance.workbook.snapshot import Snapshot, Table, format_address, parse_address

OMITTED: Final = "\u2045argument left out\u2046"
"""The text that stands for an argument left out: the engine would make 0 of it."""

PREFIX: Final = "XLCOMPLIANCE_"
"""What our functions' names begin with in rewritten formulas; the first argument is a number."""

COUNTED: Final = ("ROWS", "COLUMNS")
"""They hand an error value on in Excel, where an engine counts it as one row and one column."""

NOT_TAKEN_APART: Final = (
    "the formula cannot be taken apart: its brackets, quotes or signs do not fit together"
)
"""The problem of a formula that no program reads."""

_CELL: Final = r"\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6}"
_COLUMN: Final = r"(\$?)([A-Za-z]{1,3})"
_ROW: Final = r"(\$?)([1-9][0-9]{0,6})"
_AREA: Final = re.compile(f"{_COLUMN}{_ROW}(?::{_COLUMN}{_ROW})?")
_COLUMNS: Final = re.compile(f"{_COLUMN}:{_COLUMN}")
_ROWS: Final = re.compile(f"{_ROW}:{_ROW}")
_THIS_ROW: Final = "#this row"
_QUALIFIED: Final = re.compile(r"(?:'((?:[^']|'')+)'|([^'!\[\]]+))!(.+)", re.DOTALL)
_STRUCTURED: Final = re.compile(r"([^\[\]!']+)\[(.*)\]", re.DOTALL)
_ITEM: Final = re.compile(r"\[((?:'.|[^'\[\]])*)\]|(:)")
_FUTURE: Final = re.compile(r"(?:_xlfn\.|_xlws\.)+", re.IGNORECASE)
_RELATIVE: Final = re.compile(
    r"(?<![A-Za-z0-9_.$])[A-Za-z]{1,3}\$?[0-9]{1,7}(?![A-Za-z0-9_(.!])|\$[A-Za-z]{1,3}[0-9]"
)
_PLAIN_AREA: Final = re.compile(
    rf"(?:(?:'((?:[^']|'')+)'|([A-Za-z0-9_.]+))!)?(?<![A-Za-z0-9_.$])({_CELL}(?::{_CELL})?|"
    r"\$?[A-Za-z]{1,3}:\$?[A-Za-z]{1,3})(?![A-Za-z0-9_(.!])"
)
_TEXTS: Final = re.compile(r"\"(?:[^\"]|\"\")*\"")
_MOVABLE: Final = re.compile(
    r"(?<![A-Za-z0-9_.$])(\$?)([A-Za-z]{1,3})(\$?)([1-9][0-9]{0,6})(?![A-Za-z0-9_(.!])"
)
_LAST_ROW: Final = limit("rows").most
_LAST_COLUMN: Final = limit("columns").most
LITERALS: Final = re.compile(r"\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'")
"""Texts, and the names of sheets that are in quotes."""

_DEEPEST: Final = 20
_BY_POSITION: Final = re.compile(r"(?:^=|[-+*/^&=<>(,;{ ])@")
_ARRAY: Final = re.compile(r"\{([^{}]*)\}")

_VOLATILE: Final = frozenset(
    {"NOW", "TODAY", "RAND", "RANDBETWEEN", "RANDARRAY", "OFFSET", "INDIRECT", "CELL", "INFO"}
)
_OF_THE_SHEET: Final = frozenset(
    {"SHEET", "SHEETS", "FORMULATEXT", "ISFORMULA", "GETPIVOTDATA", "SUBTOTAL", "AGGREGATE"}
)
_ONE_CELL: Final = "it takes one cell out of a range by position (@)"
_ARRAYS_ONLY_IN_EXCEL: Final = frozenset({"ANCHORARRAY", "SINGLE"})
_TAKES_LISTS: Final = frozenset({"SUM", "MIN", "MAX", "AVERAGE", "COUNT", "COUNTA", "PRODUCT"})


class NotRecomputable(Exception):
    """Why a formula cannot be calculated outside its workbook."""


class Area(NamedTuple):
    """A range of cells, both ends included."""

    sheet: str
    top: int
    left: int
    bottom: int
    right: int

    @property
    def text(self) -> str:
        """The range as a formula names it."""
        first = format_address(self.top, self.left)
        last = format_address(self.bottom, self.right)
        return f"{quoted(self.sheet)}!{first if first == last else f'{first}:{last}'}"

    @property
    def size(self) -> int:
        """How many cells it has."""
        return (self.bottom - self.top + 1) * (self.right - self.left + 1)


Ends = tuple[int, int, int, int]
"""First row and column and last row and column of a reference, as it is written."""

Moves = tuple[bool, bool, bool, bool]
"""Which of its ends move along with a copy of the formula: those without a `$`."""

_FIXED: Final = (False, False, False, False)


class Place(NamedTuple):
    """A reference of a formula: its cells, and what of it moves where the formula is copied to.

    `written` is the address as the formula has it, and
    where; None where it is not there in letters and figures. `within` are the rows for which a
    reference to a table's row holds.
    """

    area: Area
    ends: Ends
    moves: Moves = _FIXED
    written: tuple[int, str] | None = None
    within: tuple[int, int] | None = None

    def at(self, down: int, across: int, last: tuple[int, int]) -> Area:
        """The cells that it means in a copy so many rows and columns away."""
        top, left, bottom, right = self.moves
        ends = self.ends
        return clipped(
            self.area.sheet,
            (
                ends[0] + down if top else ends[0],
                ends[1] + across if left else ends[1],
                ends[2] + down if bottom else ends[2],
                ends[3] + across if right else ends[3],
            ),
            last,
        )


def clipped(sheet: str, ends: Ends, last: tuple[int, int]) -> Area:
    """The area between two corners, no longer than to the last row and column in use."""
    top, left, bottom, right = ends
    if top > bottom:
        top, bottom = bottom, top
    if left > right:
        left, right = right, left
    return Area(sheet, top, left, max(top, min(bottom, last[0])), max(left, min(right, last[1])))


class OurCall(NamedTuple):
    """One of our calls in a formula: the function, and each argument as it is written."""

    function: Function
    arguments: tuple[str, ...]


class Rewritten(NamedTuple):
    """A formula that stands anywhere, what it refers to, and our calls in it, in order.

    `names` are the functions of ours that it calls itself, not by a defined name. `places` has
    every reference, as often as it is there; None where copies cannot be told from them.
    """

    formula: str
    areas: tuple[Area, ...]
    calls: tuple[OurCall, ...]
    functions: frozenset[str]
    names: tuple[str, ...]
    places: tuple[Place, ...] | None


def quoted(sheet: str) -> str:
    """A sheet's name as a formula writes it."""
    return "'" + sheet.replace("'", "''") + "'"


@lru_cache(maxsize=1024)
def our_function(spelling: str) -> Function | None:
    """Our function behind the name of a call, in any spelling; None for one that is not ours."""
    try:
        return find(spelling)
    except KeyError:
        return None


@cache
def hint_of_our_names() -> re.Pattern[str]:
    """Finds formulas that may call one of our functions; texts in quotes are not excluded."""
    names = [re.sub(r"^TSX(\d)", r"TSX_?\1", function.name) for function in all_functions()]
    alternatives = "|".join(sorted(names, key=len, reverse=True))
    return re.compile(rf"(?<![A-Za-z0-9])(?:{alternatives})\s*\(|_(?:{alternatives})\s*\(", re.I)


def without_texts(formula: str) -> str:
    """A formula without what stands in quotes, sheet names included.

    >>> without_texts('="MINPRICE("&A1')
    '=&A1'
    """
    return LITERALS.sub("", formula)


@dataclass
class _Output:
    """What has been rewritten of one formula."""

    number: int
    places: list[Place] = field(default_factory=list)
    calls: list[OurCall] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)
    own: dict[str, None] = field(default_factory=dict)
    names: int = 0
    movable: bool = True


class References:
    """Rewrites the formulas of one workbook."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._tokenize: Callable[[str], Any] = formula_engine().tokenize
        self._snapshot = snapshot
        self._order = [sheet.name for sheet in snapshot.sheets]
        self._sheets = {name.casefold(): name for name in self._order}
        self._cells = SingleCells((it.name, it.refers_to) for it in snapshot.defined_names)

    @cached_property
    def last(self) -> tuple[int, int]:
        """The last row and column that any sheet uses; whole columns end there."""
        used = [sheet.dimension for sheet in self._snapshot.sheets]
        rows = max((it.last_row for it in used if it), default=1)
        return rows, max((it.last_column for it in used if it), default=1)

    def rewrite(
        self, formula: str, sheet: str, row: int, column: int, number: int = 0
    ) -> Rewritten:
        """The formula of a cell. `number` tells its calls of our functions from those of others."""
        _check_form(formula)
        output = _Output(number)
        in_excel = self._cells.in_excel(formula, lambda name: our_function(name) is not None)
        text = self._rewritten(in_excel, (sheet, row, column), output, 0)
        movable = output.movable and in_excel == formula
        return Rewritten(
            text,
            tuple(dict.fromkeys(place.area for place in output.places)),
            tuple(output.calls),
            frozenset(output.functions),
            tuple(output.own),
            tuple(output.places) if movable else None,
        )

    def plain_areas(self, formula: str, sheet: str) -> Iterator[Area]:
        """The ranges in A1 notation of a formula that cannot be rewritten as a whole."""
        for match in _PLAIN_AREA.finditer(_TEXTS.sub("", formula)):
            name = (match[1] or match[2] or sheet).replace("''", "'")
            known = self._sheets.get(name.casefold())
            area = self._area(match[3], known) if known else None
            if area is not None:
                yield area

    # ------------------------------------------------------------ tokens

    def _rewritten(
        self, formula: str, at: tuple[str, int, int], output: _Output, depth: int
    ) -> str:
        if depth > _DEEPEST:
            raise NotRecomputable("its names refer to one another in a circle")
        tokens = self._tokens(formula)
        source = formula.encode()  # the tokenizer counts bytes
        pieces: list[str] = []
        done = 0
        open_: list[tuple[Function | None, str]] = []
        for index, token in enumerate(tokens):
            kind, subtype = token.kind, token.subtype
            if subtype == "Open":
                function, new = self._opened(token, tokens[index + 1 :], source, output)
                if function is not None and not depth:
                    output.own[function.name] = None
                open_.append((function, token.value[:-1].upper() if kind == "Func" else ""))
            elif subtype == "Close":
                open_.pop()
                new = None
            elif kind == "Operand":
                parent = open_[-1][1] if open_ else ""
                new = self._operand(token, at, output, depth, parent)
            else:
                _check_operator(kind, token.value)
                new = None
            if new is not None:
                pieces += [source[done : token.start].decode(), new]
                done = token.end
            if open_ and open_[-1][0] and _leaves_out(tokens, index):
                pieces += [source[done : token.end].decode(), f'"{OMITTED}"']
                done = token.end
        return "".join([*pieces, source[done:].decode()])

    def _tokens(self, formula: str) -> "list[_Token]":
        try:
            found = self._tokenize(formula)
            tokens = [
                _Token(str(it.token_type), str(it.subtype), it.value, it.start, it.end)
                for it in found
            ]
        except BaseException as problem:
            if not is_failure(problem):
                raise
            raise NotRecomputable(NOT_TAKEN_APART) from None
        return [token for token in tokens if token.kind != "Whitespace"]

    def _opened(
        self, token: "_Token", after: "Sequence[_Token]", source: bytes, output: _Output
    ) -> tuple[Function | None, str | None]:
        if token.kind != "Func":
            return None, None
        name = token.value[:-1]
        function = our_function(name)
        if function is not None:
            output.calls.append(OurCall(function, tuple(_arguments(token, after, source))))
            separator = "" if after and after[0].subtype == "Close" else ","
            return function, f"{PREFIX}{function.name}({output.number}{separator}"
        plain = _FUTURE.sub("", name).upper()
        _check_function(plain)
        if plain in COUNTED and _is_of_one_call(after):
            return None, f"{PREFIX}{plain}("
        output.functions.add(plain)
        return None, None

    # ------------------------------------------------------------ operands

    def _operand(
        self, token: "_Token", at: tuple[str, int, int], output: _Output, depth: int, parent: str
    ) -> str | None:
        if token.subtype != "Range":
            return None
        text, (sheet, row, _) = token.value, at
        if found := self._ends(text):
            return self._placed(sheet, found, text, None if depth else token, output)
        if text.startswith("[") or re.match(r"'[^']*\[", text):
            raise NotRecomputable(f"{text} refers to another workbook")
        qualified = _QUALIFIED.fullmatch(text)
        if qualified:
            return self._on_sheet(qualified, token, at, output, depth, parent)
        if "[" in text:
            return self._structured(text, row, output)
        return self._name(text, None, at, output, depth)

    def _placed(
        self,
        sheet: str,
        found: tuple[Ends, Moves],
        address: str,
        token: "_Token | None",
        output: _Output,
    ) -> str:
        """An address; one that stands in the formula itself, as `token`, moves along with it."""
        ends, moves = found
        area = clipped(sheet, ends, self.last)
        if token is None:
            return self._kept(Place(area, ends), output)
        start = token.end - len(address)
        return self._kept(Place(area, ends, moves, (start, address)), output)

    def _kept(self, place: Place, output: _Output) -> str:
        area = place.area
        if area.bottom > _LAST_ROW or area.right > _LAST_COLUMN:
            raise NotRecomputable(f"{area.text} is beyond the last cell of a sheet")
        too_many = limit("range_cells").passed_by(area.size)
        if too_many:
            raise NotRecomputable(f"{area.text} has {too_many}")
        output.places.append(place)
        return area.text

    def _area(self, text: str, sheet: str) -> Area | None:
        """A1 notation as an area within the used rows and columns; None for anything else."""
        found = self._ends(text)
        return None if found is None else clipped(sheet, found[0], self.last)

    def _ends(self, text: str) -> tuple[Ends, Moves] | None:
        """The ends of A1 notation, and which of them move; None for anything else."""
        if match := _AREA.fullmatch(text):
            pins = match.groups()
            left, top = number_of(pins[1]), int(pins[3])
            if pins[5] is None:
                row, column = not pins[2], not pins[0]
                return (top, left, top, left), (row, column, row, column)
            right, bottom = number_of(pins[5]), int(pins[7])
            moves = (not pins[2], not pins[0], not pins[6], not pins[4])
            return (top, left, bottom, right), moves
        if match := _COLUMNS.fullmatch(text):
            first, left_end, second, right_end = match.groups()
            ends = 1, number_of(left_end), self.last[0], number_of(right_end)
            return ends, (False, not first, False, not second)
        if match := _ROWS.fullmatch(text):
            first, top_end, second, bottom_end = match.groups()
            ends = int(top_end), 1, int(bottom_end), self.last[1]
            return ends, (not first, False, not second, False)
        return None

    def _on_sheet(
        self,
        match: re.Match[str],
        token: "_Token",
        at: tuple[str, int, int],
        output: _Output,
        depth: int,
        parent: str,
    ) -> str | None:
        name = (match[1] or match[2]).replace("''", "'")
        sheet = self._sheets.get(name.casefold())
        if sheet is None:
            return self._through_sheets(name, match[0], match[3], output, parent)
        if found := self._ends(match[3]):
            return self._placed(sheet, found, match[3], None if depth else token, output)
        return self._name(match[3], sheet, at, output, depth)

    def _through_sheets(
        self, name: str, text: str, address: str, output: _Output, parent: str
    ) -> str:
        first, colon, last = (it.casefold() for it in name.partition(":"))
        if not colon or first not in self._sheets or last not in self._sheets:
            raise NotRecomputable(f"{text} names a sheet that is not in this workbook")
        if parent not in _TAKES_LISTS:
            raise NotRecomputable(f"{text} goes through several sheets")
        ends = sorted(self._order.index(self._sheets[it]) for it in (first, last))
        output.movable = False
        cells = self._ends(address)
        if cells is None:
            return ""
        through = self._order[ends[0] : ends[1] + 1]
        return ",".join(self._placed(it, cells, address, None, output) for it in through)

    def _name(
        self, text: str, sheet: str | None, at: tuple[str, int, int], output: _Output, depth: int
    ) -> str | None:
        if text.casefold().startswith("_xlpm."):  # a variable of LET or LAMBDA
            return None
        found = self._snapshot.defined_name(text, sheet or at[0])
        if found is None:
            if self._snapshot.table(text):
                return self._structured(f"{text}[]", at[1], output)
            if text.upper() in ("TRUE", "FALSE"):
                return None
            raise NotRecomputable(f"the name {text} is not defined in this workbook")
        if self._snapshot.means_two_things(found):
            raise NotRecomputable(f"the name {text} is defined twice")
        output.names += 1
        too_many = limit("name_uses").passed_by(output.names)
        if too_many:
            raise NotRecomputable(f"it goes through {too_many}")
        refers_to = f"={found.refers_to.removeprefix('=')}"
        if _RELATIVE.search(without_texts(refers_to)):
            output.movable = False
            refers_to = _from_first_cell(refers_to, at[1], at[2])
        inside = self._rewritten(refers_to, at, output, depth + 1)[1:]
        if not inside:
            raise NotRecomputable(f"the name {text} stands for nothing")
        return inside if re.fullmatch(r"'(?:[^']|'')+'![A-Z0-9:]+", inside) else f"({inside})"

    # ------------------------------------------------------------ structured references

    def _structured(self, text: str, row: int, output: _Output) -> str:
        match = _STRUCTURED.fullmatch(text)
        table = self._snapshot.table(match[1]) if match else None
        if match is None or table is None:
            raise NotRecomputable(f"{text} names no table of this workbook")
        items, columns = _specifiers(match[2].strip())
        rows = _rows_of(table, items, row)
        this_row = _THIS_ROW in items
        if rows is None:
            output.movable = output.movable and not this_row
            return "#VALUE!" if this_row else "#REF!"
        places = _columns_of(table, columns)
        if places is None:
            return "#REF!"
        left = table.first_column
        area = Area(table.sheet, rows[0], left + min(places), rows[1], left + max(places))
        if not this_row:
            return self._kept(Place(area, area[1:]), output)
        within = table.first_row, table.first_row + table.row_count - 1
        moves = (True, False, True, False)
        return self._kept(Place(area, area[1:], moves, within=within), output)


class _Token(NamedTuple):
    kind: str
    subtype: str
    value: str
    start: int
    end: int


@lru_cache(maxsize=_LAST_COLUMN)
def number_of(letters: str) -> int:
    """The number of a column.

    >>> number_of("AB")
    28
    """
    return parse_address(f"{letters}1")[1]


def _check_form(formula: str) -> None:
    """Refuse what engines read each in its own way; most formulas have no sign of it."""
    too_long = limit("formula_characters").passed_by(len(formula) - 1)
    if too_long:
        raise NotRecomputable(f"it has {too_long}")
    if "|" in formula and "|" in without_texts(formula):
        raise NotRecomputable("it asks another program for data (DDE)")
    if "@" in formula and _BY_POSITION.search(without_texts(formula)):
        raise NotRecomputable(_ONE_CELL)
    if "{" in formula:
        for array in _ARRAY.findall(without_texts(formula)):
            if len({row.count(",") for row in array.split(";")}) > 1:
                raise NotRecomputable("an array in braces has rows that are not equally long")


def _check_operator(kind: str, value: str) -> None:
    if kind == "OpInfix" and value == ",":
        raise NotRecomputable("it joins ranges to a union")
    if kind == "OpInfix" and value == " ":
        raise NotRecomputable("it takes the intersection of ranges")
    if kind == "OpInfix" and value == ":":
        raise NotRecomputable("it works out the end of a range")
    if kind == "OpPostfix" and value == "#":
        raise NotRecomputable("it refers to a spilled range (A1#)")
    if kind == "OpPrefix" and value == "@":
        raise NotRecomputable(_ONE_CELL)


def _check_function(name: str) -> None:
    if name in _VOLATILE:
        raise NotRecomputable(f"{name} gives another result whenever the workbook calculates")
    if name in _OF_THE_SHEET:
        raise NotRecomputable(f"{name} depends on more than the values of cells")
    if name in _ARRAYS_ONLY_IN_EXCEL:
        raise NotRecomputable("it refers to a spilled range or takes one cell out of a range")


def _is_of_one_call(after: "Sequence[_Token]") -> bool:
    """Whether a call of ours, and nothing else, stands between the brackets just opened."""
    if not after or after[0].kind != "Func" or our_function(after[0].value[:-1]) is None:
        return False
    depth = 0
    for token, following in pairwise(after):
        depth += (token.subtype == "Open") - (token.subtype == "Close")
        if depth == 0:
            return following.subtype == "Close"
    return False


def _leaves_out(tokens: "Sequence[_Token]", index: int) -> bool:
    """Whether an argument that is left out stands behind this token of a call."""
    token, following = tokens[index], tokens[index + 1 : index + 2]
    if not following:
        return False
    separator = (token.kind, token.subtype) == ("Sep", "Arg")
    closes = following[0].subtype == "Close"
    separates = (following[0].kind, following[0].subtype) == ("Sep", "Arg")
    return (separator and (closes or separates)) or (token.subtype == "Open" and separates)


def _arguments(token: "_Token", after: "Sequence[_Token]", source: bytes) -> "list[str]":
    """The arguments of a call as they are written."""
    arguments: list[str] = []
    start, depth = token.end, 0
    for it in after:
        if it.subtype == "Open":
            depth += 1
        ends = depth == 0 and (it.subtype == "Close" or (it.kind, it.subtype) == ("Sep", "Arg"))
        if it.subtype == "Close":
            depth -= 1
        if ends:
            arguments.append(source[start : it.start].decode().strip())
            start = it.end
        if depth < 0:
            break
    return arguments


def _from_first_cell(refers_to: str, row: int, column: int) -> str:
    """A name with relative references, written as it reads in A1; beyond the last it wraps."""

    def moved(match: re.Match[str]) -> str:
        at_row, at_column = parse_address(match[2] + match[4])
        if not match[3]:
            at_row = (at_row + row - 2) % _LAST_ROW + 1
        if not match[1]:
            at_column = (at_column + column - 2) % _LAST_COLUMN + 1
        return format_address(at_row, at_column)

    pieces = re.split(f"({LITERALS.pattern})", refers_to)
    pieces[0::2] = [_MOVABLE.sub(moved, piece) for piece in pieces[0::2]]
    return "".join(pieces)


def _specifiers(body: str) -> tuple[list[str], list[str]]:
    """What stands in the brackets of a structured reference: items such as #all, and columns."""
    items: list[str] = []
    columns: list[str] = []
    if body.startswith("@"):
        items.append(_THIS_ROW)
        body = body[1:]
    if body.startswith("["):
        for part, colon in _ITEM.findall(body):
            if not colon:
                (items if part.startswith("#") else columns).append(part)
    elif body:
        (items if body.startswith("#") else columns).append(body)
    return [it.casefold() for it in items], [re.sub(r"'(.)", r"\1", it) for it in columns]


def _rows_of(table: Table, items: Sequence[str], row: int) -> tuple[int, int] | None:
    """The rows that a structured reference covers, or None where there are none."""
    first, last = table.first_row, table.first_row + table.row_count - 1
    if _THIS_ROW in items:
        return (row, row) if first <= row <= last else None
    header = first - 1 if table.has_headers else None
    totals = last + 1 if table.has_totals else None
    covered: Mapping[str, tuple[int | None, int | None]] = {
        "#all": (header or first, totals or last),
        "#data": (first, last),
        "#headers": (header, header),
        "#totals": (totals, totals),
    }
    ends = [end for it in items or ["#data"] for end in covered.get(it, (None, None)) if end]
    return (min(ends), max(ends)) if ends else None


def _columns_of(table: Table, columns: Sequence[str]) -> list[int] | None:
    if not columns:
        return [0, len(table.headers) - 1]
    headers = [header.casefold() for header in table.headers]
    try:
        return [headers.index(column.casefold()) for column in columns]
    except ValueError:
        return None


__all__ = [
    "LITERALS",
    "NOT_TAKEN_APART",
    "OMITTED",
    "PREFIX",
    "Area",
    "NotRecomputable",
    "OurCall",
    "Place",
    "References",
    "Rewritten",
    "hint_of_our_names",
    "number_of",
    "our_function",
    "quoted",
    "without_texts",
]
