"""The calculator of the page: every worksheet function as a form, out of the registry."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any, Final

from xl_compliance.checks.findings import severity_of
from xl_compliance.excel.lambdas import all_lambdas
from xl_compliance.excel.wizard import argument_help
from xl_compliance.functions import calling
from xl_compliance.functions.arrays import ArrayMistake, argument_from_text
from xl_compliance.functions.cells import Raw, error_value, read_number
from xl_compliance.functions.registry import (
    Argument,
    Function,
    Result,
    Shape,
    all_functions,
    find,
)
from xl_compliance.functions.spellings import Host, spelled
from xl_compliance.rules.outcome import RuleError

LONGEST_FORMULA: Final = 8_192
"""What Excel takes as one formula."""

_PLAIN_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")
_BREAKS: Final = re.compile(r"[\t\r\n]")
_QUOTED: Final = re.compile(r'"((?:[^"]|"")*)"(?=[\t\r\n]|\Z)')
_UNQUOTED: Final = re.compile(r"[^\t\r\n]*")
_WORDS: Final = {"TRUE": True, "FALSE": False, "": None}


class Spelling(Enum):
    """Where a formula will be typed, and so how it is spelled."""

    CLASSIC = "Excel on Windows with the xlwings add-in"
    LITE = "Excel with xlwings Lite"
    LIBREOFFICE = "LibreOffice Calc"
    LAMBDA = "Excel 365 alone (LAMBDA names)"


def forms() -> dict[str, Any]:
    """Everything that the page needs to show a form for each function."""
    return {
        "functions": [_form(function) for function in all_functions()],
        "spellings": [[each.name, each.value] for each in Spelling],
    }


def _form(function: Function) -> dict[str, Any]:
    return {
        "name": function.name,
        "family": function.family,
        "summary": function.summary,
        "signature": function.signature,
        "document": function.document,
        "arguments": [_field(argument) for argument in function.arguments],
        "example": example(function),
        "spellings": [each.name for each in spellings(function)],
    }


def _field(argument: Argument) -> dict[str, Any]:
    return {
        "name": argument.name,
        "help": argument_help(argument),
        "expects": argument.kind.expects,
        "optional": argument.optional,
        "many": argument.shape is not Shape.ONE,
        "rest": argument.shape is Shape.REST,
    }


def spellings(function: Function) -> list[Spelling]:
    """Where a function can be called."""
    without_add_in = {each.function.name for each in all_lambdas()}
    return [it for it in Spelling if it is not Spelling.LAMBDA or function.name in without_add_in]


# ---------------------------------------------------------------- what is typed


def example(function: Function) -> list[str]:
    """The arguments of the documentation's first example, as one would type them."""
    # The page is built with the examples in it: they are not looked up where it runs.
    from xl_compliance.functions.documented import worked_calls

    calls = worked_calls(function)
    return as_typed(function, calls[0].arguments) if calls else []


def as_typed(function: Function, arguments: Sequence[Raw]) -> list[str]:
    """Arguments as the fields of the form hold them.

    >>> as_typed(find("ISSUANCEPCT"), (1500000, [[5000000], [3000000]]))
    ['1500000', '5000000\\n3000000']
    """
    fields: list[str] = []
    for position, argument in enumerate(function.arguments[: len(arguments)]):
        if argument.shape is Shape.REST:
            fields.append("\n".join(map(_in_one_line, arguments[position:])))
        else:
            fields.append(_in_cells(arguments[position]))
    return fields


def _in_cells(raw: Raw) -> str:
    if not isinstance(raw, list | tuple):
        return _cell_text(raw)
    rows = [row if isinstance(row, list | tuple) else [row] for row in raw]
    return "\n".join("\t".join(_as_copied(_cell_text(cell)) for cell in row) for row in rows)


def _as_copied(text: str) -> str:
    """A cell as Excel copies it: quoted where a line break or a tab would end it."""
    return '"' + text.replace('"', '""') + '"' if _BREAKS.search(text) else text


def _in_one_line(raw: Raw) -> str:
    if not isinstance(raw, list | tuple):
        return _cell_text(raw)
    rows = [row if isinstance(row, list | tuple) else [row] for row in raw]
    return "{" + ";".join(",".join(map(_cell_text, row)) for row in rows) + "}"


def _cell_text(raw: Raw) -> str:
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return str(raw).upper()
    if isinstance(raw, datetime):
        return raw.isoformat(" ", "seconds" if raw.second else "minutes")
    return raw.isoformat() if isinstance(raw, date) else str(raw)


def arguments_of(function: Function, fields: Sequence[str]) -> list[Raw]:
    """What the function receives for what was typed or pasted. Raises `ArrayMistake`.

    >>> arguments_of(find("ISSUANCEPCT"), ["1,500,000", "5000000\\n3000000\\n"])
    ['1,500,000', [['5000000'], ['3000000']]]
    """
    arguments: list[Raw] = []
    for argument, text in zip(function.arguments, fields, strict=False):
        if argument.shape is Shape.REST:
            lines = text.rstrip("\r\n").splitlines() if text.strip() else []
            arguments += [argument_from_text(line) for line in lines]
        else:
            arguments.append(_read(text, argument.shape))
    while arguments and arguments[-1] is None:
        arguments.pop()
    return arguments


