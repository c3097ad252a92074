"""Formulas as a reader types them: written from a call, and answered from their text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final

from xl_compliance.functions.arrays import ArrayMistake, argument_from_text
from xl_compliance.functions.calling import call
from xl_compliance.functions.documented import WorkedCall
from xl_compliance.functions.registry import find
from xl_compliance.functions.spellings import argument_spans, bare, calls

_DIGITS: Final = 12


class FormulaMistake(ValueError):
    """A formula in the guide that is not one call of one of our functions."""


def formula_of(worked: WorkedCall) -> str:
    """A worked call as it is typed in Excel.

    >>> from xl_compliance.functions.documented import worked_calls
    >>> formula_of(worked_calls(find("UNITFLOOR"))[0])
    '=UNITFLOOR(1.43, 1.43)'
    """
    given = ", ".join(_typed(argument) for argument in worked.arguments)
    return f"={bare(worked.function.name)}({given})"


def _typed(raw: Any) -> str:
    if isinstance(raw, (list, tuple)):
        rows = [row if isinstance(row, (list, tuple)) else [row] for row in raw]
        return "{" + ";".join(",".join(_typed(cell) for cell in row) for row in rows) + "}"
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return str(raw).upper()
    if isinstance(raw, (str, date)):
        return '"' + str(raw).replace('"', '""') + '"'
    return str(raw)


def answer(formula: str, names: Mapping[str, Any]) -> Any:
    """What a formula gives that is one call; `names` are what its defined names hold.

    >>> answer("=UNITFLOOR(floor, 1.43)", {"floor": "1.43"})
    1.555
    """
    body = formula.strip().removeprefix("=")
    found = list(calls(body, _known))
    if len(found) != 1 or found[0].start != 0 or not body.endswith(")"):
        raise FormulaMistake(f"{formula}: not one call of one of our functions")
    arguments = [body[start:end] for start, end in argument_spans(body, found[0])]
    return call(found[0].name, *(argument(text, names) for text in arguments))


def _known(name: str) -> bool:
    try:
        return bool(find(name))
    except KeyError:
        return False


def argument(text: str, names: Mapping[str, Any]) -> Any:
    """An argument as it is typed: a name, a text in quotes, an array constant, a number."""
    if text in names:
        return names[text]
    if text.startswith('"') and text.endswith('"') and len(text) > 1:
        return text[1:-1].replace('""', '"')
    try:
        value = argument_from_text(text)
    except ArrayMistake as mistake:
        raise FormulaMistake(str(mistake)) from None
    if isinstance(value, str) and not _is_number(value):
        raise FormulaMistake(f"{text}: neither a number nor a name that the page defines")
    return value


def _is_number(text: str) -> bool:
    try:
        return Decimal(text.removesuffix("%").replace(",", "")).is_finite()
    except InvalidOperation:
        return False


def shown(value: Any) -> str:
    """An answer as a cell shows it, at twelve digits."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{value:.{_DIGITS}g}"
    return str(value)


def grid(rows: Sequence[Sequence[Any]]) -> list[str]:
    """An answer that spills, its columns one below the other.

    >>> grid([["Way", "To"], ["CAP SHARES", 999999]])
    ['Way         To', 'CAP SHARES  999999']
    """
    cells = [[shown(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        for row in cells
    ]
    return [line.rstrip() for line in lines]


def shows(text: str, value: Any) -> bool:
    """Whether a text is that answer, rounded where it has fewer digits.

    >>> shows("20.21%", 0.20205990536680984), shows("0.202", 0.20205990536680984)
    (True, True)
    >>> shows("20.2%", 0.20305990536680984), shows("REVIEW", "REVIEW")
    (False, True)
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return text == shown(value)
    is_share = text.endswith("%")
    try:
        number = Decimal(text.removesuffix("%").replace(",", ""))
    except InvalidOperation:
        return False
    exact = Decimal(repr(value)) * (100 if is_share else 1)
    return exact.quantize(number, rounding=ROUND_HALF_UP) == number
