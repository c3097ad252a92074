"""How many lines a text takes in a cell: not every program fits rows by itself."""

from __future__ import annotations

from math import ceil
from typing import Final

# Advance widths of Arial in thousandths of its size.
_WIDTHS: Final = {
    character: width
    for width, characters in (
        (191, "'"),
        (222, "ijl"),
        (278, " !,./:;\\[]ftI|"),
        (333, "()-`r{}"),
        (355, '"'),
        (389, "*"),
        (500, "ckszvxyJ"),
        (584, "+<=>~"),
        (611, "FTZ"),
        (667, "ABEKPSVXY&"),
        (722, "CDHNRUw"),
        (778, "GOQ"),
        (833, "Mm"),
        (889, "%"),
        (944, "W"),
        (1015, "@"),
    )
    for character in characters
}
_DIGIT: Final = 556
_BEYOND_LATIN: Final = 1000
_BOLD: Final = 1.08

_PIXELS_PER_POINT: Final = 96 / 72
_PIXELS_PER_CHARACTER: Final = 7
_PIXELS_AROUND: Final = 5
"""A column of so many characters in the ordinary type has so many pixels, and these around them."""

_LEFT_FREE: Final = 16
"""Pixels of a column that text does not reach: the borders, and the indent of one step."""


def lines(text: str, width: float, points: float, bold: bool = False) -> int:
    """The lines that a text takes, word by word, in a column of that many characters.

    >>> lines("Nasdaq FAQ 279", 46, 8), lines("Nasdaq FAQ 279 (10 Oct 2018); " * 2, 46, 8)
    (1, 2)
    >>> lines("one\\ntwo", 46, 8)
    2
    """
    room = _PIXELS_PER_CHARACTER * width + _PIXELS_AROUND - _LEFT_FREE
    size = points * _PIXELS_PER_POINT / 1000 * (_BOLD if bold else 1)
    return sum(_in_one(part, room / size) for part in text.split("\n"))


def _in_one(text: str, room: float) -> int:
    """Lines of a text without line breaks, in a room of so many thousandths of its size."""
    if _width(text) <= room:
        return 1
    count, left = 1, room
    for word in text.split(" "):
        needed = _width(word)
        if needed > left:
            if left < room:
                count, left = count + 1, room
            count += max(0, ceil(needed / room) - 1)
        left -= needed + _WIDTHS[" "]
    return count


def _width(text: str) -> int:
    return sum(
        _WIDTHS.get(character) or (_DIGIT if character < "\u0250" else _BEYOND_LATIN)
        for character in text
    )