def _read(text: str, shape: Shape) -> Raw:
    if shape is Shape.ONE or not text.strip():
        text = text.strip("\r\n")
    pasted = _pasted(text)
    width = max(map(len, pasted))
    if len(pasted) == width == 1:
        (cell,) = pasted[0]
        return cell if _BREAKS.search(cell) else argument_from_text(cell)
    rows = [[_cell(cell) for cell in row] for row in pasted]
    return [row + [None] * (width - len(row)) for row in rows]


def _pasted(text: str) -> list[list[str]]:
    """Cells as a sheet copies them: tabs between them, rows on lines.

    Excel quotes a cell that holds a line break or a tab; a quotation mark in any other cell is
    text.

    >>> _pasted('"A Fund\\nL.P."\\t5\\r\\n"B"\\t6\\n')
    [['A Fund\\nL.P.', '5'], ['"B"', '6']]
    """
    rows: list[list[str]] = [[]]
    at = 0
    while True:
        quoted = _QUOTED.match(text, at)
        if quoted and _BREAKS.search(quoted[1]):
            cell, at = quoted[1].replace('""', '"'), quoted.end()
        else:
            cell = _UNQUOTED.match(text, at)[0]  # type: ignore[index]
            at += len(cell)
        rows[-1].append(cell)
        if at == len(text):
            return rows
        if text[at] != "\t":
            rows.append([])
        at += 2 if text.startswith("\r\n", at) else 1
        if at == len(text) and not rows[-1]:
            return rows[:-1]


def _cell(text: str) -> Raw:
    stripped = text.strip()
    return _WORDS.get(stripped.upper(), stripped)


# ---------------------------------------------------------------- what is answered


def answered(name: str, fields: Sequence[str], spelling: str) -> dict[str, Any]:
    """The answer to what was typed, its working, and the formula that gives it in a cell."""
    function = find(name)
    try:
        arguments = arguments_of(function, fields)
    except ArrayMistake as mistake:
        return {"mistake": str(mistake)}
    answer = calling.call(name, *arguments)
    working = calling.explain(name, *arguments)
    return {
        "answer": shown(answer),
        "severity": _severity(function, answer),
        "why": str(working[-1][2]) if _is_error(answer) else "",
        "working": shown(working),
        "formula": formula(function, arguments, Spelling[spelling]),
    }


def shown(answer: Any) -> list[list[str]]:
    """An answer as rows of texts."""
    rows = answer if isinstance(answer, list) else [[answer]]
    return [[_cell_text(cell) for cell in row] for row in rows]


def _is_error(answer: Any) -> bool:
    return isinstance(answer, str) and error_value(answer) is not None


def _severity(function: Function, answer: Any) -> str:
    if _is_error(answer):
        return "warning"
    if function.result is Result.VERDICT and isinstance(answer, str):
        return severity_of(answer).value
    return ""


# ---------------------------------------------------------------- the formula


def formula(function: Function, arguments: Sequence[Raw], spelling: Spelling) -> str:
    """The call with its values in it; where that is too long for Excel, with names in their place.

    >>> formula(find("TSX606"), ["1.00", "1.10", True], Spelling.CLASSIC)
    '=TSX_606(1,1.1,TRUE)'
    """
    host = {Spelling.LITE: Host.LIBREOFFICE, Spelling.LAMBDA: Host.CLASSIC}.get(spelling)
    name = spelled(function.name, host or Host[spelling.name])
    whole = f"={name}({','.join(_written(function, arguments))})"
    if len(whole) <= LONGEST_FORMULA:
        return whole
    return f"={name}({','.join(argument.name for argument in function.arguments)})"


def _written(function: Function, arguments: Sequence[Raw]) -> Iterator[str]:
    for position, raw in enumerate(arguments):
        described = function.arguments[min(position, len(function.arguments) - 1)]
        rest = described.shape is Shape.REST
        if raw is None:
            yield ""
        elif isinstance(raw, list):
            rows = (",".join(_literal(cell, described, rest) for cell in row) for row in raw)
            yield "{" + ";".join(rows) + "}"
        else:
            yield _literal(raw, described, rest)


def _literal(cell: Raw, argument: Argument, rest: bool) -> str:
    """A cell as a constant: a number only where the function reads one."""
    if isinstance(cell, bool):
        return str(cell).upper()
    text = _cell_text(cell)
    if error_value(text):
        return text.upper()
    number = _as_number(text) if argument.kind.numeric or rest else None
    if rest and not _PLAIN_NUMBER.fullmatch(text):
        number = None
    return number or '"' + text.replace('"', '""') + '"'


def _as_number(text: str) -> str | None:
    try:
        number = read_number(text)
    except RuleError:
        return None
    if number is None:
        return None
    written = f"{number:f}" if not isinstance(number, int) else str(number)
    return written.rstrip("0").rstrip(".") if "." in written else written
