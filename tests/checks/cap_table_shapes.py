"""Cap tables in the shapes in which people keep them, made from holdings, and ways to write them.

A grid maps cell addresses to values; a `Computed` is a formula with the result that Excel would
store. The numbers come from exact fractions, rounded to a float only at the end.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter

from xl_compliance.deal.cap_table_reading import find_cap_tables
from xl_compliance.workbook.snapshot import (
    Cell,
    Sheet,
    Snapshot,
    format_address,
    parse_address,
)


@dataclass(frozen=True)
class Computed:
    """A formula and its stored result."""

    formula: str
    value: Any


Grid = dict[str, Any]


def letter(number: int) -> str:
    return format_address(1, number)[:-1]


def value_of(entry: Any) -> Any:
    return entry.value if isinstance(entry, Computed) else entry


def snapshot_of(grid: Grid, sheet: str = "Cap table", visible: bool = True) -> Snapshot:
    cells = {}
    for address, entry in grid.items():
        formula = entry.formula if isinstance(entry, Computed) else None
        cells[parse_address(address)] = Cell(value_of(entry), formula)
    return Snapshot(Path("cap.xlsx"), (Sheet(sheet, visible, cells),), (), (), False)


def found_in(grid: Grid) -> Any:
    return find_cap_tables(snapshot_of(grid))


# ---------------------------------------------------------------- the shapes


@dataclass(frozen=True)
class Company:
    """Holdings by holder and class; the last `rights` classes are options and the like."""

    names: tuple[str, ...]
    classes: tuple[str, ...]
    held: tuple[tuple[int, ...], ...]
    rights: int
    pool: int

    @property
    def basic(self) -> list[int]:
        return [sum(row[: len(self.classes) - self.rights]) for row in self.held]

    @property
    def diluted(self) -> list[int]:
        return [sum(row) for row in self.held]


def share(part: int, whole: int, places: int | None) -> float:
    """A percentage as Excel computes it, or as someone types it with so many decimals."""
    exact = Fraction(part, whole)
    if places is None:
        return part / whole
    return float(Fraction(round(exact * 10**places), 10**places))


def typed(entry: Any, places: int | None, formula: str) -> Any:
    """A computed cell, or one typed in where percentages are typed with so many decimals."""
    return entry if places is not None else Computed(formula, entry)


def law_firm(company: Company, places: int | None = None) -> Grid:
    """Title rows, one row a holder, one column a class, both percentages, pool, total."""
    grid: Grid = {"A1": "Example Inc. - Capitalization Table", "A2": "As of March 31, 2024"}
    heads = ["Shareholder", *company.classes, "Shares Outstanding", "Fully Diluted Shares"]
    heads += ["% Outstanding", "% Fully Diluted"]
    put(grid, 4, heads)
    n, last = len(company.classes), 5 + len(company.names)
    total_row = last + 1
    basic, diluted = sum(company.basic), sum(company.diluted) + company.pool
    out, fd = letter(n + 2), letter(n + 3)
    plain = letter(n + 1 - company.rights)
    for index, name in enumerate(company.names):
        row = 5 + index
        put(grid, row, [name, *company.held[index]])
        grid[f"{out}{row}"] = Computed(f"=SUM(B{row}:{plain}{row})", company.basic[index])
        grid[f"{fd}{row}"] = Computed(f"=SUM(B{row}:{letter(n + 1)}{row})", company.diluted[index])
        percents(grid, row, n + 4, company.basic[index], basic, places, total_row)
        percents(grid, row, n + 5, company.diluted[index], diluted, places, total_row)
    put(grid, last, ["Option pool available", *[None] * (n - 1), company.pool])
    grid[f"{fd}{last}"] = Computed(f"=SUM(B{last}:{letter(n + 1)}{last})", company.pool)
    percents(grid, last, n + 5, company.pool, diluted, places, total_row)
    columns = list(zip(*company.held, strict=True))
    sums = [sum(column) for column in columns]
    sums[-1] += company.pool
    grid[f"A{total_row}"] = "Total"
    for index, value in enumerate([*sums, basic, diluted]):
        at = letter(index + 2)
        grid[f"{at}{total_row}"] = Computed(f"=SUM({at}5:{at}{last})", value)
    for index in (n + 4, n + 5):
        at = letter(index)
        shown = [value_of(grid[f"{at}{r}"]) for r in range(5, last + 1) if f"{at}{r}" in grid]
        grid[f"{at}{total_row}"] = Computed(f"=SUM({at}5:{at}{last})", float(sum(shown)))
    return grid


def percents(
    grid: Grid, row: int, column: int, part: int, whole: int, places: int | None, total: int
) -> None:
    at, of = letter(column), letter(column - 2)
    grid[f"{at}{row}"] = typed(share(part, whole, places), places, f"={of}{row}/{of}${total}")


def put(grid: Grid, row: int, values: list[Any]) -> None:
    for index, value in enumerate(values, start=1):
        if value is not None:
            grid[f"{letter(index)}{row}"] = value


def carta(company: Company, places: int | None = None) -> Grid:
    """Ids before names, long headers, memo and percent rows under the holders."""
    grid: Grid = {"A1": "Example Detailed Capitalization Table", "A2": "As of 08/20/2025"}
    n, last = len(company.classes), 4 + len(company.names)
    heads = ["Stakeholder ID", "Name", *(f"{name} Units" for name in company.classes)]
    heads[len(heads) - company.rights :] = [
        f"{name} Outstanding Under 2021 Plan" for name in company.classes[n - company.rights :]
    ]
    heads += ["Outstanding Units", "Fully Diluted Units", "Outstanding Ownership"]
    put(grid, 4, [*heads, "Fully Diluted Ownership"])
    basic, diluted = sum(company.basic), sum(company.diluted) + company.pool
    for index, name in enumerate(company.names):
        held = [it or None for it in company.held[index]]
        values = [f"{index:032x}", name, *held, company.basic[index], company.diluted[index]]
        values.append(share(company.basic[index], basic, places))
        put(grid, 5 + index, [*values, share(company.diluted[index], diluted, places)])
    sums = [sum(column) for column in zip(*company.held, strict=True)]
    blank = [None] * (n - company.rights)
    rights = sums[n - company.rights :]
    row = last + 1
    put(grid, row, [None, "Options and RSU's issued and outstanding", *blank, *rights])
    pools = [0] * (company.rights - 1) + [company.pool]
    pool = [None, "Units available for issuance under the plan", *blank, *pools, None]
    put(grid, row + 1, [*pool, company.pool, None, share(company.pool, diluted, places)])
    whole = [*sums[: n - company.rights], *(a + b for a, b in zip(rights, pools, strict=True))]
    put(grid, row + 2, [None, "Fully diluted units", *whole, None, diluted, None, 1])
    parts = [share(it, diluted, places) for it in whole]
    put(grid, row + 3, [None, "Fully Diluted Ownership", *parts, None, 1])
    none = [None] * company.rights
    plain = sums[: n - company.rights]
    put(grid, row + 4, [None, "Total Units Outstanding", *plain, *none, basic, None, 1])
    parts = [share(it, basic, places) for it in plain]
    put(grid, row + 5, [None, "Percentage Outstanding", *parts, *none, 1])
    put(grid, row + 6, [None, "Price per unit"])
    return grid


def open_format(company: Company, places: int | None = None) -> Grid:
    """A group column, totals before percentages, the pool and the total after blank rows."""
    grid: Grid = {"C1": "Example Capitalization by Stakeholder"}
    n, last = len(company.classes), 2 + len(company.names)
    heads = ["Stakeholder", "Stakeholder Group", *company.classes, "Total Stock\n(outstanding)*"]
    put(
        grid,
        2,
        [*heads, "Total Stock %\n(outstanding)", "Fully Diluted Shares**", "Fully Diluted %"],
    )
    basic, diluted = sum(company.basic), sum(company.diluted) + company.pool
    for index, name in enumerate(company.names):
        b, d = company.basic[index], company.diluted[index]
        values = [name, "Founders", *company.held[index], b, share(b, basic, places), d]
        put(grid, 3 + index, [*values, share(d, diluted, places)])
    pool = [0] * (n - 1) + [company.pool]
    values = ["Options Remaining for Issuance", None, *pool, 0, 0, company.pool]
    put(grid, last + 2, [*values, share(company.pool, diluted, places)])
    sums = [sum(column) for column in zip(*company.held, strict=True)]
    sums[-1] += company.pool
    put(grid, last + 4, ["Total", None, *sums, basic, 1, diluted, 1])
    grid[f"A{last + 6}"] = "Notes"
    return grid


def ownership_view(company: Company, places: int | None = None) -> Grid:
    """Stakeholders, classes, plan, one total, one percentage: no pool and no title."""
    grid: Grid = {}
    heads = ["Stakeholder name", *company.classes, "Total", "Fully diluted ownership (%)"]
    put(grid, 1, heads)
    diluted = sum(company.diluted)
    for index, name in enumerate(company.names):
        d = company.diluted[index]
        put(grid, 2 + index, [name, *company.held[index], d, share(d, diluted, places)])
    sums = [sum(column) for column in zip(*company.held, strict=True)]
    put(grid, 2 + len(company.names), ["Totals", *sums, diluted, 1])
    return grid


def one_row_a_holding(company: Company, places: int | None = None) -> Grid:
    """A row for every holding, the class beside the name."""
    grid: Grid = {"B2": "Register"}
    heads = ["Shareholder", "Share Class", "No. of Shares", "% of Total"]
    for index, head in enumerate(heads):
        grid[f"{letter(2 + index)}3"] = head
    whole, row = sum(company.diluted), 4
    for name, held in zip(company.names, company.held, strict=True):
        for class_name, count in zip(company.classes, held, strict=True):
            if count:
                values = [None, name, class_name, count, share(count, whole, places)]
                put(grid, row, values)
                row += 1
    put(grid, row, [None, "TOTAL", None, whole, 1])
    return grid


def in_sections(company: Company, places: int | None = None) -> Grid:
    """Founders and investors apart, each with its subtotal, then the total."""
    grid: Grid = {"A1": "Pro forma capitalization"}
    put(grid, 3, ["Holder", *company.classes, "Total Shares", "Ownership %"])
    whole, row, half = sum(company.diluted), 4, (len(company.names) + 1) // 2
    for title, block in (("Founders:", range(half)), ("Others:", range(half, len(company.names)))):
        grid[f"A{row}"] = title
        for index in block:
            row += 1
            d = company.diluted[index]
            put(grid, row, [company.names[index], *company.held[index], d, share(d, whole, places)])
        row += 1
        sums = [sum(company.held[i][c] for i in block) for c in range(len(company.classes))]
        part = sum(sums)
        put(grid, row, ["Subtotal", *sums, part, share(part, whole, places)])
        row += 2
    sums = [sum(column) for column in zip(*company.held, strict=True)]
    put(grid, row, ["Total", *sums, whole, 1])
    return grid


def under_merged_heads(company: Company, places: int | None = None) -> Grid:
    """ "Basic" and "Fully diluted" each merged over a number and a percentage."""
    grid: Grid = {"A1": "Capitalization", "B3": "Basic", "D3": "Fully diluted"}
    put(grid, 4, ["Stockholder", "Shares", "%", "Shares", "%"])
    basic, diluted = sum(company.basic), sum(company.diluted)
    for index, name in enumerate(company.names):
        b, d = company.basic[index], company.diluted[index]
        values = [name, b, share(b, basic, places), d, share(d, diluted, places)]
        put(grid, 5 + index, values)
    put(grid, 5 + len(company.names), ["Total", basic, 1, diluted, 1])
    return grid


def by_class(company: Company, places: int | None = None) -> Grid:
    """One row a class."""
    grid: Grid = {}
    put(grid, 1, ["Class of stock", "Shares outstanding", "% of outstanding"])
    sums = [sum(column) for column in zip(*company.held, strict=True)]
    for index, name in enumerate(company.classes):
        put(grid, 2 + index, [name, sums[index], share(sums[index], sum(sums), places)])
    put(grid, 2 + len(sums), ["Total", sum(sums), 1])
    return grid


SHAPES = (
    law_firm,
    carta,
    open_format,
    ownership_view,
    one_row_a_holding,
    in_sections,
    under_merged_heads,
    by_class,
)

EXAMPLE = Company(
    names=("Ana Diaz", "Birch Ventures II, L.P.", "Cho Min", "Delta Fund"),
    classes=("Common Stock", "Series A Preferred", "Options"),
    held=((4_000_000, 0, 0), (0, 2_500_000, 0), (1_000_000, 0, 350_000), (250_000, 1_750_000, 0)),
    rights=1,
    pool=650_000,
)


# ---------------------------------------------------------------- files


def write_openpyxl(grid: Grid, path: Path, formats: dict[str, str] | None = None) -> Path:
    """Values as they would be stored; openpyxl keeps no results of formulas."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Cap table"
    for address, entry in grid.items():
        sheet[address] = value_of(entry)
        sheet[address].number_format = (formats or {}).get(address, "General")
    book.save(path)
    return path


