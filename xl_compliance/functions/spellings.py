"""The ways our functions are spelled in cells, and the one name behind them.

Each host stores a call in its own spelling. `calls` finds ours in the text of a formula, whatever
the spelling; `spelled` says how another host has them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

NAMESPACE: Final = "XLC"

_PREFIX: Final = re.compile(
    r"(?:_xldudf_|_xll\.|_xlfn\.|_xlws\.|\[\d+\]!|"
    r"'(?:[^'!]|'')*xl_compliance\.xlam?'!|(?:[^'!]*[\\/])?xl_compliance\.xlam?!)+",
    re.IGNORECASE,
)
_NAMESPACE: Final = re.compile(rf"{NAMESPACE}[._]", re.IGNORECASE)
_TSX_RULE: Final = re.compile(r"TSX_(\d)")
_A1: Final = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})", re.IGNORECASE)
_R1C1: Final = re.compile(
    r"R(?:\d+|\[-?\d+\])?(?:C(?:\d+|\[-?\d+\])?)?|C(?:\d+|\[-?\d+\])?", re.IGNORECASE
)
_LAST_COLUMN: Final = 16_384
_LAST_ROW: Final = 1_048_576


def canonical(spelling: str) -> str:
    """The name behind any spelling that a cell or a file uses.

    >>> canonical("_xldudf_XLC_MINPRICE"), canonical("tsx_606"), canonical("[1]!UNITFLOOR")
    ('MINPRICE', 'TSX606', 'UNITFLOOR')
    """
    name = spelling.strip().lstrip("=@")
    # At the start and nowhere else: looked for from every character on, a long text takes seconds.
    prefix = _PREFIX.match(name)
    name = name[prefix.end() :] if prefix else name
    name = _NAMESPACE.sub("", name, count=1)
    # Capitals of other scripts' letters may be ours, but the letters are not: ı is no I.
    return _TSX_RULE.sub(r"TSX\1", name.upper() if name.isascii() else name, count=1)


def bare(name: str) -> str:
    """The spelling without a namespace, as the Windows add-in and shipped workbooks use it.

    A name that a spreadsheet would read as a cell address gets an underscore.

    >>> bare("MINPRICE"), bare("TSX606"), bare("TSX606EXCESS")
    ('MINPRICE', 'TSX_606', 'TSX606EXCESS')
    """
    if not is_cell_address(name):
        return name
    letters = name.rstrip("0123456789")
    return f"{letters}_{name[len(letters) :]}"


def is_cell_address(name: str) -> bool:
    """Whether a spreadsheet reads the name as an A1 or R1C1 address.

    >>> is_cell_address("TSX606"), is_cell_address("TSX_606"), is_cell_address("R1C1")
    (True, False, True)
    """
    if _R1C1.fullmatch(name):
        return True
    match = _A1.fullmatch(name)
    if match is None:
        return False
    column = 0
    for letter in match[1].upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return column <= _LAST_COLUMN and int(match[2]) <= _LAST_ROW


class Host(Enum):
    """Where a workbook calculates, and so how its formulas spell our functions."""

    CLASSIC = "classic"
    LITE = "lite"
    LIBREOFFICE = "libreoffice"


def spelled(name: str, host: Host) -> str:
    """A function's name as a formula of that host stores it.

    >>> [spelled("TSX606", host) for host in Host]
    ['TSX_606', '_xldudf_XLC_TSX606', 'XLC.TSX606']
    """
    if host is Host.CLASSIC:
        return bare(name)
    if host is Host.LITE:
        return f"_xldudf_{NAMESPACE}_{name}"
    return f"{NAMESPACE}.{name}"


@dataclass(frozen=True, slots=True)
class Called:
    """A call of ours in a formula: the spelling is `formula[start:end]`, the name what it means."""

    name: str
    start: int
    end: int


# What stands in a formula and is no call, whatever it looks like: a text, a quoted sheet or file
# name (with what it qualifies), the brackets of a structured reference.
_TEXT: Final = re.compile(r'"(?:[^"]|"")*"?')
_QUOTED: Final = re.compile(r"'(?:[^']|'')*'?")
_LINK: Final = re.compile(r"\[\d+\]!")
_WORD: Final = re.compile(r"[\w.\\?$]+")
_OPENS: Final = re.compile(r"[ \t\r\n]*\(")
_ADD_IN: Final = re.compile(r"(?:.*[\\/])?xl_compliance\.xlam?", re.IGNORECASE | re.DOTALL)


def calls(formula: str, known: Callable[[str], bool]) -> Iterator[Called]:
    """Our calls in the text of a formula, in any spelling, from left to right.

    `known` says whether a name is one of our functions. Texts, sheet names, structured references
    and functions of others are passed over.

    >>> text = 'IF(_xll.minprice(A1)>1,"MINPRICE(",Other!MINPRICE(2))'
    >>> [(it.name, text[it.start : it.end]) for it in calls(text, {"MINPRICE"}.__contains__)]
    [('MINPRICE', '_xll.minprice')]
    """
    position, qualifier = 0, None
    while position < len(formula):
        start, position = position, _next(formula, position)
        token = formula[start:position]
        if token == "!" and qualifier is not None:
            continue
        if _is_qualifier(formula, start, position):
            qualifier = start if qualifier is None else qualifier
            continue
        if _WORD.fullmatch(token) and _OPENS.match(formula, position):
            begins = start if qualifier is None else qualifier
            name = _ours(formula, begins, start, position, known)
            if name:
                yield Called(name, begins, position)
        qualifier = None


def _next(formula: str, position: int) -> int:
    """Where the token that starts here ends."""
    character = formula[position]
    if character == '"':
        match = _TEXT.match(formula, position)
    elif character == "'":
        match = _QUOTED.match(formula, position)
    elif character == "[":
        link = _LINK.match(formula, position)
        return link.end() - 1 if link else _after_brackets(formula, position)
    else:
        match = _WORD.match(formula, position)
    return match.end() if match else position + 1


def _after_brackets(formula: str, position: int) -> int:
    """Past the bracket that closes this one; an apostrophe makes the next character plain."""
    depth = 0
    while position < len(formula):
        character = formula[position]
        if character == "'":
            position += 1
        elif character == "[":
            depth += 1
        elif character == "]":
            depth -= 1
            if depth == 0:
                return position + 1
        position += 1
    return position


def _is_qualifier(formula: str, start: int, end: int) -> bool:
    """Whether what starts here says in which book or sheet the name behind it is."""
    return end < len(formula) and formula[end] == "!" and formula[start] not in '"#'


def _ours(
    formula: str, begins: int, start: int, end: int, known: Callable[[str], bool]
) -> str | None:
    """The function that a word before a bracket means; None where it is none of ours."""
    if begins != start and not _is_our_add_in(formula[begins : start - 1]):
        return None
    word = formula[start:end]
    name = canonical(word)
    if word.startswith("@") or not known(name):
        return None
    if is_cell_address(word) and begins == start:
        # With a blank or a colon this is a range: TSX606 (A1) is where two of them meet.
        is_range = formula[end] != "(" or formula[start - 1 : start] == ":"
        return None if is_range else name
    return name


def _is_our_add_in(qualifier: str) -> bool:
    if re.fullmatch(r"\[\d+\]", qualifier):
        return True
    return _ADD_IN.fullmatch(qualifier.strip("'")) is not None


def argument_spans(formula: str, call: Called) -> list[tuple[int, int]]:
    """Where each argument of a call stands, without the blanks around it.

    >>> text = "MINPRICE( A1 ,IF(B1,{1,2},C1),)"
    >>> (call,) = calls(text, {"MINPRICE"}.__contains__)
    >>> [text[start:end] for start, end in argument_spans(text, call)]
    ['A1', 'IF(B1,{1,2},C1)', '']
    """
    position = formula.index("(", call.end) + 1
    spans, start, depth = [], position, 0
    while position < len(formula):
        token_end = _next(formula, position)
        token = formula[position:token_end]
        if token in (")", "}"):
            depth -= 1
        if depth < 0 or (token == "," and not depth):
            spans.append(_trimmed(formula, start, position))
            start = token_end
        if depth < 0:
            break
        depth += token in ("(", "{")
        position = token_end
    return spans


def _trimmed(formula: str, start: int, end: int) -> tuple[int, int]:
    text = formula[start:end]
    return start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip())
