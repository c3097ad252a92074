"""Which findings a run reports, and which of them somebody has accepted.

Selecting is for the reader of one run. Accepting is for a team: a suppression in the
configuration names a check, the verdict it accepts and the reason; a baseline is a file of what
was there on a day. Both keep the finding in the report, counted apart, and neither accepts another
verdict than the one named: what was let pass as REVIEW is not let pass as REQUIRED.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path

from xl_compliance.batch.results import Report, Suppressed, WorkbookReport
from xl_compliance.checks.findings import Finding, Severity

Ground = Callable[[Path, Finding], str]
"""On what ground a finding of a workbook is accepted; empty where it is not."""


class SelectionMistake(Exception):
    """A code that no check has; the message suggests the right one."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """One entry of the configuration: what is accepted, where, why and until when.

    `code` is a check's code, its family or a rule; `workbook`, `cell` and `anchor` are patterns
    with `*` and `?`, and an empty one fits everything.
    """

    code: str
    verdict: str
    reason: str
    workbook: str = ""
    cell: str = ""
    anchor: str = ""
    until: date | None = None

    def fits(self, path: Path, finding: Finding) -> bool:
        """Whether it accepts a finding."""
        return (
            _fits_code(self.code, finding)
            and self.verdict.casefold() == finding.verdict.casefold()
            and _fits_path(self.workbook, path)
            and _fits(self.cell, finding.place)
            and _fits(self.anchor, finding.anchor)
        )

    def expired(self, today: date) -> bool:
        """Whether its last day has passed."""
        return self.until is not None and self.until < today

    def __str__(self) -> str:
        where = ", ".join(filter(None, (self.workbook, self.cell, self.anchor)))
        return f"{self.code} {self.verdict}" + (f" in {where}" if where else "")


def _fits(pattern: str, text: str) -> bool:
    return not pattern or fnmatchcase(text.casefold(), pattern.casefold())


def _fits_path(pattern: str, path: Path) -> bool:
    whole = path.as_posix()
    return _fits(pattern, whole) or _fits(f"*/{pattern}", whole) or _fits(pattern, path.name)


def _fits_code(code: str, finding: Finding) -> bool:
    wanted = code.upper()
    return wanted in (finding.code.upper(), _family(finding.code), finding.rule.upper())


def _family(code: str) -> str:
    """The letters that a code starts with.

    >>> _family("NDQ007")
    'NDQ'
    """
    return re.sub(r"[0-9]+$", "", code.upper())


def selected(report: Report, select: Sequence[str], ignore: Sequence[str]) -> Report:
    """The report with what `select` names, or everything, less what `ignore` names."""
    if not select and not ignore:
        return report

    def wanted(finding: Finding) -> bool:
        chosen = not select or any(_fits_code(code, finding) for code in select)
        return chosen and not any(_fits_code(code, finding) for code in ignore)

    return replace(report, workbooks=tuple(_only(each, wanted) for each in report.workbooks))


def _only(workbook: WorkbookReport, wanted: Callable[[Finding], bool]) -> WorkbookReport:
    kept = tuple(finding for finding in workbook.findings if wanted(finding))
    gone = [finding for finding in workbook.findings if not wanted(finding)]
    still_open = sum(it.severity in (Severity.ERROR, Severity.WARNING) for it in gone)
    return replace(
        workbook,
        findings=kept,
        left_out=workbook.left_out + len(gone),
        left_open=workbook.left_open + still_open,
    )


def check_codes(codes: Iterable[str]) -> None:
    """Raise `SelectionMistake` for a code that is no check's, no family's and no rule's."""
    from xl_compliance.checks.registry import all_checks

    checks = all_checks()
    known = {name.upper() for it in checks for name in (it.code, _family(it.code), it.rule)}
    for code in codes:
        if code.upper() not in known:
            close = get_close_matches(code.upper(), sorted(known), n=3, cutoff=0.5)
            hint = f"Did you mean {', '.join(close)}?" if close else "See xl-compliance rules."
            raise SelectionMistake(f'no check or rule is called "{code}". {hint}')


def accepted(report: Report, ground: Ground) -> Report:
    """The report in which findings that have a ground are counted apart."""
    return replace(
        report, workbooks=tuple(_sorted_out(workbook, ground) for workbook in report.workbooks)
    )


def _sorted_out(workbook: WorkbookReport, ground: Ground) -> WorkbookReport:
    grounds = [(finding, ground(workbook.path, finding)) for finding in workbook.findings]
    return replace(
        workbook,
        findings=tuple(finding for finding, because in grounds if not because),
        suppressed=workbook.suppressed
        + tuple(Suppressed(finding, because) for finding, because in grounds if because),
    )


def by_suppressions(
    report: Report, suppressions: Sequence[Suppression], today: date
) -> tuple[Report, list[str]]:
    """The report with the suppressions applied, and what to say of those that did nothing."""
    used: set[Suppression] = set()

    def ground(path: Path, finding: Finding) -> str:
        for each in suppressions:
            if not each.expired(today) and each.fits(path, finding):
                used.add(each)
                return f"accepted: {each.reason}"
        return ""

    found = accepted(report, ground) if suppressions else report
    said = [
        f"the suppression of {each} ended on {each.until}"
        if each.expired(today)
        else f"the suppression of {each} fits no finding of this run"
        for each in suppressions
        if each not in used
    ]
    return found, said
