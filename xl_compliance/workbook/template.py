"""Writes the input workbook: blank, or filled with the contents of a deal.

The sheets follow `input_sheets`, the formulas `check_sheets`; here they get their looks. The
answers are stored beside the formulas, so that the file shows them without our functions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from xl_compliance.functions.cells import (
    AMOUNT,
    BOOK_VALUE,
    DAY,
    FACT,
    FIGURE,
    FLOOR_PRICE,
    FRACTION,
    HOLDING,
    LIMIT,
    MOMENT,
    OUTSTANDING,
    PAYMENT,
    PRICE,
    PURCHASERS,
    RATIO,
    SHARES,
    STATEMENT,
    TEXT,
    VOTES_OUTSTANDING,
    VOTES_PER_SHARE,
    Kind,
)
from xl_compliance.rules.nasdaq.private_placement import PRICE_TEST
from xl_compliance.workbook import (
    check_sheets,
    cover_sheet,
    headroom_sheet,
    offering_sheets,
    ownership_sheet,
    sheet_forms,
)
from xl_compliance.workbook.cached_values import Result, store_cached_values
from xl_compliance.workbook.expressions import (
    Answer,
    Formula,
    If,
    Literal,
    Name,
    Operation,
    Value,
    is_blank,
)
from xl_compliance.workbook.input_sheets import (
    ALL_TABLES,
    CHECKS_SHEET,
    COVER_SHEET,
    DAY_OR_APPROVAL,
    FILING_FACTS,
    HEADROOM_SHEET,
    INPUT_TABLES,
    OFFERING_TABLES,
    OFFERINGS,
    OWNERSHIP_SHEET,
    SCENARIOS_SHEET,
    SECURITIES,
    SOURCE_HEADER,
    SUBMISSION,
    SUBMISSION_TABLES,
    Entry,
    InputTable,
)
from xl_compliance.workbook.sheet_forms import Grid
from xl_compliance.workbook.snapshot import format_address

SOURCE: Final = "source"
"""The key under which a row of `Contents` gives the source of what stands in it."""

_BLANK_LINES: Final = {
    "Classes": 4,
    "Prices": 10,
    "Securities": 12,
    "Purchasers": 8,
    "Holders": 12,
    "Groups": 6,
    "Issuances": 4,
    "Stated": 8,
    "Filing": 8,
    "Offerings": 12,
    "Insiders": 20,
    "SessionCloses": 20,
    "Submission": 4,
}

# What the checks need; a value names the column, and its word, that makes the entry matter.
_NEEDED: Final[Mapping[str, Mapping[str, tuple[str, str] | None]]] = {
    "Deal": dict.fromkeys(
        (
            "issuer",
            "exchange",
            "cusip",
            "transaction",
            "signed_at",
            "closing_date",
            "public_offering",
            "book_value",
            "deal_kind",
            "insider_sales",
            "unapproved_equity_plan",
            "las_submitted",
        )
    ),
    "Classes": dict.fromkeys(("name", "listed", "outstanding", "as_of")),
    "Prices": dict.fromkeys(("day", "close", "bid")),
    "Securities": {
        **dict.fromkeys(("name", "kind", "quantity", "ratio", "paid", "adjustment")),
        "exercise_price": ("kind", "WARRANT"),
        "first_exercisable": ("kind", "WARRANT"),
    },
    "Purchasers": dict.fromkeys(("name", "relationship", "security", "bought", "paid")),
    "Holders": {
        **dict.fromkeys(("name", "held", "rights")),
        "security": ("of_class", ""),
        "exercisable_on": ("rights", ">0"),
    },
    "Groups": dict.fromkeys(("group", "member")),
    "Issuances": dict.fromkeys(
        (
            "transaction",
            "closing",
            "investor",
            "issuable",
            "outstanding_before",
            "planned",
            "contingent",
            "same_use_of_proceeds",
            "same_board_approval",
        )
    ),
    "Stated": dict.fromkeys(("figure", "stated")),
    "FilingFacts": dict.fromkeys(("form", "event_date", "filing_cusip", "outstanding_stated")),
    "Filing": dict.fromkeys(("name", "position", "aggregate", "percent")),
    "Offerings": dict.fromkeys(
        (
            "name",
            "offer_price",
            "announced_at",
            "size",
            "outstanding",
            "purchasers",
            "confirmed",
            "letter_interest",
            "letter_control",
            "letter_marketed",
            "letter_when_issued",
        )
    ),
    "Insiders": dict.fromkeys(("scenario", "name", "held", "bought")),
    "SessionCloses": dict.fromkeys(("day", "close")),
    "Submission": dict.fromkeys(("element",)),
}
_STARTED_EMPTY: Final = ("Classes", "Prices", "Securities", "Offerings", "SessionCloses")

_ACCENT, _BAND, _INPUT, _GREY, _LINE = "1F3864", "DCE3EF", "0000FF", "595959", "BFBFBF"
_YELLOW: Final = "FFF6D5"
# Told apart by lightness as well as by hue, so also by people who confuse red and green.
_GREEN: Final = ("D5EEE6", "00523F")
_AMBER: Final = ("FFE699", "6B4200")
_RED: Final = ("B23A00", "FFFFFF")
_FONT: Final = "Arial"

_TRUTH: Final = '"TRUE";"TRUE";"FALSE"'
"""Beside conditional formats, LibreOffice 7.4 stops at a truth value under the format General."""

_FORMATS: Final[Mapping[Kind, str]] = {
    PRICE: "#,##0.00##",
    FLOOR_PRICE: "#,##0.00##",
    BOOK_VALUE: "#,##0.00##;(#,##0.00##)",
    PAYMENT: "#,##0.00",
    AMOUNT: "#,##0.00",
    PURCHASERS: "#,##0",
    SHARES: "#,##0.00##",
    RATIO: "#,##0.00##",
    VOTES_PER_SHARE: "#,##0.##",
    OUTSTANDING: "#,##0.00##",
    VOTES_OUTSTANDING: "#,##0",
    HOLDING: "#,##0.##",
    FRACTION: "0.0##%",
    LIMIT: "0.0##%",
    FIGURE: "#,##0.00####",
    DAY: sheet_forms.DAY,
    DAY_OR_APPROVAL: sheet_forms.DAY,
    FACT: _TRUTH,
    MOMENT: "dd-mmm-yyyy hh:mm",
}
_WHOLE: Final = "#,##0"
_AS_TEXT: Final = "@"
_PERCENT: Final = "0.0###%"
_FORMAT_IDS: Final = {_WHOLE: 200, sheet_forms.DAY: 201, _PERCENT: 202}

_WIDTHS: Final[Mapping[Kind, float]] = {
    TEXT: 22,
    FACT: 13,
    DAY: 14,
    DAY_OR_APPROVAL: 14,
    FRACTION: 13,
    LIMIT: 11,
    RATIO: 13,
    VOTES_PER_SHARE: 13,
    SHARES: 15,
    PAYMENT: 15,
    PRICE: 13,
    FLOOR_PRICE: 13,
    STATEMENT: 30,
}
_OWN_WIDTHS: Final[Mapping[tuple[str, str], float]] = {
    ("Filing", "name"): 27,
    ("Filing", "position"): 33,
    ("Filing", "source_of_funds"): 19,
    ("Filing", "citizenship"): 19,
    ("Filing", "person_type"): 11,
    ("Holders", "name"): 26,
    ("Holders", "group"): 31,
    ("Holders", "of_class"): 16,
    ("Holders", "converts"): 16,
    ("Groups", "group"): 36,
    ("Groups", "member"): 36,
    ("Insiders", "scenario"): 26,
    ("Insiders", "name"): 26,
    ("Insiders", "commission"): 15,
    ("Offerings", "name"): 26,
    ("Offerings", "announced_at"): 18,
    ("Offerings", "disseminated_at"): 18,
    ("Purchasers", "name"): 26,
    ("Purchasers", "relationship"): 22,
    ("Issuances", "investor"): 26,
    ("Securities", "name"): 19,
    ("Securities", "transaction"): 17,
    ("Securities", "sold_with"): 17,
    ("Securities", "replaces"): 20,
    ("Securities", "cash"): 19,
    ("Securities", "votes_each"): 19,
    ("Submission", "element"): 76,
    ("Submission", "person"): 27,
    ("Submission", "text"): 90,
    ("Stated", "figure"): 22,
    ("Stated", "stated"): 18,
    ("Stated", "basis"): 24,
}
_SOURCE_WIDTH: Final = 34
_FACT_WIDTHS: Final = (24, 34, 44, 58)
_HEADROOM_WIDTHS: Final = (44, 18, 18, 18, 70)
_CHECK_WIDTHS: Final = (44, 24, 22, 10, 60, 46)
_WORKINGS_WIDTHS: Final = (7, 29, 29, *(14,) * 18)
_SCENARIO_WIDTH: Final = 17

# Characters of the smaller type that fit in a column, for one of the ordinary type.
_FITS: Final[Mapping[str, float]] = {"meaning": 1.3, "source": 1.45}

_HEADING_OF_OFFERINGS: Final = "TSX Company Manual, section 606: prospectus offerings"

_FIRST_ROW: Final = 5
_LEFT: Final = 2
_LINE_HEIGHT: Final = 12.75
_MOST_LINES: Final = 30
"""A long text shows its beginning; Excel takes no row above 409 points."""
_SMALL_LINE_HEIGHT: Final = 10.5
_STAMP: Final = datetime(2025, 1, 1)
_ZIP_STAMP: Final = (2025, 1, 1, 0, 0, 0)
_CALCULATED_BY: Final = 191029
"""The engine of current Excel: with an older number it would calculate everything on loading."""


@dataclass(frozen=True)
class Contents:
    """What stands in the input sheets.

    `facts` and `sources` go by the key of a fact; `rows` by the name of a table, a mapping from
    key to value each, with the row's source under `"source"`.
    """

    facts: Mapping[str, Value] = field(default_factory=dict)
    rows: Mapping[str, Sequence[Mapping[str, Value]]] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = {entry.key for table in ALL_TABLES if table.facts for entry in table.entries}
        _only_known("facts", self.facts, known)
        _only_known("sources", self.sources, known)
        tables = {table.name: table for table in ALL_TABLES if not table.facts}
        _only_known("rows", self.rows, set(tables))
        for name, rows in self.rows.items():
            keys = {entry.key for entry in tables[name].entries} | {SOURCE}
            for row in rows:
                _only_known(name, row, keys)

    @property
    def has_deal(self) -> bool:
        """Whether the workbook has the sheets of a deal: also where there is nothing at all."""
        names = {table.name for table in INPUT_TABLES}
        return bool(self.facts) or not self.has_offering or bool(names & set(self.rows))

    @property
    def has_offering(self) -> bool:
        """Whether the workbook has the sheets of a prospectus offering."""
        return any(table.name in self.rows for table in OFFERING_TABLES)

    @property
    def tables(self) -> tuple[InputTable, ...]:
        """The tables of the workbook."""
        return (
            *(INPUT_TABLES if self.has_deal else ()),
            *(OFFERING_TABLES if self.has_offering else ()),
            *(SUBMISSION_TABLES if SUBMISSION.name in self.rows else ()),
        )


def _only_known(where: str, given: Mapping[str, Any], known: set[str]) -> None:
    if unknown := sorted(set(given) - known):
        raise ValueError(f"{where}: no such key: {', '.join(unknown)}")


BLANK_OFFERING: Final = Contents(rows={table.name: () for table in OFFERING_TABLES})


def write_workbook(path: str | Path, contents: Contents | None = None) -> None:
    """Write the input workbook, blank or with these contents, with the answers stored in it.

    The file is complete or not there at all, and the same contents give the same file.
    """
    path = Path(path)
    built = _Built(contents or Contents())
    with TemporaryDirectory() as folder:
        unfinished = Path(folder, "without-answers.xlsx")
        unfinished.write_bytes(dated(built.saved()))
        store_cached_values(unfinished, path, built.results())


def dated(data: bytes) -> bytes:
    """The package without the time at which it was written."""
    copy = BytesIO()
    with ZipFile(BytesIO(data)) as source, ZipFile(copy, "w", ZIP_DEFLATED) as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename == "docProps/core.xml":
                stamp = f"{_STAMP.isoformat()}Z".encode()
                content = re.sub(
                    rb"(<dcterms:(created|modified)[^>]*>)[^<]*", rb"\g<1>" + stamp, content
                )
            entry = ZipInfo(info.filename, _ZIP_STAMP)
            entry.compress_type = ZIP_DEFLATED
            target.writestr(entry, content)
    return copy.getvalue()


# ---------------------------------------------------------------- where things stand


@dataclass(frozen=True)
class _Place:
    """Where a table stands: its header row, its data rows and its columns."""

    table: InputTable
    header: int
    lines: int

    @property
    def first(self) -> int:
        return self.header + 1

    @property
    def last(self) -> int:
        return self.header + self.lines

    @property
    def right(self) -> int:
        return _LEFT + len(self.table.headers) - 1

    @property
    def ref(self) -> str:
        return f"{format_address(self.header, _LEFT)}:{format_address(self.last, self.right)}"

    def column(self, key: str) -> int:
        keys = [entry.key for entry in self.table.entries]
        return _LEFT + keys.index(key)

    def fact(self, key: str) -> tuple[int, int]:
        """Row and column of a fact's value."""
        keys = [entry.key for entry in self.table.entries]
        return self.first + keys.index(key), _LEFT + 1


