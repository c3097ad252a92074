"""Rows read many at a time are what they are when read one by one, and are refused alike."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.formula.translate import TranslatorError

from xl_compliance.workbook import row_forms, sheet_xml
from xl_compliance.workbook.cell_values import NUMBERS, Kinds, UnusualSheet, plain_numbers
from xl_compliance.workbook.grid import Block, Grid
from xl_compliance.workbook.sheet_structure import MAIN, DamagedSheet
from xl_compliance.workbook.snapshot import NOT_CALCULATED, Cell, read

STRINGS = ["a", "b", "", "Ada Lovelace", "x_y"]
CODES = ["General", "yyyy-mm-dd", "0.0%", "h:mm", "#,##0"]
NUMBER_TEXTS = (
    *("0", "7", "-12", "948808", "12345678901234567890", "9223372036854775807", "1.5", "11.51"),
    *("135544.5714285714", "1E-3", "1e5", "-0", "-0.0", "45000", "45000.5", "0.25", "60", "1e999"),
)
ODD_NUMBERS = (
    "007",
    "+5",
    ".5",
    "5.",
    " 7 ",
    "1_0",
    "1-2",
    "--1",
    "nan",
    "1.2.3",
    "NaN",
    "Infinity",
    "1,2",
    "[1]",
    "9" * 309,
    "x",
    "",
)
TEXTS = ("a", "x &amp; y", "a_x000D_b", "é東京", " ", "&lt;b&gt;", "a>b", "")
FORMULAS = ("A1*2", "F{0}/7", "IF(A1&lt;2,&quot;&amp;&quot;,B{0})", "TRUE()", "FALSE()", "")
OWN = tuple(f"<f>{it}</f>" for it in FORMULAS)
MASTERS = (
    '<f t="shared" ref="A1:Z9" si="0">A1*2+$B3-A$4</f>',
    '<f t="shared" ref="A1:Z9" ca="1" si="1">SUM(A1:B2,&quot;A1 &amp; 5%&quot;,S!A:A,5:6)%</f>',
    '<f t="shared" ref="A1:Z9" si="2">TRUE()</f>',
    '<f t="shared" ref="A1:Z9" si="3">$A$1&lt;&gt;1</f>',
    '<f t="shared" ref="A1:Z9" si="0">D9</f>',
    '<f t="shared" ref="A1:Z9" si="4">A9*2</f>',
)
MEMBERS = (
    '<f t="shared" si="0"/>',
    '<f t="shared" si="1"/>',
    '<f t="shared" ca="1" si="2"/>',
    '<f t="shared" si="3"/>',
    '<f t="shared" si="0"></f>',
)
VALUES = {
    "n": NUMBER_TEXTS,
    "s": ("0", "1", "2", "3", "04"),
    "str": TEXTS,
    "inlineStr": TEXTS,
    "b": ("0", "1", "true"),
    "e": ("#REF!", "#DIV/0!"),
    "d": ("2024-03-01", "2024-03-01T16:00:00", "16:00:00"),
}
ODD_VALUES = {
    **dict.fromkeys(VALUES, TEXTS),
    "n": ODD_NUMBERS,
    "s": ("99", "-1", " 1 ", "x", "1_0", ""),
    "b": ("2", "", "TRUE"),
}
ODD_CELLS = (
    '<c r="{0}"><v>1</v><v>2</v></c>',
    '<c r="{0}" t="s"><is><t>x</t></is></c>',
    '<c r="{0}" t="inlineStr"><v>x</v></c>',
    '<c r="{0}" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>',
    '<c r="{0}" x="y"><v>1</v></c>',
    '<c t="b" r="{0}"><v>1</v></c>',
    '<c r="{0}" s="77"><v>45000</v></c>',
    '<c r="{0}" t="zz"><v>1</v></c>',
    '<c r="{0}"><v/></c>',
    '<c r="{0}"><f t="shared" ref="A1:A9" si="0">B1*2</f><v>1</v></c>',
    '<c r="{0}"><f t="shared" si="0"/><v>3</v></c>',
    '<c r="{0}"><f t="array" ref="A1:A2">B1:B2*2</f><v>3</v></c>',
    '<c r="{0}" s="1"><f ca="1">TODAY()</f><v>45000</v></c>',
    '<c r="{0}"><f aca="false">TRUE()</f><v>1</v></c>',
    '<c r="{0}"/>',
    "<c><v>5</v></c>",
    '<c r="A1"><v>5</v></c>',
    ' <c r="{0}"><v>1</v></c>',
    '<x r="{0}"/>',
    '<c r="{0}"><v>1',
)
ODD_ROWS = (
    "<row r='{0}'><c r='A{0}'><v>1</v></c></row>",
    '<row r="{0}"/>',
    '<row r="{0}"></row>',
    "\n  ",
    '<row r="0"><c r="A0"><v>1</v></c></row>',
    '<row r="1048577"><c r="A1048577"><v>1</v></c></row>',
    '<row><c t="s"><v>1</v></c></row>',
    '<row r="{0}" r="1"><c r="A{0}"><v>1</v></c></row>',
    '<row r="{0}" a=b><c r="A{0}"><v>1</v></c></row>',
    '<row r="{0}"><row r="1"><c r="A1"><v>1</v></c></row></row>',
    '<row r="{0}">\r\n<c r="A{0}"><v>1</v></c></row>',
    '<row r="2"><c r="C2"><v>1</v></c></row>',
    "<!-- -->",
    "&own;",
)
ROW_ATTRIBUTES = (
    "",
    ' spans="1:4"',
    ' hidden="1"',
    ' ht="0.1" customHeight="1"',
    ' ht="15"',
    ' x="a/b"',
)


@st.composite
def cells(draw: Any, letters: str, kind: str, style: str, formulas: Sequence[str], odd: int) -> str:
    """A cell of a column, now and then blank, left out or written otherwise."""
    chance = draw(st.integers(0, 99))
    address = letters + "{0}"
    if chance < odd:
        return draw(st.sampled_from(ODD_CELLS)).replace("{0}", address)
    if chance < odd + 10:
        return draw(st.sampled_from(("", f'<c r="{address}"{style}/>')))
    pool = ODD_VALUES if chance < 2 * odd else VALUES
    value = draw(st.sampled_from(pool[kind]))
    given = f'<c r="{address}"{style}' + (f' t="{kind}">' if kind != "n" else ">")
    if formulas and chance % 3:
        given += draw(st.sampled_from(formulas))
    if kind == "inlineStr":
        return f"{given}<is><t>{value}</t></is></c>"
    if chance % 11 == 0:
        return given + draw(st.sampled_from(("</c>", "<v/></c>", "<v /></c>", "<v></v></c>")))
    return f"{given}<v>{value}</v></c>"


@st.composite
def sheets(draw: Any, odd: int) -> str:
    """The rows of a sheet: of one or two tables, most of them written alike."""
    columns = [
        (
            letters,
            draw(st.lists(st.sampled_from(list(VALUES)), min_size=1, max_size=2)),
            draw(
                st.lists(
                    st.sampled_from(("", *(f' s="{it}"' for it in range(5)))),
                    min_size=1,
                    max_size=2,
                )
            ),
            draw(st.sampled_from((OWN, MEMBERS, MEMBERS, OWN + MEMBERS, MEMBERS + MASTERS, ()))),
        )
        for letters in draw(
            st.lists(st.sampled_from("ABDZ"), min_size=1, max_size=3, unique=True).map(sorted)
        )
    ]
    rows, number = [], draw(st.integers(1, 3))
    if draw(st.integers(0, 99)) > 10:
        for master in MASTERS[: len(MEMBERS)]:
            letter = draw(st.sampled_from("AAAAAAAAAAAC"))
            rows.append(f'<row r="{number}"><c r="{letter}{number}">{master}<v>1</v></c></row>')
            number += 1
    attributes = draw(st.lists(st.sampled_from(ROW_ATTRIBUTES), min_size=1, max_size=2))
    for _ in range(draw(st.integers(4, 24))):
        if draw(st.integers(0, 99)) < odd:
            rows.append(draw(st.sampled_from(ODD_ROWS)).replace("{0}", str(number)))
        else:
            held = "".join(
                draw(
                    cells(
                        letters,
                        draw(st.sampled_from(kinds)),
                        draw(st.sampled_from(styles)),
                        formulas,
                        odd,
                    )
                )
                for letters, kinds, styles, formulas in columns
            )
            row = f'<row r="{{0}}"{draw(st.sampled_from(attributes))}>{held}</row>'
            rows.append(row.replace("{0}", str(number)))
        number += draw(st.sampled_from((1, 1, 1, 1, 1, 1, 2, 1 - (odd > 2))))
    return "".join(rows)


def scanned(rows: str) -> sheet_xml.Cells:
    xml = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    return sheet_xml._Scan(Kinds(STRINGS, CODES, False), io.BytesIO(xml.encode())).cells()


def told(rows: str) -> Any:
    """All that is read of a sheet, with the types of values, or why nothing is."""
    try:
        found = scanned(rows)
    except DamagedSheet as problem:
        return str(problem)
    except (UnusualSheet, ValueError, KeyError, IndexError, ParseError):
        return "to be read by openpyxl"
    except TranslatorError as problem:
        return repr(problem)
    grid = found.grid
    held = [
        (row, column, type(value), repr(value), formula)
        for row, column, value, formula in grid.in_rows()
    ]
    return (
        held,
        list(grid.formulas()),
        grid.dimension(),
        dict(grid.number_formats()),
        sorted(found.hidden_rows),
        found.arrays,
        found.lost,
    )


def assert_looked_up_alike(grid: Grid) -> None:
    """Whatever way one asks for a cell, it is the same one."""
    placed = {(row, column): (value, formula) for row, column, value, formula in grid.in_rows()}
    assert len(grid) == len(placed)
    assert {place: (it.value, it.formula) for place, it in grid.items()} == placed
    assert [(it.value, it.formula) for it in grid.values()] == list(placed.values())
    assert list(grid.all_values()) == [(place, value) for place, (value, _) in placed.items()]
    for column in (1, 2, 3, 4, 26):
        for first, last in ((1, 60), (3, 5), (7, 7), (9, 8)):
            rows = range(first, last + 1)
            blank = (None, None)
            expected = [placed.get((row, column), blank) for row in rows]
            assert [grid.at(row, column) for row in rows] == expected
            assert grid.column(column, first, last) == [value for value, _ in expected]
            assert grid.column_formulas(column, first, last) == [text for _, text in expected]
    for place in ((1, 1), (4, 2), (999, 1)):
        value, formula = placed.get(place, (None, None))
        assert grid.get(place) == (None if value is None else Cell(value, formula))
        assert (place in grid) == (value is not None)


@contextmanager
def from_two_rows() -> Iterator[None]:
    """Rows are learned from and put in blocks from the second one on, few bytes at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_forms, "_ENOUGH", 2)
        patch.setattr(row_forms, "_WORTH_IT", 0)
        patch.setattr(sheet_xml, "SHORTEST", 1)
        patch.setattr(sheet_xml, "_CHUNK", 900)
        patch.setattr(sheet_xml, "WORTH_LEARNING", 0)
        yield


