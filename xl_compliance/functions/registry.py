"""The one registry of worksheet functions: names, arguments, help and documentation.

Every host, the documentation and the tests read signatures from here; nothing repeats them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache, cached_property
from typing import Any, Final

from xl_compliance.functions.cells import SINGLE_VALUES, Kind, Raw, error_value, rows_of
from xl_compliance.functions.spellings import canonical
from xl_compliance.rules.outcome import Malformed, NotEnoughData, Outcome

Decide = Callable[..., Outcome]


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

    @cached_property
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
        parts = []
        for row in rows:
            for cell in row:
                part = self.kind.read(cell)
                if part is not None:
                    parts.append(part)
        self._check_parts(parts)
        if parts and not any(parts):
            whole = self.kind.checked(0, numeric_result)
            return () if whole is None else tuple(parts)
        return tuple(parts)

    def _check_parts(self, parts: Sequence[Any]) -> None:
        for part in parts:
            if part != 0:
                self.kind.checked(part, numeric_result=True)

    def _rows(self, raw: Raw, numeric_result: bool) -> Any:
        rows = rows_of(raw)
        if rows is None:
            value = self._cell(raw, numeric_result)
            return () if value is None else (value,)
        cells = tuple(self._cell(cell, numeric_result) for row in rows for cell in row)
        return () if all(cell is None for cell in cells) else cells


@dataclass(frozen=True)
class Function:
    """A worksheet function as every host, the documentation and the tests see it."""

    name: str
    family: str
    result: Result
    words: tuple[str, ...]
    rules: tuple[str, ...]
    arguments: tuple[Argument, ...]
    decide: Decide

    @cached_property
    def numeric(self) -> bool:
        """Whether what is missing gives an error value rather than a word."""
        return self.result not in (Result.VERDICT, Result.TRUTH)

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

    def read(self, raws: Sequence[Raw]) -> list[Any]:
        """All arguments as the rule receives them."""
        self.check_count(raws)
        numeric = self.numeric
        read: list[Any] = []
        for argument, raw in zip(self._single, raws, strict=False):
            if raw is None:
                read.append(argument.blank(numeric))
            else:
                read.append(argument.read(raw, numeric))
        given = len(read)
        if given < len(self._single):
            read.extend([argument.blank(numeric) for argument in self._single[given:]])
        elif self._single is not self.arguments:
            read.extend(raws[given:])
        return read

    @cached_property
    def _single(self) -> tuple[Argument, ...]:
        """The arguments but the one that takes any number of further ones."""
        variadic = bool(self.arguments) and self.arguments[-1].shape is Shape.REST
        return self.arguments[:-1] if variadic else self.arguments

    def check_count(self, raws: Sequence[Raw]) -> None:
        """More arguments than the function has are an error."""
        if len(raws) > len(self._single) and self._single is self.arguments:
            raise Malformed(f"{self.name} takes {len(self.arguments)} arguments, not {len(raws)}")


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
) -> Callable[[Decide], Decide]:
    """Register a function under `name`; its docstring is its documentation."""

    def register(decide: Decide) -> Decide:
        if name in REGISTRY:
            raise ValueError(f"{name} is registered twice")
        REGISTRY[name] = Function(name, family, result, words, rules, arguments, decide)
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
