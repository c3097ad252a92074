"""How far a run has come: a bar with the time left on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from xl_compliance.batch.results import WorkbookReport
from xl_compliance.batch.run import Done
from xl_compliance.batch.text import visible

_SECONDS_BETWEEN_LINES = 5.0


@contextmanager
def followed(total: int, quiet: bool = False) -> Iterator[Done]:
    """A function to call with every report that comes in; it writes to standard error."""
    if quiet or total < 2:
        yield _nothing
    elif sys.stderr.isatty():
        with _bar(total) as done:
            yield done
    else:
        yield _Lines(total).done


def _nothing(_report: WorkbookReport) -> None:
    """For one workbook, and for who asked for quiet."""


@contextmanager
def _bar(total: int) -> Iterator[Done]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("checking", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[name]}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("checking", total=total, name="")

        def done(report: WorkbookReport) -> None:
            progress.update(task, advance=1, name=visible(report.path.name)[:40])

        yield done


class _Lines:
    """A line now and then, and one at the end."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._count = 0
        self._next = time.monotonic() + _SECONDS_BETWEEN_LINES

    def done(self, report: WorkbookReport) -> None:
        self._count += 1
        if self._count == self._total or time.monotonic() >= self._next:
            self._next = time.monotonic() + _SECONDS_BETWEEN_LINES
            name = visible(report.path.name)
            print(f"checked {self._count} of {self._total}: {name}", file=sys.stderr, flush=True)
