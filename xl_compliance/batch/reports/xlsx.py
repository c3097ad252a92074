"""The workbook report: summary with a master check, findings, headroom, ownership, deals.

Texts that come again are stored once; a very long report is written row by row instead, which keeps
memory flat. Every text from a workbook is written as text and marked so (the cell keeps it when it
is edited); the only formulas are the summary's own counts.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from xl_compliance import __version__
from xl_compliance.batch.reports.rows import (
    COLUMNS,
    FAILURE,
    WORDS,
    Gauge,
    Row,
    gauges,
    headline,
    rows,
)
from xl_compliance.batch.results import Report
from xl_compliance.batch.text import visible
from xl_compliance.checks.findings import Finding, Severity
from xl_compliance.rules.exact import to_float

MARK: Final = "xl-compliance report"
"""Stands in the file's properties: such a file may be replaced by a later report."""

MOST_LINKS: Final = 65_000
"""Excel opens no sheet with more links than 65,530."""

MOST_AT_ONCE: Final = 100_000
"""Rows that are held in memory until all are written; more of them are written one by one."""

_LONGEST_TEXT: Final = 32_767
_LONGEST_LINK: Final = 2_000
_MOST_BARS: Final = 20
_MOST_FIGURES: Final = 1_000
_WIDTHS: Final = (24, 9, 14, 9, 18, 22, 14, 8, 60, 24, 20, 22, 28, 14, 14)
_FIRST, _OTHER = 40, 18
_LINE, _MOST_LINES = 13.5, 30
"""The height of a line of text in a row, and the most that a row shows of them."""
_ESCAPED: Final = str.maketrans({it: f"%{ord(it):02x}" for it in '%# "<>[]^`{}'})
_COLOURS: Final = {
    "error": ("#9C1C14", "#FBE3E1"),
    "warning": ("#7A4F00", "#FDF0D0"),
    "note": ("#1F4E8C", "#E4EDF9"),
    "ok": ("#1A5C38", "#E1F3E8"),
    FAILURE: ("#66185A", "#F5E1F1"),
}


