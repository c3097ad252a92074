"""Workbooks behind URLs: read as those in folders are, and named by their URL everywhere."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from xl_compliance import check_workbook
from xl_compliance.batch import baseline
from xl_compliance.batch.annotations import copies
from xl_compliance.batch.places import PlaceMistake, afar, as_folders, place
from xl_compliance.batch.reports import FORMATS, Wanted, file_content
from xl_compliance.batch.results import WorkbookReport
from xl_compliance.batch.run import check_all
from xl_compliance.batch.workers import Limits
from xl_compliance.checks.findings import Severity
from xl_compliance.cli import main

fsspec = pytest.importorskip("fsspec")
pytest.importorskip("upath")

WORKBOOKS = Path(__file__).parents[2] / "workbooks"
GIGA = WORKBOOKS / "giga-tronics.xlsx"
CAP_TABLE = WORKBOOKS / "cap-table.xlsx"


@pytest.fixture(scope="module")
def bucket():
    """Object storage, in the memory of this process."""
    storage = fsspec.filesystem("memory")
    storage.pipe("/deals/2013/giga tronics.xlsx", GIGA.read_bytes())
    storage.pipe("/deals/cap-table.xlsx", CAP_TABLE.read_bytes())
    storage.pipe("/deals/~$cap-table.xlsx", b"lock")
    storage.pipe("/deals/empty.xlsx", b"")
    storage.pipe("/deals/notes.txt", b"no workbook")
    yield "memory://deals"
    storage.rm("/deals", recursive=True)


@pytest.fixture(scope="module")
def report(bucket):
    return check_all([bucket])


def test_a_folder_behind_a_url_is_searched(report, bucket):
    assert [str(it.path) for it in report.workbooks] == [
        f"{bucket}/2013/giga tronics.xlsx",
        f"{bucket}/cap-table.xlsx",
        f"{bucket}/empty.xlsx",
    ]


def test_it_says_what_is_said_of_the_file_in_a_folder(report):
    there, here = report.workbooks[:2], check_all([GIGA, CAP_TABLE]).workbooks
    assert [it.findings for it in there] == [it.findings for it in here]
    assert all(it.findings for it in there)


def test_what_is_no_workbook_is_told_as_of_a_file(report):
    assert report.workbooks[2].failure.startswith("empty.xlsx: this file is empty")


def test_each_file_once(bucket):
    twice = check_all([f"{bucket}/cap-table.xlsx", f"{bucket}/cap-table.xlsx"])
    assert len(twice.workbooks) == 1


def test_one_workbook_from_python(bucket):
    report = check_workbook(f"{bucket}/cap-table.xlsx")
    assert str(report.workbooks[0].path) == f"{bucket}/cap-table.xlsx"
    assert report.workbooks[0].findings


def test_nothing_there():
    failure = check_workbook("memory://deals/nowhere.xlsx").workbooks[0].failure
    assert failure.startswith("nowhere.xlsx: there is no such file")


@pytest.mark.parametrize("style", [style for style in FORMATS if style != "xlsx"])
def test_every_report_names_it_by_its_url(report, style, tmp_path):
    wanted = Wanted(Severity.WARNING, datetime(2026, 1, 1), tmp_path)
    content = file_content(style, report, wanted).decode("utf-8-sig")
    assert "memory://deals/cap-table.xlsx" in content.replace("\\/", "/")


def test_a_report_in_excel_has_no_link_to_a_url(report, tmp_path):
    from zipfile import ZipFile

    wanted = Wanted(Severity.WARNING, datetime(2026, 1, 1), tmp_path)
    output = tmp_path / "report.xlsx"
    output.write_bytes(file_content("xlsx", report, wanted))
    with ZipFile(output) as archive:
        texts = archive.read("xl/sharedStrings.xml")
        assert b"memory://deals/cap-table.xlsx" in texts
        links = [
            archive.read(name) for name in archive.namelist() if "sheet" in name and "rels" in name
        ]
    assert not any(b"memory:" in link for link in links)


def test_sarif_has_a_uri(report, tmp_path):
    wanted = Wanted(Severity.WARNING, datetime(2026, 1, 1), tmp_path)
    content = file_content("sarif", report, wanted).decode()
    assert '"memory://deals/2013/giga%20tronics.xlsx"' in content.replace("\\/", "/")


def test_a_baseline_keeps_it_by_its_url(report, tmp_path):
    path = tmp_path / "baseline.json"
    path.write_text(baseline.render(report, tmp_path), encoding="utf-8")
    names = {it["workbook"] for it in json.loads(path.read_text())["findings"]}
    assert "memory://deals/cap-table.xlsx" in names
    left, gone = baseline.apply(report, path)
    assert gone == 0
    assert left.count(Severity.WARNING) == 0


def test_annotated_copies_lie_as_the_urls_do(bucket, tmp_path):
    arguments = ["check", bucket, "--jobs", "0", "-q", "--annotate", str(tmp_path / "copies")]
    assert CliRunner().invoke(main, arguments).exit_code == 2, "one of them is empty"
    again = CliRunner().invoke(main, arguments)  # a copy takes the place of an earlier one
    assert "is there already" not in again.output
    found = sorted(
        it.relative_to(tmp_path / "copies") for it in (tmp_path / "copies").rglob("*.xlsx")
    )
    assert found == [Path("2013/giga tronics.xlsx"), Path("cap-table.xlsx")]


def test_no_copy_leaves_the_folder(tmp_path):
    paths = [place("memory://deals/../../x.xlsx"), place("memory://deals/y.xlsx")]
    for target in copies([WorkbookReport(path) for path in paths], tmp_path):
        assert target.resolve().is_relative_to(tmp_path)
    assert as_folders(place("memory://deals/a/../x.xlsx")).name == "x.xlsx"


def test_a_file_url_in_a_process_within_limits(tmp_path):
    shutil.copy(CAP_TABLE, tmp_path / "cap table.xlsx")
    url = f"file://{tmp_path.as_posix()}/cap table.xlsx"
    (workbook,) = check_all([url], jobs=1, limits=Limits()).workbooks
    assert str(workbook.path) == url
    assert workbook.findings == check_all([CAP_TABLE]).workbooks[0].findings


def test_a_path_of_this_machine_is_none_behind_a_url():
    for text in ("deal.xlsx", "a/b.xlsx", r"C:\deals\a.xlsx", "C:/deals/a.xlsx", "a:b.xlsx"):
        assert not afar(place(text)), text
    assert afar(place("memory://deals/a.xlsx"))


@pytest.mark.parametrize("url", ["nosuch://deals/a.xlsx", "nosuch://deals"])
def test_a_url_that_nothing_reads(url):
    result = CliRunner().invoke(main, ["check", url])
    assert result.exit_code == 2
    assert url in result.output
    assert "Traceback" not in result.output


def test_storage_that_cannot_be_reached(monkeypatch, bucket):
    class Refused(Exception):
        pass

    def refuse(*_, **__):
        raise Refused("connection refused")

    found = place(f"{bucket}/cap-table.xlsx")
    monkeypatch.setattr(type(found.fs), "info", refuse)
    monkeypatch.setattr(type(found.fs), "isdir", refuse)
    with pytest.raises(PlaceMistake, match=r"cannot be reached .*Refused: connection refused"):
        check_all([found])
    failure = check_workbook(str(found)).workbooks[0].failure
    assert "Check the URL, the network and the credentials" in failure
    assert "report it" not in failure


def test_watching_is_for_files_of_this_machine(bucket):
    result = CliRunner().invoke(main, ["check", bucket, "--watch"])
    assert result.exit_code == 2
    assert "--watch follows files of this machine" in result.output
