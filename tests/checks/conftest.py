"""Deals built in memory, so that a check's cases need no file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from xl_compliance.checks.registry import run_checks
from xl_compliance.deal.model import Deal
from xl_compliance.deal.reading import read_deal
from xl_compliance.workbook.input_sheets import ALL_TABLES, INPUT_TABLES, InputTable
from xl_compliance.workbook.snapshot import Cell, Sheet, Snapshot, Table

FIRST_ROW = 6

PIPE: dict[str, Any] = {
    "Deal": {
        "issuer": "Example Inc",
        "exchange": "NASDAQ",
        "transaction": "PIPE",
        "signed_at": "2024-03-11 11:30",
        "closing_date": "2024-03-15",
        "public_offering": False,
        "insider_sales": 0,
    },
    "Classes": [{"name": "Common", "outstanding": 5_000_000}],
    "Prices": [{"day": f"2024-03-{day:02}", "close": 10, "bid": 10} for day in (4, 5, 6, 7, 8)],
    "Securities": [
        {
            "name": "Shares",
            "kind": "COMMON",
            "quantity": 1_000_000,
            "ratio": 1,
            "paid": 10_000_000,
            "adjustment": "NONE",
        }
    ],
}


def snapshot_of(
    contents: dict[str, Any], tables_of: Sequence[InputTable] = INPUT_TABLES
) -> Snapshot:
    """A workbook with the tables that `contents` names, and blank ones for the rest."""
    cells: dict[str, dict[tuple[int, int], Cell]] = {}
    tables = []
    first = FIRST_ROW
    for definition in tables_of:
        table, body = _table(definition, contents.get(definition.name), first)
        cells.setdefault(definition.sheet, {}).update(body)
        tables.append(table)
        first += table.row_count + 3
    sheets = tuple(Sheet(name, True, body) for name, body in cells.items())
    return Snapshot(Path("deal.xlsx"), sheets, tuple(tables), (), False)


def _table(
    definition: InputTable, content: Any, first: int
) -> tuple[Table, dict[tuple[int, int], Cell]]:
    if definition.facts:
        given = content or {}
        rows = [[e.label, given.get(e.key), None, e.help] for e in definition.entries]
    else:
        rows = [[row.get(e.key) for e in definition.entries] for row in content or []]
    body = {
        (first + r, 2 + c): Cell(value)
        for r, row in enumerate(rows)
        for c, value in enumerate(row)
        if value is not None
    }
    headers = definition.headers
    body |= {(first - 1, 2 + c): Cell(header) for c, header in enumerate(headers)}
    return Table(definition.name, definition.sheet, first, 2, headers, len(rows)), body


@pytest.fixture
def deal():
    """Build the private placement above with some tables or facts changed."""

    def build(**changes: Any) -> Deal:
        contents = dict(PIPE)
        for name, change in changes.items():
            base = contents.get(name)
            both = isinstance(change, dict) and isinstance(base, dict)
            contents[name] = {**base, **change} if both else change
        return read_deal(snapshot_of(contents))

    return build


@pytest.fixture
def findings(deal):
    """The findings about such a deal, with one code or all."""

    def found(code: str = "", **changes: Any):
        every = run_checks(deal(**changes))
        return [finding for finding in every if not code or finding.code == code]

    return found


@pytest.fixture
def verdict(findings):
    """The verdict under Listing Rule 5635(d)."""

    def answer(**changes: Any) -> str:
        (finding,) = findings("NDQ007", **changes)
        return finding.verdict

    return answer


@pytest.fixture
def read_tables():
    """Read a deal from some tables of a workbook, blank where nothing is given for them."""

    def read(contents: dict[str, Any], tables_of: Sequence[InputTable]) -> Deal:
        return read_deal(snapshot_of(contents, tables_of))

    return read


@pytest.fixture
def workbook_of():
    """A workbook with these tables filled, and all others blank."""
    return lambda contents: snapshot_of(contents, ALL_TABLES)


@pytest.fixture
def pipe():
    """The rows of the private placement, to be changed."""
    return PIPE
