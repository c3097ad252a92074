"""The JUnit report, for build servers: a suite a workbook, a case a finding.

A case fails where the run would: at `fail_on` and above. A warning below it is a skipped case, so
that it is seen. A workbook that was not checked is an error. Suppressed findings are skipped
cases, with their ground.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xl_compliance.batch.reports.rows import NOT_REACHED, details
from xl_compliance.batch.results import Report, WorkbookReport
from xl_compliance.batch.text import visible
from xl_compliance.checks.findings import Finding, Severity


def render(report: Report, fail_on: Severity = Severity.WARNING) -> str:
    """The report as XML."""
    from junitparser import JUnitXml

    xml: Any = JUnitXml("xl-compliance")
    for workbook in report.workbooks:
        xml.add_testsuite(_suite(workbook, fail_on))
    for missed in report.unchecked:
        xml.add_testsuite(_suite(WorkbookReport(missed, failure=NOT_REACHED), fail_on))
    xml.update_statistics()
    text: str = xml.tostring().decode("utf-8")
    if text.startswith("<?xml"):  # junitparser writes one where lxml is installed
        text = text.partition("?>")[2].lstrip()
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _suite(workbook: WorkbookReport, fail_on: Severity) -> Any:
    from junitparser import Error, Skipped, TestCase, TestSuite

    name = visible(workbook.path.as_posix())
    suite = TestSuite(name)
    cases = []
    if workbook.failure:
        case = TestCase("the workbook can be checked", name)
        case.result = [Error(visible(workbook.failure), "failure")]
        cases.append(case)
    cases += [_case(workbook.path, finding, fail_on) for finding in workbook.findings]
    for each in workbook.suppressed:
        case = _named_case(workbook.path, each.finding)
        case.result = [Skipped(visible(each.because), "suppressed")]
        cases.append(case)
    suite.add_testcases(cases)
    return suite


def _named_case(path: Path, finding: Finding) -> Any:
    from junitparser import TestCase

    name = f"{finding.code} {finding.title} {finding.place}"
    return TestCase(visible(name), visible(path.as_posix()))


def _case(path: Path, finding: Finding, fail_on: Severity) -> Any:
    from junitparser import Failure, Skipped

    case = _named_case(path, finding)
    severity = finding.severity
    message = visible(f"{finding.verdict}: {finding.message}")
    if severity is Severity.ERROR or severity is fail_on:
        result = Failure(message, severity.value)
        result.text = "\n".join(visible(f"{label}: {text}") for label, text in details(finding))
        case.result = [result]
    elif severity is Severity.WARNING:
        case.result = [Skipped(message, severity.value)]
    else:
        case.system_out = f"{severity.value}: {message}"
    return case