def _places(contents: Contents) -> dict[str, _Place]:
    places: dict[str, _Place] = {}
    next_row: dict[str, int] = {}
    for table in contents.tables:
        row = next_row.get(table.sheet, _FIRST_ROW)
        if table.facts:
            header, lines = row, len(table.entries)
        else:
            # Above the headers stands what to enter, and on a shared sheet the table's title.
            header = row + 1 + (row > _FIRST_ROW)
            lines = max(_BLANK_LINES[table.name], len(contents.rows.get(table.name, ())))
        places[table.name] = place = _Place(table, header, lines)
        next_row[table.sheet] = place.last + 2
    return places


class _Model:
    """The workbook's own inputs and formulas, for the values of the formulas."""

    def __init__(self, contents: Contents, places: Mapping[str, _Place]) -> None:
        self._contents = contents
        self._places = places
        self._formulas: dict[tuple[str, int, int], Formula] = {}
        self._labels: dict[tuple[str, int, int], Value] = {}
        self._known: dict[tuple[str, int, int], Value] = {}
        self._keys = {
            (table.name, entry.label): entry.key for table in ALL_TABLES for entry in table.entries
        }

    def add(self, sheet: str, row: int, column: int, content: Formula | Value) -> None:
        if isinstance(content, Formula):
            self._formulas[sheet, row, column] = content
        else:
            self._labels[sheet, row, column] = content

    def fact(self, name: str) -> Value:
        return self._contents.facts.get(name)

    def column(self, table: str, header: str) -> Sequence[Value]:
        key = self._keys[table, header]
        values = [row.get(key) for row in self._contents.rows.get(table, ())]
        return values + [None] * (self._places[table].lines - len(values))

    def cell(self, sheet: str, row: int, column: int) -> Value:
        at = (sheet, row, column)
        if at not in self._formulas:
            return self._labels.get(at)
        if at not in self._known:
            answer: Answer = self._formulas[at].value(self)
            assert not isinstance(answer, list), f"{at}: a formula of one cell gives a range"
            # A formula that ends in a reference to a blank cell shows 0.
            self._known[at] = 0 if answer is None else answer
        return self._known[at]

    def results(self) -> Iterator[tuple[tuple[str, int, int], Value]]:
        for at in self._formulas:
            yield at, self.cell(*at)


