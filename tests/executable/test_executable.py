"""The standalone program: built once, then run where there is no Python.

With `XLC_EXECUTABLE` set, the program of that path is tried instead of one built here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from xl_compliance import executable
from xl_compliance.cli import main

WORKBOOKS = sorted((Path(__file__).parents[2] / "workbooks").glob("*.xlsx"))
MISSING = find_spec("PyInstaller") is None and "XLC_EXECUTABLE" not in os.environ
# Help is broken into lines that leave two columns of the terminal free.
COLUMNS = 80
needs_pyinstaller = pytest.mark.skipif(
    MISSING and os.environ.get("CI") != "true", reason="PyInstaller is not installed"
)


@dataclass(frozen=True)
class Program:
    """The program and a folder to run it in, with nothing on the PATH."""

    path: Path
    folder: Path

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        kept = {key: os.environ[key] for key in ("SYSTEMROOT", "TEMP", "TMP") if key in os.environ}
        nothing = self.folder / "nothing"
        nothing.mkdir(exist_ok=True)
        return subprocess.run(
            [self.path, *map(str, arguments)],
            cwd=self.folder,
            env={**kept, "PATH": str(nothing), "HOME": str(nothing), "COLUMNS": f"{COLUMNS}"},
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    folder = tmp_path_factory.mktemp("program")
    for workbook in WORKBOOKS:
        shutil.copy(workbook, folder)
    given = os.environ.get("XLC_EXECUTABLE")
    if given:
        return Program(Path(given).resolve(), folder)
    assert not MISSING, "PyInstaller is not installed: pip install '.[exe]'"
    path = folder / ("xl-compliance.exe" if sys.platform == "win32" else "xl-compliance")
    executable.build(path)
    return Program(path, folder)


def _commands(command: click.Command, *names: str) -> Iterator[tuple[str, ...]]:
    yield names
    for name, below in getattr(command, "commands", {}).items():
        yield from _commands(below, *names, name)


@needs_pyinstaller
def test_every_command_explains_itself_as_it_does_in_python(program: Program) -> None:
    commands = list(_commands(main))
    with ThreadPoolExecutor(2) as pool:
        runs = list(pool.map(lambda names: program.run(*names, "--help"), commands))
    for names, run in zip(commands, runs, strict=True):
        arguments = [*names, "--help"]
        here = CliRunner().invoke(
            main, arguments, prog_name="xl-compliance", terminal_width=COLUMNS - 2
        )
        assert (run.returncode, run.stdout) == (0, here.output), names
    assert len(commands) > 15


@needs_pyinstaller
def test_shipped_workbooks_get_the_findings_that_they_get_in_python(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is checked in a process of its own, in which the program starts itself again."""
    monkeypatch.chdir(program.folder)
    names = [path.name for path in WORKBOOKS]
    arguments = ["check", *names, "--format", "json", "--jobs", "2"]
    run = program.run(*arguments)
    here = CliRunner().invoke(main, arguments)
    assert run.returncode == here.exit_code == 1, run.stderr
    assert json.loads(run.stdout) == json.loads(here.stdout)
    assert len(_workbooks(run.stdout)) == len(names) == 5


def _workbooks(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(text)["workbooks"]
    return found


@needs_pyinstaller
def test_a_bad_file_is_one_finding_and_stops_nothing(program: Program) -> None:
    (program.folder / "bad.xlsx").write_text("no workbook")
    run = program.run("check", "bad.xlsx", WORKBOOKS[0].name, "--format", "json")
    assert run.returncode == 2
    bad, good = _workbooks(run.stdout)
    assert "bad.xlsx: this is a text file" in bad["failure"]
    assert not bad["findings"]
    assert good["failure"] is None
    assert good["findings"]
    assert "Traceback" not in run.stderr


@needs_pyinstaller
def test_a_workbook_that_takes_too_long_is_given_up(program: Program) -> None:
    run = program.run("check", WORKBOOKS[0].name, "--timeout", "0.001", "--format", "json")
    assert run.returncode == 2
    (only,) = _workbooks(run.stdout)
    assert "not done after 0.001 seconds" in only["failure"]


@needs_pyinstaller
def test_reports_with_their_templates_are_written(program: Program) -> None:
    names = [f"report.{suffix}" for suffix in ("html", "xlsx", "sarif", "xml", "csv", "json")]
    outputs = [each for name in names for each in ("-o", name)]
    run = program.run("check", WORKBOOKS[0].name, *outputs, "--fail-on", "error")
    assert run.returncode == 0, run.stderr
    for name in names:
        assert (program.folder / name).stat().st_size > 1000, name


@needs_pyinstaller
def test_a_workbook_for_excel_without_python_is_the_same(program: Program) -> None:
    """It carries the sources of the package, which are in the program as files."""
    run = program.run("excel", "lite", "lite.xlsx")
    assert run.returncode == 0, run.stderr
    here = program.folder / "here.xlsx"
    assert CliRunner().invoke(main, ["excel", "lite", str(here)]).exit_code == 0
    assert (program.folder / "lite.xlsx").read_bytes() == here.read_bytes()


@needs_pyinstaller
def test_what_takes_a_python_says_so(program: Program) -> None:
    run = program.run("excel", "classic", "folder")
    assert run.returncode == 1
    assert "install xl-compliance in the Python that Excel shall use" in run.stderr
    assert not (program.folder / "folder").exists()


@needs_pyinstaller
def test_the_licences_of_what_is_inside_are_beside_it(program: Program) -> None:
    text = executable.licences_of(program.path).read_text(encoding="utf-8")
    for name in ("Python 3.", "click 8.", "openpyxl 3.", "formualizer 0.", "Jinja2 3."):
        assert f"\n{name}" in text, name
    assert "pandas" not in text
    assert "PYTHON SOFTWARE FOUNDATION LICENSE" in text.upper() or "docs.python.org" in text


def test_without_pyinstaller_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executable, "find_spec", lambda _: None)
    arguments = [str(tmp_path / "program.exe")]
    result = CliRunner().invoke(executable.main, arguments)
    assert result.exit_code == 1
    assert "pip install '.[exe]'" in result.output


def test_a_program_that_is_there_is_not_replaced(tmp_path: Path) -> None:
    there = tmp_path / "program.exe"
    there.write_text("mine")
    result = CliRunner().invoke(executable.main, [str(there)])
    assert result.exit_code == 2
    assert "--force replaces it" in result.output
    assert there.read_text() == "mine"


@needs_pyinstaller
@pytest.mark.parametrize(
    "arguments", [["--executor", "dask://127.0.0.1:8786", "x.xlsx"], ["memory://deals/x.xlsx"]]
)
def test_a_library_that_is_not_inside_is_not_to_be_installed(
    program: Program, arguments: list[str]
) -> None:
    run = program.run("check", *arguments)
    assert run.returncode == 2
    said = " ".join(run.stderr.split())
    assert "none can be added: use xl-compliance in Python, with " in said
    assert "Traceback" not in said


def test_what_the_program_does_not_need_is_kept_out_of_it() -> None:
    kept_out = set(executable._not_needed())
    assert {"pytest", "setuptools"} <= kept_out
    assert kept_out.isdisjoint({"xl_compliance", "click", "openpyxl", "jinja2"})
