"""The calls that every host is put through: vectors, documented examples, and odd cells.

All come from the registry and the vector files, so that a new function is tried everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from worksheet_cases import all_cases

from xl_compliance.functions.documented import worked_calls
from xl_compliance.functions.registry import Function, Shape, all_functions, find

TEXT = "Åström & Søn “Ünïcode” 株式会社 😀 <b>"


@dataclass(frozen=True)
class EmptyLink:
    """A cell that links to an empty one, which is a 0."""


@dataclass(frozen=True)
class BlankCell:
    """A reference to an empty cell."""


@dataclass(frozen=True)
class HostCase:
    """A call, and where it comes from."""

    origin: str
    function: Function
    arguments: tuple[Any, ...]

    def plain(self) -> list[Any]:
        """The arguments as `call` takes them."""
        return [_plain(argument) for argument in self.arguments]


def _plain(argument: Any) -> Any:
    if isinstance(argument, EmptyLink):
        return 0
    return None if isinstance(argument, BlankCell) else argument


def all_host_cases() -> list[HostCase]:
    """Every case; at least one of each kind for each function that has arguments."""
    return [*_vectors(), *_documented(), *_explained(), *_odd()]


def _vectors() -> Iterator[HostCase]:
    for case in all_cases():
        yield HostCase(f"vector: {case.name}", find(case.function), case.arguments)


def _documented() -> Iterator[HostCase]:
    for function in all_functions():
        for worked in worked_calls(function):
            yield HostCase("documentation", function, worked.arguments)


def _explained() -> Iterator[HostCase]:
    """EXPLAIN with each function's arguments, and with one in the middle left out."""
    explain = find("EXPLAIN")
    for function in all_functions():
        arguments = worked_calls(function)[0].arguments
        yield HostCase("explained", explain, (function.name, *arguments))
        if len(arguments) > 2:
            gap = (*arguments[:1], None, *arguments[2:])
            yield HostCase("explained with a gap", explain, (function.name, *gap))


def _odd() -> Iterator[HostCase]:
    """Each argument of each function in turn as something that cells hold."""
    for function in all_functions():
        arguments = worked_calls(function)[0].arguments
        for position, argument in enumerate(function.arguments):
            if argument.shape is Shape.REST:
                continue
            for kind, cell in _cells(arguments[position] if position < len(arguments) else None):
                filled = [*arguments, *[None] * (position - len(arguments) + 1)]
                filled[position] = cell
                yield HostCase(kind, function, tuple(filled))


def _cells(usual: Any) -> Iterator[tuple[str, Any]]:
    yield "left out", None
    yield "blank cell", BlankCell()
    yield "link to an empty cell", EmptyLink()
    yield "text in any script", TEXT
    yield "truth value", True
    yield "truth value", False
    for error in ("#REF!", "#N/A", "#DIV/0!", "#NAME?", "#NUM!", "#VALUE!", "#NULL!"):
        yield "error", error
    if usual is not None and not isinstance(usual, list):
        yield "range of one cell", [[usual]]
        yield "range", [[usual], [usual]]
        yield "range with an error", [[usual], ["#REF!"]]
        yield "range with a blank", [[usual, None]]
