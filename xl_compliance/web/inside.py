"""What runs inside the page: the worker calls these functions, in Python, in the browser.

Everything that a user sees of a workbook is made here by the code of batch mode. Files lie in a
folder that only this page has, under the names they came with.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Final
from zipfile import BadZipFile, ZipFile

from xl_compliance import __version__
from xl_compliance.batch.annotations import annotated_copy
from xl_compliance.batch.reports import Wanted, file_content
from xl_compliance.batch.reports.rows import FAILURE, summary
from xl_compliance.batch.results import Report, WorkbookReport
from xl_compliance.batch.run import check_workbook
from xl_compliance.checks.findings import Severity
from xl_compliance.checks.registry import all_checks
from xl_compliance.web import calculator
from xl_compliance.workbook.snapshot import UnreadableWorkbook

LARGEST_FILE: Final = 30 * 2**20
"""Bytes of a workbook that the page takes."""

LARGEST_CONTENT: Final = 400 * 2**20
"""Bytes that a workbook may unpack to; the browser gives a page no more than a few times this."""

NOT_RECOMPUTED: Final = "MDL006"
_ELSEWHERE: Final = "Check it with the command on a computer with Python: xl-compliance check"
_COPIES: Final = Path("/copies")
"""Where copies are made: no workbook lies there, whatever its name."""

_WORKBOOKS: Final = {
    FAILURE: "could not be checked",
    Severity.ERROR.value: "with something to act on",
    Severity.WARNING.value: "with something to review or fill in, nothing to act on",
    Severity.OK.value: "in order",
}

_reports: dict[str, WorkbookReport] = {}


def start(folder: str) -> str:
    """What the page needs to begin with, as JSON."""
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)
    return json.dumps({"version": __version__, "largest": LARGEST_FILE})


def warm_up() -> None:
    """Import what the first check and the first report would have to wait for."""
    for module in ("jinja2", "openpyxl.formula.tokenizer"):
        import_module(module)
    all_checks()


def check(name: str) -> str:
    """Check a workbook that lies in the folder; what the page's list says of it, as JSON."""
    path = Path(name)
    unpacked = _unpacked(path)
    if unpacked > LARGEST_CONTENT:
        return _kept(_failed(path, f"it unpacks to {_size(unpacked)}", LARGEST_CONTENT))
    return _kept(check_workbook(path))


def refuse(name: str, size: int) -> str:
    """Say of a workbook that it is too large for the page; its bytes were not read."""
    return _kept(_failed(Path(name), f"it has {_size(size)}", LARGEST_FILE))


def give_up(name: str, why: str) -> str:
    """Say of a workbook that its check did not come to an end."""
    said = f"{name}: {why}. Nothing is known about it. {_ELSEWHERE} {name}"
    return _kept(WorkbookReport(Path(name), failure=said))


def forget(name: str) -> None:
    """Take a workbook out of the report and off the folder."""
    _reports.pop(name, None)
    Path(name).unlink(missing_ok=True)


def page() -> str:
    """The report on everything that was checked, as batch mode's page."""
    return download("html").decode("utf-8")


def said() -> str:
    """How many workbooks hold what, and how many findings they hold: the page's line of state."""
    report = Report(tuple(_reports.values()))
    gravest = Counter(_gravest(workbook) for workbook in report.workbooks)
    workbooks = [f"{gravest[it]} {words}" for it, words in _WORKBOOKS.items() if gravest[it]]
    count = len(report.workbooks)
    counted = f"{count} workbook{'s' if count > 1 else ''}: {', '.join(workbooks)}."
    findings = sum(len(workbook.findings) for workbook in report.workbooks)
    whole = replace(report, workbooks=tuple(replace(it, failure="") for it in report.workbooks))
    found = f"{findings} findings: {', '.join(summary(whole))}."
    return f"{counted} {found}" if findings else counted


def _gravest(workbook: WorkbookReport) -> str:
    if workbook.failure:
        return FAILURE
    grave = (it for it in (Severity.ERROR, Severity.WARNING) if workbook.count(it))
    return next(grave, Severity.OK).value


def download(style: str) -> bytes:
    """A report as the bytes of its file."""
    wanted = Wanted(Severity.WARNING, datetime.now(), Path())
    return file_content(style, Report(tuple(_reports.values())), wanted)


def annotated(name: str) -> tuple[bytes, str]:
    """The annotated copy of a workbook and what to know of it; no bytes where there is none."""
    workbook = _reports[name]
    _COPIES.mkdir(exist_ok=True)
    target = _COPIES / workbook.path.name
    try:
        made = annotated_copy(workbook, target)
    except (UnreadableWorkbook, ValueError, OSError) as problem:
        return b"", str(problem)
    content = target.read_bytes()
    target.unlink()
    return content, " ".join(made.warnings)


def answer(name: str, fields: str, spelling: str) -> str:
    """What the calculator shows for what was typed, as JSON."""
    return json.dumps(calculator.answered(name, json.loads(fields), spelling))


def _kept(workbook: WorkbookReport) -> str:
    name = workbook.path.name
    _reports.pop(name, None)
    _reports[name] = workbook
    return json.dumps(
        {
            "name": name,
            "failure": workbook.failure,
            "counts": {severity.value: workbook.count(severity) for severity in Severity},
            "summary": ", ".join(summary(Report((replace(workbook, failure=""),)))),
            "not_recomputed": sum(it.code == NOT_RECOMPUTED for it in workbook.findings),
        }
    )


def _failed(path: Path, what: str, largest: int) -> WorkbookReport:
    said = f"{path.name}: {what}, and this page takes workbooks of up to {_size(largest)}"
    return WorkbookReport(path, failure=f"{said}. {_ELSEWHERE} {path.name}")


def _size(count: int) -> str:
    return f"{count / 2**20:,.0f} MB"


def _unpacked(path: Path) -> int:
    """What a zip file says that it unpacks to; 0 for any other."""
    try:
        with ZipFile(path) as archive:
            return sum(it.file_size for it in archive.infolist())
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        return 0
