"""Every format tells the same: counts, severities, order; and what goes out is text."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from collections import Counter
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import openpyxl
import pytest
from sarif_pydantic import Sarif

import xl_compliance
from xl_compliance.batch.reports import (
    FORMATS,
    Wanted,
    console,
    file_content,
    html,
    junit,
    sarif,
    xlsx,
)
from xl_compliance.batch.reports import csv as csv_report
from xl_compliance.batch.reports import json as json_report
from xl_compliance.batch.reports.rows import COLUMNS, gauges, rows
from xl_compliance.batch.results import Report, WorkbookReport
from xl_compliance.batch.run import check_all
from xl_compliance.batch.selection import selected
from xl_compliance.batch.text import visible
from xl_compliance.checks.findings import Severity

WORKBOOKS = Path(__file__).parents[2] / "workbooks"
SCHEMA = Path(xl_compliance.__file__).parent / "batch" / "reports" / "report.schema.json"
STEERING = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


@pytest.fixture(scope="module")
def shipped() -> Report:
    return check_all([WORKBOOKS])


class Page(HTMLParser):
    """What a browser would make of a page: elements with their attributes, and rows of findings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    @property
    def rows(self) -> list[tuple[str, str]]:
        found = (attrs for tag, attrs in self.elements if tag == "tr" and "data-code" in attrs)
        return [(attrs["data-code"], attrs["data-severity"]) for attrs in found]


def told_by_json(report: Report):
    data = json.loads(json_report.render(report))
    return [(f["code"], f["severity"]) for w in data["workbooks"] for f in w["findings"]]


def told_by_sarif(report: Report):
    results = json.loads(sarif.render(report))["runs"][0]["results"]
    kept = [result for result in results if not result.get("suppressions")]
    return [(it["ruleId"], it["level"].replace("none", "ok")) for it in kept]


def told_by_junit(report: Report):
    root = ElementTree.fromstring(junit.render(report))
    told = []
    for case in root.iter("testcase"):
        inside = case.find("failure")
        if inside is None:
            inside = case.find("skipped")
        if case.find("error") is not None or (
            inside is not None and inside.get("type") == "suppressed"
        ):
            continue
        kind = (
            inside.get("type") if inside is not None else case.findtext("system-out").split(":")[0]
        )
        told.append((case.get("name").split(" ")[0], kind))
    return told


def told_by_csv(report: Report):
    read = csv.DictReader(io.StringIO(csv_report.render(report), newline=""))
    return [(row["code"], row["severity"]) for row in read if row["severity"] != "failure"]


def told_by_html(report: Report):
    return Page(html.render(report)).rows


def told_by_xlsx(report: Report):
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx.render(report)))["Findings"]
    told = [(row[3], row[1]) for row in sheet.iter_rows(min_row=2, values_only=True)]
    return [pair for pair in told if pair[1] != "failure"]


def told_by_console(report: Report):
    words = {
        "Approvals, breaches and unreadable cells": "error",
        "To review or to fill in": "warning",
        "Notes": "note",
        "In order": "ok",
    }
    told, severity = [], ""
    for line in console.render(report, width=10_000).splitlines():
        heading = re.fullmatch(r"  (.+) \(\d+\)", line)
        if heading:
            severity = words.get(heading[1], "")
        elif severity and re.match(r"  [A-Z]{3}\d{3}  ", line):
            told.append((line.split()[0], severity))
    return told


TOLD = {
    "console": told_by_console,
    "json": told_by_json,
    "sarif": told_by_sarif,
    "junit": told_by_junit,
    "csv": told_by_csv,
    "html": told_by_html,
    "xlsx": told_by_xlsx,
}


def test_every_format_is_compared():
    assert set(TOLD) == set(FORMATS)


@pytest.mark.parametrize("style", FORMATS)
def test_findings_severities_and_order_agree(style, report, shipped):
    for each in (report, shipped):
        expected = [(f.code, f.severity.value) for w in each.workbooks for f in w.findings]
        assert TOLD[style](each) == expected