def render(report: Report, made: datetime | None = None, folder: Path | None = None) -> bytes:
    """The report as an .xlsx file; with the folder it will lie in, cells are links to cells."""
    import xlsxwriter

    stream = BytesIO()
    every = list(rows(report))
    book = xlsxwriter.Workbook(
        stream,
        {
            "constant_memory": len(every) > MOST_AT_ONCE,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": "Compliance report", "comments": MARK})
    if made is not None:
        book.set_properties({"title": "Compliance report", "comments": MARK, "created": made})
    _Writer(book, report, every, folder).write(made)
    book.close()
    return stream.getvalue()


class _Formats(NamedTuple):
    title: Any
    soft: Any
    header: Any
    heads: Any
    text: Any
    wrap: Any
    link: Any
    number: Any
    share: Any
    check: Any
    severity: dict[str, Any]


def _formats(book: Any) -> _Formats:
    font = {"font_name": "Calibri", "font_size": 10}
    text = {**font, "valign": "top", "quote_prefix": True}
    return _Formats(
        title=book.add_format({**font, "bold": True, "font_size": 16}),
        soft=book.add_format({**font, "font_color": "#55606F"}),
        header=book.add_format(
            {**font, "bold": True, "font_color": "#FFFFFF", "bg_color": "#1F3864", "valign": "top"}
        ),
        heads=book.add_format(
            {
                **font,
                "bold": True,
                "font_color": "#FFFFFF",
                "bg_color": "#1F3864",
                "valign": "top",
                "text_wrap": True,
            }
        ),
        text=book.add_format(text),
        wrap=book.add_format({**text, "text_wrap": True}),
        link=book.add_format({**text, "font_color": "#0B57A4", "underline": 1}),
        number=book.add_format({**font, "valign": "top", "num_format": "#,##0.######"}),
        share=book.add_format({**font, "valign": "top", "num_format": "0.0%"}),
        check=book.add_format(
            {
                **font,
                "bold": True,
                "align": "center",
                "border": 1,
                "num_format": '[=0]"OK";[=1]"Review";"Error"',
            }
        ),
        severity={
            word: book.add_format({**text, "bold": True, "font_color": ink, "bg_color": paper})
            for word, (ink, paper) in _COLOURS.items()
        },
    )


class _Writer:
    """The sheets of one report, each written from its first row to its last."""

    def __init__(
        self, book: Any, report: Report, every: Sequence[Row], folder: Path | None
    ) -> None:
        self._book = book
        self._report = report
        self._folder = folder
        self._formats = _formats(book)
        self._rows = every
        self._found = Counter(row[COLUMNS.index("severity")] for row in self._rows)
        self._links = 0

    def write(self, made: datetime | None) -> None:
        summary = self._sheet("Summary")
        self._findings(self._sheet("Findings"))
        bars = list(islice(self._gauges(), _MOST_FIGURES))
        if bars:
            self._headroom(self._sheet("Headroom"), bars)
        if any(workbook.holdings for workbook in self._report.workbooks):
            self._ownership(self._sheet("Ownership"))
        self._deals(self._sheet("Deals", whole_width=False))
        self._summary(summary, made)

    def _sheet(self, name: str, whole_width: bool = True) -> Any:
        sheet = self._book.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        if whole_width:
            sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer("&L&8xl-compliance&R&8&A, page &P of &N")
        return sheet

    # ------------------------------------------------------------ summary

    def _summary(self, sheet: Any, made: datetime | None) -> None:
        form = self._formats
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 1, 12)
        when = f", {made:%Y-%m-%d %H:%M}" if made else ""
        sheet.write_string(0, 0, "Compliance report", form.title)
        sheet.write_string(1, 0, f"xl-compliance {__version__}{when}", form.soft)
        sheet.write_string(2, 0, headline(self._report), form.soft)
        counts = self._counts()
        first, last = 6, 6 + len(counts) - 1
        sheet.write_string(4, 0, "Master check", form.header)
        # What was not selected is not in order: its row stands three below the sum.
        open_row = last + 5
        decided = f"=IF(B{first + 1}+B{first + 2}>0,2,IF(B{first + 3}+B{open_row}>0,1,0))"
        decided = decided if self._report.workbooks else "=1"
        sheet.write_formula(4, 1, decided, form.check, self._master())
        sheet.write_row(5, 0, ("Findings", "Count"), form.header)
        for row, (word, label, count) in enumerate(counts, first):
            sheet.write_string(row, 0, label, form.severity[word])
            formula = f'=COUNTIF(Findings!$B$2:$B${len(self._rows) + 1},"{word}")'
            sheet.write_formula(row, 1, formula, form.number, count)
        sheet.write_string(last + 1, 0, "All rows of the sheet Findings", form.text)
        sheet.write_formula(
            last + 1, 1, f"=SUM(B{first + 1}:B{last + 1})", form.number, len(self._rows)
        )
        accepted = (
            ("Suppressed", self._report.suppressed),
            ("Not selected", self._report.left_out),
            ("of them to act on or review", self._report.left_open),
        )
        for row, (label, count) in enumerate(accepted, last + 2):
            sheet.write_string(row, 0, label, form.text)
            sheet.write_number(row, 1, count, form.number)
        self._severity_chart(sheet, first, last)

    def _counts(self) -> list[tuple[str, str, int]]:
        found = self._found
        return [
            (FAILURE, "could not be checked", found[FAILURE]),
            *((it.value, WORDS[it], found[it.value]) for it in Severity),
        ]

    def _master(self) -> int:
        failed, errors, warnings = (count for _, _, count in self._counts()[:3])
        if failed + errors:
            return 2
        return 1 if warnings or self._report.left_open or not self._report.workbooks else 0

    def _severity_chart(self, sheet: Any, first: int, last: int) -> None:
        chart = self._book.add_chart({"type": "bar"})
        chart.add_series(
            {
                "name": "Findings",
                "categories": ["Summary", first, 0, last, 0],
                "values": ["Summary", first, 1, last, 1],
                "points": [{"fill": {"color": _COLOURS[word][0]}} for word, _, _ in self._counts()],
                "data_labels": {"value": True},
                "gap": 50,
            }
        )
        _plain_chart(chart, "Findings by severity")
        sheet.insert_chart("D5", chart, {"x_scale": 1.1, "y_scale": 0.9})

    # ------------------------------------------------------------ findings

    def _findings(self, sheet: Any) -> None:
        form = self._formats
        for column, width in enumerate(_WIDTHS):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 4)
        sheet.repeat_rows(0)
        sheet.write_row(0, 0, COLUMNS, form.header)
        write, wrap, severity_of = sheet.write_string, form.wrap, COLUMNS.index("severity")
        cell = COLUMNS.index("cell")
        place = COLUMNS.index("sheet")
        targets: dict[str, str] = {}
        for number, fields in enumerate(self._rows, 1):
            sheet.set_row(number, _height(fields, _WIDTHS))
            for column, field in enumerate(fields):
                if not field:
                    continue
                style = wrap
                if column == severity_of:
                    style = form.severity[field]
                elif column == cell:
                    link = self._link(targets, fields[0], fields[place], field)
                    if link:
                        sheet.write_url(number, column, link, form.link, field)
                        continue
                write(number, column, _fitting(field), style)
        sheet.autofilter(0, 0, max(1, len(self._rows)), len(COLUMNS) - 1)

    def _link(self, targets: dict[str, str], path: str, sheet: str, cell: str) -> str:
        if self._folder is None or self._links >= MOST_LINKS:
            return ""
        if path not in targets:
            targets[path] = "" if "://" in path else _target(Path(path), self._folder)
        quoted = sheet.replace("'", "''")
        link = f"external:{targets[path]}#'{quoted}'!{cell}"
        if not targets[path] or len(link) > _LONGEST_LINK or visible(link) != link:
            return ""
        self._links += 1
        return link

    # ------------------------------------------------------------ charts and deals

    def _gauges(self) -> Iterator[tuple[str, Finding, Gauge]]:
        seen = set()
        for workbook in self._report.workbooks:
            for finding in workbook.findings:
                for gauge in gauges(finding):
                    key = (workbook.path, finding.place, gauge)
                    if key not in seen:
                        seen.add(key)
                        yield workbook.path.name, finding, gauge

    def _headroom(self, sheet: Any, bars: list[tuple[str, Finding, Gauge]]) -> None:
        form = self._formats
        header = ("figure", "workbook", "check", "place", "value", "test", "figure / line")
        for column, width in enumerate((52, 28, 10, 20, 18, 22, 14)):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, header, form.header)
        for row, (name, finding, gauge) in enumerate(bars, 1):
            label = f"{finding.place} {gauge.item}"
            fields = (label, name, finding.code, finding.place, gauge.value, gauge.test)
            for column, field in enumerate(fields):
                sheet.write_string(row, column, _fitting(field), form.text)
            sheet.write_number(row, 6, gauge.part, form.share)
        if len(bars) == _MOST_FIGURES:
            said = f"The first {_MOST_FIGURES:,} figures; all stand in the working of the findings."
            sheet.write_string(_MOST_FIGURES + 1, 0, said, form.soft)
        chart = self._book.add_chart({"type": "bar"})
        last = min(len(bars), _MOST_BARS)
        chart.add_series(
            {
                "name": "figure / line",
                "categories": ["Headroom", 1, 0, last, 0],
                "values": ["Headroom", 1, 6, last, 6],
                "fill": {"color": "#1F4E8C"},
                "data_labels": {"value": True, "num_format": "0%"},
                "gap": 40,
            }
        )
        _plain_chart(chart, "Figures beside their lines (100% is the line)")
        chart.set_size({"width": 900, "height": 120 + 26 * last})
        sheet.insert_chart(1, 8, chart)

    def _ownership(self, sheet: Any) -> None:
        form = self._formats
        for column, width in enumerate((40, 30, 18, 24)):
            sheet.set_column(column, column, width)
        sheet.freeze_panes(1, 0)
        header = ("holder", "workbook", "shares held", "shares from rights")
        sheet.write_row(0, 0, header, form.header)
        row = 0
        for workbook in self._report.workbooks:
            for holding in workbook.holdings:
                row += 1
                sheet.write_string(row, 0, _fitting(holding.holder), form.text)
                sheet.write_string(row, 1, _fitting(workbook.path.name), form.text)
                sheet.write_number(row, 2, to_float(holding.held), form.number)
                sheet.write_number(row, 3, to_float(holding.rights), form.number)
        chart = self._book.add_chart({"type": "bar", "subtype": "stacked"})
        last = min(row, _MOST_BARS)
        for column, colour in ((2, "#1F3864"), (3, "#9DB4D6")):
            chart.add_series(
                {
                    "name": ["Ownership", 0, column],
                    "categories": ["Ownership", 1, 0, last, 0],
                    "values": ["Ownership", 1, column, last, column],
                    "fill": {"color": colour},
                    "gap": 40,
                }
            )
        _plain_chart(chart, "Shares held and shares from rights, as entered")
        chart.set_legend({"position": "bottom"})
        chart.set_size({"width": 800, "height": 160 + 30 * last})
        sheet.insert_chart(1, 5, chart)

    def _deals(self, sheet: Any) -> None:
        columns, rows = self._report.deals()
        sheet.freeze_panes(1, 1)
        sheet.repeat_rows(0)
        sheet.repeat_columns(0)
        sheet.set_column(0, 0, _FIRST)
        sheet.set_column(1, max(1, len(columns) - 1), _OTHER)
        sheet.set_row(0, 4 * _LINE)
        for column, name in enumerate(columns):
            sheet.write_string(0, column, _fitting(name), self._formats.heads)
        sheet.set_print_scale(55)
        for row, fields in enumerate(rows, 1):
            texts = [it if isinstance(it, str) else "" for it in fields]
            sheet.set_row(row, _height(texts, [_FIRST, *[_OTHER] * (len(texts) - 1)]))
            for column, field in enumerate(fields):
                if isinstance(field, str):
                    sheet.write_string(row, column, _fitting(field), self._formats.wrap)
                else:
                    sheet.write_number(row, column, field, self._formats.number)


