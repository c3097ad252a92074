"""Short forms in which the sheets of formulas are written: cells, blocks of lines, tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from xl_compliance.functions.registry import find
from xl_compliance.workbook.expressions import (
    At,
    Column,
    Formula,
    If,
    IfNa,
    Literal,
    Name,
    Operation,
    Stretch,
    equal,
    excel,
    is_blank,
)
from xl_compliance.workbook.input_sheets import ALL_TABLES

SHARES: Final = "#,##0;(#,##0);0"
PRICE: Final = "#,##0.00##"
PERCENT: Final = "0.000%"
ROUNDED_PERCENT: Final = "0.0##%"
DAY: Final = "dd-mmm-yyyy"
STATUS: Final = '[=1]"OK";[=0]"Error";General'
TEXT: Final = "General"
NAME: Final = "@"
"""Not a number format but a mark: words, which stand to the left."""


BLANK: Final = Literal("")
NEEDS_INPUT: Final = Literal("NEEDS INPUT")
FIRST_COLUMN: Final = 2
ZERO, ONE = Literal(0), Literal(1)
TRUE: Final = Literal("TRUE")
FALSE: Final = Literal("FALSE")
LineFormula = tuple[str, str, str]
"""Key, heading and number format of a column of lines."""
Line = Mapping[str, Formula]


@dataclass(frozen=True)
class Placed:
    """What stands in a cell: a formula or a label, and in which part it plays."""

    content: Formula | str | int
    role: str
    number_format: str = TEXT


@dataclass
class Grid:
    """A sheet of formulas, cell by cell. `sections` and `headings` are rows, `bodies` areas.

    `down_to` is the last row to print, where something stands below the cells.
    """

    name: str
    title: str
    help: str
    cells: dict[tuple[int, int], Placed] = field(default_factory=dict)
    sections: list[int] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    bodies: list[tuple[int, int, int, int]] = field(default_factory=list)
    print_titles: str = "1:3"
    down_to: int = 0

    def put(
        self, row: int, column: int, content: Formula | str | int, role: str, form: str = TEXT
    ) -> At:
        """Place something and get the reference to it."""
        self.cells[row, column] = Placed(content, role, form)
        return At(self.name, row, column)


# ---------------------------------------------------------------- short forms


_LABELS: Final = {
    (table.name, entry.key): entry.label for table in ALL_TABLES for entry in table.entries
}


def column(table: str, key: str) -> Column:
    """The column of an entry."""
    return Column(table, _LABELS[table, key])


def compare(left: Formula, operator: str, right: Formula) -> Operation:
    """Two formulas and what stands between them."""
    return Operation(left, operator, right)


def is_number(*formulas: Formula) -> Formula:
    """Whether every one of them is a number."""
    tests = [excel("ISNUMBER", formula) for formula in formulas]
    return tests[0] if len(tests) == 1 else excel("AND", *tests)


def known(formula: Formula) -> Formula:
    """A result as an argument: blank where it is a word instead of a number."""
    return If(is_number(formula), formula, BLANK)


def if_known(*formulas: Formula, then: Formula) -> Formula:
    """NEEDS INPUT where one of the formulas is not a number."""
    return If(is_number(*formulas), then, NEEDS_INPUT)


def or_needs_input(formula: Formula) -> Formula:
    """NEEDS INPUT where data are missing."""
    return IfNa(formula, NEEDS_INPUT)


def as_word(truth: Formula) -> Formula:
    """TRUE and FALSE as text, other words as they are.

    LibreOffice shows no stored truth value where it does not know the function behind it.
    """
    return If(
        equal(truth, Literal(True)),
        TRUE,
        If(equal(truth, Literal(False)), FALSE, truth),
    )


def given_then(formula: Formula, then: Formula) -> Formula:
    """Blank where the formula is."""
    return If(is_blank(formula), BLANK, then)


def agree(result: Formula, expected: Formula) -> Formula:
    """1 or 0; blank where there is nothing to compare."""
    missing = excel("OR", is_blank(expected), is_blank(result), equal(result, NEEDS_INPUT))
    return If(missing, BLANK, If(equal(result, expected), ONE, ZERO))


def any_of(*criteria: Formula) -> Formula:
    """Whether some row meets the criteria, given as COUNTIFS takes them."""
    return compare(excel("COUNTIFS", *criteria), ">", ZERO)


def source_of(function: str) -> str:
    """The source that a worksheet function's documentation names."""
    paragraphs = find(function).document.split("\n\n")
    source = next(text for text in paragraphs if text.startswith("Source:"))
    text = " ".join(source.removeprefix("Source:").split()).rstrip(".")
    return text[0].upper() + text[1:]


@dataclass(frozen=True)
class Block:
    """Lines of one kind below each other: its columns by name."""

    sheet: str
    first: int
    last: int
    columns: Mapping[str, int]

    def at(self, name: str, row: int) -> At:
        """The cell of a column in a line."""
        return At(self.sheet, row, self.columns[name])

    def all(self, name: str) -> Stretch:
        """The whole column, fixed, so that it reads the same in every line."""
        return self.between(name, self.last, last_fixed=True)

    def until(self, name: str, row: int) -> Stretch:
        """The column down to a line."""
        return self.between(name, row, last_fixed=False)

    def between(self, name: str, last: int, last_fixed: bool) -> Stretch:
        """The column from the first line to one of them."""
        place = self.columns[name]
        return Stretch(
            At(self.sheet, self.first, place, fixed_row=True),
            At(self.sheet, last, place, fixed_row=last_fixed),
        )


def class_reported() -> Formula:
    """The class that a filing is about: as entered, or the first."""
    title = Name("class_title")
    return If(is_blank(title), excel("INDEX", column("Classes", "name"), ONE), title)


def entries_of(table: str, line: At) -> Callable[[str], Formula]:
    """The cells of a table's row, by line number."""
    return lambda key: excel("INDEX", column(table, key), line)


def named_in(table: str, key: str, line: At) -> Formula:
    """The name in a line; blank below the end of the table."""
    names = column(table, key)
    return If(
        compare(line, ">", excel("ROWS", names)),
        BLANK,
        Operation(excel("INDEX", names, line), "&", BLANK),
    )