@pytest.mark.parametrize("style", FORMATS)
def test_what_was_not_checked_and_what_was_accepted_is_said(style, report):
    content = file_content(style, report, Wanted(Severity.WARNING, datetime(2026, 1, 2), Path()))
    if style == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(content))
        text = "\n".join(str(c.value) for sheet in book for row in sheet for c in row)
    else:
        text = content.decode("utf-8")
    assert "late.xlsx" in text
    assert "it is empty" in text
    if style in ("console", "json", "sarif", "junit", "html"):
        assert "memo of 3 May" in text


def test_frame_has_a_row_for_all_of_it(report):
    frame = report.to_frame()
    assert list(frame.columns) == list(COLUMNS)
    assert len(frame) == sum(len(w.findings) for w in report.workbooks) + 2
    assert list(frame["severity"]).count("failure") == 2


def test_deals_side_by_side(shipped):
    frame = shipped.side_by_side()
    assert list(frame["workbook"]) == [w.path.as_posix() for w in shipped.workbooks]
    offering = frame.set_index("workbook").filter(like="tsx-offering", axis=0).iloc[0]
    assert offering["TSX001 Route of the offering"] == "607 INSIDER EXCESS", "the gravest stands"
    assert offering["NDQ001 Minimum Price"] == ""


def test_an_empty_run_is_not_clean():
    for style in FORMATS:
        content = file_content(
            style, Report(()), Wanted(Severity.WARNING, datetime(2026, 1, 2), Path())
        )
        assert content
    assert "No workbook was found" in console.render(Report(()))
    assert "Not everything could be checked" in html.render(Report(()))


# ---------------------------------------------------------------- schemas


def test_json_follows_its_schema(report, shipped):
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    for each in (report, shipped, Report(())):
        jsonschema.validate(json.loads(json_report.render(each)), schema)


def test_json_schema_notices_a_severity_that_is_none(report):
    data = json.loads(json_report.render(report))
    data["workbooks"][0]["findings"][0]["severity"] = "grave"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_sarif_is_sarif(report, shipped):
    """Nothing is lost or refused by the standard's model: every property is one of its own."""
    for each in (report, shipped, Report(())):
        data = json.loads(sarif.render(each))
        read = Sarif.model_validate(data)
        again = json.loads(read.model_dump_json(by_alias=True, exclude_unset=True))
        assert again == data


def test_sarif_run_with_an_unread_workbook_did_not_succeed(report, shipped):
    assert not json.loads(sarif.render(report))["runs"][0]["invocations"][0]["executionSuccessful"]
    assert json.loads(sarif.render(shipped))["runs"][0]["invocations"][0]["executionSuccessful"]


def test_sarif_names_files_as_uris(report):
    data = json.loads(sarif.render(report))["runs"][0]
    place = data["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "models/deal%201.xlsx"
    failed = data["invocations"][0]["toolExecutionNotifications"][0]["locations"][0]
    assert failed["physicalLocation"]["artifactLocation"]["uri"] == "models/new%0Aline%1B.xlsx"


def test_junit_fails_where_the_run_fails(report):
    strict = ElementTree.fromstring(junit.render(report))
    lax = ElementTree.fromstring(junit.render(report, Severity.ERROR))
    assert (strict.get("failures"), strict.get("errors"), strict.get("skipped")) == ("4", "2", "1")
    assert (lax.get("failures"), lax.get("errors"), lax.get("skipped")) == ("2", "2", "3")


# ---------------------------------------------------------------- what goes out is text


@pytest.mark.parametrize("style", [style for style in FORMATS if style != "xlsx"])
def test_nothing_in_a_report_steers_a_terminal(style, report):
    content = file_content(style, report, Wanted(Severity.WARNING, datetime(2026, 1, 2), Path()))
    assert not STEERING.search(content.decode("utf-8"))


def test_json_keeps_the_text_as_it_is(report):
    data = json.loads(json_report.render(report))
    messages = [f["message"] for f in data["workbooks"][0]["findings"]]
    said = [f.message.replace("\ud800", "\\ud800") for f in report.workbooks[0].findings]
    assert messages == said, "only what no JSON can hold is written out"
    assert data["workbooks"][1]["path"] == "models/new\nline\x1b.xlsx"


def test_csv_holds_no_formula(report):
    for row in csv.reader(io.StringIO(csv_report.render(report), newline="")):
        for field in row:
            assert not field.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))


