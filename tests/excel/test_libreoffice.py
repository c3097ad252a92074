"""The add-in in LibreOffice itself: installed, every function called, every workbook recalculated.

What Calc hands over is written down here (`_handed_over`), and what differs from the other hosts
by its key in `xl_compliance.excel.differences`.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner
from host_cases import BlankCell, EmptyLink, HostCase, all_host_cases
from office import as_other_user, with_add_in
from openpyxl import Workbook
from openpyxl.worksheet.formula import ArrayFormula

from xl_compliance import call
from xl_compliance.cli import main
from xl_compliance.excel import libreoffice
from xl_compliance.excel.differences import DIFFERENCES
from xl_compliance.excel.handed_over import as_given
from xl_compliance.excel.wizard import argument_help, worksheet_arguments
from xl_compliance.functions.cells import error_value
from xl_compliance.functions.registry import Function, Result, Shape, all_functions, find
from xl_compliance.functions.spellings import Host, spelled
from xl_compliance.workbook.conversion import convert_workbook
from xl_compliance.workbook.snapshot import format_address, read

HERE = Path(__file__).parent
WORKBOOKS = sorted((HERE.parents[1] / "workbooks").glob("*.xlsx"))
SYSTEM_PYTHON = "/usr/bin/python3"
CASES = all_host_cases()
# As Calc numbers its errors.
ERRORS = {
    "#NULL!": 521,
    "#DIV/0!": 532,
    "#VALUE!": 519,
    "#REF!": 524,
    "#NAME?": 525,
    "#NUM!": 503,
    "#N/A": 32767,
}
WRONG_ARGUMENTS = 504
UNTRUE = object()


class _AnyText(str):
    """Equal to every text: a reason that only people read."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and len(other) > 20

    __hash__ = str.__hash__


ANY_TEXT = _AnyText("why")


def _missing() -> str:
    if not shutil.which("soffice") or not shutil.which("unopkg"):
        return "LibreOffice is not installed (libreoffice-calc-nogui)"
    try:
        libreoffice.build()
    except libreoffice.CannotBuild as problem:
        return str(problem)
    probe = subprocess.run([SYSTEM_PYTHON, "-c", "import uno"], capture_output=True, check=False)
    return "" if probe.returncode == 0 else f"{SYSTEM_PYTHON} has no uno (python3-uno)"


MISSING = _missing()
needs_libreoffice = pytest.mark.skipif(
    bool(MISSING) and os.environ.get("CI") != "true", reason=MISSING
)


# ---------------------------------------------------------------- what Calc is asked


@dataclass
class Asked:
    """A case, the answer expected of it, and where that is found."""

    case: HostCase
    answer: list[list[Any]]
    row: int
    height: int
    width: int


def _texts_for_facts(case: HostCase) -> list[Any]:
    """TRUE and FALSE as texts where a fact is asked for: the difference "truth in" says so."""
    function, plain = case.function, list(case.arguments)
    if case.origin == "truth value":
        return plain
    if function.name == "EXPLAIN" and plain and isinstance(plain[0], str):
        inner = find(plain[0]) if _is_ours(plain[0]) else function
        return plain[:1] + [_as_text(inner, at, raw) for at, raw in enumerate(plain[1:])]
    return [_as_text(function, at, raw) for at, raw in enumerate(plain)]


def _is_ours(name: str) -> bool:
    try:
        find(name)
    except KeyError:
        return False
    return True


def _as_text(function: Function, position: int, raw: Any) -> Any:
    if position >= len(function.arguments) or function.arguments[position].kind.name != "fact":
        return raw
    if isinstance(raw, list):
        return [[_as_text(function, position, cell) for cell in row] for row in _rows(raw)]
    return str(raw).upper() if isinstance(raw, bool) else raw


def _rows(raw: Any) -> list[list[Any]]:
    if not isinstance(raw, list):
        return [[raw]]
    return [row if isinstance(row, list) else [row] for row in raw]


