"""A report as flat rows, and the figures that a chart can show."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

from xl_compliance.batch.results import Report
from xl_compliance.checks.findings import Finding, Severity
from xl_compliance.checks.registry import CHECKS, all_checks

COLUMNS: Final = (
    "workbook",
    "severity",
    "verdict",
    "code",
    "rule",
    "title",
    "sheet",
    "cell",
    "message",
    "inputs",
    "threshold",
    "headroom",
    "source",
    "effective",
    "verification",
)
FAILURE: Final = "failure"
NOT_REACHED: Final = "the run was interrupted before this workbook was checked"

WORDS: Final = {
    Severity.ERROR: "to act on",
    Severity.WARNING: "to review or fill in",
    Severity.NOTE: "notes",
    Severity.OK: "in order",
}

_NUMBER = r"-?[0-9][0-9,]*(?:\.[0-9]+)?"
_VALUE = re.compile(rf"({_NUMBER})(?:\.\.\.)?(%?)")
_TEST = re.compile(rf"((?:not )?[<>]=?) ({_NUMBER})(%?)(?: [a-z]+)?")
_LEFT_TO_DO = (Severity.ERROR, Severity.WARNING)
_SAYS_IT = re.compile(r"\b(?:fill|enter|recalculate|save it|name it) ", re.IGNORECASE)

Row = tuple[str, ...]


class Gauge(NamedTuple):
    """A figure of the working beside the line it was compared with; `part` is figure by line."""

    item: str
    value: str
    test: str
    part: float


def rows(report: Report) -> Iterator[Row]:
    """One row for every finding and every workbook that was not checked."""
    for workbook in report.workbooks:
        path = workbook.path.as_posix()
        if workbook.failure:
            yield _failure(path, workbook.failure)
        for finding in workbook.findings:
            yield _row(path, finding)
    for missed in report.unchecked:
        yield _failure(missed.as_posix(), NOT_REACHED)


def _failure(path: str, message: str) -> Row:
    given = {"workbook": path, "severity": FAILURE, "message": message}
    return tuple(given.get(column, "") for column in COLUMNS)


def _row(path: str, finding: Finding) -> Row:
    return (
        path,
        finding.severity.value,
        finding.verdict,
        finding.code,
        finding.rule,
        finding.title,
        finding.sheet,
        finding.cell,
        finding.message,
        ", ".join(finding.inputs),
        finding.threshold,
        finding.headroom,
        finding.source,
        finding.effective,
        finding.verification,
    )


def details(finding: Finding) -> list[tuple[str, str]]:
    """What stands below the message: label and text, only what there is."""
    pairs = [
        ("test", finding.threshold),
        ("headroom", finding.headroom),
        ("in force", finding.effective),
        ("source", finding.source),
    ]
    return [(label, text) for label, text in pairs if text]


def to_do(finding: Finding) -> list[str]:
    """What its check says there is to do, where something is and the message does not say it."""
    if finding.severity not in _LEFT_TO_DO or _SAYS_IT.search(finding.message):
        return []
    all_checks()  # CHECKS holds those that were imported
    check = CHECKS.get(finding.code)
    return [check.to_do] if check and check.to_do else []


def gauges(finding: Finding) -> list[Gauge]:
    """The figures of a finding's working that were compared with a number, as they stand there.

    Nothing is decided here: the bar shows figure and line, the verdict is the rule's.

    >>> working = (("Issuance as a percentage of shares", "30.211%", ">= 20%", ""),)
    >>> found = gauges(Finding("NDQ007", "", "", "REQUIRED", "", "Deal", "C10", working=working))
    >>> round(found[0].part, 5)
    1.51055
    """
    found = (_gauge(item, value, test) for item, value, test, _ in finding.working)
    return [gauge for gauge in found if gauge]


def _gauge(item: str, value: str, test: str) -> Gauge | None:
    figure, line = _VALUE.fullmatch(value), _TEST.fullmatch(test)
    if not figure or not line or figure[2] != line[3]:
        return None
    whole = _as_float(line[2])
    return Gauge(item, value, test, _as_float(figure[1]) / whole) if whole > 0 else None


def _as_float(text: str) -> float:
    return float(text.replace(",", ""))


def summary(report: Report) -> list[str]:
    """The counts of a run in words, gravest first."""
    found = Counter(it.severity for workbook in report.workbooks for it in workbook.findings)
    counts = [
        f"{found[Severity.ERROR]} to act on",
        f"{found[Severity.WARNING]} to review or fill in",
        _count(found[Severity.NOTE], "note", "notes"),
        f"{found[Severity.OK]} in order",
    ]
    if report.failures:
        counts.insert(0, f"{report.failures} could not be checked")
    if report.unchecked:
        counts.insert(0, f"{len(report.unchecked)} not reached: the run was interrupted")
    if report.suppressed:
        counts.append(f"{report.suppressed} suppressed")
    if report.left_out:
        still_open = f", {report.left_open} of them to act on or review" if report.left_open else ""
        counts.append(f"{report.left_out} not selected{still_open}")
    return counts


def headline(report: Report) -> str:
    """One line that says how a run ended."""
    if not report.workbooks and not report.unchecked:
        return "No workbook was found (.xlsx, .xlsm, .xls, .xlsb or .ods)."
    checked = _count(len(report.workbooks), "workbook", "workbooks")
    return f"{checked}: {', '.join(summary(report))}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
