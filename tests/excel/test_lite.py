"""The workbook for xlwings Lite: its code taken back out and run in Pyodide, its parts, its answers.

The add-in itself runs only in Excel. What stands in for it here is `run_in_pyodide.mjs`.
"""

from __future__ import annotations

import ast
import re
import shutil
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import canonicalize

import pytest
from click.testing import CliRunner
from host_cases import BlankCell, EmptyLink, all_host_cases
from pyodide_host import SHIPPED, in_pyodide

from xl_compliance import call
from xl_compliance.cli import main
from xl_compliance.excel import embedding, lite
from xl_compliance.excel.handed_over import as_given
from xl_compliance.excel.wizard import argument_help
from xl_compliance.functions.registry import Result, Shape, all_functions
from xl_compliance.functions.spellings import Host, spelled
from xl_compliance.workbook.lite import write_lite, write_lite_examples
from xl_compliance.workbook.snapshot import ExcelError, read
from xl_compliance.workbook.web_extension import AlreadyCarriesCode, embedded_code

HERE = Path(__file__).parent
WORKBOOKS = HERE.parents[1] / "workbooks"
CASES = all_host_cases()


# ---------------------------------------------------------------- Pyodide


def in_rows(raw: Any) -> Any:
    """An argument as xlwings hands it over: in rows; blank cells and arguments left out as None."""
    if isinstance(raw, list):
        return [[_cell(cell) for cell in (row if isinstance(row, list) else [row])] for row in raw]
    raw = _cell(raw)
    return None if raw is None else [[raw]]


def _cell(raw: Any) -> Any:
    if isinstance(raw, EmptyLink):
        return 0
    if isinstance(raw, BlankCell) or raw == "":
        return None
    if isinstance(raw, datetime):
        return (raw - datetime(1899, 12, 30)).total_seconds() / 86_400
    return (raw - date(1899, 12, 30)).days if isinstance(raw, date) else raw


def as_text(value: Any) -> Any:
    """A result as `run_in_pyodide.mjs` writes it: floats to the last bit."""
    if isinstance(value, list):
        return [[as_text(cell) for cell in row] for row in value]
    if isinstance(value, date):
        return {"date": value.isoformat()}
    return {"float": value.hex()} if isinstance(value, float) else value


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    calls = [(case.function.name.lower(), [in_rows(raw) for raw in case.arguments]) for case in RUN]
    return in_pyodide(tmp_path_factory.mktemp("pyodide"), calls)


def _takes(case: Any) -> bool:
    """Excel does not take a formula with more arguments than a function has."""
    arguments = case.function.arguments
    variadic = bool(arguments) and arguments[-1].shape is Shape.REST
    return variadic or len(case.arguments) <= len(arguments)


RUN = [case for case in CASES if _takes(case)]


def test_every_answer_is_that_of_python_here_to_the_last_bit(answered: dict[str, Any]) -> None:
    wrong = []
    for case, got in zip(RUN, answered["results"], strict=True):
        handed = [in_rows(raw) for raw in case.arguments]
        expected = as_text(call(case.function.name, *as_given(handed)))
        if got != expected and not _is_newer_error(expected):
            wrong.append((case, got, expected))
    assert not wrong, f"{len(wrong)} of {len(RUN)}: {wrong[:5]}"


def _is_newer_error(value: Any) -> bool:
    return value in ("#SPILL!", "#CALC!", "#GETTING_DATA", "#BUSY!", "#CONNECT!", "#BLOCKED!")


def test_vectors_are_answered_as_in_python() -> None:
    """What the add-in hands over means what the vector says: no difference is excused."""
    for case in RUN:
        if case.origin.startswith("vector") and case.function.result is not Result.TABLE:
            handed = as_given([in_rows(raw) for raw in case.arguments])
            assert call(case.function.name, *handed) == call(case.function.name, *case.plain()), (
                case
            )


def test_nothing_that_needs_a_licence_runs(answered: dict[str, Any]) -> None:
    assert answered["licensed"] is False


def test_every_function_is_declared_with_its_arguments(answered: dict[str, Any]) -> None:
    names = [function.name.lower() for function in all_functions()]
    assert sorted(answered["signatures"]) == sorted([*names, "check_this_workbook"])


# ---------------------------------------------------------------- main.py


def _declared() -> dict[str, ast.FunctionDef]:
    tree = ast.parse(lite.main_py())
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("function", all_functions(), ids=lambda function: function.name)
def test_a_function_is_declared_with_its_help(function: Any) -> None:
    node = _declared()[function.name.lower()]
    assert ast.get_docstring(node) == function.summary
    declared, *arguments = node.decorator_list
    options = {each.arg: ast.literal_eval(each.value) for each in declared.keywords}
    assert options == {"name": function.name, "namespace": "XLC"}
    said = [
        (ast.literal_eval(each.args[0]), {k.arg: ast.literal_eval(k.value) for k in each.keywords})
        for each in arguments
    ]
    assert said == [
        (each.name, {"ndim": 2, "err_to_str": True, "doc": argument_help(each)})
        for each in function.arguments
    ]
    variadic = [each.name for each in function.arguments if each.shape is Shape.REST]
    assert [node.args.vararg.arg] if node.args.vararg else variadic == []
    names = [each.arg for each in node.args.args]
    assert names == [each.name for each in function.arguments if each.shape is not Shape.REST]
    assert len(node.args.defaults) == (0 if variadic else len(names))


