"""Reports of a run, one module a format.

Each module has a pure `render`: a report and what the format needs go in, text or bytes come out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from xl_compliance.functions.uncollected import uncollected

if TYPE_CHECKING:
    from xl_compliance.batch.results import Report
    from xl_compliance.checks.findings import Severity

SUFFIXES: Final = {
    "console": ".txt",
    "json": ".json",
    "sarif": ".sarif",
    "junit": ".xml",
    "html": ".html",
    "xlsx": ".xlsx",
    "csv": ".csv",
}
FORMATS: Final = tuple(SUFFIXES)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a report is made for: where it will lie, when it was made, what counts as failing."""

    fail_on: Severity
    made: datetime
    folder: Path
    working: bool = False


def file_content(style: str, report: Report, wanted: Wanted) -> bytes:
    """A report in one of `FORMATS`, as the bytes of its file."""
    module: Any = import_module(f"xl_compliance.batch.reports.{style}")
    special: dict[str, Callable[[], str | bytes]] = {
        "console": lambda: module.render(report, working=wanted.working),
        "junit": lambda: module.render(report, wanted.fail_on),
        "html": lambda: module.render(report, wanted.made),
        "xlsx": lambda: module.render(report, wanted.made, wanted.folder),
    }
    with uncollected():
        made = special[style]() if style in special else module.render(report)
    if isinstance(made, bytes):
        return made
    return str(made).encode("utf-8-sig" if style == "csv" else "utf-8")