# ---------------------------------------------------------------- the workbook


class _Built:
    """The workbook with its looks, and the results of its formulas."""

    def __init__(self, contents: Contents) -> None:
        from openpyxl import Workbook

        self._contents = contents
        self._places = _places(contents)
        self._model = _Model(contents, self._places)
        self._book = Workbook()
        self._book.remove(self._book.active)
        self._looks = Looks()
        for sheet in dict.fromkeys(table.sheet for table in contents.tables):
            self._input_sheet(sheet)
        lines = {name: place.lines for name, place in self._places.items()}
        # What rests on the answers of several sheets waits until all of them are there.
        self._later: list[Callable[[], None]] = []
        self._answers: Sequence[cover_sheet.Answered] = ()
        if contents.has_offering:
            self._offering_sheets(lines)
        if contents.has_deal:
            self._deal_sheets(lines)
        self._cover()
        self._finish(
            "Deal and Schedule 13D: inputs and checks"
            if contents.has_deal
            else "Prospectus offerings on TSX: inputs and scenarios"
        )

    def _cover(self) -> None:
        """The first sheet, over the answers of all others."""
        contents = self._contents
        entered = {table.sheet for table in contents.tables}
        sheets = [
            cover_sheet.Listed(
                sheet.title,
                str(sheet.cell(1 if sheet.title in entered else 3, _LEFT).value),
                sheet.title in entered,
            )
            for sheet in self._book.worksheets
        ]
        title = "Nasdaq deal and beneficial ownership" if contents.has_deal else "Offering on TSX"
        grid, (first, last) = cover_sheet.cover(
            title, self._answers, sheets, contents.has_deal, contents.has_offering
        )
        self._formula_sheet(grid, cover_sheet.WIDTHS, freeze="B5")
        sheet = self._book[grid.name]
        self._heights(sheet, grid, cover_sheet.WIDTHS)
        for row in range(first, last + 1):
            cell = sheet.cell(row, _LEFT)
            cell.hyperlink = f"#'{cell.value}'!A1"
            self._looks.link.apply(cell)
        below = max(row for row, _ in grid.cells) + 2
        self._legend(sheet, below)
        sheet.print_area = f"A1:{format_address(below + 6, _LEFT + len(cover_sheet.WIDTHS) - 1)}"
        self._book.move_sheet(sheet, -len(self._book.sheetnames) + 1)

    def _deal_sheets(self, lines: Mapping[str, int]) -> None:
        self._ownership(lines)
        workings, checks, room, self._answers = check_sheets.deal_sheets(
            lines, ownership_sheet.owned_by(lines)
        )
        self._formula_sheet(checks, _CHECK_WIDTHS, freeze="C6")
        self._formula_sheet(room, _HEADROOM_WIDTHS, freeze="C5")
        self._formula_sheet(workings, _WORKINGS_WIDTHS, freeze="D5")
        self._heights(self._book[checks.name], checks, _CHECK_WIDTHS)
        self._heights(self._book[room.name], room, _HEADROOM_WIDTHS)
        _chart_of_headroom(self._book[room.name])
        area, test = headroom_sheet.DAYS
        self._looks.format_where(self._book[room.name], area, test, _FORMATS[DAY])
        self._heights(self._book[workings.name], workings, _WORKINGS_WIDTHS)
        for finish in self._later:
            finish()

    def _ownership(self, lines: Mapping[str, int]) -> None:
        grid, chart = ownership_sheet.ownership_sheet(lines)
        self._formula_sheet(grid, ownership_sheet.WIDTHS, freeze="D5")
        self._later.append(lambda: self._ownership_finished(grid, chart))

    def _ownership_finished(self, grid: Grid, chart: Any) -> None:
        sheet = self._book[grid.name]
        self._heights(sheet, grid, ownership_sheet.WIDTHS)
        # The first class comes first in the table; it is the one the chart shows.
        rows = range(chart.first, chart.first + chart.lines)
        classes = [self._model.cell(grid.name, row, chart.classes) for row in rows]
        if classes[0]:
            shown = sum(name == classes[0] for name in classes)
            _ownership_chart(sheet, chart, shown, str(classes[0]))

    def _offering_sheets(self, lines: Mapping[str, int]) -> None:
        scenarios, by_insider = offering_sheets.offering_sheets(lines)
        columns = [_SCENARIO_WIDTH] * lines[OFFERINGS.name]
        wide, narrow = [36, 36, *columns, 46], [7, 26, *columns]
        self._formula_sheet(scenarios, wide, freeze="D7")
        self._formula_sheet(by_insider, narrow, freeze="D5")
        # Heights rest on the answers, and those on the formulas of both sheets.
        self._heights(self._book[scenarios.name], scenarios, wide)
        self._heights(self._book[by_insider.name], by_insider, narrow)
        sheet = self._book[scenarios.name]
        last = format_address(max(row for row, _ in scenarios.cells), _LEFT + len(wide) - 1)
        self._looks.routes(sheet, f"{format_address(_FIRST_ROW, _LEFT)}:{last}")
        _on_two_pages(sheet, "A:B")

    def saved(self) -> bytes:
        """The file as openpyxl writes it, without results."""
        stream = BytesIO()
        self._book.save(stream)
        return stream.getvalue()

    def results(self) -> dict[tuple[str, str], Result]:
        """The result of every formula, by sheet and address."""
        results: dict[tuple[str, str], Result] = {}
        for (sheet, row, column), value in self._model.results():
            assert value is not None
            results[sheet, format_address(row, column)] = value
        return results

    def _finish(self, title: str) -> None:
        from openpyxl.workbook.properties import CalcProperties

        book = self._book
        # Calculating on loading would turn the stored answers into #NAME? without our functions.
        book.calculation = CalcProperties(calcId=_CALCULATED_BY, fullCalcOnLoad=None)
        book.properties.creator = "xl-compliance"
        book.properties.title = title
        book.active = 0
        for sheet in book.worksheets:
            sheet.sheet_view.tabSelected = sheet.title == COVER_SHEET

    # ------------------------------------------------------------ every sheet

    def _new_sheet(self, name: str, title: str, help: str, tab: str) -> Any:
        sheet = self._book.create_sheet(name)
        sheet.sheet_view.showGridLines = False
        sheet.sheet_view.zoomScale = 90
        sheet.sheet_properties.tabColor = tab
        sheet.column_dimensions["A"].width = 2
        self._text(sheet, 1, _LEFT, title, self._looks.title)
        sheet.row_dimensions[1].height = 24
        if self._contents.has_deal:
            self._formula(sheet, 2, _LEFT, _heading_of_the_deal(), self._looks.subtitle)
        else:
            self._text(sheet, 2, _LEFT, _HEADING_OF_OFFERINGS, self._looks.subtitle)
        self._text(sheet, 3, _LEFT, help, self._looks.help)
        self._print_setup(sheet)
        return sheet

    def _print_setup(self, sheet: Any) -> None:
        page = sheet.page_setup
        page.orientation, page.paperSize = "landscape", sheet.PAPERSIZE_LETTER
        page.fitToWidth, page.fitToHeight = 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        margins = sheet.page_margins
        margins.left = margins.right = 0.4
        margins.top, margins.bottom = 0.5, 0.6
        footer = sheet.oddFooter
        footer.left.text, footer.center.text, footer.right.text = "&F", "&A", "Page &P of &N"
        for part in (footer.left, footer.center, footer.right):
            part.size = 8

    def _text(self, sheet: Any, row: int, column: int, text: Value, look: _Look) -> Any:
        cell = sheet.cell(row, column, text)
        look.apply(cell)
        return cell

    def _formula(self, sheet: Any, row: int, column: int, formula: Formula, look: _Look) -> Any:
        self._model.add(sheet.title, row, column, formula)
        return self._text(sheet, row, column, f"={formula.text(sheet.title)}", look)

    # ------------------------------------------------------------ input sheets

    def _input_sheet(self, name: str) -> None:
        tables = [table for table in self._contents.tables if table.sheet == name]
        first = tables[0]
        sheet = self._new_sheet(name, first.title, first.help, "8EA9DB")
        for table in tables:
            place = self._places[table.name]
            if table.facts:
                self._facts_table(sheet, place)
            else:
                self._rows_table(sheet, place, titled=table is not first)
            self._excel_table(sheet, place)
        self._widths(sheet, tables)
        alone = self._places[first.name]
        sheet.print_title_rows = "1:3" if len(tables) > 1 else f"1:{alone.header}"
        sheet.freeze_panes = (
            f"C{_FIRST_ROW}" if len(tables) > 1 else format_address(alone.first, _LEFT + 1)
        )
        if name in (OFFERINGS.sheet, SECURITIES.sheet):
            _on_two_pages(sheet, "A:B")
        last = max(self._places[table.name].last for table in tables)
        right = max(self._places[table.name].right for table in tables)
        sheet.print_area = f"A1:{format_address(last, right)}"

    def _widths(self, sheet: Any, tables: Sequence[InputTable]) -> None:
        from openpyxl.utils import get_column_letter

        table = tables[-1]
        if table.facts:
            widths: Sequence[float] = _FACT_WIDTHS
        else:
            widths = [*(_width(table, entry) for entry in table.entries), _SOURCE_WIDTH]
        for column, width in enumerate(widths, _LEFT):
            sheet.column_dimensions[get_column_letter(column)].width = width

    def _facts_table(self, sheet: Any, place: _Place) -> None:
        from openpyxl.workbook.defined_name import DefinedName

        self._headers(sheet, place)
        shared = place.table is FILING_FACTS
        for row, entry in enumerate(place.table.entries, place.first):
            value = self._contents.facts.get(entry.key)
            source = self._contents.sources.get(entry.key)
            self._text(sheet, row, _LEFT, entry.label, self._looks.label)
            self._input(sheet, row, _LEFT + 1, entry, value, "left")
            self._text(sheet, row, _LEFT + 2, source, self._looks.source)
            look = self._looks.overflowing if shared else self._looks.what_to_enter
            self._text(sheet, row, _LEFT + 3, _help(entry), look)
            at = format_address(row, _LEFT + 1)
            absolute = "$" + re.sub(r"(\d+)", r"$\1", at)
            self._book.defined_names[entry.key] = DefinedName(
                entry.key, attr_text=f"{sheet.title}!{absolute}"
            )
            self._entry_rules(sheet, entry, f"{at}:{at}")
            if entry.key in _NEEDED[place.table.name]:
                self._looks.yellow_where(sheet, at, _fact_needed(entry, at))
            width = 22 if shared else _FACT_WIDTHS[2] * 1.15
            lines = max(_lines(source, width), _lines(value, _FACT_WIDTHS[1]))
            if not shared:
                lines = max(lines, _lines(_help(entry), _FACT_WIDTHS[3] * 1.15))
            sheet.row_dimensions[row].height = 4 + _LINE_HEIGHT * lines

    def _rows_table(self, sheet: Any, place: _Place, titled: bool) -> None:
        table = place.table
        if titled:
            self._text(sheet, place.header - 2, _LEFT, table.title, self._looks.section_title)
            self._text(sheet, place.header - 2, _LEFT + 2, table.help, self._looks.help)
        self._headers(sheet, place)
        for column, entry in enumerate(table.entries, _LEFT):
            self._text(sheet, place.header - 1, column, _help(entry), self._looks.help_over(entry))
            stretch = f"{format_address(place.first, column)}:{format_address(place.last, column)}"
            self._entry_rules(sheet, entry, stretch)
        self._row_heights(sheet, place)
        rows = self._contents.rows.get(table.name, ())
        for line in range(place.lines):
            given = rows[line] if line < len(rows) else {}
            row = place.first + line
            lines = _lines(given.get(SOURCE), _SOURCE_WIDTH * 1.1)
            for column, entry in enumerate(table.entries, _LEFT):
                value = given.get(entry.key)
                self._input(sheet, row, column, entry, value)
                lines = max(lines, _lines(value, _width(table, entry)))
            self._text(sheet, row, place.right, given.get(SOURCE), self._looks.source)
            sheet.row_dimensions[row].height = 4 + _LINE_HEIGHT * min(lines, _MOST_LINES)
        self._needed_cells(sheet, place)

    def _row_heights(self, sheet: Any, place: _Place) -> None:
        entries = place.table.entries
        widths = [_width(place.table, entry) for entry in entries]
        helps = [_lines(_help(e), width * 1.12) for e, width in zip(entries, widths, strict=True)]
        labels = [_lines(e.label, width * 0.9) for e, width in zip(entries, widths, strict=True)]
        sheet.row_dimensions[place.header - 1].height = 4 + _SMALL_LINE_HEIGHT * max(helps)
        sheet.row_dimensions[place.header].height = 6 + _LINE_HEIGHT * max(labels)

    def _headers(self, sheet: Any, place: _Place) -> None:
        for column, header in enumerate(place.table.headers, _LEFT):
            look = self._looks.header
            if not place.table.facts and header != SOURCE_HEADER:
                entry = place.table.entries[column - _LEFT]
                look = self._looks.header_right if _is_numeric(entry.kind) else look
            self._text(sheet, place.header, column, header, look)

    def _input(
        self, sheet: Any, row: int, column: int, entry: Entry, value: Value, align: str = ""
    ) -> None:
        cell = self._text(sheet, row, column, value, self._looks.input(entry.kind, align))
        cell.number_format = _number_format(entry)
        if isinstance(value, str):
            # A text that begins like a formula stays a text, also when it is edited.
            cell.data_type = "s"
            cell.quotePrefix = value.startswith("=")

    def _entry_rules(self, sheet: Any, entry: Entry, stretch: str) -> None:
        """What may be typed into the cells of an entry, and how whole numbers and days show."""
        validation = _validation(entry)
        if validation is not None:
            sheet.add_data_validation(validation)
            validation.add(stretch)
        first = stretch.split(":")[0]
        if entry.kind in (SHARES, RATIO, HOLDING, OUTSTANDING):
            self._looks.format_where(
                sheet, stretch, f"AND(ISNUMBER({first}),MOD({first},1)=0)", _WHOLE
            )
        elif entry.kind is FIGURE:
            left = f"${format_address(int(re.sub(r'[A-Z]+', '', first)), _LEFT)}"
            self._looks.format_where(
                sheet, stretch, f'OR({left}="PERCENTAGE",{left}="AGGREGATED")', _PERCENT
            )
        elif entry.kind is MOMENT:
            self._looks.format_where(
                sheet, stretch, f"AND(ISNUMBER({first}),MOD({first},1)=0)", _FORMATS[DAY]
            )

    def _needed_cells(self, sheet: Any, place: _Place) -> None:
        """Pale yellow where a row is begun and what the checks need is blank."""
        for key, only_where in _NEEDED[place.table.name].items():
            column = place.column(key)
            first = format_address(place.first, column)
            last = format_address(place.last, column)
            left = format_address(place.first, _LEFT)
            right = format_address(place.first, place.right)
            begun = f"COUNTA(${left}:${right})>0"
            if place.table.name in _STARTED_EMPTY:
                begun = f"OR({begun},ROW()={place.first})"
            tests = [begun, f'{first}=""']
            if only_where:
                other, word = only_where
                at = f"${format_address(place.first, place.column(other))}"
                tests.append(f"N({at}){word}" if word == ">0" else f'{at}="{word}"')
            self._looks.yellow_where(sheet, f"{first}:{last}", f"AND({','.join(tests)})")

    def _excel_table(self, sheet: Any, place: _Place) -> None:
        from openpyxl.worksheet.table import Table, TableColumn, TableStyleInfo

        table = Table(displayName=place.table.name, name=place.table.name, ref=place.ref)
        table.tableColumns = [
            TableColumn(id=number, name=header)
            for number, header in enumerate(place.table.headers, 1)
        ]
        table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False)
        sheet.add_table(table)

    def _legend(self, sheet: Any, row: int) -> None:
        looks = self._looks
        for column in range(_LEFT, _LEFT + len(cover_sheet.WIDTHS)):
            looks.section.apply(sheet.cell(row, column))
        sheet.cell(row, _LEFT).value = "How to read this workbook"
        lines = (
            ("Blue", "Inputs: what you enter, with its source beside it.", looks.legend_input),
            ("Black", "Formulas. Nothing is entered there.", looks.legend),
            ("Yellow", "An input that the checks need and that is still blank.", looks.yellow),
            (
                "NEEDS INPUT",
                "An answer that waits for an input. A blank never turns into a no.",
                looks.amber,
            ),
            ("REQUIRED", "An answer that asks for a vote or a notice.", looks.red),
        )
        for at, (word, meaning, look) in enumerate(lines, row + 1):
            self._text(sheet, at, _LEFT, word, look)
            self._text(sheet, at, _LEFT + 1, meaning, looks.legend_help)

    # ------------------------------------------------------------ sheets of formulas

    def _formula_sheet(self, grid: Grid, widths: Sequence[float], freeze: str) -> None:
        from openpyxl.utils import get_column_letter

        results = (
            COVER_SHEET,
            CHECKS_SHEET,
            SCENARIOS_SHEET,
            OWNERSHIP_SHEET,
            HEADROOM_SHEET,
        )
        tab = _ACCENT if grid.name in results else "A6A6A6"
        sheet = self._new_sheet(grid.name, grid.title, grid.help, tab)
        for column, width in enumerate(widths, _LEFT):
            sheet.column_dimensions[get_column_letter(column)].width = width
        right = _LEFT + len(widths) - 1
        for row in grid.sections:
            for column in range(_LEFT, right + 1):
                self._looks.section.apply(sheet.cell(row, column))
            sheet.row_dimensions[row].height = 18
        self._bodies(sheet, grid, right)
        for (row, column), placed in sorted(grid.cells.items()):
            look = self._looks.of_role(placed.role)
            if isinstance(placed.content, Formula):
                cell = self._formula(sheet, row, column, placed.content, look)
            else:
                self._model.add(grid.name, row, column, placed.content)
                cell = self._text(sheet, row, column, placed.content, look)
            cell.number_format = placed.number_format
        sheet.print_title_rows = grid.print_titles
        sheet.freeze_panes = freeze
        last = max(row for row, _ in grid.cells)
        area = f"{format_address(_FIRST_ROW, _LEFT)}:{format_address(last, right)}"
        self._looks.statuses(sheet, grid)
        self._looks.verdicts(sheet, area)
        sheet.print_area = f"A1:{format_address(max(last, grid.down_to), right)}"

    def _bodies(self, sheet: Any, grid: Grid, right: int) -> None:
        """A line under every row, over its full width."""
        areas = list(grid.bodies)
        if not areas:
            plain = {row for row, _ in grid.cells} - set(grid.sections) - set(grid.headings)
            areas = [(row, _LEFT, row, right) for row in plain]
        for top, left, bottom, end in areas:
            for row in range(top, bottom + 1):
                for column in range(left, end + 1):
                    self._looks.formula.apply(sheet.cell(row, column))

    def _heights(self, sheet: Any, grid: Grid, widths: Sequence[float]) -> None:
        for row in sorted({row for row, _ in grid.cells} - set(grid.sections)):
            lines = max(
                _lines(
                    self._model.cell(grid.name, row, column),
                    widths[column - _LEFT] * _FITS.get(placed.role, 1),
                )
                for (at, column), placed in grid.cells.items()
                if at == row
            )
            sheet.row_dimensions[row].height = 5 + _LINE_HEIGHT * lines


