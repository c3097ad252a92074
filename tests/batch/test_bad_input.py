"""Files and cells that cannot be read: one clear line each, and the others are still checked."""

from __future__ import annotations

import os
import shutil
import zipfile
from concurrent.futures import Executor
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from xl_compliance.batch.run import check_all
from xl_compliance.cli import main

SHIPPED = Path(__file__).parents[2] / "workbooks" / "giga-tronics.xlsx"


def check(*arguments) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["check", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result.exit_code, result.output


@pytest.fixture
def deal(tmp_path):
    """A copy of the shipped workbook, edited and saved."""

    def edited(change, name="deal.xlsx"):
        path = tmp_path / name
        shutil.copy(SHIPPED, path)
        workbook = openpyxl.load_workbook(path)
        change(workbook)
        workbook.save(path)
        return path

    return edited


def one_line(output: str, *parts: str) -> str:
    text = " ".join(output.split())
    for part in parts:
        assert part in text, text
    return text


def test_old_xls_renamed(tmp_path):
    path = tmp_path / "old.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))
    code, output = check(path)
    assert code == 2
    one_line(output, "old.xlsx", ".xls", "Expected an Excel workbook")


def test_empty_file(tmp_path):
    path = tmp_path / "empty.xlsx"
    path.write_bytes(b"")
    code, output = check(path)
    assert code == 2
    one_line(output, "empty.xlsx", "empty")


def test_workbook_without_our_sheets(tmp_path):
    path = tmp_path / "other.xlsx"
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = "Cap table"
    workbook.save(path)
    code, output = check(path)
    assert code == 2
    one_line(output, "other.xlsx", "none of the input sheets", "xl-compliance template")


def test_missing_file(tmp_path):
    code, output = check(tmp_path / "nowhere.xlsx")
    assert code == 2
    one_line(output, "nowhere.xlsx")


def test_empty_folder(tmp_path):
    code, output = check(tmp_path)
    assert code == 2
    one_line(output, "No workbook was found")


def test_price_with_the_letter_o(deal):
    def change(workbook):
        workbook["Prices"][first_close(workbook)] = "12,5O"

    code, output = check(deal(change))
    assert code == 1
    one_line(
        output,
        "INP001",
        "Prices!",
        '"12,5O" is not a number (letter O?)',
        "a price such as 12.50",
    )


def test_error_value_in_an_input_is_not_a_blank(deal):
    def change(workbook):
        workbook["Prices"][first_close(workbook)] = "#REF!"

    code, output = check(deal(change))
    assert code == 1
    one_line(output, "INP001", "#REF!")


def test_missing_prices_sheet(deal):
    def change(workbook):
        del workbook["Prices"]

    code, output = check(deal(change))
    assert code == 1
    text = one_line(output, "INP002", 'the sheet "Prices" is missing', "NEEDS INPUT")
    assert "2,870,756" in text, "the other sheets are still checked"


def test_input_formula_without_a_stored_result(deal):
    def change(workbook):
        workbook["Prices"][first_close(workbook)] = "=1+1"

    code, output = check(deal(change))
    assert code == 1
    one_line(output, "INP001", "has no stored result")


def test_percentage_typed_as_a_whole_number(deal):
    def change(workbook):
        sheet = workbook["Filing"]
        for row in sheet[sheet.tables["Filing"].ref]:
            for cell in row:
                if cell.value in (0.362, "36.2%"):
                    cell.value = 36.2

    code, output = check(deal(change))
    assert code == 1
    one_line(output, "INP001", "36.2 is above 1", "such as 0.15 or 15%")


def test_unreadable_file_does_not_stop_the_others(deal, tmp_path):
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 nonsense")
    deal(lambda workbook: None)
    code, output = check(tmp_path)
    assert code == 2
    text = one_line(output, "broken.xlsx", "deal.xlsx", "36.2%")
    assert "2 workbooks" in text


def first_close(workbook) -> str:
    sheet = workbook["Prices"]
    rows = list(sheet[sheet.tables["Prices"].ref])
    column = [cell.value for cell in rows[0]].index("Official close")
    return rows[1][column].coordinate


def test_an_error_of_our_own_is_one_line_and_stops_no_other_file(deal, tmp_path, monkeypatch):
    from xl_compliance.batch import run

    deal(lambda workbook: None, "a.xlsx")
    deal(lambda workbook: None, "b.xlsx")
    checked = run.run_checks

    def stops(found, *others):
        if found.path.name == "a.xlsx":
            raise RuntimeError("unforeseen")
        return checked(found, *others)

    monkeypatch.setattr(run, "run_checks", stops)
    code, output = check(tmp_path, "--jobs", "0")
    assert code == 2
    text = one_line(output, "a.xlsx: the checks stopped at an error of this program", "unforeseen")
    assert "36.2%" in text


def test_a_link_that_leads_to_itself_is_one_line(deal, tmp_path):
    (tmp_path / "loop.xlsx").symlink_to("loop.xlsx")
    result = CliRunner().invoke(main, ["check", str(tmp_path), "-q", "--jobs", "0"])
    assert result.exit_code == 2, result.output
    assert "cannot be checked: loop.xlsx" in result.output


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without named pipes")
@pytest.mark.parametrize("command", ["import-13d", "import-ocf"])
def test_a_pipe_that_nobody_writes_to_is_not_waited_for(command, tmp_path):
    pipe = tmp_path / "pipe.xml"
    os.mkfifo(pipe)
    result = CliRunner().invoke(main, [command, str(pipe), "-o", str(tmp_path / "out.xlsx")])
    assert result.exit_code == 2, result.output
    assert "pipe.xml: this is a device or a pipe, not a file" in result.output
    assert not (tmp_path / "out.xlsx").exists()


def test_a_quantity_of_warrants_too_small_for_a_unit_is_no_error_of_this_program(tmp_path):
    shipped = Path(__file__).parents[2] / "workbooks" / "nasdaq-pipe.xlsx"
    book = openpyxl.load_workbook(shipped)
    book["Securities"]["E8"] = 1e-300
    book.save(tmp_path / "deal.xlsx")
    result = CliRunner().invoke(main, ["check", str(tmp_path), "-q", "--jobs", "0"])
    assert "cannot be checked" not in result.output
    assert "its price cannot be worked out from Securities!G7" in result.output


def test_two_parts_named_as_the_workbook_are_refused(deal, tmp_path):
    shipped = Path(__file__).parents[2] / "workbooks" / "nasdaq-pipe.xlsx"
    one = b'<Relationship Id="second" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    one += b'relationships/officeDocument" Target="xl/other.xml"/></Relationships>'
    with zipfile.ZipFile(shipped) as sound, zipfile.ZipFile(tmp_path / "two.xlsx", "w") as spoilt:
        for name in sound.namelist():
            content = sound.read(name)
            if name == "_rels/.rels":
                content = content.replace(b"</Relationships>", one)
            spoilt.writestr(name, content)
        spoilt.writestr("xl/other.xml", sound.read("xl/workbook.xml"))
    result = CliRunner().invoke(main, ["check", str(tmp_path / "two.xlsx"), "-q", "--jobs", "0"])
    assert result.exit_code == 2, result.output
    assert "both named as the workbook" in " ".join(result.output.split())


class _TakesNothing(Executor):
    def submit(self, fn, /, *args, **kwargs):
        raise RuntimeError("no room")


def test_an_executor_that_takes_no_work_is_one_line_for_each_file(tmp_path):
    paths = [tmp_path / "a.xlsx", tmp_path / "b.xlsx"]
    report = check_all(paths, executor=_TakesNothing)
    assert [it.path for it in report.workbooks] == paths
    assert all("no room" in (it.failure or "") for it in report.workbooks)


@pytest.mark.parametrize("value", ["inf", "nan", "1e12"])
def test_a_timeout_that_no_clock_counts_is_refused(value):
    result = CliRunner().invoke(main, ["check", "none.xlsx", "--timeout", value])
    assert result.exit_code == 2
    assert "Expected at most 1,000,000,000 seconds, or 0 for no limit" in one_line_of(result.output)


def test_more_memory_than_a_machine_counts_is_refused():
    result = CliRunner().invoke(main, ["check", "none.xlsx", "--max-memory", "9" * 20])
    assert result.exit_code == 2
    assert "Expected at most 1,000,000,000 MiB, or 0 for no limit" in one_line_of(result.output)


def one_line_of(output):
    return " ".join(output.split())