def _handed_over(raw: Any) -> Any:
    """What Calc makes of a cell: it has numbers and texts, and a 0 behind a link to nothing."""
    if isinstance(raw, list):
        return [[_in_range(cell) for cell in row] for row in _rows(raw)]
    if isinstance(raw, EmptyLink | BlankCell) or raw == "":
        return 0
    if isinstance(raw, bool):
        return int(raw)
    if isinstance(raw, datetime):
        return (raw - datetime(1899, 12, 30)).total_seconds() / 86_400
    if isinstance(raw, date):
        return (raw - date(1899, 12, 30)).days
    return raw


def _in_range(cell: Any) -> Any:
    return None if isinstance(cell, BlankCell) or cell in (None, "") else _handed_over(cell)


class Questions:
    """The generated workbook: a formula for each case, its arguments in cells of another sheet."""

    def __init__(self, cases: list[HostCase]) -> None:
        self._book = Workbook()
        self._answers = self._book.active
        self._answers.title = "Answers"
        self._inputs = self._book.create_sheet("Input's")
        self._row = self._input_row = 1
        self.asked = [self._ask(case) for case in cases]

    def save(self, path: Path) -> None:
        self._book.save(path)

    def _ask(self, case: HostCase) -> Asked:
        arguments = _texts_for_facts(case)
        handed = as_given([_handed_over(raw) for raw in arguments])
        answer = _expected_rows(case.function, handed, len(arguments))
        texts = self._argument_texts(arguments)
        formula = f"={spelled(case.function.name, Host.LIBREOFFICE)}({','.join(texts)})"
        asked = Asked(case, answer, self._row, len(answer), len(answer[0]))
        last = format_address(self._row + len(answer) - 1, len(answer[0]))
        single = (asked.height, asked.width) == (1, 1)
        cell = self._answers.cell(self._row, 1)
        cell.value = formula if single else ArrayFormula(f"A{self._row}:{last}", formula)
        self._row += len(answer)
        return asked

    def _argument_texts(self, arguments: list[Any]) -> list[str]:
        texts, column, height = [], 1, 1
        for raw in arguments:
            if raw is None:
                texts.append("")
                continue
            rows = _rows(raw)
            for down, cells in enumerate(rows):
                for right, value in enumerate(cells):
                    self._put(self._input_row + down, column + right, value)
            first = format_address(self._input_row, column)
            last = format_address(self._input_row + len(rows) - 1, column + max(map(len, rows)) - 1)
            texts.append(f"'Input''s'!{first}" + ("" if first == last else f":{last}"))
            column += max(map(len, rows))
            height = max(height, len(rows))
        self._input_row += height
        return texts

    def _put(self, row: int, column: int, value: Any) -> None:
        if isinstance(value, BlankCell):
            return
        cell = self._inputs.cell(row, column)
        cell.value = "=$XFD$1" if isinstance(value, EmptyLink) else value
        if isinstance(value, str) and value.startswith("="):
            cell.data_type = "s"


def _expected_rows(function: Function, handed: list[Any], typed: int) -> list[list[Any]]:
    """What the cells show: errors as their numbers, truth values and dates as numbers."""
    if _ragged(handed):
        return [[UNTRUE]]
    answer = _answer(function, handed)
    table = function.result is Result.TABLE and isinstance(answer, list)
    rows = answer if isinstance(answer, list) else [[answer]]
    in_rows = function.result in (Result.NUMBER, Result.DATES, Result.TABLE)
    if isinstance(answer, list) and not in_rows:
        return [[{"error": _first_error(handed) or ERRORS["#VALUE!"]}]]
    shown = [[_shown(value, table) for value in row] for row in rows]
    count = sum(argument.shape is not Shape.REST for argument in function.arguments)
    variadic = len(function.arguments) > count
    error = _first_error(handed)
    if typed > count and not variadic:
        error = WRONG_ARGUMENTS
    return shown if error is None else [[{"error": error} for _ in row] for row in shown]


