"""Checking workbooks: one that cannot be read never stops the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from xl_compliance.batch.places import afar, place, reached, unreachable
from xl_compliance.batch.places import whole as whole_path
from xl_compliance.batch.results import (
    CLEAN,
    FAILURE,
    FINDINGS,
    Holding,
    Price,
    Report,
    WorkbookReport,
)
from xl_compliance.checks.findings import Finding
from xl_compliance.checks.registry import run_checks
from xl_compliance.deal import ownership
from xl_compliance.deal.cap_table import CapTables
from xl_compliance.deal.cap_table_mapping import Mapping, MappingMistake, read_cap_tables
from xl_compliance.deal.cap_table_reading import find_cap_tables
from xl_compliance.deal.model import Deal
from xl_compliance.deal.reading import NothingToCheck, has_input_sheets, read_deal
from xl_compliance.rules.exact import exactly, plus
from xl_compliance.workbook.anchors import Anchors
from xl_compliance.workbook.calls import ModelCalls
from xl_compliance.workbook.compiled import is_failure
from xl_compliance.workbook.snapshot import (
    SUFFIXES,
    VALUES_ONLY,
    Snapshot,
    UnreadableWorkbook,
    read,
)
from xl_compliance.workbook.versions import version_of

if TYPE_CHECKING:
    from xl_compliance.batch.workers import Limits

__all__ = [
    "CLEAN",
    "FAILURE",
    "FINDINGS",
    "Report",
    "WorkbookReport",
    "check_all",
    "check_workbook",
    "workbooks_in",
]

logger = logging.getLogger(__name__)

# A workbook that is saved while it is checked is checked once more, and once more.
_TRIES: Final = 3

Check = Callable[[Path], WorkbookReport]
Done = Callable[[WorkbookReport], None]


def workbooks_in(paths: Iterable[Path], without: Iterable[Path] = ()) -> list[Path]:
    """The workbooks that paths name: files as they are, folders searched, each file once.

    `without` names files and folders that a search leaves out: a run's own reports and copies.
    """
    left_out = {whole_path(path) for path in without}
    found: dict[Path, Path] = {}
    for path in paths:
        with reached(path):
            inside = list(_in_folder(path)) if path.is_dir() else None
        if inside is None:
            found.setdefault(whole_path(path), path)
            continue
        for workbook in inside:
            whole = whole_path(workbook)
            if not left_out.intersection((whole, *whole.parents)):
                found.setdefault(whole, workbook)
    return list(found.values())


def _in_folder(folder: Path) -> Iterator[Path]:
    """The workbooks in a folder and below it, and whatever in it cannot be looked into."""
    yield from sorted(_below(folder, set()))


def _below(folder: Path, seen: set[Path]) -> Iterator[Path]:
    whole = whole_path(folder)
    if whole in seen:  # by a link to a folder above
        return
    seen.add(whole)
    try:
        inside = list(folder.iterdir())
    except OSError:
        yield folder
        return
    for path in inside:
        try:
            is_folder, wanted = path.is_dir(), _is_workbook(path)
        except OSError:
            is_folder, wanted = False, True
        if is_folder:
            yield from _below(path, seen)
        elif wanted:
            yield path


def _is_workbook(path: Path) -> bool:
    if path.suffix.lower() not in (*SUFFIXES, *VALUES_ONLY):
        return False
    if path.name.startswith(("~$", ".~lock.")):
        return False
    # A link to a file that is gone is named in the report; a socket or pipe is no workbook.
    return path.is_file() or not path.exists()


def check_workbook(path: Path, mapping: Mapping | None = None) -> WorkbookReport:
    """Everything the checks find in one workbook; the file is only read.

    `mapping` says where the cap tables are, for those that are not found by themselves.
    """
    if afar(path) and (problem := unreachable(path)):
        return WorkbookReport(path, failure=problem)
    for _ in range(_TRIES):
        version = version_of(path)
        report = _failures_told(path, lambda: _report(read(path), mapping))
        if version == version_of(path):
            return replace(report, version=version)
    said = f"{path.name}: this file changed while it was being checked, {_TRIES} times in a row"
    expected = "Expected a workbook that nobody is saving"
    return WorkbookReport(path, failure=f"{said}. {expected}. Check it again once it is saved.")


def _report(snapshot: Snapshot, mapping: Mapping | None) -> WorkbookReport:
    deal, findings = _findings(snapshot, mapping)
    found = anchored(snapshot, findings)
    if deal is None:
        return WorkbookReport(snapshot.path, found)
    return WorkbookReport(
        snapshot.path,
        found,
        about=_about(deal),
        holdings=exactly(_holdings)(deal),
        prices=_prices(deal),
    )


def _failures_told(path: Path, check: Callable[[], WorkbookReport]) -> WorkbookReport:
    """What a check reports; whatever goes wrong is said of that workbook."""
    try:
        return check()
    except NothingToCheck as problem:
        return WorkbookReport(path, failure=str(problem), nothing_to_check=True)
    except (UnreadableWorkbook, MappingMistake) as problem:
        return WorkbookReport(path, failure=str(problem))
    except MemoryError:
        said = f"{path.name}: checking it takes more memory than this run allows"
        return WorkbookReport(path, failure=f"{said}. Raise --max-memory, or check it elsewhere.")
    except BaseException as problem:
        if not is_failure(problem):
            raise
        # Whatever goes wrong with one workbook is said of it, and the others are still checked.
        logger.debug("%s", path, exc_info=True)
        detail = " ".join(f"{type(problem).__name__}: {problem}".split())
        said = f"{path.name}: the checks stopped at an error of this program ({detail})"
        return WorkbookReport(path, failure=f"{said}. Nothing is known about it. Please report it.")


def check_snapshot(snapshot: Snapshot) -> WorkbookReport:
    """Everything the checks find in a workbook that is open in Excel.

    Number formats, which only a file gives, are not asked for.
    """
    return _failures_told(
        snapshot.path,
        lambda: WorkbookReport(
            snapshot.path, tuple(_findings_with(snapshot, find_cap_tables(snapshot))[1])
        ),
    )


def _findings(snapshot: Snapshot, mapping: Mapping | None) -> tuple[Deal | None, list[Finding]]:
    return _findings_with(snapshot, read_cap_tables(snapshot, mapping))


def _findings_with(snapshot: Snapshot, found: CapTables) -> tuple[Deal | None, list[Finding]]:
    """The deal, and what is found in it, in the calls of our functions and in these cap tables."""
    model = ModelCalls(snapshot)
    others = model.cells or found.tables or found.not_understood
    deal = read_deal(snapshot) if has_input_sheets(snapshot) or not others else None
    tables = replace(found, classes=deal.classes if deal else ())
    return deal, run_checks(deal, model, tables, snapshot)


def anchored(snapshot: Snapshot, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings with their anchors, which a baseline keeps them by."""
    anchors = Anchors(snapshot)
    return tuple(
        found if found.anchor else replace(found, anchor=anchors.of(found.sheet, found.cell))
        for found in findings
    )


