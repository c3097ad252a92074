"""The Windows add-in's functions, run by xlwings' own code with Windows stubbed."""

import dataclasses
import importlib
import importlib.util
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import xl_compliance
from xl_compliance.excel import classic
from xl_compliance.functions import registry
from xl_compliance.functions.cells import HOLDING, TEXT
from xl_compliance.functions.registry import Argument, Shape, all_functions
from xl_compliance.functions.spellings import bare, is_cell_address

HERE = Path(__file__).parent
GOLDEN = Path(classic.__file__).with_name("xlwings_udfs.bas")

FIVE = (15.91, 15.89, 15.91, 15.81, 16.13)
NAMES = [function.name for function in all_functions()]


def _stub() -> ModuleType:
    spec = importlib.util.spec_from_file_location("stub_windows", HERE / "stub_windows.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["stub_windows"] = module
    spec.loader.exec_module(module)
    return module


stub = _stub()
MISSING, ERRORS, column, row, com_time = (
    stub.MISSING,
    stub.ERRORS,
    stub.column,
    stub.row,
    stub.com_time,
)


@pytest.fixture(scope="module")
def excel() -> Iterator[Any]:
    with stub.windows() as desktop:
        yield desktop


@pytest.fixture(scope="module")
def vba(excel: Any) -> str:
    return excel.import_functions()


@pytest.fixture(scope="module")
def wizard(excel: Any, vba: str) -> dict[str, dict[str, Any]]:
    return {name.partition("!")[2]: options for name, options in excel.options}


# What Import Functions makes


def test_the_vba_module_is_the_golden_file(vba: str) -> None:
    if os.environ.get("XLC_UPDATE_GOLDEN") == "1":
        GOLDEN.write_text(vba, encoding="utf-8", newline="\n")
    assert GOLDEN.exists(), f"{GOLDEN} is missing: run with XLC_UPDATE_GOLDEN=1 and review it"
    assert vba == GOLDEN.read_text(encoding="utf-8"), "run with XLC_UPDATE_GOLDEN=1 and review"


def test_every_function_is_exported_once_under_its_bare_name(vba: str) -> None:
    exported = [
        line.removeprefix("Function ").partition("(")[0]
        for line in vba.splitlines()
        if line.startswith("Function ")
    ]
    assert sorted(exported) == sorted(map(bare, NAMES))
    assert list(classic.FUNCTIONS) == list(map(bare, NAMES))


def test_no_exported_name_is_a_cell_address() -> None:
    assert [name for name in classic.FUNCTIONS if is_cell_address(name)] == []
    assert {"TSX_606", "TSX606EXCESS"} <= set(classic.FUNCTIONS)


def _vba_arguments(vba: str, name: str) -> list[str]:
    (line,) = (line for line in vba.splitlines() if line.startswith(f"Function {name}("))
    inside = line.partition("(")[2].removesuffix(")")
    return inside.split(", ") if inside else []


@pytest.mark.parametrize("function", all_functions(), ids=NAMES)
def test_arguments_are_those_of_the_registry(function: Any, vba: str) -> None:
    expected = []
    for argument in function.arguments:
        name = argument.name + ("_" if argument.name in ("close", "function") else "")
        if argument.shape is Shape.REST:
            most = max(len(each.arguments) for each in all_functions())
            expected += [f"Optional {name}_{n}" for n in range(1, most + 1)]
        else:
            expected.append(f"Optional {name}")
    assert _vba_arguments(vba, bare(function.name)) == expected


def test_vba_takes_every_name(vba: str) -> None:
    for function in classic.FUNCTIONS:
        plain = [argument.split()[-1].lower() for argument in _vba_arguments(vba, function)]
        assert all(name.isidentifier() and name.isascii() for name in plain)
        assert not any(name.startswith("_") for name in plain)
        assert not {function.lower(), *plain} & classic.NOT_IN_VBA, function
        assert len({function.lower(), *plain}) == len(plain) + 1, "declared twice"
    assert all(len(line) <= 1023 for line in vba.splitlines())


def test_the_wizard_explains_every_argument(wizard: dict[str, dict[str, Any]]) -> None:
    assert sorted(wizard) == sorted(classic.FUNCTIONS)
    for function in all_functions():
        options = wizard[bare(function.name)]
        assert options["Category"] == "xl-compliance"
        said = [options["Description"], *(options["ArgumentDescriptions"] or [])]
        arguments = classic.worksheet_arguments(function)
        meant = [function.summary, *map(classic.argument_help, arguments)]
        assert len(said) == len(meant)
        for text, whole in zip(said, meant, strict=True):
            assert 0 < len(text) <= 255
            _assert_no_word_is_cut(text, whole)


def _assert_no_word_is_cut(text: str, whole: str) -> None:
    kept = text.removesuffix(" ...").split()
    assert whole.split()[: len(kept)] == kept
    assert text.endswith(" ...") == (len(kept) < len(whole.split()))


def test_argument_names_fit_the_wizard() -> None:
    for function in all_functions():
        names = classic.parameter_names(classic.worksheet_arguments(function))
        assert sum(map(len, names)) + len(names) <= 254, function.name


def test_long_help_ends_after_a_word() -> None:
    argument = Argument("held", HOLDING, Shape.SUMMED, "Every share that counts, " * 20)
    _assert_no_word_is_cut(classic.argument_help(argument), f"{argument.help}; a range is summed")
    assert 240 < len(classic.argument_help(argument)) <= 255


def _named(*names: str) -> list[Argument]:
    return [Argument(name, TEXT, Shape.ONE, "Help") for name in names]


def test_long_names_lose_whole_words_and_stay_apart() -> None:
    names = [f"{letter}_of_the_first_aggregated_closing" for letter in "abcdefgh"]
    shortened = classic.parameter_names(_named(*names))
    assert sum(map(len, shortened)) + len(shortened) <= 254
    assert len(set(shortened)) == len(names)
    for name, short in zip(names, shortened, strict=True):
        assert f"{name}_".startswith(f"{short}_")


def test_names_that_cannot_be_shortened_are_left_alone() -> None:
    names = ["x" * 130, "y" * 130]
    assert classic.parameter_names(_named(*names)) == names
    names = ["x" * 130, f"{'x' * 130}_first"]
    assert classic.parameter_names(_named(*names)) == names


def test_a_word_that_vba_reserves_gets_an_underscore() -> None:
    assert classic.parameter_names(_named("close", "function", "Date", "closing")) == [
        "close_",
        "function_",
        "Date_",
        "closing",
    ]


# What a cell shows


@pytest.mark.parametrize(
    ("name", "cells", "values"),
    [
        ("MINPRICE", (column(*FIVE),), ([[price] for price in FIVE],)),
        ("MINPRICE", (row(*FIVE),), ([list(FIVE)],)),
        ("ISSUANCEPCT", (1022372.0, row(5059747.0)), (1022372, 5059747)),
        ("ISSUANCEPCT", (1500000.0, column(5e6, 3e6)), (1500000, [[5e6], [3e6]])),
        ("ISSUANCEPCT", ("1,500,000", 8e6), ("1,500,000", 8e6)),
        ("NASDAQ5635D", (9.99, 10.0, 1e6, 5e6), (9.99, 10, 10**6, 5 * 10**6)),
        ("NASDAQ5635D", (9.99, row(None), 1e6, 5e6), (9.99, None, 1e6, 5e6)),
        ("TSX606", (0.85, 1.0, True, 1e6, 1e5, 10.0, 100.0), (0.85, 1, True, 1e6, 1e5, 10, 100)),
        ("SC13DROW13", (row(0.361989141),), (0.361989141,)),
        ("CUSIPVALID", ("375175106",), ("375175106",)),
        ("DISCOUNTPCT", (column(8.5, 9.0), 10.0), ([[8.5], [9]], 10)),
        ("DISCOUNTPCT", (column(8.5, 9.0), row(10.0, 20.0)), ([[8.5], [9]], [[10, 20]])),
        ("EXCHANGECAP", (5059747.0,), (5059747,)),
        ("EXCHANGECAP", (5e10,), (5e10,)),
        ("XLCVERSION", (), ()),
    ],
)
def test_a_cell_shows_what_call_returns(
    excel: Any, name: str, cells: tuple[Any, ...], values: tuple[Any, ...]
) -> None:
    expected = xl_compliance.call(name, *values)
    assert not (isinstance(expected, str) and expected.startswith("#"))
    assert excel.cell(bare(name), *cells) == expected


@pytest.mark.parametrize(
    ("name", "cells", "values", "error"),
    [
        # an error in a range, in a cell, and one that a formula inside the argument gives
        ("ISSUANCEPCT", (column(1.0, ERRORS["#REF!"]), 5e6), ([[1], ["#REF!"]], 5e6), "#REF!"),
        ("ISSUANCEPCT", (row(ERRORS["#N/A"]), 5e6), ("#N/A", 5e6), "#N/A"),
        ("ISSUANCEPCT", (ERRORS["#DIV/0!"], 5e6), ("#DIV/0!", 5e6), "#DIV/0!"),
        ("ISSUANCEPCT", (row(ERRORS["#SPILL!"]), 5e6), ("#SPILL!", 5e6), "#SPILL!"),
        ("ISSUANCEPCT", (row(ERRORS["#CALC!"]), 5e6), ("#CALC!", 5e6), "#CALC!"),
        # an error hidden behind another argument that would decide
        (
            "NASDAQ5635D",
            (9.0, 10.0, 2e6, 5e6, ERRORS["#REF!"]),
            (9, 10, 2e6, 5e6, "#REF!"),
            "#REF!",
        ),
        ("ISSUANCEPCT", ("twelve", 5e6), ("twelve", 5e6), "#VALUE!"),
        ("ISSUANCEPCT", (1.0, 0.0), (1, 0), "#DIV/0!"),
        ("DISCOUNTPCT", (-1.0, 10.0), (-1, 10), "#NUM!"),
        ("MINPRICE", (column(*FIVE, 16.2),), ([*FIVE, 16.2],), "#N/A"),
        ("MINPRICE", (row(None),), (None,), "#N/A"),
        ("EXPLAIN", ("NOSUCH",), ("NOSUCH",), "#VALUE!"),
        ("RULEINFO", ("NOSUCH",), ("NOSUCH",), "#N/A"),
        ("CONVERTEDSHARES", (1e300, 1e300), None, "#NUM!"),
    ],
)
def test_every_error_value_is_an_error_in_the_cell(
    excel: Any, name: str, cells: tuple[Any, ...], values: tuple[Any, ...] | None, error: str
) -> None:
    if values is not None:
        assert xl_compliance.call(name, *values) == error
    assert excel.answer(name, *cells) is None, "Null, which a cell shows as #VALUE!"


def test_an_error_among_spilled_results_is_never_text(excel: Any) -> None:
    assert xl_compliance.call("DISCOUNTPCT", [[8.5], ["x"]], 10) == [[0.15], ["#VALUE!"]]
    assert excel.answer("DISCOUNTPCT", column(8.5, "x"), 10.0) == [[0.15], [None]]


@pytest.mark.parametrize(
    "argument", [com_time(2024, 3, 8, 16, 30), row(com_time(2024, 3, 8, 16, 30))]
)
def test_dates_come_in_as_they_stand_and_go_out_as_dates(excel: Any, argument: Any) -> None:
    expected = xl_compliance.call("PRICINGDATES", datetime(2024, 3, 8, 16, 30))
    assert isinstance(expected, list)
    shown = excel.cell("PRICINGDATES", argument)
    assert shown == [[datetime(day.year, day.month, day.day)] for (day,) in expected]
    assert shown[-1] == [datetime(2024, 3, 8)], "16:30 is after the close"


def test_a_column_of_dates(excel: Any) -> None:
    days = [datetime(2024, 3, day) for day in (4, 5, 6, 7, 8)]
    cells = column(*(com_time(day.year, day.month, day.day) for day in days))
    expected = xl_compliance.call("MINPRICE", list(FIVE), days)
    assert excel.cell("MINPRICE", column(*FIVE), cells) == expected == 15.93


def test_currency_cells_keep_every_decimal(excel: Any) -> None:
    price = stub.Currency(9.99996)
    assert row(price).Value == 10, "what Excel hands over"
    assert excel.cell("DISCOUNTPCT", row(price), 10.0) == 0.000004
    assert excel.cell("DISCOUNTPCT", column(price, 9.0), 10.0) == [[0.000004], [0.1]]
    assert excel.cell("NASDAQ5635D", row(price), 10.0, 1e6, 5e6) == "REQUIRED"
    shown = excel.cell("EXPLAIN", "DISCOUNTPCT", row(price), 10.0, table=True)
    assert shown == xl_compliance.explain("DISCOUNTPCT", 9.99996, 10)


def test_a_range_of_currency_and_dates_keeps_both(excel: Any) -> None:
    cells = stub.ComRange((stub.Currency(45359.00001), com_time(2024, 3, 8)))
    shown = excel.cell("EXPLAIN", "MINPRICE", cells, table=True)
    assert shown == xl_compliance.explain("MINPRICE", [[45359.00001, datetime(2024, 3, 8)]])


def test_explain_spills_the_working(excel: Any) -> None:
    shown = excel.cell("EXPLAIN", "UNITFLOOR", row(10.0), 10.0, table=True)
    assert shown == xl_compliance.explain("UNITFLOOR", 10, 10)
    assert shown[-1][:2] == ["Result", 10.125]


def test_explain_takes_a_range_a_gap_and_an_error(excel: Any) -> None:
    shown = excel.cell("EXPLAIN", "MINPRICE", column(*FIVE), table=True)
    assert shown == xl_compliance.explain("MINPRICE", [[price] for price in FIVE])
    shown = excel.cell("EXPLAIN", "EXCHANGECAP", 5e6, MISSING, "19.99%", table=True)
    assert shown == xl_compliance.explain("EXCHANGECAP", 5e6, None, "19.99%")
    shown = excel.cell("EXPLAIN", "ISSUANCEPCT", row(ERRORS["#REF!"]), 5e6, table=True)
    assert shown == xl_compliance.explain("ISSUANCEPCT", "#REF!", 5e6)
    assert shown[-1][:2] == ["Result", "#REF!"], "in the working an error value is text, to be read"


@pytest.mark.parametrize(
    ("number", "error"), [(ERRORS["#SPILL!"], "#SPILL!"), (-2146826246 + 57, "#VALUE!")]
)
def test_errors_that_xlwings_does_not_name_are_no_numbers(
    excel: Any, number: int, error: str
) -> None:
    shown = excel.cell("EXPLAIN", "ISSUANCEPCT", column(1.0, number), 5e6, table=True)
    assert shown[-1][:2] == ["Result", error]


def test_long_texts_in_a_table_continue_below(excel: Any) -> None:
    shown = excel.cell("EXPLAIN", "RULEINFO", "NASDAQ-5635D", table=True)
    whole = xl_compliance.explain("RULEINFO", "NASDAQ-5635D")
    assert max(len(str(cell)) for cells in whole for cell in cells) > 255
    assert all(len(cell) <= 255 for cells in shown for cell in cells if isinstance(cell, str))
    assert len({len(cells) for cells in shown}) == 1
    for position in range(4):
        words = [
            " ".join(str(cells[position]) for cells in rows).split() for rows in (shown, whole)
        ]
        assert words[0] == words[1]


def test_more_arguments_than_the_function_has(excel: Any) -> None:
    assert xl_compliance.call("DISCOUNTPCT", 9, 10, 11) == "#VALUE!"
    assert excel.answer("DISCOUNTPCT", 9.0, 10.0, 11.0) is None


def test_what_our_code_raises_is_an_error_value_and_a_log_record(
    excel: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capsys: Any
) -> None:
    def broken(*_: Any) -> Any:
        raise ZeroDivisionError("a mistake of ours")

    replaced = dataclasses.replace(registry.find("UNITFLOOR"), decide=broken, answer=broken)
    monkeypatch.setitem(registry.REGISTRY, "UNITFLOOR", replaced)
    with caplog.at_level(logging.ERROR, "xl_compliance"):
        assert excel.answer("UNITFLOOR", 10.0, 10.0) is None
        assert classic.FUNCTIONS["UNITFLOOR"](10, 10) == "#VALUE!"
        assert classic.FUNCTIONS["EXPLAIN"]("UNITFLOOR", 10, 10) == "#VALUE!"
    assert [record.getMessage() for record in caplog.records] == [
        "UNITFLOOR failed",
        "UNITFLOOR failed",
        "EXPLAIN failed",
    ]
    assert all(record.exc_info for record in caplog.records)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", NAMES)
def test_no_function_fails_on_whatever_a_cell_holds(excel: Any, name: str) -> None:
    arguments = registry.find(name).arguments
    for cell in (
        None,
        "",
        "x",
        0.0,
        -1.0,
        1e300,
        True,
        ERRORS["#N/A"],
        MISSING,
        com_time(2024, 3, 8),
    ):
        excel.cell(bare(name), *[cell] * len(arguments), table=True)
        excel.cell(bare(name), *[column(cell, 1.0)] * len(arguments), table=True)


# Away from Windows


def test_functions_can_be_called_anywhere() -> None:
    if sys.platform != "win32":
        assert not hasattr(classic.FUNCTIONS["MINPRICE"], "__xlfunc__")
    assert classic.FUNCTIONS["MINPRICE"]([[price] for price in FIVE]) == 15.93
    assert classic.FUNCTIONS["ISSUANCEPCT"]("#REF!", 5000000) == "#REF!"
    assert vars(classic)["TSX_606"] is classic.FUNCTIONS["TSX_606"]


def test_the_stub_leaves_nothing_behind() -> None:
    before = dict(sys.modules)
    with stub.windows() as desktop:
        assert desktop.module is not before["xl_compliance.excel.classic"]
        assert sys.modules["pythoncom"] is not before.get("pythoncom")
    assert dict(sys.modules) == before
    assert (
        importlib.import_module("xl_compliance.excel.classic")
        is before["xl_compliance.excel.classic"]
    )


def test_nothing_that_needs_a_licence_is_imported() -> None:
    code = "import sys, xlwings; before = set(sys.modules); import xl_compliance.excel.classic;"
    code += "print([m for m in set(sys.modules) - before if m.startswith('xlwings')])"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
