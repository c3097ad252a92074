"""The JSON report: everything the checks found, for programs and for golden files."""

from __future__ import annotations

import json
from typing import Any, Final

from xl_compliance import __version__
from xl_compliance.batch.results import Report, WorkbookReport
from xl_compliance.batch.text import escaped_json
from xl_compliance.checks.findings import Finding, Severity

SCHEMA: Final = "xl-compliance-report/1"


def render(report: Report) -> str:
    """The report as indented JSON with a final newline."""
    return escaped_json(json.dumps(as_data(report), indent=2, ensure_ascii=False)) + "\n"


def as_data(report: Report) -> dict[str, Any]:
    """The report as plain dictionaries and lists; `report.schema.json` is its schema."""
    return {
        "schema": SCHEMA,
        "version": __version__,
        "summary": {
            "workbooks": len(report.workbooks),
            "failures": report.failures,
            **{severity.value: report.count(severity) for severity in Severity},
            "suppressed": report.suppressed,
            "left_out": report.left_out,
            "left_open": report.left_open,
        },
        "workbooks": [_workbook(workbook) for workbook in report.workbooks],
        "unchecked": [path.as_posix() for path in report.unchecked],
    }


def _workbook(workbook: WorkbookReport) -> dict[str, Any]:
    return {
        "path": workbook.path.as_posix(),
        "failure": workbook.failure or None,
        "about": dict(workbook.about),
        "findings": [_finding(finding) for finding in workbook.findings],
        "suppressed": [
            {"because": each.because, "finding": _finding(each.finding)}
            for each in workbook.suppressed
        ],
        "left_out": workbook.left_out,
        "left_open": workbook.left_open,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "title": finding.title,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "verdict": finding.verdict,
        "message": finding.message,
        "sheet": finding.sheet,
        "cell": finding.cell or None,
        "anchor": finding.anchor or None,
        "inputs": list(finding.inputs),
        "threshold": finding.threshold or None,
        "headroom": finding.headroom or None,
        "source": finding.source,
        "effective": finding.effective or None,
        "verification": finding.verification or None,
        "working": [
            dict(zip(("item", "value", "test", "source"), line, strict=True))
            for line in finding.working
        ],
    }