def _answer(function: Function, handed: list[Any]) -> Any:
    """What `call` says where a 0 may be a blank cell: the same for both, or input is needed."""
    name, arguments, inner = function.name, handed, function
    if name == "EXPLAIN" and handed and _is_ours(str(handed[0])):
        inner, arguments = find(handed[0]), handed[1:]
    readings: list[list[Any]] = [[]]
    for position, raw in enumerate(arguments):
        options = [raw]
        known = position < len(inner.arguments)
        if raw == 0 and not isinstance(raw, list | str) and known:
            kind = inner.arguments[position].kind
            options = [0, None] if kind.numeric and kind.zero == "a number" else [None]
        readings = [[*reading, option] for reading in readings for option in options]
    answers = [call(inner.name, *as_given(reading)) for reading in readings]
    if any(answer != answers[0] for answer in answers):
        needed = "#N/A" if inner.numeric else "NEEDS INPUT"
        if inner is function:
            return needed
        return [["Item", "Value", "Test", "Source"], ["Result", needed, ANY_TEXT, ""]]
    return call(name, *as_given([*handed[: len(handed) - len(arguments)], *readings[0]]))


def _ragged(handed: list[Any]) -> bool:
    return any(len(set(map(len, raw))) > 1 for raw in handed if isinstance(raw, list))


def _first_error(handed: list[Any]) -> int | None:
    for raw in handed:
        if isinstance(raw, list) and any(_is_error(cell) for row in raw for cell in row):
            return WRONG_ARGUMENTS
        if _is_error(raw):
            return ERRORS[raw]
    return None


def _is_error(raw: Any) -> bool:
    return isinstance(raw, str) and raw in ERRORS


def _shown(value: Any, table: bool) -> Any:
    if isinstance(value, str):
        error = error_value(value)
        return {"error": ERRORS.get(value, ERRORS["#VALUE!"])} if error and not table else value
    if isinstance(value, date):
        return float(_handed_over(value))
    return float(value)


# ---------------------------------------------------------------- LibreOffice


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def calc() -> Iterator[dict[str, Any]]:
    """Everything asked of one LibreOffice: the questions, and the shipped workbooks."""
    assert not MISSING, MISSING
    with TemporaryDirectory() as name:
        folder = Path(name)
        questions = Questions(CASES)
        questions.save(folder / "questions.xlsx")
        _days_from_1904(folder / "1904.xlsx")
        _formulas(folder / "formulas.xlsx")
        _in_excel(folder / "in-excel.xlsx")
        convert_workbook(folder / "in-excel.xlsx", folder / "converted.xlsx", Host.LIBREOFFICE)
        paths = [folder / f"{name}.xlsx" for name in ("questions", "1904", "formulas", "converted")]
        for shipped in WORKBOOKS:
            paths.append(folder / f"shipped-{shipped.name}")
            convert_workbook(shipped, paths[-1], Host.LIBREOFFICE)
        found = _calculated(folder, paths)
        found["asked"] = questions.asked
        yield found


def _calculated(folder: Path, paths: list[Path]) -> dict[str, Any]:
    environment, profile = with_add_in(folder)
    port = _free_port()
    accept = f"--accept=socket,host=127.0.0.1,port={port};urp"
    office = ["soffice", "--headless", "--norestore", "--nologo", profile, accept]
    running = subprocess.Popen(as_other_user(office), cwd=folder, env=environment)
    try:
        output = folder / "found.json"
        subprocess.run(
            [SYSTEM_PYTHON, HERE / "dump_calc.py", str(port), output, *map(str, paths)],
            check=True,
            timeout=300,
        )
    finally:
        running.terminate()
        running.wait(30)
    found = json.loads(output.read_text(encoding="utf-8"))
    found["books"] = {Path(path).name: sheets for path, sheets in found["books"].items()}
    return found


def _days_from_1904(path: Path) -> None:
    book = Workbook()
    book.epoch = datetime(1904, 1, 1)
    sheet = book.active
    sheet["A1"] = datetime(2024, 3, 8, 17)
    sheet["B1"] = '=XLC.PRICINGDATES(A1,"NASDAQ",1)'
    sheet["C1"] = ArrayFormula("C1:F20", '=XLC.EXPLAIN("PRICINGDATES",A1,"NASDAQ",1)')
    book.save(path)


