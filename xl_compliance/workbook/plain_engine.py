"""Calculates formulas in plain Python, where formualizer cannot be installed: in a browser.

What `engine`, `references` and `calls` ask of formualizer is here under the same names. Of Excel's
functions only those are here that stand around calls of ours in most models, and of each only what
is beyond doubt; whatever else a formula asks ends with the reason, so that the formula is reported
as not recomputed and never answered otherwise than formualizer answers it.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache, partial
from itertools import chain
from typing import Any, Final, NamedTuple

from xl_compliance.workbook.snapshot import parse_address

_KINDS: Final = {
    "#NULL!": "Null",
    "#DIV/0!": "Div",
    "#VALUE!": "Value",
    "#REF!": "Ref",
    "#NAME?": "Name",
    "#NUM!": "Num",
    "#N/A": "Na",
}
_NUMERAL: Final = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?%?")
_CRITERION: Final = re.compile(r"(<=|>=|<>|<|>|=)?(.*)", re.DOTALL)
_PREFIXES: Final = re.compile(r"^(?:_XLFN\.|_XLWS\.)+")
_ROUNDING: Final = Context(prec=50)
_WILD: Final = re.compile(r"[*?~]")
_PLACE: Final = re.compile(r"'((?:[^']|'')*)'!([A-Z]+\d+)(?::([A-Z]+\d+))?")
_POWERS: Final = {
    "=": 1,
    "<>": 1,
    "<": 1,
    ">": 1,
    "<=": 1,
    ">=": 1,
    "&": 2,
    "+": 3,
    "-": 3,
    "*": 4,
    "/": 4,
    "^": 5,
}
_COMPARED: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_NAMED: Final = {
    "": "None",
    **{
        name: name.capitalize()
        for name in ("OPERAND", "FUNC", "ARRAY", "PAREN", "SEP", "TEXT", "NUMBER", "LOGICAL")
    },
    **{name: name.capitalize() for name in ("ERROR", "RANGE", "OPEN", "CLOSE", "ARG", "ROW")},
    "OPERATOR-INFIX": "OpInfix",
    "OPERATOR-PREFIX": "OpPrefix",
    "OPERATOR-POSTFIX": "OpPostfix",
    "WHITE-SPACE": "Whitespace",
}


class Beyond(Exception):
    """What a formula asks that is not calculated here."""


class Unparsed(Beyond):
    """A formula that is nested too deeply or written as none is; formualizer gives no reason."""


class Failed(Exception):
    """An Excel error value on its way through a formula."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


# ---------------------------------------------------------------- tokens


class Token(NamedTuple):
    """A piece of a formula as formualizer names it; `start` and `end` count bytes."""

    token_type: str
    subtype: str
    value: str
    start: int
    end: int


@lru_cache(maxsize=4096)
def tokenize(formula: str) -> tuple[Token, ...]:
    """A formula's tokens. Raises what openpyxl's tokenizer raises.

    >>> [token.value for token in tokenize("=SUM(A1, 2)")]
    ['SUM(', 'A1', ',', ' ', '2', ')']
    """
    from openpyxl.formula.tokenizer import Tokenizer

    found: list[Token] = []
    plain = formula.isascii()
    position = start = 1
    for item in Tokenizer(formula).items:
        text = item.value
        end = position + len(text)
        if item.type == "WHITE-SPACE":  # the item is the first of several
            while formula[end : end + 1] in (" ", "\n"):
                end += 1
            text = formula[position:end]
        stop = start + (len(text) if plain else len(text.encode()))
        kind, subtype = _NAMED[item.type], _NAMED[item.subtype]
        found.append(Token(kind, subtype, text, start, stop))
        position, start = end, stop
    opened = sum(token.subtype == "Open" for token in found)
    if opened != sum(token.subtype == "Close" for token in found):
        raise ValueError("the brackets do not fit")
    return tuple(_as_operator(found, index) for index in range(len(found)))


def _as_operator(tokens: Sequence[Token], index: int) -> Token:
    """A blank between two operands takes the intersection of ranges."""
    token = tokens[index]
    if token.token_type != "Whitespace" or not 0 < index < len(tokens) - 1:
        return token
    before, after = tokens[index - 1], tokens[index + 1]
    ends = before.token_type == "Operand" or before.subtype == "Close"
    starts = after.token_type == "Operand" or after.subtype == "Open"
    return token._replace(token_type="OpInfix", value=" ") if ends and starts else token


# ---------------------------------------------------------------- a formula as a tree


