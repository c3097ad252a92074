"""The input workbook: what the template holds, what its formulas answer, and the shipped example."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from xl_compliance.batch.run import check_workbook
from xl_compliance.functions.registry import all_functions
from xl_compliance.functions.sec_ownership import HEADERS as OWNERSHIP_HEADERS
from xl_compliance.functions.spellings import bare
from xl_compliance.workbook import expressions, template
from xl_compliance.workbook.check_sheets import check_sheets, source_of
from xl_compliance.workbook.examples import EXAMPLES, write_all
from xl_compliance.workbook.expressions import (
    Column,
    Excel,
    If,
    IfNa,
    Literal,
    Name,
    Operation,
    Ours,
    excel,
    ours,
)
from xl_compliance.workbook.input_sheets import INPUT_TABLES
from xl_compliance.workbook.snapshot import (
    NOT_CALCULATED,
    ExcelError,
    Snapshot,
    format_address,
    read,
)
from xl_compliance.workbook.template import SOURCE, Contents, write_workbook

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "workbooks" / "giga-tronics.xlsx"
GIGA = EXAMPLES["giga-tronics"]
SHEETS = [
    "Cover",
    "Deal",
    "Classes",
    "Prices",
    "Securities",
    "Purchasers",
    "Holders",
    "Groups",
    "Issuances",
    "Stated",
    "Filing",
    "Ownership",
    "Checks",
    "Headroom",
    "Workings",
]
SOFFICE = shutil.which("soffice")

# A deal after 2018 in which every price is known: two warrants in one unit, a reset with a floor,
# a penny warrant beside it, and earlier issuances near and far.
PRICED = Contents(
    facts={
        "issuer": "Example Corp.",
        "exchange": "NASDAQ",
        "cusip": "037833100",
        "transaction": "Units, 2024",
        "signed_at": datetime(2024, 3, 11, 11, 30),
        "closing_date": date(2024, 3, 15),
        "public_offering": False,
        "filing_cusip": "037833101",
        "event_date": date(2024, 3, 15),
        "outstanding_stated": 5_000_000,
    },
    rows={
        "Classes": [
            {"name": "Class A", "listed": True, "outstanding": 4_000_000},
            {"name": "Class B", "listed": False, "outstanding": 1_000_000},
        ],
        "Prices": [
            {"day": date(2024, 3, day), "close": close, "bid": close - 0.5}
            for day, close in ((4, 10.1), (5, 10.2), (6, 9.9), (7, 10.0), (8, 10.3))
        ],
        "Securities": [
            {
                "name": "Common",
                "kind": "COMMON",
                "quantity": 600_000,
                "paid": 6_000_000,
                "adjustment": "NONE",
            },
            {
                "name": "Warrant A",
                "kind": "WARRANT",
                "quantity": 300_000,
                "ratio": 1,
                "paid": 30_000,
                "exercise_price": 11,
                "first_exercisable": date(2024, 9, 16),
                "adjustment": "ANTIDILUTION",
                "floor": 10.5,
                "sold_with": "Common",
            },
            {
                "name": "Warrant B",
                "kind": "WARRANT",
                "quantity": 600_000,
                "paid": 75_000,
                "exercise_price": 9.5,
                "first_exercisable": date(2024, 3, 15),
                "adjustment": "NONE",
                "sold_with": "common",
            },
            {
                "name": "Notes",
                "transaction": "units, 2024",
                "kind": "CONVERTIBLE",
                "quantity": 1_000.5,
                "ratio": 100,
                "paid": 1_200_000,
                "adjustment": "RESET",
                "floor": 8,
            },
            {
                "name": "Penny warrant",
                "kind": "WARRANT",
                "quantity": 10_000,
                "paid": 100_000,
                "exercise_price": 0,
                "first_exercisable": date(2024, 3, 15),
            },
            {"name": "Old notes", "transaction": "2023", "kind": "CONVERTIBLE", "quantity": 5},
        ],
        "Purchasers": [{"name": "Fund One", "security": "Common", "bought": 600_000}],
        "Holders": [
            {"name": "Fund One", "security": "Class A", "held": 250_000},
            {
                "name": "Fund One",
                "security": "Warrant A",
                "held": 0,
                "rights": 300_000,
                "exercisable_on": date(2024, 9, 16),
            },
            {
                "name": "Fund Two",
                "group": "Two and partners",
                "security": "Warrant B",
                "held": 0,
                "rights": 600_001,
                "exercisable_on": date(2024, 5, 14),
            },
            {"name": "Fund Three", "security": "Notes", "held": 0, "rights": 5},
        ],
        "Issuances": [
            {
                "transaction": "Notes, 2023",
                "closing": date(2023, 1, 10),
                "investor": "Somebody else",
                "issuable": 100_000,
                "outstanding_before": 4_900_000,
                "common_investors": False,
                "planned": False,
                "contingent": False,
                "same_use_of_proceeds": False,
                "same_board_approval": False,
            },
            {
                "transaction": "Notes, 2024",
                "closing": date(2024, 1, 10),
                "investor": "fund one",
                "issuable": 100_000,
                "outstanding_before": 4_900_000,
            },
        ],
        "Filing": [
            {"name": "Fund One", "aggregate": 250_000, "percent": 0.05},
            {"name": "P", "position": "Two and partners", "aggregate": 600_000, "percent": 0.107},
            {"name": "Fund Three", "aggregate": 5},
            {"name": "Unknown", "aggregate": 1},
        ],
    },
)
CASES = {"blank": Contents(), "giga-tronics": GIGA, "priced": PRICED}


@pytest.fixture(scope="module", params=CASES)
def written(request, tmp_path_factory) -> tuple[Contents, Path]:
    path = tmp_path_factory.mktemp(request.param) / f"{request.param}.xlsx"
    write_workbook(path, CASES[request.param])
    return CASES[request.param], path


@pytest.fixture(scope="module")
def blank(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("template") / "blank.xlsx"
    write_workbook(path)
    return path


def answers(snapshot: Snapshot) -> dict[str, tuple[object, object, object]]:
    """Result, expected and status of each row of Checks, by its label."""
    sheet = snapshot.sheet("Checks")
    assert sheet is not None
    assert sheet.dimension is not None
    rows = range(6, sheet.dimension.last_row + 1)
    return {
        str(sheet.cell(row, 2).value): tuple(sheet.cell(row, at).value for at in (3, 4, 5))
        for row in rows
        if sheet.cell(row, 2).value
    }


def formulas(snapshot: Snapshot) -> Iterator[tuple[str, str, str, object]]:
    for sheet in snapshot.sheets:
        for (row, column), cell in sheet.cells.items():
            if cell.formula is not None:
                yield sheet.name, format_address(row, column), cell.formula, cell.value


# ---------------------------------------------------------------- what the template holds


def test_every_sheet_table_header_and_field_of_the_schema(blank):
    snapshot = read(blank)
    assert [sheet.name for sheet in snapshot.sheets] == SHEETS
    assert [table.name for table in snapshot.tables] == [table.name for table in INPUT_TABLES]
    for definition in INPUT_TABLES:
        table = snapshot.table(definition.name)
        assert table is not None
        assert (table.sheet, table.headers) == (definition.sheet, definition.headers)
        if definition.facts:
            fields = [row["Field"].cell.value for row in snapshot.rows(table)]
            assert fields == [entry.label for entry in definition.entries]


def test_every_fact_has_its_name(blank):
    snapshot = read(blank)
    for definition in INPUT_TABLES:
        if not definition.facts:
            continue
        table = snapshot.table(definition.name)
        assert table is not None
        for entry, row in zip(definition.entries, snapshot.rows(table), strict=True):
            name = snapshot.defined_name(entry.key)
            assert name is not None, entry.key
            assert name.sheet is None
            assert name.refers_to.replace("$", "") == f"{table.sheet}!{row['Value'].address}"


def test_every_closed_choice_is_a_list_over_all_its_cells(blank):
    snapshot, book = read(blank), load_workbook(blank)
    for definition in INPUT_TABLES:
        table = snapshot.table(definition.name)
        assert table is not None
        lists = {
            address: rule.formula1
            for rule in book[definition.sheet].data_validations.dataValidation
            if rule.type == "list"
            for stretch in rule.sqref.ranges
            for row in stretch.rows
            for address in (format_address(*position) for position in row)
        }
        rows = list(snapshot.rows(table))
        for position, entry in enumerate(definition.entries):
            if definition.facts:
                cells = [rows[position]["Value"].address]
            else:
                cells = [row[entry.label].address for row in rows]
            wanted = f'"{",".join(entry.choices)}"' if entry.choices else None
            assert {lists.get(address) for address in cells} == {wanted}, entry.key


def test_what_to_enter_and_units_are_visible(blank):
    snapshot = read(blank)
    for definition in INPUT_TABLES:
        table = snapshot.table(definition.name)
        sheet = snapshot.sheet(definition.sheet)
        assert table is not None
        assert sheet is not None
        for position, entry in enumerate(definition.entries):
            if definition.facts:
                shown = sheet.cell(table.first_row + position, table.first_column + 3).value
            else:
                shown = sheet.cell(table.first_row - 2, table.first_column + position).value
            assert str(shown).startswith(entry.help)
            assert not entry.kind.numeric or f"[{entry.kind.unit}]" in str(shown)


def test_inputs_are_blue_formulas_black_and_cusips_text():
    book = load_workbook(SHIPPED)
    assert book["Deal"]["C6"].font.color.rgb == "000000FF"
    assert {book["Deal"]["C9"].number_format, book["Filing"]["C9"].number_format} == {"@"}
    for name in ("Checks", "Workings"):
        for row in book[name].iter_rows(min_row=6):
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith("="):
                    assert cell.font.color.rgb == "00000000", cell


def test_formats_follow_the_kind():
    book = load_workbook(SHIPPED)
    formats = [book["Securities"].cell(7, column).number_format for column in range(5, 10)]
    assert formats == ["#,##0.00##", "#,##0.00##", "#,##0.00", "#,##0.00##", "dd-mmm-yyyy"]
    assert book["Filing"]["K21"].number_format == "0.0##%"
    assert book["Checks"]["E7"].number_format == '[=1]"OK";[=0]"Error";General'


def test_print_and_view_set_up(blank):
    book = load_workbook(blank)
    for sheet in book.worksheets:
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.fitToWidth == (2 if sheet.title == "Securities" else 1)
        assert sheet.print_area
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows
        assert sheet.freeze_panes
        assert not sheet.sheet_view.showGridLines
        assert "&F" in sheet.oddFooter.left.text
        assert "&P" in sheet.oddFooter.right.text
        assert sheet["B1"].value
    assert [sheet.title for sheet in book if sheet.sheet_view.tabSelected] == ["Cover"]


def test_blanks_that_matter_turn_yellow():
    """The rule stands on the cell; LibreOffice and Excel decide by it."""
    book = load_workbook(SHIPPED)

    def rules(sheet: str, address: str) -> list[str]:
        found = []
        for area in book[sheet].conditional_formatting:
            if address in area:
                found += [rule.formula[0] for rule in area.rules if rule.dxf.fill is not None]
        return found

    assert rules("Prices", "C7") == ['AND(OR(COUNTA($B7:$G7)>0,ROW()=7),C7="")']
    assert any('"WARRANT"' in rule for rule in rules("Securities", "H8"))
    assert "DATE(2018,9,26)" in rules("Deal", "C14")[0]
    assert rules("Deal", "C8") == [], "the symbol is not needed"


def test_no_calculation_is_forced_on_loading(written):
    """It would turn the stored answers into #NAME? where the functions are not installed."""
    with ZipFile(written[1]) as package:
        workbook = package.read("xl/workbook.xml").decode()
    attributes = re.findall(r"<calcPr([^>]*)/>", workbook)
    assert [text.strip() for text in attributes] == ['calcId="191029"']


