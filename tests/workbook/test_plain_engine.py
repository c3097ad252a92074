"""The stand-in for formualizer answers as formualizer does, or says that it does not answer."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import formualizer
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xl_compliance.batch.reports import json as json_report
from xl_compliance.batch.results import Report
from xl_compliance.batch.run import check_workbook
from xl_compliance.workbook import calls, engine, plain_engine, references
from xl_compliance.workbook.calls import formulas_of
from xl_compliance.workbook.snapshot import read

WORKBOOKS = sorted((Path(__file__).parents[2] / "workbooks").glob("*.xlsx"))
UNSETTLED = ("NotHere", "Name", "Error")
CELLS: list[list[Any]] = [
    [1.0, "x", True],
    [None, "#N/A", "12"],
    [5.0, "Apple", ""],
    [2.0, "apple", False],
]
SINGLE = [f"'S'!{column}{row}" for column in "ABC" for row in range(1, 5)]
RANGES = ["'S'!A1:A4", "'S'!B1:B4", "'S'!C1:C4", "'S'!A1:C1", "'S'!A1:B4", "'S'!A3:A4"]


@pytest.fixture
def in_plain_python(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (calls, engine, references):
        monkeypatch.setattr(module, "formula_engine", lambda: plain_engine)
    monkeypatch.setattr(engine, "_KNOWN", {})


class Calculator:
    """One of the two engines, with cells and functions; it writes down what these are given."""

    def __init__(self, library: Any) -> None:
        self._given: list[tuple[Any, ...]] = []
        self._book = library.Workbook()
        self._book.add_sheet("S")
        error = library.LiteralValue.error("Na", None)
        rows = [[error if cell == "#N/A" else cell for cell in row] for row in CELLS]
        self._book.set_values_batch("S", 1, 1, rows)
        for name, answer in (
            ("FIRST", lambda *values: values[0] if values else None),
            ("TABLE", lambda *_: [[1.0, 2.0], [3.0, None]]),
            ("FAILS", lambda *_: {"type": "Error", "kind": "Na"}),
        ):
            self._book.register_function(name, self._writing(answer), min_args=0, max_args=None)
        self._sheets = 0

    def _writing(self, answer: Any) -> Any:
        def written(*given: Any) -> Any:
            self._given.append(tuple(map(_without_message, given)))
            return answer(*given)

        return written

    def answer(self, formula: str) -> tuple[Any, Any]:
        """The values of two by two cells, and what our functions were given, each once."""
        self._given.clear()
        self._sheets += 1
        sheet = f"formula {self._sheets}"
        self._book.add_sheet(sheet)
        try:
            self._book.set_formula(sheet, 1, 1, f"={formula}")
            self._book.evaluate_cells([(sheet, 1, 1)])
        except Exception as problem:
            return ("not taken", type(problem).__name__), []
        values = [
            [_plain(self._book.get_value(sheet, row, column)) for column in (1, 2)]
            for row in (1, 2)
        ]
        return values, list(dict.fromkeys(map(repr, self._given)))


def _without_message(given: Any) -> Any:
    if isinstance(given, list):
        return [[_without_message(cell) for cell in row] for row in given]
    return {"kind": given["kind"]} if isinstance(given, dict) else given


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {"kind": value["kind"]}
    return 0.0 if value is None else value


@pytest.fixture(scope="module")
def both() -> tuple[Calculator, Calculator]:
    return Calculator(formualizer), Calculator(plain_engine)


def settled(both: tuple[Calculator, Calculator], formula: str) -> bool:
    """Whether the plain engine answers; if so, it has to be formualizer's answer."""
    theirs, ours = (calculator.answer(formula) for calculator in both)
    (value, given) = ours
    if value[0] == "not taken" or (
        isinstance(value[0][0], dict) and value[0][0]["kind"] in UNSETTLED
    ):
        return False
    assert value == theirs[0], formula
    assert [list(map(type, row)) for row in value] == [list(map(type, row)) for row in theirs[0]]
    assert given == theirs[1], formula
    return True


