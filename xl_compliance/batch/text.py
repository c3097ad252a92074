"""Text from a workbook on its way into a report: it stays text wherever it is read.

A holder's name may hold a terminal's escape sequence, a line break or a formula. Whoever reads
the report sees such characters written out, and no program acts on them.
"""

from __future__ import annotations

import re
from typing import Final

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a field of a CSV file for a formula."""

# Control characters, line and paragraph separators, marks that turn the direction of text, lone
# surrogates (names of files that are not UTF-8) and what no XML document may hold.
_BUT_LINE_FEEDS = (
    "\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f"
    "\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff"
)
_HIDDEN = re.compile(f"[\n{_BUT_LINE_FEEDS}]")
_HIDDEN_IN_JSON = re.compile(f"[{_BUT_LINE_FEEDS}]")
"""Line feeds stand between the lines of JSON: inside its texts they are escaped already."""
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def visible(text: str) -> str:
    r"""Text with every character that could steer a program written out.

    >>> visible("Smith\x1b[2J & Co\n")
    'Smith\\x1b[2J & Co\\n'
    """
    return text if text.isprintable() else _HIDDEN.sub(_written_out, text)


def as_field(text: str) -> str:
    """Text for a field of a CSV file, which a spreadsheet must not take for a formula.

    >>> as_field("=cmd|' /C calc'!A0")
    "'=cmd|' /C calc'!A0"
    """
    shown = visible(text)
    return f"'{shown}" if text.lstrip(" ").startswith(FORMULA_STARTS) else shown


def escaped_json(text: str) -> str:
    r"""Finished JSON in which those characters are escapes: the data stays as it is.

    A lone surrogate, which no strict reader of JSON takes, is written out.

    >>> escaped_json('"\x9b31m"')
    '"\\u009b31m"'
    """
    return _HIDDEN_IN_JSON.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    lone = "\\" if "\ud800" <= character <= "\udfff" else ""
    return f"{lone}\\u{ord(character):04x}"


def _written_out(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    return _NAMED.get(character) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")