# ---------------------------------------------------------------- reading it back


def test_reading_back_gives_what_was_put_in(written):
    contents, path = written
    snapshot = read(path)
    for definition in INPUT_TABLES:
        table = snapshot.table(definition.name)
        assert table is not None
        rows = list(snapshot.rows(table))
        if definition.facts:
            for entry, row in zip(definition.entries, rows, strict=True):
                assert same_moment(row["Value"].cell.value, contents.facts.get(entry.key))
                assert row["Source"].cell.value == contents.sources.get(entry.key)
            continue
        given = contents.rows.get(definition.name, ())
        for line, row in enumerate(rows):
            wanted = given[line] if line < len(given) else {}
            for entry in definition.entries:
                assert same_moment(row[entry.label].cell.value, wanted.get(entry.key))
            assert row["Source"].cell.value == wanted.get(SOURCE)


def same_moment(stored: object, given: object) -> bool:
    if isinstance(given, date) and not isinstance(given, datetime):
        given = datetime(given.year, given.month, given.day)
    return stored == given and isinstance(stored, bool) == isinstance(given, bool)


def test_every_value_of_the_example_has_its_source():
    assert set(GIGA.sources) == set(GIGA.facts)
    assert all(row[SOURCE] for rows in GIGA.rows.values() for row in rows)


