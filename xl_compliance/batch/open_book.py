"""Checking a workbook that is open in Excel, from within Excel: findings go to a sheet of it.

The checks are those of batch mode, over what is in the open workbook, saved or not. The sheet is
written anew each time; no other sheet is touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from xl_compliance import __version__
from xl_compliance.batch.results import WorkbookReport
from xl_compliance.batch.run import check_snapshot
from xl_compliance.checks.findings import Finding, Severity
from xl_compliance.workbook.open_book import formulas_of, snapshot_of

SHEET: Final = "Compliance"
TITLE: Final = "Compliance check"
HEADERS: Final = (
    "Severity",
    "Verdict",
    "Check",
    "What was found",
    "Where",
    "Test",
    "Headroom",
    "Source",
    "Code",
)
_WIDTHS: Final = (11, 26, 34, 80, 18, 26, 34, 44, 10)
_FIRST_ROW: Final = 5
_HEADER_FILL: Final = "#1F3864"
_FILLS: Final = {Severity.ERROR: "#F8CBAD", Severity.WARNING: "#FFE699"}
# What Excel would read as a formula or a number if it stood at the start of a text.
_READ_OTHERWISE: Final = tuple("=+-@'0123456789")

Row = tuple[str, ...]


def check_book(book: Any) -> WorkbookReport:
    """Check an `xlwings.Book` and write what was found to its sheet."""
    return _checked(book, None)


async def check_book_async(book: Any) -> WorkbookReport:
    """The same where formulas must be awaited, as in xlwings Lite."""
    return _checked(book, await formulas_of(book))


def _checked(book: Any, formulas: Any) -> WorkbookReport:
    name = _own_sheet(book)
    report = check_snapshot(snapshot_of(book, formulas, without=(name,)))
    _write(book, name, report)
    return report


def _own_sheet(book: Any) -> str:
    """The name of the sheet for findings: never one on which someone else's work stands."""
    names = {sheet.name.casefold(): sheet for sheet in book.sheets}
    number, name = 1, SHEET
    while name.casefold() in names and not _is_ours(names[name.casefold()]):
        number += 1
        name = f"{SHEET} {number}"
    return name


def _is_ours(sheet: Any) -> bool:
    title = sheet.range((1, 1)).value
    is_empty = title is None and sheet.used_range.shape == (1, 1)
    return bool(is_empty or title == TITLE)


def _write(book: Any, name: str, report: WorkbookReport) -> None:
    there = next((sheet for sheet in book.sheets if sheet.name.casefold() == name.casefold()), None)
    sheet = there or book.sheets.add(name, after=book.sheets[len(book.sheets) - 1])
    if there:
        sheet.clear()
    rows = list(_rows(report))
    width = len(HEADERS)
    sheet.range((1, 1), (len(rows), width)).value = [list(row) for row in rows]
    _look(sheet, report, len(rows), width)
    sheet.activate()


def _look(sheet: Any, report: WorkbookReport, rows: int, width: int) -> None:
    sheet.range((1, 1)).font.bold = True
    sheet.range((1, 1)).font.size = 14
    header = sheet.range((_FIRST_ROW - 1, 1), (_FIRST_ROW - 1, width))
    header.font.bold = True
    header.font.color = "#FFFFFF"
    header.color = _HEADER_FILL
    for column, wide in enumerate(_WIDTHS, 1):
        sheet.range((1, column)).column_width = wide
    if rows >= _FIRST_ROW:
        sheet.range((_FIRST_ROW, 3), (rows, width - 1)).wrap_text = True
    for row, finding in enumerate(report.findings, _FIRST_ROW):
        if finding.severity in _FILLS:
            sheet.range((row, 1), (row, 2)).color = _FILLS[finding.severity]


def _rows(report: WorkbookReport) -> Iterator[Row]:
    """The sheet from its first row on."""
    blank = ("",) * (len(HEADERS) - 1)
    yield (TITLE, *blank)
    yield (_summary(report), *blank)
    yield (f"Written anew by each check. xl-compliance {__version__}", *blank)
    yield HEADERS
    for finding in report.findings:
        yield _row(finding)


def _summary(report: WorkbookReport) -> str:
    if report.failure:
        return _text(f"Not checked: {report.failure}")
    shown = {
        Severity.ERROR: "approvals, breaches and unreadable cells",
        Severity.WARNING: "to review or to fill in",
        Severity.NOTE: "notes",
        Severity.OK: "in order",
    }
    counts = (f"{what}: {report.count(severity)}" for severity, what in shown.items())
    summary = "; ".join(counts)
    return summary[0].upper() + summary[1:]


def _row(finding: Finding) -> Row:
    return (
        finding.severity.value,
        _text(finding.verdict),
        _text(finding.title),
        _text(finding.message),
        _link(finding),
        _text(finding.threshold),
        _text(finding.headroom),
        _text(finding.source),
        finding.code,
    )


def _link(finding: Finding) -> str:
    """A formula that leads to the cell; Excel follows it in every host."""
    if not finding.cell:
        return _text(finding.place)
    quoted = finding.sheet.replace("'", "''")
    target = f"#'{quoted}'!{finding.cell}".replace('"', '""')
    return f'=HYPERLINK("{target}","{finding.place.replace(chr(34), chr(34) * 2)}")'


def _text(text: str) -> str:
    """A text that stays one: an apostrophe, which is not shown, tells Excel."""
    return f"'{text}" if text.startswith(_READ_OTHERWISE) else text