INSIDERS = 'XLC.TSX606(7,10,"Yes",1000000,{})'
REQUIRED = "XLC.NASDAQ5635D(9.99,10,1000000,5000000)"
# A blank cell is C1, C2 holds 0, C3 a link to a blank cell, C4 FALSE.
IN_FORMULAS = {
    # A word is equal to itself, in every way in which a model may ask.
    f'IF({REQUIRED}="REQUIRED",1,0)': 1.0,
    f'IF(EXACT({REQUIRED},"REQUIRED"),1,0)': 1.0,
    f'SUMPRODUCT(({REQUIRED}="REQUIRED")*1)': 1.0,
    f'IF(OR({REQUIRED}="REVIEW",{REQUIRED}="REQUIRED"),1,0)': 1.0,
    'IF(XLC.CUSIPVALID("375175106")=TRUE,1,0)': 1.0,
    "IF(XLC.ISSUANCEPCT(10,50)>=0.2,1,0)": 1.0,
    "IF(XLC.ISSUANCEPCT(10,51)>=0.2,1,0)": 0.0,
    'IFERROR(XLC.ISSUANCEPCT(1,0),"none")': "none",
    'IFNA(XLC.MINPRICE({1}),"none")': "none",
    'IF(INDEX(XLC.RULEINFO("NASDAQ-5635D"),2,3)="20%",1,0)': 1.0,
    # A blank is never read as "no insiders".
    INSIDERS.format("C1"): "NEEDS INPUT",
    INSIDERS.format("C2"): "NEEDS INPUT",
    INSIDERS.format("C3"): "NEEDS INPUT",
    INSIDERS.format(0): "NEEDS INPUT",
    INSIDERS.format("C1:C1"): "NEEDS INPUT",
    INSIDERS.format("C2:C2"): "606",
    INSIDERS.format('"0"'): "606",
    # A working never says otherwise than the call.
    'INDEX(XLC.EXPLAIN("TSX606",7,10,"Yes",1000000,C1),2,2)': "NEEDS INPUT",
    # FALSE cannot be told from 0, and as a text it can.
    "XLC.NASDAQ5635D(9.99,10,1000000,5000000,,,C4)": "REQUIRED",
    "XLC.TSXBROADLYMARKETED(10,C4)": "NEEDS INPUT",
}


def _formulas(path: Path) -> None:
    book = Workbook()
    sheet = book.active
    for row, formula in enumerate(IN_FORMULAS, 1):
        sheet.cell(row, 1).value = f"={formula}".replace("IFNA(", "_xlfn.IFNA(")
    sheet["C2"], sheet["C3"], sheet["C4"] = 0, "=$XFD$1", False
    book.save(path)


# Formulas as Excel has them, and the arguments that its cells are: C1 is blank, C2 to C5 hold 0,
# a link to a blank cell, FALSE and TRUE.
_GIVEN = {"C1": None, "C2": 0, "C3": 0, "C4": False, "C5": True}
_ASKED = (
    ("PUBLICOFFERING", "Yes", "Yes", "Yes", 60, "{}"),
    ("NASDAQ5635B", "{}", 6913098),
    ("NASDAQ5635C", 10, "{}"),
    ("NASDAQ5635D", 9.99, 10, 1000000, 5000000, None, None, None, "{}"),
    ("TSX606", 7, 10, "Yes", 1000000, "{}"),
    ("TSXNETPRICE", 10, "{}"),
    ("TSXBROADLYMARKETED", 10, "{}", "Yes"),
    ("WARRANTSAGGREGATE", "{}", "2024-07-15", 10, 10),
    ("EXCHANGECAP", 5059747, "{}"),
)
CONVERTED = [
    (cell, (name, *(cell if each == "{}" else each for each in arguments)))
    for cell in _GIVEN
    for name, *arguments in _ASKED
]


def _in_excel(path: Path) -> None:
    """Each call in a formula of its own, and again in an array formula, as a spill is stored."""
    book = Workbook()
    sheet = book.active
    for row, (_, (name, *arguments)) in enumerate(CONVERTED, 1):
        texts = [_typed(each) for each in arguments]
        formula = f"={spelled(name, Host.CLASSIC)}({','.join(texts)})"
        sheet.cell(row, 1).value = formula
        sheet.cell(row, 2).value = ArrayFormula(f"B{row}", formula)
    sheet["C2"], sheet["C3"], sheet["C4"], sheet["C5"] = 0, "=$XFD$1", False, True
    book.save(path)