@dataclass(frozen=True, slots=True)
class Node:
    """A literal, a range, an operator or a call, by `kind`.

    A truth value is a kind of its own: TRUE would be the same as 1.
    """

    kind: str
    value: Any = None
    parts: tuple[Node, ...] = ()
    depth: int = 1


def _node(kind: str, value: Any, parts: tuple[Node, ...]) -> Node:
    """One above its parts, in a tree that is no higher than formualizer's."""
    depth = 1 + max((part.depth for part in parts), default=0)
    if depth > _HIGHEST:
        raise Unparsed("it is nested too deeply")
    return Node(kind, value, parts, depth)


# What formualizer takes: brackets, signs and right-hand sides in one another, and a tree's height.
_DEEPEST: Final = 72
_HIGHEST: Final = 256
_LEFT_OUT: Final = Node("left out")


class _Parser:
    def __init__(self, tokens: Iterable[Token]) -> None:
        self._tokens = [it for it in tokens if it.token_type != "Whitespace"]
        self._at = self._depth = 0

    def whole(self) -> Node:
        node = self._operation(0)
        if self._at != len(self._tokens):
            raise Unparsed(f"{self._tokens[self._at].value} is not expected there")
        return node

    def _next(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _operation(self, power: int) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Unparsed("it is nested too deeply")
        node = self._operands(power)
        self._depth -= 1
        return node

    def _operands(self, power: int) -> Node:
        left = self._operand()
        while (token := self._next()) is not None and token.token_type in ("OpInfix", "OpPostfix"):
            if token.token_type == "OpPostfix":
                self._at += 1
                left = _node("percent", None, (left,))
                continue
            binds = _POWERS.get(token.value, 0)
            if not binds:
                raise Beyond(f"the operator {token.value} between ranges")
            if binds <= power:
                break
            self._at += 1
            left = _node("operator", token.value, (left, self._operation(binds)))
        return left

    def _operand(self) -> Node:
        token = self._next()
        if token is None:
            raise Unparsed("the formula ends too soon")
        self._at += 1
        kind, subtype = token.token_type, token.subtype
        if kind == "OpPrefix" and token.value in "+-":
            return _node("sign", token.value, (self._operation(max(_POWERS.values())),))
        if kind == "Operand":
            return _operand(subtype, token.value)
        if subtype == "Open" and kind == "Func":
            return _node("call", token.value[:-1].upper(), tuple(self._arguments()))
        if subtype == "Open" and kind == "Paren":
            inside = self._operation(0)
            self._expect("Close")
            return _node("group", None, (inside,))
        if subtype == "Open" and kind == "Array":
            return Node("array", self._rows())
        raise Unparsed(f"{token.value} is not known here")

    def _expect(self, subtype: str) -> None:
        token = self._next()
        if token is None or token.subtype != subtype:
            raise Unparsed("the brackets do not fit")
        self._at += 1

    def _arguments(self) -> Iterator[Node]:
        token = self._next()
        if token is not None and token.subtype == "Close":
            self._at += 1
            return
        while (token := self._next()) is not None:
            yield _LEFT_OUT if token.subtype in ("Arg", "Close") else self._operation(0)
            token = self._next()
            if token is None or token.subtype not in ("Arg", "Close"):
                break
            self._at += 1
            if token.subtype == "Close":
                return
        raise Unparsed("what stands between the brackets cannot be taken apart")

    def _rows(self) -> list[list[Any]]:
        rows: list[list[Any]] = [[]]
        while (token := self._next()) is not None:
            if token.subtype == "Close":
                self._at += 1
                if len({len(row) for row in rows}) > 1:
                    raise Unparsed("an array has rows that are not equally long")
                return rows
            if token.subtype == "Row":
                self._at += 1
                rows.append([])
            elif token.subtype == "Arg":
                self._at += 1
            else:
                rows[-1].append(_constant(self._operation(max(_POWERS.values()))))
        raise Unparsed("the brackets do not fit")


def _operand(subtype: str, text: str) -> Node:
    if subtype == "Number":
        return Node("literal", _finite(text))
    if subtype == "Text":
        return Node("literal", text[1:-1].replace('""', '"'))
    if subtype == "Logical":
        return Node("truth", text.upper() == "TRUE")
    if subtype == "Error":
        if text.upper() not in _KINDS:
            raise Beyond(f"{text} is not known here")
        return Node("literal", error(_KINDS[text.upper()]))
    match = _PLACE.fullmatch(text)
    if match is None:
        raise Beyond(f"{text} is not known here")
    first = parse_address(match[2])
    last = parse_address(match[3]) if match[3] else first
    return Node("range", (match[1].replace("''", "'"), first, last))


def _finite(text: str) -> float:
    if not _NUMERAL.fullmatch(text) or not math.isfinite(float(text)):
        raise Beyond(f"{text} as a number")
    return float(text)


def _constant(node: Node) -> Any:
    if node.kind in ("literal", "truth"):
        return node.value
    if node.kind == "sign" and node.parts[0].kind == "literal":
        value = node.parts[0].value
        if isinstance(value, float):
            return -value if node.value == "-" else value
    raise Beyond("an array holds more than constants")


def tree(tokens: Iterable[Token]) -> Node:
    """A formula as a tree; raises `Beyond` for what is not calculated here."""
    return _Parser(tokens).whole()


# ---------------------------------------------------------------- values


def error(kind: str) -> dict[str, str]:
    """An error value."""
    return {"type": "Error", "kind": kind}


def _kind(value: Any) -> str:
    """The kind of an error value; empty for any other."""
    return str(value["kind"]) if isinstance(value, dict) else ""


def _checked(value: Any) -> Any:
    if isinstance(value, dict):
        raise Failed(_kind(value))
    return value


def _numeral(text: str) -> float | None:
    """A text as a number, where every program reads it as the same."""
    stripped = text.strip(" ")
    if not _NUMERAL.fullmatch(stripped):
        if any(character.isdigit() for character in stripped):
            raise Beyond(f'the text "{text}" as a number')
        return None
    if stripped.endswith("%"):
        return float(Decimal(stripped[:-1]) / 100)
    return float(stripped)


def _number(value: Any) -> float:
    value = _checked(value)
    if value is None:
        return 0.0
    if isinstance(value, str):
        number = _numeral(value)
        if number is None:
            raise Failed("Value")
        return number
    return float(value)


def _truth(value: Any) -> bool:
    value = _checked(value)
    if isinstance(value, str):
        raise Failed("Value")
    return bool(value)


def _text(value: Any) -> str:
    value = _checked(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str):
        return value
    shown = f"{value:.15g}"
    if "e" in shown or shown == "-0":
        raise Beyond("a very large or small number as a text")
    if float(shown) != value:
        raise Beyond("a number of more than 15 digits as a text")
    return shown


def _rank(value: Any) -> int:
    return 2 if isinstance(value, bool) else 1 if isinstance(value, str) else 0


def _compared(sign: str, left: Any, right: Any) -> bool:
    left, right = _checked(left), _checked(right)
    if left is None and right is None:
        left = right = 0.0
    elif left is None:
        left = type(right)()
    elif right is None:
        right = type(left)()
    if _rank(left) != _rank(right):
        return _COMPARED[sign](_rank(left), _rank(right))
    if isinstance(left, str):
        left, right = left.lower(), right.lower()
        if left != right and sign not in ("=", "<>"):
            raise Beyond("the order of two texts")
    elif left != right and math.isclose(left, right, rel_tol=1e-14):
        raise Beyond("two numbers that differ in their last digit")
    return _COMPARED[sign](left, right)


def _calculated(sign: str, left: Any, right: Any) -> Any:
    if sign in _COMPARED:
        return _compared(sign, left, right)
    if sign == "&":
        return _text(left) + _text(right)
    one, other = _number(left), _number(right)
    try:
        result = _ARITHMETIC[sign](one, other)
    except ZeroDivisionError:
        raise Failed("Div" if sign == "/" else "Num") from None
    except OverflowError:
        raise Failed("Num") from None
    if isinstance(result, complex) or not math.isfinite(result):
        raise Failed("Num")
    if sign in "+-" and result and abs(result) < 1e-13 * max(abs(one), abs(other)):
        raise Beyond("a difference in the last digit")
    return result


def _combined(sign: str, left: Any, right: Any) -> Any:
    if type(left) is not list and type(right) is not list:
        return _calculated(sign, left, right)
    if _is_error(left) is not _is_error(right):
        raise Beyond("an error value beside several cells")
    return _spread(partial(_calculated, sign), left, right)


_ARITHMETIC: Final[Mapping[str, Callable[[float, float], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": operator.pow,
}


def _spread(decide: Callable[..., Any], *values: Any) -> Any:
    """One result a cell where any value is an array."""
    arrays = [value for value in values if isinstance(value, list)]
    if not arrays:
        return decide(*values)
    height = max(len(array) for array in arrays)
    width = max(len(array[0]) for array in arrays)
    if any(len(it) not in (1, height) or len(it[0]) not in (1, width) for it in arrays):
        raise Beyond("arrays of different sizes")

    def at(value: Any, row: int, column: int) -> Any:
        if not isinstance(value, list):
            return value
        line = value[row if len(value) > 1 else 0]
        return line[column if len(line) > 1 else 0]

    def one(row: int, column: int) -> Any:
        try:
            return decide(*(at(value, row, column) for value in values))
        except Failed as problem:
            return error(problem.kind)

    return [[one(row, column) for column in range(width)] for row in range(height)]


def plain(value: Any) -> Any:
    """A result of one of our functions, as a formula goes on with it."""
    if value.__class__ is float:
        return value
    if isinstance(value, list):
        rows = [[plain(cell) for cell in row] for row in value]
        return rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else rows
    return float(value) if type(value) is int else value


# ---------------------------------------------------------------- Excel's functions


class _Given(NamedTuple):
    """An argument as it came: its value, and whether it is cells rather than a value."""

    value: Any
    is_range: bool


def _cells(given: _Given) -> list[Any]:
    value = given.value
    return list(chain.from_iterable(value)) if isinstance(value, list) else [value]


def _numbers(arguments: Sequence[_Given]) -> list[float]:
    """The numbers that SUM and its like take: in cells only numbers, else what reads as one."""
    found: list[float] = []
    for given in arguments:
        if given.is_range or isinstance(given.value, list):
            for cell in _cells(given):
                if type(_checked(cell)) is float:
                    found.append(cell)
        elif type(_checked(given.value)) is float:
            found.append(given.value)
        else:
            raise Beyond("a text, a truth value or a blank among numbers")
    return found


def _sum(arguments: Sequence[_Given]) -> float:
    total = 0.0
    for number in _numbers(arguments):
        total += number
    return total


def _least(arguments: Sequence[_Given]) -> float:
    return min(_numbers(arguments), default=0.0)


def _greatest(arguments: Sequence[_Given]) -> float:
    return max(_numbers(arguments), default=0.0)


def _average(arguments: Sequence[_Given]) -> float:
    numbers = _numbers(arguments)
    if not numbers:
        raise Failed("Div")
    return _sum(arguments) / len(numbers)


def _count(arguments: Sequence[_Given]) -> float:
    if any(not (it.is_range or isinstance(it.value, list | float)) for it in arguments):
        raise Beyond("a text, a truth value or a blank among numbers")
    return float(sum(type(cell) is float for given in arguments for cell in _cells(given)))


def _count_all(arguments: Sequence[_Given]) -> float:
    return float(sum(cell is not None for given in arguments for cell in _cells(given)))


def _truths(arguments: Sequence[_Given]) -> list[bool]:
    found: list[bool] = []
    for given in arguments:
        if not given.is_range and not isinstance(given.value, list):
            found.append(_truth(given.value))
            continue
        for cell in _cells(given):
            if isinstance(_checked(cell), str):
                raise Beyond("a text among truth values")
            if cell is not None:
                found.append(bool(cell))
    if not found:
        raise Failed("Value")
    return found


def _single(given: _Given) -> Any:
    if isinstance(given.value, list):
        raise Beyond("a range where one value is taken")
    return given.value


def _tested(test: Callable[[Any], bool]) -> Callable[[Sequence[_Given]], bool]:
    def answer(arguments: Sequence[_Given]) -> bool:
        _only(arguments, 1)
        return test(_single(arguments[0]))

    return answer


def _only(arguments: Sequence[_Given], least: int, most: int = 0) -> None:
    if not least <= len(arguments) <= (most or least):
        raise Beyond("another number of arguments")


def _not(arguments: Sequence[_Given]) -> bool:
    _only(arguments, 1)
    return not _truth(_single(arguments[0]))


def _n(arguments: Sequence[_Given]) -> float:
    _only(arguments, 1)
    value = _checked(_single(arguments[0]))
    return 0.0 if isinstance(value, str) else float(value or 0)


def _value(arguments: Sequence[_Given]) -> float:
    _only(arguments, 1)
    value = _checked(_single(arguments[0]))
    if value is None or isinstance(value, bool):
        raise Failed("Value")
    return _number(value)


def _absolute(arguments: Sequence[_Given]) -> float:
    _only(arguments, 1)
    return abs(_number(_single(arguments[0])))


def _round(arguments: Sequence[_Given]) -> float:
    _only(arguments, 2)
    if any(isinstance(it.value, str) for it in arguments):
        raise Beyond("rounding a text")
    number, places = (_number(_single(it)) for it in arguments)
    if abs(number) >= 1e15 or abs(places) > 15:
        raise Beyond("rounding a number of more than 15 digits")
    step = Decimal(1).scaleb(-int(places))
    rounded = Decimal(repr(number)).quantize(step, ROUND_HALF_UP, _ROUNDING)
    shown = f"{number:.15g}"
    if float(shown) != number and (
        rounded != Decimal(shown).quantize(step, ROUND_HALF_UP, _ROUNDING)
        or abs(number) >= 10.0 ** (14 - places)
    ):
        raise Beyond("rounding what lies beyond 15 digits")
    return float(rounded)


def _date(arguments: Sequence[_Given], epoch_1904: bool) -> float:
    _only(arguments, 3)
    parts = [int(_number(_single(it))) for it in arguments]
    try:
        day = date(*parts)
    except ValueError:
        raise Beyond("a date beyond its month") from None
    if day.year < 1905:
        raise Beyond("a date before 1905")
    return float((day - (date(1904, 1, 1) if epoch_1904 else date(1899, 12, 30))).days)


def _rows(arguments: Sequence[_Given]) -> float:
    _only(arguments, 1)
    value = arguments[0].value
    return float(len(value)) if isinstance(value, list) else 1.0


def _columns(arguments: Sequence[_Given]) -> float:
    _only(arguments, 1)
    value = arguments[0].value
    return float(len(value[0])) if isinstance(value, list) else 1.0


def _index(arguments: Sequence[_Given]) -> Any:
    _only(arguments, 2, 3)
    if arguments[0].is_range and _is_error(arguments[0].value):
        raise Beyond("INDEX of a single error value")
    table = _checked(arguments[0].value)
    grid = table if isinstance(table, list) else [[table]]
    places = [int(_number(_single(it))) for it in arguments[1:]]
    if len(places) == 1:
        if len(grid) > 1 and len(grid[0]) > 1:
            raise Beyond("INDEX of a table with one place")
        places = [places[0], 1] if len(grid[0]) == 1 else [1, places[0]]
    row, column = places
    if row < 1 or column < 1:
        raise Beyond("INDEX of a whole row or column")
    if row > len(grid) or column > len(grid[0]):
        raise Failed("Ref")
    return grid[row - 1][column - 1]


def _match(arguments: Sequence[_Given]) -> float:
    _only(arguments, 3)
    wanted, kind = _checked(_single(arguments[0])), _number(_single(arguments[2]))
    if kind != 0 or (isinstance(wanted, str) and _WILD.search(wanted)):
        raise Beyond("MATCH by order or by pattern")
    grid = arguments[1].value
    if isinstance(grid, list) and len(grid) > 1 and len(grid[0]) > 1:
        raise Beyond("MATCH in a table")
    for place, cell in enumerate(_cells(arguments[1]), 1):
        if wanted is None or cell is None or isinstance(cell, dict):
            continue
        if _rank(cell) == _rank(wanted) and _compared("=", cell, wanted):
            return float(place)
    raise Failed("Na")


def _criterion(given: _Given) -> Callable[[Any], bool]:
    wanted = _checked(_single(given))
    if wanted is None:
        raise Beyond("a blank as a criterion")
    if not isinstance(wanted, str):
        return lambda cell: _fits("=", cell, wanted)
    match = _CRITERION.fullmatch(wanted)
    sign, rest = (match[1] or "=", match[2]) if match else ("=", wanted)
    if not rest:
        if sign == "<>":
            return lambda cell: cell is not None
        if sign == "=" and match and match[1]:
            return lambda cell: cell is None
        if sign == "=":
            return lambda cell: cell is None or cell == ""
        raise Beyond("a criterion without a value")
    number = _numeral(rest)
    if number is not None:
        return lambda cell: _fits(sign, cell, number)
    if _WILD.search(rest) or sign not in ("=", "<>") or rest.upper() in ("TRUE", "FALSE"):
        raise Beyond("a criterion with a pattern, an order of texts or a truth value")
    return lambda cell: _fits(sign, cell, rest)


def _fits(sign: str, cell: Any, wanted: Any) -> bool:
    """Whether a cell meets a criterion: of the same kind, or another where others are wanted."""
    if isinstance(cell, dict):
        return sign == "<>"
    is_text_for_number = isinstance(wanted, float) and isinstance(cell, str)
    if is_text_for_number and any(character.isdigit() for character in cell):
        raise Beyond("a number in a text, by a criterion")
    if cell is None or _rank(cell) != _rank(wanted):
        return sign == "<>"
    return _compared(sign, cell, wanted)


def _meeting(arguments: Sequence[_Given]) -> tuple[list[bool], tuple[int, int]]:
    """Which cells meet all criteria, and the size that all ranges have."""
    if not arguments or len(arguments) % 2:
        raise Beyond("another number of arguments")
    if not all(it.is_range for it in arguments[::2]):
        raise Beyond("criteria over something else than cells")
    sizes = {(_rows([it]), _columns([it])) for it in arguments[::2]}
    if len(sizes) != 1:
        raise Beyond("criteria over ranges of different sizes")
    tests = [_criterion(it) for it in arguments[1::2]]
    columns = [_cells(it) for it in arguments[::2]]
    met = [
        all(test(cell) for test, cell in zip(tests, row, strict=True))
        for row in zip(*columns, strict=True)
    ]
    height, width = sizes.pop()
    return met, (int(height), int(width))


def _count_ifs(arguments: Sequence[_Given]) -> float:
    return float(sum(_meeting(arguments)[0]))


def _count_if(arguments: Sequence[_Given]) -> float:
    _only(arguments, 2)
    return _count_ifs(arguments)


def _sum_ifs(arguments: Sequence[_Given]) -> float:
    met, size = _meeting(arguments[1:])
    if not arguments[0].is_range:
        raise Beyond("a sum by criteria of something else than cells")
    if (int(_rows(arguments[:1])), int(_columns(arguments[:1]))) != size:
        raise Beyond("criteria over ranges of different sizes")
    chosen = [cell for cell, fits in zip(_cells(arguments[0]), met, strict=True) if fits]
    return _sum([_Given([chosen], True)]) if chosen else 0.0


def _sum_if(arguments: Sequence[_Given]) -> float:
    _only(arguments, 2, 3)
    return _sum_ifs([arguments[-1] if len(arguments) == 3 else arguments[0], *arguments[:2]])


def _is_error(value: Any) -> bool:
    return isinstance(value, dict)


_FUNCTIONS: Final[Mapping[str, Callable[[Sequence[_Given]], Any]]] = {
    "ABS": _absolute,
    "AND": lambda given: all(_truths(given)),
    "AVERAGE": _average,
    "COLUMNS": _columns,
    "COUNT": _count,
    "COUNTA": _count_all,
    "COUNTIF": _count_if,
    "COUNTIFS": _count_ifs,
    "INDEX": _index,
    "ISBLANK": _tested(lambda value: value is None),
    "ISERR": _tested(lambda value: _is_error(value) and _kind(value) != "Na"),
    "ISERROR": _tested(_is_error),
    "ISLOGICAL": _tested(lambda value: isinstance(value, bool)),
    "ISNA": _tested(lambda value: _kind(value) == "Na"),
    "ISNUMBER": _tested(lambda value: type(value) is float),
    "ISTEXT": _tested(lambda value: isinstance(value, str)),
    "MATCH": _match,
    "MAX": _greatest,
    "MIN": _least,
    "N": _n,
    "NOT": _not,
    "OR": lambda given: any(_truths(given)),
    "ROUND": _round,
    "ROWS": _rows,
    "SUM": _sum,
    "SUMIF": _sum_if,
    "SUMIFS": _sum_ifs,
    "VALUE": _value,
}
_CHOOSING: Final = ("IF", "IFERROR", "IFNA")


# ---------------------------------------------------------------- a tree as Python functions


Compute = Callable[[Any], Any]
"""Works out a part of a formula for the cell that it is given; `Failed` is an error value."""


class Compiler:
    """Makes trees into functions.

    `read` makes the function that gives a range's values, `ours` has functions beyond Excel's.
    """

    def __init__(
        self,
        read: Callable[[Node], Compute],
        ours: Mapping[str, Callable[..., Any]],
        epoch_1904: bool,
    ) -> None:
        self._read = read
        self._ours = ours
        self._epoch_1904 = epoch_1904

    def compute(self, node: Node) -> Compute:
        """The function that works out a tree."""
        return self._KINDS[node.kind](self, node)

    def _constant(self, node: Node) -> Compute:
        value = node.value
        return lambda _: value

    def _range_of(self, node: Node) -> Compute:
        return self._read(node)

    def _group(self, node: Node) -> Compute:
        return self.compute(node.parts[0])

    def _percent(self, node: Node) -> Compute:
        inside = self.compute(node.parts[0])
        return lambda at: _spread(lambda it: _number(it) / 100, inside(at))

    def _sign(self, node: Node) -> Compute:
        inside = self.compute(node.parts[0])
        if node.value == "+":
            return inside
        return lambda at: _spread(lambda it: -_number(it), inside(at))

    def _operator(self, node: Node) -> Compute:
        """From the left on: a sum of hundreds is no deeper than one of two."""
        chain = [node]
        while chain[-1].parts[0].kind == "operator":
            chain.append(chain[-1].parts[0])
        first = caught(self.compute(chain[-1].parts[0]))
        signs = [each.value for each in reversed(chain)]
        rights = [caught(self.compute(each.parts[1])) for each in reversed(chain)]
        inner, last, last_right = list(zip(signs, rights, strict=True))[:-1], signs[-1], rights[-1]

        def calculated(at: Any) -> Any:
            value = first(at)
            for sign, right in inner:
                try:
                    value = _combined(sign, value, right(at))
                except Failed as problem:
                    value = error(problem.kind)
            return _combined(last, value, last_right(at))

        return calculated

    def _left_out(self, node: Node) -> Compute:
        return _raising(Beyond, "an argument is left out")

    def _call(self, node: Node) -> Compute:
        name = _PREFIXES.sub("", node.value)
        if name in self._ours:
            return self.of_ours(self._ours[name], node.parts)
        if name in ("TRUE", "FALSE") and not node.parts:
            return lambda _: name == "TRUE"
        if name == "NA" and not node.parts:
            return _raising(Failed, "Na")
        if name == "IF":
            return self._if(node.parts)
        if name in _CHOOSING:
            return self._if_error(name, node.parts)
        if name == "DATE":
            return self._of_excel(lambda given: _date(given, self._epoch_1904), node.parts)
        if name in _FUNCTIONS:
            return self._of_excel(_FUNCTIONS[name], node.parts)
        return _raising(Failed, "Name")

    def of_ours(self, function: Callable[..., Any], parts: Sequence[Node]) -> Compute:
        """A call of a function beyond Excel's."""
        given = [self.given(part) for part in parts]
        return lambda at: plain(function(*[it(at) for it in given]))

    def given(self, part: Node) -> Compute:
        """An argument of such a call."""
        argument = self._argument_of(part)
        inside = _without_brackets(part)
        if inside is part or inside.kind != "call" or inside.value in self._ours:
            return argument

        def in_brackets(at: Any) -> Any:
            value = argument(at)
            if _is_error(value):  # some of Excel's functions end formualizer's call with it
                raise Beyond("a function's error value in brackets")
            return value

        return in_brackets

    def _argument_of(self, part: Node) -> Compute:
        inside = _without_brackets(part)
        if inside.kind == "range" and inside is not part:
            return _raising(Beyond, "brackets around a range")
        return caught(self.compute(part))

    def _of_excel(
        self, function: Callable[[Sequence[_Given]], Any], parts: Sequence[Node]
    ) -> Compute:
        if not parts:
            return _raising(Beyond, "a function without arguments")
        given = [(self._argument_of(part), part.kind == "range") for part in parts]
        return lambda at: function([_Given(it(at), is_range) for it, is_range in given])

    def _if_error(self, name: str, parts: Sequence[Node]) -> Compute:
        if len(parts) != 2:
            return _raising(Beyond, "another number of arguments")
        tried, otherwise = caught(self.compute(parts[0])), self.compute(parts[1])

        def chosen(at: Any) -> Any:
            value = tried(at)
            if isinstance(value, list):
                raise Beyond(f"{name} over several cells")
            kind = _kind(value)
            if kind == "Na" or (kind and name == "IFERROR"):
                return otherwise(at)
            return 0.0 if value is None else value

        return chosen

    def _if(self, parts: Sequence[Node]) -> Compute:
        if not 1 < len(parts) < 4:
            return _raising(Beyond, "another number of arguments")
        test = self.compute(parts[0])
        then = self._branch(parts[1])
        otherwise: Compute = self._branch(parts[2]) if len(parts) == 3 else lambda _: False

        def chosen(at: Any) -> Any:
            tested = test(at)
            if isinstance(tested, list):
                raise Beyond("IF over several cells")
            return then(at) if _truth(tested) else otherwise(at)

        return chosen

    def _branch(self, node: Node) -> Compute:
        return (lambda _: 0.0) if node.kind == "left out" else self.compute(node)

    _KINDS: Final = {
        "literal": _constant,
        "truth": _constant,
        "array": _constant,
        "range": _range_of,
        "group": _group,
        "percent": _percent,
        "sign": _sign,
        "operator": _operator,
        "call": _call,
        "left out": _left_out,
    }


def is_known(name: str) -> bool:
    """Whether a function of Excel's is calculated here.

    >>> is_known("ROUND"), is_known("VLOOKUP")
    (True, False)
    """
    return name in _FUNCTIONS or name in _CHOOSING or name in ("DATE", "TRUE", "FALSE", "NA")


def _without_brackets(node: Node) -> Node:
    while node.kind == "group":
        node = node.parts[0]
    return node


def caught(compute: Compute) -> Compute:
    """Gives the value, or the error value in its place."""

    def caught(at: Any) -> Any:
        try:
            return compute(at)
        except Failed as problem:
            return error(problem.kind)

    return caught


def _raising(problem: type[Beyond | Failed], said: str) -> Compute:
    def raising(_: Any) -> Any:
        raise problem(said)

    return raising


# ---------------------------------------------------------------- formualizer's names


class LiteralValue:
    """Values that Python has no type for."""

    @staticmethod
    def error(kind: str, _message: str | None) -> dict[str, str]:
        """An error value."""
        return error(kind)


class EvaluationConfig:
    """Settings; nothing here runs side by side, and dates are numbers throughout."""

    enable_parallel = False
    date_system = "1900"


class WorkbookConfig:
    """Settings of a workbook."""

    def __init__(self, eval_config: EvaluationConfig) -> None:
        self.eval_config = eval_config


Place = tuple[str, int, int]


class Workbook:
    """Sheets of values, and formulas beside them."""

    def __init__(self, config: WorkbookConfig | None = None) -> None:
        self._values: dict[str, dict[tuple[int, int], Any]] = {}
        self._formulas: dict[Place, str] = {}
        self._results: dict[Place, Any] = {}
        self._ours: dict[str, Callable[..., Any]] = {}
        epoch_1904 = config is not None and config.eval_config.date_system == "1904"
        self._compiler = Compiler(self._reader, self._ours, epoch_1904)

    def set_temporal_egress(self, _how: str) -> None:
        """Dates come out as numbers, as they went in."""

    def add_sheet(self, name: str) -> None:
        """A sheet with nothing on it."""
        self._values[name] = {}

    def register_function(
        self, name: str, answer: Callable[..., Any], min_args: int, max_args: int | None
    ) -> None:
        """A function that formulas may call."""
        self._ours[name] = answer

    def set_value(self, sheet: str, row: int, column: int, value: Any) -> None:
        """What a cell holds."""
        self._values[sheet][row, column] = value

    def set_values_batch(self, sheet: str, top: int, left: int, rows: Any) -> None:
        """What a block of cells holds."""
        for down, row in enumerate(rows):
            for across, value in enumerate(row):
                self._values[sheet][top + down, left + across] = value

    def set_formula(self, sheet: str, row: int, column: int, formula: str) -> None:
        """A formula; what it results in is there once it was evaluated."""
        self._formulas[sheet, row, column] = formula

    def evaluate_cells(self, places: Sequence[Place]) -> None:
        """Calculate these formulas."""
        for place in places:
            self._results[place] = self._result(place)

    def evaluate_cell(self, sheet: str, row: int, column: int) -> Any:
        """Calculate one formula."""
        self.evaluate_cells([(sheet, row, column)])
        return self.get_value(sheet, row, column)

    def get_value(self, sheet: str, row: int, column: int) -> Any:
        """What a cell shows."""
        result = self._results.get((sheet, row, column))
        if result is None:
            result = self._values[sheet].get((row, column))
        return result

    def _result(self, place: Place) -> Any:
        try:
            compute = self._compiler.compute(tree(tokenize(self._formulas[place])))
            value = compute(place)
            return self._placed(place, value) if isinstance(value, list) else value
        except Failed as problem:
            return error(problem.kind)
        except (Unparsed, RecursionError):
            return error("Error")
        except Beyond as problem:
            return {"type": "Error", "kind": "NotHere", "message": str(problem)}

    def _placed(self, place: Place, rows: list[list[Any]]) -> Any:
        """An array from its first cell on; the formula has its sheet to itself."""
        sheet, top, left = place
        if self._values[sheet] or sum(other == sheet for other, _, _ in self._formulas) > 1:
            raise Beyond("it results in several cells")
        self.set_values_batch(sheet, top, left, rows)
        return rows[0][0]

    def _reader(self, node: Node) -> Compute:
        sheet, first, last = node.value
        return lambda _: self._range(sheet, first, last)

    def _range(self, sheet: str, first: tuple[int, int], last: tuple[int, int]) -> Any:
        values = self._values[sheet]
        if first == last:
            return values.get(first)
        return [
            [values.get((row, column)) for column in range(first[1], last[1] + 1)]
            for row in range(first[0], last[0] + 1)
        ]