SETTLED = """
A1+A2|A2&"x"|A2=0|A2=""|"a"="A"|TRUE>5|"5">9|A1+B1|SUM(A1:C1)|SUM(A1,B1)|SUM(C3)|SUM({1,2;3,4})
COUNT(A1:C4)|COUNTA(A1:C4)|COUNTA(A2)|MIN(A1:A4)|MIN(A2)|MAX(C1:C1)|AND(A1:A4)|AND(A2)|OR(A2,C4)
OR(B2,TRUE)|AND(FALSE,B2)|NOT(A1)|NOT(A2)|NOT("x")|IF(B1,1,2)|IF(A2,1,2)|IF(A1,1)|IF(FALSE,1)
IF(TRUE,,3)|IF(FALSE,1,)|IF(B2,1,2)|IFNA(FAILS(),7)|IFNA(A2,7)|IFNA(1/0,7)|IFERROR(1/0,8)|1/0
N(B1)|N(C1)|N(B2)|N(A2)|VALUE("12")|VALUE("12%")|VALUE("x")|VALUE(A2)|VALUE("")|VALUE(TRUE)
ISNUMBER(A2)|ISNUMBER(B2)|ISTEXT(C3)|ISBLANK(A2)|ISBLANK(C3)|ISERROR(B2)|ISNA(B2)|ISLOGICAL(C1)
INDEX(A1:C4,3,2)|INDEX(A1:A4,3)|INDEX(A1:C1,2)|INDEX(A1:C4,5,1)|INDEX(TABLE(),2,1)|INDEX(5,1,1)
INDEX(FAILS(),1,1)|ROWS(A1:C4)|ROWS(TABLE())|ROWS(5)|COLUMNS(A1:C4)|MATCH("apple",B1:B4,0)
MATCH(5,A1:A4,0)|MATCH(9,A1:A4,0)|MATCH(TRUE,C1:C4,0)|MATCH(A2,A1:A4,0)|COUNTIFS(B1:B4,"apple")
COUNTIFS(A1:A4,">1",B1:B4,"<>")|COUNTIFS(A1:A4,"")|COUNTIFS(A1:A4,"=")|COUNTIFS(C1:C4,TRUE)
COUNTIFS(B1:B4,"<>apple")|COUNTIFS(B1:B4,B2)|SUMIFS(A1:A4,B1:B4,"apple")|SUMIF(A1:A4,">1")
"5"+1|"5%"+1|""+1|-"3"|TRUE+1|50%|2^3^2|-2^2|1=1=TRUE|1.5&""|TRUE&""|A1:A4+1|A1:A4>1|--A1
FIRST(A1:A4>1)|FIRST({1,"a"})|FIRST(A1:B1)|FIRST(A2)|FIRST(B2)|FIRST(TABLE())|FIRST(1/0)
ROUND(2.5,0)|ROUND(-2.5,0)|ROUND(1.005,2)|ROUND(1234,-2)|ABS(-3)|10^-2|0^-1|1E308*10
FIRST((FIRST(1)))|FIRST((1/0))|FIRST((FAILS()))|((A1+1))*(2)|(FIRST(A1))|IF(ISNUMBER(A1),FIRST(A1),FIRST(B1))|IF(A1>0,FIRST(1),FIRST(2))|IFNA(FAILS(),FIRST(3))
""".replace("\n", "|")


@pytest.mark.parametrize("formula", filter(None, SETTLED.split("|")))
def test_what_stands_around_calls_in_models_is_settled(
    both: tuple[Calculator, Calculator], formula: str
) -> None:
    assert settled(
        both, re.sub(r"(?<![A-Z!\w])([ABC][1-4](?::[ABC][1-4])?)(?!\w)", r"'S'!\1", formula)
    )


