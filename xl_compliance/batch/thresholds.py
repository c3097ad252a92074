"""Every threshold, and every reading chosen, as a workbook or as CSV: for lawyers to go through."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from xl_compliance import __version__
from xl_compliance.batch.reference import checks_by_rule
from xl_compliance.batch.text import as_field
from xl_compliance.rules.parameters import Rule, Threshold, all_rules
from xl_compliance.rules.readings import Reading, all_readings

SUFFIXES: Final = (".xlsx", ".csv")

_COLUMNS: Final = (
    ("Rule", 22),
    ("Title", 34),
    ("What is tested", 46),
    ("Test", 26),
    ("Strictness", 10),
    ("Value", 26),
    ("Unit", 16),
    ("In force from", 13),
    ("In force to", 13),
    ("Source", 60),
    ("Verification", 16),
    ("Checks", 24),
)
_READINGS: Final = (
    ("Title", 34),
    ("Rules", 26),
    ("The sources say", 60),
    ("Reading chosen", 60),
    ("Reason", 60),
    ("Shown by", 60),
)
_UNVERIFIED: Final = "unverified"
_DAY: Final = "yyyy-mm-dd"
_LINE: Final = 13.5

Cell = str | date | None


def file_content(path: Path, as_of: date | None) -> bytes:
    """The file that its name asks for; with a day, only what is in force on it."""
    if path.suffix.lower() == ".csv":
        return _as_csv(as_of).encode("utf-8-sig")
    return _as_workbook(as_of)


def threshold_rows(as_of: date | None) -> Iterator[tuple[Cell, ...]]:
    """One row a threshold and version, in the order of the columns."""
    checks = checks_by_rule()
    for rule in sorted(all_rules(), key=lambda it: it.id):
        for parameter in rule.parameters.values():
            for version in parameter.versions:
                if as_of is None or version.covers(as_of):
                    yield _row(rule, version, checks.get(rule.id, ()))


def _row(rule: Rule, version: Threshold, checks: Sequence[str]) -> tuple[Cell, ...]:
    return (
        rule.id,
        rule.title,
        version.title,
        version.test or version.shown,
        version.strictness,
        version.word,
        version.unit,
        version.start,
        version.end,
        version.source,
        version.verification,
        ", ".join(checks),
    )


def _reading_row(reading: Reading) -> tuple[str, ...]:
    shown = [f"{it.formula} gives {it.answer}" for it in reading.shown]
    seen = [f"{it.workbook}.xlsx, {it.check}: {it.verdict}, {it.says}" for it in reading.seen]
    return (
        reading.title,
        ", ".join(reading.rules),
        reading.sources_say,
        reading.chosen,
        reading.reason,
        "\n".join([*shown, *seen]),
    )


def _as_csv(as_of: date | None) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(header for header, _ in _COLUMNS)
    for row in threshold_rows(as_of):
        writer.writerow(as_field(str(cell or "")) for cell in row)
    return stream.getvalue()


def _as_workbook(as_of: date | None) -> bytes:
    import xlsxwriter

    stream = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(stream, options)
    when = f"in force on {as_of}" if as_of else "every version"
    title = f"xl-compliance {__version__}: thresholds, {when}"
    book.set_properties({"title": title})
    _sheet(book, "Thresholds", title, _COLUMNS, list(threshold_rows(as_of)))
    readings = [_reading_row(it) for it in all_readings()]
    _sheet(book, "Readings", "Where the sources are ambiguous", _READINGS, readings)
    book.close()
    return stream.getvalue()


def _sheet(
    book: Any,
    name: str,
    title: str,
    columns: Sequence[tuple[str, int]],
    rows: Sequence[Sequence[Cell]],
) -> None:
    font = {"font_name": "Calibri", "font_size": 10, "valign": "top"}
    text = book.add_format({**font, "text_wrap": True, "quote_prefix": True})
    marked = book.add_format({**font, "bold": True, "font_color": "#7A4F00", "bg_color": "#FDF0D0"})
    day = book.add_format({**font, "num_format": _DAY, "align": "left"})
    header = book.add_format({**font, "bold": True, "font_color": "#FFFFFF", "bg_color": "#1F3864"})
    sheet = book.add_worksheet(name)
    sheet.hide_gridlines(2)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
    sheet.set_footer("&L&8xl-compliance&R&8&A, page &P of &N")
    sheet.write_string(0, 0, title, book.add_format({**font, "bold": True, "font_size": 14}))
    for column, (label, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(2, column, label, header)
    for down, row in enumerate(rows, 3):
        sheet.set_row(down, _height(row, columns))
        for right, cell in enumerate(row):
            if isinstance(cell, date):
                sheet.write_datetime(down, right, cell, day)
            else:
                sheet.write_string(down, right, cell or "", marked if cell == _UNVERIFIED else text)
    sheet.freeze_panes(3, 1)
    sheet.autofilter(2, 0, 2 + len(rows), len(columns) - 1)


def _height(row: Sequence[Cell], columns: Sequence[tuple[str, int]]) -> float:
    """High enough for the longest text of a row, wrapped in its column."""
    lines = [
        sum(-(-max(1, len(line)) // width) for line in str(cell or "").splitlines())
        for cell, (_, width) in zip(row, columns, strict=True)
    ]
    return _LINE * max(1, *lines)