def test_the_code_stays_well_below_what_settings_hold() -> None:
    assert len(lite.main_py().encode()) < 700_000


def test_libraries_installed_beside_the_package_are_not_packed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a site-packages folder openpyxl lies beside us; all of it went into the workbook."""
    installed = tmp_path / "xl_compliance"
    shutil.copytree(embedding._PACKAGE, installed, ignore=shutil.ignore_patterns("__pycache__"))
    for library in ("openpyxl", "defusedxml"):
        (tmp_path / library).mkdir()
        (tmp_path / library / "__init__.py").write_text("import os\n")
    expected = lite.main_py()
    monkeypatch.setattr(embedding, "_PACKAGE", installed)
    assert lite.main_py.__wrapped__() == expected


def test_no_function_hides_what_the_code_needs() -> None:
    assert not set(_declared()) & {"cell", "xw", "sys", "base64", "pathlib", "tempfile"}


# ---------------------------------------------------------------- the workbook


def test_the_shipped_workbook_carries_the_package_as_it_is() -> None:
    again = "run python -m xl_compliance.workbook.examples workbooks"
    code = embedded_code(SHIPPED)
    assert code["main.py"] == lite.main_py(), again
    assert code["requirements.txt"] == lite.REQUIREMENTS, again


def test_the_shipped_workbook_is_what_the_command_writes(tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.xlsx"
    result = CliRunner().invoke(main, ["excel", "lite", str(fresh)])
    assert result.exit_code == 0, result.output
    with zipfile.ZipFile(fresh) as one, zipfile.ZipFile(SHIPPED) as other:
        assert one.namelist() == other.namelist()
        different = [name for name in one.namelist() if _same(one, name) != _same(other, name)]
    assert different == [], "run python -m xl_compliance.workbook.examples workbooks"


def _same(archive: zipfile.ZipFile, name: str) -> str:
    """A part however its XML is written: openpyxl writes it otherwise where lxml is installed."""
    return canonicalize(archive.read(name).decode(), rewrite_prefixes=True)


def test_the_functions_are_listed() -> None:
    with zipfile.ZipFile(SHIPPED) as archive:
        text = archive.read("xl/webextensions/webextension1.xml").decode()
    ids = re.findall("<we:customFunctionIds>([^<]*)<", text)
    assert ids == [spelled(function.name, Host.LITE) for function in all_functions()]


def test_every_function_has_a_live_example_with_its_answer_stored() -> None:
    shown = {}
    for sheet in read(SHIPPED).sheets:
        for cell in sheet.cells.values():
            if cell.formula:
                name = re.match(r"=_xldudf_XLC_(\w+)\(", cell.formula)
                assert name
                shown[name[1]] = cell.value
    assert sorted(shown) == sorted(function.name for function in all_functions())
    assert not [name for name, value in shown.items() if isinstance(value, ExcelError)]


def test_answers_in_rows_are_dynamic_arrays() -> None:
    with zipfile.ZipFile(SHIPPED) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if "worksheets/sheet" in name]
        assert b"fDynamic" in archive.read("xl/metadata.xml")
        assert b"xl/metadata.xml" in archive.read("[Content_Types].xml")
    arrays = [each for sheet in sheets for each in re.findall(rb"<c [^>]*><f t=.array", sheet)]
    assert arrays
    assert all(b' cm="1"' in each for each in arrays)


def test_a_workbook_of_ones_own_gets_the_code_and_the_spelling(tmp_path: Path) -> None:
    source, target = WORKBOOKS / "giga-tronics.xlsx", tmp_path / "lite.xlsx"
    before = source.read_bytes()
    result = CliRunner().invoke(main, ["excel", "lite", str(target), "--from", str(source)])
    assert result.exit_code == 0, result.output
    assert source.read_bytes() == before
    assert embedded_code(target)["main.py"] == lite.main_py()
    with zipfile.ZipFile(source) as one, zipfile.ZipFile(target) as other:
        listed = {"_rels/.rels", "[Content_Types].xml"}
        for name in set(one.namelist()) - listed:
            if b"<f" not in one.read(name) and b"formula" not in one.read(name):
                assert one.read(name) == other.read(name), name
    assert any("_xldudf_XLC_MINPRICE(" in (cell.formula or "") for cell in _cells(target))


def _cells(path: Path) -> list[Any]:
    return [cell for sheet in read(path).sheets for cell in sheet.cells.values()]


def test_a_workbook_is_never_written_over(tmp_path: Path) -> None:
    own = tmp_path / "own.xlsx"
    shutil.copy(WORKBOOKS / "giga-tronics.xlsx", own)
    before = own.read_bytes()
    result = CliRunner().invoke(main, ["excel", "lite", str(own), "--from", str(own), "--force"])
    assert result.exit_code == 2
    assert "name another file" in result.output
    assert own.read_bytes() == before


def test_a_workbook_that_carries_code_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AlreadyCarriesCode, match="Task Pane"):
        write_lite(SHIPPED, tmp_path / "twice.xlsx")
    assert not (tmp_path / "twice.xlsx").exists()


def test_the_same_registry_gives_the_same_file(tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_lite_examples(tmp_path / f"{name}.xlsx")
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "other.xlsx").read_bytes()