@pytest.mark.parametrize(
    "wrong",
    [
        {"facts": {"cusp": "1"}},
        {"sources": {"cusp": "1"}},
        {"rows": {"Deal": []}},
        {"rows": {"Prices": [{"clse": 1}]}},
    ],
)
def test_an_unknown_key_is_refused(wrong):
    with pytest.raises(ValueError, match="no such key"):
        Contents(**wrong)


def test_a_table_grows_with_its_contents(tmp_path):
    rows = [{"day": date(2024, 1, 1), "close": 1}] * 40
    write_workbook(tmp_path / "long.xlsx", Contents(rows={"Prices": rows}))
    table = read(tmp_path / "long.xlsx").table("Prices")
    assert table is not None
    assert table.row_count == 40


def test_nothing_is_left_beside_the_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_workbook(tmp_path / "missing" / "a.xlsx")
    write_workbook(tmp_path / "a.xlsx")
    write_workbook(tmp_path / "a.xlsx", GIGA)
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]


# ---------------------------------------------------------------- stored answers


def test_every_formula_has_its_answer_stored(written):
    contents, path = written
    recomputed = template._Built(contents).results()
    stored = {(sheet, at): value for sheet, at, _, value in formulas(read(path))}
    assert stored.keys() == recomputed.keys()
    for place, value in recomputed.items():
        assert stored[place] is not NOT_CALCULATED
        assert same_moment(stored[place], value), place


def test_no_formula_shows_an_error(written):
    _, path = written
    wrong = [it for it in formulas(read(path)) if isinstance(it[3], ExcelError)]
    assert wrong == []