def _typed(argument: Any) -> str:
    if argument is None:
        return ""
    return (
        f'"{argument}"' if isinstance(argument, str) and argument not in _GIVEN else f"{argument}"
    )


# ---------------------------------------------------------------- the tests


@needs_libreoffice
def test_every_answer_is_that_of_call(calc: dict[str, Any]) -> None:
    values = calc["books"]["questions.xlsx"]["Answers"]["values"]
    wrong = []
    for asked in calc["asked"]:
        rows = values[asked.row - 1 : asked.row - 1 + asked.height]
        got = [row[: asked.width] for row in rows]
        if asked.answer != [[UNTRUE]] and got != asked.answer:
            wrong.append((asked.case.origin, asked.case.function.name, got, asked.answer))
    assert not wrong, f"{len(wrong)} of {len(calc['asked'])}: {wrong[:5]}"


@pytest.mark.parametrize("function", all_functions(), ids=lambda function: function.name)
def test_every_function_is_asked_in_every_way(function: Function) -> None:
    origins = {case.origin for case in CASES if case.function is function}
    assert "documentation" in origins
    if any(argument.shape is not Shape.REST for argument in function.arguments):
        assert {"left out", "blank cell", "link to an empty cell", "error"} <= origins


def test_vectors_are_answered_alike_but_for_what_the_table_says() -> None:
    """What Calc hands over leads to the same answer, or one of the known differences is why."""
    known = {difference.key for difference in DIFFERENCES}
    seen = set()
    for case in CASES:
        if not case.origin.startswith("vector"):
            continue
        handed = as_given([_handed_over(raw) for raw in _texts_for_facts(case)])
        if _ragged(handed):
            continue
        answer = call(case.function.name, *case.plain())
        usual = answer if isinstance(answer, list) else [[answer]]
        table = case.function.result is Result.TABLE and isinstance(answer, list)
        shown = [[_shown(value, table) for value in row] for row in usual]
        if shown != _expected_rows(case.function, handed, len(case.arguments)):
            seen.add(_reason(case, handed))
    assert seen <= known, seen - known
    assert {"zero", "truth in", "spilled words", "error in range", "too many arguments"} <= seen


def _reason(case: HostCase, handed: list[Any]) -> str:
    cells = [cell for raw in case.plain() for row in _rows(raw) for cell in row]
    answer = call(case.function.name, *case.plain())
    if len(case.arguments) > len(case.function.arguments):
        return "too many arguments"
    if any(_is_error(cell) for cell in cells):
        if case.function.name == "EXPLAIN":
            return "error explained"
        return "error in range"
    if isinstance(answer, list) and case.function.result is not Result.TABLE:
        return "spilled words"
    if any(isinstance(cell, bool) for cell in cells):
        return "truth in"
    if any(raw == 0 and not isinstance(raw, list | str) for raw in handed):
        return "zero"
    return f"unexplained: {case.origin}"


@needs_libreoffice
def test_answers_serve_in_formulas(calc: dict[str, Any]) -> None:
    values = [row[0] for row in calc["books"]["formulas.xlsx"]["Sheet"]["values"]]
    assert dict(zip(IN_FORMULAS, values, strict=True)) == IN_FORMULAS


@needs_libreoffice
def test_a_converted_workbook_answers_as_in_excel_whatever_a_cell_holds(
    calc: dict[str, Any],
) -> None:
    """Blank, 0, FALSE and TRUE in a cell stay apart: FALSE is no discount of 0, TRUE no price."""
    values = calc["books"]["converted.xlsx"]["Sheet"]["values"]
    wrong = []
    for (cell, (name, *arguments)), row in zip(CONVERTED, values, strict=True):
        given = [_GIVEN[cell] if each == cell else each for each in arguments]
        expected = _shown(call(name, *given), False)
        if row[:2] != [expected, expected]:
            wrong.append((name, given, row[:2], expected))
    assert not wrong


@needs_libreoffice
def test_the_wizard_explains_every_function_and_argument(calc: dict[str, Any]) -> None:
    assert calc["wizard"] == {
        spelled(function.name, Host.LIBREOFFICE): [
            function.summary,
            [
                [argument.name, argument_help(argument), True]
                for argument in worksheet_arguments(function)
            ],
        ]
        for function in all_functions()
    }


