"""The offering workbook: scenarios side by side, what their formulas answer, the shipped example."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from xl_compliance.functions.registry import all_functions
from xl_compliance.functions.spellings import bare
from xl_compliance.workbook import expressions, template
from xl_compliance.workbook.examples import EXAMPLES, tsx_offering
from xl_compliance.workbook.expressions import At, Column, Literal, Name, Operation, Ours, excel
from xl_compliance.workbook.input_sheets import (
    INPUT_TABLES,
    INSIDERS,
    OFFERING_TABLES,
    OFFERINGS,
)
from xl_compliance.workbook.snapshot import (
    NOT_CALCULATED,
    ExcelError,
    Snapshot,
    format_address,
    read,
)
from xl_compliance.workbook.template import SOURCE, Contents, write_workbook

SHIPPED = Path(__file__).parents[2] / "workbooks" / "tsx-offering.xlsx"
EXAMPLE = EXAMPLES["tsx-offering"]
SHEETS = ["Cover", "Offerings", "Insiders", "Closes", "Scenarios", "ByInsider"]
SOFFICE = shutil.which("soffice")

# Rows begun and left, an insider of no scenario, words instead of numbers, an unknown fact.
UNFINISHED = Contents(
    rows={
        "Offerings": [
            {"name": "Begun"},
            {
                "name": "No insiders listed",
                "offer_price": 8.5,
                "announced_at": datetime(2024, 5, 6, 12, 0),
                "disseminated_at": datetime(2024, 5, 6, 11, 0),
                "purchasers": 49,
                "dealers_notified": "UNKNOWN",
                "placement_net": 8,
                "letter_interest": "TBD",
            },
            {
                "name": "Fee, no commission",
                "offer_price": 9.9,
                "announced_at": datetime(2024, 5, 6, 17, 0),
                "size": 1_000_000,
                "outstanding": 10_000_000,
                "purchasers": 50,
                "confirmed": False,
            },
            {
                "name": "fee, confirmed",
                "offer_price": 9.9,
                "announced_at": datetime(2024, 5, 6, 17, 0),
                "size": 1_000_000,
                "outstanding": 10_000_000,
                "purchasers": 50,
            },
        ],
        "Insiders": [
            {"scenario": "Nowhere", "name": "A", "held": 1, "bought": 1},
            {"scenario": "FEE, NO COMMISSION", "name": "A", "held": 100, "bought": 11},
            {"scenario": "fee, confirmed", "name": "A", "held": 100, "bought": 1, "fee": 0.01},
            {"scenario": "fee, confirmed", "name": "B", "bought": 1},
        ],
        "SessionCloses": [{"day": date(2024, 5, 6), "close": 10}],
    }
)
CASES = {"example": EXAMPLE, "unfinished": UNFINISHED}


@pytest.fixture(scope="module", params=CASES)
def written(request, tmp_path_factory) -> tuple[Contents, Path]:
    path = tmp_path_factory.mktemp(request.param) / f"{request.param}.xlsx"
    write_workbook(path, CASES[request.param])
    return CASES[request.param], path


def answers(snapshot: Snapshot) -> dict[str, dict[str, object]]:
    """What stands in each scenario's column, by the scenario's name and the row's label.

    Where an answer has the label of an input, the answer is meant.
    """
    sheet = snapshot.sheet("Scenarios")
    assert sheet is not None
    assert sheet.dimension is not None
    rows = range(7, sheet.dimension.last_row + 1)
    return {
        str(sheet.cell(6, column).value): {
            str(sheet.cell(row, 2).value): sheet.cell(row, column).value for row in rows
        }
        for column in range(4, sheet.dimension.last_column)
    }


def formulas(snapshot: Snapshot) -> Iterator[tuple[str, str, str, object]]:
    for sheet in snapshot.sheets:
        for (row, column), cell in sheet.cells.items():
            if cell.formula is not None:
                yield sheet.name, format_address(row, column), cell.formula, cell.value


# ---------------------------------------------------------------- what the workbook holds


def test_sheets_and_tables_of_the_offering_alone():
    snapshot = read(SHIPPED)
    assert [sheet.name for sheet in snapshot.sheets] == SHEETS
    assert [table.name for table in snapshot.tables] == [table.name for table in OFFERING_TABLES]
    for definition in OFFERING_TABLES:
        table = snapshot.table(definition.name)
        assert table is not None
        assert (table.sheet, table.headers) == (definition.sheet, definition.headers)


def test_a_deal_and_an_offering_in_one_workbook(tmp_path):
    both = Contents({"issuer": "Example Inc"}, {**EXAMPLE.rows, "Classes": [{"name": "Common"}]})
    write_workbook(tmp_path / "both.xlsx", both)
    snapshot = read(tmp_path / "both.xlsx")
    names = {table.name for table in (*INPUT_TABLES, *OFFERING_TABLES)}
    assert {table.name for table in snapshot.tables} == names
    assert answers(snapshot)[tsx_offering.ONE_OVER]["Route"] == "607 INSIDER EXCESS"


def test_every_row_has_its_source():
    assert all(row[SOURCE] for rows in EXAMPLE.rows.values() for row in rows)


def test_every_closed_choice_is_a_list():
    book = load_workbook(SHIPPED)
    lists = {
        rule.formula1 for rule in book["Offerings"].data_validations.dataValidation if rule.formula1
    }
    assert {'"LIFE,WKSI,NONE"', '"TRUE,FALSE,UNKNOWN"'} <= lists


def test_print_and_view_set_up():
    book = load_workbook(SHIPPED)
    for sheet in book.worksheets:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.print_title_rows
        assert sheet.freeze_panes
        assert not sheet.sheet_view.showGridLines
    assert [sheet.title for sheet in book if sheet.sheet_view.tabSelected] == ["Cover"]
    assert book["Scenarios"].freeze_panes == "D7"
    assert book["Offerings"].page_setup.fitToWidth == 2


def test_routes_are_coloured():
    rules = [
        rule.formula[0]
        for area in load_workbook(SHIPPED)["Scenarios"].conditional_formatting
        for rule in area.rules
    ]
    assert 'LEFT(B5,4)="607 "' in rules
    assert 'OR(B5="606",B5="OK")' in rules


def test_as_many_columns_and_lines_as_the_tables_have_rows(tmp_path):
    rows = [{"name": f"Scenario {number}"} for number in range(30)]
    many = [{"scenario": "Scenario 29", "name": "A", "bought": 0}] * 40
    write_workbook(tmp_path / "many.xlsx", Contents(rows={"Offerings": rows, "Insiders": many}))
    shown = answers(read(tmp_path / "many.xlsx"))
    assert len(shown) == 30
    assert shown["Scenario 29"]["Insiders who buy"] == 0
    assert shown["Scenario 28"]["Insiders who buy"] == "NEEDS INPUT"


# ---------------------------------------------------------------- stored answers


def test_every_formula_has_its_answer_stored(written):
    contents, path = written
    recomputed = template._Built(contents).results()
    stored = {(sheet, at): value for sheet, at, _, value in formulas(read(path))}
    assert stored.keys() == recomputed.keys()
    for place, value in recomputed.items():
        assert stored[place] is not NOT_CALCULATED
        assert same(stored[place], value), place


def test_no_formula_shows_an_error(written):
    _, path = written
    assert [it for it in formulas(read(path)) if isinstance(it[3], ExcelError)] == []


def test_formulas_call_our_functions_in_the_bare_spelling():
    texts = [formula for _, _, formula, _ in formulas(read(SHIPPED))]
    called = {name for text in texts for name in re.findall(r"((?:_xlfn\.)?[A-Z0-9_]+)\(", text)}
    known = {bare(function.name) for function in all_functions()}
    assert called <= known | {"IF", "_xlfn.IFNA", *expressions._EXCEL}
    assert {
        "TSX_606",
        "TSX606EXCESS",
        "TSX606NOTICE",
        "TSXBROADLYMARKETED",
        "TSXCONCURRENT",
        "TSXNETPRICE",
        "TSXPRORATA",
        "TSXREFERENCECLOSE",
        "TSXSEASONEDFROM",
        "RULEINFO",
    } <= called


def test_no_number_of_the_law_stands_in_a_formula():
    """Whole numbers up to 9 are positions, 0 and 1 flags; everything else is an input."""
    for _, at, text, _ in formulas(read(SHIPPED)):
        bared = re.sub(r'"[^"]*"|\[\[?[^]]*\]\]?|TSX_?606\w*|\$?[A-Z]+\$?\d+', "", text)
        numbers = {float(number) for number in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", bared)}
        assert numbers <= {0, 1, 3, 8, 9}, (at, text)


def test_the_key_answers_of_the_example():
    shown = answers(read(SHIPPED))
    routes = {
        name: (column["Route"], column["Securities to section 607"])
        for name, column in shown.items()
    }
    assert routes == {
        "Accepted": ("606", 0),
        "One share over": ("607 INSIDER EXCESS", 1),
        "15% exactly": ("606", 0),
        "15.1%": ("607 ALL INSIDER PURCHASES", 150_000),
        "49 purchasers, dealers notified": ("606", 0),
        "49 purchasers, no dealers": ("607 WHOLE OFFERING", 10_000_000),
        "Fee to an insider": ("607 INSIDER EXCESS", 100_000),
        "Concurrent placement": ("606", 0),
        "Before 20 April 2023": ("REVIEW", "REVIEW"),
        "LIFE": ("606", 0),
        "Close taken after announcement": ("606", 0),
        "": ("", ""),
    }
    assert shown["15% exactly"]["Lowest price within the discount"] == 0.85
    assert shown["15.1%"]["607: line for insiders"] == 0.1
    assert shown["15.1%"]["607: line below the market price"] == 0.25
    assert shown["15.1%"]["Discount line in force"] == 0.15
    assert shown["Before 20 April 2023"]["Discount line in force"] == "none"
    assert shown["Fee to an insider"]["Lowest net price from an insider"] == 0.8645
    assert shown["Fee to an insider"]["Net price from other purchasers"] == 0.893
    assert shown["Concurrent placement"]["Concurrent private placement"] == "606 IF WAIVED"
    assert shown["49 purchasers, no dealers"]["Letter under 606(a)"] == "INCOMPLETE"
    assert shown["Close taken after announcement"]["Close used is the reference close"] == 0
    assert shown["Close taken after announcement"]["Close taken before announcement"] == 0
    assert shown["49 purchasers, dealers notified"]["Material information seasoned"] == 1


def test_the_answers_of_unfinished_rows(tmp_path):
    write_workbook(tmp_path / "a.xlsx", UNFINISHED)
    shown = answers(read(tmp_path / "a.xlsx"))
    assert shown["Begun"]["Route"] == "NEEDS INPUT"
    assert shown["Begun"]["Letter under 606(a)"] == "NEEDS INPUT"
    unlisted = shown["No insiders listed"]
    assert (unlisted["Broadly marketed"], unlisted["Route"]) == ("REVIEW", "REVIEW")
    assert unlisted["Close may be used from"] == "REVIEW"
    assert unlisted["Reference close"] == "NEEDS INPUT"
    assert unlisted["Insiders who buy"] == "NEEDS INPUT"
    assert unlisted["Net price from other purchasers"] == "NEEDS INPUT"
    assert unlisted["Concurrent private placement"] == "NEEDS INPUT"
    assert unlisted["Letter under 606(a)"] == "INCOMPLETE"
    unconfirmed = shown["Fee, no commission"]
    assert unconfirmed["Counted as broadly marketed"] == "FALSE"
    assert unconfirmed["Route"] == "607 WHOLE OFFERING"
    assert unconfirmed["Insiders over their own share"] == 1
    assert shown["fee, confirmed"]["Route"] == "NEEDS INPUT", "no commission to compare with"


def test_the_sheet_and_the_checks_agree():
    from xl_compliance.batch.run import check_workbook

    routes = {name: column["Route"] for name, column in answers(read(SHIPPED)).items() if name}
    checked = [it for it in check_workbook(SHIPPED).findings if it.code == "TSX001"]
    assert {it.message.split(": ")[0]: it.verdict for it in checked} == routes


def test_a_column_under_its_header():
    assert OFFERINGS.headers[0] == INSIDERS.headers[0] == "Scenario"


# ---------------------------------------------------------------- formulas as trees


class Dated:
    """A workbook with a column of names and two cells of one day."""

    def fact(self, name):
        return None

    def column(self, table, header):
        return ["One", None, "Two"]

    def cell(self, sheet, row, column):
        return date(2024, 5, 6) if row == 1 else datetime(2024, 5, 6, 9, 30)


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        (excel("MATCH", Literal("two"), Column("T", "C"), Literal(0)), 3),
        (excel("MATCH", Literal("x"), Column("T", "C"), Literal(0)), ExcelError("#N/A")),
        (excel("VALUE", Literal("15%")), 0.15),
        (excel("VALUE", Literal("50")), 50.0),
        (Operation(At("S", 1, 1), "<", At("S", 2, 1)), True),
        (Operation(At("S", 1, 1), ">", At("S", 2, 1)), False),
        (Operation(Name("blank"), "<", At("S", 1, 1)), True),
    ],
)
def test_value_of_a_formula(formula, value):
    assert formula.value(Dated()) == value


# ---------------------------------------------------------------- LibreOffice


def soffice(folder: Path, source: Path, to: str) -> Path:
    """Convert a copy of a workbook, in a profile of its own."""
    if SOFFICE is None:
        assert os.environ.get("CI") != "true", "soffice is missing where it must run"
        pytest.skip("soffice is not installed")
    out = folder / "out"
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [
        SOFFICE,
        profile,
        "--headless",
        "--convert-to",
        to,
        "--outdir",
        str(out),
        str(source),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return out / f"{source.stem}.{to}"


def test_libreoffice_shows_the_stored_answers(tmp_path):
    """Without our functions, as someone sees it who was sent the file."""
    shown = {
        (sheet, at): value
        for sheet, at, _, value in formulas(read(soffice(tmp_path, SHIPPED, "xlsx")))
    }
    for sheet, at, text, value in formulas(read(SHIPPED)):
        assert same(shown[sheet, at], value), (sheet, at, text)


def test_libreoffice_prints_it(tmp_path):
    assert soffice(tmp_path, SHIPPED, "pdf").stat().st_size > 10_000


@pytest.mark.parametrize("case", CASES)
def test_libreoffice_calculates_the_same(case, tmp_path, monkeypatch):
    """Everything but our own functions, which stand there as the values they gave."""
    built = template._Built(CASES[case])
    results = built.results()

    def answered(call: Ours, sheet: str) -> str:
        try:
            return as_literal(call.value(built._model))
        except AssertionError:
            return '""'  # in the branch that is not taken, where a word stands for a number

    monkeypatch.setattr(Ours, "text", answered)
    path = tmp_path / "calculated.xlsx"
    path.write_bytes(template._Built(CASES[case]).saved())
    calculated = {
        (sheet, at): value
        for sheet, at, _, value in formulas(read(soffice(tmp_path, path, "xlsx")))
    }
    for place, value in results.items():
        assert same(calculated[place], value), (place, calculated[place], value)


def same(shown: object, value: object) -> bool:
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if isinstance(value, float):
        return bool(shown == pytest.approx(value, rel=1e-12, abs=1e-12))
    return shown == value and isinstance(shown, bool) == isinstance(value, bool)


def as_literal(answer: object) -> str:
    if isinstance(answer, list):
        return "{" + ";".join(",".join(map(as_literal, row)) for row in answer) + "}"
    if isinstance(answer, ExcelError):
        return "NA()" if answer == "#N/A" else str(answer)
    if isinstance(answer, date):
        return str((answer - date(1899, 12, 30)).days)
    if isinstance(answer, str | bool):
        return Literal(answer).text("")
    return repr(answer)
