"""The vector files: cases of worksheet calls as data, and how their answers are compared.

A case has a `name` (a sentence), a `call` (function and arguments), an answer, a `reason` and a
`source`. The answer is `expect`, or `expect_not` for what must not be answered:

- a number, a truth value or a text: exactly that; dates are written as ISO text
- `"p/q"`: the float nearest to that quotient
- a list of rows: what spills, cell by cell
- `{"rows": [...]}`: each of these is the beginning of a row that spills
- `{"matches": "..."}`: a text that the pattern matches in full

`line` and `threshold` mark the three cases of a threshold: `on` the line, one tick `short` of it
(not yet beyond), one tick `beyond`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
LINES = ("on", "short", "beyond")

_QUOTIENT = re.compile(r"-?\d+/\d+")


@dataclass(frozen=True)
class Case:
    """One case of a vector file."""

    file: str
    name: str
    function: str
    arguments: tuple[Any, ...]
    entry: dict[str, Any]


@cache
def all_cases() -> tuple[Case, ...]:
    """Every case of every vector file, in the order of the files."""
    return tuple(
        Case(
            path.relative_to(VECTORS).with_suffix("").as_posix(),
            entry["name"],
            entry["call"][0],
            tuple(entry["call"][1:]),
            entry,
        )
        for path in sorted(VECTORS.rglob("*.json"))
        for entry in json.loads(path.read_text(encoding="utf-8"))
    )


def answers(expected: Any, got: Any) -> bool:
    """Whether `got` is the expected answer, exactly."""
    if isinstance(expected, dict) and "rows" in expected:
        return isinstance(got, list) and all(
            any(_begins(row, start) for row in got) for start in expected["rows"]
        )
    if isinstance(expected, dict):
        return isinstance(got, str) and re.fullmatch(expected["matches"], got) is not None
    if isinstance(expected, list):
        return _same_rows(expected, got)
    return _same_cell(expected, got)


def _begins(row: list[Any], start: list[Any]) -> bool:
    return len(row) >= len(start) and all(map(_same_cell, start, row))


def _same_rows(expected: list[Any], got: Any) -> bool:
    return (
        isinstance(got, list)
        and len(got) == len(expected)
        and all(
            isinstance(row, list) and len(row) == len(wanted) and all(map(_same_cell, wanted, row))
            for wanted, row in zip(expected, got, strict=True)
        )
    )


def _same_cell(expected: Any, got: Any) -> bool:
    if isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    if isinstance(expected, str) and _QUOTIENT.fullmatch(expected):
        quotient = Fraction(expected)
        expected = quotient.numerator / quotient.denominator
    if isinstance(got, date):
        got = got.isoformat()
    if isinstance(expected, str):
        return isinstance(got, str) and expected == got
    return type(expected) in (int, float) and type(got) in (int, float) and expected == got