def test_xlsx_holds_texts_that_stay_texts(report):
    book = openpyxl.load_workbook(io.BytesIO(xlsx.render(report)))
    formulas = [c for s in book for row in s for c in row if c.data_type == "f"]
    assert {cell.parent.title for cell in formulas} == {"Summary"}
    held = [c for row in book["Findings"].iter_rows(min_row=2) for c in row if c.value]
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in held)
    written = [row[8] for row in book["Findings"].iter_rows(min_row=2, values_only=True)]
    assert "=cmd|' /C calc'!A0" in written
    assert book["Ownership"]["A2"].value == "=1+1"
    assert book["Ownership"]["A2"].data_type == "s"


def test_html_makes_elements_of_nothing_from_a_workbook(report):
    page = Page(html.render(report))
    names = Counter(name for name, _ in page.elements)
    assert names["img"] == 0
    assert names["script"] == 1
    assert "49" not in html.render(report).split("{{")[0], "a template in a text is not evaluated"
    assert "{{ 7*7 }}" in html.render(report)
    assert not [
        a for _, attrs in page.elements for a in attrs if a.startswith("on") or a == "style"
    ]


def test_html_loads_nothing_and_lets_nothing_else_run(report):
    page = Page(html.render(report))
    policy = next(a["content"] for _, a in page.elements if "http-equiv" in a)
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    outside = [a for _, attrs in page.elements for a in ("src", "srcset", "data") if a in attrs]
    assert outside == []
    assert all(a["href"].startswith("#") for _, a in page.elements if "href" in a)


def chromium() -> str:
    return shutil.which("chromium") or shutil.which("google-chrome") or ""


@pytest.mark.skipif(
    not chromium() and not __import__("os").environ.get("CI"), reason="chromium is not installed"
)
def test_html_filters_work_in_a_browser_under_the_policy(report, tmp_path):
    target = tmp_path / "report.html"
    target.write_text(html.render(report), encoding="utf-8")
    finished = subprocess.run(
        [
            chromium(),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--virtual-time-budget=2000",
            "--dump-dom",
            target.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    count = sum(len(w.findings) for w in report.workbooks)
    assert f">Showing {count} of {count}</output>" in finished.stdout
    assert '<form id="filters" class="filters">' in finished.stdout


def test_html_is_the_same_twice(report):
    assert html.render(report) == html.render(report)


def test_html_labels_what_a_reader_cannot_see(report):
    page = Page(html.render(report))
    charts = [attrs for name, attrs in page.elements if name == "svg"]
    assert charts
    assert all(attrs["role"] == "img" and attrs["aria-label"] for attrs in charts)
    assert ("html", {"lang": "en"}) in page.elements
    assert all("scope" in attrs for name, attrs in page.elements if name == "th")


# ---------------------------------------------------------------- the workbook report


def test_xlsx_links_to_file_and_cell(report, tmp_path):
    content = xlsx.render(report, folder=tmp_path)
    sheet = openpyxl.load_workbook(io.BytesIO(content))["Findings"]
    link = sheet["H2"].hyperlink
    assert sheet["H2"].value == "C10"
    assert link.location == "'Deal'!C10"
    assert link.target.endswith("models\\deal%201.xlsx")
    assert all(
        not cell.hyperlink
        for row in openpyxl.load_workbook(io.BytesIO(xlsx.render(report)))["Findings"]
        for cell in row
    ), "no folder, no links"


def test_xlsx_links_to_a_file_whose_name_holds_a_hash_and_a_percent_sign(finding, tmp_path):
    report = Report((WorkbookReport(tmp_path / "no #1 at 5%20 [b].xlsx", (finding,)),))
    content = xlsx.render(report, folder=tmp_path)
    link = openpyxl.load_workbook(io.BytesIO(content))["Findings"]["H2"].hyperlink
    assert link.target == "no%20%231%20at%205%2520%20%5bb%5d.xlsx"
    assert link.location == f"'{finding.sheet}'!{finding.cell}"


@pytest.mark.parametrize("at_once", [0, xlsx.MOST_AT_ONCE])
def test_xlsx_shows_a_name_that_is_markup_to_xlsxwriter(finding, monkeypatch, at_once):
    """A holder named <r>A</r> once left an empty cell, and any other markup a damaged file."""
    from dataclasses import replace

    monkeypatch.setattr(xlsx, "MOST_AT_ONCE", at_once)
    name = "<r><t>A</t><broken</r>"
    report = Report((WorkbookReport(Path("a.xlsx"), (replace(finding, message=name),)),))
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx.render(report)))["Findings"]
    assert sheet["I2"].value.rstrip() == name


