"""The folder for Excel on Windows: xlwings' own workbook, and what stands beside it."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest
import xlwings
from click.testing import CliRunner
from open_book_double import Book, described

from xl_compliance.cli import main
from xl_compliance.excel import classic, classic_folder
from xl_compliance.excel.classic_folder import CannotWrite, write_folder

OFFERING = Path(__file__).parents[2] / "workbooks" / "tsx-offering.xlsx"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("classic") / "compliance"
    write_folder(target)
    return target


def test_what_is_in_it(folder: Path) -> None:
    expected = {
        "README.txt",
        "compliance.py",
        "compliance.xlsm",
        "xlwings.conf",
        "xlwings_udfs.bas",
    }
    assert {path.name for path in folder.iterdir()} == expected
    assert [path.name for path in folder.parent.iterdir()] == ["compliance"], "nothing is left over"


def test_the_workbook_is_that_of_the_installed_xlwings(folder: Path) -> None:
    own = Path(xlwings.__file__).with_name("quickstart.xlsm")
    assert (folder / "compliance.xlsm").read_bytes() == own.read_bytes()


def test_xlwings_is_told_where_the_functions_are(folder: Path) -> None:
    assert (folder / "xlwings.conf").read_text() == f'"UDF MODULES","{classic_folder.MODULE}"\n'
    assert classic.__name__ == classic_folder.MODULE


def test_the_functions_are_those_that_xlwings_generates(folder: Path) -> None:
    generated = Path(classic.__file__).with_name("xlwings_udfs.bas").read_text(encoding="utf-8")
    written = (folder / "xlwings_udfs.bas").read_bytes()
    assert written.decode() == generated.replace("\n", "\r\n")
    assert written.isascii(), "the VBA editor reads the code page of the machine"


def test_the_macro_checks_the_workbook_in_front(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = Book(described(OFFERING))
    monkeypatch.setattr(xlwings.Book, "caller", lambda: book)
    module: dict[str, Any] = runpy.run_path(str(folder / "compliance.py"))
    module["main"]()
    assert (book.sheets[-1].name, book.sheets[-1].active) == ("Compliance", True)
    assert len(book.sheets[-1].values) > 4


def test_the_readme_has_five_steps(folder: Path) -> None:
    text = (folder / "README.txt").read_text()
    assert [line[0] for line in text.splitlines() if line[1:3] == ". "] == list("12345")
    assert "compliance.xlsm" in text
    assert "Not tried in Excel itself" in text


@pytest.mark.parametrize("name", ["class", "1st", "my deal"])
def test_a_name_that_no_python_file_may_have(tmp_path: Path, name: str) -> None:
    with pytest.raises(CannotWrite, match="letters, digits and underscores"):
        write_folder(tmp_path / name)


def test_the_command_never_writes_over(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["excel", "classic", str(tmp_path / "deal")])
    assert result.exit_code == 0, result.output
    assert "README.txt" in result.output
    again = CliRunner().invoke(main, ["excel", "classic", str(tmp_path / "deal")])
    assert again.exit_code == 1
    assert "is there already" in again.output
