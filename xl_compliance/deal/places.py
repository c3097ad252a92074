"""Naming cells for a reader."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from xl_compliance.deal.model import Input

_CELL = re.compile(r"([A-Z]+)(\d+)")


def named(inputs: Iterable[Input[Any]]) -> str:
    """Cells as a person writes them, neighbours in a column as one range.

    >>> named([Input(None, "Prices", f"B{row}", "Close") for row in (6, 7, 8, 10)])
    'Prices!B6:B8, Prices!B10'
    """
    return ", ".join(_runs(dict.fromkeys(entry.where for entry in inputs)))


def _runs(places: Iterable[str]) -> list[str]:
    runs: list[tuple[str, str, int, int]] = []
    loose: list[str] = []
    for place in places:
        sheet, _, address = place.partition("!")
        match = _CELL.fullmatch(address)
        if match is None:
            loose.append(place)
            continue
        column, row = match[1], int(match[2])
        if runs and runs[-1][:2] == (sheet, column) and runs[-1][3] + 1 == row:
            runs[-1] = (sheet, column, runs[-1][2], row)
        else:
            runs.append((sheet, column, row, row))
    return [_range(*run) for run in runs] + loose


def _range(sheet: str, column: str, first: int, last: int) -> str:
    cell = f"{sheet}!{column}{first}"
    return cell if first == last else f"{cell}:{column}{last}"