def test_xlsx_of_a_very_long_report_has_the_same_cells(report, monkeypatch, tmp_path):
    def shown(cell):
        look = cell.font.b, cell.fill.fgColor.rgb, cell.alignment.wrap_text, cell.number_format
        target = cell.hyperlink and (cell.hyperlink.target, cell.hyperlink.location)
        # openpyxl leaves an escaped underscore as it is in texts that stand in their cells.
        value = cell.value.replace("_x005F", "") if isinstance(cell.value, str) else cell.value
        return cell.coordinate, value, *look, cell.quotePrefix, target

    def cells():
        book = openpyxl.load_workbook(io.BytesIO(xlsx.render(report, folder=tmp_path)))
        return {sheet.title: [shown(cell) for row in sheet for cell in row] for sheet in book}

    at_once = cells()
    monkeypatch.setattr(xlsx, "MOST_AT_ONCE", 0)
    assert cells() == at_once


def test_xlsx_counts_are_live_and_carry_their_values(report):
    content = io.BytesIO(xlsx.render(report))
    formulas = openpyxl.load_workbook(content)["Summary"]
    values = openpyxl.load_workbook(content, data_only=True)["Summary"]
    assert formulas["B7"].value.startswith("=COUNTIF(Findings!")
    shown = {values[f"A{row}"].value: values[f"B{row}"].value for row in range(5, 17)}
    assert shown["Master check"] == 2
    assert shown["could not be checked"] == 2
    for severity, words in (("error", "to act on"), ("warning", "to review or fill in")):
        assert shown[words] == report.count(Severity(severity))
    assert shown["All rows of the sheet Findings"] == len(list(rows(report)))
    assert (shown["Suppressed"], shown["Not selected"]) == (1, 2)
    assert shown["of them to act on or review"] == 0


@pytest.mark.parametrize(
    ("verdicts", "shown"), [(("OK",), 0), (("OK", "REVIEW"), 1), (("REVIEW", "BREACH"), 2)]
)
def test_xlsx_master_check(finding, verdicts, shown):
    from dataclasses import replace

    findings = tuple(replace(finding, verdict=verdict) for verdict in verdicts)
    content = io.BytesIO(xlsx.render(Report((WorkbookReport(Path("a.xlsx"), findings),))))
    assert openpyxl.load_workbook(content, data_only=True)["Summary"]["B5"].value == shown


