"""Annotated copies of the workbooks of a run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from xl_compliance import __version__
from xl_compliance.batch.places import as_folders
from xl_compliance.batch.reports.rows import details, headline
from xl_compliance.batch.results import Report, WorkbookReport
from xl_compliance.batch.text import visible
from xl_compliance.checks.findings import Finding, Severity
from xl_compliance.workbook.annotate import Annotated, Entry, annotate
from xl_compliance.workbook.snapshot import UnreadableWorkbook

HEADER: Final = (
    "Severity",
    "Verdict",
    "Check",
    "Rule",
    "Finding",
    "Test",
    "Headroom",
    "Source",
)


def annotate_all(report: Report, folder: Path) -> Iterator[tuple[Path, Annotated | str]]:
    """Write a copy of every workbook that was checked; gives each copy and how it went.

    Copies lie in `folder` as the workbooks lie below the folder that they have in common.
    """
    checked = [workbook for workbook in report.workbooks if not workbook.failure]
    for workbook, target in zip(checked, copies(checked, folder), strict=True):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            yield target, annotated_copy(workbook, target)
        except (UnreadableWorkbook, ValueError) as problem:
            yield target, str(problem)
        except OSError as problem:
            said = f"{target}: the annotated copy cannot be written ({problem.strerror or problem})"
            yield target, f"{said}. Name another folder"


def copies(workbooks: list[WorkbookReport], folder: Path) -> list[Path]:
    """Where the copies go: two workbooks of one name in different folders stay apart."""
    whole = [as_folders(workbook.path) for workbook in workbooks]
    if not whole:
        return []
    try:
        shared = Path(os.path.commonpath([path.parent for path in whole]))
    except ValueError:  # on two drives
        return [folder / f"{number}" / path.name for number, path in enumerate(whole, 1)]
    return [folder / path.relative_to(shared) for path in whole]


def annotated_copy(workbook: WorkbookReport, target: Path) -> Annotated:
    """Write the annotated copy of one workbook.

    Raises what `xl_compliance.workbook.annotate.annotate` raises.
    """
    heading = [
        "Compliance",
        f"xl-compliance {__version__} on {visible(workbook.path.name)}",
        headline(Report((workbook,))),
    ]
    entries = [_entry(finding) for finding in workbook.findings]
    return annotate(workbook.path, target, heading, HEADER, entries, workbook.version)


def _entry(finding: Finding) -> Entry:
    fields = (
        finding.severity.value,
        finding.verdict,
        finding.code,
        finding.rule,
        f"{finding.title}: {finding.message}",
        finding.threshold,
        finding.headroom,
        finding.source,
    )
    shown = tuple(visible(field) for field in fields)
    in_order = finding.severity is Severity.OK
    note = "" if in_order else _note(finding)
    return Entry(finding.severity.value, shown, finding.sheet, finding.cell, note)


def _note(finding: Finding) -> str:
    lines = [f"{finding.verdict} ({finding.code}, {finding.title})", finding.message]
    lines += [f"{label}: {text}" for label, text in details(finding)]
    return "\n".join(visible(line) for line in lines)
