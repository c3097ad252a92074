"""Checks that misbehave on files of certain names, for processes of their own to import."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

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
