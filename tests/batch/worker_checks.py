"""Checks that misbehave on files of certain names, for processes of their own to import."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from xl_compliance.batch.results import WorkbookReport


def check(path: Path) -> WorkbookReport:
    """A report at once, unless the file's name asks for something else."""
    name = path.stem
    if name.startswith("killed"):
        os.kill(os.getpid(), signal.SIGKILL)
    if name.startswith("hangs"):
        path.with_suffix(".mark").touch()
        while True:
            time.sleep(60)
    if name.startswith("raises"):
        raise RuntimeError("unforeseen")
    if name.startswith("slow"):
        time.sleep(0.3)
    if name.startswith("large"):
        try:
            held = bytearray(3 << 30)
            del held
        except MemoryError:
            return WorkbookReport(path, failure="takes more memory than this run allows")
    return WorkbookReport(path, about=(("process", str(os.getpid())),))


def told(paths: list[Path], after: Callable[..., Any] = lambda _: None, **how: Any) -> Any:
    """What was said of each workbook, and that it was said once and in order."""
    from xl_compliance.batch.run import check_all

    seen = []

    def done(report: WorkbookReport) -> None:
        seen.append(report.path)
        after(report)

    report = check_all(paths, check=check, done=done, **how)
    assert [it.path for it in report.workbooks] == list(paths), "in the order of the files"
    assert sorted(seen) == sorted(paths), "each is told of once"
    assert report.unchecked == ()
    return {it.path.stem: it.failure for it in report.workbooks}
