"""The LAMBDA names: evaluated as the file stores them, against the vectors and against `call`."""

from __future__ import annotations

import importlib.util
import re
import sys
import zipfile
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName
from worksheet_cases import all_cases

from xl_compliance import call
from xl_compliance.cli import main
from xl_compliance.excel import lambdas
from xl_compliance.functions.cells import error_value
from xl_compliance.functions.registry import Function, Shape, find
from xl_compliance.functions.spellings import Host, is_cell_address
from xl_compliance.rules.nasdaq import director_rights, issuance_size, warrants
from xl_compliance.rules.parameters import Parameter
from xl_compliance.rules.sec import beneficial_ownership
from xl_compliance.rules.tsx import prospectus_offering
from xl_compliance.workbook.conversion import CannotConvert, convert_workbook
from xl_compliance.workbook.lambdas import convert_to_lambda, write_lambda_examples
from xl_compliance.workbook.snapshot import Sheet, parse_address, read
from xl_compliance.workbook.web_extension import embed_code

HERE = Path(__file__).parent
LAMBDAS = {each.function.name: each for each in lambdas.all_lambdas()}
ARITHMETIC = {
    *("MINPRICE", "DISCOUNTPCT", "ISSUANCEPCT", "EXCHANGECAP", "WARRANTVALUE", "UNITFLOOR"),
    *("EFFECTIVEPRICE", "WARRANTSAGGREGATE", "CONVERSIONPRICE", "DIRECTORSEATS", "TSX606"),
    *("TSXPRORATA", "BENEFICIALPCT", "BLOCKERMAX"),
}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}.*")


