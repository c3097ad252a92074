"""The shipped offering workbook, end to end: as shipped, and with single cells changed."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from xml.etree.ElementTree import canonicalize
from zipfile import ZipFile

import openpyxl
import pytest
from click.testing import CliRunner

from xl_compliance.batch.run import WorkbookReport, check_workbook
from xl_compliance.cli import main
from xl_compliance.workbook.examples import tsx_offering as example

SHIPPED = Path(__file__).parents[2] / "workbooks" / "tsx-offering.xlsx"


@pytest.fixture(scope="module")
def shipped() -> WorkbookReport:
    return check_workbook(SHIPPED)


def about(report: WorkbookReport, code: str, scenario: str):
    """The only finding with a code about a scenario."""
    start = (f"{scenario}:", f"{scenario},")
    found = [it for it in report.findings if it.code == code and it.message.startswith(start)]
    assert len(found) == 1, [finding.message for finding in found]
    return found[0]


def changed(tmp_path: Path, scenario: str, header: str, value) -> WorkbookReport:
    """A report on a copy in which one cell of Offerings is changed."""
    copy = tmp_path / "tsx-offering.xlsx"
    shutil.copy(SHIPPED, copy)
    workbook = openpyxl.load_workbook(copy)
    sheet = workbook["Offerings"]
    rows = list(sheet[sheet.tables["Offerings"].ref])
    column = [cell.value for cell in rows[0]].index(header)
    (row,) = [row for row in rows[1:] if row[0].value == scenario]
    row[column].value = value
    workbook.save(copy)
    return check_workbook(copy)


def test_every_finding_names_its_place_inputs_and_source(shipped):
    assert shipped.findings
    for finding in shipped.findings:
        assert finding.sheet in ("Offerings", "Insiders"), finding
        assert finding.cell, finding
        assert finding.inputs, finding
        assert finding.source, finding
        assert finding.code.startswith("TSX"), finding


@pytest.mark.parametrize(
    ("scenario", "verdict"),
    [
        (example.ACCEPTED, "606"),
        (example.ONE_OVER, "607 INSIDER EXCESS"),
        (example.AT_THE_LINE, "606"),
        (example.BEYOND, "607 ALL INSIDER PURCHASES"),
        (example.WITH_DEALERS, "606"),
        (example.WITHOUT_DEALERS, "607 WHOLE OFFERING"),
        (example.WITH_A_FEE, "607 INSIDER EXCESS"),
        (example.CONCURRENT, "606"),
        (example.BEFORE_2023, "REVIEW"),
        (example.LIFE, "606"),
    ],
)
def test_routes(shipped, scenario, verdict):
    assert about(shipped, "TSX001", scenario).verdict == verdict


def test_the_five_factors_are_named(shipped):
    message = about(shipped, "TSX001", example.BEFORE_2023).message
    for factor in (
        "method of the distribution",
        "participation of insiders",
        "number of placees",
        "offering price",
        "economic dilution",
    ):
        assert factor in message


def test_a_hundredth_of_a_cent_below_the_line(tmp_path):
    report = changed(tmp_path, example.AT_THE_LINE, "Offer price", 0.8499)
    assert about(report, "TSX001", example.AT_THE_LINE).verdict == "607 ALL INSIDER PURCHASES"


def test_a_confirmation_that_never_came(tmp_path):
    report = changed(tmp_path, example.ACCEPTED, "Broad marketing confirmed", False)
    assert about(report, "TSX001", example.ACCEPTED).verdict == "607 WHOLE OFFERING"
    assert about(report, "TSX006", example.ACCEPTED).verdict == "BREACH"


def test_announced_in_the_morning_another_close_counts(tmp_path):
    morning = datetime(2024, 5, 6, 9, 0)
    report = changed(tmp_path, example.ACCEPTED, "Announced at", morning)
    finding = about(report, "TSX007", example.ACCEPTED)
    assert finding.verdict == "BREACH"
    assert "1.01 of 2024-05-03" in finding.message


def test_command_on_the_shipped_workbook():
    result = CliRunner().invoke(main, ["check", str(SHIPPED)])
    assert result.exit_code == 1
    assert "607 WHOLE OFFERING" in result.output


def test_the_template_command_writes_it(tmp_path):
    target = tmp_path / "offering.xlsx"
    result = CliRunner().invoke(main, ["template", str(target), "--example", "tsx-offering"])
    assert result.exit_code == 0, result.output
    assert parts_of(target) == parts_of(SHIPPED)


def parts_of(workbook):
    """The parts of a package by name; openpyxl spaces XML otherwise where lxml is installed."""
    with ZipFile(workbook) as package:
        return {
            name: canonicalize(package.read(name).decode())
            if name.endswith((".xml", ".rels"))
            else package.read(name)
            for name in package.namelist()
        }
