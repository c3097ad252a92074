"""Our calls found in formulas, in every spelling that a file may hold."""

from __future__ import annotations

import pytest

from xl_compliance.functions.registry import all_functions, find
from xl_compliance.functions.spellings import (
    Host,
    argument_spans,
    calls,
    canonical,
    is_cell_address,
    spelled,
)

KNOWN = frozenset(function.name for function in all_functions())


def found(formula: str) -> list[tuple[str, str]]:
    return [(it.name, formula[it.start : it.end]) for it in calls(formula, KNOWN.__contains__)]


@pytest.mark.parametrize(
    "spelling",
    [
        "MINPRICE",
        "minprice",
        "MinPrice",
        "XLC.MINPRICE",
        "xlc.minprice",
        "_xldudf_XLC_MINPRICE",
        "_XLDUDF_xlc_minprice",
        "_xldudf_MINPRICE",
        "_xll.MINPRICE",
        "_xll.XLC.MINPRICE",
        "_xlfn.MINPRICE",
        "_xlfn.XLC.MINPRICE",
        "_xlfn._xlws.MINPRICE",
        "[1]!MINPRICE",
        "[0]!MINPRICE",
        "[12]!_xldudf_XLC_MINPRICE",
        "xl_compliance.xlam!MINPRICE",
        "XL_COMPLIANCE.XLAM!MINPRICE",
        "'xl_compliance.xlam'!MINPRICE",
        "'C:\\Program Files\\xl_compliance.xlam'!MINPRICE",
        "'C:\\O''Brien\\xl_compliance.xla'!MINPRICE",
    ],
)
@pytest.mark.parametrize("around", ["{}(A1:A5)", "1+{} (A1)*2", "IF(A1,-{}\n(B1),0)", "@{}(A1)"])
def test_a_spelling_is_found(spelling: str, around: str) -> None:
    assert found(around.format(spelling)) == [("MINPRICE", spelling)]
    assert canonical(spelling) == "MINPRICE"


@pytest.mark.parametrize(
    "formula",
    [
        '"MINPRICE(A1)"',
        '"say ""MINPRICE("" twice"&A1',
        "mınprice(A1)",  # a Turkish ı
        "TſX606EXCESS(A1)",
        "MINPRICE\u00a0(A1)",
        "'MINPRICE(1)'!A1",
        "'it''s MINPRICE(1)'!A1:B2",
        "Deals[MINPRICE(]",
        "Deals[[#This Row],[Joe''s '[MINPRICE(]]",
        "Deals['[MINPRICE(']]",
        "Sheet1!MINPRICE(A1)",
        "'Sheet 1'!MINPRICE(A1)",
        "other.xlam!MINPRICE(A1)",
        "'C:\\not_xl_compliance.xlam.old\\other.xlam'!MINPRICE(A1)",
        "MYMINPRICE(A1)",
        "ÄMINPRICE(A1)",
        "MINPRICE2(A1)",
        "_xlpm.minprice(1)",
        "_xldudf_ACME_MINPRICE(A1)",
        "ACME.MINPRICE(A1)",
        "MyXLC.MINPRICE(A1)",
        "MINPRICE",
        "MINPRICE+(A1)",
        "A1:TSX606 (B1)",
        "A1:TSX606(B1)",
        "TSX606 (B1)",
        "TSX606+1",
        "#REF!MINPRICE",
        '__xludf.DUMMYFUNCTION("XLC.MINPRICE(A1)")',
    ],
)
def test_what_is_no_call_of_ours_is_passed_over(formula: str) -> None:
    assert found(formula) == []


@pytest.mark.parametrize("text", ["TSX606(1)", "TSX_606(1)", "XLC.TSX606(1)", "XLC.TSX_606(1)"])
def test_a_name_that_is_a_cell_address_is_found_where_it_can_be_a_call(text: str) -> None:
    assert found(f"IF(1,{text})") == [("TSX606", text.partition("(")[0])]


def test_calls_in_calls_and_beside_texts() -> None:
    formula = 'IF(NASDAQ5635D(A1,MINPRICE(B1:B5),1,2)="REQUIRED","MINPRICE(",_xll.unitfloor(1,2))'
    assert [name for name, _ in found(formula)] == ["NASDAQ5635D", "MINPRICE", "UNITFLOOR"]


@pytest.mark.parametrize("function", all_functions(), ids=lambda function: function.name)
@pytest.mark.parametrize("host", Host)
def test_what_a_host_stores_is_found_again(function: object, host: Host) -> None:
    name = getattr(function, "name", "")
    spelling = spelled(name, host)
    assert found(f"{spelling}(A1)") == [(name, spelling)]
    assert find(spelling).name == name
    assert not is_cell_address(spelling)


@pytest.mark.parametrize(
    ("formula", "arguments"),
    [
        ("MINPRICE()", [""]),
        ("MINPRICE(A1,,B1)+1", ["A1", "", "B1"]),
        ('MINPRICE("a,)",{1,2;3,4},(A1,B1))', ['"a,)"', "{1,2;3,4}", "(A1,B1)"]),
        ("MINPRICE(T[[a,b)]],'x,(y'!A1)", ["T[[a,b)]]", "'x,(y'!A1"]),
        ("MINPRICE( A1\n, IF(B1,C1) )", ["A1", "IF(B1,C1)"]),
    ],
)
def test_arguments_of_a_call(formula: str, arguments: list[str]) -> None:
    (call,) = calls(formula, KNOWN.__contains__)
    assert [formula[start:end] for start, end in argument_spans(formula, call)] == arguments