def in_blocks(rows: str) -> Any:
    with from_two_rows():
        return told(rows)


def one_by_one(rows: str) -> Any:
    with from_two_rows(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_forms, "_ENOUGH", 10**9)
        return told(rows)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.one_of(sheets(0), sheets(1), sheets(4)))
def test_rows_read_many_at_a_time_are_as_when_read_one_by_one(
    rows: str,
) -> None:
    found = in_blocks(rows)
    assert found == one_by_one(rows)
    assert found == told(rows), "read all at once, as the few rows of a small sheet are"
    if not isinstance(found, str):
        with from_two_rows():
            assert_looked_up_alike(scanned(rows).grid)


ROW = '<row r="{0}"><c r="A{0}" t="s"><v>1</v></c><c r="B{0}"><f>A{0}*2</f><v>{0}</v></c></row>'
SPELLED_OUT = (
    '<row r="{0}"><c r="A{0}" t="inlineStr"><is><t>a</t></is></c></row>',
    '<row r="{0}"><c r="A{0}" t="str"><v>a</v></c></row>',
)
AMID = [
    *ODD_ROWS,
    *(f'<row r="{{0}}">{it.replace("{0}", "B{0}")}</row>' for it in ODD_CELLS),
    *(
        f'<row r="{{0}}"><c r="B{{0}}" t="{kind}"><v>{it}</v></c></row>'
        for kind, texts in ODD_VALUES.items()
        for it in texts
    ),
    *(f'<row r="{{0}}"{it}><c r="B{{0}}"><v>1</v></c></row>' for it in ROW_ATTRIBUTES),
    '<row r="{0}" r="4"><c r="A{0}" t="s"><v>1</v></c></row>',
    '<row r="{0}" a=b><c r="A{0}" t="s"><v>1</v></c></row>',
    '<row r="{0}"></row>' + ROW,
    ROW + '<row r="{0}"></row>',
    ROW + ROW,
    '<row r="{0}"><c r="A{0}" t="s"><v>99</v></c></row>',
    '<row r="{0}"><c r="A{0}" t="s"><v>1_0</v></c></row>',
    '<row r="{0}"><c r="A{0}" t="str"><is><t>1</t></is></c></row>',
    '<row r="{0}"><c r="B{0}"><v>1-2</v></c></row>',
    '<row r="{0}"><c r="B{0}"><f>1</f></c></row>',
    '<row r="{0}"><c r="B{0}"><f>1</f><v /></c></row>',
    '<row r="{0}"><c r="B{0}"><v/></c></row>',
    '<row r="{0}"><c r="B{0}"><v>1</v><v/></c></row>',
    '<row r="{0}"><c r="B{0}"><f>TRUE()</f><v>1</v></c></row>',
    '<row r="{0}"><c r="A{0}" t="str"><v>a\r\nb</v></c></row>',
    '<row r="{0}"><c r="B{0}"><f>A{0}&amp;"\r\n"</f><v>1</v></c></row>',
    "</row>",
    "<row>",
    "</sheetData><row>",
]


