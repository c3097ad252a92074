"""The console report: for the person at the terminal, gravest first."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator

from xl_compliance.batch.reports.rows import NOT_REACHED, details, headline
from xl_compliance.batch.results import Report, WorkbookReport
from xl_compliance.batch.text import visible
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
    for missed in report.unchecked:
        lines += [paint(visible(str(missed)), None), *_wrapped(NOT_REACHED, width, "  "), ""]
    return "\n".join([*lines, paint(headline(report), None)]) + "\n"


def _workbook(workbook: WorkbookReport, width: int, paint: Paint, working: bool) -> Iterator[str]:
    yield paint(visible(str(workbook.path)), None)
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
    if workbook.suppressed:
        yield ""
        yield f"  {paint('Suppressed', None)} ({len(workbook.suppressed)})"
        for each in workbook.suppressed:
            accepted = f"{each.finding.code}  {each.finding.verdict}  {each.finding.place}"
            yield from _wrapped(f"{accepted}  {each.because}", width, "  ")
    yield ""


def _finding(finding: Finding, width: int, paint: Paint, working: bool) -> Iterator[str]:
    head = visible(f"{finding.code}  {finding.verdict}  {finding.place}")
    yield f"  {paint(head, finding.severity)}  {visible(finding.title)}"
    yield from _wrapped(finding.message, width, _INDENT)
    shown = (text if label == "headroom" else f"{label} {text}" for label, text in details(finding))
    yield from _wrapped(" | ".join(shown), width, _INDENT)
    if working:
        for item, value, test, source in finding.working:
            line = f"{item}: {value}" + (f" [{test}]" if test else "")
            yield from _wrapped(line + (f" - {source}" if source else ""), width, _INDENT * 2)


def _wrapped(text: str, width: int, indent: str) -> Iterator[str]:
    lines = textwrap.wrap(
        visible(text),
        max(width, 40),
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )
    yield from lines
