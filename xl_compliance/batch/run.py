"""Checking workbooks: one that cannot be read never stops the others."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from xl_compliance.checks.findings import Finding, Severity
from xl_compliance.checks.registry import run_checks
from xl_compliance.deal.cap_table_mapping import Mapping, MappingMistake, read_cap_tables
from xl_compliance.deal.reading import has_input_sheets, read_deal
from xl_compliance.workbook.calls import ModelCalls
from xl_compliance.workbook.snapshot import SUFFIXES, Snapshot, UnreadableWorkbook, read

logger = logging.getLogger(__name__)

CLEAN, FINDINGS, FAILURE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class WorkbookReport:
    """What was found in one workbook, or why it could not be checked."""

    path: Path
    findings: tuple[Finding, ...] = ()
    failure: str = ""

    def count(self, severity: Severity) -> int:
        """How many findings of a severity there are."""
        return sum(finding.severity is severity for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in all workbooks of a run."""

    workbooks: tuple[WorkbookReport, ...]

    def count(self, severity: Severity) -> int:
        """How many findings of a severity there are in all."""
        return sum(workbook.count(severity) for workbook in self.workbooks)

    @property
    def failures(self) -> int:
        """How many workbooks could not be checked."""
        return sum(bool(workbook.failure) for workbook in self.workbooks)

    def exit_code(self, fail_on: Severity = Severity.WARNING) -> int:
        """0 clean, 1 findings at least as grave as `fail_on`, 2 a workbook could not be checked."""
        if self.failures or not self.workbooks:
            return FAILURE
        grave = [Severity.ERROR]
        if fail_on is Severity.WARNING:
            grave.append(Severity.WARNING)
        return FINDINGS if any(self.count(severity) for severity in grave) else CLEAN


def workbooks_in(paths: Iterable[Path]) -> list[Path]:
    """The workbooks that paths name: files as they are, folders searched, each file once."""
    found: dict[Path, Path] = {}
    for path in paths:
        for workbook in _in_folder(path) if path.is_dir() else [path]:
            found.setdefault(workbook.resolve(), workbook)
    return list(found.values())


def _in_folder(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES and not path.name.startswith("~$") and path.is_file():
            yield path


def check_workbook(path: Path, mapping: Mapping | None = None) -> WorkbookReport:
    """Everything the checks find in one workbook; the file is only read.

    `mapping` says where the cap tables are, for those that are not found by themselves.
    """
    try:
        return WorkbookReport(path, tuple(_findings(read(path), mapping)))
    except (UnreadableWorkbook, MappingMistake) as problem:
        return WorkbookReport(path, failure=str(problem))
    except Exception as problem:
        # Whatever goes wrong with one workbook is said of it, and the others are still checked.
        logger.debug("%s", path, exc_info=True)
        detail = " ".join(f"{type(problem).__name__}: {problem}".split())
        said = f"{path.name}: the checks stopped at an error of this program ({detail})"
        return WorkbookReport(path, failure=f"{said}. Nothing is known about it. Please report it.")


def _findings(snapshot: Snapshot, mapping: Mapping | None) -> list[Finding]:
    """What is found in the deal, in the calls of our functions, and in the cap tables."""
    model = ModelCalls(snapshot)
    found = read_cap_tables(snapshot, mapping)
    others = model.cells or found.tables or found.not_understood
    deal = read_deal(snapshot) if has_input_sheets(snapshot) or not others else None
    return run_checks(deal, model, replace(found, classes=deal.classes if deal else ()))


def check_all(paths: Iterable[Path], mapping: Mapping | None = None) -> Report:
    """Everything the checks find in the workbooks that paths name."""
    return Report(tuple(check_workbook(path, mapping) for path in workbooks_in(paths)))