@pytest.mark.parametrize("amid", AMID)
def test_what_stands_amid_rows_that_are_alike_is_read_as_when_alone(amid: str) -> None:
    for row in (ROW, *SPELLED_OUT):
        others = SPELLED_OUT[::-1] if row in SPELLED_OUT else (ROW, ROW)
        alike = [(row, *others)[number % 2].replace("{0}", str(number)) for number in range(1, 13)]
        for at in (7, 12):
            odd = amid.replace("{0}", str(at))
            for below in (alike[at:], [ROW.replace("{0}", "5")]):
                rows = "".join((*alike[: at - 1], odd, *below))
                assert in_blocks(rows) == one_by_one(rows) == told(rows)


def test_the_few_rows_of_a_small_sheet_are_read_all_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = "".join(ROW.replace("{0}", str(number)) for number in range(1, 96))
    expected = one_by_one(rows)
    monkeypatch.setattr(sheet_xml._Scan, "_one", None)
    assert told(rows) == expected


@pytest.mark.parametrize("first", [1_048_560, 1_048_570])
def test_rows_beyond_the_last_are_refused_in_a_table_too(first: int) -> None:
    rows = "".join(ROW.replace("{0}", str(number)) for number in range(first, first + 12))
    assert in_blocks(rows) == one_by_one(rows)
    assert isinstance(in_blocks(rows), str) == (first + 11 > 1_048_576)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(NUMBER_TEXTS + ODD_NUMBERS),
            st.from_regex(r"-?[0-9]{1,20}(\.[0-9]{1,18})?([eE][-+]?[0-9]{1,3})?", fullmatch=True),
            st.from_regex(r"[-+.0-9eE]{1,6}", fullmatch=True),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_a_column_of_numbers_is_converted_as_each_of_them(raws: list[str]) -> None:
    written = [it.encode() for it in raws if it and re.fullmatch(NUMBERS.written, it.encode())]

    def each() -> Any:
        return [(type(value), repr(value)) for value in map(NUMBERS.one, written)]

    def all_at_once() -> Any:
        return [(type(value), repr(value)) for value in NUMBERS.values(written)]

    assert outcome(all_at_once) == outcome(each)
    plain = plain_numbers([it.encode() for it in raws if it])
    if plain is not None:
        expected = [NUMBERS.one(it.encode()) for it in raws if it]
        assert [(type(it), repr(it)) for it in plain] == [(type(it), repr(it)) for it in expected]