def _ownership_chart(sheet: Any, place: ownership_sheet.Chart, names: int, stock: str) -> None:
    """Bars of ownership before and after, on the live cells."""
    from openpyxl.chart import BarChart, Reference
    from openpyxl.chart.label import DataLabelList
    from openpyxl.chart.shapes import GraphicalProperties

    chart = BarChart()
    chart.type, chart.style = "bar", 10
    chart.title = f"{stock}: part beneficially owned"
    chart.title.tx.rich.p[0].r[0].rPr = _chart_font(12)
    last = place.first + names - 1
    for column in (place.before, place.before + 1):
        values = Reference(sheet, min_col=column, min_row=place.header, max_row=last)
        chart.add_data(values, titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=place.names, min_row=place.first, max_row=last))
    for series, color in zip(chart.series, ("A6B4CC", _ACCENT), strict=True):
        series.graphicalProperties = GraphicalProperties(solidFill=color)
    chart.dataLabels = DataLabelList(
        showVal=True,
        showSerName=False,
        showCatName=False,
        showLegendKey=False,
        showPercent=False,
    )
    chart.x_axis.scaling.orientation = "maxMin"
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.number_format, chart.y_axis.majorGridlines = "0%", None
    chart.legend.position, chart.gapWidth, chart.overlap = "b", 50, 0
    chart.width, chart.height = 25, max(7.5, 0.9 * names + 2)
    sheet.add_chart(chart, format_address(*place.anchor))


