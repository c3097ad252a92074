"""Watching workbooks: which of them have been saved since."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

SECONDS_BETWEEN_LOOKS: Final = 1.0

State = dict[Path, tuple[int, int]]


def state(paths: list[Path]) -> State:
    """When each workbook was last written, and its size; those that are gone are left out."""
    found: State = {}
    for path in paths:
        try:
            seen = path.stat()
        except OSError:
            continue
        found[path] = (seen.st_mtime_ns, seen.st_size)
    return found


def changes(
    workbooks: Callable[[], list[Path]],
    seconds: float = SECONDS_BETWEEN_LOOKS,
    pause: Callable[[float], None] = time.sleep,
) -> Iterator[list[Path]]:
    """The workbooks that were saved or added, each time some were; ends with Ctrl-C.

    A workbook counts when two looks in a row find it the same: Excel saves in several steps.
    A list without workbooks says that some have gone.
    """
    known = state(workbooks())
    before = known
    while True:
        pause(seconds)
        now = state(workbooks())
        settled = now == before
        before = now
        if settled and now != known:
            changed = [path for path in now if now[path] != known.get(path)]
            known = now
            yield changed