@needs_libreoffice
@pytest.mark.parametrize("path", WORKBOOKS, ids=lambda path: path.stem)
def test_a_shipped_workbook_calculates_to_what_is_stored_in_it(
    calc: dict[str, Any], path: Path
) -> None:
    calculated = calc["books"][f"shipped-{path.name}"]
    compared = 0
    for sheet in read(path).sheets:
        values = calculated[sheet.name]["values"]
        for (row, column), cell in sheet.cells.items():
            if cell.formula is None:
                continue
            got = values[row - 1][column - 1]
            where = f"{sheet.name}!{format_address(row, column)} {cell.formula}"
            expected = _stored(cell.value)
            # Excel and Calc add up times of day in different orders of magnitude of a second.
            assert got == (
                pytest.approx(expected, rel=1e-12) if _is_number(expected) else expected
            ), where
            compared += 1
    assert compared > 20


def _is_number(value: Any) -> bool:
    return isinstance(value, float)


def _stored(value: Any) -> Any:
    if isinstance(value, str):
        return {"error": ERRORS[value]} if value in ERRORS else value
    return None if value is None else float(_handed_over(value))


@needs_libreoffice
def test_dates_of_a_workbook_that_counts_from_1904(calc: dict[str, Any]) -> None:
    values = calc["books"]["1904.xlsx"]["Sheet"]["values"]
    answer = call("PRICINGDATES", datetime(2024, 3, 8, 17), "NASDAQ", 1)
    assert isinstance(answer, list)
    assert values[0][1] == (answer[0][0] - date(1904, 1, 1)).days
    said = [row[2:4] for row in values]
    assert ["signed_at", "2024-03-08 17:00:00"] in said


def test_the_add_in_holds_the_package_and_nothing_that_needs_more() -> None:
    if MISSING:
        assert os.environ.get("CI") != "true", MISSING
        pytest.skip(MISSING)
    content = libreoffice.build()
    assert content == libreoffice.build(), "the same source gives the same file"
    with TemporaryDirectory() as folder:
        path = Path(folder, "xlc.oxt")
        path.write_bytes(content)
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    assert "pythonpath/xl_compliance/functions/registry.py" in names
    assert not [name for name in names if "workbook" in name or "cli" in name]


def test_without_the_sdk_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libreoffice, "_INSTALLED", ())
    monkeypatch.setenv("PATH", "")
    with pytest.raises(libreoffice.CannotBuild, match="libreoffice-dev"):
        libreoffice.build()


def test_the_command_says_what_it_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libreoffice, "_INSTALLED", (str(tmp_path / "office"),))
    monkeypatch.setenv("PATH", "")
    done = CliRunner().invoke(main, ["excel", "libreoffice", str(tmp_path / "xlc.oxt")])
    assert done.exit_code == 2
    assert "soffice on the PATH, which is not there" in done.output
    assert str(tmp_path / "office") in done.output
    assert not (tmp_path / "xlc.oxt").exists()


@needs_libreoffice
@pytest.mark.parametrize("found", ["", "/nowhere"])
def test_an_empty_path_builds_the_same_add_in(found: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = libreoffice.build()
    monkeypatch.setenv("PATH", found)
    assert libreoffice.build() == whole


def test_a_program_that_stops_is_named_with_what_it_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "office" / "sdk" / "bin" / "unoidl-write"
    program.parent.mkdir(parents=True)
    for name in libreoffice._TYPES:
        types = tmp_path / "office" / "program" / name
        types.parent.mkdir(parents=True, exist_ok=True)
        types.touch()
    monkeypatch.setattr(libreoffice, "_INSTALLED", (str(tmp_path / "office"),))
    monkeypatch.setenv("PATH", "")
    program.write_text("#!/bin/sh\necho no types\nexit 1\n", encoding="utf-8")
    for mode, said in ((0o755, "stopped: no types. Install"), (0o644, "stopped: Permission")):
        program.chmod(mode)
        with pytest.raises(libreoffice.CannotBuild) as problem:
            libreoffice.build()
        assert f"{program}, which comes with LibreOffice's SDK, {said}" in str(problem.value)