def outcome(convert: Any) -> Any:
    try:
        return convert()
    except ValueError:
        return "refused"


def blocks_of(grid: Grid) -> list[Block]:
    return [part for part in grid._parts.values() if isinstance(part, Block)]


@pytest.mark.parametrize("attributes", ["", ' s="0" t="n"'])
@pytest.mark.parametrize("formula", ["<f>B{0}+1</f><v />", '<f aca="false">B{0}+1</f><v>2</v>'])
def test_tables_as_other_programs_write_them_are_kept_in_blocks(
    attributes: str, formula: str
) -> None:
    """With a text spelled out, a formula never calculated, heights and line breaks."""
    row = (
        '<row r="{0}" ht="12.8" hidden="false"><c r="A{0}" t="inlineStr"><is><t>a</t></is></c>'
        f'<c r="B{{0}}"{attributes}><v>2.5</v></c><c r="C{{0}}"{attributes}>{formula}</c></row>\n'
    )
    grid = scanned("".join(row.replace("{0}", str(it)) for it in range(1, 201))).grid
    assert sum(len(block.rows) for block in blocks_of(grid)) == 200 - 32
    assert grid.at(200, 1) == ("a", None)
    assert grid.at(200, 3) == (NOT_CALCULATED if "<v />" in formula else 2, "=B200+1")