def _chart_font(size: float) -> Any:
    from openpyxl.drawing.text import CharacterProperties

    return CharacterProperties(sz=int(size * 100), b=True, solidFill=_ACCENT)


def _on_two_pages(sheet: Any, repeated: str) -> None:
    """Two pages side by side, the first columns on both."""
    sheet.page_setup.fitToWidth = 2
    sheet.print_title_cols = repeated


def _chart_of_headroom(sheet: Any) -> None:
    """Columns of shares against the line of the most that needs no vote."""
    from openpyxl.chart import BarChart, LineChart, Reference
    from openpyxl.chart.label import DataLabelList

    first, last = headroom_sheet.FIRST, headroom_sheet.LAST
    names = Reference(sheet, min_col=_LEFT, min_row=first, max_row=last)

    def numbers(column: int) -> Any:
        return Reference(sheet, min_col=column, min_row=first - 1, max_row=last)

    bars, line = BarChart(), LineChart()
    bars.type, bars.gapWidth = "col", 80
    bars.title = "Shares counted against the most that need no vote"
    bars.add_data(numbers(_LEFT + 1), titles_from_data=True)
    bars.set_categories(names)
    bars.series[0].graphicalProperties.solidFill = "8EA9DB"
    bars.dataLabels = DataLabelList(showVal=True)
    for flag in ("showSerName", "showCatName", "showLegendKey", "showPercent"):
        setattr(bars.dataLabels, flag, False)
    bars.dataLabels.numFmt = "#,##0"
    # Inside the columns: above them they would stand in the line.
    bars.dataLabels.position = "inBase"
    line.add_data(numbers(_LEFT + 2), titles_from_data=True)
    line.series[0].graphicalProperties.line.solidFill = _RED[0]
    line.series[0].graphicalProperties.line.width = 28_000
    line.series[0].marker.symbol = "diamond"
    line.series[0].marker.graphicalProperties.solidFill = _RED[0]
    bars.y_axis.title, bars.y_axis.numFmt = "Shares", "#,##0"
    bars.y_axis.scaling.min = 0
    bars.x_axis.delete = bars.y_axis.delete = False
    bars.y_axis.majorGridlines.spPr = None
    bars.legend.position = "b"
    bars += line
    bars.width, bars.height = 26, 10
    sheet.add_chart(bars, format_address(headroom_sheet.CHART_ROW, _LEFT))


