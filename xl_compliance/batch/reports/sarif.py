"""The SARIF 2.1.0 report, for code scanning services.

A finding that is in order is a result of the kind `pass`. A suppressed one carries its ground. A
workbook that was not checked is a notification of the run, which then did not succeed. Cells
are logical locations: a workbook has no lines.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from xl_compliance import __version__
from xl_compliance.batch.places import afar
from xl_compliance.batch.reports.rows import NOT_REACHED, details
from xl_compliance.batch.results import Report, Suppressed, WorkbookReport
from xl_compliance.batch.text import escaped_json
from xl_compliance.checks.findings import Finding, Severity

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_IN_A_URL: Final = ":/?#[]@!$&'()*+,;=%~"
_LEVELS: Final = {Severity.OK: "none"}


def render(report: Report) -> str:
    """The report as indented JSON with a final newline."""
    return escaped_json(json.dumps(as_data(report), indent=1, ensure_ascii=False)) + "\n"


def as_data(report: Report) -> dict[str, Any]:
    """The report as plain dictionaries and lists."""
    findings = [finding for workbook in report.workbooks for finding in _all(workbook)]
    rules: dict[str, Finding] = {}
    for finding in findings:
        rules.setdefault(finding.code, finding)
    places = {code: place for place, code in enumerate(sorted(rules))}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "xl-compliance",
                        "version": __version__,
                        "rules": [_rule(rules[code]) for code in places],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [_invocation(report)],
                "results": [
                    result for workbook in report.workbooks for result in _results(workbook, places)
                ],
            }
        ],
    }


def _all(workbook: WorkbookReport) -> list[Finding]:
    return [*workbook.findings, *(each.finding for each in workbook.suppressed)]


def _rule(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.code,
        "name": finding.rule,
        "shortDescription": {"text": finding.title},
        "help": {"text": finding.source or finding.title},
    }


def _invocation(report: Report) -> dict[str, Any]:
    failed = [(it.path, it.failure) for it in report.workbooks if it.failure]
    missed = [(path, NOT_REACHED) for path in report.unchecked]
    return {
        "executionSuccessful": not failed and not missed,
        "toolExecutionNotifications": [
            {
                "level": "error",
                "message": {"text": message},
                "locations": [{"physicalLocation": _physical(path)}],
            }
            for path, message in failed + missed
        ]
        + [
            {
                "level": "warning",
                "message": {"text": f"{it.left_open} findings to act on or review not selected"},
                "locations": [{"physicalLocation": _physical(it.path)}],
            }
            for it in report.workbooks
            if it.left_open
        ],
    }


def _results(workbook: WorkbookReport, places: dict[str, int]) -> list[dict[str, Any]]:
    results = [_result(workbook.path, finding, places) for finding in workbook.findings]
    return results + [_accepted(workbook.path, each, places) for each in workbook.suppressed]


def _accepted(path: Path, suppressed: Suppressed, places: dict[str, int]) -> dict[str, Any]:
    return {
        **_result(path, suppressed.finding, places),
        "suppressions": [{"kind": "external", "justification": suppressed.because}],
    }


def _result(path: Path, finding: Finding, places: dict[str, int]) -> dict[str, Any]:
    severity = finding.severity
    said = f"{finding.verdict}: {finding.message}"
    below = "; ".join(f"{label} {text}" for label, text in details(finding))
    return {
        "ruleId": finding.code,
        "ruleIndex": places[finding.code],
        "kind": "pass" if severity is Severity.OK else "fail",
        "level": _LEVELS.get(severity, severity.value),
        "message": {"text": f"{said} ({below})" if below else said},
        "locations": [
            {
                "physicalLocation": _physical(path),
                "logicalLocations": [{"fullyQualifiedName": finding.place, "kind": "cell"}],
            }
        ],
        "partialFingerprints": {"anchor/v1": _fingerprint(finding)},
        "properties": {"verdict": finding.verdict, "severity": severity.value},
    }


def _physical(path: Path) -> dict[str, Any]:
    if afar(path):
        return {"artifactLocation": {"uri": quote(str(path), safe=_IN_A_URL)}}
    if path.is_absolute():
        return {"artifactLocation": {"uri": path.as_uri()}}
    return {"artifactLocation": {"uri": quote(os.fsencode(path.as_posix()))}}


def _fingerprint(finding: Finding) -> str:
    meaning = "\x1f".join((finding.code, finding.verdict, finding.anchor or finding.sheet))
    return hashlib.sha256(meaning.encode("utf-8", "surrogatepass")).hexdigest()[:32]
