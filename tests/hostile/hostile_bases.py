"""Three small sound workbooks, by their parts: what the hostile corpus is made from.

A deal of ours that needs a vote, a model of someone's that calls our functions, a cap table.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from functools import cache
from io import BytesIO
from typing import Any

import xlsxwriter

from xl_compliance.workbook.input_sheets import INPUT_TABLES, InputTable

Parts = dict[str, bytes]

PIPE: dict[str, Any] = {
    "Deal": {
        "issuer": "Example Inc",
        "exchange": "NASDAQ",
        "transaction": "PIPE",
        "signed_at": 45_362.479166666664,  # 11 March 2024, 11:30
        "closing_date": 45_366,
        "public_offering": False,
    },
    "Classes": [{"name": "Common", "outstanding": 5_000_000}],
    "Prices": [
        {"day": 45355 + day, "close": 10.125, "bid": 10.125, "source": "exchange"}
        for day in range(5)
    ],
    "Securities": [
        {
            "name": "Shares",
            "kind": "COMMON",
            "quantity": 1_234_567,
            "ratio": 1,
            "paid": 9_876_543,
            "adjustment": "NONE",
        }
    ],
    "Purchasers": [
        {"name": "A Fund", "security": "Shares", "bought": 1_234_567, "paid": 9_876_543}
    ],
    "Holders": [{"name": "A Fund", "held": 345_678}],
}


def packed(parts: Mapping[str, bytes], **how: Any) -> bytes:
    """A zip file of these parts, in their order."""
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, **how) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), content, 8)
    return stream.getvalue()


def _parts(data: bytes) -> Parts:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def _written(fill: Any) -> Parts:
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        fill(book)
    return _parts(stream.getvalue())


def _table(book: Any, sheets: dict[str, Any], definition: InputTable) -> None:
    sheet = sheets.get(definition.sheet)
    first = 4
    if sheet is None:
        sheet = sheets[definition.sheet] = book.add_worksheet(definition.sheet)
    else:
        first = 40
    given = PIPE.get(definition.name)
    if definition.facts:
        rows = [[e.label, (given or {}).get(e.key), None, None] for e in definition.entries]
    else:
        rows = [[row.get(e.key) for e in definition.entries] for row in given or [{}]]
    columns = [{"header": header} for header in definition.headers]
    last = first + len(rows)
    sheet.add_table(first, 1, last, len(columns), {"name": definition.name, "columns": columns})
    sheet.write(first - 3, 1, definition.title)
    for down, row in enumerate(rows, first + 1):
        for across, value in enumerate(row, 1):
            if value is not None:
                sheet.write(down, across, value)


def _fill_deal(book: Any) -> None:
    sheets: dict[str, Any] = {}
    for definition in INPUT_TABLES:
        _table(book, sheets, definition)


def _fill_model(book: Any) -> None:
    sheet = book.add_worksheet("Model")
    sheet.write_row(0, 0, ["Issuable", "Outstanding", "Share", "Vote?"])
    for row in (1, 2, 3):
        sheet.write_row(row, 0, [1_000_000, 5_000_000])
        sheet.write_formula(row, 2, f"=ISSUANCEPCT(A{row + 1},B{row + 1})", None, 0.2)
        sheet.write_formula(
            row, 3, f"=NASDAQ5635D(9.99,10,A{row + 1},B{row + 1})", None, "REQUIRED"
        )
    book.define_name("Outstanding", "=Model!$B$2")


def _fill_cap(book: Any) -> None:
    sheet = book.add_worksheet("Cap")
    sheet.write(0, 0, "Example Inc, as of 1 March 2024")
    sheet.write_row(3, 0, ["Shareholder", "Common", "Series A Preferred", "Total", "%"])
    holders = [("Ann", 4_000_000, 0), ("Bob", 2_000_000, 500_000), ("Larch Fund", 0, 3_500_000)]
    for row, (name, common, preferred) in enumerate(holders, 4):
        sheet.write_row(row, 0, [name, common, preferred, common + preferred])
        sheet.write(row, 4, (common + preferred) / 10_000_000)
    sheet.write_row(7, 0, ["Total", 6_000_000, 4_000_000, 10_000_000, 1])


@cache
def deal_parts() -> tuple[tuple[str, bytes], ...]:
    """A workbook of our input sheets; 5635(d) requires a vote."""
    return tuple(_written(_fill_deal).items())


@cache
def model_parts() -> tuple[tuple[str, bytes], ...]:
    """A model whose three rows call our functions, with right results stored."""
    return tuple(_written(_fill_model).items())


@cache
def cap_parts() -> tuple[tuple[str, bytes], ...]:
    """A cap table that ties."""
    return tuple(_written(_fill_cap).items())


def sheet_part(parts: Parts, name: str) -> str:
    """The part that holds a sheet."""
    names = [part for part in parts if part.startswith("xl/worksheets/sheet")]
    order = [
        text.split(b'"')[0].decode()
        for text in parts["xl/workbook.xml"].split(b'<sheet name="')[1:]
    ]
    found = f"xl/worksheets/sheet{order.index(name) + 1}.xml"
    assert found in names
    return found
