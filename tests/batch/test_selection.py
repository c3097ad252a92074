"""Selecting, suppressing, baselines: what is left out is counted, and nothing graver slips by."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from xl_compliance.batch import baseline
from xl_compliance.batch.results import Report, WorkbookReport
from xl_compliance.batch.selection import (
    SelectionMistake,
    Suppression,
    by_suppressions,
    check_codes,
    selected,
)

TODAY = date(2026, 5, 3)


@pytest.fixture
def run(finding, tmp_path):
    """A run over one workbook with these verdicts, one finding each."""

    def build(*verdicts: str, name: str = "models/deal.xlsx", **changes) -> Report:
        findings = tuple(replace(finding, verdict=v, **changes) for v in verdicts)
        return Report((WorkbookReport(tmp_path / name, findings),))

    return build


def verdicts(report: Report) -> list[str]:
    return [it.verdict for workbook in report.workbooks for it in workbook.findings]


# ---------------------------------------------------------------- select and ignore


@pytest.mark.parametrize("code", ["NDQ007", "ndq", "NASDAQ-5635D"])
def test_selecting_by_code_family_or_rule(run, code):
    assert len(verdicts(selected(run("REQUIRED"), [code], []))) == 1
    ignored = selected(run("REQUIRED"), [], [code])
    assert verdicts(ignored) == []
    assert ignored.left_out == 1


def test_ignoring_goes_before_selecting(run):
    assert verdicts(selected(run("REQUIRED"), ["NDQ"], ["NDQ007"])) == []


def test_part_of_a_code_selects_nothing(run):
    assert verdicts(selected(run("REQUIRED"), ["NDQ00"], [])) == []


def test_a_code_that_is_none_is_a_mistake_with_a_suggestion():
    check_codes(["NDQ007", "TSX", "nasdaq-5635d"])
    with pytest.raises(SelectionMistake, match="Did you mean NDQ017, NDQ007"):
        check_codes(["NDQ0O7"])


# ---------------------------------------------------------------- suppressions


def suppression(**changes) -> Suppression:
    return replace(Suppression("NDQ007", "REVIEW", "memo of 3 May"), **changes)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"code": "NDQ"},
        {"code": "NASDAQ-5635D"},
        {"verdict": "review"},
        {"workbook": "models/*.xlsx"},
        {"workbook": "deal.xlsx"},
        {"cell": "Deal!C*"},
        {"anchor": "*Signed at"},
        {"until": TODAY},
    ],
)
def test_a_suppression_fits(run, changes):
    report, said = by_suppressions(run("REVIEW"), [suppression(**changes)], TODAY)
    assert verdicts(report) == []
    assert report.workbooks[0].suppressed[0].because == "accepted: memo of 3 May"
    assert said == []
    assert report.exit_code() == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "NDQ006"},
        {"workbook": "models/other.xlsx"},
        {"cell": "Deal!D*"},
        {"anchor": "*Closing date"},
        {"until": date(2026, 5, 2)},
    ],
)
def test_a_suppression_does_not_fit_and_says_so(run, changes):
    report, said = by_suppressions(run("REVIEW"), [suppression(**changes)], TODAY)
    assert verdicts(report) == ["REVIEW"]
    assert len(said) == 1


@pytest.mark.parametrize(
    ("pattern", "fits", "fits_not"),
    [
        (
            "deal.xlsx",
            ["deal.xlsx", "a/deal.xlsx", "a/b/DEAL.xlsx"],
            ["a/ideal.xlsx", "a/deal.xlsm"],
        ),
        ("a/deal.xlsx", ["a/deal.xlsx", "b/a/deal.xlsx"], ["deal.xlsx", "a/b/deal.xlsx"]),
        ("A\\deal.xlsx", ["a/deal.xlsx"], ["aa/deal.xlsx"]),
        ("a/*.xlsx", ["a/deal.xlsx"], ["a/b/deal.xlsx", "b/deal.xlsx"]),
        ("*/deal.xlsx", ["a/deal.xlsx", "a/b/deal.xlsx"], ["a/b/other.xlsx"]),
        ("d?al.xlsx", ["a/deal.xlsx"], ["a/dal.xlsx"]),
    ],
)
def test_a_suppression_fits_the_end_of_a_path_and_no_more(run, pattern, fits, fits_not):
    accepts = [suppression(workbook=pattern)]
    for name in fits:
        assert verdicts(by_suppressions(run("REVIEW", name=name), accepts, TODAY)[0]) == [], name
    for name in fits_not:
        left = verdicts(by_suppressions(run("REVIEW", name=name), accepts, TODAY)[0])
        assert left == ["REVIEW"], name


def test_a_suppression_fits_alike_wherever_the_command_is_run(finding, tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    monkeypatch.chdir(tmp_path / "models")
    review = replace(finding, verdict="REVIEW")
    here = Report((WorkbookReport(Path("deal.xlsx"), (review,)),))
    report, _ = by_suppressions(here, [suppression(workbook="models/deal.xlsx")], TODAY)
    assert verdicts(report) == []


def test_one_name_in_several_folders_is_said(run):
    several = Report(
        tuple(
            it
            for name in ("a/deal.xlsx", "b/deal.xlsx")
            for it in run("REVIEW", name=name).workbooks
        )
    )
    report, said = by_suppressions(several, [suppression(workbook="deal.xlsx")], TODAY)
    assert verdicts(report) == []
    (line,) = said
    assert line.startswith("the suppression of NDQ007 REVIEW in deal.xlsx fits 2 workbooks: ")
    assert "/a/deal.xlsx, " in line
    assert line.endswith("Write more of the path of the one that is meant")
    for meant in ("a/deal.xlsx", "*/deal.xlsx", "d*.xlsx"):
        assert by_suppressions(several, [suppression(workbook=meant)], TODAY)[1] == []
    assert by_suppressions(several, [suppression()], TODAY)[1] == []


def test_what_is_accepted_as_review_is_not_accepted_as_required(run):
    report, _ = by_suppressions(run("REVIEW", "REQUIRED"), [suppression()], TODAY)
    assert verdicts(report) == ["REQUIRED"]
    assert report.exit_code() == 1


# ---------------------------------------------------------------- baselines


@pytest.fixture
def kept(tmp_path):
    def write(report: Report) -> Path:
        path = tmp_path / "baseline.json"
        path.write_text(baseline.render(report, tmp_path), encoding="utf-8")
        return path

    return write


def test_what_was_there_is_counted_apart(run, kept):
    report, gone = baseline.apply(run("REQUIRED"), kept(run("REQUIRED")))
    assert (verdicts(report), report.suppressed, gone) == ([], 1, 0)


def test_another_row_of_the_same_meaning_is_the_same(run, kept):
    report, _ = baseline.apply(run("REVIEW", cell="C99"), kept(run("REVIEW")))
    assert verdicts(report) == []


@pytest.mark.parametrize("changes", [{"anchor": "Deal[Value] / Closing date"}, {"code": "NDQ006"}])
def test_another_meaning_or_check_is_new(run, kept, changes):
    report, gone = baseline.apply(run("REVIEW", **changes), kept(run("REVIEW")))
    assert (verdicts(report), gone) == (["REVIEW"], 1)


def test_a_graver_verdict_is_new(run, kept):
    report, _ = baseline.apply(run("REQUIRED"), kept(run("REVIEW")))
    assert verdicts(report) == ["REQUIRED"]


def test_another_workbook_is_new(run, kept):
    report, gone = baseline.apply(run("REVIEW", name="other.xlsx"), kept(run("REVIEW")))
    assert (verdicts(report), gone) == (["REVIEW"], 0)


def test_a_third_of_the_same_is_new(run, kept):
    report, _ = baseline.apply(run(*["REVIEW"] * 3), kept(run(*["REVIEW"] * 2)))
    assert verdicts(report) == ["REVIEW"]


def test_what_is_in_order_is_not_kept(run, kept):
    assert json.loads(kept(run("OK")).read_text())["findings"] == []


def test_a_baseline_names_workbooks_from_its_own_folder(run, kept):
    entry = json.loads(kept(run("REVIEW")).read_text())["findings"][0]
    assert entry == {
        "workbook": "models/deal.xlsx",
        "code": "NDQ007",
        "verdict": "REVIEW",
        "anchor": "Deal[Value] / Signed at",
        "count": 1,
    }


def test_writing_a_baseline_keeps_what_an_older_one_holds(run, kept):
    held, _ = baseline.apply(run("REVIEW"), kept(run("REVIEW")))
    assert json.loads(kept(held).read_text())["findings"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema": "xl-compliance-baseline/1", "findings": [{"code": 1}]}']
)
def test_what_is_no_baseline_is_said(tmp_path, text):
    path = tmp_path / "baseline.json"
    path.write_text(text)
    with pytest.raises(baseline.BaselineMistake, match=r"baseline\.json"):
        baseline.read(path)