def filled_down(masters: Sequence[str], count: int, first: int = 2) -> str:
    """A table whose columns from C on hold shared formulas, their masters in its first row."""
    rows = []
    for number in range(first, first + count):
        held = f'<c r="A{number}" t="s"><v>1</v></c><c r="B{number}"><v>{number}</v></c>'
        for index, master in enumerate(masters):
            letter = "CDEFGHIJKLMNOPQRSTUVWXYZ"[index]
            area = f'ref="{letter}{first}:{letter}{first + count - 1}" '
            opening = f'<f t="shared" {area if number == first else ""}si="{index}"'
            end = f">{master}</f>" if number == first else "/>"
            held += f'<c r="{letter}{number}">{opening}{end}<v>{number * 2}</v></c>'
        rows.append(f'<row r="{number}">{held}</row>')
    return "".join(rows)


def test_columns_filled_down_are_kept_in_blocks() -> None:
    """Their formulas stand at the first cell of each, as Excel saves them."""
    grid = scanned(filled_down(("B2*2", "$B$2&amp;&quot;50%&quot;"), 200)).grid
    assert sum(len(block.rows) for block in blocks_of(grid)) == 200 - 32
    assert grid.at(201, 3) == (402, "=B201*2")
    assert grid.column_formulas(4, 200, 202) == ['=$B$2&"50%"'] * 2 + [None]
    assert list(grid.formulas())[-2:] == [(201, 3, "=B201*2"), (201, 4, '=$B$2&"50%"')]


