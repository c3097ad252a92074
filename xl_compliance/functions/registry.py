"""The one registry of worksheet functions: names, arguments, help and documentation.

Every host, the documentation and the tests read signatures from here; nothing repeats them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from functools import cache
from itertools import chain
from typing import Any, Final

from xl_compliance.functions.cells import (
    FACT,
    SINGLE_VALUES,
    Kind,
    Raw,
    error_value,
    is_range,
    rows_of,
)
from xl_compliance.functions.long_ranges import LONG, all_numbers
from xl_compliance.functions.spellings import canonical
from xl_compliance.rules.exact import SIGNIFICANT_DIGITS, Exact, Parts, from_decimals
from xl_compliance.rules.outcome import Malformed, NotEnoughData, Outcome, Value

Decide = Callable[..., Outcome]

# Below it the 15 digits of a cell hold a whole number as it is.
_ORDINARY: Final = 1e15
# From here on, and below 1e15, Python prints a number without an exponent: digits and a point.
_PRINTED_PLAINLY: Final = 1e-4
_MOST_PRINTED: Final = SIGNIFICANT_DIGITS + 1

Reader = tuple[float, bool, Callable[[Raw], Any]]
"""How an argument is read: below which a positive `float` is in its domain whatever it asks,
whether it is one value, and what reads anything else."""


def read_cells(readers: Sequence[Reader], raws: Sequence[Raw]) -> list[Any]:
    """What each reader makes of its cell, as many as there are of both.

    Here and not in a function of each reader, for one call spends a third of its time in it; and
    without `strict`, which takes as long as reading a cell. What Python prints of a number is what
    15 digits of it are where it has no more of them.
    """
    read = []
    value: Exact
    for (below, one_value, otherwise), raw in zip(readers, raws):  # noqa: B905
        if raw.__class__ is float and 0.0 < raw < below:
            if raw.is_integer():
                value = raw.__trunc__()
            elif raw >= _PRINTED_PLAINLY and len(text := repr(raw)) <= _MOST_PRINTED:
                value = Decimal(text)
            else:
                value = from_decimals(raw)
            read.append(value if one_value else (value,))
        else:
            read.append(otherwise(raw))
    return read


class Shape(Enum):
    """How an argument takes a range."""

    ONE = "one value; a range spills"
    SUMMED = "a range is summed"
    ROWS = "a range is read row by row"
    REST = "any number of further arguments, as they are"


class Result(Enum):
    """What a function returns."""

    NUMBER = "a number"
    VERDICT = "a verdict"
    TRUTH = "TRUE or FALSE, or a word"
    TEXT = "a text"
    DATES = "dates, one below the other"
    TABLE = "a table"


@dataclass(frozen=True)
class Argument:
    """One argument: its kind, how it takes a range, its help, what a blank is read as."""

    name: str
    kind: Kind
    shape: Shape
    help: str
    optional: bool = False
    when_blank: str = ""

    @property
    def missing(self) -> Any:
        """What a rule receives where the argument is not given."""
        return None if self.shape is Shape.ONE else ()

    @property
    def signature(self) -> str:
        """The name as the documentation writes it: `[rights[]]`, `outstanding+`."""
        mark = {Shape.SUMMED: "+", Shape.ROWS: "[]", Shape.REST: "..."}.get(self.shape, "")
        return f"[{self.name}{mark}]" if self.optional else f"{self.name}{mark}"

    def read(self, raw: Raw, numeric_result: bool) -> Any:
        """What the rule receives; raises a `RuleError` where the cell cannot be read.

        A range for a one-value argument must have been taken apart before.
        """
        if raw.__class__ in SINGLE_VALUES:
            value = self._cell(raw, numeric_result)
            if self.shape is not Shape.ONE:
                value = () if value is None else (value,)
        elif self.shape is Shape.ONE:
            if is_range(raw):
                raise Malformed(f"{self.name} is a range, where the function takes one value")
            value = self._cell(raw, numeric_result)
        elif self.shape is Shape.SUMMED:
            value = self._summed(raw, numeric_result)
        else:
            value = self._rows(raw, numeric_result)
        if numeric_result and not self.optional and (value is None or value == ()):
            raise NotEnoughData(f"{self.name} is not given; {self.kind.expects} expected")
        return value

    def blank(self, numeric_result: bool) -> Any:
        """What the rule receives where nothing is given; an error where it must be."""
        if self.optional or not numeric_result:
            return self.missing
        return self.read(None, numeric_result)

    def reader(self, numeric_result: bool) -> Reader:
        """What `read`, or `blank` for an empty cell, is done with quickly by `read_cells`."""
        kind, one_value = self.kind, self.shape is Shape.ONE

        def plainly(raw: Raw) -> Any:
            return self.blank(numeric_result) if raw is None else self.read(raw, numeric_result)

        def fact(raw: Raw) -> Any:
            return raw if raw is True or raw is False else plainly(raw)

        def text(raw: Raw) -> Any:
            value = kind.read(raw) if raw.__class__ is str else None
            return plainly(raw) if value is None else value

        if kind.numeric and not kind.least:
            return _ORDINARY if kind.most is None else float(kind.most), one_value, plainly
        if kind.numeric or not one_value:
            return 0.0, one_value, plainly
        return 0.0, one_value, fact if kind is FACT else text

    def _cell(self, raw: Raw, numeric_result: bool) -> Any:
        kind = self.kind
        value = kind.read(raw)
        if value is None or not kind.numeric:
            return value
        return kind.checked(value, numeric_result)

    def _summed(self, raw: Raw, numeric_result: bool) -> Any:
        rows = rows_of(raw)
        if rows is None:
            value = self._cell(raw, numeric_result)
            return () if value is None else (value,)
        cells = list(chain.from_iterable(rows))
        numbers = self._at_once(cells, zeros=True)
        if numbers is not None:
            return numbers
        parts = [part for cell in cells if (part := self.kind.read(cell)) is not None]
        self._check_parts(parts)
        if parts and not any(parts):
            whole = self.kind.checked(0, numeric_result)
            return () if whole is None else Parts(parts)
        return Parts(parts)

    def _check_parts(self, parts: Sequence[Any]) -> None:
        for part in parts:
            if part != 0:
                self.kind.checked(part, numeric_result=True)

    def _rows(self, raw: Raw, numeric_result: bool) -> Any:
        rows = rows_of(raw)
        if rows is None:
            value = self._cell(raw, numeric_result)
            return () if value is None else (value,)
        raws = list(chain.from_iterable(rows))
        numbers = self._at_once(raws, zeros=self.kind.zero == "a number")
        if numbers is not None:
            return numbers
        cells = tuple(self._cell(cell, numeric_result) for cell in raws)
        return () if cells.count(None) == len(cells) else cells

    def _at_once(self, cells: list[Raw], zeros: bool) -> Sequence[Exact] | None:
        """The numbers of a long range that holds nothing but what the kind takes as it is."""
        if len(cells) < LONG or not self.kind.numeric:
            return None
        return all_numbers(cells, self.kind, zeros)


@dataclass(frozen=True)
class Function:
    """A worksheet function as every host, the documentation and the tests see it.

    `numeric` says whether what is missing gives an error value rather than a word, `readers` read
    each argument but the one that takes any number of further ones.

    `figure` is the rule's bare arithmetic where the answer is that and nothing else: of the same
    arguments it gives the value of `decide`, of columns of them the values row by row. `answer` is
    what a cell is answered with, where that is quicker: the same value, with no reason, thresholds
    or working beside it.
    """

    name: str
    family: str
    result: Result
    words: tuple[str, ...]
    rules: tuple[str, ...]
    arguments: tuple[Argument, ...]
    decide: Decide
    figure: Callable[..., Exact] | None = None
    answer: Callable[..., Value | float] | None = None
    numeric: bool = field(init=False)
    readers: tuple[Reader, ...] = field(init=False, repr=False, compare=False)
    _single: tuple[Argument, ...] = field(init=False, repr=False, compare=False)
    _left_out: tuple[list[Any] | None, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        variadic = bool(self.arguments) and self.arguments[-1].shape is Shape.REST
        single = self.arguments[:-1] if variadic else self.arguments
        numeric = self.result not in (Result.VERDICT, Result.TRUTH)
        worked_out = {
            "numeric": numeric,
            "_single": single,
            "readers": tuple(argument.reader(numeric) for argument in single),
            "_left_out": tuple(
                _blanks(single[given:], numeric) for given in range(len(single) + 1)
            ),
        }
        for name, value in worked_out.items():
            object.__setattr__(self, name, value)

    @property
    def document(self) -> str:
        """The documentation, in the project's fixed order."""
        return inspect.cleandoc(self.decide.__doc__ or "")

    @property
    def summary(self) -> str:
        """What it decides, in the first paragraph of the documentation."""
        return " ".join(self.document.split("\n\n", 1)[0].split())

    @property
    def signature(self) -> str:
        """`MINPRICE(closes[], [dates[]], [signed_at])`."""
        return f"{self.name}({', '.join(argument.signature for argument in self.arguments)})"

    def read(self, raws: Sequence[Raw], readers: Sequence[Reader] | None = None) -> list[Any]:
        """All arguments as the rule receives them; `readers` in place of their own ones."""
        readers = self.readers if readers is None else readers
        given = len(raws)
        read = read_cells(readers, raws)
        if given < len(readers):
            read += self._left_out[given] or [
                argument.blank(self.numeric) for argument in self._single[given:]
            ]
        elif given > len(readers):
            self.check_count(raws)
            read += raws[len(readers) :]
        return read

    def read_but(self, left_aside: Collection[int], raws: Sequence[Raw]) -> list[Any]:
        """All arguments as `read` gives them, but None at the positions left aside."""
        nothing: Reader = (0.0, True, lambda _: None)
        readers = [
            nothing if position in left_aside else reader
            for position, reader in enumerate(self.readers)
        ]
        return self.read(raws, readers)

    def check_count(self, raws: Sequence[Raw]) -> None:
        """More arguments than the function has are an error."""
        if len(raws) > len(self._single) and self._single is self.arguments:
            raise Malformed(f"{self.name} takes {len(self.arguments)} arguments, not {len(raws)}")