def write_xlsxwriter(grid: Grid, path: Path, formats: dict[str, str] | None = None) -> Path:
    """Formulas with their results, as Excel stores them."""
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Cap table")
    for address, entry in grid.items():
        code = (formats or {}).get(address)
        style = book.add_format({"num_format": code}) if code else None
        if isinstance(entry, Computed):
            sheet.write_formula(address, entry.formula, style, entry.value)
        elif isinstance(entry, str):
            sheet.write_string(address, entry, style)
        else:
            sheet.write(address, entry, style)
    book.close()
    return path


def write_formulas(grid: Grid, path: Path, formats: dict[str, str] | None = None) -> Path:
    """Formulas without results, for a program that is to compute them."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Cap table"
    for address, entry in grid.items():
        sheet[address] = entry.formula if isinstance(entry, Computed) else entry
        sheet[address].number_format = (formats or {}).get(address, "General")
    book.save(path)
    return path


def save_with_libreoffice(paths: list[Path], folder: Path, profile: Path) -> list[Path]:
    """The workbooks as LibreOffice computes and saves them."""
    folder.mkdir(exist_ok=True)
    command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless"]
    command += ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder)]
    subprocess.run([*command, *map(str, paths)], check=True, capture_output=True, timeout=240)
    return [folder / path.name for path in paths]