def _heading_of_the_deal() -> Formula:
    blank = Literal("")
    issuer, transaction = Name("issuer"), Name("transaction")
    return Operation(
        If(is_blank(issuer), Literal("Issuer not entered"), issuer),
        "&",
        If(is_blank(transaction), blank, Operation(Literal(" | "), "&", transaction)),
    )


def _fact_needed(entry: Entry, at: str) -> str:
    if entry.kind is not BOOK_VALUE:
        return f'{at}=""'
    changed = PRICE_TEST.versions[-1].start
    assert changed is not None
    day = f"DATE({changed.year},{changed.month},{changed.day})"
    return f'AND({at}="",OR(signed_at="",signed_at<{day}))'


# ---------------------------------------------------------------- kinds of entries


def _is_numeric(kind: Kind) -> bool:
    return kind.numeric or kind in (DAY, DAY_OR_APPROVAL, MOMENT)


def _number_format(entry: Entry) -> str:
    if "CUSIP" in entry.label or entry in SUBMISSION.entries:
        return _AS_TEXT
    return _FORMATS.get(entry.kind, "General")


def _width(table: InputTable, entry: Entry) -> float:
    own = _OWN_WIDTHS.get((table.name, entry.key))
    return own if own is not None else _WIDTHS.get(entry.kind, 16)


