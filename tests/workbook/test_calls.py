"""Our calls in workbooks of others: found in every spelling, recomputed on the stored values."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from xl_compliance import call
from xl_compliance.functions.registry import all_functions
from xl_compliance.workbook.calls import (
    CallCell,
    ModelCalls,
    calls_of_others,
    named_like_ours,
    same_value,
)
from xl_compliance.workbook.references import hint_of_our_names, our_function
from xl_compliance.workbook.snapshot import Cell, ExcelError, Sheet, Snapshot, read

SHIPPED = sorted((Path(__file__).parents[2] / "workbooks").glob("*.xlsx"))
CLOSES = [15.91, 15.89, 15.91, 15.81, 16.13]
MINPRICE = call("MINPRICE", [[it] for it in CLOSES])
PERCENT = call("ISSUANCEPCT", 1_500_000, [[5_000_000], [3_000_000]])


class Model:
    """A model: closes in Inputs!A1:A5, shares in Inputs!B1:B3, and whatever a test adds."""

    def __init__(self, path: Path, **options: object) -> None:
        self.path = path
        self.book: Any = xlsxwriter.Workbook(str(path), options)
        self.inputs = self.book.add_worksheet("Inputs")
        self.model = self.book.add_worksheet("The model's")
        self.inputs.write_column(0, 0, CLOSES)
        self.inputs.write_column(0, 1, [1_500_000, 5_000_000, 3_000_000])
        self.inputs.write_column(0, 2, ["", "x", True])
        self.row = 0

    def add(self, formula: str, value: object) -> Model:
        self.model.write_formula(self.row, 5, formula, None, value)
        self.row += 1
        return self

    def cells(self) -> tuple[CallCell, ...]:
        self.book.close()
        return ModelCalls(read(self.path)).cells


@pytest.fixture
def model(tmp_path: Path) -> Model:
    return Model(tmp_path / "model.xlsx")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_workbooks_hold_what_their_formulas_give(path: Path) -> None:
    cells = ModelCalls(read(path)).cells
    examples_of_each = len(all_functions()) if "lite" in path.stem else 100
    assert len(cells) >= examples_of_each
    assert [it for it in cells if it.problem or it.differing or not it.calculated] == []


SPELLINGS = [
    "MINPRICE",
    "minprice",
    "XLC.MINPRICE",
    "XLC_MINPRICE",
    "_xldudf_XLC_MINPRICE",
    "_xldudf_MINPRICE",
    "_xll.MINPRICE",
    "_xll.XLC.MINPRICE",
    "_xlfn._xldudf_XLC_MINPRICE",
    "[1]!MINPRICE",
    "[12]!XLC.MINPRICE",
    "xl_compliance.xlam!MINPRICE",
    "'C:\\Add Ins\\xl_compliance.xlam'!MINPRICE",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_is_found_and_recomputed(model: Model, spelling: str) -> None:
    (cell,) = model.add(f"={spelling}(Inputs!A1:A5)", MINPRICE).cells()
    assert (cell.sheet, cell.address, cell.names) == ("The model's", "F1", ("MINPRICE",))
    assert (cell.problem, cell.differing) == ("", ())
    assert cell.answer.value == MINPRICE


@pytest.mark.parametrize(
    "formula",
    [
        '="MINPRICE(A1)"',
        '="a ""MINPRICE("" b"&A1',
        "=MYMINPRICE(A1)",
        "=ACME.MINPRICE(A1)",
        "=_xldudf_ACME_MINPRICE(A1)",
        "=MINPRICES(A1)",
        "='MINPRICE('!A1",
        "=MINPRICE+1",
        "=SUM(Inputs!A1:A5)",
    ],
)
def test_what_is_not_a_call_of_ours(model: Model, formula: str) -> None:
    assert model.add(formula, 1).cells() == ()


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("=MINPRICE($A$1:A5)", MINPRICE),
        ("=ISSUANCEPCT(B1,B:B)", call("ISSUANCEPCT", 1_500_000, 9_500_000)),
        ("=ISSUANCEPCT(B1,B1:B1048576)", call("ISSUANCEPCT", 1_500_000, 9_500_000)),
        ("=MINPRICE(Closes)", MINPRICE),
        ("=MINPRICE(LocalCloses)", MINPRICE),
        ("=MINPRICE({15.91;15.89;15.91;15.81;16.13})", MINPRICE),
        ("=MINPRICE(Prices[Close])", call("MINPRICE", [[9.0], [10.0], [11.0], [12.0], [13.0]])),
        ("=DISCOUNTPCT(Prices[@Close],10)", None),
        ("=ISSUANCEPCT(B1,B2:B3)", PERCENT),
        ("=TSX_606(0.85,1,TRUE,1000000,100000,10,100)", "606"),
        ("=ROUND(ISSUANCEPCT(B1,SUM(B2:B3)),2)", 0.19),
        ('=IF(ISSUANCEPCT(B1,B2:B3)>=20%,"over","under")', "under"),
        ('="é "&TEXT(ISSUANCEPCT(B1,B2:B3),"0.00%")', "é 18.75%"),
        ("=EXCHANGECAP(5059747,,19.99%)", call("EXCHANGECAP", 5059747, None, 0.1999)),
        ("=ISSUANCEPCT(B1,Shares*2)", call("ISSUANCEPCT", 1_500_000, 16_000_000)),
        ("=MINPRICE(ISSUANCEPCT(B1,B2:B3))", None),
        ("=ISSUANCEPCT(B1,Z1)", ExcelError(call("ISSUANCEPCT", 1, None))),
        ("=ISSUANCEPCT(1/0,B2)", ExcelError("#DIV/0!")),
        ("=IFERROR(ISSUANCEPCT(1/0,B2),0)", 0),
        ("=_xlfn.LET(_xlpm.x,B1,ISSUANCEPCT(_xlpm.x,B2:B3))", PERCENT),
    ],
)
def test_what_arguments_can_be(tmp_path: Path, formula: str, value: object) -> None:
    path = tmp_path / "model.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("S")
        sheet.write_column(0, 0, CLOSES)
        sheet.write_column(0, 1, [1_500_000, 5_000_000, 3_000_000])
        book.define_name("Closes", "=S!$A$1:$A$5")
        book.define_name("Shares", "=SUM(S!$B$2:$B$3)")
        book.define_name("S!LocalCloses", "=S!$A$1:$A$5")
        other = book.add_worksheet("Other")
        book.define_name("Other!LocalCloses", "=S!$A$1:$A$2")
        other.add_table(
            "A1:B6",
            {
                "name": "Prices",
                "columns": [{"header": "Day"}, {"header": "Close"}],
                "data": [[day, 8 + day] for day in range(1, 6)],
            },
        )
        sheet.write_formula("H9", formula, None, value if value is not None else 0)
        if "@" in formula:
            other.write_formula("D3", formula, None, call("DISCOUNTPCT", 10, 10))
    cells = [
        it
        for it in ModelCalls(read(path)).cells
        if it.sheet == ("Other" if "@" in formula else "S")
    ]
    (cell,) = cells
    assert cell.problem == ""
    if value is not None:
        assert cell.differing == ()
        assert same_value(cell.answer.value, value)
    elif "@" in formula:
        assert cell.differing == ()


@pytest.mark.parametrize(
    ("formula", "why"),
    [
        ("=MINPRICE([2]Sheet1!A1:A5)", "another workbook"),
        ("=MINPRICE('[Book.xlsx]S'!A1)", "another workbook"),
        ("=MINPRICE(_xlfn.ANCHORARRAY(A1))", "spilled range"),
        ("=ISSUANCEPCT(1,(A1:A2,B1))", "union"),
        ("=MINPRICE(A1:B2 B1:C3)", "intersection"),
        ("=MINPRICE(A1:INDEX(A1:A9,3))", "the end of a range"),
        ("=MINPRICE(OFFSET(A1,0,0,5))", "OFFSET gives another result"),
        ('=RULEINFO("TSX-606",TODAY())', "TODAY gives another result"),
        ('=MINPRICE(INDIRECT("A1:A5"))', "INDIRECT"),
        ("=MINPRICE(Inputs:Last!A1)", "several sheets"),
        ("=MINPRICE(Nowhere!A1)", "not in this workbook"),
        ("=MINPRICE(NoSuchName)", "NoSuchName is not defined"),
        ("=MINPRICE(NoTable[x])", "no table"),
        ("=MINPRICE(NOSUCHFUNCTION(A1))", "NOSUCHFUNCTION is not known"),
        ("=IFERROR(NOSUCHFUNCTION(A1),MINPRICE(A1))", "NOSUCHFUNCTION is not known"),
        ("=MINPRICE(Circle)", "circle"),
        ("=MINPRICE(G1)", "F2, which was never calculated"),
    ],
)
def test_what_cannot_be_recomputed_is_said(model: Model, formula: str, why: str) -> None:
    model.book.define_name("Circle", "=Circle+1")
    if "G1" in formula:
        formula = formula.replace("G1", "F2")
    model.add(formula, 1)
    model.book.add_worksheet("Last")
    if "F2" in formula:
        model.model.write_formula("F2", "=1+1", None, "")
        model.book.close()
        path = strip_value(model.path)
        (cell,) = ModelCalls(read(path)).cells
    else:
        (cell,) = model.cells()
    assert why in cell.problem
    assert cell.differing == ()


def strip_value(path: Path) -> Path:
    """The same file with F2 never calculated."""
    import zipfile

    with zipfile.ZipFile(path) as archive:
        members = [(it.filename, archive.read(it)) for it in archive.infolist()]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members:
            archive.writestr(name, content.replace(b' t="str"><f>1+1</f><v></v>', b"><f>1+1</f>"))
    return path


def test_a_name_counts_from_the_cell_that_uses_it(model: Model) -> None:
    model.book.define_name("Beside", "='The model''s'!XFD1")  # the cell to the left
    model.model.write_number("E1", 20)
    (cell,) = model.add("=ISSUANCEPCT(Beside,100)", 0.2).cells()
    assert (cell.problem, cell.differing) == ("", ())


def test_a_reference_through_sheets_inside_a_sum(model: Model) -> None:
    model.model.write_number("B1", 500_000)
    value = call("ISSUANCEPCT", 2_000_000, 8_000_000)
    formula = "=ISSUANCEPCT(SUM('Inputs:The model''s'!B1),SUM(Inputs!B2:B3))"
    (cell,) = model.add(formula, value).cells()
    assert (cell.problem, cell.differing) == ("", ())


def test_calls_see_stored_values_never_one_another(model: Model) -> None:
    model.add("=ISSUANCEPCT(Inputs!B1,Inputs!B2:B3)", 0.5)
    model.add("=ISSUANCEPCT(F1,1)", 0.5)
    first, second = model.cells()
    assert first.differing == (("F1", 0.5, PERCENT),)
    assert second.differing == ()


@pytest.mark.parametrize("epoch_1904", [False, True])
def test_dates_count_from_where_the_workbook_says(tmp_path: Path, epoch_1904: bool) -> None:
    model = Model(tmp_path / "model.xlsx", date_1904=epoch_1904)
    day = model.book.add_format({"num_format": "yyyy-mm-dd"})
    days = [datetime(2024, 3, it) for it in (4, 5, 6, 7, 8)]
    for row, it in enumerate(days):
        model.inputs.write_datetime(row, 3, it, day)
    closes = [[it] for it in CLOSES]
    signed = datetime(2024, 3, 8, 17)
    expected = call("MINPRICE", closes, [[it] for it in days], signed)
    assert isinstance(expected, float)
    model.add("=MINPRICE(Inputs!A1:A5,Inputs!D1:D5,DATE(2024,3,8)+TIME(17,0,0))", expected)
    shown = call("EXPLAIN", "MINPRICE", closes, [[it] for it in days], signed)
    assert isinstance(shown, list)
    model.add('=EXPLAIN("MINPRICE",Inputs!A1:A5,Inputs!D1:D5,DATE(2024,3,8)+TIME(17,0,0))', "Item")
    for cell in model.cells():
        assert (cell.problem, cell.differing) == ("", ())
    assert str(cell.inner[0].result) == str(shown)


def test_an_array_is_compared_cell_by_cell(model: Model) -> None:
    right = [row[0] for row in call("DISCOUNTPCT", [[it] for it in CLOSES], 20)]  # type: ignore[union-attr]
    model.model.write_dynamic_array_formula(
        "A1:A5", "=DISCOUNTPCT(Inputs!A1:A5,20)", None, right[0]
    )
    for row, value in enumerate(right[1:], 1):
        model.model.write_number(row, 0, value if row != 3 else 0.5)
    (cell,) = model.cells()
    assert [row[0] for row in cell.answer.values] == right
    assert cell.differing == (("A4", 0.5, right[3]),)


def test_an_array_in_one_cell_shows_its_first(model: Model) -> None:
    right = call("DISCOUNTPCT", CLOSES[0], 20)
    (cell,) = model.add("=DISCOUNTPCT(Inputs!A1:A5,20)", right).cells()
    assert (cell.problem, cell.differing) == ("", ())


def test_a_blank_a_text_and_a_truth_value_arrive_as_such(model: Model) -> None:
    (cell,) = model.add("=SUM(ISSUANCEPCT(Inputs!Z1:Z2,1))", 0).cells()
    assert cell.inner[0].arguments[0] == [[None], [None]]
    again = Model(model.path.with_name("b.xlsx"))
    (cell,) = again.add("=MINPRICE(Inputs!C1:C3)", 0).cells()
    assert cell.inner[0].arguments[0] == [[None], ["x"], [True]]


def test_without_the_engine_calls_are_found_and_said_to_be_unverified(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    from xl_compliance.workbook import calls

    monkeypatch.setattr(calls, "formula_engine", lambda: None)
    (cell,) = model.add("=MINPRICE(Inputs!A1:A5)", 1).cells()
    assert "not installed" in cell.problem
    assert cell.names == ("MINPRICE",)


def test_nothing_of_a_workbook_is_executed(model: Model, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    formula = f'=ISSUANCEPCT(_xlfn.WEBSERVICE("http://127.0.0.1:9/"),CALL("{mark}"))'
    (cell,) = model.add(formula, 1).cells()
    assert "is not known here" in cell.problem
    assert not mark.exists()


NAMES = tuple(function.name for function in all_functions())
WORDS = (
    "SUM",
    "TSX_606",
    "tsx606",
    "MINPRICE",
    "minprıce",
    "MINPRICEX",
    "Other.xlam!",
    "ſ",
    "\u212a",
)
PIECES = st.sampled_from((*"=(),\"'!._é1", " (", "\n(", "A1", "_xll.", "XLC.", *WORDS, *NAMES))


@given(st.lists(PIECES, max_size=14).map("".join), st.lists(PIECES, max_size=6).map("".join))
def test_asking_for_each_name_finds_the_formulas_that_asking_each_formula_finds(one, other):
    formulas = (f"={one}", f"={other}", f"=1+{one}({other}")
    cells = {(row, 1): Cell(1, formula) for row, formula in enumerate(formulas, 1)}
    book = Snapshot(Path("a.xlsx"), (Sheet("S", True, cells),), (), (), False)
    found = [formula for *_, formula in named_like_ours(book)]
    assert found == [it for it in formulas if hint_of_our_names().search(it)]


def test_the_names_of_our_functions_are_words_so_that_they_can_be_asked_for_as_such():
    assert all(re.fullmatch(r"\w+", name) for name in NAMES)


OTHERS = re.compile(r"(?:'(?:[^']|'')+'!|[\w\[\].]+[!.])(\w+)(?=\s*\()")


@given(st.lists(PIECES, max_size=14).map("".join))
def test_functions_of_other_files_are_found_wherever_the_whole_expression_finds_one(text):
    formula = f"={text}(1)"
    sheet = Sheet("S", True, {(1, 1): Cell(1, formula)})
    outside = re.sub(r'"(?:[^"]|"")*"', "", formula)
    expected = [
        match[0]
        for match in OTHERS.finditer(outside)
        if our_function(match[0]) is None and our_function(match[1]) is not None
    ]
    found = [name for *_, name in calls_of_others([(sheet, 1, 1, formula)])]
    assert found == expected[:1]
