"""What a run found: plain data that every report is made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from xl_compliance.checks.findings import Finding, Severity
from xl_compliance.rules.exact import Exact
from xl_compliance.workbook.versions import Version

if TYPE_CHECKING:
    import pandas

CLEAN, FINDINGS, FAILURE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding that somebody has accepted, and on what ground."""

    finding: Finding
    because: str


@dataclass(frozen=True, slots=True)
class Holding:
    """What a holder has, as entered: shares held, and shares that rights can acquire."""

    holder: str
    held: Exact
    rights: Exact


@dataclass(frozen=True, slots=True)
class Price:
    """The close of a session, as entered."""

    day: date
    close: Exact


@dataclass(frozen=True, slots=True)
class WorkbookReport:
    """What was found in one workbook, or why it could not be checked.

    `about` says in words which deal it is, for reports that set deals side by side; `holdings` and
    `prices` are what reports draw. `suppressed` holds what a baseline or a suppression accepts,
    `left_out` counts what was not selected, and `left_open` how much of that is to act on or to
    review. `version` tells which file it was, should it be saved again. `nothing_to_check` is true
    where it could not be checked because it holds nothing of ours, which somebody may know.
    """

    path: Path
    findings: tuple[Finding, ...] = ()
    failure: str = ""
    about: tuple[tuple[str, str], ...] = ()
    holdings: tuple[Holding, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    left_out: int = 0
    left_open: int = 0
    prices: tuple[Price, ...] = ()
    version: Version | None = field(default=None, compare=False, repr=False)
    nothing_to_check: bool = False

    def count(self, severity: Severity) -> int:
        """How many findings of a severity there are."""
        return sum(finding.severity is severity for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in all workbooks of a run, in the order in which they were named.

    `unchecked` holds the workbooks that an interrupted run did not reach. Stable: fields are
    added, never renamed or taken away.
    """

    workbooks: tuple[WorkbookReport, ...]
    unchecked: tuple[Path, ...] = ()

    def count(self, severity: Severity) -> int:
        """How many findings of a severity there are in all."""
        return sum(workbook.count(severity) for workbook in self.workbooks)

    @property
    def failures(self) -> int:
        """How many workbooks could not be checked."""
        return sum(bool(workbook.failure) for workbook in self.workbooks)

    @property
    def suppressed(self) -> int:
        """How many findings a baseline or a suppression accepts."""
        return sum(len(workbook.suppressed) for workbook in self.workbooks)

    @property
    def left_out(self) -> int:
        """How many findings were not selected."""
        return sum(workbook.left_out for workbook in self.workbooks)

    @property
    def left_open(self) -> int:
        """How many findings to act on or to review were not selected."""
        return sum(workbook.left_open for workbook in self.workbooks)

    def exit_code(self, fail_on: Severity = Severity.WARNING) -> int:
        """0 clean, 1 findings at least as grave as `fail_on`, 2 a workbook was not checked."""
        if self.failures or self.unchecked or not self.workbooks:
            return FAILURE
        grave = [Severity.ERROR]
        if fail_on is Severity.WARNING:
            grave.append(Severity.WARNING)
        return FINDINGS if any(self.count(severity) for severity in grave) else CLEAN

    def to_frame(self) -> pandas.DataFrame:
        """One row a finding, in the order of the reports, with the columns of the CSV report.

        A workbook that could not be checked, or was not reached, is a row whose severity is
        `failure`, so that a table never looks cleaner than its run was.

        >>> Report((WorkbookReport(Path("deal.xlsx")),)).to_frame().columns[:4].tolist()
        ['workbook', 'severity', 'verdict', 'code']
        """
        import pandas as pd

        from xl_compliance.batch.reports.rows import COLUMNS, rows

        return pd.DataFrame(list(rows(self)), columns=list(COLUMNS))

    def side_by_side(self) -> pandas.DataFrame:
        """One row a workbook: the deal in words, counts, and the gravest verdict of each check."""
        import pandas as pd

        columns, rows = self.deals()
        return pd.DataFrame(rows, columns=columns)

    def deals(self) -> tuple[list[str], list[list[str | int]]]:
        """The columns of `side_by_side`, and its rows."""
        # A first workbook without a deal must not push the deals' words to the right.
        labels = dict.fromkeys(label for it in self.workbooks for label, _ in it.about)
        overviews = [_overview(workbook, labels) for workbook in self.workbooks]
        verdicts = [_gravest(workbook) for workbook in self.workbooks]
        columns = list(dict.fromkeys(chain.from_iterable(overviews)))
        columns += sorted(set(chain.from_iterable(verdicts)))
        both = [one | other for one, other in zip(overviews, verdicts, strict=True)]
        # A blank where a workbook has nothing to say; a count of 0 is no blank.
        return columns, [
            ["" if (said := deal.get(name)) is None else said for name in columns] for deal in both
        ]


def _overview(workbook: WorkbookReport, labels: Iterable[str]) -> dict[str, str | int]:
    found = Counter(finding.severity for finding in workbook.findings)
    counts = {severity.value: found[severity] for severity in Severity}
    return {
        "workbook": workbook.path.as_posix(),
        **dict.fromkeys(labels, ""),
        **dict(workbook.about),
        **counts,
        "suppressed": len(workbook.suppressed),
        "failure": workbook.failure,
    }


def _gravest(workbook: WorkbookReport) -> dict[str, str | int]:
    found: dict[str, str | int] = {}
    for finding in workbook.findings:  # gravest first
        found.setdefault(f"{finding.code} {finding.title}", finding.verdict)
    return found