def _help(entry: Entry) -> str:
    """What to enter, and in which unit."""
    unit = entry.kind.unit
    return f"{entry.help} [{unit}]" if entry.kind.numeric else entry.help


def _lines(value: Value, width: float) -> int:
    """How many lines a text takes in a column, word by word."""
    if not isinstance(value, str):
        return 1
    lines, room = 1 + value.count("\n"), width
    for word in value.split():
        if len(word) > room and room < width:
            lines, room = lines + 1, width
        lines += ceil(len(word) / width) - 1
        room -= len(word) + 1
    return lines


def _validation(entry: Entry) -> Any:
    """The rule for what may be typed, with the help as a prompt."""
    from openpyxl.worksheet.datavalidation import DataValidation

    kind = entry.kind
    if entry.choices:
        rule = DataValidation("list", formula1=f'"{",".join(entry.choices)}"', allow_blank=True)
    elif kind in (DAY, MOMENT):
        rule = DataValidation(
            "date", operator="greaterThan", formula1="DATE(1900,3,1)", allow_blank=True
        )
    elif kind.numeric and kind.most is not None:
        rule = DataValidation(
            "decimal", operator="between", formula1="0", formula2=str(kind.most), allow_blank=True
        )
    elif kind.numeric and not kind.negative:
        rule = DataValidation(
            "decimal", operator="greaterThanOrEqual", formula1="0", allow_blank=True
        )
    else:
        return None
    rule.showErrorMessage = rule.showInputMessage = True
    rule.errorTitle, rule.error = entry.label[:32], f"Enter {kind.expects}."[:255]
    rule.promptTitle, rule.prompt = entry.label[:32], _help(entry)[:255]
    return rule


# ---------------------------------------------------------------- looks


@dataclass(frozen=True)
class _Look:
    """Font, fill, border and alignment of a cell, as a named style of the workbook.

    Someone who wants another blue changes the style, and every input follows.
    """

    name: str
    font: Any
    fill: Any = None
    border: Any = None
    alignment: Any = None
    _given: list[Any] = field(default_factory=list, compare=False)

    def apply(self, cell: Any) -> None:
        """Give a cell this look.

        openpyxl searches the styles of the workbook each time; here, for looks belong to one
        workbook, that is done for the first cell, and the others are given what it was given.
        """
        if self._given:
            cell._style = copy(self._given[0])
            return
        book = cell.parent.parent
        if self.name not in book.named_styles:
            book.add_named_style(self._style())
        cell.style = self.name
        self._given.append(copy(cell._style))

    def _style(self) -> Any:
        from openpyxl.styles import NamedStyle

        style = NamedStyle(self.name)
        style.font = self.font
        if self.fill is not None:
            style.fill = self.fill
        if self.border is not None:
            style.border = self.border
        if self.alignment is not None:
            style.alignment = self.alignment
        return style