def _blanks(arguments: Sequence[Argument], numeric: bool) -> list[Any] | None:
    """What they are where they are left out; None where one of them is needed."""
    if numeric and not all(argument.optional for argument in arguments):
        return None
    return [argument.missing for argument in arguments]


REGISTRY: Final[dict[str, Function]] = {}


def one(name: str, kind: Kind, help: str, blank: str | None = None) -> Argument:
    """An argument of one value; optional where `blank` says what leaving it out is read as."""
    return Argument(name, kind, Shape.ONE, help, blank is not None, blank or "")


def summed(name: str, kind: Kind, help: str, blank: str | None = None) -> Argument:
    """An argument whose range is summed."""
    return Argument(name, kind, Shape.SUMMED, help, blank is not None, blank or "")


def rows(name: str, kind: Kind, help: str, blank: str | None = None) -> Argument:
    """An argument whose range is read row by row."""
    return Argument(name, kind, Shape.ROWS, help, blank is not None, blank or "")


def worksheet_function(
    name: str,
    family: str,
    *arguments: Argument,
    result: Result = Result.NUMBER,
    words: tuple[str, ...] = (),
    rules: tuple[str, ...] = (),
    figure: Callable[..., Exact] | None = None,
    answer: Callable[..., Value | float] | None = None,
) -> Callable[[Decide], Decide]:
    """Register a function under `name`; its docstring is its documentation."""

    def register(decide: Decide) -> Decide:
        if name in REGISTRY:
            raise ValueError(f"{name} is registered twice")
        REGISTRY[name] = Function(
            name, family, result, words, rules, arguments, decide, figure, answer or figure
        )
        return decide

    return register


