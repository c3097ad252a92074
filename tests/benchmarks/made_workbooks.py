"""Workbooks to measure with: cap tables of any number of holders, as Excel would leave them.

Every total and percentage is right, so that checking them finds the table, adds everything up and
has nothing to say.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import xlsxwriter

NAMES = ("Ada", "Bo", "Chen", "Dara", "Eve", "Finn", "Gus", "Hana", "Ines", "Jun")
SURNAMES = ("Adler", "Baker", "Cho", "Dias", "Eng", "Farah", "Grant", "Hill", "Ito", "Jones")
CLASSES = ("Common", "Series A Preferred", "Series B Preferred", "Options", "Warrants")
HEADERS = ("Holder", *CLASSES, "Fully diluted", "% of total")
OTHERS = ("Country", "Insider", "Since", "Certificate", "Price", "Consideration", "Note")


def cap_table(path: Path, rows: int, seed: int = 7, columns: int = 8) -> Path:
    """A cap table of so many holders: a name, five classes, their sum and its part of the total.

    With 15 `columns`, seven more that a registrar keeps. Sums and totals are formulas with the
    values that Excel would have stored.
    """
    chance = random.Random(seed)
    book = xlsxwriter.Workbook(str(path), {"constant_memory": rows > 5_000})
    bold = book.add_format({"bold": True})
    styles = {
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "percent": book.add_format({"num_format": "0.00%"}),
    }
    sheet = book.add_worksheet("Cap table")
    sheet.write_row(0, 0, (HEADERS + OTHERS)[:columns], bold)
    held = [[chance.choice((0, chance.randint(1, 90_000))) for _ in CLASSES] for _ in range(rows)]
    whole = sum(map(sum, held))
    last = rows + 1
    for row, shares in enumerate(held, 1):
        of_row, line = sum(shares), row + 1
        name = f"{chance.choice(NAMES)} {chance.choice(SURNAMES)} {row}"
        sheet.write_string(row, 0, name)
        sheet.write_row(row, 1, shares)
        sheet.write_formula(row, 6, f"=SUM(B{line}:F{line})", None, of_row)
        share = f"=G{line}/$G${last + 1}"
        sheet.write_formula(row, 7, share, styles["percent"], of_row / whole if whole else 0)
        _more(sheet, row, chance, styles, columns - 8)
    _totals(sheet, last, held, whole, styles)
    book.close()
    return path


def _more(sheet: Any, row: int, chance: random.Random, styles: dict[str, Any], count: int) -> None:
    if count < len(OTHERS):
        return
    price = chance.randint(5, 1_200) / 100
    sheet.write_string(row, 8, chance.choice(("CA", "US", "UK", "FR")))
    sheet.write_boolean(row, 9, chance.random() < 0.1)
    sheet.write_number(row, 10, 43_000 + chance.randint(0, 2_500), styles["date"])
    sheet.write_string(row, 11, f"C-{row:07}")
    sheet.write_number(row, 12, price)
    sheet.write_number(row, 13, price * 1_000)
    sheet.write_string(row, 14, chance.choice(("", "minutes of May", "joint")))


def _totals(
    sheet: Any, last: int, held: list[list[int]], whole: int, styles: dict[str, Any]
) -> None:
    sheet.write_string(last, 0, "Total")
    for column, letter in enumerate("BCDEFG", 1):
        value = whole if letter == "G" else sum(row[column - 1] for row in held)
        sheet.write_formula(last, column, f"=SUM({letter}2:{letter}{last})", None, value)
    sheet.write_formula(last, 7, f"=SUM(H2:H{last})", styles["percent"], 1 if whole else 0)


def many(folder: Path, count: int, rows: int = 25) -> list[Path]:
    """So many small cap tables, no two alike."""
    return [cap_table(folder / f"model {n:05}.xlsx", rows, seed=n) for n in range(count)]
