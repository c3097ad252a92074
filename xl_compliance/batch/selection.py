"""Which findings a run reports, and which of them somebody has accepted.

Selecting is for the reader of one run. Accepting is for a team: a suppression in the
configuration names a check, the verdict it accepts and the reason; a baseline is a file of what
was there on a day. Both keep the finding in the report, counted apart, and neither accepts another
verdict than the one named: what was let pass as REVIEW is not let pass as REQUIRED.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final

from xl_compliance.batch.places import afar
from xl_compliance.batch.results import Report, Suppressed, WorkbookReport
from xl_compliance.checks.findings import Finding, Severity
from xl_compliance.rules.outcome import NEEDS_INPUT

_WILD: Final = re.compile(r"[*?\[]")
_LISTED: Final = 5

Ground = Callable[[Path, Finding], str]
"""On what ground a finding of a workbook is accepted; empty where it is not."""


class SelectionMistake(Exception):
    """A code that no check has; the message suggests the right one."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """One entry of the configuration: what is accepted, where, why and until when.

    `code` is a check's code, its family or a rule; `workbook`, `cell` and `anchor` are patterns
    with `*` and `?`, and an empty one fits everything. `workbook` is a name, or the end of a path
    such as `models/deal.xlsx`, in which `*` stands for part of a name and never for a folder.
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
    if not pattern:
        return True
    whole = str(path) if afar(path) else Path(os.path.abspath(path)).as_posix()
    wanted = pattern.replace("\\", "/").casefold()
    return PurePosixPath(whole.casefold()).match(wanted)


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
    """The report with the suppressions applied, and what to say of them.

    That is of those that did nothing, and of those that name one workbook and fitted several.
    """
    fitted: dict[Suppression, dict[Path, None]] = {each: {} for each in suppressions}

    def ground(among: Sequence[Suppression], path: Path, finding: Finding) -> str:
        for each in among:
            if not each.expired(today) and each.fits(path, finding):
                fitted[each][path] = None
                return f"accepted: {each.reason}"
        return ""

    if not suppressions:
        return report, []
    known = [_known_to_hold_nothing(each, suppressions, ground) for each in report.workbooks]
    found = accepted(replace(report, workbooks=tuple(known)), partial(ground, suppressions))
    said = (_said(each, list(paths), today) for each, paths in fitted.items())
    return found, list(filter(None, said))


def _known_to_hold_nothing(
    workbook: WorkbookReport,
    suppressions: Sequence[Suppression],
    ground: Callable[[Sequence[Suppression], Path, Finding], str],
) -> WorkbookReport:
    """A workbook with nothing of ours, of which a suppression says so that names both."""
    if not workbook.nothing_to_check:
        return workbook
    from xl_compliance.checks.inputs import nothing

    finding = Finding(
        nothing.code, nothing.title, nothing.rule, NEEDS_INPUT, workbook.failure, "", ""
    )
    meant = [it for it in suppressions if it.workbook and it.code.upper() == nothing.code]
    because = ground(meant, workbook.path, finding)
    if not because:
        return workbook
    return replace(workbook, failure="", suppressed=(Suppressed(finding, because),))


def _said(suppression: Suppression, paths: list[Path], today: date) -> str:
    if not paths:
        if suppression.expired(today):
            return f"the suppression of {suppression} ended on {suppression.until}"
        return f"the suppression of {suppression} fits no finding of this run"
    if len(paths) == 1 or not suppression.workbook or _WILD.search(suppression.workbook):
        return ""
    shown = ", ".join(path.as_posix() for path in paths[:_LISTED])
    more = f" and {len(paths) - _LISTED} more" if len(paths) > _LISTED else ""
    return (
        f"the suppression of {suppression} fits {len(paths)} workbooks: {shown}{more}. Write more "
        "of the path of the one that is meant"
    )
