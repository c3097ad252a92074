"""Goals of the benchmarks, said beside them: each is a ratio to, or a distance from, a peer.

A benchmark module holds

    GOALS = [
        Goal("read 200,000 x 15", "test_ours", "python-calamine", "test_calamine", at_most=1.3),
    ]

and `python -m pytest tests/benchmarks` prints at its end what was measured, for every module; with
XLC_BENCHMARK_RECORD=1 it measures at full size and writes the guide's page of it (`record.py`).
Tests are named as pytest names them, with their parameters: `test_spilled[DISCOUNTPCT]`.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

RECORD = bool(os.environ.get("XLC_BENCHMARK_RECORD"))
PEERS = ("numpy", "pandas", "xlwings", "openpyxl", "python-calamine", "XlsxWriter", "formualizer")
HEADERS = ("Job", "Peer", "Goal", "Median", "Best", "Met")


@dataclass(frozen=True)
class Goal:
    """A job, its peer, and how far apart they may be; without a limit it is only compared.

    `at_most` is the largest ratio to the peer, `seconds_more` the longest time beyond it, and
    `seconds` the longest time of the job itself. With `noted`, the ratio is one that the test notes
    under that name. `why` says what stands in the way where the goal is not met.
    """

    job: str
    ours: str
    peer: str = ""
    theirs: str = ""
    at_most: float | None = None
    seconds_more: float | None = None
    seconds: float | None = None
    noted: str = ""
    why: str = ""

    def said(self) -> str:
        if self.seconds is not None:
            return f"<= {in_words(self.seconds)}"
        if self.seconds_more is not None:
            return f"<= {in_words(self.seconds_more)} more"
        return "compared" if self.at_most is None else f"<= {self.at_most:.3g} x"

    def measured(self, times: Mapping[str, float]) -> tuple[str, bool | None]:
        """What was measured and whether the goal is met; None where there is nothing to say."""
        if self.noted:
            ratio = times.get(f"{self.ours}: {self.noted}")
            limit = self.at_most
            return (
                ("not run", None)
                if ratio is None
                else (f"{ratio:.3g} x", None if limit is None else ratio <= limit)
            )
        ours, theirs = times.get(self.ours), times.get(self.theirs)
        if self.seconds is not None and ours is not None:
            return in_words(ours), ours <= self.seconds
        if ours is None or theirs is None:
            return "not run", None
        if self.seconds_more is not None:
            more = ours - theirs
            return f"{in_words(more)} more ({in_words(ours)} / {in_words(theirs)})", (
                more <= self.seconds_more
            )
        ratio = ours / theirs
        met = None if self.at_most is None else ratio <= self.at_most
        return f"{ratio:.3g} x ({in_words(ours)} / {in_words(theirs)})", met


def table(goals: Iterable[Goal], medians: Mapping[str, float], best: Mapping[str, float]) -> str:
    """The goals and what was measured, in Markdown."""
    lines = [HEADERS, ("---",) * len(HEADERS)]
    for goal in goals:
        median, met = goal.measured(medians)
        fastest, _ = goal.measured(best)
        verdict = {True: "yes", False: "no", None: "-"}[met]
        lines.append((goal.job, goal.peer, goal.said(), median, fastest, verdict))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def in_the_way(goals: Iterable[Goal], medians: Mapping[str, float]) -> str:
    """What stands in the way of the goals that are not met, in Markdown."""
    return "\n".join(
        f"- {goal.job}, beside {goal.peer}: {goal.why}"
        for goal in goals
        if goal.why and goal.measured(medians)[1] is False
    )


def times(benchmarks: Iterable[Any], figure: str) -> dict[str, float]:
    """Each test's time in seconds, by the test's name; and what it noted, by its name and that."""
    found: dict[str, float] = {}
    for bench in benchmarks:
        if bench.stats:
            found[bench.name] = getattr(bench.stats, figure)
        for name, value in bench.extra_info.items():
            if isinstance(value, (int, float)):
                found[f"{bench.name}: {name}"] = value
    return found


def in_words(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if abs(seconds) >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


PEAK = """
def peak():
    import resource, sys
    try:  # of this program alone: what getrusage gives starts from what started it
        lines = open("/proc/self/status").read().splitlines()
        return int(next(it.split()[1] for it in lines if it.startswith("VmHWM"))) * 1024
    except (OSError, StopIteration):
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most * (1 if sys.platform == "darwin" else 1024)
"""
"""A function for a process of its own: the most memory that it has had, in bytes."""


def machine() -> str:
    """Where this was measured, and with what."""
    versions = [f"{name} {_version(name)}" for name in PEERS if _version(name)]
    return (
        f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} "
        f"{platform.machine()}; {', '.join(versions)}"
    )


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
