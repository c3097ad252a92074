"""The console report: for the person at the terminal, gravest first."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator

from xl_compliance.batch.run import Report, WorkbookReport
from xl_compliance.checks.findings import Finding, Severity

Paint = Callable[[str, Severity | None], str]

_HEADINGS = {
    Severity.ERROR: "Approvals, breaches and unreadable cells",
    Severity.WARNING: "To review or to fill in",
    Severity.NOTE: "Notes",
    Severity.OK: "In order",
}
_INDENT = " " * 4


def plain_text(text: str, _severity: Severity | None) -> str:
    """Text as it is, for pipes and files."""
    return text


def render(
    report: Report, width: int = 100, paint: Paint = plain_text, working: bool = False
) -> str:
    """The report as text; `paint` colours it on a terminal, `working` adds every step."""
    lines = [
        line for workbook in report.workbooks for line in _workbook(workbook, width, paint, working)
    ]
    return "\n".join([*lines, *_summary(report, paint)]) + "\n"


def _workbook(workbook: WorkbookReport, width: int, paint: Paint, working: bool) -> Iterator[str]:
    yield paint(str(workbook.path), None)
    if workbook.failure:
        yield from _wrapped(f"cannot be checked: {workbook.failure}", width, "  ")
        yield ""
        return
    for severity, heading in _HEADINGS.items():
        found = [finding for finding in workbook.findings if finding.severity is severity]
        if not found:
            continue
        yield ""
        yield f"  {paint(heading, severity)} ({len(found)})"
        for finding in found:
            yield from _finding(finding, width, paint, working)
    yield ""


def _finding(finding: Finding, width: int, paint: Paint, working: bool) -> Iterator[str]:
    head = f"{finding.code}  {finding.verdict}  {finding.place}"
    yield f"  {paint(head, finding.severity)}  {finding.title}"
    yield from _wrapped(finding.message, width, _INDENT)
    details = [
        f"test {finding.threshold}" if finding.threshold else "",
        finding.headroom,
        f"source {finding.source}",
    ]
    yield from _wrapped(" | ".join(filter(None, details)), width, _INDENT)
    if working:
        for item, value, test, source in finding.working:
            line = f"{item}: {value}" + (f" [{test}]" if test else "")
            yield from _wrapped(line + (f" - {source}" if source else ""), width, _INDENT * 2)


def _wrapped(text: str, width: int, indent: str) -> Iterator[str]:
    lines = textwrap.wrap(
        printable(text),
        max(width, 40),
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )
    yield from lines


def printable(text: str) -> str:
    """A workbook's text without the control characters that would steer a terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)


def _summary(report: Report, paint: Paint) -> Iterator[str]:
    if not report.workbooks:
        yield "No workbook was found (.xlsx or .xlsm)."
        return
    counts = [
        _count(report.count(Severity.ERROR), "to act on", "to act on"),
        _count(report.count(Severity.WARNING), "to review or fill in", "to review or fill in"),
        _count(report.count(Severity.NOTE), "note", "notes"),
        f"{report.count(Severity.OK)} in order",
    ]
    if report.failures:
        counts.insert(0, f"{report.failures} could not be checked")
    checked = _count(len(report.workbooks), "workbook", "workbooks")
    yield paint(f"{checked}: {', '.join(counts)}", None)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