def test_a_column_filled_down_below_a_lost_master_loses_every_formula() -> None:
    rows = re.sub(r'<row r="2">.*?</row>', "", filled_down(("B2*2",), 100))
    assert scanned(rows).lost == tuple(f"C{number}" for number in range(3, 102))


def test_a_master_that_stands_twice_counts_where_it_stands_first() -> None:
    twice = filled_down(("B2*2",), 100) + filled_down(("B102*3",), 100, first=102)
    assert [scanned(twice).grid.at(row, 3)[1] for row in (102, 103, 201)] == [
        "=B102*2",
        "=B103*2",
        "=B201*2",
    ]


MEMBER = '<row r="{0}"><c r="A{0}"><f t="shared" si="{1}"/><v>1</v></c></row>'


def with_members(master: str, column: str) -> str:
    """Members, down column A, of a formula like no other, and then of the one that is given."""
    begins = "".join(
        f'<row r="{row}"><c r="{letter}{row}"><f t="shared" ref="A1:Z99" si="{index}">{text}</f>'
        "<v>1</v></c></row>"
        for row, letter, index, text in ((1, "A", 0, "$B$1+1"), (2, column, 1, master))
    )
    members = (MEMBER.format(row, int(row > 12)) for row in range(3, 30))
    return begins + "".join(members)


def test_members_whose_references_leave_the_sheet_are_refused_in_a_table_too() -> None:
    rows = with_members("A2", "C")
    assert in_blocks(rows) == one_by_one(rows) == "TranslatorError('Formula out of range')"


def test_members_of_a_truth_are_truths_in_a_table_too() -> None:
    """LibreOffice saves a truth as a formula whose result is a number."""
    rows = with_members("TRUE()", "A")
    assert in_blocks(rows) == one_by_one(rows)
    with from_two_rows():
        grid = scanned(rows).grid
    assert any(block.rows[0] > 12 for block in blocks_of(grid))
    assert grid.at(29, 1) == (True, "=TRUE()")


def test_a_table_is_kept_in_blocks_but_for_what_is_written_otherwise(tmp_path: Path) -> None:
    """With a title and headers above, a total below, and blanks, texts and formats between."""
    path = tmp_path / "table.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        day, percent = (book.add_format({"num_format": it}) for it in ("yyyy-mm-dd", "0.0%"))
        sheet = book.add_worksheet()
        sheet.write(0, 0, "Holders")
        sheet.write_row(2, 0, ["Name", "Shares", "Since", "Part", "Sum"])
        for row in range(3, 503):
            sheet.write_string(row, 0, f"H{row}")
            sheet.write(row, 1, "n/a" if row % 7 == 0 else row * 10)
            sheet.write_number(row, 2, 43_000 + row, day)
            sheet.write(row, 3, row / 1000, percent if row % 2 else day)
            if row % 5:
                sheet.write_formula(row, 4, f"=B{row + 1}*2", None, row * 20)
        sheet.write_formula(503, 1, "=SUM(B4:B503)", None, 12)
    grid = read(path).sheets[0].cells
    assert isinstance(grid, Grid)
    assert sum(len(block.rows) for block in blocks_of(grid)) > 400
    assert grid.column(2, 5, 8) == [40, 50, 60, "n/a"]
    assert grid.column_formulas(5, 5, 7) == ["=B5*2", None, "=B7*2"]
    assert [grid.number_format(row, 4) for row in (499, 500)] == ["0.0%", "yyyy-mm-dd"][::-1]
    assert grid.number_format(500, 6) == grid.number_format(9999, 1) == "General"
    assert (504, 2) in grid
    assert grid.dimension() == (1, 1, 504, 5)