def test_what_was_not_selected_is_not_in_order(finding):
    """--select IDS on a deal that needs a vote: no report may look clean."""
    from dataclasses import replace

    found = (replace(finding, verdict="REQUIRED"), replace(finding, verdict="OK", code="IDS001"))
    report = selected(Report((WorkbookReport(Path("a.xlsx"), found),)), ["IDS"], [])
    assert "1 not selected, 1 of them to act on or review" in console.render(report)
    assert "Nothing to act on among what was selected, but among the rest" in html.render(report)
    book = openpyxl.load_workbook(io.BytesIO(xlsx.render(report)), data_only=True)
    assert book["Summary"]["B5"].value == 1
    assert json.loads(json_report.render(report))["summary"]["left_open"] == 1
    (said,) = sarif.as_data(report)["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert said["level"] == "warning"
    harmless = selected(report, ["IDS"], [])
    assert harmless.left_open == 1, "selecting again forgets nothing"


def test_xlsx_master_check_is_what_its_formula_gives(finding, tmp_path):
    """The stored result of the master check and the counts it adds up are of one mind."""
    from dataclasses import replace

    for verdicts, select in ((("OK",), []), (("REQUIRED", "OK"), ["IDS"]), (("REVIEW",), [])):
        found = tuple(
            replace(finding, verdict=v, code="IDS001" if v == "OK" else "NDQ007") for v in verdicts
        )
        report = selected(Report((WorkbookReport(Path("a.xlsx"), found),)), select, [])
        content = io.BytesIO(xlsx.render(report))
        formula = openpyxl.load_workbook(content)["Summary"]["B5"].value
        shown = openpyxl.load_workbook(content, data_only=True)["Summary"]
        grave, mild = re.findall(r"B[0-9]+\+B[0-9]+", formula)
        counted = [sum(shown[cell].value for cell in part.split("+")) for part in (grave, mild)]
        assert shown["B5"].value == (2 if counted[0] else 1 if counted[1] else 0)


def test_xlsx_has_its_charts(shipped):
    book = openpyxl.load_workbook(io.BytesIO(xlsx.render(shipped)))
    assert book.sheetnames == ["Summary", "Findings", "Headroom", "Ownership", "Deals"]
    assert [len(book[name]._charts) for name in ("Summary", "Headroom", "Ownership")] == [1, 1, 1]


# ---------------------------------------------------------------- figures


@pytest.mark.parametrize(
    ("value", "test", "part"),
    [
        ("20.206%", ">= 20%", 1.0103),
        ("49", ">= 50 purchasers", 0.98),
        ("0.8645", "< 0.893", 0.968),
        ("1.015454...", "not > 2", 0.508),
        ("20%", ">= 0.2", None),  # not of one kind
        ("2013-06-27", "> 6 months", None),
        ("FALSE", "discount not > 50%", None),
        ("5", "> 0", None),  # no bar against nothing
    ],
)
def test_a_figure_is_drawn_where_it_was_compared_with_a_number(finding, value, test, part):
    from dataclasses import replace

    found = gauges(replace(finding, working=(("Item", value, test, ""),)))
    assert [round(gauge.part, 3) for gauge in found] == ([] if part is None else [round(part, 3)])


def test_visible_leaves_names_of_people_alone():
    for name in ("Müller & Söhne", "李明", "O'Neil", "נתן", "a\u00a0b", "क्\u200dष", "👩\u200d💼"):
        assert visible(name) == name


def test_html_draws_ownership_and_closes_as_entered(shipped):
    (one,) = (it for it in shipped.workbooks if it.path.name == "cap-table.xlsx")
    page = html.render(Report((one,)))
    bars = [attrs for tag, attrs in Page(page).elements if attrs.get("class") in ("held", "rights")]
    assert len(bars) == 2 * len(one.holdings) > 0
    assert max(float(it["x"]) + float(it["width"]) for it in bars) == pytest.approx(360)
    dots = [attrs for tag, attrs in Page(page).elements if attrs.get("class") == "dot"]
    assert len(dots) == len(one.prices) == 5
    places = [(float(it["cx"]), -float(it["cy"])) for it in dots]
    assert places == sorted(places, key=lambda it: it[0])
    closes = [float(it.close) for it in one.prices]
    assert places.index(max(places, key=lambda it: it[1])) == closes.index(max(closes))
    assert f"lowest {min(closes)}, highest {max(closes)}" in page