@cache
def _loaded() -> dict[str, Function]:
    from xl_compliance.functions import (  # noqa: F401
        any_rule,
        nasdaq_approval,
        nasdaq_convertibles,
        nasdaq_fixes,
        nasdaq_governance,
        nasdaq_offerings,
        nasdaq_prices,
        nasdaq_size,
        nasdaq_warrants,
        sec,
        sec_ownership,
        tsx,
    )

    return REGISTRY


def all_functions() -> tuple[Function, ...]:
    """Every worksheet function, in the order of the documentation.

    That is by module and then as they stand there, whichever module was imported first.
    """
    return tuple(sorted(_loaded().values(), key=lambda function: function.decide.__module__))


def find(spelling: str) -> Function:
    """The function behind any spelling; `KeyError` for a name that is not ours.

    >>> find("=XLC.tsx606").name
    'TSX606'
    """
    functions = _loaded()
    function = functions.get(spelling) or functions.get(canonical(spelling))
    if function is None:
        raise KeyError(f"{spelling} is not one of our worksheet functions")
    return function


def first_error_value(raws: Sequence[Raw]) -> str | None:
    """The first Excel error value in any argument, cell by cell."""
    for raw in raws:
        for row in _cells(raw):
            for cell in row:
                if isinstance(cell, str) and (error := error_value(cell)):
                    return error
    return None


def _cells(raw: Raw) -> Sequence[Sequence[Raw]]:
    if isinstance(raw, (list, tuple)):
        return [row if isinstance(row, (list, tuple)) else [row] for row in raw]
    return [[raw]]
