"""The command `check`: where reports go, what they may not replace, and what it says besides."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from xl_compliance.batch.run import workbooks_in
from xl_compliance.batch.watch import changes
from xl_compliance.cli import main

SHIPPED = Path(__file__).parents[2] / "workbooks" / "giga-tronics.xlsx"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copy(SHIPPED, tmp_path / "deal.xlsx")
    return tmp_path


def check(*arguments):
    result = CliRunner().invoke(main, ["check", *map(str, arguments), "--jobs", "0"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def summary(*arguments) -> dict[str, int]:
    return json.loads(check("deal.xlsx", "--format", "json", *arguments).stdout)["summary"]


# ---------------------------------------------------------------- formats and files


def test_a_format_goes_to_the_terminal():
    result = check("deal.xlsx", "--format", "json")
    assert json.loads(result.stdout)["summary"]["workbooks"] == 1
    assert check("deal.xlsx", "--format", "csv").stdout.startswith("workbook,severity,")


def test_the_name_of_a_file_is_its_format(folder):
    files = ["a.json", "a.html", "a.sarif", "a.xml", "a.csv", "a.xlsx", "a.txt"]
    result = check("deal.xlsx", *(word for name in files for word in ("-o", name)))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "1 workbook: 0 to act on, 15 to review" in result.stderr
    starts = [(folder / name).read_bytes()[:14] for name in files]
    assert starts[0].startswith(b"{")
    assert starts[1] == b"<!DOCTYPE html"
    assert starts[2].startswith(b'{\n "$schema"')
    assert starts[3].startswith(b"<?xml")
    assert starts[4].startswith(b"\xef\xbb\xbfworkbook"), "Excel knows UTF-8 by its mark"
    assert starts[5].startswith(b"PK")


def test_several_formats_go_to_one_folder(folder):
    (folder / "out").mkdir()
    check("deal.xlsx", "--format", "json", "--format", "junit", "--output", "out")
    assert {it.name for it in (folder / "out").iterdir()} == {
        "xl-compliance.json",
        "xl-compliance.xml",
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "pdf"], 'there is no format "pdf"'),
        (["--format", "xlsx"], "needs --output FILE.xlsx"),
        (["--format", "json", "--format", "csv"], "several formats need --output"),
        (["--output", "report.pdf"], "name the format with --format"),
        (["--format", "json", "--format", "csv", "-o", "a.json"], "is not a folder"),
        (["-o", "no/such/a.json"], "is not a folder"),
        (["--select", "NDQ0O7"], "Did you mean NDQ017, NDQ007"),
        (["--baseline", "no.json"], "there is no such baseline"),
    ],
)
def test_a_wrong_command_says_what_is_wrong(arguments, said):
    result = check("deal.xlsx", *arguments)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())


def test_a_report_is_not_written_over_a_workbook(folder):
    before = (folder / "deal.xlsx").read_bytes()
    other = openpyxl.Workbook()
    other.save(folder / "mine.xlsx")
    for target in ("deal.xlsx", "mine.xlsx"):
        assert check("deal.xlsx", "-o", target).exit_code == 2
    assert check("deal.xlsx", "--format", "json", "-o", "deal.xlsx").exit_code == 2
    assert (folder / "deal.xlsx").read_bytes() == before


def test_a_report_is_replaced_and_is_not_checked_with_the_folder(folder):
    for _ in range(2):
        result = check(".", "-o", "report.xlsx", "--annotate", "copies")
        assert result.exit_code == 1, result.output
        assert "1 workbook:" in result.stderr


# ---------------------------------------------------------------- selection and baselines


def test_a_baseline_round_trip(folder):
    before = summary()
    assert check("deal.xlsx", "--write-baseline", "base.json").exit_code == 0
    known = before["error"] + before["warning"] + before["note"]
    assert known
    assert summary("--baseline", "base.json") == {
        **dict.fromkeys(before, 0),
        "workbooks": 1,
        "ok": before["ok"],
        "suppressed": known,
    }
    result = check("deal.xlsx", "--baseline", "base.json")
    assert result.exit_code == 0
    assert f"{known} suppressed" in result.stdout


def test_a_baseline_survives_another_row(folder):
    check("deal.xlsx", "--write-baseline", "base.json")
    workbook = openpyxl.load_workbook(folder / "deal.xlsx")
    purchasers = workbook["Purchasers"]
    table = purchasers.tables["Purchasers"]
    first, last = purchasers[table.ref][1], purchasers[table.ref][2]
    for above, below in zip(first, last, strict=True):
        above.value, below.value = below.value, above.value
    workbook.save(folder / "deal.xlsx")
    report = json.loads(check("deal.xlsx", "--baseline", "base.json", "--format", "json").stdout)
    findings = report["workbooks"][0]["findings"]
    assert [it["message"] for it in findings if it["code"] == "NDQ008"] == []


def test_what_is_not_selected_is_counted(folder):
    result = check("deal.xlsx", "--select", "IDS")
    assert "not selected" in result.stdout
    assert "NDQ007" not in result.stdout


# ---------------------------------------------------------------- annotated copies


def test_annotated_copies_lie_as_the_workbooks_do(folder):
    for name in ("a", "b"):
        (folder / name).mkdir()
        shutil.move(shutil.copy(SHIPPED, folder / name / "same.xlsx"), folder / name / "same.xlsx")
    result = check("a", "b", "--annotate", "copies")
    assert result.exit_code == 1
    for name in ("a", "b"):
        copy = openpyxl.load_workbook(folder / "copies" / name / "same.xlsx")
        assert copy.sheetnames[-1] == "Compliance"


def test_a_copy_does_not_replace_a_file_of_somebody_else(folder):
    (folder / "copies").mkdir()
    openpyxl.Workbook().save(folder / "copies" / "deal.xlsx")
    before = (folder / "copies" / "deal.xlsx").read_bytes()
    result = check("deal.xlsx", "--annotate", "copies")
    assert result.exit_code == 2
    assert "is no annotated copy" in result.stderr
    assert (folder / "copies" / "deal.xlsx").read_bytes() == before


def test_a_copy_does_not_replace_its_workbook(folder):
    before = (folder / "deal.xlsx").read_bytes()
    assert check("deal.xlsx", "--annotate", ".").exit_code == 2
    assert (folder / "deal.xlsx").read_bytes() == before


# ---------------------------------------------------------------- progress and watching


def test_progress_is_plain_lines_in_a_pipe(folder):
    shutil.copy(SHIPPED, folder / "two.xlsx")
    result = check(".", "-o", "r.json")
    assert "checked 2 of 2: two.xlsx" in result.stderr
    assert "\x1b" not in result.output
    assert check(".", "-o", "r.json", "--quiet").output == ""


def test_watching_tells_of_what_was_saved(folder):
    deal, other = folder / "deal.xlsx", folder / "other.xlsx"
    steps = iter(
        [
            lambda: None,
            lambda: deal.write_bytes(b"first half"),
            lambda: deal.write_bytes(b"first half and second"),  # still being saved
            lambda: None,
            lambda: other.write_bytes(b"new"),
            lambda: None,
            lambda: other.unlink(),
            lambda: None,
        ]
    )
    found = changes(lambda: sorted(folder.glob("*.xlsx")), pause=lambda _: next(steps)())
    assert [next(found), next(found), next(found)] == [[deal], [other], []]


# ---------------------------------------------------------------- rules, explain, start-up


def test_rules_show_the_thresholds_of_a_day():
    now = CliRunner().invoke(main, ["rules", "--as-of", "2024-01-02"]).stdout
    before = CliRunner().invoke(main, ["rules", "--as-of", "2013-06-27"]).stdout
    assert "NASDAQ-5635D" in now
    assert ">= 20%" in now
    assert "< Minimum Price" in now
    assert "< greater of book value and closing bid" in before
    assert "NDQ007" in now


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ndq007", "The verdict under Listing Rule 5635(d)"),
        ("=TSX_606", "TSX606(offer_price, "),
        ("MINPRICE", "closes"),
        ("NASDAQ-5635D", "checks NDQ002, NDQ007"),
    ],
)
def test_explain_a_check_a_function_or_a_rule(name, said):
    result = CliRunner().invoke(main, ["explain", name])
    assert result.exit_code == 0
    assert said in result.stdout


def test_explain_suggests():
    result = CliRunner().invoke(main, ["explain", "NASDAQ-5635X"])
    assert result.exit_code == 2
    assert "Did you mean NASDAQ-5635D" in " ".join(result.output.split())


def test_every_check_can_be_explained():
    from xl_compliance.checks.registry import all_checks

    for check_ in all_checks():
        assert check_.run.__doc__, check_.code


def test_reports_are_imported_by_nobody_who_only_asks_for_help():
    code = (
        "import sys\n"
        "from xl_compliance.cli import main\n"
        "try: main(['check', '--help'])\n"
        "except SystemExit: pass\n"
        "heavy = ('jinja2', 'rich', 'xlsxwriter', 'junitparser', 'xl_compliance.batch')\n"
        "print([m for m in heavy if m in sys.modules], file=sys.stderr)"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert finished.stderr == "[]\n"


# ---------------------------------------------------------------- nothing disappears unseen


@pytest.fixture
def without_privileges(monkeypatch, tmp_path):
    """As for a user who may not look into a folder; root may look everywhere."""
    closed = tmp_path / "closed"
    closed.mkdir()
    listed = Path.iterdir

    def iterdir(path):
        if path.name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", iterdir)
    return closed


def test_a_folder_that_cannot_be_looked_into_is_named(tmp_path, without_privileges):
    assert workbooks_in([tmp_path]) == [without_privileges, tmp_path / "deal.xlsx"]
    result = check(tmp_path, "--quiet")
    assert result.exit_code == 2
    assert "cannot be checked: closed" in result.stdout


def test_a_search_finds_other_formats_links_and_what_is_gone(tmp_path):
    (tmp_path / "deal.xlsx").unlink()
    (tmp_path / "a" / "deeper").mkdir(parents=True)
    for name in ("a/deal.xlsx", "a/deeper/old.XLS", "a/deeper/b.xlsb", "a/c.ods", "a/~$deal.xlsx"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "a" / "loop").symlink_to(tmp_path / "a", target_is_directory=True)
    (tmp_path / "linked").symlink_to(tmp_path / "a" / "deeper", target_is_directory=True)
    (tmp_path / "a" / "gone.xlsx").symlink_to(tmp_path / "nowhere.xlsx")
    found = [path.relative_to(tmp_path).as_posix() for path in workbooks_in([tmp_path])]
    assert {name.rpartition("/")[2] for name in found} == {
        "deal.xlsx",
        "old.XLS",
        "b.xlsb",
        "c.ods",
        "gone.xlsx",
    }
    assert len(found) == 5, "each file once, whichever way it is reached"


def test_a_report_that_cannot_be_written_keeps_no_other_back(tmp_path, monkeypatch):
    made = tempfile.mkstemp

    def mkstemp(**given):
        if ".a.html" in given["prefix"]:
            raise PermissionError(13, "Permission denied")
        return made(**given)

    monkeypatch.setattr(tempfile, "mkstemp", mkstemp)
    outputs = ["-o", tmp_path / "a.html", "-o", tmp_path / "b.csv"]
    result = check(SHIPPED, *outputs)
    assert result.exit_code == 2
    assert "a.html: cannot be written (Permission denied)" in result.stderr
    assert (tmp_path / "b.csv").stat().st_size > 0


def test_a_name_that_ends_in_a_slash_is_a_folder(tmp_path):
    result = check(SHIPPED, "--format", "html", "--output", f"{tmp_path}/reports/")
    assert result.exit_code == 2
    assert "reports/ is not a folder; make it first" in result.stderr
    (tmp_path / "reports").mkdir()
    check(SHIPPED, "--format", "html", "--output", f"{tmp_path}/reports/")
    assert (tmp_path / "reports" / "xl-compliance.html").is_file()


@pytest.mark.parametrize("option", ["--output", "--write-baseline"])
def test_a_folder_that_is_missing_is_said_before_anything_is_checked(tmp_path, option):
    result = check(SHIPPED, option, tmp_path / "missing" / "report.json")
    assert result.exit_code == 2
    assert "missing is not a folder; make it first" in result.stderr
    assert "checked" not in result.stderr
