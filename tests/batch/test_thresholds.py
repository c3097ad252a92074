"""`xl-compliance rules --output`: every threshold and every reading, for lawyers to go through."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from xl_compliance.cli import main
from xl_compliance.rules.parameters import all_rules
from xl_compliance.rules.readings import all_readings

VERSIONS = [v for rule in all_rules() for p in rule.parameters.values() for v in p.versions]


def run(*arguments: str):
    return CliRunner().invoke(main, ["rules", *arguments])


def rows_of(sheet) -> list[dict]:
    head, *rows = sheet.iter_rows(min_row=3, values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    target = tmp_path_factory.mktemp("rules") / "thresholds.xlsx"
    assert run("-o", str(target)).exit_code == 0
    return load_workbook(target)


def test_every_version_of_every_threshold_has_its_row(book):
    rows = rows_of(book["Thresholds"])
    got = {(r["Rule"], r["What is tested"], r["Test"], r["Verification"]) for r in rows}
    assert len(rows) == len(VERSIONS)
    assert got == {(v.rule, v.title, v.test or v.shown, v.verification) for v in VERSIONS}


def test_dates_are_dates_and_values_stay_as_they_are_written(book):
    rows = {(r["Rule"], r["Value"]): r for r in rows_of(book["Thresholds"])}
    line = rows["TSX-606", "0.15"]
    assert line["In force from"].date() == date(2023, 4, 20)
    assert not line["In force to"]
    assert (line["Strictness"], line["Unit"]) == (">", "fraction")


def test_every_reading_has_its_row_with_what_shows_it(book):
    rows = rows_of(book["Readings"])
    assert [row["Title"] for row in rows] == [reading.title for reading in all_readings()]
    assert all(row["Shown by"] for row in rows)
    assert all(cell.data_type != "f" for row in book["Readings"].iter_rows() for cell in row)


def test_on_a_day_only_what_was_in_force(tmp_path):
    target = tmp_path / "then.csv"
    assert run("-o", str(target), "--as-of", "2018-09-25").exit_code == 0
    rows = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8-sig"))))
    assert len(rows) == sum(v.covers(date(2018, 9, 25)) for v in VERSIONS)
    tests = [row["Test"] for row in rows if row["Rule"] == "NASDAQ-5635D"]
    assert "< greater of book value and closing bid" in tests
    assert "< Minimum Price" not in tests


def test_a_file_that_is_there_and_another_kind_are_refused(tmp_path):
    target = tmp_path / "mine.xlsx"
    target.write_bytes(b"mine")
    assert run("-o", str(target)).exit_code == 2
    assert target.read_bytes() == b"mine"
    assert run("-o", str(target), "--force").exit_code == 0
    assert run("-o", str(tmp_path / "thresholds.pdf")).exit_code == 2


def test_a_rule_is_explained_with_its_readings():
    said = CliRunner().invoke(main, ["explain", "TSX-607"]).output
    assert "reading: A market price between the bands of section 607(e)" in said
