"""Array constants as Excel writes them: `{1,2;3,4}` is two rows of two cells."""

from __future__ import annotations

from typing import Final

Cell = str | bool | None
_WORDS: Final[dict[str, Cell]] = {"TRUE": True, "FALSE": False, "": None}


class ArrayMistake(ValueError):
    """A text that opens like an array constant and is none."""


def argument_from_text(text: str) -> Cell | list[list[Cell]]:
    """An argument typed on a command line: one cell, or an array constant.

    >>> argument_from_text("1.43"), argument_from_text("TRUE"), argument_from_text("")
    ('1.43', True, None)
    >>> argument_from_text('{1,"a;b";,TRUE}')
    [['1', 'a;b'], [None, True]]
    """
    stripped = text.strip()
    if not stripped.startswith("{"):
        return _cell(stripped)
    if not stripped.endswith("}"):
        raise ArrayMistake(f"{text}: an array constant ends with a brace, as in {{1;2;3}}")
    rows = _split(stripped[1:-1])
    if any(len(row) != len(rows[0]) for row in rows):
        raise ArrayMistake(f"{text}: the rows of an array constant are equally long")
    return rows


def _cell(text: str) -> Cell:
    return _WORDS.get(text.upper(), text)


def _split(body: str) -> list[list[Cell]]:
    rows: list[list[Cell]] = [[]]
    cell, quoted, was_quoted = "", False, False
    for character in f"{body};":
        if character == '"':
            # A doubled quotation mark inside a quoted text stands for one.
            if not quoted and was_quoted:
                cell += '"'
            quoted, was_quoted = not quoted, True
        elif character in ",;" and not quoted:
            rows[-1].append(cell if was_quoted else _cell(cell.strip()))
            cell, was_quoted = "", False
            if character == ";":
                rows.append([])
        else:
            cell += character
    if quoted:
        raise ArrayMistake(f"{{{body}}}: a quotation mark is not closed")
    return rows[:-1]