def _about(deal: Deal) -> tuple[tuple[str, str], ...]:
    facts = deal.facts
    shown = (
        ("issuer", facts.issuer.value),
        ("exchange", facts.exchange.value),
        ("transaction", facts.transaction.value),
        ("signed", facts.signed_at.value),
    )
    return tuple((label, str(value)) for label, value in shown if value is not None)


def _holdings(deal: Deal) -> tuple[Holding, ...]:
    """What each holder has, class by class: shares of two classes are never one number."""
    found: dict[str, Holding] = {}
    for position in deal.holders:
        name = position.name.value or position.group.value
        if name is None:
            continue
        of = ownership.class_of(deal, position) if len(deal.classes) > 1 else None
        name = f"{name}, {of}" if of else name
        before = found.get(name, Holding(name, 0, 0))
        held = plus(before.held, position.held.value or 0)
        found[name] = Holding(name, held, plus(before.rights, position.rights.value or 0))
    return tuple(found.values())


def _prices(deal: Deal) -> tuple[Price, ...]:
    """The closes of a deal's exchange by day; of a day that is entered twice, the later row."""
    sessions = deal.prices or deal.session_closes
    found = {
        session.day.value: session.close.value
        for session in sessions
        if session.day.value is not None and session.close.value is not None
    }
    return tuple(Price(day, found[day]) for day in sorted(found))


def check_all(
    paths: Iterable[Path | str],
    *,
    executor: Callable[[], Executor] | None = None,
    jobs: int = 0,
    limits: Limits | None = None,
    check: Check = check_workbook,
    done: Done | None = None,
    without: Iterable[Path] = (),
) -> Report:
    """Everything the checks find in the workbooks that paths name: files, or folders of them.

    They are checked one after the other in this process; with `jobs` in that many processes of
    their own, each workbook within `limits`; with `executor`, a function that gives any
    `concurrent.futures.Executor`, through that. Where `limits` are given with an executor, each
    workbook is in a process of its own within them wherever the executor has it checked; without
    them the executor's own are the only ones. A path may be a URL, where the extra `remote` is
    installed. The report is the same, in the same order,
    whichever way it came about. Each workbook is in it once: one whose process ended, ran out of
    time or of memory is in it as not checked. After Ctrl-C the report holds what was done and
    names what was not reached.

    `done` is called with each workbook's report as it comes in. A script that asks for processes
    needs `if __name__ == "__main__":` around the call, as with `multiprocessing`.

    >>> from concurrent.futures import ThreadPoolExecutor
    >>> check_all([Path("nowhere.xlsx")], executor=ThreadPoolExecutor).failures
    1
    """
    from xl_compliance.batch import workers

    named = workbooks_in((place(path) for path in paths), without)
    tell = done or _nothing
    if executor is not None:
        if limits is not None:
            from xl_compliance.batch.executors import Within

            check = Within(check, limits, Path.cwd())
        found = workers.check_through(executor, named, check, tell)
    elif jobs:
        found = workers.check_in_processes(named, check, jobs, limits or workers.Limits(), tell)
    else:
        found = workers.check_here(named, check, tell)
    return Report(
        tuple(report for report in found if report),
        tuple(path for path, report in zip(named, found, strict=True) if report is None),
    )


def _nothing(_report: WorkbookReport) -> None:
    """For callers who do not follow a run."""