UNSETTLED_ONES = (
    *("ISNUMBER('S'!A1:A4)", "VLOOKUP(1,'S'!A1:B4,2)", "SUMPRODUCT('S'!A1:A4)", 'MATCH("a*",\'S\'!B1:B4,0)'),
    *("0.1+0.2=0.3", '"a"<"b"', "MATCH(3,'S'!A1:A4)", "IF('S'!A1:A4>1,1,2)", '1E+20&""', "SUM(TRUE,2)"),
    *("COUNTIFS('S'!C1:C4,12)", 'VALUE("2024-01-01")', 'VALUE("1,234")', "'S'!A1:B2 'S'!B1:C3"),
    *('1/3&""', "ROUND(541170291.3352334,7)", "ROUND(1.005/0.01,0)", "MAX()", "FIRST((VALUE('S'!B2)))"),
    *("FIRST(('S'!A2))", "AND(('S'!A2))"),
    *("IF(1,2", "AND('S'!B1:B3,TRUE)", "INDEX('S'!A1:C4,0,1)", 'COUNTIFS(\'S\'!B1:B4,"a*")'),
)  # fmt: skip


@pytest.mark.parametrize("formula", UNSETTLED_ONES)
def test_what_is_in_doubt_is_left_open(both: tuple[Calculator, Calculator], formula: str) -> None:
    assert not settled(both, formula)


def _formulas() -> st.SearchStrategy[str]:
    numbers = st.sampled_from(
        ["0", "1", "2.5", "100", "-3", "15%", "1E-3", "1.005", "2.675", "541170291.3352334", "1/3"]
    )
    texts = st.sampled_from(['""', '"x"', '"apple"', '"12"', '"TRUE"', '">1"', '"<>x"', '"="'])
    leaves = st.one_of(
        numbers, texts, st.sampled_from([*SINGLE, *RANGES, "TRUE", "FALSE", "FAILS()", "TABLE()"])
    )

    def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        names = st.sampled_from(
            [*sorted(plain_engine._FUNCTIONS), "IF", "IFERROR", "IFNA", "FIRST"]
        )
        signs = st.sampled_from(["+", "-", "*", "/", "^", "&", "=", "<>", "<", ">", "<=", ">="])
        arguments = st.lists(inner, min_size=1, max_size=4).map(",".join)
        return st.one_of(
            st.tuples(names, arguments).map(lambda it: f"{it[0]}({it[1]})"),
            st.tuples(inner, signs, inner).map("".join),
            inner.map(lambda it: f"({it})"),
            inner.map(lambda it: f"-{it}"),
        )

    return st.recursive(leaves, larger, max_leaves=6)


@settings(max_examples=600)
@given(_formulas())
def test_any_formula_is_answered_alike_or_not_at_all(
    both: tuple[Calculator, Calculator], formula: str
) -> None:
    settled(both, formula)


@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.stem)
def test_formulas_of_shipped_workbooks_are_taken_apart_alike(path: Path) -> None:
    for sheet in read(path).sheets:
        for _, _, formula in formulas_of(sheet):
            theirs = [
                (str(it.token_type), str(it.subtype), it.value, it.start, it.end)
                for it in formualizer.tokenize(formula)
            ]
            assert list(plain_engine.tokenize(formula)) == theirs, formula


@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.stem)
@pytest.mark.usefixtures("in_plain_python")
def test_shipped_workbooks_get_the_same_report(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = json_report.render(Report((check_workbook(path),)))
    monkeypatch.undo()
    assert plain == json_report.render(Report((check_workbook(path),)))


@pytest.mark.parametrize(
    "formula", ['=A1&" é "&B2', "=SUM(A1:A2 , B1)", "=A1:B2 B1:C3", "=T[[#All],[x]]+1%"]
)
def test_tokens_are_counted_in_bytes_and_blanks_between_ranges_are_operators(formula: str) -> None:
    theirs = [
        (str(it.token_type), str(it.subtype), it.value, it.start, it.end)
        for it in formualizer.tokenize(formula)
    ]
    assert list(plain_engine.tokenize(formula)) == theirs