class Looks:
    """The looks of this workbook, made once so that cells share them."""

    def __init__(self) -> None:
        from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

        def font(color: str = "000000", size: float = 10, **more: Any) -> Any:
            return Font(name=_FONT, size=size, color=color, **more)

        def fill(color: str) -> Any:
            return PatternFill("solid", start_color=color, end_color=color)

        def aligned(horizontal: str | None = None, wrap: bool = True, **more: Any) -> Any:
            if horizontal == "left":
                more.setdefault("indent", 1)
            return Alignment(
                horizontal=horizontal,
                vertical=more.pop("vertical", "center"),
                wrap_text=wrap,
                **more,
            )

        hair = Side(style="hair", color="808080")
        thin = Side(style="thin", color=_LINE)
        boxed = Border(left=thin, right=thin, top=thin, bottom=thin)
        under = Border(bottom=hair)
        self._font, self._fill, self._aligned, self._boxed = font, fill, aligned, boxed
        no_wrap = aligned(wrap=False)
        self.title = _Look("Sheet title", font(_ACCENT, 16, bold=True), None, None, no_wrap)
        self.subtitle = _Look("Subtitle", font(_ACCENT, 11, bold=True), None, None, no_wrap)
        self.help = _Look("Help", font(_GREY, 9, italic=True), None, None, no_wrap)
        self.section_title = _Look(
            "Section title", font(_ACCENT, 11, bold=True), None, None, no_wrap
        )
        self.header = _Look(
            "Header", font("FFFFFF", bold=True), fill(_ACCENT), boxed, aligned("left")
        )
        self.header_right = _Look(
            "Header right", font("FFFFFF", bold=True), fill(_ACCENT), boxed, aligned("right")
        )
        self.column_help = _Look(
            "Column help",
            font(_GREY, 8, italic=True),
            None,
            None,
            aligned("left", vertical="bottom"),
        )
        self.column_help_right = _Look(
            "Column help right",
            font(_GREY, 8, italic=True),
            None,
            None,
            aligned("right", vertical="bottom"),
        )
        self.label = _Look("Label", font(bold=True), None, boxed, aligned("left"))
        self.source = _Look("Source", font(_GREY, 9), None, boxed, aligned("left"))
        self.what_to_enter = _Look(
            "What to enter", font(_GREY, 9, italic=True), None, boxed, aligned("left")
        )
        self.overflowing = _Look("Overflowing", font(_GREY, 9, italic=True), None, None, no_wrap)
        self.legend_input = _Look("Legend input", font(_INPUT), None, boxed, aligned("left"))
        self.legend_help = _Look(
            "Legend help", font(_GREY, 9, italic=True), None, None, aligned("left", wrap=False)
        )
        self.legend = _Look("Legend", font(), None, boxed, aligned("left"))
        self.yellow = _Look("Yellow", font(), fill(_YELLOW), boxed, aligned("left"))
        self.amber = _Look(
            "Amber", font(_AMBER[1], bold=True), fill(_AMBER[0]), boxed, aligned("left")
        )
        self.red = _Look("Red", font(_RED[1], bold=True), fill(_RED[0]), boxed, aligned("left"))
        self.link = _Look("Link", font("0563C1", underline="single"), None, under, aligned("left"))
        self.section = _Look(
            "Section", font(_ACCENT, bold=True), fill(_BAND), None, aligned("left", wrap=False)
        )
        self.formula = _Look("Formula line", font(), None, under, aligned("right", wrap=False))
        self._roles = {
            "section": self.section,
            "name": _Look("Cell: name", font(), None, under, aligned("left")),
            "heading of numbers": _Look(
                "Cell: heading of numbers",
                font("FFFFFF", 9, bold=True),
                fill(_ACCENT),
                None,
                aligned("right"),
            ),
            "heading of statuses": _Look(
                "Cell: heading of statuses",
                font("FFFFFF", 9, bold=True),
                fill(_ACCENT),
                None,
                aligned("center"),
            ),
            "heading": _Look(
                "Cell: heading", font("FFFFFF", 9, bold=True), fill(_ACCENT), None, aligned("left")
            ),
            "label": _Look("Cell: label", font(), None, under, aligned("left")),
            "total": _Look("Cell: total", font(bold=True), None, under, aligned("left")),
            "line": _Look("Cell: line", font(_GREY, 9), None, under, aligned("center")),
            "result": _Look("Cell: result", font(bold=True), None, under, aligned("right")),
            "answer": _Look("Cell: answer", font(bold=True), None, under, aligned("center")),
            "note": _Look("Cell: note", font(_GREY, 9), None, under, aligned("left")),
            "expected": _Look("Cell: expected", font(), None, under, aligned("right")),
            "status": _Look("Cell: status", font(bold=True), None, under, aligned("center")),
            "meaning": _Look(
                "Cell: meaning", font(_GREY, 9), None, under, aligned("left", indent=1)
            ),
            "source": _Look("Cell: source", font(_GREY, 8), None, under, aligned("left")),
            "formula": self.formula,
        }

    def of_role(self, role: str) -> _Look:
        """The look of a part of a sheet of formulas."""
        return self._roles[role]

    def help_over(self, entry: Entry) -> _Look:
        """What to enter, above a column and aligned with it."""
        return self.column_help_right if _is_numeric(entry.kind) else self.column_help

    def input(self, kind: Kind, align: str = "") -> _Look:
        """Blue: what people enter. Numbers to the right, words to the left."""
        horizontal = align or ("right" if _is_numeric(kind) else "left")
        wrap = kind in (TEXT, STATEMENT)
        name = f"Input {horizontal}{', wrapped' if wrap else ''}"
        return _Look(name, self._font(_INPUT), None, self._boxed, self._aligned(horizontal, wrap))

    def yellow_where(self, sheet: Any, cells: str, test: str) -> None:
        """Mark blank cells that matter."""
        from openpyxl.formatting.rule import FormulaRule

        sheet.conditional_formatting.add(
            cells, FormulaRule([test], fill=self._conditional(_YELLOW))
        )

    def _conditional(self, color: str) -> Any:
        from openpyxl.styles import PatternFill

        return PatternFill("solid", start_color=color, end_color=color, bgColor=color)

    def format_where(self, sheet: Any, cells: str, test: str, number_format: str) -> None:
        """Another number format where a test holds."""
        from openpyxl.formatting.rule import Rule
        from openpyxl.styles.differential import DifferentialStyle
        from openpyxl.styles.numbers import NumberFormat

        style = DifferentialStyle(numFmt=NumberFormat(_FORMAT_IDS[number_format], number_format))
        rule = Rule(type="expression", formula=[test], dxf=style)
        sheet.conditional_formatting.add(cells, rule)

    def verdicts(self, sheet: Any, area: str) -> None:
        """Words in traffic-light colours."""
        first = area.split(":")[0]

        def one_of(*words: str) -> str:
            return "OR(" + ",".join(f'{first}="{word}"' for word in words) + ")"

        self._paint(sheet, area, one_of("NEEDS INPUT", "REVIEW", "OPEN", "not stated"), _AMBER)
        wrong = one_of("REQUIRED", "BREACH", "LATE", "ERROR")
        self._paint(sheet, area, f"OR({wrong},ISERROR({first}))", _RED)
        settled = ("NOT REQUIRED", "NOT AGGREGATED", "NOT PRESUMED", "IN TIME")
        self._paint(sheet, area, one_of(*settled), _GREEN)

    def routes(self, sheet: Any, area: str) -> None:
        """The words of section 606 in the same colours."""
        first = area.split(":")[0]
        self._paint(sheet, area, f'LEFT({first},4)="607 "', _RED)
        self._paint(sheet, area, f'OR({first}="607",{first}="INCOMPLETE")', _RED)
        self._paint(sheet, area, f'OR({first}="606",{first}="OK")', _GREEN)
        self._paint(sheet, area, f'{first}="606 IF WAIVED"', _AMBER)

    def statuses(self, sheet: Any, grid: Grid) -> None:
        """The 1 and 0 of check cells, green and red."""
        columns: dict[int, list[int]] = {}
        for (row, column), placed in grid.cells.items():
            if placed.role == "status":
                columns.setdefault(column, []).append(row)
        for column, rows in sorted(columns.items()):
            first = format_address(min(rows), column)
            area = f"{first}:{format_address(max(rows), column)}"
            self._paint(sheet, area, f"AND(ISNUMBER({first}),{first}=1)", _GREEN)
            self._paint(sheet, area, f"AND(ISNUMBER({first}),{first}=0)", _RED)

    def _paint(self, sheet: Any, area: str, test: str, colors: tuple[str, str]) -> None:
        from openpyxl.formatting.rule import FormulaRule
        from openpyxl.styles import Font

        rule = FormulaRule([test], fill=self._conditional(colors[0]), font=Font(color=colors[1]))
        sheet.conditional_formatting.add(area, rule)


__all__ = ["SOURCE", "Contents", "write_workbook"]