def _height(fields: Sequence[str], widths: Sequence[int]) -> float:
    """The height that shows all of a row: Excel fits rows by itself, other programs do not."""
    lines = max(
        (len(field) // (width - 1) + 1 for field, width in zip(fields, widths, strict=True)),
        default=1,
    )
    return _LINE * min(lines, _MOST_LINES)


def _plain_chart(chart: Any, title: str) -> None:
    chart.set_title({"name": title, "name_font": {"size": 11, "bold": False}, "overlay": False})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True, "num_font": {"size": 8}})
    chart.set_x_axis(
        {"major_gridlines": {"visible": False}, "num_font": {"size": 8}, "num_format": "#,##0.##"}
    )


def _target(path: Path, folder: Path) -> str:
    """The workbook as seen from the report's folder, from the root of another drive.

    What XlsxWriter would escape is escaped here: it leaves names that hold a # or a % as they are.
    """
    try:
        seen = Path(os.path.relpath(os.path.realpath(path), folder.resolve()))
    except ValueError:  # another drive
        seen = Path(os.path.realpath(path))
    return seen.as_posix().translate(_ESCAPED)


def _fitting(text: str) -> str:
    shown = visible(text)
    if shown.startswith("<r>") and shown.endswith("</r>"):
        shown += " "  # XlsxWriter would take it for markup of its own
    return shown if len(shown) <= _LONGEST_TEXT else shown[: _LONGEST_TEXT - 1] + "…"