def _engine() -> ModuleType:
    spec = importlib.util.spec_from_file_location("formula_engine", HERE / "formula_engine.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["formula_engine"] = module
    spec.loader.exec_module(module)
    return module


evaluated = _engine().evaluated


def _as_cells(function: Function, arguments: tuple[Any, ...]) -> list[Any]:
    """Dates as the cells they are: a text is no date to a formula."""

    def cell(value: Any, is_day: bool) -> Any:
        if is_day and isinstance(value, str) and _DAY.fullmatch(value):
            return datetime.fromisoformat(value)
        return value

    placed = []
    for argument, raw in zip(function.arguments, arguments, strict=True):
        is_day = "date" in argument.kind.unit
        rows = raw if isinstance(raw, list) else None
        placed.append(
            [
                [cell(each, is_day) for each in (row if isinstance(row, list) else [row])]
                for row in rows
            ]
            if rows
            else cell(raw, is_day)
        )
    return placed


def _beyond_a_formula(function: Function, arguments: list[Any]) -> bool:
    """What a LAMBDA does not answer by its contract: it must say so by an error."""
    for argument, raw in zip(function.arguments, arguments, strict=False):
        cells = [cell for row in raw for cell in row] if isinstance(raw, list) else [raw]
        if argument.kind.numeric and any(_is_number_as_text(cell) for cell in cells):
            return True
        if argument.shape is Shape.ONE and len(cells) > 1:
            return True
        if function.name == "TSX606" and argument.shape is Shape.ROWS and len(cells) > 1:
            return True
        if (function.name, argument.name) == ("MINPRICE", "dates") and any(cells):
            return True
    return False


def _is_number_as_text(cell: Any) -> bool:
    return isinstance(cell, str) and bool(cell) and error_value(cell) is None


def _vectors() -> list[Any]:
    """Cases of one call whose ranges a sheet could hold."""
    return [
        pytest.param(find(case.function), case.arguments, id=f"{case.file}: {case.name}")
        for case in all_cases()
        if find(case.function).name in LAMBDAS
        and len(case.arguments) <= len(find(case.function).arguments)
        and not any(_is_ragged(argument) for argument in case.arguments)
    ]


def _is_ragged(argument: Any) -> bool:
    if not isinstance(argument, list):
        return False
    return len({len(row) if isinstance(row, list) else 1 for row in argument}) != 1


def _agrees(got: Any, want: Any) -> bool:
    return got == want and isinstance(got, bool) == isinstance(want, bool)


# The names


def test_the_functions_that_arithmetic_decides_are_there() -> None:
    assert set(LAMBDAS) == ARITHMETIC == lambdas.names()


@pytest.mark.parametrize("name", LAMBDAS)
def test_excel_takes_the_name_and_the_formula(name: str) -> None:
    each = LAMBDAS[name]
    assert not is_cell_address(each.name)
    assert len(each.stored) <= lambdas.LONGEST_FORMULA
    assert 0 < len(each.comment) <= lambdas.LONGEST_COMMENT
    raws = [lambdas.raw_name(argument.name) for argument in each.function.arguments]
    assert len(set(raws)) == len(raws)
    texts = re.sub(r'"[^"]*"', '""', each.formula)
    bound = set(re.findall(r"\b[a-z_]+\b", texts))
    assert not [local for local in bound if is_cell_address(local.upper())]


@pytest.mark.parametrize("name", LAMBDAS)
def test_stored_names_carry_the_prefixes_that_excel_writes(name: str) -> None:
    stored = re.sub(r'"[^"]*"', '""', LAMBDAS[name].stored)
    arguments = [argument.name for argument in LAMBDAS[name].function.arguments]
    optional = "".join(f"_xlop.{argument}," for argument in arguments)
    assert stored.startswith(f"_xlfn.LAMBDA({optional}_xlfn.LET(")
    assert re.findall(r"(?<!_xlfn\.)\b(?:LET|LAMBDA|ISOMITTED)\b", stored) == []
    assert re.findall(r"(?<![\w.])[a-z]\w*", stored) == [], "a local name without _xlpm."
    assert stored.count("_xlop.") == len(arguments)
    assert "[" not in stored


@pytest.mark.parametrize(
    ("module", "parameter", "value", "name", "arguments", "answer"),
    [
        (issuance_size, "SIZE", "0.25", "EXCHANGECAP", (1000,), 249),
        (issuance_size, "DRAFTING_CAP", "0.2499", "EXCHANGECAP", (1000, 0, "19.99%"), 249),
        (warrants, "ATTRIBUTED_VALUE", "0.5", "WARRANTVALUE", (10, 10), 0.5),
        (warrants, "NOT_EXERCISABLE", "9", "WARRANTSAGGREGATE", (45306, 45488, 10, 10), True),
        (prospectus_offering, "DISCOUNT", "0.2", "TSX606", (8, 10, True, 9, 1, 10, 10), "606"),
        (
            beneficial_ownership,
            "RIGHT_TO_ACQUIRE",
            "9",
            "BENEFICIALPCT",
            (0, 1, 9, 45009, 45000),
            0.1,
        ),
        (director_rights, "HALF", "0.3", "DIRECTORSEATS", (45, 100, 3), 2),
    ],
)
def test_another_line_in_force_is_another_formula(
    module: ModuleType,
    parameter: str,
    value: str,
    name: str,
    arguments: tuple[Any, ...],
    answer: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (version,) = getattr(module, parameter).versions
    changed = Parameter((replace(version, value=Decimal(value)),))
    monkeypatch.setattr(module, parameter, changed)
    assert evaluated(lambdas.written(name).stored, arguments) == answer


def test_a_line_with_a_past_is_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    (version,) = prospectus_offering.DISCOUNT.versions
    monkeypatch.setattr(prospectus_offering, "DISCOUNT", Parameter((version, version)))
    with pytest.raises(ValueError, match="several versions"):
        lambdas.written("TSX606")


# The answers


@pytest.mark.parametrize(("function", "arguments"), _vectors())
def test_vectors(function: Function, arguments: tuple[Any, ...]) -> None:
    padded = arguments + (None,) * (len(function.arguments) - len(arguments))
    cells = _as_cells(function, padded)
    got = evaluated(LAMBDAS[function.name].stored, cells)
    want = call(function.name, *cells)
    if _beyond_a_formula(function, cells):
        assert error_value(got) if isinstance(got, str) else _agrees(got, want)
    else:
        assert _agrees(got, want), f"{got!r}, not {want!r}"


def test_a_mistake_in_a_formula_is_caught() -> None:
    """The line of section 606 the other way round: an on-the-line case must fall."""
    each = LAMBDAS["TSX606"]
    wrong = each.stored.replace("*20)>", "*20)>=")
    assert wrong != each.stored
    on_the_line = (0.85, 1.0, True, 1000000, 100000, 10, 100)
    assert evaluated(each.stored, on_the_line) == "606" == call("TSX606", *on_the_line)
    assert evaluated(wrong, on_the_line) == "607 ALL INSIDER PURCHASES"


_PRICES = st.one_of(
    st.sampled_from([0, 0.85, 1, 1.43, 8.5, 10, 10.125, 0.3, 0.1 + 0.2, 1e-9, 1e13, 1 / 3]),
    st.integers(1, 2000).map(lambda cents: cents / 100),
    st.integers(1, 2_000_000).map(lambda ticks: ticks / 10000),
)
_SHARES = st.one_of(
    st.sampled_from([0, 1, 999999, 1000000, 5059747, 10**10, 10**13, 0.5, 0.2001]),
    st.integers(0, 10**8),
)
_FACTS = st.sampled_from([True, False, None, "UNKNOWN", "yes", "No", 1, 0, "REVIEW"])
_DAYS = st.one_of(st.none(), st.integers(45000, 45400), st.just(45383.75), st.just("APPROVAL"))


def _cells(argument: Any) -> st.SearchStrategy[Any]:
    unit = argument.kind.unit
    if argument.kind.name == "fact":
        return _FACTS
    if unit.startswith("date"):
        one: st.SearchStrategy[Any] = _DAYS
        if not argument.kind.words:
            one = one.filter(lambda day: day != "APPROVAL")
    elif unit == "fraction":
        one = st.sampled_from([0.0499, 0.0999, 0.1999, 0.5, 1, 0, 2])
    elif argument.kind.words:
        one = st.sampled_from([None, argument.kind.words[0], argument.kind.words[1], "UNKNOWN"])
    else:
        one = _PRICES if "currency" in unit or unit == "per share" else _SHARES
    one = st.one_of(one, st.sampled_from([None, "", -1, "#REF!"]), one)
    if argument.shape is Shape.ONE:
        return one
    column = st.lists(one.map(lambda cell: [cell]), min_size=1, max_size=5)
    return st.one_of(one, column, one)


def _calls() -> st.SearchStrategy[tuple[str, tuple[Any, ...]]]:
    return st.sampled_from(sorted(LAMBDAS)).flatmap(
        lambda name: st.tuples(
            st.just(name), st.tuples(*(_cells(each) for each in find(name).arguments))
        )
    )


@given(_calls())
@settings(max_examples=500)
def test_whatever_a_cell_holds_the_answer_is_that_of_call_or_an_error(
    drawn: tuple[str, tuple[Any, ...]],
) -> None:
    name, arguments = drawn
    got = evaluated(LAMBDAS[name].stored, arguments)
    want = call(name, *arguments)
    if _agrees(got, want):
        return
    assert isinstance(got, str), f"{got!r}, not {want!r}"
    assert error_value(got), f"{got!r}, not {want!r}"


# The file


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lambda") / "lambda.xlsx"
    write_lambda_examples(path)
    return path


def _names_in(path: Path) -> dict[str, tuple[str, str]]:
    with zipfile.ZipFile(path) as archive:
        root = fromstring(archive.read("xl/workbook.xml"))
    return {
        node.get("name", ""): (node.text or "", node.get("comment", ""))
        for node in root.findall("{*}definedNames/{*}definedName")
    }


def test_the_file_holds_every_formula_and_its_help(examples: Path) -> None:
    expected = {each.name: (each.stored, each.comment) for each in LAMBDAS.values()}
    assert _names_in(examples) == expected
    assert {"TSX_606", "ISSUANCEPCT"} <= set(expected)


def test_every_example_is_answered_by_the_formula_of_the_file(examples: Path) -> None:
    """The calls on the sheets, calculated from the file alone, give the answers stored there."""
    snapshot = read(examples)
    stored = _names_in(examples)
    seen = set()
    for sheet in snapshot.sheets:
        for cell in sheet.cells.values():
            match = re.fullmatch(r"=(\w+)\((.*)\)", cell.formula or "")
            if match is None:
                continue
            arguments = [_range(sheet, text) for text in match[2].split(",")]
            got = evaluated(stored[match[1]][0], arguments)
            assert _agrees(got, cell.value), f"{sheet.name}: {cell.formula}"
            seen.add(match[1])
    assert seen == set(stored)


def _range(sheet: Sheet, text: str) -> Any:
    first, _, last = text.partition(":")
    (top, left), (bottom, right) = parse_address(first), parse_address(last or first)
    rows = [
        [sheet.cell(row, column).value for column in range(left, right + 1)]
        for row in range(top, bottom + 1)
    ]
    # A blank cell, and not an argument that is left out.
    return rows if len(rows) > 1 or len(rows[0]) > 1 else rows[0][0] or [[rows[0][0]]]


def _model(path: Path, *formulas: str) -> Path:
    book = Workbook()
    for formula in formulas:
        book.active.append([formula])
    book.defined_names["cap"] = DefinedName("cap", attr_text="EXCHANGECAP(Sheet!$B$2)")
    book.save(path)
    return path


def test_a_workbook_is_converted_with_the_names_that_it_uses(tmp_path: Path) -> None:
    model = _model(tmp_path / "model.xlsx", "=_xldudf_XLC_ISSUANCEPCT(B1,B2)", "=XLC.TSX606(B1)")
    conversion = convert_to_lambda(model, tmp_path / "out.xlsx")
    names = _names_in(tmp_path / "out.xlsx")
    assert set(names) == {"cap", "ISSUANCEPCT", "TSX_606", "EXCHANGECAP"}
    assert names["cap"][0] == "EXCHANGECAP(Sheet!$B$2)"
    assert conversion.calls == {"EXCHANGECAP": 1, "ISSUANCEPCT": 1, "TSX606": 1}
    sheet = read(tmp_path / "out.xlsx").sheets[0]
    assert [sheet.cell(row, 1).formula for row in (1, 2)] == ["=ISSUANCEPCT(B1,B2)", "=TSX_606(B1)"]
    with pytest.raises(CannotConvert, match="as a LAMBDA"):
        convert_workbook(tmp_path / "out.xlsx", tmp_path / "lite.xlsx", Host.LITE)


def test_what_is_no_lambda_is_named(tmp_path: Path) -> None:
    model = _model(tmp_path / "model.xlsx", "=NASDAQ5635D(1,2,3,4)", '=EXPLAIN("UNITFLOOR",1,1)')
    with pytest.raises(CannotConvert, match="calls EXPLAIN, NASDAQ5635D, which"):
        convert_to_lambda(model, tmp_path / "out.xlsx")
    assert not (tmp_path / "out.xlsx").exists()


def test_a_workbook_that_carries_an_add_in_is_refused(tmp_path: Path) -> None:
    model = _model(tmp_path / "model.xlsx", "=ISSUANCEPCT(B1,B2)")
    embed_code(model, tmp_path / "lite.xlsx", {"main.py": "pass"}, ["_xldudf_XLC_ISSUANCEPCT"])
    with pytest.raises(CannotConvert, match="Task Pane Add-ins"):
        convert_to_lambda(tmp_path / "lite.xlsx", tmp_path / "out.xlsx")


def test_a_name_of_the_workbooks_own_is_not_replaced(tmp_path: Path) -> None:
    book = Workbook()
    book.active["A1"] = "=ISSUANCEPCT(1,2)"
    book.defined_names["IssuancePct"] = DefinedName("IssuancePct", attr_text="Sheet!$B$2")
    book.save(tmp_path / "model.xlsx")
    with pytest.raises(CannotConvert, match="ISSUANCEPCT of its own"):
        convert_to_lambda(tmp_path / "model.xlsx", tmp_path / "out.xlsx")


def test_the_commands(tmp_path: Path) -> None:
    model = _model(tmp_path / "model.xlsx", "=MINPRICE(B1:B5)")
    out = tmp_path / "out.xlsx"
    result = CliRunner().invoke(main, ["convert", str(model), str(out), "--to", "lambda"])
    assert result.exit_code == 0, result.output
    assert "2 calls spelled for lambda" in result.output
    again = CliRunner().invoke(main, ["excel", "lambda", str(out)])
    assert again.exit_code == 2
    assert "--force replaces it" in again.output