def test_formulas_call_our_functions_in_the_bare_spelling(blank):
    texts = [formula for _, _, formula, _ in formulas(read(blank))]
    called = {name for text in texts for name in re.findall(r"((?:_xlfn\.)?[A-Z0-9_]+)\(", text)}
    known = {bare(function.name) for function in all_functions()}
    excels = {"IF", "_xlfn.IFNA", "ISERROR", "SUMPRODUCT", *expressions._EXCEL}
    assert called <= known | excels
    assert {
        "MINPRICE",
        "MARKETVALUE",
        "CONVERTEDSHARES",
        "PRICEPERSHARE",
        "ISSUANCEPCT",
        "EXCHANGECAP",
        "UNITFLOOR",
        "EFFECTIVEPRICE",
        "LOWESTPRICE",
        "NASDAQ5635D",
        "NASDAQAGGREGATION",
        "WARRANTSAGGREGATE",
        "BENEFICIALSHARES",
        "BENEFICIALPCT",
        "SC13DROW13",
        "CUSIPVALID",
        "RULEINFO",
        "XLCVERSION",
    } <= called


def test_no_number_of_the_law_stands_in_a_formula(blank):
    """Whole numbers up to 6 are positions, 0 and 1 flags; everything else is an input."""
    columns = set(range(1, len(OWNERSHIP_HEADERS) + 1))
    for sheet, at, text, _ in formulas(read(blank)):
        bared = re.sub(
            r'"[^"]*"|\[\[?[^]]*\]\]?|[A-Z]*\$?[A-Z]+\$?\d+|[A-Z]+5635D|SC13DROW13', "", text
        )
        numbers = {float(number) for number in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", bared)}
        positions = columns if sheet == "Ownership" else set(range(7))
        assert numbers <= {0, 1} | positions, (at, text)


def test_the_key_answers_of_the_example():
    shown = answers(read(SHIPPED))
    assert shown["Row 11: shares beneficially owned"] == (2_870_756, 2_870_756, 1)
    assert shown["Parts of the note to row 11, added up"] == (2_870_756, 2_870_756, 1)
    assert shown["Row 13: percent of class"] == ("36.2%", "36.2%", 1)
    assert shown["Percent of class"][0] == pytest.approx(0.3619891, abs=1e-7)
    assert shown["Size: common and convertible"][0] == pytest.approx(0.10103, abs=1e-5)
    assert shown["Size: with the warrants sold with them"][0] == pytest.approx(0.20206, abs=1e-5)
    assert shown["Size: with every security of the deal"][0] == pytest.approx(0.30211, abs=1e-5)
    assert shown["Unit price"][0] == 1.555
    assert shown["Most shares below the line"][0] == 1_011_949
    assert shown["Price test in force at signing"][0] == "greater of book value and closing bid"
    for waiting in (
        "Minimum Price",
        "Closing bid before signing",
        "Unit floor",
        "Effective price of the common stock",
        "Price adjustments stated",
        "Approval under Listing Rule 5635(d)",
    ):
        assert shown[waiting][0] == "NEEDS INPUT", waiting
    assert shown["Earlier issuances counted together"][0] == "REVIEW"
    assert shown["Reporting persons whose row 11 ties"] == (4, 4, 1)
    assert shown["Rights that equal the shares of their security"] == (5, 5, 1)
    assert shown["CUSIP on the Deal: check digit"] == ("TRUE", "TRUE", 1)
    assert shown["Comparisons that agree"][:2] == (15, 15)
    assert shown["Master check"] == ("OPEN", None, ""), "open questions are not OK"


def test_a_blank_template_gives_no_verdict_but_needs_input(blank):
    shown = answers(read(blank))
    assert shown["Approval under Listing Rule 5635(d)"][0] == "NEEDS INPUT"
    assert shown["Master check"][0] == "OPEN", "nothing compared is not OK"
    assert shown["Master check"][2] == ""


def test_the_answers_of_a_deal_with_prices(tmp_path):
    write_workbook(tmp_path / "priced.xlsx", PRICED)
    shown = answers(read(tmp_path / "priced.xlsx"))
    assert shown["Minimum Price"][0] == 10.1
    assert shown["Price the issuance is compared with"][0] == 10.1
    # 10.175 a unit; the floor adds 0.5 x 0.125 and 0.125 + 0.60 to the Minimum Price.
    assert shown["Unit price"][0] == 10.175
    assert shown["Unit floor"][0] == pytest.approx(10.1 + 0.0625 + 0.725)
    assert shown["Common stock discounted"][0] == "TRUE"
    assert shown["Effective price of the common stock"][0] == 0, "a penny warrant stands alone"
    assert shown["CUSIP on the cover page: check digit"][0] == "FALSE"
    assert shown["CUSIP on the cover page"] == ("037833101", "037833100", 0)
    assert shown["Rights that equal the shares of their security"] == (1, 3, 0)
    assert shown["Master check"][2] == 0
    assert shown["Master check"][0] == "ERROR"
    assert shown["Price adjustments stated"][0] == "NEEDS INPUT"


def test_an_agreement_signed_later_in_the_law_with_a_discount_needs_approval(tmp_path):
    rows = {
        "Classes": [{"name": "Common", "outstanding": 5_000_000}],
        "Prices": PRICED.rows["Prices"],
        "Securities": [
            {"name": "Common", "kind": "COMMON", "quantity": 1_000_000, "paid": 10_000_000}
        ],
    }
    write_workbook(tmp_path / "a.xlsx", Contents(PRICED.facts, rows))
    assert (
        answers(read(tmp_path / "a.xlsx"))["Approval under Listing Rule 5635(d)"][0] == "REQUIRED"
    )
    fewer = {**rows, "Securities": [{**rows["Securities"][0], "quantity": 999_999}]}
    label = "Approval under Listing Rule 5635(d)"
    write_workbook(tmp_path / "b.xlsx", Contents(PRICED.facts, fewer))
    assert answers(read(tmp_path / "b.xlsx"))[label][0] == "NEEDS INPUT", "do insiders sell too?"
    facts = {**PRICED.facts, "insider_sales": 0}
    write_workbook(tmp_path / "c.xlsx", Contents(facts, fewer))
    assert answers(read(tmp_path / "c.xlsx"))[label][0] == "NOT REQUIRED"


# ---------------------------------------------------------------- the shipped workbook


def test_the_shipped_workbooks_are_what_the_builder_writes(tmp_path):
    built = write_all(tmp_path)
    assert [path.stem for path in built] == [*EXAMPLES, "xl-compliance-lite"]
    for path in built:
        fresh, shipped = read(path), read(SHIPPED.parent / path.name)
        assert shipped.sheets == fresh.sheets, (
            "run: python -m xl_compliance.workbook.examples workbooks"
        )
        assert (shipped.tables, shipped.defined_names) == (fresh.tables, fresh.defined_names)


def test_the_same_contents_give_the_same_bytes(tmp_path):
    write_workbook(tmp_path / "one.xlsx", GIGA)
    write_workbook(tmp_path / "two.xlsx", GIGA)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()


# ---------------------------------------------------------------- formulas as trees


class Nothing:
    """A workbook without inputs."""

    def fact(self, name):
        return None

    def column(self, table, header):
        return [1, None, "x", ExcelError("#N/A")]

    def cell(self, sheet, row, column):
        return None


@pytest.mark.parametrize(
    ("formula", "text", "value"),
    [
        (Literal('a "b"'), '"a ""b"""', 'a "b"'),
        (Operation(Name("blank"), "=", Literal("")), 'blank=""', True),
        (Operation(Name("blank"), "=", Literal(0)), "blank=0", True),
        (Operation(Literal("A"), "=", Literal("a")), '"A"="a"', True),
        (Operation(Literal(1), "=", Literal(True)), "1=TRUE", False),
        (
            Operation(Operation(Literal(1), "+", Literal(2)), "*", Literal(3)),
            "(1+2)*3",
            9,
        ),
        (
            Operation(Literal(1), "-", Operation(Literal(2), "-", Literal(3))),
            "1-(2-3)",
            2,
        ),
        (Operation(Literal(1), "/", Literal(0)), "1/0", ExcelError("#DIV/0!")),
        (Operation(Literal("a"), "+", Literal(0)), '"a"+0', ExcelError("#VALUE!")),
        (Operation(Literal("a"), "&", Name("blank")), '"a"&blank', "a"),
        (Column("Prices", "Official close"), "Prices[Official close]", None),
        (Column("Filing", "Row 1: name"), "Filing[[Row 1: name]]", None),
        (excel("COUNT", Column("P", "C")), "COUNT(P[C])", 1),
        (excel("COUNTA", Column("P", "C")), "COUNTA(P[C])", 3),
        (excel("SUM", Column("P", "C")), "SUM(P[C])", ExcelError("#N/A")),
        (
            excel("COUNTIF", Column("P", "C"), Literal("<>x")),
            'COUNTIF(P[C],"<>x")',
            3,
        ),
        (excel("INDEX", Column("P", "C"), Literal(9)), "INDEX(P[C],9)", ExcelError("#REF!")),
        (
            IfNa(ours("MINPRICE", Name("blank")), Literal("?")),
            '_xlfn.IFNA(MINPRICE(blank),"?")',
            "?",
        ),
        (
            IfNa(ours("MINPRICE", Literal("x")), Literal("?")),
            '_xlfn.IFNA(MINPRICE("x"),"?")',
            ExcelError("#VALUE!"),
        ),
        (If(Literal(True), Literal(1), ours("NOSUCH")), "IF(TRUE,1,NOSUCH())", 1),
        (ours("TSX606"), "TSX_606()", "NEEDS INPUT"),
    ],
)
def test_text_and_value_of_a_formula(formula, text, value):
    assert formula.text("Sheet") == text
    if value is not None:
        answer = formula.value(Nothing())
        assert answer == value
        assert type(answer) is type(value)


def test_sources_come_from_the_documentation():
    assert source_of("MINPRICE").startswith("Nasdaq FAQ 271")


# ---------------------------------------------------------------- LibreOffice


def soffice(folder: Path, source: Path, to: str) -> Path:
    """Convert a copy of a workbook, in a profile of its own."""
    if SOFFICE is None:
        assert os.environ.get("CI") != "true", "soffice is missing where it must run"
        pytest.skip("soffice is not installed")
    out = folder / "out"
    subprocess.run(
        [
            SOFFICE,
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            to,
            "--outdir",
            str(out),
            str(source),
        ],
        check=True,
        capture_output=True,
        timeout=180,
    )
    return out / f"{source.stem}.{to}"


def test_libreoffice_shows_the_stored_answers(tmp_path):
    """Without our functions, as someone sees it who was sent the file."""
    converted = read(soffice(tmp_path, SHIPPED, "xlsx"))
    assert {sheet.name for sheet in converted.sheets} == set(SHEETS)
    shown = {(sheet, at): value for sheet, at, _, value in formulas(converted)}
    for sheet, at, text, value in formulas(read(SHIPPED)):
        got = shown[sheet, at]
        assert got == pytest.approx(value) if isinstance(value, float) else got == value, (at, text)


def test_libreoffice_prints_it(tmp_path):
    """TRUE beside conditional formats once stopped it."""
    assert soffice(tmp_path, SHIPPED, "pdf").stat().st_size > 10_000


@pytest.mark.parametrize("case", CASES)
def test_libreoffice_calculates_the_same(case, tmp_path, monkeypatch):
    """Everything but our own functions, which stand there as the values they gave."""
    models = []
    remember = template._Model.__init__

    def remembering(self, *arguments):
        remember(self, *arguments)
        models.append(self)

    monkeypatch.setattr(template._Model, "__init__", remembering)
    results = template._Built(CASES[case]).results()
    # A second build writes each call as its value: the first knows all of them by now.
    (model,) = models
    monkeypatch.setattr(Ours, "text", lambda self, sheet: as_literal(self.value(model)))
    path = tmp_path / "calculated.xlsx"
    path.write_bytes(template._Built(CASES[case]).saved())
    calculated = {
        (sheet, at): value
        for sheet, at, _, value in formulas(read(soffice(tmp_path, path, "xlsx")))
    }
    for place, value in results.items():
        got = calculated[place]
        if isinstance(value, float):
            assert got == pytest.approx(value, rel=1e-12), place
        else:
            assert same_moment(got, value), (place, got, value)


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


def test_the_sheets_fit_their_tables():
    """As many lines on Workings as a table has rows."""
    lines = {
        "Securities": 3,
        "Classes": 2,
        "Purchasers": 4,
        "Stated": 1,
        "Holders": 2,
        "Filing": 1,
        "Issuances": 5,
    }
    workings, _ = check_sheets(lines)
    heights = [bottom - top + 1 for top, _, bottom, _ in workings.bodies]
    assert heights == [3, 3, 2, 4, 1, 2, 1, 5]
    assert all(
        not isinstance(it.content, Excel) or it.content.arguments for it in workings.cells.values()
    )


def test_an_earlier_issuance_that_may_join_leaves_the_sheet_open(tmp_path):
    """Below the line alone; the sheet may not say NOT REQUIRED where batch says REVIEW."""
    rows = {
        "Classes": [{"name": "Common", "outstanding": 5_000_000}],
        "Prices": [{"day": date(2024, 3, day), "close": 10, "bid": 10} for day in (4, 5, 6, 7, 8)],
        "Securities": [
            {
                "name": "S",
                "kind": "COMMON",
                "quantity": 600_000,
                "ratio": 1,
                "paid": 5_990_000,
                "adjustment": "NONE",
            }
        ],
        "Purchasers": [{"name": "Fund", "security": "S", "bought": 600_000}],
    }
    facts = {
        "exchange": "NASDAQ",
        "transaction": "PIPE",
        "signed_at": datetime(2024, 3, 11, 11, 30),
        "closing_date": date(2024, 3, 15),
        "public_offering": False,
        "insider_sales": 0,
    }
    earlier = {"transaction": "January", "closing": date(2024, 1, 15), "investor": "Fund"}

    def answer(name, **more):
        path = tmp_path / f"{name}.xlsx"
        write_workbook(path, Contents(facts, {**rows, **more}, {}))
        return answers(read(path))["Approval under Listing Rule 5635(d)"][0]

    assert answer("alone") == "NOT REQUIRED"
    assert answer("linked", Issuances=[earlier]) == "REVIEW"
    uncounted = [*rows["Classes"], {"name": "Class B"}]
    assert answer("uncounted", Classes=uncounted) in ("NEEDS INPUT", "REQUIRED")


# ---------------------------------------------------------------- the private placement


PIPE = ROOT / "workbooks" / "nasdaq-pipe.xlsx"


def rows_of_headroom(snapshot: Snapshot) -> dict[object, tuple[object, ...]]:
    """The cells beside each label of the Headroom sheet."""
    sheet = snapshot.sheet("Headroom")
    assert sheet is not None
    return {
        sheet.cell(row, 2).value: tuple(sheet.cell(row, at).value for at in (3, 4, 5))
        for row in range(6, 24)
    }


def test_the_answers_of_the_private_placement():
    """Priced above the last close for many, and yet a discount of 20% and more."""
    shown = answers(read(PIPE))
    assert shown["Minimum Price"][0] == 4.088
    assert shown["Unit floor"][0] == 4.213
    assert shown["Effective price of the common stock"][0] == 3.975
    for label, word in (
        ("Approval under Listing Rule 5635(d)", "REQUIRED"),
        ("Listing Rule 5635(a): acquisition", "NOT REQUIRED"),
        ("Listing Rule 5635(b): change of control", "NOT PRESUMED"),
        ("Listing Rule 5635(c): sales to insiders", "REQUIRED"),
        ("Rights to name directors", "OK"),
        ("Notice of additional shares", "REQUIRED"),
        ("Notice: in time", "IN TIME"),
    ):
        assert shown[label][0] == word, label
    assert shown["Row 11: shares beneficially owned"][0] == "no filing"


def test_the_headroom_of_the_private_placement():
    shown = rows_of_headroom(read(PIPE))
    assert shown["Without warrants"] == (3_200_000, 3_999_999, 799_999)
    assert shown["This deal, as counted"] == (6_400_000, 3_999_999, -2_400_001)
    assert shown["With earlier issuances that may join"] == (7_900_000, 3_699_999, -4_200_001)
    assert shown["RAISE UNIT PRICE"] == (4.213, "-", "NOT REQUIRED")
    assert shown["CAP SHARES"] == (3_999_999, "-", "NOT REQUIRED")
    serial = (date(2024, 9, 15) - date(1899, 12, 30)).days
    assert shown["DEFER EXERCISE"] == (serial, "-", "NOT REQUIRED")


def test_the_chart_of_headroom_draws_on_live_cells():
    (chart,) = load_workbook(PIPE)["Headroom"]._charts
    drawn = [series.val.numRef.f for part in (chart, *chart._charts) for series in part.series]
    assert set(drawn) == {"'Headroom'!$C$7:$C$9", "'Headroom'!$D$7:$D$9"}
    book = load_workbook(PIPE)["Headroom"]
    assert all(str(book.cell(row, at).value).startswith("=") for row in (7, 8, 9) for at in (3, 4))


def changed(**changes) -> Contents:
    """The private placement with other rows or facts."""
    base = EXAMPLES["nasdaq-pipe"]
    facts = {**base.facts, **changes.pop("facts", {})}
    return Contents(facts, {**base.rows, **changes}, {})


def first(name: str, **changes) -> dict:
    """The first row of a table of the private placement, changed."""
    return {**EXAMPLES["nasdaq-pipe"].rows[name][0], **changes}


SMALL = {"quantity": 2_000_000, "paid": 8_000_000}
SMALL_DEAL = {
    "Securities": [first("Securities", **SMALL)],
    "Purchasers": [first("Purchasers")],
    "Issuances": [],
}
SHEET_CASES = {
    "pre-funded": changed(
        Securities=[first("Securities", kind="PREFUNDED", paid=13_000_000, exercise_price=0.01)]
    ),
    "earn-out": changed(
        Securities=[
            first("Securities"),
            {"name": "Earn-out", "kind": "EARN-OUT", "quantity": 900_000},
        ]
    ),
    "penalty": changed(
        Securities=[
            first("Securities"),
            {
                "name": "Late",
                "kind": "PENALTY",
                "quantity": 100_000,
                "sold_with": "Common shares",
            },
        ]
    ),
    "capped": changed(facts={"share_cap": 3_999_999}),
    "with insiders' sales": changed(
        facts={"insider_sales": 900_000}, Securities=[first("Securities")], Issuances=[]
    ),
    "voting preferred": changed(
        Classes=[
            first("Classes"),
            {
                "name": "Preferred",
                "outstanding": 10,
                "votes_per_share": 1,
                "counts_as": "VOTES ONLY",
            },
        ],
        Issuances=[],
    ),
    "acquisition": changed(facts={"deal_kind": "ACQUISITION", "insider_interest": 0.06}),
    "not stated": changed(facts={"deal_kind": None, "unapproved_equity_plan": None}),
    # Each of these is NOT REQUIRED but for one thing that might change it.
    "small": changed(**SMALL_DEAL),
    "small, adjustment not stated": changed(
        **{
            **SMALL_DEAL,
            "Securities": [first("Securities", **SMALL, kind="CONVERTIBLE", adjustment=None)],
        }
    ),
    "small, sales by insiders not stated": changed(**SMALL_DEAL, facts={"insider_sales": None}),
    "small, of another transaction": changed(
        **{
            **SMALL_DEAL,
            "Securities": [first("Securities", **SMALL), first("Securities", transaction="PIPE 2")],
        }
    ),
    "small, a purchase of something else": changed(
        **{**SMALL_DEAL, "Purchasers": [first("Purchasers"), first("Purchasers", security="Units")]}
    ),
    "small, with votes of its own": changed(
        **{
            **SMALL_DEAL,
            "Securities": [first("Securities", **SMALL, kind="CONVERTIBLE", votes_each=1.5)],
        }
    ),
    "at market but for cash on conversion": changed(
        **{
            **SMALL_DEAL,
            "Securities": [
                first("Securities", quantity=5_000_000, paid=20_440_000, kind="CONVERTIBLE", cash=1)
            ],
        }
    ),
    "small, and one pays less": changed(
        **{
            **SMALL_DEAL,
            "Securities": [first("Securities", quantity=5_000_000, paid=20_500_000)],
            "Purchasers": [
                first("Purchasers", bought=4_000_000, paid=16_500_000),
                {**first("Purchasers", bought=1_000_000, paid=4_000_000), "name": "Late"},
            ],
        }
    ),
    "insider's warrants below the bid": changed(
        Purchasers=[{**row, "paid": None} for row in EXAMPLES["nasdaq-pipe"].rows["Purchasers"]],
        Securities=[
            first("Securities", paid=16_000_000),
            {**EXAMPLES["nasdaq-pipe"].rows["Securities"][1], "exercise_price": 4.1},
        ],
    ),
    "insider's lone warrants at the bid": changed(
        Securities=[
            {
                **EXAMPLES["nasdaq-pipe"].rows["Securities"][1],
                "sold_with": None,
                "exercise_price": 4.14,
                "quantity": 100_000,
            },
        ],
        Purchasers=[EXAMPLES["nasdaq-pipe"].rows["Purchasers"][-1]],
    ),
    "nobody buys the warrants": changed(
        Purchasers=EXAMPLES["nasdaq-pipe"].rows["Purchasers"][:1],
        Securities=[
            first("Securities", quantity=2_000_000, paid=8_200_000),
            {**EXAMPLES["nasdaq-pipe"].rows["Securities"][1], "quantity": 4_000_000},
        ],
    ),
    "an investor that is a group": changed(
        **{
            **SMALL_DEAL,
            "Purchasers": [first("Purchasers", group="Funds")],
            "Issuances": [
                first(
                    "Issuances",
                    closing=date(2022, 1, 14),
                    investor="Funds",
                    issuable=3_600_000,
                    common_investors=False,
                    same_use_of_proceeds=False,
                )
            ],
        }
    ),
}


@pytest.mark.parametrize("case", SHEET_CASES)
def test_the_sheet_answers_as_the_checks_do(case, tmp_path):
    """Where the sheet is not the stricter of the two, the words are the same."""
    path = tmp_path / "case.xlsx"
    write_workbook(path, SHEET_CASES[case])
    shown = answers(read(path))
    report = check_workbook(path)
    assert not report.failure
    for code, label, lenient in (
        ("NDQ007", "Approval under Listing Rule 5635(d)", "NOT REQUIRED"),
        ("NDQ010", "Listing Rule 5635(a): acquisition", "NOT REQUIRED"),
        ("NDQ008", "Listing Rule 5635(c): sales to insiders", "NOT REQUIRED"),
        ("NDQ011", "Listing Rule 5635(b): change of control", "NOT PRESUMED"),
        ("NDQ013", "Notice of additional shares", "NOT REQUIRED"),
    ):
        words = [finding.verdict for finding in report.findings if finding.code == code]
        gravest = min(words, key=["REQUIRED", "NEEDS INPUT", "REVIEW", "OK", "NOT REQUIRED"].index)
        if shown[label][0] == lenient:
            assert gravest in ("OK", "NOT REQUIRED"), (label, words)
        if gravest == "REQUIRED":
            assert shown[label][0] == "REQUIRED", label


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("small", ("NOT REQUIRED", "NOT REQUIRED", "NOT REQUIRED", "NOT PRESUMED")),
        ("insider's warrants below the bid", ("NOT REQUIRED", None, "REVIEW", None)),
        ("insider's lone warrants at the bid", (None, None, "REVIEW", None)),
        ("nobody buys the warrants", (None, None, None, "NEEDS INPUT")),
    ],
)
def test_what_the_sheet_says_of_the_cases_beside_the_line(case, words, tmp_path):
    """The small deal needs nothing: what the other cases say is theirs."""
    path = tmp_path / "case.xlsx"
    write_workbook(path, SHEET_CASES[case])
    shown = answers(read(path))
    labels = (
        "Approval under Listing Rule 5635(d)",
        "Listing Rule 5635(a): acquisition",
        "Listing Rule 5635(c): sales to insiders",
        "Listing Rule 5635(b): change of control",
    )
    for label, word in zip(labels, words, strict=True):
        assert word is None or shown[label][0] == word, label


def test_a_row_after_a_gap_below_a_table_is_not_passed_over(tmp_path):
    """A penalty row two below the table would be lost; a remark in one cell is none."""
    path = tmp_path / "gap.xlsx"
    write_workbook(path, EXAMPLES["nasdaq-pipe"])
    book = load_workbook(path)
    sheet = book["Securities"]
    below = int(sheet.tables["Securities"].ref.split(":")[1][1:]) + 2
    sheet.cell(below, 2).value = "Prepared by the finance team"
    book.save(path)
    codes = {each.code for each in check_workbook(path).findings}
    assert "INP001" not in codes
    sheet.cell(below, 5).value = 1_000_000
    book.save(path)
    (found,) = [each for each in check_workbook(path).findings if each.code == "INP001"]
    assert found.cell == f"E{below}"
