"""A workbook with nothing of ours in a folder that is checked, and a desk that knows of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from xl_compliance.batch.reports import FORMATS
from xl_compliance.cli import main

DEAL = Path(__file__).parents[2] / "workbooks" / "nasdaq-pipe.xlsx"
KNOWN = """
[[suppress]]
code = "INP004"
verdict = "NEEDS INPUT"
workbook = "lists/prices.xlsx"
reason = "a price list"
"""


def list_of_prices(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    book = openpyxl.Workbook()
    book.active["A1"] = "Widget"
    book.active["B1"] = 4.25
    book.save(path)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copy(DEAL, "deal.xlsx")
    list_of_prices(Path("lists/prices.xlsx"))
    return tmp_path


def checked(*more: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["check", ".", "--jobs", "0", "--format", "json", *more])
    assert "Traceback" not in done.output
    return done.exit_code, done.output


def report(output: str) -> dict[str, dict]:
    found = json.loads(output[output.index("{") : output.rindex("}") + 1])
    return {Path(it["path"]).name: it for it in found["workbooks"]}


def test_without_a_word_of_it_the_run_ends_with_2(folder):
    code, output = checked()
    assert code == 2
    assert "none of the input sheets is in this workbook" in output
    assert "accept INP004 for it in the configuration" in output


def test_known_to_hold_nothing_it_is_counted_as_accepted(folder):
    (folder / "xl-compliance.toml").write_text(KNOWN, encoding="utf-8")
    code, output = checked()
    assert code == 1, "the deal has its findings"
    listed = report(output)["prices.xlsx"]
    assert listed["failure"] is None
    assert listed["findings"] == []
    assert "a price list" in json.dumps(listed["suppressed"])
    (folder / "deal.xlsx").unlink()
    assert checked()[0] == 0


@pytest.mark.parametrize("style", FORMATS)
def test_every_report_tells_of_it(folder, style):
    (folder / "xl-compliance.toml").write_text(KNOWN, encoding="utf-8")
    (folder / "deal.xlsx").unlink()
    out = folder / f"report.{style}"
    arguments = ["check", "lists", "--format", style, "--output", str(out), "--jobs", "0"]
    if style == "xlsx":
        out = out.with_name("report.xlsx")
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert out.read_bytes()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('workbook = "lists/prices.xlsx"\n', ""),
        ("lists/prices", "lists/other"),
        ("INP004", "INP"),
        ("NEEDS INPUT", "REVIEW"),
        ('reason = "a price list"', 'reason = "a price list"\nuntil = 2020-01-01'),
    ],
)
def test_a_suppression_that_does_not_name_it_lets_nothing_pass(folder, old, new):
    assert old in KNOWN
    (folder / "xl-compliance.toml").write_text(KNOWN.replace(old, new), encoding="utf-8")
    assert checked()[0] == 2


def test_once_there_is_something_in_it_it_is_checked_and_said(folder):
    (folder / "xl-compliance.toml").write_text(KNOWN, encoding="utf-8")
    shutil.copy(DEAL, "lists/prices.xlsx")
    code, output = checked()
    assert code == 1
    assert report(output)["prices.xlsx"]["findings"]
    assert "INP004 NEEDS INPUT in lists/prices.xlsx fits no finding of this run" in output


def test_damaged_it_is_not_what_was_known(folder):
    (folder / "xl-compliance.toml").write_text(KNOWN, encoding="utf-8")
    path = folder / "lists" / "prices.xlsx"
    path.write_bytes(path.read_bytes()[:-500])
    code, output = checked()
    assert code == 2
    assert "cut short or damaged" in output


def test_a_workbook_of_which_only_values_are_read_is_not_known_to_hold_nothing(folder):
    text = KNOWN.replace("prices.xlsx", "prices.ods")
    (folder / "xl-compliance.toml").write_text(text, encoding="utf-8")
    (folder / "lists" / "prices.xlsx").unlink()
    ods = folder / "lists" / "prices.ods"
    ods.write_bytes(_ods())
    code, output = checked()
    assert code == 2
    assert "none of the input sheets is in this workbook" in output


def _ods() -> bytes:
    from io import BytesIO
    from zipfile import ZipFile

    office = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    table = 'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    content = (
        f"<office:document-content {office} {table}><office:body><office:spreadsheet>"
        '<table:table table:name="A"><table:table-row><table:table-cell '
        'office:value-type="float" office:value="4"/></table:table-row></table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="/" manifest:media-type='
        '"application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
    )
    stream = BytesIO()
    with ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return stream.getvalue()
